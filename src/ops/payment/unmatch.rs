//! Allocations taken back: what a payment was matched to is not its any more.
//!
//! Void until their month is over, later by a row that reverses each. Of what was kept for an order
//! or a contract only what its invoices have not used up comes free; nothing of it is refused.

use super::{later, shown};
use crate::{
    book::{
        Book, closing,
        payment::{self, Used},
    },
    error::{Error, Kind as Class, Result},
    ops::{Actor, head, next_id, record, together},
    record::{
        Doc, Entry, Kind,
        allocation::Allocation,
        change::{Change, Edit},
        invoice::Invoice,
        payment::Payment,
    },
    value::number::{Decimal, add, negated, sum},
};

const KIND: Kind = Kind::Allocation;

/// Allocations taken back: void until their month is over, later by a row that reverses each.
pub fn unmatch(book: &Book, actor: Actor<'_>, ids: &[String], reason: &str) -> Result<Change> {
    let mut all = Vec::new();
    for id in ids {
        let entry = book.resolved(KIND, id)?;
        record::writable(entry)?;
        let row = Doc::<Allocation>::of(entry)
            .ok_or_else(|| Error::failure(format!("{id} is no allocation")))?;
        all.push(row);
    }
    let mut rows = 0;
    together(all.iter().map(|row| taken_back(book, actor, row, &all, reason, &mut rows)))
}

fn taken_back(
    book: &Book,
    actor: Actor<'_>,
    row: &Doc<Allocation>,
    all: &[&Doc<Allocation>],
    reason: &str,
    rows: &mut u32,
) -> Result<Change> {
    let id = row.id().to_owned();
    if let Some(of) = &row.rec.reverses {
        return Err(Error::usage(format!("{id} takes back {of} itself"))
            .hint(format!("desk allocation void {id} --reason …")));
    }
    let back = payment::taking_back(book, &id);
    let (back_amount, back_taken) = (
        sum(back.iter().map(|other| other.rec.amount.get())),
        sum(back.iter().map(|other| other.rec.taken())),
    );
    let is_open = row.common.date.is_some_and(|date| {
        date.month() >= book.today.month() && closing::closed_month(book, date).is_none()
    });
    let rest = add(row.rec.amount.get(), back_amount);
    if rest.is_zero() && !back.is_empty() {
        return Err(Error::new(Class::Usage, format!("{id} was taken back already"))
            .hint(format!("desk allocation list reverses:{id}")));
    }
    let said = unmatched(book, row, rest, all)?;
    if is_open && back.is_empty() {
        let voided = record::void(book, actor, KIND, &id, reason)?;
        return Ok(Change { lines: vec![said], ..voided });
    }
    let new = later(&next_id(book, KIND, actor.site, &[])?, *rows)?;
    *rows = rows.saturating_add(1);
    let mut value = head(book, KIND, &new, actor);
    if let Some(day) = row.common.date.filter(|day| *day > book.today) {
        value.insert("date".into(), day.to_string().into());
    }
    for (key, held) in (row as &dyn Entry).value() {
        if matches!(key.as_str(), "source" | "target" | "instalment" | "approved_by") {
            value.insert(key, held);
        }
    }
    value.insert("amount".into(), negated(rest).to_string().into());
    if row.rec.source_amount.is_some() {
        let taken = add(row.rec.taken(), back_taken);
        value.insert("source_amount".into(), negated(taken).to_string().into());
    }
    value.insert("reverses".into(), id.clone().into());
    value.insert("remarks".into(), reason.into());
    Ok(Change::saying(format!("{new}  {said}")).with(Edit::Add { kind: KIND, id: new, value }))
}

/// What taking an allocation back comes to, in words; refused where nothing of it is left to give.
fn unmatched(
    book: &Book,
    row: &Doc<Allocation>,
    amount: Decimal,
    all: &[&Doc<Allocation>],
) -> Result<String> {
    let target = payment::target(book, &row.rec.target).map(|target| target.common);
    let code = target.map_or(book.config.currency(), |own| payment::own_currency(book, own));
    let (id, for_what, amount) = (row.id(), &row.rec.target, shown(book, code, amount));
    let Some(source) = &row.rec.source else {
        return Ok(format!("{id} taken back: {amount} of {for_what} is not written off now"));
    };
    let (free, mut used) = payment::freed(book, row);
    // What goes back by the same command uses up nothing.
    used.retain(|used| all.iter().all(|other| other.id() != used.by.id()));
    if used.is_empty() {
        return Ok(format!("{id} taken back: {amount} of {source} is not for {for_what} now"));
    }
    let by = used_by(book, source, &used);
    if free.is_zero() {
        let ids: Vec<&str> = used.iter().map(|used| used.by.id()).collect();
        let message = format!("nothing of {id} is kept for {for_what} any more: {by}");
        return Err(Error::refused(message, Vec::new())
            .hint(format!("desk payment unmatch {} --reason …", ids.join(" "))));
    }
    let free = shown(book, currency_of(book, source), free);
    Ok(format!("{id} taken back: {free} of {source} is not for {for_what} now; {by} before"))
}

/// Which invoices used up what was kept, in words.
fn used_by(book: &Book, source: &str, used: &[Used<'_>]) -> String {
    let code = currency_of(book, source);
    let one = |used: &Used<'_>| {
        let (by, target) = (used.by.id(), &used.by.rec.target);
        format!("{} went to {target} by {by}", shown(book, code, used.amount))
    };
    used.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The currency of a payment or a credit.
fn currency_of<'a>(book: &'a Book, source: &str) -> &'a str {
    let credit = || book.get::<Invoice>(source).map(|own| &own.common);
    let common = book.get::<Payment>(source).map(|own| &own.common).or_else(credit);
    common.map_or(book.config.currency(), |own| payment::own_currency(book, own))
}
