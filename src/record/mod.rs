//! The record kinds: plain structs, one file each, and the list that makes them known everywhere.
//!
//! Adding a kind is one file here and one line in `kinds!`: folder, checks, shared verbs, flags, columns, formats, templates
//! and the dictionary follow from the struct.

pub mod amount;
pub mod change;
pub mod common;
pub mod contract;
pub mod customer;
pub mod order;
pub mod product;
pub mod schema;
pub mod staff;
pub mod supplier;

use std::{any::Any, fmt, sync::OnceLock};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use common::Common;
use schema::Field;

use crate::value::day::Day;

/// The form a kind is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `FOLDER/CODE.toml`.
    Master,
    /// `FOLDER/YYYY-MM/ID.toml`.
    Document,
    /// Rows of `FOLDER/YYYY-MM.csv`.
    Register,
}

/// A kind's own fields, and what the program must know about them.
pub trait Record:
    Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static
{
    /// The kind.
    const KIND: Kind;
    /// Its name in commands and references.
    const NOUN: &'static str;
    /// Its folder in the data directory.
    const FOLDER: &'static str;
    /// The form it is kept in.
    const FORM: Form;
    /// Prefix of its ids; masters have codes instead.
    const PREFIX: &'static str = "";
    /// One line for help.
    const SUMMARY: &'static str;
    /// The field that the first argument of `add` fills.
    const SUBJECT: Option<&'static str> = None;
    /// Fields that stand in `private/`.
    const CONFIDENTIAL: &'static [&'static str] = &[];
    /// Columns of `list` unless others are asked for.
    const COLUMNS: &'static [&'static str];

    /// Words it may be found by, besides its id.
    fn names(&self) -> Vec<&str>;

    /// The days of its facts, which need not lie in the month of its folder.
    fn days(doc: &Doc<Self>) -> Vec<Day> {
        doc.common.date.into_iter().collect()
    }
}

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
        let mut value = Map::new();
        for field in R::KIND.fields() {
            let held = own.shift_remove(&field.key).or_else(|| common.shift_remove(&field.key));
            value.extend(held.map(|held| (field.key.clone(), held)));
        }
        value
    }
    fn any(&self) -> &dyn Any {
        self
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

/// What the program knows about a kind.
#[derive(Clone, Copy)]
pub struct KindInfo {
    /// Its name in commands and references.
    pub noun: &'static str,
    /// Its folder in the data directory.
    pub folder: &'static str,
    /// The form it is kept in.
    pub form: Form,
    /// Prefix of its ids.
    pub prefix: &'static str,
    /// One line for help.
    pub summary: &'static str,
    /// The field that the first argument of `add` fills.
    pub subject: Option<&'static str>,
    /// Fields that stand in `private/`.
    pub confidential: &'static [&'static str],
    /// Columns of `list` unless others are asked for.
    pub columns: &'static [&'static str],
    own_fields: fn() -> Vec<Field>,
    build: Build,
}

/// Makes a record from its two halves, the common fields and its own.
type Build = fn(Halves<'_>, &str, usize) -> Result<Box<dyn Entry>, String>;

/// A record's TOML table, parted into the common fields and the kind's own.
pub struct Halves<'a> {
    /// Common fields.
    pub common: toml::de::DeTable<'a>,
    /// The kind's own.
    pub own: toml::de::DeTable<'a>,
}

fn build<R: Record>(halves: Halves<'_>, file: &str, row: usize) -> Result<Box<dyn Entry>, String> {
    let common = from_table(halves.common)?;
    let rec: R = from_table(halves.own)?;
    Ok(Box::new(Doc { file: file.to_owned(), row, common, rec }))
}

fn from_table<T: DeserializeOwned>(table: toml::de::DeTable<'_>) -> Result<T, String> {
    let spanned = toml::Spanned::new(0..0, table);
    T::deserialize(toml::de::Deserializer::from(spanned))
        .map_err(|error| error.message().to_owned())
}

macro_rules! kinds {
    ($($module:ident :: $name:ident),+ $(,)?) => {
        /// A kind of record.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = concat!("`", stringify!($name), "`.")] $name),+
        }

        /// Every kind, in the order of help.
        pub const KINDS: &[Kind] = &[$(Kind::$name),+];

        static INFO: &[KindInfo] = &[$(KindInfo {
            noun: <$module::$name as Record>::NOUN,
            folder: <$module::$name as Record>::FOLDER,
            form: <$module::$name as Record>::FORM,
            prefix: <$module::$name as Record>::PREFIX,
            summary: <$module::$name as Record>::SUMMARY,
            subject: <$module::$name as Record>::SUBJECT,
            confidential: <$module::$name as Record>::CONFIDENTIAL,
            columns: <$module::$name as Record>::COLUMNS,
            own_fields: schema::fields_of::<$module::$name>,
            build: build::<$module::$name>,
        }),+];

        static FIELDS: [OnceLock<Vec<Field>>; [$(Kind::$name),+].len()] =
            [const { OnceLock::new() }; [$(Kind::$name),+].len()];
    };
}

kinds! {
    order::Order,
    contract::Contract,
    customer::Customer,
    supplier::Supplier,
    product::Product,
    staff::Staff,
}

/// Common fields that a file begins with; the others follow the kind's own.
const HEAD: usize = 4;

impl Kind {
    /// What the program knows about the kind.
    pub fn info(self) -> &'static KindInfo {
        &INFO[self as usize]
    }

    /// Its name in commands and references.
    pub fn noun(self) -> &'static str {
        self.info().noun
    }

    /// The kind of a noun.
    pub fn of_noun(noun: &str) -> Option<Self> {
        KINDS.iter().copied().find(|kind| kind.noun() == noun)
    }

    /// The kind whose ids begin with a prefix.
    pub fn of_prefix(prefix: &str) -> Option<Self> {
        KINDS.iter().copied().find(|kind| !prefix.is_empty() && kind.info().prefix == prefix)
    }

    /// The field table: the common head, the kind's own fields, the other common ones.
    pub fn fields(self) -> &'static [Field] {
        FIELDS[self as usize].get_or_init(|| {
            let info = self.info();
            let mut common = common_fields().to_vec();
            let mut fields = Vec::new();
            match info.form {
                Form::Register => fields.extend((info.own_fields)()),
                Form::Master | Form::Document => {
                    fields.extend(common.drain(..HEAD));
                    fields.extend((info.own_fields)());
                    fields.extend(common);
                }
            }
            for field in &mut fields {
                field.required |= field.key == "date" && info.form == Form::Document;
            }
            fields
        })
    }

    /// Makes a record of this kind from its checked table.
    pub fn build(
        self,
        halves: Halves<'_>,
        file: &str,
        row: usize,
    ) -> Result<Box<dyn Entry>, String> {
        (self.info().build)(halves, file, row)
    }

    /// Whether a record of this kind is a document of a month.
    pub fn is_document(self) -> bool {
        self.info().form == Form::Document
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun())
    }
}

/// The fields common to every master and document.
pub fn common_fields() -> &'static [Field] {
    static COMMON: OnceLock<Vec<Field>> = OnceLock::new();
    COMMON.get_or_init(schema::fields_of::<Common>)
}
