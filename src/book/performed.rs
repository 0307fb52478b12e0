//! What was done: the facts of shipments, of invoices, and of the money collected on them.
//!
//! The one home of the bases of sales. A document's facts need what it was done for, an order or a
//! contract, which is looked up for the documents in question alone; facts are handed on document by
//! document and not kept. Void counts for nothing unless asked for.

#![deny(clippy::arithmetic_side_effects)]

mod collected;
mod invoiced;
mod origin;
mod shipped;

use std::collections::BTreeSet;

use super::{
    Book,
    ordered::{Counting, Ordered},
};
use crate::{
    fact::{Amount, Fact},
    record::{Doc, Record, contract::Side},
    value::{
        number::{Decimal, sub},
        period::Period,
    },
};

pub use collected::{Cash, cash_of, facts as collected_facts};
pub use invoiced::{each as each_invoice, is_performance, is_sale, source as invoiced_source};
pub use shipped::{each as each_shipment, source as shipped_source};

/// What counts as a sale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Basis {
    /// Orders, less what was closed.
    #[default]
    Ordered,
    /// Goods sent, less goods returned.
    Shipped,
    /// Invoices, less credits.
    Invoiced,
    /// Money allocated to invoices.
    Collected,
}

/// Every basis by name.
pub const BASES: &[&str] = &["ordered", "shipped", "invoiced", "collected"];

impl Basis {
    /// The basis of a name; ordered where it is none of them.
    pub fn parse(name: &str) -> Self {
        match name {
            "shipped" => Self::Shipped,
            "invoiced" => Self::Invoiced,
            "collected" => Self::Collected,
            _ => Self::Ordered,
        }
    }
}

/// Which documents are looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    /// Days of their facts.
    pub period: Period,
    /// Whether void ones count.
    pub counting: Counting,
    /// Whether we sold or bought.
    pub side: Side,
    /// These shipments alone.
    pub shipments: Option<&'a BTreeSet<String>>,
    /// These invoices alone.
    pub invoices: Option<&'a BTreeSet<String>>,
}

impl Book {
    /// Hands on the facts of a basis on the days of a period, those of one document at a time.
    pub fn performed<S, T>(&self, basis: Basis, scope: &Scope<'_>, take: T) -> Ordered<S>
    where
        S: Default + Send,
        T: Fn(&mut S, &[Fact<'_>]) + Sync,
    {
        let mut state = S::default();
        let mut hand_on = |facts: &[Fact<'_>]| {
            if !facts.is_empty() {
                take(&mut state, facts);
            }
        };
        let left_out = match basis {
            Basis::Ordered => return self.ordered(scope.period, scope.counting, take),
            Basis::Shipped => shipped::each(self, scope, |_, facts| hand_on(facts)),
            Basis::Invoiced => invoiced::each(self, scope, |bill, facts| {
                let mut facts = facts.to_vec();
                facts.retain(|fact| is_performance(bill, fact) && scope.period.contains(fact.on));
                hand_on(&facts);
            }),
            Basis::Collected => collected::each(self, scope, &mut hand_on),
        };
        Ordered { parts: vec![state], left_out }
    }
}

impl Scope<'_> {
    /// Hands on documents of a kind: those that are asked for, or all.
    fn documents<R: Record>(
        &self,
        book: &Book,
        only: Option<&BTreeSet<String>>,
        mut take: impl FnMut(&Doc<R>),
    ) {
        let counts = |doc: &Doc<R>| self.counting.include_void || doc.counts();
        match only {
            Some(ids) => {
                let found = ids.iter().filter_map(|id| book.get::<R>(id));
                found.filter(|doc| counts(doc)).for_each(take);
            }
            None => book.each::<R>(|doc| {
                if counts(doc) {
                    take(doc);
                }
            }),
        }
    }
}

/// A part of an amount, not rounded: so many of so many.
pub fn share(whole: Amount, part: Decimal, of: Decimal) -> Amount {
    let (net, gross) = (portion(whole.net, part, of), portion(whole.gross, part, of));
    Amount { net, tax: sub(gross, net), gross }
}

/// A part of a figure, not rounded: so many of so many; nothing of none.
pub fn portion(whole: Decimal, part: Decimal, of: Decimal) -> Decimal {
    if part == of {
        return whole;
    }
    let first = whole.checked_mul(part).and_then(|found| found.checked_div(of));
    let second = || part.checked_div(of).and_then(|found| found.checked_mul(whole));
    first.or_else(second).unwrap_or_default()
}
