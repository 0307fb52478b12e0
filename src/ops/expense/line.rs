//! A line of an expense, typed in one flag: `"lodging 820 nights=2 on=2026-09-08"`.
//!
//! `CATEGORY AMOUNT [key=value …]`

use serde_json::{Map, Value};

use super::{KIND, fields_of};
use crate::{
    book::{Book, expense::decide::Step},
    error::{Error, Result},
    ops::value,
    record::{Doc, change::Edit, expense::Expense, schema::Field},
    value::{day::Day, number::Money, place::KeyPath},
};

/// Puts typed lines into a new record as numbered blocks.
pub(super) fn put(
    book: &Book,
    row: &mut Map<String, Value>,
    key: &str,
    lines: &[String],
) -> Result<()> {
    let fields = fields_of(key)?;
    for text in lines {
        let block = parse(book, fields, text)?;
        let blocks = row.entry(key).or_insert_with(|| Value::Array(Vec::new()));
        let Some(blocks) = blocks.as_array_mut() else { continue };
        push(blocks, block, None);
    }
    Ok(())
}

/// Puts typed claims behind those that are there, numbered on.
pub(super) fn put_after(
    book: &Book,
    last: &Option<u32>,
    value: &mut Map<String, Value>,
    lines: &[String],
) -> Result<()> {
    let fields = fields_of("claim")?;
    let mut blocks = Vec::new();
    for text in lines {
        let mut block = parse(book, fields, text)?;
        block.entry("on").or_insert_with(|| book.today.to_string().into());
        push(&mut blocks, block, *last);
    }
    if !blocks.is_empty() {
        value.insert("claim".into(), Value::Array(blocks));
    }
    Ok(())
}

fn push(blocks: &mut Vec<Value>, mut block: Map<String, Value>, last: Option<u32>) {
    let behind = crate::ops::record::next_no(blocks);
    let no = behind.max(u64::from(last.unwrap_or(0)).saturating_add(1));
    block.shift_remove("no");
    block.shift_insert(0, "no".into(), no.into());
    blocks.push(Value::Object(block));
}

/// Reads a typed line; `no` is not part of it.
fn parse(book: &Book, fields: &[Field], text: &str) -> Result<Map<String, Value>> {
    let wrong = |why: &str| {
        Error::usage(format!("line \"{text}\": {why}")).hint("--line \"transport 600\"")
    };
    let mut words = text.split_whitespace();
    let category = words.next().ok_or_else(|| wrong("it is empty"))?;
    if category.contains('=') {
        return value::block(book, fields, text);
    }
    if let Some(known) = book.config.list("expense_categories")
        && !known.contains(&category)
    {
        let error = Error::usage(format!("line \"{text}\": no category \"{category}\""));
        return Err(match crate::value::text::closest(category, known.iter().copied()) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint(format!("categories: {}", known.join(", "))),
        });
    }
    let amount = words.next().ok_or_else(|| wrong("no amount: CATEGORY AMOUNT"))?;
    Money::parse(amount).map_err(|_| wrong("the amount is none: CATEGORY AMOUNT"))?;
    let mut line = Map::from_iter([
        ("category".to_owned(), Value::from(category)),
        ("amount".to_owned(), amount.into()),
    ]);
    let mut pairs = String::new();
    for word in words {
        let starts = word.contains('=');
        if pairs.is_empty() && !starts {
            return Err(wrong(&format!("\"{word}\" has no meaning here; key=value follows")));
        }
        if !pairs.is_empty() {
            pairs.push_str(if starts { ", " } else { " " });
        }
        pairs.push_str(word.trim_end_matches(','));
    }
    for (key, held) in value::block(book, fields, &pairs)? {
        if line.insert(key.clone(), held).is_some() {
            return Err(wrong(&format!("{key} is given twice")));
        }
    }
    Ok(line)
}

/// What is granted or accepted of one line, typed as `LINE=AMOUNT`.
pub(super) fn cut(book: &Book, own: &Doc<Expense>, step: Step, text: &str) -> Result<Edit> {
    let wrong = || Error::usage(format!("\"{text}\" is not LINE=AMOUNT")).hint("--cut 2=800");
    let (no, amount) = text.split_once('=').ok_or_else(wrong)?;
    let no: u32 = no.trim().parse().map_err(|_| wrong())?;
    let (blocks, key, found) = match step.is_settlement() {
        true => ("claim", "sanctioned", own.rec.claim.iter().position(|line| line.no == no)),
        false => ("applied", "approved", own.rec.applied.iter().position(|line| line.no == no)),
    };
    let nth = found.ok_or_else(|| {
        Error::usage(format!("{} has no {blocks} line {no}", own.id()))
            .hint(format!("desk expense show {}", own.id()))
    })?;
    let value = value::typed(book, value::known(fields_of(blocks)?, key)?, amount.trim())?;
    let path = KeyPath::key(blocks).nth(nth).then(key);
    Ok(Edit::Set { kind: KIND, id: own.id().to_owned(), path, value })
}

/// Every day of an expense that is not claimed yet, at one level of city.
pub(super) fn all_days(
    book: &Book,
    own: &Doc<Expense>,
    level: &str,
    value: &mut Map<String, Value>,
) -> Result<()> {
    let (Some(first), Some(last)) = (own.begins(), own.ends()) else { return Ok(()) };
    if let Some(known) = book.config.list("city_levels")
        && !known.contains(&level)
    {
        return Err(Error::usage(format!(
            "\"{level}\" is not one of the city_levels in desk.toml"
        ))
        .hint(known.join(", ")));
    }
    let blocks = value.entry("day").or_insert_with(|| Value::Array(Vec::new()));
    let Some(blocks) = blocks.as_array_mut() else { return Ok(()) };
    for date in first.0.iter_days().take_while(|date| *date <= last.0) {
        let on = Day(date);
        let is_given = blocks.iter().any(|block| block["on"].as_str() == Some(&on.to_string()));
        if is_given || own.rec.day.iter().any(|day| day.on == on) {
            continue;
        }
        let day = [("on", on.to_string()), ("city_level", level.to_owned())];
        let day = day.map(|(key, word)| (key.to_owned(), Value::from(word)));
        blocks.push(Value::Object(Map::from_iter(day)));
    }
    Ok(())
}
