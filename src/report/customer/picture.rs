//! The whole picture of a customer, as tables behind its record: papers, contacts, what waits for
//! an answer, orders by stage, what is owed, what was bought at which price.

use std::collections::BTreeMap;

use super::{
    prices,
    tables::{self, columns, table},
};
use crate::{
    book::{
        Book,
        contact::{asks, settled},
        licence, payment,
        receivable::{self, Item},
        stage::{OrderStage, order_stage},
    },
    page::{Cell, Column, Table},
    record::{Doc, contract::Side, customer::Customer, order::Order},
    report::Made,
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round, sum},
    },
};

/// Contacts that are shown of a customer, the newest.
const CONTACTS: usize = 10;

/// Adds the picture of a customer to the page of its record.
pub(in crate::report) fn picture(
    book: &Book,
    customer: &Doc<Customer>,
    as_of: Day,
    made: &mut Made,
) {
    let code = customer.id();
    let rows = book.contacts_with(code, as_of);
    let mut open = rows.clone();
    open.retain(|row| asks(row) && settled(book, row, as_of).is_none());
    let owed = receivable::items_of(book, code, Side::Sale, as_of);
    crate::report::add_new(&mut made.left_out, owed.left_out);
    let all = [
        tables::papers(&licence::papers(book, customer, as_of), true),
        tables::matters(book, &open, as_of),
        stages(book, code, as_of),
        receivables(&owed.items, as_of),
        prices::by_product(book, &prices::sold(book, code, as_of)),
        tables::contacts(&rows, CONTACTS),
    ];
    let page = &mut made.page;
    page.tables.retain(|table| table.key != "licence");
    page.tables.extend(all.into_iter().filter(|table| !table.rows.is_empty()));
    if rows.len() > CONTACTS {
        let all = rows.len();
        page.notes.push(format!(
            "the last {CONTACTS} of {all} contacts; all: desk contact list party:{code}"
        ));
    }
}

/// Orders by where they stand, with what they come to with tax.
fn stages(book: &Book, code: &str, as_of: Day) -> Table {
    let mut stages: BTreeMap<(OrderStage, &str), (i64, Decimal)> = BTreeMap::new();
    for order in book.pointing::<Order>(code) {
        let is_by_then = order.ordered_on().is_some_and(|on| on <= as_of);
        if order.rec.customer != code || !is_by_then {
            continue;
        }
        let gross = book.order_amount(order, as_of).map(|own| own.gross).unwrap_or_default();
        let key = (order_stage(book, order, as_of), payment::own_currency(book, &order.common));
        let (count, total) = stages.entry(key).or_default();
        *count = count.saturating_add(1);
        *total = add(*total, gross);
    }
    let rows = stages.into_iter().map(|((stage, own), (count, gross))| {
        let gross = round(gross, currency::decimals(own));
        vec![Cell::word(stage.name()), Cell::Int(count), Cell::Money(gross), Cell::text(own)]
    });
    let mut columns = columns(&["stage", "orders"]);
    columns.push(Column::figure("gross", &["line.price"]));
    columns.push(Column::words("currency"));
    table("stages", columns, rows.collect(), "Nothing was ordered yet.")
}

/// What is owed in each currency: all of it, what is overdue of it, and since when.
fn receivables(items: &[Item], as_of: Day) -> Table {
    let mut currencies: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in items.iter().filter(|item| !item.open.is_zero()) {
        currencies.entry(&item.currency).or_default().push(item);
    }
    let rows = currencies.into_iter().map(|(code, items)| {
        let late = || items.iter().filter(|item| item.days_overdue(as_of) > 0);
        let money = |amount: Decimal| Cell::Money(round(amount, currency::decimals(code)));
        let days = late().map(|item| item.days_overdue(as_of)).max();
        vec![
            Cell::text(code),
            money(sum(items.iter().map(|item| item.open))),
            money(sum(late().map(|item| item.open))),
            late().filter_map(|item| item.due_on).min().into(),
            days.map(|days| Cell::Int(days.into())).into(),
        ]
    });
    let mut columns = columns(&["currency"]);
    columns.push(Column::figure("open", &["line.price"]));
    columns.push(Column::figure("overdue", &["line.price"]));
    columns.push(Column::words("oldest_due_on"));
    columns.push(Column::figure("days_overdue", &[]));
    table("receivable", columns, rows.collect(), "Nothing is owed.")
}
