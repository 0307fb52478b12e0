//! The files of one kind, listed folder by folder and loaded one by one, each at most once.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use rayon::prelude::*;

use super::slot::Slot;
use crate::{
    finding::{Finding, Level},
    record::{Entry, Form, Kind},
    store::{
        files::{Files, Listed, What},
        index::{Scan, Source},
        layout,
        load::Loaded,
    },
    value::{day::Month, period::Period, place::Place},
};

/// The files of one kind.
pub(super) struct Shelf {
    kind: Kind,
    folders: OnceLock<Folders>,
    /// The registers that hold words that were sought, by their place in the folder.
    holding: Mutex<BTreeMap<Vec<String>, Vec<usize>>>,
}

/// The folders of a kind, and the names among them that are none.
#[derive(Default)]
struct Folders {
    folders: Vec<Folder>,
    strays: Vec<Finding>,
}

/// One folder: all masters of a kind, or the documents of a month.
struct Folder {
    path: String,
    month: Option<Month>,
    files: OnceLock<Contents>,
    /// The whole folder as the index sees it, where that was asked for.
    scan: OnceLock<Option<Scan>>,
}

/// The files of a folder, sorted by path, and the names among them that are none.
struct Contents {
    slots: Vec<Slot>,
    strays: Vec<Finding>,
}

impl Shelf {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, folders: OnceLock::new(), holding: Mutex::default() }
    }

    /// One file, loaded.
    pub(super) fn file(&self, files: &Files, path: &str) -> Option<&Loaded> {
        self.slot(files, path)?.load(files, self.kind)
    }

    /// The record of an id in a file. Of a register that is not loaded only its row is read.
    pub(super) fn entry(&self, files: &Files, path: &str, id: &str) -> Option<&dyn Entry> {
        let slot = self.slot(files, path)?;
        let loaded = match self.kind.info().form {
            Form::Register => slot.rows(files, self.kind, &[id]),
            Form::Master | Form::Document => slot.load(files, self.kind),
        };
        loaded?.find(id)
    }

    /// Whether there is such a file.
    pub(super) fn has_file(&self, files: &Files, path: &str) -> bool {
        self.slot(files, path).is_some()
    }

    fn slot(&self, files: &Files, path: &str) -> Option<&Slot> {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let folder = self.folders(files).folders.iter().find(|folder| folder.path == parent)?;
        folder.files(files, self.kind).slot(path)
    }

    /// Every file, loaded.
    pub(super) fn load_all(&self, source: &Source<'_>) -> Vec<&Loaded> {
        self.load_folders(source, |_| true)
    }

    /// The files of the months that a period touches, loaded.
    pub(super) fn load_months(&self, source: &Source<'_>, period: Period) -> Vec<&Loaded> {
        self.load_folders(source, |folder| {
            let after = |month: Month| period.from.is_none_or(|from| month >= from.month());
            let before = |month: Month| period.to.is_none_or(|to| month <= to.month());
            folder.month.is_none_or(|month| after(month) && before(month))
        })
    }

    /// The files that may hold one of these words, loaded, of a register perhaps no more than the
    /// rows that do: what is not among them holds none.
    /// Of documents only the months from `since` on are looked at.
    pub(super) fn load_holding(
        &self,
        source: &Source<'_>,
        words: &[&str],
        since: Option<Month>,
    ) -> Vec<&Loaded> {
        match self.kind.info().form {
            Form::Register => return self.rows_holding(source.files, words),
            Form::Master => return self.load_all(source),
            Form::Document => {}
        }
        let is_late_enough =
            |folder: &&Folder| since.is_none_or(|since| folder.month >= Some(since));
        let folders = self.folders(source.files).folders.par_iter().filter(is_late_enough);
        let loaded = folders.flat_map_iter(|folder| {
            if folder.scan(source).is_some_and(|scan| !scan.any_may_hold(words)) {
                return Vec::new();
            }
            let (contents, scan) = folder.contents(source);
            let holds = |slot: &&Slot| scan.is_none_or(|scan| scan.may_hold(&slot.path, words));
            let slots = contents.slots.iter().filter(holds);
            slots.filter_map(|slot| slot.read(source, scan)).collect()
        });
        loaded.collect()
    }

    fn rows_holding(&self, files: &Files, words: &[&str]) -> Vec<&Loaded> {
        let slots: Vec<&Slot> = self.slots(files).collect();
        let key: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let known = || self.holding.lock().unwrap_or_else(PoisonError::into_inner);
        let told = known().get(&key).cloned();
        let is_new = told.is_none();
        let at = told.unwrap_or_else(|| (0..slots.len()).collect());
        let look = |at: usize| Some((at, slots[at].rows(files, self.kind, words)?));
        let found: Vec<(usize, &Loaded)> = at.into_par_iter().filter_map(look).collect();
        if is_new {
            known().insert(key, found.iter().map(|(at, _)| *at).collect());
        }
        found.into_iter().map(|(_, loaded)| loaded).collect()
    }

    fn load_folders(&self, source: &Source<'_>, wanted: impl Fn(&Folder) -> bool) -> Vec<&Loaded> {
        let all = self.folders(source.files).folders.iter();
        let folders: Vec<&Folder> = all.filter(|folder| wanted(folder)).collect();
        if !self.kind.is_document() {
            let slots =
                folders.into_iter().flat_map(|own| &own.files(source.files, self.kind).slots);
            return self.load_slots(source.files, slots.collect());
        }
        let listed = folders.into_par_iter().map(|folder| folder.contents(source));
        let listed: Vec<_> = listed.collect();
        let slots = listed.par_iter().flat_map(|(contents, scan)| {
            contents.slots.par_iter().filter_map(|slot| slot.read(source, *scan))
        });
        slots.collect()
    }

    /// Hands on every record in the order of paths, documents a month at a time and not kept.
    pub(super) fn each(&self, source: &Source<'_>, mut take: impl FnMut(&dyn Entry)) {
        if !self.kind.is_document() {
            let loaded = self.load_all(source).into_iter();
            return loaded.flat_map(|file| &file.entries).for_each(|entry| take(entry.as_ref()));
        }
        self.scans(source);
        for folder in &self.folders(source.files).folders {
            let (contents, scan) = folder.contents(source);
            let read = |slot: &Slot| match (slot.loaded.get(), scan) {
                (Some(loaded), _) => loaded.clone(),
                (None, scan) => scan.and_then(|scan| scan.loaded(source, &slot.path)),
            };
            let loaded: Vec<Option<Arc<Loaded>>> = contents.slots.par_iter().map(read).collect();
            let entries = loaded.iter().flatten().flat_map(|file| &file.entries);
            entries.for_each(|entry| take(entry.as_ref()));
        }
    }

    fn load_slots<'a>(&self, files: &Files, slots: Vec<&'a Slot>) -> Vec<&'a Loaded> {
        slots.into_par_iter().filter_map(|slot| slot.load(files, self.kind)).collect()
    }

    /// Every folder as the index sees it.
    pub(super) fn scans(&self, source: &Source<'_>) -> Vec<&Scan> {
        let folders = self.folders(source.files).folders.par_iter();
        folders.filter_map(|folder| folder.scan(source)).collect()
    }

    fn slots<'a>(&'a self, files: &Files) -> impl Iterator<Item = &'a Slot> {
        let folders: Vec<_> = self.folders(files).folders.iter().collect();
        let listed = folders.into_iter().map(|folder| folder.files(files, self.kind));
        listed.collect::<Vec<_>>().into_iter().flat_map(|files| &files.slots)
    }

    /// The ids that have a file, or a row.
    pub(super) fn ids(&self, files: &Files) -> Vec<String> {
        match self.kind.info().form {
            Form::Register => row_ids(self.load_slots(files, self.slots(files).collect())),
            _ => self.slots(files).filter_map(|slot| id_of(&slot.path)).collect(),
        }
    }

    /// The ids of a month that have a file, or a row.
    pub(super) fn ids_of_month(&self, files: &Files, month: Month) -> Vec<String> {
        if self.kind.info().form == Form::Register {
            let is_of = |slot: &&Slot| layout::register(&slot.path).is_some_and(|of| of.0 == month);
            return row_ids(self.load_slots(files, self.slots(files).filter(is_of).collect()));
        }
        let folders = self.folders(files).folders.iter();
        let of_month = folders.filter(|folder| folder.month == Some(month));
        let slots = of_month.flat_map(|folder| &folder.files(files, self.kind).slots);
        slots.filter_map(|slot| id_of(&slot.path)).collect()
    }

    /// The findings of the files loaded so far, and of folders that could not be listed.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let Some(folders) = self.folders.get() else { return Vec::new() };
        let below = folders.folders.iter().flat_map(Folder::strays);
        let strays = folders.strays.iter().cloned().chain(below);
        let unread = strays.filter(|stray| stray.level == Level::Error);
        let loaded = folders.folders.iter().flat_map(Folder::findings);
        unread.chain(loaded).collect()
    }

    /// Names that cannot be records of the kind.
    pub(super) fn strays(&self, files: &Files) -> Vec<Finding> {
        let folders = self.folders(files);
        let below =
            folders.folders.iter().flat_map(|folder| &folder.files(files, self.kind).strays);
        folders.strays.iter().chain(below).cloned().collect()
    }

    fn folders(&self, files: &Files) -> &Folders {
        self.folders.get_or_init(|| {
            let root = self.kind.info().folder;
            if !self.kind.is_document() {
                let only = Folder::new(root.into(), None);
                return Folders { folders: vec![only], strays: Vec::new() };
            }
            let listed = match files.list(root) {
                Ok(listed) => listed,
                Err(error) => {
                    return Folders { strays: vec![unlisted(root, &error)], ..Folders::default() };
                }
            };
            let mut folders = Folders::default();
            for Listed { name, what } in listed {
                let path = format!("{root}/{name}");
                match Month::parse(&name).filter(|_| what == What::Folder) {
                    Some(month) => folders.folders.push(Folder::new(path, Some(month))),
                    None => folders.strays.extend(stray(&path, &name, what, "a folder YYYY-MM")),
                }
            }
            folders
        })
    }
}

impl Folder {
    fn new(path: String, month: Option<Month>) -> Self {
        Self { path, month, files: OnceLock::new(), scan: OnceLock::new() }
    }

    /// The folder as the index sees it; nothing where it cannot be listed.
    fn scan(&self, source: &Source<'_>) -> Option<&Scan> {
        let scan = self.scan.get_or_init(|| source.scan(&self.path)).as_ref();
        if scan.is_none() {
            // So that it is named as left out.
            self.files(source.files, source.kind);
        }
        scan
    }

    /// Its files, and what the index sees of them.
    fn contents(&self, source: &Source<'_>) -> (&Contents, Option<&Scan>) {
        let Some(scan) = self.scan(source) else {
            return (self.files(source.files, source.kind), None);
        };
        let contents = self.files.get_or_init(|| {
            let paths = scan.paths().chain(scan.left.iter().map(|left| left.path.clone()));
            let mut slots: Vec<Slot> = paths.map(Slot::new).collect();
            slots.sort_by(|a, b| sort_key(&a.path).cmp(&sort_key(&b.path)));
            Contents { slots, strays: self.strays() }
        });
        (contents, Some(scan))
    }

    /// What is said of the names that cannot be records, of a folder that was listed.
    fn strays(&self) -> Vec<Finding> {
        if let Some(contents) = self.files.get() {
            return contents.strays.clone();
        }
        let Some(Some(scan)) = self.scan.get() else { return Vec::new() };
        let said = scan.strays.iter().filter_map(|Listed { name, what }| {
            stray(&format!("{}/{name}", self.path), name, *what, "a file ID.toml")
        });
        said.collect()
    }

    /// The findings of the files read so far.
    fn findings(&self) -> Vec<Finding> {
        let slots = self.files.get().map_or(&[][..], |contents| &contents.slots);
        let loaded = slots.iter().filter_map(|slot| slot.loaded.get()).flatten();
        let mut findings: Vec<Finding> =
            loaded.flat_map(|loaded| &loaded.findings).cloned().collect();
        let scan = self.scan.get().and_then(Option::as_ref);
        let is_loaded = |path: &str| {
            let slot = self.files.get().and_then(|contents| contents.slot(path));
            slot.is_some_and(|slot| slot.loaded.get().is_some())
        };
        let left = scan.into_iter().flat_map(|scan| &scan.left);
        for left in left.filter(|left| !is_loaded(&left.path)) {
            findings.extend(left.loaded.findings.iter().cloned());
        }
        findings
    }

    fn files(&self, files: &Files, kind: Kind) -> &Contents {
        self.files.get_or_init(|| {
            let (mut slots, mut strays) = (Vec::new(), Vec::new());
            let listed = files.list(&self.path).unwrap_or_else(|error| {
                strays.push(unlisted(&self.path, &error));
                Vec::new()
            });
            let (extension, wanted) = match kind.info().form {
                Form::Register => (".csv", "a file YYYY-MM.csv"),
                Form::Master => (".toml", "a file CODE.toml"),
                Form::Document => (".toml", "a file ID.toml"),
            };
            for found in listed {
                let is_text = !found.is_no_text();
                let Listed { name, what } = found;
                let path = format!("{}/{name}", self.path);
                // A folder or a link of a record's name is opened as one, so that it is named as
                // left out.
                if is_text && name.ends_with(extension) && !name.starts_with('.') {
                    slots.push(Slot::new(path));
                } else {
                    strays.extend(stray(&path, &name, what, wanted));
                }
            }
            slots.sort_by(|a, b| sort_key(&a.path).cmp(&sort_key(&b.path)));
            Contents { slots, strays }
        })
    }
}

impl Contents {
    fn slot(&self, path: &str) -> Option<&Slot> {
        let slots = &self.slots;
        let at = slots.binary_search_by_key(&sort_key(path), |slot| sort_key(&slot.path)).ok()?;
        Some(&slots[at])
    }
}

/// Sorts a running number of five digits behind those of four, and registers by month.
fn sort_key(path: &str) -> (usize, &str) {
    if path.ends_with(".csv") { (0, path) } else { (path.len(), path) }
}

fn row_ids(files: Vec<&Loaded>) -> Vec<String> {
    files.into_iter().flat_map(Loaded::ids).map(str::to_owned).collect()
}

fn id_of(path: &str) -> Option<String> {
    layout::stem(layout::file_name(path)).map(str::to_owned)
}

fn unlisted(folder: &str, error: &std::io::Error) -> Finding {
    let message = format!("cannot list {folder}: {error}");
    Finding::error("file.unreadable", Place::file(folder), message)
}

/// What is said of a name that cannot be a record; hidden files and those being written are
/// nobody's business.
fn stray(path: &str, name: &str, what: What, wanted: &str) -> Option<Finding> {
    if what != What::Other && (name.starts_with('.') || name.ends_with('~')) {
        return None;
    }
    let level = if what == What::Other { Level::Error } else { Level::Warning };
    let message = match what {
        What::Other if name.contains(char::REPLACEMENT_CHARACTER) => {
            format!("{name} is a name that is not UTF-8, and is not read")
        }
        What::Other => format!("{name} is a link or no plain file, and is not followed"),
        _ => format!("{name} is not {wanted}, and is not read"),
    };
    Some(Finding::new("file.stray", level, Place::file(path), message))
}

#[cfg(test)]
mod tests {
    use crate::{book::Book, config::Config, record::Kind, store::files::Files, value::day::Month};

    const HEADER: &str = "id,date,title\n";

    fn book(files: &[(&str, &str)]) -> Book {
        let files = files
            .iter()
            .map(|(path, text)| (format!("tasks/{path}"), format!("{HEADER}{text}").into_bytes()));
        let now = "2026-09-23T10:00:00+08:00".parse().expect("a moment");
        Book::new(Files::memory(files.collect()), Config::default(), Vec::new(), now)
    }

    #[test]
    fn the_ids_of_a_register_are_those_of_its_rows() {
        let book = book(&[
            ("2026-10.csv", "TK-2610-0001,2026-10-01,d\n"),
            ("2026-09-A.csv", "TK-2609-A0001,2026-09-01,c\n"),
            ("2026-09.csv", "TK-2609-0002,2026-09-01,b\nTK-2609-0001,2026-09-31,a\n"),
            ("notes.txt", ""),
        ]);
        let ids = book.ids(Kind::Task);
        assert_eq!(ids, ["TK-2609-A0001", "TK-2609-0002", "TK-2609-0001", "TK-2610-0001"]);
        let month = Month { year: 2026, month: 9 };
        assert_eq!(book.ids_of_month(Kind::Task, month), ids[..3]);
        assert_eq!(book.entries(Kind::Task).len(), 3);
        let entry = book.entry(Kind::Task, "TK-2609-A0001").expect("the row is there");
        assert_eq!((entry.file(), entry.row()), ("tasks/2026-09-A.csv", 2));
        assert!(book.has_file(Kind::Task, "TK-2609-0001"), "broken, but there");
        assert!(book.entry(Kind::Task, "TK-2609-0001").is_none());
        assert!(!book.has_file(Kind::Task, "TK-2609-0003"));
        let strays = book.strays(Kind::Task);
        assert_eq!(strays[0].place.file, "tasks/notes.txt");
    }

    #[test]
    fn a_row_is_meant_by_any_unique_ending_of_its_id() {
        let book = book(&[
            ("2026-09.csv", "TK-2609-0001,2026-09-01,a\nTK-2609-0012,2026-09-01,b\n"),
            ("2026-10.csv", "TK-2610-0001,2026-10-01,d\n"),
        ]);
        let meant = |text: &str| book.resolve(Kind::Task, text).ok();
        assert_eq!(meant("12").as_deref(), Some("TK-2609-0012"));
        assert_eq!(meant("tk-2610-0001").as_deref(), Some("TK-2610-0001"));
        assert_eq!(meant("TK-2609-0001").as_deref(), Some("TK-2609-0001"));
        assert_eq!((meant("0001"), meant("TK-2609-0002")), (None, None));
    }
}
