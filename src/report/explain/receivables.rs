//! `explain receivables`: the invoices, credits and payments that are open, as of a day.

use super::{
    add_total, asked, exact,
    measures::{self, MEASURES},
    titled,
};
use crate::{
    book::{
        Book, place,
        receivable::{Bucket, Item, Items, Sort, items},
    },
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    record::contract::Side,
    report::{
        self, Made, Params,
        receivables::{Asked, REPORT, filter_fields, seen_from, value},
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, round, sum},
    },
};

/// The figures of a row, and those above the rows.
const FIGURES: [&str; 9] = [
    "open",
    "not_due",
    "days_1_30",
    "days_31_60",
    "days_61_90",
    "over_90",
    "invoiced",
    "overdue",
    "unallocated",
];

pub(super) fn explain(book: &Book, words: &[String], params: &Params) -> Result<Made> {
    super::super::allowed("basis", params.basis.as_deref(), REPORT.basis)?;
    if let [figure] = words
        && MEASURES.contains(&figure.as_str())
    {
        return measures::explain(book, figure, params);
    }
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    let (keys, figure) = asked(book, &REPORT, words, &by, &FIGURES)?;
    let filter = report::filter(book, params, &filter_fields())?;
    let as_of = seen_from(book, params);
    let wanted = Asked { book, filter: &filter, splits: by.iter().any(|key| key == "contract") };
    let Items { items: open, left_out } = wanted.items(items(book, Side::Sale, as_of));
    let is_issued = params.basis.as_deref() == Some("issued");
    let aged = |item: &Item| match is_issued {
        true => item.bucket_by_issue(as_of).name(),
        false => item.bucket(as_of).name(),
    };
    let is_asked = |item: &Item| {
        let is_counted = match figure {
            None | Some("open") => true,
            Some("invoiced") => item.sort == Sort::Invoice,
            Some("unallocated") => item.sort != Sort::Invoice,
            Some("overdue") => item.bucket(as_of) != Bucket::NotDue,
            Some(bucket) => aged(item) == bucket,
        };
        is_counted && keys.iter().zip(&by).all(|(key, by)| *key == label(item, by))
    };
    let shown: Vec<Item> = open.into_iter().filter(is_asked).collect();
    let facts = vec![
        (
            "basis".into(),
            Cell::text(
                "open by the as-of day: invoices by instalment, less credits and money not used yet",
            ),
        ),
        ("as_of".into(), as_of.into()),
        ("currency".into(), Cell::text(book.config.currency())),
    ];
    let page = Page {
        key: "explain".into(),
        title: titled("Receivables", &keys),
        facts,
        tables: vec![table(book, "items", &shown, as_of, &aged)],
        ..Page::default()
    };
    Ok(Made { page, left_out })
}

/// A row's key; an invoice by its id alone, whatever its instalment.
fn label(item: &Item, by: &str) -> String {
    if by == "invoice" { item.id.clone() } else { value(item, by) }
}

/// Items with what each comes to and what of it is open, and the sums of both in base currency.
pub(super) fn table(
    book: &Book,
    key: &str,
    shown: &[Item],
    as_of: Day,
    aged: &dyn Fn(&Item) -> &'static str,
) -> Table {
    let words = ["what", "id", "instalment", "number", "customer", "issued_on", "due_on", "bucket"];
    let mut columns: Vec<Column> = words.map(Column::words).into();
    columns.push(Column::figure("late_days", &[]));
    columns.push(Column::words("currency"));
    let figures = ["amount", "open", "amount_base", "open_base"];
    columns.extend(figures.map(|key| Column::figure(key, &["line.price"])));
    columns.push(Column::words("where"));
    let base = currency::decimals(book.config.currency());
    let known = |own: Option<Decimal>| own.map_or(Cell::NotApplicable, |own| exact(own, base));
    let mut rows = Vec::new();
    for item in shown {
        let decimals = currency::decimals(&item.currency);
        rows.push(Row::Data(vec![
            Cell::word(item.sort.name()),
            Cell::Ref(item.id.clone()),
            item.instalment.map(|no| Cell::Int(no.into())).unwrap_or(Cell::Empty),
            item.number.clone().into(),
            Cell::Ref(item.party.clone()),
            item.issued_on.into(),
            item.due_on.into(),
            Cell::text(aged(item)),
            Cell::Int(item.days_overdue(as_of).into()),
            Cell::text(item.currency.as_str()),
            exact(item.amount, decimals),
            exact(item.open, decimals),
            known(item.base_amount),
            known(item.base_open),
            Cell::text(place::of_item(book, item)),
        ]));
    }
    let sums = [|item: &Item| item.base_amount, |item: &Item| item.base_open];
    let sums = sums.map(|own| Cell::Money(round(sum(shown.iter().filter_map(own)), base)));
    let blanks = columns.len().saturating_sub(3);
    add_total(&mut rows, blanks, sums.into());
    let empty = "Nothing makes this figure: nothing is open.".into();
    Table { key: key.into(), columns, rows, empty }
}
