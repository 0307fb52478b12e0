//! The write gate: what a change makes wrong that was not wrong before.
//!
//! It reads the staged bytes through the ordinary reader and runs the rules over the touched
//! records, the records that point at them where those could break, and their groups; never
//! whole-book rules. A broken directory can so be mended step by step.

use std::collections::{BTreeMap, BTreeSet};

use super::{Run, When, act, entered, over_entries, people, reference, rewrite, rules};
use crate::{
    book::{Book, closing, digest},
    finding::Finding,
    record::{
        Doc, Entry, Kind,
        change::{Change, Edit},
        common::{Approval, Decision},
        invoice::Invoice,
    },
    store::layout,
    value::place::KeyPath,
};

/// Which gates a change passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Invariants, and the gates of the acts it adds.
    Acts,
    /// Invariants only: the past, as it was recorded elsewhere.
    History,
    /// Invariants between records only: files as they were before, whatever is wrong with them.
    Back,
}

/// The findings that are there after a change and were not before.
pub fn run(before: &Book, after: &Book, change: &Change, gate: Gate) -> Vec<Finding> {
    let touched = change.touched();
    let breaking = breaking(change);
    let mut known = BTreeMap::new();
    for old in findings(before, &touched, &breaking, gate) {
        *known.entry(fault(&old)).or_insert(0_usize) += 1;
    }
    let mut fresh = findings(after, &touched, &breaking, gate);
    fresh.retain(|new| match known.get_mut(&fault(new)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    });
    if gate == Gate::Acts {
        for (kind, id) in &touched {
            fresh.extend(unrecorded(before, after, *kind, id));
            let (old, new) = (before.entry(*kind, id), after.entry(*kind, id));
            fresh.extend(rewrite::refused(before, after, old, new));
            fresh.extend(entered::refused(after, old, new));
            fresh.extend(act::unamended(old, new));
            fresh.extend(thawed(before, after, *kind, id));
            fresh.extend(steps(before, after, *kind, id));
        }
        entered::weigh(&mut fresh);
    }
    fresh
}

/// Refuses a change of what was approved that neither gives its reason as a revision nor is decided
/// on again.
///
/// Where the approval carries our digest the rule `approval.stale` says it; this holds for
/// approvals without one, too.
fn unrecorded(before: &Book, after: &Book, kind: Kind, id: &str) -> Option<Finding> {
    let (old, new) = (before.entry(kind, id)?, after.entry(kind, id)?);
    let last = old.common().approval.last().filter(|last| !last.is_issue())?;
    let ours = last.of.as_deref().is_some_and(digest::is_ours);
    let recorded = new.common().revision.len() > old.common().revision.len()
        || new.common().approval.len() > old.common().approval.len();
    let reopened = old.common().revision.iter().any(|revision| revision.at.0 > last.at.0);
    let open = last.decision != Decision::Approved || reopened || recorded;
    let is_same = digest::decided_in(old, &last.step) == digest::decided_in(new, &last.step);
    if open || ours || is_same {
        return None;
    }
    let path = KeyPath::key("approval").nth(old.common().approval.len().saturating_sub(1));
    let message = format!("{id} is approved, and this changes what was approved");
    let finding = Finding::error("approval.stale", new.place(path), message);
    Some(
        finding
            .label("approved something else")
            .hint(format!("desk {kind} revise {id} … --reason …")),
    )
}

/// Refuses a change of an invoice that was issued where no digest of it is kept; where one is, the
/// rule `invoice.frozen` says it.
fn thawed(before: &Book, after: &Book, kind: Kind, id: &str) -> Option<Finding> {
    let (old, new) = (before.entry(kind, id)?, after.entry(kind, id)?);
    let is_issued = Doc::<Invoice>::of(old)?.rec.issued_on.is_some();
    if !is_issued || !closing::of_record(before, id).is_empty() {
        return None;
    }
    let kept = |entry: &dyn Entry| {
        let mut value = entry.value();
        value.retain(|key, _| !closing::loose(entry).contains(&key.as_str()));
        value
    };
    (kept(old) != kept(new)).then(|| super::closing::thawed(new))
}

/// What makes two findings the same fault, wherever it has moved to in the file.
fn fault(finding: &Finding) -> (&'static str, String, String) {
    (finding.code, finding.message.clone(), finding.place.file.clone())
}

/// What is wrong with the touched records, those that point at them, and their groups.
fn findings(
    book: &Book,
    touched: &[(Kind, String)],
    breaking: &Records,
    gate: Gate,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Of a touched register every row is read: what a change does to another one is told, too.
    let there = touched.iter().filter(|(kind, id)| book.has_file(*kind, id));
    let mut entries: Vec<&dyn Entry> =
        there.filter_map(|(kind, id)| book.entry(*kind, id)).collect();
    entries.extend(reference::pointing_at(book, breaking));
    let paths = touched.iter().filter_map(|(kind, id)| layout::path(*kind, id));
    let paths: BTreeSet<String> = paths.collect();
    for rule in rules().filter(|rule| rule.when == When::Always) {
        match rule.run {
            Run::Reader | Run::Book(_) => {}
            Run::Record(_) | Run::Fields(_) => {
                findings.extend(over_entries(book, &entries, &[rule.run]));
            }
            Run::Group { keys, run } => {
                let mut all: Vec<String> =
                    entries.iter().flat_map(|entry| keys(book, *entry)).collect();
                all.sort();
                all.dedup();
                all.iter().for_each(|key| run(book, key, &mut findings));
            }
        }
    }
    let of_files =
        |finding: &Finding| paths.contains(finding.place.file.trim_start_matches("private/"));
    if gate != Gate::Back {
        findings.extend(book.findings().into_iter().filter(of_files));
    }
    findings
}

/// Records by kind and id.
type Records = BTreeSet<(Kind, String)>;

/// The records whose change may leave others pointing at nothing: voided, rewritten, or with
/// something taken out.
fn breaking(change: &Change) -> Records {
    let breaks = |edit: &&Edit| match edit {
        Edit::Remove { .. } | Edit::Replace { .. } | Edit::Write { .. } => true,
        Edit::Push { key, .. } => key == "void",
        Edit::Add { .. } | Edit::Set { .. } | Edit::File { .. } => false,
    };
    let records = change.edits.iter().filter(breaks).flat_map(Edit::records);
    records.map(|(kind, id)| (kind, id.to_owned())).collect()
}

/// What the gates of the steps that a change takes find: those it approves, and those it takes
/// without.
fn steps(before: &Book, after: &Book, kind: Kind, id: &str) -> Vec<Finding> {
    let Some(entry) = after.entry(kind, id) else { return Vec::new() };
    let old = before.entry(kind, id);
    let approved = old.map_or(&[][..], |old| &old.common().approval);
    let added = |approval: &&Approval| {
        approval.decision == Decision::Approved && !approved.contains(approval)
    };
    let approvals = entry.common().approval.iter().filter(added);
    let mut steps: BTreeSet<&str> = approvals.map(|approval| approval.step.as_str()).collect();
    steps.extend(act::taken(after, old, entry));
    let mut findings = Vec::new();
    for rule in rules() {
        if let (When::Step(step), Run::Record(run)) = (rule.when, rule.run)
            && act::judges(&steps, step, rule.code)
        {
            run(after, entry, &mut findings);
        }
    }
    if steps.contains(act::REOPEN) && !steps.contains("review") {
        act::reopening(&mut findings);
    }
    // What an order had too little of before, and what others did in it, is not the fault of a
    // change elsewhere in it.
    let mut known = Vec::new();
    if let Some(old) = old {
        if steps.contains(act::REDUCE) {
            super::order::below_done(before, old, &mut known);
        }
        if steps.contains(people::ACT) {
            people::active(before, old, &mut known);
        }
    }
    findings.retain(|new| !known.iter().any(|old| fault(old) == fault(new)));
    findings
}
