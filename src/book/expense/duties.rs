//! What is to be done about expenses: decided, claimed once they are over, paid or paid back, filed.

use super::{Stage, budget, decide::Step, stage, standing};
use crate::{
    book::{
        Book,
        agenda::{Duty, Item},
    },
    record::{Doc, expense::Expense},
    value::{
        day::Day,
        number::{Decimal, grouped, round},
    },
};

/// The step that an expense waits for, where it waits for one.
pub fn awaited(stage: Stage) -> Option<Step> {
    match stage {
        Stage::AwaitingReview => Some(Step::ApplicationReview),
        Stage::AwaitingApproval => Some(Step::ApplicationApproval),
        Stage::ClaimToReview => Some(Step::SettlementReview),
        Stage::ClaimToApprove => Some(Step::SettlementApproval),
        _ => None,
    }
}

/// The command that takes an expense on from where it stands; nothing where it is at its end.
pub fn next(book: &Book, expense: &Doc<Expense>, stage: Stage) -> Option<String> {
    let id = expense.id();
    Some(match stage {
        Stage::Void | Stage::Filed => return None,
        Stage::Rejected => format!("desk expense copy {id} --starts-on …"),
        Stage::Approved if standing(book, expense, book.today).to_pay > Decimal::ZERO => {
            format!("desk expense pay {id}")
        }
        Stage::Approved | Stage::ToClaim => format!("desk expense claim {id} --line …"),
        Stage::ClaimRejected => format!("desk expense check {id}"),
        Stage::ToPay | Stage::ToReturn => format!("desk expense pay {id}"),
        Stage::Settled => format!("desk expense file {id}"),
        waits => format!("desk expense {} {id}", awaited(waits)?.verb()),
    })
}

/// What is to be done about expenses by a day.
pub fn duties(book: &Book, as_of: Day, items: &mut Vec<Item>) {
    book.each::<Expense>(|expense| {
        if !expense.counts() || expense.common.date.is_none_or(|day| day > as_of) {
            return;
        }
        let stage = stage(book, expense, as_of);
        let own = standing(book, expense, as_of);
        let (duty, on, amount) = match stage {
            Stage::AwaitingReview => (Duty::ExpenseReview, expense.common.date, own.applied),
            Stage::AwaitingApproval => (Duty::ExpenseApproval, expense.common.date, own.applied),
            Stage::Approved if own.to_pay > Decimal::ZERO => {
                (Duty::Advance, expense.begins(), own.to_pay)
            }
            Stage::ToClaim | Stage::ClaimRejected => (Duty::Claim, expense.ends(), own.approved),
            Stage::ClaimToReview => (Duty::ExpenseReview, expense.ends(), own.claimed),
            Stage::ClaimToApprove => (Duty::ExpenseApproval, expense.ends(), own.claimed),
            Stage::ToPay => (Duty::Reimburse, expense.ends(), own.to_pay),
            Stage::ToReturn => (Duty::Return, expense.ends(), own.to_pay),
            _ => return,
        };
        items.push(Item {
            duty,
            id: expense.id().to_owned(),
            party: expense.rec.customer.clone(),
            staff: Some(expense.rec.claimant.clone()),
            on,
            amount: Some(round(amount, super::decimals(book))),
            about: expense.rec.purpose.clone(),
            command: next(book, expense, stage).unwrap_or_default(),
        });
    });
}

/// Who may decide, where an item of the list is a decision on an expense.
pub fn deciders(book: &Book, item: &Item, as_of: Day) -> Option<Vec<String>> {
    let decides = matches!(item.duty, Duty::ExpenseReview | Duty::ExpenseApproval);
    let expense = decides.then(|| book.get::<Expense>(&item.id))??;
    let step = awaited(stage(book, expense, as_of))?;
    Some(super::decide::deciders(book, expense, step, as_of))
}

/// The budgets that an application goes beyond, in words.
pub fn beyond(book: &Book, expense: &Doc<Expense>, as_of: Day) -> Vec<String> {
    let shown = |amount| grouped(round(amount, super::decimals(book)));
    let all = budget::budgets(book, expense, as_of).into_iter();
    all.filter(budget::Budget::is_exceeded)
        .map(|own| {
            format!(
                "budget {}: {} planned, {} used, and {} asked for",
                own.name(),
                shown(own.limit),
                shown(own.used),
                shown(own.asked)
            )
        })
        .collect()
}
