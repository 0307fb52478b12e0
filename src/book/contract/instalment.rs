//! When the money of a contract falls due, instalment by instalment, and what of it is settled.
//!
//! An instalment's day is its own, else so many days after its event; without the event it is not
//! due, so that a retention is never late before its time. Of a contract as a whole goods are
//! shipped, received or invoiced on the day the last contracted quantity was.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::{asking, event, factor};
use crate::{
    book::{Book, kept, payment, receivable},
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
    /// Day its event happened, of the contract as a whole.
    pub reached_on: Option<Day>,
    /// Day that what no invoice asks for is due; nothing before its event.
    pub due_on: Option<Day>,
    /// What invoices ask for it, less credits.
    pub invoiced: Decimal,
    /// What invoices ask for it, whatever was credited; more than it comes to where they say so.
    pub asked: Decimal,
    /// What of it is paid, credited, written off or kept for it.
    pub settled: Decimal,
    /// What of it no invoice asks for and no money was kept for.
    pub unasked: Option<Decimal>,
    /// What was given for it, and is used for what was due before.
    pub lent: Decimal,
    /// Day that what is open of it is due first: parts of invoices by their own days, the rest by the
    /// contract's.
    pub first_due_on: Option<Day>,
    /// What of it is late.
    pub late: Decimal,
}

impl Due<'_> {
    /// What is not settled yet.
    pub fn open(&self) -> Option<Decimal> {
        self.amount.map(|amount| sub(amount.max(self.asked), self.settled).max(Decimal::ZERO))
    }

    /// Days past the day the first of what is late was due.
    pub fn days_late(&self, as_of: Day) -> i64 {
        let since = self.first_due_on.filter(|_| self.late > Decimal::ZERO);
        since.map_or(0, |due| as_of.0.signed_duration_since(due.0).num_days().max(0))
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

/// A part of what an instalment comes to, with a day of its own.
#[derive(Debug, Clone, Default)]
struct Portion {
    due_on: Option<Day>,
    amount: Decimal,
    /// Paid, credited, written off or kept.
    settled: Decimal,
    /// What of that is kept.
    kept: Decimal,
    /// What of it credits took back.
    credited: Decimal,
}

impl Portion {
    fn open(&self) -> Decimal {
        sub(self.amount, self.settled).max(Decimal::ZERO)
    }

    /// Settles it with money, and gives what that leaves.
    fn settle(&mut self, money: Decimal) -> Decimal {
        let taken = self.open().min(money).max(Decimal::ZERO);
        self.settled = add(self.settled, taken);
        sub(money, taken)
    }
}

/// What an invoice asks for by a line, for an instalment if it names one.
#[derive(Debug)]
struct Asked {
    invoice: String,
    instalment: Option<u32>,
    portion: Portion,
}

/// What the invoices of a contract ask for, by its instalments.
#[derive(Debug, Default)]
pub struct Money {
    asked: Vec<Asked>,
    /// What credits took back, each with the invoice it is against.
    credited: Vec<(Option<String>, Decimal)>,
}

impl Money {
    /// Adds a line's share of the parts of an invoice; what an invoice in instalments asks for beyond
    /// them is none.
    pub fn take(
        &mut self,
        bill: &Doc<Invoice>,
        parts: &[receivable::Part],
        kept: impl Fn(&receivable::Part) -> Decimal,
        share: impl Fn(Decimal) -> Decimal,
    ) {
        let parted = bill.rec.instalment.iter().any(|own| own.contract_instalment.is_some());
        for part in parts {
            let own = bill.rec.instalment.iter().find(|own| Some(own.no) == part.no);
            let kept = kept(part);
            let portion = Portion {
                due_on: part.due_on,
                amount: share(part.amount),
                settled: share(add(sub(part.amount, part.open), kept)),
                kept: share(kept),
                credited: Decimal::ZERO,
            };
            let instalment = own.and_then(|own| own.contract_instalment);
            if instalment.is_some() || !parted {
                let invoice = bill.id().to_owned();
                self.asked.push(Asked { invoice, instalment, portion });
            }
        }
    }

    /// Adds what a credit takes back.
    pub fn credit(&mut self, credit: &Doc<Invoice>, amount: Decimal) {
        self.credited.push((credit.rec.against_invoice.clone(), amount));
    }

    /// What is asked for, what is due first first, with what credits took back of it: of the invoice
    /// they are against, and then of any.
    fn portions(&self) -> Vec<(Option<u32>, Portion)> {
        let mut order: Vec<&Asked> = self.asked.iter().collect();
        order.sort_by_key(|own| (own.portion.due_on.is_none(), own.portion.due_on));
        let mut portions: Vec<Portion> = order.iter().map(|own| own.portion.clone()).collect();
        for (against, amount) in &self.credited {
            let mut left = *amount;
            let is_own = |own: &&Asked| against.as_ref().is_none_or(|id| *id == own.invoice);
            for (_, portion) in order.iter().zip(&mut portions).filter(|(own, _)| is_own(own)) {
                let room = sub(portion.amount, portion.credited).max(Decimal::ZERO);
                let taken = left.min(room);
                portion.credited = add(portion.credited, taken);
                left = sub(left, taken);
            }
        }
        order.iter().map(|own| own.instalment).zip(portions).collect()
    }
}

/// Money kept for a contract.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// All of it.
    pub whole: Decimal,
    /// What its invoices leave of it.
    pub left: Decimal,
}

/// What became of a contract, as its instalments see it.
#[derive(Debug, Clone, Copy)]
pub struct Performed<'a> {
    /// Goods.
    pub movements: &'a Movements,
    /// Invoices.
    pub money: &'a Money,
    /// Money kept for it.
    pub kept: Kept,
}

/// An instalment while money is laid over it: what invoices ask for, and what none does.
struct Open<'a> {
    instalment: &'a Instalment,
    amount: Option<Decimal>,
    reached_on: Option<Day>,
    asked: Vec<Portion>,
    rest: Portion,
    /// What was given for it and is kept.
    given: Decimal,
}

/// The instalments of a contract by a day.
pub fn of_contract<'a>(
    book: &Book,
    contract: &'a Doc<Contract>,
    of: Performed<'_>,
    as_of: Day,
) -> Vec<Due<'a>> {
    let decimals = currency::decimals(payment::own_currency(book, &contract.common));
    let kept_for = BTreeMap::from([(contract.id().to_owned(), of.kept.whole)]);
    let given = kept::named(book, &kept_for, as_of);
    let portions = of.money.portions();
    let mut all: Vec<Open<'a>> = Vec::new();
    for instalment in &contract.rec.instalment {
        let event = reached(book, contract, instalment, of.movements).filter(|day| *day <= as_of);
        let amount = asking::amount(book, contract, instalment);
        let named = portions.iter().filter(|(no, _)| *no == Some(instalment.no));
        let asked: Vec<Portion> = named.map(|(_, portion)| portion.clone()).collect();
        let invoiced = sum(asked.iter().map(|own| own.amount));
        let rest = amount.map_or(Decimal::ZERO, |amount| round(sub(amount, invoiced), decimals));
        let due_on = due_on(instalment, event);
        let own = given.iter().find(|(_, no, _)| *no == instalment.no);
        all.push(Open {
            instalment,
            amount,
            reached_on: event,
            asked,
            rest: Portion { due_on, amount: rest.max(Decimal::ZERO), ..Portion::default() },
            given: own.map_or(Decimal::ZERO, |(.., amount)| (*amount).min(of.kept.whole)),
        });
    }
    let loose = portions.into_iter().filter(|(no, _)| no.is_none());
    lay(&mut all, loose.map(|(_, portion)| portion).collect(), of.kept.left);
    all.into_iter().map(|own| own.due(as_of)).collect()
}

/// Lays what names no instalment over what is due first, and then what is kept and left: for an
/// instalment first what was given for it.
fn lay(all: &mut [Open<'_>], loose: Vec<Portion>, left: Decimal) {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| {
        let Open { instalment, rest, .. } = &all[*at];
        (rest.due_on.is_none(), rest.due_on, instalment.no)
    });
    for mut portion in loose {
        for at in &order {
            let rest = &mut all[*at].rest;
            let amount = portion.amount.min(rest.amount).max(Decimal::ZERO);
            let settled = portion.settled.min(amount);
            let kept = portion.kept.min(settled);
            let credited = portion.credited.min(amount);
            rest.amount = sub(rest.amount, amount);
            let part = Portion { due_on: portion.due_on, amount, settled, kept, credited };
            portion.credited = sub(portion.credited, credited);
            portion.amount = sub(portion.amount, amount);
            portion.settled = sub(portion.settled, settled);
            portion.kept = sub(portion.kept, kept);
            if !amount.is_zero() {
                all[*at].asked.push(part);
            }
        }
    }
    let mut left = left.max(Decimal::ZERO);
    for own in all.iter_mut() {
        let given = left.min(own.given);
        left = add(sub(left, given), own.rest.settle(given));
    }
    let mut portions: Vec<&mut Portion> =
        all.iter_mut().flat_map(|own| own.asked.iter_mut().chain([&mut own.rest])).collect();
    portions.sort_by_key(|own| (own.due_on.is_none(), own.due_on));
    portions.into_iter().fold(left, |left, own| own.settle(left));
}

impl<'a> Open<'a> {
    fn due(self, as_of: Day) -> Due<'a> {
        let kept = sum(self.asked.iter().map(|own| own.kept));
        // What was given for it, and is used for something that was due before, is not asked twice.
        let given = sub(self.given, kept).max(self.rest.settled);
        let unasked = sub(self.rest.amount, given).max(Decimal::ZERO);
        let lent = sub(given.min(self.rest.amount), self.rest.settled).max(Decimal::ZERO);
        let mut waiting: Vec<(Day, Decimal)> = Vec::new();
        let asked = self.asked.iter().map(|own| (own.due_on, own.open()));
        for (due_on, open) in asked.chain([(self.rest.due_on, unasked)]) {
            waiting.extend(due_on.filter(|_| open > Decimal::ZERO).map(|day| (day, open)));
        }
        let all = self.asked.iter().chain([&self.rest]);
        Due {
            instalment: self.instalment,
            amount: self.amount,
            reached_on: self.reached_on,
            due_on: self.rest.due_on,
            invoiced: sum(self.asked.iter().map(|own| sub(own.amount, own.credited))),
            asked: sum(self.asked.iter().map(|own| own.amount)),
            lent,
            settled: sum(all.clone().map(|own| own.settled)),
            unasked: self.amount.map(|_| unasked),
            first_due_on: waiting.iter().map(|(day, _)| *day).min(),
            late: sum(waiting.iter().filter(|(day, _)| *day < as_of).map(|(_, open)| *open)),
        }
    }
}

/// The day an instalment is due: its own, else so many days after its event.
pub fn due_on(instalment: &Instalment, event: Option<Day>) -> Option<Day> {
    instalment.due_on.or_else(|| event::after(instalment, event?))
}

/// The day of an instalment's event, as far as it happened.
fn reached(
    book: &Book,
    contract: &Doc<Contract>,
    instalment: &Instalment,
    movements: &Movements,
) -> Option<Day> {
    let invoiced = || all_moved(book, contract, &movements.invoiced, false);
    // What is not delivered is there when it is invoiced.
    let goods = |moves| match contract.rec.line.iter().any(|line| is_goods(book, line)) {
        true => all_moved(book, contract, moves, true),
        false => invoiced(),
    };
    let told = match instalment.due_rule? {
        DueRule::Signed => contract.rec.signed_on,
        DueRule::Shipped => goods(&movements.shipped),
        DueRule::Received => goods(&movements.received),
        DueRule::Accepted => None,
        DueRule::Invoiced => invoiced(),
    };
    instalment.reached_on.or(told)
}

pub(super) fn is_goods(book: &Book, line: &ContractLine) -> bool {
    let product = book.get::<Product>(&line.product);
    product.and_then(|product| product.rec.goods) != Some(Goods::Service)
}

/// The day from which the whole contracted quantity of every line had moved; nothing where some of
/// it has not, or none is contracted.
fn all_moved(
    book: &Book,
    contract: &Doc<Contract>,
    moves: &[(u32, Day, Decimal)],
    goods_alone: bool,
) -> Option<Day> {
    let mut last = None;
    for line in contract.rec.line.iter().filter(|line| !goods_alone || is_goods(book, line)) {
        let qty = line.qty.map(|qty| qty.get()).filter(|qty| !qty.is_zero());
        let Some(wanted) = qty.map(|qty| product(qty, factor(book, line)?)) else { continue };
        let own = moves.iter().filter(|(no, ..)| *no == line.no).map(|(_, day, qty)| (*day, *qty));
        last = last.max(Some(event::since(own.collect(), wanted?)?));
    }
    last
}
