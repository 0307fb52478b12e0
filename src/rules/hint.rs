//! Hints about records that a change would have made, and that are not there.
//!
//! A finding tells how to mend its record where it lies. Where the record is refused, or only
//! tried, there is nothing to mend: the hint then names the flag of the command that was typed, or
//! is left out. So no hint names a record that does not exist.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    book::Book,
    finding::Finding,
    record::change::{Change, Edit},
};

/// The records that a change would make.
#[derive(Debug)]
pub struct Unwritten<'a> {
    /// By id; with the fields of those that were given.
    records: BTreeMap<String, Option<&'a serde_json::Map<String, Value>>>,
}

impl<'a> Unwritten<'a> {
    /// What a change adds to a book.
    pub fn of(book: &Book, change: &'a Change) -> Self {
        let mut records = BTreeMap::new();
        for edit in &change.edits {
            let fields = match edit {
                Edit::Add { value, .. } => Some(value),
                _ => None,
            };
            for (kind, id) in edit.records() {
                if fields.is_some() || !book.has_file(kind, id) {
                    records.entry(id.to_owned()).or_insert(fields);
                }
            }
        }
        Self { records }
    }

    /// Has each hint name what can be done instead.
    pub fn mend(&self, findings: &mut [Finding]) {
        for finding in findings {
            let Some(hint) = &finding.hint else { continue };
            if self.named(hint).is_some() {
                finding.hint = self.typed(hint);
            }
        }
    }

    /// Has each hint of an error that names one of them lead to what is wrong instead.
    pub fn mend_hints(&self, hints: &mut [String]) {
        for hint in hints {
            if self.named(hint).is_some() {
                "desk check".clone_into(hint);
            }
        }
    }

    /// The first of them that a hint names.
    fn named<'h>(&self, hint: &'h str) -> Option<&'h str> {
        let words = hint.split(|letter: char| letter.is_whitespace() || "\",:()".contains(letter));
        words.into_iter().find(|word| self.records.contains_key(*word))
    }

    /// A hint in flags of the command that was typed.
    fn typed(&self, hint: &str) -> Option<String> {
        let words: Vec<&str> = hint.split_whitespace().collect();
        let &["desk", _, verb, id, what, ..] = words.as_slice() else { return None };
        let fields = self.records.get(id).copied().flatten()?;
        match (verb, what.split_once('=')) {
            ("set", None) if what.starts_with("--") => Some(words[4..].join(" ")),
            ("set", Some((path, _))) => Some(flag(path)),
            ("revise", None) if what == "--line" && hint.contains("qty=") => {
                Some("--line …, with a smaller quantity".to_owned())
            }
            ("revise", None) if matches!(what, "--received-on" | "--shipped-on") => {
                Some("--on …".to_owned())
            }
            ("unmatch", _) => {
                let source = fields.get("source").and_then(Value::as_str).unwrap_or_default();
                let target = fields.get("target").and_then(Value::as_str).unwrap_or_default();
                Some(match self.records.contains_key(source) {
                    true => format!("--match {target}=…, with a smaller amount"),
                    false => "--amount …, a smaller one".to_owned(),
                })
            }
            _ => None,
        }
    }
}

/// The flag for a field, or for a field of a line: `line.2.price` is given in `--line`.
fn flag(path: &str) -> String {
    match path.split_once('.') {
        None => format!("--{} …", path.replace('_', "-")),
        Some((block, rest)) => {
            let key = rest.rsplit('.').next().unwrap_or(rest);
            format!("--{} \"… {key}=…\"", block.replace('_', "-"))
        }
    }
}
