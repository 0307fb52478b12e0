//! Invariants of orders: lines, amounts, closures, holds, and what is frozen once they are
//! approved.

use super::{Rule, Run, act::REDUCE, on};
use crate::{
    book::{Book, fulfilment, payment::EVER, stage},
    finding::{Finding, Level},
    record::{
        Doc, Entry, amount,
        common::Decision,
        contract::{Contract, Side},
        customer::Customer,
        order::{Order, OrderLine},
        product::Product,
        shipment::Shipment,
    },
    value::{
        currency,
        number::{Decimal, MAX_DECIMALS, add, sum},
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "order.line",
        Level::Error,
        "A line has a quantity of zero or more, a price that is not negative, a discount between 0 and 100 % and of no more \
         than the line, a tax rate below 1 and a unit factor above zero; zero as a quantity takes a line out without re-using its number.",
        Run::Record(lines),
    ),
    Rule::always(
        "order.amount",
        Level::Error,
        "What an order comes to can be worked out exactly: every line has a price (its own, its contract's or the list's), \
         a foreign currency has an exchange rate, and no line comes to more than 10^12.",
        Run::Record(amounts),
    ),
    Rule::always(
        "order.unit",
        Level::Warning,
        "A line's unit is the product's stock unit, one of its packings, or the line says how many stock units it holds; \
         otherwise one is taken for one.",
        Run::Record(units),
    ),
    Rule::always(
        "order.free",
        Level::Warning,
        "A line with a reason for being free costs nothing: price 0, or a discount of 100 %. It is not billable, so its \
         price would be in no total.",
        Run::Record(free),
    ),
    Rule::always(
        "order.source_line",
        Level::Error,
        "A free line that follows another names a line of the same order, not itself.",
        Run::Record(source_lines),
    ),
    Rule::always(
        "order.contract",
        Level::Error,
        "An order calls off a sale contract of the same customer, and a line of it for the same product.",
        Run::Record(contract),
    ),
    Rule::always(
        "order.closure",
        Level::Error,
        "A closure names a line of the order, a quantity above zero, and together with the others no more than was ordered.",
        Run::Record(closures),
    ),
    Rule::always(
        "order.hold",
        Level::Error,
        "A hold is released after it was set, by someone; only the last hold may be open.",
        Run::Record(holds),
    ),
    Rule::always(
        "order.currency",
        Level::Error,
        "A currency is written as three capital letters, and an exchange rate is above zero.",
        Run::Record(currencies),
    ),
    Rule::always(
        "order.frozen",
        Level::Warning,
        "An approved order carries what it was approved with: owner, district, credit days, whether prices include tax, and \
         each line's unit, tax rate and price, as far as a master says them. What it leaves out is taken from the masters of \
         today, so a later change there would change the past.",
        Run::Record(frozen),
    ),
    Rule::step(
        REDUCE,
        "order.below_done",
        "An order is not made smaller than what was delivered of it, is on open slips, or was invoiced, and what was sent is \
         not made another product: what happened is not rewritten.",
        Run::Record(below_done),
    ),
    Rule::always("order.empty", Level::Warning, "An order should have lines.", Run::Record(empty)),
];

fn at_line(order: &Doc<Order>, at: usize, key: &str) -> Place {
    let line = KeyPath::key("line").nth(at);
    Place::key(&order.file, if key.is_empty() { line } else { line.then(key) })
}

fn lines(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        for (at, line) in order.rec.line.iter().enumerate() {
            for (key, fault) in line_faults(line) {
                let message = format!("line {}: {fault}", line.no);
                findings.push(Finding::error("order.line", at_line(order, at, key), message));
            }
            if is_discounted_beyond(book, order, line) {
                let message = format!("line {}: the discount is more than the line", line.no);
                let place = at_line(order, at, "discount_amount");
                let (id, no) = (order.id(), line.no);
                let hint = format!("desk order set {id} line.{no}.discount_amount=…");
                findings.push(Finding::error("order.line", place, message).hint(hint));
            }
        }
    });
}

/// Whether the discount of a line comes to more than the line does.
fn is_discounted_beyond(book: &Book, order: &Doc<Order>, line: &OrderLine) -> bool {
    let Some(discount) = line.discount_amount.filter(|own| own.get() > Decimal::ZERO) else {
        return false;
    };
    let price = line.price.map(|price| price.get()).or_else(|| book.priced(order, line).price);
    let pct = line.discount_pct.map_or(Decimal::ZERO, |pct| pct.get());
    let (qty, discount_amount) = (line.qty.get(), discount.get());
    price.is_some_and(|price| {
        let of =
            amount::Priced { qty, price, discount_pct: pct, discount_amount, ..Default::default() };
        amount::line_value(&of, MAX_DECIMALS).is_some_and(|value| value < Decimal::ZERO)
    })
}

fn line_faults(line: &OrderLine) -> Vec<(&'static str, &'static str)> {
    let mut faults = Vec::new();
    let mut unless = |fine: bool, key, fault| {
        if !fine {
            faults.push((key, fault));
        }
    };
    let zero = Decimal::ZERO;
    unless(line.qty.get() >= zero, "qty", "the quantity is negative");
    unless(line.price.is_none_or(|price| price.get() >= zero), "price", "the price is negative");
    let pct = line.discount_pct.map_or(zero, |pct| pct.get());
    let within = pct >= zero && pct <= Decimal::ONE_HUNDRED;
    unless(within, "discount_pct", "the discount is not between 0 and 100 %");
    let discount = line.discount_amount.is_none_or(|amount| amount.get() >= zero);
    unless(discount, "discount_amount", "the discount is negative");
    let rate = line.tax_rate.map_or(zero, |rate| rate.get());
    let fraction = rate >= zero && rate < Decimal::ONE;
    unless(fraction, "tax_rate", "the tax rate is not a fraction below 1 (13 % is \"0.13\")");
    let factor = line.unit_factor.is_none_or(|factor| factor.get() > zero);
    unless(factor, "unit_factor", "the unit factor is not above zero");
    faults
}

fn amounts(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| findings.extend(book.order_facts(order).err()));
}

fn units(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        for (at, line) in order.rec.line.iter().enumerate() {
            let Some(unit) = line.unit.as_deref().filter(|_| line.unit_factor.is_none()) else {
                continue;
            };
            if book.get::<Product>(&line.product).is_none()
                || book.priced(order, line).factor.is_some()
            {
                continue;
            }
            let message = format!("line {}: {} has no packing \"{unit}\"", line.no, line.product);
            findings.push(
                Finding::warning("order.unit", at_line(order, at, "unit"), message)
                    .note("counted as one stock unit each")
                    .hint(format!("desk order set {} line.{}.unit_factor=…", order.id(), line.no)),
            );
        }
    });
}

fn free(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let Some(terms) = book.terms(order) else { return };
        for (at, (line, found)) in order.rec.line.iter().zip(&terms.lines).enumerate() {
            let value = amount::line_value(&found.priced, terms.basis.decimals).unwrap_or_default();
            if line.free_reason.is_some() && !line.is_billable() && !value.is_zero() {
                let message = format!("line {} is free and yet comes to {value}", line.no);
                findings.push(
                    Finding::warning("order.free", at_line(order, at, "free_reason"), message)
                        .note("it is not billable, so this amount is in no total")
                        .hint("write price 0, or discount_pct = \"100\""),
                );
            }
        }
    });
}

fn source_lines(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        for (at, line) in order.rec.line.iter().enumerate() {
            let Some(source) = line.source_line else { continue };
            let found =
                order.rec.line.iter().any(|other| other.no == source && other.no != line.no);
            if !found {
                let message = format!("line {}: there is no other line {source}", line.no);
                let place = at_line(order, at, "source_line");
                findings.push(Finding::error("order.source_line", place, message));
            }
        }
    });
}

fn contract(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let id = order.rec.contract.as_deref();
        for (at, line) in order.rec.line.iter().enumerate() {
            if let (None, Some(no)) = (id, line.contract_line) {
                let message = format!(
                    "line {}: contract line {no}, but the order names no contract",
                    line.no
                );
                findings.push(Finding::error(
                    "order.contract",
                    at_line(order, at, "contract_line"),
                    message,
                ));
            }
        }
        let Some(contract) = id.and_then(|id| book.get::<Contract>(id)) else { return };
        let place = Place::key(&order.file, KeyPath::key("contract"));
        if contract.rec.side == Some(Side::Purchase) {
            let message = format!("{} is a purchase contract", contract.id());
            findings.push(Finding::error("order.contract", place.clone(), message));
        }
        if contract.rec.party != order.rec.customer {
            let message = format!(
                "{} is with {}, not {}",
                contract.id(),
                contract.rec.party,
                order.rec.customer
            );
            findings.push(Finding::error("order.contract", place, message));
        }
        contract_lines(order, contract, findings);
    });
}

fn contract_lines(order: &Doc<Order>, contract: &Doc<Contract>, findings: &mut Vec<Finding>) {
    for (at, line) in order.rec.line.iter().enumerate() {
        let Some(no) = line.contract_line else { continue };
        let place = at_line(order, at, "contract_line");
        let found = contract.rec.line.iter().position(|agreed| agreed.no == no);
        let Some(found) = found else {
            let message = format!("line {}: {} has no line {no}", line.no, contract.id());
            findings.push(Finding::error("order.contract", place, message));
            continue;
        };
        let agreed = &contract.rec.line[found];
        if agreed.product != line.product {
            let path = KeyPath::key("line").nth(found).then("product");
            let message = format!(
                "line {}: {} was contracted, not {}",
                line.no, agreed.product, line.product
            );
            let finding = Finding::error("order.contract", place, message);
            findings.push(finding.other(Place::key(&contract.file, path), "contracted here"));
        }
    }
}

fn closures(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        for (at, closure) in order.rec.closure.iter().enumerate() {
            let path = KeyPath::key("closure").nth(at);
            let mut find = |key: &str, message: String| {
                findings.push(Finding::at("order.closure", &order.file, path.then(key), message));
            };
            let Some(line) = order.rec.line.iter().find(|line| line.no == closure.line) else {
                find("line", format!("there is no line {}", closure.line));
                continue;
            };
            if closure.qty.get() <= Decimal::ZERO {
                find("qty", format!("line {}: the quantity closed is not above zero", line.no));
            }
            let so_far = &order.rec.closure[..=at];
            let closed =
                so_far.iter().filter(|other| other.line == line.no).map(|other| other.qty.get());
            let closed = sum(closed);
            if closed > line.qty.get() {
                let message = format!("line {}: closed {closed} of {}", line.no, line.qty);
                find("qty", message);
            }
        }
    });
}

fn holds(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let last = order.rec.hold.len().saturating_sub(1);
        for (at, hold) in order.rec.hold.iter().enumerate() {
            let path = KeyPath::key("hold").nth(at);
            let mut find = |message: &str| {
                findings.push(Finding::at("order.hold", &order.file, path.clone(), message));
            };
            if hold.released_at.is_some_and(|released| released.0 < hold.at.0) {
                find("the hold was released before it was set");
            }
            if hold.released_at.is_some() != hold.released_by.is_some() {
                find("a release says both when and by whom");
            }
            if hold.released_at.is_none() && at < last {
                find("a later hold was set while this one was open");
            }
        }
    });
}

fn currencies(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    let mut find = |key: &str, message: String| {
        let place = entry.place(KeyPath::key(key));
        findings.push(Finding::error("order.currency", place, message));
    };
    let common = entry.common();
    if let Some(code) = common.currency.as_deref().filter(|code| !currency::is_code(code)) {
        find("currency", format!("\"{code}\" is not a currency code such as CNY"));
    }
    if common.exchange_rate.is_some_and(|rate| rate.get() <= Decimal::ZERO) {
        find("exchange_rate", "the exchange rate is not above zero".into());
    }
    let foreign = common.currency.as_deref().is_some_and(|code| code != book.config.currency());
    let rate = common.exchange_rate.filter(|rate| !foreign && rate.get() != Decimal::ONE);
    if let Some(rate) = rate {
        let message =
            format!("an exchange rate of {rate}, but the amounts are in the company's currency");
        find("exchange_rate", message);
    }
}

fn frozen(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let review = stage::review(book, order, book.today);
        if review.is_none_or(|review| review.decision != Decision::Approved) {
            return;
        }
        let missing = missing_terms(book, order);
        if !missing.is_empty() {
            let message = format!(
                "{} is approved and leaves to the masters: {}",
                order.id(),
                missing.join(", ")
            );
            let finding = Finding::warning("order.frozen", Place::file(&order.file), message);
            // The review that follows a revision freezes all the rest.
            let flag = match missing[0].strip_prefix("line.").and_then(|rest| rest.split_once('.'))
            {
                Some((no, key)) => format!("--line \"{no} {key}=…\""),
                None => format!("--{} …", missing[0].replace('_', "-")),
            };
            findings
                .push(finding.hint(format!("desk order revise {} {flag} --reason …", order.id())));
        }
    });
}

/// What an order leaves to masters that say it; what none of them says, nothing can change.
fn missing_terms(book: &Book, order: &Doc<Order>) -> Vec<String> {
    let (common, rec) = (&order.common, &order.rec);
    let owner = book.owner(order);
    let customer = book.get::<Customer>(&rec.customer);
    let days = customer.and_then(|own| own.rec.credit_days).or(book.config.defaults.credit_days);
    let mut missing = Vec::new();
    let mut unless = |there: bool, key: &str| {
        if !there {
            missing.push(key.to_owned());
        }
    };
    unless(common.staff.is_some() || !common.team.is_empty() || owner.staff.is_none(), "staff");
    unless(common.district.is_some() || owner.district.is_none(), "district");
    unless(rec.credit_days.is_some() || days.is_none(), "credit_days");
    unless(rec.prices_include_tax.is_some(), "prices_include_tax");
    for line in &rec.line {
        let mut unless = |there: bool, key: &str| {
            if !there {
                missing.push(format!("line.{}.{key}", line.no));
            }
        };
        unless(line.price.is_some(), "price");
        unless(line.tax_rate.is_some(), "tax_rate");
        // Of a product that cannot be read nobody knows the stock unit.
        let product = book.get::<Product>(&line.product);
        let stock_unit = product.and_then(|product| product.rec.unit.as_ref());
        unless(line.unit.is_some() || stock_unit.is_none(), "unit");
        let other_unit = product.is_some_and(|product| product.rec.unit != line.unit);
        unless(line.unit_factor.is_some() || !other_unit, "unit_factor");
    }
    missing
}

fn empty(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        if order.rec.line.is_empty() {
            let message = format!("{} has no lines", order.id());
            findings.push(Finding::warning("order.empty", Place::file(&order.file), message));
        }
    });
}

/// What is ordered less of than was done; run where less is ordered than before.
pub(super) fn below_done(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Order>(entry, |order| {
        let id = order.id();
        for (at, line) in fulfilment::of_order(book, order, EVER).lines.iter().enumerate() {
            let (moved, delivered) = (&line.moved, line.delivered());
            if let Some(other) = of_other_product(book, id, line.line) {
                let message = format!("line {}: another product is on {other}", line.line.no);
                let place = at_line(order, at, "product");
                findings.push(
                    Finding::error("order.below_done", place, message)
                        .hint(format!("desk ship show {other}")),
                );
            }
            let invoiced = add(line.charged(), moved.drafted);
            let on_slips = add(delivered, moved.reserved);
            if line.ordered >= on_slips.max(invoiced) {
                continue;
            }
            let words = [
                (delivered, "delivered"),
                (moved.reserved, "on open slips"),
                (line.charged(), "invoiced"),
                (moved.drafted, "on drafts of invoices"),
            ];
            let done = words.iter().filter(|(qty, _)| *qty > Decimal::ZERO);
            let done: Vec<String> =
                done.map(|(qty, word)| format!("{} {word}", qty.normalize())).collect();
            if done.is_empty() {
                continue;
            }
            let message = format!(
                "line {}: {} would be left of {}, and {}",
                line.line.no,
                line.ordered.normalize(),
                line.line.product,
                done.join(", ")
            );
            let finding = Finding::error("order.below_done", at_line(order, at, "qty"), message);
            let slip = open_slip(book, id, line.line.no).filter(|_| delivered <= line.ordered);
            let hint = match slip {
                Some(slip) => format!("desk ship void {slip} --reason …"),
                None => format!("desk ship list {id}"),
            };
            findings.push(finding.hint(hint));
        }
    });
}

/// An open slip that holds something of an order line.
fn open_slip(book: &Book, order: &str, no: u32) -> Option<String> {
    let slips = book.following::<Shipment>(order).into_iter();
    let mut slips = slips.filter(|own| own.rec.sort().is_outward() && own.rec.shipped_on.is_none());
    let holds = |own: &&Doc<Shipment>| {
        let mut lines = own.rec.line.iter();
        lines.any(|line| fulfilment::order_line(book, line) == Some((order, no)))
    };
    slips.find(holds).map(|slip| slip.id().to_owned())
}

/// A shipment that holds something else for an order line than the line says.
fn of_other_product(book: &Book, order: &str, line: &OrderLine) -> Option<String> {
    let shipments = book.following::<Shipment>(order).into_iter();
    let mut other = shipments.filter(|own| {
        let of_line = |held: &&crate::record::shipment::ShipmentLine| {
            fulfilment::order_line(book, held) == Some((order, line.no))
        };
        own.rec.line.iter().filter(of_line).any(|held| held.product != line.product)
    });
    other.next().map(|own| own.id().to_owned())
}
