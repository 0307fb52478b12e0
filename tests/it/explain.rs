//! `explain`: what makes a figure, at file and line, comes to the report's own cell.

use rust_decimal::Decimal;

use crate::desk::Desk;

fn number(cell: &str) -> Decimal {
    cell.parse().unwrap_or_default()
}

#[test]
fn what_explains_a_row_of_any_report_comes_to_the_row() {
    let desk = Desk::example();
    let own: &[(&str, &str, &[&str])] = &[
        ("ledger", "-p 2026-09 --by customer", &["opening", "collected", "closing"]),
        ("ledger", "-p 2026-Q3 --by category", &["invoiced", "closing"]),
        ("invoices", "-p 2026-09 --by customer", &["net", "tax", "gross"]),
        ("deliveries", "-p 2026-09 --by customer", &["ordered", "shipped"]),
        ("deliveries", "--by staff", &["backlog"]),
        ("receivables", "-p 2026-Q2 --by customer", &["open", "not_due", "overdue", "unallocated"]),
        ("receivables", "--by staff", &["invoiced", "over_90"]),
    ];
    for (report, params, figures) in own {
        let rows = desk.run(&format!("report {report} {params} -O csv")).succeeds().rows();
        let by = params.rsplit(' ').next().expect("a grouping");
        for row in rows.iter().step_by(4) {
            for figure in *figures {
                let key = &row[by];
                let line = format!("explain {report} {params} {key} {figure} -O csv");
                let told = desk.run(&line).succeeds().rows();
                let column = match (*report, *figure) {
                    ("receivables", "invoiced") => "amount_base",
                    ("receivables", _) => "open_base",
                    (_, figure) => figure,
                };
                let sum: Decimal = told.iter().map(|part| number(&part[column])).sum();
                assert_eq!(sum.round_dp(2), number(&row[*figure]), "{line}");
                let is_placed = |place: &str| {
                    place.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok())
                };
                assert!(told.iter().all(|part| is_placed(&part["where"])), "{line}: {told:?}");
            }
        }
    }
}

#[test]
fn what_is_open_of_invoices_is_their_lines_less_what_settled_them() {
    let desk = Desk::example();
    let report = desk.run("report invoices -p 2026-09 --by month -O csv").succeeds().rows();
    let sum = |table: &str, column: &str| -> Decimal {
        let line =
            format!("explain invoices -p 2026-09 --by month 2026-09 open -O csv --table {table}");
        desk.run(&line).succeeds().column(column).iter().map(|cell| number(cell)).sum()
    };
    assert_eq!(sum("lines", "gross") + sum("settled", "amount"), number(&report[0]["open"]));
}

#[test]
fn balances_of_a_statement_are_explained_in_their_own_currency() {
    let desk = Desk::example();
    for customer in ["CX01", "CX03", "CX05"] {
        let line = format!("report statement {customer} -p 2026-09 -O json");
        let facts = desk.run(&line).succeeds().json()["facts"].clone();
        for figure in ["opening", "closing", "overdue"] {
            let line = format!("explain statement {customer} {figure} -p 2026-09 -O csv");
            let parts = desk.run(&line).succeeds().column("amount");
            let sum: Decimal = parts.iter().map(|cell| number(cell)).sum();
            let shown = Decimal::from_f64_retain(facts[figure].as_f64().expect("a number"));
            assert_eq!(Some(sum), shown.map(|own| own.round_dp(2)), "{line}");
        }
    }
    desk.run("explain statement").code(2).stderr_has("needs the customer");
    desk.run("explain statement CX01 balance").code(2).stderr_has("no figure of a statement");
}

#[test]
fn a_measure_is_explained_by_its_formula_and_every_item() {
    let desk = Desk::example();
    let facts =
        desk.run("report receivables -p 2026-Q3 -O json").succeeds().json()["facts"].clone();
    for figure in ["dso", "best_possible_dso", "average_days_delinquent", "cei"] {
        let line = format!("explain receivables {figure} -p 2026-Q3");
        let told = desk.run(&format!("{line} -O json")).succeeds().json();
        assert_eq!(told["facts"][figure], facts[figure], "{line}");
        let sales = desk.run(&format!("{line} -O csv --table sales")).succeeds();
        let sum: Decimal = sales.column("amount_base").iter().map(|cell| number(cell)).sum();
        assert_eq!(sum, number(&facts["sales"].to_string()), "{line}");
    }
    let told = desk.run("explain receivables cei -p 2026-Q3").succeeds();
    told.has("opening").has("sales").has("closing").has("invoices/2026-09/IN-2609-0001.toml:20");
    desk.run("explain receivables dso -p ..2026-09").code(2).stderr_has("both ends");
}

#[test]
fn goods_behind_a_delivery_are_told_with_their_shipments() {
    let desk = Desk::example();
    let line = "explain deliveries CX01 in_full -p 2026-09 -O csv --table moves --cols id,order,quantity,where";
    desk.run(line).succeeds().stdout_is(
        "id,order,quantity,where\n\
         SH-2609-0004,SO-2609-0004,12,shipments/2026-09/SH-2609-0004.toml:19\n\
         SH-2609-0004,SO-2609-0004,6,shipments/2026-09/SH-2609-0004.toml:27\n",
    );
    desk.run("explain deliveries --by hour x").code(2).stderr_has("--by takes customer");
}
