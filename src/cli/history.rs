//! `history`: the git log of a record's file, in plain words.

use std::process::{Command as Process, Stdio};

use clap::{ArgMatches, Command};

use super::{Context, Done, common};
use crate::{
    error::{Error, Result},
    page::{Cell, Column, Page, Row, Table},
    record::Kind,
    report::Made,
    store::layout,
    value::day::Moment,
};

pub(super) fn command(kind: Kind) -> Command {
    let noun = kind.noun();
    let example = common::example(kind);
    Command::new("history")
        .about(format!("Who changed {} when, from the git log of its file", kind.one()))
        .arg(common::id_arg(kind))
        .after_help(format!("Example:\n  desk {noun} history {example}"))
}

pub(super) fn run(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let book = desk.book()?;
    let id = book.resolve(kind, common::id(matches))?;
    let path = layout::path(kind, &id).unwrap_or_default();
    // Hooks and file monitors are programs that the directory would name: they stay off.
    let ran = Process::new("git")
        .arg("-C")
        .arg(&desk.root)
        .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "--no-pager", "log"])
        .args([
            "--follow",
            "-z",
            "--no-show-signature",
            "--format=%H%x1f%aI%x1f%an%x1f%s",
            "--",
            &path,
        ])
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::failure("cannot run git").because(error))?;
    if !ran.status.success() {
        let why = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
        let unborn = why.contains("does not have any commits");
        if !unborn {
            return Err(Error::failure(format!("git log of {path} failed: {why}"))
                .hint("the history of a record is that of its file in git: git init"));
        }
    }
    let log = String::from_utf8_lossy(&ran.stdout).into_owned();
    let rows = log.split('\0').filter(|line| !line.trim().is_empty()).map(row);
    let columns = ["at", "by", "what", "commit"].map(Column::words).to_vec();
    let empty = format!("{path} is in no commit yet: git add {path}, git commit");
    let table = Table { key: "history".into(), columns, rows: rows.collect(), empty };
    let page = Page {
        key: format!("{kind}-history"),
        title: format!("History of {id}"),
        tables: vec![table],
        ..Page::default()
    };
    context.show(&book.files, Made { page, left_out: Vec::new() })
}

fn row(line: &str) -> Row {
    let mut parts = line.trim_start_matches('\n').split('\u{1f}');
    let mut next = || parts.next().unwrap_or_default();
    let (commit, at, by, what) = (next(), next(), next(), next());
    Row::Data(vec![
        at.parse::<Moment>().map_or(Cell::Empty, Cell::Moment),
        Cell::text(by),
        Cell::text(what),
        Cell::text(commit.chars().take(12).collect::<String>()),
    ])
}
