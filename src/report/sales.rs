//! `report sales`: what was sold, by any grouping, against any earlier period.

use chrono::{Datelike, Months};

use super::{Made, Params, Report, fields, group, listed, period_cell, reference};
use crate::{
    book::{
        Book,
        ordered::{Counting, Ordered, by_owner},
        performed::{BASES, Basis, Scope},
    },
    error::{Error, Result},
    fact::Fact,
    filter::Filter,
    finding::Finding,
    page::{Cell, Column, Page, Table},
    record::schema::{Field, Type},
    value::{
        day::{Day, Month},
        number::{Decimal, round, sub},
        period::{Calendar, Period},
    },
};

pub(super) const REPORT: Report = Report {
    name: "sales",
    about: "sales by customer, product, staff, district or time: quantity, net, tax, gross, cost, margin",
    by: group::KEYS,
    basis: BASES,
    compare: &["previous", "last-year"],
    filters: &["customer", "product", "category", "staff", "district", "kind"],
    example: "desk report sales -p 2026-Q3 --by category --compare previous",
    run,
};

fn run(book: &Book, params: &Params) -> Result<Made> {
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    let filter = super::filter(book, params, &filter_fields(basis(params)))?;
    let as_of = params.as_of.unwrap_or(book.today);
    let period = up_to(params.period, as_of);
    let now = sums(book, params, &filter, period, &by, |day| day);
    let mut left_out = now.left_out;
    let earlier = earlier(book, params, period)?;
    let calendar = book.config.calendar();
    let then = earlier.map(|then| {
        sums(book, params, &filter, then, &by, |day| laid_over(&calendar, day, then, period))
    });
    let mut page = head(book, params, period, earlier);
    let mut table = table(book, &by, &now.groups, then.as_ref().map(|then| &then.groups));
    let (counted, empty) = words(basis(params));
    table.columns[group::key_columns(&by).len()] = Column::figure(counted, &[]);
    table.empty = empty.into();
    page.tables.push(table);
    page.charts.push(group::chart(&by, "sales", "net"));
    let costless = &now.groups.costless;
    if !costless.is_empty() {
        let shown: Vec<&str> = costless.iter().take(5).map(String::as_str).collect();
        let more = if costless.len() > shown.len() { " …" } else { "" };
        page.notes.push(format!(
            "the cost of these products is not known here: {}{more}",
            shown.join(", ")
        ));
    }
    left_out.extend(then.into_iter().flat_map(|then| then.left_out));
    Ok(Made { page, left_out })
}

pub(super) fn basis(params: &Params) -> Basis {
    params.basis.as_deref().map(Basis::parse).unwrap_or_default()
}

/// What documents of a basis are called, and what would fill the report.
fn words(basis: Basis) -> (&'static str, &'static str) {
    match basis {
        Basis::Ordered => (
            "orders",
            "No orders in this period. Widen it with -p, or take one: desk order add CUSTOMER --line …",
        ),
        Basis::Shipped => (
            "shipments",
            "Nothing was sent in this period. Widen it with -p, or see what waits: desk report deliveries",
        ),
        Basis::Invoiced => (
            "invoices",
            "Nothing was invoiced in this period. Widen it with -p, or see what waits: desk report invoices",
        ),
        Basis::Collected => (
            "invoices",
            "No money was allocated to invoices in this period. Widen it with -p, or match some: desk payment match",
        ),
    }
}

struct Summed {
    groups: group::Groups,
    left_out: Vec<Finding>,
}

fn sums(
    book: &Book,
    params: &Params,
    filter: &Filter,
    period: Period,
    by: &[String],
    shift: impl Fn(Day) -> Day + Sync,
) -> Summed {
    let grouping = group::Grouping::new(book, by, &shift);
    let asked = Asked { params, filter, period, by };
    let found = asked.facts(book, |tally: &mut group::Tally, facts| tally.take(&grouping, facts));
    Summed { groups: grouping.groups(found.parts), left_out: found.left_out }
}

/// Which facts a report is made of.
pub(super) struct Asked<'a> {
    pub(super) params: &'a Params,
    pub(super) filter: &'a Filter,
    pub(super) period: Period,
    pub(super) by: &'a [String],
}

impl Asked<'_> {
    /// Hands on the facts that the report counts, shared sales by owner where it asks for owners.
    pub(super) fn facts<S: Default + Send>(
        &self,
        book: &Book,
        take: impl Fn(&mut S, &[Fact<'_>]) + Sync,
    ) -> Ordered<S> {
        let Self { params, filter, period, by } = *self;
        let of_staff = |path: &Vec<String>| path.last().is_some_and(|key| key == "staff");
        let asked = filter.terms.iter().flat_map(|term| &term.paths).any(of_staff);
        let parted = asked || by.iter().any(|key| key == "staff");
        let matches =
            |fact: &Fact<'_>| filter.terms.is_empty() || filter.matches(&described(book, fact));
        let counting = Counting { include_void: params.include_void };
        let scope = Scope { period, counting, ..Scope::default() };
        book.performed(basis(params), &scope, |state: &mut S, facts| match parted {
            true => {
                let mut facts = by_owner(facts);
                facts.retain(matches);
                take(state, &facts);
            }
            false if filter.terms.is_empty() => take(state, facts),
            false => {
                let facts: Vec<Fact<'_>> =
                    facts.iter().filter(|fact| matches(fact)).copied().collect();
                take(state, &facts);
            }
        })
    }
}

/// The part of a period up to the day the report is seen from.
pub(super) fn up_to(period: Period, as_of: Day) -> Period {
    match (period.from, period.to) {
        (_, Some(to)) if to <= as_of => period,
        // What has not begun has no day yet: the reversed period holds none.
        (Some(from), _) if from > as_of => Period { from: Some(from), to: Some(as_of) },
        _ => Period { to: Some(as_of), ..period },
    }
}

/// The period to compare with; a period that is not over yet is compared with as many days of the
/// earlier one.
fn earlier(book: &Book, params: &Params, period: Period) -> Result<Option<Period>> {
    let calendar = book.config.calendar();
    let bounded = || match (params.period.from, params.period.to) {
        (Some(_), _) => Ok(()),
        _ => Err(Error::usage("--compare needs a period with a first day").hint("-p 2026-09")),
    };
    Ok(match params.compare.as_deref() {
        None => None,
        Some("last-year") => bounded().map(|()| Some(period.last_year(&calendar)))?,
        Some(_) => bounded().map(|()| period.previous(&calendar))?,
    })
}

/// A day of an earlier period, moved to where it lies in the later one.
///
/// Where both begin with a business month, a day keeps its place in its month; else it keeps its
/// distance from the first day, as the earlier period did when it was found.
fn laid_over(calendar: &Calendar, day: Day, earlier: Period, later: Period) -> Day {
    let (Some(then), Some(now)) = (earlier.from, later.from) else { return day };
    let begins = |day: Day| calendar.month(calendar.month_of(day)).from == Some(day);
    let days = |from: Day, to: Day| to.0.signed_duration_since(from.0);
    if !(begins(then) && begins(now)) {
        let a_year = then.0.checked_add_months(Months::new(12)) == Some(now.0);
        let moved = match a_year {
            true => day.0.checked_add_months(Months::new(12)),
            false => day.0.checked_add_signed(days(then, now)),
        };
        return moved.map_or(day, Day);
    }
    let number = |day: Day| {
        let month = calendar.month_of(day);
        i64::from(month.year) * 12 + i64::from(month.month) - 1
    };
    let target = number(day) + number(now) - number(then);
    let year = i32::try_from(target.div_euclid(12)).unwrap_or(now.0.year());
    let month = u32::try_from(target.rem_euclid(12)).unwrap_or(0) + 1;
    let there = calendar.month(Month { year, month });
    let (Some(first), Some(last)) = (there.from, there.to) else { return day };
    let offset = calendar.month(calendar.month_of(day)).from.map(|own| days(own, day));
    let moved = offset.and_then(|offset| first.0.checked_add_signed(offset)).map_or(last, Day);
    moved.min(last)
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

pub(super) fn filter_fields(basis: Basis) -> Vec<Field> {
    let kinds = ["sale", "sample", "gift", "other"].map(str::to_owned).to_vec();
    let document = match basis {
        Basis::Ordered => "order",
        Basis::Shipped => "shipment",
        Basis::Invoiced => "invoice",
        Basis::Collected => "allocation",
    };
    fields([
        ("id", reference(document)),
        ("customer", reference("customer")),
        ("product", reference("product")),
        ("category", listed("categories")),
        ("staff", reference("staff")),
        ("district", listed("districts")),
        ("kind", Type::OneOf(kinds)),
        ("contract", reference("contract")),
        ("on", Type::Day),
    ])
}

/// What a basis counts, and by which day.
pub(super) fn dates(basis: Basis) -> &'static str {
    match basis {
        Basis::Ordered => {
            "ordered: by day ordered, less what was closed by day closed; quotes left out"
        }
        Basis::Shipped => {
            "shipped: goods of orders by day sent, less returns by day received; at the order's prices"
        }
        Basis::Invoiced => {
            "invoiced: by day issued, less credits; drafts, deposits and opening balances left out"
        }
        Basis::Collected => {
            "collected: payments by day allocated to invoices, less what was taken back; no credits, no discounts"
        }
    }
}

/// Where the tax of a basis comes from.
fn taxes(basis: Basis) -> &'static str {
    match basis {
        Basis::Ordered => "net without tax, gross with tax, each as its order says",
        Basis::Shipped => "net without tax, gross with tax, each in proportion to its order's line",
        Basis::Invoiced => "net without tax, gross with tax, each as its invoice says",
        Basis::Collected => {
            "gross as paid, net by the invoice's own share of tax, at the invoice's exchange rate"
        }
    }
}

pub(super) fn head(book: &Book, params: &Params, period: Period, earlier: Option<Period>) -> Page {
    let currency = book.config.currency();
    let mut facts = vec![
        ("basis".into(), Cell::text(dates(basis(params)))),
        ("period".into(), super::period_up_to(params.period, period)),
    ];
    if let Some(earlier) = earlier {
        facts.push(("compared_with".into(), period_cell(earlier)));
    }
    facts.push(("as_of".into(), params.as_of.unwrap_or(book.today).into()));
    facts.push(("tax_basis".into(), Cell::text(taxes(basis(params)))));
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

fn table(book: &Book, by: &[String], now: &group::Groups, then: Option<&group::Groups>) -> Table {
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
    let shown = keys.into_iter().map(|key| {
        let sums = now.rows.get(key).unwrap_or(&none);
        let before = then.map(|then| then.rows.get(key).unwrap_or(&none));
        (key, figures(sums, before, decimals))
    });
    let total = figures(&now.total, then.map(|then| &then.total), decimals);
    let rows = group::rows(book, by, shown, total);
    Table { key: "sales".into(), columns, rows, empty: String::new() }
}

pub(super) fn figures(now: &group::Sums, then: Option<&group::Sums>, decimals: u32) -> Vec<Cell> {
    let money = |value: Decimal| Cell::Money(round(value, decimals));
    let known = |value: Option<Decimal>| value.map_or(Cell::NotApplicable, money);
    let mut cells = vec![
        Cell::Int(now.documents),
        super::quantity(now.quantity),
        money(now.net),
        // What is shown adds up: tax is the difference of the two figures beside it.
        Cell::Money(sub(round(now.gross, decimals), round(now.net, decimals))),
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
