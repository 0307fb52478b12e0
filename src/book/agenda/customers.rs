//! What is to be done about customers and by everyone: calls due, complaints and questions past
//! their day, papers that run out, leads without a first contact or a next step, weeks not summed
//! up.

use super::{Duty, Item};
use crate::{
    book::{
        Book, contact, lead,
        licence::{self, State},
        weekly,
    },
    record::{Doc, contact::Topic, customer::Customer},
    value::day::Day,
};

/// Adds what is to be done by a day, as seen from another.
pub(super) fn add(book: &Book, as_of: Day, until: Day, items: &mut Vec<Item>) {
    calls(book, as_of, until, items);
    matters(book, as_of, until, items);
    papers(book, as_of, items);
    leads(book, as_of, until, items);
    summaries(book, as_of, until, items);
}

fn of_customer(duty: Duty, customer: &Doc<Customer>, on: Option<Day>) -> Item {
    Item {
        duty,
        id: customer.id().to_owned(),
        party: Some(customer.id().to_owned()),
        staff: customer.common.staff.clone(),
        on,
        amount: None,
        about: None,
        command: format!("desk customer show {}", customer.id()),
    }
}

fn calls(book: &Book, as_of: Day, until: Day, items: &mut Vec<Item>) {
    for next in contact::due(book, as_of, until) {
        let last = next.last.and_then(|row| row.common.date);
        let about = match (last, next.is_agreed) {
            (Some(last), true) => format!("agreed; last in touch {last}"),
            (Some(last), false) => format!("last in touch {last}"),
            (None, _) => "never in touch".into(),
        };
        items.push(Item {
            about: Some(about),
            command: format!("desk customer call {}", next.customer.id()),
            ..of_customer(Duty::Call, next.customer, next.due_on)
        });
    }
}

fn matters(book: &Book, as_of: Day, until: Day, items: &mut Vec<Item>) {
    for row in contact::open_matters(book, as_of) {
        if row.rec.due_on.is_some_and(|day| day > until) {
            continue;
        }
        items.push(Item {
            duty: if row.rec.topic == Topic::Complaint { Duty::Complaint } else { Duty::Answer },
            id: row.id().to_owned(),
            party: row.rec.party.clone(),
            staff: row.rec.owner.clone().or_else(|| row.common.staff.clone()),
            on: row.rec.due_on,
            amount: None,
            about: row.rec.summary.clone(),
            command: format!("desk customer resolve {} --outcome …", row.id()),
        });
    }
}

fn papers(book: &Book, as_of: Day, items: &mut Vec<Item>) {
    for own in licence::open_papers(book, as_of) {
        let code = own.customer.id();
        let named = licence::named(own.paper);
        let which = own.paper.number.clone().unwrap_or_else(|| own.no.to_string());
        let (duty, on, about, command) = match own.state {
            State::Unverified => (
                Duty::Verify,
                None,
                format!("{named} is not verified"),
                format!("desk customer licence {code} --verify {which}"),
            ),
            State::Expired => (
                Duty::Paper,
                own.paper.expires_on,
                format!("{named} has expired"),
                format!("desk customer licence {code}"),
            ),
            _ => (
                Duty::Paper,
                own.paper.expires_on,
                format!("{named} expires in {} days", own.days_left.unwrap_or_default()),
                format!("desk customer licence {code}"),
            ),
        };
        items.push(Item { about: Some(about), command, ..of_customer(duty, own.customer, on) });
    }
}

fn leads(book: &Book, as_of: Day, until: Day, items: &mut Vec<Item>) {
    for own in lead::leads(book, as_of) {
        let Some((missing, since)) = own.missing(until) else { continue };
        // A task has a line of its own.
        let is_task = missing == lead::Missing::StepPast && own.task.is_some();
        if is_task || since.is_some_and(|since| since > until) {
            continue;
        }
        let code = own.customer.id();
        let command = match missing {
            lead::Missing::NextStep => format!("desk customer lead {code} --next-on …"),
            _ => format!("desk customer call {code} --next-on …"),
        };
        items.push(Item {
            about: Some(missing.name().to_owned()),
            command,
            ..of_customer(Duty::Lead, own.customer, since)
        });
    }
}

fn summaries(book: &Book, as_of: Day, until: Day, items: &mut Vec<Item>) {
    for own in weekly::missing(book, as_of, until) {
        items.push(Item {
            duty: Duty::Summary,
            id: own.staff.id().to_owned(),
            party: None,
            staff: Some(own.staff.id().to_owned()),
            on: Some(own.due_on),
            amount: None,
            about: Some(own.week.to_string()),
            command: format!("desk summary due -p {}", own.week),
        });
    }
}
