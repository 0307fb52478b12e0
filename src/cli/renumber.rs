//! `desk renumber`: another id for a document or a row, with every reference to it.

use clap::{Arg, ArgMatches, Command, value_parser};

use super::{Context, Done, common};
use crate::{
    error::Result,
    ops::renumber::{Request, renumber},
    rules::gate::Gate,
    store::git::Repository,
};

pub(super) fn command() -> Command {
    Command::new("renumber")
        .about("Give a document or a row another id, with every reference to it; mends an id given twice")
        .arg(Arg::new("old").value_name("OLD").required(true).help("Its id, or any unique ending of it"))
        .arg(Arg::new("new").value_name("NEW").help("Its new id; else the next of its month"))
        .arg(
            Arg::new("row")
                .long("row")
                .value_name("LINE")
                .value_parser(value_parser!(usize))
                .help("Line of the register, where two rows have the id; else the one typed later"),
        )
        .arg(
            Arg::new("with")
                .long("with")
                .value_name("ID,…")
                .value_delimiter(',')
                .help("Records that mean this one, where two had the id"),
        )
        .after_help(
            "Of a document that git left in conflict, ours keeps the id and theirs gets another.\n\
             References that came with the renumbered record from its own side of the merge follow it; what\n\
             cannot be told stays, and is named.\n\n\
             Examples:\n  desk renumber SO-2609-0001 -n\n  desk renumber TK-2609-0003 TK-2609-0099",
        )
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    // Without git there is no history to tell two records apart by.
    let repository = Repository::of(&desk.root).ok().flatten();
    let with = common::texts(matches, "with");
    let request = Request {
        old: common::text(matches, "old").unwrap_or_default(),
        new: common::text(matches, "new"),
        row: matches.get_one("row").copied(),
        with: &with,
    };
    // No act is done again: what was passed at its time stays passed under the new id.
    context.write(&desk, Gate::History, |book, actor| {
        renumber(book, actor, request, repository.as_ref())
    })
}
