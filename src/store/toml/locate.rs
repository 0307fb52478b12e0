//! Where a value stands in the text of its file, for findings that know only its path, and lines
//! and columns to show.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::raw;
use crate::value::place::{KeyPath, Step};

/// The bytes of a value, or of the header of the nearest table above that exists.
///
/// Nothing if the file is not text, or if not even the first step of the path exists in it.
pub fn locate(bytes: &[u8], path: &KeyPath) -> Option<Range<usize>> {
    let text = raw::text("", bytes).ok()?;
    let table = DeTable::parse_recoverable(text).0.into_inner();
    let (Step::Key(first), rest) = path.0.split_first()? else { return None };
    let mut value = table.get(first.as_str())?;
    for step in rest {
        let below = match (step, value.get_ref()) {
            (Step::Key(key), DeValue::Table(table)) => table.get(key.as_str()),
            (Step::Index(at), DeValue::Array(items)) => items.get(*at),
            _ => None,
        };
        let Some(below) = below else { break };
        value = below;
    }
    Some(value.span())
}

/// The line and the column of an offset, both from 1, the column counted in characters.
///
/// A byte order mark has no column of its own.
pub fn line_column(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = &bytes[..offset.min(bytes.len())];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count();
    let mark = raw::BOM.as_bytes();
    let words = before[start..].strip_prefix(mark).filter(|_| start == 0);
    let words = words.unwrap_or(&before[start..]);
    // Bytes that go on a character do not begin one.
    let column = words.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    (line + 1, column + 1)
}
