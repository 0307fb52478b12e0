//! `desk ship`: slips opened by review, confirmed and sent; goods received, returned, exchanged;
//! what happened is revised and never rewritten.

use snapbox::str;

use crate::desk::Desk;

const SLIP: &str = "shipments/2026-09/SH-2609-0001.toml";

/// The example company before anything was sent or paid.
pub(crate) fn goods() -> Desk {
    let desk = Desk::example();
    for folder in ["shipments", "invoices", "payments", "allocations", "closings", "contacts"] {
        // A folder that is not there is as good as none.
        let _ = std::fs::remove_dir_all(desk.path(folder));
    }
    desk
}

/// An order of 20 thermometers, line 1, and 2 packs of gauze to try, line 2, approved; its slip is
/// SH-2609-0001. A batch of gauze is in the house.
fn approved() -> Desk {
    let desk = goods();
    desk.run(
        "order add CX01 --line 'A100 x 20 @ 128' --line 'C1 x 2 sample' --promised-on 2026-09-30",
    )
    .succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run(
        "DESK_TODAY=2026-08-03 ship receipt SU01 --line 'C1 x 100 batch=L2607 expires_on=2028-06-30'",
    )
    .succeeds();
    desk
}

/// The same, all of it sent.
pub(crate) fn sent() -> Desk {
    let desk = approved();
    desk.run("ship confirm SH-2609-0001 --carrier SF --all-checks").succeeds();
    desk.run("ship send SH-2609-0001 --waybill SF123456").succeeds();
    desk
}

/// One order of thermometers only, approved, with its slip confirmed.
fn confirmed(lines: &str) -> Desk {
    let desk = goods();
    desk.run(&format!("order add CX01 {lines}")).succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("ship confirm SH-2609-0001 --all-checks").succeeds();
    desk
}

pub(crate) fn stage(desk: &Desk) -> String {
    let listed = desk.run("order list id:SO-2609-0014 --cols stage -O csv").succeeds();
    listed.column("stage").remove(0)
}

fn state(desk: &Desk, id: &str, as_of: &str) -> String {
    let listed = desk.run(&format!("ship list --as-of {as_of} --cols id,state -O csv")).succeeds();
    let row = listed.rows().into_iter().find(|row| row["id"] == id);
    row.unwrap_or_else(|| panic!("no {id}"))["state"].clone()
}

#[test]
fn a_slip_is_confirmed_and_sent_as_the_order_says() {
    let desk = approved();
    desk.run("ship confirm SH-2609-0001").code(2).stderr(str![[r#"
error: nothing of SH-2609-0001 is confirmed: order, list, samples, method
hint: desk ship confirm SH-2609-0001 --all-checks
hint: desk ship confirm SH-2609-0001 --check order,list,samples,method

"#]]);
    desk.run("ship send SH-2609-0001").code(3).stderr_code("send.checks");
    desk.run("ship confirm SH-2609-0001 --check order,list --carrier SF").succeeds().stdout(str![
        [r#"
SH-2609-0001 checked by li-min: order, list; goes with 顺飞速运; still to check: samples, method
Next: desk ship confirm SH-2609-0001 --check samples,method

"#]
    ]);
    assert_eq!(state(&desk, "SH-2609-0001", "2026-09-23"), "slip");
    desk.run("DESK_USER=huang ship confirm SH-2609-0001 --all-checks").succeeds().stdout(str![[
        r#"
SH-2609-0001 confirmed by huang: samples, method; goes with 顺飞速运
Next: desk ship send SH-2609-0001 --waybill …

"#
    ]]);
    assert_eq!(state(&desk, "SH-2609-0001", "2026-09-23"), "confirmed");
    let before = desk.tree();
    let ran = desk.run("ship send SH-2609-0001 --waybill SF123456").succeeds().quietly();
    ran.stdout(str![[r#"
SH-2609-0001 sent with 顺飞速运, waybill SF123456: A100 20 pc, C1 2 pc
SH-2609-0001 line 2: C1 of batch L2607, expires 2028-06-30, the first to expire
Next: desk invoice add --from SH-2609-0001

"#]]);
    crate::desk::same(
        "send",
        &desk.changes(&before),
        str![[r#"
shipments/2026-09/SH-2609-0001.toml
+waybill = "SF123456"
+shipped_on = 2026-09-23
+batch = "L2607"
+expires_on = 2028-06-30
+
+[[approval]]
+step = "send"
+decision = "approved"
+by = "li-min"
+at = 2026-09-23T12:00:00+08:00
+of = "desk1:[..]"

"#]],
    );
    assert_eq!(stage(&desk), "to invoice");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_part_is_sent_and_the_rest_stays_on_a_new_slip() {
    let desk = approved();
    desk.run("ship confirm SH-2609-0001 --all-checks").succeeds();
    desk.run("ship send SH-2609-0001 --line '1 x 5'").succeeds().stdout(str![[r#"
SH-2609-0001 sent: A100 5 pc
SH-2609-0002 opened (stock-out slip, 2 lines) for the rest
Next: desk invoice add --from SH-2609-0001

"#]]);
    assert_eq!(stage(&desk), "part shipped");
    let lines = desk.run("ship export --blocks line -O csv").succeeds();
    let lines: Vec<String> = lines
        .rows()
        .iter()
        .filter(|row| row["id"] != "SH-2608-0001")
        .map(|row| format!("{} {} {}", row["id"], row["line.product"], row["line.qty"]))
        .collect();
    assert_eq!(lines, ["SH-2609-0001 A100 5", "SH-2609-0002 A100 15", "SH-2609-0002 C1 2"]);
    desk.run("ship send SH-2609-0002").code(3).stderr_code("send.checks");
    desk.run("ship confirm SH-2609-0002 --all-checks").succeeds();
    desk.run("ship send SH-2609-0002").succeeds();
    assert_eq!(stage(&desk), "to invoice");
    desk.run("ship add --from SO-2609-0014")
        .code(3)
        .stderr_has("no slip for SO-2609-0014: nothing is left to send");
}

#[test]
fn deliver_return_and_deliver_again_count_each() {
    let desk = confirmed("--line 'A100 x 20'");
    desk.run("ship send SH-2609-0001").succeeds();
    let back = "ship return --from SH-2609-0001 --line '1 x 5' --condition good --reason 规格不符";
    desk.run(back).code(2).stderr(str![[r#"
error: cannot ask "to be delivered again? true or false:" here
hint: --reopens-delivery true|false answers it beforehand

"#]]);
    desk.run(&format!("{back} --reopens-delivery true")).succeeds().stdout(str![[r#"
SH-2609-0002  returned 2026-09-23 from SH-2609-0001: A100 5 pc, good, to be delivered again
Next: desk ship add --from SO-2609-0014

"#]]);
    // 20 − 5 = 15 delivered, 5 to ship
    assert_eq!(stage(&desk), "part shipped");
    desk.run("ship add --from SO-2609-0014 --line '1 x 6'")
        .code(3)
        .stderr_has("6 asked for, and 5 left to put on a slip");
    desk.run("ship add --from SO-2609-0014").succeeds();
    desk.run("ship confirm SH-2609-0003 --all-checks").succeeds();
    desk.run("ship send SH-2609-0003").succeeds();
    // 20 − 5 + 5 = 20 delivered
    assert_eq!(stage(&desk), "to invoice");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    desk.run(&format!("{back} --reopens-delivery true").replace("x 5", "x 16"))
        .code(3)
        .stderr_has("A100: 21 came back of SH-2609-0001 line 1, and 20 were sent");
    // not delivered again: 20 delivered stay delivered
    desk.run(&format!("{back} --reopens-delivery false").replace("x 5", "x 15"))
        .succeeds()
        .has("Next: desk order show SO-2609-0014");
    assert_eq!(stage(&desk), "to invoice");
    assert_eq!(state(&desk, "SH-2609-0001", "2026-09-23"), "returned");
}

#[test]
fn the_second_row_of_one_product_does_not_escape_the_limit() {
    let desk = confirmed("--line 'A100 x 5' --line 'A100 x 15'");
    desk.run("ship confirm SH-2609-0001 --line 'A100 batch=B1'")
        .code(2)
        .stderr_has("A100 is on the lines 1, 2: name one");
    // 20 of the product are ordered in all, and line 1 has 5 of them
    desk.run("ship set SH-2609-0001 line.1.qty=6 line.2.qty=14").succeeds();
    desk.run("ship send SH-2609-0001")
        .code(3)
        .stderr_has("A100: delivering 6 pc of SO-2609-0014 line 1, and 5 pc are ordered");
}

#[test]
fn over_delivery_is_bound_by_the_product_then_by_the_company() {
    let desk = confirmed("--line 'A100 x 20'");
    desk.run("ship set SH-2609-0001 line.1.qty=22").succeeds();
    desk.run("ship send SH-2609-0001").code(3).stderr_code("shipment.over_delivered");
    desk.run("product set A100 over_delivery_pct=9.9").succeeds();
    // 20 × 1.099 = 21.98
    desk.run("ship send SH-2609-0001")
        .code(3)
        .stderr_has("21.98 pc with what is allowed beyond it");
    desk.run("product set A100 over_delivery_pct=10").succeeds();
    desk.run("ship send SH-2609-0001").succeeds();
    assert_eq!(stage(&desk), "to invoice");
}

#[test]
fn all_but_a_sliver_is_not_all() {
    let desk = confirmed("--line 'A100 x 2.5 @ 128'");
    desk.run("ship send SH-2609-0001 --line '1 x 2.49999'").succeeds();
    // 2.49999 of 2.5 are 99.9996 %
    assert_eq!(stage(&desk), "part shipped");
    desk.run("ship void SH-2609-0002 --reason 不再发").succeeds();
    desk.run("order close SO-2609-0014 --reason 尾数不发").succeeds().stdout(str![[r#"
SO-2609-0014 line 1: 0.00001 closed: 尾数不发
SO-2609-0014 to invoice

"#]]);
}

#[test]
fn an_order_is_made_no_smaller_than_what_happened() {
    let desk = confirmed("--line 'A100 x 20'");
    desk.run("order close SO-2609-0014 --reason 停产")
        .code(2)
        .stderr_has("nothing of SO-2609-0014 is open")
        .stderr_has("desk ship void SH-… --reason …");
    desk.run("order revise SO-2609-0014 --line '1 qty=15' --reason 减量")
        .code(3)
        .stderr_has("line 1: 15 would be left of A100, and 20 on open slips")
        .stderr_has("hint: desk ship void SH-2609-0001 --reason …");
    desk.run("ship send SH-2609-0001 --line '1 x 12'").succeeds();
    desk.run("ship void SH-2609-0002 --reason 减量").succeeds();
    let revise = "order revise SO-2609-0014 --reason 减量 --line";
    desk.run(&format!("{revise} '1 qty=11'")).code(3).stderr_has("and 12 delivered");
    desk.run("order set SO-2609-0014 line.1.qty=11").code(3).stderr_has("order.below_done");
    desk.run(&format!("{revise} '1 product=D10'"))
        .code(3)
        .stderr_has("line 1: another product is on SH-2609-0001");
    desk.run("order close SO-2609-0014 --line '1 x 9' --reason 减量")
        .code(3)
        .stderr_code("order.below_done");
    desk.run(&format!("{revise} '1 qty=12'")).succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014")
        .succeeds()
        .has("Next: desk order show SO-2609-0014");
    assert_eq!(stage(&desk), "to invoice");
    desk.run("order void SO-2609-0014 --reason x").code(3).stderr_code("ref.void");
    // More is ordered: only what is new goes on a slip.
    desk.run(&format!("{revise} '1 qty=15'")).succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds().has("(stock-out slip, 1 line)");
    assert!(desk.read("shipments/2026-09/SH-2609-0003.toml").contains("qty = 3\n"));
}

#[test]
fn what_was_sent_is_revised_and_never_rewritten() {
    let desk = sent();
    let before = desk.tree();
    for line in [
        "ship set SH-2609-0001 line.1.qty=19",
        "ship set SH-2609-0001 shipped_on=2026-09-22",
        "ship set SH-2609-0001 --clear shipped_on",
        "ship set SH-2609-0001 line.2.batch=L9",
    ] {
        desk.run(line).code(3).stderr_code("approval.stale");
    }
    assert_eq!(desk.changes(&before), "");
    // How it goes, and what becomes of it, is no part of what was sent.
    desk.run("ship set SH-2609-0001 waybill=SF999 freight=12.00 freight_by=us").succeeds();
    desk.run("ship revise SH-2609-0001 --line '1 qty=21' --reason 复核")
        .code(3)
        .stderr_code("shipment.over_delivered");
    desk.run("ship revise SH-2609-0001 --line '1 qty=19' --reason 复核少发1件").succeeds();
    assert_eq!(stage(&desk), "part shipped");
    desk.run("ship set SH-2609-0001 line.1.qty=18").code(3).stderr_code("approval.stale");
    desk.change(SLIP, "qty = 19", "qty = 18");
    desk.run("check").code(3).has("SH-2609-0001 was changed after li-min sent it");
    desk.change(SLIP, "qty = 18", "qty = 19");
    desk.run("check").succeeds();
    // Without our approval, as others write it, the gate holds all the same.
    desk.run("ship set SH-2608-0001 line.1.qty=90").code(3).stderr_code("approval.stale");
    desk.run("ship revise SH-2608-0001 --line '1 x 90' --reason 复点").succeeds();
}

#[test]
fn the_gate_of_sending_holds_whatever_command_sends() {
    let desk = approved();
    let send = "ship send SH-2609-0001";
    desk.run("ship confirm SH-2609-0001 --all-checks").succeeds();
    desk.run("ship set SH-2609-0001 shipped_on=today").code(3).stderr_code("send.recorded");
    desk.run("order hold SO-2609-0014 --reason 等客户确认").succeeds();
    desk.run(send).code(3).stderr_has("SO-2609-0014 is on hold: 等客户确认");
    desk.run("order release SO-2609-0014").succeeds();
    desk.run("order revise SO-2609-0014 --line '1 price=127' --reason 议价").succeeds();
    desk.run(send).code(3).stderr_has("SO-2609-0014 awaits review");
    desk.run("DESK_USER=wang order review SO-2609-0014 --comment 议价").succeeds();
    desk.run("DESK_USER=nobody ship send SH-2609-0001").code(3).stderr_code("send.recorded");
    desk.run("ship send SH-2609-0001 --on 2026-09-24")
        .code(2)
        .stderr_has("2026-09-24 is still to come");
    desk.run("ship confirm SH-2609-0001 --line '2 batch=L9 expires_on=2026-09-22'").succeeds();
    desk.run(send).code(3).stderr_has("line 2: L9 expired on 2026-09-22");
    desk.run("ship confirm SH-2609-0001 --line '2 batch=L9 expires_on=2026-09-23'").succeeds();
    desk.run("ship set SH-2609-0001 line='product=A100, qty=1'").succeeds();
    desk.run(send).code(3).stderr_has("line 3: A100 is for no order line");
    desk.run("ship set SH-2609-0001 line.3.order=SO-2609-0014 line.3.order_line=2")
        .code(3)
        .stderr_has("SO-2609-0014 line 2 is C1, not A100");
    desk.run("ship send SH-2609-0001 --line 1 --line '2 x 2'").succeeds();
    desk.run(send).code(2).stderr_has("SH-2609-0001 was sent on 2026-09-23 already");
    // A copy is a new slip: what happened to the other is not taken over.
    desk.run("ship copy SH-2609-0001").succeeds();
    assert_eq!(state(&desk, "SH-2609-0003", "2026-09-23"), "slip");
}

#[test]
fn a_line_is_parted_by_batch() {
    let desk = approved();
    desk.run("ship receipt SU01 --line 'C1 x 1 batch=L2501 expires_on=2027-01-31'").succeeds();
    let confirm = "ship confirm SH-2609-0001 --all-checks --line '2 x 1 batch=L2501' \
                   --line '2 x 1 batch=L2607'";
    desk.run(confirm).succeeds();
    desk.run("ship send SH-2609-0001").succeeds().has("A100 20 pc, C1 1 pc, C1 1 pc\n");
    let lines = desk.run("ship export id:SH-2609-0001 --blocks line -O csv").succeeds();
    assert_eq!(lines.column("line.batch"), ["", "L2501", "L2607"]);
    assert_eq!(lines.column("line.no"), ["1", "2", "3"]);
    desk.run("check").succeeds().has("0 errors");
    desk.run("ship return --from SH-2609-0001 --line '2 x 1 batch=L2607' --condition good --reason x --reopens-delivery true")
        .code(3)
        .stderr_has("batch L2607 came back, and SH-2609-0001 line 2 was batch L2501");
}

#[test]
fn goods_arrive_with_their_proof_and_may_lack_something() {
    let desk = sent();
    desk.run("ship receive SH-2609-0001 --on 2026-09-22").code(3).stderr_code("shipment.dates");
    desk.write("../note.pdf", "signed");
    desk.run("DESK_TODAY=2026-09-25 ship receive SH-2609-0001 --by 郭强 --proof ../note.pdf --line '1 x 19'")
        .succeeds()
        .stdout(str![[r#"
SH-2609-0001 received 2026-09-25, taken in by 郭强; proof attachments/SH-2609-0001/note.pdf; line 1: A100 1 pc lacking
Next: desk ship return --from SH-2609-0001 --line "1 x 1" --condition … --reason … --reopens-delivery …

"#]]);
    assert_eq!(desk.read("attachments/SH-2609-0001/note.pdf"), "signed");
    assert_eq!(state(&desk, "SH-2609-0001", "2026-09-24"), "in transit");
    assert_eq!(state(&desk, "SH-2609-0001", "2026-09-25"), "received");
    desk.run("DESK_TODAY=2026-09-25 check").succeeds().has("0 errors, 0 warnings");
    desk.run("DESK_TODAY=2026-09-26 ship receive SH-2609-0001")
        .code(2)
        .stderr_has("SH-2609-0001 arrived on 2026-09-25 already");
}

#[test]
fn an_exchange_is_a_return_and_its_replacement_at_once() {
    let desk = sent();
    let line =
        "ship exchange --from SH-2609-0001 --line '1 x 4' --condition damaged --reason 外箱破损";
    desk.run(line).succeeds().stdout(str![[r#"
SH-2609-0002  returned 2026-09-23 from SH-2609-0001: A100 4 pc, damaged, to be delivered again
SH-2609-0003 opened (stock-out slip, 1 line) to replace it
Next: desk ship confirm SH-2609-0003

"#]]);
    assert!(
        desk.read("shipments/2026-09/SH-2609-0003.toml")
            .contains("exchange_for = \"SH-2609-0002\"")
    );
    assert_eq!(stage(&desk), "part shipped");
    desk.run("ship confirm SH-2609-0003 --all-checks").succeeds();
    desk.run("ship send SH-2609-0003").succeeds().has("Next: desk ship receive SH-2609-0003");
    assert_eq!(stage(&desk), "to invoice");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    desk.run("undo").succeeds();
    desk.run("undo").succeeds();
    desk.run("undo").succeeds().has("SH-2609-0002");
    assert!(!desk.path("shipments/2026-09/SH-2609-0002.toml").exists());
    assert!(!desk.path("shipments/2026-09/SH-2609-0003.toml").exists());
}

#[test]
fn what_is_late_has_its_command() {
    let desk = sent();
    desk.run("ship track -O csv").succeeds().stdout(str![[r#"
id,kind,party_name,carrier,waybill,shipped_on,days,promised_on,late_days
SH-2609-0001,delivery,晨星医药,顺飞速运,SF123456,2026-09-23,0,2026-09-30,

"#]]);
    desk.run("ship late").succeeds().has("Nothing is late.");
    desk.run("DESK_TODAY=2026-10-02 ship late -O csv").succeeds().stdout(str![[r#"
id,party_name,staff,carrier,waybill,reason,since,days,next
SH-2609-0001,晨星医药,li-min,顺飞速运,SF123456,not arrived,2026-09-30,2,desk ship receive SH-2609-0001 --by …

"#]]);
    desk.run("order add CX02 --line 'A100 x 1 sample'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0015").succeeds();
    let as_sample = "--kind sample --return-due-on 2026-09-26 --clear staff";
    desk.run(&format!("ship set SH-2609-0002 {as_sample}")).succeeds();
    desk.run("ship confirm SH-2609-0002 --check list,samples,method").succeeds();
    desk.run("ship send SH-2609-0002").succeeds();
    let late = |day: &str| {
        let ran = desk.run(&format!("DESK_TODAY={day} ship late staff: -O csv")).succeeds();
        ran.column("reason").join(" ")
    };
    // Three days may pass before a delivery is asked after; samples are due back on the 26th.
    assert_eq!([late("2026-09-26"), late("2026-09-27")], ["", "not acknowledged"]);
    desk.run("ship receive SH-2609-0002 --by 前台").succeeds();
    assert_eq!([late("2026-09-26"), late("2026-09-27")], ["", "samples not back"]);
    desk.run("ship return --from SH-2609-0002 --condition good --reason 试用期满 --reopens-delivery false")
        .succeeds();
    assert_eq!(late("2026-09-27"), "");
}

#[test]
fn goods_in_come_under_their_contract() {
    let desk = goods();
    let purchase = desk.run("contract list side:purchase --cols id -O csv").succeeds();
    let contract = purchase.column("id")[0].clone();
    let ran = desk.run(&format!("ship receipt --from {contract}")).succeeds();
    ran.has("SH-2609-0001 received 2026-09-23 from ");
    desk.run(&format!("ship receipt --from {contract}"))
        .code(3)
        .stderr_has(&format!("all of {contract} is here"));
    desk.run("ship receipt --from CT-2609-0004").code(2).stderr_has("is no purchase contract");
    desk.run("ship receipt").code(2).stderr_has("goods in need their contract or supplier");
    desk.run("check").succeeds().has("0 errors");
}

#[test]
fn several_orders_reviewed_together_get_a_slip_each() {
    let desk = goods();
    desk.run("DESK_USER=wang order review SO-2609-0012 SO-2609-0013").succeeds();
    let slips = desk.run("ship list --cols id,customer,promised_on,state -O csv").succeeds();
    slips.stdout(str![[r#"
id,customer,promised_on,state
SH-2609-0001,CX02,2026-09-30,slip
SH-2609-0002,CX07,[..],slip

"#]]);
}
