//! Periods of days, and the company's calendar that months, quarters and years follow.
//!
//! A business month may close before the calendar month does (`month_closes_on = 25`); quarters
//! and years are made of business months, so that every figure of a quarter is the sum of its
//! months. Weeks are ISO weeks. A period includes both ends, and what it was written as is gone
//! once it is read: two ways to write the same days are the same period.

use std::fmt;

use chrono::{Datelike, Months, NaiveDate, TimeDelta, Weekday};

use crate::value::day::{Day, Month};

mod read;

/// How the company divides its time: the closing day of its months, the start of its fiscal year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Last day of a business month, 1 to 31, or the month's own last day where that is shorter;
    /// absent, business months are calendar months.
    pub closes_on: Option<u32>,
    /// Business month the fiscal year starts with, 1 to 12.
    pub fiscal_year_starts: u32,
}

/// A span of days with both its ends; an absent end is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Period {
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub to: Option<Day>,
}

/// What figures over time are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Days.
    Day,
    /// ISO weeks, Monday to Sunday.
    Week,
    /// Business months.
    Month,
    /// Quarters of the year, three business months each.
    Quarter,
    /// Years of twelve business months from January; not the fiscal year.
    Year,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { closes_on: None, fiscal_year_starts: 1 }
    }
}

impl Calendar {
    /// The business month a day belongs to.
    pub fn month_of(&self, day: Day) -> Month {
        month_at(self.ordinal_of(day))
    }

    /// The days of a business month.
    pub fn month(&self, month: Month) -> Period {
        self.span(ordinal(month), 1)
    }

    /// The fiscal year a day belongs to, named for the year in which it starts.
    pub fn fiscal_year_of(&self, day: Day) -> i32 {
        (self.ordinal_of(day) - self.fiscal_offset()).div_euclid(12)
    }

    fn fiscal_offset(&self) -> i32 {
        i32::try_from(self.fiscal_year_starts.clamp(1, 12)).map_or(0, |month| month - 1)
    }

    fn ordinal_of(&self, day: Day) -> i32 {
        let ordinal = ordinal(day.month());
        if day.0 > self.last_day(ordinal) { ordinal + 1 } else { ordinal }
    }

    /// The last day of a business month.
    fn last_day(&self, ordinal: i32) -> NaiveDate {
        let Month { year, month } = month_at(ordinal);
        let beyond = if year < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
        let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(beyond);
        let length = u32::from(first.num_days_in_month());
        first.with_day(self.closes_on.unwrap_or(length).clamp(1, length)).unwrap_or(beyond)
    }

    /// The days of some business months in a row.
    fn span(&self, first: i32, count: i32) -> Period {
        Period::between(add_days(self.last_day(first - 1), 1), self.last_day(first + count - 1))
    }

    /// The length in months of the shortest of month, quarter, year and fiscal year that begins
    /// with a business month and holds `count` months from it.
    fn unit_so_far(&self, first: i32, count: i32) -> Option<i32> {
        let fiscal = (first - self.fiscal_offset()).rem_euclid(12) == 0;
        match count {
            1 => Some(1),
            2..=3 if first.rem_euclid(3) == 0 => Some(3),
            2..=12 if first.rem_euclid(12) == 0 || fiscal => Some(12),
            _ => None,
        }
    }
}

/// Months counted from the year 0, so that they can be added and compared. Years beyond all dates
/// are cut off there.
fn ordinal(month: Month) -> i32 {
    let within = i32::try_from(month.month.clamp(1, 12)).unwrap_or(1);
    month.year.clamp(-300_000, 300_000) * 12 + within - 1
}

fn month_at(ordinal: i32) -> Month {
    Month { year: ordinal.div_euclid(12), month: ordinal.rem_euclid(12).unsigned_abs() + 1 }
}

/// A day some days later; at the end of all dates it stays.
fn add_days(date: NaiveDate, days: i64) -> NaiveDate {
    TimeDelta::try_days(days).and_then(|delta| date.checked_add_signed(delta)).unwrap_or(date)
}

/// The same day of the month some months before, or the last one of a shorter month.
fn months_before(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_sub_months(Months::new(months)).unwrap_or(date)
}

/// A period with both ends, and what it is in business months and weeks.
struct Shape {
    from: NaiveDate,
    to: NaiveDate,
    days: i64,
    /// Business months of the first and of the last day.
    first: i32,
    last: i32,
    /// The first day begins a business month.
    begins: bool,
    whole_months: bool,
    whole_weeks: bool,
}

impl Period {
    /// One day.
    pub fn day(day: Day) -> Self {
        Self { from: Some(day), to: Some(day) }
    }

    fn between(from: NaiveDate, to: NaiveDate) -> Self {
        Self { from: Some(Day(from)), to: Some(Day(to)) }
    }

    /// Reads a period as people write it: a word, a year, quarter, month, week or day, a fiscal
    /// year, the last so many days, or a range between any two of them with one end open or both.
    /// Letters count in either case and full-width signs as their half-width ones.
    pub fn parse(text: &str, today: Day, calendar: &Calendar) -> Result<Self, String> {
        read::period(text, today, calendar)
    }

    /// Whether a day lies in the period.
    pub fn contains(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// The period to compare with, before this one; none where an end is open.
    ///
    /// Whole business months map to as many whole months before. A single day and whole weeks map
    /// to the days directly before. What begins a month, quarter, year or fiscal year (the
    /// shortest of them that holds it) and stops short of its month's end is a part so far: it
    /// maps to the same part of the one before, up to the same day of the month. Anything else
    /// maps to the same number of days directly before.
    pub fn previous(&self, calendar: &Calendar) -> Option<Self> {
        let shape = self.shape(calendar)?;
        let count = shape.last - shape.first + 1;
        if shape.whole_months {
            return Some(calendar.span(shape.first - count, count));
        }
        let unit = match calendar.unit_so_far(shape.first, count) {
            Some(unit) if shape.begins && shape.days > 1 && !shape.whole_weeks => unit,
            _ => {
                let before = add_days(shape.from, -shape.days);
                return Some(Self::between(before, add_days(shape.from, -1)));
            }
        };
        let from = calendar.span(shape.first - unit, 1).from;
        let month = calendar.span(shape.last - unit, 1);
        let same_day = Some(Day(months_before(shape.to, unit.unsigned_abs())));
        Some(Self { from, to: same_day.max(month.from) })
    }

    /// The same period a year before; an open end stays open.
    ///
    /// Whole business months map to the same months, whole ISO weeks to the weeks of the same
    /// number (week 53 to the last one where that year has none), anything else to the same
    /// dates, February 29 to February 28.
    pub fn last_year(&self, calendar: &Calendar) -> Self {
        let dates = |day: Day| Day(months_before(day.0, 12));
        let Some(shape) = self.shape(calendar) else {
            return Self { from: self.from.map(dates), to: self.to.map(dates) };
        };
        if shape.whole_months {
            return calendar.span(shape.first - 12, shape.last - shape.first + 1);
        }
        if shape.whole_weeks {
            let from = week_last_year(shape.from, Weekday::Mon);
            return Self::between(from, week_last_year(shape.to, Weekday::Sun));
        }
        let to = Some(dates(Day(shape.to)));
        if shape.begins && shape.days > 1 {
            let from = calendar.span(shape.first - 12, 1).from;
            return Self { from, to };
        }
        Self { from: Some(dates(Day(shape.from))), to }
    }

    fn shape(&self, calendar: &Calendar) -> Option<Shape> {
        let (Day(from), Day(to)) = (self.from?, self.to?);
        let days = to.signed_duration_since(from).num_days() + 1;
        let (first, last) = (calendar.ordinal_of(Day(from)), calendar.ordinal_of(Day(to)));
        let begins = calendar.span(first, 1).from == Some(Day(from));
        let shape = Shape {
            from,
            to,
            days,
            first,
            last,
            begins,
            whole_months: begins && calendar.last_day(last) == to,
            whole_weeks: from.weekday() == Weekday::Mon && days % 7 == 0,
        };
        (days > 0).then_some(shape)
    }
}

/// A weekday of the week with the same number in the year before.
fn week_last_year(date: NaiveDate, weekday: Weekday) -> NaiveDate {
    let week = date.iso_week();
    let numbered = |number| NaiveDate::from_isoywd_opt(week.year() - 1, number, weekday);
    numbered(week.week()).or_else(|| numbered(52)).unwrap_or(date)
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from == to => write!(f, "{from}"),
            (from, to) => {
                from.map_or(Ok(()), |day| write!(f, "{day}"))?;
                f.write_str("..")?;
                to.map_or(Ok(()), |day| write!(f, "{day}"))
            }
        }
    }
}

impl Step {
    /// Reads `day`, `week`, `month`, `quarter` or `year`.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return None,
        })
    }

    /// The group a day falls into: `2026-09-23`, `2026-W39` (in the ISO year), `2026-09`,
    /// `2026-Q3` or `2026`; each is a period that [`Period::parse`] reads, and within the years
    /// of four digits they sort by time.
    pub fn label(self, day: Day, calendar: &Calendar) -> String {
        let month = calendar.month_of(day);
        match self {
            Self::Day => day.to_string(),
            Self::Week => {
                let week = day.0.iso_week();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Self::Month => month.to_string(),
            Self::Quarter => format!("{:04}-Q{}", month.year, month.month.div_ceil(3)),
            Self::Year => format!("{:04}", month.year),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CALENDAR: Calendar = Calendar { closes_on: None, fiscal_year_starts: 4 };
    const CLOSING: Calendar = Calendar { closes_on: Some(25), fiscal_year_starts: 1 };

    fn day(text: &str) -> Day {
        text.parse().expect("the test writes a date")
    }

    fn period(text: &str, calendar: &Calendar) -> Period {
        Period::parse(text, day("2026-09-23"), calendar).expect(text)
    }

    fn previous(text: &str, calendar: &Calendar) -> String {
        period(text, calendar).previous(calendar).map_or("none".into(), |found| found.to_string())
    }

    fn last_year(text: &str, calendar: &Calendar) -> String {
        period(text, calendar).last_year(calendar).to_string()
    }

    #[test]
    fn a_business_month_runs_from_close_to_close() {
        let september = CLOSING.month(Month { year: 2026, month: 9 });
        assert_eq!(september.to_string(), "2026-08-26..2026-09-25");
        assert_eq!(CLOSING.month_of(day("2026-09-25")).to_string(), "2026-09");
        assert_eq!(CLOSING.month_of(day("2026-12-26")).to_string(), "2027-01");
        assert_eq!(CALENDAR.month_of(day("2026-09-30")).to_string(), "2026-09");
    }

    #[test]
    fn a_closing_day_beyond_a_short_month_is_its_last_day() {
        let late = Calendar { closes_on: Some(30), fiscal_year_starts: 1 };
        assert_eq!(period("2026-02", &late).to_string(), "2026-01-31..2026-02-28");
        assert_eq!(period("2026-03", &late).to_string(), "2026-03-01..2026-03-30");
    }

    #[test]
    fn a_fiscal_year_is_named_for_its_start() {
        assert_eq!(CALENDAR.fiscal_year_of(day("2026-03-31")), 2025);
        assert_eq!(CALENDAR.fiscal_year_of(day("2026-04-01")), 2026);
        assert_eq!(CLOSING.fiscal_year_of(day("2026-12-26")), 2027);
    }

    #[test]
    fn both_ends_belong_to_a_period_and_open_ends_hold_everything() {
        let range = period("2026-09-01..2026-09-15", &CALENDAR);
        let inside = |text| range.contains(day(text));
        assert!(inside("2026-09-01") && inside("2026-09-15"));
        assert!(!inside("2026-08-31") && !inside("2026-09-16"));
        assert!(period("2026..", &CALENDAR).contains(day("2199-01-01")));
        assert!(!period("..2026", &CALENDAR).contains(day("2027-01-01")));
    }

    #[test]
    fn whole_months_compare_with_whole_months() {
        assert_eq!(previous("2026-03", &CALENDAR), "2026-02-01..2026-02-28");
        assert_eq!(previous("2026-Q1", &CALENDAR), "2025-10-01..2025-12-31");
        assert_eq!(previous("2026", &CALENDAR), "2025-01-01..2025-12-31");
        assert_eq!(previous("2026-07..2026-08", &CALENDAR), "2026-05-01..2026-06-30");
        assert_eq!(previous("FY2026", &CALENDAR), "2025-04-01..2026-03-31");
        assert_eq!(previous("2026-09", &CLOSING), "2026-07-26..2026-08-25");
    }

    #[test]
    fn a_part_so_far_compares_with_the_same_part() {
        assert_eq!(previous("mtd", &CALENDAR), "2026-08-01..2026-08-23");
        assert_eq!(previous("qtd", &CALENDAR), "2026-04-01..2026-06-23");
        assert_eq!(previous("ytd", &CALENDAR), "2025-01-01..2025-09-23");
        assert_eq!(previous("2026-04-01..today", &CALENDAR), "2025-04-01..2025-09-23");
        assert_eq!(previous("2026-03-01..2026-03-30", &CALENDAR), "2026-02-01..2026-02-28");
        let late = Calendar { closes_on: Some(30), fiscal_year_starts: 1 };
        assert_eq!(previous("2026-03-31..2026-05-31", &late), "2025-12-31..2026-03-01");
        assert_eq!(previous("mtd", &CLOSING), "2026-07-26..2026-08-23");
        assert_eq!(previous("2026-02-26..2026-02-28", &CLOSING), "2026-01-26..2026-01-28");
    }

    #[test]
    fn other_spans_compare_with_as_many_days_before() {
        assert_eq!(previous("today", &CALENDAR), "2026-09-22");
        assert_eq!(previous("2026-09-01", &CALENDAR), "2026-08-31");
        assert_eq!(previous("2026-W38", &CALENDAR), "2026-09-07..2026-09-13");
        assert_eq!(previous("2026-06-01..2026-06-07", &CALENDAR), "2026-05-25..2026-05-31");
        assert_eq!(previous("last-30d", &CALENDAR), "2026-07-26..2026-08-24");
        assert_eq!(previous("..today", &CALENDAR), "none");
    }

    #[test]
    fn a_year_before_keeps_months_weeks_and_dates() {
        assert_eq!(last_year("2028-02", &CALENDAR), "2027-02-01..2027-02-28");
        assert_eq!(last_year("2029-02", &CALENDAR), "2028-02-01..2028-02-29");
        assert_eq!(last_year("2028-02-29", &CALENDAR), "2027-02-28");
        let early = Calendar { closes_on: Some(28), fiscal_year_starts: 1 };
        assert_eq!(last_year("2028-02-29", &early), "2027-02-28");
        assert_eq!(last_year("2028-02-29..2028-03-05", &early), "2027-03-01..2027-03-05");
        assert_eq!(last_year("mtd", &CALENDAR), "2025-09-01..2025-09-23");
        assert_eq!(last_year("2026-W38", &CALENDAR), "2025-09-15..2025-09-21");
        assert_eq!(last_year("2026-W53", &CALENDAR), "2025-12-22..2025-12-28");
        assert_eq!(last_year("2026-09", &CLOSING), "2025-08-26..2025-09-25");
        assert_eq!(last_year("2026-05-05..", &CALENDAR), "2025-05-05..");
    }

    #[test]
    fn labels_follow_business_months_and_iso_weeks() {
        let label = |step: Step, text, calendar| step.label(day(text), calendar);
        assert_eq!(label(Step::Day, "2026-09-26", &CLOSING), "2026-09-26");
        assert_eq!(label(Step::Week, "2027-01-01", &CLOSING), "2026-W53");
        assert_eq!(label(Step::Month, "2026-09-26", &CLOSING), "2026-10");
        assert_eq!(label(Step::Quarter, "2026-09-26", &CLOSING), "2026-Q4");
        assert_eq!(label(Step::Quarter, "2026-09-26", &CALENDAR), "2026-Q3");
        assert_eq!(label(Step::Year, "2026-12-26", &CLOSING), "2027");
        assert_eq!(Step::parse("quarter"), Some(Step::Quarter));
        assert_eq!(Step::parse("staff"), None);
    }

    fn calendars() -> impl Strategy<Value = Calendar> {
        (proptest::option::of(0_u32..40), 0_u32..14)
            .prop_map(|(closes_on, fiscal_year_starts)| Calendar { closes_on, fiscal_year_starts })
    }

    fn days() -> impl Strategy<Value = Day> {
        (0_i64..100_000).prop_map(|later| {
            Day(add_days(NaiveDate::from_ymd_opt(1901, 1, 1).unwrap_or_default(), later))
        })
    }

    proptest! {
        #[test]
        fn every_day_lies_in_the_period_its_label_names(
            day in days(), calendar in calendars(),
        ) {
            for step in [Step::Day, Step::Week, Step::Month, Step::Quarter, Step::Year] {
                let label = step.label(day, &calendar);
                let named = Period::parse(&label, day, &calendar);
                prop_assert!(named.is_ok_and(|named| named.contains(day)), "{label}");
            }
        }

        #[test]
        fn printing_and_reading_give_the_same_period(
            from in proptest::option::of(days()), to in proptest::option::of(days()),
        ) {
            let (from, to) = match (from, to) {
                (Some(from), Some(to)) if from > to => (Some(to), Some(from)),
                ends => ends,
            };
            let period = Period { from, to };
            let read = Period::parse(&period.to_string(), day("2026-09-23"), &CALENDAR);
            prop_assert_eq!(read, Ok(period));
        }

        #[test]
        fn a_compared_period_lies_before_and_is_not_turned_around(
            from in days(), length in 0_i64..800, calendar in calendars(),
        ) {
            let period = Period::between(from.0, add_days(from.0, length));
            let earlier = [period.previous(&calendar), Some(period.last_year(&calendar))];
            for earlier in earlier.map(Option::unwrap_or_default) {
                prop_assert!(earlier.from.is_some() && earlier.from <= earlier.to);
                prop_assert!(earlier.from < period.from && earlier.to < period.to);
            }
        }
    }
}
