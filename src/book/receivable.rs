//! Payments against what they are for, and what a customer owes, as of a day.
//!
//! The one home of these figures; nothing of them is ever written. A payment counts for what it is
//! less what reversed it; an allocation to an order or a contract is an earmark, which invoices use
//! up later. Void rows count for nothing, at no date.
//!
//! Invoices are of a kind that this version does not read. What a payment settles of them is taken
//! from its earmarks first, and orders count in full, so what was paid on invoices is set against
//! them: an exposure is right as soon as everything invoiced was ordered.

#![deny(clippy::arithmetic_side_effects)]

use std::{
    collections::BTreeMap,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{Book, stage};
use crate::{
    record::{
        Doc, Kind, Record,
        allocation::Allocation,
        common::{Common, Decision, Direction},
        contract::{Contract, Side},
        customer::Customer,
        order::Order,
        payment::{Method, Payment},
    },
    value::{
        currency,
        day::Day,
        id::Id,
        number::{Decimal, add, round, sub, sum},
    },
};

/// A day after every row, for what holds whatever the day.
pub const EVER: Day = Day(chrono::NaiveDate::MAX);

/// So many look-ups of a book each seek their rows alone, in the bytes of the registers; whoever asks
/// for more lists or checks, and every row is read once for all of them.
const ALONE: usize = 32;

/// What was looked up of a book, and how often.
#[derive(Debug, Default)]
pub(super) struct Known {
    links: OnceLock<Links>,
    asked: AtomicUsize,
}

/// Which rows belong together, by ids; made once for a book. Void rows are not among them.
#[derive(Debug, Default)]
struct Links {
    /// Allocations of a payment.
    of_source: Ids,
    /// Allocations to an order, a contract, an invoice …
    to_target: Ids,
    /// Allocations that take an allocation back.
    taking_back: Ids,
    /// Payments that reverse a payment.
    reversing: Ids,
    /// Payments of a party.
    of_party: Ids,
    /// Orders of a customer.
    orders: OnceLock<Ids>,
}

/// The ids of rows by what they name.
type Ids = BTreeMap<String, Vec<String>>;

impl Links {
    fn new(book: &Book) -> Self {
        let mut links = Self::default();
        for payment in book.all::<Payment>().into_iter().filter(|payment| payment.counts()) {
            let id = || payment.id().to_owned();
            links.of_party.entry(payment.rec.party.clone()).or_default().push(id());
            if let Some(of) = &payment.rec.reverses {
                links.reversing.entry(of.clone()).or_default().push(id());
            }
        }
        for allocation in book.all::<Allocation>().into_iter().filter(|row| row.counts()) {
            let id = || allocation.id().to_owned();
            let rec = &allocation.rec;
            links.to_target.entry(rec.target.clone()).or_default().push(id());
            if let Some(source) = &rec.source {
                links.of_source.entry(source.clone()).or_default().push(id());
            }
            if let Some(of) = &rec.reverses {
                links.taking_back.entry(of.clone()).or_default().push(id());
            }
        }
        links
    }
}

/// The links, once it was asked often enough.
fn links(book: &Book) -> Option<&Links> {
    let Known { links, asked } = &book.payments;
    let is_often = || asked.fetch_add(1, Ordering::Relaxed) >= ALONE;
    (links.get().is_some() || is_often()).then(|| links.get_or_init(|| Links::new(book)))
}

/// The records that name an id as `names` says, in the order of paths and rows: by the links, or
/// alone. Both give the same.
fn linked<'a, R: Record>(
    book: &'a Book,
    id: &str,
    links: Option<&Ids>,
    names: impl Fn(&R) -> Option<&str>,
) -> Vec<&'a Doc<R>> {
    if let Some(links) = links {
        let ids = links.get(id).map(Vec::as_slice).unwrap_or_default();
        return ids.iter().filter_map(|id| book.get::<R>(id)).collect();
    }
    let may = book.naming(R::KIND, &[id]).into_iter().filter_map(Doc::<R>::of);
    may.filter(|record| names(&record.rec) == Some(id)).collect()
}

/// The allocations of a payment that hold.
pub fn allocations_of<'a>(book: &'a Book, payment: &str) -> Vec<&'a Doc<Allocation>> {
    let links = links(book).map(|links| &links.of_source);
    holding(linked(book, payment, links, |row: &Allocation| row.source.as_deref()))
}

/// The allocations to an order, a contract, an invoice that hold.
pub fn allocations_to<'a>(book: &'a Book, target: &str) -> Vec<&'a Doc<Allocation>> {
    let links = links(book).map(|links| &links.to_target);
    holding(linked(book, target, links, |row: &Allocation| Some(&row.target)))
}

/// The allocations that take an allocation back, and hold.
pub fn taking_back<'a>(book: &'a Book, allocation: &str) -> Vec<&'a Doc<Allocation>> {
    let links = links(book).map(|links| &links.taking_back);
    holding(linked(book, allocation, links, |row: &Allocation| row.reverses.as_deref()))
}

/// The payments that reverse a payment, and hold.
pub fn reversing<'a>(book: &'a Book, payment: &str) -> Vec<&'a Doc<Payment>> {
    let links = links(book).map(|links| &links.reversing);
    holding(linked(book, payment, links, |row: &Payment| row.reverses.as_deref()))
}

/// The payments of a party that hold.
pub fn payments_of<'a>(book: &'a Book, party: &str) -> Vec<&'a Doc<Payment>> {
    let links = links(book).map(|links| &links.of_party);
    holding(linked(book, party, links, |row: &Payment| Some(&row.party)))
}

fn holding<R: Record>(mut rows: Vec<&Doc<R>>) -> Vec<&Doc<R>> {
    rows.retain(|row| row.counts());
    rows
}

/// The orders of a customer.
fn orders_of<'a>(book: &'a Book, customer: &str) -> Vec<&'a Doc<Order>> {
    let links = links(book).map(|links| {
        links.orders.get_or_init(|| {
            let mut orders = Ids::new();
            for order in book.all::<Order>() {
                orders.entry(order.rec.customer.clone()).or_default().push(order.id().to_owned());
            }
            orders
        })
    });
    linked(book, customer, links, |order: &Order| Some(&order.customer))
}

/// The day a payment counts from: that of a bill is its maturity, where desk.toml says so.
pub fn counts_on(book: &Book, payment: &Doc<Payment>) -> Option<Day> {
    let waits = book.config.tolerance.bill_counts.as_deref() == Some("matured");
    let matures = payment.rec.matures_on.filter(|_| payment.rec.method == Some(Method::Bill));
    payment.common.date.max(matures.filter(|_| waits))
}

fn counts_by(book: &Book, payment: &Doc<Payment>, as_of: Day) -> bool {
    payment.counts() && counts_on(book, payment).is_some_and(|day| day <= as_of)
}

fn is_by(row: &Doc<Allocation>, as_of: Day) -> bool {
    row.common.date.is_some_and(|date| date <= as_of)
}

/// What became of a payment; `amount = settled + earmarked + unallocated`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// What it is, less what reversed it, in its currency.
    pub amount: Decimal,
    /// What invoices, expenses and deposits took of it.
    pub settled: Decimal,
    /// What is kept for orders and contracts.
    pub earmarked: Decimal,
    /// What is left.
    pub unallocated: Decimal,
}

/// Whether an allocation is an earmark: for an order or a contract.
pub fn is_earmark(target: &str) -> bool {
    matches!(kind_of(target), Some(Kind::Order | Kind::Contract))
}

/// The kind of an id, of those this version reads.
pub fn kind_of(id: &str) -> Option<Kind> {
    Kind::of_prefix(&Id::parse(id)?.prefix)
}

/// What became of a payment by a day. A row that reverses another counts with that one, and is
/// nothing by itself.
pub fn standing(book: &Book, payment: &Doc<Payment>, as_of: Day) -> Standing {
    if !counts_by(book, payment, as_of) || payment.rec.reverses.is_some() {
        return Standing::default();
    }
    let reversals = reversing(book, payment.id());
    let by_then = reversals.iter().filter(|row| row.common.date.is_some_and(|day| day <= as_of));
    let amount =
        add(payment.rec.amount.get(), sum(by_then.map(|reversal| reversal.rec.amount.get())));
    let rows = allocations_of(book, payment.id());
    let (earmarks, others): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .filter(|row| is_by(row, as_of))
        .partition(|row| is_earmark(&row.rec.target));
    let settled = sum(others.iter().map(|row| row.rec.taken()));
    let kept = sum(earmarks.iter().map(|row| row.rec.taken()));
    let earmarked = sub(kept, settled.max(Decimal::ZERO)).max(Decimal::ZERO);
    Standing { amount, settled, earmarked, unallocated: sub(sub(amount, settled), earmarked) }
}

/// What was earmarked for an order or a contract by a day, discounts included, in its currency.
pub fn earmarked(book: &Book, target: &str, as_of: Day) -> Decimal {
    let counts = |row: &&&Doc<Allocation>| {
        let source = row.rec.source.as_deref().and_then(|id| book.get::<Payment>(id));
        is_by(row, as_of) && source.is_none_or(|payment| counts_by(book, payment, as_of))
    };
    let rows = allocations_to(book, target);
    let covered = |row: &&Doc<Allocation>| {
        add(row.rec.amount.get(), row.rec.discount.map_or(Decimal::ZERO, |money| money.get()))
    };
    sum(rows.iter().filter(counts).map(covered))
}

/// What of an order or a contract no money is kept for yet, with tax, in its currency; nothing
/// where it cannot be told.
pub fn uncovered(book: &Book, target: &str, as_of: Day) -> Option<Decimal> {
    match kind_of(target)? {
        Kind::Order => {
            let order = book.get::<Order>(target)?;
            Some(sub(gross(book, order, as_of)?, earmarked(book, target, as_of)))
        }
        Kind::Contract => {
            let contract = book.get::<Contract>(target)?;
            let whole = super::contract::contracted(book, contract)?;
            Some(sub(whole, earmarked(book, target, as_of)))
        }
        _ => None,
    }
}

/// What an order comes to with tax by a day, less what was closed, in its currency.
fn gross(book: &Book, order: &Doc<Order>, as_of: Day) -> Option<Decimal> {
    let gross = book.order_amount(order, as_of).ok()?.gross;
    Some(round(gross, currency::decimals(own_currency(book, &order.common))))
}

/// Money of a party that is not settled with anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// For nothing yet; above zero came from them, below went to them.
    pub unallocated: Decimal,
    /// Kept for orders and contracts, signed alike.
    pub earmarked: Decimal,
}

/// The money of a party that is not settled with anything, by currency.
pub fn held(book: &Book, party: &str, as_of: Day) -> BTreeMap<String, Held> {
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    for payment in payments_of(book, party) {
        let standing = standing(book, payment, as_of);
        let code = payment.currency(book.config.currency()).to_owned();
        let sum = held.entry(code).or_default();
        let signed = |amount| payment.rec.direction.signed(amount);
        sum.unallocated = add(sum.unallocated, signed(standing.unallocated));
        sum.earmarked = add(sum.earmarked, signed(standing.earmarked));
    }
    held
}

/// What we stand to lose with a customer, in the customer's currency: approved orders with tax, less
/// all money that came from them. Nothing where an exchange rate is missing.
pub fn exposure(book: &Book, customer: &Doc<Customer>, as_of: Day) -> Option<Decimal> {
    let mut exposure = Decimal::ZERO;
    for order in orders_of(book, customer.id()) {
        let review = stage::review(book, order, as_of).map(|review| review.decision);
        if order.counts() && !order.rec.is_quote() && review == Some(Decision::Approved) {
            let gross = gross(book, order, as_of)?;
            exposure = add(exposure, brought(book, customer, gross, &order.common)?);
        }
    }
    for payment in payments_of(book, customer.id()) {
        let worth = worth(book, customer, payment, as_of)?;
        exposure = sub(exposure, payment.rec.direction.signed(worth));
    }
    let code = own_currency(book, &customer.common);
    Some(round(exposure, currency::decimals(code)))
}

/// An amount of a record in the customer's currency, by the record's own exchange rate.
fn brought(
    book: &Book,
    customer: &Doc<Customer>,
    amount: Decimal,
    common: &Common,
) -> Option<Decimal> {
    let code = own_currency(book, &customer.common);
    if own_currency(book, common) == code || amount.is_zero() {
        return Some(amount);
    }
    let base = amount.checked_mul(book.exchange_rate(common)?)?;
    base.checked_div(book.exchange_rate(&customer.common)?)
}

/// A payment in the customer's currency: what was matched counts for what it was matched as.
fn worth(
    book: &Book,
    customer: &Doc<Customer>,
    payment: &Doc<Payment>,
    as_of: Day,
) -> Option<Decimal> {
    let standing = standing(book, payment, as_of);
    let own = own_currency(book, &customer.common);
    if own_currency(book, &payment.common) == own || standing.amount.is_zero() {
        return Some(standing.amount);
    }
    let (mut worth, mut rest) = (Decimal::ZERO, standing.amount);
    for row in allocations_of(book, payment.id()).into_iter().filter(|row| is_by(row, as_of)) {
        let Some(target) = target(book, &row.rec.target) else { continue };
        if own_currency(book, target.common) == own {
            worth = add(worth, row.rec.amount.get());
            rest = sub(rest, row.rec.taken());
        }
    }
    Some(add(worth, brought(book, customer, rest, &payment.common)?))
}

/// The currency of a record's amounts.
pub fn own_currency<'a>(book: &'a Book, common: &'a Common) -> &'a str {
    common.currency.as_deref().unwrap_or(book.config.currency())
}

/// The common fields of what an allocation is for, of the kinds this version reads.
pub fn target<'a>(book: &'a Book, id: &str) -> Option<Target<'a>> {
    match kind_of(id)? {
        Kind::Order => book.get::<Order>(id).map(|order| Target {
            party: &order.rec.customer,
            common: &order.common,
            takes: Direction::In,
        }),
        Kind::Contract => book.get::<Contract>(id).map(|contract| Target {
            party: &contract.rec.party,
            common: &contract.common,
            takes: match contract.rec.side.unwrap_or_default() {
                Side::Sale => Direction::In,
                Side::Purchase => Direction::Out,
            },
        }),
        _ => None,
    }
}

/// What an allocation is for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Whose it is.
    pub party: &'a str,
    /// Its common fields.
    pub common: &'a Common,
    /// Which way money for it goes.
    pub takes: Direction,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Config, record::Entry, store::files::Files};

    /// The example company, asked for a first time.
    fn example() -> Book {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/data-example");
        let now = "2026-09-23T10:00:00+08:00".parse().expect("a moment");
        let mut book = Book::new(Files::disk(example), Config::default(), Vec::new(), now);
        book.cache = false;
        book
    }

    fn ids<R: Record>(rows: Vec<&Doc<R>>) -> Vec<&str> {
        rows.into_iter().map(Doc::id).collect()
    }

    #[test]
    fn a_few_look_ups_find_what_the_links_of_all_rows_hold() {
        let whole = example();
        assert!(whole.payments.links.set(Links::new(&whole)).is_ok());
        let mut alone = example();
        let (mut asked, mut found) = (0, 0);
        let mut next = |alone: &mut Book| {
            asked += 1;
            if asked % (ALONE / 8) == 0 {
                *alone = example();
            }
        };
        for payment in whole.all::<Payment>() {
            let id = payment.id();
            let (one, other) = (allocations_of(&alone, id), allocations_of(&whole, id));
            found += one.len();
            assert_eq!(ids(one), ids(other), "{id}");
            assert_eq!(ids(reversing(&alone, id)), ids(reversing(&whole, id)), "{id}");
            let own = alone.get::<Payment>(id).expect("it is there alone too");
            assert_eq!((own.row, own.value()), (payment.row, payment.value()));
            assert_eq!(standing(&alone, own, EVER), standing(&whole, payment, EVER), "{id}");
            assert!(alone.payments.links.get().is_none(), "nothing was read for all");
            next(&mut alone);
        }
        for allocation in whole.all::<Allocation>() {
            let id = allocation.id();
            assert_eq!(ids(taking_back(&alone, id)), ids(taking_back(&whole, id)), "{id}");
            next(&mut alone);
        }
        let targets = whole.ids(Kind::Order).into_iter().chain(whole.ids(Kind::Contract));
        for id in targets {
            let (one, other) = (allocations_to(&alone, &id), allocations_to(&whole, &id));
            assert_eq!(ids(one), ids(other), "{id}");
            let kept = earmarked(&alone, &id, alone.today);
            assert_eq!(kept, earmarked(&whole, &id, whole.today), "{id}");
            next(&mut alone);
        }
        assert!(found >= 20, "the example has allocations");
    }

    #[test]
    fn a_customer_owes_the_same_however_the_rows_were_found() {
        let whole = example();
        assert!(whole.payments.links.set(Links::new(&whole)).is_ok());
        for customer in whole.all::<Customer>() {
            let (alone, id) = (example(), customer.id());
            assert_eq!(ids(payments_of(&alone, id)), ids(payments_of(&whole, id)), "{id}");
            assert_eq!(ids(orders_of(&alone, id)), ids(orders_of(&whole, id)), "{id}");
            let [one, other] = [&alone, &whole].map(|book| exposure(book, customer, book.today));
            assert_eq!(one, other, "{id}");
        }
    }
}
