//! The invoice match: item, unit, price, tax, quantity and buyer, held against the order (of a
//! purchase, the contract and what arrived).
//!
//! Run before a draft is written, by `invoice check`, and as the gate of `invoice issue`. What an
//! `[[override]]` lets pass has its reason there.

use super::{Rule, Run, on, review};
use crate::{
    book::{
        Book,
        billed::{self, Room, Standard},
        invoice, receivable,
    },
    finding::Finding,
    record::{
        Doc, Entry,
        customer::Customer,
        invoice::{Invoice, InvoiceKind, InvoiceLine, LineKind},
        supplier::Supplier,
    },
    store::layout,
    value::{
        number::{Decimal, MAX_DECIMALS, add, product, round, sub, sum},
        place::{KeyPath, Place},
    },
};

const STEP: &str = "issue";

pub(super) const RULES: &[Rule] = &[
    Rule::step(
        STEP,
        "invoice.quantity",
        "No more is invoiced of an order line than was delivered (or ordered, where [tolerance] invoice_basis of desk.toml \
         says so), other invoices and drafts included; of a receipt no more than arrived.",
        Run::Record(quantity),
    ),
    Rule::step(
        STEP,
        "invoice.price",
        "Price and discount are those of the order or the purchase contract, digit by digit. A difference up to [tolerance] \
         invoice_price_difference passes; any other needs an [[override]]: who allowed it (someone who may decide on the \
         amount by [approval] order_review), why, and the last day it holds.",
        Run::Record(price),
    ),
    Rule::step(
        STEP,
        "invoice.item",
        "Goods are invoiced for a line of an order, or of a receipt, and are the goods of that line.",
        Run::Record(item),
    ),
    Rule::step(
        STEP,
        "invoice.unit",
        "A line is invoiced in the unit it was ordered in.",
        Run::Record(unit),
    ),
    Rule::step(
        STEP,
        "invoice.tax",
        "The tax rate, and whether prices include tax, are those of the order or the purchase contract.",
        Run::Record(tax),
    ),
    Rule::step(
        STEP,
        "invoice.buyer",
        "Title and tax number on the invoice are those of the customer's [invoicing]; on one that we get, our own.",
        Run::Record(buyer),
    ),
];

/// Every difference between an invoice and what it is for.
pub fn differences(book: &Book, bill: &Doc<Invoice>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        if let Run::Record(run) = rule.run {
            run(book, bill, &mut findings);
        }
    }
    findings
}

/// The lines of an ordinary invoice with what each has to agree with.
fn each_line<'a>(
    book: &'a Book,
    entry: &'a dyn Entry,
    code: &str,
    findings: &mut Vec<Finding>,
    mut run: impl FnMut(&mut Vec<Finding>, &'a Doc<Invoice>, &'a InvoiceLine, Option<Standard<'a>>),
) {
    let Some(bill) = Doc::<Invoice>::of(entry).filter(|bill| bill.counts()) else { return };
    if bill.rec.sort() != InvoiceKind::Invoice {
        return;
    }
    let Err(why) = passed_over(book, bill, code) else { return };
    let mut found = Vec::new();
    for line in &bill.rec.line {
        run(&mut found, bill, line, billed::standard(book, bill, line));
    }
    findings.extend(found.into_iter().map(|finding| why.iter().fold(finding, Finding::note)));
}

/// Whether someone let an invoice pass over a rule; else why what they gave does not, if anyone gave
/// something.
fn passed_over(book: &Book, bill: &Doc<Invoice>, code: &str) -> Result<(), Option<String>> {
    let total = invoice::total(book, bill).map(|total| total.gross);
    let at_stake = total.and_then(|total| receivable::in_base(book, &bill.common, total));
    let passed = review::passed_over(book, bill, code, at_stake);
    passed.map_err(|why| Some(why).filter(|why| why != review::NOBODY))
}

/// What a line is called: its product, or its text.
fn name(line: &InvoiceLine) -> String {
    let word = line.product.clone().or_else(|| line.text.clone());
    word.unwrap_or_else(|| format!("line {}", line.no))
}

fn at_line(of: &Standard<'_>, key: &str) -> Place {
    Place::key(of.file, KeyPath::key("line").nth(of.at).then(key))
}

fn quantity(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    let mut told: Vec<(String, Option<u32>)> = Vec::new();
    each_line(book, entry, "invoice.quantity", findings, |findings, bill, line, _| {
        let Some(room) = billed::room(book, bill, line).filter(|_| line.sort().moves_quantity())
        else {
            return;
        };
        let (id, no) = source(book, bill, line);
        if told.contains(&(id.clone(), no)) {
            return;
        }
        let same = bill.rec.line.iter().filter(|own| {
            own.sort().moves_quantity() && source(book, bill, own) == (id.clone(), no)
        });
        let own = sum(same.map(|own| billed::in_stock_units(book, own)));
        told.push((id.clone(), no));
        if own <= room.left() {
            return;
        }
        let left = match room.left() {
            left if left.is_zero() => format!("nothing is left on {id}"),
            left => format!("only {} left on {id}", left.normalize()),
        };
        let message = format!("{}: invoicing {}, but {left}", name(line), own.normalize());
        let finding = Finding::error("invoice.quantity", Place::file(""), message);
        findings.push(finding.note(standing(&room)));
    });
}

/// What a quantity is counted on: order and line, or receipt and line.
fn source(book: &Book, bill: &Doc<Invoice>, line: &InvoiceLine) -> (String, Option<u32>) {
    if !bill.rec.is_sale() {
        return (line.shipment.clone().unwrap_or_default(), line.shipment_line);
    }
    let of = crate::book::fulfilment::invoiced_line(book, bill, line);
    (of.map(|(id, _)| id.to_owned()).unwrap_or_default(), of.map(|(_, no)| no))
}

/// How much was delivered, and who invoiced how much of it.
fn standing(room: &Room) -> String {
    let by = |ids: &[String]| match ids.is_empty() {
        true => String::new(),
        false => format!(" by {}", ids.join(", ")),
    };
    let mut words = vec![
        format!("{} {}", room.what, room.limit.normalize()),
        format!("invoiced {}{}", room.issued.normalize(), by(&room.by)),
    ];
    if !room.drafted.is_zero() {
        words.push(format!("drafted {}{}", room.drafted.normalize(), by(&room.drafts)));
    }
    words.join(", ")
}

fn price(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    let allowed = book.config.tolerance.invoice_price_difference;
    let allowed = allowed.map_or(Decimal::ZERO, |money| money.get());
    each_line(book, entry, "invoice.price", findings, |findings, bill, line, of| {
        let Some(of) = of.filter(|_| line.sort().moves_quantity()) else { return };
        let Some(price) = of.price.filter(|_| same_unit(&of, line)) else { return };
        let (own, whose) = (line.price.get(), whose(bill));
        let verb = if bill.rec.is_sale() { "ordered" } else { "contracted" };
        if sub(own, price).abs() > allowed {
            let shown = |amount: Decimal| written(book, bill, amount);
            let message = format!(
                "{}: price {} differs from {whose} {}",
                name(line),
                shown(own),
                shown(price)
            );
            findings.push(
                Finding::error("invoice.price", at_line(&of, "price"), message)
                    .label(format!("{verb} at this price"))
                    .hint(price_hint(book, bill, line, &of, sub(price, own))),
            );
        }
        let pct = line.discount_pct.map_or(Decimal::ZERO, |pct| pct.get());
        let amount = line.discount_amount.map_or(Decimal::ZERO, |amount| amount.get());
        let decimals = invoice::basis(book, bill).decimals;
        let share = billed::discount(&of, Decimal::ZERO, line.qty.get(), decimals);
        // A share of a discount may be rounded up or down by the smallest part of the currency.
        let off = sub(amount, share).abs() > add(allowed, Decimal::new(1, decimals));
        if pct != of.discount_pct || off {
            let key = if off { "discount_amount" } else { "discount_pct" };
            let message = format!("{}: its discount differs from {whose}", name(line));
            findings.push(Finding::error("invoice.price", at_line(&of, key), message));
        }
    });
}

fn whose(bill: &Doc<Invoice>) -> &'static str {
    if bill.rec.is_sale() { "the order's" } else { "the contract's" }
}

/// A price at the decimals it has, and no fewer than its currency.
fn written(book: &Book, bill: &Doc<Invoice>, price: Decimal) -> String {
    let decimals = invoice::basis(book, bill).decimals;
    round(price, price.normalize().scale().clamp(decimals, MAX_DECIMALS)).to_string()
}

/// What lowers a price that was invoiced already, or changes the order.
fn price_hint(
    book: &Book,
    bill: &Doc<Invoice>,
    line: &InvoiceLine,
    of: &Standard<'_>,
    lower_by: Decimal,
) -> String {
    let room = billed::room(book, bill, line).unwrap_or_default();
    let earlier = room.by.last().and_then(|id| book.get::<Invoice>(id));
    let invoiced = earlier.and_then(|earlier| {
        let is_same = |own: &&InvoiceLine| {
            source(book, earlier, own) == source(book, bill, line) && own.sort() == line.sort()
        };
        Some((earlier.id(), earlier.rec.line.iter().find(is_same)?.qty))
    });
    match invoiced {
        Some((id, qty)) if lower_by > Decimal::ZERO && room.left().is_zero() => format!(
            "desk invoice credit {id} --line \"{} x {} @ {} price_adjustment\"",
            name(line),
            qty.get().normalize(),
            lower_by.normalize()
        ),
        _ if bill.rec.is_sale() => {
            let no = of.at.saturating_add(1);
            let price = line.price;
            format!("desk order revise {} --line \"{no} price={price}\" --reason …", of.id)
        }
        _ => format!("desk contract show {}", of.id),
    }
}

fn item(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    each_line(book, entry, "invoice.item", findings, |findings, bill, line, of| {
        if line.sort() != LineKind::Item {
            return;
        }
        let id = if bill.rec.is_sale() { &line.order } else { &line.shipment };
        let arrived = !bill.rec.is_sale() && line.shipment_line.is_some();
        let finding = match (of, id) {
            (Some(of), _) if line.product.as_deref() != Some(of.product) => {
                let message = format!("{}: on this line {} has {}", name(line), of.id, of.product);
                Finding::error("invoice.item", at_line(&of, "product"), message)
                    .label("these are the goods")
            }
            (Some(_), _) => return,
            (None, _) if arrived => return,
            (None, Some(id)) => {
                let kind = crate::book::payment::kind_of(id);
                let file = kind.and_then(|kind| layout::path(kind, id)).unwrap_or_default();
                let message = format!("{}: not on {id}", name(line));
                Finding::error("invoice.item", Place::file(file), message)
            }
            (None, None) => {
                let from = if bill.rec.is_sale() { "order" } else { "receipt" };
                let message = format!("{}: for no {from}", name(line));
                Finding::error("invoice.item", Place::file(""), message)
                    .hint("desk invoice add --from ID")
            }
        };
        findings.push(finding);
    });
}

fn same_unit(of: &Standard<'_>, line: &InvoiceLine) -> bool {
    let factor = line.unit_factor.map(|factor| factor.get());
    let is_named = line.unit.is_none() || of.unit.is_none() || line.unit.as_deref() == of.unit;
    is_named && factor.is_none_or(|factor| factor == of.factor)
}

fn unit(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    each_line(book, entry, "invoice.unit", findings, |findings, _, line, of| {
        let Some(of) = of.filter(|of| line.sort().moves_quantity() && !same_unit(of, line)) else {
            return;
        };
        let shown = |unit: Option<&str>, factor: Option<Decimal>| {
            let factor = factor.filter(|factor| *factor != Decimal::ONE);
            let of = factor.map_or(String::new(), |factor| format!(" of {}", factor.normalize()));
            format!("{}{of}", unit.unwrap_or("stock unit"))
        };
        let own = shown(line.unit.as_deref(), line.unit_factor.map(|factor| factor.get()));
        let ordered = shown(of.unit, Some(of.factor));
        let message = format!("{}: by the {own}, but {} is by the {ordered}", name(line), of.id);
        findings.push(Finding::error("invoice.unit", at_line(&of, "unit"), message));
    });
}

fn tax(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    let mut is_told = false;
    each_line(book, entry, "invoice.tax", findings, |findings, bill, line, of| {
        let Some(of) = of else { return };
        let rate = invoice::priced(book, line).tax_rate;
        if rate != of.tax_rate {
            let pct = |rate: Decimal| {
                let hundred = Decimal::ONE_HUNDRED;
                product(rate, hundred)
                    .map_or_else(|| rate.to_string(), |pct| pct.normalize().to_string())
            };
            let (own, theirs) = (pct(rate), pct(of.tax_rate));
            let message =
                format!("{}: tax {own} % differs from {} {theirs} %", name(line), whose(bill));
            findings.push(Finding::error("invoice.tax", at_line(&of, "tax_rate"), message));
        }
        let own = invoice::basis(book, bill).prices_include_tax;
        if own != of.prices_include_tax && !is_told {
            is_told = true;
            let word = |include: bool| if include { "include" } else { "exclude" };
            let message = format!(
                "prices {} tax, and those of {} {} it",
                word(own),
                of.id,
                word(of.prices_include_tax)
            );
            let place = Place::key(of.file, KeyPath::key("prices_include_tax"));
            findings.push(Finding::error("invoice.tax", place, message));
        }
    });
}

fn buyer(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        if bill.rec.sort() == InvoiceKind::Opening {
            return;
        }
        let Err(why) = passed_over(book, bill, "invoice.buyer") else { return };
        let own = bill.rec.buyer.clone().unwrap_or_default();
        let (title, tax_id) = wanted(book, bill);
        let file = match bill.rec.is_sale() {
            true => book.get::<Customer>(&bill.rec.party).map_or("", |party| &party.file),
            false => layout::CONFIG,
        };
        let table = if bill.rec.is_sale() { "invoicing" } else { "company" };
        for (word, key, own, wanted) in
            [("title", "title", own.title, title), ("tax id", "tax_id", own.tax_id, tax_id)]
        {
            if own == wanted {
                continue;
            }
            let shown = |word: &Option<String>| word.clone().unwrap_or_else(|| "none".to_owned());
            let message = format!(
                "{word} {} is not {}, which {} has",
                shown(&own),
                shown(&wanted),
                if bill.rec.is_sale() { &bill.rec.party } else { "desk.toml" }
            );
            let place = Place::key(file, KeyPath::key(table).then(key));
            let finding = Finding::error("invoice.buyer", place, message);
            findings.push(why.iter().fold(finding, Finding::note));
        }
    });
}

/// Title and tax number that belong on an invoice: the customer's, or on one that we get, ours.
pub fn wanted(book: &Book, bill: &Doc<Invoice>) -> (Option<String>, Option<String>) {
    if !bill.rec.is_sale() {
        let company = &book.config.company;
        return (company.name.clone(), company.tax_id.clone());
    }
    let customer =
        book.get::<Customer>(&bill.rec.party).map(|own| (&own.rec.name, &own.rec.invoicing));
    let supplier =
        || book.get::<Supplier>(&bill.rec.party).map(|own| (&own.rec.name, &own.rec.invoicing));
    let Some((name, invoicing)) = customer.or_else(supplier) else { return (None, None) };
    let own = invoicing.clone().unwrap_or_default();
    (own.title.or_else(|| Some(name.clone())), own.tax_id)
}
