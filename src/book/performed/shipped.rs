//! Facts of shipments: goods of orders that left and came back, goods of contracts that arrived.
//!
//! A quantity is the shipment's, an amount the ordered line's in proportion, not rounded. What is
//! for no order, such as a parcel, is no sale.

use std::collections::BTreeSet;

use super::{Scope, origin::Origins, share};
use crate::{
    book::{Book, fulfilment},
    fact::{Fact, What},
    finding::Finding,
    record::{
        Doc,
        contract::Side,
        shipment::{Shipment, ShipmentKind, ShipmentLine},
    },
    value::{
        number::negated,
        place::{KeyPath, Place},
    },
};

/// Hands on each shipment whose goods moved in a period, with the facts of its lines; gives what
/// could not be worked out.
pub fn each(
    book: &Book,
    scope: &Scope<'_>,
    mut take: impl FnMut(&Doc<Shipment>, &[Fact<'_>]),
) -> Vec<Finding> {
    let moved = |shipment: &Doc<Shipment>| {
        shipment.rec.moved_on().is_some_and(|day| scope.period.contains(day))
    };
    let mut ids = BTreeSet::new();
    scope.documents::<Shipment>(book, scope.shipments, |shipment| {
        if moved(shipment) {
            let lines = shipment.rec.line.iter();
            let named = lines.filter_map(|line| source(book, scope.side, shipment, line));
            ids.extend(named.map(|(id, _)| id.to_owned()));
        }
    });
    let origins = Origins::of(book, scope, &ids);
    let mut left_out = Vec::new();
    scope.documents::<Shipment>(book, scope.shipments, |shipment| {
        if moved(shipment) {
            take(shipment, &facts(book, scope, shipment, &origins, &mut left_out));
        }
    });
    left_out
}

/// The order line, or on the suppliers' side the contract line, that a line is for.
pub fn source<'a>(
    book: &'a Book,
    side: Side,
    shipment: &'a Doc<Shipment>,
    line: &'a ShipmentLine,
) -> Option<(&'a str, u32)> {
    let from_supplier = match shipment.rec.sort() {
        ShipmentKind::Receipt => true,
        ShipmentKind::Return => shipment.rec.customer.is_none() && shipment.rec.supplier.is_some(),
        _ => false,
    };
    match (side, from_supplier) {
        (Side::Sale, false) => fulfilment::order_line(book, line),
        (Side::Purchase, true) => received_line(book, line),
        _ => None,
    }
}

/// The contract line that goods from a supplier are for; a return may say it by what it sends back.
fn received_line<'a>(book: &'a Book, line: &'a ShipmentLine) -> Option<(&'a str, u32)> {
    if let (Some(contract), Some(no)) = (line.contract.as_deref(), line.contract_line) {
        return Some((contract, no));
    }
    let of = book.get::<Shipment>(line.return_shipment.as_deref()?)?;
    let of = of.rec.line.iter().find(|own| Some(own.no) == line.return_line)?;
    Some((of.contract.as_deref()?, of.contract_line?))
}

fn facts<'a>(
    book: &'a Book,
    scope: &Scope<'_>,
    shipment: &'a Doc<Shipment>,
    origins: &'a Origins,
    left_out: &mut Vec<Finding>,
) -> Vec<Fact<'a>> {
    let sort = shipment.rec.sort();
    let Some(on) = shipment.rec.moved_on() else { return Vec::new() };
    let is_back = sort == ShipmentKind::Return;
    let mut facts = Vec::with_capacity(shipment.rec.line.len());
    for (at, line) in shipment.rec.line.iter().enumerate() {
        let Some(source) = source(book, scope.side, shipment, line) else { continue };
        let place = || Place::key(&shipment.file, KeyPath::key("line").nth(at));
        let (origin, ordered) = match origins.line(source, scope, place) {
            Ok(found) => found,
            Err(finding) => {
                left_out.push(finding);
                continue;
            }
        };
        let quantity = fulfilment::line_quantity(book, sort, line);
        let amount = share(ordered.amount, quantity, ordered.quantity);
        let contract = origin.contract.as_deref();
        facts.push(Fact {
            what: if is_back { What::Returned } else { What::Shipped },
            on,
            id: shipment.id(),
            line: line.no,
            contract: contract.map(|id| (id, ordered.contract_line)),
            party: &origin.party,
            product: &line.product,
            staff: origin.staff.as_deref(),
            team: &origin.team,
            district: origin.district.as_deref(),
            kind: origin.kind,
            quantity: if is_back { negated(quantity) } else { quantity },
            amount: if is_back { amount.negated() } else { amount },
            currency: &origin.currency,
            exchange_rate: origin.exchange_rate,
        });
    }
    facts
}
