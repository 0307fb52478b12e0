//! One folder of a kind's files: all masters, the registers, or the documents of a month.
//!
//! It is listed at most once, and looked at through the index at most once; its files are named in
//! the order of records.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::slot::Slot;
use crate::{
    finding::{Finding, Level},
    record::{Entry, Form, Kind},
    store::{
        files::{Files, Listed, What},
        index::{Scan, Source},
        load::Loaded,
    },
    value::{day::Month, place::Place},
};

/// One folder: all masters of a kind, or the documents of a month.
pub(super) struct Folder {
    /// Its path.
    pub(super) path: String,
    /// The month of its documents.
    pub(super) month: Option<Month>,
    files: OnceLock<Contents>,
    /// The whole folder as the index sees it, where that was asked for.
    scan: OnceLock<Option<Scan>>,
}

/// The files of a folder, sorted by path, and the names among them that are none.
pub(super) struct Contents {
    /// Its files.
    pub(super) slots: Vec<Slot>,
    /// What is said of other names.
    pub(super) strays: Vec<Finding>,
}

impl Folder {
    /// The folder of a path, of a month where it holds documents.
    pub(super) fn new(path: String, month: Option<Month>) -> Self {
        Self { path, month, files: OnceLock::new(), scan: OnceLock::new() }
    }

    /// The same folder with bytes laid over some files, or taken away; of masters and registers that
    /// stay, the others are not read again.
    pub(super) fn with(&self, staged: &[(&str, bool)]) -> Self {
        let folder = Self::new(self.path.clone(), self.month);
        let known = self.files.get().filter(|_| self.month.is_none());
        let stays = |(path, stays): &(&str, bool)| {
            *stays && known.is_some_and(|known| known.slot(path).is_some())
        };
        if let Some(known) = known.filter(|_| staged.iter().all(stays)) {
            let slot = |slot: &Slot| match staged.contains(&(slot.path.as_str(), true)) {
                true => Slot::new(slot.path.clone()),
                false => slot.again(),
            };
            let slots = known.slots.iter().map(slot).collect();
            folder.files.get_or_init(|| Contents { slots, strays: known.strays.clone() });
        }
        folder
    }

    /// The folder as the index sees it; nothing where it cannot be listed.
    pub(super) fn scan(&self, source: &Source<'_>) -> Option<&Scan> {
        let scan = self.scan.get_or_init(|| source.scan(&self.path)).as_ref();
        if scan.is_none() {
            // So that it is named as left out.
            self.files(source.files, source.kind);
        }
        scan
    }

    /// What the index sees of the folder, if it was looked at.
    pub(super) fn seen(&self) -> Option<&Scan> {
        self.scan.get()?.as_ref()
    }

    /// Hands on every record in the order of paths; none is kept.
    pub(super) fn each(&self, source: &Source<'_>, take: &mut impl FnMut(&dyn Entry)) {
        let (contents, scan) = self.contents(source);
        let read = |slot: &Slot| match (slot.loaded.get(), scan) {
            (Some(loaded), _) => loaded.clone(),
            (None, scan) => scan.and_then(|scan| scan.loaded(source, &slot.path)),
        };
        let loaded: Vec<Option<Arc<Loaded>>> = contents.slots.par_iter().map(read).collect();
        let entries = loaded.iter().flatten().flat_map(|file| &file.entries);
        entries.for_each(|entry| take(entry.as_ref()));
    }

    /// Its files, and what the index sees of them.
    pub(super) fn contents(&self, source: &Source<'_>) -> (&Contents, Option<&Scan>) {
        let Some(scan) = self.scan(source) else {
            return (self.files(source.files, source.kind), None);
        };
        let contents = self.files.get_or_init(|| {
            let paths = scan.paths().chain(scan.left.iter().map(|left| left.path.clone()));
            let mut slots: Vec<Slot> = paths.map(Slot::new).collect();
            slots.sort_by(|a, b| sort_key(&a.path).cmp(&sort_key(&b.path)));
            Contents { slots, strays: self.strays() }
        });
        (contents, Some(scan))
    }

    /// What is said of the names that cannot be records, of a folder that was listed.
    pub(super) fn strays(&self) -> Vec<Finding> {
        if let Some(contents) = self.files.get() {
            return contents.strays.clone();
        }
        let Some(Some(scan)) = self.scan.get() else { return Vec::new() };
        let said = scan.strays.iter().filter_map(|Listed { name, what }| {
            stray(&format!("{}/{name}", self.path), name, *what, "a file ID.toml")
        });
        said.collect()
    }

    /// The findings of the files read so far.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let slots = self.files.get().map_or(&[][..], |contents| &contents.slots);
        let loaded = slots.iter().filter_map(|slot| slot.loaded.get()).flatten();
        let mut findings: Vec<Finding> =
            loaded.flat_map(|loaded| &loaded.findings).cloned().collect();
        let scan = self.scan.get().and_then(Option::as_ref);
        let is_loaded = |path: &str| {
            let slot = self.files.get().and_then(|contents| contents.slot(path));
            slot.is_some_and(|slot| slot.loaded.get().is_some())
        };
        let left = scan.into_iter().flat_map(|scan| &scan.left);
        for left in left.filter(|left| !is_loaded(&left.path)) {
            findings.extend(left.loaded.findings.iter().cloned());
        }
        findings
    }

    /// Its files, listed.
    pub(super) fn files(&self, files: &Files, kind: Kind) -> &Contents {
        self.files.get_or_init(|| {
            let (mut slots, mut strays) = (Vec::new(), Vec::new());
            let listed = files.list(&self.path).unwrap_or_else(|error| {
                strays.push(unlisted(&self.path, &error));
                Vec::new()
            });
            let (extension, wanted) = match kind.info().form {
                Form::Register => (".csv", "a file YYYY-MM.csv"),
                Form::Master => (".toml", "a file CODE.toml"),
                Form::Document => (".toml", "a file ID.toml"),
            };
            for found in listed {
                let is_text = !found.is_no_text();
                let Listed { name, what } = found;
                let path = format!("{}/{name}", self.path);
                // A folder or a link of a record's name is opened as one, so that it is named as
                // left out.
                if is_text && name.ends_with(extension) && !name.starts_with('.') {
                    slots.push(Slot::new(path));
                } else {
                    strays.extend(stray(&path, &name, what, wanted));
                }
            }
            slots.sort_by(|a, b| sort_key(&a.path).cmp(&sort_key(&b.path)));
            Contents { slots, strays }
        })
    }
}

impl Contents {
    /// The file of a path.
    pub(super) fn slot(&self, path: &str) -> Option<&Slot> {
        let slots = &self.slots;
        let at = slots.binary_search_by_key(&sort_key(path), |slot| sort_key(&slot.path)).ok()?;
        Some(&slots[at])
    }
}

/// Sorts a running number of five digits behind those of four, and registers by month.
fn sort_key(path: &str) -> (usize, &str) {
    if path.ends_with(".csv") { (0, path) } else { (path.len(), path) }
}

/// That a folder cannot be listed.
pub(super) fn unlisted(folder: &str, error: &std::io::Error) -> Finding {
    let message = format!("cannot list {folder}: {error}");
    Finding::error("file.unreadable", Place::file(folder), message)
}

/// What is said of a name that cannot be a record; hidden files and those being written are
/// nobody's business.
pub(super) fn stray(path: &str, name: &str, what: What, wanted: &str) -> Option<Finding> {
    if what != What::Other && (name.starts_with('.') || name.ends_with('~')) {
        return None;
    }
    let level = if what == What::Other { Level::Error } else { Level::Warning };
    let message = match what {
        What::Other if name.contains(char::REPLACEMENT_CHARACTER) => {
            format!("{name} is a name that is not UTF-8, and is not read")
        }
        What::Other => format!("{name} is a link or no plain file, and is not followed"),
        _ => format!("{name} is not {wanted}, and is not read"),
    };
    Some(Finding::new("file.stray", level, Place::file(path), message))
}
