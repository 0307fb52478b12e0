//! A party's account: everything that changed what is open with it, day by day.
//!
//! Follows the same documents as `receivable.rs` and comes to the same: up to any day the changes
//! add up to the items that are open then, in each currency and in base currency. What an
//! allocation settles at another exchange rate than it was invoiced with is an exchange difference,
//! never a payment.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::{
    Book, authority, invoice, payment, place,
    receivable::{self, in_base},
};
use crate::{
    finding::Finding,
    record::{
        Doc,
        allocation::Allocation,
        common::Common,
        contract::Side,
        invoice::{Invoice, InvoiceKind},
        payment::Payment,
    },
    value::{
        day::Day,
        number::{Decimal, add, negated, sub},
        place::Place,
    },
};

/// What changed an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// An invoice was issued.
    Invoice,
    /// A credit was issued.
    Credit,
    /// Money came in or went out.
    Payment,
    /// A payment was taken back.
    Reversal,
    /// Money or a credit was allocated, a discount given.
    Allocation,
    /// A rest was written off.
    WriteOff,
}

impl Sort {
    /// Its word in columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Credit => "credit",
            Self::Payment => "payment",
            Self::Reversal => "reversal",
            Self::Allocation => "allocation",
            Self::WriteOff => "write_off",
        }
    }
}

/// A change in base currency, by what it was. Invoices and exchange gains raise the balance, all
/// else lowers it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Invoiced.
    pub invoiced: Decimal,
    /// Credited.
    pub credited: Decimal,
    /// Received, less what went out.
    pub collected: Decimal,
    /// Discounts, and rests written off.
    pub written_off: Decimal,
    /// What settling at another rate than invoiced came to; below zero a loss.
    pub exchange: Decimal,
}

impl Moved {
    /// What it does to the balance.
    pub fn change(&self) -> Decimal {
        let lowered = add(add(self.credited, self.collected), self.written_off);
        add(sub(self.invoiced, lowered), self.exchange)
    }

    /// Two changes together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            invoiced: add(self.invoiced, other.invoiced),
            credited: add(self.credited, other.credited),
            collected: add(self.collected, other.collected),
            written_off: add(self.written_off, other.written_off),
            exchange: add(self.exchange, other.exchange),
        }
    }

    /// The same the other way round.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            invoiced: negated(self.invoiced),
            credited: negated(self.credited),
            collected: negated(self.collected),
            written_off: negated(self.written_off),
            exchange: negated(self.exchange),
        }
    }

    /// Whether nothing of it is there.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// A change of one document's open amount.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The invoice, credit or payment.
    pub document: String,
    /// Owner.
    pub staff: Option<String>,
    /// District.
    pub district: Option<String>,
    /// Currency of the document.
    pub currency: String,
    /// The change in that currency.
    pub own: Decimal,
    /// The change in base currency.
    pub moved: Moved,
    /// The credit that settled it, and how much of it, in that currency.
    pub credit: Option<(String, Decimal)>,
}

/// One event of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The day it counts from.
    pub on: Day,
    /// What it is.
    pub sort: Sort,
    /// The record that says so.
    pub id: String,
    /// Its file and row.
    pub place: Place,
    /// Official number, or the reference of a payment.
    pub number: Option<String>,
    /// What it is for: of an allocation its target, of a credit its invoice.
    pub about: Option<String>,
    /// Day an invoice is due.
    pub due_on: Option<Day>,
    /// The documents whose open amount it changes.
    pub parts: Vec<Part>,
}

impl Event {
    /// What it did in base currency.
    pub fn moved(&self) -> Moved {
        self.parts.iter().fold(Moved::default(), |sum, part| sum.plus(part.moved))
    }

    /// What it did in one currency.
    pub fn own(&self, currency: &str) -> Decimal {
        let parts = self.parts.iter().filter(|part| part.currency == currency);
        parts.fold(Decimal::ZERO, |sum, part| add(sum, part.own))
    }
}

/// The events of an account, and what could not be worked out.
#[derive(Debug, Default)]
pub struct Account {
    /// By day.
    pub events: Vec<Event>,
    /// Why something is not in them.
    pub left_out: Vec<Finding>,
}

/// What is open of a document while its account is gone through.
struct Open<'a> {
    common: &'a Common,
    staff: Option<String>,
    district: Option<String>,
    own: Decimal,
    base: Decimal,
}

/// An event before it is worked out.
enum Pending<'a> {
    Invoice(&'a Doc<Invoice>),
    Payment(&'a Doc<Payment>),
    Reversal(&'a Doc<Payment>, &'a Doc<Payment>),
    Allocation(&'a Doc<Allocation>),
}

/// An account while it is gone through.
struct Running<'a> {
    book: &'a Book,
    side: Side,
    as_of: Day,
    open: BTreeMap<&'a str, Open<'a>>,
    account: Account,
}

/// The account of a party on one side up to a day.
pub fn of_party(book: &Book, party: &str, side: Side, as_of: Day) -> Account {
    let mut pending = pending(book, party, side);
    pending.retain(|(on, ..)| *on <= as_of);
    pending.sort_by_key(|(on, id, event)| (*on, rank(event), *id));
    let open = BTreeMap::new();
    let mut running = Running { book, side, as_of, open, account: Account::default() };
    for (on, _, event) in pending {
        match event {
            Pending::Invoice(bill) => running.invoiced(on, bill),
            Pending::Payment(paid) => running.paid(on, paid),
            Pending::Reversal(row, of) => running.reversed(on, row, of),
            Pending::Allocation(row) => running.allocated(on, row),
        }
    }
    running.account
}

fn rank(event: &Pending<'_>) -> usize {
    match event {
        Pending::Invoice(_) => 0,
        Pending::Payment(_) => 1,
        Pending::Reversal(..) => 2,
        Pending::Allocation(_) => 3,
    }
}

/// Everything that touches an account, each with the day it counts from.
fn pending<'a>(book: &'a Book, party: &str, side: Side) -> Vec<(Day, &'a str, Pending<'a>)> {
    let mut pending: Vec<(Day, &str, Pending<'_>)> = Vec::new();
    let mut rows: BTreeMap<&str, &Doc<Allocation>> = BTreeMap::new();
    for bill in book.pointing::<Invoice>(party) {
        let is_own = bill.rec.party == party && bill.rec.side.unwrap_or_default() == side;
        let Some(on) = bill.rec.issued_on.filter(|_| is_own) else { continue };
        if !invoice::is_issued(bill, payment::EVER) {
            continue;
        }
        pending.push((on, bill.id(), Pending::Invoice(bill)));
        rows.extend(
            payment::allocations_to(book, bill.id()).into_iter().map(|row| (row.id(), row)),
        );
        rows.extend(
            payment::allocations_of(book, bill.id()).into_iter().map(|row| (row.id(), row)),
        );
    }
    for paid in payment::payments_of(book, party) {
        let Some(on) = payment::counts_on(book, paid) else { continue };
        if paid.rec.reverses.is_some() {
            continue;
        }
        pending.push((on, paid.id(), Pending::Payment(paid)));
        for row in payment::reversing(book, paid.id()) {
            let on = row.common.date.map_or(on, |day| day.max(on));
            pending.push((on, row.id(), Pending::Reversal(row, paid)));
        }
        rows.extend(
            payment::allocations_of(book, paid.id()).into_iter().map(|row| (row.id(), row)),
        );
    }
    let of_rows = rows
        .into_iter()
        .filter_map(|(id, row)| settles_on(book, row).map(|on| (on, id, Pending::Allocation(row))));
    pending.extend(of_rows);
    pending
}

/// The day an allocation settles something: not before its source and its target count, and never
/// where it only keeps money for something.
fn settles_on(book: &Book, row: &Doc<Allocation>) -> Option<Day> {
    let mut day = row.common.date?;
    if payment::is_earmark(&row.rec.target) {
        return None;
    }
    if let Some(bill) = book.get::<Invoice>(&row.rec.target) {
        day = day.max(bill.rec.issued_on.filter(|_| invoice::is_issued(bill, payment::EVER))?);
    }
    let Some(source) = row.rec.source.as_deref() else { return Some(day) };
    if let Some(paid) = book.get::<Payment>(source) {
        day = day.max(payment::counts_on(book, paid).filter(|_| paid.counts())?);
    } else if let Some(credit) = book.get::<Invoice>(source) {
        day = day.max(credit.rec.issued_on.filter(|_| credit.counts())?);
    }
    Some(day)
}

impl<'a> Running<'a> {
    /// Changes what is open of a document, and says by how much that is in base currency.
    fn shift(&mut self, document: &str, by: Decimal) -> Option<Decimal> {
        let open = self.open.get_mut(document)?;
        open.own = add(open.own, by);
        let base = in_base(self.book, open.common, open.own)?;
        let change = sub(base, open.base);
        open.base = base;
        Some(change)
    }

    /// A part of an event that changed a document so.
    fn part(&self, document: &str, own: Decimal, moved: Moved) -> Option<Part> {
        let open = self.open.get(document)?;
        Some(Part {
            document: document.to_owned(),
            staff: open.staff.clone(),
            district: open.district.clone(),
            currency: payment::own_currency(self.book, open.common).to_owned(),
            own,
            moved,
            credit: None,
        })
    }

    fn put(&mut self, event: Event) {
        if event.parts.iter().any(|part| !part.own.is_zero() || !part.moved.is_zero()) {
            self.account.events.push(event);
        }
    }

    fn leave_out(&mut self, code: &'static str, place: Place, message: String) {
        self.account.left_out.push(Finding::error(code, place, message));
    }

    fn invoiced(&mut self, on: Day, bill: &'a Doc<Invoice>) {
        let place = place::of_invoice(bill);
        let total = invoice::total(self.book, bill).map(|total| total.gross);
        let Some(total) = total else {
            let message = format!("the amounts of {} cannot be worked out", bill.id());
            return self.leave_out("invoice.amount", place, message);
        };
        let (staff, district) = receivable::owner(self.book, bill, self.as_of);
        let (own, base) = (Decimal::ZERO, Decimal::ZERO);
        self.open.insert(bill.id(), Open { common: &bill.common, staff, district, own, base });
        let is_credit = bill.rec.sort() == InvoiceKind::Credit;
        let own = if is_credit { negated(total) } else { total };
        let Some(change) = self.shift(bill.id(), own) else {
            let message = format!("{} has no exchange rate", bill.id());
            return self.leave_out("amount.exchange_rate", place, message);
        };
        let moved = match is_credit {
            true => Moved { credited: negated(change), ..Moved::default() },
            false => Moved { invoiced: change, ..Moved::default() },
        };
        let parts = self.part(bill.id(), own, moved).into_iter().collect();
        self.put(Event {
            on,
            sort: if is_credit { Sort::Credit } else { Sort::Invoice },
            id: bill.id().to_owned(),
            place,
            number: bill.rec.number.clone(),
            about: bill.rec.against_invoice.clone(),
            due_on: invoice::due_on(self.book, bill).filter(|_| !is_credit),
            parts,
        });
    }

    /// On the customers' side money that came in lowers what is owed, on the suppliers' what went
    /// out.
    fn lowers(&self, paid: &Doc<Payment>, amount: Decimal) -> Decimal {
        let signed = paid.rec.direction.signed(amount);
        if self.side == Side::Sale { negated(signed) } else { signed }
    }

    fn paid(&mut self, on: Day, paid: &'a Doc<Payment>) {
        let party = self.book.party_common(&paid.rec.party);
        let (own, of) = (paid.common.staff.as_deref(), Some(paid.rec.party.as_str()));
        let staff = authority::in_charge(self.book, own, of, self.as_of).map(str::to_owned);
        let district = party.and_then(|own| own.district.clone());
        let (own, base) = (Decimal::ZERO, Decimal::ZERO);
        self.open.insert(paid.id(), Open { common: &paid.common, staff, district, own, base });
        let own = self.lowers(paid, paid.rec.amount.get());
        self.money(on, Sort::Payment, paid, paid.id(), own);
    }

    fn reversed(&mut self, on: Day, row: &'a Doc<Payment>, of: &'a Doc<Payment>) {
        let own = self.lowers(of, row.rec.amount.get());
        self.money(on, Sort::Reversal, row, of.id(), own);
    }

    fn money(&mut self, on: Day, sort: Sort, row: &Doc<Payment>, document: &str, own: Decimal) {
        let place = Place::cell(&row.file, row.row, "amount");
        let Some(change) = self.shift(document, own) else {
            let message = format!("{document} has no exchange rate");
            return self.leave_out("payment.currency", place, message);
        };
        let moved = Moved { collected: negated(change), ..Moved::default() };
        let parts = self.part(document, own, moved).into_iter().collect();
        self.put(Event {
            on,
            sort,
            id: row.id().to_owned(),
            place,
            number: row.rec.reference.clone(),
            about: row.rec.reverses.clone(),
            due_on: None,
            parts,
        });
    }

    fn allocated(&mut self, on: Day, row: &'a Doc<Allocation>) {
        let (target, source) = (row.rec.target.as_str(), row.rec.source.as_deref());
        let mut parts = Vec::new();
        let taken = source.and_then(|id| self.taken(id, row.rec.taken()));
        let is_credit = source.is_some_and(|id| self.book.get::<Invoice>(id).is_some());
        let by_source = |amount: Decimal| match is_credit {
            true => Moved { credited: amount, ..Moved::default() },
            false => Moved { collected: amount, ..Moved::default() },
        };
        if let Some((own, change)) = taken {
            let document = source.unwrap_or_default();
            parts.extend(self.part(document, own, by_source(negated(change))));
        }
        if let Some(bill) = self.book.get::<Invoice>(target) {
            let sign = |amount: Decimal| match bill.rec.sort() {
                InvoiceKind::Credit => amount,
                _ => negated(amount),
            };
            let (amount, covered) = (sign(row.rec.amount.get()), sign(invoice::covered(row)));
            let settled = self.shift(target, amount);
            let discounted = self.shift(target, sub(covered, amount));
            if let (Some(settled), Some(discounted)) = (settled, discounted) {
                let mut moved = match (source, taken) {
                    (None, _) => Moved { written_off: negated(settled), ..Moved::default() },
                    (Some(_), None) => by_source(negated(settled)),
                    (Some(_), Some((_, change))) => {
                        Moved { exchange: add(settled, change), ..by_source(change) }
                    }
                };
                moved.written_off = sub(moved.written_off, discounted);
                let credit = source.filter(|_| is_credit);
                let credit = credit.map(|id| (id.to_owned(), row.rec.amount.get()));
                parts.extend(self.part(target, covered, moved).map(|part| Part { credit, ..part }));
            }
        }
        self.put(Event {
            on,
            sort: if source.is_none() { Sort::WriteOff } else { Sort::Allocation },
            id: row.id().to_owned(),
            place: Place::cell(&row.file, row.row, "amount"),
            number: source.map(str::to_owned),
            about: Some(target.to_owned()),
            due_on: None,
            parts,
        });
    }

    /// What an allocation does to its source: in its currency, and in base currency.
    fn taken(&mut self, source: &str, taken: Decimal) -> Option<(Decimal, Decimal)> {
        let own = match self.book.get::<Payment>(source) {
            Some(paid) => negated(self.lowers(paid, taken)),
            None => taken,
        };
        self.shift(source, own).map(|change| (own, change))
    }
}
