//! `desk expense`: applied for, decided by two people, claimed with receipts, paid and paid back;
//! who may decide, and what is refused on the way.

use snapbox::str;

use crate::desk::Desk;

const TRIP: &str = "expense apply --kind travel --purpose '苏州回访' --customer CX02 \
                    --starts-on 2026-09-24 --ends-on 2026-09-26 --line 'transport 300' \
                    --line 'lodging 700' --line 'allowance 480' --advance-requested 1400";

/// The example company before anyone spent anything, and without a budget.
fn company() -> Desk {
    let desk = Desk::example();
    for folder in ["expenses", "attachments", "payments", "allocations", "contacts"] {
        std::fs::remove_dir_all(desk.path(folder)).expect("the example has them");
    }
    for folder in ["shipments", "invoices", "closings", "plans"] {
        std::fs::remove_dir_all(desk.path(folder)).expect("the example has them");
    }
    desk
}

/// A journey of li-min's to Suzhou, approved.
fn granted() -> Desk {
    let desk = company();
    desk.run(TRIP).succeeds();
    desk.run("DESK_USER=chen-yan expense review EX-2609-0001").succeeds();
    desk.run("DESK_USER=wang expense approve EX-2609-0001").succeeds();
    desk
}

/// The same journey, claimed with its receipts once it was over.
fn claimed() -> Desk {
    let desk = granted();
    desk.run("DESK_USER=zhou DESK_TODAY=2026-09-23 expense pay EX-2609-0001 --method transfer")
        .succeeds();
    desk.run(
        "DESK_TODAY=2026-09-28 expense claim EX-2609-0001 \
         --line 'transport 134 on=2026-09-24 receipt_no=E1' \
         --line 'transport 134 on=2026-09-26 receipt_no=E2' \
         --line 'lodging 640 nights=2 on=2026-09-26 city_level=second receipt_no=H1' \
         --day 'on=2026-09-25, city_level=second, meals_provided=1' --all-days second",
    )
    .succeeds();
    desk.write("receipts.txt", "E1 E2 H1");
    desk.run("expense attach EX-2609-0001 receipts.txt").succeeds();
    desk
}

fn listed(desk: &Desk, column: &str) -> String {
    let line = format!("DESK_TODAY=2026-10-20 expense list id:EX-2609-0001 --cols {column} -O csv");
    desk.run(&line).succeeds().column(column).remove(0)
}

#[test]
fn a_trip_from_application_to_what_comes_back_of_its_advance() {
    let desk = company();
    desk.run(TRIP).succeeds().stdout(str![[r#"
EX-2609-0001  李敏  travel  1,480.00  awaiting review
Next: desk expense review EX-2609-0001   (by chen-yan)

"#]]);
    desk.run("DESK_USER=wang expense approve EX-2609-0001").code(4).stderr(str![[r#"
error: EX-2609-0001 is not reviewed yet
hint: desk expense review EX-2609-0001   (by someone else)

"#]]);
    desk.run("expense claim EX-2609-0001 --line 'transport 134 receipt_no=E1'").code(4);
    desk.run("DESK_USER=zhou expense pay EX-2609-0001").code(3);
    drop(desk);

    let desk = claimed();
    // allowances: 160 + (100 × 2 ÷ 3 + 60 = 126.67) + 160 = 446.67; receipts 134 + 134 + 640 = 908
    assert_eq!(listed(&desk, "allowances"), "446.67");
    assert_eq!(listed(&desk, "claimed_amount"), "1354.67");
    assert_eq!(listed(&desk, "accepted"), "0.00");
    assert_eq!(listed(&desk, "paid"), "1400.00");
    assert_eq!(listed(&desk, "stage"), "claim to review");
    desk.run("DESK_USER=chen-yan DESK_TODAY=2026-09-28 expense review EX-2609-0001").succeeds();
    // 1,354.67 − 1,400.00 = −45.33
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-29 expense approve EX-2609-0001")
        .succeeds()
        .stdout(str![[r#"
EX-2609-0001  1,354.67 accepted by wang; 1,400.00 was paid, 45.33 comes back
Next: desk expense pay EX-2609-0001

"#]]);
    assert_eq!(listed(&desk, "to_pay"), "-45.33");
    assert_eq!(listed(&desk, "stage"), "to return");
    desk.run("DESK_TODAY=2026-09-29 expense file EX-2609-0001").code(3);
    desk.run("DESK_USER=zhou DESK_TODAY=2026-09-29 expense pay EX-2609-0001 50").code(3);
    desk.run("DESK_USER=zhou DESK_TODAY=2026-09-29 expense pay EX-2609-0001 --method cash")
        .succeeds()
        .has("45.33 back from li-min for EX-2609-0001");
    assert_eq!(listed(&desk, "paid"), "1354.67");
    assert_eq!(listed(&desk, "stage"), "settled");
    desk.run("DESK_USER=zhou DESK_TODAY=2026-09-29 expense pay EX-2609-0001").code(3);
    desk.run("DESK_TODAY=2026-09-29 expense file EX-2609-0001").succeeds();
    assert_eq!(listed(&desk, "stage"), "filed");
    desk.run("DESK_TODAY=2026-10-20 check").succeeds();
}

#[test]
fn what_was_accepted_is_changed_by_nobody_afterwards() {
    let desk = claimed();
    desk.run("DESK_USER=chen-yan DESK_TODAY=2026-09-28 expense review EX-2609-0001").succeeds();
    desk.run("expense set EX-2609-0001 claim.1.amount=100").code(3).stderr_code("approval.stale");
    desk.run("expense set EX-2609-0001 applied.1.amount=900").code(3).stderr_code("approval.stale");
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-29 expense approve EX-2609-0001 --cut 3=500")
        .succeeds()
        .has("1,214.67 accepted by wang");
    desk.run("expense set EX-2609-0001 claim.3.sanctioned=640")
        .code(3)
        .stderr_code("approval.stale");
}

#[test]
fn nobody_decides_on_their_own_expense_nor_twice() {
    let desk = granted();
    let refused = |who: &str, line: &str, words: &str| {
        desk.run(&format!("DESK_USER={who} {line}")).code(3).stderr_has(words);
    };
    desk.run("DESK_USER=li-min expense apply --kind printing --purpose 手册 --line 'printing 90'")
        .succeeds();
    refused("li-min", "expense review EX-2609-0002", "cannot decide on their own expense");
    refused("zhao-lei", "expense review EX-2609-0002", "zhao-lei may not review 90.00");
    desk.run("DESK_USER=chen-yan expense review EX-2609-0002").succeeds();
    refused("chen-yan", "expense approve EX-2609-0002", "someone else approves it");
    desk.run("DESK_USER=chen-yan expense review EX-2609-0002").code(2);
    // A manager's own goes one up, and so does the administrator's, to her superior.
    desk.run("DESK_USER=wang expense apply --kind meal --purpose 客饭 --line 'meal 300'")
        .succeeds();
    desk.run("DESK_USER=chen-yan expense review EX-2609-0003").succeeds();
    refused("wang", "expense approve EX-2609-0003", "their own expense");
    desk.run("DESK_USER=huang expense approve EX-2609-0003").succeeds();
    desk.run("DESK_USER=chen-yan expense apply --kind other --purpose 文具 --line 'other 80'")
        .succeeds()
        .has("(by huang or wang)");
    // Beyond 5,000 only the general manager approves.
    desk.run("expense apply --kind promotion --purpose 推广 --line 'venue 5000.01'").succeeds();
    desk.run("DESK_USER=chen-yan expense review EX-2609-0005").succeeds().has("(by huang)");
    refused("wang", "expense approve EX-2609-0005", "wang may not approve 5,000.01");
}

#[test]
fn what_is_refused_of_an_application_and_of_a_claim() {
    let desk = granted();
    let apply = "expense apply --kind travel --purpose x --starts-on";
    for (line, code) in [
        (format!("{apply} 2026-09-22 --ends-on 2026-09-22 --line 'transport 1'"), "expense.apply"),
        (format!("{apply} 2026-10-08 --line 'transport 1'"), "expense.apply"),
        (format!("{apply} 2026-10-08 --ends-on 2026-10-09"), "expense.apply"),
        (format!("{apply} 2026-10-09 --ends-on 2026-10-08 --line 'other 1'"), "expense.dates"),
        // The last day of one journey is the first of no other.
        (format!("{apply} 2026-09-26 --ends-on 2026-09-27 --line 'other 1'"), "expense.overlap"),
    ] {
        desk.run(&line).code(3).stderr_code(code);
    }
    let claim = |line: &str| {
        desk.run(&format!("DESK_TODAY=2026-09-28 expense claim EX-2609-0001 --line '{line}'"))
    };
    let lodging = "lodging 700 nights=1 on=2026-09-25";
    for (line, code) in [
        ("transport 301 on=2026-09-24 receipt_no=E1", "expense.beyond"),
        ("gift 10 on=2026-09-24 receipt_no=E1", "expense.beyond"),
        ("transport 30 on=2026-09-29 receipt_no=E1", "expense.dates"),
        ("transport 30 on=2026-09-24 currency=USD", "expense.line"),
        ("lodging 300 on=2026-09-24", "expense.line"),
        // 380 a night in a city of the second level
        (&format!("{lodging} city_level=second sanctioned=380.01"), "expense.lodging"),
    ] {
        claim(line).code(3).stderr_code(code);
    }
    claim(&format!("{lodging} city_level=second sanctioned=380 receipt_no=H1")).succeeds();
    claim("transport 90 on=2026-09-24 receipt_no=H1").code(3).stderr_code("expense.receipt");
    claim("transport 90 on=2026-09-24").succeeds();
    let review = "DESK_USER=chen-yan DESK_TODAY=2026-09-28 expense review EX-2609-0001";
    desk.run(review).code(3).stderr_code("expense.evidence");
    desk.run("expense set EX-2609-0001 claim.2.receipt_no=E7").succeeds();
    desk.run(review).code(3).stderr_has("has no receipts attached");
    desk.write("receipts.txt", "H1 E7");
    desk.run("expense attach EX-2609-0001 receipts.txt").succeeds();
    desk.run(review).succeeds();
}

#[test]
fn an_advance_is_what_was_approved_of_it_and_money_goes_to_the_claimant() {
    let desk = granted();
    let pay = "DESK_USER=zhou expense pay EX-2609-0001";
    desk.run(&format!("{pay} 1400.01")).code(3).stderr_code("expense.paid");
    let other = "DESK_USER=zhou payment add zhao-lei 100 --direction out --match EX-2609-0001=100";
    desk.run(other).code(3).stderr_code("allocation.party");
    desk.run(&format!("{pay} 1000")).succeeds().has("400.00 is left");
    desk.run(pay).succeeds();
    desk.run(pay).code(3);
    let back = "DESK_USER=zhou payment add li-min 1500 --direction in --match EX-2609-0001=1500";
    desk.run(back).code(3).stderr_code("expense.paid");
    desk.run("expense void EX-2609-0001 --reason 取消").code(3);
}

#[test]
fn a_refused_application_is_given_up_or_changed_and_decided_again() {
    let desk = company();
    desk.run(TRIP).succeeds();
    desk.run("DESK_USER=chen-yan expense reject EX-2609-0001 --comment 太贵").succeeds();
    assert_eq!(listed(&desk, "stage"), "rejected");
    desk.run("DESK_USER=wang expense approve EX-2609-0001").code(3);
    desk.run("expense set EX-2609-0001 applied.2.amount=600").succeeds();
    assert_eq!(listed(&desk, "stage"), "awaiting review");
    desk.run("DESK_USER=chen-yan expense review EX-2609-0001").succeeds();
}

#[test]
fn beyond_its_budget_an_approval_gives_its_reason() {
    let desk = company();
    desk.run("DESK_USER=wang plan set expense 2026-09 1500 --district east").succeeds();
    desk.run(TRIP).succeeds().has_not("budget");
    desk.run("DESK_USER=chen-yan expense review EX-2609-0001").succeeds();
    desk.run("DESK_USER=wang expense approve EX-2609-0001").succeeds();
    // 1,480 of 1,500 are granted; 21 more are one too many.
    let more = "expense apply --kind printing --purpose 手册 --line 'printing 21'";
    desk.run(more)
        .succeeds()
        .has("budget 2026-09 east: 1,500.00 planned, 1,480.00 used, and 21.00 asked for");
    desk.run("DESK_USER=chen-yan expense review EX-2609-0002").succeeds();
    let approve = "DESK_USER=wang expense approve EX-2609-0002";
    desk.run(approve).code(3).stderr_code("expense.budget");
    desk.run(&format!("{approve} --cut 1=20")).succeeds();
}

#[test]
fn expenses_are_told_against_budget_and_sales() {
    let desk = Desk::example();
    let line = "report expenses -p 2026-08 --by district -O csv --table expenses";
    let rows = desk.run(line).succeeds().rows();
    let east = rows.iter().find(|row| row["district"] == "east").expect("li-min went to Suzhou");
    // 268 + 640 + 446.67 of 1,480 applied for and 2,500 planned: 54.2 %
    assert_eq!(east["applied"], "1480.00");
    assert_eq!(east["accepted"], "1354.67");
    assert_eq!(east["committed"], "1354.67");
    assert_eq!(east["budget"], "2500.00");
    assert_eq!(east["left"], "1145.33");
    let sold = desk.run("report sales -p 2026-08 --by district -O csv").succeeds().rows();
    let sold = sold.iter().find(|row| row["district"] == "east").expect("east sold in August");
    assert_eq!(east["sales"], sold["net"]);
    // Before the claim was approved on 17 August what was granted counts.
    let early = desk.run(&format!("{line} --as-of 2026-08-14")).succeeds().rows();
    let early = early.iter().find(|row| row["district"] == "east").expect("it was granted");
    assert_eq!((&*early["accepted"], &*early["committed"]), ("0.00", "1480.00"));
    desk.run("expense account staff:li-min --by category").succeeds().has("lodging");
}

#[test]
fn today_tells_who_decides_claims_and_pays() {
    let desk = Desk::example();
    let rows = desk.run("today -O csv").succeeds().rows();
    let duty = |id: &str| {
        let row = rows.iter().find(|row| row["id"] == id).expect("it waits");
        (row["duty"].clone(), row["staff"].clone(), row["command"].clone())
    };
    let is = |id: &str, duty_is: &str, staff: &str, command: &str| {
        let wanted = (duty_is.to_owned(), staff.to_owned(), command.to_owned());
        assert_eq!(duty(id), wanted);
    };
    is("EX-2609-0005", "review expense", "chen-yan", "desk expense review EX-2609-0005");
    is("EX-2609-0006", "approve expense", "huang;wang", "desk expense approve EX-2609-0006");
    is("EX-2609-0001", "claim expense", "sun-jie", "desk expense claim EX-2609-0001 --line …");
    is("EX-2609-0003", "pay expense", "li-min", "desk expense pay EX-2609-0003");
    is("EX-2609-0004", "pay advance", "li-min", "desk expense pay EX-2609-0004");
}
