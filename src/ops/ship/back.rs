//! Goods that come back, and what replaces them.
//!
//! A return says by itself whether it is to be delivered again; nothing is taken for granted. An
//! exchange is such a return and its replacement, in one operation; what replaces goods that are
//! only announced is kept back until they are here, since until then nothing is owed.

use serde_json::{Map, Value};

use super::{
    super::{Actor, head, nth_id, record, record::Given},
    KIND, happened_on, held, in_words,
    lines::{self, Part},
    quantity, reasoned,
    send::blocks,
    slip::with_lines,
};
use crate::{
    book::{
        Book,
        fulfilment::{in_stock_units, order_line},
        shipment,
    },
    error::{Error, Result},
    record::{
        Doc,
        change::{Change, Edit},
        invoice::Invoice,
        shipment::{Shipment, ShipmentLine},
    },
    value::{
        day::Day,
        number::{Decimal, sub},
    },
};

/// Fields that are given with a line that comes back.
const GIVEN: &[&str] = &["batch", "expires_on", "condition", "reopens_delivery"];

/// How goods come back.
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// Shipment whose goods come back.
    pub from: String,
    /// Lines as typed; none: all that did not come back yet.
    pub lines: Vec<String>,
    /// How they are.
    pub condition: Option<String>,
    /// Why they come back.
    pub reason: String,
    /// Whether they are to be delivered again; lines may say it for themselves.
    pub reopens: Option<bool>,
    /// Day they arrived here, as typed; absent: today.
    pub on: Option<String>,
    /// Whether they are only announced.
    pub announced: bool,
    /// Other fields of the return.
    pub given: Vec<Given>,
}

/// Goods of a shipment that come back.
pub fn give_back(book: &Book, actor: Actor<'_>, back: &Back) -> Result<Change> {
    let Returned { id, value, sent, said } = returned(book, actor, back)?;
    let lines = value.get("line").and_then(Value::as_array).into_iter().flatten();
    let reopens = lines.clone().any(|line| line["reopens_delivery"] == true);
    let order = lines.clone().find_map(|line| line["order"].as_str());
    let next = match back.announced {
        true => format!("desk ship receive {id}"),
        false => after_return(book, sent, order, reopens),
    };
    Ok(Change::saying(said).with(Edit::Add { kind: KIND, id, value }).next(next))
}

/// What follows goods that came back: what replaces them, a slip where they are delivered again,
/// else their credit where they were invoiced.
pub(super) fn after_arrival(book: &Book, back: &Doc<Shipment>) -> Option<String> {
    let replaces = |own: &&Doc<Shipment>| {
        own.rec.exchange_for.as_deref() == Some(back.id()) && own.rec.shipped_on.is_none()
    };
    if let Some(slip) = book.pointing::<Shipment>(back.id()).into_iter().find(replaces) {
        return Some(shipment::sending(book, slip, book.today));
    }
    let lines = || back.rec.line.iter();
    let sent = lines().find_map(|line| line.return_shipment.as_deref());
    let order = lines().find_map(|line| order_line(book, line)).map(|(order, _)| order);
    let reopens = lines().any(|line| line.reopens_delivery == Some(true));
    Some(after_return(book, book.get(sent?)?, order, reopens))
}

/// The same of goods that nothing replaces yet.
fn after_return(book: &Book, sent: &Doc<Shipment>, order: Option<&str>, reopens: bool) -> String {
    if let (true, Some(order)) = (reopens, order) {
        return format!("desk ship add --from {order}");
    }
    let issued = |id: &str| {
        let invoices = book.pointing::<Invoice>(id).into_iter();
        let mut invoices = invoices
            .filter(|own| own.rec.is_sale() && crate::book::invoice::is_issued(own, book.today));
        invoices.next().map(|own| own.id().to_owned())
    };
    match (issued(sent.id()).or_else(|| order.and_then(issued)), order) {
        (Some(invoice), _) => format!("desk invoice credit {invoice} --line …"),
        (None, Some(order)) => format!("desk order show {order}"),
        (None, None) => format!("desk ship show {}", sent.id()),
    }
}

/// A return that is delivered again, and the slip of what replaces it.
pub fn exchange(book: &Book, actor: Actor<'_>, back: &Back) -> Result<Change> {
    let again = Back { reopens: Some(true), ..back.clone() };
    let Returned { id, value, sent, said } = returned(book, actor, &again)?;
    let lines = value.get("line").and_then(Value::as_array).into_iter().flatten();
    let lines: Vec<&Map<String, Value>> = lines.filter_map(Value::as_object).collect();
    if lines.iter().any(|line| line["reopens_delivery"] != true) {
        return Err(Error::usage("what is exchanged is delivered again")
            .hint("desk ship return --reopens-delivery false"));
    }
    let replaced = |line: &&Map<String, Value>| {
        let keys = ["order", "order_line", "product", "qty", "unit", "unit_factor", "policy"];
        let kept = keys.iter().filter_map(|key| Some(((*key).to_owned(), line.get(*key)?.clone())));
        kept.collect::<Map<String, Value>>()
    };
    let blocks: Vec<Map<String, Value>> = lines.iter().map(replaced).collect();
    let arrives = back.announced.then(|| format!("desk ship receive {id}"));
    let slip_id = nth_id(book, KIND, actor.site, 1)?;
    let mut slip = head(book, KIND, &slip_id, actor);
    let held = crate::record::Entry::value(sent);
    for key in ["kind", "customer", "ship_to", "region", "warehouse", "staff", "district"] {
        if let Some(held) = held.get(key) {
            slip.insert(key.to_owned(), held.clone());
        }
    }
    slip.insert("exchange_for".into(), id.clone().into());
    let opened = with_lines(slip_id, slip, blocks);
    let mut change = Change::saying(said).with(Edit::Add { kind: KIND, id, value });
    change.edits.extend(opened.edits);
    change.lines.push(format!("{} to replace it", opened.lines.concat()));
    change.next = arrives.or(opened.next);
    Ok(change)
}

/// A return in the making.
struct Returned<'a> {
    id: String,
    /// Its fields.
    value: Map<String, Value>,
    /// Whose goods it brings back.
    sent: &'a Doc<Shipment>,
    /// What it says.
    said: String,
}

fn returned<'a>(book: &'a Book, actor: Actor<'_>, back: &Back) -> Result<Returned<'a>> {
    let sent = held(book, &back.from)?;
    reasoned(&back.reason)?;
    let id = sent.id();
    if !sent.rec.sort().is_outward() || sent.rec.shipped_on.is_none() {
        let why = if sent.rec.sort().is_outward() { "did not leave yet" } else { "never left" };
        return Err(Error::usage(format!("nothing comes back of {id}: it {why}"))
            .hint(format!("desk ship show {id}")));
    }
    let arrived = match back.announced {
        true => None,
        false => Some(happened_on(book, back.on.as_deref())?),
    };
    let parts = what_returns(book, sent, &back.lines)?;
    let new = nth_id(book, KIND, actor.site, 0)?;
    let mut value = head(book, KIND, &new, actor);
    let whole = crate::record::Entry::value(sent);
    value.insert("kind".into(), "return".into());
    for key in ["customer", "supplier", "warehouse", "staff", "district"] {
        if let Some(held) = whole.get(key) {
            value.insert(key.to_owned(), held.clone());
        }
    }
    if let Some(day) = arrived {
        value.insert("received_on".into(), day.to_string().into());
    }
    value.insert("return_reason".into(), back.reason.trim().into());
    record::fill(book, KIND, &mut value, &back.given)?;
    let (blocks, said) = lines_back(sent, &parts, back)?;
    value.insert("line".into(), Value::Array(blocks.into_iter().map(Value::Object).collect()));
    let said = format!("{new}  {} from {id}: {said}", came(arrived));
    Ok(Returned { id: new, value, sent, said })
}

fn came(arrived: Option<Day>) -> String {
    match arrived {
        Some(day) => format!("returned {day}"),
        None => "announced".into(),
    }
}

/// The blocks of what comes back, and in words.
fn lines_back(
    sent: &Doc<Shipment>,
    parts: &[(Part, Decimal)],
    back: &Back,
) -> Result<(Vec<Map<String, Value>>, String)> {
    let id = sent.id();
    let held = blocks(sent);
    let (mut lines, mut said) = (Vec::new(), Vec::new());
    for ((part, qty), no) in parts.iter().zip(1_u64..) {
        let line = &sent.rec.line[part.at];
        let mut block = Map::from_iter([("no".to_owned(), Value::from(no))]);
        let keys = ["order", "order_line", "product", "unit", "unit_factor", "batch", "expires_on"];
        for key in keys {
            if let Some(held) = held[part.at].get(key) {
                block.insert(key.to_owned(), held.clone());
            }
            if key == "product" {
                block.insert("qty".into(), quantity(*qty));
            }
        }
        block.insert("return_shipment".into(), id.into());
        block.insert("return_line".into(), line.no.into());
        let given = |key: &str, default: Option<Value>, hint: &str| {
            part.fields.get(key).cloned().or(default).ok_or_else(|| {
                Error::usage(format!("{id} line {}: {key} is not said", line.no)).hint(hint)
            })
        };
        let condition = back.condition.clone().map(Value::from);
        let condition = given("condition", condition, "--condition good|damaged|rejected")?;
        let reopens = back.reopens.map(Value::from);
        let reopens = given("reopens_delivery", reopens, "--reopens-delivery true|false")?;
        let again = if reopens == true { "to be delivered again" } else { "not delivered again" };
        let words = condition.as_str().unwrap_or_default();
        said.push(format!("{}, {words}, {again}", in_words(line, *qty)));
        block.insert("condition".into(), condition);
        block.insert("reopens_delivery".into(), reopens);
        for key in ["batch", "expires_on"] {
            if let Some(given) = part.fields.get(key) {
                block.insert(key.into(), given.clone());
            }
        }
        lines.push(block);
    }
    Ok((lines, said.join("; ")))
}

/// Which lines come back with how much of each, in the line's unit.
fn what_returns(
    book: &Book,
    sent: &Doc<Shipment>,
    texts: &[String],
) -> Result<Vec<(Part, Decimal)>> {
    let back = shipment::came_back(book, sent, None);
    let left = |line: &ShipmentLine| {
        let one = in_stock_units(
            book,
            Some(&line.product),
            line.unit.as_deref(),
            line.unit_factor,
            Decimal::ONE,
        );
        let back = back.get(&line.no).copied().unwrap_or_default();
        sub(line.qty.get(), back.checked_div(one).unwrap_or(back))
    };
    let parts = match texts.is_empty() {
        false => lines::parts(book, lines::of(sent), texts, GIVEN)?,
        true => {
            let all = sent.rec.line.iter().enumerate();
            let some = all.filter(|(_, line)| left(line) > Decimal::ZERO);
            some.map(|(at, _)| Part { at, qty: None, fields: Map::new() }).collect()
        }
    };
    if parts.is_empty() {
        return Err(Error::refused(format!("all of {} came back already", sent.id()), Vec::new())
            .hint(format!("desk ship list {}", sent.id())));
    }
    let with = |part: Part| {
        let line = &sent.rec.line[part.at];
        let qty = part.qty.unwrap_or_else(|| left(line));
        match qty > Decimal::ZERO {
            true => Ok((part, qty)),
            false => {
                let message = format!("all of {} line {} came back already", sent.id(), line.no);
                Err(Error::refused(message, Vec::new())
                    .hint(format!("desk ship list {}", sent.id())))
            }
        }
    };
    parts.into_iter().map(with).collect()
}
