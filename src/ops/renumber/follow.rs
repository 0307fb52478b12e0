//! References, attachments and digests that follow a record to its new id, byte for byte.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use serde_json::{Map, Value};

use super::{
    Ids,
    twin::{self, Print, Twin, print_of, print_of_row},
};
use crate::{
    book::{Book, digest},
    error::{Error, Result},
    record::{Entry, Form, Kind},
    rules::reference,
    store::{
        csv,
        files::Files,
        git::Repository,
        layout,
        load::{Loaded, load},
        toml as text,
    },
    value::{
        id::Id,
        place::{At, KeyPath, Place},
    },
};

/// How many merges are looked at for the one that brought two records of one id together.
const MERGES: usize = 500;

/// What becomes of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes to the new id.
    Follows,
    /// It means the record that keeps the id.
    Stays,
    /// Nobody can tell, so it stays.
    Unknown,
}

fn loaded(kind: Kind, path: &str, bytes: &[u8]) -> Loaded {
    if kind.info().form == Form::Register {
        return csv::load_doubled(kind, path, bytes);
    }
    let files = Files::memory([(path.to_owned(), bytes.to_vec())].into());
    load(&files, kind, path).unwrap_or_default()
}

/// The bytes of a place in a file.
fn span(bytes: &[u8], place: &Place) -> Option<Range<usize>> {
    match &place.at {
        At::Key(path) => text::locate(bytes, path),
        At::Cell { row, column } => csv::locate(bytes, *row, column),
        At::Span(span) => Some(span.clone()),
        At::File => None,
    }
}

/// Whether an id goes on with this letter.
pub(super) fn is_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-'
}

/// Puts words in the place of others at these places, and nowhere else.
fn swapped(path: &str, bytes: Vec<u8>, places: &[Place], old: &str, new: &str) -> Result<Vec<u8>> {
    let refused = || {
        Error::refused(format!("cannot put {new} in the place of {old} in {path}"), Vec::new())
            .hint(format!("desk check {path}"))
    };
    let mut spans = Vec::new();
    for place in places {
        let span = span(&bytes, place).ok_or_else(refused)?;
        spans.push((span.start, span.end));
    }
    spans.sort_unstable();
    spans.dedup();
    let mut after = bytes;
    for (start, end) in spans.into_iter().rev() {
        let held = std::str::from_utf8(&after[start..end]).map_err(|_| refused())?;
        let mut changed = String::new();
        let mut rest = held;
        while let Some(at) = rest.find(old) {
            let (before, behind) = (&rest[..at], &rest[at + old.len()..]);
            let is_whole = !before.ends_with(is_part) && !behind.starts_with(is_part);
            changed.push_str(before);
            changed.push_str(if is_whole { new } else { old });
            rest = behind;
        }
        changed.push_str(rest);
        if changed == held {
            return Err(refused());
        }
        after.splice(start..end, changed.bytes());
    }
    Ok(after)
}

/// A file with the references of one of its rows, or of its record, led to the new id.
pub(super) fn redirected(
    ids: Ids<'_>,
    kind: Kind,
    path: &str,
    bytes: Vec<u8>,
    row: usize,
) -> Result<Vec<u8>> {
    let loaded = loaded(kind, path, &bytes);
    let mut places = Vec::new();
    for entry in &loaded.entries {
        if entry.row() == row {
            let paths = reference::paths_to(entry.as_ref(), ids.kind, ids.old);
            places.extend(paths.into_iter().map(|path| entry.place(path)));
        }
    }
    swapped(path, bytes, &places, ids.old, ids.new)
}

/// The paths that a record names as attached.
pub(super) fn attached(kind: Kind, path: &str, bytes: &[u8]) -> BTreeSet<String> {
    let loaded = loaded(kind, path, bytes);
    loaded.entries.iter().flat_map(|entry| entry.common().attachments.clone()).collect()
}

/// A record with new paths of its attachments.
pub(super) fn renamed(
    kind: Kind,
    path: &str,
    bytes: Vec<u8>,
    moved: &[(String, String)],
) -> Result<Vec<u8>> {
    let loaded = loaded(kind, path, &bytes);
    let Some(entry) = loaded.entries.first() else { return Ok(bytes) };
    let mut after = bytes;
    for (from, to) in moved {
        let named = entry.common().attachments.iter().position(|held| held == from);
        if let Some(at) = named {
            let place = entry.place(KeyPath::key("attachments").nth(at));
            after = swapped(path, after, &[place], from, to)?;
        }
    }
    Ok(after)
}

/// A record whose approvals and overrides agree with it as they did before: its ids changed, and nothing that was
/// decided on.
pub(super) fn resealed(
    kind: Kind,
    before: &[u8],
    old: &str,
    after: Vec<u8>,
    new: &str,
) -> Result<Vec<u8>> {
    if kind.info().form == Form::Register {
        return Ok(after);
    }
    let path = |id: &str| layout::path(kind, id).unwrap_or_default();
    let (was, is) = (loaded(kind, &path(old), before), loaded(kind, &path(new), &after));
    let (Some(was), Some(is)) = (was.entries.first(), is.entries.first()) else {
        return Ok(after);
    };
    let mut sealed = after;
    for (at, approval) in was.common().approval.iter().enumerate() {
        let decided = digest::decided_in(is.as_ref(), &approval.step);
        if let (Some(true), Some(of)) = (digest::agrees(was.as_ref(), approval), &approval.of) {
            if *of == decided {
                continue;
            }
            let place = is.place(KeyPath::key("approval").nth(at).then("of"));
            sealed = swapped(&path(new), sealed, &[place], of, &decided)?;
        }
    }
    let was_let_pass = digest::let_pass(was.as_ref());
    let Some(let_pass) = digest::let_pass(is.as_ref()) else { return Ok(sealed) };
    for (at, allowed) in was.common().overrides.iter().enumerate() {
        let agrees = allowed.of.is_some() && allowed.of == was_let_pass;
        if let Some(of) = allowed.of.as_deref().filter(|of| agrees && *of != let_pass) {
            let place = is.place(KeyPath::key("override").nth(at).then("of"));
            sealed = swapped(&path(new), sealed, &[place], of, &let_pass)?;
        }
    }
    Ok(sealed)
}

/// What becomes of the references of each record that points at the id.
pub(super) fn fates(
    ids: Ids<'_>,
    others: &[&dyn Entry],
    twin: &Twin,
    with: &[String],
    repository: Option<&Repository>,
) -> Result<Vec<Fate>> {
    if !twin.is_double {
        return Ok(vec![Fate::Follows; others.len()]);
    }
    let sides = match (repository, &twin.prints) {
        (Some(repository), Some(prints)) => {
            sides(ids, prints, repository)?.map(|sides| (repository, sides))
        }
        _ => None,
    };
    let mut versions = Versions::default();
    let mut fates = Vec::with_capacity(others.len());
    for entry in others {
        let mut fate = Fate::Unknown;
        if with.contains(&entry.common().id) {
            fate = Fate::Follows;
        } else if let Some((repository, (kept, moved))) = &sides {
            let one = versions.like(*entry, repository, kept)?;
            let other = versions.like(*entry, repository, moved)?;
            fate = fate_of(ids, one, other);
        }
        if let (Fate::Unknown, Some((kept, moved))) = (fate, &twin.prints) {
            // One operation gives all it writes the same moment.
            fate = match (kept.is_typed_with(*entry), moved.is_typed_with(*entry)) {
                (false, true) => Fate::Follows,
                (true, false) => Fate::Stays,
                _ => Fate::Unknown,
            };
        }
        fates.push(fate);
    }
    Ok(fates)
}

/// The ids that a row points at and that were given twice too, where it means the record that
/// moves.
pub(super) fn doubled_before(
    book: &Book,
    kind: Kind,
    path: &str,
    line: usize,
    repository: Option<&Repository>,
) -> Result<Vec<String>> {
    let bytes = book.files.read(path).ok().flatten().unwrap_or_default();
    let rows = loaded(kind, path, &bytes);
    let Some(row) = rows.entries.iter().find(|entry| entry.row() == line) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for id in reference::ids_on(row.as_ref()) {
        let Some(kind) = Id::parse(&id).and_then(|id| Kind::of_prefix(&id.prefix)) else {
            continue;
        };
        let ids = Ids { kind, old: &id, new: &id };
        let Ok(twin) = twin::find(book, ids, None, repository) else { continue };
        // The index of git tells of a conflict that is mended until `git add`.
        let is_mended = kind.info().form != Form::Register
            && twin.kept_file.is_none()
            && book.entry(kind, &id).is_some();
        if twin.is_double
            && !is_mended
            && fates(ids, &[row.as_ref()], &twin, &[], repository)? == [Fate::Follows]
        {
            found.push(id);
        }
    }
    Ok(found)
}

/// Files of other commits, each read once.
#[derive(Default)]
struct Versions(BTreeMap<(String, String), Loaded>);

/// A record that another one may have been in another commit: whether it is alike in all but ids,
/// whether it had the same id, and whither it led.
struct Like {
    is_alike: bool,
    is_named: bool,
    ids: Vec<(Kind, String)>,
}

impl Versions {
    /// The records of a commit that this one may have been, typed by the same person at the same
    /// moment; they may have had other ids.
    fn like(
        &mut self,
        entry: &dyn Entry,
        repository: &Repository,
        commit: &str,
    ) -> Result<Vec<Like>> {
        let key = (commit.to_owned(), entry.file().to_owned());
        if !self.0.contains_key(&key) {
            self.0.insert(key.clone(), version(entry, repository, commit)?);
        }
        let same = |other: &&dyn Entry| {
            let (one, other) = (entry.common(), other.common());
            one.entered_at == other.entered_at && one.entered_by == other.entered_by
        };
        let own = likeness(entry);
        let all = self.0[&key].entries.iter().map(AsRef::as_ref).filter(same);
        let like = |other: &dyn Entry| Like {
            is_alike: likeness(other) == own,
            is_named: other.common().id == entry.common().id,
            ids: reference::ids_on(other)
                .into_iter()
                .filter_map(|id| Some((Kind::of_prefix(&Id::parse(&id)?.prefix)?, id)))
                .collect(),
        };
        let is_typed = entry.common().entered_at.is_some();
        let known = |like: &Like| like.is_alike || like.is_named || is_typed;
        Ok(all.map(like).filter(known).collect())
    }
}

/// The file of a record in a commit; of a document that had another id, and so another file, its
/// month.
fn version(entry: &dyn Entry, repository: &Repository, commit: &str) -> Result<Loaded> {
    let (kind, path) = (entry.kind(), entry.file().to_owned());
    let found = repository.files(commit, std::slice::from_ref(&path))?.pop().flatten();
    if found.is_some() || kind.info().form != Form::Document {
        return Ok(loaded(kind, &path, &found.unwrap_or_default()));
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let paths = repository.paths_in(commit, folder)?;
    let mut all = Loaded::default();
    for (path, bytes) in paths.iter().zip(repository.files(commit, &paths)?) {
        all.entries.extend(loaded(kind, path, &bytes.unwrap_or_default()).entries);
    }
    Ok(all)
}

/// What a record holds besides ids, which may have been changed since.
fn likeness(entry: &dyn Entry) -> Map<String, Value> {
    let mut held = entry.value();
    held.retain(|_, value| value.as_str().is_none_or(|text| Id::parse(text).is_none()));
    held
}

/// What becomes of a reference by what the record was on either side: where it stays, where it
/// goes.
fn fate_of(ids: Ids<'_>, mut kept: Vec<Like>, mut moved: Vec<Like>) -> Fate {
    // What is alike on one side is that record; one that was only typed at once is another.
    let tests: [fn(&Like) -> bool; 2] = [|like| like.is_alike, |like| like.is_named];
    for test in tests {
        if kept.iter().chain(&moved).any(test) {
            kept.retain(test);
            moved.retain(test);
        }
    }
    let leads = |like: &Like| like.ids.iter().any(|(kind, id)| *kind == ids.kind && id == ids.old);
    let led = |side: &[Like]| match side.iter().filter(|like| leads(like)).count() {
        0 => Some(false),
        count if count == side.len() => Some(true),
        // Of many that were typed at once nobody can tell which it was.
        _ => None,
    };
    match (led(&kept), led(&moved)) {
        (Some(false), Some(true)) => Fate::Follows,
        (Some(true), Some(false)) => Fate::Stays,
        _ => Fate::Unknown,
    }
}

/// The commits of the two sides that each gave the id: of the record that stays, of the one that
/// moves.
fn sides(
    ids: Ids<'_>,
    prints: &(Print, Print),
    repository: &Repository,
) -> Result<Option<(String, String)>> {
    let mut pairs = Vec::new();
    if let (Some(ours), Some(theirs)) =
        (repository.commit_of("HEAD")?, repository.commit_of("MERGE_HEAD")?)
    {
        pairs.push((ours, theirs));
    }
    pairs.extend(repository.merges(MERGES)?);
    let path = layout::path(ids.kind, ids.old).unwrap_or_default();
    let commits: Vec<&String> = pairs.iter().flat_map(|(one, other)| [one, other]).collect();
    let versions = repository.versions(&commits, &path)?;
    let print = |version: &Option<Vec<u8>>| -> Option<Print> {
        let bytes = version.as_ref()?;
        if ids.kind.info().form != Form::Register {
            return Some(print_of(ids.kind, bytes));
        }
        match csv::plain(bytes, ids.old, |id| id == ids.old).as_slice() {
            [only] => Some(print_of_row(only)),
            _ => None,
        }
    };
    for (pair, (one, other)) in pairs.iter().enumerate() {
        let at = pair.saturating_mul(2);
        let (Some(first), Some(second)) = (print(&versions[at]), print(&versions[at + 1])) else {
            continue;
        };
        let (kept, moved) = prints;
        if first.is_of(kept, moved) && second.is_of(moved, kept) {
            return Ok(Some((one.clone(), other.clone())));
        }
        if first.is_of(moved, kept) && second.is_of(kept, moved) {
            return Ok(Some((other.clone(), one.clone())));
        }
    }
    Ok(None)
}
