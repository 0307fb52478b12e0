//! A customer's papers, and why it may or may not buy products on a day.

use super::{found, tables, titled};
use crate::{
    book::{
        Book,
        licence::{self, asked},
    },
    error::Result,
    page::{Cell, Page},
    record::{Doc, common::Stage, customer::Customer, product::Product},
    report::Made,
    value::day::Day,
};

/// The papers of a customer; without one, all that run out or wait to be verified.
pub fn licences(book: &Book, customer: Option<&str>, as_of: Day) -> Result<Made> {
    let mut page = Page {
        key: "customer-licence".into(),
        title: "Papers that run out or wait to be verified".into(),
        facts: vec![("as_of".into(), as_of.into())],
        ..Page::default()
    };
    let Some(code) = customer else {
        page.tables = vec![tables::papers(&licence::open_papers(book, as_of), false)];
        return Ok(Made { page, left_out: Vec::new() });
    };
    let customer = found(book, code)?;
    let papers = licence::papers(book, customer, as_of);
    page.title = titled(customer, "papers");
    let unseen = papers.iter().find(|own| own.state == licence::State::Unverified);
    if let Some(own) = unseen {
        let place = own.no.to_string();
        let which = own.paper.number.as_deref().unwrap_or(&place);
        let command = format!("desk customer licence {code} --verify {which}");
        page.facts.push(("next".into(), Cell::text(command)));
    }
    page.tables = vec![tables::papers(&papers, true)];
    Ok(Made { page, left_out: Vec::new() })
}

/// Why a customer may or may not buy products on a day: what the gates of review ask about who it
/// is, its papers and its people. Without products, what is asked of any.
pub fn legal(book: &Book, code: &str, products: &[String], as_of: Day) -> Result<Made> {
    let customer = found(book, code)?;
    let wanted: Vec<&Doc<Product>> =
        products.iter().filter_map(|own| book.get::<Product>(own)).collect();
    let mut rows = vec![standing(customer)];
    rows.extend(wanted.iter().map(|product| sold(product)));
    for own in asked(customer, &wanted, as_of) {
        let said = own.lacking.map(|own| own.message);
        rows.push(row(own.what, own.met_by, said));
    }
    let is_legal = rows.iter().all(|row| row[1] == Cell::word("met"));
    let names = wanted.iter().map(|own| format!("{} {}", own.id(), own.rec.name));
    let names: Vec<String> = names.collect();
    let facts = vec![
        ("as_of".into(), as_of.into()),
        ("products".into(), Cell::List(names)),
        ("may_buy".into(), Cell::Bool(is_legal)),
    ];
    let verdict = match (is_legal, wanted.is_empty()) {
        (true, true) => "may buy what needs no licence of its own (name products to see)",
        (true, false) => "may buy",
        (false, _) => "may not buy",
    };
    let keys = ["asked", "state", "why"];
    let page = Page {
        key: "customer-legal".into(),
        title: titled(customer, verdict),
        facts,
        tables: vec![tables::table("asked", tables::columns(&keys), rows, "Nothing is asked.")],
        notes: vec!["credit, prices and stock are judged when an order is reviewed".into()],
        ..Page::default()
    };
    Ok(Made { page, left_out: Vec::new() })
}

/// That the customer is one we sell to, as `review.customer` asks.
fn standing(customer: &Doc<Customer>) -> Vec<Cell> {
    let stage = customer.rec.stage.unwrap_or(Stage::Active);
    let what = "active customer".to_owned();
    match (customer.counts(), stage) {
        (true, Stage::Active) => row(what, Some("active".into()), None),
        (true, stage) => row(what, None, Some(format!("{} is {}", customer.id(), stage.name()))),
        (false, _) => row(what, None, Some(format!("{} is void", customer.id()))),
    }
}

/// That a product is sold, as `review.product` asks.
fn sold(product: &Doc<Product>) -> Vec<Cell> {
    let what = format!("{} is sold", product.id());
    match product.counts() && product.rec.active != Some(false) {
        true => row(what, Some(product.rec.name.clone()), None),
        false => row(what, None, Some(format!("{} is not sold any more", product.id()))),
    }
}

/// One thing asked: met by something, or not, and then why.
fn row(what: String, met_by: Option<String>, lacking: Option<String>) -> Vec<Cell> {
    let state = if met_by.is_some() { "met" } else { "lacking" };
    let why = met_by.or(lacking).unwrap_or_else(|| "the paper for it does not count".into());
    vec![Cell::text(what), Cell::word(state), Cell::text(why)]
}
