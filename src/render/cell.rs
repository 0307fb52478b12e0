//! Cells in words: for people with separators and in their language, for programs plain.
//!
//! Numbers never pass through floats, and texts leave here in one line without a character that a
//! terminal would obey.

use std::{borrow::Cow, fmt, fmt::Write as _};

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::{page::Cell, value::number, value::text};

use super::{Language, words::value};

/// What stands for a figure that this audience may not see.
const MASKED: &str = "***";

/// A cell as people read it.
pub(super) fn for_people(cell: &Cell, language: Language) -> String {
    let zh = language == Language::Zh;
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(words) | Cell::Ref(words) => one_line(words).into_owned(),
        Cell::Word(word) => one_line(&value(word, language)).into_owned(),
        Cell::List(words) => one_line(&words.join(", ")).into_owned(),
        Cell::Percent(fraction) => percent(*fraction),
        Cell::Int(_) | Cell::Money(_) | Cell::Quantity(_) => grouped(&for_machines(cell)),
        Cell::Date(_) => for_machines(cell),
        Cell::Moment(moment) => moment.0.format("%Y-%m-%d %H:%M").to_string(),
        Cell::Bool(true) => if zh { "是" } else { "yes" }.into(),
        Cell::Bool(false) => if zh { "否" } else { "no" }.into(),
        Cell::NotApplicable => if zh { "不适用" } else { "n/a" }.into(),
        Cell::Masked => MASKED.into(),
    }
}

/// A cell as programs read it, see [`push_plain`].
pub(super) fn for_machines(cell: &Cell) -> String {
    let mut shown = String::new();
    push_plain(cell, &mut shown);
    shown
}

/// Adds a cell as programs read it: plain digits, ISO dates, lists joined by `;`; nothing where
/// there is no value to be had. Money keeps the decimals of its currency, other numbers lose
/// trailing zeros. Words are as the record has them.
pub(super) fn push_plain(cell: &Cell, out: &mut String) {
    let written = match cell {
        Cell::Empty | Cell::NotApplicable | Cell::Masked => Ok(()),
        Cell::Text(words) | Cell::Word(words) | Cell::Ref(words) => out.write_str(words),
        Cell::List(words) => out.write_str(&words.join(";")),
        Cell::Int(number) => write!(out, "{number}"),
        Cell::Money(amount) => push_decimal(*amount, out),
        Cell::Quantity(number) | Cell::Percent(number) => push_decimal(number.normalize(), out),
        Cell::Date(day) => push_day(*day, out),
        Cell::Moment(moment) => write!(out, "{moment}"),
        Cell::Bool(yes) => write!(out, "{yes}"),
    };
    written.expect("a string takes all that is written");
}

/// Adds the exact digits of a decimal, zero without sign: several times faster than the library.
fn push_decimal(number: Decimal, out: &mut String) -> fmt::Result {
    let mantissa = number.mantissa();
    if mantissa < 0 {
        out.push('-');
    }
    let start = out.len();
    match u64::try_from(mantissa.unsigned_abs()) {
        Ok(digits) => write!(out, "{digits}")?,
        Err(_) => write!(out, "{}", mantissa.unsigned_abs())?,
    }
    let decimals = number.scale() as usize;
    if decimals > 0 {
        let missing = (decimals + 1).saturating_sub(out.len() - start);
        if missing > 0 {
            out.insert_str(start, &"0".repeat(missing));
        }
        out.insert(out.len() - decimals, '.');
    }
    Ok(())
}

/// Adds a day in ISO form; years of four digits go without the library's formatting.
fn push_day(day: NaiveDate, out: &mut String) -> fmt::Result {
    let year = day.year();
    if !(0..=9999).contains(&year) {
        return write!(out, "{day}");
    }
    let mut digits = year.unsigned_abs() * 10_000 + day.month() * 100 + day.day();
    let mut shown = *b"0000-00-00";
    for digit in shown.iter_mut().rev().filter(|digit| **digit == b'0') {
        *digit += (digits % 10) as u8;
        digits /= 10;
    }
    out.push_str(str::from_utf8(&shown).expect("digits and dashes are UTF-8"));
    Ok(())
}

/// Whether a cell holds a number.
pub(super) fn is_number(cell: &Cell) -> bool {
    matches!(cell, Cell::Int(_) | Cell::Quantity(_) | Cell::Money(_) | Cell::Percent(_))
}

/// Whether a cell holds words, which a spreadsheet might take for a formula.
pub(super) fn is_words(cell: &Cell) -> bool {
    matches!(cell, Cell::Text(_) | Cell::Word(_) | Cell::Ref(_) | Cell::List(_))
}

/// A text in one line, fit to be shown.
pub(super) fn one_line(words: &str) -> Cow<'_, str> {
    let words = words.trim();
    if is_plain(words) || !words.contains(text::is_unsafe) {
        return Cow::Borrowed(words);
    }
    let breaks = ['\r', '\n', '\t'];
    let joined = words.replace("\r\n", " ").replace(breaks, " ");
    Cow::Owned(text::clean(&joined).into_owned())
}

/// Whether a text is printable ASCII, as most texts are, and needs no closer look.
pub(super) fn is_plain(words: &str) -> bool {
    words.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// A fraction in percent with one decimal, rounded half away from zero: 0.125 is `12.5%`.
fn percent(fraction: Decimal) -> String {
    let mut points = fraction;
    let moved = match fraction.scale().checked_sub(2) {
        Some(scale) => points.set_scale(scale).is_ok(),
        None => match fraction.checked_mul(Decimal::ONE_HUNDRED) {
            Some(product) => {
                points = product;
                true
            }
            None => false,
        },
    };
    if moved {
        return format!("{}%", grouped(&number::round(points, 1).to_string()));
    }
    // Only a whole number of 27 digits and more comes here: it is moved as text.
    let whole = fraction.trunc().to_string();
    format!("{}.0%", grouped(&format!("{whole}00")))
}

/// Plain digits with a comma between thousands.
fn grouped(plain: &str) -> String {
    let (whole, decimals) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut shown = String::with_capacity(plain.len() * 4 / 3 + 1);
    shown.push_str(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown.push_str(decimals);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect("a test's own number")
    }

    fn shown(cell: Cell) -> String {
        for_people(&cell, Language::En)
    }

    #[test]
    fn people_read_separators_and_fixed_decimals() {
        assert_eq!(shown(Cell::Money(decimal("1234567.50"))), "1,234,567.50");
        assert_eq!(shown(Cell::Money(decimal("-999.00"))), "-999.00");
        assert_eq!(shown(Cell::Money(decimal("-1000.00"))), "-1,000.00");
        assert_eq!(shown(Cell::Quantity(decimal("20.500000"))), "20.5");
        assert_eq!(shown(Cell::Quantity(decimal("100"))), "100");
        assert_eq!(shown(Cell::Int(i64::MIN)), "-9,223,372,036,854,775,808");
        assert_eq!(shown(Cell::Money(-decimal("0.00"))), "0.00");
    }

    #[test]
    fn percent_has_one_decimal_however_large() {
        assert_eq!(shown(Cell::Percent(decimal("0.125"))), "12.5%");
        assert_eq!(shown(Cell::Percent(decimal("-0.0625"))), "-6.3%");
        assert_eq!(shown(Cell::Percent(decimal("0.1"))), "10.0%");
        assert_eq!(shown(Cell::Percent(decimal("12"))), "1,200.0%");
        assert_eq!(shown(Cell::Percent(decimal("-0.0001"))), "0.0%");
        let third = "0.3333333333333333333333333333";
        assert_eq!(shown(Cell::Percent(decimal(third))), "33.3%");
        let largest = "7,922,816,251,426,433,759,354,395,033,500.0%";
        assert_eq!(shown(Cell::Percent(Decimal::MAX)), largest);
    }

    #[test]
    fn programs_read_exact_digits() {
        assert_eq!(for_machines(&Cell::Money(decimal("1234567.50"))), "1234567.50");
        assert_eq!(for_machines(&Cell::Percent(decimal("0.1250"))), "0.125");
        assert_eq!(for_machines(&Cell::List(vec!["a".into(), "b".into()])), "a;b");
        assert_eq!(for_machines(&Cell::Masked), "");
        assert_eq!(for_machines(&Cell::Bool(false)), "false");
    }

    #[test]
    fn digits_are_those_of_the_decimal_library() {
        let numbers = ["0", "0.00", "0.07", "-0.5", "12.340", "-1000000000000.000001"];
        let extremes = [Decimal::MAX, Decimal::MIN, Decimal::new(1, 28), Decimal::new(-5, 1)];
        for number in numbers.map(decimal).into_iter().chain(extremes) {
            assert_eq!(for_machines(&Cell::Money(number)), number.to_string());
        }
        assert_eq!(for_machines(&Cell::Money(-decimal("0.00"))), "0.00");
        for day in [(2026, 9, 3), (1, 1, 1), (9999, 12, 31), (10_000, 1, 1), (-1, 2, 3)] {
            let day = NaiveDate::from_ymd_opt(day.0, day.1, day.2).expect("a test's own day");
            assert_eq!(for_machines(&Cell::Date(day)), day.to_string());
        }
    }

    #[test]
    fn the_language_of_words_for_missing_figures_is_the_readers() {
        assert_eq!(for_people(&Cell::NotApplicable, Language::Zh), "不适用");
        assert_eq!(for_people(&Cell::Bool(true), Language::Zh), "是");
        assert_eq!(shown(Cell::NotApplicable), "n/a");
    }

    #[test]
    fn a_text_of_several_lines_becomes_one() {
        assert_eq!(one_line("a\r\nb\tc\n"), "a b c");
        assert_eq!(one_line("\u{1b}[1m"), "\u{fffd}[1m");
    }
}
