//! `desk explain REPORT …`.

use clap::{Arg, ArgMatches, Command};

use super::{Context, Done, common};
use crate::{
    book::performed::BASES,
    error::Result,
    report::{
        Params,
        explain::{EXPLAINED, explain},
    },
};

pub(super) fn command() -> Command {
    let by = Arg::new("by").long("by").value_name("FIELD,FIELD").value_delimiter(',');
    Command::new("explain")
        .about("Which records, at file and line, make a figure of a report")
        .arg(
            Arg::new("report")
                .value_name("REPORT")
                .required(true)
                .help(format!("One of: {}", EXPLAINED.join(", "))),
        )
        .arg(
            Arg::new("words")
                .value_name("KEY | FIGURE | FILTER")
                .num_args(0..)
                .help("The row's keys in the order of --by, the figure, and field:value as the report takes it"),
        )
        .arg(by.help("The report's grouping"))
        .arg(Arg::new("basis").long("basis").value_name(BASES.join("|")).help("The report's basis"))
        .after_help(
            "Examples:\n  desk explain sales -p 2026-09 --by customer CX01 net\n  \
             desk explain sales -p 2026-09 --basis collected --by staff,month li-min 2026-09\n  \
             desk explain receivables CX01 days_1_30 --as-of 2026-09-30\n  desk explain contracts CT-2609-0004 1 shipped",
        )
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let report = common::text(matches, "report").unwrap_or_default();
    let (filter, words): (Vec<String>, Vec<String>) =
        common::texts(matches, "words").into_iter().partition(|word| word.contains([':', '：']));
    context.look(&context.desk()?, |book| {
        let params = Params {
            period: context.period(book)?,
            as_of: context.as_of(book)?,
            by: common::texts(matches, "by"),
            basis: common::text(matches, "basis").map(str::to_owned),
            compare: None,
            include_void: context.globals.include_void,
            filter: filter.clone(),
        };
        explain(book, report, &words, &params)
    })
}
