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
+
+[[approval]]
+step = "sign"
+decision = "approved"
+by = "li-min"
+at = 2026-09-23T12:00:00+08:00
+of = "desk1:8b66b85f56801cb6ba453fa03ea7122cb3d2c8692643f3f634b6e6e945614949"

"#]],
    );
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn orders_are_priced_by_the_contract_and_counted_against_it() {
    let desk = Desk::example();
    let report = "report contracts id:CT-2609-0004 --table lines -O csv \
                  --cols line,contracted_qty,ordered_qty,open_qty,fulfilled_pct,ordered,remark";
    desk.run(report).succeeds().stdout(str![[r#"
line,contracted_qty,ordered_qty,open_qty,fulfilled_pct,ordered,remark
1,100,0,100,0,0.00,
2,,0,,,0.00,price only

"#]]);
    desk.run("order add CX01 --contract CT-2609-0004 --line 'A100 x 30 contract_line=1' --line 'D30 x 1'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014")
        .succeeds()
        .has("SO-2609-0014 approved by wang");
    desk.run(report).succeeds().stdout(str![[r#"
line,contracted_qty,ordered_qty,open_qty,fulfilled_pct,ordered,remark
1,100,30,70,0,3840.00,
2,,0,,,0.00,price only
,,1,,,158.00,ordered under no line of the contract

"#]]);
    desk.run("ship void SH-2609-0011 --reason 缺货").succeeds();
    desk.run("order close SO-2609-0014 --line '1 x 10' --reason 缺货").succeeds();
    desk.run(report).succeeds().stdout(str![[r#"
line,contracted_qty,ordered_qty,open_qty,fulfilled_pct,ordered,remark
1,100,20,80,0,2560.00,
2,,0,,,0.00,price only
,,1,,,158.00,ordered under no line of the contract

"#]]);
    desk.run(&format!("{report} --as-of 2026-09-22")).succeeds().has("1,100,0,100,0,0.00,");
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
fn what_became_of_it_is_set_by_number() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("contract set CT-2609-0004 obligation.1.done_on=today remarks=已交付")
        .succeeds()
        .stdout(str![[r#"
CT-2609-0004  obligation.1.done_on = today, remarks = 已交付

"#]]);
    crate::desk::same(
        "set",
        &desk.changes(&before),
        str![[r#"
contracts/2026-09/CT-2609-0004.toml
+remarks = "已交付"
+done_on = 2026-09-23

"#]],
    );
    desk.run("contract set CT-2609-0004 line.9.qty=1").code(2).stderr_has("there is no line 9");
}

#[test]
fn the_terms_of_a_signed_contract_change_by_an_amendment_alone() {
    let desk = Desk::example();
    // Signed elsewhere, without a digest.
    let before = desk.tree();
    desk.run("contract set CT-2609-0004 line.1.price=99").code(3).stderr(str![[r#"
error: refused; nothing was written
error[approval.stale]: CT-2609-0004 was signed on 2026-09-18, and this changes what was signed
  --> contracts/2026-09/CT-2609-0004.toml:10:13
   |
10 | signed_on = 2026-09-18
   |             ^^^^^^^^^^
hint: desk contract amend CT-2609-0004 … --reason …

"#]]);
    assert_eq!(desk.changes(&before), "");
    // Signed here.
    desk.run("contract add CX01 --line product=A100,qty=200,price=118.00").succeeds();
    desk.run("contract set CT-2609-0005 line.1.price=117").succeeds();
    desk.run("contract sign CT-2609-0005").succeeds();
    for change in ["line.1.price=99", "line.1.qty=10", "valid_to=2027-01-31", "title=年度"] {
        desk.run(&format!("contract set CT-2609-0005 {change}"))
            .code(3)
            .stderr_has("CT-2609-0005 was changed after li-min took down what was signed");
    }
    desk.run(
        "contract set CT-2609-0005 staff=wang original_filed=true line.1.promised_on=2026-10-01",
    )
    .succeeds();
    desk.run("contract amend CT-2609-0005 line.1.qty=250 --reason 增购").succeeds();
    desk.run("contract amend CT-2609-0005 line.1.qty=240 --reason 减量").succeeds();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_change_of_signed_terms_by_hand_is_found_and_agreed_to_with_a_reason() {
    let desk = Desk::example();
    desk.run("contract add CX01 --signed-on today --line product=A100,qty=200,price=118.00")
        .succeeds();
    let path = "contracts/2026-09/CT-2609-0005.toml";
    desk.write(path, desk.read(path).replace("118.00", "108.00"));
    desk.run("check")
        .code(3)
        .has("error[approval.stale]: CT-2609-0005 was changed after li-min took down what was signed")
        .has("hint: desk contract amend CT-2609-0005 … --reason …");
    desk.run("contract amend CT-2609-0005 --reason 补充协议一").succeeds().stdout(str![[r#"
CT-2609-0005  晨星医药  21,600.00  amended: as it stands
Next: desk contract feedback CT-2609-0005

"#]]);
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn it_is_signed_once_by_someone_on_a_day_that_has_come() {
    let desk = Desk::example();
    desk.run("contract add CX01 --title 年度协议 --line product=A100,qty=200,price=118.00")
        .succeeds();
    let sign = "contract sign CT-2609-0005";
    desk.run(&format!("{sign} --on 2026-09-24")).code(2).stderr(str![[r#"
error: cannot sign CT-2609-0005 on 2026-09-24: that day is still to come

"#]]);
    desk.run(&format!("{sign} --signatory 林晓")).succeeds().stdout(str![[r#"
CT-2609-0005  晨星医药  23,600.00  signed on 2026-09-23 by 林晓
Next: desk order add CX01 --contract CT-2609-0005 --line …

"#]]);
    desk.run("contract show CT-2609-0005 -O json").succeeds().has("\"signatory\": \"林晓\"");
    desk.run(sign).code(2).stderr(str![[r#"
error: CT-2609-0005 was signed on 2026-09-23 already
hint: desk contract amend CT-2609-0005 KEY=VALUE --reason …

"#]]);
}

#[test]
fn an_amendment_keeps_what_was_there_before_and_why() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("contract amend CT-2609-0004 line.1.qty=120 --valid-to 2027-01-31 --reason 客户增购")
        .succeeds()
        .stdout(str![[r#"
CT-2609-0004  晨星医药  amended: valid_to 2026-12-31 → 2027-01-31, line.1.qty 100 → 120
Next: desk contract feedback CT-2609-0004

"#]]);
    crate::desk::same(
        "amend",
        &desk.changes(&before),
        str![[r#"
contracts/2026-09/CT-2609-0004.toml
-valid_to = 2026-12-31
+valid_to = 2027-01-31
-qty = 100
+qty = 120
+
+[[amendment]]
+at = 2026-09-23T12:00:00+08:00
+by = "li-min"
+text = "valid_to 2026-12-31 → 2027-01-31, line.1.qty 100 → 120: 客户增购"
+
+[[approval]]
+step = "sign"
+decision = "approved"
+by = "li-min"
+at = 2026-09-23T12:00:00+08:00
+of = "desk1:7b0a3163796a4253d3594bf68f1414b160fda269dd787b57140a327825f4e702"

"#]],
    );
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn an_amendment_after_orders_leaves_no_less_than_they_called_off() {
    let desk = Desk::example();
    let order = "order add CX01 --contract CT-2609-0004 --line 'A100 x 30 contract_line=1'";
    desk.run(order).succeeds();
    let before = desk.tree();
    desk.run("contract amend CT-2609-0004 line.1.qty=20 --reason 客户减量").code(3).stderr(str![[
        r#"
error: cannot amend CT-2609-0004; nothing was written
error[contract.overdrawn]: CT-2609-0004 line 1: 30 ordered, 20 would be contracted
  --> contracts/2026-09/CT-2609-0004.toml:20:7
   |
20 | qty = 100
   |       ^^^
hint: desk order list contract:CT-2609-0004

"#
    ]]);
    for (line, words) in [
        ("contract amend CT-2609-0004 party=CX02 --reason 转让", "cannot amend party"),
        ("contract amend CT-2609-0004 --reason 转让", "nothing to amend"),
        ("contract amend CT-2609-0004 line.1.qty=40 --reason ''", "a reason is needed"),
        ("contract amend CT-2609-0004 line.7.qty=40 --reason 减量", "there is no line 7"),
    ] {
        desk.run(line).code(2).stderr_has(words);
    }
    assert_eq!(desk.changes(&before), "");
    desk.run("contract amend CT-2609-0004 line.1.qty=30 --reason 客户减量").succeeds();
}

#[test]
fn what_a_closed_line_delivered_beyond_its_order_is_used_up_too() {
    // 10 ordered and closed but for 4, of which 6 were sent: 6 of the contract are used up.
    let desk = Desk::worked();
    desk.write("orders/2026-03/SO-2603-0001.toml", "id = \"SO-2603-0001\"\ndate = 2026-03-10\ncustomer = \"CX01\"\n\
        contract = \"CT-2601-0001\"\n\n[[line]]\nno = 1\nproduct = \"D10\"\nqty = 10\nprice = \"226.00\"\n\
        contract_line = 2\n\n[[closure]]\nline = 1\nqty = 6\nat = 2026-03-12T10:00:00+08:00\nby = \"li-min\"\nreason = \"停产\"\n");
    let open = "contract fulfil CT-2601-0001 --table lines -O csv --cols line,ordered_qty,open_qty";
    desk.run(open).succeeds().has("2,24,-4");
    desk.write("shipments/2026-03/SH-2603-0009.toml", "id = \"SH-2603-0009\"\ndate = 2026-03-15\ncustomer = \"CX01\"\n\
        shipped_on = 2026-03-15\n\n[[line]]\nno = 1\norder = \"SO-2603-0001\"\norder_line = 1\nproduct = \"D10\"\nqty = 6\n");
    desk.run(open).succeeds().has("2,24,-6");
}

#[test]
fn the_party_gets_a_letter_in_its_language() {
    let desk = Desk::worked();
    let letter =
        desk.run("contract feedback CT-2601-0001 --as-of 2026-03-31 --lang zh -O md").succeeds();
    for words in [
        "合同",
        "CT-2601-0001",
        "晨星医药",
        "已发数量",
        "华东某医疗器械商贸有限公司",
        "提供中文说明书",
    ] {
        assert!(letter.text().contains(words), "no {words} in\n{}", letter.text());
    }
    desk.run("contract feedback CT-2601-0001").succeeds().has("shipped qty");
}

#[test]
fn a_purchase_is_fulfilled_by_receipts_and_the_suppliers_invoices() {
    // 50 A100 at 80.00 without tax, 13 % on top: 4,000.00 + 520.00 = 4,520.00.
    let line = "contract = \"CT-2601-0002\"\ncontract_line = 1\nproduct = \"A100\"\n";
    let desk = Desk::worked();
    desk.write("suppliers/SU01.toml", "id = \"SU01\"\nname = \"精衡仪器\"\n");
    desk.write("contracts/2026-01/CT-2601-0002.toml", "id = \"CT-2601-0002\"\ndate = 2026-01-05\nside = \"purchase\"\n\
        party = \"SU01\"\nsigned_on = 2026-01-05\nprices_include_tax = false\n\n[[line]]\nno = 1\nproduct = \"A100\"\n\
        qty = 50\nprice = \"80.00\"\ntax_rate = \"0.13\"\n\n[[instalment]]\nno = 1\npct = \"100\"\ndue_rule = \"received\"\ndays = 10\n");
    desk.write("shipments/2026-01/SH-2601-0009.toml", format!("id = \"SH-2601-0009\"\ndate = 2026-01-15\nkind = \"receipt\"\n\
        supplier = \"SU01\"\nreceived_on = 2026-01-15\n\n[[line]]\nno = 1\n{line}qty = 32\nreceived_qty = 30\n"));
    desk.write("invoices/2026-01/IN-2601-0009.toml", format!("id = \"IN-2601-0009\"\ndate = 2026-01-20\nside = \"purchase\"\n\
        party = \"SU01\"\nissued_on = 2026-01-20\ndue_on = 2026-01-31\nprices_include_tax = false\n\n[[line]]\nno = 1\n{line}\
        qty = 20\nprice = \"80.00\"\ntax_rate = \"0.13\"\n"));
    let head = "id,date,party,direction,method,matures_on,reference,amount,currency,exchange_rate,bank_fee,staff,contract,\
        policy,reverses,remarks,entered_by,entered_at,void_at,void_by,void_reason\n";
    desk.write(
        "payments/2026-03.csv",
        format!("{head}PM-2603-0001,2026-03-01,SU01,out,transfer,,,1000.00{}\n", ",".repeat(13)),
    );
    desk.write("allocations/2026-05.csv", format!("id,date,source,target,instalment,amount,source_amount,discount,approved_by,\
        reverses,remarks,entered_by,entered_at,void_at,void_by,void_reason\nAL-2605-0001,2026-05-01,PM-2603-0001,IN-2601-0009,,1000.00{}\n", ",".repeat(10)));
    // 30 of the 32 arrived: 30 × 90.40 = 2,712.00; invoiced 20: 1,808.00; paid 1,000.00; 10 are here
    // without an invoice.
    let list = "contract fulfil CT-2601-0002 --table lines -O csv --cols contracted_qty,ordered_qty,open_qty,shipped_qty,\
        invoiced_qty,uninvoiced_qty,contracted,shipped,invoiced,collected,receivable,late,fulfilled_pct";
    desk.run(list).succeeds().quietly().stdout(str![[r#"
contracted_qty,ordered_qty,open_qty,shipped_qty,invoiced_qty,uninvoiced_qty,contracted,shipped,invoiced,collected,receivable,late,fulfilled_pct
50,,20,30,20,10,4520.00,2712.00,1808.00,1000.00,808.00,808.00,0.6

"#]]);
    desk.run("report contracts --by year side:purchase --table statistics -O csv --cols side,year,signed,performed,invoiced,collected")
        .succeeds()
        .stdout(str![[r#"
side,year,signed,performed,invoiced,collected
purchase,2026,4520.00,2712.00,1808.00,1000.00

"#]]);
    // What a supplier sends is no sale.
    desk.run("report sales --basis shipped --by product -O csv --cols product,quantity")
        .succeeds()
        .has("A100,100");
}

#[test]
fn instalments_come_to_no_more_than_the_contract() {
    let desk = Desk::example();
    let before = desk.tree();
    // 8,000.00 + 18,740.00 + 5,000.00 of 28,140.00.
    desk.run("contract amend CT-2608-0001 instalment.3.amount=5000 --reason 补充协议")
        .code(3)
        .stderr_has("error[contract.instalment]: the instalments come to 31,740.00 of 28,140.00");
    // 50 % of 1,000.00, and 500.01.
    desk.run("contract add CX01 --line product=A100,qty=10,price=100.00 --instalment pct=50 --instalment amount=500.01")
        .code(3)
        .stderr_has("the instalments come to 1,000.01 of 1,000.00");
    assert_eq!(desk.changes(&before), "");
    desk.run("contract add CX01 --line product=A100,qty=10,price=100.00 --instalment pct=50 --instalment amount=500")
        .succeeds();
}

#[test]
fn a_service_is_done_when_it_is_invoiced() {
    let desk = Desk::example();
    let line = "contract fulfil CT-2608-0001 --as-of 2026-12-15 --table lines -O csv --cols line,fulfilled_pct,remark";
    desk.run(line).succeeds().has("3,0,2 late by 76 days");
    desk.run("order add CX10 --contract CT-2608-0001 --line 'S10 x 2 @ 1200 contract_line=3'")
        .succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("invoice add --from SO-2609-0014").succeeds();
    desk.run("invoice issue IN-2609-0009 --number X1").succeeds();
    // One of the contract's two was on another order already.
    desk.run(line).succeeds().has("3,1,more ordered than contracted\n");
}
