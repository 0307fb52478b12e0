//! What `desk expense` does beyond the shared verbs.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{
    Context, Done,
    common::{field_flags, filter_arg, given, id, id_arg, text, texts},
};
use crate::{
    book::Book,
    error::Result,
    ops::expense::{self as acts, Decided, Verdict},
    record::{Doc, Kind, expense::Expense},
    report::{self, Params, expense_check},
    rules::gate::Gate,
};

const KIND: Kind = Kind::Expense;

/// Fields that come after the application.
const LATER: &[&str] = &["applied", "claim", "day", "filed_on", "evaluation"];

/// Fields of a payment that paying an expense works out itself.
const OF_PAYMENT: &[&str] =
    &["amount", "direction", "reverses", "contract", "policy", "currency", "exchange_rate"];

/// The verbs of `desk expense`; `apply` takes the place of the shared `add`.
pub(super) fn commands() -> Vec<Command> {
    let apply = Command::new("apply")
        .visible_alias("add")
        .about("Apply for an expense before it begins, each line in one flag")
        .arg(Arg::new("subject").value_name("CLAIMANT").help("Member of staff; else you"))
        .arg(line_arg("A line: \"transport 600\", \"lodging 900 text=2 nights\""))
        .after_help(
            "Examples:\n  desk expense apply --kind travel --purpose '拜访杭州客户' --customer CX05 --starts-on 2026-10-12 \
             --ends-on 2026-10-13 --line \"transport 400\" --line \"lodging 400\" --advance-requested 600\n  \
             desk expense apply zhao-lei --kind meal --purpose '续约洽谈' --customer CX01 --starts-on today --line \"meal 500\"",
        );
    let claim = Command::new("claim")
        .about("Claim what was spent: each receipt in one flag, and the days of a journey")
        .arg(id_arg(KIND))
        .arg(line_arg(
            "A receipt: \"transport 553 on=2026-09-08 receipt_no=E1201\"; nothing spent: \"other 0\"",
        ))
        .arg(
            Arg::new("all-days")
                .long("all-days")
                .value_name("CITY_LEVEL")
                .help("Allowances for every day of the journey, at this level of city"),
        )
        .after_help(
            "Examples:\n  desk expense claim EX-2609-0001 --line \"material 2940 on=2026-09-09 receipt_no=M1201\" --line \"venue 2000 receipt_no=V88\"\n  \
             desk expense claim EX-2609-0002 --line \"transport 60 on=2026-09-16 receipt_no=T31\"",
        );
    let of_claim: Vec<&str> =
        KIND.fields().iter().map(|own| own.key.as_str()).filter(|key| *key != "day").collect();
    vec![
        field_flags(KIND, apply, LATER),
        decision("review", "Review applications and claims: a first look, never by the claimant"),
        decision("approve", "Approve what was reviewed; never by the claimant or the reviewer"),
        decision("reject", "Refuse an application or a claim, with a reason"),
        field_flags(KIND, claim, &of_claim),
        show(
            "check",
            "Hold a claim against what was approved, line by line, before it is reviewed",
        ),
        field_flags(Kind::Payment, pay(), OF_PAYMENT),
        file(),
        account(),
    ]
}

fn line_arg(help: &'static str) -> Arg {
    Arg::new("line").long("line").value_name("LINE").action(ArgAction::Append).help(help)
}

fn show(verb: &'static str, about: &'static str) -> Command {
    Command::new(verb)
        .about(about)
        .arg(id_arg(KIND))
        .after_help(format!("Example:\n  desk expense {verb} EX-2609-0002"))
}

fn decision(verb: &'static str, about: &'static str) -> Command {
    let is_no = verb == "reject";
    let comment = Arg::new("comment").long("comment").value_name("TEXT").required(is_no);
    let command = Command::new(verb)
        .about(about)
        .arg(id_arg(KIND).num_args(1..))
        .arg(comment.help("Reason, kept with the decision"));
    let (by, example) = match verb {
        "review" => ("chen-yan", "EX-2609-0005"),
        "approve" => ("huang", "EX-2609-0006"),
        _ => ("chen-yan", "EX-2609-0005 --comment '请先说明份数'"),
    };
    let command =
        command.after_help(format!("Example:\n  DESK_USER={by} desk expense {verb} {example}"));
    match is_no {
        true => command,
        false => command.arg(
            Arg::new("cut")
                .long("cut")
                .value_name("LINE=AMOUNT")
                .action(ArgAction::Append)
                .help("Less of a line: 2=800 grants or accepts 800 of line 2"),
        ),
    }
}

fn pay() -> Command {
    Command::new("pay")
        .about("Pay an advance or what was accepted, or take back what was advanced too much")
        .arg(id_arg(KIND))
        .arg(Arg::new("paid").value_name("AMOUNT").help("Else all that is left"))
        .after_help("Example:\n  DESK_USER=zhou desk expense pay EX-2609-0003 --method transfer")
}

fn file() -> Command {
    Command::new("file")
        .about("Put the papers of settled expenses away; of a promotion with what came of it")
        .arg(id_arg(KIND).num_args(1..))
        .arg(Arg::new("evaluation").long("evaluation").value_name("TEXT").help("What came of it"))
        .after_help("Example:\n  desk expense file EX-2608-0002")
}

fn account() -> Command {
    Command::new("account")
        .about("Expenses by person, district, customer or category, against budget and sales")
        .arg(filter_arg())
        .arg(
            Arg::new("by")
                .long("by")
                .value_name("FIELD,FIELD")
                .value_delimiter(',')
                .help("Group by these, as report expenses does"),
        )
        .after_help(
            "Examples:\n  desk expense account -p 2026-09\n  desk expense account staff:li-min --by category",
        )
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    match verb {
        "apply" | "review" | "approve" | "reject" | "claim" | "pay" | "file" => {
            Some(run_own(context, verb, matches))
        }
        "check" => Some(run_check(context, matches)),
        "account" => Some(run_account(context, matches)),
        _ => None,
    }
}

fn run_own(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| {
        let lines = || texts(matches, "line");
        let decide = |verdict| {
            let cut = match verdict {
                Verdict::Reject => Vec::new(),
                Verdict::Review | Verdict::Approve => texts(matches, "cut"),
            };
            let comment = text(matches, "comment").map(str::to_owned);
            acts::decide(book, actor, &texts(matches, "id"), &Decided { verdict, comment, cut })
        };
        match verb {
            "apply" => {
                acts::apply(book, actor, text(matches, "subject"), &lines(), &given(KIND, matches))
            }
            "review" => decide(Verdict::Review),
            "approve" => decide(Verdict::Approve),
            "reject" => decide(Verdict::Reject),
            "claim" => {
                let all_days = text(matches, "all-days");
                acts::claim(book, actor, id(matches), &lines(), all_days, &given(KIND, matches))
            }
            "pay" => {
                let (amount, given) = (text(matches, "paid"), given(Kind::Payment, matches));
                acts::pay(book, actor, id(matches), amount, &given)
            }
            _ => acts::file(book, &texts(matches, "id"), text(matches, "evaluation")),
        }
    })
}

fn run_check(context: &Context, matches: &ArgMatches) -> Result<Done> {
    context.look(&context.desk()?, |book: &Book| {
        let entry = book.resolved(KIND, id(matches))?;
        let own = Doc::<Expense>::of(entry)
            .ok_or_else(|| crate::error::Error::usage(format!("no expense \"{}\"", id(matches))))?;
        Ok(expense_check::check(book, own))
    })
}

fn run_account(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let report = report::find("expenses")?;
    context.look(&context.desk()?, |book| {
        let params = Params {
            period: context.period(book)?,
            as_of: context.as_of(book)?,
            by: texts(matches, "by"),
            filter: texts(matches, "filter"),
            include_void: context.globals.include_void,
            ..Params::default()
        };
        report::run(book, report, &params)
    })
}
