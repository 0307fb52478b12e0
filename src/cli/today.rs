//! `desk today`.

use clap::{Arg, ArgMatches, Command};

use super::{Context, Done, common::text};
use crate::{
    error::Result,
    report::today::{Params, today},
};

pub(super) fn command() -> Command {
    Command::new("today")
        .about("What is to be done, most urgent first, each with its command")
        .arg(Arg::new("for").long("for").value_name("STAFF").help("Only what is theirs"))
        .after_help(
            "Examples:\n  desk today\n  desk today --for li-min\n  desk today -p this-week\n\n\
             With -p, what is due by the last day of the period counts, too.",
        )
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    context.look(&context.desk()?, |book| {
        let staff = text(matches, "for").map(str::to_owned);
        let params = Params { as_of: context.as_of(book)?, period: context.period(book)?, staff };
        today(book, &params)
    })
}
