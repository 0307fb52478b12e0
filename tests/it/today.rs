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

#[test]
fn an_instalment_that_is_due_waits_until_an_invoice_asks_for_it() {
    let desk = Desk::worked();
    // 60 % of 15,820.00 fall due on 03-30; 6,780 + 2,712 = 9,492.00 are on invoices: nothing waits.
    assert!(!list(&desk, "").iter().any(|own| own.0 == "instalment due"));
    // Without the second invoice 1,356 of the advance wait, which are kept; of the delivery part
    // 2,712.00 since 30 days after the goods were there on 02-28.
    desk.change("invoices/2026-03/IN-2603-0001.toml", "issued_on = 2026-03-02\n", "");
    desk.change("invoices/2026-03/IN-2603-0001.toml", "contract_instalment = 2\n", "");
    let columns = "--cols duty,id,due_on,amount,about,command -O csv";
    let row = |desk: &Desk| {
        let rows = desk.run(&format!("today {columns}")).succeeds().rows();
        rows.into_iter().find(|row| row["duty"] == "instalment due")
    };
    let due = row(&desk).expect("it waits");
    assert_eq!(
        ["id", "due_on", "amount", "about"].map(|key| due[key].as_str()),
        ["CT-2601-0001", "2026-03-30", "2712.00", "instalment 2 delivery"]
    );
    // On a draft it is asked for; once that is issued, too.
    desk.run(due["command"].trim_start_matches("desk ")).succeeds().has("2,712.00");
    assert_eq!(row(&desk), None);
    desk.run("invoice issue IN-2609-0001 --number 1").succeeds();
    assert_eq!(row(&desk), None);
    // Money that is kept for the contract needs no invoice.
    let desk = Desk::worked();
    desk.run("contract add CX01 --signed-on today --line 'A100 x 10 @ 113' --instalment pct=30,name=advance,due_rule=signed")
        .succeeds();
    assert_eq!(row(&desk).expect("it waits")["amount"], "339.00");
    desk.run("payment add CX01 339 --match CT-2609-0001").succeeds();
    assert_eq!(row(&desk), None);
}

#[test]
fn a_review_is_for_whoever_may_review() {
    let desk = Desk::example();
    let reviews = |who: &str| {
        let own = list(&desk, &format!("--for {who}")).into_iter().filter(|own| own.0 == "review");
        own.map(|own| own.1).collect::<Vec<_>>()
    };
    let all = list(&desk, "").into_iter().filter(|own| own.0 == "review").count();
    // Up to 50,000 a manager decides, beyond that the general manager; nobody decides on their own.
    assert!(all > 0 && reviews("wang").contains(&"SO-2609-0012".to_owned()));
    assert_eq!(reviews("huang").len(), all, "no order of hers waits, and no limit is hers");
    assert!(reviews("li-min").is_empty());
    desk.run("DESK_USER=wang order add CX01 --line 'A100 x 1'").succeeds();
    assert!(!reviews("wang").contains(&"SO-2609-0014".to_owned()));
    assert!(reviews("huang").contains(&"SO-2609-0014".to_owned()));
    let staff = desk.run("today --for huang -O csv").succeeds().rows();
    let own = staff.iter().find(|row| row["id"] == "SO-2609-0014").expect("it waits");
    assert_eq!(own["staff"], "huang");
    // Where desk.toml names nobody, anyone else may.
    desk.change(
        "desk.toml",
        "order_review = [{ up_to = \"50000\", by = \"manager\" }, { by = \"general_manager\" }]",
        "",
    );
    assert!(reviews("li-min").contains(&"SO-2609-0014".to_owned()));
    assert!(!reviews("wang").contains(&"SO-2609-0014".to_owned()));
}

#[test]
fn what_is_not_late_yet_is_not_called_late() {
    let desk = Desk::example();
    let rows = desk.run("today -p 2026-10 -O csv").succeeds().rows();
    let mut ahead = 0;
    for row in rows {
        let is_late = row["due_on"].as_str() < "2026-09-23";
        match row["duty"].as_str() {
            "invoice overdue" | "goods late" => assert!(is_late, "{row:?}"),
            "invoice due" => {
                assert!(
                    !is_late && row["command"].starts_with("desk payment statement "),
                    "{row:?}"
                );
                ahead += 1;
            }
            _ => {}
        }
    }
    assert!(ahead > 0);
    // Goods on a slip wait there, and are named once.
    let now = list(&desk, "");
    assert!(has(&now, "send", "SH-2609-0009"));
    assert!(!now.iter().any(|own| own.1 == "SO-2609-0007" && own.0 != "invoice"), "{now:?}");
}

#[test]
fn what_someone_who_left_began_is_on_the_list_of_who_has_the_customer() {
    let desk = Desk::example();
    let theirs = list(&desk, "--for sun-jie");
    for id in ["IN-2603-0008", "IN-2604-0009", "IN-2606-0002"] {
        assert!(has(&theirs, "invoice overdue", id), "{id}: {theirs:?}");
    }
    assert!(!list(&desk, "").is_empty() && list(&desk, "--for wu-tao").is_empty());
    // While he worked here they were his: two were due by then, IN-2603-0008 and IN-2604-0009.
    let then = list(&desk, "--as-of 2026-06-30 --for wu-tao");
    assert!(has(&then, "invoice overdue", "IN-2604-0009"), "{then:?}");
    let chased = desk.run("payment chase --for sun-jie -O csv").succeeds().column("customer");
    assert_eq!(chased, ["CX12", "CX09", "CX13"]);
    // Open by staff is the same in both reports: 290,892.85 of hers, and nothing of his.
    for report in
        ["receivables --by staff --cols staff,open", "ledger --by staff --cols staff,closing"]
    {
        let ran = desk.run(&format!("report {report} -O csv")).succeeds();
        ran.has("sun-jie,290892.85\n").has_not("wu-tao");
    }
    desk.run("invoice add --from SO-2606-0005").succeeds();
    assert!(desk.read("invoices/2026-09/IN-2609-0009.toml").contains("staff = \"sun-jie\""));
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

/// What a printed command leaves to whoever types it, filled in.
fn filled(command: &str) -> String {
    let known = [
        ("--by …", "--by 前台"),
        ("--number …", "--number 26442000000099999999"),
        ("--condition …", "--condition good"),
        ("--reason …", "--reason 到期"),
        ("--waybill …", "--waybill SF1"),
        ("--next-on …", "--next-on 2026-10-20"),
        ("--outcome …", "--outcome 已答复"),
        ("--line …", "--line 'material 10 receipt_no=M9'"),
    ];
    // At a terminal the checks are asked for one by one.
    let checks = if command.starts_with("desk ship confirm ") { " --all-checks" } else { "" };
    known.iter().fold(format!("{command}{checks}"), |line, (blank, word)| line.replace(blank, word))
}

#[test]
fn every_command_that_is_printed_can_be_typed() {
    let printed = Desk::example().run("today -p 2026-Q4 -O csv").succeeds().column("command");
    let mut tried = 0;
    for command in printed {
        let line = filled(&command);
        assert!(!line.contains('…'), "{command} leaves more open than the test knows");
        let ran = Desk::example().run(&format!("DESK_USER=wang {line}"));
        assert_ne!(ran.exit(), 2, "{command}: {ran}");
        tried += 1;
    }
    assert!(tried > 40, "{tried} commands");
}

#[test]
fn a_slip_of_an_order_that_may_not_leave_is_neither_checked_nor_called_to_be() {
    let desk = Desk::example();
    let command = |desk: &Desk| {
        let rows = desk.run("today -O csv").succeeds().rows();
        let row = rows.into_iter().find(|row| row["id"] == "SH-2609-0009").expect("it waits");
        row["command"].clone()
    };
    let confirm = "ship confirm SH-2609-0009 --all-checks";
    desk.run("order hold SO-2609-0007 --reason 等款").succeeds();
    assert_eq!(command(&desk), "desk order release SO-2609-0007");
    desk.run(confirm).code(3).stderr_has("SO-2609-0007: it is on hold").stderr_has("order release");
    desk.run("undo").succeeds();
    assert_eq!(command(&desk), "desk ship confirm SH-2609-0009");
    // What is rejected later keeps goods back until its slip is void.
    desk.run("DESK_USER=wang order review SO-2609-0007 --reject --comment 资质过期")
        .succeeds()
        .has("SH-2609-0009 still open, and keeping goods back\n")
        .has("Next: desk ship void SH-2609-0009 --reason …\n");
    assert_eq!(command(&desk), "desk ship void SH-2609-0009 --reason …");
    desk.run(confirm).code(4).stderr_has("desk ship void SH-2609-0009 --reason …");
    desk.run("ship void SH-2609-0009 --reason 已拒绝").succeeds();
}
