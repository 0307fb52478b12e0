//! Random years of a customer: what is owed, by age, and what became of each order, equal to a second
//! computation over plain lists.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;
use salesdesk::{
    book::{
        Book, account,
        fulfilment::of_order,
        receivable::{BUCKETS, Bucket, items},
    },
    config::Config,
    record::{Doc, Kind, contract::Side, order::Order},
    store::{csv, files::Files},
    value::day::{Day, Moment},
};
use serde_json::json;

/// One act as it was drawn: what, on how many, how much, which way, and so many days after the last.
type Drawn = (u8, u32, u32, u32, u32);

fn year() -> impl Strategy<Value = Vec<Drawn>> {
    let act = (0_u8..9, any::<u32>(), any::<u32>(), any::<u32>(), 0_u32..15);
    prop::collection::vec(act, 0..60)
}

/// An invoice or a credit of one order line, in cents.
struct Bill {
    id: String,
    line: usize,
    qty: u32,
    day: u32,
    cents: i64,
    due: Vec<(u32, i64)>,
    of: Option<usize>,
    reopens: bool,
}

/// Where money of an allocation comes from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Payment(usize),
    Credit(usize),
}

struct Allocation {
    id: String,
    day: u32,
    source: Source,
    bill: usize,
    cents: i64,
    discount: i64,
    reverses: Option<usize>,
}

/// Everything that happened, as plain lists; quantities by order line.
#[derive(Default)]
struct Happened {
    shipped: Vec<(usize, u32, u32)>,
    returned: Vec<(usize, u32, u32, bool)>,
    closed: Vec<(usize, u32, u32)>,
    bills: Vec<Bill>,
    payments: Vec<(String, u32, i64)>,
    allocations: Vec<Allocation>,
    files: BTreeMap<String, Vec<u8>>,
    registers: BTreeMap<(Kind, String), Vec<serde_json::Value>>,
}

/// Quantity and price in cents of the lines of two orders, two each.
const LINES: [(u32, i64); 4] = [(40, 12_800), (15, 333), (100, 99), (7, 1_250_075)];

fn order_of(line: usize) -> (String, usize) {
    (format!("SO-2601-{:04}", line / 2 + 1), line % 2 + 1)
}

fn date(day: u32) -> String {
    let first: chrono::NaiveDate = "2026-01-01".parse().expect("a day");
    (first + chrono::Days::new(day.into())).to_string()
}

fn month(day: u32) -> String {
    date(day)[..7].to_owned()
}

fn amount(cents: i64) -> String {
    Decimal::new(cents, 2).to_string()
}

impl Happened {
    fn id(&self, prefix: &str, day: u32) -> String {
        let made = self.files.len() + self.registers.values().map(Vec::len).sum::<usize>() + 1;
        format!("{prefix}-{}-{made:04}", month(day)[2..].replace('-', ""))
    }

    fn file(&mut self, folder: &str, id: &str, day: u32, text: String) {
        let path = format!("{folder}/{}/{id}.toml", month(day));
        let text = format!("id = \"{id}\"\ndate = {}\n{text}", date(day));
        self.files.insert(path, text.into_bytes());
    }

    fn row(&mut self, kind: Kind, id: &str, day: u32, row: serde_json::Value) {
        let mut row = row;
        row["id"] = json!(id);
        row["date"] = json!(date(day));
        self.registers.entry((kind, month(day))).or_default().push(row);
    }

    fn delivered(&self, line: usize, by: u32) -> i64 {
        let shipped = self.shipped.iter().filter(|(own, _, day)| *own == line && *day <= by);
        let back = self
            .returned
            .iter()
            .filter(|(own, _, day, reopens)| *own == line && *day <= by && *reopens);
        let shipped: i64 = shipped.map(|(_, qty, _)| i64::from(*qty)).sum();
        shipped - back.map(|(_, qty, ..)| i64::from(*qty)).sum::<i64>()
    }

    fn closed(&self, line: usize, by: u32) -> i64 {
        let own = self.closed.iter().filter(|(own, _, day)| *own == line && *day <= by);
        own.map(|(_, qty, _)| i64::from(*qty)).sum()
    }

    fn invoiced(&self, line: usize, by: u32) -> i64 {
        let own = self.bills.iter().filter(|bill| bill.line == line && bill.day <= by);
        own.map(|bill| match bill.of {
            None => i64::from(bill.qty),
            Some(_) if bill.reopens => -i64::from(bill.qty),
            Some(_) => 0,
        })
        .sum()
    }

    /// What is open of a bill by a day; of a credit, what is not used.
    fn open(&self, at: usize, by: u32) -> i64 {
        let bill = &self.bills[at];
        if bill.day > by {
            return 0;
        }
        let rows = self.allocations.iter().filter(|row| row.day <= by);
        let taken: i64 = match bill.of {
            None => rows.filter(|row| row.bill == at).map(|row| row.cents + row.discount).sum(),
            Some(_) => {
                rows.filter(|row| row.source == Source::Credit(at)).map(|row| row.cents).sum()
            }
        };
        bill.cents - taken
    }

    fn left(&self, payment: usize, by: u32) -> i64 {
        let (_, day, cents) = &self.payments[payment];
        if *day > by {
            return 0;
        }
        let rows = self.allocations.iter().filter(|row| row.day <= by);
        let own = rows.filter(|row| row.source == Source::Payment(payment));
        cents - own.map(|row| row.cents).sum::<i64>()
    }

    /// What is open by bucket, money and credits below zero and not due.
    fn buckets(&self, by: u32) -> BTreeMap<Bucket, i64> {
        let mut buckets: BTreeMap<Bucket, i64> = BUCKETS.iter().map(|own| (*own, 0)).collect();
        let mut put = |bucket: Bucket, cents: i64| *buckets.entry(bucket).or_default() += cents;
        for (at, bill) in self.bills.iter().enumerate().filter(|(_, bill)| bill.day <= by) {
            if bill.of.is_some() {
                put(Bucket::NotDue, -self.open(at, by));
                continue;
            }
            let mut covered = bill.cents - self.open(at, by);
            for (due, cents) in &bill.due {
                let part = covered.min(*cents);
                covered -= part;
                put(Bucket::of(by.saturating_sub(*due)), cents - part);
            }
        }
        for at in 0..self.payments.len() {
            put(Bucket::NotDue, -self.left(at, by));
        }
        buckets
    }

    /// Does what was drawn, as far as it can be done on that day.
    fn act(&mut self, day: u32, (what, on, much, way, _): Drawn) {
        let line = on as usize % LINES.len();
        let (ordered, _) = LINES[line];
        let ordered = i64::from(ordered) - self.closed(line, day);
        let some = |left: i64| u32::try_from(left).ok().filter(|left| *left > 0);
        let some = |left: i64| some(left).map(|left| 1 + much % left);
        match what {
            0 => {
                let Some(qty) = some(ordered - self.delivered(line, day)) else { return };
                self.move_goods(line, qty, day, None);
            }
            1 => {
                let shipped: u32 =
                    self.shipped.iter().filter(|row| row.0 == line).map(|row| row.1).sum();
                let back: u32 =
                    self.returned.iter().filter(|row| row.0 == line).map(|row| row.1).sum();
                let Some(qty) = some(i64::from(shipped) - i64::from(back)) else { return };
                self.move_goods(line, qty, day, Some(way.is_multiple_of(2)));
            }
            2 => {
                let Some(qty) = some(ordered - self.delivered(line, day)) else { return };
                self.closed.push((line, qty, day));
            }
            3 => {
                let Some(qty) = some(ordered - self.invoiced(line, day)) else { return };
                self.bill(line, qty, day, way, None);
            }
            4 => {
                let invoices: Vec<usize> =
                    (0..self.bills.len()).filter(|at| self.bills[*at].of.is_none()).collect();
                let Some(of) = pick(&invoices, on) else { return };
                let credited = self.bills.iter().filter(|bill| bill.of == Some(of));
                let credited: i64 = credited.map(|bill| i64::from(bill.qty)).sum();
                let Some(qty) = some(i64::from(self.bills[of].qty) - credited) else { return };
                self.bill(self.bills[of].line, qty, day, way, Some(of));
            }
            5 => {
                let (id, cents) = (self.id("PM", day), i64::from(1 + much % 2_000_000));
                let row = json!({"party": "CX01", "direction": "in", "amount": amount(cents)});
                self.row(Kind::Payment, &id, day, row);
                self.payments.push((id, day, cents));
            }
            6 => self.allocate(day, (on, much, way)),
            7 => self.take_back(day, on),
            _ => self.earmark(day, (on, much)),
        }
    }

    fn move_goods(&mut self, line: usize, qty: u32, day: u32, reopens: Option<bool>) {
        let (order, no) = order_of(line);
        let id = self.id("SH", day);
        let (kind, moved) = match reopens {
            None => ("delivery", "shipped_on"),
            Some(_) => ("return", "received_on"),
        };
        let mut text = format!(
            "kind = \"{kind}\"\ncustomer = \"CX01\"\n{moved} = {}\n\n[[line]]\nno = 1\norder = \
             \"{order}\"\norder_line = {no}\nproduct = \"A{line}\"\nqty = {qty}\n",
            date(day)
        );
        match reopens {
            None => self.shipped.push((line, qty, day)),
            Some(reopens) => {
                text.push_str(&format!("reopens_delivery = {reopens}\n"));
                self.returned.push((line, qty, day, reopens));
            }
        }
        self.file("shipments", &id, day, text);
    }

    fn bill(&mut self, line: usize, qty: u32, day: u32, way: u32, of: Option<usize>) {
        let (order, no) = order_of(line);
        let (id, price) = (self.id("IN", day), LINES[line].1);
        let cents = price * i64::from(qty);
        let due_on = day + way % 45;
        let mut text = format!(
            "party = \"CX01\"\nissued_on = {}\ndue_on = {}\nprices_include_tax = true\n",
            date(day),
            date(due_on)
        );
        let mut due = vec![(due_on, cents)];
        let reopens = way.is_multiple_of(2);
        if let Some(of) = of {
            let against = &self.bills[of].id;
            text.push_str(&format!("kind = \"credit\"\nagainst_invoice = \"{against}\"\n"));
        }
        text.push_str(&format!(
            "\n[[line]]\nno = 1\norder = \"{order}\"\norder_line = {no}\nproduct = \"A{line}\"\n\
             qty = {qty}\nprice = \"{}\"\ntax_rate = \"0.13\"\n",
            amount(price)
        ));
        if of.is_some() {
            text.push_str(&format!("reopens_billing = {reopens}\n"));
        } else if way.is_multiple_of(3) {
            due = vec![(day + 20, cents / 3), (day + 60, cents - cents / 3)];
            for (at, (due_on, cents)) in due.iter().enumerate() {
                text.push_str(&format!(
                    "\n[[instalment]]\nno = {}\ndue_on = {}\namount = \"{}\"\n",
                    at + 1,
                    date(*due_on),
                    amount(*cents)
                ));
            }
        }
        self.file("invoices", &id, day, text);
        self.bills.push(Bill { id, line, qty, day, cents, due, of, reopens });
    }

    fn allocate(&mut self, day: u32, (on, much, way): (u32, u32, u32)) {
        let all = 0..self.bills.len();
        let asked: Vec<usize> = all
            .clone()
            .filter(|at| self.bills[*at].of.is_none() && self.open(*at, day) > 0)
            .collect();
        let paid = (0..self.payments.len()).filter(|at| self.left(*at, day) > 0);
        let credits = all.filter(|at| self.bills[*at].of.is_some() && self.open(*at, day) > 0);
        let sources: Vec<Source> =
            paid.map(Source::Payment).chain(credits.map(Source::Credit)).collect();
        let (Some(bill), Some(source)) = (pick(&asked, on), pick(&sources, way)) else { return };
        let (left, from) = match source {
            Source::Payment(at) => (self.left(at, day), self.payments[at].0.clone()),
            Source::Credit(at) => (self.open(at, day), self.bills[at].id.clone()),
        };
        let open = self.open(bill, day);
        let cents = 1 + i64::from(much) % left.min(open);
        let discount = if way.is_multiple_of(5) { (open - cents).min(100) } else { 0 };
        let id = self.id("AL", day);
        let mut row =
            json!({"source": from, "target": self.bills[bill].id, "amount": amount(cents)});
        if discount > 0 {
            row["discount"] = json!(amount(discount));
            row["approved_by"] = json!("wang");
        }
        self.row(Kind::Allocation, &id, day, row);
        let reverses = None;
        self.allocations.push(Allocation { id, day, source, bill, cents, discount, reverses });
    }

    fn take_back(&mut self, day: u32, on: u32) {
        let back: Vec<Option<usize>> = self.allocations.iter().map(|row| row.reverses).collect();
        let stands =
            |at: &usize| self.allocations[*at].reverses.is_none() && !back.contains(&Some(*at));
        let standing: Vec<usize> = (0..self.allocations.len()).filter(stands).collect();
        let Some(at) = pick(&standing, on) else { return };
        let of = &self.allocations[at];
        let (source, bill, cents, discount) = (of.source, of.bill, -of.cents, -of.discount);
        let from = match source {
            Source::Payment(at) => &self.payments[at].0,
            Source::Credit(at) => &self.bills[at].id,
        };
        let mut row = json!({
            "source": from, "target": self.bills[bill].id, "amount": amount(cents),
            "reverses": of.id,
        });
        if discount < 0 {
            row["discount"] = json!(amount(discount));
        }
        let id = self.id("AL", day);
        self.row(Kind::Allocation, &id, day, row);
        let reverses = Some(at);
        self.allocations.push(Allocation { id, day, source, bill, cents, discount, reverses });
    }

    /// Money kept for an order is still theirs: the lists above do not change.
    fn earmark(&mut self, day: u32, (on, much): (u32, u32)) {
        let paid: Vec<usize> =
            (0..self.payments.len()).filter(|at| self.left(*at, day) > 0).collect();
        let Some(at) = pick(&paid, on) else { return };
        let cents = 1 + i64::from(much) % self.left(at, day);
        let id = self.id("AL", day);
        let (order, _) = order_of(on as usize % LINES.len());
        let row = json!({
            "source": self.payments[at].0, "target": order, "amount": amount(cents),
        });
        self.row(Kind::Allocation, &id, day, row);
    }

    fn book(mut self) -> (Self, Book) {
        for order in 0..2 {
            let (id, _) = order_of(order * 2);
            let mut text = "customer = \"CX01\"\nprices_include_tax = true\n".to_owned();
            for line in [order * 2, order * 2 + 1] {
                let (qty, price) = LINES[line];
                text.push_str(&format!(
                    "\n[[line]]\nno = {}\nproduct = \"A{line}\"\nqty = {qty}\nprice = \"{}\"\n\
                     tax_rate = \"0.13\"\n",
                    line % 2 + 1,
                    amount(price)
                ));
            }
            for (line, qty, day) in self.closed.iter().filter(|(line, ..)| line / 2 == order) {
                text.push_str(&format!(
                    "\n[[closure]]\nline = {}\nqty = {qty}\nby = \"wang\"\nreason = \"x\"\nat = \
                     {}T12:00:00+08:00\n",
                    line % 2 + 1,
                    date(*day)
                ));
            }
            self.file("orders", &id, 0, text);
        }
        let mut files = self.files.clone();
        let customer = b"id = \"CX01\"\nname = \"Sunrise\"\n".to_vec();
        files.insert("customers/CX01.toml".into(), customer);
        for line in 0..LINES.len() {
            let product = format!("id = \"A{line}\"\nname = \"Thing\"\nunit = \"pc\"\n");
            files.insert(format!("products/A{line}.toml"), product.into_bytes());
        }
        for ((kind, month), rows) in &self.registers {
            let mut bytes: Option<Vec<u8>> = None;
            for row in rows {
                let cells = csv::cells(*kind, row.as_object().expect("an object")).expect("cells");
                bytes = Some(csv::append(*kind, bytes.as_deref(), &cells).expect("it takes a row"));
            }
            let path = format!("{}/{month}.csv", kind.info().folder);
            files.insert(path, bytes.unwrap_or_default());
        }
        let now: Moment = "2027-12-31T12:00:00+08:00".parse().expect("a moment");
        (self, Book::new(Files::memory(files), Config::default(), Vec::new(), now))
    }
}

fn pick<T: Copy>(among: &[T], by: u32) -> Option<T> {
    (!among.is_empty()).then(|| among[by as usize % among.len()])
}

proptest! {
    #![proptest_config(crate::cases(120))]

    #[test]
    fn what_is_owed_and_what_was_done_are_equal_to_a_second_computation(
        drawn in year(),
        seen in 0_u32..500,
    ) {
        let (mut happened, mut day) = (Happened::default(), 0);
        for act in drawn {
            day += act.4;
            happened.act(day, act);
        }
        let (happened, book) = happened.book();
        let as_of: Day = date(seen).parse().expect("a day");
        let found = items(&book, Side::Sale, as_of);
        prop_assert!(found.left_out.is_empty() && book.left_out().is_empty(), "{:?}", book.left_out());
        let mut buckets: BTreeMap<Bucket, Decimal> = BTreeMap::new();
        for item in &found.items {
            *buckets.entry(item.bucket(as_of)).or_default() += item.open;
            prop_assert_eq!(Some(item.open), item.base_open);
        }
        let open: Decimal = found.items.iter().map(|item| item.open).sum();
        let expected = happened.buckets(seen);
        for (bucket, cents) in &expected {
            let seen = buckets.get(bucket).copied().unwrap_or_default();
            prop_assert_eq!(seen, Decimal::new(*cents, 2), "{:?}", bucket);
        }
        prop_assert_eq!(open, Decimal::new(expected.values().sum(), 2), "Σ buckets = open");

        let by = |day: &u32| *day <= seen;
        let bills = happened.bills.iter().filter(|bill| by(&bill.day));
        let billed: i64 =
            bills.map(|bill| if bill.of.is_some() { -bill.cents } else { bill.cents }).sum();
        let paid: i64 = happened.payments.iter().filter(|own| by(&own.1)).map(|own| own.2).sum();
        let given: i64 =
            happened.allocations.iter().filter(|row| by(&row.day)).map(|row| row.discount).sum();
        prop_assert_eq!(open, Decimal::new(billed - paid - given, 2), "invoices less money");

        let account = account::of_party(&book, "CX01", Side::Sale, as_of);
        let changes = account.events.iter().map(|event| event.moved().change());
        prop_assert_eq!(changes.sum::<Decimal>(), open, "the account comes to what is open");
        for event in &account.events {
            prop_assert!(event.moved().exchange.is_zero(), "one currency has no differences");
        }

        for (line, (qty, _)) in LINES.iter().enumerate() {
            let (id, no) = order_of(line);
            let order: &Doc<Order> = book.get(&id).expect("the order is sound");
            let done = of_order(&book, order, as_of);
            let own = &done.lines[no - 1];
            prop_assert_eq!(own.delivered(), Decimal::from(happened.delivered(line, seen)));
            let closed = Decimal::from(happened.closed(line, seen));
            prop_assert_eq!(Decimal::from(*qty), own.delivered() + own.to_ship() + closed);
            prop_assert_eq!(own.moved.invoiced, Decimal::from(happened.invoiced(line, seen)));
            let all = [own.delivered(), own.to_ship(), own.moved.invoiced, own.to_invoice()];
            prop_assert!(all.iter().all(|qty| *qty >= Decimal::ZERO), "{:?}", all);
        }
    }
}
