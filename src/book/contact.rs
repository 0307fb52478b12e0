//! Contacts with customers: when the next one is due, and which complaints and questions are open.
//!
//! A call, a visit or a meeting that is neither a complaint nor about money due counts as keeping
//! in touch. The next is due on the day that was agreed, else so many working days later as the
//! customer or its grade asks. A complaint is open until a row that replies to it has an outcome.

use super::Book;
use crate::{
    record::{
        Doc,
        common::{Direction, Stage},
        contact::{Channel, Contact, Topic},
        customer::Customer,
    },
    value::day::Day,
};

/// Working days to settle a complaint, where desk.toml does not say.
pub const COMPLAINT_DAYS: u32 = 3;

/// When a customer is to be called or visited next.
#[derive(Debug, Clone)]
pub struct Next<'a> {
    /// The customer.
    pub customer: &'a Doc<Customer>,
    /// The last time we were in touch, if we ever were.
    pub last: Option<&'a Doc<Contact>>,
    /// The day it is due; nothing where we never were in touch: at once.
    pub due_on: Option<Day>,
    /// Whether that day was agreed, and is not just the interval's.
    pub is_agreed: bool,
    /// Working days between contacts, as the customer or its grade asks.
    pub every_days: Option<u32>,
}

impl Next<'_> {
    /// Working days since it was due; none before.
    pub fn days_late(&self, book: &Book, as_of: Day) -> u32 {
        self.due_on.map_or(0, |due| book.config.workdays().between(due, as_of))
    }
}

impl Book {
    /// The contacts with a party by a day, the oldest first.
    pub fn contacts_with(&self, party: &str, as_of: Day) -> Vec<&Doc<Contact>> {
        let mut rows = self.pointing::<Contact>(party);
        rows.retain(|row| {
            let is_by_then = row.common.date.is_some_and(|date| date <= as_of);
            is_by_then && row.rec.party.as_deref() == Some(party)
        });
        rows.sort_by_key(|row| (row.common.date, row.rec.time, row.id()));
        rows
    }
}

/// Whether a contact keeps us in touch.
pub fn is_touch(row: &Doc<Contact>) -> bool {
    let is_personal =
        matches!(row.rec.channel, Some(Channel::Phone | Channel::Visit | Channel::Meeting));
    is_personal && !matches!(row.rec.topic, Topic::Complaint | Topic::Dunning)
}

/// Whether we spoke or wrote to them, or they met us.
pub fn is_reached(row: &Doc<Contact>) -> bool {
    is_touch(row) || row.rec.direction == Some(Direction::Out)
}

/// The day that was last agreed for the next contact, unless we were in touch since.
pub fn agreed(rows: &[&Doc<Contact>]) -> Option<Day> {
    let last = rows.iter().rposition(|row| is_touch(row)).unwrap_or(0);
    rows.get(last..)?.iter().rev().find_map(|row| row.rec.next_on)
}

/// Working days between contacts that a customer, or its grade in desk.toml, asks for.
pub fn every_days(book: &Book, customer: &Doc<Customer>) -> Option<u32> {
    let by_grade = || book.config.contact_days(customer.rec.grade?.name());
    customer.rec.contact_every_days.filter(|days| *days > 0).or_else(by_grade)
}

/// When a customer is to be called or visited next; nothing for leads, which have next steps of
/// their own, for those we do not trade with, and where nothing asks for it.
pub fn next<'a>(book: &'a Book, customer: &'a Doc<Customer>, as_of: Day) -> Option<Next<'a>> {
    let every_days = every_days(book, customer);
    let is_kept = match customer.rec.stage.unwrap_or(Stage::Active) {
        Stage::Active => true,
        Stage::Dormant => customer.rec.contact_every_days.is_some(),
        Stage::Lead | Stage::Prospect | Stage::Blocked => false,
    };
    if !customer.counts() || !is_kept {
        return None;
    }
    let rows = book.contacts_with(customer.id(), as_of);
    let last = rows.iter().rev().find(|row| is_touch(row)).copied();
    let agreed = agreed(&rows);
    every_days.map(|_| ()).or(agreed.map(|_| ()))?;
    let by_interval = || {
        let since = last.and_then(|row| row.common.date)?;
        Some(book.config.workdays().after(since, every_days?))
    };
    let due_on = agreed.or_else(by_interval);
    Some(Next { customer, last, due_on, is_agreed: agreed.is_some(), every_days })
}

/// The customers to be called or visited by a day, as seen from another, the longest due first.
pub fn due(book: &Book, as_of: Day, until: Day) -> Vec<Next<'_>> {
    let customers = book.all::<Customer>().into_iter();
    let mut due: Vec<Next<'_>> = customers.filter_map(|own| next(book, own, as_of)).collect();
    due.retain(|next| next.due_on.is_none_or(|day| day <= until));
    due.sort_by_key(|next| (next.due_on.is_none(), next.due_on, next.customer.id()));
    due
}

/// Whether a contact asks for an answer: a complaint, or anything else with a last day for it.
pub fn asks(row: &Doc<Contact>) -> bool {
    let is_asking = row.rec.topic == Topic::Complaint || row.rec.due_on.is_some();
    row.counts() && row.rec.reply_to.is_none() && is_asking
}

/// The row that settled a contact by a day: an answer with an outcome; of a question, itself.
pub fn settled<'a>(book: &'a Book, row: &'a Doc<Contact>, as_of: Day) -> Option<&'a Doc<Contact>> {
    let has_outcome = |own: &&Doc<Contact>| {
        own.rec.outcome.is_some() && own.common.date.is_some_and(|date| date <= as_of)
    };
    if row.rec.topic != Topic::Complaint && has_outcome(&row) {
        return Some(row);
    }
    let answers = book.pointing::<Contact>(row.id()).into_iter();
    answers.filter(|own| own.rec.reply_to.as_deref() == Some(row.id())).find(has_outcome)
}

/// What was asked by a day and is not settled then, the most urgent first.
pub fn open_matters(book: &Book, as_of: Day) -> Vec<&Doc<Contact>> {
    let mut open = book.all::<Contact>();
    open.retain(|row| {
        let is_by_then = row.common.date.is_some_and(|date| date <= as_of);
        asks(row) && is_by_then && settled(book, row, as_of).is_none()
    });
    open.sort_by_key(|row| (row.rec.due_on.is_none(), row.rec.due_on, row.id()));
    open
}
