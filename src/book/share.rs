//! Amounts in parts that add up to the whole: what is under several contracts, or of several goods.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::{
    Book, invoice,
    receivable::{self, Item},
};
use crate::{
    record::invoice::Invoice,
    value::{
        currency,
        number::{Decimal, add, round, sub, sum},
    },
};

/// An item in parts, one for each contract its invoice is under, by what their lines come to; what
/// is under one contract stays whole.
pub fn by_contract(book: &Book, item: Item) -> Vec<Item> {
    let bill = book.get::<Invoice>(&item.id).filter(|_| item.contract.is_none());
    let Some((bill, amounts)) = bill.and_then(|bill| Some((bill, invoice::lines(book, bill)?)))
    else {
        return vec![item];
    };
    let mut shares: BTreeMap<Option<String>, Decimal> = BTreeMap::new();
    for (line, amount) in bill.rec.line.iter().zip(amounts) {
        let share = shares.entry(receivable::contract_of(book, bill, line)).or_default();
        *share = add(*share, amount.gross);
    }
    if shares.is_empty() {
        return vec![item];
    }
    let weights: Vec<Decimal> = shares.values().copied().collect();
    let own = currency::decimals(&item.currency);
    let base = currency::decimals(book.config.currency());
    let amounts = spread(item.amount, &weights, own);
    let opens = spread(item.open, &weights, own);
    let base_amounts = item.base_amount.map(|amount| spread(amount, &weights, base));
    let base_opens = item.base_open.map(|open| spread(open, &weights, base));
    let part = |(at, contract): (usize, Option<String>)| Item {
        contract,
        amount: amounts[at],
        open: opens[at],
        base_amount: base_amounts.as_ref().map(|all| all[at]),
        base_open: base_opens.as_ref().map(|all| all[at]),
        ..item.clone()
    };
    shares.into_keys().enumerate().map(part).collect()
}

/// An amount in parts by weight that add up to it, each rounded; where weights come to nothing, it
/// is the first one's.
pub fn spread(amount: Decimal, weights: &[Decimal], decimals: u32) -> Vec<Decimal> {
    let whole = sum(weights.iter().copied());
    let (mut so_far, mut given) = (Decimal::ZERO, Decimal::ZERO);
    let mut part = |(at, weight): (usize, &Decimal)| {
        so_far = add(so_far, *weight);
        let share = amount.checked_mul(so_far).and_then(|part| part.checked_div(whole));
        let upto = match share.filter(|_| at.saturating_add(1) < weights.len()) {
            Some(share) => round(share, decimals),
            None => amount,
        };
        let own = sub(upto, given);
        given = upto;
        own
    };
    weights.iter().enumerate().map(&mut part).collect()
}
