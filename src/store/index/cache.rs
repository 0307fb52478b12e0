//! The folder `.desk/cache`, in which segments lie.
//!
//! What a segment says is believed, so it must have been written here: it is bound to the folder
//! itself, by device, inode and time of birth, and one that came with a copy of the data
//! directory is as if it were not there. No link leads into the folder or out of it. It is opened
//! once for a book, and made when the first segment is written.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use sha2::{Digest, Sha256};

use super::{
    folder::{self, Folder},
    segment::Hash,
};
use crate::store::layout;

/// Where the segments of a data directory lie.
#[derive(Clone)]
pub struct Cache {
    root: PathBuf,
    held: OnceLock<Arc<Held>>,
}

/// The folder, opened.
pub(super) struct Held {
    pub(super) folder: Folder,
    mark: String,
}

impl Cache {
    /// The cache of a data directory, not opened yet.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), held: OnceLock::new() }
    }

    /// The folder, if it is there and can be used.
    pub(super) fn open(&self) -> Option<&Arc<Held>> {
        self.held_by(|path| Folder::open(&self.root, path).ok())
    }

    /// The folder, made where it was not there.
    pub(super) fn make(&self) -> Option<&Arc<Held>> {
        self.held_by(|path| folder::make(&self.root, path).ok())
    }

    fn held_by(&self, open: impl Fn(&str) -> Option<Folder>) -> Option<&Arc<Held>> {
        if let Some(held) = self.held.get() {
            return Some(held);
        }
        let folder = open(&format!("{}/cache", layout::LOCAL))?;
        let mark = folder.mark()?;
        Some(self.held.get_or_init(|| Arc::new(Held { folder, mark })))
    }
}

impl Held {
    /// The digest of what a segment in this folder depends on.
    pub(super) fn bound(&self, about: &Hash) -> Hash {
        Sha256::new().chain_update(about).chain_update(&self.mark).finalize().into()
    }
}
