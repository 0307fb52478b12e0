//! `today`: what is to be done, and that doing it takes it off the list.

use crate::desk::Desk;

/// Duty and record of each line.
fn list(desk: &Desk, flags: &str) -> Vec<(String, String)> {
    let rows = desk.run(&format!("today {flags} -O csv")).succeeds().rows();
    rows.into_iter().map(|row| (row["duty"].clone(), row["id"].clone())).collect()
}

fn has(list: &[(String, String)], duty: &str, id: &str) -> bool {
    list.iter().any(|own| (own.0.as_str(), own.1.as_str()) == (duty, id))
}

#[test]
fn what_waits_is_listed_most_urgent_first_and_leaves_the_list_once_done() {
    let desk = Desk::example();
    let before = list(&desk, "");
    for (duty, id) in [
        ("credit overrun", "CX18"),
        ("goods late", "SH-2609-0002"),
        ("send", "SH-2609-0009"),
        ("review", "SO-2609-0012"),
        ("invoice", "SO-2609-0001"),
        ("issue", "IN-2609-0004"),
        ("task", "TK-2609-0002"),
    ] {
        assert!(has(&before, duty, id), "{duty} {id}: {before:?}");
    }
    let days: Vec<String> = desk.run("today -O csv").succeeds().column("due_on");
    let dated: Vec<&String> = days.iter().filter(|day| !day.is_empty()).collect();
    assert!(dated.is_sorted() && days[dated.len()..].iter().all(String::is_empty), "{days:?}");
    desk.run("ship receive SH-2609-0002 --by 前台").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0012").succeeds();
    desk.run("task done TK-2609-0002").succeeds();
    let after = list(&desk, "");
    assert!(!has(&after, "goods late", "SH-2609-0002"));
    assert!(!has(&after, "review", "SO-2609-0012"));
    assert!(!has(&after, "task", "TK-2609-0002"));
    assert!(has(&after, "send", "SH-2609-0011"), "the slip the review opened: {after:?}");
}

#[test]
fn one_persons_list_holds_what_is_theirs_and_a_period_looks_ahead() {
    let desk = Desk::example();
    let staff = desk.run("today --for li-min -O csv").succeeds().column("staff");
    assert!(!staff.is_empty() && staff.iter().all(|own| own == "li-min"), "{staff:?}");
    let (now, ahead) = (list(&desk, ""), list(&desk, "-p 2026-Q4"));
    assert!(now.len() < ahead.len() && now.iter().all(|own| ahead.contains(own)));
    desk.run("today --for nobody").code(2);
}

#[test]
fn late_goods_are_the_same_on_both_lists() {
    let desk = Desk::example();
    let late = desk.run("ship late -O csv").succeeds().rows();
    let today = desk.run("today -O csv").succeeds().rows();
    assert!(!late.is_empty());
    for row in late {
        let own = today.iter().find(|own| own["id"] == row["id"]).expect("it is on both");
        assert_eq!((&own["command"], &own["due_on"]), (&row["next"], &row["since"]));
    }
}
