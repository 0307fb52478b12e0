//! One file in, records and findings out. Loading never fails as a whole.
//!
//! A file with an error gives no record: reports name it as left out and never total around it in
//! silence.

use toml::de::DeTable;

use super::{files::Files, layout, toml as text};
use crate::{
    finding::{Finding, Level},
    record::{Entry, Form, Halves, Kind, common_fields, schema::Field},
    value::{
        day::Month,
        id::Id,
        place::{KeyPath, Place},
    },
};

/// What one file gave.
#[derive(Default)]
pub struct Loaded {
    /// Its records: one, or a register's rows.
    pub entries: Vec<Box<dyn Entry>>,
    /// Ids of a register's rows that gave no record.
    pub broken: Vec<String>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

impl Loaded {
    pub(super) fn failed(finding: Finding) -> Self {
        Self { findings: vec![finding], ..Self::default() }
    }

    /// The record of an id or code.
    ///
    /// The rows of a register mostly stand in the order of their ids, so that is tried first.
    pub fn find(&self, id: &str) -> Option<&dyn Entry> {
        let key = |entry: &dyn Entry| {
            (entry.common().id.len(), entry.common().id.as_str()).cmp(&(id.len(), id))
        };
        let at = self.entries.binary_search_by(|entry| key(entry.as_ref())).ok();
        let at = at.or_else(|| self.entries.iter().position(|entry| entry.common().id == id));
        at.map(|at| self.entries[at].as_ref())
    }

    /// The ids or codes it holds, those of rows that gave no record included.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let read = self.entries.iter().map(|entry| entry.common().id.as_str());
        read.chain(self.broken.iter().map(String::as_str))
    }

    /// Whether something of the file had to be left out.
    pub fn is_broken(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Error)
    }
}

/// Loads one file of a kind; nothing where there is no such file.
pub fn load(files: &Files, kind: Kind, path: &str) -> Option<Loaded> {
    let bytes = match files.read(path) {
        Ok(bytes) => bytes?,
        Err(error) => {
            let message = format!("cannot read {path}: {error}");
            return Some(Loaded::failed(Finding::error(
                "file.unreadable",
                Place::file(path),
                message,
            )));
        }
    };
    Some(parse(files, kind, path, &bytes))
}

/// Reads the bytes of one file.
pub(super) fn parse(files: &Files, kind: Kind, path: &str, bytes: &[u8]) -> Loaded {
    match kind.info().form {
        Form::Register => super::csv::load(kind, path, bytes),
        Form::Document => document(kind, path, bytes),
        Form::Master => master(files, kind, path, bytes),
    }
}

fn document(kind: Kind, path: &str, bytes: &[u8]) -> Loaded {
    let read = text::read(path, bytes, kind.fields());
    finish(kind, path, read.table, read.findings)
}

/// A master with its confidential fields laid over it.
fn master(files: &Files, kind: Kind, path: &str, bytes: &[u8]) -> Loaded {
    let private = format!("{}/{path}", layout::PRIVATE);
    let read = text::read(path, bytes, kind.fields());
    let over = match files.read(&private) {
        Ok(Some(over)) => over,
        Ok(None) => return finish(kind, path, read.table, read.findings),
        Err(error) => {
            let message = format!("cannot read {private}: {error}");
            return Loaded::failed(Finding::error(
                "file.unreadable",
                Place::file(private),
                message,
            ));
        }
    };
    let fields = overlay_fields(kind);
    let secret = text::read(&private, &over, &fields);
    let mut findings = read.findings;
    findings.extend(secret.findings);
    let table = match (read.table, secret.table) {
        (Some(mut table), Some(secret)) => {
            findings.extend(lay_over(&mut table, secret, path, &private));
            Some(table)
        }
        _ => None,
    };
    finish(kind, path, table, findings)
}

/// The fields of a confidential file: none but the id must be there.
fn overlay_fields(kind: Kind) -> Vec<Field> {
    let relaxed = |field: &Field| Field { required: field.key == "id", ..field.clone() };
    kind.fields().iter().map(relaxed).collect()
}

fn lay_over<'a>(
    table: &mut DeTable<'a>,
    secret: DeTable<'a>,
    path: &str,
    private: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, value) in secret {
        let name = key.get_ref().to_string();
        let present = table.get(name.as_str());
        if name == "id" {
            let same = present.is_some_and(|id| id.get_ref().as_str() == value.get_ref().as_str());
            if !same {
                let message = "the id is not that of the file it is laid over";
                let finding = Finding::at("private.id", private, KeyPath::key("id"), message);
                let code = layout::stem(layout::file_name(path)).unwrap_or_default();
                findings.push(finding.hint(format!("write id = \"{code}\"")));
            }
        } else if present.is_some() {
            let message = format!("\"{name}\" stands in the public file too");
            let finding = Finding::at("private.both", private, KeyPath::key(&name), message)
                .other(Place::key(path, KeyPath::key(&name)), "here")
                .hint(format!("take it out of {path}"));
            findings.push(finding);
        } else {
            table.insert(key, value);
        }
    }
    findings
}

/// Checks that the record is the one its path names, and builds it.
fn finish(
    kind: Kind,
    path: &str,
    table: Option<DeTable<'_>>,
    mut findings: Vec<Finding>,
) -> Loaded {
    let Some(table) = table else { return Loaded { findings, ..Loaded::default() } };
    findings.extend(identity(kind, path, &table));
    if findings.iter().any(|finding| finding.level == Level::Error) {
        return Loaded { findings, ..Loaded::default() };
    }
    let common = |key: &str| common_fields().iter().any(|field| field.key == key);
    let (common, own) = text::split(table, common);
    match kind.build(Halves { common, own }, path, 0) {
        Ok(entry) => Loaded { entries: vec![entry], findings, ..Loaded::default() },
        Err(message) => {
            findings.push(Finding::error("field.type", Place::file(path), message));
            Loaded { findings, ..Loaded::default() }
        }
    }
}

/// File name = id; the id's month is its folder's and its date's.
fn identity(kind: Kind, path: &str, table: &DeTable<'_>) -> Vec<Finding> {
    let name = layout::stem(layout::file_name(path)).unwrap_or_default();
    let Some(id) = table.get("id").and_then(|id| id.get_ref().as_str()) else { return Vec::new() };
    let at = |code, message: String| Finding::at(code, path, KeyPath::key("id"), message);
    if layout::path(kind, id).is_none() {
        return vec![
            at("id.form", format!("\"{id}\" cannot be the id of this {kind}"))
                .note(format!("the form is {}", layout::form(kind))),
        ];
    }
    if id != name {
        let finding = at("file.name", format!("id \"{id}\" is not the file's name \"{name}\""));
        let finding = finding.note("every record repeats its file's name as its id");
        let hint = match layout::path(kind, id) {
            Some(_) if kind.is_document() && Id::parse(name).is_none() => {
                format!("desk renumber {id} gives this file an id of its own")
            }
            Some(path) => format!("write id = \"{name}\", or rename the file to {path}"),
            None => format!("write id = \"{name}\""),
        };
        return vec![finding.hint(hint)];
    }
    if !kind.is_document() {
        return Vec::new();
    }
    let Some(month) = Id::parse(id).map(|id| id.month) else { return Vec::new() };
    let mut findings = Vec::new();
    if layout::path(kind, id).as_deref() != Some(path) {
        findings.push(
            at("file.month", format!("{id} lies in the folder of another month"))
                .hint(format!("move it to {}", layout::path(kind, id).unwrap_or_default())),
        );
    }
    if let Some(date) = table.get("date").and_then(|date| date.get_ref().as_datetime())
        && let Some(day) = date.date
        && (Month { year: day.year.into(), month: day.month.into() }) != month
    {
        let message = format!("the date lies outside {month}, the month of the id");
        findings.push(Finding::at("file.date", path, KeyPath::key("date"), message));
    }
    findings
}
