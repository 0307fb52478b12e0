//! Which record moves where two were given one id, and how each is known again in the history.

use std::collections::BTreeSet;

use super::{Ids, follow};
use crate::{
    book::Book,
    error::{Error, Result},
    record::{Entry, Form, Kind},
    store::{
        csv,
        files::{Files, What},
        git::Repository,
        layout, toml as text,
    },
    value::{day::Moment, id::Id},
};

/// What moves.
#[derive(Debug)]
pub(super) enum Moving {
    /// A whole file.
    File {
        /// Where it is.
        path: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Theirs of a file that git left in conflict; ours stays.
    Theirs {
        /// The bytes of ours.
        ours: Vec<u8>,
        /// The bytes of theirs.
        bytes: Vec<u8>,
    },
    /// A row of a register.
    Row {
        /// The register.
        path: String,
        /// The row as it stands.
        row: csv::Plain,
    },
}

/// The record that moves, and the one that stays, if there are two.
#[derive(Debug)]
pub(super) struct Twin {
    pub(super) moving: Moving,
    /// Whether two records have the id.
    pub(super) is_double: bool,
    /// The file of the one that stays, where it is not the only one.
    pub(super) kept_file: Option<String>,
    /// What the one that stays names as attached.
    pub(super) kept_attachments: BTreeSet<String>,
    /// How the two are known again: the one that stays, the one that moves.
    pub(super) prints: Option<(Print, Print)>,
}

/// What makes a record known in other versions of its file: all it holds, or who typed it when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Print {
    entered: Option<String>,
    whole: String,
}

impl Print {
    /// Whether this is a version of one record and not of another with the same id.
    pub(super) fn is_of(&self, one: &Self, other: &Self) -> bool {
        let is_told = one.entered != other.entered;
        self.whole == one.whole
            || (is_told && self.entered.is_some() && self.entered == one.entered)
    }

    /// Whether a record was typed by the same person at the same moment.
    pub(super) fn is_typed_with(&self, entry: &dyn Entry) -> bool {
        let entered = self.entered.as_deref().and_then(|entered| entered.split_once(' '));
        entered.is_some_and(|(at, by)| {
            let own = entry.common();
            at.parse().ok() == own.entered_at && by == own.entered_by.as_deref().unwrap_or_default()
        })
    }
}

/// How a document is known again.
pub(super) fn print_of(kind: Kind, bytes: &[u8]) -> Print {
    let read = text::read("", bytes, kind.fields());
    let value = read.table.map(|table| text::value(&table, kind.fields()));
    let of = |key: &str| value.as_ref().and_then(|value| value[key].as_str().map(str::to_owned));
    let by = of("entered_by").unwrap_or_default();
    let entered = of("entered_at").map(|at| format!("{at} {by}"));
    Print { entered, whole: String::from_utf8_lossy(bytes).into_owned() }
}

/// How a row is known again.
pub(super) fn print_of_row(row: &csv::Plain) -> Print {
    let by = row.cell("entered_by").unwrap_or_default();
    let entered = row.cell("entered_at").map(|at| format!("{at} {by}"));
    let cells = row.cells.iter().map(|(column, text)| format!("{column}={text}\n"));
    Print { entered, whole: cells.collect() }
}

/// Finds what moves.
pub(super) fn find(
    book: &Book,
    ids: Ids<'_>,
    row: Option<usize>,
    repository: Option<&Repository>,
) -> Result<Twin> {
    let path = layout::path(ids.kind, ids.old).unwrap_or_default();
    let failed = |error| Error::failure(format!("cannot read {path}")).because(error);
    let bytes = book.files.read(&path).map_err(failed)?;
    match ids.kind.info().form {
        Form::Register => find_row(ids, path.clone(), &bytes.unwrap_or_default(), row),
        _ if row.is_some() => {
            Err(Error::usage(format!("--row is a line of a register; {} is a file", ids.old)))
        }
        _ => find_file(book, ids, path.clone(), bytes, repository),
    }
}

fn unknown(ids: Ids<'_>) -> Error {
    Error::usage(format!("no {} \"{}\"", ids.kind, ids.old)).hint(format!("desk {} list", ids.kind))
}

fn find_row(ids: Ids<'_>, path: String, bytes: &[u8], row: Option<usize>) -> Result<Twin> {
    let old = ids.old;
    let loaded = csv::load(ids.kind, &path, bytes);
    if loaded.findings.iter().any(|finding| finding.code == "csv.conflict") {
        let findings = loaded.findings.into_iter().filter(|found| found.code == "csv.conflict");
        return Err(Error::refused(format!("git left a conflict in {path}"), findings.collect())
            .hint("keep the rows of both sides, take the marks out, then renumber"));
    }
    let rows = csv::plain(bytes, old, |id| id == old);
    let lines = rows.iter().map(|row| row.line.to_string()).collect::<Vec<_>>().join(", ");
    let at = match (row, rows.len()) {
        (_, 0) => return Err(unknown(ids)),
        (Some(line), _) => rows.iter().position(|row| row.line == line).ok_or_else(|| {
            Error::usage(format!("line {line} of {path} is not {old}; its lines are {lines}"))
        })?,
        (None, 1) => 0,
        (None, _) => later(&rows).ok_or_else(|| {
            Error::usage(format!(
                "{old} stands in lines {lines} of {path}, and which was typed later cannot be told"
            ))
            .hint(format!("desk renumber {old} --row {}", rows[rows.len() - 1].line))
        })?,
    };
    let kept = rows.iter().enumerate().find(|(other, _)| *other != at).map(|(_, row)| row);
    Ok(Twin {
        is_double: kept.is_some(),
        kept_file: None,
        kept_attachments: BTreeSet::new(),
        prints: kept.map(|kept| (print_of_row(kept), print_of_row(&rows[at]))),
        moving: Moving::Row { path, row: rows[at].clone() },
    })
}

/// The row that was typed last, if every row says when and one is last.
fn later(rows: &[csv::Plain]) -> Option<usize> {
    let moments: Option<Vec<Moment>> =
        rows.iter().map(|row| row.cell("entered_at")?.parse().ok()).collect();
    let moments = moments?;
    let last = moments.iter().map(|moment| moment.0).max()?;
    let mut found = (0..rows.len()).filter(|at| moments[*at].0 == last);
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

fn find_file(
    book: &Book,
    ids: Ids<'_>,
    path: String,
    bytes: Option<Vec<u8>>,
    repository: Option<&Repository>,
) -> Result<Twin> {
    if let Some((ours, theirs)) = conflict(ids, &path, bytes.as_deref(), repository)? {
        let prints = (print_of(ids.kind, &ours), print_of(ids.kind, &theirs));
        return Ok(Twin {
            is_double: true,
            kept_file: None,
            kept_attachments: follow::attached(ids.kind, &path, &ours),
            prints: Some(prints),
            moving: Moving::Theirs { ours, bytes: theirs },
        });
    }
    let other = namesake(&book.files, ids, &path);
    match (other, bytes) {
        (None, None) => Err(unknown(ids)),
        (None, Some(bytes)) => Ok(alone(path, bytes)),
        (Some((other, theirs)), None) => Ok(alone(other, theirs)),
        (Some((other, theirs)), Some(bytes)) => Ok(Twin {
            is_double: true,
            kept_attachments: follow::attached(ids.kind, &path, &bytes),
            prints: Some((print_of(ids.kind, &bytes), print_of(ids.kind, &theirs))),
            kept_file: Some(path),
            moving: Moving::File { path: other, bytes: theirs },
        }),
    }
}

fn alone(path: String, bytes: Vec<u8>) -> Twin {
    Twin {
        moving: Moving::File { path, bytes },
        is_double: false,
        kept_file: None,
        kept_attachments: BTreeSet::new(),
        prints: None,
    }
}

/// Ours and theirs of a file in conflict: from the index of git, else from between the marks.
fn conflict(
    ids: Ids<'_>,
    path: &str,
    bytes: Option<&[u8]>,
    repository: Option<&Repository>,
) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    if let Some(repository) = repository {
        let stage = |no: &str| -> Result<Option<Vec<u8>>> {
            Ok(repository.files(no, &[path.to_owned()])?.pop().flatten())
        };
        if let (Some(ours), Some(theirs)) = (stage(":2")?, stage(":3")?) {
            return match stage(":1")? {
                None => Ok(Some((ours, theirs))),
                Some(_) => Err(one_record(path)),
            };
        }
    }
    let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let Some((ours, theirs)) = parted(text) else { return Ok(None) };
    let (ours, theirs) = (ours.into_bytes(), theirs.into_bytes());
    let is_whole = |side: &[u8]| text::read(path, side, ids.kind.fields()).table.is_some();
    if !is_whole(&ours) || !is_whole(&theirs) {
        let message =
            format!("{path} holds marks of a conflict, and its two sides cannot be told apart");
        return Err(
            Error::refused(message, Vec::new()).hint(format!("desk {} edit {}", ids.kind, ids.old))
        );
    }
    match print_of(ids.kind, &ours).entered == print_of(ids.kind, &theirs).entered {
        true => Err(one_record(path)),
        false => Ok(Some((ours, theirs))),
    }
}

fn one_record(path: &str) -> Error {
    let message = format!("{path} is in conflict over one record, not over two with one id");
    Error::refused(message, Vec::new())
        .hint(format!("decide between the two versions: git checkout --ours {path}"))
}

/// The two sides of a text with the marks of a conflict; nothing without marks.
fn parted(text: &str) -> Option<(String, String)> {
    let (mut ours, mut theirs, mut side, mut is_marked) = (String::new(), String::new(), 0, false);
    for line in text.split_inclusive('\n') {
        let words = line.trim_end();
        match side {
            0 if words.starts_with("<<<<<<< ") => (side, is_marked) = (1, true),
            1 if words.starts_with("||||||| ") => side = 2,
            1 | 2 if words == "=======" => side = 3,
            3 if words.starts_with(">>>>>>> ") => side = 0,
            1 => ours.push_str(line),
            3 => theirs.push_str(line),
            2 => {}
            _ => {
                ours.push_str(line);
                theirs.push_str(line);
            }
        }
    }
    is_marked.then_some((ours, theirs))
}

/// A second file in the folder that holds the same id under a name that is no id.
fn namesake(files: &Files, ids: Ids<'_>, path: &str) -> Option<(String, Vec<u8>)> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let listed = files.list(folder).ok()?;
    let names = listed.into_iter().filter(|entry| entry.what == What::File).map(|entry| entry.name);
    let odd = names.filter(|name| layout::stem(name).is_some_and(|stem| Id::parse(stem).is_none()));
    odd.map(|name| format!("{folder}/{name}")).find_map(|path| {
        let bytes = files.read(&path).ok().flatten()?;
        let read = text::read(&path, &bytes, ids.kind.fields());
        let id = read.table?.get("id").and_then(|id| id.get_ref().as_str().map(str::to_owned))?;
        (id == ids.old).then_some((path, bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sides_of_a_conflict_are_parted_at_its_marks() {
        let text = "a\n<<<<<<< HEAD\nb\n||||||| base\nx\n=======\nc\n>>>>>>> other\nd\n";
        assert_eq!(parted(text), Some(("a\nb\nd\n".into(), "a\nc\nd\n".into())));
        assert_eq!(parted("a\n=======\nb\n"), None);
    }
}
