//! What fills the fields of a record: single values, tables and blocks, as the mapping lays them
//! out under `[fields]`.
//!
//! The shape is read once along the kind's field table; every column it names gets a place in one
//! list, which is bound to the CSV files before a row is looked at.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    mapping::{Column, Scope},
    template::Template,
    value::{Formats, NumberForm, is_date_format},
};
use crate::{
    finding::Finding,
    record::schema::{Field, Type},
    value::{place::KeyPath, text::closest},
};

/// What fills one table of a record.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// When the table is there.
    pub when: Condition,
    /// Source whose rows become one block each.
    pub rows: Option<usize>,
    /// Its fields, in the order of the field table.
    pub entries: Vec<Entry>,
}

/// What fills one field.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Key of the field.
    pub key: String,
    /// What fills it.
    pub node: Node,
}

/// What fills a field, by what the field holds.
#[derive(Debug, Clone)]
pub enum Node {
    /// A single value or a plain list.
    Leaf(Leaf),
    /// A table.
    Table(Shape),
    /// Blocks, one shape after the other.
    Blocks(Vec<Shape>),
}

/// What fills a single field.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// What the field holds.
    pub kind: Type,
    /// Its parts; those whose cells are empty are left out.
    pub parts: Vec<Template>,
    /// Between two parts of a single value.
    pub join: String,
    /// Look-up table.
    pub map: Option<BTreeMap<String, String>>,
    /// Where there is no value, or the look-up table does not have it.
    pub default: Option<String>,
    /// How dates and numbers are written.
    pub formats: Formats,
    /// What takes the place of characters that no code may hold.
    pub replace: Option<String>,
    /// Whether a record without it is an error.
    pub required: bool,
    /// Where the mapping says it.
    pub path: KeyPath,
}

/// Cells that must hold certain words, all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition(pub Vec<(usize, Vec<String>)>);

/// The keys of a value that is more than one template.
const KEYS: [&str; 7] = ["value", "join", "map", "default", "date", "number", "replace"];

/// A walk along the mapping, collecting columns and findings.
pub struct Walk<'a> {
    /// Name of the mapping file.
    pub file: &'a str,
    /// Names of the sources.
    pub sources: &'a [String],
    /// Formats where a field has none of its own.
    pub formats: Formats,
    /// The columns named so far.
    pub columns: Vec<Column>,
    /// What is wrong.
    pub findings: &'a mut Vec<Finding>,
}

impl Shape {
    /// The sources whose rows become blocks.
    pub fn row_sources(&self) -> Vec<usize> {
        let mut found: Vec<usize> = self.rows.into_iter().collect();
        for entry in &self.entries {
            match &entry.node {
                Node::Leaf(_) => {}
                Node::Table(shape) => found.extend(shape.row_sources()),
                Node::Blocks(shapes) => {
                    found.extend(shapes.iter().flat_map(|shape| shape.row_sources()));
                }
            }
        }
        found
    }

    /// What fills a field, if anything does.
    pub fn leaf(&self, key: &str) -> Option<&Leaf> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        match &entry.node {
            Node::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }
}

impl Leaf {
    /// The columns it is made of.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().flat_map(Template::columns)
    }
}

impl Walk<'_> {
    /// The shape of a table of the mapping.
    pub fn shape(
        &mut self,
        tree: &Map<String, Value>,
        fields: &[Field],
        path: &KeyPath,
        scope: Scope,
    ) -> Shape {
        let rows = tree.get("rows").and_then(Value::as_str);
        let rows = rows.and_then(|name| self.source(name, &path.then("rows")));
        let scope = rows.map_or(scope, Scope::Rows);
        let when = tree.get("when");
        let when = when.map(|when| self.condition(when, &path.then("when"), scope));
        let mut shape = Shape { when: when.unwrap_or_default(), rows, entries: Vec::new() };
        for field in fields {
            let Some(value) = tree.get(&field.key) else { continue };
            let path = path.then(&field.key);
            let node = match (&field.kind, value) {
                (Type::Table(below), Value::Object(tree)) => {
                    Node::Table(self.shape(tree, below, &path, scope))
                }
                (Type::Blocks(below), Value::Array(blocks)) => {
                    let blocks = blocks.iter().enumerate();
                    let blocks = blocks.filter_map(|(at, tree)| Some((at, tree.as_object()?)));
                    let shape = |(at, tree)| self.shape(tree, below, &path.nth(at), scope);
                    Node::Blocks(blocks.map(shape).collect())
                }
                // The reader has found a table where blocks are wanted, and the other way about.
                (Type::Table(_) | Type::Blocks(_), _) => continue,
                (_, value) => Node::Leaf(self.leaf(field, value, path, scope)),
            };
            shape.entries.push(Entry { key: field.key.clone(), node });
        }
        shape
    }

    fn source(&mut self, name: &str, path: &KeyPath) -> Option<usize> {
        let found = self.sources.iter().position(|source| source.eq_ignore_ascii_case(name));
        if found.is_none() {
            let known = self.sources.iter().map(String::as_str);
            let near = closest(name, known).map(|near| format!("did you mean \"{near}\"?"));
            self.wrong(path, format!("there is no source \"{name}\""), near);
        }
        found
    }

    fn wrong(&mut self, path: &KeyPath, message: String, hint: Option<String>) {
        let found = Finding::at("import.mapping", self.file, path.clone(), message);
        self.findings.push(Finding { hint, ..found });
    }

    /// A template of the mapping.
    pub fn template(&mut self, text: &str, path: &KeyPath, scope: Scope) -> Template {
        let columns = &mut self.columns;
        let parsed = Template::parse(text, |name| column(columns, name, path, scope));
        parsed.unwrap_or_else(|why| {
            self.wrong(path, why, Some("a brace that is meant as such is written twice".into()));
            Template::default()
        })
    }

    /// A condition: columns, each with the words its cell may hold.
    pub fn condition(&mut self, value: &Value, path: &KeyPath, scope: Scope) -> Condition {
        let Value::Object(table) = value else {
            let hint = "write { column = \"word\" }, or { column = [\"one\", \"other\"] }";
            self.wrong(path, "is no table of columns and words".into(), Some(hint.into()));
            return Condition::default();
        };
        let mut cells = Vec::new();
        for (name, wanted) in table {
            let path = path.then(name);
            let words = match wanted {
                Value::Array(words) => words.iter().map(constant).collect(),
                one => constant(one).map(|word| vec![word]),
            };
            match words {
                Some(words) => cells.push((column(&mut self.columns, name, &path, scope), words)),
                None => self.wrong(&path, "is no word and no list of words".into(), None),
            }
        }
        Condition(cells)
    }

    fn leaf(&mut self, field: &Field, value: &Value, path: KeyPath, scope: Scope) -> Leaf {
        let mut leaf = Leaf {
            kind: field.kind.clone(),
            parts: Vec::new(),
            join: ", ".into(),
            map: None,
            default: None,
            formats: self.formats.clone(),
            replace: None,
            required: field.required,
            path: path.clone(),
        };
        let Value::Object(spec) = value else {
            leaf.parts = self.parts(value, &path, scope);
            return leaf;
        };
        match spec.get("value") {
            Some(value) => leaf.parts = self.parts(value, &path.then("value"), scope),
            None => self.wrong(&path, "`value` is missing".into(), None),
        }
        for (key, value) in spec {
            let at = path.then(key);
            if let Err(why) = self.key(&mut leaf, key, value) {
                let near = closest(key, KEYS).filter(|near| near != key);
                self.wrong(&at, why, near.map(|near| format!("did you mean \"{near}\"?")));
            }
        }
        leaf
    }

    fn key(&mut self, leaf: &mut Leaf, key: &str, value: &Value) -> Result<(), String> {
        let word = || value.as_str().ok_or_else(|| format!("`{key}` is no text"));
        match key {
            "value" => {}
            "join" => leaf.join = word()?.to_owned(),
            "default" => leaf.default = Some(constant(value).ok_or("is no single value")?),
            "date" => {
                let date = word()?;
                if !is_date_format(date) {
                    return Err(format!("\"{date}\" is no format of dates such as %d/%m/%Y"));
                }
                date.clone_into(&mut leaf.formats.date);
            }
            "number" => {
                let example = word()?;
                let known = NumberForm::ALL.into_iter().find(|form| form.example() == example);
                let all = NumberForm::ALL.map(NumberForm::example).join("   ");
                leaf.formats.number =
                    known.ok_or_else(|| format!("is none of the examples {all}"))?;
            }
            "replace" => {
                let by = word()?;
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                if by.len() > 1 || !by.bytes().all(plain) {
                    return Err("is not one of A-Z a-z 0-9 - _, or nothing".into());
                }
                leaf.replace = Some(by.to_owned());
            }
            "map" => {
                let Value::Object(table) = value else { return Err("is no table".into()) };
                let pair = |(from, to): (&String, &Value)| Some((from.clone(), constant(to)?));
                let map: Option<BTreeMap<_, _>> = table.iter().map(pair).collect();
                leaf.map = Some(map.ok_or("holds something that is no single value")?);
            }
            other => return Err(format!("unknown key `{other}` of a value")),
        }
        Ok(())
    }

    fn parts(&mut self, value: &Value, path: &KeyPath, scope: Scope) -> Vec<Template> {
        match value {
            Value::String(text) => vec![self.template(text, path, scope)],
            Value::Array(parts) => {
                let parts = parts.iter().enumerate();
                parts.flat_map(|(at, part)| self.parts(part, &path.nth(at), scope)).collect()
            }
            other => match constant(other) {
                Some(text) => vec![Template::constant(text)],
                None => {
                    self.wrong(path, "is no text, number, date or truth".into(), None);
                    Vec::new()
                }
            },
        }
    }
}

/// The place of a column in the list, which it joins when it is new.
fn column(columns: &mut Vec<Column>, name: &str, path: &KeyPath, scope: Scope) -> usize {
    let known = columns.iter().position(|known| known.name == name && known.scope == scope);
    known.unwrap_or_else(|| {
        columns.push(Column { name: name.to_owned(), scope, path: path.clone() });
        columns.len() - 1
    })
}

/// A single value of the mapping as the text it would be in a cell.
fn constant(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
