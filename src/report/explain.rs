//! `explain`: which records, at which line of which file, make a figure of a report.
//!
//! The words behind a report's name are a row's keys in the order of its `--by`, and at last the
//! figure; without keys it is the total. What is listed adds up to the report's own cell.

mod contracts;
mod receivables;
mod sales;

use super::{Made, Params};
use crate::{
    book::{Book, place},
    error::{Error, Result},
    fact::Fact,
    page::Cell,
    record::Kind,
    value::{
        number::{Decimal, round},
        text::closest,
    },
};

/// The reports that can be explained.
pub const EXPLAINED: &[&str] = &["sales", "receivables", "contracts"];

/// Explains a figure of a report.
pub fn explain(book: &Book, report: &str, words: &[String], params: &Params) -> Result<Made> {
    match report {
        "sales" => sales::explain(book, words, params),
        "receivables" => receivables::explain(book, words, params),
        "contracts" => contracts::explain(book, words, params),
        _ => {
            let error = Error::usage(format!("cannot explain \"{report}\""));
            Err(match closest(report, EXPLAINED.iter().copied()) {
                Some(near) => error.hint(format!("did you mean {near}?")),
                None => error.hint(format!("reports: {}", EXPLAINED.join(", "))),
            })
        }
    }
}

/// Keys of a row, and the figure, as they were typed.
fn keys_and_figure<'a>(
    words: &'a [String],
    by: &[String],
    figures: &[&'static str],
) -> Result<(&'a [String], Option<&'static str>)> {
    let known = |word: &String| figures.iter().copied().find(|figure| figure == word);
    let figure =
        words.last().filter(|_| words.len() > by.len() || words.len() == 1).and_then(known);
    let keys = if figure.is_some() { &words[..words.len().saturating_sub(1)] } else { words };
    if keys.len() <= by.len() {
        return Ok((keys, figure));
    }
    let word = &keys[by.len()];
    let error = Error::usage(format!(
        "\"{word}\" is no figure here, and {} is all there is to name",
        by.join(", ")
    ));
    Err(match closest(word, figures.iter().copied()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint(format!("figures: {}", figures.join(", "))),
    })
}

/// A key as the report writes it: names and endings by the code they mean.
fn key(book: &Book, by: &str, word: &str) -> Result<String> {
    let kind = match by {
        "customer" => Kind::Customer,
        "product" => Kind::Product,
        "staff" => Kind::Staff,
        "contract" => Kind::Contract,
        _ => return Ok(word.to_owned()),
    };
    if word == "(none)" { Ok(word.to_owned()) } else { book.resolve(kind, word) }
}

/// Where a fact stands, as a cell.
fn place_of(book: &Book, fact: &Fact<'_>) -> Cell {
    let found = place::of_fact(book, fact);
    found.map_or(Cell::Empty, |found| Cell::text(place::spelled(book, &found)))
}

/// A part of a figure: to the cent where it is whole cents, else as exactly as is of use.
fn exact(amount: Decimal, decimals: u32) -> Cell {
    let rounded = round(amount, decimals);
    Cell::Money(if rounded == amount { rounded } else { round(amount, 6).normalize() })
}
