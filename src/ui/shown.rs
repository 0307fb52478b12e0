//! Findings and errors in words: in the look of a compiler, one line each, and as JSON.
//!
//! For [`super::Ui`]. The caller has looked the source lines up; nothing is read here. Every text
//! of the data, source lines included, is cleaned before it is drawn.

use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level as Drawn, Origin, Renderer, Snippet,
};
use anstyle::{AnsiColor, Effects, Style};
use serde_json::{Map, Value};

use crate::{
    error::Error,
    finding::{Finding, Level},
    render::escaped,
    value::text::clean,
};

/// Columns that long source lines are trimmed to where the terminal has no width.
const WIDTH: usize = 120;
/// Longest source line, in bytes, that is drawn; of a longer one only the place is named.
const LONGEST_LINE: usize = 16_384;
const HINT: Style = AnsiColor::BrightCyan.on_default().effects(Effects::BOLD);
const FAILED: Style = AnsiColor::BrightRed.on_default().effects(Effects::BOLD);
const BOLD: Style = Style::new().effects(Effects::BOLD);

/// A finding with the source lines that it speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// What is wrong.
    pub finding: Finding,
    /// Where, the primary spot first.
    pub spots: Vec<Spot>,
    /// The id or code of the record, where it is known.
    pub record: Option<String>,
}

/// A spot in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spot {
    /// Path relative to the data directory.
    pub file: String,
    /// Line from 1; none for the file as a whole.
    pub line: Option<usize>,
    /// Column from 1, in characters.
    pub column: Option<usize>,
    /// The source line, or the lines that the span covers, without the last line break.
    pub text: String,
    /// Bytes of `text` to underline.
    pub span: Range<usize>,
    /// Words under the caret.
    pub label: Option<String>,
    /// Whether this is the fault and not what explains it.
    pub primary: bool,
}

/// How findings are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether colour is on.
    pub color: bool,
    /// Columns to trim long source lines to.
    pub width: Option<usize>,
}

impl Spot {
    /// A file as a whole.
    pub fn whole(file: impl Into<String>, label: Option<String>, primary: bool) -> Self {
        Self { file: file.into(), label, primary, ..Self::default() }
    }

    /// The spot of a byte span of a file's text: of several lines the first is shown. A span
    /// that does not fit the text, which may have changed meanwhile, is moved into it.
    pub fn in_source(
        file: impl Into<String>,
        source: &str,
        span: Range<usize>,
        label: Option<String>,
        primary: bool,
    ) -> Self {
        let start = source.floor_char_boundary(span.start);
        let begin = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = source[begin..].find('\n').map_or(source.len(), |at| begin + at);
        let text = source[begin..end].trim_end_matches('\r');
        let from = (start - begin).min(text.len());
        let to = source.floor_char_boundary(span.end).saturating_sub(begin);
        Self {
            file: file.into(),
            line: Some(source[..begin].matches('\n').count() + 1),
            column: Some(text[..from].chars().count() + 1),
            text: text.to_owned(),
            span: from..to.clamp(from, text.len()),
            label,
            primary,
        }
    }

    /// `file:line:col`, as far as it is known.
    fn place(&self) -> String {
        let mut place = clean(&self.file).into_owned();
        for number in [self.line, self.line.and(self.column)].into_iter().flatten() {
            place.push_str(&format!(":{number}"));
        }
        place
    }

    /// The spot with every text fit to be shown.
    fn cleaned(&self) -> Self {
        let span = self.fitting_span();
        let before = drawable(&self.text[..span.start]);
        let marked = drawable(&self.text[span.clone()]);
        let after = drawable(&self.text[span.end..]);
        Self {
            file: clean(&self.file).into_owned(),
            span: before.len()..before.len() + marked.len(),
            text: before + &marked + &after,
            label: self.label.as_deref().map(one_line),
            ..self.clone()
        }
    }

    fn fitting_span(&self) -> Range<usize> {
        let start = self.text.floor_char_boundary(self.span.start);
        start..self.text.floor_char_boundary(self.span.end).max(start)
    }

    fn is_drawn(&self) -> bool {
        self.line.is_some() && self.text.len() <= LONGEST_LINE
    }
}

impl Shown {
    /// A finding whose source nobody looked up: its file is named.
    pub fn without_source(finding: &Finding) -> Self {
        let spot = Spot::whole(finding.place.file.clone(), finding.label.clone(), true);
        let spots = if spot.file.is_empty() { Vec::new() } else { vec![spot] };
        Self { finding: finding.clone(), spots, record: None }
    }

    fn primary(&self) -> Option<&Spot> {
        self.spots.iter().find(|spot| spot.primary).or(self.spots.first())
    }
}

/// Findings as a compiler shows them: message, place, source line, caret, notes, hint.
pub fn findings_text(findings: &[Shown], look: Look) -> String {
    findings.iter().map(|shown| drawn(shown, look)).collect()
}

/// Findings, one line each, as editors read them: `file:line:col: error[code]: message`.
pub fn findings_lines(findings: &[Shown]) -> String {
    let line = |shown: &Shown| {
        let Finding { code, level, message, .. } = &shown.finding;
        let place = shown.primary().map(|spot| spot.place() + ": ").unwrap_or_default();
        format!("{place}{}[{code}]: {}\n", level.name(), one_line(message))
    };
    findings.iter().map(line).collect()
}

/// Findings as one JSON array, an object a line.
pub fn findings_json(findings: &[Shown]) -> String {
    if findings.is_empty() {
        return "[]\n".into();
    }
    let object = |shown: &Shown| format!("  {}", escaped(&json_object(shown).to_string()));
    let objects: Vec<String> = findings.iter().map(object).collect();
    format!("[\n{}\n]\n", objects.join(",\n"))
}

/// An error: message, causes, the findings that refused it, hints.
pub fn error_text(error: &Error, findings: &[Shown], look: Look) -> String {
    let mut text = String::new();
    if !error.message.is_empty() {
        let word = painted("error", FAILED, look);
        let message = painted(&format!(": {}", one_line(&error.message)), BOLD, look);
        text.push_str(&format!("{word}{message}\n"));
    }
    let mut cause = std::error::Error::source(error);
    while let Some(found) = cause {
        text.push_str(&format!(" = {}\n", one_line(&found.to_string())));
        cause = found.source();
    }
    if findings.is_empty() {
        let shown: Vec<Shown> = error.findings.iter().map(Shown::without_source).collect();
        text.push_str(&findings_text(&shown, look));
    } else {
        text.push_str(&findings_text(findings, look));
    }
    for hint in &error.hints {
        text.push_str(&hint_line(hint, look));
    }
    text
}

fn hint_line(hint: &str, look: Look) -> String {
    format!("{}: {}\n", painted("hint", HINT, look), one_line(hint))
}

fn painted(words: &str, style: Style, look: Look) -> String {
    if look.color { format!("{style}{words}{style:#}") } else { words.to_owned() }
}

fn drawn(shown: &Shown, look: Look) -> String {
    let finding = &shown.finding;
    let level = match finding.level {
        Level::Error => Drawn::ERROR,
        Level::Warning => Drawn::WARNING,
        Level::Note => Drawn::NOTE,
    };
    let title = level.primary_title(one_line(&finding.message)).id(finding.code);
    let spots: Vec<Spot> = shown.spots.iter().map(Spot::cleaned).collect();
    let notes = finding.notes.iter();
    let notes = notes.map(|note| Drawn::NOTE.no_name().message(one_line(note)).into());
    let elements: Vec<Element<'_>> = elements(&spots).into_iter().chain(notes).collect();
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(look.width.unwrap_or(WIDTH));
    let group = Group::with_title(title).elements(elements);
    let has_lines = spots.iter().any(|spot| spot.line.is_some());
    let mut text = String::new();
    for (at, line) in renderer.render(&[group]).lines().enumerate() {
        // Without line numbers the margin has nothing to hold, and arrows lose their column.
        let bare = anstream::adapter::strip_str(line).to_string();
        if !has_lines && bare.trim() == "|" {
            continue;
        }
        if !has_lines && at > 0 && !bare.starts_with(' ') {
            text.push(' ');
        }
        text.push_str(line.trim_end_matches(' '));
        text.push('\n');
    }
    if let Some(hint) = &finding.hint {
        text.push_str(&hint_line(hint, look));
    }
    text
}

/// The source of each spot; spots on the same line share it.
fn elements(spots: &[Spot]) -> Vec<Element<'_>> {
    let mut elements = Vec::new();
    for (at, spot) in spots.iter().enumerate() {
        let same = |other: &&Spot| {
            (&other.file, other.line, &other.text) == (&spot.file, spot.line, &spot.text)
        };
        if !spot.is_drawn() {
            elements.push(origin(spot).into());
        } else if !spots[..at].iter().any(|before| before.is_drawn() && same(&before)) {
            let snippet = Snippet::source(spot.text.as_str())
                .path(spot.file.as_str())
                .line_start(spot.line.unwrap_or(1));
            let marks = spots.iter().filter(same).map(annotation);
            elements.push(snippet.annotations(marks).into());
        }
    }
    elements
}

fn origin(spot: &Spot) -> Origin<'_> {
    let origin = Origin::path(spot.file.as_str());
    match (spot.line, spot.column) {
        (Some(line), Some(column)) => origin.line(line).char_column(column),
        (Some(line), None) => origin.line(line),
        _ => origin,
    }
}

fn annotation(spot: &Spot) -> Annotation<'_> {
    let kind = if spot.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    kind.span(spot.span.clone()).label(spot.label.as_deref())
}

/// A text in one line, fit to be shown.
fn one_line(words: &str) -> String {
    clean(&words.trim().replace(['\n', '\t'], " ")).into_owned()
}

/// Source lines fit to be drawn: line breaks and tabs are drawn as such.
fn drawable(source: &str) -> String {
    let pieces = source.split_inclusive(['\n', '\t']);
    let piece = |piece: &str| {
        let words = piece.trim_end_matches(['\n', '\t']);
        format!("{}{}", clean(words), &piece[words.len()..])
    };
    pieces.map(piece).collect()
}

fn json_object(shown: &Shown) -> Value {
    let finding = &shown.finding;
    let spot = shown.primary();
    let file = spot.map_or(finding.place.file.as_str(), |spot| spot.file.as_str());
    let notes: Vec<Value> = finding.notes.iter().map(|note| note.as_str().into()).collect();
    let label = finding.label.as_deref().or(spot.and_then(|spot| spot.label.as_deref()));
    let mut object = Map::new();
    object.insert("code".into(), finding.code.into());
    object.insert("level".into(), finding.level.name().into());
    object.insert("file".into(), file.into());
    object.insert("line".into(), spot.and_then(|spot| spot.line).into());
    object.insert("column".into(), spot.and_then(|spot| spot.column).into());
    object.insert("message".into(), finding.message.as_str().into());
    object.insert("label".into(), label.into());
    object.insert("notes".into(), notes.into());
    object.insert("hint".into(), finding.hint.as_deref().into());
    if let Some(record) = &shown.record {
        object.insert("record".into(), record.as_str().into());
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests;
