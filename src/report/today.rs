//! `today`: what is to be done, most urgent first, each with its command.

use super::Made;
use crate::{
    book::{Book, agenda, derived},
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    record::Kind,
    value::{day::Day, period::Period},
};

/// What `today` is asked for.
#[derive(Debug, Clone, Default)]
pub struct Params {
    /// The day it is seen from; absent: today.
    pub as_of: Option<Day>,
    /// What is due in it counts, too.
    pub period: Period,
    /// Only what is theirs.
    pub staff: Option<String>,
}

/// The list of a day.
pub fn today(book: &Book, params: &Params) -> Result<Made> {
    let as_of = params.as_of.unwrap_or(book.today);
    let staff = params.staff.as_deref().map(|word| book.resolve(Kind::Staff, word)).transpose()?;
    let mut found = agenda::agenda(book, as_of, params.period);
    if let Some(staff) = &staff {
        found.items.retain(|item| item.is_for(book, staff, as_of));
    }
    let mut facts = vec![("as_of".to_owned(), Cell::from(as_of))];
    if params.period.to.is_some_and(|to| to > as_of) {
        facts.push(("due_to".into(), params.period.to.into()));
    }
    if let Some(staff) = staff {
        facts.push(("staff".into(), Cell::Ref(staff)));
    }
    facts.push(("currency".into(), Cell::text(book.config.currency())));
    let columns = ["duty", "id", "party", "party_name", "staff", "due_on"].map(Column::words);
    let mut columns = columns.to_vec();
    columns.push(Column::figure("days_late", &[]));
    columns.push(Column::figure("amount", &["line.price"]));
    columns.extend(["about", "command"].map(Column::words));
    let rows = found.items.into_iter().map(|item| row(book, item, as_of)).collect();
    let table = Table {
        key: "today".into(),
        columns,
        rows,
        empty: "Nothing is waiting. What comes next: desk today -p this-week".into(),
    };
    let page = Page {
        key: "today".into(),
        title: "To do".into(),
        facts,
        tables: vec![table],
        ..Page::default()
    };
    Ok(Made { page, left_out: found.left_out })
}

fn row(book: &Book, item: agenda::Item, as_of: Day) -> Row {
    let late = item.days_late(as_of);
    let staff = match item.reviewers(book, as_of) {
        Some(reviewers) => Cell::List(reviewers),
        None => item.staff.map_or(Cell::Empty, Cell::Ref),
    };
    let name = item.party.as_deref().and_then(|code| derived::party_name(book, code));
    Row::Data(vec![
        Cell::text(item.duty.name()),
        Cell::Ref(item.id),
        item.party.map_or(Cell::Empty, Cell::Ref),
        name.into(),
        staff,
        item.on.into(),
        if late == 0 { Cell::Empty } else { Cell::Int(late) },
        item.amount.map_or(Cell::Empty, Cell::Money),
        item.about.into(),
        Cell::text(item.command),
    ])
}
