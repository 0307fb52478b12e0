//! What `desk order` does beyond the shared verbs.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{
    Context, Done,
    allowing::{allowed, allowing},
    common::{field_flags, given, id, id_arg, text, texts},
};
use crate::{error::Result, ops::order as acts, record::Kind, rules::gate::Gate};

const KIND: Kind = Kind::Order;

/// Fields that other verbs write.
const ELSEWHERE: &[&str] = &["line", "hold", "closure", "override"];

/// The verbs of `desk order`, the shared `add` replaced by its own.
pub(super) fn commands() -> Vec<Command> {
    let add = Command::new("add")
        .about("Take an order: each line in one flag, the rest from customer, contract and products")
        .arg(Arg::new("subject").value_name("CUSTOMER").help("Code, short name or unique part of a name"))
        .arg(line_arg("A line: \"A100 x 20 @ 128\", \"C1 x 2 sample\", \"C10 x 5 box -5% contract_line=1\""))
        .after_help(
            "Examples:\n  desk order add CX01 --line \"A100 x 20 @ 128\" --line \"C1 x 2 sample\" --promised-on 2026-09-30\n  \
             desk order add 晨星 --line \"A100 x 20\" --quote true",
        );
    let review = Command::new("review")
        .about("Approve or reject orders: price, floor, customer; never by who entered them")
        .arg(id_arg(KIND).num_args(1..))
        .arg(Arg::new("reject").long("reject").action(ArgAction::SetTrue).help("Reject; needs --comment"))
        .arg(Arg::new("comment").long("comment").value_name("TEXT").help("Reason, kept with the decision"))
        .arg(
            Arg::new("override")
                .long("override")
                .value_name("RULE")
                .action(ArgAction::Append)
                .help("Let a rule pass, such as review.floor; needs --comment and --until"),
        )
        .arg(Arg::new("until").long("until").value_name("DATE").help("Last day the override holds"))
        .after_help("Examples:\n  DESK_USER=wang desk order review SO-2609-0012\n  DESK_USER=wang desk order review SO-2609-0012 --reject --comment '价格有误'");
    let revise = Command::new("revise")
        .about("Change an order after it was taken, with a reason; it is reviewed again")
        .arg(id_arg(KIND))
        .arg(line_arg("\"2 qty=15 price=120\" changes line 2; \"A100 x 5\" adds a line"))
        .arg(reason())
        .after_help(
            "Example:\n  desk order revise SO-2609-0012 --line \"1 qty=1500\" --reason '客户减量'",
        );
    vec![
        field_flags(KIND, add, ELSEWHERE),
        review,
        act("hold", "Put an order on hold", "SO-2609-0003 --reason '等待客户确认'").arg(reason()),
        allowing(
            act(
                "release",
                "Release an order from its hold; what is owed is judged again",
                "SO-2609-0010",
            ),
            "review.credit",
        ),
        act(
            "close",
            "Close lines short: what is left will not be delivered",
            "SO-2609-0012 --line 2 --reason '停产'",
        )
        .arg(line_arg(
            "A line: 2 for all that is left of it, \"2 x 5\" for a part; none for all lines",
        ))
        .arg(reason()),
        field_flags(KIND, revise, ELSEWHERE),
    ]
}

fn act(verb: &'static str, about: &'static str, example: &str) -> Command {
    let example = format!("Example:\n  desk order {verb} {example}");
    Command::new(verb).about(about).arg(id_arg(KIND)).after_help(example)
}

fn line_arg(help: &'static str) -> Arg {
    Arg::new("line").long("line").value_name("LINE").action(ArgAction::Append).help(help)
}

fn reason() -> Arg {
    Arg::new("reason").long("reason").value_name("TEXT").required(true).help("Why")
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    let known = ["add", "review", "hold", "release", "close", "revise"];
    known.contains(&verb).then(|| run_own(context, verb, matches))
}

fn run_own(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| {
        let reason = || text(matches, "reason").unwrap_or_default();
        let lines = || texts(matches, "line");
        match verb {
            "add" => {
                acts::add(book, actor, text(matches, "subject"), &lines(), &given(KIND, matches))
            }
            "review" => {
                let review = acts::Review {
                    reject: matches.get_flag("reject"),
                    comment: text(matches, "comment").map(str::to_owned),
                    overrides: texts(matches, "override"),
                    until: text(matches, "until").map(str::to_owned),
                };
                acts::review(book, actor, &texts(matches, "id"), &review)
            }
            "hold" => acts::hold(book, actor, id(matches), reason()),
            "release" => acts::release(book, actor, id(matches), &allowed(matches)),
            "close" => acts::close(book, actor, id(matches), &lines(), reason()),
            _ => acts::revise(book, actor, id(matches), &lines(), &given(KIND, matches), reason()),
        }
    })
}
