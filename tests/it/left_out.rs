//! What could not be read is named by whatever would have read it: nothing is totalled around a
//! broken file in silence.

use crate::desk::Desk;

const INVOICE: &str = "invoices/2026-08/IN-2608-0005.toml";
const SHIPMENT: &str = "shipments/2026-09/SH-2609-0002.toml";
const ORDER: &str = "orders/2026-09/SO-2609-0001.toml";

fn broken(paths: &[&str]) -> Desk {
    let desk = Desk::example();
    paths.iter().for_each(|path| desk.write(path, "= neither key nor value\n"));
    desk
}

#[test]
fn every_report_names_what_is_broken_and_exits_3() {
    let desk = broken(&[INVOICE, SHIPMENT, ORDER, "customers/CX20.toml", "market/2026-09.csv"]);
    let reports = desk.run("report list -O csv").succeeds().column("name");
    assert!(reports.len() >= 8, "{reports:?}");
    for name in reports {
        let filter = if name == "statement" { "customer:CX10" } else { "" };
        let ran = desk.run(&format!("report {name} {filter} -O md")).code(3);
        // The market is a register, and none of its rows can be read.
        let code = if name == "market" { "error[field.missing]" } else { "error[toml.syntax]" };
        ran.has("left out, and in no figure: ").stderr_has(code);
    }
}

#[test]
fn whatever_reads_an_invoice_names_a_broken_one_and_exits_3() {
    let desk = broken(&[INVOICE]);
    for line in [
        "today",
        "today --for li-min -O csv",
        "explain sales -p 2026-08 --basis invoiced",
        "explain receivables CX10",
        "explain contracts CT-2608-0001",
        "explain invoices",
        "explain ledger",
        "explain statement CX10 closing",
        "contract fulfil",
        "contract fulfil CT-2608-0001 -O csv",
        "contract feedback CT-2608-0001",
        "payment chase",
        "payment chase --letter CX18",
        "payment statement CX10",
        "customer ledger CX10",
        "customer show CX10",
        "order list 'stage:to collect'",
        "order show SO-2608-0004",
        "invoice list",
        "invoice check IN-2608-0010",
        "find 晨星",
    ] {
        desk.run(line).code(3).stderr_has(INVOICE);
    }
}

#[test]
fn what_is_not_found_may_stand_in_a_broken_file() {
    let desk = broken(&[INVOICE]);
    let before = desk.tree();
    for line in ["payment chase --letter CX10", "payment match CX10"] {
        desk.run(line).code(2).stderr_has(&format!("hint: desk check   (left out: {INVOICE})"));
    }
    assert_eq!(desk.changes(&before), "");
    // What is written all the same says so, too.
    let review = desk.run("DESK_USER=wang order review SO-2609-0012").succeeds();
    review.stderr_has(&format!("note: left out: {INVOICE} (see desk check)"));
}
