//! Why a command stopped, and the exit code that says so.

use std::fmt;

use crate::finding::Finding;

/// The class of an error, which is its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The disk, git or the terminal failed.
    Failure = 1,
    /// The command line is off: usage, unknown id or name.
    Usage = 2,
    /// A rule refuses.
    Refused = 3,
    /// An approval is missing.
    Approval = 4,
    /// Changed meanwhile, or locked.
    Conflict = 5,
    /// Nothing was found and `--fail-empty` was given.
    Empty = 6,
    /// Interrupted.
    Interrupted = 130,
}

/// Why a command stopped: one message, its cause, the findings that refused it, and hints that are
/// commands.
#[derive(Debug)]
pub struct Error {
    /// Class and exit code.
    pub kind: Kind,
    /// What was attempted and why not: lower case, no full stop.
    pub message: String,
    /// The cause from below.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// The findings that refused it.
    pub findings: Vec<Finding>,
    /// What to do, a command each.
    pub hints: Vec<String>,
    /// The bytes that would have been written, which the findings may point into.
    pub staged: Vec<(String, Option<Vec<u8>>)>,
}

/// The result of everything that can stop a command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a class.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
            findings: Vec::new(),
            hints: Vec::new(),
            staged: Vec::new(),
        }
    }

    /// The command line is off.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// The disk, git or the terminal failed.
    pub fn failure(message: impl Into<String>) -> Self {
        Self::new(Kind::Failure, message)
    }

    /// A rule refuses.
    pub fn refused(message: impl Into<String>, findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::new(Kind::Refused, message) }
    }

    /// Changed meanwhile, or locked.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, message)
    }

    /// Saying that nothing of what was asked for stands.
    #[must_use]
    pub fn unwritten(mut self) -> Self {
        self.message.push_str("; nothing was written");
        self
    }

    /// With its cause.
    #[must_use]
    pub fn because(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// With what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
