//! What credits took back of an invoice, line by line, and what they come to.
//!
//! For the match, the acts and the invariants of credits. Worked out over all credits of an invoice
//! together, so that parts never come to more than the whole, and the last one to exactly the whole.

#![deny(clippy::arithmetic_side_effects)]

use super::{
    Book,
    billed::{self, Room, Standard},
    invoice,
};
use crate::{
    record::{
        Doc,
        amount::{self, Amount, Priced},
        invoice::{Invoice, InvoiceKind, InvoiceLine, LineKind},
        product::Product,
    },
    value::number::{Decimal, MAX_DECIMALS, add, product, round, sub, sum},
};

/// The credits of an invoice that hold, drafts included.
pub fn credits<'a>(book: &'a Book, invoice: &str) -> Vec<&'a Doc<Invoice>> {
    let mut credits = book.following::<Invoice>(invoice);
    credits.retain(|credit| {
        credit.rec.sort() == InvoiceKind::Credit
            && credit.rec.against_invoice.as_deref() == Some(invoice)
    });
    credits
}

/// The credits that come before one: of an issued one those issued before it, of a draft all that
/// are issued and the drafts made earlier.
fn before<'a>(book: &'a Book, invoice: &str, credit: &Doc<Invoice>) -> Vec<&'a Doc<Invoice>> {
    let mut before = credits(book, invoice);
    before.retain(|other| match (other.rec.issued_on, credit.rec.issued_on) {
        _ if other.id() == credit.id() => false,
        (Some(theirs), Some(own)) => (theirs, age(other)) < (own, age(credit)),
        (Some(_), None) => true,
        (None, None) => age(other) < age(credit),
        (None, Some(_)) => false,
    });
    before
}

/// Ids in the order in which they were given.
fn age(doc: &Doc<Invoice>) -> (usize, &str) {
    (doc.id().len(), doc.id())
}

/// The quantity of a line that credits took back, in its unit.
pub fn credited(bill: &Doc<Invoice>, credits: &[&Doc<Invoice>], no: u32) -> Decimal {
    let own = against(bill, credits, no).filter(|line| line.sort().moves_quantity());
    sum(own.map(|line| line.qty.get()))
}

/// The lines of credits that take back one line of an invoice.
fn against<'a>(
    bill: &'a Doc<Invoice>,
    credits: &'a [&'a Doc<Invoice>],
    no: u32,
) -> impl Iterator<Item = &'a InvoiceLine> + Clone {
    let lines = credits.iter().flat_map(|credit| &credit.rec.line);
    lines.filter(move |line| bill.rec.credited_line(line).is_some_and(|of| of.no == no))
}

/// Whether a line of a credit gives back some of a line as it was invoiced.
fn is_given_back(line: &InvoiceLine, of: &InvoiceLine) -> bool {
    line.sort() == of.sort()
        && line.sort() != LineKind::PriceAdjustment
        && line.price == of.price
        && line.discount_pct == of.discount_pct
}

/// One line of an invoice, and what credits took back of it.
struct Taken {
    /// What is taken back, summed up: given back at its own price in one, all else as it is.
    parts: Vec<Priced>,
    /// What it comes to as priced.
    value: Decimal,
    /// What the whole line comes to as priced.
    whole: Decimal,
}

fn taken(
    book: &Book,
    bill: &Doc<Invoice>,
    of: &InvoiceLine,
    credits: &[&Doc<Invoice>],
) -> Option<Taken> {
    let basis = invoice::basis(book, bill);
    let priced = invoice::priced(book, of);
    let whole = amount::line_value(&priced, basis.decimals)?;
    let mut parts = Vec::new();
    let back = sum(against(bill, credits, of.no)
        .filter(|line| is_given_back(line, of))
        .map(|line| line.qty.get()));
    if !back.is_zero() {
        let discount_amount = share(priced.discount_amount, back, priced.qty, basis.decimals)?;
        parts.push(Priced { qty: back, discount_amount, ..priced });
    }
    let others = against(bill, credits, of.no).filter(|line| !is_given_back(line, of));
    parts.extend(others.map(|line| invoice::priced(book, line)));
    let values: Option<Vec<Decimal>> =
        parts.iter().map(|part| amount::line_value(part, basis.decimals)).collect();
    let value = sum(values?);
    // Prices of a part are rounded, each part again: the last part takes what that leaves.
    let goods = against(bill, credits, of.no).filter(|line| line.sort() == of.sort());
    let is_all = sum(goods.map(|line| line.qty.get())) == priced.qty;
    let off = sub(whole, value);
    let may_be_off = add(
        product(Decimal::new(1, basis.decimals), parts_of(bill, credits, of.no))?,
        product(Decimal::new(1, MAX_DECIMALS), priced.qty)?,
    );
    if !off.is_zero() && (is_all || off < Decimal::ZERO) && off.abs() <= may_be_off {
        let rounding = Priced { qty: Decimal::ONE, price: off, ..Priced::default() };
        parts.push(Priced { tax_rate: priced.tax_rate, ..rounding });
        return Some(Taken { parts, value: whole, whole });
    }
    Some(Taken { parts, value, whole })
}

fn parts_of(bill: &Doc<Invoice>, credits: &[&Doc<Invoice>], no: u32) -> Decimal {
    Decimal::from(against(bill, credits, no).count())
}

/// The part of a whole line's discount that belongs to some of its quantity.
fn share(whole: Decimal, qty: Decimal, of: Decimal, decimals: u32) -> Option<Decimal> {
    if qty == of {
        return Some(whole);
    }
    Some(round(whole.checked_mul(qty)?.checked_div(of)?, decimals))
}

/// What credits leave of one line: its quantity, and what it comes to as priced; each below zero
/// where they took back more. Nothing where an amount cannot be held.
pub fn left(
    book: &Book,
    bill: &Doc<Invoice>,
    of: &InvoiceLine,
    credits: &[&Doc<Invoice>],
) -> Option<(Decimal, Decimal)> {
    let taken = taken(book, bill, of, credits)?;
    Some((sub(of.qty.get(), credited(bill, credits, of.no)), sub(taken.whole, taken.value)))
}

/// What so much of a line is given back at: its price and its share of the discount, or, once its
/// price was lowered, what is left of its amount by the unit, never more than it was.
pub fn given_back_at(
    book: &Book,
    bill: &Doc<Invoice>,
    of: &InvoiceLine,
    credits: &[&Doc<Invoice>],
    qty: Decimal,
) -> Option<Priced> {
    let basis = invoice::basis(book, bill);
    let priced = invoice::priced(book, of);
    let mut own = against(bill, credits, of.no);
    if own.any(|line| line.sort() == LineKind::PriceAdjustment && line.sort() != of.sort()) {
        let (left_qty, left) = left(book, bill, of, credits)?;
        let whole = amount::line_value(&priced, basis.decimals)?;
        if left_qty > Decimal::ZERO {
            let price = left.checked_div(left_qty)?.min(whole.checked_div(priced.qty)?);
            let price = round(price, MAX_DECIMALS).max(Decimal::ZERO).normalize();
            let zero = Decimal::ZERO;
            return Some(Priced {
                qty,
                price,
                discount_pct: zero,
                discount_amount: zero,
                ..priced
            });
        }
    }
    let before = credited(bill, credits, of.no);
    let upto = |part: Decimal| share(priced.discount_amount, part, priced.qty, basis.decimals);
    let discount_amount = sub(upto(add(before, qty))?, upto(before)?);
    Some(Priced { qty, discount_amount, ..priced })
}

/// The line of its invoice that a line of a credit takes back.
fn line_of<'a>(
    book: &'a Book,
    credit: &Doc<Invoice>,
    line: &InvoiceLine,
) -> Option<(&'a Doc<Invoice>, usize)> {
    let bill = book.get::<Invoice>(credit.rec.against_invoice.as_deref()?)?;
    let no = bill.rec.credited_line(line)?.no;
    let at = bill.rec.line.iter().position(|of| of.no == no)?;
    Some((bill, at))
}

/// What a line of a credit has to agree with: the line of the invoice it takes back, at what that is
/// given back at after the credits before.
pub(super) fn standard<'a>(
    book: &'a Book,
    credit: &Doc<Invoice>,
    line: &InvoiceLine,
) -> Option<Standard<'a>> {
    let (bill, at) = line_of(book, credit, line)?;
    let of = &bill.rec.line[at];
    let before = before(book, bill.id(), credit);
    let at_price = given_back_at(book, bill, of, &before, line.qty.get())?;
    let is_lowered = at_price.price != of.price.get();
    let product = of.product.as_deref().and_then(|code| book.get::<Product>(code));
    Some(Standard {
        id: bill.id(),
        file: &bill.file,
        at,
        product: of.product.as_deref().or(of.text.as_deref()).unwrap_or_default(),
        unit: of.unit.as_deref().or_else(|| product?.rec.unit.as_deref()),
        factor: billed::in_stock_units(book, of).checked_div(of.qty.get()).unwrap_or(Decimal::ONE),
        qty: of.qty.get(),
        price: Some(at_price.price),
        discount_pct: at_price.discount_pct,
        discount_amount: match (is_lowered, of.discount_amount) {
            (false, Some(whole)) => whole.get(),
            _ => Decimal::ZERO,
        },
        tax_rate: at_price.tax_rate,
        prices_include_tax: invoice::basis(book, bill).prices_include_tax,
    })
}

/// How much of a line may be credited, beside what this credit takes back itself, in stock units.
pub(super) fn room(book: &Book, credit: &Doc<Invoice>, line: &InvoiceLine) -> Option<Room> {
    let (bill, at) = line_of(book, credit, line)?;
    let of = &bill.rec.line[at];
    let mut room =
        Room { what: "invoiced", limit: billed::in_stock_units(book, of), ..Room::default() };
    for other in before(book, bill.id(), credit) {
        let own = against(bill, &[other], of.no)
            .filter(|line| line.sort().moves_quantity())
            .map(|line| billed::in_stock_units(book, line))
            .collect::<Vec<_>>();
        let (sum_of, ids) = match other.rec.issued_on {
            Some(_) => (&mut room.issued, &mut room.by),
            None => (&mut room.drafted, &mut room.drafts),
        };
        *sum_of = add(*sum_of, sum(own));
        ids.push(other.id().to_owned());
    }
    Some(room)
}

/// What credits of an invoice come to together, worked out in one: lines given back at their own
/// price are put together again, so that the whole comes to what the invoice does.
fn together(book: &Book, bill: &Doc<Invoice>, credits: &[&Doc<Invoice>]) -> Option<Amount> {
    let basis = invoice::basis(book, bill);
    let (mut parts, mut is_whole) = (Vec::new(), true);
    for of in &bill.rec.line {
        let taken = taken(book, bill, of, credits)?;
        is_whole &= taken.value == taken.whole;
        parts.extend(taken.parts);
    }
    let lines = credits.iter().flat_map(|credit| &credit.rec.line);
    for line in lines.filter(|line| bill.rec.credited_line(line).is_none()) {
        is_whole = false;
        parts.push(invoice::priced(book, line));
    }
    let mut bare = credits.iter().filter(|credit| credit.rec.line.is_empty()).peekable();
    if is_whole && bare.peek().is_none() {
        return invoice::total(book, bill);
    }
    let amounts = amount::amounts(&parts, basis)?;
    let whole = amounts.into_iter().fold(Amount::default(), Amount::plus);
    bare.try_fold(whole, |whole, credit| Some(whole.plus(invoice::total(book, credit)?)))
}

/// What credits come to as they are issued one after another: those that are, as they stand; drafts
/// behind them bring it to what all come to together.
fn in_turn(book: &Book, bill: &Doc<Invoice>, credits: &[&Doc<Invoice>]) -> Option<Amount> {
    if credits.iter().any(|credit| credit.rec.issued_on.is_none()) {
        return together(book, bill, credits);
    }
    let mut taken = Amount::default();
    for credit in credits {
        taken = taken.plus(invoice::total(book, credit)?);
    }
    Some(taken)
}

/// What one credit comes to as the next of its invoice: all credits so far together, less what was
/// credited before; before a draft come the drafts made earlier. Nothing where it credits no invoice,
/// or an amount cannot be held exactly.
pub fn stated(book: &Book, credit: &Doc<Invoice>) -> Option<Amount> {
    let bill = book.get::<Invoice>(credit.rec.against_invoice.as_deref()?)?;
    let is_draft = credit.rec.issued_on.is_none();
    let mut before = credits(book, bill.id());
    before.retain(|other| {
        let is_earlier = is_draft && age(other) < age(credit);
        other.id() != credit.id() && (other.rec.issued_on.is_some() || is_earlier)
    });
    let taken = in_turn(book, bill, &before)?;
    before.push(credit);
    Some(together(book, bill, &before)?.plus(taken.negated()))
}

/// What credits leave of an invoice, in its currency; drafts count as what they come to one after
/// another.
pub fn uncredited(book: &Book, bill: &Doc<Invoice>) -> Option<Decimal> {
    let credits = credits(book, bill.id());
    let issued: Vec<&Doc<Invoice>> =
        credits.iter().copied().filter(|credit| credit.rec.issued_on.is_some()).collect();
    let (issued, all) = (in_turn(book, bill, &issued)?, in_turn(book, bill, &credits)?);
    Some(sub(invoice::total(book, bill)?.gross, issued.gross.max(all.gross)))
}
