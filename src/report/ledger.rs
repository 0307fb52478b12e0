//! `report ledger`: what was invoiced, credited and collected of customers in a period, between two
//! balances; and the account of one of them, row by row.
//!
//! The balances are those of `report receivables` on the same days. Exchange differences have a
//! column of their own and are never a payment.

use std::collections::{BTreeMap, BTreeSet};

use super::{Made, Params, Report, fields, group, listed, period_cell, reference};
use crate::{
    book::{
        Book,
        account::{self, Account, Event, Moved, Part},
        derived::party_name,
        invoice, share,
    },
    error::Result,
    filter::Filter,
    finding::Finding,
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc, Kind,
        contract::Side,
        customer::Customer,
        invoice::{Invoice, InvoiceLine},
        payment::Payment,
        product::Product,
        schema::{Field, Type},
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round},
        period::Period,
    },
};

pub(super) const REPORT: Report = Report {
    name: "ledger",
    about: "the classified sales ledger: opening, invoiced, credited, collected, closing",
    by: &["customer", "category", "product", "staff", "district", "currency"],
    basis: &[],
    compare: &[],
    filters: &["customer", "staff", "district", "currency"],
    example: "desk report ledger -p 2026-Q3 --by category",
    run,
};

/// The figures of a ledger's row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    opening: Decimal,
    moved: Moved,
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

    fn cells(&self, book: &Book) -> Vec<Cell> {
        self.figures().map(|amount| money(book, amount)).to_vec()
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
    let left_out = each_change(book, params, &filter, &by, |change| {
        total.take(change.is_before, change.moved);
        rows.entry(change.keys).or_default().take(change.is_before, change.moved);
    });
    let is_empty = |sums: &Sums| sums.opening.is_zero() && sums.moved.is_zero();
    rows.retain(|_, sums| !is_empty(sums));
    let mut facts = head(book, params.period, as_of);
    if !params.filter.is_empty() {
        facts.push(("filter".into(), Cell::text(params.filter.join(" "))));
    }
    let mut columns = group::key_columns(&by);
    columns.extend(FIGURES.map(|key| Column::figure(key, &["line.price"])));
    let shown = rows.iter().map(|(key, sums)| (key, sums.cells(book)));
    let data = group::rows(book, &by, shown, total.cells(book));
    let empty = "No invoice or payment up to that day. Widen it with -p.".into();
    let table = Table { key: "ledger".into(), columns, rows: data, empty };
    let page = Page { title: "Sales ledger".into(), facts, tables: vec![table], ..Page::default() };
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
        for event in &events {
            let is_before = params.period.from.is_some_and(|from| event.on < from);
            for part in &event.parts {
                if !filter.terms.is_empty() && !filter.matches(&described(&party, part)) {
                    continue;
                }
                for (keys, moved) in classified(book, by, &party, part) {
                    take(Change { keys, party: &party, event, is_before, moved });
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
fn described(party: &str, part: &Part) -> serde_json::Value {
    serde_json::json!({
        "customer": party,
        "party": party,
        "staff": part.staff,
        "district": part.district,
        "currency": part.currency,
    })
}

pub(super) fn filter_fields() -> Vec<Field> {
    fields([
        ("customer", reference("customer")),
        ("party", reference("party")),
        ("staff", reference("staff")),
        ("district", listed("districts")),
        ("currency", Type::Text),
    ])
}

/// A change under its keys; by product, in parts by what the lines of its invoice come to.
fn classified(book: &Book, by: &[String], party: &str, part: &Part) -> Vec<(Vec<String>, Moved)> {
    let key = |class: &[String; 2]| -> Vec<String> {
        let value = |key: &String| match key.as_str() {
            "category" => class[0].clone(),
            "product" => class[1].clone(),
            "staff" => group::word(&part.staff, None),
            "district" => group::word(&part.district, None),
            "currency" => part.currency.clone(),
            _ => party.to_owned(),
        };
        by.iter().map(value).collect()
    };
    let goods = by.iter().any(|key| matches!(key.as_str(), "category" | "product"));
    let lines = book.get::<Invoice>(&part.document).filter(|_| goods);
    let classes = lines.and_then(|bill| classes(book, bill)).unwrap_or_default();
    if classes.is_empty() {
        return vec![(key(&[group::NONE; 2].map(str::to_owned)), part.moved)];
    }
    let weights: Vec<Decimal> = classes.values().copied().collect();
    let decimals = currency::decimals(book.config.currency());
    let spread = |amount: Decimal| share::spread(amount, &weights, decimals);
    let Moved { invoiced, credited, collected, written_off, exchange } = part.moved;
    let [invoiced, credited, collected, written_off, exchange] =
        [invoiced, credited, collected, written_off, exchange].map(spread);
    let moved = |at: usize| Moved {
        invoiced: invoiced[at],
        credited: credited[at],
        collected: collected[at],
        written_off: written_off[at],
        exchange: exchange[at],
    };
    classes.keys().enumerate().map(|(at, class)| (key(class), moved(at))).collect()
}

/// What an invoice comes to by category and product, with tax.
fn classes(book: &Book, bill: &Doc<Invoice>) -> Option<BTreeMap<[String; 2], Decimal>> {
    let mut classes: BTreeMap<[String; 2], Decimal> = BTreeMap::new();
    let class = |line: &InvoiceLine| {
        let code = line.product.clone();
        let product = code.as_deref().and_then(|code| book.get::<Product>(code));
        let category = product.and_then(|product| product.rec.category.clone());
        [category, code].map(|word| group::word(&word, None))
    };
    for (line, amount) in bill.rec.line.iter().zip(invoice::lines(book, bill)?) {
        let sum = classes.entry(class(line)).or_default();
        *sum = add(*sum, amount.gross);
    }
    Some(classes)
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
        let mut cells = vec![Cell::text("total")];
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
        ..Page::default()
    };
    Made { page, left_out }
}

fn row(book: &Book, event: &Event, moved: Moved, balance: Decimal) -> Vec<Cell> {
    let first = event.parts.last();
    let code = first.map(|part| part.currency.as_str()).unwrap_or_default();
    let mut cells = vec![
        event.on.into(),
        Cell::text(event.sort.name()),
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
