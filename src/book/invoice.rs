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
        invoice::{Invoice, InvoiceKind, InvoiceLine, Stated},
        order::Order,
        payment::Payment,
        product::Product,
        supplier::Supplier,
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

/// What each line comes to as it is priced, whatever the printed paper says.
pub fn computed(book: &Book, invoice: &Doc<Invoice>) -> Option<Vec<Amount>> {
    let priced: Vec<Priced> = invoice.rec.line.iter().map(|line| priced(book, line)).collect();
    amount::amounts(&priced, basis(book, invoice))
}

/// What each line comes to, in the invoice's currency; nothing where that cannot be held exactly.
///
/// Where the printed paper says other sums, which the tax of part credits does, the difference is
/// the largest line's.
pub fn lines(book: &Book, invoice: &Doc<Invoice>) -> Option<Vec<Amount>> {
    let mut amounts = computed(book, invoice)?;
    let Some(stated) = &invoice.rec.stated else { return Some(amounts) };
    let whole = amounts.iter().fold(Amount::default(), |sum, line| sum.plus(*line));
    let missing = printed(stated).plus(whole.negated());
    let largest = amounts.iter_mut().max_by_key(|line| line.gross.abs());
    if let Some(line) = largest {
        *line = line.plus(missing);
    }
    Some(amounts)
}

/// What the printed paper says.
fn printed(stated: &Stated) -> Amount {
    Amount { net: stated.net.get(), tax: stated.tax.get(), gross: stated.total.get() }
}

/// What an invoice comes to without any line: what the paper says, as of one that was open before
/// this book began.
pub fn without_lines(invoice: &Doc<Invoice>) -> Option<Amount> {
    invoice.rec.stated.as_ref().filter(|_| invoice.rec.line.is_empty()).map(printed)
}

/// What an invoice comes to, in its currency.
pub fn total(book: &Book, invoice: &Doc<Invoice>) -> Option<Amount> {
    if let Some(stated) = without_lines(invoice) {
        return Some(stated);
    }
    let lines = lines(book, invoice)?;
    Some(lines.iter().fold(Amount::default(), |sum, line| sum.plus(*line)))
}

/// Whether it was issued by a day and counts.
pub fn is_issued(invoice: &Doc<Invoice>, as_of: Day) -> bool {
    invoice.counts()
        && invoice.rec.sort() != InvoiceKind::Proforma
        && invoice.rec.issued_on.is_some_and(|day| day <= as_of)
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It no longer holds.
    Void,
    /// A paper that never counts.
    Proforma,
    /// Not issued yet.
    Draft,
    /// Issued, and nothing of it is settled.
    Issued,
    /// A part of it is paid, credited or written off; a part of a credit is used.
    PartPaid,
    /// Nothing of it is open.
    Paid,
}

/// Every state, in their order.
pub const STATES: [State; 6] =
    [State::Void, State::Proforma, State::Draft, State::Issued, State::PartPaid, State::Paid];

impl State {
    /// Its key in columns and filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Proforma => "proforma",
            Self::Draft => "draft",
            Self::Issued => "issued",
            Self::PartPaid => "part paid",
            Self::Paid => "paid",
        }
    }
}

/// Where an invoice stands on a day.
pub fn state(book: &Book, invoice: &Doc<Invoice>, as_of: Day) -> State {
    match invoice.rec.sort() {
        _ if !invoice.counts() => return State::Void,
        InvoiceKind::Proforma => return State::Proforma,
        _ if !is_issued(invoice, as_of) => return State::Draft,
        _ => {}
    }
    let total = total(book, invoice).map(|total| total.gross);
    match (open(book, invoice, as_of), total) {
        (Some(open), _) if open <= Decimal::ZERO => State::Paid,
        (Some(open), Some(total)) if open < total => State::PartPaid,
        _ => State::Issued,
    }
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
    let issued = || due_after(book, invoice, invoice.rec.issued_on?);
    invoice.rec.due_on.or_else(issued)
}

/// The day it is due if it is issued on a day: the days to pay are those of its orders, the
/// shortest counting, else its customer's or supplier's, else the company's.
pub fn due_after(book: &Book, invoice: &Doc<Invoice>, issued: Day) -> Option<Day> {
    let orders = invoice.rec.orders().into_iter().filter_map(|id| book.get::<Order>(id));
    let of_orders = orders.filter_map(|order| order.rec.credit_days).min();
    let party = || {
        let customer = book.get::<Customer>(&invoice.rec.party);
        let supplier = || book.get::<Supplier>(&invoice.rec.party);
        customer.map_or_else(|| supplier()?.rec.credit_days, |own| own.rec.credit_days)
    };
    let days = of_orders.or_else(party).or(book.config.defaults.credit_days).unwrap_or(0);
    issued.0.checked_add_days(chrono::Days::new(days.into())).map(Day)
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

/// The invoices of an order that were issued by a day and are not paid, each with what is open.
pub fn open_of_order<'a>(
    book: &'a Book,
    order: &str,
    as_of: Day,
) -> Vec<(&'a Doc<Invoice>, Decimal)> {
    let (_, mut bills) = super::fulfilment::documents_of(book, order);
    bills.retain(|bill| {
        bill.rec.sort() == InvoiceKind::Invoice
            && is_issued(bill, as_of)
            && super::receivable::orders_of(book, bill).iter().any(|own| own == order)
    });
    let open = bills.into_iter().filter_map(|bill| Some((bill, open(book, bill, as_of)?)));
    open.filter(|(_, open)| *open > Decimal::ZERO).collect()
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
