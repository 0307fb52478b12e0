//! Import: CSV files become records, as a mapping file says.
//!
//! For taking over what another system holds, and for tables that others send. One direction:
//! bytes → text → rows → groups → fields → records → one change. Everything that is wrong is found
//! in one go, each with its line and column, and then nothing is made at all.

pub mod bind;
pub mod decode;
pub mod differ;
pub mod group;
pub mod locate;
pub mod make;
pub mod mapping;
pub mod merge;
mod number;
mod preview;
pub mod shape;
pub mod sheet;
pub mod template;
pub mod value;

use std::collections::BTreeMap;

use crate::{
    book::Book,
    error::{Error, Result},
    finding::{Finding, Level},
    page::Page,
    record::{
        Form,
        change::{Change, Edit},
    },
    store::layout,
    value::place::{At, Step},
};
use make::Origin;
use mapping::Mapping;
use merge::{Placed, State};
use sheet::Sheet;

/// A CSV file that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The source of the mapping it stands for: the file's name without `.csv`, or as given.
    pub name: String,
    /// Name of the file, for messages.
    pub file: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What an import may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether records that are there and differ are changed; else they are a fault.
    pub update: bool,
    /// Whether this is the past, as it was recorded elsewhere: nobody here entered it.
    pub history: bool,
    /// Who imports.
    pub user: Option<String>,
    /// Site of the clone; empty without sites.
    pub site: String,
}

/// What an import would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// Everything it writes, as one change.
    pub change: Change,
    /// What it would do, for people.
    pub page: Page,
    /// What is worth knowing: encodings that were guessed, constants that look like columns.
    pub findings: Vec<Finding>,
    /// The rows that each record comes from, by its path; those of a register by their ids.
    pub origins: BTreeMap<String, Origin>,
}

/// Plans an import over a snapshot; an error holds everything that is wrong with the files.
pub fn plan(book: &Book, mapping: &Mapping, sources: &[Source], options: &Options) -> Result<Plan> {
    let mut findings = Vec::new();
    let refused = |findings: Vec<Finding>| {
        let faults = findings.iter().filter(|finding| finding.level == Level::Error).count();
        let words = if faults == 1 { "1 fault".into() } else { format!("{faults} faults") };
        Error::refused(format!("nothing was imported: {words} in the files"), findings)
    };
    let zone = zone(book)?;
    let sheets = sheets(mapping, sources, &mut findings)?;
    // Odd rows do not hide what is wrong with the others, unless heads are among the lost.
    let is_lost =
        |finding: &Finding| finding.level == Level::Error && finding.code == "import.file";
    let is_torn_head = sheets.first().is_some_and(|sheet| sheet.is_torn)
        && mapping.sources.first().is_some_and(|source| source.has_blocks);
    if findings.iter().any(is_lost) || sheets.iter().any(|sheet| sheet.is_cut) || is_torn_head {
        return Err(refused(findings));
    }
    let Some(bound) = bind::bind(mapping, sheets, &mut findings) else {
        return Err(refused(findings));
    };
    let mut made = Vec::new();
    for group in &bound.groups {
        let before = findings.len();
        let one = make::make(&bound, group, zone, &mut findings);
        // A record that lacks a field would be found again as another one.
        if findings.len() == before {
            made.push(one);
        }
    }
    if has_errors(&findings) {
        merge::check(book, mapping, made, &mut findings);
        return Err(refused(findings));
    }
    let placed = merge::place(book, mapping, made, options, &mut findings)?;
    if has_errors(&findings) {
        return Err(refused(findings));
    }
    let page = preview::page(book, &bound, &placed);
    let origins = placed.iter().filter_map(|record| {
        let key = match mapping.kind.info().form {
            Form::Register => record.id.clone(),
            _ => layout::path(mapping.kind, &record.id)?,
        };
        Some((key, record.origin.clone()))
    });
    let origins = origins.collect();
    Ok(Plan { change: change(book, mapping, placed, options), page, findings, origins })
}

/// Says of the findings of the gate which row each came from. `staged` holds the files as they
/// would be written, by their paths.
pub fn point_at_rows(
    findings: &mut [Finding],
    origins: &BTreeMap<String, Origin>,
    staged: &[(String, Option<Vec<u8>>)],
) {
    for finding in findings {
        let path = finding.place.file.trim_start_matches("private/");
        let origin = match finding.place.at {
            At::Cell { row, .. } => of_row(path, row, origins, staged),
            _ => origins.get(path),
        };
        if let Some(origin) = origin {
            point_at_row(finding, origin);
        }
    }
}

/// The rows that a row of a register comes from: the id stands among its cells.
fn of_row<'a>(
    path: &str,
    row: usize,
    origins: &'a BTreeMap<String, Origin>,
    staged: &[(String, Option<Vec<u8>>)],
) -> Option<&'a Origin> {
    let (_, bytes) = staged.iter().find(|(file, _)| file == path)?;
    let line = bytes.as_deref()?.split(|byte| *byte == b'\n').nth(row.checked_sub(1)?)?;
    let line = String::from_utf8_lossy(line);
    line.split(',').find_map(|cell| origins.get(cell.trim_matches('"')))
}

/// Says of a finding about a record which row it came from.
fn point_at_row(finding: &mut Finding, origin: &Origin) {
    let block = match &finding.place.at {
        At::Key(path) => match path.0.as_slice() {
            [Step::Key(key), Step::Index(at), ..] => {
                origin.blocks.get(key).and_then(|lines| lines.get(*at))
            }
            _ => None,
        },
        _ => None,
    };
    let (file, line) = match block {
        Some((file, line)) => (file.as_str(), *line),
        None => (origin.file.as_str(), origin.line),
    };
    finding.notes.push(format!("from {file} row {line}"));
}

fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.level == Level::Error)
}

fn zone(book: &Book) -> Result<chrono_tz::Tz> {
    let name = book.config.company.time_zone.as_deref().unwrap_or("UTC");
    name.parse().map_err(|_| Error::usage(format!("\"{name}\" is not a time zone")))
}

/// Reads the files that the mapping asks for, in its order.
fn sheets(
    mapping: &Mapping,
    sources: &[Source],
    findings: &mut Vec<Finding>,
) -> Result<Vec<Sheet>> {
    for (at, one) in sources.iter().enumerate() {
        let is_other = |other: &&Source| other.name.eq_ignore_ascii_case(&one.name);
        if let Some(other) = sources[at.saturating_add(1)..].iter().find(is_other) {
            let message =
                format!("{} and {} both stand for \"{}\"", one.file, other.file, one.name);
            return Err(Error::usage(message).hint("say NAME=FILE.csv, or give one of them"));
        }
    }
    let is_only = mapping.sources.len() == 1 && sources.len() == 1;
    let given = |spec: &mapping::Source| {
        let is_meant = |source: &&Source| is_only || source.name.eq_ignore_ascii_case(&spec.name);
        sources.iter().find(is_meant)
    };
    let names = |specs: Vec<&str>| specs.join(", ");
    let missing: Vec<&str> = mapping
        .sources
        .iter()
        .filter(|spec| given(spec).is_none())
        .map(|spec| spec.name.as_str())
        .collect();
    if !missing.is_empty() {
        let error = Error::usage(format!("no file was given for the sources: {}", names(missing)));
        return Err(error.hint("a file stands for the source of its name, or say NAME=FILE.csv"));
    }
    let is_asked = |source: &&Source| {
        let mut specs = mapping.sources.iter();
        is_only || specs.any(|spec| spec.name.eq_ignore_ascii_case(&source.name))
    };
    let others: Vec<&str> = sources
        .iter()
        .filter(|source| !is_asked(source))
        .map(|source| source.file.as_str())
        .collect();
    if !others.is_empty() {
        let known = mapping.sources.iter().map(|spec| spec.name.as_str()).collect();
        let error = Error::usage(format!("{} has no source for: {}", mapping.file, names(others)));
        return Err(error.hint(format!("its sources: {}", names(known))));
    }
    let read = |spec: &mapping::Source| {
        given(spec).map(|given| Sheet::read(&given.file, &given.bytes, spec.reading, findings))
    };
    Ok(mapping.sources.iter().filter_map(read).collect())
}

/// The one change that makes or changes the records.
fn change(book: &Book, mapping: &Mapping, placed: Vec<Placed>, options: &Options) -> Change {
    let kind = mapping.kind;
    let (mut new, mut changed, mut same) = (0_usize, 0_usize, 0_usize);
    let mut change = Change::default();
    for Placed { id, mut value, state, .. } in placed {
        match state {
            State::Same => same += 1,
            State::Changed(edits, _) => {
                changed += 1;
                change.edits.extend(edits);
            }
            State::New => {
                new += 1;
                if !kind.info().prefix.is_empty() && !options.history {
                    entered(book, options, &mut value);
                }
                change.edits.push(Edit::Add { kind, id, value });
            }
        }
    }
    let counts = format!("{kind}: {new} new, {changed} changed, {same} unchanged");
    change.lines.push(counts);
    change
}

/// Who typed a new document, and when; the past was typed elsewhere.
fn entered(book: &Book, options: &Options, value: &mut serde_json::Map<String, serde_json::Value>) {
    let at = book.now.0.to_rfc3339_opts(chrono::SecondsFormat::Millis, false);
    if let Some(user) = options.user.as_deref().filter(|_| !value.contains_key("entered_by")) {
        value.insert("entered_by".into(), user.into());
    }
    value.entry("entered_at").or_insert_with(|| at.into());
}

#[cfg(test)]
mod tests;
