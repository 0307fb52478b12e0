//! The acts of goods: slips opened, confirmed and sent; goods received, returned, exchanged.
//!
//! What was sent is never rewritten: `revise` gives the reason, and the gate of sending judges it
//! anew.

mod back;
mod lines;
mod receive;
mod send;
mod slip;

pub use back::{Back, exchange, give_back};
pub use receive::{Arrival, receipt, receive};
pub use send::{Ticks, confirm, revise, send, unticked};
pub(in crate::ops) use slip::opened as slip_opened;
pub use slip::slip_for;

use serde_json::{Map, Value};

use super::{Actor, now, preview, record};
use crate::{
    book::{Book, derived, digest},
    error::{Error, Result},
    record::{
        Doc, Entry, Kind,
        change::{Change, Edit},
        schema::{Field, field},
        shipment::{Shipment, ShipmentLine},
    },
    value::{day::Day, number::Decimal, place::KeyPath},
};

const KIND: Kind = Kind::Shipment;

/// The fields of a shipment's line.
fn line_fields() -> &'static [Field] {
    field(KIND.fields(), "line").and_then(|line| line.kind.fields()).unwrap_or_default()
}

/// A shipment that holds.
fn held<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Shipment>> {
    let entry = book.resolved(KIND, id)?;
    record::writable(entry)?;
    Doc::of(entry).ok_or_else(|| Error::usage(format!("no shipment \"{id}\"")))
}

/// A stock-out slip: goods that are to leave and did not yet.
fn open_slip<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Shipment>> {
    let shipment = held(book, id)?;
    let id = shipment.id();
    if !shipment.rec.sort().is_outward() {
        let sort = shipment.rec.sort().name();
        return Err(Error::usage(format!("{id} is a {sort}, and nothing leaves by it"))
            .hint(format!("desk ship receive {id}")));
    }
    match shipment.rec.shipped_on {
        Some(day) => Err(Error::usage(format!("{id} was sent on {day} already"))
            .hint(format!("desk ship revise {id} --line … --reason …"))),
        None => Ok(shipment),
    }
}

/// A shipment as staged, or the findings that keep it from being read.
fn readable<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Shipment>> {
    book.get::<Shipment>(id)
        .ok_or_else(|| Error::refused("refused; nothing was written", book.left_out()))
}

/// An edit of one value of a shipment.
fn set(id: &str, path: KeyPath, value: impl Into<Value>) -> Edit {
    Edit::Set { kind: KIND, id: id.to_owned(), path, value: value.into() }
}

/// An edit that adds a block to a shipment.
fn push(id: &str, key: &str, block: Map<String, Value>) -> Edit {
    Edit::Push { kind: KIND, id: id.to_owned(), key: key.to_owned(), block }
}

/// A quantity as records hold it.
fn quantity(value: Decimal) -> Value {
    value.normalize().to_string().into()
}

/// The approval of what a change leaves of a shipment as sent.
fn sending(book: &Book, actor: Actor<'_>, id: &str, change: &Change) -> Result<Edit> {
    let whole = preview(book, change)?;
    let of = digest::decided(readable(&whole, id)? as &dyn Entry);
    let block = Map::from_iter([
        ("step".to_owned(), Value::from("send")),
        ("decision".to_owned(), "approved".into()),
        ("by".to_owned(), actor.user.into()),
        ("at".to_owned(), now(book).into()),
        ("of".to_owned(), of.into()),
    ]);
    Ok(push(id, "approval", block))
}

/// The day something happened: as typed, or today; never a day to come.
fn happened_on(book: &Book, text: Option<&str>) -> Result<Day> {
    let Some(text) = text else { return Ok(book.today) };
    let day = super::value::day(book, text)?;
    match day > book.today {
        true => Err(Error::usage(format!("{day} is still to come"))
            .hint(format!("--on takes the day it happened, {} at the latest", book.today))),
        false => Ok(day),
    }
}

fn reasoned(reason: &str) -> Result<()> {
    match reason.trim().is_empty() {
        true => Err(Error::usage("a reason is needed").hint("--reason \"why\"")),
        false => Ok(()),
    }
}

/// `1 line`, `2 lines`.
fn counted(lines: usize) -> String {
    format!("{lines} line{}", if lines == 1 { "" } else { "s" })
}

/// A quantity of a line, with its unit where it has one.
fn in_words(line: &ShipmentLine, qty: Decimal) -> String {
    let unit = line.unit.as_deref().map(|unit| format!(" {unit}"));
    format!("{} {}{}", line.product, qty.normalize(), unit.unwrap_or_default())
}

/// The everyday name of a party, or its code.
fn name_of(book: &Book, code: &str) -> String {
    derived::party_name(book, code).unwrap_or_else(|| code.to_owned())
}
