//! Invariants of contracts: lines, instalments, dates, and orders beyond what was contracted.

use super::{Rule, Run, on};
use crate::{
    book::{
        Book,
        contract::{self, ContractedLine, fulfil::fulfilled},
    },
    finding::{Finding, Level},
    record::{
        Doc, Entry, Kind,
        contract::{Contract, Instalment, Side},
    },
    value::{
        number::{Decimal, grouped, product, round, sub, sum},
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "contract.line",
        Level::Error,
        "A contract line has a quantity above zero or none (price only), a price that is not negative, a tax rate below 1, \
         and names a line of another contract only together with that contract.",
        Run::Record(lines),
    ),
    Rule::always(
        "contract.party",
        Level::Error,
        "We sell to customers and buy from suppliers.",
        Run::Record(party),
    ),
    Rule::always(
        "contract.instalment",
        Level::Error,
        "An instalment is a part in percent or an amount, not both, and together they come to no more than the contract. \
         What they leave of it is due with each invoice.",
        Run::Record(instalments),
    ),
    Rule::always(
        "contract.dates",
        Level::Error,
        "A contract ends on or after the day it begins.",
        Run::Record(dates),
    ),
    Rule::always(
        "contract.overdrawn",
        Level::Warning,
        "Orders should not call off more of a contract line than was contracted, its allowance included; of a purchase no \
         more should be received.",
        Run::Book(overdrawn),
    ),
];

fn lines(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Contract>(entry, |contract| {
        for (at, line) in contract.rec.line.iter().enumerate() {
            let mut unless = |fine: bool, key: &str, fault: &str| {
                if !fine {
                    let path = KeyPath::key("line").nth(at).then(key);
                    let message = format!("line {}: {fault}", line.no);
                    findings.push(Finding::at("contract.line", &contract.file, path, message));
                }
            };
            let zero = Decimal::ZERO;
            unless(line.qty.is_none_or(|qty| qty.get() >= zero), "qty", "the quantity is negative");
            unless(
                line.price.is_none_or(|price| price.get() >= zero),
                "price",
                "the price is negative",
            );
            let rate = line.tax_rate.map_or(zero, |rate| rate.get());
            unless(
                rate >= zero && rate < Decimal::ONE,
                "tax_rate",
                "the tax rate is not a fraction below 1",
            );
            let factor = line.unit_factor.is_none_or(|factor| factor.get() > zero);
            unless(factor, "unit_factor", "the unit factor is not above zero");
            let whole = line.for_line.is_none() || line.for_contract.is_some();
            unless(whole, "for_line", "names a line of another contract, but not the contract");
        }
    });
}

fn party(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Contract>(entry, |contract| {
        let party = &contract.rec.party;
        let (wanted, word) = match contract.rec.side.unwrap_or_default() {
            Side::Sale => (Kind::Customer, "a sale contract is with a customer"),
            Side::Purchase => (Kind::Supplier, "a purchase contract is with a supplier"),
        };
        let others = [Kind::Customer, Kind::Supplier, Kind::Staff];
        let mut elsewhere = others.iter().filter(|&&kind| book.has_file(kind, party));
        if let Some(kind) = elsewhere.next().filter(|&&kind| kind != wanted) {
            let path = KeyPath::key("party");
            let message = format!("{party} is a {kind}, and {word}");
            findings.push(Finding::at("contract.party", &contract.file, path, message));
        }
    });
}

fn instalments(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Contract>(entry, |contract| {
        let mut find = |at: usize, message: String| {
            let path = KeyPath::key("instalment").nth(at);
            findings.push(Finding::at("contract.instalment", &contract.file, path, message));
        };
        for (at, instalment) in contract.rec.instalment.iter().enumerate() {
            if instalment.pct.is_some() && instalment.amount.is_some() {
                find(at, format!("instalment {} has both pct and amount", instalment.no));
            }
        }
        let total =
            sum(contract.rec.instalment.iter().filter_map(|part| part.pct).map(|pct| pct.get()));
        if total > Decimal::ONE_HUNDRED {
            return find(0, format!("the instalments come to {} %", total.normalize()));
        }
        let Some(whole) = contract::contracted(book, contract) else { return };
        let part = |part: &Instalment| match (part.amount, part.pct) {
            (Some(amount), _) => Some(amount.get()),
            (None, Some(pct)) => product(whole, pct.get())?.checked_div(Decimal::ONE_HUNDRED),
            (None, None) => Some(Decimal::ZERO),
        };
        let parts = &contract.rec.instalment;
        let Some(shares) = parts.iter().map(part).collect::<Option<Vec<_>>>() else { return };
        let asked = sum(shares);
        if whole >= Decimal::ZERO && asked > whole {
            let at = parts.iter().rposition(|part| part.amount.is_some()).unwrap_or_default();
            let shown = |amount: Decimal| grouped(round(amount, 2));
            find(at, format!("the instalments come to {} of {}", shown(asked), shown(whole)));
        }
    });
}

fn dates(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Contract>(entry, |contract| {
        if let (Some(from), Some(to)) = (contract.rec.valid_from, contract.rec.valid_to)
            && to < from
        {
            let message = format!("valid to {to}, before it begins on {from}");
            let path = KeyPath::key("valid_to");
            findings.push(Finding::at("contract.dates", &contract.file, path, message));
        }
    });
}

fn overdrawn(book: &Book, findings: &mut Vec<Finding>) {
    for line in contract::lines(book, book.today).lines {
        if !line.is_overdrawn() || line.consumed.is_zero() {
            continue;
        }
        let at =
            line.contract.rec.line.iter().position(|own| own.no == line.no).unwrap_or_default();
        let place = Place::key(&line.contract.file, KeyPath::key("line").nth(at).then("qty"));
        let contracted = line.contracted.unwrap_or_default().normalize();
        let message = format!(
            "{} line {}: {} ordered, {contracted} contracted",
            line.contract.id(),
            line.no,
            line.consumed.normalize()
        );
        findings.push(Finding::warning("contract.overdrawn", place, message));
    }
    let all = book.all::<Contract>().into_iter();
    let purchases = all.filter(|own| own.counts() && own.rec.side == Some(Side::Purchase));
    received(book, purchases.collect(), findings);
}

/// Those of some purchases that brought more than was contracted.
pub(super) fn received(book: &Book, purchases: Vec<&Doc<Contract>>, findings: &mut Vec<Finding>) {
    if purchases.is_empty() {
        return;
    }
    for own in fulfilled(book, Some(purchases), book.today).contracts {
        for line in &own.lines {
            let kept = sub(line.done.shipped, line.done.returned);
            let found = ContractedLine { consumed: kept, ..line.contracted.clone() };
            if !found.is_overdrawn() {
                continue;
            }
            let at = own.contract.rec.line.iter().position(|agreed| agreed.no == found.no);
            let path = KeyPath::key("line").nth(at.unwrap_or_default()).then("qty");
            let message = format!(
                "{} line {}: {} received, {} contracted",
                own.contract.id(),
                found.no,
                kept.normalize(),
                found.contracted.unwrap_or_default().normalize()
            );
            let place = Place::key(&own.contract.file, path);
            findings.push(Finding::warning("contract.overdrawn", place, message));
        }
    }
}
