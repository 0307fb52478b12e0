//! Whatever stands in a cell, every format can be written, and programs can read theirs back.

use proptest::prelude::*;
use rust_decimal::Decimal;
use salesdesk::{
    page::{Cell, Column, Page, Row, Table},
    render::{Format, Style, render},
};
use serde_json::Value;

const FORMATS: [&str; 7] = ["table", "plain", "csv", "tsv", "json", "jsonl", "md"];

fn words() -> impl Strategy<Value = String> {
    let odd = [
        "",
        "\0",
        "\u{1b}[31m",
        "\u{202e}",
        "\r\n",
        "=1+1",
        "|",
        "\"",
        ",",
        "\t",
        "晨星",
        "e\u{301}",
        "👩‍👩‍👧",
    ];
    prop_oneof![
        any::<String>(),
        prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
        "[ -~]{0,300}"
    ]
}

fn decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (any::<i64>(), 0_u32..7).prop_map(|(digits, scale)| Decimal::new(digits, scale)),
        Just(Decimal::MAX),
        Just(Decimal::MIN),
        (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>(), 0_u32..29).prop_map(
            |(lo, mid, hi, negative, scale)| Decimal::from_parts(lo, mid, hi, negative, scale)
        ),
    ]
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Empty),
        Just(Cell::NotApplicable),
        Just(Cell::Masked),
        words().prop_map(Cell::Text),
        words().prop_map(Cell::Ref),
        prop::collection::vec(words(), 0..3).prop_map(Cell::List),
        any::<i64>().prop_map(Cell::Int),
        any::<bool>().prop_map(Cell::Bool),
        decimal().prop_map(Cell::Quantity),
        decimal().prop_map(Cell::Money),
        decimal().prop_map(Cell::Percent),
    ]
}

/// A page with a table of three columns, some of its rows too short or too long.
fn page() -> impl Strategy<Value = Page> {
    let row = (prop::collection::vec(cell(), 2..5), any::<bool>());
    let row =
        row.prop_map(|(cells, total)| if total { Row::Total(cells) } else { Row::Data(cells) });
    let rows = prop::collection::vec(row, 0..6);
    (words(), cell(), rows, words()).prop_map(|(title, fact, rows, note)| {
        let columns = ["id", "amount", "remarks"].map(Column::words).to_vec();
        let table = Table { key: "rows".into(), columns, rows, empty: "Nothing.".into() };
        let facts = vec![("gross".to_owned(), fact)];
        Page {
            key: "page".into(),
            title,
            facts,
            tables: vec![table],
            charts: Vec::new(),
            notes: vec![note],
            record: None,
        }
    })
}

proptest! {
    #![proptest_config(crate::cases(150))]

    #[test]
    fn every_page_can_be_written_in_every_format(
        page in page(), width in prop::option::of(0_usize..200), color: bool,
    ) {
        let style = Style { width, color, ..Style::default() };
        for name in FORMATS {
            let format = Format::parse(name).expect("a known format");
            let mut out = Vec::new();
            render(std::slice::from_ref(&page), format, &style, &mut out).expect("memory takes it");
            let text = String::from_utf8(out).expect("it is text");
            match name {
                "json" => drop(serde_json::from_str::<Value>(&text).expect("it is JSON")),
                "jsonl" => text.lines().for_each(|line| {
                    serde_json::from_str::<Value>(line).expect("each line is JSON");
                }),
                "csv" => {
                    let mut reader = csv::ReaderBuilder::new();
                    let mut reader = reader.flexible(true).from_reader(text.as_bytes());
                    let rows: Result<Vec<_>, _> = reader.records().collect();
                    let rows = rows.expect("it is csv");
                    let is_data = |row: &&Row| matches!(row, Row::Data(_));
                    let data = page.tables[0].rows.iter().filter(is_data).count();
                    prop_assert_eq!(rows.len(), data, "a row for each, totals left out:\n{}", text);
                }
                _ => {}
            }
        }
    }
}
