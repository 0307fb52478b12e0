//! Figures that are parts of a whole add up to it, to the cent.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;
use salesdesk::{
    book::{Book, ordered::by_owner},
    config::Config,
    fact::{Amount, Fact},
    record::{Doc, order::Order},
    store::files::Files,
    value::{day::Moment, number},
};

/// An order of one line that is closed whole, in parts on several days.
#[derive(Debug, Clone)]
struct Closed {
    parts: Vec<u32>,
    price_cents: u32,
    discount_pct: u32,
    tax_pct: u32,
    with_tax: bool,
    share_pct: u32,
}

fn closed() -> impl Strategy<Value = Closed> {
    let parts = prop::collection::vec(1_u32..500, 1..6);
    (
        parts,
        0_u32..1_000_000,
        0_u32..100,
        prop::sample::select(vec![0_u32, 6, 9, 13, 21]),
        any::<bool>(),
        1_u32..100,
    )
        .prop_map(|(parts, price_cents, discount_pct, tax_pct, with_tax, share_pct)| Closed {
            parts,
            price_cents,
            discount_pct,
            tax_pct,
            with_tax,
            share_pct,
        })
}

impl Closed {
    fn text(&self) -> String {
        let qty: u32 = self.parts.iter().sum();
        let mut text = format!(
            "id = \"SO-2609-0001\"\ndate = 2026-09-01\ncustomer = \"CX01\"\nstaff = \"li-min\"\n\
             prices_include_tax = {}\n\n[[team]]\nstaff = \"wang\"\nshare_pct = \"{}\"\n\n\
             [[line]]\nno = 1\nproduct = \"A100\"\nqty = {qty}\nunit = \"pc\"\n\
             price = \"{}\"\ndiscount_pct = \"{}\"\ntax_rate = \"{}\"\n",
            self.with_tax,
            self.share_pct,
            Decimal::new(self.price_cents.into(), 2),
            self.discount_pct,
            Decimal::new(self.tax_pct.into(), 2),
        );
        for (day, part) in self.parts.iter().enumerate() {
            text.push_str(&format!(
                "\n[[closure]]\nline = 1\nqty = {part}\nby = \"wang\"\nreason = \"x\"\n\
                 at = 2026-09-{:02}T10:00:00+08:00\n",
                day + 2
            ));
        }
        text
    }
}

fn book(order: String) -> Book {
    let files: BTreeMap<String, Vec<u8>> = [
        ("orders/2026-09/SO-2609-0001.toml".to_owned(), order.into_bytes()),
        ("customers/CX01.toml".to_owned(), b"id = \"CX01\"\nname = \"Sunrise\"\n".to_vec()),
        (
            "products/A100.toml".to_owned(),
            b"id = \"A100\"\nname = \"Thermometer\"\nunit = \"pc\"\n".to_vec(),
        ),
    ]
    .into();
    let now: Moment = "2026-09-23T12:00:00+08:00".parse().expect("a moment");
    Book::new(Files::memory(files), Config::default(), Vec::new(), now)
}

fn total(facts: &[Fact<'_>]) -> (Decimal, Amount) {
    let quantity = facts.iter().map(|fact| fact.quantity).sum();
    let amount = facts.iter().fold(Amount::default(), |sum, fact| sum.plus(fact.amount));
    (quantity, amount)
}

proptest! {
    #![proptest_config(crate::cases(150))]

    #[test]
    fn a_line_closed_in_parts_comes_to_nothing(closed in closed()) {
        let book = book(closed.text());
        let order: &Doc<Order> = book.get("SO-2609-0001").expect("the order is sound");
        let facts = book.order_facts(order).expect("it has amounts");
        prop_assert_eq!(facts.len(), closed.parts.len() + 1);
        let (quantity, amount) = total(&facts);
        prop_assert!(quantity.is_zero(), "{quantity} is left");
        let none = amount.net.is_zero() && amount.tax.is_zero() && amount.gross.is_zero();
        prop_assert!(none, "{:?} is left", amount);
        for fact in &facts {
            prop_assert_eq!(fact.amount.net + fact.amount.tax, fact.amount.gross);
        }
    }

    #[test]
    fn the_shares_of_a_sale_add_up_to_it(closed in closed()) {
        let book = book(closed.text());
        let order: &Doc<Order> = book.get("SO-2609-0001").expect("the order is sound");
        let facts = book.order_facts(order).expect("it has amounts");
        for fact in facts {
            let shares = by_owner(&[fact]);
            prop_assert_eq!(shares.len(), 2);
            prop_assert_eq!(total(&shares), total(&[fact]));
        }
    }
}

/// Some compilers, where they optimise, hand both calls of a closure one copy of the argument, so
/// that the second call sees what the first one did to it.
#[test]
fn a_figure_is_turned_each_time_it_is_given_to_a_closure() {
    #[inline(never)]
    fn both(is_in: bool, is_sale: bool, amount: Decimal) -> (Decimal, Decimal) {
        let signed = |amount: Decimal| match is_in {
            true => amount,
            false => number::negated(amount),
        };
        let lowers = |amount: Decimal| match is_sale {
            true => number::negated(signed(amount)),
            false => signed(amount),
        };
        (lowers(amount), number::add(Decimal::ZERO, lowers(amount)))
    }
    let (amount, turned) = (Decimal::from(3000), Decimal::from(-3000));
    assert_eq!(both(true, true, amount), (turned, turned));
    assert_eq!(both(false, true, amount), (amount, amount));
    assert_eq!(both(true, false, amount), (amount, amount));
    assert_eq!(both(false, false, amount), (turned, turned));
}
