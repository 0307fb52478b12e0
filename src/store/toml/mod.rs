//! Record files: one TOML document each, read with every fault at once, printed, and edited in
//! place.
//!
//! The parser is the library's; around it stand four parts. [`read`] gives the parsed table and
//! everything that is wrong with it, positioned by bytes of the file; [`locate`] finds a value
//! again for a finding that knows only its path; [`edit`] changes single values and leaves every
//! other byte alone; [`print()`] writes a new document. Nothing here panics on data, and no table is
//! given out whose text was not whole.

mod bracket;
mod check;
mod edit;
mod fault;
mod json;
mod locate;
mod print;
mod raw;
mod recover;
pub(in crate::store) mod scalar;
mod splice;

use serde::de::DeserializeOwned;
use toml::Spanned;
pub use toml::de::DeTable;

use crate::finding::Finding;
use crate::record::schema::Field;

pub use edit::{Edit, edit};
pub use json::value;
pub use locate::{line_column, locate, without};
pub use print::print;

/// Largest record file, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Deepest nesting of brackets, and most parts of one dotted key.
pub const MAX_DEPTH: usize = 16;

/// What a record file holds, and all that is wrong with it.
#[derive(Debug)]
pub struct Read<'a> {
    /// The parsed table; nothing where the text is not whole TOML, so that a part is never
    /// taken for the record.
    pub table: Option<DeTable<'a>>,
    /// Everything wrong, in the order of the file.
    pub findings: Vec<Finding>,
}

/// Reads a file and checks it along the fields of its kind.
pub fn read<'a>(file: &str, bytes: &'a [u8], fields: &[Field]) -> Read<'a> {
    let mut raw = raw::inspect(file, bytes);
    let mut findings = std::mem::take(&mut raw.findings);
    let Some(text) = raw.text else { return Read { table: None, findings } };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() || !raw.markers.is_empty() || raw.has_nul {
        findings.append(&mut recover::findings(file, text, &raw, fields));
        findings.sort_by_key(place_start);
        return Read { table: None, findings };
    }
    let table = table.into_inner();
    check::walk(file, text, &table, fields, &mut findings);
    raw::final_newline(file, text, &mut findings);
    findings.sort_by_key(place_start);
    Read { table: Some(table), findings }
}

/// Makes a record, or a part of one, of a checked table.
///
/// The message names the value's path; positions come from [`read`], which finds such faults first.
pub fn deserialize<T: DeserializeOwned>(table: DeTable<'_>) -> Result<T, String> {
    let whole = toml::de::Deserializer::from(Spanned::new(0..0, table));
    T::deserialize(whole).map_err(|error| error.to_string().trim_end().replace('\n', " "))
}

/// Parts a table in two without parsing again: the keys that `is_first` takes, and the rest.
pub fn split<'a>(
    table: DeTable<'a>,
    is_first: impl Fn(&str) -> bool,
) -> (DeTable<'a>, DeTable<'a>) {
    let mut first = DeTable::with_capacity(table.len());
    let mut rest = DeTable::with_capacity(table.len());
    for (key, value) in table {
        let part = if is_first(key.get_ref()) { &mut first } else { &mut rest };
        part.insert(key, value);
    }
    (first, rest)
}

fn place_start(finding: &Finding) -> usize {
    match &finding.place.at {
        crate::value::place::At::Span(span) => span.start,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
