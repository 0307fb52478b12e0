//! Official numbers: which a series has given, and which comes next.
//!
//! Nothing is counted anywhere: the numbers on invoices are all there is, those of void ones
//! included, since a number that was given is never given again.

use std::collections::BTreeMap;

use super::Book;
use crate::{
    config::Series,
    record::{
        Doc,
        invoice::{Invoice, InvoiceKind},
    },
};

/// The place of a number in its series; nothing where it is no number of it.
pub fn ordinal(series: &Series, number: &str) -> Option<u128> {
    let digits = number.strip_prefix(series.prefix.as_deref().unwrap_or_default())?;
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_plain)
}

/// The number of a place in its series, with as many digits as the first one has.
pub fn number(series: &Series, ordinal: u128) -> String {
    let width = series.next.as_deref().map_or(1, str::len);
    format!("{}{ordinal:0width$}", series.prefix.as_deref().unwrap_or_default())
}

/// The first place of a series.
pub fn first(series: &Series) -> u128 {
    series.next.as_deref().and_then(|next| next.parse().ok()).unwrap_or(1)
}

/// The series of a name.
pub fn named<'a>(book: &'a Book, name: &str) -> Option<&'a Series> {
    book.config.series.iter().find(|series| series.name == name)
}

/// The places that a series has given, each with the invoices that have it.
pub fn given(book: &Book, series: &Series) -> BTreeMap<u128, Vec<String>> {
    let mut given: BTreeMap<u128, Vec<String>> = BTreeMap::new();
    book.each::<Invoice>(|bill| {
        let own = bill.rec.series.as_deref() == Some(&series.name) && bill.rec.is_sale();
        let number = bill.rec.number.as_deref().filter(|_| own);
        if let Some(at) = number.and_then(|number| ordinal(series, number)) {
            given.entry(at).or_default().push(bill.id().to_owned());
        }
    });
    given
}

/// The number that a series gives next: behind the highest it has given.
pub fn next(book: &Book, series: &Series) -> Option<String> {
    let last = given(book, series).into_keys().next_back();
    let next = last.map_or(Some(first(series)), |last| last.checked_add(1))?;
    Some(number(series, next.max(first(series))))
}

/// The command that issues a draft: with a number to be filled in where no series gives one.
pub fn issuing(book: &Book, bill: &Doc<Invoice>) -> String {
    let rec = &bill.rec;
    let named = rec.series.as_deref().and_then(|name| named(book, name));
    let is_given = rec.sort() == InvoiceKind::Opening
        || (rec.is_sale() && (named.is_some() || book.config.series.len() == 1));
    let number = if is_given { "" } else { " --number …" };
    format!("desk invoice issue {}{number}", bill.id())
}
