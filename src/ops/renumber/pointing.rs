//! Everything that points at an id: documents, masters, and every row of every register, those
//! left out of the book because their own id stands twice included.
//!
//! What names the id and cannot be read is told apart: nothing is passed over in silence.

use std::collections::BTreeSet;

use super::{Ids, follow::is_part};
use crate::{
    book::Book,
    error::{Error, Result},
    record::{Entry, Form, KINDS, Kind},
    rules::reference,
    store::{csv, files::What, layout},
};

/// What points at an id.
#[derive(Default)]
pub(super) struct Pointing<'a> {
    documents: Vec<&'a dyn Entry>,
    rows: Vec<Box<dyn Entry>>,
    /// Ids that two rows have.
    pub(super) doubled: BTreeSet<String>,
    /// Where the id is named by what cannot be read: "tasks/2026-09.csv, line 7".
    pub(super) unread: Vec<String>,
}

impl Pointing<'_> {
    /// The records, but the one itself and the other one of its id.
    pub(super) fn others(&self, ids: Ids<'_>) -> Vec<&dyn Entry> {
        let rows = self.rows.iter().map(AsRef::as_ref);
        let all = self.documents.iter().copied().chain(rows);
        all.filter(|entry| !(entry.kind() == ids.kind && entry.common().id == ids.old)).collect()
    }
}

/// Whether a text holds the id as a whole word.
fn names(text: &str, id: &str) -> bool {
    text.contains(id) && text.split(|c| !is_part(c)).any(|word| word == id)
}

/// Finds what points at an id; refused where git left a conflict in what names it.
pub(super) fn find<'a>(book: &'a Book, ids: Ids<'_>) -> Result<Pointing<'a>> {
    let mut pointing = Pointing::default();
    let wanted = [(ids.kind, ids.old.to_owned())].into();
    let documents = reference::pointing_at(book, &wanted).into_iter();
    pointing.documents =
        documents.filter(|entry| entry.kind().info().form != Form::Register).collect();
    unread_documents(book, ids, &mut pointing)?;
    for kind in KINDS.iter().filter(|kind| kind.info().form == Form::Register) {
        let folder = kind.info().folder;
        let failed = |error| Error::failure(format!("cannot list {folder}")).because(error);
        for entry in book.files.list(folder).map_err(failed)? {
            let path = format!("{folder}/{}", entry.name);
            if entry.what == What::File && layout::register(&path).is_some() {
                let bytes = read(book, &path)?;
                rows_of(*kind, &path, &bytes, ids, &mut pointing)?;
            }
        }
    }
    Ok(pointing)
}

fn read(book: &Book, path: &str) -> Result<Vec<u8>> {
    let failed = |error| Error::failure(format!("cannot read {path}")).because(error);
    Ok(book.files.read(path).map_err(failed)?.unwrap_or_default())
}

fn rows_of(
    kind: Kind,
    path: &str,
    bytes: &[u8],
    ids: Ids<'_>,
    pointing: &mut Pointing<'_>,
) -> Result<()> {
    if !String::from_utf8_lossy(bytes).contains(ids.old) {
        return Ok(());
    }
    let loaded = csv::load_doubled(kind, path, bytes);
    let read: BTreeSet<usize> = loaded.entries.iter().map(|entry| entry.row()).collect();
    let names_it = |row: &csv::Plain| {
        row.cells.iter().any(|(column, text)| column != "id" && names(text, ids.old))
    };
    let rows = csv::plain(bytes, ids.old, |_| true);
    for row in rows.iter().filter(|row| !read.contains(&row.line) && names_it(row)) {
        if loaded.findings.iter().any(|found| found.code == "csv.conflict") {
            return Err(Error::refused(
                format!("git left a conflict in {path}, which names {}", ids.old),
                Vec::new(),
            )
            .hint("keep the rows of both sides, take the marks out, then renumber"));
        }
        pointing.unread.push(format!("{path}, line {}", row.line));
    }
    let mut seen = BTreeSet::new();
    for entry in &loaded.entries {
        if !seen.insert(entry.common().id.clone()) {
            pointing.doubled.insert(entry.common().id.clone());
        }
    }
    let points = |entry: &dyn Entry| !reference::paths_to(entry, ids.kind, ids.old).is_empty();
    pointing.rows.extend(loaded.entries.into_iter().filter(|entry| points(entry.as_ref())));
    Ok(())
}

/// Documents that name the id and gave no record, of those read.
fn unread_documents(book: &Book, ids: Ids<'_>, pointing: &mut Pointing<'_>) -> Result<()> {
    let left_out = book.left_out().into_iter().map(|finding| finding.place.file);
    for path in left_out.collect::<BTreeSet<_>>() {
        let stem = layout::stem(layout::file_name(&path)).unwrap_or_default();
        if stem == ids.old || layout::register(&path).is_some() {
            continue;
        }
        let bytes = read(book, &path)?;
        let text = String::from_utf8_lossy(&bytes);
        let is_own = text.lines().any(|line| line == format!("id = \"{}\"", ids.old));
        if is_own || !names(&text, ids.old) {
            continue;
        }
        if text.lines().any(|line| line.starts_with("<<<<<<< ")) {
            let message = format!("git left a conflict in {path}, which names {}", ids.old);
            return Err(Error::refused(message, Vec::new())
                .hint(format!("mend that one first: desk renumber {stem}")));
        }
        pointing.unread.push(path);
    }
    Ok(())
}
