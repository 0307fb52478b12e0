//! The tables about contacts, complaints, papers and leads, made once for every page that has them.

use crate::{
    book::{
        Book,
        contact::Next,
        derived::party_name,
        lead::Lead,
        licence::{Paper, entered_by},
    },
    page::{Cell, Column, Row, Table},
    record::{
        Doc,
        common::Stage,
        contact::{Channel, Contact},
    },
    value::day::Day,
};

/// What a contact due means.
pub(in crate::report) const DUE_BASIS: &str = "due on the day agreed last, else so many working days behind the last call, visit or meeting as \
     the customer or its grade asks; complaints and money due keep nobody in touch";

pub(super) fn table(key: &str, columns: Vec<Column>, rows: Vec<Vec<Cell>>, empty: &str) -> Table {
    let rows = rows.into_iter().map(Row::Data).collect();
    Table { key: key.into(), columns, rows, empty: empty.into() }
}

/// Columns of words, those that hold figures to the right.
pub(super) fn columns(keys: &[&str]) -> Vec<Column> {
    let is_figure = |key: &str| {
        ["days_late", "workdays_late", "days_left", "every_days", "orders", "customers", "no"]
            .contains(&key)
    };
    let column = |key: &&str| match is_figure(key) {
        true => Column::figure(*key, &[]),
        false => Column::words(*key),
    };
    keys.iter().map(column).collect()
}

pub(super) fn reference(code: Option<&str>) -> Cell {
    code.map_or(Cell::Empty, |code| Cell::Ref(code.to_owned()))
}

fn days(count: u32) -> Cell {
    if count == 0 { Cell::Empty } else { Cell::Int(count.into()) }
}

/// Customers to be called or visited.
pub(in crate::report) fn due(book: &Book, due: &[Next<'_>], as_of: Day) -> Table {
    let row = |next: &Next<'_>| {
        let (customer, last) = (next.customer, next.last.map(|row| &row.rec));
        let agreed = match (next.due_on, next.is_agreed) {
            (None, _) => "never in touch",
            (_, true) => "agreed",
            (_, false) => "interval",
        };
        vec![
            Cell::Ref(customer.id().into()),
            super::short_name(customer).into(),
            customer.rec.grade.map(|grade| grade.name()).into(),
            reference(customer.common.staff.as_deref()),
            next.every_days.map(|days| Cell::Int(days.into())).into(),
            next.last.and_then(|row| row.common.date).into(),
            last.and_then(|rec| rec.channel).map(|own| Cell::word(own.name())).into(),
            next.due_on.into(),
            Cell::word(agreed),
            days(next.days_late(book, as_of)),
            last.and_then(|rec| rec.summary.clone()).into(),
        ]
    };
    let keys = [
        "customer",
        "customer_name",
        "grade",
        "staff",
        "every_days",
        "last_on",
        "channel",
        "due_on",
        "set_by",
        "workdays_late",
        "summary",
    ];
    let empty =
        "Nobody is to be called or visited. What comes next: desk customer due -p this-week";
    table("due", columns(&keys), due.iter().map(row).collect(), empty)
}

/// Complaints and questions that are open.
pub(in crate::report) fn matters(book: &Book, rows: &[&Doc<Contact>], as_of: Day) -> Table {
    let row = |own: &&Doc<Contact>| {
        let rec = &own.rec;
        let late = rec.due_on.map_or(0, |due| book.config.workdays().between(due, as_of));
        vec![
            Cell::Ref(own.id().into()),
            own.common.date.into(),
            reference(rec.party.as_deref()),
            rec.party
                .as_deref()
                .and_then(|code| party_name(book, code))
                .or_else(|| rec.person.clone())
                .into(),
            Cell::word(rec.topic.name()),
            rec.summary.clone().into(),
            rec.severity.clone().into(),
            reference(rec.about.as_deref()),
            reference(rec.owner.as_deref()),
            rec.due_on.into(),
            days(late),
        ]
    };
    let keys = [
        "id",
        "date",
        "party",
        "party_name",
        "topic",
        "summary",
        "severity",
        "about",
        "owner",
        "due_on",
        "workdays_late",
    ];
    table(
        "complaints",
        columns(&keys),
        rows.iter().map(row).collect(),
        "Nothing waits for an answer.",
    )
}

/// Papers as they stand; whose they are where they are of several customers.
pub(in crate::report) fn papers(papers: &[Paper<'_>], of_one: bool) -> Table {
    let row = |own: &Paper<'_>| {
        let paper = own.paper;
        let whose = [
            Cell::Ref(own.customer.id().into()),
            super::short_name(own.customer).into(),
            reference(own.customer.common.staff.as_deref()),
        ];
        let rest = [
            Cell::Int(i64::try_from(own.no).unwrap_or(i64::MAX)),
            Cell::text(paper.kind.as_str()),
            paper.number.clone().into(),
            Cell::List(paper.scopes.clone()),
            paper.issued_on.into(),
            paper.expires_on.into(),
            own.days_left.map(Cell::Int).into(),
            Cell::word(own.state.name()),
            reference(entered_by(own.customer, paper)),
            reference(paper.verified_by.as_deref()),
            paper.verified_on.into(),
            paper.document.clone().into(),
        ];
        let whose = if of_one { None } else { Some(whose) };
        whose.into_iter().flatten().chain(rest).collect()
    };
    let whose = ["customer", "customer_name", "staff"];
    let rest = [
        "no",
        "kind",
        "number",
        "scopes",
        "issued_on",
        "expires_on",
        "days_left",
        "state",
        "entered_by",
        "verified_by",
        "verified_on",
        "document",
    ];
    let keys: Vec<&str> = match of_one {
        true => rest.to_vec(),
        false => whose.into_iter().chain(rest).collect(),
    };
    let empty = match of_one {
        true => "No paper is registered.",
        false => "No paper runs out or waits to be verified.",
    };
    table("licence", columns(&keys), papers.iter().map(row).collect(), empty)
}

/// The last contacts, the newest first.
pub(in crate::report) fn contacts(rows: &[&Doc<Contact>], most: usize) -> Table {
    let row = |own: &&Doc<Contact>| {
        let rec = &own.rec;
        vec![
            Cell::Ref(own.id().into()),
            own.common.date.into(),
            reference(own.common.staff.as_deref()),
            rec.person.clone().into(),
            rec.channel.map(|own| Cell::word(Channel::name(own))).into(),
            Cell::word(rec.topic.name()),
            rec.summary.clone().into(),
            rec.business_state.clone().into(),
            rec.inventory.clone().into(),
            rec.demand.clone().into(),
            rec.outcome.clone().into(),
            rec.next_on.into(),
        ]
    };
    let keys = [
        "id",
        "date",
        "staff",
        "person",
        "channel",
        "topic",
        "summary",
        "business_state",
        "inventory",
        "demand",
        "outcome",
        "next_on",
    ];
    let rows = rows.iter().rev().take(most).map(row).collect();
    table("contacts", columns(&keys), rows, "Nobody was in touch yet.")
}

/// Leads and prospects, as far as they are.
pub(in crate::report) fn leads(leads: &[Lead<'_>], as_of: Day) -> Table {
    let row = |lead: &Lead<'_>| {
        let customer = lead.customer;
        let date = |row: Option<&Doc<Contact>>| row.and_then(|row| row.common.date);
        let missing = lead.missing(as_of);
        let in_time = match lead.in_time(as_of) {
            Some(true) => Cell::word("in time"),
            Some(false) => Cell::word("late"),
            None => Cell::Empty,
        };
        let late = missing.and_then(|(_, since)| since).filter(|since| *since < as_of);
        let late = late.map(|since| as_of.0.signed_duration_since(since.0).num_days());
        vec![
            Cell::Ref(customer.id().into()),
            super::short_name(customer).into(),
            Cell::word(customer.rec.stage.unwrap_or(Stage::Lead).name()),
            customer.rec.source.clone().into(),
            reference(customer.common.staff.as_deref()),
            lead.since.into(),
            lead.first_due.into(),
            date(lead.first).into(),
            in_time,
            date(lead.last).into(),
            lead.next_on.into(),
            lead.task.map(|task| task.rec.title.clone()).into(),
            missing.map(|(what, _)| Cell::word(what.name())).into(),
            late.map(Cell::Int).into(),
        ]
    };
    let keys = [
        "customer",
        "customer_name",
        "stage",
        "source",
        "staff",
        "since",
        "first_contact_by",
        "first_contact_on",
        "first_contact",
        "last_on",
        "next_on",
        "next_step",
        "missing",
        "days_late",
    ];
    let empty =
        "No lead is open. A new one: desk customer lead CODE --name NAME --source WHERE_FROM";
    table("leads", columns(&keys), leads.iter().map(row).collect(), empty)
}
