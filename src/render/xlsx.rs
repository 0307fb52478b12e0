//! Pages as a workbook: a sheet for each table, and one for the title, the facts and the notes.
//!
//! For spreadsheets. Dates are dates and figures are numbers, with the decimals they have; what
//! looks like a formula stays text. A spreadsheet keeps fifteen digits, so a figure of more stands
//! there as text with all of them. Rows go to a file without a name as they are written, so memory
//! does not grow with them, and the same pages give the same bytes.

mod formats;
mod names;

use std::{
    io,
    io::{Seek, SeekFrom, Write},
};

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{Chart as Drawing, ChartType, DocProperties, Workbook, Worksheet, XlsxError};

use crate::{
    error::{Error, Result},
    page::{Cell, Page, Row, Shape, Table},
    value::{formula::is_formula, text::width},
};

use self::{formats::Formats, names::Names};
use super::{Language, Style, cell, chart, label, not_written, shown_tables, text};

/// Rows and columns that a sheet holds, the header among them.
const ROWS: usize = 1_048_576;
const COLUMNS: usize = 16_384;
/// Characters that a cell holds, in UTF-16.
const CHARACTERS: usize = 32_767;
/// Stands at the end of words that a cell does not hold.
const CUT: &str = "…";
/// Widest and narrowest column, in characters.
const WIDEST: usize = 60;
const NARROWEST: usize = 6;
/// More columns than these are printed across the paper.
const WIDE: usize = 10;
/// The number of A4 in the format.
const A4: u8 = 9;
/// Most rows that a chart is drawn of.
const DRAWN: usize = 400;

/// Writes pages as one workbook; a table that a sheet does not hold is a usage error.
pub(super) fn write(pages: &[Page], style: &Style, out: &mut dyn Write) -> Result<()> {
    for table in pages.iter().flat_map(|page| shown_tables(page, style)) {
        if table.rows.len() >= ROWS || table.columns.len() > COLUMNS {
            let message = format!(
                "a sheet holds {ROWS} rows of {COLUMNS} columns, and {} has {} of {}",
                table.key,
                table.rows.len(),
                table.columns.len()
            );
            return Err(Error::usage(message).hint("-O csv"));
        }
    }
    let mut file = tempfile::tempfile().map_err(not_written)?;
    let mut book = workbook(pages, style).map_err(failed)?;
    book.save_to_writer(&mut file).map_err(failed)?;
    let copied = file.seek(SeekFrom::Start(0)).and_then(|_| io::copy(&mut file, out));
    copied.map(|_| ()).map_err(not_written)
}

fn failed(cause: XlsxError) -> Error {
    not_written(io::Error::other(cause))
}

fn workbook(pages: &[Page], style: &Style) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    // One moment for all files: the day something was made would make two of the same differ.
    let made = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
    let title = pages.iter().map(|page| page.title.as_str()).collect::<Vec<_>>().join(" · ");
    let title = cell::one_line(&title).into_owned();
    book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&made));
    let mut names = Names::default();
    let mut writer = Writer { style, formats: Formats::new(), has_cut: false };
    let mut is_first = true;
    for page in pages {
        writer.has_cut = false;
        for table in shown_tables(page, style) {
            let words = label(&table.key, style.language);
            let sheet = book.add_worksheet_with_constant_memory()?;
            sheet.set_name(names.next(&words))?;
            writer.table(page, table, sheet)?;
        }
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(names.next(match style.language {
            Language::En => "head",
            Language::Zh => "说明",
        }))?;
        writer.head(page, sheet)?;
        // What a reader must know is what the file opens with.
        if is_first && (!page.notes.is_empty() || writer.has_cut) {
            sheet.set_active(true);
            is_first = false;
        }
    }
    Ok(book)
}

/// Writes the sheets of one workbook.
struct Writer<'a> {
    style: &'a Style,
    formats: Formats,
    /// Whether words of the page were longer than a cell holds.
    has_cut: bool,
}

impl Writer<'_> {
    fn table(
        &mut self,
        page: &Page,
        table: &Table,
        sheet: &mut Worksheet,
    ) -> Result<(), XlsxError> {
        let language = self.style.language;
        let mut widths = Vec::with_capacity(table.columns.len());
        for (at, column) in (0..).zip(&table.columns) {
            let words = cell::one_line(&label(&column.key, language)).into_owned();
            // Beside the words stands the button of the filter.
            widths.push(width(&words) + 3);
            let format =
                if column.right { &self.formats.header_right } else { &self.formats.header };
            sheet.write_string_with_format(0, at, self.words(&words).0, format)?;
        }
        for (number, row) in (1..).zip(&table.rows) {
            let is_total = matches!(row, Row::Total(_));
            for (at, widest) in (0..).zip(&mut widths) {
                let cell = row.cells().get(usize::from(at)).unwrap_or(&Cell::Empty);
                *widest = (*widest).max(self.cell(sheet, (number, at), cell, is_total)?);
            }
        }
        if table.rows.is_empty() {
            let empty = text::empty_sentence(table, language);
            sheet.write_string(1, 0, self.words(&cell::one_line(&empty)).0)?;
        }
        for (at, width) in (0..).zip(&widths) {
            let width = u32::try_from((*width).clamp(NARROWEST, WIDEST)).unwrap_or(0);
            sheet.set_column_width(at, width)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_repeat_rows(0, 0)?;
        self.paper(sheet, table.columns.len());
        let data = table.rows.iter().rposition(|row| matches!(row, Row::Data(_)));
        let last = data.and_then(|at| u32::try_from(at + 1).ok());
        let columns = u16::try_from(table.columns.len()).unwrap_or(0);
        if let (Some(last), Some(right)) = (last, columns.checked_sub(1)) {
            sheet.autofilter(0, 0, last, right)?;
            if self.style.charts {
                self.charts(page, table, sheet, last)?;
            }
        }
        Ok(())
    }

    fn paper(&self, sheet: &mut Worksheet, columns: usize) {
        sheet.set_paper_size(A4);
        sheet.set_print_fit_to_pages(1, 0);
        if columns > WIDE {
            sheet.set_landscape();
        }
    }

    /// Draws the charts of a table to its right, over the cells themselves.
    fn charts(
        &self,
        page: &Page,
        table: &Table,
        sheet: &mut Worksheet,
        last: u32,
    ) -> Result<(), XlsxError> {
        let rows = table.rows.iter().take(last as usize);
        let is_whole = rows.clone().all(|row| matches!(row, Row::Data(_)));
        if !is_whole || !(2..=DRAWN).contains(&rows.len()) {
            return Ok(());
        }
        let name = sheet.name();
        let mut top = 1;
        let own = page.charts.iter().filter(|chart| chart.table == table.key);
        for (chart, spot) in own.filter_map(|own| Some((own, chart::spot(own, table)?))) {
            let column = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
            let (words, figures) = (spot.labels.last().copied().unwrap_or(0), spot.figure);
            let mut drawing = Drawing::new(match chart.shape {
                Shape::Bars => ChartType::Bar,
                Shape::Line => ChartType::Line,
            });
            let (words, figures) = (column(words), column(figures));
            drawing
                .add_series()
                .set_categories((name.as_str(), 1, words, last, words))
                .set_values((name.as_str(), 1, figures, last, figures));
            let title = chart::title(chart, table, &spot, self.style.language);
            // A title that began with a sign of a formula would be read as a place in a sheet.
            drawing.title().set_name(title.trim_start_matches(['=', '\'']));
            drawing.legend().set_hidden();
            let height = if chart.shape == Shape::Bars { 120 + 22 * last } else { 320 };
            drawing.set_width(640).set_height(height);
            if chart.shape == Shape::Bars {
                // Bars stand in the order of the rows, the first on top.
                drawing.x_axis().set_reverse();
            }
            sheet.insert_chart(top, column(table.columns.len() + 1), &drawing)?;
            top += height / 20 + 2;
        }
        Ok(())
    }

    fn head(&mut self, page: &Page, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let language = self.style.language;
        let mut row = 0;
        let mut widest = NARROWEST;
        if !page.title.trim().is_empty() {
            let title = cell::one_line(&page.title);
            sheet.write_string_with_format(row, 0, self.words(&title).0, &self.formats.title)?;
            row += 2;
        }
        for (key, value) in page.facts.iter().filter(|(_, value)| text::is_said(value)) {
            let key = cell::one_line(&label(key, language)).into_owned();
            widest = widest.max(width(&key) + 2);
            sheet.write_string(row, 0, self.words(&key).0)?;
            if !matches!(value, Cell::Text(_)) {
                self.cell(sheet, (row, 1), value, false)?;
                row += 1;
                continue;
            }
            for line in text::fact_lines(value, language) {
                self.cell(sheet, (row, 1), &Cell::Text(line), false)?;
                row += 1;
            }
        }
        row += 1;
        let long = match language {
            Language::En => {
                "words longer than a cell of a spreadsheet were cut; csv has all of them"
            }
            Language::Zh => "超过单元格长度的文字已截断，完整内容见 csv",
        };
        let more = self.has_cut.then_some(long);
        for note in page.notes.iter().map(String::as_str).chain(more) {
            let words = cell::one_line(note);
            sheet.write_string_with_format(row, 0, self.words(&words).0, &self.formats.note)?;
            row += 1;
        }
        sheet.set_column_width(0, u32::try_from(widest.min(WIDEST)).unwrap_or(0))?;
        sheet.set_column_width(1, u32::try_from(WIDEST).unwrap_or(0))?;
        self.paper(sheet, 2);
        Ok(())
    }

    /// Writes a cell, and gives how many characters it takes.
    fn cell(
        &mut self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        cell: &Cell,
        is_total: bool,
    ) -> Result<usize, XlsxError> {
        let kind = self.formats.of(cell, is_total);
        match cell {
            Cell::Empty => {
                if is_total {
                    sheet.write_blank(row, column, kind)?;
                }
                return Ok(0);
            }
            Cell::Bool(yes) => {
                sheet.write_boolean_with_format(row, column, *yes, kind)?;
                return Ok(5);
            }
            Cell::Date(day) if is_date(*day) => {
                sheet.write_date_with_format(row, column, day, kind)?;
                return Ok(10);
            }
            Cell::Moment(moment) if is_date(moment.0.date_naive()) => {
                let local = moment.0.naive_local();
                sheet.write_datetime_with_format(row, column, local, kind)?;
                return Ok(16);
            }
            _ => {}
        }
        if cell::is_number(cell) {
            let plain = cell::for_machines(cell);
            if let Some(number) = number(&plain) {
                sheet.write_number_with_format(row, column, number, kind)?;
                return Ok(plain.len() + plain.len() / 3 + 1);
            }
        }
        let shown = cell::for_people(cell, self.style.language);
        let (words, is_cut) = self.words(&shown);
        let guarded = if is_formula(words) { self.formats.guarded(is_total) } else { kind };
        match is_cut {
            true => {
                sheet.write_string_with_format(row, column, format!("{words}{CUT}"), guarded)?
            }
            false => sheet.write_string_with_format(row, column, words, guarded)?,
        };
        self.has_cut |= is_cut;
        Ok(width(words).min(WIDEST))
    }

    /// The words that a cell holds, and whether there are more.
    fn words<'a>(&self, words: &'a str) -> (&'a str, bool) {
        if words.len() <= CHARACTERS {
            return (words, false);
        }
        let mut units = 0;
        let beyond = words.char_indices().find(|(_, character)| {
            units += character.len_utf16();
            units >= CHARACTERS
        });
        beyond.map_or((words, false), |(at, _)| (&words[..at], true))
    }
}

/// Whether a spreadsheet knows the day.
fn is_date(day: NaiveDate) -> bool {
    // Days before March 1900 are one off in some programs.
    (1901..=9999).contains(&day.year())
}

/// A figure as a spreadsheet keeps it, where that is all of it.
fn number(plain: &str) -> Option<f64> {
    let digits = plain.trim_start_matches(['-', '0', '.']).trim_end_matches('0');
    let digits = digits.bytes().filter(u8::is_ascii_digit).count();
    if digits > 15 { None } else { plain.parse().ok() }
}

#[cfg(test)]
mod tests;
