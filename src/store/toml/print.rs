//! A new record file in canonical layout, and single values as they are written into files.
//!
//! Fields stand in the order of the field table, single values first, then tables and blocks, a
//! blank line before each header. Only TOML 1.0 is written, so that other tools can read it. What
//! [`print`] writes reads back as the same value, except that empty lists and blocks are left out:
//! to a record they are the same as absent.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::scalar::{decimal_fault, native};
use crate::record::schema::{Field, Type, field};

/// Writes a new document.
///
/// A value that does not fit its field is written as its own type, for the reader to find.
pub fn print(value: &Map<String, Value>, fields: &[Field]) -> String {
    let mut out = String::new();
    section(&mut out, "", value, fields, "\n");
    out
}

/// Writes the fields of one table, and the tables and blocks below it, under the key `path`.
pub(super) fn section(
    out: &mut String,
    path: &str,
    value: &Map<String, Value>,
    fields: &[Field],
    eol: &str,
) {
    let known =
        fields.iter().filter_map(|field| Some((field.key.as_str(), value.get(&field.key)?)));
    let others = value.iter().filter(|(key, _)| field(fields, key).is_none());
    let others = others.map(|(key, value)| (key.as_str(), value));
    let all: Vec<_> = known.chain(others).filter(|(_, value)| !is_absent(value)).collect();
    let kind_of = |key: &str| field(fields, key).map_or(&Type::Any, |field| &field.kind);
    for (key, value) in &all {
        if below(value, kind_of(key)).is_none() {
            let text = written(value, kind_of(key)).unwrap_or_else(|_| any(value));
            let _ = write!(out, "{} = {text}{eol}", bare_or_quoted(key));
        }
    }
    for (key, value) in &all {
        let Some((tables, fields)) = below(value, kind_of(key)) else { continue };
        let path = match path {
            "" => bare_or_quoted(key),
            above => format!("{above}.{}", bare_or_quoted(key)),
        };
        let (open, close) = if value.is_array() { ("[[", "]]") } else { ("[", "]") };
        for table in tables {
            let gap = if out.is_empty() { "" } else { eol };
            let _ = write!(out, "{gap}{open}{path}{close}{eol}");
            section(out, &path, table, fields, eol);
        }
    }
}

fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(|items| items.iter().all(Value::is_null))
}

/// Tables that stand under headers of their own, and their fields.
type Below<'a> = (Vec<&'a Map<String, Value>>, &'a [Field]);

/// The tables of a field that stand under headers of their own.
fn below<'a>(value: &'a Value, kind: &'a Type) -> Option<Below<'a>> {
    match (kind, value) {
        (Type::Table(fields), Value::Object(table)) => Some((vec![table], fields)),
        (Type::Blocks(fields), Value::Array(blocks)) => {
            let tables: Option<Vec<_>> = blocks.iter().map(Value::as_object).collect();
            Some((tables?, fields))
        }
        _ => None,
    }
}

/// A value as it stands behind its `=`, or why it does not fit its field.
pub(super) fn written(value: &Value, kind: &Type) -> Result<String, String> {
    let misfit = || format!("{value} is not {}", kind.name());
    match (kind, value) {
        (Type::Money | Type::Quantity | Type::Rate | Type::Percent, _) => {
            let digits = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return Err(misfit()),
            };
            if let Some((_, message)) = decimal_fault(kind, &digits) {
                return Err(format!("{digits} {message}"));
            }
            let is_bare = *kind == Type::Quantity && is_whole(&digits);
            Ok(if is_bare { digits } else { format!("\"{digits}\"") })
        }
        (Type::Int, Value::Number(number)) if number.is_i64() => Ok(number.to_string()),
        (Type::Int, Value::String(text)) if is_whole(text) => Ok(text.clone()),
        (Type::Bool, Value::Bool(truth)) => Ok(truth.to_string()),
        (Type::Day | Type::Moment, Value::String(text)) => {
            let date = native(text).filter(|date| match kind {
                Type::Day => date.date.is_some() && date.time.is_none(),
                _ => date.offset.is_some() && date.time.is_some_and(|time| time.second.is_some()),
            });
            date.map(|_| text.clone()).ok_or_else(misfit)
        }
        (
            Type::Text | Type::Ref(_) | Type::Person | Type::Listed(_) | Type::OneOf(_),
            Value::String(text),
        ) => Ok(quoted(text)),
        (Type::List(item), Value::Array(items)) => {
            let items: Result<Vec<_>, _> = items.iter().map(|value| written(value, item)).collect();
            Ok(format!("[{}]", items?.join(", ")))
        }
        (Type::Table(fields), Value::Object(table)) => inline(table, fields),
        (Type::Any, value) => Ok(any(value)),
        _ => Err(misfit()),
    }
}

fn inline(table: &Map<String, Value>, fields: &[Field]) -> Result<String, String> {
    let mut pairs = Vec::new();
    for (key, value) in table.iter().filter(|(_, value)| !value.is_null()) {
        let kind = field(fields, key).map_or(&Type::Any, |field| &field.kind);
        pairs.push(format!("{} = {}", bare_or_quoted(key), written(value, kind)?));
    }
    Ok(if pairs.is_empty() { "{}".into() } else { format!("{{ {} }}", pairs.join(", ")) })
}

/// A value by its own type; a number with decimals becomes text, as every decimal is.
fn any(value: &Value) -> String {
    match value {
        Value::Null => "\"\"".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) if number.is_i64() => number.to_string(),
        Value::Number(number) => quoted(&number.to_string()),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter(|item| !item.is_null()).map(any).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(table) => {
            let pairs = table.iter().filter(|(_, value)| !value.is_null());
            let pairs =
                pairs.map(|(key, value)| format!("{} = {}", bare_or_quoted(key), any(value)));
            let pairs: Vec<_> = pairs.collect();
            if pairs.is_empty() { "{}".into() } else { format!("{{ {} }}", pairs.join(", ")) }
        }
    }
}

/// Whether a text is a whole number as TOML writes it bare: no leading zero, no `-0`.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (!digits.starts_with('0') || text == "0")
}

/// A key as it is written.
pub(super) fn bare_or_quoted(key: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    match !key.is_empty() && key.bytes().all(is_bare) {
        true => key.to_owned(),
        false => quoted(key),
    }
}

/// A text in quotes on one line, control characters escaped.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
