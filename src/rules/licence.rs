//! The gates of `order review` and `ship send` about the buyer's papers: who may buy what, until
//! when.
//!
//! A paper counts on a day if it was issued by then, has not expired, and someone saw the original.
//! Of several papers of one kind one that counts is enough.

use super::{Rule, Run, on, review, sending};
use crate::{
    book::{
        Book,
        licence::{Lacking, lacking},
        price,
    },
    finding::Finding,
    record::{
        Doc, Entry,
        customer::Customer,
        order::Order,
        product::Product,
        shipment::{Shipment, ShipmentKind},
    },
    value::place::{KeyPath, Place},
};

pub(super) const RULES: &[Rule] = &[
    Rule::step(
        "review",
        "review.licence",
        "The buyer's papers were verified and have not expired; a hospital has a practice licence, a trader and a pharmacy a \
         drug business licence; each product's `required_licence` is the kind of a paper that counts, or within its scopes; \
         whoever buys or collects for them is identified. An [[override]] lets it pass as for the credit limit.",
        Run::Record(review_licence),
    ),
    Rule::step(
        sending::STEP,
        "send.licence",
        "The same is asked again, of the day goods or samples leave and of the products that do. An [[override]] on the \
         shipment lets it pass, or one of `review.licence` on each of its orders that still holds.",
        Run::Record(send_licence),
    ),
];

/// The products of an order's lines that anything is ordered of.
fn products<'a>(book: &'a Book, order: &Doc<Order>) -> Vec<&'a Doc<Product>> {
    let mut products: Vec<&Doc<Product>> = Vec::new();
    for line in order.rec.line.iter().filter(|line| !line.qty.get().is_zero()) {
        let product = book.get::<Product>(&line.product);
        products.extend(product.filter(|own| products.iter().all(|other| other.id() != own.id())));
    }
    products
}

fn review_licence(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let Some(customer) = book.get::<Customer>(&order.rec.customer) else { return };
        let lacking = lacking(customer, &products(book, order), book.today);
        if lacking.is_empty() {
            return;
        }
        let at_stake = price::base_gross(book, order);
        let code = "review.licence";
        let Err(why) = review::passed_over(book, order, code, at_stake) else { return };
        let hint = review::hint(order, code);
        findings.extend(said(code, entry, customer, lacking, &why, &hint));
    });
}

fn send_licence(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Shipment>(entry, |shipment| {
        let rec = &shipment.rec;
        let customer = rec.customer.as_deref().and_then(|code| book.get::<Customer>(code));
        let is_goods = matches!(rec.sort(), ShipmentKind::Delivery | ShipmentKind::Sample);
        let Some(customer) = customer.filter(|_| is_goods) else { return };
        let mut products: Vec<&Doc<Product>> = Vec::new();
        for product in rec.line.iter().filter_map(|line| book.get::<Product>(&line.product)) {
            if products.iter().all(|other| other.id() != product.id()) {
                products.push(product);
            }
        }
        let lacking = lacking(customer, &products, rec.shipped_on.unwrap_or(book.today));
        if lacking.is_empty() {
            return;
        }
        let at_stake = price::base_gross_of_shipment(book, shipment);
        let Err(why) = sending::passed_over(book, shipment, "licence", at_stake) else { return };
        let hint = sending::hint(shipment, "send.licence");
        findings.extend(said("send.licence", entry, customer, lacking, &why, &hint));
    });
}

/// What a customer's papers lack, as findings about an order or a shipment.
fn said(
    code: &'static str,
    entry: &dyn Entry,
    customer: &Doc<Customer>,
    lacking: Vec<Lacking>,
    why: &str,
    hint: &str,
) -> Vec<Finding> {
    let finding = |Lacking { message, at }: Lacking| {
        let place = entry.place(KeyPath::key("customer"));
        let finding = Finding::error(code, place, message).note(why).hint(hint);
        match at {
            None => finding,
            Some((key, at)) => {
                let there = Place::key(&customer.file, KeyPath::key(key).nth(at));
                finding.other(there, "stands here")
            }
        }
    };
    lacking.into_iter().map(finding).collect()
}
