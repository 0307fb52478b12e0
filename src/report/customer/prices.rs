//! What a customer bought, at which prices: history for talks, the last price of each product.

use std::collections::BTreeMap;

use crate::{
    book::{Book, payment, price, stage},
    page::{Cell, Column, Table},
    record::{Doc, order::Order, product::Product},
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round},
    },
};

use super::tables::{columns, reference, table};

/// One line that was ordered and approved.
pub(super) struct Sold<'a> {
    order: &'a Doc<Order>,
    on: Option<Day>,
    pub(super) product: &'a str,
    line: usize,
    price: Option<Decimal>,
    net: Decimal,
    quantity: Decimal,
}

/// What a customer ordered by a day, as far as it was approved, the newest first.
pub(super) fn sold<'a>(book: &'a Book, customer: &str, as_of: Day) -> Vec<Sold<'a>> {
    let mut all = Vec::new();
    for order in book.pointing::<Order>(customer) {
        let is_theirs = order.rec.customer == customer && !order.rec.is_quote();
        if !is_theirs || !stage::was_approved(book, order, as_of) {
            continue;
        }
        let facts = book.order_facts(order).unwrap_or_default();
        for (at, line) in order.rec.line.iter().enumerate() {
            let own = facts.iter().filter(|fact| fact.line == line.no && fact.on <= as_of);
            let (mut net, mut quantity) = (Decimal::ZERO, Decimal::ZERO);
            for fact in own {
                net = add(net, fact.amount.net);
                quantity = add(quantity, fact.quantity);
            }
            let price = price::effective(book, order, line).filter(|_| line.is_billable());
            let on = order.ordered_on();
            all.push(Sold { order, on, product: &line.product, line: at, price, net, quantity });
        }
    }
    all.sort_by(|one, other| (other.on, other.order.id()).cmp(&(one.on, one.order.id())));
    all
}

/// The lines of some products, or of all, the newest first.
pub(super) fn history(book: &Book, sold: &[Sold<'_>], most: usize) -> Table {
    let row = |own: &Sold<'_>| {
        let line = &own.order.rec.line[own.line];
        let stock = book.get::<Product>(own.product).and_then(|product| product.rec.unit.clone());
        let free = line.free_reason.map(|reason| Cell::word(reason.name()));
        vec![
            own.on.into(),
            Cell::Ref(own.order.id().into()),
            Cell::Ref(own.product.into()),
            Cell::Quantity(line.qty.get()),
            line.unit.clone().or(stock).into(),
            own.price.map_or(Cell::Empty, Cell::Money),
            Cell::text(payment::own_currency(book, &own.order.common)),
            reference(own.order.rec.contract.as_deref()),
            free.into(),
        ]
    };
    let mut columns = columns(&["ordered_on", "order", "product"]);
    columns.push(Column::figure("qty", &[]));
    columns.push(Column::words("unit"));
    columns.push(Column::figure("price", &["line.price"]));
    columns.extend(["currency", "contract", "free_reason"].map(Column::words));
    let rows = sold.iter().take(most).map(row).collect();
    table("prices", columns, rows, "Nothing was bought yet.")
}

/// What was bought of each product, and at which price last; the list beside it.
pub(super) fn by_product(book: &Book, sold: &[Sold<'_>]) -> Table {
    let mut products: BTreeMap<(&str, &str), Vec<&Sold<'_>>> = BTreeMap::new();
    for own in sold {
        let code = payment::own_currency(book, &own.order.common);
        products.entry((own.product, code)).or_default().push(own);
    }
    let mut rows = Vec::new();
    for ((code, own_currency), lines) in products {
        let product = book.get::<Product>(code);
        let last = lines.iter().find(|own| own.price.is_some_and(|price| !price.is_zero()));
        let (mut net, mut quantity, mut orders) = (Decimal::ZERO, Decimal::ZERO, Vec::new());
        for own in &lines {
            net = add(net, own.net);
            quantity = add(quantity, own.quantity);
            orders.push(own.order.id());
        }
        orders.sort_unstable();
        orders.dedup();
        rows.push(vec![
            Cell::Ref(code.into()),
            product.map(|own| own.rec.name.clone()).into(),
            Cell::Int(i64::try_from(orders.len()).unwrap_or(i64::MAX)),
            crate::report::quantity(quantity),
            product.and_then(|own| own.rec.unit.clone()).into(),
            Cell::Money(round(net, currency::decimals(own_currency))),
            Cell::text(own_currency),
            lines.first().and_then(|own| own.on).into(),
            last.and_then(|own| own.price).map_or(Cell::Empty, Cell::Money),
            last.and_then(|own| own.order.rec.line[own.line].unit.clone())
                .or_else(|| product.and_then(|own| own.rec.unit.clone()))
                .into(),
            product.and_then(|own| own.rec.list_price).map(|own| Cell::Money(own.get())).into(),
        ]);
    }
    let mut columns = columns(&["product", "product_name", "orders"]);
    columns.push(Column::figure("qty", &[]));
    columns.push(Column::words("unit"));
    columns.push(Column::figure("net", &["line.price"]));
    columns.extend(["currency", "last_on"].map(Column::words));
    columns.push(Column::figure("last_price", &["line.price"]));
    columns.push(Column::words("price_unit"));
    columns.push(Column::figure("list_price", &["list_price"]));
    table("products", columns, rows, "Nothing was bought yet.")
}
