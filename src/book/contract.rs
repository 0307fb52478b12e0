//! Contracts against the orders that call them off, line by line, as of a day.

#![deny(clippy::arithmetic_side_effects)]

use std::{borrow::Cow, collections::BTreeMap};

use super::{Book, ordered::Counting};
use crate::{
    fact::Fact,
    finding::Finding,
    record::{
        Doc, Kind,
        amount::{Amount, Priced, amounts},
        contract::{Contract, ContractLine},
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
    /// What that comes to, in the orders' currency.
    pub ordered_amount: Amount,
}

impl ContractedLine<'_> {
    /// Whether more was ordered than contracted, the allowance included.
    pub fn is_overdrawn(&self) -> bool {
        let allowance = self.contract.rec.allowance_pct.map_or(Decimal::ZERO, |pct| pct.get());
        let part = product(add(Decimal::ONE_HUNDRED, allowance), Decimal::new(1, 2));
        let limit = self.contracted.zip(part).and_then(|(qty, part)| product(qty, part));
        limit.is_some_and(|limit| self.ordered > limit)
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
    let mut under = Under::default();
    let mut all = ContractedLines { left_out: found.left_out, ..ContractedLines::default() };
    found.parts.into_iter().for_each(|part| under.join(part));
    all.left_out.extend(under.left_out);
    let ordered = under.ordered;
    let signed = |contract: &&Doc<Contract>| {
        contract.counts()
            && contract.rec.signed_on.or(contract.common.date).is_none_or(|day| day <= as_of)
    };
    for contract in book.all::<Contract>().into_iter().filter(signed) {
        all.contracts.push(contract);
        all.lines.extend(of_contract(book, contract, &ordered));
    }
    all
}

/// What was ordered under contracts.
#[derive(Default)]
struct Under {
    ordered: Sums,
    left_out: Vec<Finding>,
}

/// Quantity and amount, by contract, line and, under no line, product.
type Sums = BTreeMap<(String, u32, String), (Decimal, Amount)>;

impl Under {
    fn take(&mut self, book: &Book, fact: &Fact<'_>) {
        let Some((contract, line)) = fact.contract else { return };
        let Some(amount) = in_currency_of(book, contract, fact) else {
            let message = format!("{} cannot be brought to the currency of {contract}", fact.id);
            let file = layout::path(Kind::Order, fact.id).unwrap_or_default();
            self.left_out.push(Finding::error("amount.exchange_rate", Place::file(file), message));
            return;
        };
        let key = match line {
            Some(no) => (contract.to_owned(), no, String::new()),
            None => (contract.to_owned(), 0, fact.product.to_owned()),
        };
        self.add(key, (fact.quantity, amount));
    }

    fn add(&mut self, key: (String, u32, String), (quantity, amount): (Decimal, Amount)) {
        let (sum, amounts) = self.ordered.entry(key).or_default();
        *sum = add(*sum, quantity);
        *amounts = amounts.plus(amount);
    }

    fn join(&mut self, other: Self) {
        other.ordered.into_iter().for_each(|(key, sum)| self.add(key, sum));
        self.left_out.extend(other.left_out);
    }
}

/// What was ordered, in the contract's currency: as it stands in that currency, else through both
/// exchange rates.
fn in_currency_of(book: &Book, id: &str, fact: &Fact<'_>) -> Option<Amount> {
    let Some(contract) = book.get::<Contract>(id) else { return Some(fact.amount) };
    let currency = contract.common.currency.as_deref().unwrap_or(book.config.currency());
    if currency == fact.currency {
        return Some(fact.amount);
    }
    let rate = book.exchange_rate(&contract.common)?;
    let decimals = currency::decimals(currency);
    let bring = |amount: Decimal| {
        let brought = amount.checked_mul(fact.exchange_rate)?.checked_div(rate)?;
        Some(round(brought, decimals))
    };
    let (net, gross) = (bring(fact.amount.net)?, bring(fact.amount.gross)?);
    Some(Amount { net, tax: sub(gross, net), gross })
}

fn of_contract<'a>(
    book: &'a Book,
    contract: &'a Doc<Contract>,
    ordered: &Sums,
) -> Vec<ContractedLine<'a>> {
    let worth = worth(book, contract);
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
        });
    }
    let loose = ordered
        .range((contract.id().to_owned(), 0, String::new())..)
        .take_while(|((id, no, _), _)| *id == contract.id() && *no == 0);
    for ((_, _, product), (quantity, amount)) in loose {
        lines.push(ContractedLine {
            contract,
            no: 0,
            product: Cow::Owned(product.clone()),
            contracted: None,
            contracted_amount: None,
            ordered: *quantity,
            ordered_amount: *amount,
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

/// What each line comes to; nothing where that cannot be held exactly.
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
