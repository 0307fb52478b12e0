//! The one shape of every output: facts, tables of typed cells, notes.
//!
//! `show`, `list` and every report return a `Page`; formatting and language happen in `render` only. A page speaks keys.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::value::day::Moment;

/// What a command shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Stable key: the report's or the command's name.
    pub key: String,
    /// Title for people.
    pub title: String,
    /// Head lines: what the figures mean (basis, period, as of), and single figures.
    pub facts: Vec<(String, Cell)>,
    /// The record as its file holds it, where the page is about one.
    pub record: Option<serde_json::Value>,
    /// Tables; the first is the main one, which csv and tsv print.
    pub tables: Vec<Table>,
    /// What a reader must know, such as what was left out.
    pub notes: Vec<String>,
}

/// Rows of typed cells under keyed columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Stable key, for `--table`.
    pub key: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// What would fill it, shown where there are no rows.
    pub empty: String,
}

/// A column of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    /// Stable English key; the label in each language comes from `render`.
    pub key: String,
    /// Numbers stand to the right.
    pub right: bool,
    /// The fields a figure is made of, for masking.
    pub from: Vec<&'static str>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// One thing.
    Data(Vec<Cell>),
    /// The total of the rows above; machine formats leave it out.
    Total(Vec<Cell>),
}

/// A typed cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing was said.
    Empty,
    /// Words.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A quantity, shown without trailing zeros.
    Quantity(Decimal),
    /// An amount, already at its currency's decimals.
    Money(Decimal),
    /// A fraction shown as percent: 0.125 is 12.5 %.
    Percent(Decimal),
    /// A day.
    Date(NaiveDate),
    /// A date-time.
    Moment(Moment),
    /// Yes or no.
    Bool(bool),
    /// Several words.
    List(Vec<String>),
    /// The id or code of a record.
    Ref(String),
    /// A figure that has no meaning here, shown as n/a.
    NotApplicable,
    /// Hidden from this audience.
    Masked,
}

impl Cell {
    /// Words, or nothing where there are none.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<crate::value::day::Day> for Cell {
    fn from(day: crate::value::day::Day) -> Self {
        Self::Date(day.0)
    }
}

impl Row {
    /// The cells, whatever the row is.
    pub fn cells(&self) -> &[Cell] {
        match self {
            Self::Data(cells) | Self::Total(cells) => cells,
        }
    }
}

impl Column {
    /// A column of words.
    pub fn words(key: impl Into<String>) -> Self {
        Self { key: key.into(), ..Self::default() }
    }

    /// A column of figures made of these fields.
    pub fn figure(key: impl Into<String>, from: &[&'static str]) -> Self {
        Self { key: key.into(), right: true, from: from.to_vec() }
    }
}
