//! Rows become the fields of records.
//!
//! Every cell that does not fit is found with its line and column; a record is made of what fits,
//! so that the rest of it is looked at too.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    bind::{Bound, Spot},
    group::Group,
    shape::{Leaf, Node, Shape},
    value::{Misfit, Reader, spoilt},
};
use crate::{
    finding::Finding,
    record::schema::{Field, Type, field},
    value::place::Place,
};

/// A record as the rows say it, without an id of its own where the program gives one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Made {
    /// Its fields.
    pub value: Map<String, Value>,
    /// The rows it comes from.
    pub origin: Origin,
}

/// Where a record and its blocks come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// File of its head.
    pub file: String,
    /// Line of its head.
    pub line: usize,
    /// File and line of each of its blocks, by their key.
    pub blocks: BTreeMap<String, Vec<(String, usize)>>,
}

/// A block, with the file and line it comes from.
type Block = (Map<String, Value>, (String, usize));

/// A table while it is filled.
struct Filled {
    value: Map<String, Value>,
    /// Whether a cell gave it anything; constants alone do not make a table.
    has_cells: bool,
}

/// Makes the record of a group of rows.
pub fn make(
    bound: &Bound<'_>,
    group: &Group,
    zone: chrono_tz::Tz,
    findings: &mut Vec<Finding>,
) -> Made {
    let rows = group.rows.iter().enumerate().map(|(source, rows)| {
        let is_one = source == 0 || !bound.mapping.sources[source].has_blocks;
        rows.first().copied().filter(|_| is_one)
    });
    let spot = Spot { bound, rows: rows.collect() };
    let head = &bound.sheets[0];
    let line = group.rows[0].first().map_or(0, |row| head.rows[*row].line);
    let origin = Origin { file: head.file.clone(), line, blocks: BTreeMap::new() };
    let mut making = Making { group, zone, origin, findings };
    let filled = making.table(&bound.mapping.fields, bound.mapping.kind.fields(), &spot, true);
    Made { value: filled.value, origin: making.origin }
}

struct Making<'a> {
    group: &'a Group,
    zone: chrono_tz::Tz,
    origin: Origin,
    findings: &'a mut Vec<Finding>,
}

impl Making<'_> {
    fn table(&mut self, shape: &Shape, fields: &[Field], spot: &Spot<'_>, is_sure: bool) -> Filled {
        let mut filled = Filled { value: Map::new(), has_cells: false };
        let leaves = shape.entries.iter().filter_map(|entry| match &entry.node {
            Node::Leaf(leaf) => Some(leaf),
            _ => None,
        });
        let columns: Vec<usize> = leaves.flat_map(Leaf::columns).collect();
        // What a table without words lacks is no fault: the table is not there.
        let is_there = is_sure
            || columns.is_empty()
            || columns.iter().any(|column| !spot.cell(*column).is_empty());
        for entry in &shape.entries {
            let below = field(fields, &entry.key).and_then(|field| field.kind.fields());
            let below = below.unwrap_or_default();
            let value = match &entry.node {
                Node::Leaf(leaf) if is_there => self.leaf(leaf, spot),
                Node::Leaf(_) => None,
                Node::Table(shape) => self.optional(shape, below, spot).map(Value::Object),
                Node::Blocks(shapes) => self.blocks(&entry.key, shapes, below, spot),
            };
            filled.value.extend(value.map(|value| (entry.key.clone(), value)));
        }
        filled.has_cells = is_there;
        filled
    }

    /// A table that is there only where its condition holds, or a cell gives it words.
    fn optional(
        &mut self,
        shape: &Shape,
        fields: &[Field],
        spot: &Spot<'_>,
    ) -> Option<Map<String, Value>> {
        let is_asked = !shape.when.0.is_empty();
        if is_asked && !spot.holds(&shape.when) {
            return None;
        }
        let is_sure = is_asked || shape.rows.is_some();
        let filled = self.table(shape, fields, spot, is_sure);
        let is_there = filled.has_cells && !filled.value.is_empty();
        is_there.then_some(filled.value)
    }

    fn blocks(
        &mut self,
        key: &str,
        shapes: &[Shape],
        fields: &[Field],
        spot: &Spot<'_>,
    ) -> Option<Value> {
        let mut blocks: Vec<Block> = Vec::new();
        for shape in shapes {
            let spots = match shape.rows {
                None => vec![spot.clone()],
                Some(source) => {
                    let at = |row: &usize| {
                        let mut rows = spot.rows.clone();
                        rows[source] = Some(*row);
                        Spot { bound: spot.bound, rows }
                    };
                    self.group.rows[source].iter().map(at).collect()
                }
            };
            let source = shape.rows.unwrap_or(0);
            for spot in spots {
                let sheet = &spot.bound.sheets[source];
                let line = spot.rows[source].map_or(0, |row| sheet.rows[row].line);
                let block = self.optional(shape, fields, &spot);
                blocks.extend(block.map(|block| (block, (sheet.file.clone(), line))));
            }
        }
        if field(fields, "no").is_some_and(|field| field.kind == Type::Int) {
            number(&mut blocks);
        }
        let (blocks, lines): (Vec<_>, Vec<_>) = blocks.into_iter().unzip();
        self.origin.blocks.insert(key.to_owned(), lines);
        let blocks: Vec<Value> = blocks.into_iter().map(Value::Object).collect();
        (!blocks.is_empty()).then_some(Value::Array(blocks))
    }

    fn leaf(&mut self, leaf: &Leaf, spot: &Spot<'_>) -> Option<Value> {
        let found = match &leaf.kind {
            Type::List(_) => self.list(leaf, spot),
            _ => self.single(leaf, spot),
        };
        match found {
            Ok(Some(value)) => return Some(value),
            Ok(None) if !leaf.required => {}
            Ok(None) => {
                let column = leaf.columns().next();
                let path = leaf.path.to_string();
                let key = path.strip_prefix("fields.").unwrap_or(&path);
                let message = format!("nothing for `{key}`, which must be there");
                self.push(spot.place(column), Misfit { message, hint: None });
            }
            Err((column, misfit)) => self.push(spot.place(column), misfit),
        }
        None
    }

    fn push(&mut self, place: Place, misfit: Misfit) {
        let found = Finding::error("import.value", place, misfit.message);
        self.findings.push(Finding { hint: misfit.hint, ..found });
    }

    fn single(
        &self,
        leaf: &Leaf,
        spot: &Spot<'_>,
    ) -> Result<Option<Value>, (Option<usize>, Misfit)> {
        let parts = leaf.parts.iter().map(|part| part.fill(|column| spot.cell(column)));
        let parts: Vec<String> =
            parts.filter(|part| !part.is_empty).map(|part| part.text).collect();
        self.convert(leaf, &parts.join(&leaf.join), spot, &leaf.kind)
    }

    fn list(&self, leaf: &Leaf, spot: &Spot<'_>) -> Result<Option<Value>, (Option<usize>, Misfit)> {
        let mut items = Vec::new();
        for part in &leaf.parts {
            let filled = part.fill(|column| spot.cell(column));
            for text in filled.text.split(';').map(str::trim).filter(|_| !filled.is_empty) {
                let Type::List(kind) = &leaf.kind else { continue };
                items.extend(self.convert(leaf, text, spot, kind)?);
            }
        }
        Ok((!items.is_empty()).then_some(Value::Array(items)))
    }

    fn convert(
        &self,
        leaf: &Leaf,
        text: &str,
        spot: &Spot<'_>,
        kind: &Type,
    ) -> Result<Option<Value>, (Option<usize>, Misfit)> {
        let column = leaf.columns().next();
        let mut spoilt = leaf.columns().filter_map(|at| Some((at, spoilt(spot.cell(at))?)));
        if let Some((column, misfit)) = spoilt.next() {
            return Err((Some(column), misfit));
        }
        let is_constant = column.is_none();
        let said = match &leaf.map {
            Some(map) => match map.get(text).or(leaf.default.as_ref()) {
                Some(word) => Some((word.as_str(), true)),
                None if text.is_empty() => None,
                None => {
                    let known: Vec<_> = map.keys().map(String::as_str).collect();
                    let message = format!("\"{text}\" is not in the look-up table");
                    let hint = format!("it knows {}; add it, or a default", known.join(", "));
                    return Err((column, Misfit { message, hint: Some(hint) }));
                }
            },
            None if text.is_empty() => leaf.default.as_deref().map(|word| (word, true)),
            None => Some((text, is_constant)),
        };
        let Some((word, is_plain)) = said.filter(|(word, _)| !word.is_empty()) else {
            return Ok(None);
        };
        let word = leaf.replace.as_deref().map_or_else(|| word.to_owned(), |by| code(word, by));
        let reader = Reader { formats: (!is_plain).then_some(&leaf.formats), zone: self.zone };
        reader.value(&word, kind).map(Some).map_err(|misfit| (column, misfit))
    }
}

/// A text with `by` in place of each character that no code may hold.
fn code(text: &str, by: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.chars().map(|c| if plain(c) { c.to_string() } else { by.to_owned() }).collect()
}

/// Counts the blocks that have no number, and puts those that have in their order.
fn number(blocks: &mut [Block]) {
    let no = |block: &Map<String, Value>| block.get("no").and_then(Value::as_u64);
    if blocks.iter().any(|(block, _)| no(block).is_some()) {
        blocks.sort_by_key(|(block, _)| no(block));
        return;
    }
    for (at, (block, _)) in blocks.iter_mut().enumerate() {
        block.insert("no".into(), (at + 1).into());
    }
}
