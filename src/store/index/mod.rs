//! The index in `.desk/cache`: one segment for each month's folder of documents, so that reports
//! parse only what changed, and read figures without a record.
//!
//! It is only a faster way to the same answer:
//!
//! 1. Every file of a folder is asked about, every time. A file counts as known only while size,
//!    modification and change time, and inode are those the segment was made from.
//! 2. A time at or after two seconds before the folder was looked at, or in the future, proves
//!    nothing, and neither does any while the clock stands before that moment: then the file is
//!    read, and known by the digest of its bytes.
//! 3. A file with an error is never in a segment: it is opened, and named, every time.
//! 4. A file with staged bytes laid over it is read from those, and never saved.
//! 5. A segment depends on the very bytes of desk.toml that were read, on the fields of its kind,
//!    on the program's version, and on the folder it was written into; of another one nothing is
//!    used, so neither is one that someone else made.
//! 6. Any doubt, a byte of the segment changed included, means reading the files.
//!
//! The system's time stamps are taken at their word: where one does not follow a change (memory
//! that was mapped and written before, a FAT disk), `--no-cache` sees what is there.

mod build;
mod cache;
mod columns;
mod folder;
mod segment;

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::BTreeSet,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use sha2::{Digest, Sha256};

use super::{
    files::{Files, Listed},
    layout,
    load::{Loaded, load},
};
use crate::{
    fact::{Fact, InUnit},
    record::{Entry, Kind},
    value::{number::Decimal, period::Period},
};
pub use cache::Cache;
use segment::{Head, Saved};

/// Raised whenever what a segment holds, or how records are read, changes.
const VERSION: u32 = 6;
/// A change this close before a folder was looked at may hide a later one of the same time stamp.
const UNSURE_NS: i64 = 2_000_000_000;

/// So many records of a folder are each read alone.
const ALONE: usize = 16;

/// Hands on the facts of a record that follow from its own file and desk.toml alone; hands on
/// nothing where others are needed.
pub type OwnFacts<'a> = dyn Fn(&dyn Entry, &mut dyn FnMut(&[InUnit<'_>])) + Sync + 'a;

/// The ids that a record names.
pub type Named = fn(&dyn Entry) -> Vec<&str>;

/// What a folder is read with.
pub struct Source<'a> {
    /// The files.
    pub files: &'a Files,
    /// Kind of the records.
    pub kind: Kind,
    /// Where segments are read and written, if they may be.
    pub cache: Option<&'a Cache>,
    /// Digest of what facts depend on besides their file.
    pub about: [u8; 32],
    /// The facts of a record.
    pub facts: &'a OwnFacts<'a>,
    /// The ids that a record names.
    pub named: Named,
}

/// A folder as it is now: what is known of its sound files, and the files that are not known.
#[derive(Default)]
pub struct Scan {
    head: Head,
    body: OnceLock<Option<Vec<u8>>>,
    /// How many records were read alone.
    alone: AtomicUsize,
    saved: Option<Saved>,
    /// Files that stand in no segment: those with errors, and those with staged bytes.
    pub left: Vec<Left>,
    /// Names that cannot be records.
    pub strays: Vec<Listed>,
}

/// A file that stands in no segment.
pub struct Left {
    /// Its path.
    pub path: String,
    /// What it gave.
    pub loaded: Arc<Loaded>,
}

impl Source<'_> {
    /// The digest of what the segments of a kind depend on besides their files; `settings` are
    /// the bytes of desk.toml.
    pub fn about(kind: Kind, settings: &[u8]) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(VERSION.to_le_bytes());
        digest.update(env!("CARGO_PKG_VERSION"));
        // A field that was added or changed changes how records are packed.
        digest.update(format!("{kind} {:?}", kind.fields()));
        digest.update(settings);
        digest.finalize().into()
    }

    /// Looks at a folder of documents; nothing where it cannot be listed as one.
    pub fn scan(&self, folder: &str) -> Option<Scan> {
        build::scan(self, folder)
    }
}

impl Scan {
    /// How many files are known.
    pub fn len(&self) -> usize {
        self.head.known.len()
    }

    /// Whether no file is known.
    pub fn is_empty(&self) -> bool {
        self.head.known.is_empty()
    }

    /// The id of a known file.
    pub fn id(&self, at: usize) -> &str {
        layout::stem(self.head.name(at)).unwrap_or_default()
    }

    /// The path of a known file.
    pub fn path(&self, at: usize) -> String {
        format!("{}/{}", self.head.folder, self.head.name(at))
    }

    /// Whether a known file's record is void.
    pub fn is_void(&self, at: usize) -> bool {
        self.head.known[at].is_void
    }

    /// Whether a known file may have facts in a period.
    pub fn meets(&self, at: usize, period: Period) -> bool {
        let from = period.from.map_or(i32::MIN, |day| day.number());
        let to = period.to.map_or(i32::MAX, |day| day.number());
        let days = self.head.known[at].days;
        days.is_none_or(|(first, last)| first <= to && last >= from)
    }

    /// Each product with the unit its quantities are in; no unit is the stock unit.
    pub fn goods(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.head.columns.goods()
    }

    /// The facts of a known file, put into `facts`; whether they are known without its record.
    /// `factors` are the stock units in one unit of each of the goods.
    pub fn facts<'a>(&'a self, at: usize, factors: &[Decimal], facts: &mut Vec<Fact<'a>>) -> bool {
        self.head.columns.facts(at, self.id(at), factors, facts)
    }

    /// The record of a known file, alone in what its file gave.
    pub fn entry(&self, source: &Source<'_>, at: usize) -> Option<Arc<Loaded>> {
        let path = self.path(at);
        let packed = || source.kind.unpack(&self.packed(at)?, &path, 0);
        let held = if self.head.known[at].has_findings { None } else { packed() };
        match held {
            Some(entry) => Some(Arc::new(Loaded { entries: vec![entry], ..Loaded::default() })),
            None => load(source.files, source.kind, &path).map(Arc::new),
        }
    }

    /// What a file of the folder gives.
    pub fn loaded(&self, source: &Source<'_>, path: &str) -> Option<Arc<Loaded>> {
        if let Some(at) = self.find(path) {
            return self.entry(source, at);
        }
        let left = self.left.iter().find(|left| left.path == path);
        left.map(|left| Arc::clone(&left.loaded))
    }

    /// Whether a file may hold one of these words; where this says no, it holds none.
    pub fn may_hold(&self, path: &str, words: &[&str]) -> bool {
        let Some(packed) = self.find(path).and_then(|at| self.packed(at)) else { return true };
        let holds = |word: &&str| memchr::memmem::find(&packed, word.as_bytes()).is_some();
        words.iter().any(holds)
    }

    /// Whether any file of the folder may hold one of these words. Records that no one asked for
    /// yet are read for it and not kept.
    pub fn any_may_hold(&self, words: &[&str]) -> bool {
        if !self.left.is_empty() {
            return true;
        }
        let holds = |body: &Vec<u8>| {
            words.iter().any(|word| memchr::memmem::find(body, word.as_bytes()).is_some())
        };
        match self.body.get() {
            Some(held) => held.as_ref().is_none_or(holds),
            None => {
                let read = self.saved.as_ref().and_then(|saved| saved.body(&self.head));
                read.as_ref().is_none_or(holds)
            }
        }
    }

    /// The ids that a known file names.
    pub fn named(&self, at: usize) -> impl Iterator<Item = &str> {
        self.head.named(at).split_terminator('\0')
    }

    /// Whether a file names one of these ids; of one that is not known nobody can tell.
    pub fn may_name(&self, path: &str, ids: &BTreeSet<&str>) -> bool {
        self.find(path).is_none_or(|at| self.named(at).any(|named| ids.contains(named)))
    }

    /// Whether any file of the folder may name one of these ids.
    pub fn any_may_name(&self, ids: &BTreeSet<&str>) -> bool {
        let names = |id: &&str| self.head.names_anywhere(id);
        !self.left.is_empty() || ids.len() > ALONE || ids.iter().any(names)
    }

    /// The paths of the known files.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        (0..self.len()).map(|at| self.path(at))
    }

    fn find(&self, path: &str) -> Option<usize> {
        let name = layout::file_name(path);
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            let own = self.head.name(middle);
            match (own.len(), own).cmp(&(name.len(), name)) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// A record as it is packed: a few are read alone, then all of them together.
    fn packed(&self, at: usize) -> Option<Cow<'_, [u8]>> {
        let saved = self.saved.as_ref().filter(|_| self.body.get().is_none());
        if let Some(saved) = saved.filter(|_| self.alone.fetch_add(1, Relaxed) < ALONE) {
            return saved.record(&self.head, at).map(Cow::Owned);
        }
        let read = || self.saved.as_ref().and_then(|saved| saved.body(&self.head));
        let body = self.body.get_or_init(read).as_deref()?;
        self.head.part(body, at).map(|(_, packed)| Cow::Borrowed(packed))
    }
}

/// Now, in nanoseconds.
fn now() -> Option<i64> {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
}
