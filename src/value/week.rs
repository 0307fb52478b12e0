//! ISO weeks as records hold them: `2026-W38`, Monday to Sunday.

use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{day::Day, period::Period};

/// An ISO week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    /// Its Monday.
    monday: NaiveDate,
}

impl Week {
    /// The week a day lies in; at the beginning of all dates the day itself begins it.
    pub fn of(day: Day) -> Self {
        let days = day.0.weekday().num_days_from_monday();
        Self { monday: day.0.checked_sub_days(Days::new(days.into())).unwrap_or(day.0) }
    }

    /// The week that a period is; nothing where it is none.
    pub fn of_period(period: Period) -> Option<Self> {
        let week = Self::of(period.from?);
        (week.period() == period).then_some(week)
    }

    /// Its days, Monday to Sunday.
    pub fn period(self) -> Period {
        let sunday = self.monday.checked_add_days(Days::new(6)).unwrap_or(self.monday);
        Period { from: Some(Day(self.monday)), to: Some(Day(sunday)) }
    }

    /// The week behind it; nothing at the end of all dates.
    pub fn next(self) -> Option<Self> {
        self.monday.checked_add_days(Days::new(7)).map(|monday| Self { monday })
    }
}

impl FromStr for Week {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str, digits: usize| {
            let is_plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u32>().ok().filter(|_| is_plain)
        };
        let monday = text.split_once("-W").and_then(|(year, week)| {
            let year = i32::try_from(number(year, 4)?).ok()?;
            NaiveDate::from_isoywd_opt(year, number(week, 2)?, Weekday::Mon)
        });
        let monday = monday.ok_or_else(|| format!("\"{text}\" is not a week such as 2026-W38"))?;
        Ok(Self { monday })
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let week = self.monday.iso_week();
        write!(f, "{:04}-W{:02}", week.year(), week.week())
    }
}

impl Serialize for Week {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Week {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Week {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "week".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_read_as_it_is_written() {
        for text in ["2026-W01", "2026-W38", "2026-W53"] {
            assert_eq!(text.parse::<Week>().map(|week| week.to_string()), Ok(text.into()));
        }
        for text in ["", "2026-W00", "2026-W54", "2025-W53", "2026-W8", "26-W38", "2026W38"] {
            assert!(text.parse::<Week>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_week_runs_from_monday_to_sunday() {
        let week: Week = "2026-W38".parse().expect("a week of the test");
        assert_eq!(week.period().to_string(), "2026-09-14..2026-09-20");
        let sunday: Day = "2026-09-20".parse().expect("a day of the test");
        assert_eq!(Week::of(sunday), week);
        assert_eq!(week.next().map(|next| next.to_string()), Some("2026-W39".into()));
        assert_eq!(Week::of_period(week.period()), Some(week));
        assert_eq!(Week::of_period(Period { from: Some(sunday), to: Some(sunday) }), None);
    }
}
