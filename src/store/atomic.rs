//! Writing without loss, and the lock that keeps two writers apart.
//!
//! 1. A new file is written beside its target under a temporary name, synced, and linked to its
//!    final name, so that an existing name is a conflict and never overwritten.
//! 2. An edit is written beside its target and synced; the target's bytes are compared with those
//!    the edit was made from, and only then replaced by renaming.
//! 3. The folder is synced before the write is acknowledged; a new folder's own folder too.
//! 4. A file that goes is compared in the same way, and only then removed.
//! 5. Where a file of several fails, those before it are taken back. What a killed process leaves
//!    half done, the journal finishes.
//! 6. A failed sync is never tried again: the command stops, the old bytes stand.
//! 7. Links are not followed: a folder or file on the way to a target that is one stops the
//!    command.
//! 8. Temporary files that a killed writer left are removed by the next one in that folder.
//! 9. All of it happens under the lock, which the system gives back when the process ends, however
//!    it ends.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};

use rayon::prelude::*;

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
    /// The bytes to be there; nothing where the file goes.
    pub after: Option<Vec<u8>>,
}

/// Takes the lock of a data directory, waiting for another writer.
pub fn lock(root: &Path) -> Result<Lock> {
    let folder = root.join(LOCAL);
    plain_file(root, &folder.join("lock"))?;
    let failed =
        |error: io::Error| Error::failure(format!("cannot lock {}", root.display())).because(error);
    fs::create_dir_all(&folder).map_err(failed)?;
    let path = folder.join("lock");
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => return Ok(Lock { _file: file }),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
        Err(TryLockError::WouldBlock) => {}
    }
    // Another writer is at work. The system wakes who waits, so nobody asks again and again.
    let waiting = file.try_clone().map_err(failed)?;
    let (sender, receiver) = mpsc::channel();
    let wait = move || sender.send(waiting.lock());
    std::thread::Builder::new().spawn(wait).map_err(failed)?;
    match receiver.recv_timeout(PATIENCE) {
        Ok(locked) => locked.map_err(failed).map(|()| Lock { _file: file }),
        Err(_) => Err(Error::conflict("another desk command holds the lock")
            .hint("wait for it to end, then run this again")),
    }
}

/// Files written beside their targets and synced, ready to be published.
#[derive(Debug)]
pub struct Prepared<'a> {
    root: &'a Path,
    writes: &'a [FileWrite],
    files: Vec<Ready>,
}

/// Why files were not published.
#[derive(Debug)]
pub enum Unpublished {
    /// Nothing of them stands.
    TakenBack(Error),
    /// Some of them stand, or may be lost in a power cut.
    Unsure(Error),
}

impl From<Unpublished> for Error {
    fn from(unpublished: Unpublished) -> Self {
        match unpublished {
            Unpublished::TakenBack(error) | Unpublished::Unsure(error) => error,
        }
    }
}

/// Writes and publishes files; the caller holds the lock.
pub fn publish(root: &Path, writes: &[FileWrite]) -> Result<()> {
    Ok(prepare(root, writes)?.publish()?)
}

/// Writes files beside their targets and syncs them; no target is touched, and one that is not as
/// the change found it is a conflict.
pub fn prepare<'a>(root: &'a Path, writes: &'a [FileWrite]) -> Result<Prepared<'a>> {
    for write in writes {
        let target = root.join(&write.path);
        no_link(root, &target)?;
        unchanged(&target, write)?;
    }
    remove_leftovers(root, writes.iter().map(|write| write.path.as_str()));
    let mut files = Vec::with_capacity(writes.len());
    // Files written together wait for the disk together, which is many times faster than one by
    // one.
    for batch in writes.chunks(BATCH) {
        let first = files.len();
        for write in batch {
            files.push(Ready::write(root, write)?);
        }
        files[first..].par_iter_mut().try_for_each(Ready::sync)?;
    }
    Ok(Prepared { root, writes, files })
}

impl Prepared<'_> {
    /// Gives every file its name, or none, and syncs the folders.
    pub fn publish(mut self) -> std::result::Result<(), Unpublished> {
        for (at, write) in self.writes.iter().enumerate() {
            if let Err(error) = self.files[at].publish(write) {
                return Err(self.take_back(at, error));
            }
        }
        let paths = self.writes.iter().map(|write| write.path.as_str());
        sync_folders(self.root, paths).map_err(Unpublished::Unsure)
    }

    /// Undoes what was published before the file that failed.
    fn take_back(&self, published: usize, error: Error) -> Unpublished {
        let mut undone = true;
        for write in self.writes[..published].iter().rev() {
            let target = self.root.join(&write.path);
            // What someone wrote meanwhile stays; the journal then leaves the rest to a person.
            let is_ours = read(&target).is_ok_and(|now| now == write.after);
            let back = is_ours.then(|| match &write.before {
                None => fs::remove_file(&target),
                Some(before) => restore(&target, before),
            });
            undone &= back.is_some_and(|back| back.is_ok());
        }
        let paths = self.writes[..published].iter().map(|write| write.path.as_str());
        match undone && sync_folders(self.root, paths).is_ok() {
            true => Unpublished::TakenBack(error),
            false => Unpublished::Unsure(error),
        }
    }
}

/// Refuses a target that is not as the change found it.
fn unchanged(target: &Path, write: &FileWrite) -> Result<()> {
    let path = &write.path;
    let now = read(target).map_err(|error| failed(target, error))?;
    match (&write.before, now) {
        (before, now) if *before == now => Ok(()),
        (None, _) => Err(Error::conflict(format!("{path} exists already"))),
        _ => Err(Error::conflict(format!("{path} was changed meanwhile"))
            .hint("look at it, then run this again")),
    }
}

/// The bytes of a file, or that there is none.
fn read(target: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(None),
        read => read.map(Some),
    }
}

/// Makes sure that the names in the folders of these paths are on the disk.
pub fn sync_folders<'a>(root: &Path, paths: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut folders: Vec<PathBuf> =
        paths.filter_map(|path| root.join(path).parent().map(Path::to_owned)).collect();
    folders.sort();
    folders.dedup();
    folders
        .par_iter()
        .filter(|folder| folder.is_dir())
        .try_for_each(|folder| sync_folder(folder).map_err(|error| failed(folder, error)))
}

fn restore(target: &Path, before: &[u8]) -> io::Result<()> {
    let folder = target.parent().unwrap_or(target);
    let (mut file, temporary) = create_temporary(folder, target)?;
    let mode = fs::metadata(target).map(|found| found.permissions());
    let restored = file
        .write_all(before)
        .and_then(|()| file.sync_all())
        .and_then(|()| mode.map_or(Ok(()), |mode| fs::set_permissions(&temporary, mode)))
        .and_then(|()| fs::rename(&temporary, target));
    if restored.is_err() {
        // A leftover is ignored by every reader, so one that cannot be removed does no harm.
        let _ = fs::remove_file(temporary);
    }
    restored
}

/// Writes new files that can be made again at any time, such as generated ones, without waiting for
/// the disk.
pub fn publish_unsynced(root: &Path, writes: &[FileWrite]) -> Result<()> {
    for write in writes {
        let target = root.join(&write.path);
        let folder = target.parent().unwrap_or(root);
        let written = fs::create_dir_all(folder).and_then(|()| {
            let mut file = OpenOptions::new().write(true).create_new(true).open(&target)?;
            file.write_all(write.after.as_deref().unwrap_or_default())
        });
        written.map_err(|error| failed(&target, error))?;
    }
    Ok(())
}

/// Refuses a name of the program's own that is a link, a pipe or a folder.
pub(super) fn plain_file(root: &Path, path: &Path) -> Result<()> {
    no_link(root, path)?;
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            let message = format!("{} is no plain file", path.display());
            Err(Error::refused(message, Vec::new()).hint(format!("rm -r {}", path.display())))
        }
        _ => Ok(()),
    }
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

/// Removes what killed writers left in the folders of these paths. Under the lock nobody else is
/// writing, so every temporary file there is older than the caller's own.
pub(super) fn remove_leftovers<'a>(root: &Path, paths: impl Iterator<Item = &'a str>) {
    let mut folders: Vec<PathBuf> =
        paths.filter_map(|path| root.join(path).parent().map(Path::to_owned)).collect();
    folders.sort();
    folders.dedup();
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    for entry in entries.filter(|entry| is_temporary(&entry.file_name().to_string_lossy())) {
        // A leftover is ignored by every reader, so one that cannot be removed does no harm.
        let _ = fs::remove_file(entry.path());
    }
}

/// Whether a name is one that [`create_temporary`] gives: `.tmp-PROCESS-ATTEMPT-NAME`.
fn is_temporary(name: &str) -> bool {
    let mut parts = name.strip_prefix(TEMPORARY).unwrap_or_default().splitn(3, '-');
    let mut is_number = || {
        parts
            .next()
            .is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_number() && is_number() && parts.next().is_some()
}

/// A temporary file beside its target, removed unless it was published; none where the target goes.
#[derive(Debug)]
struct Ready {
    /// Open until it is synced.
    file: Option<File>,
    temporary: Option<PathBuf>,
    target: PathBuf,
}

impl Ready {
    fn write(root: &Path, write: &FileWrite) -> Result<Self> {
        let target = root.join(&write.path);
        let Some(after) = &write.after else {
            return Ok(Self { file: None, temporary: None, target });
        };
        let folder = target.parent().unwrap_or(root);
        make_folder(root, folder).map_err(|error| failed(folder, error))?;
        let (mut file, temporary) =
            create_temporary(folder, &target).map_err(|error| failed(&target, error))?;
        let written = file.write_all(after);
        let ready = Self { file: Some(file), temporary: Some(temporary), target };
        written.map_err(|error| failed(&ready.target, error))?;
        Ok(ready)
    }

    fn sync(&mut self) -> Result<()> {
        let synced = self.file.take().map_or(Ok(()), |file| file.sync_all());
        synced.map_err(|error| failed(&self.target, error))
    }

    fn publish(&mut self, write: &FileWrite) -> Result<()> {
        let Some(temporary) = &self.temporary else {
            unchanged(&self.target, write)?;
            return fs::remove_file(&self.target).map_err(|error| failed(&self.target, error));
        };
        match &write.before {
            None => self.publish_new(temporary, &write.path),
            Some(_) => self.publish_edit(temporary, write),
        }
    }

    fn publish_new(&self, temporary: &Path, path: &str) -> Result<()> {
        match fs::hard_link(temporary, &self.target) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::conflict(format!("{path} exists already")))
            }
            // Some file systems have no links; under the lock nobody else makes the name meanwhile.
            Err(error) if is_unsupported(&error) && !self.target.exists() => {
                fs::rename(temporary, &self.target).map_err(|error| failed(&self.target, error))
            }
            Err(error) => Err(failed(&self.target, error)),
        }
    }

    fn publish_edit(&self, temporary: &Path, write: &FileWrite) -> Result<()> {
        unchanged(&self.target, write)?;
        let mode = fs::metadata(&self.target).map(|found| found.permissions());
        let kept = mode.and_then(|mode| fs::set_permissions(temporary, mode));
        kept.and_then(|()| fs::rename(temporary, &self.target))
            .map_err(|error| failed(&self.target, error))
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // After a rename there is nothing left to remove; a leftover is ignored by readers.
            let _ = fs::remove_file(temporary);
        }
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

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &str, before: Option<&[u8]>, after: &[u8]) -> FileWrite {
        FileWrite {
            path: path.into(),
            before: before.map(<[u8]>::to_vec),
            after: Some(after.to_vec()),
        }
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
