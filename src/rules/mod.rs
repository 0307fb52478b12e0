//! The rules: each written once, run by `check`, by the write gate, or by the act it belongs to.
//!
//! A rule is one function and one line of `RULES`. An invariant (`Always`) holds at any time; a
//! gate (`Step`) is judged with the data of the moment of an act, and a record that passed it then
//! stays good.

mod act;
mod allocation;
mod closing;
mod contract;
pub mod credit;
mod crediting;
pub mod entered;
mod expense;
pub mod gate;
pub mod hint;
mod invoice;
mod issuing;
pub mod licence;
mod master;
pub mod matched;
mod number;
mod order;
mod payment;
pub mod people;
mod reader;
pub mod reference;
mod returns;
mod review;
mod rewrite;
mod sending;
mod shipment;
mod walk;
mod work;

use std::cell::OnceCell;

use rayon::prelude::*;
use serde_json::{Map, Value};

use crate::{
    book::Book,
    finding::{Finding, Level},
    record::{Doc, Entry, KINDS, Record, expense::Expense},
    store::layout,
    value::place::Place,
};

/// A rule.
pub struct Rule {
    /// Stable code, `topic.name`.
    pub code: &'static str,
    /// How much its findings weigh.
    pub level: Level,
    /// When it is run.
    pub when: When,
    /// What it asks for and why, for `check --explain`.
    pub about: &'static str,
    /// The check itself, and what it looks at.
    pub run: Run,
}

/// When a rule is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At any time, by `check` and the write gate.
    Always,
    /// When a change adds an approval of this step.
    Step(&'static str),
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub enum Run {
    /// The reader finds it while it reads a file; there is nothing more to run.
    Reader,
    /// One record.
    Record(fn(&Book, &dyn Entry, &mut Vec<Finding>)),
    /// One record and its fields as its file holds them.
    Fields(fn(&Book, &dyn Entry, &Map<String, Value>, &mut Vec<Finding>)),
    /// The records that share a key.
    Group {
        /// The keys a record belongs to.
        keys: fn(&Book, &dyn Entry) -> Vec<String>,
        /// The check of one key.
        run: fn(&Book, &str, &mut Vec<Finding>),
    },
    /// The whole book; never run by the gate.
    Book(fn(&Book, &mut Vec<Finding>)),
}

impl Rule {
    const fn always(code: &'static str, level: Level, about: &'static str, run: Run) -> Self {
        Self { code, level, when: When::Always, about, run }
    }

    const fn step(step: &'static str, code: &'static str, about: &'static str, run: Run) -> Self {
        Self { code, level: Level::Error, when: When::Step(step), about, run }
    }

    /// A finding of this rule; the level is the rule's.
    fn find(&self, run: impl FnOnce(&mut Vec<Finding>)) -> Vec<Finding> {
        let mut findings = Vec::new();
        run(&mut findings);
        findings
    }
}

/// Every rule, by topic.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let topics: [&'static [Rule]; 25] = [
        reader::RULES,
        reference::RULES,
        people::RULES,
        entered::RULES,
        master::RULES,
        contract::RULES,
        order::RULES,
        review::RULES,
        payment::RULES,
        allocation::RULES,
        credit::RULES,
        licence::RULES,
        invoice::RULES,
        crediting::RULES,
        matched::RULES,
        issuing::RULES,
        number::RULES,
        closing::RULES,
        expense::RULES,
        expense::deciding::RULES,
        expense::spending::RULES,
        work::RULES,
        shipment::RULES,
        returns::RULES,
        sending::RULES,
    ];
    topics.into_iter().flatten()
}

/// The rule of a code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.code == code)
}

/// Everything that is wrong with a book, in the order of files.
pub fn check(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    let entries: Vec<&dyn Entry> = KINDS.iter().flat_map(|&kind| book.entries(kind)).collect();
    book.prepare();
    let always = || rules().filter(|rule| rule.when == When::Always);
    let each: Vec<Run> = always().map(|rule| rule.run).collect();
    findings.extend(over_entries(book, &entries, &each));
    for rule in always() {
        match rule.run {
            Run::Reader | Run::Record(_) | Run::Fields(_) => {}
            Run::Book(run) => findings.extend(rule.find(|found| run(book, found))),
            Run::Group { keys, run } => {
                let mut all: Vec<String> =
                    entries.iter().flat_map(|entry| keys(book, *entry)).collect();
                all.sort();
                all.dedup();
                all.iter()
                    .for_each(|key| findings.extend(rule.find(|found| run(book, key, found))));
            }
        }
    }
    findings.extend(KINDS.iter().flat_map(|&kind| book.strays(kind)));
    findings.extend(reader::strays(book));
    findings.extend(book.findings());
    let key =
        |finding: &Finding| (finding.place.file.clone(), finding.code, finding.message.clone());
    findings.sort_by_cached_key(key);
    findings.dedup();
    findings
}

/// What the rules about one record find.
fn over_entries(book: &Book, entries: &[&dyn Entry], rules: &[Run]) -> Vec<Finding> {
    let chunks = entries.par_chunks(512).flat_map_iter(|chunk| {
        let mut found = Vec::new();
        for entry in chunk {
            let fields = OnceCell::new();
            for rule in rules {
                match rule {
                    Run::Record(run) => run(book, *entry, &mut found),
                    Run::Fields(run) => {
                        run(book, *entry, fields.get_or_init(|| entry.value()), &mut found);
                    }
                    Run::Reader | Run::Group { .. } | Run::Book(_) => {}
                }
            }
        }
        found
    });
    chunks.collect()
}

/// The one note about folders of the format that this version does not read.
pub fn unread_folders(book: &Book) -> Option<Finding> {
    let listed = book.files.list("").unwrap_or_default();
    let names = listed.into_iter().map(|entry| entry.name);
    let unread: Vec<String> = names.filter(|name| layout::is_unread(name)).collect();
    (!unread.is_empty()).then(|| {
        let message = format!("not read by this version: {}", unread.join(", "));
        Finding::new("file.unread", Level::Note, Place::file(""), message)
    })
}

/// The rules that an `[[override]]` can let pass.
pub const OVERRIDABLE: &[&str] = &[
    "review.floor",
    "review.credit",
    "review.overdue",
    "review.licence",
    "send.credit",
    "send.licence",
    "invoice.quantity",
    "invoice.price",
    "invoice.item",
    "invoice.unit",
    "invoice.tax",
    "invoice.buyer",
];

/// Whether an `[[override]]` can let a rule pass.
pub fn may_override(code: &str) -> bool {
    OVERRIDABLE.contains(&code)
}

/// What a review of a claim would refuse, as it is now.
pub fn claimed(book: &Book, own: &Doc<Expense>) -> Vec<Finding> {
    let topics = [expense::RULES, expense::spending::RULES];
    let mut findings = Vec::new();
    for rule in topics.into_iter().flatten() {
        match rule.run {
            Run::Record(run) => run(book, own, &mut findings),
            Run::Group { keys, run } => {
                keys(book, own).iter().for_each(|key| run(book, key, &mut findings));
            }
            Run::Reader | Run::Fields(_) | Run::Book(_) => {}
        }
    }
    findings
}

/// Runs a check on the records of one kind that are not void.
fn on<R: Record>(entry: &dyn Entry, run: impl FnOnce(&Doc<R>)) {
    if let Some(doc) = Doc::<R>::of(entry).filter(|doc| doc.counts()) {
        run(doc);
    }
}
