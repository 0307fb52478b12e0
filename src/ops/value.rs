//! What someone typed, as a value of a field.

use serde_json::{Map, Value};

use super::line;
use crate::{
    book::Book,
    error::{Error, Result},
    record::{
        Kind,
        schema::{Field, Type, field},
    },
    value::{
        day::Day,
        number::{
            Decimal, Limits, MoneyLimits, Number, PercentLimits, Quantity, QuantityLimits,
            RateLimits,
        },
        period::Period,
        place::{KeyPath, Step},
        text::closest,
    },
};

/// A text as the value of a field. Whether it fits is judged by the gate, at its place in the file.
///
/// A day may be any word of a period that is one day (`today`); a reference may be any ending or
/// name that means one record.
pub fn typed(book: &Book, field: &Field, text: &str) -> Result<Value> {
    typed_as(book, &field.kind, &field.key, text)
}

fn typed_as(book: &Book, kind: &Type, key: &str, text: &str) -> Result<Value> {
    let wrong = |wanted: &str| Error::usage(format!("{key} takes {wanted}, not \"{text}\""));
    Ok(match kind {
        Type::Bool => match text {
            "true" | "yes" => Value::Bool(true),
            "false" | "no" => Value::Bool(false),
            _ => return Err(wrong("true or false")),
        },
        Type::Int => {
            text.parse::<u32>().map(Value::from).map_err(|_| wrong("a whole number from 0"))?
        }
        Type::Money => number::<MoneyLimits>(key, text)?,
        Type::Quantity => number::<QuantityLimits>(key, text)?,
        Type::Rate => number::<RateLimits>(key, text)?,
        Type::Percent => number::<PercentLimits>(key, text)?,
        Type::OneOf(words) if !words.iter().any(|word| word == text) => {
            let error = wrong(&words.join(", "));
            return Err(match closest(text, words.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean {near}?")),
                None => error,
            });
        }
        Type::Day => {
            day(book, text).map_err(|_| wrong("a date such as 2026-09-23"))?.to_string().into()
        }
        Type::Ref(noun) => book.resolve_noun(noun, text)?.into(),
        Type::Person => book.resolve(Kind::Staff, text).unwrap_or_else(|_| text.to_owned()).into(),
        Type::List(item) => {
            let parts = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
            let items = parts.map(|part| typed_as(book, item, key, part));
            Value::Array(items.collect::<Result<_>>()?)
        }
        Type::Blocks(fields) if field(fields, "product").is_some() => {
            Value::Object(line::parse(book, fields, text)?)
        }
        Type::Table(fields) | Type::Blocks(fields) => Value::Object(block(book, fields, text)?),
        _ => text.into(),
    })
}

fn number<K: Limits>(key: &str, text: &str) -> Result<Value> {
    match Number::<K>::parse(text) {
        Ok(_) => Ok(text.into()),
        Err(fault) => Err(Error::usage(format!("{key}: \"{text}\" {}", fault.message::<K>()))),
    }
}

/// A day as it was typed: a date, or any word that means one day.
pub fn day(book: &Book, text: &str) -> Result<Day> {
    let period = Period::parse(text, book.today, &book.config.calendar()).ok();
    let one = period.filter(|period| period.from == period.to).and_then(|period| period.from);
    one.ok_or_else(|| Error::usage(format!("\"{text}\" is not a date such as 2026-09-23")))
}

/// A block typed as `key=value, key=value`.
pub fn block(book: &Book, fields: &[Field], text: &str) -> Result<Map<String, Value>> {
    let mut block = Map::new();
    for part in pairs(text) {
        let Some((key, value)) = part.split_once('=') else {
            let example = fields.first().map_or("key", |field| &field.key);
            return Err(Error::usage(format!("\"{part}\" is not key=value, such as {example}=…")));
        };
        let field = known(fields, key.trim())?;
        let value = typed(book, field, value.trim())?;
        if block.insert(field.key.clone(), value).is_some() {
            return Err(Error::usage(format!("{} is given twice", field.key)));
        }
    }
    Ok(block)
}

/// Parts at commas that are followed by another `key=`, so that values may hold commas.
fn pairs(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split(',') {
        let key = part.split_once('=').map(|(key, _)| key.trim());
        let starts = key.is_some_and(|key| {
            !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        match parts.last_mut() {
            Some(last) if !starts => {
                last.push(',');
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// The field of a key, `-` or `_` alike, or an error that says which there are.
pub fn known<'a>(fields: &'a [Field], key: &str) -> Result<&'a Field> {
    let key = key.replace('-', "_");
    field(fields, &key).ok_or_else(|| {
        let keys = fields.iter().map(|field| field.key.as_str());
        let error = Error::usage(format!("there is no field \"{key}\""));
        match closest(&key, keys.clone()) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint(format!("fields: {}", keys.collect::<Vec<_>>().join(", "))),
        }
    })
}

/// The place and field that a path such as `line.2.qty` names in a record; blocks with numbers are
/// addressed by them, others by their position from 1.
pub fn path<'a>(
    kind: Kind,
    record: &Map<String, Value>,
    text: &str,
) -> Result<(KeyPath, &'a Field)> {
    let mut fields: &'static [Field] = kind.fields();
    let mut parts = text.split('.');
    let mut path = KeyPath::default();
    let mut held: Option<&Value> = None;
    loop {
        let Some(part) = parts.next() else {
            return Err(Error::usage(format!("\"{text}\" names no single value")));
        };
        let found = known(fields, part)?;
        path.0.push(Step::Key(found.key.clone()));
        held = match held {
            None => record.get(&found.key),
            Some(held) => held.get(&found.key),
        };
        match &found.kind {
            Type::Blocks(below) => {
                let Some(number) = parts.next() else { return Ok((path, found)) };
                let at = position(held, number)
                    .ok_or_else(|| Error::usage(format!("there is no {} {number}", found.key)))?;
                path.0.push(Step::Index(at));
                held = held.and_then(|blocks| blocks.get(at));
                fields = below;
                if parts.clone().next().is_none() {
                    return Ok((path, found));
                }
            }
            Type::Table(below) if parts.clone().next().is_some() => fields = below,
            _ if parts.next().is_some() => {
                return Err(Error::usage(format!("{} has no parts", found.key)));
            }
            _ => return Ok((path, found)),
        }
    }
}

fn position(blocks: Option<&Value>, number: &str) -> Option<usize> {
    let blocks = blocks?.as_array()?;
    let wanted: usize = number.parse().ok()?;
    if blocks.iter().any(|block| block.get("no").is_some()) {
        return blocks.iter().position(|block| block["no"].as_u64() == u64::try_from(wanted).ok());
    }
    let at = wanted.checked_sub(1)?;
    (at < blocks.len()).then_some(at)
}

/// A quantity as it was typed.
pub fn quantity(text: &str) -> Result<Decimal> {
    let read = Quantity::parse(text).map(Quantity::get);
    read.map_err(|_| Error::usage(format!("\"{text}\" is not a quantity such as 20 or 2.5")))
}
