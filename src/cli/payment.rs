//! What `desk payment` does beyond the shared verbs.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{
    Context, Done,
    common::{field_flags, given, id_arg, text, texts},
};
use crate::{error::Result, ops::payment as acts, record::Kind, rules::gate::Gate};

const KIND: Kind = Kind::Payment;

/// Fields of an allocation that `match` works out itself.
const MATCHED: &[&str] = &["source", "target", "amount", "reverses"];

/// The verbs of `desk payment`, the shared `add` replaced by its own.
pub(super) fn commands() -> Vec<Command> {
    let add = Command::new("add")
        .about("Take down a payment, and what it is for")
        .arg(Arg::new("subject").value_name("PARTY").help("Customer, supplier or member of staff"))
        .arg(
            Arg::new("paid")
                .value_name("AMOUNT")
                .allow_negative_numbers(true)
                .help("In the party's currency, unless --currency says another"),
        )
        .arg(
            Arg::new("match")
                .long("match")
                .value_name("ID[=AMOUNT]")
                .action(ArgAction::Append)
                .help("Order or contract that it is for; without an amount, as much as is lacking"),
        )
        .after_help(
            "Examples:\n  desk payment add CX01 2000 --method transfer --match SO-2609-0004\n  \
             desk payment add SU01 5000 --method transfer --reference 2026092300018",
        );
    let matched = Command::new("match")
        .about("Say which order or contract payments are for")
        .arg(id_arg(KIND).num_args(1..))
        .arg(Arg::new("to").long("to").value_name("ID").required(true).help("What they are for"))
        .arg(
            Arg::new("share")
                .long("amount")
                .value_name("AMOUNT")
                .help("In the currency of what it is for; else as much as is lacking"),
        )
        .after_help("Example:\n  desk payment match PM-2609-0004 --to SO-2609-0004 --amount 484");
    let unmatch = Command::new("unmatch")
        .about("Take allocations back: void until their month is over, later by a row that reverses them")
        .arg(id_arg(Kind::Allocation).num_args(1..))
        .arg(Arg::new("reason").long("reason").value_name("TEXT").required(true).help("Why"))
        .after_help("Example:\n  desk payment unmatch AL-2609-0001 --reason '客户改付其他订单'");
    vec![
        field_flags(KIND, add, &["amount"]),
        field_flags(Kind::Allocation, matched, MATCHED),
        unmatch,
    ]
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    ["add", "match", "unmatch"].contains(&verb).then(|| run_own(context, verb, matches))
}

fn run_own(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| match verb {
        "add" => {
            let (party, amount) = (text(matches, "subject"), text(matches, "paid"));
            acts::taken_down(
                book,
                actor,
                party,
                amount,
                &texts(matches, "match"),
                &given(KIND, matches),
            )
        }
        "match" => {
            let (ids, to) = (texts(matches, "id"), text(matches, "to").unwrap_or_default());
            let fields = given(Kind::Allocation, matches);
            acts::matched(book, actor, &ids, to, text(matches, "share"), &fields)
        }
        _ => {
            let reason = text(matches, "reason").unwrap_or_default();
            acts::unmatch(book, actor, &texts(matches, "id"), reason)
        }
    })
}
