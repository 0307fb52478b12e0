//! Registers: CSV files of a month and a site, one row per event, read with every fault at once
//! and edited in place.
//!
//! [`load`] gives the rows that are sound and a finding for each cell that is not, [`holding`] some
//! rows by the words they hold; [`locate`]
//! finds a cell again for a finding that knows its row and column; [`append`] and [`set`] give
//! the file's new bytes, every other row as it was. Nothing here panics on data.

mod cell;
mod edit;
mod excerpt;
mod header;
mod line;
mod part;
mod plain;
mod raw;
mod rows;

use std::ops::Range;

pub use edit::{append, cells, set};
pub use excerpt::{Excerpt, Misfit, excerpt};
pub use part::holding;
pub use plain::{Plain, Register, plain};
pub use rows::{load, load_doubled};

/// Largest register file, in bytes.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;

/// The bytes of a cell, with its quotes; the end of the row where it is too short, the row where
/// the file has no such column.
///
/// Nothing if the file is not text or has no such row.
pub fn locate(bytes: &[u8], row: usize, column: &str) -> Option<Range<usize>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = line::lines(text);
    let header = lines.find(|line| !text[line.span.clone()].starts_with("<<<<<<< "))?;
    let mut cells = Vec::new();
    line::split(text, header.span.clone(), &mut cells);
    let at = cells.iter().position(|cell| line::content(text, cell) == column);
    let line = match row == header.number {
        true => header,
        false => lines.find(|line| line.number == row)?,
    };
    let Some(at) = at else { return Some(line.span) };
    let fault = line::split(text, line.span.clone(), &mut cells);
    let end = match fault {
        Some(line::QuoteFault::Open(open)) if at == cells.len() => open,
        _ => line.span.end,
    };
    Some(cells.get(at).cloned().unwrap_or(end..line.span.end))
}

#[cfg(test)]
mod tests;
