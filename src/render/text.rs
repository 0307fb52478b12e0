//! Pages for a terminal: title, facts, aligned tables, notes.
//!
//! For people. Nothing is cut: where the columns of a table do not fit the width, words wrap, and
//! where even that does not help, the table is wider than the terminal. Tables that fit, and long
//! ones, are padded here, which is many times faster than the library that wraps the others; both
//! look the same.

use std::{io, io::Write};

use anstyle::{Effects, Style as Paint};
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, TableStyle, Width,
};

use crate::{
    page::{Cell, Page, Row, Table},
    value::text::{pad, width},
};

use super::{Language, Style, bars, cell, label, shown_tables};

/// Spaces between two columns.
const GAP: usize = 2;
/// Most rows that are wrapped: beyond, one row stays one line.
const MOST_WRAPPED: usize = 2_000;
/// Widest cell that is wrapped; the library counts columns in 16 bits.
const WIDEST_WRAPPED: usize = 5_000;
/// Columns that words keep however narrow the terminal.
const NARROWEST: usize = 10;
/// Stands where a rule goes while lines are wrapped: no cell can hold it.
const RULE_MARK: char = '\u{1}';
/// Titles and headings.
const BOLD: Paint = Paint::new().effects(Effects::BOLD);

/// How a page for people looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// With rules, and with colour and wrapping where the style says so.
    Table,
    /// One row a line and nothing else.
    Plain,
}

/// A table in words, all rows as long as the header.
struct Grid {
    header: Vec<String>,
    rows: Vec<Line>,
    right: Vec<bool>,
    /// Whether no cell of the column may wrap: figures, dates, ids.
    rigid: Vec<bool>,
    widths: Vec<usize>,
}

struct Line {
    cells: Vec<String>,
    is_total: bool,
}

/// Writes pages one below the other.
pub(super) fn write(
    pages: &[Page],
    style: &Style,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let blocks = pages.iter().flat_map(|page| blocks(page, style, look));
    for (at, block) in blocks.enumerate() {
        if at > 0 {
            out.write_all(b"\n")?;
        }
        for line in block {
            out.write_all(line.as_bytes())?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// Whether a fact says anything, so that people are shown it.
pub(super) fn is_said(value: &Cell) -> bool {
    !matches!(value, Cell::Empty)
}

/// What stands in place of a table without rows.
pub(super) fn empty_sentence(table: &Table, language: Language) -> String {
    match (table.empty.trim(), language) {
        ("", Language::En) => "nothing to show".into(),
        ("", Language::Zh) => "没有记录".into(),
        (sentence, _) => sentence.into(),
    }
}

/// The blocks of lines of a page, between which stands an empty line.
fn blocks(page: &Page, style: &Style, look: Look) -> Vec<Vec<String>> {
    let mut blocks = Vec::new();
    let mut head = Vec::new();
    if !page.title.trim().is_empty() {
        head.push(heading(&page.title, style, look));
    }
    head.extend(facts(page, style.language));
    blocks.push(head);
    for table in shown_tables(page, style) {
        let mut lines = Vec::new();
        if page.tables.len() > 1 {
            lines.push(heading(&label(&table.key, style.language), style, look));
        }
        lines.extend(table_lines(table, style, look));
        if page.tables.len() == 1 && page.record.is_none() && !table.rows.is_empty() {
            lines.push(count(table, style.language));
        }
        blocks.push(lines);
        if style.charts && look == Look::Table {
            blocks.extend(bars::blocks(page, table, style));
        }
    }
    let word = if style.language == Language::Zh { "注：" } else { "note: " };
    let note = |note: &String| format!("{word}{}", cell::one_line(note));
    blocks.push(page.notes.iter().map(note).collect());
    blocks.retain(|block| !block.is_empty());
    blocks
}

fn heading(words: &str, style: &Style, look: Look) -> String {
    painted(&cell::one_line(words), style, look)
}

fn painted(line: &str, style: &Style, look: Look) -> String {
    if style.color && look == Look::Table && !line.is_empty() {
        format!("{BOLD}{line}{BOLD:#}")
    } else {
        line.to_owned()
    }
}

/// `key  value` lines, keys padded to the widest; a value of several lines keeps them.
fn facts(page: &Page, language: Language) -> Vec<String> {
    let said = page.facts.iter().filter(|(_, value)| is_said(value));
    let said: Vec<(String, &Cell)> = said
        .map(|(key, value)| (cell::one_line(&label(key, language)).into_owned(), value))
        .collect();
    let widest = said.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (label, value) in &said {
        let values = fact_lines(value, language);
        for (at, value) in values.iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let line = format!("{}  {value}", pad(label, widest));
            lines.push(line.trim_end_matches(' ').to_owned());
        }
    }
    lines
}

/// The lines of a fact's value.
pub(super) fn fact_lines(value: &Cell, language: Language) -> Vec<String> {
    match value {
        Cell::Text(words) => {
            words.trim().lines().map(|line| cell::one_line(line).into_owned()).collect()
        }
        _ => vec![cell::for_people(value, language)],
    }
}

/// How many rows there are, totals apart.
pub(super) fn count(table: &Table, language: Language) -> String {
    let rows = table.rows.iter().filter(|row| matches!(row, Row::Data(_))).count();
    match language {
        Language::Zh => format!("{rows} 行"),
        Language::En if rows == 1 => "1 row".into(),
        Language::En => format!("{rows} rows"),
    }
}

fn table_lines(table: &Table, style: &Style, look: Look) -> Vec<String> {
    if table.rows.is_empty() {
        return vec![cell::one_line(&empty_sentence(table, style.language)).into_owned()];
    }
    if table.columns.is_empty() {
        return Vec::new();
    }
    let grid = Grid::new(table, style.language);
    let lines = match style.width {
        Some(width) if look == Look::Table && grid.can_wrap(width) => grid.wrapped(width),
        _ => grid.padded(),
    };
    if look == Look::Plain {
        return lines.into_iter().filter(|line| !is_rule_mark(line)).collect();
    }
    let rule_width = lines.iter().map(|line| rule_width(line)).max().unwrap_or(0);
    let rule = "-".repeat(rule_width);
    let mut is_header = true;
    let shown = lines.into_iter().map(|line| {
        if is_rule_mark(&line) {
            is_header = false;
            return rule.clone();
        }
        if is_header { painted(&line, style, look) } else { line }
    });
    shown.collect()
}

fn is_rule_mark(line: &str) -> bool {
    line.starts_with(RULE_MARK)
}

/// The columns that the rule of a mark takes: the mark is as wide as the table.
fn rule_width(line: &str) -> usize {
    if is_rule_mark(line) { line.len() } else { 0 }
}

impl Grid {
    fn new(table: &Table, language: Language) -> Self {
        let columns = table.columns.len();
        let header: Vec<String> = table
            .columns
            .iter()
            .map(|column| cell::one_line(&label(&column.key, language)).into_owned())
            .collect();
        let mut widths: Vec<usize> = header.iter().map(|label| width(label)).collect();
        let mut rigid = vec![true; columns];
        let mut rows = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let mut cells = Vec::with_capacity(columns);
            for (at, widest) in widths.iter_mut().enumerate() {
                let cell = row.cells().get(at).unwrap_or(&Cell::Empty);
                rigid[at] &= !matches!(cell, Cell::Text(_) | Cell::Word(_) | Cell::List(_));
                let words = cell::for_people(cell, language);
                *widest = (*widest).max(width(&words));
                cells.push(words);
            }
            rows.push(Line { cells, is_total: matches!(row, Row::Total(_)) });
        }
        let right: Vec<bool> = table.columns.iter().map(|column| column.right).collect();
        for (rigid, right) in rigid.iter_mut().zip(&right) {
            *rigid |= right;
        }
        Self { header, rows, right, rigid, widths }
    }

    /// The columns of the whole table.
    fn total_width(&self) -> usize {
        self.widths.iter().sum::<usize>() + GAP * (self.widths.len() - 1)
    }

    /// The narrowest that a column may become.
    fn narrowest(&self, at: usize) -> usize {
        if self.rigid[at] { self.widths[at] } else { self.widths[at].min(NARROWEST) }
    }

    /// Whether the table is too wide for `columns` and wrapping would make it fit.
    fn can_wrap(&self, columns: usize) -> bool {
        let narrowest: usize = (0..self.widths.len()).map(|at| self.narrowest(at)).sum();
        let fits = narrowest + GAP * (self.widths.len() - 1) <= columns;
        let is_small = self.rows.len() <= MOST_WRAPPED
            && self.widths.iter().all(|&width| width <= WIDEST_WRAPPED);
        self.total_width() > columns && fits && is_small
    }

    /// Whether a rule stands above the row: the first total below others.
    fn has_rule_above(&self, at: usize) -> bool {
        let is_total = |at: usize| self.rows.get(at).is_some_and(|row| row.is_total);
        is_total(at) && at.checked_sub(1).is_some_and(|above| !is_total(above))
    }

    /// One line a row, columns as wide as their widest cell.
    fn padded(&self) -> Vec<String> {
        let rule = RULE_MARK.to_string().repeat(self.total_width().max(1));
        let mut lines = Vec::with_capacity(self.rows.len() + 3);
        lines.push(self.padded_line(&self.header));
        lines.push(rule.clone());
        for (at, row) in self.rows.iter().enumerate() {
            if self.has_rule_above(at) {
                lines.push(rule.clone());
            }
            lines.push(self.padded_line(&row.cells));
        }
        lines
    }

    fn padded_line(&self, cells: &[String]) -> String {
        let mut line = String::with_capacity(self.total_width() + GAP);
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                line.extend([' '; GAP]);
            }
            let blank = self.widths[at].saturating_sub(width(cell));
            if self.right[at] {
                line.extend(std::iter::repeat_n(' ', blank));
                line.push_str(cell);
            } else {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', blank));
            }
        }
        line.truncate(line.trim_end_matches(' ').len());
        line
    }

    /// Columns of words made narrower, so that the table is at most `columns` wide.
    fn wrapped(&self, columns: usize) -> Vec<String> {
        let mut table = comfy_table::Table::new();
        let separator = LineStyle::none().fill(RULE_MARK);
        table.load_style(TableStyle::new().header_separator(separator));
        table.force_no_tty();
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(columns).unwrap_or(u16::MAX));
        table.set_header(&self.header);
        for (at, row) in self.rows.iter().enumerate() {
            if self.has_rule_above(at) {
                table.add_row(vec![RULE_MARK.to_string(); self.widths.len()]);
            }
            table.add_row(&row.cells);
        }
        for at in 0..self.widths.len() {
            let gap = if at + 1 == self.widths.len() { 0 } else { GAP };
            // The library counts the gap as part of a column's width.
            let narrowest = u16::try_from(self.narrowest(at).max(1) + gap).unwrap_or(u16::MAX);
            let Some(column) = table.column_mut(at) else { continue };
            column.set_padding((0, if gap == 0 { 0 } else { 2 }));
            if self.right[at] {
                column.set_cell_alignment(CellAlignment::Right);
            }
            let narrowest = Width::Fixed(narrowest);
            column.set_constraint(match self.rigid[at] {
                true => ColumnConstraint::Absolute(narrowest),
                false => ColumnConstraint::LowerBoundary(narrowest),
            });
        }
        let trimmed = |line: String| match line.contains(RULE_MARK) {
            true if !is_rule_mark(&line) => RULE_MARK.to_string(),
            _ => line.trim_end_matches(' ').to_owned(),
        };
        table.lines().map(trimmed).collect()
    }
}
