//! Where an edit cuts into a text and what it puts there.
//!
//! Nothing here decides whether the result is right: [`super::edit`] parses it again and compares.

use std::ops::Range;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::edit::{Change, Edit, Node};
use super::{print, raw};
use crate::record::schema::{Field, Type, field};
use crate::value::place::{KeyPath, Step};

/// The bytes to take out and the text to put in their place.
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

type Cut = Result<Option<(Splice, Change)>, String>;

/// The splice of an edit and its change of the tree; nothing where the file already holds it.
pub(super) fn of(text: &str, root: &DeTable<'_>, edit: &Edit, fields: &[Field]) -> Cut {
    let file = File { text, root, eol: if text.contains("\r\n") { "\r\n" } else { "\n" } };
    match edit {
        Edit::Set { path, value: Value::Null } | Edit::Remove { path } => file.remove(path),
        Edit::Set { path, value } => file.set(path, value, fields),
        Edit::Push { key, block } => file.push(key, block, fields),
    }
}

struct File<'a> {
    text: &'a str,
    root: &'a DeTable<'a>,
    /// The line end the file uses.
    eol: &'static str,
}

impl<'a> File<'a> {
    fn set(&self, path: &KeyPath, value: &Value, fields: &[Field]) -> Cut {
        let (last, parents) = path.0.split_last().ok_or("no field is named")?;
        let kind = kind_at(fields, &path.0).ok_or_else(|| format!("unknown field `{path}`"))?;
        let Some(existing) = find(self.root, &path.0) else {
            let Step::Key(key) = last else { return Err(format!("there is no `{path}`")) };
            return self.insert(parents, key, value, kind, fields);
        };
        if self.is_section(existing) {
            return Err(format!("`{path}` has a header of its own: set its fields one by one"));
        }
        let text = print::written(value, kind)?;
        let node = node_of(&text)?;
        if Node::of(existing.get_ref()) == node {
            return Ok(None);
        }
        let change = Change::Set(path.0.clone(), node);
        Ok(Some((Splice { range: existing.span(), text }, change)))
    }

    fn insert(
        &self,
        parents: &[Step],
        key: &str,
        value: &Value,
        kind: &Type,
        fields: &[Field],
    ) -> Cut {
        let path = KeyPath(parents.to_vec()).then(key);
        let refuse = |why: &str| Err(format!("`{path}` cannot be added in place: {why}"));
        if matches!(kind, Type::Blocks(_)) {
            return refuse("blocks are added one by one");
        }
        if let (Type::Table(below), Value::Object(table)) = (kind, value) {
            return match parents {
                [] => self.add_section(key, table, below, fields),
                _ => refuse("its table is not at the top"),
            };
        }
        let text = print::written(value, kind)?;
        let above = fields_at(fields, parents).unwrap_or_default();
        let (table, header) = match (find(self.root, parents), parents) {
            (_, []) => (self.root, None),
            (None, [Step::Key(owner)])
                if matches!(kind_at(fields, parents), Some(Type::Table(_))) =>
            {
                let table = Map::from_iter([(key.to_owned(), value.clone())]);
                return self.add_section(owner, &table, above, fields);
            }
            (Some(parent), _) => match parent.get_ref() {
                DeValue::Table(table) if self.text[parent.span()].starts_with('[') => {
                    (table, Some(parent.span()))
                }
                _ => return refuse("its table has no header of its own"),
            },
            (None, _) => return refuse("its table does not exist"),
        };
        let change = Change::Set(path.0.clone(), node_of(&text)?);
        let line = format!("{} = {text}", print::bare_or_quoted(key));
        Ok(Some((self.line_splice(table, header, key, &line, above), change)))
    }

    /// Puts a new line where the field table wants it among the lines of a table.
    fn line_splice(
        &self,
        table: &DeTable<'_>,
        header: Option<Range<usize>>,
        key: &str,
        line: &str,
        fields: &[Field],
    ) -> Splice {
        let rank = |key: &str| fields.iter().position(|field| field.key == key);
        let body = self.body(table);
        let before = |own: &&Own| rank(&own.key) < rank(key) && rank(&own.key).is_some();
        let behind = body.iter().filter(before).max_by_key(|own| own.end);
        if let Some(own) = behind {
            let indent = self.indent(own.start);
            return self.line_at(self.line_end(own.end), &format!("{indent}{line}"));
        }
        if let Some(header) = header {
            let next = body.iter().map(|own| own.start).min();
            let indent = self.indent(next.unwrap_or(header.start));
            return self.line_at(self.line_end(header.end), &format!("{indent}{line}"));
        }
        match body.iter().map(|own| own.start).min() {
            Some(first) => self.line_at(raw::line(self.text, first).start, line),
            None => self.line_at(raw::line(self.text, 0).start, &format!("{line}{}", self.eol)),
        }
    }

    /// A splice of one whole line at the beginning of another, or at the end of the text.
    fn line_at(&self, at: usize, line: &str) -> Splice {
        let is_open = at == self.text.len() && at > 0 && !self.text.ends_with('\n');
        let eol = self.eol;
        let text = if is_open { format!("{eol}{line}") } else { format!("{line}{eol}") };
        Splice { range: at..at, text }
    }

    fn push(&self, key: &str, block: &Map<String, Value>, fields: &[Field]) -> Cut {
        let below = match field(fields, key).map(|field| &field.kind) {
            Some(Type::Blocks(below)) => below,
            Some(Type::Table(below)) if self.root.get(key).is_none() => {
                return self.add_section(key, block, below, fields);
            }
            Some(Type::Table(_)) => return Err(format!("[{key}] is there already")),
            _ => return Err(format!("there are no blocks called `{key}`")),
        };
        fits(block, below)?;
        let at = match self.root.get(key) {
            None => self.content_end(),
            Some(blocks) if !self.is_section(blocks) => {
                return Err(format!("`{key}` is written as a list: write it as [[{key}]] first"));
            }
            Some(blocks) => {
                let last = blocks.get_ref().as_array().and_then(|blocks| blocks.last());
                self.behind_comments(self.line_end(last.map_or(0, deep_end)))
            }
        };
        let whole = Map::from_iter([(key.to_owned(), Value::Array(vec![block.clone().into()]))]);
        let change = Change::Push(key.to_owned(), node_of_table(block, below)?);
        Ok(Some((self.section_splice(at, &whole, fields), change)))
    }

    fn add_section(
        &self,
        key: &str,
        table: &Map<String, Value>,
        below: &[Field],
        fields: &[Field],
    ) -> Cut {
        fits(table, below)?;
        let whole = Map::from_iter([(key.to_owned(), table.clone().into())]);
        let change = Change::Set(vec![Step::Key(key.to_owned())], node_of_table(table, below)?);
        Ok(Some((self.section_splice(self.content_end(), &whole, fields), change)))
    }

    /// A splice of a table or block with its header, a blank line before it.
    fn section_splice(&self, at: usize, whole: &Map<String, Value>, fields: &[Field]) -> Splice {
        let eol = self.eol;
        let mut text = String::new();
        print::section(&mut text, "", whole, fields, eol);
        if at == self.text.len() && !self.text.ends_with('\n') {
            let closed = text.trim_end_matches(['\r', '\n']);
            return Splice { range: at..at, text: format!("{eol}{eol}{closed}") };
        }
        Splice { range: at..at, text: format!("{eol}{text}") }
    }

    fn remove(&self, path: &KeyPath) -> Cut {
        let Some(existing) = find(self.root, &path.0) else { return Ok(None) };
        let refuse = |why: &str| Err(format!("`{path}` cannot be removed in place: {why}"));
        let (last, parents) = path.0.split_last().ok_or("no field is named")?;
        let change = Change::Remove(path.0.clone());
        if self.is_section(existing) {
            if !self.text[existing.span()].starts_with('[') {
                return refuse("it is written as dotted keys");
            }
            let start = self.with_blank_line(raw::line(self.text, existing.span().start).start);
            let range = start..self.line_end(deep_end(existing));
            return Ok(Some((Splice { range, text: String::new() }, change)));
        }
        let Step::Key(key) = last else { return refuse("it is an item of a list: set the list") };
        let parent = find(self.root, parents);
        if parent.is_some_and(|parent| self.text[parent.span()].starts_with('{')) {
            return refuse("it stands inside { }: set the whole");
        }
        let table = parent.and_then(|parent| parent.get_ref().as_table()).unwrap_or(self.root);
        let start = table.get_key_value(key.as_str()).map_or(0, |(key, _)| key.span().start);
        let start = raw::line(self.text, start).start;
        let range = start..self.line_end(existing.span().end);
        Ok(Some((Splice { range, text: String::new() }, change)))
    }

    /// The start of a line, or of the blank line above it.
    fn with_blank_line(&self, start: usize) -> usize {
        let above = &self.text[..start];
        match above.strip_suffix(self.eol) {
            Some(rest) if rest.ends_with('\n') => rest.len(),
            _ => start,
        }
    }

    /// Whether a value stands under a header of its own, or is spread over dotted keys.
    fn is_section(&self, value: &Spanned<DeValue<'_>>) -> bool {
        match value.get_ref() {
            DeValue::Table(_) => !self.text[value.span()].starts_with('{'),
            DeValue::Array(items) => items.first().is_some_and(|item| item.span() == value.span()),
            _ => false,
        }
    }

    /// The fields that stand on lines of a table's own, below its header.
    fn body(&self, table: &DeTable<'_>) -> Vec<Own> {
        let mut body = Vec::new();
        for (key, value) in table {
            let start = key.span().start;
            let line = &self.text[raw::line(self.text, start)];
            if self.is_section(value) && line.trim_start().starts_with('[') {
                continue;
            }
            let key = key.get_ref().as_ref().to_owned();
            body.push(Own { key, start, end: deep_end(value) });
        }
        body
    }

    fn indent(&self, at: usize) -> &'a str {
        let line = &self.text[raw::line(self.text, at)];
        &line[..line.len() - line.trim_start().len()]
    }

    /// The offset behind the line around an offset.
    fn line_end(&self, at: usize) -> usize {
        (raw::line(self.text, at).end + 1).min(self.text.len())
    }

    /// The offset behind the last line that holds anything.
    fn content_end(&self) -> usize {
        self.line_end(self.text.trim_end().len())
    }

    /// The offset behind comment lines that close a block: those before a blank line or the end.
    fn behind_comments(&self, from: usize) -> usize {
        let mut at = from;
        while self.text[at..].trim_start_matches([' ', '\t']).starts_with('#') {
            at = self.line_end(at);
        }
        let is_closed = self.text[raw::line(self.text, at)].trim().is_empty();
        if is_closed { at } else { from }
    }
}

/// A field on a line of its own.
struct Own {
    key: String,
    start: usize,
    end: usize,
}

/// Where a value ends, with everything below it.
fn deep_end(value: &Spanned<DeValue<'_>>) -> usize {
    let below = match value.get_ref() {
        DeValue::Table(table) => table.iter().map(|(_, value)| deep_end(value)).max(),
        DeValue::Array(items) => items.iter().map(deep_end).max(),
        _ => None,
    };
    value.span().end.max(below.unwrap_or(0))
}

fn find<'t, 'a>(root: &'t DeTable<'a>, path: &[Step]) -> Option<&'t Spanned<DeValue<'a>>> {
    let (Step::Key(first), rest) = path.split_first()? else { return None };
    let first = root.get(first.as_str())?;
    rest.iter().try_fold(first, |above, step| match (step, above.get_ref()) {
        (Step::Key(key), DeValue::Table(table)) => table.get(key.as_str()),
        (Step::Index(at), DeValue::Array(items)) => items.get(*at),
        _ => None,
    })
}

/// The type of the field at a path.
fn kind_at<'f>(fields: &'f [Field], path: &[Step]) -> Option<&'f Type> {
    let (last, parents) = path.split_last()?;
    match last {
        Step::Key(key) => match fields_at(fields, parents) {
            Some(fields) => Some(&field(fields, key)?.kind),
            None => matches!(kind_at(fields, parents)?, Type::Any).then_some(&Type::Any),
        },
        Step::Index(_) => match kind_at(fields, parents)? {
            Type::List(item) => Some(item),
            Type::Any => Some(&Type::Any),
            _ => None,
        },
    }
}

/// The fields of the table at a path; nothing where there is none, or anything may stand there.
fn fields_at<'f>(fields: &'f [Field], path: &[Step]) -> Option<&'f [Field]> {
    match path {
        [] => Some(fields),
        [Step::Key(key), rest @ ..] => match (&field(fields, key)?.kind, rest) {
            (Type::Table(below), rest) => fields_at(below, rest),
            (Type::Blocks(below), [Step::Index(_), rest @ ..]) => fields_at(below, rest),
            _ => None,
        },
        _ => None,
    }
}

/// Refuses fields that are unknown or do not fit.
fn fits(table: &Map<String, Value>, fields: &[Field]) -> Result<(), String> {
    for (key, value) in table.iter().filter(|(_, value)| !value.is_null()) {
        let field = field(fields, key).ok_or_else(|| format!("unknown field `{key}`"))?;
        match (&field.kind, value) {
            (Type::Table(below), Value::Object(table)) => fits(table, below)?,
            (Type::Blocks(below), Value::Array(blocks)) => {
                for block in blocks {
                    fits(block.as_object().ok_or("a block is a table")?, below)?;
                }
            }
            (kind, value) => drop(print::written(value, kind)?),
        }
    }
    Ok(())
}

fn node_of(text: &str) -> Result<Node, String> {
    let value = DeValue::parse(text).map_err(|error| error.message().to_owned())?;
    Ok(Node::of(value.get_ref()))
}

fn node_of_table(table: &Map<String, Value>, fields: &[Field]) -> Result<Node, String> {
    let text = print::print(table, fields);
    let table = DeTable::parse(&text).map_err(|error| error.message().to_owned())?;
    Ok(Node::of_table(table.get_ref()))
}
