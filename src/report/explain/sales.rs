//! `explain sales`: the facts behind a row of `report sales`, whatever its basis.

use super::{exact, key, keys_and_figure, place_of};
use crate::{
    book::{Book, derived::party_name},
    error::Result,
    fact::Fact,
    page::{Cell, Column, Row, Table},
    report::{
        self, Made, Params, group,
        sales::{Asked, basis, figures, filter_fields, head, up_to},
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, sub},
    },
};

const FIGURES: [&str; 6] = ["quantity", "net", "tax", "gross", "cost", "margin"];

/// One fact behind the figure.
struct Told {
    /// Day, document and line, which the list is sorted by.
    order: (Day, String, u32),
    what: &'static str,
    party: String,
    product: String,
    place: Cell,
    sums: group::Sums,
}

/// The facts behind a row, and their sums as the report makes them.
#[derive(Default)]
struct Found {
    told: Vec<Told>,
    tally: group::Tally,
}

pub(super) fn explain(book: &Book, words: &[String], params: &Params) -> Result<Made> {
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    let (keys, figure) = keys_and_figure(words, &by, &FIGURES)?;
    let keys = keys.iter().zip(&by).map(|(word, by)| key(book, by, word));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let filter = report::filter(book, params, &filter_fields(basis(params)))?;
    let period = up_to(params.period, params.as_of.unwrap_or(book.today));
    let same = |day: Day| day;
    let grouping = group::Grouping::new(book, &by, &same);
    let asked = Asked { params, filter: &filter, period, by: &by };
    let found = asked.facts(book, |found: &mut Found, facts| {
        let mut own: Vec<Fact<'_>> = Vec::new();
        for fact in facts {
            let (labels, sums) = alone(&grouping, fact);
            if labels.starts_with(&keys) {
                found.told.push(told(book, fact, sums));
                own.push(*fact);
            }
        }
        if !own.is_empty() {
            found.tally.take(&grouping, &own);
        }
    });
    let (mut all, mut tallies) = (Vec::new(), Vec::new());
    for part in found.parts {
        all.extend(part.told);
        tallies.push(part.tally);
    }
    all.sort_by(|one, other| one.order.cmp(&other.order));
    let total = grouping.groups(tallies).total;
    let mut page = head(book, params, period, None);
    page.title = format!(
        "Sales explained: {}",
        if keys.is_empty() { "total".into() } else { keys.join(", ") }
    );
    page.tables.push(table(book, &all, &total, figure));
    Ok(Made { page, left_out: found.left_out })
}

/// The keys and figures of one fact, as the report groups it.
fn alone(grouping: &group::Grouping<'_>, fact: &Fact<'_>) -> (Vec<String>, group::Sums) {
    let mut tally = group::Tally::default();
    tally.take(grouping, std::slice::from_ref(fact));
    grouping.groups(vec![tally]).rows.into_iter().next().unwrap_or_default()
}

fn told(book: &Book, fact: &Fact<'_>, sums: group::Sums) -> Told {
    Told {
        order: (fact.on, fact.id.to_owned(), fact.line),
        what: fact.what.name(),
        party: fact.party.to_owned(),
        product: fact.product.to_owned(),
        place: place_of(book, fact),
        sums,
    }
}

fn table(book: &Book, all: &[Told], total: &group::Sums, figure: Option<&'static str>) -> Table {
    let words = ["what", "on", "id", "line", "customer", "customer_name", "product"];
    let mut columns: Vec<Column> = words.map(Column::words).into();
    let chosen: Vec<usize> =
        (0..FIGURES.len()).filter(|at| figure.is_none_or(|own| own == FIGURES[*at])).collect();
    columns.extend(chosen.iter().map(|at| Column::figure(FIGURES[*at], &["line.price"])));
    columns.push(Column::words("where"));
    let decimals = currency::decimals(book.config.currency());
    let known =
        |value: Option<Decimal>| value.map_or(Cell::NotApplicable, |own| exact(own, decimals));
    let mut rows = Vec::new();
    for own in all {
        let sums = &own.sums;
        let cells = [
            report::quantity(sums.quantity),
            exact(sums.net, decimals),
            exact(sub(sums.gross, sums.net), decimals),
            exact(sums.gross, decimals),
            known(sums.cost),
            known(sums.margin()),
        ];
        let mut row = vec![
            Cell::text(own.what),
            own.order.0.into(),
            Cell::Ref(own.order.1.clone()),
            Cell::Int(own.order.2.into()),
            Cell::Ref(own.party.clone()),
            party_name(book, &own.party).into(),
            Cell::Ref(own.product.clone()),
        ];
        row.extend(chosen.iter().map(|at| cells[*at].clone()));
        row.push(own.place.clone());
        rows.push(Row::Data(row));
    }
    if !rows.is_empty() {
        // The report's own cells: the number of documents stands before them.
        let cells = figures(total, None, decimals);
        let mut row = vec![Cell::word("total")];
        row.resize(words.len(), Cell::Empty);
        row.extend(chosen.iter().filter_map(|at| cells.get(at.saturating_add(1)).cloned()));
        row.push(Cell::Empty);
        rows.push(Row::Total(row));
    }
    let empty = "Nothing makes this figure: it is nothing in this period.".into();
    Table { key: "facts".into(), columns, rows, empty }
}
