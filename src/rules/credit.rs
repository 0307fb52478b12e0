//! Gates of `order review` about money, the credit limit and what is long overdue; the limit of a
//! customer whose credit counts from the shipment on is judged by `ship send` instead.
//!
//! Judged with the approval already there, so that the order is counted once, and again whenever an
//! order is reviewed anew: what was allowed before a revision does not let the revised order pass.

use super::{Rule, Run, on, review, sending};
use crate::{
    book::{
        Book,
        exposure::{self, Exposure},
        kept, licence, payment, price, receivable, stage,
    },
    finding::Finding,
    record::{
        Doc, Entry, common::Decision, contract::Side, customer::Customer, order::Order,
        shipment::Shipment,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, grouped, round},
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::step(
        "review",
        "review.credit",
        "What we stand to lose with the customer stays within the credit limit: open invoices, approved orders that are not \
         invoiced, this one counted once, less money and credits that nothing is settled with. An [[override]] names who \
         allowed it (someone who may decide on that amount by [approval] order_review), why, and the last day it holds; one \
         from before the last revision no longer counts.",
        Run::Record(credit),
    ),
    Rule::step(
        sending::STEP,
        "send.credit",
        "Where a customer's `credit_stage` is shipment, the limit is judged when goods leave, and not at review: what was \
         delivered and is not invoiced counts instead of approved orders. An [[override]] on the shipment lets it pass as \
         at review, or one of `review.credit` on each of its orders that still holds.",
        Run::Record(send_credit),
    ),
    Rule::step(
        "review",
        "review.overdue",
        "The customer owes nothing that is overdue by more than [tolerance] overdue_block_days of desk.toml and that no money \
         is kept for. An [[override]] lets it pass as for the credit limit.",
        Run::Record(overdue),
    ),
];

fn credit(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let customer = book.get::<Customer>(&order.rec.customer);
        let Some(customer) = customer.filter(|own| !exposure::is_from_shipment(own)) else {
            return;
        };
        let code = "review.credit";
        findings.extend(over_limit(book, entry, customer, price::base_gross(book, order), |sum| {
            let passed = review::passed_over(book, order, code, sum);
            (code, passed, review::hint(order, code))
        }));
    });
}

fn send_credit(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        let customer = shipment.rec.customer.as_deref().and_then(|code| book.get::<Customer>(code));
        let is_outward = shipment.rec.sort().is_outward();
        let judged = customer.filter(|own| is_outward && exposure::is_from_shipment(own));
        let Some(customer) = judged else { return };
        let gross = price::base_gross_of_shipment(book, shipment);
        findings.extend(over_limit(book, entry, customer, gross, |sum| {
            let passed = sending::passed_over(book, shipment, "credit", sum);
            ("send.credit", passed, sending::hint(shipment, "send.credit"))
        }));
    });
}

/// What is said of an act that leaves a customer over the credit limit, unless someone let it pass:
/// its rule, whether it was let pass at what we stand to lose in base currency, and the command
/// that does. Nothing where the act comes to nothing.
fn over_limit(
    book: &Book,
    entry: &dyn Entry,
    customer: &Doc<Customer>,
    gross: Option<Decimal>,
    act: impl Fn(Option<Decimal>) -> (&'static str, Result<(), String>, String),
) -> Option<Finding> {
    let limit = customer.rec.credit_limit.filter(|_| gross != Some(Decimal::ZERO))?;
    let place = entry.place(KeyPath::key("customer"));
    let Some(exposure) = exposure::of_customer(book, customer, book.today) else {
        let (code, ..) = act(None);
        let message = format!("what {} owes cannot be worked out", customer.id());
        return Some(Finding::error(code, place, message).hint("desk check"));
    };
    if exposure.sum() <= limit.get() {
        return None;
    }
    let (code, passed, hint) = act(receivable::in_base(book, &customer.common, exposure.sum()));
    let why = passed.err()?;
    let message = format!(
        "{}: {} of a credit limit of {}",
        customer.id(),
        shown(book, customer, exposure.sum()),
        grouped(round(limit.get(), 2))
    );
    Some(
        Finding::error(code, place, message)
            .other(Place::key(&customer.file, KeyPath::key("credit_limit")), "the limit")
            .note(parts(book, customer, exposure))
            .note(why)
            .hint(hint),
    )
}

/// What an exposure is made of, in words.
fn parts(book: &Book, customer: &Doc<Customer>, exposure: Exposure) -> String {
    let orders = match exposure::is_from_shipment(customer) {
        true => "delivered and not invoiced",
        false => "approved orders not invoiced",
    };
    format!(
        "open invoices {}, {orders} {}, held of theirs {}",
        shown(book, customer, exposure.invoices),
        shown(book, customer, exposure.orders),
        shown(book, customer, exposure.held)
    )
}

/// An amount in a customer's currency, as people read it.
fn shown(book: &Book, customer: &Doc<Customer>, amount: Decimal) -> String {
    let code = payment::own_currency(book, &customer.common);
    let text = grouped(round(amount, currency::decimals(code)));
    if code == book.config.currency() { text } else { format!("{code} {text}") }
}

fn overdue(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let Some(most) = book.config.tolerance.overdue_block_days else { return };
        let (party, today) = (&order.rec.customer, book.today);
        let items = kept::asked_of(book, party, Side::Sale, today, today).items;
        let days = |item: &receivable::Item| item.days_overdue(book.today);
        let late = items.iter().filter(|item| days(item) > most);
        let Some(oldest) = late.max_by_key(|item| days(item)) else { return };
        let at_stake = price::base_gross(book, order);
        let passed = review::passed_over(book, order, "review.overdue", at_stake);
        let Err(why) = passed else { return };
        let due_on = oldest.due_on.map_or_else(String::new, |day: Day| format!(", due {day}"));
        let message = format!(
            "{}: {} is overdue by {} days, more than {most}",
            order.rec.customer,
            oldest.id,
            days(oldest)
        );
        let open = grouped(round(oldest.open, currency::decimals(&oldest.currency)));
        findings.push(
            Finding::error(
                "review.overdue",
                Place::key(&order.file, KeyPath::key("customer")),
                message,
            )
            .other(Place::key(&oldest.place.file, KeyPath::key("due_on")), "due then")
            .note(format!(
                "{} {open} open{due_on}; see desk payment chase {}",
                oldest.currency, order.rec.customer
            ))
            .note(why)
            .hint(review::hint(order, "review.overdue")),
        );
    });
}

/// What we stand to lose with a customer once an order is approved; the order counts once.
fn with_order(book: &Book, customer: &Doc<Customer>, order: &Doc<Order>) -> Option<Decimal> {
    let exposure = exposure::of_customer(book, customer, book.today)?.sum();
    let review = stage::review(book, order, book.today).map(|review| review.decision);
    match review == Some(Decision::Approved) || order.rec.is_quote() {
        true => Some(exposure),
        false => Some(add(exposure, exposure::of_order(book, customer, order, book.today)?)),
    }
}

/// What an approval says of a customer's credit and papers: `credit 2,560.00 of 50,000.00, licence
/// valid to 2027-03-01`.
pub fn words(book: &Book, order: &Doc<Order>) -> String {
    let Some(customer) = book.get::<Customer>(&order.rec.customer) else { return String::new() };
    let credit = match (customer.rec.credit_limit, with_order(book, customer, order)) {
        (Some(limit), Some(exposure)) => {
            let limit = grouped(round(limit.get(), 2));
            let later = exposure::is_from_shipment(customer);
            let later = if later { ", judged when goods leave" } else { "" };
            format!("credit {} of {limit}{later}", shown(book, customer, exposure))
        }
        _ => "no credit limit".to_owned(),
    };
    let licence = licence::valid_to(book, customer);
    let licence = licence.map(|day| format!("licence valid to {day}"));
    [Some(credit), licence].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
