//! Customers: calls and visits, complaints, papers, leads, and what to know of one.

use crate::desk::Desk;

fn today(desk: &Desk) -> Vec<(String, String, String)> {
    let rows = desk.run("today -O csv").succeeds().rows();
    let cells = |key: &str, row: &std::collections::BTreeMap<String, String>| row[key].clone();
    rows.iter().map(|row| (cells("duty", row), cells("id", row), cells("due_on", row))).collect()
}

fn waits(desk: &Desk, duty: &str, id: &str) -> bool {
    today(desk).iter().any(|own| (own.0.as_str(), own.1.as_str()) == (duty, id))
}

#[test]
fn a_call_is_due_on_the_day_agreed_else_by_working_days_and_is_off_the_list_once_made() {
    let desk = Desk::example();
    let due = desk.run("customer due -O csv").succeeds().rows();
    let row = |code: &str| due.iter().find(|row| row["customer"] == code);
    // CX02 was visited on 06-16, which agreed on 07-14.
    let agreed = row("CX02").expect("it is due");
    assert_eq!((agreed["due_on"].as_str(), agreed["set_by"].as_str()), ("2026-07-14", "agreed"));
    // CX12 said 10-12, CX16 is blocked, CX14 and CX15 are leads.
    for code in ["CX12", "CX14", "CX15", "CX16"] {
        assert!(row(code).is_none(), "{code}");
    }
    assert_eq!(row("CX07").expect("never in touch")["due_on"], "");
    assert!(waits(&desk, "call", "CX02") && waits(&desk, "call", "CX07"));
    // 14 working days behind 09-23: 24, 28, 29, 30 September; 8, 9, 10, 12 to 16, 19, 20 October.
    desk.run("customer call CX02 --summary '补货' --inventory '一周用量'")
        .succeeds()
        .stdout("CA-2609-0008  仁和里医院  phone  next due 2026-10-20\nNext: desk customer due\n");
    assert!(!waits(&desk, "call", "CX02"));
    desk.run("customer due -p 2026-10-19 -O csv").succeeds().has_not("CX02");
    desk.run("customer due -p 2026-10-20 -O csv").succeeds().has("CX02");
    // A complaint that comes in, and asking for money, keep nobody in touch.
    desk.run("customer complaint CX07 --summary '破损'").succeeds();
    desk.run("contact add CX07 --channel phone --topic dunning").succeeds();
    assert!(waits(&desk, "call", "CX07"));
    desk.run("customer visit CX07 --next-on 2026-10-09")
        .succeeds()
        .has("visit  next on 2026-10-09");
    assert!(!waits(&desk, "call", "CX07"));
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn an_unknown_caller_is_taken_down_with_who_answers_by_when() {
    let desk = Desk::example();
    assert!(waits(&desk, "answer", "CA-2609-0003"), "it was due on 09-11");
    desk.run("customer call --person 周小姐 --topic enquiry --summary 代理 --owner wang --due-on 2026-09-22")
        .succeeds()
        .has("unknown caller");
    assert!(waits(&desk, "answer", "CA-2609-0008"));
    desk.run("customer resolve CA-2609-0008 --outcome 已寄资料").succeeds().has("answered");
    assert!(!waits(&desk, "answer", "CA-2609-0008"));
}

#[test]
fn a_complaint_has_an_owner_and_a_day_and_is_open_until_something_came_of_it() {
    let desk = Desk::example();
    // Three working days behind 09-23: 24, 28 and 29 September.
    desk.run("customer complaint CX13 --summary '少发两包' --about SO-2609-0005")
        .succeeds()
        .has("complaint: sun-jie sees to it by 2026-09-29");
    desk.run("customer complaint CX13").code(2).stderr_has("says what is wrong");
    assert!(!waits(&desk, "complaint", "CA-2609-0004"), "its day is 09-25");
    let open = desk.run("report customers --table complaints -O csv").succeeds().column("id");
    assert_eq!(open, ["CA-2609-0003", "CA-2609-0004", "CA-2609-0008"]);
    desk.run("customer resolve CA-2609-0004 --outcome ''").code(2);
    desk.run("customer resolve CA-2609-0004 --outcome '已换货'")
        .succeeds()
        .stdout("CA-2609-0004  云溪县医院  resolved by CA-2609-0009: 已换货\nNext: desk customer show CX13\n");
    desk.run("customer resolve CA-2609-0004 --outcome '再次'").code(2).stderr_has("CA-2609-0009");
    desk.run("customer resolve CA-2609-0009 --outcome '再次'").code(2).stderr_has("CA-2609-0004");
    desk.run("customer resolve CA-2609-0002 --outcome '好'").code(2).stderr_has("no complaint");
    let open = desk.run("report customers --table complaints -O csv").succeeds().column("id");
    assert_eq!(open, ["CA-2609-0003", "CA-2609-0008"]);
    // As of the day before, it was open.
    desk.run("report customers --table complaints --as-of 2026-09-22 -O csv")
        .succeeds()
        .has("CA-2609-0004");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_paper_is_entered_by_one_and_verified_by_another() {
    let desk = Desk::example();
    let paper = "--kind drug_business --number D-77 --scopes device_2 --expires-on 2030-01-31";
    desk.run(&format!("customer licence CX15 {paper}"))
        .succeeds()
        .has("Next: desk customer licence CX15 --verify D-77   (by someone else)");
    desk.run(&format!("customer licence CX15 {paper}")).code(5);
    desk.run("customer licence CX15 --verify D-77").code(3).stderr_has("customer.verified");
    assert!(waits(&desk, "verify paper", "CX15"));
    desk.run("DESK_USER=nobody customer licence CX15 --verify D-77").code(3);
    desk.run("customer licence CX15 --verify D-78").code(2).stderr_has("D-77");
    desk.run("DESK_USER=chen-yan customer licence CX15 --verify D-77").succeeds();
    assert!(!waits(&desk, "verify paper", "CX15"));
    desk.run("DESK_USER=chen-yan customer licence CX15 --verify D-77")
        .code(2)
        .stderr_has("was verified");
    // What was seen is not what it is changed to.
    desk.run("customer set CX15 licence.1.expires_on=2040-01-31")
        .code(3)
        .stderr_has("verified the paper as it was");
    desk.run(
        "customer set CX15 licence.1.expires_on=2040-01-31 --clear licence.1.verified_by --clear \
         licence.1.verified_on",
    )
    .succeeds();
    assert!(waits(&desk, "verify paper", "CX15"));
}

#[test]
fn a_paper_warns_so_many_days_ahead_until_another_replaces_it() {
    let desk = Desk::example();
    let rows = desk.run("customer licence -O csv").succeeds().rows();
    let state = |code: &str| {
        let row = rows.iter().find(|row| row["customer"] == code)?;
        Some((row["state"].clone(), row["days_left"].clone()))
    };
    // 10-20 is 27 days on, 12-15 is 83; CX11 is dormant, CX01's authority ends 99 days on.
    assert_eq!(state("CX19"), Some(("expiring".into(), "27".into())));
    assert_eq!(state("CX17"), Some(("expiring".into(), "83".into())));
    assert_eq!((state("CX11"), state("CX01")), (None, None));
    assert!(waits(&desk, "paper expires", "CX19"));
    desk.run("customer licence CX19 --kind drug_business --number N-1 --expires-on 2031-10-20")
        .succeeds();
    assert!(waits(&desk, "paper expires", "CX19"), "nobody saw the new one");
    desk.run("DESK_USER=chen-yan customer licence CX19 --verify N-1").succeeds();
    assert!(!waits(&desk, "paper expires", "CX19"));
    desk.run("customer licence CX19 -O csv").succeeds().has("replaced");
}

#[test]
fn legal_says_what_review_would_say() {
    let desk = Desk::example();
    let verdict = |line: &str| desk.run(&format!("customer legal {line} -O json")).succeeds();
    verdict("CX01 A100").has("\"may_buy\": true");
    desk.run("customer legal CX01 A100").succeeds().has("may buy").has("沪AA000037");
    // D40 asks for ivd, which the scopes of CX03 do not hold; the review says the same.
    verdict("CX03 D40")
        .has("\"may_buy\": false")
        .has("D40 needs a licence for ivd, and CX03 has none");
    verdict("CX14").has("CX14 is lead").has("沪AA000562 was not verified");
    verdict("CX19 --as-of 2026-10-20").has("\"may_buy\": true");
    verdict("CX19 --as-of 2026-10-21").has("expired on 2026-10-20");
    desk.run("customer legal CX01 nothing").code(2);
}

#[test]
fn a_paper_that_ran_out_covers_nothing_though_a_narrower_one_of_its_kind_counts() {
    let desk = Desk::example();
    desk.run("customer licence CX19 --kind drug_business --number N-2 --expires-on 2031-10-20")
        .succeeds();
    desk.run("DESK_USER=chen-yan customer licence CX19 --verify N-2").succeeds();
    let verdict = |line: &str| desk.run(&format!("customer legal CX19 {line} -O json")).succeeds();
    verdict("A100 --as-of 2026-10-20").has("\"may_buy\": true");
    verdict("C1 --as-of 2026-10-21").has("\"may_buy\": true");
    verdict("A100 --as-of 2026-10-21")
        .has("\"may_buy\": false")
        .has("covers A100, but expired on 2026-10-20");
}

#[test]
fn a_lead_has_a_source_a_first_contact_in_time_and_always_a_next_step() {
    let desk = Desk::example();
    desk.run("customer lead CX99 --name 新客户").code(2).stderr_has("source");
    desk.run("customer lead CX99 --name 新客户 --source 展会 --district south")
        .succeeds()
        .has("lead: first contact by 2026-09-24");
    desk.run("customer lead CX99 --name 新客户 --source 展会").code(5);
    assert!(!waits(&desk, "lead", "CX99"), "it is due tomorrow");
    let late = desk.run("today --as-of 2026-09-28 -O csv").succeeds().rows();
    assert!(late.iter().any(|row| row["duty"] == "lead" && row["id"] == "CX99"));
    desk.run("customer call CX99").code(2).stderr_has("next step");
    desk.run("customer call CX99 --next-on 2026-09-23").code(2);
    desk.run("customer call CX99 --next-on 2026-09-30").succeeds();
    let row = |code: &str| {
        let rows = desk.run("customer lead -O csv").succeeds().rows();
        rows.into_iter().find(|row| row["customer"] == code).expect("it is a lead")
    };
    let own = row("CX99");
    assert_eq!((own["first_contact"].as_str(), own["next_on"].as_str()), ("in time", "2026-09-30"));
    // CX14 was entered on 08-19 and called on 09-21; CX15 was to be called on 09-15.
    assert_eq!(
        (row("CX14")["first_contact"].as_str(), row("CX14")["missing"].as_str()),
        ("late", "")
    );
    assert_eq!(row("CX15")["missing"], "next step past");
    assert!(waits(&desk, "lead", "CX15"));
    desk.run("customer lead CX15 --stage prospect").code(2).stderr_has("next step");
    desk.run("customer lead CX15 --next-on 2026-09-29 --step 寄样品")
        .succeeds()
        .has("TK-2609-0009");
    assert!(!waits(&desk, "lead", "CX15"));
    assert_eq!(row("CX15")["next_step"], "寄样品");
    desk.run("customer lead CX15 --stage active").succeeds().has("desk customer legal CX15");
    assert!(
        !desk.run("customer lead -O csv").succeeds().column("customer").contains(&"CX15".into())
    );
    desk.run("customer lead CX01 --next-on 2026-09-30").code(2).stderr_has("no lead");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn the_funnel_counts_every_customer_once() {
    let desk = Desk::example();
    let funnel = |by: &str| {
        let line = format!("report leads --by {by} --table funnel -O csv");
        desk.run(&line).succeeds().rows()
    };
    let sum = |rows: &[std::collections::BTreeMap<String, String>], key: &str| {
        rows.iter().map(|row| row[key].parse::<u32>().expect("a count")).sum::<u32>()
    };
    for by in ["source", "staff", "district"] {
        let rows = funnel(by);
        let stages = ["lead", "prospect", "active", "dormant", "blocked"];
        assert_eq!(stages.map(|stage| sum(&rows, stage)), [1, 1, 16, 1, 1], "{by}");
        assert_eq!(sum(&rows, "customers"), 20, "{by}");
    }
}

#[test]
fn the_brief_has_the_lowest_price_only_where_it_can_be_read() {
    let desk = Desk::example();
    let row = |desk: &Desk| {
        let rows = desk.run("customer brief CX01 A100 -O csv").succeeds().rows();
        rows.into_iter().next().expect("a row for the product")
    };
    let own = row(&desk);
    assert_eq!((own["product"].as_str(), own["list_price"].as_str()), ("A100", "128.00"));
    assert!(!own["min_price"].is_empty());
    std::fs::remove_file(desk.path("private/products/A100.toml")).expect("it is there");
    assert_eq!(row(&desk)["min_price"], "");
    // What is open is what the day's list has of them.
    let open = desk.run("customer brief CX13 --table open -O csv").succeeds().column("id");
    let listed = desk.run("today -p 2026-09-23 -O csv").succeeds().rows();
    let theirs = listed.into_iter().filter(|row| row["party"] == "CX13");
    assert_eq!(open, theirs.map(|row| row["id"].clone()).collect::<Vec<_>>());
}

#[test]
fn the_picture_of_a_customer_adds_up() {
    let desk = Desk::example();
    for table in ["licence", "stages", "receivable", "products", "contacts"] {
        let rows =
            desk.run(&format!("customer show CX01 --table {table} -O csv")).succeeds().rows();
        assert!(!rows.is_empty(), "{table}");
    }
    // Every order of the customer is in one stage.
    let stages = desk.run("customer show CX01 --table stages -O csv").succeeds().rows();
    let counted: usize =
        stages.iter().map(|row| row["orders"].parse::<usize>().expect("a count")).sum();
    assert_eq!(counted, desk.run("order list customer:CX01 -O csv").succeeds().rows().len());
    // What is open is what the ageing says.
    let open = desk.run("customer show CX01 --table receivable -O csv").succeeds().column("open");
    let aged = desk.run("report receivables customer:CX01 -O csv").succeeds().column("open");
    assert_eq!(open, aged);
}
