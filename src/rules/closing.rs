//! What is frozen stays as it was: issued invoices, closed months, and the chain of digests itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rule, Run};
use crate::{
    book::{Book, closing, payment},
    finding::{Finding, Level},
    record::{Doc, Entry, Kind, closing::Closing, invoice::Invoice, shipment::Shipment},
    store::layout,
    value::{
        id::Id,
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "invoice.frozen",
        Level::Error,
        "An invoice stays as it was issued, but for remarks and attachments: its digest stands in closings. What is wrong with \
         it is credited.",
        Run::Record(frozen),
    ),
    Rule::always(
        "closing.changed",
        Level::Error,
        "In a closed month nothing changes, and nothing is added or taken out: invoices issued, goods moved, payments and allocations dated \
         in it. What was wrong is reversed or credited in an open month.",
        Run::Record(changed),
    ),
    Rule::always(
        "closing.chain",
        Level::Error,
        "Each closing names the digest before it, and each invoice that was issued here has one; so none can be taken out or \
         rewritten alone. Issued here is what `desk invoice issue` issued, and, once that is how this book issues, whatever was \
         entered here by the day it was issued.",
        Run::Book(chain),
    ),
];

fn is_frozen_kind(entry: &dyn Entry) -> bool {
    closing::CLOSED.contains(&entry.kind())
}

fn frozen(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    if entry.kind() != Kind::Invoice {
        return;
    }
    let id = &entry.common().id;
    let rows = closing::of_record(book, id);
    let of_issue = rows.iter().filter(|row| row.rec.month.is_none());
    if of_issue.into_iter().any(|row| !closing::agrees(book, entry, row)) {
        findings.push(thawed(entry));
    }
}

/// The command that takes an issued invoice back, to be invoiced again as it should be.
pub(super) fn credit_hint(id: &str) -> String {
    format!("desk invoice credit {id} --reason … --reopens-billing true")
}

/// That an issued invoice was changed.
pub(super) fn thawed(entry: &dyn Entry) -> Finding {
    let id = &entry.common().id;
    let message = format!("{id} was changed after it was issued");
    let finding = Finding::error("invoice.frozen", Place::file(entry.file()), message);
    finding.hint(credit_hint(id))
}

fn changed(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    if let Some(row) = Doc::<Closing>::of(entry) {
        return findings.extend(taken_out(book, row));
    }
    if !is_frozen_kind(entry) {
        return;
    }
    let id = &entry.common().id;
    let rows = closing::of_record(book, id);
    let mut of_month = rows.iter().filter(|row| row.rec.month.is_some()).peekable();
    let is_held = of_month.peek().is_some();
    for row in of_month.filter(|row| !closing::agrees(book, entry, row)) {
        findings.push(changed_since(entry, row.rec.month.as_deref().unwrap_or_default()));
    }
    let day = closing::day_of(entry).filter(|_| !is_held);
    if let Some((day, month)) = day.and_then(|day| Some((day, closing::closed_month(book, day)?))) {
        let message = format!("{id} is of {day}, and {month} is closed");
        let finding = Finding::error("closing.changed", place(entry), message);
        let is_sent = Doc::<Shipment>::of(entry).is_some_and(|own| own.rec.sort().is_outward());
        findings.push(match is_sent {
            true => finding.hint(format!("desk ship send {id} --on {}", book.today)),
            false => finding.hint(way_out(entry.kind(), id)),
        });
    }
}

/// That a record which a closing keeps is there no more, and where its bytes are still to be had.
fn taken_out(book: &Book, row: &Doc<Closing>) -> Option<Finding> {
    let id = row.rec.record.as_deref()?;
    let kind = payment::kind_of(id).filter(|kind| !book.has_file(*kind, id))?;
    let when = match row.rec.month.as_deref() {
        Some(month) => format!("{month} was closed"),
        None => "it was issued".to_owned(),
    };
    let place = (row as &dyn Entry).place(KeyPath::key("record"));
    let message = format!("{id} was taken out after {when}");
    let path = layout::path(kind, id).unwrap_or_default();
    Some(
        Finding::error("closing.changed", place, message)
            .label("kept as it was by this digest")
            .hint(format!("git log -p -S {id} -- {path}   (the bytes to put back)")),
    )
}

/// That a record of a closed month was changed.
pub(super) fn changed_since(entry: &dyn Entry, month: &str) -> Finding {
    let id = &entry.common().id;
    let message = format!("{id} was changed after {month} was closed");
    let finding = Finding::error("closing.changed", place(entry), message);
    finding.hint(way_out(entry.kind(), id))
}

fn place(entry: &dyn Entry) -> Place {
    match entry.row() {
        0 => Place::file(entry.file()),
        _ => entry.place(KeyPath::key("id")),
    }
}

/// What is done instead of changing a record of a closed month.
fn way_out(kind: Kind, id: &str) -> String {
    match kind {
        Kind::Invoice => credit_hint(id),
        Kind::Payment => format!("desk payment add PARTY -AMOUNT --reverses {id} …"),
        Kind::Allocation => format!("desk payment unmatch {id} --reason …"),
        _ => format!("desk ship return --from {id} --condition … --reason … --reopens-delivery …"),
    }
}

/// The site whose chain a closing belongs to.
fn site(row: &Doc<Closing>) -> String {
    Id::parse(row.id()).map(|id| id.site).unwrap_or_default()
}

fn chain(book: &Book, findings: &mut Vec<Finding>) {
    let rows = book.all::<Closing>();
    let mut chains: BTreeMap<String, Vec<&Doc<Closing>>> = BTreeMap::new();
    rows.iter().for_each(|row| chains.entry(site(row)).or_default().push(row));
    let mut find = |row: &Doc<Closing>, key: &str, message: String| {
        let place = (row as &dyn Entry).place(KeyPath::key(key));
        findings.push(Finding::error("closing.chain", place, message));
    };
    for rows in chains.values() {
        let digests: BTreeSet<&str> = rows.iter().map(|row| row.rec.digest.as_str()).collect();
        let mut firsts = 0_usize;
        for row in rows {
            let id = row.id();
            match row.rec.previous.as_deref() {
                Some(previous) if digests.contains(previous) => {}
                Some(_) => find(row, "previous", format!("{id} comes behind no closing")),
                None => firsts = firsts.saturating_add(1),
            }
            if row.rec.previous.is_none() && firsts > 1 {
                find(row, "previous", format!("{id} begins a second chain"));
            }
            if !row.counts() {
                find(row, "void_at", format!("{id} is void, which no closing ever is"));
            }
            let Closing { month, record, digest, previous } = &row.rec;
            let alone = closing::digest(previous.as_deref(), month.as_deref(), None, &[]);
            if record.is_none() && alone != *digest {
                find(row, "digest", format!("{id} is not what its digest says"));
            }
        }
    }
    let held: BTreeSet<&str> = rows.iter().filter_map(|row| row.rec.record.as_deref()).collect();
    let began = closing::began(&rows);
    book.each::<Invoice>(|bill| {
        let id = bill.id();
        let message = match () {
            () if held.contains(id) => return,
            () if closing::was_issued_here(bill) => {
                format!("{id} was issued, and no closing keeps it")
            }
            () if closing::was_entered_to_issue(book, bill, began) => {
                format!("{id} is issued, and nobody is named who issued it")
            }
            () => return,
        };
        let finding = Finding::error("closing.chain", Place::file(&bill.file), message);
        findings.push(finding.hint(format!("desk invoice show {id}")));
    });
}
