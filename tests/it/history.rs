//! `desk history`: what changed in a record, from the versions that git keeps.

use snapbox::str;

use crate::{
    desk::Desk,
    git::{committed, git},
};

#[test]
fn a_document_has_its_changes_field_by_field_newest_first() {
    let desk = committed();
    desk.run("order add CX01 --line 'A100 x 2' --commit").succeeds();
    desk.run("order set SO-2609-0014 line.1.qty=3 --remarks 加急 --commit").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014 --commit").succeeds();
    desk.run("order set SO-2609-0014 promised_on=2026-09-30").succeeds();
    desk.run("order history SO-2609-0014 --cols at,by,what,old,new").succeeds().stdout(str![[r#"
History of SO-2609-0014

at                by      what         old  new
-------------------------------------------------------------------
                          promised_on       2026-09-30
2026-09-23 12:00  王建国  approval          review approved by wang
2026-09-23 12:00  李敏    remarks           加急
2026-09-23 12:00  李敏    line.1.qty   2    3
2026-09-23 12:00  李敏    added             CX01
5 rows

"#]]);
    let messages = desk.run("order history SO-2609-0014 -O csv --cols message").succeeds();
    assert_eq!(messages.column("message")[0], "not committed");
    desk.run("order void SO-2609-0014 --reason 客户取消").code(3).stderr_code("ref.void");
    desk.run("ship void SH-2609-0011 --reason 客户取消").succeeds();
    desk.run("order void SO-2609-0014 --reason 客户取消").succeeds();
    desk.run("order history SO-2609-0014 -O csv --cols what,new")
        .succeeds()
        .has("void,by li-min: 客户取消");
    desk.run("order history SO-2609-9999").code(2);
}

#[test]
fn a_row_has_only_its_own_changes() {
    let desk = committed();
    desk.run("task add call --commit").succeeds();
    desk.run("task add mail --commit").succeeds();
    desk.run("task set TK-2609-0009 owner=wang due_on=2026-09-30 --commit").succeeds();
    desk.run("task void TK-2609-0010 --reason 重复 --commit").succeeds();
    desk.run("task history TK-2609-0009 -O csv --cols what,old,new")
        .succeeds()
        .stdout("what,old,new\nowner,,wang\ndue_on,,2026-09-30\nadded,,call\n");
    desk.run("task history TK-2609-0010 -O csv --cols what,old,new")
        .succeeds()
        .stdout("what,old,new\nvoid,,by li-min: 重复\nadded,,mail\n");
}

#[test]
fn a_period_and_a_day_to_see_from_bound_what_is_told() {
    let desk = committed();
    desk.run("task add call --commit").succeeds();
    let rows = |flags: &str| {
        desk.run(&format!("task history TK-2609-0009 -O csv {flags}")).succeeds().rows().len()
    };
    assert_eq!([rows(""), rows("-p 2026-09"), rows("--as-of 2026-09-23")], [1, 1, 1]);
    assert_eq!([rows("-p 2026-08"), rows("--as-of 2026-09-22")], [0, 0]);
    desk.run("task history TK-2609-0009 -p 2026-08").succeeds().has("Nothing changed in");
    desk.run("task history TK-2609-0099").code(2).stderr_has("no task \"TK-2609-0099\"");
}

#[test]
fn a_renumbered_record_keeps_its_history() {
    let desk = committed();
    desk.run("task add call --about SO-2609-0013 --commit").succeeds();
    desk.run("order add CX01 --line 'A100 x 2' --commit").succeeds();
    desk.run("order add CX01 --line 'A100 x 2' --commit").succeeds();
    desk.run("renumber SO-2609-0014 SO-2609-0020 --commit").succeeds();
    desk.run("renumber TK-2609-0009 TK-2609-0020 --commit").succeeds();
    desk.run("order history SO-2609-0020 -O csv --cols what,old,new")
        .succeeds()
        .stdout("what,old,new\nrenumbered,SO-2609-0014,SO-2609-0020\nadded,,CX01\n");
    desk.run("task history TK-2609-0020 -O csv --cols what,old,new")
        .succeeds()
        .stdout("what,old,new\nrenumbered,TK-2609-0009,TK-2609-0020\nadded,,call\n");
    // An order that is alike in all but its id is another order.
    desk.run("order history SO-2609-0015 -O csv --cols what").stdout("what\nadded\n");
    // What is there no more has its history all the same.
    desk.run("order history SO-2609-0014 -O csv --cols what").stdout("what\ndeleted\nadded\n");
}

#[test]
fn both_sides_of_a_merge_are_told_once() {
    let desk = committed();
    git(&desk, "checkout -q -b other");
    desk.run("order set SO-2609-0003 remarks=甲 --commit").succeeds();
    git(&desk, "checkout -q main");
    desk.run("order set SO-2609-0012 remarks=乙 --commit").succeeds();
    git(&desk, "merge -q --no-edit other");
    desk.run("order history SO-2609-0003 -O csv --cols what,new")
        .succeeds()
        .stdout("what,new\nremarks,甲\nadded,CX02\n");
}

#[test]
fn a_record_in_no_commit_says_so() {
    let desk = committed();
    desk.run("order add CX01 --line 'A100 x 2'").succeeds();
    desk.run("order history SO-2609-0014")
        .succeeds()
        .has("not committed")
        .has("SO-2609-0014 is in no commit yet: git add orders/2026-09/SO-2609-0014.toml");
    let fresh = Desk::example();
    git(&fresh, "init -q");
    fresh.run("order history SO-2609-0003").succeeds().has("is in no commit yet");
}

#[test]
fn without_git_there_is_no_history() {
    let desk = Desk::example();
    let ran = desk.run("order history SO-2609-0003").code(1);
    ran.stderr_has("is in no git repository").stderr_has("desk init --git");
}

#[test]
fn a_commit_or_a_day_is_read_as_it_was_and_never_written() {
    let desk = committed();
    desk.run("contract list -O csv --cols id").succeeds();
    let was =
        desk.run("contract fulfil CT-2607-0001 --table lines -O csv").succeeds().text().to_owned();
    let order = "order add CX01 --line 'A100 x 2' --commit";
    desk.run(order).succeeds();
    desk.run("order set SO-2609-0014 line.1.qty=3").succeeds();
    let qty = |flags: &str| {
        desk.run(&format!("order show SO-2609-0014 -O json {flags}")).succeeds().text().to_owned()
    };
    assert!(qty("").contains("\"qty\": \"3\""), "{}", qty(""));
    assert!(qty("--rev HEAD").contains("\"qty\": \"2\""), "{}", qty("--rev HEAD"));
    desk.run("order show SO-2609-0014 --rev HEAD~1").code(2);
    let then = desk.run("contract fulfil CT-2607-0001 --table lines -O csv --rev HEAD~1");
    assert_eq!(then.succeeds().text(), was);
    let before = format!("{order} --rev HEAD");
    desk.run(&before).code(2).stderr_has("--rev only reads");
    desk.run("undo --rev HEAD").code(2);
    desk.run("order list --rev 1990-01-01").code(2).stderr_has("no such commit");
    desk.run("order list --rev nonsense").code(2).stderr_has("no such commit");
    desk.run("order list --rev --output=x").code(2);
    desk.run("order list --rev 2099-12-31").succeeds().has("SO-2609-0014");
    desk.run("check --rev HEAD").succeeds();
}
