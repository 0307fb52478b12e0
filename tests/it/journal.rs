//! The journal: what was done is told, taken back, done again, and finished after a crash.

use salesdesk::store::{
    atomic::FileWrite,
    journal::{Entry, Journal, Role, Step},
};
use snapbox::str;

use crate::desk::Desk;

const JOURNAL: &str = ".desk/journal";
const ADD: &str = "order add CX01 --line 'A100 x 2'";

/// Takes the last frame off the journal, as if its writer had been killed before it.
pub(crate) fn cut_last_frame(desk: &Desk) {
    let bytes = std::fs::read(desk.path(JOURNAL)).expect("there is a journal");
    let foot = bytes.len() - 12;
    let length = u64::from_le_bytes(bytes[foot..foot + 8].try_into().expect("eight bytes"));
    let start = foot - usize::try_from(length).expect("a small frame") - 44;
    desk.write(JOURNAL, &bytes[..start]);
}

const FIRST: &str = "orders/2026-09/SO-2609-0012.toml";
const SECOND: &str = "orders/2026-09/SO-2609-0013.toml";

/// A desk where a command that voids two orders was killed when the first was written.
fn killed_between_two_files() -> Desk {
    let desk = Desk::example();
    let second = desk.read(SECOND);
    desk.run("order void SO-2609-0012 SO-2609-0013 --reason 客户取消").succeeds();
    cut_last_frame(&desk);
    desk.write(SECOND, second);
    desk
}

#[test]
fn undo_leaves_every_file_as_it_was_and_redo_as_it_had_become() {
    let desk = Desk::example();
    for line in [
        ADD,
        "order close SO-2609-0013 --line 2 --reason 停产",
        "DESK_USER=wang order review SO-2609-0012",
        "task add 打电话 --owner wang",
        "task set TK-2609-0002 done_on=today",
        "customer add CX99 --name 新客户",
        "order void SO-2609-0013 --reason 客户取消",
    ] {
        let before = desk.tree();
        desk.run(line).succeeds();
        let after = desk.tree();
        let user = if line.starts_with("DESK_USER=wang") { "DESK_USER=wang " } else { "" };
        desk.run(&format!("{user}undo")).succeeds();
        assert_eq!(desk.changes(&before), "", "{line}");
        desk.run(&format!("{user}redo")).succeeds();
        assert_eq!(desk.changes(&after), "", "{line}");
    }
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn several_operations_are_taken_back_one_by_one_and_done_again_in_turn() {
    let desk = Desk::example();
    let fresh = desk.tree();
    desk.run(ADD).succeeds();
    desk.run("order set SO-2609-0014 promised_on=2026-10-09").succeeds();
    let done = desk.tree();
    desk.run("undo").succeeds().has("operation 2 undone");
    desk.run("undo").succeeds().has("operation 1 undone");
    assert_eq!(desk.changes(&fresh), "");
    desk.run("undo").code(2).stderr_has("nothing that li-min did here can be undone");
    desk.run("redo").succeeds().has("operation 1 done again");
    desk.run("redo").succeeds().has("operation 2 done again");
    assert_eq!(desk.changes(&done), "");
    desk.run("redo").code(2).stderr_has("li-min took nothing back that could be done again");
}

#[test]
fn undo_takes_back_what_was_done_again_last() {
    let desk = Desk::example();
    desk.run("customer add CX98 --name 甲").succeeds();
    desk.run("undo").succeeds();
    desk.run("customer add CX99 --name 乙").succeeds();
    desk.run("redo 1").succeeds();
    desk.run("undo").succeeds().has("operation 1 undone");
    desk.run("undo").succeeds().has("operation 3 undone");
}

#[test]
fn an_id_that_was_given_is_not_given_again_on_another_branch() {
    let desk = Desk::example();
    desk.run(ADD).succeeds().has("SO-2609-0014");
    std::fs::remove_file(desk.path("orders/2026-09/SO-2609-0014.toml")).expect("it is there");
    desk.run(ADD).succeeds().has("SO-2609-0015");
}

#[test]
fn an_id_that_was_taken_back_is_not_given_again() {
    let desk = Desk::example();
    desk.run(ADD).succeeds().has("SO-2609-0014");
    desk.run(ADD).succeeds().has("SO-2609-0015");
    desk.run("undo").succeeds();
    desk.run("undo").succeeds();
    desk.run(ADD).succeeds().has("SO-2609-0016");
    desk.run("task add 甲").succeeds().has("TK-2609-0009");
    desk.run("undo").succeeds();
    desk.run("task add 乙").succeeds().has("TK-2609-0010");
}

#[test]
fn undo_leaves_a_file_alone_that_was_changed_otherwise() {
    let desk = Desk::example();
    desk.run(ADD).succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("undo").code(5).stderr(str![[r#"
error: orders/2026-09/SO-2609-0014.toml was changed after operation 1, by operation 2 (SO-2609-0014 approved by wang: credit 256.00 of 50,000.00, licence valid to 2027-03-01, stock available (and 1 more))
hint: desk log 2

"#]]);
    let file = "orders/2026-09/SO-2609-0014.toml";
    desk.run("DESK_USER=wang undo").succeeds();
    desk.write(file, desk.read(file) + "\n# by hand\n");
    desk.run("undo").code(5).stderr(str![[r#"
error: orders/2026-09/SO-2609-0014.toml was changed after operation 1, and not by a command
hint: desk log 1

"#]]);
}

/// A finished operation that a stranger wrote into the journal.
fn journal_of_a_stranger(desk: &Desk, path: &str) {
    let write = FileWrite { path: path.into(), before: Some(b"x\n".to_vec()), after: None };
    let entry = Entry {
        no: 1,
        at: "2026-09-23T12:00:00+08:00".into(),
        by: "li-min".into(),
        command: "desk task add x".into(),
        said: vec!["harmless".into()],
        role: Role::Does,
        records: Vec::new(),
        spent: Vec::new(),
        steps: vec![Step::of(&write)],
    };
    std::fs::create_dir_all(desk.path(".desk")).expect("a folder");
    let mut journal = Journal::open(&desk.path("")).expect("a journal");
    journal.begin(entry).expect("room on the disk");
    journal.end(false, Vec::new()).expect("room on the disk");
}

#[test]
fn a_journal_writes_no_file_but_those_of_records() {
    for path in ["../x", ".git/config", "private/.git/config", ".desk/local.toml", "orders/x/y"] {
        let desk = Desk::example();
        journal_of_a_stranger(&desk, path);
        desk.run("undo 1").code(3).stderr_has("no operation writes it");
        assert!(!desk.path(path).exists(), "undone: {path}");
        cut_last_frame(&desk);
        desk.run("order list -q").code(3).stderr_has("no operation writes it");
        desk.run(ADD).code(3).stderr_has("no operation writes it");
        assert!(!desk.path(path).exists(), "finished: {path}");
    }
}

#[test]
fn what_is_damaged_in_the_middle_costs_no_other_operation() {
    let desk = Desk::example();
    for title in ["a", "b", "c", "d"] {
        desk.run(&format!("task add {title}")).succeeds();
    }
    let mut bytes = std::fs::read(desk.path(JOURNAL)).expect("a journal");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    desk.write(JOURNAL, &bytes);
    desk.run("task add e").succeeds();
    let lost = "the journal is damaged: 1 of 5 operations cannot be read or undone";
    desk.run("log").succeeds().has(lost);
    desk.run("log -O csv --cols no").succeeds().stdout("no\n5\n4\n2\n1\n");
    desk.run("undo").succeeds().has("operation 5 undone");
}

#[test]
fn a_pipe_in_the_place_of_a_file_stops_no_command_for_ever() {
    for name in ["journal", "lock", "local.toml"] {
        let desk = Desk::example();
        std::fs::create_dir_all(desk.path(".desk")).expect("a folder");
        let made = std::process::Command::new("mkfifo").arg(desk.path(".desk").join(name)).status();
        assert!(made.expect("mkfifo is there").success());
        desk.run(ADD).code(3).stderr_has(&format!("{name} is no plain file"));
    }
}

#[test]
fn undo_passes_the_gate() {
    let desk = Desk::example();
    desk.run("customer add CX99 --name 新客户 --stage active --staff li-min").succeeds();
    desk.run("DESK_USER=sun-jie order add CX99 --line 'A100 x 1'").succeeds();
    let before = desk.tree();
    let line = "desk undo 2   (it relies on it: SO-2609-0014";
    desk.run("undo").code(3).stderr_has("CX99").stderr_has(line);
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn someone_elses_operation_is_undone_by_its_number_only() {
    let desk = Desk::example();
    desk.run(ADD).succeeds();
    desk.run("DESK_USER=wang undo").code(2).stderr(str![[r#"
error: nothing that wang did here can be undone
hint: the last operation is 1 by li-min: desk undo 1

"#]]);
    desk.run("DESK_USER=wang undo 1").succeeds();
    desk.run("undo 1").code(2).stderr_has("operation 1 was undone already, by operation 2");
    desk.run("undo 2").code(2).stderr_has("operation 2 took operation 1 back");
    desk.run("undo 9").code(2).stderr_has("there is no operation 9");
    desk.run("redo 1").succeeds();
    desk.run("redo 1").code(2).stderr_has("operation 1 is not undone");
}

#[test]
fn a_dry_run_of_undo_says_the_same_and_writes_nothing() {
    let desk = Desk::example();
    desk.run(ADD).succeeds();
    let (tree, journal) = (desk.tree(), std::fs::read(desk.path(JOURNAL)).expect("a journal"));
    desk.run("undo --dry-run").succeeds().has("operation 1 undone").has("-id = \"SO-2609-0014\"");
    assert_eq!(desk.changes(&tree), "");
    assert_eq!(std::fs::read(desk.path(JOURNAL)).expect("a journal"), journal);
}

#[test]
fn what_was_cut_short_counts_and_the_next_writer_finishes_it() {
    let desk = killed_between_two_files();
    let void = |desk: &Desk| desk.read(SECOND).contains("[void]");
    desk.run("order list --include-void SO-2609-0013 --cols id,stage -O csv")
        .succeeds()
        .stdout("id,stage\nSO-2609-0013,void\n");
    desk.run("log --limit 1 -O csv")
        .succeeds()
        .has("cut short; the next command that writes finishes it");
    assert!(!void(&desk), "a reader writes nothing");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    desk.run(ADD).succeeds().has("SO-2609-0014");
    assert!(void(&desk), "the writer finished it first");
    desk.run("undo 1").succeeds();
    assert!(!void(&desk));
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn what_was_cut_short_and_changed_since_is_left_to_a_person() {
    for (verb, there, said) in [("redo", true, "finished"), ("undo", false, "taken back")] {
        let desk = killed_between_two_files();
        let by_hand = desk.read(FIRST) + "# by hand\n";
        desk.write(FIRST, &by_hand);
        // What its writer left beside the files, a note of somebody's, and another folder's.
        let left = "orders/2026-09/.tmp-71-0-SO-2609-0013.toml";
        let kept = ["orders/2026-09/.tmp-note", "orders/2026-08/.tmp-71-0-SO-2608-0001.toml"];
        [left, kept[0], kept[1]].iter().for_each(|name| desk.write(name, "half"));
        desk.run(ADD).code(5).stderr_has("orders/2026-09/SO-2609-0012.toml was changed since");
        desk.run(verb).succeeds().has(&format!("operation 1 was cut short and is {said}"));
        assert_eq!(desk.read(SECOND).contains("[void]"), there, "{verb}");
        assert_eq!(desk.read(FIRST), by_hand);
        assert!(!desk.path(left).exists(), "{verb}");
        assert!(kept.iter().all(|name| desk.path(name).exists()), "{verb}");
        let left = "but for orders/2026-09/SO-2609-0012.toml, changed by hand";
        desk.run("log 1 -O json").succeeds().has(left);
        desk.run(ADD).succeeds();
    }
}

#[test]
fn a_torn_tail_is_as_if_it_were_not_there() {
    let desk = Desk::example();
    desk.run(ADD).succeeds();
    let whole = std::fs::read(desk.path(JOURNAL)).expect("a journal");
    desk.write(JOURNAL, [&whole[..], b"dsk1 and a power cut"].concat());
    desk.run("log -O csv").succeeds().has("1,2026-09-23T12:00:00+08:00,li-min,SO-2609-0014");
    desk.run("undo").succeeds().has("operation 1 undone");
    desk.write(JOURNAL, "no journal at all");
    desk.run(ADD).succeeds().has("SO-2609-0014");
    desk.run("log -O csv").succeeds().has("1,2026-09-23T12:00:00+08:00,li-min,SO-2609-0014");
}

#[test]
fn a_journal_of_a_stranger_leads_nowhere_outside() {
    let desk = killed_between_two_files();
    std::fs::rename(desk.path(".desk"), desk.outside().join("elsewhere")).expect("it moves");
    std::os::unix::fs::symlink(desk.outside().join("elsewhere"), desk.path(".desk"))
        .expect("a link");
    desk.run("order list").code(3).stderr_has("is a link, and links are not followed");
    desk.run(ADD).code(3).stderr_has("is a link, and links are not followed");
}

#[test]
fn the_log_tells_who_did_what_when_with_which_command() {
    let desk = Desk::example();
    desk.run("order add CX01 --line 'A100 x 2' --remarks \"it's urgent\"").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0014").succeeds();
    desk.run("DESK_USER=wang undo").succeeds();
    desk.run("log -O csv").succeeds().stdout(str![[r#"
no,at,by,what,state,command
3,2026-09-23T12:00:00+08:00,wang,"operation 2 undone: SO-2609-0014 approved by wang: credit 256.00 of 50,000.00, licence valid to 2027-03-01, stock available (and 1 more)",,desk undo
2,2026-09-23T12:00:00+08:00,wang,"SO-2609-0014 approved by wang: credit 256.00 of 50,000.00, licence valid to 2027-03-01, stock available; SH-2609-0011 opened (stock-out slip, 1 line)",undone by 3,desk order review SO-2609-0014
1,2026-09-23T12:00:00+08:00,li-min,SO-2609-0014  晨星医药  256.00  awaiting review,,desk order add CX01 --line 'A100 x 2' --remarks 'it'\''s urgent'

"#]]);
    desk.run("log --by li-min -O csv --cols no").succeeds().stdout("no\n1\n");
    desk.run("log 0014 -O csv --cols no").succeeds().stdout("no\n3\n2\n1\n");
    desk.run("log CX01").succeeds().has("No operation here is about that");
    desk.run("log -p yesterday -O csv --cols no").succeeds().stdout("no\n");
    desk.run("log 2 -O csv --table difference").succeeds().has("added,\"step = \"\"review\"\"\"");
    desk.run("log 7").code(2).stderr_has("there is no operation 7");
}

#[test]
fn a_mend_is_an_operation_too() {
    let desk = Desk::example();
    let file = "customers/CX01.toml";
    desk.write(file, desk.read(file).replace('\n', "\r\n"));
    let before = desk.tree();
    desk.run("check --fix").succeeds().has("customers/CX01.toml mended");
    assert!(!desk.read(file).contains('\r'));
    desk.run("undo").succeeds();
    assert_eq!(desk.changes(&before), "");
}
