//! `--commit` and `[git] commit = true`, and what a hostile repository may bring.

use std::process::Command;

use snapbox::str;

use crate::desk::{Desk, split};

/// Runs git in a data directory as 李敏, and gives what it says.
#[track_caller]
pub(crate) fn git(desk: &Desk, line: &str) -> String {
    let (said, well) = try_git(desk, line);
    assert!(well, "git {line}\n{said}");
    said
}

/// The same, and whether it ended well.
pub(crate) fn try_git(desk: &Desk, line: &str) -> (String, bool) {
    let mut command = Command::new("git");
    command.current_dir(desk.path("")).env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env("GIT_CONFIG_SYSTEM", "/dev/null").env("LC_ALL", "C");
    command.args(["-c", "user.name=李敏", "-c", "user.email=li@example.com"]);
    let at = "2026-09-20T09:00:00+08:00";
    command.env("GIT_AUTHOR_DATE", at).env("GIT_COMMITTER_DATE", at);
    let out = command.args(split(line)).output().expect("git is installed");
    let said = [out.stdout, out.stderr].concat();
    (String::from_utf8_lossy(&said).into_owned(), out.status.success())
}

/// The example company in a repository of its own, everything committed.
pub(crate) fn committed() -> Desk {
    let desk = Desk::example();
    git(&desk, "init -q -b main");
    desk.run("init").succeeds();
    git(&desk, "add .");
    git(&desk, "commit -qm first");
    desk
}

/// Another clone of a data directory.
pub(crate) fn clone(desk: &Desk) -> Desk {
    let other = Desk::empty();
    git(&other, &format!("clone -q '{}' .", desk.path("").display()));
    other
}

#[test]
fn a_commit_holds_what_was_written_and_nothing_else() {
    let desk = committed();
    desk.write("staged.txt", "staged");
    git(&desk, "add staged.txt");
    desk.write("other.txt", "other");
    desk.change("customers/CX02.toml", "grade = \"A\"", "grade = \"B\"");
    desk.run("order add CX01 --line 'A100 x 2' --commit").succeeds().stderr_has("note: committed ");
    let shown = git(&desk, "show --name-status --format=%an%n%ae%n%aI%n%B HEAD");
    crate::desk::same(
        "commit",
        &shown,
        str![[r#"
李敏
li.min@example.com
2026-09-23T12:00:00+08:00
SO-2609-0014 晨星医药 256.00 awaiting review

Command: desk order add CX01 --line 'A100 x 2' --commit
By: li-min


A	orders/2026-09/SO-2609-0014.toml

"#]],
    );
    let status = git(&desk, "status --short");
    assert_eq!(status, " M customers/CX02.toml\nA  staged.txt\n?? other.txt\n");
    git(&desk, "fsck --strict");
}

#[test]
fn what_a_person_changed_as_the_index_was_written_stays_to_be_seen() {
    let desk = committed();
    // Git compares whole seconds, and the times of files alone: every time here is the same one.
    git(&desk, "config core.checkStat minimal");
    git(&desk, "config core.trustCtime false");
    let path = "customers/CX02.toml";
    touch(&desk, path);
    git(&desk, "update-index --refresh");
    desk.change(path, "grade = \"A\"", "grade = \"B\"");
    touch(&desk, path);
    touch(&desk, ".git/index");
    desk.run("task add call --commit").succeeds();
    assert_eq!(git(&desk, "status --short"), " M customers/CX02.toml\n");
}

#[test]
fn a_commit_changes_no_mode() {
    let desk = committed();
    let path = "customers/CX01.toml";
    make_executable(&desk, path);
    git(&desk, &format!("add {path}"));
    git(&desk, "commit -qm mode");
    desk.run("customer set CX01 grade=B --commit").succeeds();
    desk.run("customer set CX02 grade=B --commit").succeeds();
    let modes =
        git(&desk, "ls-tree --format=%(objectmode) HEAD customers/CX01.toml customers/CX02.toml");
    assert_eq!(modes, "100755\n100644\n");
    assert_eq!(git(&desk, "status --short"), "");
}

#[test]
fn several_records_are_one_commit_and_undo_is_another() {
    let desk = committed();
    desk.run("order void SO-2609-0013 SO-2609-0012 --reason 重复 --commit").succeeds();
    let subject = "SO-2609-0013 is void: 重复, and 1 more\n";
    assert_eq!(git(&desk, "log -1 --format=%s"), subject);
    desk.run("undo --commit").succeeds();
    assert_eq!(git(&desk, "diff --stat HEAD~2 HEAD"), "");
    assert_eq!(git(&desk, "status --short"), "");
    assert_eq!(git(&desk, "rev-list --count HEAD"), "3\n");
}

#[test]
fn what_is_confidential_local_or_ignored_is_never_committed() {
    let desk = committed();
    desk.run("product set A100 cost=31 --commit").succeeds();
    assert_eq!(git(&desk, "rev-list --count HEAD"), "1\n");
    git(&desk, "add -f private/products/A100.toml");
    desk.run("product set A100 cost=32 list_price=129 --commit").succeeds();
    assert_eq!(git(&desk, "show --name-only --format= HEAD"), "products/A100.toml\n");
    desk.write(".git/info/exclude", "/tasks/2026-10*\n");
    desk.run("DESK_TODAY=2026-10-02 task add later --commit").succeeds();
    assert_eq!(git(&desk, "rev-list --count HEAD"), "2\n");
}

#[test]
fn the_company_may_ask_for_a_commit_each_time() {
    let desk = committed();
    desk.write("desk.toml", desk.read("desk.toml") + "\n[git]\ncommit = true\n");
    desk.run("task add call --owner wang").succeeds().stderr_has("note: committed ");
    assert_eq!(git(&desk, "log -1 --format=%s"), "TK-2609-0009 call added\n");
    desk.run("task add another --dry-run").succeeds();
    assert_eq!(git(&desk, "rev-list --count HEAD"), "2\n");
    desk.change("desk.toml", "commit = true", "comit = true");
    desk.run("task add x").code(3).stderr_has("did you mean \"commit\"?");
}

#[test]
fn without_git_commit_is_refused_before_anything_is_written() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("task add call --commit")
        .code(2)
        .stdout("")
        .stderr_has("is in no git repository, so nothing can be committed");
    assert_eq!(desk.changes(&before), "");
    desk.write("desk.toml", desk.read("desk.toml") + "\n[git]\ncommit = true\n");
    desk.run("task add call").succeeds().stderr_has("note: [git] commit = true, but ");
}

#[test]
fn in_the_middle_of_a_merge_nothing_is_committed() {
    let desk = committed();
    desk.write(".git/MERGE_HEAD", git(&desk, "rev-parse HEAD"));
    desk.run("task add call --commit").code(5).stderr_has("git is in the middle of a merge");
    assert_eq!(desk.read("tasks/2026-09.csv").matches("call").count(), 1);
}

#[test]
fn a_commit_that_fails_leaves_the_record_and_says_so() {
    let desk = committed();
    // As another git leaves it that is still at work, or was killed.
    desk.write(".git/refs/heads/main.lock", "");
    let ran = desk.run("task add call --commit");
    assert_eq!(ran.exit(), 1, "{ran}");
    assert!(ran.text().starts_with("TK-2609-0009  call  added"), "{ran}");
    ran.stderr_has("written, but not committed: ").stderr_has("git add tasks/2026-09.csv");
    assert!(desk.read("tasks/2026-09.csv").contains("TK-2609-0009"));
}

#[test]
fn a_repository_without_a_name_commits_in_the_users() {
    let desk = committed();
    desk.run("DESK_USER=stranger task add call --commit").succeeds();
    assert_eq!(
        git(&desk, "log -1 --format=%an/%ae/%cn"),
        "stranger/stranger@desk.invalid/stranger\n"
    );
    git(&desk, "config user.name 'Desk of 华东'");
    git(&desk, "config user.email desk@example.com");
    desk.run("task add again --commit").succeeds();
    assert_eq!(git(&desk, "log -1 --format=%an/%ae"), "Desk of 华东/desk@example.com\n");
}

#[test]
fn what_was_cut_short_is_a_commit_of_its_own() {
    let desk = Desk::example();
    git(&desk, "init -q");
    git(&desk, "add .");
    git(&desk, "-c user.name=x -c user.email=x@example.com commit -qm first");
    let second = "orders/2026-09/SO-2609-0013.toml";
    let whole = desk.read(second);
    desk.run("order void SO-2609-0012 SO-2609-0013 --reason x").succeeds();
    crate::journal::cut_last_frame(&desk);
    desk.write(second, whole);
    desk.run("task add call --commit").succeeds();
    let log = git(&desk, "log --format=%s --name-only -2");
    let expected = "TK-2609-0009 call added\n\ntasks/2026-09.csv\nSO-2609-0012 is void: x, and 1 more\n\n\
                    orders/2026-09/SO-2609-0012.toml\norders/2026-09/SO-2609-0013.toml\n";
    assert_eq!(log, expected);
    assert_eq!(git(&desk, "status --porcelain --untracked-files=no"), "");
}

#[test]
fn ten_at_once_make_ten_commits() {
    let desk = committed();
    let children: Vec<_> = (0..10)
        .map(|no| desk.command(&format!("task add 'call {no}' --commit")).spawn().expect("it runs"))
        .collect();
    for child in children {
        let out = child.wait_with_output().expect("it ends");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
    assert_eq!(git(&desk, "rev-list --count HEAD"), "11\n");
    assert_eq!(git(&desk, "status --short"), "");
    let each = git(&desk, "log --format= --shortstat -10");
    assert_eq!(each.matches("1 file changed, 1 insertion(+)\n").count(), 10, "{each}");
}

#[test]
fn a_first_commit_and_a_directory_within_a_work_tree_are_committed_too() {
    let desk = Desk::empty();
    desk.run("init ledger --name 华东 --git --user li-min").succeeds();
    desk.run("-C ledger staff add li-min --name 李敏 --commit").succeeds();
    let log = |folder: &str| git(&desk, &format!("-C {folder} log --name-only --format=%s"));
    assert_eq!(log("ledger"), "li-min 李敏 added\n\nstaff/li-min.toml\n");
    let outer = Desk::empty();
    git(&outer, "init -q");
    outer.run("init books/east --name 华东 --user li-min").succeeds();
    outer.run("-C books/east staff add li-min --name 李敏 --commit").succeeds();
    let named = git(&outer, "log --name-only --format=%s");
    assert_eq!(named, "li-min 李敏 added\n\nbooks/east/staff/li-min.toml\n");
    outer.run("-C books/east staff history li-min --cols what -O csv").stdout("what\nadded\n");
    make_executable(&outer, "books/east/staff/li-min.toml");
    git(&outer, "add books/east/staff/li-min.toml");
    outer.run("-C books/east staff set li-min role=sales --commit").succeeds();
    assert_eq!(git(&outer, "ls-tree -r --format=%(objectmode) HEAD books/east/staff"), "100755\n");
}

/// Everything a repository can name a program by: none of it may be run.
#[test]
fn nothing_in_a_hostile_repository_is_run() {
    let desk = committed();
    let trap = desk.outside().join("trap");
    desk.write("../evil.sh", format!("#!/bin/sh\ntouch '{}'\ncat\nexit 0\n", trap.display()));
    let evil = desk.outside().join("evil.sh").display().to_string();
    make_executable(&desk, "../evil.sh");
    for key in [
        "core.fsmonitor",
        "core.editor",
        "core.pager",
        "core.sshCommand",
        "core.askPass",
        "core.alternateRefsCommand",
        "core.gitProxy",
        "diff.external",
        "diff.x.textconv",
        "diff.x.command",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "merge.x.driver",
        "gpg.program",
        "gpg.ssh.program",
        "gpg.ssh.defaultKeyCommand",
        "pager.log",
        "sequence.editor",
        "credential.helper",
        "interactive.diffFilter",
        "uploadpack.packObjectsHook",
        "remote.origin.uploadpack",
        "trailer.x.command",
    ] {
        git(&desk, &format!("config {key} '{evil}'"));
    }
    for (key, value) in [
        ("commit.gpgSign", "true"),
        ("log.showSignature", "true"),
        ("filter.x.required", "true"),
        ("core.hooksPath", ".hooks"),
        ("alias.log", &format!("!{evil}")),
        ("alias.commit-tree", &format!("!{evil}")),
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", &format!("ext::{evil}")),
        ("protocol.ext.allow", "always"),
    ] {
        git(&desk, &format!("config {key} '{value}'"));
    }
    desk.write(".gitattributes", "* filter=x diff=x merge=x text eol=lf\n");
    for hook in
        ["pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"]
    {
        desk.write(&format!(".hooks/{hook}"), format!("#!/bin/sh\n{evil}\n"));
        make_executable(&desk, &format!(".hooks/{hook}"));
        desk.write(&format!(".git/hooks/{hook}"), format!("#!/bin/sh\n{evil}\n"));
        make_executable(&desk, &format!(".git/hooks/{hook}"));
    }
    // An index older than its files makes git look into every one of them.
    touch(&desk, ".git/index");
    desk.run("task add call --commit").succeeds();
    desk.run("task set 0009 owner=wang").succeeds();
    desk.run("task history 0009").succeeds().has("owner");
    desk.run("order history SO-2609-0003").succeeds();
    desk.run("renumber TK-2609-0009 TK-2609-0010 --commit").succeeds();
    desk.run("init").succeeds();
    desk.run("init --site B").succeeds();
    desk.run("undo --commit").succeeds();
    // An object that is missing would be fetched from the remote, by its program.
    let blob = git(&desk, "rev-parse HEAD:orders/2026-09/SO-2609-0003.toml");
    let (folder, rest) = blob.trim().split_at(2);
    let _ = std::fs::remove_file(desk.path(&format!(".git/objects/{folder}/{rest}")));
    desk.run("order history SO-2609-0003");
    desk.run("check").succeeds();
    assert!(!trap.exists(), "a program of the repository was run");
    try_git(&desk, "add .");
    assert!(trap.exists(), "the trap would not have shown it");
}

/// Gives a file the time of a day long ago.
fn touch(desk: &Desk, name: &str) {
    let touched = Command::new("touch").args(["-d", "2001-01-01"]).arg(desk.path(name)).status();
    assert!(touched.expect("touch is there").success());
}

/// Lets a file be run, as a hostile archive would.
pub(crate) fn make_executable(desk: &Desk, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(desk.path(name), mode).expect("the file was just written");
}
