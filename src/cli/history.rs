//! `history`: what changed in a record over the commits of git, field by field, newest first.
//!
//! Every version of the file is read by the field table like the file itself, so a layout changed
//! by hand is no change. Confidential fields lie outside git, and nothing is said of them.

mod compare;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use clap::{ArgMatches, Command};
use serde_json::{Map, Value};

use super::{Context, Done, common};
use crate::{
    book::Book,
    error::{Error, Result},
    page::{Cell, Column, Page, Row, Table},
    record::{Form, Kind},
    report::Made,
    store::{
        csv,
        git::{Logged, Repository},
        layout, toml as text,
    },
    value::day::{Day, Moment},
};
use compare::{Difference, differences};

/// A record as one version of its file held it; nothing where it was not there.
type State = Option<Map<String, Value>>;

pub(super) fn command(kind: Kind) -> Command {
    let noun = kind.noun();
    let example = common::example(kind);
    Command::new("history")
        .about(format!("What changed in {}, when and by whom, from git; newest first", kind.one()))
        .arg(common::id_arg(kind))
        .after_help(format!("Example:\n  desk {noun} history {example}"))
}

pub(super) fn run(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let book = desk.book()?;
    let repository = Repository::of(&desk.root)?.ok_or_else(|| {
        Error::failure(format!("{} is in no git repository", desk.root.display()))
            .hint("the history of a record is that of its file in git: desk init --git")
    })?;
    let id = known(&book, kind, common::id(matches), &repository)?;
    let path = layout::path(kind, &id).unwrap_or_default();
    let committed = repository.files("HEAD", std::slice::from_ref(&path))?.pop().flatten();
    let committed = committed.and_then(|bytes| state(kind, &id, &bytes));
    let failed = |error| Error::failure(format!("cannot read {path}")).because(error);
    let disk = book.files.read(&path).map_err(failed)?;
    let disk = disk.and_then(|bytes| state(kind, &id, &bytes));
    let events = trail(&repository, kind, &id)?;
    if committed.is_none() && disk.is_none() && events.is_empty() {
        // A register knows of no row that never was in it.
        book.resolve(kind, &id)?;
    }
    let (period, as_of) = (context.period(&book)?, context.as_of(&book)?);
    let is_wanted = |day: Day| period.contains(day) && as_of.is_none_or(|last| day <= last);
    let mut rows: Vec<Row> =
        differences(kind, committed.as_ref(), disk.as_ref()).into_iter().map(uncommitted).collect();
    rows.retain(|_| is_wanted(book.today));
    let is_told = !events.is_empty() || !rows.is_empty();
    for event in events {
        let at = event.logged.at.parse::<Moment>().ok();
        if at.is_none_or(|at| is_wanted(at.day_in(book.zone))) {
            rows.extend(event.differences.iter().map(|found| row(&event.logged, found, book.zone)));
        }
    }
    let columns = ["at", "by", "what", "old", "new", "message", "commit"];
    let columns = columns.map(Column::words).to_vec();
    let empty = match is_told {
        true => format!("Nothing changed in {id} in this period."),
        false => format!("{id} is in no commit yet: git add {path}, git commit"),
    };
    let notes = match (&committed, &disk) {
        (None, Some(_)) if rows.len() == 1 => {
            vec![format!("{id} is in no commit yet: git add {path}, git commit")]
        }
        _ => Vec::new(),
    };
    let table = Table { key: "history".into(), columns, rows, empty };
    let page = Page {
        key: format!("{kind}-history"),
        title: format!("History of {id}"),
        tables: vec![table],
        notes,
        ..Page::default()
    };
    context.show(&book.files, Made { page, left_out: Vec::new() })
}

/// The id that a text means; one that is there no more counts where git knew it.
fn known(book: &Book, kind: Kind, text: &str, repository: &Repository) -> Result<String> {
    book.resolve(kind, text).or_else(|error| {
        let path = layout::path(kind, text).unwrap_or_default();
        let was = !path.is_empty() && !repository.log("HEAD", &path)?.is_empty();
        if was { Ok(text.to_owned()) } else { Err(error) }
    })
}

/// One commit that changed the record.
struct Event {
    logged: Logged,
    differences: Vec<Difference>,
}

/// The commits that changed a record, newest first, its former ids included.
fn trail(repository: &Repository, kind: Kind, id: &str) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let (mut id, mut from) = (id.to_owned(), "HEAD".to_owned());
    loop {
        let path = layout::path(kind, &id).unwrap_or_default();
        let logged = repository.log(&from, &path)?;
        let states = states(repository, kind, &id, &logged)?;
        let mut earlier = None;
        for entry in logged {
            let of = |blob: &Option<String>| blob.as_ref().and_then(|blob| states.get(blob));
            let after = of(&entry.after);
            let before: Vec<_> = entry.before.iter().map(of).collect();
            // What one side of a merge brought in was told with that side's own commits.
            if before.contains(&after) {
                continue;
            }
            let is_new = before.iter().all(Option::is_none);
            let former = match after.filter(|_| is_new) {
                Some(after) => former(repository, kind, &id, &entry, after)?,
                None => None,
            };
            let differences = match &former {
                Some((former, old)) => {
                    let mut found = differences(kind, Some(old), after);
                    found.retain(|found| found.what != "id");
                    found.insert(0, Difference::renumbered(former, &id));
                    found
                }
                None => differences(kind, before.first().copied().flatten(), after),
            };
            let parent = format!("{}^1", entry.commit);
            events.push(Event { logged: entry, differences });
            if let Some((former, _)) = former {
                earlier = Some((former, parent));
                break;
            }
        }
        let Some(found) = earlier else { return Ok(events) };
        (id, from) = found;
    }
}

/// The record in each version of its file that holds it, by the names of their bytes.
fn states(
    repository: &Repository,
    kind: Kind,
    id: &str,
    logged: &[Logged],
) -> Result<BTreeMap<String, Map<String, Value>>> {
    let blobs = logged.iter().flat_map(|entry| entry.before.iter().chain([&entry.after]));
    let mut names: Vec<String> = blobs.flatten().cloned().collect();
    names.sort();
    names.dedup();
    let mut states = BTreeMap::new();
    repository.objects(&names, |at, bytes| {
        let found = bytes.and_then(|bytes| state(kind, id, &bytes));
        states.extend(found.map(|found| (names[at].clone(), found)));
    })?;
    Ok(states)
}

/// The record in one version of its file: its fields, or the cells of its row.
fn state(kind: Kind, id: &str, bytes: &[u8]) -> State {
    if kind.info().form == Form::Register {
        return csv::plain(bytes, id, |other| other == id).into_iter().next().map(cells);
    }
    // A version that is no whole record is left out: what it held cannot be said for certain.
    let read = text::read("", bytes, kind.fields());
    match text::value(&read.table?, kind.fields()) {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

fn cells(row: csv::Plain) -> Map<String, Value> {
    row.cells.into_iter().map(|(column, text)| (column, Value::String(text))).collect()
}

/// The id and the fields that a record had before a commit gave it this id: the same record was
/// there and is gone.
fn former(
    repository: &Repository,
    kind: Kind,
    id: &str,
    entry: &Logged,
    now: &Map<String, Value>,
) -> Result<Option<(String, Map<String, Value>)>> {
    let alike = |old: &Map<String, Value>| is_same(old, now);
    if kind.info().form == Form::Register {
        let names: Vec<String> =
            entry.before.iter().take(1).chain([&entry.after]).flatten().cloned().collect();
        let [before, after] = names.as_slice() else { return Ok(None) };
        let prefix = format!("{}-", kind.info().prefix);
        let mut rows = Vec::new();
        repository.objects(&[before.clone(), after.clone()], |_, bytes| {
            rows.push(csv::plain(&bytes.unwrap_or_default(), &prefix, |_| true));
        })?;
        let (after, before) = (rows.pop().unwrap_or_default(), rows.pop().unwrap_or_default());
        let gone =
            |row: &csv::Plain| !after.contains(&csv::Plain { line: row.line, ..row.clone() });
        let mut found = before.into_iter().filter(gone).map(cells).filter(alike);
        return Ok(found.next().and_then(named).filter(|(former, _)| former != id));
    }
    let removed = repository.removed(&entry.commit, kind.info().folder)?;
    let names: Vec<String> = removed.into_iter().map(|(_, blob)| blob).collect();
    let mut found = None;
    repository.objects(&names, |_, bytes| {
        let old = bytes.and_then(|bytes| state(kind, id, &bytes)).filter(|old| alike(old));
        found = found.take().or(old.and_then(named));
    })?;
    Ok(found)
}

fn named(fields: Map<String, Value>) -> Option<(String, Map<String, Value>)> {
    let id = fields.get("id").and_then(Value::as_str)?.to_owned();
    Some((id, fields))
}

/// Whether two versions are of one record, whatever its id: typed by the same person at the same
/// millisecond, or, where nobody says when, alike in all else.
fn is_same(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    let entered = |fields: &Map<String, Value>| {
        let at = fields.get("entered_at").cloned()?;
        Some((at, fields.get("entered_by").cloned()))
    };
    if let (Some(one), Some(other)) = (entered(one), entered(other)) {
        return one == other;
    }
    let bare = |fields: &Map<String, Value>| {
        let mut bare = fields.clone();
        bare.retain(|key, _| !matches!(key.as_str(), "id" | "attachments"));
        bare
    };
    bare(one) == bare(other)
}

fn row(logged: &Logged, found: &Difference, zone: Tz) -> Row {
    let at = logged.at.parse::<Moment>();
    let at = at.map(|at| Moment(at.0.with_timezone(&zone).fixed_offset()));
    Row::Data(vec![
        at.map_or(Cell::Empty, Cell::Moment),
        Cell::text(&logged.by),
        Cell::text(&found.what),
        Cell::text(&found.old),
        Cell::text(&found.new),
        Cell::text(&logged.subject),
        Cell::text(logged.commit.chars().take(12).collect::<String>()),
    ])
}

fn uncommitted(found: Difference) -> Row {
    let message = Cell::text("not committed");
    let Difference { what, old, new } = found;
    let mut cells = vec![Cell::Empty, Cell::Empty];
    cells.extend([what, old, new].map(Cell::text));
    cells.extend([message, Cell::Empty]);
    Row::Data(cells)
}
