//! The invoice match: item, unit, price, tax, quantity and buyer, held against the order (of a
//! purchase, the contract and what arrived; of a credit, the invoice it takes back).
//!
//! Run wherever a change makes a draft or issues one, and by `invoice check`. What an `[[override]]`
//! lets pass has its reason there.

use super::{Rule, Run, issuing, on, review};
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

pub(super) const RULES: &[Rule] = &[
    Rule::step(
        issuing::STEP,
        "invoice.quantity",
        "No more is invoiced of an order line than was delivered (or ordered, where [tolerance] invoice_basis of desk.toml \
         says so), other invoices and drafts included, and none of it before; of a receipt no more than arrived.",
        Run::Record(quantity),
    ),
    Rule::step(
        issuing::STEP,
        "invoice.price",
        "Price and discount are those of the order or the purchase contract, digit by digit; goods are credited at what they \
         were invoiced at, less what credits lowered it by since. A difference up to [tolerance] invoice_price_difference \
         passes; any other needs an [[override]]: who allowed it (someone who may decide on the amount by [approval] \
         order_review), why, and the last day it holds.",
        Run::Record(price),
    ),
    Rule::step(
        issuing::STEP,
        "invoice.item",
        "Goods are invoiced for a line of an order, or of a receipt, and credited for a line of an invoice; they are the goods \
         of that line.",
        Run::Record(item),
    ),
    Rule::step(
        issuing::STEP,
        "invoice.unit",
        "A line is invoiced in the unit it was ordered in, and credited in the one it was invoiced in.",
        Run::Record(unit),
    ),
    Rule::step(
        issuing::STEP,
        "invoice.tax",
        "The tax rate, and whether prices include tax, are those of the order, the purchase contract or the credited invoice.",
        Run::Record(tax),
    ),
    Rule::step(
        issuing::STEP,
        "invoice.buyer",
        "Title and tax number on the invoice are those of the customer's [invoicing]; on one that we get, our own; on a credit, \
         those of the invoice it takes back.",
        Run::Record(buyer),
    ),
];

/// Every difference between an invoice and what it is for, and why a draft cannot be issued.
pub fn differences(book: &Book, bill: &Doc<Invoice>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if bill.rec.issued_on.is_none() {
        issuing::orders(book, bill, &mut findings);
    }
    for rule in RULES {
        if let Run::Record(run) = rule.run {
            run(book, bill, &mut findings);
        }
    }
    findings
}

/// The lines of an ordinary invoice, or of a credit, with what each has to agree with.
fn each_line<'a>(
    book: &'a Book,
    entry: &'a dyn Entry,
    code: &str,
    findings: &mut Vec<Finding>,
    mut run: impl FnMut(&mut Vec<Finding>, &'a Doc<Invoice>, &'a InvoiceLine, Option<Standard<'a>>),
) {
    let Some(bill) = Doc::<Invoice>::of(entry).filter(|bill| bill.counts()) else { return };
    if !matches!(bill.rec.sort(), InvoiceKind::Invoice | InvoiceKind::Credit) {
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
        // How much of an invoice is credited in all is an invariant, `invoice.credit`.
        if bill.rec.sort() == InvoiceKind::Credit {
            return;
        }
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
        let finding = finding.note(standing(&room));
        findings.push(finding.hint(quantity_hint(book, bill, line, &room, &id)));
    });
}

/// What brings a quantity down to what is left, or says who has the rest.
fn quantity_hint(
    book: &Book,
    bill: &Doc<Invoice>,
    line: &InvoiceLine,
    room: &Room,
    of: &str,
) -> String {
    let (id, no) = (bill.id(), line.no);
    let factor = billed::in_stock_units(book, line).checked_div(line.qty.get());
    let left = factor.and_then(|factor| room.left().checked_div(factor)).unwrap_or_default();
    match (room.drafts.last(), room.by.last()) {
        _ if !left.is_zero() => {
            let left = left.trunc_with_scale(MAX_DECIMALS).normalize();
            format!("desk invoice set {id} line.{no}.qty={left}")
        }
        _ if room.as_of.is_some() => issuing::issue_hint(bill, Some(book.today)),
        (Some(draft), _) => format!("desk invoice void {draft} --reason …"),
        (None, Some(_)) if bill.rec.is_sale() => format!("desk invoice list line.order:{of}"),
        (None, Some(_)) => format!("desk invoice list line.shipment:{of}"),
        (None, None) => format!("desk ship list {of}"),
    }
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
    let then = room.as_of.map_or(String::new(), |day| format!(" by {day}"));
    let mut words = vec![
        format!("{} {}{then}", room.what, room.limit.normalize()),
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
        let verb = match bill.rec.sort() {
            InvoiceKind::Credit => "invoiced",
            _ if bill.rec.is_sale() => "ordered",
            _ => "contracted",
        };
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
            let (id, no) = (bill.id(), line.no);
            let hint = match key {
                "discount_pct" => {
                    format!("desk invoice set {id} line.{no}.{key}={}", of.discount_pct)
                }
                _ => format!("desk invoice set {id} line.{no}.{key}={share}"),
            };
            findings.push(Finding::error("invoice.price", at_line(&of, key), message).hint(hint));
        }
    });
}

fn whose(bill: &Doc<Invoice>) -> &'static str {
    match bill.rec.sort() {
        InvoiceKind::Credit => "the invoice's",
        _ if bill.rec.is_sale() => "the order's",
        _ => "the contract's",
    }
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
    if let (InvoiceKind::Credit, Some(price)) = (bill.rec.sort(), of.price) {
        return format!("desk invoice set {} line.{}.price={price}", bill.id(), line.no);
    }
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
            "desk invoice credit {id} --line \"{} x {} @ {} price_adjustment\" --reason …",
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
        if bill.rec.sort() == InvoiceKind::Credit && of.is_none() {
            return findings.extend(of_no_line(book, bill, line));
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

/// Goods that a credit gives back for no line of an invoice; what was sold before the book began is
/// on none.
fn of_no_line(book: &Book, credit: &Doc<Invoice>, line: &InvoiceLine) -> Option<Finding> {
    let against = credit.rec.against_invoice.as_deref();
    let bill = against.and_then(|id| book.get::<Invoice>(id));
    if bill.is_some_and(|bill| bill.rec.sort() == InvoiceKind::Opening) {
        return None;
    }
    let of = against.map_or("an invoice".to_owned(), str::to_owned);
    let message = format!("{}: is for no line of {of}", name(line));
    let hint = match bill {
        Some(bill) => format!("desk invoice show {}", bill.id()),
        None => "desk invoice credit IN-… --reason …".to_owned(),
    };
    Some(Finding::error("invoice.item", Place::file(&credit.file), message).hint(hint))
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
            let id = bill.id();
            let hint = match &wanted {
                Some(wanted) => format!("desk invoice set {id} \"buyer.{key}={wanted}\""),
                None => format!("desk invoice set {id} --clear buyer.{key}"),
            };
            let finding = Finding::error("invoice.buyer", place, message).hint(hint);
            findings.push(why.iter().fold(finding, Finding::note));
        }
    });
}

/// Title and tax number that belong on an invoice: the customer's, or on one that we get, ours; on a
/// credit those of its invoice.
pub fn wanted(book: &Book, bill: &Doc<Invoice>) -> (Option<String>, Option<String>) {
    let against = bill.rec.against_invoice.as_deref().and_then(|id| book.get::<Invoice>(id));
    let of = against.filter(|_| bill.rec.sort() == InvoiceKind::Credit);
    if let Some(buyer) = of.and_then(|of| of.rec.buyer.clone()) {
        return (buyer.title, buyer.tax_id);
    }
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
