//! What became of contracts by a day: shipped, returned, invoiced, collected, and what is owed.
//!
//! Sums of the facts of shipments and invoices under each line of a contract, in the contract's
//! currency and not rounded. On a purchase goods are shipped when they arrive here, and collected is
//! what we paid.

#![deny(clippy::arithmetic_side_effects)]

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{
    ContractedLine, Key, brought, held,
    instalment::{self, Due, Kept, Money, Movements, Performed},
    key_of, lines, lines_of, no_rate, orders_of,
    owed::{self, Owed},
};
use crate::{
    book::{
        Book, fulfilment, invoice,
        kept::{self, Laid},
        payment,
        performed::{self, Scope, each_invoice, each_shipment, is_performance, portion},
        receivable::{self, Part},
    },
    fact::{Amount, Fact, What},
    finding::Finding,
    record::{
        Doc,
        contract::{Contract, Side},
        invoice::Invoice,
        order::Order,
        shipment::Shipment,
    },
    value::{
        day::Day,
        number::{Decimal, add, negated, sub, sum},
        period::Period,
    },
};

/// What was done under a line of a contract: quantities in stock units, amounts in the contract's
/// currency.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Done {
    /// Sent, or arrived from a supplier.
    pub shipped: Decimal,
    /// Come back, or sent back.
    pub returned: Decimal,
    /// Invoiced, less credited.
    pub invoiced: Decimal,
    /// Delivered and not invoiced.
    pub uninvoiced: Decimal,
    /// What is shipped less returned comes to.
    pub shipped_amount: Amount,
    /// What is invoiced less credited comes to.
    pub invoiced_amount: Amount,
    /// Money that settled its invoices.
    pub collected: Decimal,
    /// What of its invoices is open, less what credits leave.
    pub receivable: Decimal,
    /// What of that is due, less money kept for it.
    pub due: Decimal,
    /// What of that is late, less money kept for it.
    pub late: Decimal,
}

impl Done {
    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            shipped: add(self.shipped, other.shipped),
            returned: add(self.returned, other.returned),
            invoiced: add(self.invoiced, other.invoiced),
            uninvoiced: add(self.uninvoiced, other.uninvoiced),
            shipped_amount: self.shipped_amount.plus(other.shipped_amount),
            invoiced_amount: self.invoiced_amount.plus(other.invoiced_amount),
            collected: add(self.collected, other.collected),
            receivable: add(self.receivable, other.receivable),
            due: add(self.due, other.due),
            late: add(self.late, other.late),
        }
    }
}

/// A line of a contract with all that became of it.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Contracted and ordered.
    pub contracted: ContractedLine<'a>,
    /// What was done.
    pub done: Done,
}

/// A contract with all that became of it.
#[derive(Debug, Clone)]
pub struct Fulfilled<'a> {
    /// The contract.
    pub contract: &'a Doc<Contract>,
    /// Its lines, then what was done under it and under no line.
    pub lines: Vec<Line<'a>>,
    /// Money kept for it and its orders that no invoice used up yet; collected, too.
    pub earmarked: Decimal,
    /// Its instalments.
    pub instalments: Vec<Due<'a>>,
}

impl Fulfilled<'_> {
    /// What was done under all its lines, and money kept for it.
    pub fn done(&self) -> Done {
        let kept = Done { collected: self.earmarked, ..Done::default() };
        self.lines.iter().fold(kept, |sum, line| sum.plus(&line.done))
    }
}

/// Contracts with all that became of them, and what could not be worked out.
#[derive(Debug, Default)]
pub struct Fulfilments<'a> {
    /// The contracts, in the order of ids.
    pub contracts: Vec<Fulfilled<'a>>,
    /// Why something is not in their figures.
    pub left_out: Vec<Finding>,
}

/// So many contracts are each looked up alone.
const FEW: usize = 8;

/// What became of contracts by a day: of these, or of all that hold.
pub fn fulfilled<'a>(
    book: &'a Book,
    asked: Option<Vec<&'a Doc<Contract>>>,
    as_of: Day,
) -> Fulfilments<'a> {
    let alone =
        asked.as_ref().filter(|asked| asked.len() <= FEW).map(|few| Documents::of(book, few));
    let found = match (&alone, asked.clone()) {
        (Some(_), Some(few)) => lines_of(book, few, as_of),
        _ => lines(book, as_of),
    };
    let is_asked = |own: &&Doc<Contract>| {
        asked.as_ref().is_none_or(|asked| asked.iter().any(|other| other.id() == own.id()))
    };
    let contracts: Vec<_> = found.contracts.iter().copied().filter(is_asked).collect();
    let mut gathering = Gathering {
        book,
        as_of,
        ids: contracts.iter().map(|own| own.id()).collect(),
        sums: BTreeMap::new(),
        movements: BTreeMap::new(),
        money: BTreeMap::new(),
        laid: BTreeMap::new(),
        left_out: found.left_out,
    };
    for side in [Side::Sale, Side::Purchase] {
        if contracts.iter().any(|own| own.rec.side.unwrap_or_default() == side) {
            gathering.run(side, alone.as_ref());
        }
    }
    let mut by_contract: BTreeMap<&str, Vec<ContractedLine<'a>>> = BTreeMap::new();
    for line in found.lines {
        by_contract.entry(line.contract.id()).or_default().push(line);
    }
    let mut all = Fulfilments::default();
    for contract in contracts {
        let lines = by_contract.remove(contract.id()).unwrap_or_default();
        all.contracts.push(gathering.contract(contract, lines));
    }
    all.left_out = gathering.left_out;
    all
}

/// The documents that are about a few contracts.
pub(super) struct Documents {
    pub(super) orders: Vec<String>,
    pub(super) shipments: BTreeSet<String>,
    pub(super) invoices: BTreeSet<String>,
}

impl Documents {
    pub(super) fn of(book: &Book, contracts: &[&Doc<Contract>]) -> Self {
        let (mut orders, mut named) = (Vec::new(), Vec::new());
        for contract in contracts {
            named.push(contract.id().to_owned());
            let own = orders_of(book, contract.id()).into_iter();
            orders.extend(own.map(|order| order.id().to_owned()));
        }
        named.extend(orders.clone());
        let mut shipments = BTreeSet::new();
        let mut invoices = BTreeSet::new();
        let ids = |found: Vec<&Doc<Shipment>>| -> Vec<String> {
            found.into_iter().map(|own| own.id().to_owned()).collect()
        };
        for id in &named {
            shipments.extend(ids(book.pointing::<Shipment>(id)));
        }
        // A return may name the shipment it brings back, a credit the invoice it takes back.
        for id in shipments.clone() {
            shipments.extend(ids(book.pointing::<Shipment>(&id)));
        }
        for id in named.iter().chain(&shipments) {
            invoices.extend(book.pointing::<Invoice>(id).iter().map(|own| own.id().to_owned()));
        }
        for id in invoices.clone() {
            invoices.extend(book.pointing::<Invoice>(&id).iter().map(|own| own.id().to_owned()));
        }
        Self { orders, shipments, invoices }
    }
}

/// The figures of contracts while documents are gone through.
struct Gathering<'a> {
    book: &'a Book,
    as_of: Day,
    ids: BTreeSet<&'a str>,
    sums: BTreeMap<Key, Done>,
    movements: BTreeMap<String, Movements>,
    money: BTreeMap<String, Money>,
    /// What is kept for orders and contracts, laid over invoices, by party.
    laid: BTreeMap<String, Rc<Vec<Laid>>>,
    left_out: Vec<Finding>,
}

impl<'a> Gathering<'a> {
    fn run(&mut self, side: Side, alone: Option<&Documents>) {
        let scope = Scope {
            period: Period { from: None, to: Some(self.as_of) },
            side,
            shipments: alone.map(|own| &own.shipments),
            invoices: alone.map(|own| &own.invoices),
            ..Scope::default()
        };
        let book = self.book;
        let missing = each_shipment(book, &scope, |shipment, facts| self.shipment(shipment, facts));
        self.left_out.extend(missing);
        let missing = each_invoice(book, &scope, |bill, facts| self.invoice(bill, facts));
        self.left_out.extend(missing);
        if side == Side::Purchase {
            return;
        }
        match alone {
            Some(own) => {
                let orders = own.orders.iter().filter_map(|id| book.get::<Order>(id));
                orders.for_each(|order| self.order(order));
            }
            None => book.each::<Order>(|order| {
                if order.counts() && order.rec.contract.is_some() && !order.rec.is_quote() {
                    self.order(order);
                }
            }),
        }
    }

    /// The sums of what a fact is for, where that is asked for.
    fn sums(&mut self, fact: &Fact<'_>) -> Option<&mut Done> {
        let key = key_of(fact).filter(|key| self.ids.contains(key.0.as_str()))?;
        Some(self.sums.entry(key).or_default())
    }

    /// A figure in the currency of a fact, in that of its contract.
    fn brought(&mut self, fact: &Fact<'_>, amount: Decimal, file: &str) -> Option<Decimal> {
        let (contract, _) = fact.contract?;
        let found = brought(self.book, contract, fact, amount);
        if found.is_none() {
            self.left_out.push(no_rate(contract, fact, file.to_owned()));
        }
        found
    }

    fn shipment(&mut self, shipment: &Doc<Shipment>, facts: &[Fact<'_>]) {
        for fact in facts {
            let Some((contract, line)) = fact.contract else { continue };
            let (Some(net), Some(gross)) = (
                self.brought(fact, fact.amount.net, &shipment.file),
                self.brought(fact, fact.amount.gross, &shipment.file),
            ) else {
                continue;
            };
            let Some(done) = self.sums(fact) else { continue };
            match fact.what {
                What::Returned => done.returned = sub(done.returned, fact.quantity),
                _ => done.shipped = add(done.shipped, fact.quantity),
            }
            let amount = Amount { net, tax: sub(gross, net), gross };
            done.shipped_amount = done.shipped_amount.plus(amount);
            if let Some(no) = line {
                let movements = self.movements.entry(contract.to_owned()).or_default();
                movements.shipment(shipment, fact, no, self.as_of);
            }
        }
    }

    fn invoice(&mut self, bill: &Doc<Invoice>, facts: &[Fact<'_>]) {
        let ids = self.ids.clone();
        let is_ours =
            |fact: &Fact<'_>| fact.contract.is_some_and(|(contract, _)| ids.contains(contract));
        if !facts.iter().any(is_ours) {
            return;
        }
        let book = self.book;
        let total = sum(facts.iter().map(|fact| fact.amount.gross));
        let parts = receivable::parts(book, bill, self.as_of).unwrap_or_default();
        let is_credit = invoice::sign(bill).is_sign_negative();
        let laid = self.laid(&bill.rec.party, bill.rec.side.unwrap_or_default());
        let kept = |part: &Part| kept::over(&laid, bill.id(), part.no);
        let owed = owed::of_invoice(book, bill, (&parts, &laid), self.as_of);
        for (fact, line) in facts.iter().zip(owed).filter(|(fact, _)| is_ours(fact)) {
            let of_line = |whole: Decimal| portion(whole, fact.amount.gross, total);
            let of_money = [line.collected, line.open, line.due, line.late];
            let figures = [fact.amount.net, fact.amount.gross].into_iter().chain(of_money);
            let brought: Option<Vec<Decimal>> =
                figures.map(|figure| self.brought(fact, figure, &bill.file)).collect();
            let Some([net, gross, cash, open, due, late]) =
                brought.and_then(|all| <[Decimal; 6]>::try_from(all).ok())
            else {
                continue;
            };
            let amount = Amount { net, tax: sub(gross, net), gross };
            self.line(bill, fact, amount, Owed { collected: cash, open, due, late });
            let Some((contract, _)) = fact.contract else { continue };
            let money = self.money.entry(contract.to_owned()).or_default();
            match is_credit {
                true => money.credit(bill, negated(fact.amount.gross)),
                false => money.take(bill, &parts, kept, of_line),
            }
        }
    }

    /// What is kept for the orders and contracts of a party, over what is due of their invoices.
    fn laid(&mut self, party: &str, side: Side) -> Rc<Vec<Laid>> {
        let (book, as_of) = (self.book, self.as_of);
        let laid = self.laid.entry(party.to_owned());
        let laid = laid.or_insert_with(|| Rc::new(kept::laid(book, party, side, as_of, as_of)));
        Rc::clone(laid)
    }

    /// Adds a line of an invoice.
    fn line(&mut self, bill: &Doc<Invoice>, fact: &Fact<'_>, amount: Amount, owed: Owed) {
        let is_sale = is_performance(bill, fact);
        let Some(done) = self.sums(fact) else { return };
        if is_sale {
            done.invoiced = add(done.invoiced, fact.quantity);
            done.invoiced_amount = done.invoiced_amount.plus(amount);
        }
        done.collected = add(done.collected, owed.collected);
        done.receivable = add(done.receivable, owed.open);
        done.due = add(done.due, owed.due);
        done.late = add(done.late, owed.late);
        if let (true, Some((contract, Some(no)))) = (is_sale, fact.contract) {
            let movements = self.movements.entry(contract.to_owned()).or_default();
            movements.invoiced.push((no, fact.on, fact.quantity));
        }
    }

    fn order(&mut self, order: &Doc<Order>) {
        let Some(contract) = order.rec.contract.as_deref() else { return };
        if !self.ids.contains(contract) {
            return;
        }
        for line in &fulfilment::of_order(self.book, order, self.as_of).lines {
            let uninvoiced = line.uninvoiced();
            if uninvoiced.is_zero() {
                continue;
            }
            let key = match line.line.contract_line {
                Some(no) => (contract.to_owned(), no, String::new()),
                None => (contract.to_owned(), 0, line.line.product.clone()),
            };
            let done = self.sums.entry(key).or_default();
            done.uninvoiced = add(done.uninvoiced, uninvoiced);
        }
    }

    /// A contract of what was gathered.
    fn contract(
        &mut self,
        contract: &'a Doc<Contract>,
        contracted: Vec<ContractedLine<'a>>,
    ) -> Fulfilled<'a> {
        let mut lines: Vec<Line<'a>> = Vec::new();
        let mut taken = BTreeSet::new();
        for line in contracted {
            let product = if line.no == 0 { line.product.to_string() } else { String::new() };
            let key = (contract.id().to_owned(), line.no, product);
            let done = self.sums.get(&key).copied().unwrap_or_default();
            taken.insert(key);
            lines.push(Line { contracted: line, done });
        }
        let first = (contract.id().to_owned(), 0, String::new());
        let own = self.sums.range(first..).take_while(|((id, ..), _)| id == contract.id());
        for ((_, no, product), done) in own.filter(|(key, _)| !taken.contains(*key)) {
            let contracted = ContractedLine {
                contract,
                no: *no,
                product: Cow::Owned(product.clone()),
                contracted: None,
                contracted_amount: None,
                ordered: Decimal::ZERO,
                ordered_amount: Amount::default(),
                consumed: Decimal::ZERO,
            };
            lines.push(Line { contracted, done: *done });
        }
        if contract.rec.side.unwrap_or_default() == Side::Purchase {
            for Line { done, .. } in &mut lines {
                let kept = sub(done.shipped, done.returned);
                done.uninvoiced = sub(kept, done.invoiced).max(Decimal::ZERO);
            }
        }
        let (held, missing) = held::changes(self.book, contract, self.as_of);
        let earmarked = sum(held.into_iter().map(|change| change.amount));
        self.left_out.extend(missing);
        let laid = self.laid(&contract.rec.party, contract.rec.side.unwrap_or_default());
        let none = (Movements::default(), Money::default());
        let movements = self.movements.get(contract.id()).unwrap_or(&none.0);
        let money = self.money.get(contract.id()).unwrap_or(&none.1);
        let own = payment::earmarked(self.book, contract.id(), self.as_of);
        let used = laid.iter().filter(|laid| laid.kept_for == contract.id());
        let kept = Kept { whole: own, left: sub(own, sum(used.map(|own| own.amount))) };
        let of = Performed { movements, money, kept };
        let instalments = instalment::of_contract(self.book, contract, of, self.as_of);
        Fulfilled { contract, lines, earmarked, instalments }
    }
}

/// What of a line is fulfilled, in stock units: net shipped, of what is not delivered what is
/// invoiced.
pub fn fulfilled_quantity(line: &Line<'_>, is_deliverable: bool) -> Decimal {
    match is_deliverable {
        true => sub(line.done.shipped, line.done.returned),
        false => line.done.invoiced,
    }
}

/// The same as a fraction of what is contracted; nothing where no quantity is.
pub fn fulfilled_part(line: &Line<'_>, is_deliverable: bool) -> Option<Decimal> {
    let whole = line.contracted.contracted.filter(|whole| !whole.is_zero())?;
    let done = fulfilled_quantity(line, is_deliverable);
    Some(performed::portion(Decimal::ONE, done, whole))
}

/// What of a line is late, in stock units, and the day it was promised for; nothing where all of it
/// is there, or no day has passed.
pub fn late(
    book: &Book,
    contract: &Doc<Contract>,
    line: &Line<'_>,
    as_of: Day,
) -> Option<(Day, Decimal)> {
    let agreed = contract.rec.line.iter().find(|agreed| agreed.no == line.contracted.no)?;
    let due = agreed.promised_on.or(agreed.due_on).filter(|day| *day < as_of)?;
    let is_deliverable = instalment::is_goods(book, agreed);
    let left = sub(line.contracted.contracted?, fulfilled_quantity(line, is_deliverable));
    (left > Decimal::ZERO).then_some((due, left))
}
