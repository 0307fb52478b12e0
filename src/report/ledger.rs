//! `report ledger`: what was invoiced, credited and collected of customers in a period, between two
//! balances; and the account of one of them, row by row.
//!
//! The balances are those of `report receivables` on the same days. Exchange differences have a
//! column of their own and are never a payment.

mod classes;
mod freight;

use std::collections::{BTreeMap, BTreeSet};

use classes::{Classes, Of};

use super::{Made, Params, Report, fields, group, listed, period_cell, quantity, reference};
use crate::{
    book::{
        Book,
        account::{self, Account, Event, Moved, Part},
        derived::party_name,
    },
    error::Result,
    filter::Filter,
    finding::Finding,
    page::{Cell, Chart, Column, Page, Row, Shape, Table},
    record::{
        Kind,
        contract::Side,
        customer::Customer,
        invoice::Invoice,
        payment::Payment,
        schema::{Field, Type, field},
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round, sub},
        period::Period,
    },
};

pub(super) const REPORT: Report = Report {
    name: "ledger",
    about: "the classified sales ledger: opening, invoiced, credited, collected, closing",
    by: &[
        "customer", "kind", "grade", "category", "product", "contract", "staff", "district",
        "currency",
    ],
    basis: &[],
    compare: &[],
    filters: &["customer", "kind", "grade", "staff", "district", "currency"],
    example: "desk report ledger -p 2026-Q3 --by kind,product",
    run,
};

/// The figures of a ledger's row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    opening: Decimal,
    moved: Moved,
    /// What carriers ask of us.
    freight: Decimal,
    /// Stock units invoiced, less credited.
    quantity: Decimal,
}

impl Sums {
    pub(super) fn take(&mut self, before: bool, moved: Moved) {
        match before {
            true => self.opening = add(self.opening, moved.change()),
            false => self.moved = self.moved.plus(moved),
        }
    }

    /// In the order of [`FIGURES`].
    pub(super) fn figures(&self) -> [Decimal; 7] {
        let Moved { invoiced, credited, collected, written_off, exchange } = self.moved;
        let closing = add(self.opening, self.moved.change());
        [self.opening, invoiced, credited, collected, written_off, exchange, closing]
    }

    fn cells(&self, book: &Book, has_price: bool) -> Vec<Cell> {
        let mut cells = self.figures().map(|amount| money(book, amount)).to_vec();
        cells.push(money(book, self.freight));
        if has_price {
            let sales = sub(self.moved.invoiced, self.moved.credited);
            let price = sales.checked_div(self.quantity);
            cells.push(quantity(self.quantity));
            cells.push(price.map_or(Cell::NotApplicable, |price| money(book, price)));
        }
        cells
    }
}

/// An amount in base currency, at its decimals.
fn money(book: &Book, amount: Decimal) -> Cell {
    Cell::Money(round(amount, currency::decimals(book.config.currency())))
}

pub(super) const FIGURES: [&str; 7] = [
    "opening",
    "invoiced",
    "credited",
    "collected",
    "written_off",
    "exchange_difference",
    "closing",
];

fn run(book: &Book, params: &Params) -> Result<Made> {
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    let filter = super::filter(book, params, &filter_fields())?;
    let as_of = params.as_of.unwrap_or(book.today);
    let mut rows: BTreeMap<Vec<String>, Sums> = BTreeMap::new();
    let mut total = Sums::default();
    let mut left_out = each_change(book, params, &filter, &by, |change| {
        let sums = rows.entry(change.keys).or_default();
        for sums in [&mut total, sums] {
            sums.take(change.is_before, change.moved);
            if !change.is_before {
                sums.quantity = add(sums.quantity, change.quantity);
            }
        }
    });
    let last = params.period.to.map_or(as_of, |to| to.min(as_of));
    let in_period = Period { from: params.period.from, to: Some(last) };
    let (freight, missing) = freight::of(book, &by, &filter, in_period);
    left_out.extend(missing);
    for (key, amount) in freight {
        let sums = rows.entry(key).or_default();
        for sums in [&mut total, sums] {
            sums.freight = add(sums.freight, amount);
        }
    }
    rows.retain(|_, sums| *sums != Sums::default());
    let mut facts = head(book, params.period, as_of);
    if !params.filter.is_empty() {
        facts.push(("filter".into(), Cell::text(params.filter.join(" "))));
    }
    let mut columns = group::key_columns(&by);
    columns.extend(FIGURES.map(|key| Column::figure(key, &["line.price"])));
    columns.push(Column::figure("freight", &["freight"]));
    // Prices of different goods together are the price of nothing.
    let has_price = by.iter().any(|key| key == "product");
    if has_price {
        columns.push(Column::figure("quantity", &["line.qty"]));
        columns.push(Column::figure("average_price", &["line.price"]));
    }
    let shown = rows.iter().map(|(key, sums)| (key, sums.cells(book, has_price)));
    let mut sum = total.cells(book, has_price);
    if has_price {
        sum.truncate(FIGURES.len() + 1);
        sum.resize(FIGURES.len() + 3, Cell::Empty);
    }
    let data = group::rows(book, &by, shown, sum);
    let empty = "No invoice or payment up to that day. Widen it with -p.".into();
    let table = Table { key: "ledger".into(), columns, rows: data, empty };
    let charts = vec![group::chart(&by, "ledger", "closing")];
    let title = "Sales ledger".into();
    let page = Page { title, facts, tables: vec![table], charts, ..Page::default() };
    Ok(Made { page, left_out })
}

/// A change of an account under the keys of the report.
pub(super) struct Change<'a> {
    pub(super) keys: Vec<String>,
    pub(super) party: &'a str,
    pub(super) event: &'a Event,
    /// Whether it was before the period.
    pub(super) is_before: bool,
    /// What of it is under these keys.
    pub(super) moved: Moved,
    /// Stock units of goods that were invoiced, less credited, with it.
    pub(super) quantity: Decimal,
}

/// Hands on every change that is asked for, up to the last day, and gives what could not be worked
/// out.
pub(super) fn each_change(
    book: &Book,
    params: &Params,
    filter: &Filter,
    by: &[String],
    mut take: impl FnMut(Change<'_>),
) -> Vec<Finding> {
    let as_of = params.as_of.unwrap_or(book.today);
    let last = params.period.to.map_or(as_of, |to| to.min(as_of));
    let mut left_out = Vec::new();
    for party in parties(book) {
        let Account { events, left_out: missing } =
            account::of_party(book, &party, Side::Sale, last);
        left_out.extend(missing);
        let mut classes = Classes::new(book, by, &party);
        for event in &events {
            let is_before = params.period.from.is_some_and(|from| event.on < from);
            for part in &event.parts {
                // Each in its turn, wanted or not: what was settled before decides of what is next.
                let classified = classes.classified(event.sort, part);
                let Part { staff, district, currency, .. } = part;
                let of = Of { party: &party, staff, district, currency };
                if !filter.terms.is_empty() && !filter.matches(&described(book, &of)) {
                    continue;
                }
                for (keys, moved, quantity) in classified {
                    take(Change { keys, party: &party, event, is_before, moved, quantity });
                }
            }
        }
    }
    left_out
}

pub(super) fn head(book: &Book, period: Period, as_of: Day) -> Vec<(String, Cell)> {
    let basis = "invoices and credits by day issued, money by day received; each at its own \
                 exchange rate";
    vec![
        ("basis".into(), Cell::text(basis)),
        ("period".into(), period_cell(period)),
        ("as_of".into(), as_of.into()),
        ("tax_basis".into(), Cell::text("with tax")),
        ("currency".into(), Cell::text(book.config.currency())),
    ]
}

/// Everyone who was invoiced, and every customer who paid or was paid.
fn parties(book: &Book) -> BTreeSet<String> {
    let mut parties = BTreeSet::new();
    book.each::<Invoice>(|bill| {
        if bill.rec.is_sale() && bill.counts() {
            parties.insert(bill.rec.party.clone());
        }
    });
    book.each::<Payment>(|paid| {
        if book.get::<Customer>(&paid.rec.party).is_some() {
            parties.insert(paid.rec.party.clone());
        }
    });
    parties
}

/// What a filter may name, of one change.
fn described(book: &Book, of: &Of<'_>) -> serde_json::Value {
    let [kind, grade] = classes::of_customer(book, of.party);
    serde_json::json!({
        "customer": of.party,
        "party": of.party,
        "kind": kind,
        "grade": grade,
        "staff": of.staff,
        "district": of.district,
        "currency": of.currency,
    })
}

pub(super) fn filter_fields() -> Vec<Field> {
    let own = |key: &str| field(Kind::Customer.fields(), key);
    let of_customer = |key: &str| own(key).map_or(Type::Text, |own| own.kind.clone());
    fields([
        ("customer", reference("customer")),
        ("party", reference("party")),
        ("kind", of_customer("kind")),
        ("grade", of_customer("grade")),
        ("staff", reference("staff")),
        ("district", listed("districts")),
        ("currency", Type::Text),
    ])
}

/// The account of a customer or supplier in a period, row by row, in base currency.
pub fn of_party(book: &Book, (kind, code): (Kind, &str), period: Period, as_of: Day) -> Made {
    let side = if kind == Kind::Supplier { Side::Purchase } else { Side::Sale };
    let last = period.to.map_or(as_of, |to| to.min(as_of));
    let Account { events, left_out } = account::of_party(book, code, side, last);
    let begins = |event: &&Event| period.from.is_some_and(|from| event.on < from);
    let mut sums = Sums::default();
    events.iter().filter(begins).for_each(|event| sums.take(true, event.moved()));
    let mut balance = sums.opening;
    let mut rows = Vec::new();
    for event in events.iter().filter(|event| !begins(event)) {
        let moved = event.moved();
        let codes: BTreeSet<&str> = event.parts.iter().map(|part| part.currency.as_str()).collect();
        // Money moved between documents of one currency changes nothing of the account.
        if moved.is_zero() && codes.iter().all(|code| event.own(code).is_zero()) {
            continue;
        }
        balance = add(balance, moved.change());
        sums.take(false, moved);
        rows.push(Row::Data(row(book, event, moved, balance)));
    }
    if !rows.is_empty() {
        let mut cells = vec![Cell::word("total")];
        cells.resize(8, Cell::Empty);
        cells.extend(columns_of(book, &sums.moved));
        cells.push(money(book, balance));
        rows.push(Row::Total(cells));
    }
    let mut columns: Vec<Column> =
        ["date", "kind", "id", "about", "number", "due_on", "currency"].map(Column::words).into();
    let figures = ["amount_in_currency"].into_iter().chain(FIGURES[1..6].iter().copied());
    columns.extend(figures.chain(["balance"]).map(|key| Column::figure(key, &["line.price"])));
    let mut facts = head(book, period, as_of);
    facts.insert(0, ("party".into(), Cell::Ref(code.to_owned())));
    facts.insert(1, ("party_name".into(), party_name(book, code).into()));
    facts.push(("opening".into(), money(book, sums.opening)));
    facts.push(("closing".into(), money(book, balance)));
    let empty = "Nothing was invoiced or paid in this period.".into();
    let table = Table { key: "ledger".into(), columns, rows, empty };
    let page = Page {
        key: "ledger".into(),
        title: "Account".into(),
        facts,
        tables: vec![table],
        charts: vec![balance_chart()],
        ..Page::default()
    };
    Made { page, left_out }
}

/// What was owed after each change.
fn balance_chart() -> Chart {
    let (labels, figure) = (vec!["date".into()], "balance".into());
    Chart { table: "ledger".into(), labels, figure, shape: Shape::Line }
}

fn row(book: &Book, event: &Event, moved: Moved, balance: Decimal) -> Vec<Cell> {
    let first = event.parts.last();
    let code = first.map(|part| part.currency.as_str()).unwrap_or_default();
    let mut cells = vec![
        event.on.into(),
        Cell::word(event.sort.name()),
        Cell::Ref(event.id.clone()),
        event.about.clone().map_or(Cell::Empty, Cell::Ref),
        event.number.clone().into(),
        event.due_on.into(),
        Cell::text(code),
        Cell::Money(round(event.own(code), currency::decimals(code))),
    ];
    cells.extend(columns_of(book, &moved));
    cells.push(money(book, balance));
    cells
}

fn columns_of(book: &Book, moved: &Moved) -> Vec<Cell> {
    let Moved { invoiced, credited, collected, written_off, exchange } = *moved;
    [invoiced, credited, collected, written_off, exchange]
        .map(|amount| money(book, amount))
        .to_vec()
}
