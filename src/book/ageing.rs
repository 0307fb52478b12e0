//! How old what is owed is, and how well it comes in.
//!
//! Every item is in one bucket, what is not due included, so that buckets add up to what is open.
//! Measures are exact until they are shown, and nothing where there are no sales to hold them
//! against.

#![deny(clippy::arithmetic_side_effects)]

use crate::value::{
    day::Day,
    number::{Decimal, add, round, sub},
};

/// Days from one day to a later one; none where it is not later.
pub(super) fn days_between(from: Option<Day>, to: Day) -> u32 {
    let days = from.map_or(0, |from| to.0.signed_duration_since(from.0).num_days());
    u32::try_from(days.max(0)).unwrap_or(u32::MAX)
}

/// How late money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// Not due.
    NotDue,
    /// Up to 30 days.
    To30,
    /// 31 to 60 days.
    To60,
    /// 61 to 90 days.
    To90,
    /// More than 90 days.
    Over90,
}

/// Every bucket, in order.
pub const BUCKETS: [Bucket; 5] =
    [Bucket::NotDue, Bucket::To30, Bucket::To60, Bucket::To90, Bucket::Over90];

impl Bucket {
    /// The bucket of so many days; the 30th day is the last of the first.
    pub fn of(days: u32) -> Self {
        match days {
            0 => Self::NotDue,
            1..=30 => Self::To30,
            31..=60 => Self::To60,
            61..=90 => Self::To90,
            _ => Self::Over90,
        }
    }

    /// Its key in columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotDue => "not_due",
            Self::To30 => "days_1_30",
            Self::To60 => "days_31_60",
            Self::To90 => "days_61_90",
            Self::Over90 => "over_90",
        }
    }
}

/// What a period's collection is measured by, in one currency and with tax. Days sales outstanding,
/// its best possible figure and the average days delinquent are as credit managers define them
/// (Credit Research Foundation); all receivables count, less money and credits that nothing is
/// settled with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measured {
    /// Receivables before the first day.
    pub opening: Decimal,
    /// Invoices less credits issued in the period, deposits and what was carried over left out.
    pub sales: Decimal,
    /// Deposits and what was carried over, issued in the period: no sale, and to be collected.
    pub ahead: Decimal,
    /// Receivables on the last day.
    pub closing: Decimal,
    /// What of them is not overdue.
    pub not_due: Decimal,
    /// Days of the period, both ends counted.
    pub days: u32,
}

/// Decimals that a measure is shown with.
const SHOWN: u32 = 6;

impl Measured {
    /// Days sales outstanding: closing receivables ÷ sales × days.
    pub fn dso(&self) -> Option<Decimal> {
        self.in_days(self.closing)
    }

    /// Best possible days sales outstanding: receivables that are not overdue ÷ sales × days.
    pub fn best_possible_dso(&self) -> Option<Decimal> {
        self.in_days(self.not_due)
    }

    /// Average days delinquent: days sales outstanding less the best possible, as both are shown.
    pub fn average_days_delinquent(&self) -> Option<Decimal> {
        Some(sub(self.dso()?, self.best_possible_dso()?))
    }

    /// Collection effectiveness index, as a fraction: (opening + sales − closing) ÷ (opening +
    /// sales − closing that is not due), where what was asked for ahead stands beside sales.
    pub fn cei(&self) -> Option<Decimal> {
        let all = add(add(self.opening, self.sales), self.ahead);
        let collectable = sub(all, self.not_due);
        let ratio = sub(all, self.closing).checked_div(collectable)?;
        (!self.sales.is_zero()).then(|| round(ratio, SHOWN))
    }

    fn in_days(&self, amount: Decimal) -> Option<Decimal> {
        let days = amount.checked_mul(self.days.into())?;
        days.checked_div(self.sales).map(|days| round(days, SHOWN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(opening: i64, sales: i64, closing: i64, not_due: i64) -> Measured {
        let [opening, sales, closing, not_due] =
            [opening, sales, closing, not_due].map(Decimal::from);
        Measured { opening, sales, closing, not_due, days: 90, ..Measured::default() }
    }

    #[test]
    fn the_thirtieth_day_is_the_last_of_the_first_bucket() {
        let of = [0, 1, 30, 31, 60, 61, 90, 91].map(Bucket::of);
        use Bucket::*;
        assert_eq!(of, [NotDue, To30, To30, To60, To60, To90, To90, Over90]);
    }

    #[test]
    fn measures_follow_their_formulas() {
        let figures = measured(900, 700, 800, 500);
        let shown = |figure: Option<Decimal>| figure.map(|own| own.to_string()).unwrap_or_default();
        // 800 × 90 ÷ 700 = 102.857142…; 500 × 90 ÷ 700 = 64.285714…; 300 × 90 ÷ 700 = 38.571428…
        assert_eq!(shown(figures.dso()), "102.857143");
        assert_eq!(shown(figures.best_possible_dso()), "64.285714");
        assert_eq!(shown(figures.average_days_delinquent()), "38.571429");
        // (900 + 700 − 800) ÷ (900 + 700 − 500) = 800 ÷ 1,100
        assert_eq!(shown(figures.cei()), "0.727273");
    }

    #[test]
    fn measures_as_shown_add_up() {
        // 100 × 90 ÷ 700 = 12.857142…7, 50 × 90 ÷ 700 = 6.428571…4: the difference is shown as
        // 6.428572, where the rounded quotient of the rest would be 6.428571.
        let figures = measured(0, 700, 100, 50);
        let days = figures.average_days_delinquent().zip(figures.best_possible_dso());
        assert_eq!(days.map(|(late, best)| add(late, best)), figures.dso());
    }

    #[test]
    fn what_is_asked_for_ahead_is_no_sale_and_is_collected() {
        let figures = Measured { ahead: Decimal::from(100), ..measured(0, 700, 400, 400) };
        // 400 × 90 ÷ 700; (0 + 700 + 100 − 400) ÷ (0 + 700 + 100 − 400).
        assert_eq!(figures.dso().map(|own| own.to_string()).as_deref(), Some("51.428571"));
        assert_eq!(figures.cei(), Some(Decimal::ONE));
    }

    #[test]
    fn without_sales_nothing_can_be_measured() {
        let figures = measured(900, 0, 900, 500);
        let all = [
            figures.dso(),
            figures.best_possible_dso(),
            figures.average_days_delinquent(),
            figures.cei(),
        ];
        assert_eq!(all, [None; 4]);
        assert_eq!(measured(0, 500, 500, 500).cei(), None, "nothing could be collected yet");
    }
}
