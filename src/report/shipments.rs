//! Goods under way and goods late, each with the command that moves it on.
//!
//! For whoever follows deliveries: what left and did not arrive, what was promised and is not
//! there, samples that should be back.

use super::{Made, conditions};
use crate::{
    book::{
        Book,
        derived::{described, fields, party_name},
        shipment::{State, days_between, late_days, state, why_late},
    },
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    record::{Doc, Kind, shipment::Shipment},
    value::day::Day,
};

/// What a list of shipments is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Conditions, as they were typed.
    pub filter: Vec<String>,
    /// The day it is seen from; absent: today.
    pub as_of: Option<Day>,
}

/// What is under way: goods that left, or are to come in, and did not arrive.
pub fn track(book: &Book, asked: &Asked) -> Result<Made> {
    let as_of = asked.as_of.unwrap_or(book.today);
    let mut rows = Vec::new();
    each(book, asked, as_of, |shipment| {
        if state(book, shipment, as_of) != State::InTransit {
            return;
        }
        let rec = &shipment.rec;
        let days = rec.shipped_on.map(|left| Cell::Int(days_between(left, as_of).into()));
        rows.push(vec![
            Cell::Ref(shipment.id().to_owned()),
            Cell::word(rec.sort().name()),
            name(book, rec.party()),
            name(book, rec.carrier.as_deref()),
            rec.waybill.as_deref().into(),
            rec.shipped_on.into(),
            days.unwrap_or(Cell::Empty),
            rec.promised_on.into(),
            late(shipment, as_of),
        ]);
    })?;
    let columns = [
        "id",
        "kind",
        "party_name",
        "carrier",
        "waybill",
        "shipped_on",
        "days",
        "promised_on",
        "late_days",
    ];
    let empty = "Nothing is under way.".to_owned();
    Ok(page("ship-track", "Under way", as_of, (&columns, rows, empty)))
}

/// What is late: promised and not there, not acknowledged in time, samples not back.
pub fn late_list(book: &Book, asked: &Asked) -> Result<Made> {
    let as_of = asked.as_of.unwrap_or(book.today);
    let mut rows = Vec::new();
    each(book, asked, as_of, |shipment| {
        let Some(late) = why_late(book, shipment, as_of) else { return };
        let rec = &shipment.rec;
        let row = vec![
            Cell::Ref(shipment.id().to_owned()),
            name(book, rec.party()),
            shipment.common.staff.as_deref().into(),
            name(book, rec.carrier.as_deref()),
            rec.waybill.as_deref().into(),
            Cell::text(late.why.name()),
            late.since.into(),
            Cell::Int(days_between(late.since, as_of).into()),
            Cell::text(late.next),
        ];
        rows.push((late.since, row));
    })?;
    rows.sort_by_key(|(since, _)| *since);
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let columns =
        ["id", "party_name", "staff", "carrier", "waybill", "reason", "since", "days", "next"];
    let empty = "Nothing is late.".to_owned();
    Ok(page("ship-late", "Late", as_of, (&columns, rows, empty)))
}

/// Hands on every shipment that holds and passes the conditions.
fn each(
    book: &Book,
    asked: &Asked,
    as_of: Day,
    mut take: impl FnMut(&Doc<Shipment>),
) -> Result<()> {
    let fields = fields(Kind::Shipment);
    let filter = conditions(book, &asked.filter, &fields)?;
    book.each::<Shipment>(|shipment| {
        let passes = || {
            let value = described(book, shipment, as_of, &|key| filter.looks_at(key));
            filter.matches(&value)
        };
        if shipment.counts() && (filter.terms.is_empty() || passes()) {
            take(shipment);
        }
    });
    Ok(())
}

fn name(book: &Book, code: Option<&str>) -> Cell {
    code.map(|code| party_name(book, code).unwrap_or_else(|| code.to_owned())).into()
}

fn late(shipment: &Doc<Shipment>, as_of: Day) -> Cell {
    late_days(shipment, as_of).map_or(Cell::Empty, |days| Cell::Int(days.into()))
}

fn page(
    key: &str,
    title: &str,
    as_of: Day,
    (columns, rows, empty): (&[&str], Vec<Vec<Cell>>, String),
) -> Made {
    let column = |key: &&str| match *key {
        "days" | "late_days" => Column::figure(*key, &[]),
        key => Column::words(key),
    };
    let table = Table {
        key: "shipments".into(),
        columns: columns.iter().map(column).collect(),
        rows: rows.into_iter().map(Row::Data).collect(),
        empty,
    };
    let facts = vec![("as_of".into(), as_of.into())];
    let page = Page {
        key: key.into(),
        title: title.into(),
        facts,
        tables: vec![table],
        ..Page::default()
    };
    Made { page, left_out: Vec::new() }
}
