//! Where shipments stand by a day: what was checked, what is under way, what came back, what is
//! late.
//!
//! For lists, rules and the acts of goods. Quantities are in stock units and exact; nothing of them
//! is ever written.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::{
    Book,
    fulfilment::{self, Line, line_quantity},
    stage::{OrderStage, order_stage},
};
use crate::{
    record::{
        Doc, Kind,
        order::{FreeReason, Order, OrderKind, OrderLine},
        product::{Goods, Product},
        shipment::{CheckOf, Condition, Shipment, ShipmentKind, ShipmentLine},
    },
    value::{
        day::Day,
        number::{Decimal, add, product, sub},
    },
};

/// Where a shipment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It no longer holds.
    Void,
    /// A stock-out slip whose checks are not all ticked.
    Slip,
    /// A stock-out slip whose checks are ticked.
    Confirmed,
    /// Goods that are to come in, and of which nothing more is known.
    Expected,
    /// On its way.
    InTransit,
    /// Arrived.
    Received,
    /// Arrived, and a part came back.
    PartReturned,
    /// All of it came back.
    Returned,
}

/// Every state, in the order of a shipment's life.
pub const STATES: &[State] = &[
    State::Void,
    State::Slip,
    State::Confirmed,
    State::Expected,
    State::InTransit,
    State::Received,
    State::PartReturned,
    State::Returned,
];

impl State {
    /// Its key in columns and filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Slip => "slip",
            Self::Confirmed => "confirmed",
            Self::Expected => "expected",
            Self::InTransit => "in transit",
            Self::Received => "received",
            Self::PartReturned => "part returned",
            Self::Returned => "returned",
        }
    }
}

/// The state of a shipment as of a day.
pub fn state(book: &Book, shipment: &Doc<Shipment>, as_of: Day) -> State {
    let rec = &shipment.rec;
    let by_then = |day: Option<Day>| day.is_some_and(|day| day <= as_of);
    let (has_left, has_arrived) = (by_then(rec.shipped_on), by_then(rec.received_on));
    match () {
        () if !shipment.counts() => State::Void,
        () if !rec.sort().is_outward() && has_arrived => State::Received,
        () if !rec.sort().is_outward() && has_left => State::InTransit,
        () if !rec.sort().is_outward() => State::Expected,
        () if !has_left && unticked(book, shipment, as_of).is_empty() => State::Confirmed,
        () if !has_left => State::Slip,
        () => arrived(book, shipment, as_of, has_arrived),
    }
}

/// The state of goods that left.
fn arrived(book: &Book, shipment: &Doc<Shipment>, as_of: Day, has_arrived: bool) -> State {
    let back = came_back(book, shipment, Some(as_of));
    let sort = shipment.rec.sort();
    let is_back = |line: &ShipmentLine| {
        back.get(&line.no).is_some_and(|back| *back >= line_quantity(book, sort, line))
    };
    match () {
        () if !back.is_empty() && shipment.rec.line.iter().all(is_back) => State::Returned,
        () if has_arrived && !back.is_empty() => State::PartReturned,
        () if has_arrived => State::Received,
        () => State::InTransit,
    }
}

/// The returns that hold and bring goods of a shipment back, each with the place of the line.
pub fn returns_of<'a>(book: &'a Book, id: &str) -> Vec<(&'a Doc<Shipment>, usize)> {
    let returns = book.following::<Shipment>(id).into_iter();
    let returns = returns.filter(|other| other.rec.sort() == ShipmentKind::Return);
    let lines = returns.flat_map(|other| (0..other.rec.line.len()).map(move |at| (other, at)));
    lines.filter(|(of, at)| of.rec.line[*at].return_shipment.as_deref() == Some(id)).collect()
}

/// What came back of each line of a shipment by a day, in stock units; without a day, what is on
/// its way back as well.
pub fn came_back(book: &Book, shipment: &Doc<Shipment>, by: Option<Day>) -> BTreeMap<u32, Decimal> {
    let mut back: BTreeMap<u32, Decimal> = BTreeMap::new();
    for (of, at) in returns_of(book, shipment.id()) {
        let line = &of.rec.line[at];
        let counts = by.is_none_or(|by| of.rec.received_on.is_some_and(|day| day <= by));
        if let (Some(no), true) = (line.return_line, counts) {
            let sum = back.entry(no).or_default();
            *sum = add(*sum, line_quantity(book, ShipmentKind::Return, line));
        }
    }
    back
}

/// Days by which a shipment arrived, or is until a day, later than promised; nothing where it is
/// not late or nothing was promised.
pub fn late_days(shipment: &Doc<Shipment>, as_of: Day) -> Option<i32> {
    let rec = &shipment.rec;
    let promised = rec.promised_on.filter(|_| shipment.counts())?;
    let arrived = rec.received_on.filter(|day| *day <= as_of).unwrap_or(as_of);
    Some(days_between(promised, arrived)).filter(|days| *days > 0)
}

/// Why a shipment is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was to have arrived, and has not left.
    NotSent,
    /// It was to have arrived.
    NotArrived,
    /// It left some days ago, and nobody says that it is there.
    NotAcknowledged,
    /// Samples were to be back.
    SamplesNotBack,
    /// Other goods were to be back.
    NotBack,
}

impl Why {
    /// Its words in columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotSent => "not sent",
            Self::NotArrived => "not arrived",
            Self::NotAcknowledged => "not acknowledged",
            Self::SamplesNotBack => "samples not back",
            Self::NotBack => "not back",
        }
    }
}

/// That a shipment is late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Why.
    pub why: Why,
    /// The day it was due, or left.
    pub since: Day,
    /// The command that moves it on.
    pub next: String,
}

/// The return whose goods a shipment replaces, as long as it is not here.
pub fn awaited<'a>(
    book: &'a Book,
    shipment: &Doc<Shipment>,
    as_of: Day,
) -> Option<&'a Doc<Shipment>> {
    let back = book.get::<Shipment>(shipment.rec.exchange_for.as_deref()?)?;
    let is_here = back.rec.received_on.is_some_and(|day| day <= as_of);
    Some(back).filter(|back| back.counts() && !is_here)
}

/// The open stock-out slips of an order.
pub fn open_slips(book: &Book, order: &str) -> Vec<String> {
    let slips = book.following::<Shipment>(order).into_iter();
    let is_open = |own: &&Doc<Shipment>| {
        own.counts() && own.rec.sort().is_outward() && own.rec.shipped_on.is_none()
    };
    slips.filter(is_open).map(|own| own.id().to_owned()).collect()
}

/// The command that brings a stock-out slip out of the house: first its order is let go, then what
/// it replaces comes back, then its checks. What was rejected does not leave.
pub fn sending(book: &Book, slip: &Doc<Shipment>, as_of: Day) -> String {
    for order in slip.rec.orders() {
        let Some(order) = book.get::<Order>(order) else { continue };
        match order_stage(book, order, as_of) {
            OrderStage::OnHold => return format!("desk order release {}", order.id()),
            OrderStage::Rejected => return format!("desk ship void {} --reason …", slip.id()),
            OrderStage::AwaitingReview => return format!("desk order review {}", order.id()),
            _ => {}
        }
    }
    if let Some(back) = awaited(book, slip, as_of) {
        return format!("desk ship receive {}", back.id());
    }
    let verb = if state(book, slip, as_of) == State::Confirmed { "send" } else { "confirm" };
    format!("desk ship {verb} {}", slip.id())
}

/// Why a shipment is late on a day; nothing where it is not.
pub fn why_late(book: &Book, shipment: &Doc<Shipment>, as_of: Day) -> Option<Late> {
    let (id, rec) = (shipment.id(), &shipment.rec);
    let state = state(book, shipment, as_of);
    let is_past = |day: &Day| *day < as_of;
    let after = book.config.days_ahead("parcels", 3).try_into().unwrap_or(i32::MAX);
    let receive = || match rec.sort().is_outward() {
        true => format!("desk ship receive {id} --by …"),
        false => format!("desk ship receive {id}"),
    };
    match state {
        State::Slip | State::Confirmed => {
            let since = rec.promised_on.filter(is_past)?;
            return Some(Late { why: Why::NotSent, since, next: sending(book, shipment, as_of) });
        }
        State::InTransit | State::Expected => {
            if let Some(since) = rec.promised_on.filter(is_past) {
                return Some(Late { why: Why::NotArrived, since, next: receive() });
            }
            let left = rec.shipped_on.filter(|_| rec.promised_on.is_none());
            if let Some(since) = left.filter(|left| days_between(*left, as_of) > after) {
                return Some(Late { why: Why::NotAcknowledged, since, next: receive() });
            }
        }
        State::Received | State::PartReturned | State::Void | State::Returned => {}
    }
    let is_out = !matches!(state, State::Void | State::Returned) && rec.sort().is_outward();
    let due = rec.return_due_on.filter(is_past).filter(|_| is_out && rec.outcome.is_none())?;
    let is_sample = rec.sort() == ShipmentKind::Sample;
    let why = if is_sample { Why::SamplesNotBack } else { Why::NotBack };
    let next =
        format!("desk ship return --from {id} --condition … --reason … --reopens-delivery false");
    Some(Late { why, since: due, next })
}

/// The day goods were promised for: as the shipment says, else as the orders of its lines do, the
/// first of them.
pub fn promised_on(book: &Book, shipment: &Doc<Shipment>) -> Option<Day> {
    let of_orders = || {
        let lines = shipment.rec.line.iter().filter_map(|line| ordered_line(book, line));
        lines.filter_map(|(order, line)| line.promised_on.or(order.rec.promised_on)).min()
    };
    shipment.rec.promised_on.or_else(of_orders)
}

/// Days from one day to another; below zero where the other is earlier.
pub fn days_between(from: Day, to: Day) -> i32 {
    to.number().saturating_sub(from.number())
}

/// The order and its line that a line of a shipment is for.
pub fn ordered_line<'a>(
    book: &'a Book,
    line: &'a ShipmentLine,
) -> Option<(&'a Doc<Order>, &'a OrderLine)> {
    let (order, no) = fulfilment::order_line(book, line)?;
    let order = book.get::<Order>(order)?;
    let line = order.rec.line.iter().find(|own| own.no == no)?;
    Some((order, line))
}

/// What is to be checked before a shipment leaves.
pub fn needed(book: &Book, shipment: &Doc<Shipment>) -> Vec<CheckOf> {
    let (mut samples, mut gifts, mut policy) = (false, false, false);
    for line in &shipment.rec.line {
        let ordered = ordered_line(book, line);
        let free = ordered.and_then(|(_, own)| own.free_reason);
        let kind = ordered.and_then(|(order, _)| order.rec.kind);
        let goods = book.get::<Product>(&line.product).and_then(|product| product.rec.goods);
        samples |= free == Some(FreeReason::Sample)
            || kind == Some(OrderKind::Sample)
            || goods == Some(Goods::Sample);
        gifts |= free == Some(FreeReason::Gift)
            || kind == Some(OrderKind::Gift)
            || goods == Some(Goods::Gift);
        policy |= free == Some(FreeReason::Policy) || line.policy.is_some();
    }
    samples |= shipment.rec.sort() == ShipmentKind::Sample;
    let all = [
        (shipment.rec.sort() == ShipmentKind::Delivery, CheckOf::Order),
        (true, CheckOf::List),
        (samples, CheckOf::Samples),
        (gifts, CheckOf::Gifts),
        (policy, CheckOf::PolicyGoods),
        (true, CheckOf::Method),
    ];
    all.into_iter().filter(|(is_needed, _)| *is_needed).map(|(_, check)| check).collect()
}

/// What of it nobody checked by a day.
pub fn unticked(book: &Book, shipment: &Doc<Shipment>, as_of: Day) -> Vec<CheckOf> {
    let mut open = needed(book, shipment);
    let ticked = |of: &CheckOf| {
        let by_then = |at: crate::value::day::Moment| at.day_in(book.zone) <= as_of;
        shipment.rec.check.iter().any(|check| check.what == *of && by_then(check.at))
    };
    open.retain(|of| !ticked(of));
    open
}

/// The most of an order line that may be delivered, in stock units: what is ordered, and the
/// over-delivery its product or else desk.toml allows.
pub fn most(book: &Book, line: &Line<'_>) -> Decimal {
    let own = book.get::<Product>(&line.line.product);
    let own = own.and_then(|product| product.rec.over_delivery_pct);
    let pct = own.or(book.config.tolerance.over_delivery_pct);
    let pct = pct.map_or(Decimal::ZERO, |pct| pct.get()).max(Decimal::ZERO);
    let part = product(add(Decimal::ONE_HUNDRED, pct), Decimal::new(1, 2));
    part.and_then(|part| product(line.ordered, part)).unwrap_or(line.ordered)
}

/// A batch of a product that shipments brought in and did not take out again.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Its last day, where a shipment says it.
    pub expires_on: Option<Day>,
    /// Its number.
    pub batch: String,
    /// What is left of it, in stock units.
    pub left: Decimal,
}

/// The batches of a product of which something is left, the first to expire first.
///
/// Receipts and good returns bring in, sent goods take out; slips keep nothing back here.
pub fn batches(book: &Book, code: &str) -> Vec<Batch> {
    let mut held: BTreeMap<&str, Batch> = BTreeMap::new();
    for entry in book.naming(Kind::Shipment, &[code]) {
        let Some(shipment) = Doc::<Shipment>::of(entry).filter(|own| own.counts()) else {
            continue;
        };
        let sort = shipment.rec.sort();
        let has_moved = shipment.rec.moved_on().is_some_and(|day| day <= book.today);
        for line in shipment.rec.line.iter().filter(|line| has_moved && line.product == code) {
            let is_good = sort != ShipmentKind::Return || line.condition == Some(Condition::Good);
            let Some(number) = line.batch.as_deref().filter(|_| is_good) else { continue };
            let batch = held.entry(number).or_insert_with(|| Batch {
                expires_on: None,
                batch: number.to_owned(),
                left: Decimal::ZERO,
            });
            batch.expires_on = batch.expires_on.or(line.expires_on);
            let moved = line_quantity(book, sort, line);
            batch.left =
                if sort.is_outward() { sub(batch.left, moved) } else { add(batch.left, moved) };
        }
    }
    let mut held: Vec<Batch> =
        held.into_values().filter(|batch| batch.left > Decimal::ZERO).collect();
    held.sort_by_key(|batch| (batch.expires_on.is_none(), batch.expires_on));
    held
}
