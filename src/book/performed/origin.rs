//! What later documents were done for: orders on our side, contracts on the suppliers'.
//!
//! Looked up for the ids in question alone; of each only what facts need is kept.

use std::collections::{BTreeMap, BTreeSet};

use super::{super::links::ALONE, Scope};
use crate::{
    book::{Book, contract, payment::own_currency},
    fact::{Amount, Share, What},
    finding::Finding,
    record::{
        Doc,
        contract::{Contract, Side},
        order::Order,
    },
    value::{
        number::{Decimal, product},
        place::Place,
    },
};

/// An order or a contract, as far as the facts of other documents need it.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) party: String,
    pub(super) kind: &'static str,
    pub(super) contract: Option<String>,
    pub(super) staff: Option<String>,
    pub(super) district: Option<String>,
    pub(super) team: Vec<Share>,
    pub(super) currency: String,
    pub(super) exchange_rate: Decimal,
    is_void: bool,
    lines: BTreeMap<u32, Line>,
    /// Why its amounts cannot be worked out.
    failed: Option<Finding>,
}

/// One line of it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) contract_line: Option<u32>,
    /// In stock units.
    pub(super) quantity: Decimal,
    pub(super) amount: Amount,
}

impl Origin {
    /// The contract line that a line calls off.
    pub(super) fn contract_line(&self, no: u32) -> Option<u32> {
        self.lines.get(&no).and_then(|line| line.contract_line)
    }
}

/// Origins by id.
#[derive(Debug, Default)]
pub(super) struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// What is known of these ids.
    pub(super) fn of(book: &Book, scope: &Scope<'_>, ids: &BTreeSet<String>) -> Self {
        let mut known = BTreeMap::new();
        match scope.side {
            Side::Purchase => {
                let found = ids.iter().filter_map(|id| book.get::<Contract>(id));
                known.extend(found.map(|own| (own.id().to_owned(), of_contract(book, own))));
            }
            Side::Sale if ids.len() <= ALONE => {
                let found = ids.iter().filter_map(|id| book.get::<Order>(id));
                known.extend(found.map(|own| (own.id().to_owned(), of_order(book, own))));
            }
            Side::Sale => book.each::<Order>(|order| {
                if ids.contains(order.id()) {
                    known.insert(order.id().to_owned(), of_order(book, order));
                }
            }),
        }
        Self(known)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Origin> {
        self.0.get(id)
    }

    /// A line of an origin, or why nothing can be worked out from it.
    pub(super) fn line(
        &self,
        (id, no): (&str, u32),
        scope: &Scope<'_>,
        place: impl Fn() -> Place,
    ) -> Result<(&Origin, &Line), Finding> {
        let missing = |code, why: String| Finding::error(code, place(), why);
        let Some(origin) = self.0.get(id) else {
            return Err(missing("ref.unknown", format!("{id} is not there, or cannot be read")));
        };
        if origin.is_void && !scope.counting.include_void {
            return Err(missing("ref.void", format!("{id} is void")));
        }
        match (&origin.failed, origin.lines.get(&no)) {
            (Some(finding), _) => Err(finding.clone()),
            (None, Some(line)) => Ok((origin, line)),
            (None, None) => Err(missing("ref.unknown", format!("{id} has no line {no}"))),
        }
    }
}

fn of_order(book: &Book, order: &Doc<Order>) -> Origin {
    let owner = book.owner(order);
    let facts = book.order_facts(order);
    let mut lines = BTreeMap::new();
    for line in &order.rec.line {
        let own =
            |fact: &&crate::fact::Fact<'_>| fact.what == What::Ordered && fact.line == line.no;
        let fact = facts.as_ref().ok().and_then(|facts| facts.iter().find(own));
        lines.insert(
            line.no,
            Line {
                contract_line: line.contract_line,
                quantity: fact.map_or(line.qty.get(), |fact| fact.quantity),
                amount: fact.map_or_else(Amount::default, |fact| fact.amount),
            },
        );
    }
    Origin {
        party: order.rec.customer.clone(),
        kind: order.rec.kind.unwrap_or_default().name(),
        contract: order.rec.contract.clone(),
        staff: owner.staff.map(str::to_owned),
        district: owner.district.map(str::to_owned),
        team: owner.team.to_vec(),
        currency: own_currency(book, &order.common).to_owned(),
        exchange_rate: book.exchange_rate(&order.common).unwrap_or(Decimal::ONE),
        is_void: !order.counts(),
        lines,
        failed: facts.err(),
    }
}

fn of_contract(book: &Book, own: &Doc<Contract>) -> Origin {
    let worth = contract::worth(book, own);
    let rate = book.exchange_rate(&own.common);
    let failed = (worth.is_none() || rate.is_none()).then(|| {
        let message = format!("the amounts of {} cannot be worked out", own.id());
        Finding::error("amount.exchange_rate", Place::file(&own.file), message)
    });
    let party = book.party_common(&own.rec.party);
    let word = |own: &Option<String>, theirs: Option<&Option<String>>| {
        own.clone().or_else(|| theirs.cloned().flatten())
    };
    let mut lines = BTreeMap::new();
    for (at, line) in own.rec.line.iter().enumerate() {
        let qty = line.qty.map_or(Decimal::ZERO, |qty| qty.get());
        let factor = contract::factor(book, line).unwrap_or(Decimal::ONE);
        let amount = worth.as_ref().and_then(|worth| worth.get(at)).copied().unwrap_or_default();
        lines.insert(
            line.no,
            Line {
                contract_line: Some(line.no),
                quantity: product(qty, factor).unwrap_or(qty),
                amount,
            },
        );
    }
    Origin {
        party: own.rec.party.clone(),
        kind: "purchase",
        contract: Some(own.id().to_owned()),
        staff: word(&own.common.staff, party.map(|party| &party.staff)),
        district: word(&own.common.district, party.map(|party| &party.district)),
        team: own.common.team.clone(),
        currency: own_currency(book, &own.common).to_owned(),
        exchange_rate: rate.unwrap_or(Decimal::ONE),
        is_void: !own.counts(),
        lines,
        failed,
    }
}
