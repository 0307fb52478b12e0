//! `report contracts`: what was contracted against what was ordered, line by line.

use super::{Made, Params, Report, period_cell};
use crate::{
    book::{
        Book,
        contract::{ContractedLine, lines},
        derived::party_name,
    },
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc, Entry, Kind,
        contract::{Contract, Side},
        product::Product,
    },
    value::{
        currency,
        number::{Decimal, product, round, sub, sum},
    },
};

pub(super) const REPORT: Report = Report {
    name: "contracts",
    about: "contracted against ordered, by contract and by line",
    by: &[],
    basis: &[],
    compare: &[],
    filters: &["party", "side", "staff", "district"],
    example: "desk report contracts -p 2026 side:sale",
    run,
};

fn run(book: &Book, params: &Params) -> Result<Made> {
    let as_of = params.as_of.unwrap_or(book.today);
    let filter = super::filter(book, params, Kind::Contract.fields())?;
    let found = lines(book, as_of);
    let wanted = |contract: &&&Doc<Contract>| {
        let signed = contract.rec.signed_on.or(contract.common.date);
        let entry: &dyn Entry = **contract;
        let mut value = entry.value();
        value.entry("side").or_insert_with(|| "sale".into());
        let matches = || filter.matches(&serde_json::Value::Object(value));
        signed.is_some_and(|day| params.period.contains(day))
            && (filter.terms.is_empty() || matches())
    };
    let shown: Vec<&Doc<Contract>> = found.contracts.iter().filter(wanted).copied().collect();
    let mut with_lines = Vec::new();
    for contract in shown {
        let own = |line: &&ContractedLine<'_>| line.contract.id() == contract.id();
        with_lines.push((contract, found.lines.iter().filter(own).collect::<Vec<_>>()));
    }
    let shown = with_lines;
    let facts = vec![
        (
            "basis".into(),
            Cell::text(
                "signed in the period; ordered, less closed, by the as-of day; with tax, in each contract's currency",
            ),
        ),
        ("period".into(), period_cell(params.period)),
        ("as_of".into(), as_of.into()),
    ];
    let lines: Vec<&ContractedLine<'_>> =
        shown.iter().flat_map(|(_, lines)| lines.clone()).collect();
    let tables = vec![contracts(book, &shown), by_line(book, &lines)];
    let page = Page { title: "Contracts".into(), facts, tables, ..Page::default() };
    Ok(Made { page, left_out: found.left_out })
}

/// What a contract comes to: its own amount, or the sum of its lines; nothing where one of them has
/// a quantity and no price.
fn contracted(
    contract: &Doc<Contract>,
    lines: &[&ContractedLine<'_>],
    decimals: u32,
) -> Option<Decimal> {
    if let Some(own) = contract.rec.amount {
        return Some(round(own.get(), decimals));
    }
    let counted = |line: &&&ContractedLine<'_>| line.contracted.is_some();
    let amounts: Option<Vec<Decimal>> = lines
        .iter()
        .filter(counted)
        .map(|line| line.contracted_amount.map(|amount| amount.gross))
        .collect();
    amounts.filter(|amounts| !amounts.is_empty()).map(sum)
}

fn contracts(book: &Book, shown: &[(&Doc<Contract>, Vec<&ContractedLine<'_>>)]) -> Table {
    let mut columns: Vec<Column> =
        ["id", "side", "party", "party_name", "title", "signed_on", "valid_to", "currency"]
            .map(Column::words)
            .into();
    columns.extend(
        ["contracted", "ordered", "open", "done_pct"]
            .map(|key| Column::figure(key, &["line.price"])),
    );
    let mut rows = Vec::new();
    for (contract, group) in shown {
        let currency = contract.common.currency.as_deref().unwrap_or(book.config.currency());
        let amount = contracted(contract, group, currency::decimals(currency));
        let gross = |line: &&ContractedLine<'_>| line.ordered_amount.gross;
        let ordered = sum(group.iter().copied().map(|line| gross(&line)));
        // Lines that agree on a price alone use up nothing of what the others come to.
        let whole = contract.rec.amount.is_some();
        let counted = group.iter().filter(|line| whole || line.contracted_amount.is_some());
        let against = sum(counted.map(gross));
        let side = contract.rec.side.unwrap_or_default();
        let mut cells = vec![
            Cell::Ref(contract.id().into()),
            Cell::text(if side == Side::Purchase { "purchase" } else { "sale" }),
            Cell::Ref(contract.rec.party.clone()),
            party_name(book, &contract.rec.party).into(),
            contract.rec.title.clone().into(),
            contract.rec.signed_on.into(),
            contract.rec.valid_to.into(),
            Cell::text(currency),
        ];
        cells.extend(match (side, amount) {
            (Side::Purchase, amount) => {
                vec![money(amount), Cell::NotApplicable, Cell::NotApplicable, Cell::NotApplicable]
            }
            (Side::Sale, None) => {
                vec![
                    Cell::NotApplicable,
                    money(Some(ordered)),
                    Cell::NotApplicable,
                    Cell::NotApplicable,
                ]
            }
            (Side::Sale, Some(amount)) => {
                vec![
                    money(Some(amount)),
                    money(Some(ordered)),
                    money(Some(sub(amount, against))),
                    ratio(against, amount),
                ]
            }
        });
        rows.push(Row::Data(cells));
    }
    let empty =
        "No contract was signed in this period. Register one: desk contract add PARTY --line …"
            .into();
    Table { key: "contracts".into(), columns, rows, empty }
}

fn by_line(book: &Book, lines: &[&ContractedLine<'_>]) -> Table {
    let mut columns: Vec<Column> =
        ["id", "line", "product", "product_name", "due_on"].map(Column::words).into();
    let figures = ["contracted_qty", "ordered_qty", "open_qty", "done_pct", "ordered"];
    columns.extend(figures.map(|key| Column::figure(key, &["line.qty"])));
    columns.push(Column::words("remark"));
    let rows = lines.iter().map(|line| {
        let own = line.contract.rec.line.iter().find(|own| own.no == line.no);
        let name = book.get::<Product>(&line.product).map(|product| product.rec.name.clone());
        let purchase = line.contract.rec.side == Some(Side::Purchase);
        let open = line.contracted.map(|qty| sub(qty, line.ordered));
        let remark = match () {
            () if line.no == 0 => "ordered under no line of the contract",
            () if line.is_overdrawn() => "more ordered than contracted",
            () if line.contracted.is_none() => "price only",
            () => "",
        };
        let mut cells = vec![
            Cell::Ref(line.contract.id().into()),
            if line.no == 0 { Cell::Empty } else { Cell::Int(line.no.into()) },
            Cell::Ref(line.product.clone().into_owned()),
            name.into(),
            own.and_then(|own| own.due_on).into(),
            quantity(line.contracted),
        ];
        cells.extend(match purchase {
            true => vec![Cell::NotApplicable; 4],
            false => vec![
                quantity(Some(line.ordered)),
                quantity(open),
                line.contracted.map_or(Cell::NotApplicable, |qty| ratio(line.ordered, qty)),
                money(Some(line.ordered_amount.gross)),
            ],
        });
        cells.push(Cell::text(remark));
        Row::Data(cells)
    });
    Table { key: "lines".into(), columns, rows: rows.collect(), empty: "No contract lines.".into() }
}

fn money(amount: Option<Decimal>) -> Cell {
    amount.map_or(Cell::NotApplicable, Cell::Money)
}

fn quantity(quantity: Option<Decimal>) -> Cell {
    quantity.map_or(Cell::NotApplicable, |quantity| Cell::Quantity(quantity.normalize()))
}

/// A ratio at four decimals; products that cannot be held are no ratio.
fn ratio(part: Decimal, whole: Decimal) -> Cell {
    let ratio = part.checked_div(whole).and_then(|ratio| product(round(ratio, 4), Decimal::ONE));
    ratio.map_or(Cell::NotApplicable, Cell::Percent)
}
