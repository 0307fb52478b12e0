//! Whether the program keeps what it said it has: commands killed and given errors at every system
//! call, crowds of writers, full disks, power cuts, clones merged.
//!
//! For whoever changes `store/`. It is no part of `cargo test`, because it needs strace, and root
//! for some; `tests/durability/run` runs it, `--short` a sample. One line for each group says how
//! many of how many were bad; any bad one makes the exit code 1.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a program of its own that prints its figures and makes the files it judges"
)]

mod clones;
mod crowd;
mod desk;
mod disk;
mod judge;
mod operation;
mod points;
mod power;
mod random;
mod trace;

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode, time::Instant};

use desk::Program;

/// How a run was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// The program under test.
    pub(crate) program: Program,
    /// Only a sample of each group.
    pub(crate) short: bool,
    /// How many points are tried at once.
    pub(crate) jobs: usize,
    /// Groups, and operations of the first two, that were asked for; none means all but power.
    pub(crate) wanted: Vec<String>,
}

/// What a group found.
#[derive(Debug)]
pub(crate) struct Tally {
    /// The group, and the operation.
    pub(crate) name: String,
    /// What is counted.
    pub(crate) what: &'static str,
    /// How many were tried.
    pub(crate) of: usize,
    /// What was wrong, one for each bad one.
    pub(crate) bad: Vec<Bad>,
    /// What else is to be known.
    pub(crate) note: Option<String>,
    /// Why it was not tried at all.
    pub(crate) skipped: Option<String>,
}

/// One that is bad.
#[derive(Debug)]
pub(crate) struct Bad {
    /// Where it happened.
    pub(crate) at: String,
    /// What is wrong, in the same words for the same fault.
    pub(crate) why: String,
    /// What there is to see, and how to see it again.
    pub(crate) detail: String,
}

/// A group of the harness.
type Group = (&'static str, fn(&Options) -> Result<Vec<Tally>, String>);

/// The groups, in the order they run.
const GROUPS: &[Group] = &[
    ("kill", points::kill),
    ("errno", points::errors),
    ("dying", points::dying),
    ("crowd", crowd::hundred),
    ("writers", crowd::twenty),
    ("random", crowd::killed),
    ("readers", crowd::readers),
    ("full", disk::full),
    ("readonly", disk::read_only),
    ("clones", clones::merged),
    ("power", power::cut),
];

/// Places that are named for one fault.
const TOLD: usize = 8;

impl Tally {
    /// A group that has tried nothing yet.
    pub(crate) fn new(name: impl Into<String>, what: &'static str) -> Self {
        Self { name: name.into(), what, of: 0, bad: Vec::new(), note: None, skipped: None }
    }

    /// A group that cannot be tried here.
    pub(crate) fn skipped(name: &str, why: &str) -> Self {
        Self { skipped: Some(why.to_owned()), ..Self::new(name, "") }
    }

    /// Counts one more, and what is wrong with it.
    pub(crate) fn count(&mut self, bad: Option<String>) {
        self.of += 1;
        let at = self.of.to_string();
        self.bad.extend(bad.map(|why| Bad { at, why, detail: String::new() }));
    }

    /// Adds what is wrong beside the counted ones.
    pub(crate) fn bad(&mut self, at: &str, why: &str, detail: &str) {
        self.bad.push(Bad { at: at.to_owned(), why: why.to_owned(), detail: detail.to_owned() });
    }

    fn print(&self, seconds: u64) {
        let Self { name, what, of, bad, note, skipped } = self;
        let mut faults: BTreeMap<&str, Vec<&Bad>> = BTreeMap::new();
        bad.iter().for_each(|bad| faults.entry(&bad.why).or_default().push(bad));
        for (why, found) in faults {
            let places: Vec<&str> = found.iter().take(TOLD).map(|bad| bad.at.as_str()).collect();
            let more = if found.len() > TOLD { " …" } else { "" };
            println!("  bad, {} times: {why}\n    at {}{more}", found.len(), places.join(" | "));
            let detail = found[0].detail.lines().map(|line| format!("      {line}\n"));
            print!("{}", detail.collect::<String>());
        }
        if let Some(why) = skipped {
            return println!("{name}: skipped, {why}");
        }
        let note = note.as_ref().map_or(String::new(), |note| format!("; {note}"));
        println!("{name}: {} bad of {of} {what}{note} ({seconds} s)", bad.len());
    }
}

impl Options {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let program = Program(PathBuf::from(env!("CARGO_BIN_EXE_desk")));
        let mut options = Self { program, short: false, jobs: 2, wanted: Vec::new() };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--short" => options.short = true,
                "--program" => options.program = Program(PathBuf::from(value()?)),
                "--jobs" => options.jobs = value()?.parse().map_err(|_| "--jobs needs a number")?,
                flag if flag.starts_with('-') => return Err(format!("no flag {flag}")),
                _ => options.wanted.push(word),
            }
        }
        Ok(options)
    }

    /// Whether an operation was asked for, by being named or by none being named.
    pub(crate) fn wants(&self, operation: &str) -> bool {
        let is_group = |word: &&String| GROUPS.iter().any(|(name, _)| name == word);
        let mut operations = self.wanted.iter().filter(|word| !is_group(word)).peekable();
        operations.peek().is_none() || operations.any(|word| word == operation)
    }

    fn wants_group(&self, group: &str) -> bool {
        let mut groups = self
            .wanted
            .iter()
            .filter(|word| GROUPS.iter().any(|(name, _)| name == word))
            .peekable();
        match groups.peek() {
            None => group != "power",
            Some(_) => groups.any(|word| word == group),
        }
    }

    /// A folder on the disk, where a sync takes its time.
    pub(crate) fn on_disk(&self) -> Result<tempfile::TempDir, String> {
        tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))
    }

    /// A folder for small data directories, in memory where there is such a place: where a command
    /// is broken off does not depend on the disk.
    pub(crate) fn scratch(&self) -> Result<tempfile::TempDir, String> {
        let memory = std::path::Path::new("/dev/shm");
        let made = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir());
        made.map_err(|error| format!("no temporary folder: {error}"))
    }
}

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    let mut sound = true;
    for (name, run) in GROUPS.iter().filter(|(name, _)| options.wants_group(name)) {
        let started = Instant::now();
        let tallies = run(&options).unwrap_or_else(|why| {
            let mut tally = Tally::new(*name, "runs");
            tally.count(Some(why));
            vec![tally]
        });
        for tally in tallies {
            tally.print(started.elapsed().as_secs());
            sound &= tally.bad.is_empty();
        }
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
