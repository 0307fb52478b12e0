//! `--cols`, `--sort` and `--limit`, on any page.

use super::Globals;
use crate::{
    error::{Error, Result},
    page::{Page, Table},
    value::text::closest,
};

/// Shapes the table that is shown: the one of `--table`, else the first.
pub(super) fn shape(page: &mut Page, globals: &Globals) -> Result<()> {
    let wanted = globals.table.as_deref();
    let at =
        page.tables.iter().position(|table| wanted.is_none_or(|key| table.key == key)).unwrap_or(0);
    let Some(table) = page.tables.get_mut(at) else { return Ok(()) };
    if let Some(key) = &globals.sort {
        table.sort(key).map_err(|key| unknown(table, &key))?;
    }
    if !globals.cols.is_empty() {
        table.select(&globals.cols).map_err(|key| unknown(table, &key))?;
    }
    if let Some(most) = globals.limit {
        let all = table.limit(most);
        if all > most {
            page.notes.push(format!("the first {most} of {all} rows"));
        }
    }
    Ok(())
}

fn unknown(table: &Table, key: &str) -> Error {
    let keys = table.columns.iter().map(|column| column.key.as_str());
    let error = Error::usage(format!("there is no column \"{key}\" here"));
    match closest(key, keys.clone()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint(format!("columns: {}", keys.collect::<Vec<_>>().join(", "))),
    }
}
