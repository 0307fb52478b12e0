//! `report expenses`: what was asked for, granted, claimed and accepted, against budget and sales.
//!
//! For whoever keeps the expense account and whoever planned it. What was accepted counts on the day
//! it was spent; what was asked for and granted, on the first day of the expense.

mod against;

use std::collections::{BTreeMap, BTreeSet};

use super::{Made, Params, Report, group, period_up_to, sales};
use crate::{
    book::{
        Book, derived,
        expense::{
            self,
            budget::{self, Part, What},
        },
        performed::BASES,
    },
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    record::{Doc, Kind, expense::Expense},
    value::{
        number::{Decimal, add, round, sum},
        period::{Period, Step},
    },
};

pub(super) const REPORT: Report = Report {
    name: "expenses",
    about: "expenses by staff, district, customer, category or time, against budget and sales",
    by: &[
        "staff", "district", "customer", "category", "kind", "day", "week", "month", "quarter",
        "year",
    ],
    basis: BASES,
    compare: &[],
    filters: &["staff", "claimant", "district", "customer", "kind", "stage"],
    example: "desk report expenses -p 2026-09 --by district",
    run,
};

/// What a group comes to, in base currency.
#[derive(Debug, Clone, Default)]
struct Sums {
    expenses: BTreeSet<String>,
    by_what: BTreeMap<What, Decimal>,
    committed: Decimal,
}

impl Sums {
    fn take(&mut self, id: &str, part: &Part<'_>) {
        self.expenses.insert(id.to_owned());
        let sum = self.by_what.entry(part.what).or_default();
        *sum = add(*sum, part.amount);
    }

    fn of(&self, what: What) -> Decimal {
        self.by_what.get(&what).copied().unwrap_or_default()
    }
}

/// The expenses that a report counts, grouped, and one by one.
#[derive(Debug, Default)]
struct Found {
    groups: BTreeMap<Vec<String>, Sums>,
    total: Sums,
    rows: Vec<Row>,
    listed: [Decimal; FIGURES.len()],
}

/// Figures of one expense, in their order.
const FIGURES: [&str; 6] = ["applied", "approved", "claimed", "accepted", "paid", "to_pay"];

fn run(book: &Book, params: &Params) -> Result<Made> {
    let by = if params.by.is_empty() { vec!["staff".to_owned()] } else { params.by.clone() };
    let as_of = params.as_of.unwrap_or(book.today);
    let period = sales::up_to(params.period, as_of);
    let found = found(book, params, &by, period)?;
    let mut left_out = Vec::new();
    let against = against::against(book, params, &by, period, &mut left_out)?;
    let basis = sales::basis(params);
    let facts = vec![
        (
            "basis".to_owned(),
            Cell::text(
                "accepted: by day spent, once the claim is approved; applied and approved: by first day; committed: accepted, \
                 until then approved",
            ),
        ),
        ("sales".into(), Cell::text(format!("net, {}", sales::dates(basis)))),
        ("budget".into(), Cell::text("plans of the measure expense, whole months")),
        ("period".into(), period_up_to(params.period, period)),
        ("as_of".into(), as_of.into()),
        ("currency".into(), Cell::text(book.config.currency())),
    ];
    let tables = vec![grouped(book, &by, &found, &against), each(book, &found)];
    let page = Page { title: "Expenses".into(), facts, tables, ..Page::default() };
    Ok(Made { page, left_out })
}

fn found(book: &Book, params: &Params, by: &[String], period: Period) -> Result<Found> {
    let as_of = params.as_of.unwrap_or(book.today);
    let filter = super::filter(book, params, &derived::fields(Kind::Expense))?;
    let mut found = Found::default();
    book.each::<Expense>(|own| {
        if !filter.terms.is_empty() {
            let mut value = derived::described(book, own, as_of, &|_| true);
            value["staff"] = own.rec.claimant.as_str().into();
            value["district"] = budget::district(book, own).into();
            if !filter.matches(&value) {
                return;
            }
        }
        let inside = |part: &Part<'_>| period.contains(part.on);
        let parts = budget::parts(book, own, as_of).into_iter().filter(inside);
        let parts: Vec<Part<'_>> = parts.collect();
        let committed = budget::committed(book, own, as_of);
        for part in &parts {
            let key = key(book, own, by, part);
            found.groups.entry(key).or_default().take(own.id(), part);
            found.total.take(own.id(), part);
        }
        for part in committed.iter().filter(|part| inside(part)) {
            let key = key(book, own, by, part);
            let group = found.groups.entry(key).or_default();
            group.committed = add(group.committed, part.amount);
            found.total.committed = add(found.total.committed, part.amount);
        }
        if !parts.is_empty() {
            list(book, own, params, &mut found);
        }
    });
    Ok(found)
}

/// The keys that one part of an expense is grouped under.
fn key(book: &Book, own: &Doc<Expense>, by: &[String], part: &Part<'_>) -> Vec<String> {
    let word = |key: &String| match key.as_str() {
        "staff" => own.rec.claimant.clone(),
        "district" => budget::district(book, own).unwrap_or(group::NONE).to_owned(),
        "customer" => own.rec.customer.as_deref().unwrap_or(group::NONE).to_owned(),
        "category" => part.category.to_owned(),
        "kind" => own.rec.kind.name().to_owned(),
        step => Step::parse(step)
            .map_or_else(String::new, |step| step.label(part.on, &book.config.calendar())),
    };
    by.iter().map(word).collect()
}

fn list(book: &Book, own: &Doc<Expense>, params: &Params, found: &mut Found) {
    let as_of = params.as_of.unwrap_or(book.today);
    let standing = expense::standing(book, own, as_of);
    let figures = [
        standing.applied,
        standing.approved,
        standing.claimed,
        standing.accepted,
        standing.paid,
        standing.to_pay,
    ];
    for (sum, figure) in found.listed.iter_mut().zip(figures) {
        *sum = add(*sum, figure);
    }
    let mut cells = vec![
        Cell::Ref(own.id().to_owned()),
        Cell::Ref(own.rec.claimant.clone()),
        derived::party_name(book, &own.rec.claimant).into(),
        Cell::word(own.rec.kind.name()),
        own.rec.purpose.clone().into(),
        own.rec.customer.clone().map_or(Cell::Empty, Cell::Ref),
        own.begins().into(),
        Cell::word(expense::stage(book, own, as_of).name()),
    ];
    cells.extend(figures.map(|figure| money(book, figure)));
    found.rows.push(Row::Data(cells));
}

fn money(book: &Book, amount: Decimal) -> Cell {
    Cell::Money(round(amount, expense::decimals(book)))
}

/// A part of a whole; nothing of a whole that is none.
fn share(part: Decimal, whole: Option<Decimal>) -> Cell {
    let whole = whole.filter(|whole| *whole > Decimal::ZERO);
    whole.and_then(|whole| part.checked_div(whole)).map_or(Cell::NotApplicable, Cell::Percent)
}

fn grouped(book: &Book, by: &[String], found: &Found, against: &against::Against) -> Table {
    let mut columns = group::key_columns(by);
    columns.push(Column::figure("expenses", &[]));
    let amounts = ["applied", "approved", "claimed", "accepted", "committed", "budget", "left"];
    columns.extend(amounts.map(|key| Column::figure(key, &["applied.amount"])));
    columns.push(Column::figure("used_pct", &["applied.amount"]));
    columns.push(Column::figure("sales", &["line.price"]));
    columns.push(Column::figure("expense_ratio", &["applied.amount", "line.price"]));
    let figures = |sums: &Sums, budget: Option<Decimal>, sales: Option<Decimal>| {
        let amount = |what| money(book, sums.of(what));
        let left = budget.map(|budget| crate::value::number::sub(budget, sums.committed));
        vec![
            Cell::Int(i64::try_from(sums.expenses.len()).unwrap_or(i64::MAX)),
            amount(What::Applied),
            amount(What::Approved),
            amount(What::Claimed),
            amount(What::Accepted),
            money(book, sums.committed),
            budget.map_or(Cell::NotApplicable, |budget| money(book, budget)),
            left.map_or(Cell::NotApplicable, |left| money(book, left)),
            share(sums.committed, budget),
            sales.map_or(Cell::NotApplicable, |sales| money(book, sales)),
            share(sums.of(What::Accepted), sales),
        ]
    };
    // What was planned and not spent is told, too.
    let mut keys: BTreeSet<&Vec<String>> = found.groups.keys().collect();
    keys.extend(against.budgets.iter().flat_map(|budgets| budgets.keys()));
    let none = Sums::default();
    let groups = keys.into_iter().map(|key| {
        let sums = found.groups.get(key).unwrap_or(&none);
        (key, figures(sums, against.budget(key), against.sales(key)))
    });
    let budget = against.budgets.as_ref().filter(|budgets| !budgets.is_empty());
    let budget = budget.map(|budgets| sum(budgets.values().copied()));
    let rows = group::rows(book, by, groups, figures(&found.total, budget, against.total));
    let empty = "No expense in this period. Widen it with -p, or apply for one: desk expense apply";
    Table { key: "expenses".into(), columns, rows, empty: empty.into() }
}

fn each(book: &Book, found: &Found) -> Table {
    let words = ["id", "claimant", "claimant_name", "kind", "purpose", "customer"];
    let mut columns: Vec<Column> = words.map(Column::words).into();
    columns.extend(["starts_on", "stage"].map(Column::words));
    columns.extend(FIGURES.map(|key| Column::figure(key, &["applied.amount"])));
    let mut rows = found.rows.clone();
    if !rows.is_empty() {
        let mut cells = vec![Cell::word("total")];
        cells.resize(8, Cell::Empty);
        cells.extend(found.listed.map(|amount| money(book, amount)));
        rows.push(Row::Total(cells));
    }
    Table { key: "each".into(), columns, rows, empty: "No expense in this period.".into() }
}
