//! What was ordered: the facts of orders that count.

#![deny(clippy::arithmetic_side_effects)]

use super::Book;
use crate::{
    fact::Fact,
    finding::Finding,
    record::{
        Doc,
        amount::{self, Amount},
        order::{LineTerms, Order},
    },
    value::{
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

/// Facts, and the documents they could not be made of.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    /// The facts.
    pub facts: Vec<Fact<'a>>,
    /// Why a document gave none.
    pub left_out: Vec<Finding>,
}

impl Book {
    /// The facts of orders on the days of a period. Quotes never count; void orders only if asked
    /// for.
    pub fn ordered(&self, period: Period, counting: Counting) -> Facts<'_> {
        let mut all = Facts::default();
        for order in self.within::<Order>(period) {
            if order.rec.is_quote() || !(counting.include_void || order.counts()) {
                continue;
            }
            match self.order_facts(order) {
                Ok(facts) => {
                    all.facts.extend(facts.into_iter().filter(|fact| period.contains(fact.on)));
                }
                Err(finding) => all.left_out.push(finding),
            }
        }
        all
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

    /// Why an order cannot be worked out.
    fn no_terms(&self, order: &Doc<Order>) -> Finding {
        let lines = order.rec.line.iter().enumerate();
        let mut unpriced = lines.filter(|(_, line)| self.priced(order, line).price.is_none());
        if let Some((at, line)) = unpriced.next() {
            let path = KeyPath::key("line").nth(at);
            let message =
                format!("line {} has no price, and {} has no list price", line.no, line.product);
            return Finding::at("order.no_price", &order.file, path, message).hint(format!(
                "desk order set {} line.{}.price=…",
                order.id(),
                line.no
            ));
        }
        let currency = order.common.currency.as_deref().unwrap_or_default();
        let message = format!("{} is in {currency} and has no exchange rate", order.id());
        Finding::at("amount.exchange_rate", &order.file, KeyPath::key("currency"), message)
            .hint(format!("desk order set {} --exchange-rate …", order.id()))
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
