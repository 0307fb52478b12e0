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
        schema::{Field, field},
    },
    value::number::{Money, Percent, Quantity},
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
    let mut rest = words.peekable();
    if rest.next_if(|word| matches!(*word, "x" | "X" | "*")).is_some() {
        let qty = rest.next().ok_or_else(|| wrong("no quantity after x".into()))?;
        let (qty, unit) = split_unit(qty);
        Quantity::parse(qty).map_err(|_| wrong(format!("\"{qty}\" is not a quantity")))?;
        line.insert("qty".into(), qty.into());
        if !unit.is_empty() {
            line.insert("unit".into(), unit.into());
        }
    }
    while let Some(word) = rest.next() {
        match word {
            "@" => {
                let price = rest.next().ok_or_else(|| wrong("no price after @".into()))?;
                Money::parse(price).map_err(|_| wrong(format!("\"{price}\" is not a price")))?;
                line.insert("price".into(), price.into());
            }
            "gift" | "sample" => {
                line.insert("free_reason".into(), word.into());
            }
            word if word.starts_with('-') && word.ends_with('%') => {
                let pct = &word[1..word.len() - 1];
                Percent::parse(pct).map_err(|_| wrong(format!("\"{word}\" is not a discount")))?;
                line.insert("discount_pct".into(), pct.into());
            }
            word if word.contains('=') => {
                let pairs: Vec<&str> = std::iter::once(word).chain(rest.by_ref()).collect();
                let joined = join_pairs(&pairs);
                line.extend(value::block(book, fields, &joined)?);
            }
            unit if !line.contains_key("unit")
                && line.contains_key("qty")
                && field(fields, "unit").is_some() =>
            {
                line.insert("unit".into(), unit.into());
            }
            word => return Err(wrong(format!("\"{word}\" has no meaning here"))),
        }
    }
    Ok(line)
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

/// `20box` is 20 and `box`.
fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    if end == 0 { (text, "") } else { text.split_at(end) }
}
