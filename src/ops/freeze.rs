//! Freezing defaults: what customers, contracts and products say on the day is copied onto the
//! order, so that a later change of a master never rewrites the past.

use std::ops::RangeFrom;

use serde_json::{Map, Value};

use crate::{
    book::Book,
    record::{
        Doc, Kind,
        change::Edit,
        customer::Customer,
        order::{Order, OrderLine},
        product::Product,
    },
    value::{currency, number::Money, place::KeyPath},
};

const KIND: Kind = Kind::Order;

/// Puts the customer's and the company's values onto a new order where it says nothing itself. Its
/// currency among them decides on prices, so lines are frozen after it.
pub(super) fn freeze_head(book: &Book, doc: &Doc<Order>, order: &mut Map<String, Value>) {
    for (key, held) in frozen_fields(book, doc) {
        order.entry(key).or_insert(held);
    }
}

/// Puts the contract's and products' values onto the lines of a new order where they say nothing
/// themselves; a price is written with the decimals of its currency.
pub(super) fn freeze_lines(book: &Book, doc: &Doc<Order>, order: &mut Map<String, Value>) {
    let code = order.get("currency").and_then(Value::as_str).unwrap_or(book.config.currency());
    let decimals = currency::decimals(code);
    let Some(lines) = order.get_mut("line").and_then(Value::as_array_mut) else { return };
    for (line, block) in doc.rec.line.iter().zip(lines) {
        let Some(block) = block.as_object_mut() else { continue };
        for (key, held) in frozen_line(book, doc, line) {
            block.entry(key).or_insert(held);
        }
        let price =
            block.get("price").and_then(Value::as_str).and_then(|text| Money::parse(text).ok());
        if let Some(mut price) = price.map(Money::get).filter(|price| price.scale() < decimals) {
            price.rescale(decimals);
            block.insert("price".into(), price.to_string().into());
        }
    }
}

/// What an order takes from its customer and the company, of what it does not say itself.
fn frozen_fields(book: &Book, doc: &Doc<Order>) -> Vec<(String, Value)> {
    let customer = book.get::<Customer>(&doc.rec.customer);
    let theirs = customer.map(|customer| &customer.common);
    let mut frozen: Vec<(String, Value)> = Vec::new();
    let mut put = |key: &str, missing: bool, held: Option<Value>| {
        if let Some(held) = held.filter(|_| missing) {
            frozen.push((key.to_owned(), held));
        }
    };
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let common = &doc.common;
    put("staff", common.staff.is_none(), theirs.and_then(|own| text(&own.staff)));
    put("district", common.district.is_none(), theirs.and_then(|own| text(&own.district)));
    let alone = common.staff.is_none() && common.team.is_empty();
    let team = theirs.filter(|own| !own.team.is_empty());
    put("team", alone, team.and_then(|own| serde_json::to_value(&own.team).ok()));
    let foreign =
        theirs.and_then(|own| own.currency.clone()).filter(|code| code != book.config.currency());
    put("currency", common.currency.is_none(), foreign.map(Value::from));
    let days = customer.and_then(|customer| customer.rec.credit_days);
    let days = days.or(book.config.defaults.credit_days);
    put("credit_days", doc.rec.credit_days.is_none(), days.map(Value::from));
    let method = customer.and_then(|customer| text(&customer.rec.delivery_method));
    put("delivery_method", doc.rec.delivery_method.is_none(), method);
    let basis = book.basis(doc.rec.prices_include_tax, None);
    let missing = doc.rec.prices_include_tax.is_none();
    put("prices_include_tax", missing, Some(basis.prices_include_tax.into()));
    frozen
}

/// What a line takes from its contract and product.
fn frozen_line(book: &Book, doc: &Doc<Order>, line: &OrderLine) -> Vec<(String, Value)> {
    let found = book.priced(doc, line);
    let product = book.get::<Product>(&line.product);
    let stock_unit = product.and_then(|product| product.rec.unit.clone());
    let mut frozen = Vec::new();
    let mut put = |key: &str, missing: bool, held: Option<Value>| {
        if let Some(held) = held.filter(|_| missing) {
            frozen.push((key.to_owned(), held));
        }
    };
    let other_unit = line.unit.is_some() && line.unit != stock_unit;
    let factor = found.factor.map(|factor| Value::from(factor.normalize().to_string()));
    put("unit", line.unit.is_none(), stock_unit.map(Value::from));
    put("unit_factor", line.unit_factor.is_none() && other_unit, factor);
    put("price", line.price.is_none(), found.price.map(|price| price.to_string().into()));
    put("tax_rate", line.tax_rate.is_none(), Some(found.tax_rate.to_string().into()));
    frozen
}

/// The edits that freeze what an order written elsewhere left to the masters.
pub(super) fn freeze_edits(book: &Book, doc: &Doc<Order>) -> Vec<Edit> {
    let set = |path: KeyPath, value: Value| Edit::Set {
        kind: KIND,
        id: doc.id().to_owned(),
        path,
        value,
    };
    let mut edits = Vec::new();
    for (key, value) in frozen_fields(book, doc) {
        // An order that was written without a currency is in the company's, whoever ordered.
        if key == "currency" {
            continue;
        }
        match value {
            Value::Array(blocks) => {
                for block in blocks.into_iter().filter_map(|block| block.as_object().cloned()) {
                    edits.push(Edit::Push {
                        kind: KIND,
                        id: doc.id().to_owned(),
                        key: key.clone(),
                        block,
                    });
                }
            }
            value => edits.push(set(KeyPath::key(key), value)),
        }
    }
    edits.extend(freeze_line_edits(book, doc, 0..));
    edits
}

/// The same of some of its lines only, by their places.
pub(super) fn freeze_line_edits(
    book: &Book,
    doc: &Doc<Order>,
    places: RangeFrom<usize>,
) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (at, line) in doc.rec.line.iter().enumerate().filter(|(at, _)| places.contains(at)) {
        for (key, value) in frozen_line(book, doc, line) {
            let path = KeyPath::key("line").nth(at).then(key);
            edits.push(Edit::Set { kind: KIND, id: doc.id().to_owned(), path, value });
        }
    }
    edits
}
