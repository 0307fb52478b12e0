//! What happened is revised and never rewritten: goods sent and arrived, terms they left under,
//! closed months; and what is refused where it is entered.

use snapbox::str;

use crate::desk::Desk;

/// Of 20 thermometers ordered at 128.00 as SO-2609-0014, five sent with two masks to try as
/// SH-2609-0011.
fn part_sent() -> Desk {
    let desk = Desk::example();
    desk.run(
        "order add CX01 --line 'A100 x 20 @ 128' --line 'C1 x 2 sample' --promised-on 2026-09-30",
    )
    .succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("ship confirm SH-2609-0011 --carrier SF --all-checks --line '2 batch=B7'").succeeds();
    desk.run("ship send SH-2609-0011 --line '1 x 5' --line 2 --waybill SF1").succeeds();
    desk
}

/// The same, invoiced for 640.00 as IN-2609-0009.
fn part_invoiced() -> Desk {
    let desk = part_sent();
    desk.run("invoice add --from SH-2609-0011").succeeds().has("IN-2609-0009  640.00");
    desk.run("invoice issue IN-2609-0009 --number X1").succeeds();
    desk
}

#[test]
fn what_was_invoiced_is_not_taken_back_from_a_shipment() {
    let desk = part_invoiced();
    let less = "ship revise SH-2609-0011 --line '1 qty=1' --reason 少发";
    desk.run(less).code(3).stderr_has(
        "error[shipment.below_invoiced]: A100: 1 of SO-2609-0014 line 1 sent, and 5 invoiced",
    );
    desk.run("ship void SH-2609-0011 --reason 错").code(3);
    // The same by hand is found, too.
    desk.change("shipments/2026-09/SH-2609-0011.toml", "qty = 5", "qty = 1");
    desk.run("check").code(3).has("error[shipment.below_invoiced]");
    desk.change("shipments/2026-09/SH-2609-0011.toml", "qty = 1", "qty = 5");
    desk.run("check").succeeds().has("0 errors");
    // Once four are credited, to be invoiced again, it is as it was.
    desk.run("invoice credit IN-2609-0009 --line 'A100 x 4' --reason 少发 --reopens-billing true")
        .succeeds();
    desk.run("invoice issue IN-2609-0010 --number X2").succeeds();
    desk.run(less).succeeds();
}

#[test]
fn goods_sent_again_are_held_against_the_invoice_too() {
    let desk = part_invoiced();
    desk.run("ship exchange --from SH-2609-0011 --line '1 x 5' --condition damaged --reason 破损")
        .succeeds();
    let shipments = desk.run("ship list SO-2609-0014 --cols id,state -O csv").succeeds();
    let slip = shipments.rows().into_iter().rfind(|row| row["state"] == "slip");
    let slip = slip.expect("the exchange opened a slip")["id"].clone();
    desk.run(&format!("ship confirm {slip} --all-checks")).succeeds();
    desk.run(&format!("ship send {slip}")).succeeds();
    // Ten left and five came back: with two less only three of five invoiced would be there.
    desk.run(&format!("ship revise {slip} --line '1 qty=3' --reason 少发"))
        .code(3)
        .stderr_has("A100: 3 of SO-2609-0014 line 1 sent, and 5 invoiced");
}

#[test]
fn no_day_to_come_is_entered() {
    let desk = part_sent();
    for typed in [
        "ship revise SH-2609-0011 --shipped-on 2026-12-25 --reason 改期",
        "ship set SH-2609-0011 --received-on 2026-09-25",
    ] {
        desk.run(typed).code(3).stderr_has("error[shipment.future]");
    }
    desk.run("ship revise SH-2609-0011 --shipped-on 2026-09-23 --reason 核对").succeeds();
}

#[test]
fn the_terms_goods_left_under_stay() {
    for desk in [part_sent(), part_invoiced()] {
        for (typed, words) in [
            ("--line '1 unit=box'", "line 1: what is done was by the pc, not by the box of 10"),
            (
                "--prices-include-tax false",
                "goods left or were invoiced at prices that included tax",
            ),
            ("--currency USD --exchange-rate 7", "goods left or were invoiced in CNY, not in USD"),
        ] {
            desk.run(&format!("order revise SO-2609-0014 {typed} --reason 更正"))
                .code(3)
                .stderr_has("error[order.below_done]")
                .stderr_has(words);
        }
        // A price is agreed anew for what is still to be invoiced.
        desk.run("order revise SO-2609-0014 --line '1 price=120' --reason 议价 -n").succeeds();
    }
    let desk = part_invoiced();
    desk.run("ship void SH-2609-0012 --reason 停发").succeeds();
    desk.run("order close SO-2609-0014 --line 1 --reason 停发").succeeds();
    desk.run("order revise SO-2609-0014 --line '1 price=120' --reason 议价")
        .code(3)
        .stderr_has("line 1: all of it is invoiced at the price it had")
        .stderr_has("hint: desk invoice credit IN-2609-0009");
}

#[test]
fn what_arrived_is_revised_with_a_reason() {
    let desk = part_sent();
    desk.run("ship set SH-2609-0011 line.1.received_qty=99")
        .succeeds()
        .stderr_has("warning[shipment.received]: line 1: 99 A100 arrived, and 5 were sent");
    desk.run("ship set SH-2609-0011 line.1.received_qty=5").succeeds();
    desk.run("ship receive SH-2609-0011 --by 前台").succeeds();
    for typed in ["--received-on 2026-09-22", "line.1.received_qty=4"] {
        desk.run(&format!("ship set SH-2609-0011 {typed}"))
            .code(3)
            .stderr_has("SH-2609-0011 arrived on 2026-09-23, and this changes what arrived");
    }
    desk.run("ship revise SH-2609-0011 --line '1 received_qty=4' --reason 客户复点").succeeds();
    desk.run("check").succeeds().has("0 errors");
}

#[test]
fn in_a_closed_month_what_is_not_known_is_learned_and_then_stays() {
    let desk = Desk::example();
    for month in 1..=8 {
        desk.run(&format!("period close 2026-{month:02}")).succeeds();
    }
    for typed in ["--received-on 2026-08-20", "--waybill SF000000000", "--received-by 别人"] {
        desk.run(&format!("ship set SH-2608-0002 {typed}"))
            .code(3)
            .stderr_has("SH-2608-0002 was changed after 2026-08 was closed");
    }
    desk.run("ship set SH-2608-0002 --freight 12.00").succeeds();
    desk.run("ship set SH-2608-0002 --freight 13.00").code(3).stderr_has("freight was known");
    desk.run("check").succeeds().has("0 errors");
    // A slip that is to have left then never left: it leaves today.
    let added = desk.run("DESK_TODAY=2026-08-20 order add CX01 --line 'A100 x 1'").succeeds();
    let order = added.text().split_whitespace().next().expect("it says the id").to_owned();
    desk.run(&format!("DESK_USER=wang DESK_TODAY=2026-08-20 order review {order}")).succeeds();
    let listed = desk.run(&format!("ship list {order} --cols id -O csv")).succeeds();
    let slip = listed.column("id").remove(0);
    desk.run(&format!("ship confirm {slip} --all-checks")).succeeds();
    desk.run(&format!("ship send {slip} --on 2026-08-25"))
        .code(3)
        .stderr_has(&format!("hint: desk ship send {slip} --on 2026-09-23"));
}

#[test]
fn a_packing_is_the_products() {
    let desk = Desk::example();
    for (line, words) in [
        ("A100 x 5 unit_factor=100", "a pc of A100 is one, not 100"),
        ("A100 x 5 box unit_factor=7", "A100 has 10 in a box, not 7"),
    ] {
        desk.run(&format!("order add CX04 --line '{line}'")).code(2).stderr_has(words);
    }
    desk.run("order add CX04 --line 'A100 x 5 box unit_factor=10'").succeeds().has("6,400.00");
    desk.run("order add CX04 --line 'A100 x 5 box'").succeeds().has("6,400.00");
    desk.run("order revise SO-2609-0014 --line '1 unit_factor=7' --reason 错")
        .code(3)
        .stderr_has("error[order.unit]: line 1: A100 has 10 in a box, not 7");
    // What was packed by ten stays so, whatever the product says since.
    desk.run("product set A100 packing.1.factor=12").succeeds();
    desk.run("order set SO-2609-0014 --remarks 已确认").succeeds();
}

#[test]
fn goods_leave_for_an_order_whatever_they_leave_as() {
    let desk = Desk::example();
    desk.run("ship add CX01 --kind sample --line 'product=E30, qty=5, unit=pc'").succeeds();
    desk.run("ship confirm SH-2609-0011 --all-checks").succeeds();
    desk.run("ship send SH-2609-0011")
        .code(3)
        .stderr_has("error[send.list]: line 1: E30 is for no order line");
    desk.run("ship set SH-2609-0011 --kind parcel").succeeds();
    desk.run("ship send SH-2609-0011").code(3).stderr_code("send.list");
    // Papers have no order, and material is registered by what it leaves with.
    desk.run("ship add CX01 --kind parcel --contents 产品彩页").succeeds();
    desk.run("ship confirm SH-2609-0012 --all-checks").succeeds();
    desk.run("ship send SH-2609-0012").succeeds();
    desk.run("product add M90 --name 折页 --unit pc --goods material").succeeds();
    desk.run("ship add CX01 --kind material --line 'product=M90, qty=50, unit=pc'").succeeds();
    desk.run("ship confirm SH-2609-0013 --all-checks").succeeds();
    desk.run("ship send SH-2609-0013").succeeds();
}

#[test]
fn more_than_was_contracted_and_what_has_expired_is_told_as_it_comes_in() {
    let desk = Desk::example();
    desk.run("ship receipt --from CT-2609-0003 --line '1 x 100000 batch=B7 expires_on=2020-12-31'")
        .succeeds()
        .stderr_has("warning[contract.overdrawn]: CT-2609-0003 line 1: ")
        .stderr_has("warning[shipment.expired]: line 1: ");
}

#[test]
fn a_slip_holds_no_more_than_it_holds() {
    let desk = Desk::example();
    desk.run("order add CX01 --line 'A100 x 20'").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("ship send SH-2609-0011 --line '1 x 25'").code(3).stderr(str![[r#"
error: SH-2609-0011 line 1: 25 asked for of 20
hint: --line "1 x 20"
hint: desk order revise SO-2609-0014 --line "1 qty=…" --reason …

"#]]);
}

#[test]
fn what_only_can_have_happened_is_not_of_a_day_to_come() {
    let desk = Desk::example();
    let before = desk.tree();
    for typed in [
        "payment add CX01 10 --date 2062-02-03",
        "payment match PM-2609-0004 --to SO-2609-0004 --date 2026-09-24",
        "contact add CX01 --topic follow_up --summary x --date 2026-09-24",
        "contract add CX01 --line 'A100 x 10 @ 113' --signed-on 2026-09-24",
        "payment set PM-2609-0017 date=2026-09-24",
    ] {
        desk.run(typed).code(3).stderr_has("error[date.future]").stderr_has("is still to come");
    }
    assert_eq!(desk.changes(&before), "");
    desk.run("payment add CX01 10 --date 2026-09-23").succeeds();
}
