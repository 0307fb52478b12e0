//! The lines of a register and the bytes of their cells.
//!
//! Cells hold no line breaks, so a line is a row; that is why a quote left open spoils its own
//! row and not the rest of the file, as it would with a reader of general CSV. On sound rows the
//! cells are those the `csv` crate sees.

use std::{borrow::Cow, ops::Range};

/// The byte order mark of UTF-8.
pub(super) const BOM: &str = "\u{feff}";
/// Most lines that one cell with line breaks is looked for.
const MAX_JOINED: usize = 50;
/// Most cells that are sought in a line; no register has nearly as many columns.
pub(super) const MAX_CELLS: usize = 1000;

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Number from 1.
    pub(super) number: usize,
    /// Its bytes without the line end.
    pub(super) span: Range<usize>,
    /// Offset behind its line end.
    pub(super) end: usize,
}

/// Why a line cannot be parted into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuoteFault {
    /// The quote of a cell, at this offset, is never closed.
    Open(usize),
    /// Something stands behind a cell's closing quote, at this offset.
    Behind(usize),
}

/// The lines of a text, each with its number; a byte order mark belongs to none.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> {
    let mut start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let mut number = 0;
    std::iter::from_fn(move || {
        let line = line_at(text, start, number + 1)?;
        number += 1;
        start = line.end;
        Some(line)
    })
}

/// The line that begins at an offset; none at the end.
pub(super) fn line_at(text: &str, start: usize, number: usize) -> Option<Line> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let (length, end) = match rest.find('\n') {
        Some(length) => (length, start + length + 1),
        None => (rest.len(), text.len()),
    };
    let is_crlf = rest[..length].ends_with('\r') && end > start + length;
    let span = start..start + length - usize::from(is_crlf);
    Some(Line { number, span, end })
}

/// Parts a line into its cells, each with its quotes. A fault ends the cells before the one it is
/// in; of very many cells those behind [`MAX_CELLS`] are one.
pub(super) fn split(
    text: &str,
    line: Range<usize>,
    cells: &mut Vec<Range<usize>>,
) -> Option<QuoteFault> {
    cells.clear();
    let bytes = &text.as_bytes()[..line.end];
    let mut start = line.start;
    loop {
        let end = match bytes.get(start) {
            Some(b'"') => match closing(bytes, start) {
                Some(close) => close + 1,
                None => return Some(QuoteFault::Open(start)),
            },
            _ => find(bytes, start, b','),
        };
        if cells.len() == MAX_CELLS {
            cells.push(start..line.end);
            return None;
        }
        if end < bytes.len() && bytes[end] != b',' {
            return Some(QuoteFault::Behind(end));
        }
        cells.push(start..end);
        if end == bytes.len() {
            return None;
        }
        start = end + 1;
    }
}

/// The offset of a byte, or the end.
fn find(bytes: &[u8], from: usize, wanted: u8) -> usize {
    bytes[from..].iter().position(|byte| *byte == wanted).map_or(bytes.len(), |at| from + at)
}

/// The quote that closes the one at `open`; a doubled quote closes nothing.
fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        at = find(bytes, at, b'"');
        match (bytes.get(at), bytes.get(at + 1)) {
            (None, _) => return None,
            (_, Some(b'"')) => at += 2,
            _ => return Some(at),
        }
    }
}

/// What a cell says: its quotes taken off.
pub(super) fn content<'a>(text: &'a str, cell: &Range<usize>) -> Cow<'a, str> {
    let written = &text[cell.clone()];
    let inner = written.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
    match inner {
        None => Cow::Borrowed(written),
        Some(inner) if inner.contains('"') => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(inner),
    }
}

/// Whether a line holds nothing but commas, quotes and blanks.
pub(super) fn is_blank(text: &str, line: &Range<usize>) -> bool {
    text.as_bytes()[line.clone()].iter().all(|byte| matches!(byte, b',' | b'"' | b' ' | b'\t'))
}

/// The last of the lines over which a cell with line breaks runs that begins in `first`.
///
/// Nothing where a later line begins a row itself, or no whole row of `width` cells comes of it:
/// then a quote was left open.
pub(super) fn joined(
    text: &str,
    first: &Line,
    later: &[Line],
    width: usize,
    prefix: &str,
) -> Option<usize> {
    let begins_row =
        |line: &Line| text[line.span.clone()].trim_start_matches('"').starts_with(prefix);
    let mut cells = Vec::with_capacity(width);
    for (at, line) in later.iter().take(MAX_JOINED).enumerate() {
        if begins_row(line) {
            return None;
        }
        let fault = split(text, first.span.start..line.span.end, &mut cells);
        if fault.is_none() {
            return (cells.len() == width).then_some(at);
        }
    }
    None
}
