//! Where a fact stands: the file and the line of the document that says it.
//!
//! For `explain`; looked up only when shown.

use super::{Book, receivable::Item};
use crate::{
    fact::{Fact, What},
    record::{
        Doc, Kind, allocation::Allocation, invoice::Invoice, order::Order, shipment::Shipment,
    },
    store::{csv, layout, toml},
    value::place::{At, KeyPath, Place},
};

/// The spot in a file that a fact comes from.
pub fn of_fact(book: &Book, fact: &Fact<'_>) -> Option<Place> {
    let block = |key: &str, at: Option<usize>| match at {
        Some(at) => KeyPath::key(key).nth(at),
        None => KeyPath::key("id"),
    };
    let document = |kind: Kind, path: KeyPath| Some(Place::key(layout::path(kind, fact.id)?, path));
    match fact.what {
        What::Ordered => {
            let order = book.get::<Order>(fact.id)?;
            let at = order.rec.line.iter().position(|line| line.no == fact.line);
            document(Kind::Order, block("line", at))
        }
        What::Closed => {
            let order = book.get::<Order>(fact.id)?;
            let at = order.rec.closure.iter().position(|closure| {
                closure.line == fact.line && closure.at.day_in(book.zone) == fact.on
            });
            document(Kind::Order, block("closure", at))
        }
        What::Shipped | What::Returned => {
            let shipment = book.get::<Shipment>(fact.id)?;
            let at = shipment.rec.line.iter().position(|line| line.no == fact.line);
            document(Kind::Shipment, block("line", at))
        }
        What::Invoiced | What::Credited => {
            let invoice = book.get::<Invoice>(fact.id)?;
            let at = invoice.rec.line.iter().position(|line| line.no == fact.line);
            document(Kind::Invoice, block("line", at))
        }
        What::Collected => {
            let row: &Doc<Allocation> = book.get(fact.id)?;
            Some(Place::cell(&row.file, row.row, "amount"))
        }
    }
}

/// Where an invoice says what it comes to: its printed sums, else its first line, else its head.
pub fn of_invoice(bill: &Doc<Invoice>) -> Place {
    let path = match (&bill.rec.stated, bill.rec.line.is_empty()) {
        (Some(_), _) => KeyPath::key("stated"),
        (None, false) => KeyPath::key("line").nth(0),
        (None, true) => KeyPath::key("id"),
    };
    Place::key(&bill.file, path)
}

/// Where an item of an account stands, as `file:line`: the instalment of an invoice where it is one.
pub fn of_item(book: &Book, item: &Item) -> String {
    let Some(bill) = book.get::<Invoice>(&item.id) else { return spelled(book, &item.place) };
    let mut instalments = bill.rec.instalment.iter();
    let at = item.instalment.and_then(|no| instalments.position(|own| own.no == no));
    let place = match at {
        Some(at) => Place::key(&bill.file, KeyPath::key("instalment").nth(at)),
        None => of_invoice(bill),
    };
    spelled(book, &place)
}

/// A spot as `file:line`; the file alone where its line cannot be told.
pub fn spelled(book: &Book, place: &Place) -> String {
    let bytes = book.files.read(&place.file).ok().flatten();
    let line = bytes.and_then(|bytes| {
        let span = match &place.at {
            At::File => return None,
            At::Span(span) => Some(span.clone()),
            At::Key(path) => toml::locate(&bytes, path),
            At::Cell { row, column } => csv::locate(&bytes, *row, column),
        };
        Some(toml::line_column(&bytes, span?.start).0)
    });
    match line {
        Some(line) => format!("{}:{line}", place.file),
        None => place.file.clone(),
    }
}
