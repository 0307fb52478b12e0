//! A register's row on its way from cells to a record.
//!
//! For the reader of registers. A cell is text; the field table says what it holds, so the same
//! structs that read TOML read rows, and nothing of a row is copied before its record keeps it.

use std::borrow::Cow;

use serde::{
    Deserialize,
    de::{
        DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor,
        value::{Error, MapAccessDeserializer, SeqDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};

use super::schema::{Field, Type};

/// A column of a register's file.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The field, its key being the column's name (`void_at`).
    pub field: Field,
    /// Which struct holds it.
    pub part: Part,
    /// Its key in that struct (`at`).
    pub name: String,
}

/// The struct that a column is read into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The common fields.
    Common,
    /// The kind's own.
    Own,
    /// The common table `void`.
    Void,
}

/// A cell that holds something.
#[derive(Debug, Clone)]
pub struct Cell<'a> {
    /// Its column.
    pub column: &'a Column,
    /// What it says, quotes and guards taken off.
    pub text: Cow<'a, str>,
}

/// Why a row does not make a record, and which cell is to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Column, where one cell is to blame.
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// Reads the cells of one part into its struct.
pub(super) fn read<'a, T: Deserialize<'a>>(cells: &[Cell<'_>], part: Part) -> Result<T, Misfit> {
    let mut at = None;
    let access = Cells { rest: cells.iter(), part, held: None, at: &mut at };
    T::deserialize(MapAccessDeserializer::new(access))
        .map_err(|error| Misfit { column: at, message: error.to_string() })
}

/// Whether any cell belongs to a part.
pub(super) fn holds(cells: &[Cell<'_>], part: Part) -> bool {
    cells.iter().any(|cell| cell.column.part == part)
}

struct Cells<'a, 'c> {
    rest: std::slice::Iter<'a, Cell<'c>>,
    part: Part,
    held: Option<&'a Cell<'c>>,
    at: &'a mut Option<String>,
}

impl<'de> MapAccess<'de> for Cells<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let part = self.part;
        self.held = self.rest.find(|cell| cell.column.part == part);
        let Some(cell) = self.held else { return Ok(None) };
        let key: StrDeserializer<'_, Error> = cell.column.name.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let cell = self.held.take().ok_or_else(|| Error::custom("a value without its key"))?;
        let value = Value { text: &cell.text, kind: &cell.column.field.kind };
        seed.deserialize(value).inspect_err(|_| *self.at = Some(cell.column.field.key.clone()))
    }
}

/// The text of a cell, or of one item of its list.
struct Value<'a> {
    text: &'a str,
    kind: &'a Type,
}

impl<'de> IntoDeserializer<'de> for Value<'_> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kind {
            Type::Int => {
                let whole = self.text.parse().map_err(|_| Error::custom("not a whole number"))?;
                visitor.visit_i64(whole)
            }
            Type::Bool => visitor.visit_bool(self.text == "true"),
            Type::List(kind) => {
                let items = items(self.text).map(|text| Value { text, kind });
                visitor.visit_seq(SeqDeserializer::new(items))
            }
            _ => visitor.visit_str(self.text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let word: StrDeserializer<'_, Error> = self.text.into_deserializer();
        visitor.visit_enum(word)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The items of a list in one cell, which `;` separates.
pub fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|item| !item.is_empty())
}
