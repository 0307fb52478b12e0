//! The header of a register: which column of the file holds which field.
//!
//! Columns may stand in any order and the optional ones may be missing; a column that nobody
//! knows, or that stands there twice, is an error, because what it holds would be lost in
//! silence.

use std::ops::Range;

use memchr::memchr_iter;

use super::{
    super::{layout, toml::scalar::nearest},
    line::{Line, content, split},
};
use crate::{finding::Finding, record::Kind, value::place::Place};

/// A header may have so many times the columns that the register has.
const WIDEST: usize = 4;

/// A header that was read.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Names of the file's columns, as they are written.
    pub(super) names: Vec<String>,
    /// For each column of the file, its place among [`Kind::cells`].
    pub(super) fields: Vec<Option<usize>>,
    /// Whether rows can be read by it.
    pub(super) is_sound: bool,
}

impl Header {
    /// Reads the header line of a file.
    pub(super) fn read(
        kind: Kind,
        file: &str,
        text: &str,
        line: &Line,
        findings: &mut Vec<Finding>,
    ) -> Self {
        if let Some(finding) = too_wide(kind, file, line, text) {
            findings.push(finding);
            return Self::default();
        }
        let mut cells = Vec::new();
        if split(text, line.span.clone(), &mut cells).is_some() {
            let message = "the header has a quote that is not closed, or text behind a closing one";
            findings.push(Finding::error(
                "csv.quote",
                Place::span(file, line.span.clone()),
                message,
            ));
            return Self::default();
        }
        let names: Vec<String> =
            cells.iter().map(|cell| content(text, cell).into_owned()).collect();
        if let Some(finding) = no_header(kind, file, line, &names) {
            findings.push(finding);
            return Self::default();
        }
        let known = kind.cells();
        let fields: Vec<Option<usize>> = names
            .iter()
            .map(|name| known.iter().position(|column| column.field.key == *name))
            .collect();
        let mut header = Self { names, fields, is_sound: true };
        header.unknown(kind, file, line.number, findings);
        header.doubled(file, &cells, findings);
        header.missing(kind, file, line, findings);
        header
    }

    /// The column of the file that holds a field, from 0.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|column| column == name)
    }

    fn unknown(&self, kind: Kind, file: &str, line: usize, findings: &mut Vec<Finding>) {
        for (name, field) in self.names.iter().zip(&self.fields) {
            if field.is_some() || name.is_empty() {
                continue;
            }
            let message = format!("unknown column `{}`", name.escape_debug());
            let found = Finding::error("field.unknown", Place::cell(file, line, name), message);
            let keys = kind.cells().iter().map(|column| column.field.key.as_str());
            let missing = keys.filter(|key| self.position(key).is_none());
            findings.push(match nearest(name.trim(), missing) {
                Some(near) => found
                    .label(format!("did you mean `{near}`?"))
                    .hint(format!("did you mean \"{near}\"?")),
                None => found.note("rows with something in it are left out"),
            });
        }
    }

    fn doubled(&mut self, file: &str, cells: &[Range<usize>], findings: &mut Vec<Finding>) {
        for (at, name) in self.names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let Some(first) = self.names[..at].iter().position(|other| other == name) else {
                continue;
            };
            self.is_sound = false;
            let message = format!("the column `{}` stands there twice", name.escape_debug());
            let place = Place::span(file, cells[at].clone());
            let first = Place::span(file, cells[first].clone());
            let found = Finding::error("csv.duplicate_column", place, message);
            findings.push(found.other(first, "first here").note("no row of the file is read"));
        }
    }

    fn missing(&mut self, kind: Kind, file: &str, line: &Line, findings: &mut Vec<Finding>) {
        let required = kind.cells().iter().filter(|column| column.field.required);
        let keys: Vec<&str> = required
            .map(|column| column.field.key.as_str())
            .filter(|key| self.position(key).is_none())
            .collect();
        for key in keys {
            self.is_sound = false;
            let message = format!("the column `{key}` is missing");
            let place = Place::span(file, line.span.clone());
            let found = Finding::error("field.missing", place, message);
            findings
                .push(found.label(format!("without `{key}`")).note("no row of the file is read"));
        }
    }

    /// What a spreadsheet seems to have done to the columns, in words.
    pub(super) fn habits(&self, text: &str, line: &Line) -> Vec<&'static str> {
        let known: Vec<usize> = self.fields.iter().filter_map(|field| *field).collect();
        let written = &text[line.span.clone()];
        let is_quoted = written.starts_with('"') && written.contains("\",\"");
        let habits = [
            (!known.is_sorted(), "columns in an order of their own"),
            (self.names.iter().any(String::is_empty), "empty columns"),
            (is_quoted, "quotes around every cell"),
        ];
        habits.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words).collect()
    }
}

/// What is said of a header with far more columns than the register has, before any is looked at.
fn too_wide(kind: Kind, file: &str, line: &Line, text: &str) -> Option<Finding> {
    let known = kind.cells().len();
    let most = known.saturating_mul(WIDEST);
    let columns = memchr_iter(b',', &text.as_bytes()[line.span.clone()]).count().saturating_add(1);
    (columns > most).then(|| {
        let message = format!("the header has {columns} columns, the register {known}");
        let found = Finding::error("csv.header", Place::file(file), message);
        found.note(format!("more than {most} are not looked at; no row of the file is read"))
    })
}

/// What is said of a first line that is no header of ours at all.
fn no_header(kind: Kind, file: &str, line: &Line, names: &[String]) -> Option<Finding> {
    let found = |message: String| {
        let place = Place::span(file, line.span.clone());
        let keys: Vec<&str> = kind.cells().iter().map(|column| column.field.key.as_str()).collect();
        Finding::error("csv.header", place, message).hint(format!("write {}", keys.join(",")))
    };
    let separator = |mark: char| names.len() == 1 && names[0].contains(mark);
    match names.first() {
        Some(first) if layout::document_id(kind, first).is_some() => {
            Some(found("the first line is a row; the header is missing".into()))
        }
        _ if separator(';') => Some(found("cells are separated by `;` instead of commas".into())),
        _ if separator('\t') => Some(found("cells are separated by tabs instead of commas".into())),
        _ => None,
    }
}
