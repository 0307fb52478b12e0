//! `report leads`: who may become a customer, what is missing of each, and how many came how far.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    Made, Params, Report, customer::tables, fields, filter, listed, period_cell, reference,
};
use crate::{
    book::{Book, lead},
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc,
        common::Stage,
        customer::Customer,
        schema::{Field, Type},
    },
    value::number::Decimal,
};

pub(super) const REPORT: Report = Report {
    name: "leads",
    about: "leads and prospects: first contact in time, next step, and how many came how far, by source",
    by: &["source", "staff", "district"],
    basis: &[],
    compare: &[],
    filters: &["customer", "staff", "district", "source"],
    example: "desk report leads staff:li-min --by source",
    run,
};

/// The stages of the funnel, in the order they are come to.
const STAGES: [Stage; 5] =
    [Stage::Lead, Stage::Prospect, Stage::Active, Stage::Dormant, Stage::Blocked];

fn filter_fields() -> Vec<Field> {
    fields([
        ("customer", reference("customer")),
        ("staff", reference("staff")),
        ("district", listed("districts")),
        ("source", Type::Text),
    ])
}

fn run(book: &Book, params: &Params) -> Result<Made> {
    let as_of = params.as_of.unwrap_or(book.today);
    let filter = filter(book, params, &filter_fields())?;
    let is_meant = |customer: &Doc<Customer>| {
        filter.terms.is_empty()
            || filter.matches(&json!({
                "customer": customer.id(),
                "staff": customer.common.staff,
                "district": customer.common.district,
                "source": customer.rec.source,
            }))
    };
    let mut leads = lead::leads(book, as_of);
    leads.retain(|own| {
        let is_open = params.period.from.is_none() && params.period.to.is_none();
        let is_in = is_open || own.since.is_some_and(|since| params.period.contains(since));
        is_meant(own.customer) && is_in
    });
    leads.sort_by_key(|own| {
        let missing = own.missing(as_of);
        (missing.is_none(), missing.map(|(what, since)| (since, what)), own.customer.id())
    });
    let by = params.by.first().map_or("source", String::as_str);
    let customers = book.all::<Customer>().into_iter();
    let counted: Vec<&Doc<Customer>> =
        customers.filter(|own| own.counts() && is_meant(own)).collect();
    let page = Page {
        title: "Leads".into(),
        facts: vec![
            (
                "basis".into(),
                Cell::text(
                    "open leads and prospects, by the day they were entered; the funnel counts every customer by the stage it \
                     has now",
                ),
            ),
            ("period".into(), period_cell(params.period)),
            ("as_of".into(), as_of.into()),
        ],
        tables: vec![tables::leads(&leads, as_of), funnel(&counted, by)],
        ..Page::default()
    };
    Ok(Made { page, left_out: Vec::new() })
}

/// How many customers came how far, and the share of them that ever traded.
fn funnel(customers: &[&Doc<Customer>], by: &str) -> Table {
    let mut groups: BTreeMap<&str, [i64; STAGES.len()]> = BTreeMap::new();
    let mut total = [0; STAGES.len()];
    for own in customers {
        let key = match by {
            "staff" => own.common.staff.as_deref(),
            "district" => own.common.district.as_deref(),
            _ => own.rec.source.as_deref(),
        };
        let stage = own.rec.stage.unwrap_or(Stage::Active);
        let at = STAGES.iter().position(|known| *known == stage).unwrap_or_default();
        for counts in [groups.entry(key.unwrap_or_default()).or_default(), &mut total] {
            counts[at] = counts[at].saturating_add(1);
        }
    }
    let cells = |name: Cell, counts: &[i64; STAGES.len()]| {
        let all = counts.iter().fold(0_i64, |sum, count| sum.saturating_add(*count));
        let won = counts[2].saturating_add(counts[3]);
        let share = Decimal::from(won).checked_div(Decimal::from(all));
        let mut cells = vec![name];
        cells.extend(counts.iter().map(|count| Cell::Int(*count)));
        cells.push(Cell::Int(all));
        cells.push(share.map_or(Cell::NotApplicable, Cell::Percent));
        cells
    };
    let mut rows: Vec<Row> =
        groups.iter().map(|(name, counts)| Row::Data(cells(Cell::text(*name), counts))).collect();
    if !rows.is_empty() {
        rows.push(Row::Total(cells(Cell::word("total"), &total)));
    }
    let mut columns = vec![Column::words(by)];
    columns.extend(STAGES.iter().map(|stage| Column::figure(stage.name(), &[])));
    columns.push(Column::figure("customers", &[]));
    columns.push(Column::figure("won", &[]));
    Table { key: "funnel".into(), columns, rows, empty: "No customer is known.".into() }
}
