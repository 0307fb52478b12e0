//! Invariants of daily work: contacts and what answers them, tasks, plans.
//!
//! A complaint is open until an answer has an outcome, so an answer must belong to what it answers.

use super::{Rule, Run, on};
use crate::{
    book::Book,
    finding::{Finding, Level},
    record::{Doc, Entry, contact::Contact, plan::Plan, task::Task},
    value::{
        number::{Decimal, Money},
        place::KeyPath,
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "contact.reply",
        Level::Error,
        "A contact that answers another one answers neither itself nor its own answer, is not dated before it, and is \
         with the same party where both name one; otherwise a complaint would be closed by someone else's.",
        Run::Record(reply),
    ),
    Rule::always(
        "contact.promised",
        Level::Error,
        "An amount that was promised is not negative.",
        Run::Record(promised),
    ),
    Rule::always(
        "task.done",
        Level::Warning,
        "A task is done on the day it was set, or later; what was done before it was written down is dated that day.",
        Run::Record(done),
    ),
    Rule::always(
        "plan.amount",
        Level::Error,
        "A planned amount or count is not negative.",
        Run::Record(planned),
    ),
];

fn reply(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Contact>(entry, |contact| {
        let Some(first) = contact.rec.reply_to.as_deref() else { return };
        let mut find = |key: &str, message: String| {
            let place = entry.place(KeyPath::key(key));
            findings.push(Finding::error("contact.reply", place, message));
        };
        let id = contact.id();
        if first == id {
            return find("reply_to", format!("{id} answers itself"));
        }
        let Some(of) = book.get::<Contact>(first) else { return };
        if answers(book, of, id) {
            find("reply_to", format!("{id} answers {first}, which answers {id}"));
        }
        if let (Some(own), Some(other)) = (&contact.rec.party, &of.rec.party)
            && own != other
        {
            find("party", format!("{id} answers {first}, which is with {other}"));
        }
        if let (Some(day), true) = (of.common.date, contact.common.date < of.common.date) {
            find("date", format!("{id} answers {first}, which is of {day} only"));
        }
    });
}

/// Whether a contact answers another one, directly or through others.
fn answers(book: &Book, contact: &Doc<Contact>, id: &str) -> bool {
    let mut seen = vec![contact.id()];
    let mut above = contact.rec.reply_to.as_deref();
    while let Some(next) = above.filter(|next| !seen.contains(next)) {
        if next == id {
            return true;
        }
        seen.push(next);
        above = book.get::<Contact>(next).and_then(|found| found.rec.reply_to.as_deref());
    }
    false
}

fn promised(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Contact>(entry, |contact| {
        if contact.rec.promised_amount.is_some_and(is_negative) {
            let place = entry.place(KeyPath::key("promised_amount"));
            findings.push(Finding::error(
                "contact.promised",
                place,
                "the promised amount is negative",
            ));
        }
    });
}

fn done(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Task>(entry, |task| {
        let (Some(set), Some(done)) = (task.common.date, task.rec.done_on) else { return };
        if done < set {
            let place = entry.place(KeyPath::key("done_on"));
            let message = format!("{} was done on {done}, and set on {set} only", task.id());
            findings.push(Finding::warning("task.done", place, message));
        }
    });
}

fn planned(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Plan>(entry, |plan| {
        if is_negative(plan.rec.amount) {
            let place = entry.place(KeyPath::key("amount"));
            findings.push(Finding::error("plan.amount", place, "the planned figure is negative"));
        }
    });
}

fn is_negative(amount: Money) -> bool {
    amount.get() < Decimal::ZERO
}
