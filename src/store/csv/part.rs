//! The rows of a register that hold one of some words, without reading the others: for looking up
//! what names an id among very many rows.
//!
//! It gives of these rows what [`super::load`] gives, or nothing at all where something is wrong
//! with them or with the file: then the file is loaded whole, so that it is told as always.

use std::collections::BTreeSet;

use memchr::{memchr_iter, memmem, memrchr};

use super::{
    super::{layout, load::Loaded},
    header::Header,
    line::{Line, is_blank, line_at, lines},
    raw, rows,
};
use crate::{finding::Level, record::Kind};

/// Most rows that are sought one by one; where more hold a word, the whole file is as quick.
const MANY: usize = 64;

/// The rows that hold one of these words, as the file's records; nothing where it is to be loaded
/// whole.
///
/// With a row come those that name its id, so that one that stands twice is seen.
pub fn holding(kind: Kind, path: &str, bytes: &[u8], words: &[&str]) -> Option<Loaded> {
    let of = layout::register(path)?;
    let text = raw::text(path, bytes).ok().filter(|text| !raw::has_conflict(text))?;
    let header = lines(text).find(|line| !is_blank(text, &line.span))?;
    let mut findings = Vec::new();
    let columns = Header::read(kind, path, text, &header, &mut findings);
    let is_sound = columns.is_sound && findings.iter().all(|found| found.level != Level::Error);
    if !is_sound {
        return None;
    }
    let found = found(kind, text, header.end, words)?;
    if found.is_empty() {
        return Some(Loaded::default());
    }
    let lines = [vec![header], found].concat();
    let mut loaded = rows::read(kind, path, of, text, lines, Vec::new(), rows::Doubled::LeftOut);
    // What is merely odd about the file is told where it is loaded whole.
    let findings = std::mem::take(&mut loaded.findings);
    findings.iter().all(|found| found.level != Level::Error).then_some(loaded)
}

/// The lines behind the header that hold one of the words, or the id of a line that does.
///
/// Nothing where one of them does not begin with an id: it may be part of a cell that runs over
/// several lines.
fn found(kind: Kind, text: &str, from: usize, words: &[&str]) -> Option<Vec<Line>> {
    let bytes = text.as_bytes();
    let prefix = format!("{}-", kind.info().prefix);
    let mut starts = BTreeSet::new();
    let mut sought: Vec<&str> = words.to_vec();
    while let Some(word) = sought.pop() {
        for at in memmem::find_iter(&bytes[from..], word.as_bytes()).map(|at| from + at) {
            let start = memrchr(b'\n', &bytes[..at]).map_or(0, |before| before + 1);
            if starts.contains(&start) {
                continue;
            }
            let line = text[start..].trim_start_matches('"');
            let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '-')?;
            sought.push(line.get(..end).filter(|id| id.starts_with(&prefix))?);
            starts.insert(start);
            if starts.len() > MANY {
                return None;
            }
        }
    }
    let (mut counted, mut number) = (0, 1);
    let numbered = starts.into_iter().map(|start| {
        number += memchr_iter(b'\n', &bytes[counted..start]).count();
        counted = start;
        line_at(text, start, number)
    });
    Some(numbered.flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::{super::load, *};

    const PATH: &str = "payments/2026-09.csv";
    const HEADER: &str = "id,date,party,direction,amount,reverses,remarks\n";

    /// What the rows that hold a word say: ids, with their lines.
    fn found(text: &str, word: &str) -> Option<Vec<(String, usize)>> {
        let loaded = holding(Kind::Payment, PATH, text.as_bytes(), &[word])?;
        assert!(loaded.findings.is_empty() && loaded.broken.is_empty());
        // A row of a part is the row of the whole.
        let whole = load(Kind::Payment, PATH, text.as_bytes());
        for entry in &loaded.entries {
            let same = whole.find(&entry.common().id).expect("it is there");
            assert_eq!((same.row(), same.value()), (entry.row(), entry.value()));
        }
        let told = |entry: &dyn crate::record::Entry| (entry.common().id.clone(), entry.row());
        Some(loaded.entries.iter().map(|entry| told(entry.as_ref())).collect())
    }

    fn row(no: u32, rest: &str) -> String {
        format!("PM-2609-{no:04},2026-09-01,CX01,in,{rest}\n")
    }

    #[test]
    fn only_the_rows_that_hold_a_word_are_read_and_those_that_name_them() {
        let rows = [row(1, "10,,"), row(2, "20,,SO-2609-0001"), row(3, "-20,PM-2609-0002,")];
        let text = format!("\u{feff}{HEADER}\r\n{}", rows.concat());
        let two = |first| vec![("PM-2609-0002".into(), first), ("PM-2609-0003".into(), first + 1)];
        assert_eq!(found(&text, "SO-2609-0001"), Some(two(4)));
        assert_eq!(found(&text, "SO-2609-0009"), Some(Vec::new()));
        assert_eq!(found(&text, "PM-2609-0001"), Some(vec![("PM-2609-0001".into(), 3)]));
        let quoted = text
            .replace("PM-2609-0002,2026", "\"PM-2609-0002\",\"2026")
            .replace("1,CX01,in,20", "1\",CX01,in,20");
        assert_eq!(found(&quoted, "SO-2609-0001"), Some(two(4)));
        let open = text.trim_end().to_owned();
        assert_eq!(found(&open, "PM-2609-0003").map(|rows| rows.len()), Some(1));
    }

    #[test]
    fn a_file_with_something_wrong_about_these_rows_is_to_be_loaded_whole() {
        let word = "SO-2609-0001";
        let sound = row(1, "10,,SO-2609-0001");
        let other = row(2, "ten,,");
        assert!(found(&format!("{HEADER}{sound}{other}"), word).is_some(), "another row is broken");
        for (what, text) in [
            ("the row", format!("{HEADER}{}", row(1, "ten,,SO-2609-0001"))),
            ("stands twice", format!("{HEADER}{}{sound}", row(1, "10,,"))),
            (
                "a line of a cell",
                format!(
                    "{HEADER}{}SO-2609-0001\"\n",
                    row(1, "10,,\"").trim_end().to_owned() + "\n"
                ),
            ),
            ("the header", format!("{}{sound}", HEADER.replace("party", "partie"))),
            ("a conflict", format!("{HEADER}<<<<<<< a\n{sound}=======\n>>>>>>> b\n")),
            (
                "very many",
                HEADER.to_owned()
                    + &(1..100).map(|no| row(no, "10,,SO-2609-0001")).collect::<String>(),
            ),
            ("cut off", format!("{HEADER}PM-2609-0001,2026-09-01,SO-2609-0001")),
        ] {
            assert_eq!(found(&text, word), None, "{what}");
        }
        let mut bytes = format!("{HEADER}{sound}").into_bytes();
        bytes.push(0xff);
        assert!(holding(Kind::Payment, PATH, &bytes, &[word]).is_none());
    }
}
