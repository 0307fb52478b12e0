//! Freight in the ledger: what carriers ask of us for shipments that left or came back in a period.
//!
//! Of a shipment with goods of orders it is spread over its lines by what they come to; of samples
//! and parcels it is the customer's alone. What the other side pays is none.

use std::collections::BTreeMap;

use super::{
    classes::{Goods, Of, keys},
    described,
};
use crate::{
    book::{
        Book,
        performed::{Scope, each_shipment},
        receivable::in_base,
        share,
    },
    fact::Fact,
    filter::Filter,
    finding::Finding,
    record::{
        Doc,
        shipment::{FreightBy, Shipment},
    },
    value::{
        currency,
        number::{Decimal, add},
        period::Period,
        place::{KeyPath, Place},
    },
};

/// Freight by the keys of a ledger, in base currency, and what has no exchange rate.
pub(super) fn of(
    book: &Book,
    by: &[String],
    filter: &Filter,
    period: Period,
) -> (BTreeMap<Vec<String>, Decimal>, Vec<Finding>) {
    let (mut sums, mut left_out) = (BTreeMap::<Vec<String>, Decimal>::new(), Vec::new());
    let scope = Scope { period, ..Scope::default() };
    let found = each_shipment(book, &scope, |shipment, facts| {
        let Some(freight) = shipment.rec.freight.map(|freight| freight.get()) else { return };
        if shipment.rec.freight_by == Some(FreightBy::Them) || freight.is_zero() {
            return;
        }
        let Some(freight) = in_base(book, &shipment.common, freight) else {
            let place = Place::key(&shipment.file, KeyPath::key("exchange_rate"));
            let message = format!("{} has no exchange rate", shipment.id());
            return left_out.push(Finding::error("amount.exchange_rate", place, message));
        };
        for (party, whose, goods, part) in parts(book, shipment, facts, freight) {
            let of = Of {
                party: &party,
                staff: &whose[0],
                district: &whose[1],
                currency: book.config.currency(),
            };
            if filter.terms.is_empty() || filter.matches(&described(book, &of)) {
                let sum = sums.entry(keys(book, by, &of, &goods)).or_default();
                *sum = add(*sum, part);
            }
        }
    });
    left_out.extend(found);
    (sums, left_out)
}

/// A party, its owner and district, the goods, and what of the freight is theirs.
type Own = (String, [Option<String>; 2], Goods, Decimal);

fn parts(book: &Book, shipment: &Doc<Shipment>, facts: &[Fact<'_>], freight: Decimal) -> Vec<Own> {
    if facts.is_empty() {
        // Goods in from suppliers are no sale.
        let Some(party) = shipment.rec.customer.clone() else { return Vec::new() };
        let theirs = book.party_common(&party);
        let own = [&shipment.common.staff, &shipment.common.district];
        let of_party =
            [theirs.and_then(|own| own.staff.clone()), theirs.and_then(|own| own.district.clone())];
        let [staff, district] = own.map(Clone::clone);
        let [their_staff, their_district] = of_party;
        let whose = [staff.or(their_staff), district.or(their_district)];
        return vec![(party, whose, Goods::default(), freight)];
    }
    let weights: Vec<Decimal> = facts.iter().map(|fact| fact.amount.gross.abs()).collect();
    let shares = share::spread(freight, &weights, currency::decimals(book.config.currency()));
    let part = |(fact, share): (&Fact<'_>, Decimal)| {
        let contract = fact.contract.map(|(id, _)| id.to_owned());
        let goods = Goods::of(book, Some(fact.product), contract);
        let whose = [fact.staff, fact.district].map(|word| word.map(str::to_owned));
        (fact.party.to_owned(), whose, goods, share)
    };
    facts.iter().zip(shares).map(part).collect()
}
