//! The gates of applying for an expense and of deciding on it.

use super::at;
use crate::{
    book::{
        Book,
        expense::{
            decide::{Step, missing, refusal},
            duties::beyond,
        },
    },
    finding::Finding,
    record::{
        Doc, Entry,
        common::{Approval, Decision},
        expense::{Expense, ExpenseKind},
    },
    rules::{Rule, Run, on},
    value::place::{KeyPath, Place},
};

/// The step of a new application.
pub(in crate::rules) const APPLY: &str = "apply";

/// The step of any decision on an expense.
pub(in crate::rules) const DECIDE: &str = "decide";

pub(in crate::rules) const RULES: &[Rule] = &[
    Rule::step(
        APPLY,
        "expense.apply",
        "An expense is applied for before it begins, or on its first day; it says what it is for and what is spent on what; a \
         journey has a first and a last day.",
        Run::Record(apply),
    ),
    Rule::step(
        DECIDE,
        "expense.decider",
        "Whoever reviews or approves an expense is one of those that [approval] expense_review or expense_approval of desk.toml \
         names for its amount, not the claimant, and not who took the other step. Where the claimant could decide on such an \
         amount, a superior of theirs does.",
        Run::Record(decider),
    ),
    Rule::step(
        DECIDE,
        "expense.order",
        "Review comes before approval, and the claim after the application was approved.",
        Run::Record(order),
    ),
    Rule::step(
        "application_approval",
        "expense.budget",
        "An application is within what was planned for its month, district, person and customer. Beyond that, the approval \
         gives its reason as a comment.",
        Run::Record(budget),
    ),
];

/// What a new application lacks, as an application or as its own claim.
fn apply(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let mut find = |key: &str, message: String, hint: &str| {
            let place = Place::key(&own.file, KeyPath::key(key));
            findings.push(Finding::error("expense.apply", place, message).hint(hint));
        };
        let (id, rec) = (own.id(), &own.rec);
        if let (Some(entered), Some(begins)) = (own.common.date, rec.starts_on)
            && begins < entered
        {
            let message =
                format!("{id} begins on {begins}, before it was applied for on {entered}");
            find("starts_on", message, "--starts-on …");
        }
        if rec.purpose.as_deref().is_none_or(|why| why.trim().is_empty()) {
            find("purpose", format!("{id} does not say what it is for"), "--purpose …");
        }
        if rec.applied.is_empty() {
            find("applied", format!("{id} asks for nothing"), "--line \"transport 600\"");
        }
        let days = [("starts_on", rec.starts_on), ("ends_on", rec.ends_on)];
        let missing = days.into_iter().find(|(_, day)| day.is_none());
        if let (Some((key, _)), ExpenseKind::Travel) = (missing, rec.kind) {
            let flag = format!("--{} …", key.replace('_', "-"));
            find(key, format!("{id} is a journey without {key}"), &flag);
        }
    });
}

/// The decision that was added last, where it says yes.
fn last(own: &Doc<Expense>) -> Option<(usize, &Approval, Step)> {
    let (nth, row) = own.common.approval.iter().enumerate().next_back()?;
    Some((nth, row, Step::parse(&row.step)?))
}

fn decider(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let Some((nth, row, step)) = last(own) else { return };
        if let Some(message) = refusal(book, own, step, &row.by) {
            let finding =
                Finding::error("expense.decider", at(own, "approval", nth, "by"), message);
            let hint = format!("see [approval] {} in desk.toml", step.setting());
            findings.push(finding.hint(hint));
        }
    });
}

fn order(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let Some((nth, row, step)) = last(own) else { return };
        let mut find = |message: String, hint: String| {
            let place = at(own, "approval", nth, "step");
            findings.push(Finding::error("expense.order", place, message).hint(hint));
        };
        let id = own.id();
        if let Some(first) = missing(book, own, step) {
            let message = format!("{id}: {} before {}", first.name(), step.name());
            find(message, format!("desk expense {} {id}   (by someone else)", first.verb()));
        }
        if step.is_settlement() && !own.rec.is_claimed() && row.decision == Decision::Approved {
            let hint = format!("desk expense claim {id} --line …");
            find(format!("nothing of {id} is claimed"), hint);
        }
    });
}

fn budget(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let step = Step::ApplicationApproval.name();
        let rows = &own.common.approval;
        let Some(nth) = rows.iter().rposition(|row| row.step == step) else { return };
        if rows[nth].comment.as_deref().is_some_and(|why| !why.trim().is_empty()) {
            return;
        }
        for message in beyond(book, own, book.today) {
            let place = Place::key(&own.file, KeyPath::key("applied"));
            let hint = format!("desk expense approve {} --comment \"why\"", own.id());
            findings.push(Finding::error("expense.budget", place, message).hint(hint));
        }
    });
}
