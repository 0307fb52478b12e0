//! Figures and refusals worked out by hand where money, tax, days and files are not the company's own: other currencies,
//! other ways with tax, other time zones, links, torn caches, sloppy lines.

use std::{thread, time::Duration};

use crate::desk::Desk;

/// Two customers, ann's and bob's; three products at 12.00, one of them by the box of 10 too; meg reviews.
fn company(settings: &str) -> Desk {
    let desk = Desk::empty().with("DESK_USER", "ann");
    desk.write("desk.toml", settings);
    for (id, staff) in [("C1", "ann"), ("C2", "bob")] {
        desk.write(
            &format!("customers/{id}.toml"),
            format!(
                "id = \"{id}\"\nname = \"{id}\"\nstage = \"active\"\nstaff = \"{staff}\"\ndistrict = \"east\"\n"
            ),
        );
    }
    for id in ["P1", "P2"] {
        desk.write(&format!("products/{id}.toml"), product(id, "12.00", ""));
    }
    let packing = "\n[[packing]]\nunit = \"box\"\nfactor = 10\n";
    desk.write("products/A100.toml", product("A100", "12.00", packing));
    for id in ["ann", "bob", "meg"] {
        desk.write(
            &format!("staff/{id}.toml"),
            format!("id = \"{id}\"\nname = \"{id}\"\nrole = \"manager\"\n"),
        );
    }
    desk
}

/// A company in Shanghai whose prices include 13 % tax.
fn plain() -> Desk {
    company(&settings("currency = \"CNY\""))
}

fn settings(defaults: &str) -> String {
    format!(
        "[company]\nname = \"Test\"\ntime_zone = \"Asia/Shanghai\"\n\n[defaults]\n{defaults}\ntax_rate = \"0.13\"\nprices_include_tax = true\n\n[lists]\ndistricts = [\"east\"]\n"
    )
}

fn product(id: &str, list: &str, more: &str) -> String {
    format!("id = \"{id}\"\nname = \"{id}\"\nunit = \"pc\"\nlist_price = \"{list}\"\n{more}")
}

fn contract(desk: &Desk, no: u32, head: &str, line: &str) {
    let id = format!("CT-2609-{no:04}");
    let line = if line.is_empty() { String::new() } else { format!("\n[[line]]\nno = 1\n{line}") };
    desk.write(
        &format!("contracts/2026-09/{id}.toml"),
        format!(
            "id = \"{id}\"\ndate = 2026-09-01\nentered_by = \"ann\"\nparty = \"C1\"\n{head}{line}"
        ),
    );
}

/// An order of a day, in the folder of its id; `head` and `lines` are written as they stand.
fn order(desk: &Desk, id: &str, day: &str, head: &str, lines: &str) {
    desk.write(
        &order_file(id),
        format!("id = \"{id}\"\ndate = {day}\nentered_by = \"ann\"\n{head}\n{lines}"),
    );
}

fn order_file(id: &str) -> String {
    format!("orders/20{}-{}/{id}.toml", &id[3..5], &id[5..7])
}

fn line(no: u32, product: &str, qty: &str, price: &str) -> String {
    format!(
        "[[line]]\nno = {no}\nproduct = \"{product}\"\nqty = {qty}\nprice = \"{price}\"\ntax_rate = \"0.13\"\n"
    )
}

/// Runs a line that is refused with this code and leaves every file as it was.
#[track_caller]
fn refused(desk: &Desk, line: &str, code: i32, words: &str) {
    let before = desk.tree();
    desk.run(line).code(code).stderr_has(words);
    assert_eq!(desk.changes(&before), "", "{line}");
}

/// So long that a cache trusts what was written before.
fn let_files_settle() {
    thread::sleep(Duration::from_millis(2_100));
}

#[test]
fn a_contract_price_is_brought_to_the_tax_of_its_order() {
    let desk = plain();
    let agreed = "product = \"P1\"\nqty = 100\nprice = \"113\"\ntax_rate = \"0.13\"\n";
    contract(&desk, 1, "prices_include_tax = true\n", agreed);
    let add = "order add C1 --contract CT-2609-0001 --prices-include-tax false";
    // 113 with 13 % is 100 without, and 113.00 with it again.
    desk.run(&format!("{add} --line 'P1 x 1 contract_line=1'")).succeeds().has("113.00");
    assert!(desk.read("orders/2026-09/SO-2609-0001.toml").contains("\nprice = \"100.00\"\n"));
    desk.run("DESK_USER=meg order review SO-2609-0001").succeeds().has("1 as contracted");
    // 113 without tax is no longer the contract's price: 127.69 with it.
    desk.run(&format!("{add} --line 'P1 x 1 @ 113 contract_line=1'")).succeeds().has("127.69");
    let review = "DESK_USER=meg order review SO-2609-0002";
    refused(&desk, review, 3, "P1: price 113.00, but 100 in the contract");
    desk.run(&format!("{review} --comment agreed")).succeeds();
}

#[test]
fn a_contract_price_is_brought_to_the_currency_of_its_order() {
    let desk = plain();
    let head = "currency = \"USD\"\nexchange_rate = \"7\"\nprices_include_tax = true\n";
    contract(&desk, 1, head, "product = \"P1\"\nqty = 100\nprice = \"2\"\n");
    // 2 USD at 7 is 14 CNY; ten of them 140.00.
    desk.run("order add C1 --contract CT-2609-0001 --line 'P1 x 10 contract_line=1'")
        .succeeds()
        .has("140.00");
    // The same where the order was written by others and leaves its price out; tax is 140 x 0.13 / 1.13 = 16.106…
    let own = "[[line]]\nno = 1\nproduct = \"P1\"\nqty = 10\ncontract_line = 1\n";
    order(
        &desk,
        "SO-2609-0002",
        "2026-09-02",
        "customer = \"C1\"\ncontract = \"CT-2609-0001\"\n",
        own,
    );
    desk.run("report sales id:SO-2609-0002 -O csv --cols net,tax,gross")
        .succeeds()
        .stdout_is("net,tax,gross\n123.89,16.11,140.00\n");
}

#[test]
fn a_list_price_without_its_tax_keeps_six_decimals() {
    let desk = plain();
    desk.write("products/P1.toml", product("P1", "0.05", ""));
    let lines = "[[line]]\nno = 1\nproduct = \"P1\"\nqty = 10000\n";
    let head = "customer = \"C1\"\nprices_include_tax = false\n";
    order(&desk, "SO-2609-0001", "2026-09-01", head, lines);
    // 0.05 / 1.13 = 0.0442478 → 0.044248; x 10,000 = 442.48; tax 57.5224 → 57.52.
    desk.run("report sales -O csv --cols net,tax,gross")
        .succeeds()
        .stdout_is("net,tax,gross\n442.48,57.52,500.00\n");
    desk.run("order add C1 --prices-include-tax false --line 'P1 x 10000'").succeeds();
    assert!(desk.read("orders/2026-09/SO-2609-0002.toml").contains("price = \"0.044248\""));
}

#[test]
fn contracts_are_reported_in_their_own_currency() {
    let desk = plain();
    let head = "currency = \"USD\"\nexchange_rate = \"7\"\nprices_include_tax = true\n";
    contract(&desk, 1, head, "product = \"P1\"\nqty = 100\nprice = \"2\"\n");
    contract(&desk, 2, "amount = \"5000.00\"\n", "");
    contract(&desk, 3, "", "product = \"P1\"\nqty = 5\n");
    desk.run("order add C1 --contract CT-2609-0001 --line 'P1 x 10 contract_line=1'").succeeds();
    // 140.00 CNY at 7 is 20.00 USD of the 200.00, and nothing of it is performed; an amount needs no lines; a quantity has no amount without a price.
    let figures = "contracted,ordered,open,fulfilled_pct";
    let rows = desk
        .run(&format!("report contracts -p 2026-09 -O csv --cols id,currency,{figures}"))
        .succeeds()
        .rows();
    let found: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| {
            ["id", "currency", "contracted", "open", "fulfilled_pct"].map(|key| &*row[key]).into()
        })
        .collect();
    assert_eq!(
        found,
        [
            ["CT-2609-0001", "USD", "200.00", "180.00", "0"],
            ["CT-2609-0002", "CNY", "5000.00", "5000.00", "0"],
            ["CT-2609-0003", "CNY", "", "", ""],
        ]
    );
    assert_eq!(rows[0]["ordered"], "20.00");
    let page = desk.run("report contracts id:CT-2609-0003 -O md").succeeds();
    assert_eq!(page.text().matches("n/a").count(), 4, "{page}");
}

#[test]
fn an_order_without_staff_is_its_customers() {
    let desk = plain();
    order(&desk, "SO-2609-0001", "2026-09-01", "customer = \"C1\"\n", &line(1, "P1", "1", "12"));
    order(&desk, "SO-2609-0002", "2026-09-01", "customer = \"C2\"\n", &line(1, "P1", "1", "12"));
    let head = "customer = \"C2\"\nquote = true\n";
    order(&desk, "SO-2609-0003", "2026-09-01", head, &line(1, "P1", "1", "12"));
    let column = |line: &str| desk.run(&format!("{line} -O csv --cols id")).succeeds().column("id");
    assert_eq!(column("report orders staff:bob --table orders"), ["SO-2609-0002"]);
    assert_eq!(column("order list staff:ann"), ["SO-2609-0001"]);
    let mut bobs = column("order list staff:bob");
    bobs.sort();
    assert_eq!(bobs, ["SO-2609-0002", "SO-2609-0003"]);
    // The quote is listed, but is no backlog.
    let stages = desk.run("report orders -O csv --cols stage,orders,gross").succeeds();
    stages.stdout_is("stage,orders,gross\nawaiting review,2,24.00\n");
}

#[test]
fn a_base_currency_of_three_decimals_shows_three() {
    let desk = company(&settings("currency = \"KWD\""));
    // 3 x 1.005 = 3.015; tax 3.015 x 0.13 / 1.13 = 0.3468… → 0.347.
    order(&desk, "SO-2609-0001", "2026-09-01", "customer = \"C1\"\n", &line(1, "P1", "3", "1.005"));
    desk.run("report orders -O csv --cols net,gross,days_8_30")
        .succeeds()
        .stdout_is("net,gross,days_8_30\n2.668,3.015,3.015\n");
    desk.run("report orders --table orders -O csv --cols net,gross")
        .succeeds()
        .stdout_is("net,gross\n2.668,3.015\n");
}

/// Orders of C1 for 113.00 times as many as each day says, so 100.00 net each.
fn ordered_on(settings: &str, days: &[(&str, u32)]) -> Desk {
    let desk = company(settings);
    for (no, (day, qty)) in days.iter().enumerate() {
        let id = format!("SO-{}{}-{:04}", &day[2..4], &day[5..7], no + 1);
        let lines = line(1, "P1", &qty.to_string(), "113");
        order(&desk, &id, day, "customer = \"C1\"\n", &lines);
    }
    desk
}

#[test]
fn months_are_compared_with_months_and_days_with_days() {
    let days = [
        ("2026-06-30", 1),
        ("2026-07-31", 2),
        ("2026-08-31", 3),
        ("2026-09-06", 4),
        ("2026-09-11", 5),
        ("2026-09-30", 6),
    ];
    let desk = ordered_on(&settings("currency = \"CNY\""), &days).with("DESK_TODAY", "2026-10-05");
    // August against June, September (4 + 5 + 6) against July.
    desk.run("report sales -p 2026-08..2026-09 --by month --compare previous -O csv --cols month,net,net_before")
        .succeeds()
        .stdout_is("month,net,net_before\n2026-08,300.00,100.00\n2026-09,1500.00,200.00\n");
    // 09-10..09-14 against 09-05..09-09: the 6th is its second day, as the 11th is.
    desk.run("report sales -p 2026-09-10..2026-09-14 --by day --compare previous -O csv --cols day,net,net_before")
        .succeeds()
        .stdout_is("day,net,net_before\n2026-09-11,500.00,400.00\n");
}

#[test]
fn business_months_are_compared_with_business_months() {
    let settings = settings("currency = \"CNY\"\nmonth_closes_on = 28");
    let desk = ordered_on(&settings, &[("2024-02-29", 1), ("2025-03-28", 2)]);
    // March 2024 is 02-29..03-28, March 2025 is 03-01..03-28.
    desk.run(
        "report sales -p 2025-03 --by month --compare last-year -O csv --cols month,net,net_before",
    )
    .succeeds()
    .stdout_is("month,net,net_before\n2025-03,200.00,100.00\n");
}

#[test]
fn a_closure_counts_on_the_companys_day() {
    let desk = plain();
    let closure = "\n[[closure]]\nline = 1\nqty = 4\nat = 2026-08-31T20:00:00Z\nby = \"ann\"\nreason = \"x\"\n";
    let lines = line(1, "P1", "10", "11.30") + closure;
    order(&desk, "SO-2608-0001", "2026-08-10", "customer = \"C1\"\n", &lines);
    let_files_settle();
    // 20:00 in Greenwich is 04:00 of the next day in Shanghai: 4 of 10 at 10.00 net leave in September.
    for _ in ["cold", "warm"] {
        desk.run("report sales -p 2026-09 --by day -O csv --cols day,quantity,net")
            .succeeds()
            .stdout_is("day,quantity,net\n2026-09-01,-4,-40.00\n");
        desk.run("report sales -p 2026-08 --by day -O csv --cols day,quantity,net")
            .succeeds()
            .stdout_is("day,quantity,net\n2026-08-10,10,100.00\n");
        assert!(desk.path(".desk/cache/orders-2026-08").exists());
    }
}

#[test]
fn gates_judge_the_whole_line() {
    let desk = plain();
    desk.write("products/P1.toml", product("P1", "10.00", ""));
    desk.write("private/products/P1.toml", "id = \"P1\"\nmin_price = \"10.00\"\n");
    // 4,999 off 10,000,000 is 9.995001 a piece: 10.00 only once it is rounded.
    desk.run("order add C1 --line 'P1 x 1000000 discount_amount=4999'").succeeds();
    refused(
        &desk,
        "DESK_USER=meg order review SO-2609-0001 --comment x",
        3,
        "error[review.floor]: P1:",
    );
    desk.run("order add C1 --line 'P1 x 1 billable=false'").succeeds();
    refused(&desk, "DESK_USER=meg order review SO-2609-0002", 3, "error[review.price]: P1:");
    desk.run("DESK_USER=meg order review SO-2609-0002 --comment goodwill").succeeds();
}

#[test]
fn sloppy_lines_are_not_guessed_at() {
    let desk = plain();
    desk.run("order add C1 --line 'A100 x 2 PC' --line 'A100 x 2 BOX'").succeeds();
    let written = desk.read("orders/2026-09/SO-2609-0001.toml");
    assert!(written.contains("unit = \"pc\"") && written.contains("unit = \"box\""), "{written}");
    for (line, words) in [
        ("A100 x 2 price=3 price=4", "price"),
        ("A100 x 1e5", "1e5"),
        ("A100 x 1,000", "1,000"),
        ("A100 x 2 pallet", "pallet"),
    ] {
        refused(&desk, &format!("order add C1 --line '{line}'"), 2, words);
    }
    let revise = "order revise SO-2609-0001 --line '1 no=7 qty=3' --reason x";
    refused(&desk, revise, 2, "number of a line never changes");
}

#[test]
fn the_base_currency_has_no_rate() {
    let desk = plain();
    let head = "customer = \"C1\"\ncurrency = \"CNY\"\nexchange_rate = \"7\"\n";
    order(&desk, "SO-2609-0001", "2026-09-01", head, &line(1, "P1", "1", "113"));
    desk.run("check").code(3).has("error[order.currency]");
    desk.run("report sales -O csv --cols net,tax,gross")
        .succeeds()
        .stdout_is("net,tax,gross\n100.00,13.00,113.00\n");
    refused(&desk, "order add C1 --exchange-rate 7 --line 'P1 x 1'", 3, "error[order.currency]");
}

#[cfg(unix)]
#[test]
fn links_are_neither_followed_nor_written_through() {
    for (folder, command) in [
        ("orders/2026-09", "order add C1 --line 'P1 x 1'"),
        ("customers", "customer add C9 --name Nine"),
        ("private/products", "product add P9 --name Nine --cost 3"),
    ] {
        let desk = plain();
        let head = "customer = \"C1\"\n";
        order(&desk, "SO-2609-0001", "2026-09-01", head, &line(1, "P1", "1", "113"));
        desk.write("private/products/P1.toml", "id = \"P1\"\nmin_price = \"1.00\"\ncost = \"2\"\n");
        let there = desk.outside().join("elsewhere");
        std::fs::rename(desk.path(folder), &there).expect("it can be moved");
        std::os::unix::fs::symlink(&there, desk.path(folder)).expect("a link can be made");
        let report = desk.run("report sales").code(3);
        assert!(report.to_string().contains(folder), "{report}");
        assert!(desk.run("check").code(3).text().contains(folder));
        let before = desk.tree();
        let refused = desk.run(command);
        assert!([1, 3].contains(&refused.exit()), "{refused}");
        assert_eq!(desk.changes(&before), "", "{refused}");
        assert_eq!(std::fs::read_dir(&there).expect("it is there").count(), files(folder));
    }
}

/// How many files the company has in a folder.
#[cfg(unix)]
fn files(folder: &str) -> usize {
    if folder == "customers" { 2 } else { 1 }
}

#[test]
fn days_after_today_are_not_counted() {
    let days = [("2026-08-20", 1), ("2026-08-30", 2), ("2026-09-20", 3), ("2026-09-24", 4)];
    let desk = ordered_on(&settings("currency = \"CNY\""), &days);
    let columns = "--compare previous -O csv --cols net,net_before";
    // On the 23rd, 23 days are compared with 23 days of August.
    desk.run(&format!("report sales -p 2026-09 {columns}"))
        .succeeds()
        .stdout_is("net,net_before\n300.00,100.00\n");
    desk.run(&format!("report sales -p 2026-09 --as-of 2026-09-30 {columns}"))
        .succeeds()
        .stdout_is("net,net_before\n700.00,300.00\n");
    desk.run("report sales -O csv --cols net").succeeds().stdout_is("net\n600.00\n");
    desk.run("report sales -p 2026-09 --compare previous")
        .succeeds()
        .has("2026-09-01..2026-09-30, so far 2026-09-01..2026-09-23")
        .has("2026-08-01..2026-08-23");
    desk.run("report sales -p 2026-10")
        .succeeds()
        .has("2026-10-01..2026-10-31, not begun")
        .has("No orders in this period");
}

#[test]
fn shares_of_small_and_foreign_sales_stay_exact() {
    let desk = plain();
    let team = "\n[[team]]\nstaff = \"ann\"\nshare_pct = \"50\"\n\n[[team]]\nstaff = \"bob\"\nshare_pct = \"50\"\n\n";
    for no in 1..=100 {
        let head = format!("customer = \"C1\"\nstaff = \"ann\"\n{team}");
        order(&desk, &format!("SO-2609-{no:04}"), "2026-09-01", &head, &line(1, "P1", "1", "0.01"));
    }
    // Half of 100 cents each, though half of a cent is none.
    desk.run("report sales -p 2026-09 --by staff -O csv --cols staff,gross")
        .succeeds()
        .stdout_is("staff,gross\nann,0.50\nbob,0.50\n");
    let head = format!(
        "customer = \"C1\"\nstaff = \"ann\"\ncurrency = \"USD\"\nexchange_rate = \"7.1235\"\n{team}"
    );
    order(&desk, "SO-2608-0001", "2026-08-01", &head, &line(1, "P1", "1", "113.57"));
    // 113.57 x 7.1235 = 809.015895; net 100.50 x 7.1235 = 715.91175; what is between them is tax, not 13.07 x 7.1235.
    desk.run("report sales -p 2026-08 -O csv --cols net,tax,gross")
        .succeeds()
        .stdout_is("net,tax,gross\n715.91,93.11,809.02\n");
    // 404.5079475 and 357.955875 each.
    desk.run("report sales -p 2026-08 --by staff -O csv --cols staff,net,tax,gross")
        .succeeds()
        .stdout_is("staff,net,tax,gross\nann,357.96,46.55,404.51\nbob,357.96,46.55,404.51\n");
}

#[test]
fn an_approval_without_digest_binds() {
    let desk = plain();
    let approval = "\n[[approval]]\nstep = \"review\"\ndecision = \"approved\"\nby = \"meg\"\nat = 2026-09-02T10:00:00+08:00\n";
    let lines = line(1, "P1", "1", "12.00") + approval;
    order(&desk, "SO-2609-0001", "2026-09-01", "customer = \"C1\"\n", &lines);
    let stage = || desk.run("order list -O csv --cols stage").succeeds().column("stage");
    assert_eq!(stage(), ["to ship"]);
    let set = "order set SO-2609-0001 line.1.qty=5";
    refused(&desk, set, 3, "hint: desk order revise SO-2609-0001");
    desk.run("order revise SO-2609-0001 --line '1 qty=5' --reason more")
        .succeeds()
        .has("60.00  awaiting review");
    assert_eq!(stage(), ["awaiting review"]);
    desk.run("DESK_USER=meg order review SO-2609-0001").succeeds();
    assert_eq!(stage(), ["to ship"]);
}

#[test]
fn names_and_settings_that_are_none_are_refused() {
    let desk = plain();
    for line in [
        "report sales district:zz",
        "report sales kind:smple",
        "report sales customer:nobody",
        "order list --limit 0",
        "check nope",
    ] {
        let ran = desk.run(line).code(2);
        assert_eq!(ran.text(), "", "{ran}");
    }
    // The setting stands in line 7, behind the currency.
    for (setting, words) in [
        ("month_closes_on = 0", "not a day of a month"),
        ("month_close_on = 28", "unknown field `month_close_on`"),
    ] {
        let desk = company(&settings(&format!("currency = \"CNY\"\n{setting}")));
        desk.run("report sales").code(3).stderr_has(words).stderr_has("--> desk.toml:7:");
    }
}

#[test]
fn a_flipped_bit_of_the_cache_changes_no_answer() {
    let days = [("2026-08-20", 1), ("2026-09-01", 2), ("2026-09-20", 3)];
    let desk = ordered_on(&settings("currency = \"CNY\""), &days);
    // A file of August whose sale is September's: only its segment says so.
    let head = "customer = \"C2\"\nordered_on = 2026-09-02\n";
    order(&desk, "SO-2608-0009", "2026-08-31", head, &line(1, "P1", "4", "113"));
    let_files_settle();
    let report = "report sales -p 2026-09 -O csv --cols customer,net";
    let answer = "customer,net\nC1,500.00\nC2,400.00\n";
    desk.run(report).succeeds().stdout_is(answer);
    let cache = ".desk/cache/orders-2026-08";
    let good = std::fs::read(desk.path(cache)).expect("a cache was written");
    assert!(good.windows(12).any(|name| name == b"SO-2608-0009"), "the file is trusted");
    for step in 0..60 {
        let mut torn = good.clone();
        let bit = step * 7_919 % (torn.len() * 8);
        torn[bit / 8] ^= 1 << (bit % 8);
        desk.write(cache, &torn);
        desk.run(report).succeeds().quietly().stdout_is(answer);
    }
    desk.write(cache, &good[..good.len() / 2]);
    desk.run(report).succeeds().quietly().stdout_is(answer);
}
