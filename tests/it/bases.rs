//! The bases of `report sales` against a second computation that shares nothing with the program's,
//! over documents made up here; and `explain`, which must come to the report's own cells.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::desk::Desk;

/// Numbers that are always the same.
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        1 + (self.0 >> 33) % most
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.up_to(many) == 1
    }
}

/// One thing that happened to a line, as the made-up documents mean it: the day, what it is to be
/// grouped by, and what it adds to a basis in base currency.
struct Happened {
    basis: &'static str,
    on: String,
    customer: String,
    product: String,
    owners: Vec<(String, Decimal)>,
    quantity: Decimal,
    net: Decimal,
    gross: Decimal,
}

#[derive(Default)]
struct Made {
    files: BTreeMap<String, String>,
    happened: Vec<Happened>,
}

/// A line: product, quantity in its unit, stock units in one, and its net in whole units of money.
struct Line {
    product: &'static str,
    qty: u64,
    factor: u64,
    unit_net: u64,
    less_net: u64,
}

impl Line {
    /// Net of the whole line; with 13 % on top it is whole cents.
    fn net(&self) -> Decimal {
        Decimal::from(self.qty * self.unit_net) - Decimal::from(self.less_net)
    }

    fn toml(&self, no: usize, qty: u64, less_net: u64, more: &str) -> String {
        format!(
            "\n[[line]]\nno = {no}\nproduct = \"{}\"\nqty = {qty}\nunit = \"unit\"\nunit_factor = {}\nprice = \"{}\"\n\
             discount_amount = \"{}\"\ntax_rate = \"0.13\"\n{more}",
            self.product,
            self.factor,
            gross(self.unit_net.into()),
            gross(less_net.into()),
        )
    }
}

fn gross(net: Decimal) -> Decimal {
    net * Decimal::new(113, 2)
}

fn day(month: u64, day: u64) -> String {
    format!("2026-{month:02}-{day:02}")
}

/// Sixty orders with shipments, returns, invoices, credits, price adjustments and payments in parts.
fn made() -> Made {
    let mut made = Made::default();
    let mut dice = Dice(2026);
    for (id, text) in [("S1", "李敏"), ("S2", "王强")] {
        made.files
            .insert(format!("staff/{id}.toml"), format!("id = \"{id}\"\nname = \"{text}\"\n"));
    }
    for id in ["P1", "P2", "P3"] {
        let text = format!("id = \"{id}\"\nname = \"{id}\"\nunit = \"pc\"\n");
        made.files.insert(format!("products/{id}.toml"), text);
    }
    for id in ["CX01", "CX02", "CX03"] {
        made.files
            .insert(format!("customers/{id}.toml"), format!("id = \"{id}\"\nname = \"{id}\"\n"));
    }
    let (mut payments, mut allocations) = (Vec::new(), Vec::new());
    for number in 1..=60 {
        order(&mut made, &mut dice, number, (&mut payments, &mut allocations));
    }
    let mut register = |path: &str, head: &str, rows: Vec<String>| {
        made.files.insert(path.into(), format!("{head}\n{}\n", rows.join("\n")));
    };
    register(
        "payments/2026-01.csv",
        "id,date,party,direction,method,matures_on,reference,amount,currency,exchange_rate,bank_fee,staff,contract,policy,\
         reverses,remarks,entered_by,entered_at,void_at,void_by,void_reason",
        payments,
    );
    register(
        "allocations/2026-01.csv",
        "id,date,source,target,instalment,amount,source_amount,discount,approved_by,reverses,remarks,entered_by,entered_at,\
         void_at,void_by,void_reason",
        allocations,
    );
    made
}

fn order(
    made: &mut Made,
    dice: &mut Dice,
    number: u64,
    (payments, allocations): (&mut Vec<String>, &mut Vec<String>),
) {
    let customer = format!("CX0{}", dice.up_to(3));
    let foreign = customer == "CX03";
    let rate = if foreign { Decimal::new(71, 1) } else { Decimal::ONE };
    let money = if foreign { "currency = \"USD\"\nexchange_rate = \"7.1\"\n" } else { "" };
    let owners: Vec<(String, Decimal)> = match dice.one_in(3) {
        true => vec![("S1".into(), Decimal::new(6, 1)), ("S2".into(), Decimal::new(4, 1))],
        false => vec![("S1".into(), Decimal::ONE)],
    };
    let team = match owners.len() {
        2 => {
            "\n[[team]]\nstaff = \"S1\"\nshare_pct = \"60\"\n\n[[team]]\nstaff = \"S2\"\nshare_pct = \"40\"\n"
        }
        _ => "",
    };
    let lines: Vec<Line> = ["P1", "P2", "P3"][..dice.up_to(3) as usize]
        .iter()
        .map(|product| Line {
            product,
            qty: dice.up_to(20),
            factor: if *product == "P3" { 10 } else { 1 },
            unit_net: 10 + dice.up_to(50),
            less_net: if dice.one_in(3) { dice.up_to(9) } else { 0 },
        })
        .collect();
    let mut take =
        |basis, on: &str, product: &str, quantity: Decimal, net: Decimal, whole: Decimal| {
            made.happened.push(Happened {
                basis,
                on: on.into(),
                customer: customer.clone(),
                product: product.into(),
                owners: owners.clone(),
                quantity,
                net: net * rate,
                gross: whole * rate,
            });
        };
    let on = day(dice.up_to(2), dice.up_to(28));
    let so = format!("SO-2601-{number:04}");
    let mut text = format!(
        "id = \"{so}\"\ndate = 2026-01-01\nordered_on = {on}\ncustomer = \"{customer}\"\nstaff = \"S1\"\n\
         prices_include_tax = true\n{money}"
    );
    for (at, line) in lines.iter().enumerate() {
        text.push_str(&line.toml(at + 1, line.qty, line.less_net, ""));
        let quantity = Decimal::from(line.qty * line.factor);
        take("ordered", &on, line.product, quantity, line.net(), gross(line.net()));
    }
    made.files.insert(format!("orders/2026-01/{so}.toml"), text + team);

    // Up to two shipments, a return of part of one, some void and some still slips.
    for part in 1..=dice.up_to(2) {
        let sent = day(2 + dice.up_to(2), dice.up_to(28));
        let (is_void, is_slip, is_back) = (dice.one_in(8), dice.one_in(8), dice.one_in(4));
        let sh = format!("SH-2601-{number:02}{part}0");
        let (kind, moved) = match (is_back, is_slip) {
            (true, _) => ("return", format!("received_on = {sent}\n")),
            (false, true) => ("delivery", String::new()),
            (false, false) => ("delivery", format!("shipped_on = {sent}\n")),
        };
        let mut text = format!(
            "id = \"{sh}\"\ndate = 2026-01-02\nkind = \"{kind}\"\ncustomer = \"{customer}\"\n{moved}"
        );
        for (at, line) in lines.iter().enumerate() {
            let qty = dice.up_to(line.qty);
            text.push_str(&format!(
                "\n[[line]]\nno = {}\norder = \"{so}\"\norder_line = {}\nproduct = \"{}\"\nqty = {qty}\nunit = \"unit\"\n\
                 unit_factor = {}\nreopens_delivery = false\n",
                at + 7,
                at + 1,
                line.product,
                line.factor
            ));
            if is_void || is_slip && !is_back {
                continue;
            }
            let sign = if is_back { -Decimal::ONE } else { Decimal::ONE };
            let part = sign * Decimal::from(qty) / Decimal::from(line.qty);
            let quantity = sign * Decimal::from(qty * line.factor);
            take(
                "shipped",
                &sent,
                line.product,
                quantity,
                line.net() * part,
                gross(line.net()) * part,
            );
        }
        if is_void {
            text.push_str(
                "\n[void]\nat = 2026-03-30T10:00:00+08:00\nby = \"S1\"\nreason = \"录错\"\n",
            );
        }
        made.files.insert(format!("shipments/2026-01/{sh}.toml"), text);
    }

    // An invoice, with freight on some, drafts among them; then a credit of goods and of price.
    let issued = day(2 + dice.up_to(2), dice.up_to(28));
    let is_draft = dice.one_in(9);
    let id = format!("IN-2601-{number:04}");
    let head = |id: &str, more: &str| {
        format!(
            "id = \"{id}\"\ndate = 2026-01-03\nparty = \"{customer}\"\nprices_include_tax = true\ntax_rounding = \"total\"\n\
             {money}{more}"
        )
    };
    let mut text =
        head(&id, &if is_draft { String::new() } else { format!("issued_on = {issued}\n") });
    let mut billed: Vec<(&str, Decimal, Decimal)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let qty = dice.up_to(line.qty);
        let more = format!("order = \"{so}\"\norder_line = {}\n", at + 1);
        text.push_str(&line.toml(at + 1, qty, 0, &more));
        billed.push((
            line.product,
            Decimal::from(qty * line.factor),
            Decimal::from(qty * line.unit_net),
        ));
    }
    if dice.one_in(2) {
        text.push_str(&format!(
            "\n[[line]]\nno = 9\nkind = \"freight\"\ntext = \"运费\"\norder = \"{so}\"\nqty = 1\nprice = \"22.60\"\n\
             tax_rate = \"0.13\"\n"
        ));
        billed.push(("(none)", Decimal::ZERO, Decimal::from(20)));
    }
    made.files.insert(format!("invoices/2026-01/{id}.toml"), text);
    if is_draft {
        return;
    }
    for (product, quantity, net) in &billed {
        take("invoiced", &issued, product, *quantity, *net, gross(*net));
    }
    // What settled it, by day: money, or a credit of the first line.
    let mut settled: Vec<(String, Option<Decimal>)> = Vec::new();
    if dice.one_in(3) {
        let credited = day(4, dice.up_to(28));
        let credit = format!("IN-2601-{:04}", number + 100);
        let line = &lines[0];
        let more = "against_line = 1\nreopens_billing = false\n";
        let mut text = head(
            &credit,
            &format!("kind = \"credit\"\nagainst_invoice = \"{id}\"\nissued_on = {credited}\n"),
        );
        text.push_str(&line.toml(1, 1, 0, more));
        let net = Decimal::from(line.unit_net);
        take("invoiced", &credited, line.product, -Decimal::from(line.factor), -net, -gross(net));
        text.push_str(
            "\n[[line]]\nno = 2\nkind = \"price_adjustment\"\nagainst_line = 1\nproduct = \"P1\"\nqty = 3\nprice = \"1.13\"\n\
             tax_rate = \"0.13\"\n"
        );
        take(
            "invoiced",
            &credited,
            "P1",
            Decimal::ZERO,
            -Decimal::from(3),
            -gross(Decimal::from(3)),
        );
        made.files.insert(format!("invoices/2026-01/{credit}.toml"), text);
        // What a credit settles is no money, and is of the line it takes back.
        settled.push((credited.clone(), None));
        allocations
            .push(format!("AL-2601-{number:03}9,{credited},{credit},{id},,1.13{}", ",".repeat(10)));
    }

    // Money in parts of odd cents, some taken back, some void; a rest written off.
    for part in 1..=dice.up_to(3) {
        let paid = day(3 + dice.up_to(2), dice.up_to(28));
        let amount = Decimal::new(i64::try_from(1000 + dice.up_to(9000)).expect("it is small"), 2);
        let (pm, al) =
            (format!("PM-2601-{number:02}{part}0"), format!("AL-2601-{number:03}{part}"));
        let currency = if foreign { "USD,7.1" } else { "," };
        payments.push(format!(
            "{pm},{paid},{customer},in,transfer,,,{amount},{currency}{}",
            ",".repeat(11)
        ));
        let void = match dice.one_in(7) {
            true => "2026-04-30T10:00:00+08:00,S1,录错",
            false => ",,",
        };
        allocations.push(format!("{al},{paid},{pm},{id},,{amount},,,,,,,,{void}"));
        if void == ",," {
            settled.push((paid.clone(), Some(amount)));
            if dice.one_in(5) {
                let back = day(6, dice.up_to(28));
                settled.push((back.clone(), Some(-amount)));
                allocations.push(format!(
                    "AL-2601-{number:03}{},{back},{pm},{id},,-{amount},,,,{al}{}",
                    part + 4,
                    ",".repeat(6)
                ));
            }
        }
    }
    // Money is for what credits leave of each line, by gross; a later credit moves what was paid.
    settled.sort_by(|one, other| one.0.cmp(&other.0));
    let mut left: Vec<Decimal> = billed.iter().map(|(_, _, net)| gross(*net)).collect();
    let (mut cash, mut before) = (Decimal::ZERO, vec![Decimal::ZERO; billed.len()]);
    for (on, money) in settled {
        match money {
            Some(amount) => cash += amount,
            None => left[0] -= Decimal::new(113, 2),
        }
        let whole: Decimal = left.iter().sum();
        for (at, (product, quantity, net)) in billed.iter().enumerate() {
            let now = cash * left[at] / whole;
            let part = now - before[at];
            let quantity = quantity * part / gross(*net);
            take("collected", &on, product, quantity, part / Decimal::new(113, 2), part);
            before[at] = now;
        }
    }
    allocations.push(format!("AL-2601-{number:03}8,2026-06-30,,{id},,0.01,,,S1{}", ",".repeat(7)));
}

fn cents(amount: Decimal) -> String {
    let mut cents = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    cents.rescale(2);
    if cents.is_zero() { "0.00".into() } else { cents.to_string() }
}

/// Quantity, net and gross by a row's keys.
type Rows = BTreeMap<Vec<String>, (Decimal, Decimal, Decimal)>;

fn naive(made: &Made, basis: &str, by: &[&str], month: Option<&str>) -> Rows {
    let mut rows = Rows::new();
    let counted = made.happened.iter().filter(|own| own.basis == basis);
    for own in counted.filter(|own| month.is_none_or(|month| own.on.starts_with(month))) {
        let parts = match by.contains(&"staff") {
            true => own.owners.clone(),
            false => vec![("S1".to_owned(), Decimal::ONE)],
        };
        for (staff, part) in parts {
            let key = by.iter().map(|key| match *key {
                "customer" => own.customer.clone(),
                "product" => own.product.clone(),
                "staff" => staff.clone(),
                _ => own.on[..7].to_owned(),
            });
            let sums = rows.entry(key.collect()).or_default();
            sums.0 += own.quantity * part;
            sums.1 += own.net * part;
            sums.2 += own.gross * part;
        }
    }
    rows
}

fn desk(made: &Made) -> Desk {
    let files: Vec<(&str, &str)> =
        made.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Desk::of(&files)
}

const BASES: [&str; 4] = ["ordered", "shipped", "invoiced", "collected"];

#[test]
fn every_basis_is_what_a_second_computation_finds() {
    let made = made();
    let desk = desk(&made);
    for basis in BASES {
        let count = made.happened.iter().filter(|own| own.basis == basis).count();
        assert!(count > 80, "{count} lines are {basis}");
        for by in ["customer", "product", "staff", "month", "customer,product,month"] {
            for month in [None, Some("2026-04")] {
                let period = month.map_or_else(String::new, |month| format!("-p {month}"));
                let line = format!("report sales --basis {basis} --by {by} {period} -O csv");
                let keys: Vec<&str> = by.split(',').collect();
                let mut expected = naive(&made, basis, &keys, month);
                let found = desk.run(&line).succeeds().quietly();
                for row in found.rows() {
                    let key: Vec<String> = keys.iter().map(|key| row[*key].clone()).collect();
                    let sums =
                        expected.remove(&key).unwrap_or_else(|| panic!("{key:?} of {found}"));
                    assert_eq!(
                        (&row["net"], &row["gross"]),
                        (&cents(sums.1), &cents(sums.2)),
                        "{line} {key:?}"
                    );
                    let quantity: Decimal = row["quantity"].parse().expect("a quantity");
                    assert_eq!(quantity, sums.0.round_dp(6).normalize(), "{line} {key:?}");
                }
                assert!(expected.is_empty(), "{line} lacks {:?}", expected.keys());
            }
        }
    }
}

#[test]
fn what_explains_a_row_comes_to_the_row() {
    let made = made();
    let desk = desk(&made);
    for basis in BASES {
        for by in ["customer", "product", "staff,month"] {
            let rows = desk
                .run(&format!("report sales --basis {basis} --by {by} -O csv"))
                .succeeds()
                .rows();
            assert!(rows.len() > 2);
            for row in rows {
                let keys: Vec<&str> = by.split(',').map(|key| row[key].as_str()).collect();
                let line =
                    format!("explain sales --basis {basis} --by {by} {} -O csv", keys.join(" "));
                let facts = desk.run(&line).succeeds().quietly();
                for figure in ["net", "gross"] {
                    let parts = facts.column(figure).into_iter();
                    let sum: Decimal =
                        parts.map(|part| part.parse::<Decimal>().expect("an amount")).sum();
                    assert_eq!(cents(sum), row[figure], "{line} {figure}");
                }
            }
        }
    }
}

#[test]
fn each_part_of_a_figure_says_where_it_stands() {
    let made = made();
    let desk = desk(&made);
    for basis in BASES {
        let facts =
            desk.run(&format!("explain sales --basis {basis} --by product P1 -O csv")).succeeds();
        for row in facts.rows() {
            let (file, line) = row["where"].rsplit_once(':').expect("a file and a line");
            let text = desk.read(file);
            let line: usize = line.parse().expect("a line");
            let from: Vec<&str> = text.lines().skip(line - 1).take(2).collect();
            match basis {
                // The row of the allocation.
                "collected" => assert!(from[0].starts_with(&format!("{},", row["id"])), "{row:?}"),
                _ => {
                    assert_eq!(from, ["[[line]]", &format!("no = {}", row["line"])], "{row:?}");
                    assert!(text.contains(&row["id"]));
                }
            }
        }
    }
}

#[test]
fn the_head_says_what_counts_and_by_which_day() {
    let desk = Desk::worked();
    for (basis, words) in [
        ("shipped", "shipped: goods of orders by day sent, less returns by day received"),
        ("invoiced", "invoiced: by day issued, less credits"),
        ("collected", "collected: payments by day allocated"),
    ] {
        desk.run(&format!("report sales --basis {basis}")).succeeds().has(words);
    }
    desk.run("report sales --basis billed")
        .code(2)
        .stderr_has("ordered, shipped, invoiced, collected");
}

#[test]
fn periods_and_filters_mean_the_basis_own_days() {
    let desk = Desk::worked();
    // Nothing was ordered in March, 2 D10 came back and 4,068.00 was invoiced less credited.
    let net =
        |line: &str| desk.run(&format!("report sales {line} -O csv")).succeeds().column("net");
    assert_eq!(net("-p 2026-03"), Vec::<String>::new());
    assert_eq!(net("-p 2026-03 --basis shipped"), ["-400.00"]);
    assert_eq!(net("-p 2026-03 --basis invoiced"), ["3600.00"]);
    // Of 5,000.00 on 11,300.00, 4,520.00 of which are D10: 2,000.00, which is 1,769.91 without tax.
    assert_eq!(net("-p 2026-02 --basis collected product:D10"), ["1769.91"]);
    assert_eq!(net("-p 2026-03 --basis invoiced --compare previous id:IN-2603-0002"), ["-400.00"]);
}

#[test]
fn a_shipment_of_an_order_that_is_not_there_is_left_out_and_said() {
    let desk = Desk::worked();
    desk.change("shipments/2026-02/SH-2602-0003.toml", "SO-2602-0001", "SO-2602-0009");
    let ran = desk.run("report sales --basis shipped").code(3);
    ran.stderr_has("SO-2602-0009 is not there")
        .has("left out, and in no figure: shipments/2026-02/SH-2602-0003.toml");
}

#[test]
fn what_cannot_be_explained_says_what_can() {
    let desk = Desk::worked();
    for (line, words) in [
        ("explain sale", "did you mean sales?"),
        ("explain sales CX01 nett", "did you mean net?"),
        ("explain sales CX09", "CX09"),
        ("explain contracts", "needs the contract"),
        ("explain contracts CT-2601-0001 7", "has no line 7"),
        ("explain receivables --by day 2026-01-01", "--by takes customer"),
    ] {
        desk.run(line).code(2).stderr_has(words);
    }
    // 1,328.00 of the first invoice, late since 2026-02-21.
    let late = desk.run("explain receivables CX01 days_31_60 --as-of 2026-03-31 -O csv").succeeds();
    assert_eq!(late.column("open"), ["1328.00"]);
    assert_eq!(late.column("where"), ["invoices/2026-01/IN-2601-0001.toml:44"]);
}

#[test]
fn the_parts_of_a_contracts_figures_add_up_to_them() {
    let desk = Desk::worked();
    for as_of in ["2026-02-15", "2026-03-31", "2027-02-01"] {
        let list = format!("contract fulfil CT-2601-0001 --as-of {as_of} --table lines -O csv");
        // The last row is money kept for the whole of it.
        for row in desk.run(&list).succeeds().rows().iter().filter(|row| !row["line"].is_empty()) {
            let figures = [
                "contracted",
                "ordered",
                "shipped",
                "invoiced",
                "collected",
                "receivable",
                "due",
                "late",
            ];
            for figure in figures {
                let no = &row["line"];
                let line =
                    format!("explain contracts CT-2601-0001 {no} {figure} --as-of {as_of} -O csv");
                let parts = desk.run(&line).succeeds().column("gross").into_iter();
                let sum: Decimal =
                    parts.map(|part| part.parse::<Decimal>().expect("an amount")).sum();
                assert_eq!(cents(sum), row[figure], "{line}");
            }
        }
        for figure in ["contracted", "collected", "earmarked", "receivable", "due", "late"] {
            let line = format!("explain contracts CT-2601-0001 {figure} --as-of {as_of} -O csv");
            let parts = desk.run(&line).succeeds().column("gross").into_iter();
            let sum: Decimal = parts.map(|part| part.parse::<Decimal>().expect("an amount")).sum();
            let list = format!("contract fulfil CT-2601-0001 --as-of {as_of} -O csv");
            assert_eq!(desk.run(&list).succeeds().column(figure), [cents(sum)], "{line}");
        }
        // What is open is what the list calls receivable.
        let open = desk.run(&format!("explain receivables CX01 --as-of {as_of} -O csv")).succeeds();
        let rows = open.rows().into_iter().filter(|row| row["what"] != "payment");
        let sum: Decimal = rows.map(|row| row["open"].parse::<Decimal>().expect("an amount")).sum();
        let whole =
            desk.run(&format!("contract fulfil CT-2601-0001 --as-of {as_of} -O csv")).succeeds();
        assert_eq!(whole.column("receivable"), [cents(sum)]);
    }
}
