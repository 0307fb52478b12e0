//! Contracts against the orders that call them off, line by line, as of a day; what became of them
//! beyond that stands in the modules below.

#![deny(clippy::arithmetic_side_effects)]

pub mod asking;
pub mod event;
pub mod fulfil;
pub mod held;
pub mod instalment;
pub mod owed;
pub mod under;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::{Book, fulfilment, ordered::Counting};
use crate::{
    fact::{Fact, What},
    finding::Finding,
    record::{
        Doc, Kind,
        amount::{Amount, Priced, amounts},
        contract::{Contract, ContractLine},
        order::Order,
        product::Product,
    },
    store::layout,
    value::{
        currency,
        day::Day,
        number::{Decimal, add, product, round, sub, sum},
        period::Period,
        place::Place,
    },
};

/// A contract line with what was ordered under it.
#[derive(Debug, Clone)]
pub struct ContractedLine<'a> {
    /// The contract.
    pub contract: &'a Doc<Contract>,
    /// Number of the line; 0 for what was ordered under the contract but under no line of it.
    pub no: u32,
    /// Product.
    pub product: Cow<'a, str>,
    /// Contracted quantity in stock units; nothing where only the price is agreed.
    pub contracted: Option<Decimal>,
    /// What the contracted quantity comes to, in the contract's currency.
    pub contracted_amount: Option<Amount>,
    /// Ordered, less closed, in stock units.
    pub ordered: Decimal,
    /// What that comes to, in the contract's currency.
    pub ordered_amount: Amount,
    /// What is used up: of open order lines what is ordered, of closed ones the larger of what was
    /// delivered and invoiced.
    pub consumed: Decimal,
}

impl ContractedLine<'_> {
    /// Whether more was ordered than contracted, the allowance included.
    pub fn is_overdrawn(&self) -> bool {
        let allowance = self.contract.rec.allowance_pct.map_or(Decimal::ZERO, |pct| pct.get());
        let part = product(add(Decimal::ONE_HUNDRED, allowance), Decimal::new(1, 2));
        let limit = self.contracted.zip(part).and_then(|(qty, part)| product(qty, part));
        limit.is_some_and(|limit| self.consumed > limit)
    }
}

/// Contract lines, and what they could not be worked out from.
#[derive(Debug, Default)]
pub struct ContractedLines<'a> {
    /// Every contract that holds, lines or not.
    pub contracts: Vec<&'a Doc<Contract>>,
    /// The lines, by contract and number.
    pub lines: Vec<ContractedLine<'a>>,
    /// Why an order is not in them.
    pub left_out: Vec<Finding>,
}

/// Every contract that holds, line by line, with what was ordered under it by a day.
///
/// Orders of every month may call a contract off, so all of them are read.
pub fn lines(book: &Book, as_of: Day) -> ContractedLines<'_> {
    let period = Period { from: None, to: Some(as_of) };
    let found = book.ordered(period, Counting::default(), |under: &mut Under, facts| {
        facts.iter().for_each(|fact| under.take(book, fact));
    });
    let mut under = Under { left_out: found.left_out, ..Under::default() };
    found.parts.into_iter().for_each(|part| under.join(part));
    let signed = |contract: &&Doc<Contract>| {
        contract.counts() && signed_on(contract).is_none_or(|day| day <= as_of)
    };
    let contracts = book.all::<Contract>().into_iter().filter(signed).collect();
    under.lines(book, contracts, as_of)
}

/// The same of a few contracts, from their own orders alone.
pub fn lines_of<'a>(
    book: &'a Book,
    contracts: Vec<&'a Doc<Contract>>,
    as_of: Day,
) -> ContractedLines<'a> {
    let mut under = Under::default();
    for contract in &contracts {
        for order in orders_of(book, contract.id()) {
            match book.order_facts(order) {
                Ok(facts) => {
                    let by_then = facts.iter().filter(|fact| fact.on <= as_of);
                    by_then.for_each(|fact| under.take(book, fact));
                }
                Err(finding) => under.left_out.push(finding),
            }
        }
    }
    under.lines(book, contracts, as_of)
}

/// The orders that call a contract off, offers left out.
pub fn orders_of<'a>(book: &'a Book, contract: &str) -> Vec<&'a Doc<Order>> {
    let mut orders = book.pointing::<Order>(contract);
    orders.retain(|order| order.rec.contract.as_deref() == Some(contract) && !order.rec.is_quote());
    orders
}

/// The day a contract counts from: that it was signed, else that it was taken down.
pub fn signed_on(contract: &Doc<Contract>) -> Option<Day> {
    contract.rec.signed_on.or(contract.common.date)
}

/// What was ordered under contracts.
#[derive(Default)]
struct Under {
    ordered: Sums,
    /// Orders with lines that were closed.
    closed: BTreeSet<String>,
    left_out: Vec<Finding>,
}

/// A contract, a line of it, and, under no line, the product.
type Key = (String, u32, String);

/// The key of what a fact is for.
fn key_of(fact: &Fact<'_>) -> Option<Key> {
    let (contract, line) = fact.contract?;
    Some(match line {
        Some(no) => (contract.to_owned(), no, String::new()),
        None => (contract.to_owned(), 0, fact.product.to_owned()),
    })
}

/// Quantity ordered, its amount, and the quantity used up.
type Sums = BTreeMap<Key, (Decimal, Amount, Decimal)>;

impl Under {
    fn take(&mut self, book: &Book, fact: &Fact<'_>) {
        let Some((key, (contract, _))) = key_of(fact).zip(fact.contract) else { return };
        let Some(amount) = in_currency_of(book, contract, fact) else {
            let file = layout::path(Kind::Order, fact.id).unwrap_or_default();
            self.left_out.push(no_rate(contract, fact, file));
            return;
        };
        if fact.what == What::Closed && !self.closed.contains(fact.id) {
            self.closed.insert(fact.id.to_owned());
        }
        self.add(key, (fact.quantity, amount, fact.quantity));
    }

    fn add(&mut self, key: Key, (quantity, amount, used): (Decimal, Amount, Decimal)) {
        let (sum, amounts, consumed) = self.ordered.entry(key).or_default();
        *sum = add(*sum, quantity);
        *amounts = amounts.plus(amount);
        *consumed = add(*consumed, used);
    }

    fn join(&mut self, other: Self) {
        other.ordered.into_iter().for_each(|(key, sum)| self.add(key, sum));
        self.closed.extend(other.closed);
        self.left_out.extend(other.left_out);
    }

    /// The lines of these contracts.
    fn lines<'a>(
        mut self,
        book: &'a Book,
        contracts: Vec<&'a Doc<Contract>>,
        as_of: Day,
    ) -> ContractedLines<'a> {
        for id in std::mem::take(&mut self.closed) {
            self.use_closed(book, &id, as_of);
        }
        let lines = contracts.iter().flat_map(|own| of_contract(book, own, &self.ordered));
        ContractedLines { lines: lines.collect(), contracts, left_out: self.left_out }
    }

    /// Of a line that was closed and waits for nothing, what was delivered or invoiced is used up,
    /// which may be more than what is left of it.
    fn use_closed(&mut self, book: &Book, id: &str, as_of: Day) {
        let Some(order) = book.get::<Order>(id) else { return };
        for line in &fulfilment::of_order(book, order, as_of).lines {
            let is_closed = order.rec.closure.iter().any(|closure| closure.line == line.line.no);
            if !is_closed || line.to_ship() > Decimal::ZERO {
                continue;
            }
            let Some(contract) = order.rec.contract.clone() else { continue };
            let key = match line.line.contract_line {
                Some(no) => (contract, no, String::new()),
                None => (contract, 0, line.line.product.clone()),
            };
            let done = line.delivered().max(line.charged());
            if let Some((_, _, consumed)) = self.ordered.get_mut(&key) {
                *consumed = add(*consumed, sub(done, line.ordered));
            }
        }
    }
}

/// Why a figure is not among those of a contract.
fn no_rate(contract: &str, fact: &Fact<'_>, file: String) -> Finding {
    let message = format!("{} cannot be brought to the currency of {contract}", fact.id);
    Finding::error("amount.exchange_rate", Place::file(file), message)
}

/// A fact's amount in the contract's currency: as it stands in that currency, else through both
/// exchange rates.
fn in_currency_of(book: &Book, id: &str, fact: &Fact<'_>) -> Option<Amount> {
    let (net, gross) =
        (brought(book, id, fact, fact.amount.net)?, brought(book, id, fact, fact.amount.gross)?);
    Some(Amount { net, tax: sub(gross, net), gross })
}

/// A figure in the currency of a fact, in the contract's.
fn brought(book: &Book, id: &str, fact: &Fact<'_>, amount: Decimal) -> Option<Decimal> {
    let Some(contract) = book.get::<Contract>(id) else { return Some(amount) };
    let currency = contract.common.currency.as_deref().unwrap_or(book.config.currency());
    if currency == fact.currency {
        return Some(amount);
    }
    let rate = book.exchange_rate(&contract.common)?;
    let brought = amount.checked_mul(fact.exchange_rate)?.checked_div(rate)?;
    Some(round(brought, currency::decimals(currency)))
}

fn of_contract<'a>(
    book: &'a Book,
    contract: &'a Doc<Contract>,
    ordered: &Sums,
) -> Vec<ContractedLine<'a>> {
    let worth = agreed_worth(book, contract);
    let mut lines = Vec::new();
    for (at, line) in contract.rec.line.iter().enumerate() {
        let key = (contract.id().to_owned(), line.no, String::new());
        let found = ordered.get(&key).copied().unwrap_or_default();
        lines.push(ContractedLine {
            contract,
            no: line.no,
            product: Cow::Borrowed(&line.product),
            contracted: line.qty.and_then(|qty| product(qty.get(), factor(book, line)?)),
            contracted_amount: worth
                .as_ref()
                .filter(|_| line.qty.is_some() && line.price.is_some())
                .map(|worth| worth[at]),
            ordered: found.0,
            ordered_amount: found.1,
            consumed: found.2,
        });
    }
    let loose = ordered
        .range((contract.id().to_owned(), 0, String::new())..)
        .take_while(|((id, no, _), _)| *id == contract.id() && *no == 0);
    for ((_, _, product), (quantity, amount, consumed)) in loose {
        lines.push(ContractedLine {
            contract,
            no: 0,
            product: Cow::Owned(product.clone()),
            contracted: None,
            contracted_amount: None,
            ordered: *quantity,
            ordered_amount: *amount,
            consumed: *consumed,
        });
    }
    lines
}

pub(super) fn factor(book: &Book, line: &ContractLine) -> Option<Decimal> {
    let product = book.get::<Product>(&line.product);
    let given = line.unit_factor.map(|factor| factor.get());
    super::terms::unit_factor(line.unit.as_deref(), given, product).or(Some(Decimal::ONE))
}

/// What a contract comes to with tax, in its currency: the amount it says, else the sum of its
/// lines; nothing where a line has no quantity or no price.
pub fn contracted(book: &Book, contract: &Doc<Contract>) -> Option<Decimal> {
    if let Some(amount) = contract.rec.amount {
        return Some(amount.get());
    }
    let is_firm = |line: &ContractLine| line.qty.is_some() && line.price.is_some();
    let lines = &contract.rec.line;
    let worth = worth(book, contract).filter(|_| !lines.is_empty() && lines.iter().all(is_firm))?;
    let decimals =
        currency::decimals(contract.common.currency.as_deref().unwrap_or(book.config.currency()));
    Some(round(sum(worth.iter().map(|amount| amount.gross)), decimals))
}

/// What is fixed of a contract, with tax: the whole, or where some lines agree on a price alone, the
/// others; nothing where no line has a quantity and a price.
pub fn fixed(book: &Book, contract: &Doc<Contract>) -> Option<Decimal> {
    contracted(book, contract).or_else(|| {
        let worth = worth(book, contract)?;
        let lines = contract.rec.line.iter().zip(worth);
        let counted = lines.filter(|(line, _)| line.qty.is_some());
        let amounts = counted.map(|(line, amount)| line.price.map(|_| amount.gross));
        let amounts: Option<Vec<Decimal>> = amounts.collect();
        amounts.filter(|amounts| !amounts.is_empty()).map(sum)
    })
}

/// What each line comes to of the amount that a contract says for all of them: a lump taken off, or
/// added, is spread by gross. Where it says none, or agrees on a price alone, as it is priced.
fn agreed_worth(book: &Book, contract: &Doc<Contract>) -> Option<Vec<Amount>> {
    let worth = worth(book, contract)?;
    let is_firm = |line: &ContractLine| line.qty.is_some() && line.price.is_some();
    let agreed = contract.rec.amount.filter(|_| contract.rec.line.iter().all(is_firm));
    let gross: Vec<Decimal> = worth.iter().map(|line| line.gross).collect();
    let Some(agreed) = agreed.filter(|agreed| agreed.get() != sum(gross.iter().copied())) else {
        return Some(worth);
    };
    let decimals = currency::decimals(super::payment::own_currency(book, &contract.common));
    let parts = super::share::spread(agreed.get(), &gross, decimals);
    let line = |(line, gross): (&Amount, Decimal)| {
        let tax = round(super::performed::portion(line.tax, gross, line.gross), decimals);
        Amount { net: sub(gross, tax), tax, gross }
    };
    Some(worth.iter().zip(parts).map(line).collect())
}

/// What each line comes to as it is priced; nothing where that cannot be held exactly.
pub(super) fn worth(book: &Book, contract: &Doc<Contract>) -> Option<Vec<Amount>> {
    let priced = contract.rec.line.iter().map(|line| {
        let rate = line.tax_rate.map(|rate| rate.get());
        Priced {
            qty: line.qty.map_or(Decimal::ZERO, |qty| qty.get()),
            price: line.price.map_or(Decimal::ZERO, |price| price.get()),
            tax_rate: rate.unwrap_or_else(|| book.tax_rate(book.get::<Product>(&line.product))),
            ..Priced::default()
        }
    });
    let basis = book.basis(contract.rec.prices_include_tax, contract.common.currency.as_deref());
    amounts(&priced.collect::<Vec<_>>(), basis)
}
