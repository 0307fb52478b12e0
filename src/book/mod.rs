//! The book: every record of a data directory, filled kind by kind and month by month as it is
//! asked for, and everything that is computed from them.
//!
//! Nothing computed here is ever written to a file. A book is a snapshot: it never changes, and the
//! write gate makes a new one over staged bytes.

pub mod account;
pub mod ageing;
pub mod agenda;
pub mod authority;
pub mod begins;
pub mod billed;
pub mod closing;
pub mod contact;
pub mod contract;
pub mod credited;
pub mod delivery;
pub mod derived;
pub mod digest;
pub mod expense;
pub mod exposure;
mod folder;
pub mod fulfilment;
pub mod invoice;
pub mod kept;
pub mod lead;
pub mod licence;
mod links;
pub mod ordered;
pub mod payment;
pub mod performed;
pub mod place;
pub mod price;
pub mod receivable;
pub mod resolve;
pub mod series;
pub mod settled;
pub mod share;
mod shelf;
pub mod shipment;
mod slot;
pub mod stage;
pub mod stock;
pub mod terms;
pub mod weekly;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use chrono_tz::Tz;

use crate::{
    config::Config,
    finding::{Finding, Level},
    record::{Doc, Entry, Form, KINDS, Kind, Record},
    store::{
        files::Files,
        index::{Cache, Source},
        layout,
    },
    value::{
        day::{Day, Moment, Month},
        period::Period,
    },
};
pub use links::follows;
use shelf::Shelf;

/// A snapshot of a data directory.
pub struct Book {
    /// Where it reads from.
    pub files: Files,
    /// The company's configuration.
    pub config: Config,
    /// The bytes of desk.toml that the configuration was read from.
    pub config_bytes: Vec<u8>,
    /// What is wrong with desk.toml.
    pub config_findings: Vec<Finding>,
    /// The company's today.
    pub today: Day,
    /// Now, in the company's time zone.
    pub now: Moment,
    /// The company's time zone, which decides on which day something happened.
    pub zone: Tz,
    /// Whether the cache may be read and written.
    pub cache: bool,
    /// The commit that it is read from; nothing where it is read from the files that are there.
    pub commit: Option<String>,
    /// Ids that are not given again although no record has them: the highest of each kind, month
    /// and site.
    pub spent: Vec<String>,
    shelves: Vec<Arc<Shelf>>,
    segments: Option<Cache>,
    /// Digests of what the segments of a kind depend on besides their files.
    abouts: Vec<OnceLock<[u8; 32]>>,
    parties: OnceLock<BTreeMap<String, Vec<(Kind, String)>>>,
    links: links::Links,
    fulfilled: fulfilment::Known,
    closed: closing::Known,
}

/// The kinds whose codes are unique together, since each may be a party.
pub const PARTIES: [Kind; 3] = [Kind::Customer, Kind::Supplier, Kind::Staff];

impl Book {
    /// A book over files; nothing is read yet but what is given.
    pub fn new(files: Files, config: Config, config_findings: Vec<Finding>, now: Moment) -> Self {
        Self {
            shelves: KINDS.iter().map(|&kind| Arc::new(Shelf::new(kind))).collect(),
            abouts: KINDS.iter().map(|_| OnceLock::new()).collect(),
            parties: OnceLock::new(),
            links: links::Links::default(),
            fulfilled: fulfilment::Known::default(),
            closed: closing::Known::default(),
            today: now.day(),
            zone: config.zone().unwrap_or(Tz::UTC),
            cache: true,
            commit: None,
            spent: Vec::new(),
            segments: files.root().map(Cache::new),
            files,
            config,
            config_bytes: Vec::new(),
            config_findings,
            now,
        }
    }

    /// The book as it is with bytes laid over its files. What was read of other folders is not read
    /// again.
    #[must_use]
    pub fn with(&self, staged: impl IntoIterator<Item = (String, Option<Vec<u8>>)>) -> Self {
        let staged: Vec<_> = staged.into_iter().collect();
        let findings = self.config_findings.clone();
        let mut book = Self::new(self.files.clone(), self.config.clone(), findings, self.now);
        for &kind in KINDS {
            let own = staged.iter().filter(|(path, _)| layout::may_be_of(kind, path));
            let own: Vec<(&str, bool)> =
                own.map(|(path, bytes)| (path.as_str(), bytes.is_some())).collect();
            if own.is_empty() {
                book.shelves[kind as usize] = Arc::clone(self.shelf(kind));
                book.links.share(kind, &self.links);
            } else {
                book.shelves[kind as usize] = Arc::new(self.shelf(kind).with(&own));
            }
        }
        book.files = self.files.with(staged);
        book.config_bytes.clone_from(&self.config_bytes);
        book.segments.clone_from(&self.segments);
        book.cache = self.cache;
        book
    }

    /// Calls `run` with what folders of a kind are read with.
    fn reading<T>(&self, kind: Kind, run: impl FnOnce(&Source<'_>) -> T) -> T {
        let about = || Source::about(kind, &self.config_bytes);
        let about = kind.is_document().then(|| *self.abouts[kind as usize].get_or_init(about));
        run(&Source {
            files: &self.files,
            kind,
            cache: self.segments.as_ref().filter(|_| self.cache),
            about: about.unwrap_or_default(),
            facts: &|entry, take| self.own_facts(entry, take),
            named: links::named,
        })
    }

    fn shelf(&self, kind: Kind) -> &Arc<Shelf> {
        &self.shelves[kind as usize]
    }

    /// The record of an exact id or code.
    pub fn entry(&self, kind: Kind, id: &str) -> Option<&dyn Entry> {
        let (path, shelf) = (layout::path(kind, id)?, self.shelf(kind));
        match kind.is_document() && shelf.is_indexed(&self.files, &path) {
            true => self.reading(kind, |source| shelf.seen(source, &path))?.find(id),
            false => shelf.entry(&self.files, &path, id),
        }
    }

    /// The record of an exact id or code, as its own kind.
    pub fn get<R: Record>(&self, id: &str) -> Option<&Doc<R>> {
        self.entry(R::KIND, id).and_then(Doc::of)
    }

    /// Whether a file, or a row, of that id is there, readable or not. A register is loaded whole, so
    /// that [`Book::findings`] tells what is wrong with it.
    pub fn has_file(&self, kind: Kind, id: &str) -> bool {
        let Some(path) = layout::path(kind, id) else { return false };
        match kind.info().form {
            Form::Register => {
                let loaded = self.shelf(kind).file(&self.files, &path);
                loaded.is_some_and(|loaded| {
                    loaded.find(id).is_some() || loaded.ids().any(|other| other == id)
                })
            }
            Form::Master | Form::Document => self.shelf(kind).has_file(&self.files, &path),
        }
    }

    /// Every record of a kind, in the order of paths.
    pub fn entries(&self, kind: Kind) -> Vec<&dyn Entry> {
        let loaded = self.reading(kind, |source| self.shelf(kind).load_all(source));
        loaded.into_iter().flat_map(|file| file.entries.iter().map(AsRef::as_ref)).collect()
    }

    /// The records of a kind whose date lies in a period; of documents only the months it touches
    /// are read.
    pub fn dated(&self, kind: Kind, period: Period) -> Vec<&dyn Entry> {
        let loaded = self.reading(kind, |source| match kind.is_document() {
            true => self.shelf(kind).load_months(source, period),
            false => self.shelf(kind).load_all(source),
        });
        let entries = loaded.into_iter().flat_map(|file| file.entries.iter().map(AsRef::as_ref));
        let inside = |entry: &&dyn Entry| {
            let bounded = period.from.is_some() || period.to.is_some();
            !bounded || entry.common().date.is_some_and(|date| period.contains(date))
        };
        entries.filter(inside).collect()
    }

    /// Every record of a kind, as its own kind.
    pub fn all<R: Record>(&self) -> Vec<&Doc<R>> {
        self.entries(R::KIND).into_iter().filter_map(Doc::of).collect()
    }

    /// Hands on every record of a kind in the order of paths; documents are not kept, so that a
    /// report over very many holds no more of them than it says.
    pub fn each<R: Record>(&self, mut take: impl FnMut(&Doc<R>)) {
        self.each_entry(R::KIND, |entry| {
            if let Some(record) = Doc::of(entry) {
                take(record);
            }
        });
    }

    fn each_entry(&self, kind: Kind, take: impl FnMut(&dyn Entry)) {
        self.reading(kind, |source| self.shelf(kind).each(source, take));
    }

    /// The records of a kind that may name one of these ids; one that is not among them does not.
    pub fn naming(&self, kind: Kind, ids: &[&str]) -> Vec<&dyn Entry> {
        let loaded = self.reading(kind, |source| self.shelf(kind).load_holding(source, ids));
        loaded.into_iter().flat_map(|file| file.entries.iter().map(AsRef::as_ref)).collect()
    }

    /// The records of a kind that name one of these ids, of documents those of the months from one
    /// on; of a register's rows, which may hold their letters elsewhere, perhaps more.
    fn pointing_any(
        &self,
        kind: Kind,
        ids: &BTreeSet<&str>,
        since: Option<Month>,
    ) -> Vec<&dyn Entry> {
        let loaded = self.reading(kind, |source| self.shelf(kind).load_naming(source, ids, since));
        loaded.into_iter().flat_map(|file| file.entries.iter().map(AsRef::as_ref)).collect()
    }

    /// Hands on the id of every record of a kind that holds, with the ids that it names.
    fn each_link(&self, kind: Kind, take: impl FnMut(&str, &mut shelf::Named<'_>)) {
        self.reading(kind, |source| self.shelf(kind).each_link(source, take));
    }

    /// Works out for every record, once, what the rules ask of each: before many threads do.
    pub fn prepare(&self) {
        let linked = [Kind::Order, Kind::Shipment, Kind::Invoice, Kind::Expense];
        for kind in linked.into_iter().chain([Kind::Payment, Kind::Allocation]) {
            self.linked(kind);
        }
        self.numbers();
        self.receipts();
        for day in [self.today, payment::EVER] {
            fulfilment::every(self, day);
        }
    }

    /// The ids or codes of a kind that have a file, without opening one, or a row.
    pub fn ids(&self, kind: Kind) -> Vec<String> {
        self.shelf(kind).ids(&self.files)
    }

    /// The customers, suppliers and staff of a code, without regard to case.
    pub fn parties(&self, code: &str) -> &[(Kind, String)] {
        let parties = self.parties.get_or_init(|| {
            let mut parties: BTreeMap<String, Vec<(Kind, String)>> = BTreeMap::new();
            for kind in PARTIES {
                for code in self.ids(kind) {
                    parties.entry(code.to_ascii_lowercase()).or_default().push((kind, code));
                }
            }
            parties
        });
        parties.get(&code.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default()
    }

    /// The ids of a month that have a file, without opening one, or a row.
    pub fn ids_of_month(&self, kind: Kind, month: Month) -> Vec<String> {
        self.shelf(kind).ids_of_month(&self.files, month)
    }

    /// What is wrong with the files that were read so far.
    pub fn findings(&self) -> Vec<Finding> {
        let read = self.shelves.iter().flat_map(|shelf| shelf.findings());
        self.config_findings.iter().cloned().chain(read).collect()
    }

    /// The findings of files that gave no record, of those read so far.
    pub fn left_out(&self) -> Vec<Finding> {
        let mut findings = self.findings();
        findings.retain(|finding| finding.level == Level::Error);
        findings
    }

    /// Names in the folders of a kind that cannot be its records.
    pub fn strays(&self, kind: Kind) -> Vec<Finding> {
        self.shelf(kind).strays(&self.files)
    }
}
