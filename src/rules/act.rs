//! Acts that a change takes without an approval of its own: goods that leave, invoices drafted or
//! issued, money given up, an order made smaller, held or let go again, a contract changed after it
//! was signed.
//!
//! For the write gate. Whatever command or editor made the change, the act is judged all the same.

use std::collections::BTreeSet;

use super::{allocation, expense, issuing, people, sending};
use crate::{
    book::{Book, digest, payment::EVER, stage},
    finding::Finding,
    record::{
        Doc, Entry,
        allocation::Allocation,
        common::{Decision, decision},
        contract::Contract,
        invoice::Invoice,
        order::{Order, OrderLine},
        shipment::Shipment,
    },
    value::place::KeyPath,
};

/// The step of asking for less than before.
pub(super) const REDUCE: &str = "reduce";

/// The step of letting an approved order go on after a hold.
pub(super) const REOPEN: &str = "reopen";

/// The step of giving money away: a rest written off, or a discount.
pub(super) const GIVE_UP: &str = "give up";

/// The rules of review that are judged again then: what a customer owes and may get changes while
/// an order waits, and so do the last days of what was let pass.
const REOPENED: &[&str] = &["review.customer", "review.licence", "review.credit", "review.overdue"];

/// Whether a rule of a step is judged by these steps.
pub(super) fn judges(steps: &BTreeSet<&str>, step: &str, code: &str) -> bool {
    steps.contains(step) || (steps.contains(REOPEN) && REOPENED.contains(&code))
}

/// Has the findings of an order that is let go name the command that was typed.
pub(super) fn reopening(findings: &mut [Finding]) {
    for hint in findings.iter_mut().filter_map(|finding| finding.hint.as_mut()) {
        *hint = hint.replace("desk order review ", "desk order release ");
    }
}

/// The steps that a change of a record takes, whether it approves them or not.
pub(super) fn taken(after: &Book, old: Option<&dyn Entry>, new: &dyn Entry) -> Vec<&'static str> {
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
    steps.extend(expense::taken(old, new));
    if let Some(row) = Doc::<Allocation>::of(new).filter(|row| row.counts()) {
        let held = |old: &Doc<Allocation>| old.rec == row.rec;
        if allocation::given_up(row).is_some() && !old.and_then(Doc::of).is_some_and(held) {
            steps.push(GIVE_UP);
        }
    }
    let before = old.map(people::acts).unwrap_or_default();
    if people::acts(new).iter().any(|act| !before.contains(act)) {
        steps.push(people::ACT);
    }
    if let (Some(old), Some(new)) = (old.and_then(Doc::<Order>::of), Doc::<Order>::of(new)) {
        if is_reduced(old, new) {
            steps.push(REDUCE);
        }
        let is_let_go = old.rec.open_hold().is_some() && new.rec.open_hold().is_none();
        let review = || stage::review(after, new, after.today).map(|review| review.decision);
        if is_let_go && review() == Some(Decision::Approved) {
            steps.push(REOPEN);
        }
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
