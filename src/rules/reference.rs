//! References: every id on a record leads to a record that holds.

use std::collections::BTreeSet;

use memchr::memmem;
use serde_json::{Map, Value};

use super::{
    Rule, Run,
    walk::{Trail, words},
};
use crate::{
    book::{Book, follows},
    finding::{Finding, Level},
    record::{
        Entry, Form, KINDS, Kind,
        schema::{Field, Type},
    },
    store::layout,
    value::{id::Id, place::KeyPath, text},
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "ref.unknown",
        Level::Error,
        "An id or code on a record must be that of a record of the right kind. A dangling reference would make a figure \
         vanish from every total that is grouped by it.",
        Run::Fields(unknown),
    ),
    Rule::always(
        "ref.void",
        Level::Error,
        "A record that holds may not point at one that is void: void the record that points first, or give it another \
         reference.",
        Run::Fields(void),
    ),
    Rule::always(
        "ref.later",
        Level::Error,
        "A shipment or an invoice is of the month of the order, shipment or invoice it is for, or of a later one: nothing \
         is delivered, invoiced or credited before it was taken down, and what is of an earlier month counts for nothing.",
        Run::Fields(later),
    ),
    Rule::always(
        "list.unknown",
        Level::Warning,
        "Words of open lists (districts, categories) stand in [lists] of desk.toml, so that two spellings of one district \
         do not become two districts.",
        Run::Fields(unlisted),
    ),
    Rule::always(
        "attachment.missing",
        Level::Warning,
        "A file named under attachments should be in the data directory.",
        Run::Record(attachments),
    ),
];

/// A reference on a record: what it leads to, and the id or code.
#[derive(Clone, Copy)]
struct Reference<'a> {
    target: &'a str,
    id: &'a str,
}

/// Visits the references of a record.
fn references<'a>(
    kind: Kind,
    record: &'a Map<String, Value>,
    mut visit: impl FnMut(&Trail<'a>, Reference<'a>),
) {
    words(kind.fields(), record, |trail, kind, id| {
        if let Type::Ref(target) = kind {
            visit(trail, Reference { target, id });
        }
    });
}

/// Where a record refers to another one.
pub fn paths_to(entry: &dyn Entry, kind: Kind, id: &str) -> Vec<KeyPath> {
    let mut paths = Vec::new();
    references(entry.kind(), &entry.value(), |trail, reference| {
        if reference.id == id && Kind::of_reference(reference.target).contains(&kind) {
            paths.push(trail.path());
        }
    });
    paths
}

/// The ids and codes that a record refers to.
pub fn ids_on(entry: &dyn Entry) -> Vec<String> {
    let mut ids = Vec::new();
    references(entry.kind(), &entry.value(), |_, reference| ids.push(reference.id.to_owned()));
    ids
}

/// Whether a reference that may lead to kinds this version does not read leads to one of them.
fn is_of_unread_kind(reference: Reference<'_>) -> bool {
    let nouns = reference.target;
    let is_open = nouns == "any"
        || (nouns.contains('|') && nouns.split('|').any(|noun| Kind::of_noun(noun).is_none()));
    let prefix = Id::parse(reference.id).map(|id| id.prefix);
    is_open && prefix.is_some_and(|prefix| Kind::of_prefix(&prefix).is_none())
}

fn unknown(
    book: &Book,
    entry: &dyn Entry,
    record: &Map<String, Value>,
    findings: &mut Vec<Finding>,
) {
    references(entry.kind(), record, |trail, reference| {
        let targets = Kind::of_reference(reference.target);
        // What a closing keeps and is taken out, `closing.changed` says.
        if is_of_unread_kind(reference)
            || entry.kind() == Kind::Closing
            || targets.is_empty()
            || targets.iter().any(|&kind| book.has_file(kind, reference.id))
        {
            return;
        }
        let noun = match reference.target {
            "any" => "record".to_owned(),
            nouns => nouns.replace('|', " or "),
        };
        let message = format!("no {noun} \"{}\"", reference.id);
        let finding = Finding::error("ref.unknown", entry.place(trail.path()), message)
            .label("leads to no record");
        let codes: Vec<String> = targets.iter().flat_map(|&kind| book.ids(kind)).collect();
        let near = text::closest(reference.id, codes.iter().map(String::as_str));
        findings.push(match near {
            Some(near) => finding.hint(format!("did you mean \"{near}\"?")),
            None => {
                let meant = Id::parse(reference.id).and_then(|id| Kind::of_prefix(&id.prefix));
                let listed = meant.filter(|kind| targets.contains(kind)).unwrap_or(targets[0]);
                finding.hint(format!("desk {listed} list"))
            }
        });
    });
}

fn later(_: &Book, entry: &dyn Entry, record: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let is_deed = |kind| matches!(kind, Some(Kind::Shipment | Kind::Invoice));
    if !is_deed(Some(entry.kind())) || entry.common().void.is_some() {
        return;
    }
    let id = &entry.common().id;
    references(entry.kind(), record, |trail, reference| {
        let kind = Id::parse(reference.id).and_then(|id| Kind::of_prefix(&id.prefix));
        if !(kind == Some(Kind::Order) || is_deed(kind)) || follows(id, reference.id) {
            return;
        }
        let message = format!("{id} is of a month before {}", reference.id);
        findings.push(
            Finding::error("ref.later", entry.place(trail.path()), message)
                .label("taken down later"),
        );
    });
}

fn void(book: &Book, entry: &dyn Entry, record: &Map<String, Value>, findings: &mut Vec<Finding>) {
    if entry.common().void.is_some() {
        return;
    }
    references(entry.kind(), record, |trail, reference| {
        // What a task or a note is about may be void: it tells of it, nothing is counted by it.
        if reference.target == "any" {
            return;
        }
        let mut kinds = Kind::of_reference(reference.target).into_iter();
        let found = kinds.find_map(|kind| book.entry(kind, reference.id));
        let Some(void) = found.and_then(|found| found.common().void.as_ref()) else { return };
        let message = format!("{} is void since {}", reference.id, void.at.day());
        findings.push(
            Finding::error("ref.void", entry.place(trail.path()), message)
                .note(format!("voided by {}: {}", void.by, void.reason))
                .hint(format!(
                    "desk {} void {} --reason …, or give it another reference",
                    entry.kind(),
                    entry.common().id
                )),
        );
    });
}

/// The records that point at any of these, of the kinds that can.
pub fn pointing_at<'a>(book: &'a Book, records: &BTreeSet<(Kind, String)>) -> Vec<&'a dyn Entry> {
    let kinds: BTreeSet<Kind> = records.iter().map(|(kind, _)| *kind).collect();
    let can = |other: &&Kind| kinds.iter().any(|&kind| leads_to(other.fields(), kind, |_| true));
    let ids: Vec<&str> = records.iter().map(|(_, id)| id.as_str()).collect();
    let entries = KINDS.iter().filter(can).flat_map(|&other| book.naming(other, &ids));
    let points = |entry: &&dyn Entry| {
        let mut points = false;
        references(entry.kind(), &entry.value(), |_, reference| {
            let is_meant =
                |kind: &Kind| records.iter().any(|(own, id)| own == kind && id == reference.id);
            points |= Kind::of_reference(reference.target).iter().any(is_meant);
        });
        points
    };
    entries.filter(points).collect()
}

/// Whether a field leads to the kind, of those whose reference is one that counts.
fn leads_to(fields: &[Field], kind: Kind, counts: fn(&str) -> bool) -> bool {
    let is_one = |noun: &str| counts(noun) && Kind::of_reference(noun).contains(&kind);
    fields.iter().any(|field| match &field.kind {
        Type::Ref(noun) => is_one(noun),
        Type::List(item) => matches!(item.as_ref(), Type::Ref(noun) if is_one(noun)),
        Type::Table(fields) | Type::Blocks(fields) => leads_to(fields, kind, counts),
        _ => false,
    })
}

/// Where a record is named by what cannot be read and might point at it: a file, or a row of a
/// register such as `payments/2026-09.csv, line 7`.
pub fn unread_naming(book: &Book, kind: Kind, id: &str) -> Vec<String> {
    let mut places = Vec::new();
    let binds = |other: &&Kind| leads_to(other.fields(), kind, |noun| noun != "any");
    let mut broken = BTreeSet::new();
    for &other in KINDS.iter().filter(binds) {
        let read: BTreeSet<(&str, usize)> =
            book.naming(other, &[id]).iter().map(|entry| (entry.file(), entry.row())).collect();
        let folder = other.info().folder;
        if other.info().form != Form::Register {
            let left_out = book.left_out().into_iter().map(|finding| finding.place.file);
            broken.extend(left_out.filter(|file| {
                let inside = file.trim_start_matches("private/").strip_prefix(folder);
                let is_own = layout::stem(layout::file_name(file)) == Some(id);
                inside.is_some_and(|rest| rest.starts_with('/')) && !is_own
            }));
            continue;
        }
        for name in book.files.list(folder).unwrap_or_default().into_iter().map(|entry| entry.name)
        {
            let path = format!("{folder}/{name}");
            let Some(bytes) = register(book, &path) else { continue };
            let lines = bytes.split(|byte| *byte == b'\n').enumerate();
            let unread = lines.filter(|(at, line)| {
                names(line, id) && !read.contains(&(path.as_str(), at.saturating_add(1)))
            });
            places.extend(unread.map(|(at, _)| format!("{path}, line {}", at.saturating_add(1))));
        }
    }
    broken.retain(|path| {
        book.files.read(path).is_ok_and(|bytes| bytes.is_some_and(|bytes| names(&bytes, id)))
    });
    places.extend(broken);
    places
}

/// The bytes of a register's file, where the path is one and it can be read.
fn register(book: &Book, path: &str) -> Option<Vec<u8>> {
    layout::register(path)?;
    book.files.read(path).ok()?
}

/// Whether bytes hold an id as a whole word.
fn names(bytes: &[u8], id: &str) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    memmem::find_iter(bytes, id.as_bytes()).any(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let behind = bytes.get(at.saturating_add(id.len()));
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}

fn unlisted(
    book: &Book,
    entry: &dyn Entry,
    record: &Map<String, Value>,
    findings: &mut Vec<Finding>,
) {
    for field in entry.kind().fields() {
        let (Type::Listed(name), Some(word)) = (&field.kind, held(field, record)) else {
            continue;
        };
        let (Some(list), Some(word)) = (book.config.list(name), word.as_str()) else { continue };
        if list.contains(&word) {
            continue;
        }
        let message = format!("\"{word}\" is not one of the {name} in desk.toml");
        let finding =
            Finding::error("list.unknown", entry.place(KeyPath::key(&field.key)), message);
        let near = text::closest(word, list.iter().copied());
        let hint = near.map(|near| format!("did you mean \"{near}\"?"));
        findings.push(Finding { level: Level::Warning, hint, ..finding });
    }
}

/// What a field of an open list holds.
fn held<'a>(field: &Field, record: &'a Map<String, Value>) -> Option<&'a Value> {
    matches!(field.kind, Type::Listed(_)).then(|| record.get(&field.key)).flatten()
}

fn attachments(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    for (at, path) in entry.common().attachments.iter().enumerate() {
        let inside = !path.starts_with('/') && !path.split('/').any(|part| part == "..");
        if inside && book.files.read(path).is_ok_and(|found| found.is_some()) {
            continue;
        }
        let place = KeyPath::key("attachments").nth(at);
        let message = format!("there is no file \"{path}\" in the data directory");
        let finding = Finding::at("attachment.missing", entry.file(), place, message);
        findings.push(Finding { level: Level::Warning, ..finding });
    }
}
