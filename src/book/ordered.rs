//! What was ordered: the facts of orders that count.

#![deny(clippy::arithmetic_side_effects)]

use rayon::prelude::*;

use super::{Book, terms::unit_factor};
use crate::{
    fact::{Fact, InUnit},
    finding::Finding,
    record::{
        Doc, Entry, Kind, Record,
        amount::{self, Amount},
        order::{LineTerms, Order, OrderLine},
        product::Product,
    },
    store::{
        index::{Scan, Source},
        load::Loaded,
    },
    value::{
        day::Day,
        number::{Decimal, product, sub},
        period::Period,
        place::{KeyPath, Place},
    },
};

/// Which orders count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counting {
    /// Void orders too, as if they held.
    pub include_void: bool,
}

/// What was made of facts, and the documents that gave none.
#[derive(Debug, Default)]
pub struct Ordered<S> {
    /// What was made, month by month.
    pub parts: Vec<S>,
    /// Why a document gave none.
    pub left_out: Vec<Finding>,
}

/// What is read of a folder.
struct Asked<'a, T> {
    book: &'a Book,
    period: Period,
    counting: Counting,
    take: &'a T,
}

impl Book {
    /// Hands on the facts of orders on the days of a period, those of one order at a time. Quotes
    /// never count; void orders only if asked for.
    ///
    /// Facts are handed on as they are read and not kept, in an order that means nothing.
    pub fn ordered<S, T>(&self, period: Period, counting: Counting, take: T) -> Ordered<S>
    where
        S: Default + Send,
        T: Fn(&mut S, &[Fact<'_>]) + Sync,
    {
        let asked = Asked { book: self, period, counting, take: &take };
        let found: Vec<Ordered<S>> = self.reading(Kind::Order, |source| {
            let scans = self.shelf(Kind::Order).scans(source);
            scans.into_par_iter().map(|scan| asked.folder(source, scan)).collect()
        });
        let mut all = Ordered { parts: Vec::new(), left_out: Vec::new() };
        for folder in found {
            all.parts.extend(folder.parts);
            all.left_out.extend(folder.left_out);
        }
        all
    }

    /// The facts of an order that follow from its own file and desk.toml alone; nothing is handed
    /// on where others are needed.
    pub(super) fn own_facts(&self, entry: &dyn Entry, take: &mut dyn FnMut(&[InUnit<'_>])) {
        let Some(order) = Doc::<Order>::of(entry) else { return };
        if order.rec.is_quote() {
            return take(&[]);
        }
        let Some(facts) = self.own_terms(order).and_then(|terms| order.facts(&terms)) else {
            return;
        };
        let unit = |no: u32| {
            let line = order.rec.line.iter().find(|line| line.no == no);
            line.filter(|line| line.unit_factor.is_none()).and_then(|line| line.unit.as_deref())
        };

        take(
            &facts
                .into_iter()
                .map(|fact| InUnit { unit: unit(fact.line), fact })
                .collect::<Vec<_>>(),
        );
    }

    /// The facts of one order, or why it has none.
    pub fn order_facts<'a>(&'a self, order: &'a Doc<Order>) -> Result<Vec<Fact<'a>>, Finding> {
        let Some(terms) = self.terms(order) else { return Err(self.no_terms(order)) };
        order.facts(&terms).ok_or_else(|| {
            let message =
                format!("the amounts of {} are beyond what can be held exactly", order.id());
            let beyond = |line: &LineTerms| amount::amounts(&[line.priced], terms.basis).is_none();
            let place = match terms.lines.iter().position(beyond) {
                Some(at) => Place::key(&order.file, KeyPath::key("line").nth(at)),
                None => Place::file(&order.file),
            };
            Finding::error("order.amount", place, message)
                .note("a line may come to 10^12 at the most")
        })
    }

    /// What an order comes to by a day, less what was closed, in its currency and not rounded.
    pub fn order_amount(&self, order: &Doc<Order>, as_of: Day) -> Result<Amount, Finding> {
        let facts = self.order_facts(order)?;
        let by_then = facts.iter().filter(|fact| fact.on <= as_of);
        Ok(by_then.fold(Amount::default(), |sum, fact| sum.plus(fact.amount)))
    }

    /// Why an order cannot be worked out.
    fn no_terms(&self, order: &Doc<Order>) -> Finding {
        if self.exchange_rate(&order.common).is_none() {
            let currency = order.common.currency.as_deref().unwrap_or_default();
            let message = format!("{} is in {currency} and has no exchange rate", order.id());
            let path = KeyPath::key("currency");
            return Finding::at("amount.exchange_rate", &order.file, path, message)
                .hint(format!("desk order set {} --exchange-rate …", order.id()));
        }
        let is_unpriced = |line: &OrderLine| self.priced(order, line).price.is_none();
        let at = order.rec.line.iter().position(is_unpriced).unwrap_or_default();
        let path = KeyPath::key("line").nth(at);
        let (no, product) =
            order.rec.line.get(at).map_or((0, ""), |line| (line.no, line.product.as_str()));
        let message = format!("line {no} has no price, and {product} has no list price");
        Finding::at("order.no_price", &order.file, path, message)
            .hint(format!("desk order set {} line.{no}.price=…", order.id()))
    }
}

impl<T> Asked<'_, T> {
    fn folder<S>(&self, source: &Source<'_>, scan: &Scan) -> Ordered<S>
    where
        S: Default,
        T: Fn(&mut S, &[Fact<'_>]),
    {
        let mut state = S::default();
        let mut left_out = Vec::new();
        let factors: Vec<Decimal> = scan.goods().map(|goods| self.factor(goods)).collect();
        let mut facts = Vec::new();
        for at in 0..scan.len() {
            let counts = self.counting.include_void || !scan.is_void(at);
            if !counts || !scan.meets(at, self.period) {
                continue;
            }
            if scan.facts(at, &factors, &mut facts) {
                self.hand_on(&mut state, &mut facts);
            } else if let Some(loaded) = scan.entry(source, at) {
                self.record(&loaded, &mut state, &mut left_out);
            }
        }
        for left in &scan.left {
            self.record(&left.loaded, &mut state, &mut left_out);
        }
        left_out.sort_by(|one: &Finding, other| {
            let key = |finding: &Finding| (finding.place.file.len(), finding.place.file.clone());
            key(one).cmp(&key(other))
        });
        Ordered { parts: vec![state], left_out }
    }

    /// The stock units in a unit of a product.
    fn factor(&self, (product, unit): (&str, Option<&str>)) -> Decimal {
        let product = unit.and_then(|_| self.book.get::<Product>(product));
        unit_factor(unit, None, product).unwrap_or(Decimal::ONE)
    }

    /// The facts of what a file gave.
    fn record<S>(&self, loaded: &Loaded, state: &mut S, left_out: &mut Vec<Finding>)
    where
        T: Fn(&mut S, &[Fact<'_>]),
    {
        for order in loaded.entries.iter().filter_map(|entry| Doc::<Order>::of(entry.as_ref())) {
            let counts = self.counting.include_void || order.counts();
            if order.rec.is_quote() || !counts || !self.meets(order) {
                continue;
            }
            match self.book.order_facts(order) {
                Ok(mut facts) => self.hand_on(state, &mut facts),
                Err(finding) => left_out.push(finding),
            }
        }
    }

    fn meets(&self, order: &Doc<Order>) -> bool {
        let days = Order::days(order);
        let first = days.iter().min().zip(self.period.to);
        let last = days.iter().max().zip(self.period.from);
        first.is_none_or(|(first, to)| *first <= to)
            && last.is_none_or(|(last, from)| *last >= from)
    }

    fn hand_on<S>(&self, state: &mut S, facts: &mut Vec<Fact<'_>>)
    where
        T: Fn(&mut S, &[Fact<'_>]),
    {
        facts.retain(|fact| self.period.contains(fact.on));
        if !facts.is_empty() {
            (self.take)(state, facts);
        }
    }
}

/// Facts by owner: a shared sale is parted by its team's shares, what they leave falling to the
/// owner.
///
/// Parts are exact and not rounded, so that sums of them are rounded once, where they are shown.
pub fn by_owner<'a>(facts: &[Fact<'a>]) -> Vec<Fact<'a>> {
    facts.iter().flat_map(shares).collect()
}

fn shares<'a>(fact: &Fact<'a>) -> Vec<Fact<'a>> {
    let mut rest = Decimal::ONE_HUNDRED;
    let mut parts = Vec::with_capacity(1);
    for share in fact.team {
        rest = sub(rest, share.share_pct.get());
        parts.push(part(fact, Some(share.staff.as_str()), share.share_pct.get()));
    }
    if fact.team.is_empty() || !rest.is_zero() {
        parts.push(part(fact, fact.staff, rest));
    }
    parts
}

fn part<'a>(fact: &Fact<'a>, staff: Option<&'a str>, pct: Decimal) -> Fact<'a> {
    if pct == Decimal::ONE_HUNDRED {
        return Fact { staff, team: &[], ..*fact };
    }
    let factor = pct.saturating_mul(Decimal::new(1, 2));
    let of =
        |value: Decimal| product(value, factor).unwrap_or_else(|| value.saturating_mul(factor));
    let whole = fact.amount;
    let amount = Amount { net: of(whole.net), tax: of(whole.tax), gross: of(whole.gross) };
    Fact { staff, team: &[], quantity: of(fact.quantity), amount, ..*fact }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Config, store::files::Files};

    /// What a fact says, in words, so that facts of different books can be compared.
    fn told(facts: &[Fact<'_>]) -> Vec<String> {
        facts.iter().map(|fact| format!("{fact:?}")).collect()
    }

    #[test]
    fn facts_that_are_handed_on_are_those_of_each_order() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/data-example");
        let now = "2026-09-23T10:00:00+08:00".parse().expect("a moment");
        let mut book = Book::new(Files::disk(example), Config::default(), Vec::new(), now);
        book.cache = false;
        let take = |all: &mut Vec<String>, facts: &[Fact<'_>]| all.extend(told(facts));
        let found = book.ordered(Period::default(), Counting::default(), take);
        let mut handed: Vec<String> = found.parts.into_iter().flatten().collect();
        let counting = book.all::<Order>().into_iter();
        let counting = counting.filter(|order| order.counts() && !order.rec.is_quote());
        let mut expected: Vec<String> = counting
            .flat_map(|order| book.order_facts(order).map(|facts| told(&facts)).unwrap_or_default())
            .collect();
        handed.sort();
        expected.sort();
        assert!(expected.len() > 200 && expected.iter().any(|fact| fact.contains("Closed")));
        for (one, other) in handed.iter().zip(&expected) {
            assert_eq!(one, other);
        }
        assert_eq!(handed.len(), expected.len());
    }
}
