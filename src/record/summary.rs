//! Summaries of the week: what someone did, what comes next, and what stands in the way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Examples, Form, Kind, Record};
use crate::value::week::Week;

/// What someone says of their week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// The week, such as 2026-W38.
    pub week: Week,
    /// What was done.
    pub done: Option<String>,
    /// What comes next.
    pub next: Option<String>,
    /// What stands in the way.
    pub problems: Option<String>,
}

impl Record for Summary {
    const KIND: Kind = Kind::Summary;
    const NOUN: &'static str = "summary";
    const FOLDER: &'static str = "summaries";
    const FORM: Form = Form::Register;
    const PREFIX: &'static str = "WS";
    const SUMMARY: &'static str = "what everyone says of their week, and who has not";
    const SUBJECT: Option<&'static str> = Some("week");
    const CELLS: &'static [&'static str] =
        &["id", "date", "week", "staff", "done", "next", "problems"];
    const COLUMNS: &'static [&'static str] =
        &["id", "date", "week", "staff", "done", "next", "problems"];
    const EXAMPLES: Examples =
        Examples { id: "WS-2609-0001", filter: "week:2026-W38", set: "problems=无" };

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}
