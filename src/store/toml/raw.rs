//! The bytes of a record file before they are parsed: size, encoding, line ends, conflict markers,
//! nesting.
//!
//! After [`inspect`] the parser meets only valid UTF-8 of bounded size and depth.

use std::ops::Range;

use super::{MAX_BYTES, MAX_DEPTH};
use crate::{
    finding::{Finding, Fix},
    store::layout,
    value::{id::Id, place::Place},
};

/// The byte order mark of UTF-8.
pub(super) const BOM: &str = "\u{feff}";

/// A file's text and what its bytes already say against it.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    /// The whole text, byte order mark included; nothing where it must not be parsed.
    pub(super) text: Option<&'a str>,
    /// What is wrong with the bytes.
    pub(super) findings: Vec<Finding>,
    /// Lines the parser must not see, because a finding already speaks of them.
    pub(super) markers: Vec<Range<usize>>,
    /// Whether NUL bytes stand in the text.
    pub(super) has_nul: bool,
}

/// Looks at the bytes of a file.
pub(super) fn inspect<'a>(file: &str, bytes: &'a [u8]) -> Raw<'a> {
    let refused =
        |finding| Raw { text: None, findings: vec![finding], markers: Vec::new(), has_nul: false };
    let text = match text(file, bytes) {
        Ok(text) => text,
        Err(finding) => return refused(*finding),
    };
    let has_nul = bytes.contains(&0);
    let mut raw = Raw { text: Some(text), findings: Vec::new(), markers: Vec::new(), has_nul };
    if text.starts_with(BOM) {
        let place = Place::span(file, 0..BOM.len());
        let found = Finding::warning("toml.bom", place, "the file begins with a byte order mark");
        raw.findings.push(found.fix(Fix::PlainText));
    }
    if has_nul {
        nuls(file, bytes, &mut raw.findings);
    }
    if bytes.contains(&b'\r') {
        carriage_returns(file, text, &mut raw.findings);
    }
    if bytes.contains(&b'<') || bytes.contains(&b'>') {
        conflicts(file, text, &mut raw);
    }
    raw
}

/// The text of a file that may be parsed, or why not.
pub(super) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Box<Finding>> {
    let error =
        |code, span, message| Box::new(Finding::error(code, Place::span(file, span), message));
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, more than {MAX_BYTES}", bytes.len());
        return Err(error("toml.too_large", 0..0, message));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(fault) => {
            let start = fault.valid_up_to();
            let end = fault.error_len().map_or(bytes.len(), |length| start + length);
            let hint = "save the file as UTF-8";
            let message = "the file is not UTF-8 text".to_owned();
            return Err(Box::new(error("toml.encoding", start..end, message).hint(hint)));
        }
    };
    if text.trim_start_matches(BOM).trim_ascii().is_empty() {
        let found = error("toml.empty", 0..0, "the file is empty".to_owned());
        return Err(Box::new(found.hint("restore the file, or delete it")));
    }
    if let Some(at) = too_deep(bytes) {
        let message = format!("nested more than {MAX_DEPTH} deep");
        return Err(error("toml.too_deep", at..at + 1, message));
    }
    Ok(text)
}

/// Warns of a missing final newline; behind a bare number nobody can tell whether digits are lost.
pub(super) fn final_newline(file: &str, text: &str, findings: &mut Vec<Finding>) {
    if !text.ends_with('\n') {
        let last = &text[line(text, text.len())];
        let number = last.rsplit_once('=').map_or("", |(_, value)| value.trim_start());
        if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            let place = Place::span(file, text.len() - number.len()..text.len());
            let message = "the file ends in the middle of a line, maybe of this number";
            let found = Finding::error("toml.truncated", place, message);
            return findings.push(found.hint("complete the number, and end its line"));
        }
        let place = Place::span(file, text.len()..text.len());
        let message = "the last line does not end with a newline";
        let found = Finding::warning("toml.final_newline", place, message);
        findings.push(found.fix(Fix::Replace("\n".into())));
    }
}

/// The line around an offset, without its line end and without a byte order mark.
pub(super) fn line(text: &str, offset: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let offset = offset.min(bytes.len());
    let mark = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let start = bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(mark, |at| at + 1);
    start..newline(bytes, offset.max(start))
}

fn nuls(file: &str, bytes: &[u8], findings: &mut Vec<Finding>) {
    let Some(start) = bytes.iter().position(|byte| *byte == 0) else { return };
    let run = bytes[start..].iter().take_while(|byte| **byte == 0).count();
    let count = bytes.iter().filter(|byte| **byte == 0).count();
    let message = if count == 1 { "a NUL byte".into() } else { format!("{count} NUL bytes") };
    let found = Finding::error("toml.nul", Place::span(file, start..start + run), message);
    let note = "a crash leaves NUL bytes in a file that was being written";
    findings.push(found.note(note).hint("restore the file, or delete the NUL bytes"));
}

fn carriage_returns(file: &str, text: &str, findings: &mut Vec<Finding>) {
    let Some(first) = text.find("\r\n") else { return };
    let count = text.matches("\r\n").count();
    let lines = if count == 1 { "one line ends".into() } else { format!("{count} lines end") };
    let place = Place::span(file, first..first + 2);
    let message = format!("{lines} with CRLF instead of LF");
    findings.push(Finding::warning("toml.crlf", place, message).fix(Fix::PlainText));
}

/// Finds the lines that git leaves of a merge that met a conflict.
fn conflicts(file: &str, text: &str, raw: &mut Raw<'_>) {
    let mut start = 0;
    let mut markers = Vec::new();
    let mut is_certain = false;
    for line in text.split_inclusive('\n') {
        let words = line.trim_end_matches(['\r', '\n']).trim_start_matches(BOM);
        let ends = words.starts_with("<<<<<<< ") || words.starts_with(">>>>>>> ");
        if ends || words == "=======" || words.starts_with("||||||| ") {
            is_certain |= ends;
            let end = start + line.trim_end_matches(['\r', '\n']).len();
            markers.push(end - words.len()..end);
        }
        start += line.len();
    }
    // A row of equals signs alone may be an underline in a long text.
    for span in markers.into_iter().filter(|_| is_certain) {
        let place = Place::span(file, span.clone());
        let found = Finding::error("toml.conflict", place, "a conflict marker of git");
        let id = layout::stem(layout::file_name(file)).filter(|id| Id::parse(id).is_some());
        let both = id.map(|id| format!("; two records with one id: desk renumber {id}"));
        let hint = format!("keep one side and delete the marker lines{}", both.unwrap_or_default());
        raw.findings.push(found.hint(hint));
        raw.markers.push(span);
    }
}

/// Where brackets or the parts of one dotted key go deeper than allowed.
///
/// Texts and comments are stepped over in the same way as the parser does.
fn too_deep(bytes: &[u8]) -> Option<usize> {
    // Most files have not even as many brackets and dots as one value would need.
    let opens = bytes.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if opens <= MAX_DEPTH && bytes.iter().filter(|byte| **byte == b'.').count() < MAX_DEPTH {
        return None;
    }
    let (mut at, mut depth, mut dots) = (0, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => {
                at = newline(bytes, at);
                continue;
            }
            b'"' | b'\'' => {
                at = end_of_text(bytes, at, *byte);
                continue;
            }
            b'[' | b'{' => {
                depth += 1;
                dots = 0;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'.' => dots += 1,
            b'=' | b',' | b'\n' => dots = 0,
            _ => {}
        }
        if depth > MAX_DEPTH || dots >= MAX_DEPTH {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The offset of the line's end.
pub(super) fn newline(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |step| at + step)
}

/// The offset behind a quoted text that begins at `at`; its line's end where it is never closed.
pub(super) fn end_of_text(bytes: &[u8], at: usize, quote: u8) -> usize {
    let is_long = bytes[at..].starts_with(&[quote; 3]);
    let mut at = if is_long { at + 3 } else { at + 1 };
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' if quote == b'"' && bytes.get(at + 1) != Some(&b'\n') => at += 1,
            b'\n' if !is_long => return at,
            byte if byte == quote && !is_long => return at + 1,
            byte if byte == quote && bytes[at..].starts_with(&[quote; 3]) => {
                let further = bytes[at + 3..].iter().take(2).take_while(|b| **b == quote).count();
                return at + 3 + further;
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}
