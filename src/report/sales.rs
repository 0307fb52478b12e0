//! `report sales`: what was sold, by any grouping, against any earlier period.

use super::{Made, Params, Report, group, period_cell};
use crate::{
    book::{Book, ordered::Counting},
    error::{Error, Result},
    fact::Fact,
    filter::Filter,
    finding::Finding,
    page::{Cell, Column, Page, Row, Table},
    record::schema::{Field, Type},
    value::{
        number::{Decimal, round, sub},
        period::Period,
    },
};

pub(super) const REPORT: Report = Report {
    name: "sales",
    about: "sales by customer, product, staff, district or time: quantity, net, tax, gross, cost, margin",
    by: group::KEYS,
    basis: &["ordered"],
    compare: &["previous", "last-year"],
    filters: &["customer", "product", "category", "staff", "district", "kind"],
    example: "desk report sales -p 2026-Q3 --by category --compare previous",
    run,
};

fn run(book: &Book, params: &Params) -> Result<Made> {
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    let filter = super::filter(book, params, &filter_fields())?;
    let now = sums(book, params, &filter, params.period, &by);
    let mut left_out = now.left_out;
    let earlier = earlier(book, params)?;
    let then = earlier.map(|period| sums(book, params, &filter, period, &by));
    let mut page = head(book, params, earlier);
    let mut table = table(book, &by, &now.groups, then.as_ref().map(|then| &then.groups));
    table.empty =
        "No orders in this period. Widen it with -p, or take one: desk order add CUSTOMER --line …"
            .into();
    page.tables.push(table);
    let costless = &now.groups.costless;
    if !costless.is_empty() {
        let shown: Vec<&str> = costless.iter().take(5).map(String::as_str).collect();
        let more = if costless.len() > shown.len() { " …" } else { "" };
        page.notes.push(format!(
            "cost is not known here for {} products: {}{more}",
            costless.len(),
            shown.join(", ")
        ));
    }
    left_out.extend(then.into_iter().flat_map(|then| then.left_out));
    Ok(Made { page, left_out })
}

struct Summed<'a> {
    groups: group::Groups<'a>,
    left_out: Vec<Finding>,
}

fn sums<'a>(
    book: &'a Book,
    params: &Params,
    filter: &Filter,
    period: Period,
    by: &[String],
) -> Summed<'a> {
    let counting = Counting { include_void: params.include_void };
    let period = up_to(period, params.as_of);
    let mut facts = book.ordered(period, counting);
    facts.facts.retain(|fact| filter.terms.is_empty() || filter.matches(&described(book, fact)));
    Summed { groups: group::group(book, &facts.facts, by), left_out: facts.left_out }
}

/// The part of a period up to the day the report is seen from.
fn up_to(period: Period, as_of: Option<crate::value::day::Day>) -> Period {
    match as_of {
        Some(day) if period.to.is_none_or(|to| to > day) => Period { to: Some(day), ..period },
        _ => period,
    }
}

fn earlier(book: &Book, params: &Params) -> Result<Option<Period>> {
    let calendar = book.config.calendar();
    Ok(match params.compare.as_deref() {
        None => None,
        Some("last-year") => Some(params.period.last_year(&calendar)),
        Some(_) => Some(params.period.previous(&calendar).ok_or_else(|| {
            Error::usage("--compare previous needs a period with both ends").hint("-p 2026-09")
        })?),
    })
}

/// What a filter may name, of one fact.
fn described(book: &Book, fact: &Fact<'_>) -> serde_json::Value {
    let product = book.get::<crate::record::product::Product>(fact.product);
    serde_json::json!({
        "id": fact.id,
        "customer": fact.party,
        "product": fact.product,
        "category": product.and_then(|product| product.rec.category.clone()),
        "staff": fact.staff,
        "district": fact.district,
        "kind": fact.kind,
        "contract": fact.contract.map(|(id, _)| id),
        "on": fact.on.to_string(),
    })
}

fn filter_fields() -> Vec<Field> {
    let field = |(key, kind): (&str, Type)| Field {
        key: key.into(),
        about: String::new(),
        kind,
        required: false,
    };
    let named = |noun: &str| Type::Ref(noun.into());
    let fields = [
        ("id", named("order")),
        ("customer", named("customer")),
        ("product", named("product")),
        ("category", Type::Listed("categories".into())),
        ("staff", named("staff")),
        ("district", Type::Listed("districts".into())),
        ("kind", Type::Text),
        ("contract", named("contract")),
        ("on", Type::Day),
    ];
    fields.into_iter().map(field).collect()
}

fn head(book: &Book, params: &Params, earlier: Option<Period>) -> Page {
    let currency = book.config.currency();
    let mut facts = vec![
        (
            "basis".into(),
            Cell::text(
                "ordered: by day ordered, less what was closed by day closed; quotes left out",
            ),
        ),
        ("period".into(), period_cell(params.period)),
    ];
    if let Some(earlier) = earlier {
        facts.push(("compared_with".into(), period_cell(earlier)));
    }
    facts.push(("as_of".into(), params.as_of.unwrap_or(book.today).into()));
    facts.push(("currency".into(), Cell::text(currency)));
    if params.include_void {
        facts.push(("void".into(), Cell::text("included")));
    }
    if !params.filter.is_empty() {
        facts.push(("filter".into(), Cell::text(params.filter.join(" "))));
    }
    Page { key: "sales".into(), title: "Sales".into(), facts, ..Page::default() }
}

const FIGURES: &[(&str, &[&str])] = &[
    ("quantity", &["line.qty"]),
    ("net", &["line.price"]),
    ("tax", &["line.price"]),
    ("gross", &["line.price"]),
    ("cost", &["product.cost"]),
    ("margin", &["product.cost"]),
    ("margin_pct", &["product.cost"]),
];

fn table(
    book: &Book,
    by: &[String],
    now: &group::Groups<'_>,
    then: Option<&group::Groups<'_>>,
) -> Table {
    let mut columns = group::key_columns(by);
    columns.push(Column::figure("orders", &[]));
    columns.extend(FIGURES.iter().map(|(key, from)| Column::figure(*key, from)));
    if then.is_some() {
        let compared = ["net_before", "change", "change_pct"];
        columns.extend(compared.map(|key| Column::figure(key, &["line.price"])));
    }
    let mut keys: Vec<&Vec<String>> =
        now.rows.keys().chain(then.into_iter().flat_map(|then| then.rows.keys())).collect();
    keys.sort();
    keys.dedup();
    let decimals = crate::value::currency::decimals(book.config.currency());
    let none = group::Sums::empty();
    let mut rows = Vec::new();
    for key in keys {
        let sums = now.rows.get(key).unwrap_or(&none);
        let before = then.map(|then| then.rows.get(key).unwrap_or(&none));
        let mut cells = group::key_cells(book, by, key);
        cells.extend(figures(sums, before, decimals));
        rows.push(Row::Data(cells));
    }
    if !rows.is_empty() {
        let before = then.map(|then| &then.total);
        rows.push(group::total_row(by, figures(&now.total, before, decimals)));
    }
    Table { key: "sales".into(), columns, rows, empty: String::new() }
}

fn figures(now: &group::Sums<'_>, then: Option<&group::Sums<'_>>, decimals: u32) -> Vec<Cell> {
    let money = |value: Decimal| Cell::Money(round(value, decimals));
    let known = |value: Option<Decimal>| value.map_or(Cell::NotApplicable, money);
    let mut cells = vec![
        Cell::Int(now.documents),
        Cell::Quantity(now.quantity.normalize()),
        money(now.net),
        money(now.tax),
        money(now.gross),
        known(now.cost),
        known(now.margin()),
        ratio(now.margin(), now.net),
    ];
    if let Some(then) = then {
        let change = sub(now.net, then.net);
        cells.extend([money(then.net), money(change), ratio(Some(change), then.net.abs())]);
    }
    cells
}

/// A ratio at four decimals, n/a where there is nothing to hold it against.
fn ratio(part: Option<Decimal>, whole: Decimal) -> Cell {
    let ratio = part.filter(|_| !whole.is_zero()).and_then(|part| part.checked_div(whole));
    ratio.map_or(Cell::NotApplicable, |ratio| Cell::Percent(round(ratio, 4)))
}
