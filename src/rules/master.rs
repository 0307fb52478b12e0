//! Invariants of masters: codes, licences, units, superiors.

use super::{Rule, Run, on};
use crate::{
    book::{Book, PARTIES, licence},
    finding::{Finding, Level},
    record::{
        Doc, Entry, Kind, common::Licence, customer::Customer, product::Product, staff::Staff,
    },
    value::{
        number::Decimal,
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "id.unique",
        Level::Error,
        "Codes of customers, suppliers and staff are unique together, without regard to case: each of them may be a party, \
         and some file systems do not tell cases apart.",
        Run::Group { keys: party_keys, run: unique },
    ),
    Rule::always(
        "product.unit",
        Level::Error,
        "A packing holds more than zero stock units, and its unit is not the stock unit or listed twice.",
        Run::Record(packing),
    ),
    Rule::always(
        "product.price",
        Level::Warning,
        "Prices and cost are not negative, and the lowest price is not above the list price.",
        Run::Record(prices),
    ),
    Rule::always(
        "customer.licence",
        Level::Warning,
        "A licence ends after it begins, and who verified it is named together with the day.",
        Run::Record(licences),
    ),
    Rule::always(
        "customer.verified",
        Level::Error,
        "Who enters a customer's paper is not who verifies it: a second person sees the original. A paper that is changed \
         afterwards is verified again.",
        Run::Record(two_see),
    ),
    Rule::always(
        "staff.manager",
        Level::Error,
        "Nobody is their own superior, directly or through others.",
        Run::Record(managers),
    ),
];

fn party_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let party = PARTIES.contains(&entry.kind());
    party.then(|| entry.common().id.to_ascii_lowercase()).into_iter().collect()
}

fn unique(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let same = book.parties(key);
    let path =
        |(kind, code): &(Kind, String)| crate::store::layout::path(*kind, code).unwrap_or_default();
    for other in same.iter().skip(1) {
        let place = Place::key(path(other), KeyPath::key("id"));
        let message = format!("the code {} is that of a {} too", other.1, same[0].0);
        let first = Place::key(path(&same[0]), KeyPath::key("id"));
        findings.push(Finding::error("id.unique", place, message).other(first, "here"));
    }
}

fn packing(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Product>(entry, |product| {
        let packing = &product.rec.packing;
        for (at, own) in packing.iter().enumerate() {
            let mut find = |key: &str, message: String| {
                let path = KeyPath::key("packing").nth(at).then(key);
                findings.push(Finding::at("product.unit", &product.file, path, message));
            };
            if own.factor.get() <= Decimal::ZERO {
                find("factor", format!("a {} holds {} stock units", own.unit, own.factor));
            }
            let twice = packing[..at].iter().any(|other| other.unit == own.unit);
            let stock = product.rec.unit.as_deref() == Some(own.unit.as_str());
            if twice || (stock && own.factor.get() != Decimal::ONE) {
                find("unit", format!("the unit {} has two meanings", own.unit));
            }
        }
    });
}

fn prices(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Product>(entry, |product| {
        let rec = &product.rec;
        for (key, price) in
            [("list_price", rec.list_price), ("min_price", rec.min_price), ("cost", rec.cost)]
        {
            if price.is_some_and(|price| price.get() < Decimal::ZERO) {
                let place = Place::key(&product.file, KeyPath::key(key));
                findings.push(Finding::warning(
                    "product.price",
                    place,
                    format!("{key} is negative"),
                ));
            }
        }
        if let (Some(list), Some(floor)) = (rec.list_price, rec.min_price)
            && floor.get() > list.get()
        {
            let place = Place::key(&product.file, KeyPath::key("list_price"));
            let message = format!("the list price of {} is below its lowest price", product.id());
            findings.push(Finding::warning("product.price", place, message));
        }
    });
}

fn licences(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Customer>(entry, |customer| {
        for (at, licence) in customer.rec.licence.iter().enumerate() {
            let mut find = |key: &str, message: &str| {
                let path = KeyPath::key("licence").nth(at).then(key);
                let place = Place::key(&customer.file, path);
                findings.push(Finding::warning("customer.licence", place, message));
            };
            if let (Some(issued), Some(expires)) = (licence.issued_on, licence.expires_on)
                && expires < issued
            {
                find("expires_on", "the licence ends before it begins");
            }
            match (&licence.verified_by, licence.verified_on) {
                (Some(_), None) => find("verified_by", "the day of the verification is missing"),
                (None, Some(_)) => find("verified_on", "who verified the licence is missing"),
                _ => {}
            }
        }
    });
}

fn two_see(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Customer>(entry, |customer| {
        for (at, paper) in customer.rec.licence.iter().enumerate() {
            let both = licence::entered_by(customer, paper).zip(paper.verified_by.as_deref());
            let Some((_, by)) = both.filter(|(entered, verified)| entered == verified) else {
                continue;
            };
            let path = KeyPath::key("licence").nth(at).then("verified_by");
            let message = format!("{by} entered the paper, and may not verify it, too");
            let finding = Finding::at("customer.verified", &customer.file, path, message);
            let which = paper.number.as_deref().unwrap_or(&paper.kind);
            let id = customer.id();
            findings.push(finding.hint(format!(
                "DESK_USER=… desk customer licence {id} --verify {which}   (as someone else)"
            )));
        }
    });
}

/// Refuses a change of a paper that was verified and stays so: what was seen was another one.
pub(super) fn reverified(old: &Doc<Customer>, new: &Doc<Customer>, findings: &mut Vec<Finding>) {
    let seen = |paper: &Licence| (paper.verified_by.clone(), paper.verified_on);
    for (at, (was, is)) in old.rec.licence.iter().zip(&new.rec.licence).enumerate() {
        if was.verified_by.is_none() || was == is || seen(was) != seen(is) {
            continue;
        }
        let by = was.verified_by.as_deref().unwrap_or_default();
        let path = KeyPath::key("licence").nth(at);
        let message = format!("{by} verified the paper as it was, and this changes it");
        let finding = Finding::at("customer.verified", &new.file, path, message);
        let (id, no) = (new.id(), at.saturating_add(1));
        findings.push(finding.hint(format!(
            "desk customer set {id} … --clear licence.{no}.verified_by --clear licence.{no}.verified_on"
        )));
    }
}

fn managers(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Staff>(entry, |staff| {
        let mut above = staff.rec.manager.as_deref();
        let mut seen = vec![staff.id()];
        while let Some(code) = above {
            if code == staff.id() {
                let message = format!("{} is their own superior", staff.id());
                let path = KeyPath::key("manager");
                findings.push(Finding::at("staff.manager", &staff.file, path, message));
                return;
            }
            if seen.contains(&code) {
                return;
            }
            seen.push(code);
            above = book.get::<Staff>(code).and_then(|next| next.rec.manager.as_deref());
        }
    });
}
