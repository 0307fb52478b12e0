//! The desk: a data directory opened, its book read, and changes written through one gate.

mod past;

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Utc};

use crate::{
    book::Book,
    config::Config,
    error::{Error, Kind as Class, Result},
    finding::{Finding, Level, files},
    ops::undo,
    record::{Form, Kind, change::Change},
    rules::{self, gate::Gate, hint::Unwritten},
    store::{
        atomic::{self, FileWrite, Lock, Unpublished},
        files::Files,
        journal::{self, Entry, Journal, Role, Step},
        layout, stage, toml as text,
    },
    value::{
        day::Moment,
        id,
        place::{KeyPath, Place},
    },
};

/// Who works where, and when.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The data directory.
    pub root: PathBuf,
    /// Who works: a staff code or a name.
    pub user: Option<String>,
    /// Site of this clone; empty without sites.
    pub site: String,
    /// Now.
    pub now: Clock,
    /// Whether the cache may be used.
    pub cache: bool,
    /// The command line, for the journal.
    pub command: String,
    /// The commit, or the day, whose files are read instead of those that are there.
    pub rev: Option<String>,
}

/// How often a reader looks again where an operation came between.
const LOOKS: u32 = 5;

/// Where "now" comes from.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The system's clock.
    System(DateTime<Utc>),
    /// A moment that was given.
    Given(Moment),
    /// A day that was given.
    GivenDay(crate::value::day::Day),
}

/// What a write did, or would do.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What the change says.
    pub change: Change,
    /// The files it wrote.
    pub writes: Vec<FileWrite>,
    /// Warnings that are new with it.
    pub warnings: Vec<Finding>,
    /// What could not be read for it, of the files it leaves as they are.
    pub left_out: Vec<Finding>,
}

impl Outcome {
    /// The paths of the files it wrote.
    pub fn paths(&self) -> Vec<String> {
        self.writes.iter().map(|write| write.path.clone()).collect()
    }
}

/// Whether a change is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is.
    Write,
    /// It is only shown.
    DryRun,
}

impl Desk {
    /// The data directory at or above a folder.
    pub fn discover(from: &Path) -> Result<PathBuf> {
        let found = from.ancestors().find(|folder| folder.join(layout::CONFIG).is_file());
        found.map(Path::to_owned).ok_or_else(|| {
            Error::usage(format!("no data directory at or above {}", from.display()))
                .hint("desk init DIR, or name one: -C DIR")
        })
    }

    /// The language that the company of a data directory reads, if it says so.
    pub fn language(root: &Path) -> Option<String> {
        let bytes = config_bytes(&Files::disk(root)).ok()?;
        read_config(&bytes).ok().and_then(|(config, _)| config.defaults.language)
    }

    /// A snapshot of the data directory, as it is at this moment.
    ///
    /// Files are opened as they are asked for, so what must not mix two moments goes through
    /// [`Desk::read`].
    pub fn book(&self) -> Result<Book> {
        if let Some(rev) = &self.rev {
            return self.book_of(rev);
        }
        let tail = journal::seen(&self.root)?;
        self.book_over(journal::laid_over(&self.root, tail.unfinished.as_ref())?)
    }

    /// Looks at a snapshot; once more where an operation came between.
    ///
    /// No lock is taken, unless writers leave no gap to look in.
    pub fn read<T>(&self, look: impl Fn(&Book) -> Result<T>) -> Result<T> {
        if let Some(rev) = &self.rev {
            let book = self.book_of(rev)?;
            return look(&book).map_err(|error| looked_past(&book, error));
        }
        for _ in 0..LOOKS {
            let before = journal::seen(&self.root)?;
            let files = journal::laid_over(&self.root, before.unfinished.as_ref())?;
            let looked = self.book_over(files.clone()).and_then(|book| {
                let looked = look(&book);
                looked.map_err(|error| looked_past(&book, error))
            });
            let looked = looked.map_err(|error| files.failure().unwrap_or(error));
            if before.is_still(&journal::seen(&self.root)?) {
                return looked;
            }
        }
        let _lock = atomic::lock(&self.root)?;
        let book = self.book()?;
        look(&book).map_err(|error| looked_past(&book, error))
    }

    fn book_over(&self, files: Files) -> Result<Book> {
        let bytes = config_bytes(&files)?;
        let (config, findings) = read_config(&bytes)?;
        let now = now(&config, self.now)?;
        let mut book = Book::new(files, config, findings, now);
        book.config_bytes = bytes;
        book.cache = self.cache;
        Ok(book)
    }

    /// Who works, or an error that says how to say so.
    pub fn user(&self) -> Result<&str> {
        self.user.as_deref().ok_or_else(|| {
            Error::usage("nobody is named as the one who does this")
                .hint("set DESK_USER to your staff code")
        })
    }

    /// Runs an operation under the lock, through the gate, and writes what it changes.
    ///
    /// The operation sees the directory as it is under the lock. What it refuses, and what the gate
    /// finds anew, is an error and leaves every file as it was.
    pub fn write(
        &self,
        mode: Mode,
        gate: Gate,
        operation: impl FnOnce(&Book) -> Result<Change>,
    ) -> Result<Outcome> {
        self.operate(mode, gate, |book| Ok((operation(book)?, Role::Does)))
    }

    /// Takes an operation back: one's own last that stands, or that of a number.
    pub fn undo(&self, mode: Mode, no: Option<u64>) -> Result<Outcome> {
        self.cut_short(mode, journal::take_back)?.map_or_else(
            || {
                self.operate(mode, Gate::Back, |book| {
                    let logged = journal::logged(&self.root, None)?;
                    let no = undo::to_undo(&logged, self.user()?, no)?.entry.no;
                    let logged = journal::logged(&self.root, Some(no))?;
                    Ok((undo::undo(book, no, &logged)?, Role::Undoes(no)))
                })
                .map_err(|error| self.relied_on(error, no))
            },
            Ok,
        )
    }

    /// A refusal to undo, with the operations that come first.
    fn relied_on(&self, mut error: Error, no: Option<u64>) -> Error {
        let Ok(logged) = journal::logged(&self.root, None) else { return error };
        let by = self.user.as_deref().unwrap_or_default();
        if let Ok(target) = undo::to_undo(&logged, by, no) {
            error.hints.extend(undo::relying(&logged, target.entry.no, &error.findings));
        }
        error
    }

    /// Does again what was taken back: by oneself last, or the operation of a number.
    pub fn redo(&self, mode: Mode, no: Option<u64>) -> Result<Outcome> {
        self.cut_short(mode, journal::finish)?.map_or_else(
            || {
                self.operate(mode, Gate::Acts, |book| {
                    let logged = journal::logged(&self.root, None)?;
                    let no = undo::to_redo(&logged, self.user()?, no)?.entry.no;
                    let logged = journal::logged(&self.root, Some(no))?;
                    Ok((undo::redo(book, no, &logged)?, Role::Redoes(no)))
                })
            },
            Ok,
        )
    }

    /// Finishes an operation that was cut short, if there is one, and says which.
    pub fn finish(&self) -> Result<Option<Entry>> {
        if journal::seen(&self.root)?.unfinished.is_none() {
            return Ok(None);
        }
        let (_lock, mut journal) = self.locked_journal()?;
        let unfinished = journal.tail.unfinished.clone();
        journal::settle(&self.root, &mut journal)?;
        Ok(unfinished)
    }

    /// Settles an operation that was cut short and cannot be finished, in the way asked for.
    fn cut_short(
        &self,
        mode: Mode,
        settle: impl Fn(&Path, &mut Journal) -> Result<()>,
    ) -> Result<Option<Outcome>> {
        if mode == Mode::DryRun {
            return Ok(None);
        }
        let (_lock, mut journal) = self.locked_journal()?;
        let Some(entry) = journal.tail.unfinished.clone() else { return Ok(None) };
        if journal::settle(&self.root, &mut journal).is_ok() {
            return Ok(None);
        }
        settle(&self.root, &mut journal)?;
        let fate = if journal.tail.dropped { "taken back" } else { "finished" };
        let line = format!("operation {} was cut short and is {fate}", entry.no);
        let line = match journal::logged(&self.root, None)?.pop() {
            Some(last) if !last.left.is_empty() => {
                format!("{line} but for {}, which stays as it is", last.left.join(", "))
            }
            _ => line,
        };
        let change = Change::saying(line).next("desk check");
        Ok(Some(Outcome { change, ..Outcome::default() }))
    }

    fn operate(
        &self,
        mode: Mode,
        gate: Gate,
        operation: impl FnOnce(&Book) -> Result<(Change, Role)>,
    ) -> Result<Outcome> {
        self.locked(mode, |book| self.staged(book, mode, gate, operation))
    }

    /// What an operation comes to, refused where the gate finds an error.
    fn staged(
        &self,
        book: &Book,
        mode: Mode,
        gate: Gate,
        operation: impl FnOnce(&Book) -> Result<(Change, Role)>,
    ) -> Result<Staged> {
        let (change, role) = operation(book).map_err(|error| looked_past(book, error))?;
        let unwritten = Unwritten::of(book, &change);
        let writes =
            stage::stage(&book.files, &change).map_err(|error| mended(&unwritten, error))?;
        let over = writes.iter().map(|write| (write.path.clone(), write.after.clone()));
        let after = book.with(over);
        let fresh = rules::gate::run(book, &after, &change, gate);
        let (errors, mut warnings): (Vec<_>, Vec<_>) =
            fresh.into_iter().partition(|finding| finding.level == Level::Error);
        if !errors.is_empty() {
            let staged = writes.into_iter().map(|write| (write.path, write.after)).collect();
            let refused = Error::refused("refused; nothing was written", errors);
            return Err(mended(&unwritten, Error { staged, ..refused }));
        }
        if mode == Mode::DryRun {
            unwritten.mend(&mut warnings);
        }
        // Ids that were given are not given again, on whatever branch the directory is next.
        let comes_or_goes = |(kind, id): &(Kind, String)| {
            let is_dated = kind.info().form != Form::Master;
            is_dated && book.has_file(*kind, id) != after.has_file(*kind, id)
        };
        let spent = change.touched().into_iter().filter(comes_or_goes).map(|(_, id)| id).collect();
        let mut left_out = book.left_out();
        left_out.extend(after.left_out());
        left_out.retain(|finding| writes.iter().all(|write| write.path != finding.place.file));
        Ok(Staged { outcome: Outcome { change, writes, warnings, left_out }, role, spent })
    }

    /// Journals and publishes what an operation comes to; the caller holds the lock.
    fn publish(&self, journal: &mut Journal, book: &Book, staged: &Staged) -> Result<()> {
        let Outcome { change, writes, .. } = &staged.outcome;
        if writes.is_empty() {
            return Ok(());
        }
        if let Some(write) = writes.iter().find(|write| !layout::is_written(&write.path)) {
            return Err(journal::foreign(&write.path).unwritten());
        }
        let records = change.touched().into_iter();
        let entry = Entry {
            no: journal.tail.no.saturating_add(1),
            at: book.now.to_string(),
            by: self.user.clone().unwrap_or_default(),
            command: self.command.clone(),
            said: change.lines.clone(),
            role: staged.role,
            records: records.map(|(kind, id)| (kind.noun().to_owned(), id)).collect(),
            spent: id::spent(&journal.tail.spent, &staged.spent),
            steps: writes.iter().map(Step::of).collect(),
        };
        let counts = |error: Error| {
            error.hint(format!(
                "it is in the journal and counts, and the next command that writes finishes it: {}",
                change.names()
            ))
        };
        let prepared = atomic::prepare(&self.root, writes).map_err(Error::unwritten)?;
        journal.begin(entry).map_err(|unpublished| match unpublished {
            Unpublished::TakenBack(error) => error.unwritten(),
            Unpublished::Unsure(error) => counts(error),
        })?;
        match prepared.publish() {
            Ok(()) => {
                // The next writer writes down what could not be written down here.
                let _ = journal.end(false, Vec::new());
                Ok(())
            }
            Err(Unpublished::TakenBack(error)) if journal.end(true, Vec::new()).is_ok() => {
                let error = error.unwritten();
                Err(match journal.sync() {
                    Ok(()) => error,
                    Err(_) => error.hint("look again after a power cut: the journal may come back"),
                })
            }
            Err(unpublished) => Err(counts(unpublished.into())),
        }
    }

    /// Writes mechanical mends of files as they are, under the lock, as one operation.
    pub fn mend(
        &self,
        mode: Mode,
        mends: impl FnOnce(&Book) -> Result<Vec<FileWrite>>,
    ) -> Result<Outcome> {
        let mended = |book: &Book| -> Result<Staged> {
            let writes = mends(book)?;
            let lines = writes.iter().map(|write| format!("{} mended", write.path)).collect();
            let change = Change { lines, ..Change::default() };
            let outcome = Outcome { change, writes, ..Outcome::default() };
            Ok(Staged { outcome, role: Role::Does, spent: Vec::new() })
        };
        self.locked(mode, mended)
    }

    /// The journal, for as long as the lock is held.
    fn locked_journal(&self) -> Result<(Lock, Journal)> {
        if self.rev.is_some() {
            return Err(Error::usage("nothing is written into the past: --rev only reads"));
        }
        let lock = atomic::lock(&self.root)?;
        Ok((lock, Journal::open(&self.root)?))
    }

    /// Works out a change over the directory as it is, and writes it where that is asked for.
    fn locked(&self, mode: Mode, work: impl FnOnce(&Book) -> Result<Staged>) -> Result<Outcome> {
        if mode == Mode::DryRun {
            return Ok(work(&self.book()?)?.outcome);
        }
        let (_lock, mut journal) = self.locked_journal().map_err(Error::unwritten)?;
        journal::settle(&self.root, &mut journal).map_err(Error::unwritten)?;
        let failed = |error: Error| match error.kind {
            Class::Failure => error.unwritten(),
            _ => error,
        };
        let mut book = self.book_over(Files::disk(&self.root)).map_err(failed)?;
        book.spent.clone_from(&journal.tail.spent);
        let staged = work(&book).map_err(failed);
        // What could not be read would have been taken for nothing.
        book.files.failure().map_or(Ok(()), |error| Err(error.unwritten()))?;
        let staged = staged?;
        self.publish(&mut journal, &book, &staged)?;
        Ok(staged.outcome)
    }
}

/// An error that names the files which could not be read before it: what was not found may stand
/// there.
fn looked_past(book: &Book, error: Error) -> Error {
    match files(&book.left_out()) {
        Some(files) if error.kind == Class::Usage => {
            error.hint(format!("desk check   (left out: {files})"))
        }
        _ => error,
    }
}

/// An error whose hints name only records that are there.
fn mended(unwritten: &Unwritten<'_>, mut error: Error) -> Error {
    unwritten.mend(&mut error.findings);
    unwritten.mend_hints(&mut error.hints);
    error
}

/// What an operation comes to, before it is written.
struct Staged {
    outcome: Outcome,
    role: Role,
    /// Ids that are not given again.
    spent: Vec<String>,
}

/// The bytes of desk.toml; none where it is not there.
fn config_bytes(files: &Files) -> Result<Vec<u8>> {
    let name = layout::CONFIG;
    let failed = |why: std::io::Error| Error::failure(format!("cannot read {name}")).because(why);
    Ok(files.read(name).map_err(failed)?.unwrap_or_default())
}

/// Reads desk.toml; what is wrong with it is a finding, and what is right counts.
fn read_config(bytes: &[u8]) -> Result<(Config, Vec<Finding>)> {
    let name = layout::CONFIG;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok((Config::default(), Vec::new()));
    }
    let read = text::read(name, bytes, Config::fields());
    let findings = read.findings;
    if findings.iter().any(|finding| finding.level == Level::Error) {
        return Err(Error::refused(format!("{name} cannot be read"), findings));
    }
    let Some(table) = read.table else { return Ok((Config::default(), findings)) };
    let config = text::deserialize::<Config>(table).map_err(|why| {
        let finding = Finding::error("field.type", Place::file(name), why);
        Error::refused(format!("{name} cannot be read"), vec![finding])
    })?;
    let fault = |(key, why): (&str, String)| {
        let place = Place::key(name, KeyPath::key("defaults").then(key));
        Finding::error("config.range", place, format!("{key} is {why}"))
    };
    let faults: Vec<Finding> = config.faults().into_iter().map(fault).collect();
    match faults.is_empty() {
        true => Ok((config, findings)),
        false => Err(Error::refused(format!("{name} cannot be used"), faults)),
    }
}

/// Now in the company's time zone. An unknown zone is an error: another day would be a wrong
/// figure.
fn now(config: &Config, clock: Clock) -> Result<Moment> {
    let zone = config.zone().ok_or_else(|| {
        let name = config.company.time_zone.as_deref().unwrap_or_default();
        let place = Place::key(layout::CONFIG, KeyPath::key("company").then("time_zone"));
        let message = format!("\"{name}\" is not a time zone such as \"Asia/Shanghai\"");
        let finding = Finding::error("config.time_zone", place, message);
        Error::refused("cannot tell which day it is", vec![finding])
    })?;
    let fixed =
        |moment: DateTime<chrono_tz::Tz>| -> DateTime<FixedOffset> { moment.fixed_offset() };
    match clock {
        Clock::System(now) => Ok(Moment(fixed(now.with_timezone(&zone)))),
        Clock::Given(now) => Ok(Moment(fixed(now.0.with_timezone(&zone)))),
        Clock::GivenDay(day) => {
            let noon = day
                .0
                .and_hms_opt(12, 0, 0)
                .and_then(|noon| noon.and_local_timezone(zone).earliest());
            noon.map(|noon| Moment(fixed(noon)))
                .ok_or_else(|| Error::new(Class::Usage, format!("{day} has no noon in {zone}")))
        }
    }
}
