//! `report deliveries`: lines on time and in full, what is still to be sent, what is on its way, and
//! what came late.

use std::collections::BTreeMap;

use super::{Made, Params, Report, fields, group, listed, period_up_to, reference, sales::up_to};
use crate::{
    book::{
        Book,
        delivery::{Promise, Promises, promised},
        derived::party_name,
        fulfilment,
        stage::{OrderStage, order_stage},
    },
    error::Result,
    filter::Filter,
    finding::Finding,
    page::{Cell, Column, Page, Row, Table},
    record::{Doc, order::Order, product::Product, schema::Field, shipment::Shipment},
    value::{
        currency,
        day::Day,
        number::{Decimal, add, product, round},
        period::{Period, Step},
    },
};

pub(super) const REPORT: Report = Report {
    name: "deliveries",
    about: "lines on time and in full, fulfilment rate, backlog, goods on their way, lines that were late",
    by: &["customer", "product", "staff", "district", "day", "week", "month", "quarter", "year"],
    basis: &[],
    compare: &[],
    filters: &["customer", "product", "staff", "district"],
    example: "desk report deliveries -p 2026-09 --by staff",
    run,
};

/// The figures of a row.
pub(super) const FIGURES: [&str; 9] = [
    "lines",
    "on_time",
    "in_full",
    "on_time_in_full",
    "otif_pct",
    "ordered",
    "shipped",
    "fulfilled_pct",
    "backlog",
];

fn run(book: &Book, params: &Params) -> Result<Made> {
    let as_of = params.as_of.unwrap_or(book.today);
    let period = up_to(params.period, as_of);
    let filter = super::filter(book, params, &filter_fields())?;
    let by = if params.by.is_empty() { vec!["customer".to_owned()] } else { params.by.clone() };
    let Promises { lines, mut left_out } = due(book, &filter, period, as_of);
    let waiting = backlog(book, &filter, as_of, &mut left_out);
    let facts = vec![
        (
            "basis".into(),
            Cell::text(
                "lines of orders by day promised; there by day received, else by day sent; offers, rejected \
                 orders and services left out; net in base currency",
            ),
        ),
        ("period".into(), period_up_to(params.period, period)),
        ("as_of".into(), as_of.into()),
        (
            "on_time_in_full".into(),
            Cell::text(
                "all of a line there by its day ÷ lines due; what is not delivered yet fails",
            ),
        ),
        ("fulfilled".into(), Cell::text("sent less returned ÷ ordered, of the lines due")),
        ("backlog".into(), Cell::text("what is still to be sent of all orders, due or not")),
    ];
    let tables = vec![
        summary(book, &by, &lines, &waiting),
        in_transit(book, &filter, as_of),
        late(book, &lines, as_of),
    ];
    let page = Page { title: "Deliveries".into(), facts, tables, ..Page::default() };
    Ok(Made { page, left_out })
}

/// The lines due in a period that are asked for.
pub(super) fn due(book: &Book, filter: &Filter, period: Period, as_of: Day) -> Promises {
    let mut found = promised(book, period, as_of, |order| is_on(book, order, as_of));
    found.lines.retain(|own| matches(filter, own));
    found
}

/// Whether an order is one to deliver.
fn is_on(book: &Book, order: &Doc<Order>, as_of: Day) -> bool {
    !matches!(
        order_stage(book, order, as_of),
        OrderStage::Void | OrderStage::Quote | OrderStage::Rejected
    )
}

pub(super) fn filter_fields() -> Vec<Field> {
    fields([
        ("id", reference("order")),
        ("customer", reference("customer")),
        ("product", reference("product")),
        ("staff", reference("staff")),
        ("district", listed("districts")),
    ])
}

fn matches(filter: &Filter, own: &Promise) -> bool {
    filter.terms.is_empty()
        || filter.matches(&serde_json::json!({
            "id": own.order,
            "customer": own.customer,
            "product": own.product,
            "staff": own.staff,
            "district": own.district,
        }))
}

/// What lines of a group come to.
#[derive(Default)]
pub(super) struct Sums {
    lines: i64,
    on_time: i64,
    in_full: i64,
    both: i64,
    ordered: Decimal,
    kept: Decimal,
    pub(super) backlog: Decimal,
}

impl Sums {
    pub(super) fn take(&mut self, own: &Promise) {
        let count = |sum: &mut i64, is_so: bool| *sum = sum.saturating_add(is_so.into());
        count(&mut self.lines, true);
        count(&mut self.on_time, own.is_on_time());
        count(&mut self.in_full, own.is_in_full());
        count(&mut self.both, own.is_on_time_in_full());
        self.ordered = add(self.ordered, own.ordered_amount.net);
        self.kept = add(self.kept, own.kept_net());
    }

    /// In the order of [`FIGURES`].
    pub(super) fn cells(&self, decimals: u32) -> Vec<Cell> {
        let money = |amount: Decimal| Cell::Money(round(amount, decimals));
        let ratio = |part: Decimal, whole: Decimal| {
            let ratio = part.checked_div(whole).map(|ratio| round(ratio, 4));
            ratio.map_or(Cell::NotApplicable, Cell::Percent)
        };
        vec![
            Cell::Int(self.lines),
            Cell::Int(self.on_time),
            Cell::Int(self.in_full),
            Cell::Int(self.both),
            ratio(self.both.into(), self.lines.into()),
            money(self.ordered),
            money(self.kept),
            ratio(self.kept, self.ordered),
            money(self.backlog),
        ]
    }
}

pub(super) fn keys(book: &Book, by: &[String], own: &Promise) -> Vec<String> {
    let calendar = book.config.calendar();
    let key = |key: &String| match (key.as_str(), Step::parse(key)) {
        (_, Some(step)) => step.label(own.due_on, &calendar),
        ("customer", None) => own.customer.clone(),
        ("product", None) => own.product.clone(),
        ("staff", None) => group::word(&own.staff, None),
        _ => group::word(&own.district, None),
    };
    by.iter().map(key).collect()
}

/// The order lines that something is still to be sent of, and what that comes to, net in base
/// currency.
pub(super) fn backlog(
    book: &Book,
    filter: &Filter,
    as_of: Day,
    left_out: &mut Vec<Finding>,
) -> Vec<(Promise, Decimal)> {
    let mut waiting = Vec::new();
    book.each::<Order>(|order| {
        let is_there = order.ordered_on().is_some_and(|day| day <= as_of);
        if !is_there || !is_on(book, order, as_of) {
            return;
        }
        let parts = match fulfilment::parts_of(book, order, as_of, |line| line.to_ship()) {
            Ok(parts) => parts,
            Err(finding) => return left_out.push(finding),
        };
        let owner = book.owner(order);
        let rate = book.exchange_rate(&order.common).unwrap_or(Decimal::ONE);
        for (line, (_, part)) in order.rec.line.iter().zip(parts) {
            if part.net.is_zero() {
                continue;
            }
            let own = Promise {
                order: order.id().to_owned(),
                line: line.no,
                customer: order.rec.customer.clone(),
                staff: owner.staff.map(str::to_owned),
                district: owner.district.map(str::to_owned),
                product: line.product.clone(),
                due_on: line.promised_on.or(order.rec.promised_on).unwrap_or(as_of),
                ordered: Decimal::ZERO,
                ordered_amount: crate::fact::Amount::default(),
                in_time: Decimal::ZERO,
                delivered: Decimal::ZERO,
                kept: Decimal::ZERO,
                done_on: None,
            };
            if matches(filter, &own) {
                waiting.push((own, product(part.net, rate).unwrap_or(part.net)));
            }
        }
    });
    waiting
}

fn summary(book: &Book, by: &[String], lines: &[Promise], waiting: &[(Promise, Decimal)]) -> Table {
    let mut columns = group::key_columns(by);
    columns.extend(FIGURES[..5].iter().map(|key| Column::figure(*key, &["line.qty"])));
    columns.extend(FIGURES[5..].iter().map(|key| Column::figure(*key, &["line.price"])));
    let mut groups: BTreeMap<Vec<String>, Sums> = BTreeMap::new();
    let mut total = Sums::default();
    for own in lines {
        groups.entry(keys(book, by, own)).or_default().take(own);
        total.take(own);
    }
    for (own, amount) in waiting {
        let sums = groups.entry(keys(book, by, own)).or_default();
        sums.backlog = add(sums.backlog, *amount);
        total.backlog = add(total.backlog, *amount);
    }
    let decimals = currency::decimals(book.config.currency());
    let shown = groups.iter().map(|(key, sums)| (key, sums.cells(decimals)));
    let rows = group::rows(book, by, shown, total.cells(decimals));
    let empty =
        "No line was promised for this period. Promise one: desk order set ID promised_on=…".into();
    Table { key: "deliveries".into(), columns, rows, empty }
}

/// Shipments that left and are not known to have arrived.
fn in_transit(book: &Book, filter: &Filter, as_of: Day) -> Table {
    let words =
        ["id", "customer", "customer_name", "carrier", "waybill", "shipped_on", "promised_on"];
    let mut columns: Vec<Column> = words.map(Column::words).into();
    columns.extend(["days", "late_days"].map(|key| Column::figure(key, &[])));
    let days = |from: Day| as_of.0.signed_duration_since(from.0).num_days();
    let mut rows = Vec::new();
    book.each::<Shipment>(|shipment| {
        let rec = &shipment.rec;
        let left = rec.shipped_on.filter(|day| *day <= as_of && rec.sort().is_outward());
        let is_there = rec.received_on.is_some_and(|day| day <= as_of);
        let (Some(left), true) = (left, shipment.counts() && !is_there) else { return };
        let customer = rec.customer.as_deref().unwrap_or_default();
        let described = serde_json::json!({"customer": customer, "id": rec.orders()});
        let asks = filter.terms.iter().flat_map(|term| &term.paths).flatten();
        let is_known = asks.clone().all(|key| key == "customer" || key == "id");
        if !filter.terms.is_empty() && (!is_known || !filter.matches(&described)) {
            return;
        }
        rows.push(Row::Data(vec![
            Cell::Ref(shipment.id().into()),
            Cell::Ref(customer.into()),
            party_name(book, customer).into(),
            rec.carrier.clone().into(),
            rec.waybill.clone().into(),
            left.into(),
            rec.promised_on.into(),
            Cell::Int(days(left)),
            Cell::Int(rec.promised_on.map_or(0, |day| days(day).max(0))),
        ]));
    });
    Table { key: "in_transit".into(), columns, rows, empty: "Nothing is on its way.".into() }
}

/// Lines that were not there in time and in full.
fn late(book: &Book, lines: &[Promise], as_of: Day) -> Table {
    let words =
        ["id", "line", "customer", "customer_name", "product", "product_name", "due_on", "done_on"];
    let mut columns: Vec<Column> = words.map(Column::words).into();
    let figures = ["ordered_qty", "in_time_qty", "delivered_qty"];
    columns.extend(figures.map(|key| Column::figure(key, &["line.qty"])));
    columns.push(Column::figure("late_days", &[]));
    let rows = lines.iter().filter(|own| !own.is_on_time_in_full()).map(|own| {
        let name = book.get::<Product>(&own.product).map(|product| product.rec.name.clone());
        let until = own.done_on.unwrap_or(as_of);
        Row::Data(vec![
            Cell::Ref(own.order.clone()),
            Cell::Int(own.line.into()),
            Cell::Ref(own.customer.clone()),
            party_name(book, &own.customer).into(),
            Cell::Ref(own.product.clone()),
            name.into(),
            own.due_on.into(),
            own.done_on.into(),
            Cell::Quantity(own.ordered.normalize()),
            Cell::Quantity(own.in_time.normalize()),
            Cell::Quantity(own.delivered.normalize()),
            Cell::Int(until.0.signed_duration_since(own.due_on.0).num_days()),
        ])
    });
    Table { key: "late".into(), columns, rows: rows.collect(), empty: "Nothing was late.".into() }
}
