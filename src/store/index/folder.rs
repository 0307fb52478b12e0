//! A folder of the disk, listed, asked about and read by its open handle.
//!
//! Asking the system about each file of a month is most of what a warm report does, so names are
//! never joined to paths here, and links are never followed.

use std::{
    ffi::CStr,
    fs::File,
    io::{self, Read},
    os::{fd::OwnedFd, unix::fs::MetadataExt},
    path::Path,
    time::UNIX_EPOCH,
};

use rustix::{
    fs::{
        AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, mkdirat, openat, renameat, statat,
        unlinkat,
    },
    io::Errno,
    path::Arg,
};
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
        for part in folder.split('/').filter(|part| !part.is_empty()) {
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
        let (stat, mut file) = self.file(name)?;
        let mut bytes = Vec::with_capacity(usize::try_from(stat.size).ok()?.saturating_add(1));
        file.read_to_end(&mut bytes).ok()?;
        Some((stat, bytes))
    }

    /// A plain file, opened to be read; a link is not followed, and a pipe not waited for.
    pub(super) fn file(&self, name: impl Arg) -> Option<(Stat, File)> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::empty()).ok()?;
        let stat = plain(&fstat(&file).ok()?)?;
        Some((stat, File::from(file)))
    }

    /// A new file, opened to be written; what lay under its name goes, be it a link.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let open = || openat(&self.0, name, new | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR);
        let opened = match open() {
            Err(Errno::EXIST) => self.remove(name).and_then(|()| Ok(open()?))?,
            opened => opened?,
        };
        Ok(File::from(opened))
    }

    /// Gives a file another name, in place of what lay there.
    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(renameat(&self.0, from, &self.0, to)?)
    }

    /// Takes a name away.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// What tells this folder from any other, and from a copy of it.
    pub(super) fn mark(&self) -> Option<String> {
        let found = File::from(self.0.try_clone().ok()?).metadata().ok()?;
        let born = found.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
        Some(format!("{} {} {born:?}", found.dev(), found.ino()))
    }
}

/// Makes the folders of a path below the root where they are not there; a link on the way is an
/// error.
pub(super) fn make(root: &Path, folder: &str) -> io::Result<Folder> {
    let mut path = String::new();
    for part in folder.split('/') {
        let above = Folder::open(root, &path)?;
        match mkdirat(&above.0, part, Mode::RWXU | Mode::RWXG | Mode::RWXO) {
            Err(Errno::EXIST) => {}
            made => made?,
        }
        path = if path.is_empty() { part.to_owned() } else { format!("{path}/{part}") };
    }
    Folder::open(root, folder)
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
