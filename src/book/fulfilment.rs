//! What became of order lines by a day: delivered, returned, invoiced, and what is still to do.
//!
//! Signed sums over shipments and invoices, joined by order and line, never by product; quantities
//! in the product's stock unit, exact. Nothing of them is ever written.

#![deny(clippy::arithmetic_side_effects)]

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{Book, invoice, links::follows, settled, terms::unit_factor};
use crate::{
    fact::{Fact, What},
    finding::Finding,
    record::{
        Doc,
        amount::Amount,
        invoice::{Invoice, InvoiceKind, InvoiceLine},
        order::{Order, OrderLine},
        product::{Goods, Product},
        shipment::{Shipment, ShipmentKind, ShipmentLine},
    },
    value::{
        day::Day,
        number::{Decimal, MAX_DECIMALS, Quantity, add, negated, product, sub},
    },
};

/// What shipments and invoices did to one order line, in stock units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// On open stock-out slips.
    pub reserved: Decimal,
    /// Sent.
    pub shipped: Decimal,
    /// Come back.
    pub returned: Decimal,
    /// Come back to be delivered again.
    pub reopened: Decimal,
    /// On issued invoices, less credits that are to be invoiced again.
    pub invoiced: Decimal,
    /// Credited for good: not to be invoiced again.
    pub credited: Decimal,
    /// On drafts of invoices.
    pub drafted: Decimal,
}

/// One line of an order by a day, in stock units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    /// The line.
    pub line: &'a OrderLine,
    /// Stock units in one unit of the line.
    pub factor: Decimal,
    /// Ordered, less what was closed.
    pub ordered: Decimal,
    /// What shipments and invoices did to it.
    pub moved: Moved,
    /// Whether it is delivered: a service is not.
    pub is_deliverable: bool,
    /// Whether what is ordered is invoiced, delivered or not.
    is_invoiced_as_ordered: bool,
}

impl Line<'_> {
    /// Sent, less what came back to be delivered again.
    pub fn delivered(&self) -> Decimal {
        sub(self.moved.shipped, self.moved.reopened)
    }

    /// What is still to be sent, open slips included.
    pub fn to_ship(&self) -> Decimal {
        match self.is_deliverable {
            true => sub(self.ordered, self.delivered()).max(Decimal::ZERO),
            false => Decimal::ZERO,
        }
    }

    /// What is still to be sent and on no open slip.
    pub fn to_slip(&self) -> Decimal {
        sub(self.to_ship(), self.moved.reserved).max(Decimal::ZERO)
    }

    /// What may be closed short, in the line's unit: neither delivered nor on an open slip; of what
    /// is not delivered, what is not invoiced.
    pub fn to_close(&self) -> Decimal {
        let left = match self.is_deliverable {
            true => self.to_slip(),
            false => sub(self.ordered, add(self.moved.invoiced, self.moved.drafted)),
        };
        let units = left.max(Decimal::ZERO).checked_div(self.factor).unwrap_or(left).normalize();
        // Rounded down to what a record holds, so that no more is closed than is left.
        units.trunc_with_scale(MAX_DECIMALS).normalize()
    }

    /// What may be invoiced in all: delivered, or ordered where desk.toml says so or there is
    /// nothing to deliver.
    pub fn billable(&self) -> Decimal {
        match self.line.is_billable() {
            true if self.is_invoiced_as_ordered || !self.is_deliverable => self.ordered,
            true => self.delivered(),
            false => Decimal::ZERO,
        }
    }

    /// What was invoiced and is asked for: without what was credited for good of what is no longer
    /// ordered, whose goods and whose money are both back.
    pub fn charged(&self) -> Decimal {
        let qty = self.line.qty.get();
        let closed = sub(product(qty, self.factor).unwrap_or(qty), self.ordered);
        sub(self.moved.invoiced, self.moved.credited.min(closed.max(Decimal::ZERO)))
    }

    /// What was delivered and is not invoiced, whatever desk.toml says of when to invoice.
    pub fn uninvoiced(&self) -> Decimal {
        match self.line.is_billable() {
            true => sub(self.delivered(), self.moved.invoiced).max(Decimal::ZERO),
            false => Decimal::ZERO,
        }
    }

    /// What is still to be invoiced, drafts included.
    pub fn to_invoice(&self) -> Decimal {
        sub(self.billable(), self.moved.invoiced).max(Decimal::ZERO)
    }

    /// What is still to be invoiced and on no draft.
    pub fn to_draft(&self) -> Decimal {
        sub(self.to_invoice(), self.moved.drafted).max(Decimal::ZERO)
    }
}

/// What was done for an order by a day.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Done {
    lines: BTreeMap<u32, Moved>,
    /// Whether money is asked for and not there.
    is_open: bool,
}

/// So many orders are each answered from their own documents: those of one customer, of a day.
pub(super) const ALONE: usize = 8192;

/// What was looked up of a book, and how often.
#[derive(Debug, Default)]
pub(super) struct Known {
    all: Mutex<BTreeMap<Day, Arc<BTreeMap<String, Done>>>>,
    asked: AtomicUsize,
}

/// An order by a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Fulfilled<'a> {
    /// Its lines, in the order of the document.
    pub lines: Vec<Line<'a>>,
    /// Whether money was asked for and is not there.
    pub is_open: bool,
}

impl Fulfilled<'_> {
    /// Whether any line has such a quantity above zero.
    pub fn any(&self, quantity: impl Fn(&Line<'_>) -> Decimal) -> bool {
        self.lines.iter().any(|line| quantity(line) > Decimal::ZERO)
    }
}

/// What became of an order by a day.
pub fn of_order<'a>(book: &Book, order: &'a Doc<Order>, as_of: Day) -> Fulfilled<'a> {
    let done = done(book, order.id(), as_of);
    let as_ordered = book.config.tolerance.invoice_basis.as_deref() == Some("ordered");
    let line = |line: &'a OrderLine| {
        let goods = book.get::<Product>(&line.product).and_then(|product| product.rec.goods);
        let factor = book.priced(order, line).factor.unwrap_or(Decimal::ONE);
        let open = line.open_qty(&order.rec.closure, as_of, book.zone);
        Line {
            line,
            factor,
            ordered: product(open, factor).unwrap_or(open),
            moved: done.lines.get(&line.no).copied().unwrap_or_default(),
            is_deliverable: line.deliverable.unwrap_or(goods != Some(Goods::Service)),
            is_invoiced_as_ordered: as_ordered,
        }
    };
    Fulfilled { lines: order.rec.line.iter().map(line).collect(), is_open: done.is_open }
}

/// What was collected of each line of an order by a day, with tax, in the order's currency and not
/// rounded: money for its invoices, less what was paid back of credits.
pub fn collected(book: &Book, order: &Doc<Order>, as_of: Day) -> BTreeMap<u32, Decimal> {
    let mut collected: BTreeMap<u32, Decimal> = BTreeMap::new();
    for bill in documents_of(book, order.id()).1 {
        if !bill.rec.is_sale() || !invoice::is_issued(bill, as_of) {
            continue;
        }
        let is_back = invoice::sign(bill).is_sign_negative();
        let lines = settled::of_lines(book, bill, as_of).unwrap_or_default();
        for (line, settled) in bill.rec.line.iter().zip(lines) {
            let part = if is_back { negated(settled.collected) } else { settled.collected };
            let of_order = invoiced_line(book, bill, line).filter(|(id, _)| *id == order.id());
            let own = || {
                let base = part.checked_mul(book.exchange_rate(&bill.common)?)?;
                base.checked_div(book.exchange_rate(&order.common)?)
            };
            if let Some((_, no)) = of_order {
                let same = bill.common.currency == order.common.currency;
                let part = if same { Some(part) } else { own() };
                let sum = collected.entry(no).or_default();
                *sum = add(*sum, part.unwrap_or_default());
            }
        }
    }
    collected
}

/// What of an order is not invoiced by a day, in its currency and not rounded.
pub fn uninvoiced(book: &Book, order: &Doc<Order>, as_of: Day) -> Result<Amount, Finding> {
    part_of(book, order, as_of, |line| sub(line.ordered, line.moved.invoiced))
}

/// What a part of an order comes to, in its currency and not rounded: of quantities in stock units,
/// at most what is ordered. The order counts whatever the day it is of; closures count by the day.
pub fn part_of(
    book: &Book,
    order: &Doc<Order>,
    as_of: Day,
    quantity: impl Fn(&Line<'_>) -> Decimal,
) -> Result<Amount, Finding> {
    let parts = parts_of(book, order, as_of, quantity)?;
    Ok(parts.into_iter().fold(Amount::default(), |sum, (_, part)| sum.plus(part)))
}

/// The same of each line, by its number.
pub fn parts_of(
    book: &Book,
    order: &Doc<Order>,
    as_of: Day,
    quantity: impl Fn(&Line<'_>) -> Decimal,
) -> Result<Vec<(u32, Amount)>, Finding> {
    let facts = book.order_facts(order)?;
    let mut parts = Vec::new();
    for line in &of_order(book, order, as_of).lines {
        // Who asks about an order that is dated later counts it as it stands.
        let counts = |fact: &&Fact<'_>| fact.what == What::Ordered || fact.on <= as_of;
        let own = facts.iter().filter(|fact| fact.line == line.line.no).filter(counts);
        let whole = own.fold(Amount::default(), |sum, fact| sum.plus(fact.amount));
        let part = quantity(line).clamp(Decimal::ZERO, line.ordered.max(Decimal::ZERO));
        let share = |amount: Decimal| match line.ordered.is_zero() {
            true => Decimal::ZERO,
            false if part == line.ordered => amount,
            false => amount
                .checked_mul(part)
                .and_then(|part| part.checked_div(line.ordered))
                .unwrap_or(amount),
        };
        let (net, gross) = (share(whole.net), share(whole.gross));
        parts.push((line.line.no, Amount { net, tax: sub(gross, net), gross }));
    }
    Ok(parts)
}

/// What was done for an order: from its own documents, or, once that was asked often enough, from
/// one pass over all of them. Both give the same.
fn done(book: &Book, order: &str, as_of: Day) -> Done {
    let Known { all, asked } = &book.fulfilled;
    let is_known = !all.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
    if !is_known && asked.fetch_add(1, Ordering::Relaxed) < ALONE {
        let mut alone = BTreeMap::new();
        let (shipments, invoices) = documents_of(book, order);
        for shipment in shipments {
            shipped(book, shipment, as_of, &mut alone);
        }
        for invoice in invoices {
            invoiced(book, invoice, as_of, &mut alone);
        }
        return alone.remove(order).unwrap_or_default();
    }
    every(book, as_of).get(order).cloned().unwrap_or_default()
}

/// The shipments and invoices of an order: those that name it, and what came back or was credited
/// of them, which may name them alone.
pub fn documents_of<'a>(
    book: &'a Book,
    order: &str,
) -> (Vec<&'a Doc<Shipment>>, Vec<&'a Doc<Invoice>>) {
    let mut shipments = book.following::<Shipment>(order);
    let mut ids: Vec<&str> = shipments.iter().map(|own| own.id()).collect();
    let back = book.following_any::<Shipment>(&ids);
    shipments.extend(back.into_iter().filter(|own| !ids.contains(&own.id())));
    ids = shipments.iter().map(|own| own.id()).collect();
    ids.push(order);
    let mut invoices = book.following_any::<Invoice>(&ids);
    ids = invoices.iter().map(|own| own.id()).collect();
    let credits = book.following_any::<Invoice>(&ids);
    invoices.extend(credits.into_iter().filter(|own| !ids.contains(&own.id())));
    (shipments, invoices)
}

/// What was done for every order by a day.
///
/// No lock is held while it is worked out: the thread that does may meanwhile take up other work
/// that asks the same.
pub(super) fn every(book: &Book, as_of: Day) -> Arc<BTreeMap<String, Done>> {
    let known = || book.fulfilled.all.lock().unwrap_or_else(PoisonError::into_inner);
    let held = known().get(&as_of).cloned();
    held.unwrap_or_else(|| {
        let mut every = BTreeMap::new();
        book.each::<Shipment>(|shipment| shipped(book, shipment, as_of, &mut every));
        book.each::<Invoice>(|invoice| invoiced(book, invoice, as_of, &mut every));
        Arc::clone(known().entry(as_of).or_insert_with(|| Arc::new(every)))
    })
}

/// The stock units of a quantity on a line.
pub fn in_stock_units(
    book: &Book,
    product_code: Option<&str>,
    unit: Option<&str>,
    factor: Option<Quantity>,
    qty: Decimal,
) -> Decimal {
    let of = product_code.filter(|_| unit.is_some() && factor.is_none());
    let of = of.and_then(|code| book.get::<Product>(code));
    let factor = unit_factor(unit, factor.map(|own| own.get()), of).unwrap_or(Decimal::ONE);
    product(qty, factor).unwrap_or(qty)
}

/// The stock units that moved on a line of a shipment.
pub fn line_quantity(book: &Book, sort: ShipmentKind, line: &ShipmentLine) -> Decimal {
    let code = Some(line.product.as_str());
    in_stock_units(book, code, line.unit.as_deref(), line.unit_factor, line.moved(sort))
}

/// The order line that a line of a shipment is for; a return may say it by what it brings back.
pub fn order_line<'a>(book: &'a Book, line: &'a ShipmentLine) -> Option<(&'a str, u32)> {
    if let (Some(order), Some(no)) = (line.order.as_deref(), line.order_line) {
        return Some((order, no));
    }
    let of = book.get::<Shipment>(line.return_shipment.as_deref()?)?;
    let of = of.rec.line.iter().find(|own| Some(own.no) == line.return_line)?;
    Some((of.order.as_deref()?, of.order_line?))
}

/// The order line that a line of an invoice is for; it may say it by its shipment, a credit by what
/// it takes back.
pub fn invoiced_line<'a>(
    book: &'a Book,
    invoice: &'a Doc<Invoice>,
    line: &'a InvoiceLine,
) -> Option<(&'a str, u32)> {
    named_line(book, line).or_else(|| {
        let of = book.get::<Invoice>(invoice.rec.against_invoice.as_deref()?)?;
        named_line(book, of.rec.credited_line(line)?)
    })
}

/// The order line that a line of an invoice names, by itself or by its shipment.
fn named_line<'a>(book: &'a Book, line: &'a InvoiceLine) -> Option<(&'a str, u32)> {
    if let (Some(order), Some(no)) = (line.order.as_deref(), line.order_line) {
        return Some((order, no));
    }
    let of = book.get::<Shipment>(line.shipment.as_deref()?)?;
    order_line(book, of.rec.line.iter().find(|own| Some(own.no) == line.shipment_line)?)
}

fn shipped(book: &Book, shipment: &Doc<Shipment>, as_of: Day, every: &mut BTreeMap<String, Done>) {
    let sort = shipment.rec.sort();
    let has_moved = shipment.rec.moved_on().is_some_and(|day| day <= as_of);
    let is_there = shipment.common.date.is_some_and(|day| day <= as_of);
    if !shipment.counts() || !(has_moved || is_there) || sort == ShipmentKind::Receipt {
        return;
    }
    for line in &shipment.rec.line {
        let of_order = order_line(book, line).filter(|(id, _)| follows(shipment.id(), id));
        let Some((order, no)) = of_order else { continue };
        let quantity = line_quantity(book, sort, line);
        let done = every.entry(order.to_owned()).or_default();
        let moved = done.lines.entry(no).or_default();
        let put = |sum: &mut Decimal| *sum = add(*sum, quantity);
        match (sort.is_outward(), has_moved) {
            (true, true) => put(&mut moved.shipped),
            (true, false) => put(&mut moved.reserved),
            (false, true) => {
                put(&mut moved.returned);
                if line.reopens_delivery == Some(true) {
                    put(&mut moved.reopened);
                }
            }
            (false, false) => {}
        }
    }
}

fn invoiced(book: &Book, bill: &Doc<Invoice>, as_of: Day, every: &mut BTreeMap<String, Done>) {
    let sort = bill.rec.sort();
    let is_issued = invoice::is_issued(bill, as_of);
    let is_there = bill.common.date.is_some_and(|day| day <= as_of);
    let counts = matches!(sort, InvoiceKind::Invoice | InvoiceKind::Credit);
    if !bill.counts() || !counts || !bill.rec.is_sale() || !(is_issued || is_there) {
        return;
    }
    let is_credit = sort == InvoiceKind::Credit;
    let open = is_issued && !is_credit;
    let is_open = open && invoice::open(book, bill, as_of).is_some_and(|open| open > Decimal::ZERO);
    for line in &bill.rec.line {
        let of_order = invoiced_line(book, bill, line).filter(|(id, _)| follows(bill.id(), id));
        let Some((order, no)) = of_order else { continue };
        let done = every.entry(order.to_owned()).or_default();
        done.is_open |= is_open;
        if !line.sort().moves_quantity() {
            continue;
        }
        let reopens = line.reopens_billing == Some(true);
        let (code, unit) = (line.product.as_deref(), line.unit.as_deref());
        let quantity = in_stock_units(book, code, unit, line.unit_factor, line.qty.get());
        let moved = done.lines.entry(no).or_default();
        match (is_issued, is_credit) {
            (true, false) => moved.invoiced = add(moved.invoiced, quantity),
            (true, true) if reopens => moved.invoiced = sub(moved.invoiced, quantity),
            (true, true) => moved.credited = add(moved.credited, quantity),
            (false, false) => moved.drafted = add(moved.drafted, quantity),
            (false, true) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{config::Config, store::files::Files};

    fn example() -> Book {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-example");
        let now = "2026-09-23T10:00:00+08:00".parse().expect("a moment");
        let mut book = Book::new(Files::disk(example), Config::default(), Vec::new(), now);
        book.cache = false;
        book
    }

    #[test]
    fn an_order_alone_is_what_one_pass_over_all_finds() {
        let (alone, whole) = (example(), example());
        let mut moved = 0;
        for day in ["2026-03-31", "2026-06-30", "2026-09-23"] {
            let day: Day = day.parse().expect("a day");
            let all = every(&whole, day);
            for order in alone.all::<Order>() {
                let together = all.get(order.id()).cloned().unwrap_or_default();
                moved += together.lines.len();
                assert_eq!(done(&alone, order.id(), day), together, "{} by {day}", order.id());
            }
        }
        assert!(moved > 300, "{moved} lines moved: the example has too little to tell");
    }
}
