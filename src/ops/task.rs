//! Tasks done: a task that comes again is followed by its next one, in the same change.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{Actor, head, next_id, record, value};
use crate::{
    book::Book,
    error::{Error, Result},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        task::{Every, Task},
    },
    value::{day::Day, id::Id, place::KeyPath},
};

const KIND: Kind = Kind::Task;

/// Tasks that were done on a day, today unless another is given.
pub fn done(
    book: &Book,
    actor: Actor<'_>,
    ids: &[String],
    result: Option<&str>,
    on: Option<&str>,
) -> Result<Change> {
    let on = on.map_or(Ok(book.today), |text| value::day(book, text))?;
    let first = next_id(book, KIND, actor.site, &[])?;
    let mut rows = 0;
    super::together(ids.iter().map(|id| one_done(book, actor, id, result, on, (&first, &mut rows))))
}

fn one_done(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    result: Option<&str>,
    on: Day,
    (first, rows): (&str, &mut u32),
) -> Result<Change> {
    let entry = book.resolved(KIND, id)?;
    record::writable(entry)?;
    let task = Doc::<Task>::of(entry).ok_or_else(|| Error::failure(format!("{id} is no task")))?;
    let id = task.id().to_owned();
    if let Some(done) = task.rec.done_on {
        return Err(Error::usage(format!("{id} was done on {done}"))
            .hint(format!("desk task set {id} --done-on {on}")));
    }
    let set = |key: &str, value: &str| Edit::Set {
        kind: KIND,
        id: id.clone(),
        path: KeyPath::key(key),
        value: value.into(),
    };
    let mut change = Change::saying(format!("{id}  {} done on {on}", task.rec.title))
        .with(set("done_on", &on.to_string()));
    if let Some(result) = result {
        change.edits.push(set("result", result));
    }
    let Some(every) = task.rec.every else { return Ok(change) };
    let due = next_due(task.rec.due_on.unwrap_or(on), every, on)
        .ok_or_else(|| Error::failure(format!("{id}: no date is left for the next one")))?;
    let new = later(first, *rows).ok_or_else(|| Error::failure("no task ids are left"))?;
    *rows = rows.saturating_add(1);
    let mut value = head(book, KIND, &new, actor);
    for (key, held) in entry.value() {
        if matches!(key.as_str(), "title" | "owner" | "every" | "about") {
            value.insert(key, held);
        }
    }
    value.insert("due_on".into(), due.to_string().into());
    change.lines.push(format!("{new}  {} due on {due}", task.rec.title));
    change.edits.push(Edit::Add { kind: KIND, id: new.clone(), value });
    Ok(change.next(format!("desk task show {new}")))
}

/// The id so many behind another.
fn later(id: &str, rows: u32) -> Option<String> {
    let id = Id::parse(id)?;
    Some(Id { seq: id.seq.checked_add(rows)?, ..id }.to_string())
}

/// The first day of a series behind the day it was done; the last day of a month stays the last.
fn next_due(due: Day, every: Every, done: Day) -> Option<Day> {
    match every {
        Every::Day => by_days(due, 1, done),
        Every::Week => by_days(due, 7, done),
        Every::Days(number) => by_days(due, number.into(), done),
        Every::Month => by_months(due, 1, done),
        Every::Quarter => by_months(due, 3, done),
        Every::Year => by_months(due, 12, done),
    }
}

fn by_days(due: Day, days: u32, done: Day) -> Option<Day> {
    let passed = u64::try_from(done.0.signed_duration_since(due.0).num_days()).unwrap_or(0);
    let days = u64::from(days);
    let turns = passed.checked_div(days)?.checked_add(1)?;
    due.0.checked_add_days(Days::new(days.checked_mul(turns)?)).map(Day)
}

fn by_months(due: Day, months: u32, done: Day) -> Option<Day> {
    let is_last = |day: NaiveDate| day.succ_opt().is_none_or(|next| next.day() == 1);
    let mut step = months;
    loop {
        let mut next = due.0.checked_add_months(Months::new(step))?;
        if is_last(due.0) {
            let behind = next.with_day(1)?.checked_add_months(Months::new(1))?;
            next = behind.pred_opt()?;
        }
        if next > done.0 {
            return Some(Day(next));
        }
        step = step.checked_add(months)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(due: &str, every: &str, done: &str, next: &str) {
        let day = |text: &str| text.parse::<Day>().expect("a day of the test");
        let every = every.parse().expect("a word of the test");
        assert_eq!(next_due(day(due), every, day(done)), Some(day(next)));
    }

    #[test]
    fn a_task_comes_again_on_the_next_day_of_its_series() {
        check("2026-09-07", "week", "2026-09-07", "2026-09-14");
        check("2026-09-07", "week", "2026-09-05", "2026-09-14");
        check("2026-09-07", "week", "2026-09-23", "2026-09-28");
        check("2026-09-05", "month", "2026-09-04", "2026-10-05");
        check("2026-09-05", "quarter", "2027-01-05", "2027-03-05");
        check("2026-09-05", "10 days", "2026-09-15", "2026-09-25");
        check("2024-02-29", "year", "2024-02-29", "2025-02-28");
    }

    #[test]
    fn the_last_day_of_a_month_stays_the_last() {
        check("2026-01-31", "month", "2026-01-31", "2026-02-28");
        check("2026-02-28", "month", "2026-02-28", "2026-03-31");
        check("2026-01-30", "month", "2026-01-30", "2026-02-28");
    }
}
