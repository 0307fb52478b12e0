//! Summaries of the week: who owes one, and who has not handed it in.
//!
//! Whoever has one of the roles of `[lists] summary_roles` (sales, where it says nothing) and works
//! on the last working day of a week owes a summary of it, on that day. Nothing is owed of weeks
//! before the first that anyone summed up, or without a working day.

use super::Book;
use crate::{
    record::{
        Doc,
        staff::{Role, Staff},
        summary::Summary,
    },
    value::{day::Day, week::Week},
};

/// What someone owes of a week.
#[derive(Debug, Clone)]
pub struct Owed<'a> {
    /// The week.
    pub week: Week,
    /// Who owes it.
    pub staff: &'a Doc<Staff>,
    /// The day it is due.
    pub due_on: Day,
    /// What was handed in by the day it is seen from.
    pub handed_in: Option<&'a Doc<Summary>>,
}

/// What is owed of a week, as seen from a day, in the order of codes.
pub fn of_week<'a>(book: &'a Book, week: Week, as_of: Day) -> Vec<Owed<'a>> {
    let Some(due_on) = book.config.workdays().last_in(week.period()) else { return Vec::new() };
    let roles = book.config.list("summary_roles").unwrap_or_else(|| vec![Role::Sales.name()]);
    let owes = |own: &&Doc<Staff>| {
        let has_role = own.rec.role.is_some_and(|role| roles.contains(&role.name()));
        let works = own.rec.joined_on.is_none_or(|first| first <= due_on)
            && own.rec.left_on.is_none_or(|last| last >= due_on);
        own.counts() && has_role && works
    };
    let mut rows = book.all::<Summary>();
    rows.retain(|row| {
        let is_by_then = row.common.date.is_some_and(|date| date <= as_of);
        row.counts() && row.rec.week == week && is_by_then
    });
    let owed = |staff: &'a Doc<Staff>| {
        let own = |row: &&&'a Doc<Summary>| row.common.staff.as_deref() == Some(staff.id());
        Owed { week, staff, due_on, handed_in: rows.iter().find(own).copied() }
    };
    book.all::<Staff>().into_iter().filter(owes).map(owed).collect()
}

/// What is missing of the weeks up to a day, from the first that anyone summed up.
pub fn missing(book: &Book, as_of: Day, until: Day) -> Vec<Owed<'_>> {
    let first =
        book.all::<Summary>().into_iter().filter(|row| row.counts()).map(|row| row.rec.week);
    let (mut week, last) = (first.min(), Week::of(until));
    let mut missing = Vec::new();
    while let Some(own) = week.filter(|week| *week <= last) {
        let owed = of_week(book, own, as_of).into_iter();
        missing.extend(owed.filter(|own| own.handed_in.is_none() && own.due_on <= until));
        week = own.next();
    }
    missing
}
