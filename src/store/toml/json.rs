//! A parsed table as plain JSON: decimals as they are written, dates as ISO text.

use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};

use crate::record::schema::{Field, Type, field};

/// The record as an object: numbers of money, quantity, rate and percent as the text that stands
/// in the file, whole numbers as numbers, dates and date-times as ISO text.
pub fn value(table: &DeTable<'_>, fields: &[Field]) -> Value {
    let of = |key: &str| field(fields, key).map_or(&Type::Any, |field| &field.kind);
    let pairs = table.iter().map(|(key, value)| {
        let key = key.get_ref().as_ref();
        (key.to_owned(), single(value.get_ref(), of(key)))
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn single(found: &DeValue<'_>, kind: &Type) -> Value {
    match found {
        DeValue::String(text) => Value::String(text.as_ref().to_owned()),
        DeValue::Integer(whole) => {
            let digits = whole.as_str();
            let is_count = !kind.is_number() || *kind == Type::Int;
            let number = i64::from_str_radix(digits, whole.radix()).ok().filter(|_| is_count);
            number.map_or_else(|| digits.into(), |number| Value::Number(Number::from(number)))
        }
        DeValue::Float(float) => Value::String(float.as_str().to_owned()),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(items) => {
            let item = match kind {
                Type::List(item) => item,
                other => other,
            };
            let fields = kind.fields().unwrap_or_default();
            let each = items.iter().map(|found| match found.get_ref() {
                DeValue::Table(table) => value(table, fields),
                other => single(other, item),
            });
            Value::Array(each.collect())
        }
        DeValue::Table(table) => value(table, kind.fields().unwrap_or_default()),
    }
}
