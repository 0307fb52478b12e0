//! Invariants of daily work: contacts and what answers them, market notes, summaries, tasks, plans.
//!
//! A complaint is open until an answer has an outcome, so an answer must belong to what it answers.

use super::{Rule, Run, on};
use crate::{
    book::Book,
    finding::{Finding, Level},
    record::{
        Doc, Entry,
        contact::{Contact, Topic},
        market::Market,
        plan::Plan,
        summary::Summary,
        task::Task,
    },
    value::{
        day::Day,
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
        "contact.complaint",
        Level::Warning,
        "A complaint names who sees to it and the last day for that; else nobody is reminded of it in time.",
        Run::Record(complaint),
    ),
    Rule::always(
        "contact.days",
        Level::Warning,
        "The last day for an answer, the day something was promised for and the day of the next contact are not before the \
         contact itself.",
        Run::Record(days),
    ),
    Rule::always(
        "market.price",
        Level::Error,
        "A price that was heard in the market is above zero.",
        Run::Record(heard),
    ),
    Rule::always(
        "summary.week",
        Level::Warning,
        "A summary of a week says whose it is, something of what was done, comes next or stands in the way, and is not handed \
         in before the week begins.",
        Run::Record(summary),
    ),
    Rule::always(
        "summary.once",
        Level::Error,
        "Everyone hands in one summary of a week; what was forgotten is added to it.",
        Run::Group { keys: summary_keys, run: once },
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

fn complaint(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Contact>(entry, |contact| {
        let rec = &contact.rec;
        if rec.topic != Topic::Complaint || rec.reply_to.is_some() {
            return;
        }
        let missing = [
            ("owner", rec.owner.is_none(), "nobody sees to it"),
            ("due_on", rec.due_on.is_none(), "it has no last day"),
        ];
        for (key, _, why) in missing.into_iter().filter(|(_, is_missing, _)| *is_missing) {
            let id = contact.id();
            let place = entry.place(KeyPath::key(key));
            let finding =
                Finding::warning("contact.complaint", place, format!("the complaint {id}: {why}"));
            let flag = key.replace('_', "-");
            findings.push(finding.hint(format!("desk contact set {id} --{flag} …")));
        }
    });
}

fn days(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Contact>(entry, |contact| {
        let (rec, Some(date)) = (&contact.rec, contact.common.date) else { return };
        let days: [(&str, Option<Day>); 3] =
            [("due_on", rec.due_on), ("promised_on", rec.promised_on), ("next_on", rec.next_on)];
        for (key, day) in days {
            if let Some(day) = day.filter(|day| *day < date) {
                let place = entry.place(KeyPath::key(key));
                let message = format!("{key} is {day}, before the contact of {date}");
                findings.push(Finding::warning("contact.days", place, message));
            }
        }
    });
}

fn heard(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Market>(entry, |note| {
        if note.rec.price.is_some_and(|price| price.get() <= Decimal::ZERO) {
            let place = entry.place(KeyPath::key("price"));
            findings.push(Finding::error("market.price", place, "the price is not above zero"));
        }
    });
}

fn summary(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Summary>(entry, |own| {
        let (rec, id) = (&own.rec, own.id());
        let mut find = |key: &str, message: String| {
            let place = entry.place(KeyPath::key(key));
            findings.push(Finding::warning("summary.week", place, message));
        };
        if own.common.staff.is_none() {
            find("staff", format!("{id} does not say whose it is"));
        }
        if rec.done.is_none() && rec.next.is_none() && rec.problems.is_none() {
            find("done", format!("{id} says nothing"));
        }
        let begins = rec.week.period().from;
        if let (Some(date), Some(first)) = (own.common.date, begins)
            && date < first
        {
            find("week", format!("{id} is of {date}, and {} begins on {first}", rec.week));
        }
    });
}

fn summary_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let own = Doc::<Summary>::of(entry).filter(|own| own.counts());
    let key = own.and_then(|own| Some(format!("{} {}", own.rec.week, own.common.staff.as_ref()?)));
    key.into_iter().collect()
}

fn once(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let all = book.all::<Summary>().into_iter();
    let same: Vec<&Doc<Summary>> =
        all.filter(|own| summary_keys(book, *own).first().is_some_and(|own| own == key)).collect();
    for other in same.iter().skip(1) {
        let first = same[0];
        let staff = other.common.staff.as_deref().unwrap_or_default();
        let message = format!("{staff} handed in {} twice", other.rec.week);
        let here = |own: &Doc<Summary>| (own as &dyn Entry).place(KeyPath::key("week"));
        let finding = Finding::error("summary.once", here(other), message);
        let finding = finding.other(here(first), "handed in here");
        findings.push(finding.hint(format!("desk summary void {} --reason 'twice'", other.id())));
    }
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
