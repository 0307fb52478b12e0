//! The words of a cell as the value of a field: dates, numbers, choices, lists.
//!
//! Nothing is guessed: a number or date that does not have the form the mapping gives is an error,
//! and so is what a spreadsheet made of a long id. No float is made on the way.

use std::borrow::Cow;

use chrono::{
    NaiveDate, NaiveDateTime,
    format::{Item, StrftimeItems},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::number;
use crate::{
    record::schema::Type,
    value::{
        day::{Day, Moment},
        text::fold,
    },
};

/// Years that a date may lie in.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// How dates and numbers are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formats {
    /// Format of dates, with `%Y`, `%m`, `%d`.
    pub date: String,
    /// Form of numbers.
    pub number: NumberForm,
}

/// How numbers are written, by an example.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum NumberForm {
    /// Plain.
    #[default]
    #[serde(rename = "1234.50")]
    Plain,
    /// English.
    #[serde(rename = "1,234.50")]
    English,
    /// Swiss.
    #[serde(rename = "1'234.50")]
    Swiss,
    /// Continental, without groups.
    #[serde(rename = "1234,50")]
    Comma,
    /// German.
    #[serde(rename = "1.234,50")]
    German,
    /// French.
    #[serde(rename = "1 234,50")]
    French,
}

/// Why a cell cannot be the value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// What a text is read with.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Formats of the mapping; none for what the mapping itself says, which is written as records
    /// write it.
    pub formats: Option<&'a Formats>,
    /// The company's time zone.
    pub zone: chrono_tz::Tz,
}

impl Default for Formats {
    fn default() -> Self {
        Self { date: "%Y-%m-%d".into(), number: NumberForm::default() }
    }
}

impl NumberForm {
    /// Every form.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::English, Self::Swiss, Self::Comma, Self::German, Self::French];

    /// The example it is named by.
    pub fn example(self) -> &'static str {
        match self {
            Self::Plain => "1234.50",
            Self::English => "1,234.50",
            Self::Swiss => "1'234.50",
            Self::Comma => "1234,50",
            Self::German => "1.234,50",
            Self::French => "1 234,50",
        }
    }

    /// The form to propose where this one does not fit.
    pub fn other(self) -> Self {
        if self == Self::English { Self::German } else { Self::English }
    }

    /// What stands between groups of three digits, and before the decimals.
    pub fn marks(self) -> (Option<char>, char) {
        match self {
            Self::Plain => (None, '.'),
            Self::English => (Some(','), '.'),
            Self::Swiss => (Some('\''), '.'),
            Self::Comma => (None, ','),
            Self::German => (Some('.'), ','),
            Self::French => (Some(' '), ','),
        }
    }
}

impl Misfit {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Whether a text is a format of dates that gives back the date it wrote.
pub fn is_date_format(format: &str) -> bool {
    if StrftimeItems::new(format).any(|item| item == Item::Error) {
        return false;
    }
    let sample = NaiveDate::from_ymd_opt(2026, 9, 23).and_then(|day| day.and_hms_opt(10, 12, 30));
    sample.is_some_and(|sample| {
        let written = sample.format(format).to_string();
        NaiveDate::parse_from_str(&written, format) == Ok(sample.date())
    })
}

/// Whether a cell is what a spreadsheet makes of a long number: `1.23457E+17`, or `….0`.
///
/// A whole number before a bare `E` may be a code (`1E20`).
pub fn is_float(cell: &str) -> bool {
    let cell = folded(cell);
    let cell = cell.trim_start_matches('\'');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    match plain.split_once(['E', 'e']) {
        Some((mantissa, power)) => {
            let decimals = mantissa.split_once(['.', ',']);
            let is_number = match decimals {
                Some((whole, decimals)) => digits(whole) && digits(decimals),
                None => digits(mantissa),
            };
            let is_power = match (power.strip_prefix('+'), power.strip_prefix('-')) {
                (Some(power), _) => digits(power),
                (None, Some(power)) => decimals.is_some() && digits(power),
                (None, None) => decimals.is_some() && power.len() > 1 && digits(power),
            };
            is_number && is_power
        }
        None => plain.split_once(['.', ',']).is_some_and(|(whole, decimals)| {
            let is_zero = !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0');
            is_zero && whole.len() > 15 && digits(whole)
        }),
    }
}

/// What a spreadsheet writes where it cannot work out a cell, or cannot show it.
fn is_error(cell: &str) -> bool {
    let cell = cell.trim_start_matches('\'');
    let hashes = cell.len() > 2 && cell.bytes().all(|byte| byte == b'#');
    let words = ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"];
    hashes || words.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// What a spreadsheet did to a cell, so that its words are lost.
pub(super) fn spoilt(cell: &str) -> Option<Misfit> {
    if is_error(cell) {
        let message = format!("\"{cell}\" holds a spreadsheet's error");
        return Some(Misfit::new(message).hint("mend the cell in the spreadsheet, or empty it"));
    }
    is_float(cell).then(|| was_float(cell))
}

/// Says of a cell that it went through a float.
fn was_float(cell: &str) -> Misfit {
    let message = format!("\"{cell}\" is a number that a spreadsheet has rounded");
    Misfit::new(message).hint("format the column as text in the spreadsheet, and export it again")
}

impl Reader<'_> {
    /// The value of a single field.
    pub fn value(&self, text: &str, kind: &Type) -> Result<Value, Misfit> {
        match kind {
            Type::Money | Type::Quantity | Type::Rate | Type::Percent => {
                if let Some(misfit) = spoilt(text) {
                    return Err(misfit);
                }
                number::read(text, self.number(), kind).map(Value::String)
            }
            Type::Int => self.int(text),
            Type::Bool => match text {
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                _ => Err(Misfit::new(format!("\"{text}\" is neither true nor false"))
                    .hint(format!("say what it means: map = {{ {text:?} = true }}"))),
            },
            Type::Day => self.day(text).map(|day| day.to_string().into()),
            Type::Moment => self.moment(text).map(|moment| moment.to_string().into()),
            Type::OneOf(words) => self.choice(text, words),
            Type::Text | Type::Ref(_) | Type::Person | Type::Listed(_) => Ok(text.into()),
            Type::List(item) => {
                let items = text.split(';').map(str::trim).filter(|item| !item.is_empty());
                items
                    .map(|text| self.value(text, item))
                    .collect::<Result<Vec<_>, _>>()
                    .map(Value::Array)
            }
            Type::Table(_) | Type::Blocks(_) | Type::Any => {
                Err(Misfit::new(format!("a cell cannot fill {}", kind.name())))
            }
        }
    }

    fn number(&self) -> NumberForm {
        self.formats.map_or(NumberForm::Plain, |formats| formats.number)
    }

    fn int(&self, text: &str) -> Result<Value, Misfit> {
        number::whole(text, self.number()).map(Value::from)
    }

    fn choice(&self, text: &str, words: &[String]) -> Result<Value, Misfit> {
        if words.iter().any(|word| word == text) {
            return Ok(text.into());
        }
        let message = format!("\"{text}\" is none of {}", words.join(", "));
        let first = words.first().map_or("", String::as_str);
        Err(Misfit::new(message)
            .hint(format!("say what it means: map = {{ {text:?} = {first:?} }}")))
    }

    fn day(&self, text: &str) -> Result<Day, Misfit> {
        let Some(formats) = self.formats else { return text.parse().map_err(Misfit::new) };
        let format = formats.date.as_str();
        let found = NaiveDate::parse_from_str(&digits(text), format).ok();
        found.filter(|day| is_in_range(*day)).map(Day).ok_or_else(|| no_date(text, format))
    }

    /// A date-time; a local one, or a date, is taken in the company's time zone.
    fn moment(&self, text: &str) -> Result<Moment, Misfit> {
        if let Ok(moment) = text.parse() {
            return Ok(moment);
        }
        let format = self.formats.map_or("%Y-%m-%d", |formats| formats.date.as_str());
        let timed = NaiveDateTime::parse_from_str(&digits(text), format).ok();
        let day = || NaiveDate::parse_from_str(&digits(text), format).ok()?.and_hms_opt(0, 0, 0);
        let local = timed.or_else(day).filter(|local| is_in_range(local.date()));
        let moment = local.and_then(|local| local.and_local_timezone(self.zone).earliest());
        let moment = moment.map(|moment| Moment(moment.fixed_offset()));
        moment.ok_or_else(|| no_date(text, format))
    }
}

fn is_in_range(day: NaiveDate) -> bool {
    use chrono::Datelike;
    YEARS.contains(&day.year())
}

fn no_date(text: &str, format: &str) -> Misfit {
    Misfit::new(format!("\"{text}\" is no date of the form {format}"))
        .hint("say how the dates are written: date = \"%d/%m/%Y\"")
}

/// A text with full-width digits and signs as plain ones.
fn digits(text: &str) -> String {
    folded(text).into_owned()
}

fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, kind: Type, date: &str) -> Result<Value, String> {
        let formats = Formats { date: date.into(), ..Formats::default() };
        let reader = Reader { formats: Some(&formats), zone: chrono_tz::Asia::Shanghai };
        reader.value(text, &kind).map_err(|misfit| misfit.message)
    }

    #[test]
    fn dates_are_read_by_their_format_only() {
        for (text, format) in [
            ("2026-09-23", "%Y-%m-%d"),
            ("23/09/2026", "%d/%m/%Y"),
            ("2026年9月23日", "%Y年%m月%d日"),
            ("２０２６年９月２３日", "%Y年%m月%d日"),
            ("23.9.26", "%d.%m.%y"),
            ("20260923", "%Y%m%d"),
            ("2026-09-23 10:12:30", "%Y-%m-%d %H:%M:%S"),
        ] {
            assert_eq!(read(text, Type::Day, format), Ok("2026-09-23".into()), "{text}");
            assert!(is_date_format(format));
        }
        for (text, format) in
            [("23/09/2026", "%Y-%m-%d"), ("13/13/2026", "%d/%m/%Y"), ("0026-09-23", "%Y-%m-%d")]
        {
            let why = format!("\"{text}\" is no date of the form {format}");
            assert_eq!(read(text, Type::Day, format), Err(why));
        }
        assert!(!is_date_format("%Y-%m") && !is_date_format("%Q") && !is_date_format("date"));
    }

    #[test]
    fn a_local_time_is_that_of_the_company() {
        let read = |text, format| read(text, Type::Moment, format);
        assert_eq!(read("2026-09-23", "%Y-%m-%d"), Ok("2026-09-23T00:00:00+08:00".into()));
        assert_eq!(
            read("23.09.2026 10:12", "%d.%m.%Y %H:%M"),
            Ok("2026-09-23T10:12:00+08:00".into())
        );
        let exact = "2026-09-23T10:12:00.250+02:00";
        assert_eq!(read(exact, "%d.%m.%Y"), Ok(exact.into()));
    }

    #[test]
    fn what_a_spreadsheet_made_of_a_long_number_is_told() {
        for cell in [
            "1.23457E+17",
            "1E+20",
            "-1.5e+3",
            "123456789012345680.0",
            "1.1010119900307E17",
            "1.10101e17",
            "1,10101E+17",
            "110101199003077000.00",
            "１．１０１０１Ｅ＋１７",
            "'1.10101E+17",
        ] {
            assert!(is_float(cell), "{cell}");
        }
        for cell in ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#####"] {
            let why = spoilt(cell).unwrap().message;
            assert_eq!(why, format!("\"{cell}\" holds a spreadsheet's error"));
        }
        assert_eq!((spoilt("#12"), spoilt("#")), (None, None));
        for cell in ["123456789012345678", "1E20", "12E4-7", "A1E+5", "12.0", "", "E+5"] {
            assert!(!is_float(cell), "{cell}");
        }
    }

    #[test]
    fn choices_truths_and_lists_are_exact() {
        let words = || Type::OneOf(vec!["active".into(), "dormant".into()]);
        assert_eq!(read("active", words(), "%F"), Ok("active".into()));
        assert!(read("Active", words(), "%F").is_err());
        assert_eq!(read("true", Type::Bool, "%F"), Ok(true.into()));
        assert!(read("yes", Type::Bool, "%F").is_err());
        let list = Type::List(Box::new(Type::Text));
        assert_eq!(read("a; b;;c", list, "%F"), Ok(serde_json::json!(["a", "b", "c"])));
        assert_eq!(read("30", Type::Int, "%F"), Ok(30.into()));
        assert!(read("-1", Type::Int, "%F").is_err() && read("1.5", Type::Int, "%F").is_err());
    }
}
