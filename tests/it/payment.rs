//! `desk payment`: money taken down, earmarked, taken back; `plan set`, `task done`, and registers
//! that a spreadsheet saved or an import fills.

use snapbox::str;

use crate::desk::Desk;

/// The rows of a register without its header.
fn rows(desk: &Desk, path: &str) -> Vec<String> {
    desk.read(path).lines().skip(1).map(str::to_owned).collect()
}

/// The row of a register with this id.
fn row(desk: &Desk, path: &str, id: &str) -> String {
    let found = rows(desk, path).into_iter().find(|row| row.starts_with(&format!("{id},")));
    found.unwrap_or_else(|| panic!("no {id} in {path}"))
}

/// One cell of `list`, by the id of its row.
fn figure(desk: &Desk, noun: &str, id: &str, column: &str, as_of: &str) -> String {
    let line = format!("{noun} list --as-of {as_of} --cols id,{column} -O csv");
    let found = desk.run(&line).succeeds().rows();
    let row = found.into_iter().find(|row| row["id"] == id);
    row.unwrap_or_else(|| panic!("no {id}"))[column].clone()
}

#[test]
fn a_payment_earmarks_an_order_as_it_is_taken_down() {
    let desk = Desk::example();
    let before = desk.tree();
    let ran = desk.run("payment add CX01 3000 --method transfer --match SO-2609-0004").succeeds();
    ran.stdout(str![[r#"
PM-2609-0018  3,000.00 received; SO-2609-0004 earmarked 2,484.00, 516.00 unallocated
Next: desk payment match PM-2609-0018 --to …

"#]]);
    crate::desk::same(
        "two registers",
        &desk.changes(&before),
        str![[r#"
allocations/2026-09.csv
+AL-2609-0017,2026-09-23,PM-2609-0018,SO-2609-0004,,2484.00,,,,,,li-min,2026-09-23T12:00:00.000+08:00,,,
payments/2026-09.csv
+PM-2609-0018,2026-09-23,CX01,in,transfer,,,3000,,,,li-min,,,,,li-min,2026-09-23T12:00:00.000+08:00,,,

"#]],
    );
    let figures = ["earmarked", "unallocated"]
        .map(|key| figure(&desk, "payment", "PM-2609-0018", key, "2026-09-23"));
    assert_eq!(figures, ["2484.00", "516.00"]);
    desk.run("order show SO-2609-0004").succeeds().has("earmarked           2,484.00");
    desk.run("check").succeeds();

    desk.run("payment add CX01 100 --match SO-2609-0004")
        .code(3)
        .stderr_has("SO-2609-0004 is covered already");
    desk.run("payment add CX02 900 --match SO-2609-0003=300 --match CT-2601-0001")
        .succeeds()
        .has("SO-2609-0003 earmarked 300.00, CT-2601-0001 earmarked 600.00\n");
}

#[test]
fn a_match_is_refused_where_the_money_is_not_theirs() {
    let desk = Desk::example();
    let before = desk.tree();
    for (line, code, words) in [
        ("payment add CX01 100 --match SO-2609-0003", 3, "allocation.party"),
        ("payment add SU04 100 --match CT-2609-0004", 3, "allocation.party"),
        ("payment match PM-2609-0004 --to SO-2609-0004 --amount 2484.01", 3, "payment.allocated"),
        ("payment add CX03 100", 3, "payment.currency"),
        ("payment add CX01 0", 3, "payment.amount"),
        ("payment add CX01 -5", 3, "payment.amount"),
        ("payment add CX01 10 --matures-on 2026-12-01", 3, "payment.matures"),
        ("payment add CX01 10 --match TK-2609-0001", 2, "TK-2609-0001 is no order or contract"),
        ("payment add CX01 10 --match BD-2609-0001", 2, "BD-2609-0001 is not read"),
        ("payment add CX01 '1,234.50'", 2, "hint: write 1234.50"),
        ("payment add CX01 ¥200", 2, "hint: write 200"),
        ("payment add CX01", 2, "a payment needs a party and an amount"),
        ("payment void PM-2609-0001 --reason x", 3, "ref.void"),
        ("payment match PM-2609-0004 --to SO-2609-0006", 2, "SO-2609-0006 is in USD"),
    ] {
        desk.run(line).code(code).stderr_has(words);
    }
    let mut after = desk.tree();
    after.retain(|path, _| !path.starts_with(".desk"));
    assert_eq!(after, before, "nothing was written");
}

#[test]
fn an_allocation_is_taken_back_by_void_in_its_month_and_by_a_row_later() {
    let desk = Desk::example();
    desk.run("payment match PM-2609-0004 --to SO-2609-0004 --amount 500").succeeds();
    desk.run("payment unmatch AL-2609-0017 --reason 改付").succeeds().stdout(str![[r#"
AL-2609-0017 taken back: 500.00 of PM-2609-0004 is not for SO-2609-0004 now

"#]]);
    let register = "allocations/2026-09.csv";
    assert!(row(&desk, register, "AL-2609-0017").ends_with("+08:00,li-min,改付"));
    desk.run("payment unmatch AL-2608-0005 AL-2601-0001 --reason 改付").succeeds();
    assert!(
        row(&desk, register, "AL-2609-0018")
            .contains("PM-2608-0004,CT-2608-0001,1,-8000,,,,AL-2608-0005,改付")
    );
    assert!(
        row(&desk, register, "AL-2609-0019")
            .starts_with("AL-2609-0019,2026-09-23,PM-2601-0001,CT-2601-0001,,-10000,")
    );
    desk.run("payment unmatch AL-2608-0005 --reason x")
        .code(2)
        .stderr_has("was taken back already");
    desk.run("payment unmatch AL-2609-0018 --reason x")
        .code(2)
        .stderr_has("takes back AL-2608-0005");
    let earmarked = |day| figure(&desk, "contract", "CT-2608-0001", "earmarked", day);
    assert_eq!((earmarked("2026-09-22"), earmarked("2026-09-23")), ("8000.00".into(), "".into()));
    desk.run("check").succeeds();

    // The same of an order, in the month after.
    desk.run("payment match PM-2609-0004 --to SO-2609-0004 --amount 500").succeeds();
    desk.run("DESK_TODAY=2026-10-08 payment unmatch AL-2609-0020 --reason 改付").succeeds();
    assert!(row(&desk, register, "AL-2609-0020").ends_with("+08:00,,,"));
    assert!(
        row(&desk, "allocations/2026-10.csv", "AL-2610-0001")
            .contains("2026-10-08,PM-2609-0004,SO-2609-0004,,-500,,,,AL-2609-0020,改付")
    );
    let earmarked = |day| figure(&desk, "order", "SO-2609-0004", "earmarked", day);
    assert_eq!((earmarked("2026-10-07"), earmarked("2026-10-08")), ("500.00".into(), "".into()));
    desk.run("DESK_TODAY=2026-10-08 check").succeeds();
}

#[test]
fn an_earmark_beyond_what_the_order_comes_to_is_told() {
    let desk = Desk::example();
    desk.run("payment add CX01 100000 --match SO-2609-0004=90000")
        .succeeds()
        .stderr_has("SO-2609-0004 comes to 2,484.00, and 90,000.00 is earmarked for it");
    desk.run("check").succeeds().has("hint: desk payment unmatch AL-2609-0017 --reason …");
    desk.run("payment unmatch AL-2609-0017 --reason x").succeeds();
    desk.run("check").succeeds().has("0 warnings");
}

#[test]
fn no_hint_names_what_was_not_written() {
    let desk = Desk::example();
    for (line, code, hint) in [
        ("payment add CX01 100 --match SO-2609-0004=1000", 3, "--match SO-2609-0004=…, with a"),
        ("payment add CX01 9000 --match SO-2609-0004=8000 -n", 0, "--match SO-2609-0004=…, with a"),
        ("payment match PM-2609-0004 --to SO-2609-0004 --amount 9000", 3, "--amount …, a smaller"),
        ("payment add CX01 100 --currency USD", 3, "--exchange-rate …"),
        ("allocation add SO-2609-0004 --amount 10", 3, "--approved-by …"),
        ("payment add CX01 10 --match BD-2609-0001", 2, "--match BD-2609-0001=…"),
        ("order add CX01 --line 'A100 x 2 @ 9' --currency USD", 3, "--exchange-rate …"),
    ] {
        desk.run(line).code(code).stderr_has(&format!("hint: {hint}"));
    }
    desk.write("payments/2026-09.csv", "");
    desk.run("payment add CX01 5").code(3).stderr_has("hint: desk check");
}

#[test]
fn the_date_of_a_payment_is_the_day_it_happened() {
    let desk = Desk::example();
    desk.run("payment add --help").succeeds().has("Day it happened");
    desk.run("plan add --help").succeeds().has("First day of the month that is planned");
    desk.run("order add --help").succeeds().has("Day it was entered as a document");
}

#[test]
fn nothing_is_taken_back_before_the_day_it_happened() {
    let desk = Desk::example();
    let earmarked = |day| figure(&desk, "order", "SO-2609-0004", "earmarked", day);
    let register = "allocations/2026-09.csv";
    // A day to come is refused here; a file of someone else's may hold one.
    let matched = |id: &str| {
        desk.run("payment match PM-2609-0004 --to SO-2609-0004 --amount 500").succeeds();
        desk.change(register, &format!("{id},2026-09-23,"), &format!("{id},2026-10-05,"));
    };
    matched("AL-2609-0017");
    desk.run("payment unmatch AL-2609-0017 --reason x").succeeds();
    assert!(row(&desk, register, "AL-2609-0017").ends_with("+08:00,li-min,x"));
    assert_eq!((earmarked("2026-09-23"), earmarked("2026-10-05")), ("".into(), "".into()));

    // What is taken back in part cannot be void, so the rest follows on the day itself.
    matched("AL-2609-0018");
    desk.run(
        "allocation add SO-2609-0004 --source PM-2609-0004 --reverses AL-2609-0018 --amount -100",
    )
    .code(3)
    .stderr_has("AL-2609-0019 takes back AL-2609-0018, which is of 2026-10-05 only");
    desk.run(
        "allocation add SO-2609-0004 --source PM-2609-0004 --reverses AL-2609-0018 --amount -100 \
         --date 2026-10-06",
    )
    .succeeds();
    desk.run("payment unmatch AL-2609-0018 --reason x").succeeds();
    assert!(
        row(&desk, register, "AL-2609-0020").starts_with(
            "AL-2609-0020,2026-10-05,PM-2609-0004,SO-2609-0004,,-400,,,,AL-2609-0018,x,"
        )
    );

    desk.run("payment add CX01 70").succeeds();
    desk.change("payments/2026-09.csv", "PM-2609-0018,2026-09-23,", "PM-2609-0018,2026-10-08,");
    desk.run("payment add CX01 -70 --reverses PM-2609-0018 --date 2026-10-07")
        .code(3)
        .stderr_has("payment.reverses");
    desk.run("payment add CX01 -70 --reverses PM-2609-0018").succeeds();
    let reversal = row(&desk, "payments/2026-09.csv", "PM-2609-0019");
    assert!(reversal.starts_with("PM-2609-0019,2026-10-08,CX01,"), "{reversal}");
    desk.run("check").succeeds();
}

#[test]
fn a_bounced_cheque_is_a_row_of_its_own() {
    let desk = Desk::example();
    let open = |day| figure(&desk, "payment", "PM-2608-0001", "unallocated", day);
    assert_eq!(open("2026-08-15"), "10960.00");
    assert_eq!(open("2026-08-19"), "0.00");
    desk.run("payment add CX01 -2484 --reverses PM-2609-0004 --remarks 退汇")
        .succeeds()
        .has("PM-2609-0018  2,484.00 of PM-2609-0004 taken back\n");
    let reversal = row(&desk, "payments/2026-09.csv", "PM-2609-0018");
    assert!(reversal.contains("CX01,in,transfer,,,-2484,"), "{reversal}");
    desk.run("payment add CX01 -1 --reverses PM-2609-0004").code(3).stderr_has("payment.reverses");
    desk.run("payment add CX18 -1 --reverses PM-2608-0003").succeeds();
    // What is earmarked or settled cannot be taken back as well.
    desk.run("payment add CX10 -1 --reverses PM-2608-0004")
        .code(3)
        .stderr_has("desk payment unmatch AL-2608-0005 --reason");
    desk.run("payment add CX06 -1 --reverses PM-2608-0005")
        .code(3)
        .stderr_has("desk payment unmatch AL-2608-0018 --reason");
}

#[test]
fn an_exposure_is_open_invoices_and_approved_orders_less_all_their_money() {
    let desk = Desk::example();
    let of = |id: &str, key: &str, day: &str| figure(&desk, "customer", id, key, day);
    // The invoice of July, 3,540.00, and the order of August, 3,300.00, which is not invoiced yet.
    assert_eq!(of("CX01", "exposure", "2026-08-10"), "6840.00");
    // On 2026-08-17 the one is paid and the other invoiced.
    assert_eq!(of("CX01", "exposure", "2026-08-16"), "6840.00");
    assert_eq!(of("CX01", "exposure", "2026-08-17"), "3300.00");
    // The order of September, 2,484.00, has a draft of an invoice only.
    assert_eq!(of("CX01", "exposure", "2026-09-10"), "5784.00");
    // Less 2,484.00 received on 2026-09-11 for nothing yet, out of 50,000.00 of credit.
    assert_eq!(of("CX01", "exposure", "2026-09-11"), "3300.00");
    assert_eq!(of("CX01", "credit_left", "2026-09-11"), "46700.00");
    assert_eq!(of("CX01", "unallocated", "2026-09-23"), "2484.00");
    // The 3,300.00 were paid on 2026-09-14, and the 2,484.00 are here already.
    assert_eq!(of("CX01", "exposure", "2026-09-23"), "0.00");
    // In euro: 1,296.00 ordered, invoiced and paid; then 2,130.00, paid in the company's own
    // currency.
    assert_eq!(of("CX20", "exposure", "2026-04-16"), "1296.00");
    assert_eq!(of("CX20", "exposure", "2026-05-19"), "1296.00");
    assert_eq!(of("CX20", "exposure", "2026-05-20"), "0.00");
    assert_eq!(of("CX20", "exposure", "2026-07-27"), "2130.00");
    assert_eq!(of("CX20", "exposure", "2026-09-23"), "0.00");
    // Open invoices of 19,000.00 + 28,596.00 + 54,540.00 + 19,300.00 = 121,436.00. A bill of
    // 50,000.00, taken on 2026-08-20, matures on 2026-11-20; with 44,160.00 of it another invoice
    // is settled, and 5,840.00 are left.
    let before = of("CX18", "exposure", "2026-09-23");
    assert_eq!(before, "115596.00");
    desk.change("desk.toml", "bill_counts = \"received\"", "bill_counts = \"matured\"");
    assert_eq!(of("CX18", "exposure", "2026-09-23"), "165596.00");
    assert_eq!(of("CX18", "exposure", "2026-11-20"), before);
}

#[test]
fn an_exposure_that_is_not_known_says_why() {
    let desk = Desk::example();
    // Money in the company's own currency cannot be set against orders in euro without a rate.
    desk.run("payment add CX20 785 --currency CNY").succeeds();
    for line in
        ["customer show CX20", "customer list --cols id,exposure", "customer list credit-left:0.."]
    {
        desk.run(line)
            .code(3)
            .has("no exposure is known of CX20: CX20 is in EUR and has no exchange rate\n")
            .stderr_has(" --> customers/CX20.toml:")
            .stderr_has("hint: desk customer set CX20 --exchange-rate …");
    }
    desk.run("customer list --cols id,name").succeeds();
    desk.run("customer show CX01").succeeds();
    // 785.00 are 100.00 at 7.85, and both their orders are invoiced and paid.
    desk.run("customer set CX20 --exchange-rate 7.85").succeeds();
    assert_eq!(figure(&desk, "customer", "CX20", "exposure", "2026-09-23"), "-100.00");
    desk.run("customer show CX20").succeeds();
}

#[test]
fn a_plan_says_what_was_planned_before() {
    let desk = Desk::example();
    desk.run("plan set sales 2026-10 40000 --district east")
        .succeeds()
        .stdout("PN-2609-0004  sales 2026-10 east: 40,000, before 36,000 (PN-2609-0001)\n");
    desk.run("plan set sales 2026-10 40000.00 --district east")
        .succeeds()
        .has("40,000 already; nothing was written");
    assert_eq!(rows(&desk, "plans/2026-09.csv").len(), 4);
    desk.run("plan set sales 2026-W40 1").code(2).stderr_has("is not a month such as 2026-10");
    desk.run("plan set profit 2026-10 1").code(2).stderr_has("measure takes sales, collection");
}

#[test]
fn a_task_that_comes_again_is_followed_by_its_next() {
    let desk = Desk::example();
    desk.run("task done TK-2609-0002 --result ok").succeeds().stdout(str![[r#"
TK-2609-0002  Weekly call with Sunrise Medical done on 2026-09-23
TK-2609-0009  Weekly call with Sunrise Medical due on 2026-09-28
Next: desk task show TK-2609-0009

"#]]);
    let next = rows(&desk, "tasks/2026-09.csv").pop().unwrap_or_default();
    let expected =
        "TK-2609-0009,2026-09-23,Weekly call with Sunrise Medical,sun-jie,2026-09-28,week,,,CX03,";
    assert!(next.starts_with(expected), "{next}");
    desk.run("task done TK-2609-0002").code(2).stderr_has("was done on 2026-09-23");
}

#[test]
fn a_contact_is_by_whoever_takes_it_down() {
    let desk = Desk::example();
    desk.run("contact add 晨星 --channel phone --topic complaint --summary 少发一箱").succeeds();
    let row = rows(&desk, "contacts/2026-09.csv").pop().unwrap_or_default();
    assert!(row.starts_with("CA-2609-0008,2026-09-23,,CX01,,li-min,phone,,complaint,,少发一箱,"));
    desk.run("contact add --topic enquiry").succeeds();
    desk.run("contact add CX01 --topic weather").code(2).stderr_has("topic takes follow_up");
    desk.run("contact add CX01 --topic other --time 25:00").code(3).stderr_has("a time such as");
}

/// The payments of a month as a spreadsheet saves them: a byte order mark, CRLF, every cell quoted,
/// the columns in another order and one of them empty.
const SAVED: &str = "\u{feff}\"amount\",\"id\",\"date\",\"party\",\"direction\",\"\"\r\n\
    \"1500.00\",\"PM-2606-0003\",\"2026-06-21\",\"CX01\",\"in\",\"\"\r\n\
    \"1,234.50\",\"PM-2606-0004\",\"2026-06-22\",\"CX01\",\"in\",\"\"\r\n\
    \"¥200\",\"PM-2606-0005\",\"2026-06-22\",\"CX01\",\"in\",\"\"\r\n\
    \"300\",\"PM-2606-0006\",\"2026/6/3\",\"CX01\",\"in\",\"\"\r\n\
    \"300\",\"PM-2606-0007\",\"2026-06-23\",\"CX01\"\r\n";

#[test]
fn a_register_that_a_spreadsheet_saved_is_read_and_told() {
    let desk = Desk::of(&[
        ("customers/CX01.toml", "id = \"CX01\"\nname = \"晨星\"\n"),
        ("payments/2026-06.csv", SAVED),
    ]);
    desk.run("check").code(3).stdout(str![[r#"
warning[csv.bom]: the file begins with a byte order mark
 --> payments/2026-06.csv:1:1
  |
1 | �"amount","id","date","party","direction",""
  | ^
note[csv.spreadsheet]: the file is as a spreadsheet leaves it: columns in an order of their own, empty columns, quotes around every cell
 --> payments/2026-06.csv:1:2
  |
1 | �"amount","id","date","party","direction",""
  |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = it is read all the same
warning[csv.crlf]: 6 lines end with CRLF instead of LF
 --> payments/2026-06.csv:1:45
  |
1 | �"amount","id","date","party","direction",""
  |                                             ^
error[field.decimal]: `amount` is no plain decimal such as "128.50"
 --> payments/2026-06.csv:3:1
  |
3 | "1,234.50","PM-2606-0004","2026-06-22","CX01","in",""
  | ^^^^^^^^^^
hint: write 1234.50
error[field.decimal]: `amount` is no plain decimal such as "128.50"
 --> payments/2026-06.csv:4:1
  |
4 | "¥200","PM-2606-0005","2026-06-22","CX01","in",""
  | ^^^^^^
hint: write 200
error[field.date]: `date` is "2026/6/3", which is no date
 --> payments/2026-06.csv:5:22
  |
5 | "300","PM-2606-0006","2026/6/3","CX01","in",""
  |                      ^^^^^^^^^^
hint: write 2026-06-03
error[csv.ragged]: the row has 4 cells, the header 6
 --> payments/2026-06.csv:6:41
  |
6 | "300","PM-2606-0007","2026-06-23","CX01"
  |                                         ^ missing from here
2 records checked: 4 errors, 2 warnings
Next: desk check --fix   (mends 1 file)

"#]]);
    let ids = desk.run("payment list --cols id -O csv").code(3).column("id");
    assert_eq!(ids, ["PM-2606-0003"]);
    desk.run("payment add CX01 10").succeeds();
    desk.write(
        "payments/2026-05.csv",
        "id,date,party,direction,amount,bank\nPM-2605-0001,2026-05-01,CX01,in,5,x\n",
    );
    desk.run("check").code(3).has("payments/2026-05.csv:1:32").has("unknown column `bank`");
}

#[test]
fn bank_statements_become_payments_and_allocations() {
    let desk = Desk::example();
    desk.write(
        "../bank.toml",
        "kind = \"payment\"\nknown_by = \"reference\"\n\n[formats]\ndate = \"%d/%m/%Y\"\nnumber = \"1,234.50\"\n\n\
         [[source]]\nname = \"bank\"\n\n[fields]\ndate = \"{day}\"\nparty = \"{who}\"\ndirection = \"in\"\n\
         method = \"transfer\"\nreference = \"{no}\"\namount = \"{amount}\"\n",
    );
    desk.write(
        "../matched.toml",
        "kind = \"allocation\"\nknown_by = \"remarks\"\n\n[[source]]\nname = \"matched\"\n\n[fields]\n\
         date = \"{day}\"\nsource = \"{payment}\"\ntarget = \"{order}\"\namount = \"{amount}\"\nremarks = \"{no}\"\n",
    );
    desk.write(
        "../bank.csv",
        "no,day,who,amount\nB1,22/09/2026,CX01,\"1,250.00\"\nB2,23/09/2026,CX02,900\n",
    );
    let bank = "import ../bank.toml ../bank.csv";
    desk.run(bank).succeeds().has("payment: 2 new, 0 changed, 0 unchanged");
    desk.run(bank).succeeds().has("payment: 0 new, 0 changed, 2 unchanged");
    let first = row(&desk, "payments/2026-09.csv", "PM-2609-0018");
    assert!(first.starts_with("PM-2609-0018,2026-09-22,CX01,in,transfer,,B1,1250.00,"));
    desk.write(
        "../matched.csv",
        "no,day,payment,order,amount\nM1,2026-09-23,PM-2609-0018,SO-2609-0004,1250\n\
         M2,2026-09-23,PM-2609-0019,SO-2609-0004,900\n",
    );
    let matched = "import ../matched.toml ../matched.csv";
    desk.run(matched).code(3).stderr_has("from ../matched.csv row 3");
    desk.change("../matched.csv", "PM-2609-0019,SO-2609-0004", "PM-2609-0019,SO-2609-0003");
    desk.run(matched).succeeds().has("allocation: 2 new, 0 changed, 0 unchanged");
    desk.change("../bank.csv", "900", "901");
    desk.run(bank).code(3).stderr_has("is there already and differs");
    desk.run(&format!("{bank} --update")).succeeds().has("payment: 0 new, 1 changed");
    assert_eq!(figure(&desk, "payment", "PM-2609-0019", "unallocated", "2026-09-23"), "1.00");
    desk.run("check").succeeds();
}

#[test]
fn imported_payments_freeze_what_those_typed_in_do() {
    let desk = Desk::example();
    let mapping = "kind = \"payment\"\nknown_by = \"reference\"\n\n[[source]]\nname = \"bank\"\n\n[fields]\n\
                   date = \"{day}\"\nparty = \"{who}\"\ndirection = \"in\"\nreference = \"{no}\"\n\
                   amount = \"{amount}\"\nexchange_rate = \"{rate}\"\n";
    desk.write("../bank.toml", mapping);
    let bank = "no,day,who,amount,rate\nB1,2026-09-22,CX03,100,7.1\nB2,2026-09-22,CX01,100,\n";
    desk.write("../bank.csv", bank);
    let import = "import ../bank.toml ../bank.csv";
    desk.run(import).succeeds().has("payment: 2 new");
    desk.run("payment add CX03 100 --exchange-rate 7.1").succeeds();
    let of = |id: &str, key: &str| figure(&desk, "payment", id, key, "2026-09-23");
    for (id, currency, staff) in [
        ("PM-2609-0018", "USD", "li-min"),
        ("PM-2609-0019", "", "li-min"),
        ("PM-2609-0020", "USD", "li-min"),
    ] {
        assert_eq!([of(id, "currency"), of(id, "staff")], [currency, staff], "{id}");
    }
    desk.run(import).succeeds().has("payment: 0 new, 0 changed, 2 unchanged");
    // Without a rate it would count as nothing: refused, as when it is typed in.
    desk.change("../bank.csv", "B1,2026-09-22,CX03,100,7.1", "B3,2026-09-22,CX03,100,");
    desk.run(import).code(3).stderr_has("payment.currency").stderr_has("from ../bank.csv row 2");
    // The past is as it was recorded elsewhere.
    desk.run(&format!("{import} --history")).succeeds().has("payment: 1 new");
    assert_eq!(of("PM-2609-0021", "currency"), "");
}

#[test]
fn a_name_that_several_parties_share_is_no_party() {
    let desk = Desk::example();
    let before = desk.tree();
    // Eleven customers and a supplier are called by it in part.
    desk.run("payment add 医 100").code(2).stderr_has("\"医\" may be any of");
    desk.run("contact add 医 --topic other").code(2).stderr_has("\"医\" may be any of");
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn what_cannot_be_read_is_told_by_show_too() {
    let desk = Desk::example();
    let payments = "payments/2026-09.csv";
    let text = desk.read(payments);
    let row = text.lines().find(|row| row.contains(",CX01,")).expect("CX01 paid in September");
    desk.write(payments, text.replace(row, &row.replacen(",2026-09-", ",2026-99-", 1)));
    desk.run("customer show CX01").code(3).stderr_has(payments);
}
