//! Facts of money: what payments settled of invoices, on the day, spread over the invoice's lines.
//!
//! Spread as `settled.rs` says: by what credits leave of each line, so that a credit of a line that
//! was paid moves its money to the others. What of it is net is each line's own share. Credits and
//! write-offs settle an invoice and are no cash; a discount beyond the amount is none either. Only a
//! credit that settles another invoice than its own moves what was paid there to it.
//! Money is at the invoice's exchange rate: differences are no sale.

use std::collections::{BTreeMap, BTreeSet};

use super::{Scope, invoiced, portion};
use crate::{
    book::{
        Book, invoice, payment,
        settled::{self, Back, Lines},
    },
    fact::{Amount, Fact, What},
    finding::Finding,
    record::{
        Doc, Kind,
        allocation::Allocation,
        invoice::{Invoice, InvoiceKind},
        payment::Payment,
    },
    value::{
        day::Day,
        number::{Decimal, add, negated, sub},
    },
};

/// Money, or a credit, that settled a part of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cash {
    /// The allocation.
    pub id: String,
    /// Day it counts from: the allocation's, or that its bill matures where that is what counts.
    pub on: Day,
    /// In the invoice's currency; what was paid back is negative.
    pub amount: Decimal,
    /// What of the invoice it takes back, where it is a credit and no money.
    pub credit: Option<Back>,
}

/// What an allocation settles, where it is from a payment or a credit to an invoice; of a credit of
/// another invoice that is taken from the credit, too.
fn cash(book: &Book, row: &Doc<Allocation>) -> Vec<(String, Cash)> {
    let (Some(Kind::Invoice), Some(source), Some(date)) =
        (payment::kind_of(&row.rec.target), row.rec.source.as_deref(), row.common.date)
    else {
        return Vec::new();
    };
    let target = row.rec.target.as_str();
    let paid = book.get::<Payment>(source);
    let counts = match paid {
        Some(paid) => payment::counts_on(book, paid).filter(|_| paid.counts()),
        None => {
            let credit = book.get::<Invoice>(source).filter(|credit| credit.counts());
            credit.and_then(|credit| credit.rec.issued_on)
        }
    };
    let Some(on) = counts.map(|counts| date.max(counts)) else { return Vec::new() };
    let own = |of: &str, amount, credit| {
        (of.to_owned(), Cash { id: row.id().to_owned(), on, amount, credit })
    };
    let amount = row.rec.amount.get();
    if paid.is_some() {
        return vec![own(target, amount, None)];
    }
    if !settled::is_back(book, source, target) {
        return vec![own(target, amount, None), own(source, row.rec.taken(), None)];
    }
    let back = book.get::<Invoice>(target).map(|bill| settled::back(book, source, bill));
    back.into_iter().map(|back| own(target, amount, Some(back))).collect()
}

/// The money and the credits that settled an invoice by a day, and what of a credit settled others.
pub fn cash_of(book: &Book, bill: &Doc<Invoice>, as_of: Day) -> Vec<Cash> {
    let mut rows = payment::allocations_to(book, bill.id());
    if bill.rec.sort() == InvoiceKind::Credit {
        rows.extend(payment::allocations_of(book, bill.id()));
    }
    let cash = rows.into_iter().flat_map(|row| cash(book, row));
    let own = cash.filter(|(of, cash)| of == bill.id() && cash.on <= as_of);
    own.map(|(_, cash)| cash).collect()
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
        for (of, cash) in cash(book, row) {
            let is_asked = scope.invoices.is_none_or(|only| only.contains(&of));
            if is_asked && scope.period.to.is_none_or(|to| cash.on <= to) {
                settled.entry(of).or_default().push(cash);
            }
        }
    });
    // What was settled before the period is needed where something was settled in it.
    settled.retain(|_, rows| {
        rows.iter().any(|row| scope.period.contains(row.on))
            && rows.iter().any(|row| row.credit.is_none())
    });
    let only: BTreeSet<String> = settled.keys().cloned().collect();
    let few = (only.len() <= super::super::links::ALONE).then_some(&only);
    let fits = |bill: &Doc<Invoice>| settled.contains_key(bill.id());
    invoiced::of(book, scope, few, fits, &mut |bill, lines| {
        let rows = settled.get(bill.id()).map(Vec::as_slice).unwrap_or_default();
        let mut own = facts(bill, lines, rows);
        own.retain(|fact| scope.period.contains(fact.on));
        take(&own);
    })
}

/// The facts of money that settled an invoice of these lines, from the first on: what it changed of
/// what is collected of each line.
pub fn facts<'a>(bill: &Doc<Invoice>, lines: &[Fact<'a>], rows: &'a [Cash]) -> Vec<Fact<'a>> {
    let sign = |amount| match invoice::sign(bill).is_sign_negative() {
        true => negated(amount),
        false => amount,
    };
    let mut settled = Lines::new(lines.iter().map(|line| sign(line.amount.gross)).collect());
    let mut collected = Decimal::ZERO;
    let mut before = vec![(Amount::default(), Decimal::ZERO); lines.len()];
    let mut rows: Vec<&Cash> = rows.iter().collect();
    rows.sort_by(|one, other| (one.on, &one.id).cmp(&(other.on, &other.id)));
    let mut facts = Vec::new();
    for row in rows {
        match &row.credit {
            Some(back) => _ = settled.credit(back, row.amount),
            None => collected = add(collected, row.amount),
        }
        let now = spread(lines, &settled, sign(collected));
        for (line, (now, before)) in lines.iter().zip(now.iter().zip(&before)) {
            let amount = now.0.plus(before.0.negated());
            let quantity = sub(now.1, before.1);
            if row.credit.is_none() || !amount.gross.is_zero() {
                let (what, id) = (What::Collected, row.id.as_str());
                facts.push(Fact { what, id, on: row.on, amount, quantity, ..*line });
            }
        }
        before = now;
    }
    facts
}

/// What is collected of an invoice spread over its lines, each with the part of its quantity.
fn spread(lines: &[Fact<'_>], settled: &Lines, whole: Decimal) -> Vec<(Amount, Decimal)> {
    let total = lines.iter().fold(Decimal::ZERO, |sum, line| add(sum, line.amount.gross));
    let part = |(line, gross): (&Fact<'_>, Decimal)| {
        let (part, of) = match line.amount.gross.is_zero() {
            true => (whole, total),
            false => (gross, line.amount.gross),
        };
        let share = |figure| match of.is_zero() {
            true => Decimal::ZERO,
            false => portion(figure, part, of),
        };
        let net = if line.amount.gross.is_zero() { Decimal::ZERO } else { share(line.amount.net) };
        (Amount { net, tax: sub(gross, net), gross }, share(line.quantity))
    };
    lines.iter().zip(settled.spread(whole)).map(part).collect()
}
