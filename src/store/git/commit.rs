//! A commit of exactly the paths that an operation wrote, made by plumbing commands.
//!
//! 1. The real index takes the new bytes of these paths first, as `git add` would: should anything
//!    fail later, they are staged, and nothing else has changed.
//! 2. The tree is made in an index of its own, from the last commit and these paths alone.
//! 3. The branch moves only from the commit that the new one was made on.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    path::Path,
    process::Command,
    time::Duration,
};

use super::{Repository, said};
use crate::{
    error::{Error, Result},
    store::layout,
};

/// How often a call is tried while another git holds a lock.
const TRIES: u32 = 40;
/// How long it waits before it tries again.
const PAUSE: Duration = Duration::from_millis(50);

/// Most paths that one call names; a command line is bounded.
const AT_ONCE: usize = 500;

/// What git keeps beside the index while it is in the middle of something.
const UNDER_WAY: &[(&str, &str)] = &[
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
];

/// What a commit says.
#[derive(Debug, Clone, Default)]
pub struct Note {
    /// First line, and body behind an empty line.
    pub message: String,
    /// Name and e-mail address of the author where git has none of its own.
    pub author: Option<(String, String)>,
    /// When: ISO date-time with offset.
    pub at: String,
}

/// The turn of one operation to write and commit, held until it is dropped.
///
/// It keeps two operations that both commit apart from the first byte written to the last
/// reference moved, so that each commit holds what its own operation did.
#[derive(Debug)]
pub struct Turn {
    _file: File,
    repository: Repository,
}

impl Turn {
    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }
}

impl Repository {
    /// What git is in the middle of, in words, which a commit would get in the way of.
    pub fn under_way(&self) -> Option<&'static str> {
        let found = UNDER_WAY.iter().find(|(name, _)| self.dir.join(name).exists());
        found.map(|(_, words)| *words)
    }

    /// Waits for the turn to write and commit.
    pub fn turn(self) -> Result<Turn> {
        let path = self.dir.join("desk.lock");
        let failed = |error| Error::failure("cannot take turns with git").because(error);
        if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(Error::failure(format!("{} is no plain file", path.display())));
        }
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(path).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(Turn { _file: file, repository: self })
    }

    /// Commits these files of the data directory as they are on disk, and nothing else; gives the
    /// commit's short name, or nothing where they are committed already.
    pub fn commit(&self, paths: &[String], note: &Note) -> Result<Option<String>> {
        let paths = self.shared(paths)?;
        let lines = self.index_lines(&paths)?;
        if lines.is_empty() {
            return Ok(None);
        }
        self.stage(&lines)?;
        let subject = note.message.lines().next().unwrap_or_default();
        patiently(|| {
            let head = self.commit_of("HEAD")?;
            let tree = self.tree(head.as_deref(), &lines)?;
            let same = match &head {
                Some(head) => self.line(&["rev-parse", &format!("{head}^{{tree}}")])?,
                None => None,
            };
            if same.as_ref() == Some(&tree) {
                return Ok(None);
            }
            let commit = self.object_of(&tree, head.as_deref(), note)?;
            let old = head.unwrap_or_else(|| "0".repeat(self.digits));
            let words = ["update-ref", "-m", subject, "HEAD", &commit, &old];
            said(self.git(&words), &[])?;
            Ok(Some(commit.chars().take(10).collect()))
        })
    }

    /// Takes lines into the real index.
    ///
    /// Git compares files that changed with the index' own time stamp, and would run the filters
    /// that attributes name; seen from an empty work tree there are none to compare. The time stamp
    /// stays: a file as young as it is compared by its bytes later on, where an index that is
    /// younger would hide what a person changed in the same second.
    fn stage(&self, lines: &str) -> Result<()> {
        let empty = tempfile::tempdir()
            .map_err(|error| Error::failure("cannot make an empty folder").because(error))?;
        let index = self.dir.join("index");
        let failed = |error| Error::failure("cannot keep the time of git's index").because(error);
        patiently(|| {
            let time = fs::metadata(&index).and_then(|found| found.modified()).ok();
            let mut command = super::command(empty.path(), &["update-index", "-z", "--index-info"]);
            command.env("GIT_DIR", &self.dir).env("GIT_WORK_TREE", empty.path());
            said(command, lines.as_bytes())?;
            let Some(time) = time else { return Ok(()) };
            let opened = OpenOptions::new().write(true).open(&index);
            opened.and_then(|file| file.set_modified(time)).map_err(failed)
        })
    }

    /// The paths that are shared: nothing confidential or local, nothing that git is told to
    /// ignore.
    fn shared(&self, paths: &[String]) -> Result<Vec<String>> {
        let local = [layout::PRIVATE, layout::LOCAL, ".git"];
        let first = |path: &String| path.split('/').next().unwrap_or_default().to_owned();
        let mut shared: BTreeSet<String> = paths.iter().cloned().collect();
        shared.retain(|path| !local.contains(&first(path).as_str()) && !path.contains('\0'));
        let input: String = shared.iter().map(|path| format!("{path}\0")).collect();
        let mut command = self.git(&["check-ignore", "-z", "--stdin"]);
        // It refuses to take paths as they are; ours hold nothing that it would read otherwise.
        command.env("GIT_LITERAL_PATHSPECS", "0");
        let output = super::run(command, input.as_bytes())?;
        // It ends with 1 where nothing is ignored.
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(super::refused(&output));
        }
        let ignored = String::from_utf8_lossy(&output.stdout).into_owned();
        let ignored: BTreeSet<&str> = ignored.split('\0').collect();
        shared.retain(|path| !ignored.contains(path.as_str()));
        Ok(shared.into_iter().collect())
    }

    /// The lines that put the files into an index: their bytes as they are, or their absence.
    fn index_lines(&self, paths: &[String]) -> Result<String> {
        let there = |path: &&String| {
            fs::symlink_metadata(self.root.join(path)).is_ok_and(|found| found.is_file())
        };
        let (present, absent): (Vec<&String>, Vec<&String>) = paths.iter().partition(there);
        let mut lines = String::new();
        for path in absent {
            let _ = write!(lines, "0 {}\t{}\0", "0".repeat(self.digits), self.full(path));
        }
        if present.is_empty() {
            return Ok(lines);
        }
        let failed = |error| Error::failure("cannot tell the folder").because(error);
        let root = std::path::absolute(&self.root).map_err(failed)?;
        let line = |path: &&String| format!("{}\n", root.join(path).display());
        let input: String = present.iter().map(line).collect();
        let words = ["hash-object", "-w", "--no-filters", "--stdin-paths"];
        let hashes = said(self.git(&words), input.as_bytes())?;
        let hashes = String::from_utf8_lossy(&hashes).into_owned();
        let programs = self.executable(&present)?;
        for (path, hash) in present.into_iter().zip(hashes.lines()) {
            let mode = if programs.contains(path) { "100755" } else { "100644" };
            let _ = write!(lines, "{mode} {hash}\t{}\0", self.full(path));
        }
        Ok(lines)
    }

    /// Those of the files that git has as executable: an operation writes bytes, and changes no
    /// mode.
    fn executable(&self, paths: &[&String]) -> Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for paths in paths.chunks(AT_ONCE) {
            let mut command = self.git(&["ls-files", "--stage", "-z", "--"]);
            command.args(paths);
            let listed = said(command, &[])?;
            let listed = String::from_utf8_lossy(&listed).into_owned();
            let named = listed.split('\0').filter(|line| line.starts_with("100755 "));
            found.extend(named.filter_map(|line| Some(line.split_once('\t')?.1.to_owned())));
        }
        Ok(found)
    }

    /// The tree of a commit with the files of these lines, made beside the real index.
    fn tree(&self, head: Option<&str>, lines: &str) -> Result<String> {
        let failed = |error| Error::failure("cannot make a folder for the index").because(error);
        let folder = tempfile::tempdir().map_err(failed)?;
        let index = folder.path().join("index");
        let with = |mut command: Command| {
            command.env("GIT_INDEX_FILE", &index);
            command
        };
        if let Some(head) = head {
            said(with(self.git(&["read-tree", head])), &[])?;
        }
        said(with(self.git(&["update-index", "-z", "--index-info"])), lines.as_bytes())?;
        said(with(self.git(&["write-tree"])), &[]).map(|name| trimmed(&name))
    }

    /// The commit of a tree, not yet on any branch.
    fn object_of(&self, tree: &str, head: Option<&str>, note: &Note) -> Result<String> {
        let mut words = vec!["commit-tree", "--no-gpg-sign", tree];
        if let Some(head) = head {
            words.extend(["-p", head]);
        }
        let mut command = self.git(&words);
        command.env("GIT_AUTHOR_DATE", &note.at).env("GIT_COMMITTER_DATE", &note.at);
        if let (None, Some((name, email))) = (self.identity()?, &note.author) {
            for (key, value) in [("NAME", name), ("EMAIL", email)] {
                command.env(format!("GIT_AUTHOR_{key}"), value);
                command.env(format!("GIT_COMMITTER_{key}"), value);
            }
        }
        said(command, note.message.as_bytes()).map(|name| trimmed(&name))
    }

    /// Who git says works here; nothing where nobody told it.
    fn identity(&self) -> Result<Option<String>> {
        self.line(&["-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"])
    }

    /// Sets a value of the repository's own configuration where it has none yet, the user's own
    /// included; says whether it did.
    pub fn configure(&self, key: &str, value: &str) -> Result<bool> {
        // The settings given to every call must not answer for those of the user.
        let known = super::run(self.git(&["config", "--show-scope", "--get-all", key]), &[])?;
        let known = String::from_utf8_lossy(&known.stdout).into_owned();
        if known.lines().any(|line| !line.starts_with("command\t")) {
            return Ok(false);
        }
        said(self.git(&["config", "--local", key, value]), &[]).map(|_| true)
    }

    /// Whether the repository has a remote, and the other work trees it has.
    pub fn company(&self) -> Result<(bool, Vec<std::path::PathBuf>)> {
        let remote = self.line(&["remote"])?.is_some_and(|name| !name.is_empty());
        let listed = said(self.git(&["worktree", "list", "--porcelain", "-z"]), &[])?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let paths = listed.split('\0').filter_map(|line| line.strip_prefix("worktree "));
        let here = fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone());
        let roots = paths.map(|path| Path::new(path).join(&self.prefix));
        Ok((
            remote,
            roots.filter(|root| fs::canonicalize(root).ok().as_ref() != Some(&here)).collect(),
        ))
    }
}

fn trimmed(name: &[u8]) -> String {
    String::from_utf8_lossy(name).trim().to_owned()
}

/// Tries again while another git holds a lock or has just moved the branch.
fn patiently<T>(mut call: impl FnMut() -> Result<T>) -> Result<T> {
    let mut left = TRIES;
    loop {
        let made = call();
        let busy =
            |error: &Error| [".lock'", "cannot lock ref"].iter().any(|w| error.message.contains(w));
        match made {
            Err(error) if busy(&error) && left > 0 => {
                left -= 1;
                std::thread::sleep(PAUSE);
            }
            made => return made,
        }
    }
}
