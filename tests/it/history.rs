//! `desk history`: what git knows of a record's file.

use snapbox::str;

use crate::desk::Desk;

#[test]
fn a_record_has_the_history_of_its_file() {
    let desk = Desk::example();
    let git = |words: &[&str], day: &str| {
        let mut command = std::process::Command::new("git");
        command
            .current_dir(desk.path(""))
            .args(["-c", "user.name=李敏", "-c", "user.email=li@example.com"])
            .args(words);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let at = format!("{day}T09:00:00+08:00");
        command.env("GIT_AUTHOR_DATE", &at).env("GIT_COMMITTER_DATE", &at);
        let out = command.output().expect("git is installed");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    git(&["init", "-q", "-b", "main"], "2026-09-20");
    git(&["add", "."], "2026-09-20");
    git(&["commit", "-qm", "first"], "2026-09-20");
    desk.run("order set SO-2609-0003 --remarks 已确认").succeeds();
    git(&["commit", "-qam", "SO-2609-0003 remarks"], "2026-09-21");
    desk.run("order history SO-2609-0003 --cols at,by,what").succeeds().stdout(str![[r#"
History of SO-2609-0003

at                by    what
--------------------------------------------
2026-09-21 09:00  李敏  SO-2609-0003 remarks
2026-09-20 09:00  李敏  first
2 rows

"#]]);
    desk.run("order history SO-2609-0001 -O csv --cols what").succeeds().stdout("what\nfirst\n");
    desk.run("order history SO-2609-9999").code(2);
}

#[test]
fn without_git_there_is_no_history() {
    let desk = Desk::example();
    let ran = desk.run("order history SO-2609-0003");
    assert!(ran.exit() == 1 || ran.exit() == 2, "{ran}");
}
