//! The commits that changed a file, with the names of its bytes before and after each.
//!
//! Similar files are never taken for one another: two orders of one day are as alike as a file and
//! its renamed self, so git's own search for renames is off.

use std::collections::BTreeMap;

use super::{Repository, run, said};
use crate::error::Result;

/// One commit that changed a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Name of the commit.
    pub commit: String,
    /// Author's date, ISO with offset.
    pub at: String,
    /// Author's name.
    pub by: String,
    /// First line of its message.
    pub subject: String,
    /// The file's bytes before, one for each commit it follows; nothing where it was not there.
    pub before: Vec<Blob>,
    /// The file's bytes after; nothing where it was deleted.
    pub after: Blob,
}

/// The name of a file's bytes; nothing where there is no such file.
pub type Blob = Option<String>;

impl Repository {
    /// The commits up to one that changed a file of the data directory, newest first.
    pub fn log(&self, from: &str, path: &str) -> Result<Vec<Logged>> {
        if self.commit_of(from)?.is_none() {
            return Ok(Vec::new());
        }
        let words = [
            "log",
            "--raw",
            "-z",
            "-c",
            "--no-abbrev",
            "--no-renames",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--no-show-signature",
            "--no-relative",
            "--format=%H%x00%aI%x00%an%x00%s",
            "--end-of-options",
            from,
            "--",
            path,
        ];
        let said = said(self.git(&words), &[])?;
        Ok(entries(&String::from_utf8_lossy(&said)))
    }

    /// The files below a folder of the data directory that a commit took away, each with its
    /// bytes.
    pub fn removed(&self, commit: &str, folder: &str) -> Result<Vec<(String, String)>> {
        let words = [
            "diff-tree",
            "-r",
            "--root",
            "--no-commit-id",
            "--raw",
            "-z",
            "--no-renames",
            "--diff-filter=D",
            commit,
            "--",
            folder,
        ];
        let output = run(self.git(&words), &[])?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut tokens = text.split('\0');
        let mut removed = Vec::new();
        while let (Some(raw), Some(path)) = (tokens.next(), tokens.next()) {
            let before = raw.split(' ').nth(2).unwrap_or_default().to_owned();
            if let Some(path) = path.strip_prefix(&self.prefix) {
                removed.push((path.to_owned(), before));
            }
        }
        Ok(removed)
    }

    /// The names of every file of the data directory on any branch, of this repository and of its
    /// remotes.
    pub fn names_on_branches(&self) -> Result<Vec<String>> {
        let words = ["for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes"];
        let mut commits: Vec<String> = {
            let listed = said(self.git(&words), &[])?;
            String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect()
        };
        commits.sort();
        commits.dedup();
        let mut names = Vec::new();
        for commit in commits {
            let listed = said(self.git(&["ls-tree", "-r", "--name-only", "-z", &commit]), &[])?;
            let listed = String::from_utf8_lossy(&listed).into_owned();
            names.extend(listed.split('\0').map(str::to_owned));
        }
        Ok(names)
    }

    /// The paths of the files in a folder of the data directory in a commit.
    pub fn paths_in(&self, commit: &str, folder: &str) -> Result<Vec<String>> {
        let full = self.full(&format!("{folder}/"));
        let words = ["ls-tree", "--name-only", "--full-tree", "-z", commit, &full];
        let listed = said(self.git(&words), &[])?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let own = listed.split('\0').filter_map(|path| path.strip_prefix(self.prefix.as_str()));
        Ok(own.filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }

    /// Every plain file of the data directory in a commit, but local state.
    pub fn files_of(&self, commit: &str) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut words = vec!["ls-tree", "-r", "--full-tree", "-z", commit];
        if !self.prefix.is_empty() {
            words.push(&self.prefix);
        }
        let listed = said(self.git(&words), &[])?;
        let listed = String::from_utf8_lossy(&listed);
        let plain = listed.split('\0').filter_map(|line| {
            let (about, path) = line.split_once('\t')?;
            let path = path.strip_prefix(self.prefix.as_str())?;
            let is_own = about.starts_with("100") && !path.starts_with(".desk/");
            Some((about.rsplit(' ').next()?.to_owned(), path.to_owned())).filter(|_| is_own)
        });
        let (objects, paths): (Vec<String>, Vec<String>) = plain.unzip();
        let mut files = BTreeMap::new();
        self.objects(&objects, |at, bytes| {
            if let Some(bytes) = bytes {
                files.insert(paths[at].clone(), bytes);
            }
        })?;
        Ok(files)
    }

    /// The last commit of the branch before a moment, in seconds since 1970; nothing where there is
    /// none.
    pub fn last_before(&self, seconds: i64) -> Result<Option<String>> {
        let before = format!("--min-age={}", seconds.saturating_sub(1));
        Ok(self.line(&["rev-list", "-1", &before, "HEAD"])?.filter(|line| !line.is_empty()))
    }

    /// The merges up to `HEAD`, newest first, each as the two commits it brought together.
    pub fn merges(&self, most: usize) -> Result<Vec<(String, String)>> {
        let most = format!("--max-count={most}");
        let output = run(self.git(&["rev-list", "--merges", "--parents", &most, "HEAD"]), &[])?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let pair = |line: &str| {
            let mut names = line.split(' ').skip(1).map(str::to_owned);
            Some((names.next()?, names.next()?))
        };
        Ok(text.lines().filter_map(pair).collect())
    }
}

/// Reads what `log --raw -z` says: four fields for each commit, then its files.
fn entries(text: &str) -> Vec<Logged> {
    let mut tokens = text.split('\0').peekable();
    let mut entries = Vec::new();
    while let Some(commit) = tokens.next().filter(|commit| !commit.is_empty()) {
        let mut next = || tokens.next().unwrap_or_default().to_owned();
        let (at, by, subject) = (next(), next(), next());
        let is_raw = |token: &&str| token.trim_start_matches('\n').starts_with(':');
        if let Some(raw) = tokens.next_if(is_raw) {
            let _path = tokens.next();
            let (before, after) = blobs(raw.trim_start_matches('\n'));
            entries.push(Logged { commit: commit.to_owned(), at, by, subject, before, after });
        }
    }
    entries
}

/// The bytes before and after in `:100644 100644 OLD NEW M`; a merge has a colon for each parent.
fn blobs(raw: &str) -> (Vec<Blob>, Blob) {
    let parents = raw.chars().take_while(|c| *c == ':').count();
    let words = raw.trim_start_matches(':').split(' ').skip(parents + 1);
    let blob = |name: &str| name.chars().any(|c| c != '0').then(|| name.to_owned());
    let mut blobs: Vec<Blob> = words.take(parents + 1).map(blob).collect();
    let after = blobs.pop().flatten();
    (blobs, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_logs_is_read_as_it_is_written() {
        let text = "c1|2026-09-21|李敏|a: b|\n:100644 100644 aa bb M|t.csv|\
                    c2|d|x||c3|d|x|first|\n:000000 100644 00 aa A|t.csv|";
        let text = text.replace('|', "\0");
        let logged = entries(&text);
        assert_eq!(logged.len(), 2);
        assert_eq!((logged[0].by.as_str(), logged[0].subject.as_str()), ("李敏", "a: b"));
        assert_eq!(logged[0].before, [Some("aa".to_owned())]);
        assert_eq!(logged[1].before, [None]);
        assert_eq!(logged[1].after.as_deref(), Some("aa"));
    }

    #[test]
    fn a_merge_has_the_bytes_of_each_side() {
        let (before, after) = blobs("::100644 100644 100644 aa bb cc MM");
        assert_eq!(before, [Some("aa".to_owned()), Some("bb".to_owned())]);
        assert_eq!(after.as_deref(), Some("cc"));
    }
}
