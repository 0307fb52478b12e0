//! Facts of money: what payments settled of invoices, on the day, spread over the invoice's lines.
//!
//! An allocation is spread by the lines' gross; what of it is net is each line's own share. Credits
//! and write-offs settle an invoice and are no cash; a discount beyond the amount is none either.
//! Money is at the invoice's exchange rate: differences are no sale.

use std::collections::{BTreeMap, BTreeSet};

use super::{Scope, invoiced, portion};
use crate::{
    book::{Book, invoice, payment},
    fact::{Amount, Fact, What},
    finding::Finding,
    record::{Doc, Kind, allocation::Allocation, invoice::Invoice, payment::Payment},
    value::{
        day::Day,
        number::{Decimal, add, negated, sub, sum},
    },
};

/// Money that settled a part of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cash {
    /// The allocation.
    pub id: String,
    /// Day it counts from: the allocation's, or that its bill matures where that is what counts.
    pub on: Day,
    /// In the invoice's currency; what was paid back is negative.
    pub amount: Decimal,
}

/// The money in an allocation, where it is money: from a payment, to an invoice.
fn cash(book: &Book, row: &Doc<Allocation>) -> Option<(String, Cash)> {
    payment::kind_of(&row.rec.target).filter(|kind| *kind == Kind::Invoice)?;
    let source = book.get::<Payment>(row.rec.source.as_deref()?)?;
    let counts = payment::counts_on(book, source).filter(|_| source.counts())?;
    let on = row.common.date?.max(counts);
    let cash = Cash { id: row.id().to_owned(), on, amount: row.rec.amount.get() };
    Some((row.rec.target.clone(), cash))
}

/// The money that settled an invoice by a day.
pub fn cash_of(book: &Book, bill: &Doc<Invoice>, as_of: Day) -> Vec<Cash> {
    let rows = payment::allocations_to(book, bill.id()).into_iter();
    let cash = rows.filter_map(|row| cash(book, row).map(|(_, cash)| cash));
    cash.filter(|cash| cash.on <= as_of).collect()
}

pub(super) fn each(
    book: &Book,
    scope: &Scope<'_>,
    take: &mut dyn FnMut(&[Fact<'_>]),
) -> Vec<Finding> {
    let mut settled: BTreeMap<String, Vec<Cash>> = BTreeMap::new();
    book.each::<Allocation>(|row| {
        if !row.counts() && !scope.counting.include_void {
            return;
        }
        if let Some((target, cash)) = cash(book, row)
            && scope.period.contains(cash.on)
            && scope.invoices.is_none_or(|only| only.contains(&target))
        {
            settled.entry(target).or_default().push(cash);
        }
    });
    let only: BTreeSet<String> = settled.keys().cloned().collect();
    let few = (only.len() <= super::super::links::ALONE).then_some(&only);
    let fits = |bill: &Doc<Invoice>| settled.contains_key(bill.id());
    invoiced::of(book, scope, few, fits, &mut |bill, lines| {
        let rows = settled.get(bill.id()).map(Vec::as_slice).unwrap_or_default();
        take(&facts(bill, lines, rows));
    })
}

/// The facts of money that settled an invoice of these lines.
pub fn facts<'a>(bill: &Doc<Invoice>, lines: &[Fact<'a>], rows: &'a [Cash]) -> Vec<Fact<'a>> {
    let mut facts = Vec::new();
    let parts: Vec<(Amount, Decimal)> =
        lines.iter().map(|line| (line.amount, line.quantity)).collect();
    for row in rows {
        for (line, (amount, quantity)) in lines.iter().zip(spread(&parts, signed(bill, row))) {
            let (what, id) = (What::Collected, row.id.as_str());
            facts.push(Fact { what, id, on: row.on, amount, quantity, ..*line });
        }
    }
    facts
}

/// Money as it changes what we collected: what settles a credit was paid back.
fn signed(bill: &Doc<Invoice>, row: &Cash) -> Decimal {
    match invoice::sign(bill).is_sign_negative() {
        true => negated(row.amount),
        false => row.amount,
    }
}

/// What of the money that settled an invoice by a day is each line's, with tax, in its currency;
/// nothing where its lines cannot be worked out.
pub fn collected_lines(book: &Book, bill: &Doc<Invoice>, as_of: Day) -> Option<Vec<Decimal>> {
    let lines: Vec<(Amount, Decimal)> =
        invoice::lines(book, bill)?.into_iter().map(|amount| (amount, Decimal::ZERO)).collect();
    let whole = sum(cash_of(book, bill, as_of).iter().map(|row| signed(bill, row)));
    Some(spread(&lines, whole).into_iter().map(|(amount, _)| amount.gross).collect())
}

/// An amount spread over the lines of an invoice, each an amount and a quantity: by gross, exactly,
/// the last line taking the rest.
fn spread(lines: &[(Amount, Decimal)], whole: Decimal) -> Vec<(Amount, Decimal)> {
    let total = sum(lines.iter().map(|(amount, _)| amount.gross));
    let net_total = portion(whole, sum(lines.iter().map(|(amount, _)| amount.net)), total);
    let last = lines.iter().rposition(|(amount, _)| !amount.gross.is_zero());
    let (mut gross_left, mut net_left) = (whole, net_total);
    let mut parts = Vec::with_capacity(lines.len());
    for (at, (amount, quantity)) in lines.iter().enumerate() {
        let (net, gross) = match Some(at) == last || (last.is_none() && at == 0) {
            true => (Decimal::ZERO, Decimal::ZERO),
            false => (portion(whole, amount.net, total), portion(whole, amount.gross, total)),
        };
        gross_left = sub(gross_left, gross);
        net_left = sub(net_left, net);
        let quantity = portion(*quantity, whole, total);
        parts.push((Amount { net, tax: sub(gross, net), gross }, quantity));
    }
    let takes_rest = last.or(if lines.is_empty() { None } else { Some(0) });
    if let Some((rest, _)) = takes_rest.and_then(|at| parts.get_mut(at)) {
        let (net, gross) = (add(rest.net, net_left), add(rest.gross, gross_left));
        *rest = Amount { net, tax: sub(gross, net), gross };
    }
    parts
}
