//! Where a cell stands in the text of its file, for findings that know only its line and column.
//!
//! Used when something is wrong, so it may read the file once more. Each finding then carries the
//! bytes of its line or cell, and the decoded text lies beside the error, to be shown with it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Source, decode, mapping::Mapping, sheet::Reading};
use crate::{
    finding::Finding,
    value::place::{At, Place},
};

/// Turns places of cells into bytes of the decoded texts, and gives those texts with their names,
/// the mapping's among them.
pub fn locate(
    mapping: &Mapping,
    sources: &[Source],
    findings: &mut [Finding],
) -> Vec<(String, Option<Vec<u8>>)> {
    let mut texts: BTreeMap<String, Text> = BTreeMap::new();
    for source in sources {
        let spec = mapping.sources.iter().find(|spec| spec.name.eq_ignore_ascii_case(&source.name));
        let Some(spec) = spec.or(mapping.sources.first()) else { continue };
        let decoded = decode::decode(&source.bytes, spec.reading.encoding);
        let text = decoded.map(|decoded| decoded.text).unwrap_or_default();
        texts.insert(source.file.clone(), Text::new(text, spec.reading));
    }
    for finding in findings {
        point(&texts, &mut finding.place);
        finding.others.iter_mut().for_each(|(place, _)| point(&texts, place));
    }
    let texts = texts.into_iter().map(|(file, text)| (file, Some(text.text.into_bytes())));
    texts.chain([(mapping.file.clone(), Some(mapping.bytes.clone()))]).collect()
}

fn point(texts: &BTreeMap<String, Text>, place: &mut Place) {
    let Some(text) = texts.get(&place.file) else { return };
    if let At::Cell { row, column } = &place.at {
        place.at = At::Span(text.cell(*row, column));
    }
}

/// A text, and where its lines begin.
struct Text {
    text: String,
    starts: Vec<usize>,
    reading: Reading,
    headers: Vec<String>,
}

impl Text {
    fn new(text: String, reading: Reading) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = [0].into_iter().chain(ends).collect();
        let mut new = Self { text, starts, reading, headers: Vec::new() };
        let words = |line: usize| -> Vec<String> {
            new.cells(line).into_iter().map(|span| new.words(span)).collect()
        };
        let mut rows = (reading.header_line..=new.starts.len()).map(words);
        let header = rows.find(|words| words.iter().any(|word| !word.is_empty()));
        new.headers = header.unwrap_or_default();
        new
    }

    fn words(&self, span: Range<usize>) -> String {
        self.text[span].trim().trim_matches('"').trim().to_owned()
    }

    /// The bytes of a cell, or of the row's first line.
    fn cell(&self, line: usize, column: &str) -> Range<usize> {
        let at = self.headers.iter().position(|header| header == column);
        let cell =
            at.filter(|_| !column.is_empty()).and_then(|at| self.cells(line).get(at).cloned());
        cell.unwrap_or_else(|| {
            let start = self.start(line);
            let end =
                self.text[start..].find(['\r', '\n']).map_or(self.text.len(), |at| start + at);
            start..end
        })
    }

    fn start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// The cells of the row that begins on a line, quotes included.
    fn cells(&self, line: usize) -> Vec<Range<usize>> {
        let start = self.start(line);
        let (mut cells, mut from, mut is_quoted) = (Vec::new(), start, false);
        for (at, byte) in self.text.as_bytes()[start..].iter().enumerate() {
            let at = start + at;
            match *byte {
                b'"' if is_quoted || at == from => is_quoted = !is_quoted,
                byte if !is_quoted && byte == self.reading.delimiter => {
                    cells.push(from..at);
                    from = at + 1;
                }
                b'\n' if !is_quoted => {
                    let end = at - usize::from(self.text.as_bytes()[..at].ends_with(b"\r"));
                    cells.push(from..end.max(from));
                    return cells;
                }
                _ => {}
            }
        }
        cells.push(from..self.text.len());
        cells
    }
}
