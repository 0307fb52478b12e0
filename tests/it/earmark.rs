//! Money kept for orders and contracts, after their invoices used it up: `tests/worked`.
//!
//! The advance of 4,746.00 is kept for CT-2601-0001 by AL-2601-0001; AL-2601-0002 uses 3,390.00 of
//! it for the first invoice and AL-2603-0001 the last 1,356.00 for the second.

use snapbox::str;

use crate::desk::Desk;

const ADVANCE: &str = "payment list id:PM-2601-0001 -O csv --cols settled,earmarked,unallocated";

#[test]
fn what_invoices_used_up_is_not_taken_back() {
    let desk = Desk::worked();
    let before = desk.tree();
    desk.run("payment unmatch AL-2601-0001 --reason 改付").code(3).stderr(str![[r#"
error: nothing of AL-2601-0001 is kept for CT-2601-0001 any more: 3,390.00 went to IN-2601-0001 by AL-2601-0002, 1,356.00 went to IN-2603-0001 by AL-2603-0001
hint: desk payment unmatch AL-2601-0002 AL-2603-0001 --reason …

"#]]);
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn of_what_is_used_up_in_part_only_the_rest_comes_free() {
    let desk = Desk::worked();
    desk.run("payment unmatch AL-2603-0001 --reason 改付").succeeds();
    desk.run(ADVANCE).succeeds().has("\n3390.00,1356.00,0.00\n");
    desk.run("payment unmatch AL-2601-0001 --reason 改付").succeeds().stdout(str![[r#"
AL-2609-0002  AL-2601-0001 taken back: 1,356.00 of PM-2601-0001 is not for CT-2601-0001 now; 3,390.00 went to IN-2601-0001 by AL-2601-0002 before

"#]]);
    desk.run(ADVANCE).succeeds().has("\n3390.00,,1356.00\n");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn an_earmark_goes_back_together_with_what_used_it() {
    let desk = Desk::worked();
    desk.run("payment unmatch 2601-0001 AL-2601-0002 AL-2603-0001 --reason 退款")
        .succeeds()
        .has("AL-2601-0001 taken back: 4,746.00 of PM-2601-0001 is not for CT-2601-0001 now\n");
    desk.run(ADVANCE).succeeds().has("\n,,4746.00\n");
}

#[test]
fn an_order_that_is_invoiced_says_so_and_which_invoice_takes_the_money() {
    // The second order of 4,520.00 is on IN-2603-0001, of which 1,356.00 and 672.00 are paid.
    let desk = Desk::worked();
    desk.run("payment add CX01 500 --match SO-2602-0001").code(3).stderr(str![[r#"
error: SO-2602-0001 is invoiced already: IN-2603-0001 open 2,492.00
hint: --match IN-2603-0001

"#]]);
    desk.run("payment add CX01 500 --match SO-2602-0001=500").succeeds();
    desk.run("check").succeeds().has(
        "warning[allocation.beyond]: SO-2602-0001 comes to 4,520.00, of it 4,520.00 invoiced and 0.00 left, and \
         500.00 is earmarked for it",
    );
    desk.run("check").succeeds().has("hint: desk payment match PM-2609-0001 --to IN-2603-0001");
    desk.run("payment match PM-2609-0001 --to IN-2603-0001").succeeds().stdout(str![[r#"
PM-2609-0001  IN-2603-0001 open 1,992.00

"#]]);
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    desk.run("payment add CX01 1992 --match IN-2603-0001").succeeds();
    desk.run("payment add CX01 5 --match SO-2602-0001").code(3).stderr(str![[r#"
error: SO-2602-0001 is invoiced already and paid
hint: desk order show SO-2602-0001

"#]]);
}
