//! What was planned for expenses, beside what was granted and spent.
//!
//! A plan of the measure `expense` binds whatever fits all the keys it names, in its business month.
//! What was accepted counts on the days it was spent; until a claim is approved, what was granted
//! counts on the first day.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::{Stage, in_base, is_accepted, is_granted, stage, travel};
use crate::{
    book::Book,
    record::{
        Doc,
        expense::{Applied, Expense},
        plan::{Measure, Plan},
        staff::Staff,
    },
    value::{
        day::{Day, Month},
        number::{Decimal, add, sum},
    },
};

/// What a part of an expense says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It was asked for.
    Applied,
    /// It was granted.
    Approved,
    /// It was claimed.
    Claimed,
    /// It was accepted.
    Accepted,
}

/// One amount of an expense in base currency, on its day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part<'a> {
    /// What.
    pub what: What,
    /// When.
    pub on: Day,
    /// What it is spent on.
    pub category: &'a str,
    /// How much.
    pub amount: Decimal,
}

/// The parts of an expense by a day.
pub fn parts<'a>(book: &Book, expense: &'a Doc<Expense>, as_of: Day) -> Vec<Part<'a>> {
    let rec = &expense.rec;
    let mut parts = Vec::new();
    let entered = expense.common.date.is_none_or(|day| day <= as_of);
    let Some(begins) = expense.begins().filter(|_| entered && expense.counts()) else {
        return parts;
    };
    let granted = is_granted(book, expense, as_of);
    for line in &rec.applied {
        let mut put = |what, amount| {
            parts.push(Part { what, on: begins, category: &line.category, amount });
        };
        put(What::Applied, line.amount.get());
        if granted {
            put(What::Approved, Applied::granted(line));
        }
    }
    let accepted = is_accepted(book, expense, as_of);
    let mut put = |on, category, claimed: Option<Decimal>, taken: Option<Decimal>| {
        parts.extend(claimed.map(|amount| Part { what: What::Claimed, on, category, amount }));
        let taken = taken.filter(|_| accepted);
        parts.extend(taken.map(|amount| Part { what: What::Accepted, on, category, amount }));
    };
    for line in &rec.claim {
        let of = |amount| in_base(book, line, amount);
        put(line.on, line.category.as_str(), of(line.amount.get()), of(line.accepted()));
    }
    for day in &rec.day {
        let amount = travel::allowance(book, rec, day).ok();
        put(day.on, travel::ALLOWANCE, amount, amount);
    }
    parts
}

/// The parts that use up a budget: what was accepted, until then what was granted.
pub fn committed<'a>(book: &Book, expense: &'a Doc<Expense>, as_of: Day) -> Vec<Part<'a>> {
    if matches!(stage(book, expense, as_of), Stage::Void | Stage::Rejected) {
        return Vec::new();
    }
    let accepted = is_accepted(book, expense, as_of);
    let counts = if accepted { What::Accepted } else { What::Approved };
    let mut parts = parts(book, expense, as_of);
    parts.retain(|part| part.what == counts);
    parts
}

/// The district of an expense: its own, else that of who claims it.
pub fn district<'a>(book: &'a Book, expense: &'a Doc<Expense>) -> Option<&'a str> {
    let theirs = || book.get::<Staff>(&expense.rec.claimant)?.common.district.as_deref();
    expense.common.district.as_deref().or_else(theirs)
}

/// The plans of expenses that hold: of equal keys the last.
pub fn plans(book: &Book) -> Vec<&Doc<Plan>> {
    let mut last = BTreeMap::new();
    for plan in book.all::<Plan>() {
        if plan.counts() && plan.rec.measure == Measure::Expense {
            last.insert(plan.key(), plan);
        }
    }
    last.into_values().collect()
}

/// A budget that an expense draws on.
#[derive(Debug, Clone)]
pub struct Budget<'a> {
    /// The plan.
    pub plan: &'a Doc<Plan>,
    /// What was planned.
    pub limit: Decimal,
    /// What others used up of it.
    pub used: Decimal,
    /// What the expense asks of it.
    pub asked: Decimal,
}

impl Budget<'_> {
    /// Whether more is asked for than is left.
    pub fn is_exceeded(&self) -> bool {
        self.used.checked_add(self.asked).is_none_or(|all| all > self.limit)
    }

    /// What it is for, in words.
    pub fn name(&self) -> String {
        let key = self.plan.key();
        let month = key.month.map(|day| day.month().to_string());
        let of = [key.district, key.staff, key.category, key.customer].into_iter().flatten();
        let words: Vec<String> = month.into_iter().chain(of.map(str::to_owned)).collect();
        words.join(" ")
    }
}

fn fits(
    book: &Book,
    plan: &Doc<Plan>,
    expense: &Doc<Expense>,
    month: Month,
    part: &Part<'_>,
) -> bool {
    let key = plan.key();
    let is = |own: Option<&str>, has: Option<&str>| own.is_none() || own == has;
    key.month.is_some_and(|day| day.month() == month)
        && is(key.staff, Some(&expense.rec.claimant))
        && is(key.district, district(book, expense))
        && is(key.customer, expense.rec.customer.as_deref())
        && is(key.category, Some(part.category))
}

/// The budgets that an application draws on, each with what others used up of it by a day.
pub fn budgets<'a>(book: &'a Book, expense: &Doc<Expense>, as_of: Day) -> Vec<Budget<'a>> {
    let calendar = book.config.calendar();
    let of_plan = |plan: &Doc<Plan>, expense: &Doc<Expense>, parts: &[Part<'_>]| {
        let own =
            parts.iter().filter(|part| fits(book, plan, expense, calendar.month_of(part.on), part));
        sum(own.map(|part| part.amount))
    };
    let asked: Vec<Part<'_>> = expense
        .rec
        .applied
        .iter()
        .filter_map(|line| {
            let (what, on) = (What::Applied, expense.begins()?);
            Some(Part { what, on, category: &line.category, amount: line.granted() })
        })
        .collect();
    let mut budgets: Vec<Budget<'a>> = Vec::new();
    for plan in plans(book) {
        let own = of_plan(plan, expense, &asked);
        if own > Decimal::ZERO {
            let limit = plan.rec.amount.get();
            budgets.push(Budget { plan, limit, used: Decimal::ZERO, asked: own });
        }
    }
    if budgets.is_empty() {
        return budgets;
    }
    book.each::<Expense>(|other| {
        if other.id() == expense.id() {
            return;
        }
        let parts = committed(book, other, as_of);
        for budget in &mut budgets {
            let used = of_plan(budget.plan, other, &parts);
            budget.used = add(budget.used, used);
        }
    });
    budgets
}
