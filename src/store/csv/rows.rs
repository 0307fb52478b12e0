//! The rows of a register: each checked cell by cell, and read or left out on its own.
//!
//! A row with an error gives findings and no record; its id stays known, so that it is not given
//! again.

use std::{borrow::Cow, collections::BTreeSet, ops::Range};

use rayon::prelude::*;

use super::{
    super::{layout, load::Loaded},
    cell,
    header::Header,
    line::{Line, MAX_CELLS, QuoteFault, content, is_blank, joined, lines, split},
    raw::{self, Conflicts},
};
use crate::{
    finding::{Finding, Fix, Level},
    record::{
        Kind,
        row::{Cell, Column, Part},
    },
    value::{day::Month, formula, place::Place},
};

/// Rows that one core reads at a time.
const CHUNK: usize = 1000;

/// What becomes of rows whose id an earlier row has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubled {
    /// They give no record.
    LeftOut,
    /// They give one each.
    Kept,
}

/// Loads the rows of one register file; of rows with one id, the first.
pub fn load(kind: Kind, path: &str, bytes: &[u8]) -> Loaded {
    whole(kind, path, bytes, Doubled::LeftOut)
}

/// Loads the rows of one register file, each of those with one id too.
pub fn load_doubled(kind: Kind, path: &str, bytes: &[u8]) -> Loaded {
    whole(kind, path, bytes, Doubled::Kept)
}

fn whole(kind: Kind, path: &str, bytes: &[u8], doubled: Doubled) -> Loaded {
    let Some(of) = layout::register(path) else {
        let message =
            "the file's name is not YYYY-MM.csv or YYYY-MM-SITE.csv; nothing of it is read";
        return Loaded::failed(Finding::error("file.name", Place::file(path), message));
    };
    let text = match raw::text(path, bytes) {
        Ok(text) => text,
        Err(finding) => return Loaded::failed(*finding),
    };
    let mut findings = Vec::new();
    raw::inspect(path, text, &mut findings);
    read(kind, path, of, text, lines(text).collect(), findings, doubled)
}

/// Reads these lines of the file of a month and a site; the first that is not blank is its header.
pub(super) fn read(
    kind: Kind,
    path: &str,
    (month, site): (Month, &str),
    text: &str,
    lines: Vec<Line>,
    mut findings: Vec<Finding>,
    doubled: Doubled,
) -> Loaded {
    let conflicts = Conflicts::find(path, text, &lines, &mut findings);
    let is_first = |line: &&Line| !conflicts.is_marker(line.number) && !is_blank(text, &line.span);
    let Some(at) = lines.iter().position(|line| is_first(&line)) else {
        return Loaded { findings, ..Loaded::default() };
    };
    let first = &lines[at];
    let header = Header::read(kind, path, text, first, &mut findings);
    let months = Months { month, site, prefix: prefix(kind, month, site) };
    let has_nul = text.as_bytes().contains(&0);
    let none = || Rows {
        file: path,
        kind,
        text,
        has_nul,
        months: &months,
        id_at: header.position("id"),
        header: &header,
        columns: kind.cells(),
        cells: Vec::new(),
        ids: Vec::new(),
        blank: 0,
        loaded: Loaded::default(),
    };
    let mut rows = none();
    rows.loaded.findings = findings;
    rows.read_all(&lines[at + 1..], &conflicts, none);
    rows.habits(first);
    rows.doubled(&conflicts, doubled);
    rows.final_newline();
    rows.loaded
}

/// What ids of a file begin with: `TK-2609-A`.
fn prefix(kind: Kind, month: Month, site: &str) -> String {
    format!("{}-{:02}{:02}-{site}", kind.info().prefix, month.year % 100, month.month)
}

/// Which ids belong into a file.
struct Months<'a> {
    month: Month,
    site: &'a str,
    prefix: String,
}

struct Rows<'a> {
    file: &'a str,
    kind: Kind,
    text: &'a str,
    has_nul: bool,
    months: &'a Months<'a>,
    header: &'a Header,
    /// The column of the file that holds the id.
    id_at: Option<usize>,
    columns: &'static [Column],
    /// Spans of the cells of the row at hand.
    cells: Vec<Range<usize>>,
    /// The id of every row that has one, its line, and its place among the records.
    ids: Vec<(Cow<'a, str>, usize, Option<usize>)>,
    blank: usize,
    loaded: Loaded,
}

impl<'a> Rows<'a> {
    /// Reads rows on every core; in order where one of them runs over several lines.
    fn read_all(&mut self, lines: &[Line], conflicts: &Conflicts, none: impl Fn() -> Self + Sync) {
        let read = |lines: &[Line]| {
            let mut part = none();
            part.read(lines, conflicts).then_some(part)
        };
        let parts: Option<Vec<Self>> = lines.par_chunks(CHUNK).map(read).collect();
        match parts {
            Some(parts) => parts.into_iter().for_each(|part| self.join(part)),
            None => {
                self.read(lines, conflicts);
            }
        }
    }

    fn join(&mut self, part: Self) {
        let before = self.loaded.entries.len();
        self.loaded.entries.extend(part.loaded.entries);
        self.loaded.broken.extend(part.loaded.broken);
        self.loaded.findings.extend(part.loaded.findings);
        let ids = part.ids.into_iter();
        self.ids.extend(ids.map(|(id, line, at)| (id, line, at.map(|at| at + before))));
        self.blank += part.blank;
    }

    /// Reads rows; tells whether the quotes of each close on its own line.
    fn read(&mut self, lines: &[Line], conflicts: &Conflicts) -> bool {
        let mut are_closed = true;
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            at += 1;
            if conflicts.is_marker(line.number) {
                continue;
            }
            if is_blank(self.text, &line.span) {
                self.blank += 1;
                continue;
            }
            if let Some(fault) = split(self.text, line.span.clone(), &mut self.cells) {
                at += self.quote_fault(line, &lines[at..], fault);
                are_closed = false;
                continue;
            }
            let is_sound = self.header.is_sound && !conflicts.is_disputed(line.number);
            self.row(line, is_sound);
        }
        are_closed
    }

    /// Reports a row whose quotes do not close; gives how many further lines belong to it.
    fn quote_fault(&mut self, line: &Line, later: &[Line], fault: QuoteFault) -> usize {
        self.broken_id(line);
        let id = format!("{}-", self.kind.info().prefix);
        let width = self.header.names.len();
        let (found, joined) = match fault {
            QuoteFault::Behind(at) => {
                let message = "something stands behind the closing quote of a cell";
                let found =
                    Finding::error("csv.quote", Place::span(self.file, at..at + 1), message);
                (found.hint("a quote inside a cell is written twice: \"\""), 0)
            }
            QuoteFault::Open(open) => match joined(self.text, line, later, width, &id) {
                Some(last) => {
                    let place = self.place_at(line, self.cells.len());
                    let message = "the cell holds a line break";
                    let found = Finding::error("csv.line_break", place, message);
                    (found.hint("write it on one line"), last + 1)
                }
                None if self.is_cut_off(line) => (self.cut_off(line), 0),
                None => {
                    let place = Place::span(self.file, open..line.span.end);
                    let message = "the quote that opens this cell is not closed";
                    (Finding::error("csv.quote", place, message), 0)
                }
            },
        };
        self.loaded.findings.push(found);
        joined
    }

    /// The place of a cell by its column of the file.
    fn place_at(&self, line: &Line, column: usize) -> Place {
        match self.header.names.get(column).filter(|name| !name.is_empty()) {
            Some(name) => Place::cell(self.file, line.number, name),
            None => {
                let span = self.cells.get(column).unwrap_or(&line.span);
                Place::span(self.file, span.clone())
            }
        }
    }

    /// Whether the file ends in this line without a line end.
    fn is_cut_off(&self, line: &Line) -> bool {
        line.end == self.text.len() && !self.text.ends_with('\n')
    }

    fn cut_off(&self, line: &Line) -> Finding {
        let place = self.place_at(line, self.cells.len().saturating_sub(1));
        let message = "the file ends in the middle of this row";
        Finding::error("csv.truncated", place, message)
            .hint("restore the file, or complete its last row")
    }

    fn row(&mut self, line: &Line, is_sound: bool) {
        let before = self.loaded.findings.len();
        let id = self.id();
        let mut held: Vec<Cell<'a>> = Vec::with_capacity(self.cells.len());
        if !is_sound {
            self.broken_id(line);
            return;
        }
        match self.shape(line) {
            Some(finding) => self.loaded.findings.push(finding),
            None => {
                self.values(line, &mut held);
                self.loaded.findings.extend(id.as_ref().and_then(|id| self.identity(line, id)));
            }
        }
        let fresh = &self.loaded.findings[before..];
        let is_lost = fresh.iter().any(|finding| finding.level == Level::Error);
        let at = self.loaded.entries.len();
        if let (false, Some(id)) = (is_lost, &id) {
            match self.kind.build_row(&held, self.file, line.number) {
                Ok(entry) => {
                    self.loaded.entries.push(entry);
                    self.ids.push((id.clone(), line.number, Some(at)));
                    return;
                }
                Err(misfit) => {
                    let row = line.number;
                    let place = match misfit.column {
                        Some(column) => Place::cell(self.file, row, column),
                        None => Place::span(self.file, line.span.clone()),
                    };
                    let found = Finding::error("field.type", place, misfit.message);
                    self.loaded.findings.push(found);
                }
            }
        }
        self.broken_id(line);
    }

    /// The id of the row at hand, if it has one.
    fn id(&self) -> Option<Cow<'a, str>> {
        let cell = self.cells.get(self.id_at?)?;
        Some(content(self.text, cell)).filter(|id| !id.is_empty())
    }

    /// Keeps the id of a row that gives no record.
    fn broken_id(&mut self, line: &Line) {
        if let Some(id) = self.id() {
            if crate::store::layout::document_id(self.kind, &id).is_some() {
                self.loaded.broken.push(id.clone().into_owned());
            }
            self.ids.push((id, line.number, None));
        }
    }

    /// What is wrong with a row as a whole.
    fn shape(&self, line: &Line) -> Option<Finding> {
        let (width, found) = (self.header.names.len(), self.cells.len());
        let bytes = &self.text.as_bytes()[line.span.clone()];
        if self.has_nul && bytes.contains(&0) {
            let place = Place::span(self.file, line.span.clone());
            let found = Finding::error("csv.nul", place, "NUL bytes stand in the row");
            let note = "a crash leaves NUL bytes in a file that was being written";
            return Some(found.note(note).hint("restore the file, or delete the line"));
        }
        let cells = match found > MAX_CELLS {
            true => format!("more than {MAX_CELLS}"),
            false => found.to_string(),
        };
        let message = format!("the row has {cells} cells, the header {width}");
        if found < width {
            let cut = self.is_cut_off(line).then(|| self.cut_off(line));
            let place = self.place_at(line, found);
            let short = || Finding::error("csv.ragged", place, message).label("missing from here");
            return Some(cut.unwrap_or_else(short));
        }
        let nameless = |at: &usize| self.header.names.get(*at).is_none_or(String::is_empty);
        let is_filled = |at: &usize| !content(self.text, &self.cells[*at]).is_empty();
        let filled = (0..found).filter(nameless).find(is_filled);
        // Behind a comma without quotes all cells have moved, even where the last is empty.
        let at = filled.or_else(|| (found > width).then_some(width))?;
        let place = Place::span(self.file, self.cells[at].clone());
        let found = match at < width {
            true => Finding::error("csv.ragged", place, "the cell's column has no name"),
            false => Finding::error("csv.ragged", place, message)
                .hint("a cell that holds a comma stands in quotes"),
        };
        Some(found)
    }

    /// Checks every cell, and keeps those that hold something.
    fn values(&mut self, line: &Line, held: &mut Vec<Cell<'a>>) {
        let mut voided = 0;
        for (at, span) in self.cells.iter().take(self.header.names.len()).enumerate() {
            let text = content(self.text, span);
            let place = |key: &str| Place::cell(self.file, line.number, key);
            let Some(column) = self.header.fields[at].map(|field| &self.columns[field]) else {
                if !text.is_empty() {
                    let name = &self.header.names[at];
                    let message = format!("holds something in the unknown column `{name}`");
                    let found = Finding::error("field.unknown", place(name), message);
                    self.loaded.findings.push(found);
                }
                continue;
            };
            let field = &column.field;
            if text.is_empty() {
                if field.required {
                    let message = format!("`{}` is empty", field.key);
                    let found = Finding::error("field.missing", place(&field.key), message);
                    self.loaded.findings.push(found);
                }
                continue;
            }
            let text = if cell::is_words(&field.kind) { unguarded(text) } else { text };
            if let Some(mut found) = cell::check(self.file, field, &field.kind, &text) {
                found.place = place(&field.key);
                self.loaded.findings.push(found);
            }
            voided += usize::from(column.part == Part::Void);
            held.push(Cell { column, text });
        }
        if voided > 0 {
            self.half_void(line, held);
        }
    }

    /// Reports what is missing of `void_at, void_by, void_reason` where one of them is there.
    fn half_void(&mut self, line: &Line, held: &[Cell<'_>]) {
        let has = |column: &Column| held.iter().any(|cell| cell.column == column);
        for column in self.columns.iter().filter(|column| column.part == Part::Void) {
            if !has(column) {
                let key = &column.field.key;
                let message = format!("`{key}` is empty in a row that is void");
                let place = Place::cell(self.file, line.number, key);
                self.loaded.findings.push(Finding::error("field.missing", place, message));
            }
        }
    }

    /// Checks that an id is one of the kind, of the file's month and of its site.
    fn identity(&self, line: &Line, id: &str) -> Option<Finding> {
        let Months { month, site, prefix } = self.months;
        let is_plain = |digits: &str| {
            let is_whole = match digits.len() {
                4 => digits != "0000",
                5..=9 => !digits.starts_with('0'),
                _ => false,
            };
            is_whole && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        if id.strip_prefix(prefix.as_str()).is_some_and(is_plain) {
            return None;
        }
        let kind = self.kind;
        let at = |code, message| {
            Finding::error(code, Place::cell(self.file, line.number, "id"), message)
        };
        let Some(parsed) = layout::document_id(kind, id) else {
            let message = format!("\"{}\" is not a {kind} id", id.escape_debug());
            let form = format!("the form is {}-YYMM-NNNN", kind.info().prefix);
            return Some(at("id.form", message).note(form));
        };
        let moved = || format!("move the row to {}", layout::path(kind, id).unwrap_or_default());
        if parsed.month != *month {
            let message = format!("{id} stands in the file of another month");
            return Some(at("file.month", message).hint(moved()));
        }
        let message = format!("{id} stands in the file of another site");
        (parsed.site != *site).then(|| at("file.site", message).hint(moved()))
    }

    /// Reports rows whose id an earlier row has, and leaves them out.
    fn doubled(&mut self, conflicts: &Conflicts, fate: Doubled) {
        self.ids.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
        let mut dropped = BTreeSet::new();
        let mut first = 0;
        for at in 1..self.ids.len() {
            let (id, row, entry) = &self.ids[at];
            if *id != self.ids[first].0 {
                first = at;
                continue;
            }
            if conflicts.is_disputed(*row) {
                // It gave no record, and both sides of a conflict have the same rows.
                continue;
            }
            let message = format!("{} stands in two rows", id.escape_debug());
            let place = Place::cell(self.file, *row, "id");
            let earlier = Place::cell(self.file, self.ids[first].1, "id");
            let found = Finding::error("csv.duplicate_id", place, message);
            // Which was typed later is told by the rows, if both say when.
            let typed = |entry: Option<usize>| {
                entry.is_some_and(|at| self.loaded.entries[at].common().entered_at.is_some())
            };
            let hint = match typed(*entry) && typed(self.ids[first].2) {
                true => format!("desk renumber {}", id.escape_debug()),
                false => format!("desk renumber {} --row {row}", id.escape_debug()),
            };
            self.loaded.findings.push(found.other(earlier, "first here").hint(hint));
            dropped.extend(*entry);
        }
        if fate == Doubled::Kept {
            return;
        }
        for at in dropped.into_iter().rev() {
            self.loaded.entries.remove(at);
        }
    }

    /// Says what a spreadsheet seems to have done to the file.
    fn habits(&mut self, header: &Line) {
        let mut habits = self.header.habits(self.text, header);
        if self.blank > 0 {
            habits.push("empty lines");
        }
        if !habits.is_empty() && self.header.is_sound {
            let place = Place::span(self.file, header.span.clone());
            let message = format!("the file is as a spreadsheet leaves it: {}", habits.join(", "));
            let found = Finding::new("csv.spreadsheet", Level::Note, place, message);
            self.loaded.findings.push(found.note("it is read all the same"));
        }
    }

    fn final_newline(&mut self) {
        let is_told = self.loaded.findings.iter().any(|found| found.code == "csv.truncated");
        if !self.text.ends_with('\n') && !is_told {
            let place = Place::span(self.file, self.text.len()..self.text.len());
            let message = "the last line does not end with a newline";
            let found = Finding::warning("csv.final_newline", place, message);
            self.loaded.findings.push(found.fix(Fix::Replace("\n".into())));
        }
    }
}

fn unguarded(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(formula::unguarded(text)),
        Cow::Owned(text) => Cow::Owned(formula::unguarded(&text).to_owned()),
    }
}
