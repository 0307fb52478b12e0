//! Credits: goods taken back, and prices lowered, of an issued invoice.
//!
//! A credit is drafted and issued like an invoice; its lines name the lines they are against. Goods
//! say whether they are to be invoiced again, and a change of price moves no goods.

use serde_json::{Map, Value, json};

use super::{
    Allowed, KIND, added, amount_text, line_fields,
    lines::{above_zero, drafted_line},
    open_invoice, readable,
};
use crate::{
    book::{Book, credited, digest, series},
    error::{Error, Result},
    ops::{Actor, head, line, next_id, record, record::Given},
    record::{
        Doc, Entry,
        change::Change,
        invoice::{Invoice, InvoiceLine, LineKind},
    },
    value::number::{Decimal, sub},
};

/// What a credit takes over from its invoice.
const TAKEN_OVER: [&str; 10] = [
    "side",
    "party",
    "staff",
    "team",
    "district",
    "currency",
    "exchange_rate",
    "prices_include_tax",
    "tax_rounding",
    "buyer",
];

/// What a line of a credit takes over from the line it is against.
const LINE_TAKEN_OVER: [&str; 12] = [
    "order",
    "order_line",
    "shipment",
    "shipment_line",
    "contract",
    "contract_line",
    "product",
    "text",
    "unit",
    "unit_factor",
    "tax_rate",
    "policy",
];

/// What is credited.
#[derive(Debug, Clone, Default)]
pub struct Credit {
    /// Lines as they were typed; none for all that is left.
    pub lines: Vec<String>,
    /// Why.
    pub reason: String,
    /// Whether the goods are to be invoiced again.
    pub reopens: Option<bool>,
    /// Rules that someone lets pass.
    pub allowed: Allowed,
}

/// A new draft of a credit of an invoice.
pub fn credit(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    credit: &Credit,
    given: &[Given],
) -> Result<Change> {
    super::without_own(given, &["number", "issued_on", "stated", "override"])?;
    let bill = open_invoice(book, id)?;
    let of = bill.id();
    if bill.rec.issued_on.is_none() {
        return Err(Error::usage(format!("{of} is a draft, and is not credited"))
            .hint(format!("desk invoice void {of} --reason …")));
    }
    if credit.reason.trim().is_empty() {
        return Err(Error::usage("a reason is needed").hint("--reason \"why\""));
    }
    let blocks = blocks(book, bill, credit)?;
    let id = next_id(book, KIND, actor.site, given)?;
    let mut value = head(book, KIND, &id, actor);
    value.insert("kind".into(), "credit".into());
    let held = bill.value();
    for key in TAKEN_OVER {
        value.extend(held.get(key).map(|held| (key.to_owned(), held.clone())));
    }
    value.insert("against_invoice".into(), of.into());
    value.insert("credit_reason".into(), credit.reason.as_str().into());
    let numbered = blocks.into_iter().enumerate().map(|(at, mut block)| {
        let no = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        block.shift_insert(0, "no".into(), no.into());
        Value::Object(block)
    });
    value.insert("line".into(), Value::Array(numbered.collect()));
    record::fill(book, KIND, &mut value, given)?;
    if !credit.allowed.rules.is_empty() {
        let (after, _) = added(book, &id, value.clone())?;
        let of = digest::let_pass(readable(&after, &id)?);
        let allowed = credit.allowed.blocks(book, actor, of.as_deref())?;
        value.insert("override".into(), json!(allowed));
    }
    let (after, change) = added(book, &id, value)?;
    let drafted = readable(&after, &id)?;
    let total = credited::stated(&after, drafted).unwrap_or_default().gross;
    let total = amount_text(&after, drafted, total);
    let line = format!("{id}  {total}  credits {of}: {}", credit.reason);
    Ok(Change { lines: vec![line], ..change }.next(series::issuing(&after, drafted)))
}

fn blocks(book: &Book, bill: &Doc<Invoice>, credit: &Credit) -> Result<Vec<Map<String, Value>>> {
    let credits = credited::credits(book, bill.id());
    let mut left: Vec<Decimal> = bill
        .rec
        .line
        .iter()
        .map(|line| {
            sub(line.qty.get(), credited::credited(bill, &credits, line.no)).max(Decimal::ZERO)
        })
        .collect();
    let mut blocks = Vec::new();
    if credit.lines.is_empty() {
        for (line, left) in bill.rec.line.iter().zip(&left) {
            let is_left = *left > Decimal::ZERO && line.sort().moves_quantity();
            if is_left || (credits.is_empty() && !line.sort().moves_quantity()) {
                let qty = if is_left { *left } else { line.qty.get() };
                blocks.push(back(book, bill, &credits, line, qty, credit.reopens)?);
            }
        }
        if blocks.is_empty() {
            let message = format!("nothing of {} is left to be credited", bill.id());
            return Err(Error::refused(message, Vec::new())
                .hint(format!("desk invoice list against_invoice:{}", bill.id())));
        }
    }
    for text in &credit.lines {
        let typed = line::parse(book, line_fields(), text)?;
        let own =
            drafted_line(&typed).map_err(|why| Error::usage(format!("line \"{text}\": {why}")))?;
        let meant = meant(bill, &own, &left).ok_or_else(|| {
            let what = own.product.clone().unwrap_or_else(|| text.clone());
            Error::usage(format!("{what} is not on {}", bill.id()))
                .hint(format!("desk invoice show {}", bill.id()))
        })?;
        let line = &bill.rec.line[meant];
        above_zero(&typed, text)?;
        if own.sort() == LineKind::PriceAdjustment {
            if !typed.contains_key("price") {
                return Err(Error::usage(format!("line \"{text}\": by how much per unit?"))
                    .hint("--line \"A100 x 20 @ 8 price_adjustment\""));
            }
            blocks.push(lowered(line, &typed));
            continue;
        }
        left[meant] = sub(left[meant], own.qty.get());
        let mut block = back(book, bill, &credits, line, own.qty.get(), credit.reopens)?;
        for (key, held) in typed {
            if !matches!(key.as_str(), "product" | "qty" | "against_line") {
                block.insert(key, held);
            }
        }
        blocks.push(block);
    }
    Ok(blocks)
}

/// The line of an invoice that a typed line is against: the one it names, else of its product the
/// first that enough is left of, else the first.
fn meant(bill: &Doc<Invoice>, own: &InvoiceLine, left: &[Decimal]) -> Option<usize> {
    let lines = &bill.rec.line;
    if let Some(no) = own.against_line {
        return lines.iter().position(|line| line.no == no);
    }
    let same = |at: &usize| lines[*at].product.is_some() && lines[*at].product == own.product;
    let same: Vec<usize> = (0..lines.len()).filter(same).collect();
    let enough = same.iter().find(|at| left[**at] >= own.qty.get());
    enough.or(same.first()).copied()
}

/// A line that lowers a price by so much per unit.
fn lowered(line: &InvoiceLine, typed: &Map<String, Value>) -> Map<String, Value> {
    let mut block = against(line);
    block.insert("kind".into(), LineKind::PriceAdjustment.name().into());
    for (key, held) in typed {
        if !matches!(key.as_str(), "product" | "against_line") {
            block.insert(key.clone(), held.clone());
        }
    }
    block
}

/// What a line takes over from the line it is against.
fn against(line: &InvoiceLine) -> Map<String, Value> {
    let mut block = Map::from_iter([("against_line".to_owned(), Value::from(line.no))]);
    let held = serde_json::to_value(line).unwrap_or_default();
    for key in LINE_TAKEN_OVER {
        let held = held.get(key).filter(|held| !held.is_null());
        block.extend(held.map(|held| (key.to_owned(), held.clone())));
    }
    block
}

/// A line that takes back so much of a line, at its price less what lowered it since.
fn back(
    book: &Book,
    bill: &Doc<Invoice>,
    credits: &[&Doc<Invoice>],
    line: &InvoiceLine,
    qty: Decimal,
    reopens: Option<bool>,
) -> Result<Map<String, Value>> {
    let mut block = against(line);
    if let Some(kind) = line.kind {
        block.insert("kind".into(), kind.name().into());
    }
    block.insert("qty".into(), qty.normalize().to_string().into());
    let at = credited::given_back_at(book, bill, line, credits, qty).unwrap_or_default();
    let price = match at.price == line.price.get() {
        true => line.price.to_string(),
        false => at.price.to_string(),
    };
    block.insert("price".into(), price.into());
    for (key, held, amount) in [
        ("discount_pct", line.discount_pct.is_some(), at.discount_pct),
        ("discount_amount", line.discount_amount.is_some(), at.discount_amount),
    ] {
        if held && !amount.is_zero() {
            block.insert(key.into(), amount.to_string().into());
        }
    }
    if line.sort().moves_quantity() {
        let reopens = reopens.ok_or_else(|| {
            Error::usage("it must be said whether the goods are to be invoiced again")
                .hint("--reopens-billing true, or --reopens-billing false")
        })?;
        block.insert("reopens_billing".into(), reopens.into());
    }
    Ok(block)
}
