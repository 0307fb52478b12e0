//! What invoices come to, and what of them is open by a day.
//!
//! The one home of these figures. Amounts are positive on every kind; [`sign`] says which way one
//! counts. Drafts and proforma invoices owe nothing.

#![deny(clippy::arithmetic_side_effects)]

use super::{Book, payment};
use crate::{
    record::{
        Doc,
        allocation::Allocation,
        amount::{self, Amount, Basis, Priced},
        customer::Customer,
        invoice::{Invoice, InvoiceKind, InvoiceLine},
        payment::Payment,
        product::Product,
    },
    value::{
        day::Day,
        number::{Decimal, add, sub, sum},
    },
};

/// How an invoice's amounts are worked out.
pub fn basis(book: &Book, invoice: &Doc<Invoice>) -> Basis {
    let basis = book.basis(invoice.rec.prices_include_tax, invoice.common.currency.as_deref());
    Basis { tax_rounding: invoice.rec.tax_rounding.unwrap_or(basis.tax_rounding), ..basis }
}

/// What a line is worked out from.
pub fn priced(book: &Book, line: &InvoiceLine) -> Priced {
    let product = || line.product.as_deref().and_then(|code| book.get::<Product>(code));
    Priced {
        qty: line.qty.get(),
        price: line.price.get(),
        discount_pct: line.discount_pct.map_or(Decimal::ZERO, |pct| pct.get()),
        discount_amount: line.discount_amount.map_or(Decimal::ZERO, |amount| amount.get()),
        tax_rate: line.tax_rate.map_or_else(|| book.tax_rate(product()), |rate| rate.get()),
    }
}

/// What each line comes to, in the invoice's currency; nothing where that cannot be held exactly.
///
/// Where the printed paper says other sums, which the tax of part credits does, the difference is
/// the largest line's.
pub fn lines(book: &Book, invoice: &Doc<Invoice>) -> Option<Vec<Amount>> {
    let priced: Vec<Priced> = invoice.rec.line.iter().map(|line| priced(book, line)).collect();
    let mut amounts = amount::amounts(&priced, basis(book, invoice))?;
    let Some(stated) = &invoice.rec.stated else { return Some(amounts) };
    let whole = amounts.iter().fold(Amount::default(), |sum, line| sum.plus(*line));
    let printed =
        Amount { net: stated.net.get(), tax: stated.tax.get(), gross: stated.total.get() };
    let missing = printed.plus(whole.negated());
    let largest = amounts.iter_mut().max_by_key(|line| line.gross.abs());
    if let Some(line) = largest {
        *line = line.plus(missing);
    }
    Some(amounts)
}

/// What an invoice comes to, in its currency.
pub fn total(book: &Book, invoice: &Doc<Invoice>) -> Option<Amount> {
    let lines = lines(book, invoice)?;
    Some(lines.iter().fold(Amount::default(), |sum, line| sum.plus(*line)))
}

/// Whether it was issued by a day and counts.
pub fn is_issued(invoice: &Doc<Invoice>, as_of: Day) -> bool {
    invoice.counts()
        && invoice.rec.sort() != InvoiceKind::Proforma
        && invoice.rec.issued_on.is_some_and(|day| day <= as_of)
}

/// One, or minus one for a credit.
pub fn sign(invoice: &Doc<Invoice>) -> Decimal {
    match invoice.rec.sort() {
        InvoiceKind::Credit => Decimal::NEGATIVE_ONE,
        _ => Decimal::ONE,
    }
}

/// The day it is due: its own, else so many days after it was issued as its party has to pay.
pub fn due_on(book: &Book, invoice: &Doc<Invoice>) -> Option<Day> {
    let issued = || {
        let customer = book.get::<Customer>(&invoice.rec.party);
        let own = customer.and_then(|customer| customer.rec.credit_days);
        let days = own.or(book.config.defaults.credit_days).unwrap_or(0);
        let day = invoice.rec.issued_on?.0.checked_add_days(chrono::Days::new(days.into()))?;
        Some(Day(day))
    };
    invoice.rec.due_on.or_else(issued)
}

/// What of an invoice is not paid, credited or written off by a day, in its currency; of a credit,
/// what is not used or paid back. Nothing where its amounts cannot be worked out.
pub fn open(book: &Book, invoice: &Doc<Invoice>, as_of: Day) -> Option<Decimal> {
    if !is_issued(invoice, as_of) {
        return Some(Decimal::ZERO);
    }
    let total = total(book, invoice)?.gross;
    let covered = sum(settling(book, invoice, as_of).into_iter().map(covered));
    let used = match invoice.rec.sort() {
        InvoiceKind::Credit => {
            let rows = payment::allocations_of(book, invoice.id()).into_iter();
            sum(rows.filter(|row| payment::is_by(row, as_of)).map(|row| row.rec.taken()))
        }
        _ => Decimal::ZERO,
    };
    Some(sub(sub(total, covered), used))
}

/// What an allocation covers of what it is for: its amount and a discount beyond it.
pub fn covered(row: &Doc<Allocation>) -> Decimal {
    add(row.rec.amount.get(), row.rec.discount.map_or(Decimal::ZERO, |money| money.get()))
}

/// The allocations to an invoice that count by a day: a bill may count only when it matures, a
/// credit when it is issued.
pub fn settling<'a>(
    book: &'a Book,
    invoice: &Doc<Invoice>,
    as_of: Day,
) -> Vec<&'a Doc<Allocation>> {
    let mut rows = payment::allocations_to(book, invoice.id());
    rows.retain(|row| {
        let source = row.rec.source.as_deref();
        let paid = source.and_then(|id| book.get::<Payment>(id));
        let credit = source.and_then(|id| book.get::<Invoice>(id));
        payment::is_by(row, as_of)
            && paid.is_none_or(|paid| payment::counts_by(book, paid, as_of))
            && credit.is_none_or(|credit| is_issued(credit, as_of))
    });
    rows
}
