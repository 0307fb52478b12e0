//! What was heard in the market: `report market` over a period, `market brief` of a day.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Made, Params, Report, fields, filter, listed, period_cell, reference};
use crate::{
    book::Book,
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc,
        market::{Market, Topic},
        schema::{Field, Type},
    },
    value::{
        day::Day,
        number::{Decimal, Money},
        period::Period,
    },
};

pub(super) const REPORT: Report = Report {
    name: "market",
    about: "market notes: how many by topic, brand or district, prices heard, and the notes",
    by: &["topic", "brand", "product", "district", "staff", "source"],
    basis: &[],
    compare: &[],
    filters: &["staff", "district", "topic", "brand", "product", "source"],
    example: "desk report market -p this-month --by brand,product",
    run,
};

fn filter_fields() -> Vec<Field> {
    fields([
        ("staff", reference("staff")),
        ("district", listed("districts")),
        ("topic", Type::Text),
        ("brand", Type::Text),
        ("product", Type::Text),
        ("source", Type::Text),
    ])
}

fn run(book: &Book, params: &Params) -> Result<Made> {
    let as_of = params.as_of.unwrap_or(book.today);
    let filter = filter(book, params, &filter_fields())?;
    let mut notes = heard(book, params.period, as_of);
    notes.retain(|own| {
        let word = |key: &str| value(own, key);
        filter.terms.is_empty()
            || filter.matches(&json!({
                "staff": word("staff"), "district": word("district"), "topic": word("topic"),
                "brand": word("brand"), "product": word("product"), "source": word("source"),
            }))
    });
    let by: Vec<&str> = match params.by.is_empty() {
        true => vec!["topic"],
        false => params.by.iter().map(String::as_str).collect(),
    };
    let page = Page {
        title: "Market".into(),
        facts: vec![
            (
                "basis".into(),
                Cell::text("notes by the day they were heard; prices in base currency"),
            ),
            ("period".into(), period_cell(params.period)),
            ("as_of".into(), as_of.into()),
            ("currency".into(), Cell::text(book.config.currency())),
        ],
        tables: vec![grouped(&notes, &by), listing("notes", &notes)],
        ..Page::default()
    };
    Ok(Made { page, left_out: Vec::new() })
}

/// The notes of a day, or of a period, by topic; and which districts said nothing.
pub fn brief(book: &Book, period: Period, as_of: Day) -> Result<Made> {
    let is_open = period.from.is_none() && period.to.is_none();
    let period = if is_open { Period::day(as_of) } else { period };
    let mut notes = heard(book, period, as_of);
    notes.sort_by_key(|own| (own.rec.topic.unwrap_or(Topic::Other), own.common.date, own.id()));
    let told: Vec<&str> = notes.iter().filter_map(|own| own.common.district.as_deref()).collect();
    let districts = book.config.list("districts").unwrap_or_default();
    let silent: Vec<String> =
        districts.into_iter().filter(|own| !told.contains(own)).map(str::to_owned).collect();
    let count = i64::try_from(notes.len()).unwrap_or(i64::MAX);
    let mut facts = vec![
        ("period".to_owned(), period_cell(period)),
        ("notes".into(), Cell::Int(count)),
        ("currency".into(), Cell::text(book.config.currency())),
    ];
    if !silent.is_empty() {
        facts.push(("nothing_from".into(), Cell::List(silent)));
    }
    let mut table = listing("market", &notes);
    table.empty = format!(
        "Nothing was heard {period}. A note: desk market add '…' --source WHO --topic price"
    );
    let page = Page {
        key: "market-brief".into(),
        title: format!("Market brief {period}"),
        facts,
        tables: vec![table],
        ..Page::default()
    };
    Ok(Made { page, left_out: Vec::new() })
}

/// The notes of a period by a day, the oldest first.
fn heard(book: &Book, period: Period, as_of: Day) -> Vec<&Doc<Market>> {
    let mut notes = book.all::<Market>();
    notes.retain(|own| {
        let date = own.common.date.filter(|date| *date <= as_of);
        own.counts() && date.is_some_and(|date| period.contains(date))
    });
    notes.sort_by_key(|own| (own.common.date, own.id()));
    notes
}

/// What a note says under a key.
fn value<'a>(note: &'a Doc<Market>, key: &str) -> Option<&'a str> {
    let rec = &note.rec;
    match key {
        "staff" => note.common.staff.as_deref(),
        "district" => note.common.district.as_deref(),
        "topic" => rec.topic.map(Topic::name),
        "brand" => rec.brand.as_deref(),
        "product" => rec.product.as_deref(),
        _ => Some(&rec.source),
    }
}

/// Notes counted by some keys, with the last day and the prices that were heard.
fn grouped(notes: &[&Doc<Market>], by: &[&str]) -> Table {
    let mut groups: BTreeMap<Vec<Option<&str>>, Vec<&Doc<Market>>> = BTreeMap::new();
    for note in notes {
        groups.entry(by.iter().map(|key| value(note, key)).collect()).or_default().push(note);
    }
    let row = |(key, own): (Vec<Option<&str>>, Vec<&Doc<Market>>)| {
        let prices: Vec<(Option<Day>, Decimal)> = own
            .iter()
            .filter_map(|note| Some((note.common.date, note.rec.price.map(Money::get)?)))
            .collect();
        let price = |price: Option<Decimal>| price.map_or(Cell::Empty, Cell::Money);
        let mut cells: Vec<Cell> = by
            .iter()
            .zip(key)
            .map(|(by, word)| match *by {
                "topic" => word.map(Cell::word).into(),
                "staff" => word.map(|word| Cell::Ref(word.to_owned())).into(),
                _ => word.into(),
            })
            .collect();
        cells.extend([
            Cell::Int(i64::try_from(own.len()).unwrap_or(i64::MAX)),
            own.last().and_then(|note| note.common.date).into(),
            price(prices.iter().map(|(_, price)| *price).min()),
            price(prices.iter().map(|(_, price)| *price).max()),
            price(prices.last().map(|(_, price)| *price)),
        ]);
        Row::Data(cells)
    };
    let mut columns: Vec<Column> = by.iter().map(|key| Column::words(*key)).collect();
    columns.push(Column::figure("notes", &[]));
    columns.push(Column::words("last_on"));
    columns.extend(
        ["lowest_price", "highest_price", "last_price"].map(|key| Column::figure(key, &["price"])),
    );
    Table {
        key: "market".into(),
        columns,
        rows: groups.into_iter().map(row).collect(),
        empty: "Nothing was heard. A note: desk market add '…' --source WHO --topic price".into(),
    }
}

fn listing(key: &str, notes: &[&Doc<Market>]) -> Table {
    let row = |own: &&Doc<Market>| {
        let rec = &own.rec;
        Row::Data(vec![
            rec.topic.map(|topic| Cell::word(topic.name())).into(),
            own.common.date.into(),
            own.common.district.clone().into(),
            rec.source.as_str().into(),
            rec.brand.clone().into(),
            rec.product.clone().into(),
            rec.price.map_or(Cell::Empty, |price| Cell::Money(price.get())),
            rec.summary.as_str().into(),
            own.common.staff.clone().map_or(Cell::Empty, Cell::Ref),
            Cell::Ref(own.id().into()),
        ])
    };
    let mut columns: Vec<Column> =
        ["topic", "date", "district", "source", "brand", "product"].map(Column::words).into();
    columns.push(Column::figure("price", &["price"]));
    columns.extend(["summary", "staff", "id"].map(Column::words));
    let rows = notes.iter().map(row).collect();
    Table { key: key.into(), columns, rows, empty: "Nothing was heard.".into() }
}
