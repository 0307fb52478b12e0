//! `explain`: which records, at which line of which file, make a figure of a report.
//!
//! The words behind a report's name are a row's keys in the order of its `--by`, and at last the
//! figure; without keys it is the total. What is listed adds up to the report's own cell.

mod contracts;
mod deliveries;
mod invoices;
mod ledger;
mod measures;
mod receivables;
mod sales;
mod statement;

use super::{Made, Params, Report};
use crate::{
    book::{Book, place},
    error::{Error, Result},
    fact::Fact,
    page::{Cell, Column, Row},
    record::Kind,
    value::{
        number::{Decimal, round},
        text::closest,
    },
};

/// The reports that can be explained.
pub const EXPLAINED: &[&str] =
    &["sales", "contracts", "deliveries", "invoices", "receivables", "ledger", "statement"];

/// Explains a figure of a report.
pub fn explain(book: &Book, report: &str, words: &[String], params: &Params) -> Result<Made> {
    match report {
        "sales" => sales::explain(book, words, params),
        "contracts" => contracts::explain(book, words, params),
        "deliveries" => deliveries::explain(book, words, params),
        "invoices" => invoices::explain(book, words, params),
        "receivables" => receivables::explain(book, words, params),
        "ledger" => ledger::explain(book, words, params),
        "statement" => statement::explain(book, words, params),
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

/// The keys of a row as the report writes them, and the figure; `--by` holds what the report takes.
fn asked(
    book: &Book,
    report: &Report,
    words: &[String],
    by: &[String],
    figures: &[&'static str],
) -> Result<(Vec<String>, Option<&'static str>)> {
    for word in by {
        super::allowed("by", Some(word), report.by)?;
    }
    let (keys, figure) = keys_and_figure(words, by, figures)?;
    let keys = keys.iter().zip(by).map(|(word, by)| key(book, by, word));
    Ok((keys.collect::<Result<Vec<_>>>()?, figure))
}

/// What is explained, as a title says it.
fn titled(report: &str, keys: &[String]) -> String {
    let whose = if keys.is_empty() { "total".to_owned() } else { keys.join(", ") };
    format!("{report} explained: {whose}")
}

/// Adds the total of a list: its word, blanks, the sums, and a blank for where things stand.
fn add_total(rows: &mut Vec<Row>, words: usize, sums: Vec<Cell>) {
    if !rows.is_empty() {
        let mut row = vec![Cell::word("total")];
        row.resize(words, Cell::Empty);
        row.extend(sums);
        row.push(Cell::Empty);
        rows.push(Row::Total(row));
    }
}

/// The columns of a list: words, then figures, then where each row stands.
fn columns(words: &[&str], figures: &[&str]) -> Vec<Column> {
    let mut columns: Vec<Column> = words.iter().map(|key| Column::words(*key)).collect();
    columns.extend(figures.iter().map(|key| Column::figure(*key, &["line.price"])));
    columns.push(Column::words("where"));
    columns
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
