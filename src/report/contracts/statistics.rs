//! What was signed and what was performed, kept apart, by any grouping, each with its running total.
//!
//! Signed counts by the day a contract was signed, performed by the day goods moved, invoices were
//! issued and money was allocated, to their invoices or to the contract and its orders themselves,
//! whenever the contract was signed. A running total is everything
//! up to the end of its row's period.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use crate::{
    book::{
        Book,
        contract::{fixed, held, signed_on},
        performed::{Basis, Scope},
    },
    fact::Fact,
    finding::Finding,
    page::{Cell, Column, Row, Table},
    record::{
        Doc,
        contract::{Contract, Side},
    },
    report::group,
    value::{
        currency,
        day::Day,
        number::{Decimal, add, product, round},
        period::{Period, Step},
    },
};

/// What contracts can be counted by.
pub(super) const KEYS: &[&str] = &["month", "quarter", "year", "customer", "staff", "district"];

pub(super) const ABOUT: &str = "signed in the period by day signed; performed (shipped less returned), invoiced and collected in the \
     period under any contract; with tax, in base currency; totals are everything up to the end of the row";

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) contracts: &'a [&'a Doc<Contract>],
    pub(super) period: Period,
    pub(super) as_of: Day,
    pub(super) by: &'a [String],
}

/// Contracts signed; what they come to; performed; invoiced; collected.
const MEASURES: usize = 5;
type Figures = [Decimal; MEASURES];

/// Side and the keys that are no time; then the times.
type Group = (Vec<String>, Vec<String>);

struct Counted {
    /// Days inside the period.
    now: BTreeMap<Group, Figures>,
    /// All days up to its end.
    ever: BTreeMap<Group, Figures>,
}

/// The statistics, a row for each group.
pub(super) fn table(book: &Book, asked: &Asked<'_>, left_out: &mut Vec<Finding>) -> Table {
    let counted = count(book, asked, left_out);
    let mut columns = vec![Column::words("side")];
    columns.extend(group::key_columns(asked.by));
    columns.push(Column::figure("contracts", &[]));
    for key in ["signed", "performed", "invoiced", "collected"] {
        columns.push(Column::figure(key, &["line.price"]));
        columns.push(Column::figure(format!("{key}_total"), &["line.price"]));
    }
    let decimals = currency::decimals(book.config.currency());
    let money = |amount: Decimal| Cell::Money(round(amount, decimals));
    let mut rows = Vec::new();
    for ((fixed, times), now) in &counted.now {
        let total = running(&counted.ever, fixed, times);
        let mut cells = vec![Cell::text(fixed[0].as_str())];
        let (mut fixed, mut times) = (fixed[1..].iter(), times.iter());
        let keys = asked.by.iter().map(|key| {
            let from = if Step::parse(key).is_some() { &mut times } else { &mut fixed };
            from.next().cloned().unwrap_or_default()
        });
        cells.extend(group::key_cells(book, asked.by, &keys.collect::<Vec<_>>()));
        cells.push(Cell::Int(i64::try_from(now[0]).unwrap_or(i64::MAX)));
        for at in 1..MEASURES {
            cells.extend([money(now[at]), money(total[at])]);
        }
        rows.push(Row::Data(cells));
    }
    let empty = "Nothing was signed or performed in this period.".into();
    Table { key: "statistics".into(), columns, rows, empty }
}

/// Everything of a group up to a time.
fn running(ever: &BTreeMap<Group, Figures>, fixed: &[String], times: &[String]) -> Figures {
    let from = (fixed.to_vec(), Vec::new());
    let all = ever.range((Bound::Included(from), Bound::Unbounded));
    let own = all.take_while(|((other, _), _)| other == fixed);
    let by_then =
        own.filter(|((_, label), _)| label.iter().zip(times).all(|(one, end)| one <= end));
    by_then.fold([Decimal::ZERO; MEASURES], |sum, (_, figures)| {
        std::array::from_fn(|at| add(sum[at], figures[at]))
    })
}

fn count(book: &Book, asked: &Asked<'_>, left_out: &mut Vec<Finding>) -> Counted {
    let known: BTreeMap<&str, &Doc<Contract>> =
        asked.contracts.iter().map(|own| (own.id(), *own)).collect();
    let last = asked.period.to.map_or(asked.as_of, |to| to.min(asked.as_of));
    let mut counted = Counted { now: BTreeMap::new(), ever: BTreeMap::new() };
    let mut take = |contract: &Doc<Contract>, day: Day, at: usize, amount: Decimal| {
        let key = key(book, asked.by, contract, day);
        let put = |sums: &mut BTreeMap<Group, Figures>| {
            let sums = sums.entry(key.clone()).or_default();
            sums[at] = add(sums[at], amount);
        };
        put(&mut counted.ever);
        if asked.period.contains(day) {
            put(&mut counted.now);
        }
    };
    for contract in asked.contracts {
        let Some(day) = signed_on(contract).filter(|day| *day <= last) else { continue };
        take(contract, day, 0, Decimal::ONE);
        let rate = book.exchange_rate(&contract.common);
        if let Some(amount) = fixed(book, contract).zip(rate) {
            take(contract, day, 1, base(amount));
        }
    }
    for contract in asked.contracts {
        let (held, missing) = held::changes(book, contract, last);
        left_out.extend(missing);
        let Some(rate) = book.exchange_rate(&contract.common) else { continue };
        for change in held {
            take(contract, change.on, 4, base((change.amount, rate)));
        }
    }
    let sides: BTreeSet<bool> =
        asked.contracts.iter().map(|own| own.rec.side == Some(Side::Purchase)).collect();
    for is_purchase in sides {
        let side = if is_purchase { Side::Purchase } else { Side::Sale };
        let scope =
            Scope { period: Period { from: None, to: Some(last) }, side, ..Scope::default() };
        for (at, basis) in [(2, Basis::Shipped), (3, Basis::Invoiced), (4, Basis::Collected)] {
            let found = book.performed(basis, &scope, |sums: &mut Sums, facts| {
                facts.iter().for_each(|fact| sum_up(sums, fact));
            });
            left_out.extend(found.left_out);
            for ((id, day), amount) in found.parts.into_iter().flatten() {
                if let Some(contract) = known.get(id.as_str()) {
                    take(contract, day, at, amount);
                }
            }
        }
    }
    counted
}

/// What was done under each contract on each day, in base currency.
type Sums = BTreeMap<(String, Day), Decimal>;

fn sum_up(sums: &mut Sums, fact: &Fact<'_>) {
    let Some((contract, _)) = fact.contract else { return };
    let sum = sums.entry((contract.to_owned(), fact.on)).or_default();
    *sum = add(*sum, base((fact.amount.gross, fact.exchange_rate)));
}

fn base((amount, rate): (Decimal, Decimal)) -> Decimal {
    product(amount, rate).unwrap_or_else(|| amount.saturating_mul(rate))
}

fn key(book: &Book, by: &[String], contract: &Doc<Contract>, day: Day) -> Group {
    let calendar = book.config.calendar();
    let party = book.party_common(&contract.rec.party);
    let is_purchase = contract.rec.side == Some(Side::Purchase);
    let mut fixed = vec![if is_purchase { "purchase" } else { "sale" }.to_owned()];
    let mut times = Vec::new();
    for key in by {
        match Step::parse(key) {
            Some(step) => times.push(step.label(day, &calendar)),
            None => fixed.push(match key.as_str() {
                "customer" => contract.rec.party.clone(),
                "staff" => group::word(&contract.common.staff, party.map(|own| &own.staff)),
                _ => group::word(&contract.common.district, party.map(|own| &own.district)),
            }),
        }
    }
    (fixed, times)
}
