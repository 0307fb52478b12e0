//! Findings with the source lines they speak of, and the difference a change makes.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    finding::Finding,
    store::{atomic::FileWrite, files::Files, layout, toml as text},
    ui::{Shown, Spot},
    value::place::{At, Place},
};

/// A file's text with the starts of its lines, looked up once however many findings it has.
struct Source {
    bytes: Vec<u8>,
    text: String,
    lines: Vec<usize>,
}

impl Source {
    fn new(bytes: Vec<u8>) -> Self {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let behind =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(behind).collect();
        Self { bytes, text, lines }
    }

    /// The spot of a span of the bytes; those that are no text are shown as far as they are.
    fn spot(&self, file: &str, span: Range<usize>, label: Option<String>, primary: bool) -> Spot {
        let whole = self.text.len() == self.bytes.len();
        let start = match whole {
            true => span.start.min(self.text.len()),
            false => String::from_utf8_lossy(&self.bytes[..span.start.min(self.bytes.len())]).len(),
        };
        let line = self.lines.partition_point(|begin| *begin <= start).saturating_sub(1);
        let begin = self.lines.get(line).copied().unwrap_or(0);
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        let text = self.text.get(begin..end).unwrap_or_default();
        let from = start.saturating_sub(begin);
        let spot =
            Spot::in_source(file, text, from..from.saturating_add(span.len()), label, primary);
        Spot { line: Some(line + 1), ..spot }
    }
}

/// Looks up where findings stand, reading each file once.
pub(super) fn located(files: &Files, findings: &[Finding]) -> Vec<Shown> {
    let mut sources: BTreeMap<String, Option<Source>> = BTreeMap::new();
    let mut spot = |place: &Place, label: Option<String>, primary: bool| {
        let known = sources.entry(place.file.clone());
        let read = || files.read(&place.file).ok().flatten().map(Source::new);
        spot_of(known.or_insert_with(read).as_ref(), place, label, primary)
    };
    let shown = |finding: &Finding| {
        let mut spots = vec![spot(&finding.place, finding.label.clone(), true)];
        for (place, label) in &finding.others {
            spots.push(spot(place, Some(label.clone()), false));
        }
        let spots = spots.into_iter().filter(|spot| !spot.file.is_empty()).collect();
        let record = layout::stem(layout::file_name(&finding.place.file)).map(str::to_owned);
        Shown { finding: finding.clone(), spots, record }
    };
    findings.iter().map(shown).collect()
}

fn spot_of(source: Option<&Source>, place: &Place, label: Option<String>, primary: bool) -> Spot {
    let span = source.and_then(|source| match &place.at {
        At::File => None,
        At::Span(span) => Some(span.clone()),
        At::Key(path) => text::locate(&source.bytes, path),
        At::Cell { row, column } => crate::store::csv::locate(&source.bytes, *row, column),
    });
    match source.zip(span) {
        Some((source, span)) => source.spot(&place.file, span, label, primary),
        None => Spot::whole(place.file.clone(), label, primary),
    }
}

/// Most lines of a difference that are compared line by line.
const MOST_LINES: usize = 4000;

/// Most equal lines between two changes that are shown as one place.
const NEAR: usize = 2;

/// The lines that a write takes away and adds, with the file before them, place by place.
pub(super) fn difference(write: &FileWrite) -> Vec<String> {
    let before = write.before.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let after = String::from_utf8_lossy(write.after.as_deref().unwrap_or_default());
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut lines = vec![format!("--- {}", write.path)];
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = rest.take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let most = old.len().saturating_add(new.len());
    if most > MOST_LINES {
        lines.push(format!("{} lines replaced by {}", old.len(), new.len()));
        return lines;
    }
    let (mut at, mut near) = (start, Vec::new());
    let mut is_open = false;
    for (mark, line) in pieces(old, new) {
        if mark == ' ' {
            near.push(format!(" {line}"));
        } else {
            if !is_open || near.len() > NEAR {
                lines.push(format!("@@ line {} @@", at + 1));
                near.clear();
            }
            is_open = true;
            lines.append(&mut near);
            lines.push(format!("{mark}{line}"));
        }
        at += usize::from(mark != '-');
    }
    lines
}

/// The lines of two texts as what is taken away, added, and kept in both.
fn pieces<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let width = new.len() + 1;
    // How many lines the rests of both have in common, from each pair of lines on.
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for from in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            common[from * width + to] = match old[from] == new[to] {
                true => common[(from + 1) * width + to + 1] + 1,
                false => common[(from + 1) * width + to].max(common[from * width + to + 1]),
            };
        }
    }
    let (mut from, mut to, mut pieces) = (0, 0, Vec::new());
    while from < old.len() || to < new.len() {
        let is_both = from < old.len() && to < new.len();
        if is_both && old[from] == new[to] {
            pieces.push((' ', old[from]));
            (from, to) = (from + 1, to + 1);
        } else if to == new.len()
            || is_both && common[(from + 1) * width + to] >= common[from * width + to + 1]
        {
            pieces.push(('-', old[from]));
            from += 1;
        } else {
            pieces.push(('+', new[to]));
            to += 1;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> String {
        let bytes = |text: &str| Some(text.as_bytes().to_vec());
        let write = FileWrite { path: "a.toml".into(), before: bytes(before), after: bytes(after) };
        difference(&write).join("\n")
    }

    #[test]
    fn changes_far_from_each_other_are_shown_each_at_its_place() {
        let before = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n";
        let after = "a = 9\nb = 2\nc = 3\nd = 4\ne = 6\nf = 7\n";
        let places =
            "--- a.toml\n@@ line 1 @@\n-a = 1\n+a = 9\n@@ line 5 @@\n-e = 5\n+e = 6\n+f = 7";
        assert_eq!(shown(before, after), places);
    }

    #[test]
    fn changes_near_each_other_are_shown_together_with_what_is_between() {
        let shown = shown("a\nb\nc\nd\n", "A\nb\nc\nd\ne\n");
        assert_eq!(shown, "--- a.toml\n@@ line 1 @@\n-a\n+A\n@@ line 5 @@\n+e");
        let near = super::tests::shown("a\nb\nc\n", "A\nb\nC\n");
        assert_eq!(near, "--- a.toml\n@@ line 1 @@\n-a\n+A\n b\n-c\n+C");
    }

    #[test]
    fn a_line_taken_away_moves_the_places_behind_it() {
        let shown = shown("a\nb\nc\nd\ne\n", "b\nc\nd\nE\n");
        assert_eq!(shown, "--- a.toml\n@@ line 1 @@\n-a\n@@ line 4 @@\n-e\n+E");
    }

    #[test]
    fn a_new_file_is_added_whole() {
        let write =
            FileWrite { path: "a.toml".into(), before: None, after: Some(b"a\nb\n".to_vec()) };
        assert_eq!(difference(&write).join("\n"), "--- a.toml\n@@ line 1 @@\n+a\n+b");
    }
}
