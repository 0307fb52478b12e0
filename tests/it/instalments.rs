//! Money of contracts: what invoices ask for by instalment, what is collected when a deposit is
//! credited, and what is to be done about both.

use crate::desk::Desk;

/// Columns of the rows of a table, joined.
fn rows(desk: &Desk, line: &str, columns: &str) -> Vec<String> {
    let rows = desk.run(&format!("{line} --cols {columns} -O csv")).succeeds().rows();
    let row = |row: &std::collections::BTreeMap<String, String>| {
        columns.split(',').map(|key| row[key].as_str()).collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(row).collect()
}

/// A contract of 10 at 372.00, 3,720.00: 30 % in ten days from signing, 1,116.00, and 70 % on
/// receipt, 2,604.00.
fn contracted(desk: &Desk) {
    desk.run(
        "contract add CX10 --signed-on 2026-06-01 --allowance-pct 10 --line product=E10,qty=10,price=372.00,tax_rate=0.13 \
         --instalment pct=30,name=advance,due_rule=signed,days=10 \
         --instalment pct=70,name=delivery,due_rule=received,days=30",
    )
    .succeeds();
}

/// So many of them ordered and sent, and an invoice of them drafted.
fn sent(desk: &Desk, qty: u32) {
    for line in [
        &*format!(
            "order add CX10 --contract CT-2609-0005 --line 'E10 x {qty} @ 372 contract_line=1' --promised-on 2026-09-30"
        ),
        "DESK_USER=wang order review SO-2609-0014 --comment 合同内",
        "ship confirm SH-2609-0011 --carrier SF --all-checks",
        "ship send SH-2609-0011 --waybill SF1",
        "invoice add --from SH-2609-0011",
    ] {
        desk.run(line).succeeds();
    }
}

#[test]
fn no_invoice_asks_for_more_of_an_advance_than_it_comes_to() {
    let desk = Desk::example();
    contracted(&desk);
    desk.run("payment add CX10 1116 --date 2026-06-02 --match CT-2609-0005").succeeds();
    // One more than contracted, inside the allowance: 4,092.00, of which 30 % would be 1,227.60. The
    // advance is 1,116.00; the other 2,976.00 are due with the goods.
    sent(&desk, 11);
    desk.run("invoice issue IN-2609-0009 --number X1").succeeds();
    let list = "contract fulfil CT-2609-0005 --table instalments";
    let columns = "no,amount,invoiced,settled,open,late,remark";
    assert_eq!(
        rows(&desk, list, columns),
        [
            "1 1116.00 1116.00 1116.00 0.00 0.00 ",
            "2 2604.00 2976.00 0.00 2976.00 0.00 not due until received"
        ]
    );
    desk.run("order add CX10 --line 'C1 x 1 @ 18'").succeeds();
    let review = desk.run("DESK_USER=huang order review SO-2609-0015 --comment 试用");
    assert!(!review.errors().contains("review.overdue"), "{}", review.errors());
}

#[test]
fn what_is_of_an_advance_is_overdue_no_earlier_than_its_invoice_asks() {
    let desk = Desk::example();
    contracted(&desk);
    // Signed on 06-01, the advance was due on 06-11; nobody asked for it until 09-23.
    let list = "contract fulfil CT-2609-0005 --table instalments";
    assert_eq!(
        rows(&desk, list, "no,late,remark")[0],
        "1 1116.00 late; 1,116.00 of it not invoiced"
    );
    sent(&desk, 10);
    desk.run("invoice issue IN-2609-0009 --number X1").succeeds();
    let open = |today: &str| {
        let line = format!("DESK_TODAY={today} payment chase CX10 --table open_items");
        let mut open = rows(&desk, &line, "id,open,days_overdue");
        open.retain(|row| row.starts_with("IN-2609-0009"));
        open
    };
    assert_eq!(open("2026-09-23"), [""; 0]);
    assert_eq!(open("2026-09-25"), ["IN-2609-0009 1116.00 2"]);
}

#[test]
fn what_orders_will_be_invoiced_is_not_asked_for_beside() {
    let desk = Desk::example();
    // Of 67,000.00 invoices ask for 66,100.00; the order of the service waits with 1,200.00.
    let todo = rows(&desk, "today", "duty,id");
    assert!(todo.contains(&"invoice SO-2606-0013".to_owned()), "{todo:?}");
    assert!(!todo.contains(&"instalment due CT-2603-0001".to_owned()), "{todo:?}");
    // 270, 450, 135 and 45 are left of the instalments, 900 in all; the 300 beyond the contract are
    // due with the goods: 450 + 300.
    desk.run("invoice add --from SO-2606-0013").succeeds().has("1,200.00");
    let parts = desk.run("invoice export IN-2609-0009 --blocks instalment").succeeds();
    assert_eq!(parts.column("instalment.amount"), ["270.00", "750.00", "135.00", "45.00"]);
    // Where nothing is to be invoiced the advance is asked for, with the tax of the contract.
    contracted(&desk);
    let todo = rows(&desk, "today", "duty,id,amount,command");
    let own = todo.iter().find(|row| row.starts_with("instalment due CT-2609-0005 1116.00"));
    assert!(own.is_some_and(|row| row.contains("price=1116.00, tax_rate=0.13,")), "{todo:?}");
}

#[test]
fn a_deposit_that_is_credited_moves_what_was_paid_to_the_goods() {
    let desk = Desk::example();
    contracted(&desk);
    let head = |desk: &Desk, key: &str| {
        let told = desk.run("report receivables -p 2026-09 -O json").succeeds().json();
        told["facts"][key].to_string()
    };
    let before = head(&desk, "sales");
    desk.run("invoice add CX10 --kind deposit --line 'text=定金, qty=1, price=500, kind=deposit'")
        .succeeds();
    desk.run("invoice issue IN-2609-0009 --number D1").succeeds();
    // A deposit is no sale, there as in report sales.
    assert_eq!(head(&desk, "sales"), before);
    assert!(head(&desk, "invoiced_ahead").starts_with("500"));
    desk.run("payment add CX10 500 --date 2026-09-23 --match IN-2609-0009").succeeds();
    let sales = "report sales --basis collected -p 2026-09 --by customer customer:CX10";
    let collected = rows(&desk, sales, "gross");
    sent(&desk, 8);
    for line in [
        "invoice issue IN-2609-0010 --number X1",
        "invoice credit IN-2609-0009 --reason 转货款 --reopens-billing false",
        "invoice issue IN-2609-0011 --number C1",
        "payment match IN-2609-0011 --to IN-2609-0010",
    ] {
        desk.run(line).succeeds();
    }
    // 8 × 372.00 = 2,976.00 = 500.00 collected + 2,476.00 receivable.
    let list = "contract fulfil CT-2609-0005";
    assert_eq!(rows(&desk, list, "invoiced,collected,receivable"), ["2976.00 500.00 2476.00"]);
    desk.run("explain contracts CT-2609-0005 collected").succeeds().has("500.00");
    assert_eq!(rows(&desk, sales, "gross"), collected, "no new money came");
}

#[test]
fn what_suppliers_are_owed_and_what_contracts_are_late_with_is_to_be_done() {
    let todo = rows(&Desk::example(), "today", "duty,id,days_late,amount,command");
    for row in [
        "to pay IN-2603-0006 130 79140.00 desk payment add SU01 79140.00 --match IN-2603-0006=79140.00",
        "contract line late CT-2608-0001 23 744.00 desk contract fulfil CT-2608-0001",
    ] {
        assert!(todo.contains(&row.to_owned()), "{todo:?}");
    }
    // 79,140 + 34,080 + 82,560 = 195,780, and 5,920 + 15,375 = 21,295.
    let paid = |party: &str| -> i64 {
        let own = todo.iter().filter(|row| row.starts_with("to pay") && row.contains(party));
        own.map(|row| row.split(' ').nth(4).expect("an amount").replace(".00", ""))
            .map(|amount| amount.parse::<i64>().expect("whole"))
            .sum()
    };
    assert_eq!([paid("SU01"), paid("SU03")], [195_780, 21_295]);
}

#[test]
fn a_review_says_what_is_drawn_beyond_the_contract() {
    let desk = Desk::example();
    contracted(&desk);
    let review =
        |order: u32| format!("DESK_USER=wang order review SO-2609-00{order} --comment 合同内");
    let add = "order add CX10 --contract CT-2609-0005 --promised-on 2026-09-30 --line";
    // 10 contracted, 11 with the allowance of 10 %; 11 and then 12 ordered.
    desk.run(&format!("{add} 'E10 x 11 @ 372 contract_line=1'")).succeeds();
    desk.run(&review(14))
        .succeeds()
        .has("E10 overdrawn: 11 ordered of 10 contracted, inside the allowance");
    desk.run(&format!("{add} 'E10 x 1 @ 372 contract_line=1'")).succeeds();
    desk.run(&review(15))
        .succeeds()
        .has("E10 overdrawn: 12 ordered of 10 contracted")
        .has_not("inside");
}

#[test]
fn a_suppliers_statement_is_of_a_supplier_and_what_came_beyond_a_purchase_is_told() {
    let desk = Desk::example();
    desk.run("payment statement SU01").succeeds().has("supplier").has_not("customer");
    // 2,000 boxes of line 1 came; a contract of 1,900 got more than it asked for.
    desk.change("contracts/2026-02/CT-2602-0001.toml", "qty = 2000\n", "qty = 1900\n");
    let lines = rows(&desk, "contract fulfil CT-2602-0001 --table lines", "line,remark");
    assert_eq!(lines[0], "1 more arrived than contracted");
}
