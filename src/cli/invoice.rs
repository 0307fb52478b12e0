//! What `desk invoice` does beyond the shared verbs.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{
    Context, Done,
    allowing::{allowed, allowing},
    common::{field_flags, given, id, id_arg, text, texts},
};
use crate::{
    error::{Error, Result},
    ops::{
        self,
        invoice::{self as acts, Credit, Draft, Issue},
    },
    record::{Doc, Kind, invoice::Invoice},
    report::{invoice_check, invoice_request},
    rules::gate::Gate,
};

const KIND: Kind = Kind::Invoice;

/// Fields that other verbs write, or that a draft works out itself.
const ELSEWHERE: &[&str] = &["line", "number", "issued_on", "stated", "override"];

/// The verbs of `desk invoice`, the shared `add` and `void` replaced by its own.
pub(super) fn commands() -> Vec<Command> {
    let add = Command::new("add")
        .about("Draft an invoice from what was delivered and is on no invoice yet")
        .arg(Arg::new("subject").value_name("PARTY").help("Customer or supplier, where it is made from nothing"))
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("ID")
                .action(ArgAction::Append)
                .help("Order or shipment; several of one party"),
        )
        .arg(line_arg("A line: \"A100 x 4\", \"A100 x 4 order_line=2\"; none for all that is left"))
        .after_help(
            "Examples:\n  desk invoice add --from SO-2609-0003 --dry-run\n  \
             desk invoice add CX01 --kind deposit --line 'text=定金, qty=1, price=5000, kind=deposit'",
        );
    let check = Command::new("check")
        .about("Hold an invoice against its order: items, units, prices, quantities, buyer")
        .arg(id_arg(KIND))
        .after_help("Example:\n  desk invoice check IN-2609-0004");
    let issue = Command::new("issue")
        .about("Issue drafts: official number, day, due day; from then on they are frozen")
        .arg(id_arg(KIND).num_args(1..))
        .arg(value("number", "N", "Official number; else the next of its series"))
        .arg(value("series", "NAME", "Series of [[series]] in desk.toml"))
        .arg(value("on", "DATE", "Day it is issued; else today"))
        .after_help("Example:\n  desk invoice issue IN-2609-0004 --number 26442000000012345678");
    let credit = Command::new("credit")
        .about("Draft a credit of an issued invoice: goods taken back, or a price lowered")
        .arg(id_arg(KIND))
        .arg(line_arg(
            "A line: \"A100 x 2\", \"A100 x 20 @ 8 price_adjustment\"; none for all that is left",
        ))
        .arg(value("reason", "TEXT", "Why").required(true))
        .arg(
            value("reopens_billing", "true|false", "Whether the goods are to be invoiced again")
                .long("reopens-billing")
                .value_parser(["true", "false"]),
        )
        .after_help(
            "Example:\n  desk invoice credit IN-2609-0001 --line 'D40 x 2' --reason '退货' --reopens-billing false",
        );
    let request = Command::new("request")
        .about("Print the sheet that asks finance for an invoice: title, tax id, bank, lines")
        .arg(id_arg(KIND))
        .after_help("Example:\n  desk invoice request IN-2609-0004");
    vec![
        field_flags(KIND, allowing(add, "invoice.price"), ELSEWHERE),
        check,
        allowing(issue, "invoice.price"),
        field_flags(
            KIND,
            allowing(credit, "invoice.price"),
            &[ELSEWHERE, &["kind", "party", "against_invoice", "credit_reason"]].concat(),
        ),
        request,
    ]
}

fn value(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn line_arg(help: &'static str) -> Arg {
    Arg::new("line").long("line").value_name("LINE").action(ArgAction::Append).help(help)
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    match verb {
        "add" | "issue" | "credit" | "void" => Some(run_act(context, verb, matches)),
        "check" => Some(run_check(context, matches)),
        "request" => Some(run_request(context, matches)),
        _ => None,
    }
}

fn run_act(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let own = |name: &str| text(matches, name).map(str::to_owned);
    if verb == "void" && !context.agrees(&format!("void {}?", texts(matches, "id").join(", ")))? {
        context.ui.note("nothing was written");
        return Ok(Done::Well);
    }
    let reopens = if verb == "credit" { reopens(context, matches)? } else { None };
    context.write(&desk, Gate::Acts, |book, actor| match verb {
        "add" => {
            let draft = Draft {
                party: own("subject"),
                from: texts(matches, "from"),
                lines: texts(matches, "line"),
                allowed: allowed(matches),
            };
            acts::add(book, actor, &draft, &given(KIND, matches))
        }
        "issue" => {
            let how = Issue {
                number: own("number"),
                series: own("series"),
                on: own("on"),
                allowed: allowed(matches),
            };
            acts::issue(book, actor, &texts(matches, "id"), &how)
        }
        "credit" => {
            let credit = Credit {
                lines: texts(matches, "line"),
                reason: own("reason").unwrap_or_default(),
                reopens,
                allowed: allowed(matches),
            };
            acts::credit(book, actor, id(matches), &credit, &given(KIND, matches))
        }
        _ => {
            let reason = text(matches, "reason").unwrap_or_default();
            let mut ids = texts(matches, "id");
            ids.dedup();
            ops::together(ids.iter().map(|id| acts::void(book, actor, id, reason)))
        }
    })
}

/// Whether credited goods are to be invoiced again; asked on a terminal, before the lock.
fn reopens(context: &Context, matches: &ArgMatches) -> Result<Option<bool>> {
    if let Some(word) = text(matches, "reopens_billing") {
        return Ok(Some(word == "true"));
    }
    let lines = texts(matches, "line");
    let moves_goods = |line: &String| !line.contains("price_adjustment");
    let options = &context.ui.options;
    let asks = options.stdin_is_terminal && options.stderr_is_terminal && !options.no_input;
    if !asks || !(lines.is_empty() || lines.iter().any(moves_goods)) {
        return Ok(None);
    }
    context.ui.confirm("are the goods to be invoiced again?").map(Some)
}

fn run_check(context: &Context, matches: &ArgMatches) -> Result<Done> {
    context.look_at(|book| {
        let (page, findings) = invoice_check::check(book, found(book, matches)?);
        Ok((vec![page], findings))
    })
}

fn run_request(context: &Context, matches: &ArgMatches) -> Result<Done> {
    context.look_at(|book| {
        let page = invoice_request::request(book, found(book, matches)?);
        Ok((vec![page], Vec::new()))
    })
}

fn found<'a>(book: &'a crate::book::Book, matches: &ArgMatches) -> Result<&'a Doc<Invoice>> {
    let entry = book.resolved(KIND, id(matches))?;
    Doc::of(entry).ok_or_else(|| Error::usage(format!("no invoice \"{}\"", id(matches))))
}
