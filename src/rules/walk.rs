//! The words of a record that lead somewhere, found along its field table: ids, codes and people.
//!
//! `check` walks every record of a book, so the path of a word is made only where a finding needs
//! it.

use serde_json::{Map, Value};

use crate::{
    record::schema::{Field, Type},
    value::place::{KeyPath, Step},
};

/// Where a walk is.
pub(super) struct Trail<'a>(Vec<Part<'a>>);

#[derive(Clone, Copy)]
enum Part<'a> {
    Key(&'a str),
    Index(usize),
}

impl Trail<'_> {
    /// The path of the word at hand.
    pub(super) fn path(&self) -> KeyPath {
        let step = |part: &Part<'_>| match part {
            Part::Key(key) => Step::Key((*key).to_owned()),
            Part::Index(at) => Step::Index(*at),
        };
        KeyPath(self.0.iter().map(step).collect())
    }
}

/// Visits each id, code or person that a record's fields hold, with the type of its field.
pub(super) fn words<'a>(
    fields: &'a [Field],
    record: &'a Map<String, Value>,
    mut visit: impl FnMut(&Trail<'a>, &'a Type, &'a str),
) {
    table(fields, record, &mut Trail(Vec::new()), &mut visit);
}

fn table<'a>(
    fields: &'a [Field],
    record: &'a Map<String, Value>,
    trail: &mut Trail<'a>,
    visit: &mut dyn FnMut(&Trail<'a>, &'a Type, &'a str),
) {
    for field in fields.iter().filter(|field| leads(&field.kind)) {
        if let Some(value) = record.get(&field.key) {
            trail.0.push(Part::Key(&field.key));
            words_of(&field.kind, value, trail, visit);
            trail.0.pop();
        }
    }
}

fn words_of<'a>(
    kind: &'a Type,
    value: &'a Value,
    trail: &mut Trail<'a>,
    visit: &mut dyn FnMut(&Trail<'a>, &'a Type, &'a str),
) {
    match (kind, value) {
        (Type::Ref(_) | Type::Person, Value::String(word)) => visit(trail, kind, word),
        (Type::Table(fields), Value::Object(held)) => table(fields, held, trail, visit),
        (Type::Blocks(_) | Type::List(_), Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                trail.0.push(Part::Index(at));
                match (kind, item) {
                    (Type::Blocks(fields), Value::Object(held)) => {
                        table(fields, held, trail, visit);
                    }
                    (Type::List(kind), item) => words_of(kind, item, trail, visit),
                    _ => {}
                }
                trail.0.pop();
            }
        }
        _ => {}
    }
}

/// Whether a field of this type can lead somewhere.
fn leads(kind: &Type) -> bool {
    match kind {
        Type::Ref(_) | Type::Person | Type::Table(_) | Type::Blocks(_) => true,
        Type::List(kind) => leads(kind),
        _ => false,
    }
}
