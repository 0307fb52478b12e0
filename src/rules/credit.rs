//! Gates of `order review` about money: the credit limit, and what is long overdue.
//!
//! Judged with the approval already there, so that the order is counted once, and again whenever an
//! order is reviewed anew: what was allowed before a revision does not let the revised order pass.

use super::{Rule, Run, on, review};
use crate::{
    book::{
        Book,
        exposure::{self, Exposure},
        kept, payment, price, receivable, stage,
    },
    finding::Finding,
    record::{Doc, Entry, common::Decision, contract::Side, customer::Customer, order::Order},
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
        "review",
        "review.overdue",
        "The customer owes nothing that is overdue by more than [tolerance] overdue_block_days of desk.toml and that no money \
         is kept for. An [[override]] lets it pass as for the credit limit.",
        Run::Record(overdue),
    ),
];

fn credit(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let Some(customer) = book.get::<Customer>(&order.rec.customer) else { return };
        let gross = price::base_gross(book, order);
        let Some(limit) = customer.rec.credit_limit.filter(|_| gross != Some(Decimal::ZERO)) else {
            return;
        };
        let place = Place::key(&order.file, KeyPath::key("customer"));
        let Some(exposure) = exposure::of_customer(book, customer, book.today) else {
            let message = format!("what {} owes cannot be worked out", customer.id());
            let finding = Finding::error("review.credit", place, message);
            return findings.push(finding.hint("desk check"));
        };
        if exposure.sum() <= limit.get() {
            return;
        }
        let at_stake = receivable::in_base(book, &customer.common, exposure.sum());
        let Err(why) = review::passed_over(book, order, "review.credit", at_stake) else { return };
        let message = format!(
            "{}: {} of a credit limit of {}",
            customer.id(),
            shown(book, customer, exposure.sum()),
            grouped(round(limit.get(), 2))
        );
        findings.push(
            Finding::error("review.credit", place, message)
                .other(Place::key(&customer.file, KeyPath::key("credit_limit")), "the limit")
                .note(parts(book, customer, exposure))
                .note(why)
                .hint(review::hint(order, "review.credit")),
        );
    });
}

/// What an exposure is made of, in words.
fn parts(book: &Book, customer: &Doc<Customer>, exposure: Exposure) -> String {
    format!(
        "open invoices {}, approved orders not invoiced {}, held of theirs {}",
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
        let Err(why) = review::passed_over(book, order, "review.overdue", at_stake) else { return };
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
            format!("credit {} of {limit}", shown(book, customer, exposure))
        }
        _ => "no credit limit".to_owned(),
    };
    let licence = super::licence::valid_to(book, customer);
    let licence = licence.map(|day| format!("licence valid to {day}"));
    [Some(credit), licence].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
