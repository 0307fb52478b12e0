//! The verbs that every noun has, made from the field tables.

use clap::{Arg, ArgAction, ArgMatches, Command};
use clap_complete::ArgValueCandidates;

use super::{
    Context, Done, complete, contract, customer, expense, history, invoice, market, order, payment,
    plan, ship, summary, task,
};
use crate::{
    book::Book,
    error::{Error, Result},
    ops::record::{self as ops, Given},
    record::{
        Form, Kind,
        schema::{Field, Type, field},
    },
    report::record::{self as pages, Query},
    rules::gate::Gate,
    store::layout,
};

/// Fields that only the program writes.
const WRITTEN: &[&str] =
    &["id", "entered_by", "entered_at", "void", "approval", "revision", "attachments"];

/// The command of a noun; its verbs are made only when the noun is used.
pub(super) fn command(kind: Kind) -> Command {
    let info = kind.info();
    Command::new(info.noun)
        .about(info.summary)
        .arg_required_else_help(true)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .defer(|noun| match Kind::of_noun(noun.get_name()) {
            Some(kind) => verbs(kind).into_iter().fold(noun, Command::subcommand),
            None => noun,
        })
}

fn verbs(kind: Kind) -> Vec<Command> {
    let noun = kind.noun();
    let mut verbs = match kind {
        Kind::Order => order::commands(),
        Kind::Payment => payment::commands(),
        Kind::Plan => vec![add(kind), plan::command()],
        Kind::Task => vec![add(kind), task::command()],
        Kind::Shipment => ship::commands(),
        Kind::Contract => std::iter::once(add(kind)).chain(contract::commands()).collect(),
        Kind::Customer => std::iter::once(add(kind)).chain(customer::commands()).collect(),
        Kind::Market => market::commands(),
        Kind::Summary => summary::commands(),
        Kind::Invoice => invoice::commands(),
        Kind::Expense => expense::commands(),
        Kind::Closing => return vec![list(kind), show(kind), history::command(kind), export(kind)],
        _ => vec![add(kind)],
    };
    verbs.extend([list(kind), show(kind), edit(kind), copy(kind), void(kind)]);
    if kind != Kind::Plan {
        verbs.push(set(kind));
    }
    verbs.extend([history::command(kind), export(kind)]);
    if has(kind, "attachments") {
        verbs.push(attach(kind));
    }
    verbs.push(
        Command::new("template")
            .about(format!("Print an empty {noun} file with every field explained"))
            .after_help(format!("Example:\n  desk {noun} template > new.toml")),
    );
    verbs
}

fn has(kind: Kind, key: &str) -> bool {
    field(kind.fields(), key).is_some()
}

/// A field that most records of a kind have, as an example of a flag.
fn example_flag(kind: Kind) -> &'static str {
    match kind {
        Kind::Plan => "--district north",
        Kind::Summary => "--staff wang",
        _ if has(kind, "remarks") => "--remarks 已确认",
        _ => "--date today",
    }
}

/// An argument that takes ids, completed from the files.
pub(super) fn id_arg(kind: Kind) -> Arg {
    let name = if kind.info().form == Form::Master { "CODE" } else { "ID" };
    Arg::new("id")
        .value_name(name)
        .required(true)
        .help("Id, any unique ending of it, or a name")
        .add(ArgValueCandidates::new(move || complete::ids(kind)))
}

/// A flag for each field that can be given.
pub(super) fn field_flags(kind: Kind, command: Command, without: &[&str]) -> Command {
    let given = |field: &&Field| {
        let key = field.key.as_str();
        !WRITTEN.contains(&key) && !without.contains(&key) && kind.info().subject != Some(key)
    };
    kind.fields().iter().filter(given).fold(command, |command, field| command.arg(flag(field)))
}

fn flag(field: &Field) -> Arg {
    let arg = Arg::new(format!("field.{}", field.key))
        .long(field.key.replace('_', "-"))
        .help(field.about.trim_end_matches('.').to_owned())
        .help_heading("Fields")
        .allow_hyphen_values(true);
    match &field.kind {
        Type::Blocks(fields) | Type::Table(fields) => {
            let example =
                fields.iter().take(2).map(|field| format!("{}=…", field.key)).collect::<Vec<_>>();
            let arg = arg.value_name(example.join(","));
            let is_blocks = matches!(field.kind, Type::Blocks(_));
            if is_blocks { arg.action(ArgAction::Append) } else { arg }
        }
        Type::OneOf(words) => arg.value_name(words.join("|")),
        Type::Listed(list) => arg.value_name(list.trim_end_matches('s').to_uppercase()),
        kind => arg.value_name(kind.name().to_uppercase().replace(' ', "_")),
    }
}

/// The fields that were given by flag, in the order of the field table.
pub(super) fn given(kind: Kind, matches: &ArgMatches) -> Vec<Given> {
    let mut given = Vec::new();
    for field in kind.fields() {
        let name = format!("field.{}", field.key);
        let Ok(Some(values)) = matches.try_get_many::<String>(&name) else { continue };
        given.extend(values.map(|value| (field.key.clone(), value.clone())));
    }
    given
}

fn add(kind: Kind) -> Command {
    let noun = kind.noun();
    let (subject, example) = match kind.info().form {
        Form::Master => ("CODE", format!("desk {noun} add X1 --name 新名字")),
        _ if kind.info().subject == Some("title") => {
            ("TITLE", format!("desk {noun} add '回访客户' --due-on 2026-09-30"))
        }
        _ if kind == Kind::Allocation => {
            ("TARGET", format!("desk {noun} add SO-2609-0004 --source PM-2609-0004 --amount 484"))
        }
        _ if kind == Kind::Plan => (
            "MEASURE",
            format!("desk {noun} add sales --date 2026-10-01 --district east --amount 120000"),
        ),
        _ if kind == Kind::Contact => (
            "PARTY",
            format!("desk {noun} add CX01 --channel phone --topic follow_up --summary '确认到货'"),
        ),
        _ => ("PARTY", format!("desk {noun} add CX01")),
    };
    let command = Command::new("add").about(format!("Add {}", kind.one()));
    let subject =
        Arg::new("subject").value_name(subject).help("The record it is about, or its code");
    let command = command.arg(subject).after_help(format!("Example:\n  {example}"));
    field_flags(kind, command, &[])
}

fn list(kind: Kind) -> Command {
    let noun = kind.noun();
    Command::new("list")
        .visible_alias("ls")
        .about(format!("List {}", kind.info().folder))
        .arg(filter_arg())
        .after_help(format!(
            "Examples:\n  desk {noun} list\n  desk {noun} list {} -O csv\n  desk {noun} list --cols all --limit 5",
            kind.info().examples.filter
        ))
}

/// Conditions: `field:value`, `-field:value`, words.
pub(super) fn filter_arg() -> Arg {
    Arg::new("filter")
        .value_name("FILTER")
        .num_args(0..)
        .help("field:value, -field:value, field:A..B, or words (desk help filters)")
}

fn show(kind: Kind) -> Command {
    let noun = kind.noun();
    Command::new("show")
        .about(format!("Show {} whole, with what is computed of it", kind.one()))
        .arg(id_arg(kind).num_args(1..))
        .after_help(format!(
            "Examples:\n  desk {noun} show {}\n  desk {noun} show {} -O json",
            example(kind),
            example(kind)
        ))
}

/// An id of the example company, for help.
pub(super) fn example(kind: Kind) -> &'static str {
    kind.info().examples.id
}

fn set(kind: Kind) -> Command {
    let noun = kind.noun();
    let example_path = kind.info().examples.set;
    let command = Command::new("set")
        .about(format!(
            "Set fields of {}, and leave every other byte of its file alone",
            kind.one()
        ))
        .arg(id_arg(kind))
        .arg(
            Arg::new("pairs")
                .value_name("KEY=VALUE")
                .num_args(0..)
                .help("A field by its path: line.2.qty=30, person.1.phone=…"),
        )
        .arg(
            Arg::new("clear")
                .long("clear")
                .value_name("KEY")
                .action(ArgAction::Append)
                .help("Take a field out"),
        )
        .after_help(format!(
            "Examples:\n  desk {noun} set {} {example_path}\n  desk {noun} set {} {}",
            example(kind),
            example(kind),
            example_flag(kind)
        ));
    field_flags(kind, command, &[])
}

fn edit(kind: Kind) -> Command {
    let noun = kind.noun();
    Command::new("edit")
        .about(format!(
            "Edit the {} of {} in your editor; it is checked before it is kept",
            if kind.info().form == Form::Register { "row" } else { "file" },
            kind.one()
        ))
        .arg(id_arg(kind))
        .after_help(format!("Example:\n  EDITOR=vi desk {noun} edit {}", example(kind)))
}

fn copy(kind: Kind) -> Command {
    let noun = kind.noun();
    let command =
        Command::new("copy").about(format!("Make a new {noun} like another")).arg(id_arg(kind));
    let command = match kind.info().form {
        Form::Master => command.arg(
            Arg::new("code").value_name("NEW_CODE").required(true).help("Code of the new one"),
        ),
        _ => command,
    };
    let new = if kind.info().form == Form::Master { " X2" } else { "" };
    // A draft like another is refused once all of its goods are invoiced; a credit may have room.
    let of = if kind == Kind::Invoice { "IN-2608-0010" } else { example(kind) };
    let command = command
        .after_help(format!("Example:\n  desk {noun} copy {of}{new} {}", example_flag(kind)));
    field_flags(kind, command, &[])
}

fn void(kind: Kind) -> Command {
    let noun = kind.noun();
    // What others point at is not void, so a master's example is one that was entered twice.
    let example = match kind.info().form {
        Form::Master => "X1 --reason '重复录入'".to_owned(),
        _ => format!("{} --reason '客户取消'", example(kind)),
    };
    Command::new("void")
        .about(format!("Mark {} as no longer holding; nothing is deleted", kind.one()))
        .arg(id_arg(kind).num_args(1..))
        .arg(Arg::new("reason").long("reason").value_name("TEXT").required(true).help("Why"))
        .after_help(format!("Example:\n  desk {noun} void {example}"))
}

fn attach(kind: Kind) -> Command {
    let noun = kind.noun();
    Command::new("attach")
        .about(format!("Lay files beside {}", kind.one()))
        .arg(id_arg(kind))
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .num_args(1..)
                .help("Files to copy in"),
        )
        .after_help(format!("Example:\n  desk {noun} attach {} scan.pdf", example(kind)))
}

fn export(kind: Kind) -> Command {
    Command::new("export")
        .about(format!(
            "Write out every field of {}, as csv unless -O says otherwise",
            kind.info().folder
        ))
        .arg(filter_arg())
        .arg(
            Arg::new("blocks")
                .long("blocks")
                .value_name("KEY")
                .help("A row for each block of this key, such as line"),
        )
        .after_help(export_examples(kind))
}

fn export_examples(kind: Kind) -> String {
    let noun = kind.noun();
    let blocks = |field: &&Field| matches!(field.kind, Type::Blocks(_));
    let first = kind.fields().iter().find(blocks);
    let by_block = first.map(|field| format!("\n  desk {noun} export --blocks {}", field.key));
    format!("Examples:\n  desk {noun} export -o {noun}.csv{}", by_block.unwrap_or_default())
}

/// Runs a verb of a noun.
pub(super) fn run(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    let Some((verb, matches)) = matches.subcommand() else { return Ok(Done::Well) };
    let own = match kind {
        Kind::Order => order::run(context, verb, matches),
        Kind::Payment => payment::run(context, verb, matches),
        Kind::Plan => plan::run(context, verb, matches),
        Kind::Task => task::run(context, verb, matches),
        Kind::Shipment => ship::run(context, verb, matches),
        Kind::Contract => contract::run(context, verb, matches),
        Kind::Customer => customer::run(context, verb, matches),
        Kind::Market => market::run(context, verb, matches),
        Kind::Summary => summary::run(context, verb, matches),
        Kind::Invoice => invoice::run(context, verb, matches),
        Kind::Expense => expense::run(context, verb, matches),
        _ => None,
    };
    if let Some(done) = own {
        return done;
    }
    match verb {
        "add" => run_add(context, kind, matches),
        "list" => run_list(context, kind, matches, None),
        "show" => run_show(context, kind, matches),
        "set" => run_set(context, kind, matches),
        "edit" => run_edit(context, kind, matches),
        "copy" => run_copy(context, kind, matches),
        "void" => run_void(context, kind, matches),
        "history" => history::run(context, kind, matches),
        "attach" => run_attach(context, kind, matches),
        "export" => {
            run_list(context, kind, matches, Some(matches.get_one::<String>("blocks").cloned()))
        }
        _ => super::help::template(context, kind),
    }
}

pub(super) fn text<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a str> {
    matches.get_one::<String>(name).map(String::as_str)
}

pub(super) fn texts(matches: &ArgMatches, name: &str) -> Vec<String> {
    matches.get_many::<String>(name).into_iter().flatten().cloned().collect()
}

pub(super) fn id(matches: &ArgMatches) -> &str {
    text(matches, "id").unwrap_or_default()
}

fn run_add(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| {
        ops::add(book, actor, kind, text(matches, "subject"), &given(kind, matches))
    })
}

fn run_list(
    context: &Context,
    kind: Kind,
    matches: &ArgMatches,
    export: Option<Option<String>>,
) -> Result<Done> {
    let list = |book: &Book| {
        let mut query = Query {
            filter: texts(matches, "filter"),
            period: context.period(book)?,
            as_of: context.as_of(book)?,
            columns: context.globals.cols.clone(),
            include_void: context.globals.include_void,
            blocks: export.clone().flatten(),
        };
        if export.is_some() && query.columns.is_empty() && query.blocks.is_none() {
            query.columns.push("all".into());
        }
        pages::list(book, kind, &query)
    };
    let shown = context.without_columns();
    let shown = if export.is_some() { shown.as_csv() } else { shown };
    shown.look(&context.desk()?, list)
}

fn run_show(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    context.look_at(|book| {
        let as_of = context.as_of(book)?;
        let (mut shown, mut left_out) = (Vec::new(), Vec::new());
        for id in texts(matches, "id") {
            let made = pages::show(book, book.resolved(kind, &id)?, as_of);
            shown.push(made.page);
            left_out.extend(made.left_out);
        }
        Ok((shown, left_out))
    })
}

fn run_set(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    let mut all = given(kind, matches);
    for pair in texts(matches, "pairs") {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            Error::usage(format!("\"{pair}\" is not KEY=VALUE")).hint("line.2.qty=30")
        })?;
        all.push((key.to_owned(), value.to_owned()));
    }
    let cleared = texts(matches, "clear");
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| {
        ops::set(book, actor, kind, id(matches), &all, &cleared)
    })
}

fn run_copy(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    let code = matches.try_get_one::<String>("code").ok().flatten().map(String::as_str);
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, actor| {
        ops::copy(book, actor, kind, id(matches), code, &given(kind, matches))
    })
}

fn run_void(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let reason = text(matches, "reason").unwrap_or_default();
    let mut ids = texts(matches, "id");
    ids.dedup();
    if !context.agrees(&format!("void {}?", ids.join(", ")))? {
        context.ui.note("nothing was written");
        return Ok(Done::Well);
    }
    context.write(&desk, Gate::Acts, |book, actor| {
        let changes = ids.iter().map(|id| ops::void(book, actor, kind, id, reason));
        crate::ops::together(changes)
    })
}

fn run_attach(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    let mut files = Vec::new();
    for name in texts(matches, "file") {
        let path = std::path::Path::new(&name);
        let bytes = std::fs::read(path)
            .map_err(|error| Error::failure(format!("cannot read {name}")).because(error))?;
        let base = path.file_name().and_then(|base| base.to_str());
        let base =
            base.ok_or_else(|| Error::usage(format!("\"{name}\" has no plain file name")))?;
        files.push((base.to_owned(), bytes));
    }
    let desk = context.desk()?;
    context.write(&desk, Gate::Acts, |book, _| ops::attach(book, kind, id(matches), files))
}

/// The editor works on a copy, before the lock; what it leaves is written through the gate.
fn run_edit(context: &Context, kind: Kind, matches: &ArgMatches) -> Result<Done> {
    let editor =
        context.env.editor.clone().or_else(|| context.own.editor.clone()).ok_or_else(|| {
            Error::usage("no editor is set")
                .hint(format!("EDITOR=vi desk {kind} edit {}", id(matches)))
        })?;
    let desk = context.desk()?;
    let (code, opened) = ops::draft(&desk.book()?, kind, id(matches))?;
    let path = layout::path(kind, &code).unwrap_or_default();
    let failed =
        |error: std::io::Error| Error::failure(format!("cannot edit {path}")).because(error);
    let folder = tempfile::tempdir().map_err(failed)?;
    let draft = folder.path().join(layout::file_name(&path));
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let mut typed = tempfile::NamedTempFile::new_in(folder.path()).map_err(failed)?;
    std::io::Write::write_all(&mut typed, &opened).map_err(failed)?;
    typed.persist(&draft).map_err(|error| failed(error.error))?;
    let ended =
        std::process::Command::new(program).args(words).arg(&draft).status().map_err(failed)?;
    if !ended.success() {
        return Err(Error::failure(format!("{program} ended with {ended}; nothing was written")));
    }
    let edited = std::fs::read(&draft).map_err(failed)?;
    if edited == opened {
        context.ui.line(&format!("{code} unchanged"))?;
        return Ok(Done::Well);
    }
    let kept = context
        .write(&desk, Gate::Acts, |book, _| ops::replace(book, kind, &code, &opened, edited));
    kept.map_err(|error| {
        // What was typed is kept where it can be taken up again.
        let kept = folder.keep().join(layout::file_name(&path));
        error.hint(format!("your text is kept in {}", kept.display()))
    })
}
