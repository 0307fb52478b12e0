//! What invoices ask for line by line: what is collected, open, due and late of each, less money kept
//! for it.
//!
//! The one home of these figures of contracts, for the fulfilment list and for what explains it.

#![deny(clippy::arithmetic_side_effects)]

use super::{brought, fulfil::Documents, no_rate};
use crate::{
    book::{
        Book, invoice,
        kept::{self, Laid},
        performed::{Scope, each_invoice, portion},
        receivable::Part,
        settled,
    },
    fact::Fact,
    finding::Finding,
    record::{Doc, contract::Contract, invoice::Invoice},
    value::{
        day::Day,
        number::{Decimal, negated, sub, sum},
        period::Period,
    },
};

/// What became of one line of an invoice; what is of a credit is below zero, and never due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owed {
    /// Money that settled it.
    pub collected: Decimal,
    /// What is open of it.
    pub open: Decimal,
    /// What of that is due, less money kept for it.
    pub due: Decimal,
    /// What of that is late, less money kept for it.
    pub late: Decimal,
}

/// What became of the lines of an invoice by a day, in its currency and in the order of its facts.
pub(super) fn of_invoice(
    book: &Book,
    bill: &Doc<Invoice>,
    (parts, laid): (&[Part], &[Laid]),
    as_of: Day,
) -> Vec<Owed> {
    let settled = settled::of_lines(book, bill, as_of).unwrap_or_default();
    let is_credit = invoice::sign(bill).is_sign_negative();
    let signed = |amount| if is_credit { negated(amount) } else { amount };
    let whole_open = sum(settled.iter().map(|line| line.open));
    let by = |is_past: &dyn Fn(Day) -> bool| {
        let past = parts.iter().filter(|part| !is_credit && part.due_on.is_some_and(is_past));
        sum(past
            .map(|part| sub(part.open, kept::over(laid, bill.id(), part.no)).max(Decimal::ZERO)))
    };
    let (due, late) = (by(&|day| day <= as_of), by(&|day| day < as_of));
    let of_open = |whole: Decimal, open: Decimal| match whole.is_zero() {
        true => whole,
        false => portion(whole, open, whole_open),
    };
    let owed = settled.iter().map(|line| Owed {
        collected: signed(line.collected),
        open: signed(line.open),
        due: of_open(due, line.open),
        late: of_open(late, line.open),
    });
    owed.collect()
}

/// Hands on each line of an invoice under one contract by a day, with what is owed of it in the
/// contract's currency. Gives what could not be worked out.
pub fn under(
    book: &Book,
    contract: &Doc<Contract>,
    as_of: Day,
    mut take: impl FnMut(&Doc<Invoice>, &Fact<'_>, Owed),
) -> Vec<Finding> {
    let documents = Documents::of(book, &[contract]);
    let side = contract.rec.side.unwrap_or_default();
    let laid = kept::laid(book, &contract.rec.party, side, as_of, as_of);
    let scope = Scope {
        period: Period { from: None, to: Some(as_of) },
        side,
        shipments: Some(&documents.shipments),
        invoices: Some(&documents.invoices),
        ..Scope::default()
    };
    let mut failed = Vec::new();
    let mut left_out = each_invoice(book, &scope, |bill, facts| {
        let parts = crate::book::receivable::parts(book, bill, as_of).unwrap_or_default();
        let owed = of_invoice(book, bill, (&parts, &laid), as_of);
        let own = facts.iter().zip(owed);
        for (fact, owed) in
            own.filter(|(fact, _)| fact.contract.is_some_and(|(id, _)| id == contract.id()))
        {
            let brought = |amount| brought(book, contract.id(), fact, amount);
            let all = [owed.collected, owed.open, owed.due, owed.late].map(brought);
            match all {
                [Some(collected), Some(open), Some(due), Some(late)] => {
                    take(bill, fact, Owed { collected, open, due, late });
                }
                _ => failed.push(no_rate(contract.id(), fact, bill.file.clone())),
            }
        }
    });
    left_out.extend(failed);
    left_out
}
