//! A folder of the disk, listed, asked about and read by its open handle.
//!
//! Asking the system about each file of a month is most of what a warm report does, so names are
//! never joined to paths here, and links are never followed.

use std::{ffi::CStr, fs::File, io, io::Read, os::fd::OwnedFd, path::Path};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use serde::{Deserialize, Serialize};

use crate::store::files::What;

/// What the system says of a file; times in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stat {
    pub(super) size: u64,
    pub(super) modified: i64,
    pub(super) changed: i64,
    pub(super) inode: u64,
}

impl Stat {
    /// Whether both times lie before a moment.
    pub(super) fn is_before(&self, moment: i64) -> bool {
        self.modified < moment && self.changed < moment
    }
}

/// An open folder.
pub(super) struct Folder(OwnedFd);

impl Folder {
    /// Opens a folder below the root; a link on the way to it is an error.
    pub(super) fn open(root: &Path, folder: &str) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut at = openat(CWD, root, flags, Mode::empty())?;
        for part in folder.split('/') {
            at = openat(&at, part, flags | OFlags::NOFOLLOW, Mode::empty())?;
        }
        Ok(Self(at))
    }

    /// What the system says of the folder itself.
    pub(super) fn own(&self) -> Option<Stat> {
        times(&fstat(&self.0).ok()?)
    }

    /// Calls `each` with every name and, where the folder tells, what it is.
    pub(super) fn list(&self, mut each: impl FnMut(&CStr, Option<What>)) -> io::Result<()> {
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            if name != c"." && name != c".." {
                each(name, what(entry.file_type()));
            }
        }
        Ok(())
    }

    /// What the system says of a plain file; nothing of anything else.
    pub(super) fn stat(&self, name: &CStr) -> Option<Stat> {
        plain(&statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).ok()?)
    }

    /// What a name is.
    pub(super) fn what(&self, name: &CStr) -> What {
        let found = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW);
        let kind = found.map(|found| FileType::from_raw_mode(found.st_mode));
        kind.ok().and_then(what).unwrap_or(What::Other)
    }

    /// The bytes of a plain file, and what the system said of it before they were read.
    pub(super) fn read(&self, name: &CStr) -> Option<(Stat, Vec<u8>)> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::empty()).ok()?;
        let stat = plain(&fstat(&file).ok()?)?;
        let mut bytes = Vec::with_capacity(usize::try_from(stat.size).ok()?.saturating_add(1));
        File::from(file).read_to_end(&mut bytes).ok()?;
        Some((stat, bytes))
    }
}

fn what(kind: FileType) -> Option<What> {
    match kind {
        FileType::RegularFile => Some(What::File),
        FileType::Directory => Some(What::Folder),
        FileType::Unknown => None,
        _ => Some(What::Other),
    }
}

fn plain(found: &rustix::fs::Stat) -> Option<Stat> {
    let is_plain = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
    is_plain.then(|| times(found)).flatten()
}

fn times(found: &rustix::fs::Stat) -> Option<Stat> {
    let nanos =
        |seconds: i64, part: i64| seconds.saturating_mul(1_000_000_000).saturating_add(part);
    Some(Stat {
        size: u64::try_from(found.st_size).ok()?,
        modified: nanos(found.st_mtime, i64::try_from(found.st_mtime_nsec).ok()?),
        changed: nanos(found.st_ctime, i64::try_from(found.st_ctime_nsec).ok()?),
        inode: found.st_ino,
    })
}
