//! Operations: what each verb changes, as data.
//!
//! An operation is a pure function of a snapshot and its arguments: `fn(&Book, …) ->
//! Result<Change>`. `Desk::write` runs it under the lock and passes its change through the gate.

pub mod allowed;
pub mod contract;
pub mod customer;
pub mod expense;
mod freeze;
mod grounds;
pub mod invoice;
pub mod line;
pub mod order;
pub mod payment;
pub mod period;
pub mod plan;
pub mod record;
pub mod renumber;
pub mod ship;
pub mod summary;
pub mod task;
pub mod undo;
pub mod value;

use serde_json::{Map, Value};

use crate::{
    book::Book,
    error::{Error, Result},
    record::{Form, Kind, change::Change},
    store::{layout, stage},
    value::{day::Month, id::Id},
};

/// Who does something, and from which clone.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// Staff code, or a name.
    pub user: &'a str,
    /// Site of the clone; empty without sites.
    pub site: &'a str,
}

/// The book as it would be with a change, to say what the change comes to.
pub fn preview(book: &Book, change: &Change) -> Result<Book> {
    let writes = stage::stage(&book.files, change)?;
    let mut after = book.with(writes.into_iter().map(|write| (write.path, write.after)));
    after.spent.clone_from(&book.spent);
    Ok(after)
}

/// The next id of a kind for a new record, in the site of the clone; a document's lies in the month
/// of its date.
pub fn next_id(book: &Book, kind: Kind, site: &str, given: &[record::Given]) -> Result<String> {
    let dated = given.iter().find(|(key, _)| key == "date" && kind.is_document());
    let month = match dated {
        Some((_, text)) => value::day(book, text)?.month(),
        None => book.today.month(),
    };
    next_id_of(book, kind, month, site)
}

/// The next id of a kind in a month and a site, none that was ever given.
pub fn next_id_of(book: &Book, kind: Kind, month: Month, site: &str) -> Result<String> {
    let ids = book.ids_of_month(kind, month);
    let own =
        ids.iter().filter_map(|id| layout::document_id(kind, id)).filter(|id| id.site == site);
    let spent = book.spent.iter().filter_map(|id| layout::document_id(kind, id));
    let spent = spent.filter(|id| id.site == site && id.month == month);
    let last = own.chain(spent).map(|id| id.seq).max().unwrap_or(0);
    let seq = last
        .checked_add(1)
        .ok_or_else(|| Error::failure(format!("no {kind} ids are left in {month}")))?;
    let id = Id { prefix: kind.info().prefix.into(), month, site: site.into(), seq };
    Ok(id.to_string())
}

/// The id so many behind the next of a kind of documents, for operations that make several.
fn nth_id(book: &Book, kind: Kind, site: &str, nth: u32) -> Result<String> {
    let next = next_id(book, kind, site, &[])?;
    let id = layout::document_id(kind, &next);
    let later = id.and_then(|id| Some(Id { seq: id.seq.checked_add(nth)?, ..id }));
    later.map(|id| id.to_string()).ok_or_else(|| Error::failure(format!("no {kind} ids are left")))
}

/// The first fields of a new record: id, date, and who typed it when.
pub fn head(book: &Book, kind: Kind, id: &str, actor: Actor<'_>) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("id".into(), id.into());
    if kind.info().form != Form::Master {
        value.insert("date".into(), book.today.to_string().into());
        value.insert("entered_by".into(), actor.user.into());
        value.insert("entered_at".into(), at_millisecond(book).into());
    }
    value
}

/// Now, to the second.
pub fn now(book: &Book) -> String {
    book.now.0.to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// Now, to the millisecond, which keeps equal entries of two clones apart.
fn at_millisecond(book: &Book) -> String {
    book.now.0.to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
}

/// Several changes as one operation: all of them or none.
pub fn together(changes: impl Iterator<Item = Result<Change>>) -> Result<Change> {
    let mut all = Change::default();
    let mut count = 0_usize;
    for change in changes {
        let change = change?;
        all.edits.extend(change.edits);
        all.lines.extend(change.lines);
        all.next = change.next;
        count = count.saturating_add(1);
    }
    if count > 1 {
        all.next = None;
    }
    Ok(all)
}
