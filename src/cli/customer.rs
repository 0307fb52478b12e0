//! What `desk customer` does beyond the shared verbs.

use clap::{ArgMatches, Command};

use super::{
    Context, Done,
    common::{id, id_arg},
};
use crate::{error::Result, record::Kind, report::ledger};

const KIND: Kind = Kind::Customer;

/// `desk customer ledger`: the account of one customer.
pub(super) fn command() -> Command {
    Command::new("ledger")
        .about("The account of a customer, row by row, with the balance after each")
        .arg(id_arg(KIND))
        .after_help(
            "Examples:\n  desk customer ledger CX01 -p 2026-Q3\n  desk customer ledger CX01 -O csv",
        )
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    (verb == "ledger").then(|| run_ledger(context, matches))
}

fn run_ledger(context: &Context, matches: &ArgMatches) -> Result<Done> {
    context.look(&context.desk()?, |book| {
        let code = book.resolve(KIND, id(matches))?;
        let as_of = context.as_of(book)?.unwrap_or(book.today);
        Ok(ledger::of_party(book, (KIND, &code), context.period(book)?, as_of))
    })
}
