//! `report receivables`: what customers owe as of a day, by age, and how well it comes in.
//!
//! Every item stands in one bucket, money and credits that nothing is settled with below zero, so
//! that buckets add up to what is open, row by row and in all.

use std::collections::BTreeMap;

use super::{Made, Params, Report, fields, group, listed, period_up_to, reference};
use crate::{
    book::{
        Book,
        ageing::Measured,
        receivable::{self, BUCKETS, Bucket, Item, Items, Sort},
        share,
    },
    error::Result,
    filter::Filter,
    finding::Finding,
    page::{Cell, Column, Page, Table},
    record::{
        contract::Side,
        schema::{Field, Type},
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round, sum},
        period::Period,
    },
};

pub(super) const REPORT: Report = Report {
    name: "receivables",
    about: "what customers owe, by age: invoiced, open, overdue, unallocated; DSO and CEI",
    by: &["customer", "contract", "staff", "district", "currency", "invoice"],
    basis: &["due", "issued"],
    compare: &[],
    filters: &["party", "customer", "staff", "district", "contract", "currency"],
    example: "desk report receivables --as-of 2026-08-31 --by customer,invoice",
    run,
};

/// Days that collection is measured over where no period is given.
const DAYS: u64 = 90;

fn run(book: &Book, params: &Params) -> Result<Made> {
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    let filter = super::filter(book, params, &filter_fields())?;
    let as_of = seen_from(book, params);
    let asked = Asked { book, filter: &filter, splits: by.iter().any(|key| key == "contract") };
    let open = asked.items(receivable::items(book, Side::Sale, as_of));
    let is_issued = params.basis.as_deref() == Some("issued");
    let mut left_out = open.left_out;
    let mut rows: BTreeMap<Vec<String>, Sums> = BTreeMap::new();
    let mut total = Sums::default();
    for item in &open.items {
        let key = by.iter().map(|key| value(item, key)).collect();
        for sums in [rows.entry(key).or_default(), &mut total] {
            sums.take(item, as_of, is_issued);
        }
    }
    let measured = measured(&asked, params, as_of, &mut left_out);
    let mut page = head(book, params, as_of, is_issued, measured);
    page.tables.push(table(book, &by, &rows, &total, as_of));
    page.charts.push(group::chart(&by, "receivables", "open"));
    Ok(Made { page, left_out })
}

/// The day a report is seen from: the last of its period, where that is over.
pub(super) fn seen_from(book: &Book, params: &Params) -> Day {
    let ended = params.period.to.filter(|day| *day < book.today);
    params.as_of.or(ended).unwrap_or(book.today)
}

/// Which items are asked for.
pub(super) struct Asked<'a> {
    pub(super) book: &'a Book,
    pub(super) filter: &'a Filter,
    /// Whether what is under several contracts is parted.
    pub(super) splits: bool,
}

impl Asked<'_> {
    /// The items that are asked for; those without an exchange rate are left out.
    pub(super) fn items(&self, found: Items) -> Items {
        let mut asked = Items { left_out: found.left_out, ..Items::default() };
        let parted = self.splits || self.filter.looks_at("contract");
        for item in found.items {
            if item.base_open.is_none() {
                let message = format!("{} has no exchange rate", item.id);
                let finding = Finding::error("amount.exchange_rate", item.place.clone(), message);
                asked.left_out.push(finding);
                continue;
            }
            let parts = if parted { share::by_contract(self.book, item) } else { vec![item] };
            let wanted =
                |item: &Item| self.filter.terms.is_empty() || self.filter.matches(&described(item));
            asked.items.extend(parts.into_iter().filter(wanted));
        }
        asked
    }

    /// What is open by a day in base currency, and what of it is not overdue.
    fn balance(&self, as_of: Day, left_out: &mut Vec<Finding>) -> (Decimal, Decimal) {
        let found = self.items(receivable::items(self.book, Side::Sale, as_of));
        left_out.extend(found.left_out);
        let is_fine = |item: &&Item| item.bucket(as_of) == Bucket::NotDue;
        (base(found.items.iter()), base(found.items.iter().filter(is_fine)))
    }
}

fn base<'a>(items: impl Iterator<Item = &'a Item>) -> Decimal {
    sum(items.filter_map(|item| item.base_open))
}

/// The days collection is measured over.
pub(super) struct Span {
    /// The day before the first.
    pub(super) eve: Day,
    pub(super) last: Day,
    /// How many they are.
    pub(super) days: u32,
}

/// The period that collection is measured over, and its days where it has both ends.
pub(super) fn span(params: &Params, as_of: Day) -> (Period, Option<Span>) {
    let before = |day: Day, days: u64| day.0.checked_sub_days(chrono::Days::new(days)).map(Day);
    let period = match (params.period.from, params.period.to) {
        (None, None) => Period { from: before(as_of, DAYS - 1), to: Some(as_of) },
        (from, to) => Period { from, to: Some(to.map_or(as_of, |to| to.min(as_of))) },
    };
    let (Some(from), Some(to)) = (period.from, period.to) else { return (period, None) };
    let days = u32::try_from(to.0.signed_duration_since(from.0).num_days() + 1).unwrap_or(0);
    let eve = before(from, 1).filter(|_| days > 0);
    (period, eve.map(|eve| Span { eve, last: to, days }))
}

/// The period that collection is measured over, and what it is measured by.
pub(super) fn measured(
    asked: &Asked<'_>,
    params: &Params,
    as_of: Day,
    left_out: &mut Vec<Finding>,
) -> (Period, Option<Measured>) {
    let (period, span) = span(params, as_of);
    let Some(Span { eve, last, days }) = span else { return (period, None) };
    let (opening, _) = asked.balance(eve, left_out);
    let (closing, not_due) = asked.balance(last, left_out);
    let (sales, ahead) = receivable::invoiced_in(asked.book, Side::Sale, period);
    let (sales, ahead) = (asked.items(sales), asked.items(ahead));
    left_out.extend(sales.left_out);
    let (sales, ahead) = (base(sales.items.iter()), base(ahead.items.iter()));
    left_out.dedup();
    (period, Some(Measured { opening, sales, ahead, closing, not_due, days }))
}

/// What the items of one row come to, in base currency.
#[derive(Debug, Clone, Default)]
struct Sums {
    invoiced: Decimal,
    open: Decimal,
    buckets: BTreeMap<Bucket, Decimal>,
    overdue: Decimal,
    unallocated: Decimal,
    oldest: Option<Day>,
    /// What they were for and what is open in their own currency, while they have one.
    own: Decimal,
    own_open: Decimal,
    first: Option<Item>,
}

impl Sums {
    fn take(&mut self, item: &Item, as_of: Day, is_issued: bool) {
        let open = item.base_open.unwrap_or_default();
        let bucket = if is_issued { item.bucket_by_issue(as_of) } else { item.bucket(as_of) };
        let sum = self.buckets.entry(bucket).or_default();
        *sum = add(*sum, open);
        self.open = add(self.open, open);
        self.own = add(self.own, item.amount);
        self.own_open = add(self.own_open, item.open);
        match item.sort {
            Sort::Invoice => {
                self.invoiced = add(self.invoiced, item.base_amount.unwrap_or_default());
            }
            Sort::Credit | Sort::Payment => self.unallocated = add(self.unallocated, open),
        }
        if item.bucket(as_of) != Bucket::NotDue {
            self.overdue = add(self.overdue, open);
        }
        let due = item.due_on.filter(|_| item.open > Decimal::ZERO);
        self.oldest = match (self.oldest, due) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.first.get_or_insert_with(|| item.clone());
    }

    fn cells(&self, decimals: u32) -> Vec<Cell> {
        let money = |amount: Decimal| Cell::Money(round(amount, decimals));
        let bucket = |bucket: &Bucket| self.buckets.get(bucket).copied().unwrap_or_default();
        let buckets = BUCKETS.iter().map(bucket);
        assert_eq!(sum(buckets.clone()), self.open, "every item is in just one bucket");
        let mut cells = vec![money(self.invoiced), money(self.open)];
        cells.extend(buckets.map(money));
        cells.extend([money(self.overdue), self.oldest.into(), money(self.unallocated)]);
        cells
    }
}

/// What an item is grouped under.
pub(super) fn value(item: &Item, key: &str) -> String {
    match key {
        "contract" => group::word(&item.contract, None),
        "staff" => group::word(&item.staff, None),
        "district" => group::word(&item.district, None),
        "currency" => item.currency.clone(),
        "invoice" => match item.instalment {
            Some(no) => format!("{} {no:09}", item.id),
            None => item.id.clone(),
        },
        _ => item.party.clone(),
    }
}

/// What a filter may name, of one item.
fn described(item: &Item) -> serde_json::Value {
    serde_json::json!({
        "id": item.id,
        "party": item.party,
        "customer": item.party,
        "staff": item.staff,
        "district": item.district,
        "contract": item.contract,
        "currency": item.currency,
        "number": item.number,
    })
}

pub(super) fn filter_fields() -> Vec<Field> {
    fields([
        ("id", reference("any")),
        ("party", reference("party")),
        ("customer", reference("customer")),
        ("staff", reference("staff")),
        ("district", listed("districts")),
        ("contract", reference("contract")),
        ("currency", Type::Text),
        ("number", Type::Text),
    ])
}

fn head(
    book: &Book,
    params: &Params,
    as_of: Day,
    is_issued: bool,
    (period, measured): (Period, Option<Measured>),
) -> Page {
    let ages = match is_issued {
        true => "by days since they were issued; overdue by due date",
        false => "by days past the day they were due",
    };
    let basis = format!(
        "issued invoices less what is allocated to them, {ages}; payments and credits that nothing \
         is settled with stand below zero"
    );
    let mut facts = vec![
        ("basis".to_owned(), Cell::text(basis)),
        ("as_of".into(), as_of.into()),
        ("tax_basis".into(), Cell::text("with tax")),
        ("currency".into(), Cell::text(book.config.currency())),
    ];
    if !params.filter.is_empty() {
        facts.push(("filter".into(), Cell::text(params.filter.join(" "))));
    }
    let given = params.period.from.is_some() || params.period.to.is_some();
    let over = match given {
        true => period_up_to(params.period, period),
        false => Cell::text(format!("{period} (the last 90 days)")),
    };
    facts.push(("measured_over".into(), over));
    let decimals = currency::decimals(book.config.currency());
    let money = |figure: fn(&Measured) -> Decimal| {
        let shown = |all: &Measured| Cell::Money(round(figure(all), decimals));
        measured.as_ref().map_or(Cell::NotApplicable, shown)
    };
    let days = |figure: fn(&Measured) -> Option<Decimal>| {
        measured.as_ref().and_then(figure).map_or(Cell::NotApplicable, Cell::Quantity)
    };
    let cei = measured.as_ref().and_then(Measured::cei);
    let has_ahead = measured.as_ref().is_some_and(|all| !all.ahead.is_zero());
    facts.extend(
        [
            ("opening", money(|all| all.opening)),
            ("sales", money(|all| all.sales)),
            ("closing", money(|all| all.closing)),
            ("closing_not_due", money(|all| all.not_due)),
            ("dso", days(Measured::dso)),
            ("best_possible_dso", days(Measured::best_possible_dso)),
            ("average_days_delinquent", days(Measured::average_days_delinquent)),
            ("cei", cei.map_or(Cell::NotApplicable, Cell::Percent)),
        ]
        .map(|(key, cell)| (key.to_owned(), cell)),
    );
    if has_ahead {
        facts.push(("invoiced_ahead".to_owned(), money(|all| all.ahead)));
    }
    Page { title: "Receivables".into(), facts, ..Page::default() }
}

/// Keys that are shown of an item where the rows are items.
const ITEM: [&str; 6] = ["kind", "number", "instalment", "issued_on", "due_on", "days_overdue"];

fn table(
    book: &Book,
    by: &[String],
    rows: &BTreeMap<Vec<String>, Sums>,
    total: &Sums,
    as_of: Day,
) -> Table {
    let has = |key: &str| by.iter().any(|own| own == key);
    let base = book.config.currency();
    let decimals = currency::decimals(base);
    let mut columns = group::key_columns(by);
    let keys = columns.len();
    if has("invoice") {
        columns.extend(ITEM.map(Column::words));
        if let Some(days) = columns.last_mut() {
            days.right = true;
        }
    }
    if has("invoice") && !has("currency") {
        columns.push(Column::words("currency"));
    }
    let own = has("invoice") || has("currency");
    let figures = |key: &str| Column::figure(key, &["line.price"]);
    if own {
        columns.extend(["amount_in_currency", "open_in_currency"].map(figures));
    }
    let blanks = columns.len().saturating_sub(keys);
    columns.extend(["invoiced", "open"].map(figures));
    columns.extend(BUCKETS.iter().map(|bucket| figures(bucket.name())));
    columns.push(figures("overdue"));
    columns.push(Column::words("oldest_due_on"));
    columns.push(figures("unallocated"));
    let keyed = rows.iter().map(|(key, sums)| {
        let mut cells = Vec::new();
        if let Some(item) = sums.first.as_ref().filter(|_| has("invoice")) {
            cells.extend(item_cells(item, as_of));
            if !has("currency") {
                cells.push(Cell::text(item.currency.as_str()));
            }
        }
        if own {
            let code = sums.first.as_ref().map_or(base, |item| &item.currency);
            let money = |amount| Cell::Money(round(amount, currency::decimals(code)));
            cells.extend([sums.own, sums.own_open].map(money));
        }
        cells.extend(sums.cells(decimals));
        (shown(key, by, sums), cells)
    });
    let mut all = vec![Cell::Empty; blanks];
    all.extend(total.cells(decimals));
    let rows = group::rows(book, by, keyed, all);
    let empty = "Nothing is open. Issue an invoice: desk invoice issue ID --number …".into();
    Table { key: "receivables".into(), columns, rows, empty }
}

/// The words of a key as they are shown: an invoice without the number of its instalment.
fn shown(key: &[String], by: &[String], sums: &Sums) -> Vec<String> {
    let word = |(value, key): (&String, &String)| match (key.as_str(), &sums.first) {
        ("invoice", Some(item)) => item.id.clone(),
        _ => value.clone(),
    };
    key.iter().zip(by).map(word).collect()
}

fn item_cells(item: &Item, as_of: Day) -> Vec<Cell> {
    let days = item.days_overdue(as_of);
    vec![
        Cell::word(item.sort.name()),
        item.number.clone().into(),
        item.instalment.map_or(Cell::Empty, |no| Cell::Int(no.into())),
        item.issued_on.into(),
        item.due_on.into(),
        if days > 0 { Cell::Int(days.into()) } else { Cell::Empty },
    ]
}
