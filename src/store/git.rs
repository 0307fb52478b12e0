//! Git: the one home of calling it, to read history and to commit what an operation wrote.
//!
//! 1. Nothing that the data directory or its `.git` brings is run: hooks, file monitors, filters,
//!    external differences, signature programs, pagers, editors and fetches are off.
//! 2. The work tree is read and written by this program alone. Git sees bytes (`hash-object
//!    --no-filters`, `cat-file`) and its own index and references, by plumbing commands that make
//!    a commit without `git add` and `git commit`.
//! 3. A commit holds exactly the paths it was asked for; what else is staged stays staged, and
//!    nothing of `private/` and `.desk/` is ever in it.

mod commit;
mod log;

use std::{
    fmt::Write as _,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::error::{Error, Result};

pub use commit::{Note, Turn};
pub use log::{Blob, Logged};

/// What git is told on every call, whatever a repository's own configuration says.
const SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.fsync=added,reference",
    "core.alternateRefsCommand=",
    "core.sshCommand=false",
    "commit.gpgSign=false",
    "log.showSignature=false",
    "log.showRoot=true",
    "log.follow=false",
    "diff.external=",
    "diff.renames=false",
    "protocol.allow=never",
    "gc.auto=0",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
];

/// Variables that would lead git to another repository or run a program.
const UNSET: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// The work tree of git that a data directory lies in.
#[derive(Debug, Clone)]
pub struct Repository {
    /// The data directory.
    root: PathBuf,
    /// Its path within the work tree, with a slash at its end; empty where it is the work tree.
    prefix: String,
    /// The directory of git of this work tree.
    dir: PathBuf,
    /// Digits of an object's name.
    digits: usize,
}

/// A call of git in a folder, with everything off that would run another program.
fn command(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).arg("--no-pager");
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command.args(words);
    for name in UNSET {
        command.env_remove(name);
    }
    let fixed = [
        ("GIT_ALLOW_PROTOCOL", "none"),
        ("GIT_EDITOR", "false"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_PAGER", "cat"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("LC_ALL", "C"),
    ];
    command.envs(fixed);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a call with bytes on its standard input, and gives what it said, however it ended.
fn run(mut command: Command, input: &[u8]) -> Result<Output> {
    let failed = |error: io::Error| Error::failure("cannot run git").because(error);
    if input.is_empty() {
        return command.output().map_err(failed);
    }
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(failed)?;
    let mut pipe = child.stdin.take().expect("standard input was asked to be a pipe");
    std::thread::scope(|scope| {
        // Git writes while it reads; whoever ends early has said why.
        let writer = scope.spawn(move || pipe.write_all(input));
        let output = child.wait_with_output().map_err(failed);
        let _ = writer.join();
        output
    })
}

/// The standard output of a call that ended well.
fn said(command: Command, input: &[u8]) -> Result<Vec<u8>> {
    let output = run(command, input)?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(refused(&output)),
    }
}

/// What git said against a call, in one line.
fn refused(output: &Output) -> Error {
    let why = String::from_utf8_lossy(&output.stderr);
    let first = why.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
    let plain = first.trim_start_matches("fatal: ").trim_start_matches("error: ");
    Error::failure(format!("git refuses: {plain}"))
}

impl Repository {
    /// The repository that a data directory lies in; nothing where there is none around it.
    ///
    /// Fails where git cannot be run, or does not trust the repository.
    pub fn of(root: &Path) -> Result<Option<Self>> {
        let words = [
            "rev-parse",
            "--is-inside-work-tree",
            "--absolute-git-dir",
            "--show-prefix",
            "--show-object-format",
        ];
        let output = run(command(root, &words), &[])?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            let absent = ["not a git repository", "must be run in a work tree"];
            return match absent.iter().any(|words| why.contains(words)) {
                true => Ok(None),
                false => Err(refused(&output)),
            };
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = text.lines();
        let mut next = || lines.next().unwrap_or_default().to_owned();
        let (inside, dir, prefix, format) = (next(), next(), next(), next());
        let digits = if format == "sha256" { 64 } else { 40 };
        let found = Self { root: root.to_owned(), prefix, dir: PathBuf::from(dir), digits };
        Ok((inside == "true").then_some(found))
    }

    /// Makes the folder a repository.
    pub fn create(root: &Path) -> Result<()> {
        said(command(root, &["init", "-q"]), &[]).map(drop)
    }

    fn git(&self, words: &[&str]) -> Command {
        command(&self.root, words)
    }

    /// The first line that a call says; nothing where it ends badly.
    fn line(&self, words: &[&str]) -> Result<Option<String>> {
        let output = run(self.git(words), &[])?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().next().unwrap_or_default().to_owned();
        Ok(output.status.success().then_some(line))
    }

    /// A path of the data directory as git names it.
    fn full(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The commit that a name stands for; nothing where there is none.
    pub fn commit_of(&self, name: &str) -> Result<Option<String>> {
        let commit = format!("{name}^{{commit}}");
        self.line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
    }

    /// The bytes of objects, each named as git names it (`HEAD:tasks/2026-09.csv`, a hash); nothing
    /// for one that is not there.
    ///
    /// Each is passed on as it is read, so that a thousand of them need no more memory than one.
    pub fn objects(
        &self,
        names: &[String],
        mut each: impl FnMut(usize, Option<Vec<u8>>),
    ) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let failed = |error: io::Error| Error::failure("cannot read from git").because(error);
        let mut command = self.git(&["cat-file", "--batch"]);
        let mut child = command.stdin(Stdio::piped()).spawn().map_err(failed)?;
        let mut pipe = child.stdin.take().expect("standard input was asked to be a pipe");
        let out = child.stdout.take().expect("standard output was asked to be a pipe");
        let mut input = String::new();
        for name in names {
            // A name with a line break would be two; no path of a record has one.
            let _ = writeln!(input, "{}", name.replace(['\n', '\r'], " "));
        }
        let read = std::thread::scope(|scope| {
            scope.spawn(move || pipe.write_all(input.as_bytes()));
            let mut out = io::BufReader::new(out);
            (0..names.len()).try_for_each(|at| {
                each(at, object(&mut out)?);
                Ok(())
            })
        });
        let _ = child.wait();
        read.map_err(failed)
    }

    /// The bytes of one file of the data directory in several commits.
    pub fn versions(&self, commits: &[&String], path: &str) -> Result<Vec<Option<Vec<u8>>>> {
        let path = self.full(path);
        let names: Vec<String> = commits.iter().map(|commit| format!("{commit}:{path}")).collect();
        let mut found = vec![None; names.len()];
        self.objects(&names, |at, bytes| found[at] = bytes)?;
        Ok(found)
    }

    /// The bytes of files of the data directory in a commit, or of a stage of the index (`:3`).
    pub fn files(&self, commit: &str, paths: &[String]) -> Result<Vec<Option<Vec<u8>>>> {
        let names: Vec<String> =
            paths.iter().map(|path| format!("{commit}:{}", self.full(path))).collect();
        let mut found = vec![None; names.len()];
        self.objects(&names, |at, bytes| found[at] = bytes)?;
        Ok(found)
    }
}

/// One answer of `cat-file --batch`.
fn object(out: &mut impl io::BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut head = String::new();
    out.read_line(&mut head)?;
    let mut words = head.trim_end().rsplit(' ');
    let size = words.next().and_then(|size| size.parse::<u64>().ok());
    let (Some(size), Some("blob" | "tree" | "commit" | "tag")) = (size, words.next()) else {
        return match head.ends_with('\n') {
            true => Ok(None),
            false => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "git ended early")),
        };
    };
    let mut bytes = Vec::new();
    out.take(size.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "git ended early"));
    }
    Ok(Some(bytes))
}
