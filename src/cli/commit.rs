//! `--commit` and `[git] commit = true`: each operation a commit of its own.
//!
//! Whether it can be committed is asked before anything is written; what fails afterwards never
//! hides that the record is there.

use super::{Context, Done};
use crate::{
    book::Book,
    desk::{Desk, Mode, Outcome},
    error::{Error, Result},
    record::staff::Staff,
    store::git::{Note, Repository, Turn},
};

impl Context {
    /// Runs an operation, commits what it wrote where that is asked for, and says what it did.
    pub(crate) fn operate(
        &self,
        desk: &Desk,
        mode: Mode,
        operation: impl FnOnce() -> Result<Outcome>,
    ) -> Result<Done> {
        let turn = self.turn(desk)?;
        self.commit_finished(desk, turn.as_ref())?;
        let outcome = operation()?;
        let committed = self.commit(desk, turn.as_ref(), &outcome.change.lines, &outcome.paths());
        let done = self.told(desk, &outcome, mode)?;
        committed.map(|()| done)
    }

    /// The turn to write and commit, where the operation is to be committed.
    pub(crate) fn turn(&self, desk: &Desk) -> Result<Option<Turn>> {
        let asked = self.globals.commit;
        if !asked && desk.book()?.config.git.commit != Some(true) {
            return Ok(None);
        }
        match committable(desk) {
            Ok(_) if self.globals.dry_run => Ok(None),
            Ok(repository) => repository.turn().map(Some),
            Err(error) if asked => Err(error),
            Err(error) => {
                self.ui.note(&format!("[git] commit = true, but {}", error.message));
                Ok(None)
            }
        }
    }

    /// Commits what was cut short before, in its own words, so that no other commit holds half of it.
    pub(crate) fn commit_finished(&self, desk: &Desk, turn: Option<&Turn>) -> Result<()> {
        let Some(turn) = turn else { return Ok(()) };
        let Some(entry) = desk.finish()? else { return Ok(()) };
        let paths: Vec<String> = entry.steps.into_iter().map(|step| step.path).collect();
        let by = Some(entry.by).filter(|by| !by.is_empty());
        let theirs = Desk { user: by, command: entry.command, ..desk.clone() };
        self.commit(&theirs, Some(turn), &entry.said, &paths)
    }

    /// Commits what was written, as its own words say it.
    pub(crate) fn commit(
        &self,
        desk: &Desk,
        turn: Option<&Turn>,
        lines: &[String],
        paths: &[String],
    ) -> Result<()> {
        let Some(turn) = turn.filter(|_| !paths.is_empty()) else { return Ok(()) };
        let committed = self
            .message(desk, lines)
            .and_then(|note| turn.repository().commit(paths, &note))
            .map_err(|error| {
                let why = error.message.clone();
                let message = format!("written, but not committed: {why}");
                Error { message, ..error }.hint(format!("git add {}; git commit", named(paths)))
            })?;
        if let Some(commit) = committed {
            self.ui.note(&format!("committed {commit}"));
        }
        Ok(())
    }

    /// First line: what the command says it did. Below: everything it said, how it was called, and
    /// by whom.
    fn message(&self, desk: &Desk, lines: &[String]) -> Result<Note> {
        let book = desk.book()?;
        let plain = |line: &String| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let said: Vec<String> = lines.iter().map(plain).collect();
        let first = said.first().map_or("records written", String::as_str);
        let subject = match said.len() {
            0 | 1 => first.to_owned(),
            more => format!("{first}, and {} more", more.saturating_sub(1)),
        };
        let mut message = format!("{subject}\n\n");
        if said.len() > 1 {
            message.push_str(&format!("{}\n\n", said.join("\n")));
        }
        let by = desk.user.as_deref().unwrap_or_default();
        message.push_str(&format!("Command: {}\n", desk.command));
        if !by.is_empty() {
            message.push_str(&format!("By: {by}\n"));
        }
        Ok(Note { message, author: author(&book, by), at: book.now.to_string() })
    }
}

/// The repository, where a commit can be made in it now.
fn committable(desk: &Desk) -> Result<Repository> {
    let root = desk.root.display();
    let found = Repository::of(&desk.root)?.ok_or_else(|| {
        Error::usage(format!("{root} is in no git repository, so nothing can be committed"))
            .hint(format!("desk init {root} --git"))
    })?;
    match found.under_way() {
        None => Ok(found),
        Some(what) => Err(Error::conflict(format!(
            "git is in the middle of {what}, and a commit would get in its way"
        ))
        .hint("git status")),
    }
}

/// The files for a command to type, the first few of many.
fn named(paths: &[String]) -> String {
    if paths.len() <= 4 { paths.join(" ") } else { ".".into() }
}

/// The name and e-mail address of whoever works, from their record.
fn author(book: &Book, user: &str) -> Option<(String, String)> {
    let plain = |text: &str| text.replace(['<', '>', '\n'], " ").trim().to_owned();
    let user = plain(user);
    let found = book.get::<Staff>(&user);
    let name = found.map_or_else(|| user.clone(), |staff| staff.rec.name.clone());
    let email = found.and_then(|staff| staff.rec.email.clone());
    // An address that leads nowhere is better than one that git makes of the machine's name.
    let email = email.unwrap_or_else(|| format!("{}@desk.invalid", user.replace(' ', "-")));
    (!user.is_empty()).then(|| (plain(&name), plain(&email)))
}
