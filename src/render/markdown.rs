//! Pages as Markdown: title, facts, tables, notes.
//!
//! For wikis, tickets and mails. Whatever a record says stays words: no markup of the data takes
//! effect.

use std::{io, io::Write};

use crate::page::{Page, Row, Table};

use super::{Language, Style, cell, label, shown_tables, text};

/// What Markdown would take for markup inside a line.
const MARKUP: [char; 11] = ['\\', '|', '<', '>', '[', ']', '`', '*', '_', '~', '&'];

/// Writes pages one below the other.
pub(super) fn write(pages: &[Page], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let blocks = pages.iter().flat_map(|page| blocks(page, style));
    for (at, block) in blocks.enumerate() {
        if at > 0 {
            out.write_all(b"\n")?;
        }
        out.write_all(block.as_bytes())?;
    }
    Ok(())
}

/// The blocks of a page, between which stands an empty line.
fn blocks(page: &Page, style: &Style) -> Vec<String> {
    let language = style.language;
    let mut blocks = Vec::new();
    if !page.title.is_empty() {
        blocks.push(format!("# {}\n", escaped(&page.title)));
    }
    let facts = page.facts.iter().filter(|(_, value)| text::is_said(value));
    let facts: String = facts
        .map(|(key, value)| {
            let value = escaped(&cell::for_people(value, language));
            format!("- {}: {value}\n", escaped(&label(key, language)))
        })
        .collect();
    if !facts.is_empty() {
        blocks.push(facts);
    }
    let tables: Vec<&Table> = shown_tables(page, style).collect();
    for table in &tables {
        if page.tables.len() > 1 {
            blocks.push(format!("## {}\n", escaped(&label(&table.key, language))));
        }
        blocks.push(match table.rows.is_empty() {
            true => format!("{}\n", escaped(&text::empty_sentence(table, language))),
            false => rows(table, language),
        });
    }
    let notes = page.notes.iter().map(|note| format!("> {}\n", escaped(note)));
    let notes: Vec<String> = notes.collect();
    if !notes.is_empty() {
        blocks.push(notes.join(">\n"));
    }
    blocks
}

fn rows(table: &Table, language: Language) -> String {
    let labels = table.columns.iter().map(|column| escaped(&label(&column.key, language)));
    let mut lines = line(labels);
    let marks = table.columns.iter().map(|column| if column.right { "--:" } else { "---" });
    lines.push_str(&line(marks.map(str::to_owned)));
    for row in &table.rows {
        let is_total = matches!(row, Row::Total(_));
        let cells = (0..table.columns.len()).map(|at| {
            let cell = row.cells().get(at).map(|cell| cell::for_people(cell, language));
            let cell = escaped(&cell.unwrap_or_default());
            if is_total && !cell.is_empty() { format!("**{cell}**") } else { cell }
        });
        lines.push_str(&line(cells));
    }
    lines
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = String::from("|");
    for cell in cells {
        line.push(' ');
        line.push_str(&cell);
        line.push_str(" |");
    }
    line.push('\n');
    line
}

/// Words in one line that show as they stand.
fn escaped(words: &str) -> String {
    let mut shown = String::with_capacity(words.len());
    for character in cell::one_line(words).chars() {
        if MARKUP.contains(&character) {
            shown.push('\\');
        }
        shown.push(character);
    }
    shown
}
