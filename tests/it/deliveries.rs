//! `report deliveries`: on time and in full, worked out by hand.

use snapbox::str;

use crate::desk::Desk;

/// Four lines due in September and one in October, of one customer, each 10 of A100 at 100.00 net:
///
/// | order | due | what happened |
/// |---|---|---|
/// | 1 | 09-10 | 10 there on 09-09 |
/// | 2 | 09-10 | 6 there on 09-10, 4 on 09-14 |
/// | 3 | 09-15 | 10 sent on 09-14, on their way |
/// | 4 | 09-20 | 4 closed, 5 sent on 09-19 and 1 of them back to be sent again on 09-21 |
/// | 5 | 10-08 | nothing |
fn promised() -> Desk {
    let desk = Desk::of(&[
        ("customers/CX01.toml", "id = \"CX01\"\nname = \"晨星医药\"\nstaff = \"S1\"\n"),
        ("staff/S1.toml", "id = \"S1\"\nname = \"李敏\"\n"),
        ("products/A100.toml", "id = \"A100\"\nname = \"红外额温计\"\nunit = \"pc\"\n"),
    ]);
    for (no, due, more) in [
        (1, "09-10", ""),
        (2, "09-10", ""),
        (3, "09-15", ""),
        (
            4,
            "09-20",
            "\n[[closure]]\nline = 1\nqty = 4\nat = 2026-09-12T10:00:00+08:00\nby = \"S1\"\nreason = \"缺货\"\n",
        ),
        (5, "10-08", ""),
    ] {
        desk.write(
            &format!("orders/2026-09/SO-2609-000{no}.toml"),
            format!(
                "id = \"SO-2609-000{no}\"\ndate = 2026-09-01\ncustomer = \"CX01\"\npromised_on = 2026-{due}\n\
                 prices_include_tax = false\n\n[[line]]\nno = 1\nproduct = \"A100\"\nqty = 10\nprice = \"100.00\"\n\
                 tax_rate = \"0.13\"\n{more}"
            ),
        );
    }
    for (no, order, days, qty, more) in [
        (1, 1, "shipped_on = 2026-09-07\nreceived_on = 2026-09-09", 10, ""),
        (2, 2, "shipped_on = 2026-09-09\nreceived_on = 2026-09-10", 6, ""),
        (3, 2, "shipped_on = 2026-09-10\nreceived_on = 2026-09-14", 4, ""),
        (4, 3, "shipped_on = 2026-09-14\npromised_on = 2026-09-18\ncarrier = \"SU01\"", 10, ""),
        (5, 4, "shipped_on = 2026-09-19\nreceived_on = 2026-09-19", 5, ""),
        (6, 4, "kind = \"return\"\nreceived_on = 2026-09-21", 1, "reopens_delivery = true\n"),
    ] {
        desk.write(
            &format!("shipments/2026-09/SH-2609-000{no}.toml"),
            format!(
                "id = \"SH-2609-000{no}\"\ndate = 2026-09-07\n{days}\ncustomer = \"CX01\"\n\n[[line]]\nno = 1\n\
                 order = \"SO-2609-000{order}\"\norder_line = 1\nproduct = \"A100\"\nqty = {qty}\n{more}"
            ),
        );
    }
    desk
}

#[test]
fn lines_due_are_held_against_what_was_there_on_their_day() {
    let desk = promised();
    // Due by 09-23: 4 lines. On time: 1, 3 and what was there of 4. In full: 1, 2, 3. Both: 1 and 3,
    // which is 50 %. Ordered 10 + 10 + 10 + 6 = 36, kept 10 + 10 + 10 + 4 = 34: 94.44 %. To be sent:
    // 2 of order 4 and 10 of order 5.
    desk.run("report deliveries -O csv").succeeds().stdout(str![[r#"
customer,customer_name,lines,on_time,in_full,on_time_in_full,otif_pct,ordered,shipped,fulfilled_pct,backlog
CX01,晨星医药,4,3,3,2,0.5,3600.00,3400.00,0.9444,1200.00

"#]]);
    desk.run("report deliveries --table late -O csv --cols id,due_on,done_on,ordered_qty,in_time_qty,delivered_qty,late_days")
        .succeeds()
        .stdout(str![[r#"
id,due_on,done_on,ordered_qty,in_time_qty,delivered_qty,late_days
SO-2609-0002,2026-09-10,2026-09-14,10,6,10,4
SO-2609-0004,2026-09-20,,6,5,4,3

"#]]);
    desk.run("report deliveries --table in_transit -O csv --cols id,shipped_on,promised_on,days,late_days")
        .succeeds()
        .stdout(str![[r#"
id,shipped_on,promised_on,days,late_days
SH-2609-0004,2026-09-14,2026-09-18,9,5

"#]]);
}

#[test]
fn a_past_day_knows_nothing_of_what_came_later() {
    let desk = promised();
    // On 09-12 two lines were due. All of order 2 had left on its day, and nobody had said yet that
    // 4 of it were still to arrive; 4 + 10 + 6 + 10 were to be sent.
    let line = "report deliveries --as-of 2026-09-12 -O csv --cols lines,on_time_in_full,otif_pct,shipped,backlog";
    let then = str![[r#"
lines,on_time_in_full,otif_pct,shipped,backlog
2,2,1,2000.00,2600.00

"#]];
    desk.run(line).succeeds().stdout(then.clone());
    // What was written down two days later changes nothing of what was known then.
    let shipment = "shipments/2026-09/SH-2609-0003.toml";
    let bytes = desk.read(shipment);
    desk.write(shipment, bytes.replace("received_on = 2026-09-14\n", ""));
    desk.run(line).succeeds().stdout(then);
    desk.write(shipment, bytes);
    // From 09-14 on it is known: 4 of order 2 came 4 days late.
    desk.run("report deliveries --as-of 2026-09-14 --table late -O csv --cols id,delivered_qty,late_days")
        .succeeds()
        .has("SO-2609-0002,10,4");
}

#[test]
fn the_period_is_that_of_the_promise() {
    let desk = promised();
    let otif = |line: &str| {
        let ran = desk.run(&format!("report deliveries {line} --by month -O csv")).succeeds();
        ran.rows()
            .into_iter()
            .map(|row| [row["month"].clone(), row["lines"].clone()])
            .collect::<Vec<_>>()
    };
    // What waits for October stands in its own month, and is not due.
    assert_eq!(otif("-p 2026-09"), [["2026-09", "4"], ["2026-10", "0"]]);
    assert_eq!(otif("--as-of 2026-10-08"), [["2026-09", "4"], ["2026-10", "1"]]);
    desk.run("report deliveries product:A100 --by staff -O csv --cols staff,lines")
        .succeeds()
        .has("S1,4");
}

#[test]
fn orders_show_what_is_still_to_be_sent() {
    let desk = promised();
    for no in [2, 4] {
        desk.write(
            &format!("invoices/2026-09/IN-2609-000{no}.toml"),
            format!(
                "id = \"IN-2609-000{no}\"\ndate = 2026-09-22\nparty = \"CX01\"\nissued_on = 2026-09-22\n\n[[line]]\nno = 1\n\
                 order = \"SO-2609-000{no}\"\norder_line = 1\nproduct = \"A100\"\nqty = 4\nprice = \"100.00\"\ntax_rate = \"0.13\"\n"
            ),
        );
        let file = format!("orders/2026-09/SO-2609-000{no}.toml");
        let text = desk.read(&file);
        desk.write(&file, format!("{text}\n[[approval]]\nstep = \"review\"\ndecision = \"approved\"\nby = \"wang\"\nat = 2026-09-02T10:00:00+08:00\n"));
    }
    desk.run("report orders --table orders -O csv --cols id,stage,net,to_ship").succeeds().stdout(
        str![[r#"
id,stage,net,to_ship
SO-2609-0001,awaiting review,1000.00,0.00
SO-2609-0003,awaiting review,1000.00,0.00
SO-2609-0005,awaiting review,1000.00,1000.00
SO-2609-0004,part shipped,600.00,200.00
SO-2609-0002,part invoiced,1000.00,0.00

"#]],
    );
}

#[test]
fn invoices_are_counted_by_series_and_month_with_drafts_apart() {
    let desk = Desk::worked();
    desk.change("invoices/2026-03/IN-2603-0001.toml", "issued_on = 2026-03-02\n", "");
    // Issued: 11,300.00 in January; in March the credit of 452.00 alone. Open on 03-31: 2,458.00, as
    // the second invoice is a draft now, which owes nothing.
    desk.run("report invoices --as-of 2026-03-31 -O csv").succeeds().stdout(str![[r#"
series,month,invoices,credits,net,tax,gross,credited,open
(none),2026-01,1,0,10000.00,1300.00,11300.00,0.00,2458.00
(none),2026-03,0,1,-400.00,-52.00,-452.00,-452.00,0.00

"#]]);
    desk.run("report invoices --table drafts -O csv --cols id,date,gross,open").succeeds().stdout(
        str![[r#"
id,date,gross,open
IN-2603-0001,2026-03-02,4520.00,0.00

"#]],
    );
    desk.run("report invoices kind:credit --by customer -O csv --cols customer,credits,gross")
        .succeeds()
        .has("CX01,1,-452.00");
    assert_eq!(desk.run("report invoices side:purchase -O csv").succeeds().rows().len(), 0);
}
