//! Reports: each a description of which facts, grouped by what, compared with what.
//!
//! Adding a report is one file and one line of [`REPORTS`].

pub mod chase;
pub mod contracts;
pub mod customer;
mod customers;
mod deliveries;
pub mod expense_check;
mod expenses;
pub mod explain;
mod group;
pub mod invoice_check;
pub mod invoice_request;
mod invoices;
mod leads;
pub mod ledger;
pub mod market;
pub mod orders;
pub mod period;
mod progress;
pub mod receivables;
pub mod record;
mod revised;
pub mod sales;
pub mod shipments;
pub mod statement;
pub mod today;
pub mod weekly;

use std::collections::BTreeMap;

use crate::{
    book::Book,
    error::{Error, Result},
    filter::Filter,
    finding::{Finding, Level, files},
    page::{Cell, Page},
    record::schema::{Field, Type, field},
    value::{
        day::Day,
        number::{Decimal, MAX_DECIMALS, round},
        period::Period,
        text::closest,
    },
};

/// A report.
pub struct Report {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for help.
    pub about: &'static str,
    /// What `--by` takes, the first being the default; none where it cannot be grouped.
    pub by: &'static [&'static str],
    /// What `--basis` takes, the first being the default.
    pub basis: &'static [&'static str],
    /// What `--compare` takes.
    pub compare: &'static [&'static str],
    /// Fields that a filter may name.
    pub filters: &'static [&'static str],
    /// An example for help.
    pub example: &'static str,
    /// The report itself.
    pub run: fn(&Book, &Params) -> Result<Made>,
}

/// Every report.
pub const REPORTS: &[Report] = &[
    sales::REPORT,
    orders::REPORT,
    contracts::REPORT,
    deliveries::REPORT,
    invoices::REPORT,
    expenses::REPORT,
    receivables::REPORT,
    ledger::REPORT,
    statement::REPORT,
    customers::REPORT,
    leads::REPORT,
    market::REPORT,
];

/// What a report is asked for.
#[derive(Debug, Clone, Default)]
pub struct Params {
    /// Days it covers; open ends mean everything.
    pub period: Period,
    /// The day it is seen from; absent: today.
    pub as_of: Option<Day>,
    /// Groupings, in order.
    pub by: Vec<String>,
    /// What counts as a sale.
    pub basis: Option<String>,
    /// What it is compared with.
    pub compare: Option<String>,
    /// Whether void documents count as if they held.
    pub include_void: bool,
    /// Conditions, as they were typed.
    pub filter: Vec<String>,
}

/// A page, and what it could not be made of.
#[derive(Debug, Default)]
pub struct Made {
    /// The page.
    pub page: Page,
    /// Why something is not in it.
    pub left_out: Vec<Finding>,
}

/// The report of a name.
pub fn find(name: &str) -> Result<&'static Report> {
    REPORTS.iter().find(|report| report.name == name).ok_or_else(|| {
        let names = REPORTS.iter().map(|report| report.name);
        let error = Error::usage(format!("no report \"{name}\""));
        match closest(name, names.clone()) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint(format!("reports: {}", names.collect::<Vec<_>>().join(", "))),
        }
    })
}

/// Runs a report.
pub fn run(book: &Book, report: &Report, params: &Params) -> Result<Made> {
    allowed("basis", params.basis.as_deref(), report.basis)?;
    allowed("compare", params.compare.as_deref(), report.compare)?;
    for (at, by) in params.by.iter().enumerate() {
        allowed("by", Some(by), report.by)?;
        if params.by[..at].contains(by) {
            return Err(Error::usage(format!("--by names {by} twice")));
        }
    }
    let mut made = (report.run)(book, params)?;
    report.name.clone_into(&mut made.page.key);
    made.page.notes.extend(not_begun(book, params));
    if let Some(note) = crate::rules::unread_folders(book) {
        made.page.notes.push(note.message);
    }
    Ok(made)
}

/// Why a period has nothing in it that begins behind the day it is seen from.
fn not_begun(book: &Book, params: &Params) -> Option<String> {
    let as_of = params.as_of.unwrap_or(book.today);
    let from = params.period.from.filter(|from| *from > as_of)?;
    let days = params.period;
    Some(format!("seen from {as_of}, {days} has not begun: nothing of {from} or later counts yet"))
}

/// What was made of a book, with all that could not be read for it, named on its page: whoever
/// shows a page shows it through here, so that no report says it by itself.
#[must_use]
pub fn whole(book: &Book, mut made: Made) -> Made {
    add_new(&mut made.left_out, book.left_out());
    if let Some(commit) = &book.commit {
        made.page.notes.push(format!("read as commit {commit} has it"));
    }
    made.left_out.retain(|finding| finding.level == Level::Error);
    if let Some(files) = files(&made.left_out) {
        let note = format!("left out, and in no figure: {files} (see desk check)");
        made.page.notes.insert(0, note);
    }
    made
}

/// Adds the findings that are not there yet.
pub(crate) fn add_new(findings: &mut Vec<Finding>, more: Vec<Finding>) {
    // Held against those of the same file alone: thousands of files may be broken at once.
    let mut of_file: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        of_file.entry(finding.place.file.clone()).or_default().push(at);
    }
    for finding in more {
        let known = of_file.entry(finding.place.file.clone()).or_default();
        if !known.iter().any(|at| findings[*at] == finding) {
            known.push(findings.len());
            findings.push(finding);
        }
    }
}

fn allowed(flag: &str, given: Option<&str>, words: &[&str]) -> Result<()> {
    let Some(given) = given.filter(|given| !words.contains(given)) else { return Ok(()) };
    if words.is_empty() {
        return Err(Error::usage(format!("this report takes no --{flag}")));
    }
    let error = Error::usage(format!("--{flag} takes {}, not \"{given}\"", words.join(", ")));
    Err(match closest(given, words.iter().copied()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error,
    })
}

/// The conditions of a report, over the fields it names.
pub(crate) fn filter(book: &Book, params: &Params, fields: &[Field]) -> Result<Filter> {
    conditions(book, &params.filter, fields)
}

/// Conditions as they were typed, names and endings in them replaced by the ids they mean.
pub(crate) fn conditions(book: &Book, words: &[String], fields: &[Field]) -> Result<Filter> {
    let words = words.iter().map(|word| named(book, word, fields)).collect::<Result<Vec<_>>>()?;
    Filter::parse(&words, fields, book.today, &book.config.calendar())
}

/// The fields that a filter may name where rows are no records.
fn fields<const N: usize>(named: [(&str, Type); N]) -> Vec<Field> {
    let field = |(key, kind): (&str, Type)| Field {
        key: key.into(),
        about: String::new(),
        kind,
        required: false,
    };
    named.into_iter().map(field).collect()
}

/// A field that holds the id or code of a record.
fn reference(noun: &str) -> Type {
    Type::Ref(noun.into())
}

/// A field that holds a word of a list of desk.toml.
fn listed(list: &str) -> Type {
    Type::Listed(list.into())
}

/// `customer:晨星` as `customer:CX01`. A name that no record has is an error, not an empty answer.
fn named(book: &Book, word: &str, fields: &[Field]) -> Result<String> {
    let Some((key, values)) = word.split_once([':', '：']) else { return Ok(word.to_owned()) };
    let path = key.trim_start_matches('-').replace('-', "_");
    let found = path.split('.').try_fold((fields, None), |(fields, _), part| {
        let found = field(fields, part)?;
        Some((found.kind.fields().unwrap_or_default(), Some(found)))
    });
    let kind = found.and_then(|(_, found)| found).map(|found| &found.kind);
    if let Some(Type::Listed(list)) = kind
        && let Some(words) = book.config.list(list)
    {
        let asked = values.split([',', '，']).map(str::trim).filter(|word| !word.is_empty());
        for word in asked {
            allowed_word(list, word, &words)?;
        }
    }
    let target = match found.and_then(|(_, found)| found).map(|found| &found.kind) {
        Some(Type::Ref(noun)) if noun != "any" => noun,
        _ => return Ok(word.to_owned()),
    };
    let id = |part: &str| match part.trim() {
        "" => Ok(String::new()),
        part => book.resolve_noun(target, part),
    };
    let ids = values.split([',', '，']).map(id).collect::<Result<Vec<_>>>()?;
    Ok(format!("{key}:{}", ids.join(",")))
}

fn allowed_word(list: &str, word: &str, words: &[&str]) -> Result<()> {
    if words.contains(&word) {
        return Ok(());
    }
    let error = Error::usage(format!("\"{word}\" is not one of the {list} in desk.toml"));
    Err(match closest(word, words.iter().copied()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint(words.join(", ")),
    })
}

/// A quantity as it is shown: six decimals at the most, as records hold it.
pub(crate) fn quantity(quantity: Decimal) -> Cell {
    Cell::Quantity(round(quantity, MAX_DECIMALS).normalize())
}

/// The head line of a period that is not over yet: what was asked for, and the days that count.
pub(crate) fn period_up_to(asked: Period, counted: Period) -> Cell {
    match () {
        () if counted.from > counted.to && counted.to.is_some() => {
            Cell::text(format!("{asked}, not begun"))
        }
        () if asked == counted || asked.to.is_none() => period_cell(asked),
        () => Cell::text(format!("{asked}, so far {counted}")),
    }
}

/// The head line of a period.
pub(crate) fn period_cell(period: Period) -> Cell {
    match (period.from, period.to) {
        (None, None) => Cell::text("all"),
        _ => Cell::text(period.to_string()),
    }
}
