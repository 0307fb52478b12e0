//! People: who typed, reviewed and approved, and that they are not the same.

use serde_json::{Map, Value};

use super::{Rule, Run, issuing, review, sending, walk::words};
use crate::{
    book::{Book, digest},
    finding::{Finding, Level},
    record::{
        Doc, Entry, Kind,
        common::{Approval, Decision},
        order::Order,
        schema::Type,
        staff::Staff,
    },
    value::{
        day::{Day, Moment},
        number::{Decimal, sum},
        place::KeyPath,
    },
};

/// The step of deciding, holding, releasing or closing something.
pub(super) const ACT: &str = "act";

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "people.name",
        Level::Warning,
        "Whoever typed, reviewed or approved is named by a staff code. A name is kept, but two people of one name, or one \
         person with two spellings, cannot be told apart by it.",
        Run::Fields(names),
    ),
    Rule::always(
        "people.two",
        Level::Error,
        "Nobody reviews or approves what they entered or revised themselves: every approval needs a second pair of eyes.",
        Run::Record(two_people),
    ),
    Rule::always(
        "approval.stale",
        Level::Error,
        "An approval carries a digest of the fields it decided on. If they were changed afterwards the approval no longer \
         speaks of what is there: change an approved record by `revise`, which gives the reason, and approve it again; a \
         signed contract by `amend`.",
        Run::Record(stale),
    ),
    Rule::always(
        "people.team",
        Level::Error,
        "The shares of a team are above zero, name each person once and come to no more than 100 %.",
        Run::Record(team),
    ),
    Rule::step(
        ACT,
        "people.active",
        "Whoever rejects, holds, releases, closes short or lets a rule of the match pass is a member of staff who works here \
         on that day.",
        Run::Record(active),
    ),
    Rule::always(
        "people.left",
        Level::Warning,
        "The owner of a document should be working here on its date.",
        Run::Record(left),
    ),
];

fn names(book: &Book, entry: &dyn Entry, record: &Map<String, Value>, findings: &mut Vec<Finding>) {
    words(entry.kind().fields(), record, |trail, kind, name| {
        if *kind == Type::Person && !book.has_file(Kind::Staff, name) {
            let message = format!("\"{name}\" is no staff code");
            let finding = Finding::error("people.name", entry.place(trail.path()), message);
            let finding = finding.hint("desk staff list");
            findings.push(Finding { level: Level::Warning, ..finding });
        }
    });
}

fn two_people(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    let common = entry.common();
    for (at, approval) in counting(&common.approval) {
        // Sending, issuing and signing are acts and no second look: what was decided is the order.
        let is_act =
            approval.step == super::sending::STEP || approval.is_issue() || approval.is_sign();
        if approval.decision == Decision::Approved && !is_act && common.is_own_work(at) {
            let by = &approval.by;
            let path = KeyPath::key("approval").nth(at).then("by");
            let wrote = if common.entered_by.as_ref() == Some(by) { "entered" } else { "revised" };
            let message = format!("{by} {wrote} {} and approved it too", common.id);
            findings.push(
                Finding::at("people.two", entry.file(), path, message)
                    .label("not a second pair of eyes")
                    .hint(format!(
                        "desk {} {} {}   (by someone else)",
                        entry.kind(),
                        approval.verb(),
                        common.id
                    )),
            );
        }
    }
}

/// The approvals that count: the last row of each step.
fn counting(approvals: &[Approval]) -> impl Iterator<Item = (usize, &Approval)> {
    approvals.iter().enumerate().filter(|(at, approval)| {
        !approvals[at + 1..].iter().any(|later| later.step == approval.step)
    })
}

fn stale(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    let common = entry.common();
    for (at, approval) in counting(&common.approval) {
        // A revision says who changed it and why; the record then waits for approval, which is no
        // fault.
        let is_sent = approval.step == super::sending::STEP;
        let is_act = is_sent || approval.is_sign();
        let revised = common.revision.iter().any(|revision| revision.at.0 >= approval.at.0);
        if (revised && !is_act) || !digest::is_stale(entry, approval) {
            continue;
        }
        let path = KeyPath::key("approval").nth(at).then("of");
        let (kind, id, verb, by) = (entry.kind(), &common.id, approval.verb(), &approval.by);
        let (message, label, hint) = match is_sent {
            _ if approval.is_sign() => (
                format!("{id} was changed after {by} took down what was signed"),
                "signed something else",
                format!("desk {kind} amend {id} … --reason …"),
            ),
            true => (
                format!("{id} was changed after {by} sent it"),
                "sent something else",
                format!("desk {kind} revise {id} … --reason …"),
            ),
            false => (
                format!("{id} was changed after {by} approved it"),
                "approved something else",
                format!("desk {kind} {verb} {id}   (approves it as it is now)"),
            ),
        };
        let finding = Finding::at("approval.stale", entry.file(), path, message);
        findings.push(finding.label(label).hint(hint));
    }
}

fn team(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    let team = &entry.common().team;
    let mut find = |at: usize, message: String| {
        let path = KeyPath::key("team").nth(at);
        findings.push(Finding::at("people.team", entry.file(), path, message));
    };
    for (at, share) in team.iter().enumerate() {
        if share.share_pct.get() <= Decimal::ZERO {
            find(at, format!("the share of {} is not above zero", share.staff));
        }
        if team[..at].iter().any(|other| other.staff == share.staff) {
            find(at, format!("{} is in the team twice", share.staff));
        }
    }
    let total = sum(team.iter().map(|share| share.share_pct.get()));
    if total > Decimal::ONE_HUNDRED {
        find(0, format!("the shares of the team come to {} %", total.normalize()));
    }
}

/// Why someone cannot act on a day, and what to do: no member of staff, or one who has left.
pub fn inactive(book: &Book, by: &str, on: Day) -> Option<(String, &'static str)> {
    let Some(staff) = book.get::<Staff>(by).filter(|staff| staff.counts()) else {
        return Some((format!("\"{by}\" is no staff code"), "set DESK_USER to a staff code"));
    };
    let has_left = staff.rec.left_on.is_some_and(|left| left < on);
    has_left.then(|| {
        (format!("{by} does not work here any more"), "set DESK_USER to someone who works here")
    })
}

/// Something that a record says someone did.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Act {
    path: KeyPath,
    by: String,
    at: Moment,
}

/// What a record says people did, beyond what has a gate of its own.
pub(super) fn acts(entry: &dyn Entry) -> Vec<Act> {
    let common = entry.common();
    let mut acts = Vec::new();
    let mut put = |block: &str, no: usize, key: &str, by: &str, at: Moment| {
        let path = KeyPath::key(block).nth(no).then(key);
        acts.push(Act { path, by: by.to_owned(), at });
    };
    for (no, approval) in common.approval.iter().enumerate() {
        let own = [review::STEP, sending::STEP, issuing::STEP].contains(&approval.step.as_str());
        if !own || approval.decision == Decision::Rejected {
            put("approval", no, "by", &approval.by, approval.at);
        }
    }
    if entry.kind() == Kind::Invoice {
        for (no, allowed) in common.overrides.iter().enumerate() {
            put("override", no, "by", &allowed.by, allowed.at);
        }
    }
    let Some(order) = Doc::<Order>::of(entry) else { return acts };
    for (no, hold) in order.rec.hold.iter().enumerate() {
        put("hold", no, "by", &hold.by, hold.at);
        if let (Some(by), Some(at)) = (&hold.released_by, hold.released_at) {
            put("hold", no, "released_by", by, at);
        }
    }
    for (no, closure) in order.rec.closure.iter().enumerate() {
        put("closure", no, "by", &closure.by, closure.at);
    }
    acts
}

/// Who acts and does not work here; run where a change adds an act, for those it adds.
pub(super) fn active(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    for act in acts(entry) {
        if let Some((message, hint)) = inactive(book, &act.by, act.at.day_in(book.zone)) {
            let place = entry.place(act.path);
            findings.push(Finding::error("people.active", place, message).hint(hint));
        }
    }
}

fn left(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    let common = entry.common();
    let owner = common.staff.as_deref().filter(|_| entry.kind().is_document());
    let (Some(owner), Some(date)) = (owner.and_then(|id| book.get::<Staff>(id)), common.date)
    else {
        return;
    };
    if let Some(left) = owner.rec.left_on.filter(|left| *left < date) {
        let message = format!("{} left on {left}, before {date}", owner.id());
        let finding = Finding::at("people.left", entry.file(), KeyPath::key("staff"), message);
        findings.push(Finding { level: Level::Warning, ..finding });
    }
}
