//! Stock-out slips: what of an order is still to be sent, kept back for it.
//!
//! A slip is a shipment without `shipped_on`. Its lines are the order's, with what masters say
//! frozen onto them; nothing is on two slips at once.

use serde_json::{Map, Value};

use super::{
    super::{Actor, head, record, record::Given, value},
    KIND, counted,
    lines::{self, Named},
    quantity,
};
use crate::{
    book::{
        Book, authority,
        fulfilment::{self, Line},
    },
    error::{Error, Result},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        customer::Customer,
        order::{FreeReason, Order, OrderLine},
        schema::field,
    },
    value::number::{Decimal, MAX_DECIMALS, sub},
};

impl Named for OrderLine {
    fn named(&self) -> (u32, &str, Option<&str>) {
        (self.no, &self.product, self.unit.as_deref())
    }
}

/// The slip for all that an order's review lets go and no other slip holds; nothing where nothing
/// is left.
pub(in crate::ops) fn opened(
    book: &Book,
    actor: Actor<'_>,
    order: &Doc<Order>,
    id: String,
) -> Option<Change> {
    let whole = fulfilment::of_order(book, order, book.today);
    let left = whole.lines.iter().filter(|line| line.to_slip() > Decimal::ZERO);
    let lines: Vec<Map<String, Value>> =
        left.map(|line| slip_line(order.id(), line, line.to_slip())).collect();
    if lines.is_empty() {
        return None;
    }
    let mut slip = head(book, KIND, &id, actor);
    slip.extend(of_order(book, order));
    Some(with_lines(id, slip, lines))
}

/// The change that adds a slip of these lines, which are numbered here.
pub(super) fn with_lines(
    id: String,
    mut slip: Map<String, Value>,
    lines: Vec<Map<String, Value>>,
) -> Change {
    let count = counted(lines.len());
    let numbered = lines.into_iter().zip(1_u64..).map(|(mut line, no)| {
        line.shift_insert(0, "no".into(), no.into());
        Value::Object(line)
    });
    slip.insert("line".into(), Value::Array(numbered.collect()));
    let next = format!("desk ship confirm {id}");
    Change::saying(format!("{id} opened (stock-out slip, {count})"))
        .with(Edit::Add { kind: KIND, id, value: slip })
        .next(next)
}

/// What a slip takes from its order and the company.
pub(super) fn of_order(book: &Book, order: &Doc<Order>) -> Map<String, Value> {
    let mut slip = Map::new();
    slip.insert("kind".into(), "delivery".into());
    slip.insert("customer".into(), order.rec.customer.clone().into());
    let customer = book.get::<Customer>(&order.rec.customer);
    let addresses = customer.map(|own| own.rec.address.as_slice()).unwrap_or_default();
    let delivery = addresses.iter().find(|own| own.kind.as_deref() == Some("delivery"));
    let ship_to = order.rec.ship_to.as_ref().or(delivery.and_then(|own| own.text.as_ref()));
    let is_known =
        order.rec.ship_to.is_none() || delivery.map(|own| &own.text) == Some(&order.rec.ship_to);
    let region = delivery.filter(|_| is_known).and_then(|own| own.region.as_ref());
    let lines = order.rec.line.iter().filter_map(|line| line.promised_on);
    let promised = order.rec.promised_on.or(lines.min()).map(|day| day.to_string());
    let owner = book.owner(order);
    let staff = authority::in_charge(book, owner.staff, Some(&order.rec.customer), book.today);
    let words = [
        ("ship_to", ship_to.cloned()),
        ("region", region.cloned()),
        ("warehouse", book.config.defaults.warehouse.clone()),
        ("promised_on", promised),
        ("staff", staff.map(str::to_owned)),
        ("district", owner.district.map(str::to_owned)),
    ];
    for (key, word) in words {
        if let Some(word) = word {
            slip.insert(key.into(), word.into());
        }
    }
    slip
}

/// A line of a slip: so much of an order line, in its unit; in stock units where the unit cannot
/// hold it exactly.
pub(super) fn slip_line(order: &str, line: &Line<'_>, stock: Decimal) -> Map<String, Value> {
    let own = line.line;
    let mut block = Map::new();
    block.insert("order".into(), order.into());
    block.insert("order_line".into(), own.no.into());
    block.insert("product".into(), own.product.clone().into());
    match in_units(stock, line.factor) {
        Some(qty) => {
            block.insert("qty".into(), quantity(qty));
            if let Some(unit) = &own.unit {
                block.insert("unit".into(), unit.clone().into());
            }
            if own.unit_factor.is_some() || line.factor != Decimal::ONE {
                block.insert("unit_factor".into(), quantity(line.factor));
            }
        }
        None => {
            block.insert("qty".into(), quantity(stock));
        }
    }
    if let Some(policy) =
        own.policy.as_ref().filter(|_| own.free_reason == Some(FreeReason::Policy))
    {
        block.insert("policy".into(), policy.clone().into());
    }
    block
}

/// Stock units in a unit of so many, where that is exact.
fn in_units(stock: Decimal, factor: Decimal) -> Option<Decimal> {
    let units = stock.checked_div(factor)?.normalize();
    let back = crate::value::number::product(units, factor)?;
    (back == stock && units.scale() <= MAX_DECIMALS).then_some(units)
}

/// A slip opened by hand for what is left of an order, or for some of it: `desk ship add --from`.
pub fn slip_for(
    book: &Book,
    actor: Actor<'_>,
    order: &str,
    texts: &[String],
    given: &[Given],
) -> Result<Change> {
    let entry = book.resolved(Kind::Order, order)?;
    record::writable(entry)?;
    let order =
        Doc::<Order>::of(entry).ok_or_else(|| Error::usage(format!("{order} is no order")))?;
    super::super::order::firm(book, order, "slip")?;
    let whole = fulfilment::of_order(book, order, book.today);
    let lines = asked(book, order, &whole.lines, texts)?;
    if lines.is_empty() {
        return Err(nothing_left(order, &whole.lines));
    }
    let slip_id = super::super::next_id(book, KIND, actor.site, given)?;
    let mut slip = head(book, KIND, &slip_id, actor);
    slip.extend(of_order(book, order));
    for (key, text) in given {
        let named = value::known(KIND.fields(), key)?;
        if field(KIND.fields(), "line").is_some_and(|line| line.key == named.key) {
            continue;
        }
        slip.insert(named.key.clone(), value::typed(book, named, text)?);
    }
    Ok(with_lines(slip_id, slip, lines))
}

/// The lines that are asked for, or all that are left.
fn asked(
    book: &Book,
    order: &Doc<Order>,
    lines: &[Line<'_>],
    texts: &[String],
) -> Result<Vec<Map<String, Value>>> {
    let id = order.id();
    if texts.is_empty() {
        let left = lines.iter().filter(|line| line.to_slip() > Decimal::ZERO);
        return Ok(left.map(|line| slip_line(id, line, line.to_slip())).collect());
    }
    let mut blocks: Vec<Map<String, Value>> = Vec::new();
    let mut left: Vec<Decimal> = lines.iter().map(Line::to_slip).collect();
    for part in lines::parts(book, (id, &order.rec.line), texts, &["batch", "expires_on"])? {
        let line = &lines[part.at];
        let stock = match part.qty {
            Some(qty) => crate::value::number::product(qty, line.factor).unwrap_or(qty),
            None => left[part.at],
        };
        if stock > left[part.at] || stock.is_zero() {
            let message = format!(
                "{id} line {}: {} asked for, and {} left to put on a slip",
                line.line.no,
                stock.normalize(),
                left[part.at].normalize()
            );
            return Err(Error::refused(message, Vec::new()).hint(format!("desk ship list {id}")));
        }
        left[part.at] = sub(left[part.at], stock);
        let mut block = slip_line(id, line, stock);
        block.extend(part.fields);
        blocks.push(block);
    }
    Ok(blocks)
}

fn nothing_left(order: &Doc<Order>, lines: &[Line<'_>]) -> Error {
    let id = order.id();
    let is_on_slips = lines.iter().any(|line| line.moved.reserved > Decimal::ZERO);
    let why = match is_on_slips {
        true => "what is left of it is on an open slip",
        false => "nothing is left to send",
    };
    Error::refused(format!("no slip for {id}: {why}"), Vec::new())
        .hint(format!("desk ship list {id}"))
}
