//! A claim beside what was approved of it, line by line, for whoever reviews it: caps, receipts, rest.

use super::Made;
use crate::{
    book::{
        Book,
        expense::{self, travel},
    },
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc,
        expense::{Claim, Expense},
    },
    rules,
    value::number::{Decimal, round, sub},
};

/// An expense held against its application, with everything that a review would refuse.
pub fn check(book: &Book, own: &Doc<Expense>) -> Made {
    let standing = expense::standing(book, own, book.today);
    let differences = rules::claimed(book, own);
    let amount = |amount: Decimal| Cell::Money(round(amount, expense::decimals(book)));
    let facts = vec![
        ("claimant".to_owned(), Cell::Ref(own.rec.claimant.clone())),
        ("stage".into(), Cell::word(expense::stage(book, own, book.today).name())),
        ("approved".into(), amount(standing.approved)),
        ("claimed".into(), amount(standing.claimed)),
        ("allowances".into(), amount(standing.allowances)),
        ("paid".into(), amount(standing.paid)),
        ("differences".into(), Cell::Int(i64::try_from(differences.len()).unwrap_or(i64::MAX))),
    ];
    let tables = vec![applied(book, own), claims(book, own)];
    let page = Page {
        key: "expense-check".into(),
        title: format!("{} against what was approved", own.id()),
        facts,
        tables,
        ..Page::default()
    };
    Made { page, left_out: differences }
}

fn money(book: &Book, amount: Decimal) -> Cell {
    Cell::Money(round(amount, expense::decimals(book)))
}

fn applied(book: &Book, own: &Doc<Expense>) -> Table {
    let mut columns = vec![Column::words("no"), Column::words("category")];
    let figures = ["applied", "approved", "claimed", "left"];
    columns.extend(figures.map(|key| Column::figure(key, &["applied.amount"])));
    let row = |line: &crate::record::expense::Applied| {
        let claimed = expense::claimed_of(book, own, line.no);
        Row::Data(vec![
            Cell::Int(line.no.into()),
            Cell::text(line.category.as_str()),
            money(book, line.amount.get()),
            money(book, line.granted()),
            money(book, claimed),
            money(book, sub(line.granted(), claimed)),
        ])
    };
    Table {
        key: "applied".into(),
        columns,
        rows: own.rec.applied.iter().map(row).collect(),
        empty: format!("{} asks for nothing.", own.id()),
    }
}

fn claims(book: &Book, own: &Doc<Expense>) -> Table {
    let words = ["no", "on", "category", "place", "receipt_no"];
    let mut columns: Vec<Column> = words.map(Column::words).into();
    columns.extend(["amount", "accepted", "cap"].map(|key| Column::figure(key, &["claim.amount"])));
    columns.push(Column::words("guests"));
    let cap = |line: &Claim| {
        let lodging = travel::lodging_cap(book, &own.rec, line).ok().flatten();
        lodging.or_else(|| travel::guest_cap(book, line))
    };
    let base = |line: &Claim, amount| {
        expense::in_base(book, line, amount).map_or(Cell::NotApplicable, |own| money(book, own))
    };
    let receipt = |line: &Claim| {
        Row::Data(vec![
            Cell::Int(line.no.into()),
            line.on.into(),
            Cell::text(line.category.as_str()),
            line.place.clone().into(),
            line.receipt_no.clone().into(),
            base(line, line.amount.get()),
            base(line, line.accepted()),
            cap(line).map_or(Cell::Empty, |cap| money(book, cap)),
            if line.guests.is_empty() { Cell::Empty } else { Cell::List(line.guests.clone()) },
        ])
    };
    let day = |day: &crate::record::expense::TravelDay| {
        let allowance = travel::allowance(book, &own.rec, day);
        let allowance = allowance.map_or(Cell::NotApplicable, |amount| money(book, amount));
        let mut cells = vec![Cell::Empty, day.on.into(), Cell::text(travel::ALLOWANCE)];
        cells.extend([Cell::Empty, Cell::Empty, allowance.clone(), allowance]);
        cells.extend([Cell::Empty, Cell::Empty]);
        Row::Data(cells)
    };
    Table {
        key: "claims".into(),
        columns,
        rows: own.rec.claim.iter().map(receipt).chain(own.rec.day.iter().map(day)).collect(),
        empty: format!("Nothing of {} is claimed.", own.id()),
    }
}
