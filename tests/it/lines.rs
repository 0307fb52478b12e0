//! Sums by line and class: what of an invoice's lines is credited, collected and open, what is
//! collected of contracts, and the ledger by goods and customer class.

use snapbox::str;

use crate::desk::Desk;

/// Two goods on one invoice of 200.00, each 100.00 and tax-free: half of it is paid on 09-05, and on
/// 09-10 all of the first line is credited.
fn half_paid() -> Desk {
    Desk::of(&[
        (
            "customers/CX01.toml",
            "id = \"CX01\"\nname = \"晨星医药\"\nkind = \"trader\"\ngrade = \"A\"\n",
        ),
        ("products/P1.toml", "id = \"P1\"\nname = \"甲\"\nunit = \"pc\"\n"),
        ("products/P2.toml", "id = \"P2\"\nname = \"乙\"\nunit = \"pc\"\n"),
        (
            "invoices/2026-09/IN-2609-0001.toml",
            "id = \"IN-2609-0001\"\ndate = 2026-09-01\nissued_on = 2026-09-01\nparty = \"CX01\"\n\
             number = \"1\"\ndue_on = 2026-09-20\nprices_include_tax = true\n\n\
             [[line]]\nno = 1\nproduct = \"P1\"\nqty = 4\nprice = \"25.00\"\ntax_rate = 0\n\n\
             [[line]]\nno = 2\nproduct = \"P2\"\nqty = 1\nprice = \"100.00\"\ntax_rate = 0\n",
        ),
        (
            "invoices/2026-09/IN-2609-0002.toml",
            "id = \"IN-2609-0002\"\ndate = 2026-09-10\nissued_on = 2026-09-10\nparty = \"CX01\"\n\
             kind = \"credit\"\nnumber = \"2\"\nagainst_invoice = \"IN-2609-0001\"\nprices_include_tax = true\n\n\
             [[line]]\nno = 1\nagainst_line = 1\nproduct = \"P1\"\nqty = 4\nprice = \"25.00\"\ntax_rate = 0\n\
             reopens_billing = false\n",
        ),
        (
            "payments/2026-09.csv",
            "id,date,party,direction,method,amount\nPM-2609-0001,2026-09-05,CX01,in,transfer,100.00\n",
        ),
        (
            "allocations/2026-09.csv",
            "id,date,source,target,amount\nAL-2609-0001,2026-09-05,PM-2609-0001,IN-2609-0001,100.00\n\
             AL-2609-0002,2026-09-10,IN-2609-0002,IN-2609-0001,100.00\n",
        ),
    ])
}

#[test]
fn a_credit_is_of_the_line_it_takes_back_and_moves_its_money() {
    let desk = half_paid();
    // Half of each line was paid; after the credit all of the money is for the second.
    let collected =
        "report sales --basis collected --by product -O csv --cols product,gross -p 2026";
    desk.run(&format!("{collected} --as-of 2026-09-09")).succeeds().stdout(str![[r#"
product,gross
P1,50.00
P2,50.00

"#]]);
    desk.run(collected).succeeds().has("P1,0.00").has("P2,100.00");
    // On its own the credit takes 50.00 from the first and gives it to the second.
    let after = "report sales --basis collected --by product -O csv --cols product,gross -p 2026-09-10..2026-09-30";
    desk.run(after).succeeds().has("P1,-50.00").has("P2,50.00");
    let ledger = "report ledger --by product -O csv \
                  --cols product,opening,invoiced,credited,collected,closing,quantity,average_price";
    desk.run(&format!("{ledger} -p 2026-09")).succeeds().stdout(str![[r#"
product,opening,invoiced,credited,collected,closing,quantity,average_price
P1,0.00,100.00,100.00,0.00,0.00,0,
P2,0.00,100.00,0.00,100.00,0.00,1,100.00

"#]]);
    // Two parts of the month come to the whole: what closes one opens the other.
    desk.run(&format!("{ledger} -p 2026-09-01..2026-09-09"))
        .succeeds()
        .has("P1,0.00,100.00,0.00,50.00,50.00,4,25.00")
        .has("P2,0.00,100.00,0.00,50.00,50.00,1,100.00");
    desk.run(&format!("{ledger} -p 2026-09-10..2026-09-30"))
        .succeeds()
        .has("P1,50.00,0.00,100.00,-50.00,0.00,-4,25.00")
        .has("P2,50.00,0.00,0.00,50.00,0.00,0,");
}

#[test]
fn the_ledger_is_kept_by_customer_class() {
    let desk = half_paid();
    desk.run("report ledger --by kind,grade -p 2026-09 -O csv --cols kind,grade,invoiced,credited,collected,closing")
        .succeeds()
        .stdout(str![[r#"
kind,grade,invoiced,credited,collected,closing
trader,A,200.00,100.00,100.00,0.00

"#]]);
    desk.run("report ledger kind:trdr").code(2).stderr_has("trader");
    desk.run("report ledger -p 2026-09 grade:B -O csv").succeeds().stdout(str![[r#"
customer,customer_name,opening,invoiced,credited,collected,written_off,exchange_difference,closing,freight

"#]]);
}

#[test]
fn freight_that_we_pay_stands_in_the_ledger() {
    let desk = half_paid();
    for (no, by) in [(1, "us"), (2, "them")] {
        desk.write(
            &format!("shipments/2026-09/SH-2609-000{no}.toml"),
            format!(
                "id = \"SH-2609-000{no}\"\ndate = 2026-09-02\nkind = \"sample\"\ncustomer = \"CX01\"\n\
                 shipped_on = 2026-09-02\nfreight = \"18.50\"\nfreight_by = \"{by}\"\n\n\
                 [[line]]\nno = 1\nproduct = \"P1\"\nqty = 1\n"
            ),
        );
    }
    desk.run("report ledger --by kind -p 2026-09 -O csv --cols kind,freight")
        .succeeds()
        .has("trader,18.50");
    desk.run("report ledger --by kind -p 2026-10 -O csv --cols kind,freight")
        .succeeds()
        .has_not("18.50");
}

#[test]
fn a_contract_line_owes_what_its_credits_leave() {
    let desk = Desk::example();
    // Invoiced 20 at 372.00 and 20 at 305.00; 2 of the first, 744.00, were credited.
    desk.run("contract fulfil CT-2608-0001 --as-of 2026-09-05 --table lines -O csv --cols product,invoiced,receivable")
        .succeeds()
        .has("E10,6696.00,6696.00")
        .has("D40,6100.00,6100.00");
    desk.run("report ledger -p 2026-Q3 customer:CX04 --by product -O csv --cols product,credited")
        .succeeds()
        .has("C50,25.00")
        .has("D10,0.00")
        .has("P10,0.00");
}

#[test]
fn money_paid_ahead_is_collected_under_its_contract() {
    let desk = Desk::example();
    let list = "contract fulfil CT-2608-0001 --as-of 2026-08-25 -O csv";
    desk.run(&format!("{list} --cols earmarked,collected")).succeeds().has("8000.00,8000.00");
    desk.run(&format!("{list} --table lines --cols product,collected,remark"))
        .succeeds()
        .has(",8000.00,\"paid ahead, on no invoice yet\"");
    desk.run("contract feedback CT-2608-0001 --as-of 2026-08-25").succeeds().has("8,000.00");
    // It counts once: what is listed for it adds up to the cell.
    desk.run("explain contracts CT-2608-0001 collected --as-of 2026-08-25 -O csv --cols id,gross")
        .succeeds()
        .has("AL-2608-0005,8000.00");
    let rows = desk
        .run("report contracts --as-of 2026-08-25 -p 2026 --by year side:purchase --table statistics -O csv")
        .succeeds()
        .rows();
    // 50,020.00 and 21,295.00 in yuan, and 9,975.00 euros at the contract's 8.19.
    assert_eq!(rows[0]["collected"], "153010.25", "50,020.00 + 21,295.00 + 81,695.25");
}

#[test]
fn a_lump_taken_off_a_contract_is_spread_over_its_lines() {
    let desk = Desk::example();
    // 4 × 4,600.00 + 3 × 15,900.00 + 1,200.00 = 67,300.00, and 67,000.00 is agreed:
    // 18,400 ÷ 67,300 of it is 18,317.98, the first two together 65,805.35.
    let path = "contracts/2026-03/CT-2603-0001.toml";
    let text = desk.read(path);
    let head = text.split("[[line]]").next().unwrap_or_default();
    let kept: Vec<&str> = head.lines().filter(|line| !line.starts_with("amount = ")).collect();
    let head = format!("{}\namount = \"67000.00\"\n\n", kept.join("\n").trim_end());
    desk.write(path, format!("{head}{}", &text[text.find("[[line]]").unwrap_or(0)..]));
    desk.run("contract fulfil CT-2603-0001 --table lines -O csv --cols line,contracted")
        .succeeds()
        .has("1,18317.98")
        .has("2,47487.37")
        .has("3,1194.65");
}

#[test]
fn an_order_takes_the_line_and_the_price_of_its_contract() {
    let desk = Desk::example();
    desk.run("contract add CX01 --title 试用 --line 'A100 x 5 @ 100' --prices-include-tax true")
        .succeeds();
    desk.run("contract sign CT-2609-0005").succeeds();
    desk.run("order add CX01 --contract CT-2609-0005 --line 'A100 x 5'").succeeds().has("500.00");
    desk.run("contract fulfil CT-2609-0005 --table lines -O csv --cols line,ordered_qty,open_qty,ordered")
        .succeeds()
        .has("1,5,0,500.00");
    // One more is seen at once, and so is what the contract does not agree on.
    desk.run("order add CX01 --contract CT-2609-0005 --line 'A100 x 1' --line 'D30 x 1'")
        .succeeds()
        .has("D30 is on no line of CT-2609-0005: its price is not the contract's")
        .has("CT-2609-0005 line 1: 6 ordered in all, 5 contracted");
    // What is given away calls nothing off.
    desk.run("order add CX01 --contract CT-2609-0005 --line 'A100 x 1 sample'")
        .succeeds()
        .has_not("contracted");
}

#[test]
fn which_of_several_contract_lines_is_asked() {
    let desk = Desk::example();
    desk.run("contract add CX01 --title 试用 --line 'A100 x 5 @ 100' --line 'A100 x 9 @ 90'")
        .succeeds();
    desk.run("order add CX01 --contract CT-2609-0005 --line 'A100 x 5'").code(2).stderr(str![[
        r#"
error: A100 is on several lines of CT-2609-0005: 1, 2; which one?
hint: --line "A100 x … contract_line=1"

"#
    ]]);
    desk.run("order add CX01 --contract CT-2609-0005 --line 'A100 x 5 contract_line=2'").succeeds();
}

#[test]
fn money_is_matched_no_earlier_than_it_and_its_invoice_were_there() {
    let desk = Desk::example();
    desk.run("payment add CX05 1000 --date 2026-09-20").succeeds();
    let paid = desk.run("payment list party:CX05 date:2026-09-20 -O csv --cols id").rows()[0]["id"]
        .clone();
    desk.run(&format!("payment match {paid} --to IN-2607-0004 --date 2026-07-01"))
        .code(3)
        .stderr_has(&format!(
            "cannot match {paid} to IN-2607-0004 on 2026-07-01: {paid} is of 2026-09-20"
        ))
        .stderr_has("hint: --date 2026-09-20");
    desk.run(&format!("payment match {paid} --to IN-2607-0004 --date 2026-09-20")).succeeds();
}

#[test]
fn money_matched_as_it_is_taken_down_counts_from_the_day_of_its_invoice() {
    let desk = half_paid();
    desk.write(
        "invoices/2026-09/IN-2609-0003.toml",
        "id = \"IN-2609-0003\"\ndate = 2026-09-12\nissued_on = 2026-09-12\nparty = \"CX01\"\nnumber = \"3\"\n\
         due_on = 2026-09-30\nprices_include_tax = true\n\n\
         [[line]]\nno = 1\nproduct = \"P1\"\nqty = 4\nprice = \"25.00\"\ntax_rate = 0\n",
    );
    desk.run("payment add CX01 100 --date 2026-09-11 --match IN-2609-0003").succeeds();
    desk.run("allocation list target:IN-2609-0003 -O csv --cols date,amount")
        .succeeds()
        .has("2026-09-12,100.00");
}

#[test]
fn a_list_of_a_past_day_holds_what_was_there_then() {
    let desk = Desk::example();
    for noun in ["invoice", "order", "payment", "ship", "contract"] {
        let rows =
            desk.run(&format!("{noun} list --as-of 2026-03-31 -O csv --cols id,date")).rows();
        assert!(!rows.is_empty(), "{noun}");
        // One order that was written down later had been taken by then.
        let later = rows.iter().filter(|row| row["date"].as_str() > "2026-03-31");
        let later: Vec<&str> = later.map(|row| row["id"].as_str()).collect();
        assert_eq!(later, if noun == "order" { vec!["SO-2604-0003"] } else { vec![] }, "{noun}");
    }
    // What is dated back is there from the day it is dated, whenever it was typed.
    desk.run("payment add CX01 5 --date 2026-03-02").succeeds();
    desk.run("payment list --as-of 2026-03-05 party:CX01 amount:5 -O csv --cols date")
        .succeeds()
        .has("2026-03-02");
    desk.run("payment list --as-of 2025-01-31")
        .succeeds()
        .has("No payment is dated 2025-01-31 or earlier.");
}

#[test]
fn a_period_that_has_not_begun_says_so() {
    let desk = Desk::example();
    for report in ["receivables", "sales", "ledger", "invoices"] {
        desk.run(&format!("report {report} --as-of 2026-06-30 -p 2026-Q3")).succeeds().has(
            "seen from 2026-06-30, 2026-07-01..2026-09-30 has not begun: nothing of 2026-07-01 or later counts yet",
        );
    }
    desk.run("report receivables --as-of 2026-06-30 -p 2026-Q3")
        .succeeds()
        .has_not("2026-07-01..2026-06-30")
        .has("not begun");
}

#[test]
fn a_format_of_one_table_says_what_is_not_in_it() {
    let desk = Desk::example();
    desk.run("report contracts -O csv")
        .succeeds()
        .stderr_has("note: one table alone is shown, not lines, statistics (--table lines)");
    desk.run("report receivables -O tsv")
        .succeeds()
        .stderr_has("note: one table alone is shown, not head (--table head)");
    let quiet = desk.run("report contracts -O csv --table lines").succeeds();
    assert_eq!(quiet.errors(), "");
    let quiet = desk.run("order list -O csv").succeeds();
    assert_eq!(quiet.errors(), "");
}

#[test]
fn a_reminder_in_chinese_has_no_english_words() {
    let desk = Desk::example();
    desk.run("payment chase --letter CX18 --lang zh").succeeds().has("发票").has_not("invoice");
    desk.run("payment chase --letter CX18 -O json").succeeds().has("\"invoice\"");
}
