//! The system calls of a command, by strace, and the points at which it can be broken off.
//!
//! strace counts the calls of each name for each thread by itself. So the first thread's points
//! are reached without following others, those of a reading thread by following all.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::desk::{Program, Ran, ran};

/// Seconds after which a command counts as hanging.
const PATIENCE: &str = "60";

/// Calls that change a disk, writes apart, which messages need too.
const CHANGING: &[&str] = &[
    "fsync",
    "fdatasync",
    "ftruncate",
    "link",
    "linkat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "chmod",
    "fchmod",
    "fchmodat",
];

/// The N-th call of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    /// The system call.
    pub(crate) name: String,
    /// Which of them, from 1.
    pub(crate) nth: usize,
    /// Whether threads beside the first one are meant.
    pub(crate) followed: bool,
    /// Whether something of the company may have been changed before it.
    pub(crate) late: bool,
    /// The next call of each name that changes a disk.
    pub(crate) next: Vec<(&'static str, usize)>,
}

/// What a command did under strace.
pub(crate) struct Traced {
    /// How it ended.
    pub(crate) ran: Ran,
    /// What strace wrote.
    pub(crate) text: String,
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let thread = if self.followed { " of a thread" } else { "" };
        write!(f, "{} {}{thread}", self.name, self.nth)
    }
}

/// Whether strace can be used here, and if not, why.
pub(crate) fn usable() -> Result<(), String> {
    let mut command = std::process::Command::new("strace");
    let ran =
        ran(command.args(["-o", "/dev/null", "-e", "inject=getcwd:error=EIO:when=999", "true"]));
    match ran.code {
        Some(0) => Ok(()),
        _ => Err(format!("strace cannot be used here: {}", ran.err.trim())),
    }
}

/// Runs a line under strace with some of its options.
pub(crate) fn traced(program: &Program, root: &Path, options: &[String], line: &str) -> Traced {
    let file: PathBuf = root.with_extension("trace");
    let start = ["timeout", "-s", "KILL", PATIENCE, "strace", "-y", "-o"];
    let mut prefix: Vec<String> = start.iter().map(|&word| word.to_owned()).collect();
    prefix.push(file.display().to_string());
    prefix.extend_from_slice(options);
    let ran = ran(&mut program.command(root, &prefix, line));
    let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap_or_default()).into_owned();
    Traced { ran, text }
}

/// The options that break a line off at a point.
pub(crate) fn inject(point: &Point, what: &str) -> Vec<String> {
    let Point { name, nth, .. } = point;
    let mut options = vec![format!("-etrace={name}"), format!("-einject={name}:{what}:when={nth}")];
    if point.followed {
        options.push("-f".into());
    }
    options
}

/// The options that let a disk die at a point: every change from there on fails.
pub(crate) fn inject_from(point: &Point, error: &str) -> Vec<String> {
    let mut options = inject(point, &format!("error={error}"));
    let others: Vec<_> = point.next.iter().filter(|(name, _)| *name != point.name).collect();
    let traced: Vec<&str> = others.iter().map(|(name, _)| *name).collect();
    options[0] = format!("-etrace={},{}", point.name, traced.join(","));
    if others.len() < point.next.len() {
        options[1].push('+');
    }
    options.extend(
        others.iter().map(|(name, next)| format!("-einject={name}:error={error}:when={next}+")),
    );
    options
}

/// Every point of a line, in the order of the calls.
pub(crate) fn points(program: &Program, root: &Path, line: &str) -> Vec<Point> {
    let alone = traced(program, root, &[], line);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut points, mut late) = (Vec::new(), false);
    for call in alone.text.lines() {
        let Some(name) = name_of(call).filter(|name| *name != "execve") else { continue };
        let nth = counts.entry(name.to_owned()).or_default();
        *nth += 1;
        let nth = *nth;
        let made = |name: &&'static str| (*name, counts.get(*name).copied().unwrap_or_default());
        // The call of the point itself counts among those to come.
        let coming = |(other, made)| (other, made + usize::from(other != name));
        let next = CHANGING.iter().map(made).map(coming).collect();
        points.push(Point { name: name.to_owned(), nth, followed: false, late, next });
        late |= changes(name, call);
    }
    points
}

/// The points of threads beside the first one.
pub(crate) fn points_of_threads(program: &Program, root: &Path, line: &str) -> Vec<Point> {
    let followed = traced(program, root, &["-f".into()], line);
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut first = None;
    for call in followed.text.lines() {
        let Some((process, call)) = call.split_once(' ') else { continue };
        let process = process.trim();
        let first = *first.get_or_insert(process);
        if let Some(name) = name_of(call.trim_start()).filter(|_| process != first) {
            *counts.entry((process, name)).or_default() += 1;
        }
    }
    let mut most: BTreeMap<&str, usize> = BTreeMap::new();
    for ((_, name), count) in counts {
        let known = most.entry(name).or_default();
        *known = count.max(*known);
    }
    let named = |(name, most): (&str, usize)| {
        let point = move |nth| Point {
            name: name.to_owned(),
            nth,
            followed: true,
            late: false,
            next: Vec::new(),
        };
        (1..=most).map(point).collect::<Vec<_>>()
    };
    most.into_iter().flat_map(named).collect()
}

/// The name of the call that a line of strace begins.
pub(crate) fn name_of(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('(')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// Whether a call changes a file of the company, or writes into the journal; a lock, a cache and a
/// journal that is only opened are no change.
fn changes(name: &str, call: &str) -> bool {
    if call.contains("/.desk") && !(name == "write" && call.contains("/.desk/journal>")) {
        return false;
    }
    match name {
        "open" | "openat" => {
            ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| call.contains(flag))
        }
        "write" | "pwrite64" | "writev" => {
            !call.starts_with("write(1<") && !call.starts_with("write(2<")
        }
        _ => ["mkdir", "link", "rename", "unlink", "rmdir", "truncate", "chmod", "copy_file_range"]
            .iter()
            .any(|word| name.contains(word)),
    }
}

/// Whether a call is about files, so that an error of the disk can come from it.
pub(crate) fn is_of_files(name: &str) -> bool {
    const FILES: &[&str] = &[
        "open", "read", "write", "close", "stat", "getdents", "sync", "link", "rename", "unlink",
        "mkdir", "lseek", "truncate", "chmod", "flock", "access", "getcwd", "rmdir",
    ];
    FILES.iter().any(|word| name.contains(word))
}
