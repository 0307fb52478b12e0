//! Which records name which: shipments of an order, allocations to an invoice, orders of a customer.
//!
//! A few questions are each answered alone, by a search for the letters of the id; what one party's
//! account needs is looked up together; whoever asks for more lists or checks, and the kind is gone
//! through once for all of them. All give the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::Book;
use crate::{
    record::{
        Doc, Entry, KINDS, Kind, Record, allocation::Allocation, closing::Closing,
        contact::Contact, contract::Contract, expense::Expense, invoice::Invoice, order::Order,
        payment::Payment, shipment::Shipment,
    },
    value::{day::Month, id::Id},
};

/// So many look-ups of a kind each seek alone.
pub(super) const ALONE: usize = 32;

/// Ids of records by an id that they name.
pub(super) type Ids = BTreeMap<String, Vec<String>>;

/// What was looked up of a book, and how often.
#[derive(Debug)]
pub(super) struct Links {
    kinds: Vec<Arc<Known>>,
    /// Invoices by their official number, void ones among them.
    numbers: Arc<Known>,
    /// Expenses by the numbers of their receipts, void ones among them.
    receipts: Arc<Known>,
}

#[derive(Debug, Default)]
struct Known {
    ids: OnceLock<Ids>,
    asked: AtomicUsize,
    /// What was looked up together: the records that name each of some ids.
    some: Mutex<Ids>,
}

impl Default for Links {
    fn default() -> Self {
        let kinds = KINDS.iter().map(|_| Arc::default()).collect();
        Self { kinds, numbers: Arc::default(), receipts: Arc::default() }
    }
}

impl Links {
    /// Takes over what another book knows of a kind whose files are the same.
    pub(super) fn share(&mut self, kind: Kind, of: &Self) {
        self.kinds[kind as usize] = Arc::clone(&of.kinds[kind as usize]);
        if kind == Kind::Invoice {
            self.numbers = Arc::clone(&of.numbers);
        }
        if kind == Kind::Expense {
            self.receipts = Arc::clone(&of.receipts);
        }
    }
}

impl Known {
    /// Whether it was asked for so often that all of it is worth going through.
    fn is_wanted(&self) -> bool {
        self.ids.get().is_some() || self.asked.fetch_add(1, Ordering::Relaxed) >= ALONE
    }

    /// The records that name any of some ids, where each was looked up together with others.
    fn of_some(&self, ids: &[&str]) -> Option<Vec<String>> {
        let some = self.some.lock().unwrap_or_else(PoisonError::into_inner);
        let found: Option<Vec<&Vec<String>>> = ids.iter().map(|id| some.get(*id)).collect();
        Some(found?.into_iter().flatten().cloned().collect())
    }

    /// What is known, worked out where it was not yet.
    ///
    /// It is made before it is set: the thread that makes it may meanwhile take up other work that
    /// asks for it.
    fn ids(&self, make: impl FnOnce() -> Ids) -> &Ids {
        if self.ids.get().is_none() {
            // Whoever was first has set the same.
            let _ = self.ids.set(make());
        }
        self.ids.get_or_init(Ids::new)
    }
}

/// The ids that a record is looked up by.
pub(super) fn named(entry: &dyn Entry) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    if let Some(order) = Doc::<Order>::of(entry) {
        ids.push(&order.rec.customer);
        ids.extend(order.rec.contract.as_deref());
    } else if let Some(contract) = Doc::<Contract>::of(entry) {
        ids.push(&contract.rec.party);
        ids.extend(contract.rec.line.iter().filter_map(|line| line.for_contract.as_deref()));
    } else if let Some(shipment) = Doc::<Shipment>::of(entry) {
        let rec = &shipment.rec;
        ids.extend(
            [&rec.customer, &rec.supplier, &rec.exchange_for]
                .into_iter()
                .flatten()
                .map(String::as_str),
        );
        for line in &rec.line {
            let of = [&line.order, &line.contract, &line.return_shipment];
            ids.extend(of.into_iter().filter_map(|id| id.as_deref()));
        }
    } else if let Some(invoice) = Doc::<Invoice>::of(entry) {
        ids.push(&invoice.rec.party);
        ids.extend(invoice.rec.against_invoice.as_deref());
        for line in &invoice.rec.line {
            let of = [&line.order, &line.shipment, &line.contract];
            ids.extend(of.into_iter().filter_map(|id| id.as_deref()));
        }
    } else if let Some(expense) = Doc::<Expense>::of(entry) {
        ids.push(&expense.rec.claimant);
        ids.extend(expense.rec.customer.as_deref());
    } else if let Some(payment) = Doc::<Payment>::of(entry) {
        ids.push(&payment.rec.party);
        ids.extend(
            [&payment.rec.contract, &payment.rec.reverses]
                .into_iter()
                .flatten()
                .map(String::as_str),
        );
    } else if let Some(row) = Doc::<Allocation>::of(entry) {
        ids.push(&row.rec.target);
        ids.extend([&row.rec.source, &row.rec.reverses].into_iter().flatten().map(String::as_str));
    } else if let Some(row) = Doc::<Closing>::of(entry) {
        ids.extend(row.rec.record.as_deref());
    } else if let Some(row) = Doc::<Contact>::of(entry) {
        ids.extend([&row.rec.party, &row.rec.reply_to].into_iter().filter_map(|id| id.as_deref()));
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Whether a document is of the month of another one, or of a later one: a shipment or an invoice
/// counts for an order only then.
pub fn follows(id: &str, of: &str) -> bool {
    let month = |id: &str| Id::parse(id).map(|id| id.month);
    month(id).zip(month(of)).is_none_or(|(own, of)| own >= of)
}

impl Book {
    /// The records of a kind that name an id and hold, in the order of paths and rows.
    pub fn pointing<R: Record>(&self, id: &str) -> Vec<&Doc<R>> {
        self.pointing_since(id, None)
    }

    /// The documents of a kind that name an order or a shipment and hold: they are of its month or
    /// a later one, so earlier months are not looked at.
    pub fn following<R: Record>(&self, id: &str) -> Vec<&Doc<R>> {
        let mut found = self.pointing_since(id, Id::parse(id).map(|id| id.month));
        found.retain(|own| follows(own.id(), id));
        found
    }

    /// The documents of a kind that name any of these and hold, each once: sought together.
    pub fn following_any<R: Record>(&self, ids: &[&str]) -> Vec<&Doc<R>> {
        if ids.is_empty() {
            return Vec::new();
        }
        let month = |id: &&str| Id::parse(id).map(|id| id.month);
        let since = ids.iter().map(month).min().flatten();
        let mut found: Vec<&Doc<R>> = self.pointing_at(ids, since);
        found.retain(|own| ids.iter().any(|id| follows(own.id(), id)));
        found
    }

    fn pointing_since<R: Record>(&self, id: &str, since: Option<Month>) -> Vec<&Doc<R>> {
        self.pointing_at(&[id], since)
    }

    fn pointing_at<R: Record>(&self, ids: &[&str], since: Option<Month>) -> Vec<&Doc<R>> {
        let known = &self.links.kinds[R::KIND as usize];
        let looked_up = || known.of_some(ids).filter(|_| known.ids.get().is_none());
        let found = looked_up().or_else(|| {
            let links = self.links_of::<R>()?;
            Some(ids.iter().filter_map(|id| links.get(*id)).flatten().cloned().collect())
        });
        let Some(mut found) = found else { return self.search::<R>(ids, since) };
        if ids.len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
        found.into_iter().filter_map(|id| self.get::<R>(&id)).collect()
    }

    /// The records of a kind that name any of these and hold, sought in the files.
    fn search<R: Record>(&self, ids: &[&str], since: Option<Month>) -> Vec<&Doc<R>> {
        let sought: BTreeSet<&str> = ids.iter().copied().collect();
        let may = self.pointing_any(R::KIND, &sought, since).into_iter();
        let does = may.filter(|entry| named(*entry).iter().any(|named| sought.contains(named)));
        does.filter_map(Doc::<R>::of).filter(|record| record.counts()).collect()
    }

    /// Looks up the records of a kind that name any of these, so that each is known when it is
    /// asked for alone. Gives their ids.
    fn look_up<R: Record>(&self, ids: &[&str]) -> Vec<&str> {
        let known = &self.links.kinds[R::KIND as usize];
        if known.of_some(ids).is_some() || known.is_wanted() {
            return self.pointing_at::<R>(ids, None).into_iter().map(Doc::id).collect();
        }
        let found = self.search::<R>(ids, None);
        let mut some: Ids = ids.iter().map(|&id| (id.to_owned(), Vec::new())).collect();
        for record in &found {
            for id in named(*record) {
                if let Some(own) = some.get_mut(id) {
                    own.push(record.id().to_owned());
                }
            }
        }
        known.some.lock().unwrap_or_else(PoisonError::into_inner).append(&mut some);
        found.into_iter().map(Doc::id).collect()
    }

    /// Looks up together what is asked one by one when it is worked out what a party owes: what its
    /// orders, shipments, invoices and payments are named by.
    pub(super) fn gather(&self, party: &str) {
        if self.links.kinds[Kind::Allocation as usize].ids.get().is_some() {
            return;
        }
        let mut bills = self.look_up::<Invoice>(&[party]);
        let mut named = self.look_up::<Order>(&[party]);
        let paid = self.look_up::<Payment>(&[party]);
        let sent = self.look_up::<Shipment>(&named);
        self.look_up::<Shipment>(&sent);
        named.extend(sent);
        bills.extend(self.look_up::<Invoice>(&named));
        self.look_up::<Invoice>(&bills);
        self.look_up::<Payment>(&paid);
        named.extend(bills);
        named.extend(paid);
        let rows = self.look_up::<Allocation>(&named);
        self.look_up::<Allocation>(&rows);
    }

    /// The links of a kind, once they were asked for often enough.
    fn links_of<R: Record>(&self) -> Option<&Ids> {
        self.links.kinds[R::KIND as usize].is_wanted().then(|| self.linked(R::KIND))
    }

    /// The links of a kind.
    pub(super) fn linked(&self, kind: Kind) -> &Ids {
        self.links.kinds[kind as usize].ids(|| self.all_links(kind))
    }

    /// The invoices of an official number, void ones among them, in the order of paths.
    pub fn numbered(&self, number: &str) -> Vec<&Doc<Invoice>> {
        let has = |bill: &&Doc<Invoice>| bill.rec.number.as_deref() == Some(number);
        if !self.links.numbers.is_wanted() {
            let may = self.naming(Kind::Invoice, &[number]).into_iter();
            return may.filter_map(Doc::<Invoice>::of).filter(has).collect();
        }
        let ids = self.numbers().get(number).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.get::<Invoice>(id)).collect()
    }

    /// The ids of invoices by their official number.
    pub(super) fn numbers(&self) -> &Ids {
        self.links.numbers.ids(|| {
            let mut numbers = Ids::new();
            self.each::<Invoice>(|bill| {
                if let Some(number) = &bill.rec.number {
                    numbers.entry(number.clone()).or_default().push(bill.id().to_owned());
                }
            });
            numbers
        })
    }

    /// The expenses that claim a receipt of a number, void ones among them, in the order of paths.
    pub fn with_receipt(&self, number: &str) -> Vec<&Doc<Expense>> {
        let claims =
            |own: &Expense| own.claim.iter().any(|line| line.receipt_no.as_deref() == Some(number));
        if !self.links.receipts.is_wanted() {
            let may = self.naming(Kind::Expense, &[number]).into_iter();
            return may.filter_map(Doc::<Expense>::of).filter(|own| claims(&own.rec)).collect();
        }
        let ids = self.receipts().get(number).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.get::<Expense>(id)).collect()
    }

    /// The ids of expenses by the numbers of their receipts.
    pub(super) fn receipts(&self) -> &Ids {
        self.links.receipts.ids(|| {
            let mut receipts = Ids::new();
            self.each::<Expense>(|own| {
                for number in own.rec.claim.iter().filter_map(|line| line.receipt_no.as_ref()) {
                    let ids = receipts.entry(number.clone()).or_default();
                    if ids.last().map(String::as_str) != Some(own.id()) {
                        ids.push(own.id().to_owned());
                    }
                }
            });
            receipts
        })
    }

    fn all_links(&self, kind: Kind) -> Ids {
        let mut links = Ids::new();
        self.each_link(kind, |own, named| {
            for id in named {
                links.entry(id.to_owned()).or_default().push(own.to_owned());
            }
        });
        links
    }

    /// Whether a kind was gone through for its links.
    #[cfg(test)]
    pub(super) fn is_linked(&self, kind: Kind) -> bool {
        self.links.kinds[kind as usize].ids.get().is_some()
    }
}
