//! Official numbers: each given once, and none missing where a series says so.

use super::{Rule, Run};
use crate::{
    book::{Book, series},
    finding::{Finding, Level},
    record::{Doc, Entry, Kind, invoice::Invoice},
    store::layout,
    value::place::{KeyPath, Place},
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "invoice.number",
        Level::Error,
        "An official number is given once: no two invoices of ours, and no two of one supplier, have the same. A draft has \
         none, and a void one keeps its own.",
        Run::Group { keys: number_keys, run: doubled },
    ),
    Rule::always(
        "invoice.series",
        Level::Error,
        "A series is one of [[series]] in desk.toml; its numbers begin as it says, and where it is gapless none is missing.",
        Run::Group { keys: series_keys, run: of_series },
    ),
];

/// Whose number it is, and the number; a word beyond both keeps drafts apart.
fn number_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let Some(bill) = Doc::<Invoice>::of(entry) else { return Vec::new() };
    let whose = if bill.rec.is_sale() { "" } else { bill.rec.party.as_str() };
    let number = bill.rec.number.as_deref();
    number.map(|number| format!("{whose}\n{number}")).into_iter().collect()
}

fn doubled(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let Some((_, number)) = key.split_once('\n') else { return };
    let named = book.numbered(number).into_iter();
    let mut same =
        named.filter(|bill| number_keys(book, *bill).first().is_some_and(|own| own == key));
    let Some(first) = same.next() else { return };
    if first.rec.issued_on.is_none() {
        let message = format!("{} has number {number} and is not issued", first.id());
        let place = Place::key(&first.file, KeyPath::key("number"));
        findings.push(Finding::error("invoice.number", place, message));
    }
    for other in same {
        let place = Place::key(&other.file, KeyPath::key("number"));
        let message = format!("{} has number {number}, which {} has", other.id(), first.id());
        let first = Place::key(&first.file, KeyPath::key("number"));
        findings.push(
            Finding::error("invoice.number", place, message)
                .other(first, "given first here")
                .hint(format!("desk invoice list number:{number}")),
        );
    }
}

fn series_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let bill = Doc::<Invoice>::of(entry).filter(|bill| bill.rec.is_sale());
    bill.and_then(|bill| bill.rec.series.clone()).into_iter().collect()
}

fn of_series(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let mut find = |id: &str, path: &str, message: String| {
        let file = layout::path(Kind::Invoice, id).unwrap_or_default();
        let place = Place::key(file, KeyPath::key(path));
        let finding = Finding::error("invoice.series", place, message);
        findings.push(finding.hint(format!("desk invoice list series:{key}")));
    };
    let Some(series) = series::named(book, key) else {
        book.each::<Invoice>(|bill| {
            if bill.rec.is_sale() && bill.rec.series.as_deref() == Some(key) {
                find(bill.id(), "series", format!("there is no series \"{key}\" in desk.toml"));
            }
        });
        return;
    };
    book.each::<Invoice>(|bill| {
        let own = bill.rec.is_sale() && bill.rec.series.as_deref() == Some(key);
        let number = bill.rec.number.as_deref().filter(|_| own);
        if let Some(number) = number.filter(|number| series::ordinal(series, number).is_none()) {
            find(bill.id(), "number", format!("{number} is no number of series {key}"));
        }
    });
    if series.gapless != Some(true) {
        return;
    }
    let mut wanted = series::first(series);
    for (at, ids) in series::given(book, series) {
        if at > wanted {
            let (from, to) =
                (series::number(series, wanted), series::number(series, at.saturating_sub(1)));
            let missing =
                if from == to { format!("{from} is") } else { format!("{from} to {to} are") };
            let number = series::number(series, at);
            let id = ids.first().map(String::as_str).unwrap_or_default();
            find(id, "number", format!("series {key}: {missing} missing before {number}"));
        }
        wanted = wanted.max(at.saturating_add(1));
    }
}
