//! What `desk plan` does beyond the shared verbs.

use clap::{Arg, ArgMatches, Command};

use super::{
    Context, Done,
    common::{field_flags, given, text},
};
use crate::{error::Result, ops::plan as acts, record::Kind, rules::gate::Gate};

const KIND: Kind = Kind::Plan;

/// `desk plan set`: a figure of a month, in place of the shared verb.
pub(super) fn command() -> Command {
    let arg = |id: &'static str, name: &'static str, help: &'static str| {
        Arg::new(id).value_name(name).required(true).help(help)
    };
    let set = Command::new("set")
        .about("Plan a figure of a month; of equal keys the last row counts")
        .arg(arg("subject", "MEASURE", "sales, collection, expense, contacts or new_customers"))
        .arg(arg("month", "MONTH", "2026-10, this-month"))
        .arg(arg("figure", "AMOUNT", "In base currency, or a count").allow_negative_numbers(true))
        .after_help(
            "Examples:\n  desk plan set sales 2026-10 120000 --district east\n  \
             desk plan set contacts 2026-10 40 --staff li-min",
        );
    field_flags(KIND, set, &["date", "amount"])
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    (verb == "set").then(|| run_set(context, matches))
}

fn run_set(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let word = |name: &str| text(matches, name).unwrap_or_default();
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| {
        let (measure, month, amount) = (word("subject"), word("month"), word("figure"));
        acts::set(book, actor, measure, month, amount, &given(KIND, matches))
    })
}
