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

/// The bytes of a file without the lines of these values at its top; nothing where it is not whole.
///
/// Tables are not values: they are never left out.
pub fn without(bytes: &[u8], keys: &[&str]) -> Option<Vec<u8>> {
    let text = raw::text("", bytes).ok()?;
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return None;
    }
    let mut left_out: Vec<Range<usize>> = Vec::new();
    for (key, value) in table.get_ref() {
        let is_value = !matches!(value.get_ref(), DeValue::Table(_));
        if is_value && keys.contains(&key.get_ref().as_ref()) {
            let start = text[..key.span().start].rfind('\n').map_or(0, |at| at + 1);
            let end = text[value.span().end..].find('\n');
            left_out.push(start..end.map_or(text.len(), |at| value.span().end + at + 1));
        }
    }
    left_out.sort_by_key(|range| range.start);
    let mut kept = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for range in left_out {
        kept.extend_from_slice(text.get(from..range.start).unwrap_or_default().as_bytes());
        from = range.end.max(from);
    }
    kept.extend_from_slice(&text.as_bytes()[from..]);
    Some(kept)
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
