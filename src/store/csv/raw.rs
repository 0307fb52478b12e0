//! The bytes of a register before its rows are read: size, encoding, line ends, conflict marks.

use std::ops::Range;

use super::{
    MAX_BYTES,
    line::{BOM, Line},
};
use crate::{
    finding::{Finding, Fix},
    value::place::Place,
};

/// The text of a file whose rows may be read, or why not.
pub(super) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Box<Finding>> {
    let error =
        |code, span, message| Box::new(Finding::error(code, Place::span(file, span), message));
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, more than {MAX_BYTES}", bytes.len());
        return Err(error("csv.too_large", 0..0, message));
    }
    let text = std::str::from_utf8(bytes).map_err(|fault| {
        let start = fault.valid_up_to();
        let end = fault.error_len().map_or(bytes.len(), |length| start + length);
        let found = error("csv.encoding", start..end, "the file is not UTF-8 text".into());
        Box::new(found.hint("save the file as UTF-8; spreadsheets call it \"CSV UTF-8\""))
    })?;
    let is_empty = text.trim_start_matches(BOM).bytes().all(|byte| byte.is_ascii_whitespace());
    match is_empty {
        true => {
            Err(error("csv.empty", 0..0, "the file is empty; not even its header is there".into()))
        }
        false => Ok(text),
    }
}

/// What the bytes already say: a byte order mark, line ends.
pub(super) fn inspect(file: &str, text: &str, findings: &mut Vec<Finding>) {
    if text.starts_with(BOM) {
        let place = Place::span(file, 0..BOM.len());
        let found = Finding::warning("csv.bom", place, "the file begins with a byte order mark");
        findings.push(found.fix(Fix::PlainText));
    }
    // A single byte is sought many times faster than two, and most files have none.
    let has_return = text.as_bytes().contains(&b'\r');
    if has_return && let Some(first) = text.find("\r\n") {
        let count = text.matches("\r\n").count();
        let lines = if count == 1 { "one line ends".into() } else { format!("{count} lines end") };
        let place = Place::span(file, first..first + 2);
        let message = format!("{lines} with CRLF instead of LF");
        let found = Finding::warning("csv.crlf", place, message);
        findings.push(found.fix(Fix::PlainText));
    }
}

/// Whether git left both sides of a conflict in a file.
pub(super) fn has_conflict(text: &str) -> bool {
    let begins = |mark: &str| text.starts_with(mark) || text.contains(&format!("\n{mark}"));
    let has = |mark: u8| text.as_bytes().contains(&mark);
    (has(b'<') && begins("<<<<<<< ")) || (has(b'>') && begins(">>>>>>> "))
}

/// The lines that git leaves of a conflict, and the lines between them, which nobody has decided
/// on.
pub(super) struct Conflicts {
    markers: Vec<usize>,
    disputed: Vec<Range<usize>>,
}

impl Conflicts {
    /// Finds them, with a finding for each mark.
    pub(super) fn find(
        file: &str,
        text: &str,
        lines: &[Line],
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut conflicts = Self { markers: Vec::new(), disputed: Vec::new() };
        if !has_conflict(text) {
            return conflicts;
        }
        let mut open = None;
        for line in lines {
            let words = &text[line.span.clone()];
            let begins = words.starts_with("<<<<<<< ");
            let ends = words.starts_with(">>>>>>> ");
            if !(begins || ends || words == "=======" || words.starts_with("||||||| ")) {
                continue;
            }
            if begins {
                open = Some(line.number);
            } else if ends && let Some(first) = open.take() {
                conflicts.disputed.push(first..line.number);
            }
            let place = Place::span(file, line.span.clone());
            let found = Finding::error("csv.conflict", place, "a conflict marker of git");
            let hint = "keep what holds of both sides and delete the marker lines; an id that then \
                        stands twice: desk renumber ID";
            findings.push(found.note("the rows between the markers are left out").hint(hint));
            conflicts.markers.push(line.number);
        }
        conflicts.disputed.extend(open.map(|first| first..usize::MAX));
        conflicts
    }

    /// Whether a line is a mark.
    pub(super) fn is_marker(&self, line: usize) -> bool {
        self.markers.contains(&line)
    }

    /// Whether a line lies between marks.
    pub(super) fn is_disputed(&self, line: usize) -> bool {
        self.disputed.iter().any(|range| range.contains(&line))
    }
}
