//! Prices held against the list, the contract and the floor.
//!
//! Compared is what one unit really costs the customer, discounts included, at the decimals of the order's currency. List
//! and floor are per stock unit, in base currency, with or without tax as the company's prices are; they are brought to the
//! line's unit, the order's currency and its way with tax first.

use super::Book;
use crate::{
    record::{
        Doc, amount,
        order::{Order, OrderLine},
        product::Product,
    },
    value::number::{Decimal, round, sum},
};

/// How a line's price stands to the list and the contract.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// The line is free.
    Free,
    /// It is the contract's.
    AsAgreed,
    /// It is the list's.
    AsListed,
    /// It is neither.
    Differs {
        /// The price it should be.
        standard: Decimal,
        /// Where that stands.
        source: &'static str,
    },
    /// There is nothing to hold it against.
    Unknown,
}

/// What one unit costs the customer, discounts included.
pub fn effective(book: &Book, order: &Doc<Order>, line: &OrderLine) -> Option<Decimal> {
    let terms = book.terms(order)?;
    let at = order.rec.line.iter().position(|other| other.no == line.no)?;
    let priced = terms.lines.get(at)?.priced;
    let value = amount::line_value(&priced, terms.basis.decimals)?;
    let plain = priced.discount_pct.is_zero() && priced.discount_amount.is_zero();
    if plain || priced.qty.is_zero() {
        return Some(priced.price);
    }
    Some(round(value.checked_div(priced.qty)?, terms.basis.decimals))
}

/// A price of the product, brought to the line's unit, currency and way with tax.
fn brought(book: &Book, order: &Doc<Order>, line: &OrderLine, price: Decimal) -> Option<Decimal> {
    let found = book.priced(order, line);
    book.brought(order, price, found.tax_rate, found.factor?)
}

/// The lowest price of a line's unit, if one is known here.
pub fn floor(book: &Book, order: &Doc<Order>, line: &OrderLine) -> Option<Decimal> {
    let floor = book.get::<Product>(&line.product)?.rec.min_price?;
    brought(book, order, line, floor.get())
}

/// How a line's price stands to the contract and the list.
pub fn standing(book: &Book, order: &Doc<Order>, line: &OrderLine) -> Standing {
    if !line.is_billable() || line.qty.get().is_zero() {
        return Standing::Free;
    }
    let Some(price) = effective(book, order, line) else { return Standing::Unknown };
    let factor = book.priced(order, line).factor;
    if let Some(agreed) = factor.and_then(|factor| book.agreed_price(order, line, factor)) {
        return match price == agreed {
            true => Standing::AsAgreed,
            false => Standing::Differs { standard: agreed, source: "in the contract" },
        };
    }
    let listed = book.get::<Product>(&line.product).and_then(|product| product.rec.list_price);
    match listed.and_then(|listed| brought(book, order, line, listed.get())) {
        None => Standing::Unknown,
        Some(listed) if listed == price => Standing::AsListed,
        Some(listed) => Standing::Differs { standard: listed, source: "in the list" },
    }
}

/// What an order comes to with tax, in base currency.
pub fn base_gross(book: &Book, order: &Doc<Order>) -> Option<Decimal> {
    let facts = book.order_facts(order).ok()?;
    let gross = sum(facts.iter().map(|fact| fact.amount.gross));
    let rate = facts.first().map_or(Decimal::ONE, |fact| fact.exchange_rate);
    Some(round(gross.checked_mul(rate)?, 2))
}
