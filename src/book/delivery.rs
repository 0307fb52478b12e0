//! Deliveries against what was promised: each order line that was due, and when it was there.
//!
//! A line is due on the day it is promised, else on the day its order is. Goods are there on the day
//! they arrived, else, where nobody had said so by then, on the day they were sent: what was not
//! known on a past day is not in its figures.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::{Book, fulfilment, performed::portion};
use crate::{
    fact::{Amount, What},
    finding::Finding,
    record::{
        Doc,
        order::Order,
        product::{Goods, Product},
        shipment::{Shipment, ShipmentKind},
    },
    value::{
        day::Day,
        number::{Decimal, add, negated, product, sub},
        period::Period,
    },
};

/// An order line that was due.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// Order.
    pub order: String,
    /// Its line.
    pub line: u32,
    /// Customer.
    pub customer: String,
    /// Owner.
    pub staff: Option<String>,
    /// District.
    pub district: Option<String>,
    /// Product.
    pub product: String,
    /// Day it was due.
    pub due_on: Day,
    /// Ordered, less closed, in stock units.
    pub ordered: Decimal,
    /// What that comes to, in base currency and not rounded.
    pub ordered_amount: Amount,
    /// There by the day it was due.
    pub in_time: Decimal,
    /// There by now.
    pub delivered: Decimal,
    /// Sent less returned by now, whatever the reason of the return.
    pub kept: Decimal,
    /// Day from which all of it was there.
    pub done_on: Option<Day>,
}

impl Promise {
    /// Whether all of it was there in time.
    pub fn is_on_time_in_full(&self) -> bool {
        self.in_time >= self.ordered
    }

    /// Whether all that was there was there in time, and something was.
    pub fn is_on_time(&self) -> bool {
        self.in_time > Decimal::ZERO && self.in_time >= self.delivered
    }

    /// Whether all of it is there by now.
    pub fn is_in_full(&self) -> bool {
        self.delivered >= self.ordered
    }

    /// What is sent less returned comes to, net in base currency and not rounded.
    pub fn kept_net(&self) -> Decimal {
        portion(self.ordered_amount.net, self.kept, self.ordered)
    }
}

/// The lines due in a period by a day, and why some could not be worked out.
#[derive(Debug, Default)]
pub struct Promises {
    /// The lines, by order.
    pub lines: Vec<Promise>,
    /// Why an order is not among them.
    pub left_out: Vec<Finding>,
}

/// The order lines that were due in a period and by a day, each with what was there; offers, orders
/// that `counts` leaves out, services and lines without a day are not.
pub fn promised(
    book: &Book,
    period: Period,
    as_of: Day,
    counts: impl Fn(&Doc<Order>) -> bool,
) -> Promises {
    let mut due = BTreeMap::new();
    let mut left_out = Vec::new();
    book.each::<Order>(|order| {
        let is_there = order.ordered_on().is_some_and(|day| day <= as_of);
        let has_due = order.rec.line.iter().any(|line| {
            let day = line.promised_on.or(order.rec.promised_on);
            day.is_some_and(|day| day <= as_of && period.contains(day))
        });
        if !order.counts() || order.rec.is_quote() || !is_there || !has_due || !counts(order) {
            return;
        }
        match of_order(book, order, period, as_of) {
            Ok(lines) => {
                due.extend(lines.into_iter().map(|own| ((own.order.clone(), own.line), own)))
            }
            Err(finding) => left_out.push(finding),
        }
    });
    let mut moves: BTreeMap<(String, u32), Vec<(Day, Decimal)>> = BTreeMap::new();
    book.each::<Shipment>(|shipment| {
        for Move { of, on, quantity, counts, .. } in moved(book, shipment, as_of) {
            let Some(promise) = due.get_mut(&of) else { continue };
            promise.kept = add(promise.kept, quantity);
            if counts {
                moves.entry(of).or_default().push((on, quantity));
            }
        }
    });
    for (key, mut own) in moves {
        let Some(promise) = due.get_mut(&key) else { continue };
        own.sort_by_key(|(day, _)| *day);
        for (day, quantity) in own {
            promise.delivered = add(promise.delivered, quantity);
            if day <= promise.due_on {
                promise.in_time = add(promise.in_time, quantity);
            }
            let is_done = promise.delivered >= promise.ordered;
            promise.done_on = promise.done_on.filter(|_| is_done).or(is_done.then_some(day));
        }
    }
    Promises { lines: due.into_values().collect(), left_out }
}

fn of_order(
    book: &Book,
    order: &Doc<Order>,
    period: Period,
    as_of: Day,
) -> Result<Vec<Promise>, Finding> {
    let facts = book.order_facts(order)?;
    let owner = book.owner(order);
    let mut lines = Vec::new();
    for line in &order.rec.line {
        let day = line.promised_on.or(order.rec.promised_on);
        let Some(due_on) = day.filter(|day| *day <= as_of && period.contains(*day)) else {
            continue;
        };
        let goods = book.get::<Product>(&line.product).and_then(|product| product.rec.goods);
        if !line.deliverable.unwrap_or(goods != Some(Goods::Service)) {
            continue;
        }
        let own = facts.iter().filter(|fact| {
            fact.line == line.no
                && fact.on <= as_of
                && matches!(fact.what, What::Ordered | What::Closed)
        });
        let (mut ordered, mut amount, mut rate) = (Decimal::ZERO, Amount::default(), Decimal::ONE);
        for fact in own {
            ordered = add(ordered, fact.quantity);
            amount = amount.plus(fact.amount);
            rate = fact.exchange_rate;
        }
        if ordered <= Decimal::ZERO {
            continue;
        }
        let base = |amount: Decimal| product(amount, rate).unwrap_or(amount);
        let (net, gross) = (base(amount.net), base(amount.gross));
        lines.push(Promise {
            order: order.id().to_owned(),
            line: line.no,
            customer: order.rec.customer.clone(),
            staff: owner.staff.map(str::to_owned),
            district: owner.district.map(str::to_owned),
            product: line.product.clone(),
            due_on,
            ordered,
            ordered_amount: Amount { net, tax: sub(gross, net), gross },
            in_time: Decimal::ZERO,
            delivered: Decimal::ZERO,
            kept: Decimal::ZERO,
            done_on: None,
        });
    }
    Ok(lines)
}

/// A move of an order line.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// Order and line.
    pub of: (String, u32),
    /// Shipment and line.
    pub by: (String, u32),
    /// Day it was there, or came back.
    pub on: Day,
    /// In stock units; below zero it came back.
    pub quantity: Decimal,
    /// Whether it counts for delivery: a return may not open it again.
    pub counts: bool,
}

/// The moves of order lines by a day, shipment by shipment.
pub fn moves(book: &Book, as_of: Day) -> Vec<Move> {
    let mut moves = Vec::new();
    book.each::<Shipment>(|shipment| moves.extend(moved(book, shipment, as_of)));
    moves
}

fn moved(book: &Book, shipment: &Doc<Shipment>, as_of: Day) -> Vec<Move> {
    let sort = shipment.rec.sort();
    let moved_on = shipment.rec.moved_on().filter(|day| *day <= as_of);
    let (Some(moved_on), true) = (moved_on, shipment.counts() && sort != ShipmentKind::Receipt)
    else {
        return Vec::new();
    };
    let day = shipment.rec.received_on.filter(|day| *day <= as_of).unwrap_or(moved_on);
    let mut moves = Vec::new();
    for line in &shipment.rec.line {
        let Some((order, no)) = fulfilment::order_line(book, line) else { continue };
        let quantity = fulfilment::line_quantity(book, sort, line);
        let (of, by) = ((order.to_owned(), no), (shipment.id().to_owned(), line.no));
        moves.push(match sort.is_outward() {
            true => Move { of, by, on: day, quantity, counts: true },
            false => {
                let counts = line.reopens_delivery == Some(true);
                Move { of, by, on: moved_on, quantity: negated(quantity), counts }
            }
        });
    }
    moves
}
