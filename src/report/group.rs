//! Grouping facts and adding them up: written once for every report and every `--by`.

#![deny(clippy::arithmetic_side_effects)]

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use crate::{
    book::{Book, terms},
    fact::{Fact, What},
    page::{Cell, Column, Row},
    record::{Doc, customer::Customer, product::Product, staff::Staff},
    value::{
        day::Day,
        number::{Decimal, add, product, sub},
        period::{Calendar, Step},
    },
};

/// What facts can be grouped by.
pub(super) const KEYS: &[&str] = &[
    "customer", "product", "category", "staff", "district", "kind", "day", "week", "month",
    "quarter", "year",
];

/// Stands for facts that have no value of a grouping.
const NONE: &str = "(none)";

/// What a group of facts comes to, in base currency, exact until it is shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sums<'a> {
    pub(super) quantity: Decimal,
    pub(super) net: Decimal,
    pub(super) gross: Decimal,
    /// Nothing as soon as one product's cost is not known.
    pub(super) cost: Option<Decimal>,
    /// How many documents; the facts of one follow one another.
    pub(super) documents: i64,
    last: &'a str,
}

/// Facts added up by keys, and the products whose cost is not known here.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    pub(super) rows: BTreeMap<Vec<String>, Sums<'a>>,
    pub(super) total: Sums<'a>,
    pub(super) costless: BTreeSet<String>,
}

impl<'a> Sums<'a> {
    pub(super) fn empty() -> Self {
        Self { cost: Some(Decimal::ZERO), ..Self::default() }
    }

    fn take(&mut self, fact: &Fact<'a>, cost: Option<Decimal>) {
        self.quantity = add(self.quantity, fact.quantity);
        self.net = add(self.net, base(fact.amount.net, fact.exchange_rate));
        self.gross = add(self.gross, base(fact.amount.gross, fact.exchange_rate));
        self.cost = self.cost.zip(cost).map(|(sum, cost)| add(sum, cost));
        if fact.what == What::Ordered && self.last != fact.id {
            self.last = fact.id;
            self.documents = self.documents.saturating_add(1);
        }
    }

    /// Net less cost.
    pub(super) fn margin(&self) -> Option<Decimal> {
        self.cost.map(|cost| sub(self.net, cost))
    }
}

/// An amount in base currency, exact.
fn base(amount: Decimal, exchange_rate: Decimal) -> Decimal {
    if exchange_rate == Decimal::ONE {
        return amount;
    }
    product(amount, exchange_rate).unwrap_or_else(|| amount.saturating_mul(exchange_rate))
}

/// Adds facts up by keys. A day is first moved by `shift`, which lays an earlier period over the
/// one it is compared with.
pub(super) fn group<'a>(
    book: &'a Book,
    facts: &[Fact<'a>],
    by: &[String],
    shift: impl Fn(Day) -> Day,
) -> Groups<'a> {
    let calendar = book.config.calendar();
    let mut groups = Groups { total: Sums::empty(), ..Groups::default() };
    let mut products: HashMap<&str, Option<&Doc<Product>>> = HashMap::new();
    for fact in facts {
        let product = *products.entry(fact.product).or_insert_with(|| book.get(fact.product));
        let cost = terms::cost(product, fact.quantity);
        if cost.is_none() {
            groups.costless.insert(fact.product.to_owned());
        }
        let on = shift(fact.on);
        let word = |key: &String| label(&calendar, fact, on, product, key).into_owned();
        let key = by.iter().map(word).collect();
        groups.total.take(fact, cost);
        groups.rows.entry(key).or_insert_with(Sums::empty).take(fact, cost);
    }
    groups
}

fn label<'a>(
    calendar: &Calendar,
    fact: &Fact<'a>,
    on: Day,
    product: Option<&'a Doc<Product>>,
    key: &str,
) -> Cow<'a, str> {
    if let Some(step) = Step::parse(key) {
        return Cow::Owned(step.label(on, calendar));
    }
    let found = match key {
        "customer" => Some(Cow::Borrowed(fact.party)),
        "product" => Some(Cow::Borrowed(fact.product)),
        "category" => product.and_then(|own| own.rec.category.as_deref()).map(Cow::Borrowed),
        "staff" => fact.staff.map(Cow::Borrowed),
        "district" => fact.district.map(Cow::Borrowed),
        _ => Some(Cow::Borrowed(fact.kind)),
    };
    found.unwrap_or(Cow::Borrowed(NONE))
}

/// The columns of a grouping: each key, and the name behind a code.
pub(super) fn key_columns(by: &[String]) -> Vec<Column> {
    let mut columns = Vec::new();
    for key in by {
        columns.push(Column::words(key.as_str()));
        if has_name(key) {
            columns.push(Column::words(format!("{key}_name")));
        }
    }
    columns
}

/// The cells of a grouping.
pub(super) fn key_cells(book: &Book, by: &[String], keys: &[String]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (key, value) in by.iter().zip(keys) {
        if !has_name(key) {
            cells.push(Cell::text(value.as_str()));
            continue;
        }
        cells.push(Cell::Ref(value.clone()));
        let name = match key.as_str() {
            "customer" => book
                .get::<Customer>(value)
                .map(|own| own.rec.short_name.as_ref().unwrap_or(&own.rec.name)),
            "product" => book.get::<Product>(value).map(|own| &own.rec.name),
            _ => book.get::<Staff>(value).map(|own| &own.rec.name),
        };
        cells.push(Cell::text(name.cloned().unwrap_or_default()));
    }
    cells
}

fn has_name(key: &str) -> bool {
    matches!(key, "customer" | "product" | "staff")
}

/// A total row: the word, then blanks up to the figures.
pub(super) fn total_row(by: &[String], figures: Vec<Cell>) -> Row {
    let width = key_columns(by).len();
    let mut cells = vec![Cell::text("total")];
    cells.resize(width.max(1), Cell::Empty);
    if width == 0 {
        cells.clear();
    }
    cells.extend(figures);
    Row::Total(cells)
}
