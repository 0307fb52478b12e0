//! Payments against what they are for, as of a day.
//!
//! The one home of these figures; nothing of them is ever written. A payment counts for what it is
//! less what reversed it; an allocation to an order or a contract is an earmark, which the same
//! payment's later allocations to its invoices use up. Void rows count for nothing, at no date.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::Book;
use crate::{
    record::{
        Doc, Kind,
        allocation::Allocation,
        common::{Common, Direction},
        contract::{Contract, Side},
        expense::Expense,
        invoice::{Invoice, InvoiceKind},
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

/// The allocations of a payment or credit that hold.
pub fn allocations_of<'a>(book: &'a Book, source: &str) -> Vec<&'a Doc<Allocation>> {
    let mut rows = book.pointing::<Allocation>(source);
    rows.retain(|row| row.rec.source.as_deref() == Some(source));
    rows
}

/// The allocations to an order, a contract, an invoice that hold.
pub fn allocations_to<'a>(book: &'a Book, target: &str) -> Vec<&'a Doc<Allocation>> {
    let mut rows = book.pointing::<Allocation>(target);
    rows.retain(|row| row.rec.target == target);
    rows
}

/// The allocations that take an allocation back, and hold.
pub fn taking_back<'a>(book: &'a Book, allocation: &str) -> Vec<&'a Doc<Allocation>> {
    let mut rows = book.pointing::<Allocation>(allocation);
    rows.retain(|row| row.rec.reverses.as_deref() == Some(allocation));
    rows
}

/// The payments that reverse a payment, and hold.
pub fn reversing<'a>(book: &'a Book, payment: &str) -> Vec<&'a Doc<Payment>> {
    let mut rows = book.pointing::<Payment>(payment);
    rows.retain(|row| row.rec.reverses.as_deref() == Some(payment));
    rows
}

/// The payments of a party that hold.
pub fn payments_of<'a>(book: &'a Book, party: &str) -> Vec<&'a Doc<Payment>> {
    let mut rows = book.pointing::<Payment>(party);
    rows.retain(|row| row.rec.party == party);
    rows
}

/// The day a payment counts from: that of a bill is its maturity, where desk.toml says so.
pub fn counts_on(book: &Book, payment: &Doc<Payment>) -> Option<Day> {
    let waits = book.config.tolerance.bill_counts.as_deref() == Some("matured");
    let matures = payment.rec.matures_on.filter(|_| payment.rec.method == Some(Method::Bill));
    payment.common.date.max(matures.filter(|_| waits))
}

/// Whether a payment counts by a day.
pub fn counts_by(book: &Book, payment: &Doc<Payment>, as_of: Day) -> bool {
    payment.counts() && counts_on(book, payment).is_some_and(|day| day <= as_of)
}

/// Whether an allocation is of that day or earlier.
pub fn is_by(row: &Doc<Allocation>, as_of: Day) -> bool {
    row.common.date.is_some_and(|date| date <= as_of)
}

/// What became of a payment; `amount = settled + earmarked + unallocated`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// What it is, less what reversed it, in its currency.
    pub amount: Decimal,
    /// What invoices, expenses and deposits took of it.
    pub settled: Decimal,
    /// What is kept for orders and contracts, and for invoices that are not issued.
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
    let mut rows = allocations_of(book, payment.id());
    rows.retain(|row| is_by(row, as_of));
    let others = rows.iter().filter(|row| !is_kept(book, &row.rec.target, as_of));
    let settled = sum(others.map(|row| row.rec.taken()));
    let earmarked = sum(earmarks(book, &rows, as_of).into_values());
    Standing { amount, settled, earmarked, unallocated: sub(sub(amount, settled), earmarked) }
}

/// Whether money for something is still the party's by a day: for an order, a contract, or an
/// invoice that is not issued yet.
fn is_kept(book: &Book, target: &str, as_of: Day) -> bool {
    let waits = |invoice: &Doc<Invoice>| !super::invoice::is_issued(invoice, as_of);
    is_earmark(target) || book.get::<Invoice>(target).is_some_and(waits)
}

/// What the allocations of one payment still keep for each order and contract, in the payment's
/// currency: earmarks, less what the same payment settled of their invoices afterwards. What was
/// taken back of either counts as if it had never been there.
pub(super) fn earmarks<'a>(
    book: &'a Book,
    rows: &[&'a Doc<Allocation>],
    as_of: Day,
) -> BTreeMap<&'a str, Decimal> {
    kept_and_used(book, rows, as_of).0
}

/// What an allocation used up of what its payment kept, in the payment's currency.
#[derive(Debug, Clone, Copy)]
pub struct Used<'a> {
    /// The order or contract it was kept for.
    pub kept_for: &'a str,
    /// The allocation, to one of its invoices.
    pub by: &'a Doc<Allocation>,
    /// How much.
    pub amount: Decimal,
}

/// What the allocations of one payment keep, and how earlier ones of them were used up.
fn kept_and_used<'a>(
    book: &'a Book,
    rows: &[&'a Doc<Allocation>],
    as_of: Day,
) -> (BTreeMap<&'a str, Decimal>, Vec<Used<'a>>) {
    let (mut kept, mut all) = (BTreeMap::<&str, Decimal>::new(), Vec::new());
    if !rows.iter().any(|row| is_kept(book, &row.rec.target, as_of)) {
        return (kept, all);
    }
    let back = |row: &Doc<Allocation>| {
        let back = rows.iter().filter(|other| other.rec.reverses.as_deref() == Some(row.id()));
        sum(back.map(|other| other.rec.taken()))
    };
    let is_there = |id: &String| rows.iter().any(|row| row.id() == id);
    let mut given: Vec<&'a Doc<Allocation>> = rows.to_vec();
    given.retain(|row| !row.rec.reverses.as_ref().is_some_and(is_there));
    given.sort_by_key(|row| row.common.date);
    for row in given {
        let mut left = add(row.rec.taken(), back(row));
        if is_kept(book, &row.rec.target, as_of) {
            let sum = kept.entry(&row.rec.target).or_default();
            *sum = add(*sum, left);
            continue;
        }
        for target in keepers(book, &row.rec.target) {
            if let Some((kept_for, sum)) = kept.iter_mut().find(|(own, _)| **own == target) {
                let used = left.min((*sum).max(Decimal::ZERO));
                *sum = sub(*sum, used);
                left = sub(left, used);
                if used > Decimal::ZERO {
                    all.push(Used { kept_for, by: row, amount: used });
                }
            }
        }
    }
    kept.values_mut().for_each(|sum| *sum = (*sum).max(Decimal::ZERO));
    (kept, all)
}

/// What taking an earmark back would set free, in the payment's currency, and what used up the
/// rest of it. Of several earmarks for one order or contract the free part is given first.
pub fn freed<'a>(book: &'a Book, earmark: &'a Doc<Allocation>) -> (Decimal, Vec<Used<'a>>) {
    let back = sum(taking_back(book, earmark.id()).into_iter().map(|row| row.rec.taken()));
    let whole = add(earmark.rec.taken(), back);
    let source = earmark.rec.source.as_deref().filter(|_| is_earmark(&earmark.rec.target));
    let Some(source) = source else { return (whole, Vec::new()) };
    let (kept, mut used) = kept_and_used(book, &allocations_of(book, source), EVER);
    let target = earmark.rec.target.as_str();
    let free = kept.get(target).copied().unwrap_or_default().min(whole);
    used.retain(|used| used.kept_for == target && free < whole);
    (free, used)
}

/// What a payment or a credit still has to give: for anything, and for the invoices of what it is
/// kept for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spare {
    /// For anything.
    pub left: Decimal,
    /// For an order or a contract.
    pub kept: BTreeMap<String, Decimal>,
}

impl Spare {
    /// Whether nothing of it is left.
    pub fn is_spent(&self) -> bool {
        self.left <= Decimal::ZERO && self.kept.values().all(|kept| *kept <= Decimal::ZERO)
    }

    /// What of it an invoice of these orders and contracts may take.
    pub fn for_any(&self, keepers: &[String]) -> Decimal {
        let kept = keepers.iter().filter_map(|id| self.kept.get(id)).copied();
        add(self.left.max(Decimal::ZERO), sum(kept))
    }

    /// Takes an amount for an invoice: first what is kept for its orders and contracts.
    pub fn take(&mut self, amount: Decimal, keepers: &[String]) {
        let mut amount = amount;
        for keeper in keepers {
            let Some(kept) = self.kept.get_mut(keeper) else { continue };
            let used = amount.min(*kept);
            *kept = sub(*kept, used);
            amount = sub(amount, used);
        }
        self.left = sub(self.left, amount);
    }
}

/// What a payment has to give, whatever the day.
pub fn spare(book: &Book, payment: &Doc<Payment>) -> Spare {
    let kept = earmarks(book, &allocations_of(book, payment.id()), EVER).into_iter();
    Spare {
        left: standing(book, payment, EVER).unallocated,
        kept: kept.map(|(id, amount)| (id.to_owned(), amount)).collect(),
    }
}

/// The orders and contracts of an invoice, for which money may have been kept.
pub fn keepers(book: &Book, target: &str) -> Vec<String> {
    let Some(invoice) = book.get::<Invoice>(target) else { return Vec::new() };
    let mut keepers = super::receivable::orders_of(book, invoice);
    keepers.extend(super::receivable::contracts_of(book, invoice));
    keepers.push(target.to_owned());
    keepers
}

/// What is still kept for an order or a contract by a day, discounts included, in its currency.
pub fn earmarked(book: &Book, target: &str, as_of: Day) -> Decimal {
    let rows: Vec<_> =
        allocations_to(book, target).into_iter().filter(|row| is_by(row, as_of)).collect();
    let covered = |row: &Doc<Allocation>| {
        add(row.rec.amount.get(), row.rec.discount.map_or(Decimal::ZERO, |money| money.get()))
    };
    let loose = rows.iter().filter(|row| row.rec.source.is_none());
    let mut kept = sum(loose.map(|row| covered(row)));
    let mut sources: Vec<&str> = rows.iter().filter_map(|row| row.rec.source.as_deref()).collect();
    sources.sort_unstable();
    sources.dedup();
    for source in sources {
        let payment = book.get::<Payment>(source);
        if payment.is_some_and(|payment| !counts_by(book, payment, as_of)) {
            continue;
        }
        let mut own = allocations_of(book, source);
        own.retain(|row| is_by(row, as_of));
        let of_target = || rows.iter().filter(|row| row.rec.source.as_deref() == Some(source));
        let whole = sum(of_target().map(|row| covered(row)));
        let taken = sum(of_target().map(|row| row.rec.taken()));
        let left = earmarks(book, &own, as_of).get(target).copied().unwrap_or_default();
        // What is used up of the payment is used up of what the target was given, in proportion.
        let part = match left == taken || taken.is_zero() {
            true => Some(whole),
            false => whole.checked_mul(left).and_then(|part| part.checked_div(taken)),
        };
        kept = add(kept, part.unwrap_or(whole));
    }
    kept
}

/// What an order comes to with tax, less what was closed, and what of that is not invoiced, in its
/// currency; nothing where it cannot be told.
pub fn to_come(book: &Book, order: &Doc<Order>, as_of: Day) -> Option<(Decimal, Decimal)> {
    let decimals = currency::decimals(own_currency(book, &order.common));
    let whole = super::fulfilment::part_of(book, order, as_of, |line| line.ordered).ok()?;
    let rest = super::fulfilment::uninvoiced(book, order, as_of).ok()?;
    Some((round(whole.gross, decimals), round(rest.gross, decimals)))
}

/// What of an order, a contract or an invoice no money is kept for or was paid yet, with tax, in
/// its currency; nothing where it cannot be told.
pub fn uncovered(book: &Book, target: &str, as_of: Day) -> Option<Decimal> {
    match kind_of(target)? {
        Kind::Order => {
            let order = book.get::<Order>(target)?;
            let (_, rest) = to_come(book, order, as_of)?;
            Some(sub(rest, earmarked(book, target, as_of)))
        }
        Kind::Contract => {
            let contract = book.get::<Contract>(target)?;
            let whole = super::contract::contracted(book, contract)?;
            Some(sub(whole, earmarked(book, target, as_of)))
        }
        Kind::Invoice => {
            let invoice = book.get::<Invoice>(target)?;
            super::invoice::open(book, invoice, as_of)
        }
        Kind::Expense => super::expense::open(book, target).map(|(_, open)| open),
        _ => None,
    }
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
        Kind::Invoice => book.get::<Invoice>(id).map(|invoice| Target {
            party: &invoice.rec.party,
            common: &invoice.common,
            takes: match invoice.rec.is_sale() != (invoice.rec.sort() == InvoiceKind::Credit) {
                true => Direction::In,
                false => Direction::Out,
            },
        }),
        Kind::Expense => book.get::<Expense>(id).map(|expense| Target {
            party: &expense.rec.claimant,
            common: &expense.common,
            takes: Direction::Out,
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
    use super::{super::links, *};
    use crate::{
        config::Config,
        record::{Entry, Record},
        store::files::Files,
    };

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
        for kind in [Kind::Payment, Kind::Allocation] {
            whole.linked(kind);
        }
        let mut alone = example();
        let (mut asked, mut found) = (0, 0);
        let mut next = |alone: &mut Book| {
            asked += 1;
            if asked % (links::ALONE / 8) == 0 {
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
            assert!(!alone.is_linked(Kind::Allocation), "nothing was read for all");
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
}
