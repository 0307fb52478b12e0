//! Many at once: every order gets an id of its own, and none is lost.

use crate::desk::Desk;

#[test]
fn twenty_orders_at_once_get_twenty_ids_without_a_gap() {
    let desk = Desk::example();
    let line = "order add CX01 --line 'A100 x 1'";
    let children: Vec<_> = (0..20).map(|_| desk.command(line).spawn().expect("it runs")).collect();
    let mut given: Vec<String> = children
        .into_iter()
        .map(|child| {
            let out = child.wait_with_output().expect("it ends");
            assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
            String::from_utf8_lossy(&out.stdout).split(' ').next().unwrap_or_default().to_owned()
        })
        .collect();
    given.sort();
    let expected: Vec<String> = (14..34).map(|no| format!("SO-2609-{no:04}")).collect();
    assert_eq!(given, expected);
    desk.run("check").succeeds().has("913 records checked: 0 errors, 0 warnings");
}

#[test]
fn two_reviewers_at_once_approve_once() {
    let desk = Desk::example();
    let spawn = |user: &str| {
        desk.command(&format!("DESK_USER={user} order review SO-2609-0012"))
            .spawn()
            .expect("it runs")
    };
    let both = [spawn("wang"), spawn("huang")];
    let mut codes = both.map(|child| child.wait_with_output().expect("it ends").status.code());
    codes.sort();
    assert_eq!(codes, [Some(0), Some(2)]);
    assert_eq!(desk.read("orders/2026-09/SO-2609-0012.toml").matches("[[approval]]").count(), 1);
}
