//! The plain files: where each record lies, how it is read, edited and written without loss.

pub mod atomic;
pub mod csv;
pub mod files;
pub mod git;
pub mod index;
pub mod journal;
pub mod layout;
pub mod load;
pub mod stage;
pub mod toml;
