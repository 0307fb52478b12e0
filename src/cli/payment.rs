//! What `desk payment` does beyond the shared verbs.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{
    Context, Done,
    common::{field_flags, given, id_arg, text, texts},
};
use crate::{
    book::Book,
    error::Result,
    ops::payment as acts,
    record::Kind,
    render::Language,
    report::{chase, statement},
    rules::gate::Gate,
};

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
                .help("Invoice, order or contract that it is for; without an amount, as much as is lacking"),
        )
        .after_help(
            "Examples:\n  desk payment add CX01 2000 --method transfer --match SO-2609-0004\n  \
             desk payment add SU01 5000 --method transfer --reference 2026092300018",
        );
    let matched = Command::new("match")
        .about(
            "Say what payments and credits are for; without --to, what is due first is paid first",
        )
        .arg(id_arg(KIND).num_args(1..).help("Payments, credits, or parties for all their money"))
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("ID")
                .help("Invoice, order or contract they are for"),
        )
        .arg(
            Arg::new("auto")
                .long("auto")
                .action(ArgAction::SetTrue)
                .conflicts_with_all(["to", "share"])
                .help("First due first over the party's open invoices, as without --to"),
        )
        .arg(
            Arg::new("as-paid")
                .long("as-paid")
                .action(ArgAction::SetTrue)
                .conflicts_with_all(["to", "share"])
                .help("Date each on the day its money and its invoice were both there, not today"),
        )
        .arg(
            Arg::new("share")
                .long("amount")
                .value_name("AMOUNT")
                .requires("to")
                .help("In the currency of what it is for; else as much as is lacking"),
        )
        .after_help(
            "Examples:\n  desk payment match PM-2609-0004 --to SO-2609-0004 --amount 484\n  \
             desk payment match PM-2608-0003\n  desk payment match CX18",
        );
    let write_off = Command::new("writeoff")
        .about("Write off what nobody will pay of an invoice; someone approves it")
        .arg(id_arg(Kind::Invoice))
        .arg(Arg::new("share").long("amount").value_name("AMOUNT").help("Else all that is open"))
        .arg(
            Arg::new("approved-by")
                .long("approved-by")
                .value_name("STAFF")
                .required(true)
                .help("Who approved it"),
        )
        .arg(Arg::new("reason").long("reason").value_name("TEXT").required(true).help("Why"))
        .after_help(
            "Example:\n  desk payment writeoff IN-2609-0001 --approved-by wang --reason '尾差'",
        );
    let unmatch = Command::new("unmatch")
        .about("Take allocations back: void until their month is over, later by a row that reverses them")
        .arg(id_arg(Kind::Allocation).num_args(1..))
        .arg(Arg::new("reason").long("reason").value_name("TEXT").required(true).help("Why"))
        .after_help("Example:\n  desk payment unmatch AL-2609-0004 --reason '客户改付其他订单'");
    vec![
        field_flags(KIND, add, &["amount"]),
        field_flags(Kind::Allocation, matched, MATCHED),
        unmatch,
        write_off,
        chase_command(),
        statement_command(),
    ]
}

fn chase_command() -> Command {
    Command::new("chase")
        .about("Whom to ask for money: what is overdue, by customer; or the letter to one")
        .arg(Arg::new("customer").value_name("CUSTOMER").help("Code, short name or part of a name"))
        .arg(Arg::new("for").long("for").value_name("STAFF").help("Of this owner only"))
        .arg(
            Arg::new("letter")
                .long("letter")
                .value_name("CUSTOMER")
                .conflicts_with_all(["customer", "for"])
                .help("The letter to this customer, in the language of --lang"),
        )
        .after_help(
            "Examples:\n  desk payment chase --for li-min\n  desk payment chase --letter CX05 --lang zh",
        )
}

fn statement_command() -> Command {
    Command::new("statement")
        .about("The account of a customer or supplier for a period, to be sent and agreed")
        .arg(Arg::new("party").value_name("PARTY").required(true).help("Customer or supplier"))
        .after_help("Example:\n  desk payment statement CX01 -p last-month")
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    match verb {
        "add" | "match" | "unmatch" | "writeoff" => Some(run_own(context, verb, matches)),
        "chase" | "statement" => Some(run_shown(context, verb, matches)),
        _ => None,
    }
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
            let (ids, fields) = (texts(matches, "id"), given(Kind::Allocation, matches));
            let Some(to) = text(matches, "to") else {
                let how = acts::Automatic { as_paid: matches.get_flag("as-paid") };
                return acts::first_due(book, actor, &ids, &fields, how);
            };
            acts::matched(book, actor, &ids, to, text(matches, "share"), &fields)
        }
        "writeoff" => {
            let word = |name: &str| text(matches, name).unwrap_or_default();
            let (id, amount) = (word("id"), text(matches, "share"));
            acts::written_off(book, actor, id, amount, word("approved-by"), word("reason"))
        }
        _ => {
            let reason = text(matches, "reason").unwrap_or_default();
            acts::unmatch(book, actor, &texts(matches, "id"), reason)
        }
    })
}

fn run_shown(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    let customer = |book: &Book, name: &str| {
        text(matches, name).map(|word| book.resolve(Kind::Customer, word)).transpose()
    };
    context.look(&context.desk()?, |book| {
        let as_of = context.as_of(book)?;
        let day = as_of.unwrap_or(book.today);
        Ok(match verb {
            "statement" => {
                let name = text(matches, "party").unwrap_or_default();
                let (kind, party) = book.resolve_party(name)?;
                statement::of_party(book, (kind, &party), context.period(book)?, as_of)
            }
            _ => match customer(book, "letter")? {
                Some(letter) => {
                    let is_chinese = context.ui.options.language == Language::Zh;
                    chase::letter(book, &letter, day, is_chinese)?
                }
                None => {
                    let named = text(matches, "for");
                    let staff = named.map(|word| book.resolve(Kind::Staff, word)).transpose()?;
                    chase::list(book, staff.as_deref(), customer(book, "customer")?.as_deref(), day)
                }
            },
        })
    })
}
