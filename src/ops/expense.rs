//! The acts of an expense: applied for, decided, claimed, paid, filed.
//!
//! One document goes through all of it. Which of its two decisions a review or an approval is
//! follows from where it stands, so nobody names a step.

mod line;
mod money;

use serde_json::{Map, Value};

use super::{Actor, head, next_id, now, preview, record, record::Given, value};
use crate::{
    book::{
        Book, digest,
        expense::{
            self, Stage,
            decide::{self, Step},
            duties::{self, awaited},
        },
    },
    error::{Error, Kind as Class, Result},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        common::decision,
        expense::Expense,
        staff::Staff,
    },
    store::layout,
    value::{
        number::{Decimal, grouped, round},
        place::KeyPath,
    },
};

pub use money::pay;

const KIND: Kind = Kind::Expense;

/// A new application, with the district of its claimant frozen onto it.
pub fn apply(
    book: &Book,
    actor: Actor<'_>,
    claimant: Option<&str>,
    lines: &[String],
    given: &[Given],
) -> Result<Change> {
    let claimant = book.resolve(Kind::Staff, claimant.unwrap_or(actor.user))?;
    if !given.iter().any(|(key, _)| key == "kind") {
        return Err(Error::usage("an expense needs a kind").hint(
            "desk expense apply --kind travel --purpose … --starts-on … --ends-on … --line \
             \"transport 600\"",
        ));
    }
    let id = next_id(book, KIND, actor.site, given)?;
    let mut row = head(book, KIND, &id, actor);
    row.insert("claimant".into(), claimant.clone().into());
    record::fill(book, KIND, &mut row, given)?;
    line::put(book, &mut row, "applied", lines)?;
    let theirs = book.get::<Staff>(&claimant).and_then(|own| own.common.district.as_deref());
    row.entry("staff").or_insert_with(|| claimant.into());
    if let Some(district) = theirs {
        row.entry("district").or_insert_with(|| district.into());
    }
    let change = Change::default().with(Edit::Add { kind: KIND, id: id.clone(), value: row });
    let after = preview(book, &change)?;
    let own = readable(&after, &id)?;
    let standing = expense::standing(&after, own, book.today);
    let words = [id.as_str(), name_of(book, own), own.rec.kind.name()];
    let mut said = vec![format!(
        "{}  {}  {}",
        words.join("  "),
        shown(book, standing.applied),
        Stage::AwaitingReview.name()
    )];
    let beyond = duties::beyond(&after, own, book.today);
    said.extend(beyond.into_iter().map(|words| format!("{words}: it needs a reason to approve")));
    let next = next(&after, own);
    Ok(Change { lines: said, next, ..change })
}

/// An expense as staged, or the findings that keep it from being read.
fn readable<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Expense>> {
    book.get::<Expense>(id).ok_or_else(|| {
        let path = layout::path(KIND, id).unwrap_or_default();
        let mut findings = book.left_out();
        findings.retain(|finding| finding.place.file == path);
        let staged = vec![(path.clone(), book.files.read(&path).ok().flatten())];
        Error { staged, ..Error::refused("refused; nothing was written", findings) }
    })
}

/// An expense that holds.
fn open_expense<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Expense>> {
    let entry = book.resolved(KIND, id)?;
    record::writable(entry)?;
    Doc::of(entry).ok_or_else(|| Error::usage(format!("no expense \"{id}\"")))
}

fn shown(book: &Book, amount: Decimal) -> String {
    grouped(round(amount, expense::decimals(book)))
}

fn name_of<'a>(book: &'a Book, own: &'a Doc<Expense>) -> &'a str {
    let staff = book.get::<Staff>(&own.rec.claimant);
    staff.map_or(own.rec.claimant.as_str(), |staff| &staff.rec.name)
}

/// The command that comes next, with who may do it where that is a decision.
fn next(book: &Book, own: &Doc<Expense>) -> Option<String> {
    let stage = expense::stage(book, own, book.today);
    let command = duties::next(book, own, stage)?;
    let Some(step) = awaited(stage) else { return Some(command) };
    let by = decide::deciders(book, own, step, book.today);
    let by = if by.is_empty() { "someone else".to_owned() } else { by.join(" or ") };
    Some(format!("{command}   (by {by})"))
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A first look says yes.
    Review,
    /// It is granted, or accepted.
    Approve,
    /// The answer is no.
    Reject,
}

/// How expenses are decided on.
#[derive(Debug, Clone)]
pub struct Decided {
    /// What is decided.
    pub verdict: Verdict,
    /// Why.
    pub comment: Option<String>,
    /// Lines of which less is granted or accepted, `LINE=AMOUNT`.
    pub cut: Vec<String>,
}

/// Expenses reviewed, approved or rejected, as one operation.
pub fn decide(book: &Book, actor: Actor<'_>, ids: &[String], what: &Decided) -> Result<Change> {
    if !what.cut.is_empty() && ids.len() > 1 {
        return Err(Error::usage("--cut is for one expense"));
    }
    super::together(ids.iter().map(|id| decided(book, actor, id, what)))
}

/// The step that a verdict takes where an expense stands, or why it takes none.
fn step_of(book: &Book, own: &Doc<Expense>, verdict: Verdict) -> Result<Step> {
    let (id, stage) = (own.id(), expense::stage(book, own, book.today));
    let Some(step) = awaited(stage) else {
        let error =
            Error::refused(format!("nothing of {id} waits: it is {}", stage.name()), Vec::new());
        return Err(match duties::next(book, own, stage) {
            Some(next) => error.hint(next),
            None => error.hint(format!("desk expense show {id}")),
        });
    };
    match (verdict, step.is_review()) {
        (Verdict::Reject, _) | (Verdict::Review, true) | (Verdict::Approve, false) => Ok(step),
        (Verdict::Approve, true) => {
            Err(Error::new(Class::Approval, format!("{id} is not reviewed yet"))
                .hint(format!("desk expense review {id}   (by someone else)")))
        }
        (Verdict::Review, false) => {
            let by = decision(&own.common.approval, step.other().name());
            let by = by.map_or("someone", |row| row.by.as_str());
            Err(Error::usage(format!("{id} was reviewed by {by} already"))
                .hint(format!("desk expense approve {id}   (by someone else)")))
        }
    }
}

fn decided(book: &Book, actor: Actor<'_>, id: &str, what: &Decided) -> Result<Change> {
    let own = open_expense(book, id)?;
    let step = step_of(book, own, what.verdict)?;
    let id = own.id().to_owned();
    let reason = what.comment.as_deref().map(str::trim).filter(|why| !why.is_empty());
    let is_no = what.verdict == Verdict::Reject;
    if is_no && reason.is_none() {
        return Err(Error::usage("a reason is needed").hint("--comment \"why\""));
    }
    let mut change = Change::default();
    for text in &what.cut {
        change.edits.push(line::cut(book, own, step, text)?);
    }
    let after = preview(book, &change)?;
    let of = digest::decided_in(readable(&after, &id)?, step.name());
    let mut block = Map::from_iter([
        ("step".to_owned(), Value::from(step.name())),
        ("decision".to_owned(), if is_no { "rejected" } else { "approved" }.into()),
        ("by".to_owned(), actor.user.into()),
        ("at".to_owned(), now(book).into()),
    ]);
    block.extend(reason.map(|reason| ("comment".to_owned(), Value::from(reason))));
    block.insert("of".into(), of.into());
    change.edits.push(Edit::Push { kind: KIND, id: id.clone(), key: "approval".into(), block });
    let after = preview(book, &change)?;
    let own = readable(&after, &id)?;
    change.lines.push(said(&after, own, step, what.verdict, actor.user, reason));
    change.next = next(&after, own);
    Ok(change)
}

/// What was decided, in words, with the amount.
fn said(
    book: &Book,
    own: &Doc<Expense>,
    step: Step,
    verdict: Verdict,
    by: &str,
    reason: Option<&str>,
) -> String {
    let what = if step.is_settlement() { "claim" } else { "application" };
    let (id, standing) = (own.id(), expense::standing(book, own, book.today));
    let stake = shown(book, decide::at_stake(book, own, step));
    match (verdict, step) {
        (Verdict::Reject, _) => {
            format!("{id}  {what} rejected by {by}: {}", reason.unwrap_or_default())
        }
        (Verdict::Review, _) => format!("{id}  {what} of {stake} reviewed by {by}"),
        (Verdict::Approve, Step::SettlementApproval) => {
            let (accepted, paid) = (shown(book, standing.accepted), shown(book, standing.paid));
            let rest = left(book, standing.to_pay);
            format!("{id}  {accepted} accepted by {by}; {paid} was paid, {rest}")
        }
        (Verdict::Approve, _) => {
            format!("{id}  {} of {stake} approved by {by}", shown(book, standing.approved))
        }
    }
}

/// What is left to be paid, or comes back, in words.
fn left(book: &Book, to_pay: Decimal) -> String {
    match to_pay < Decimal::ZERO {
        true => format!("{} comes back", shown(book, to_pay.abs())),
        false => format!("{} is to be paid", shown(book, to_pay)),
    }
}

/// Receipts and days claimed; a claim that was refused is claimed again by what is changed of it.
pub fn claim(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    lines: &[String],
    all_days: Option<&str>,
    given: &[Given],
) -> Result<Change> {
    let _ = actor;
    let own = open_expense(book, id)?;
    let (id, stage) = (own.id().to_owned(), expense::stage(book, own, book.today));
    claimable(book, own, stage)?;
    let mut value = Map::new();
    line::put_after(book, &own.rec.claim.iter().map(|line| line.no).max(), &mut value, lines)?;
    record::fill(book, KIND, &mut value, given)?;
    if let Some(level) = all_days {
        line::all_days(book, own, level, &mut value)?;
    }
    let mut change = Change::default();
    for key in ["claim", "day"] {
        let blocks = value.get(key).and_then(Value::as_array).into_iter().flatten();
        for block in blocks.filter_map(Value::as_object) {
            let (key, block) = (key.to_owned(), block.clone());
            change.edits.push(Edit::Push { kind: KIND, id: id.clone(), key, block });
        }
    }
    if change.edits.is_empty() {
        return Err(Error::usage(format!("nothing to claim on {id}")).hint(format!(
            "desk expense claim {id} --line \"transport 553 on={} receipt_no=…\"",
            book.today
        )));
    }
    let after = preview(book, &change)?;
    let own = readable(&after, &id)?;
    let standing = expense::standing(&after, own, book.today);
    let (claimed, approved) = (shown(book, standing.claimed), shown(book, standing.approved));
    let days = match standing.allowances.is_zero() {
        true => String::new(),
        false => format!(", {} of it allowances", shown(book, standing.allowances)),
    };
    change.lines.push(format!("{id}  {claimed} claimed of {approved} approved{days}"));
    let bare = own.common.attachments.is_empty() && !own.rec.claim.is_empty();
    let next = match bare {
        true => Some(format!("desk expense attach {id} receipts.pdf")),
        false => next(&after, own),
    };
    Ok(Change { next, ..change })
}

/// Refuses a claim on what is not approved, or accepted already: exit 4 where an approval is missing.
fn claimable(book: &Book, own: &Doc<Expense>, stage: Stage) -> Result<()> {
    let message = format!("nothing is claimed on {}: it is {}", own.id(), stage.name());
    let hinted = |error: Error| match duties::next(book, own, stage) {
        Some(next) => error.hint(next),
        None => error.hint(format!("desk expense show {}", own.id())),
    };
    match stage {
        Stage::Approved | Stage::ToClaim | Stage::ClaimRejected | Stage::ClaimToReview => Ok(()),
        Stage::AwaitingReview | Stage::AwaitingApproval | Stage::Rejected => {
            Err(hinted(Error::new(Class::Approval, message)))
        }
        _ => Err(hinted(Error::refused(message, Vec::new()))),
    }
}

/// The papers of settled expenses put away; of a promotion with what came of it.
pub fn file(book: &Book, ids: &[String], evaluation: Option<&str>) -> Result<Change> {
    super::together(ids.iter().map(|id| filed(book, id, evaluation)))
}

fn filed(book: &Book, id: &str, evaluation: Option<&str>) -> Result<Change> {
    let own = open_expense(book, id)?;
    let (id, stage) = (own.id().to_owned(), expense::stage(book, own, book.today));
    if stage != Stage::Settled {
        let error = Error::refused(format!("cannot file {id}: it is {}", stage.name()), Vec::new());
        return Err(match duties::next(book, own, stage) {
            Some(next) => error.hint(next),
            None => error.hint(format!("desk expense show {id}")),
        });
    }
    let said = evaluation.or(own.rec.evaluation.as_deref()).map(str::trim);
    if own.rec.kind.is_evaluated() && said.is_none_or(str::is_empty) {
        let message =
            format!("cannot file {id}: nothing says what came of the {}", own.rec.kind.name());
        return Err(Error::usage(message).hint("--evaluation \"what came of it\""));
    }
    let set = |key: &str, value: String| Edit::Set {
        kind: KIND,
        id: id.clone(),
        path: KeyPath::key(key),
        value: value.into(),
    };
    let mut change = Change::saying(format!("{id}  filed on {}", book.today))
        .with(set("filed_on", book.today.to_string()));
    if let Some(text) = evaluation {
        change.edits.push(set("evaluation", text.to_owned()));
    }
    Ok(change.next(format!("desk expense show {id}")))
}

/// A field of an expense, by its key.
fn fields_of(key: &str) -> Result<&'static [crate::record::schema::Field]> {
    Ok(value::known(KIND.fields(), key)?.kind.fields().unwrap_or_default())
}
