//! How far an order is, line by line: ordered, delivered, invoiced, collected.
//!
//! For whoever is asked by the customer. Quantities are in each line's own unit, less what was
//! closed; money is with tax, in the order's currency.

use crate::{
    book::{
        Book,
        fulfilment::{self, Line},
        payment,
    },
    page::{Cell, Column, Row, Table},
    record::{Doc, order::Order},
    value::{
        currency,
        day::Day,
        number::{Decimal, MAX_DECIMALS, round},
    },
};

/// The lines of an order as far as they are by a day; nothing of one that does not hold or is only
/// offered.
pub(super) fn of_lines(book: &Book, order: &Doc<Order>, as_of: Day) -> Option<Table> {
    if !order.counts() || order.rec.is_quote() || order.rec.line.is_empty() {
        return None;
    }
    let whole = fulfilment::of_order(book, order, as_of);
    let collected = fulfilment::collected(book, order, as_of);
    let decimals = currency::decimals(payment::own_currency(book, &order.common));
    let row = |line: &Line<'_>| {
        let units = |stock: Decimal| {
            let units = stock.checked_div(line.factor).unwrap_or(stock);
            Cell::Quantity(round(units, MAX_DECIMALS).normalize())
        };
        let money = collected.get(&line.line.no).copied().unwrap_or_default();
        Row::Data(vec![
            Cell::Int(line.line.no.into()),
            Cell::Ref(line.line.product.clone()),
            line.line.unit.as_deref().into(),
            units(line.ordered),
            units(line.delivered()),
            units(line.to_ship()),
            units(line.moved.invoiced),
            units(line.to_invoice()),
            Cell::Money(round(money, decimals)),
        ])
    };
    let figures = ["ordered", "delivered", "to_ship", "invoiced", "to_invoice", "collected"];
    let words = [Column::figure("no", &[]), Column::words("product"), Column::words("unit")];
    Some(Table {
        key: "progress".into(),
        columns: words.into_iter().chain(figures.map(|key| Column::figure(key, &[]))).collect(),
        rows: whole.lines.iter().map(row).collect(),
        empty: String::new(),
    })
}
