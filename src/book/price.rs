//! Prices held against the list, the contract and the floor.
//!
//! Compared is what one unit really costs the customer, discounts included, at the decimals of the
//! order's currency. List and floor are per stock unit, in base currency, with or without tax as
//! the company's prices are; they are brought to the line's unit, the order's currency and its way
//! with tax first.

#![deny(clippy::arithmetic_side_effects)]

use super::{Book, fulfilment};
use crate::{
    record::{
        Doc,
        amount::{self, Priced},
        order::{Order, OrderLine},
        product::Product,
        shipment::{Shipment, ShipmentLine},
    },
    value::{
        currency,
        number::{Decimal, MAX_DECIMALS, add, round, sum},
    },
};

/// How a line's price stands to the list and the contract.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// The line is free.
    Free,
    /// It has a price and is not billed, and nothing says why.
    GivenAway,
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
    let mut price = round(value.checked_div(priced.qty)?, MAX_DECIMALS).normalize();
    if price.scale() < terms.basis.decimals {
        price.rescale(terms.basis.decimals);
    }
    Some(price)
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

/// What a line comes to as priced, and what it would come to at another price of its unit, both at
/// the currency's decimals.
fn beside(
    book: &Book,
    order: &Doc<Order>,
    line: &OrderLine,
    price: Decimal,
) -> Option<(Decimal, Decimal)> {
    let terms = book.terms(order)?;
    let at = order.rec.line.iter().position(|other| other.no == line.no)?;
    let priced = terms.lines.get(at)?.priced;
    let decimals = terms.basis.decimals;
    let plain =
        Priced { price, discount_pct: Decimal::ZERO, discount_amount: Decimal::ZERO, ..priced };
    Some((amount::line_value(&priced, decimals)?, amount::line_value(&plain, decimals)?))
}

/// Whether a line comes to less than it would at the lowest price; exact, whatever one unit rounds
/// to.
pub fn is_below_floor(book: &Book, order: &Doc<Order>, line: &OrderLine) -> bool {
    let floor = floor(book, order, line).and_then(|floor| beside(book, order, line, floor));
    floor.is_some_and(|(value, lowest)| value < lowest)
}

/// How a line's price stands to the contract and the list; what counts is what the whole line comes
/// to.
pub fn standing(book: &Book, order: &Doc<Order>, line: &OrderLine) -> Standing {
    let is_worthless = effective(book, order, line).is_some_and(|price| price.is_zero());
    if line.qty.get().is_zero() || line.free_reason.is_some() {
        return Standing::Free;
    }
    if !line.is_billable() {
        return if is_worthless { Standing::Free } else { Standing::GivenAway };
    }
    let same = |price: Decimal| {
        beside(book, order, line, price).is_some_and(|(value, other)| value == other)
    };
    let found = book.priced(order, line);
    let agreed =
        found.factor.and_then(|factor| book.agreed_price(order, line, found.tax_rate, factor));
    if let Some(agreed) = agreed {
        return match same(agreed) {
            true => Standing::AsAgreed,
            false => Standing::Differs { standard: agreed, source: "in the contract" },
        };
    }
    let listed = book.get::<Product>(&line.product).and_then(|product| product.rec.list_price);
    match listed.and_then(|listed| brought(book, order, line, listed.get())) {
        None => Standing::Unknown,
        Some(listed) if same(listed) => Standing::AsListed,
        Some(listed) => Standing::Differs { standard: listed, source: "in the list" },
    }
}

/// What an order comes to with tax, in base currency.
pub fn base_gross(book: &Book, order: &Doc<Order>) -> Option<Decimal> {
    let facts = book.order_facts(order).ok()?;
    let gross = sum(facts.iter().map(|fact| fact.amount.gross));
    let rate = facts.first().map_or(Decimal::ONE, |fact| fact.exchange_rate);
    Some(round(gross.checked_mul(rate)?, currency::decimals(book.config.currency())))
}

/// What is decided on with an order, in base currency: what it comes to with tax, and what is given
/// away with it as listed.
pub fn at_stake(book: &Book, order: &Doc<Order>) -> Option<Decimal> {
    let terms = book.terms(order)?;
    let basis = terms.basis;
    let listed = order.rec.line.iter().zip(&terms.lines).filter_map(|(line, found)| {
        let list = book.get::<Product>(&line.product).filter(|_| !line.is_billable())?;
        let price = brought(book, order, line, list.rec.list_price?.get())?;
        let (discount_pct, discount_amount) = (Decimal::ZERO, Decimal::ZERO);
        let plain = Priced { price, discount_pct, discount_amount, ..found.priced };
        Some(amount::amounts(&[plain], basis)?.first()?.gross)
    });
    let given = sum(listed).checked_mul(terms.exchange_rate)?;
    let given = round(given, currency::decimals(book.config.currency()));
    Some(add(base_gross(book, order)?, given))
}

/// What the goods of a shipment come to with tax, in base currency: each line in proportion to the
/// order line it is for. What is for no order comes to nothing.
pub fn base_gross_of_shipment(book: &Book, shipment: &Doc<Shipment>) -> Option<Decimal> {
    let (mut gross, sort) = (Decimal::ZERO, shipment.rec.sort());
    for id in shipment.rec.orders() {
        let Some(order) = book.get::<Order>(id) else { continue };
        let part = fulfilment::part_of(book, order, book.today, |line| {
            let of_line = |own: &&ShipmentLine| {
                own.order.as_deref() == Some(id) && own.order_line == Some(line.line.no)
            };
            let own = shipment.rec.line.iter().filter(of_line);
            sum(own.map(|own| fulfilment::line_quantity(book, sort, own)))
        });
        let rate = book.exchange_rate(&order.common)?;
        gross = add(gross, part.ok()?.gross.checked_mul(rate)?);
    }
    Some(round(gross, currency::decimals(book.config.currency())))
}
