//! Closings: digests of issued invoices and of the records of closed months, chained one to the
//! next, so that a later change of any of them shows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Examples, Form, Kind, Record};

/// A closing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Closing {
    /// Month that was closed, `2026-09`; blank for an issued invoice.
    pub month: Option<String>,
    /// The record; blank where a month was closed that has none.
    #[schemars(extend("ref" = "any"))]
    pub record: Option<String>,
    /// SHA-256 of the digest before it, the month, the id and the record's frozen bytes.
    pub digest: String,
    /// The digest before it, of the same site; blank for the first.
    pub previous: Option<String>,
}

impl Record for Closing {
    const KIND: Kind = Kind::Closing;
    const NOUN: &'static str = "closing";
    const FOLDER: &'static str = "closings";
    const FORM: Form = Form::Register;
    const PREFIX: &'static str = "CL";
    const SUMMARY: &'static str = "digests of issued invoices and closed months, to read only";
    const SUBJECT: Option<&'static str> = Some("record");
    const CELLS: &'static [&'static str] = &["id", "date", "month", "record", "digest", "previous"];
    const COLUMNS: &'static [&'static str] = &["id", "date", "month", "record", "digest"];
    const EXAMPLES: Examples =
        Examples { id: "CL-2609-0001", filter: "record:IN-2609-0001", set: "" };

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}
