//! Faults of bytes and of syntax: each with its code and place, and nothing that only follows from
//! another.

use super::{ORDER, codes, found, order_fields, order_with};
use crate::finding::{Fix, Level};
use crate::store::toml::{MAX_BYTES, line_column, locate, read};
use crate::value::place::{At, KeyPath, Place};

fn one(code: &str, shown: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), shown.to_owned())]
}

#[test]
fn bytes_that_are_no_text() {
    let all = |bytes: &[u8]| read("a.toml", bytes, &order_fields()).findings;
    let latin = all(b"id = \"caf\xe9\"\n");
    assert_eq!((latin[0].code, latin.len()), ("toml.encoding", 1));
    assert_eq!(latin[0].place, Place::span("a.toml", 9..10));
    let cut = all("id = \"客".as_bytes().split_last().expect("it has bytes").1);
    assert_eq!(cut[0].place, Place::span("a.toml", 6..8));
    let large = vec![b'#'; MAX_BYTES + 1];
    assert_eq!(all(&large)[0].code, "toml.too_large");
    for empty in [&b""[..], b"\n \n", b"\xef\xbb\xbf"] {
        assert_eq!(all(empty)[0].code, "toml.empty");
    }
}

#[test]
fn nul_bytes_are_named_and_the_rest_is_read() {
    let text = order_with("\"pc\"", "\"p\0\0c\"").replace("\"CX01\"", "\"\"");
    let expected =
        [("field.empty".to_owned(), "\"\"".to_owned()), ("toml.nul".into(), "\0\0".into())];
    assert_eq!(found(&text), expected);
    let torn = format!("{ORDER}\0\0\0");
    assert_eq!(found(&torn), one("toml.nul", "\0\0\0"));
}

#[test]
fn a_byte_order_mark_warns_and_moves_nothing() {
    let text = format!("\u{feff}{}", order_with("\"CX01\"", "\"\""));
    let read = read("a.toml", text.as_bytes(), &order_fields());
    assert_eq!(
        codes(text.as_bytes(), &read),
        [("toml.bom".into(), "\u{feff}".into()), ("field.empty".into(), "\"\"".into())]
    );
    assert_eq!(read.findings[0].level, Level::Warning);
    assert_eq!(read.findings[0].fix, Some(Fix::PlainText));
    assert!(read.table.is_some());
    let bare = "\u{feff}id = \"A\"\ndate = 2026-09-23\n";
    let expected = ("field.missing".to_owned(), "id = \"A\"".to_owned());
    assert_eq!(found(bare)[1], expected);
}

#[test]
fn carriage_returns_warn_once() {
    let text = ORDER.replace('\n', "\r\n");
    let read = read("a.toml", text.as_bytes(), &order_fields());
    assert_eq!(codes(text.as_bytes(), &read), one("toml.crlf", "\r\n"));
    assert_eq!(read.findings[0].fix, Some(Fix::PlainText));
    assert!(read.table.is_some());
}

#[test]
fn a_missing_final_newline_warns() {
    let text = ORDER.trim_end();
    let read = read("a.toml", text.as_bytes(), &order_fields());
    assert_eq!(codes(text.as_bytes(), &read), one("toml.final_newline", ""));
    assert_eq!(read.findings[0].place, Place::span("a.toml", text.len()..text.len()));
    assert_eq!(read.findings[0].fix, Some(Fix::Replace("\n".into())));
}

#[test]
fn conflict_markers_are_all_that_a_conflict_says() {
    let both = "<<<<<<< HEAD\nqty = 20\n=======\nqty = 21\n>>>>>>> other\n";
    let text = order_with("qty = 20\n", both).replace("\"CX01\"", "\"\"");
    let codes: Vec<_> = found(&text).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["field.empty", "toml.conflict", "toml.conflict", "toml.conflict"]);
    let underline = order_with("\"pc\"", "\"\"\"\ntitle\n=======\n\"\"\"");
    assert_eq!(found(&underline), []);
}

#[test]
fn nesting_ends_before_any_recursion_does() {
    for deep in ["[".repeat(200_000), "{a=".repeat(200_000), "a.".repeat(200_000)] {
        for text in [format!("x = {deep}"), deep] {
            assert_eq!(found(&text)[0].0, "toml.too_deep");
        }
    }
    let inside = format!("{ORDER}# {0}\n[void]\nreason = '''{0}'''\n", "[".repeat(40));
    assert!(found(&inside).iter().all(|(code, _)| code == "field.missing"));
    let sixteen =
        order_with("credit_days", &format!("extra = {}{}\n#", "[".repeat(16), "]".repeat(16)));
    assert_eq!(found(&sixteen), []);
}

#[test]
fn files_that_were_cut_off() {
    let cut = |at: &str| &ORDER[..ORDER.find(at).expect("it stands in the order") + at.len()];
    assert_eq!(found(cut("product = \"C")), one("toml.truncated", "product = \"C"));
    assert_eq!(found(cut("[[appr")), one("toml.truncated", "[[appr"));
    assert_eq!(found(cut("decision =")), one("toml.truncated", "decision ="));
    assert_eq!(found(cut("free_rea")), one("toml.truncated", "free_rea"));
    assert_eq!(found(cut("at = 2026-09-23T1")), one("toml.truncated", "at = 2026-09-23T1"));
    let list = order_with("credit_days = 30", "policies = [\n  \"P1\",\n");
    let list = &list[..list.find("prices_include").expect("it stands there")];
    let read = read("a.toml", list.as_bytes(), &order_fields());
    assert_eq!(read.findings[0].code, "toml.truncated");
    let open = list.find('[').expect("it stands there");
    let expected = (Place::span("a.toml", open..open + 1), "opened here".to_owned());
    assert_eq!(read.findings[0].others, [expected]);
}

#[test]
fn faults_of_syntax_stand_alone() {
    let check = |old: &str, new: &str, shown: &str| {
        assert_eq!(found(&order_with(old, new)), one("toml.syntax", shown), "{new}");
    };
    check("customer = \"CX01\"", "customer = CX01", "CX01");
    check("customer = \"CX01\"", "customer \"CX01\"", "customer \"CX01\"");
    check("customer = \"CX01\"", "customer = \"CX01", "\"CX01");
    check("customer = \"CX01\"", "customer =", "customer =");
    check("customer = \"CX01\"", "customer = “CX01”", "“CX01”");
    check("customer = \"CX01\"", "customer = \"CX01\" x", "x");
    check("customer = \"CX01\"", "customer = 'it's'", "s'");
    check("credit_days = 30", "credit_days = 030", "0");
    check("credit_days = 30", "policies = [\"P1\"", "[");
    check("credit_days = 30", "extra = { a = 1", "{");
    check("credit_days = 30", "客户 = 30", "客户");
    check("[[approval]]", "[[approval]", "[[approval]");
    check("credit_days = 30", "just some words", "just some words");
    check("\"pc\"", "\"p\\c\"", "c\"");
}

#[test]
fn every_fault_of_syntax_is_found_and_the_rest_is_checked() {
    let text = order_with("customer = \"CX01\"", "customer \"CX01\"")
        .replace("district = \"east\"", "district = east")
        .replace("\"128.00\"", "128.00")
        .replace("by = \"wang\"", "bye = \"wang\"");
    let expected = [
        ("toml.syntax", "customer \"CX01\""),
        ("toml.syntax", "east"),
        ("field.float", "128.00"),
        ("field.unknown", "bye"),
    ];
    assert_eq!(found(&text), expected.map(|(code, shown)| (code.to_owned(), shown.to_owned())));
    let read = read("a.toml", text.as_bytes(), &order_fields());
    assert!(read.table.is_none());
}

#[test]
fn keys_that_stand_twice_point_at_the_first() {
    let text = order_with("unit = \"pc\"", "unit = \"pc\"\nqty = 3");
    let read = read("a.toml", text.as_bytes(), &order_fields());
    assert_eq!(codes(text.as_bytes(), &read), one("toml.duplicate_key", "qty"));
    let first = text.find("qty").expect("it stands there");
    assert_eq!(read.findings[0].others[0].0.at, At::Span(first..first + 3));
    let void = "[void]\nat = 2026-09-23T10:12:00Z\nreason = \"x\"\n";
    let twice = format!("{ORDER}{void}[void]\nby = \"li\"\n");
    assert_eq!(found(&twice), one("toml.duplicate_key", "[void]"));
    let single = ORDER.replace("[[line]]", "[line]");
    let headers = ["field.type", "field.type"].map(|code| (code.to_owned(), "[line]".to_owned()));
    assert_eq!(found(&single), headers);
}

#[test]
fn values_are_located_by_their_path() {
    let at = |path: KeyPath| locate(ORDER.as_bytes(), &path).map(|span| &ORDER[span]);
    let line = KeyPath::key("line");
    assert_eq!(at(line.nth(1).then("product")), Some("\"C1\""));
    assert_eq!(at(line.nth(1).then("batch")), Some("[[line]]"));
    assert_eq!(at(line.nth(7)), Some("[[line]]"));
    assert_eq!(at(KeyPath::key("date")), Some("2026-09-23"));
    assert_eq!(at(KeyPath::key("remarks")), None);
    assert_eq!(locate(b"\xff", &KeyPath::key("date")), None);
}

#[test]
fn lines_and_columns_count_characters() {
    let text = "\u{feff}a = \"客\"\nb = \"户x\"\n".as_bytes();
    assert_eq!(line_column(text, 3), (1, 1));
    assert_eq!(line_column(text, 11), (1, 7));
    assert_eq!(line_column(text, text.len() - 3), (2, 7));
    assert_eq!(line_column(text, usize::MAX), (3, 1));
    assert_eq!(line_column(b"", 5), (1, 1));
}
