//! What became of each line of an invoice by a day: credited, paid, written off, and what is open.
//!
//! The one home of these figures. A credit settles the lines that it takes back; money and rests
//! settle what credits leave of each line, by gross. A later credit therefore moves what was paid
//! of its line to the others, on its own day. A credit of another invoice brings what was paid there:
//! collected here, and paid back there. Figures are in the invoice's currency, positive as its own
//! amounts are, and not rounded; the lines add up to the invoice.

#![deny(clippy::arithmetic_side_effects)]

use super::{Book, invoice, payment, performed::portion};
use crate::{
    record::{
        Doc,
        invoice::{Invoice, InvoiceKind},
    },
    value::{
        day::Day,
        number::{Decimal, add, sub, sum},
    },
};

/// What became of one line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Taken back by credits.
    pub credited: Decimal,
    /// Money that settled it, a credit of another invoice included; of a credit, what was paid back
    /// or settled another invoice than its own.
    pub collected: Decimal,
    /// Discounts, and rests written off.
    pub written_off: Decimal,
    /// Of a credit, what its own invoice took of it.
    pub used: Decimal,
    /// What is left.
    pub open: Decimal,
}

/// What a credit takes back of an invoice: of each of its lines the line, where it says one, by its
/// place from 0, and what it comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Back(Vec<(Option<usize>, Decimal)>);

/// Whether a credit takes back of an invoice: of another one it moves what was paid.
pub fn is_back(book: &Book, credit: &str, bill: &str) -> bool {
    let credit = book.get::<Invoice>(credit);
    credit.is_some_and(|own| own.rec.against_invoice.as_deref().is_none_or(|id| id == bill))
}

/// What a credit takes back of an invoice; of one that it is not against, no line.
pub fn back(book: &Book, credit: &str, bill: &Doc<Invoice>) -> Back {
    let credit = book.get::<Invoice>(credit);
    let own = credit.filter(|own| own.rec.against_invoice.as_deref() == Some(bill.id()));
    let Some((credit, amounts)) = own.and_then(|own| Some((own, invoice::lines(book, own)?)))
    else {
        return Back::default();
    };
    let at = |line| {
        let no = bill.rec.credited_line(line)?.no;
        bill.rec.line.iter().position(|own| own.no == no)
    };
    let lines = credit.rec.line.iter().zip(amounts);
    Back(lines.map(|(line, amount)| (at(line), amount.gross)).collect())
}

/// The lines of an invoice while it is settled, by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    gross: Vec<Decimal>,
    credited: Vec<Decimal>,
}

impl Lines {
    /// Lines of which each comes to so much with tax.
    pub fn new(gross: Vec<Decimal>) -> Self {
        Self { credited: vec![Decimal::ZERO; gross.len()], gross }
    }

    /// The lines of an invoice; one without lines is one line. Nothing where an amount cannot be
    /// held exactly.
    pub fn of(book: &Book, bill: &Doc<Invoice>) -> Option<Self> {
        let gross = match invoice::without_lines(bill) {
            Some(whole) => vec![whole.gross],
            None => invoice::lines(book, bill)?.into_iter().map(|line| line.gross).collect(),
        };
        Some(Self::new(gross))
    }

    /// What each line comes to.
    pub fn gross(&self) -> &[Decimal] {
        &self.gross
    }

    /// Settles a part with a credit: of the lines that it takes back, or, where it says none of
    /// them, of all. Gives what of the part is each line's.
    pub fn credit(&mut self, back: &Back, amount: Decimal) -> Vec<Decimal> {
        let mut own = vec![Decimal::ZERO; self.gross.len()];
        let mut loose = amount;
        let weights: Vec<Decimal> = back.0.iter().map(|(_, gross)| *gross).collect();
        for ((at, _), part) in back.0.iter().zip(parts(amount, &weights)) {
            if let Some(sum) = at.and_then(|at| own.get_mut(at)) {
                *sum = add(*sum, part);
                loose = sub(loose, part);
            }
        }
        if !loose.is_zero() {
            let spread = self.spread(loose);
            own.iter_mut().zip(spread).for_each(|(own, part)| *own = add(*own, part));
        }
        self.credited.iter_mut().zip(&own).for_each(|(sum, part)| *sum = add(*sum, *part));
        own
    }

    /// An amount spread by what credits leave of each line; by gross where they leave nothing.
    pub fn spread(&self, amount: Decimal) -> Vec<Decimal> {
        parts(amount, &self.weights())
    }

    /// What credits leave of each line; what each comes to where they leave nothing.
    pub fn weights(&self) -> Vec<Decimal> {
        let left: Vec<Decimal> =
            self.gross.iter().zip(&self.credited).map(|(gross, back)| sub(*gross, *back)).collect();
        if sum(left.iter().copied()).is_zero() { self.gross.clone() } else { left }
    }
}

/// An amount in parts by weight, exactly: the last part that weighs anything takes the rest, the
/// first one all where none does.
fn parts(whole: Decimal, weights: &[Decimal]) -> Vec<Decimal> {
    let total = sum(weights.iter().copied());
    let last = match total.is_zero() {
        true => 0,
        false => weights.iter().rposition(|weight| !weight.is_zero()).unwrap_or(0),
    };
    let mut left = whole;
    let mut parts: Vec<Decimal> = Vec::with_capacity(weights.len());
    for (at, weight) in weights.iter().enumerate() {
        let part = match at < last {
            true => portion(whole, *weight, total),
            false => Decimal::ZERO,
        };
        left = sub(left, part);
        parts.push(part);
    }
    if let Some(part) = parts.get_mut(last) {
        *part = add(*part, left);
    }
    parts
}

/// What became of the lines of an invoice by a day, in their order; nothing where its amounts cannot
/// be worked out.
pub fn of_lines(book: &Book, bill: &Doc<Invoice>, as_of: Day) -> Option<Vec<Settled>> {
    let mut lines = Lines::of(book, bill)?;
    if !invoice::is_issued(bill, as_of) {
        return Some(vec![Settled::default(); lines.gross.len()]);
    }
    let (mut collected, mut written_off, mut used) = Default::default();
    let mut rows = invoice::settling(book, bill, as_of);
    rows.sort_by_key(|row| row.common.date);
    for row in rows {
        let amount = row.rec.amount.get();
        match row.rec.source.as_deref() {
            None => written_off = add(written_off, amount),
            Some(source) if is_back(book, source, bill.id()) => {
                lines.credit(&back(book, source, bill), amount);
            }
            Some(_) => collected = add(collected, amount),
        }
        written_off = add(written_off, sub(invoice::covered(row), amount));
    }
    if bill.rec.sort() == InvoiceKind::Credit {
        let mut rows = payment::allocations_of(book, bill.id());
        rows.retain(|row| payment::is_by(row, as_of));
        for row in rows {
            let sum = match is_back(book, bill.id(), &row.rec.target) {
                true => &mut used,
                false => &mut collected,
            };
            *sum = add(*sum, row.rec.taken());
        }
    }
    let [collected, written_off, used] =
        [collected, written_off, used].map(|amount| lines.spread(amount));
    let line = |at: usize| {
        let done = [lines.credited[at], collected[at], written_off[at], used[at]];
        Settled {
            credited: done[0],
            collected: done[1],
            written_off: done[2],
            used: done[3],
            open: sub(lines.gross[at], sum(done)),
        }
    };
    Some((0..lines.gross.len()).map(line).collect())
}
