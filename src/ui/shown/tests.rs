//! How findings and errors look.

use proptest::prelude::*;

use crate::value::place::{KeyPath, Place};

use super::*;

const ORDER: &str = "id = \"SO-2609-0014\"\ncustomer = \"晨星医药\" # 老客户\nremarks = \"x\"\n";

fn look() -> Look {
    Look::default()
}

fn finding() -> Finding {
    let file = "orders/2026-09/SO-2609-0014.toml";
    Finding::at("order.customer", file, KeyPath::key("customer"), "no customer \"晨星医药\"")
        .note("customers are named by code")
        .hint("desk customer add CX01")
}

fn at(needle: &str, label: &str, primary: bool) -> Spot {
    let start = ORDER.find(needle).expect("the test's own text");
    let span = start..start + needle.len();
    let file = "orders/2026-09/SO-2609-0014.toml";
    Spot::in_source(file, ORDER, span, Some(label.into()), primary)
}

fn shown() -> Shown {
    let spots = vec![at("\"晨星医药\"", "not a code", true)];
    Shown { finding: finding(), spots, record: Some("SO-2609-0014".into()) }
}

#[test]
fn a_finding_shows_its_line_with_an_aligned_caret() {
    let expected = "\
error[order.customer]: no customer \"晨星医药\"
 --> orders/2026-09/SO-2609-0014.toml:2:12
  |
2 | customer = \"晨星医药\" # 老客户
  |            ^^^^^^^^^^ not a code
  |
  = customers are named by code
hint: desk customer add CX01
";
    assert_eq!(findings_text(&[shown()], look()), expected);
}

#[test]
fn spots_of_one_line_share_it_and_others_follow() {
    let mut shown = shown();
    shown.spots.push(at("# 老客户", "a remark", false));
    shown.spots.push(at("\"x\"", "another line", false));
    shown.spots.push(Spot::whole("customers/CX01.toml", None, false));
    let expected = "\
error[order.customer]: no customer \"晨星医药\"
 --> orders/2026-09/SO-2609-0014.toml:2:12
  |
2 | customer = \"晨星医药\" # 老客户
  |            ^^^^^^^^^^ -------- a remark
  |            |
  |            not a code
  |
 ::: orders/2026-09/SO-2609-0014.toml:3:11
  |
3 | remarks = \"x\"
  |           --- another line
 ::: customers/CX01.toml
  = customers are named by code
hint: desk customer add CX01
";
    assert_eq!(findings_text(&[shown], look()), expected);
}

#[test]
fn a_finding_without_source_names_its_file() {
    let finding = Finding::error("store.read", Place::file("orders/a.toml"), "not UTF-8");
    let finding = finding.note("first").note("second");
    let mut shown = Shown::without_source(&finding);
    let expected = "error[store.read]: not UTF-8\n --> orders/a.toml\n = first\n = second\n";
    assert_eq!(findings_text(std::slice::from_ref(&shown), look()), expected);
    shown.spots.clear();
    let expected = "error[store.read]: not UTF-8\n = first\n = second\n";
    assert_eq!(findings_text(&[shown], look()), expected);
}

#[test]
fn long_lines_are_trimmed_around_the_spot() {
    let source = format!("{}HERE{}", "a,".repeat(300), ",b".repeat(300));
    let spot = Spot::in_source("payments/2026-09.csv", &source, 600..604, None, true);
    assert_eq!((spot.line, spot.column), (Some(1), Some(601)));
    let shown = Shown { spots: vec![spot], ..shown() };
    let text = findings_text(&[shown], Look { width: Some(60), ..look() });
    assert!(text.contains("HERE") && text.contains("^^^^"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 66), "{text}");
}

#[test]
fn the_short_form_is_one_line_for_editors() {
    let expected = "orders/2026-09/SO-2609-0014.toml:2:12: \
                    error[order.customer]: no customer \"晨星医药\"\n";
    assert_eq!(findings_lines(&[shown()]), expected);
    let whole = Shown::without_source(&finding());
    assert!(findings_lines(&[whole]).starts_with("orders/2026-09/SO-2609-0014.toml: error["));
}

#[test]
fn json_holds_what_a_program_needs() {
    let json = findings_json(&[shown(), Shown::without_source(&finding())]);
    let value: Value = serde_json::from_str(&json).expect("it is JSON");
    let expected = serde_json::json!({
        "code": "order.customer", "level": "error",
        "file": "orders/2026-09/SO-2609-0014.toml", "line": 2, "column": 12,
        "message": "no customer \"晨星医药\"", "label": "not a code",
        "notes": ["customers are named by code"], "hint": "desk customer add CX01",
        "record": "SO-2609-0014",
    });
    assert_eq!(value[0], expected);
    assert_eq!(value[1]["line"], Value::Null);
    assert_eq!(findings_json(&[]), "[]\n");
}

#[test]
fn an_error_says_why_and_what_to_do() {
    let cause = std::io::Error::other("disk full");
    let error = Error::failure("writing SO-2609-0014 failed").because(cause).hint("desk doctor");
    let expected = "error: writing SO-2609-0014 failed\n = disk full\nhint: desk doctor\n";
    assert_eq!(error_text(&error, &[], look()), expected);
    let refused = Error::refused("SO-2609-0014 is refused", vec![finding()]);
    let text = error_text(&refused, &[], look());
    assert!(text.starts_with("error: SO-2609-0014 is refused\nerror[order.customer]: "), "{text}");
    assert!(error_text(&refused, &[shown()], look()).contains("not a code"));
}

#[test]
fn colour_changes_no_word() {
    let colored = findings_text(&[shown()], Look { color: true, width: None });
    assert!(colored.contains('\u{1b}'));
    let plain = anstream::adapter::strip_str(&colored).to_string();
    assert_eq!(plain, findings_text(&[shown()], look()));
}

#[test]
fn a_spot_fits_a_text_that_has_changed() {
    let beyond = Spot::in_source("a.toml", "x = 1\r\n", 90..99, None, true);
    assert_eq!((beyond.line, beyond.column, beyond.span), (Some(2), Some(1), 0..0));
    let inside = Spot::in_source("a.toml", "x = \"晨\"\r\ny = 1", 6..14, None, true);
    assert_eq!((inside.text.as_str(), inside.span), ("x = \"晨\"", 5..9));
}

#[test]
fn no_text_of_the_data_reaches_the_terminal_unclean() {
    for text in naughty_strings::BLNS {
        let spot = Spot {
            label: Some(text.to_string()),
            file: text.to_string(),
            ..Spot::in_source("", text, 0..text.len(), None, true)
        };
        let place = Place::file(*text);
        let finding = Finding::error("a.b", place, *text).note(*text).hint(*text).label(*text);
        let shown = Shown { finding: finding.clone(), spots: vec![spot], record: None };
        let error = Error::refused(*text, vec![finding]).hint(*text);
        let output = findings_text(std::slice::from_ref(&shown), look())
            + &findings_lines(std::slice::from_ref(&shown))
            + &findings_json(&[shown])
            + &error_text(&error, &[], look());
        let hidden = |c: char| c != '\n' && crate::value::text::is_unsafe(c);
        assert!(!output.contains(hidden), "{text:?}: {output:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn drawing_never_panics(
        source in "[a晨\t\r\n\\PC]{0,60}",
        spans in prop::collection::vec((0_usize..80, 0_usize..80, any::<bool>()), 0..4),
        columns in 0_usize..80,
    ) {
        let spot = |(start, end, primary): &(usize, usize, bool)| {
            Spot::in_source("a.toml", &source, *start..*end, Some("晨".into()), *primary)
        };
        let mut spots: Vec<Spot> = spans.iter().map(spot).collect();
        let lines = Spot { line: Some(7), text: source.clone(), span: 3..50, ..Spot::default() };
        spots.push(lines);
        let shown = Shown { spots, ..shown() };
        findings_text(&[shown], Look { color: true, width: Some(columns) });
    }
}
