//! Invoices held against what they are for: the order or contract line each line comes from, of a
//! credit the line it takes back, and how much of it is left.
//!
//! Quantities are joined by line, never by product, and are exact.

#![deny(clippy::arithmetic_side_effects)]

use super::{Book, credited, fulfilment, payment::EVER, terms::unit_factor};
use crate::{
    record::{
        Doc,
        contract::Contract,
        invoice::{Invoice, InvoiceKind, InvoiceLine},
        order::Order,
        product::Product,
        shipment::Shipment,
    },
    value::{
        day::Day,
        number::{Decimal, add, product, round, sub, sum},
    },
};

/// What a line of an invoice has to agree with: the line of the order, or of the purchase contract;
/// of a credit, the line of the invoice.
#[derive(Debug, Clone, PartialEq)]
pub struct Standard<'a> {
    /// Order, contract or invoice.
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
    if bill.rec.sort() == InvoiceKind::Credit {
        return credited::standard(book, bill, line);
    }
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
    /// The day it is as of, where that leaves less than today.
    pub as_of: Option<Day>,
}

impl Room {
    /// What is left for this invoice.
    pub fn left(&self) -> Decimal {
        sub(sub(self.limit, self.issued), self.drafted).max(Decimal::ZERO)
    }
}

/// How much of what a line is for may be invoiced, beside what this invoice takes itself: in all,
/// and of an issued one no more than by the day it was issued.
pub fn room(book: &Book, bill: &Doc<Invoice>, line: &InvoiceLine) -> Option<Room> {
    if bill.rec.sort() == InvoiceKind::Credit {
        return credited::room(book, bill, line);
    }
    let by = |as_of: Option<Day>| match bill.rec.is_sale() {
        true => of_order_line(book, bill, line, as_of),
        false => of_receipt(book, line.shipment.as_deref()?, line.shipment_line?, bill.id(), as_of),
    };
    let all = by(None)?;
    let then = bill.rec.issued_on.and_then(|day| by(Some(day)));
    Some(then.filter(|then| then.left() < all.left()).unwrap_or(all))
}

/// How much of the order line that a line is for may be invoiced, in all or by a day.
fn of_order_line(
    book: &Book,
    bill: &Doc<Invoice>,
    line: &InvoiceLine,
    as_of: Option<Day>,
) -> Option<Room> {
    let (id, no) = fulfilment::invoiced_line(book, bill, line)?;
    let order = book.get::<Order>(id)?;
    let found = fulfilment::of_order(book, order, as_of.unwrap_or(EVER));
    let of = found.lines.iter().find(|own| own.line.no == no)?;
    let as_ordered = book.config.tolerance.invoice_basis.as_deref() == Some("ordered");
    let mut room = Room {
        what: if as_ordered || !of.is_deliverable { "ordered" } else { "delivered" },
        limit: of.billable(),
        issued: of.moved.invoiced,
        // What is drafted by a day says nothing about that day.
        drafted: if as_of.is_none() { of.moved.drafted } else { Decimal::ZERO },
        as_of,
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

/// How much of a line that arrived, by a day if one is given, may be invoiced, beside what one
/// invoice takes itself.
fn of_receipt(
    book: &Book,
    shipment: &str,
    no: u32,
    except: &str,
    as_of: Option<Day>,
) -> Option<Room> {
    let receipt = book.get::<Shipment>(shipment)?;
    let line = receipt.rec.line.iter().find(|line| line.no == no)?;
    let has_moved = receipt.rec.moved_on().is_some_and(|day| day <= as_of.unwrap_or(EVER));
    let quantity = fulfilment::line_quantity(book, receipt.rec.sort(), line);
    let limit = if has_moved { quantity } else { Decimal::ZERO };
    Some(Room { what: "received", limit, as_of, ..of_shipment(book, shipment, no, except) })
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
    let credits = credited::credits(book, bill.id()).into_iter();
    let lines = credits.filter(|credit| credit.rec.issued_on.is_some());
    let lines = lines.flat_map(|credit| &credit.rec.line).filter(|line| {
        bill.rec.credited_line(line).is_some_and(|of| of.no == no)
            && line.sort().moves_quantity()
            && line.reopens_billing == Some(true)
    });
    sum(lines.map(|line| in_stock_units(book, line)))
}

/// The quantity in a line's unit of so many stock units; nothing where it is no exact figure.
pub fn in_unit(of: &Standard<'_>, stock_units: Decimal) -> Option<Decimal> {
    let qty = round(stock_units.checked_div(of.factor)?, crate::value::number::MAX_DECIMALS);
    (product(qty, of.factor)? == stock_units).then(|| qty.normalize())
}
