//! Pages become text: one file per format, one function for all of them.
//!
//! For every command that shows something. Formatting, labels and language exist here only: a page
//! speaks keys and typed cells. The same pages give the same bytes in every run, no text of the
//! data reaches an output with a character that a terminal would obey, and no row or column is
//! ever left out for want of room.

mod bars;
mod cell;
mod chart;
mod csv;
mod html;
mod json;
mod markdown;
mod text;
mod words;
mod words_zh;
mod xlsx;

use std::{io, io::Write, path::Path};

use crate::{
    error::{Error, Result},
    page::{Page, Table},
    value::text::closest,
};

pub use json::escaped;
pub use words::{Language, label};

/// What an output looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for a terminal, wrapped to its width.
    #[default]
    Table,
    /// Aligned columns, one row a line, without rules, colour or wrapping.
    Plain,
    /// The main table, separated by commas.
    Csv,
    /// The main table, separated by tabs.
    Tsv,
    /// Everything, as one JSON value.
    Json,
    /// The main table, one JSON object a line.
    Jsonl,
    /// Everything, as Markdown.
    Markdown,
    /// Everything, as one HTML file for a browser and for paper.
    Html,
    /// Everything, as a workbook with a sheet for each table.
    Xlsx,
}

/// How an output is to look, apart from its format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal to wrap to; nothing wraps without it.
    pub width: Option<usize>,
    /// Whether headings may stand out by escape sequences.
    pub color: bool,
    /// Language of labels for people; machine formats keep their keys.
    pub language: Language,
    /// Whether the charts of a page are drawn, in formats that can.
    pub charts: bool,
    /// The table to show instead of all (or, in csv, tsv and jsonl, of the main one): its key, or
    /// `page.table` where several pages have one of that key.
    pub table: Option<String>,
}

/// Every format by the name that `-O` takes.
const FORMATS: [(&str, Format); 9] = [
    ("table", Format::Table),
    ("plain", Format::Plain),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("json", Format::Json),
    ("jsonl", Format::Jsonl),
    ("md", Format::Markdown),
    ("html", Format::Html),
    ("xlsx", Format::Xlsx),
];

impl Format {
    /// Reads the name of a format; the error names the nearest one and lists all.
    pub fn parse(name: &str) -> Result<Self, String> {
        if let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) {
            return Ok(*format);
        }
        let names = FORMATS.map(|(known, _)| known);
        let near = match closest(name, names) {
            Some(near) => format!("; did you mean \"{near}\"?"),
            None => String::new(),
        };
        Err(format!("\"{name}\" is not a format{near} (formats: {})", names.join(", ")))
    }

    /// The format that the extension of a file asks for.
    pub fn from_extension(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Plain),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The tables of a page that a format of one table alone does not hold, the figures of its head
    /// among them as `head`; none where a table was chosen, or the format holds all.
    pub fn left_out<'a>(self, page: &'a Page, chosen: Option<&str>) -> Vec<&'a str> {
        let is_one = matches!(self, Self::Csv | Self::Tsv | Self::Jsonl);
        if !is_one || chosen.is_some() || page.tables.is_empty() {
            return Vec::new();
        }
        let has_figures = page.facts.iter().any(|(_, cell)| cell::is_number(cell));
        let head = has_figures.then_some(HEAD);
        page.tables.iter().skip(1).map(|table| table.key.as_str()).chain(head).collect()
    }

    /// Whether programs read it: stable keys, plain numbers, no totals.
    pub fn is_for_machines(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Json | Self::Jsonl)
    }

    /// Whether it is a file to be opened, with its pictures, wherever it is written.
    pub fn is_document(self) -> bool {
        matches!(self, Self::Html | Self::Xlsx)
    }
}

/// Writes pages in a format.
///
/// `head` in place of a table's name is the facts above the tables. A table that no page has, or csv, tsv and jsonl of several tables without a choice between
/// them, is a usage error that lists the names.
pub fn render(pages: &[Page], format: Format, style: &Style, out: &mut dyn Write) -> Result<()> {
    if style.table.is_some() {
        main_table(pages, style)?;
    }
    let written = match format {
        Format::Table => text::write(pages, style, text::Look::Table, out),
        Format::Plain => text::write(pages, style, text::Look::Plain, out),
        Format::Json => json::write(pages, style, out),
        Format::Markdown => markdown::write(pages, style, out),
        Format::Html => html::write(pages, style, out),
        Format::Xlsx => return xlsx::write(pages, style, out),
        Format::Csv => csv::write_csv(main_table(pages, style)?, pages, out),
        Format::Tsv => csv::write_tsv(main_table(pages, style)?, pages, out),
        Format::Jsonl => json::write_lines(main_table(pages, style)?, pages, out),
    };
    written.map_err(not_written)
}

/// The error of an output that cannot be written.
fn not_written(cause: io::Error) -> Error {
    Error::failure("writing the output failed").because(cause)
}

/// The tables of a page that are to be shown.
fn shown_tables<'a>(page: &'a Page, style: &'a Style) -> impl Iterator<Item = &'a Table> {
    page.tables
        .iter()
        .filter(move |table| style.table.as_ref().is_none_or(|name| is_called(page, table, name)))
}

fn is_called(page: &Page, table: &Table, name: &str) -> bool {
    let tail = name.strip_prefix(page.key.as_str()).and_then(|rest| rest.strip_prefix('.'));
    table.key == name || tail == Some(table.key.as_str())
}

/// What `--table` calls the facts above the tables.
const HEAD: &str = "head";

/// The one table that a format for rows prints: the table asked for, or the first of the page;
/// none where no page has a table, or its head is asked for.
fn main_table<'a>(pages: &'a [Page], style: &Style) -> Result<Option<&'a Table>> {
    let named: Vec<(&Page, &Table)> = match &style.table {
        Some(name) => {
            let tables = pages.iter().flat_map(|page| page.tables.iter().map(move |t| (page, t)));
            tables.filter(|(page, table)| is_called(page, table, name)).collect()
        }
        None => pages.iter().filter_map(|page| Some((page, page.tables.first()?))).collect(),
    };
    match (named.as_slice(), &style.table) {
        ([(_, table)], _) => Ok(Some(table)),
        ([], None) => Ok(None),
        ([], Some(name)) if name == HEAD => Ok(None),
        ([], Some(name)) => Err(no_such_table(pages, name)),
        (several, _) => {
            let names: Vec<String> =
                several.iter().map(|(page, table)| full(page, table)).collect();
            let message = format!("one table at a time: choose from {}", names.join(", "));
            Err(Error::usage(message).hint(format!("--table {}", names[0])))
        }
    }
}

fn full(page: &Page, table: &Table) -> String {
    format!("{}.{}", page.key, table.key)
}

fn no_such_table(pages: &[Page], name: &str) -> Error {
    let mut names: Vec<&str> = Vec::new();
    for table in pages.iter().flat_map(|page| &page.tables) {
        if !names.contains(&table.key.as_str()) {
            names.push(&table.key);
        }
    }
    if names.is_empty() {
        return Error::usage(format!("no table \"{name}\": there are no tables here"));
    }
    let error = Error::usage(format!("no table \"{name}\" (tables: {})", names.join(", ")));
    match closest(name, names) {
        Some(near) => error.hint(format!("--table {near}")),
        None => error,
    }
}

#[cfg(test)]
mod tests;
