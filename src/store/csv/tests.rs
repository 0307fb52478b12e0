//! Registers read, located and edited: each fault at its row and column, each edit to the byte.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{append, cells, load, locate, set};
use crate::{
    finding::Level,
    record::{Doc, Kind, task::Task},
    store::load::Loaded,
    value::place::At,
};

const FILE: &str = "tasks/2026-09.csv";
const HEADER: &str = "id,date,title,owner,due_on,every,done_on,result,about,entered_by,entered_at,\
                      void_at,void_by,void_reason\n";

fn row(seq: u32) -> String {
    format!("TK-2609-{seq:04},2026-09-01,call,wang,2026-09-07,week,,,CX01,zhou,,,,\n")
}

fn read(text: &str) -> Loaded {
    load(Kind::Task, FILE, text.as_bytes())
}

fn ids(loaded: &Loaded) -> Vec<&str> {
    loaded.entries.iter().map(|entry| entry.common().id.as_str()).collect()
}

/// Each finding as `code line:column "bytes"`, cells by the text that `locate` gives.
fn told(text: &str, loaded: &Loaded) -> Vec<String> {
    let told = loaded.findings.iter().filter(|found| found.level != Level::Note).map(|found| {
        let (spot, span) = match &found.place.at {
            At::Cell { row, column } => {
                (format!("{row}:{column}"), locate(text.as_bytes(), *row, column))
            }
            At::Span(span) => {
                let line = text[..span.start].matches('\n').count() + 1;
                (format!("line {line}"), Some(span.clone()))
            }
            _ => (String::new(), None),
        };
        let bytes = span.map(|span| text[span].to_owned()).unwrap_or_default();
        format!("{} {spot} {bytes:?}", found.code)
    });
    told.collect()
}

fn check(text: &str, expected: &[&str], read_ids: &[&str]) {
    let loaded = read(text);
    assert_eq!(told(text, &loaded), expected, "{text}");
    assert_eq!(ids(&loaded), read_ids, "{text}");
}

/// One row with something wrong in it, between two sound ones.
fn check_row(broken: &str, expected: &[&str]) {
    let text = format!("{HEADER}{}{broken}\n{}", row(1), row(9));
    check(&text, expected, &["TK-2609-0001", "TK-2609-0009"]);
}

#[test]
fn a_row_becomes_a_record_with_its_line() {
    let text = format!(
        "{HEADER}TK-2609-0003,2026-09-01,\"ask, then \"\"call\"\"\",wang,2026-09-07,10 days,2026-09-05,\
         ok,CX01,zhou,2026-09-01T09:04:12.318+08:00,2026-09-02T10:00:00+08:00,li-min,twice\n"
    );
    let loaded = read(&text);
    assert_eq!(told(&text, &loaded), [""; 0]);
    let entry = loaded.find("TK-2609-0003").expect("the row is sound");
    let task = Doc::<Task>::of(entry).expect("a task");
    assert_eq!((task.row, task.file.as_str(), task.counts()), (2, FILE, false));
    assert_eq!(task.rec.title, "ask, then \"call\"");
    let value = json!({
        "id": "TK-2609-0003", "date": "2026-09-01", "title": "ask, then \"call\"",
        "owner": "wang", "due_on": "2026-09-07", "every": "10 days", "done_on": "2026-09-05",
        "result": "ok", "about": "CX01", "entered_by": "zhou",
        "entered_at": "2026-09-01T09:04:12.318+08:00",
        "void": {"at": "2026-09-02T10:00:00+08:00", "by": "li-min", "reason": "twice"},
    });
    assert_eq!(Value::Object(entry.value()), value);
}

#[test]
fn every_fault_of_every_row_is_found_at_its_cell() {
    let text = format!(
        "{HEADER}TK-2609-0001,2026-09-31,call,wang,2026/9/7,fortnight,,,CX01,zhou,,,,\n{}\
         x,2026-09-01,,wang,,,,,,,2026-09-01T10:00:00,,,\n",
        row(2)
    );
    check(
        &text,
        &[
            "field.date 2:date \"2026-09-31\"",
            "field.date 2:due_on \"2026/9/7\"",
            "field.missing 4:title \"\"",
            "field.date 4:entered_at \"2026-09-01T10:00:00\"",
            "id.form 4:id \"x\"",
        ],
        &["TK-2609-0002"],
    );
    let loaded = read(&text);
    assert_eq!(loaded.findings[1].hint.as_deref(), Some("write 2026-09-07"));
    assert_eq!(loaded.broken, ["TK-2609-0001"]);
}

#[test]
fn a_word_that_only_the_record_knows_is_found_at_its_cell() {
    check_row(
        "TK-2609-0002,2026-09-01,call,,,fortnight,,,,,,,,",
        &["field.type 3:every \"fortnight\""],
    );
}

#[test]
fn rows_of_the_wrong_width_are_left_out() {
    check_row("TK-2609-0002,2026-09-01,call", &["csv.ragged 3:owner \"\""]);
    check_row(
        "TK-2609-0002,2026-09-01,ask, then call,wang,,,,,CX01,zhou,,,,x",
        &["csv.ragged line 3 \"x\""],
    );
}

#[test]
fn far_too_many_columns_are_one_fault_and_far_too_many_cells_another() {
    let names: String = (0..100_000).map(|at| format!(",column_{at}")).collect();
    let wide = read(&format!("{}{names}\n{}", HEADER.trim_end(), row(1)));
    let found: Vec<_> = wide.findings.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(found, ["the header has 100014 columns, the register 14"]);
    assert!(wide.entries.is_empty());
    let cells = format!("TK-2609-0002{}", ",x".repeat(100_000));
    let long = read(&format!("{HEADER}{}{cells}\n", row(1)));
    let found: Vec<_> = long.findings.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(found, ["the row has more than 1000 cells, the header 14"]);
    assert_eq!(ids(&long), ["TK-2609-0001"]);
}

#[test]
fn a_quote_left_open_spoils_only_its_row() {
    let open = "TK-2609-0002,2026-09-01,\"call,wang,,,,,,,,,,";
    check_row(open, &["csv.quote line 3 \"\\\"call,wang,,,,,,,,,,\""]);
    check_row("TK-2609-0002,2026-09-01,\"call\"x,wang,,,,,,,,,,", &["csv.quote line 3 \"x\""]);
    let inch = "TK-2609-0002,2026-09-01,12\" pipe,wang,,,,,,,,,,\n";
    assert_eq!(read(&format!("{HEADER}{inch}")).entries[0].names(), ["12\" pipe"]);
}

#[test]
fn a_line_break_in_a_cell_is_one_finding() {
    check_row(
        "TK-2609-0002,2026-09-01,\"call\nhim\",wang,,,,,,,,,,",
        &["csv.line_break 3:title \"\\\"call\""],
    );
}

#[test]
fn a_file_cut_off_in_its_last_row_is_told() {
    for cut in ["TK-2609-0002,2026-09-01,call,wa", "TK-2609-0002,2026-09-01,\"ca"] {
        let text = format!("{HEADER}{}{cut}", row(1));
        let loaded = read(&text);
        let codes: Vec<_> = loaded.findings.iter().map(|found| found.code).collect();
        assert_eq!(codes, ["csv.truncated"], "{cut}");
        assert_eq!((ids(&loaded), loaded.broken.len()), (vec!["TK-2609-0001"], 1));
    }
    let whole = format!("{HEADER}{}", row(1));
    check(whole.trim_end(), &["csv.final_newline line 2 \"\""], &["TK-2609-0001"]);
}

#[test]
fn encodings_and_line_ends_are_told() {
    let gbk =
        [HEADER.as_bytes(), b"TK-2609-0001,2026-09-01,\xb5\xe7\xbb\xb0,,,,,,,,,,,\n"].concat();
    let loaded = load(Kind::Task, FILE, &gbk);
    assert_eq!(loaded.findings[0].code, "csv.encoding");
    assert_eq!(loaded.findings[0].place.at, At::Span(HEADER.len() + 24..HEADER.len() + 25));
    let marked = format!("\u{feff}{HEADER}{}", row(1)).replace('\n', "\r\n");
    let loaded = read(&marked);
    let codes: Vec<_> = loaded.findings.iter().map(|found| (found.code, found.level)).collect();
    assert_eq!(codes, [("csv.bom", Level::Warning), ("csv.crlf", Level::Warning)]);
    assert_eq!(ids(&loaded), ["TK-2609-0001"]);
    assert_eq!(locate(marked.as_bytes(), 1, "id"), Some(3..5));
    check_row("\0\0\0", &["csv.nul line 3 \"\\0\\0\\0\""]);
    check("", &["csv.empty line 1 \"\""], &[]);
    check("\u{feff}\n\n", &["csv.empty line 1 \"\""], &[]);
}

#[test]
fn rows_between_conflict_markers_are_left_out() {
    let text = format!(
        "{HEADER}{}<<<<<<< HEAD\n{}=======\n{}>>>>>>> other\n{}",
        row(1),
        row(2),
        row(3),
        row(4)
    );
    check(
        &text,
        &[
            "csv.conflict line 3 \"<<<<<<< HEAD\"",
            "csv.conflict line 5 \"=======\"",
            "csv.conflict line 7 \">>>>>>> other\"",
        ],
        &["TK-2609-0001", "TK-2609-0004"],
    );
    assert_eq!(read(&text).broken, ["TK-2609-0002", "TK-2609-0003"]);
}

#[test]
fn faults_of_the_header_are_told() {
    let text =
        "id,date,title,ownr\nTK-2609-0001,2026-09-01,call,\nTK-2609-0002,2026-09-01,a,wang\n";
    check(
        text,
        &["field.unknown 1:ownr \"ownr\"", "field.unknown 3:ownr \"wang\""],
        &["TK-2609-0001"],
    );
    assert_eq!(read(text).findings[0].hint.as_deref(), Some("did you mean \"owner\"?"));
    let text = "id,date,owner\nTK-2609-0001,2026-09-01,wang\n";
    check(text, &["field.missing line 1 \"id,date,owner\""], &[]);
    assert_eq!(read(text).broken, ["TK-2609-0001"]);
    let text = "id,date,title,date\nTK-2609-0001,2026-09-01,call,2026-09-01\n";
    check(text, &["csv.duplicate_column line 1 \"date\""], &[]);
    let told = |text: &str| read(text).findings[0].message.clone();
    assert_eq!(told(&row(1)), "the first line is a row; the header is missing");
    let text = "id;date;title\nTK-2609-0001;2026-09-01;call\n";
    assert_eq!(told(text), "cells are separated by `;` instead of commas");
}

#[test]
fn what_a_spreadsheet_leaves_is_read_with_one_note() {
    let text = "\"title\",\"date\",\"id\",,\n\"'=1+1\",\"2026-09-01\",\"TK-2609-0001\",,\n,,,,\n\n";
    let loaded = read(text);
    let notes: Vec<_> = loaded.findings.iter().map(|found| found.message.as_str()).collect();
    let note = "the file is as a spreadsheet leaves it: columns in an order of their own, \
                empty columns, quotes around every cell, empty lines";
    assert_eq!(notes, [note]);
    assert_eq!(loaded.entries[0].names(), ["=1+1"]);
}

#[test]
fn ids_belong_to_the_files_month_and_site_and_stand_once() {
    check_row("TK-2608-0001,2026-09-01,call,,,,,,,,,,,", &["file.month 3:id \"TK-2608-0001\""]);
    check_row("TK-2609-A0001,2026-09-01,call,,,,,,,,,,,", &["file.site 3:id \"TK-2609-A0001\""]);
    check_row("PM-2609-0001,2026-09-01,call,,,,,,,,,,,", &["id.form 3:id \"PM-2609-0001\""]);
    let twice = row(1).replace("call", "again");
    let text = format!("{HEADER}{}{}{twice}{}", row(1), row(2), row(3));
    let expected = ["csv.duplicate_id 4:id \"TK-2609-0001\""];
    check(&text, &expected, &["TK-2609-0001", "TK-2609-0002", "TK-2609-0003"]);
    let of_site = format!("{HEADER}{}", row(1).replace("-0001", "-A0001"));
    let loaded = load(Kind::Task, "tasks/2026-09-A.csv", of_site.as_bytes());
    assert_eq!(ids(&loaded), ["TK-2609-A0001"]);
    let loaded = load(Kind::Task, "tasks/2026-9.csv", of_site.as_bytes());
    assert_eq!(loaded.findings[0].code, "file.name");
}

#[test]
fn a_void_row_says_when_who_and_why() {
    check_row(
        "TK-2609-0002,2026-09-01,call,,,,,,,,,2026-09-02T10:00:00+08:00,,",
        &["field.missing 3:void_by \"\"", "field.missing 3:void_reason \"\""],
    );
}

fn fields(value: Value) -> super::edit::Cells {
    let Value::Object(map) = value else { panic!("an object") };
    cells(Kind::Task, &map).expect("values that fit into cells")
}

fn changed(text: &str, id: &str, value: Value) -> String {
    let bytes = set(text.as_bytes(), id, &fields(value)).expect("a file that can be edited");
    String::from_utf8(bytes.expect("the row is there")).expect("text")
}

fn added(text: Option<&str>, value: Value) -> String {
    let bytes = append(Kind::Task, text.map(str::as_bytes), &fields(value));
    String::from_utf8(bytes.expect("a file that can be edited")).expect("text")
}

#[test]
fn an_edit_changes_its_cells_and_nothing_else() {
    let other = "\"TK-2609-0001\",\"2026-09-01\",\"a\",,,,,,,,,,,\r\n";
    let text = format!("{HEADER}{other}{}\n\n", row(2));
    let void = json!({"void": {"at": "2026-09-02T10:00:00+08:00", "by": "wang", "reason": "a, b"}});
    let voided = row(2).replace(",,,,\n", ",,2026-09-02T10:00:00+08:00,wang,\"a, b\"\n");
    assert_eq!(changed(&text, "TK-2609-0002", void), format!("{HEADER}{other}{voided}\n\n"));
    let done = changed(&text, "TK-2609-0001", json!({"result": "-", "title": "a"}));
    let row_one = other.replace("\"a\",,,,,,", "\"a\",,,,,'-,");
    assert_eq!(done, format!("{HEADER}{row_one}{}\n\n", row(2)));
    let emptied = changed(&text, "TK-2609-0002", json!({"owner": null, "void": null}));
    assert_eq!(emptied, format!("{HEADER}{other}{}\n\n", row(2).replace("wang", "")));
    assert_eq!(set(text.as_bytes(), "TK-2609-0003", &fields(json!({}))), Ok(None));
}

#[test]
fn a_new_row_stands_behind_the_last() {
    let new = json!({"id": "TK-2609-0002", "date": "2026-09-01", "title": "=x, \"y\""});
    let line = "TK-2609-0002,2026-09-01,\"'=x, \"\"y\"\"\",,,,,,,,,,,\n";
    assert_eq!(added(None, new.clone()), format!("{HEADER}{line}"));
    let text = format!("{HEADER}{}", row(1));
    assert_eq!(added(Some(text.trim_end()), new.clone()), format!("{text}{line}"));
    assert_eq!(added(Some(&format!("{text}\n\n")), new.clone()), format!("{text}{line}\n\n"));
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(added(Some(&crlf), new), format!("{crlf}{}", line.replace('\n', "\r\n")));
}

#[test]
fn a_file_without_the_column_gets_it() {
    let text = "title,id,date\ncall,TK-2609-0001,2026-09-01\n\n";
    let done = changed(text, "TK-2609-0001", json!({"done_on": "2026-09-02"}));
    assert_eq!(done, "title,id,date,done_on\ncall,TK-2609-0001,2026-09-01,2026-09-02\n\n");
    let new = json!({"id": "TK-2609-0002", "date": "2026-09-01", "title": "b", "owner": "wang"});
    let more = added(Some(text), new);
    let rows = "call,TK-2609-0001,2026-09-01,\nb,TK-2609-0002,2026-09-01,wang\n\n";
    assert_eq!(more, format!("title,id,date,owner\n{rows}"));
}

#[test]
fn what_cannot_be_edited_for_certain_is_refused() {
    let no = fields(json!({"owner": "wang"}));
    let refused = |text: &str| set(text.as_bytes(), "TK-2609-0001", &no).unwrap_err();
    let open = format!("{HEADER}{}x,\"\n", row(1));
    assert_eq!(refused(&open), "the quotes of line 3 do not close");
    let twice = format!("{HEADER}{}{}", row(1), row(1));
    assert_eq!(refused(&twice), "TK-2609-0001 stands in lines 2 and 3");
    let short = format!("{HEADER}TK-2609-0001,x\n");
    assert_eq!(refused(&short), "line 2 has 2 cells, the header 14");
    let conflict = format!("{HEADER}<<<<<<< HEAD\n{}", row(1));
    assert_eq!(refused(&conflict), "git left a conflict in it");
    let cell = |value: Value| {
        let Value::Object(map) = value else { panic!("an object") };
        cells(Kind::Task, &map).unwrap_err()
    };
    assert_eq!(
        cell(json!({"title": "a\nb"})),
        "`title` holds a line break, which no cell can hold"
    );
    assert_eq!(cell(json!({"void": {"on": "x"}})), "`void` has no `on`");
    assert_eq!(cell(json!({"titel": "x"})), "a task has no `titel`");
}

/// Words as people and naughty programs write them, without what no text may hold.
fn words() -> impl Strategy<Value = String> {
    "[-=+@'\", ;a-z晨星＝\u{e9}\t]{0,12}x"
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let loaded = load(Kind::Task, FILE, &bytes);
        locate(&bytes, 2, "title");
        prop_assert!(loaded.entries.is_empty());
    }

    #[test]
    fn any_text_behind_a_header_is_read_and_edited_without_panic(
        text in "([-A-Z0-9,\"'\r\n;\u{0}晨]|TK-2609-0001,2026-09-01,|\r\n|<<<<<<< a\n){0,40}"
    ) {
        let text = format!("{HEADER}{text}");
        let loaded = read(&text);
        for found in &loaded.findings {
            if let At::Cell { row, column } = &found.place.at {
                prop_assert!(locate(text.as_bytes(), *row, column).is_some());
            }
        }
        let new = fields(json!({"id": "TK-2609-0777", "date": "2026-09-01", "title": "new"}));
        if let Ok(bytes) = append(Kind::Task, Some(text.as_bytes()), &new) {
            let more = load(Kind::Task, FILE, &bytes);
            prop_assert_eq!(more.entries.len(), loaded.entries.len() + 1);
            prop_assert!(more.find("TK-2609-0777").is_some());
        }
    }

    #[test]
    fn sound_rows_have_the_cells_that_the_library_sees(
        rows in prop::collection::vec(prop::collection::vec("[a-z,\" '晨]{0,6}", 3), 1..5)
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).expect("memory");
        }
        let text = String::from_utf8(writer.into_inner().expect("memory")).expect("text");
        let mut spans = Vec::new();
        for (line, row) in super::line::lines(&text).zip(&rows) {
            prop_assert_eq!(super::line::split(&text, line.span, &mut spans), None);
            let cells = spans.iter().map(|span| super::line::content(&text, span));
            prop_assert_eq!(&cells.collect::<Vec<_>>(), row);
        }
    }

    #[test]
    fn an_added_row_is_read_as_it_was(title in words(), result in words(), seq in 2_u32..99_999) {
        let id = format!("TK-2609-{seq:04}");
        let value = json!({"id": id, "date": "2026-09-30", "title": title, "result": result});
        let text = format!("{HEADER}{}", row(1));
        let more = added(Some(&text), value.clone());
        prop_assert!(more.starts_with(&text));
        let loaded = read(&more);
        prop_assert_eq!(loaded.findings.len(), 0);
        let entry = loaded.find(&id).expect("the new row");
        prop_assert_eq!(Value::Object(entry.value()), value);
        let again = changed(&more, &id, json!({"title": result, "result": title}));
        prop_assert!(again.starts_with(&text));
        let loaded = read(&again);
        let again: Map<String, Value> = loaded.find(&id).expect("the changed row").value();
        prop_assert_eq!(again["title"].as_str(), Some(result.as_str()));
    }
}
