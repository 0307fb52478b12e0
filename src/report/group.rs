//! Grouping facts and adding them up: written once for every report and every `--by`.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::{
    book::{Book, terms},
    fact::{Fact, What},
    page::{Cell, Chart, Column, Row, Shape},
    record::{Doc, customer::Customer, product::Product, staff::Staff},
    value::{
        day::Day,
        number::{Decimal, add, product, sub},
        period::{Calendar, Step},
    },
};

/// What facts can be grouped by.
pub(super) const KEYS: &[&str] = &[
    "customer", "product", "category", "staff", "district", "kind", "day", "week", "month",
    "quarter", "year",
];

/// Stands for what has no value of a grouping.
pub(super) const NONE: &str = "(none)";

/// What a group of facts comes to, in base currency, exact until it is shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) quantity: Decimal,
    pub(super) net: Decimal,
    pub(super) gross: Decimal,
    /// Nothing as soon as one product's cost is not known.
    pub(super) cost: Option<Decimal>,
    /// How many documents.
    pub(super) documents: i64,
    /// The document counted last, by its number in the tally.
    last: usize,
}

/// Facts added up by keys, and the products whose cost is not known here.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub(super) rows: BTreeMap<Vec<String>, Sums>,
    pub(super) total: Sums,
    pub(super) costless: BTreeSet<String>,
}

/// How facts are grouped. A day is first moved by `shift`, which lays an earlier period over the
/// one it is compared with.
pub(super) struct Grouping<'a> {
    book: &'a Book,
    calendar: Calendar,
    keys: Vec<Key>,
    shift: &'a (dyn Fn(Day) -> Day + Sync),
}

#[derive(Debug, Clone, Copy)]
enum Key {
    Customer,
    Product,
    Category,
    Staff,
    District,
    Kind,
    Time(Step),
}

/// Facts as they are added up, words by numbers.
#[derive(Debug)]
pub(super) struct Tally {
    words: HashMap<String, u32>,
    rows: HashMap<Vec<u32>, Sums>,
    total: Sums,
    goods: HashMap<String, Goods>,
    days: HashMap<(Day, usize), u32>,
    costless: HashSet<u32>,
    documents: usize,
    key: Vec<u32>,
}

/// What is asked of a product.
#[derive(Debug, Clone, Copy)]
struct Goods {
    cost: Option<Decimal>,
    word: u32,
    category: u32,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            words: HashMap::new(),
            rows: HashMap::new(),
            total: Sums::empty(),
            goods: HashMap::new(),
            days: HashMap::new(),
            costless: HashSet::new(),
            documents: 0,
            key: Vec::new(),
        }
    }
}

impl Sums {
    pub(super) fn empty() -> Self {
        Self { cost: Some(Decimal::ZERO), ..Self::default() }
    }

    fn take(&mut self, what: What, figures: &Figures, document: usize) {
        self.quantity = add(self.quantity, figures.quantity);
        self.net = add(self.net, figures.net);
        self.gross = add(self.gross, figures.gross);
        self.cost = self.cost.zip(figures.cost).map(|(sum, cost)| add(sum, cost));
        if !what.takes_back() && self.last != document {
            self.last = document;
            self.documents = self.documents.saturating_add(1);
        }
    }

    fn join(&mut self, other: &Self) {
        self.quantity = add(self.quantity, other.quantity);
        self.net = add(self.net, other.net);
        self.gross = add(self.gross, other.gross);
        self.cost = self.cost.zip(other.cost).map(|(sum, cost)| add(sum, cost));
        self.documents = self.documents.saturating_add(other.documents);
    }

    /// Net less cost.
    pub(super) fn margin(&self) -> Option<Decimal> {
        self.cost.map(|cost| sub(self.net, cost))
    }
}

/// What one fact adds.
struct Figures {
    quantity: Decimal,
    net: Decimal,
    gross: Decimal,
    cost: Option<Decimal>,
}

/// An amount in base currency, exact.
fn base(amount: Decimal, exchange_rate: Decimal) -> Decimal {
    if exchange_rate == Decimal::ONE {
        return amount;
    }
    product(amount, exchange_rate).unwrap_or_else(|| amount.saturating_mul(exchange_rate))
}

impl<'a> Grouping<'a> {
    pub(super) fn new(
        book: &'a Book,
        by: &[String],
        shift: &'a (dyn Fn(Day) -> Day + Sync),
    ) -> Self {
        let key = |key: &String| match key.as_str() {
            "customer" => Key::Customer,
            "product" => Key::Product,
            "category" => Key::Category,
            "staff" => Key::Staff,
            "district" => Key::District,
            word => Step::parse(word).map_or(Key::Kind, Key::Time),
        };
        Self { book, calendar: book.config.calendar(), keys: by.iter().map(key).collect(), shift }
    }

    /// What the months' tallies come to together.
    pub(super) fn groups(&self, tallies: Vec<Tally>) -> Groups {
        let mut groups = Groups { total: Sums::empty(), ..Groups::default() };
        for tally in tallies {
            groups.total.join(&tally.total);
            let mut words = vec![""; tally.words.len()];
            tally.words.iter().for_each(|(word, at)| words[*at as usize] = word);
            let costless = tally.costless.iter().map(|at| words[*at as usize].to_owned());
            groups.costless.extend(costless);
            for (key, sums) in &tally.rows {
                let key = key.iter().map(|at| words[*at as usize].to_owned()).collect();
                groups.rows.entry(key).or_insert_with(Sums::empty).join(sums);
            }
        }
        groups
    }
}

impl Tally {
    /// Adds the facts of one document.
    pub(super) fn take(&mut self, grouping: &Grouping<'_>, facts: &[Fact<'_>]) {
        self.documents = self.documents.saturating_add(1);
        for fact in facts {
            let goods = self.goods(grouping.book, fact.product);
            let figures = Figures {
                quantity: fact.quantity,
                net: base(fact.amount.net, fact.exchange_rate),
                gross: base(fact.amount.gross, fact.exchange_rate),
                cost: match fact.product.is_empty() {
                    // What is no product, such as freight on an invoice, costs nothing here.
                    true => Some(Decimal::ZERO),
                    false => terms::cost(goods.cost, fact.quantity),
                },
            };
            if figures.cost.is_none() {
                self.costless.insert(goods.word);
            }
            let mut key = std::mem::take(&mut self.key);
            key.clear();
            for (at, by) in grouping.keys.iter().enumerate() {
                key.push(self.label(grouping, fact, goods, (at, *by)));
            }
            self.total.take(fact.what, &figures, self.documents);
            match self.rows.get_mut(&key) {
                Some(sums) => sums.take(fact.what, &figures, self.documents),
                None => {
                    let sums = self.rows.entry(key.clone()).or_insert_with(Sums::empty);
                    sums.take(fact.what, &figures, self.documents);
                }
            }
            self.key = key;
        }
    }

    fn goods(&mut self, book: &Book, product: &str) -> Goods {
        if let Some(goods) = self.goods.get(product) {
            return *goods;
        }
        let found: Option<&Doc<Product>> = book.get(product);
        let category = found.and_then(|own| own.rec.category.as_deref());
        let goods = Goods {
            cost: found.and_then(|own| own.rec.cost).map(|cost| cost.get()),
            word: self.word(if product.is_empty() { NONE } else { product }),
            category: self.word(category.unwrap_or(NONE)),
        };
        self.goods.insert(product.to_owned(), goods);
        goods
    }

    fn label(
        &mut self,
        grouping: &Grouping<'_>,
        fact: &Fact<'_>,
        goods: Goods,
        (at, key): (usize, Key),
    ) -> u32 {
        match key {
            Key::Customer => self.word(fact.party),
            Key::Product => goods.word,
            Key::Category => goods.category,
            Key::Staff => self.word(fact.staff.unwrap_or(NONE)),
            Key::District => self.word(fact.district.unwrap_or(NONE)),
            Key::Kind => self.word(fact.kind),
            Key::Time(step) => {
                if let Some(word) = self.days.get(&(fact.on, at)) {
                    return *word;
                }
                let label = step.label((grouping.shift)(fact.on), &grouping.calendar);
                let word = self.word(&label);
                self.days.insert((fact.on, at), word);
                word
            }
        }
    }

    fn word(&mut self, word: &str) -> u32 {
        if let Some(known) = self.words.get(word) {
            return *known;
        }
        let next = u32::try_from(self.words.len()).expect("a month has fewer words than 2^32");
        self.words.insert(word.to_owned(), next);
        next
    }
}

/// The columns of a grouping: each key, and the name behind a code.
pub(super) fn key_columns(by: &[String]) -> Vec<Column> {
    let mut columns = Vec::new();
    for key in by {
        columns.push(Column::words(key.as_str()));
        if has_name(key) {
            columns.push(Column::words(format!("{key}_name")));
        }
    }
    columns
}

/// The chart of a grouped table: a line over one grouping by time, else a bar for each row.
pub(super) fn chart(by: &[String], table: &str, figure: &str) -> Chart {
    let named = |key: &String| if has_name(key) { format!("{key}_name") } else { key.clone() };
    let is_time = |key: &String| Step::parse(key).is_some();
    let shape = match by {
        [key] if is_time(key) => Shape::Line,
        _ => Shape::Bars,
    };
    let labels = by.iter().map(named).collect();
    Chart { table: table.to_owned(), labels, figure: figure.to_owned(), shape }
}

/// The cells of a grouping.
pub(super) fn key_cells(book: &Book, by: &[String], keys: &[String]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (key, value) in by.iter().zip(keys) {
        if !has_name(key) {
            cells.push(match key.as_str() {
                "kind" => Cell::word(value.as_str()),
                _ => Cell::text(value.as_str()),
            });
            continue;
        }
        cells.push(Cell::Ref(value.clone()));
        let name = match key.as_str() {
            "customer" => book
                .get::<Customer>(value)
                .map(|own| own.rec.short_name.as_ref().unwrap_or(&own.rec.name)),
            "product" => book.get::<Product>(value).map(|own| &own.rec.name),
            _ => book.get::<Staff>(value).map(|own| &own.rec.name),
        };
        cells.push(Cell::text(name.cloned().unwrap_or_default()));
    }
    cells
}

fn has_name(key: &str) -> bool {
    matches!(key, "customer" | "product" | "staff")
}

/// The rows of a grouped table: each key with its figures, and what they come to together.
pub(super) fn rows<Keys: AsRef<[String]>>(
    book: &Book,
    by: &[String],
    groups: impl Iterator<Item = (Keys, Vec<Cell>)>,
    total: Vec<Cell>,
) -> Vec<Row> {
    let row = |(keys, figures): (Keys, Vec<Cell>)| {
        let mut cells = key_cells(book, by, keys.as_ref());
        cells.extend(figures);
        Row::Data(cells)
    };
    let mut rows: Vec<Row> = groups.map(row).collect();
    if !rows.is_empty() {
        rows.push(total_row(by, total));
    }
    rows
}

/// The word that an own value, else a party's, is grouped under.
pub(super) fn word(own: &Option<String>, theirs: Option<&Option<String>>) -> String {
    let word = own.as_deref().or_else(|| theirs.and_then(|theirs| theirs.as_deref()));
    word.unwrap_or(NONE).to_owned()
}

/// A total row: the word, then blanks up to the figures.
fn total_row(by: &[String], figures: Vec<Cell>) -> Row {
    let width = key_columns(by).len();
    let mut cells = vec![Cell::word("total")];
    cells.resize(width.max(1), Cell::Empty);
    if width == 0 {
        cells.clear();
    }
    cells.extend(figures);
    Row::Total(cells)
}
