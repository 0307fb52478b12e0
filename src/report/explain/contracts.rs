//! `explain contracts`: what was ordered, shipped, invoiced and collected under a contract or a line
//! of it.

use super::{exact, place_of};
use crate::{
    book::{
        Book,
        contract::under::{Under, under},
        payment::own_currency,
    },
    error::{Error, Result},
    fact::What,
    page::{Cell, Column, Page, Row, Table},
    record::{Doc, Kind, contract::Contract},
    report::{self, Made, Params},
    value::{
        currency,
        number::{Decimal, add, round},
    },
};

const FIGURES: [&str; 4] = ["ordered", "shipped", "invoiced", "collected"];

pub(super) fn explain(book: &Book, words: &[String], params: &Params) -> Result<Made> {
    let usage =
        |why: String| Error::usage(why).hint("desk explain contracts CT-2609-0004 1 shipped");
    let [id, rest @ ..] = words else {
        return Err(usage("explaining contracts needs the contract".into()));
    };
    let contract: &Doc<Contract> = Doc::of(book.resolved(Kind::Contract, id)?)
        .ok_or_else(|| Error::usage(format!("no contract \"{id}\"")))?;
    let (mut line, mut figure) = (None, None);
    for word in rest {
        match (word.parse::<u32>(), FIGURES.iter().find(|own| *own == word)) {
            (Ok(no), _) => line = Some(no),
            (_, Some(own)) => figure = Some(*own),
            _ => {
                let why = format!("\"{word}\" is no line and no figure: {}", FIGURES.join(", "));
                return Err(usage(why));
            }
        }
    }
    if let Some(no) = line.filter(|no| contract.rec.line.iter().all(|own| own.no != *no)) {
        return Err(usage(format!("{} has no line {no}", contract.id())));
    }
    let as_of = params.as_of.unwrap_or(book.today);
    let code = own_currency(book, &contract.common);
    let decimals = currency::decimals(code);
    let mut rows: Vec<(_, Vec<Cell>)> = Vec::new();
    let (mut quantity, mut gross) = (Decimal::ZERO, Decimal::ZERO);
    let left_out = under(book, contract, as_of, |Under { fact, gross: amount }| {
        let no = fact.contract.and_then(|(_, no)| no);
        let is_line = line.is_none_or(|line| no == Some(line));
        if !is_line || figure.is_some_and(|figure| figure != figure_of(fact.what)) {
            return;
        }
        quantity = add(quantity, fact.quantity);
        gross = add(gross, amount);
        let cells = vec![
            Cell::text(fact.what.name()),
            fact.on.into(),
            Cell::Ref(fact.id.to_owned()),
            Cell::Int(fact.line.into()),
            no.map_or(Cell::Empty, |no| Cell::Int(no.into())),
            Cell::Ref(fact.product.to_owned()),
            report::quantity(fact.quantity),
            exact(amount, decimals),
            place_of(book, fact),
        ];
        rows.push(((fact.on, fact.id.to_owned(), fact.line), cells));
    });
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    let mut rows: Vec<Row> = rows.into_iter().map(|(_, cells)| Row::Data(cells)).collect();
    // Sums of what is ordered and what is paid of it mean nothing.
    if figure.is_some() && !rows.is_empty() {
        let mut row = vec![Cell::word("total")];
        row.resize(6, Cell::Empty);
        let gross = Cell::Money(round(gross, decimals));
        row.extend([report::quantity(quantity), gross, Cell::Empty]);
        rows.push(Row::Total(row));
    }
    let mut columns: Vec<Column> =
        ["what", "on", "id", "line", "contract_line", "product"].map(Column::words).into();
    columns.extend(["quantity", "gross"].map(|key| Column::figure(key, &["line.price"])));
    columns.push(Column::words("where"));
    let empty = "Nothing makes this figure: it is nothing by this day.".into();
    let facts = vec![
        ("as_of".into(), as_of.into()),
        ("tax_basis".into(), Cell::text("with tax")),
        ("currency".into(), Cell::text(code)),
    ];
    let page = Page {
        key: "explain".into(),
        title: format!("Contract explained: {}", contract.id()),
        facts,
        tables: vec![Table { key: "facts".into(), columns, rows, empty }],
        ..Page::default()
    };
    Ok(Made { page, left_out })
}

fn figure_of(what: What) -> &'static str {
    match what {
        What::Ordered | What::Closed => "ordered",
        What::Shipped | What::Returned => "shipped",
        What::Invoiced | What::Credited => "invoiced",
        What::Collected => "collected",
    }
}
