//! A data directory as a commit has it, for `--rev`: read whole into memory, and never written.

use super::{Desk, config_bytes, read_config};
use crate::{
    book::Book,
    error::{Error, Result},
    store::{files::Files, git::Repository},
    value::day::Day,
};

impl Desk {
    /// The data directory as a commit has it; a day stands for the last commit by its end.
    pub(super) fn book_of(&self, rev: &str) -> Result<Book> {
        let none = || Error::usage(format!("--rev {rev}: there is no such commit")).hint("git log");
        let repository = Repository::of(&self.root)?
            .ok_or_else(|| Error::usage("--rev needs a git repository, and here is none"))?;
        let commit = match rev.parse::<Day>() {
            Ok(day) => {
                let (config, _) = read_config(&config_bytes(&Files::disk(&self.root))?)?;
                let zone = config.zone().unwrap_or(chrono_tz::Tz::UTC);
                let next = day.0.succ_opt().and_then(|next| next.and_hms_opt(0, 0, 0));
                let end = next.and_then(|next| next.and_local_timezone(zone).earliest());
                repository.last_before(end.ok_or_else(none)?.timestamp())?
            }
            Err(_) => repository.commit_of(rev)?,
        };
        let commit = commit.ok_or_else(none)?;
        let mut book = self.book_over(Files::memory(repository.files_of(&commit)?))?;
        book.commit = Some(commit);
        Ok(book)
    }
}
