//! What every command keeps to: exit codes, dry runs, closed pipes, the same bytes twice.

use std::process::{Command, Stdio};

use snapbox::str;

use crate::desk::{Desk, PROGRAM};

#[test]
fn exit_codes_say_what_happened() {
    let desk = Desk::example();
    for (line, code) in [
        ("order list", 0),
        ("--version", 0),
        ("--help", 0),
        ("", 2),
        ("ordr list", 2),
        ("order", 2),
        ("order show", 2),
        ("order show SO-9999-0001", 2),
        ("-C /nowhere order list", 2),
        ("order set SO-2609-0004 customer=CX99", 2),
        ("order review SO-2609-0012", 3),
        ("customer add CX01 --name x", 5),
        ("order list customer:CX16 --fail-empty", 6),
        ("find nothing-like-this --fail-empty", 6),
        ("report sales -p 2020 --fail-empty", 6),
    ] {
        desk.run(line).code(code);
    }
}

#[test]
fn the_data_directory_is_found_above_by_flag_and_by_variable() {
    let desk = Desk::example();
    let root = desk.path("").display().to_string();
    let count = |line: &str, from: &str| {
        let mut command = desk.command(line);
        let out = command.current_dir(from).output().expect("it runs");
        (out.status.code(), String::from_utf8_lossy(&out.stdout).lines().count())
    };
    assert_eq!(count("staff list -O csv", &format!("{root}/orders/2026-09")), (Some(0), 10));
    assert_eq!(count(&format!("-C {root} staff list -O csv"), "/"), (Some(0), 10));
    assert_eq!(count(&format!("DESK_DIR={root} staff list -O csv"), "/"), (Some(0), 10));
    assert_eq!(count("staff list -O csv", "/"), (Some(2), 0));
}

#[test]
fn a_dry_run_says_the_same_with_the_difference_and_writes_nothing() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("order add CX01 --line 'A100 x 1' -n")
        .succeeds()
        .stdout(str![[r#"
SO-2609-0014  晨星医药  128.00  awaiting review
Next: desk order review SO-2609-0014   (by someone else)
--- orders/2026-09/SO-2609-0014.toml
@@ line 1 @@
+id = "SO-2609-0014"
+date = 2026-09-23
+entered_by = "li-min"
+entered_at = 2026-09-23T12:00:00.000+08:00
+customer = "CX01"
+delivery_method = "own_vehicle"
+credit_days = 30
+prices_include_tax = true
+staff = "li-min"
+district = "east"
+
+[[line]]
+no = 1
+product = "A100"
+qty = 1
+unit = "pc"
+price = "128.00"
+tax_rate = "0.13"

"#]])
        .stderr(str![[r#"
note: dry run: nothing was written

"#]]);
    desk.run("customer set CX01 --credit-days 45 -n").succeeds().stdout(str![[r#"
CX01  credit_days = 45
--- customers/CX01.toml
@@ line 11 @@
-credit_days = 30
+credit_days = 45

"#]]);
    for line in [
        "order void SO-2609-0013 --reason x --dry-run",
        "DESK_USER=wang order review SO-2609-0012 -n",
        "order hold SO-2609-0004 --reason x -n",
        "order close SO-2609-0013 --reason x -n",
        "order copy SO-2609-0004 -n",
        "product set A100 --cost 1 -n",
        "customer attach CX01 desk.toml -n",
        "init --demo ../other -n",
    ] {
        desk.run(line).succeeds();
    }
    desk.run("order add CX01 --line 'A100 x 1' --date 2020-01-01 -n").has("SO-2001-0001");
    assert_eq!(desk.changes(&before), "");
    assert!(!desk.outside().join("other").exists());
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let desk = Desk::example();
    let mut child = desk.command("order export --blocks line").spawn().expect("it runs");
    drop(child.stdout.take());
    let out = child.wait_with_output().expect("it ends");
    assert_eq!((out.status.code(), String::from_utf8_lossy(&out.stderr).as_ref()), (Some(0), ""));
    let mut shell = Command::new("sh");
    shell.args(["-c", "\"$0\" order list | head -n 1"]).arg(PROGRAM).current_dir(desk.path(""));
    let out = shell.stdin(Stdio::null()).output().expect("sh runs");
    assert_eq!(String::from_utf8_lossy(&out.stdout), "Orders\n");
    assert_eq!(String::from_utf8_lossy(&out.stderr), "");
}

#[test]
fn two_runs_give_the_same_bytes_with_and_without_the_cache() {
    let desk = Desk::example();
    for line in [
        "report sales -p 2026 --by month,category --compare previous",
        "report sales --by staff,district -O json",
        "report orders",
        "report contracts -O md",
        "order list --cols all -O json",
        "check -O json",
        "find A100",
    ] {
        let once = desk.run(line).succeeds();
        desk.run(line).succeeds().stdout_is(once.text());
        desk.run(&format!("{line} --no-cache")).succeeds().stdout_is(once.text());
        desk.run(&format!("RAYON_NUM_THREADS=1 {line}")).succeeds().stdout_is(once.text());
    }
}

#[test]
fn reading_writes_nothing_but_the_cache() {
    let desk = Desk::example();
    let before = desk.tree();
    for line in ["report sales -p 2026-09", "order list", "check", "find x", "config list"] {
        desk.run(line).succeeds();
    }
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn a_file_decides_the_format_by_its_extension() {
    let desk = Desk::example();
    desk.run("report sales -p 2026-09 -o sales.csv").succeeds().stdout("");
    assert_eq!(desk.read("sales.csv"), desk.run("report sales -p 2026-09 -O csv").text());
    desk.run("report sales -p 2026-09 -o sales.json").succeeds();
    assert_eq!(desk.read("sales.json"), desk.run("report sales -p 2026-09 -O json").text());
    desk.run("report sales -o sales.abc").code(2).stderr_has("does not say which format");
    desk.run("report sales -o /nowhere/sales.csv").code(1).stderr_has("/nowhere/sales.csv");
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let desk = Desk::example();
    desk.run("order add CX01 --line 'A100 x 1' -q").succeeds().stdout("").quietly();
    desk.run("order show SO-2609-0014 -O csv").succeeds();
    desk.run("check -q").succeeds().stdout("").quietly();
}

#[test]
fn colour_only_where_it_is_asked_for() {
    let desk = Desk::example().without("NO_COLOR");
    desk.run("report sales -p 2026-09").succeeds().has_not("\u{1b}");
    desk.run("report sales -p 2026-09 --color always").succeeds().has("\u{1b}[");
    desk.run("NO_COLOR=1 report sales -p 2026-09 --color never").succeeds().has_not("\u{1b}");
    desk.run("report sales --color sometimes").code(2).stderr_has("--color");
}

#[test]
fn nothing_a_record_holds_reaches_the_terminal_as_a_command() {
    let desk = Desk::example();
    desk.change(
        "customers/CX14.toml",
        "name = \"鹿城医药商行\"",
        "name = \"evil\\u001b[31m\\u202Ename\"",
    );
    for line in ["customer list", "customer show CX14", "find evil", "check"] {
        let ran = desk.run(line);
        assert!(!ran.text().contains(['\u{1b}', '\u{202e}']), "{line}");
    }
}

#[test]
fn labels_are_in_the_language_the_company_reads_unless_someone_says_otherwise() {
    let desk = Desk::example();
    desk.change("desk.toml", "language = \"en\"", "language = \"zh\"");
    desk.run("order list --limit 1").succeeds().has("客户");
    desk.run("order list --limit 1 --lang en").succeeds().has("customer");
    desk.run("DESK_LANG=en order list --limit 1").succeeds().has("customer");
}

#[test]
fn a_mark_that_was_left_in_a_printed_command_is_no_value() {
    let desk = Desk::example();
    let before = desk.tree();
    for (typed, word) in [
        ("ship receive SH-2609-0002 --by …", "--by"),
        ("ship send SH-2609-0009 --waybill …", "--waybill"),
        ("invoice issue IN-2609-0004 --number …", "--number"),
        ("payment match PM-… --to SO-2609-0004", "ID"),
        ("payment match PM-2609-0004 --to …", "--to"),
        ("order set SO-2609-0004 remarks=…", "PAIRS"),
        ("order add CX01 --line 'A100 x 1 text=…'", "--line"),
        ("order hold SO-2609-0007 --reason …", "--reason"),
    ] {
        desk.run(typed).code(2).stderr_has(&format!("error: {word} still says"));
    }
    assert_eq!(desk.changes(&before), "");
    desk.run("order hold SO-2609-0007 --reason '客户说等等…'").succeeds();
}

#[test]
fn what_is_refused_says_the_nearest_reason() {
    let desk = Desk::example();
    let before = desk.tree();
    for (typed, why) in [
        ("ship return --from SH-9999-1 --condition good --reason x", "no ship \"SH-9999-1\""),
        ("today --as-of 9999-12-31", "--as-of 9999-12-31 is not of the years 1900 to 2199"),
        ("today --as-of soon", "--as-of takes a date, not \"soon\""),
        ("order add CX01 --line 'A100 x 0'", "line \"A100 x 0\": a quantity of zero"),
        (
            "order add CX01 --line 'A100 x 1' --quote true --valid-to 2026-09-22",
            "an offer until 2026-09-22 is over already",
        ),
        ("payment add CX01 10 --match SO-2609-0006", "hint: leave --match out"),
    ] {
        desk.run(typed).code(2).stderr_has(why);
    }
    assert_eq!(desk.changes(&before), "");
}
