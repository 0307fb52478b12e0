//! Where something stands: a file of the data directory and a spot in it.

use std::{fmt, ops::Range};

/// One step of a [`KeyPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// A position in a list or among blocks, from 0.
    Index(usize),
}

/// The path of a value in a document, such as `line[0].price`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyPath(pub Vec<Step>);

/// The spot in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// The file as a whole.
    File,
    /// Bytes of the file, where the reader saw them.
    Span(Range<usize>),
    /// A value, looked up in the text only when it is shown.
    Key(KeyPath),
    /// A cell of a register: row of the file from 1 (the header), and column.
    Cell {
        /// Line of the file, the header being 1.
        row: usize,
        /// Column key.
        column: String,
    },
}

/// A file of the data directory, relative with `/`, and a spot in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path relative to the data directory.
    pub file: String,
    /// Spot in the file.
    pub at: At,
}

impl KeyPath {
    /// The path of one key.
    pub fn key(key: impl Into<String>) -> Self {
        Self(vec![Step::Key(key.into())])
    }

    /// This path with a further key.
    #[must_use]
    pub fn then(&self, key: impl Into<String>) -> Self {
        let mut path = self.clone();
        path.0.push(Step::Key(key.into()));
        path
    }

    /// The register column of a path: `void_reason` for `void.reason`; positions have none.
    pub fn column(&self) -> String {
        let keys = self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        });
        keys.collect::<Vec<_>>().join("_")
    }

    /// This path with a position.
    #[must_use]
    pub fn nth(&self, index: usize) -> Self {
        let mut path = self.clone();
        path.0.push(Step::Index(index));
        path
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl Place {
    /// A file as a whole.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), at: At::File }
    }

    /// Bytes of a file.
    pub fn span(file: impl Into<String>, span: Range<usize>) -> Self {
        Self { file: file.into(), at: At::Span(span) }
    }

    /// A cell of a register, by line of the file and column.
    pub fn cell(file: impl Into<String>, row: usize, column: impl Into<String>) -> Self {
        Self { file: file.into(), at: At::Cell { row, column: column.into() } }
    }

    /// A value of a document.
    pub fn key(file: impl Into<String>, path: KeyPath) -> Self {
        Self { file: file.into(), at: At::Key(path) }
    }
}
