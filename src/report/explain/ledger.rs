//! `explain ledger`: the invoices, credits, payments and allocations behind a row, each with what it
//! did to the account.

use std::collections::BTreeMap;

use super::{add_total, asked, columns, exact, titled};
use crate::{
    book::{Book, place},
    error::Result,
    page::{Cell, Page, Row, Table},
    report::{
        self, Made, Params,
        ledger::{self, FIGURES, REPORT, Sums, each_change, filter_fields},
    },
    value::{currency, number::round},
};

const WORDS: [&str; 5] = ["what", "on", "id", "about", "customer"];

pub(super) fn explain(book: &Book, words: &[String], params: &Params) -> Result<Made> {
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    let (keys, figure) = asked(book, &REPORT, words, &by, &FIGURES)?;
    let filter = report::filter(book, params, &filter_fields())?;
    let chosen: Vec<usize> =
        (0..FIGURES.len()).filter(|at| figure.is_none_or(|own| own == FIGURES[*at])).collect();
    let decimals = currency::decimals(book.config.currency());
    let mut events: BTreeMap<_, (Vec<Cell>, Sums, Cell)> = BTreeMap::new();
    let mut total = Sums::default();
    let left_out = each_change(book, params, &filter, &by, |change| {
        if !change.keys.starts_with(&keys) {
            return;
        }
        total.take(change.is_before, change.moved);
        let event = change.event;
        let told = || {
            let cells = vec![
                Cell::word(event.sort.name()),
                event.on.into(),
                Cell::Ref(event.id.clone()),
                event.about.clone().map_or(Cell::Empty, Cell::Ref),
                Cell::Ref(change.party.to_owned()),
            ];
            (cells, Sums::default(), Cell::text(place::spelled(book, &event.place)))
        };
        // What one row gives one document and takes from another of the same key is one change.
        let (_, own, _) = events.entry((event.on, event.id.clone())).or_insert_with(told);
        own.take(change.is_before, change.moved);
    });
    let mut rows = Vec::new();
    for (mut cells, own, at) in events.into_values() {
        let figures = own.figures();
        if chosen.iter().any(|at| !figures[*at].is_zero()) {
            cells.extend(chosen.iter().map(|at| exact(figures[*at], decimals)));
            cells.push(at);
            rows.push(Row::Data(cells));
        }
    }
    let sums = total.figures();
    let sums = chosen.iter().map(|at| Cell::Money(round(sums[*at], decimals))).collect();
    add_total(&mut rows, WORDS.len(), sums);
    let named: Vec<&str> = chosen.iter().map(|at| FIGURES[*at]).collect();
    let empty = "Nothing makes this figure: it is nothing by this day.".into();
    let table = Table { key: "changes".into(), columns: columns(&WORDS, &named), rows, empty };
    let as_of = params.as_of.unwrap_or(book.today);
    let page = Page {
        key: "explain".into(),
        title: titled("Ledger", &keys),
        facts: ledger::head(book, params.period, as_of),
        tables: vec![table],
        ..Page::default()
    };
    Ok(Made { page, left_out })
}
