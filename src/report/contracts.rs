//! `report contracts`: the fulfilment list over all contracts, and what was signed and performed by
//! month, quarter, year, customer, staff or district.

mod letter;
mod statistics;
mod tables;

use super::{Made, Params, Report, period_cell, revised::revised_since};
use crate::{
    book::{
        Book,
        contract::fulfil::{Fulfilled, fulfilled},
    },
    error::Result,
    filter::Filter,
    page::{Cell, Page},
    record::{Doc, Entry, Kind, contract::Contract},
    value::day::Day,
};

pub use letter::letter;

pub(super) const REPORT: Report = Report {
    name: "contracts",
    about: "the fulfilment list of contracts, and what was signed and performed, each with its running total",
    by: statistics::KEYS,
    basis: &[],
    compare: &[],
    filters: &["party", "side", "staff", "district"],
    example: "desk report contracts -p 2026 --by quarter side:sale",
    run,
};

const BASIS: &str = "ordered, shipped, invoiced and collected by the as-of day, with tax, in each contract's \
     currency; shipped is less what came back, invoiced less what was credited; collected is money on its invoices and money kept for it or its orders (earmarked); on a purchase \
     shipped is what arrived, collected what we paid";

fn run(book: &Book, params: &Params) -> Result<Made> {
    let as_of = params.as_of.unwrap_or(book.today);
    let filter = super::filter(book, params, Kind::Contract.fields())?;
    let found = fulfilled(book, None, as_of);
    let mut shown = found.contracts;
    let known: Vec<&Doc<Contract>> =
        shown.iter().map(|own| own.contract).filter(|own| is_wanted(&filter, own)).collect();
    shown.retain(|own| {
        let signed = crate::book::contract::signed_on(own.contract);
        signed.is_some_and(|day| params.period.contains(day)) && is_wanted(&filter, own.contract)
    });
    let facts = vec![
        ("basis".into(), Cell::text(format!("contracts signed in the period; {BASIS}"))),
        ("period".into(), period_cell(params.period)),
        ("as_of".into(), as_of.into()),
        ("statistics".into(), Cell::text(statistics::ABOUT)),
    ];
    let by = if params.by.is_empty() { vec!["month".to_owned()] } else { params.by.clone() };
    let asked = statistics::Asked { contracts: &known, period: params.period, as_of, by: &by };
    let mut left_out = found.left_out;
    let statistics = statistics::table(book, &asked, &mut left_out);
    let tables = vec![
        tables::contracts(book, &shown, as_of),
        tables::lines(book, &shown, as_of),
        statistics,
    ];
    let notes = revised_since(book, shown.iter().map(entry), as_of).into_iter().collect();
    let page = Page { title: "Contracts".into(), facts, tables, notes, ..Page::default() };
    Ok(Made { page, left_out })
}

fn entry<'a>(own: &Fulfilled<'a>) -> &'a dyn Entry {
    own.contract
}

fn is_wanted(filter: &Filter, contract: &Doc<Contract>) -> bool {
    let entry: &dyn Entry = contract;
    let mut value = entry.value();
    value.entry("side").or_insert_with(|| "sale".into());
    filter.terms.is_empty() || filter.matches(&serde_json::Value::Object(value))
}

/// `contract fulfil`: the fulfilment list of some contracts, or of all, with their instalments and
/// obligations.
pub fn fulfilment(
    book: &Book,
    contracts: Option<Vec<&Doc<Contract>>>,
    as_of: Option<Day>,
) -> Result<Made> {
    let as_of = as_of.unwrap_or(book.today);
    let one = contracts.as_ref().filter(|asked| asked.len() == 1).and_then(|asked| asked.first());
    let title = one.map_or_else(
        || "Contract fulfilment".to_owned(),
        |own| format!("Contract fulfilment: {}  {}", own.id(), own.names().join(" ")),
    );
    let found = fulfilled(book, contracts, as_of);
    let shown = &found.contracts;
    let facts = vec![
        ("basis".into(), Cell::text(BASIS)),
        ("as_of".into(), as_of.into()),
        (
            "due_dates".into(),
            Cell::text(
                "an instalment's own day, else days after its event, of what is invoiced by invoice; without \
                 the event it is not due; late is what money kept for it leaves",
            ),
        ),
    ];
    let tables = vec![
        tables::contracts(book, shown, as_of),
        tables::lines(book, shown, as_of),
        tables::instalments(book, shown, as_of),
        tables::obligations(shown, as_of),
        tables::amendments(shown),
    ];
    let notes = revised_since(book, shown.iter().map(entry), as_of);
    let notes = notes.into_iter().collect();
    let page = Page { key: "fulfilment".into(), title, facts, tables, notes, ..Page::default() };
    Ok(Made { page, left_out: found.left_out })
}
