//! A record moved to another id, with every reference to it, as one operation.
//!
//! For two records that were given the same id in two clones, and for one that has the wrong one.
//! Every byte but the id itself stays as it was. Approvals of what moves, and of what points at it,
//! decided on the same things as before, so their digests are made again where they agreed.

mod follow;
mod pointing;
mod twin;

use std::collections::{BTreeMap, BTreeSet};

use super::{Actor, next_id_of, preview};
use crate::{
    book::{Book, closing},
    error::{Error, Result},
    finding::Level,
    record::{
        Doc, Entry, Form, KINDS, Kind,
        change::{Change, Edit},
        invoice::Invoice,
    },
    rules::gate::{self, Gate},
    store::{csv, files::Files, git::Repository, layout, toml as text},
    value::{id::Id, place::KeyPath},
};
use follow::Fate;
use twin::{Moving, Twin};

/// What is to be renumbered.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The id it has, or a unique ending of it.
    pub old: &'a str,
    /// The id it gets; absent: the next of its month.
    pub new: Option<&'a str>,
    /// Line of the register, where two rows have the id.
    pub row: Option<usize>,
    /// Records whose references follow it, where two records had the id.
    pub with: &'a [String],
}

/// Both ids of a record that moves.
#[derive(Debug, Clone, Copy)]
struct Ids<'a> {
    kind: Kind,
    old: &'a str,
    new: &'a str,
}

/// The files as they will be, each with the records it touches.
struct Sheets<'a> {
    files: &'a Files,
    held: BTreeMap<String, Sheet>,
}

#[derive(Default)]
struct Sheet {
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
    records: BTreeSet<(Kind, String)>,
}

impl Sheets<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let failed = |error| Error::failure(format!("cannot read {path}")).because(error);
        match self.held.get(path) {
            Some(sheet) => Ok(sheet.after.clone()),
            None => self.files.read(path).map_err(failed),
        }
    }

    fn put(&mut self, path: &str, after: Option<Vec<u8>>, record: (Kind, &str)) -> Result<()> {
        if !self.held.contains_key(path) {
            let before = self.read(path)?;
            self.held.insert(path.to_owned(), Sheet { before, ..Sheet::default() });
        }
        if let Some(sheet) = self.held.get_mut(path) {
            sheet.after = after;
            sheet.records.insert((record.0, record.1.to_owned()));
        }
        Ok(())
    }

    fn edits(self) -> Vec<Edit> {
        let edit = |(path, sheet): (String, Sheet)| Edit::Write {
            path,
            before: sheet.before,
            after: sheet.after,
            records: sheet.records.into_iter().collect(),
        };
        self.held.into_iter().map(edit).collect()
    }
}

/// Moves a record to another id.
///
/// Which of two records with one id moves: of rows the one typed later, of a document in git's
/// conflict theirs, else the file that is not named after the id.
pub fn renumber(
    book: &Book,
    actor: Actor<'_>,
    request: Request<'_>,
    repository: Option<&Repository>,
) -> Result<Change> {
    let (change, is_theirs) = whole(book, actor, request, repository, &mut BTreeSet::new())?;
    Ok(match is_theirs {
        true => Change { next: Some(git_add(&change)), ..change },
        false => change,
    })
}

/// Moves a record, and with it what it points at where that has to move first; tells whether a
/// document was in git's conflict.
///
/// A row whose id stood twice counts only from now on. If the id of what it is of or for stands
/// twice too, it would count with the wrong one.
fn whole(
    book: &Book,
    actor: Actor<'_>,
    request: Request<'_>,
    repository: Option<&Repository>,
    seen: &mut BTreeSet<String>,
) -> Result<(Change, bool)> {
    let (kind, old) = named(book, request.old)?;
    seen.insert(old.clone());
    let new = new_id(book, actor, kind, &old, request.new)?;
    let ids = Ids { kind, old: &old, new: &new };
    let twin = twin::find(book, ids, request.row, repository)?;
    let change = moved(book, ids, &twin, request.with, repository)?;
    let is_theirs = matches!(twin.moving, Moving::Theirs { .. });
    let Moving::Row { path, row } = &twin.moving else { return Ok((change, is_theirs)) };
    if !twin.is_double || is_sound(book, &change)? {
        return Ok((change, is_theirs));
    }
    let doubled = follow::doubled_before(book, kind, path, row.line, repository)?;
    let Some(first) = doubled.into_iter().find(|id| !seen.contains(id)) else {
        return Ok((change, is_theirs));
    };
    let before = Request { old: &first, new: None, row: None, with: &[] };
    let (mut all, was_theirs) = whole(book, actor, before, repository, seen)?;
    let next = preview(book, &all)?;
    let (rest, is_theirs) = whole(&next, actor, request, repository, seen)?;
    all.edits.extend(rest.edits);
    all.lines.extend(rest.lines);
    Ok((Change { next: rest.next, ..all }, was_theirs || is_theirs))
}

/// Whether the gate will find nothing against a change.
fn is_sound(book: &Book, change: &Change) -> Result<bool> {
    let found = gate::run(book, &preview(book, change)?, change, Gate::History);
    Ok(found.iter().all(|finding| finding.level != Level::Error))
}

/// The change that moves one record.
fn moved(
    book: &Book,
    ids: Ids<'_>,
    twin: &Twin,
    with: &[String],
    repository: Option<&Repository>,
) -> Result<Change> {
    let Ids { kind, old, new } = ids;
    let mut sheets = Sheets { files: &book.files, held: BTreeMap::new() };
    // References go first: rows are found by their lines, and a row that moves shifts them.
    let followed = redirect_others(&mut sheets, book, ids, twin, with, repository)?;
    let said = move_record(&mut sheets, book, ids, twin)?;
    let mut lines = vec![match followed.moved {
        0 => format!("{old} is now {new}"),
        1 => format!("{old} is now {new}, and 1 record that points at it follows"),
        count => format!("{old} is now {new}, and {count} records that point at it follow"),
    }];
    lines.extend(said);
    lines.extend(followed.open);
    let next = Some(format!("desk {kind} show {new}"));
    Ok(Change { edits: sheets.edits(), lines, next })
}

/// The command that tells git of every file that was written.
fn git_add(change: &Change) -> String {
    let mut paths = BTreeSet::new();
    for edit in &change.edits {
        if let Edit::Write { path, before, after, .. } = edit {
            // Of what is gone git knows attachments, which came with the merge.
            let is_known = before.is_some() && path.starts_with("attachments/");
            if after.is_some() || is_known {
                paths.insert(path.as_str());
            }
        }
    }
    let is_plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    let quoted = |path: &&str| match path.chars().all(is_plain) {
        true => (*path).to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    };
    format!("git add {}", paths.iter().map(quoted).collect::<Vec<_>>().join(" "))
}

/// The kind and the whole id of what a text means.
fn named(book: &Book, text: &str) -> Result<(Kind, String)> {
    let kind = Id::parse(text).and_then(|id| Kind::of_prefix(&id.prefix));
    if let Some(kind) = kind {
        return Ok((kind, text.to_owned()));
    }
    let dated = KINDS.iter().filter(|kind| kind.info().form != Form::Master);
    let upper = text.to_ascii_uppercase();
    let ids = dated.flat_map(|&kind| book.ids(kind).into_iter().map(move |id| (kind, id)));
    let mut found: Vec<(Kind, String)> =
        ids.filter(|(_, id)| !upper.is_empty() && id.ends_with(&upper)).collect();
    found.dedup();
    let shown = found.iter().take(5).map(|(_, id)| id.as_str()).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Error::usage(format!("no document or row has the id \"{text}\""))
            .hint("codes of masters are not renumbered: desk KIND copy CODE NEW_CODE")),
        _ => Err(Error::usage(format!("\"{text}\" may be any of {shown}")).hint("give more of it")),
    }
}

/// The id it gets: one that is free, and one of the kind.
fn new_id(
    book: &Book,
    actor: Actor<'_>,
    kind: Kind,
    old: &str,
    given: Option<&str>,
) -> Result<String> {
    let parsed = layout::document_id(kind, old);
    let parsed = parsed.ok_or_else(|| Error::usage(format!("\"{old}\" is no {kind} id")))?;
    let Some(new) = given else {
        let site = if actor.site.is_empty() { &parsed.site } else { actor.site };
        return next_id_of(book, kind, parsed.month, site);
    };
    let form = layout::form(kind);
    let wanted = layout::document_id(kind, new)
        .ok_or_else(|| Error::usage(format!("\"{new}\" is no {kind} id: the form is {form}")))?;
    if wanted.month != parsed.month && kind.is_document() {
        let message = format!("{new} lies in another month than {old}, and its date would not");
        return Err(Error::usage(message).hint(format!("desk renumber {old}")));
    }
    match book.has_file(kind, new) || new == old {
        true => Err(Error::conflict(format!("{kind} {new} is there already"))
            .hint(format!("desk renumber {old}"))),
        false => Ok(new.to_owned()),
    }
}

/// Moves the record itself and what belongs to it; gives what is to be said of it.
fn move_record(
    sheets: &mut Sheets<'_>,
    book: &Book,
    ids: Ids<'_>,
    twin: &Twin,
) -> Result<Vec<String>> {
    let Ids { kind, old, new } = ids;
    let target = layout::path(kind, new).unwrap_or_default();
    let mut said = Vec::new();
    let bytes = match &twin.moving {
        Moving::Row { path, row } => return move_row(sheets, ids, path, row).map(|()| said),
        Moving::File { path, bytes } => {
            sheets.put(path, None, (kind, old))?;
            bytes
        }
        Moving::Theirs { ours, bytes } => {
            let path = layout::path(kind, old).unwrap_or_default();
            sheets.put(&path, Some(ours.clone()), (kind, old))?;
            said.push(format!("{old} is ours again, as it was before the merge"));
            bytes
        }
    };
    if let Some(kept) = &twin.kept_file {
        said.push(format!("the other {old} stays in {kept}"));
    }
    let edit = text::Edit::Set { path: KeyPath::key("id"), value: new.into() };
    let named = text::edit(bytes, &[edit], kind.fields()).map_err(|why| {
        Error::refused(format!("cannot give {old} another id in place: {why}"), Vec::new())
            .hint(format!("desk {kind} edit {old}"))
    })?;
    let own = follow::redirected(ids, kind, &target, named, 0)?;
    let (own, files) = attachments(book, ids, twin, &target, own)?;
    let own = follow::resealed(kind, bytes, old, own, new)?;
    sheets.put(&target, Some(own), (kind, new))?;
    for (from, to, bytes, stays) in files {
        if !stays {
            sheets.put(&from, None, (kind, old))?;
        }
        sheets.put(&to, Some(bytes), (kind, new))?;
        said.push(format!("{from} is now {to}"));
    }
    Ok(said)
}

fn move_row(sheets: &mut Sheets<'_>, ids: Ids<'_>, path: &str, row: &csv::Plain) -> Result<()> {
    let Ids { kind, old, new } = ids;
    let target = layout::path(kind, new).unwrap_or_default();
    let bytes = sheets.read(path)?.unwrap_or_default();
    let refused = |why: String| {
        Error::refused(format!("cannot move {old} in {path}: {why}"), Vec::new())
            .hint(format!("desk check {path}"))
    };
    if target == path {
        let span = csv::locate(&bytes, row.line, "id").ok_or_else(|| refused("no id".into()))?;
        let mut after = bytes;
        after.splice(span, new.bytes());
        sheets.put(path, Some(after), (kind, new))?;
        return sheets.put(path, sheets.read(path)?, (kind, old));
    }
    let mut cells = row.cells.clone();
    cells.iter_mut().filter(|(name, _)| name == "id").for_each(|(_, id)| id.replace_range(.., new));
    let before = sheets.read(&target)?;
    let appended = csv::append(kind, before.as_deref(), &cells).map_err(refused)?;
    sheets.put(&target, Some(appended), (kind, new))?;
    sheets.put(path, Some(without_line(&bytes, row.line)), (kind, old))
}

/// A file without one of its lines, from 1.
fn without_line(bytes: &[u8], line: usize) -> Vec<u8> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    lines
        .filter(|(at, _)| at.saturating_add(1) != line)
        .flat_map(|(_, text)| text)
        .copied()
        .collect()
}

/// A file that belongs to the record: path, new path, bytes, and whether the other record has it
/// too.
type Attached = (String, String, Vec<u8>, bool);

/// The record with the new paths of its attachments, and these files.
fn attachments(
    book: &Book,
    ids: Ids<'_>,
    twin: &Twin,
    target: &str,
    bytes: Vec<u8>,
) -> Result<(Vec<u8>, Vec<Attached>)> {
    let Ids { old, new, kind } = ids;
    let listed = follow::attached(kind, target, &bytes);
    let (from, to) = (layout::attachment(old, ""), layout::attachment(new, ""));
    let folder = from.trim_end_matches('/');
    let failed = |error| Error::failure(format!("cannot read {folder}")).because(error);
    let mut files = Vec::new();
    for entry in book.files.list(folder).map_err(failed)? {
        let path = format!("{from}{}", entry.name);
        // Of two records with one id each takes what it names; one alone takes the folder.
        if twin.is_double && !listed.contains(&path) {
            continue;
        }
        let Some(held) = book.files.read(&path).map_err(failed)? else { continue };
        let stays = twin.kept_attachments.contains(&path);
        files.push((path, format!("{to}{}", entry.name), held, stays));
    }
    let moved: Vec<(String, String)> =
        files.iter().map(|(from, to, _, _)| (from.clone(), to.clone())).collect();
    Ok((follow::renamed(kind, target, bytes, &moved)?, files))
}

/// What became of the references of other records.
#[derive(Default)]
struct Followed {
    /// How many records followed.
    moved: usize,
    /// What is to be said of those about which nothing is known.
    open: Vec<String>,
}

/// Redirects the references of other records.
fn redirect_others(
    sheets: &mut Sheets<'_>,
    book: &Book,
    ids: Ids<'_>,
    twin: &Twin,
    with: &[String],
    repository: Option<&Repository>,
) -> Result<Followed> {
    let Ids { old, new, .. } = ids;
    let mut followed = Followed::default();
    let pointing = pointing::find(book, ids)?;
    let others = pointing.others(ids);
    chosen(old, with, &others)?;
    let fates = follow::fates(ids, &others, twin, with, repository)?;
    let follows = others.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Follows);
    unfrozen(book, ids, twin, follows.map(|(entry, _)| *entry).collect())?;
    for (entry, fate) in others.iter().zip(fates) {
        let (id, path) = (entry.common().id.as_str(), entry.file());
        match fate {
            Fate::Follows => {}
            Fate::Stays => continue,
            Fate::Unknown => {
                let set = format!("desk {} set", entry.kind());
                followed.open.push(match pointing.doubled.contains(id) {
                    true => format!(
                        "{id} in line {} of {path} still points at {old}; if it means {new}: \
                         desk renumber {id}, then {set} it …",
                        entry.row()
                    ),
                    false => format!("{id} still points at {old}; if it means {new}: {set} {id} …"),
                });
                continue;
            }
        }
        let before = sheets.read(path)?.unwrap_or_default();
        let after = follow::redirected(ids, entry.kind(), path, before.clone(), entry.row())?;
        let after = follow::resealed(entry.kind(), &before, id, after, id)?;
        sheets.put(path, Some(after), (entry.kind(), id))?;
        followed.moved += 1;
    }
    let unread = pointing.unread.iter();
    followed.open.extend(unread.map(|place| {
        format!("{place}, cannot be read and names {old}; if it means {new}, write that there")
    }));
    Ok(followed)
}

/// Refuses an id that something frozen names: its bytes never change.
fn unfrozen(book: &Book, ids: Ids<'_>, twin: &Twin, mut others: Vec<&dyn Entry>) -> Result<()> {
    let Ids { kind, old, .. } = ids;
    others.retain(|entry| {
        let issued = Doc::<Invoice>::of(*entry).is_some_and(|bill| bill.rec.issued_on.is_some());
        issued || !closing::of_record(book, &entry.common().id).is_empty()
    });
    let named: Vec<&str> = others.iter().map(|entry| entry.common().id.as_str()).collect();
    let Some(first) = others.first() else { return Ok(()) };
    let names = if named.len() == 1 { "names" } else { "name" };
    let message = format!(
        "cannot renumber {old}: {}, issued or of a closed month, {names} it and never changes",
        named.join(", ")
    );
    let error = Error::refused(message, Vec::new());
    Err(match twin.is_double {
        true => error.hint(format!(
            "let the other {old} move: this one under the name {old}, the other beside it under any \
             other, then desk renumber {old}"
        )),
        false => error
            .hint(format!("desk {} show {}", first.kind(), first.common().id))
            .hint(format!("desk {kind} set {old} remarks=…   (it keeps its id)")),
    })
}

/// Refuses records chosen to follow that do not point there, or of which there are two.
fn chosen(old: &str, with: &[String], others: &[&dyn Entry]) -> Result<()> {
    for id in with {
        match others.iter().filter(|entry| entry.common().id == *id).count() {
            0 => return Err(Error::usage(format!("{id} does not point at {old}"))),
            1 => {}
            _ => {
                let message = format!("two rows have the id {id}, and both point at {old}");
                return Err(Error::usage(message).hint(format!("desk renumber {id}")));
            }
        }
    }
    Ok(())
}
