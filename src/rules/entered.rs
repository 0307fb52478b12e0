//! What is refused where it is entered, though it is only warned of, or right, where it is found.
//!
//! For the write gate: a packing changes later and leaves an order of the past as it is, and a day
//! to come may stand in files of others. Entered now, neither is a slip of the pen only.

use super::{Rule, Run, contract, master};
use crate::{
    book::{Book, terms::unit_factor},
    finding::{Finding, Level},
    record::{
        Doc, Entry,
        allocation::Allocation,
        contact::Contact,
        contract::{Contract, Side},
        customer::Customer,
        order::{Order, OrderLine},
        payment::Payment,
        product::Product,
        shipment::{Shipment, ShipmentKind},
    },
    value::{
        day::Day,
        number::{Decimal, Quantity},
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[Rule::always(
    "date.future",
    Level::Warning,
    "Money was paid or matched, someone was spoken to and a contract was signed by today; a day to come is refused where it \
     is entered. What takes back a row of a day to come is of that day too.",
    Run::Record(to_come),
)];

fn to_come(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    let Some((key, day, what)) = happened(book, entry) else { return };
    if entry.common().void.is_some() || day <= book.today {
        return;
    }
    let place = entry.place(KeyPath::key(key));
    let message = format!("{day} is still to come, and nothing is {what} before it");
    let hint = format!("desk {} set {} {key}={}", entry.kind(), entry.common().id, book.today);
    findings.push(Finding::warning("date.future", place, message).hint(hint));
}

/// The day that something happened on, of what only can have happened: its field, and its word.
fn happened(book: &Book, entry: &dyn Entry) -> Option<(&'static str, Day, &'static str)> {
    let date = entry.common().date;
    if let Some(contract) = Doc::<Contract>::of(entry) {
        return Some(("signed_on", contract.rec.signed_on?, "signed"));
    }
    if Doc::<Contact>::of(entry).is_some() {
        return Some(("date", date?, "said"));
    }
    if let Some(paid) = Doc::<Payment>::of(entry) {
        return Some(("date", date?, "paid")).filter(|_| paid.rec.reverses.is_none());
    }
    let row = Doc::<Allocation>::of(entry).filter(|row| row.rec.reverses.is_none())?;
    // What is matched counts from the day of its money or its invoice, which says it for itself.
    let paid = row.rec.source.as_deref().and_then(|id| book.get::<Payment>(id));
    let of = paid.and_then(|paid| paid.common.date);
    Some(("date", date?, "matched")).filter(|_| of != date)
}

/// What is told of a day to come.
const FUTURE: &[&str] = &["shipment.future", "date.future"];

/// What is wrong with what a change enters in one record.
pub(super) fn refused(
    book: &Book,
    old: Option<&dyn Entry>,
    new: Option<&dyn Entry>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(new) = new else { return findings };
    if let Some(order) = Doc::<Order>::of(new) {
        packings(book, old.and_then(Doc::of), order, &mut findings);
    }
    let customers = old.and_then(Doc::<Customer>::of).zip(Doc::<Customer>::of(new));
    if let Some((old, new)) = customers {
        master::reverified(old, new, &mut findings);
    }
    if let Some(receipt) = Doc::<Shipment>::of(new).filter(|own| own.counts()) {
        beyond_contract(book, receipt, &mut findings);
    }
    findings
}

/// Has a day to come, entered now, refused and not only told.
pub(super) fn weigh(findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|own| FUTURE.contains(&own.code)) {
        finding.level = Level::Error;
    }
}

/// Why a line of a product does not hold so many stock units in its unit: its product says
/// otherwise. Nothing where the product knows nothing of the unit.
pub fn other_packing(
    product: &Doc<Product>,
    unit: Option<&str>,
    factor: Option<Quantity>,
) -> Option<String> {
    let given = factor?.get();
    let stock = product.rec.unit.as_deref();
    if stock.is_none() && unit.is_some() {
        return None;
    }
    let known = unit_factor(unit, None, Some(product))?;
    let word = unit.or(stock).unwrap_or("stock unit");
    (known != given).then(|| {
        let (known, given) = (known.normalize(), given.normalize());
        match known == Decimal::ONE {
            true => format!("a {word} of {} is one, not {given}", product.id()),
            false => format!("{} has {known} in a {word}, not {given}", product.id()),
        }
    })
}

/// Lines of an order, new or changed, that hold more or fewer stock units in a unit than their
/// product does.
fn packings(
    book: &Book,
    old: Option<&Doc<Order>>,
    order: &Doc<Order>,
    findings: &mut Vec<Finding>,
) {
    let held = |line: &OrderLine| (line.product.clone(), line.unit.clone(), line.unit_factor);
    for (at, line) in order.rec.line.iter().enumerate() {
        let own = old.and_then(|old| old.rec.line.iter().find(|own| own.no == line.no));
        if own.is_some_and(|own| held(own) == held(line)) {
            continue;
        }
        let product = book.get::<Product>(&line.product);
        let why = product
            .and_then(|product| other_packing(product, line.unit.as_deref(), line.unit_factor));
        if let Some(why) = why {
            let place = Place::key(&order.file, KeyPath::key("line").nth(at).then("unit_factor"));
            let finding = Finding::error("order.unit", place, format!("line {}: {why}", line.no));
            findings.push(finding.hint(format!("desk product show {}", line.product)));
        }
    }
}

/// Goods in beyond what their purchase contract says, which is told and no fault of who counted.
fn beyond_contract(book: &Book, receipt: &Doc<Shipment>, findings: &mut Vec<Finding>) {
    if receipt.rec.sort() != ShipmentKind::Receipt {
        return;
    }
    let named = receipt.rec.line.iter().filter_map(|line| line.contract.as_deref());
    let mut ids: Vec<&str> = named.collect();
    ids.sort_unstable();
    ids.dedup();
    let purchases = ids.into_iter().filter_map(|id| book.get::<Contract>(id));
    let purchases = purchases.filter(|own| own.counts() && own.rec.side == Some(Side::Purchase));
    contract::received(book, purchases.collect(), findings);
}
