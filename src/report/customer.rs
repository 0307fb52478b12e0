//! Pages about customers: whom to call, their papers, how a lead stands, what a customer may buy,
//! what to know before speaking to one.
//!
//! The tables of these pages are those of `report customers` and `report leads`, too.

mod brief;
mod papers;
mod picture;
mod prices;
pub(super) mod tables;

pub use brief::brief;
pub use papers::{legal, licences};
pub(super) use picture::picture;

use super::Made;
use crate::{
    book::{Book, contact, lead as leads},
    error::{Error, Result},
    page::{Cell, Page},
    record::{Doc, Kind, customer::Customer},
    value::{day::Day, period::Period},
};

/// Whom to call or visit, by the last day of a period: of one owner, or of all.
pub fn due(book: &Book, staff: Option<&str>, as_of: Day, period: Period) -> Result<Made> {
    let until = period.to.unwrap_or(as_of).max(as_of);
    let mut due = contact::due(book, as_of, until);
    due.retain(|next| staff.is_none_or(|own| next.customer.common.staff.as_deref() == Some(own)));
    let mut facts = vec![("basis".to_owned(), Cell::text(tables::DUE_BASIS))];
    facts.push(("as_of".into(), as_of.into()));
    if until > as_of {
        facts.push(("due_to".into(), until.into()));
    }
    if let Some(staff) = staff {
        facts.push(("staff".into(), Cell::Ref(staff.to_owned())));
    }
    let page = Page {
        key: "customer-due".into(),
        title: "Customers to call or visit".into(),
        facts,
        tables: vec![tables::due(book, &due, as_of)],
        ..Page::default()
    };
    Ok(Made { page, left_out: Vec::new() })
}

/// How one lead stands, with every contact so far.
pub fn lead(book: &Book, code: &str, as_of: Day) -> Result<Made> {
    let customer = found(book, code)?;
    let own = leads::of_customer(book, customer, as_of);
    let rows = book.contacts_with(code, as_of);
    let page = Page {
        key: "customer-lead".into(),
        title: titled(customer, "lead"),
        facts: vec![("as_of".into(), as_of.into())],
        tables: vec![tables::leads(&[own], as_of), tables::contacts(&rows, rows.len())],
        ..Page::default()
    };
    Ok(Made { page, left_out: Vec::new() })
}

fn found<'a>(book: &'a Book, code: &str) -> Result<&'a Doc<Customer>> {
    let entry = book.resolved(Kind::Customer, code)?;
    Doc::of(entry).ok_or_else(|| Error::usage(format!("{code} is no customer")))
}

fn short_name(customer: &Doc<Customer>) -> &str {
    customer.rec.short_name.as_deref().unwrap_or(&customer.rec.name)
}

fn titled(customer: &Doc<Customer>, what: &str) -> String {
    format!("{}  {}  {what}", customer.id(), short_name(customer))
}
