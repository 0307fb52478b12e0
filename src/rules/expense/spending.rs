//! The gates of claiming: that it may be claimed, caps, allowances, and the evidence.

use super::{at, shown};
use crate::{
    book::{
        Book,
        expense::{self, duties, travel},
        payment::EVER,
    },
    finding::Finding,
    record::{Doc, Entry, expense::Expense},
    rules::{Rule, Run, on},
    value::{
        number::Decimal,
        place::{KeyPath, Place},
    },
};

/// The step of claiming, or of accepting more or less of a claim.
pub(in crate::rules) const CLAIM: &str = "claim";

pub(in crate::rules) const RULES: &[Rule] = &[
    Rule::step(
        CLAIM,
        "expense.claim",
        "Only what was applied for and approved is claimed.",
        Run::Record(claim),
    ),
    Rule::step(
        CLAIM,
        "expense.lodging",
        "Lodging is within the cap of [[travel]] in desk.toml for its city level and the claimant's grade, for so many nights. \
         What goes beyond it the claimant bears: `sanctioned` says what is accepted.",
        Run::Record(lodging),
    ),
    Rule::step(
        CLAIM,
        "expense.guest_meal",
        "A meal with guests is within `guest_meal` of [[travel]] in desk.toml for each head, the host among them.",
        Run::Record(guest_meal),
    ),
    Rule::step(
        CLAIM,
        "expense.allowance",
        "An allowance is what [[travel]] of desk.toml says for the city level and the claimant's grade on that day.",
        Run::Record(allowance),
    ),
    Rule::step(
        "settlement_review",
        "expense.evidence",
        "Every line of a claim has the number of its receipt, and the receipts are attached. Allowances need none.",
        Run::Record(evidence),
    ),
];

fn claim(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        if own.rec.is_claimed() && !expense::is_granted(book, own, EVER) {
            let (id, key) = (own.id(), if own.rec.claim.is_empty() { "day" } else { "claim" });
            let message = format!("{id} is claimed, and its application is not approved");
            let place = Place::key(&own.file, KeyPath::key(key));
            let next = duties::next(book, own, expense::stage(book, own, EVER));
            let hint = next.unwrap_or_else(|| format!("desk expense show {id}"));
            findings.push(Finding::error("expense.claim", place, message).hint(hint));
        }
    });
}

/// Lines of which more is accepted than a cap lets.
fn capped(
    book: &Book,
    own: &Doc<Expense>,
    code: &'static str,
    cap: impl Fn(usize) -> Result<Option<Decimal>, String>,
    findings: &mut Vec<Finding>,
) {
    for (nth, line) in own.rec.claim.iter().enumerate() {
        let accepted = expense::in_base(book, line, line.accepted()).unwrap_or_default();
        let message = match cap(nth) {
            Ok(Some(most)) if accepted > most => {
                let (accepted, most) = (shown(book, accepted), shown(book, most));
                format!("claim {}: {accepted} is beyond the cap of {most}", line.no)
            }
            Ok(_) => continue,
            Err(why) => format!("claim {}: {why}", line.no),
        };
        let hint = match cap(nth) {
            Ok(Some(most)) => format!("accept what is within: sanctioned={}", most.normalize()),
            _ => "say the level of the city: city_level=…".to_owned(),
        };
        let finding = Finding::error(code, at(own, "claim", nth, "amount"), message);
        findings.push(finding.hint(hint));
    }
}

fn lodging(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let cap = |nth: usize| travel::lodging_cap(book, &own.rec, &own.rec.claim[nth]);
        capped(book, own, "expense.lodging", cap, findings);
    });
}

fn guest_meal(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let cap = |nth: usize| Ok(travel::guest_cap(book, &own.rec.claim[nth]));
        capped(book, own, "expense.guest_meal", cap, findings);
    });
}

fn allowance(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        for (nth, day) in own.rec.day.iter().enumerate() {
            if let Err(why) = travel::allowance(book, &own.rec, day) {
                let place = at(own, "day", nth, "on");
                findings.push(Finding::error("expense.allowance", place, why));
            }
        }
    });
}

fn evidence(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let id = own.id();
        let mut needs = false;
        for (nth, line) in own.rec.claim.iter().enumerate() {
            if line.amount.get().is_zero() {
                continue;
            }
            needs = true;
            if line.receipt_no.is_none() {
                let message = format!("claim {}: the number of its receipt is missing", line.no);
                let hint = format!("desk expense set {id} claim.{}.receipt_no=…", line.no);
                let place = at(own, "claim", nth, "");
                findings.push(Finding::error("expense.evidence", place, message).hint(hint));
            }
        }
        if needs && own.common.attachments.is_empty() {
            let place = Place::key(&own.file, KeyPath::key("claim"));
            let finding =
                Finding::error("expense.evidence", place, format!("{id} has no receipts attached"));
            findings.push(finding.hint(format!("desk expense attach {id} …")));
        }
    });
}
