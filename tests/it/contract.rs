//! `desk contract`, and what orders call off from it.

use snapbox::str;

use crate::desk::Desk;

#[test]
fn a_contract_is_added_with_its_lines() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run(
        "contract add 晨星 --title 年度协议 --signed-on today --valid-to 2027-08-31 \
         --line product=A100,qty=200,price=118.00 --line product=D10,price=250.00 \
         --instalment pct=30,name=advance,due_on=2026-10-10",
    )
    .succeeds()
    .stdout(str![[r#"
CT-2609-0005  年度协议  added
Next: desk contract show CT-2609-0005

"#]]);
    crate::desk::same(
        "add",
        &desk.changes(&before),
        str![[r#"
contracts/2026-09/CT-2609-0005.toml
+id = "CT-2609-0005"
+date = 2026-09-23
+entered_by = "li-min"
+entered_at = 2026-09-23T12:00:00.000+08:00
+party = "CX01"
+title = "年度协议"
+signed_on = 2026-09-23
+valid_to = 2027-08-31
+
+[[line]]
+no = 1
+product = "A100"
+qty = 200
+price = "118.00"
+
+[[line]]
+no = 2
+product = "D10"
+price = "250.00"
+
+[[instalment]]
+no = 1
+name = "advance"
+pct = "30"
+due_on = 2026-10-10

"#]],
    );
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn orders_are_priced_by_the_contract_and_counted_against_it() {
    let desk = Desk::example();
    let report = "report contracts id:CT-2609-0004 --table lines -O csv \
                  --cols line,contracted_qty,ordered_qty,open_qty,done_pct,ordered,remark";
    desk.run(report).succeeds().stdout(str![[r#"
line,contracted_qty,ordered_qty,open_qty,done_pct,ordered,remark
1,100,0,100,0,0,
2,,0,,,0,price only

"#]]);
    desk.run("order add CX01 --contract CT-2609-0004 --line 'A100 x 30 contract_line=1' --line 'D30 x 1'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014")
        .succeeds()
        .has("1 as listed, 1 as contracted");
    desk.run(report).succeeds().stdout(str![[r#"
line,contracted_qty,ordered_qty,open_qty,done_pct,ordered,remark
1,100,30,70,0.3,3840.00,
2,,0,,,0,price only
,,1,,,158.00,ordered under no line of the contract

"#]]);
    desk.run("order close SO-2609-0014 --line '1 x 10' --reason 缺货").succeeds();
    desk.run(report).succeeds().stdout(str![[r#"
line,contracted_qty,ordered_qty,open_qty,done_pct,ordered,remark
1,100,20,80,0.2,2560.00,
2,,0,,,0,price only
,,1,,,158.00,ordered under no line of the contract

"#]]);
    desk.run(&format!("{report} --as-of 2026-09-22")).succeeds().has("1,100,0,100,0,0,");
}

#[test]
fn ordering_more_than_was_contracted_warns_and_shows() {
    let desk = Desk::example();
    desk.run("order add CX01 --contract CT-2609-0004 --line 'A100 x 101 contract_line=1'")
        .succeeds();
    desk.run("check --short").succeeds().has(
        "contracts/2026-09/CT-2609-0004.toml:20:7: warning[contract.overdrawn]: \
         CT-2609-0004 line 1: 101 ordered, 100 contracted",
    );
    desk.run("report contracts id:CT-2609-0004 --table lines -O csv")
        .succeeds()
        .has("more ordered than contracted");
}

#[test]
fn what_contradicts_a_contract_is_refused() {
    let desk = Desk::example();
    let before = desk.tree();
    for (line, words) in [
        (
            "order add CX02 --contract CT-2609-0004 --line 'A100 x 1'",
            "CT-2609-0004 is with CX01, not CX02",
        ),
        ("order add CX01 --contract CT-2609-0004 --line 'A100 x 1 contract_line=9'", "9"),
        ("order add CX01 --contract CT-2609-0004 --line 'C1 x 1 contract_line=1'", "A100"),
        (
            "contract add CX01 --line product=A100,qty=1 --valid-from 2026-10-01 --valid-to 2026-09-01",
            "error[contract.dates]",
        ),
        (
            "contract add CX01 --line product=A100,qty=1 --instalment pct=60 --instalment pct=50",
            "error[contract.instalment]",
        ),
        ("contract add SU01 --side sale --line product=A100,qty=1", "error[contract.party]"),
    ] {
        desk.run(line).code(3).stderr_has(words);
    }
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn its_lines_obligations_and_instalments_are_set_by_number() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("contract set CT-2609-0004 obligation.1.done_on=today line.1.qty=120")
        .succeeds()
        .stdout(str![[r#"
CT-2609-0004  obligation.1.done_on = today, line.1.qty = 120

"#]]);
    crate::desk::same(
        "set",
        &desk.changes(&before),
        str![[r#"
contracts/2026-09/CT-2609-0004.toml
-qty = 100
+qty = 120
+done_on = 2026-09-23

"#]],
    );
    desk.run("contract set CT-2609-0004 line.9.qty=1").code(2).stderr_has("there is no line 9");
}
