//! The main table as csv or tsv: English keys, plain numbers, ISO dates, LF, no totals.
//!
//! For spreadsheets and programs. A spreadsheet never runs what a record says: in csv, words that
//! could begin a formula are preceded by `'`, and so are words that begin with `'` and could be
//! taken for such ones, so that an import can take exactly one `'` away again.

use std::{borrow::Cow, io, io::Write};

use crate::page::{Cell, Page, Row, Table};

use super::cell::{for_machines, is_words, one_line};

/// What begins a formula in some spreadsheet.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Writes the table as csv, or the facts of the pages where there is no table.
pub(super) fn write_csv(
    table: Option<&Table>,
    pages: &[Page],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
    each_record(table, pages, |cells| {
        for cell in cells {
            writer.write_field(guarded(cell).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)
    })
    .map_err(io::Error::from)?;
    writer.flush()
}

/// Writes the table as tsv, or the facts of the pages where there is no table; tabs and line
/// breaks of a cell become spaces, and nothing is quoted.
pub(super) fn write_tsv(
    table: Option<&Table>,
    pages: &[Page],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = String::new();
    each_record(table, pages, |cells| {
        line.clear();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                line.push('\t');
            }
            line.push_str(&one_line(&for_machines(cell)));
        }
        line.push('\n');
        out.write_all(line.as_bytes())
    })
}

/// Calls `write` with the header and with each row, all of the header's length.
fn each_record<E>(
    table: Option<&Table>,
    pages: &[Page],
    mut write: impl FnMut(&[&Cell]) -> Result<(), E>,
) -> Result<(), E> {
    let Some(table) = table else { return each_fact(pages, write) };
    let keys: Vec<Cell> =
        table.columns.iter().map(|column| Cell::Text(column.key.clone())).collect();
    write(&keys.iter().collect::<Vec<_>>())?;
    for row in &table.rows {
        if let Row::Data(cells) = row {
            let full = (0..keys.len()).map(|at| cells.get(at).unwrap_or(&Cell::Empty));
            write(&full.collect::<Vec<_>>())?;
        }
    }
    Ok(())
}

fn each_fact<E>(pages: &[Page], mut write: impl FnMut(&[&Cell]) -> Result<(), E>) -> Result<(), E> {
    let facts = pages.iter().flat_map(|page| &page.facts);
    write(&[&Cell::Text("key".into()), &Cell::Text("value".into())])?;
    for (key, value) in facts {
        write(&[&Cell::Text(key.clone()), value])?;
    }
    Ok(())
}

/// A cell in one line, and harmless to a spreadsheet.
fn guarded(cell: &Cell) -> Cow<'_, str> {
    let plain = for_machines(cell);
    if !is_words(cell) {
        return plain;
    }
    let is_formula = |words: &str| words.trim_start_matches('\'').starts_with(FORMULA);
    let shown = match plain {
        Cow::Borrowed(words) => one_line(words),
        Cow::Owned(ref words) => Cow::Owned(one_line(words).into_owned()),
    };
    if is_formula(&shown) || is_formula(&for_machines(cell)) {
        return Cow::Owned(format!("'{shown}"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn text(words: &str) -> String {
        guarded(&Cell::Text(words.into())).into_owned()
    }

    #[test]
    fn words_never_become_formulas_and_numbers_stay_numbers() {
        for words in ["=1+1", "+86 138", "-x", "@a", "＝1", "＋1", "－1", "＠a"] {
            assert_eq!(text(words), format!("'{words}"));
        }
        assert_eq!(text("\t=1"), "'=1");
        assert_eq!(text("A100"), "A100");
        assert_eq!(guarded(&Cell::Ref("=X".into())), "'=X");
        assert_eq!(guarded(&Cell::List(vec!["-a".into(), "b".into()])), "'-a;b");
        assert_eq!(guarded(&Cell::Money(Decimal::new(-150, 2))), "-1.50");
    }

    #[test]
    fn one_quote_taken_away_gives_the_words_back() {
        assert_eq!(text("'=1"), "''=1");
        assert_eq!(text("'quoted'"), "'quoted'");
    }
}
