//! The segment of a folder: its head, which a report reads, and its body, which holds the records.
//!
//! Before the head stand the digest of what the segment depends on, and that of the head, which
//! names the digests of its body's blocks, so that a byte changed anywhere makes it as if it were
//! not there. Of the body a record's own blocks can be read alone. It is written whole beside its name and renamed; every failure is ignored, since it may
//! be lost at any time.

use std::{
    ffi::CStr,
    io::{Read, Seek, SeekFrom, Write},
    ops::Range,
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    cache::{Cache, Held},
    columns::Columns,
    folder::Stat,
};
use crate::store::layout;

/// Bytes of a digest.
pub(super) const DIGEST: usize = 32;
/// Bytes of the body that are read and held against a digest together.
const BLOCK: usize = 16 * 1024;
/// Bytes before the head: two digests and its length.
const PREFIX: usize = 2 * DIGEST + 8;

/// A SHA-256.
pub(super) type Hash = [u8; DIGEST];

/// What a folder's segment holds of its files, but the records themselves.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Head {
    /// The folder.
    pub(super) folder: String,
    /// A moment before the files were asked about, in nanoseconds.
    pub(super) seen_at: i64,
    /// What the system said of the folder, where it held these files and nothing else.
    pub(super) whole: Option<Stat>,
    /// Digests of the body's blocks.
    pub(super) blocks: Vec<Hash>,
    /// The names of the files, each with a NUL behind it, in the order of records.
    pub(super) names: String,
    /// The files.
    pub(super) known: Vec<Known>,
    /// The ids that each file names, each with a NUL behind it.
    pub(super) named: String,
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
    /// Where the ids that it names end.
    pub(super) named_end: u32,
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

    /// The ids that a file names, each with a NUL behind it.
    pub(super) fn named(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.known[before].named_end as usize);
        &self.named[start..self.known[at].named_end as usize]
    }

    /// Whether the letters of an id stand among those that files name.
    pub(super) fn names_anywhere(&self, id: &str) -> bool {
        memchr::memmem::find(self.named.as_bytes(), id.as_bytes()).is_some()
    }

    /// The part of a body that is a file's: the digest of its bytes, and its record.
    pub(super) fn part<'a>(&self, body: &'a [u8], at: usize) -> Option<(&'a Hash, &'a [u8])> {
        body.get(self.span(at)?)?.split_first_chunk()
    }

    /// Where the part of a body lies that is a file's.
    fn span(&self, at: usize) -> Option<Range<usize>> {
        let start = at.checked_sub(1).map_or(0, |before| self.known[before].body_end as usize);
        Some(start..self.known.get(at)?.body_end as usize)
    }

    /// Whether bytes are the body's from a block on.
    fn holds(&self, first: usize, bytes: &[u8]) -> bool {
        let blocks = self.blocks.get(first..).unwrap_or_default();
        let read = blocks_of(bytes);
        read.len() <= blocks.len() && read == blocks[..read.len()]
    }

    /// Whether every offset lies where it can be used.
    fn is_whole(&self) -> bool {
        let mut last = (0, 0, 0);
        for known in &self.known {
            let (end, named) = (known.name_end as usize, known.named_end as usize);
            let falls = end < last.0 || known.body_end < last.1 || named < last.2;
            if falls || !self.names.is_char_boundary(end) || !self.named.is_char_boundary(named) {
                return false;
            }
            last = (end, known.body_end, named);
        }
        self.columns.is_whole(self.known.len())
    }
}

/// Which segment a head came from.
#[derive(Clone)]
pub(super) struct Saved {
    held: Arc<Held>,
    name: String,
    prefix: [u8; PREFIX],
}

impl Saved {
    /// Reads a head; nothing on any doubt.
    pub(super) fn read(held: &Arc<Held>, about: &Hash, folder: &str) -> Option<(Self, Head)> {
        let name = name(folder);
        let (stat, mut file) = held.folder.file(name.as_str())?;
        let mut prefix = [0; PREFIX];
        file.read_exact(&mut prefix).ok()?;
        let (bound, digest, length) = parts(&prefix)?;
        // Asked first: what was not written here may be of any length.
        if *bound != held.bound(about) || length > stat.size {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        file.read_exact(&mut bytes).ok()?;
        if hash(&bytes) != *digest {
            return None;
        }
        let head: Head = postcard::from_bytes(&bytes).ok()?;
        let fits = head.folder == folder && head.is_whole();
        fits.then(|| (Self { held: Arc::clone(held), name, prefix }, head))
    }

    /// Reads the body that belongs to a head; nothing where the segment was replaced since.
    pub(super) fn body(&self, head: &Head) -> Option<Vec<u8>> {
        let end = head.known.last()?.body_end;
        let body = self.bytes(0, u64::from(end).checked_add(1)?)?;
        (body.len() == end as usize && head.holds(0, &body)).then_some(body)
    }

    /// Reads the record of one file; nothing where the segment was replaced since.
    pub(super) fn record(&self, head: &Head, at: usize) -> Option<Vec<u8>> {
        let span = head.span(at)?;
        let first = span.start.checked_div(BLOCK)?;
        let start = first.checked_mul(BLOCK)?;
        let end = span.end.checked_next_multiple_of(BLOCK)?;
        let end = end.min(head.known.last()?.body_end as usize);
        let bytes = self.bytes(start as u64, end.checked_sub(start)? as u64)?;
        let own = bytes.get(span.start.checked_sub(start)?..span.end.checked_sub(start)?)?;
        let (_, packed) = own.split_first_chunk::<DIGEST>()?;
        head.holds(first, &bytes).then(|| packed.to_vec())
    }

    /// Reads so many bytes of the body, or fewer where it ends; nothing where the segment was
    /// replaced since.
    fn bytes(&self, start: u64, length: u64) -> Option<Vec<u8>> {
        let (_, mut file) = self.held.folder.file(self.name.as_str())?;
        let mut prefix = [0; PREFIX];
        file.read_exact(&mut prefix).ok()?;
        if prefix != self.prefix {
            return None;
        }
        let (.., head) = parts(&prefix)?;
        let at = head.checked_add(PREFIX as u64)?.checked_add(start)?;
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).ok()?);
        file.take(length).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// Writes a segment, if it can be.
pub(super) fn write(cache: &Cache, about: &Hash, head: &Head, body: &[u8]) {
    let Ok(bytes) = postcard::to_allocvec(head) else { return };
    let Some(held) = cache.make() else { return };
    let name = name(&head.folder);
    let temporary = format!("{}{}-{name}", layout::TEMPORARY, std::process::id());
    let Ok(mut file) = held.folder.create(&temporary) else { return };
    let prefix = [&held.bound(about)[..], &hash(&bytes), &(bytes.len() as u64).to_le_bytes()];
    let mut parts = prefix.into_iter().chain([&bytes[..], body]);
    let written = parts.try_for_each(|part| file.write_all(part));
    if written.and_then(|()| held.folder.rename(&temporary, &name)).is_err() {
        let _ = held.folder.remove(&temporary);
    }
}

/// The name of a folder's segment.
fn name(folder: &str) -> String {
    folder.replace('/', "-")
}

/// What a segment depends on, the digest of its head, and the head's length.
fn parts(prefix: &[u8; PREFIX]) -> Option<(&Hash, &Hash, u64)> {
    let (bound, rest) = prefix.split_first_chunk()?;
    let (digest, length) = rest.split_first_chunk()?;
    Some((bound, digest, u64::from_le_bytes(*length.first_chunk()?)))
}

/// The digests of a body's blocks.
pub(super) fn blocks_of(body: &[u8]) -> Vec<Hash> {
    body.chunks(BLOCK).map(hash).collect()
}

/// The digest of bytes.
pub(super) fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}
