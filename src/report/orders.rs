//! `report orders`: the backlog, by stage and age.

use std::collections::BTreeMap;

use super::{Made, Params, Report, period_cell};
use crate::{
    book::{
        Book, fulfilment,
        stage::{OrderStage, order_stage},
    },
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    record::{Doc, customer::Customer, order::Order},
    value::{
        currency,
        day::Day,
        number::{Decimal, product, round, sum},
    },
};

pub(super) const REPORT: Report = Report {
    name: "orders",
    about: "the backlog: orders not yet done, by stage and age, with what is left to ship",
    by: &[],
    basis: &[],
    compare: &[],
    filters: &["customer", "staff", "district", "stage"],
    example: "desk report orders --as-of 2026-09-30",
    run,
};

/// Upper ends of the age buckets, in days.
const AGES: [(i64, &str); 4] =
    [(7, "days_0_7"), (30, "days_8_30"), (60, "days_31_60"), (90, "days_61_90")];
const OLDEST: &str = "over_90";

/// One order of the backlog: what is shown of it, since the order is not kept.
struct Waiting {
    id: String,
    on: Day,
    customer: String,
    staff: Option<String>,
    promised_on: Option<Day>,
    stage: OrderStage,
    age: i64,
    net: Decimal,
    gross: Decimal,
    to_ship: Decimal,
}

fn run(book: &Book, params: &Params) -> Result<Made> {
    let as_of = params.as_of.unwrap_or(book.today);
    let fields = crate::book::derived::fields(crate::record::Kind::Order);
    let filter = super::filter(book, params, &fields)?;
    let mut left_out = Vec::new();
    let mut waiting = Vec::new();
    let described = |order: &Doc<Order>| {
        crate::book::derived::described(book, order, as_of, &|key| filter.looks_at(key))
    };
    book.each::<Order>(|order| {
        let on = order.ordered_on().filter(|on| *on <= as_of && params.period.contains(*on));
        let stage = order_stage(book, order, as_of);
        let is_done = stage == OrderStage::Done && !filter.looks_at("stage");
        let over =
            is_done || matches!(stage, OrderStage::Void | OrderStage::Quote | OrderStage::Closed);
        let Some(on) = on.filter(|_| !over) else { return };
        if !filter.terms.is_empty() && !filter.matches(&described(order)) {
            return;
        }
        match backlog(book, order, as_of) {
            Ok((net, gross, to_ship)) => waiting.push(Waiting {
                id: order.id().to_owned(),
                on,
                customer: order.rec.customer.clone(),
                staff: book.owner(order).staff.map(str::to_owned),
                promised_on: order.rec.promised_on,
                stage,
                age: as_of.0.signed_duration_since(on.0).num_days(),
                net,
                gross,
                to_ship,
            }),
            Err(finding) => left_out.push(finding),
        }
    });
    let facts = vec![
        (
            "basis".into(),
            Cell::text(
                "ordered and not closed, by day ordered; quotes left out; to ship net at the order's prices; amounts in \
                 base currency",
            ),
        ),
        ("period".into(), period_cell(params.period)),
        ("as_of".into(), as_of.into()),
        ("currency".into(), Cell::text(book.config.currency())),
    ];
    let tables = vec![stages(book, &waiting), orders(book, &waiting)];
    let page = Page { title: "Orders not yet done".into(), facts, tables, ..Page::default() };
    Ok(Made { page, left_out })
}

/// What is left of an order by a day, net and gross, and what of that is still to be sent, net; in
/// base currency.
fn backlog(
    book: &Book,
    order: &Doc<Order>,
    as_of: Day,
) -> Result<(Decimal, Decimal, Decimal), crate::finding::Finding> {
    let facts = book.order_facts(order)?;
    let left = facts.iter().filter(|fact| fact.on <= as_of);
    let base = |amount: Decimal, rate: Decimal| product(amount, rate).unwrap_or_default();
    let net = sum(left.clone().map(|fact| base(fact.amount.net, fact.exchange_rate)));
    let gross = sum(left.map(|fact| base(fact.amount.gross, fact.exchange_rate)));
    let decimals = currency::decimals(book.config.currency());
    let to_ship = fulfilment::part_of(book, order, as_of, |line| line.to_ship())?.net;
    let to_ship = base(to_ship, book.exchange_rate(&order.common).unwrap_or(Decimal::ONE));
    Ok((round(net, decimals), round(gross, decimals), round(to_ship, decimals)))
}

fn bucket(age: i64) -> &'static str {
    AGES.iter().find(|(end, _)| age <= *end).map_or(OLDEST, |(_, key)| key)
}

fn stages(book: &Book, waiting: &[Waiting]) -> Table {
    let decimals = currency::decimals(book.config.currency());
    let money = |amount: Decimal| Cell::Money(round(amount, decimals));
    let mut by_stage: BTreeMap<OrderStage, Vec<&Waiting>> = BTreeMap::new();
    waiting.iter().for_each(|one| by_stage.entry(one.stage).or_default().push(one));
    let mut columns = vec![Column::words("stage"), Column::figure("orders", &[])];
    columns.extend(["net", "gross", "to_ship"].map(|key| Column::figure(key, &["line.price"])));
    let buckets: Vec<&str> = AGES.iter().map(|(_, key)| *key).chain([OLDEST]).collect();
    columns.extend(buckets.iter().map(|key| Column::figure(*key, &["line.price"])));
    columns.push(Column::figure("oldest_days", &[]));
    let row = |word: &str, group: &[&Waiting]| {
        let gross =
            |key: &str| sum(group.iter().filter(|one| bucket(one.age) == key).map(|one| one.gross));
        let mut cells = vec![
            Cell::text(word),
            Cell::Int(i64::try_from(group.len()).unwrap_or(i64::MAX)),
            money(sum(group.iter().map(|one| one.net))),
            money(sum(group.iter().map(|one| one.gross))),
            money(sum(group.iter().map(|one| one.to_ship))),
        ];
        cells.extend(buckets.iter().map(|key| money(gross(key))));
        cells.push(Cell::Int(group.iter().map(|one| one.age).max().unwrap_or(0)));
        cells
    };
    let mut rows: Vec<Row> =
        by_stage.iter().map(|(stage, group)| Row::Data(row(stage.name(), group))).collect();
    if !rows.is_empty() {
        rows.push(Row::Total(row("total", &waiting.iter().collect::<Vec<_>>())));
    }
    let empty = "Every order is done.".into();
    Table { key: "stages".into(), columns, rows, empty }
}

fn orders(book: &Book, waiting: &[Waiting]) -> Table {
    let mut columns: Vec<Column> =
        ["id", "ordered_on", "customer", "customer_name", "staff", "stage"]
            .map(Column::words)
            .into();
    columns.push(Column::figure("age_days", &[]));
    columns.push(Column::words("promised_on"));
    columns.extend(["net", "gross", "to_ship"].map(|key| Column::figure(key, &["line.price"])));
    let mut sorted: Vec<&Waiting> = waiting.iter().collect();
    sorted.sort_by_key(|one| (one.stage, std::cmp::Reverse(one.age), one.id.as_str()));
    let rows = sorted.into_iter().map(|one| {
        let customer = book.get::<Customer>(&one.customer);
        let name =
            customer.map(|own| own.rec.short_name.clone().unwrap_or_else(|| own.rec.name.clone()));
        Row::Data(vec![
            Cell::Ref(one.id.clone()),
            one.on.into(),
            Cell::Ref(one.customer.clone()),
            name.into(),
            one.staff.clone().into(),
            Cell::word(one.stage.name()),
            Cell::Int(one.age),
            one.promised_on.into(),
            Cell::Money(one.net),
            Cell::Money(one.gross),
            Cell::Money(one.to_ship),
        ])
    });
    Table {
        key: "orders".into(),
        columns,
        rows: rows.collect(),
        empty: "No order is waiting.".into(),
    }
}
