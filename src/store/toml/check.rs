//! The walk along the field table of a kind: unknown, missing and wrong values, every one of them.
//!
//! It works on whole tables and on what recovery leaves of broken ones. Keys are compared with the
//! fields in turn, since files keep the order of the field table, so that a good file costs no
//! allocation and no hash.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::scalar::{self, Spot, nearest};
use crate::finding::{Finding, Fix};
use crate::record::schema::{Field, Type, field};
use crate::value::place::Place;

/// Unknown keys of one file for which a near one is searched: a file with more is of no kind.
const MOST_GUESSES: usize = 100;

/// Checks a whole document against its fields.
pub(super) fn walk(
    file: &str,
    text: &str,
    table: &DeTable<'_>,
    fields: &[Field],
    findings: &mut Vec<Finding>,
) {
    let mut walk = Walk { file, text, root: fields, unknown: 0, findings };
    walk.table(table, fields, None);
}

/// A table below the root: the field that holds it and the bytes of its header.
struct Owner<'a> {
    field: &'a Field,
    span: Range<usize>,
}

struct Walk<'a> {
    file: &'a str,
    text: &'a str,
    root: &'a [Field],
    /// How many unknown keys were met.
    unknown: usize,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn table(&mut self, table: &DeTable<'_>, fields: &'a [Field], owner: Option<&Owner<'_>>) {
        let mut seen = 0_u128;
        let mut next = 0;
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let at = (next..fields.len()).chain(0..next).find(|at| fields[*at].key == name);
            let Some(at) = at else {
                self.unknown(key, fields, owner);
                continue;
            };
            next = at + 1;
            seen |= 1_u128.checked_shl(at as u32).unwrap_or(0);
            self.value(&fields[at], &fields[at].kind, value);
        }
        for (at, field) in fields.iter().enumerate() {
            let is_seen = match 1_u128.checked_shl(at as u32) {
                Some(bit) => seen & bit != 0,
                None => table.contains_key(field.key.as_str()),
            };
            if field.required && !is_seen {
                self.missing(field, owner);
            }
        }
    }

    fn value(&mut self, field: &'a Field, kind: &'a Type, value: &Spanned<DeValue<'_>>) {
        let span = value.span();
        let spot = Spot { file: self.file, text: self.text, field, span: span.clone() };
        match (kind, value.get_ref()) {
            (Type::Any, _) => {}
            (Type::Table(fields), DeValue::Table(table)) => {
                self.table(table, fields, Some(&Owner { field, span }));
            }
            (Type::Blocks(fields), DeValue::Array(blocks)) => self.blocks(field, fields, blocks),
            (Type::Blocks(fields), DeValue::Table(table)) => {
                self.findings.push(single(&spot));
                self.table(table, fields, Some(&Owner { field, span }));
            }
            (Type::Table(fields), DeValue::Array(blocks)) if is_header(self.text, blocks) => {
                let message = "is one table, not a block that repeats";
                let hint = format!("write [{}] once", field.key);
                self.findings.push(spot.error("field.type", message).hint(hint));
                for (block, span) in blocks.iter().map(|block| (block.get_ref(), block.span())) {
                    if let DeValue::Table(table) = block {
                        self.table(table, fields, Some(&Owner { field, span }));
                    }
                }
            }
            (Type::List(item), DeValue::Array(items)) => {
                for value in items.iter() {
                    self.value(field, item, value);
                }
            }
            (Type::List(item), found) => {
                let hint = match found {
                    DeValue::String(word) => format!("write [\"{}\"]", word.escape_default()),
                    _ => format!("write it in brackets, as a list of {}", item.name()),
                };
                self.findings.push(spot.mismatch(kind, found).hint(hint));
            }
            (Type::Table(_), found) => {
                let hint = format!("write it as a table under [{}]", field.key);
                self.findings.push(spot.mismatch(kind, found).hint(hint));
            }
            (Type::Blocks(_), found) => {
                let hint = format!("write each as a block under [[{}]]", field.key);
                self.findings.push(spot.mismatch(kind, found).hint(hint));
            }
            (_, found) => self.findings.extend(scalar::check(&spot, kind, found)),
        }
    }

    fn blocks(&mut self, owner: &'a Field, fields: &'a [Field], blocks: &[Spanned<DeValue<'_>>]) {
        let is_numbered = field(fields, "no").is_some_and(|field| field.kind == Type::Int);
        let mut last = 0;
        let mut is_ordered = true;
        for block in blocks {
            let span = block.span();
            let DeValue::Table(table) = block.get_ref() else {
                let spot = Spot { file: self.file, text: self.text, field: owner, span };
                let hint = format!("write each as a block under [[{}]]", owner.key);
                self.findings.push(spot.mismatch(&owner.kind, block.get_ref()).hint(hint));
                continue;
            };
            self.table(table, fields, Some(&Owner { field: owner, span }));
            let Some((no, span)) = number(table).filter(|_| is_numbered) else { continue };
            if no < 1 {
                let place = Place::span(self.file, span);
                let found = Finding::error("line.no", place, "`no` counts from 1");
                self.findings.push(found);
            }
            is_ordered &= no > last;
            last = no;
        }
        if !is_ordered {
            self.duplicates(owner, blocks);
        }
    }

    fn duplicates(&mut self, owner: &Field, blocks: &[Spanned<DeValue<'_>>]) {
        let mut seen = BTreeMap::new();
        let tables = blocks.iter().filter_map(|block| block.get_ref().as_table());
        for (no, span) in tables.filter_map(number) {
            let Some(first) = seen.get(&no).cloned() else {
                seen.insert(no, span);
                continue;
            };
            let message = format!("`no` {no} stands on two blocks of [[{}]]", owner.key);
            let found = Finding::error("line.duplicate_no", Place::span(self.file, span), message);
            let found = found.other(Place::span(self.file, first), "first here");
            self.findings.push(found.hint("give the later one a number of its own"));
        }
    }

    fn unknown(
        &mut self,
        key: &Spanned<DeString<'_>>,
        fields: &[Field],
        owner: Option<&Owner<'_>>,
    ) {
        let name = key.get_ref().as_ref();
        let place = Place::span(self.file, key.span());
        let message = match owner {
            None => format!("unknown field `{}`", name.escape_debug()),
            Some(owner) => {
                format!("unknown field `{}` in {}", name.escape_debug(), header(owner.field))
            }
        };
        let found = Finding::error("field.unknown", place, message);
        let keys = fields.iter().map(|field| field.key.as_str());
        self.unknown += 1;
        let found = match (self.home(name, owner.is_none()), self.unknown <= MOST_GUESSES) {
            (Some(home), _) => found.hint(home),
            (None, true) => match nearest(name, keys) {
                Some(near) => found.hint(format!("did you mean \"{near}\"?")),
                None => found,
            },
            (None, false) => found,
        };
        self.findings.push(found);
    }

    /// Where a known key belongs that was written in the wrong table.
    fn home(&self, key: &str, is_root: bool) -> Option<String> {
        if !is_root && field(self.root, key).is_some() {
            return Some(format!("`{key}` belongs at the top, above the first [table]"));
        }
        let holds = |owner: &&Field| owner.kind.fields().is_some_and(|f| field(f, key).is_some());
        self.root.iter().find(holds).map(|owner| format!("`{key}` belongs in {}", header(owner)))
    }

    fn missing(&mut self, field: &Field, owner: Option<&Owner<'_>>) {
        let (span, message) = match owner {
            None => (super::raw::line(self.text, 0), format!("`{}` is missing", field.key)),
            Some(owner) => {
                let header = header(owner.field);
                (owner.span.clone(), format!("`{}` is missing in {header}", field.key))
            }
        };
        let found = Finding::error("field.missing", Place::span(self.file, span), message);
        self.findings.push(found);
    }
}

/// One table where blocks are wanted.
fn single(spot: &Spot<'_>) -> Finding {
    let key = &spot.field.key;
    let found = spot.error("field.type", "is a block that repeats, not one table");
    let found = found.hint(format!("write [[{key}]]"));
    match spot.text.get(spot.span.clone()) == Some(&format!("[{key}]")) {
        true => found.fix(Fix::Replace(format!("[[{key}]]"))),
        false => found,
    }
}

/// Whether an array is one of `[[blocks]]`: its span is then the header of its first.
fn is_header(text: &str, items: &[Spanned<DeValue<'_>>]) -> bool {
    items
        .first()
        .is_some_and(|first| first.get_ref().is_table() && text[..first.span().end].ends_with("]]"))
}

/// The `no` of a block.
fn number(table: &DeTable<'_>) -> Option<(i64, Range<usize>)> {
    let (_, value) = table.iter().find(|(key, _)| key.get_ref() == "no")?;
    let whole = value.get_ref().as_integer().filter(|whole| whole.radix() == 10)?;
    Some((whole.as_str().parse().ok()?, value.span()))
}

/// A table's header as it is written.
fn header(owner: &Field) -> String {
    match owner.kind {
        Type::Blocks(_) => format!("[[{}]]", owner.key),
        _ => format!("[{}]", owner.key),
    }
}
