//! `find`, `config`, `completions`, `man`, `help`, `template`.

use snapbox::str;

use crate::desk::{Desk, PROGRAM};

const NOUNS: &[&str] = &["order", "contract", "customer", "supplier", "product", "staff"];

#[test]
fn records_of_any_kind_are_found_by_words() {
    let desk = Desk::example();
    desk.run("find 晨星").succeeds().stdout(str![[r#"
kind      id            name                             date        void
-------------------------------------------------------------------------
invoice   IN-2601-0006  26442000000010006                2026-01-20  no
invoice   IN-2602-0005  26442000000010015                2026-02-13  no
invoice   IN-2603-0004  26442000000010020                2026-03-17  no
invoice   IN-2604-0014  26442000000010037                2026-04-23  no
invoice   IN-2605-0008  26442000000010047                2026-05-22  no
invoice   IN-2606-0014  26442000000010064                2026-06-24  no
invoice   IN-2607-0008  26442000000010076                2026-07-21  no
invoice   IN-2608-0003  26442000000010086                2026-08-17  no
invoice   IN-2609-0004                                   2026-09-09  no
customer  CX01          晨星医药 / 上海晨星医药有限公司              no
market    MK-2608-0002  康测额温计对经销商报 122         2026-08-26  no
market    MK-2609-0005  康测再降到 115                   2026-09-23  no
summary   WS-2609-0002                                   2026-09-04  no
summary   WS-2609-0008                                   2026-09-20  no
14 rows

"#]]);
    desk.run("find Sunrise -O csv").succeeds().stdout(str![[r#"
kind,id,name,date,void
invoice,IN-2602-0001,26442000000010011,2026-02-03,false
invoice,IN-2604-0015,26442000000010038,2026-04-29,false
invoice,IN-2607-0014,26442000000010082,2026-07-30,false
invoice,IN-2609-0006,26442000000010102,2026-09-18,false
expense,EX-2609-0003,给 Sunrise Medical 寄样品与单证,2026-09-07,false
customer,CX03,Sunrise Medical / Sunrise Medical Ltd,,false
task,TK-2609-0002,Weekly call with Sunrise Medical,2026-09-01,false

"#]]);
    desk.run("find 国庆 2026-09").succeeds();
    desk.run("find nothing-like-this").succeeds().stdout(str![[r#"
Nothing holds nothing-like-this.

"#]]);
    desk.run("find").code(2);
}

#[test]
fn settings_are_listed_with_their_sources() {
    let desk = Desk::example();
    desk.write(".desk/local.toml", "user = \"zhou\"\nsite = \"B\"\n");
    desk.write("../desk/config.toml", "user = \"huang\"\neditor = \"vi\"\n");
    let settings = |line: &str| {
        let rows = desk.run(line).succeeds().rows();
        rows.into_iter()
            .take(4)
            .map(|row| format!("{}={} ({})", row["key"], row["value"], row["source"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        settings("config list -O csv"),
        [
            "user=li-min (DESK_USER)",
            "site=B (.desk/local.toml)",
            "language=en (desk.toml)",
            "editor=vi (config.toml)"
        ],
    );
    let desk = desk.without("DESK_USER");
    desk.run("config list -O csv").succeeds().has("user,zhou,.desk/local.toml\n");
    desk.run("config list -O csv").succeeds().has("company.time_zone,Asia/Shanghai,desk.toml\n");
    desk.write(".desk/local.toml", "usr = \"zhou\"\n");
    desk.run("config list").code(2).stderr(str![[r#"
error: cannot read [..]/.desk/local.toml: unknown field `usr`
hint: it may hold user and site

"#]]);
}

#[test]
fn nothing_in_a_data_directory_names_a_program_to_run() {
    let desk = Desk::example();
    desk.write(
        ".desk/local.toml",
        "user = \"li-min\"\neditor = \"touch owned\"\npager = \"touch owned\"\n",
    );
    desk.run("customer edit CX01").code(2).stderr_has("no editor is set");
    assert!(!desk.path("owned").exists());
}

#[test]
fn shells_complete_ids_from_the_files() {
    let desk = Desk::example();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        desk.run(&format!("completions {shell}")).succeeds().has("desk");
    }
    desk.run("completions tcsh").code(2);
    let complete = |words: &str, at: &str| {
        let line = format!("COMPLETE=bash _CLAP_IFS=\n _CLAP_COMPLETE_INDEX={at}");
        let mut command = desk.command(&line.replace('\n', " "));
        command.env("_CLAP_IFS", "\n").args(["--", "desk"]).args(words.split(' '));
        let out = command.output().expect("it runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        complete("order show SO-2609-001", "3"),
        ["SO-2609-0013", "SO-2609-0012", "SO-2609-0011", "SO-2609-0010"]
    );
    assert_eq!(complete("customer show CX0", "3").len(), 9);
    assert!(complete("ord", "1").contains(&"order".to_owned()));
    assert!(complete("order ", "2").contains(&"review".to_owned()));
}

#[test]
fn the_manual_names_every_command() {
    let desk = Desk::empty();
    let page = desk.run("man").succeeds().quietly();
    assert!(page.text().contains(".TH desk 1"));
    for noun in NOUNS.iter().chain(&["report", "check", "find", "init"]) {
        assert!(page.text().contains(noun), "{noun}");
    }
}

#[test]
fn every_topic_of_help_is_there() {
    let desk = Desk::empty();
    for topic in ["periods", "filters", "ids", "lines", "exit-codes", "environment"] {
        let ran = desk.run(&format!("help {topic}")).succeeds().quietly();
        assert!(ran.text().lines().count() > 1, "{ran}");
    }
    for noun in NOUNS {
        desk.run(&format!("help fields {noun} -O csv")).succeeds().has("id,text,required,");
    }
    desk.run("help").succeeds().has("Usage: desk");
    desk.run("help period").code(2).stderr_has("did you mean periods?");
    desk.run("help fields ordr").code(2).stderr_has("kinds: order, contract");
}

#[test]
fn an_empty_template_and_a_whole_one_are_records() {
    let desk = Desk::example();
    desk.write("attachments/x", "");
    for (noun, path) in [
        ("order", "orders/2026-09/SO-2609-0099.toml"),
        ("contract", "contracts/2026-09/CT-2609-0099.toml"),
        ("customer", "customers/ZC.toml"),
        ("supplier", "suppliers/ZS.toml"),
        ("product", "products/ZP.toml"),
        ("staff", "staff/ZT.toml"),
    ] {
        let template = desk.run(&format!("{noun} template")).succeeds().quietly();
        let id =
            path.rsplit('/').next().and_then(|name| name.strip_suffix(".toml")).unwrap_or_default();
        for whole in [false, true] {
            let text = filled(template.text(), id, whole);
            desk.write(path, &text);
            let found = desk.run(&format!("check -O json {path}")).json();
            let found = found.as_array().expect("a list").iter().map(|one| one["code"].to_string());
            let unread: Vec<_> = found
                .filter(|code| {
                    ["toml.", "field.", "line.", "file.", "id."]
                        .iter()
                        .any(|topic| code[1..].starts_with(topic))
                })
                .collect();
            assert_eq!(unread, Vec::<String>::new(), "{noun}\n{text}");
            desk.run(&format!("{noun} show {id}")).succeeds();
        }
    }
}

/// A template as someone fills it in: what is required, or every field it names.
fn filled(template: &str, id: &str, whole: bool) -> String {
    let fill = |line: &str| {
        let line = match line.strip_prefix("# ") {
            Some(field) if whole && (field.contains(" = ") || field.starts_with('[')) => field,
            _ => line,
        };
        let (field, about) = line.split_once("  # ").unwrap_or((line, ""));
        let holds =
            about.rsplit_once(" (").map_or("", |(_, holds)| holds.trim_end_matches([')', ';']));
        let held = match holds.split(';').next().unwrap_or_default() {
            "staff code" | "staff id" => "li-min",
            "customer id" | "party id" => "CX01",
            "product id" => "A100",
            "contract id" => "CT-2609-0004",
            "one of districts" => "east",
            _ if field.starts_with("currency") => "CNY",
            _ => "x",
        };
        let held = if field == "id = \"\"" { id } else { held };
        field.replace("\"\"", &format!("\"{held}\""))
    };
    template.lines().map(|line| fill(line) + "\n").collect()
}

#[test]
fn the_program_needs_no_data_directory_to_explain_itself() {
    let desk = Desk::empty();
    for line in [
        "--version",
        "--help",
        "help periods",
        "man",
        "completions bash",
        "order template",
        "report list",
        "check --explain all",
    ] {
        desk.run(line).succeeds().quietly();
    }
    desk.run("order list").code(2).stderr(str![[r#"
error: no data directory at or above [..]/data
hint: desk init DIR, or name one: -C DIR

"#]]);
    let version = desk.run("--version");
    assert_eq!(version.text(), format!("desk {}\n", env!("CARGO_PKG_VERSION")), "{PROGRAM}");
}
