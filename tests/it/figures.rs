//! Figures worked out by other means than the program's: by another program over the example, and
//! by hand.

use snapbox::str;

use crate::desk::Desk;

/// Net, tax and gross of the orders of each month of 2026 in the example, from a program that
/// shares nothing with this one.
const MONTHS: &[(&str, i64, &str, &str, &str)] = &[
    ("2026-01", 12, "226096.94", "24666.70", "250763.64"),
    ("2026-02", 7, "75884.95", "9865.05", "85750.00"),
    ("2026-03", 14, "177504.08", "23075.52", "200579.60"),
    ("2026-04", 12, "121629.75", "9588.84", "131218.59"),
    ("2026-05", 12, "154892.67", "20136.03", "175028.70"),
    ("2026-06", 16, "146081.23", "18832.07", "164913.30"),
    ("2026-07", 14, "251414.60", "21406.85", "272821.45"),
    ("2026-08", 16, "352923.80", "45800.81", "398724.61"),
    ("2026-09", 12, "244707.47", "24931.13", "269638.60"),
];
const TOTAL: [&str; 3] = ["1751135.49", "198303.00", "1949438.49"];

/// An amount as whole cents.
#[track_caller]
fn cents(amount: &str) -> i64 {
    let plain = amount.replace([',', '*', ' '], "");
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, "00"));
    let digits = format!("{whole}{part:0<2}");
    digits.parse().unwrap_or_else(|_| panic!("{amount:?} is no amount"))
}

/// The row of the total, by the names of its columns, of the first table of a markdown page.
#[track_caller]
fn total(page: &str) -> std::collections::BTreeMap<String, String> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().trim_matches('*').to_owned())
            .collect()
    };
    let mut lines = page.lines().skip_while(|line| !line.starts_with("| "));
    let names = lines.next().map(cells).unwrap_or_default();
    let row = lines.find(|line| line.starts_with("| **total**")).map(cells);
    names.into_iter().zip(row.unwrap_or_else(|| panic!("no total in\n{page}"))).collect()
}

#[test]
fn months_come_to_what_another_program_found() {
    let desk = Desk::example();
    let rows = desk.run("report sales -p 2026 --by month -O csv").succeeds().rows();
    assert_eq!(rows.len(), MONTHS.len());
    for (row, (month, orders, net, tax, gross)) in rows.iter().zip(MONTHS) {
        let found = ["month", "orders", "net", "tax", "gross"].map(|name| row[name].as_str());
        assert_eq!(found, [month, orders.to_string().as_str(), net, tax, gross]);
    }
    let page = desk.run("report sales -p 2026 --by month -O md").succeeds();
    let whole = total(page.text());
    assert_eq!(["net", "tax", "gross"].map(|name| whole[name].replace(',', "")), TOTAL);
}

#[test]
fn what_is_approved_comes_to_what_another_program_found() {
    let desk = Desk::example();
    let rows = desk.run("report orders -O json").succeeds().json();
    let waiting: i64 = rows["tables"]["stages"]
        .as_array()
        .expect("a table")
        .iter()
        .filter(|row| {
            ["rejected", "awaiting review"].contains(&row["stage"].as_str().unwrap_or_default())
        })
        .map(|row| cents(&format!("{:.2}", row["gross"].as_f64().unwrap_or_default())))
        .sum();
    // Ordered less rejected and awaiting; the order on hold had been approved.
    assert_eq!(cents(TOTAL[2]) - waiting, cents("1903990.49"));
}

#[test]
fn every_grouping_adds_up_to_the_same() {
    let desk = Desk::example();
    let figures = ["orders", "quantity", "net", "tax", "gross", "cost", "margin"];
    for by in [
        "customer",
        "product",
        "category",
        "staff",
        "district",
        "kind",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "customer,product",
        "district,staff,month",
        "quarter,category",
    ] {
        let page = desk.run(&format!("report sales -p 2026 --by {by} -O md")).succeeds();
        let whole = total(page.text());
        assert_eq!(
            figures.map(|name| whole[name].as_str()),
            [
                "115",
                "111,965",
                "1,751,135.49",
                "198,303.00",
                "1,949,438.49",
                "1,171,247.70",
                "579,887.79",
            ],
            "{by}"
        );
        let rows = desk.run(&format!("report sales -p 2026 --by {by} -O csv")).succeeds().rows();
        for name in ["net", "tax", "gross", "cost", "margin"] {
            let sum: i64 = rows.iter().map(|row| cents(&row[name])).sum();
            // A share of a sale in a foreign currency is no whole cent of ours, and each row is
            // rounded for itself.
            let slack = if by.contains("staff,") { 1 } else { 0 };
            assert!((sum - cents(&whole[name])).abs() <= slack, "{name} by {by}");
        }
        for row in &rows {
            assert_eq!(
                cents(&row["net"]) + cents(&row["tax"]),
                cents(&row["gross"]),
                "{by}: {row:?}"
            );
            assert_eq!(
                cents(&row["net"]) - cents(&row["cost"]),
                cents(&row["margin"]),
                "{by}: {row:?}"
            );
        }
    }
}

#[test]
fn parts_of_a_period_and_of_a_filter_add_up() {
    let desk = Desk::example();
    let gross = |line: &str| {
        let rows =
            desk.run(&format!("report sales {line} --by year -O csv")).succeeds().column("gross");
        rows.iter().map(|amount| cents(amount)).sum::<i64>()
    };
    let whole = cents(TOTAL[2]);
    assert_eq!(gross("-p 2026-01..2026-04-15") + gross("-p 2026-04-16..2026-12"), whole);
    assert_eq!(gross("-p 2026 district:east") + gross("-p 2026 -district:east"), whole);
    assert_eq!(gross("-p 2026 product:A100") + gross("-p 2026 -product:A100"), whole);
    assert_eq!(gross("-p 2026 --as-of 2026-06-30"), gross("-p 2026-01..2026-06"));
    assert_eq!(gross(""), whole);
}

#[test]
fn void_orders_count_only_if_asked_for() {
    let desk = Desk::example();
    let gross = |line: &str| {
        desk.run(&format!("report sales {line} --by month -O csv --cols gross"))
            .succeeds()
            .column("gross")
    };
    // SO-2608-0012 comes to 11,640.00.
    assert_eq!(gross("-p 2026-08"), ["398724.61"]);
    assert_eq!(gross("-p 2026-08 --include-void"), ["410364.61"]);
    desk.run("report sales -p 2026-08 --include-void").succeeds().has("void       included");
}

#[test]
fn a_period_is_compared_with_the_one_before() {
    let desk = Desk::example();
    // 244,707.47 - 352,923.80 = -108,216.33, which is 30.66 % of 352,923.80.
    let page = desk
        .run("DESK_TODAY=2026-10-05 report sales -p 2026-09 --by customer --compare previous -O md")
        .succeeds();
    assert!(page.text().contains("- compared with: 2026-08-01..2026-08-31"), "{page}");
    let whole = total(page.text());
    assert_eq!(
        ["net", "net before", "change", "change %"].map(|name| whole[name].as_str()),
        ["244,707.47", "352,923.80", "-108,216.33", "-30.7%",]
    );
    desk.run("report sales -p 2026-09 --by category --compare previous -O csv --cols category,net,net_before,change,change_pct")
        .succeeds()
        .stdout(str![[r#"
category,net,net_before,change,change_pct
consumables,56801.19,32808.86,23992.33,0.7313
diagnostics,135519.34,114082.98,21436.36,0.1879
equipment,16919.68,39450.68,-22531.00,-0.5711
protective,14212.39,8283.18,5929.21,0.7158
wound_care,21254.87,6845.00,14409.87,2.1052

"#]]);
    desk.run("report sales --compare previous")
        .code(2)
        .stderr_has("needs a period with a first day");
    desk.run("report sales -p 2026-09 --compare next").code(2).stderr_has("previous, last-year");
}

/// Two customers, two products, orders in two years: small enough to work out by hand.
fn by_hand() -> Desk {
    let order = |id: &str, day: &str, head: &str, lines: &str| {
        format!(
            "id = \"{id}\"\ndate = {day}\nentered_by = \"ann\"\nprices_include_tax = true\ndistrict = \"east\"\n{head}\n{lines}"
        )
    };
    let line = |no: u32, product: &str, qty: &str, price: &str| {
        format!(
            "[[line]]\nno = {no}\nproduct = \"{product}\"\nqty = {qty}\nunit = \"pc\"\nprice = \"{price}\"\ntax_rate = \"0.13\"\n"
        )
    };
    let files = [
        (
            "orders/2025-09/SO-2509-0001.toml",
            order(
                "SO-2509-0001",
                "2025-09-10",
                "customer = \"C1\"\nstaff = \"ann\"\n",
                &line(1, "P1", "10", "11.30"),
            ),
        ),
        (
            "orders/2026-08/SO-2608-0001.toml",
            order(
                "SO-2608-0001",
                "2026-08-31",
                "customer = \"C1\"\nstaff = \"ann\"\n",
                &line(1, "P1", "20", "11.30"),
            ),
        ),
        // Three lines of 0.99: tax of the document is 2.97 x 0.13 / 1.13 = 0.34, not three times
        // 0.11.
        (
            "orders/2026-09/SO-2609-0001.toml",
            order(
                "SO-2609-0001",
                "2026-09-01",
                "customer = \"C1\"\nstaff = \"ann\"\n",
                &[1, 2, 3].map(|no| line(no, "P1", "1", "0.99")).concat(),
            ),
        ),
        // A third each of 100.00 with tax, and the odd cent must go somewhere.
        (
            "orders/2026-09/SO-2609-0002.toml",
            order(
                "SO-2609-0002",
                "2026-09-02",
                "customer = \"C2\"\nstaff = \"ann\"\n",
                &format!(
                    "[[team]]\nstaff = \"ann\"\nshare_pct = \"33.3333\"\n\n[[team]]\nstaff = \"bob\"\nshare_pct = \"33.3333\"\n\n{}",
                    line(1, "P2", "3", "33.333333")
                ),
            ),
        ),
        // 10 at 11.30, 4 of them closed on 2026-09-20.
        (
            "orders/2026-09/SO-2609-0003.toml",
            order(
                "SO-2609-0003",
                "2026-09-03",
                "customer = \"C2\"\nstaff = \"bob\"\n",
                &format!(
                    "{}\n[[closure]]\nline = 1\nqty = 4\nat = 2026-09-20T10:00:00+08:00\nby = \"ann\"\nreason = \"x\"\n",
                    line(1, "P1", "10", "11.30")
                ),
            ),
        ),
    ];
    let desk = Desk::of(&[
        ("customers/C1.toml", "id = \"C1\"\nname = \"One\"\n"),
        ("customers/C2.toml", "id = \"C2\"\nname = \"Two\"\n"),
        ("products/P1.toml", "id = \"P1\"\nname = \"P1\"\nunit = \"pc\"\n"),
        ("products/P2.toml", "id = \"P2\"\nname = \"P2\"\nunit = \"pc\"\n"),
        ("staff/ann.toml", "id = \"ann\"\nname = \"Ann\"\n"),
        ("staff/bob.toml", "id = \"bob\"\nname = \"Bob\"\n"),
    ]);
    files.iter().for_each(|(path, text)| desk.write(path, text));
    desk.run("check --short").code(0);
    desk
}

#[test]
fn last_year_and_the_month_before_by_hand() {
    let desk = by_hand();
    let columns = "-O csv --cols customer,net,net_before,change,change_pct";
    // C1: 2.63 against 100.00. C2: 88.50 + 60.00, nothing before.
    desk.run(&format!("report sales -p 2026-09 --compare last-year {columns}")).succeeds().stdout(
        str![[r#"
customer,net,net_before,change,change_pct
C1,2.63,100.00,-97.37,-0.9737
C2,148.50,0.00,148.50,

"#]],
    );
    // C1 ordered 200.00 net in August.
    desk.run(&format!("report sales -p 2026-09 --compare previous {columns}")).succeeds().stdout(
        str![[r#"
customer,net,net_before,change,change_pct
C1,2.63,0.00,2.63,
C2,148.50,0.00,148.50,

"#]],
    );
}

#[test]
fn tax_is_rounded_once_for_a_document() {
    by_hand()
        .run("report sales -p 2026-09-01 -O csv --cols net,tax,gross")
        .succeeds()
        .stdout("net,tax,gross\n2.63,0.34,2.97\n");
}

#[test]
fn shares_of_a_team_add_up_to_the_cent() {
    let desk = by_hand();
    // 100.00 with tax is 88.50 + 11.50; what 33.3333 and 33.3333 leave is ann's, who owns the
    // order.
    desk.run("report sales -p 2026-09-02 --by staff -O csv --cols staff,quantity,net,tax,gross")
        .succeeds()
        .stdout(str![[r#"
staff,quantity,net,tax,gross
ann,2.000001,59.00,7.67,66.67
bob,0.999999,29.50,3.83,33.33

"#]]);
}

#[test]
fn what_is_closed_leaves_on_the_day_it_is_closed() {
    let desk = by_hand();
    desk.run(
        "report sales id:SO-2609-0003 --by day -O csv --cols day,orders,quantity,net,tax,gross",
    )
    .succeeds()
    .stdout(str![[r#"
day,orders,quantity,net,tax,gross
2026-09-03,1,10,100.00,13.00,113.00
2026-09-20,0,-4,-40.00,-5.20,-45.20

"#]]);
    desk.run("report sales id:SO-2609-0003 --as-of 2026-09-19 -O csv --cols quantity,gross")
        .succeeds()
        .stdout("quantity,gross\n10,113.00\n");
}

#[test]
fn ages_of_the_backlog_add_up() {
    let desk = Desk::example();
    let buckets = ["days_0_7", "days_8_30", "days_31_60", "days_61_90", "over_90"];
    for line in [
        "report orders",
        "report orders --as-of 2026-06-30",
        "report orders customer:CX05",
        "report orders -p 2026-09",
    ] {
        let stages = desk.run(&format!("{line} -O csv")).succeeds().rows();
        let orders = desk.run(&format!("{line} -O csv --table orders")).succeeds().rows();
        let mut count = 0;
        for row in &stages {
            let sum: i64 = buckets.iter().map(|bucket| cents(&row[*bucket])).sum();
            assert_eq!(sum, cents(&row["gross"]), "{line}: {row:?}");
            let listed: Vec<_> =
                orders.iter().filter(|order| order["stage"] == row["stage"]).collect();
            assert_eq!(listed.len().to_string(), row["orders"], "{line}: {row:?}");
            let gross: i64 = listed.iter().map(|order| cents(&order["gross"])).sum();
            assert_eq!(gross, cents(&row["gross"]), "{line}: {row:?}");
            count += listed.len();
        }
        assert_eq!(count, orders.len(), "{line}");
    }
}

#[test]
fn the_backlog_and_what_is_done_are_what_was_ordered() {
    let desk = Desk::example();
    let gross = |line: &str| -> i64 {
        let rows = desk.run(&format!("{line} -O csv")).succeeds().rows();
        rows.iter().filter(|row| row["stage"] != "quote").map(|row| cents(&row["gross"])).sum()
    };
    // What is done is no backlog, and is there only if asked for.
    let waiting = gross("report orders -p 2026") + gross("report orders -p 2026 stage:done");
    assert_eq!(waiting, cents(TOTAL[2]));
}
