//! `desk check`: every fault at once, with its place; what it explains, and what it mends.

use snapbox::str;

use crate::desk::Desk;

/// Two files with four kinds of fault.
fn broken() -> Desk {
    let desk = Desk::example();
    desk.change("customers/CX01.toml", "credit_limit = \"50000\"", "credit_limit = 50000.5");
    desk.change("customers/CX01.toml", "grade = \"A\"", "grad = \"A\"");
    desk.change("orders/2026-09/SO-2609-0004.toml", "product = \"D30\"", "product = \"D31\"");
    desk.change("orders/2026-09/SO-2609-0004.toml", "by = \"wang\"", "by = \"li-min\"");
    desk
}

#[test]
fn the_example_is_without_fault() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("check").succeeds().quietly().stdout("893 records checked: 0 errors, 0 warnings\n");
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn every_fault_is_told_with_place_and_hint() {
    broken().run("check").code(3).stdout(str![[r#"
error[field.unknown]: unknown field `grad`
 --> customers/CX01.toml:6:1
  |
6 | grad = "A"
  | ^^^^
hint: did you mean "grade"?
error[field.float]: `credit_limit` is a bare decimal: decimals stand in quotes
  --> customers/CX01.toml:10:16
   |
10 | credit_limit = 50000.5
   |                ^^^^^^^
hint: write "50000.5"
error[ref.unknown]: no product "D31"
  --> orders/2026-09/SO-2609-0004.toml:23:11
   |
23 | product = "D31"
   |           ^^^^^ leads to no record
hint: did you mean "D30"?
error[people.two]: li-min entered SO-2609-0004 and approved it too
  --> orders/2026-09/SO-2609-0004.toml:32:6
   |
32 | by = "li-min"
   |      ^^^^^^^^ not a second pair of eyes
hint: desk order review SO-2609-0004   (by someone else)
error[shipment.line]: line 2: SO-2609-0004 line 2 is D31, not D30
  --> shipments/2026-09/SH-2609-0004.toml:31:11
   |
31 | product = "D30"
   |           ^^^^^
892 records checked: 5 errors, 0 warnings
Next: desk check --fix   (mends 1 file)

"#]]);
}

#[test]
fn a_line_for_each_fault() {
    let desk = broken();
    desk.run("check --short").code(3).stdout(str![[r#"
customers/CX01.toml:6:1: error[field.unknown]: unknown field `grad`
customers/CX01.toml:10:16: error[field.float]: `credit_limit` is a bare decimal: decimals stand in quotes
orders/2026-09/SO-2609-0004.toml:23:11: error[ref.unknown]: no product "D31"
orders/2026-09/SO-2609-0004.toml:32:6: error[people.two]: li-min entered SO-2609-0004 and approved it too
shipments/2026-09/SH-2609-0004.toml:31:11: error[shipment.line]: line 2: SO-2609-0004 line 2 is D31, not D30
892 records checked: 5 errors, 0 warnings
Next: desk check --fix   (mends 1 file)

"#]]);
    desk.run("check --short customers").code(3).stdout(str![[r#"
customers/CX01.toml:6:1: error[field.unknown]: unknown field `grad`
customers/CX01.toml:10:16: error[field.float]: `credit_limit` is a bare decimal: decimals stand in quotes
892 records checked: 2 errors, 0 warnings
Next: desk check --fix   (mends 1 file)

"#]]);
    desk.run("check orders/2026-08 contracts").code(0);
}

#[test]
fn faults_as_json() {
    let found = broken().run("check -O json").code(3).json();
    let found = found.as_array().expect("a list");
    let codes: Vec<_> = found.iter().map(|one| one["code"].as_str().unwrap_or_default()).collect();
    assert_eq!(
        codes,
        ["field.unknown", "field.float", "ref.unknown", "people.two", "shipment.line"]
    );
    assert_eq!(found[2]["file"], "orders/2026-09/SO-2609-0004.toml");
    assert_eq!((&found[2]["line"], &found[2]["column"]), (&23.into(), &11.into()));
    assert_eq!(Desk::example().run("check -O json").succeeds().json(), serde_json::json!([]));
}

#[test]
fn a_report_names_what_it_leaves_out_and_exits_with_3() {
    let desk = Desk::example();
    desk.change("orders/2026-09/SO-2609-0001.toml", "qty = 2000", "qty = 2000.5.1");
    desk.run("report sales -p 2026-09 --by month")
        .code(3)
        .stdout(str![[r#"
Sales
basis      ordered: by day ordered, less what was closed by day closed; quotes left out
period     2026-09-01..2026-09-30, so far 2026-09-01..2026-09-23
as of      2026-09-23
tax basis  net without tax, gross with tax, each as its order says
currency   CNY

month    orders  quantity         net        tax       gross        cost     margin  margin %
---------------------------------------------------------------------------------------------
2026-09      11    14,573  210,866.76  20,531.84  231,398.60  144,420.00  66,446.76     31.5%
---------------------------------------------------------------------------------------------
total        11    14,573  210,866.76  20,531.84  231,398.60  144,420.00  66,446.76     31.5%
1 row

note: left out, and in no figure: orders/2026-09/SO-2609-0001.toml (see desk check)

"#]])
        .stderr(str![[r#"
error[toml.syntax]: invalid float, remove it
  --> orders/2026-09/SO-2609-0001.toml:16:13
   |
16 | qty = 2000.5.1
   |             ^^

"#]]);
    desk.run("report sales -p 2026-08 -O csv").code(3).stderr_has("SO-2609-0001.toml:16:13");
    desk.run("order list -p 2026-09 -O csv").code(3);
    desk.run("order show SO-2609-0001").code(3).stderr_has("desk order edit SO-2609-0001");
}

#[test]
fn a_broken_directory_is_mended_step_by_step() {
    let desk = broken();
    desk.run("order revise SO-2609-0004 --line '2 product=D30' --reason x").succeeds();
    desk.run("order revise SO-2609-0004 --line '2 product=D39' --reason x").code(2);
    desk.run("order set SO-2609-0003 --remarks x").succeeds();
    desk.run("check --short").code(3).has("people.two");
}

#[test]
fn mechanical_faults_are_mended() {
    let desk = Desk::example();
    let good = desk.tree();
    let file = "customers/CX14.toml";
    let text = desk.read(file);
    desk.write(file, format!("\u{feff}{}", text.replace('\n', "\r\n").trim_end()));
    desk.run("check --short").succeeds().stdout(str![[r#"
customers/CX14.toml:1:1: warning[toml.bom]: the file begins with a byte order mark
customers/CX14.toml:1:13: warning[toml.crlf]: 27 lines end with CRLF instead of LF
customers/CX14.toml:28:51: warning[toml.final_newline]: the last line does not end with a newline
893 records checked: 0 errors, 3 warnings
Next: desk check --fix   (mends 1 file)

"#]]);
    desk.run("customer show CX14").succeeds().quietly();
    let worse = desk.tree();
    desk.run("check --fix -n").succeeds();
    assert_eq!(desk.changes(&worse), "");
    desk.run("check --fix")
        .succeeds()
        .stdout(str![[r#"
customers/CX14.toml mended
893 records checked: 0 errors, 0 warnings

"#]])
        .quietly();
    assert_eq!(desk.changes(&good), "");
}

#[test]
fn every_rule_is_explained() {
    let desk = Desk::empty();
    let codes = desk.run("check --explain all -O csv").succeeds().column("code");
    assert!(codes.len() > 70, "{codes:?}");
    for code in &codes {
        let ran = desk.run(&format!("check --explain {code}")).succeeds().quietly();
        let (head, about) = ran.text().split_once('\n').unwrap_or_default();
        assert!(head.starts_with(&format!("{code} (")), "{ran}");
        assert!(about.trim().ends_with('.') && about.len() > 20, "{ran}");
    }
    desk.run("check --explain order.closre").code(2).stderr_has("did you mean order.closure?");
}

#[test]
fn folders_of_kinds_that_are_not_read_yet_are_one_note() {
    let desk = Desk::example();
    desk.write("bids/2026-09/BD-2609-0001.toml", "what = ever");
    desk.write("freight/2026-09.csv", "id\n1\n");
    desk.run("check").succeeds().stdout(str![[r#"
note[file.unread]: not read by this version: bids, freight
893 records checked: 0 errors, 0 warnings

"#]]);
    desk.run("report sales -p 2026-09 --by year")
        .succeeds()
        .has("note: not read by this version: bids, freight");
}

#[test]
fn a_note_of_very_many_files_names_a_few_and_their_count() {
    let desk = Desk::example();
    (1..=12)
        .for_each(|no| desk.write(&format!("orders/2026-12/SO-2612-00{no:02}.toml"), "id = \n"));
    let names: Vec<_> =
        (1..=10).map(|no| format!("orders/2026-12/SO-2612-00{no:02}.toml")).collect();
    let note = format!(
        "note: left out, and in no figure: {} …, 12 in all (see desk check)\n",
        names.join(", ")
    );
    desk.run("order list").code(3).has(&note);
    desk.run("report orders").code(3).has(&note);
}
