//! Sites: two clones work at the same time, and plain git brings their work together.

use crate::{
    desk::Desk,
    git::{clone, committed, git, try_git},
};

#[test]
fn a_clone_is_offered_the_next_free_site_and_takes_none_by_itself() {
    let desk = committed();
    desk.run("init").succeeds().stdout(". is set up: site not set\nNext: desk config list\n");
    desk.run("DESK_SITE=A task add call --commit").succeeds();
    desk.run("DESK_SITE=C order add CX01 --line 'A100 x 1' --commit").succeeds();
    let other = clone(&desk);
    let asked = other.run("init").succeeds();
    asked
        .has("Next: desk init --site B   (or --site none)")
        .stderr_has("no id here or on any branch has B");
    assert!(!other.path(".desk/local.toml").exists());
    other.run("init --site B --user wang").succeeds().has(". is set up: site B, user wang");
    other.run("config list -O csv").has("site,B,.desk/local.toml");
    other.run("DESK_SITE=Q config list -O csv").has("site,Q,DESK_SITE");
    other.run("init -y").succeeds().has(". is set up: site B, user wang");
    other.run("init --site none").succeeds().has(". is set up: no site, user wang");
    other.run("init").succeeds().has(". is set up: no site, user wang");
    for site in ["a", "ABCD", "A1", "''"] {
        other.run(&format!("init --site {site}")).code(if site == "''" { 0 } else { 2 });
    }
    other.run("init --user nobody").code(2).stderr_has("no member of staff has the code");
    other.run("init --name x").code(5);
    assert_eq!(git(&other, "config core.fsync"), "added,reference\n");
    let third = clone(&desk);
    third.run("init --yes").succeeds().has(". is set up: site B");
}

#[test]
fn every_dated_kind_takes_the_site_into_its_ids_and_files() {
    let desk = Desk::example().with("DESK_SITE", "BJ");
    for (line, path) in [
        ("order add CX01 --line 'A100 x 1'", "orders/2026-09/SO-2609-BJ0001.toml"),
        (
            "contract add CX01 --title 年度 --line 'A100 x 1'",
            "contracts/2026-09/CT-2609-BJ0001.toml",
        ),
        ("task add call", "tasks/2026-09-BJ.csv"),
    ] {
        desk.run(line).succeeds().has("-2609-BJ0001");
        assert!(desk.path(path).exists(), "{path}");
    }
    desk.run("order show BJ0001 -O json").succeeds();
    desk.run("order show 0001").code(2);
    desk.run("order list id:SO-2609-BJ0001 -O csv --cols id").stdout("id\nSO-2609-BJ0001\n");
    desk.run("check").succeeds();
    let row = desk.read("tasks/2026-09-BJ.csv").lines().last().expect("a row").to_owned();
    let row = row.replace("BJ0001", "0100");
    desk.write("tasks/2026-09-BJ.csv", desk.read("tasks/2026-09-BJ.csv") + &row + "\n");
    desk.run("check").code(3).has("error[file.site]");
}

#[test]
fn with_sites_two_clones_merge_without_a_conflict() {
    let desk = committed();
    let other = clone(&desk);
    desk.run("init --site A").succeeds();
    other.run("init --site B").succeeds();
    for (clone, site) in [(&desk, 'A'), (&other, 'B')] {
        for no in 1..=6 {
            clone.run(&format!("order add CX01 --line 'A100 x {no}' --commit")).succeeds();
            clone
                .run(&format!("task add 'call {no}' --about SO-2609-{site}000{no} --commit"))
                .succeeds();
        }
        clone.run(&format!("order set SO-2609-{site}0001 remarks=已确认 --commit")).succeeds();
        clone.run(&format!("task set TK-2609-{site}0002 owner=wang --commit")).succeeds();
        clone.run(&format!("order void SO-2609-{site}0006 --reason x --commit")).succeeds();
    }
    git(&desk, &format!("pull -q --no-rebase --no-edit '{}' main", other.path("").display()));
    desk.run("check").succeeds().has(" 0 errors, 0 warnings");
    let ids =
        |noun: &str| desk.run(&format!("{noun} list -O csv --cols id --include-void")).column("id");
    for noun in ["order", "task"] {
        let prefix = if noun == "order" { "SO" } else { "TK" };
        for site in ['A', 'B'] {
            for no in 1..=6 {
                let id = format!("{prefix}-2609-{site}000{no}");
                assert_eq!(ids(noun).iter().filter(|other| **other == id).count(), 1, "{id}");
            }
        }
    }
    assert!(desk.read("tasks/2026-09-B.csv").contains("TK-2609-B0002"));
}

#[test]
fn without_sites_git_sees_one_id_given_twice() {
    let desk = committed();
    let other = clone(&desk);
    desk.run("order add CX01 --line 'A100 x 1' --commit").succeeds();
    other
        .run("DESK_TODAY=2026-09-23T13:00:00+08:00 order add CX02 --line 'A100 x 2' --commit")
        .succeeds();
    let (said, well) =
        try_git(&desk, &format!("pull -q --no-rebase '{}' main", other.path("").display()));
    assert!(!well && said.contains("CONFLICT (add/add)"), "{said}");
    desk.run("check").code(3).has("error[toml.conflict]").has("desk renumber SO-2609-0014");
}
