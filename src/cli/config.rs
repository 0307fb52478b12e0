//! `desk config list`: every setting with where it comes from.

use clap::{ArgMatches, Command};
use serde_json::Value;

use super::{Context, Done, env};
use crate::{
    error::Result,
    page::{Cell, Column, Page, Row, Table},
    report::Made,
    store::layout,
};

pub(super) fn command() -> Command {
    Command::new("config")
        .about("The settings in force")
        .arg_required_else_help(true)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("list")
                .about("List every setting with where it comes from")
                .after_help("Example:\n  desk config list -O json"),
        )
}

pub(super) fn run(context: &Context, _: &ArgMatches) -> Result<Done> {
    let desk = context.desk()?;
    let book = desk.book()?;
    let local = env::local_settings(&desk.root)?;
    let mut rows = Vec::new();
    let first = |sources: &[(Option<&String>, &'static str)]| {
        let found =
            sources.iter().find_map(|(value, source)| value.map(|value| (value.clone(), *source)));
        found.unwrap_or_else(|| (String::new(), "not set"))
    };
    let own = "config.toml";
    let clone = ".desk/local.toml";
    let named = [
        (
            "user",
            first(&[
                (context.env.user.as_ref(), "DESK_USER"),
                (local.user.as_ref(), clone),
                (context.own.user.as_ref(), own),
            ]),
        ),
        ("site", first(&[(context.env.site.as_ref(), "DESK_SITE"), (local.site.as_ref(), clone)])),
        (
            "language",
            first(&[
                (context.env.language.as_ref(), "DESK_LANG"),
                (context.globals.lang.as_ref(), "--lang or config.toml"),
                (book.config.defaults.language.as_ref(), layout::CONFIG),
            ]),
        ),
        (
            "editor",
            first(&[
                (context.env.editor.as_ref(), "VISUAL or EDITOR"),
                (context.own.editor.as_ref(), own),
            ]),
        ),
        (
            "pager",
            first(&[(context.env.pager.as_ref(), "PAGER"), (context.own.pager.as_ref(), own)]),
        ),
        (
            "today",
            (
                book.today.to_string(),
                if context.env.today.is_some() { "DESK_TODAY" } else { "clock, company.time_zone" },
            ),
        ),
    ];
    for (key, (value, source)) in named {
        rows.push(row(key, value, source));
    }
    let config = serde_json::to_value(&book.config).unwrap_or_default();
    flatten("", &config, &mut rows);
    let columns = ["key", "value", "source"].map(Column::words).to_vec();
    let table = Table { key: "config".into(), columns, rows, empty: String::new() };
    let facts = vec![("dir".into(), Cell::text(desk.root.display().to_string()))];
    let page = Page {
        key: "config".into(),
        title: "Settings".into(),
        facts,
        tables: vec![table],
        ..Page::default()
    };
    context.show(&book.files, Made { page, left_out: Vec::new() })
}

fn row(key: &str, value: String, source: &str) -> Row {
    Row::Data(vec![Cell::text(key), Cell::text(value), Cell::text(source)])
}

/// The values of desk.toml, a row each.
fn flatten(prefix: &str, value: &Value, rows: &mut Vec<Row>) {
    match value {
        Value::Object(map) if map.len() == 1 && map.keys().all(|key| key.starts_with('$')) => {
            map.values().for_each(|value| flatten(prefix, value, rows));
        }
        Value::Object(map) => {
            for (key, value) in map {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&path, value, rows);
            }
        }
        Value::Null => {}
        Value::Array(list) if list.is_empty() => {}
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (at, item) in list.iter().enumerate() {
                flatten(&format!("{prefix}[{}]", at + 1), item, rows);
            }
        }
        Value::Array(list) => {
            let words = list
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            rows.push(row(prefix, words.collect::<Vec<_>>().join("; "), layout::CONFIG));
        }
        Value::String(text) => rows.push(row(prefix, text.clone(), layout::CONFIG)),
        other => rows.push(row(prefix, other.to_string(), layout::CONFIG)),
    }
}
