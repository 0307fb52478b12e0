//! Looking at a folder: which of its files are known, reading those that are not, and the new
//! segment that follows.

use std::{
    collections::HashMap,
    ffi::{CStr, CString},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    Cache, Left, Scan, Source, UNSURE_NS,
    columns::Filling,
    folder::{Folder, Stat},
    now,
    segment::{self, Hash, Head, Known, Saved},
};
use crate::store::{
    files::{Listed, What},
    load::{Loaded, load, parse},
};

/// Looks at a folder; nothing where it cannot be listed.
pub(super) fn scan(source: &Source<'_>, folder: &str) -> Option<Scan> {
    let opened = source.files.root().map(|root| Folder::open(root, folder));
    let Some(Ok(open)) = opened else { return plain(source, folder) };
    let held = source.cache.and_then(Cache::open);
    let old = held.and_then(|held| Saved::read(held, &source.about, folder));
    let known = old.is_some();
    let found = scan_with(source, folder, &open, old);
    // A segment without its body is none.
    let again = || scan_with(source, folder, &open, None);
    let found = found.or_else(|| known.then(again).flatten()).or_else(|| plain(source, folder));
    found.map(|mut scan| {
        // The system lists names in any order.
        let key = |left: &Left| (left.path.len(), left.path.clone());
        scan.left.sort_by_cached_key(key);
        scan
    })
}

/// Looks at an open folder, held against its old segment; nothing where the folder cannot be
/// listed, or the segment's body cannot be read.
fn scan_with(
    source: &Source<'_>,
    folder: &str,
    open: &Folder,
    old: Option<(Saved, Head)>,
) -> Option<Scan> {
    let seen_at = now()?;
    let (saved, old) = old.map_or((None, Head::default()), |(saved, head)| (Some(saved), head));
    let over = source.files.over_in(folder);
    let look = Look::at(open, &old, seen_at, &over)?;
    let is_new = saved.is_none();
    if look.doubts.is_empty() && !look.has(Fate::Gone) && !is_new && !look.is_whole_news {
        let (left, strays) = (overlaid(source, folder, &over), look.strays);
        return Some(Scan { head: old, saved, left, strays, ..Scan::default() });
    }
    let body = match &saved {
        Some(saved) => saved.body(&old)?,
        None => Vec::new(),
    };
    let was = Was { head: &old, body: &body };
    let doubts = look.doubts.par_iter();
    let read: Vec<Read> =
        doubts.filter_map(|doubt| read(source, folder, open, doubt, &was)).collect();
    let is_news = is_new || look.is_news(&read);
    let mut left = overlaid(source, folder, &over);
    if !is_news {
        left.extend(read.into_iter().filter_map(|read| read.left(folder)));
        let strays = look.strays;
        return Some(Scan { head: old, saved, left, strays, ..Scan::default() });
    }
    let mut builder = Builder::new(source, folder, seen_at);
    left.extend(builder.merge(&was, look.kept(), read));
    builder.head.whole = look.whole.filter(|_| left.is_empty());
    let (head, body) = builder.finish();
    if let Some(cache) = source.cache
        && over.is_empty()
        && let Some(Some(body)) = body.get()
    {
        segment::write(cache, &source.about, &head, body);
    }
    Some(Scan { head, body, left, strays: look.strays, ..Scan::default() })
}

/// A folder of files in memory, or one that cannot be opened as it should: nothing is saved.
fn plain(source: &Source<'_>, folder: &str) -> Option<Scan> {
    let mut builder = Builder::new(source, folder, 0);
    let mut scan = Scan::default();
    let mut read = Vec::new();
    for listed in source.files.list(folder).ok()? {
        if !is_record(listed.name.as_bytes()) || listed.is_no_text() {
            scan.strays.push(listed);
        } else if let Some(loaded) = load(source.files, source.kind, &at(folder, &listed.name)) {
            read.push(Read { name: listed.name, loaded: Some(loaded), ..Read::default() });
        }
    }
    let was = Was { head: &Head::default(), body: &[] };
    scan.left = builder.merge(&was, std::iter::empty(), read);
    (scan.head, scan.body) = builder.finish();
    Some(scan)
}

/// The files of a folder with staged bytes laid over them.
fn overlaid(source: &Source<'_>, folder: &str, over: &[String]) -> Vec<Left> {
    let records = over.iter().filter(|name| is_record(name.as_bytes()));
    let loaded = records.filter_map(|name| {
        let path = at(folder, name);
        let loaded = Arc::new(load(source.files, source.kind, &path)?);
        Some(Left { path, loaded })
    });
    loaded.collect()
}

fn at(folder: &str, name: &str) -> String {
    format!("{folder}/{name}")
}

/// Whether a name is that of a document.
fn is_record(name: &[u8]) -> bool {
    name.ends_with(b".toml") && !name.starts_with(b".")
}

/// What became of a file of the old segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is not there any more, or bytes are laid over it.
    Gone,
    /// It is the same.
    Kept,
    /// It has to be read.
    Doubtful,
}

/// A file that has to be read.
struct Doubt {
    name: CString,
    /// Where it stands in the old segment.
    was: Option<usize>,
}

/// A folder held against its old segment.
struct Look<'a> {
    old: &'a Head,
    /// Times before this prove something of a file in the old segment.
    sure: i64,
    /// Times before this will prove something of one in a new segment.
    settled: i64,
    over: &'a [String],
    fates: Vec<Fate>,
    doubts: Vec<Doubt>,
    strays: Vec<Listed>,
    /// What the system says of the folder, where it holds nothing but documents.
    whole: Option<Stat>,
    /// Whether a new segment would spare listing the folder.
    is_whole_news: bool,
}

impl<'a> Look<'a> {
    fn at(open: &Folder, old: &'a Head, seen_at: i64, over: &'a [String]) -> Option<Self> {
        let is_back = seen_at < old.seen_at;
        let mut look = Self {
            old,
            sure: if is_back { i64::MIN } else { old.seen_at.saturating_sub(UNSURE_NS) },
            settled: seen_at.saturating_sub(UNSURE_NS),
            over,
            fates: vec![Fate::Gone; old.known.len()],
            doubts: Vec::new(),
            strays: Vec::new(),
            whole: None,
            is_whole_news: false,
        };
        let own = open.own().filter(|_| over.is_empty());
        let is_known = own.is_some_and(|own| old.whole == Some(own) && own.is_before(look.sure));
        if is_known {
            look.known(open);
        } else {
            look.list(open)?;
        }
        look.whole = own.filter(|_| look.strays.is_empty());
        look.is_whole_news = !is_known && look.whole.is_some_and(|own| own.is_before(look.settled));
        Some(look)
    }

    fn has(&self, fate: Fate) -> bool {
        self.fates.contains(&fate)
    }

    fn kept(&self) -> impl Iterator<Item = usize> {
        (0..self.fates.len()).filter(|at| self.fates[*at] == Fate::Kept)
    }

    /// Whether a new segment would say something else than the old one, or prove more.
    fn is_news(&self, read: &[Read]) -> bool {
        let doubtful = self.fates.iter().filter(|own| **own == Fate::Doubtful).count();
        // What cannot be read any more, or otherwise, is no longer what the old segment says.
        let same = read.iter().filter(|read| read.same.is_some()).count();
        let is_news = |read: &Read| match read.same {
            Some(_) => read.stat.is_before(self.settled),
            None => read.is_sound(),
        };
        let is_left = read.iter().any(|read| read.same.is_none() && !read.is_sound());
        self.has(Fate::Gone)
            || doubtful > same
            || read.iter().any(is_news)
            || (self.is_whole_news && !is_left)
    }

    /// Asks about the files of the old segment alone: nothing was added to the folder, taken out
    /// or renamed.
    fn known(&mut self, open: &Folder) {
        for at in 0..self.old.known.len() {
            if let Some(name) = self.old.c_name(at) {
                self.ask(open, name, Some(at));
            }
        }
    }

    fn list(&mut self, open: &Folder) -> Option<()> {
        let old = self.old;
        let places: HashMap<&[u8], usize> =
            (0..old.known.len()).map(|at| (old.name(at).as_bytes(), at)).collect();
        open.list(|name, what| self.listed(open, name, what, &places)).ok()
    }

    fn listed(
        &mut self,
        open: &Folder,
        name: &CStr,
        what: Option<What>,
        places: &HashMap<&[u8], usize>,
    ) {
        let Ok(text) = name.to_str() else {
            let name = name.to_string_lossy().into_owned();
            self.strays.push(Listed { name, what: What::Other });
            return;
        };
        if !is_record(name.to_bytes()) {
            let what = what.unwrap_or_else(|| open.what(name));
            self.strays.push(Listed { name: text.to_owned(), what });
            return;
        }
        if self.over.iter().any(|over| over == text) {
            return;
        }
        self.ask(open, name, places.get(name.to_bytes()).copied());
    }

    fn ask(&mut self, open: &Folder, name: &CStr, was: Option<usize>) {
        let is_same = |at: usize| {
            let stat = self.old.known[at].stat;
            stat.is_before(self.sure) && open.stat(name) == Some(stat)
        };
        match was {
            Some(at) if is_same(at) => self.fates[at] = Fate::Kept,
            was => {
                was.into_iter().for_each(|at| self.fates[at] = Fate::Doubtful);
                self.doubts.push(Doubt { name: name.to_owned(), was });
            }
        }
    }
}

/// The old segment.
struct Was<'a> {
    head: &'a Head,
    body: &'a [u8],
}

/// A file that was read.
#[derive(Default)]
struct Read {
    name: String,
    stat: Stat,
    hash: Hash,
    /// Where it stands in the old segment, if its bytes are those.
    same: Option<usize>,
    loaded: Option<Loaded>,
}

impl Read {
    fn is_sound(&self) -> bool {
        self.loaded.as_ref().is_some_and(|own| !own.is_broken() && own.entries.len() == 1)
    }

    fn left(self, folder: &str) -> Option<Left> {
        Some(Left { path: at(folder, &self.name), loaded: Arc::new(self.loaded?) })
    }
}

/// Reads a file, and parses it unless its bytes are the old ones.
fn read(
    source: &Source<'_>,
    folder: &str,
    open: &Folder,
    doubt: &Doubt,
    was: &Was<'_>,
) -> Option<Read> {
    let name = doubt.name.to_str().ok()?.to_owned();
    let path = at(folder, &name);
    let Some((stat, bytes)) = open.read(&doubt.name) else {
        // Whatever it is, the ordinary reader says why it cannot be read.
        let loaded = load(source.files, source.kind, &path)?;
        return Some(Read { name, loaded: Some(loaded), ..Read::default() });
    };
    let hash = segment::hash(&bytes);
    let is_same = |at: &usize| was.head.part(was.body, *at).is_some_and(|(own, _)| *own == hash);
    let same = doubt.was.filter(is_same);
    let loaded = same.is_none().then(|| parse(source.files, source.kind, &path, &bytes));
    Some(Read { name, stat, hash, same, loaded })
}

/// A segment as it is made.
struct Builder<'a, 's> {
    source: &'a Source<'s>,
    head: Head,
    body: Vec<u8>,
    filling: Filling,
}

impl<'a, 's> Builder<'a, 's> {
    fn new(source: &'a Source<'s>, folder: &str, seen_at: i64) -> Self {
        let head = Head { folder: folder.to_owned(), seen_at, ..Head::default() };
        Self { source, head, body: Vec::new(), filling: Filling::default() }
    }

    /// Brings old and new files into the order of records; gives back those that stand in no
    /// segment.
    fn merge(
        &mut self,
        was: &Was<'_>,
        kept: impl Iterator<Item = usize>,
        read: Vec<Read>,
    ) -> Vec<Left> {
        let stat = |at: usize| was.head.known[at].stat;
        let name = |at: usize| was.head.name(at).to_owned();
        let mut all: Vec<Read> = kept
            .map(|at| Read { name: name(at), stat: stat(at), same: Some(at), ..Read::default() })
            .chain(read)
            .collect();
        all.sort_by(|one, other| (one.name.len(), &one.name).cmp(&(other.name.len(), &other.name)));
        let folder = self.head.folder.clone();
        let mut left = Vec::new();
        for file in all {
            let is_in = match file.same {
                Some(at) => self.keep(was, at, &file),
                None => file.is_sound() && self.add(&file).is_some(),
            };
            if !is_in {
                left.extend(file.left(&folder));
            }
        }
        left
    }

    fn keep(&mut self, was: &Was<'_>, at: usize, file: &Read) -> bool {
        let Some((hash, packed)) = was.head.part(was.body, at) else { return false };
        self.body.extend_from_slice(hash);
        self.body.extend_from_slice(packed);
        self.filling.copy(&was.head.columns, at);
        self.head.named.push_str(was.head.named(at));
        self.push(file, was.head.known[at]).is_some()
    }

    fn add(&mut self, file: &Read) -> Option<()> {
        let loaded = file.loaded.as_ref()?;
        let entry = loaded.entries.first()?.as_ref();
        let packed = entry.pack()?;
        self.body.extend_from_slice(&file.hash);
        self.body.extend_from_slice(&packed);
        let mut are_known = false;
        (self.source.facts)(entry, &mut |facts| {
            are_known = true;
            self.filling.add(facts);
        });
        if !are_known {
            self.filling.skip();
        }
        for id in (self.source.named)(entry) {
            self.head.named.push_str(id);
            self.head.named.push('\0');
        }
        let days = entry.days().into_iter().map(|day| day.number());
        let known = Known {
            days: days.clone().min().zip(days.max()),
            is_void: entry.common().void.is_some(),
            has_findings: !loaded.findings.is_empty(),
            ..Known::default()
        };
        self.push(file, known)
    }

    fn push(&mut self, file: &Read, known: Known) -> Option<()> {
        self.head.names.push_str(&file.name);
        self.head.names.push('\0');
        let name_end = u32::try_from(self.head.names.len()).ok()?;
        let body_end = u32::try_from(self.body.len()).ok()?;
        let named_end = u32::try_from(self.head.named.len()).ok()?;
        self.head.known.push(Known { stat: file.stat, name_end, body_end, named_end, ..known });
        Some(())
    }

    fn finish(mut self) -> (Head, std::sync::OnceLock<Option<Vec<u8>>>) {
        self.head.columns = self.filling.finish();
        self.head.blocks = segment::blocks_of(&self.body);
        (self.head, std::sync::OnceLock::from(Some(self.body)))
    }
}
