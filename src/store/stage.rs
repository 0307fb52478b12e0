//! Turning a change into bytes: which file each edit falls into, and what that file will hold.

use std::{cell::OnceCell, collections::HashMap};

use serde_json::{Map, Value};

use super::{atomic::FileWrite, csv, files::Files, layout, toml as text};
use crate::{
    error::{Error, Kind as Class, Result},
    record::{
        Form, Kind,
        change::{Change, Edit},
    },
    value::place::{KeyPath, Step},
};

/// The bytes a change leads to, a write for each file, in the order of the change.
pub fn stage(files: &Files, change: &Change) -> Result<Vec<FileWrite>> {
    let (places, private) = (HashMap::new(), OnceCell::new());
    let mut staged = Staged { files, writes: Vec::new(), places, private };
    for edit in &change.edits {
        staged.apply(edit)?;
    }
    staged.writes.retain(|write| write.before != write.after);
    Ok(staged.writes)
}

struct Staged<'a> {
    files: &'a Files,
    writes: Vec<FileWrite>,
    /// Where each path stands among the writes.
    places: HashMap<String, usize>,
    /// Whether the directory keeps confidential fields apart.
    private: OnceCell<bool>,
}

impl Staged<'_> {
    fn apply(&mut self, edit: &Edit) -> Result<()> {
        let kind = edit.record().map(|(kind, _)| kind);
        if kind.is_some_and(|kind| kind.info().form == Form::Register) {
            return self.apply_row(edit);
        }
        self.apply_file(edit)
    }

    fn apply_file(&mut self, edit: &Edit) -> Result<()> {
        match edit {
            Edit::Add { kind, id, value } => self.add(*kind, id, value),
            Edit::Set { kind, id, path, value } => {
                let edit = text::Edit::Set { path: path.clone(), value: value.clone() };
                self.edit(*kind, id, top(&path.0), edit)
            }
            Edit::Remove { kind, id, path } => {
                self.edit(*kind, id, top(&path.0), text::Edit::Remove { path: path.clone() })
            }
            Edit::Push { kind, id, key, block } => {
                let edit = text::Edit::Push { key: key.clone(), block: block.clone() };
                self.edit(*kind, id, key, edit)
            }
            Edit::Replace { kind, id, bytes } => {
                let path = path_of(*kind, id)?;
                let before = self.bytes(&path)?;
                self.put(path, before, bytes.clone());
                Ok(())
            }
            Edit::File { path, bytes } => {
                if self.bytes(path)?.is_some() {
                    return Err(Error::new(Class::Conflict, format!("{path} is there already")));
                }
                self.put(path.clone(), None, bytes.clone());
                Ok(())
            }
            Edit::Write { path, before, after, .. } => {
                let now = self.bytes(path)?;
                if now != *before {
                    return Err(Error::conflict(format!("{path} was changed meanwhile")));
                }
                self.leave(path.clone(), now, after.clone());
                Ok(())
            }
        }
    }

    fn add(&mut self, kind: Kind, id: &str, value: &Map<String, Value>) -> Result<()> {
        let path = path_of(kind, id)?;
        if self.bytes(&path)?.is_some() {
            return Err(Error::new(Class::Conflict, format!("{kind} {id} is there already"))
                .hint(format!("desk {kind} show {id}")));
        }
        let (public, secret) = self.part(kind, value)?;
        if !secret.is_empty() {
            let mut held = Map::new();
            held.insert("id".into(), Value::String(id.into()));
            held.extend(secret);
            let private = format!("{}/{path}", layout::PRIVATE);
            let before = self.bytes(&private)?;
            self.put(private, before, text::print(&held, kind.fields()).into_bytes());
        }
        self.put(path, None, text::print(&public, kind.fields()).into_bytes());
        Ok(())
    }

    /// An edit of a register's row.
    fn apply_row(&mut self, edit: &Edit) -> Result<()> {
        match edit {
            Edit::Add { kind, id, value } => self.add_row(*kind, id, value),
            Edit::Set { kind, id, path, value } => self.set_cells(*kind, id, &nested(path, value)?),
            Edit::Remove { kind, id, path } => {
                self.set_cells(*kind, id, &nested(path, &Value::Null)?)
            }
            Edit::Push { kind, id, key, block } => {
                let block = Value::Object(block.clone());
                self.set_cells(*kind, id, &nested(&KeyPath::key(key), &block)?)
            }
            Edit::Replace { .. } | Edit::File { .. } | Edit::Write { .. } => self.apply_file(edit),
        }
    }

    fn add_row(&mut self, kind: Kind, id: &str, value: &Map<String, Value>) -> Result<()> {
        let path = path_of(kind, id)?;
        let before = self.bytes(&path)?;
        // A register that does not hold the letters of an id has no row of it.
        let holds = |bytes: &&[u8]| memchr::memmem::find(bytes, id.as_bytes()).is_some();
        let known = before.as_deref().filter(holds).map(|bytes| csv::load(kind, &path, bytes));
        if known.is_some_and(|loaded| loaded.ids().any(|other| other == id)) {
            return Err(Error::new(Class::Conflict, format!("{kind} {id} is there already"))
                .hint(format!("desk {kind} show {id}")));
        }
        let cells = csv::cells(kind, value).map_err(Error::usage)?;
        let after = csv::append(kind, before.as_deref(), &cells)
            .map_err(|why| uneditable_register(&path, &why))?;
        self.put(path, before, after);
        Ok(())
    }

    fn set_cells(&mut self, kind: Kind, id: &str, value: &Map<String, Value>) -> Result<()> {
        let path = path_of(kind, id)?;
        let missing = || Error::usage(format!("no {kind} \"{id}\""));
        let before = self.bytes(&path)?.ok_or_else(missing)?;
        let cells = csv::cells(kind, value).map_err(Error::usage)?;
        let after = csv::set(&before, id, &cells)
            .map_err(|why| uneditable_register(&path, &why))?
            .ok_or_else(missing)?;
        self.put(path, Some(before), after);
        Ok(())
    }

    /// Parts the confidential fields of a new master where the directory keeps them apart.
    fn part(
        &self,
        kind: Kind,
        value: &Map<String, Value>,
    ) -> Result<(Map<String, Value>, Map<String, Value>)> {
        let apart = kind.info().form == Form::Master && self.keeps_private()?;
        let secret = |key: &str| apart && kind.info().confidential.contains(&key);
        Ok(value.clone().into_iter().partition(|(key, _)| !secret(key)))
    }

    fn keeps_private(&self) -> Result<bool> {
        if let Some(known) = self.private.get() {
            return Ok(*known);
        }
        let listed = self
            .files
            .list("")
            .map_err(|error| Error::failure("cannot list the data directory").because(error))?;
        let keeps = listed.iter().any(|entry| entry.name == layout::PRIVATE);
        Ok(*self.private.get_or_init(|| keeps))
    }

    fn edit(&mut self, kind: Kind, id: &str, key: &str, edit: text::Edit) -> Result<()> {
        let path = self.file_of(kind, id, key)?;
        let fresh = format!("id = \"{id}\"\n").into_bytes();
        let before = self.bytes(&path)?;
        let missing = before.is_none() && !path.starts_with(layout::PRIVATE);
        if missing {
            return Err(Error::usage(format!("no {kind} \"{id}\"")));
        }
        let text = before.clone().unwrap_or(fresh);
        let after = text::edit(&text, &[edit], kind.fields())
            .map_err(|why| uneditable(kind, id, &path, &why.to_string()))?;
        self.put(path, before, after);
        Ok(())
    }

    /// The file a field of a record is edited in: the confidential one where it stands, or belongs,
    /// there.
    fn file_of(&self, kind: Kind, id: &str, key: &str) -> Result<String> {
        let path = path_of(kind, id)?;
        if !kind.info().confidential.contains(&key) {
            return Ok(path);
        }
        let public = self.bytes(&path)?.unwrap_or_default();
        let read = text::read(&path, &public, kind.fields());
        let in_public = read.table.is_some_and(|table| table.contains_key(key));
        if in_public || !self.keeps_private()? {
            return Ok(path);
        }
        Ok(format!("{}/{path}", layout::PRIVATE))
    }

    /// The bytes as staged so far.
    fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>> {
        if let Some(at) = self.places.get(path) {
            return Ok(self.writes[*at].after.clone());
        }
        self.files
            .read(path)
            .map_err(|error| Error::failure(format!("cannot read {path}")).because(error))
    }

    fn put(&mut self, path: String, before: Option<Vec<u8>>, after: Vec<u8>) {
        self.leave(path, before, Some(after));
    }

    /// Leaves a file with these bytes, or none.
    fn leave(&mut self, path: String, before: Option<Vec<u8>>, after: Option<Vec<u8>>) {
        match self.places.get(&path) {
            Some(at) => self.writes[*at].after = after,
            None => {
                self.places.insert(path.clone(), self.writes.len());
                self.writes.push(FileWrite { path, before, after });
            }
        }
    }
}

fn uneditable(kind: Kind, id: &str, path: &str, why: &str) -> Error {
    Error::refused(format!("cannot edit {path} in place: {why}"), Vec::new())
        .hint(format!("desk {kind} edit {id}"))
}

/// A register whose rows cannot be told apart; no row of it can be edited either.
fn uneditable_register(path: &str, why: &str) -> Error {
    Error::refused(format!("cannot edit {path} in place: {why}"), Vec::new())
        .hint(format!("desk check {path}"))
}

/// A value under its path, as fields of a row.
fn nested(path: &KeyPath, value: &Value) -> Result<Map<String, Value>> {
    let mut held = value.clone();
    for step in path.0.iter().rev() {
        let Step::Key(key) = step else {
            return Err(Error::usage(format!("{path} is one item of a cell; set the whole list")));
        };
        held = Value::Object(Map::from_iter([(key.clone(), held)]));
    }
    match held {
        Value::Object(fields) => Ok(fields),
        _ => Err(Error::usage("no field was named")),
    }
}

fn top(path: &[Step]) -> &str {
    match path.first() {
        Some(Step::Key(key)) => key,
        _ => "",
    }
}

fn path_of(kind: Kind, id: &str) -> Result<String> {
    layout::path(kind, id).ok_or_else(|| {
        let error = Error::usage(format!("\"{id}\" cannot be the id of this {kind}"));
        error.hint(format!("the form is {}", layout::form(kind)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    const FILE: &str = "tasks/2026-09.csv";

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("an object of the test") };
        map
    }

    fn add(id: &str) -> Edit {
        let value = object(json!({"id": id, "date": "2026-09-01", "title": "call"}));
        Edit::Add { kind: Kind::Task, id: id.into(), value }
    }

    fn staged(files: &Files, edits: Vec<Edit>) -> Result<Vec<FileWrite>> {
        stage(files, &Change { edits, ..Change::default() })
    }

    #[test]
    fn edits_of_one_register_come_to_one_write() {
        let files = Files::memory(BTreeMap::new());
        let block = json!({"at": "2026-09-02T10:00:00+08:00", "by": "wang", "reason": "twice"});
        let (kind, id) = (Kind::Task, "TK-2609-0001".to_owned());
        let owner = KeyPath::key("owner");
        let edits = vec![
            add(&id),
            add("TK-2609-0002"),
            add("TK-2610-A0001"),
            Edit::Set { kind, id: id.clone(), path: owner.clone(), value: json!("zhou") },
            Edit::Push { kind, id: id.clone(), key: "void".into(), block: object(block) },
            Edit::Set { kind, id: "TK-2609-0002".into(), path: owner, value: json!("wang") },
            Edit::Remove { kind, id: "TK-2609-0002".into(), path: KeyPath::key("owner") },
        ];
        let writes = staged(&files, edits).expect("sound edits");
        let paths: Vec<_> = writes.iter().map(|write| write.path.as_str()).collect();
        assert_eq!(paths, [FILE, "tasks/2026-10-A.csv"]);
        let text = String::from_utf8_lossy(writes[0].after.as_deref().expect("a file"));
        let rows: Vec<_> = text.lines().skip(1).collect();
        let void = "2026-09-02T10:00:00+08:00,wang,twice";
        let first = format!("TK-2609-0001,2026-09-01,call,zhou,,,,,,,,{void}");
        assert_eq!(rows, [first.as_str(), "TK-2609-0002,2026-09-01,call,,,,,,,,,,,"]);
        assert_eq!(writes[0].before, None);
    }

    #[test]
    fn an_id_is_given_once_and_a_row_must_be_there() {
        let files = Files::memory(BTreeMap::new());
        let class = |edits| staged(&files, edits).expect_err("a refusal").kind;
        let id = "TK-2609-0001";
        assert_eq!(class(vec![add(id), add(id)]), Class::Conflict);
        let (kind, path) = (Kind::Task, KeyPath::key("owner"));
        let of_row = |id: &str| Edit::Remove { kind, id: id.into(), path: path.clone() };
        assert_eq!(class(vec![of_row(id)]), Class::Usage);
        assert_eq!(class(vec![add(id), of_row("TK-2609-0002")]), Class::Usage);
        assert_eq!(class(vec![add("TK-2609-1")]), Class::Usage);
    }
}
