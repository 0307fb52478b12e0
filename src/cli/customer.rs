//! What `desk customer` does beyond the shared verbs.

use clap::{Arg, ArgMatches, Command};

use super::{
    Context, Done,
    common::{field_flags, given, id, id_arg, text, texts},
};
use crate::{
    book::Book,
    error::{Error, Result},
    ops::{customer as acts, record::Given},
    record::Kind,
    report::{self, customer as pages, ledger},
    rules::gate::Gate,
};

const KIND: Kind = Kind::Customer;
/// Fields of a contact that the verbs write themselves.
const WRITTEN: &[&str] = &["party", "channel", "reply_to", "outcome"];

/// The verbs of `desk customer` beyond the shared ones.
pub(super) fn commands() -> Vec<Command> {
    let ledger = Command::new("ledger")
        .about("The account of a customer, row by row, with the balance after each")
        .arg(id_arg(KIND))
        .after_help(
            "Examples:\n  desk customer ledger CX01 -p 2026-Q3\n  desk customer ledger CX01 -O csv",
        );
    let mut all = spoken();
    all.extend(looks());
    all.extend([licence(), lead(), ledger]);
    all
}

fn spoken() -> Vec<Command> {
    let party =
        Arg::new("party").value_name("CUSTOMER").help("Customer; without, an unknown caller");
    let call = Command::new("call")
        .about("Take down a call: what was said, how business goes, stock, demand, the next day")
        .arg(party.clone())
        .after_help(
            "Examples:\n  desk customer call CX07 --summary '下月补货' --next-on 2026-10-20\n  \
             desk customer call --person 徐先生 --topic enquiry --summary '询问代理' --owner wang",
        );
    let visit = Command::new("visit")
        .about("Take down a visit, as call does")
        .arg(party.clone())
        .after_help(
            "Example:\n  desk customer visit CX02 --person 沈主任 --summary '病区满意, 要小号手套'",
        );
    let complaint = Command::new("complaint")
        .about("Take down a complaint, with who sees to it and by when")
        .arg(party.help("Customer; without, an unknown caller"))
        .after_help(
            "Example:\n  desk customer complaint CX09 --summary '到货两箱破损' --severity medium --about \
             SO-2605-0012\n\nWithout --owner it is the customer's; without --due-on it is so many working days \
             on as [notice] complaints of desk.toml says, else three.",
        );
    let resolve = Command::new("resolve")
        .about("Say what came of a complaint or a question; it is open until then")
        .arg(id_arg(Kind::Contact))
        .arg(
            Arg::new("outcome")
                .long("outcome")
                .value_name("TEXT")
                .required(true)
                .help("What came of it"),
        )
        .after_help(
            "Example:\n  desk customer resolve CA-2609-0004 --outcome '已换货, 原因为包装受潮'",
        );
    let without_topic = ["party", "channel", "reply_to", "outcome", "topic"];
    let answer =
        ["party", "channel", "reply_to", "outcome", "topic", "owner", "due_on", "severity"];
    let channel = Arg::new("field.channel")
        .long("channel")
        .value_name("phone|visit|mail|message|meeting|other")
        .help("How")
        .help_heading("Fields");
    vec![
        field_flags(Kind::Contact, call, WRITTEN),
        field_flags(Kind::Contact, visit, WRITTEN),
        field_flags(Kind::Contact, complaint, &without_topic).arg(channel.clone()),
        field_flags(Kind::Contact, resolve, &answer).arg(channel),
    ]
}

fn looks() -> Vec<Command> {
    let products = Arg::new("product")
        .value_name("PRODUCT")
        .num_args(0..)
        .help("Products, by code or part of a name");
    let due = Command::new("due")
        .about("Whom to call or visit: the day agreed, else so many working days as the customer or its grade asks")
        .arg(Arg::new("for").long("for").value_name("STAFF").help("Of this owner only"))
        .after_help("Examples:\n  desk customer due --for li-min\n  desk customer due -p this-week");
    let legal = Command::new("legal")
        .about("Why a customer may or may not buy products today: stage, papers, scopes, people")
        .arg(id_arg(KIND))
        .arg(products.clone())
        .after_help("Examples:\n  desk customer legal CX01 A100\n  desk customer legal CX19 --as-of 2026-11-01");
    let brief = Command::new("brief")
        .about("What to know before speaking to a customer: prices so far, list and lowest price, open matters")
        .arg(id_arg(KIND))
        .arg(products)
        .after_help("Examples:\n  desk customer brief CX01\n  desk customer brief CX01 A100");
    vec![due, legal, brief]
}

fn licence() -> Command {
    let command = Command::new("licence")
        .about("The papers of a customer, or all that run out; register one, or verify it as someone else")
        .arg(id_arg(KIND).required(false))
        .arg(
            Arg::new("verify")
                .long("verify")
                .value_name("NUMBER")
                .requires("id")
                .help("The original of this paper was seen: its number, or its kind"),
        )
        .arg(
            Arg::new("on")
                .long("on")
                .value_name("DATE")
                .requires("verify")
                .help("Day it was seen; else today"),
        )
        .after_help(
            "Examples:\n  desk customer licence\n  desk customer licence CX15 --kind drug_business --number 沪AA000555\n  \
             DESK_USER=chen-yan desk customer licence CX14 --verify 沪AA000562",
        );
    acts::licence::given_fields().fold(command, |command, field| {
        let about = field.about.trim_end_matches('.').to_owned();
        let arg = Arg::new(format!("paper.{}", field.key))
            .long(field.key.replace('_', "-"))
            .value_name(field.kind.name().to_uppercase().replace(' ', "_"))
            .help(about)
            .help_heading("Register a paper")
            .conflicts_with("verify");
        command.arg(arg.requires("id"))
    })
}

fn lead() -> Command {
    let word = |id: &'static str, name: &'static str, help: &'static str| {
        Arg::new(id).long(id).value_name(name).help(help)
    };
    let command = Command::new("lead")
        .about("The leads and how far they are; register one, or move it on with its next step")
        .arg(Arg::new("id").value_name("CODE").help("Code of a new lead, or a customer"))
        .arg(word("stage", "STAGE", "Where it comes to: lead, prospect, active, dormant, blocked"))
        .arg(word("next-on", "DATE", "Day of the next step, which becomes a task"))
        .arg(word("step", "TEXT", "What is to be done then").requires("next-on"))
        .after_help(
            "Examples:\n  desk customer lead\n  desk customer lead CX99 --name 某新医药公司 --source '展会 2026-09' --district east\n  \
             desk customer lead CX14 --stage prospect --next-on 2026-09-30 --step 寄样品",
        );
    let without = [
        "stage",
        "date",
        "currency",
        "exchange_rate",
        "licence",
        "team",
        "override",
        "credit_limit",
        "credit_days",
        "credit_stage",
        "invoicing",
    ];
    field_flags(KIND, command, &without)
}

/// Runs a verb of its own; nothing where the verb is a shared one.
pub(super) fn run(context: &Context, verb: &str, matches: &ArgMatches) -> Option<Result<Done>> {
    match verb {
        "call" | "visit" | "complaint" | "resolve" => Some(run_contact(context, verb, matches)),
        "licence" => Some(run_licence(context, matches)),
        "lead" => Some(run_lead(context, matches)),
        "ledger" | "due" | "legal" | "brief" => Some(run_look(context, verb, matches)),
        _ => None,
    }
}

fn run_contact(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let given = given(Kind::Contact, matches);
    context.write(&desk, Gate::Acts, |book, actor| match verb {
        "resolve" => {
            let outcome = text(matches, "outcome").unwrap_or_default();
            acts::resolve(book, actor, id(matches), outcome, &given)
        }
        "complaint" => acts::complaint(book, actor, text(matches, "party"), &given),
        verb => {
            let channel = if verb == "visit" { "visit" } else { "phone" };
            acts::spoken(book, actor, channel, text(matches, "party"), &given)
        }
    })
}

fn run_licence(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let paper: Vec<Given> = acts::licence::given_fields()
        .filter_map(|field| {
            let value = text(matches, &format!("paper.{}", field.key))?;
            Some((field.key.clone(), value.to_owned()))
        })
        .collect();
    let (customer, desk) = (text(matches, "id"), context.desk()?);
    if let (Some(customer), Some(which)) = (customer, text(matches, "verify")) {
        let on = text(matches, "on");
        return context.write(&desk, Gate::Acts, |book, actor| {
            acts::licence::verified(book, actor, customer, which, on)
        });
    }
    if let (Some(customer), false) = (customer, paper.is_empty()) {
        return context.write(&desk, Gate::Acts, |book, actor| {
            acts::licence::registered(book, actor, customer, &paper)
        });
    }
    context.look(&desk, |book| {
        let as_of = context.as_of(book)?.unwrap_or(book.today);
        let code = customer.map(|word| book.resolve(KIND, word)).transpose()?;
        pages::licences(book, code.as_deref(), as_of)
    })
}

fn run_lead(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let (fields, code) = (given(KIND, matches), text(matches, "id"));
    let step = acts::lead::Step {
        stage: text(matches, "stage"),
        next_on: text(matches, "next-on"),
        step: text(matches, "step"),
    };
    let is_plain = fields.is_empty() && step.stage.is_none() && step.next_on.is_none();
    let Some(code) = code.filter(|_| !(is_plain && code.is_none())) else {
        if !is_plain {
            return Err(Error::usage("which lead it is has to be said")
                .hint("desk customer lead CODE --name NAME --source WHERE_FROM"));
        }
        return context.look(&desk, |book| {
            let params = report::Params {
                as_of: context.as_of(book)?,
                period: context.period(book)?,
                ..report::Params::default()
            };
            report::run(book, report::find("leads")?, &params)
        });
    };
    if is_plain {
        return context.look(&desk, |book| {
            let code = book.resolve(KIND, code)?;
            pages::lead(book, &code, context.as_of(book)?.unwrap_or(book.today))
        });
    }
    context.write(&desk, Gate::Acts, |book, actor| match fields.is_empty() {
        true => acts::lead::moved(book, actor, code, step),
        false if step.stage.is_some() || step.next_on.is_some() => {
            Err(Error::usage("a new lead is registered first, and moved on then"))
        }
        false => acts::lead::registered(book, actor, code, &fields),
    })
}

fn run_look(context: &Context, verb: &str, matches: &ArgMatches) -> Result<Done> {
    context.look(&context.desk()?, |book| {
        let as_of = context.as_of(book)?.unwrap_or(book.today);
        if verb == "due" {
            let staff = text(matches, "for").map(|word| book.resolve(Kind::Staff, word));
            return pages::due(book, staff.transpose()?.as_deref(), as_of, context.period(book)?);
        }
        let code = book.resolve(KIND, id(matches))?;
        match verb {
            "legal" => pages::legal(book, &code, &products(book, matches)?, as_of),
            "brief" => pages::brief(book, &code, &products(book, matches)?, as_of),
            _ => Ok(ledger::of_party(book, (KIND, &code), context.period(book)?, as_of)),
        }
    })
}

fn products(book: &Book, matches: &ArgMatches) -> Result<Vec<String>> {
    texts(matches, "product").iter().map(|word| book.resolve(Kind::Product, word)).collect()
}
