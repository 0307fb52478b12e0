//! Facts of invoices: each line with what it comes to on the paper, credits below zero.
//!
//! A price adjustment moves money and no quantity. Deposits and what was open before this book began
//! are no sale: they are facts of the invoice, but of no basis.

use std::collections::BTreeSet;

use super::{
    Scope,
    origin::{Origin, Origins},
};
use crate::{
    book::{Book, fulfilment, invoice, payment::own_currency},
    fact::{Amount, Fact, Share, What},
    finding::Finding,
    record::{
        Doc,
        contract::Side,
        invoice::{Invoice, InvoiceKind, InvoiceLine, LineKind},
    },
    value::{
        number::{Decimal, negated},
        place::Place,
    },
};

/// Hands on each issued invoice of a side, of any day, with the facts of all its lines; gives what
/// could not be worked out.
pub fn each(
    book: &Book,
    scope: &Scope<'_>,
    mut take: impl FnMut(&Doc<Invoice>, &[Fact<'_>]),
) -> Vec<Finding> {
    of(book, scope, scope.invoices, |bill| is_inside(scope, bill), &mut take)
}

fn is_inside(scope: &Scope<'_>, bill: &Doc<Invoice>) -> bool {
    bill.rec.issued_on.is_some_and(|day| scope.period.contains(day))
}

/// The same over these invoices, of those that fit.
pub(super) fn of(
    book: &Book,
    scope: &Scope<'_>,
    only: Option<&BTreeSet<String>>,
    fits: impl Fn(&Doc<Invoice>) -> bool,
    take: &mut dyn FnMut(&Doc<Invoice>, &[Fact<'_>]),
) -> Vec<Finding> {
    let fits = |bill: &Doc<Invoice>| {
        let side = bill.rec.side.unwrap_or_default();
        side == scope.side && bill.rec.sort() != InvoiceKind::Proforma && fits(bill)
    };
    let mut ids = BTreeSet::new();
    scope.documents::<Invoice>(book, only, |bill| {
        if fits(bill) {
            let lines = bill.rec.line.iter();
            let named = lines.filter_map(|line| source(book, scope.side, bill, line));
            ids.extend(named.map(|(id, _)| id.to_owned()));
        }
    });
    let origins = Origins::of(book, scope, &ids);
    let mut left_out = Vec::new();
    scope.documents::<Invoice>(book, only, |bill| {
        if !fits(bill) {
            return;
        }
        match facts(book, scope, bill, &origins) {
            Some(facts) => take(bill, &facts),
            None => {
                let message = format!("the amounts of {} cannot be worked out", bill.id());
                left_out.push(Finding::error("invoice.amount", Place::file(&bill.file), message));
            }
        }
    });
    left_out
}

/// Whether a fact of an invoice is a sale: no deposit, nothing carried over.
pub fn is_performance(bill: &Doc<Invoice>, fact: &Fact<'_>) -> bool {
    is_sale(bill, bill.rec.line.iter().find(|line| line.no == fact.line))
}

/// The same of a line, or of an invoice without lines.
pub fn is_sale(bill: &Doc<Invoice>, line: Option<&InvoiceLine>) -> bool {
    matches!(bill.rec.sort(), InvoiceKind::Invoice | InvoiceKind::Credit)
        && line.is_none_or(|line| line.sort() != LineKind::Deposit)
}

/// The order, or on the suppliers' side the contract, that a line is for, and its line if it says.
pub fn source<'a>(
    book: &'a Book,
    side: Side,
    bill: &'a Doc<Invoice>,
    line: &'a InvoiceLine,
) -> Option<(&'a str, Option<u32>)> {
    match side {
        Side::Sale => fulfilment::invoiced_line(book, bill, line)
            .map(|(order, no)| (order, Some(no)))
            .or_else(|| line.order.as_deref().map(|order| (order, None))),
        Side::Purchase => contract_of(book, bill, line),
    }
}

/// The contract that a line names, or that the line names that it credits.
fn contract_of<'a>(
    book: &'a Book,
    bill: &'a Doc<Invoice>,
    line: &'a InvoiceLine,
) -> Option<(&'a str, Option<u32>)> {
    let named = |line: &'a InvoiceLine| Some((line.contract.as_deref()?, line.contract_line));
    named(line).or_else(|| {
        let of = book.get::<Invoice>(bill.rec.against_invoice.as_deref()?)?;
        named(of.rec.credited_line(line)?)
    })
}

/// Whose an invoice is, where it says so itself.
struct Owner<'a> {
    staff: Option<&'a str>,
    team: &'a [Share],
    district: Option<&'a str>,
}

/// Whose a line is: as its invoice says, else as its order does, else as its party.
fn owner<'a>(book: &'a Book, bill: &'a Doc<Invoice>, origin: Option<&'a Origin>) -> Owner<'a> {
    let own = &bill.common;
    let party = book.party_common(&bill.rec.party);
    let says = own.staff.is_some() || !own.team.is_empty();
    let theirs = |own: Option<&'a str>, theirs: Option<&'a Option<String>>| {
        own.or(theirs.and_then(|word| word.as_deref()))
    };
    let (staff, team) = match origin {
        _ if says => (own.staff.as_deref(), own.team.as_slice()),
        Some(origin) => (origin.staff.as_deref(), origin.team.as_slice()),
        None => (None, party.map_or(&[][..], |party| party.team.as_slice())),
    };
    let district = own.district.as_deref().or(origin.and_then(|own| own.district.as_deref()));
    Owner {
        staff: theirs(staff, party.map(|party| &party.staff)),
        team,
        district: theirs(district, party.map(|party| &party.district)),
    }
}

fn facts<'a>(
    book: &'a Book,
    scope: &Scope<'_>,
    bill: &'a Doc<Invoice>,
    origins: &'a Origins,
) -> Option<Vec<Fact<'a>>> {
    let exchange_rate = book.exchange_rate(&bill.common)?;
    let is_credit = bill.rec.sort() == InvoiceKind::Credit;
    let on = bill.rec.issued_on.or(bill.common.date)?;
    let signed = |amount: Amount| if is_credit { amount.negated() } else { amount };
    let fact = |owner: Owner<'a>, amount| Fact {
        what: if is_credit { What::Credited } else { What::Invoiced },
        on,
        id: bill.id(),
        line: 0,
        contract: None,
        party: &bill.rec.party,
        product: "",
        staff: owner.staff,
        team: owner.team,
        district: owner.district,
        kind: "sale",
        quantity: Decimal::ZERO,
        amount: signed(amount),
        currency: own_currency(book, &bill.common),
        exchange_rate,
    };
    if let Some(stated) = invoice::without_lines(bill) {
        return Some(vec![fact(owner(book, bill, None), stated)]);
    }
    let mut facts = Vec::with_capacity(bill.rec.line.len());
    for (line, amount) in bill.rec.line.iter().zip(invoice::lines(book, bill)?) {
        let source = source(book, scope.side, bill, line);
        let origin = source.and_then(|(id, _)| origins.get(id));
        let of_origin = || {
            let (id, no) = source?;
            let origin = origins.get(id)?;
            let contract = origin.contract.as_deref()?;
            Some((contract, no.and_then(|no| origin.contract_line(no))))
        };
        let quantity = quantity(book, line);
        facts.push(Fact {
            line: line.no,
            contract: match (contract_of(book, bill, line), of_origin()) {
                (Some((own, None)), Some((id, no))) if own == id => Some((id, no)),
                (own, of_origin) => own.or(of_origin),
            },
            product: line.product.as_deref().unwrap_or_default(),
            kind: origin.map_or("sale", |origin| origin.kind),
            quantity: if is_credit { negated(quantity) } else { quantity },
            ..fact(owner(book, bill, origin), amount)
        });
    }
    Some(facts)
}

/// What a line moves, in stock units.
fn quantity(book: &Book, line: &InvoiceLine) -> Decimal {
    if !line.sort().moves_quantity() {
        return Decimal::ZERO;
    }
    let (code, unit) = (line.product.as_deref(), line.unit.as_deref());
    fulfilment::in_stock_units(book, code, unit, line.unit_factor, line.qty.get())
}
