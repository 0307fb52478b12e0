//! Turning a change into bytes: which file each edit falls into, and what that file will hold.

use serde_json::{Map, Value};

use super::{atomic::FileWrite, files::Files, layout, toml as text};
use crate::{
    error::{Error, Kind as Class, Result},
    record::{
        Form, Kind,
        change::{Change, Edit},
    },
    value::place::Step,
};

/// The bytes a change leads to, a write for each file, in the order of the change.
pub fn stage(files: &Files, change: &Change) -> Result<Vec<FileWrite>> {
    let mut staged = Staged { files, writes: Vec::new() };
    for edit in &change.edits {
        staged.apply(edit)?;
    }
    staged.writes.retain(|write| write.before.as_ref() != Some(&write.after));
    Ok(staged.writes)
}

struct Staged<'a> {
    files: &'a Files,
    writes: Vec<FileWrite>,
}

impl Staged<'_> {
    fn apply(&mut self, edit: &Edit) -> Result<()> {
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
        let listed = self
            .files
            .list("")
            .map_err(|error| Error::failure("cannot list the data directory").because(error))?;
        Ok(listed.iter().any(|entry| entry.name == layout::PRIVATE))
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
        let after = text::edit(&text, &[edit], kind.fields()).map_err(|why| {
            Error::refused(format!("cannot edit {path} in place: {why}"), Vec::new())
                .hint(format!("desk {kind} edit {id}"))
        })?;
        self.put(path, before, after);
        Ok(())
    }

    /// The file a field of a record is edited in: the confidential one where it stands, or belongs, there.
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
        if let Some(write) = self.writes.iter().find(|write| write.path == path) {
            return Ok(Some(write.after.clone()));
        }
        self.files
            .read(path)
            .map_err(|error| Error::failure(format!("cannot read {path}")).because(error))
    }

    fn put(&mut self, path: String, before: Option<Vec<u8>>, after: Vec<u8>) {
        match self.writes.iter_mut().find(|write| write.path == path) {
            Some(write) => write.after = after,
            None => self.writes.push(FileWrite { path, before, after }),
        }
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
