//! The keys that a change of an account stands under, by goods and contract in parts.
//!
//! The parts follow `settled.rs`: a credit is of the lines it takes back, money is of what credits
//! leave, so that by the last day each line's changes add up to what is open of it.

use std::collections::BTreeMap;

use crate::{
    book::{
        Book,
        account::{Moved, Part, Sort},
        billed::in_stock_units,
        receivable,
        settled::{self, Lines},
        share,
    },
    record::{
        Doc, Entry,
        customer::Customer,
        invoice::{Invoice, InvoiceLine},
        payment::Payment,
        product::Product,
    },
    report::group,
    value::{
        currency,
        number::{Decimal, negated},
    },
};

/// Whose a change is.
pub(super) struct Of<'a> {
    pub(super) party: &'a str,
    pub(super) staff: &'a Option<String>,
    pub(super) district: &'a Option<String>,
    pub(super) currency: &'a str,
}

/// What a change is of.
#[derive(Debug, Clone, Default)]
pub(super) struct Goods {
    pub(super) category: Option<String>,
    pub(super) product: Option<String>,
    pub(super) contract: Option<String>,
}

impl Goods {
    /// A product under a contract, with its category.
    pub(super) fn of(book: &Book, product: Option<&str>, contract: Option<String>) -> Self {
        let found = product.and_then(|code| book.get::<Product>(code));
        let category = found.and_then(|found| found.rec.category.clone());
        Self { category, product: product.map(str::to_owned), contract }
    }
}

/// The kind and the grade of a customer, as its file says them.
pub(super) fn of_customer(book: &Book, party: &str) -> [Option<String>; 2] {
    let value = book.get::<Customer>(party).map(|own| own.value());
    ["kind", "grade"].map(|key| Some(value.as_ref()?.get(key)?.as_str()?.to_owned()))
}

/// The keys of a change.
pub(super) fn keys(book: &Book, by: &[String], of: &Of<'_>, goods: &Goods) -> Vec<String> {
    let [kind, grade] = match by.iter().any(|key| matches!(key.as_str(), "kind" | "grade")) {
        true => of_customer(book, of.party),
        false => Default::default(),
    };
    let key = |key: &String| match key.as_str() {
        "kind" => group::word(&kind, None),
        "grade" => group::word(&grade, None),
        "category" => group::word(&goods.category, None),
        "product" => group::word(&goods.product, None),
        "contract" => group::word(&goods.contract, None),
        "staff" => group::word(of.staff, None),
        "district" => group::word(of.district, None),
        "currency" => of.currency.to_owned(),
        _ => of.party.to_owned(),
    };
    by.iter().map(key).collect()
}

/// The lines of an invoice or a credit while its account is gone through.
struct Running {
    goods: Vec<Goods>,
    /// Stock units.
    quantity: Vec<Decimal>,
    lines: Lines,
    /// All that no credit took back of a line.
    rest: Moved,
    /// How that is split.
    split: Vec<Moved>,
}

/// The changes of one party's account in parts, in the order of days.
pub(super) struct Classes<'a> {
    book: &'a Book,
    by: &'a [String],
    party: &'a str,
    known: BTreeMap<String, Option<Running>>,
}

impl<'a> Classes<'a> {
    pub(super) fn new(book: &'a Book, by: &'a [String], party: &'a str) -> Self {
        Self { book, by, party, known: BTreeMap::new() }
    }

    /// A change under its keys, each with the stock units that were invoiced, less credited.
    pub(super) fn classified(
        &mut self,
        sort: Sort,
        part: &Part,
    ) -> Vec<(Vec<String>, Moved, Decimal)> {
        let Part { document, staff, district, currency, .. } = part;
        let of = Of { party: self.party, staff, district, currency };
        let (book, by) = (self.book, self.by);
        let of_goods = |key: &String| matches!(key.as_str(), "category" | "product" | "contract");
        if !by.iter().any(of_goods) {
            return vec![(keys(book, by, &of, &Goods::default()), part.moved, Decimal::ZERO)];
        }
        let known = self.known.entry(document.clone());
        let running = known.or_insert_with(|| running(book, book.get::<Invoice>(document)?));
        let Some(running) = running else {
            let contract = book.get::<Payment>(document).and_then(|paid| paid.rec.contract.clone());
            let goods = Goods { contract, ..Goods::default() };
            return vec![(keys(book, by, &of, &goods), part.moved, Decimal::ZERO)];
        };
        let decimals = currency::decimals(book.config.currency());
        let split = match sort {
            Sort::Invoice | Sort::Credit => split(part.moved, running.lines.gross(), decimals),
            _ => settle(book, running, part, decimals),
        };
        let mut parts = Vec::with_capacity(split.len());
        for (at, moved) in split.into_iter().enumerate() {
            let quantity = match sort {
                Sort::Invoice => running.quantity[at],
                Sort::Credit => negated(running.quantity[at]),
                _ => Decimal::ZERO,
            };
            if !moved.is_zero() || !quantity.is_zero() {
                parts.push((keys(book, by, &of, &running.goods[at]), moved, quantity));
            }
        }
        parts
    }
}

fn running(book: &Book, bill: &Doc<Invoice>) -> Option<Running> {
    let lines = Lines::of(book, bill)?;
    let goods = |line: &InvoiceLine| {
        let contract = receivable::contract_of(book, bill, line);
        Goods::of(book, line.product.as_deref(), contract)
    };
    let quantity = |line: &InvoiceLine| match line.sort().moves_quantity() {
        true => in_stock_units(book, line),
        false => Decimal::ZERO,
    };
    let count = lines.gross().len();
    let mut running = Running {
        goods: bill.rec.line.iter().map(goods).collect(),
        quantity: bill.rec.line.iter().map(quantity).collect(),
        rest: Moved::default(),
        split: vec![Moved::default(); count],
        lines,
    };
    // What was open before this book began may have no lines.
    running.goods.resize(count, Goods::default());
    running.quantity.resize(count, Decimal::ZERO);
    Some(running)
}

/// What settling did to each line: a credit to those it takes back, all else by what credits leave.
fn settle(book: &Book, running: &mut Running, part: &Part, decimals: u32) -> Vec<Moved> {
    let mut moved = part.moved;
    let mut own = vec![Moved::default(); running.split.len()];
    if let (Some((credit, amount)), Some(bill)) =
        (&part.credit, book.get::<Invoice>(&part.document))
    {
        let weights = running.lines.credit(&settled::back(book, credit, bill), *amount);
        let credited = Moved { credited: moved.credited, ..Moved::default() };
        own = split(credited, &weights, decimals);
        moved.credited = Decimal::ZERO;
    }
    running.rest = running.rest.plus(moved);
    let now = split(running.rest, &running.lines.weights(), decimals);
    let before = std::mem::replace(&mut running.split, now);
    for (own, (now, before)) in own.iter_mut().zip(running.split.iter().zip(before)) {
        *own = own.plus(*now).plus(before.negated());
    }
    own
}

/// A change in parts by weight that add up to it, each rounded.
fn split(moved: Moved, weights: &[Decimal], decimals: u32) -> Vec<Moved> {
    let spread = |amount: Decimal| share::spread(amount, weights, decimals);
    let Moved { invoiced, credited, collected, written_off, exchange } = moved;
    let [invoiced, credited, collected, written_off, exchange] =
        [invoiced, credited, collected, written_off, exchange].map(spread);
    let part = |at: usize| Moved {
        invoiced: invoiced[at],
        credited: credited[at],
        collected: collected[at],
        written_off: written_off[at],
        exchange: exchange[at],
    };
    (0..weights.len()).map(part).collect()
}
