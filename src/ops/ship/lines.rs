//! Lines of a shipment as they are typed: `"1 x 5 batch=B7"`, `"A100 x 5"`, `"2"`.
//!
//! A line is named by its number, or by its product where only one line has it; a quantity is in
//! the line's own unit.

use serde_json::{Map, Value};

use super::{super::value, line_fields};
use crate::{
    book::Book,
    error::{Error, Result},
    record::{
        Kind,
        shipment::{Shipment, ShipmentLine},
    },
    value::number::Decimal,
};

/// What was typed of one line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// Which line, by its place.
    pub at: usize,
    /// Quantity in the line's unit; nothing for all of it.
    pub qty: Option<Decimal>,
    /// Fields given with it.
    pub fields: Map<String, Value>,
}

/// A line that can be named: its number, product and unit.
pub(super) trait Named {
    /// Number, product and unit.
    fn named(&self) -> (u32, &str, Option<&str>);
}

impl Named for ShipmentLine {
    fn named(&self) -> (u32, &str, Option<&str>) {
        (self.no, &self.product, self.unit.as_deref())
    }
}

/// Reads the typed lines of a document; only some fields may be given with them.
pub(super) fn parts<L: Named>(
    book: &Book,
    (id, lines): (&str, &[L]),
    texts: &[String],
    allowed: &[&str],
) -> Result<Vec<Part>> {
    texts.iter().map(|text| part(book, (id, lines), text, allowed)).collect()
}

fn part<L: Named>(
    book: &Book,
    (id, lines): (&str, &[L]),
    text: &str,
    allowed: &[&str],
) -> Result<Part> {
    let wrong = |why: String| {
        Error::usage(format!("line \"{text}\": {why}")).hint("--line 1, or --line \"1 x 5\"")
    };
    let spread = text.replace('×', " x ");
    let mut words = spread.split_whitespace();
    let first = words.next().ok_or_else(|| wrong("it is empty".into()))?;
    let (name, glued) = match first.split_once('x') {
        Some((no, qty)) if no.parse::<u32>().is_ok() => (no, Some(qty)),
        _ => (first, None),
    };
    let at = place(book, (id, lines), name).map_err(wrong)?;
    let mut words = words.peekable();
    let mut qty = glued.filter(|qty| !qty.is_empty());
    if glued == Some("") || words.next_if(|word| matches!(*word, "x" | "X" | "*")).is_some() {
        qty = Some(words.next().ok_or_else(|| wrong("no quantity after x".into()))?);
    }
    let qty = qty.map(value::quantity).transpose().map_err(|error| wrong(error.message))?;
    if qty.is_some_and(|qty| qty <= Decimal::ZERO) {
        return Err(wrong("the quantity is not above zero".into()));
    }
    let (_, _, unit) = lines[at].named();
    words.next_if(|word| unit.is_some_and(|unit| unit.eq_ignore_ascii_case(word)));
    let pairs: Vec<&str> = words.collect();
    let fields = value::block(book, line_fields(), &joined(&pairs)).map_err(|error| {
        let Error { message, hints, .. } = error;
        hints.into_iter().fold(wrong(message), Error::hint)
    })?;
    match fields.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(key) => Err(wrong(format!("{key} is not given here"))),
        None => Ok(Part { at, qty, fields }),
    }
}

/// Words with `=` begin a pair; others go on with the value before.
fn joined(words: &[&str]) -> String {
    let mut joined = String::new();
    for word in words {
        if !joined.is_empty() {
            joined.push_str(if word.contains('=') { ", " } else { " " });
        }
        joined.push_str(word.trim_end_matches(','));
    }
    joined
}

fn place<L: Named>(
    book: &Book,
    (id, lines): (&str, &[L]),
    name: &str,
) -> std::result::Result<usize, String> {
    if let Ok(no) = name.parse::<u32>() {
        let at = lines.iter().position(|line| line.named().0 == no);
        return at.ok_or_else(|| format!("{id} has no line {no}"));
    }
    let product = book.resolve(Kind::Product, name).map_err(|error| error.message)?;
    let of: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].named().1 == product).collect();
    match of.as_slice() {
        [at] => Ok(*at),
        [] => Err(format!("{id} holds no {product}")),
        several => {
            let numbers = several.iter().map(|at| lines[*at].named().0.to_string());
            let numbers: Vec<String> = numbers.collect();
            Err(format!("{product} is on the lines {}: name one", numbers.join(", ")))
        }
    }
}

/// The lines of a shipment with its id, as they are named.
pub(super) fn of(shipment: &crate::record::Doc<Shipment>) -> (&str, &[ShipmentLine]) {
    (shipment.id(), &shipment.rec.line)
}
