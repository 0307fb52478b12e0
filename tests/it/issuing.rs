//! The gate of invoices that are drafted and issued, whatever command or editor does it, and the match
//! of credits against what they take back.

use crate::{
    desk::Desk,
    invoice::{delivered, invoiced, masters},
};

const FIVE: &[(&str, &str, &str)] = &[("A100", "5", "A100 x 5 @ 128")];

/// The total of a column of the invoices of CX01 in cents.
fn cents(desk: &Desk, column: &str) -> i64 {
    let listed = desk.run(&format!("invoice list party:CX01 --cols id,{column} -O csv")).succeeds();
    let cents = |text: &String| text.replace('.', "").parse::<i64>().expect("an amount");
    listed.column(column).iter().map(cents).sum()
}

#[test]
fn an_invoice_is_issued_by_the_act_and_by_nothing_else() {
    let desk = delivered(FIVE);
    desk.run("invoice add --from SH-2609-0091").succeeds();
    desk.run("invoice set IN-2609-0001 line.1.price=1").succeeds();
    let before = desk.tree();
    desk.run("invoice set IN-2609-0001 issued_on=2026-09-23 number=77")
        .code(3)
        .stderr_has(
            "error[issue.recorded]: IN-2609-0001 is issued, and nobody is named who issued it",
        )
        .stderr_has("hint: desk invoice issue IN-2609-0001 --number 77")
        .stderr_has("error[invoice.price]: A100: price 1.00 differs from the order's 128.00");
    assert_eq!(desk.changes(&before), "");
    // An approval written by hand has no closing behind it.
    let file = "invoices/2026-09/IN-2609-0001.toml";
    let text = desk.read(file).replace("price = \"1\"", "price = \"128\"");
    let by_hand = "\n[[approval]]\nstep = \"issue\"\ndecision = \"approved\"\nby = \"li-min\"\n\
                   at = 2026-09-23T12:00:00+08:00\n";
    desk.write(file, text.clone() + by_hand);
    desk.run("invoice set IN-2609-0001 issued_on=2026-09-23 number=77")
        .code(3)
        .stderr_has("IN-2609-0001 is issued, and no closing keeps it");
    desk.write(file, text);
    desk.run("invoice issue IN-2609-0001 --number 77").succeeds();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_draft_of_ours_that_was_issued_by_hand_is_found_and_history_is_not() {
    let desk = delivered(&[("A100", "20", "A100 x 20 @ 128")]);
    desk.run("invoice add --from SH-2609-0091 --line 'A100 x 1'").succeeds();
    desk.run("invoice issue IN-2609-0001 --number 1").succeeds();
    desk.run("invoice add --from SH-2609-0091 --line 'A100 x 2'").succeeds();
    let file = "invoices/2026-09/IN-2609-0002.toml";
    let draft = desk.read(file);
    let issued = "party = \"CX01\"\nnumber = \"2\"\nissued_on = 2026-09-23\n";
    desk.write(file, draft.replace("party = \"CX01\"\n", issued));
    desk.run("check")
        .code(3)
        .has("error[closing.chain]: IN-2609-0002 is issued, and nobody is named who issued it");
    // Entered after the day it was issued it is history; without a time, another program's.
    let history = issued.replace("issued_on = 2026-09-23", "issued_on = 2026-09-22");
    desk.write(file, draft.replace("party = \"CX01\"\n", &history));
    desk.run("check").succeeds();
    let foreign = draft.replace("party = \"CX01\"\n", issued);
    let foreign: Vec<&str> =
        foreign.lines().filter(|line| !line.starts_with("entered_at")).collect();
    desk.write(file, foreign.join("\n") + "\n");
    desk.run("check").succeeds();
}

#[test]
fn only_orders_that_are_approved_and_not_held_are_invoiced() {
    let desk = masters();
    desk.run("order add CX04 --line 'S10 x 1'").succeeds();
    desk.run("invoice add --from SO-2609-0001")
        .code(4)
        .stderr_has("no invoice for SO-2609-0001: it is awaiting review")
        .stderr_has("hint: desk order review SO-2609-0001");
    desk.run("DESK_USER=wang order review SO-2609-0001").succeeds();
    desk.run("invoice add --from SO-2609-0001").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0001 --reject --comment no").succeeds();
    desk.run("invoice issue IN-2609-0001 --number 1")
        .code(4)
        .stderr_has("no invoice for SO-2609-0001: it is rejected");
    desk.run("invoice check IN-2609-0001").code(3).stderr_has("error[issue.order]");
    desk.run("DESK_USER=huang order review SO-2609-0001").succeeds();
    desk.run("order hold SO-2609-0001 --reason x").succeeds();
    desk.run("invoice issue IN-2609-0001 --number 1")
        .code(3)
        .stderr_has("no invoice for SO-2609-0001: it is on hold")
        .stderr_has("hint: desk order release SO-2609-0001");
    desk.run("order release SO-2609-0001").succeeds();
    desk.run("invoice issue IN-2609-0001 --number 1").succeeds();
}

#[test]
fn goods_are_credited_at_the_price_they_were_invoiced_at() {
    let desk = invoiced(FIVE);
    let credit = |line: &str| {
        format!("invoice credit IN-2609-0001 --line '{line}' --reason r --reopens-billing true")
    };
    let at_600 = credit("A100 x 1 @ 600");
    desk.run(&at_600)
        .code(3)
        .stderr_has("error[invoice.price]: A100: price 600.00 differs from the invoice's 128.00")
        .stderr_has("hint: --line \"… price=…\"");
    desk.run(&credit("A100 x 1 tax_rate=0.09")).code(3).stderr_has("error[invoice.tax]");
    desk.run(&credit("A100 x 1 box")).code(3).stderr_has("error[invoice.unit]");
    // 5 × 128.00 = 640.00 is all that can be taken back of the line.
    desk.run(&credit("A100 x 5 @ 129 price_adjustment"))
        .code(3)
        .stderr_has("IN-2609-0001 line 1: credited 5.00 beyond what it was");
    desk.run(&credit("A100 x 6")).code(3).stderr_has("IN-2609-0001 line 1: 6 credited of 5");
    desk.run(&credit("A100 x 1")).succeeds().has("128.00");
    let checked = desk.run("invoice check IN-2609-0002 -O csv").succeeds();
    assert_eq!(checked.column("most"), ["5"]);
    assert_eq!(checked.column("agreed_price"), ["128.00"]);
    assert_eq!(checked.column("result"), ["agrees"]);
    desk.run("invoice set IN-2609-0002 line.1.price=600").succeeds();
    let checked = desk.run("invoice check IN-2609-0002 -O csv").code(3);
    assert_eq!(checked.column("result"), ["differs: price"]);
    desk.run("invoice issue IN-2609-0002 --number N2").code(3).stderr_has("error[invoice.price]");
    desk.run("invoice set IN-2609-0002 line.1.price=128").succeeds();
    desk.run("invoice issue IN-2609-0002 --number N2").succeeds();
    // What is taken back for less has its reason.
    desk.run(&credit("A100 x 1 @ 100")).code(3).stderr_has("error[invoice.price]");
    desk.run(&format!(
        "DESK_USER=wang {} --override invoice.price --comment 手续费 --until 2026-12-31",
        credit("A100 x 1 @ 100")
    ))
    .succeeds()
    .has("100.00");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn drafts_of_part_credits_come_to_the_invoice_as_one_after_another() {
    // Without tax 3 × 950.05 = 2,850.15, tax 370.5195 → 370.52, in all 3,220.67. Each alone is 950.05
    // and 123.5065 → 123.51, in all 1,073.56, and three of them 3,220.68.
    let desk = masters();
    desk.run("order add CX04 --prices-include-tax false --line 'E40 x 3 @ 950.05'").succeeds();
    desk.run("DESK_USER=huang order review SO-2609-0001 --comment 议价").succeeds();
    let (path, text) = crate::invoice::sent("SH-2609-0091", "SO-2609-0001", &[(1, "E40", "3")]);
    desk.write(&path, text.replace("CX01", "CX04"));
    desk.run("invoice add --from SH-2609-0091").succeeds().has("3,220.67");
    desk.run("invoice issue IN-2609-0001 --number 1").succeeds();
    let credit = "invoice credit IN-2609-0001 --line 'E40 x 1' --reason x --reopens-billing false";
    // 1,073.56, then 2,147.11 in all (tax 247.013 → 247.01), then 3,220.67.
    for amount in ["1,073.56", "1,073.55", "1,073.56"] {
        desk.run(credit).succeeds().has(amount);
    }
    desk.run(credit).code(3).stderr_has("IN-2609-0001 line 1: 4 credited of 3");
    for no in 2..=4 {
        desk.run(&format!("invoice issue IN-2609-000{no} --number {no}")).succeeds();
    }
    let whole = desk.run("invoice list party:CX04 --cols id,gross,open -O csv").succeeds();
    let gross = ["3220.67", "-1073.56", "-1073.55", "-1073.56"];
    assert_eq!(whole.column("gross"), gross);
    assert_eq!(whole.column("open"), ["0.00"; 4]);
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_price_lowered_between_two_returns_leaves_nothing_over() {
    // 5 × 128.00 = 640.00. Two go back at 128.00, then 8.00 are taken off the three that stay: of
    // 640.00 less 256.00 and 24.00 are left 360.00, 120.00 each.
    let desk = invoiced(FIVE);
    let credit = |line: &str| {
        format!("invoice credit IN-2609-0001 --line '{line}' --reason r --reopens-billing false")
    };
    desk.run(&credit("A100 x 2")).succeeds().has("256.00");
    desk.run(&credit("A100 x 3 @ 8 price_adjustment")).succeeds().has("24.00");
    desk.run(&credit("A100 x 1")).succeeds().has("120.00");
    desk.run("invoice credit IN-2609-0001 --reason r --reopens-billing false")
        .succeeds()
        .has("240.00");
    for no in 2..=5 {
        desk.run(&format!("invoice issue IN-2609-000{no} --number N{no}")).succeeds();
    }
    assert_eq!([cents(&desk, "net"), cents(&desk, "tax"), cents(&desk, "gross")], [0, 0, 0]);
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn parts_at_a_rounded_price_come_to_the_invoice_to_the_cent() {
    // 7 × 100.00 less 10.00 is 690.00, 98.571429 each: 98.57, and seven of them 689.99; the last one
    // takes the cent.
    let desk = invoiced(&[("A100", "7", "A100 x 7 @ 100")]);
    let credit = |line: &str| {
        format!("invoice credit IN-2609-0001 --line '{line}' --reason r --reopens-billing false")
    };
    desk.run(&credit("A100 x 1 @ 10 price_adjustment")).succeeds();
    desk.run("invoice issue IN-2609-0002 --number N2").succeeds();
    for no in 3..=9 {
        desk.run(&credit("A100 x 1")).succeeds();
        desk.run(&format!("invoice issue IN-2609-000{no} --number N{no}")).succeeds();
    }
    assert_eq!([cents(&desk, "net"), cents(&desk, "tax"), cents(&desk, "gross")], [0, 0, 0]);
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn nothing_is_issued_before_it_was_ordered_or_had_left() {
    let desk = delivered(FIVE);
    desk.run("invoice add --from SH-2609-0091").succeeds();
    desk.run("invoice issue IN-2609-0001 --number Q1 --on 2026-08-20 -n")
        .code(3)
        .stderr_has("error[invoice.quantity]: A100: invoicing 5, but nothing is left")
        .stderr_has("delivered 0 by 2026-08-20")
        .stderr_has("error[issue.day]: issued on 2026-08-20, and SO-2609-0001 is of 2026-09-23")
        .stderr_has("hint: desk invoice issue IN-2609-0001 --number Q1 --on 2026-09-23");
    let later = "DESK_TODAY=2026-09-28";
    desk.run(&format!("{later} invoice issue IN-2609-0001 --number Q1 --on 2026-09-25")).succeeds();
    desk.run(&format!("{later} invoice credit IN-2609-0001 --reason r --reopens-billing true"))
        .succeeds();
    desk.run(&format!("{later} invoice issue IN-2609-0002 --number Q2 --on 2026-09-24"))
        .code(3)
        .stderr_has("issued on 2026-09-24, and IN-2609-0001 on 2026-09-25");
}

#[test]
fn days_do_not_run_back_against_the_numbers_of_a_series() {
    let desk = delivered(FIVE);
    let text = desk.read("desk.toml");
    let series = "\n[[series]]\nname = \"VAT\"\nprefix = \"V\"\nnext = \"1\"\ngapless = true\n";
    desk.write("desk.toml", text + series);
    for _ in 0..2 {
        desk.run("invoice add --from SH-2609-0091 --line 'A100 x 1'").succeeds();
    }
    desk.run("DESK_TODAY=2026-09-28 invoice issue IN-2609-0001").succeeds().has("as V1");
    desk.run("DESK_TODAY=2026-09-28 invoice issue IN-2609-0002 --on 2026-09-25")
        .code(3)
        .stderr_has("error[issue.day]: number V2 of 2026-09-25 comes behind V1 of 2026-09-28")
        .stderr_has("hint: desk invoice issue IN-2609-0002 --number V2 --on 2026-09-28");
    desk.run("DESK_TODAY=2026-09-28 invoice issue IN-2609-0002").succeeds();
    desk.run("check").succeeds();
}

#[test]
fn nothing_is_drafted_or_issued_for_nothing() {
    let desk = invoiced(&[("A100", "20", "A100 x 20 @ 128")]);
    for line in [
        "invoice add --from SH-2609-0091 --line 'A100 x 0'",
        "invoice credit IN-2609-0001 --line 'A100 x 0' --reason r --reopens-billing false",
        "invoice add CX01 --kind deposit --line 'text=定金, qty=0, price=5, kind=deposit'",
    ] {
        desk.run(line).code(2).stderr_has("a quantity of zero");
    }
    desk.run("invoice add CX01 --kind deposit --line 'text=定金, qty=1, price=0, kind=deposit'")
        .code(3)
        .stderr_has("error[issue.amount]: IN-2609-0002 comes to 0.00");
    desk.run("invoice credit IN-2609-0001 --line 'A100 x 5 @ 0 price_adjustment' --reason r")
        .code(3)
        .stderr_has("error[issue.amount]");
}

#[test]
fn a_draft_is_matched_however_it_is_made() {
    let desk = delivered(FIVE);
    desk.run("invoice add --from SH-2609-0091").succeeds();
    desk.run("invoice copy IN-2609-0001")
        .code(3)
        .stderr_has("error[invoice.quantity]: A100: invoicing 5, but nothing is left")
        .stderr_has("hint: desk invoice void IN-2609-0001 --reason …");
    desk.run("invoice set IN-2609-0001 line.1.qty=3").succeeds();
    desk.run("invoice copy IN-2609-0001").code(3).stderr_has("hint: --line \"… qty=…\"");
    desk.run("invoice set IN-2609-0001 line.1.qty=2").succeeds();
    desk.run("invoice copy IN-2609-0001").succeeds();
}

#[test]
fn a_discount_is_not_more_than_its_line() {
    let desk = masters();
    // 2 × 128.00 = 256.00.
    desk.run("order add CX04 --line 'A100 x 2 @ 128 discount_amount=1000'")
        .code(3)
        .stderr_has("error[order.line]: line 1: the discount is more than the line");
    desk.run("order add CX04 --line 'A100 x 2 @ 128 discount_amount=256'").succeeds();
    desk.run("invoice add CX04 --kind deposit --line 'text=定金, qty=1, price=5, discount_amount=6, kind=deposit'")
        .code(3)
        .stderr_has("error[invoice.line]: line 1: the discount is more than the line");
}

#[test]
fn only_people_who_work_here_issue_freeze_and_decide() {
    let desk = delivered(FIVE);
    desk.run("invoice add --from SH-2609-0091").succeeds();
    for (user, why) in [
        ("nobody", "\"nobody\" is no staff code"),
        ("wu-tao", "wu-tao does not work here any more"),
    ] {
        for line in [
            "invoice issue IN-2609-0001 --number 1",
            "order review SO-2609-0001 --reject --comment no",
            "order hold SO-2609-0001 --reason x",
            "period close 2026-08",
        ] {
            let before = desk.tree();
            desk.run(&format!("DESK_USER={user} {line}")).code(3).stderr_has(why);
            assert_eq!(desk.changes(&before), "");
        }
    }
    desk.run("order hold SO-2609-0001 --reason x").succeeds();
    desk.run("DESK_USER=wu-tao order release SO-2609-0001")
        .code(3)
        .stderr_has("error[people.active]: wu-tao does not work here any more");
    // Whoever acted before and has left since does not stand in the way of others.
    let file = "orders/2026-09/SO-2609-0001.toml";
    desk.write(file, desk.read(file).replace("by = \"li-min\"\nreason", "by = \"gone\"\nreason"));
    desk.run("order release SO-2609-0001").succeeds();
    desk.run("order add CX01 --line 'A100 x 4'").succeeds();
    desk.run("DESK_USER=nobody order close SO-2609-0002 --reason x")
        .code(3)
        .stderr_has("error[people.active]: \"nobody\" is no staff code");
}

#[test]
fn a_draft_is_not_issued_into_a_closed_month() {
    let desk = Desk::example();
    for month in 1..=8 {
        desk.run(&format!("period close 2026-{month:02}")).succeeds();
    }
    let line = "invoice add CX01 --kind deposit --line 'text=定金, qty=1, price=5, kind=deposit'";
    desk.run(line).succeeds();
    desk.run("invoice issue IN-2609-0009 --number 1 --on 2026-08-20")
        .code(3)
        .stderr_has("IN-2609-0009 is not issued on 2026-08-20: 2026-08 is closed")
        .stderr_has("hint: desk invoice issue IN-2609-0009 --on 2026-09-23");
}
