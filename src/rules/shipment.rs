//! Invariants of shipments: lines that trace, quantities that add up, days in their order. Those of
//! goods that come back stand in [`super::returns`].
//!
//! Quantities are held together by order line and by what a return brings back, never by product,
//! and in stock units, exactly.

use super::{Rule, Run, on};
use crate::{
    book::{Book, fulfilment, invoice, payment::EVER, shipment, stage, terms::unit_factor},
    finding::{Finding, Level},
    record::{
        Doc, Entry,
        contract::{Contract, Side},
        invoice::{Invoice, InvoiceKind},
        order::Order,
        product::Product,
        shipment::{Shipment, ShipmentKind, ShipmentLine},
    },
    value::{
        number::Decimal,
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "shipment.line",
        Level::Error,
        "A line has a quantity above zero, and the line of an order, contract or earlier shipment that it names is there \
         and of the same product.",
        Run::Record(lines),
    ),
    Rule::always(
        "shipment.unit",
        Level::Warning,
        "A line's unit is the product's stock unit, one of its packings, or the line says how many stock units it holds; \
         otherwise one is taken for one.",
        Run::Record(units),
    ),
    Rule::always(
        "shipment.over_delivered",
        Level::Error,
        "Of an order line no more is delivered than was ordered, closures taken off, and the over-delivery its product or \
         desk.toml allows. Goods that came back to be delivered again do not count as delivered.",
        Run::Group { keys: order_keys, run: over_delivered },
    ),
    Rule::always(
        "shipment.below_invoiced",
        Level::Error,
        "No less of an order line was sent than is invoiced of it, where [tolerance] invoice_basis of desk.toml is shipped: \
         what was sent is revised, and never below what was invoiced. A line that was invoiced beforehand by an \
         [[override]] is left alone, and so is one of which nothing was sent here.",
        Run::Group { keys: order_keys, run: below_invoiced },
    ),
    Rule::always(
        "shipment.received",
        Level::Warning,
        "No more arrives at the customer's than was sent. What arrived is recorded once; a change of it gives its reason by \
         `desk ship revise`.",
        Run::Record(received),
    ),
    Rule::always(
        "shipment.expired",
        Level::Warning,
        "What a supplier brings has not expired before it came; what has is sent back, and never on.",
        Run::Record(expired),
    ),
    Rule::always(
        "shipment.order_approved",
        Level::Warning,
        "Goods leave for orders that were approved by then: sending is refused otherwise (`send.order`). Of goods that left \
         before it was written down here, who approved their order may not be known.",
        Run::Record(order_approved),
    ),
    Rule::always(
        "shipment.dates",
        Level::Error,
        "Goods arrive no earlier than they left, and come back no earlier than they left.",
        Run::Record(dates),
    ),
    Rule::always(
        "shipment.future",
        Level::Warning,
        "What was sent, or arrived, did so by today; a day to come is refused where it is entered.",
        Run::Record(future),
    ),
    Rule::always(
        "shipment.party",
        Level::Error,
        "Goods go to the customer who ordered them and come back from the one who had them; goods in come from the supplier \
         of their contract.",
        Run::Record(party),
    ),
];

pub(super) fn at_line(shipment: &Doc<Shipment>, at: usize, key: &str) -> Place {
    Place::key(&shipment.file, KeyPath::key("line").nth(at).then(key))
}

fn lines(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        for (at, line) in shipment.rec.line.iter().enumerate() {
            let mut find = |key: &str, message: String| {
                let message = format!("line {}: {message}", line.no);
                findings.push(Finding::error("shipment.line", at_line(shipment, at, key), message));
            };
            if line.qty.get() <= Decimal::ZERO {
                find("qty", "the quantity is not above zero".into());
            }
            if line.received_qty.is_some_and(|qty| qty.get() < Decimal::ZERO) {
                find("received_qty", "less than nothing arrived".into());
            }
            if line.unit_factor.is_some_and(|factor| factor.get() <= Decimal::ZERO) {
                find("unit_factor", "the unit factor is not above zero".into());
            }
            for (key, fault) in traced(book, line) {
                find(key, fault);
            }
        }
    });
}

/// What is wrong with the lines that a line names, each with the key that names it.
fn traced(book: &Book, line: &ShipmentLine) -> Vec<(&'static str, String)> {
    let order = line.order.as_deref().and_then(|id| book.get::<Order>(id)).map(|order| {
        let found = order.rec.line.iter().find(|own| Some(own.no) == line.order_line);
        found.map(|own| own.product.as_str())
    });
    let contract = line.contract.as_deref().and_then(|id| book.get::<Contract>(id)).map(|own| {
        let found = own.rec.line.iter().find(|own| Some(own.no) == line.contract_line);
        found.map(|own| own.product.as_str())
    });
    let back = line.return_shipment.as_deref().and_then(|id| book.get::<Shipment>(id)).map(|own| {
        let found = own.rec.line.iter().find(|own| Some(own.no) == line.return_line);
        found.map(|own| own.product.as_str())
    });
    let named = [
        ("order", "order_line", &line.order, line.order_line, order),
        ("contract", "contract_line", &line.contract, line.contract_line, contract),
        ("return_shipment", "return_line", &line.return_shipment, line.return_line, back),
    ];
    let mut faults = Vec::new();
    for (of, key, id, no, found) in named {
        match (id, no, found) {
            (Some(id), None, _) => faults.push((of, format!("of {id} no line is named"))),
            (None, Some(no), _) => {
                faults.push((key, format!("line {no} of something that is not named")));
            }
            (Some(id), Some(no), Some(None)) => {
                faults.push((key, format!("{id} has no line {no}")))
            }
            (Some(id), Some(no), Some(Some(product))) if product != line.product => {
                faults.push((
                    "product",
                    format!("{id} line {no} is {product}, not {}", line.product),
                ));
            }
            _ => {}
        }
    }
    faults
}

fn units(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        for (at, line) in shipment.rec.line.iter().enumerate() {
            let Some(unit) = line.unit.as_deref().filter(|_| line.unit_factor.is_none()) else {
                continue;
            };
            let product = book.get::<Product>(&line.product);
            if product.is_none() || unit_factor(Some(unit), None, product).is_some() {
                continue;
            }
            let message = format!("line {}: {} has no packing \"{unit}\"", line.no, line.product);
            findings.push(
                Finding::warning("shipment.unit", at_line(shipment, at, "unit"), message)
                    .note("counted as one stock unit each")
                    .hint(format!(
                        "desk ship revise {} --line \"{} unit_factor=…\" --reason …",
                        shipment.id(),
                        line.no
                    )),
            );
        }
    });
}

/// The orders that a shipment is for, and an order itself.
fn order_keys(book: &Book, entry: &dyn Entry) -> Vec<String> {
    if let Some(order) = Doc::<Order>::of(entry) {
        return vec![order.id().to_owned()];
    }
    let Some(shipment) = Doc::<Shipment>::of(entry) else { return Vec::new() };
    let lines = shipment.rec.line.iter();
    let orders = lines.filter_map(|line| fulfilment::order_line(book, line));
    orders.map(|(order, _)| order.to_owned()).collect()
}

/// The last shipment of a sort that is for an order line, and the place of its line.
pub(super) fn last_of<'a>(
    book: &'a Book,
    order: &str,
    no: u32,
    is_outward: bool,
) -> Option<(&'a Doc<Shipment>, usize)> {
    let shipments = book.following::<Shipment>(order).into_iter();
    let shipments = shipments.filter(|own| own.rec.sort().is_outward() == is_outward);
    let moved = shipments.filter(|own| own.rec.moved_on().is_some());
    let of_line = moved.filter_map(|own| {
        let of = |line: &ShipmentLine| fulfilment::order_line(book, line) == Some((order, no));
        Some((own, own.rec.line.iter().position(of)?))
    });
    of_line.max_by_key(|(own, _)| own.rec.moved_on())
}

fn over_delivered(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let Some(order) = book.get::<Order>(key).filter(|order| order.counts()) else { return };
    for line in &fulfilment::of_order(book, order, EVER).lines {
        let most = shipment::most(book, line);
        if line.delivered() <= most {
            continue;
        }
        let no = line.line.no;
        let Some((last, at)) = last_of(book, key, no, true) else { continue };
        let unit = book.get::<Product>(&line.line.product).and_then(|own| own.rec.unit.as_deref());
        let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        let allowed = match most == line.ordered {
            true => String::new(),
            false => format!(", {}{unit} with what is allowed beyond it", most.normalize()),
        };
        let message = format!(
            "{}: delivering {}{unit} of {key} line {no}, and {}{unit} are ordered{allowed}",
            line.line.product,
            line.delivered().normalize(),
            line.ordered.normalize()
        );
        let (shipped, again) = (line.moved.shipped.normalize(), line.moved.reopened.normalize());
        let path = KeyPath::key("line");
        let position = order.rec.line.iter().position(|own| own.no == no).unwrap_or_default();
        let finding = Finding::error("shipment.over_delivered", at_line(last, at, "qty"), message)
            .other(Place::key(&order.file, path.nth(position).then("qty")), "ordered here")
            .note(format!("sent {shipped}, of that came back to be delivered again {again}"));
        findings.push(match shipment::awaited(book, last, EVER).map(Doc::id) {
            Some(back) => finding
                .note(format!("{} replaces what {back} brings, and that is not here", last.id()))
                .hint(format!("desk ship receive {back}")),
            None => {
                finding.hint(format!("desk order revise {key} --line \"{no} qty=…\" --reason …"))
            }
        });
    }
}

fn below_invoiced(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let Some(order) = book.get::<Order>(key).filter(|order| order.counts()) else { return };
    for line in &fulfilment::of_order(book, order, EVER).lines {
        let (sent, invoiced) = (line.moved.shipped, line.moved.invoiced);
        // More than was ordered or delivered is told as over-invoiced already.
        let is_told = invoiced > line.ordered.max(line.delivered());
        if sent > Decimal::ZERO && sent < invoiced && !is_told {
            let Some((last, at)) = last_of(book, key, line.line.no, true) else { continue };
            findings.extend(short(book, order, line, sent, at_line(last, at, "qty")));
        }
    }
}

/// That less of an order line was sent, or is left of what was, than is invoiced; nothing where that
/// is so, or where more was let be invoiced.
pub(super) fn short(
    book: &Book,
    order: &Doc<Order>,
    line: &fulfilment::Line<'_>,
    sent: Decimal,
    place: Place,
) -> Option<Finding> {
    let id = order.id();
    let as_ordered = book.config.tolerance.invoice_basis.as_deref() == Some("ordered");
    let invoiced = line.moved.invoiced;
    if as_ordered || !line.is_deliverable || sent >= invoiced {
        return None;
    }
    let of_line = |bill: &&Doc<Invoice>| {
        let mut lines = bill.rec.line.iter();
        lines.any(|own| fulfilment::invoiced_line(book, bill, own) == Some((id, line.line.no)))
    };
    let bills = book.following::<Invoice>(id).into_iter();
    let bills = bills.filter(|bill| invoice::is_issued(bill, EVER)).filter(of_line);
    let bills: Vec<&Doc<Invoice>> =
        bills.filter(|bill| bill.rec.sort() == InvoiceKind::Invoice).collect();
    let is_let_pass = |bill: &&&Doc<Invoice>| {
        bill.common.overrides.iter().any(|allowed| allowed.rule == "invoice.quantity")
    };
    if bills.iter().any(|bill| is_let_pass(&bill)) {
        return None;
    }
    let names: Vec<&str> = bills.iter().map(|bill| bill.id()).collect();
    let message = format!(
        "{}: {} of {id} line {} sent, and {} invoiced",
        line.line.product,
        sent.normalize(),
        line.line.no,
        invoiced.normalize()
    );
    let finding = Finding::error("shipment.below_invoiced", place, message);
    let finding = finding.note(format!("invoiced by {}", names.join(", ")));
    Some(match names.last() {
        Some(bill) => finding.hint(format!("desk invoice credit {bill} --line … --reason …")),
        None => finding,
    })
}

fn received(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        let lines = shipment.rec.line.iter().enumerate();
        for (at, line) in lines.filter(|_| shipment.rec.sort().is_outward()) {
            let Some(came) = line.received_qty.filter(|came| came.get() > line.qty.get()) else {
                continue;
            };
            let message = format!(
                "line {}: {} {} arrived, and {} were sent",
                line.no,
                came.get().normalize(),
                line.product,
                line.qty.get().normalize()
            );
            let (id, no) = (shipment.id(), line.no);
            let place = at_line(shipment, at, "received_qty");
            findings.push(
                Finding::warning("shipment.received", place, message).hint(format!(
                    "desk ship revise {id} --line \"{no} received_qty=…\" --reason …"
                )),
            );
        }
    });
}

fn expired(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        let Some(came) = shipment.rec.received_on else { return };
        let lines = shipment.rec.line.iter().enumerate();
        for (at, line) in lines.filter(|_| shipment.rec.sort() == ShipmentKind::Receipt) {
            let Some(day) = line.expires_on.filter(|day| *day < came) else { continue };
            let batch = line.batch.as_deref().map(|batch| format!(" batch {batch}"));
            let message = format!(
                "line {}: {}{} expired on {day}, before it came on {came}",
                line.no,
                line.product,
                batch.unwrap_or_default()
            );
            let place = at_line(shipment, at, "expires_on");
            let id = shipment.id();
            findings.push(Finding::warning("shipment.expired", place, message).hint(format!(
                "desk ship revise {id} --line \"{} expires_on=…\" --reason …",
                line.no
            )));
        }
    });
}

fn order_approved(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        let Some(day) = shipment.rec.shipped_on.filter(|_| shipment.rec.sort().is_outward()) else {
            return;
        };
        for id in shipment.rec.orders() {
            let Some(order) = book.get::<Order>(id) else { continue };
            if stage::was_approved(book, order, day) {
                continue;
            }
            let at = shipment.rec.line.iter().position(|own| own.order.as_deref() == Some(id));
            let place = at_line(shipment, at.unwrap_or_default(), "order");
            let message = format!("{id} was not approved when it was sent on {day}");
            findings.push(Finding::warning("shipment.order_approved", place, message));
        }
    });
}

fn dates(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        let rec = &shipment.rec;
        let mut find = |path: KeyPath, message: String| {
            let place = Place::key(&shipment.file, path);
            let finding = Finding::error("shipment.dates", place, message);
            let key = if rec.shipped_on.is_none() && rec.sort().is_outward() {
                "shipped-on"
            } else {
                "received-on"
            };
            findings.push(
                finding.hint(format!("desk ship revise {} --{key} … --reason …", shipment.id())),
            );
        };
        let Some(arrived) = rec.received_on else { return };
        match rec.shipped_on {
            Some(left) if arrived < left => {
                let message = format!("it arrived on {arrived}, and left on {left} only");
                find(KeyPath::key("received_on"), message);
            }
            None if rec.sort().is_outward() => {
                let message = format!("it arrived on {arrived}, and no day says when it left");
                find(KeyPath::key("received_on"), message);
            }
            _ => {}
        }
        if rec.sort() != ShipmentKind::Return {
            return;
        }
        for (at, line) in rec.line.iter().enumerate() {
            let of = line.return_shipment.as_deref().and_then(|id| book.get::<Shipment>(id));
            let left = of.and_then(|of| of.rec.shipped_on);
            if let (Some(of), Some(left)) = (of, left.filter(|left| arrived < *left)) {
                let path = KeyPath::key("line").nth(at).then("return_shipment");
                find(path, format!("{} left on {left}, after this came back", of.id()));
            }
        }
    });
}

fn future(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        for (key, day) in
            [("shipped_on", shipment.rec.shipped_on), ("received_on", shipment.rec.received_on)]
        {
            if let Some(day) = day.filter(|day| *day > book.today) {
                let place = Place::key(&shipment.file, KeyPath::key(key));
                let message = format!("{day} is still to come; until then it counts as not moved");
                let (id, flag, today) = (shipment.id(), key.replace('_', "-"), book.today);
                findings.push(
                    Finding::warning("shipment.future", place, message)
                        .hint(format!("desk ship revise {id} --{flag} {today} --reason …")),
                );
            }
        }
    });
}

fn party(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        let rec = &shipment.rec;
        let mut find = |path: KeyPath, message: String| {
            let place = Place::key(&shipment.file, path);
            findings.push(Finding::error("shipment.party", place, message));
        };
        match rec.sort() {
            ShipmentKind::Delivery if rec.customer.is_none() => {
                find(KeyPath::key("kind"), "a delivery goes to a customer".into());
            }
            ShipmentKind::Return if rec.party().is_none() => {
                find(KeyPath::key("kind"), "a return comes from someone".into());
            }
            ShipmentKind::Receipt if rec.supplier.is_none() => {
                find(KeyPath::key("kind"), "goods in come from a supplier".into());
            }
            _ => {}
        }
        for (at, line) in rec.line.iter().enumerate() {
            let path = KeyPath::key("line").nth(at);
            if let Some(order) = line.order.as_deref().and_then(|id| book.get::<Order>(id))
                && rec.customer.as_ref() != Some(&order.rec.customer)
            {
                let message =
                    format!("line {}: {} is of {}", line.no, order.id(), order.rec.customer);
                find(path.then("order"), message);
            }
            if let Some(of) =
                line.return_shipment.as_deref().and_then(|id| book.get::<Shipment>(id))
                && of.rec.party() != rec.party()
            {
                let theirs = of.rec.party().unwrap_or("nobody");
                let message = format!("line {}: {} went to {theirs}", line.no, of.id());
                find(path.then("return_shipment"), message);
            }
            if let Some(of) = line.contract.as_deref().and_then(|id| book.get::<Contract>(id))
                && let Some(why) = not_of_contract(shipment, of)
            {
                find(path.then("contract"), format!("line {}: {why}", line.no));
            }
        }
    });
}

/// Why a shipment is not under a contract.
fn not_of_contract(shipment: &Doc<Shipment>, contract: &Doc<Contract>) -> Option<String> {
    let (id, rec) = (contract.id(), &contract.rec);
    if rec.party != shipment.rec.party().unwrap_or_default() {
        return Some(format!("{id} is with {}", rec.party));
    }
    let is_receipt = shipment.rec.sort() == ShipmentKind::Receipt;
    (is_receipt && rec.side != Some(Side::Purchase))
        .then(|| format!("{id} is no purchase contract"))
}
