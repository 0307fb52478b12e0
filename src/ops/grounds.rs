//! What an approval of an order rests on, in words: each ground is one of them.
//!
//! Only what was looked at is named, and what is out of the ordinary; what is not known here is
//! said to be so.

use crate::{
    book::{
        Book,
        price::{self, Standing},
    },
    record::{Doc, order::Order},
    rules::credit,
};

/// The grounds of an approval: credit, licences, stock, and what was passed over.
pub(super) fn grounds(book: &Book, order: &Doc<Order>) -> Vec<String> {
    let mut grounds = vec![credit::words(book, order), stock().to_owned()];
    grounds.extend(prices(book, order));
    grounds
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
