//! `list` and `export`: filters, columns, order, formats.

use snapbox::str;

use crate::desk::Desk;

#[test]
fn filters_hold_together_negate_range_and_search() {
    let desk = Desk::example();
    for (filter, expected) in [
        ("stage:'awaiting review'", "SO-2609-0012 SO-2609-0013"),
        ("stage:'awaiting review' gross:10000..", "SO-2609-0013"),
        ("stage:'awaiting review','on hold'", "SO-2609-0010 SO-2609-0012 SO-2609-0013"),
        ("customer:CX02 date:2026-09", "SO-2609-0003 SO-2609-0012"),
        ("-staff:li-min -staff:zhao-lei date:2026-09-10..", "SO-2609-0007 SO-2609-0008"),
        ("line.product:E40 date:2026-08..", "SO-2608-0003 SO-2608-0017 SO-2609-0008"),
        ("promised_on: date:2026-09", "SO-2609-0011"),
        ("月病区", ""),
        ("国庆", "SO-2609-0012"),
        ("SRM date:2026-09", "SO-2609-0006"),
        ("id:2609-0003,0017", "SO-2608-0017 SO-2609-0003"),
        ("currency:EUR", "SO-2604-0004 SO-2607-0003"),
    ] {
        let ran = desk.run(&format!("order list {filter} -O csv --cols id")).succeeds().quietly();
        assert_eq!(ran.column("id").join(" "), expected, "{filter}");
    }
}

#[test]
fn flags_may_stand_before_between_and_behind_conditions() {
    let desk = Desk::example();
    let expected = "id\nSO-2609-0012\n";
    for line in [
        "order list --cols id -O csv staff:li-min stage:'awaiting review'",
        "order list staff:li-min --cols id -O csv stage:'awaiting review'",
        "order list staff:li-min stage:'awaiting review' --cols id -O csv",
        "order list -staff:zhao-lei stage:'awaiting review' --cols id -O csv",
        "order list stage:'awaiting review' -staff:zhao-lei -O csv --cols id",
        "-O csv order ls stage:'awaiting review' --cols id -- -staff:zhao-lei",
    ] {
        desk.run(line).succeeds().stdout(expected);
    }
    desk.run("order list --nope").code(2).stderr_has("unexpected argument '--nope'");
}

#[test]
fn unknown_fields_and_values_are_guessed() {
    let desk = Desk::example();
    for (line, words) in [
        ("order list custmer:CX01", "there is no field \"custmer\", did you mean customer?"),
        ("order list stage:aproved", "it is one of"),
        ("order list gross:much", "write a number"),
        ("order list date:soon", "\"soon\" is not a period"),
        ("order list --cols id,stge", "did you mean stage?"),
        ("order list --sort groos", "did you mean gross?"),
        ("order list -O jsn", "\"jsn\" is not a format"),
        ("order list -p 2026-13", "-p: \"2026-13\" is not a period"),
        ("order list --as-of 2026-09", "--as-of takes a date"),
        ("order list -p 2026-09-20..2026-09-01", "-p: "),
    ] {
        desk.run(line).code(2).stdout("").stderr_has(words);
    }
}

#[test]
fn columns_are_chosen_rows_sorted_and_limited_and_never_cut_in_silence() {
    let desk = Desk::example();
    desk.run("order list -p 2026-09 --cols id,gross,stage --sort -gross --limit 3")
        .succeeds()
        .stdout(str![[r#"
Orders

id                gross  stage
-------------------------------------
SO-2609-0002  38,480.00  to invoice
SO-2609-0001  38,240.00  to invoice
SO-2609-0007  30,048.00  part shipped
3 rows

note: amounts are in each document's currency (CNY, USD), so there is no total
note: the first 3 of 13 rows

"#]]);
    desk.run("customer list --cols name,grade --sort grade -O csv --limit 2").succeeds().stdout(
        str![[r#"
name,grade
上海晨星医药有限公司,A
苏州仁和里医院,A

"#]],
    );
    let all = desk.run("order list --cols all -O csv").succeeds();
    for column in ["entered_at", "credit_days", "net", "stage"] {
        assert_eq!(all.column(column).len(), 117);
    }
}

#[test]
fn every_format_holds_the_same_rows() {
    let desk = Desk::example();
    let line = "order list customer:CX01 -p 2026-09 --cols id,gross,quote";
    desk.run(line).succeeds().stdout(str![[r#"
Orders

id               gross  quote
-----------------------------
SO-2609-0004  2,484.00
-----------------------------
total         2,484.00
1 row

"#]]);
    desk.run(&format!("{line} -O plain")).succeeds().stdout(str![[r#"
Orders

id               gross  quote
SO-2609-0004  2,484.00
total         2,484.00
1 row

"#]]);
    desk.run(&format!("{line} -O csv")).succeeds().stdout(str![[r#"
id,gross,quote
SO-2609-0004,2484.00,

"#]]);
    desk.run(&format!("{line} -O tsv")).succeeds().stdout(str![[r#"
id	gross	quote
SO-2609-0004	2484.00	

"#]]);
    desk.run(&format!("{line} -O json")).succeeds().stdout(str![[r#"
{
  "key": "order-list",
  "title": "Orders",
  "facts": {},
  "tables": {
    "order": [
      {"id": "SO-2609-0004", "gross": 2484.00, "quote": null}
    ]
  },
  "notes": []
}

"#]]);
    desk.run(&format!("{line} -O jsonl")).succeeds().stdout(str![[r#"
{"id": "SO-2609-0004", "gross": 2484.00, "quote": null}

"#]]);
    desk.run(&format!("{line} -O md")).succeeds().stdout(str![[r#"
# Orders

| id | gross | quote |
| --- | --: | --- |
| SO-2609-0004 | 2,484.00 |  |
| **total** | **2,484.00** |  |

"#]]);
}

#[test]
fn labels_speak_chinese_and_machine_formats_do_not() {
    let desk = Desk::example();
    desk.run("order list customer:CX01 -p 2026-09 --lang zh").succeeds().stdout(str![[r#"
Orders

编号          日期        客户  客户名称  业务员  阶段    价税合计  承诺日期
------------------------------------------------------------------------------
SO-2609-0004  2026-09-04  CX01  晨星医药  li-min  待开票  2,484.00  2026-09-09
------------------------------------------------------------------------------
合计                                                      2,484.00
1 行

"#]]);
    let plain = desk.run("order list customer:CX01 -p 2026-09 -O csv");
    desk.run("DESK_LANG=zh order list customer:CX01 -p 2026-09 -O csv")
        .succeeds()
        .stdout(plain.text().to_owned());
    desk.run("order list --lang de").code(2).stderr_has("--lang");
}

#[test]
fn an_empty_list_says_so_and_exits_as_asked() {
    let desk = Desk::example();
    desk.run("order list customer:CX16").succeeds().stdout(str![[r#"
Orders

No order matches customer:CX16.

"#]]);
    desk.run("order list customer:CX16 -O csv")
        .succeeds()
        .stdout("id,date,customer,customer_name,staff,stage,gross,promised_on\n");
    desk.run("order list customer:CX16 -O jsonl").succeeds().stdout("");
    desk.run("order list customer:CX16 --fail-empty").code(6);
    desk.run("order list customer:CX01 --fail-empty").code(0);
}

#[test]
fn void_orders_are_listed_only_if_asked_for() {
    let desk = Desk::example();
    let ids = |line: &str| desk.run(line).succeeds().column("id").len();
    assert_eq!(ids("order list -O csv"), 117);
    assert_eq!(ids("order list --include-void -O csv"), 119);
    assert_eq!(ids("order list --include-void stage:void -O csv"), 2);
}

#[test]
fn a_wide_character_is_two_columns() {
    let desk = Desk::example();
    desk.run("customer list grade:A --cols short_name,stage,name").succeeds().stdout(str![[r#"
Customers

short name  stage   name
----------------------------------------
晨星医药    active  上海晨星医药有限公司
仁和里医院  active  苏州仁和里医院
北湾医院    active  北湾区人民医院
南岭医药    active  南岭医药有限公司
海川医药    active  海川医药有限公司
5 rows

"#]]);
}

#[test]
fn export_writes_every_field_and_a_row_for_each_block() {
    let desk = Desk::example();
    desk.run("order export --blocks line SO-2609-0006").succeeds().stdout(str![[r#"
id,line.no,line.product,line.qty,line.unit,line.unit_factor,line.price,line.discount_pct,line.discount_amount,line.tax_rate,line.contract_line,line.promised_on,line.free_reason,line.policy,line.source_line,line.deliverable,line.billable
SO-2609-0006,1,A100,300,pc,,15.80,,,0,1,,,,,,
SO-2609-0006,2,C40,600,box,,4.60,,,0,4,,,,,,

"#]]);
    desk.run("product export A100").succeeds().stdout(str![[r#"
id,date,entered_by,entered_at,name,spec,unit,category,goods,brand,list_price,min_price,cost,tax_rate,batch_tracked,required_licence,over_delivery_pct,reorder_level,commission_class,active,staff,district,currency,exchange_rate,remarks,attachments
A100,,,,红外额温计 Infrared thermometer,IR-200,pc,diagnostics,product,精衡,128.00,102.40,74.00,0.13,false,device_2,,120,key,true,,,,,,

"#]]);
    desk.run("order export --blocks lin").code(2).stderr_has("blocks: ");
    desk.run("order export -p 2026-09 -o orders.csv").succeeds().stdout("");
    assert_eq!(desk.read("orders.csv"), desk.run("order export -p 2026-09").text());
}

#[test]
fn show_gives_the_record_and_what_is_computed_of_it() {
    let desk = Desk::example();
    desk.run("order show SO-2609-0006").succeeds().stdout(str![[r#"
SO-2609-0006  Sunrise Medical  SRM/26-041  to collect
id                  SO-2609-0006
date                2026-09-09
entered by          li-min
entered at          2026-09-09 11:03
customer            CX03
contract            CT-2601-0002
customer PO         SRM/26-041
promised on         2026-10-08
ship to             Unit 5, 12 Example Quay, Port Nowhere
credit days         45
prices include tax  no
staff               li-min
district            overseas
currency            USD
exchange rate       6.976
customer name       Sunrise Medical
stage               to collect
net                 7,500.00
tax                 0.00
gross               7,500.00
file                orders/2026-09/SO-2609-0006.toml

line
no.  product  quantity  unit  price  tax rate  contract line
------------------------------------------------------------
  1  A100          300  pc    15.80         0              1
  2  C40           600  box    4.60         0              4

progress
no.  product  unit  ordered  delivered  to ship  invoiced  to invoice  collected
--------------------------------------------------------------------------------
  1  A100     pc        300        300        0       300           0   1,896.00
  2  C40      box       600        600        0       600           0   1,104.00

team
staff     share %
-----------------
li-min         70
zhao-lei       30

approval
step    decision  by     at
-----------------------------------------
review  approved  huang  2026-09-09 13:43

"#]]);
    let shown = desk.run("order show SO-2609-0006 -O json").succeeds().json();
    assert_eq!(shown["record"]["exchange_rate"], "6.9760");
    assert_eq!(shown["record"]["line"][1]["qty"], "600");
    assert_eq!(shown["derived"]["facts"]["stage"], "to collect");
}

#[test]
fn a_period_without_records_is_not_an_empty_directory() {
    let desk = Desk::example();
    desk.run("order list -p 2027-01").succeeds().has("No order is dated 2027-01-01..2027-01-31.");
}

#[test]
fn a_total_of_invoices_is_of_what_is_issued_and_says_what_else_is_listed() {
    let desk = Desk::example();
    let of = |filter: &str| {
        let ran = desk.run(&format!("invoice list {filter} -O md --cols id,state,gross"));
        let text = ran.succeeds().text().to_owned();
        let is_told = |line: &&str| line.contains("total") || line.starts_with("> ");
        text.lines().filter(is_told).collect::<Vec<_>>().join("\n")
    };
    // September in the company's currency: 19,200 + 72,544 + 12,438 + 24,430.60 + 11,808 + 11,780
    // = 152,200.60.
    assert_eq!(
        of("-p 2026-09 -currency:USD"),
        "| **total** |  | **152,200.60** |\n> not in the total: 1 draft (2,484.00 CNY)"
    );
    assert_eq!(
        of("IN-2609"),
        "> amounts are in each document's currency (CNY, USD), so there is no total\n> not in the total: 1 draft (2,484.00 CNY)"
    );
    assert_eq!(
        of("state:draft"),
        "| **total** |  | **2,484.00** |\n> nothing here counts: 1 draft (2,484.00 CNY)"
    );
}

#[test]
fn amounts_of_payments_have_the_decimals_of_their_currency() {
    let desk = Desk::example();
    desk.run("payment add CX01 1380").succeeds();
    let amounts = desk.run("payment list -O csv").succeeds().column("amount");
    assert_eq!(amounts.last().map(String::as_str), Some("1380.00"));
    let decimals = |amount: &String| amount.split_once('.').map(|(_, rest)| rest.len());
    assert!(amounts.iter().all(|amount| decimals(amount) == Some(2)), "{amounts:?}");
    // What was written is exported as it was written.
    desk.run("payment export PM-2609-0018").succeeds().has(",1380,");
}

#[test]
fn invoices_are_grouped_and_filtered_by_customer() {
    let desk = Desk::example();
    let all = desk.run("report invoices --by customer -O csv").succeeds().rows();
    let one = desk.run("report invoices customer:CX01 --by customer -O csv").succeeds().rows();
    assert_eq!(one.len(), 1);
    assert!(all.contains(&one[0]) && one[0]["customer"] == "CX01", "{one:?}");
    desk.run("report invoices customer:CX01 side:purchase --by customer -O csv")
        .succeeds()
        .has_not("CX01");
}
