//! What an import would do, as a page: counts, totals and the records.

use serde_json::Value;

use super::{
    bind::Bound,
    merge::{Placed, State, built},
};
use crate::{
    book::{Book, price},
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc, Kind,
        order::Order,
        schema::{Type, field},
    },
    store::layout,
    value::{
        day::Day,
        number::{Decimal, Money, add},
    },
};

/// The page of an import.
pub(super) fn page(book: &Book, bound: &Bound<'_>, placed: &[Placed]) -> Page {
    let kind = bound.mapping.kind;
    let count = |is: fn(&State) -> bool| {
        let found = placed.iter().filter(|record| is(&record.state)).count();
        Cell::Int(i64::try_from(found).unwrap_or(i64::MAX))
    };
    let mut page = Page {
        key: "import".into(),
        title: format!("Import of {kind} records"),
        facts: vec![
            ("kind".into(), Cell::text(kind.noun())),
            ("new".into(), count(|state| *state == State::New)),
            ("changed".into(), count(|state| matches!(state, State::Changed(..)))),
            ("unchanged".into(), count(|state| *state == State::Same)),
        ],
        ..Page::default()
    };
    page.facts.extend(totals(book, kind, placed));
    page.tables.push(records(kind, placed));
    page.tables.push(changes(placed));
    page.tables.push(files(bound));
    let empty = bound.sheets.iter().filter(|sheet| sheet.rows.is_empty());
    page.notes.extend(empty.map(|sheet| format!("{}: no rows", sheet.file)));
    page.notes.extend(placed.iter().flat_map(|record| record.notes.iter().cloned()));
    let is_again = !kind.info().prefix.is_empty() && bound.mapping.known_by.is_none();
    if is_again && bound.mapping.fields.leaf("id").is_none() {
        page.notes.push("without known_by, a second import makes these records again".into());
    }
    page
}

fn records(kind: Kind, placed: &[Placed]) -> Table {
    let shown: Vec<&Placed> = placed.iter().filter(|record| record.state != State::Same).collect();
    let columns: Vec<&str> =
        kind.info().columns.iter().copied().filter(|key| *key != "id").collect();
    let columns: Vec<&str> = columns
        .into_iter()
        .filter(|key| shown.iter().any(|record| record.value.contains_key(*key)))
        .collect();
    let row = |record: &&Placed| {
        let state = if record.state == State::New { "new" } else { "changed" };
        let line = i64::try_from(record.origin.line).unwrap_or(i64::MAX);
        let mut cells = vec![Cell::Int(line), Cell::text(state), Cell::Ref(record.id.clone())];
        cells.extend(columns.iter().map(|key| cell(kind, key, record.value.get(*key))));
        Row::Data(cells)
    };
    let figure = |key: &&str| field(kind.fields(), key).is_some_and(|field| field.kind.is_number());
    let mut head =
        vec![Column::figure("source_line", &[]), Column::words("state"), Column::words("id")];
    head.extend(columns.iter().map(|key| Column { right: figure(key), ..Column::words(*key) }));
    Table {
        key: "records".into(),
        columns: head,
        rows: shown.iter().map(row).collect(),
        empty: "nothing is new or changed".into(),
    }
}

/// What the records that are there say now, and what the rows say.
fn changes(placed: &[Placed]) -> Table {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut rows = Vec::new();
    for record in placed {
        let State::Changed(_, differences) = &record.state else { continue };
        rows.extend(differences.iter().map(|difference| {
            Row::Data(vec![
                Cell::Ref(record.id.clone()),
                Cell::text(difference.path.to_string()),
                difference.now.as_ref().map_or(Cell::Empty, |now| Cell::text(word(now))),
                Cell::text(word(&difference.imported)),
            ])
        }));
    }
    Table {
        key: "changes".into(),
        columns: ["record", "field", "now", "imported"].map(Column::words).into(),
        rows,
        empty: "nothing changes".into(),
    }
}

/// A value as it is shown.
fn cell(kind: Kind, key: &str, value: Option<&Value>) -> Cell {
    let Some(value) = value else { return Cell::Empty };
    let word = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let shown = match field(kind.fields(), key).map(|field| &field.kind) {
        Some(Type::Money) => Money::parse(&word).ok().map(|money| Cell::Money(money.get())),
        Some(Type::Day) => word.parse::<Day>().ok().map(Cell::from),
        _ => None,
    };
    shown.unwrap_or_else(|| Cell::text(word))
}

fn files(bound: &Bound<'_>) -> Table {
    let row = |sheet: &super::sheet::Sheet| {
        let rows = i64::try_from(sheet.rows.len()).unwrap_or(i64::MAX);
        Row::Data(vec![Cell::text(&*sheet.file), Cell::text(sheet.encoding), Cell::Int(rows)])
    };
    Table {
        key: "files".into(),
        columns: vec![
            Column::words("file"),
            Column::words("encoding"),
            Column::figure("rows", &[]),
        ],
        rows: bound.sheets.iter().map(row).collect(),
        empty: String::new(),
    }
}

/// What the orders come to with tax, in base currency, those that are void apart.
fn totals(book: &Book, kind: Kind, placed: &[Placed]) -> Vec<(String, Cell)> {
    if kind != Kind::Order {
        return Vec::new();
    }
    let (mut gross, mut void, mut lines) = (Decimal::ZERO, Decimal::ZERO, 0_i64);
    for record in placed.iter().filter(|record| record.state == State::New) {
        let path = layout::path(kind, &record.id).unwrap_or_default();
        let Ok(entry) = built(kind, &path, &record.value) else { continue };
        let Some(order) = Doc::<Order>::of(entry.as_ref()) else { continue };
        let amount = price::base_gross(book, order).unwrap_or_default();
        let total = if order.counts() { &mut gross } else { &mut void };
        *total = add(*total, amount);
        lines = lines.saturating_add(i64::try_from(order.rec.line.len()).unwrap_or(i64::MAX));
    }
    vec![
        ("lines".into(), Cell::Int(lines)),
        ("gross".into(), Cell::Money(gross)),
        ("void_gross".into(), Cell::Money(void)),
    ]
}
