//! What to know before speaking to a customer: prices so far, list, contract and lowest price, what
//! is open between us, what was said last.

use std::collections::BTreeSet;

use super::{
    found, prices,
    tables::{self, columns, reference, table},
    titled,
};
use crate::{
    book::{Book, agenda, contact, exposure},
    error::Result,
    page::{Cell, Column, Page, Table},
    record::{
        Doc,
        contract::{Contract, Side},
        customer::Customer,
        product::Product,
    },
    report::Made,
    value::{day::Day, number::sub, period::Period},
};

/// Lines of the price history, and contacts, that are shown.
const SHOWN: usize = 20;
const CONTACTS: usize = 5;

/// The brief about a customer, and about some products where they are named.
pub fn brief(book: &Book, code: &str, products: &[String], as_of: Day) -> Result<Made> {
    let customer = found(book, code)?;
    let mut sold = prices::sold(book, code, as_of);
    let is_meant = |product: &str| products.is_empty() || products.iter().any(|own| own == product);
    sold.retain(|own| is_meant(own.product));
    let bought: BTreeSet<&str> = match products.is_empty() {
        true => sold.iter().map(|own| own.product).collect(),
        false => products.iter().map(String::as_str).collect(),
    };
    let rows = book.contacts_with(code, as_of);
    let mut page = Page {
        key: "customer-brief".into(),
        title: titled(customer, "brief"),
        facts: facts(book, customer, as_of),
        ..Page::default()
    };
    let (open, left_out) = open_matters(book, code, as_of);
    page.tables = vec![
        listed(book, code, &bought, as_of),
        prices::history(book, &sold, SHOWN),
        open,
        tables::contacts(&rows, CONTACTS),
    ];
    for (all, most, of) in [(sold.len(), SHOWN, "prices"), (rows.len(), CONTACTS, "contacts")] {
        if all > most {
            page.notes.push(format!("the last {most} of {all} {of}"));
        }
    }
    Ok(Made { page, left_out })
}

fn facts(book: &Book, customer: &Doc<Customer>, as_of: Day) -> Vec<(String, Cell)> {
    let rec = &customer.rec;
    let mut facts: Vec<(String, Cell)> = vec![("as_of".into(), as_of.into())];
    let mut put = |key: &str, cell: Cell| {
        if cell != Cell::Empty {
            facts.push((key.to_owned(), cell));
        }
    };
    put("kind", rec.kind.map(|kind| Cell::word(kind.name())).into());
    put("stage", rec.stage.map(|stage| Cell::word(stage.name())).into());
    put("grade", rec.grade.map(|grade| grade.name()).into());
    put("staff", reference(customer.common.staff.as_deref()));
    put("credit_limit", rec.credit_limit.map(|own| Cell::Money(own.get())).into());
    if let Some(owed) = exposure::of_customer(book, customer, as_of).map(|owed| owed.sum()) {
        put("exposure", Cell::Money(owed));
        let left = rec.credit_limit.map(|limit| Cell::Money(sub(limit.get(), owed)));
        put("credit_left", left.into());
    }
    if let Some(next) = contact::next(book, customer, as_of) {
        put("last_contact_on", next.last.and_then(|row| row.common.date).into());
        put("contact_due_on", next.due_on.into());
    }
    facts
}

/// List, contract and lowest price of products; the lowest only where it can be read here.
fn listed(book: &Book, code: &str, products: &BTreeSet<&str>, as_of: Day) -> Table {
    let mut contracts = book.pointing::<Contract>(code);
    contracts.retain(|own| {
        let is_sale = own.rec.side.unwrap_or_default() == Side::Sale && own.rec.party == code;
        let has_begun = own.rec.valid_from.or(own.rec.signed_on).is_none_or(|day| day <= as_of);
        is_sale && has_begun && own.rec.valid_to.is_none_or(|day| day >= as_of)
    });
    let row = |id: &&str| {
        let product = book.get::<Product>(id)?;
        let agreed = contracts.iter().rev().find_map(|own| {
            let line = own.rec.line.iter().find(|line| line.product.as_str() == *id)?;
            Some((own.id(), line.price?, line.unit.clone()))
        });
        let money = |price: Option<crate::value::number::Money>| {
            price.map_or(Cell::Empty, |price| Cell::Money(price.get()))
        };
        let (contract, price, unit) = match agreed {
            Some((id, price, unit)) => (Some(id), Some(price), unit),
            None => (None, None, None),
        };
        Some(vec![
            Cell::Ref((*id).into()),
            product.rec.name.as_str().into(),
            product.rec.unit.clone().into(),
            money(product.rec.list_price),
            money(product.rec.min_price),
            money(price),
            unit.or_else(|| price.and(product.rec.unit.clone())).into(),
            reference(contract),
        ])
    };
    let mut columns = columns(&["product", "product_name", "unit"]);
    columns.push(Column::figure("list_price", &["list_price"]));
    columns.push(Column::figure("min_price", &["min_price"]));
    columns.push(Column::figure("agreed_price", &["line.price"]));
    columns.extend(["agreed_unit", "contract"].map(Column::words));
    table("list", columns, products.iter().filter_map(row).collect(), "No product is meant.")
}

/// What is to be done about a customer, as the day's list has it.
fn open_matters(book: &Book, code: &str, as_of: Day) -> (Table, Vec<crate::finding::Finding>) {
    let found = agenda::agenda(book, as_of, Period::default());
    let theirs = found.items.into_iter().filter(|item| item.party.as_deref() == Some(code));
    let row = |item: agenda::Item| {
        vec![
            Cell::text(item.duty.name()),
            Cell::Ref(item.id),
            item.on.into(),
            item.amount.map_or(Cell::Empty, Cell::Money),
            item.about.into(),
            Cell::text(item.command),
        ]
    };
    let mut columns = columns(&["duty", "id", "due_on"]);
    columns.push(Column::figure("amount", &["line.price"]));
    columns.extend(["about", "command"].map(Column::words));
    let rows = theirs.map(row).collect();
    (table("open", columns, rows, "Nothing is open."), found.left_out)
}
