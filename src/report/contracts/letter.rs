//! `contract feedback`: a letter to the other party on where their contract stands.

use super::tables;
use crate::{
    book::{Book, contract::fulfil::fulfilled, derived::party_name, payment::own_currency},
    error::Result,
    page::{Cell, Page},
    record::{Doc, Entry, contract::Contract},
    report::Made,
    value::{currency, day::Day, number::round},
};

/// What the party is told of its contract: goods line by line, money by instalment, what is promised.
pub fn letter(book: &Book, contract: &Doc<Contract>, as_of: Option<Day>) -> Result<Made> {
    let as_of = as_of.unwrap_or(book.today);
    let found = fulfilled(book, Some(vec![contract]), as_of);
    let mut facts = vec![
        ("to".into(), party_name(book, &contract.rec.party).into()),
        ("contract".into(), Cell::Ref(contract.id().into())),
        ("title".into(), contract.rec.title.clone().into()),
        ("signed_on".into(), contract.rec.signed_on.into()),
        ("as_of".into(), as_of.into()),
    ];
    let company = &book.config.company;
    let own = [("from", &company.name), ("phone", &company.phone), ("bank", &company.bank)];
    let own = own.into_iter().chain([("account", &company.account)]);
    facts.extend(own.map(|(key, word)| (key.to_owned(), word.clone().into())));
    facts.retain(|(_, cell)| *cell != Cell::Empty);
    let shown = &found.contracts;
    let code = own_currency(book, &contract.common);
    facts.push(("currency".into(), Cell::text(code)));
    let ahead = shown.iter().map(|own| own.earmarked).find(|held| !held.is_zero());
    facts.extend(ahead.map(|held| {
        let held = Cell::Money(round(held, currency::decimals(code)));
        ("paid_ahead".to_owned(), held)
    }));
    let mut goods = tables::lines(book, shown, as_of);
    let told = [
        "line",
        "product",
        "product_name",
        "due_on",
        "contracted_qty",
        "shipped_qty",
        "returned_qty",
        "invoiced_qty",
        "contracted",
        "invoiced",
        "collected",
        "receivable",
    ];
    let chosen = goods.select(&told.map(str::to_owned));
    debug_assert!(chosen.is_ok(), "the columns are those of the list");
    let mut money = tables::instalments(book, shown, as_of);
    let told = ["no", "name", "amount", "due_on", "settled", "open", "late_days"];
    let chosen = money.select(&told.map(str::to_owned));
    debug_assert!(chosen.is_ok(), "the columns are those of the list");
    let mut promised = tables::obligations(shown, as_of);
    let chosen = promised.select(&["text", "due_on", "done_on"].map(str::to_owned));
    debug_assert!(chosen.is_ok(), "the columns are those of the list");
    let mut tables = vec![goods, money, promised];
    tables.retain(|table| table.key == "lines" || !table.rows.is_empty());
    let names = contract.names().join(" ");
    let page = Page {
        key: "contract_feedback".into(),
        title: format!("{}  {names}", contract.id()),
        facts,
        tables,
        ..Page::default()
    };
    Ok(Made { page, left_out: found.left_out })
}
