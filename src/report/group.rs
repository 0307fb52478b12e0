//! Grouping facts and adding them up: written once for every report and every `--by`.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use crate::{
    book::{Book, terms},
    fact::Fact,
    page::{Cell, Column, Row},
    record::{Doc, customer::Customer, product::Product, staff::Staff},
    value::{
        number::{Decimal, add, product, round, sub},
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
    pub(super) tax: Decimal,
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

    fn take(&mut self, fact: &Fact<'a>, part: &Part, cost: Option<Decimal>) {
        self.quantity = add(self.quantity, part.quantity);
        self.net = add(self.net, base(part.net, fact.exchange_rate));
        self.tax = add(self.tax, base(part.tax, fact.exchange_rate));
        self.gross = add(self.gross, base(part.gross, fact.exchange_rate));
        self.cost = self.cost.zip(cost).map(|(sum, cost)| add(sum, cost));
        if self.last != fact.id {
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

/// The part of a fact that falls to one owner.
struct Part {
    staff: Option<String>,
    quantity: Decimal,
    net: Decimal,
    tax: Decimal,
    gross: Decimal,
}

/// Adds facts up by keys. By staff, a shared sale is split by its team's shares, to the cent.
pub(super) fn group<'a>(book: &'a Book, facts: &[Fact<'a>], by: &[String]) -> Groups<'a> {
    let calendar = book.config.calendar();
    let split = by.iter().any(|key| key == "staff");
    let mut groups = Groups { total: Sums::empty(), ..Groups::default() };
    let mut products: HashMap<&str, Option<&Doc<Product>>> = HashMap::new();
    for fact in facts {
        let product = *products.entry(fact.product).or_insert_with(|| book.get(fact.product));
        let known = product.is_some_and(|product| product.rec.cost.is_some());
        if !known {
            groups.costless.insert(fact.product.to_owned());
        }
        let whole = whole(fact);
        groups.total.take(fact, &whole, terms::cost(product, fact.quantity));
        let parts = if split && !fact.team.is_empty() { shares(fact) } else { vec![whole] };
        for part in parts {
            let key = by
                .iter()
                .map(|key| label(&calendar, fact, &part, product, key).into_owned())
                .collect();
            let cost = terms::cost(product, part.quantity);
            groups.rows.entry(key).or_insert_with(Sums::empty).take(fact, &part, cost);
        }
    }
    groups
}

fn whole(fact: &Fact<'_>) -> Part {
    Part {
        staff: fact.staff.map(str::to_owned),
        quantity: fact.quantity,
        net: fact.amount.net,
        tax: fact.amount.tax,
        gross: fact.amount.gross,
    }
}

/// A fact split by its team; what the shares leave falls to the owner. Parts are rounded cumulatively, so they add up.
fn shares(fact: &Fact<'_>) -> Vec<Part> {
    let mut named: Vec<(Option<String>, Decimal)> =
        fact.team.iter().map(|share| (Some(share.staff.clone()), share.share_pct.get())).collect();
    let rest = named.iter().fold(Decimal::ONE_HUNDRED, |rest, (_, pct)| sub(rest, *pct));
    if !rest.is_zero() {
        named.push((fact.staff.map(str::to_owned), rest));
    }
    let (mut so_far, mut taken) = (Decimal::ZERO, whole(fact));
    (taken.quantity, taken.net, taken.tax, taken.gross) = Default::default();
    let mut parts = Vec::with_capacity(named.len());
    for (staff, pct) in named {
        so_far = add(so_far, pct);
        let upto = |value: Decimal, decimals: u32| {
            let part = product(value, so_far).and_then(|value| product(value, Decimal::new(1, 2)));
            round(part.unwrap_or(value), decimals)
        };
        let quantity = upto(fact.quantity, 6);
        let tax = upto(fact.amount.tax, fact.amount.tax.scale());
        let gross = upto(fact.amount.gross, fact.amount.gross.scale());
        let net = sub(gross, tax);
        parts.push(Part {
            staff,
            quantity: sub(quantity, taken.quantity),
            net: sub(net, taken.net),
            tax: sub(tax, taken.tax),
            gross: sub(gross, taken.gross),
        });
        (taken.quantity, taken.net, taken.tax, taken.gross) = (quantity, net, tax, gross);
    }
    parts
}

fn label<'a>(
    calendar: &Calendar,
    fact: &Fact<'a>,
    part: &Part,
    product: Option<&'a Doc<Product>>,
    key: &str,
) -> Cow<'a, str> {
    if let Some(step) = Step::parse(key) {
        return Cow::Owned(step.label(fact.on, calendar));
    }
    let found = match key {
        "customer" => Some(Cow::Borrowed(fact.party)),
        "product" => Some(Cow::Borrowed(fact.product)),
        "category" => product.and_then(|own| own.rec.category.as_deref()).map(Cow::Borrowed),
        "staff" => part.staff.clone().map(Cow::Owned),
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
