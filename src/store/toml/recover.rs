//! All that is wrong with a file whose text is not whole TOML.
//!
//! The parser stops at some faults and floods at others. So the lines of such faults are blanked in
//! a copy of the same length, and the copy is read again, until the rest is known; offsets stay
//! those of the file. What a fault merely causes further down is left out: a wrong finding costs
//! more than one that appears at the next run.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, Error};

use super::fault::{Fault, cut_off, fault, is_cut_off, trimmed};
use super::raw::{self, Raw};
use super::{bracket, check};
use crate::finding::Finding;
use crate::record::schema::Field;
use crate::value::place::{At, Place};

/// How often a copy is read again before what is known then is reported.
const ROUNDS: usize = 8;
/// Most errors of the parser that are put into words: a file with more is no record at all.
const MOST: usize = 500;

/// Finds every fault of syntax, and what the walk finds in the rest.
pub(super) fn findings(file: &str, text: &str, raw: &Raw<'_>, fields: &[Field]) -> Vec<Finding> {
    let mut copy = if raw.has_nul { text.replace('\0', " ") } else { text.to_owned() };
    copy = blanked(copy, &raw.markers);
    let (mut faults, lines) = bracket::unclosed(&copy).into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
    copy = blanked(copy, &lines);
    for round in 1..=ROUNDS {
        let (table, errors) = DeTable::parse_recoverable(&copy);
        let barriers = barriers(&errors, &copy);
        if barriers.is_empty() || round == ROUNDS {
            let mut errors: Vec<_> = errors.iter().filter(|error| error.span().is_some()).collect();
            errors.sort_by_key(|error| error.span().map(|span| span.start));
            let errors = errors.into_iter().take(MOST);
            faults.extend(errors.map(|error| fault(error, &copy, table.get_ref(), fields)));
            break;
        }
        let (found, lines): (Vec<_>, Vec<_>) = barriers.into_iter().unzip();
        faults.extend(found);
        copy = blanked(copy, &lines);
    }
    headers_of_blocks(&mut faults);
    faults.retain(|fault| !is_second(fault, &conflict(&raw.markers)));
    let faults = thinned(text, faults);
    let mut found: Vec<Finding> = faults.iter().map(|fault| finding(file, fault)).collect();
    let table = DeTable::parse_recoverable(&copy).0;
    let mut walked = Vec::new();
    check::walk(file, &copy, table.get_ref(), fields, &mut walked);
    let dirty = Dirty::of(text, &faults, &raw.markers);
    walked.retain(|finding| !dirty.causes(finding));
    found.append(&mut walked);
    found
}

/// The text with ranges of it turned into comments of the same length.
fn blanked(text: String, ranges: &[Range<usize>]) -> String {
    let mut bytes = text.into_bytes();
    for range in ranges {
        let inside = &mut bytes[range.clone()];
        inside.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        if let Some(first) = inside.first_mut() {
            *first = b'#';
        }
    }
    String::from_utf8(bytes).expect("ranges begin and end at line ends or brackets")
}

/// The faults behind which the parser gives up or goes astray, and the lines to blank.
fn barriers(errors: &[Error], text: &str) -> Vec<(Fault, Range<usize>)> {
    let mut done = 0;
    let mut barriers = Vec::new();
    for error in errors {
        let Some(span) = error.span().filter(|span| span.start >= done) else { continue };
        if let Some((fault, lines)) = barrier(error.message(), &span, text) {
            done = lines.end + 1;
            barriers.push((fault, lines));
        }
    }
    barriers
}

fn barrier(message: &str, span: &Range<usize>, text: &str) -> Option<(Fault, Range<usize>)> {
    let begins = |words| message.starts_with(words);
    let or_cut = |line: Range<usize>, words| {
        let shown = trimmed(text, line);
        if is_cut_off(text, span, message) {
            cut_off(shown, None)
        } else {
            Fault::new(shown, words)
        }
    };
    if begins("key with no value") {
        let line = raw::line(text, span.start);
        let words = "a line that is neither `key = value` nor a [table]";
        return Some((or_cut(line.clone(), words), line));
    }
    if begins("unclosed table") || begins("unclosed array table") {
        let line = raw::line(text, span.start);
        let block = line.start..next_header(text, line.end);
        return Some((or_cut(line, "a table header without its closing bracket"), block));
    }
    None
}

/// Where the next table header begins, or the end.
fn next_header(text: &str, from: usize) -> usize {
    text[from..].find("\n[").map_or(text.len(), |step| from + step)
}

/// From the first conflict marker to the last, where both sides stand one after the other.
fn conflict(markers: &[Range<usize>]) -> Range<usize> {
    match (markers.first(), markers.last()) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => 0..0,
    }
}

/// Whether a key stands twice only because both sides of a conflict do.
fn is_second(fault: &Fault, conflict: &Range<usize>) -> bool {
    fault.code == "toml.duplicate_key" && conflict.contains(&fault.span.start)
}

/// Of blocks under repeated `[line]` headers, the first header is as wrong as the others, and the
/// keys below the others are none that stand twice.
fn headers_of_blocks(faults: &mut Vec<Fault>) {
    let repeated = faults.iter().filter(|fault| fault.code == "field.type");
    let firsts: BTreeMap<_, _> = repeated
        .filter_map(|fault| {
            let (first, _) = fault.other.as_ref()?;
            Some((first.start, Fault { span: first.clone(), other: None, ..fault.clone() }))
        })
        .collect();
    if firsts.is_empty() {
        return;
    }
    faults.retain(|fault| fault.code != "toml.duplicate_key");
    faults.extend(firsts.into_values());
}

/// One fault of syntax a line, the first, in the order of the file; duplicate keys all stay.
fn thinned(text: &str, mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| fault.span.start);
    let mut last_line = None;
    faults.retain(|fault| {
        let is_repeat = fault.code == "toml.duplicate_key";
        let line = raw::line(text, fault.span.start).start;
        is_repeat || last_line.replace(line) != Some(line)
    });
    let first_cut = faults.iter().position(|fault| fault.code == "toml.truncated");
    let mut at = 0;
    faults.retain(|fault| {
        at += 1;
        fault.code != "toml.truncated" || Some(at - 1) == first_cut
    });
    faults
}

fn finding(file: &str, fault: &Fault) -> Finding {
    let place = Place::span(file, fault.span.clone());
    let mut finding = Finding::error(fault.code, place, fault.message.clone());
    finding.hint = fault.hint.clone();
    finding.fix = fault.fix.clone();
    if let Some((span, words)) = &fault.other {
        finding = finding.other(Place::span(file, span.clone()), *words);
    }
    finding
}

/// Lines that faults of syntax stand on.
struct Dirty<'a> {
    lines: Vec<Range<usize>>,
    words: Vec<&'a str>,
    /// From the first conflict marker to the last.
    conflict: Range<usize>,
    /// Where the last table begins that a cut-off file still opened.
    cut_table: Option<usize>,
}

impl<'a> Dirty<'a> {
    fn of(text: &'a str, faults: &[Fault], markers: &[Range<usize>]) -> Self {
        let faulty = faults.iter().filter(|fault| fault.code != "toml.duplicate_key");
        let line = |fault: &Fault| {
            raw::line(text, fault.span.start).start..raw::line(text, fault.span.end).end
        };
        let mut lines: Vec<_> = faulty.map(line).chain(markers.iter().cloned()).collect();
        lines.sort_by_key(|line| line.start);
        let first_word = |line: &Range<usize>| {
            let words = text[line.clone()].trim_start();
            words.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or("")
        };
        let words = lines.iter().map(first_word).filter(|word| !word.is_empty()).collect();
        let is_cut = faults.iter().any(|fault| fault.code == "toml.truncated");
        let cut_table = is_cut.then(|| text.rfind("\n[").map_or(0, |at| at + 1));
        Self { lines, words, conflict: conflict(markers), cut_table }
    }

    /// Whether a finding of the walk only follows from a fault of syntax.
    fn causes(&self, finding: &Finding) -> bool {
        let At::Span(span) = &finding.place.at else { return false };
        if finding.code == "field.missing" {
            let message = finding.message.strip_prefix('`').unwrap_or_default();
            let named = |word: &&str| {
                message.strip_prefix(*word).is_some_and(|rest| rest.starts_with("` is missing"))
            };
            let is_cut = self.cut_table.is_some_and(|start| span.start >= start);
            return is_cut || self.words.iter().any(named);
        }
        if finding.code == "line.duplicate_no" && self.conflict.contains(&span.start) {
            return true;
        }
        let behind = self.lines.partition_point(|line| line.start <= span.start);
        let line = behind.checked_sub(1).and_then(|at| self.lines.get(at));
        *span == (0..0) || line.is_some_and(|line| span.start <= line.end)
    }
}
