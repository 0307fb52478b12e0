//! Numbers as people and spreadsheets write them, turned into plain decimals, digit by digit.
//!
//! Full-width digits, the sign of a currency and brackets for minus are taken as they are meant;
//! groups of thousands only in the form that the mapping names, and only where they are whole.

use super::value::{Misfit, NumberForm};
use crate::{
    record::schema::Type,
    value::{
        number::{
            Limits, MoneyLimits, Number, NumberFault, PercentLimits, QuantityLimits, RateLimits,
        },
        text::fold,
    },
};

/// Signs of currencies, taken away at either end of an amount.
const SIGNS: [&str; 25] = [
    "us$", "hk$", "¥", "￥", "$", "€", "£", "₩", "₹", "元", "円", "cny", "rmb", "usd", "eur",
    "gbp", "jpy", "hkd", "twd", "krw", "sgd", "aud", "cad", "chf", "inr",
];

/// The plain decimal of a text for a field of money, quantity, rate or percent points.
///
/// A percent sign is right behind percent points, and divides a rate by a hundred.
pub(super) fn read(text: &str, form: NumberForm, kind: &Type) -> Result<String, Misfit> {
    let folded = fold(text);
    let (number, is_percent) = match folded.trim().strip_suffix('%') {
        Some(number) => (number.trim(), true),
        None => (folded.trim(), false),
    };
    let number = if *kind == Type::Money { without_sign(number) } else { number.to_owned() };
    let digits = digits(&number, form).ok_or_else(|| no_number(text, form))?;
    let plain = match kind {
        Type::Percent => plain::<PercentLimits>(&digits),
        Type::Rate if is_percent => hundredth(&digits),
        _ if is_percent => Err(format!("is a percentage where {} stands", kind.name())),
        Type::Money => plain::<MoneyLimits>(&digits),
        Type::Quantity => plain::<QuantityLimits>(&digits),
        _ => plain::<RateLimits>(&digits),
    };
    plain.map_err(|why| Misfit::new(format!("\"{text}\" {why}")))
}

/// A whole number from 0.
pub(super) fn whole(text: &str, form: NumberForm) -> Result<u32, Misfit> {
    let digits = digits(fold(text).trim(), form).ok_or_else(|| no_number(text, form))?;
    digits.parse().map_err(|_| Misfit::new(format!("\"{text}\" is no whole number from 0")))
}

fn no_number(text: &str, form: NumberForm) -> Misfit {
    let example = form.example();
    Misfit::new(format!("\"{text}\" is no number of the form {example}"))
        .hint(format!("say how numbers are written: number = \"{}\"", form.other().example()))
}

fn plain<K: Limits>(digits: &str) -> Result<String, String> {
    let number = Number::<K>::parse(digits).map_err(NumberFault::message::<K>)?;
    Ok(number.to_string())
}

/// Percent points as a fraction.
fn hundredth(digits: &str) -> Result<String, String> {
    let points =
        Number::<PercentLimits>::parse(digits).map_err(NumberFault::message::<PercentLimits>)?;
    let mut fraction = points.get().normalize();
    let scale = fraction.scale().saturating_add(2);
    fraction.set_scale(scale).map_err(|_| "has too many decimals".to_owned())?;
    plain::<RateLimits>(&fraction.normalize().to_string())
}

/// An amount without the sign or the code of a currency at its one or other end.
fn without_sign(text: &str) -> String {
    let (minus, rest) = match text.strip_prefix(['-', '−']) {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", text),
    };
    let before = SIGNS.iter().find_map(|sign| rest.strip_prefix(sign));
    let stripped = before.or_else(|| SIGNS.iter().find_map(|sign| rest.strip_suffix(sign)));
    format!("{minus}{}", stripped.unwrap_or(rest).trim())
}

/// The number in plain digits, with `-` before and `.` within.
fn digits(text: &str, form: NumberForm) -> Option<String> {
    let (text, is_negative) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inside) => (inside.trim(), true),
        None => match text.strip_prefix(['-', '−']) {
            Some(rest) => (rest.trim_start(), true),
            None => (text.strip_prefix('+').unwrap_or(text), false),
        },
    };
    let (group, point) = form.marks();
    let (whole, decimals) = match text.split_once(point) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let whole = ungrouped(whole, group)?;
    if !is_plain(&whole) || decimals.is_some_and(|decimals| !is_plain(decimals)) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let sign = if is_negative { "-" } else { "" };
    let decimals = decimals.map(|decimals| format!(".{decimals}")).unwrap_or_default();
    Some(format!("{sign}{whole}{decimals}"))
}

/// The digits of groups of three, of which only the first may be shorter.
fn ungrouped(whole: &str, group: Option<char>) -> Option<String> {
    let is_mark = |c: char| match group {
        Some(' ') => matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}'),
        Some('\'') => matches!(c, '\'' | '’'),
        Some(mark) => c == mark,
        None => false,
    };
    let groups: Vec<&str> = whole.split(is_mark).collect();
    let [first, others @ ..] = groups.as_slice() else { return None };
    let are_whole = others.iter().all(|group| group.len() == 3);
    let is_short = others.is_empty() || (1..=3).contains(&first.len());
    (are_whole && is_short).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str, form: NumberForm) -> Option<String> {
        read(text, form, &Type::Money).ok()
    }

    #[test]
    fn each_form_takes_its_own_writing_and_no_other() {
        use NumberForm::{Comma, English, French, German, Plain, Swiss};
        for (form, text) in [
            (Plain, "1234567.50"),
            (English, "1,234,567.50"),
            (Swiss, "1'234’567.50"),
            (Comma, "1234567,50"),
            (German, "1.234.567,50"),
            (French, "1\u{202f}234\u{a0}567,50"),
        ] {
            assert_eq!(money(text, form).as_deref(), Some("1234567.50"), "{text}");
        }
        assert_eq!(money("1,234.50", Plain), None);
        assert_eq!(money("1.234,50", English), None);
        assert_eq!(money("12,34.50", English), None, "a group has three digits");
        assert_eq!(money("1234,567.50", English), None);
        assert_eq!(money("1.5", German), None, "a point is no decimal point there");
    }

    #[test]
    fn signs_widths_and_brackets_are_understood() {
        let english = |text| money(text, NumberForm::English);
        for text in ["¥1,234.50", "￥１，２３４．５０", "1,234.50元", "USD 1,234.50", "$ 1,234.50"]
        {
            assert_eq!(english(text).as_deref(), Some("1234.50"), "{text}");
        }
        for text in ["-12.50", "(12.50)", "−12.50", "-$12.50"] {
            assert_eq!(english(text).as_deref(), Some("-12.50"), "{text}");
        }
        assert_eq!(english("007"), Some("7".into()));
        assert_eq!(english("-0.00"), Some("0.00".into()));
    }

    #[test]
    fn percentages_are_points_or_fractions_by_their_field() {
        let read = |text, kind| read(text, NumberForm::Plain, &kind).map_err(|why| why.message);
        assert_eq!(read("13%", Type::Percent), Ok("13".into()));
        assert_eq!(read("13 ％", Type::Rate), Ok("0.13".into()));
        assert_eq!(read("0.5%", Type::Rate), Ok("0.005".into()));
        assert_eq!(read("0.13", Type::Rate), Ok("0.13".into()));
        let why = "\"13%\" is a percentage where money stands";
        assert_eq!(read("13%", Type::Money), Err(why.into()));
    }

    #[test]
    fn nothing_else_is_a_number() {
        for text in ["", "-", "abc", "1e5", "1_000", ".5", "5.", "1.2.3", "0x1", "1.1234567", "--1"]
        {
            assert_eq!(money(text, NumberForm::Plain), None, "{text}");
        }
        assert_eq!(money("1000000000001", NumberForm::Plain), None);
        assert!(whole("1.5", NumberForm::Plain).is_err());
        assert_eq!(whole("1,200", NumberForm::English), Ok(1200));
    }
}
