//! `desk find`: words in any record.

use clap::{Arg, ArgMatches, Command};

use super::{Context, Done};
use crate::{
    book::Book,
    error::Result,
    filter::Filter,
    page::{Cell, Column, Page, Row, Table},
    record::KINDS,
    report::Made,
};

pub(super) fn command() -> Command {
    Command::new("find")
        .about("Find records of any kind by words: ids, names, pinyin initials, any text")
        .arg(
            Arg::new("words")
                .value_name("WORD")
                .required(true)
                .num_args(1..)
                .help("All of these words"),
        )
        .after_help("Examples:\n  desk find 晨星\n  desk find cxyy\n  desk find thermometer")
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let words: Vec<String> =
        matches.get_many::<String>("words").into_iter().flatten().cloned().collect();
    context.look(&context.desk()?, |book| found(book, &words))
}

fn found(book: &Book, words: &[String]) -> Result<Made> {
    let mut rows = Vec::new();
    for &kind in KINDS {
        let filter = Filter::parse(words, kind.fields(), book.today, &book.config.calendar())?;
        for entry in book.entries(kind) {
            let value = serde_json::Value::Object(entry.value());
            if filter.matches(&value) {
                let common = entry.common();
                rows.push(Row::Data(vec![
                    Cell::text(kind.noun()),
                    Cell::Ref(common.id.clone()),
                    Cell::text(entry.names().join(" / ")),
                    common.date.into(),
                    Cell::Bool(common.void.is_some()),
                ]));
            }
        }
    }
    let columns = ["kind", "id", "name", "date", "void"].map(Column::words).to_vec();
    let empty = format!("Nothing holds {}.", words.join(" and "));
    let table = Table { key: "found".into(), columns, rows, empty };
    let page =
        Page { key: "find".into(), title: String::new(), tables: vec![table], ..Page::default() };
    Ok(Made { page, left_out: Vec::new() })
}
