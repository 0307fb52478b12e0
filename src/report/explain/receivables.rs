//! `explain receivables`: the invoices, credits and payments that are open, as of a day.

use super::{exact, key, keys_and_figure};
use crate::{
    book::{
        Book, place,
        receivable::{BUCKETS, Item, Items, items},
    },
    error::{Error, Result},
    page::{Cell, Column, Page, Row, Table},
    record::{contract::Side, invoice::Invoice},
    report::{
        self, Made, Params,
        receivables::{Asked, filter_fields, value},
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round},
        place::{KeyPath, Place},
    },
};

const KEYS: [&str; 6] = ["customer", "contract", "staff", "district", "currency", "invoice"];

pub(super) fn explain(book: &Book, words: &[String], params: &Params) -> Result<Made> {
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    if let Some(word) = by.iter().find(|word| !KEYS.contains(&word.as_str())) {
        return Err(Error::usage(format!("--by takes {}, not \"{word}\"", KEYS.join(", "))));
    }
    let is_issued = match params.basis.as_deref() {
        None | Some("due") => false,
        Some("issued") => true,
        Some(word) => {
            return Err(Error::usage(format!("--basis takes due, issued, not \"{word}\"")));
        }
    };
    let figures: Vec<&str> = std::iter::once("open").chain(BUCKETS.map(|own| own.name())).collect();
    let (keys, figure) = keys_and_figure(words, &by, &figures)?;
    let keys = keys.iter().zip(&by).map(|(word, by)| key(book, by, word));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let filter = report::filter(book, params, &filter_fields())?;
    let as_of = params.as_of.unwrap_or(book.today);
    let asked = Asked { book, filter: &filter, splits: by.iter().any(|key| key == "contract") };
    let Items { items: open, left_out } = asked.items(items(book, Side::Sale, as_of));
    let aged = |item: &Item| match is_issued {
        true => item.bucket_by_issue(as_of).name(),
        false => item.bucket(as_of).name(),
    };
    let is_asked = |item: &Item| {
        let bucket = figure.filter(|figure| *figure != "open");
        bucket.is_none_or(|bucket| aged(item) == bucket)
            && keys.iter().zip(&by).all(|(key, by)| *key == label(item, by))
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
    let whose = if keys.is_empty() { "total".to_owned() } else { keys.join(", ") };
    let page = Page {
        key: "explain".into(),
        title: format!("Receivables explained: {whose}"),
        facts,
        tables: vec![table(book, &shown, as_of, &aged)],
        ..Page::default()
    };
    Ok(Made { page, left_out })
}

/// The item's own spot: the instalment of an invoice, where it is one.
fn place_of(book: &Book, item: &Item) -> Place {
    let bill = item.instalment.and_then(|_| book.get::<Invoice>(&item.id));
    let at = bill.and_then(|bill| {
        bill.rec.instalment.iter().position(|own| Some(own.no) == item.instalment)
    });
    match at {
        Some(at) => Place::key(&item.place.file, KeyPath::key("instalment").nth(at)),
        None => item.place.clone(),
    }
}

/// A row's key; an invoice by its id alone, whatever its instalment.
fn label(item: &Item, by: &str) -> String {
    if by == "invoice" { item.id.clone() } else { value(item, by) }
}

fn table(book: &Book, shown: &[Item], as_of: Day, aged: &dyn Fn(&Item) -> &'static str) -> Table {
    let words = ["what", "id", "instalment", "number", "customer", "issued_on", "due_on", "bucket"];
    let mut columns: Vec<Column> = words.map(Column::words).into();
    columns.push(Column::figure("late_days", &[]));
    columns.push(Column::words("currency"));
    let figures = ["amount", "open", "open_base"];
    columns.extend(figures.map(|key| Column::figure(key, &["line.price"])));
    columns.push(Column::words("where"));
    let base = currency::decimals(book.config.currency());
    let mut total = Decimal::ZERO;
    let mut rows = Vec::new();
    for item in shown {
        let decimals = currency::decimals(&item.currency);
        let own = item.base_open;
        total = add(total, own.unwrap_or_default());
        rows.push(Row::Data(vec![
            Cell::text(item.sort.name()),
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
            own.map_or(Cell::NotApplicable, |own| exact(own, base)),
            Cell::text(place::spelled(book, &place_of(book, item))),
        ]));
    }
    if !rows.is_empty() {
        let mut row = vec![Cell::text("total")];
        row.resize(columns.len().saturating_sub(2), Cell::Empty);
        row.extend([Cell::Money(round(total, base)), Cell::Empty]);
        rows.push(Row::Total(row));
    }
    let empty = "Nothing makes this figure: nothing is open.".into();
    Table { key: "items".into(), columns, rows, empty }
}
