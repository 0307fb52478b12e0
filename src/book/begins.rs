//! The day a record is there from, for lists as they stood on a past day.
//!
//! The earliest of its own days: that it was taken down for, that its figures count from, and that it
//! was typed on. What was dated back is there from the day it is dated; a plan for a month to come
//! from the day it was made.

use super::Book;
use crate::{
    record::{Doc, Entry, contract::Contract, invoice::Invoice, order::Order, shipment::Shipment},
    value::day::Day,
};

/// The day a record is there from; nothing of a master, which has no day of its own.
pub fn begins_on(book: &Book, entry: &dyn Entry) -> Option<Day> {
    let common = entry.common();
    let date = common.date?;
    let counts = Doc::<Order>::of(entry)
        .map(|order| order.rec.ordered_on)
        .or_else(|| Doc::<Invoice>::of(entry).map(|bill| bill.rec.issued_on))
        .or_else(|| Doc::<Shipment>::of(entry).map(|shipment| shipment.rec.moved_on()))
        .or_else(|| Doc::<Contract>::of(entry).map(|contract| contract.rec.signed_on))
        .flatten();
    let typed = common.entered_at.map(|at| at.day_in(book.zone));
    [Some(date), counts, typed].into_iter().flatten().min()
}
