//! What `desk task` does beyond the shared verbs.

use clap::{Arg, ArgMatches, Command};

use super::{
    Context, Done,
    common::{id_arg, text, texts},
};
use crate::{error::Result, ops::task as acts, record::Kind, rules::gate::Gate};

/// `desk task done`.
pub(super) fn command() -> Command {
    Command::new("done")
        .about("Mark tasks as done; one that comes again is followed by its next")
        .arg(id_arg(Kind::Task).num_args(1..))
        .arg(Arg::new("result").long("result").value_name("TEXT").help("What came of it"))
        .arg(Arg::new("on").long("on").value_name("DATE").help("Day it was done; else today"))
        .after_help("Example:\n  desk task done TK-2609-0002 --result '下周确认交期'")
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    (verb == "done").then(|| run_done(context, matches))
}

fn run_done(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| {
        let (result, on) = (text(matches, "result"), text(matches, "on"));
        acts::done(book, actor, &texts(matches, "id"), result, on)
    })
}
