//! Leads: who may become a customer, whether we spoke to them in time, and what comes next.
//!
//! A lead is to be spoken to within the working days that `[notice] first_contact` gives, and
//! always has a next step: a day agreed with it, or a task about it.

use super::{
    Book,
    contact::{agreed, is_reached},
};
use crate::{
    record::{Doc, common::Stage, contact::Contact, customer::Customer, task::Task},
    value::day::Day,
};

/// A lead or prospect, as it stands on a day.
#[derive(Debug, Clone)]
pub struct Lead<'a> {
    /// The customer to be.
    pub customer: &'a Doc<Customer>,
    /// The day it was entered, if that is known.
    pub since: Option<Day>,
    /// The first time we turned to it.
    pub first: Option<&'a Doc<Contact>>,
    /// The last day for that.
    pub first_due: Option<Day>,
    /// The last contact of any sort.
    pub last: Option<&'a Doc<Contact>>,
    /// The day of the next step, if one is set.
    pub next_on: Option<Day>,
    /// The task that is the next step, where it is one.
    pub task: Option<&'a Doc<Task>>,
}

/// What is missing of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// Nobody turned to it yet.
    FirstContact,
    /// No next step is set.
    NextStep,
    /// The day of the next step is over.
    StepPast,
}

impl Missing {
    /// Its words in columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstContact => "first contact",
            Self::NextStep => "no next step",
            Self::StepPast => "next step past",
        }
    }
}

impl Lead<'_> {
    /// Whether the first contact was in time: it was, it was not, or its day is still to come.
    pub fn in_time(&self, as_of: Day) -> Option<bool> {
        let last = self.first_due?;
        match self.first.and_then(|row| row.common.date) {
            Some(first) => Some(first <= last),
            None => (last < as_of).then_some(false),
        }
    }

    /// What is missing of it on a day, and since when, or by when.
    pub fn missing(&self, as_of: Day) -> Option<(Missing, Option<Day>)> {
        match (self.first, self.next_on) {
            (None, _) => Some((Missing::FirstContact, self.first_due)),
            (_, None) => Some((Missing::NextStep, self.last.and_then(|row| row.common.date))),
            (_, Some(next)) if next <= as_of => Some((Missing::StepPast, Some(next))),
            _ => None,
        }
    }
}

/// Whether a customer is still to be won.
pub fn is_lead(customer: &Doc<Customer>) -> bool {
    customer.counts() && matches!(customer.rec.stage, Some(Stage::Lead | Stage::Prospect))
}

/// The day a customer was entered, if that is known.
fn since(book: &Book, customer: &Doc<Customer>) -> Option<Day> {
    let entered = || customer.common.entered_at.map(|at| at.day_in(book.zone));
    customer.common.date.or_else(entered)
}

/// How a lead stands on a day.
pub fn of_customer<'a>(book: &'a Book, customer: &'a Doc<Customer>, as_of: Day) -> Lead<'a> {
    let rows = book.contacts_with(customer.id(), as_of);
    let ahead = book.config.days_ahead("first_contact", 1);
    let since = since(book, customer);
    let first_due = since.map(|since| book.config.workdays().after(since, ahead));
    let tasks = book.all::<Task>().into_iter().filter(|task| {
        let is_open = task.counts() && task.rec.done_on.is_none_or(|done| done > as_of);
        is_open && task.rec.about.as_deref() == Some(customer.id()) && task.rec.due_on.is_some()
    });
    let task = tasks.min_by_key(|task| (task.rec.due_on, task.id()));
    let agreed = agreed(&rows);
    let by_task = task.and_then(|task| task.rec.due_on);
    // A day that is over is no next step where another one is still to come.
    let to_come = [agreed, by_task].into_iter().flatten().filter(|day| *day > as_of).min();
    let next_on = to_come.or(agreed).or(by_task);
    Lead {
        customer,
        since,
        first: rows.iter().find(|row| is_reached(row)).copied(),
        first_due,
        last: rows.last().copied(),
        next_on,
        task: task.filter(|_| next_on == by_task && next_on != agreed),
    }
}

/// Every lead and prospect as it stands on a day, in the order of codes.
pub fn leads(book: &Book, as_of: Day) -> Vec<Lead<'_>> {
    let customers = book.all::<Customer>().into_iter().filter(|own| is_lead(own));
    let begun = customers.filter(|own| since(book, own).is_none_or(|since| since <= as_of));
    begun.map(|own| of_customer(book, own, as_of)).collect()
}
