//! Brackets of a broken file that are never closed: those still open where the next line begins a
//! new field or table.
//!
//! The parser would take all that follows for a part of the list; here the list's own lines are
//! named instead.

use std::ops::Range;

use super::fault::Fault;
use super::raw;

/// The brackets that are never closed, and the lines they spoil.
pub(super) fn unclosed(text: &str) -> Vec<(Fault, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => {
                at = raw::newline(bytes, at);
                continue;
            }
            b'"' | b'\'' => {
                at = raw::end_of_text(bytes, at, *byte);
                continue;
            }
            b'[' | b'{' => open.push(at),
            b']' | b'}' => drop(open.pop()),
            b'\n' => {
                let next = &text[raw::line(text, at + 1)];
                match (open.first(), open.last()) {
                    (Some(first), _) if is_header(text, *first) => open.clear(),
                    (Some(first), Some(last)) if is_statement(next) && !goes_on(text, *last) => {
                        let fault = Fault::new(*last..*last + 1, "a bracket that is never closed");
                        found.push((fault, raw::line(text, *first).start..at));
                        open.clear();
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Whether a bracket opens a line, and so a table header.
fn is_header(text: &str, at: usize) -> bool {
    text[raw::line(text, at).start..at].trim_matches([' ', '\t', '[']).is_empty()
}

/// Whether a table in braces means to go on over lines, as newer TOML allows.
fn goes_on(text: &str, at: usize) -> bool {
    let line = text[at..raw::line(text, at).end].trim_end();
    line.starts_with('{') && line.ends_with(['{', ','])
}

/// Whether a line begins a new `key = value` or a new table.
fn is_statement(line: &str) -> bool {
    let line = line.trim();
    if let Some(header) = line.strip_prefix('[') {
        let header = header.trim_start_matches('[').trim_end_matches(']');
        return header.starts_with(|c: char| c.is_ascii_lowercase()) && is_key(header);
    }
    line.split_once('=').is_some_and(|(key, _)| is_key(key.trim()))
}

fn is_key(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !word.is_empty() && word.chars().all(allowed)
}
