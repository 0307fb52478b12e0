//! The gate of `order review`: judged with the data of the moment, kept with the approval.

use super::{Rule, Run, on, people::inactive};
use crate::{
    book::{
        Book,
        authority::may_decide,
        digest,
        price::{self, Standing},
        stage,
    },
    finding::Finding,
    record::{
        Doc, Entry,
        common::{Approval, Stage, decision},
        customer::Customer,
        order::Order,
        product::Product,
        staff::Staff,
    },
    value::{
        number::{Decimal, grouped, sub},
        place::{KeyPath, Place},
    },
};

/// The step that an approval of a reviewed order names.
pub(super) const STEP: &str = "review";

pub(super) const RULES: &[Rule] = &[
    Rule::step(
        STEP,
        "review.open",
        "Only an order that is firm is reviewed: not a quote, not on hold, with lines.",
        Run::Record(open),
    ),
    Rule::step(
        STEP,
        "review.reviewer",
        "The reviewer is a member of staff who works here, and, where [approval] order_review of desk.toml names roles or \
         people up to an amount, one of those for this amount; goods that are given away count as listed.",
        Run::Record(reviewer),
    ),
    Rule::step(
        STEP,
        "review.customer",
        "The customer is active: leads, dormant and blocked customers get no goods.",
        Run::Record(customer),
    ),
    Rule::step(STEP, "review.product", "Every product is still sold.", Run::Record(product)),
    Rule::step(
        STEP,
        "review.price",
        "A price is that of the list or of the contract. Another price needs a reason, which is kept as the approval's \
         comment.",
        Run::Record(prices),
    ),
    Rule::step(
        STEP,
        "review.floor",
        "No unit is sold below its product's lowest price, discounts included. An [[override]] of this rule names who \
         allowed it (someone who may decide on the order by [approval] order_review), why, and the last day it holds; one \
         that was given for something else, or before the last revision, no longer counts.",
        Run::Record(floor),
    ),
];

/// The approval this gate judges.
fn approval(order: &Doc<Order>) -> Option<&Approval> {
    decision(&order.common.approval, STEP)
}

fn open(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let mut find = |path: &str, message: String, hint: String| {
            let place = Place::key(&order.file, KeyPath::key(path));
            findings.push(Finding::error("review.open", place, message).hint(hint));
        };
        let id = order.id();
        if order.rec.is_quote() {
            let hint = format!("desk order set {id} --quote false");
            find("quote", format!("{id} is only a quote"), hint);
        }
        if let Some(hold) = stage::hold(book, order, book.today) {
            let message = format!("{id} is on hold: {}", hold.reason);
            find("hold", message, format!("desk order release {id}"));
        }
        if order.rec.line.iter().all(|line| line.qty.get().is_zero()) {
            let hint = format!("desk order revise {id} --line … --reason …");
            find("line", format!("{id} orders nothing"), hint);
        }
    });
}

fn reviewer(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let Some(approval) = approval(order) else { return };
        let at = order.common.approval.iter().rposition(|row| row == approval).unwrap_or_default();
        let place = Place::key(&order.file, KeyPath::key("approval").nth(at).then("by"));
        let mut find = |message: String, hint: &str| {
            let finding = Finding::error("review.reviewer", place.clone(), message);
            findings.push(finding.hint(hint));
        };
        let by = approval.by.as_str();
        if let Some((message, hint)) = inactive(book, by, book.today) {
            return find(message, hint);
        }
        let Some(total) = price::at_stake(book, order) else { return };
        match may_decide(book, by, total) {
            Err(why) => find(
                why,
                "order_review = [{ up_to = \"50000\", by = \"manager\" }, { by = \"general_manager\" }]",
            ),
            Ok(false) => {
                let given = sub(total, price::base_gross(book, order).unwrap_or(total));
                let given = match given.is_zero() {
                    true => String::new(),
                    false => format!(", {} of it given away", grouped(given)),
                };
                let message = format!("{by} may not approve {}{given}", grouped(total));
                find(message, "see [approval] order_review in desk.toml");
            }
            Ok(true) => {}
        }
    });
}

/// Whether someone who may decide on an amount let a record, as it is now, pass over a rule: with a
/// reason, until a day, and since it was last revised; else what is missing, in words. The one
/// judge of every `[[override]]`.
pub(super) fn passed_over(
    book: &Book,
    entry: &dyn Entry,
    code: &str,
    amount: Option<Decimal>,
) -> Result<(), String> {
    let common = entry.common();
    let revised = common.revision.iter().map(|revision| revision.at.0).max();
    let mut why = NOBODY.to_owned();
    for allowed in common.overrides.iter().filter(|allowed| allowed.rule == code) {
        let by = &allowed.by;
        let may = amount.is_some_and(|amount| may_decide(book, by, amount) == Ok(true));
        let of = allowed.of.as_deref().filter(|of| digest::is_ours(of));
        why = match () {
            () if revised.is_some_and(|revised| allowed.at.0 < revised) => {
                format!("{by} let it pass before it was revised")
            }
            () if of.is_some() && of != digest::let_pass(entry).as_deref() => {
                format!("{by} let it pass before it was changed")
            }
            () if allowed.until.is_none() => format!("{by} let it pass without a last day"),
            () if allowed.until.is_some_and(|until| until < book.today) => {
                format!("{by} let it pass until {} only", allowed.until.unwrap_or(book.today))
            }
            () if allowed.reason.as_deref().is_none_or(|why| why.trim().is_empty()) => {
                format!("{by} let it pass without a reason")
            }
            () if book.get::<Staff>(by).is_none() || !may => {
                format!("{by} may not let it pass")
            }
            () => return Ok(()),
        };
    }
    Err(why)
}

/// What is missing where no one gave an override.
pub(super) const NOBODY: &str = "nobody let it pass";

/// The command that lets an order pass over a rule.
pub(super) fn hint(order: &Doc<Order>, code: &str) -> String {
    let id = order.id();
    format!("desk order review {id} --override {code} --until … --comment …")
}

fn customer(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let Some(customer) = book.get::<Customer>(&order.rec.customer) else { return };
        let stage = customer.rec.stage.unwrap_or(Stage::Active);
        if stage != Stage::Active || !customer.counts() {
            let word = if customer.counts() { stage.name() } else { "void" };
            let place = Place::key(&order.file, KeyPath::key("customer"));
            let message = format!("customer {} is {word}, not active", customer.id());
            findings.push(
                Finding::error("review.customer", place, message)
                    .other(Place::key(&customer.file, KeyPath::key("stage")), "stands here")
                    .hint(format!("desk customer set {} --stage active", customer.id())),
            );
        }
    });
}

fn product(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        for (at, line) in order.rec.line.iter().enumerate() {
            let Some(product) = book.get::<Product>(&line.product) else { continue };
            if product.rec.active == Some(false) && !line.qty.get().is_zero() {
                let place = Place::key(&order.file, KeyPath::key("line").nth(at).then("product"));
                let message = format!("line {}: {} is not sold any more", line.no, line.product);
                findings.push(Finding::error("review.product", place, message));
            }
        }
    });
}

fn prices(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let reason = approval(order).and_then(|approval| approval.comment.as_deref());
        if reason.is_some_and(|reason| !reason.trim().is_empty()) {
            return;
        }
        for (at, line) in order.rec.line.iter().enumerate() {
            let (standard, source) = match price::standing(book, order, line) {
                Standing::Free | Standing::AsAgreed | Standing::AsListed => continue,
                Standing::GivenAway => ("it is not billed".to_owned(), "and nothing says why"),
                Standing::Unknown => ("no list price".to_owned(), "in products"),
                Standing::Differs { standard, source } => (standard.to_string(), source),
            };
            let Some(price) = price::effective(book, order, line) else { continue };
            let place = Place::key(&order.file, KeyPath::key("line").nth(at).then("price"));
            let message = format!("{}: price {price}, but {standard} {source}", line.product);
            findings.push(
                Finding::error("review.price", place, message)
                    .hint(format!("desk order review {} --comment \"why this price\"", order.id())),
            );
        }
    });
}

fn floor(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let at_stake = price::at_stake(book, order);
        let Err(why) = passed_over(book, entry, "review.floor", at_stake) else { return };
        for (at, line) in order.rec.line.iter().enumerate() {
            if !line.is_billable() || line.qty.get().is_zero() {
                continue;
            }
            let floor = price::floor(book, order, line);
            let (Some(floor), Some(price)) = (floor, price::effective(book, order, line)) else {
                continue;
            };
            if price::is_below_floor(book, order, line) {
                let place = Place::key(&order.file, KeyPath::key("line").nth(at).then("price"));
                let message =
                    format!("{}: {price} is below the lowest price {floor}", line.product);
                let finding = Finding::error("review.floor", place, message);
                findings.push(finding.note(why.as_str()).hint(hint(order, "review.floor")));
            }
        }
    });
}
