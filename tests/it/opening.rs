//! What was open before the book began: invoices and credits of stated sums, without lines.

use snapbox::str;

use crate::desk::Desk;

/// 1,130.00 open since December, 500.00 of it paid; USD 100.00 at 7.10; 113.00 credited, unused.
fn carried_over() -> Desk {
    let desk = Desk::of(&[
        ("staff/li-min.toml", "id = \"li-min\"\nname = \"李敏\"\nrole = \"sales\"\n"),
        ("customers/CX01.toml", "id = \"CX01\"\nname = \"晨星医药\"\nstaff = \"li-min\"\n"),
    ]);
    let stated = |net: &str, tax: &str, total: &str| {
        format!("\n[stated]\nnet = \"{net}\"\ntax = \"{tax}\"\ntotal = \"{total}\"\n")
    };
    let head = |id: &str, kind: &str, more: &str| {
        format!("id = \"{id}\"\ndate = 2026-01-01\nkind = \"{kind}\"\nparty = \"CX01\"\n{more}")
    };
    let dates = "issued_on = 2025-12-01\ndue_on = 2025-12-31\n";
    let usd = "currency = \"USD\"\nexchange_rate = \"7.10\"\n";
    let credit = "against_invoice = \"IN-2601-0001\"\nnumber = \"N3\"\ncredit_reason = \"折让\"\n\
        issued_on = 2026-01-20\nprices_include_tax = true\n";
    let sums = stated("1000.00", "130.00", "1130.00");
    desk.write(
        "invoices/2026-01/IN-2601-0001.toml",
        head("IN-2601-0001", "opening", dates) + &sums,
    );
    let sums = stated("100.00", "0.00", "100.00");
    let text = head("IN-2601-0002", "opening", &format!("{dates}{usd}"));
    desk.write("invoices/2026-01/IN-2601-0002.toml", text + &sums);
    let sums = stated("100.00", "13.00", "113.00") + "\n[buyer]\ntitle = \"晨星医药\"\n";
    desk.write(
        "invoices/2026-01/IN-2601-0003.toml",
        head("IN-2601-0003", "credit", credit) + &sums,
    );
    desk.write(
        "payments/2026-01.csv",
        "id,date,party,direction,method,matures_on,reference,amount,currency,exchange_rate,bank_fee,staff,contract,policy,\
         reverses,remarks,entered_by,entered_at,void_at,void_by,void_reason\n\
         PM-2601-0001,2026-01-10,CX01,in,transfer,,,500.00,,,,,,,,,,,,,\n",
    );
    desk.write(
        "allocations/2026-01.csv",
        "id,date,source,target,instalment,amount,source_amount,discount,approved_by,reverses,remarks,entered_by,\
         entered_at,void_at,void_by,void_reason\n\
         AL-2601-0001,2026-01-10,PM-2601-0001,IN-2601-0001,,500.00,,,,,,,,,,\n",
    );
    desk
}

#[test]
fn it_counts_as_stated_wherever_invoices_count() {
    let desk = carried_over();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    desk.run("invoice list -O csv --cols id,net,tax,gross,open").succeeds().stdout(str![[r#"
id,net,tax,gross,open
IN-2601-0001,1000.00,130.00,1130.00,630.00
IN-2601-0002,100.00,0.00,100.00,100.00
IN-2601-0003,-100.00,-13.00,-113.00,-113.00

"#]]);
    // 630 + 710 − 113 = 1,227.00; 1,340.00 are late since 12-31.
    let report =
        "report receivables --as-of 2026-01-31 -O csv --cols open,not_due,days_31_60,overdue";
    for by in ["", "--by contract"] {
        let found = desk.run(&format!("{report} {by}")).succeeds().rows();
        let row = &found[0];
        assert_eq!(
            ["open", "not_due", "days_31_60", "overdue"].map(|key| row[key].as_str()),
            ["1227.00", "-113.00", "1340.00", "1340.00"]
        );
    }
    // 1,130 + 710 in December; 500 paid and 113 credited in January.
    desk.run("report ledger -p 2026-01 -O csv --cols opening,invoiced,credited,collected,closing")
        .succeeds()
        .has("1840.00,0.00,113.00,500.00,1227.00");
    desk.run("customer show CX01 -O json").succeeds().has("1227.00");
}

#[test]
fn its_money_is_collected_and_a_credit_of_it_lowers_sales() {
    let desk = carried_over();
    // What was open is no sale of this book; what is credited of it is one less, and cash is cash.
    desk.run("report sales --basis invoiced -O csv --cols net,gross")
        .succeeds()
        .has("-100.00,-113.00");
    desk.run("report sales --basis collected -O csv --cols gross").succeeds().has("500.00");
}

#[test]
fn an_ordinary_invoice_has_lines() {
    let desk = carried_over();
    let path = "invoices/2026-01/IN-2601-0001.toml";
    desk.write(path, desk.read(path).replace("\"opening\"", "\"invoice\""));
    desk.run("check").code(3).has("1,130.00 stated, and the lines come to 0");
}
