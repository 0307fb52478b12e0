//! Edits: only the bytes they name change, in every layout; what cannot be done safely is refused.

use serde_json::{Value, json};

use super::{ORDER, order_fields, order_with};
use crate::store::toml::{Edit, edit};
use crate::value::place::KeyPath;

fn path(text: &str) -> KeyPath {
    let mut path = KeyPath::default();
    for part in text.split('.') {
        path = match part.parse() {
            Ok(at) => path.nth(at),
            Err(_) => path.then(part),
        };
    }
    path
}

fn set(field: &str, value: impl Into<Value>) -> Edit {
    Edit::Set { path: path(field), value: value.into() }
}

fn remove(field: &str) -> Edit {
    Edit::Remove { path: path(field) }
}

fn push(key: &str, block: Value) -> Edit {
    let Value::Object(block) = block else { panic!("a block is an object") };
    Edit::Push { key: key.into(), block }
}

/// What one edit makes of a text.
fn made(text: &str, one: Edit) -> Result<String, String> {
    let bytes = edit(text.as_bytes(), &[one], &order_fields())?;
    Ok(String::from_utf8(bytes).expect("an edit of text gives text"))
}

/// Expects an edit to put one text in the place of another, in four dresses of the same file.
fn expect(before: &str, one: Edit, old: &str, new: &str) {
    assert_eq!(before.matches(old).count(), 1, "{old:?} is not one place");
    let after = before.replacen(old, new, 1);
    assert_eq!(made(before, one.clone()).as_deref(), Ok(after.as_str()));
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(made(&crlf(before), one.clone()), Ok(crlf(&after)));
    let bom = |text: &str| format!("\u{feff}{text}");
    assert_eq!(made(&bom(before), one.clone()), Ok(bom(&after)));
    let open = |text: &str| text.trim_end_matches('\n').to_owned();
    assert_eq!(made(&open(before), one), Ok(open(&after)));
}

#[test]
fn values_are_replaced_at_their_bytes() {
    expect(ORDER, set("customer", "CX02"), "\"CX01\"", "\"CX02\"");
    expect(ORDER, set("promised_on", "2026-10-08"), "2026-09-30", "2026-10-08");
    expect(
        ORDER,
        set("entered_at", "2026-09-24T00:00:00Z"),
        "2026-09-23T09:58:41.207+08:00",
        "2026-09-24T00:00:00Z",
    );
    expect(ORDER, set("credit_days", 45), "= 30\n", "= 45\n");
    expect(ORDER, set("prices_include_tax", false), "true", "false");
    expect(ORDER, set("line.0.qty", "25"), "= 20\n", "= 25\n");
    expect(ORDER, set("line.0.qty", "2.5"), "= 20\n", "= \"2.5\"\n");
    expect(ORDER, set("line.0.price", "130"), "\"128.00\"", "\"130\"");
    expect(ORDER, set("approval.0.decision", "rejected"), "approved", "rejected");
    expect(ORDER, set("district", "a \"b\"\n"), "\"east\"", "\"a \\\"b\\\"\\n\"");
}

#[test]
fn odd_spacing_comments_and_strings_stay() {
    let odd = "# head\n\nid='A'   # the id\n  date   =2026-09-23# day\n\
               customer = \"\"\"\nC\"\"\" # c\npolicies = [ # why\n  \"P1\", # first\n] # end\n\
               [void] # gone\nat = 2026-09-23T10:12:00Z\n\
               reason = \"x\"\n\n# tail\n";
    expect(odd, set("id", "B"), "'A'", "\"B\"");
    expect(odd, set("date", "2026-09-24"), "2026-09-23#", "2026-09-24#");
    expect(odd, set("customer", "D"), "\"\"\"\nC\"\"\"", "\"D\"");
    expect(odd, set("policies.0", "P2"), "P1", "P2");
    expect(
        odd,
        set("policies", json!(["P2", "P3"])),
        "[ # why\n  \"P1\", # first\n]",
        "[\"P2\", \"P3\"]",
    );
    expect(odd, set("void.by", "li"), "reason", "by = \"li\"\nreason");
    expect(odd, set("remarks", "r"), "] # end\n", "] # end\nremarks = \"r\"\n");
    expect(odd, set("staff", "li"), "C\"\"\" # c\n", "C\"\"\" # c\nstaff = \"li\"\n");
    expect(odd, set("entered_by", "li"), "# day\n", "# day\n  entered_by = \"li\"\n");
}

#[test]
fn setting_what_stands_there_changes_nothing() {
    let literal = order_with("\"CX01\"", "'CX01'");
    assert_eq!(made(&literal, set("customer", "CX01")), Ok(literal.clone()));
    assert_eq!(made(ORDER, remove("remarks")).as_deref(), Ok(ORDER));
}

#[test]
fn new_fields_stand_where_the_field_table_has_them() {
    expect(ORDER, set("remarks", "soon"), "= true\n", "= true\nremarks = \"soon\"\n");
    expect(
        ORDER,
        set("line.0.discount_pct", "5"),
        "\"128.00\"\n",
        "\"128.00\"\ndiscount_pct = \"5\"\n",
    );
    expect(
        ORDER,
        set("line.1.deliverable", false),
        "\"sample\"\n",
        "\"sample\"\ndeliverable = false\n",
    );
    let void = "2026-09-23T10:12:00+08:00\n";
    let added = format!("{void}\n[void]\nreason = \"twice\"\n");
    expect(ORDER, set("void.reason", "twice"), void, &added);
    let whole = json!({"reason": "twice", "at": "2026-09-24T08:00:00+08:00", "by": null});
    let twice = [push("void", whole.clone()), push("void", whole.clone())];
    assert!(edit(ORDER.as_bytes(), &twice[..1], &order_fields()).is_ok());
    assert!(edit(ORDER.as_bytes(), &twice, &order_fields()).is_err());
    let added = format!("{void}\n[void]\nat = 2026-09-24T08:00:00+08:00\nreason = \"twice\"\n");
    expect(ORDER, set("void", whole), void, &added);
    let unheaded = ORDER.replacen("id = \"SO-2609-0014\"\n", "", 1);
    expect(&unheaded, set("id", "X"), "date = 2026-09-23\n", "id = \"X\"\ndate = 2026-09-23\n");
    let only = "[[line]]\nno = 1\nproduct = \"A\"\n";
    expect(only, set("id", "X"), "[[line]]", "id = \"X\"\n\n[[line]]");
}

#[test]
fn new_blocks_stand_behind_the_last_of_their_kind() {
    let block = json!({"qty": "3", "no": 3, "product": "W30", "price": "5"});
    let written = "no = 3\nproduct = \"W30\"\nqty = 3\nprice = \"5\"\n";
    let last = "free_reason = \"sample\"\n";
    expect(ORDER, push("line", block.clone()), last, &format!("{last}\n[[line]]\n{written}"));
    let tail = "at = 2026-09-23T10:12:00+08:00\n";
    let approval = json!({"step": "review", "decision": "approved"});
    let added = format!("{tail}\n[[approval]]\nstep = \"review\"\ndecision = \"approved\"\n");
    expect(ORDER, push("approval", approval), tail, &added);
    let bare = "id = \"A\" # a\n# tail\n";
    expect(
        bare,
        push("line", block.clone()),
        "# tail\n",
        &format!("# tail\n\n[[line]]\n{written}"),
    );
    let commented = ORDER.replace(last, &format!("{last}# of line 2\n"));
    let after = format!("# of line 2\n\n[[line]]\n{written}");
    expect(&commented, push("line", block), "# of line 2\n", &after);
}

#[test]
fn removing_takes_the_line_or_the_whole_block() {
    expect(ORDER, remove("contract"), "contract = \"CT-2609-0004\"\n", "");
    expect(ORDER, set("contract", Value::Null), "contract = \"CT-2609-0004\"\n", "");
    expect(ORDER, remove("id"), "id = \"SO-2609-0014\"\n", "");
    let commented = order_with("credit_days = 30", "credit_days = 30 # agreed");
    expect(&commented, remove("credit_days"), "credit_days = 30 # agreed\n", "");
    let second = &ORDER[ORDER.find("\n[[line]]\nno = 2").expect("it is there")..];
    let second = &second[..second.find("\n[[approval]]").expect("it is there")];
    expect(ORDER, remove("line.1"), second, "");
    let approval = &ORDER[ORDER.find("\n[[approval]]").expect("it is there")..];
    let after = made(ORDER, remove("approval.0")).expect("it stands under its header");
    assert_eq!(format!("{after}{approval}"), ORDER);
}

#[test]
fn inline_tables_and_dotted_keys_keep_their_layout() {
    let text = "id = \"A\"\nline = [ {no = 1, qty=2 }, { no = 2, qty = 3 } ]\n\
                void.at = 2026-09-23T10:12:00Z\nvoid . reason = \"x\"\n";
    expect(text, set("line.0.qty", "5"), "qty=2 ", "qty=5 ");
    expect(text, set("void.reason", "y"), "\"x\"", "\"y\"");
    expect(text, remove("void.at"), "void.at = 2026-09-23T10:12:00Z\n", "");
    for refused in [
        set("line.0.price", "5"),
        remove("line.0.qty"),
        remove("line.0"),
        set("void.by", "li"),
        remove("void"),
        set("void", json!({"reason": "y"})),
        push("line", json!({"no": 3, "product": "A"})),
    ] {
        let shown = format!("{refused:?}");
        assert!(made(text, refused).is_err(), "{shown}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for refused in [
        set("custmer", "CX02"),
        set("date", "tomorrow"),
        set("date", "2026-09-23T10:12:00Z"),
        set("entered_at", "2026-09-23T10:12:00"),
        set("line.0.price", "1,5"),
        set("line.0.price", json!(1e300)),
        set("line.0.qty", "1000000001"),
        set("credit_days", "many"),
        set("customer", 5),
        set("line.7.qty", "1"),
        set("line", json!([])),
        set("line.0", json!({"no": 1})),
        set("policies", "P1"),
        push("lines", json!({})),
        push("line", json!({"no": 3, "colour": "red"})),
        push("line", json!({"no": 3, "promised_on": "soon"})),
    ] {
        let shown = format!("{refused:?}");
        assert!(made(ORDER, refused).is_err(), "{shown}");
    }
    let broken = order_with("\"CX01\"", "CX01");
    let message = made(&broken, set("credit_days", 1)).expect_err("the file is broken");
    assert!(message.starts_with("mend the file first"), "{message}");
    assert!(edit(b"\xff", &[], &order_fields()).is_err());
}

#[test]
fn edits_follow_one_another() {
    let edits =
        [set("line.0.qty", "1"), remove("staff"), push("line", json!({"no": 3, "product": "X"}))];
    let after = edit(ORDER.as_bytes(), &edits, &order_fields()).expect("each is possible");
    let expected = order_with("qty = 20", "qty = 1")
        .replace("staff = \"li-min\"\n", "")
        .replace("\"sample\"\n", "\"sample\"\n\n[[line]]\nno = 3\nproduct = \"X\"\n");
    assert_eq!(String::from_utf8(after).expect("text"), expected);
}
