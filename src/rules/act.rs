//! Acts that a change takes without an approval of its own: goods that leave, invoices drafted or
//! issued, an order made smaller or held, a shipment rewritten after it moved, a contract after it was
//! signed.
//!
//! For the write gate. Whatever command or editor made the change, the act is judged all the same.

use super::{issuing, people, sending};
use crate::{
    book::{digest, payment::EVER},
    finding::Finding,
    record::{
        Doc, Entry,
        common::decision,
        contract::Contract,
        invoice::Invoice,
        order::{Order, OrderLine},
        shipment::Shipment,
    },
    value::place::KeyPath,
};

/// The step of asking for less than before.
pub(super) const REDUCE: &str = "reduce";

/// The steps that a change of a record takes, whether it approves them or not.
pub(super) fn taken(old: Option<&dyn Entry>, new: &dyn Entry) -> Vec<&'static str> {
    let mut steps = Vec::new();
    if let Some(shipment) = Doc::<Shipment>::of(new) {
        let has_left = |own: &Doc<Shipment>| {
            own.counts() && own.rec.sort().is_outward() && own.rec.shipped_on.is_some()
        };
        if has_left(shipment) && !old.and_then(Doc::of).is_some_and(has_left) {
            steps.push(sending::STEP);
        }
    }
    if let Some(bill) = Doc::<Invoice>::of(new) {
        let was_issued = old.and_then(Doc::of).is_some_and(issuing::is_issued);
        if bill.counts() && (old.is_none() || (issuing::is_issued(bill) && !was_issued)) {
            steps.push(issuing::STEP);
        }
    }
    let before = old.map(people::acts).unwrap_or_default();
    if people::acts(new).iter().any(|act| !before.contains(act)) {
        steps.push(people::ACT);
    }
    if let (Some(old), Some(new)) = (old.and_then(Doc::<Order>::of), Doc::<Order>::of(new))
        && is_reduced(old, new)
    {
        steps.push(REDUCE);
    }
    steps
}

/// Whether less of any line is ordered than before, or something else.
fn is_reduced(old: &Doc<Order>, new: &Doc<Order>) -> bool {
    let left = |order: &Doc<Order>, line: &OrderLine| {
        line.open_qty(&order.rec.closure, EVER, chrono_tz::UTC)
    };
    old.rec.line.iter().any(|line| {
        let same = new.rec.line.iter().find(|own| own.no == line.no);
        same.is_none_or(|own| {
            let other = own.unit_factor != line.unit_factor || own.product != line.product;
            other || left(new, own) < left(old, line)
        })
    })
}

/// Refuses a change of the terms of a signed contract that is no amendment.
///
/// Where signing left our digest the rule `approval.stale` says it; this holds for contracts
/// without one, too.
pub(super) fn unamended(old: Option<&dyn Entry>, new: Option<&dyn Entry>) -> Option<Finding> {
    let (old, new) = (Doc::<Contract>::of(old?)?, new?);
    let amended = Doc::<Contract>::of(new)?.rec.amendment.len() > old.rec.amendment.len();
    let ours = decision(&old.common.approval, "sign")
        .and_then(|approval| approval.of.as_deref())
        .is_some_and(digest::is_ours);
    let signed = old.rec.signed_on.filter(|_| old.counts() && !ours && !amended)?;
    if digest::decided(old) == digest::decided(new) {
        return None;
    }
    let id = old.id();
    let message = format!("{id} was signed on {signed}, and this changes what was signed");
    let finding = Finding::error("approval.stale", new.place(KeyPath::key("signed_on")), message);
    Some(finding.hint(format!("desk contract amend {id} … --reason …")))
}

/// Refuses a change of goods that moved which does not give its reason as a revision.
///
/// Where sending left our digest the rule `approval.stale` says it; this holds for shipments
/// without one, too.
pub(super) fn rewritten(old: Option<&dyn Entry>, new: Option<&dyn Entry>) -> Option<Finding> {
    let (old, new) = (old?, new?);
    let shipment = Doc::<Shipment>::of(old)?;
    let moved = shipment.counts() && shipment.rec.moved_on().is_some();
    let ours = decision(&shipment.common.approval, sending::STEP)
        .and_then(|approval| approval.of.as_deref())
        .is_some_and(digest::is_ours);
    let recorded = new.common().revision.len() > old.common().revision.len();
    if !moved || ours || recorded || digest::decided(old) == digest::decided(new) {
        return None;
    }
    let id = shipment.id();
    let message = format!("{id} has moved, and this changes what moved");
    let finding = Finding::error("approval.stale", new.place(KeyPath::key("id")), message);
    Some(finding.hint(format!("desk ship revise {id} … --reason …")))
}
