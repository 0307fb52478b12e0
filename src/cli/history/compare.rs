//! Two versions of a record compared: which fields, lines and acts differ, in words.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::record::{Form, Kind};

/// Blocks that tell of an act, which are never changed but added.
const ACTS: &[&str] = &["approval", "revision", "hold", "override", "amendment"];

/// One thing that differs between two versions of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// A field by its path (`line.2.qty`), or what was done (`added`, `void`, `approval`).
    pub(super) what: String,
    /// What it held.
    pub(super) old: String,
    /// What it holds.
    pub(super) new: String,
}

impl Difference {
    fn new(what: impl Into<String>, old: String, new: String) -> Self {
        Self { what: what.into(), old, new }
    }

    /// A record that had another id.
    pub(super) fn renumbered(former: &str, id: &str) -> Self {
        Self::new("renumbered", former.to_owned(), id.to_owned())
    }
}

/// What differs between two versions; nothing stands for a version without the record.
pub(super) fn differences(
    kind: Kind,
    old: Option<&Map<String, Value>>,
    new: Option<&Map<String, Value>>,
) -> Vec<Difference> {
    let (old, new) = match (old, new) {
        (None, None) => return Vec::new(),
        (None, Some(new)) => return vec![Difference::new("added", String::new(), gist(new))],
        (Some(old), None) => return vec![Difference::new("deleted", gist(old), String::new())],
        (Some(old), Some(new)) => (old, new),
    };
    let mut found = Vec::new();
    table("", old, new, &mut found);
    if kind.info().form == Form::Register {
        voided_row(new, &mut found);
    }
    found
}

/// A record in a few words: what names it.
fn gist(fields: &Map<String, Value>) -> String {
    let keys = ["title", "name", "customer", "party", "product", "amount", "summary"];
    let held = keys.iter().filter_map(|key| fields.get(*key)).map(words);
    held.take(2).collect::<Vec<_>>().join(", ")
}

/// The cells that void a row, as one act.
fn voided_row(new: &Map<String, Value>, found: &mut Vec<Difference>) {
    let is_void = |difference: &Difference| difference.what.starts_with("void_");
    if !found.iter().any(is_void) {
        return;
    }
    found.retain(|difference| !is_void(difference));
    let of = |key: &str| new.get(key).map(words).unwrap_or_default();
    let said = format!("by {}: {}", of("void_by"), of("void_reason"));
    found.push(Difference::new("void", String::new(), said));
}

fn table(
    path: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    let mut seen = BTreeSet::new();
    for key in new.keys().chain(old.keys()).filter(|key| seen.insert(key.as_str())) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        value(&path, old.get(key), new.get(key), found);
    }
}

fn value(path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Difference>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => table(path, old, new, found),
        (old, new) if is_blocks(old) || is_blocks(new) => {
            blocks(path, list(old), list(new), found);
        }
        (None, Some(Value::Object(void))) if path == "void" => {
            let of = |key: &str| void.get(key).map(words).unwrap_or_default();
            let said = format!("by {}: {}", of("by"), of("reason"));
            found.push(Difference::new(path, String::new(), said));
        }
        (old, new) => {
            let text = |value: Option<&Value>| value.map(words).unwrap_or_default();
            found.push(Difference::new(path, text(old), text(new)));
        }
    }
}

fn is_blocks(value: Option<&Value>) -> bool {
    let list = value.and_then(Value::as_array);
    list.is_some_and(|list| list.iter().any(Value::is_object))
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Blocks are told apart by their `no`, others by their place.
fn blocks(path: &str, old: &[Value], new: &[Value], found: &mut Vec<Difference>) {
    let name = |at: usize, block: &Value| match block.get("no") {
        Some(no) => words(no),
        None => at.saturating_add(1).to_string(),
    };
    let named = |blocks: &[Value]| -> Vec<(String, Value)> {
        blocks.iter().enumerate().map(|(at, block)| (name(at, block), block.clone())).collect()
    };
    let (old, new) = (named(old), named(new));
    for (name, block) in &new {
        let before = old.iter().find(|(other, _)| other == name).map(|(_, block)| block);
        if before.is_none() && ACTS.contains(&path) {
            found.push(Difference::new(path, String::new(), act(path, block)));
        } else {
            block_of(&format!("{path}.{name}"), before, Some(block), found);
        }
    }
    for (name, block) in &old {
        if !new.iter().any(|(other, _)| other == name) {
            block_of(&format!("{path}.{name}"), Some(block), None, found);
        }
    }
}

fn block_of(path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Difference>) {
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => table(path, old, new, found),
        (old, new) if old != new => {
            let text = |value: Option<&Value>| value.map(words).unwrap_or_default();
            found.push(Difference::new(path, text(old), text(new)));
        }
        _ => {}
    }
}

/// What an act was, in words.
fn act(path: &str, block: &Value) -> String {
    let of = |key: &str| block.get(key).map(words).unwrap_or_default();
    let reason =
        ["comment", "reason", "text"].iter().map(|key| of(key)).find(|text| !text.is_empty());
    let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
    match path {
        "approval" => format!("{} {} by {}{reason}", of("step"), of("decision"), of("by")),
        "override" => format!("{} passed over by {}{reason}", of("rule"), of("by")),
        _ => format!("by {}{reason}", of("by")),
    }
}

/// A value as a person reads it.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            let pair = |(key, value): (&String, &Value)| format!("{key}={}", words(value));
            let shown = fields.iter().filter(|(key, _)| *key != "no");
            shown.map(pair).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
