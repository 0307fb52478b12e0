//! The segment of a folder: its head, which a report reads, and its body, which holds the records.
//!
//! A head begins with a digest of itself and names the digest of its body, so that a byte changed
//! anywhere makes it as if it were not there. It is written whole beside its name and renamed;
//! every failure is ignored, since it may be lost at any time.

use std::{
    ffi::CStr,
    fs,
    io::{Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{columns::Columns, folder::Stat};
use crate::store::layout;

/// Bytes of a digest.
pub(super) const DIGEST: usize = 32;
/// Bytes before the head: its digest and its length.
const PREFIX: usize = DIGEST + 8;

/// A SHA-256.
pub(super) type Hash = [u8; DIGEST];

/// What a folder's segment holds of its files, but the records themselves.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Head {
    /// Digest of what the segment depends on besides the files.
    pub(super) about: Hash,
    /// The folder.
    pub(super) folder: String,
    /// A moment before the files were asked about, in nanoseconds.
    pub(super) seen_at: i64,
    /// What the system said of the folder, where it held these files and nothing else.
    pub(super) whole: Option<Stat>,
    /// Digest of the body.
    pub(super) body: Hash,
    /// The names of the files, each with a NUL behind it, in the order of records.
    pub(super) names: String,
    /// The files.
    pub(super) known: Vec<Known>,
    /// Their facts.
    pub(super) columns: Columns,
}

/// A sound file.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) stat: Stat,
    /// Where its name ends.
    pub(super) name_end: u32,
    /// Where its part of the body ends.
    pub(super) body_end: u32,
    /// First and last day of its facts.
    pub(super) days: Option<(i32, i32)>,
    /// Whether it is void.
    pub(super) is_void: bool,
    /// Whether the reader has something to say about it all the same.
    pub(super) has_findings: bool,
}

impl Head {
    /// The name of a file.
    pub(super) fn name(&self, at: usize) -> &str {
        let name = self.with_nul(at);
        name.strip_suffix('\0').unwrap_or(name)
    }

    /// The name of a file, as the system takes it.
    pub(super) fn c_name(&self, at: usize) -> Option<&CStr> {
        CStr::from_bytes_with_nul(self.with_nul(at).as_bytes()).ok()
    }

    fn with_nul(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.known[before].name_end as usize);
        &self.names[start..self.known[at].name_end as usize]
    }

    /// The part of a body that is a file's: the digest of its bytes, and its record.
    pub(super) fn part<'a>(&self, body: &'a [u8], at: usize) -> Option<(&'a Hash, &'a [u8])> {
        let start = at.checked_sub(1).map_or(0, |before| self.known[before].body_end as usize);
        body.get(start..self.known.get(at)?.body_end as usize)?.split_first_chunk()
    }

    /// Whether every offset lies where it can be used.
    fn is_whole(&self) -> bool {
        let mut last = (0, 0);
        for known in &self.known {
            let end = known.name_end as usize;
            if end < last.0 || known.body_end < last.1 || !self.names.is_char_boundary(end) {
                return false;
            }
            last = (end, known.body_end);
        }
        self.columns.is_whole(self.known.len())
    }
}

/// Where a segment lies, and which one it is.
#[derive(Debug, Clone)]
pub(super) struct Saved {
    path: PathBuf,
    digest: Hash,
}

impl Saved {
    /// Where the segment of a folder lies.
    pub(super) fn path(root: &Path, folder: &str) -> PathBuf {
        let name = folder.replace('/', "-");
        root.join(layout::LOCAL).join("cache").join(name)
    }

    /// Reads a head; nothing on any doubt.
    pub(super) fn read(path: &Path, about: &Hash, folder: &str) -> Option<(Self, Head)> {
        if leads_through_link(path) {
            return None;
        }
        let mut file = fs::File::open(path).ok()?;
        let size = file.metadata().ok()?.len();
        let mut prefix = [0; PREFIX];
        file.read_exact(&mut prefix).ok()?;
        let (digest, length) = prefix.split_first_chunk::<DIGEST>()?;
        let length = u64::from_le_bytes(*length.first_chunk()?);
        if length > size {
            return None;
        }
        let mut held = vec![0; usize::try_from(length).ok()?];
        file.read_exact(&mut held).ok()?;
        if hash(&held) != *digest {
            return None;
        }
        let head: Head = postcard::from_bytes(&held).ok()?;
        let fits = head.about == *about && head.folder == folder && head.is_whole();
        fits.then(|| (Self { path: path.to_owned(), digest: *digest }, head))
    }

    /// Reads the body that belongs to a head; nothing where the segment was replaced since.
    pub(super) fn body(&self, head: &Head) -> Option<Vec<u8>> {
        let mut file = fs::File::open(&self.path).ok()?;
        let mut prefix = [0; PREFIX];
        file.read_exact(&mut prefix).ok()?;
        let (digest, length) = prefix.split_first_chunk::<DIGEST>()?;
        if *digest != self.digest {
            return None;
        }
        let length = u64::from_le_bytes(*length.first_chunk()?);
        file.seek(SeekFrom::Start(length.checked_add(PREFIX as u64)?)).ok()?;
        let mut body = Vec::with_capacity(head.known.last()?.body_end as usize);
        file.read_to_end(&mut body).ok()?;
        (hash(&body) == head.body).then_some(body)
    }
}

/// Writes a segment, if it can be.
pub(super) fn write(path: &Path, head: &Head, body: &[u8]) {
    let Ok(held) = postcard::to_allocvec(head) else { return };
    let Some(folder) = path.parent() else { return };
    if leads_through_link(path) {
        return;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!("{}{}-{name}", layout::TEMPORARY, std::process::id()));
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut options = fs::OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(&hash(&held))?;
        file.write_all(&(held.len() as u64).to_le_bytes())?;
        file.write_all(&held)?;
        file.write_all(body)
    });
    if written.and_then(|()| fs::rename(&temporary, path)).is_err() {
        let _ = fs::remove_file(&temporary);
    }
}

/// The digest of bytes.
pub(super) fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Whether the segment or a folder it lies in is a link, which is not followed.
fn leads_through_link(path: &Path) -> bool {
    let is_link = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    path.ancestors().take(3).any(is_link)
}
