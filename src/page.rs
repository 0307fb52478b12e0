//! The one shape of every output: facts, tables of typed cells, notes.
//!
//! `show`, `list` and every report return a `Page`; formatting and language happen in `render`
//! only. A page speaks keys.

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
    /// Pictures of the tables' figures, for formats that people look at.
    pub charts: Vec<Chart>,
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

/// A picture of one column of a table, drawn from its rows as they are shown: it holds no figure of
/// its own, so that what is masked, sorted or left out of the table is so in the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Key of the table.
    pub table: String,
    /// Keys of the columns that name a row; several are shown one after the other.
    pub labels: Vec<String>,
    /// Key of the column that is drawn.
    pub figure: String,
    /// How it is drawn.
    pub shape: Shape,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A bar for each row.
    Bars,
    /// A line over rows that follow each other in time.
    Line,
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
    /// A word of a closed list, such as `invoice`, which people read in their language.
    Word(String),
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

    /// A word of a closed list.
    pub fn word(word: impl Into<String>) -> Self {
        match Self::text(word) {
            Self::Text(word) => Self::Word(word),
            empty => empty,
        }
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

impl Table {
    /// Keeps only these columns, in this order; the error names the one that is not there.
    pub fn select(&mut self, keys: &[String]) -> Result<(), String> {
        let position = |key: &String| {
            let wanted = key.replace('-', "_");
            self.columns.iter().position(|column| column.key == wanted).ok_or_else(|| key.clone())
        };
        let kept: Vec<usize> = keys.iter().map(position).collect::<Result<_, _>>()?;
        self.columns = kept.iter().map(|&at| self.columns[at].clone()).collect();
        for row in &mut self.rows {
            let (Row::Data(cells) | Row::Total(cells)) = row;
            *cells = kept.iter().map(|&at| cells.get(at).cloned().unwrap_or(Cell::Empty)).collect();
        }
        Ok(())
    }

    /// Sorts the rows by a column, downwards with a leading `-`; totals stay last.
    pub fn sort(&mut self, key: &str) -> Result<(), String> {
        let (down, name) = match key.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, key),
        };
        let wanted = name.replace('-', "_");
        let at = self.columns.iter().position(|column| column.key == wanted);
        let at = at.ok_or_else(|| name.to_owned())?;
        let cell = |row: &Row| row.cells().get(at).cloned().unwrap_or(Cell::Empty);
        self.rows.sort_by(|one, other| match (one, other) {
            (Row::Data(_), Row::Data(_)) if down => order(&cell(other), &cell(one)),
            (Row::Data(_), Row::Data(_)) => order(&cell(one), &cell(other)),
            (one, other) => matches!(one, Row::Total(_)).cmp(&matches!(other, Row::Total(_))),
        });
        Ok(())
    }

    /// Keeps the first rows; gives how many there were.
    pub fn limit(&mut self, most: usize) -> usize {
        let all = self.rows.iter().filter(|row| matches!(row, Row::Data(_))).count();
        let mut kept = 0_usize;
        self.rows.retain(|row| match row {
            Row::Data(_) => {
                kept = kept.saturating_add(1);
                kept <= most
            }
            // The total of rows that are not shown would be read as that of those that are.
            Row::Total(_) => all <= most,
        });
        all
    }
}

/// Numbers by value, days by time, words by their letters; what is empty comes first.
fn order(one: &Cell, other: &Cell) -> std::cmp::Ordering {
    let number = |cell: &Cell| match cell {
        Cell::Int(whole) => Some(Decimal::from(*whole)),
        Cell::Quantity(value) | Cell::Money(value) | Cell::Percent(value) => Some(*value),
        _ => None,
    };
    let words = |cell: &Cell| match cell {
        Cell::Text(text) | Cell::Word(text) | Cell::Ref(text) => text.clone(),
        Cell::List(list) => list.join(";"),
        Cell::Date(day) => day.to_string(),
        Cell::Moment(moment) => moment.0.to_utc().to_rfc3339(),
        Cell::Bool(yes) => yes.to_string(),
        _ => String::new(),
    };
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        (None, None) => words(one).cmp(&words(other)),
        (one, other) => one.is_some().cmp(&other.is_some()),
    }
}
