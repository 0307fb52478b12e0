//! Rows of a register as they stand, not as records: for comparing versions of a file, and for rows
//! that the reader leaves out.

use std::ops::Range;

use super::{
    line::{content, lines, split},
    raw,
};

/// A row as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// Line of the file, the header being 1.
    pub line: usize,
    /// Columns and the texts of their cells; empty ones left out.
    pub cells: Vec<(String, String)>,
}

impl Plain {
    /// The text of a cell; nothing where it is empty.
    pub fn cell(&self, column: &str) -> Option<&str> {
        let found = self.cells.iter().find(|(name, _)| name == column);
        found.map(|(_, text)| text.as_str())
    }
}

/// The rows whose id is wanted, in the order of the file; of a file that is not text, none.
///
/// Lines without the words `hint` are not taken apart, which is much quicker where one id is
/// sought.
pub fn plain(bytes: &[u8], hint: &str, wanted: impl Fn(&str) -> bool) -> Vec<Plain> {
    let Ok(text) = raw::text("", bytes) else { return Vec::new() };
    let mut cells = Vec::new();
    let mut names: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    for line in lines(text) {
        let words = &text[line.span.clone()];
        let is_mark =
            ["<<<<<<< ", "||||||| ", ">>>>>>> "].iter().any(|mark| words.starts_with(mark));
        if is_mark || words == "=======" {
            continue;
        }
        if names.is_some() && !words.contains(hint) {
            continue;
        }
        if split(text, line.span.clone(), &mut cells).is_some() {
            continue;
        }
        let texts = cells.iter().map(|cell| content(text, cell).into_owned());
        let Some(names) = &names else {
            names = Some(texts.collect());
            continue;
        };
        let pairs = names.iter().cloned().zip(texts).filter(|(_, text)| !text.is_empty());
        let row = Plain { line: line.number, cells: pairs.collect() };
        if row.cell("id").is_some_and(&wanted) {
            rows.push(row);
        }
    }
    rows
}

/// A register by its lines, to look rows up by their number.
#[derive(Debug)]
pub struct Register {
    text: String,
    lines: Vec<Range<usize>>,
    names: Vec<String>,
}

impl Register {
    /// The lines of a register; nothing where it is no text.
    pub fn of(bytes: Vec<u8>) -> Option<Self> {
        raw::text("", &bytes).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let lines: Vec<Range<usize>> = lines(&text).map(|line| line.span).collect();
        let mut cells = Vec::new();
        split(&text, lines.first()?.clone(), &mut cells);
        let names = cells.iter().map(|cell| content(&text, cell).into_owned()).collect();
        Some(Self { text, lines, names })
    }

    /// The cells of a line that hold something, as they are written, with the names of their
    /// columns; nothing where its quotes do not close.
    pub fn cells(&self, line: usize) -> Option<Vec<(&str, &str)>> {
        let span = self.lines.get(line.checked_sub(1)?)?.clone();
        let mut cells = Vec::new();
        if split(&self.text, span, &mut cells).is_some() {
            return None;
        }
        let named = self.names.iter().map(String::as_str).zip(&cells);
        let cells = named.map(|(name, cell)| (name, &self.text[cell.clone()]));
        Some(cells.filter(|(_, cell)| !cell.is_empty()).collect())
    }
}
