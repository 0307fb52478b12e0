//! What is due: the days of instalments, one for every table, and what is asked for while money is
//! kept for its order or contract.

use crate::desk::Desk;

/// The cells of one column of the first row of a table.
fn cell(desk: &Desk, line: &str, column: &str) -> String {
    let rows = desk.run(&format!("{line} -O csv")).succeeds().rows();
    rows.first().map(|row| row[column].clone()).unwrap_or_default()
}

/// Columns of the rows of a table, joined.
fn rows(desk: &Desk, line: &str, columns: &str) -> Vec<String> {
    let rows = desk.run(&format!("{line} --cols {columns} -O csv")).succeeds().rows();
    let row = |row: &std::collections::BTreeMap<String, String>| {
        columns.split(',').map(|key| row[key].as_str()).collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(row).collect()
}

/// A contract of 37,200.00 whose advance of 30 % was due when it was signed and is paid, delivered
/// and invoiced in one go on 09-23.
fn advance_paid(rule: &str) -> Desk {
    let desk = Desk::example();
    for line in [
        &*format!(
            "contract add CX10 --signed-on 2026-06-01 --line product=E10,qty=100,price=372.00 \
             --instalment pct=30,name=advance,due_rule={rule}"
        ),
        "payment add CX10 11160 --date 2026-06-02 --match CT-2609-0005",
        "order add CX10 --contract CT-2609-0005 --line 'E10 x 100 @ 372 contract_line=1' --promised-on 2026-09-30",
        "DESK_USER=wang order review SO-2609-0014",
        "ship confirm SH-2609-0011 --carrier SF --all-checks",
        "ship send SH-2609-0011 --waybill SF1",
        "invoice add --from SH-2609-0011",
    ] {
        desk.run(line).succeeds();
    }
    desk
}

#[test]
fn an_advance_that_is_paid_is_not_asked_for_again() {
    let desk = advance_paid("signed");
    desk.run("invoice issue IN-2609-0009 --number X1")
        .succeeds()
        .has("Next: desk payment match PM-2609-0018 --to IN-2609-0009");
    // The account holds both, the gate, the letters and the lists ask for neither.
    let open = "report receivables --by invoice customer:CX10 -O csv";
    desk.run(open).succeeds().has("11160.00");
    let late = rows(&desk, "payment chase CX10 --table open_items", "id");
    assert!(!late.contains(&"IN-2609-0009".to_owned()), "{late:?}");
    desk.run("today -O csv").succeeds().has_not("IN-2609-0009");
    let fulfil = "contract fulfil CT-2609-0005";
    assert_eq!(cell(&desk, fulfil, "late"), "0.00");
    let instalments = rows(
        &desk,
        &format!("{fulfil} --table instalments"),
        "amount,invoiced,settled,open,late,late_days",
    );
    assert_eq!(instalments, ["11160.00 11160.00 11160.00 0.00 0.00 0"]);
    desk.run("order add CX10 --line 'C1 x 1 @ 18'").succeeds();
    let review = desk.run("DESK_USER=huang order review SO-2609-0015 --comment 试用");
    assert!(!review.errors().contains("review.overdue"), "{}", review.errors());
    // Half of it kept: the other half is asked for today, and late from tomorrow on.
    let desk = advance_paid("signed");
    let kept = cell(&desk, "allocation list source:PM-2609-0018", "id");
    desk.run(&format!("payment unmatch {kept} --reason 客户改付")).succeeds();
    desk.run("payment match PM-2609-0018 --to CT-2609-0005 --amount 5580").succeeds();
    desk.run("invoice issue IN-2609-0009 --number X1").succeeds();
    assert_eq!(cell(&desk, fulfil, "late"), "0.00");
    assert_eq!(cell(&desk, &format!("{fulfil} --as-of 2026-09-24"), "late"), "5580.00");
    let chase = "DESK_TODAY=2026-09-24 payment chase CX10 --table open_items";
    let asked = rows(&desk, chase, "id,open,days_overdue");
    assert!(asked.contains(&"IN-2609-0009 5580.00 1".to_owned()), "{asked:?}");
}

#[test]
fn every_list_asks_for_what_kept_money_leaves() {
    // Of the invoice 3,849.32 + 9,017.04 were due by 09-19, less a credit of 744.00; 8,000.00 are kept
    // for the contract: 12,122.36 − 8,000.00 = 4,122.36. With the 673.64 that is due in 2027 that is
    // what the statement closes at.
    let desk = Desk::example();
    desk.run("payment chase --letter CX10").succeeds().has("4,122.36");
    assert_eq!(cell(&desk, "payment chase CX10", "overdue"), "4122.36");
    let today = rows(&desk, "today", "duty,id,amount");
    assert!(today.contains(&"invoice overdue IN-2608-0005 4122.36".to_owned()), "{today:?}");
    desk.run("payment statement CX10 -O json").succeeds().has("\"balance\": 4796.00");
    let fulfil = "contract fulfil CT-2608-0001";
    assert_eq!(cell(&desk, fulfil, "late"), "4122.36");
    // The credit is off the part that was due first, here as in the account. Of the 8,000.00 what
    // its own part needs, 3,105.32, is the advance's; 4,894.68 went to what was due. Invoiced is
    // less the credit: 3,849.32 − 744.00, with the others the 12,796.00 of the contract.
    let columns = "no,due_on,amount,invoiced,settled,open,late,late_days,remark";
    assert_eq!(
        rows(&desk, &format!("{fulfil} --table instalments"), columns),
        [
            "1 2026-08-25 8000.00 3105.32 3849.32 4150.68 0.00 0 paid ahead, and used for what was due",
            "2 2026-09-19 18740.00 9017.04 4894.68 13845.32 4122.36 4 late",
            "3 2027-08-31 1400.00 673.64 0.00 1400.00 0.00 0 due in 342 days",
        ]
    );
}

/// Hundredths of an amount.
fn cents(amount: &str) -> i64 {
    amount.replace([',', '.'], "").parse().expect("an amount with two decimals")
}

#[test]
fn both_tables_of_a_contract_say_the_same_is_late() {
    let desk = Desk::example();
    let mut sums: std::collections::BTreeMap<String, i64> = Default::default();
    for row in rows(&desk, "contract fulfil --table instalments", "id,late,remark") {
        let mut words = row.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        let (id, late, remark) = (word(), word(), word());
        // What no invoice asks for is no receivable.
        let unasked =
            remark.strip_prefix("late; ").and_then(|own| own.strip_suffix(" of it not invoiced"));
        *sums.entry(id.to_owned()).or_default() += cents(late) - unasked.map_or(0, cents);
    }
    assert!(sums.values().any(|late| *late > 0));
    for row in rows(&desk, "contract fulfil", "id,late") {
        let (id, late) = row.split_once(' ').expect("two cells");
        let parts = sums.get(id).copied().unwrap_or(cents(late));
        assert_eq!(parts, cents(late), "{id}");
    }
}

/// A contract of 100 at 100.00, half on receipt; ordered whole, invoiced in halves as ordered.
fn as_ordered() -> Desk {
    let head = "id,date,party,direction,method,matures_on,reference,amount,currency,exchange_rate,\
        bank_fee,staff,contract,policy,reverses,remarks,entered_by,entered_at,void_at,void_by,void_reason\n";
    let bill = |no: u32, issued: &str, line: &str, qty: u32| {
        format!(
            "id = \"IN-2601-000{no}\"\ndate = 2026-01-05\nparty = \"CX01\"\nissued_on = {issued}\n\
             due_on = 2026-01-31\nprices_include_tax = true\n\n[[line]]\nno = 1\norder = \"SO-2601-0001\"\n\
             order_line = {line}\nqty = {qty}\nprice = \"100.00\"\ntax_rate = \"0.13\"\n\n\
             [[instalment]]\nno = 1\namount = \"{qty}00.00\"\ncontract_instalment = 1\n"
        )
    };
    let first = bill(1, "2026-01-05", "1\nproduct = \"A100\"", 50);
    let second = bill(2, "2026-01-06", "1\nproduct = \"A100\"", 50);
    let service = bill(3, "2026-01-07", "2\nproduct = \"S1\"", 2);
    let sent = |no: u32, day: u32, received: &str| {
        format!(
            "id = \"SH-2601-000{no}\"\ndate = 2026-01-10\ncustomer = \"CX01\"\nshipped_on = 2026-01-{day}\n{received}\n\
             \n[[line]]\nno = 1\norder = \"SO-2601-0001\"\norder_line = 1\nproduct = \"A100\"\nqty = 60\n"
        )
    };
    Desk::of(&[
        (
            "desk.toml",
            "[company]\nname = \"Test\"\ntime_zone = \"Asia/Shanghai\"\n\n[defaults]\ncurrency = \"CNY\"\n\
            tax_rate = \"0.13\"\n\n[tolerance]\ninvoice_basis = \"ordered\"\n",
        ),
        ("customers/CX01.toml", "id = \"CX01\"\nname = \"晨星医药\"\n"),
        ("products/A100.toml", "id = \"A100\"\nname = \"体温计\"\nunit = \"pc\"\n"),
        ("products/S1.toml", "id = \"S1\"\nname = \"培训\"\nunit = \"day\"\ngoods = \"service\"\n"),
        (
            "contracts/2026-01/CT-2601-0001.toml",
            "id = \"CT-2601-0001\"\ndate = 2026-01-02\nparty = \"CX01\"\n\
            signed_on = 2026-01-02\nprices_include_tax = true\n\n[[line]]\nno = 1\nproduct = \"A100\"\nqty = 100\n\
            price = \"100.00\"\n\n[[line]]\nno = 2\nproduct = \"S1\"\nqty = 2\nprice = \"100.00\"\n\n[[instalment]]\n\
            no = 1\npct = \"100\"\ndue_rule = \"received\"\ndays = 10\n",
        ),
        (
            "orders/2026-01/SO-2601-0001.toml",
            "id = \"SO-2601-0001\"\ndate = 2026-01-03\ncustomer = \"CX01\"\n\
            contract = \"CT-2601-0001\"\nprices_include_tax = true\n\n[[line]]\nno = 1\nproduct = \"A100\"\nqty = 100\n\
            price = \"100.00\"\ncontract_line = 1\n\n[[line]]\nno = 2\nproduct = \"S1\"\nqty = 2\nprice = \"100.00\"\ncontract_line = 2\n",
        ),
        ("shipments/2026-01/SH-2601-0001.toml", &sent(1, 10, "received_on = 2026-01-14")),
        (
            "shipments/2026-01/SH-2601-0002.toml",
            &sent(2, 20, "received_on = 2026-02-01").replace("qty = 60", "qty = 40"),
        ),
        ("invoices/2026-01/IN-2601-0001.toml", &first),
        ("invoices/2026-01/IN-2601-0002.toml", &second),
        ("invoices/2026-01/IN-2601-0003.toml", &service),
        ("payments/2026-01.csv", head),
    ])
}

#[test]
fn an_instalment_falls_due_by_the_goods_of_the_order_where_no_shipment_is_named() {
    let desk = as_ordered();
    let due = |as_of: &str| {
        let line = format!("report receivables --by invoice --as-of {as_of}");
        let mut rows = rows(&desk, &line, "invoice,due_on");
        rows.retain(|row| row.starts_with("IN-"));
        rows
    };
    // 60 of 100 arrived on 01-14 and the rest on 02-01: the first 50 are due ten days after the one,
    // the other 50 after the other. The service is there when it is invoiced, on 01-07.
    assert_eq!(due("2026-01-13"), ["IN-2601-0001 ", "IN-2601-0002 ", "IN-2601-0003 2026-01-17"]);
    assert_eq!(
        due("2026-02-01"),
        ["IN-2601-0001 2026-01-24", "IN-2601-0002 2026-02-11", "IN-2601-0003 2026-01-17"]
    );
    // Half of what came first goes back to be delivered again: the first 50 are there on 02-01 only.
    desk.write("shipments/2026-01/SH-2601-0003.toml", "id = \"SH-2601-0003\"\ndate = 2026-01-15\nkind = \"return\"\n\
        customer = \"CX01\"\nreceived_on = 2026-01-15\n\n[[line]]\nno = 1\norder = \"SO-2601-0001\"\norder_line = 1\n\
        product = \"A100\"\nqty = 30\nreopens_delivery = true\n");
    assert_eq!(due("2026-01-31"), ["IN-2601-0001 ", "IN-2601-0002 ", "IN-2601-0003 2026-01-17"]);
    assert_eq!(due("2026-02-01")[0], "IN-2601-0001 2026-02-11");
}
