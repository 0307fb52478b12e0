//! `desk order`: taken, held, released, closed short, revised, void.

use snapbox::str;

use crate::desk::Desk;

const NEW: &str = "orders/2026-09/SO-2609-0014.toml";

fn with_order() -> Desk {
    let desk = Desk::example();
    desk.run(
        "order add CX01 --line 'A100 x 20 @ 128' --line 'C1 x 2 sample' --promised-on 2026-09-30",
    )
    .succeeds();
    desk
}

#[test]
fn an_order_is_taken_with_the_values_of_its_masters_frozen_onto_it() {
    let desk = Desk::example();
    let line =
        "order add CX01 --line 'A100 x 20 @ 128' --line 'C1 x 2 sample' --promised-on 2026-09-30";
    let before = desk.tree();
    desk.run(line).succeeds().quietly().stdout(str![[r#"
SO-2609-0014  晨星医药  2,560.00  awaiting review
Next: desk order review SO-2609-0014   (by someone else)

"#]]);
    crate::desk::same(
        line,
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0014.toml
+id = "SO-2609-0014"
+date = 2026-09-23
+entered_by = "li-min"
+entered_at = 2026-09-23T12:00:00.000+08:00
+customer = "CX01"
+promised_on = 2026-09-30
+delivery_method = "own_vehicle"
+credit_days = 30
+prices_include_tax = true
+staff = "li-min"
+district = "east"
+
+[[line]]
+no = 1
+product = "A100"
+qty = 20
+unit = "pc"
+price = "128.00"
+tax_rate = "0.13"
+
+[[line]]
+no = 2
+product = "C1"
+qty = 2
+unit = "pc"
+price = "0.00"
+tax_rate = "0.13"
+free_reason = "sample"

"#]],
    );
    desk.run("order show SO-2609-0014 -O json")
        .succeeds()
        .has(r#""stage": "awaiting review", "net": 2265.49, "tax": 294.51, "gross": 2560.00"#);
}

#[test]
fn defaults_come_from_contract_packing_and_list() {
    let desk = Desk::example();
    let before = desk.tree();
    let line = "order add CX02 --contract CT-2601-0001 --line 'C10 x 3 box contract_line=1' \
                --line 'A100 x 5' --line 'P20 x 1 carton -5%'";
    desk.run(line).succeeds();
    crate::desk::same(
        line,
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0014.toml
+id = "SO-2609-0014"
+date = 2026-09-23
+entered_by = "li-min"
+entered_at = 2026-09-23T12:00:00.000+08:00
+customer = "CX02"
+contract = "CT-2601-0001"
+delivery_method = "own_vehicle"
+credit_days = 60
+prices_include_tax = true
+staff = "li-min"
+district = "east"
+
+[[line]]
+no = 1
+product = "C10"
+qty = 3
+unit = "box"
+unit_factor = 100
+price = "78.00"
+tax_rate = "0.13"
+contract_line = 1
+
+[[line]]
+no = 2
+product = "A100"
+qty = 5
+unit = "pc"
+price = "119.00"
+tax_rate = "0.13"
+contract_line = 5
+
+[[line]]
+no = 3
+product = "P20"
+qty = 1
+unit = "carton"
+unit_factor = 20
+price = "920.00"
+discount_pct = "5"
+tax_rate = "0.13"

"#]],
    );
}

#[test]
fn a_foreign_order_takes_the_currency_of_its_customer_and_needs_a_rate() {
    let desk = Desk::example();
    desk.run("order add CX03 --line 'A100 x 10 @ 15.80 tax_rate=0'").code(3).stdout("").stderr(
        str![[r#"
error: refused; nothing was written
error[amount.exchange_rate]: SO-2609-0014 is in USD and has no exchange rate
  --> orders/2026-09/SO-2609-0014.toml:11:12
   |
11 | currency = "USD"
   |            ^^^^^
hint: --exchange-rate …

"#]],
    );
    desk.run("order add CX03 --line 'A100 x 10 @ 15.80 tax_rate=0' --exchange-rate 7.01")
        .succeeds()
        .has("SO-2609-0014  Sunrise Medical  USD 158.00  awaiting review");
    desk.run("report sales -p today -O csv")
        .succeeds()
        .has("CX03,Sunrise Medical,1,10,1107.58,0.00,1107.58,");
}

#[test]
fn a_quote_is_not_yet_an_order() {
    let desk = Desk::example();
    desk.run("order add 晨星 --line 'A100 x 20' --quote true").succeeds().stdout(str![[r#"
SO-2609-0014  晨星医药  2,560.00  quote
Next: desk order set SO-2609-0014 --quote false

"#]]);
    desk.run("DESK_USER=wang order review SO-2609-0014").code(3).stderr_has("error[review.open]");
    desk.run("report sales -p today --fail-empty").code(6);
    desk.run("order set SO-2609-0014 --quote false").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("report sales -p today -O csv")
        .succeeds()
        .has("CX01,晨星医药,1,20,2265.49,294.51,2560.00,");
}

#[test]
fn what_cannot_be_an_order_is_refused_and_nothing_is_written() {
    let desk = Desk::example();
    let before = desk.tree();
    for (line, code, words) in [
        ("order add", 2, "an order needs a customer"),
        ("order add CX99 --line 'A100 x 1'", 2, "no customer \"CX99\""),
        ("order add CX01 --line 'A999 x 1'", 2, "no product \"A999\""),
        ("order add CX01 --line 'A100 x'", 2, "no quantity after x"),
        ("order add CX01 --line 'A100 x 1.5.2'", 2, "is no plain decimal"),
        ("order add CX01 --line 'A100 x 1 @ 1e5'", 2, "is no plain decimal"),
        ("order add CX01 --line 'A100 x 1 x 2'", 2, "has no meaning here"),
        ("order add CX01 --line 'A100 x 1 pric=2'", 2, "did you mean price?"),
        ("order add CX01 --line 'A100 x 1' --promised-on 2026-02-30", 2, "2026-02-30"),
        ("order add CX01 --line 'A100 x 1' --date soon", 2, "is not a date"),
        ("order add CX01 --line 'A100 x 1' --contract CT-2601-0001", 3, "error[order.contract]"),
        ("order add CX01 --line 'M10 x 1'", 3, "has no price"),
        (
            "order add CX01 --line 'A100 x 1' --team staff=li-min,share_pct=101",
            3,
            "error[people.team]",
        ),
    ] {
        desk.run(line).code(code).stderr_has(words).stdout("");
    }
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn nobody_is_guessed_as_the_one_who_acts() {
    let desk = Desk::example().without("DESK_USER");
    desk.run("order add CX01 --line 'A100 x 1'").code(2).stderr(str![[r#"
error: nobody is named as the one who does this
hint: set DESK_USER to your staff code

"#]]);
    desk.write(".desk/local.toml", "user = \"zhou\"\n");
    desk.run("order add CX01 --line 'A100 x 1'").succeeds();
    assert!(desk.read(NEW).contains("entered_by = \"zhou\""));
}

#[test]
fn ids_go_on_in_each_month_and_site() {
    let desk = Desk::example();
    for (line, id) in [
        ("order add CX01 --line 'A100 x 1'", "SO-2609-0014"),
        ("order add CX01 --line 'A100 x 1'", "SO-2609-0015"),
        ("DESK_TODAY=2026-10-08 order add CX01 --line 'A100 x 1'", "SO-2610-0001"),
        ("DESK_SITE=SH order add CX01 --line 'A100 x 1'", "SO-2609-SH0001"),
    ] {
        desk.run(line).succeeds().has(id);
    }
    desk.run("DESK_SITE=sh order add CX01 --line 'A100 x 1'").code(2);
    desk.run("check").succeeds().has("0 errors");
}

#[test]
fn an_approved_line_is_changed_by_revise_alone() {
    let desk = with_order();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    let before = desk.tree();
    desk.run("order set SO-2609-0014 line.1.qty=30").code(3).stdout("").stderr(str![[r#"
error: refused; nothing was written
error[approval.stale]: SO-2609-0014 was changed after wang approved it
  --> orders/2026-09/SO-2609-0014.toml:35:6
   |
35 | of = "desk1:372010c1d9cd0c11486a93ffe5fd13d898715d700a3f656d194252fd64f098a7"
   |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ approved something else
hint: desk order review SO-2609-0014   (approves it as it is now)

"#]]);
    assert_eq!(desk.changes(&before), "");
    desk.run("order set SO-2609-0014 --promised-on 2026-10-08 --remarks 急").succeeds().stdout(
        str![[r#"
SO-2609-0014  promised_on = 2026-10-08, remarks = 急

"#]],
    );
    desk.run("order list id:SO-2609-0014 --cols stage -O csv")
        .succeeds()
        .stdout("stage\nto ship\n");
}

#[test]
fn a_revised_order_waits_for_review_again() {
    let desk = with_order();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    let before = desk.tree();
    let line = "order revise SO-2609-0014 --line '1 qty=50' --line 'W40 x 10' --reason 客户加量";
    desk.run(line).succeeds().stdout(str![[r#"
SO-2609-0014 revised: 6,538.00  awaiting review
Next: desk order review SO-2609-0014   (by someone else)

"#]]);
    crate::desk::same(
        line,
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0014.toml
-qty = 20
+qty = 50
+[[line]]
+no = 3
+product = "W40"
+qty = 10
+unit = "bottle"
+price = "13.80"
+tax_rate = "0.13"
+
+
+[[revision]]
+at = 2026-09-23T12:00:00+08:00
+by = "li-min"
+reason = "客户加量"

"#]],
    );
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("order list id:SO-2609-0014 --cols stage,gross -O csv")
        .succeeds()
        .stdout("stage,gross\nto ship,6538.00\n");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_revision_changes_what_was_asked_for_and_the_review_freezes_the_rest() {
    let desk = with_order();
    let file = "orders/2026-09/SO-2609-0014.toml";
    let left = ["delivery_method = \"own_vehicle\"\n", "credit_days = 30\n"];
    left.iter().for_each(|line| desk.change(file, line, ""));
    let before = desk.tree();
    let line = "order revise SO-2609-0014 --line '1 qty=50' --reason 客户加量";
    desk.run(line).succeeds();
    crate::desk::same(
        line,
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0014.toml
-qty = 20
+qty = 50
+
+[[revision]]
+at = 2026-09-23T12:00:00+08:00
+by = "li-min"
+reason = "客户加量"

"#]],
    );
    // What the customer says now counts until someone approves it.
    desk.run("customer set CX01 credit_days=45").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    let approved = desk.read(file);
    assert!(approved.contains("\ncredit_days = 45\n"), "{approved}");
    assert!(approved.contains(left[0]), "{approved}");
}

/// Writes a review into an order's file, as another program would: nothing is opened for it.
fn approve(desk: &Desk, id: &str) {
    let path = format!("orders/2026-09/{id}.toml");
    let review = "\n[[approval]]\nstep = \"review\"\ndecision = \"approved\"\nby = \"wang\"\n\
                  at = 2026-09-22T17:00:00+08:00\n";
    desk.write(&path, desk.read(&path) + review);
}

#[test]
fn orders_reviewed_elsewhere_wait_again_too_once_revised() {
    let desk = Desk::example();
    approve(&desk, "SO-2609-0012");
    desk.run("order revise SO-2609-0012 --line '1 qty=1000' --reason 客户减量").succeeds().stdout(
        str![[r#"
SO-2609-0012 revised: 8,616.00  awaiting review
Next: desk order review SO-2609-0012   (by someone else)

"#]],
    );
    desk.run("order revise SO-2609-0009 --line '1 price=7.80' --reason 重新报价")
        .succeeds()
        .stdout(str![[r#"
SO-2609-0009 revised: 14,980.00  awaiting review
Next: desk order review SO-2609-0009   (by someone else)

"#]]);
    let stages = "order list id:SO-2609-0009,SO-2609-0012 --cols id,stage -O csv";
    desk.run(stages).succeeds().stdout(str![[r#"
id,stage
SO-2609-0009,awaiting review
SO-2609-0012,awaiting review

"#]]);
    desk.run(&format!("{stages} --as-of 2026-09-22")).succeeds().stdout(str![[r#"
id,stage
SO-2609-0009,rejected
SO-2609-0012,to ship

"#]]);
}

#[test]
fn revise_needs_a_reason_and_something_to_revise() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("order revise SO-2609-0003 --reason x")
        .code(2)
        .stderr_has("nothing to revise on SO-2609-0003");
    desk.run("order revise SO-2609-0003 --line '1 qty=5' --reason ' '")
        .code(2)
        .stderr_has("a reason is needed");
    desk.run("order revise SO-2609-0003 --line '9 qty=5' --reason x")
        .code(2)
        .stderr_has("SO-2609-0003 has no line 9");
    desk.run("order revise SO-2609-0003 --line '1 qty=5'").code(2).stderr_has("--reason <TEXT>");
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn an_order_on_hold_goes_nowhere_until_it_is_released() {
    let desk = with_order();
    let before = desk.tree();
    desk.run("order hold SO-2609-0014 --reason 等付款").succeeds().stdout(str![[r#"
SO-2609-0014 on hold: 等付款
Next: desk order release SO-2609-0014

"#]]);
    crate::desk::same(
        "hold",
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0014.toml
+
+[[hold]]
+at = 2026-09-23T12:00:00+08:00
+by = "li-min"
+reason = "等付款"

"#]],
    );
    desk.run("order hold SO-2609-0014 --reason 等")
        .code(2)
        .stderr_has("is on hold already: 等付款");
    desk.run("DESK_USER=wang order review SO-2609-0014").code(3).stderr(str![[r#"
error: refused; nothing was written
error[review.open]: SO-2609-0014 is on hold: 等付款
  --> orders/2026-09/SO-2609-0014.toml:30:1
   |
30 | [[hold]]
   | ^^^^^^^^
hint: desk order release SO-2609-0014

"#]]);
    let held = desk.tree();
    desk.run("order release SO-2609-0014").succeeds().stdout(str![[r#"
SO-2609-0014 released by li-min: awaiting review
Next: desk order review SO-2609-0014   (by someone else)

"#]]);
    crate::desk::same(
        "release",
        &desk.changes(&held),
        str![[r#"
orders/2026-09/SO-2609-0014.toml
+released_at = 2026-09-23T12:00:00+08:00
+released_by = "li-min"

"#]],
    );
    desk.run("order release SO-2609-0014").code(2).stderr_has("SO-2609-0014 is not on hold");
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
}

#[test]
fn lines_are_closed_short_with_a_reason_and_leave_the_figures_of_that_day() {
    let desk = Desk::example();
    approve(&desk, "SO-2609-0013");
    let before = desk.tree();
    desk.run("order close SO-2609-0013 --line '1 x 5' --reason 停产").succeeds().stdout(str![[
        r#"
SO-2609-0013 line 1: 5 closed: 停产
SO-2609-0013 to ship

"#
    ]]);
    crate::desk::same(
        "close",
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0013.toml
+
+[[closure]]
+line = 1
+qty = 5
+at = 2026-09-23T12:00:00+08:00
+by = "li-min"
+reason = "停产"

"#]],
    );
    desk.run("order show SO-2609-0013 -O json").has(r#""stage": "to ship", "net": 15957.52"#);
    desk.run("report sales customer:CX07 -p 2026-09 --by day -O csv --cols day,net")
        .succeeds()
        .stdout(str![[r#"
day,net
2026-09-22,17373.45
2026-09-23,-1415.93

"#]]);
    let closed = desk.tree();
    desk.run("order close SO-2609-0013 --line '1 x 32' --reason 停产")
        .code(3)
        .stderr_has("error[order.closure]: line 1: closed 37 of 36");
    desk.run("order close SO-2609-0013 --line 4 --reason 停产")
        .code(2)
        .stderr_has("SO-2609-0013 has no line \"4\"");
    assert_eq!(desk.changes(&closed), "");
    desk.run("order close SO-2609-0013 --reason 停产").succeeds().stdout(str![[r#"
SO-2609-0013 line 1: 31 closed: 停产
SO-2609-0013 line 2: 72 closed: 停产
SO-2609-0013 line 3: 120 closed: 停产
SO-2609-0013 closed

"#]]);
    desk.run("order close SO-2609-0013 --reason 停产")
        .code(2)
        .stderr_has("nothing of SO-2609-0013 is open");
    desk.run("report sales customer:CX07 -p 2026-09 -O csv --cols net,gross")
        .succeeds()
        .stdout("net,gross\n0.00,0.00\n");
}

#[test]
fn a_copy_is_a_new_order_without_the_past_of_the_other() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("order copy SO-2609-0010 --remarks 同上").succeeds().stdout(str![[r#"
SO-2609-0014  copied from SO-2609-0010
Next: desk order show SO-2609-0014

"#]]);
    crate::desk::same(
        "copy",
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0014.toml
+id = "SO-2609-0014"
+date = 2026-09-23
+entered_by = "li-min"
+entered_at = 2026-09-23T12:00:00.000+08:00
+customer = "CX17"
+contract = "CT-2609-0001"
+promised_on = 2026-10-08
+credit_days = 45
+prices_include_tax = true
+staff = "li-min"
+district = "east"
+remarks = "同上"
+
+[[line]]
+no = 1
+product = "E10"
+qty = 24
+unit = "pc"
+price = "360.00"
+tax_rate = "0.13"
+contract_line = 1
+
+[[line]]
+no = 2
+product = "W40"
+qty = 60
+unit = "bottle"
+price = "12.80"
+tax_rate = "0.13"
+contract_line = 2

"#]],
    );
}
