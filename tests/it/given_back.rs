//! Goods and money that are both back: credited for good, come back, and closed.

use crate::invoice::invoiced;

#[test]
fn what_came_back_and_was_credited_for_good_can_be_closed() {
    let desk = invoiced(&[("A100", "20", "A100 x 20 @ 128")]);
    let credit = "invoice credit IN-2609-0001 --line 'A100 x 12' --reason 退货";
    desk.run(&format!("{credit} --reopens-billing false")).succeeds();
    desk.run("invoice issue IN-2609-0002 --number 26442000000012345679").succeeds();
    // As long as they are ordered nothing of them is invoiced once more.
    desk.run("invoice add --from SO-2609-0001").code(3);
    desk.run("ship void SH-2609-0001 --reason x").succeeds();
    desk.run("order close SO-2609-0001 --reason x")
        .code(2)
        .stderr_has("nothing of SO-2609-0001 is open");
    desk.run(
        "ship return --from SH-2609-0091 --line '1 x 12' --condition good --reason 退货 \
         --reopens-delivery true",
    )
    .succeeds();
    // 20 ordered, 12 of them back and credited: closed, 8 sent and invoiced are left.
    desk.run("order close SO-2609-0001 --reason 客户不要了").succeeds();
    desk.run("order list SO-2609-0001 --cols stage -O csv").stdout("stage\nto collect\n");
    desk.run("check").succeeds().has("0 errors");
    // Of one more that is not credited it is the invoice that takes the next credit, not the credit.
    desk.change("invoices/2026-09/IN-2609-0002.toml", "qty = 12", "qty = 11");
    desk.run("check")
        .code(3)
        .has("SO-2609-0001 line 1: 9 invoiced of 8")
        .has("hint: desk invoice credit IN-2609-0001 ");
}

#[test]
fn all_that_came_back_and_was_credited_leaves_an_order_closed() {
    let desk = invoiced(&[("A100", "20", "A100 x 20 @ 128")]);
    desk.run("invoice credit IN-2609-0001 --reason 退货 --reopens-billing false").succeeds();
    desk.run("invoice issue IN-2609-0002 --number 26442000000012345679").succeeds();
    desk.run("ship void SH-2609-0001 --reason x").succeeds();
    desk.run(
        "ship return --from SH-2609-0091 --condition good --reason 退货 --reopens-delivery true",
    )
    .succeeds();
    desk.run("order close SO-2609-0001 --reason 客户不要了").succeeds();
    desk.run("order list SO-2609-0001 --cols stage -O csv").stdout("stage\nclosed\n");
    desk.run("check").succeeds().has("0 errors");
}
