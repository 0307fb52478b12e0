//! The journal: what every command did, with the bytes to finish it or to take it back.
//!
//! 1. `.desk/journal` is one file that only grows. A frame says that an operation began, with every
//!    file's change, or that the operation before it ended; a torn tail is as if it were not there.
//! 2. An operation counts from the moment its frame is on the disk: readers lay its bytes over the
//!    files, and the next writer finishes it. Before that moment none of its files is touched.
//! 3. At most one operation has begun and not ended, and it is the last one.
//! 4. A file that is neither as the operation found it nor as it leaves it was changed by someone
//!    else. It is never overwritten.
//! 5. Whatever it says, only files of records, attachments and desk.toml are ever written.
//! 6. Only who holds the lock writes it. It is local: never shared, and deleting it loses nothing
//!    but what could be undone, as long as no operation is unfinished.

mod frame;
mod settle;
mod step;

pub use frame::{Journal, Tail, logged, seen};
pub use settle::{Stuck, finish, foreign, laid_over, settle, take_back};
pub use step::{State, Step};

use serde::{Deserialize, Serialize};

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, one more than that of the operation before it.
    pub no: u64,
    /// When it was done, as RFC 3339.
    pub at: String,
    /// Who did it: a staff code or a name; empty where nobody was named.
    pub by: String,
    /// The command line.
    pub command: String,
    /// What it said when it was done.
    pub said: Vec<String>,
    /// What it does.
    pub role: Role,
    /// The records it touches: noun and id.
    pub records: Vec<(String, String)>,
    /// Ids that are not given again although no record has them: the highest of each kind, month
    /// and site.
    pub spent: Vec<String>,
    /// What it does to each file.
    pub steps: Vec<Step>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Something of its own.
    Does,
    /// It takes back the operation of a number.
    Undoes(u64),
    /// It does again the operation of a number.
    Redoes(u64),
}

/// An operation and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The operation.
    pub entry: Entry,
    /// What became of it.
    pub fate: Fate,
    /// Files it did not finish, or take back, because someone else had changed them.
    pub left: Vec<String>,
}

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stands.
    Stands,
    /// It was taken back by the operation of a number.
    Undone(u64),
    /// Its files could not be written; nothing of it stands.
    Dropped,
    /// It began and was not finished; the next command that writes finishes it.
    Unfinished,
}

/// The operation that `undo` means: the one of someone that stands and was done, or done again,
/// last.
pub fn undoable<'a>(logged: &'a [Logged], by: &str) -> Option<&'a Logged> {
    let own = logged.iter().rev().filter(|one| one.entry.by == by && one.fate == Fate::Stands);
    let mut done = own.filter_map(|one| match one.entry.role {
        Role::Does => Some(one),
        Role::Redoes(no) => numbered(logged, no),
        Role::Undoes(_) => None,
    });
    done.find(|one| one.fate == Fate::Stands)
}

/// The operation that `redo` means: the last one that someone took back, unless they did something
/// else since.
pub fn redoable<'a>(logged: &'a [Logged], by: &str) -> Option<&'a Logged> {
    let since = logged.iter().rev().filter(|one| one.entry.by == by && one.fate != Fate::Dropped);
    for one in since {
        match one.entry.role {
            Role::Does if one.fate == Fate::Stands => return None,
            Role::Undoes(no) => {
                let target = numbered(logged, no)?;
                if matches!(target.fate, Fate::Undone(by) if by == one.entry.no) {
                    return Some(target);
                }
            }
            Role::Does | Role::Redoes(_) => {}
        }
    }
    None
}

/// The operation of a number.
pub fn numbered(logged: &[Logged], no: u64) -> Option<&Logged> {
    let at = logged.binary_search_by_key(&no, |one| one.entry.no).ok()?;
    logged.get(at)
}
