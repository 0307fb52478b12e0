//! What a book reads from: the disk or memory, with staged bytes laid over it.
//!
//! One struct serves the running program, the write gate, dry runs and tests without a disk. Paths
//! are relative to the data directory, with `/`. Links are listed as links and never followed.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use crate::error::Error;

/// Files of a data directory, as a reader sees them.
#[derive(Debug, Clone)]
pub struct Files {
    base: Base,
    /// What lies over the base; nothing where a file was taken away.
    over: BTreeMap<String, Option<Vec<u8>>>,
    /// What the disk could not give, here and in everything laid over these files.
    failures: Arc<Mutex<Vec<(String, String)>>>,
}

#[derive(Debug, Clone)]
enum Base {
    Disk(PathBuf),
    Memory(Arc<BTreeMap<String, Vec<u8>>>),
}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// File name.
    pub name: String,
    /// What it is.
    pub what: What,
}

/// What a name in a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, a device, a pipe, or a name that is not UTF-8.
    Other,
}

impl Listed {
    /// Whether its name is not UTF-8, so that it cannot be opened by it.
    pub fn is_no_text(&self) -> bool {
        self.what == What::Other && self.name.contains(char::REPLACEMENT_CHARACTER)
    }
}

impl Files {
    /// The files below a folder of the disk.
    pub fn disk(root: impl Into<PathBuf>) -> Self {
        Self::of(Base::Disk(root.into()))
    }

    /// Files in memory.
    pub fn memory(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self::of(Base::Memory(Arc::new(files)))
    }

    fn of(base: Base) -> Self {
        Self { base, over: BTreeMap::new(), failures: Arc::default() }
    }

    /// The same files with staged bytes laid over them; nothing stands for a file taken away.
    #[must_use]
    pub fn with(&self, staged: impl IntoIterator<Item = (String, Option<Vec<u8>>)>) -> Self {
        let mut files = self.clone();
        files.over.extend(staged);
        files
    }

    /// The folder on disk, where there is one.
    pub fn root(&self) -> Option<&Path> {
        match &self.base {
            Base::Disk(root) => Some(root),
            Base::Memory(_) => None,
        }
    }

    /// The names in a folder that something is laid over.
    pub fn over_in(&self, folder: &str) -> Vec<String> {
        let inside = |path: &String| match path.rsplit_once('/') {
            Some((parent, name)) => (parent == folder).then(|| name.to_owned()),
            None => folder.is_empty().then(|| path.clone()),
        };
        self.over.keys().filter_map(inside).collect()
    }

    /// The bytes of a file; nothing where there is no plain file of that name.
    pub fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if let Some(bytes) = self.over.get(path) {
            return Ok(bytes.clone());
        }
        match &self.base {
            Base::Memory(files) => Ok(files.get(path).cloned()),
            Base::Disk(root) => self.remembering(path, read_plain(root, path)),
        }
    }

    /// The first thing that the disk could not give so far; links and names that are no plain files
    /// are findings, not failures.
    pub fn failure(&self) -> Option<Error> {
        let failures = self.failures.lock().ok()?;
        let (path, why) = failures.first()?;
        Some(Error::failure(format!("cannot read {path}: {why}")))
    }

    fn remembering<T>(&self, path: &str, read: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::InvalidInput
            && let Ok(mut failures) = self.failures.lock()
        {
            failures.push((path.to_owned(), error.to_string()));
        }
        read
    }

    /// The names in a folder, sorted; none where there is no such folder.
    pub fn list(&self, folder: &str) -> io::Result<Vec<Listed>> {
        let mut listed = match &self.base {
            Base::Disk(root) => self.remembering(folder, list_disk(root, folder))?,
            Base::Memory(files) => list_keys(files, folder, |_| true),
        };
        if !self.over.is_empty() {
            let is_gone = |name: &str| {
                let staged = self.over.get(&below(folder, name));
                staged.is_some_and(Option::is_none)
            };
            listed.retain(|found| !is_gone(&found.name));
            listed.extend(list_keys(&self.over, folder, Option::is_some));
        }
        listed.sort();
        listed.dedup();
        Ok(listed)
    }
}

/// Reads a plain file whose folders are no links either.
fn read_plain(root: &Path, path: &str) -> io::Result<Option<Vec<u8>>> {
    let full = root.join(path);
    if has_link(root, path) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a link leads to it"));
    }
    let found = match fs::symlink_metadata(&full) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    if !found.is_file() {
        let what = if found.is_dir() { "it is a folder" } else { "it is a link or no plain file" };
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    fs::read(full).map(Some)
}

fn has_link(root: &Path, path: &str) -> bool {
    let mut full = root.to_owned();
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').filter(|part| !part.is_empty()).any(|part| {
        full.push(part);
        fs::symlink_metadata(&full).is_ok_and(|found| found.is_symlink())
    })
}

fn list_disk(root: &Path, folder: &str) -> io::Result<Vec<Listed>> {
    let full = if folder.is_empty() { root.to_owned() } else { root.join(folder) };
    if fs::symlink_metadata(&full).is_ok_and(|found| found.is_symlink() && !folder.is_empty()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a link is not followed"));
    }
    let entries = match fs::read_dir(&full) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut listed = Vec::new();
    for entry in entries {
        let entry = entry?;
        let found = entry.file_type()?;
        let (name, what) = match entry.file_name().into_string() {
            Ok(name) if found.is_file() => (name, What::File),
            Ok(name) if found.is_dir() => (name, What::Folder),
            Ok(name) => (name, What::Other),
            Err(name) => (name.to_string_lossy().into_owned(), What::Other),
        };
        listed.push(Listed { name, what });
    }
    Ok(listed)
}

fn list_keys<V>(
    files: &BTreeMap<String, V>,
    folder: &str,
    is_there: impl Fn(&V) -> bool,
) -> Vec<Listed> {
    let prefix = below(folder, "");
    let inside = files.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
    let there = inside.filter(|(_, held)| is_there(held));
    let listed = there.map(|(path, _)| match path[prefix.len()..].split_once('/') {
        Some((name, _)) => Listed { name: name.to_owned(), what: What::Folder },
        None => Listed { name: path[prefix.len()..].to_owned(), what: What::File },
    });
    listed.collect()
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
