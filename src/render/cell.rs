//! Cells in words: for people with separators and in their language, for programs plain.
//!
//! Numbers never pass through floats, and texts leave here in one line without a character that a
//! terminal would obey.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::{page::Cell, value::number, value::text};

use super::Language;

/// What stands for a figure that this audience may not see.
const MASKED: &str = "***";

/// A cell as people read it.
pub(super) fn for_people(cell: &Cell, language: Language) -> String {
    let zh = language == Language::Zh;
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(words) | Cell::Ref(words) => one_line(words).into_owned(),
        Cell::List(words) => one_line(&words.join(", ")).into_owned(),
        Cell::Int(number) => grouped(&number.to_string()),
        Cell::Percent(fraction) => percent(*fraction),
        Cell::Money(_) | Cell::Quantity(_) => grouped(&number_text(cell).unwrap_or_default()),
        Cell::Date(day) => day.to_string(),
        Cell::Moment(moment) => moment.0.format("%Y-%m-%d %H:%M").to_string(),
        Cell::Bool(true) => if zh { "是" } else { "yes" }.into(),
        Cell::Bool(false) => if zh { "否" } else { "no" }.into(),
        Cell::NotApplicable => if zh { "不适用" } else { "n/a" }.into(),
        Cell::Masked => MASKED.into(),
    }
}

/// A cell as programs read it: plain digits, ISO dates, lists joined by `;`; nothing where there
/// is no value to be had. Words are as the record has them.
pub(super) fn for_machines(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Empty | Cell::NotApplicable | Cell::Masked => Cow::Borrowed(""),
        Cell::Text(words) | Cell::Ref(words) => Cow::Borrowed(words),
        Cell::List(words) => Cow::Owned(words.join(";")),
        Cell::Int(_) | Cell::Quantity(_) | Cell::Money(_) | Cell::Percent(_) => {
            Cow::Owned(number_text(cell).unwrap_or_default())
        }
        Cell::Date(day) => Cow::Owned(day.to_string()),
        Cell::Moment(moment) => Cow::Owned(moment.to_string()),
        Cell::Bool(true) => Cow::Borrowed("true"),
        Cell::Bool(false) => Cow::Borrowed("false"),
    }
}

/// The exact digits of a number, which are a JSON number too; nothing of any other cell. Money
/// keeps the decimals of its currency, the others lose trailing zeros.
pub(super) fn number_text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Int(number) => Some(number.to_string()),
        Cell::Money(amount) => Some(unsigned_zero(*amount).to_string()),
        Cell::Quantity(number) | Cell::Percent(number) => {
            Some(unsigned_zero(number.normalize()).to_string())
        }
        _ => None,
    }
}

/// Whether a cell holds words, which a spreadsheet might take for a formula.
pub(super) fn is_words(cell: &Cell) -> bool {
    matches!(cell, Cell::Text(_) | Cell::Ref(_) | Cell::List(_))
}

/// A text in one line, fit to be shown.
pub(super) fn one_line(words: &str) -> Cow<'_, str> {
    let words = words.trim();
    if !words.contains(text::is_unsafe) {
        return Cow::Borrowed(words);
    }
    let breaks = ['\r', '\n', '\t'];
    let joined = words.replace("\r\n", " ").replace(breaks, " ");
    Cow::Owned(text::clean(&joined).into_owned())
}

fn unsigned_zero(mut number: Decimal) -> Decimal {
    if number.is_zero() {
        number.set_sign_positive(true);
    }
    number
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
