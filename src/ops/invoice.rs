//! The acts of an invoice: drafted from what was delivered, issued, credited.
//!
//! A draft holds what its order said, line by line, and is held against it before it is written and
//! again when it is issued. Official numbers are given at issue only.

mod credit;
mod draft;
mod issue;
mod lines;

use serde_json::{Map, Value};

use super::{Actor, allowed::Allowed, order, preview, record, record::Given};
use crate::{
    book::{Book, fulfilment, invoice, payment},
    error::{Error, Kind as Class, Result},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        invoice::{Invoice, InvoiceKind},
        order::Order,
        schema::{Field, field},
    },
    store::layout,
    value::number::{grouped, round},
};

pub use credit::{Credit, credit};
pub use draft::{Draft, add};
pub use issue::{Issue, issue};

const KIND: Kind = Kind::Invoice;

/// The fields of an invoice's line.
fn line_fields() -> &'static [Field] {
    field(KIND.fields(), "line").and_then(|line| line.kind.fields()).unwrap_or_default()
}

/// An invoice as staged, or the findings that keep it from being read.
fn readable<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Invoice>> {
    book.get::<Invoice>(id).ok_or_else(|| {
        let path = layout::path(KIND, id).unwrap_or_default();
        let mut findings = book.left_out();
        findings.retain(|finding| finding.place.file == path);
        let staged = vec![(path.clone(), book.files.read(&path).ok().flatten())];
        Error { staged, ..Error::refused("refused; nothing was written", findings) }
    })
}

/// An invoice that holds.
fn open_invoice<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Invoice>> {
    let entry = book.resolved(KIND, id)?;
    record::writable(entry)?;
    Doc::of(entry).ok_or_else(|| Error::usage(format!("no invoice \"{id}\"")))
}

/// Drafts that no longer hold; an issued invoice is credited.
pub fn void(book: &Book, actor: Actor<'_>, id: &str, reason: &str) -> Result<Change> {
    let bill = open_invoice(book, id)?;
    if bill.rec.issued_on.is_some() {
        let id = bill.id();
        return Err(Error::refused(format!("{id} is issued, and stays"), Vec::new())
            .hint(format!("desk invoice credit {id} --reason … --reopens-billing true")));
    }
    record::void(book, actor, KIND, bill.id(), reason)
}

/// Refuses an ordinary invoice for orders that are not approved as they are now, or are held.
fn firm(book: &Book, bill: &Doc<Invoice>) -> Result<()> {
    if bill.rec.sort() != InvoiceKind::Invoice {
        return Ok(());
    }
    let joined = bill.rec.line.iter().map(|line| {
        let of = fulfilment::invoiced_line(book, bill, line).map(|(id, _)| id);
        of.or(line.order.as_deref()).and_then(|id| book.get::<Order>(id))
    });
    joined.flatten().try_for_each(|order| order::firm(book, order, "invoice"))
}

/// What an invoice comes to with tax, as people read it.
fn total_text(book: &Book, bill: &Doc<Invoice>) -> String {
    let Some(total) = invoice::total(book, bill) else { return "no total".into() };
    amount_text(book, bill, total.gross)
}

/// An amount in an invoice's currency, which is named where it is not the company's.
fn amount_text(book: &Book, bill: &Doc<Invoice>, amount: rust_decimal::Decimal) -> String {
    let text = grouped(round(amount, invoice::basis(book, bill).decimals));
    let code = payment::own_currency(book, &bill.common);
    if code == book.config.currency() { text } else { format!("{code} {text}") }
}

/// The book with a new invoice, and the change that makes it.
fn added(book: &Book, id: &str, value: Map<String, Value>) -> Result<(Book, Change)> {
    let edit = Edit::Add { kind: KIND, id: id.to_owned(), value };
    let change = Change::default().with(edit);
    let after = preview(book, &change)?;
    readable(&after, id)?;
    Ok((after, change))
}

/// Fields as given, without those that an act works out itself.
fn without_own(given: &[Given], own: &[&str]) -> Result<()> {
    match given.iter().find(|(key, _)| own.contains(&key.as_str())) {
        Some((key, _)) => Err(Error::new(Class::Usage, format!("{key} is worked out here"))),
        None => Ok(()),
    }
}
