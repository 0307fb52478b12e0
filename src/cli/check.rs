//! `desk check`: everything that is wrong, at once, like a compiler.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Context, Done, errors, shown};
use crate::{
    book::Book,
    desk::Mode,
    error::{Error, Result},
    finding::{Finding, Fix, Level},
    page::{Cell, Column, Page, Row, Table},
    render::Format,
    report::Made,
    rules::{self, Rule, When},
    store::{atomic::FileWrite, csv, files::Files, journal},
    value::{place::At, text::closest},
};

pub(super) fn command() -> Command {
    Command::new("check")
        .about("Check every record: all faults at once, each with its place and what to do")
        .arg(Arg::new("path").value_name("PATH").num_args(0..).help("Only findings in these files or folders"))
        .arg(Arg::new("explain").long("explain").value_name("CODE").help("Explain a rule; \"all\" lists them"))
        .arg(Arg::new("fix").long("fix").action(ArgAction::SetTrue).help("Mend what is mechanical"))
        .arg(Arg::new("short").long("short").action(ArgAction::SetTrue).help("One line for each finding"))
        .after_help("Examples:\n  desk check\n  desk check orders/2026-09 --short\n  desk check -O json\n  desk check --explain order.closure\n  desk check --fix")
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    if let Some(code) = matches.get_one::<String>("explain") {
        return explain(context, code);
    }
    let desk = context.desk()?;
    if matches.get_flag("fix") {
        let mode = if context.globals.dry_run { Mode::DryRun } else { Mode::Write };
        let mends = |book: &Book| Ok(mended(&book.files, &rules::check(book)));
        context.operate(&desk, mode, || desk.mend(mode, mends))?;
    }
    let looked = desk.read(|book| {
        let findings = rules::check(book);
        let mendable = mended(&book.files, &findings).len();
        Ok((book.files.clone(), records(book), findings, mendable))
    });
    let (files, records, mut findings, mendable) = looked?;
    if let Some(entry) = journal::seen(&desk.root)?.unfinished {
        let said = entry.said.first().unwrap_or(&entry.command);
        context.ui.note(&format!(
            "operation {} by {} was cut short and counts; the next command that writes finishes it: \
             {said}",
            entry.no, entry.by
        ));
    }
    let paths: Vec<&String> = matches.get_many("path").into_iter().flatten().collect();
    if let Some(unknown) = paths.iter().find(|path| !desk.root.join(path.as_str()).exists()) {
        return Err(Error::usage(format!("there is no {unknown} in the data directory")));
    }
    if !paths.is_empty() {
        let below = |finding: &Finding| {
            paths.iter().any(|path| finding.place.file.starts_with(path.trim_end_matches('/')))
        };
        findings.retain(below);
    }
    let mut located = shown::located(&files, &findings);
    located.sort_by_cached_key(|shown| {
        let spot = shown.spots.first();
        let at = spot.and_then(|spot| spot.line).zip(spot.and_then(|spot| spot.column));
        (shown.finding.place.file.clone(), at)
    });
    if matches!(context.format()?, Format::Json | Format::Jsonl) {
        context.ui.findings_json(&located)?;
    } else {
        context.ui.findings(&located, matches.get_flag("short"))?;
        context.ui.line(&summary(records, &findings))?;
        if mendable > 0 {
            let files = counted(mendable, "file");
            context.ui.line(&format!("Next: desk check --fix   (mends {files})"))?;
        }
    }
    Ok(if errors(&findings) > 0 { Done::LeftOut } else { Done::Well })
}

fn records(book: &Book) -> usize {
    crate::record::KINDS.iter().map(|&kind| book.entries(kind).len()).sum()
}

fn summary(records: usize, findings: &[Finding]) -> String {
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    format!(
        "{records} records checked: {}, {}",
        counted(count(Level::Error), "error"),
        counted(count(Level::Warning), "warning")
    )
}

fn counted(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}

/// The files with every mechanical mend made, back to front so that places stay true.
fn mended(files: &Files, findings: &[Finding]) -> Vec<FileWrite> {
    let mut by_file: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.fix.is_some()) {
        by_file.entry(&finding.place.file).or_default().push(finding);
    }
    let mut writes = Vec::new();
    for (path, mut fixes) in by_file {
        let Ok(Some(before)) = files.read(path) else { continue };
        let span = |finding: &Finding| match &finding.place.at {
            At::Span(span) => Some(span.clone()),
            At::Cell { row, column } => csv::locate(&before, *row, column),
            _ => None,
        };
        let start = |finding: &&Finding| span(finding).map_or(0, |span| span.start);
        fixes.sort_by_key(|finding| std::cmp::Reverse(start(finding)));
        let mut after = before.clone();
        for finding in &fixes {
            if let (Some(Fix::Replace(text)), Some(span)) = (&finding.fix, span(finding))
                && span.end <= after.len()
            {
                after.splice(span, text.bytes());
            }
        }
        if fixes.iter().any(|finding| finding.fix == Some(Fix::PlainText)) {
            after = plain(&after);
        }
        if after != before {
            writes.push(FileWrite {
                path: path.to_owned(),
                before: Some(before),
                after: Some(after),
            });
        }
    }
    writes
}

/// Without byte order mark, with LF and a final newline.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut plain = Vec::with_capacity(bytes.len());
    for (at, &byte) in bytes.iter().enumerate() {
        if !(byte == b'\r' && bytes.get(at + 1) == Some(&b'\n')) {
            plain.push(byte);
        }
    }
    if plain.last().is_some_and(|last| *last != b'\n') {
        plain.push(b'\n');
    }
    plain
}

fn explain(context: &Context, code: &str) -> Result<Done> {
    if code == "all" {
        let row = |rule: &Rule| {
            Row::Data(vec![
                Cell::text(rule.code),
                Cell::text(rule.level.name()),
                Cell::text(when(rule)),
                Cell::text(rule.about),
            ])
        };
        let table = Table {
            key: "rules".into(),
            columns: ["code", "level", "when", "about"].map(Column::words).to_vec(),
            rows: rules::rules().map(row).collect(),
            empty: String::new(),
        };
        let page = Page {
            key: "rules".into(),
            title: "Rules".into(),
            tables: vec![table],
            ..Page::default()
        };
        return context
            .show(&Files::memory(Default::default()), Made { page, left_out: Vec::new() });
    }
    let rule = rules::rule(code).ok_or_else(|| {
        let error = Error::usage(format!("there is no rule \"{code}\""));
        match closest(code, rules::rules().map(|rule| rule.code)) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint("desk check --explain all"),
        }
    })?;
    context.ui.line(&format!("{} ({}, {})", rule.code, rule.level.name(), when(rule)))?;
    context.ui.line(rule.about)?;
    Ok(Done::Well)
}

fn when(rule: &Rule) -> String {
    match rule.when {
        When::Always => "always".into(),
        When::Step(step) => format!("at {step}"),
    }
}
