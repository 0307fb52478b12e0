//! `explain deliveries`: the order lines behind a row, and the lines of shipments and returns that
//! moved them.

use std::collections::BTreeSet;

use super::{add_total, asked, columns, exact, titled};
use crate::{
    book::{
        Book,
        delivery::{Promise, Promises, moves},
        place,
    },
    error::Result,
    page::{Cell, Page, Row, Table},
    record::{Kind, order::Order, shipment::Shipment},
    report::{
        self, Made, Params,
        deliveries::{FIGURES, REPORT, Sums, backlog, due, filter_fields, keys},
        sales::up_to,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round},
        place::{KeyPath, Place},
    },
};

pub(super) fn explain(book: &Book, words: &[String], params: &Params) -> Result<Made> {
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    let (wanted, figure) = asked(book, &REPORT, words, &by, &FIGURES)?;
    let filter = report::filter(book, params, &filter_fields())?;
    let as_of = params.as_of.unwrap_or(book.today);
    let period = up_to(params.period, as_of);
    let is_wanted = |own: &Promise| keys(book, &by, own).starts_with(&wanted);
    let Promises { mut lines, mut left_out } = due(book, &filter, period, as_of);
    lines.retain(is_wanted);
    let mut waiting = backlog(book, &filter, as_of, &mut left_out);
    waiting.retain(|(own, _)| is_wanted(own));
    let mut sums = Sums::default();
    lines.iter().for_each(|own| sums.take(own));
    sums.backlog = waiting.iter().fold(Decimal::ZERO, |sum, (_, amount)| add(sum, *amount));
    let decimals = currency::decimals(book.config.currency());
    let mut facts = vec![
        ("period".to_owned(), report::period_up_to(params.period, period)),
        ("as_of".into(), as_of.into()),
        ("currency".into(), Cell::text(book.config.currency())),
    ];
    let shown = FIGURES.iter().zip(sums.cells(decimals));
    let shown = shown.filter(|(key, _)| figure.is_none_or(|figure| figure == **key));
    facts.extend(shown.map(|(key, cell)| ((*key).to_owned(), cell)));
    let mut tables = Vec::new();
    if figure != Some("backlog") {
        tables.push(promises(book, &lines));
    }
    if figure.is_none_or(|figure| figure == "backlog") {
        tables.push(unsent(book, &waiting));
    }
    let known: BTreeSet<(&str, u32)> = match figure {
        Some("backlog") => waiting.iter().map(|(own, _)| (own.order.as_str(), own.line)).collect(),
        _ => lines.iter().map(|own| (own.order.as_str(), own.line)).collect(),
    };
    tables.push(moved(book, &known, as_of));
    let title = titled("Deliveries", &wanted);
    Ok(Made {
        page: Page { key: "explain".into(), title, facts, tables, ..Page::default() },
        left_out,
    })
}

fn place_of_line(book: &Book, own: &Promise) -> Cell {
    let order = book.get::<Order>(&own.order);
    let at = order.and_then(|order| order.rec.line.iter().position(|line| line.no == own.line));
    spot(book, Kind::Order, &own.order, at)
}

/// The line of a document, by its position.
fn spot(book: &Book, kind: Kind, id: &str, at: Option<usize>) -> Cell {
    let path = at.map_or_else(|| KeyPath::key("id"), |at| KeyPath::key("line").nth(at));
    let file = book.entry(kind, id).map(|entry| entry.file().to_owned());
    let place = file.map(|file| Place::key(file, path));
    place.map_or(Cell::Empty, |place| Cell::text(place::spelled(book, &place)))
}

/// The lines that were due, each with what of it was there.
fn promises(book: &Book, lines: &[Promise]) -> Table {
    const WORDS: [&str; 8] =
        ["id", "line", "customer", "product", "due_on", "done_on", "on_time", "in_full"];
    let decimals = currency::decimals(book.config.currency());
    const QUANTITIES: [&str; 3] = ["ordered_qty", "in_time_qty", "delivered_qty"];
    let figures = [&QUANTITIES[..], &["ordered", "shipped"]].concat();
    let (mut ordered, mut kept) = (Decimal::ZERO, Decimal::ZERO);
    let mut rows = Vec::new();
    for own in lines {
        ordered = add(ordered, own.ordered_amount.net);
        kept = add(kept, own.kept_net());
        rows.push(Row::Data(vec![
            Cell::Ref(own.order.clone()),
            Cell::Int(own.line.into()),
            Cell::Ref(own.customer.clone()),
            Cell::Ref(own.product.clone()),
            own.due_on.into(),
            own.done_on.into(),
            Cell::Bool(own.is_on_time()),
            Cell::Bool(own.is_in_full()),
            report::quantity(own.ordered),
            report::quantity(own.in_time),
            report::quantity(own.delivered),
            exact(own.ordered_amount.net, decimals),
            exact(own.kept_net(), decimals),
            place_of_line(book, own),
        ]));
    }
    let sums = [ordered, kept].map(|sum| Cell::Money(round(sum, decimals)));
    add_total(&mut rows, WORDS.len().saturating_add(QUANTITIES.len()), sums.into());
    let empty = "Nothing makes this figure: no line was promised for this period.".into();
    Table { key: "lines".into(), columns: columns(&WORDS, &figures), rows, empty }
}

/// The lines that something is still to be sent of.
fn unsent(book: &Book, waiting: &[(Promise, Decimal)]) -> Table {
    const WORDS: [&str; 4] = ["id", "line", "customer", "product"];
    let decimals = currency::decimals(book.config.currency());
    let mut sum = Decimal::ZERO;
    let mut rows = Vec::new();
    for (own, amount) in waiting {
        sum = add(sum, *amount);
        rows.push(Row::Data(vec![
            Cell::Ref(own.order.clone()),
            Cell::Int(own.line.into()),
            Cell::Ref(own.customer.clone()),
            Cell::Ref(own.product.clone()),
            exact(*amount, decimals),
            place_of_line(book, own),
        ]));
    }
    add_total(&mut rows, WORDS.len(), vec![Cell::Money(round(sum, decimals))]);
    let empty = "Nothing is still to be sent.".into();
    Table { key: "backlog".into(), columns: columns(&WORDS, &["backlog"]), rows, empty }
}

/// What left and came back of these lines.
fn moved(book: &Book, known: &BTreeSet<(&str, u32)>, as_of: Day) -> Table {
    const WORDS: [&str; 6] = ["on", "id", "line", "order", "order_line", "counts"];
    let found = moves(book, as_of);
    let is_known = |of: &(String, u32)| known.contains(&(of.0.as_str(), of.1));
    let rows = found.iter().filter(|own| is_known(&own.of)).map(|own| {
        let shipment = book.get::<Shipment>(&own.by.0);
        let at = shipment.and_then(|it| it.rec.line.iter().position(|line| line.no == own.by.1));
        Row::Data(vec![
            own.on.into(),
            Cell::Ref(own.by.0.clone()),
            Cell::Int(own.by.1.into()),
            Cell::Ref(own.of.0.clone()),
            Cell::Int(own.of.1.into()),
            Cell::Bool(own.counts),
            report::quantity(own.quantity),
            spot(book, Kind::Shipment, &own.by.0, at),
        ])
    });
    let empty = "Nothing left by this day.".into();
    Table {
        key: "moves".into(),
        columns: columns(&WORDS, &["quantity"]),
        rows: rows.collect(),
        empty,
    }
}
