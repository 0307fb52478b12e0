//! The parser's errors in our words: one fault of syntax each, with its code, its bytes and what to
//! do.

use std::ops::Range;

use toml::de::{DeTable, DeValue, Error};

use super::raw;
use crate::finding::Fix;
use crate::record::schema::{Field, Type, field};

/// One fault of syntax.
#[derive(Clone)]
pub(super) struct Fault {
    /// Code of the finding it becomes.
    pub(super) code: &'static str,
    /// Bytes of the file.
    pub(super) span: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// What to write.
    pub(super) hint: Option<String>,
    /// A mechanical mend.
    pub(super) fix: Option<Fix>,
    /// A further spot and its words.
    pub(super) other: Option<(Range<usize>, &'static str)>,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            code: "toml.syntax",
            span,
            message: message.into(),
            hint: None,
            fix: None,
            other: None,
        }
    }
}

pub(super) fn cut_off(span: Range<usize>, open: Option<usize>) -> Fault {
    Fault {
        code: "toml.truncated",
        hint: Some("restore the file, or complete its end".into()),
        other: open.map(|open| (open..open + 1, "opened here")),
        ..Fault::new(span, "the file ends in the middle of something")
    }
}

/// Whether a fault lies where the file was cut off.
pub(super) fn is_cut_off(text: &str, span: &Range<usize>, message: &str) -> bool {
    let runs_on = ["unclosed array,", "unclosed inline", "invalid multi-line"];
    let is_open = runs_on.iter().any(|words| message.starts_with(words));
    let is_last = !text.ends_with('\n') && raw::line(text, span.end).end == text.len();
    span.start >= text.len() || is_last || (is_open && text[span.start..].trim().is_empty())
}

/// The bytes of a line without the space around it.
pub(super) fn trimmed(text: &str, line: Range<usize>) -> Range<usize> {
    let words = &text[line.clone()];
    let start = line.start + (words.len() - words.trim_start().len());
    start..(start + words.trim().len())
}

/// Where the outermost value begins that runs on to `end`.
pub(super) fn opening(table: &DeTable<'_>, end: usize) -> Option<usize> {
    table.iter().find_map(|(_, value)| {
        let span = value.span();
        match value.get_ref() {
            _ if span.end >= end && span.start < end => Some(span.start),
            DeValue::Table(below) => opening(below, end),
            DeValue::Array(items) => items
                .iter()
                .filter_map(|item| item.get_ref().as_table())
                .find_map(|table| opening(table, end)),
            _ => None,
        }
    })
}

/// Puts one of the parser's errors into our words.
pub(super) fn fault(error: &Error, text: &str, table: &DeTable<'_>, fields: &[Field]) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    let written = text.get(span.clone()).unwrap_or_default();
    if message == "duplicate key" {
        return duplicate(text, span, table, fields);
    }
    if is_cut_off(text, &span, message) {
        let line = raw::line(text, text.trim_end().len());
        return cut_off(trimmed(text, line), opening(table, span.end));
    }
    let begins = |words| message.starts_with(words);
    if is_dated(written) {
        let because = message.split_once("expected ").map_or(message, |(_, because)| because);
        let because = because.strip_prefix("a ").unwrap_or(because);
        let message = format!("{written} is not a date: needs a {because}");
        return Fault { code: "field.date", ..Fault::new(span, message) };
    }
    if begins("string values must be quoted") && written.is_empty() {
        let line = trimmed(text, raw::line(text, span.start));
        return Fault::new(line, "a key without a value");
    }
    if begins("string values must be quoted") {
        let bare = written.trim_matches(['“', '”', '‘', '’', '"', '\'']);
        let hint = Some(format!("write \"{}\"", bare.escape_debug()));
        return Fault { hint, ..Fault::new(span, "text without plain quotes around it") };
    }
    if begins("invalid basic string") || begins("invalid literal string") {
        let start = opening(table, span.start).unwrap_or(span.start);
        return Fault::new(start..span.start, "a text whose closing quote is missing");
    }
    let rest = span.start..trimmed(text, raw::line(text, span.start)).end;
    let span = if span.is_empty() && rest.start < rest.end { rest } else { span };
    let message = match () {
        () if begins("unexpected key or value") => "something more behind a finished value".into(),
        () if begins("invalid unquoted key") => format!("`{written}` is not a key"),
        () if begins("missing escaped value") => {
            let hint = Some("write \\\\ for a backslash".into());
            return Fault {
                hint,
                ..Fault::new(span, "a backslash that begins no known character")
            };
        }
        () => message.replace("expected nothing", "remove it"),
    };
    Fault::new(span, message)
}

/// Whether a bare word begins as a date does: `2026-`.
fn is_dated(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() > 4 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}

fn duplicate(text: &str, span: Range<usize>, table: &DeTable<'_>, fields: &[Field]) -> Fault {
    let key = text.get(span.clone()).unwrap_or_default();
    let line = raw::line(text, span.start);
    let words = trimmed(text, line.clone());
    let is_header = text[words.clone()].starts_with('[');
    if !is_header {
        let other = earlier_key(table, key, span.start).map(|first| (first, "first here"));
        let message = format!("`{}` stands here a second time", key.escape_debug());
        return Fault { code: "toml.duplicate_key", other, ..Fault::new(span, message) };
    }
    let first = earlier_header(&text[..line.start], &text[words.clone()]);
    let other = first.map(|first| (first, "first here"));
    let is_block = field(fields, key).is_some_and(|field| matches!(field.kind, Type::Blocks(_)));
    if is_block && text[words.clone()] == format!("[{key}]") {
        return Fault {
            code: "field.type",
            hint: Some(format!("write [[{key}]]")),
            fix: Some(Fix::Replace(format!("[[{key}]]"))),
            other,
            ..Fault::new(words, format!("`{key}` is a block that repeats, not one table"))
        };
    }
    let message = format!("{} stands here a second time", text[words.clone()].escape_debug());
    Fault { code: "toml.duplicate_key", other, ..Fault::new(words, message) }
}

/// Where the same header stands first.
fn earlier_header(before: &str, header: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in before.split_inclusive('\n') {
        if line.trim() == header {
            return Some(trimmed(before, start..start + line.len()));
        }
        start += line.len();
    }
    None
}

/// The nearest key of that name before an offset.
fn earlier_key(table: &DeTable<'_>, name: &str, before: usize) -> Option<Range<usize>> {
    let mut nearest: Option<Range<usize>> = None;
    let mut take = |found: Option<Range<usize>>| {
        let Some(found) = found.filter(|found| found.start < before) else { return };
        if nearest.as_ref().is_none_or(|nearest| nearest.start < found.start) {
            nearest = Some(found);
        }
    };
    for (key, value) in table {
        take((key.get_ref() == name).then(|| key.span()));
        match value.get_ref() {
            DeValue::Table(below) => take(earlier_key(below, name, before)),
            DeValue::Array(items) => {
                for below in items.iter().filter_map(|item| item.get_ref().as_table()) {
                    take(earlier_key(below, name, before));
                }
            }
            _ => {}
        }
    }
    nearest
}
