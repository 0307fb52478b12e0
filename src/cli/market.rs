//! What `desk market` does beyond the shared verbs.

use clap::{Arg, ArgMatches, Command};

use super::{Context, Done, common::field_flags};
use crate::{error::Result, record::Kind, report::market};

/// `desk market add`, and `desk market brief`.
pub(super) fn commands() -> Vec<Command> {
    let add = Command::new("add")
        .about("Take down what was heard: where it is from has to be said")
        .arg(Arg::new("subject").value_name("NOTE").help("What was heard"))
        .after_help(
            "Example:\n  desk market add '额温计终端价降到 118' --source 经销商来电 --topic price --price 118",
        );
    let brief = Command::new("brief")
        .about("What was heard on a day, by topic; today, or the days of -p")
        .after_help("Examples:\n  desk market brief\n  desk market brief -p yesterday -O md");
    vec![field_flags(Kind::Market, add, &[]), brief]
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, _: &ArgMatches) -> Option<Result<Done>> {
    (verb == "brief").then(|| {
        context.look(&context.desk()?, |book| {
            let as_of = context.as_of(book)?.unwrap_or(book.today);
            market::brief(book, context.period(book)?, as_of)
        })
    })
}
