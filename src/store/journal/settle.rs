//! An operation that began and did not end: finished by the next writer, laid over the files by
//! readers, and left to a person where someone else changed one of its files meanwhile.

use std::path::Path;

use super::{Entry, Journal, State, Step};
use crate::{
    error::{Error, Result},
    store::{
        atomic::{self, FileWrite},
        files::Files,
        layout,
    },
};

/// An unfinished operation that cannot be finished: which of its files someone else changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// The operation's number.
    pub no: u64,
    /// What it was to say.
    pub said: Vec<String>,
    /// The files changed since.
    pub paths: Vec<String>,
}

impl From<Stuck> for Error {
    fn from(stuck: Stuck) -> Self {
        let paths = stuck.paths.join(", ");
        let said = stuck.said.first().map_or(String::new(), |said| format!(" ({said})"));
        Self::conflict(format!(
            "operation {}{said} was cut short, and {paths} was changed since",
            stuck.no
        ))
        .hint(
            "desk redo finishes its other files, desk undo takes them back; what was changed stays",
        )
    }
}

/// A step of an operation, the bytes of its file now, and how they stand to it.
struct Standing<'a> {
    step: &'a Step,
    now: Option<Vec<u8>>,
    state: State,
}

impl Standing<'_> {
    /// The write that finishes the step, where it is still to be done.
    fn forwards(&self) -> Option<FileWrite> {
        let is_before = self.state == State::Before;
        is_before.then(|| self.step.forwards(self.now.as_deref())).flatten()
    }

    /// The write that takes the step back, where it was done.
    fn backwards(&self) -> Option<FileWrite> {
        let is_after = self.state == State::After;
        is_after.then(|| self.step.backwards(self.now.as_deref())).flatten()
    }
}

/// The files that someone else changed.
fn others(standing: &[Standing<'_>]) -> Vec<String> {
    let changed = standing.iter().filter(|one| one.state == State::Other);
    changed.map(|one| one.step.path.clone()).collect()
}

/// Finishes an operation that was cut short; the caller holds the lock.
pub fn settle(root: &Path, journal: &mut Journal) -> Result<()> {
    let Some(entry) = journal.tail.unfinished.clone() else { return Ok(()) };
    let standing = standing(root, &entry)?;
    let paths = others(&standing);
    if !paths.is_empty() {
        return Err(Stuck { no: entry.no, said: entry.said, paths }.into());
    }
    finish(root, journal)
}

/// Finishes what can be finished of an operation that was cut short.
pub fn finish(root: &Path, journal: &mut Journal) -> Result<()> {
    let Some(entry) = journal.tail.unfinished.clone() else { return Ok(()) };
    let standing = standing(root, &entry)?;
    leave(root, &entry, standing.iter().filter_map(Standing::forwards).collect())?;
    journal.end(false, others(&standing))
}

/// Takes back what can be taken back of an operation that was cut short.
pub fn take_back(root: &Path, journal: &mut Journal) -> Result<()> {
    let Some(entry) = journal.tail.unfinished.clone() else { return Ok(()) };
    let standing = standing(root, &entry)?;
    leave(root, &entry, standing.iter().filter_map(Standing::backwards).collect())?;
    journal.end(true, others(&standing))?;
    journal.sync()
}

/// Publishes these writes, and makes sure that every folder of the operation is on the disk and
/// holds nothing more of it.
fn leave(root: &Path, entry: &Entry, writes: Vec<FileWrite>) -> Result<()> {
    let paths = || entry.steps.iter().map(|step| step.path.as_str());
    atomic::publish(root, &writes)?;
    atomic::remove_leftovers(root, paths());
    atomic::sync_folders(root, paths())
}

/// The disk with an unfinished operation laid over it, as a reader sees it.
pub fn laid_over(root: &Path, unfinished: Option<&Entry>) -> Result<Files> {
    let files = Files::disk(root);
    let Some(entry) = unfinished else { return Ok(files) };
    let standing = standing(root, entry)?;
    let writes = standing.iter().filter_map(Standing::forwards);
    Ok(files.with(writes.map(|write| (write.path, write.after))))
}

/// The refusal of a path that no operation writes.
pub fn foreign(path: &str) -> Error {
    Error::refused(format!("{path} is no file of a record, and no operation writes it"), Vec::new())
        .hint("rm .desk/journal, if it came from somebody else")
}

fn standing<'a>(root: &Path, entry: &'a Entry) -> Result<Vec<Standing<'a>>> {
    let files = Files::disk(root);
    let look = |step: &'a Step| {
        if !layout::is_written(&step.path) {
            return Err(foreign(&step.path));
        }
        let failed = |error| Error::failure(format!("cannot read {}", step.path)).because(error);
        let now = files.read(&step.path).map_err(failed)?;
        let state = step.state(now.as_deref());
        Ok(Standing { step, now, state })
    };
    entry.steps.iter().map(look).collect()
}
