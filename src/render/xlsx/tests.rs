//! What a spreadsheet is given, read back by another library.

use std::{io::Cursor, slice};

use calamine::{Data, DataType, Reader, Xlsx};

use crate::{
    error::Kind,
    page::{Chart, Column},
    render::{
        Format, render,
        tests::{decimal, money, orders},
    },
    value::day::Moment,
};

use super::*;

fn bytes(pages: &[Page], style: &Style) -> Vec<u8> {
    let mut bytes = Vec::new();
    render(pages, Format::Xlsx, style, &mut bytes).expect("the pages of this test fit");
    bytes
}

fn read(pages: &[Page], style: &Style) -> Vec<(String, Vec<Vec<Data>>)> {
    let book = Cursor::new(bytes(pages, style));
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(book).expect("it is a workbook");
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).expect("the sheet is there");
        assert!(formulas.used_cells().next().is_none(), "a formula in {name}");
    }
    let rows = |range: calamine::Range<Data>| range.rows().map(<[Data]>::to_vec).collect();
    book.worksheets().into_iter().map(|(name, range)| (name, rows(range))).collect()
}

fn page(cells: Vec<Cell>) -> Page {
    let columns = (0..cells.len()).map(|at| Column::words(format!("c{at}"))).collect();
    let table =
        Table { key: "t".into(), columns, rows: vec![Row::Data(cells)], ..Table::default() };
    Page { tables: vec![table], ..Page::default() }
}

fn first_row(cells: Vec<Cell>) -> Vec<Data> {
    read(&[page(cells)], &Style::default())[0].1[1].clone()
}

#[test]
fn dates_are_dates_and_figures_are_numbers() {
    let sheets = read(&[orders()], &Style::default());
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["orders", "head"]);
    let rows = &sheets[0].1;
    let header: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(header, ["order", "customer", "promised on", "quantity", "net", "margin rate"]);
    assert_eq!(rows[1][2].as_date(), NaiveDate::from_ymd_opt(2026, 9, 30));
    assert_eq!(rows[1][3..], [Data::Float(20.0), Data::Float(2560.0), Data::Float(0.125)]);
    assert_eq!(rows[2][5], Data::String("n/a".into()));
    assert_eq!(rows[3][4], Data::Float(1_236_807.5), "a total is a number");
    let head: Vec<String> = sheets[1].1.iter().map(|row| row[0].to_string()).collect();
    assert_eq!(head, ["Orders", "", "as of", "basis", "", "1 file left out"]);
    let zh = Style { language: Language::Zh, ..Style::default() };
    let sheets = read(&[orders()], &zh);
    assert_eq!((sheets[0].0.as_str(), sheets[1].0.as_str()), ("订单", "说明"));
}

#[test]
fn every_type_of_cell_has_its_own() {
    let moment: Moment = "2026-09-23T12:30:00+08:00".parse().expect("a test's own moment");
    let cells = first_row(vec![
        Cell::Moment(moment),
        Cell::Bool(true),
        Cell::Masked,
        Cell::Quantity(decimal("1.50")),
        Cell::Int(-7),
        money("-0.00"),
    ]);
    let local = NaiveDate::from_ymd_opt(2026, 9, 23).and_then(|day| day.and_hms_opt(12, 30, 0));
    assert_eq!(cells[0].as_datetime(), local);
    assert_eq!(cells[1], Data::Bool(true));
    assert_eq!(cells[2], Data::String("***".into()));
    assert_eq!(cells[3..], [Data::Float(1.5), Data::Float(-7.0), Data::Float(0.0)]);
}

#[test]
fn a_figure_that_a_spreadsheet_would_round_stands_there_as_text() {
    assert_eq!(number("123456789012.345"), Some(123_456_789_012.345));
    assert_eq!(number("1000000000000000000000"), Some(1e21));
    assert_eq!(number("0.000000000000000001"), Some(1e-18));
    assert_eq!(number("1234567890123.456"), None);
    let cells = first_row(vec![money("12345678901234.56"), Cell::Int(i64::MAX)]);
    let expected = ["12,345,678,901,234.56", "9,223,372,036,854,775,807"];
    assert_eq!(cells, expected.map(|words| Data::String(words.into())));
    let early = NaiveDate::from_ymd_opt(1899, 5, 1).map_or(Cell::Empty, Cell::Date);
    assert_eq!(first_row(vec![early]), [Data::String("1899-05-01".into())]);
}

#[test]
fn words_that_look_like_a_formula_or_worse_stay_words() {
    let own = ["=1+1", "+86 138", "-x", "@a", "＝1", "=cmd|' /C calc'!A0", "http://x.y", "_x0041_"];
    let texts: Vec<&str> = naughty_strings::BLNS.iter().copied().chain(own).collect();
    let mut page = page(vec![Cell::Empty; 3]);
    let row =
        |text: &&str| vec![Cell::Text((*text).into()), Cell::Ref((*text).into()), "end".into()];
    page.tables[0].rows = texts.iter().map(|text| Row::Data(row(text))).collect();
    let rows = &read(&[page], &Style::default())[0].1[1..];
    assert_eq!(rows.len(), texts.len());
    for (text, row) in texts.iter().zip(rows) {
        let shown = cell::one_line(text).into_owned();
        for cell in &row[..2] {
            let words = cell.get_string().unwrap_or_default();
            assert_eq!(words, shown, "{text:?}");
            assert!(!words.contains(crate::value::text::is_unsafe));
        }
    }
}

#[test]
fn hostile_names_make_a_workbook_all_the_same() {
    let hostile = |text: &&str| {
        let words = (*text).to_owned();
        let columns = vec![Column::words(words.as_str()), Column::words("n")];
        let cells = |number| Row::Data(vec![Cell::Int(number), Cell::Int(number)]);
        let rows = vec![cells(1), cells(2)];
        let table = Table { key: words.clone(), columns, rows, ..Table::default() };
        let empty = Table { rows: Vec::new(), empty: words.clone(), ..table.clone() };
        let (labels, figure) = (vec![words.clone()], "n".into());
        let chart = Chart { table: words.clone(), labels, figure, shape: Shape::Bars };
        let facts = vec![(words.clone(), (*text).into())];
        let (tables, charts, notes) = (vec![table, empty], vec![chart], vec![words.clone()]);
        Page { title: words, facts, tables, charts, notes, ..Page::default() }
    };
    let style = Style { charts: true, ..Style::default() };
    let pages: Vec<Page> = naughty_strings::BLNS.iter().map(hostile).collect();
    for pages in pages.chunks(60) {
        assert_eq!(read(pages, &style).len(), pages.len() * 3, "{}", pages[0].title);
    }
}

#[test]
fn words_longer_than_a_cell_are_cut_and_it_is_said() {
    let page = page(vec!["晨".repeat(40_000).into(), "x".repeat(CHARACTERS).into()]);
    let sheets = read(slice::from_ref(&page), &Style::default());
    let row = &sheets[0].1[1];
    let lengths = [0, 1].map(|at| row[at].get_string().map(|words| words.chars().count()));
    assert_eq!(lengths, [Some(CHARACTERS), Some(CHARACTERS)]);
    let said: Vec<String> = sheets[1].1.iter().map(|row| row[0].to_string()).collect();
    assert!(said.iter().any(|line| line.contains("were cut")), "{said:?}");
}

#[test]
fn what_a_sheet_does_not_hold_is_refused() {
    let mut page = page(vec![Cell::Int(1)]);
    page.tables[0].rows = vec![Row::Data(Vec::new()); ROWS];
    let error = render(&[page], Format::Xlsx, &Style::default(), &mut Vec::new());
    let error = error.expect_err("the header takes one row");
    assert_eq!((error.kind, error.hints), (Kind::Usage, vec!["-O csv".to_owned()]));
}

#[test]
fn the_same_pages_give_the_same_bytes() {
    let (labels, figure) = (vec!["customer".into()], "net".into());
    let chart = Chart { table: "orders".into(), labels, figure, shape: Shape::Bars };
    let page = Page { charts: vec![chart], ..orders() };
    let style = Style { charts: true, ..Style::default() };
    let pages = [page.clone(), page];
    let once = bytes(&pages, &style);
    assert_eq!(once, bytes(&pages, &style));
    let sheets = read(&pages, &style);
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["orders", "head", "orders 2", "head 2"]);
    let has = |part: &[u8]| once.windows(part.len()).any(|bytes| bytes == part);
    assert!(has(b"xl/charts/chart2.xml"));
    assert!(!bytes(&pages, &Style::default()).windows(14).any(|bytes| bytes == b"xl/charts/char"));
}

#[test]
fn an_empty_table_says_what_would_fill_it() {
    let mut page = orders();
    page.tables[0].rows.clear();
    page.tables[0].empty = "no orders yet".into();
    let sheets = read(&[page], &Style::default());
    assert_eq!(sheets[0].1[1][0], Data::String("no orders yet".into()));
    let only = Page { tables: Vec::new(), ..orders() };
    assert_eq!(read(&[only], &Style::default()).len(), 1, "facts and notes alone");
}
