//! Help: the nouns in groups, topics, the dictionary of fields, templates.

use clap::{Arg, ArgMatches, Command};

use super::{Context, Done};
use crate::{
    error::{Error, Result},
    page::{Cell, Column, Page, Row, Table},
    record::{
        Form, KINDS, Kind,
        schema::{Field, Type},
    },
    report::Made,
    store::files::Files,
    value::text::closest,
};

/// The nouns that come first.
const MAIN: &[&str] = &["order", "contract", "ship", "invoice", "expense", "customer"];

const TOPICS: &[(&str, &str)] = &[
    ("periods", PERIODS),
    ("filters", FILTERS),
    ("ids", IDS),
    ("lines", LINES),
    ("exit-codes", EXITS),
    ("environment", ENVIRONMENT),
];

const PERIODS: &str = "\
Periods include both ends.
  today yesterday tomorrow this-week last-week this-month last-month this-quarter last-quarter this-year last-year
  mtd qtd ytd last-30d
  2026  2026-Q3  2026-09  2026-W38  2026-09-23  FY2026
  2026-09-01..2026-09-15  ..today  2026-Q1..2026-Q2
  今天 昨天 本周 上周 本月 上月 本季 上季 今年 去年
Months are business months where desk.toml has month_closes_on; FY is named after the year it begins in.";

const FILTERS: &str = "\
field:value     equals; text fields: contains      customer:CX01  remarks:加急
-field:value    not                                -district:east
field:          is empty                           promised_on:
field:A..B      range, open ends too               gross:50000..  promised_on:..today
field:A,B       either                             stage:'to ship','on hold'
line.product:X  in any block                       line.product:A100
word            any text, id or pinyin initials    晨星  cxyy
Conditions side by side must all hold.";

const IDS: &str = "\
Masters have codes (CX01), documents have ids (SO-2609-0014): prefix, year and month, running number.
An id may be shortened to any unique ending: 0014. A customer, supplier, product or member of staff may be named by code,
short name, or a unique part of a name; Chinese names by their pinyin initials too.";

const LINES: &str = "\
PRODUCT x QTY [UNIT] [@ PRICE] [-PCT%] [sample | gift] [key=value …]
  \"A100 x 20 @ 128\"           20 of A100 at 128.00
  \"C10 x 5 box\"               5 boxes, at the contract's or list price
  \"A100 x 20 -5%\"             less 5 percent
  \"C1 x 2 sample\"             free, as a sample
  \"A100 x 20 contract_line=1\" called off from line 1 of the order's contract";

const EXITS: &str = "\
0    done; an empty list too
1    failure: disk, git, terminal
2    usage: unknown id, name, flag
3    a rule refuses, check finds an error, or a report had to leave something out
4    an approval is missing
5    conflict: changed meanwhile, locked, already there
6    nothing found, with --fail-empty
130  interrupted";

const ENVIRONMENT: &str = "\
DESK_DIR     data directory
DESK_USER    staff code of whoever works
DESK_SITE    site of this clone: one to three capital letters
DESK_LANG    en or zh
DESK_TODAY   a date or date-time that counts as now
NO_COLOR, CLICOLOR_FORCE, PAGER, VISUAL, EDITOR, COLUMNS as usual
Settings of your own: user, site, language, editor, pager in desk/config.toml of your configuration folder;
user and site of this clone in .desk/local.toml of the data directory.";

pub(super) fn command() -> Command {
    let names = TOPICS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    Command::new("help")
        .about("Help on a topic, or the fields of a kind")
        .arg(
            Arg::new("topic")
                .value_name("TOPIC")
                .num_args(0..)
                .help(format!("{names}, fields KIND, records")),
        )
        .after_help("Examples:\n  desk help periods\n  desk help fields order")
}

/// The commands under short headings.
pub(super) fn groups() -> String {
    let mut text = String::from("Nouns:\n");
    let main = KINDS.iter().filter(|kind| MAIN.contains(&kind.noun()));
    let other = KINDS.iter().filter(|kind| !MAIN.contains(&kind.noun()));
    let line = |name: &str, about: &str| format!("  {name:<12} {about}\n");
    main.for_each(|kind| text.push_str(&line(kind.noun(), kind.info().summary)));
    text.push_str(&line(
        "report",
        "sales, backlog, contracts: by any grouping, for any period, in any format",
    ));
    text.push_str("\nMore nouns:\n");
    other.for_each(|kind| text.push_str(&line(kind.noun(), kind.info().summary)));
    text.push_str("\nTools:\n");
    for (name, about) in [
        ("today", "what is to be done, most urgent first, each with its command"),
        ("find", "records of any kind by words"),
        ("explain", "which records, at file and line, make a figure of a report"),
        ("check", "everything that is wrong, at once, with its place"),
        ("import", "CSV files by a mapping"),
        ("period", "close months, and list which are closed"),
        ("log", "what was done here, by whom, with which command"),
        ("undo", "take your last operation back; redo does it again"),
        ("renumber", "another id for a record, with every reference to it"),
        ("init", "a new data directory, empty or with the example company"),
        ("config", "the settings in force"),
        ("completions", "completions of a shell"),
        ("man", "the manual page"),
        ("help", "periods, filters, ids, lines, exit-codes, environment, fields KIND"),
    ] {
        text.push_str(&line(name, about));
    }
    text.push_str(
        "\nVerbs of every noun: add list show set edit copy void history attach export template\n",
    );
    text.push_str("`desk NOUN -h` lists its verbs, `desk NOUN VERB -h` its flags, `--help` the global ones too.\n");
    text.push_str("Start: desk init --demo try-it && cd try-it && desk report sales -p 2026\n");
    text
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let words: Vec<&str> =
        matches.get_many::<String>("topic").into_iter().flatten().map(String::as_str).collect();
    match words.as_slice() {
        [] => {
            let text = super::command().render_help().to_string();
            context.ui.raw(text.as_bytes())?;
            Ok(Done::Well)
        }
        ["fields", noun] => fields(context, noun),
        ["records"] => {
            context.pages(&KINDS.iter().map(|&kind| dictionary_page(kind)).collect::<Vec<_>>())?;
            Ok(Done::Well)
        }
        [topic] => {
            let found = TOPICS.iter().find(|(name, _)| name == topic);
            let (_, text) = found.ok_or_else(|| unknown(topic))?;
            context.ui.raw(format!("{text}\n").as_bytes())?;
            Ok(Done::Well)
        }
        _ => Err(unknown(&words.join(" "))),
    }
}

fn unknown(topic: &str) -> Error {
    let names = TOPICS.iter().map(|(name, _)| *name);
    let error = Error::usage(format!("no help on \"{topic}\""));
    match closest(topic, names.clone()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint(format!(
            "topics: {}, fields KIND, records",
            names.collect::<Vec<_>>().join(", ")
        )),
    }
}

fn fields(context: &Context, noun: &str) -> Result<Done> {
    let kind = Kind::of_noun(noun).ok_or_else(|| {
        let nouns = KINDS.iter().map(|kind| kind.noun()).collect::<Vec<_>>().join(", ");
        Error::usage(format!("no kind \"{noun}\"")).hint(format!("kinds: {nouns}"))
    })?;
    let made = Made { page: dictionary_page(kind), left_out: Vec::new() };
    context.show(&Files::memory(Default::default()), made)
}

/// The dictionary of a kind: where its records lie, and every field.
fn dictionary_page(kind: Kind) -> Page {
    let info = kind.info();
    let place = match info.form {
        Form::Master => format!("{}/CODE.toml", info.folder),
        Form::Document => format!("{}/YYYY-MM/{}-YYMM-NNNN.toml", info.folder, info.prefix),
        Form::Register => format!("{}/YYYY-MM.csv, ids {}-YYMM-NNNN", info.folder, info.prefix),
    };
    let mut rows = Vec::new();
    dictionary("", kind.fields(), &mut rows);
    let columns = ["field", "holds", "required", "about"].map(Column::words).to_vec();
    let table = Table { key: "fields".into(), columns, rows, empty: String::new() };
    let mut facts =
        vec![("about".to_owned(), Cell::text(info.summary)), ("file".into(), Cell::text(place))];
    if !info.confidential.is_empty() {
        facts.push(("confidential".into(), Cell::text(info.confidential.join(", "))));
    }
    Page {
        key: kind.noun().into(),
        title: kind.noun().into(),
        facts,
        tables: vec![table],
        ..Page::default()
    }
}

/// The rows of the dictionary, blocks and tables with their fields below them.
pub(crate) fn dictionary(prefix: &str, fields: &[Field], rows: &mut Vec<Row>) {
    for field in fields {
        let path = format!("{prefix}{}", field.key);
        rows.push(Row::Data(vec![
            Cell::text(path.clone()),
            Cell::text(field.kind.name()),
            Cell::text(if field.required { "required" } else { "" }),
            Cell::text(field.about.clone()),
        ]));
        if let Some(below) = field.kind.fields() {
            dictionary(&format!("{path}."), below, rows);
        }
    }
}

/// An empty file of a kind, each field as a comment with what it holds; of a register its header.
pub(super) fn template(context: &Context, kind: Kind) -> Result<Done> {
    if kind.info().form == Form::Register {
        let keys: Vec<&str> = kind.cells().iter().map(|column| column.field.key.as_str()).collect();
        context.ui.raw(format!("{}\n", keys.join(",")).as_bytes())?;
        return Ok(Done::Well);
    }
    let mut text = format!("# {}: {}\n", kind.noun(), kind.info().summary);
    let scalar = |field: &&Field| field.kind.fields().is_none();
    for field in kind.fields().iter().filter(scalar) {
        text.push_str(&entry(field, field.required));
    }
    for field in kind.fields() {
        let (open, close) =
            if matches!(field.kind, Type::Table(_)) { ("[", "]") } else { ("[[", "]]") };
        let Some(below) = field.kind.fields() else { continue };
        text.push_str(&format!("\n# {}\n# {open}{}{close}\n", field.about, field.key));
        // A block is all comment: what is required of it is so only where it stands.
        below.iter().for_each(|field| text.push_str(&entry(field, false)));
    }
    context.ui.raw(text.as_bytes())?;
    Ok(Done::Well)
}

/// A field with what it holds; a comment unless every file has it.
fn entry(field: &Field, given: bool) -> String {
    let example = match &field.kind {
        Type::Money => "\"128.00\"".to_owned(),
        Type::Quantity => "20".into(),
        Type::Rate => "\"0.13\"".into(),
        Type::Percent => "\"15\"".into(),
        Type::Int => "30".into(),
        Type::Bool => "true".into(),
        Type::Day => "2026-09-23".into(),
        Type::Moment => "2026-09-23T10:12:00+08:00".into(),
        Type::OneOf(words) => format!("\"{}\"", words.first().map_or("", String::as_str)),
        Type::List(_) => "[]".into(),
        _ => "\"\"".into(),
    };
    let mark = if given { "" } else { "# " };
    let required = if field.required { "; required" } else { "" };
    format!(
        "{mark}{} = {example}  # {} ({}{required})\n",
        field.key,
        field.about.trim_end_matches('.'),
        field.kind.name()
    )
}
