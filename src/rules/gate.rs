//! The write gate: what a change makes wrong that was not wrong before.
//!
//! It reads the staged bytes through the ordinary reader and runs the rules over the touched records, the records that point
//! at them where those could break, and their groups; never whole-book rules. A broken directory can so be mended step by
//! step.

use super::{Run, When, reference, rules};
use crate::{
    book::Book,
    finding::Finding,
    record::{
        Entry, Kind,
        change::{Change, Edit},
        common::{Approval, Decision},
    },
    store::layout,
};

/// Which gates a change passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Invariants, and the gates of the acts it adds.
    Acts,
    /// Invariants only: the past, as it was recorded elsewhere.
    History,
}

/// The findings that are there after a change and were not before.
pub fn run(before: &Book, after: &Book, change: &Change, gate: Gate) -> Vec<Finding> {
    let touched = change.touched();
    let known = findings(before, &touched, change);
    let mut fresh = findings(after, &touched, change);
    for old in &known {
        if let Some(at) = fresh.iter().position(|new| same(new, old)) {
            fresh.remove(at);
        }
    }
    if gate == Gate::Acts {
        for (kind, id) in &touched {
            fresh.extend(steps(before, after, *kind, id));
        }
    }
    fresh
}

/// Two findings are the same fault wherever it has moved to in the file.
fn same(one: &Finding, other: &Finding) -> bool {
    one.code == other.code && one.message == other.message && one.place.file == other.place.file
}

/// What is wrong with the touched records, those that point at them, and their groups.
fn findings(book: &Book, touched: &[(Kind, String)], change: &Change) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut entries: Vec<&dyn Entry> = Vec::new();
    for (kind, id) in touched {
        entries.extend(book.entry(*kind, id));
        if breaks_references(change, *kind, id) {
            entries.extend(reference::pointing_at(book, *kind, id));
        }
    }
    let files: Vec<String> =
        touched.iter().filter_map(|(kind, id)| layout::path(*kind, id)).collect();
    for rule in rules().filter(|rule| rule.when == When::Always) {
        match rule.run {
            Run::Reader | Run::Book(_) => {}
            Run::Record(run) => entries.iter().for_each(|entry| run(book, *entry, &mut findings)),
            Run::Group { keys, run } => {
                let mut all: Vec<String> =
                    entries.iter().flat_map(|entry| keys(book, *entry)).collect();
                all.sort();
                all.dedup();
                all.iter().for_each(|key| run(book, key, &mut findings));
            }
        }
    }
    let of_files = |finding: &Finding| {
        let file = finding.place.file.trim_start_matches("private/");
        files.iter().any(|path| path == file)
    };
    findings.extend(book.findings().into_iter().filter(of_files));
    findings
}

/// Whether a change may leave others pointing at nothing: it voids the record, takes something out, or rewrites it.
fn breaks_references(change: &Change, kind: Kind, id: &str) -> bool {
    let of_record = change.edits.iter().filter(|edit| edit.record() == Some((kind, id)));
    of_record.into_iter().any(|edit| match edit {
        Edit::Remove { .. } | Edit::Replace { .. } => true,
        Edit::Push { key, .. } => key == "void",
        Edit::Add { .. } | Edit::Set { .. } | Edit::File { .. } => false,
    })
}

/// What the gates of newly approved steps find.
fn steps(before: &Book, after: &Book, kind: Kind, id: &str) -> Vec<Finding> {
    let Some(entry) = after.entry(kind, id) else { return Vec::new() };
    let old = before.entry(kind, id).map_or(&[][..], |old| &old.common().approval);
    let added =
        |approval: &&Approval| approval.decision == Decision::Approved && !old.contains(approval);
    let mut findings = Vec::new();
    for approval in entry.common().approval.iter().filter(added) {
        for rule in rules() {
            if let (When::Step(step), Run::Record(run)) = (rule.when, rule.run)
                && step == approval.step
            {
                run(after, entry, &mut findings);
            }
        }
    }
    findings
}
