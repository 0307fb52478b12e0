//! Records that are to be made against those that are there: new, the same, or different.
//!
//! A record is known again by its id, or by the field that the mapping names. Only what the rows
//! say is compared: what people added since (a review, a remark) stays as it is.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::{
    Options,
    differ::{self, Difference, Found, Target, plain, vanished},
    make::{Made, Origin},
    mapping::Mapping,
    sheet::cell_place,
};
use crate::{
    book::Book,
    error::{Error, Result},
    finding::{Finding, Level},
    ops,
    record::{
        Entry, Form, Halves, KINDS, Kind,
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
    Changed(Vec<Edit>, Vec<Difference>),
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
    /// What a person has to see to.
    pub notes: Vec<String>,
}

/// Gives each record its id and finds what is there already.
pub fn place(
    book: &Book,
    mapping: &Mapping,
    made: Vec<Made>,
    options: &Options,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Placed>> {
    let mut placed = identified(book, mapping, made, findings);
    give_ids(book, mapping, &mut placed, &options.site)?;
    for record in &mut placed {
        compare(book, mapping, record, options, findings);
        // Of the past, what nobody wrote down is not made up from the masters of today.
        if record.state == State::New && mapping.kind == Kind::Payment && !options.history {
            ops::payment::freeze(book, &mut record.value);
        }
    }
    Ok(placed)
}

/// Finds what is wrong with the ids and references of records, where others of the import are
/// faulty and nothing will be made.
pub fn check(book: &Book, mapping: &Mapping, made: Vec<Made>, findings: &mut Vec<Finding>) {
    for record in identified(book, mapping, made, findings) {
        references(
            book,
            mapping.kind,
            &record.value,
            mapping.kind.fields(),
            &record.origin,
            findings,
        );
    }
}

/// References that lead nowhere; one to the kind that is imported may lead to another row.
fn references(
    book: &Book,
    kind: Kind,
    value: &Map<String, Value>,
    fields: &[Field],
    origin: &Origin,
    findings: &mut Vec<Finding>,
) {
    for (key, value) in value {
        match (field(fields, key).map(|field| &field.kind), value) {
            (Some(Type::Ref(noun)), Value::String(id)) => {
                let Some(of) = KINDS.iter().copied().find(|kind| kind.noun() == noun) else {
                    continue;
                };
                if of != kind && !book.has_file(of, id) {
                    let message = format!("`{key}`: there is no {noun} {id}");
                    let found = Finding::error("ref.unknown", head(origin), message);
                    if !findings.contains(&found) {
                        findings.push(found);
                    }
                }
            }
            (Some(Type::Table(fields)), Value::Object(value)) => {
                references(book, kind, value, fields, origin, findings);
            }
            (Some(Type::Blocks(fields)), Value::Array(blocks)) => {
                for (at, block) in blocks.iter().enumerate() {
                    let Value::Object(block) = block else { continue };
                    let lines = origin.blocks.get(key).and_then(|lines| lines.get(at));
                    let (file, line) = lines.cloned().unwrap_or((origin.file.clone(), origin.line));
                    let origin = Origin { file, line, ..Origin::default() };
                    references(book, kind, block, fields, &origin, findings);
                }
            }
            _ => {}
        }
    }
}

fn identified(
    book: &Book,
    mapping: &Mapping,
    made: Vec<Made>,
    findings: &mut Vec<Finding>,
) -> Vec<Placed> {
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
            None => {
                let ids = mark.and_then(|mark| known.get(&mark)).map_or(&[][..], Vec::as_slice);
                match known_again(book, mapping, ids, &value, &origin) {
                    Ok(id) => id,
                    Err(fault) => {
                        findings.push(*fault);
                        continue;
                    }
                }
            }
        };
        placed.push(Placed { id, value, origin, state: State::New, notes: Vec::new() });
    }
    placed
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
fn known(book: &Book, mapping: &Mapping) -> HashMap<String, Vec<String>> {
    let Some(key) = &mapping.known_by else { return HashMap::new() };
    let mut known: HashMap<String, Vec<String>> = HashMap::new();
    for entry in book.entries(mapping.kind) {
        if let Some(mark) = entry.value().get(key) {
            known.entry(plain(mark)).or_default().push(entry.common().id.clone());
        }
    }
    known
}

/// The record that rows mean by the field it is known by; empty where there is none.
///
/// Two customers may use one number, so a match that is not sure is a fault.
fn known_again(
    book: &Book,
    mapping: &Mapping,
    ids: &[String],
    value: &Map<String, Value>,
    origin: &Origin,
) -> Result<String, Box<Finding>> {
    let key = mapping.known_by.as_deref().unwrap_or_default();
    let mark = value.get(key).map(plain).unwrap_or_default();
    let fault = |message: String, hint: &str| {
        Box::new(Finding::error("import.exists", head(origin), message).hint(hint))
    };
    let id = match ids {
        [] => return Ok(String::new()),
        [id] => id,
        several => {
            let message = format!("{key} \"{mark}\" is that of {}", several.join(" and of "));
            return Err(fault(message, "leave the row out, or make the field unlike in them"));
        }
    };
    let Some(old) = book.entry(mapping.kind, id) else { return Ok(id.clone()) };
    // A title is no subject that tells two records apart.
    let is_reference = |key: &&str| {
        let found = field(mapping.kind.fields(), key).map(|field| &field.kind);
        matches!(found, Some(Type::Ref(_)))
    };
    if let Some(subject) = mapping.kind.info().subject.filter(is_reference) {
        let now = old.value().get(subject).map(plain).unwrap_or_default();
        let said = value.get(subject).map(plain).unwrap_or_default();
        if now != said {
            let message =
                format!("{key} \"{mark}\" is that of {id} of {subject} {now}, not of {said}");
            return Err(fault(message, "it may be another record of the same number: see to it"));
        }
    }
    if old.common().void.is_some() && !value.contains_key("void") {
        let message = format!("{id}, known by {key} \"{mark}\", is void");
        return Err(fault(message, "leave the row out with skip, or make the record anew by hand"));
    }
    Ok(id.clone())
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
    mapping: &Mapping,
    record: &mut Placed,
    options: &Options,
    findings: &mut Vec<Finding>,
) {
    let kind = mapping.kind;
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
    let old = old.value();
    record.notes.extend(vanished(mapping, &record.id, &new, &old));
    let target = Target { kind, id: &record.id };
    let mut found = Found::default();
    differ::differences(target, &new, &old, kind.fields(), &KeyPath::default(), &mut found);
    record.state = match found.edits.is_empty() {
        true => State::Same,
        false => State::Changed(found.edits, found.differences),
    };
    if let (State::Changed(_, differences), false) = (&record.state, options.update) {
        let mut keys: Vec<String> = differences.iter().map(Difference::words).collect();
        keys.dedup();
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
