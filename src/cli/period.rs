//! `desk period`: months closed, and which are.

use clap::{Arg, ArgMatches, Command};

use super::{Context, Done, common::text};
use crate::{
    error::Result,
    ops::period,
    report::{Made, period as pages},
    rules::gate::Gate,
};

pub(super) fn command() -> Command {
    let close = Command::new("close")
        .about("Close a month: its invoices, goods and money can then be corrected only by new records")
        .arg(Arg::new("month").value_name("MONTH").required(true).help("2026-08, last-month"))
        .after_help("Example:\n  desk period close 2026-01");
    let list = Command::new("list")
        .visible_alias("ls")
        .about("List the months, and which are closed")
        .after_help("Example:\n  desk period list");
    Command::new("period")
        .about("Close months, and list which are closed")
        .arg_required_else_help(true)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand(close)
        .subcommand(list)
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    match matches.subcommand() {
        Some(("close", matches)) => {
            let month = text(matches, "month").unwrap_or_default();
            context.write(&desk, Gate::Acts, |book, actor| period::close(book, actor, month))
        }
        _ => context.look(&desk, |book| {
            let page = pages::months(book);
            Ok(Made { page, left_out: Vec::new() })
        }),
    }
}
