//! Reads the words of a filter against a field table.

use super::{Filter, Term, Test};
use crate::{
    error::{Error, Result},
    record::schema::{Field, Type},
    value::{
        day::Day,
        number::{self, Decimal},
        period::{Calendar, Period},
        text,
    },
};

/// Columns of a mistyped word that a message quotes.
const QUOTED_COLUMNS: usize = 60;

/// Reads every word; the first fault quotes its word.
pub(super) fn filter(
    words: &[String],
    fields: &[Field],
    today: Day,
    calendar: &Calendar,
) -> Result<Filter> {
    let reader = Reader { paths: paths(fields), fields, today, calendar };
    let term = |word: &String| {
        reader.term(word.trim()).map_err(|reason| {
            let shown = text::clean(word);
            let shown = text::cut(&shown, QUOTED_COLUMNS);
            Error::usage(format!("cannot filter by \"{shown}\": {reason}"))
        })
    };
    Ok(Filter { terms: words.iter().map(term).collect::<Result<_>>()? })
}

/// What the words of a filter are read against.
struct Reader<'a> {
    /// Every field with its path; those of a table follow it.
    paths: Vec<(String, &'a Field)>,
    fields: &'a [Field],
    today: Day,
    calendar: &'a Calendar,
}

impl Reader<'_> {
    fn term(&self, word: &str) -> Result<Term, String> {
        let (negated, word) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let Some((key, value)) = key_and_value(word) else {
            return self.search(word).map(|term| Term { negated, ..term });
        };
        let (path, field) = self.field(key)?;
        let parts: Vec<&str> = value.split(',').map(str::trim).collect();
        if let Some(figure) = grouped(&parts, &field.kind) {
            return Err(format!("a comma means \"or\"; write {figure}"));
        }
        let tests = parts.iter().map(|part| self.test(part, &field.kind));
        let tests = tests.collect::<Result<_, String>>()?;
        Ok(Term { negated, paths: vec![keys(path)], tests })
    }

    /// A bare word: in any field that holds words.
    fn search(&self, word: &str) -> Result<Term, String> {
        let parts = word.split(',').map(str::trim).filter(|part| !part.is_empty());
        let tests: Vec<Test> = parts.map(|part| Test::Contains(text::fold(part))).collect();
        if tests.is_empty() {
            return Err("there is no word to search for".into());
        }
        let worded = self.paths.iter().filter(|(_, field)| has_words(&field.kind));
        Ok(Term { negated: false, paths: worded.map(|(path, _)| keys(path)).collect(), tests })
    }

    /// The field a person means by a key.
    fn field(&self, typed: &str) -> Result<(&str, &Field), String> {
        let key = typed.to_ascii_lowercase().replace('-', "_");
        let is_end = |path: &str| path.strip_suffix(&key).is_some_and(|head| head.ends_with('.'));
        let ends: Vec<_> = self.paths.iter().filter(|(path, _)| is_end(path)).collect();
        match (self.paths.iter().find(|(path, _)| *path == key), ends.as_slice()) {
            (Some((path, field)), _) | (None, [(path, field)]) => Ok((path, field)),
            (None, []) => Err(self.unknown(typed, &key)),
            (None, several) => {
                let paths: Vec<&str> = several.iter().map(|(path, _)| path.as_str()).collect();
                Err(format!("\"{typed}\" may be {}", paths.join(", ")))
            }
        }
    }

    fn unknown(&self, typed: &str, key: &str) -> String {
        let known = self.paths.iter().map(|(path, _)| path.as_str());
        let last_keys = self.paths.iter().map(|(_, field)| field.key.as_str());
        let meant = text::closest(key, known.chain(last_keys));
        let guess = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
        let table = key.split_once('.').and_then(|(table, _)| {
            let field = self.fields.iter().find(|field| field.key == table)?;
            Some((table, field.kind.fields()?))
        });
        let (of, fields) = match table {
            Some((table, fields)) => (format!(" of {table}"), fields),
            None => (String::new(), self.fields),
        };
        let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
        format!("there is no field \"{typed}\"{guess}; the fields{of} are {}", keys.join(", "))
    }

    /// One alternative of a field's value.
    fn test(&self, part: &str, kind: &Type) -> Result<Test, String> {
        let folded = text::fold(part);
        if folded.is_empty() {
            return Ok(Test::Empty);
        }
        Ok(match kind {
            Type::List(item) => return self.test(part, item),
            Type::Text | Type::Any | Type::Table(_) | Type::Blocks(_) => Test::Contains(folded),
            Type::Person | Type::Listed(_) => Test::Is(folded),
            Type::Ref(_) => Test::Id(folded),
            Type::OneOf(words) => one_of(folded, words)?,
            Type::Money | Type::Quantity | Type::Rate | Type::Percent | Type::Int => {
                numbers(&folded)?
            }
            Type::Bool => match folded.as_str() {
                "true" | "yes" | "是" => Test::Bool(true),
                "false" | "no" | "否" => Test::Bool(false),
                _ => return Err("it is true or false".into()),
            },
            Type::Day | Type::Moment => Test::Days(Period::parse(part, self.today, self.calendar)?),
        })
    }
}

fn keys(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

/// Parts `field:value`; what stands before the colon must look like a key.
fn key_and_value(word: &str) -> Option<(&str, &str)> {
    let (key, value) = word.split_once([':', '：'])?;
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-' | '.');
    let named = key.starts_with(|first: char| first.is_ascii_alphabetic());
    (named && key.chars().all(plain)).then_some((key, value))
}

/// A word of a closed list.
fn one_of(folded: String, words: &[String]) -> Result<Test, String> {
    if words.iter().any(|word| text::fold(word) == folded) {
        return Ok(Test::Is(folded));
    }
    let meant = text::closest(&folded, words.iter().map(String::as_str));
    let guess = meant.map(|meant| format!("did you mean {meant}? ")).unwrap_or_default();
    Err(format!("{guess}it is one of {}", words.join(", ")))
}

/// A number or a range of them.
fn numbers(folded: &str) -> Result<Test, String> {
    let read = |digits: &str| {
        number::parse(digits.trim(), Decimal::MAX).map_err(
            |_| "write a number such as 128 or 128.50, or a range such as 50000.. or 100..200",
        )
    };
    let end = |digits: &str| if digits.is_empty() { Ok(None) } else { read(digits).map(Some) };
    let (from, to) = match folded.split_once("..") {
        Some((from, to)) => (end(from)?, end(to)?),
        None => (end(folded)?, end(folded)?),
    };
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(format!("{from} is more than {to}")),
        _ => Ok(Test::Number(from, to)),
    }
}

/// The figure meant where one was typed with thousands separators, which would silently become
/// alternatives: always so where a group begins with 0, and in amounts of money, of which nobody
/// lists such short ones.
fn grouped(parts: &[&str], kind: &Type) -> Option<String> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let kind = if let Type::List(item) = kind { item } else { kind };
    let parted = |pair: &&[&str]| {
        let left = pair[0].rsplit("..").next().unwrap_or_default().trim_start_matches('-');
        let right = pair[1].split('.').next().unwrap_or_default();
        let shaped = (1..=3).contains(&left.len()) && digits(left) && right.len() == 3;
        shaped && digits(right) && (*kind == Type::Money || right.starts_with('0'))
    };
    if !kind.is_number() {
        return None;
    }
    parts.windows(2).find(parted).map(<[&str]>::concat)
}

/// Every field and field of a table, with the path that leads to it.
fn paths(fields: &[Field]) -> Vec<(String, &Field)> {
    let mut found = Vec::new();
    for field in fields {
        found.push((field.key.clone(), field));
        let below = paths(field.kind.fields().unwrap_or_default());
        let below = below.into_iter().map(|(path, inner)| (format!("{}.{path}", field.key), inner));
        found.extend(below);
    }
    found
}

/// Whether a bare word looks into a field: it holds words, not figures or dates.
fn has_words(kind: &Type) -> bool {
    match kind {
        Type::List(item) => has_words(item),
        Type::Text | Type::Ref(_) | Type::Person | Type::Listed(_) => true,
        Type::OneOf(_) | Type::Any => true,
        Type::Money | Type::Quantity | Type::Rate | Type::Percent | Type::Int => false,
        Type::Bool | Type::Day | Type::Moment | Type::Table(_) | Type::Blocks(_) => false,
    }
}
