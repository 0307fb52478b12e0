//! Records that are to be made against those that are there: new, the same, or different.
//!
//! A record is known again by its id, or by the field that the mapping names. Only what the rows
//! say is compared: what people added since (a review, a remark) stays as it is.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::{
    Options,
    make::{Made, Origin},
    mapping::Mapping,
    sheet::cell_place,
};
use crate::{
    book::Book,
    error::{Error, Result},
    finding::{Finding, Level},
    record::{
        Entry, Form, Halves, Kind,
        change::Edit,
        common_fields,
        schema::{Field, Type, field},
    },
    store::{layout, toml as text},
    value::{
        day::{Day, Month},
        id::Id,
        place::KeyPath,
    },
};

/// What becomes of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// It is new.
    New,
    /// It is there and says the same.
    Same,
    /// It is there and says something else.
    Changed(Vec<Edit>),
}

/// A record with its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Id or code.
    pub id: String,
    /// Its fields.
    pub value: Map<String, Value>,
    /// The rows it comes from.
    pub origin: Origin,
    /// What becomes of it.
    pub state: State,
}

/// Gives each record its id and finds what is there already.
pub fn place(
    book: &Book,
    mapping: &Mapping,
    made: Vec<Made>,
    options: &Options,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Placed>> {
    let kind = mapping.kind;
    let known = known(book, mapping);
    let mut seen: HashMap<String, Origin> = HashMap::new();
    let mut placed: Vec<Placed> = Vec::new();
    for Made { value, origin } in made {
        let mark = match &mapping.known_by {
            Some(key) => value.get(key).map(plain),
            None => value.get("id").map(plain),
        };
        if let Some(first) = mark.as_ref().and_then(|mark| seen.get(&mark.to_lowercase())) {
            let mark = mark.as_deref().unwrap_or_default();
            let message = format!("{kind} \"{mark}\" stands on line {} too", first.line);
            findings.push(Finding::error("import.key", head(&origin), message));
            continue;
        }
        seen.extend(mark.as_ref().map(|mark| (mark.to_lowercase(), origin.clone())));
        let id = match value.get("id").map(plain) {
            Some(id) if layout::path(kind, &id).is_none() => {
                findings.push(no_id(kind, &id, &origin));
                continue;
            }
            Some(id) => id,
            None => mark.and_then(|mark| known.get(&mark).cloned()).unwrap_or_default(),
        };
        placed.push(Placed { id, value, origin, state: State::New });
    }
    give_ids(book, mapping, &mut placed, &options.site)?;
    for record in &mut placed {
        compare(book, kind, record, options, findings);
    }
    Ok(placed)
}

fn head(origin: &Origin) -> crate::value::place::Place {
    cell_place(&origin.file, origin.line, "")
}

fn no_id(kind: Kind, id: &str, origin: &Origin) -> Finding {
    let message = format!("\"{id}\" cannot be a {kind} id");
    let found = Finding::error("import.value", head(origin), message);
    match kind.info().form {
        Form::Master => found
            .note("a code is 1-32 letters, digits, - or _, and begins with a letter or digit")
            .hint("say what takes the place of other characters: replace = \"-\""),
        _ => found
            .note(format!("the form is {}-YYMM-NNNN", kind.info().prefix))
            .hint("leave `id` out: the program gives one, and known_by keeps the source's number"),
    }
}

/// The ids of the records there, by the field they are known by.
fn known(book: &Book, mapping: &Mapping) -> HashMap<String, String> {
    let Some(key) = &mapping.known_by else { return HashMap::new() };
    let entries = book.entries(mapping.kind).into_iter();
    let pair =
        |entry: &dyn Entry| Some((plain(entry.value().get(key)?), entry.common().id.clone()));
    entries.filter_map(pair).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The next free ids of their months, in the order of their dates, then of the file.
fn give_ids(book: &Book, mapping: &Mapping, placed: &mut [Placed], site: &str) -> Result<()> {
    let kind = mapping.kind;
    let date = |record: &Placed| record.value.get("date").map(plain)?.parse::<Day>().ok();
    let mut order: Vec<(Day, usize)> = Vec::new();
    for (at, record) in placed.iter().enumerate().filter(|(_, record)| record.id.is_empty()) {
        // A record without a date was found faulty already.
        order.extend(date(record).map(|date| (date, at)));
    }
    order.sort_unstable();
    let mut last: BTreeMap<Month, u32> = BTreeMap::new();
    for (date, at) in order {
        let month = date.month();
        let last = last.entry(month).or_insert_with(|| {
            let ids = book.ids_of_month(kind, month);
            let own = ids.iter().filter_map(|id| layout::document_id(kind, id));
            own.filter(|id| id.site == site).map(|id| id.seq).max().unwrap_or(0)
        });
        *last = last.checked_add(1).ok_or_else(|| Error::failure("no ids are left"))?;
        let prefix = kind.info().prefix.to_owned();
        let id = Id { prefix, month, site: site.to_owned(), seq: *last };
        placed[at].id = id.to_string();
        let mut value = Map::new();
        value.insert("id".into(), placed[at].id.clone().into());
        value.append(&mut placed[at].value);
        placed[at].value = value;
    }
    Ok(())
}

/// Holds a record against the one that is there.
fn compare(
    book: &Book,
    kind: Kind,
    record: &mut Placed,
    options: &Options,
    findings: &mut Vec<Finding>,
) {
    if !book.has_file(kind, &record.id) {
        return;
    }
    let Some(old) = book.entry(kind, &record.id) else {
        let message = format!("{} is there, and cannot be read", record.id);
        let found = Finding::error("import.exists", head(&record.origin), message);
        findings.push(found.hint(format!("desk {kind} edit {}", record.id)));
        return;
    };
    record.value.insert("id".into(), record.id.clone().into());
    let path = layout::path(kind, &record.id).unwrap_or_default();
    let new = match built(kind, &path, &record.value) {
        Ok(new) => new.value(),
        Err(mut faults) => {
            faults.iter_mut().for_each(|fault| super::point_at_row(fault, &record.origin));
            findings.append(&mut faults);
            return;
        }
    };
    let mut edits = Vec::new();
    let target = Target { kind, id: &record.id };
    differences(target, &new, &old.value(), kind.fields(), &KeyPath::default(), &mut edits);
    record.state = match edits.is_empty() {
        true => State::Same,
        false => State::Changed(edits),
    };
    if let (State::Changed(edits), false) = (&record.state, options.update) {
        let keys: Vec<String> = edits.iter().map(changed).collect();
        let message = format!("{} is there already and differs: {}", record.id, keys.join(", "));
        let found = Finding::error("import.exists", head(&record.origin), message);
        findings.push(found.hint("import with --update to take over what the file says"));
    }
}

/// A record as its file would be read.
pub fn built(
    kind: Kind,
    path: &str,
    value: &Map<String, Value>,
) -> Result<Box<dyn Entry>, Vec<Finding>> {
    let printed = text::print(value, kind.fields());
    let read = text::read(path, printed.as_bytes(), kind.fields());
    let faulty = read.findings.iter().any(|finding| finding.level == Level::Error);
    let Some(table) = read.table.filter(|_| !faulty) else { return Err(read.findings) };
    let is_common = |key: &str| common_fields().iter().any(|field| field.key == key);
    let (common, own) = text::split(table, is_common);
    kind.build(Halves { common, own }, path, 0)
        .map_err(|why| vec![Finding::at("field.type", path, KeyPath::default(), why)])
}

#[derive(Clone, Copy)]
struct Target<'a> {
    kind: Kind,
    id: &'a str,
}

/// The edits that bring what the new record says into the old one; what it does not say stays.
fn differences(
    target: Target<'_>,
    new: &Map<String, Value>,
    old: &Map<String, Value>,
    fields: &[Field],
    path: &KeyPath,
    edits: &mut Vec<Edit>,
) {
    let Target { kind, id } = target;
    let push = |key: &str, block: &Map<String, Value>| Edit::Push {
        kind,
        id: id.to_owned(),
        key: key.to_owned(),
        block: block.clone(),
    };
    for (key, value) in new.iter().filter(|(key, value)| old.get(*key) != Some(value)) {
        let found = field(fields, key).map(|field| &field.kind);
        let path = path.then(key);
        match (found, value, old.get(key)) {
            (Some(Type::Table(_)), Value::Object(new), None) => edits.push(push(key, new)),
            (Some(Type::Table(fields)), Value::Object(new), Some(Value::Object(old))) => {
                differences(target, new, old, fields, &path, edits);
            }
            (Some(Type::Blocks(fields)), Value::Array(blocks), old) => {
                let old = old.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                for (at, block) in blocks.iter().enumerate() {
                    let Value::Object(new) = block else { continue };
                    match same_block(old, at, new) {
                        Some((at, old)) => {
                            differences(target, new, old, fields, &path.nth(at), edits);
                        }
                        None => edits.push(push(key, new)),
                    }
                }
            }
            _ => edits.push(Edit::Set { kind, id: id.to_owned(), path, value: value.clone() }),
        }
    }
}

/// The block that is meant: the one of the same number, else the one at the same place.
fn same_block<'a>(
    old: &'a [Value],
    at: usize,
    new: &Map<String, Value>,
) -> Option<(usize, &'a Map<String, Value>)> {
    let found = match new.get("no") {
        Some(no) => old.iter().position(|block| block.get("no") == Some(no))?,
        None => at,
    };
    Some((found, old.get(found)?.as_object()?))
}

/// What an edit changes, in words.
fn changed(edit: &Edit) -> String {
    match edit {
        Edit::Set { path, .. } => path.to_string(),
        Edit::Push { key, .. } => format!("a new [{key}]"),
        _ => String::new(),
    }
}
