//! The formats that people open: the same figures as csv and JSON have, the same bytes in every
//! run, and nothing that a record says runs in them.

use calamine::{Data, DataType, Reader, Xlsx};
use rust_decimal::Decimal;

use crate::desk::Desk;

/// Reports of the example, with what is asked of them.
const REPORTS: [&str; 8] = [
    "sales -p 2026 --by customer --compare last-year",
    "orders",
    "contracts -p 2026",
    "deliveries -p 2026-09",
    "invoices -p 2026",
    "receivables --by customer,invoice",
    "ledger -p 2026-09",
    "statement customer:CX01 -p 2026-09",
];

/// A cell as all formats agree on it: a number without what only shows it, a word as it is.
fn plain(cell: &str) -> String {
    let number = |text: &str| Decimal::from_str_exact(text).ok().map(|n| n.normalize().to_string());
    let bare = cell.replace(',', "");
    let percent = bare.strip_suffix('%').and_then(|text| Decimal::from_str_exact(text).ok());
    match percent {
        Some(points) => (points / Decimal::ONE_HUNDRED).normalize().to_string(),
        None if matches!(cell, "n/a" | "***") => String::new(),
        None => number(&bare).unwrap_or_else(|| cell.trim_start_matches('\'').to_owned()),
    }
}

fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let records = csv::Reader::from_reader(text.as_bytes()).into_records();
    let row = |record: csv::StringRecord| record.iter().map(plain).collect();
    records.map(|record| row(record.expect("it is csv"))).collect()
}

fn json_rows(text: &str, columns: usize) -> Vec<Vec<String>> {
    let page: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    let tables = page["tables"].as_object().expect("a report has tables");
    let rows = tables.values().next().and_then(|table| table.as_array()).expect("it has rows");
    let cell = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(words) => plain(words),
        serde_json::Value::Array(words) => {
            let words: Vec<&str> = words.iter().filter_map(|word| word.as_str()).collect();
            words.join(";")
        }
        other => plain(&other.to_string()),
    };
    let row = |row: &serde_json::Value| {
        let cells: Vec<String> =
            row.as_object().expect("a row is an object").values().map(cell).collect();
        assert_eq!(cells.len(), columns);
        cells
    };
    rows.iter().map(row).collect()
}

/// The rows of the first table of an HTML page, and its totals.
fn html_rows(html: &str) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let table = html.split("</table>").next().expect("there is a table");
    let words = |text: &str| {
        let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        plain.replace("&#39;", "'").replace("&amp;", "&")
    };
    let (mut rows, mut totals) = (Vec::new(), Vec::new());
    for row in table.split("<tr").skip(2) {
        let cells = row.split("<td").skip(1).map(|cell| {
            let (_, cell) = cell.split_once('>').expect("a tag is closed");
            plain(&words(cell.split("</td>").next().unwrap_or_default()))
        });
        let cells = cells.collect();
        if row.starts_with(" class=\"total\"") { totals.push(cells) } else { rows.push(cells) }
    }
    (rows, totals)
}

fn xlsx_rows(desk: &Desk, name: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook(desk.path(name)).expect("it is a workbook");
    let sheet = book.worksheet_range_at(0).expect("it has a sheet").expect("that can be read");
    let cell = |cell: &Data| match cell {
        Data::DateTime(_) => {
            let moment = cell.as_datetime().expect("it is a date");
            moment.format("%Y-%m-%d").to_string()
        }
        Data::Float(number) => plain(&number.to_string()),
        other => plain(&other.to_string()),
    };
    sheet.rows().skip(1).map(|row| row.iter().map(cell).collect()).collect()
}

/// Whether a cell of HTML, which shows percent to one decimal, is that of csv.
fn is_same(html: &str, csv: &str) -> bool {
    let number = |text: &str| Decimal::from_str_exact(text).ok();
    match (number(html), number(csv)) {
        (Some(html), Some(csv)) => {
            html == csv || (html - csv).abs() <= Decimal::new(5, 4) && csv.scale() > 3
        }
        _ => is_list(html, csv),
    }
}

/// Whether words are those of csv, which joins those of a list by `;`.
fn is_list(words: &str, csv: &str) -> bool {
    words == csv || words.replace(", ", ";") == csv
}

#[test]
fn figures_are_the_same_in_every_format() {
    let desk = Desk::example();
    for report in REPORTS {
        let csv = csv_rows(desk.run(&format!("report {report} -O csv")).text());
        let columns = csv.first().map_or(0, Vec::len);
        assert!(!csv.is_empty() && columns > 3, "{report}");
        let json = json_rows(desk.run(&format!("report {report} -O json")).text(), columns);
        assert_eq!(json, csv, "{report}");
        let (html, totals) = html_rows(desk.run(&format!("report {report} -O html")).text());
        assert_eq!(html.len(), csv.len(), "{report}");
        for (html, csv) in html.iter().flatten().zip(csv.iter().flatten()) {
            assert!(is_same(html, csv), "{report}: {html:?} is not {csv:?}");
        }
        desk.run(&format!("report {report} -o {}", "a.xlsx"));
        let xlsx = xlsx_rows(&desk, "a.xlsx");
        for (xlsx, csv) in xlsx.iter().flatten().zip(csv.iter().flatten()) {
            assert!(is_list(xlsx, csv), "{report}: {xlsx:?} is not {csv:?}");
        }
        for (html, xlsx) in totals.iter().flatten().zip(xlsx[csv.len()..].iter().flatten()) {
            assert!(is_same(html, xlsx), "{report}: {html:?} is not {xlsx:?}");
        }
        assert_eq!(totals.len(), xlsx.len() - csv.len(), "{report}");
    }
}

#[test]
fn two_runs_give_the_same_bytes_wherever_they_run() {
    let made = |zone: &str| {
        let desk = Desk::example().with("TZ", zone);
        for name in ["a.xlsx", "a.html", "zh.html"] {
            let language = if name == "zh.html" { "zh" } else { "en" };
            let line = format!("report receivables --lang {language} -o {name}");
            desk.run(&line).succeeds().stdout("").quietly();
        }
        let tree = desk.tree();
        ["a.xlsx", "a.html", "zh.html"].map(|name| tree[name].clone())
    };
    let utc = made("UTC");
    for zone in ["America/Los_Angeles", "Pacific/Kiritimati", "UTC"] {
        assert!(made(zone) == utc, "{zone}");
    }
    assert!(utc[1] != utc[2], "labels are in the reader's language");
}

#[test]
fn every_command_that_shows_something_has_them() {
    let desk = Desk::example();
    for line in
        ["order show SO-2609-0004", "order list", "today", "customer show CX01", "find A100"]
    {
        desk.run(&format!("{line} -O html")).succeeds().has("<!DOCTYPE html>").has("</html>\n");
        desk.run(&format!("{line} -o a.xlsx")).succeeds();
        let book: Xlsx<_> = calamine::open_workbook(desk.path("a.xlsx")).expect("it is a workbook");
        assert!(!book.sheet_names().is_empty(), "{line}");
    }
    desk.run("order list -o a.htm").succeeds();
    assert!(desk.read("a.htm").starts_with("<!DOCTYPE html>"));
}

#[test]
fn what_a_record_says_stays_words() {
    let desk = Desk::example();
    let name = "=1+1<script>&amp;";
    desk.change("customers/CX14.toml", "name = \"鹿城医药商行\"", &format!("name = \"{name}\""));
    let html = desk.run("customer list -O html");
    html.succeeds().has("=1+1&lt;script&gt;&amp;amp;").has_not("<script");
    desk.run("customer list -o a.xlsx");
    let mut book: Xlsx<_> = calamine::open_workbook(desk.path("a.xlsx")).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("it has a sheet").expect("that can be read");
    let cells = sheet.used_cells().map(|(_, _, cell)| cell.to_string());
    assert!(cells.into_iter().any(|cell| cell == name));
    let first = book.sheet_names().remove(0);
    let sheet = book.worksheet_formula(&first).expect("the sheet is there");
    assert!(sheet.used_cells().next().is_none());
}

#[test]
fn charts_are_drawn_in_documents_unless_someone_says_otherwise() {
    let desk = Desk::example();
    let line = "report sales -p 2026-09 -O html";
    desk.run(line).succeeds().has("<svg").has("<figcaption>net · customer name</figcaption>");
    desk.run(&format!("{line} --no-chart")).succeeds().has_not("<svg");
    desk.run("report sales -p 2026 --by month -O html").succeeds().has("<polyline");
    desk.run("report sales -p 2026-09").succeeds().has_not("█");
    desk.run("customer ledger CX01 -O html").succeeds().has("<polyline");
}
