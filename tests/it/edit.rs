//! `desk KIND edit` of a register's row: the editor gets that row alone, and nothing else changes.

use crate::desk::Desk;

const FILE: &str = "payments/2026-09.csv";

#[test]
fn an_editor_gets_one_row_and_only_that_row_is_written() {
    let desk = Desk::example();
    let before = desk.read(FILE);
    desk.run("EDITOR='sed -i 2s/3286.50/3286.05/' payment edit PM-2609-0003")
        .succeeds()
        .has("PM-2609-0003 edited");
    assert_eq!(desk.read(FILE), before.replace("3286.50", "3286.05"));
    let other = "EDITOR='sed -i s/8000/8001/' payment edit PM-2609-0003";
    desk.run(other).succeeds().stdout("PM-2609-0003 unchanged\n");
    desk.run("undo").succeeds();
    assert_eq!(desk.read(FILE), before);
}

#[test]
fn rows_that_others_add_meanwhile_do_not_matter() {
    let desk = Desk::example();
    desk.write(
        "../editor.sh",
        "\"$1\" -C \"$2\" payment add CX02 5\nsed -i s/3286.50/3286.05/ \"$3\"\n",
    );
    let (program, root) = (crate::desk::PROGRAM, desk.path("").display().to_string());
    let editor = desk.outside().join("editor.sh").display().to_string();
    desk.run(&format!("EDITOR='sh {editor} {program} {root}' payment edit PM-2609-0003"))
        .succeeds();
    let text = desk.read(FILE);
    assert!(text.contains(",3286.05,") && text.contains("PM-2609-0008"), "{text}");
}

#[test]
fn an_edit_neither_removes_nor_adds_rows_nor_changes_ids() {
    let desk = Desk::example();
    let before = desk.tree();
    for (script, why, hint) in [
        ("2d", "its row was taken out", "desk payment void PM-2609-0003 --reason"),
        ("$p", "rows were added to it", "desk payment add"),
        ("s/PM-2609-0003/PM-2609-0033/", "its id was changed", "desk renumber PM-2609-0003"),
        ("1s/id/ID/", "its header was changed", "desk payment edit PM-2609-0003"),
    ] {
        desk.run(&format!("EDITOR='sed -i {script}' payment edit PM-2609-0003"))
            .code(3)
            .stderr_has(why)
            .stderr_has(&format!("hint: {hint}"))
            .stderr_has("your text is kept in");
    }
    desk.run("EDITOR='sed -i s/3286.50/x/' payment edit PM-2609-0003").code(3);
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn a_row_that_cannot_be_read_is_mended_and_one_that_stands_twice_is_not_edited() {
    let desk = Desk::example();
    desk.change(FILE, "3286.50", "x");
    desk.run("EDITOR='sed -i s/,x,/,3286.50,/' payment edit PM-2609-0003").succeeds();
    assert!(desk.read(FILE) == Desk::example().read(FILE));
    desk.change(FILE, "PM-2609-0002", "PM-2609-0003");
    desk.run("EDITOR=true payment edit PM-2609-0003")
        .code(3)
        .stderr_has("PM-2609-0003 stands in lines 3 and 4")
        .stderr_has("hint: desk check payments/2026-09.csv");
}

#[test]
fn a_register_that_cannot_be_read_is_looked_at_as_a_file() {
    let desk = Desk::example();
    desk.write(FILE, desk.read(FILE).replace(',', ";"));
    desk.run("payment add CX01 5")
        .code(3)
        .stderr_has("cannot edit payments/2026-09.csv in place")
        .stderr_has("hint: desk check payments/2026-09.csv");
    desk.run("check payments/2026-09.csv").code(3);
}

#[test]
fn what_is_about_no_record_says_so() {
    let desk = Desk::example();
    desk.run("task add x --about SO-2612-7777").code(3).stderr_has("no record \"SO-2612-7777\"");
}
