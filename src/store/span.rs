//! Which days the facts of each file cover, kept in `.desk/cache`, so that a report over a month
//! opens that month's files.
//!
//! A document's facts need not lie in the month of its folder (`ordered_on`, closures), so the
//! folder alone cannot say which files a period needs. The cache is only a faster way to the same
//! answer:
//!
//! 1. An entry counts only while size, modification and change time, and inode are those of the
//!    file now.
//! 2. A file changed within two seconds before the cache was written, or in the future, is never
//!    trusted.
//! 3. A file that gave no record is never in it: it is opened, and named, every time.
//! 4. It begins with a digest of itself; one that does not fit is not read.
//! 5. It is written whole beside its name and renamed; every failure is ignored, and any doubt
//!    means reading the files.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use chrono::Datelike;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{files::Files, layout, load::Loaded};
use crate::{
    record::Kind,
    value::{day::Day, period::Period},
};

/// Bytes of the digest that the cache begins with.
const DIGEST: usize = 32;
/// Raised whenever what is stored, or how records are read, changes.
const VERSION: u32 = 2;
/// A change this close before the cache was written may hide a later one of the same time stamp.
const UNSURE_NS: i64 = 2_000_000_000;

/// The days each file of a kind covers, in the order of paths.
pub struct Spans(Vec<(String, Option<Span>)>);

/// First and last day, as days of the common era.
type Span = (i32, i32);

#[derive(Serialize, Deserialize)]
struct Cache {
    version: u32,
    written_at: i64,
    seen: Vec<Seen>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    path: String,
    stat: Stat,
    span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stat {
    size: u64,
    modified: i64,
    changed: i64,
    inode: u64,
}

impl Spans {
    /// The spans of a kind's files: from the cache where that is certain, else by loading.
    pub fn of<'a>(
        files: &Files,
        kind: Kind,
        cached: bool,
        paths: &[String],
        load: impl Fn(&str) -> Option<&'a Loaded> + Sync,
    ) -> Self {
        let root = files.root().filter(|_| cached && !files.is_staged());
        let Some(root) = root else {
            let spans = paths.par_iter().map(|path| (path.clone(), span(load(path))));
            return Self(spans.collect());
        };
        let name = root.join(layout::LOCAL).join("cache").join(format!("spans-{}", kind.noun()));
        let known = read(&name);
        let judged: Vec<(Seen, bool)> = paths
            .par_iter()
            .filter_map(|path| {
                let stat = stat(&root.join(path));
                let hit = known.get(path.as_str()).filter(|seen| Some(seen.stat) == stat);
                match (hit, stat) {
                    (Some(seen), _) => Some((seen.clone(), true)),
                    (None, Some(stat)) => {
                        let span = span(load(path)).unwrap_or(EVERY_DAY);
                        Some((Seen { path: path.clone(), stat, span }, false))
                    }
                    (None, None) => None,
                }
            })
            .collect();
        if judged.iter().any(|(seen, hit)| !hit && seen.span != EVERY_DAY) {
            let sound = judged.iter().map(|(seen, _)| seen).filter(|seen| seen.span != EVERY_DAY);
            write(&name, sound.cloned().collect());
        }
        let every = |span: Span| (span != EVERY_DAY).then_some(span);
        Self(judged.into_iter().map(|(seen, _)| (seen.path, every(seen.span))).collect())
    }

    /// The files that may have facts in a period, those that gave no record among them.
    pub fn meeting(&self, period: Period) -> Vec<&str> {
        let from = period.from.map_or(i32::MIN, number);
        let to = period.to.map_or(i32::MAX, number);
        let meets =
            |span: Option<Span>| span.is_none_or(|(first, last)| first <= to && last >= from);
        let meeting = self.0.iter().filter(|(_, span)| meets(*span));
        meeting.map(|(path, _)| path.as_str()).collect()
    }
}

/// Stands for a file without records.
const EVERY_DAY: Span = (i32::MIN, i32::MAX);

fn number(day: Day) -> i32 {
    day.0.num_days_from_ce()
}

/// The days of a file's records; nothing where it gave none, or one without days.
fn span(loaded: Option<&Loaded>) -> Option<Span> {
    let loaded = loaded.filter(|loaded| !loaded.is_broken())?;
    let days = loaded.entries.iter().flat_map(|entry| entry.days()).map(number);
    days.fold(None, |span, day| match span {
        None => Some((day, day)),
        Some((first, last)) => Some((day.min(first), day.max(last))),
    })
}

fn stat(path: &Path) -> Option<Stat> {
    let found = fs::symlink_metadata(path).ok()?;
    let nanos =
        |seconds: i64, part: i64| seconds.saturating_mul(1_000_000_000).saturating_add(part);
    Some(Stat {
        size: found.size(),
        modified: nanos(found.mtime(), found.mtime_nsec()),
        changed: nanos(found.ctime(), found.ctime_nsec()),
        inode: found.ino(),
    })
}

/// What the cache holds and may be trusted for.
fn read(name: &Path) -> HashMap<String, Seen> {
    let bytes = fs::read(name).unwrap_or_default();
    let sound = bytes
        .split_at_checked(DIGEST)
        .filter(|(digest, held)| Sha256::digest(held)[..] == **digest);
    let cache = sound.and_then(|(_, held)| postcard::from_bytes::<Cache>(held).ok());
    let Some(cache) = cache.filter(|cache| cache.version == VERSION) else { return HashMap::new() };
    let sure = cache.written_at.saturating_sub(UNSURE_NS);
    let old = |seen: &Seen| seen.stat.modified < sure && seen.stat.changed < sure;
    let trusted = cache.seen.into_iter().filter(old);
    trusted.map(|seen| (seen.path.clone(), seen)).collect()
}

fn write(name: &PathBuf, seen: Vec<Seen>) {
    let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) else { return };
    let Ok(written_at) = i64::try_from(now.as_nanos()) else { return };
    let Ok(bytes) = postcard::to_allocvec(&Cache { version: VERSION, written_at, seen }) else {
        return;
    };
    let Some(folder) = name.parent() else { return };
    let is_link = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    if folder.ancestors().take(2).any(is_link) {
        return;
    }
    let temporary = folder.join(format!("{}{}", layout::TEMPORARY, std::process::id()));
    // The cache may be lost at any time, so a failure to write it is no failure of the command.
    let _ = fs::create_dir_all(folder)
        .and_then(|()| {
            let mut options = fs::OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
            std::io::Write::write_all(&mut file, &Sha256::digest(&bytes))?;
            std::io::Write::write_all(&mut file, &bytes)
        })
        .and_then(|()| fs::rename(&temporary, name));
}
