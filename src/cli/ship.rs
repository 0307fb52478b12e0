//! What `desk ship` does beyond the shared verbs.
//!
//! Every question it asks on a terminal has its flag; without a terminal the flag is needed.

use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser};

use super::{
    Context, Done,
    allowing::{allowed, allowing},
    common::{field_flags, filter_arg, given, id, id_arg, text, texts},
};
use crate::{
    desk::Desk,
    error::{Error, Result},
    ops::{
        record,
        ship::{self as acts, Arrival, Back, Ticks},
    },
    record::Kind,
    report::shipments::{self, Asked},
    rules::gate::Gate,
};

const KIND: Kind = Kind::Shipment;

/// Fields that say how goods go.
const HOW: &[&str] = &[
    "ship_to",
    "region",
    "warehouse",
    "carrier",
    "service",
    "packages",
    "weight_kg",
    "volume_cm3",
    "freight",
    "freight_by",
    "promised_on",
    "remarks",
];
/// Fields of a return.
const BACK: &[&str] =
    &["warehouse", "carrier", "waybill", "freight", "freight_by", "complaint", "remarks"];
/// Fields of goods in.
const IN: &[&str] = &[
    "warehouse",
    "carrier",
    "waybill",
    "freight",
    "freight_by",
    "shipped_on",
    "promised_on",
    "remarks",
];

/// The verbs of `desk ship`, the shared `add` replaced by its own.
pub(super) fn commands() -> Vec<Command> {
    let mut verbs = vec![add()];
    verbs.extend(leaving());
    verbs.extend(arriving());
    verbs.extend(coming_back());
    verbs
}

fn add() -> Command {
    let add = Command::new("add")
        .about("Add a shipment: a stock-out slip for what is left of an order, or any other")
        .arg(
            Arg::new("subject").value_name("CUSTOMER").help("Who gets it; an order says it itself"),
        )
        .arg(from("Order whose goods are to leave"))
        .after_help(
            "Examples:\n  desk ship add --from SO-2609-0007\n  \
             desk ship add --from SO-2609-0007 --line \"1 x 5\"\n  \
             desk ship add CX01 --kind parcel --contents '产品彩页'",
        );
    field_flags(KIND, add, &[])
}

fn leaving() -> Vec<Command> {
    let confirm = Command::new("confirm")
        .about(
            "Check a slip before its goods leave, each check by who made it, and say how they go",
        )
        .arg(id_arg(KIND))
        .arg(switch("all-checks", "Tick every check that is needed"))
        .arg(many(
            "check",
            "WORD,…",
            "Tick these: order, list, samples, gifts, policy_goods, method",
        ))
        .arg(line_arg("Give a line its batch, or part it: \"1 batch=B7\", \"1 x 5 batch=B7\""))
        .after_help(
            "Examples:\n  desk ship confirm SH-2609-0009 --carrier SF --all-checks\n  \
             desk ship confirm SH-2609-0009 --check order,list",
        );
    let confirm = allowing(confirm, "send.licence");
    let send = Command::new("send")
        .about("Send a slip's goods: judged once more, then they are gone")
        .arg(id_arg(KIND))
        .arg(line_arg("Send only this: \"1 x 5\"; the rest stays on a new slip"))
        .arg(on("Day they left; absent: today"))
        .after_help(
            "Examples:\n  desk ship send SH-2609-0009 --waybill SF123456\n  \
             desk ship send SH-2609-0009 --line \"1 x 5\"",
        );
    let send = allowing(send, "send.licence");
    let revise = Command::new("revise")
        .about("Change what moved, with a reason; where it was sent it is judged anew")
        .arg(id_arg(KIND))
        .arg(line_arg("\"1 qty=4\" changes line 1"))
        .arg(reason())
        .after_help("Example:\n  desk ship revise SH-2609-0001 --line \"3 qty=79\" --reason '复核少发 1 件'");
    let track = Command::new("track")
        .about("List what is under way, with carrier and waybill")
        .arg(filter_arg())
        .after_help("Examples:\n  desk ship track\n  desk ship track carrier:SF");
    let late = Command::new("late")
        .about("List what is late: not sent, not arrived, not acknowledged, not back")
        .arg(filter_arg())
        .after_help("Examples:\n  desk ship late\n  desk ship late staff:li-min");
    vec![
        only(confirm, HOW, &["waybill"]),
        only(send, HOW, &["waybill"]),
        only(revise, HOW, &["shipped_on", "received_on"]),
        track,
        late,
    ]
}

fn arriving() -> Vec<Command> {
    let receive = Command::new("receive")
        .about("Say that goods arrived, who took them in, and keep the proof of it")
        .arg(id_arg(KIND))
        .arg(on("Day they arrived; absent: today"))
        .arg(one("by", "NAME", "Who took them in"))
        .arg(one("proof", "PATH", "The signed note: a file to keep, or its path here"))
        .arg(line_arg("What really arrived, where that differs: \"1 x 4\""))
        .after_help("Example:\n  desk ship receive SH-2609-0002 --by 前台 --proof note.pdf");
    let receipt = Command::new("receipt")
        .about("Take goods in from a supplier, under a purchase contract or without one")
        .arg(Arg::new("subject").value_name("SUPPLIER").help("Who sent them; a contract says it itself"))
        .arg(from("Purchase contract"))
        .arg(on("Day they arrived; absent: today"))
        .arg(line_arg("\"1 x 100 batch=B7 expires_on=2027-12-31\"; none: all that did not come yet"))
        .after_help(
            "Examples:\n  desk ship receipt --from CT-2609-0003 --line \"1 x 100 batch=B7 expires_on=2027-12-31\"\n  \
             desk ship receipt SU01 --line \"A100 x 100\"",
        );
    vec![receive, only(receipt, IN, &[])]
}

fn coming_back() -> Vec<Command> {
    let back = |command: Command| {
        let command = command
            .arg(from("Shipment whose goods come back").required(true))
            .arg(line_arg("\"1 x 5\", \"2 condition=damaged\"; none: all that was sent"))
            .arg(
                one("condition", "good|damaged|rejected", "How the goods are")
                    .value_parser(PossibleValuesParser::new(["good", "damaged", "rejected"])),
            )
            .arg(reason())
            .arg(on("Day they came back; absent: today"))
            .arg(switch("announced", "They are only on their way back"));
        only(command, BACK, &[])
    };
    let again = one("reopens-delivery", "true|false", "Whether they are to be delivered again")
        .value_parser(PossibleValuesParser::new(["true", "false"]));
    let give_back =
        Command::new("return").about("Take goods back, to be delivered again or not").arg(again);
    let give_back = give_back.after_help(
        "Example:\n  desk ship return --from SH-2609-0001 --condition good --reopens-delivery false --reason '多订'",
    );
    let exchange = Command::new("exchange").about(
        "Take goods back and open the slip of what replaces them, which leaves once they are here",
    );
    let exchange = exchange.after_help(
        "Example:\n  desk ship exchange --from SH-2609-0001 --line \"1 x 5\" --condition damaged --reason '外箱破损'",
    );
    vec![back(give_back), back(exchange)]
}

/// Flags for some fields only.
fn only(command: Command, keys: &[&str], more: &[&str]) -> Command {
    let fields = KIND.fields().iter().map(|field| field.key.as_str());
    let without: Vec<&str> =
        fields.filter(|key| !keys.contains(key) && !more.contains(key)).collect();
    field_flags(KIND, command, &without)
}

fn one(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn many(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    one(name, value, help).action(ArgAction::Append)
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn line_arg(help: &'static str) -> Arg {
    many("line", "LINE", help)
}

fn on(help: &'static str) -> Arg {
    one("on", "DATE", help)
}

fn from(help: &'static str) -> Arg {
    one("from", "ID", help)
}

fn reason() -> Arg {
    one("reason", "TEXT", "Why").required(true)
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    match verb {
        "add" => Some(run_add(context, matches)),
        "confirm" => Some(run_confirm(context, matches)),
        "send" | "revise" => Some(run_sent(context, verb, matches)),
        "receive" => Some(run_receive(context, matches)),
        "receipt" => Some(run_receipt(context, matches)),
        "return" | "exchange" => Some(run_back(context, verb, matches)),
        "track" | "late" => Some(run_list(context, verb, matches)),
        _ => None,
    }
}

fn run_add(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let (subject, from) = (text(matches, "subject"), text(matches, "from"));
    let mut fields = given(KIND, matches);
    context.write(&desk, Gate::Acts, |book, actor| match from {
        None => record::add(book, actor, KIND, subject, &fields),
        Some(_) if subject.is_some() => {
            Err(Error::usage("an order says itself who gets its goods").hint("leave CUSTOMER out"))
        }
        Some(order) => {
            let lines = texts(matches, "field.line");
            fields.retain(|(key, _)| key != "line");
            acts::slip_for(book, actor, order, &lines, &fields)
        }
    })
}

fn run_confirm(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let (words, lines) = (texts(matches, "check"), texts(matches, "line"));
    let fields = given(KIND, matches);
    let ticks = match () {
        () if matches.get_flag("all-checks") && !words.is_empty() => {
            return Err(Error::usage("--all-checks ticks every check; leave --check out"));
        }
        () if matches.get_flag("all-checks") => Ticks::All,
        () if !words.is_empty() => Ticks::These(words),
        () if matches.contains_id("override") => Ticks::None,
        () if context.ui.can_ask() => asked(context, &desk, id(matches))?,
        () => Ticks::None,
    };
    context.write(&desk, Gate::Acts, |book, actor| {
        acts::confirm(book, actor, id(matches), &ticks, &lines, &fields, &allowed(matches))
    })
}

/// The checks that someone at a terminal says yes to, one by one.
fn asked(context: &Context, desk: &Desk, id: &str) -> Result<Ticks> {
    let mut yes = Vec::new();
    for check in acts::unticked(&desk.book()?, id)? {
        if context.ui.confirm(&format!("{} checked?", check.name()))? {
            yes.push(check.name().to_owned());
        }
    }
    Ok(if yes.is_empty() { Ticks::None } else { Ticks::These(yes) })
}

fn run_sent(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let (lines, fields) = (texts(matches, "line"), given(KIND, matches));
    context.write(&desk, Gate::Acts, |book, actor| match verb {
        "send" => {
            let (on, allowed) = (text(matches, "on"), allowed(matches));
            acts::send(book, actor, id(matches), &lines, on, &fields, &allowed)
        }
        _ => {
            let reason = text(matches, "reason").unwrap_or_default();
            acts::revise(book, actor, id(matches), &lines, &fields, reason)
        }
    })
}

fn run_receive(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let mut arrival = Arrival {
        on: text(matches, "on").map(str::to_owned),
        by: text(matches, "by").map(str::to_owned),
        lines: texts(matches, "line"),
        ..Arrival::default()
    };
    if let Some(path) = text(matches, "proof") {
        (arrival.proof, arrival.file) = proof(&desk, path)?;
    }
    context.write(&desk, Gate::Acts, |book, _| acts::receive(book, id(matches), arrival))
}

/// A proof by its path in the data directory, or a file that is to be kept there.
type Proof = (Option<String>, Option<(String, Vec<u8>)>);

fn proof(desk: &Desk, path: &str) -> Result<Proof> {
    let is_kept = path.starts_with("attachments/") && desk.root.join(path).is_file();
    if is_kept {
        return Ok((Some(path.to_owned()), None));
    }
    let failed = |error| Error::failure(format!("cannot read {path}")).because(error);
    let bytes = std::fs::read(path).map_err(failed)?;
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Error::usage(format!("\"{path}\" has no plain file name")))?;
    Ok((None, Some((name.to_owned(), bytes))))
}

fn run_receipt(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let (lines, fields) = (texts(matches, "line"), given(KIND, matches));
    let (subject, from) = (text(matches, "subject"), text(matches, "from"));
    context.write(&desk, Gate::Acts, |book, actor| {
        acts::receipt(book, actor, subject, from, (text(matches, "on"), &lines), &fields)
    })
}

fn run_back(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    let lines = texts(matches, "line");
    let mut back = Back {
        from: text(matches, "from").unwrap_or_default().to_owned(),
        condition: text(matches, "condition").map(str::to_owned),
        reason: text(matches, "reason").unwrap_or_default().to_owned(),
        on: text(matches, "on").map(str::to_owned),
        announced: matches.get_flag("announced"),
        given: given(KIND, matches),
        lines,
        reopens: None,
    };
    if back.announced && back.on.is_some() {
        return Err(Error::usage("goods on their way back did not come yet")
            .hint("leave out --on or --announced"));
    }
    if verb == "return" {
        // Nobody is asked about goods that never left.
        back.from = context.desk()?.book()?.resolve(KIND, &back.from)?;
        back.reopens = again(context, matches, &back)?;
    }
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| match verb {
        "return" => acts::give_back(book, actor, &back),
        _ => acts::exchange(book, actor, &back),
    })
}

/// Whether goods that come back are delivered again: by flag, by each line, or asked.
fn again(context: &Context, matches: &ArgMatches, back: &Back) -> Result<Option<bool>> {
    if let Some(word) = text(matches, "reopens-delivery") {
        return Ok(Some(word == "true"));
    }
    let by_line = |line: &String| line.contains("reopens_delivery=");
    if !back.lines.is_empty() && back.lines.iter().all(by_line) {
        return Ok(None);
    }
    let flag = "--reopens-delivery true|false";
    match context.ui.answer("to be delivered again? true or false:", flag)?.as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        other => Err(Error::usage(format!("\"{other}\" is neither true nor false")).hint(flag)),
    }
}

fn run_list(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    context.look(&context.desk()?, |book| {
        let asked = Asked { filter: texts(matches, "filter"), as_of: context.as_of(book)? };
        match verb {
            "track" => shipments::track(book, &asked),
            _ => shipments::late_list(book, &asked),
        }
    })
}
