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

/// The lines that a write takes away and adds, with the file before them.
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
    lines.push(format!("@@ line {} @@", start + 1));
    lines.extend(old.iter().map(|line| format!("-{line}")));
    lines.extend(new.iter().map(|line| format!("+{line}")));
    lines
}
