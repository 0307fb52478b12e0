//! Money kept for a contract and for its orders, day by day: collected, and on no invoice yet.
//!
//! What an invoice of theirs takes of it is collected there from that day on and no longer here, so
//! that it counts once.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;

use super::orders_of;
use crate::{
    book::{
        Book,
        payment::{self, allocations_of, allocations_to},
    },
    fact::{Amount, Fact, What},
    finding::Finding,
    record::{Doc, contract::Contract, invoice::Invoice, payment::Payment},
    value::{
        currency,
        day::Day,
        number::{Decimal, round, sub},
        place::Place,
    },
};

/// A change of what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The allocation of that day.
    pub id: String,
    /// The day.
    pub on: Day,
    /// In the contract's currency; below zero an invoice took it.
    pub amount: Decimal,
}

/// What is held for a contract and its orders by a day, change by change, and what cannot be brought
/// to its currency.
pub fn changes(book: &Book, contract: &Doc<Contract>, as_of: Day) -> (Vec<Change>, Vec<Finding>) {
    let (mut changes, mut left_out) = (Vec::new(), Vec::new());
    let orders = orders_of(book, contract.id());
    let of_orders = orders.iter().map(|order| (order.id(), &order.common, order.file.as_str()));
    let own = (contract.id(), &contract.common, contract.file.as_str());
    for (target, common, file) in std::iter::once(own).chain(of_orders) {
        let code = payment::own_currency(book, &contract.common);
        let is_own = payment::own_currency(book, common) == code;
        let rates = book.exchange_rate(common).zip(book.exchange_rate(&contract.common));
        let brought = |amount: Decimal| match is_own {
            true => Some(amount),
            false => {
                let (from, to) = rates?;
                let amount = amount.checked_mul(from)?.checked_div(to)?;
                Some(round(amount, currency::decimals(code)))
            }
        };
        let mut before = Decimal::ZERO;
        for (on, id) in days(book, target, as_of) {
            let Some(now) = brought(payment::earmarked(book, target, on)) else {
                let message =
                    format!("{id} cannot be brought to the currency of {}", contract.id());
                let place = Place::file(file);
                left_out.push(Finding::error("amount.exchange_rate", place, message));
                break;
            };
            let amount = sub(now, before);
            if !amount.is_zero() {
                changes.push(Change { id: id.to_owned(), on, amount });
            }
            before = now;
        }
    }
    (changes, left_out)
}

/// A change as a fact of money collected under a contract and under no line of it.
pub fn fact<'a>(book: &'a Book, contract: &'a Doc<Contract>, change: &'a Change) -> Fact<'a> {
    let gross = change.amount;
    Fact {
        what: What::Collected,
        on: change.on,
        id: &change.id,
        line: 0,
        contract: Some((contract.id(), None)),
        party: &contract.rec.party,
        product: "",
        staff: contract.common.staff.as_deref(),
        team: &[],
        district: contract.common.district.as_deref(),
        kind: "sale",
        quantity: Decimal::ZERO,
        amount: Amount { net: gross, tax: Decimal::ZERO, gross },
        currency: payment::own_currency(book, &contract.common),
        exchange_rate: book.exchange_rate(&contract.common).unwrap_or(Decimal::ONE),
    }
}

/// The days on which what is kept for something may change, each with an allocation of that day.
fn days<'a>(book: &'a Book, target: &str, as_of: Day) -> BTreeSet<(Day, &'a str)> {
    let mut days = BTreeSet::new();
    let own = allocations_to(book, target);
    let sources: BTreeSet<&str> = own.iter().filter_map(|row| row.rec.source.as_deref()).collect();
    let of_sources = sources.into_iter().flat_map(|source| allocations_of(book, source));
    for row in own.iter().copied().chain(of_sources) {
        let Some(date) = row.common.date else { continue };
        let paid = row.rec.source.as_deref().and_then(|id| book.get::<Payment>(id));
        let counts = paid.and_then(|paid| payment::counts_on(book, paid));
        let issued = book.get::<Invoice>(&row.rec.target).and_then(|bill| bill.rec.issued_on);
        let latest = Some(date).max(counts).max(issued);
        for day in [Some(date), counts, issued, latest].into_iter().flatten() {
            if day <= as_of {
                days.insert((day, row.id()));
            }
        }
    }
    days
}
