//! Closing a month: a digest of each of its records, chained behind the last one.
//!
//! From then on any change of them is found and refused. A month is closed once, when it is over,
//! nothing in it is wrong, and the months before it are closed.

use serde_json::Value;

use super::{Actor, head, next_id};
use crate::{
    book::{Book, closing},
    error::{Error, Result},
    finding::Level,
    record::{
        Entry, Kind,
        change::{Change, Edit},
    },
    rules,
    store::layout,
    value::{
        day::Month,
        id::Id,
        period::{Calendar, Period},
    },
};

/// A month closed.
pub fn close(book: &Book, actor: Actor<'_>, text: &str) -> Result<Change> {
    if let Some((message, hint)) = rules::people::inactive(book, actor.user, book.today) {
        return Err(Error::refused(message, Vec::new()).hint(hint));
    }
    let calendar = book.config.calendar();
    let month = month(book, &calendar, text)?;
    let period = calendar.month(month);
    if period.to.is_none_or(|last| last >= book.today) {
        return Err(Error::usage(format!("{month} is not over")).hint("desk period list"));
    }
    if closing::is_closed(book, month) {
        return Err(Error::usage(format!("{month} is closed already"))
            .hint(format!("desk closing list month:{month}")));
    }
    if let Some(open) = closing::open_before(book, month) {
        return Err(Error::refused(format!("{open} is not closed yet"), Vec::new())
            .hint(format!("desk period close {open}")));
    }
    let records = closing::of_month(book, month);
    faultless(book, month, &records)?;
    chained(book, actor, month, &records)
}

/// The business month that a text means.
fn month(book: &Book, calendar: &Calendar, text: &str) -> Result<Month> {
    let wrong =
        || Error::usage(format!("\"{text}\" is no month")).hint("desk period close 2026-08");
    let period = Period::parse(text, book.today, calendar).map_err(|_| wrong())?;
    let month = calendar.month_of(period.to.ok_or_else(wrong)?);
    let is_whole = calendar.month(month) == period;
    if is_whole { Ok(month) } else { Err(wrong()) }
}

/// Refuses a month with an error in it: on one of its records, or in a file of its folders.
fn faultless(book: &Book, month: Month, records: &[&dyn Entry]) -> Result<()> {
    let folder = format!("/{month}");
    let is_in =
        |file: &str| file.contains(&folder) || records.iter().any(|entry| entry.file() == file);
    let mut findings = rules::check(book);
    findings.retain(|found| found.level == Level::Error && is_in(&found.place.file));
    match findings.is_empty() {
        true => Ok(()),
        false => {
            let message = format!("{month} has errors in it; nothing was written");
            Err(Error::refused(message, findings).hint("desk check"))
        }
    }
}

fn chained(book: &Book, actor: Actor<'_>, month: Month, records: &[&dyn Entry]) -> Result<Change> {
    let kind = Kind::Closing;
    let mut previous = closing::tip(book, actor.site);
    let first = next_id(book, kind, actor.site, &[])?;
    let mut id = layout::document_id(kind, &first)
        .ok_or_else(|| Error::failure(format!("{first} is no id of a closing")))?;
    let word = month.to_string();
    let mut change = Change::default();
    let mut row = |id: &Id, record: Option<&str>, frozen: &[u8]| {
        let digest = closing::digest(previous.as_deref(), Some(&word), record, frozen);
        let id = id.to_string();
        let mut value = head(book, kind, &id, actor);
        value.insert("month".into(), word.as_str().into());
        value.extend(record.map(|record| ("record".to_owned(), Value::from(record))));
        value.insert("digest".into(), digest.as_str().into());
        value.extend(previous.take().map(|before| ("previous".to_owned(), before.into())));
        previous = Some(digest);
        Edit::Add { kind, id, value }
    };
    if records.is_empty() {
        change.edits.push(row(&id, None, &[]));
    }
    for entry in records {
        let record = &entry.common().id;
        let frozen = closing::frozen(book, *entry)
            .ok_or_else(|| Error::failure(format!("{record} cannot be read")))?;
        change.edits.push(row(&id, Some(record), &frozen));
        id.seq = id.seq.checked_add(1).ok_or_else(|| Error::failure("no ids are left"))?;
    }
    let count = match records.len() {
        0 => "nothing was issued, moved or paid in it".to_owned(),
        1 => "1 record".to_owned(),
        more => format!("{more} records"),
    };
    change.lines.push(format!("{month} closed: {count}"));
    Ok(change.next("desk period list"))
}
