//! Changes of single values in a file's own bytes.
//!
//! Each edit is one splice into the text, and every byte outside it stays: byte order mark, line
//! ends, comments, order, spacing. Afterwards the new text is parsed again and must hold the old
//! tree with just that change; where it does not, the edit is refused. So a layout that
//! [`super::splice`] does not foresee is a message, never a damaged file.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::{raw, splice};
use crate::record::schema::Field;
use crate::value::place::{KeyPath, Step};

/// One change of a record file; values are written as the field table types them.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Gives a field a value, whether it stood there or not; null removes it.
    Set {
        /// The field.
        path: KeyPath,
        /// Its new value: dates and decimals as text.
        value: Value,
    },
    /// Removes a field with its line, or a table or block with its header; nothing if absent.
    Remove {
        /// The field, table or block.
        path: KeyPath,
    },
    /// Adds a block behind the last of its kind, or at the end of the file; or a single table
    /// that is not there yet.
    Push {
        /// Its name: `line` for `[[line]]`.
        key: String,
        /// Its fields.
        block: Map<String, Value>,
    },
}

/// The file with the edits made, in turn, and every byte outside them unchanged.
///
/// Refused, with a message: a file with faults of syntax, a field that the table does not know, a
/// value that does not fit its field, and a layout that cannot be edited safely.
pub fn edit(bytes: &[u8], edits: &[Edit], fields: &[Field]) -> Result<Vec<u8>, String> {
    let text = raw::text("", bytes).map_err(|finding| finding.message)?;
    let mut text = text.to_owned();
    for edit in edits {
        text = applied(&text, edit, fields)?;
    }
    Ok(text.into_bytes())
}

fn applied(text: &str, edit: &Edit, fields: &[Field]) -> Result<String, String> {
    let parse = |text| DeTable::parse(text).map(toml::Spanned::into_inner);
    let table = parse(text).map_err(|error| format!("mend the file first: {}", error.message()))?;
    let Some((splice, change)) = splice::of(text, &table, edit, fields)? else {
        return Ok(text.to_owned());
    };
    let mut new = text.to_owned();
    new.replace_range(splice.range, &splice.text);
    let refusal =
        || format!("`{}` is laid out in a way that cannot be edited in place", name(edit));
    raw::text("", new.as_bytes()).map_err(|finding| finding.message)?;
    let after = parse(&new).map_err(|_| refusal())?;
    let mut wanted = Node::of_table(&table);
    let is_made = change.make(&mut wanted).is_some();
    if is_made && wanted == Node::of_table(&after) { Ok(new) } else { Err(refusal()) }
}

fn name(edit: &Edit) -> String {
    match edit {
        Edit::Set { path, .. } | Edit::Remove { path } => path.to_string(),
        Edit::Push { key, .. } => key.clone(),
    }
}

/// A value without its place, to compare trees.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A single value: its type and its text.
    Leaf(&'static str, String),
    /// A list, or blocks.
    List(Vec<Node>),
    /// A table, in whatever layout.
    Table(BTreeMap<String, Node>),
}

impl Node {
    /// The tree of a value.
    pub(super) fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Leaf("text", text.as_ref().to_owned()),
            DeValue::Integer(whole) => Self::Leaf("whole", whole.to_string()),
            DeValue::Float(float) => Self::Leaf("float", float.to_string()),
            DeValue::Boolean(truth) => Self::Leaf("truth", truth.to_string()),
            DeValue::Datetime(date) => Self::Leaf("date", date.to_string()),
            DeValue::Array(items) => {
                Self::List(items.iter().map(|item| Self::of(item.get_ref())).collect())
            }
            DeValue::Table(table) => Self::of_table(table),
        }
    }

    /// The tree of a table.
    pub(super) fn of_table(table: &DeTable<'_>) -> Self {
        let pair = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            (key.as_ref().to_owned(), Self::of(value.get_ref()))
        };
        Self::Table(table.iter().map(pair).collect())
    }

    fn below(&mut self, step: &Step) -> Option<&mut Self> {
        match (self, step) {
            (Self::Table(table), Step::Key(key)) => table.get_mut(key),
            (Self::List(items), Step::Index(at)) => items.get_mut(*at),
            _ => None,
        }
    }
}

/// What an edit does to the tree.
pub(super) enum Change {
    /// The value at a path becomes another, or a new one.
    Set(Vec<Step>, Node),
    /// The value at a path goes.
    Remove(Vec<Step>),
    /// A block is added.
    Push(String, Node),
}

impl Change {
    /// Makes the change; nothing where the path leads nowhere.
    fn make(self, tree: &mut Node) -> Option<()> {
        match self {
            Self::Set(path, node) => {
                let (last, parents) = path.split_last()?;
                let parent = parents.iter().try_fold(tree, |above, step| above.below(step))?;
                match (parent, last) {
                    (Node::Table(table), Step::Key(key)) => {
                        table.insert(key.clone(), node);
                    }
                    (Node::List(items), Step::Index(at)) => *items.get_mut(*at)? = node,
                    _ => return None,
                }
            }
            Self::Remove(path) => {
                let (last, parents) = path.split_last()?;
                let parent =
                    parents.iter().try_fold(&mut *tree, |above, step| above.below(step))?;
                match (&mut *parent, last) {
                    (Node::Table(table), Step::Key(key)) => drop(table.remove(key)?),
                    (Node::List(items), Step::Index(at)) if *at < items.len() => {
                        items.remove(*at);
                    }
                    _ => return None,
                }
                // Blocks of which none is left are absent.
                if *parent == Node::List(Vec::new()) {
                    Self::Remove(parents.to_vec()).make(tree)?;
                }
            }
            Self::Push(key, node) => {
                let Node::Table(table) = tree else { return None };
                match table.entry(key).or_insert_with(|| Node::List(Vec::new())) {
                    Node::List(items) => items.push(node),
                    _ => return None,
                }
            }
        }
        Some(())
    }
}
