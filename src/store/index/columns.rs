//! The facts of a folder in columns of whole numbers, with a table of the words in them.
//!
//! Only what follows from one file and desk.toml alone stands here: a fact whose unit is not the
//! stock unit yet keeps its unit, and a file that leaves its price, tax or owner to the masters
//! has no row and is worked out from its record.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{
    fact::{Amount, Fact, InUnit, What},
    value::{
        day::Day,
        number::{Decimal, product, sub},
    },
};

/// The facts of a folder's files, in their order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Columns {
    words: Vec<String>,
    goods: Vec<(Word, Word)>,
    keys: Vec<Keys>,
    rows: Vec<Row>,
}

/// A word by its number from 1; 0 is none.
type Word = u32;

/// What all facts of a file share, and where its rows end.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Keys {
    /// Whether its facts are the rows that end here.
    has_rows: bool,
    rows_end: u32,
    party: Word,
    contract: Word,
    staff: Word,
    district: Word,
    kind: Word,
    currency: Word,
    exchange_rate: Word,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Row {
    quantity: i64,
    net: i64,
    gross: i64,
    on: i32,
    line: u32,
    contract_line: Option<u32>,
    goods: u32,
    what: u8,
    /// Decimals of the quantity and of the amounts.
    scales: (u8, u8),
}

/// Columns as they are filled.
#[derive(Debug, Default)]
pub(super) struct Filling {
    columns: Columns,
    words: HashMap<String, Word>,
    goods: HashMap<(Word, Word), u32>,
}

impl Columns {
    /// Each product with the unit its quantities are in; no unit is the stock unit.
    pub(super) fn goods(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let named = |(product, unit): &(Word, Word)| {
            (self.word(*product).unwrap_or_default(), self.word(*unit))
        };
        self.goods.iter().map(named)
    }

    /// The facts of a file, put into `facts`; whether they are known. `factors` are the stock
    /// units in one unit of each of the goods.
    pub(super) fn facts<'a>(
        &'a self,
        at: usize,
        id: &'a str,
        factors: &[Decimal],
        facts: &mut Vec<Fact<'a>>,
    ) -> bool {
        facts.clear();
        let Some(keys) = self.keys.get(at).filter(|keys| keys.has_rows) else { return false };
        let word = |word: Word| self.word(word);
        let rate = match word(keys.exchange_rate) {
            None => Decimal::ONE,
            Some(rate) => match rate.parse() {
                Ok(rate) => rate,
                Err(_) => return false,
            },
        };
        for row in self.rows_of(at) {
            let goods = row.goods as usize;
            let Some((goods, factor)) = self.goods.get(goods).zip(factors.get(goods)) else {
                return false;
            };
            let decimal = |value: i64, scale: u8| Decimal::new(value, scale.into());
            let net = decimal(row.net, row.scales.1);
            let gross = decimal(row.gross, row.scales.1);
            let quantity = decimal(row.quantity, row.scales.0);
            let quantity =
                if *factor == Decimal::ONE { Some(quantity) } else { product(quantity, *factor) };
            let (Some(on), Some(quantity)) = (Day::of_number(row.on), quantity) else {
                return false;
            };
            facts.push(Fact {
                what: if row.what == 0 { What::Ordered } else { What::Closed },
                on,
                id,
                line: row.line,
                contract: word(keys.contract).map(|id| (id, row.contract_line)),
                party: word(keys.party).unwrap_or_default(),
                product: word(goods.0).unwrap_or_default(),
                staff: word(keys.staff),
                team: &[],
                district: word(keys.district),
                kind: word(keys.kind).unwrap_or_default(),
                quantity,
                amount: Amount { net, tax: sub(gross, net), gross },
                currency: word(keys.currency).unwrap_or_default(),
                exchange_rate: rate,
            });
        }
        true
    }

    fn word(&self, word: Word) -> Option<&str> {
        self.words.get((word as usize).checked_sub(1)?).map(String::as_str)
    }

    fn rows_of(&self, at: usize) -> &[Row] {
        let end = |at: usize| self.keys.get(at).map_or(0, |keys| keys.rows_end as usize);
        let start = at.checked_sub(1).map_or(0, end);
        self.rows.get(start..end(at)).unwrap_or_default()
    }

    /// Whether every number leads to what it names.
    pub(super) fn is_whole(&self, files: usize) -> bool {
        let rising = self.keys.is_sorted_by_key(|keys| keys.rows_end);
        let last = self.keys.last().map_or(0, |keys| keys.rows_end as usize);
        let scaled = |row: &Row| row.scales.0 <= 28 && row.scales.1 <= 28;
        let fits = |row: &Row| (row.goods as usize) < self.goods.len() && scaled(row);
        self.keys.len() == files && rising && last == self.rows.len() && self.rows.iter().all(fits)
    }
}

impl Filling {
    /// Adds a file whose facts are not known.
    pub(super) fn skip(&mut self) {
        let rows_end = self.end();
        self.columns.keys.push(Keys { rows_end, ..Keys::default() });
    }

    /// Adds the facts of a file; where they do not fit it has none.
    pub(super) fn add(&mut self, facts: &[InUnit<'_>]) {
        let rows: Option<Vec<Row>> = facts.iter().map(|fact| self.row(fact)).collect();
        let same = facts.windows(2).all(|pair| is_of_one(&pair[0].fact, &pair[1].fact));
        let (Some(rows), true) = (rows, same) else { return self.skip() };
        self.columns.rows.extend(rows);
        let mut keys = Keys { has_rows: true, rows_end: self.end(), ..Keys::default() };
        if let Some(InUnit { fact, .. }) = facts.first() {
            keys.party = self.intern(Some(fact.party));
            keys.contract = self.intern(fact.contract.map(|(id, _)| id));
            keys.staff = self.intern(fact.staff);
            keys.district = self.intern(fact.district);
            keys.kind = self.intern(Some(fact.kind));
            keys.currency = self.intern(Some(fact.currency));
            let rate = (fact.exchange_rate != Decimal::ONE).then(|| fact.exchange_rate.to_string());
            keys.exchange_rate = self.intern(rate.as_deref());
        }
        self.columns.keys.push(keys);
    }

    /// Adds a file as it stands in other columns.
    pub(super) fn copy(&mut self, from: &Columns, at: usize) {
        let Some(held) = from.keys.get(at) else { return self.skip() };
        for row in from.rows_of(at) {
            let (product, unit) = from.goods[row.goods as usize];
            let goods = self.goods(from.word(product), from.word(unit));
            self.columns.rows.push(Row { goods, ..*row });
        }
        let mut word = |word: Word| self.intern(from.word(word));
        let keys = Keys {
            has_rows: held.has_rows,
            rows_end: 0,
            party: word(held.party),
            contract: word(held.contract),
            staff: word(held.staff),
            district: word(held.district),
            kind: word(held.kind),
            currency: word(held.currency),
            exchange_rate: word(held.exchange_rate),
        };
        let rows_end = self.end();
        self.columns.keys.push(Keys { rows_end, ..keys });
    }

    /// The columns.
    pub(super) fn finish(self) -> Columns {
        self.columns
    }

    fn end(&self) -> u32 {
        u32::try_from(self.columns.rows.len()).unwrap_or(u32::MAX)
    }

    fn row(&mut self, InUnit { fact, unit }: &InUnit<'_>) -> Option<Row> {
        let amounts = fact.amount.net.scale().max(fact.amount.gross.scale());
        let adds_up = fact.amount.tax == sub(fact.amount.gross, fact.amount.net);
        if !fact.team.is_empty() || !adds_up {
            return None;
        }
        Some(Row {
            quantity: whole(&fact.quantity, fact.quantity.scale())?,
            net: whole(&fact.amount.net, amounts)?,
            gross: whole(&fact.amount.gross, amounts)?,
            on: fact.on.number(),
            line: fact.line,
            contract_line: fact.contract.and_then(|(_, line)| line),
            goods: self.goods(Some(fact.product), *unit),
            what: u8::from(fact.what == What::Closed),
            scales: (u8::try_from(fact.quantity.scale()).ok()?, u8::try_from(amounts).ok()?),
        })
    }

    fn goods(&mut self, product: Option<&str>, unit: Option<&str>) -> u32 {
        let pair = (self.intern(product), self.intern(unit));
        let next = u32::try_from(self.columns.goods.len()).unwrap_or(u32::MAX);
        *self.goods.entry(pair).or_insert_with(|| {
            self.columns.goods.push(pair);
            next
        })
    }

    fn intern(&mut self, word: Option<&str>) -> Word {
        let Some(word) = word else { return 0 };
        if let Some(known) = self.words.get(word) {
            return *known;
        }
        self.columns.words.push(word.to_owned());
        let number = u32::try_from(self.columns.words.len()).unwrap_or(u32::MAX);
        self.words.insert(word.to_owned(), number);
        number
    }
}

/// The digits of a decimal at a scale; nothing where they do not fit, or it is a negative zero.
fn whole(exact: &Decimal, scale: u32) -> Option<i64> {
    let mut value = *exact;
    value.rescale(scale);
    let is_odd = value.scale() != scale || (value.is_zero() && value.is_sign_negative());
    if is_odd { None } else { i64::try_from(value.mantissa()).ok() }
}

/// Whether two facts share what stands once for a file.
fn is_of_one(one: &Fact<'_>, other: &Fact<'_>) -> bool {
    let keys = |fact: &Fact<'_>| (fact.exchange_rate, fact.contract.map(|(id, _)| id.to_owned()));
    one.party == other.party
        && one.staff == other.staff
        && one.district == other.district
        && one.kind == other.kind
        && one.currency == other.currency
        && keys(one) == keys(other)
}
