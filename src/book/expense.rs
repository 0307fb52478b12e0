//! Expenses: what was asked for, granted, claimed, accepted and paid, and where each stands.
//!
//! The one home of these figures, as of a day, in base currency; nothing of them is ever written.
//! What is accepted counts once the claim is approved. What is to be paid is that, less what was
//! paid already, an advance among it; below zero it comes back.

#![deny(clippy::arithmetic_side_effects)]

pub mod budget;
pub mod decide;
pub mod duties;
pub mod travel;

use super::{
    Book,
    payment::{self, allocations_to, is_by},
};
use crate::{
    record::{
        Doc,
        common::{Approval, Decision, Direction},
        expense::{Applied, Claim, Expense},
        payment::Payment,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, negated, product, round, sub, sum},
    },
};
use decide::Step;

/// Where an expense stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// It no longer holds.
    Void,
    /// The application was refused.
    Rejected,
    /// Nobody reviewed the application yet.
    AwaitingReview,
    /// Reviewed, and not approved yet.
    AwaitingApproval,
    /// Approved, and not over yet.
    Approved,
    /// Over, and nothing was claimed yet.
    ToClaim,
    /// The claim was refused.
    ClaimRejected,
    /// Nobody reviewed the claim yet.
    ClaimToReview,
    /// The claim was reviewed, and not approved yet.
    ClaimToApprove,
    /// Accepted, and not paid in full.
    ToPay,
    /// More was advanced than accepted.
    ToReturn,
    /// Nothing is left to pay.
    Settled,
    /// Its papers are filed.
    Filed,
}

/// Every stage, in their order.
pub const STAGES: &[Stage] = &[
    Stage::Void,
    Stage::Rejected,
    Stage::AwaitingReview,
    Stage::AwaitingApproval,
    Stage::Approved,
    Stage::ToClaim,
    Stage::ClaimRejected,
    Stage::ClaimToReview,
    Stage::ClaimToApprove,
    Stage::ToPay,
    Stage::ToReturn,
    Stage::Settled,
    Stage::Filed,
];

impl Stage {
    /// Its key in columns and filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Rejected => "rejected",
            Self::AwaitingReview => "awaiting review",
            Self::AwaitingApproval => "awaiting approval",
            Self::Approved => "approved",
            Self::ToClaim => "to claim",
            Self::ClaimRejected => "claim rejected",
            Self::ClaimToReview => "claim to review",
            Self::ClaimToApprove => "claim to approve",
            Self::ToPay => "to pay",
            Self::ToReturn => "to return",
            Self::Settled => "settled",
            Self::Filed => "filed",
        }
    }
}

/// What became of an expense by a day, in base currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// What was asked for.
    pub applied: Decimal,
    /// What was granted of it, once it is approved.
    pub approved: Decimal,
    /// What may be paid in advance, once it is approved.
    pub advance: Decimal,
    /// Allowances of its days.
    pub allowances: Decimal,
    /// What was claimed, allowances included.
    pub claimed: Decimal,
    /// What of that is accepted, once the claim is approved.
    pub accepted: Decimal,
    /// What was paid for it, less what came back.
    pub paid: Decimal,
    /// What is still to be paid; below zero, to come back.
    pub to_pay: Decimal,
}

/// The last decision of a step by a day, where it still speaks of what is there.
pub fn decided<'a>(
    book: &Book,
    expense: &'a Doc<Expense>,
    step: Step,
    as_of: Day,
) -> Option<&'a Approval> {
    let by_then = |row: &&Approval| row.step == step.name() && row.at.day_in(book.zone) <= as_of;
    let last = expense.common.approval.iter().rfind(by_then)?;
    (super::digest::agrees(expense, last) != Some(false)).then_some(last)
}

/// Whether a step said yes by a day.
pub fn is_approved(book: &Book, expense: &Doc<Expense>, step: Step, as_of: Day) -> bool {
    let last = decided(book, expense, step, as_of);
    expense.counts() && last.is_some_and(|last| last.decision == Decision::Approved)
}

/// Whether the application holds by a day.
pub fn is_granted(book: &Book, expense: &Doc<Expense>, as_of: Day) -> bool {
    is_approved(book, expense, Step::ApplicationApproval, as_of)
}

/// Whether the claim was accepted by a day.
pub fn is_accepted(book: &Book, expense: &Doc<Expense>, as_of: Day) -> bool {
    is_approved(book, expense, Step::SettlementApproval, as_of)
}

/// Where an expense stands by a day.
pub fn stage(book: &Book, expense: &Doc<Expense>, as_of: Day) -> Stage {
    let said = |step| decided(book, expense, step, as_of).map(|row| row.decision);
    let (no, yes) = (Some(Decision::Rejected), Some(Decision::Approved));
    let application = [said(Step::ApplicationReview), said(Step::ApplicationApproval)];
    let settlement = [said(Step::SettlementReview), said(Step::SettlementApproval)];
    match () {
        () if !expense.counts() => Stage::Void,
        () if expense.rec.filed_on.is_some_and(|day| day <= as_of) => Stage::Filed,
        () if application.contains(&no) => Stage::Rejected,
        () if application[1] != yes && application[0] != yes => Stage::AwaitingReview,
        () if application[1] != yes => Stage::AwaitingApproval,
        () if settlement[1] == yes => {
            let left = standing(book, expense, as_of).to_pay;
            match left.cmp(&Decimal::ZERO) {
                std::cmp::Ordering::Greater => Stage::ToPay,
                std::cmp::Ordering::Less => Stage::ToReturn,
                std::cmp::Ordering::Equal => Stage::Settled,
            }
        }
        () if settlement.contains(&no) => Stage::ClaimRejected,
        () if settlement[0] == yes => Stage::ClaimToApprove,
        () if expense.rec.is_claimed() => Stage::ClaimToReview,
        () if expense.ends().is_some_and(|day| day < as_of) => Stage::ToClaim,
        () => Stage::Approved,
    }
}

/// Decimals of base currency.
pub fn decimals(book: &Book) -> u32 {
    currency::decimals(book.config.currency())
}

/// What an amount of a receipt comes to in base currency; nothing where its rate is missing.
pub fn in_base(book: &Book, line: &Claim, amount: Decimal) -> Option<Decimal> {
    let is_own = line.currency.as_deref().is_none_or(|code| code == book.config.currency());
    let rate = match is_own {
        true => Decimal::ONE,
        false => line.exchange_rate?.get(),
    };
    Some(round(product(amount, rate)?, decimals(book)))
}

/// What is claimed by receipts.
pub fn receipts(book: &Book, expense: &Expense) -> Decimal {
    sum(expense.claim.iter().filter_map(|line| in_base(book, line, line.amount.get())))
}

/// What of the receipts is accepted, or would be.
pub fn acceptable(book: &Book, expense: &Expense) -> Decimal {
    sum(expense.claim.iter().filter_map(|line| in_base(book, line, line.accepted())))
}

/// What was paid for an expense by a day, and what came back of it.
pub fn paid(book: &Book, id: &str, as_of: Day) -> (Decimal, Decimal) {
    let (mut out, mut back) = (Decimal::ZERO, Decimal::ZERO);
    for row in allocations_to(book, id) {
        let source = row.rec.source.as_deref().and_then(|id| book.get::<Payment>(id));
        let Some(source) = source.filter(|own| payment::counts_by(book, own, as_of)) else {
            continue;
        };
        if !is_by(row, as_of) {
            continue;
        }
        match source.rec.direction {
            Direction::Out => out = add(out, row.rec.amount.get()),
            Direction::In => back = add(back, row.rec.amount.get()),
        }
    }
    (out, back)
}

/// What became of an expense by a day.
pub fn standing(book: &Book, expense: &Doc<Expense>, as_of: Day) -> Standing {
    let rec = &expense.rec;
    let (is_granted, is_accepted) =
        (is_granted(book, expense, as_of), is_accepted(book, expense, as_of));
    let once = |holds: bool, amount: Decimal| if holds { amount } else { Decimal::ZERO };
    let granted = sum(rec.applied.iter().map(Applied::granted));
    let asked = rec.advance_requested.map_or(Decimal::ZERO, |advance| advance.get());
    let allowances = travel::allowances(book, expense);
    let (out, back) = paid(book, expense.id(), as_of);
    let mut standing = Standing {
        applied: sum(rec.applied.iter().map(|line| line.amount.get())),
        approved: once(is_granted, granted),
        advance: once(is_granted, asked.min(granted)),
        allowances,
        claimed: add(receipts(book, rec), allowances),
        accepted: once(is_accepted, add(acceptable(book, rec), allowances)),
        paid: sub(out, back),
        to_pay: Decimal::ZERO,
    };
    standing.to_pay = match (is_accepted, rec.is_claimed()) {
        (true, _) => sub(standing.accepted, standing.paid),
        (false, false) => sub(standing.advance, standing.paid).max(Decimal::ZERO),
        (false, true) => Decimal::ZERO,
    };
    standing
}

/// What an expense still takes or gives back, whatever the day, above zero.
pub fn open(book: &Book, id: &str) -> Option<(Direction, Decimal)> {
    let expense = book.get::<Expense>(id)?;
    let left = standing(book, expense, payment::EVER).to_pay;
    Some(match left < Decimal::ZERO {
        true => (Direction::In, negated(left)),
        false => (Direction::Out, left),
    })
}

/// What of a line that was applied for is claimed, as far as it is accepted; allowances count on the
/// line of their category.
pub fn claimed_of(book: &Book, expense: &Doc<Expense>, no: u32) -> Decimal {
    let rec = &expense.rec;
    let of_line = |line: &&Claim| {
        let own = rec.applied_for(line.applied, &line.category);
        own.is_some_and(|own| own.no == no)
    };
    let claimed = rec.claim.iter().filter(of_line);
    let claimed = sum(claimed.filter_map(|line| in_base(book, line, line.accepted())));
    let days = rec.applied_for(None, travel::ALLOWANCE).filter(|own| own.no == no);
    add(claimed, days.map_or(Decimal::ZERO, |_| travel::allowances(book, expense)))
}
