//! `report statement`: what a customer is sent to agree the account: opening balance, every row,
//! closing balance, and what is open by age.
//!
//! In the currencies of the documents, each with a balance of its own: what the customer sees on
//! their side, without exchange differences of ours.

use std::collections::BTreeSet;

use super::{Made, Params, Report, period_cell};
use crate::{
    book::{
        Book,
        account::{self, Account, Event},
        receivable::{self, BUCKETS, Item, Items},
    },
    error::{Error, Result},
    page::{Cell, Column, Page, Row, Table},
    record::{
        Kind,
        common::{Address, Invoicing, Person},
        contract::Side,
        customer::Customer,
        supplier::Supplier,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, negated, round, sum},
        period::Period,
    },
};

pub(super) const REPORT: Report = Report {
    name: "statement",
    about: "the account of one customer to be agreed: opening, rows, closing, open items by age",
    by: &[],
    basis: &[],
    compare: &[],
    filters: &["customer"],
    example: "desk report statement customer:CX01 -p 2026-09",
    run,
};

fn run(book: &Book, params: &Params) -> Result<Made> {
    let hint = || Error::usage("a statement is of one customer").hint(REPORT.example);
    let [word] = params.filter.as_slice() else { return Err(hint()) };
    let (kind, code) = whose(book, word, hint)?;
    Ok(of_party(book, (kind, &code), params.period, params.as_of))
}

/// The party that a word names, by itself or as `customer:CX01`.
pub(super) fn whose(
    book: &Book,
    word: &str,
    otherwise: impl FnOnce() -> Error,
) -> Result<(Kind, String)> {
    match word.split_once([':', '：']) {
        Some(("customer" | "party", name)) => book.resolve_party(name),
        Some(_) => Err(otherwise()),
        None => book.resolve_party(word),
    }
}

/// The days of a statement: the period, else the month of the day it is seen from, up to that day.
pub(super) fn days(book: &Book, period: Period, as_of: Option<Day>) -> (Period, Day) {
    let ended = period.to.filter(|day| *day < book.today);
    let as_of = as_of.or(ended).unwrap_or(book.today);
    let calendar = book.config.calendar();
    let is_open = period.from.is_none() && period.to.is_none();
    let period = if is_open { calendar.month(calendar.month_of(as_of)) } else { period };
    let last = period.to.map_or(as_of, |to| to.min(as_of));
    (Period { to: Some(last), ..period }, last)
}

/// What is known of a party, customer or supplier.
pub(super) struct Party<'a> {
    pub(super) name: &'a str,
    pub(super) people: &'a [Person],
    pub(super) address: &'a [Address],
    pub(super) invoicing: Option<&'a Invoicing>,
    pub(super) side: Side,
}

pub(super) fn party<'a>(book: &'a Book, (kind, code): (Kind, &str)) -> Option<Party<'a>> {
    if kind == Kind::Supplier {
        let rec = &book.get::<Supplier>(code)?.rec;
        return Some(Party {
            name: &rec.name,
            people: &rec.person,
            address: &rec.address,
            invoicing: rec.invoicing.as_ref(),
            side: Side::Purchase,
        });
    }
    let rec = &book.get::<Customer>(code)?.rec;
    Some(Party {
        name: &rec.name,
        people: &rec.person,
        address: &rec.address,
        invoicing: rec.invoicing.as_ref(),
        side: Side::Sale,
    })
}

/// The person who is written to about money: whoever pays or collects there, else the first.
pub(super) fn payer(people: &[Person]) -> Option<&Person> {
    let role = |wanted: &str| {
        let is = |person: &&Person| {
            person.role.as_deref().is_some_and(|role| role.eq_ignore_ascii_case(wanted))
        };
        people.iter().find(is)
    };
    role("finance").or_else(|| role("collector")).or_else(|| people.first())
}

/// The head lines of a letter: who writes, and where to pay.
pub(super) fn company(book: &Book) -> Vec<(String, Cell)> {
    let own = &book.config.company;
    [
        ("company", &own.name),
        ("company_address", &own.address),
        ("phone", &own.phone),
        ("tax_id", &own.tax_id),
        ("bank", &own.bank),
        ("account", &own.account),
    ]
    .into_iter()
    .filter_map(|(key, word)| Some((key.to_owned(), Cell::text(word.clone()?))))
    .collect()
}

/// The statement of a party for a period, else for the month of the day it is seen from.
pub fn of_party(
    book: &Book,
    (kind, code): (Kind, &str),
    period: Period,
    as_of: Option<Day>,
) -> Made {
    let (period, last) = days(book, period, as_of);
    let known = party(book, (kind, code));
    let side = known.as_ref().map_or(Side::Sale, |party| party.side);
    let Account { events, mut left_out } = account::of_party(book, code, side, last);
    let Items { items, left_out: missing } = receivable::items_of(book, code, side, last);
    left_out.extend(missing);
    left_out.dedup();
    let codes =
        events.iter().flat_map(|event| event.parts.iter().map(|part| part.currency.as_str()));
    let codes: BTreeSet<&str> = codes.collect();
    let mut facts = company(book);
    let sort = if side == Side::Purchase { "supplier" } else { "customer" };
    facts.push((sort.into(), Cell::Ref(code.to_owned())));
    if let Some(known) = &known {
        let title = known.invoicing.and_then(|own| own.title.as_deref());
        facts.push(("name".into(), Cell::text(title.unwrap_or(known.name))));
        let address = known.address.iter().find_map(|address| address.text.clone());
        facts.push(("address".into(), address.into()));
        let person = payer(known.people).map(|person| person.name.as_str());
        facts.push(("attention".into(), person.into()));
    }
    facts.push(("period".into(), period_cell(period)));
    for code in &codes {
        let own = |before: bool| {
            let is = |event: &&Event| !before || is_before(event, period);
            sum(events.iter().filter(is).map(|event| event.own(code)))
        };
        let open = items.iter().filter(|item| item.currency == *code);
        let late = open.filter(|item| item.days_overdue(last) > 0);
        let overdue = sum(late.map(|item| item.open));
        let figures = [("opening", own(true)), ("closing", own(false)), ("overdue", overdue)];
        for (key, figure) in figures {
            let key = if codes.len() > 1 { format!("{key}_{code}") } else { key.to_owned() };
            facts.push((key, money(code, figure)));
        }
    }
    if let (Some(code), 1) = (codes.first(), codes.len()) {
        facts.push(("currency".into(), Cell::text(*code)));
    }
    let tables =
        vec![rows(&events, &codes, period), open_items(&items, last), ageing(&items, &codes, last)];
    let page = Page {
        key: "statement".into(),
        title: "Statement of account".into(),
        facts,
        tables,
        ..Page::default()
    };
    Made { page, left_out }
}

/// An amount at the decimals of its currency.
fn money(code: &str, amount: Decimal) -> Cell {
    Cell::Money(round(amount, currency::decimals(code)))
}

pub(super) fn is_before(event: &Event, period: Period) -> bool {
    period.from.is_some_and(|from| event.on < from)
}

/// Every row of the account, currency by currency, between its two balances.
fn rows(events: &[Event], codes: &BTreeSet<&str>, period: Period) -> Table {
    let mut columns: Vec<Column> =
        ["date", "kind", "id", "about", "number", "due_on", "currency"].map(Column::words).into();
    columns.extend(["debit", "credit", "balance"].map(|key| Column::figure(key, &["line.price"])));
    let mut rows = Vec::new();
    for code in codes {
        let before = events.iter().filter(|event| is_before(event, period));
        let mut balance = sum(before.map(|event| event.own(code)));
        let whole = |word: &str, day: Option<Day>, balance: Decimal| {
            let mut cells = vec![day.into(), Cell::text(word)];
            cells.resize(6, Cell::Empty);
            cells.extend([Cell::text(*code), Cell::Empty, Cell::Empty, money(code, balance)]);
            Row::Data(cells)
        };
        rows.push(whole("opening", period.from, balance));
        for event in events.iter().filter(|event| !is_before(event, period)) {
            let own = event.own(code);
            if own.is_zero() {
                continue;
            }
            balance = add(balance, own);
            let (debit, credit) = match own > Decimal::ZERO {
                true => (money(code, own), Cell::Empty),
                false => (Cell::Empty, money(code, negated(own))),
            };
            rows.push(Row::Data(vec![
                event.on.into(),
                Cell::word(event.sort.name()),
                Cell::Ref(event.id.clone()),
                event.about.clone().map_or(Cell::Empty, Cell::Ref),
                event.number.clone().into(),
                event.due_on.into(),
                Cell::text(*code),
                debit,
                credit,
                money(code, balance),
            ]));
        }
        rows.push(whole("closing", period.to, balance));
    }
    let empty = "Nothing was ever invoiced or paid.".into();
    Table { key: "rows".into(), columns, rows, empty }
}

/// The items that are open, oldest first.
pub(super) fn open_items(items: &[Item], as_of: Day) -> Table {
    let mut columns: Vec<Column> =
        ["id", "kind", "number", "instalment", "issued_on", "due_on"].map(Column::words).into();
    columns.push(Column::figure("days_overdue", &[]));
    columns.push(Column::words("currency"));
    columns.extend(["amount", "open"].map(|key| Column::figure(key, &["line.price"])));
    let mut sorted: Vec<&Item> = items.iter().collect();
    sorted.sort_by_key(|item| {
        (item.due_on.is_none(), item.due_on, item.issued_on, item.id.as_str(), item.instalment)
    });
    let row = |item: &&Item| {
        let days = item.days_overdue(as_of);
        Row::Data(vec![
            Cell::Ref(item.id.clone()),
            Cell::word(item.sort.name()),
            item.number.clone().into(),
            item.instalment.map_or(Cell::Empty, |no| Cell::Int(no.into())),
            item.issued_on.into(),
            item.due_on.into(),
            if days > 0 { Cell::Int(days.into()) } else { Cell::Empty },
            Cell::text(item.currency.as_str()),
            money(&item.currency, item.amount),
            money(&item.currency, item.open),
        ])
    };
    let rows = sorted.iter().map(row).collect();
    Table { key: "open_items".into(), columns, rows, empty: "Nothing is open.".into() }
}

fn ageing(items: &[Item], codes: &BTreeSet<&str>, as_of: Day) -> Table {
    let figure = |key: &str| Column::figure(key, &["line.price"]);
    let mut columns = vec![Column::words("currency"), figure("open")];
    columns.extend(BUCKETS.iter().map(|bucket| figure(bucket.name())));
    let row = |code: &&str| {
        let own = || items.iter().filter(|item| item.currency == **code);
        let mut cells = vec![Cell::text(*code), money(code, sum(own().map(|item| item.open)))];
        for bucket in BUCKETS {
            let inside = own().filter(|item| item.bucket(as_of) == bucket);
            cells.push(money(code, sum(inside.map(|item| item.open))));
        }
        Row::Data(cells)
    };
    let rows = codes.iter().map(row).collect();
    Table { key: "ageing".into(), columns, rows, empty: "Nothing is open.".into() }
}
