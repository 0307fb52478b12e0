//! Summaries of the week handed in: one of each for everyone and week.

use super::{
    Actor, head, next_id,
    record::{Given, fill},
};
use crate::{
    book::Book,
    error::{Error, Kind as Class, Result},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        summary::Summary,
    },
    value::{period::Period, week::Week},
};

const KIND: Kind = Kind::Summary;

/// The week that a text means; this one where none is named.
pub fn week(book: &Book, text: Option<&str>) -> Result<Week> {
    let Some(text) = text else { return Ok(Week::of(book.today)) };
    let period = Period::parse(text, book.today, &book.config.calendar()).ok();
    period.and_then(Week::of_period).ok_or_else(|| {
        Error::usage(format!("\"{text}\" is no week"))
            .hint("write for example this-week, last-week or 2026-W38")
    })
}

/// What someone says of their week.
pub fn handed_in(
    book: &Book,
    actor: Actor<'_>,
    text: Option<&str>,
    given: &[Given],
) -> Result<Change> {
    let week = week(book, text)?;
    let id = next_id(book, KIND, actor.site, given)?;
    let mut value = head(book, KIND, &id, actor);
    value.insert("week".into(), week.to_string().into());
    fill(book, KIND, &mut value, given)?;
    let staff = value.entry("staff").or_insert_with(|| actor.user.into());
    let staff = staff.as_str().unwrap_or_default().to_owned();
    let is_empty = ["done", "next", "problems"].iter().all(|key| !value.contains_key(*key));
    if is_empty {
        return Err(Error::usage(format!("the summary of {week} says nothing"))
            .hint(format!("desk summary add {week} --done '…' --next '…' --problems '…'")));
    }
    let rows = book.all::<Summary>().into_iter();
    let same = |row: &&Doc<Summary>| {
        row.counts() && row.rec.week == week && row.common.staff.as_deref() == Some(&staff)
    };
    if let Some(known) = rows.into_iter().find(same) {
        let message = format!("{staff} handed in {week} already, as {}", known.id());
        return Err(Error::new(Class::Conflict, message)
            .hint(format!("desk summary set {} --done '…'", known.id())));
    }
    Ok(Change::saying(format!("{id}  {week} of {staff}"))
        .with(Edit::Add { kind: KIND, id, value })
        .next(format!("desk summary due -p {week}")))
}
