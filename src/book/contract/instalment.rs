//! When the money of a contract falls due, instalment by instalment, and what of it is settled.
//!
//! An instalment's day is its own, else so many days after its event; without the event it is not
//! due, so that a retention is never late before its time. Of a contract as a whole goods are
//! shipped, received or invoiced on the day the last contracted quantity was.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::{contracted, factor};
use crate::{
    book::{Book, payment, receivable},
    fact::{Fact, What},
    record::{
        Doc,
        contract::{Contract, ContractLine, DueRule, Instalment},
        invoice::Invoice,
        product::{Goods, Product},
        shipment::Shipment,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, product, round, sub, sum},
    },
};

/// An instalment by a day, in the contract's currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Due<'a> {
    /// The instalment.
    pub instalment: &'a Instalment,
    /// What it comes to; nothing where the contract's own amount is not fixed.
    pub amount: Option<Decimal>,
    /// Day its event happened.
    pub reached_on: Option<Day>,
    /// Day it is due; nothing before its event.
    pub due_on: Option<Day>,
    /// What invoices ask for it.
    pub invoiced: Decimal,
    /// What of it is paid, credited, written off or kept for it.
    pub settled: Decimal,
    /// What of it no invoice asks for and no money is kept for.
    pub unasked: Option<Decimal>,
}

impl Due<'_> {
    /// What is not settled yet.
    pub fn open(&self) -> Option<Decimal> {
        self.amount.map(|amount| sub(amount, self.settled).max(Decimal::ZERO))
    }

    /// Days past the day it was due, where something is open.
    pub fn days_late(&self, as_of: Day) -> i64 {
        let is_open = self.open().is_some_and(|open| open > Decimal::ZERO);
        let due = self.due_on.filter(|_| is_open);
        due.map_or(0, |due| as_of.0.signed_duration_since(due.0).num_days().max(0))
    }
}

/// Quantities in stock units by line of the contract and day.
type Moves = Vec<(u32, Day, Decimal)>;

/// What moved under a contract, day by day.
#[derive(Debug, Default)]
pub struct Movements {
    /// Left, less what came back to be delivered again.
    pub shipped: Moves,
    /// Arrived, less the same.
    pub received: Moves,
    /// Invoiced, less credited.
    pub invoiced: Moves,
}

impl Movements {
    /// Adds a fact of a shipment.
    pub fn shipment(&mut self, shipment: &Doc<Shipment>, fact: &Fact<'_>, no: u32, as_of: Day) {
        let of = shipment.rec.line.iter().find(|line| line.no == fact.line);
        let reopens = of.is_some_and(|line| line.reopens_delivery == Some(true));
        if fact.what == What::Returned && !reopens {
            return;
        }
        self.shipped.push((no, fact.on, fact.quantity));
        if let Some(day) = shipment.rec.received_on.filter(|day| *day <= as_of) {
            self.received.push((no, day, fact.quantity));
        }
    }
}

/// Money on the invoices of a contract, by its instalments.
#[derive(Debug, Default)]
pub struct Money {
    invoiced: BTreeMap<u32, Decimal>,
    settled: BTreeMap<u32, Decimal>,
    /// Settled of what belongs to no instalment.
    loose: Decimal,
    /// Invoiced of what belongs to none.
    unnamed: Decimal,
}

impl Money {
    /// Adds a line's share of the parts of an invoice.
    pub fn take(
        &mut self,
        bill: &Doc<Invoice>,
        parts: &[receivable::Part],
        share: impl Fn(Decimal) -> Decimal,
    ) {
        for part in parts {
            let own = bill.rec.instalment.iter().find(|own| Some(own.no) == part.no);
            let settled = share(sub(part.amount, part.open));
            match own.and_then(|own| own.contract_instalment) {
                Some(no) => {
                    let sum = self.invoiced.entry(no).or_default();
                    *sum = add(*sum, share(part.amount));
                    let sum = self.settled.entry(no).or_default();
                    *sum = add(*sum, settled);
                }
                None => {
                    self.loose = add(self.loose, settled);
                    self.unnamed = add(self.unnamed, share(part.amount));
                }
            }
        }
    }
}

/// The instalments of a contract by a day.
pub fn of_contract<'a>(
    book: &Book,
    contract: &'a Doc<Contract>,
    movements: &Movements,
    money: &Money,
    as_of: Day,
) -> Vec<Due<'a>> {
    let whole = contracted(book, contract);
    let decimals = currency::decimals(payment::own_currency(book, &contract.common));
    let mut all: Vec<Due<'a>> = Vec::new();
    for instalment in &contract.rec.instalment {
        let pct = instalment.pct.map(|pct| pct.get());
        let part = || {
            let amount = product(whole?, pct?)?.checked_div(Decimal::ONE_HUNDRED)?;
            Some(round(amount, decimals))
        };
        let event = event(book, contract, instalment, movements).filter(|day| *day <= as_of);
        all.push(Due {
            instalment,
            amount: instalment.amount.map(|amount| amount.get()).or_else(part),
            reached_on: event,
            due_on: due_on(instalment, event),
            invoiced: money.invoiced.get(&instalment.no).copied().unwrap_or_default(),
            settled: money.settled.get(&instalment.no).copied().unwrap_or_default(),
            unasked: None,
        });
    }
    settle(book, contract, money, as_of, &mut all);
    all
}

/// The day an instalment is due: its own, else so many days after its event.
pub fn due_on(instalment: &Instalment, event: Option<Day>) -> Option<Day> {
    instalment.due_on.or_else(|| receivable::after(instalment, event?))
}

/// The day of an instalment's event, as far as it happened.
fn event(
    book: &Book,
    contract: &Doc<Contract>,
    instalment: &Instalment,
    movements: &Movements,
) -> Option<Day> {
    let told = match instalment.due_rule? {
        DueRule::Signed => contract.rec.signed_on,
        DueRule::Shipped => all_moved(book, contract, &movements.shipped, true),
        DueRule::Received => all_moved(book, contract, &movements.received, true),
        DueRule::Accepted => None,
        DueRule::Invoiced => all_moved(book, contract, &movements.invoiced, false),
    };
    instalment.reached_on.or(told)
}

/// The day from which the whole contracted quantity of every line had moved; nothing where some of
/// it has not, or none is contracted.
fn all_moved(
    book: &Book,
    contract: &Doc<Contract>,
    moves: &[(u32, Day, Decimal)],
    goods_alone: bool,
) -> Option<Day> {
    let is_goods = |line: &&ContractLine| {
        let product = book.get::<Product>(&line.product);
        product.and_then(|product| product.rec.goods) != Some(Goods::Service)
    };
    let mut last = None;
    for line in contract.rec.line.iter().filter(|line| !goods_alone || is_goods(line)) {
        let qty = line.qty.map(|qty| qty.get()).filter(|qty| !qty.is_zero());
        let Some(wanted) = qty.map(|qty| product(qty, factor(book, line)?)) else { continue };
        let mut own: Vec<(Day, Decimal)> = moves
            .iter()
            .filter(|(no, ..)| *no == line.no)
            .map(|(_, day, qty)| (*day, *qty))
            .collect();
        own.sort_by_key(|(day, _)| *day);
        let (mut moved, mut since) = (Decimal::ZERO, None);
        for (day, qty) in own {
            moved = add(moved, qty);
            let is_whole = moved >= wanted?;
            since = since.filter(|_| is_whole).or(is_whole.then_some(day));
        }
        last = last.max(Some(since?));
    }
    last
}

/// Lays money that names no instalment over them: first due first, what has no day yet last.
fn settle(book: &Book, contract: &Doc<Contract>, money: &Money, as_of: Day, all: &mut [Due<'_>]) {
    let mut kept = payment::earmarked(book, contract.id(), as_of);
    let rows = payment::allocations_to(book, contract.id());
    for due in all.iter_mut() {
        let own = rows.iter().filter(|row| {
            payment::is_by(row, as_of) && row.rec.instalment == Some(due.instalment.no)
        });
        // What is kept beyond the instalment is laid over the others.
        let most = due.open().map_or(kept, |open| open.min(kept));
        let named = sum(own.map(|row| row.rec.amount.get())).min(most).max(Decimal::ZERO);
        due.settled = add(due.settled, named);
        due.unasked = due.amount.map(|amount| sub(sub(amount, due.invoiced), named));
        kept = sub(kept, named);
    }
    let (mut loose, mut unnamed) = (add(money.loose, kept), add(money.unnamed, kept));
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| {
        let due = &all[*at];
        (due.due_on.is_none(), due.due_on, due.instalment.no)
    });
    for at in order {
        let taken = all[at].open().unwrap_or_default().min(loose).max(Decimal::ZERO);
        all[at].settled = add(all[at].settled, taken);
        loose = sub(loose, taken);
        let left = all[at].unasked.map_or(Decimal::ZERO, |left| left.max(Decimal::ZERO));
        let asked = left.min(unnamed).max(Decimal::ZERO);
        all[at].unasked = all[at].unasked.map(|_| sub(left, asked));
        unnamed = sub(unnamed, asked);
    }
}
