//! `desk log`, `desk undo`, `desk redo`: what was done here, taken back, done again.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{Context, Done, shown};
use crate::{
    desk::{Desk, Mode},
    error::{Error, Result},
    page::{Cell, Column, Page, Row, Table},
    report::Made,
    store::{
        atomic::FileWrite,
        files::Files,
        journal::{self, Entry, Fate, Logged, Role, State},
    },
    value::day::Moment,
};

pub(super) fn log() -> Command {
    Command::new("log")
        .about("What was done here: who, when, with which command, and what it changed")
        .arg(
            Arg::new("which")
                .value_name("NUMBER|ID")
                .help("One operation with its files and the difference, or those of a record"),
        )
        .arg(Arg::new("by").long("by").value_name("CODE").help("Only what someone did"))
        .after_help(
            "The journal is that of this clone; what others did comes with git: desk KIND history ID\n\n\
             Examples:\n  desk log --limit 5\n  desk log SO-2609-0003\n  desk log --by li-min -p today",
        )
}

pub(super) fn undo() -> Command {
    Command::new("undo")
        .about("Take back your last operation, whole: every file as it was")
        .arg(number())
        .after_help(
            "Refused once a file was changed otherwise. An id that was taken back is not given again.\n\n\
             Examples:\n  desk undo\n  desk undo --dry-run",
        )
}

pub(super) fn redo() -> Command {
    Command::new("redo")
        .about("Do again what you took back last")
        .arg(number())
        .after_help("Example:\n  desk redo")
}

fn number() -> Arg {
    Arg::new("no")
        .value_name("NUMBER")
        .action(ArgAction::Set)
        .value_parser(value_parser!(u64))
        .help("That operation, whoever did it (desk log)")
}

pub(super) fn run_undo(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let (mode, no) = (mode(context), matches.get_one("no").copied());
    context.operate(&desk, mode, || desk.undo(mode, no))
}

pub(super) fn run_redo(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let (mode, no) = (mode(context), matches.get_one("no").copied());
    context.operate(&desk, mode, || desk.redo(mode, no))
}

fn mode(context: &Context) -> Mode {
    if context.globals.dry_run { Mode::DryRun } else { Mode::Write }
}

pub(super) fn run_log(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let which = matches.get_one::<String>("which");
    let number = which.filter(|which| !which.starts_with('0'));
    if let Some(no) = number.and_then(|which| which.parse::<u64>().ok()) {
        return one(context, &desk, no);
    }
    let by = matches.get_one::<String>("by");
    let logged = journal::logged(&desk.root, None)?;
    let book = desk.book()?;
    let period = context.period(&book)?;
    let wanted = |one: &&Logged| {
        let day = one.entry.at.parse::<Moment>().ok().map(|at| at.day_in(book.zone));
        let touches = |id: &String| one.entry.records.iter().any(|(_, other)| is_meant(other, id));
        which.is_none_or(touches)
            && by.is_none_or(|by| *by == one.entry.by)
            && day.is_none_or(|day| period.contains(day))
    };
    let rows = logged.iter().rev().filter(wanted).map(row).collect();
    let columns = ["no", "at", "by", "what", "state", "command"].map(Column::words).to_vec();
    let empty = match (which, by) {
        (None, None) if logged.is_empty() => {
            "Nothing was done here yet, or not by a command.".to_owned()
        }
        _ => "No operation here is about that; desk KIND history ID shows commits.".to_owned(),
    };
    let table = Table { key: "log".into(), columns, rows, empty };
    let notes = lost(&logged).into_iter().collect();
    let page = Page { key: "log".into(), tables: vec![table], notes, ..Page::default() };
    context.show(&book.files, Made { page, left_out: Vec::new() })
}

/// What a damaged journal no longer tells.
fn lost(logged: &[Logged]) -> Option<String> {
    let last = logged.last()?.entry.no;
    let known = u64::try_from(logged.len()).unwrap_or(u64::MAX);
    let lost = last.checked_sub(known).filter(|lost| *lost > 0)?;
    Some(format!("the journal is damaged: {lost} of {last} operations cannot be read or undone"))
}

/// Whether an id is meant by a text: all of it, or an ending.
fn is_meant(id: &str, text: &str) -> bool {
    let start = id.len().checked_sub(text.len());
    start.and_then(|start| id.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(text))
}

fn row(one: &Logged) -> Row {
    let entry = &one.entry;
    Row::Data(vec![
        Cell::Int(i64::try_from(entry.no).unwrap_or(i64::MAX)),
        entry.at.parse::<Moment>().map_or(Cell::Empty, Cell::Moment),
        Cell::text(entry.by.as_str()),
        Cell::text(entry.said.join("; ")),
        Cell::text(state(one)),
        Cell::text(entry.command.as_str()),
    ])
}

/// What became of an operation, in words; nothing where it simply stands.
fn state(one: &Logged) -> String {
    match one.fate {
        Fate::Stands if one.left.is_empty() => String::new(),
        Fate::Stands => format!("done but for {}, changed by hand", one.left.join(", ")),
        Fate::Undone(by) => format!("undone by {by}"),
        Fate::Dropped if one.left.is_empty() => "failed, nothing of it stands".into(),
        Fate::Dropped => format!("taken back but for {}, changed by hand", one.left.join(", ")),
        Fate::Unfinished => "cut short; the next command that writes finishes it".into(),
    }
}

/// One operation with its files, and the lines that went and came where that can still be told.
fn one(context: &Context, desk: &Desk, no: u64) -> Result<Done> {
    let logged = journal::logged(&desk.root, Some(no))?;
    let found = journal::numbered(&logged, no)
        .ok_or_else(|| Error::usage(format!("there is no operation {no}")).hint("desk log"))?;
    let entry = &found.entry;
    let rows = entry.steps.iter().map(|step| {
        let what = match step.existence() {
            (false, _) => "added",
            (_, false) => "taken away",
            _ => "changed",
        };
        Row::Data(vec![Cell::text(step.path.as_str()), Cell::text(what)])
    });
    let table = Table {
        key: "files".into(),
        columns: ["file", "what"].map(Column::words).to_vec(),
        rows: rows.collect(),
        empty: String::new(),
    };
    let role = match entry.role {
        Role::Does => Cell::Empty,
        Role::Undoes(no) => Cell::text(format!("takes {no} back")),
        Role::Redoes(no) => Cell::text(format!("does {no} again")),
    };
    let records = entry.records.iter().map(|(_, id)| id.clone()).collect();
    let facts = [
        ("at", entry.at.parse::<Moment>().map_or(Cell::Empty, Cell::Moment)),
        ("by", Cell::text(entry.by.as_str())),
        ("command", Cell::text(entry.command.as_str())),
        ("what", Cell::text(entry.said.join("; "))),
        ("records", Cell::List(records)),
        ("role", role),
        ("state", Cell::text(state(found))),
    ];
    let shown = facts.into_iter().filter(|(_, cell)| *cell != Cell::Empty);
    let page = Page {
        key: "operation".into(),
        title: format!("Operation {no}"),
        facts: shown.map(|(key, cell)| (key.to_owned(), cell)).collect(),
        tables: vec![table, differences(desk, entry)?],
        ..Page::default()
    };
    context.show(&Files::disk(&desk.root), Made { page, left_out: Vec::new() })
}

/// The lines that went and came, file by file; of a file changed since they can no longer be told.
fn differences(desk: &Desk, entry: &Entry) -> Result<Table> {
    let files = Files::disk(&desk.root);
    let mut rows = Vec::new();
    let mut add = |path: &str, change: &str, text: &str| {
        rows.push(Row::Data([path, change, text].map(Cell::from).to_vec()));
    };
    for step in &entry.steps {
        let now = files
            .read(&step.path)
            .map_err(|error| Error::failure(format!("cannot read {}", step.path)).because(error))?;
        let write = match step.state(now.as_deref()) {
            State::Before => step.forwards(now.as_deref()),
            State::After => step.backwards(now.as_deref()).map(|back| FileWrite {
                path: back.path,
                before: back.after,
                after: back.before,
            }),
            State::Other => None,
        };
        match write {
            Some(write) => {
                for line in shown::difference(&write) {
                    if let Some((change @ ("-" | "+"), text)) = line.split_at_checked(1)
                        && !text.starts_with("--")
                    {
                        add(&step.path, if change == "+" { "added" } else { "removed" }, text);
                    }
                }
            }
            None => add(&step.path, "", "changed since"),
        }
    }
    let columns = ["file", "change", "line"].map(Column::words).to_vec();
    Ok(Table { key: "difference".into(), columns, rows, empty: String::new() })
}
