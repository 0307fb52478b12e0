//! A record with the place it stands in, as its own kind or as one of any.

use std::any::Any;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Kind, Record, common::Common};
use crate::value::{
    day::Day,
    place::{KeyPath, Place},
};

/// A record with the file it stands in.
#[derive(Debug, Clone)]
pub struct Doc<R> {
    /// File relative to the data directory.
    pub file: String,
    /// Line of a register's file; 0 elsewhere.
    pub row: usize,
    /// The common fields.
    pub common: Common,
    /// The kind's own fields.
    pub rec: R,
}

/// A record of any kind.
pub trait Entry: Send + Sync {
    /// The kind.
    fn kind(&self) -> Kind;
    /// File relative to the data directory.
    fn file(&self) -> &str;
    /// Line of a register's file; 0 elsewhere.
    fn row(&self) -> usize;
    /// The common fields.
    fn common(&self) -> &Common;
    /// Words it may be found by, besides its id.
    fn names(&self) -> Vec<&str>;
    /// The days of its facts.
    fn days(&self) -> Vec<Day>;
    /// Its fields as the file holds them, in the order of the field table; absent ones left out.
    fn value(&self) -> Map<String, Value>;
    /// Its fields in few bytes, for [`Kind::unpack`]; nothing where they cannot be packed.
    fn pack(&self) -> Option<Vec<u8>>;
    /// The record itself, for [`Doc::of`].
    fn any(&self) -> &dyn Any;
}

impl<R: Record> Doc<R> {
    /// The record as its own kind, if it is of that kind.
    pub fn of(entry: &dyn Entry) -> Option<&Self> {
        entry.any().downcast_ref()
    }

    /// Its id or code.
    pub fn id(&self) -> &str {
        &self.common.id
    }

    /// Whether it counts: it is not void.
    pub fn counts(&self) -> bool {
        self.common.void.is_none()
    }
}

impl<R: Record> Entry for Doc<R> {
    fn kind(&self) -> Kind {
        R::KIND
    }
    fn file(&self) -> &str {
        &self.file
    }
    fn row(&self) -> usize {
        self.row
    }
    fn common(&self) -> &Common {
        &self.common
    }
    fn names(&self) -> Vec<&str> {
        self.rec.names()
    }
    fn days(&self) -> Vec<Day> {
        R::days(self)
    }
    fn value(&self) -> Map<String, Value> {
        let mut own = fields_present(&self.rec);
        let mut common = fields_present(&self.common);
        let mut value = Map::with_capacity(own.len() + common.len());
        for field in R::KIND.fields() {
            let held = own.get_mut(&field.key).or_else(|| common.get_mut(&field.key));
            value.extend(held.map(|held| (field.key.clone(), held.take())));
        }
        value
    }
    fn pack(&self) -> Option<Vec<u8>> {
        postcard::to_allocvec(&(&self.common, &self.rec)).ok()
    }
    fn any(&self) -> &dyn Any {
        self
    }
}

impl dyn Entry + '_ {
    /// Where a field of it stands: a value of its file, or a cell of its row.
    pub fn place(&self, path: KeyPath) -> Place {
        match self.row() {
            0 => Place::key(self.file(), path),
            row => Place::cell(self.file(), row, path.column()),
        }
    }
}

/// The fields of a struct that hold something.
fn fields_present(fields: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(fields) {
        Ok(mut value) => {
            prune(&mut value);
            match value {
                Value::Object(map) => map,
                _ => Map::new(),
            }
        }
        Err(_) => Map::new(),
    }
}

/// Takes out nulls and empty lists, which a file does not hold.
fn prune(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(prune);
            map.retain(|_, held| {
                !held.is_null() && held.as_array().is_none_or(|list| !list.is_empty())
            });
        }
        Value::Array(list) => list.iter_mut().for_each(prune),
        _ => {}
    }
}
