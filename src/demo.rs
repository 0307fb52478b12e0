//! Orders for benchmarks: as many as asked for, spread evenly over the 36 months that end with
//! September 2026, each one reviewed and complete with its frozen defaults; of most of them the
//! shipment and the issued invoice; and the payments of most, each for its invoice, or earmarked
//! where there is none yet, in the registers of their months.
//!
//! The same arguments give the same bytes on every machine, so that figures measured on different
//! days can be compared. Paths and text are written out here,
//! not by the store, so that a change there cannot move the yardstick.

/// Orders are placed from October 2023 on, for this many months.
const MONTHS: usize = 36;
/// Orders fall on the first days of a month and promises three days later, so that every date
/// exists in every month.
const DAYS: usize = 25;
/// The staff code that approves every order; no buyer belongs to it.
const REVIEWER: &str = "wang";
/// The staff code that takes every payment down.
const CASHIER: &str = "zhou";
/// Of so many orders one is not paid, and one is paid in half.
const UNPAID: usize = 8;
/// Of so many orders one is not sent yet.
const UNSENT: usize = 16;

const PAYMENTS: &str = "id,date,party,direction,method,matures_on,reference,amount,currency,\
    exchange_rate,bank_fee,staff,contract,policy,reverses,remarks,\
    entered_by,entered_at,void_at,void_by,void_reason\n";
const ALLOCATIONS: &str = "id,date,source,target,instalment,amount,source_amount,discount,\
    approved_by,reverses,remarks,entered_by,entered_at,void_at,void_by,void_reason\n";

/// A customer who orders, with the staff and the district its orders carry.
#[derive(Clone)]
pub(crate) struct Buyer {
    pub(crate) code: String,
    pub(crate) staff: String,
    pub(crate) district: String,
}

/// A product that is ordered in its stock unit, at its list price with tax.
pub(crate) struct Good {
    pub(crate) code: String,
    pub(crate) unit: String,
    pub(crate) price: String,
    pub(crate) tax_rate: String,
}

/// Of so many orders there is one customer, unless the example has more of them.
const ORDERS_OF_A_CUSTOMER: usize = 100;

/// Gives branches of customers, each with its file, until there are as many customers as `count`
/// orders ask for. `text` is what the file of a customer says.
pub(crate) fn branches<'a>(
    count: usize,
    customers: &'a [Buyer],
    text: impl Fn(&Buyer) -> Option<String> + 'a,
) -> impl Iterator<Item = (Buyer, (String, String))> + 'a {
    let wanted = (count / ORDERS_OF_A_CUSTOMER).saturating_sub(customers.len());
    let heads = customers.iter().cycle().zip(customers.len()..);
    heads.take(wanted).filter_map(move |(head, no)| {
        let code = format!("{}-{:04}", head.code, no / customers.len());
        let own = |line: &str| match line.split_once(" = ") {
            Some(("id", _)) => format!("id = \"{code}\"\n"),
            Some(("name", _)) => format!("name = \"{code}\"\n"),
            _ => format!("{line}\n"),
        };
        // A branch has the head's terms, and no papers or people of its own.
        let kept = text(head)?;
        let kept: String = kept.split("\n[").next()?.lines().map(own).collect();
        let path = format!("customers/{code}.toml");
        let Buyer { staff, district, .. } = head.clone();
        Some((Buyer { code, staff, district }, (path, kept)))
    })
}

/// Gives `count` orders, oldest first, and behind those of each month its registers of payments
/// and allocations, each file as its path in the data directory and its text; none if there is
/// nobody to buy or nothing to sell.
pub(crate) fn files(
    count: usize,
    customers: &[Buyer],
    products: &[Good],
) -> impl Iterator<Item = (String, String)> {
    let possible = !customers.is_empty() && !products.is_empty();
    let count = if possible { count } else { 0 };
    let mut dice = Dice(20_260_923);
    (0..MONTHS).flat_map(move |index| {
        let mut files = Vec::new();
        let mut paid = Registers::default();
        for slot in slots(index, count) {
            let buyer = &customers[dice.below(customers.len())];
            let (text, lines, cents) = order(&slot, buyer, products, &mut dice);
            files.push((slot.path("orders", "SO"), text));
            if slot.is_sent() {
                files.push((slot.path("shipments", "SH"), shipment(&slot, buyer, &lines)));
                files.push((slot.path("invoices", "IN"), invoice(&slot, buyer, &lines)));
            }
            paid.take(&slot, buyer, cents);
        }
        files.extend(paid.files());
        files
    })
}

/// The place of one order: its month, its number in the month and its day.
struct Slot {
    year: usize,
    month: usize,
    seq: usize,
    day: usize,
}

impl Slot {
    /// The id of its order, shipment or invoice.
    fn id(&self, prefix: &str) -> String {
        format!("{prefix}-{:02}{:02}-{:04}", self.year % 100, self.month, self.seq)
    }

    fn path(&self, folder: &str, prefix: &str) -> String {
        format!("{folder}/{:04}-{:02}/{}.toml", self.year, self.month, self.id(prefix))
    }

    fn is_sent(&self) -> bool {
        self.seq % UNSENT != UNSENT - 1
    }

    fn date(&self, days_later: usize) -> String {
        let day = self.day + days_later;
        format!("{:04}-{:02}-{day:02}", self.year, self.month)
    }
}

/// The orders of one month.
fn slots(index: usize, count: usize) -> impl Iterator<Item = Slot> {
    let share = count / MONTHS + usize::from(index < count % MONTHS);
    (1..=share).map(move |seq| Slot {
        year: 2023 + (index + 9) / 12,
        month: (index + 9) % 12 + 1,
        seq,
        day: 1 + (seq - 1) * DAYS / share,
    })
}

/// The registers of one month.
#[derive(Default)]
struct Registers {
    /// `YYYY-MM`; empty as long as nothing is paid.
    month: String,
    payments: String,
    allocations: String,
    rows: usize,
}

impl Registers {
    /// Takes down what is paid of an order, two days after it.
    fn take(&mut self, slot: &Slot, buyer: &Buyer, cents: usize) {
        let cents = match slot.seq % UNPAID {
            0 => 0,
            1 => cents / 2,
            _ => cents,
        };
        if cents == 0 {
            return;
        }
        self.rows += 1;
        let (no, date, order) = (self.rows, slot.date(2), slot.id("SO"));
        let target = if slot.is_sent() { slot.id("IN") } else { order.clone() };
        let at = format!("{date}T17:{:02}:{:02}.000+08:00", no / 60 % 60, no % 60);
        let month = &order["SO-".len()..][..4];
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let Buyer { code, staff, .. } = buyer;
        let reference = format!("{}{no:06}", date.replace('-', ""));
        self.payments += &format!(
            "PM-{month}-{no:04},{date},{code},in,transfer,,{reference},{amount},,,,{staff},,,,,\
             {CASHIER},{at},,,\n"
        );
        self.allocations += &format!(
            "AL-{month}-{no:04},{date},PM-{month}-{no:04},{target},,{amount},,,,,,{CASHIER},{at},,,\n"
        );
        self.month = date[.."2026-09".len()].to_owned();
    }

    fn files(self) -> Vec<(String, String)> {
        if self.rows == 0 {
            return Vec::new();
        }
        let Self { month, payments, allocations, .. } = self;
        vec![
            (format!("payments/{month}.csv"), format!("{PAYMENTS}{payments}")),
            (format!("allocations/{month}.csv"), format!("{ALLOCATIONS}{allocations}")),
        ]
    }
}

/// A line that was ordered, and is sent and invoiced alike.
struct Line<'a> {
    no: usize,
    good: &'a Good,
    qty: usize,
}

/// The text of an order, its lines, and what it comes to with tax, in cents.
fn order<'a>(
    slot: &Slot,
    buyer: &Buyer,
    products: &'a [Good],
    dice: &mut Dice,
) -> (String, Vec<Line<'a>>, usize) {
    let Buyer { code, staff, district } = buyer;
    let (id, date, promised_on) = (slot.id("SO"), slot.date(0), slot.date(3));
    let (hour, minute) = (8 + dice.below(9), dice.below(60));
    let (second, milli) = (dice.below(60), dice.below(1000));
    let approved_hour = hour + 1;
    // Neighbours in the list, so that no product stands twice on an order.
    let first = dice.below(products.len());
    let count = (1 + dice.below(5)).min(products.len());
    let lines: Vec<Line<'_>> = (0..count)
        .map(|offset| Line {
            no: offset + 1,
            good: &products[(first + offset) % products.len()],
            qty: 1 + dice.below(40),
        })
        .collect();
    let cents = lines.iter().map(|line| line.qty * cents(&line.good.price)).sum();
    let written: String = lines.iter().map(|line| line.text("")).collect();
    let text = format!(
        r#"id = "{id}"
date = {date}
entered_by = "{staff}"
entered_at = {date}T{hour:02}:{minute:02}:{second:02}.{milli:03}+08:00
customer = "{code}"
staff = "{staff}"
district = "{district}"
promised_on = {promised_on}
credit_days = 30
prices_include_tax = true
{written}
[[approval]]
step = "review"
decision = "approved"
by = "{REVIEWER}"
at = {date}T{approved_hour:02}:{minute:02}:00+08:00
"#
    );
    (text, lines, cents)
}

/// What was ordered, sent the next day and taken in the day after.
fn shipment(slot: &Slot, buyer: &Buyer, lines: &[Line<'_>]) -> String {
    let (id, order) = (slot.id("SH"), slot.id("SO"));
    let (date, sent, received) = (slot.date(0), slot.date(1), slot.date(2));
    let Buyer { code, staff, district } = buyer;
    let lines: String = lines.iter().map(|line| line.goods(&order)).collect();
    format!(
        r#"id = "{id}"
date = {date}
entered_by = "{CASHIER}"
entered_at = {date}T17:00:00.000+08:00
kind = "delivery"
customer = "{code}"
staff = "{staff}"
district = "{district}"
warehouse = "main"
carrier = "SF"
waybill = "{id}"
promised_on = {received}
shipped_on = {sent}
received_on = {received}
{lines}"#
    )
}

/// What was sent, invoiced on the day it arrived and due 30 days later.
fn invoice(slot: &Slot, buyer: &Buyer, lines: &[Line<'_>]) -> String {
    let (id, order, shipment) = (slot.id("IN"), slot.id("SO"), slot.id("SH"));
    let (date, received) = (slot.date(0), slot.date(2));
    let Buyer { code, staff, district } = buyer;
    let number = format!("{:02}{:02}{:08}", slot.year % 100, slot.month, slot.seq);
    let due = Slot { month: slot.month % 12 + 1, year: slot.year + slot.month / 12, ..*slot };
    let due_on = due.date(2);
    let of = format!("order = \"{order}\"\nshipment = \"{shipment}\"\n");
    let lines: String = lines
        .iter()
        .map(|line| line.text(&format!("{of}order_line = {0}\nshipment_line = {0}\n", line.no)))
        .collect();
    format!(
        r#"id = "{id}"
date = {date}
entered_by = "{CASHIER}"
entered_at = {date}T17:30:00.000+08:00
kind = "invoice"
side = "sale"
party = "{code}"
staff = "{staff}"
district = "{district}"
number = "{number}"
issued_on = {received}
due_on = {due_on}
prices_include_tax = true

[buyer]
title = "{code}"
{lines}"#
    )
}

impl Line<'_> {
    /// The line with its price, behind what it is for.
    fn text(&self, of: &str) -> String {
        let Self { no, good: Good { code, unit, price, tax_rate }, qty } = self;
        format!(
            r#"
[[line]]
no = {no}
{of}product = "{code}"
qty = {qty}
unit = "{unit}"
price = "{price}"
tax_rate = "{tax_rate}"
"#
        )
    }

    /// The line as goods of an order.
    fn goods(&self, order: &str) -> String {
        let Self { no, good: Good { code, unit, .. }, qty } = self;
        format!(
            r#"
[[line]]
no = {no}
order = "{order}"
order_line = {no}
product = "{code}"
qty = {qty}
unit = "{unit}"
"#
        )
    }
}

/// The cents of a price of at most two decimals; of another one none, and its goods are not paid.
fn cents(price: &str) -> usize {
    let (whole, part) = price.split_once('.').unwrap_or((price, ""));
    let is_exact = part.len() <= 2;
    format!("{whole}{part:0<2}").parse().ok().filter(|_| is_exact).unwrap_or(0)
}

/// A linear congruential generator with Knuth's MMIX constants. Only its upper bits are used:
/// the lower ones repeat after few draws.
struct Dice(u64);

impl Dice {
    /// Draws a number from 0 up to, not including, `bound`, which is not 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn sample(count: usize) -> Vec<(String, String)> {
        let buyer = |code: &str| Buyer {
            code: code.to_owned(),
            staff: "li-min".to_owned(),
            district: "east".to_owned(),
        };
        let good = |code: &str| Good {
            code: code.to_owned(),
            unit: "pc".to_owned(),
            price: "128.00".to_owned(),
            tax_rate: "0.13".to_owned(),
        };
        let customers = ["CX01", "CX02", "CX03"].map(buyer);
        let products = ["A100", "C1", "D10", "E20", "W30", "P10", "G10"].map(good);
        files(count, &customers, &products).collect()
    }

    fn orders(count: usize) -> Vec<(String, String)> {
        let mut files = sample(count);
        files.retain(|(path, _)| path.starts_with("orders/"));
        files
    }

    #[test]
    fn gives_the_count_asked_for_on_distinct_paths() {
        for count in [0, 1, 35, 1000] {
            let paths: BTreeSet<_> = orders(count).into_iter().map(|(path, _)| path).collect();
            assert_eq!(paths.len(), count);
        }
    }

    #[test]
    fn spreads_from_the_first_month_to_the_last() {
        let orders = orders(72);
        assert_eq!(orders[0].0, "orders/2023-10/SO-2310-0001.toml");
        assert_eq!(orders[71].0, "orders/2026-09/SO-2609-0002.toml");
    }

    #[test]
    fn dates_lie_in_the_month_of_the_id() {
        for (path, text) in orders(1000) {
            let (month, id) = (&path["orders/".len()..][..7], &path["orders/2023-10/".len()..]);
            let id = id.trim_end_matches(".toml");
            assert_eq!(id[3..7], format!("{}{}", &month[2..4], &month[5..7]));
            assert!(text.starts_with(&format!("id = \"{id}\"\ndate = {month}-")), "{text}");
            assert!(text.contains(&format!("\npromised_on = {month}-")), "{text}");
        }
    }

    #[test]
    fn most_orders_are_paid_each_by_its_own_payment() {
        let files: std::collections::BTreeMap<_, _> = sample(36 * 16).into_iter().collect();
        let rows = |kind: &str| -> Vec<Vec<&str>> {
            let lines = files[&format!("{kind}/2024-02.csv")].lines();
            lines.skip(1).map(|line| line.split(',').collect()).collect()
        };
        let (payments, allocations) = (rows("payments"), rows("allocations"));
        assert_eq!((payments.len(), allocations.len()), (14, 14), "of 16 orders two are not paid");
        // The second order of the month is paid in whole: 128.00 for each of its lines' pieces.
        let order = &files["orders/2024-02/SO-2402-0002.toml"];
        let pieces: usize = order
            .lines()
            .filter_map(|line| line.strip_prefix("qty = ")?.parse::<usize>().ok())
            .sum();
        let amount = format!("{}.00", 128 * pieces);
        assert_eq!(allocations[1][2..6], ["PM-2402-0002", "IN-2402-0002", "", &amount]);
        assert_eq!((payments[1][0], payments[1][7]), ("PM-2402-0002", amount.as_str()));
        assert!(order.contains(&format!("customer = \"{}\"", payments[1][2])));
        assert_eq!(cents("0.5") + cents("12.25") + cents("3") + cents("0.125"), 50 + 1225 + 300);
    }

    #[test]
    fn there_is_a_customer_for_every_hundred_orders() {
        let buyer = |code: &str| Buyer {
            code: code.to_owned(),
            staff: "li-min".to_owned(),
            district: "east".to_owned(),
        };
        let customers = ["CX01", "CX02"].map(buyer);
        let text = |buyer: &Buyer| {
            let text =
                format!("id = \"{}\"\nname = \"a\"\ngrade = \"A\"\n\n[[person]]\n", buyer.code);
            Some(text)
        };
        let made: Vec<_> = branches(500, &customers, text).collect();
        let codes: Vec<&str> = made.iter().map(|(buyer, _)| buyer.code.as_str()).collect();
        assert_eq!(codes, ["CX01-0001", "CX02-0001", "CX01-0002"], "with two there are five");
        let (path, text) = &made[2].1;
        assert_eq!(path, "customers/CX01-0002.toml");
        assert_eq!(text, "id = \"CX01-0002\"\nname = \"CX01-0002\"\ngrade = \"A\"\n");
        assert_eq!(branches(299, &customers, |_| None).count(), 0);
    }

    #[test]
    fn ids_grow_past_four_digits() {
        let slot = Slot { year: 2026, month: 9, seq: 10_000, day: 25 };
        assert_eq!(slot.path("orders", "SO"), "orders/2026-09/SO-2609-10000.toml");
    }

    #[test]
    fn two_runs_are_equal() {
        assert_eq!(sample(500), sample(500));
    }

    #[test]
    fn nobody_to_buy_or_nothing_to_sell_gives_nothing() {
        assert_eq!(files(10, &[], &[]).count(), 0);
    }
}
