//! What customers owe: by age and as of a day, their accounts and statements, money matched.

use snapbox::str;

use crate::desk::Desk;

/// An invoice of one line with tax included, as its file.
fn bill(id: &str, party: &str, (issued, due): (&str, &str), gross: &str, more: &str) -> String {
    let reopens = if more.contains("credit") { "reopens_billing = false\n" } else { "" };
    let lines = if more.contains("[[line]]") {
        String::new()
    } else {
        format!(
            "\n[[line]]\nno = 1\nkind = \"service\"\ntext = \"维保\"\nqty = 1\nprice = \"{gross}\"\n\
             tax_rate = \"0.13\"\n{reopens}"
        )
    };
    let buyer = "\n[buyer]\ntitle = \"Buyer\"\n";
    format!(
        "id = \"{id}\"\ndate = {issued}\nparty = \"{party}\"\nnumber = \"N{id}\"\nissued_on = {issued}\n\
         due_on = {due}\nprices_include_tax = true\n{more}{lines}{buyer}"
    )
}

const PAYMENTS: &str = "id,date,party,direction,method,matures_on,reference,amount,currency,exchange_rate,bank_fee,staff,contract,policy,reverses,remarks,entered_by,entered_at,void_at,void_by,void_reason\n";
const ALLOCATIONS: &str = "id,date,source,target,instalment,amount,source_amount,discount,approved_by,reverses,remarks,entered_by,entered_at,void_at,void_by,void_reason\n";

/// Two customers in the spring: one pays late and in parts, one in dollars at another rate.
fn spring() -> Desk {
    let desk = Desk::of(&[
        (
            "customers/CX01.toml",
            "id = \"CX01\"\nname = \"上海晨星医药有限公司\"\nshort_name = \"晨星医药\"\ndistrict = \"east\"\n\
             staff = \"li-min\"\ncredit_days = 30\n\n[[person]]\nname = \"徐静\"\nrole = \"finance\"\n\
             phone = \"000-0000-1003\"\n",
        ),
        (
            "customers/CX02.toml",
            "id = \"CX02\"\nname = \"Sunrise Medical Ltd\"\ncurrency = \"USD\"\nstaff = \"wang\"\n\
             district = \"north\"\n",
        ),
        ("staff/li-min.toml", "id = \"li-min\"\nname = \"李敏\"\nrole = \"sales\"\n"),
        ("staff/wang.toml", "id = \"wang\"\nname = \"王强\"\nrole = \"manager\"\n"),
    ]);
    let usd = "currency = \"USD\"\nexchange_rate = \"7.10\"\n";
    let credit =
        "kind = \"credit\"\nagainst_invoice = \"IN-2602-0001\"\ncredit_reason = \"折让\"\n";
    for (id, party, days, gross, more) in [
        ("IN-2601-0001", "CX01", ("2026-01-10", "2026-02-09"), "1000", ""),
        ("IN-2602-0001", "CX01", ("2026-02-15", "2026-03-17"), "500", ""),
        ("IN-2603-0001", "CX01", ("2026-03-20", "2026-04-19"), "300", ""),
        ("IN-2603-0002", "CX01", ("2026-03-25", "2026-03-25"), "100", credit),
        ("IN-2603-0003", "CX02", ("2026-03-05", "2026-04-04"), "1000", usd),
    ] {
        let path = format!("invoices/20{}-{}/{id}.toml", &id[3..5], &id[5..7]);
        desk.write(&path, bill(id, party, days, gross, more));
    }
    desk.write(
        "payments/2026-02.csv",
        format!("{PAYMENTS}PM-2602-0001,2026-02-20,CX01,in,transfer,,TT1,800,,,,,,,,,,,,,\n"),
    );
    desk.write(
        "payments/2026-04.csv",
        format!(
            "{PAYMENTS}PM-2604-0001,2026-04-10,CX01,in,transfer,,TT2,400,,,,,,,,,,,,,\n\
             PM-2604-0002,2026-04-15,CX02,in,transfer,,TT3,600,USD,7.00,,,,,,,,,,,\n"
        ),
    );
    desk.write(
        "allocations/2026-02.csv",
        format!("{ALLOCATIONS}AL-2602-0001,2026-02-20,PM-2602-0001,IN-2601-0001,,800,,,,,,,,,,\n"),
    );
    desk.write(
        "allocations/2026-04.csv",
        format!(
            "{ALLOCATIONS}AL-2604-0001,2026-04-01,IN-2603-0002,IN-2602-0001,,100,,,,,,,,,,\n\
             AL-2604-0002,2026-04-10,PM-2604-0001,IN-2601-0001,,200,,,,,,,,,,\n\
             AL-2604-0003,2026-04-15,PM-2604-0002,IN-2603-0003,,600,,,,,,,,,,\n"
        ),
    );
    desk
}

const BUCKETS: &str = "open,not_due,days_1_30,days_31_60,days_61_90,over_90,overdue,unallocated";

#[test]
fn ageing_of_a_past_day_knows_nothing_of_later_payments() {
    let desk = spring();
    // What is due on 9 February is 30 days late on 11 March, and 31 on the next.
    for (day, figures) in [
        ("2026-02-19", "1500.00,500.00,1000.00,0.00,0.00,0.00,1000.00,0.00"),
        ("2026-03-11", "700.00,500.00,200.00,0.00,0.00,0.00,200.00,0.00"),
        ("2026-03-12", "700.00,500.00,0.00,200.00,0.00,0.00,200.00,0.00"),
        // 200 + 500 + 300, and a credit of 100 that is not used yet.
        ("2026-03-31", "900.00,200.00,500.00,200.00,0.00,0.00,700.00,-100.00"),
        // The credit is used, 200 are paid on the first, 200 are for nothing yet.
        ("2026-04-30", "500.00,-200.00,300.00,400.00,0.00,0.00,700.00,-200.00"),
        ("2026-07-31", "500.00,-200.00,0.00,0.00,0.00,700.00,700.00,-200.00"),
    ] {
        let line =
            format!("report receivables customer:CX01 --as-of {day} --cols {BUCKETS} -O csv");
        desk.run(&line).succeeds().stdout_is(&format!("{BUCKETS}\n{figures}\n"));
    }
}

#[test]
fn rows_of_every_grouping_come_to_the_same() {
    let desk = spring();
    // 500.00 of CX01, and 400 dollars at 7.10.
    for by in ["customer", "staff", "district", "currency", "contract", "customer,invoice"] {
        let line = format!("report receivables --as-of 2026-04-30 --by {by} -O csv --cols open");
        let rows = desk.run(&line).succeeds().column("open");
        let decimal = |cell: &String| cell.parse::<rust_decimal::Decimal>().expect("a number");
        let open: rust_decimal::Decimal = rows.iter().map(decimal).sum();
        assert_eq!(open.to_string(), "3340.00", "{by}: {rows:?}");
    }
    let line = "report receivables district:north --as-of 2026-04-30 --by invoice -O csv --cols \
                invoice,number,due_on,days_overdue,currency,amount_in_currency,open_in_currency,open";
    desk.run(line).succeeds().stdout_is(
        "invoice,number,due_on,days_overdue,currency,amount_in_currency,open_in_currency,open\n\
         IN-2603-0003,NIN-2603-0003,2026-04-04,26,USD,1000.00,400.00,2840.00\n",
    );
    desk.run("report receivables --by invoice,invoice").code(2).stderr_has("twice");
    desk.run("report receivables contract:CT-2609-0001").code(2);
}

#[test]
fn a_quarter_is_measured_to_the_sixth_digit() {
    let desk = spring();
    let facts = |line: &str| desk.run(line).succeeds().json()["facts"].clone();
    let quarter = facts("report receivables customer:CX01 -p 2026-Q1 -O json");
    // Sales 1,000 + 500 + 300 − 100; closing 900, of which 200 are not due; 90 days.
    assert_eq!(quarter["as_of"], "2026-03-31");
    assert_eq!(quarter["sales"].to_string(), "1700.0");
    assert_eq!(quarter["closing"].to_string(), "900.0");
    for (key, figure) in [
        ("dso", "47.647059"),
        ("best_possible_dso", "10.588235"),
        ("average_days_delinquent", "37.058824"),
        ("cei", "0.533333"),
    ] {
        assert_eq!(quarter[key].to_string(), figure, "{key}");
    }
    // Without sales there is nothing to hold it against.
    let may = facts("report receivables customer:CX01 -p 2026-05 -O json");
    assert_eq!((&may["dso"], &may["cei"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    let spring = desk.run("report receivables --as-of 2026-03-31").succeeds();
    spring.has("measured over            2026-01-01..2026-03-31 (the last 90 days)");
}

#[test]
fn an_exchange_difference_is_a_column_of_its_own_and_no_payment() {
    let desk = spring();
    let columns = "date,kind,id,amount_in_currency,invoiced,collected,exchange_difference,balance";
    // 1,000 dollars at 7.10; 600 at 7.00; those 600 were invoiced at 4,260.
    desk.run(&format!("customer ledger CX02 -O csv --cols {columns}")).succeeds().stdout_is(
        &format!(
            "{columns}\n\
         2026-03-05,invoice,IN-2603-0003,1000.00,7100.00,0.00,0.00,7100.00\n\
         2026-04-15,payment,PM-2604-0002,-600.00,0.00,4200.00,0.00,2900.00\n\
         2026-04-15,allocation,AL-2604-0003,0.00,0.00,0.00,-60.00,2840.00\n"
        ),
    );
    let columns =
        "customer,opening,invoiced,credited,collected,written_off,exchange_difference,closing";
    desk.run(&format!("report ledger -p 2026-04 -O csv --cols {columns}")).succeeds().stdout_is(
        &format!(
            "{columns}\n\
         CX01,900.00,0.00,0.00,400.00,0.00,0.00,500.00\n\
         CX02,7100.00,0.00,0.00,4200.00,0.00,-60.00,2840.00\n"
        ),
    );
    // What is for nothing yet stands apart; what was allocated goes to what it paid.
    let columns = "category,opening,collected,exchange_difference,closing";
    desk.run(&format!(
        "report ledger -p 2026-04 --by category,currency -O csv --cols currency,{columns}"
    ))
    .succeeds()
    .stdout_is(&format!(
        "currency,{columns}\n\
             CNY,(none),900.00,400.00,0.00,500.00\n\
             USD,(none),7100.00,4200.00,-60.00,2840.00\n"
    ));
}

#[test]
fn a_statement_has_both_balances_in_the_currency_of_the_customer() {
    let desk = spring();
    desk.run("payment statement CX02 -p 2026-04 --table rows -O csv").succeeds().stdout_is(
        "date,kind,id,about,number,due_on,currency,debit,credit,balance\n\
         2026-04-01,opening,,,,,USD,,,1000.00\n\
         2026-04-15,payment,PM-2604-0002,,TT3,,USD,,600.00,400.00\n\
         2026-04-30,closing,,,,,USD,,,400.00\n",
    );
    let shown = desk.run("payment statement 晨星 -p 2026-04").succeeds();
    shown
        .has("attention  徐静")
        .has("opening    900.00")
        .has("closing    500.00")
        .has("overdue    700.00");
    let as_report = desk.run("report statement customer:CX01 -p 2026-04 -O json").succeeds().json();
    assert_eq!(as_report["facts"]["closing"].to_string(), "500.0");
    assert_eq!(as_report["tables"]["open_items"].as_array().map(Vec::len), Some(3));
    desk.run("report statement").code(2).stderr_has("a statement is of one customer");
}

#[test]
fn money_is_asked_for_by_customer_with_whom_to_speak_and_a_letter() {
    let desk = spring();
    desk.run("contact add CX01 --topic dunning --channel phone --date 2026-04-28 --summary 催款 --promised-on 2026-05-10 --promised-amount 400").succeeds();
    let columns = "customer,staff,person,phone,overdue,items,oldest_due_on,days_overdue,last_dunning,promised_on,promised_amount";
    desk.run(&format!("payment chase --as-of 2026-04-30 -O csv --cols {columns}"))
        .succeeds()
        .stdout_is(&format!(
            "{columns}\n\
             CX01,li-min,徐静,000-0000-1003,700.00,2,2026-03-17,44,2026-04-28,2026-05-10,400.00\n\
             CX02,wang,,,2840.00,1,2026-04-04,26,,,\n"
        ));
    let own = desk.run("payment chase --for wang --as-of 2026-04-30 -O csv --cols customer");
    own.succeeds().stdout_is("customer\nCX02\n");
    desk.run("payment chase --letter CX02 --as-of 2026-04-30")
        .succeeds()
        .has("Reminder of overdue payment")
        .has("USD 400.00 in all. Please pay to the account named above by 2026-05-07.");
    desk.run("payment chase --letter CX01 --as-of 2026-04-30 --lang zh")
        .succeeds()
        .has("催款函")
        .has("截至 2026-04-30，贵方下列款项已逾期，合计 CNY 700.00");
    desk.run("payment chase --letter CX01 --as-of 2026-01-11")
        .code(2)
        .stderr_has("nothing of CX01");
}

#[test]
fn a_payment_settles_an_invoice_as_it_is_taken_down() {
    let desk = spring();
    desk.run("payment add CX01 250 --method transfer --match IN-2602-0001").succeeds().stdout(
        str![[r#"
PM-2609-0001  250.00 received; IN-2602-0001 open 150.00
Next: desk payment show PM-2609-0001

"#]],
    );
    desk.run("payment add CX01 200 --match IN-2602-0001").succeeds().stdout(str![[r#"
PM-2609-0002  200.00 received; IN-2602-0001 open 0.00, 50.00 unallocated
Next: desk payment match PM-2609-0002 --to …

"#]]);
    desk.run("payment add CX01 1 --match IN-2602-0001").code(3).stderr_has("is covered already");
    desk.run("payment match PM-2609-0002 --to IN-2602-0001 --amount 10").code(3).stderr_has(
        "error[allocation.invoice]: IN-2602-0001 comes to 500.00, and 510.00 is allocated",
    );
    desk.run("payment match PM-2609-0002 --to IN-2603-0003").code(2).stderr_has("is in USD");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn what_is_due_first_is_paid_first() {
    let desk = spring();
    // 400 of the second invoice are open and due on 17 March, 300 of the third on 19 April.
    desk.run("payment add CX01 600").succeeds();
    desk.run("payment match CX01").succeeds().stdout(str![[r#"
PM-2604-0001  IN-2602-0001 open 0.00
PM-2609-0001  IN-2602-0001 open 0.00, IN-2603-0001 open 0.00, 100.00 unallocated

"#]]);
    let rows = desk.read("allocations/2026-09.csv");
    let given: Vec<&str> = rows.lines().skip(1).map(|row| &row[24..57]).collect();
    assert_eq!(
        given,
        [
            "PM-2604-0001,IN-2602-0001,,200.00",
            "PM-2609-0001,IN-2602-0001,,200.00",
            "PM-2609-0001,IN-2603-0001,,300.00"
        ]
    );
    desk.run("payment match CX01").code(2).stderr_has("nothing to match");
    desk.run("undo").succeeds();
    desk.run("payment match PM-2609-0001 --auto --as-paid").succeeds();
    assert!(desk.read("allocations/2026-09.csv").contains(",2026-09-23,PM-2609-0001,IN-2602-0001"));
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_credit_gives_its_money_like_a_payment() {
    let desk = spring();
    desk.run("payment unmatch AL-2604-0001 --reason 改冲").succeeds();
    desk.run("payment match IN-2603-0002 --to IN-2603-0001 --amount 60")
        .succeeds()
        .stdout_is("IN-2603-0002  IN-2603-0001 open 240.00, 40.00 unallocated\n");
    // By itself it goes to the invoice that it credits.
    desk.run("payment match IN-2603-0002")
        .succeeds()
        .stdout_is("IN-2603-0002  IN-2602-0001 open 460.00\n");
    desk.run("payment match IN-2603-0002 --to IN-2603-0001 --amount 1")
        .code(3)
        .stderr_has("error[payment.allocated]: IN-2603-0002 is allocated beyond its amount");
    desk.run("payment match IN-2603-0001 --to IN-2602-0001")
        .code(2)
        .stderr_has("IN-2603-0001 is no credit that was issued");
}

#[test]
fn a_rest_is_written_off_and_a_discount_given_by_someone_who_approves() {
    let desk = spring();
    desk.run("payment writeoff IN-2603-0001 --amount 0.50 --approved-by wang --reason 尾差")
        .succeeds()
        .stdout_is(
            "AL-2609-0001  0.50 of IN-2603-0001 written off, approved by wang; IN-2603-0001 open \
             299.50\n",
        );
    desk.run("payment writeoff IN-2603-0001 --reason 尾差").code(2);
    desk.run("payment match PM-2604-0001 --to IN-2602-0001 --discount 20")
        .code(3)
        .stderr_has("error[allocation.write_off]: nobody approved the discount of 20");
    desk.run("payment match PM-2604-0001 --to IN-2602-0001 --discount 20 --approved-by wang")
        .succeeds()
        .stdout_is("PM-2604-0001  IN-2602-0001 open 180.00\n");
    let columns = "date,kind,id,written_off,balance";
    let account = desk.run(&format!("customer ledger CX01 -p 2026-09 -O csv --cols {columns}"));
    account.succeeds().stdout_is(&format!(
        "{columns}\n2026-09-23,write_off,AL-2609-0001,0.50,499.50\n\
         2026-09-23,allocation,AL-2609-0002,20.00,479.50\n"
    ));
}

#[test]
fn a_bill_counts_when_desk_toml_says() {
    let desk = spring();
    desk.write(
        "payments/2026-05.csv",
        format!("{PAYMENTS}PM-2605-0001,2026-05-06,CX01,in,bill,2026-08-06,BA1,300,,,,,,,,,,,,,\n"),
    );
    desk.write(
        "allocations/2026-05.csv",
        format!("{ALLOCATIONS}AL-2605-0001,2026-05-06,PM-2605-0001,IN-2603-0001,,300,,,,,,,,,,\n"),
    );
    let open = |day: &str| {
        let line = format!("report receivables customer:CX01 --as-of {day} -O csv --cols open");
        desk.run(&line).succeeds().column("open").concat()
    };
    assert_eq!((open("2026-05-06"), open("2026-08-06")), ("200.00".into(), "200.00".into()));
    let toml = desk.read("desk.toml");
    desk.write("desk.toml", format!("{toml}\n[tolerance]\nbill_counts = \"matured\"\n"));
    assert_eq!((open("2026-08-05"), open("2026-08-06")), ("500.00".into(), "200.00".into()));
    let account = desk.run("customer ledger CX01 --as-of 2026-08-06 -O csv --cols date,id,balance");
    account.succeeds().has("2026-08-06,PM-2605-0001,200.00\n");
}

#[test]
fn a_cheque_that_bounced_is_owed_again() {
    let desk = spring();
    desk.run("payment unmatch AL-2602-0001 --reason 退票").succeeds();
    desk.run("payment add CX01 -800 --reverses PM-2602-0001").succeeds();
    let line = "report receivables customer:CX01 -O csv --cols open,unallocated";
    desk.run(line).succeeds().stdout_is("open,unallocated\n1300.00,-200.00\n");
    let line = "report receivables customer:CX01 --as-of 2026-04-30 -O csv --cols open,unallocated";
    desk.run(line).succeeds().stdout_is("open,unallocated\n500.00,-200.00\n");
}

#[test]
fn an_earmark_is_used_up_by_the_invoices_of_its_contract_afterwards() {
    let desk = spring();
    desk.write(
        "contracts/2026-05/CT-2605-0001.toml",
        "id = \"CT-2605-0001\"\ndate = 2026-05-01\nparty = \"CX01\"\namount = \"2000\"\n",
    );
    desk.write(
        "orders/2026-05/SO-2605-0001.toml",
        "id = \"SO-2605-0001\"\ndate = 2026-05-02\ncustomer = \"CX01\"\ncontract = \"CT-2605-0001\"\n\n\
         [[line]]\nno = 1\nproduct = \"S10\"\nqty = 1\nprice = \"1000\"\ntax_rate = \"0.13\"\n",
    );
    desk.write("products/S10.toml", "id = \"S10\"\nname = \"维保\"\ngoods = \"service\"\n");
    desk.run("payment add CX01 900 --match CT-2605-0001").succeeds();
    let line = "\n[[line]]\nno = 1\norder = \"SO-2605-0001\"\norder_line = 1\nproduct = \"S10\"\nqty = 1\n\
                price = \"1000\"\ntax_rate = \"0.13\"\n";
    let days = ("2026-05-20", "2026-06-19");
    desk.write("invoices/2026-05/IN-2605-0001.toml", bill("IN-2605-0001", "CX01", days, "", line));
    let figures = || {
        let line = "payment list id:PM-2609-0001 -O csv --cols settled,earmarked,unallocated";
        desk.run(line).succeeds().text().lines().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(figures(), ",900.00,0.00");
    desk.run("payment match PM-2609-0001 --to IN-2605-0001 --amount 700")
        .succeeds()
        .stdout_is("PM-2609-0001  IN-2605-0001 open 300.00\n");
    assert_eq!(figures(), "700.00,200.00,0.00");
    desk.run("check").succeeds().has("0 errors");
}

#[test]
fn nobody_writes_off_alone_and_who_approves_it_may() {
    let desk = Desk::example();
    let of = |id: &str| format!("payment writeoff {id} --reason 尾差 --amount");
    let (own, before) = (of("IN-2609-0002"), desk.tree());
    desk.run(&format!("{own} 5 --approved-by li-min"))
        .code(3)
        .stderr_has("error[allocation.write_off]: li-min entered AL-2609-0017 and approved it too");
    for (amount, by, why) in [
        ("5", "nobody", "\"nobody\" is no staff code"),
        ("5", "wu-tao", "wu-tao does not work here any more"),
        ("5", "zhao-lei", "zhao-lei may not approve 5.00"),
        ("50000.01", "wang", "wang may not approve 50,000.01"),
    ] {
        let ran = desk.run(&format!("{own} {amount} --approved-by {by}")).code(3);
        ran.stderr_has(&format!("error[allocation.approver]: {why}"));
    }
    // A discount gives money away, too.
    desk.run("payment match PM-2609-0004 --to SO-2609-0004 --discount 5 --approved-by zhao-lei")
        .code(3)
        .stderr_has("error[allocation.approver]: zhao-lei may not approve 5.00");
    assert_eq!(desk.changes(&before), "");
    desk.run(&format!("{own} 50000 --approved-by wang")).succeeds();
    desk.run(&format!("{own} 50000.01 --approved-by huang"))
        .code(3)
        .stderr_has("allocation.invoice");
    desk.run("allocation set AL-2609-0017 --approved-by zhao-lei").code(3);
    desk.run("allocation set AL-2609-0017 remarks=尾差二").succeeds();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    // Where desk.toml names nobody, any other who works here may.
    let desk = Desk::example();
    let rows = "[{ up_to = \"50000\", by = \"manager\" }, { by = \"general_manager\" }]";
    desk.change("desk.toml", &format!("order_review = {rows}\n"), "");
    desk.run(&format!("{own} 5 --approved-by li-min")).code(3);
    desk.run(&format!("{own} 5 --approved-by wu-tao")).code(3);
    desk.run(&format!("{own} 5 --approved-by zhao-lei")).succeeds();
}
