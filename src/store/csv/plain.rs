//! Rows of a register as they stand, not as records: for comparing versions of a file, and for rows
//! that the reader leaves out.

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
