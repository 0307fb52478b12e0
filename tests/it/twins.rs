//! `desk renumber` where two clones without sites gave the same ids to everything: whatever is
//! renumbered first, each side's records end up about its own.

use std::collections::BTreeMap;

use crate::{
    desk::Desk,
    git::{clone, committed, try_git},
};

const LATER: &str = "DESK_TODAY=2026-09-23T13:00:00+08:00";
const REGISTERS: [&str; 4] = ["allocations", "contacts", "payments", "tasks"];

/// What one clone does about a customer: an order, and a task, money and a contact about it.
fn worked(desk: &Desk, before: &str, customer: &str, amount: &str) {
    for line in [
        format!("order add {customer} --line 'A100 x 2'"),
        format!("task add 'call {customer}' --about SO-2609-0014"),
        format!("payment add {customer} {amount} --match SO-2609-0014"),
        format!(
            "contact add {customer} --topic follow_up --about SO-2609-0014 --summary {customer}"
        ),
    ] {
        desk.run(&format!("{before} {line} --commit")).succeeds();
    }
}

/// Two such clones, merged; the rows of both sides are kept.
fn merged() -> Desk {
    let desk = committed();
    let other = clone(&desk);
    worked(&desk, "", "CX01", "50");
    worked(&other, LATER, "CX02", "70");
    let from = other.path("").display().to_string();
    let (said, well) = try_git(&desk, &format!("pull -q --no-rebase '{from}' main"));
    assert!(!well, "{said}");
    desk
}

/// Takes the marks of conflicts out of the registers.
fn unmark(desk: &Desk) {
    for path in REGISTERS.map(|folder| format!("{folder}/2026-09.csv")) {
        let is_mark =
            |line: &&str| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|m| line.starts_with(m));
        let rows = desk.read(&path);
        let kept: Vec<&str> = rows.lines().filter(|line| !is_mark(line)).collect();
        desk.write(&path, kept.join("\n") + "\n");
    }
}

type Tree = BTreeMap<String, Vec<u8>>;

/// Brings a directory back to what it was, with no memory of the ids that were given since.
fn restore(desk: &Desk, tree: &Tree) {
    for path in desk.tree().keys().filter(|path| !tree.contains_key(*path)) {
        std::fs::remove_file(desk.path(path)).expect("a file of the test");
    }
    tree.iter().for_each(|(path, bytes)| desk.write(path, bytes));
    // Only a directory that was written to has one.
    let _ = std::fs::remove_dir_all(desk.path(".desk"));
}

#[test]
fn the_order_of_renumbering_does_not_matter() {
    let desk = merged();
    unmark(&desk);
    let doubled = desk.tree();
    let mut mended: Option<Tree> = None;
    for order in [
        "SO-2609-0014 TK-2609-0009 CA-2609-0008 PM-2609-0018 AL-2609-0017",
        "PM-2609-0018 AL-2609-0017 SO-2609-0014 CA-2609-0008 TK-2609-0009",
        "AL-2609-0017 TK-2609-0009 CA-2609-0008",
        "AL-2609-0017 PM-2609-0018 TK-2609-0009 CA-2609-0008 SO-2609-0014",
        "TK-2609-0009 PM-2609-0018 SO-2609-0014 AL-2609-0017 CA-2609-0008",
    ] {
        for id in order.split(' ') {
            let is_open = desk.run("check").text().contains(&format!("renumber {id}"));
            if is_open || id.starts_with("SO") {
                desk.run(&format!("renumber {id}")).succeeds();
            }
        }
        if !desk.path("orders/2026-09/SO-2609-0015.toml").exists() {
            desk.run("renumber SO-2609-0014").succeeds();
        }
        desk.run("check").succeeds().has(" 0 errors, 0 warnings");
        let tree = desk.tree();
        let first = mended.get_or_insert_with(|| tree.clone());
        assert!(*first == tree, "{order}: {}", desk.changes(first));
        restore(&desk, &doubled);
    }
    restore(&desk, &mended.expect("several orders"));
    let of = |noun: &str, id: &str, key: &str| {
        desk.run(&format!("{noun} show {id} -O json")).json()["record"][key].clone()
    };
    for (noun, key, ours, theirs) in [
        ("task", "about", "TK-2609-0009", "TK-2609-0010"),
        ("contact", "about", "CA-2609-0008", "CA-2609-0009"),
        ("allocation", "target", "AL-2609-0017", "AL-2609-0018"),
    ] {
        assert_eq!(of(noun, ours, key), "SO-2609-0014", "{noun}");
        assert_eq!(of(noun, theirs, key), "SO-2609-0015", "{noun}");
    }
    assert_eq!(of("allocation", "AL-2609-0017", "source"), "PM-2609-0018");
    assert_eq!(of("allocation", "AL-2609-0018", "source"), "PM-2609-0019");
    assert_eq!(of("payment", "PM-2609-0019", "party"), "CX02");
    assert_eq!(of("order", "SO-2609-0015", "customer"), "CX02");
}

#[test]
fn an_allocation_takes_the_payment_of_its_own_side_along() {
    let desk = merged();
    unmark(&desk);
    desk.run("renumber AL-2609-0017")
        .succeeds()
        .has("AL-2609-0017 is now AL-2609-0018")
        .has("PM-2609-0018 is now PM-2609-0019, and 1 record that points at it follows");
    desk.run("renumber SO-2609-0014")
        .succeeds()
        .has("SO-2609-0014 is now SO-2609-0015, and 3 records that point at it follow")
        .has("Next: git add allocations/2026-09.csv contacts/2026-09.csv orders/2026-09/SO-2609-0014.toml");
}

#[test]
fn rows_between_marks_are_never_passed_over() {
    let desk = merged();
    let before = desk.tree();
    desk.run("renumber SO-2609-0014")
        .code(3)
        .stderr_has("git left a conflict in allocations/2026-09.csv, which names SO-2609-0014")
        .stderr_has("hint: keep the rows of both sides");
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn a_document_in_conflict_is_mended_before_what_it_names() {
    let desk = committed();
    let other = clone(&desk);
    for (desk, before, customer) in [(&desk, "", "CX01"), (&other, LATER, "CX02")] {
        let contract = format!(
            "contract add {customer} --line product=A100,qty=5,unit=box,price=10,tax_rate=0.13"
        );
        desk.run(&format!("{before} {contract} --commit")).succeeds();
        desk.run(&format!("{before} order add {customer} --line 'A100 x 1' --commit")).succeeds();
        let of = "order set SO-2609-0014 contract=CT-2609-0005 --commit";
        desk.run(&format!("{before} {of}")).succeeds();
    }
    let from = other.path("").display().to_string();
    let (said, well) = try_git(&desk, &format!("pull -q --no-rebase '{from}' main"));
    assert!(!well, "{said}");
    desk.run("renumber CT-2609-0005")
        .code(3)
        .stderr_has("git left a conflict in orders/2026-09/SO-2609-0014.toml")
        .stderr_has("hint: mend that one first: desk renumber SO-2609-0014");
    desk.run("renumber SO-2609-0014").succeeds();
    desk.run("renumber CT-2609-0005")
        .succeeds()
        .has("CT-2609-0005 is now CT-2609-0006, and 1 record that points at it follows");
    desk.run("check").succeeds().has(" 0 errors, 0 warnings");
    let of = |id: &str| desk.run(&format!("order show {id} -O json")).json()["record"].clone();
    assert_eq!(of("SO-2609-0014")["contract"], "CT-2609-0005");
    assert_eq!(of("SO-2609-0015")["contract"], "CT-2609-0006");
}

#[test]
fn of_two_rows_with_one_id_each_is_named_where_nothing_is_known() {
    let order = |day: &str| {
        format!(
            "id = \"SO-2609-0001\"\ndate = 2026-09-01\nentered_at = {day}T09:00:00+08:00\ncustomer = \"C1\"\n\
             \n[[line]]\nno = 1\nproduct = \"P1\"\nqty = 1\nunit = \"pc\"\nprice = 1\ntax_rate = 0\n"
        )
    };
    let desk = Desk::of(&[
        ("customers/C1.toml", "id = \"C1\"\nname = \"客户\"\n"),
        ("products/P1.toml", "id = \"P1\"\nname = \"货\"\nunit = \"pc\"\n"),
        ("orders/2026-09/SO-2609-0001.toml", &order("2026-09-01")),
        ("orders/2026-09/SO-2609-0001 (1).toml", &order("2026-09-02")),
        (
            "tasks/2026-09.csv",
            "id,date,title,about,entered_at\n\
             TK-2609-0001,2026-09-01,a,SO-2609-0001,\n\
             TK-2609-0001,2026-09-01,b,SO-2609-0001,\n\
             TK-2609-0002,2026-09-01,c,SO-2609-0001,2026-09-02T09:00:00+08:00\n\
             TK-2609-0003,2026-99-01,d,SO-2609-0001,\n",
        ),
    ]);
    desk.run("renumber SO-2609-0001 --with TK-2609-0001")
        .code(2)
        .stderr_has("two rows have the id TK-2609-0001, and both point at SO-2609-0001");
    desk.run("renumber SO-2609-0001")
        .succeeds()
        .has("SO-2609-0001 is now SO-2609-0002, and 1 record that points at it follows")
        .has("TK-2609-0001 in line 2 of tasks/2026-09.csv still points at SO-2609-0001")
        .has("TK-2609-0001 in line 3 of tasks/2026-09.csv still points at SO-2609-0001")
        .has("tasks/2026-09.csv, line 5, cannot be read and names SO-2609-0001");
    assert!(desk.read("tasks/2026-09.csv").contains("c,SO-2609-0002,"));
}
