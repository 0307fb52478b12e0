//! The gates of `order review` and `ship send` about the buyer's papers: who may buy what, until
//! when.
//!
//! A paper counts on a day if it was issued by then, has not expired, and someone saw the original.
//! Of several papers of one kind one that counts is enough.

use super::{Rule, Run, on, review, sending};
use crate::{
    book::{Book, price},
    finding::Finding,
    record::{
        Doc, Entry,
        common::{Licence, Person},
        customer::{Customer, CustomerKind},
        order::Order,
        product::Product,
        shipment::{Shipment, ShipmentKind},
    },
    value::{
        day::Day,
        place::{KeyPath, Place},
    },
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

/// What is wrong with a customer's papers for some products on a day, each with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// What is wrong.
    pub message: String,
    /// Block of the customer it is about, such as `licence` and its number; nothing for the whole.
    pub at: Option<(&'static str, usize)>,
}

/// What keeps a customer from buying products on a day, as far as papers and people go.
pub fn lacking(customer: &Doc<Customer>, products: &[&Doc<Product>], day: Day) -> Vec<Lacking> {
    let mut lacking = Vec::new();
    let papers = &customer.rec.licence;
    for (at, paper) in papers.iter().enumerate() {
        let same = || papers.iter().filter(|other| other.kind == paper.kind);
        let is_first = papers.iter().position(|other| other.kind == paper.kind) == Some(at);
        if is_first && !same().any(|other| fault(other, day).is_none()) {
            let last = papers.iter().rposition(|other| other.kind == paper.kind).unwrap_or(at);
            let why = fault(&papers[last], day).unwrap_or_default();
            let message = format!("{} {why}", named(&papers[last]));
            lacking.push(Lacking { message, at: Some(("licence", last)) });
        }
    }
    let needed = customer.rec.kind.and_then(needs);
    if let Some(kind) = needed.filter(|kind| !papers.iter().any(|paper| paper.kind == *kind)) {
        let message = format!("{} has no {} licence", customer.id(), kind.replace('_', " "));
        lacking.push(Lacking { message, at: None });
    }
    for product in products {
        let Some(required) = product.rec.required_licence.as_deref() else { continue };
        let covers = |paper: &&Licence| {
            paper.kind == required || paper.scopes.iter().any(|scope| scope == required)
        };
        // A paper that covers the product but does not count was told of already.
        if !papers.iter().any(|paper| covers(&paper)) {
            let message = format!(
                "{} needs a licence for {required}, and {} has none",
                product.id(),
                customer.id()
            );
            lacking.push(Lacking { message, at: None });
        }
    }
    for (at, person) in customer.rec.person.iter().enumerate() {
        if acts_for_them(person) && person.verified_on.is_none_or(|seen| seen > day) {
            let message = format!("{} was not identified", person.name);
            lacking.push(Lacking { message, at: Some(("person", at)) });
        }
    }
    lacking.dedup();
    lacking
}

/// Why a paper does not count on a day.
fn fault(paper: &Licence, day: Day) -> Option<String> {
    match () {
        () if paper.verified_on.is_none() || paper.verified_by.is_none() => {
            Some("was not verified".into())
        }
        () if paper.verified_on.is_some_and(|seen| seen > day) => {
            Some("was not verified by then".into())
        }
        () if paper.issued_on.is_some_and(|issued| issued > day) => Some("is not valid yet".into()),
        () => {
            let expired = paper.expires_on.filter(|last| *last < day);
            expired.map(|last| format!("expired on {last}"))
        }
    }
}

fn named(paper: &Licence) -> String {
    let kind = paper.kind.replace('_', " ");
    match &paper.number {
        Some(number) => format!("licence {kind} {number}"),
        None => format!("licence {kind}"),
    }
}

/// The paper that a class of customer has to have.
fn needs(kind: CustomerKind) -> Option<&'static str> {
    match kind {
        CustomerKind::Hospital => Some("practice"),
        CustomerKind::Trader | CustomerKind::Pharmacy => Some("drug_business"),
        CustomerKind::Agent | CustomerKind::Direct | CustomerKind::Other => None,
    }
}

/// Whether someone buys or collects for a customer.
fn acts_for_them(person: &Person) -> bool {
    let role = person.role.as_deref().unwrap_or_default().to_lowercase();
    ["buyer", "agent", "collector", "采购员", "采购", "提货人"].contains(&role.as_str())
}

/// The last day of the paper that a customer's class has to have, else of the one that ends first;
/// nothing where no paper ends.
pub(super) fn valid_to(book: &Book, customer: &Doc<Customer>) -> Option<Day> {
    let needed = customer.rec.kind.and_then(needs);
    let papers = customer.rec.licence.iter();
    let mut counts: Vec<&Licence> =
        papers.filter(|paper| fault(paper, book.today).is_none()).collect();
    if counts.iter().any(|paper| Some(paper.kind.as_str()) == needed) {
        counts.retain(|paper| Some(paper.kind.as_str()) == needed);
        return counts.iter().filter_map(|paper| paper.expires_on).max();
    }
    counts.iter().filter_map(|paper| paper.expires_on).min()
}

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
