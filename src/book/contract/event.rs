//! The day of an instalment: its own, else so many days after its event; without the event there is
//! none, so that nothing is late before its time.
//!
//! As one invoice sees it goods have left or arrived once all that the invoice is for have, by the
//! shipments its lines name, else by those of their order; of several invoices of one line the
//! earlier ones come first. What is not delivered is there when it is invoiced.

#![deny(clippy::arithmetic_side_effects)]

use crate::{
    book::{Book, fulfilment, invoice, performed, receivable},
    record::{
        Doc,
        contract::{Contract, DueRule, Instalment, Side},
        invoice::{Invoice, InvoiceInstalment, InvoiceKind, InvoiceLine},
        order::Order,
        product::{Goods, Product},
        shipment::{Shipment, ShipmentKind},
    },
    value::{
        day::Day,
        number::{Decimal, add, negated},
    },
};

/// The day a part of an invoice is due by a day: its own, else that of its instalment of the
/// contract, else the invoice's. What is of an instalment is not asked for before the invoice is
/// issued.
pub fn due_on(
    book: &Book,
    bill: &Doc<Invoice>,
    part: &InvoiceInstalment,
    as_of: Day,
) -> Option<Day> {
    let of_contract = || {
        let no = part.contract_instalment?;
        let contracts = receivable::contracts_of(book, bill);
        let contract = book.get::<Contract>(contracts.first()?)?;
        let agreed = contract.rec.instalment.iter().find(|own| own.no == no)?;
        let event = || of_invoice(book, bill, contract, agreed, as_of);
        agreed.due_on.or_else(|| after(agreed, event().filter(|day| *day <= as_of)?))
    };
    match (part.due_on, part.contract_instalment) {
        (None, None) => invoice::due_on(book, bill),
        (own, None) => own,
        (own, Some(_)) => own
            .or_else(of_contract)
            .map(|day| bill.rec.issued_on.map_or(day, |issued| day.max(issued))),
    }
}

/// The day so many days after an instalment's event.
pub(super) fn after(agreed: &Instalment, event: Day) -> Option<Day> {
    event.0.checked_add_days(chrono::Days::new(agreed.days.unwrap_or(0).into())).map(Day)
}

/// The day of an instalment's event as one invoice sees it.
fn of_invoice(
    book: &Book,
    bill: &Doc<Invoice>,
    contract: &Doc<Contract>,
    agreed: &Instalment,
    as_of: Day,
) -> Option<Day> {
    if agreed.reached_on.is_some() {
        return agreed.reached_on;
    }
    match agreed.due_rule? {
        DueRule::Signed => contract.rec.signed_on,
        rule @ (DueRule::Shipped | DueRule::Received) => moved(book, bill, rule, as_of),
        DueRule::Accepted => None,
        DueRule::Invoiced => bill.rec.issued_on,
    }
}

/// The day the last of what an invoice is for left or arrived.
fn moved(book: &Book, bill: &Doc<Invoice>, rule: DueRule, as_of: Day) -> Option<Day> {
    let goods = bill.rec.line.iter().filter(|line| line.sort().moves_quantity());
    let days: Option<Vec<Day>> = goods
        .map(|line| match line.shipment.as_deref() {
            Some(id) => day(&book.get::<Shipment>(id)?.rec, rule),
            None => of_line(book, bill, line, rule, as_of),
        })
        .collect();
    days?.into_iter().max().or(bill.rec.issued_on)
}

/// The day a shipment left or arrived.
fn day(shipment: &Shipment, rule: DueRule) -> Option<Day> {
    match rule {
        DueRule::Shipped => shipment.moved_on(),
        _ => shipment.received_on,
    }
}

/// The day the goods of a line that names no shipment were there: those of its order line, or of
/// its contract's, up to what was invoiced of it with this invoice and before.
fn of_line(
    book: &Book,
    bill: &Doc<Invoice>,
    line: &InvoiceLine,
    rule: DueRule,
    as_of: Day,
) -> Option<Day> {
    let side = bill.rec.side.unwrap_or_default();
    let code = line.product.as_deref().unwrap_or_default();
    let is_service = || {
        let product = book.get::<Product>(code);
        product.is_none_or(|own| own.rec.goods == Some(Goods::Service))
    };
    let Some((id, Some(no))) = performed::invoiced_source(book, side, bill, line) else {
        return bill.rec.issued_on.filter(|_| is_service());
    };
    let (shipments, invoices, most) = match side {
        Side::Sale => {
            let order = fulfilment::of_order(book, book.get::<Order>(id)?, as_of);
            let ordered = order.lines.iter().find(|own| own.line.no == no)?;
            if !ordered.is_deliverable {
                return bill.rec.issued_on;
            }
            let (shipments, invoices) = fulfilment::documents_of(book, id);
            (shipments, invoices, Some(ordered.ordered))
        }
        Side::Purchase if is_service() => return bill.rec.issued_on,
        Side::Purchase => (book.pointing::<Shipment>(id), book.pointing::<Invoice>(id), None),
    };
    let mut moves = Vec::new();
    for shipment in shipments {
        let Some(on) = moved_day(shipment, rule).filter(|day| *day <= as_of) else { continue };
        for own in &shipment.rec.line {
            let is_back = shipment.rec.sort() == ShipmentKind::Return;
            let is_own = performed::shipped_source(book, side, shipment, own) == Some((id, no));
            if !is_own || (is_back && own.reopens_delivery != Some(true)) {
                continue;
            }
            let qty = fulfilment::line_quantity(book, shipment.rec.sort(), own);
            moves.push((on, if is_back { negated(qty) } else { qty }));
        }
    }
    let wanted = invoiced_up_to(book, bill, (id, no), &invoices, as_of);
    since(moves, most.map_or(wanted, |most| wanted.min(most)))
}

/// The day a shipment counts for an event: what comes back counts when it is here.
fn moved_day(shipment: &Doc<Shipment>, rule: DueRule) -> Option<Day> {
    match shipment.rec.sort() {
        ShipmentKind::Return => shipment.rec.moved_on(),
        _ => day(&shipment.rec, rule),
    }
}

/// What was invoiced of a line of an order or a contract with one invoice and before it, less what
/// of that was credited to be invoiced again.
fn invoiced_up_to(
    book: &Book,
    bill: &Doc<Invoice>,
    of: (&str, u32),
    invoices: &[&Doc<Invoice>],
    as_of: Day,
) -> Decimal {
    let side = bill.rec.side.unwrap_or_default();
    let place = |own: &Doc<Invoice>| (own.rec.issued_on.is_none(), own.rec.issued_on);
    let is_before = |own: &Doc<Invoice>| {
        let is_issued = invoice::is_issued(own, as_of);
        own.id() == bill.id() || (is_issued && (place(own), own.id()) < (place(bill), bill.id()))
    };
    let mut wanted = Decimal::ZERO;
    for own in invoices {
        let is_credit = own.rec.sort() == InvoiceKind::Credit;
        let of_bill = own.rec.against_invoice.as_deref().and_then(|id| book.get::<Invoice>(id));
        let counts = match is_credit {
            true => invoice::is_issued(own, as_of) && of_bill.is_some_and(is_before),
            false => is_before(own),
        };
        for line in own.rec.line.iter().filter(|line| counts && line.sort().moves_quantity()) {
            let source = performed::invoiced_source(book, side, own, line);
            if source != Some((of.0, Some(of.1)))
                || (is_credit && line.reopens_billing != Some(true))
            {
                continue;
            }
            let (code, unit) = (line.product.as_deref(), line.unit.as_deref());
            let qty =
                fulfilment::in_stock_units(book, code, unit, line.unit_factor, line.qty.get());
            wanted = add(wanted, if is_credit { negated(qty) } else { qty });
        }
    }
    wanted
}

/// The day from which so much had moved and stayed; nothing where it has not, or nothing is wanted.
pub(super) fn since(mut moves: Vec<(Day, Decimal)>, wanted: Decimal) -> Option<Day> {
    moves.sort_by_key(|(day, _)| *day);
    let (mut moved, mut since) = (Decimal::ZERO, None);
    for (day, qty) in moves {
        moved = add(moved, qty);
        let is_whole = moved >= wanted && wanted > Decimal::ZERO;
        since = since.filter(|_| is_whole).or(is_whole.then_some(day));
    }
    since
}
