//! What every format shows of the same pages.

use std::slice;

use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::{
    error::Kind,
    page::{Cell, Chart, Column, Row, Shape},
    value::text::width,
};

use super::*;

const FORMATS_TESTED: [Format; 8] = [
    Format::Table,
    Format::Plain,
    Format::Csv,
    Format::Tsv,
    Format::Json,
    Format::Jsonl,
    Format::Markdown,
    Format::Html,
];

pub(super) fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a test's own number")
}

pub(super) fn money(text: &str) -> Cell {
    Cell::Money(decimal(text))
}

fn chart(table: &str, figure: &str) -> Chart {
    let (labels, figure) = (vec!["customer".into()], figure.into());
    Chart { table: table.into(), labels, figure, shape: Shape::Bars }
}

pub(super) fn orders() -> Page {
    let columns = vec![
        Column::words("order"),
        Column::words("customer"),
        Column::words("promised_on"),
        Column::figure("qty", &["qty"]),
        Column::figure("net", &["price", "qty"]),
        Column::figure("margin_rate", &["cost"]),
    ];
    let row = |id: &str, customer: &str, qty: &str, net: &str, margin| {
        let day = NaiveDate::from_ymd_opt(2026, 9, 30).map_or(Cell::Empty, Cell::Date);
        let qty = Cell::Quantity(decimal(qty));
        Row::Data(vec![Cell::Ref(id.into()), customer.into(), day, qty, money(net), margin])
    };
    let total = vec!["total".into(), Cell::Empty, Cell::Empty, Cell::Empty, money("1236807.50")];
    let rows = vec![
        row("SO-2609-0014", "晨星医药", "20.00", "2560.00", Cell::Percent(decimal("0.125"))),
        row("SO-2609-0015", "Harbour | Sons", "1.5", "1234247.50", Cell::NotApplicable),
        Row::Total(total),
    ];
    let table = Table { key: "orders".into(), columns, rows, ..Table::default() };
    Page {
        key: "orders".into(),
        title: "Orders".into(),
        facts: vec![("as_of".into(), "2026-09-30".into()), ("basis".into(), "ordered".into())],
        tables: vec![table],
        notes: vec!["1 file left out".into()],
        ..Page::default()
    }
}

pub(super) fn rendered(pages: &[Page], format: Format, style: &Style) -> String {
    let mut bytes = Vec::new();
    render(pages, format, style, &mut bytes).expect("the pages of this test can be shown");
    String::from_utf8(bytes).expect("every format is UTF-8")
}

fn shown(pages: &[Page], format: Format) -> String {
    rendered(pages, format, &Style::default())
}

#[test]
fn a_table_is_aligned_with_totals_below_a_rule() {
    let expected = "\
Orders
as of  2026-09-30
basis  ordered

order         customer        promised on  quantity           net  margin rate
------------------------------------------------------------------------------
SO-2609-0014  晨星医药        2026-09-30         20      2,560.00        12.5%
SO-2609-0015  Harbour | Sons  2026-09-30        1.5  1,234,247.50          n/a
------------------------------------------------------------------------------
total                                                1,236,807.50
2 rows

note: 1 file left out
";
    assert_eq!(shown(&[orders()], Format::Table), expected);
}

#[test]
fn charts_stand_below_their_table_where_they_are_drawn() {
    let mut page = Page { charts: vec![chart("orders", "net")], ..orders() };
    let style = Style { charts: true, width: Some(48), ..Style::default() };
    // 2,560.00 of 1,234,247.50 is less than an eighth of a block: it has one all the same.
    let expected = "
net · customer
晨星医药            2,560.00  ▏
Harbour | Sons  1,234,247.50  ██████████████████
";
    let text = rendered(slice::from_ref(&page), Format::Table, &style);
    assert!(text.contains(expected), "{text}");
    for format in [Format::Plain, Format::Csv, Format::Json, Format::Markdown] {
        assert!(!rendered(slice::from_ref(&page), format, &style).contains('█'), "{format:?}");
    }
    assert!(!shown(slice::from_ref(&page), Format::Table).contains('█'));
    let narrow = Style { width: Some(36), ..style.clone() };
    assert!(!rendered(slice::from_ref(&page), Format::Table, &narrow).contains('█'));
    page.charts[0].shape = Shape::Line;
    let text = rendered(slice::from_ref(&page), Format::Table, &style);
    let line = "晨星医药  2,560.00  …  Harbour | Sons  1,234,247.50  ▁█\n";
    assert!(text.contains(line), "{text}");
    page.tables[0].select(&["order".into(), "net".into()]).expect("both are there");
    let text = rendered(&[page], Format::Table, &style);
    assert!(!text.contains('█'), "whose names are not shown has no chart: {text}");
}

#[test]
fn plain_has_one_row_a_line_and_no_rules() {
    let rules = |line: &&str| !line.starts_with("---");
    let table = shown(&[orders()], Format::Table);
    let expected: Vec<&str> = table.lines().filter(rules).collect();
    let style = Style { width: Some(20), color: true, ..Style::default() };
    let plain = rendered(&[orders()], Format::Plain, &style);
    assert_eq!(plain.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn labels_are_in_the_readers_language_and_aligned_by_columns() {
    let style = Style { language: Language::Zh, ..Style::default() };
    let text = rendered(&[orders()], Format::Table, &style);
    assert!(text.contains("截至  2026-09-30\n"), "{text}");
    assert!(
        text.contains("订单          客户            承诺日期    数量    不含税金额  毛利率\n")
    );
    assert!(text.contains("2 行\n") && text.contains("注：1 file left out"));
}

#[test]
fn words_wrap_in_a_narrow_terminal_and_nothing_is_lost() {
    let mut page = orders();
    page.tables[0].rows[0] = match page.tables[0].rows[0].clone() {
        Row::Data(mut cells) => {
            cells[1] = "上海晨星医药有限公司 first and second warehouse".into();
            Row::Data(cells)
        }
        total => total,
    };
    let style = Style { width: Some(78), ..Style::default() };
    let expected = "\
order         customer        promised on  quantity           net  margin rate
------------------------------------------------------------------------------
SO-2609-0014  上海晨星医药有  2026-09-30         20      2,560.00        12.5%
              限公司 first
              and second
              warehouse
SO-2609-0015  Harbour | Sons  2026-09-30        1.5  1,234,247.50          n/a
------------------------------------------------------------------------------
total                                                1,236,807.50
";
    let text = rendered(&[page.clone()], Format::Table, &style);
    assert!(text.contains(expected), "{text}");
    let narrow = Style { width: Some(40), ..Style::default() };
    let wide = shown(&[page.clone()], Format::Table);
    assert_eq!(rendered(&[page], Format::Table, &narrow), wide, "wrapping would not help");
}

#[test]
fn long_tables_look_like_short_ones() {
    let long = |rows: usize| {
        let mut page = orders();
        let row = page.tables[0].rows[0].clone();
        page.tables[0].rows = vec![row; rows];
        page
    };
    let style = Style { width: Some(78), ..Style::default() };
    let (few, many) = (long(3), long(2_500));
    let few = rendered(&[few], Format::Table, &style);
    let many = rendered(&[many], Format::Table, &style);
    assert!(few.lines().take(8).eq(many.lines().take(8)), "{few}");
    assert!(many.contains("\n2500 rows\n"));
}

#[test]
fn cells_of_any_width_are_shown_whole() {
    for wide in [4_900, 5_100, 70_000] {
        let mut page = orders();
        page.tables[0].rows.push(Row::Data(vec!["x".into(), "晨".repeat(wide / 2).into()]));
        let style = Style { width: Some(78), ..Style::default() };
        let text = rendered(&[page], Format::Table, &style);
        assert_eq!(text.matches('晨').count(), wide / 2 + 1, "{wide}");
    }
}

#[test]
fn colour_marks_titles_and_headers_and_changes_nothing_else() {
    let style = Style { color: true, width: Some(60), ..Style::default() };
    let colored = rendered(&[orders()], Format::Table, &style);
    assert!(colored.starts_with("\u{1b}[1mOrders\u{1b}[0m\n"), "{colored:?}");
    let plain = rendered(&[orders()], Format::Table, &Style { color: false, ..style });
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
}

#[test]
fn an_empty_table_says_what_would_fill_it() {
    let mut page = orders();
    page.tables[0].rows.clear();
    page.tables[0].empty = "no orders yet: desk order add".into();
    assert!(shown(&[page.clone()], Format::Table).contains("\n\nno orders yet: desk order add\n"));
    assert!(shown(&[page.clone()], Format::Markdown).contains("\n\nno orders yet: desk order add"));
    assert_eq!(
        shown(&[page.clone()], Format::Csv),
        "order,customer,promised_on,qty,net,margin_rate\n"
    );
    assert_eq!(shown(&[page.clone()], Format::Jsonl), "");
    page.tables[0].empty.clear();
    assert!(shown(&[page], Format::Table).contains("\nnothing to show\n"));
}

#[test]
fn csv_and_tsv_are_plain_and_without_totals() {
    let expected = "\
order,customer,promised_on,qty,net,margin_rate
SO-2609-0014,晨星医药,2026-09-30,20,2560.00,0.125
SO-2609-0015,Harbour | Sons,2026-09-30,1.5,1234247.50,
";
    assert_eq!(shown(&[orders()], Format::Csv), expected);
    assert_eq!(shown(&[orders()], Format::Tsv), expected.replace(',', "\t"));
    let zh = Style { language: Language::Zh, ..Style::default() };
    assert_eq!(rendered(&[orders()], Format::Csv, &zh), expected, "keys stay English");
}

#[test]
fn a_page_without_tables_gives_its_facts_to_csv() {
    let page = Page { tables: Vec::new(), ..orders() };
    let expected = "key,value\nas_of,2026-09-30\nbasis,ordered\n";
    assert_eq!(shown(slice::from_ref(&page), Format::Csv), expected);
    let line = "{\"as_of\": \"2026-09-30\", \"basis\": \"ordered\"}\n";
    assert_eq!(shown(&[page], Format::Jsonl), line);
}

#[test]
fn json_numbers_carry_the_exact_digits() {
    let expected = "\
{
  \"key\": \"orders\",
  \"title\": \"Orders\",
  \"facts\": {\"as_of\": \"2026-09-30\", \"basis\": \"ordered\"},
  \"tables\": {
    \"orders\": [
      {\"order\": \"SO-2609-0014\", \"customer\": \"晨星医药\", \"promised_on\": \"2026-09-30\", \
\"qty\": 20, \"net\": 2560.00, \"margin_rate\": 0.125},
      {\"order\": \"SO-2609-0015\", \"customer\": \"Harbour | Sons\", \"promised_on\": \
\"2026-09-30\", \"qty\": 1.5, \"net\": 1234247.50, \"margin_rate\": null}
    ]
  },
  \"notes\": [\"1 file left out\"]
}
";
    assert_eq!(shown(&[orders()], Format::Json), expected);
    let lines = shown(&[orders()], Format::Jsonl);
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.lines().all(|line| expected.contains(line)));
}

#[test]
fn a_record_is_shown_as_its_file_holds_it_beside_what_is_derived() {
    let record = serde_json::json!({"id": "SO-1", "line": [{"no": 1, "price": "128.50"}]});
    let page = Page { record: Some(record.clone()), ..orders() };
    let text = shown(slice::from_ref(&page), Format::Json);
    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(value["record"], record);
    assert_eq!(value["derived"]["tables"]["orders"][1]["order"], "SO-2609-0015");
    let two = shown(&[page.clone(), page], Format::Json);
    let two: serde_json::Value = serde_json::from_str(&two).expect("it is JSON");
    assert_eq!(two, serde_json::json!([value, value]));
}

#[test]
fn json_keys_are_distinct_and_rows_complete() {
    let table = Table {
        key: "t".into(),
        columns: vec![Column::words("a"), Column::words("a"), Column::words("a_2")],
        rows: vec![Row::Data(vec![Cell::Int(1)]), Row::Data(vec![Cell::Int(2); 5])],
        ..Table::default()
    };
    let page = Page { tables: vec![table], ..Page::default() };
    let expected = "{\"a\": 1, \"a_2\": null, \"a_2_2\": null}\n\
                    {\"a\": 2, \"a_2\": 2, \"a_2_2\": 2}\n";
    assert_eq!(shown(&[page], Format::Jsonl), expected);
}

#[test]
fn markdown_shows_words_as_they_stand() {
    let expected = "\
# Orders

- as of: 2026-09-30
- basis: ordered

| order | customer | promised on | quantity | net | margin rate |
| --- | --- | --- | --: | --: | --: |
| SO-2609-0014 | 晨星医药 | 2026-09-30 | 20 | 2,560.00 | 12.5% |
| SO-2609-0015 | Harbour \\| Sons | 2026-09-30 | 1.5 | 1,234,247.50 | n/a |
| **total** |  |  |  | **1,236,807.50** |  |

> 1 file left out
";
    assert_eq!(shown(&[orders()], Format::Markdown), expected);
    let page = Page { title: "<b>*x*</b> [a](b)".into(), ..Page::default() };
    assert_eq!(shown(&[page], Format::Markdown), "# \\<b\\>\\*x\\*\\</b\\> \\[a\\](b)\n");
}

#[test]
fn several_tables_stand_under_their_labels_and_one_can_be_chosen() {
    let mut page = orders();
    let second = Table { key: "customers".into(), ..page.tables[0].clone() };
    page.tables.push(second);
    let text = shown(&[page.clone()], Format::Table);
    assert!(text.contains("\n\norders\norder  ") && text.contains("\n\ncustomers\norder  "));
    let choose = |name: &str| Style { table: Some(name.into()), ..Style::default() };
    let text = rendered(&[page.clone()], Format::Table, &choose("customers"));
    assert!(!text.contains("\norders\n") && text.contains("\ncustomers\n"));
    for format in FORMATS_TESTED {
        let error = render(&[page.clone()], format, &choose("costumers"), &mut Vec::new());
        let error = error.expect_err("there is no such table");
        assert_eq!(error.kind, Kind::Usage);
        assert_eq!(error.message, "no table \"costumers\" (tables: orders, customers)");
        assert_eq!(error.hints, ["--table customers"]);
    }
}

#[test]
fn rows_of_several_pages_need_a_choice() {
    let other = Page { key: "sales".into(), ..orders() };
    let pages = [orders(), other];
    let error = render(&pages, Format::Csv, &Style::default(), &mut Vec::new());
    let error = error.expect_err("csv holds one table");
    assert_eq!(error.message, "one table at a time: choose from orders.orders, sales.orders");
    let chosen = Style { table: Some("sales.orders".into()), ..Style::default() };
    let csv = rendered(&pages, Format::Csv, &chosen);
    assert_eq!(csv, shown(&pages[..1], Format::Csv));
}

#[test]
fn format_names_are_parsed_and_near_misses_named() {
    for (name, format) in FORMATS {
        assert_eq!(Format::parse(name), Ok(format));
    }
    let fault = Format::parse("jsno").expect_err("it is no format");
    assert!(fault.contains("did you mean \"json\"?"), "{fault}");
    assert_eq!(Format::from_extension(Path::new("a/b.CSV")), Some(Format::Csv));
    assert_eq!(Format::from_extension(Path::new("a/csv")), None);
}

#[test]
fn no_format_lets_a_control_byte_through() {
    for text in naughty_strings::BLNS {
        let words = text.to_string();
        let listed = Cell::List(vec![words.clone(), words.clone()]);
        let cells = vec![Cell::Text(words.clone()), Cell::Ref(words.clone()), listed];
        let keys = ["a", "b", text];
        let table = Table {
            key: words.clone(),
            columns: keys.map(Column::words).into(),
            rows: vec![Row::Data(cells.clone()), Row::Total(cells.clone())],
            empty: words.clone(),
        };
        let page = Page {
            key: words.clone(),
            title: words.clone(),
            facts: vec![(words.clone(), cells[0].clone()), ("b".into(), cells[2].clone())],
            record: None,
            charts: vec![chart(&words, text)],
            tables: vec![table.clone(), Table { rows: Vec::new(), ..table }],
            notes: vec![words.clone()],
        };
        let record = Page { record: Some(serde_json::json!({ *text: text })), ..page.clone() };
        for format in FORMATS_TESTED {
            let style = Style { width: Some(60), ..Style::default() };
            let output = rendered(slice::from_ref(&page), format, &style)
                + &rendered(slice::from_ref(&record), format, &style);
            let tab = |character| format == Format::Tsv && character == '\t';
            let hidden = |c: char| c != '\n' && !tab(c) && crate::value::text::is_unsafe(c);
            assert!(!output.contains(hidden), "{text:?} in {format:?}: {output:?}");
        }
        let json = shown(&[record], Format::Json);
        let value: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(value["record"][*text], **text, "escapes keep the words");
    }
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), any::<i64>(), 0_u32..29).prop_map(|(high, low, scale)| {
        let number = i128::from(high) * (1 << 32) + i128::from(low);
        Decimal::try_from_i128_with_scale(number, scale).unwrap_or(Decimal::MIN)
    })
}

fn any_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Empty),
        Just(Cell::NotApplicable),
        Just(Cell::Masked),
        any::<String>().prop_map(Cell::Text),
        "[a-z 晨星]{0,40}".prop_map(Cell::Text),
        any::<i64>().prop_map(Cell::Int),
        any::<bool>().prop_map(Cell::Bool),
        any_decimal().prop_map(Cell::Money),
        any_decimal().prop_map(Cell::Quantity),
        any_decimal().prop_map(Cell::Percent),
        any::<Vec<String>>().prop_map(Cell::List),
        any::<i32>().prop_map(|day| {
            NaiveDate::from_num_days_from_ce_opt(day).map_or(Cell::Empty, Cell::Date)
        }),
    ]
}

fn any_page() -> impl Strategy<Value = Page> {
    let row = (any::<bool>(), prop::collection::vec(any_cell(), 0..6))
        .prop_map(|(total, cells)| if total { Row::Total(cells) } else { Row::Data(cells) });
    let columns = prop::collection::vec((any::<bool>(), any::<String>()), 0..5);
    let columns = columns.prop_map(|columns| {
        let column = |(right, key)| Column { key, right, from: Vec::new() };
        columns.into_iter().map(column).collect()
    });
    let table = (any::<String>(), columns, prop::collection::vec(row, 0..6))
        .prop_map(|(key, columns, rows)| Table { key, columns, rows, empty: String::new() });
    let facts = prop::collection::vec((any::<String>(), any_cell()), 0..3);
    let tables = prop::collection::vec(table, 0..3);
    (any::<String>(), facts, tables).prop_map(|(title, facts, tables)| Page {
        key: "page".into(),
        title,
        facts,
        tables,
        ..Page::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rendering_never_panics_and_json_is_json(page in any_page(), columns in 0_usize..100) {
        let style = Style { width: Some(columns), color: true, ..Style::default() };
        for format in FORMATS_TESTED {
            let once = rendered(slice::from_ref(&page), format, &style);
            prop_assert_eq!(&once, &rendered(slice::from_ref(&page), format, &style));
            if format == Format::Json {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&once).is_ok());
            }
            if format == Format::Jsonl {
                for line in once.lines() {
                    prop_assert!(serde_json::from_str::<serde_json::Value>(line).is_ok());
                }
            }
        }
    }

    #[test]
    fn wrapping_keeps_to_the_width_and_loses_no_sign(
        rows in prop::collection::vec("[a-z晨星医药 ]{0,80}", 1..8),
        columns in 24_usize..60,
    ) {
        let row = |words: &String| Row::Data(vec![Cell::Int(1_000), words.as_str().into()]);
        let table = Table {
            key: "t".into(),
            columns: vec![Column::figure("no", &[]), Column::words("remarks")],
            rows: rows.iter().map(row).collect(),
            ..Table::default()
        };
        let page = Page { tables: vec![table], ..Page::default() };
        let style = Style { width: Some(columns), ..Style::default() };
        let text = rendered(&[page], Format::Table, &style);
        let signs = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
        prop_assert!(text.lines().all(|line| width(line) <= columns), "{}", text);
        let words: usize = rows.iter().map(|row| signs(row)).sum();
        let others = signs("noremarksrows") - usize::from(rows.len() == 1);
        prop_assert_eq!(signs(&text), words + others);
    }
}
