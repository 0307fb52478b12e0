//! Each fault of a field: its code, the bytes it points at, its mend.

use super::{ORDER, codes, found, order_fields, order_with};
use crate::finding::{Fix, Level};
use crate::store::toml::{deserialize, read, split, value};
use crate::value::place::{At, Place};

/// Replaces one text of the good order and expects one finding, its bytes and its mend.
fn expect(old: &str, new: &str, code: &str, shown: &str, mend: Option<&str>) {
    let text = order_with(old, new);
    let read = read("a.toml", text.as_bytes(), &order_fields());
    assert_eq!(codes(text.as_bytes(), &read), [(code.to_owned(), shown.to_owned())], "{new}");
    let mend = mend.map(|mend| Fix::Replace(mend.to_owned()));
    assert_eq!(read.findings[0].fix, mend, "{new}");
    let is_syntax = code == "field.date" && shown.starts_with("2026-02");
    assert_eq!(read.table.is_some(), !is_syntax, "{new}");
}

fn hint(text: &str) -> Option<String> {
    read("a.toml", text.as_bytes(), &order_fields()).findings.remove(0).hint
}

#[test]
fn numbers() {
    expect("\"128.00\"", "128.00", "field.float", "128.00", Some("\"128.00\""));
    expect("\"128.00\"", "1e5", "field.float", "1e5", None);
    expect("\"128.00\"", "nan", "field.float", "nan", None);
    expect("\"128.00\"", "1_0.5", "field.float", "1_0.5", None);
    expect("\"128.00\"", "+1.5", "field.float", "+1.5", None);
    expect("\"128.00\"", "\"1,280\"", "field.decimal", "\"1,280\"", None);
    expect("\"128.00\"", "\"\"", "field.decimal", "\"\"", None);
    expect("\"128.00\"", "\"１２\"", "field.decimal", "\"１２\"", None);
    expect("\"128.00\"", "\"0.1234567\"", "field.range", "\"0.1234567\"", None);
    expect("\"128.00\"", "\"1000000000001\"", "field.range", "\"1000000000001\"", None);
    expect("\"128.00\"", "-1000000000001", "field.range", "-1000000000001", None);
    expect("\"128.00\"", "99999999999999999999", "field.range", "99999999999999999999", None);
    expect("qty = 20", "qty = 1000000001", "field.range", "1000000001", None);
    expect("qty = 20", "qty = 0x14", "field.decimal", "0x14", None);
    expect("qty = 20", "qty = 2_0", "field.decimal", "2_0", Some("20"));
    expect("qty = 20", "qty = +20", "field.decimal", "+20", Some("20"));
    expect("qty = 20", "qty = true", "field.type", "true", None);
    expect("= 30", "= -1", "field.range", "-1", None);
    expect("= 30", "= 1000000001", "field.range", "1000000001", None);
    expect("= 30", "= \"30\"", "field.type", "\"30\"", Some("30"));
    expect("= 30", "= 1.5", "field.type", "1.5", None);
    for good in ["\"-3.5\"", "\"1000000000\"", "0", "\"007.10\""] {
        assert_eq!(found(&order_with("qty = 20", &format!("qty = {good}"))), [], "{good}");
    }
}

#[test]
fn dates() {
    let day = "date = 2026-09-23";
    let now = "2026-09-23T10:12:00";
    expect(day, "date = \"2026-09-23\"", "field.date", "\"2026-09-23\"", Some("2026-09-23"));
    expect(day, "date = \"23.9.2026\"", "field.date", "\"23.9.2026\"", None);
    expect(day, "date = 2026-02-30", "field.date", "2026-02-30", None);
    expect(day, &format!("date = {now}Z"), "field.date", &format!("{now}Z"), None);
    expect(day, "date = 10:12:00", "field.date", "10:12:00", None);
    expect(day, "date = 1899-12-31", "field.date", "1899-12-31", None);
    expect(day, "date = 2200-01-01", "field.date", "2200-01-01", None);
    expect(day, "date = 20260923", "field.date", "20260923", None);
    let at = "at = 2026-09-23T10:12:00+08:00";
    let quoted = "\"2026-09-23T10:12:00+08:00\"";
    expect(at, &format!("at = {quoted}"), "field.date", quoted, Some(&quoted[1..26]));
    expect(at, &format!("at = {now}"), "field.date", now, None);
    expect(at, "at = 2026-09-23", "field.date", "2026-09-23", None);
    let short = "2026-09-23T10:12+08:00";
    expect(at, &format!("at = {short}"), "field.date", short, Some("2026-09-23T10:12:00+08:00"));
}

#[test]
fn words() {
    expect("\"CX01\"", "\"\"", "field.empty", "\"\"", None);
    expect("\"CT-2609-0004\"", "\" \"", "field.empty", "\" \"", None);
    expect("\"pc\"", "12", "field.type", "12", Some("\"12\""));
    expect("\"pc\"", "0.50", "field.type", "0.50", Some("\"0.50\""));
    expect("\"pc\"", "[\"pc\"]", "field.type", "[\"pc\"]", None);
    expect("\"CX01\"", "12", "field.type", "12", None);
    expect("\"pc\"", "\"a\\u0007\"", "field.control", "\"a\\u0007\"", None);
    expect("\"pc\"", "\"a\\u0085\"", "field.control", "\"a\\u0085\"", None);
    expect("\"pc\"", "\"a\\u202E\"", "field.bidi", "\"a\\u202E\"", None);
    expect("\"sample\"", "\"smaple\"", "field.choice", "\"smaple\"", None);
    expect("\"sample\"", "1", "field.type", "1", None);
    expect("= true", "= \"true\"", "field.type", "\"true\"", Some("true"));
    expect("= true", "= 1", "field.type", "1", None);
    let choice = order_with("\"sample\"", "\"smaple\"");
    assert_eq!(hint(&choice).as_deref(), Some("did you mean \"sample\"?"));
    for good in ["\"客户—“x”\"", "\"a\\tb\\nc\"", "\"\"", "\"\"\"a\r\nb\"\"\""] {
        let found = found(&order_with("\"pc\"", good));
        assert!(found.iter().all(|(code, _)| code == "toml.crlf"), "{found:?}");
    }
}

#[test]
fn a_turned_direction_only_warns() {
    let text = order_with("\"pc\"", "\"a\\u202E\"");
    let read = read("a.toml", text.as_bytes(), &order_fields());
    assert_eq!(read.findings[0].level, Level::Warning);
}

#[test]
fn unknown_fields_and_where_they_belong() {
    let misspelt = order_with("district =", "distrct =");
    assert_eq!(found(&misspelt), [("field.unknown".into(), "distrct".into())]);
    assert_eq!(hint(&misspelt).as_deref(), Some("did you mean \"district\"?"));
    let misplaced = order_with("credit_days = 30", "qty = 30");
    assert_eq!(hint(&misplaced).as_deref(), Some("`qty` belongs in [[line]]"));
    let below = order_with("unit = \"pc\"", "credit_days = 30");
    let belongs = "`credit_days` belongs at the top, above the first [table]";
    assert_eq!(hint(&below).as_deref(), Some(belongs));
    let block = order_with("[[approval]]", "[[aproval]]");
    assert_eq!(found(&block), [("field.unknown".into(), "aproval".into())]);
    let strange = order_with("credit_days = 30", "zzzzzz = 30");
    assert_eq!(hint(&strange), None);
}

#[test]
fn missing_fields_point_at_their_header() {
    let customer = order_with("customer = \"CX01\"\n", "");
    let first = "id = \"SO-2609-0014\"".to_owned();
    assert_eq!(found(&customer), [("field.missing".into(), first)]);
    let product = order_with("product = \"C1\"\n", "");
    assert_eq!(found(&product), [("field.missing".into(), "[[line]]".into())]);
    let read = read("a.toml", product.as_bytes(), &order_fields());
    let second = product.rfind("[[line]]").expect("the order has two lines");
    assert_eq!(read.findings[0].place.at, At::Span(second..second + 8));
}

#[test]
fn shapes() {
    let single = ORDER.replacen("[[approval]]", "[approval]", 1);
    assert_eq!(found(&single), [("field.type".into(), "[approval]".into())]);
    assert_eq!(hint(&single).as_deref(), Some("write [[approval]]"));
    let void = "[[void]]\nat = 2026-09-23T10:12:00Z\nreason = \"x\"\n";
    assert_eq!(found(&format!("{ORDER}{void}")), [("field.type".into(), "[[void]]".into())]);
    let line = order_with("credit_days = 30", "policies = \"P1\"");
    assert_eq!(hint(&line).as_deref(), Some("write [\"P1\"]"));
    let list = order_with("credit_days = 30", "policies = [\"P1\", 2, \"\"]");
    let expected = [("field.type".into(), "2".into()), ("field.empty".into(), "\"\"".into())];
    assert_eq!(found(&list), expected);
    let head = "id = \"A\"\ndate = 2026-09-23\ncustomer = \"C\"\n";
    let inline = format!("{head}line = [{{ no = 1, product = \"A\", qty = 1.5 }}]\n");
    assert_eq!(found(&inline), [("field.float".into(), "1.5".into())]);
    let mixed = format!("{head}line = [1]\nvoid = 2\n");
    let expected = [("field.type".into(), "1".into()), ("field.type".into(), "2".into())];
    assert_eq!(found(&mixed), expected);
    let dotted = format!("{head}void.at = 2026-09-23T10:12:00Z\nvoid.reason = \"x\"\n");
    assert_eq!(found(&dotted), []);
    let many = format!("{head}line = 1\n");
    assert_eq!(hint(&many).as_deref(), Some("write each as a block under [[line]]"));
}

#[test]
fn numbers_of_lines() {
    let zero = order_with("no = 1", "no = 0");
    assert_eq!(found(&zero), [("line.no".into(), "0".into())]);
    let twice = order_with("no = 2", "no = 1");
    let read = read("a.toml", twice.as_bytes(), &order_fields());
    assert_eq!(read.findings[0].code, "line.duplicate_no");
    let first = twice.find("no = 1").expect("it is there") + 5;
    let second = twice.rfind("no = 1").expect("it is there") + 5;
    assert_eq!(read.findings[0].place.at, At::Span(second..second + 1));
    let expected = (Place::span("a.toml", first..first + 1), "first here".to_owned());
    assert_eq!(read.findings[0].others, [expected]);
    let backwards = order_with("no = 1", "no = 3");
    assert_eq!(found(&backwards), []);
}

#[test]
fn many_faults_at_once_in_the_order_of_the_file() {
    let text = order_with("\"128.00\"", "128.00")
        .replace("\"CX01\"", "\"\"")
        .replace("unit = \"pc\"\nprice = 0", "unitt = \"pc\"\nprice = 0.0");
    let codes: Vec<_> = found(&text).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["field.empty", "field.float", "field.unknown", "field.float"]);
}

#[test]
fn a_table_is_parted_and_read_into_structs() {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Common {
        id: String,
        date: crate::value::day::Day,
    }
    let read = read("a.toml", ORDER.as_bytes(), &order_fields());
    let table = read.table.expect("the order is good");
    let (common, own) = split(table, |key| matches!(key, "id" | "date"));
    let keys: Vec<_> = own.keys().map(|key| key.get_ref().to_string()).collect();
    assert_eq!(keys[..3], ["entered_by", "entered_at", "customer"]);
    let common: Common = deserialize(common).expect("both fields are there");
    assert_eq!(
        (common.id.as_str(), common.date.to_string().as_str()),
        ("SO-2609-0014", "2026-09-23")
    );
    assert!(deserialize::<Common>(own).is_err_and(|message| message.contains("entered_by")));
}

#[test]
fn json_keeps_decimals_as_written() {
    let read = read("a.toml", ORDER.as_bytes(), &order_fields());
    let value = value(&read.table.expect("the order is good"), &order_fields());
    assert_eq!(value["line"][0]["price"], "128.00");
    assert_eq!(value["line"][0]["qty"], "20");
    assert_eq!(value["line"][0]["no"], 1);
    assert_eq!(value["date"], "2026-09-23");
    assert_eq!(value["entered_at"], "2026-09-23T09:58:41.207+08:00");
    assert_eq!(value["prices_include_tax"], true);
}
