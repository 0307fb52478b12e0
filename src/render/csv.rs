//! The main table as csv or tsv: English keys, plain numbers, ISO dates, LF, no totals.
//!
//! For spreadsheets and programs. A spreadsheet never runs what a record says: in csv, words that
//! could begin a formula are preceded by `'`, and so are words that begin with `'` and could be
//! taken for such ones, so that an import can take exactly one `'` away again.

use std::{borrow::Cow, io, io::Write};

use crate::{
    page::{Cell, Page, Row, Table},
    value::formula::is_formula,
};

use super::cell::{is_words, one_line, push_plain};

/// Bytes that are gathered before they are written.
const CHUNK: usize = 1 << 16;

/// Writes the table as csv, or the facts of the pages where there is no table.
pub(super) fn write_csv(
    table: Option<&Table>,
    pages: &[Page],
    out: &mut dyn Write,
) -> io::Result<()> {
    write_separated(table, pages, out, ',', csv_words)
}

/// Writes the table as tsv, or the facts of the pages where there is no table; tabs and line
/// breaks of a cell become spaces, and nothing is quoted.
pub(super) fn write_tsv(
    table: Option<&Table>,
    pages: &[Page],
    out: &mut dyn Write,
) -> io::Result<()> {
    write_separated(table, pages, out, '\t', |words| one_line(words).into_owned())
}

fn write_separated(
    table: Option<&Table>,
    pages: &[Page],
    out: &mut dyn Write,
    separator: char,
    fit: fn(&str) -> String,
) -> io::Result<()> {
    let mut text = String::new();
    each_record(table, pages, |cells| {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                text.push(separator);
            }
            let start = text.len();
            push_plain(cell, &mut text);
            if is_words(cell) && !is_harmless(&text[start..]) {
                let words = text.split_off(start);
                text.push_str(&fit(&words));
            }
        }
        text.push('\n');
        if text.len() < CHUNK {
            return Ok(());
        }
        out.write_all(text.as_bytes())?;
        text.clear();
        Ok(())
    })?;
    out.write_all(text.as_bytes())
}

/// Whether words need neither quotes nor a closer look, as most do not: letters and digits first,
/// then signs of ASCII or Chinese characters.
fn is_harmless(words: &str) -> bool {
    let chinese = |character: &char| ('\u{4E00}'..='\u{9FFF}').contains(character);
    let begins = |first: char| first.is_ascii_alphanumeric() || chinese(&first);
    let plain = |character| match character {
        ',' | '"' => false,
        _ => (' '..='~').contains(&character) || chinese(&character),
    };
    words.chars().next().is_none_or(begins) && !words.ends_with(' ') && words.chars().all(plain)
}

/// Words as a csv field: harmless to a spreadsheet, and quoted where the format needs it.
fn csv_words(words: &str) -> String {
    let guarded = guarded(words);
    if !guarded.contains([',', '"']) {
        return guarded.into_owned();
    }
    format!("\"{}\"", guarded.replace('"', "\"\""))
}

/// Calls `write` with the header and with each row, all of the header's length.
fn each_record(
    table: Option<&Table>,
    pages: &[Page],
    mut write: impl FnMut(&[Cell]) -> io::Result<()>,
) -> io::Result<()> {
    let Some(table) = table else { return each_fact(pages, write) };
    let keys: Vec<Cell> =
        table.columns.iter().map(|column| Cell::Text(column.key.clone())).collect();
    write(&keys)?;
    for row in &table.rows {
        match row {
            Row::Data(cells) if cells.len() >= keys.len() => write(&cells[..keys.len()])?,
            Row::Data(cells) => {
                let mut full = cells.clone();
                full.resize(keys.len(), Cell::Empty);
                write(&full)?;
            }
            Row::Total(_) => {}
        }
    }
    Ok(())
}

fn each_fact<E>(pages: &[Page], mut write: impl FnMut(&[Cell]) -> Result<(), E>) -> Result<(), E> {
    write(&["key".into(), "value".into()])?;
    for (key, value) in pages.iter().flat_map(|page| &page.facts) {
        write(&[Cell::text(key.as_str()), value.clone()])?;
    }
    Ok(())
}

/// Words in one line, and harmless to a spreadsheet.
fn guarded(words: &str) -> Cow<'_, str> {
    let shown = one_line(words);
    if is_formula(words) || is_formula(&shown) {
        return Cow::Owned(format!("'{shown}"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use crate::page::Column;

    use super::*;

    fn text(words: &str) -> String {
        guarded(words).into_owned()
    }

    #[test]
    fn words_never_become_formulas_and_numbers_stay_numbers() {
        for words in ["=1+1", "+86 138", "-x", "@a", "＝1", "＋1", "－1", "＠a"] {
            assert_eq!(text(words), format!("'{words}"));
        }
        assert_eq!(text("\t=1"), "'=1");
        assert_eq!(text("A100"), "A100");
        let cells = vec![
            Cell::Ref("=X".into()),
            Cell::List(vec!["-a".into(), "b, c".into()]),
            Cell::Money(Decimal::new(-150, 2)),
        ];
        let columns = ["a", "b", "c"].map(Column::words).into();
        let table = Table { columns, rows: vec![Row::Data(cells)], ..Table::default() };
        let mut written = Vec::new();
        assert!(write_csv(Some(&table), &[], &mut written).is_ok());
        assert_eq!(written, b"a,b,c\n'=X,\"'-a;b, c\",-1.50\n");
    }

    #[test]
    fn one_quote_taken_away_gives_the_words_back() {
        assert_eq!(text("'=1"), "''=1");
        assert_eq!(text("'quoted'"), "'quoted'");
    }

    proptest! {
        #[test]
        fn a_reader_gets_every_field_back(
            rows in prop::collection::vec(prop::array::uniform2("[ -~晨\\t\\n]{0,12}"), 0..6),
        ) {
            let row = |row: &[String; 2]| Row::Data(row.iter().map(Cell::text).collect());
            let columns = ["a", "b"].map(Column::words).into();
            let rows_of_cells = rows.iter().map(row).collect();
            let table = Table { columns, rows: rows_of_cells, ..Table::default() };
            let mut written = Vec::new();
            prop_assert!(write_csv(Some(&table), &[], &mut written).is_ok());
            let mut read = Vec::new();
            for record in csv::Reader::from_reader(written.as_slice()).records() {
                let record = record.expect("what was written can be read");
                read.push([record[0].to_owned(), record[1].to_owned()]);
            }
            let expected: Vec<[String; 2]> =
                rows.iter().map(|row| [text(&row[0]), text(&row[1])]).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
