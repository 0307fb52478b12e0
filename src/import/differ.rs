//! What a record that is there says otherwise than its rows, and the edits that bring it in.
//!
//! Only what the rows say is compared; lines are matched by their number, other blocks by their
//! order. What is not in the source any more is noted, never taken out.

use serde_json::{Map, Value};

use super::{
    mapping::Mapping,
    shape::{self, Node},
};
use crate::{
    record::{
        Kind,
        change::Edit,
        schema::{Field, Type, field},
    },
    value::{
        number::{self, Decimal, add},
        place::{KeyPath, Step},
    },
};

/// A field that says something else than the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where it stands in the record.
    pub path: KeyPath,
    /// What it says; nothing where it is not there.
    pub now: Option<Value>,
    /// What the rows say.
    pub imported: Value,
    /// The block that the rows add, where it is one of its fields.
    block: Option<String>,
    /// Whether it is shown as it stands: a number, a day.
    is_bare: bool,
}

/// The record that is compared.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// Kind.
    pub kind: Kind,
    /// Id or code.
    pub id: &'a str,
}

/// What differs, and the edits that bring it into the old record.
#[derive(Default)]
pub(super) struct Found {
    /// The edits.
    pub edits: Vec<Edit>,
    /// What each of them changes.
    pub differences: Vec<Difference>,
}

impl Found {
    /// A block that is not there yet: each of its fields is new.
    fn push(
        &mut self,
        Target { kind, id }: Target<'_>,
        path: &KeyPath,
        block: &Map<String, Value>,
        fields: &[Field],
    ) {
        let is_name = |step: &&Step| matches!(step, Step::Key(_));
        let Some(Step::Key(key)) = path.0.iter().rfind(is_name) else { return };
        let each = block.iter().map(|(name, value)| Difference {
            path: path.then(name),
            now: None,
            imported: value.clone(),
            block: Some(path.to_string()),
            is_bare: is_bare(field(fields, name).map(|field| &field.kind)),
        });
        self.differences.extend(each);
        let (id, key) = (id.to_owned(), key.clone());
        self.edits.push(Edit::Push { kind, id, key, block: block.clone() });
    }
}

/// Brings what the new record says into the old one; what it does not say stays.
pub(super) fn differences(
    target: Target<'_>,
    new: &Map<String, Value>,
    old: &Map<String, Value>,
    fields: &[Field],
    path: &KeyPath,
    found: &mut Found,
) {
    for (key, value) in new.iter().filter(|(key, value)| old.get(*key) != Some(value)) {
        let of = field(fields, key).map(|field| &field.kind);
        let path = path.then(key);
        match (of, value, old.get(key)) {
            (Some(Type::Table(fields)), Value::Object(new), None) => {
                found.push(target, &path, new, fields);
            }
            (Some(Type::Table(fields)), Value::Object(new), Some(Value::Object(old))) => {
                differences(target, new, old, fields, &path, found);
            }
            (Some(Type::Blocks(fields)), Value::Array(blocks), old) => {
                let old = old.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let mut next = old.len();
                for (at, block) in blocks.iter().enumerate() {
                    let Value::Object(new) = block else { continue };
                    match same_block(old, at, new) {
                        Some((at, old)) => {
                            differences(target, new, old, fields, &path.nth(at), found);
                        }
                        None => {
                            found.push(target, &path.nth(next), new, fields);
                            next = next.saturating_add(1);
                        }
                    }
                }
            }
            (Some(kind), value, Some(old)) if is_equal(kind, value, old) => {}
            (of, value, now) => {
                found.differences.push(Difference {
                    path: path.clone(),
                    now: now.cloned(),
                    imported: value.clone(),
                    block: None,
                    is_bare: is_bare(of),
                });
                let Target { kind, id } = target;
                let id = id.to_owned();
                found.edits.push(Edit::Set { kind, id, path, value: value.clone() });
            }
        }
    }
}

/// Whether two numbers are one: 128 and 128.00.
fn is_equal(kind: &Type, one: &Value, other: &Value) -> bool {
    if !matches!(kind, Type::Money | Type::Quantity | Type::Rate | Type::Percent) {
        return false;
    }
    let number = |value: &Value| number::parse(&plain(value), Decimal::MAX).ok();
    number(one).is_some_and(|one| number(other) == Some(one))
}

fn is_bare(kind: Option<&Type>) -> bool {
    kind.is_some_and(|kind| kind.is_number() || matches!(kind, Type::Day | Type::Moment))
}

/// Lines that are there, open, and not in the source any more.
pub(super) fn vanished(
    mapping: &Mapping,
    id: &str,
    new: &Map<String, Value>,
    old: &Map<String, Value>,
) -> Option<String> {
    let of_rows = |entry: &&shape::Entry| match &entry.node {
        Node::Blocks(shapes) => shapes.iter().any(|shape| shape.rows.is_some()),
        _ => false,
    };
    mapping.fields.entries.iter().filter(of_rows).find(|entry| entry.key == "line")?;
    let blocks = |record: &Map<String, Value>, key: &str| -> Vec<Value> {
        record.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let there: Vec<Value> =
        blocks(new, "line").iter().filter_map(|line| line.get("no").cloned()).collect();
    let amount = |block: &Value| {
        let qty = block.get("qty").map(plain)?;
        number::parse(&qty, Decimal::MAX).ok()
    };
    let closures = blocks(old, "closure");
    let is_open = |line: &Value| {
        let own = closures.iter().filter(|closure| closure.get("line") == line.get("no"));
        let closed = own.filter_map(amount).fold(Decimal::ZERO, add);
        amount(line).is_none_or(|qty| closed < qty)
    };
    let lines = blocks(old, "line");
    let lines = lines.iter().filter(|line| is_open(line)).filter_map(|line| line.get("no"));
    let gone: Vec<String> = lines.filter(|no| !there.contains(no)).map(plain).collect();
    let list = gone.join(", ");
    (!gone.is_empty())
        .then(|| format!("{id}: lines {list} are not in the source any more; close or revise them"))
}

/// The block that is meant: the one of the same number, else the one at the same place.
fn same_block<'a>(
    old: &'a [Value],
    at: usize,
    new: &Map<String, Value>,
) -> Option<(usize, &'a Map<String, Value>)> {
    let found = match new.get("no") {
        Some(no) => old.iter().position(|block| block.get("no") == Some(no))?,
        None => at,
    };
    Some((found, old.get(found)?.as_object()?))
}

impl Difference {
    /// The difference in words.
    pub(super) fn words(&self) -> String {
        if let Some(block) = &self.block {
            return format!("{block} is new");
        }
        let show = |value: &Value| match self.is_bare {
            true => plain(value),
            false => value.to_string(),
        };
        let now = self.now.as_ref().map_or_else(|| "not there".to_owned(), show);
        format!("{} is {now}, imported {}", self.path, show(&self.imported))
    }
}
/// A value as text.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
