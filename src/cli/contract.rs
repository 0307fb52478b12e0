//! What `desk contract` does beyond the shared verbs.

use clap::{Arg, ArgMatches, Command};

use super::{
    Context, Done,
    common::{field_flags, given, id, id_arg, text, texts},
};
use crate::{
    error::{Error, Result},
    ops::contract as acts,
    record::{Doc, Kind, contract::Contract},
    report::contracts,
    rules::gate::Gate,
};

const KIND: Kind = Kind::Contract;

/// Fields that an amendment does not change, or that other verbs write.
const ELSEWHERE: &[&str] = &["side", "currency", "signed_on", "signatory", "amendment", "override"];

/// The verbs of `desk contract` beyond the shared ones.
pub(super) fn commands() -> Vec<Command> {
    let sign = Command::new("sign")
        .about("Take down that a contract was signed, when and by whom")
        .arg(id_arg(KIND))
        .arg(Arg::new("on").long("on").value_name("DATE").help("Day it was signed; else today"))
        .arg(
            Arg::new("signatory")
                .long("signatory")
                .value_name("NAME")
                .help("Who signed for the party"),
        )
        .after_help("Example:\n  desk contract sign CT-2609-0004 --on 2026-09-18 --signatory 林晓");
    let amend = Command::new("amend")
        .about("Change a signed contract, with a reason; what was there before is kept with it")
        .arg(id_arg(KIND))
        .arg(
            Arg::new("pairs")
                .value_name("KEY=VALUE")
                .num_args(0..)
                .help("A field by its path: line.1.qty=120, instalment.2.due_on=2026-12-01"),
        )
        .arg(Arg::new("reason").long("reason").value_name("TEXT").required(true).help("Why"))
        .after_help(
            "Examples:\n  desk contract amend CT-2609-0004 line.1.qty=120 --reason '客户增购'\n  \
             desk contract amend CT-2609-0004 --line \"C1 x 20 @ 10\" --valid-to 2027-03-31 --reason '补充协议一'",
        );
    let fulfil = Command::new("fulfil")
        .about("The fulfilment list: contracted, ordered, shipped, invoiced, collected, due and late")
        .arg(id_arg(KIND).required(false).num_args(0..))
        .after_help(
            "Examples:\n  desk contract fulfil CT-2609-0004\n  desk contract fulfil --as-of 2026-09-30 --table lines -O csv",
        );
    let feedback = Command::new("feedback")
        .about("A letter to the party on where their contract stands")
        .arg(id_arg(KIND))
        .after_help("Example:\n  desk contract feedback CT-2609-0004 --lang zh -o 履行情况.md");
    vec![sign, field_flags(KIND, amend, ELSEWHERE), fulfil, feedback]
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    Some(match verb {
        "sign" | "amend" => write(context, verb, matches),
        "fulfil" => fulfil(context, matches),
        "feedback" => feedback(context, matches),
        _ => return None,
    })
}

fn write(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    if verb == "sign" {
        return context.write(&desk, Gate::Acts, |book, actor| {
            acts::sign(book, actor, id(matches), text(matches, "on"), text(matches, "signatory"))
        });
    }
    let mut all = given(KIND, matches);
    for pair in texts(matches, "pairs") {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            Error::usage(format!("\"{pair}\" is not KEY=VALUE")).hint("line.1.qty=120")
        })?;
        all.push((key.to_owned(), value.to_owned()));
    }
    context.write(&desk, Gate::Acts, |book, actor| {
        acts::amend(book, actor, id(matches), &all, text(matches, "reason").unwrap_or_default())
    })
}

fn fulfil(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let ids = texts(matches, "id");
    context.look(&context.desk()?, |book| {
        let as_of = context.as_of(book)?;
        if ids.is_empty() {
            return contracts::fulfilment(book, None, as_of);
        }
        let mut asked: Vec<&Doc<Contract>> = Vec::new();
        for id in &ids {
            let found = Doc::of(book.resolved(KIND, id)?)
                .ok_or_else(|| Error::usage(format!("no contract \"{id}\"")))?;
            crate::ops::record::writable(found)?;
            if !asked.iter().any(|other| other.id() == found.id()) {
                asked.push(found);
            }
        }
        contracts::fulfilment(book, Some(asked), as_of)
    })
}

fn feedback(context: &Context, matches: &ArgMatches) -> Result<Done> {
    context.look(&context.desk()?, |book| {
        let contract = Doc::of(book.resolved(KIND, id(matches))?)
            .ok_or_else(|| Error::usage(format!("no contract \"{}\"", id(matches))))?;
        crate::ops::record::writable(contract)?;
        contracts::letter(book, contract, context.as_of(book)?)
    })
}
