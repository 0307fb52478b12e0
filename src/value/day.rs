//! Local dates and offset date-times as records hold them.
//!
//! Both read a native TOML date-time and an ISO string (registers, JSON), and write an ISO string;
//! the printer of TOML files turns that into a native value again. Formats for programs alone hold
//! them as numbers.

use std::{fmt, marker::PhantomData, str::FromStr};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, SecondsFormat};
use chrono_tz::Tz;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A local date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub NaiveDate);

/// A date-time with its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub DateTime<FixedOffset>);

/// A calendar month, the folder of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Year, four digits.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u32,
}

impl Day {
    /// The calendar month the day lies in.
    pub fn month(self) -> Month {
        Month { year: self.0.year(), month: self.0.month() }
    }

    /// The number of the day, 1 January of the year 1 being day 1.
    pub fn number(self) -> i32 {
        self.0.num_days_from_ce()
    }

    /// The day of a number; nothing beyond what a calendar holds.
    pub fn of_number(number: i32) -> Option<Self> {
        NaiveDate::from_num_days_from_ce_opt(number).map(Self)
    }
}

impl Moment {
    /// The local date, at the moment's own offset.
    pub fn day(self) -> Day {
        Day(self.0.date_naive())
    }

    /// The local date in a time zone: the company's decides which day something happened.
    pub fn day_in(self, zone: Tz) -> Day {
        Day(self.0.with_timezone(&zone).date_naive())
    }
}

impl Month {
    /// Its first day; nothing beyond the years that a date can hold.
    pub fn first(self) -> Option<Day> {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).map(Day)
    }

    /// Reads `2026-09`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return None;
        }
        let month = Self { year: year.parse().ok()?, month: month.parse().ok()? };
        (1..=12).contains(&month.month).then_some(month)
    }
}

impl FromStr for Day {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        date(text).map(Self).ok_or_else(|| format!("\"{text}\" is not a date such as 2026-09-23"))
    }
}

/// Reads `2026-09-23`, digit by digit: registers hold several dates a row.
fn date(text: &str) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0, |number: u32, digit| {
            let digit = digit.is_ascii_digit().then(|| u32::from(digit - b'0'))?;
            Some(number * 10 + digit)
        })
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

impl FromStr for Moment {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        DateTime::parse_from_rfc3339(text)
            .map(Self)
            .map_err(|_| format!("\"{text}\" is not a date-time such as 2026-09-23T10:12:00+08:00"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => self.number().serialize(serializer),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        let offset = self.0.offset().local_minus_utc();
        (self.0.timestamp(), self.0.timestamp_subsec_nanos(), offset).serialize(serializer)
    }
}

/// Reads a value through its ISO text, whether the source holds a native date-time or a string.
fn from_text<'de, D: Deserializer<'de>, T: FromStr<Err = String>>(
    source: D,
) -> Result<T, D::Error> {
    struct Visitor<T>(PhantomData<T>);
    impl<'de, T: FromStr<Err = String>> de::Visitor<'de> for Visitor<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a date or date-time")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(de::Error::custom)
        }
        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            let native =
                toml::value::Datetime::deserialize(de::value::MapAccessDeserializer::new(map))?;
            native.to_string().parse().map_err(de::Error::custom)
        }
    }
    source.deserialize_any(Visitor(PhantomData))
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return from_text(deserializer);
        }
        let number = i32::deserialize(deserializer)?;
        Self::of_number(number).ok_or_else(|| de::Error::custom("no such day"))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return from_text(deserializer);
        }
        let (seconds, nanos, offset) = <(i64, u32, i32)>::deserialize(deserializer)?;
        let at = DateTime::from_timestamp(seconds, nanos).zip(FixedOffset::east_opt(offset));
        let at = at.map(|(at, offset)| Self(at.with_timezone(&offset)));
        at.ok_or_else(|| de::Error::custom("no such moment"))
    }
}

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date"})
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "moment".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}
