//! Who decides on an expense: review and approval of the application, then of the claim.
//!
//! For the rules that judge a decision, and for whoever is told that one waits. Nobody decides on
//! their own expense, nor on both halves of a pair; where the claimant could decide on such an
//! amount, it goes one up.

use super::{acceptable, decided, is_approved, travel};
use crate::{
    book::{Book, authority::may_decide_on},
    record::{
        Doc,
        common::{Decision, verb_of},
        expense::Expense,
        staff::Staff,
    },
    value::{
        day::Day,
        number::{Decimal, add, grouped, round, sum},
    },
};

/// A step of an expense's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A first look at what is asked for.
    ApplicationReview,
    /// What is asked for is granted.
    ApplicationApproval,
    /// A first look at what is claimed.
    SettlementReview,
    /// What is claimed is accepted.
    SettlementApproval,
}

/// Every step, in their order.
pub const STEPS: [Step; 4] = [
    Step::ApplicationReview,
    Step::ApplicationApproval,
    Step::SettlementReview,
    Step::SettlementApproval,
];

/// How far up superiors are followed, should they go round in a circle.
const MOST_SUPERIORS: usize = 32;

impl Step {
    /// Its word in `[[approval]]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ApplicationReview => "application_review",
            Self::ApplicationApproval => "application_approval",
            Self::SettlementReview => "settlement_review",
            Self::SettlementApproval => "settlement_approval",
        }
    }

    /// The step of a word.
    pub fn parse(word: &str) -> Option<Self> {
        STEPS.into_iter().find(|step| step.name() == word)
    }

    /// The verb that takes it.
    pub fn verb(self) -> &'static str {
        verb_of(self.name())
    }

    /// The row of `[approval]` that says who takes it.
    pub fn setting(self) -> &'static str {
        if self.is_review() { "expense_review" } else { "expense_approval" }
    }

    /// Whether it is the first look of a pair.
    pub fn is_review(self) -> bool {
        matches!(self, Self::ApplicationReview | Self::SettlementReview)
    }

    /// Whether it is about the claim.
    pub fn is_settlement(self) -> bool {
        matches!(self, Self::SettlementReview | Self::SettlementApproval)
    }

    /// The other step of its pair.
    pub fn other(self) -> Self {
        match self {
            Self::ApplicationReview => Self::ApplicationApproval,
            Self::ApplicationApproval => Self::ApplicationReview,
            Self::SettlementReview => Self::SettlementApproval,
            Self::SettlementApproval => Self::SettlementReview,
        }
    }
}

/// The amount that a step decides on, in base currency.
pub fn at_stake(book: &Book, expense: &Doc<Expense>, step: Step) -> Decimal {
    match step.is_settlement() {
        true => add(acceptable(book, &expense.rec), travel::allowances(book, expense)),
        false => sum(expense.rec.applied.iter().map(|line| line.amount.get())),
    }
}

/// The superiors of a member of staff, the next one first.
pub fn superiors<'a>(book: &'a Book, staff: &str) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    let above = |code: &str| book.get::<Staff>(code).and_then(|own| own.rec.manager.as_deref());
    let mut next = above(staff);
    while let Some(code) = next.filter(|code| !found.contains(code) && *code != staff) {
        found.push(code);
        next = above(code).filter(|_| found.len() < MOST_SUPERIORS);
    }
    found
}

/// Why someone may not take a step of an expense; nothing where they may.
pub fn refusal(book: &Book, expense: &Doc<Expense>, step: Step, by: &str) -> Option<String> {
    let (id, claimant) = (expense.id(), expense.rec.claimant.as_str());
    if by == claimant {
        return Some(format!("{by} cannot decide on their own expense"));
    }
    let other = decided(book, expense, step.other(), book.today);
    if !step.is_review()
        && other.is_some_and(|row| row.by == by && row.decision == Decision::Approved)
    {
        return Some(format!("{by} reviewed {id}; someone else approves it"));
    }
    let amount = at_stake(book, expense, step);
    let may = |who: &str| may_decide_on(book, step.setting(), who, amount);
    match (may(claimant), may(by)) {
        (Err(why), _) | (_, Err(why)) => Some(why),
        (Ok(Some(true)), _) => {
            let above = superiors(book, claimant);
            let next = above.first().copied().unwrap_or("nobody");
            let message =
                format!("{claimant} decides on such expenses, so this one goes one up, to {next}");
            (!above.contains(&by)).then_some(message)
        }
        (_, Ok(Some(false))) => {
            let shown = grouped(round(amount, super::decimals(book)));
            Some(format!("{by} may not {} {shown}", step.verb()))
        }
        _ => None,
    }
}

/// The members of staff, working here on a day, who may take a step of an expense.
pub fn deciders(book: &Book, expense: &Doc<Expense>, step: Step, as_of: Day) -> Vec<String> {
    let mut staff = book.all::<Staff>();
    staff.retain(|own| {
        let works = own.counts() && own.rec.left_on.is_none_or(|left| left >= as_of);
        works
            && !expense.common.would_be_own_work(own.id(), step.name())
            && refusal(book, expense, step, own.id()).is_none()
    });
    let mut codes: Vec<String> = staff.into_iter().map(|own| own.id().to_owned()).collect();
    codes.sort();
    codes
}

/// The steps that come before one, and do not hold yet.
pub fn missing(book: &Book, expense: &Doc<Expense>, step: Step) -> Option<Step> {
    let needs: &[Step] = match step {
        Step::ApplicationReview => &[],
        Step::ApplicationApproval => &[Step::ApplicationReview],
        Step::SettlementReview => &[Step::ApplicationApproval],
        Step::SettlementApproval => &[Step::ApplicationApproval, Step::SettlementReview],
    };
    let holds = |own: &&Step| is_approved(book, expense, **own, crate::book::payment::EVER);
    needs.iter().find(|own| !holds(own)).copied()
}
