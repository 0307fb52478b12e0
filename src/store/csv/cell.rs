//! Single cells: whether the text of one is what its field wants, and how a value is written into
//! one.
//!
//! The checks are those of the TOML reader. CSV has only text, so numbers, dates and whole
//! numbers stand bare.

use std::borrow::Cow;

use serde_json::Value;
use toml::de::DeValue;

use super::super::toml::scalar::{self, MAX_INT, Spot};
use crate::{
    finding::{Finding, Fix},
    record::{
        row::items,
        schema::{Field, Type},
    },
    value::{
        day::{Day, Moment},
        formula,
    },
};

/// What is wrong with a cell that holds something, if anything. Its place is the file; the caller
/// knows the cell.
pub(super) fn check(file: &str, field: &Field, kind: &Type, text: &str) -> Option<Finding> {
    let spot = Spot { file, text: "", field, span: 0..0 };
    match kind {
        Type::Int => whole(&spot, text),
        Type::Bool => boolean(&spot, text),
        Type::Day if is_plain_day(text.as_bytes()) => None,
        Type::Moment if is_plain_moment(text.as_bytes()) => None,
        Type::Day | Type::Moment => date(&spot, kind, text),
        Type::List(item) => items(text).find_map(|text| check(file, field, item, text)),
        kind => scalar::check(&spot, kind, &DeValue::String(Cow::Borrowed(text))),
    }
    .map(|found| tidy(found, kind, text))
}

/// A hint for what spreadsheets make of numbers.
fn tidy(found: Finding, kind: &Type, text: &str) -> Finding {
    let plain: String =
        text.chars().filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '¥' | '￥')).collect();
    let is_better = kind.is_number() && found.hint.is_none() && plain != text;
    if is_better && plain.parse::<crate::value::number::Decimal>().is_ok() {
        return found.hint(format!("write {plain}"));
    }
    found
}

/// Whether the guard of a spreadsheet formula may stand before a cell of a type.
pub(super) fn is_words(kind: &Type) -> bool {
    match kind {
        Type::List(item) => is_words(item),
        Type::Text | Type::Ref(_) | Type::Person | Type::Listed(_) | Type::OneOf(_) => true,
        _ => false,
    }
}

fn whole(spot: &Spot<'_>, text: &str) -> Option<Finding> {
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if !is_plain {
        return Some(spot.error("field.type", "wants a whole number in plain digits"));
    }
    let is_inside = text.parse().is_ok_and(|whole: i64| whole <= MAX_INT);
    (!is_inside).then(|| spot.error("field.range", &format!("is not between 0 and {MAX_INT}")))
}

fn boolean(spot: &Spot<'_>, text: &str) -> Option<Finding> {
    if matches!(text, "true" | "false") {
        return None;
    }
    let found = spot.error("field.type", "wants true or false");
    let plain = text.to_ascii_lowercase();
    Some(match plain.as_str() {
        "true" | "false" => found.hint(format!("write {plain}")).fix(Fix::Replace(plain)),
        _ => found,
    })
}

/// Whether a text is a date that exists in every month, which most are.
fn is_plain_day(text: &[u8]) -> bool {
    match text {
        [b'2', b'0', y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 2 => {
            let year = y.iter().all(u8::is_ascii_digit);
            let month = number(*m1, *m2).is_some_and(|month| (1..=12).contains(&month));
            year && month && number(*d1, *d2).is_some_and(|day| (1..=28).contains(&day))
        }
        _ => false,
    }
}

/// Whether a text is a date-time as the commands write it, on a day that exists in every month.
fn is_plain_moment(text: &[u8]) -> bool {
    let Some((day, [b'T', h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..])) =
        text.split_at_checked(10)
    else {
        return false;
    };
    let below = |one, two, limit| number(one, two).is_some_and(|number| number < limit);
    let is_time = below(*h1, *h2, 24) && below(*m1, *m2, 60) && below(*s1, *s2, 60);
    let zone = match rest {
        [b'.', a, b, c, zone @ ..] if [a, b, c].into_iter().all(u8::is_ascii_digit) => zone,
        zone => zone,
    };
    let is_zone = match zone {
        [b'+' | b'-', h1, h2, b':', m1, m2] => below(*h1, *h2, 24) && below(*m1, *m2, 60),
        zone => zone == b"Z",
    };
    is_plain_day(day) && is_time && is_zone
}

/// The number of two digits.
fn number(tens: u8, ones: u8) -> Option<u8> {
    let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    digits.then(|| (tens - b'0') * 10 + (ones - b'0'))
}

fn date(spot: &Spot<'_>, kind: &Type, text: &str) -> Option<Finding> {
    let is_read = match kind {
        Type::Day => text.parse::<Day>().is_ok(),
        _ => text.parse::<Moment>().is_ok(),
    };
    if let Some(native) = scalar::native(text) {
        let found = scalar::check(spot, kind, &DeValue::Datetime(native));
        if found.is_some() || is_read {
            return found;
        }
    }
    let example = if *kind == Type::Day { "2026-09-23" } else { "2026-09-23T10:12:00+08:00" };
    let message = format!("is \"{}\", which is no {}", text.escape_debug(), kind.name());
    let found = spot.error("field.date", &message);
    Some(match turned(text).filter(|_| *kind == Type::Day) {
        Some(day) => found.hint(format!("write {day}")).fix(Fix::Replace(day)),
        None => found.hint(format!("write it as {example}")),
    })
}

/// The date that a spreadsheet wrote as `2026/9/3`; other orders of day and month cannot be told
/// apart.
fn turned(text: &str) -> Option<String> {
    let mut parts = text.split(['/', '.', '-']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty();
    let is_date = year.len() == 4 && [year, month, day].into_iter().all(numeric);
    let day = format!("{year}-{month:0>2}-{day:0>2}");
    day.parse::<Day>().ok().filter(|_| is_date && parts.next().is_none()).map(|_| day)
}

/// A value as the text of a cell, or why it cannot stand in one.
pub(super) fn written(field: &Field, value: &Value) -> Result<String, String> {
    let plain = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Array(list) => listed(field, list)?,
        Value::Object(_) => return Err(format!("`{}` cannot hold a table", field.key)),
    };
    if plain.contains(['\n', '\r']) {
        return Err(format!("`{}` holds a line break, which no cell can hold", field.key));
    }
    let is_words = is_words(&field.kind);
    Ok(if is_words { formula::guarded(&plain).into_owned() } else { plain })
}

fn listed(field: &Field, list: &[Value]) -> Result<String, String> {
    let Type::List(kind) = &field.kind else {
        return Err(format!("`{}` cannot hold a list", field.key));
    };
    let mut texts = Vec::new();
    for value in list {
        let item = match value {
            Value::String(text) => text.clone(),
            other => written(&Field { kind: kind.as_ref().clone(), ..field.clone() }, other)?,
        };
        if item.contains(';') {
            return Err(format!(
                "`{}` is a list that `;` separates, so \"{item}\" cannot be in it",
                field.key
            ));
        }
        texts.push(item);
    }
    Ok(texts.join(";"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_taken_at_a_glance_is_what_the_full_reader_takes(
            day in "20[0-9]{2}-[0-3][0-9]-[0-4][0-9]",
            time in "[T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,4})?",
            zone in "(Z|z|[-+][0-2][0-9]:[0-6][0-9])?",
        ) {
            let moment = format!("{day}{time}{zone}");
            prop_assert!(!is_plain_day(day.as_bytes()) || day.parse::<Day>().is_ok());
            prop_assert!(!is_plain_moment(moment.as_bytes()) || moment.parse::<Moment>().is_ok());
            let native = scalar::native(&moment).is_some();
            prop_assert!(!is_plain_moment(moment.as_bytes()) || native);
        }
    }

    #[test]
    fn dates_are_taken_at_a_glance() {
        assert!(is_plain_day(b"2026-09-28") && !is_plain_day(b"2026-02-29"));
        assert!(is_plain_moment(b"2026-09-23T09:58:41.207+08:00"));
        assert!(is_plain_moment(b"2026-09-23T09:58:41Z"));
        assert!(!is_plain_moment(b"2026-09-23T09:58:41"));
    }
}
