//! `desk report NAME`.

use clap::{Arg, ArgMatches, Command};

use super::{Context, Done, common};
use crate::{
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    report::{self, Made, Params, REPORTS, Report},
};

pub(super) fn command() -> Command {
    Command::new("report")
        .about("Sales, backlog, contracts: by any grouping, for any period, in any format")
        .arg_required_else_help(true)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .defer(|command| {
            let list = Command::new("list")
                .about("List the reports")
                .after_help("Example:\n  desk report list");
            REPORTS.iter().map(of).fold(command, Command::subcommand).subcommand(list)
        })
}

fn of(report: &Report) -> Command {
    let mut command =
        Command::new(report.name).about(report.about).arg(common::filter_arg()).after_help(
            format!("Example:\n  {}\n\nFilters: {}", report.example, report.filters.join(", ")),
        );
    let choice = |flag: &'static str, words: &[&'static str], help: &'static str| {
        Arg::new(flag).long(flag).value_name(words.join("|")).help(help)
    };
    if !report.by.is_empty() {
        let by = Arg::new("by").long("by").value_name("FIELD,FIELD").value_delimiter(',');
        command = command.arg(by.help(format!("Group by: {}", report.by.join(", "))));
    }
    if !report.basis.is_empty() {
        command = command.arg(choice("basis", report.basis, "What counts"));
    }
    if !report.compare.is_empty() {
        command = command.arg(choice("compare", report.compare, "Compare with an earlier period"));
    }
    command
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(Done::Well) };
    if name == "list" {
        return list(context);
    }
    let report = report::find(name)?;
    let text = |flag: &str| matches.try_get_one::<String>(flag).ok().flatten().cloned();
    let by = matches.try_get_many::<String>("by").ok().flatten();
    let by: Vec<String> = by.into_iter().flatten().cloned().collect();
    context.look(&context.desk()?, |book| {
        let params = Params {
            period: context.period(book)?,
            as_of: context.as_of(book)?,
            by: by.clone(),
            basis: text("basis"),
            compare: text("compare"),
            include_void: context.globals.include_void,
            filter: common::texts(matches, "filter"),
        };
        report::run(book, report, &params)
    })
}

fn list(context: &Context) -> Result<Done> {
    let row = |report: &Report| Row::Data(vec![Cell::text(report.name), Cell::text(report.about)]);
    let table = Table {
        key: "reports".into(),
        columns: ["name", "about"].map(Column::words).to_vec(),
        rows: REPORTS.iter().map(row).collect(),
        empty: String::new(),
    };
    let page = Page {
        key: "report-list".into(),
        title: "Reports".into(),
        tables: vec![table],
        ..Page::default()
    };
    context.show(
        &crate::store::files::Files::memory(Default::default()),
        Made { page, left_out: Vec::new() },
    )
}
