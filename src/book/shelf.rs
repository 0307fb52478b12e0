//! The files of one kind, listed folder by folder and loaded one by one, each at most once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use rayon::prelude::*;

use super::{
    folder::{Folder, stray, unlisted},
    links::ALONE,
    slot::Slot,
};
use crate::{
    finding::{Finding, Level},
    record::{Entry, Form, Kind},
    store::{
        files::{Files, Listed, What},
        index::{Scan, Source},
        layout,
        load::Loaded,
    },
    value::{day::Month, period::Period},
};

/// The ids that a record names.
pub(super) type Named<'a> = dyn Iterator<Item = &'a str> + 'a;

/// The files of one kind.
pub(super) struct Shelf {
    kind: Kind,
    folders: OnceLock<Folders>,
    /// The registers that hold words that were sought, by their place in the folder.
    holding: Mutex<BTreeMap<Vec<String>, Vec<usize>>>,
    /// How often a document was opened without the index.
    opened: AtomicUsize,
}

/// The folders of a kind, and the names among them that are none.
#[derive(Default)]
struct Folders {
    folders: Vec<Arc<Folder>>,
    strays: Vec<Finding>,
}

impl Shelf {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            folders: OnceLock::new(),
            holding: Mutex::default(),
            opened: AtomicUsize::new(0),
        }
    }

    /// The same files with bytes laid over some, or taken away; what was read of other folders is not
    /// read again.
    pub(super) fn with(&self, staged: &[(&str, bool)]) -> Self {
        let shelf = Self::new(self.kind);
        let of = |(path, _): &(&str, bool)| self.folder_of(path).map(|own| own.path.clone());
        let folders: Option<BTreeSet<String>> = staged.iter().map(of).collect();
        if let (Some(known), Some(touched)) = (self.folders.get(), folders) {
            let shared = |own: &Arc<Folder>| match touched.contains(&own.path) {
                true => Arc::new(own.with(staged)),
                false => Arc::clone(own),
            };
            let folders = known.folders.iter().map(shared).collect();
            shelf.folders.get_or_init(|| Folders { folders, strays: known.strays.clone() });
        }
        shelf
    }

    /// One file, loaded.
    pub(super) fn file(&self, files: &Files, path: &str) -> Option<&Loaded> {
        self.slot(files, path)?.load(files, self.kind)
    }

    /// Whether the index is to be asked for the document of a path: it was asked about the folder, or
    /// so many files were opened one by one that it is time to.
    pub(super) fn is_indexed(&self, files: &Files, path: &str) -> bool {
        self.folder(files, path).is_some_and(|folder| folder.seen().is_some())
            || self.opened.fetch_add(1, Ordering::Relaxed) >= ALONE
    }

    /// The document of a path, by the index.
    pub(super) fn seen(&self, source: &Source<'_>, path: &str) -> Option<&Loaded> {
        let folder = self.folder(source.files, path)?;
        folder.contents(source).0.slot(path)?.read(source, folder.seen())
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
        self.folder(files, path)?.files(files, self.kind).slot(path)
    }

    fn folder(&self, files: &Files, path: &str) -> Option<&Folder> {
        self.folders(files);
        self.folder_of(path)
    }

    /// The folder of a path, of a shelf whose folders are known.
    fn folder_of(&self, path: &str) -> Option<&Folder> {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let folders = &self.folders.get()?.folders;
        let at = folders.binary_search_by(|folder| folder.path.as_str().cmp(parent)).ok()?;
        Some(&folders[at])
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
    pub(super) fn load_holding(&self, source: &Source<'_>, words: &[&str]) -> Vec<&Loaded> {
        match self.kind.info().form {
            Form::Register => self.rows_holding(source.files, words),
            Form::Master => self.load_all(source),
            Form::Document => {
                self.load_some(source, None, &|scan| scan.any_may_hold(words), &|scan, path| {
                    scan.may_hold(path, words)
                })
            }
        }
    }

    /// The files that may name one of these ids, loaded, of a register perhaps no more than the
    /// rows that do: what is not among them names none.
    /// Of documents only the months from `since` on are looked at.
    pub(super) fn load_naming(
        &self,
        source: &Source<'_>,
        ids: &BTreeSet<&str>,
        since: Option<Month>,
    ) -> Vec<&Loaded> {
        match self.kind.info().form {
            // So many words take longer to seek than every row to read.
            Form::Register if ids.len() > ALONE => self.load_all(source),
            Form::Register => {
                self.rows_holding(source.files, &ids.iter().copied().collect::<Vec<_>>())
            }
            Form::Master => self.load_all(source),
            Form::Document => {
                self.load_some(source, since, &|scan| scan.any_may_name(ids), &|scan, path| {
                    scan.may_name(path, ids)
                })
            }
        }
    }

    /// The documents of the months from one on that may be meant, loaded; a folder where none may
    /// be is not kept in memory.
    fn load_some(
        &self,
        source: &Source<'_>,
        since: Option<Month>,
        any_may: &(dyn Fn(&Scan) -> bool + Sync),
        may: &(dyn Fn(&Scan, &str) -> bool + Sync),
    ) -> Vec<&Loaded> {
        let is_late_enough =
            |folder: &&Arc<Folder>| since.is_none_or(|since| folder.month >= Some(since));
        let folders = self.folders(source.files).folders.par_iter().filter(is_late_enough);
        let loaded = folders.flat_map_iter(|folder| {
            if folder.scan(source).is_some_and(|scan| !any_may(scan)) {
                return Vec::new();
            }
            let (contents, scan) = folder.contents(source);
            let is_meant = |slot: &&Slot| scan.is_none_or(|scan| may(scan, &slot.path));
            let slots = contents.slots.iter().filter(is_meant);
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
        let folders: Vec<&Arc<Folder>> = all.filter(|folder| wanted(folder)).collect();
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
            folder.each(source, &mut take);
        }
    }

    /// Hands on the id of every record that holds, in the order of paths, with the ids it names.
    pub(super) fn each_link(
        &self,
        source: &Source<'_>,
        mut take: impl FnMut(&str, &mut Named<'_>),
    ) {
        let of_entry = |entry: &dyn Entry, take: &mut dyn FnMut(&str, &mut Named<'_>)| {
            let common = entry.common();
            if common.void.is_none() {
                take(&common.id, &mut (source.named)(entry).into_iter());
            }
        };
        if !self.kind.is_document() {
            return self.each(source, |entry| of_entry(entry, &mut take));
        }
        self.scans(source);
        for folder in &self.folders(source.files).folders {
            match folder.scan(source).filter(|scan| scan.left.is_empty()) {
                None => folder.each(source, &mut |entry| of_entry(entry, &mut take)),
                Some(scan) => (0..scan.len())
                    .filter(|at| !scan.is_void(*at))
                    .for_each(|at| take(scan.id(at), &mut scan.named(at))),
            }
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
        let below = folders.folders.iter().flat_map(|folder| folder.strays());
        let strays = folders.strays.iter().cloned().chain(below);
        let unread = strays.filter(|stray| stray.level == Level::Error);
        let loaded = folders.folders.iter().flat_map(|folder| folder.findings());
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
                let only = Arc::new(Folder::new(root.into(), None));
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
                    Some(month) => folders.folders.push(Arc::new(Folder::new(path, Some(month)))),
                    None => folders.strays.extend(stray(&path, &name, what, "a folder YYYY-MM")),
                }
            }
            folders
        })
    }
}

fn row_ids(files: Vec<&Loaded>) -> Vec<String> {
    files.into_iter().flat_map(Loaded::ids).map(str::to_owned).collect()
}

fn id_of(path: &str) -> Option<String> {
    layout::stem(layout::file_name(path)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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

    #[test]
    fn bytes_laid_over_a_book_that_was_read_are_as_a_book_read_anew() {
        let order = |id: &str, customer: &str| {
            let text = format!("id = \"{id}\"\ndate = 2026-09-01\ncustomer = \"{customer}\"\n");
            (format!("orders/2026-09/{id}.toml"), text.into_bytes())
        };
        let row = |text: &str| format!("{HEADER}{text}").into_bytes();
        let customer = |code: &str| (format!("customers/{code}.toml"), b"name = \"a\"\n".to_vec());
        let files = Files::memory(BTreeMap::from([
            order("SO-2609-0001", "CX01"),
            order("SO-2609-0002", "CX01"),
            ("orders/2026-08/SO-2608-0001.toml".into(), b"id = 1\n".to_vec()),
            ("tasks/2026-09.csv".into(), row("TK-2609-0001,2026-09-01,a\n")),
            ("tasks/2026-08.csv".into(), row("TK-2608-0001,2026-08-01,a\n")),
            customer("CX01"),
            customer("CX02"),
        ]));
        let changes = [
            vec![(order("SO-2609-0001", "CX02"), true)],
            vec![(order("SO-2609-0001", ""), false), (order("SO-2609-0009", "CX01"), true)],
            vec![(("orders/2026-10/SO-2610-0001.toml".into(), b"x".to_vec()), true)],
            vec![(("tasks/2026-09.csv".into(), row("TK-2609-0002,2026-09-01,b\n")), true)],
            vec![(("tasks/2026-08.csv".into(), Vec::new()), false)],
            vec![(("tasks/2026-10.csv".into(), row("TK-2610-0001,2026-10-01,b\n")), true)],
            vec![(customer("CX03"), true), (customer("CX02"), false)],
            vec![(("private/customers/CX01.toml".into(), b"grade = 1\n".to_vec()), true)],
        ];
        let now = "2026-09-23T10:00:00+08:00".parse().expect("a moment");
        let new = |files: Files| Book::new(files, Config::default(), Vec::new(), now);
        let told = |book: &Book| {
            let kinds = [Kind::Order, Kind::Task, Kind::Customer];
            let entries = kinds.map(|kind| {
                let values = book.entries(kind).into_iter().map(|entry| entry.value());
                (values.collect::<Vec<_>>(), book.ids(kind), book.linked(kind).clone())
            });
            let mut findings = book.findings();
            findings.sort_by_key(|finding| finding.place.file.clone());
            (entries, findings)
        };
        let read = new(files.clone());
        let before = told(&read);
        for change in changes {
            let staged = change
                .into_iter()
                .map(|((path, bytes), is_there)| (path, is_there.then_some(bytes)));
            let staged: Vec<_> = staged.collect();
            let after = told(&read.with(staged.clone()));
            assert_ne!(after, before, "{staged:?} changes something");
            assert_eq!(after, told(&new(files.with(staged))));
        }
        assert_eq!(told(&read), before);
    }
}
