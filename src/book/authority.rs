//! Who may decide on what, and whose work is whose: for the rules that judge a decision, and for
//! whoever is told what waits. Nobody decides on their own work; nothing waits for who has left.

use super::{Book, price};
use crate::{
    record::{
        Doc,
        order::Order,
        staff::{Role, Staff},
    },
    value::{day::Day, number::Decimal},
};

/// Whether a member of staff may decide on an amount in base currency, by `[approval] order_review`
/// of desk.toml; where it says nothing, anyone may. The error says why it cannot be understood.
pub fn may_decide(book: &Book, by: &str, amount: Decimal) -> Result<bool, String> {
    may_decide_on(book, "order_review", by, amount).map(|may| may != Some(false))
}

/// Whether a member of staff may decide on an amount in base currency, by a row of `[approval]`;
/// nothing where it says nothing of that.
pub fn may_decide_on(
    book: &Book,
    setting: &str,
    by: &str,
    amount: Decimal,
) -> Result<Option<bool>, String> {
    let Some(rows) = book.config.authorities(setting)? else { return Ok(None) };
    let role = book.get::<Staff>(by).and_then(|own| own.rec.role).map(Role::name);
    Ok(Some(rows.iter().any(|row| {
        let enough = row.up_to.is_none_or(|limit| amount <= limit.get());
        enough && row.by.words().iter().any(|word| word == by || Some(word.as_str()) == role)
    })))
}

/// The members of staff, working here on a day, who may review an order.
pub fn reviewers(book: &Book, order: &Doc<Order>, as_of: Day) -> Vec<String> {
    let total = price::base_gross(book, order);
    let mut staff = book.all::<Staff>();
    staff.retain(|own| {
        let works = own.counts() && own.rec.left_on.is_none_or(|left| left >= as_of);
        let may = total.is_none_or(|total| may_decide(book, own.id(), total) == Ok(true));
        works && may && !order.common.would_be_own_work(own.id(), "review")
    });
    staff.into_iter().map(|own| own.id().to_owned()).collect()
}

/// Whose it is to see to a document on a day: its own member of staff; where it names none, or they
/// have left by then, that of its customer or supplier.
pub fn in_charge<'a>(
    book: &'a Book,
    own: Option<&'a str>,
    party: Option<&str>,
    on: Day,
) -> Option<&'a str> {
    let has_left = |code: &&str| {
        let staff = book.get::<Staff>(code);
        staff.and_then(|staff| staff.rec.left_on).is_some_and(|left| left < on)
    };
    let theirs = || book.party_common(party?)?.staff.as_deref();
    own.filter(|code| !has_left(code)).or_else(theirs).or(own)
}
