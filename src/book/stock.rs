//! What is here of a product by a day, as far as shipments tell: goods in, less what was sent, less
//! what open slips keep back.
//!
//! In stock units and exact. A product that never came in is not counted here, and nothing is said
//! of it rather than that there is none.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};

use super::{Book, fulfilment::line_quantity};
use crate::{
    record::{
        Doc, Kind,
        shipment::{Condition, Shipment, ShipmentKind, ShipmentLine},
        supplier::Supplier,
    },
    value::{
        day::Day,
        number::{Decimal, add, sub},
    },
};

/// What is here of a product, in stock units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stock {
    /// Came in, less what left, and what came back good.
    pub on_hand: Decimal,
    /// On open stock-out slips.
    pub reserved: Decimal,
}

impl Stock {
    /// On hand, less what is kept back.
    pub fn available(&self) -> Decimal {
        sub(self.on_hand, self.reserved)
    }
}

/// What is here of those of some products that ever came in.
pub fn of_products(book: &Book, codes: &BTreeSet<&str>, as_of: Day) -> BTreeMap<String, Stock> {
    let kept = received(book, codes, as_of);
    let mut stock: BTreeMap<String, Stock> =
        kept.iter().map(|code| ((*code).to_owned(), Stock::default())).collect();
    if kept.is_empty() {
        return stock;
    }
    let words: Vec<&str> = kept.into_iter().collect();
    for shipment in shipments(book, &words) {
        for line in &shipment.rec.line {
            if let Some(own) = stock.get_mut(&line.product) {
                moved(book, shipment, line, as_of, own);
            }
        }
    }
    stock
}

/// The products among some that came in by a day. Goods come in from suppliers, who are few.
fn received<'a>(book: &Book, codes: &BTreeSet<&'a str>, as_of: Day) -> BTreeSet<&'a str> {
    let suppliers: Vec<&str> = book.all::<Supplier>().into_iter().map(Doc::id).collect();
    let mut received = BTreeSet::new();
    for receipt in book.following_any::<Shipment>(&suppliers) {
        let is_here = receipt.rec.moved_on().is_some_and(|day| day <= as_of);
        if is_here && receipt.rec.sort() == ShipmentKind::Receipt {
            let products = receipt.rec.line.iter().map(|line| line.product.as_str());
            received.extend(products.filter_map(|product| codes.get(product)));
        }
    }
    received
}

/// The shipments that hold and may name one of these words.
fn shipments<'a>(book: &'a Book, words: &[&str]) -> impl Iterator<Item = &'a Doc<Shipment>> {
    let named = book.naming(Kind::Shipment, words).into_iter();
    named.filter_map(Doc::<Shipment>::of).filter(|own| own.counts())
}

/// What a line of a shipment did to the stock by a day.
fn moved(
    book: &Book,
    shipment: &Doc<Shipment>,
    line: &ShipmentLine,
    as_of: Day,
    stock: &mut Stock,
) {
    let (rec, sort) = (&shipment.rec, shipment.rec.sort());
    let quantity = line_quantity(book, sort, line);
    let has_moved = rec.moved_on().is_some_and(|day| day <= as_of);
    let is_known = shipment.common.date.is_none_or(|date| date <= as_of);
    let goes_back = sort == ShipmentKind::Return && rec.customer.is_none();
    let is_good = line.condition == Some(Condition::Good);
    match sort {
        ShipmentKind::Receipt if has_moved => stock.on_hand = add(stock.on_hand, quantity),
        ShipmentKind::Return if has_moved && goes_back => {
            stock.on_hand = sub(stock.on_hand, quantity);
        }
        ShipmentKind::Return if has_moved && is_good => {
            stock.on_hand = add(stock.on_hand, quantity);
        }
        _ if sort.is_outward() && has_moved => stock.on_hand = sub(stock.on_hand, quantity),
        _ if sort.is_outward() && is_known => stock.reserved = add(stock.reserved, quantity),
        _ => {}
    }
}
