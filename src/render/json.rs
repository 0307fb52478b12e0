//! Pages as JSON, tables as lines of JSON.
//!
//! For programs. Keys are those of the page, numbers carry the exact digits of their decimals (a
//! reader that wants them exact must not read floats), and a figure that is empty, has no meaning
//! or is masked is null. Characters that a terminal would obey are written as escapes.

use std::{fmt::Write as _, io, io::Write};

use serde_json::Value;

use crate::{
    page::{Cell, Page, Row, Table},
    value::text::is_unsafe,
};

use super::{Style, cell, shown_tables};

/// Writes one page as an object, several as an array of them.
pub(super) fn write(pages: &[Page], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if let [page] = pages {
        out.write_all(object(page, style, "")?.as_bytes())?;
        return out.write_all(b"\n");
    }
    if pages.is_empty() {
        return out.write_all(b"[]\n");
    }
    for (at, page) in pages.iter().enumerate() {
        out.write_all(if at == 0 { b"[\n  " } else { b",\n  " })?;
        out.write_all(object(page, style, "  ")?.as_bytes())?;
    }
    out.write_all(b"\n]\n")
}

/// Writes each row of the table as an object on a line of its own; where there is no table, the
/// facts of each page.
pub(super) fn write_lines(
    table: Option<&Table>,
    pages: &[Page],
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(table) = table else {
        for page in pages {
            writeln!(out, "{}", facts(page)?)?;
        }
        return Ok(());
    };
    let keys = column_keys(table)?;
    for row in data(table) {
        writeln!(out, "{}", row_object(&keys, row)?)?;
    }
    Ok(())
}

/// A page as an object whose inner lines begin with `indent`.
fn object(page: &Page, style: &Style, indent: &str) -> io::Result<String> {
    let page = &computed(page);
    let facts = facts(page)?;
    let notes: Vec<Value> = page.notes.iter().map(|note| note.as_str().into()).collect();
    let notes = compact(&Value::Array(notes))?;
    if let Some(record) = &page.record {
        let deeper = format!("{indent}  ");
        let record = escaped(&serde_json::to_string_pretty(record)?);
        let record = record.replace('\n', &format!("\n{deeper}"));
        let tables = tables(page, style, &deeper)?;
        return Ok(format!(
            "{{\n{indent}  \"record\": {record},\n{indent}  \"derived\": {{\n\
             {deeper}  \"facts\": {facts},\n{deeper}  \"tables\": {tables},\n\
             {deeper}  \"notes\": {notes}\n{deeper}}}\n{indent}}}"
        ));
    }
    let (key, title) = (string(&page.key)?, string(&page.title)?);
    let tables = tables(page, style, indent)?;
    Ok(format!(
        "{{\n{indent}  \"key\": {key},\n{indent}  \"title\": {title},\n\
         {indent}  \"facts\": {facts},\n{indent}  \"tables\": {tables},\n\
         {indent}  \"notes\": {notes}\n{indent}}}"
    ))
}

/// The page without what its record says itself, which stands under `record` already.
fn computed(page: &Page) -> Page {
    let own = page.record.as_ref().and_then(Value::as_object);
    let is_own = |key: &str| own.is_some_and(|own| own.contains_key(key));
    let mut page = page.clone();
    page.facts.retain(|(key, _)| !is_own(key));
    page.tables.retain(|table| !is_own(&table.key));
    page
}

fn facts(page: &Page) -> io::Result<String> {
    let keys = distinct(page.facts.iter().map(|(key, _)| key.as_str()))?;
    joined(keys.iter().zip(page.facts.iter().map(|(_, value)| value)))
}

fn tables(page: &Page, style: &Style, indent: &str) -> io::Result<String> {
    let shown: Vec<&Table> = shown_tables(page, style).collect();
    let keys = distinct(shown.iter().map(|table| table.key.as_str()))?;
    let mut text = String::from("{");
    for (at, (table, key)) in shown.iter().zip(&keys).enumerate() {
        let comma = if at > 0 { "," } else { "" };
        text.push_str(&format!("{comma}\n{indent}    {key}: ["));
        let columns = column_keys(table)?;
        let mut is_first = true;
        for row in data(table) {
            let comma = if is_first { "" } else { "," };
            is_first = false;
            text.push_str(&format!("{comma}\n{indent}      {}", row_object(&columns, row)?));
        }
        text.push_str(&if is_first { "]".to_owned() } else { format!("\n{indent}    ]") });
    }
    text.push_str(&if shown.is_empty() { "}".to_owned() } else { format!("\n{indent}  }}") });
    Ok(text)
}

fn data(table: &Table) -> impl Iterator<Item = &[Cell]> {
    table.rows.iter().filter_map(|row| match row {
        Row::Data(cells) => Some(cells.as_slice()),
        Row::Total(_) => None,
    })
}

fn column_keys(table: &Table) -> io::Result<Vec<String>> {
    distinct(table.columns.iter().map(|column| column.key.as_str()))
}

/// Keys as JSON strings; one that occurs again gets a number, because a reader keeps only the last
/// of two equal keys.
fn distinct<'a>(keys: impl Iterator<Item = &'a str>) -> io::Result<Vec<String>> {
    let mut used: Vec<String> = Vec::new();
    for key in keys {
        let numbered = (2_usize..).map(|number| format!("{key}_{number}"));
        for candidate in std::iter::once(key.to_owned()).chain(numbered) {
            let candidate = string(&candidate)?;
            if !used.contains(&candidate) {
                used.push(candidate);
                break;
            }
        }
    }
    Ok(used)
}

fn row_object(keys: &[String], row: &[Cell]) -> io::Result<String> {
    let cells = (0..keys.len()).map(|at| row.get(at).unwrap_or(&Cell::Empty));
    joined(keys.iter().zip(cells))
}

fn joined<'a>(members: impl Iterator<Item = (&'a String, &'a Cell)>) -> io::Result<String> {
    let mut object = String::from("{");
    for (at, (key, cell)) in members.enumerate() {
        if at > 0 {
            object.push_str(", ");
        }
        object.push_str(key);
        object.push_str(": ");
        object.push_str(&value(cell)?);
    }
    object.push('}');
    Ok(object)
}

fn value(cell: &Cell) -> io::Result<String> {
    if cell::is_number(cell) {
        return Ok(cell::for_machines(cell));
    }
    match cell {
        Cell::Empty | Cell::NotApplicable | Cell::Masked => Ok("null".into()),
        Cell::Bool(yes) => Ok(yes.to_string()),
        Cell::List(words) => {
            compact(&Value::Array(words.iter().map(|word| word.as_str().into()).collect()))
        }
        _ => string(&cell::for_machines(cell)),
    }
}

fn string(words: &str) -> io::Result<String> {
    Ok(escaped(&serde_json::to_string(words)?))
}

fn compact(value: &Value) -> io::Result<String> {
    Ok(escaped(&serde_json::to_string(value)?))
}

/// JSON text in which every character that a terminal would obey is an escape; line breaks
/// between its values stay. Such a character occurs in strings only, so the value is the same.
pub fn escaped(json: &str) -> String {
    let hidden = |character| character != '\n' && is_unsafe(character);
    if cell::is_plain(json) || !json.contains(hidden) {
        return json.to_owned();
    }
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        if hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(shown, "\\u{unit:04x}").expect("a string takes all that is written");
            }
        } else {
            shown.push(character);
        }
    }
    shown
}
