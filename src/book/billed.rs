//! Invoices held against what they are for: the order or contract line each line comes from, how
//! much of it is left to be invoiced, and what credits took back.
//!
//! Quantities are joined by line, never by product, and are exact; what a credit comes to is worked
//! out over all credits of its invoice, so that parts never come to more than the whole.

#![deny(clippy::arithmetic_side_effects)]

use super::{Book, fulfilment, invoice, payment::EVER, terms::unit_factor};
use crate::{
    record::{
        Doc,
        amount::{self, Amount, Priced},
        contract::Contract,
        invoice::{Invoice, InvoiceKind, InvoiceLine, LineKind},
        order::Order,
        product::Product,
        shipment::Shipment,
    },
    value::number::{Decimal, add, product, round, sub, sum},
};

/// What a line of an invoice has to agree with: the line of the order, or of the purchase contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Standard<'a> {
    /// Order or contract.
    pub id: &'a str,
    /// Its file.
    pub file: &'a str,
    /// Which of its lines, from 0.
    pub at: usize,
    /// Product.
    pub product: &'a str,
    /// Unit, the stock unit where the line says none.
    pub unit: Option<&'a str>,
    /// Stock units in one unit.
    pub factor: Decimal,
    /// Quantity in its unit.
    pub qty: Decimal,
    /// Price of one unit.
    pub price: Option<Decimal>,
    /// Discount in percent points.
    pub discount_pct: Decimal,
    /// Discount of the whole line.
    pub discount_amount: Decimal,
    /// Tax rate as a fraction.
    pub tax_rate: Decimal,
    /// Whether its prices include tax.
    pub prices_include_tax: bool,
}

/// What a line of an invoice has to agree with; nothing where it is for no line of anything.
pub fn standard<'a>(
    book: &'a Book,
    bill: &'a Doc<Invoice>,
    line: &'a InvoiceLine,
) -> Option<Standard<'a>> {
    if bill.rec.is_sale() {
        let (order, no) = fulfilment::invoiced_line(book, bill, line)?;
        return of_order(book, book.get::<Order>(order)?, no);
    }
    let (contract, no) = match (line.contract.as_deref(), line.contract_line) {
        (Some(contract), Some(no)) => (contract, no),
        _ => {
            let receipt = book.get::<Shipment>(line.shipment.as_deref()?)?;
            let of = receipt.rec.line.iter().find(|own| Some(own.no) == line.shipment_line)?;
            (of.contract.as_deref()?, of.contract_line?)
        }
    };
    of_contract(book, book.get::<Contract>(contract)?, no)
}

/// A line of an order as an invoice has to repeat it.
pub fn of_order<'a>(book: &'a Book, order: &'a Doc<Order>, no: u32) -> Option<Standard<'a>> {
    let at = order.rec.line.iter().position(|line| line.no == no)?;
    let line = &order.rec.line[at];
    let found = book.priced(order, line);
    let stock_unit = || book.get::<Product>(&line.product)?.rec.unit.as_deref();
    Some(Standard {
        id: order.id(),
        file: &order.file,
        at,
        product: &line.product,
        unit: line.unit.as_deref().or_else(stock_unit),
        factor: found.factor.unwrap_or(Decimal::ONE),
        qty: line.qty.get(),
        price: found.price,
        discount_pct: line.discount_pct.map_or(Decimal::ZERO, |pct| pct.get()),
        discount_amount: line.discount_amount.map_or(Decimal::ZERO, |amount| amount.get()),
        tax_rate: found.tax_rate,
        prices_include_tax: book.basis(order.rec.prices_include_tax, None).prices_include_tax,
    })
}

/// A line of a purchase contract as an invoice has to repeat it.
pub fn of_contract<'a>(
    book: &'a Book,
    contract: &'a Doc<Contract>,
    no: u32,
) -> Option<Standard<'a>> {
    let at = contract.rec.line.iter().position(|line| line.no == no)?;
    let line = &contract.rec.line[at];
    let of = book.get::<Product>(&line.product);
    let given = line.unit_factor.map(|factor| factor.get());
    let stock_unit = || of?.rec.unit.as_deref();
    Some(Standard {
        id: contract.id(),
        file: &contract.file,
        at,
        product: &line.product,
        unit: line.unit.as_deref().or_else(stock_unit),
        factor: unit_factor(line.unit.as_deref(), given, of).unwrap_or(Decimal::ONE),
        qty: line.qty.map_or(Decimal::ZERO, |qty| qty.get()),
        price: line.price.map(|price| price.get()),
        discount_pct: Decimal::ZERO,
        discount_amount: Decimal::ZERO,
        tax_rate: line.tax_rate.map_or_else(|| book.tax_rate(of), |rate| rate.get()),
        prices_include_tax: book.basis(contract.rec.prices_include_tax, None).prices_include_tax,
    })
}

/// The discount of an order line that belongs to some of its quantity, so that the parts come to
/// the whole: what belongs to all so far, less what belonged to those before.
pub fn discount(of: &Standard<'_>, before: Decimal, qty: Decimal, decimals: u32) -> Decimal {
    let upto = |part: Decimal| {
        let share = of.discount_amount.checked_mul(part).and_then(|all| all.checked_div(of.qty));
        round(share.unwrap_or(Decimal::ZERO), decimals)
    };
    sub(upto(add(before, qty)), upto(before))
}

/// How much may be on invoices in all, and how much is on other ones, in stock units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// What the limit is: ordered, delivered or received.
    pub what: &'static str,
    /// Most that may be invoiced in all.
    pub limit: Decimal,
    /// On other issued invoices, less credits that are to be invoiced again.
    pub issued: Decimal,
    /// On other drafts.
    pub drafted: Decimal,
    /// The other issued invoices.
    pub by: Vec<String>,
    /// The other drafts.
    pub drafts: Vec<String>,
}

impl Room {
    /// What is left for this invoice.
    pub fn left(&self) -> Decimal {
        sub(sub(self.limit, self.issued), self.drafted).max(Decimal::ZERO)
    }
}

/// How much of what a line is for may be invoiced, beside what this invoice takes itself.
pub fn room(book: &Book, bill: &Doc<Invoice>, line: &InvoiceLine) -> Option<Room> {
    if !bill.rec.is_sale() {
        return of_receipt(book, line.shipment.as_deref()?, line.shipment_line?, bill.id());
    }
    let (id, no) = fulfilment::invoiced_line(book, bill, line)?;
    let order = book.get::<Order>(id)?;
    let found = fulfilment::of_order(book, order, EVER);
    let of = found.lines.iter().find(|own| own.line.no == no)?;
    let as_ordered = book.config.tolerance.invoice_basis.as_deref() == Some("ordered");
    let mut room = Room {
        what: if as_ordered || !of.is_deliverable { "ordered" } else { "delivered" },
        limit: of.billable(),
        issued: of.moved.invoiced,
        drafted: of.moved.drafted,
        ..Room::default()
    };
    // What is being made is in the sums already once it is in the book.
    let is_held = bill.counts() && book.get::<Invoice>(bill.id()).is_some();
    if is_held && bill.rec.sort() == InvoiceKind::Invoice {
        let own = taken(book, bill, id, no);
        match bill.rec.issued_on {
            Some(_) => room.issued = sub(room.issued, own),
            None => room.drafted = sub(room.drafted, own),
        }
    }
    for other in book.following::<Invoice>(id) {
        let is_for =
            |line: &InvoiceLine| fulfilment::invoiced_line(book, other, line) == Some((id, no));
        if other.id() == bill.id()
            || other.rec.sort() != InvoiceKind::Invoice
            || !other.rec.line.iter().any(is_for)
        {
            continue;
        }
        let ids = if other.rec.issued_on.is_some() { &mut room.by } else { &mut room.drafts };
        ids.push(other.id().to_owned());
    }
    Some(room)
}

/// What an invoice takes of one order line, in stock units.
pub fn taken(book: &Book, bill: &Doc<Invoice>, order: &str, no: u32) -> Decimal {
    let own = bill.rec.line.iter().filter(|line| {
        line.sort().moves_quantity()
            && fulfilment::invoiced_line(book, bill, line) == Some((order, no))
    });
    sum(own.map(|line| in_stock_units(book, line)))
}

/// The quantity of a line in stock units.
pub fn in_stock_units(book: &Book, line: &InvoiceLine) -> Decimal {
    let (code, unit) = (line.product.as_deref(), line.unit.as_deref());
    fulfilment::in_stock_units(book, code, unit, line.unit_factor, line.qty.get())
}

/// How much of a line that arrived may be invoiced, beside what one invoice takes itself.
fn of_receipt(book: &Book, shipment: &str, no: u32, except: &str) -> Option<Room> {
    let receipt = book.get::<Shipment>(shipment)?;
    let line = receipt.rec.line.iter().find(|line| line.no == no)?;
    let has_moved = receipt.rec.moved_on().is_some();
    let quantity = fulfilment::line_quantity(book, receipt.rec.sort(), line);
    let limit = if has_moved { quantity } else { Decimal::ZERO };
    Some(Room { what: "received", limit, ..of_shipment(book, shipment, no, except) })
}

/// What invoices but one took of a line of a shipment, in stock units.
pub fn of_shipment(book: &Book, shipment: &str, no: u32, except: &str) -> Room {
    let mut room = Room::default();
    for bill in book.following::<Invoice>(shipment) {
        if bill.id() == except || bill.rec.sort() != InvoiceKind::Invoice {
            continue;
        }
        let is_for = |line: &&InvoiceLine| {
            line.shipment.as_deref() == Some(shipment)
                && line.shipment_line == Some(no)
                && line.sort().moves_quantity()
        };
        for line in bill.rec.line.iter().filter(is_for) {
            let quantity = in_stock_units(book, line);
            let ids = match bill.rec.issued_on {
                Some(_) => {
                    let back = reopened(book, bill, line.no);
                    room.issued = add(room.issued, sub(quantity, back));
                    &mut room.by
                }
                None => {
                    room.drafted = add(room.drafted, quantity);
                    &mut room.drafts
                }
            };
            ids.push(bill.id().to_owned());
        }
    }
    room
}

/// What issued credits of a line are to be invoiced again, in stock units.
fn reopened(book: &Book, bill: &Doc<Invoice>, no: u32) -> Decimal {
    let credits = credits(book, bill.id()).into_iter();
    let lines = credits.filter(|credit| credit.rec.issued_on.is_some());
    let lines = lines.flat_map(|credit| &credit.rec.line).filter(|line| {
        is_of(bill, line, no) && line.sort().moves_quantity() && line.reopens_billing == Some(true)
    });
    sum(lines.map(|line| in_stock_units(book, line)))
}

/// The credits of an invoice that hold, drafts included.
pub fn credits<'a>(book: &'a Book, invoice: &str) -> Vec<&'a Doc<Invoice>> {
    let mut credits = book.following::<Invoice>(invoice);
    credits.retain(|credit| {
        credit.rec.sort() == InvoiceKind::Credit
            && credit.rec.against_invoice.as_deref() == Some(invoice)
    });
    credits
}

/// Whether a line of a credit takes back this line of an invoice.
fn is_of(bill: &Doc<Invoice>, line: &InvoiceLine, no: u32) -> bool {
    bill.rec.credited_line(line).is_some_and(|of| of.no == no)
}

/// The quantity of a line that credits took back, in its unit.
pub fn credited(bill: &Doc<Invoice>, credits: &[&Doc<Invoice>], no: u32) -> Decimal {
    let lines = credits.iter().flat_map(|credit| &credit.rec.line);
    let own = lines.filter(|line| is_of(bill, line, no) && line.sort().moves_quantity());
    sum(own.map(|line| line.qty.get()))
}

/// What credits of an invoice come to together, worked out in one: lines given back at their own
/// price are put together again, so that the whole comes to what the invoice does.
pub fn together(book: &Book, bill: &Doc<Invoice>, credits: &[&Doc<Invoice>]) -> Option<Amount> {
    let basis = invoice::basis(book, bill);
    let (mut parts, mut is_whole) = (Vec::new(), true);
    for line in &bill.rec.line {
        let own = credits.iter().flat_map(|credit| &credit.rec.line);
        let back = sum(own.filter(|own| is_given_back(bill, own, line)).map(|own| own.qty.get()));
        is_whole &= back == line.qty.get();
        let priced = invoice::priced(book, line);
        let share = |amount: Decimal| match back == priced.qty {
            true => Some(amount),
            false => {
                let part = amount.checked_mul(back)?.checked_div(priced.qty)?;
                Some(round(part, basis.decimals))
            }
        };
        if !back.is_zero() {
            let discount_amount = share(priced.discount_amount)?;
            parts.push(Priced { qty: back, discount_amount, ..priced });
        }
    }
    for line in credits.iter().flat_map(|credit| &credit.rec.line) {
        let of = bill.rec.credited_line(line);
        if !of.is_some_and(|of| is_given_back(bill, line, of)) {
            is_whole = false;
            parts.push(invoice::priced(book, line));
        }
    }
    let mut bare = credits.iter().filter(|credit| credit.rec.line.is_empty()).peekable();
    if is_whole && bare.peek().is_none() {
        return invoice::total(book, bill);
    }
    let amounts = amount::amounts(&parts, basis)?;
    let whole = amounts.into_iter().fold(Amount::default(), Amount::plus);
    bare.try_fold(whole, |whole, credit| Some(whole.plus(invoice::total(book, credit)?)))
}

/// Whether a line of a credit gives back some of a line as it was invoiced.
fn is_given_back(bill: &Doc<Invoice>, line: &InvoiceLine, of: &InvoiceLine) -> bool {
    is_of(bill, line, of.no)
        && line.sort() == of.sort()
        && line.sort() != LineKind::PriceAdjustment
        && line.price == of.price
        && line.discount_pct == of.discount_pct
}

/// What one credit comes to as the next of its invoice: all credits so far together, less what was
/// credited before. Nothing where it credits no invoice, or an amount cannot be held exactly.
pub fn stated(book: &Book, credit: &Doc<Invoice>) -> Option<Amount> {
    let bill = book.get::<Invoice>(credit.rec.against_invoice.as_deref()?)?;
    let mut before = credits(book, bill.id());
    before.retain(|other| other.id() != credit.id() && other.rec.issued_on.is_some());
    let mut taken = Amount::default();
    for other in &before {
        taken = taken.plus(invoice::total(book, other)?);
    }
    before.push(credit);
    Some(together(book, bill, &before)?.plus(taken.negated()))
}

/// What credits, drafts included, leave of an invoice, in its currency.
pub fn uncredited(book: &Book, bill: &Doc<Invoice>) -> Option<Decimal> {
    let credits = credits(book, bill.id());
    let totals = credits.into_iter().map(|credit| Some(invoice::total(book, credit)?.gross));
    let credited = totals.collect::<Option<Vec<_>>>()?;
    Some(sub(invoice::total(book, bill)?.gross, sum(credited)))
}

/// The quantity in a line's unit of so many stock units; nothing where it is no exact figure.
pub fn in_unit(of: &Standard<'_>, stock_units: Decimal) -> Option<Decimal> {
    let qty = round(stock_units.checked_div(of.factor)?, crate::value::number::MAX_DECIMALS);
    (product(qty, of.factor)? == stock_units).then(|| qty.normalize())
}
