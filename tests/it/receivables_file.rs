//! Two years of a made-up company's invoices, written down as records by another program, and what
//! its customers owe: to the cent and the sixth digit, by two computations that are not the program's.
//!
//! The 2,400 invoices come from a fixed sequence of numbers. [`owed`] works out in whole cents what
//! should stand in each row; the literals were worked out from the same sequence by SQL (sqlite3).

use std::{collections::BTreeMap, fmt::Write as _};

use chrono::{Days, NaiveDate};

use crate::desk::Desk;

struct Billed {
    customer: u64,
    issued: NaiveDate,
    due: NaiveDate,
    cents: i64,
    settled: Option<NaiveDate>,
}

/// The next of the sequence, below a number: x = 1,103,515,245 x + 12,345 modulo 2^31, from its ninth
/// bit on.
fn below(x: &mut u64, number: u64) -> u64 {
    *x = (*x * 1_103_515_245 + 12_345) % (1 << 31);
    (*x >> 8) % number
}

/// Invoices of 60 customers due after 14, 30 or 60 days. One in five is settled up to 150 days after
/// it was issued, the rest by eleven days past its day; 40 never are.
fn billed() -> Vec<Billed> {
    let mut x = 20_240_101;
    let first = day("2024-01-01");
    let one = |_| {
        let customer = below(&mut x, 60);
        let issued = first + Days::new(below(&mut x, 731));
        let terms = [14, 30, 30, 60][usize::try_from(below(&mut x, 4)).expect("one of four")];
        let cents = 1_000 + i64::try_from(below(&mut x, 250_000)).expect("a small number");
        let kind = below(&mut x, 10);
        let days = below(&mut x, if kind < 2 { 150 } else { terms + 12 });
        let is_lost = kind == 9 && below(&mut x, 6) == 0;
        let settled = (!is_lost).then(|| issued + Days::new(days));
        Billed { customer, issued, due: issued + Days::new(terms), cents, settled }
    };
    (0..2_400).map(one).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn code(customer: u64) -> String {
    format!("C{customer:02}")
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The records as a program without this one would write them: a document for each invoice, money
/// and what it was for as two registers a month, none of the columns that it knows nothing of.
fn written(all: &[Billed]) -> Desk {
    let settings = "[company]\nname = \"Ledger\"\ntime_zone = \"Europe/Berlin\"\n\n[defaults]\ncurrency = \"EUR\"\n\
                    tax_rate = \"0.19\"\nprices_include_tax = true\n";
    let desk = Desk::of(&[("desk.toml", settings)]);
    for customer in 0..60 {
        let code = code(customer);
        let text = format!("id = \"{code}\"\nname = \"Customer {customer}\"\n");
        desk.write(&format!("customers/{code}.toml"), text);
    }
    let mut registers: BTreeMap<String, (String, String, u32)> = BTreeMap::new();
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for (no, bill) in all.iter().enumerate() {
        let number = numbers.entry(bill.issued.format("%y%m").to_string()).or_default();
        *number += 1;
        let id = format!("IN-{}-{number:04}", bill.issued.format("%y%m"));
        let (party, total) = (code(bill.customer), money(bill.cents));
        // Net at 19 % included, half away from zero; the tax is the rest.
        let net = (bill.cents * 200 + 119) / 238;
        let path = format!("invoices/{}/{id}.toml", bill.issued.format("%Y-%m"));
        desk.write(
            &path,
            format!(
                "id = \"{id}\"\ndate = {on}\nparty = \"{party}\"\nnumber = \"R{no:06}\"\nissued_on = {on}\n\
                 due_on = {due}\nprices_include_tax = true\n\n[stated]\nnet = \"{}\"\ntax = \"{}\"\n\
                 total = \"{total}\"\n\n[[line]]\nno = 1\nkind = \"service\"\ntext = \"Maintenance\"\nqty = 1\n\
                 price = \"{total}\"\ntax_rate = \"0.19\"\n\n[buyer]\ntitle = \"Customer {}\"\n",
                money(net),
                money(bill.cents - net),
                bill.customer,
                on = bill.issued,
                due = bill.due,
            ),
        );
        let Some(on) = bill.settled else { continue };
        let (paid, given, rows) =
            registers.entry(on.format("%Y-%m").to_string()).or_insert_with(|| {
                (
                    "id,date,party,direction,amount\n".into(),
                    "id,date,source,target,amount\n".into(),
                    0,
                )
            });
        *rows += 1;
        let row = format!("{}-{rows:04}", on.format("%y%m"));
        let _ = writeln!(paid, "PM-{row},{on},{party},in,{total}");
        let _ = writeln!(given, "AL-{row},{on},PM-{row},{id},{total}");
    }
    for (month, (paid, given, _)) in registers {
        desk.write(&format!("payments/{month}.csv"), paid);
        desk.write(&format!("allocations/{month}.csv"), given);
    }
    desk
}

/// What is open by a day: in all and in five buckets, by customer, and of how many invoices.
fn owed(all: &[Billed], by: NaiveDate) -> (BTreeMap<String, [i64; 6]>, usize) {
    let mut rows: BTreeMap<String, [i64; 6]> = BTreeMap::new();
    let mut count = 0;
    for bill in all {
        if bill.issued > by || bill.settled.is_some_and(|day| day <= by) {
            continue;
        }
        let bucket = match (by - bill.due).num_days() {
            ..=0 => 1,
            1..=30 => 2,
            31..=60 => 3,
            61..=90 => 4,
            _ => 5,
        };
        let row = rows.entry(code(bill.customer)).or_default();
        row[0] += bill.cents;
        row[bucket] += bill.cents;
        count += 1;
    }
    (rows, count)
}

fn total(rows: &BTreeMap<String, [i64; 6]>) -> [i64; 6] {
    rows.values().fold([0; 6], |sum, row| std::array::from_fn(|at| sum[at] + row[at]))
}

/// A ratio at six decimals, half up.
fn sixth(part: i64, whole: i64) -> String {
    let (part, whole) = (i128::from(part), i128::from(whole));
    let millionths = (2 * part * 1_000_000 + whole) / (2 * whole);
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

const FIGURES: &str = "open,not_due,days_1_30,days_31_60,days_61_90,over_90";

#[test]
fn two_thousand_invoices_by_another_program_come_to_the_cent_and_the_sixth_digit() {
    let all = billed();
    assert_eq!(all.iter().map(|bill| bill.cents).sum::<i64>(), 303_472_587);
    let desk = written(&all);
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    for (by, sums, invoices) in [
        ("2024-12-31", [17_114_265, 10_130_626, 2_475_852, 1_580_839, 218_232, 2_708_716], 122),
        ("2025-06-30", [16_824_143, 8_482_331, 2_410_052, 1_181_728, 1_001_926, 3_748_106], 127),
    ] {
        let (rows, count) = owed(&all, day(by));
        assert_eq!((total(&rows), count, rows.len()), (sums, invoices, 54), "{by}: by SQL");
        let line = format!("report receivables --as-of {by} -O csv --cols customer,{FIGURES}");
        let mut wanted = format!("customer,{FIGURES}\n");
        for (customer, figures) in &rows {
            let _ = writeln!(wanted, "{customer},{}", figures.map(money).join(","));
        }
        desk.run(&line).succeeds().stdout_is(&wanted);
        let line = format!("report receivables --as-of {by} --by invoice -O csv");
        assert_eq!(desk.run(&line).succeeds().rows().len(), invoices, "{by}");
    }
    measured(&desk, &all);
}

/// A quarter's measures, as SQL and as whole cents have them, in both formats for programs.
/// What two figures of six decimals differ by.
fn less(one: &str, other: &str) -> String {
    let millionths = |figure: &str| figure.replace('.', "").parse::<i64>().expect("six decimals");
    let rest = millionths(one) - millionths(other);
    format!("{}.{:06}", rest / 1_000_000, rest % 1_000_000)
}

fn measured(desk: &Desk, all: &[Billed]) {
    let quarters = [
        ("2024-Q4", ["2024-09-30", "2024-12-31"], 92, ["161287.31", "392545.57", "171142.65"]),
        ("2025-Q2", ["2025-03-31", "2025-06-30"], 91, ["189374.10", "366909.50", "168241.43"]),
    ];
    let by_sql = [
        ["40.110308", "23.742915", "16.367393", "0.845675"],
        ["41.726829", "21.037671", "20.689158", "0.823064"],
    ];
    for ((quarter, [eve, last], days, amounts), ratios) in quarters.into_iter().zip(by_sql) {
        let (opening, closing) = (total(&owed(all, day(eve)).0), total(&owed(all, day(last)).0));
        let is_in = |bill: &&Billed| bill.issued > day(eve) && bill.issued <= day(last);
        let sales: i64 = all.iter().filter(is_in).map(|bill| bill.cents).sum();
        let collectable = opening[0] + sales;
        let own = [
            sixth(closing[0] * days, sales),
            sixth(closing[1] * days, sales),
            less(&sixth(closing[0] * days, sales), &sixth(closing[1] * days, sales)),
            sixth(collectable - closing[0], collectable - closing[1]),
        ];
        assert_eq!(own, ratios, "{quarter}: by SQL");
        assert_eq!([opening[0], sales, closing[0]].map(money), amounts, "{quarter}: by SQL");
        let keys = ["opening", "sales", "closing"].into_iter();
        let keys = keys.chain(["dso", "best_possible_dso", "average_days_delinquent", "cei"]);
        let figures = amounts.map(str::to_owned).into_iter().chain(own);
        let mut json = desk.run(&format!("report receivables -p {quarter} -O json")).succeeds();
        let csv = desk.run(&format!("report receivables -p {quarter} -O csv --table head"));
        let mut csv = csv.succeeds();
        for (key, figure) in keys.zip(figures) {
            json = json.has(&format!("\"{key}\": {figure}"));
            csv = csv.has(&format!("\n{key},{figure}\n"));
        }
    }
}

#[test]
fn one_official_number_given_twice_is_found_among_thousands() {
    let desk = written(&billed());
    desk.change(
        "invoices/2025-03/IN-2503-0001.toml",
        "number = \"R000000\"",
        "number = \"R000001\"",
    );
    let twin = desk.run("check").code(3);
    twin.has("error[invoice.number]").has("has number R000001, which").has("1 error, 0 warnings");
}
