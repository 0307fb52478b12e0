//! A register's file with a row added or cells changed: every other byte stays as it was.
//!
//! 1. A changed cell takes the place of the old one; the other cells of its row keep their quotes.
//! 2. A new row stands behind the last row that holds something, its cells in the order of the
//!    file's own header.
//! 3. Where the file lacks a column that is needed, its name joins the header and a comma every
//!    row; only then do other rows change.
//! 4. A file whose rows cannot be told apart for certain (quotes left open, conflict marks) is not
//!    edited at all.

use std::ops::Range;

use serde_json::{Map, Value};

use super::{
    cell::written,
    line::{Line, content, is_blank, lines, split},
    raw,
};
use crate::record::{
    Kind,
    schema::{Type, field},
};

/// The line number and the cells of a row.
type Row = (usize, Vec<Range<usize>>);

/// Columns and the texts of their cells; an empty text empties the cell.
pub(super) type Cells = Vec<(String, String)>;

/// The cells that fields of a record are written into; `null` empties them. Tables are taken apart
/// (`void_at`).
///
/// An error says why a value cannot stand in a cell.
pub fn cells(kind: Kind, value: &Map<String, Value>) -> Result<Cells, String> {
    let mut cells = Vec::new();
    for (key, value) in value {
        let known = field(kind.fields(), key).ok_or_else(|| format!("a {kind} has no `{key}`"))?;
        let Type::Table(below) = &known.kind else {
            cells.push((key.clone(), written(known, value)?));
            continue;
        };
        if let Some(other) =
            value.as_object().and_then(|held| held.keys().find(|key| field(below, key).is_none()))
        {
            return Err(format!("`{key}` has no `{other}`"));
        }
        for inner in below {
            let held = value.get(&inner.key);
            if held.is_some() || value.is_null() {
                let text = written(inner, held.unwrap_or(&Value::Null))?;
                cells.push((format!("{key}_{}", inner.key), text));
            }
        }
    }
    Ok(cells)
}

/// The bytes of a file with one more row; of a new file, where there was none.
pub fn append(kind: Kind, bytes: Option<&[u8]>, row: &Cells) -> Result<Vec<u8>, String> {
    let fresh = || {
        let keys = kind.cells().iter().map(|column| column.field.key.as_str());
        record(keys).map(|line| line + "\n")
    };
    let text = match bytes {
        Some(bytes) => text(bytes)?.to_owned(),
        None => fresh()?,
    };
    let text = widened(&text, row)?;
    let sheet = Sheet::read(&text)?;
    let cell = |name: &String| row.iter().find(|(key, _)| key == name).map_or("", |(_, text)| text);
    let new = record(sheet.names.iter().map(cell))?;
    let end = sheet.end(&text);
    let eol = sheet.eol(&text);
    let before = if text[..end].ends_with('\n') { "" } else { eol };
    Ok(format!("{}{before}{new}{eol}{}", &text[..end], &text[end..]).into_bytes())
}

/// The bytes of a file with cells of one row changed; nothing where no row has that id.
pub fn set(bytes: &[u8], id: &str, row: &Cells) -> Result<Option<Vec<u8>>, String> {
    let text = text(bytes)?;
    if Sheet::read(text)?.row(text, id)?.is_none() {
        return Ok(None);
    }
    let mut text = widened(text, row)?;
    let sheet = Sheet::read(&text)?;
    let Some((number, cells)) = sheet.row(&text, id)? else { return Ok(None) };
    let mut places: Vec<(Range<usize>, &str)> = Vec::new();
    for (key, new) in row {
        let at = sheet.names.iter().position(|name| name == key);
        let Some(cell) = at.and_then(|at| cells.get(at)) else {
            let (found, width) = (cells.len(), sheet.names.len());
            return Err(format!("line {number} has {found} cells, the header {width}"));
        };
        if content(&text, cell) != new.as_str() {
            places.push((cell.clone(), new));
        }
    }
    places.sort_by_key(|(cell, _)| cell.start);
    for (cell, new) in places.into_iter().rev() {
        text.replace_range(cell, &single(new)?);
    }
    Ok(Some(text.into_bytes()))
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    raw::text("", bytes).map_err(|finding| finding.message)
}

/// One row as the library writes it, without its line end.
fn record<'a>(cells: impl Iterator<Item = &'a str>) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(|error| error.to_string())?;
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    let line = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    Ok(line.trim_end_matches('\n').to_owned())
}

/// One cell as the library writes it among others.
fn single(text: &str) -> Result<String, String> {
    // A cell alone in its row is quoted when it is empty, so it is written beside another.
    let line = record([text, ""].into_iter())?;
    Ok(line.strip_suffix(',').map(str::to_owned).unwrap_or(line))
}

/// The text with the columns that cells are for and the file lacks.
fn widened(text: &str, row: &Cells) -> Result<String, String> {
    let sheet = Sheet::read(text)?;
    let lacks = |(key, new): &&(String, String)| !new.is_empty() && !sheet.names.contains(key);
    let missing: Vec<&str> = row.iter().filter(lacks).map(|(key, _)| key.as_str()).collect();
    let mut wide = text.to_owned();
    let is_header = |line: &Line| line.number == sheet.header;
    for line in sheet.lines.iter().rev().filter(|_| !missing.is_empty()) {
        if is_header(line) {
            wide.insert_str(line.span.end, &format!(",{}", missing.join(",")));
        } else if !is_blank(text, &line.span) {
            wide.insert_str(line.span.end, &",".repeat(missing.len()));
        }
    }
    Ok(wide)
}

/// A file as it is edited.
struct Sheet {
    names: Vec<String>,
    header: usize,
    id: usize,
    lines: Vec<Line>,
}

impl Sheet {
    fn read(text: &str) -> Result<Self, String> {
        if raw::has_conflict(text) {
            return Err("git left a conflict in it".into());
        }
        let lines: Vec<Line> = lines(text).collect();
        let mut cells = Vec::new();
        for line in &lines {
            if split(text, line.span.clone(), &mut cells).is_some() {
                return Err(format!("the quotes of line {} do not close", line.number));
            }
        }
        let first = lines.iter().find(|line| !is_blank(text, &line.span));
        let header = first.ok_or("it has no header")?.clone();
        split(text, header.span.clone(), &mut cells);
        let names: Vec<String> =
            cells.iter().map(|cell| content(text, cell).into_owned()).collect();
        let twice = |at: usize| !names[at].is_empty() && names[..at].contains(&names[at]);
        if let Some(at) = (1..names.len()).find(|at| twice(*at)) {
            return Err(format!("the column `{}` stands there twice", names[at]));
        }
        let id = names.iter().position(|name| name == "id").ok_or("it has no column `id`")?;
        Ok(Self { names, header: header.number, id, lines })
    }

    /// The line number and the cells of a row; nothing where no row has the id.
    fn row(&self, text: &str, id: &str) -> Result<Option<Row>, String> {
        let mut found = None;
        let mut cells = Vec::new();
        for line in self.lines.iter().filter(|line| line.number > self.header) {
            split(text, line.span.clone(), &mut cells);
            if cells.get(self.id).is_none_or(|cell| content(text, cell) != id) {
                continue;
            }
            if let Some((first, _)) = found {
                return Err(format!("{id} stands in lines {first} and {}", line.number));
            }
            found = Some((line.number, cells.clone()));
        }
        Ok(found)
    }

    /// Where a new row begins: behind the last line that holds something.
    fn end(&self, text: &str) -> usize {
        let last = self.lines.iter().rev().find(|line| !is_blank(text, &line.span));
        last.map_or(text.len(), |line| line.end)
    }

    /// The line end of the header.
    fn eol(&self, text: &str) -> &'static str {
        let header = self.lines.iter().find(|line| line.number == self.header);
        let is_crlf = header.is_some_and(|line| line.end - line.span.end == 2);
        if is_crlf && text.contains("\r\n") { "\r\n" } else { "\n" }
    }
}
