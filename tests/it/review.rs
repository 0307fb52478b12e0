//! `desk order review`: two people, limits, customers, prices, floors.

use snapbox::str;

use crate::desk::Desk;

fn ordered(line: &str) -> Desk {
    let desk = Desk::example();
    desk.run(line).succeeds();
    desk
}

#[test]
fn the_author_does_not_review_and_another_does() {
    let desk = ordered("order add CX01 --line 'A100 x 20 @ 128' --line 'C1 x 2 sample'");
    let before = desk.tree();
    desk.run("order review SO-2609-0014").code(3).stdout("").stderr(str![[r#"
error: refused; nothing was written
error[people.two]: li-min entered SO-2609-0014 and approved it too
  --> orders/2026-09/SO-2609-0014.toml:32:6
   |
32 | by = "li-min"
   |      ^^^^^^^^ not a second pair of eyes
hint: desk order review SO-2609-0014   (by someone else)
error[review.reviewer]: li-min may not approve 2,573.00, 13.00 of it given away
  --> orders/2026-09/SO-2609-0014.toml:32:6
   |
32 | by = "li-min"
   |      ^^^^^^^^
hint: see [approval] order_review in desk.toml

"#]]);
    assert_eq!(desk.changes(&before), "");
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds().quietly().stdout(str![[r#"
SO-2609-0014 approved by wang: credit 2,560.00 of 50,000.00, licence valid to 2027-03-01, stock available
SH-2609-0011 opened (stock-out slip, 2 lines)
Next: desk ship confirm SH-2609-0011

"#]]);
    crate::desk::same(
        "review",
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0014.toml
+
+[[approval]]
+step = "review"
+decision = "approved"
+by = "wang"
+at = 2026-09-23T12:00:00+08:00
+of = "desk1:372010c1d9cd0c11486a93ffe5fd13d898715d700a3f656d194252fd64f098a7"
shipments/2026-09/SH-2609-0011.toml
+id = "SH-2609-0011"
+date = 2026-09-23
+entered_by = "wang"
+entered_at = 2026-09-23T12:00:00.000+08:00
+kind = "delivery"
+customer = "CX01"
+ship_to = "上海市示例区虚构路 101 号 2 号库"
+region = "shanghai"
+warehouse = "main"
+staff = "li-min"
+district = "east"
+
+[[line]]
+no = 1
+order = "SO-2609-0014"
+order_line = 1
+product = "A100"
+qty = 20
+unit = "pc"
+
+[[line]]
+no = 2
+order = "SO-2609-0014"
+order_line = 2
+product = "C1"
+qty = 2
+unit = "pc"

"#]],
    );
    desk.run("DESK_USER=wang order review SO-2609-0014")
        .code(2)
        .stderr_has("SO-2609-0014 was approved by wang already");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn an_author_who_may_approve_still_needs_another() {
    let desk = ordered("DESK_USER=wang order add CX01 --line 'A100 x 1'");
    desk.run("DESK_USER=wang order review SO-2609-0014").code(3).stderr(str![[r#"
error: refused; nothing was written
error[people.two]: wang entered SO-2609-0014 and approved it too
  --> orders/2026-09/SO-2609-0014.toml:23:6
   |
23 | by = "wang"
   |      ^^^^^^ not a second pair of eyes
hint: desk order review SO-2609-0014   (by someone else)

"#]]);
    desk.run("DESK_USER=huang order review SO-2609-0014").succeeds();
}

#[test]
fn who_may_approve_how_much_stands_in_desk_toml() {
    let desk = ordered("customer set CX01 --credit-limit 200000");
    desk.run("order add CX01 --line 'A100 x 390' --line 'C1 x 2 sample'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("order add CX01 --line 'A100 x 391'").succeeds().has("50,048.00");
    desk.run("DESK_USER=wang order review SO-2609-0015").code(3).stderr(str![[r#"
error: refused; nothing was written
error[review.reviewer]: wang may not approve 50,048.00
  --> orders/2026-09/SO-2609-0015.toml:23:6
   |
23 | by = "wang"
   |      ^^^^^^
hint: see [approval] order_review in desk.toml

"#]]);
    desk.run("DESK_USER=zhou order review SO-2609-0015")
        .code(3)
        .stderr_has("zhou may not approve 50,048.00");
    desk.run("DESK_USER=nobody order review SO-2609-0015")
        .code(3)
        .stderr_has("\"nobody\" is no staff code");
    desk.run("DESK_USER=huang order review SO-2609-0015").succeeds();
}

#[test]
fn the_limit_holds_for_foreign_orders_in_base_currency() {
    let desk = ordered("order add CX03 --line 'A100 x 500 @ 15.80 tax_rate=0' --exchange-rate 7");
    desk.run("DESK_USER=wang order review SO-2609-0014 --comment x")
        .code(3)
        .stderr_has("wang may not approve 55,300.00");
}

#[test]
fn who_has_left_approves_nothing() {
    let desk = ordered("order add CX01 --line 'A100 x 1'");
    desk.change(
        "staff/wang.toml",
        "joined_on = 2018-02-26\n",
        "joined_on = 2018-02-26\nleft_on = 2026-09-22\n",
    );
    desk.run("DESK_USER=wang order review SO-2609-0014")
        .code(3)
        .stderr_has("wang does not work here any more");
}

#[test]
fn customers_that_are_not_active_get_no_goods() {
    let desk = Desk::example();
    for (at, (customer, stage)) in
        [("CX14", "lead"), ("CX15", "prospect"), ("CX16", "blocked")].into_iter().enumerate()
    {
        desk.run(&format!("order add {customer} --line 'A100 x 1'")).succeeds();
        desk.run(&format!("DESK_USER=wang order review SO-2609-{:04}", at + 14))
            .code(3)
            .stderr_has(&format!(
                "error[review.customer]: customer {customer} is {stage}, not active"
            ))
            .stderr_has(&format!("customers/{customer}.toml"));
    }
    desk.run("customer set CX01 --stage dormant").succeeds();
    desk.run("order add CX01 --line 'A100 x 1'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0017").code(3).stderr(str![[r#"
error: refused; nothing was written
error[review.customer]: customer CX01 is dormant, not active
 --> orders/2026-09/SO-2609-0017.toml:5:12
  |
5 | customer = "CX01"
  |            ^^^^^^
  |
 ::: customers/CX01.toml:5:9
  |
5 | stage = "dormant"
  |         --------- stands here
hint: desk customer set CX01 --stage active

"#]]);
    desk.run("customer set CX01 --stage active").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0017").succeeds();
}

#[test]
fn another_price_needs_a_reason_which_is_kept() {
    let desk = ordered("order add CX01 --line 'A100 x 20 @ 120'");
    desk.run("DESK_USER=wang order review SO-2609-0014").code(3).stderr(str![[r#"
error: refused; nothing was written
error[review.price]: A100: price 120.00, but 128.00 in the list
  --> orders/2026-09/SO-2609-0014.toml:17:9
   |
17 | price = "120.00"
   |         ^^^^^^^^
hint: desk order review SO-2609-0014 --comment "why this price"

"#]]);
    desk.run("DESK_USER=wang order review SO-2609-0014 --comment ' '").code(3);
    desk.run("DESK_USER=wang order review SO-2609-0014 --comment 竞品价格").succeeds().stdout(str![[r#"
SO-2609-0014 approved by wang: credit 2,400.00 of 50,000.00, licence valid to 2027-03-01, stock available, 1 price with a reason
SH-2609-0011 opened (stock-out slip, 1 line)
Next: desk ship confirm SH-2609-0011

"#]]);
    assert!(desk.read("orders/2026-09/SO-2609-0014.toml").contains("comment = \"竞品价格\""));
}

#[test]
fn the_price_of_the_contract_needs_no_reason() {
    let desk =
        ordered("order add CX02 --contract CT-2601-0001 --line 'A100 x 5 @ 119 contract_line=5'");
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds().has("1 as contracted");
}

#[test]
fn below_the_floor_someone_overrides_with_a_reason() {
    let desk = ordered("order add CX01 --line 'A100 x 20 @ 128 -25%'");
    let before = desk.tree();
    desk.run("DESK_USER=wang order review SO-2609-0014 --comment 清仓").code(3).stderr(str![[r#"
error: refused; nothing was written
error[review.floor]: A100: 96.00 is below the lowest price 102.40
  --> orders/2026-09/SO-2609-0014.toml:17:9
   |
17 | price = "128.00"
   |         ^^^^^^^^
   |
   = nobody let it pass
hint: desk order review SO-2609-0014 --override review.floor --until … --comment …

"#]]);
    desk.run("DESK_USER=wang order review SO-2609-0014 --override review.floor")
        .code(2)
        .stderr_has("a reason is needed");
    desk.run("DESK_USER=wang order review SO-2609-0014 --override review.customer --comment x")
        .code(2)
        .stderr(str![[r#"
error: no rule "review.customer" can be passed over
hint: rules that can: review.floor, review.credit, review.overdue, review.licence, send.credit, send.licence, invoice.quantity, invoice.price, invoice.item, invoice.unit, invoice.tax, invoice.buyer

"#]]);
    assert_eq!(desk.changes(&before), "");
    desk.run("DESK_USER=wang order review SO-2609-0014 --override review.floor --comment 清仓 --until 2026-09-30").succeeds();
    crate::desk::same(
        "override",
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0014.toml
+
+[[override]]
+rule = "review.floor"
+by = "wang"
+at = 2026-09-23T12:00:00+08:00
+reason = "清仓"
+until = 2026-09-30
+of = "desk1:a71b360b7b0512cc942c43c5a2fe4f458c4a6c56eec83d08dc94cc77e2a77f16"
+
+[[approval]]
+step = "review"
+decision = "approved"
+by = "wang"
+at = 2026-09-23T12:00:00+08:00
+comment = "清仓"
+of = "desk1:a71b360b7b0512cc942c43c5a2fe4f458c4a6c56eec83d08dc94cc77e2a77f16"
shipments/2026-09/SH-2609-0011.toml
+id = "SH-2609-0011"
+date = 2026-09-23
+entered_by = "wang"
+entered_at = 2026-09-23T12:00:00.000+08:00
+kind = "delivery"
+customer = "CX01"
+ship_to = "上海市示例区虚构路 101 号 2 号库"
+region = "shanghai"
+warehouse = "main"
+staff = "li-min"
+district = "east"
+
+[[line]]
+no = 1
+order = "SO-2609-0014"
+order_line = 1
+product = "A100"
+qty = 20
+unit = "pc"

"#]],
    );
}

#[test]
fn a_product_not_sold_any_more_is_not_approved() {
    let desk = ordered("order add CX01 --line 'A100 x 1'");
    desk.run("product set A100 --active false").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014")
        .code(3)
        .stderr_has("error[review.product]: line 1: A100 is not sold any more");
}

#[test]
fn a_rejection_needs_a_reason_and_can_be_followed_by_an_approval() {
    let desk = Desk::example();
    desk.run("DESK_USER=wang order review SO-2609-0012 --reject")
        .code(2)
        .stderr_has("a reason is needed");
    desk.run("DESK_USER=wang order review SO-2609-0012 --reject --comment 价格有误")
        .succeeds()
        .stdout(str![[r#"
SO-2609-0012 rejected by wang: 价格有误
Next: desk order revise SO-2609-0012 --line … --reason …

"#]]);
    desk.run("order list id:SO-2609-0012 --cols stage -O csv").stdout("stage\nrejected\n");
    desk.run("DESK_USER=wang order review SO-2609-0012").succeeds();
    desk.run("order list id:SO-2609-0012 --cols stage -O csv").stdout("stage\nto ship\n");
}

#[test]
fn every_reason_against_an_order_is_told_at_once() {
    let desk = ordered("order add CX16 --line 'A100 x 2 @ 50' --line 'E10 x 500'");
    let ran = desk.run("order review SO-2609-0014").code(3);
    for code in ["people.two", "review.reviewer", "review.customer", "review.price", "review.floor"]
    {
        ran.stderr_code(code);
    }
}

#[test]
fn several_orders_are_reviewed_at_once_or_not_at_all() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("DESK_USER=wang order review SO-2609-0012 SO-2609-0010").code(2);
    assert_eq!(desk.changes(&before), "");
    desk.run("DESK_USER=wang order review SO-2609-0012 SO-2609-0013").succeeds().stdout(str![[r#"
SO-2609-0012 approved by wang: no credit limit, licence valid to 2028-11-30, stock available as far as kept here, 2 as contracted
SH-2609-0011 opened (stock-out slip, 3 lines)
SO-2609-0013 approved by wang: credit 29,232.00 of 120,000.00, licence valid to 2027-06-30, stock not kept here
SH-2609-0012 opened (stock-out slip, 3 lines)

"#]]);
}

#[test]
fn an_approval_says_what_is_known_of_the_stock() {
    let desk = Desk::example();
    for folder in ["shipments", "invoices", "closings"] {
        std::fs::remove_dir_all(desk.path(folder)).expect("the example has it");
    }
    let reviewed = |id: &str, line: &str| {
        desk.run(&format!("order add CX02 {line}")).succeeds();
        desk.run(&format!("DESK_USER=huang order review {id} --comment 测试")).succeeds()
    };
    reviewed("SO-2609-0014", "--line 'A100 x 20'").has("stock not kept here");
    // Goods in of the day before: 40 boxes of 10 thermometers, of which 20 lie on the slip above.
    desk.run("DESK_TODAY=2026-09-22 ship receipt SU03 --line 'A100 x 40 box'").succeeds();
    reviewed("SO-2609-0015", "--line 'A100 x 300'").has("stock available");
    // 400 − 20 − 300
    reviewed("SO-2609-0016", "--line 'A100 x 41 @ 128' --line 'A100 x 40'")
        .has("stock short: A100 80 of 81");
    reviewed("SO-2609-0017", "--line 'W40 x 1'").has("stock not kept here");
    desk.run("ship void SH-2609-0004 --reason 暂缓").succeeds();
    reviewed("SO-2609-0018", "--line 'A100 x 80' --line 'W40 x 1'")
        .has("stock available as far as kept here");
}

#[test]
fn what_no_master_says_is_not_missed_on_an_approved_order() {
    let desk = Desk::of(&[
        (
            "customers/CX01.toml",
            "id = \"CX01\"\nname = \"A\"\nstaff = \"li-min\"\nstage = \"active\"\n",
        ),
        ("products/A100.toml", "id = \"A100\"\nname = \"B\"\nlist_price = \"128.00\"\n"),
        ("staff/li-min.toml", "id = \"li-min\"\nname = \"L\"\n"),
        ("staff/wang.toml", "id = \"wang\"\nname = \"W\"\n"),
    ]);
    desk.run("order add CX01 --line 'A100 x 2'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0001").succeeds();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    // As soon as the customer has a district the order lacks it, and a revision brings it.
    desk.run("customer set CX01 district=east").succeeds();
    desk.run("check")
        .succeeds()
        .has("SO-2609-0001 is approved and leaves to the masters: district\n")
        .has("hint: desk order revise SO-2609-0001 --district … --reason …\n");
    desk.run("order revise SO-2609-0001 --district east --reason 补录").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0001").succeeds();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}
