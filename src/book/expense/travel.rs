//! Caps and allowances of journeys, as desk.toml says for a day, a level of city and a grade.
//!
//! An allowance is for a calendar day, the first and the last counted whole. The allowance for meals
//! is for three of them; what others paid is taken off in thirds.

#![deny(clippy::arithmetic_side_effects)]

use super::decimals;
use crate::{
    book::Book,
    config::{Travel, TravelRate},
    record::{
        Doc,
        expense::{Claim, Expense, LODGING, TravelDay},
        staff::Staff,
    },
    value::{
        day::Day,
        number::{Decimal, add, product, round, sum},
    },
};

/// The category that allowances are applied for under.
pub const ALLOWANCE: &str = "allowance";

/// Meals of a day.
const MEALS: u32 = 3;

/// What counts on a day; nothing where desk.toml says nothing of it.
fn valid_on(book: &Book, on: Day) -> Option<&Travel> {
    let valid = book.config.travel.iter().filter(|own| own.valid_from.is_none_or(|day| day <= on));
    valid.max_by_key(|own| own.valid_from)
}

fn grade<'a>(book: &'a Book, expense: &Expense) -> Option<&'a str> {
    book.get::<Staff>(&expense.claimant)?.rec.grade.as_deref()
}

/// The rate of a city level for whoever claims; the error says why there is none.
fn rate<'a>(
    book: &'a Book,
    expense: &Expense,
    on: Day,
    level: Option<&str>,
) -> Result<Option<&'a TravelRate>, String> {
    let Some(travel) = valid_on(book, on).filter(|own| !own.rate.is_empty()) else {
        return Ok(None);
    };
    let grade = grade(book, expense);
    let fits = |rate: &&TravelRate| {
        let is_there = rate.city_level.as_deref().is_none_or(|own| Some(own) == level);
        let is_theirs = grade.is_some_and(|grade| rate.grades.iter().any(|own| own == grade));
        is_there && (rate.grades.is_empty() || is_theirs)
    };
    travel.rate.iter().find(fits).map(Some).ok_or_else(|| {
        let level = level.map_or("no city level".to_owned(), |level| format!("city level {level}"));
        let grade = grade.map_or("no grade".to_owned(), |grade| format!("grade {grade}"));
        format!("[[travel]] of desk.toml has no rate for {level} and {grade}")
    })
}

/// The most for the nights of a line, in base currency; nothing where there is no cap.
///
/// The error says why it cannot be told.
pub fn lodging_cap(
    book: &Book,
    expense: &Expense,
    line: &Claim,
) -> Result<Option<Decimal>, String> {
    let Some(nights) = line.nights.filter(|_| line.category == LODGING) else { return Ok(None) };
    let rate = rate(book, expense, line.on, line.city_level.as_deref())?;
    let Some(night) = rate.and_then(|rate| rate.lodging) else { return Ok(None) };
    Ok(product(night.get(), Decimal::from(nights)))
}

/// The most for a meal with guests, the host counted; nothing where there is no cap.
pub fn guest_cap(book: &Book, line: &Claim) -> Option<Decimal> {
    let each = valid_on(book, line.on)?.guest_meal.filter(|_| line.category == "meal")?;
    let heads = u32::try_from(line.guests.len()).ok()?.saturating_add(1);
    product(each.get(), Decimal::from(heads))
}

/// The allowance of a day, in base currency; the error says why there is none.
pub fn allowance(book: &Book, expense: &Expense, day: &TravelDay) -> Result<Decimal, String> {
    let rate = rate(book, expense, day.on, day.city_level.as_deref())?;
    let rate =
        rate.ok_or_else(|| format!("[[travel]] of desk.toml says no allowance for {}", day.on))?;
    let own = MEALS.saturating_sub(day.meals_provided.unwrap_or(0));
    let meals = rate.meal.map_or(Decimal::ZERO, |meal| meal.get());
    let part = product(meals, Decimal::from(own)).and_then(|all| all.checked_div(MEALS.into()));
    let local = rate.local.map_or(Decimal::ZERO, |local| local.get());
    Ok(round(add(part.unwrap_or_default(), local), decimals(book)))
}

/// The allowances of an expense's days, those that can be told.
pub fn allowances(book: &Book, expense: &Doc<Expense>) -> Decimal {
    sum(expense.rec.day.iter().filter_map(|day| allowance(book, &expense.rec, day).ok()))
}
