//! What happened and is not rewritten: goods that left or arrived, what was invoiced, closed months.
//!
//! For the write gate, which knows what stood there before. Whatever command or editor made the
//! change, it is refused all the same; how it is done instead stands in the hint.

use super::{closing, sending, shipment};
use crate::{
    book::{
        Book, closing as closed, digest,
        fulfilment::{self, Line},
        invoice,
        payment::EVER,
    },
    finding::Finding,
    record::{
        Doc, Entry,
        common::decision,
        invoice::Invoice,
        order::{Order, OrderLine},
        product::Product,
        shipment::{Shipment, ShipmentLine},
    },
    value::{
        number::Decimal,
        place::{KeyPath, Place},
    },
};

/// What a change of one record rewrites of what happened.
pub(super) fn refused(
    before: &Book,
    after: &Book,
    old: Option<&dyn Entry>,
    new: Option<&dyn Entry>,
) -> Vec<Finding> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    if let (Some(old), Some(new)) = (Doc::<Order>::of(old), Doc::<Order>::of(new)) {
        return terms((before, old), (after, new));
    }
    let (Some(old), Some(new)) = (Doc::<Shipment>::of(old), Doc::<Shipment>::of(new)) else {
        return Vec::new();
    };
    let mut findings: Vec<Finding> = moved(old, new).into_iter().collect();
    findings.extend(arrived(old, new));
    findings.extend(learned(before, old, new));
    findings.extend(taken_back((before, old), (after, new)));
    findings
}

fn is_recorded(old: &dyn Entry, new: &dyn Entry) -> bool {
    new.common().revision.len() > old.common().revision.len()
}

/// A change of goods that moved which does not give its reason as a revision.
///
/// Where sending left our digest the rule `approval.stale` says it; this holds for shipments
/// without one, too.
fn moved(old: &Doc<Shipment>, new: &Doc<Shipment>) -> Option<Finding> {
    let has_moved = old.counts() && old.rec.moved_on().is_some();
    let ours = decision(&old.common.approval, sending::STEP)
        .and_then(|approval| approval.of.as_deref())
        .is_some_and(digest::is_ours);
    let is_same = digest::decided(old) == digest::decided(new);
    if !has_moved || ours || is_recorded(old, new) || is_same {
        return None;
    }
    let id = old.id();
    let message = format!("{id} has moved, and this changes what moved");
    let place = Place::key(&new.file, KeyPath::key("id"));
    let finding = Finding::error("approval.stale", place, message);
    Some(finding.hint(format!("desk ship revise {id} … --reason …")))
}

/// A change of what arrived of goods sent that does not give its reason as a revision.
fn arrived(old: &Doc<Shipment>, new: &Doc<Shipment>) -> Option<Finding> {
    let day = old.rec.received_on.filter(|_| old.counts() && old.rec.sort().is_outward())?;
    let counted = |own: &Doc<Shipment>| -> Vec<_> {
        own.rec.line.iter().map(|line| (line.no, line.received_qty)).collect()
    };
    let key = match () {
        () if new.rec.received_on != Some(day) => "received_on",
        () if counted(old) != counted(new) => "line",
        () => return None,
    };
    if is_recorded(old, new) {
        return None;
    }
    let id = old.id();
    let message = format!("{id} arrived on {day}, and this changes what arrived");
    let place = Place::key(&new.file, KeyPath::key(key));
    let finding = Finding::error("shipment.received", place, message);
    Some(finding.hint(format!("desk ship revise {id} … --reason …")))
}

/// A change of what was learned of goods after they left, once their month is closed. What was not
/// known may still be learned, which is why no digest of the closing holds it.
fn learned(before: &Book, old: &Doc<Shipment>, new: &Doc<Shipment>) -> Option<Finding> {
    let rows = closed::of_record(before, old.id());
    let month = rows.iter().find_map(|row| row.rec.month.as_deref())?;
    let (was, is) = (old.value(), new.value());
    let changed =
        closed::learned(old).find(|key| was.contains_key(*key) && was.get(*key) != is.get(*key))?;
    let finding = closing::changed_since(new, month);
    Some(finding.note(format!("{changed} was known when it was closed")))
}

/// Goods of invoices that a shipment no longer brought, once it is changed or void.
fn taken_back(
    (before, old): (&Book, &Doc<Shipment>),
    (after, new): (&Book, &Doc<Shipment>),
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let sent = |own: &Doc<Shipment>| {
        (own.rec.line.clone(), own.rec.shipped_on.is_some(), own.counts(), own.rec.sort())
    };
    let is_same = sent(old) == sent(new);
    let was_sent = old.counts() && old.rec.sort().is_outward() && old.rec.shipped_on.is_some();
    let had_left = was_sent && !is_same;
    for id in old.rec.orders().into_iter().filter(|_| had_left) {
        let (Some(was), Some(is)) = (before.get::<Order>(id), after.get::<Order>(id)) else {
            continue;
        };
        let was = fulfilment::of_order(before, was, EVER).lines;
        for line in &fulfilment::of_order(after, is, EVER).lines {
            let earlier = was.iter().find(|own| own.line.no == line.line.no);
            let is_less = earlier.is_some_and(|own| line.delivered() < own.delivered());
            // What is less than was ever sent the rule itself says.
            let sent = line.moved.shipped;
            let is_told = sent > Decimal::ZERO && sent < line.moved.invoiced;
            if is_less && !is_told {
                let of_line = |own: &ShipmentLine| own.order_line == Some(line.line.no);
                let at = old.rec.line.iter().position(of_line).unwrap_or_default();
                let place = shipment::at_line(old, at, "qty");
                findings.extend(shipment::short(after, is, line, line.delivered(), place));
            }
        }
    }
    findings
}

/// Terms of an order that are changed after goods left or were invoiced under them: of a line its
/// goods and unit, its price once all of it is invoiced; of the whole its currency and way with tax.
fn terms((before, old): (&Book, &Doc<Order>), (after, new): (&Book, &Doc<Order>)) -> Vec<Finding> {
    let said = |order: &Doc<Order>| {
        (order.rec.line.clone(), order.common.currency.clone(), order.rec.prices_include_tax)
    };
    let mut findings = Vec::new();
    if said(old) == said(new) {
        return findings;
    }
    let done = fulfilment::of_order(after, new, EVER).lines;
    let is_done = |line: &Line<'_>| line.moved.shipped > Decimal::ZERO || is_invoiced(line);
    for (at, line) in done.iter().enumerate().filter(|(_, line)| is_done(line)) {
        let own = old.rec.line.iter().find(|own| own.no == line.line.no);
        let Some(own) = own.filter(|own| *own != line.line) else { continue };
        findings.extend(line_terms((before, old, own), (after, new, at, line)));
    }
    if !done.iter().any(is_done) {
        return findings;
    }
    let mut find = |key: &str, message: String| {
        let place = Place::key(&new.file, KeyPath::key(key));
        let finding = Finding::error("order.below_done", place, message);
        let hint = format!("desk order add {} …   (an order of its own)", new.rec.customer);
        findings.push(finding.hint(hint));
    };
    let currency = |book: &Book, order: &Doc<Order>| {
        order.common.currency.clone().unwrap_or_else(|| book.config.currency().to_owned())
    };
    let (was, is) = (currency(before, old), currency(after, new));
    if was != is {
        find("currency", format!("goods left or were invoiced in {was}, not in {is}"));
    }
    let basis = |book: &Book, order: &Doc<Order>| {
        book.basis(order.rec.prices_include_tax, None).prices_include_tax
    };
    if basis(before, old) != basis(after, new) {
        let word = if basis(before, old) { "included" } else { "did not include" };
        let message = format!("goods left or were invoiced at prices that {word} tax");
        find("prices_include_tax", message);
    }
    findings
}

fn is_invoiced(line: &Line<'_>) -> bool {
    line.moved.invoiced > Decimal::ZERO
}

fn line_terms(
    (before, old, was): (&Book, &Doc<Order>, &OrderLine),
    (after, new, at, line): (&Book, &Doc<Order>, usize, &Line<'_>),
) -> Vec<Finding> {
    let (no, is) = (was.no, line.line);
    let path = KeyPath::key("line").nth(at);
    let mut findings = Vec::new();
    let mut find = |key: &str, message: String| {
        let place = Place::key(&new.file, path.then(key));
        let finding = Finding::error("order.below_done", place, format!("line {no}: {message}"));
        findings.push(finding.hint(match key {
            "price" => credit(after, new, no),
            _ => format!(
                "desk order revise {} --line \"… x …\" --reason …   (a line of its own)",
                new.id()
            ),
        }));
    };
    // What was sent stands on its shipment, and is held against the line by another rule.
    if was.product != is.product && line.moved.shipped.is_zero() {
        find("product", format!("{} was invoiced, not {}", was.product, is.product));
    }
    let unit = |book: &Book, line: &OrderLine| {
        let stock = || book.get::<Product>(&line.product)?.rec.unit.clone();
        line.unit.clone().or_else(stock)
    };
    let (unit_was, unit_is) = (unit(before, was), unit(after, is));
    let (found_was, found_is) = (before.priced(old, was), after.priced(new, is));
    if was.product == is.product && (unit_was != unit_is || found_was.factor != found_is.factor) {
        let words = |unit: Option<String>, factor: Option<Decimal>| {
            let of = factor.filter(|factor| *factor != Decimal::ONE);
            let of = of.map_or(String::new(), |factor| format!(" of {}", factor.normalize()));
            format!("{}{of}", unit.unwrap_or_else(|| "stock unit".to_owned()))
        };
        let (own, other) = (words(unit_was, found_was.factor), words(unit_is, found_is.factor));
        find("unit", format!("what is done was by the {own}, not by the {other}"));
    }
    let amounts = |line: &OrderLine| (line.discount_pct, line.discount_amount);
    let is_same = found_was.price == found_is.price
        && found_was.tax_rate == found_is.tax_rate
        && amounts(was) == amounts(is);
    if !is_same && is_invoiced(line) && line.moved.invoiced >= line.ordered {
        find("price", "all of it is invoiced at the price it had".to_owned());
    }
    findings
}

/// The command that corrects a price of a line instead: a credit of what was invoiced.
fn credit(book: &Book, order: &Doc<Order>, no: u32) -> String {
    let id = order.id();
    let is_of = |bill: &&Doc<Invoice>| {
        let of_line = |line| fulfilment::invoiced_line(book, bill, line) == Some((id, no));
        invoice::is_issued(bill, EVER) && bill.rec.line.iter().any(of_line)
    };
    match book.following::<Invoice>(id).into_iter().find(is_of) {
        Some(bill) => format!("desk invoice credit {} --line … --reason …", bill.id()),
        None => format!("desk ship list {id}"),
    }
}
