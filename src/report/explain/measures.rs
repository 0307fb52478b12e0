//! `explain receivables dso` and the other figures above its rows: the formula with its numbers, and
//! the items that each number is the sum of.

use super::receivables::table;
use crate::{
    book::{
        Book,
        receivable::{Bucket, Item, invoiced_in, items},
    },
    error::{Error, Result},
    page::{Cell, Page},
    record::contract::Side,
    report::{
        self, Made, Params, period_cell,
        receivables::{Asked, Span, filter_fields, measured, seen_from, span},
    },
    value::{
        currency,
        number::{Decimal, grouped, round},
    },
};

/// The figures above the rows.
pub(super) const MEASURES: [&str; 8] = [
    "opening",
    "sales",
    "closing",
    "closing_not_due",
    "dso",
    "best_possible_dso",
    "average_days_delinquent",
    "cei",
];

pub(super) fn explain(book: &Book, figure: &str, params: &Params) -> Result<Made> {
    let filter = report::filter(book, params, &filter_fields())?;
    let as_of = seen_from(book, params);
    let splits = params.by.iter().any(|key| key == "contract");
    let asked = Asked { book, filter: &filter, splits };
    let mut left_out = Vec::new();
    let (period, all) = measured(&asked, params, as_of, &mut left_out);
    let (Some(all), (_, Some(Span { eve, last, days }))) = (all, span(params, as_of)) else {
        let error = Error::usage(format!("{figure} needs a period with both ends"));
        return Err(error.hint(format!("desk explain receivables {figure} -p 2026-Q3")));
    };
    let base = currency::decimals(book.config.currency());
    let money = |amount: Decimal| round(amount, base);
    let own = [all.opening, all.sales, all.closing, all.not_due].map(money);
    let [opening, sales, closing, not_due] = own.map(grouped);
    let ahead = match all.ahead.is_zero() {
        true => String::new(),
        false => format!(" + deposits and carried over {}", grouped(money(all.ahead))),
    };
    let in_days = |words: &str| format!("{words} ÷ sales {sales} × {days} days");
    let (formula, result) = match figure {
        "dso" => (in_days(&format!("closing {closing}")), all.dso()),
        "best_possible_dso" => {
            (in_days(&format!("closing not due {not_due}")), all.best_possible_dso())
        }
        "average_days_delinquent" => {
            let shown = |days: Option<Decimal>| days.unwrap_or_default().to_string();
            let (dso, best) = (shown(all.dso()), shown(all.best_possible_dso()));
            (format!("dso {dso} − best possible dso {best}"), all.average_days_delinquent())
        }
        "cei" => {
            let all_of_it = format!("opening {opening} + sales {sales}{ahead}");
            let words =
                format!("({all_of_it} − closing {closing}) ÷ ({all_of_it} − not due {not_due})");
            (words, all.cei())
        }
        "opening" => ("what was open the day before the period".to_owned(), Some(own[0])),
        "sales" => (
            "invoices less credits issued in the period, without deposits".to_owned(),
            Some(own[1]),
        ),
        "closing" => ("what is open on the last day".to_owned(), Some(own[2])),
        _ => ("what of the closing is not overdue".to_owned(), Some(own[3])),
    };
    let open_by = |day| asked.items(items(book, Side::Sale, day)).items;
    let is_fine = |item: &Item| item.bucket(last) == Bucket::NotDue;
    let aged_by = |day| move |item: &Item| item.bucket(day).name();
    let list = |key: &str, found: &[Item], day| table(book, key, found, day, &aged_by(day));
    let (invoiced, ahead) = invoiced_in(book, Side::Sale, period);
    let (invoiced, ahead) = (asked.items(invoiced).items, asked.items(ahead).items);
    let mut tables = Vec::new();
    if matches!(figure, "opening" | "cei") {
        tables.push(list("opening", &open_by(eve), eve));
    }
    if !matches!(figure, "opening" | "closing" | "closing_not_due") {
        tables.push(list("sales", &invoiced, last));
    }
    if figure == "cei" && !ahead.is_empty() {
        tables.push(list("invoiced_ahead", &ahead, last));
    }
    if !matches!(figure, "opening" | "sales") {
        let mut found = open_by(last);
        match figure {
            "closing_not_due" | "best_possible_dso" => found.retain(is_fine),
            "average_days_delinquent" => found.retain(|item| !is_fine(item)),
            _ => {}
        }
        tables.push(list("closing", &found, last));
    }
    let result = match (result, figure) {
        (None, _) => Cell::NotApplicable,
        (Some(ratio), "cei") => Cell::Percent(ratio),
        (Some(amount), "opening" | "sales" | "closing" | "closing_not_due") => Cell::Money(amount),
        (Some(days), _) => Cell::Quantity(days),
    };
    let facts = vec![
        ("measured_over".to_owned(), period_cell(period)),
        ("formula".to_owned(), Cell::text(formula)),
        (figure.to_owned(), result),
        ("currency".to_owned(), Cell::text(book.config.currency())),
    ];
    let title = format!("Receivables explained: {figure}");
    Ok(Made {
        page: Page { key: "explain".into(), title, facts, tables, ..Page::default() },
        left_out,
    })
}
