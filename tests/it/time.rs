//! Today, months and years are the company's, wherever the program runs.

use snapbox::str;

use crate::desk::Desk;

/// The days a report covers.
#[track_caller]
fn covered(desk: &Desk, line: &str) -> String {
    let page = desk.run(&format!("{line} -O json")).succeeds().json();
    page["facts"]["period"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn today_is_the_companys_and_not_the_machines() {
    let desk = Desk::example();
    desk.run("DESK_TODAY=2026-09-30T17:00:00Z order add CX01 --line 'A100 x 1'")
        .succeeds()
        .has("SO-2610-0001");
    let text = desk.read("orders/2026-10/SO-2610-0001.toml");
    assert!(text.contains("date = 2026-10-01\n"), "{text}");
    assert!(text.contains("entered_at = 2026-10-01T01:00:00.000+08:00\n"), "{text}");
    desk.run("DESK_TODAY=2026-09-30T15:59:59Z order add CX01 --line 'A100 x 1'")
        .succeeds()
        .has("SO-2609-0014");
}

#[test]
fn the_zone_of_the_machine_changes_nothing() {
    let run = |zone: &str| {
        let desk = Desk::example().with("TZ", zone).with("DESK_TODAY", "2026-09-30T20:00:00Z");
        let before = desk.tree();
        let mut said = String::new();
        for line in [
            "report sales -p this-month --compare previous",
            "report orders -O json",
            "order add CX01 --line 'A100 x 1' --promised-on today",
            "order show SO-2610-0001",
        ] {
            said.push_str(desk.run(line).succeeds().text());
        }
        said + &desk.changes(&before)
    };
    let utc = run("UTC");
    assert!(utc.contains("promised_on = 2026-10-01"), "{utc}");
    for zone in ["America/Los_Angeles", "Pacific/Kiritimati", "Asia/Shanghai"] {
        assert_eq!(run(zone), utc, "{zone}");
    }
}

#[test]
fn an_unknown_zone_is_an_error() {
    let desk = Desk::example();
    desk.change("desk.toml", "Asia/Shanghai", "Asia/Shanghia");
    desk.run("report sales").code(3).stdout("").stderr(str![[r#"
error: cannot tell which day it is
error[config.time_zone]: "Asia/Shanghia" is not a time zone such as "Asia/Shanghai"
  --> desk.toml:10:13
   |
10 | time_zone = "Asia/Shanghia"
   |             ^^^^^^^^^^^^^^^

"#]]);
    desk.run("DESK_TODAY=soon report sales").code(2).stderr_has("DESK_TODAY \"soon\"");
}

#[test]
fn business_months_end_on_their_day() {
    let desk = Desk::example();
    desk.change(
        "desk.toml",
        "fiscal_year_starts = 1\n",
        "fiscal_year_starts = 1\nmonth_closes_on = 25\n",
    );
    assert_eq!(
        covered(&desk, "report sales -p this-month"),
        "2026-08-26..2026-09-25, so far 2026-08-26..2026-09-23"
    );
    assert_eq!(
        covered(&desk, "DESK_TODAY=2026-09-26 report sales -p last-month"),
        "2026-08-26..2026-09-25"
    );
    // Ordered on 2026-08-26, -27, -28 and -31, they count to September now.
    let of = |line: &str| desk.run(line).succeeds().column("gross");
    assert_eq!(
        of("report sales -p 2026-09 --by month -O csv --cols gross"),
        of("report sales -p 2026-08-26..2026-09-25 --by year -O csv --cols gross"),
    );
    desk.run("report sales -p 2026-08..2026-09 --by month -O csv --cols month,orders,gross")
        .succeeds()
        .stdout(str![[r#"
month,orders,gross
2026-08,13,270472.61
2026-09,17,417980.60

"#]]);
}

#[test]
fn the_business_year_begins_where_the_company_says() {
    let desk = Desk::example();
    desk.change("desk.toml", "fiscal_year_starts = 1\n", "fiscal_year_starts = 4\n");
    assert_eq!(
        covered(&desk, "DESK_TODAY=2027-04-01 report sales -p FY2026"),
        "2026-04-01..2027-03-31"
    );
}

#[test]
fn periods_are_words_and_ranges_with_both_ends() {
    let desk = Desk::example();
    for (typed, days) in [
        ("today", "2026-09-23"),
        ("本月", "2026-09-01..2026-09-30, so far 2026-09-01..2026-09-23"),
        ("last-month", "2026-08-01..2026-08-31"),
        ("mtd", "2026-09-01..2026-09-23"),
        ("this-week", "2026-09-21..2026-09-27, so far 2026-09-21..2026-09-23"),
        ("last-30d", "2026-08-25..2026-09-23"),
        ("2026-Q2", "2026-04-01..2026-06-30"),
        ("2026-W38", "2026-09-14..2026-09-20"),
        ("2026-09-01..2026-09-15", "2026-09-01..2026-09-15"),
        ("..today", "..2026-09-23"),
    ] {
        assert_eq!(covered(&desk, &format!("report sales -p {typed}")), days, "{typed}");
    }
}
