//! The account of the worked contract (`tests/worked`) on three days, by hand: ageing by instalment,
//! statement, ledger.
//!
//! What happened stands in `fulfilment.rs`. By the events of the contract the first invoice of
//! 11,300.00 is due with 3,390.00 at once, 6,780.00 on 02-21 and 1,130.00 on 2027-01-22; the second of
//! 4,520.00 with 1,356.00 at once, 2,712.00 on 03-30 and 452.00 on 2027-02-28.

use snapbox::str;

use crate::desk::Desk;

const DAYS: [&str; 3] = ["2026-02-15", "2026-03-31", "2027-02-01"];
const OPEN: &str = "--table open_items -O csv --cols id,instalment,due_on,days_overdue,amount,open";
const BUCKETS: &str = "-O csv --cols open,not_due,days_1_30,days_31_60,days_61_90,over_90";
const FIGURES: &str = "-O csv --cols opening,invoiced,credited,collected,closing";

/// The worked contract, seen after the last of the three days.
fn worked() -> Desk {
    Desk::worked().with("DESK_TODAY", "2027-02-10")
}

#[test]
fn what_is_open_is_aged_instalment_by_instalment() {
    let desk = worked();
    let open =
        |day: &str| desk.run(&format!("report statement customer:CX01 --as-of {day} {OPEN}"));
    // The advance of 4,746.00 paid 3,390.00; 1,356.00 of it are held. Nothing is late.
    open("2026-02-15").succeeds().stdout(str![[r#"
id,instalment,due_on,days_overdue,amount,open
IN-2601-0001,2,2026-02-21,,6780.00,6780.00
IN-2601-0001,3,2027-01-22,,1130.00,1130.00
PM-2601-0001,,,,-4746.00,-1356.00

"#]]);
    // 6,780 − 5,000 paid − 452 credited = 1,328.00, late since 02-21: 7 days of February and 31.
    open("2026-03-31").succeeds().stdout(str![[r#"
id,instalment,due_on,days_overdue,amount,open
IN-2601-0001,2,2026-02-21,38,6780.00,1328.00
IN-2603-0001,2,2026-03-30,1,2712.00,2712.00
IN-2601-0001,3,2027-01-22,,1130.00,1130.00
IN-2603-0001,3,2027-02-28,,452.00,452.00

"#]]);
    // 2,000.00 came in: 1,328 on the first, 672 on the second, which leaves 2,040.00.
    open("2027-02-01").succeeds().stdout(str![[r#"
id,instalment,due_on,days_overdue,amount,open
IN-2603-0001,2,2026-03-30,308,2712.00,2040.00
IN-2601-0001,3,2027-01-22,10,1130.00,1130.00
IN-2603-0001,3,2027-02-28,,452.00,452.00

"#]]);
}

#[test]
fn its_buckets_are_the_sums_of_these_instalments() {
    let desk = worked();
    // 6,780 + 1,130 − 1,356 = 6,554; 1,130 + 452 = 1,582 not due, 2,712 and 1,328 late; a year later
    // 452 not due, 1,130 late since ten days, 2,040 since ten months.
    let sums = [
        "6554.00,6554.00,0.00,0.00,0.00,0.00",
        "5622.00,1582.00,2712.00,1328.00,0.00,0.00",
        "3622.00,452.00,1130.00,0.00,0.00,2040.00",
    ];
    for (day, sums) in DAYS.into_iter().zip(sums) {
        for report in ["report receivables", "report receivables --by staff"] {
            let ran = desk.run(&format!("{report} --as-of {day} {BUCKETS}")).succeeds();
            assert_eq!(ran.text().lines().nth(1), Some(sums), "{report} {day}");
        }
        let line = format!("report statement customer:CX01 --as-of {day} --table ageing {BUCKETS}");
        desk.run(&line).succeeds().has(sums);
    }
}

#[test]
fn its_statement_holds_every_row_up_to_the_day() {
    let desk = worked();
    let mut rows: Vec<String> = [
        "2026-01-15,payment,PM-2601-0001,,4746.00,-4746.00",
        "2026-01-25,invoice,IN-2601-0001,11300.00,,6554.00",
        "2026-02-25,payment,PM-2602-0001,,5000.00,1554.00",
        "2026-03-02,invoice,IN-2603-0001,4520.00,,6074.00",
        "2026-03-06,credit,IN-2603-0002,,452.00,5622.00",
        "2026-04-10,payment,PM-2604-0001,,2000.00,3622.00",
    ]
    .map(str::to_owned)
    .into();
    for (day, (count, closing)) in
        DAYS.into_iter().zip([(2, "6554.00"), (5, "5622.00"), (6, "3622.00")]).rev()
    {
        rows.truncate(count);
        let line = format!(
            "report statement customer:CX01 -p 2026-01-01..{day} --table rows -O csv \
             --cols date,kind,id,debit,credit,balance"
        );
        let ran = desk.run(&line).succeeds();
        let mut expected = vec!["2026-01-01,opening,,,,0.00".to_owned()];
        expected.extend(rows.clone());
        expected.push(format!("{day},closing,,,,{closing}"));
        let shown: Vec<&str> = ran.text().lines().skip(1).collect();
        assert_eq!(shown, expected, "{day}");
    }
    // Of a month alone the balance before it comes first.
    desk.run(
        "report statement customer:CX01 -p 2026-03 --table rows -O csv --cols date,kind,balance",
    )
    .succeeds()
    .has("2026-03-01,opening,1554.00\n2026-03-02,invoice,6074.00\n2026-03-06,credit,5622.00\n");
}

#[test]
fn its_ledger_comes_to_the_same_balances() {
    let desk = worked();
    let sums = [
        "0.00,11300.00,0.00,4746.00,6554.00",
        "0.00,15820.00,452.00,9746.00,5622.00",
        "0.00,15820.00,452.00,11746.00,3622.00",
    ];
    for (day, sums) in DAYS.into_iter().zip(sums) {
        desk.run(&format!("report ledger -p 2026-01-01..{day} {FIGURES}")).succeeds().has(sums);
        let closing = sums.rsplit(',').next().expect("there is a last figure");
        let account = desk.run(&format!("customer ledger CX01 -p 2026-01-01..{day} -O csv"));
        assert_eq!(account.succeeds().column("balance").last().map(String::as_str), Some(closing));
    }
    // In March alone: 1,554 + 4,520 − 452 = 5,622.
    desk.run(&format!("report ledger -p 2026-03 {FIGURES}"))
        .succeeds()
        .has("1554.00,4520.00,452.00,0.00,5622.00");
}
