//! Reads a period from the words of a person.
//!
//! Every fault says what is wrong and ends with examples; whatever is typed, nothing here panics.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate, Weekday};

use super::{Calendar, Period, add_days};
use crate::value::{day::Day, text};

/// The years a period may be named for; a slip of the finger lies outside.
const YEARS: RangeInclusive<i32> = 1900..=2199;

/// What every message about a period ends with.
const EXAMPLES: &str = "write for example today, this-month, mtd, last-30d, 2026, 2026-Q3, \
    2026-09, 2026-W38, 2026-09-23, FY2026 or 2026-09-01..2026-09-15";

/// The periods that have a name.
const WORDS: [(&str, Word); 25] = [
    ("today", Word::Days(0)),
    ("yesterday", Word::Days(-1)),
    ("tomorrow", Word::Days(1)),
    ("this-week", Word::Week(0)),
    ("last-week", Word::Week(-1)),
    ("this-month", Word::Months(1, 0)),
    ("last-month", Word::Months(1, -1)),
    ("this-quarter", Word::Months(3, 0)),
    ("last-quarter", Word::Months(3, -1)),
    ("this-year", Word::Months(12, 0)),
    ("last-year", Word::Months(12, -1)),
    ("mtd", Word::ToDate(1)),
    ("qtd", Word::ToDate(3)),
    ("ytd", Word::ToDate(12)),
    ("今天", Word::Days(0)),
    ("昨天", Word::Days(-1)),
    ("明天", Word::Days(1)),
    ("本周", Word::Week(0)),
    ("上周", Word::Week(-1)),
    ("本月", Word::Months(1, 0)),
    ("上月", Word::Months(1, -1)),
    ("本季", Word::Months(3, 0)),
    ("上季", Word::Months(3, -1)),
    ("今年", Word::Months(12, 0)),
    ("去年", Word::Months(12, -1)),
];

/// What a named period means, counted from today; the first number of `Months` and the one of
/// `ToDate` are the length of a month, quarter or year in business months.
#[derive(Clone, Copy)]
enum Word {
    Days(i64),
    Week(i64),
    Months(i32, i32),
    ToDate(i32),
}

/// Reads a period; the fault quotes the text.
pub(super) fn period(text: &str, today: Day, calendar: &Calendar) -> Result<Period, String> {
    range(text::fold(text).trim(), today, calendar).map_err(|fault| {
        let shown = text::clean(text);
        format!("\"{}\" is not a period: {fault}; {EXAMPLES}", text::cut(&shown, 40))
    })
}

fn range(text: &str, today: Day, calendar: &Calendar) -> Result<Period, String> {
    let Some((from, to)) = text.split_once("..") else { return word(text, today, calendar) };
    if to.contains("..") || to.starts_with('.') {
        return Err("a range is two periods with two dots between them".into());
    }
    let end = |text: &str| match text.trim() {
        "" => Ok(Period::default()),
        text => word(text, today, calendar),
    };
    let period = Period { from: end(from)?.from, to: end(to)?.to };
    match (period.from, period.to) {
        (Some(from), Some(to)) if from > to => {
            Err(format!("it would end on {to}, before it begins on {from}"))
        }
        _ => Ok(period),
    }
}

/// Reads anything that is not a range.
fn word(text: &str, today: Day, calendar: &Calendar) -> Result<Period, String> {
    let period = if let Some((_, word)) = WORDS.iter().find(|(name, _)| *name == text) {
        named(*word, today, calendar)
    } else if let Some(digits) = text.strip_prefix("last-").and_then(|rest| rest.strip_suffix('d'))
    {
        let count = number(digits, 1..=99_999, "number of days")?;
        Period::between(add_days(today.0, 1 - i64::from(count)), today.0)
    } else if let Some(digits) = text.strip_prefix("fy") {
        calendar.span(year(digits)? * 12 + calendar.fiscal_offset(), 12)
    } else if text.starts_with(|first: char| first.is_ascii_digit()) {
        dated(text, calendar)?
    } else if text.is_empty() {
        return Err("it is empty".into());
    } else {
        let meant = text::closest(text, WORDS.map(|(name, _)| name));
        return Err(meant.map_or("there is no such word".into(), |word| {
            format!("there is no such word, did you mean {word}?")
        }));
    };
    // Business months and fiscal years of the first and last year reach into their neighbours.
    let known = |end: Option<Day>| {
        end.is_none_or(|day| (YEARS.start() - 1..=YEARS.end() + 1).contains(&day.0.year()))
    };
    if known(period.from) && known(period.to) {
        return Ok(period);
    }
    Err(format!("it reaches beyond the years {} to {}", YEARS.start(), YEARS.end()))
}

fn named(word: Word, Day(today): Day, calendar: &Calendar) -> Period {
    let month = calendar.ordinal_of(Day(today));
    let begin = |months: i32| month - month.rem_euclid(months);
    match word {
        Word::Days(later) => Period::day(Day(add_days(today, later))),
        Word::Week(later) => {
            let since_monday = i64::from(today.weekday().num_days_from_monday());
            let monday = add_days(today, 7 * later - since_monday);
            Period::between(monday, add_days(monday, 6))
        }
        Word::Months(count, later) => calendar.span(begin(count) + later * count, count),
        Word::ToDate(count) => {
            Period { from: calendar.span(begin(count), 1).from, to: Some(Day(today)) }
        }
    }
}

/// Reads a year, quarter, week, business month or day.
fn dated(text: &str, calendar: &Calendar) -> Result<Period, String> {
    let mut parts = text.split('-');
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let year = year(first)?;
    let Some(second) = second else { return Ok(calendar.span(year * 12, 12)) };
    if let Some(digits) = second.strip_prefix('q').filter(|_| third.is_none()) {
        let quarter = number(digits, 1..=4, "quarter")?;
        return Ok(calendar.span(year * 12 + (quarter - 1) * 3, 3));
    }
    if let Some(digits) = second.strip_prefix('w').filter(|_| third.is_none()) {
        let week = number(digits, 1..=53, "week")?;
        let monday = NaiveDate::from_isoywd_opt(year, week.unsigned_abs(), Weekday::Mon)
            .ok_or_else(|| format!("{year} has no week {week}"))?;
        return Ok(Period::between(monday, add_days(monday, 6)));
    }
    let month = number(second, 1..=12, "month")?;
    let Some(third) = third else { return Ok(calendar.span(year * 12 + month - 1, 1)) };
    let day = number(third, 1..=31, "day")?;
    if parts.next().is_some() {
        return Err("a date has three parts".into());
    }
    let date = NaiveDate::from_ymd_opt(year, month.unsigned_abs(), day.unsigned_abs());
    let date = date.ok_or_else(|| format!("{year}-{month:02} has no day {day}"))?;
    Ok(Period::day(Day(date)))
}

/// Reads a year of four digits.
fn year(digits: &str) -> Result<i32, String> {
    if digits.len() != 4 {
        return Err("a year has four digits".into());
    }
    number(digits, YEARS, "year")
}

/// Reads digits as a number in a range.
fn number(digits: &str, range: RangeInclusive<i32>, what: &str) -> Result<i32, String> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|number| plain && range.contains(number));
    let (least, most) = (range.start(), range.end());
    number.ok_or_else(|| format!("the {what} is not from {least} to {most}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A Wednesday.
    const TODAY: Day = Day(NaiveDate::from_ymd_opt(2026, 9, 23).expect("the date exists"));
    const CLOSING: Calendar = Calendar { closes_on: Some(25), fiscal_year_starts: 4 };

    #[track_caller]
    fn check(table: &[(&str, &str)], calendar: &Calendar) {
        for (text, expected) in table {
            let read = period(text, TODAY, calendar).map(|period| period.to_string());
            assert_eq!(read.as_deref(), Ok(*expected), "{text}");
        }
    }

    #[test]
    fn words_count_from_today() {
        check(
            &[
                ("today", "2026-09-23"),
                ("yesterday", "2026-09-22"),
                ("明天", "2026-09-24"),
                ("this-week", "2026-09-21..2026-09-27"),
                ("上周", "2026-09-14..2026-09-20"),
                ("本月", "2026-09-01..2026-09-30"),
                ("last-month", "2026-08-01..2026-08-31"),
                ("this-quarter", "2026-07-01..2026-09-30"),
                ("上季", "2026-04-01..2026-06-30"),
                ("this-year", "2026-01-01..2026-12-31"),
                ("去年", "2025-01-01..2025-12-31"),
                ("mtd", "2026-09-01..2026-09-23"),
                ("qtd", "2026-07-01..2026-09-23"),
                ("ytd", "2026-01-01..2026-09-23"),
                ("last-30d", "2026-08-25..2026-09-23"),
                ("last-1d", "2026-09-23"),
            ],
            &Calendar::default(),
        );
    }

    #[test]
    fn numbers_name_years_quarters_months_weeks_and_days() {
        check(
            &[
                ("2026", "2026-01-01..2026-12-31"),
                ("2026-Q3", "2026-07-01..2026-09-30"),
                ("2026-09", "2026-09-01..2026-09-30"),
                ("2026-W38", "2026-09-14..2026-09-20"),
                ("2026-w1", "2025-12-29..2026-01-04"),
                ("2026-09-23", "2026-09-23"),
                ("FY2026", "2026-01-01..2026-12-31"),
                (" ２０２６-０９ ", "2026-09-01..2026-09-30"),
            ],
            &Calendar::default(),
        );
    }

    #[test]
    fn months_quarters_and_years_follow_the_closing_day_and_weeks_do_not() {
        check(
            &[
                ("2026-09", "2026-08-26..2026-09-25"),
                ("this-quarter", "2026-06-26..2026-09-25"),
                ("2026", "2025-12-26..2026-12-25"),
                ("FY2026", "2026-03-26..2027-03-25"),
                ("mtd", "2026-08-26..2026-09-23"),
                ("2026-W38", "2026-09-14..2026-09-20"),
            ],
            &CLOSING,
        );
    }

    #[test]
    fn the_ends_of_a_range_are_periods_themselves() {
        check(
            &[
                ("2026-Q1..2026-Q2", "2026-01-01..2026-06-30"),
                ("..today", "..2026-09-23"),
                ("last-month..", "2026-08-01.."),
                ("2026-09-01..2026-09-15", "2026-09-01..2026-09-15"),
                ("yesterday .. 明天", "2026-09-22..2026-09-24"),
                ("..", ".."),
            ],
            &Calendar::default(),
        );
    }

    #[test]
    fn a_fault_says_what_is_wrong_and_gives_examples() {
        let faults = [
            ("", "it is empty"),
            ("last-moth", "did you mean last-month?"),
            ("soon", "there is no such word"),
            ("2026-13", "the month is not from 1 to 12"),
            ("2026-Q5", "the quarter is not from 1 to 4"),
            ("2025-W53", "2025 has no week 53"),
            ("2026-02-29", "2026-02 has no day 29"),
            ("2026-09-23-1", "a date has three parts"),
            ("26-09", "a year has four digits"),
            ("20266", "a year has four digits"),
            ("1899", "the year is not from 1900 to 2199"),
            ("FY2200", "the year is not from 1900 to 2199"),
            ("last-0d", "the number of days is not from 1 to 99999"),
            ("last-+5d", "the number of days is not from 1 to 99999"),
            ("last-99999d", "it reaches beyond the years 1900 to 2199"),
            ("2026-09..2026-08", "it would end on 2026-08-31, before it begins on 2026-09-01"),
            ("2026..2027..2028", "a range is two periods with two dots between them"),
            ("2026...2027", "a range is two periods with two dots between them"),
        ];
        for (text, fault) in faults {
            let message = period(text, TODAY, &Calendar::default()).expect_err(text);
            assert!(message.contains(fault), "{text}: {message}");
            assert!(message.ends_with(EXAMPLES), "{text}: {message}");
        }
    }

    #[test]
    fn a_fault_quotes_no_control_character_and_not_without_end() {
        let message = period(&"\u{1b}[2J".repeat(1000), TODAY, &CLOSING).expect_err("no period");
        assert!(!message.contains(char::is_control) && message.len() < 400, "{message}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = period(&text, TODAY, &CLOSING);
        }

        #[test]
        fn nothing_that_looks_like_a_period_makes_it_panic(
            text in "(FY|last-|-|\\.\\.|Q|W|d|[0-9]{1,5}|today|ytd|本季){1,7}",
            later in any::<i64>(),
            closes_on in proptest::option::of(any::<u32>()),
            fiscal_year_starts in any::<u32>(),
        ) {
            let calendar = Calendar { closes_on, fiscal_year_starts };
            let today = Day(add_days(TODAY.0, later));
            if let Ok(period) = period(&text, today, &calendar) {
                let open = period.from.is_none() || period.to.is_none();
                prop_assert!(open || period.from <= period.to);
                period.previous(&calendar);
                period.last_year(&calendar);
            }
        }
    }
}
