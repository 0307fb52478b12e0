//! What is frozen: issued invoices and the records of closed months, each with a digest that is
//! chained to the one before it.
//!
//! A digest is made of bytes as they stand, so that any change of them shows. What may still be
//! said later, remarks, attachments and how a delivery arrived, is no part of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::Book;
use crate::{
    record::{
        Doc, Entry, Form, Kind, Record,
        allocation::Allocation,
        closing::Closing,
        invoice::{Invoice, InvoiceKind},
        payment::Payment,
        shipment::Shipment,
    },
    store::{csv::Register, layout, toml as text},
    value::day::{Day, Moment, Month},
};

/// The kinds that a closed month freezes: what moves money and goods. Notes, tasks and plans go on.
pub const CLOSED: [Kind; 4] = [Kind::Invoice, Kind::Shipment, Kind::Payment, Kind::Allocation];

/// Fields that may change on a record that is frozen.
const LOOSE: &[&str] = &["remarks", "attachments"];

/// Fields that are learned only after goods have left.
const LEARNED: &[&str] = &[
    "remarks",
    "attachments",
    "received_on",
    "received_by",
    "proof",
    "outcome",
    "complaint",
    "waybill",
    "weight_kg",
    "volume_cm3",
    "freight",
    "freight_by",
];

/// What was looked up of a book.
#[derive(Debug, Default)]
pub(super) struct Known {
    months: Mutex<BTreeMap<Month, bool>>,
    registers: Mutex<BTreeMap<String, Option<Arc<Register>>>>,
}

/// The fields of a record that may change although it is frozen.
pub fn loose(entry: &dyn Entry) -> &'static [&'static str] {
    match Doc::<Shipment>::of(entry) {
        Some(shipment) if shipment.rec.sort().is_outward() => LEARNED,
        _ => LOOSE,
    }
}

/// The fields of goods that may be learned after their month is closed, and then stay.
pub fn learned(shipment: &Doc<Shipment>) -> impl Iterator<Item = &'static str> {
    let may_change = loose(shipment).iter().copied();
    may_change.filter(|key| !LOOSE.contains(key))
}

/// The day by which a record belongs to a month that is closed; nothing for what no month holds.
pub fn day_of(entry: &dyn Entry) -> Option<Day> {
    if let Some(bill) = Doc::<Invoice>::of(entry) {
        return bill.rec.issued_on.filter(|_| bill.rec.sort() != InvoiceKind::Proforma);
    }
    if let Some(shipment) = Doc::<Shipment>::of(entry) {
        return shipment.rec.moved_on();
    }
    let is_row = Doc::<Payment>::of(entry).is_some() || Doc::<Allocation>::of(entry).is_some();
    entry.common().date.filter(|_| is_row)
}

/// The bytes of a record that are frozen: its file without the lines of loose fields, or the cells
/// of its row that hold something. Nothing where they cannot be read.
pub fn frozen(book: &Book, entry: &dyn Entry) -> Option<Vec<u8>> {
    match entry.kind().info().form {
        Form::Register => {
            let register = register(book, entry.file())?;
            let cells = register.cells(entry.row())?;
            let kept = cells.into_iter().filter(|(name, _)| !loose(entry).contains(name));
            let lines: Vec<String> = kept.map(|(name, cell)| format!("{name}={cell}")).collect();
            Some(lines.join("\n").into_bytes())
        }
        Form::Document | Form::Master => {
            let bytes = book.files.read(entry.file()).ok().flatten()?;
            text::without(&bytes, loose(entry))
        }
    }
}

fn register(book: &Book, file: &str) -> Option<Arc<Register>> {
    let mut known = book.closed.registers.lock().unwrap_or_else(PoisonError::into_inner);
    let read = || {
        let bytes = book.files.read(file).ok().flatten()?;
        Register::of(bytes).map(Arc::new)
    };
    known.entry(file.to_owned()).or_insert_with(read).clone()
}

/// SHA-256, in hex, of the digest before, the month, the id and the frozen bytes.
pub fn digest(
    previous: Option<&str>,
    month: Option<&str>,
    record: Option<&str>,
    frozen: &[u8],
) -> String {
    let mut hash = Sha256::new();
    for word in [previous, month, record] {
        hash.update(word.unwrap_or_default().as_bytes());
        hash.update(b"\n");
    }
    hash.update(frozen);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a record is still what a closing of it says.
pub fn agrees(book: &Book, entry: &dyn Entry, row: &Doc<Closing>) -> bool {
    let Closing { month, record, digest: kept, previous } = &row.rec;
    frozen(book, entry).is_some_and(|frozen| {
        digest(previous.as_deref(), month.as_deref(), record.as_deref(), &frozen) == *kept
    })
}

/// The closings of a record.
pub fn of_record<'a>(book: &'a Book, id: &str) -> Vec<&'a Doc<Closing>> {
    book.pointing::<Closing>(id)
}

/// The closed month that a day lies in.
pub fn closed_month(book: &Book, day: Day) -> Option<Month> {
    let month = book.config.calendar().month_of(day);
    is_closed(book, month).then_some(month)
}

/// Whether a business month is closed.
pub fn is_closed(book: &Book, month: Month) -> bool {
    if let Some(known) =
        book.closed.months.lock().unwrap_or_else(PoisonError::into_inner).get(&month)
    {
        return *known;
    }
    let word = month.to_string();
    // Of the rows of a register only those of the month itself are read.
    let letters = format!(",{word},");
    let rows = book.naming(Kind::Closing, &[&letters]).into_iter().filter_map(Doc::<Closing>::of);
    let found = rows.into_iter().any(|row| row.rec.month.as_deref() == Some(&word));
    book.closed.months.lock().unwrap_or_else(PoisonError::into_inner).insert(month, found);
    found
}

/// The digest that the next closing of a site comes behind.
pub fn tip(book: &Book, site: &str) -> Option<String> {
    let listed = book.files.list(Closing::FOLDER).unwrap_or_default();
    let mut months: Vec<Month> = listed
        .iter()
        .filter_map(|found| layout::register(&found.name))
        .filter_map(|(month, of)| (of == site).then_some(month))
        .collect();
    months.sort_unstable();
    months.into_iter().rev().find_map(|month| {
        let ids = book.ids_of_month(Kind::Closing, month).into_iter();
        let parsed = ids.filter_map(|id| layout::document_id(Kind::Closing, &id));
        let last = parsed.filter(|id| id.site == site).max_by_key(|id| id.seq)?;
        book.get::<Closing>(&last.to_string()).map(|row| row.rec.digest.clone())
    })
}

/// Whether an invoice was issued by the act that freezes it.
pub fn was_issued_here(bill: &Doc<Invoice>) -> bool {
    bill.rec.issued_on.is_some() && bill.common.approval.iter().any(|act| act.is_issue())
}

/// Since when invoices are issued by the act that freezes them: the first closing of one.
pub fn began(rows: &[&Doc<Closing>]) -> Option<Moment> {
    let of_issue = rows.iter().filter(|row| row.rec.month.is_none());
    of_issue.filter_map(|row| row.common.entered_at).min()
}

/// Whether an issued invoice was entered here since then, and no later than the day it was issued:
/// not as history, which is entered afterwards, nor by another program, which may leave out when.
pub fn was_entered_to_issue(book: &Book, bill: &Doc<Invoice>, began: Option<Moment>) -> bool {
    let by_then = |entered: Moment| {
        bill.rec.issued_on.is_some_and(|issued| entered.day_in(book.zone) <= issued)
    };
    bill.counts()
        && !matches!(bill.rec.sort(), InvoiceKind::Opening | InvoiceKind::Proforma)
        && began
            .zip(bill.common.entered_at)
            .is_some_and(|(began, entered)| entered.0 >= began.0 && by_then(entered))
}

/// The records that a business month freezes, in the order of kinds and files.
pub fn of_month(book: &Book, month: Month) -> Vec<&dyn Entry> {
    let period = book.config.calendar().month(month);
    let is_of = |entry: &&dyn Entry| day_of(*entry).is_some_and(|day| period.contains(day));
    CLOSED.iter().flat_map(|&kind| book.entries(kind)).filter(is_of).collect()
}

/// The records of each business month that there are.
pub fn months(book: &Book) -> BTreeMap<Month, usize> {
    let calendar = book.config.calendar();
    let mut months: BTreeMap<Month, usize> = BTreeMap::new();
    for entry in CLOSED.iter().flat_map(|&kind| book.entries(kind)) {
        if let Some(day) = day_of(entry) {
            let count = months.entry(calendar.month_of(day)).or_default();
            *count = count.saturating_add(1);
        }
    }
    months
}

/// The first month before another one that has records, or lies behind a closed one, and is not
/// closed.
pub fn open_before(book: &Book, month: Month) -> Option<Month> {
    let rows = book.all::<Closing>().into_iter().filter_map(|row| row.rec.month.as_deref());
    let closed: BTreeSet<Month> = rows.filter_map(Month::parse).collect();
    let with_records = months(book).into_keys().next();
    let mut next = closed.first().copied().into_iter().chain(with_records).min()?;
    while next < month {
        if !closed.contains(&next) {
            return Some(next);
        }
        next = after(next);
    }
    None
}

fn after(month: Month) -> Month {
    match month.month {
        12 => Month { year: month.year.saturating_add(1), month: 1 },
        of_year => Month { month: of_year.saturating_add(1), ..month },
    }
}
