//! The verbs that every kind shares: add, set, copy, void, attach, edit.

use serde_json::{Map, Value};

use super::{Actor, head, next_id, now, value};
use crate::{
    book::Book,
    error::{Error, Kind as Class, Result},
    record::{
        Entry, Form, Kind,
        change::{Change, Edit},
        schema::{Type, field},
    },
    rules::reference,
    store::{csv, layout},
    value::place::{KeyPath, Step},
};

/// Fields that say who did something when; they are written by commands, never given.
const OWN: &[&str] =
    &["id", "date", "entered_by", "entered_at", "void", "approval", "override", "revision"];
/// Fields that a copy does not take over: what happened to the other record.
const PAST: &[&str] = &[
    "void",
    "approval",
    "override",
    "revision",
    "hold",
    "closure",
    "amendment",
    "attachments",
    "signed_on",
    "signatory",
    "original_filed",
    "ordered_on",
    "check",
    "inspected",
    "outcome",
    "proof",
    "received_by",
    "received_on",
    "shipped_on",
    "waybill",
    "number",
    "issued_on",
    "stated",
    "claim",
    "day",
    "filed_on",
    "evaluation",
];

/// A field as it was given: key or path, and text.
pub type Given = (String, String);

/// A new record. The subject is the code of a master, and the customer or party of a document.
pub fn add(
    book: &Book,
    actor: Actor<'_>,
    kind: Kind,
    subject: Option<&str>,
    given: &[Given],
) -> Result<Change> {
    let id = match kind.info().form {
        Form::Master => code(book, kind, subject)?,
        Form::Document | Form::Register => next_id(book, kind, actor.site, given)?,
    };
    let mut value = head(book, kind, &id, actor);
    if let (Some(key), Some(text)) = (kind.info().subject, subject) {
        let named = value::known(kind.fields(), key)?;
        value.insert(key.into(), value::typed(book, named, text)?);
    }
    fill(book, kind, &mut value, given)?;
    if matches!(kind, Kind::Contact | Kind::Market) && book.has_file(Kind::Staff, actor.user) {
        value.entry("staff").or_insert_with(|| actor.user.into());
    }
    let name = value
        .get("short_name")
        .or(value.get("name"))
        .or(value.get("title"))
        .and_then(Value::as_str);
    let line = [id.as_str(), name.unwrap_or_default(), "added"].join("  ").replace("    ", "  ");
    let change = Change::saying(line)
        .with(Edit::Add { kind, id: id.clone(), value })
        .next(format!("desk {kind} show {id}"));
    match kind {
        Kind::Contract => super::contract::added(book, actor, change),
        _ => Ok(change),
    }
}

fn code(book: &Book, kind: Kind, subject: Option<&str>) -> Result<String> {
    let code = subject.ok_or_else(|| {
        Error::usage(format!("a new {kind} needs a code"))
            .hint(format!("desk {kind} add CODE --name NAME"))
    })?;
    let taken = book.ids(kind).into_iter().find(|other| other.eq_ignore_ascii_case(code));
    match taken {
        Some(taken) => Err(Error::new(Class::Conflict, format!("{kind} {taken} is there already"))
            .hint(format!("desk {kind} show {taken}"))),
        None => Ok(code.to_owned()),
    }
}

/// Puts given fields into a new record; a field of blocks may be given several times.
pub fn fill(
    book: &Book,
    kind: Kind,
    value: &mut Map<String, Value>,
    given: &[Given],
) -> Result<()> {
    for (key, text) in given {
        let named = value::known(kind.fields(), key)?;
        if OWN.contains(&named.key.as_str()) && named.key != "date" {
            return Err(Error::usage(format!("{} is written by the program", named.key)));
        }
        let typed = value::typed(book, named, text)?;
        match (&named.kind, typed) {
            (Type::Blocks(fields), Value::Object(mut block)) => {
                let blocks =
                    value.entry(named.key.clone()).or_insert_with(|| Value::Array(Vec::new()));
                let blocks = blocks.as_array_mut().expect("a field of blocks holds a list");
                if field(fields, "no").is_some() && !block.contains_key("no") {
                    block.shift_insert(0, "no".into(), next_no(blocks).into());
                }
                blocks.push(Value::Object(block));
            }
            (_, typed) => {
                value.insert(named.key.clone(), typed);
            }
        }
    }
    Ok(())
}

/// The number after the highest in a list of blocks.
pub fn next_no(blocks: &[Value]) -> u64 {
    let highest = blocks.iter().filter_map(|block| block["no"].as_u64()).max();
    highest.unwrap_or(0).saturating_add(1)
}

/// Values of a record set, taken out, or blocks added.
pub fn set(
    book: &Book,
    actor: Actor<'_>,
    kind: Kind,
    id: &str,
    given: &[Given],
    cleared: &[String],
) -> Result<Change> {
    let entry = book.resolved(kind, id)?;
    let id = entry.common().id.clone();
    writable(entry)?;
    if given.is_empty() && cleared.is_empty() {
        return Err(Error::usage(format!("nothing to set on {id}"))
            .hint(format!("desk {kind} set {id} KEY=VALUE, or --clear KEY")));
    }
    let _ = actor;
    let record = entry.value();
    let mut change = Change::default();
    let mut said = Vec::new();
    for (key, text) in given {
        let (path, named) = value::path(kind, &record, key)?;
        own_field(&path)?;
        let typed = value::typed(book, named, text)?;
        said.push(format!("{key} = {text}"));
        let edit = edit_of(kind, &id, path, &named.kind, typed, &record);
        change.edits.extend(edit);
    }
    for key in cleared {
        let (path, _) = value::path(kind, &record, key)?;
        own_field(&path)?;
        said.push(format!("{key} taken out"));
        change.edits.push(Edit::Remove { kind, id: id.clone(), path });
    }
    change.lines.push(format!("{id}  {}", said.join(", ")));
    Ok(change)
}

fn edit_of(
    kind: Kind,
    id: &str,
    path: KeyPath,
    held: &Type,
    typed: Value,
    record: &Map<String, Value>,
) -> Vec<Edit> {
    let id = id.to_owned();
    match (held, typed, path.0.as_slice()) {
        (Type::Blocks(fields), Value::Object(mut block), [Step::Key(key)]) => {
            let blocks = record.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            if field(fields, "no").is_some() && !block.contains_key("no") {
                block.shift_insert(0, "no".into(), next_no(blocks).into());
            }
            vec![Edit::Push { kind, id, key: key.clone(), block }]
        }
        (Type::Blocks(_) | Type::Table(_), Value::Object(block), [.., last]) => {
            let new = matches!((last, record.get(top(&path))), (Step::Key(_), None));
            if new {
                return vec![Edit::Push { kind, id, key: top(&path).to_owned(), block }];
            }
            let set = |(key, value): (String, Value)| Edit::Set {
                kind,
                id: id.clone(),
                path: path.then(key),
                value,
            };
            block.into_iter().map(set).collect()
        }
        (_, typed, [Step::Key(table), Step::Key(key)]) if !record.contains_key(table) => {
            let block = Map::from_iter([(key.clone(), typed)]);
            vec![Edit::Push { kind, id, key: table.clone(), block }]
        }
        (_, value, _) => vec![Edit::Set { kind, id, path, value }],
    }
}

fn top(path: &KeyPath) -> &str {
    match path.0.first() {
        Some(Step::Key(key)) => key,
        _ => "",
    }
}

fn own_field(path: &KeyPath) -> Result<()> {
    let key = top(path);
    if OWN.contains(&key) && key != "date" {
        let error = Error::usage(format!("{key} is written by the program"));
        return Err(match key {
            "void" => error.hint("desk KIND void ID --reason …"),
            _ => error,
        });
    }
    Ok(())
}

/// A void record stays as it is.
pub fn writable(entry: &dyn Entry) -> Result<()> {
    match &entry.common().void {
        Some(void) => Err(Error::refused(
            format!("{} is void since {}: {}", entry.common().id, void.at.day(), void.reason),
            Vec::new(),
        )
        .hint(format!("desk {} copy {}", entry.kind(), entry.common().id))),
        None => Ok(()),
    }
}

/// A new record with the fields of another, less what happened to that one.
pub fn copy(
    book: &Book,
    actor: Actor<'_>,
    kind: Kind,
    from: &str,
    code_given: Option<&str>,
    given: &[Given],
) -> Result<Change> {
    let entry = book.resolved(kind, from)?;
    let id = match kind.info().form {
        Form::Master => code(book, kind, code_given)?,
        Form::Document | Form::Register => next_id(book, kind, actor.site, given)?,
    };
    let mut value = head(book, kind, &id, actor);
    for (key, held) in entry.value() {
        // A plan's date is the month that is planned.
        let is_own = OWN.contains(&key.as_str()) && !(key == "date" && kind == Kind::Plan);
        if !is_own && !PAST.contains(&key.as_str()) {
            value.insert(key, held);
        }
    }
    for (key, _) in given {
        // A field given anew replaces the copied one, lines too.
        let named = value::known(kind.fields(), key)?;
        value.shift_remove(&named.key);
    }
    fill(book, kind, &mut value, given)?;
    let line = format!("{id}  copied from {}", entry.common().id);
    Ok(Change::saying(line)
        .with(Edit::Add { kind, id: id.clone(), value })
        .next(format!("desk {kind} show {id}")))
}

/// A record that no longer holds; what points at it must be void first.
pub fn void(book: &Book, actor: Actor<'_>, kind: Kind, id: &str, reason: &str) -> Result<Change> {
    let entry = book.resolved(kind, id)?;
    writable(entry)?;
    let id = entry.common().id.clone();
    if reason.trim().is_empty() {
        return Err(
            Error::usage("a reason is needed").hint(format!("desk {kind} void {id} --reason …"))
        );
    }
    if let Some(place) = reference::unread_naming(book, kind, &id).first() {
        let message = format!("cannot void {id}: {place} names it and cannot be read");
        let file = place.split(", line ").next().unwrap_or(place);
        return Err(Error::refused(message, Vec::new()).hint(format!("desk check {file}")));
    }
    let block = Map::from_iter([
        ("at".to_owned(), Value::from(now(book))),
        ("by".to_owned(), actor.user.into()),
        ("reason".to_owned(), reason.into()),
    ]);
    let line = format!("{id} is void: {reason}");
    Ok(Change::saying(line).with(Edit::Push { kind, id, key: "void".into(), block }))
}

/// Files laid beside a record and named on it.
pub fn attach(book: &Book, kind: Kind, id: &str, files: Vec<(String, Vec<u8>)>) -> Result<Change> {
    let entry = book.resolved(kind, id)?;
    writable(entry)?;
    let id = entry.common().id.clone();
    let mut paths = entry.common().attachments.clone();
    let mut change = Change::default();
    for (name, bytes) in files {
        if !layout::is_attachment_name(&name) {
            return Err(Error::usage(format!("\"{name}\" cannot be the name of an attachment")));
        }
        let path = layout::attachment(&id, &name);
        if paths.contains(&path) {
            return Err(Error::new(
                Class::Conflict,
                format!("{id} has an attachment {name} already"),
            ));
        }
        change.lines.push(format!("{id}  {path} attached"));
        change.edits.push(Edit::File { path: path.clone(), bytes });
        paths.push(path);
    }
    let value = paths.into_iter().map(Value::from).collect();
    Ok(change.with(Edit::Set { kind, id, path: KeyPath::key("attachments"), value }))
}

/// What an editor gets of a record: the text of its file, or its row with the header.
///
/// Text that cannot be read is given too, so that it can be mended.
pub fn draft(book: &Book, kind: Kind, id: &str) -> Result<(String, Vec<u8>)> {
    let id = book.resolve(kind, id)?;
    let bytes = match kind.info().form {
        Form::Register => excerpt(book, kind, &id)?.1.text().into_bytes(),
        Form::Master | Form::Document => text_of(book, kind, &id)?,
    };
    Ok((id, bytes))
}

/// A record as an editor left its draft; refused if it changed while it was open.
pub fn replace(
    book: &Book,
    kind: Kind,
    id: &str,
    opened: &[u8],
    edited: Vec<u8>,
) -> Result<Change> {
    let bytes = match kind.info().form {
        Form::Register => {
            let (file, row) = excerpt(book, kind, id)?;
            unchanged(kind, id, row.text().as_bytes() == opened)?;
            row.put_back(&file, id, &edited).map_err(|misfit| misfitted(kind, id, misfit))?
        }
        Form::Master | Form::Document => {
            unchanged(kind, id, text_of(book, kind, id)? == opened)?;
            edited
        }
    };
    let edit = Edit::Replace { kind, id: id.to_owned(), bytes };
    Ok(Change::saying(format!("{id} edited")).with(edit))
}

fn path_of(kind: Kind, id: &str) -> Result<String> {
    layout::path(kind, id).ok_or_else(|| Error::usage(format!("no {kind} \"{id}\"")))
}

fn text_of(book: &Book, kind: Kind, id: &str) -> Result<Vec<u8>> {
    let path = path_of(kind, id)?;
    let failed = |error| Error::failure(format!("cannot read {path}")).because(error);
    Ok(book.files.read(&path).map_err(failed)?.unwrap_or_default())
}

/// The bytes of a register, and the row of an id in it.
fn excerpt(book: &Book, kind: Kind, id: &str) -> Result<(Vec<u8>, csv::Excerpt)> {
    let (path, file) = (path_of(kind, id)?, text_of(book, kind, id)?);
    let refused = |why: String| {
        Error::refused(format!("cannot edit {id} in {path}: {why}"), Vec::new())
            .hint(format!("desk check {path}"))
    };
    let row = csv::excerpt(&file, id).map_err(refused)?;
    let row = row.ok_or_else(|| Error::usage(format!("no {kind} \"{id}\"")))?;
    Ok((file, row))
}

fn unchanged(kind: Kind, id: &str, is_same: bool) -> Result<()> {
    if is_same {
        return Ok(());
    }
    let what = match kind.info().form {
        Form::Register => id.to_owned(),
        Form::Master | Form::Document => path_of(kind, id)?,
    };
    Err(Error::conflict(format!("{what} was changed while it was being edited")))
}

/// An editor may change the row it was given, and nothing else of the register.
fn misfitted(kind: Kind, id: &str, misfit: csv::Misfit) -> Error {
    let (why, hint) = match misfit {
        csv::Misfit::Header => ("its header was changed", format!("desk {kind} edit {id}")),
        csv::Misfit::Removed => {
            ("its row was taken out", format!("desk {kind} void {id} --reason …"))
        }
        csv::Misfit::Added => ("rows were added to it", format!("desk {kind} add …")),
        csv::Misfit::Id => ("its id was changed", format!("desk renumber {id}")),
    };
    Error::refused(format!("cannot take over the edited {id}: {why}"), Vec::new()).hint(hint)
}
