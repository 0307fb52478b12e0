//! Invariants of invoices: lines, parties, sums, due days, instalments, and what an issued
//! one carries.

use std::collections::BTreeSet;

use super::{Rule, Run, closing, on};
use crate::{
    book::{Book, fulfilment, invoice, payment, payment::EVER},
    finding::{Finding, Level},
    record::{
        Doc, Entry, Kind,
        amount::{self, Priced},
        contract::Contract,
        invoice::{Invoice, InvoiceKind, InvoiceLine, LineKind},
        order::Order,
        shipment::Shipment,
    },
    value::{
        number::{Decimal, MAX_DECIMALS, add, grouped, product, sub, sum},
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "invoice.line",
        Level::Error,
        "A line has a quantity of zero or more, a discount between 0 and 100 % and of no more than the line, a tax rate below \
         1, a unit factor above zero, and a price that is not negative unless it changes a price or gives a rebate; the lines of orders, shipments, contracts \
         and invoices that it names are there.",
        Run::Record(lines),
    ),
    Rule::always(
        "invoice.amount",
        Level::Error,
        "What an invoice comes to can be worked out exactly, and one in another currency than the company's has an exchange \
         rate.",
        Run::Record(amounts),
    ),
    Rule::always(
        "invoice.party",
        Level::Error,
        "We invoice customers and are invoiced by suppliers; the orders and shipments an invoice is for are of the same party.",
        Run::Record(party),
    ),
    Rule::always(
        "invoice.over_invoiced",
        Level::Error,
        "No more of an order line is invoiced, less what is to be invoiced again, than was ordered or delivered, whichever is \
         more; what was credited for good and then closed no longer counts.",
        Run::Group { keys: order_keys, run: over_invoiced },
    ),
    Rule::always(
        "invoice.stated",
        Level::Error,
        "What the printed paper says adds up: net and tax are the total, and unless it is a credit the total is that of the \
         lines, but for the smallest part of the currency on each. What was open before this book began may have no lines.",
        Run::Record(stated),
    ),
    Rule::always(
        "invoice.due_on",
        Level::Error,
        "An invoice is not due before it was issued.",
        Run::Record(due_on),
    ),
    Rule::always(
        "invoice.instalments",
        Level::Error,
        "The instalments of an invoice come to its total, and those of a contract name one of it.",
        Run::Record(instalments),
    ),
    Rule::always(
        "invoice.issued",
        Level::Warning,
        "An issued invoice carries what it was issued with: title of the buyer, day it is due, whether prices include tax, each \
         line's tax rate, and unless it was open before this book began its official number. What it leaves out is taken from \
         the masters of today.",
        Run::Record(issued),
    ),
];

fn at_line(bill: &Doc<Invoice>, at: usize, key: &str) -> Place {
    Place::key(&bill.file, KeyPath::key("line").nth(at).then(key))
}

fn lines(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        for (at, line) in bill.rec.line.iter().enumerate() {
            let mut find = |key: &str, fault: String| {
                let message = format!("line {}: {fault}", line.no);
                findings.push(Finding::error("invoice.line", at_line(bill, at, key), message));
            };
            for (key, fault) in faults(line) {
                find(key, fault.to_owned());
            }
            for (key, fault) in dangling(book, bill, line) {
                find(key, fault);
            }
        }
    });
}

fn faults(line: &InvoiceLine) -> Vec<(&'static str, &'static str)> {
    let mut faults = Vec::new();
    let mut unless = |fine: bool, key, fault| {
        if !fine {
            faults.push((key, fault));
        }
    };
    let zero = Decimal::ZERO;
    unless(line.qty.get() >= zero, "qty", "the quantity is negative");
    let may_lower =
        matches!(line.sort(), LineKind::PriceAdjustment | LineKind::Rebate | LineKind::Deposit);
    unless(line.price.get() >= zero || may_lower, "price", "the price is negative");
    let pct = line.discount_pct.map_or(zero, |pct| pct.get());
    let within = pct >= zero && pct <= Decimal::ONE_HUNDRED;
    unless(within, "discount_pct", "the discount is not between 0 and 100 %");
    let discount = line.discount_amount.is_none_or(|amount| amount.get() >= zero);
    unless(discount, "discount_amount", "the discount is negative");
    unless(!is_beyond(line), "discount_amount", "the discount is more than the line");
    let rate = line.tax_rate.map_or(zero, |rate| rate.get());
    let fraction = rate >= zero && rate < Decimal::ONE;
    unless(fraction, "tax_rate", "the tax rate is not a fraction below 1 (13 % is \"0.13\")");
    let factor = line.unit_factor.is_none_or(|factor| factor.get() > zero);
    unless(factor, "unit_factor", "the unit factor is not above zero");
    unless(
        line.product.is_some() || line.text.is_some(),
        "product",
        "it names no product and no text",
    );
    faults
}

/// Whether the discounts of a line come to more than it does.
fn is_beyond(line: &InvoiceLine) -> bool {
    let discount_pct = line.discount_pct.map_or(Decimal::ZERO, |pct| pct.get());
    let discount_amount = line.discount_amount.map_or(Decimal::ZERO, |amount| amount.get());
    let (qty, price) = (line.qty.get(), line.price.get());
    let priced = Priced { qty, price, discount_pct, discount_amount, ..Priced::default() };
    let value = amount::line_value(&priced, MAX_DECIMALS);
    discount_amount > Decimal::ZERO && value.is_some_and(|value| value < Decimal::ZERO)
}

/// The lines of other documents that a line names and that are not there.
fn dangling(book: &Book, bill: &Doc<Invoice>, line: &InvoiceLine) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let mut held =
        |key, id: Option<&str>, no: Option<u32>, numbers: &dyn Fn(&str) -> Option<Vec<u32>>| {
            let Some(no) = no else { return };
            match id {
                None => faults.push((key, format!("{key} {no}, but it does not say of what"))),
                Some(id) if numbers(id).is_some_and(|numbers| !numbers.contains(&no)) => {
                    faults.push((key, format!("{id} has no line {no}")));
                }
                Some(_) => {}
            }
        };
    held("order_line", line.order.as_deref(), line.order_line, &|id| {
        Some(book.get::<Order>(id)?.rec.line.iter().map(|line| line.no).collect())
    });
    held("shipment_line", line.shipment.as_deref(), line.shipment_line, &|id| {
        Some(book.get::<Shipment>(id)?.rec.line.iter().map(|line| line.no).collect())
    });
    held("contract_line", line.contract.as_deref(), line.contract_line, &|id| {
        Some(book.get::<Contract>(id)?.rec.line.iter().map(|line| line.no).collect())
    });
    held("against_line", bill.rec.against_invoice.as_deref(), line.against_line, &|id| {
        Some(book.get::<Invoice>(id)?.rec.line.iter().map(|line| line.no).collect())
    });
    faults
}

fn amounts(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        let mut find = |key: &str, message: String| {
            let place = Place::key(&bill.file, KeyPath::key(key));
            findings.push(Finding::error("invoice.amount", place, message));
        };
        if invoice::computed(book, bill).is_none() {
            find("line", format!("what {} comes to cannot be held exactly", bill.id()));
        }
        if book.exchange_rate(&bill.common).is_none() {
            let code = payment::own_currency(book, &bill.common);
            find("exchange_rate", format!("{} is in {code} and has no exchange rate", bill.id()));
        }
    });
}

fn party(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        let party = bill.rec.party.as_str();
        let (wanted, word) = match bill.rec.is_sale() {
            true => (Kind::Customer, "we invoice customers"),
            false => (Kind::Supplier, "we are invoiced by suppliers"),
        };
        let kinds = book.parties(party).iter().filter(|(_, code)| code == party);
        let kinds: Vec<Kind> = kinds.map(|(kind, _)| *kind).collect();
        if let Some(kind) = kinds.first().filter(|_| !kinds.contains(&wanted)) {
            let place = Place::key(&bill.file, KeyPath::key("party"));
            let message = format!("{party} is {}, and {word}", kind.one());
            findings.push(Finding::error("invoice.party", place, message));
        }
        for (at, line) in bill.rec.line.iter().enumerate() {
            let order = line.order.as_deref().and_then(|id| book.get::<Order>(id));
            let shipment = line.shipment.as_deref().and_then(|id| book.get::<Shipment>(id));
            let of = [
                ("order", order.map(|order| (order.id(), order.rec.customer.as_str()))),
                ("shipment", shipment.and_then(|own| Some((own.id(), own.rec.party()?)))),
            ];
            for (key, (id, whose)) in of.into_iter().filter_map(|(key, of)| Some((key, of?))) {
                if whose != party {
                    let message = format!("line {}: {id} is of {whose}, not {party}", line.no);
                    findings.push(Finding::error("invoice.party", at_line(bill, at, key), message));
                }
            }
        }
    });
}

/// The orders that an invoice is for, and an order.
fn order_keys(book: &Book, entry: &dyn Entry) -> Vec<String> {
    if entry.kind() == Kind::Order {
        return vec![entry.common().id.clone()];
    }
    let Some(bill) = Doc::<Invoice>::of(entry) else { return Vec::new() };
    let joined =
        bill.rec.line.iter().filter_map(|line| fulfilment::invoiced_line(book, bill, line));
    joined.map(|(order, _)| order.to_owned()).collect()
}

fn over_invoiced(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let Some(order) = book.get::<Order>(key).filter(|order| order.counts()) else { return };
    for line in &fulfilment::of_order(book, order, EVER).lines {
        let most = line.ordered.max(line.delivered());
        if line.charged() <= most || line.charged() <= Decimal::ZERO {
            continue;
        }
        let at = order.rec.line.iter().position(|own| own.no == line.line.no).unwrap_or_default();
        let place = Place::key(&order.file, KeyPath::key("line").nth(at).then("qty"));
        let message = format!(
            "{key} line {}: {} invoiced of {}",
            line.line.no,
            line.charged().normalize(),
            most.normalize()
        );
        let finding = Finding::error("invoice.over_invoiced", place, message);
        let by = book.pointing::<Invoice>(key).into_iter();
        let by = by.filter(|bill| bill.rec.sort() != InvoiceKind::Credit);
        let by = by.filter(|bill| bill.rec.issued_on.is_some()).map(|bill| bill.id().to_owned());
        let by: Vec<String> = by.collect();
        // What was credited for good leaves with the order line, and not by one more credit.
        let settled = sub(line.moved.invoiced, line.charged());
        let spare = sub(line.moved.credited, settled);
        let hint = match spare >= sub(line.charged(), most) {
            true => Some(format!("desk order close {key} --reason …")),
            false => by.last().map(|id| closing::credit_hint(id)),
        };
        let finding = finding.note(format!("invoiced by {}", by.join(", ")));
        findings.push(Finding { hint, ..finding });
    }
}

fn stated(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        let Some(stated) = &bill.rec.stated else { return };
        let mut find = |key: &str, message: String| {
            let place = Place::key(&bill.file, KeyPath::key("stated").then(key));
            findings.push(Finding::error("invoice.stated", place, message));
        };
        let (net, tax, total) = (stated.net.get(), stated.tax.get(), stated.total.get());
        if add(net, tax) != total {
            let shown = [net, tax, total].map(grouped);
            find("total", format!("{} and {} do not come to {}", shown[0], shown[1], shown[2]));
        }
        let Some(lines) = invoice::computed(book, bill) else { return };
        let gross = sum(lines.iter().map(|line| line.gross));
        let count = Decimal::from(lines.len().max(1));
        let smallest = Decimal::new(1, invoice::basis(book, bill).decimals);
        let off = product(smallest, count).unwrap_or(smallest);
        let has_none = bill.rec.sort() == InvoiceKind::Opening && lines.is_empty();
        let is_free = has_none || bill.rec.sort() == InvoiceKind::Credit;
        if !is_free && sub(total, gross).abs() > off {
            let message =
                format!("{} stated, and the lines come to {}", grouped(total), grouped(gross));
            find("total", message);
        }
    });
}

fn due_on(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        if let (Some(due), Some(issued)) = (bill.rec.due_on, bill.rec.issued_on)
            && due < issued
        {
            let place = Place::key(&bill.file, KeyPath::key("due_on"));
            let message = format!("due on {due}, and issued on {issued} only");
            findings.push(Finding::error("invoice.due_on", place, message));
        }
    });
}

fn instalments(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        if bill.rec.instalment.is_empty() {
            return;
        }
        let mut find = |at: usize, key: &str, message: String| {
            let place = Place::key(&bill.file, KeyPath::key("instalment").nth(at).then(key));
            findings.push(Finding::error("invoice.instalments", place, message));
        };
        let parts = sum(bill.rec.instalment.iter().map(|part| part.amount.get()));
        let total = invoice::total(book, bill).map(|total| total.gross);
        if let Some(total) = total.filter(|total| *total != parts) {
            let message = format!(
                "the instalments come to {}, and the invoice to {}",
                grouped(parts),
                grouped(total)
            );
            find(bill.rec.instalment.len().saturating_sub(1), "amount", message);
        }
        let contracts = crate::book::receivable::contracts_of(book, bill);
        let agreed: BTreeSet<u32> = contracts
            .iter()
            .filter_map(|id| book.get::<Contract>(id))
            .flat_map(|contract| contract.rec.instalment.iter().map(|part| part.no))
            .collect();
        for (at, part) in bill.rec.instalment.iter().enumerate() {
            if let Some(no) = part.contract_instalment.filter(|no| !agreed.contains(no)) {
                let message =
                    format!("instalment {}: there is no instalment {no} of a contract", part.no);
                find(at, "contract_instalment", message);
            }
        }
    });
}

fn issued(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        let rec = &bill.rec;
        if rec.issued_on.is_none()
            || matches!(rec.sort(), InvoiceKind::Opening | InvoiceKind::Proforma)
        {
            return;
        }
        let mut missing: Vec<String> = Vec::new();
        let mut unless = |there: bool, key: &str| {
            if !there {
                missing.push(key.to_owned());
            }
        };
        unless(!rec.line.is_empty() || rec.stated.is_some(), "line");
        unless(rec.number.is_some(), "number");
        unless(rec.due_on.is_some() || rec.sort() == InvoiceKind::Credit, "due_on");
        unless(rec.buyer.as_ref().is_some_and(|buyer| buyer.title.is_some()), "buyer.title");
        unless(rec.prices_include_tax.is_some(), "prices_include_tax");
        for line in &rec.line {
            unless(line.tax_rate.is_some(), &format!("line.{}.tax_rate", line.no));
        }
        if !missing.is_empty() {
            let message = format!("{} is issued without: {}", bill.id(), missing.join(", "));
            findings.push(Finding::warning("invoice.issued", Place::file(&bill.file), message));
        }
    });
}
