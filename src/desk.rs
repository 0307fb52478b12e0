//! The desk: a data directory opened, its book read, and changes written through one gate.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Utc};

use crate::{
    book::Book,
    config::Config,
    error::{Error, Kind as Class, Result},
    finding::{Finding, Level},
    record::change::Change,
    rules::{self, gate::Gate},
    store::{
        atomic::{self, FileWrite},
        files::Files,
        layout, stage, toml as text,
    },
    value::{
        day::Moment,
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
}

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
#[derive(Debug)]
pub struct Outcome {
    /// What the change says.
    pub change: Change,
    /// The files it wrote.
    pub writes: Vec<FileWrite>,
    /// Warnings that are new with it.
    pub warnings: Vec<Finding>,
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
        read_config(&Files::disk(root)).ok().and_then(|(config, _)| config.defaults.language)
    }

    /// A snapshot of the data directory.
    pub fn book(&self) -> Result<Book> {
        self.book_over(Files::disk(&self.root))
    }

    fn book_over(&self, files: Files) -> Result<Book> {
        let (config, findings) = read_config(&files)?;
        let now = now(&config, self.now)?;
        let mut book = Book::new(files, config, findings, now);
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
        let _lock = (mode == Mode::Write).then(|| atomic::lock(&self.root)).transpose()?;
        let book = self.book()?;
        let change = operation(&book)?;
        let writes = stage::stage(&book.files, &change)?;
        let over = writes.iter().map(|write| (write.path.clone(), write.after.clone()));
        let staged = book.over(book.files.with(over));
        let fresh = rules::gate::run(&book, &staged, &change, gate);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            fresh.into_iter().partition(|finding| finding.level == Level::Error);
        if !errors.is_empty() {
            let staged = writes.into_iter().map(|write| (write.path, write.after)).collect();
            return Err(Error { staged, ..Error::refused("refused; nothing was written", errors) });
        }
        if mode == Mode::Write {
            atomic::publish(&self.root, &writes)?;
        }
        Ok(Outcome { change, writes, warnings })
    }

    /// Writes mechanical mends of files as they are, under the lock.
    pub fn mend(&self, writes: &[FileWrite]) -> Result<()> {
        let _lock = atomic::lock(&self.root)?;
        atomic::publish(&self.root, writes)
    }
}

/// Reads desk.toml; what is wrong with it is a finding, and what is right counts.
fn read_config(files: &Files) -> Result<(Config, Vec<Finding>)> {
    let name = layout::CONFIG;
    let failed = |why: std::io::Error| Error::failure(format!("cannot read {name}")).because(why);
    let bytes = files.read(name).map_err(failed)?.unwrap_or_default();
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok((Config::default(), Vec::new()));
    }
    let read = text::read(name, &bytes, Config::fields());
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
