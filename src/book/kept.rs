//! Money kept for orders and contracts, laid over what is due of their invoices: what nobody is asked
//! for twice.
//!
//! The one home of what is asked for, in letters, gates, lists of what is to be done and the late
//! columns of contracts. What is kept for an instalment goes to the parts of invoices that are for
//! it, due or not; then what is due first takes first. In the account the money stays a row of its
//! own until it is matched, and what is not due waits for that.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Book, invoice, payment,
    receivable::{self, Item, Items, Sort},
};
use crate::{
    record::{
        Doc,
        contract::Side,
        invoice::{Invoice, InvoiceKind},
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round, sub, sum},
    },
};

/// Money kept for something that is laid over a part of an invoice of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laid {
    /// The order or contract it is kept for.
    pub kept_for: String,
    /// The invoice.
    pub invoice: String,
    /// Its instalment, where it is due in parts.
    pub part: Option<u32>,
    /// How much, in the currency of both.
    pub amount: Decimal,
}

/// What is laid over one part of an invoice.
pub fn over(laid: &[Laid], invoice: &str, part: Option<u32>) -> Decimal {
    let own = laid.iter().filter(|own| own.invoice == invoice && own.part == part);
    sum(own.map(|own| own.amount))
}

/// A part of an invoice that waits for money.
struct Waiting<'a> {
    bill: &'a Doc<Invoice>,
    keepers: Vec<String>,
    part: receivable::Part,
    /// The instalment of the contract it is for.
    instalment: Option<u32>,
}

/// Laying: what is left of what is kept, and what was laid so far.
struct Laying {
    kept: BTreeMap<String, Decimal>,
    laid: Vec<Laid>,
}

impl Laying {
    fn lay(&mut self, keeper: &str, most: Decimal, waiting: &mut Waiting<'_>) -> Decimal {
        let Some(kept) = self.kept.get_mut(keeper) else { return Decimal::ZERO };
        let amount = most.min(*kept).min(waiting.part.open).max(Decimal::ZERO);
        if amount.is_zero() || !waiting.keepers.iter().any(|own| own == keeper) {
            return Decimal::ZERO;
        }
        *kept = sub(*kept, amount);
        waiting.part.open = sub(waiting.part.open, amount);
        self.laid.push(Laid {
            kept_for: keeper.to_owned(),
            invoice: waiting.bill.id().to_owned(),
            part: waiting.part.no,
            amount,
        });
        amount
    }
}

/// The money kept for a party's orders and contracts by a day, laid over its invoices: what falls
/// due until a day takes.
pub fn laid(book: &Book, party: &str, side: Side, as_of: Day, until: Day) -> Vec<Laid> {
    let mut laying = Laying { kept: kept(book, party, as_of), laid: Vec::new() };
    if laying.kept.is_empty() {
        return Vec::new();
    }
    let mut waiting = waiting(book, party, side, as_of);
    for (keeper, no, amount) in named(book, &laying.kept, as_of) {
        let mut left = amount;
        for own in waiting.iter_mut().filter(|own| own.instalment == Some(no)) {
            left = sub(left, laying.lay(&keeper, left, own));
        }
    }
    for own in waiting.iter_mut().filter(|own| own.part.due_on.is_some_and(|day| day <= until)) {
        for keeper in own.keepers.clone() {
            laying.lay(&keeper, own.part.open, own);
        }
    }
    laying.laid
}

/// What is kept for each order and contract by the payments of a party, in its currency.
fn kept(book: &Book, party: &str, as_of: Day) -> BTreeMap<String, Decimal> {
    let mut targets = BTreeSet::new();
    for paid in payment::payments_of(book, party) {
        let rows = payment::allocations_of(book, paid.id()).into_iter();
        targets
            .extend(rows.map(|row| row.rec.target.as_str()).filter(|id| payment::is_earmark(id)));
    }
    let kept = targets.into_iter().map(|id| (id, payment::earmarked(book, id, as_of)));
    kept.filter(|(_, kept)| *kept > Decimal::ZERO).map(|(id, kept)| (id.to_owned(), kept)).collect()
}

/// What was given for each instalment of what money is kept for.
pub(super) fn named(
    book: &Book,
    kept: &BTreeMap<String, Decimal>,
    as_of: Day,
) -> Vec<(String, u32, Decimal)> {
    let mut named: BTreeMap<(String, u32), Decimal> = BTreeMap::new();
    for id in kept.keys() {
        for row in payment::allocations_to(book, id) {
            if let Some(no) = row.rec.instalment.filter(|_| payment::is_by(row, as_of)) {
                let sum = named.entry((id.clone(), no)).or_default();
                *sum = add(*sum, row.rec.amount.get());
            }
        }
    }
    named.into_iter().map(|((id, no), amount)| (id, no, amount)).collect()
}

/// The parts of a party's invoices that are open by a day, what is due first first.
fn waiting<'a>(book: &'a Book, party: &str, side: Side, as_of: Day) -> Vec<Waiting<'a>> {
    let mut waiting = Vec::new();
    for bill in book.pointing::<Invoice>(party) {
        let is_own = bill.rec.party == party && bill.rec.side.unwrap_or_default() == side;
        let asks = is_own && bill.rec.sort() != InvoiceKind::Credit;
        if !asks || !invoice::is_issued(bill, as_of) {
            continue;
        }
        let parts = receivable::parts(book, bill, as_of).unwrap_or_default();
        for part in parts.into_iter().filter(|part| part.open > Decimal::ZERO) {
            let own = bill.rec.instalment.iter().find(|own| Some(own.no) == part.no);
            let instalment = own.and_then(|own| own.contract_instalment);
            let mut keepers = payment::keepers(book, bill.id());
            keepers.retain(|keeper| has_currency_of(book, bill, keeper));
            waiting.push(Waiting { bill, keepers, part, instalment });
        }
    }
    waiting.sort_by_key(|own| {
        let due = own.part.due_on;
        (due.is_none(), due, own.bill.rec.issued_on, own.bill.id().to_owned(), own.part.no)
    });
    waiting
}

fn has_currency_of(book: &Book, bill: &Doc<Invoice>, keeper: &str) -> bool {
    let of = payment::target(book, keeper);
    let code = payment::own_currency(book, &bill.common);
    of.is_some_and(|of| payment::own_currency(book, of.common) == code)
}

/// The payments that keep money for the orders and contracts of an invoice.
pub fn payments_for<'a>(book: &'a Book, bill: &Doc<Invoice>) -> Vec<&'a str> {
    let keepers = payment::keepers(book, bill.id());
    let mut paid = payment::payments_of(book, &bill.rec.party);
    paid.retain(|paid| {
        let kept = payment::spare(book, paid).kept;
        keepers.iter().any(|id| kept.get(id).is_some_and(|kept| *kept > Decimal::ZERO))
    });
    paid.into_iter().map(Doc::id).collect()
}

/// What one party is asked for by a day, as far as it falls due until another: its open items, less
/// money that is kept for their orders and contracts.
pub fn asked_of(book: &Book, party: &str, side: Side, as_of: Day, until: Day) -> Items {
    let items = receivable::items_of(book, party, side, as_of);
    asked(book, items, side, as_of, until)
}

/// The same of everyone.
pub fn asked_of_all(book: &Book, side: Side, as_of: Day, until: Day) -> Items {
    asked(book, receivable::items(book, side, as_of), side, as_of, until)
}

fn asked(book: &Book, mut items: Items, side: Side, as_of: Day, until: Day) -> Items {
    let payers = items.items.iter().filter(|item| item.sort == Sort::Payment);
    let payers: BTreeSet<String> = payers.map(|item| item.party.clone()).collect();
    let laid: BTreeMap<String, Vec<Laid>> = payers
        .into_iter()
        .map(|party| (party.clone(), laid(book, &party, side, as_of, until)))
        .collect();
    let invoices = items.items.into_iter().filter(|item| item.sort == Sort::Invoice);
    let net = invoices.map(|item| {
        let own = laid.get(&item.party).map(Vec::as_slice).unwrap_or_default();
        let kept = over(own, &item.id, item.instalment);
        less(book, item, kept)
    });
    items.items = net.filter(|item| item.open > Decimal::ZERO).collect();
    items
}

/// An item less what is kept for it.
fn less(book: &Book, item: Item, kept: Decimal) -> Item {
    if kept.is_zero() {
        return item;
    }
    let open = sub(item.open, kept);
    let decimals = currency::decimals(book.config.currency());
    let base = item.exchange_rate.and_then(|rate| open.checked_mul(rate));
    Item { open, base_open: base.map(|base| round(base, decimals)), ..item }
}
