//! What is owed, item by item, as of a day: invoices by the day each part is due, and money and
//! credits that nothing is settled with.
//!
//! Credits and payments stand below zero, so that the items of a party add up to its balance. Money
//! is never late: what stands below zero, and what has no due day yet, is not due.

#![deny(clippy::arithmetic_side_effects)]

pub use super::ageing::{BUCKETS, Bucket};
use super::{
    Book, ageing::days_between, authority, contract::event, fulfilment, invoice, payment,
    performed::is_sale,
};
use crate::{
    finding::Finding,
    record::{
        Doc,
        common::Common,
        contract::Side,
        invoice::{Invoice, InvoiceKind, InvoiceLine},
        order::Order,
        payment::Payment,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, negated, round, sub, sum},
        period::Period,
        place::Place,
    },
};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// An invoice, or a part of one.
    Invoice,
    /// A credit that is not used up.
    Credit,
    /// A payment, or the part of one, that nothing is settled with.
    Payment,
}

impl Sort {
    /// Its word in columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Credit => "credit",
            Self::Payment => "payment",
        }
    }
}

/// One item of a party's account.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it is.
    pub sort: Sort,
    /// Id of the invoice or payment.
    pub id: String,
    /// Its file and row.
    pub place: Place,
    /// Part of the invoice.
    pub instalment: Option<u32>,
    /// Customer or supplier.
    pub party: String,
    /// Owner.
    pub staff: Option<String>,
    /// District.
    pub district: Option<String>,
    /// Contract, where there is just one.
    pub contract: Option<String>,
    /// Official number of the invoice, reference of the payment.
    pub number: Option<String>,
    /// Day it was issued or paid.
    pub issued_on: Option<Day>,
    /// Day it is due; nothing where that is not known yet.
    pub due_on: Option<Day>,
    /// Currency of the amounts.
    pub currency: String,
    /// Base currency per unit of it; nothing where it is missing.
    pub exchange_rate: Option<Decimal>,
    /// What it was for, signed.
    pub amount: Decimal,
    /// What of it is open, signed.
    pub open: Decimal,
    /// What it was for in base currency, by its own exchange rate; nothing where that is missing.
    pub base_amount: Option<Decimal>,
    /// What of it is open in base currency; the parts of an invoice add up to the whole.
    pub base_open: Option<Decimal>,
}

impl Item {
    /// Days past the day it was due; none where it is not due, or asks for nothing.
    pub fn days_overdue(&self, as_of: Day) -> u32 {
        let due = self.due_on.filter(|_| self.open > Decimal::ZERO);
        days_between(due, as_of)
    }

    /// The bucket of its age by the day it was due.
    pub fn bucket(&self, as_of: Day) -> Bucket {
        Bucket::of(self.days_overdue(as_of))
    }

    /// The bucket of its age by the day it was issued.
    pub fn bucket_by_issue(&self, as_of: Day) -> Bucket {
        let issued = self.issued_on.filter(|_| self.open > Decimal::ZERO);
        Bucket::of(days_between(issued, as_of))
    }
}

/// Items, and what could not be worked out.
#[derive(Debug, Default)]
pub struct Items {
    /// What is open, in the order of files.
    pub items: Vec<Item>,
    /// Why an invoice is not among them.
    pub left_out: Vec<Finding>,
}

/// Everything that is open on one side by a day: with customers, or with suppliers.
pub fn items(book: &Book, side: Side, as_of: Day) -> Items {
    let mut all = Items::default();
    book.each::<Invoice>(|bill| {
        if is_on(bill, side) {
            of_invoice(book, bill, as_of, &mut all);
        }
    });
    let suppliers = side == Side::Purchase;
    book.each::<Payment>(|paid| {
        let kind = book.parties(&paid.rec.party).first().map(|(kind, _)| *kind);
        let is_own = match kind {
            Some(crate::record::Kind::Supplier) => suppliers,
            Some(crate::record::Kind::Customer) => !suppliers,
            _ => false,
        };
        if is_own {
            of_payment(book, paid, side, as_of, &mut all);
        }
    });
    all
}

/// What was invoiced on one side on the days of a period, credits below zero, with nothing said of
/// what is open and not rounded: the sales that receivables are measured with, and what is none,
/// deposits and what was carried over.
pub fn invoiced_in(book: &Book, side: Side, period: Period) -> (Items, Items) {
    let (mut sales, mut ahead) = (Items::default(), Items::default());
    book.each::<Invoice>(|bill| {
        let in_period = bill.rec.issued_on.is_some_and(|day| period.contains(day));
        if is_on(bill, side) && in_period && invoice::is_issued(bill, payment::EVER) {
            let whole = |amount| vec![Part { no: None, due_on: None, amount, open: amount }];
            let seen = (None, period.to.unwrap_or(book.today));
            let (own, rest) = sold(book, bill).unzip();
            put(book, bill, own.map(whole), seen, &mut sales);
            put(book, bill, Some(whole(rest.unwrap_or_default())), seen, &mut ahead);
        }
    });
    (sales, ahead)
}

/// What of an invoice is a sale, with tax, and what is none.
fn sold(book: &Book, bill: &Doc<Invoice>) -> Option<(Decimal, Decimal)> {
    let total = invoice::total(book, bill)?.gross;
    let mut sale = if is_sale(bill, None) { total } else { Decimal::ZERO };
    for (line, amount) in bill.rec.line.iter().zip(invoice::lines(book, bill)?) {
        if is_sale(bill, None) && !is_sale(bill, Some(line)) {
            sale = sub(sale, amount.gross);
        }
    }
    Some((sale, sub(total, sale)))
}

/// Everything that is open with one party on one side by a day.
pub fn items_of(book: &Book, party: &str, side: Side, as_of: Day) -> Items {
    let mut all = Items::default();
    book.gather(party);
    for bill in book.pointing::<Invoice>(party) {
        if bill.rec.party == party && is_on(bill, side) {
            of_invoice(book, bill, as_of, &mut all);
        }
    }
    for paid in payment::payments_of(book, party) {
        of_payment(book, paid, side, as_of, &mut all);
    }
    all
}

fn is_on(bill: &Doc<Invoice>, side: Side) -> bool {
    bill.rec.side.unwrap_or_default() == side
}

fn of_invoice(book: &Book, bill: &Doc<Invoice>, as_of: Day, all: &mut Items) {
    if invoice::is_issued(bill, as_of) {
        let base = currency::decimals(book.config.currency());
        put(book, bill, parts(book, bill, as_of), (Some(base), as_of), all);
    }
}

/// Adds the parts of an invoice that something is open of by a day, in base currency at so many
/// decimals, or exact.
fn put(
    book: &Book,
    bill: &Doc<Invoice>,
    parts: Option<Vec<Part>>,
    (decimals, as_of): (Option<u32>, Day),
    all: &mut Items,
) {
    let Some(parts) = parts else {
        let message = format!("the amounts of {} cannot be worked out", bill.id());
        all.left_out.push(Finding::error("invoice.amount", Place::file(&bill.file), message));
        return;
    };
    let sign = invoice::sign(bill);
    let is_credit = bill.rec.sort() == InvoiceKind::Credit;
    let contracts = contracts_of(book, bill);
    let owner = owner(book, bill, as_of);
    let mut amounts = Brought { decimals, ..Brought::new(book, &bill.common) };
    let mut opens = amounts.clone();
    for part in parts {
        let amount = signed(part.amount, sign);
        let open = signed(part.open, sign);
        let (base_amount, base_open) = (amounts.next(amount), opens.next(open));
        if open.is_zero() {
            continue;
        }
        all.items.push(Item {
            sort: if is_credit { Sort::Credit } else { Sort::Invoice },
            id: bill.id().to_owned(),
            place: Place::file(&bill.file),
            instalment: part.no,
            party: bill.rec.party.clone(),
            staff: owner.0.clone(),
            district: owner.1.clone(),
            contract: contracts.first().filter(|_| contracts.len() == 1).cloned(),
            number: bill.rec.number.clone(),
            issued_on: bill.rec.issued_on,
            due_on: part.due_on,
            currency: payment::own_currency(book, &bill.common).to_owned(),
            exchange_rate: book.exchange_rate(&bill.common),
            amount,
            open,
            base_amount,
            base_open,
        });
    }
}

/// Amounts of one record brought to base currency, rounded so that their sum is the whole's.
#[derive(Debug, Clone)]
struct Brought {
    rate: Option<Decimal>,
    /// Nothing where it is not rounded.
    decimals: Option<u32>,
    own: Decimal,
    base: Decimal,
}

impl Brought {
    fn new(book: &Book, common: &Common) -> Self {
        Self {
            rate: book.exchange_rate(common),
            decimals: Some(currency::decimals(book.config.currency())),
            own: Decimal::ZERO,
            base: Decimal::ZERO,
        }
    }

    fn next(&mut self, amount: Decimal) -> Option<Decimal> {
        self.own = add(self.own, amount);
        let exact = self.own.checked_mul(self.rate?)?;
        let base = self.decimals.map_or(exact, |decimals| round(exact, decimals));
        let part = sub(base, self.base);
        self.base = base;
        Some(part)
    }
}

/// An amount of a record in base currency, by its own exchange rate and at the decimals of the
/// base currency; nothing where the rate is missing.
pub fn in_base(book: &Book, common: &Common, amount: Decimal) -> Option<Decimal> {
    Brought::new(book, common).next(amount)
}

fn signed(amount: Decimal, sign: Decimal) -> Decimal {
    if sign.is_sign_negative() { negated(amount) } else { amount }
}

/// Whose it is to collect an invoice on a day, and its district: as it says itself, else as its
/// party does.
pub fn owner(book: &Book, bill: &Doc<Invoice>, on: Day) -> (Option<String>, Option<String>) {
    let own = bill.common.staff.as_deref();
    let staff = authority::in_charge(book, own, Some(&bill.rec.party), on);
    let theirs = || book.party_common(&bill.rec.party)?.district.clone();
    (staff.map(str::to_owned), bill.common.district.clone().or_else(theirs))
}

/// The contracts an invoice is under, by its lines or their orders, each once.
pub fn contracts_of(book: &Book, bill: &Doc<Invoice>) -> Vec<String> {
    let lines = bill.rec.line.iter();
    each_once(lines.filter_map(|line| contract_of(book, bill, line)))
}

/// The contract of a line of an invoice, by itself or by its order.
pub fn contract_of(book: &Book, bill: &Doc<Invoice>, line: &InvoiceLine) -> Option<String> {
    let of_order = || {
        let (order, _) = fulfilment::invoiced_line(book, bill, line)?;
        book.get::<Order>(order)?.rec.contract.clone()
    };
    line.contract.clone().or_else(of_order)
}

/// The orders an invoice is for, by its lines, their shipments or what they credit, each once.
pub fn orders_of(book: &Book, bill: &Doc<Invoice>) -> Vec<String> {
    let order = |line: &InvoiceLine| {
        let named = || line.order.clone();
        let joined = fulfilment::invoiced_line(book, bill, line);
        joined.map(|(order, _)| order.to_owned()).or_else(named)
    };
    each_once(bill.rec.line.iter().filter_map(order))
}

fn each_once(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    once
}

fn of_payment(book: &Book, paid: &Doc<Payment>, side: Side, as_of: Day, all: &mut Items) {
    let standing = payment::standing(book, paid, as_of);
    let open = add(standing.unallocated, standing.earmarked);
    if open.is_zero() {
        return;
    }
    // On the customers' side money that came in lowers what is owed, on the suppliers' what went out.
    let lowers = |amount: Decimal| match side {
        Side::Sale => negated(paid.rec.direction.signed(amount)),
        Side::Purchase => paid.rec.direction.signed(amount),
    };
    let (amount, open) = (lowers(standing.amount), lowers(open));
    let party = book.party_common(&paid.rec.party);
    let staff =
        authority::in_charge(book, paid.common.staff.as_deref(), Some(&paid.rec.party), as_of);
    all.items.push(Item {
        sort: Sort::Payment,
        id: paid.id().to_owned(),
        place: Place::cell(&paid.file, paid.row, "amount"),
        instalment: None,
        party: paid.rec.party.clone(),
        staff: staff.map(str::to_owned),
        district: party.and_then(|own| own.district.clone()),
        contract: paid.rec.contract.clone(),
        number: paid.rec.reference.clone(),
        issued_on: paid.common.date,
        due_on: None,
        currency: paid.currency(book.config.currency()).to_owned(),
        exchange_rate: book.exchange_rate(&paid.common),
        amount,
        open,
        base_amount: in_base(book, &paid.common, amount),
        base_open: in_base(book, &paid.common, open),
    });
}

/// A part of an invoice by the day it is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its instalment; nothing where the invoice has none, or for what they leave.
    pub no: Option<u32>,
    /// Day it is due.
    pub due_on: Option<Day>,
    /// What it was for.
    pub amount: Decimal,
    /// What of it is open.
    pub open: Decimal,
}

/// The parts of an issued invoice with what is open of each by a day: allocations go to the
/// instalment they name, else to what is due first. Nothing where its amounts cannot be worked out.
pub fn parts(book: &Book, bill: &Doc<Invoice>, as_of: Day) -> Option<Vec<Part>> {
    let total = invoice::total(book, bill)?.gross;
    let open = invoice::open(book, bill, as_of)?;
    let due_on = invoice::due_on(book, bill);
    if bill.rec.instalment.is_empty() {
        return Some(vec![Part { no: None, due_on, amount: total, open }]);
    }
    let mut parts: Vec<Part> = Vec::new();
    for instalment in &bill.rec.instalment {
        let amount = instalment.amount.get();
        let due_on = event::due_on(book, bill, instalment, as_of);
        parts.push(Part { no: Some(instalment.no), due_on, amount, open: amount });
    }
    let left = sub(total, sum(parts.iter().map(|part| part.amount)));
    if !left.is_zero() {
        parts.push(Part { no: None, due_on, amount: left, open: left });
    }
    let mut loose = sub(total, open);
    for row in invoice::settling(book, bill, as_of) {
        let named =
            parts.iter_mut().find(|part| part.no.is_some() && part.no == row.rec.instalment);
        if let Some(part) = named {
            let covered = invoice::covered(row);
            part.open = sub(part.open, covered);
            loose = sub(loose, covered);
        }
    }
    parts.sort_by_key(|part| (part.due_on.is_none(), part.due_on, part.no));
    for part in &mut parts {
        let taken = loose.min(part.open.max(Decimal::ZERO)).max(Decimal::ZERO);
        part.open = sub(part.open, taken);
        loose = sub(loose, taken);
    }
    if let Some(last) = parts.last_mut() {
        last.open = sub(last.open, loose);
    }
    Some(parts)
}

/// Days past the day that the first open part of an invoice was due; none where nothing is late.
pub fn days_overdue(book: &Book, bill: &Doc<Invoice>, as_of: Day) -> u32 {
    let parts = parts(book, bill, as_of).unwrap_or_default().into_iter();
    let due = parts.filter(|part| part.open > Decimal::ZERO).filter_map(|part| part.due_on).min();
    days_between(due, as_of)
}
