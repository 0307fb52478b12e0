//! Tasks: what someone has to do by a day, once or again and again.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Examples, Form, Kind, Record};
use crate::value::day::Day;

/// A task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// What is to be done.
    pub title: String,
    /// Who does it.
    #[schemars(extend("ref" = "staff"))]
    pub owner: Option<String>,
    /// Last day for it.
    pub due_on: Option<Day>,
    /// How often it comes again: day, week, month, quarter, year or `N days`.
    pub every: Option<Every>,
    /// Day it was done.
    pub done_on: Option<Day>,
    /// What came of it.
    pub result: Option<String>,
    /// The record it is about.
    #[schemars(extend("ref" = "any"))]
    pub about: Option<String>,
}

/// How often a task comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// Every day.
    Day,
    /// Every week.
    Week,
    /// Every month.
    Month,
    /// Every quarter.
    Quarter,
    /// Every year.
    Year,
    /// Every so many days.
    Days(u16),
}

impl FromStr for Every {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            "quarter" => Ok(Self::Quarter),
            "year" => Ok(Self::Year),
            other => days(other).map(Self::Days).ok_or_else(|| {
                format!(
                    "\"{text}\" is not day, week, month, quarter, year or a number of days such as \
                     \"10 days\""
                )
            }),
        }
    }
}

/// The number in `10 days`.
fn days(text: &str) -> Option<u16> {
    let digits = text.strip_suffix(" days")?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day => f.write_str("day"),
            Self::Week => f.write_str("week"),
            Self::Month => f.write_str("month"),
            Self::Quarter => f.write_str("quarter"),
            Self::Year => f.write_str("year"),
            Self::Days(days) => write!(f, "{days} days"),
        }
    }
}

impl Serialize for Every {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Every {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Every {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "every".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

impl Record for Task {
    const KIND: Kind = Kind::Task;
    const NOUN: &'static str = "task";
    const FOLDER: &'static str = "tasks";
    const FORM: Form = Form::Register;
    const PREFIX: &'static str = "TK";
    const SUMMARY: &'static str = "what someone has to do by a day";
    const SUBJECT: Option<&'static str> = Some("title");
    const CELLS: &'static [&'static str] =
        &["id", "date", "title", "owner", "due_on", "every", "done_on", "result", "about"];
    const COLUMNS: &'static [&'static str] =
        &["id", "title", "owner", "due_on", "every", "done_on", "about"];
    const EXAMPLES: Examples =
        Examples { id: "TK-2609-0002", filter: "owner:wang", set: "done_on=today" };

    fn names(&self) -> Vec<&str> {
        vec![&self.title]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_often_is_read_as_it_is_written() {
        for text in ["day", "week", "month", "quarter", "year", "1 days", "10 days"] {
            assert_eq!(text.parse::<Every>().map(|every| every.to_string()), Ok(text.into()));
        }
        for text in ["", "days", "0 days", "07 days", "+7 days", "7days", "70000 days", "Week"] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
    }
}
