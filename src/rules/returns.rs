//! Invariants of goods that come back, and of what replaces them.
//!
//! Held together by the line of the shipment they went with, never by product; where a return does
//! not name it, by order line.

use super::{
    Rule, Run, on,
    shipment::{at_line, last_of},
};
use crate::{
    book::{
        Book,
        fulfilment::{self, line_quantity},
        payment::EVER,
        shipment,
    },
    finding::{Finding, Level},
    record::{
        Doc, Entry,
        order::Order,
        shipment::{Shipment, ShipmentKind},
    },
    value::{
        number::{Decimal, sum},
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "shipment.returned",
        Level::Error,
        "No more comes back than was sent: of each line of the shipment a return names, in its batch, and of each order \
         line.",
        Run::Group { keys: return_keys, run: returned },
    ),
    Rule::always(
        "shipment.reopens",
        Level::Error,
        "A line that comes back says whether it is to be delivered again. Nothing else could tell what the order still owes.",
        Run::Record(reopens),
    ),
    Rule::always(
        "shipment.exchange",
        Level::Error,
        "What replaces returned goods names a return of the same customer that is to be delivered again.",
        Run::Record(exchange),
    ),
];

/// The shipments and orders whose goods a return brings back, and a shipment itself.
fn return_keys(book: &Book, entry: &dyn Entry) -> Vec<String> {
    let Some(shipment) = Doc::<Shipment>::of(entry) else { return Vec::new() };
    if shipment.rec.sort() != ShipmentKind::Return {
        return vec![shipment.id().to_owned()];
    }
    let lines = shipment.rec.line.iter();
    let of = lines.filter_map(|line| match &line.return_shipment {
        Some(of) => Some(of.clone()),
        None => fulfilment::order_line(book, line).map(|(order, _)| order.to_owned()),
    });
    of.collect()
}

fn returned(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    if let Some(order) = book.get::<Order>(key) {
        return returned_of_order(book, order, findings);
    }
    let Some(sent) = book.get::<Shipment>(key).filter(|sent| sent.counts()) else { return };
    let back = shipment::returns_of(book, key);
    for line in &sent.rec.line {
        let of_line = back.iter().filter(|(of, at)| of.rec.line[*at].return_line == Some(line.no));
        let of_line: Vec<&(&Doc<Shipment>, usize)> = of_line.collect();
        for (of, at) in &of_line {
            let own = &of.rec.line[*at];
            if let (Some(came), Some(went)) = (&own.batch, &line.batch)
                && came != went
            {
                let message = format!(
                    "line {}: batch {came} came back, and {key} line {} was batch {went}",
                    own.no, line.no
                );
                let place = at_line(of, *at, "batch");
                let finding = Finding::error("shipment.returned", place, message);
                findings.push(finding.hint(format!(
                    "desk ship revise {} --line \"{} batch={went}\" --reason …",
                    of.id(),
                    own.no
                )));
            }
        }
        let lines = of_line.iter().map(|(of, at)| &of.rec.line[*at]);
        let total = sum(lines.map(|own| line_quantity(book, ShipmentKind::Return, own)));
        let went = match sent.rec.shipped_on {
            Some(_) => line_quantity(book, sent.rec.sort(), line),
            None => Decimal::ZERO,
        };
        let Some((last, at)) = of_line.last().filter(|_| total > went) else { continue };
        let message = format!(
            "{}: {} came back of {key} line {}, and {} were sent",
            line.product,
            total.normalize(),
            line.no,
            went.normalize()
        );
        let place = at_line(last, *at, "qty");
        let hint = format!(
            "desk ship revise {} --line \"{} qty=…\" --reason …",
            last.id(),
            last.rec.line[*at].no
        );
        findings.push(Finding::error("shipment.returned", place, message).hint(hint));
    }
}

/// Goods that came back without the shipment they went with: of an order line no more than was
/// sent.
fn returned_of_order(book: &Book, order: &Doc<Order>, findings: &mut Vec<Finding>) {
    let key = order.id();
    for line in &fulfilment::of_order(book, order, EVER).lines {
        let (back, went) = (line.moved.returned, line.moved.shipped);
        let Some((last, at)) = last_of(book, key, line.line.no, false).filter(|_| back > went)
        else {
            continue;
        };
        let message = format!(
            "{}: {} came back of {key} line {}, and {} were sent",
            line.line.product,
            back.normalize(),
            line.line.no,
            went.normalize()
        );
        let place = at_line(last, at, "qty");
        let no = last.rec.line[at].no;
        let hint = format!("desk ship revise {} --line \"{no} qty=…\" --reason …", last.id());
        findings.push(Finding::error("shipment.returned", place, message).hint(hint));
    }
}

fn reopens(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        let is_return = shipment.rec.sort() == ShipmentKind::Return;
        for (at, line) in shipment.rec.line.iter().enumerate() {
            let (key, message) = match (is_return, line.reopens_delivery) {
                (true, None) => ("no", "does not say whether it is to be delivered again"),
                (false, Some(_)) => ("reopens_delivery", "only what comes back is delivered again"),
                _ => continue,
            };
            let message = format!("line {}: {message}", line.no);
            let place = at_line(shipment, at, key);
            let hint = match is_return {
                true => format!(
                    "desk ship revise {} --line \"{} reopens_delivery=…\" --reason …",
                    shipment.id(),
                    line.no
                ),
                false => format!(
                    "desk ship set {} --clear line.{}.reopens_delivery",
                    shipment.id(),
                    line.no
                ),
            };
            findings.push(Finding::error("shipment.reopens", place, message).hint(hint));
        }
    });
}

fn exchange(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        let Some(id) = shipment.rec.exchange_for.as_deref() else { return };
        let Some(of) = book.get::<Shipment>(id) else { return };
        let reopens = of.rec.line.iter().any(|line| line.reopens_delivery == Some(true));
        let message = match () {
            () if of.rec.sort() != ShipmentKind::Return => {
                format!("{id} is a {}, not a return", of.rec.sort().name())
            }
            () if !reopens => format!("nothing of {id} is to be delivered again"),
            () if of.rec.customer != shipment.rec.customer => {
                let theirs = of.rec.customer.as_deref().unwrap_or("nobody");
                format!("{id} came back from {theirs}")
            }
            () if !shipment.rec.sort().is_outward() => {
                "only goods that leave replace others".to_owned()
            }
            () => return,
        };
        let place = Place::key(&shipment.file, KeyPath::key("exchange_for"));
        findings.push(Finding::error("shipment.exchange", place, message));
    });
}
