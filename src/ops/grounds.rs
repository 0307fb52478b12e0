//! What an approval of an order rests on, in words: each ground is one of them.
//!
//! Only what was looked at is named, and what is out of the ordinary; what is not known here is
//! said to be so.

use super::order::total_text;
use crate::{
    book::{
        Book,
        price::{self, Standing},
    },
    record::{Doc, customer::Customer, order::Order, product::Product},
    value::day::Day,
};

/// The grounds of an approval: credit, licences, stock, and what was passed over.
pub(super) fn grounds(book: &Book, order: &Doc<Order>) -> Vec<String> {
    let mut grounds = vec![total_text(book, order), licences(book, order), stock().to_owned()];
    grounds.extend(prices(book, order));
    grounds
}

/// How long the licences hold that the order's products need.
fn licences(book: &Book, order: &Doc<Order>) -> String {
    let goods = order.rec.line.iter().filter_map(|line| book.get::<Product>(&line.product));
    let needed: Vec<&str> =
        goods.filter_map(|product| product.rec.required_licence.as_deref()).collect();
    if needed.is_empty() {
        return "no licence needed".into();
    }
    let customer = book.get::<Customer>(&order.rec.customer);
    let held = customer.map(|own| own.rec.licence.as_slice()).unwrap_or_default();
    let until = |kind: &&str| -> Option<Option<Day>> {
        let covers = |paper: &&crate::record::common::Licence| {
            paper.kind == **kind || paper.scopes.iter().any(|scope| scope == *kind)
        };
        let days = held.iter().filter(covers).map(|paper| paper.expires_on);
        days.max_by_key(|day| (day.is_none(), *day))
    };
    let ends: Option<Vec<Option<Day>>> = needed.iter().map(until).collect();
    match ends.map(|ends| ends.into_iter().flatten().min()) {
        None => "not all licences on file".into(),
        Some(None) => "licence without an end".into(),
        Some(Some(day)) => format!("licence valid to {day}"),
    }
}

/// What is known of the stock: nothing, as long as no stock is kept here.
fn stock() -> &'static str {
    "stock not kept here"
}

/// Prices that are not the list's, and what is sold below its lowest price.
fn prices(book: &Book, order: &Doc<Order>) -> Vec<String> {
    let (mut agreed, mut other) = (0_usize, 0_usize);
    for line in &order.rec.line {
        let count = match price::standing(book, order, line) {
            Standing::Free | Standing::AsListed => continue,
            Standing::AsAgreed => &mut agreed,
            Standing::Differs { .. } | Standing::GivenAway | Standing::Unknown => &mut other,
        };
        *count = count.saturating_add(1);
    }
    let mut words = Vec::new();
    if agreed > 0 {
        words.push(format!("{agreed} as contracted"));
    }
    if other > 0 {
        let prices = if other == 1 { "price" } else { "prices" };
        words.push(format!("{other} {prices} with a reason"));
    }
    if order.common.overrides.iter().any(|allowed| allowed.rule == "review.floor") {
        words.push("below the lowest price by an override".into());
    }
    words
}
