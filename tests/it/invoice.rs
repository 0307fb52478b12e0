//! `desk invoice`: drafted from what was delivered, held against its order, issued, credited.

use snapbox::str;

use crate::desk::Desk;

/// A slip that was sent, as `ship send` leaves it.
pub(crate) fn sent(id: &str, order: &str, lines: &[(u32, &str, &str)]) -> (String, String) {
    let mut text = format!(
        "id = \"{id}\"\ndate = 2026-09-23\nentered_by = \"li-min\"\ncustomer = \"CX01\"\nshipped_on = 2026-09-23\n"
    );
    for (no, product, qty) in lines {
        text.push_str(&format!(
            "\n[[line]]\nno = {no}\norder = \"{order}\"\norder_line = {no}\nproduct = \"{product}\"\nqty = {qty}\n"
        ));
    }
    (format!("shipments/2026-09/{id}.toml"), text)
}

/// The example company before its first document: masters and contracts.
pub(crate) fn masters() -> Desk {
    let desk = Desk::example();
    let documents = ["orders", "shipments", "invoices", "payments", "allocations", "closings"];
    for folder in documents.into_iter().chain(["contacts", "tasks", "plans"]) {
        // One that is not there has no documents either.
        let _ = std::fs::remove_dir_all(desk.path(folder));
    }
    desk
}

/// The company with an order of these lines, reviewed and sent whole as SH-2609-0091.
pub(crate) fn delivered(lines: &[(&str, &str, &str)]) -> Desk {
    let desk = masters();
    let flags: Vec<String> = lines.iter().map(|(.., line)| format!("--line '{line}'")).collect();
    desk.run(&format!("order add CX01 {}", flags.join(" "))).succeeds();
    desk.run(
        "DESK_USER=huang order review SO-2609-0001 --override review.floor --comment 'agreed' --until 2026-09-30",
    )
    .succeeds();
    let goods: Vec<(u32, &str, &str)> =
        (1..).zip(lines).map(|(no, (product, qty, _))| (no, *product, *qty)).collect();
    let (path, text) = sent("SH-2609-0091", "SO-2609-0001", &goods);
    desk.write(&path, text);
    desk
}

/// The same, invoiced and issued as IN-2609-0001.
pub(crate) fn invoiced(lines: &[(&str, &str, &str)]) -> Desk {
    let desk = delivered(lines);
    desk.run("invoice add --from SH-2609-0091").succeeds();
    desk.run("invoice issue IN-2609-0001 --number 26442000000012345678").succeeds();
    desk
}

const ONE: &[(&str, &str, &str)] = &[("A100", "20", "A100 x 20 @ 128")];

/// Columns of one invoice.
fn figures(desk: &Desk, id: &str, columns: &str) -> Vec<String> {
    let line = format!("invoice list --cols id,{columns} -O csv");
    let rows = desk.run(&line).succeeds().rows();
    let row = rows.into_iter().find(|row| row["id"] == id);
    let row = row.unwrap_or_else(|| panic!("no {id}"));
    columns.split(',').map(|column| row[column].clone()).collect()
}

#[test]
fn what_was_delivered_is_drafted_issued_and_paid() {
    let desk = delivered(&[("A100", "20", "A100 x 20 @ 128"), ("C1", "2", "C1 x 2 sample")]);
    desk.run("invoice add --from SH-2609-0091").succeeds().quietly().stdout(str![[r#"
IN-2609-0001  2,560.00  due 2026-10-23  (items, prices and quantities match SO-2609-0001)
Next: desk invoice issue IN-2609-0001 --number …

"#]]);
    crate::desk::same(
        "the draft",
        &desk.read("invoices/2026-09/IN-2609-0001.toml"),
        str![[r#"
id = "IN-2609-0001"
date = 2026-09-23
entered_by = "li-min"
entered_at = 2026-09-23T12:00:00.000+08:00
party = "CX01"
due_on = 2026-10-23
prices_include_tax = true
tax_rounding = "total"
staff = "li-min"
district = "east"

[buyer]
title = "上海晨星医药有限公司"
tax_id = "91310100MA00000017"
bank = "示例银行上海分行"
account = "0000 0000 0000 0001"
address = "上海市示例区虚构路 101 号 000-0000-0101"

[[line]]
no = 1
order = "SO-2609-0001"
order_line = 1
shipment = "SH-2609-0091"
shipment_line = 1
product = "A100"
qty = 20
unit = "pc"
price = "128.00"
tax_rate = "0.13"

"#]],
    );
    assert_eq!(figures(&desk, "IN-2609-0001", "state,gross,open"), ["draft", "2560.00", ""]);
    desk.run("invoice check IN-2609-0001").succeeds().has("agrees");
    desk.run("invoice issue IN-2609-0001 --number 26442000000012345678")
        .succeeds()
        .quietly()
        .stdout(str![[r#"
IN-2609-0001 issued as 26442000000012345678: 2,560.00  due 2026-10-23
Next: desk payment add CX01 2560.00 --match IN-2609-0001   (when it is paid)

"#]]);
    desk.run("payment add CX01 2000 --method transfer --match IN-2609-0001").succeeds();
    let columns = "party_name,state,net,tax,gross,open,days_overdue";
    let expected = ["晨星医药", "part paid", "2265.49", "294.51", "2560.00", "560.00", ""];
    assert_eq!(figures(&desk, "IN-2609-0001", columns), expected);
    let late = desk.run("invoice list --as-of 2026-10-30 --cols id,days_overdue -O csv").succeeds();
    assert_eq!(late.column("days_overdue"), ["7"]);
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn more_than_is_left_at_another_price_is_refused_with_both_reasons() {
    let desk = invoiced(ONE);
    let before = desk.tree();
    desk.run("invoice add --from SO-2609-0001 --line 'A100 x 4 @ 120'").code(3).stdout("").stderr(
        str![[r#"
error: refused; nothing was written
error[invoice.quantity]: A100: invoicing 4, but nothing is left on SO-2609-0001
 = delivered 20, invoiced 20 by IN-2609-0001
hint: desk invoice list line.order:SO-2609-0001
error[invoice.price]: A100: price 120.00 differs from the order's 128.00
  --> orders/2026-09/SO-2609-0001.toml:17:9
   |
17 | price = "128.00"
   |         ^^^^^^^^ ordered at this price
hint: desk invoice credit IN-2609-0001 --line "A100 x 20 @ 8 price_adjustment" --reason …

"#]],
    );
    assert_eq!(desk.changes(&before), "");
    desk.run("invoice add --from SH-2609-0091")
        .code(3)
        .stderr_has("nothing of SH-2609-0091 is left");
}

#[test]
fn drafts_reserve_and_owe_nothing() {
    let desk = delivered(ONE);
    desk.run("invoice add --from SO-2609-0001 --line 'A100 x 15'").succeeds().has("1,920.00");
    desk.run("invoice add --from SH-2609-0091 --line 'A100 x 6'")
        .code(3)
        .stderr_has("A100: invoicing 6, but only 5 left on SO-2609-0001")
        .stderr_has("delivered 20, invoiced 0, drafted 15 by IN-2609-0001");
    desk.run("invoice add --from SH-2609-0091").succeeds().has("640.00");
    desk.run("invoice void IN-2609-0001 --reason 重开").succeeds();
    desk.run("invoice add --from SH-2609-0091").succeeds().has("1,920.00");
    desk.run("order show SO-2609-0001").succeeds().has("to invoice");
}

#[test]
fn the_day_it_is_due_is_counted_again_when_it_is_issued() {
    let desk = delivered(ONE);
    desk.run("invoice add --from SH-2609-0091").succeeds().has("due 2026-10-23");
    desk.run("DESK_TODAY=2026-09-28 invoice issue IN-2609-0001 --number 1")
        .succeeds()
        .has("due 2026-10-28");
    let desk = delivered(ONE);
    desk.run("invoice add --from SH-2609-0091 --due-on 2026-12-31").succeeds();
    desk.run("DESK_TODAY=2026-09-28 invoice issue IN-2609-0001 --number 1")
        .succeeds()
        .has("due 2026-12-31");
    desk.run("invoice issue IN-2609-0001 --number 2")
        .code(2)
        .stderr_has("issued on 2026-09-28 already");
}

#[test]
fn a_change_of_price_moves_money_and_no_quantity() {
    let desk = invoiced(ONE);
    let line = "--line 'A100 x 20 @ 8 price_adjustment' --reason 降价";
    desk.run(&format!("invoice credit IN-2609-0001 {line}")).succeeds().stdout(str![[r#"
IN-2609-0002  160.00  credits IN-2609-0001: 降价
Next: desk invoice issue IN-2609-0002 --number …

"#]]);
    desk.run("invoice issue IN-2609-0002 --number N2").succeeds().stdout(str![[r#"
IN-2609-0002 issued as N2: 160.00; IN-2609-0001 open 2,400.00
Next: desk invoice show IN-2609-0002

"#]]);
    // 20 stay invoiced, so the order waits for money only.
    desk.run("order show SO-2609-0001").succeeds().has("to collect");
    assert_eq!(figures(&desk, "IN-2609-0001", "open"), ["2400.00"]);
    assert_eq!(figures(&desk, "IN-2609-0002", "gross,open,state"), ["-160.00", "0.00", "paid"]);
    desk.run("invoice add --from SO-2609-0001")
        .code(3)
        .stderr_has("nothing of SO-2609-0001 is left");
    // What is given back afterwards is given back at the lowered price.
    desk.run("invoice credit IN-2609-0001 --reason 退货 --reopens-billing false")
        .succeeds()
        .has("2,400.00");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn four_part_credits_come_to_the_invoice_to_the_cent() {
    // 4 × 25.01 = 100.04, tax 100.04 × 0.13 ÷ 1.13 = 11.509 → 11.51; each alone 2.877 → 2.88, and four
    // of them 11.52. Together: 2.88, then 5.75, 8.63, 11.51.
    let desk = invoiced(&[("A100", "4", "A100 x 4 @ 25.01")]);
    let mut taxes = Vec::new();
    for no in 2..=5 {
        let line =
            "invoice credit IN-2609-0001 --line 'A100 x 1' --reason 退货 --reopens-billing false";
        desk.run(line).succeeds().has("25.01");
        desk.run(&format!("invoice issue IN-2609-000{no} --number N{no}")).succeeds();
        taxes.extend(figures(&desk, &format!("IN-2609-000{no}"), "tax"));
    }
    assert_eq!(taxes, ["-2.88", "-2.87", "-2.88", "-2.88"]);
    let whole = desk.run("invoice list party:CX01 --cols id,net,tax,gross,open -O csv").succeeds();
    for column in ["net", "tax", "gross"] {
        let cents = |text: &String| text.replace('.', "").parse::<i64>().expect("an amount");
        assert_eq!(whole.column(column).iter().map(cents).sum::<i64>(), 0, "{column}");
    }
    assert_eq!(whole.column("open"), ["0.00"; 5]);
    desk.run("invoice credit IN-2609-0001 --line 'A100 x 1' --reason x --reopens-billing false")
        .code(3)
        .stderr_has("IN-2609-0001 line 1: 5 credited of 4");
    desk.run("check").succeeds();
}

#[test]
fn net_and_tax_are_the_gross_that_the_price_says() {
    // 2 × 379.00 = 758.00 with tax; 758 × 0.21 ÷ 1.21 = 131.55; the rest is 626.45.
    let desk = invoiced(&[("A100", "2", "A100 x 2 @ 379 tax_rate=0.21")]);
    assert_eq!(figures(&desk, "IN-2609-0001", "net,tax,gross"), ["626.45", "131.55", "758.00"]);
}

#[test]
fn an_order_is_not_void_while_it_is_invoiced() {
    let desk = delivered(ONE);
    desk.run("invoice add --from SH-2609-0091").succeeds();
    for parent in ["order void SO-2609-0001", "ship void SH-2609-0091"] {
        desk.run(&format!("{parent} --reason 取消"))
            .code(3)
            .stderr_has("ref.void")
            .stderr_has("IN-2609-0001");
    }
    desk.run("invoice void IN-2609-0001 --reason 取消").succeeds();
    desk.run("ship void SH-2609-0001 SH-2609-0091 --reason 取消").succeeds();
    desk.run("order void SO-2609-0001 --reason 取消").succeeds();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_credit_says_whether_goods_are_invoiced_again() {
    let desk = invoiced(ONE);
    let credit = "invoice credit IN-2609-0001 --line 'A100 x 5' --reason 退货";
    desk.run(credit).code(2).stderr_has("--reopens-billing true, or --reopens-billing false");
    desk.run(&format!("{credit} --reopens-billing true")).succeeds();
    desk.run("invoice issue IN-2609-0002 --number N2").succeeds();
    desk.run("order show SO-2609-0001").succeeds().has("part invoiced");
    desk.run("invoice add --from SH-2609-0091").succeeds().has("640.00");
    desk.run("invoice credit IN-2609-0003 --reason x --reopens-billing true")
        .code(2)
        .stderr_has("IN-2609-0003 is a draft, and is not credited");
}

#[test]
fn a_credit_of_a_paid_invoice_stays_open_for_other_ones() {
    let desk = invoiced(ONE);
    desk.run("payment add CX01 2500 --match IN-2609-0001").succeeds();
    desk.run("invoice credit IN-2609-0001 --line 'A100 x 1' --reason 退货 --reopens-billing false")
        .succeeds();
    desk.run("invoice issue IN-2609-0002 --number N2").succeeds().has("; IN-2609-0001 open 0.00");
    // 128.00 were credited, 60.00 were open.
    assert_eq!(
        figures(&desk, "IN-2609-0002", "gross,open,state"),
        ["-128.00", "-68.00", "part paid"]
    );
}

#[test]
fn numbers_of_a_series_follow_each_other_without_a_gap() {
    let desk = delivered(&[("A100", "3", "A100 x 3 @ 128")]);
    let text = desk.read("desk.toml");
    let series = "\n[[series]]\nname = \"VAT\"\nprefix = \"V26-\"\nnext = \"0007\"\ngapless = true\nsite = \"A\"\n";
    desk.write("desk.toml", format!("{text}{series}"));
    for _ in 0..3 {
        desk.run("invoice add --from SH-2609-0091 --line 'A100 x 1'").succeeds();
    }
    desk.run("invoice issue IN-2609-0001 --series VAT").code(3).stderr_has("only site A issues");
    let desk = desk.with("DESK_SITE", "A");
    desk.run("invoice issue IN-2609-0001").succeeds().has("issued as V26-0007");
    desk.run("invoice issue IN-2609-0002 --number V26-0009")
        .code(3)
        .stderr_has("V26-0009 would leave out V26-0008 of series VAT")
        .stderr_has("hint: desk invoice issue IN-2609-0002 --number V26-0008");
    desk.run("invoice issue IN-2609-0002 --number V26-0007")
        .code(3)
        .stderr_has("error[invoice.number]");
    desk.run("invoice issue IN-2609-0002 IN-2609-0003").succeeds().has("V26-0008").has("V26-0009");
    let rows = desk.read("closings/2026-09-A.csv");
    assert_eq!(rows.lines().count(), 4, "{rows}");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_discount_of_a_line_is_spread_over_its_invoices() {
    // 10.00 off three: 3.33, 3.34 and 3.33 come to 10.00.
    let desk = delivered(&[("A100", "3", "A100 x 3 @ 100 discount_amount=10")]);
    let mut grosses = Vec::new();
    for no in 1..=3 {
        desk.run("invoice add --from SH-2609-0091 --line 'A100 x 1'").succeeds();
        grosses.extend(figures(&desk, &format!("IN-2609-000{no}"), "gross"));
    }
    assert_eq!(grosses, ["96.67", "96.66", "96.67"]);
}

#[test]
fn a_difference_passes_within_the_tolerance_or_with_a_reason() {
    let desk = delivered(ONE);
    let add = "invoice add --from SH-2609-0091 --line 'A100 x 20 @ 127.99'";
    desk.run(add).code(3).stderr_has("error[invoice.price]");
    let allow = "--override invoice.price --comment '尾差让利' --until 2026-09-30";
    desk.run(&format!("{add} --override invoice.price")).code(2).stderr_has("a reason is needed");
    desk.run(&format!("DESK_USER=wang {add} {allow}"))
        .succeeds()
        .has("(as SO-2609-0001, but for invoice.price)");
    desk.run("invoice issue IN-2609-0001 --number 1").succeeds();
    let desk = delivered(ONE);
    desk.change(
        "desk.toml",
        "invoice_price_difference = \"0\"",
        "invoice_price_difference = \"0.01\"",
    );
    desk.run(add).succeeds().has("2,559.80");
}

#[test]
fn the_match_is_made_again_when_a_draft_is_issued() {
    let desk = delivered(ONE);
    desk.run("invoice add --from SH-2609-0091").succeeds();
    desk.run("customer set CX01 invoicing.title=上海晨星医药科技有限公司").succeeds();
    desk.change("shipments/2026-09/SH-2609-0091.toml", "qty = 20", "qty = 19");
    desk.run("invoice check IN-2609-0001").code(3).has("differs").stderr_has("invoice.buyer");
    desk.run("invoice issue IN-2609-0001 --number 1")
        .code(3)
        .stderr_has("A100: invoicing 20, but only 19 left on SO-2609-0001")
        .stderr_has("title 上海晨星医药有限公司 is not 上海晨星医药科技有限公司, which CX01 has");
}

#[test]
fn ordered_goods_are_invoiced_before_delivery_where_desk_toml_says_so() {
    let desk = masters();
    desk.change("desk.toml", "invoice_basis = \"shipped\"", "invoice_basis = \"ordered\"");
    desk.run("order add CX01 --line 'A100 x 20 @ 128'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0001").succeeds();
    desk.run("invoice add --from SO-2609-0001").succeeds().has("2,560.00");
    let desk = masters();
    desk.run("order add CX01 --line 'A100 x 20 @ 128'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0001").succeeds();
    desk.run("invoice add --from SO-2609-0001")
        .code(3)
        .stderr_has("nothing of SO-2609-0001 is left");
    desk.run("DESK_USER=wang invoice add --from SO-2609-0001 --line 'A100 x 3' --override invoice.quantity --comment 预开票 --until 2026-09-30")
        .succeeds()
        .has("384.00");
}

#[test]
fn what_is_for_no_order_is_told() {
    let desk = delivered(&[("A100", "20", "A100 x 20 @ 128"), ("C1", "2", "C1 x 2 sample")]);
    desk.run("order add CX02 --line 'A100 x 1'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0002").succeeds();
    for (line, code, words) in [
        ("--from SH-2609-0091 --line 'C1 x 1'", 3, "C1 is free on SO-2609-0001, and not invoiced"),
        (
            "--from SH-2609-0091 --line 'D20 x 1'",
            3,
            "error[invoice.item]: D20: not on SO-2609-0001",
        ),
        ("--from SH-2609-0091 --line 'A100 x 2 box'", 3, "error[invoice.unit]"),
        ("--from SH-2609-0091 --line 'A100 x 2 tax_rate=0.09'", 3, "error[invoice.tax]"),
        ("--from SH-2609-0091 CX02", 2, "SH-2609-0091 is of CX01, not CX02"),
        ("--from SH-2609-0091 --from SO-2609-0002", 2, "another party"),
        ("--from SH-2609-0091 --number 5", 2, "--number"),
        ("CX01 --line 'A100 x 1 @ 5'", 3, "error[invoice.item]: A100: for no order"),
        ("CX01", 2, "it has no lines"),
        ("", 2, "made from what was delivered, or for a party"),
        ("--from IN-2609-0001", 2, "IN-2609-0001 is no order or shipment"),
    ] {
        desk.run(&format!("invoice add {line}")).code(code).stderr_has(words);
    }
}

#[test]
fn deposits_and_opening_balances_stand_alone_and_a_proforma_never_counts() {
    let desk = masters();
    let line = "--line 'text=定金, qty=1, price=5000, kind=deposit'";
    desk.run(&format!("invoice add CX01 --kind deposit {line}"))
        .succeeds()
        .has("5,000.00  due 2026-10-23\n");
    desk.run("invoice issue IN-2609-0001 --number 1").succeeds();
    desk.run("invoice add CX01 --kind opening --line 'text=期初, qty=1, price=700'").succeeds();
    desk.run("invoice issue IN-2609-0002 --on 2026-09-01")
        .succeeds()
        .has("IN-2609-0002 issued: 700.00");
    desk.run("invoice add CX01 --kind proforma --line 'A100 x 2 @ 128'").succeeds();
    desk.run("invoice issue IN-2609-0003 --number 3")
        .code(2)
        .stderr_has("a proforma, which never counts");
    let states = desk.run("invoice list --cols id,state,open -O csv").succeeds();
    assert_eq!(states.column("state"), ["issued", "issued", "proforma"]);
    assert_eq!(states.column("open"), ["5000.00", "700.00", ""]);
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_purchase_is_invoiced_as_it_arrived_at_the_contracts_price() {
    let desk = masters();
    let listed = desk.run("contract list side:purchase --cols id,party -O csv").succeeds();
    let (contract, party) = (&listed.column("id")[0], &listed.column("party")[0]);
    let shown = desk.run(&format!("contract show {contract} -O json")).succeeds().json();
    let line = &shown["record"]["line"][0];
    let (no, product) = (&line["no"], line["product"].as_str().expect("a product"));
    desk.write(
        "shipments/2026-09/SH-2609-0092.toml",
        format!(
            "id = \"SH-2609-0092\"\ndate = 2026-09-20\nkind = \"receipt\"\nsupplier = \"{party}\"\n\
             received_on = 2026-09-20\n\n[[line]]\nno = 1\ncontract = \"{contract}\"\n\
             contract_line = {no}\nproduct = \"{product}\"\nqty = 10\nreceived_qty = 8\nunit = \"box\"\n"
        ),
    );
    desk.run("invoice add --from SH-2609-0092").code(2).stderr_has("--side purchase");
    desk.run("invoice add --from SH-2609-0092 --side purchase")
        .succeeds()
        .has(&format!("(items, prices and quantities match {contract})"));
    let text = desk.read("invoices/2026-09/IN-2609-0001.toml");
    assert!(text.contains("qty = 8\n") && text.contains("华东某医疗器械商贸有限公司"), "{text}");
    desk.run("invoice issue IN-2609-0001").code(2).stderr_has("the supplier's number is needed");
    desk.run("invoice issue IN-2609-0001 --number 0044").succeeds();
    desk.run(&format!("invoice add --from SH-2609-0092 --side purchase --line '{product} x 1'"))
        .code(3)
        .stderr_has("nothing is left on SH-2609-0092")
        .stderr_has(" by IN-2609-0001");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn the_instalments_of_a_contract_are_shares_of_the_invoice() {
    let desk = Desk::of(&[
        ("customers/CX01.toml", "id = \"CX01\"\nname = \"A\"\ncredit_days = 30\n"),
        ("products/A100.toml", "id = \"A100\"\nname = \"T\"\nunit = \"pc\"\ntax_rate = \"0.13\"\n"),
        (
            "contracts/2026-09/CT-2609-0001.toml",
            "id = \"CT-2609-0001\"\ndate = 2026-09-01\nparty = \"CX01\"\nsigned_on = 2026-09-01\n\n[[line]]\nno = 1\n\
             product = \"A100\"\nqty = 3\nprice = \"100\"\n\n[[instalment]]\nno = 1\nname = \"advance\"\npct = \"30\"\n\
             due_rule = \"signed\"\ndays = 5\n\n[[instalment]]\nno = 2\npct = \"60\"\ndue_rule = \"invoiced\"\n\
             days = 30\n\n[[instalment]]\nno = 3\nname = \"retention\"\npct = \"10\"\ndue_rule = \"accepted\"\n",
        ),
        (
            "orders/2026-09/SO-2609-0001.toml",
            "id = \"SO-2609-0001\"\ndate = 2026-09-02\ncustomer = \"CX01\"\ncontract = \"CT-2609-0001\"\n\
             prices_include_tax = true\ncredit_days = 30\n\n[[line]]\nno = 1\nproduct = \"A100\"\nqty = 1\nunit = \"pc\"\nprice = \"33.33\"\n\
             tax_rate = \"0.13\"\ncontract_line = 1\n\n[[approval]]\nstep = \"review\"\n\
             decision = \"approved\"\nby = \"wang\"\nat = 2026-09-02T12:00:00+08:00\n",
        ),
        ("staff/li-min.toml", "id = \"li-min\"\nname = \"L\"\n"),
    ]);
    let (path, text) = sent("SH-2609-0091", "SO-2609-0001", &[(1, "A100", "1")]);
    desk.write(&path, text.replace("entered_by = \"li-min\"\n", ""));
    desk.run("invoice add --from SH-2609-0091").succeeds().has("33.33");
    // 30 % of 33.33 is 9.999, 60 % is 19.998, and 10 % what is left: 3.33.
    let parts = |desk: &Desk, key: &str| {
        let line = "invoice export --blocks instalment";
        desk.run(line).succeeds().column(&format!("instalment.{key}"))
    };
    assert_eq!(parts(&desk, "amount"), ["10.00", "20.00", "3.33"]);
    desk.run("invoice issue IN-2609-0001 --number 1").succeeds();
    assert_eq!(parts(&desk, "due_on"), ["2026-09-23", "2026-10-23", ""]);
    assert_eq!(parts(&desk, "contract_instalment"), ["1", "2", "3"]);
}

#[test]
fn a_sheet_asks_finance_for_the_invoice() {
    let desk = delivered(ONE);
    desk.run("invoice add --from SH-2609-0091").succeeds();
    desk.run("COLUMNS=120 invoice request IN-2609-0001").succeeds().stdout(str![[r#"
Invoice request IN-2609-0001
party     CX01
title     上海晨星医药有限公司
tax id    91310100MA00000017
bank      示例银行上海分行
account   0000 0000 0000 0001
address   上海市示例区虚构路 101 号 000-0000-0101
currency  CNY
due on    2026-10-23

no.    item                             spec    unit  quantity   price  tax rate       net     tax     gross
------------------------------------------------------------------------------------------------------------
1      红外额温计 Infrared thermometer  IR-200  pc          20  128.00     13.0%  2,265.49  294.51  2,560.00
------------------------------------------------------------------------------------------------------------
total                                                                             2,265.49  294.51  2,560.00
1 row

"#]]);
}

#[test]
fn an_issued_invoice_stays_as_it_is() {
    let desk = invoiced(ONE);
    for line in [
        "invoice set IN-2609-0001 due_on=2026-12-01",
        "invoice set IN-2609-0001 line.1.price=127",
        "invoice set IN-2609-0001 --clear number",
        "invoice set IN-2609-0001 staff=zhou",
    ] {
        desk.run(line)
            .code(3)
            .stderr_has("error[invoice.frozen]: IN-2609-0001 was changed after it was issued");
    }
    desk.run("invoice void IN-2609-0001 --reason x")
        .code(3)
        .stderr_has("IN-2609-0001 is issued, and stays");
    desk.run("undo").code(3).stderr_has("an issued invoice is credited");
    desk.run("invoice set IN-2609-0001 remarks=已寄出").succeeds();
    desk.write("scan.pdf", "%PDF-1.4");
    desk.run("invoice attach IN-2609-0001 scan.pdf").succeeds();
    desk.run("invoice set IN-2609-0001 --clear remarks").succeeds();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    desk.change("invoices/2026-09/IN-2609-0001.toml", "price = \"128.00\"", "price = \"118.00\"");
    desk.run("check").code(3).has("error[invoice.frozen]");
}

#[test]
fn an_issued_invoice_that_came_from_elsewhere_is_not_changed_by_a_command() {
    let desk = invoiced(ONE);
    std::fs::remove_file(desk.path("closings/2026-09.csv")).expect("it is there");
    let text = desk.read("invoices/2026-09/IN-2609-0001.toml");
    let (own, _) = text.split_once("\n[[approval]]").expect("it was issued");
    desk.write("invoices/2026-09/IN-2609-0001.toml", own);
    desk.run("check").succeeds();
    desk.run("invoice set IN-2609-0001 due_on=2026-12-01")
        .code(3)
        .stderr_has("error[invoice.frozen]");
    desk.run("invoice set IN-2609-0001 remarks=x").succeeds();
}
