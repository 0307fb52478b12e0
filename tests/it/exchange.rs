//! Goods that are announced before they are back, what replaces them, and what may leave when.

use snapbox::str;

use crate::ship::{goods, sent, stage};

#[test]
fn what_replaces_announced_goods_waits_until_they_are_here() {
    let desk = sent();
    desk.run("ship exchange --from SH-2609-0001 --line '1 x 4' --condition damaged --reason 外箱破损 --announced")
        .succeeds()
        .stdout(str![[r#"
SH-2609-0002  announced from SH-2609-0001: A100 4 pc, damaged, to be delivered again
SH-2609-0003 opened (stock-out slip, 1 line) to replace it
Next: desk ship receive SH-2609-0002

"#]]);
    // They still have all 20: nothing is owed until the 4 are here.
    assert_eq!(stage(&desk), "to invoice");
    desk.run("today").succeeds().has("desk ship receive SH-2609-0002");
    desk.run("ship confirm SH-2609-0003 --all-checks").succeeds();
    desk.run("ship send SH-2609-0003")
        .code(3)
        .stderr_has("A100: delivering 24 pc of SO-2609-0014 line 1, and 20 pc are ordered")
        .stderr_has("SH-2609-0003 replaces what SH-2609-0002 brings, and that is not here")
        .stderr_has("hint: desk ship receive SH-2609-0002");
    desk.run("ship receive SH-2609-0002").succeeds().stdout(str![[r#"
SH-2609-0002 received 2026-09-23
Next: desk ship send SH-2609-0003

"#]]);
    assert_eq!(stage(&desk), "part shipped");
    desk.run("ship send SH-2609-0003").succeeds();
    // 20 − 4 + 4
    assert_eq!(stage(&desk), "to invoice");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn of_announced_goods_only_what_came_is_replaced() {
    let desk = sent();
    desk.run("ship exchange --from SH-2609-0001 --line '1 x 4' --condition damaged --reason 外箱破损 --announced")
        .succeeds();
    desk.run("ship receive SH-2609-0002 --line '1 x 3'")
        .succeeds()
        .has("Next: desk ship confirm SH-2609-0003");
    desk.run("ship confirm SH-2609-0003 --all-checks").succeeds();
    // 20 − 3 + 4
    desk.run("ship send SH-2609-0003").code(3).stderr_has("delivering 21 pc");
    desk.run("ship send SH-2609-0003 --line '1 x 3'").succeeds();
    assert_eq!(stage(&desk), "to invoice");
}

#[test]
fn what_is_back_says_what_follows() {
    let desk = sent();
    let back =
        "ship return --from SH-2609-0001 --line '1 x 2' --condition good --reason 多订 --announced";
    desk.run(&format!("{back} --reopens-delivery true")).succeeds();
    desk.run(&format!("{back} --reopens-delivery false")).succeeds();
    desk.run("ship receive SH-2609-0002").succeeds().has("Next: desk ship add --from SO-2609-0014");
    desk.run("ship receive SH-2609-0003").succeeds().has("Next: desk order show SO-2609-0014");
}

#[test]
fn nothing_left_before_its_order_was_approved() {
    let desk = goods();
    desk.run("DESK_TODAY=2026-09-21 order add CX01 --line 'A100 x 20'").succeeds();
    desk.run("DESK_TODAY=2026-09-22 DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("ship confirm SH-2609-0001 --all-checks").succeeds();
    desk.run("ship send SH-2609-0001 --on 2026-09-21")
        .code(3)
        .stderr_has("error[send.order]: SO-2609-0014 was not approved yet on 2026-09-21");
    desk.run("ship send SH-2609-0001 --on 2026-09-22").succeeds();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}
