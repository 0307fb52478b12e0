//! What became of a payment adds up to it on every day, whatever was earmarked, taken back, and in
//! whatever order the rows stand.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;
use salesdesk::{
    book::{Book, payment::standing},
    config::Config,
    record::{Doc, Kind, payment::Payment},
    store::{csv, files::Files},
    value::day::{Day, Moment},
};
use serde_json::{Value, json};

/// An earmark in cents, its day of September, and the day it is taken back.
type Earmark = (u32, u32, Option<u32>);

fn earmarks() -> impl Strategy<Value = Vec<Earmark>> {
    let earmark = (1_u32..100_000, 2_u32..20, prop::option::of(20_u32..28));
    prop::collection::vec(earmark, 0..6)
}

fn cents(cents: u32) -> Decimal {
    Decimal::new(cents.into(), 2)
}

fn register(kind: Kind, rows: &[Value]) -> Vec<u8> {
    let mut bytes: Option<Vec<u8>> = None;
    for row in rows {
        let cells = csv::cells(kind, row.as_object().expect("a row is an object"))
            .expect("it fits into cells");
        bytes = Some(
            csv::append(kind, bytes.as_deref(), &cells).expect("a sound register takes a row"),
        );
    }
    bytes.unwrap_or_default()
}

fn book(amount: u32, earmarks: &[Earmark], turned: bool) -> Book {
    let payment = json!({
        "id": "PM-2609-0001", "date": "2026-09-02", "party": "CX01", "direction": "in",
        "amount": cents(amount).to_string(),
    });
    let mut rows = Vec::new();
    for (at, (kept, day, back)) in earmarks.iter().enumerate() {
        let id = format!("AL-2609-{:04}", at + 1);
        let order = format!("SO-2609-{:04}", at % 2 + 1);
        let row = |id: &str, day: u32, amount: Decimal| {
            json!({
                "id": id, "date": format!("2026-09-{day:02}"), "source": "PM-2609-0001",
                "target": order, "amount": amount.to_string(),
            })
        };
        rows.push(row(&id, *day, cents(*kept)));
        if let Some(back) = back {
            let mut taken = row(&format!("AL-2609-1{at:03}"), *back, -cents(*kept));
            taken["reverses"] = json!(id);
            rows.push(taken);
        }
    }
    if turned {
        rows.reverse();
    }
    let files: BTreeMap<String, Vec<u8>> = [
        ("payments/2026-09.csv".to_owned(), register(Kind::Payment, &[payment])),
        ("allocations/2026-09.csv".to_owned(), register(Kind::Allocation, &rows)),
    ]
    .into();
    let now: Moment = "2026-09-23T12:00:00+08:00".parse().expect("a moment");
    Book::new(Files::memory(files), Config::default(), Vec::new(), now)
}

proptest! {
    #![proptest_config(crate::cases(60))]

    #[test]
    fn what_became_of_a_payment_adds_up_to_it(
        amount in 500_000_u32..1_000_000, earmarks in earmarks(), turned: bool,
    ) {
        let book = book(amount, &earmarks, turned);
        let payment: &Doc<Payment> = book.get("PM-2609-0001").expect("the payment is sound");
        for day in 2_u32..29 {
            let as_of: Day = format!("2026-09-{day:02}").parse().expect("a day");
            let stands = standing(&book, payment, as_of);
            let is_kept =
                |(_, from, back): &&Earmark| *from <= day && back.is_none_or(|back| back > day);
            let kept = earmarks.iter().filter(is_kept).map(|(kept, _, _)| cents(*kept));
            let kept: Decimal = kept.sum();
            prop_assert_eq!(stands.amount, cents(amount));
            prop_assert_eq!(stands.earmarked, kept);
            prop_assert_eq!(stands.settled, Decimal::ZERO);
            prop_assert_eq!(stands.settled + stands.earmarked + stands.unallocated, stands.amount);
        }
    }
}
