//! One file of a shelf: loaded at most once, a register's rows sought before it is loaded at all.

use std::sync::{Arc, OnceLock};

use crate::{
    record::Kind,
    store::{
        csv,
        files::Files,
        index::{Scan, Source},
        load::{Loaded, load},
    },
};

/// A file, loaded when it is asked for.
pub(super) struct Slot {
    pub(super) path: String,
    pub(super) loaded: OnceLock<Option<Arc<Loaded>>>,
    /// What was sought of a register that is not loaded.
    looks: OnceLock<Box<Look>>,
}

/// The rows of a register that hold some words, and what was sought after them.
struct Look {
    words: Vec<String>,
    found: Loaded,
    next: OnceLock<Box<Look>>,
}

/// After so many looks at a register it is loaded.
const LOOKS: usize = 8;

impl Slot {
    pub(super) fn new(path: String) -> Self {
        Self { path, loaded: OnceLock::new(), looks: OnceLock::new() }
    }

    /// The same file, as far as it was loaded.
    pub(super) fn again(&self) -> Self {
        Self { path: self.path.clone(), loaded: self.loaded.clone(), looks: OnceLock::new() }
    }

    /// What of a register may hold one of these words: some of its rows, or all of it; nothing
    /// where no row does.
    pub(super) fn rows(&self, files: &Files, kind: Kind, words: &[&str]) -> Option<&Loaded> {
        let (mut at, mut looks) = (&self.looks, 0);
        while self.loaded.get().is_none() && looks < LOOKS {
            if let Some(look) = at.get() {
                if look.words == words {
                    return Some(&look.found);
                }
                (at, looks) = (&look.next, looks + 1);
                continue;
            }
            let Ok(Some(bytes)) = files.read(&self.path) else { break };
            let Some(found) = csv::holding(kind, &self.path, &bytes, words) else { break };
            if found.entries.is_empty() {
                return None;
            }
            let words = words.iter().map(|&word| word.to_owned()).collect();
            at.get_or_init(|| Box::new(Look { words, found, next: OnceLock::new() }));
        }
        self.load(files, kind)
    }

    pub(super) fn load(&self, files: &Files, kind: Kind) -> Option<&Loaded> {
        self.loaded.get_or_init(|| load(files, kind, &self.path).map(Arc::new)).as_deref()
    }

    /// The file as a scan of its folder gives it.
    fn load_from(&self, source: &Source<'_>, scan: &Scan) -> Option<&Loaded> {
        let found = || scan.loaded(source, &self.path);
        self.loaded.get_or_init(found).as_deref()
    }

    /// The file as its folder's scan gives it, if there is one.
    pub(super) fn read(&self, source: &Source<'_>, scan: Option<&Scan>) -> Option<&Loaded> {
        match scan {
            Some(scan) => self.load_from(source, scan),
            None => self.load(source.files, source.kind),
        }
    }
}
