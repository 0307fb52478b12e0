//! Planning: a figure of a month set anew. The row before it stays and tells what was planned.

use serde_json::Value;

use super::{Actor, head, next_id, record, record::Given, value};
use crate::{
    book::Book,
    error::{Error, Result},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        common::Common,
        plan::Plan,
    },
    value::{
        day::Month,
        number::{grouped, round},
        period::Period,
    },
};

const KIND: Kind = Kind::Plan;

/// A figure planned for a month, and what was planned before for the same keys.
pub fn set(
    book: &Book,
    actor: Actor<'_>,
    measure: &str,
    month: &str,
    amount: &str,
    given: &[Given],
) -> Result<Change> {
    let first = month_of(book, month)?;
    let id = next_id(book, KIND, actor.site, &[])?;
    let mut row = head(book, KIND, &id, actor);
    for (key, text) in [("measure", measure), ("amount", amount)] {
        row.insert(key.into(), value::typed(book, value::known(KIND.fields(), key)?, text)?);
    }
    record::fill(book, KIND, &mut row, given)?;
    row.insert("date".into(), first.into());
    let wrong = |why: serde_json::Error| Error::usage(format!("cannot take the plan: {why}"));
    let common: Common = serde_json::from_value(Value::Object(row.clone())).map_err(wrong)?;
    let rec: Plan = serde_json::from_value(Value::Object(row.clone())).map_err(wrong)?;
    let new = Doc { file: String::new(), row: 0, common, rec };
    let same = |plan: &&Doc<Plan>| plan.counts() && plan.key() == new.key();
    let before = book.all::<Plan>().into_iter().rfind(same);
    let shown = |plan: &Doc<Plan>| {
        let amount = plan.rec.amount.get();
        grouped(round(amount, amount.normalize().scale()))
    };
    let words = described(&new);
    let Some(before) = before else {
        let line = format!("{id}  {words}: {}", shown(&new));
        return Ok(Change::saying(line).with(Edit::Add { kind: KIND, id, value: row }));
    };
    if before.rec.amount == new.rec.amount {
        let line =
            format!("{}  {words}: {} already; nothing was written", before.id(), shown(&new));
        return Ok(Change::saying(line));
    }
    let line =
        format!("{id}  {words}: {}, before {} ({})", shown(&new), shown(before), before.id());
    Ok(Change::saying(line).with(Edit::Add { kind: KIND, id, value: row }))
}

/// The first day of the month that a text means.
fn month_of(book: &Book, text: &str) -> Result<String> {
    let wrong = || {
        Error::usage(format!("\"{text}\" is not a month such as 2026-10"))
            .hint("desk plan set sales 2026-10 120000 --district east")
    };
    let calendar = crate::value::period::Calendar::default();
    let named = || Period::parse(text, book.today, &calendar).ok();
    let of_period = || {
        let period = named()?;
        let (from, to) = (period.from?, period.to?);
        (from.month() == to.month() && from.month().first() == Some(from)).then(|| from.month())
    };
    let month = Month::parse(text).or_else(of_period).ok_or_else(wrong)?;
    month.first().map(|day| day.to_string()).ok_or_else(wrong)
}

/// What is planned, in words: the measure, the month and the keys.
fn described(plan: &Doc<Plan>) -> String {
    let key = plan.key();
    let month = key.month.map(|day| day.month().to_string()).unwrap_or_default();
    let measure = key.measure.name().replace('_', " ");
    let keys = [key.district, key.staff, key.category, key.customer];
    let words = [measure, month].into_iter().chain(keys.into_iter().flatten().map(str::to_owned));
    words.collect::<Vec<_>>().join(" ")
}
