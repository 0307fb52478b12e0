//! The gates of review about money and papers: credit limit, what is overdue, licences.

use snapbox::str;

use crate::desk::Desk;

/// A company whose customer CX01 may owe 3,000.00, with papers for what it buys.
fn shop() -> Desk {
    Desk::of(&[
        ("staff/li-min.toml", "id = \"li-min\"\nname = \"李敏\"\nrole = \"sales\"\n"),
        ("staff/wang.toml", "id = \"wang\"\nname = \"王强\"\nrole = \"manager\"\n"),
        ("staff/huang.toml", "id = \"huang\"\nname = \"黄总\"\nrole = \"general_manager\"\n"),
        (
            "products/A100.toml",
            "id = \"A100\"\nname = \"体温计\"\nunit = \"pc\"\nlist_price = \"100\"\n\
             required_licence = \"device_2\"\n",
        ),
        (
            "customers/CX01.toml",
            "id = \"CX01\"\nname = \"上海晨星医药有限公司\"\nshort_name = \"晨星医药\"\nkind = \"trader\"\n\
             staff = \"li-min\"\ncredit_limit = \"3000\"\n\n[[person]]\nname = \"林晓\"\nrole = \"buyer\"\n\
             verified_on = 2026-01-12\n\n[[licence]]\nkind = \"drug_business\"\nnumber = \"沪AA000037\"\n\
             scopes = [\"device_2\"]\nissued_on = 2022-03-02\nexpires_on = 2027-03-01\n\
             verified_by = \"wang\"\nverified_on = 2026-01-12\n",
        ),
        (
            "desk.toml",
            "[company]\nname = \"Test\"\ntime_zone = \"Asia/Shanghai\"\n\n[defaults]\ncurrency = \"CNY\"\n\
             prices_include_tax = true\ntax_rate = \"0.13\"\n\n[tolerance]\noverdue_block_days = 60\n\n\
             [approval]\norder_review = [{ up_to = \"5000\", by = \"manager\" }, { by = \"general_manager\" }]\n",
        ),
    ])
}

/// Takes an order of so many; the next gets the next id.
fn order(desk: &Desk, qty: u32) {
    desk.run(&format!("order add CX01 --line 'A100 x {qty}'")).succeeds();
}

#[test]
fn the_order_itself_is_counted_once() {
    let desk = shop();
    order(&desk, 30);
    desk.run("DESK_USER=wang order review SO-2609-0001")
        .succeeds()
        .has("approved by wang: credit 3,000.00 of 3,000.00, licence valid to 2027-03-01");
    order(&desk, 1);
    desk.run("DESK_USER=wang order review SO-2609-0002").code(3).stderr(str![[r#"
error: refused; nothing was written
error[review.credit]: CX01: 3,100.00 of a credit limit of 3,000.00
 --> orders/2026-09/SO-2609-0002.toml:5:12
  |
5 | customer = "CX01"
  |            ^^^^^^
  |
 ::: customers/CX01.toml:6:16
  |
6 | credit_limit = "3000"
  |                ------ the limit
  |
  = open invoices 0.00, approved orders not invoiced 3,100.00, held of theirs 0.00
  = nobody let it pass
hint: desk order review SO-2609-0002 --override review.credit --until … --comment …

"#]]);
    // Money of theirs makes room, and what is only waiting takes none.
    desk.run("payment add CX01 100").succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0002").succeeds();
}

#[test]
fn who_lets_it_pass_may_do_so_says_why_and_until_when() {
    let desk = shop();
    order(&desk, 40);
    let review = |by: &str, more: &str| {
        desk.run(&format!(
            "DESK_USER={by} order review SO-2609-0001 --override review.credit {more}"
        ))
    };
    review("wang", "--until 2026-12-31").code(2).stderr_has("a reason is needed");
    review("wang", "--comment 老客户").code(3).stderr_has("wang let it pass without a last day");
    let passed = review("wang", "--comment 老客户 --until 2026-12-31").succeeds();
    passed.has("credit 4,000.00 of 3,000.00");
    // 6,000.00 at stake is more than a manager may decide on.
    order(&desk, 20);
    desk.run("DESK_USER=wang order review SO-2609-0002 --override review.credit --comment x --until 2026-12-31")
        .code(3)
        .stderr_has("wang may not let it pass");
    desk.run("DESK_USER=huang order review SO-2609-0002 --override review.credit --comment x --until 2026-12-31")
        .succeeds();
}

#[test]
fn what_was_let_pass_is_asked_again_when_the_order_is_revised() {
    let desk = shop();
    order(&desk, 31);
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-23T09:00:00+08:00 order review SO-2609-0001 --override review.credit --comment x --until 2026-12-31")
        .succeeds();
    desk.run("DESK_TODAY=2026-09-23T10:00:00+08:00 order revise SO-2609-0001 --line '1 qty=45' --reason 客户加量")
        .succeeds();
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-23T11:00:00+08:00 order review SO-2609-0001")
        .code(3)
        .stderr_has("4,500.00 of a credit limit of 3,000.00")
        .stderr_has("wang let it pass before it was revised");
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-23T11:00:00+08:00 order review SO-2609-0001 --override review.credit --comment y --until 2026-12-31")
        .succeeds();
}

#[test]
fn the_limit_is_not_dodged_by_closing_and_reopening() {
    let desk = shop();
    order(&desk, 25);
    desk.run("DESK_USER=wang order review SO-2609-0001").succeeds();
    desk.run("ship void SH-2609-0001 --reason 暂缓").succeeds();
    desk.run("order close SO-2609-0001 --reason 暂缓").succeeds();
    order(&desk, 25);
    desk.run("DESK_USER=wang order review SO-2609-0002").succeeds();
    desk.run("DESK_TODAY=2026-09-24 order revise SO-2609-0001 --line '1 qty=50' --reason 恢复")
        .succeeds();
    desk.run("DESK_USER=wang DESK_TODAY=2026-09-25 order review SO-2609-0001")
        .code(3)
        .stderr_has("CX01: 5,000.00 of a credit limit of 3,000.00");
}

#[test]
fn what_is_overdue_too_long_blocks() {
    let desk = shop();
    desk.write(
        "invoices/2026-06/IN-2606-0001.toml",
        "id = \"IN-2606-0001\"\ndate = 2026-06-25\nparty = \"CX01\"\nnumber = \"26310000000000000001\"\n\
         issued_on = 2026-06-25\ndue_on = 2026-07-25\nprices_include_tax = true\n\n[[line]]\nno = 1\n\
         kind = \"service\"\ntext = \"维保\"\nqty = 1\nprice = \"10\"\ntax_rate = \"0.13\"\n",
    );
    order(&desk, 1);
    // Sixty days late on 23 September, sixty-one on the next.
    let later = "DESK_USER=wang DESK_TODAY=2026-09-24 order review SO-2609-0001";
    desk.run(later)
        .code(3)
        .stderr_has("error[review.overdue]: CX01: IN-2606-0001 is overdue by 61 days, more than 60")
        .stderr_has("CNY 10.00 open, due 2026-07-25")
        .stderr_has("see desk payment chase CX01");
    desk.run(&format!(
        "{later} --override review.overdue --comment 已承诺付款 --until 2026-10-31 -n"
    ))
    .succeeds();
    desk.run("DESK_USER=wang order review SO-2609-0001").succeeds();
}

#[test]
fn papers_are_looked_at_on_the_day() {
    let desk = shop();
    order(&desk, 1);
    let reviewed = |found: &[&str]| {
        let ran = desk.run("DESK_USER=wang order review SO-2609-0001 -n");
        let ran = ran.code(if found.is_empty() { 0 } else { 3 });
        found
            .iter()
            .fold(ran, |ran, words| ran.stderr_has(&format!("error[review.licence]: {words}")));
    };
    reviewed(&[]);
    let customer = desk.read("customers/CX01.toml");
    for (from, to, words) in [
        ("2027-03-01", "2026-09-22", "licence drug business 沪AA000037 expired on 2026-09-22"),
        (
            "issued_on = 2022-03-02",
            "issued_on = 2026-09-24",
            "licence drug business 沪AA000037 is not valid yet",
        ),
        ("verified_by = \"wang\"\n", "", "licence drug business 沪AA000037 was not verified"),
        ("device_2", "ivd", "A100 needs a licence for device_2, and CX01 has none"),
        ("trader", "hospital", "CX01 has no practice licence"),
        ("drug_business", "business", "CX01 has no drug business licence"),
        (
            "role = \"buyer\"\nverified_on = 2026-01-12\n",
            "role = \"buyer\"\n",
            "林晓 was not identified",
        ),
    ] {
        assert_eq!(customer.matches(from).count(), 1, "{from}");
        desk.write("customers/CX01.toml", customer.replace(from, to));
        reviewed(&[words]);
    }
    // The last day counts, and a renewed paper stands beside the old one.
    desk.write("customers/CX01.toml", customer.replace("2027-03-01", "2026-09-23"));
    reviewed(&[]);
    let renewed = "\n[[licence]]\nkind = \"drug_business\"\nnumber = \"沪AA000099\"\nscopes = [\"device_2\"]\n\
                   issued_on = 2026-09-01\nexpires_on = 2031-08-31\nverified_by = \"wang\"\n\
                   verified_on = 2026-09-02\n";
    desk.write("customers/CX01.toml", customer.replace("2027-03-01", "2026-08-31") + renewed);
    reviewed(&[]);
    desk.run("DESK_USER=wang order review SO-2609-0001")
        .succeeds()
        .has("licence valid to 2031-08-31");
}

/// One approved order of so many, its slip SH-2609-0001 confirmed.
fn confirmed(desk: &Desk, qty: u32) {
    order(desk, qty);
    desk.run("DESK_USER=wang order review SO-2609-0001").succeeds();
    desk.run("ship confirm SH-2609-0001 --all-checks").succeeds();
}

#[test]
fn papers_are_looked_at_again_when_goods_leave() {
    let desk = shop();
    confirmed(&desk, 10);
    desk.change("customers/CX01.toml", "2027-03-01", "2026-09-24");
    let send = "DESK_TODAY=2026-09-25 ship send SH-2609-0001";
    desk.run(send).code(3).stderr(str![[r#"
error: refused; nothing was written
error[send.licence]: licence drug business 沪AA000037 expired on 2026-09-24
  --> shipments/2026-09/SH-2609-0001.toml:6:12
   |
 6 | customer = "CX01"
   |            ^^^^^^
   |
  ::: customers/CX01.toml:13:1
   |
13 | [[licence]]
   | ----------- stands here
   |
   = nobody let it pass
hint: desk ship confirm SH-2609-0001 --override send.licence --until … --comment …

"#]]);
    // What left on the last day was covered.
    desk.run(&format!("{send} --on 2026-09-24 -n")).succeeds();
    let pass = |by: &str, more: &str| {
        desk.run(&format!(
            "DESK_USER={by} DESK_TODAY=2026-09-25 ship confirm SH-2609-0001 --override send.licence {more}"
        ))
    };
    pass("wang", "--until 2026-09-25").code(2).stderr_has("a reason is needed");
    pass("li-min", "--comment 新证在办 --until 2026-09-25").succeeds();
    desk.run(send).code(3).stderr_has("li-min may not let it pass");
    pass("wang", "--comment 新证在办 --until 2026-09-25")
        .succeeds()
        .has("SH-2609-0001 confirmed by wang; lets send.licence pass");
    desk.run("DESK_TODAY=2026-09-26 ship send SH-2609-0001")
        .code(3)
        .stderr_has("wang let it pass until 2026-09-25 only");
    desk.run(send).succeeds();
    desk.run("check").succeeds().has("0 errors");
}

#[test]
fn a_product_that_papers_do_not_cover_any_more_does_not_leave() {
    let desk = shop();
    confirmed(&desk, 10);
    desk.run("product set A100 required_licence=device_3").succeeds();
    desk.run("ship send SH-2609-0001")
        .code(3)
        .stderr_has("error[send.licence]: A100 needs a licence for device_3, and CX01 has none");
}

#[test]
fn what_review_let_pass_leaves_until_that_ends() {
    let desk = shop();
    desk.change("customers/CX01.toml", "2027-03-01", "2026-08-31");
    order(&desk, 10);
    desk.run("DESK_USER=wang order review SO-2609-0001 --override review.licence --comment 新证在办 --until 2026-09-25")
        .succeeds();
    desk.run("ship confirm SH-2609-0001 --all-checks").succeeds();
    desk.run("DESK_TODAY=2026-09-26 ship send SH-2609-0001")
        .code(3)
        .stderr_has("wang let it pass until 2026-09-25 only");
    desk.run("DESK_TODAY=2026-09-25 ship send SH-2609-0001").succeeds();
}

#[test]
fn credit_that_counts_from_the_shipment_is_judged_when_goods_leave() {
    let desk = shop();
    desk.run("customer set CX01 credit_stage=shipment").succeeds();
    order(&desk, 50);
    desk.run("DESK_USER=wang order review SO-2609-0001")
        .succeeds()
        .has("credit 0.00 of 3,000.00, judged when goods leave");
    desk.run("ship confirm SH-2609-0001 --all-checks").succeeds();
    desk.run("ship send SH-2609-0001").code(3).stderr(str![[r#"
error: refused; nothing was written
error[send.credit]: CX01: 5,000.00 of a credit limit of 3,000.00
 --> shipments/2026-09/SH-2609-0001.toml:6:12
  |
6 | customer = "CX01"
  |            ^^^^^^
  |
 ::: customers/CX01.toml:6:16
  |
6 | credit_limit = "3000"
  |                ------ the limit
  |
  = open invoices 0.00, delivered and not invoiced 5,000.00, held of theirs 0.00
  = nobody let it pass
hint: desk ship confirm SH-2609-0001 --override send.credit --until … --comment …

"#]]);
    // 30 at 100.00 are the limit itself, and the 20 of the rest are beyond it.
    desk.run("ship send SH-2609-0001 --line '1 x 30'").succeeds();
    desk.run("ship confirm SH-2609-0002 --all-checks").succeeds();
    let send = "ship send SH-2609-0002";
    desk.run(send).code(3).stderr_has("CX01: 5,000.00 of a credit limit of 3,000.00");
    let pass = "--override send.credit --comment 已承诺付款 --until 2026-10-31";
    desk.run(&format!("{send} {pass} -n")).code(3).stderr_has("li-min may not let it pass");
    desk.run(&format!("DESK_USER=wang {send} {pass} -n")).succeeds();
    desk.run("payment add CX01 2000").succeeds();
    desk.run(send).succeeds();
}
