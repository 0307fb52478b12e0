//! Working days: the week's own, less holidays, with the days that make up for them.
//!
//! For whoever counts days that people work: contacts due, answers owed, weeks to sum up. A day
//! that makes up for a holiday is worked whatever else is said of it.

use std::collections::BTreeSet;

use chrono::{Datelike, Weekday};

use super::{day::Day, period::Period};

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workdays {
    /// Days of the week that are worked; there is one at least.
    pub week: Vec<Weekday>,
    /// Days of those that are not.
    pub holidays: BTreeSet<Day>,
    /// Other days that are.
    pub make_up: BTreeSet<Day>,
}

impl Default for Workdays {
    fn default() -> Self {
        let week = vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        Self { week, holidays: BTreeSet::new(), make_up: BTreeSet::new() }
    }
}

impl Workdays {
    /// Whether a day is worked.
    pub fn is_workday(&self, day: Day) -> bool {
        let plain = self.week.contains(&day.0.weekday()) && !self.holidays.contains(&day);
        plain || self.make_up.contains(&day)
    }

    /// The working day so many behind a day; the day itself, or the first behind it, for none. At
    /// the end of all dates it stays.
    pub fn after(&self, day: Day, count: u32) -> Day {
        let mut day = day;
        let mut left = count;
        while left > 0 || (count == 0 && !self.is_workday(day)) {
            let Some(next) = day.0.succ_opt() else { return day };
            day = Day(next);
            if self.is_workday(day) {
                left = left.saturating_sub(1);
            }
        }
        day
    }

    /// The working days behind a day up to another one; none where that is not later.
    pub fn between(&self, from: Day, to: Day) -> u32 {
        let mut count = 0_u32;
        let mut day = from;
        while let Some(next) = day.0.succ_opt().map(Day).filter(|next| *next <= to) {
            day = next;
            count = count.saturating_add(u32::from(self.is_workday(day)));
        }
        count
    }

    /// The last working day of a period with both ends; nothing where none of its days is worked.
    pub fn last_in(&self, period: Period) -> Option<Day> {
        let (from, mut day) = (period.from?, period.to?);
        while day >= from {
            if self.is_workday(day) {
                return Some(day);
            }
            day = Day(day.0.pred_opt()?);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("the test writes a date")
    }

    /// Mid-autumn 2026: Friday to Sunday are free, the Sunday before is worked.
    fn autumn() -> Workdays {
        let holidays = ["2026-09-25", "2026-09-26", "2026-09-27"].map(day).into();
        Workdays { holidays, make_up: [day("2026-09-20")].into(), ..Workdays::default() }
    }

    #[test]
    fn holidays_are_skipped_and_days_that_make_up_for_them_count() {
        let days = autumn();
        for (from, count, to) in [
            ("2026-09-18", 1, "2026-09-20"),
            ("2026-09-18", 2, "2026-09-21"),
            ("2026-09-24", 1, "2026-09-28"),
            ("2026-09-24", 0, "2026-09-24"),
            ("2026-09-25", 0, "2026-09-28"),
        ] {
            assert_eq!(days.after(day(from), count), day(to), "{count} behind {from}");
        }
    }

    #[test]
    fn days_between_are_those_behind_the_first_up_to_the_last() {
        // 20, 21, 22, 23, 24 and 28 September.
        assert_eq!(autumn().between(day("2026-09-18"), day("2026-09-28")), 6);
        assert_eq!(autumn().between(day("2026-09-28"), day("2026-09-18")), 0);
        assert_eq!(autumn().between(day("2026-09-24"), day("2026-09-24")), 0);
    }

    #[test]
    fn a_week_ends_with_its_last_working_day() {
        let last = |from: &str, to: &str| {
            autumn().last_in(Period { from: Some(day(from)), to: Some(day(to)) })
        };
        assert_eq!(last("2026-09-14", "2026-09-20"), Some(day("2026-09-20")));
        assert_eq!(last("2026-09-21", "2026-09-27"), Some(day("2026-09-24")));
        assert_eq!(last("2026-09-25", "2026-09-27"), None);
    }
}
