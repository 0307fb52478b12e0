//! The record kinds: plain structs, one file each, and the list that makes them known everywhere.
//!
//! Adding a kind is one file here and one line in `kinds!`: folder, checks, shared verbs, flags,
//! columns, formats, templates and the dictionary follow from the struct.

pub mod allocation;
pub mod amount;
pub mod change;
pub mod closing;
pub mod common;
pub mod contact;
pub mod contract;
pub mod customer;
mod doc;
pub mod expense;
pub mod invoice;
pub mod market;
pub mod order;
pub mod payment;
pub mod plan;
pub mod product;
pub mod row;
pub mod schema;
pub mod shipment;
pub mod staff;
pub mod summary;
pub mod supplier;
pub mod task;

use std::{fmt, sync::OnceLock};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

pub use doc::{Doc, Entry};

use common::{Common, Void};
use row::{Cell, Column, Misfit, Part};
use schema::{Field, Type};

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

/// What help shows of a kind, on the example company.
#[derive(Debug, Clone, Copy)]
pub struct Examples {
    /// An id or code.
    pub id: &'static str,
    /// A condition of `list`.
    pub filter: &'static str,
    /// A pair of `set`.
    pub set: &'static str,
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
    /// Columns of a register's file, own and common fields in their order, before those that every
    /// register ends with (`entered_by, entered_at, void_at, void_by, void_reason`).
    const CELLS: &'static [&'static str] = &[];
    /// Columns of `list` unless others are asked for.
    const COLUMNS: &'static [&'static str];
    /// What help shows, on the example company.
    const EXAMPLES: Examples;

    /// Words it may be found by, besides its id.
    fn names(&self) -> Vec<&str>;

    /// The days of its facts, which need not lie in the month of its folder.
    fn days(doc: &Doc<Self>) -> Vec<Day> {
        doc.common.date.into_iter().collect()
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
    /// What help shows, on the example company.
    pub examples: Examples,
    cells: &'static [&'static str],
    own_fields: fn() -> Vec<Field>,
    build: Build,
    build_row: BuildRow,
    unpack: Unpack,
}

/// Makes a record from its packed fields.
type Unpack = fn(&[u8], &str, usize) -> Option<Box<dyn Entry>>;

/// Makes a record from its two halves, the common fields and its own.
type Build = fn(Halves<'_>, &str, usize) -> Result<Box<dyn Entry>, String>;

/// Makes a record from the cells of a row.
type BuildRow = fn(&[Cell<'_>], &str, usize) -> Result<Box<dyn Entry>, Misfit>;

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

fn build_row<R: Record>(
    cells: &[Cell<'_>],
    file: &str,
    row: usize,
) -> Result<Box<dyn Entry>, Misfit> {
    let mut common: Common = row::read(cells, Part::Common)?;
    if row::holds(cells, Part::Void) {
        common.void = Some(row::read::<Void>(cells, Part::Void)?);
    }
    let rec: R = row::read(cells, Part::Own)?;
    Ok(Box::new(Doc { file: file.to_owned(), row, common, rec }))
}

fn unpack<R: Record>(packed: &[u8], file: &str, row: usize) -> Option<Box<dyn Entry>> {
    let (common, rec): (Common, R) = postcard::from_bytes(packed).ok()?;
    Some(Box::new(Doc { file: file.to_owned(), row, common, rec }))
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
            examples: <$module::$name as Record>::EXAMPLES,
            cells: <$module::$name as Record>::CELLS,
            own_fields: schema::fields_of::<$module::$name>,
            build: build::<$module::$name>,
            build_row: build_row::<$module::$name>,
            unpack: unpack::<$module::$name>,
        }),+];

        static FIELDS: [OnceLock<Vec<Field>>; [$(Kind::$name),+].len()] =
            [const { OnceLock::new() }; [$(Kind::$name),+].len()];

        static CELLS: [OnceLock<Vec<Column>>; [$(Kind::$name),+].len()] =
            [const { OnceLock::new() }; [$(Kind::$name),+].len()];
    };
}

kinds! {
    order::Order,
    contract::Contract,
    shipment::Shipment,
    invoice::Invoice,
    expense::Expense,
    customer::Customer,
    supplier::Supplier,
    product::Product,
    staff::Staff,
    payment::Payment,
    allocation::Allocation,
    contact::Contact,
    plan::Plan,
    task::Task,
    market::Market,
    summary::Summary,
    closing::Closing,
}

/// Common fields that a file begins with; the others follow the kind's own.
const HEAD: usize = 4;
/// Common fields that every register ends with.
const TAIL: [&str; 3] = ["entered_by", "entered_at", "void"];

impl Kind {
    /// What the program knows about the kind.
    pub fn info(self) -> &'static KindInfo {
        &INFO[self as usize]
    }

    /// Its name in commands and references.
    pub fn noun(self) -> &'static str {
        self.info().noun
    }

    /// What one of it is called in sentences and references; the noun of shipments is `ship`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shipment => "shipment",
            _ => self.noun(),
        }
    }

    /// One of it, in a sentence.
    pub fn one(self) -> String {
        match self.word() {
            "staff" => "a member of staff".into(),
            noun if noun.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {noun}"),
            noun => format!("a {noun}"),
        }
    }

    /// The kind of a noun, or of the word for one of it.
    pub fn of_noun(noun: &str) -> Option<Self> {
        KINDS.iter().copied().find(|kind| kind.noun() == noun || kind.word() == noun)
    }

    /// The kinds that a reference may lead to, of those this version reads: one noun, several with
    /// `|` between them, `party`, or `any`.
    pub fn of_reference(noun: &str) -> Vec<Self> {
        match noun {
            "party" => vec![Self::Customer, Self::Supplier, Self::Staff],
            "any" => KINDS.to_vec(),
            nouns => nouns.split('|').filter_map(Self::of_noun).collect(),
        }
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
                Form::Register => {
                    common.extend((info.own_fields)());
                    let keys = info.cells.iter().chain(&TAIL);
                    fields.extend(keys.filter_map(|key| schema::field(&common, key).cloned()));
                }
                Form::Master | Form::Document => {
                    fields.extend(common.drain(..HEAD));
                    fields.extend((info.own_fields)());
                    fields.extend(common);
                }
            }
            for field in &mut fields {
                if field.key != "date" {
                    continue;
                }
                field.required |= info.form != Form::Master;
                field.about = match (info.form, self) {
                    (_, Self::Plan) => "First day of the month that is planned.".into(),
                    (Form::Register, _) => "Day it happened.".into(),
                    _ => std::mem::take(&mut field.about),
                };
            }
            fields
        })
    }

    /// The columns of a register's file, in their order; none for other forms.
    ///
    /// The table `void` stands in a column for each of its fields.
    pub fn cells(self) -> &'static [Column] {
        CELLS[self as usize].get_or_init(|| match self.info().form {
            Form::Register => self.fields().iter().flat_map(columns).collect(),
            Form::Master | Form::Document => Vec::new(),
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

    /// Makes a record of this kind from the checked cells of a row.
    pub fn build_row(
        self,
        cells: &[Cell<'_>],
        file: &str,
        row: usize,
    ) -> Result<Box<dyn Entry>, Misfit> {
        (self.info().build_row)(cells, file, row)
    }

    /// Makes a record of this kind from what [`Entry::pack`] gave; nothing where it does not fit.
    pub fn unpack(self, packed: &[u8], file: &str, row: usize) -> Option<Box<dyn Entry>> {
        (self.info().unpack)(packed, file, row)
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

/// The columns of one field of a register.
fn columns(field: &Field) -> Vec<Column> {
    if let Type::Table(below) = &field.kind {
        let flat = |inner: &Field| Column {
            field: Field {
                key: format!("{}_{}", field.key, inner.key),
                required: false,
                ..inner.clone()
            },
            part: Part::Void,
            name: inner.key.clone(),
        };
        return below.iter().map(flat).collect();
    }
    let is_common = common_fields().iter().any(|common| common.key == field.key);
    let part = if is_common { Part::Common } else { Part::Own };
    vec![Column { field: field.clone(), part, name: field.key.clone() }]
}

/// The fields common to every master and document.
pub fn common_fields() -> &'static [Field] {
    static COMMON: OnceLock<Vec<Field>> = OnceLock::new();
    COMMON.get_or_init(schema::fields_of::<Common>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_names_every_field_of_its_own_in_its_columns_and_no_other() {
        for kind in KINDS.iter().filter(|kind| kind.info().form == Form::Register) {
            let own = (kind.info().own_fields)();
            for field in &own {
                assert!(kind.info().cells.contains(&field.key.as_str()), "{kind}: {}", field.key);
                assert!(schema::field(common_fields(), &field.key).is_none(), "{}", field.key);
            }
            let cells = kind.cells().iter().filter(|column| column.part == Part::Own).count();
            assert_eq!(cells, own.len(), "{kind}");
            assert_eq!(kind.fields().len(), kind.info().cells.len() + TAIL.len(), "{kind}");
        }
    }

    #[test]
    fn the_columns_of_a_task_are_those_of_the_format() {
        let keys: Vec<&str> =
            Kind::Task.cells().iter().map(|column| column.field.key.as_str()).collect();
        let format = "id date title owner due_on every done_on result about entered_by entered_at \
                      void_at void_by void_reason";
        assert_eq!(keys.join(" "), format);
    }
}
