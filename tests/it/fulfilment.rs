//! A contract performed, worked out by hand: `tests/worked`.
//!
//! 100 A100 at 113.00 and 20 D10 at 226.00 with tax: 11,300.00 + 4,520.00 = 15,820.00. Advance 30 %
//! when signed, 60 % 30 days and 10 % 365 days after the goods were received. What happened:
//!
//! | day | what |
//! |---|---|
//! | 01-10 | signed; the advance of 4,746.00 comes on 01-15 |
//! | 01-20 | 60 A100 and 20 D10 sent, there on 01-22; invoiced on 01-25: 11,300.00 = 3,390 + 6,780 + 1,130, of which the advance pays 3,390 |
//! | 02-10 | 5 A100 come back and are exchanged, there on 02-14 |
//! | 02-25 | 40 A100 sent, there on 02-28; invoiced on 03-02: 4,520.00 = 1,356 + 2,712 + 452, of which the rest of the advance pays 1,356. On the same day 5,000.00 are paid on the delivery part of the first invoice |
//! | 03-05 | 2 D10 come back for good; credited on 03-06 with 452.00, which goes to the delivery part of the first invoice |
//! | 04-10 | 2,000.00 are paid: 1,328 on the first delivery part, 672 on the second |

use snapbox::str;

use crate::desk::Desk;

const LIST: &str = "--table lines -O csv --cols line,contracted_qty,ordered_qty,shipped_qty,returned_qty,invoiced_qty,\
                    uninvoiced_qty,shipped,invoiced,collected,receivable,due,late,fulfilled_pct";
const SUMS: &str = "-O csv --cols contracted,ordered,earmarked,shipped,invoiced,collected,receivable,due,late,fulfilled_pct";
const PARTS: &str = "--table instalments -O csv --cols no,amount,reached_on,due_on,invoiced,settled,open,late,late_days";

#[test]
fn the_worked_contract_is_sound() {
    Desk::worked().run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn while_the_second_order_waits_a_part_is_performed_and_nothing_is_due() {
    let desk = Desk::worked();
    let fulfil = "contract fulfil CT-2601-0001 --as-of 2026-02-15";
    // A100: 60 + 5 in exchange sent, 5 came back: 60 × 113 = 6,780.00 of 11,300.00, 60 %.
    // D10: all of it, 4,520.00. The advance paid 3,390.00 of 11,300.00: 60 : 40 by gross is
    // 2,034.00 and 1,356.00, and leaves 4,746.00 and 3,164.00.
    desk.run(&format!("{fulfil} {LIST}")).succeeds().quietly().stdout(str![[r#"
line,contracted_qty,ordered_qty,shipped_qty,returned_qty,invoiced_qty,uninvoiced_qty,shipped,invoiced,collected,receivable,due,late,fulfilled_pct
1,100,100,60,5,60,0,6780.00,6780.00,2034.00,4746.00,0.00,0.00,0.6
2,20,20,20,0,20,0,4520.00,4520.00,1356.00,3164.00,0.00,0.00,1
,,,,,,,,,1356.00,,,,

"#]]);
    // The delivery part of the invoice is due on 02-21, its goods being there since 01-22. Of the
    // advance 4,746 − 3,390 = 1,356.00 is still kept: collected, and of no line yet.
    // 11,300 ÷ 15,820 = 71.43 %.
    desk.run(&format!("{fulfil} {SUMS}")).succeeds().stdout(str![[r#"
contracted,ordered,earmarked,shipped,invoiced,collected,receivable,due,late,fulfilled_pct
15820.00,15820.00,1356.00,11300.00,11300.00,4746.00,7910.00,0.00,0.00,0.7143

"#]]);
    // As a whole the goods are not received yet; what is invoiced has its days: 30 and 365 after 01-22.
    desk.run(&format!("{fulfil} {PARTS}")).succeeds().stdout(str![[r#"
no,amount,reached_on,due_on,invoiced,settled,open,late,late_days
1,4746.00,2026-01-10,2026-01-10,3390.00,4746.00,0.00,0.00,0
2,9492.00,,2026-02-21,6780.00,0.00,9492.00,0.00,0
3,1582.00,,2027-01-22,1130.00,0.00,1582.00,0.00,0

"#]]);
}

#[test]
fn when_all_is_delivered_the_delivery_part_is_late_and_the_retention_is_not() {
    let desk = Desk::worked();
    let fulfil = "contract fulfil CT-2601-0001 --as-of 2026-03-31";
    // The credit of 452.00 is of the second line: it leaves 6,780 and 4,068 of the first invoice,
    // 62.5 : 37.5. Collected: the first invoice 3,390 + 5,000 = 8,390.00, which is 5,243.75 and
    // 3,146.25; the second 1,356.00, all A100. Open: the first 10,848 − 8,390 = 2,458.00, which is
    // 1,536.25 and 921.75; the second 4,520 − 1,356 = 3,164.00. Late: 6,780 − 5,000 − 452 = 1,328.00
    // since 02-21, which is 830.00 and 498.00; 2,712.00 since 03-30.
    desk.run(&format!("{fulfil} {LIST}")).succeeds().stdout(str![[r#"
line,contracted_qty,ordered_qty,shipped_qty,returned_qty,invoiced_qty,uninvoiced_qty,shipped,invoiced,collected,receivable,due,late,fulfilled_pct
1,100,100,100,5,100,0,11300.00,11300.00,6599.75,4700.25,3542.00,3542.00,1
2,20,20,18,2,18,0,4068.00,4068.00,3146.25,921.75,498.00,498.00,0.9

"#]]);
    // 15,368 ÷ 15,820 = 97.14 %.
    desk.run(&format!("{fulfil} {SUMS}")).succeeds().stdout(str![[r#"
contracted,ordered,earmarked,shipped,invoiced,collected,receivable,due,late,fulfilled_pct
15820.00,15820.00,0.00,15368.00,15368.00,9746.00,5622.00,4040.00,4040.00,0.9714

"#]]);
    // The last goods arrived on 02-28, those of the first invoice on 01-22: what is open of it is due
    // since 02-21, 38 days, and its retention on 2027-01-22. Settled: 5,000 + 452 = 5,452.00.
    desk.run(&format!("{fulfil} {PARTS}")).succeeds().stdout(str![[r#"
no,amount,reached_on,due_on,invoiced,settled,open,late,late_days
1,4746.00,2026-01-10,2026-01-10,4294.00,4746.00,0.00,0.00,0
2,9492.00,2026-02-28,2026-02-21,9492.00,5452.00,4040.00,4040.00,38
3,1582.00,2026-02-28,2027-01-22,1582.00,0.00,1582.00,0.00,0

"#]]);
}

#[test]
fn a_year_later_the_first_retention_is_late() {
    let desk = Desk::worked();
    let fulfil = "contract fulfil CT-2601-0001 --as-of 2027-02-01";
    // Collected: the first invoice 8,390 + 1,328 = 9,718.00, which is 6,073.75 and 3,644.25; the
    // second 1,356 + 672 = 2,028.00. Open: the retention of the first, 1,130.00, late since
    // 2027-01-22, which is 706.25 and 423.75; of the second 2,712 − 672 = 2,040.00, late, and its
    // retention of 452.00, not due before 2027-02-28.
    desk.run(&format!("{fulfil} {LIST}")).succeeds().stdout(str![[r#"
line,contracted_qty,ordered_qty,shipped_qty,returned_qty,invoiced_qty,uninvoiced_qty,shipped,invoiced,collected,receivable,due,late,fulfilled_pct
1,100,100,100,5,100,0,11300.00,11300.00,8101.75,3198.25,2746.25,2746.25,1
2,20,20,18,2,18,0,4068.00,4068.00,3644.25,423.75,423.75,423.75,0.9

"#]]);
    // 15,820 − 452 credited − 11,746 collected = 3,622.00.
    desk.run(&format!("{fulfil} {SUMS}")).succeeds().stdout(str![[r#"
contracted,ordered,earmarked,shipped,invoiced,collected,receivable,due,late,fulfilled_pct
15820.00,15820.00,0.00,15368.00,15368.00,11746.00,3622.00,3170.00,3170.00,0.9714

"#]]);
    // From 2026-03-30 to 2027-02-01 are 308 days, from 2027-01-22 ten.
    desk.run(&format!("{fulfil} {PARTS}")).succeeds().stdout(str![[r#"
no,amount,reached_on,due_on,invoiced,settled,open,late,late_days
1,4746.00,2026-01-10,2026-01-10,4294.00,4746.00,0.00,0.00,0
2,9492.00,2026-02-28,2026-03-30,9492.00,7452.00,2040.00,2040.00,308
3,1582.00,2026-02-28,2027-01-22,1582.00,0.00,1582.00,1130.00,10

"#]]);
}

#[test]
fn signed_and_performed_in_a_period_are_kept_apart_each_with_its_total() {
    let desk = Desk::worked();
    // Collected counts the advance from the day it came: 4,746.00, 30 % of 15,820.00.
    // Sent: 11,300 in January; − 565 + 565 for the exchange and 4,520 in February; − 452 in March.
    desk.run("report contracts --table statistics -O csv").succeeds().stdout(str![[r#"
side,month,contracts,signed,signed_total,performed,performed_total,invoiced,invoiced_total,collected,collected_total
sale,2026-01,1,15820.00,15820.00,11300.00,11300.00,11300.00,11300.00,4746.00,4746.00
sale,2026-02,0,0.00,15820.00,4520.00,15820.00,0.00,11300.00,5000.00,9746.00
sale,2026-03,0,0.00,15820.00,-452.00,15368.00,4068.00,15368.00,0.00,9746.00
sale,2026-04,0,0.00,15820.00,0.00,15368.00,0.00,15368.00,2000.00,11746.00

"#]]);
    // In the second quarter nothing was signed, and only money moved.
    desk.run(
        "report contracts -p 2026-Q2 --by customer --table statistics -O csv \
         --cols customer,contracts,signed,signed_total,performed,performed_total,collected,collected_total",
    )
    .succeeds()
    .stdout(str![[r#"
customer,contracts,signed,signed_total,performed,performed_total,collected,collected_total
CX01,0,0.00,15820.00,0.00,15368.00,2000.00,11746.00

"#]]);
    // Of a contract that was not signed in the period nothing stands in the list.
    let list = desk.run("report contracts -p 2026-Q2 -O csv").succeeds();
    assert_eq!(list.rows().len(), 0);
}

#[test]
fn one_contract_alone_comes_to_what_all_together_say() {
    let desk = Desk::worked();
    let alone = desk.run("contract fulfil CT-2601-0001 --table lines -O csv").succeeds();
    desk.run("contract fulfil --table lines -O csv").succeeds().stdout_is(alone.text());
}

#[test]
fn what_is_credited_lands_on_the_order_line_however_the_credit_names_it() {
    // The 2 D10 that came back are credited to be invoiced again: 2 × 226.00 = 452.00.
    for named in [
        "order = \"SO-2601-0001\"\norder_line = 2\n",
        "against_line = 2\n",
        "shipment = \"SH-2601-0001\"\nshipment_line = 2\n",
        "shipment = \"SH-2603-0001\"\nshipment_line = 1\n",
        "",
    ] {
        let desk = Desk::worked();
        let path = "invoices/2026-03/IN-2603-0002.toml";
        let old =
            "order = \"SO-2601-0001\"\norder_line = 2\nagainst_line = 2\nreopens_billing = false\n";
        let text = desk.read(path);
        assert!(text.contains(old));
        desk.write(path, text.replace(old, &format!("{named}reopens_billing = true\n")));
        desk.run("check").succeeds().has("0 errors, 0 warnings");
        desk.run("order show SO-2601-0001").succeeds().has("stage               part invoiced");
        desk.run("order list -O csv --cols id,stage").succeeds().has("SO-2601-0001,part invoiced");
        desk.run("contract fulfil --table lines -O csv --cols line,invoiced_qty,uninvoiced_qty")
            .succeeds()
            .has("\n1,100,0\n2,18,2\n");
        desk.run("invoice add --from SO-2601-0001").succeeds().has("IN-2609-0001  452.00");
    }
}

#[test]
fn a_credit_that_may_mean_either_of_two_lines_is_asked_which() {
    let desk = Desk::worked();
    let path = "invoices/2026-01/IN-2601-0001.toml";
    desk.write(path, desk.read(path).replace("\"A100\"", "\"D10\""));
    let path = "invoices/2026-03/IN-2603-0002.toml";
    let named = "order = \"SO-2601-0001\"\norder_line = 2\nagainst_line = 2\n";
    desk.write(path, desk.read(path).replace(named, ""));
    desk.run("check")
        .code(3)
        .has("error[invoice.credit]: line 1: it may credit any of the lines 1, 2 of IN-2601-0001");
}
