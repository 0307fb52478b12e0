//! `explain contracts`: what was contracted, ordered, shipped, returned, invoiced and collected under
//! a contract or a line of it, and what of its invoices is open, due and late.

use super::{exact, place_of};
use crate::{
    book::{
        Book,
        contract::{
            lines_of, owed, signed_on,
            under::{Under, under},
        },
        payment::own_currency,
        place,
    },
    error::{Error, Result},
    fact::{Fact, What},
    finding::Finding,
    page::{Cell, Column, Page, Row, Table},
    record::{Doc, Kind, contract::Contract},
    report::{self, Made, Params},
    value::{
        currency,
        day::Day,
        number::{Decimal, round, sum},
        place::{KeyPath, Place},
    },
};

const FIGURES: [&str; 10] = [
    "contracted",
    "ordered",
    "shipped",
    "returned",
    "invoiced",
    "collected",
    "earmarked",
    "receivable",
    "due",
    "late",
];

/// What is asked for: a line of the contract or all of it, one figure or every fact.
struct Asked {
    line: Option<u32>,
    figure: Option<&'static str>,
    as_of: Day,
}

impl Asked {
    fn is_of(&self, line: Option<u32>) -> bool {
        self.line.is_none_or(|own| line == Some(own))
    }

    /// Whether a fact is part of the figure; money kept ahead is of no line of an invoice.
    fn takes(&self, fact: &Fact<'_>) -> bool {
        let own = match fact.what {
            What::Ordered | What::Closed => "ordered",
            What::Shipped | What::Returned => "shipped",
            What::Invoiced | What::Credited => "invoiced",
            What::Collected => "collected",
        };
        let is_of = |figure| match figure {
            "returned" => fact.what == What::Returned,
            "earmarked" => fact.what == What::Collected && fact.line == 0,
            figure => figure == own,
        };
        self.is_of(fact.contract.and_then(|(_, no)| no)) && self.figure.is_none_or(is_of)
    }
}

/// One part of a figure.
struct Part {
    what: &'static str,
    on: Option<Day>,
    id: String,
    line: u32,
    contract_line: Option<u32>,
    product: String,
    quantity: Option<Decimal>,
    gross: Decimal,
    place: Cell,
}

pub(super) fn explain(book: &Book, words: &[String], params: &Params) -> Result<Made> {
    let usage =
        |why: String| Error::usage(why).hint("desk explain contracts CT-2609-0004 1 shipped");
    let [id, rest @ ..] = words else {
        return Err(usage("explaining contracts needs the contract".into()));
    };
    let contract: &Doc<Contract> = Doc::of(book.resolved(Kind::Contract, id)?)
        .ok_or_else(|| Error::usage(format!("no contract \"{id}\"")))?;
    let mut asked = Asked { line: None, figure: None, as_of: params.as_of.unwrap_or(book.today) };
    for word in rest {
        let plain = word.strip_suffix("_qty").unwrap_or(word);
        match (word.parse::<u32>(), FIGURES.into_iter().find(|own| *own == plain)) {
            (Ok(no), _) => asked.line = Some(no),
            (_, Some(own)) => asked.figure = Some(own),
            _ => {
                let why = format!("\"{word}\" is no line and no figure: {}", FIGURES.join(", "));
                return Err(usage(why));
            }
        }
    }
    if let Some(no) = asked.line.filter(|no| contract.rec.line.iter().all(|own| own.no != *no)) {
        return Err(usage(format!("{} has no line {no}", contract.id())));
    }
    let (mut parts, left_out) = match asked.figure {
        Some("contracted") => contracted(book, contract, &asked),
        Some(figure @ ("receivable" | "due" | "late")) => owing(book, contract, &asked, figure),
        _ => done(book, contract, &asked),
    };
    parts.sort_by(|one, other| (one.on, &one.id, one.line).cmp(&(other.on, &other.id, other.line)));
    Ok(Made { page: page(book, contract, &asked, parts), left_out })
}

/// What was ordered, moved, invoiced and paid under a contract.
fn done(book: &Book, contract: &Doc<Contract>, asked: &Asked) -> (Vec<Part>, Vec<Finding>) {
    let mut parts = Vec::new();
    let left_out = under(book, contract, asked.as_of, |Under { fact, gross }| {
        if asked.takes(fact) {
            parts.push(Part {
                what: fact.what.name(),
                on: Some(fact.on),
                id: fact.id.to_owned(),
                line: fact.line,
                contract_line: fact.contract.and_then(|(_, no)| no),
                product: fact.product.to_owned(),
                quantity: Some(fact.quantity),
                gross,
                place: place_of(book, fact),
            });
        }
    });
    (parts, left_out)
}

/// What invoices under a contract leave open, of that what is due or late, less money kept for it.
fn owing(
    book: &Book,
    contract: &Doc<Contract>,
    asked: &Asked,
    figure: &'static str,
) -> (Vec<Part>, Vec<Finding>) {
    let mut parts = Vec::new();
    let left_out = owed::under(book, contract, asked.as_of, |bill, fact, owed| {
        let gross = match figure {
            "receivable" => owed.open,
            "due" => owed.due,
            _ => owed.late,
        };
        let contract_line = fact.contract.and_then(|(_, no)| no);
        if !gross.is_zero() && asked.is_of(contract_line) {
            parts.push(Part {
                what: figure,
                on: bill.rec.issued_on,
                id: bill.id().to_owned(),
                line: fact.line,
                contract_line,
                product: fact.product.to_owned(),
                quantity: None,
                gross,
                place: place_of(book, fact),
            });
        }
    });
    (parts, left_out)
}

/// What was agreed: the lines, or the amount that the contract names for all of it.
fn contracted(book: &Book, contract: &Doc<Contract>, asked: &Asked) -> (Vec<Part>, Vec<Finding>) {
    let at = |path| Cell::text(place::spelled(book, &Place::key(&contract.file, path)));
    let part = |no, product: &str, quantity, gross, place| Part {
        what: "contracted",
        on: signed_on(contract),
        id: contract.id().to_owned(),
        line: no,
        contract_line: Some(no).filter(|no| *no > 0),
        product: product.to_owned(),
        quantity,
        gross,
        place,
    };
    if let Some(amount) = contract.rec.amount.filter(|_| asked.line.is_none()) {
        let whole = part(0, "", None, amount.get(), at(KeyPath::key("amount")));
        return (vec![whole], Vec::new());
    }
    let found = lines_of(book, vec![contract], asked.as_of);
    let lines = found.lines.iter().filter(|own| own.no > 0 && asked.is_of(Some(own.no)));
    let agreed = lines.filter_map(|own| {
        let index = contract.rec.line.iter().position(|line| line.no == own.no)?;
        let place = at(KeyPath::key("line").nth(index));
        Some(part(own.no, &own.product, own.contracted, own.contracted_amount?.gross, place))
    });
    (agreed.collect(), found.left_out)
}

fn page(book: &Book, contract: &Doc<Contract>, asked: &Asked, parts: Vec<Part>) -> Page {
    let code = own_currency(book, &contract.common);
    let decimals = currency::decimals(code);
    let quantities: Option<Vec<Decimal>> = parts.iter().map(|part| part.quantity).collect();
    let gross = sum(parts.iter().map(|part| part.gross));
    let of = |quantity: Option<Decimal>| quantity.map_or(Cell::Empty, report::quantity);
    let row = |part: Part| {
        Row::Data(vec![
            Cell::text(part.what),
            part.on.into(),
            Cell::Ref(part.id),
            Cell::Int(part.line.into()),
            part.contract_line.map_or(Cell::Empty, |no| Cell::Int(no.into())),
            if part.product.is_empty() { Cell::Empty } else { Cell::Ref(part.product) },
            of(part.quantity),
            exact(part.gross, decimals),
            part.place,
        ])
    };
    let mut rows: Vec<Row> = parts.into_iter().map(row).collect();
    // Sums of what is ordered and what is paid of it mean nothing.
    if asked.figure.is_some() && !rows.is_empty() {
        let mut cells = vec![Cell::word("total")];
        cells.resize(6, Cell::Empty);
        cells.push(of(quantities.map(sum)));
        cells.extend([Cell::Money(round(gross, decimals)), Cell::Empty]);
        rows.push(Row::Total(cells));
    }
    let mut columns: Vec<Column> =
        ["what", "on", "id", "line", "contract_line", "product"].map(Column::words).into();
    columns.extend(["quantity", "gross"].map(|key| Column::figure(key, &["line.price"])));
    columns.push(Column::words("where"));
    let empty = "Nothing makes this figure: it is nothing by this day.".into();
    let facts = vec![
        ("as_of".into(), asked.as_of.into()),
        ("tax_basis".into(), Cell::text("with tax")),
        ("currency".into(), Cell::text(code)),
    ];
    Page {
        key: "explain".into(),
        title: format!("Contract explained: {}", contract.id()),
        facts,
        tables: vec![Table { key: "facts".into(), columns, rows, empty }],
        ..Page::default()
    }
}
