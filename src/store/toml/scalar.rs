//! The checks of single values: whether a number, date, word or text is what its field wants.
//!
//! A value has at most one finding. On a good value nothing is allocated.

use std::ops::Range;

use toml::de::{DeInteger, DeValue};
use toml::value::Datetime;

use crate::finding::{Finding, Fix};
use crate::record::schema::{Field, Type};
use crate::value::day::{Day, Moment};
use crate::value::number::{
    MoneyLimits, Number, NumberFault, PercentLimits, QuantityLimits, RateLimits,
};
use crate::value::place::Place;

/// Largest whole number of a field that counts something.
pub(in crate::store) const MAX_INT: i64 = 1_000_000_000;
/// Years that records may speak of.
const YEARS: std::ops::RangeInclusive<u16> = 1900..=2199;

/// A value, where it stands and under which field.
pub(in crate::store) struct Spot<'a> {
    /// Path of the file.
    pub(in crate::store) file: &'a str,
    /// Whole text of the file.
    pub(in crate::store) text: &'a str,
    /// The field.
    pub(in crate::store) field: &'a Field,
    /// Bytes of the value.
    pub(in crate::store) span: Range<usize>,
}

impl Spot<'_> {
    /// An error at the value, its message beginning with the field's key.
    pub(in crate::store) fn error(&self, code: &'static str, message: &str) -> Finding {
        let place = Place::span(self.file, self.span.clone());
        Finding::error(code, place, format!("`{}` {message}", self.field.key))
    }

    /// The value as it is written.
    fn written(&self) -> &str {
        self.text.get(self.span.clone()).unwrap_or_default()
    }

    /// A value of another type than `wanted`.
    pub(in crate::store) fn mismatch(&self, wanted: &Type, found: &DeValue<'_>) -> Finding {
        let wanted = match wanted {
            Type::OneOf(words) => format!("one of {}", words.join(", ")),
            Type::Text | Type::Money | Type::Percent | Type::Bool | Type::Listed(_) => {
                wanted.name()
            }
            Type::Any | Type::Blocks(_) => wanted.name(),
            other => format!("a {}", other.name()),
        };
        let message = format!("wants {wanted}, found {}", type_name(found));
        self.error("field.type", &message).label(format!("wants {wanted}"))
    }
}

/// Checks a single value against a type that is not a list, a table or blocks.
pub(in crate::store) fn check(
    spot: &Spot<'_>,
    kind: &Type,
    value: &DeValue<'_>,
) -> Option<Finding> {
    match kind {
        Type::Money | Type::Quantity | Type::Rate | Type::Percent => number(spot, kind, value),
        Type::Int => int(spot, value),
        Type::Bool => boolean(spot, value),
        Type::Day | Type::Moment => date(spot, kind, value),
        Type::Text | Type::Ref(_) | Type::Person | Type::Listed(_) => text(spot, kind, value),
        Type::OneOf(words) => choice(spot, words, value),
        Type::List(_) | Type::Table(_) | Type::Blocks(_) | Type::Any => None,
    }
}

/// What a value is, in words.
fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a bare decimal",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(Datetime { time: None, .. }) => "a date",
        DeValue::Datetime(Datetime { date: None, .. }) => "a time",
        DeValue::Datetime(_) => "a date-time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// What is wrong with a decimal of a kind, if anything.
pub(super) fn decimal_fault(kind: &Type, text: &str) -> Option<(NumberFault, String)> {
    if is_short_decimal(text) {
        return None;
    }
    macro_rules! fault_of {
        ($limits:ident) => {
            Number::<$limits>::parse(text).err().map(|fault| (fault, fault.message::<$limits>()))
        };
    }
    match kind {
        Type::Money => fault_of!(MoneyLimits),
        Type::Quantity => fault_of!(QuantityLimits),
        Type::Rate => fault_of!(RateLimits),
        _ => fault_of!(PercentLimits),
    }
}

/// Whether a text is a plain decimal that is inside the limits of every kind of number.
fn is_short_decimal(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(whole, 6) && digits(decimals, 6)
}

fn number(spot: &Spot<'_>, kind: &Type, value: &DeValue<'_>) -> Option<Finding> {
    match value {
        DeValue::String(text) => {
            decimal_fault(kind, text).map(|(fault, message)| number_fault(spot, fault, &message))
        }
        DeValue::Integer(whole) => {
            if let Some(finding) = not_plain(spot, whole, "field.decimal") {
                return Some(finding);
            }
            let (fault, message) = decimal_fault(kind, whole.as_str())?;
            Some(number_fault(spot, fault, &message))
        }
        DeValue::Float(_) => {
            let written = spot.written();
            let found = spot.error("field.float", "is a bare decimal: decimals stand in quotes");
            Some(match decimal_fault(kind, written) {
                None => {
                    let quoted = format!("\"{written}\"");
                    found.hint(format!("write {quoted}")).fix(Fix::Replace(quoted))
                }
                Some((_, message)) => found.note(message),
            })
        }
        other => Some(spot.mismatch(kind, other)),
    }
}

fn number_fault(spot: &Spot<'_>, fault: NumberFault, message: &str) -> Finding {
    match fault {
        NumberFault::Syntax => spot.error("field.decimal", message),
        NumberFault::Decimals | NumberFault::Range => spot.error("field.range", message),
    }
}

/// A whole number that is not written in plain decimal digits.
fn not_plain(spot: &Spot<'_>, whole: &DeInteger<'_>, code: &'static str) -> Option<Finding> {
    let digits = whole.as_str();
    if whole.radix() != 10 {
        return Some(spot.error(code, "is not written in decimal digits"));
    }
    let is_plain = digits.len() == spot.span.len() && !spot.written().starts_with('+');
    if is_plain {
        return None;
    }
    let plain = digits.trim_start_matches('+').to_owned();
    let found = spot.error(code, "is not written in plain digits");
    Some(found.hint(format!("write {plain}")).fix(Fix::Replace(plain)))
}

fn int(spot: &Spot<'_>, value: &DeValue<'_>) -> Option<Finding> {
    let whole = match value {
        DeValue::Integer(whole) => whole,
        DeValue::String(text) if is_digits(text) => {
            let found = spot.mismatch(&Type::Int, value);
            let plain = text.as_ref().to_owned();
            return Some(found.hint(format!("write {plain}")).fix(Fix::Replace(plain)));
        }
        other => return Some(spot.mismatch(&Type::Int, other)),
    };
    if let Some(finding) = not_plain(spot, whole, "field.decimal") {
        return Some(finding);
    }
    let is_inside = whole.as_str().parse().is_ok_and(|whole| (0..=MAX_INT).contains(&whole));
    let message = format_args!("is not between 0 and {MAX_INT}");
    (!is_inside).then(|| spot.error("field.range", &message.to_string()))
}

/// Whether a text is a whole number as TOML wants it bare.
fn is_digits(text: &str) -> bool {
    let is_zero = text == "0";
    (1..=9).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (is_zero || !text.starts_with('0'))
}

fn boolean(spot: &Spot<'_>, value: &DeValue<'_>) -> Option<Finding> {
    match value {
        DeValue::Boolean(_) => None,
        DeValue::String(text) if matches!(text.as_ref(), "true" | "false") => {
            let found = spot.mismatch(&Type::Bool, value);
            let plain = text.as_ref().to_owned();
            Some(found.hint(format!("write {plain}")).fix(Fix::Replace(plain)))
        }
        other => Some(spot.mismatch(&Type::Bool, other)),
    }
}

fn date(spot: &Spot<'_>, kind: &Type, value: &DeValue<'_>) -> Option<Finding> {
    let example = if *kind == Type::Day { "2026-09-23" } else { "2026-09-23T10:12:00+08:00" };
    match value {
        DeValue::Datetime(found) => native_date(spot, kind, found, example),
        DeValue::String(text) => {
            let found =
                spot.error("field.date", &format!("is text where a {} stands", kind.name()));
            let is_good = match kind {
                Type::Day => text.parse::<Day>().is_ok(),
                _ => text.parse::<Moment>().is_ok(),
            };
            Some(match native(text).filter(|_| is_good) {
                Some(_) => found
                    .hint(format!("write {text} without quotes"))
                    .fix(Fix::Replace(text.as_ref().to_owned())),
                None => found.hint(format!("write it as {example}, without quotes")),
            })
        }
        other => {
            let found = spot.mismatch(kind, other);
            Some(Finding { code: "field.date", ..found.hint(format!("write it as {example}")) })
        }
    }
}

/// The native date or date-time that a text spells.
pub(in crate::store) fn native(text: &str) -> Option<Datetime> {
    text.parse().ok()
}

fn native_date(spot: &Spot<'_>, kind: &Type, found: &Datetime, example: &str) -> Option<Finding> {
    let Some(day) = found.date else {
        // A value without any part is what the parser leaves of one it has already reported.
        let time = found.time?;
        let error = spot.error("field.date", &format!("is the time {time} without a date"));
        return Some(error.hint(format!("write it as {example}")));
    };
    if !YEARS.contains(&day.year) {
        let message = format!("is not between {} and {}", YEARS.start(), YEARS.end());
        return Some(spot.error("field.date", &message).label("year out of range"));
    }
    if *kind == Type::Day {
        let error = || spot.error("field.date", "is a date-time where a date stands");
        return found.time.map(|_| error().hint(format!("write {day}")));
    }
    let Some(time) = found.time else {
        let error = spot.error("field.date", "is a date where a date-time stands");
        return Some(error.hint(format!("write it as {example}")));
    };
    if found.offset.is_none() {
        let error = spot.error("field.date", "has no offset from UTC");
        return Some(error.hint(format!("add it, such as {found}+08:00")));
    }
    if time.second.is_none() {
        let whole =
            Datetime { time: Some(toml::value::Time { second: Some(0), ..time }), ..*found };
        let error = spot.error("field.date", "has no seconds");
        return Some(error.hint(format!("write {whole}")).fix(Fix::Replace(whole.to_string())));
    }
    None
}

fn text(spot: &Spot<'_>, kind: &Type, value: &DeValue<'_>) -> Option<Finding> {
    let text = match value {
        DeValue::String(text) => text.as_ref(),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) if *kind == Type::Text => {
            let quoted = format!("\"{}\"", spot.written());
            let found = spot.mismatch(kind, value).hint(format!("write {quoted}"));
            return Some(found.fix(Fix::Replace(quoted)));
        }
        other => return Some(spot.mismatch(kind, other)),
    };
    let wants_words = spot.field.required || *kind != Type::Text;
    if wants_words && text.trim().is_empty() {
        return Some(spot.error("field.empty", "is empty"));
    }
    characters(spot, text)
}

fn choice(spot: &Spot<'_>, words: &[String], value: &DeValue<'_>) -> Option<Finding> {
    let DeValue::String(word) = value else {
        return Some(spot.mismatch(&Type::OneOf(words.to_vec()), value));
    };
    if words.iter().any(|known| known.as_str() == word.as_ref()) {
        return None;
    }
    let message = format!("is \"{}\", which is not in its list", word.escape_default());
    let found = spot.error("field.choice", &message);
    let found = found.note(format!("the list: {}", words.join(", ")));
    Some(match nearest(word, words.iter().map(String::as_str)) {
        Some(near) => found.hint(format!("did you mean \"{near}\"?")),
        None => found,
    })
}

/// The known word that is meant, if one is near enough.
pub(in crate::store) fn nearest<'a>(
    word: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    // Distance costs the product of both lengths, and no known word is long.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    let most = (word.chars().count() / 3).clamp(1, 3);
    known
        .map(|known| (strsim::osa_distance(&word, known), known))
        .filter(|(distance, _)| *distance <= most && *distance < word.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Control characters, which no text holds, and characters that turn the direction of writing.
fn characters(spot: &Spot<'_>, text: &str) -> Option<Finding> {
    // 0xE2 begins every direction character, 0xC2 every control character beyond ASCII.
    let is_plain = |byte: u8| byte >= b' ' && !matches!(byte, 0x7f | 0xc2 | 0xe2);
    if text.bytes().all(is_plain) {
        return None;
    }
    let is_control = |(at, c): (usize, char)| {
        let ends_line = c == '\r' && text[at..].starts_with("\r\n");
        (c.is_control() && !matches!(c, '\t' | '\n') && !ends_line).then_some(c)
    };
    if let Some(found) = text.char_indices().find_map(is_control) {
        let message = format!("holds the control character U+{:04X}", u32::from(found));
        return Some(spot.error("field.control", &message));
    }
    let turns = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let found = text.chars().find(turns)?;
    let code = u32::from(found);
    let message = format!("`{}` turns the direction of writing (U+{code:04X})", spot.field.key);
    let place = Place::span(spot.file, spot.span.clone());
    Some(Finding::warning("field.bidi", place, message))
}
