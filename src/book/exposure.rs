//! What we stand to lose with a customer, as of a day.
//!
//! Open invoices, approved orders as far as they are not invoiced, less all money and credits of
//! theirs that nothing is settled with.

#![deny(clippy::arithmetic_side_effects)]

use super::{Book, fulfilment, invoice, payment, stage};
use crate::{
    finding::Finding,
    record::{
        Doc, Entry,
        common::{Common, CreditStage, Decision},
        customer::Customer,
        invoice::{Invoice, InvoiceKind, InvoiceLine, LineKind},
        order::Order,
        payment::Payment,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round, sub, sum},
        place::KeyPath,
    },
};

/// What a customer's exposure is made of, in the customer's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Open invoices.
    pub invoices: Decimal,
    /// Approved orders that are not invoiced, with tax.
    pub orders: Decimal,
    /// Payments and credits that nothing is settled with, earmarks included.
    pub held: Decimal,
}

impl Exposure {
    /// Invoices and orders, less what is held.
    pub fn sum(&self) -> Decimal {
        sub(add(self.invoices, self.orders), self.held)
    }
}

/// The exposure to a customer. A deposit that is asked for is not counted beside the order it is
/// for; what was paid of it is held until an invoice sets it off. Nothing where an exchange rate or
/// a price is missing.
pub fn of_customer(book: &Book, customer: &Doc<Customer>, as_of: Day) -> Option<Exposure> {
    let mut exposure = Exposure::default();
    book.gather(customer.id());
    for bill in book.pointing::<Invoice>(customer.id()) {
        let is_own = bill.rec.party == customer.id() && bill.rec.is_sale();
        if !is_own || !invoice::is_issued(bill, as_of) {
            continue;
        }
        let open = invoice::open(book, bill, as_of)?;
        let bring = |amount: Decimal| brought(book, customer, amount, &bill.common);
        let held = match bill.rec.sort() {
            InvoiceKind::Credit => open,
            InvoiceKind::Deposit => sub(invoice::total(book, bill)?.gross, open),
            _ => {
                exposure.invoices = add(exposure.invoices, bring(open)?);
                deposits_set_off(book, bill)?
            }
        };
        exposure.held = add(exposure.held, bring(held)?);
    }
    for order in book.pointing::<Order>(customer.id()) {
        let own = order.rec.customer == customer.id();
        let review = || stage::review(book, order, as_of).map(|review| review.decision);
        if own && !order.rec.is_quote() && review() == Some(Decision::Approved) {
            exposure.orders = add(exposure.orders, of_order(book, customer, order, as_of)?);
        }
    }
    for paid in payment::payments_of(book, customer.id()) {
        let worth = worth(book, customer, paid, as_of)?;
        exposure.held = add(exposure.held, paid.rec.direction.signed(worth));
    }
    let decimals = currency::decimals(payment::own_currency(book, &customer.common));
    let whole = |amount: Decimal| round(amount, decimals);
    Some(Exposure {
        invoices: whole(exposure.invoices),
        orders: whole(exposure.orders),
        held: whole(exposure.held),
    })
}

/// What the lines of an invoice set off against deposits, below zero, in its currency.
fn deposits_set_off(book: &Book, bill: &Doc<Invoice>) -> Option<Decimal> {
    let is_deposit = |line: &InvoiceLine| line.sort() == LineKind::Deposit;
    if !bill.rec.line.iter().any(is_deposit) {
        return Some(Decimal::ZERO);
    }
    let amounts = invoice::lines(book, bill)?;
    let lines = bill.rec.line.iter().zip(amounts).filter(|(line, _)| is_deposit(line));
    Some(sum(lines.map(|(_, amount)| amount.gross)))
}

/// Whether a customer's credit counts from the shipment on, and not from the order on.
pub fn is_from_shipment(customer: &Doc<Customer>) -> bool {
    customer.rec.credit_stage == Some(CreditStage::Shipment)
}

/// What an order adds to the exposure of its customer once it is approved, in the customer's
/// currency: what is not invoiced, or only what was delivered of that where credit counts from the
/// shipment on.
pub fn of_order(
    book: &Book,
    customer: &Doc<Customer>,
    order: &Doc<Order>,
    as_of: Day,
) -> Option<Decimal> {
    let from_shipment = is_from_shipment(customer);
    let part = fulfilment::part_of(book, order, as_of, |line| match from_shipment {
        true => sub(line.delivered(), line.moved.invoiced),
        false => sub(line.ordered, line.moved.invoiced),
    });
    let decimals = currency::decimals(payment::own_currency(book, &order.common));
    brought(book, customer, round(part.ok()?.gross, decimals), &order.common)
}

/// Why the exposure to a customer is not known: what lacks an exchange rate or a price; nothing
/// where it is known, or the record is no customer.
pub fn unknown(book: &Book, entry: &dyn Entry, as_of: Day) -> Vec<Finding> {
    let Some(customer) = Doc::<Customer>::of(entry) else { return Vec::new() };
    if of_customer(book, customer, as_of).is_some() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut lacking: Vec<&dyn Entry> = Vec::new();
    for order in book.pointing::<Order>(customer.id()) {
        let review = stage::review(book, order, as_of).map(|review| review.decision);
        if order.rec.customer == customer.id() && review == Some(Decision::Approved) {
            findings.extend(book.order_amount(order, as_of).err());
        }
    }
    let bills = book.pointing::<Invoice>(customer.id()).into_iter();
    lacking.extend(bills.filter(|own| own.rec.party == customer.id()).map(|own| own as &dyn Entry));
    let paid = payment::payments_of(book, customer.id()).into_iter();
    lacking.extend(paid.map(|own| own as &dyn Entry));
    lacking.retain(|entry| book.exchange_rate(entry.common()).is_none());
    findings.extend(lacking.into_iter().map(|entry| no_rate(book, entry)));
    if findings.is_empty() {
        findings.push(no_rate(book, entry));
    }
    findings
}

/// That a record in a currency of its own has no exchange rate.
fn no_rate(book: &Book, entry: &dyn Entry) -> Finding {
    let (kind, id) = (entry.kind(), &entry.common().id);
    let code = payment::own_currency(book, entry.common());
    let message = format!("{id} is in {code} and has no exchange rate");
    Finding::error("amount.exchange_rate", entry.place(KeyPath::key("currency")), message)
        .hint(format!("desk {kind} set {id} --exchange-rate …"))
}

/// An amount of a record in the customer's currency, by the record's own exchange rate.
fn brought(
    book: &Book,
    customer: &Doc<Customer>,
    amount: Decimal,
    common: &Common,
) -> Option<Decimal> {
    let code = payment::own_currency(book, &customer.common);
    if payment::own_currency(book, common) == code || amount.is_zero() {
        return Some(amount);
    }
    let base = amount.checked_mul(book.exchange_rate(common)?)?;
    base.checked_div(book.exchange_rate(&customer.common)?)
}

/// What of a payment is not settled with anything, in the customer's currency: what is kept for
/// something counts for what it was matched as.
fn worth(
    book: &Book,
    customer: &Doc<Customer>,
    payment: &Doc<Payment>,
    as_of: Day,
) -> Option<Decimal> {
    let standing = payment::standing(book, payment, as_of);
    let mut rest = sub(standing.amount, standing.settled);
    let own = payment::own_currency(book, &customer.common);
    if payment::own_currency(book, &payment.common) == own || rest.is_zero() {
        return Some(rest);
    }
    let rows = payment::allocations_of(book, payment.id());
    let mut rows: Vec<_> = rows.into_iter().filter(|row| payment::is_by(row, as_of)).collect();
    let kept = payment::earmarks(book, &rows, as_of);
    rows.retain(|row| kept.contains_key(row.rec.target.as_str()));
    let mut worth = Decimal::ZERO;
    for (target, left) in kept {
        let in_own = |of: payment::Target<'_>| payment::own_currency(book, of.common) == own;
        if left.is_zero() || !payment::target(book, target).is_some_and(in_own) {
            continue;
        }
        let given = || rows.iter().filter(|row| row.rec.target == target);
        let taken = sum(given().map(|row| row.rec.taken()));
        let amount = sum(given().map(|row| row.rec.amount.get()));
        worth = add(worth, amount.checked_mul(left)?.checked_div(taken)?);
        rest = sub(rest, left);
    }
    Some(add(worth, brought(book, customer, rest, &payment.common)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Config, record::Kind, store::files::Files};

    #[test]
    fn a_customer_owes_the_same_however_the_rows_were_found() {
        let example = || {
            let example = concat!(env!("CARGO_MANIFEST_DIR"), "/data-example");
            let now = "2026-09-23T10:00:00+08:00".parse().expect("a moment");
            let mut book = Book::new(Files::disk(example), Config::default(), Vec::new(), now);
            book.cache = false;
            book
        };
        let whole = example();
        for kind in [Kind::Payment, Kind::Allocation, Kind::Order, Kind::Invoice, Kind::Shipment] {
            whole.linked(kind);
        }
        for customer in whole.all::<Customer>() {
            let alone = example();
            let [one, other] = [&alone, &whole].map(|book| of_customer(book, customer, book.today));
            assert_eq!(one, other, "{}", customer.id());
        }
    }
}
