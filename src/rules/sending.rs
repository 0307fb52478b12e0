//! The gate of goods that leave: judged with the data of the moment, kept as the approval of `send`.
//!
//! It is run wherever a change has goods leave, whatever command made it. Quantities are an
//! invariant and stand with those of shipments.

use super::{Rule, Run, on, people::inactive, review};
use crate::{
    book::{Book, shipment, stage},
    finding::Finding,
    record::{
        Doc, Entry,
        common::{Decision, decision},
        order::Order,
        product::{Goods, Product},
        shipment::{Shipment, ShipmentKind, ShipmentLine},
        staff::Staff,
    },
    value::{
        number::Decimal,
        place::{KeyPath, Place},
    },
};

/// The step that an approval of sent goods names.
pub(super) const STEP: &str = "send";

pub(super) const RULES: &[Rule] = &[
    Rule::step(
        STEP,
        "send.recorded",
        "Goods leave by `desk ship send`, which keeps who sent them, and that is a member of staff who works here.",
        Run::Record(recorded),
    ),
    Rule::step(
        STEP,
        "send.order",
        "Goods leave for an order that is approved as it is now and was by the day they left, not on hold, and more than a \
         quote.",
        Run::Record(orders),
    ),
    Rule::step(
        STEP,
        "send.list",
        "Nothing leaves that is not on the list, whatever it leaves as: a line is for a line of an order, or, where it is a \
         gift, a sample or material, given under a policy. Material may leave by itself, and a parcel hold papers.",
        Run::Record(off_list),
    ),
    Rule::step(
        STEP,
        "send.batch",
        "Goods whose batches are followed leave with their batch, and no batch leaves after its last day.",
        Run::Record(batches),
    ),
    Rule::step(
        STEP,
        "send.checks",
        "Before goods leave, order, packing list and way of sending are checked, and samples, gifts and goods under a policy \
         where there are any, each by a member of staff who is named.",
        Run::Record(checks),
    ),
];

/// Runs a check on goods that leave.
fn leaving(entry: &dyn Entry, run: impl FnOnce(&Doc<Shipment>)) {
    on::<Shipment>(entry, |shipment| {
        if shipment.rec.sort().is_outward() {
            run(shipment);
        }
    });
}

fn recorded(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    leaving(entry, |shipment| {
        let id = shipment.id();
        let mut find = |path: KeyPath, message: String, hint: String| {
            let place = Place::key(&shipment.file, path);
            findings.push(Finding::error("send.recorded", place, message).hint(hint));
        };
        let Some(approval) = decision(&shipment.common.approval, STEP)
            .filter(|approval| approval.decision == Decision::Approved)
        else {
            let message = format!("{id} is sent, and nobody is named who sent it");
            return find(KeyPath::key("shipped_on"), message, format!("desk ship send {id}"));
        };
        let at = shipment.common.approval.iter().rposition(|row| row == approval);
        let path = KeyPath::key("approval").nth(at.unwrap_or_default()).then("by");
        let by = &approval.by;
        if let Some((message, hint)) = inactive(book, by, book.today) {
            find(path, message, hint.into());
        }
    });
}

fn orders(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    leaving(entry, |shipment| {
        for id in shipment.rec.orders() {
            let Some(order) = book.get::<Order>(id) else { continue };
            let Some((why, hint)) = not_to_send(book, shipment, order) else { continue };
            let line = shipment.rec.line.iter().position(|own| own.order.as_deref() == Some(id));
            let path = KeyPath::key("line").nth(line.unwrap_or_default()).then("order");
            let message = format!("{id} {why}");
            findings.push(
                Finding::error("send.order", Place::key(&shipment.file, path), message).hint(hint),
            );
        }
    });
}

/// Why nothing is sent or invoiced for an order now, and what to do.
pub(super) fn not_firm(book: &Book, order: &Doc<Order>) -> Option<(String, String)> {
    let id = order.id();
    let review = stage::review(book, order, book.today).map(|review| review.decision);
    if order.rec.is_quote() {
        return Some(("is only a quote".into(), format!("desk order set {id} --quote false")));
    }
    if let Some(hold) = stage::hold(book, order, book.today) {
        let why = format!("is on hold: {}", hold.reason);
        return Some((why, format!("desk order release {id}")));
    }
    let again = format!("desk order review {id}   (by someone else)");
    match review {
        Some(Decision::Approved) => None,
        Some(Decision::Rejected) => Some(("was rejected".into(), again)),
        None => Some(("awaits review".into(), again)),
    }
}

/// Why nothing is sent for an order, and what to do.
fn not_to_send(
    book: &Book,
    shipment: &Doc<Shipment>,
    order: &Doc<Order>,
) -> Option<(String, String)> {
    let left_on = shipment.rec.shipped_on.unwrap_or(book.today);
    not_firm(book, order).or_else(|| {
        (!stage::was_approved(book, order, left_on)).then(|| {
            let why = format!("was not approved yet on {left_on}");
            (why, format!("desk ship send {} --on …   (the day it left)", shipment.id()))
        })
    })
}

/// Whether someone let a shipment pass over the rule of sending about a topic, or each of its orders
/// over that of review; else what is missing, in words.
pub(super) fn passed_over(
    book: &Book,
    shipment: &Doc<Shipment>,
    topic: &str,
    amount: Option<Decimal>,
) -> Result<(), String> {
    let own = review::passed_over(book, shipment, &format!("{STEP}.{topic}"), amount);
    let orders = shipment.rec.orders().into_iter().filter_map(|id| book.get::<Order>(id));
    let reviewed = format!("review.{topic}");
    let by_order = |order: &Doc<Order>| review::passed_over(book, order, &reviewed, amount);
    let orders: Vec<Result<(), String>> = orders.map(by_order).collect();
    match orders.iter().find_map(|passed| passed.clone().err()) {
        None if !orders.is_empty() => Ok(()),
        Some(why) if shipment.common.overrides.is_empty() => own.map_err(|_| why),
        _ => own,
    }
}

/// The command that lets a shipment pass over a rule.
pub(super) fn hint(shipment: &Doc<Shipment>, code: &str) -> String {
    format!("desk ship confirm {} --override {code} --until … --comment …", shipment.id())
}

fn off_list(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    leaving(entry, |shipment| {
        let (id, rec) = (shipment.id(), &shipment.rec);
        let is_delivery = rec.sort() == ShipmentKind::Delivery;
        for (at, line) in rec.line.iter().enumerate() {
            let Some(why) = untraced(book, shipment, line) else { continue };
            let path = KeyPath::key("line").nth(at).then("product");
            let message = format!("line {}: {} {why}", line.no, line.product);
            let finding = Finding::error("send.list", Place::key(&shipment.file, path), message);
            let no = line.no;
            let order = format!("desk ship set {id} line.{no}.order=SO-… line.{no}.order_line=…");
            findings.push(match rec.customer.as_deref().filter(|_| !is_delivery) {
                Some(customer) => finding
                    .note(format!(
                        "it leaves for an order: desk order add {customer} --kind sample …"
                    ))
                    .hint(order),
                None => finding.hint(order),
            });
        }
        let is_packed = rec.contents.as_deref().is_some_and(|held| !held.trim().is_empty());
        let may_hold_papers = matches!(rec.sort(), ShipmentKind::Parcel | ShipmentKind::Material);
        if rec.line.is_empty() && !(may_hold_papers && is_packed) {
            let message = format!("{id} holds nothing");
            let finding = Finding::error("send.list", Place::file(&shipment.file), message);
            findings.push(match may_hold_papers {
                true => finding.hint(format!("desk ship set {id} --contents …")),
                false => finding,
            });
        }
    });
}

/// Why a line that leaves is on no list; nothing where it is for a line of an order, given under a
/// policy, or material that is sent as such.
fn untraced(book: &Book, shipment: &Doc<Shipment>, line: &ShipmentLine) -> Option<&'static str> {
    if shipment::ordered_line(book, line).is_some() {
        return None;
    }
    let goods = book.get::<Product>(&line.product).and_then(|product| product.rec.goods);
    let is_given = matches!(goods, Some(Goods::Gift | Goods::Sample | Goods::Material));
    let is_sent_alone =
        matches!(shipment.rec.sort(), ShipmentKind::Material | ShipmentKind::Parcel);
    match () {
        () if is_given && line.policy.is_some() => None,
        () if is_sent_alone && goods == Some(Goods::Material) => None,
        () if is_given => Some("is for no order line and under no policy"),
        () => Some("is for no order line"),
    }
}

fn batches(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    leaving(entry, |shipment| {
        let id = shipment.id();
        let left_on = shipment.rec.shipped_on.unwrap_or(book.today);
        for (at, line) in shipment.rec.line.iter().enumerate() {
            let path = KeyPath::key("line").nth(at);
            let product = book.get::<Product>(&line.product);
            let is_tracked = product.is_some_and(|own| own.rec.batch_tracked == Some(true));
            let named = line.batch.as_deref().is_some_and(|batch| !batch.trim().is_empty());
            let mut find = |key: &str, message: String, note: Option<String>| {
                let place = Place::key(&shipment.file, path.then(key));
                let finding = Finding::error("send.batch", place, message)
                    .hint(format!("desk ship confirm {id} --line \"{} batch=…\"", line.no));
                findings.push(note.into_iter().fold(finding, Finding::note));
            };
            if is_tracked && !named {
                let held = shipment::batches(book, &line.product);
                let words: Vec<String> = held
                    .iter()
                    .map(|own| format!("{} of batch {}", own.left.normalize(), own.batch))
                    .collect();
                let note = (!words.is_empty()).then(|| format!("here: {}", words.join(", ")));
                let message =
                    format!("line {}: {} leaves without its batch", line.no, line.product);
                find("product", message, note);
            }
            if let Some(day) = line.expires_on.filter(|day| *day < left_on) {
                let batch = line.batch.as_deref().unwrap_or("its batch");
                let message = format!("line {}: {batch} expired on {day}", line.no);
                find("expires_on", message, None);
            }
        }
    });
}

fn checks(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    leaving(entry, |shipment| {
        let id = shipment.id();
        let open = shipment::unticked(book, shipment, book.today);
        if !open.is_empty() {
            let words: Vec<&str> = open.iter().map(|check| check.name()).collect();
            let message = format!("{id}: nobody checked {}", words.join(", "));
            let finding = Finding::error("send.checks", Place::file(&shipment.file), message);
            let flags = words.join(",");
            findings.push(finding.hint(format!("desk ship confirm {id} --check {flags}")));
        }
        for (at, check) in shipment.rec.check.iter().enumerate() {
            if book.get::<Staff>(&check.by).is_none() {
                let path = KeyPath::key("check").nth(at).then("by");
                let message = format!("{}: \"{}\" is no staff code", check.what.name(), check.by);
                let place = Place::key(&shipment.file, path);
                let finding = Finding::error("send.checks", place, message);
                findings.push(finding.hint("desk staff list"));
            }
        }
    });
}
