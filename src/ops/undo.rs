//! Taking an operation back, and doing it again: changes themselves, through the same gate.
//!
//! Both go by whole files: a file that is no longer as the operation left it was changed
//! otherwise, and is left alone.

use crate::{
    book::Book,
    error::{Error, Result},
    finding::Finding,
    record::{
        Kind,
        change::{Change, Edit},
    },
    store::{
        atomic::FileWrite,
        journal::{self, Entry, Fate, Logged, Role, State, Step},
    },
};

/// The operation to take back: that of a number, else the last of someone that stands.
pub fn to_undo<'a>(logged: &'a [Logged], by: &str, no: Option<u64>) -> Result<&'a Logged> {
    let Some(no) = no else {
        return journal::undoable(logged, by).ok_or_else(|| {
            let error = Error::usage(format!("nothing that {by} did here can be undone"));
            let others = |one: &&Logged| one.entry.role == Role::Does && one.fate == Fate::Stands;
            match logged.iter().rev().find(others) {
                Some(last) => error.hint(format!(
                    "the last operation is {} by {}: desk undo {}",
                    last.entry.no, last.entry.by, last.entry.no
                )),
                None => error.hint("desk log"),
            }
        });
    };
    let one = numbered(logged, no)?;
    match (one.fate, one.entry.role) {
        (Fate::Undone(by), _) => {
            Err(Error::usage(format!("operation {no} was undone already, by operation {by}"))
                .hint(format!("desk redo {no}")))
        }
        (Fate::Dropped | Fate::Unfinished, _) => {
            Err(Error::usage(format!("operation {no} was never done")).hint("desk log"))
        }
        (_, Role::Undoes(target)) => {
            Err(Error::usage(format!("operation {no} took operation {target} back"))
                .hint(format!("desk redo {target}")))
        }
        (_, Role::Redoes(target)) => {
            Err(Error::usage(format!("operation {no} did operation {target} again"))
                .hint(format!("desk undo {target}")))
        }
        (_, Role::Does) => Ok(one),
    }
}

/// The operation to do again: that of a number, else the one that someone took back last.
pub fn to_redo<'a>(logged: &'a [Logged], by: &str, no: Option<u64>) -> Result<&'a Logged> {
    let Some(no) = no else {
        return journal::redoable(logged, by).ok_or_else(|| {
            Error::usage(format!("{by} took nothing back that could be done again"))
                .hint("something else was done since, or nothing was undone: desk log")
        });
    };
    let one = numbered(logged, no)?;
    match one.fate {
        Fate::Undone(_) => Ok(one),
        _ => Err(Error::usage(format!("operation {no} is not undone")).hint("desk log")),
    }
}

fn numbered(logged: &[Logged], no: u64) -> Result<&Logged> {
    journal::numbered(logged, no)
        .ok_or_else(|| Error::usage(format!("there is no operation {no}")).hint("desk log"))
}

/// The change that takes the operation of a number back.
pub fn undo(book: &Book, no: u64, logged: &[Logged]) -> Result<Change> {
    let entry = &numbered(logged, no)?.entry;
    let freezes = |(noun, _): &&(String, String)| Kind::of_noun(noun) == Some(Kind::Closing);
    if entry.records.iter().any(|record| freezes(&record)) {
        let message = format!("operation {no} stays: {}", said(entry));
        return Err(Error::refused(message, Vec::new())
            .hint("an issued invoice is credited, a closed month corrected in an open one"));
    }
    let change = turned(book, entry, logged, State::After, Step::backwards)?;
    let line = format!("operation {} undone: {}", entry.no, said(entry));
    Ok(Change { lines: vec![line], next: Some("desk redo   (to do it again)".into()), ..change })
}

/// The change that does the operation of a number again.
pub fn redo(book: &Book, no: u64, logged: &[Logged]) -> Result<Change> {
    let entry = &numbered(logged, no)?.entry;
    let change = turned(book, entry, logged, State::Before, Step::forwards)?;
    let line = format!("operation {} done again: {}", entry.no, said(entry));
    Ok(Change { lines: vec![line], next: Some("desk undo   (to take it back)".into()), ..change })
}

/// The commands that take back first what relies on an operation: what was done since to the files
/// that would be wrong without it.
pub fn relying(logged: &[Logged], no: u64, findings: &[Finding]) -> Vec<String> {
    let later = |one: &&Logged| {
        one.entry.no > no && one.entry.role == Role::Does && one.fate == Fate::Stands
    };
    let is_wrong = |path: &str| findings.iter().any(|finding| finding.place.file == path);
    let relies = |one: &&Logged| one.entry.steps.iter().any(|step| is_wrong(&step.path));
    let hint = |one: &Logged| {
        format!("desk undo {}   (it relies on it: {})", one.entry.no, said(&one.entry))
    };
    logged.iter().filter(later).filter(relies).map(hint).collect()
}

/// What an operation said, in one line.
fn said(entry: &Entry) -> String {
    match entry.said.as_slice() {
        [] => entry.command.clone(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
    }
}

/// The steps of an operation turned into edits, each file being as it should be.
fn turned(
    book: &Book,
    entry: &Entry,
    logged: &[Logged],
    expected: State,
    turn: fn(&Step, Option<&[u8]>) -> Option<FileWrite>,
) -> Result<Change> {
    let records = entry.records.iter();
    let mut records: Vec<(Kind, String)> = records
        .filter_map(|(noun, id)| Kind::of_noun(noun).map(|kind| (kind, id.clone())))
        .collect();
    let mut change = Change::default();
    for step in &entry.steps {
        let now = book
            .files
            .read(&step.path)
            .map_err(|error| Error::failure(format!("cannot read {}", step.path)).because(error))?;
        let write = match step.state(now.as_deref()) == expected {
            true => turn(step, now.as_deref()),
            false => None,
        };
        let write = write.ok_or_else(|| changed_since(entry, step, logged))?;
        let FileWrite { path, before, after } = write;
        change.edits.push(Edit::Write {
            path,
            before,
            after,
            records: std::mem::take(&mut records),
        });
    }
    Ok(change)
}

/// Who changed a file after an operation.
fn changed_since(entry: &Entry, step: &Step, logged: &[Logged]) -> Error {
    let later = logged.iter().filter(|one| one.entry.no > entry.no && one.fate == Fate::Stands);
    let other = later
        .filter(|one| one.entry.role == Role::Does)
        .filter(|one| one.entry.steps.iter().any(|other| other.path == step.path))
        .max_by_key(|one| one.entry.no);
    let what = format!("{} was changed after operation {}", step.path, entry.no);
    match other {
        Some(Logged { entry: other, .. }) => {
            Error::conflict(format!("{what}, by operation {} ({})", other.no, said(other)))
                .hint(format!("desk log {}", other.no))
        }
        None => Error::conflict(format!("{what}, and not by a command"))
            .hint(format!("desk log {}", entry.no)),
    }
}
