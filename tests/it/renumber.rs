//! `desk renumber`: another id for a record, with every reference to it.

use snapbox::str;

use crate::{
    desk::Desk,
    git::{clone, committed, git, try_git},
};

const LATER: &str = "DESK_TODAY=2026-09-23T13:00:00+08:00";

/// Two clones that gave one id to an order each and to a task about it, merged as far as git can.
fn merged() -> Desk {
    let (desk, scan) = (committed(), "scan.txt");
    let other = clone(&desk);
    desk.run("order add CX01 --line 'A100 x 1' --commit").succeeds();
    desk.run("task add ours --about SO-2609-0014 --commit").succeeds();
    other.run(&format!("{LATER} order add CX02 --line 'A100 x 2' --commit")).succeeds();
    other.run(&format!("{LATER} DESK_USER=wang order review SO-2609-0014 --commit")).succeeds();
    other.write(&format!("../{scan}"), "evidence\n");
    other.run(&format!("{LATER} order attach SO-2609-0014 ../{scan} --commit")).succeeds();
    other.run(&format!("{LATER} task add theirs --about SO-2609-0014 --commit")).succeeds();
    let (said, well) =
        try_git(&desk, &format!("pull -q --no-rebase '{}' main", other.path("").display()));
    assert!(!well, "{said}");
    // A person keeps the rows of both sides.
    let rows = desk.read("tasks/2026-09.csv");
    let is_mark =
        |line: &&str| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|m| line.starts_with(m));
    let kept: Vec<&str> = rows.lines().filter(|line| !is_mark(line)).collect();
    desk.write("tasks/2026-09.csv", kept.join("\n") + "\n");
    desk
}

#[test]
fn a_document_moves_with_every_reference_and_no_other_byte() {
    let desk = Desk::example();
    desk.change(
        "orders/2026-09/SO-2609-0001.toml",
        "id = \"SO-2609-0001\"",
        "id = \"SO-2609-0001\" # 手写",
    );
    desk.run("task add call --about SO-2609-0001").succeeds();
    desk.write("../scan.txt", "x\n");
    desk.run("order attach SO-2609-0001 ../scan.txt").succeeds();
    let before = desk.tree();
    desk.run("renumber SO-2609-0001 SO-2609-0099 -n")
        .succeeds()
        .has("+id = \"SO-2609-0099\" # 手写");
    assert_eq!(desk.changes(&before), "");
    desk.run("renumber SO-2609-0001 SO-2609-0099").succeeds().stdout(str![[r#"
SO-2609-0001 is now SO-2609-0099, and 2 records that point at it follow
attachments/SO-2609-0001/scan.txt is now attachments/SO-2609-0099/scan.txt
Next: desk order show SO-2609-0099

"#]]);
    desk.run("check").succeeds().has(" 0 errors, 0 warnings");
    let old = String::from_utf8_lossy(&before["orders/2026-09/SO-2609-0001.toml"]).into_owned();
    let new = desk.read("orders/2026-09/SO-2609-0099.toml");
    let digest =
        |text: &str| text.lines().find(|line| line.starts_with("of = ")).map(str::to_owned);
    let mut expected = old.replace("SO-2609-0001", "SO-2609-0099");
    if let (Some(was), Some(is)) = (digest(&old), digest(&new)) {
        expected = expected.replace(&was, &is);
    }
    assert_eq!(new, expected);
    assert!(desk.read("tasks/2026-09.csv").contains("SO-2609-0099"));
    desk.run("order show SO-2609-0099 -O json").succeeds();
    desk.run("undo").succeeds();
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn a_contract_moves_and_its_approved_orders_stay_approved() {
    let desk = Desk::example();
    let stages = || desk.run("order list -O csv --cols id,stage").succeeds().rows();
    let before = stages();
    desk.run("renumber CT-2609-0001 CT-2609-0077")
        .succeeds()
        .has("CT-2609-0001 is now CT-2609-0077, and 3 records that point at it follow");
    desk.run("check").succeeds().has(" 0 errors, 0 warnings");
    assert_eq!(stages(), before);
}

#[test]
fn of_two_rows_the_later_one_gets_another_id_and_theirs_takes_its_references() {
    let desk = merged();
    desk.run("check")
        .code(3)
        .has("error[csv.duplicate_id]")
        .has("hint: desk renumber TK-2609-0009");
    desk.run("renumber TK-2609-0009").succeeds().has("TK-2609-0009 is now TK-2609-0010");
    let tasks = desk.read("tasks/2026-09.csv");
    assert!(tasks.contains("TK-2609-0010,2026-09-23,theirs"), "{tasks}");
    desk.run("renumber SO-2609-0014").succeeds().stdout(str![[r#"
SO-2609-0014 is now SO-2609-0015, and 2 records that point at it follow
SO-2609-0014 is ours again, as it was before the merge
attachments/SO-2609-0014/scan.txt is now attachments/SO-2609-0015/scan.txt
Next: git add attachments/SO-2609-0014/scan.txt attachments/SO-2609-0015/scan.txt orders/2026-09/SO-2609-0014.toml orders/2026-09/SO-2609-0015.toml shipments/2026-09/SH-2609-0011.toml tasks/2026-09.csv

"#]]);
    desk.run("check").succeeds().has(" 0 errors, 0 warnings");
    let about =
        |id: &str| desk.run(&format!("task show {id} -O json")).json()["record"]["about"].clone();
    assert_eq!(about("TK-2609-0009"), "SO-2609-0014");
    assert_eq!(about("TK-2609-0010"), "SO-2609-0015");
    let stage =
        |id: &str| desk.run(&format!("order list id:{id} -O csv --cols stage")).column("stage");
    assert_eq!(stage("SO-2609-0014"), ["awaiting review"]);
    assert_eq!(stage("SO-2609-0015"), ["to ship"]);
    let next = "attachments/SO-2609-0014/scan.txt attachments/SO-2609-0015/scan.txt \
                orders/2026-09/SO-2609-0014.toml orders/2026-09/SO-2609-0015.toml \
                shipments/2026-09/SH-2609-0011.toml tasks/2026-09.csv";
    git(&desk, &format!("add {next}"));
    git(&desk, "commit -qm merged");
    assert_eq!(git(&desk, "status --porcelain"), "");
}

#[test]
fn a_merge_committed_before_is_looked_up() {
    let desk = merged();
    let theirs = git(&desk, "show :3:orders/2026-09/SO-2609-0014.toml");
    git(&desk, "checkout -q --ours orders/2026-09/SO-2609-0014.toml");
    desk.write("orders/2026-09/SO-2609-0014-theirs.toml", theirs);
    git(&desk, "add -A");
    git(&desk, "commit -qm merged");
    desk.run("check")
        .code(3)
        .has("hint: desk renumber SO-2609-0014 gives this file an id of its own");
    desk.run("renumber TK-2609-0009 TK-2609-0077").succeeds();
    desk.run("renumber SO-2609-0014 SO-2609-0077")
        .succeeds()
        .has("and 2 records that point at it follow");
    desk.run("check").succeeds().has(" 0 errors, 0 warnings");
    assert!(
        desk.read("tasks/2026-09.csv").contains("TK-2609-0077,2026-09-23,theirs,,,,,,SO-2609-0077")
    );
    assert!(!desk.path("orders/2026-09/SO-2609-0014-theirs.toml").exists());
}

#[test]
fn what_cannot_be_told_stays_and_is_named() {
    let order = |day: &str, customer: &str| {
        format!(
            "id = \"SO-2609-0001\"\ndate = 2026-09-01\nentered_at = {day}T09:00:00+08:00\ncustomer = \"{customer}\"\n\
             \n[[line]]\nno = 1\nproduct = \"P1\"\nqty = 1\nunit = \"pc\"\nprice = 1\ntax_rate = 0\n"
        )
    };
    let desk = Desk::of(&[
        ("customers/C1.toml", "id = \"C1\"\nname = \"客户\"\n"),
        ("products/P1.toml", "id = \"P1\"\nname = \"货\"\nunit = \"pc\"\n"),
        ("orders/2026-09/SO-2609-0001.toml", &order("2026-09-01", "C1")),
        ("orders/2026-09/SO-2609-0001 (1).toml", &order("2026-09-02", "C1")),
        (
            "tasks/2026-09.csv",
            "id,date,title,about\nTK-2609-0001,2026-09-01,a,SO-2609-0001\nTK-2609-0002,2026-09-01,b,SO-2609-0001\n",
        ),
    ]);
    desk.run("renumber SO-2609-0001 --with TK-2609-0003").code(2).stderr_has("does not point at");
    let ran = desk.run("renumber SO-2609-0001 --with TK-2609-0002").succeeds();
    ran.has("SO-2609-0001 is now SO-2609-0002, and 1 record that points at it follows")
        .has("TK-2609-0001 still points at SO-2609-0001; if it means SO-2609-0002: desk task set TK-2609-0001");
    assert_eq!(
        desk.read("tasks/2026-09.csv"),
        "id,date,title,about\nTK-2609-0001,2026-09-01,a,SO-2609-0001\nTK-2609-0002,2026-09-01,b,SO-2609-0002\n"
    );
}

#[test]
fn what_cannot_be_renumbered_is_refused() {
    let desk = Desk::example();
    let before = desk.tree();
    for (line, code, words) in [
        ("renumber SO-2609-0001 SO-2609-0002", 5, "order SO-2609-0002 is there already"),
        ("renumber SO-2609-0001 SO-2609-0001", 5, "is there already"),
        ("renumber SO-2609-0001 TK-2609-0100", 2, "is no order id"),
        ("renumber SO-2609-0001 ../x", 2, "is no order id"),
        ("renumber SO-2609-0001 SO-2610-0001", 2, "lies in another month"),
        ("renumber SO-2609-0999", 2, "no order \"SO-2609-0999\""),
        ("renumber CX01", 2, "no document or row has the id \"CX01\""),
        ("renumber 0001", 2, "may be any of"),
        ("renumber TK-2609-0001 --row 9", 2, "line 9 of tasks/2026-09.csv is not TK-2609-0001"),
        ("renumber SO-2609-0001 --row 9", 2, "--row is a line of a register"),
    ] {
        desk.run(line).code(code).stdout("").stderr_has(words);
    }
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn rows_typed_at_the_same_moment_are_told_apart_by_their_line() {
    let rows = "id,date,title\nTK-2609-0001,2026-09-01,a\nTK-2609-0001,2026-09-01,b\n";
    let desk = Desk::of(&[("tasks/2026-09.csv", rows)]);
    desk.run("renumber TK-2609-0001")
        .code(2)
        .stderr_has("stands in lines 2, 3 of tasks/2026-09.csv")
        .stderr_has("hint: desk renumber TK-2609-0001 --row 3");
    desk.run("renumber TK-2609-0001 --row 2").succeeds().has("TK-2609-0001 is now TK-2609-0002");
    assert_eq!(
        desk.read("tasks/2026-09.csv"),
        "id,date,title\nTK-2609-0002,2026-09-01,a\nTK-2609-0001,2026-09-01,b\n"
    );
    desk.run("renumber TK-2609-0001 TK-2609-B0001").succeeds();
    assert_eq!(desk.read("tasks/2026-09.csv"), "id,date,title\nTK-2609-0002,2026-09-01,a\n");
    assert!(desk.read("tasks/2026-09-B.csv").contains("TK-2609-B0001,2026-09-01,b,"));
    desk.run("check").succeeds();
}

#[test]
fn an_id_that_an_issued_invoice_names_stays() {
    let desk = Desk::worked();
    let before = desk.tree();
    desk.run("renumber SO-2602-0001").code(3).stderr(str![[r#"
error: cannot renumber SO-2602-0001: IN-2603-0001, issued or of a closed month, names it and never changes
hint: desk invoice show IN-2603-0001
hint: desk order set SO-2602-0001 remarks=…   (it keeps its id)

"#]]);
    desk.run("renumber CT-2601-0001 -n").succeeds();
    assert_eq!(desk.changes(&before), "");
}
