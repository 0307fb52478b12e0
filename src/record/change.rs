//! What a command wants done, as data: edits over one or many files, and the words that say so.
//!
//! Lines are addressed by their place in the document as the command saw it; the lock keeps that
//! true until it is written.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Kind;
use crate::value::place::KeyPath;

/// Most records that a message names.
const NAMED: usize = 5;

/// One edit of one record or file.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A new record.
    Add {
        /// Kind.
        kind: Kind,
        /// Id or code.
        id: String,
        /// Its fields.
        value: Map<String, Value>,
    },
    /// A value set, there before or not.
    Set {
        /// Kind.
        kind: Kind,
        /// Id or code.
        id: String,
        /// Which value.
        path: KeyPath,
        /// The new value.
        value: Value,
    },
    /// A value taken out.
    Remove {
        /// Kind.
        kind: Kind,
        /// Id or code.
        id: String,
        /// Which value.
        path: KeyPath,
    },
    /// A block added to its kind of blocks, or a table that was not there.
    Push {
        /// Kind.
        kind: Kind,
        /// Id or code.
        id: String,
        /// Which blocks.
        key: String,
        /// The block.
        block: Map<String, Value>,
    },
    /// A record's whole text, as an editor left it.
    Replace {
        /// Kind.
        kind: Kind,
        /// Id or code.
        id: String,
        /// The new text.
        bytes: Vec<u8>,
    },
    /// A file beside the records.
    File {
        /// Path relative to the data directory.
        path: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A whole file as it will be, or taken away: moved, taken back, done again.
    Write {
        /// Path relative to the data directory.
        path: String,
        /// Its bytes now; nothing where there is no such file.
        before: Option<Vec<u8>>,
        /// Its bytes to be; nothing where the file goes.
        after: Option<Vec<u8>>,
        /// The records that this touches.
        records: Vec<(Kind, String)>,
    },
}

/// What a command wants done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// The edits, in order.
    pub edits: Vec<Edit>,
    /// What it says when it is done, a line each.
    pub lines: Vec<String>,
    /// The command that comes next.
    pub next: Option<String>,
}

impl Edit {
    /// The record it touches, where it is an edit of one.
    pub fn record(&self) -> Option<(Kind, &str)> {
        match self {
            Self::Add { kind, id, .. }
            | Self::Set { kind, id, .. }
            | Self::Remove { kind, id, .. }
            | Self::Push { kind, id, .. }
            | Self::Replace { kind, id, .. } => Some((*kind, id)),
            Self::File { .. } | Self::Write { .. } => None,
        }
    }

    /// Every record it touches.
    pub fn records(&self) -> impl Iterator<Item = (Kind, &str)> {
        let moved = match self {
            Self::Write { records, .. } => records.as_slice(),
            _ => &[],
        };
        self.record().into_iter().chain(moved.iter().map(|(kind, id)| (*kind, id.as_str())))
    }
}

impl Change {
    /// A change that says one line.
    pub fn saying(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], ..Self::default() }
    }

    /// With a further edit.
    #[must_use]
    pub fn with(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// With the command that comes next.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// The records it touches, the first few by name.
    pub fn names(&self) -> String {
        let ids: Vec<String> = self.touched().into_iter().map(|(_, id)| id).collect();
        let named = ids.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        match ids.len().saturating_sub(NAMED) {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    }

    /// The records it touches, each once, in order.
    pub fn touched(&self) -> Vec<(Kind, String)> {
        let mut seen = BTreeSet::new();
        let records = self.edits.iter().flat_map(Edit::records);
        let first = records.filter(|record| seen.insert(*record));
        first.map(|(kind, id)| (kind, id.to_owned())).collect()
    }
}
