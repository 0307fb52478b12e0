//! A line of an order or a contract, typed in one flag: `"A100 x 20 @ 128"`.
//!
//! `PRODUCT x QTY [UNIT] [@ PRICE] [-PCT%] [gift | sample] [key=value …]`

use serde_json::{Map, Value};

use super::value;
use crate::{
    book::Book,
    error::{Error, Result},
    record::{
        Kind,
        product::Product,
        schema::{Field, Type, field},
    },
    rules::entered,
    value::number::{Money, MoneyLimits, Percent, Quantity, QuantityLimits},
};

/// Reads a typed line; `no` is not part of it.
pub fn parse(book: &Book, fields: &[Field], text: &str) -> Result<Map<String, Value>> {
    let wrong = |why: String| {
        Error::usage(format!("line \"{text}\": {why}")).hint("--line \"A100 x 20 @ 128\"")
    };
    let spread = text.replace(['×', '＠'], " x ").replace('@', " @ ");
    let mut words = spread.split_whitespace();
    let product = words.next().ok_or_else(|| wrong("it is empty".into()))?;
    if product.contains('=') {
        let block = value::block(book, fields, text)?;
        return Ok(block);
    }
    let product = book.resolve(Kind::Product, product)?;
    let mut line = Map::from_iter([("product".to_owned(), Value::from(product))]);
    let needs_qty = field(fields, "qty").is_some_and(|qty| qty.required);
    let mut rest = words.peekable();
    if rest.next_if(|word| matches!(*word, "x" | "X" | "*")).is_some() {
        let qty = rest.next().ok_or_else(|| wrong("no quantity after x".into()))?;
        let (qty, unit) = split_unit(qty);
        Quantity::parse(qty)
            .map_err(|fault| wrong(format!("\"{qty}\" {}", fault.message::<QuantityLimits>())))?;
        line.insert("qty".into(), qty.into());
        if !unit.is_empty() {
            line.insert("unit".into(), unit.into());
        }
    }
    let mut put = |key: &str, value: Value| match line.insert(key.into(), value) {
        Some(_) => Err(wrong(format!("{key} is given twice"))),
        None => Ok(()),
    };
    while let Some(word) = rest.next() {
        match word {
            "@" => {
                let price = rest.next().ok_or_else(|| wrong("no price after @".into()))?;
                Money::parse(price).map_err(|fault| {
                    wrong(format!("\"{price}\" {}", fault.message::<MoneyLimits>()))
                })?;
                put("price", price.into())?;
            }
            "gift" | "sample" => put("free_reason", word.into())?,
            kind if is_kind(fields, kind) => put("kind", kind.into())?,
            word if word.starts_with('-') && word.ends_with('%') && word.len() > 2 => {
                let pct = &word[1..word.len() - 1];
                Percent::parse(pct).map_err(|_| wrong(format!("\"{word}\" is not a discount")))?;
                put("discount_pct", pct.into())?;
            }
            word if word.contains('=') => {
                let pairs: Vec<&str> = std::iter::once(word).chain(rest.by_ref()).collect();
                for (key, value) in value::block(book, fields, &join_pairs(&pairs))? {
                    put(&key, value)?;
                }
            }
            unit if is_unit(unit) => put("unit", unit.into())?,
            word => return Err(wrong(format!("\"{word}\" has no meaning here"))),
        }
    }
    if needs_qty && !line.contains_key("qty") {
        return Err(wrong("no quantity: PRODUCT x QTY".into()));
    }
    settle_unit(book, &mut line).map_err(wrong)?;
    Ok(line)
}

/// Whether lines of these fields are of kinds, and a word is one of them.
fn is_kind(fields: &[Field], word: &str) -> bool {
    let kinds = field(fields, "kind").map(|kind| &kind.kind);
    matches!(kinds, Some(Type::OneOf(words)) if words.iter().any(|known| known == word))
}

/// A word of letters may be a unit; anything with a digit or a sign in it is a slip.
fn is_unit(word: &str) -> bool {
    !word.is_empty() && word.chars().all(char::is_alphabetic)
}

/// Writes a unit as the product writes it; one that the product does not have needs its factor, and
/// one that it has is not given another.
fn settle_unit(book: &Book, line: &mut Map<String, Value>) -> Result<(), String> {
    let code = line.get("product").and_then(Value::as_str).unwrap_or_default();
    let Some(product) = book.get::<Product>(code) else { return Ok(()) };
    let mut unit = line.get("unit").and_then(Value::as_str).map(str::to_owned);
    let packed = product.rec.packing.iter().map(|packing| packing.unit.as_str());
    let units: Vec<&str> = product.rec.unit.as_deref().into_iter().chain(packed).collect();
    if let Some(typed) = unit.as_mut() {
        let own = units.iter().find(|own| own.eq_ignore_ascii_case(typed));
        match own {
            Some(own) => (*own).clone_into(typed),
            None if line.contains_key("unit_factor") || units.is_empty() => {}
            None => {
                let units = units.join(" or the ");
                return Err(format!("{code} comes by the {units}, not by the {typed}"));
            }
        }
    }
    let factor = line.get("unit_factor").and_then(Value::as_str);
    let factor = factor.and_then(|factor| Quantity::parse(factor).ok());
    if let Some(why) = entered::other_packing(product, unit.as_deref(), factor) {
        return Err(why);
    }
    if let Some(unit) = unit {
        line.insert("unit".into(), unit.into());
    }
    Ok(())
}

/// Words with `=` begin a pair; others go on with the value before.
fn join_pairs(words: &[&str]) -> String {
    let mut joined = String::new();
    for word in words {
        if !joined.is_empty() {
            joined.push_str(if word.contains('=') { ", " } else { " " });
        }
        joined.push_str(word.trim_end_matches(','));
    }
    joined
}

/// `20box` is 20 and `box`; what is behind the digits counts as a unit only if it is one word of
/// letters.
fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    if end > 0 && is_unit(&text[end..]) { text.split_at(end) } else { (text, "") }
}
