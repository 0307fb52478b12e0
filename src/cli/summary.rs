//! What `desk summary` does beyond the shared verbs.

use clap::{Arg, ArgMatches, Command};

use super::{
    Context, Done,
    common::{field_flags, given, text},
};
use crate::{error::Result, ops::summary as acts, record::Kind, report::weekly, rules::gate::Gate};

const KIND: Kind = Kind::Summary;

/// The verbs of `desk summary`, the shared `add` replaced by its own.
pub(super) fn commands() -> Vec<Command> {
    let add = Command::new("add")
        .about("Hand in what you say of a week: this one, unless another is named")
        .arg(Arg::new("subject").value_name("WEEK").help("this-week, last-week or 2026-W38"))
        .after_help(
            "Example:\n  desk summary add this-week --done '拜访三家, 签一单' --next '跟进投标' --problems '缺样品'",
        );
    let due = Command::new("due")
        .about("Who has not handed in the summary of a week: those of -p, else all that are due")
        .after_help("Examples:\n  desk summary due\n  desk summary due -p 2026-W38");
    vec![field_flags(KIND, add, &[]), due]
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    match verb {
        "add" => Some(run_add(context, matches)),
        "due" => Some(run_due(context)),
        _ => None,
    }
}

fn run_add(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| {
        acts::handed_in(book, actor, text(matches, "subject"), &given(KIND, matches))
    })
}

fn run_due(context: &Context) -> Result<Done> {
    context.look(&context.desk()?, |book| {
        let as_of = context.as_of(book)?.unwrap_or(book.today);
        let weeks = context.globals.period.as_deref();
        let week = weeks.map(|text| acts::week(book, Some(text))).transpose()?;
        Ok(weekly::due(book, week, as_of))
    })
}
