//! What an approval of an order rests on, in words: each ground is one of them.
//!
//! Only what was looked at is named, and what is out of the ordinary; what is not known here is
//! said to be so.

use std::collections::BTreeMap;

use crate::{
    book::{
        Book, contract, fulfilment,
        price::{self, Standing},
        stock,
    },
    record::{
        Doc,
        contract::Contract,
        order::{Order, OrderLine},
    },
    rules::credit,
    value::number::{Decimal, add, grouped},
};

/// The grounds of an approval: credit, licences, stock, and what was passed over.
pub(super) fn grounds(book: &Book, order: &Doc<Order>) -> Vec<String> {
    let mut grounds = vec![credit::words(book, order)];
    grounds.extend(stock(book, order));
    grounds.extend(prices(book, order));
    grounds.extend(overdrawn(book, order));
    grounds
}

/// What the order draws of its contract beyond what was contracted, line by line, and whether that is
/// beyond the allowance, too.
fn overdrawn(book: &Book, order: &Doc<Order>) -> Vec<String> {
    let contract = order.rec.contract.as_deref().and_then(|id| book.get::<Contract>(id));
    let Some(contract) = contract else { return Vec::new() };
    let mut lines = contract::lines_of(book, vec![contract], book.today).lines;
    lines.retain(|own| order.rec.line.iter().any(|line| line.contract_line == Some(own.no)));
    let words = lines.iter().filter_map(|own| {
        let whole = own.contracted.filter(|whole| own.consumed > *whole)?;
        let (whole, used) = (grouped(whole.normalize()), grouped(own.consumed.normalize()));
        let limit = if own.is_overdrawn() { "" } else { ", inside the allowance" };
        Some(format!("{} overdrawn: {used} ordered of {whole} contracted{limit}", own.product))
    });
    words.collect()
}

/// Whether what is to leave is here, of the products whose stock is known.
fn stock(book: &Book, order: &Doc<Order>) -> Option<String> {
    let whole = fulfilment::of_order(book, order, book.today);
    let mut wanted: BTreeMap<&str, Decimal> = BTreeMap::new();
    for line in whole.lines.iter().filter(|line| line.to_slip() > Decimal::ZERO) {
        let sum = wanted.entry(&line.line.product).or_default();
        *sum = add(*sum, line.to_slip());
    }
    if wanted.is_empty() {
        return None;
    }
    let held = stock::of_products(book, &wanted.keys().copied().collect(), book.today);
    let short = wanted.iter().filter_map(|(code, wanted)| {
        let available = held.get(*code)?.available();
        let words = || format!("{code} {} of {}", available.max(Decimal::ZERO), wanted.normalize());
        (available < *wanted).then(words)
    });
    let short: Vec<String> = short.collect();
    Some(match held.len() {
        _ if !short.is_empty() => format!("stock short: {}", short.join(", ")),
        0 => "stock not kept here".to_owned(),
        known if known < wanted.len() => "stock available as far as kept here".to_owned(),
        _ => "stock available".to_owned(),
    })
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
    let is_below =
        |line: &OrderLine| line.is_billable() && price::is_below_floor(book, order, line);
    if order.rec.line.iter().any(is_below) {
        words.push("below the lowest price by an override".into());
    }
    words
}
