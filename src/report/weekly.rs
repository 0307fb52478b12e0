//! Who has handed in the summary of a week, and who has not.

use super::Made;
use crate::{
    book::{
        Book,
        weekly::{Owed, missing, of_week},
    },
    page::{Cell, Column, Page, Row, Table},
    value::{day::Day, week::Week},
};

/// What is owed of a week; without one, all that is missing of weeks that are due.
pub fn due(book: &Book, week: Option<Week>, as_of: Day) -> Made {
    let owed = match week {
        Some(week) => of_week(book, week, as_of),
        None => missing(book, as_of, as_of),
    };
    let row = |own: &Owed<'_>| {
        let late = own.handed_in.is_none() && own.due_on < as_of;
        let days = book.config.workdays().between(own.due_on, as_of);
        let state = match own.handed_in {
            Some(_) => "handed in",
            None if late => "late",
            None => "missing",
        };
        let command = match own.handed_in {
            Some(_) => Cell::Empty,
            None => Cell::text(format!(
                "desk summary add {} --staff {} --done '…'",
                own.week,
                own.staff.id()
            )),
        };
        Row::Data(vec![
            Cell::text(own.week.to_string()),
            Cell::Ref(own.staff.id().into()),
            own.staff.rec.name.as_str().into(),
            own.staff.rec.manager.clone().map_or(Cell::Empty, Cell::Ref),
            Cell::word(state),
            own.due_on.into(),
            if late { Cell::Int(days.into()) } else { Cell::Empty },
            own.handed_in.and_then(|row| row.common.date).into(),
            own.handed_in.map_or(Cell::Empty, |row| Cell::Ref(row.id().into())),
            command,
        ])
    };
    let mut columns: Vec<Column> =
        ["week", "staff", "name", "manager", "state", "due_on"].map(Column::words).into();
    columns.push(Column::figure("workdays_late", &[]));
    columns.extend(["handed_in_on", "id", "command"].map(Column::words));
    let of = week.map(|week| week.to_string());
    let empty = match &of {
        Some(week) => format!("Nobody owes a summary of {week}."),
        None => "No summary is missing.".into(),
    };
    let is_missing = |own: &&Owed<'_>| own.handed_in.is_none();
    let missing = i64::try_from(owed.iter().filter(is_missing).count()).unwrap_or(i64::MAX);
    let rows = owed.iter().map(row).collect();
    let page = Page {
        key: "summary-due".into(),
        title: match of {
            Some(week) => format!("Summaries of {week}"),
            None => "Summaries that are missing".into(),
        },
        facts: vec![("as_of".into(), as_of.into()), ("missing".into(), Cell::Int(missing))],
        tables: vec![Table { key: "summaries".into(), columns, rows, empty }],
        ..Page::default()
    };
    Made { page, left_out: Vec::new() }
}
