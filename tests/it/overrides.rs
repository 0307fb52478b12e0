//! What is let pass: by whom, why, until when, and for what; and who may not decide on their own
//! work.

use crate::desk::Desk;

const ORDER: &str = "orders/2026-09/SO-2609-0014.toml";

fn ordered(lines: &str) -> Desk {
    let desk = Desk::example();
    desk.run(&format!("order add CX04 {lines}")).succeeds();
    desk
}

#[test]
fn an_order_counts_against_the_limit_whatever_the_day_it_is_of() {
    // 390 × 128.00 = 49,920.00 each, of a limit of 60,000.00.
    let desk = ordered("--line 'A100 x 390' --ordered-on 2026-12-01");
    desk.run("DESK_USER=wang order review SO-2609-0014")
        .succeeds()
        .has("credit 49,920.00 of 60,000.00");
    desk.run("order add CX04 --line 'A100 x 390' --ordered-on 2026-12-01").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0015")
        .code(3)
        .stderr_has("error[review.credit]: CX04: 99,840.00 of a credit limit of 60,000.00");
    desk.run("customer list id:CX04 --cols exposure -O csv").stdout("exposure\n49920.00\n");
}

#[test]
fn who_revised_an_order_does_not_approve_it() {
    let desk = ordered("--line 'A100 x 20'");
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-23T09:00:00+08:00 order review SO-2609-0014")
        .succeeds();
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-23T10:00:00+08:00 order revise SO-2609-0014 --line '1 qty=25' --reason 加量")
        .succeeds();
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-23T11:00:00+08:00 order review SO-2609-0014")
        .code(3)
        .stderr_has("error[people.two]: wang revised SO-2609-0014 and approved it too");
    desk.run("DESK_USER=huang DESK_TODAY=2026-09-23T12:00:00+08:00 order review SO-2609-0014")
        .succeeds();
    // What someone else revises after that is not his work.
    desk.run("DESK_TODAY=2026-09-23T13:00:00+08:00 order revise SO-2609-0014 --line '1 qty=26' --reason 加量")
        .succeeds();
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-23T14:00:00+08:00 order review SO-2609-0014")
        .succeeds();
    desk.run("check").succeeds().has("0 errors");
}

#[test]
fn the_floor_is_let_pass_for_what_it_was_let_pass_for() {
    let desk = ordered("--line 'A100 x 20 @ 100'");
    let review = |more: &str| desk.run(&format!("order review SO-2609-0014 --comment 清仓 {more}"));
    let pass = |by: &str, more: &str| {
        desk.run(&format!(
            "DESK_USER={by} order review SO-2609-0014 --comment 清仓 --override review.floor {more}"
        ))
    };
    review("").code(3).stderr_has(
        "hint: desk order review SO-2609-0014 --override review.floor --until … --comment …",
    );
    pass("wang", "").code(3).stderr_has("wang let it pass without a last day");
    pass("chen-yan", "--until 2026-09-30").code(3).stderr_has("chen-yan may not let it pass");
    pass("wang", "--until 2026-09-30").succeeds().has("below the lowest price by an override");
    desk.run("order revise SO-2609-0014 --line '1 price=1' --reason 再降").succeeds();
    // In the same second still: what he let pass was another price.
    desk.run("DESK_USER=huang order review SO-2609-0014 --comment 清仓")
        .code(3)
        .stderr_has("error[review.floor]: A100: 1 is below the lowest price 102.40")
        .stderr_has("wang let it pass before it was changed");
}

#[test]
fn an_override_by_hand_needs_who_may_why_and_until_when() {
    let desk = ordered("--line 'A100 x 20 @ 100'");
    let held = desk.read(ORDER);
    for (more, words) in [
        ("by = \"liu-ping\"\n", "let it pass without a last day"),
        ("by = \"liu-ping\"\nuntil = 2026-12-31\n", "let it pass without a reason"),
        ("by = \"liu-ping\"\nuntil = 2026-12-31\nreason = \"x\"\n", "may not let it pass"),
    ] {
        let block = format!(
            "\n[[override]]\nrule = \"review.floor\"\nat = 2026-09-23T08:00:00+08:00\n{more}"
        );
        desk.write(ORDER, format!("{held}{block}"));
        desk.run("DESK_USER=huang order review SO-2609-0014 --comment 清仓")
            .code(3)
            .stderr_has(&format!("liu-ping {words}"));
    }
}

#[test]
fn an_invoice_is_let_pass_as_an_order_is() {
    let desk = crate::invoice::delivered(&[("A100", "20", "A100 x 20 @ 128")]);
    let add = "invoice add --from SH-2609-0091 --line 'A100 x 20 @ 127' --override invoice.price --comment 让利";
    desk.run(add).code(3).stderr_has("li-min let it pass without a last day");
    desk.run(&format!("{add} --until 2026-09-30")).code(3).stderr_has("li-min may not let it pass");
    desk.run(&format!("DESK_USER=wang {add} --until 2026-09-30")).succeeds();
    // Another price is another matter, and the last day is the last.
    desk.run("DESK_TODAY=2026-10-01 invoice issue IN-2609-0001 --number 1 -n")
        .code(3)
        .stderr_has("wang let it pass until 2026-09-30 only");
    desk.run("invoice set IN-2609-0001 line.1.price=1").succeeds();
    desk.run("invoice issue IN-2609-0001 --number 1")
        .code(3)
        .stderr_has("error[invoice.price]")
        .stderr_has("wang let it pass before it was changed");
    desk.run("invoice set IN-2609-0001 line.1.price=127").succeeds();
    desk.run("invoice issue IN-2609-0001 --number 1").succeeds();
}

#[test]
fn an_order_that_is_let_go_is_judged_again() {
    // 500 × 128.00 = 64,000.00 of a limit of 60,000.00.
    let desk = ordered("--line 'A100 x 500'");
    desk.run("DESK_USER=huang order review SO-2609-0014 --override review.credit --comment 老客户 --until 2026-09-24")
        .succeeds();
    desk.run("order hold SO-2609-0014 --reason 等付款").succeeds();
    let release = "DESK_TODAY=2026-10-20 order release SO-2609-0014";
    desk.run(release)
        .code(3)
        .stderr_has("error[review.credit]: CX04: 64,000.00 of a credit limit of 60,000.00")
        .stderr_has("huang let it pass until 2026-09-24 only")
        .stderr_has(
            "hint: desk order release SO-2609-0014 --override review.credit --until … --comment …",
        );
    desk.run(&format!(
        "DESK_USER=huang {release} --override review.credit --comment 已付款 --until 2026-10-31"
    ))
    .succeeds()
    .has("to ship");
    // An order that no one approved yet is judged by its review.
    desk.run("order add CX04 --line 'A100 x 500'").succeeds();
    desk.run("order hold SO-2609-0015 --reason 等付款").succeeds();
    desk.run("order release SO-2609-0015").succeeds().has("awaiting review");
}

#[test]
fn what_is_given_away_counts_as_listed_for_who_may_decide() {
    // 10 × 16,800.00 of goods for nothing: more than a manager's 50,000.00.
    let desk = ordered("--line 'E30 x 10 gift'");
    desk.run("DESK_USER=wang order review SO-2609-0014")
        .code(3)
        .stderr_has("wang may not approve 168,000.00, 168,000.00 of it given away");
    desk.run("DESK_USER=huang order review SO-2609-0014").succeeds();
}

#[test]
fn a_foreign_customers_currency_decides_on_prices() {
    // 128.00 ÷ 7.1 = 18.028169, whoever says that it is in dollars.
    for currency in ["", " --currency USD"] {
        let desk = Desk::example();
        desk.run(&format!("order add CX03 --line 'A100 x 7' --exchange-rate 7.1{currency}"))
            .succeeds()
            .has("USD 126.20");
        assert!(desk.read(ORDER).contains("price = \"18.028169\""));
        let desk = Desk::example();
        desk.run(&format!("order add CX03 --line 'A100 x 7'{currency}"))
            .code(3)
            .stderr_has("SO-2609-0014 is in USD and has no exchange rate")
            .stderr_has("hint: --exchange-rate …");
    }
}

#[test]
fn an_order_shows_how_far_each_line_is() {
    let desk = crate::invoice::invoiced(&[
        ("A100", "20", "A100 x 20 @ 128"),
        ("C20", "5", "C20 x 5 @ 40"),
    ]);
    desk.run("payment add CX01 1380 --method transfer --match IN-2609-0001").succeeds();
    let shown = desk.run("order show SO-2609-0001 -O json").succeeds().json();
    let lines = &shown["derived"]["tables"]["progress"];
    // Half of 2,560.00 + 200.00 is paid.
    for (at, (qty, money)) in [(20, 1280), (5, 100)].into_iter().enumerate() {
        let line = &lines[at];
        for key in ["ordered", "delivered", "invoiced"] {
            assert_eq!(line[key], qty, "{key} of {line}");
        }
        for key in ["to_ship", "to_invoice"] {
            assert_eq!(line[key], 0, "{key} of {line}");
        }
        assert_eq!(line["collected"].as_f64(), Some(f64::from(money)), "{line}");
    }
    desk.run("order show SO-2609-0001").succeeds().has("collected");
    desk.run("order show SO-2609-0001 -O csv --table progress").succeeds().has("1280.00");
}
