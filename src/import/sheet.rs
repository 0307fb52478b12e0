//! A CSV file as rows of cells, each with the line it stands on.
//!
//! Headers are looked up by name, so columns may stand in any order. Rows without words are left
//! out; everything else that is odd (too many cells, a quote that never closes) is found.

use std::borrow::Cow;

use super::decode;
use crate::{
    finding::Finding,
    value::place::{At, Place},
};

/// Largest cell, in bytes.
pub const MAX_CELL: usize = 64 * 1024;

/// What may begin a formula; our own csv puts a `'` before it, which is taken away again.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A CSV file that was read.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Name of the file, for messages.
    pub file: String,
    /// The encoding it was in.
    pub encoding: &'static str,
    /// Line of the header.
    pub header_line: usize,
    /// Names of the columns.
    pub headers: Vec<String>,
    /// The rows that hold something.
    pub rows: Vec<Row>,
    /// Whether rows were left out as faulty: what leads to them is no fault of its own.
    pub is_torn: bool,
    /// Whether a quotation mark that never closes swallowed the rest.
    pub is_cut: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line of the file on which it begins, from 1.
    pub line: usize,
    /// Its cells, trimmed, as many as there are headers.
    pub cells: csv::StringRecord,
}

/// How a file is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Between two cells.
    pub delimiter: u8,
    /// Line of the header, from 1.
    pub header_line: usize,
    /// The encoding, where it is not to be told from the bytes.
    pub encoding: Option<&'static encoding_rs::Encoding>,
}

impl Sheet {
    /// Reads a file; what is wrong with it goes to `findings`.
    pub fn read(file: &str, bytes: &[u8], reading: Reading, findings: &mut Vec<Finding>) -> Self {
        let mut sheet = Self { file: file.to_owned(), ..Self::default() };
        let decoded = match decode::decode(bytes, reading.encoding) {
            Ok(decoded) => decoded,
            Err(why) => {
                let message = format!("{file} {why}");
                findings.push(Finding::error("import.file", Place::file(file), message));
                return sheet;
            }
        };
        sheet.encoding = decoded.encoding;
        if decoded.is_guess {
            let message =
                format!("{file} was read as {}, by the look of its bytes", sheet.encoding);
            let place = Place::file(file);
            let found = Finding::new("import.file", crate::finding::Level::Note, place, message);
            findings.push(found.hint("if names look wrong, say encoding = \"…\" for the source"));
        }
        sheet.fill(&decoded.text, reading, findings);
        sheet
    }

    fn fill(&mut self, text: &str, reading: Reading, findings: &mut Vec<Finding>) {
        let start = start_of_line(text, reading.header_line);
        let body = &text[start..];
        let mut lines = Lines { body, at: 0, line: reading.header_line.max(1) };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(reading.delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(body.as_bytes());
        let mut cells = csv::StringRecord::new();
        let mut last = 0;
        // Reading memory cannot fail, and the text is valid UTF-8.
        while reader.read_record(&mut cells).unwrap_or(false) {
            let begin = cells.position().map_or(0, |position| position.byte());
            last = lines.number(usize::try_from(begin).unwrap_or(body.len()));
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if self.headers.is_empty() {
                self.header_line = last;
                self.headers = cells.iter().map(|name| name.trim().to_owned()).collect();
            } else {
                self.row(last, &cells, findings);
            }
        }
        self.unclosed(body, last, findings);
        if self.headers.is_empty() {
            let message = format!("{} has no header", self.file);
            findings.push(Finding::error("import.file", Place::file(&self.file), message));
        }
    }

    fn row(&mut self, line: usize, cells: &csv::StringRecord, findings: &mut Vec<Finding>) {
        let width = self.headers.len();
        let beyond = cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
        if cells.len() < width || beyond {
            let message = format!("{} cells under {width} columns", cells.len());
            let found = Finding::error("import.row", self.place(line, ""), message);
            let hint = "a cell that holds the delimiter or a line break stands in quotes";
            findings.push(found.hint(hint));
            self.is_torn = true;
            return;
        }
        let mut kept = csv::StringRecord::new();
        for (name, cell) in self.headers.iter().zip(cells) {
            if cell.len() > MAX_CELL {
                let message = format!("the cell has {} bytes, more than 64 KiB", cell.len());
                findings.push(Finding::error("import.value", self.place(line, name), message));
                self.is_torn = true;
                return;
            }
            kept.push_field(&plain(cell));
        }
        self.rows.push(Row { line, cells: kept });
    }

    /// A quote that opens and never closes swallows the rest of the file into its row.
    fn unclosed(&mut self, body: &str, last: usize, findings: &mut Vec<Finding>) {
        let quotes = body.bytes().filter(|byte| *byte == b'"').count();
        let tail = self.rows.last().filter(|row| row.line == last);
        let swallowed = tail.is_none_or(|row| row.cells.iter().any(|cell| cell.contains('\n')));
        if quotes % 2 == 1 && swallowed && last > 0 {
            self.is_cut = true;
            let message = "a quotation mark opens and never closes";
            findings.push(Finding::error("import.row", self.place(last, ""), message));
        }
    }

    /// The place of a cell; without a column, of a row.
    pub fn place(&self, line: usize, column: &str) -> Place {
        cell_place(&self.file, line, column)
    }

    /// The column of a name; nothing where there is none.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header == name)
    }
}

/// The place of a cell of a CSV file; without a column, of a row.
pub fn cell_place(file: &str, line: usize, column: &str) -> Place {
    Place { file: file.to_owned(), at: At::Cell { row: line, column: column.to_owned() } }
}

/// A cell without spaces around it and without the `'` that keeps spreadsheets from obeying it;
/// its line breaks are LF.
fn plain(cell: &str) -> Cow<'_, str> {
    let guarded = cell.strip_prefix('\'');
    let is_guarded = |rest: &&str| rest.trim_start_matches('\'').starts_with(FORMULA);
    let words = guarded.filter(is_guarded).unwrap_or(cell).trim();
    match words.contains('\r') {
        true => Cow::Owned(words.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(words),
    }
}

fn start_of_line(text: &str, line: usize) -> usize {
    let mut ends = text.match_indices('\n').map(|(at, _)| at + 1);
    match line {
        0 | 1 => 0,
        line => ends.nth(line - 2).unwrap_or(text.len()),
    }
}

/// Counts lines on the way through a text.
struct Lines<'a> {
    body: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line on which the row lies that begins at or, after blank lines, behind an offset.
    fn number(&mut self, offset: usize) -> usize {
        let bytes = self.body.as_bytes();
        let offset = offset.clamp(self.at, bytes.len());
        let blank = bytes[offset..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begin = offset + blank;
        self.line += bytes[self.at..begin].iter().filter(|byte| **byte == b'\n').count();
        self.at = begin;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Reading = Reading { delimiter: b',', header_line: 1, encoding: None };

    fn read(text: &str) -> (Sheet, Vec<Finding>) {
        let mut findings = Vec::new();
        let sheet = Sheet::read("a.csv", text.as_bytes(), COMMA, &mut findings);
        (sheet, findings)
    }

    fn lines(sheet: &Sheet) -> Vec<(usize, Vec<&str>)> {
        sheet.rows.iter().map(|row| (row.line, row.cells.iter().collect())).collect()
    }

    #[test]
    fn rows_know_their_lines_across_blanks_breaks_and_line_ends() {
        for eol in ["\n", "\r\n"] {
            let text = "a,b\n1,x\n\n\n2,\"y\nz\"\n,\n3,\" w \"\n".replace('\n', eol);
            let (sheet, findings) = read(&text);
            assert_eq!(findings, []);
            let wanted = vec![(2, vec!["1", "x"]), (5, vec!["2", "y\nz"]), (8, vec!["3", "w"])];
            assert_eq!(lines(&sheet), wanted);
        }
    }

    #[test]
    fn the_guard_against_formulas_is_taken_away_once() {
        let (sheet, _) = read("a\n'=1\n''=1\n'quoted'\n'+86 1\n'＝x\n't Hart\n");
        let cells: Vec<&str> = sheet.rows.iter().map(|row| &row.cells[0]).collect();
        assert_eq!(cells, ["=1", "'=1", "'quoted'", "+86 1", "＝x", "'t Hart"]);
    }

    #[test]
    fn odd_rows_are_found_all_at_once() {
        let (sheet, findings) = read("a,b\n1\n1,2,3\n1,2,,\n");
        let messages: Vec<&str> = findings.iter().map(|found| found.message.as_str()).collect();
        assert_eq!(messages, ["1 cells under 2 columns", "3 cells under 2 columns"]);
        assert_eq!(lines(&sheet), [(4, vec!["1", "2"])]);
    }

    #[test]
    fn a_quote_that_never_closes_is_found_at_its_row() {
        let (_, findings) = read("a,b\n1,2\n3,\"4\n5,6\n7,8\n");
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].place, cell_place("a.csv", 3, ""));
        let (_, findings) = read("a,b\n1,5\" pipe\n");
        assert_eq!(findings, [], "a quote inside words is no opening one");
    }

    #[test]
    fn a_header_may_stand_further_down_and_a_large_cell_is_refused() {
        let mut findings = Vec::new();
        let reading = Reading { header_line: 3, delimiter: b';', ..COMMA };
        let text = "Orders\n\na;b\n1;2\n";
        let sheet = Sheet::read("a.csv", text.as_bytes(), reading, &mut findings);
        assert_eq!(
            (sheet.headers.as_slice(), lines(&sheet)),
            (&["a".to_owned(), "b".to_owned()][..], vec![(4, vec!["1", "2"])])
        );
        let large = format!("a\n{}\n", "x".repeat(MAX_CELL + 1));
        assert_eq!(read(&large).1.len(), 1);
        assert_eq!(read("\n\n").1[0].message, "a.csv has no header");
    }
}
