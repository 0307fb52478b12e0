//! The facts that the figures of one contract are sums of, for `explain`.

#![deny(clippy::arithmetic_side_effects)]

use super::{brought, fulfil::Documents, held, no_rate, orders_of};
use crate::{
    book::{
        Book,
        performed::{self, Scope, cash_of, each_invoice, each_shipment, is_performance},
    },
    fact::Fact,
    finding::Finding,
    record::{Doc, contract::Contract},
    value::{day::Day, number::Decimal, period::Period},
};

/// A fact under a contract.
#[derive(Debug)]
pub struct Under<'a> {
    /// The fact.
    pub fact: &'a Fact<'a>,
    /// What it comes to with tax, in the contract's currency.
    pub gross: Decimal,
}

/// Hands on every fact under one contract by a day: those that its figures are sums of. Gives what
/// could not be worked out.
pub fn under(
    book: &Book,
    contract: &Doc<Contract>,
    as_of: Day,
    mut take: impl FnMut(Under<'_>),
) -> Vec<Finding> {
    let mut left_out = Vec::new();
    let mut failed = Vec::new();
    let mut hand_on = |facts: &[Fact<'_>]| {
        let own =
            facts.iter().filter(|fact| fact.contract.is_some_and(|(id, _)| id == contract.id()));
        for fact in own.filter(|fact| fact.on <= as_of) {
            match brought(book, contract.id(), fact, fact.amount.gross) {
                Some(gross) => take(Under { fact, gross }),
                None => failed.push(no_rate(contract.id(), fact, contract.file.clone())),
            }
        }
    };
    for order in orders_of(book, contract.id()) {
        match book.order_facts(order) {
            Ok(facts) => hand_on(&facts),
            Err(finding) => left_out.push(finding),
        }
    }
    let Documents { shipments, invoices, .. } = Documents::of(book, &[contract]);
    let scope = Scope {
        period: Period { from: None, to: Some(as_of) },
        side: contract.rec.side.unwrap_or_default(),
        shipments: Some(&shipments),
        invoices: Some(&invoices),
        ..Scope::default()
    };
    left_out.extend(each_shipment(book, &scope, |_, facts| hand_on(facts)));
    left_out.extend(each_invoice(book, &scope, |bill, facts| {
        let sales: Vec<_> =
            facts.iter().filter(|fact| is_performance(bill, fact)).copied().collect();
        hand_on(&sales);
        let cash = cash_of(book, bill, as_of);
        hand_on(&performed::collected_facts(bill, facts, &cash));
    }));
    let (held, missing) = held::changes(book, contract, as_of);
    left_out.extend(missing);
    for change in &held {
        let fact = held::fact(book, contract, change);
        take(Under { gross: change.amount, fact: &fact });
    }
    left_out.extend(failed);
    left_out
}
