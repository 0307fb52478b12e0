//! The months of the book: which are closed, by whom, and how many records each holds.

use std::collections::BTreeMap;

use crate::{
    book::{Book, closing},
    page::{Cell, Column, Page, Row, Table},
    record::{Doc, closing::Closing},
    value::day::Month,
};

/// Every business month that has records or is closed.
pub fn months(book: &Book) -> Page {
    let mut closings: BTreeMap<Month, Vec<&Doc<Closing>>> = BTreeMap::new();
    for row in book.all::<Closing>() {
        if let Some(month) = row.rec.month.as_deref().and_then(Month::parse) {
            closings.entry(month).or_default().push(row);
        }
    }
    let mut months: BTreeMap<Month, usize> = closing::months(book);
    closings.keys().for_each(|month| {
        months.entry(*month).or_default();
    });
    let row = |(month, count): (Month, usize)| {
        let last = closings.get(&month).and_then(|rows| rows.last());
        let calendar = book.config.calendar();
        let is_over = calendar.month(month).to.is_some_and(|last| last < book.today);
        let state = match (last, is_over) {
            (Some(_), _) => "closed",
            (None, true) => "open",
            (None, false) => "not over",
        };
        Row::Data(vec![
            Cell::text(month.to_string()),
            Cell::text(state),
            Cell::Int(i64::try_from(count).unwrap_or(i64::MAX)),
            last.and_then(|row| row.common.date).into(),
            last.and_then(|row| row.common.entered_by.clone()).into(),
            last.map(|row| row.rec.digest.clone()).into(),
        ])
    };
    let columns = [
        Column::words("month"),
        Column::words("state"),
        Column::figure("records", &[]),
        Column::words("closed_on"),
        Column::words("closed_by"),
        Column::words("digest"),
    ];
    let table = Table {
        key: "months".into(),
        columns: columns.to_vec(),
        rows: months.into_iter().map(row).collect(),
        empty: "Nothing was issued, moved or paid yet.".into(),
    };
    Page {
        key: "period-list".into(),
        title: "Months".into(),
        tables: vec![table],
        ..Page::default()
    }
}
