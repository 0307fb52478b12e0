//! What is wrong with the data, and where: plain data, positioned, many at a time.
//!
//! A finding is about records; an [`crate::error::Error`] is why a command stopped.

use crate::value::place::{KeyPath, Place};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For information; `check` passes.
    Note,
    /// Worth a look; `check` passes.
    Warning,
    /// Must be mended; `check` fails, the write gate refuses.
    Error,
}

impl Level {
    /// The word for it in text and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A mechanical mend that `check --fix` may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Put these bytes in place of the finding's span.
    Replace(String),
    /// Rewrite the file without byte order mark and with LF line ends.
    PlainText,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Stable code, `topic.name`, explained by `desk check --explain`.
    pub code: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Words under the caret.
    pub label: Option<String>,
    /// Further spots that explain it, each with its words.
    pub others: Vec<(Place, String)>,
    /// Further facts, a line each.
    pub notes: Vec<String>,
    /// What to do: a command, or a word to write.
    pub hint: Option<String>,
    /// A mechanical mend.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding of a level at a place.
    pub fn new(code: &'static str, level: Level, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            level,
            message: message.into(),
            place,
            label: None,
            others: Vec::new(),
            notes: Vec::new(),
            hint: None,
            fix: None,
        }
    }

    /// An error at a place.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Level::Error, place, message)
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Level::Warning, place, message)
    }

    /// An error at a value of a document.
    pub fn at(code: &'static str, file: &str, path: KeyPath, message: impl Into<String>) -> Self {
        Self::error(code, Place::key(file, path), message)
    }

    /// With words under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With a further spot.
    #[must_use]
    pub fn other(mut self, place: Place, label: impl Into<String>) -> Self {
        self.others.push((place, label.into()));
        self
    }

    /// With a further fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With a mechanical mend.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

/// So many names a line gives.
const FEW: usize = 10;

/// The first of some names, and how many there are where they are not all.
pub fn a_few(names: &[impl AsRef<str>]) -> String {
    let first: Vec<&str> = names.iter().take(FEW).map(AsRef::as_ref).collect();
    let first = first.join(", ");
    match names.len() > FEW {
        true => format!("{first} …, {} in all", names.len()),
        false => first,
    }
}

/// The files that findings are about, each once; nothing without findings.
pub fn files(findings: &[Finding]) -> Option<String> {
    let mut files: Vec<&str> = findings.iter().map(|own| own.place.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    (!files.is_empty()).then(|| a_few(&files))
}
