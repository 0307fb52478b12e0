//! Money of an expense: the advance, what is accepted beyond it, and what comes back.
//!
//! Always a payment with an allocation to the expense, as any other money.

use super::{duties, open_expense, shown};
use crate::{
    book::{Book, expense},
    error::{Error, Result},
    ops::{Actor, payment, record::Given},
    record::{change::Change, common::Direction},
    value::number::Decimal,
};

/// An expense paid: its advance before it is claimed, else what is left of what was accepted; what
/// was advanced too much is taken back.
pub fn pay(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    amount: Option<&str>,
    given: &[Given],
) -> Result<Change> {
    let own = open_expense(book, id)?;
    let id = own.id().to_owned();
    let stage = expense::stage(book, own, book.today);
    let (way, open) = expense::open(book, &id).unwrap_or((Direction::Out, Decimal::ZERO));
    if open.is_zero() {
        let message = format!("nothing of {id} is to be paid: it is {}", stage.name());
        let error = Error::refused(message, Vec::new());
        return Err(match duties::next(book, own, stage) {
            Some(next) => error.hint(next),
            None => error.hint(format!("desk expense show {id}")),
        });
    }
    let amount = amount.map_or_else(|| open.to_string(), str::to_owned);
    let mut all = vec![("direction".to_owned(), way.name().to_owned())];
    all.extend(given.iter().filter(|(key, _)| key != "direction").cloned());
    let claimant = own.rec.claimant.as_str();
    let matches = [format!("{id}={amount}")];
    let mut change =
        payment::taken_down(book, actor, Some(claimant), Some(&amount), &matches, &all)?;
    let after = super::preview(book, &change)?;
    let own = super::readable(&after, &id)?;
    let left = expense::standing(&after, own, crate::book::payment::EVER).to_pay;
    let way = if way == Direction::Out { "paid to" } else { "back from" };
    let rest = match left.is_zero() {
        true => String::new(),
        false => format!("; {} is left", shown(book, left.abs())),
    };
    let payment = change.edits.iter().find_map(|edit| edit.record()).map(|(_, id)| id.to_owned());
    let payment = payment.unwrap_or_default();
    let moved = amount.parse().map_or(amount, |amount| shown(book, amount));
    change.lines = vec![format!("{payment}  {moved} {way} {claimant} for {id}{rest}")];
    change.next = super::next(&after, own);
    Ok(change)
}
