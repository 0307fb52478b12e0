//! Writing without loss, and the lock that keeps two writers apart.
//!
//! 1. A new file is written beside its target under a temporary name, synced, and linked to its
//!    final name, so that an existing name is a conflict and never overwritten.
//! 2. An edit is written beside its target and synced; the target's bytes are compared with those
//!    the edit was made from, and only then replaced by renaming.
//! 3. The folder is synced before the write is acknowledged; a new folder's own folder too.
//! 4. Where a file of several fails, those before it are taken back: all of an operation is there,
//!    or none. (A process killed between two files can leave the first ones.)
//! 5. A failed sync is never tried again: the command stops, the old bytes stand.
//! 6. Links are not followed: a folder or file on the way to a target that is one stops the
//!    command.
//! 7. Temporary files that a killed writer left are removed by the next one in that folder.
//! 8. All of it happens under the lock, which the system gives back when the process ends, however
//!    it ends.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::layout::{LOCAL, TEMPORARY};
use crate::error::{Error, Result};

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most files that are open at once while they wait for the disk.
const BATCH: usize = 200;

/// The lock of a data directory, held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Bytes on their way to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileWrite {
    /// Path relative to the data directory.
    pub path: String,
    /// The bytes the change was made from; nothing for a new file.
    pub before: Option<Vec<u8>>,
    /// The bytes to be there.
    pub after: Vec<u8>,
}

/// Takes the lock of a data directory, waiting for another writer.
pub fn lock(root: &Path) -> Result<Lock> {
    let folder = root.join(LOCAL);
    no_link(root, &folder.join("lock"))?;
    let failed =
        |error: io::Error| Error::failure(format!("cannot lock {}", root.display())).because(error);
    fs::create_dir_all(&folder).map_err(failed)?;
    let path = folder.join("lock");
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).open(path).map_err(failed)?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => {
                return Err(Error::conflict("another desk command holds the lock")
                    .hint("wait for it to end, then run this again"));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Publishes staged bytes; the caller holds the lock.
pub fn publish(root: &Path, writes: &[FileWrite]) -> Result<()> {
    for write in writes {
        no_link(root, &root.join(&write.path))?;
    }
    remove_leftovers(root, writes);
    let mut prepared = Vec::with_capacity(writes.len());
    // Files written together wait for the disk together, which is many times faster than one by
    // one.
    for batch in writes.chunks(BATCH) {
        let first = prepared.len();
        for write in batch {
            prepared.push(Prepared::write(root, write)?);
        }
        prepared[first..].iter_mut().try_for_each(Prepared::sync)?;
    }
    let mut folders = Vec::new();
    for (at, write) in writes.iter().enumerate() {
        if let Err(error) = prepared[at].publish(write) {
            return Err(take_back(root, &writes[..at], error));
        }
        folders.extend(prepared[at].target.parent().map(Path::to_owned));
    }
    folders.sort();
    folders.dedup();
    for folder in folders {
        sync_folder(&folder).map_err(|error| failed(&folder, error))?;
    }
    Ok(())
}

/// Undoes what was published of an operation whose next file failed, and says what could not be.
fn take_back(root: &Path, published: &[FileWrite], error: Error) -> Error {
    let mut kept = Vec::new();
    for write in published.iter().rev() {
        let target = root.join(&write.path);
        let undone = match &write.before {
            None => fs::remove_file(&target),
            Some(before) => restore(&target, before),
        };
        if undone.is_err() {
            kept.push(write.path.as_str());
        }
    }
    match kept.is_empty() {
        true => error,
        false => error.hint(format!("written all the same, look at them: {}", kept.join(", "))),
    }
}

fn restore(target: &Path, before: &[u8]) -> io::Result<()> {
    let folder = target.parent().unwrap_or(target);
    let (mut file, temporary) = create_temporary(folder, target)?;
    file.write_all(before)?;
    file.sync_all()?;
    fs::rename(temporary, target)
}

/// Writes new files that can be made again at any time, such as generated ones, without waiting for
/// the disk.
pub fn publish_unsynced(root: &Path, writes: &[FileWrite]) -> Result<()> {
    for write in writes {
        let target = root.join(&write.path);
        let folder = target.parent().unwrap_or(root);
        let written = fs::create_dir_all(folder).and_then(|()| {
            let mut file = OpenOptions::new().write(true).create_new(true).open(&target)?;
            file.write_all(&write.after)
        });
        written.map_err(|error| failed(&target, error))?;
    }
    Ok(())
}

/// Refuses a target that a link would lead elsewhere.
fn no_link(root: &Path, target: &Path) -> Result<()> {
    let inside = target.ancestors().take_while(|path| *path != root);
    for path in inside {
        if fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
            let message = format!("{} is a link, and links are not followed", path.display());
            return Err(
                Error::refused(message, Vec::new()).hint("put a plain folder or file there")
            );
        }
    }
    Ok(())
}

/// Removes what killed writers left: under the lock nobody else is writing.
fn remove_leftovers(root: &Path, writes: &[FileWrite]) {
    let mut folders: Vec<PathBuf> = writes
        .iter()
        .filter_map(|write| root.join(&write.path).parent().map(Path::to_owned))
        .collect();
    folders.sort();
    folders.dedup();
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(TEMPORARY))
    {
        // A leftover is ignored by every reader, so one that cannot be removed does no harm.
        let _ = fs::remove_file(entry.path());
    }
}

/// A temporary file beside its target, removed unless it was published.
struct Prepared {
    /// Open until it is synced.
    file: Option<File>,
    temporary: PathBuf,
    target: PathBuf,
}

impl Prepared {
    fn write(root: &Path, write: &FileWrite) -> Result<Self> {
        let target = root.join(&write.path);
        let folder = target.parent().unwrap_or(root);
        make_folder(root, folder).map_err(|error| failed(folder, error))?;
        let (mut file, temporary) =
            create_temporary(folder, &target).map_err(|error| failed(&target, error))?;
        let written = file.write_all(&write.after);
        let prepared = Self { file: Some(file), temporary, target };
        written.map_err(|error| failed(&prepared.target, error))?;
        Ok(prepared)
    }

    fn sync(&mut self) -> Result<()> {
        let synced = self.file.take().map_or(Ok(()), |file| file.sync_all());
        synced.map_err(|error| failed(&self.target, error))
    }

    fn publish(&mut self, write: &FileWrite) -> Result<()> {
        match &write.before {
            None => self.publish_new(&write.path),
            Some(before) => self.publish_edit(&write.path, before),
        }
    }

    fn publish_new(&mut self, path: &str) -> Result<()> {
        match fs::hard_link(&self.temporary, &self.target) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::conflict(format!("{path} exists already; nothing of it was changed")))
            }
            // Some file systems have no links; under the lock nobody else makes the name meanwhile.
            Err(error) if is_unsupported(&error) && !self.target.exists() => {
                fs::rename(&self.temporary, &self.target)
                    .map_err(|error| failed(&self.target, error))
            }
            Err(error) => Err(failed(&self.target, error)),
        }
    }

    fn publish_edit(&mut self, path: &str, before: &[u8]) -> Result<()> {
        let now = fs::read(&self.target).map_err(|error| failed(&self.target, error))?;
        if now != before {
            return Err(Error::conflict(format!(
                "{path} was changed meanwhile; nothing was written"
            ))
            .hint("look at it, then run this again"));
        }
        let mode = fs::metadata(&self.target).map(|found| found.permissions());
        let kept = mode.and_then(|mode| fs::set_permissions(&self.temporary, mode));
        kept.and_then(|()| fs::rename(&self.temporary, &self.target))
            .map_err(|error| failed(&self.target, error))
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove; a leftover is ignored by every reader.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Whether a file system says that it has no hard links.
fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied)
}

fn failed(path: &Path, error: io::Error) -> Error {
    Error::failure(format!("cannot write {}", path.display())).because(error)
}

fn create_temporary(folder: &Path, target: &Path) -> io::Result<(File, PathBuf)> {
    let name = target.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    for attempt in 0..1000_u32 {
        let path = folder.join(format!("{TEMPORARY}{}-{attempt}-{name}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, path)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "no free temporary name"))
}

/// Makes a folder and those above it, syncing each one's own folder.
fn make_folder(root: &Path, folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().unwrap_or(root);
    make_folder(root, parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.and_then(|()| sync_folder(parent)),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &str, before: Option<&[u8]>, after: &[u8]) -> FileWrite {
        FileWrite { path: path.into(), before: before.map(<[u8]>::to_vec), after: after.to_vec() }
    }

    #[test]
    fn where_one_file_of_several_fails_those_before_it_are_taken_back() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let root = root.path();
        publish(root, &[write("a/1", None, b"one"), write("a/3", None, b"three")]).expect("new");
        let writes = [
            write("a/1", Some(b"one"), b"uno"),
            write("b/2", None, b"two"),
            write("a/3", None, b"tres"),
        ];
        let error = publish(root, &writes).expect_err("the third is there already");
        assert_eq!(error.kind, crate::error::Kind::Conflict);
        assert_eq!(fs::read(root.join("a/1")).ok().as_deref(), Some(&b"one"[..]));
        assert!(!root.join("b/2").exists());
        assert_eq!(fs::read(root.join("a/3")).ok().as_deref(), Some(&b"three"[..]));
        let left = fs::read_dir(root.join("a")).expect("a folder").count();
        assert_eq!(left, 2, "no temporary file is left");
    }

    #[test]
    fn an_edit_of_what_was_changed_meanwhile_is_a_conflict() {
        let root = tempfile::tempdir().expect("a temporary folder");
        publish(root.path(), &[write("1", None, b"new")]).expect("new");
        let edit = [write("1", Some(b"old"), b"newer")];
        let error = publish(root.path(), &edit).expect_err("other bytes are there");
        assert_eq!(error.kind, crate::error::Kind::Conflict);
        assert_eq!(fs::read(root.path().join("1")).ok().as_deref(), Some(&b"new"[..]));
    }
}
