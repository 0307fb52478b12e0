//! Findings with the source lines they speak of, and the difference a change makes.

use std::collections::BTreeMap;

use crate::{
    finding::Finding,
    store::{atomic::FileWrite, files::Files, layout, toml as text},
    ui::{Shown, Spot},
    value::place::{At, Place},
};

/// Looks up where findings stand, reading each file once.
pub(super) fn located(files: &Files, findings: &[Finding]) -> Vec<Shown> {
    let mut texts: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
    let mut spot = |place: &Place, label: Option<String>, primary: bool| {
        let known = texts.entry(place.file.clone());
        let bytes = known.or_insert_with(|| files.read(&place.file).ok().flatten());
        spot_of(bytes.as_deref(), place, label, primary)
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

fn spot_of(bytes: Option<&[u8]>, place: &Place, label: Option<String>, primary: bool) -> Spot {
    let whole = || Spot::whole(place.file.clone(), label.clone(), primary);
    let Some(bytes) = bytes else { return whole() };
    let span = match &place.at {
        At::File => None,
        At::Span(span) => Some(span.clone()),
        At::Key(path) => text::locate(bytes, path),
        At::Cell { row, column } => crate::store::csv::locate(bytes, *row, column),
    };
    let Some(span) = span else { return whole() };
    // Bytes that are no text are shown as far as they are; the span keeps its place in what comes before it.
    let source = String::from_utf8_lossy(bytes);
    let start = String::from_utf8_lossy(&bytes[..span.start.min(bytes.len())]).len();
    let end = start.saturating_add(span.len()).min(source.len());
    Spot::in_source(place.file.clone(), &source, start..end, label, primary)
}

/// Most lines of a difference that are compared line by line.
const MOST_LINES: usize = 4000;

/// The lines that a write takes away and adds, with the file before them.
pub(super) fn difference(write: &FileWrite) -> Vec<String> {
    let before = write.before.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let after = String::from_utf8_lossy(&write.after);
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
