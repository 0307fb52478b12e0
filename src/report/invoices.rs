//! `report invoices`: what was issued and credited, by series and month, what of it is open, and the
//! drafts that wait.

use std::collections::BTreeMap;

use super::{Made, Params, Report, group, period_up_to, sales::up_to};
use crate::{
    book::{
        Book,
        derived::party_name,
        invoice::{due_on, is_issued, open, sign, total},
        payment::own_currency,
    },
    error::Result,
    fact::Amount,
    finding::Finding,
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc, Entry, Kind,
        invoice::{Invoice, InvoiceKind},
        schema::Type,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, product, round},
        period::Step,
        place::Place,
    },
};

pub(super) const REPORT: Report = Report {
    name: "invoices",
    about: "invoices and credits issued, by series and month, what of them is open, and drafts",
    by: &[
        "series", "kind", "customer", "staff", "district", "day", "week", "month", "quarter",
        "year",
    ],
    basis: &[],
    compare: &[],
    filters: &["party", "customer", "series", "kind", "side"],
    example: "desk report invoices -p 2026-Q3 --by series,month",
    run,
};

/// One invoice, with what is shown of it; amounts signed, in its own currency.
pub(super) struct Bill {
    pub(super) id: String,
    number: Option<String>,
    pub(super) keys: Vec<String>,
    pub(super) kind: InvoiceKind,
    pub(super) party: String,
    pub(super) on: Option<Day>,
    due_on: Option<Day>,
    currency: String,
    amount: Amount,
    pub(super) open: Decimal,
    pub(super) rate: Decimal,
}

/// The invoices that are asked for.
pub(super) struct Found {
    pub(super) issued: Vec<Bill>,
    drafts: Vec<Bill>,
    pub(super) left_out: Vec<Finding>,
    /// Whose they are.
    side: &'static str,
}

/// What the report is grouped by.
pub(super) fn by(params: &Params) -> Vec<String> {
    let given = params.by.clone();
    if given.is_empty() { vec!["series".into(), "month".into()] } else { given }
}

/// The invoices of a period that are asked for, under the keys of the report.
pub(super) fn found(book: &Book, params: &Params, by: &[String]) -> Result<Found> {
    let as_of = params.as_of.unwrap_or(book.today);
    let period = up_to(params.period, as_of);
    let mut fields = crate::book::derived::fields(Kind::Invoice);
    fields.extend(super::fields([("customer", Type::Ref("customer".into()))]));
    let filter = super::filter(book, params, &fields)?;
    let asks_side =
        filter.terms.iter().flat_map(|term| &term.paths).flatten().any(|key| key == "side");
    let (mut issued, mut drafts, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    book.each::<Invoice>(|bill| {
        let entry: &dyn Entry = bill;
        let mut value =
            crate::book::derived::described(book, entry, as_of, &|key| filter.looks_at(key));
        if let Some(fields) = value.as_object_mut() {
            fields.entry("side").or_insert_with(|| "sale".into());
            if bill.rec.is_sale() {
                fields.insert("customer".into(), bill.rec.party.clone().into());
            }
            fields.entry("kind").or_insert_with(|| "invoice".into());
        }
        let is_ours = asks_side || bill.rec.is_sale();
        let is_wanted = filter.terms.is_empty() || filter.matches(&value);
        if !bill.counts() || bill.rec.sort() == InvoiceKind::Proforma || !is_ours || !is_wanted {
            return;
        }
        let day = bill.rec.issued_on.or(bill.common.date);
        let is_draft = !is_issued(bill, as_of) && bill.common.date.is_some_and(|day| day <= as_of);
        if !(is_draft || is_issued(bill, as_of) && day.is_some_and(|day| period.contains(day))) {
            return;
        }
        match of(book, bill, as_of, by) {
            Ok(found) if is_draft => drafts.push(found),
            Ok(found) => issued.push(found),
            Err(finding) => left_out.push(finding),
        }
    });
    let side = if asks_side { "as filtered" } else { "ours to customers" };
    Ok(Found { issued, drafts, left_out, side })
}

fn run(book: &Book, params: &Params) -> Result<Made> {
    let by = by(params);
    let Found { issued, drafts, left_out, side } = found(book, params, &by)?;
    let facts = head(book, params, side);
    let tables = vec![
        summary(book, &by, &issued),
        list(book, "issued", &issued),
        list(book, "drafts", &drafts),
    ];
    let page = Page { title: "Invoices".into(), facts, tables, ..Page::default() };
    Ok(Made { page, left_out })
}

fn head(book: &Book, params: &Params, side: &str) -> Vec<(String, Cell)> {
    let as_of = params.as_of.unwrap_or(book.today);
    let period = up_to(params.period, as_of);
    vec![
        (
            "basis".into(),
            Cell::text(format!(
                "issued in the period by day issued, {side}; credits negative; proforma invoices left out"
            )),
        ),
        ("period".into(), period_up_to(params.period, period)),
        ("as_of".into(), as_of.into()),
        (
            "tax_basis".into(),
            Cell::text("net without tax, gross with tax, each as its invoice says"),
        ),
        ("currency".into(), Cell::text(book.config.currency())),
    ]
}

fn of(book: &Book, bill: &Doc<Invoice>, as_of: Day, by: &[String]) -> Result<Bill, Finding> {
    let fault = |code, what: &str| {
        Finding::error(code, Place::file(&bill.file), format!("{} {what}", bill.id()))
    };
    let amount = total(book, bill).zip(open(book, bill, as_of));
    let (amount, open) = amount.ok_or_else(|| fault("invoice.amount", "cannot be worked out"))?;
    let rate = book.exchange_rate(&bill.common);
    let rate = rate.ok_or_else(|| fault("amount.exchange_rate", "has no exchange rate"))?;
    let is_credit = sign(bill).is_sign_negative();
    let signed = |amount: Amount| if is_credit { amount.negated() } else { amount };
    let on = bill.rec.issued_on.or(bill.common.date);
    Ok(Bill {
        id: bill.id().to_owned(),
        number: bill.rec.number.clone(),
        keys: keys(book, by, bill, on),
        kind: bill.rec.sort(),
        party: bill.rec.party.clone(),
        on,
        due_on: due_on(book, bill).filter(|_| !is_credit),
        currency: own_currency(book, &bill.common).to_owned(),
        amount: signed(amount),
        open: signed(Amount { gross: open, ..Amount::default() }).gross,
        rate,
    })
}

fn keys(book: &Book, by: &[String], bill: &Doc<Invoice>, on: Option<Day>) -> Vec<String> {
    let calendar = book.config.calendar();
    let party = book.party_common(&bill.rec.party);
    let key = |key: &String| match (key.as_str(), Step::parse(key)) {
        (_, Some(step)) => on.map_or_else(String::new, |on| step.label(on, &calendar)),
        ("series", None) => group::word(&bill.rec.series, None),
        ("kind", None) => bill.rec.sort().name().to_owned(),
        ("customer", None) => bill.rec.party.clone(),
        ("staff", None) => group::word(&bill.common.staff, party.map(|own| &own.staff)),
        _ => group::word(&bill.common.district, party.map(|own| &own.district)),
    };
    by.iter().map(key).collect()
}

/// What invoices of a group come to, in base currency.
#[derive(Default)]
struct Sums {
    invoices: i64,
    credits: i64,
    amount: Amount,
    credited: Decimal,
    open: Decimal,
}

impl Sums {
    fn take(&mut self, bill: &Bill) {
        let base = |amount: Decimal| product(amount, bill.rate).unwrap_or(amount);
        let is_credit = bill.kind == InvoiceKind::Credit;
        let count = if is_credit { &mut self.credits } else { &mut self.invoices };
        *count = count.saturating_add(1);
        self.amount = self.amount.plus(Amount {
            net: base(bill.amount.net),
            tax: base(bill.amount.tax),
            gross: base(bill.amount.gross),
        });
        if is_credit {
            self.credited = add(self.credited, base(bill.amount.gross));
        }
        self.open = add(self.open, base(bill.open));
    }

    fn cells(&self, decimals: u32) -> Vec<Cell> {
        let money = |amount: Decimal| Cell::Money(round(amount, decimals));
        vec![
            Cell::Int(self.invoices),
            Cell::Int(self.credits),
            money(self.amount.net),
            money(self.amount.tax),
            money(self.amount.gross),
            money(self.credited),
            money(self.open),
        ]
    }
}

fn summary(book: &Book, by: &[String], issued: &[Bill]) -> Table {
    let mut columns = group::key_columns(by);
    columns.extend(["invoices", "credits"].map(|key| Column::figure(key, &[])));
    let figures = ["net", "tax", "gross", "credited", "open"];
    columns.extend(figures.map(|key| Column::figure(key, &["line.price"])));
    let mut groups: BTreeMap<&[String], Sums> = BTreeMap::new();
    let mut total = Sums::default();
    for bill in issued {
        groups.entry(&bill.keys).or_default().take(bill);
        total.take(bill);
    }
    let decimals = currency::decimals(book.config.currency());
    let shown = groups.iter().map(|(key, sums)| (key, sums.cells(decimals)));
    let rows = group::rows(book, by, shown, total.cells(decimals));
    let empty =
        "Nothing was issued in this period. Make an invoice: desk invoice add --from ID".into();
    Table { key: "invoices".into(), columns, rows, empty }
}

fn list(book: &Book, key: &str, bills: &[Bill]) -> Table {
    let day = if key == "drafts" { "date" } else { "issued_on" };
    let words = ["id", "number", "kind", "party", "party_name", day, "due_on", "currency"];
    let mut columns: Vec<Column> = words.map(Column::words).into();
    let figures = ["net", "tax", "gross", "open"];
    columns.extend(figures.map(|key| Column::figure(key, &["line.price"])));
    let rows = bills.iter().map(|bill| {
        let decimals = currency::decimals(&bill.currency);
        let money = |amount: Decimal| Cell::Money(round(amount, decimals));
        Row::Data(vec![
            Cell::Ref(bill.id.clone()),
            bill.number.clone().into(),
            Cell::text(bill.kind.name()),
            Cell::Ref(bill.party.clone()),
            party_name(book, &bill.party).into(),
            bill.on.into(),
            bill.due_on.into(),
            Cell::text(bill.currency.as_str()),
            money(bill.amount.net),
            money(bill.amount.tax),
            money(bill.amount.gross),
            money(bill.open),
        ])
    });
    let empty = match key {
        "drafts" => "No draft waits.".into(),
        _ => "Nothing was issued in this period.".into(),
    };
    Table { key: key.into(), columns, rows: rows.collect(), empty }
}
