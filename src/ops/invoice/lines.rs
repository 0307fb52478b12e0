//! The lines of a draft: what is delivered, or arrived, and on no invoice yet, line by line, and
//! typed lines laid over it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::line_fields;
use crate::{
    book::{
        Book,
        billed::{self, Standard},
        fulfilment,
        payment::EVER,
    },
    error::{Error, Result},
    ops::line,
    record::{
        Doc,
        contract::Contract,
        invoice::{InvoiceLine, LineKind},
        order::Order,
        shipment::{Shipment, ShipmentLine},
    },
    value::number::{Decimal, add, product, sub},
};

/// What lines are taken from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// An order.
    Order(&'a Doc<Order>),
    /// A shipment, or a receipt.
    Shipment(&'a Doc<Shipment>),
}

impl<'a> Source<'a> {
    /// Its id.
    pub(super) fn id(self) -> &'a str {
        match self {
            Self::Order(order) => order.id(),
            Self::Shipment(shipment) => shipment.id(),
        }
    }

    /// The field of a line that names it.
    fn word(self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::Shipment(_) => "shipment",
        }
    }

    /// Whose it is.
    pub(super) fn party(self) -> Option<&'a str> {
        match self {
            Self::Order(order) => Some(&order.rec.customer),
            Self::Shipment(shipment) => shipment.rec.party(),
        }
    }
}

/// A line that may be invoiced.
pub(super) struct Found<'a> {
    /// What it has to agree with.
    pub(super) of: Option<Standard<'a>>,
    /// Number of that line.
    no: u32,
    /// What it came by.
    shipped: Option<(&'a Doc<Shipment>, &'a ShipmentLine)>,
    /// Contract and its line, where an order calls one off.
    contract: Option<(&'a str, Option<u32>)>,
    policy: Option<&'a str>,
    /// Invoiced and drafted before, in stock units.
    before: Decimal,
    /// What is left, in stock units.
    left: Decimal,
}

/// The lines of orders and shipments that are delivered and on no invoice.
pub(super) fn delivered<'a>(book: &'a Book, sources: &[Source<'a>]) -> Vec<Found<'a>> {
    let mut found: Vec<Found<'a>> = Vec::new();
    let mut used: BTreeMap<(&str, u32), Decimal> = BTreeMap::new();
    let mut take =
        |order: &'a Doc<Order>, no: u32, shipped: Option<(&'a Doc<Shipment>, &'a ShipmentLine)>| {
            let all = fulfilment::of_order(book, order, EVER);
            let Some(of) = all.lines.iter().find(|own| own.line.no == no) else { return };
            if !of.line.is_billable() {
                return;
            }
            let taken = used.entry((order.id(), no)).or_default();
            let of_order = sub(of.to_draft(), *taken);
            let left = match shipped {
                None => of_order,
                Some((shipment, line)) => {
                    let own = fulfilment::line_quantity(book, shipment.rec.sort(), line);
                    let before = billed::of_shipment(book, shipment.id(), line.no, "");
                    sub(sub(own, before.issued), before.drafted).min(of_order)
                }
            };
            let left = left.max(Decimal::ZERO);
            let before = add(add(of.moved.invoiced, of.moved.drafted), *taken);
            *taken = add(*taken, left);
            let contract = order.rec.contract.as_deref().map(|id| (id, of.line.contract_line));
            found.push(Found {
                of: billed::of_order(book, order, no),
                no,
                shipped,
                contract,
                policy: of.line.policy.as_deref(),
                before,
                left,
            });
        };
    for source in sources {
        match *source {
            Source::Order(order) => {
                order.rec.line.iter().for_each(|line| take(order, line.no, None));
            }
            Source::Shipment(shipment) => {
                for line in &shipment.rec.line {
                    let of = fulfilment::order_line(book, line);
                    let order = of.and_then(|(id, no)| Some((book.get::<Order>(id)?, no)));
                    if let Some((order, no)) = order {
                        take(order, no, Some((shipment, line)));
                    }
                }
            }
        }
    }
    found
}

/// The lines of receipts that are on no invoice.
pub(super) fn received<'a>(book: &'a Book, sources: &[Source<'a>]) -> Vec<Found<'a>> {
    let receipts = sources.iter().filter_map(|source| match *source {
        Source::Shipment(shipment) => Some(shipment),
        Source::Order(_) => None,
    });
    let mut found = Vec::new();
    for receipt in receipts {
        for line in &receipt.rec.line {
            let no = line.contract_line.unwrap_or_default();
            let of = line.contract.as_deref().and_then(|id| book.get::<Contract>(id));
            let own = fulfilment::line_quantity(book, receipt.rec.sort(), line);
            let before = billed::of_shipment(book, receipt.id(), line.no, "");
            let taken = add(before.issued, before.drafted);
            found.push(Found {
                of: of.and_then(|contract| billed::of_contract(book, contract, no)),
                no,
                shipped: Some((receipt, line)),
                contract: line.contract.as_deref().map(|id| (id, line.contract_line)),
                policy: None,
                before: taken,
                left: sub(own, taken).max(Decimal::ZERO),
            });
        }
    }
    found
}

/// The lines of a draft: everything that is left, or what was typed.
pub(super) fn drafted(
    book: &Book,
    sources: &[Source<'_>],
    found: &[Found<'_>],
    typed: &[String],
) -> Result<Vec<Map<String, Value>>> {
    let mut blocks = Vec::new();
    if typed.is_empty() {
        for found in found.iter().filter(|found| found.left > Decimal::ZERO) {
            blocks.push(found.block(book, found.left, found.before)?);
        }
        if blocks.is_empty() {
            let ids: Vec<&str> = sources.iter().map(|source| source.id()).collect();
            return Err(Error::refused(
                format!("nothing of {} is left to be invoiced", ids.join(", ")),
                Vec::new(),
            )
            .hint(format!("desk invoice list line.{}:{}", sources[0].word(), ids[0])));
        }
    }
    let mut left: Vec<Decimal> = found.iter().map(|found| found.left).collect();
    for text in typed {
        blocks.extend(laid_over(book, sources, found, &mut left, text)?);
    }
    Ok(blocks)
}

/// A typed line, laid over the lines that it means: as much of each as is left, and what is beyond
/// that on the first, where the match tells of it.
fn laid_over(
    book: &Book,
    sources: &[Source<'_>],
    found: &[Found<'_>],
    left: &mut [Decimal],
    text: &str,
) -> Result<Vec<Map<String, Value>>> {
    let typed = line::parse(book, line_fields(), text)?;
    let own: InvoiceLine =
        drafted_line(&typed).map_err(|why| Error::usage(format!("line \"{text}\": {why}")))?;
    above_zero(&typed, text)?;
    if own.sort() != LineKind::Item && own.sort() != LineKind::Service {
        return Ok(vec![typed]);
    }
    let is_meant = |found: &Found<'_>| {
        let product = match (&found.of, found.shipped) {
            (Some(of), _) => Some(of.product),
            (None, Some((_, line))) => Some(line.product.as_str()),
            (None, None) => None,
        };
        let line = if found.is_purchase() { own.contract_line } else { own.order_line };
        product == own.product.as_deref() && line.is_none_or(|no| no == found.no)
    };
    let meant: Vec<usize> = (0..found.len()).filter(|at| is_meant(&found[*at])).collect();
    let Some(&first) = meant.first() else {
        return Ok(vec![not_there(book, sources, &own, typed)?]);
    };
    let factor = found[first].of.as_ref().map_or(Decimal::ONE, |of| of.factor);
    let mut wanted = match own.unit.is_some() {
        true => billed::in_stock_units(book, &own),
        false => product(own.qty.get(), factor).unwrap_or(own.qty.get()),
    };
    let mut takes: Vec<(usize, Decimal, Decimal)> = Vec::new();
    for at in meant {
        let take = wanted.min(left[at]);
        if take > Decimal::ZERO {
            let earlier = sub(found[at].left, left[at]);
            takes.push((at, take, add(found[at].before, earlier)));
            left[at] = sub(left[at], take);
            wanted = sub(wanted, take);
        }
    }
    match takes.first_mut() {
        Some((_, take, _)) => *take = add(*take, wanted),
        None => takes.push((first, wanted, found[first].before)),
    }
    let each = takes.into_iter().map(|(at, take, before)| {
        let block = found[at].block(book, take, before)?;
        Ok(with_typed(block, &typed))
    });
    each.collect()
}

/// A line of goods that the sources do not have, for the match to tell of; goods that are given free
/// are refused at once.
fn not_there(
    book: &Book,
    sources: &[Source<'_>],
    own: &InvoiceLine,
    mut block: Map<String, Value>,
) -> Result<Map<String, Value>> {
    let mut orders: Vec<&Doc<Order>> = Vec::new();
    for source in sources {
        match *source {
            Source::Order(order) => orders.push(order),
            Source::Shipment(shipment) => {
                let ids = shipment.rec.orders().into_iter();
                orders.extend(ids.filter_map(|id| book.get::<Order>(id)));
            }
        }
    }
    let product = own.product.as_deref().unwrap_or_default();
    let is_on = |order: &&&Doc<Order>| order.rec.line.iter().any(|line| line.product == product);
    if let Some(order) = orders.iter().find(is_on) {
        let message = format!("{product} is free on {}, and not invoiced", order.id());
        return Err(
            Error::refused(message, Vec::new()).hint(format!("desk order show {}", order.id()))
        );
    }
    if let Some(order) = orders.first() {
        block.entry("order").or_insert_with(|| order.id().into());
    }
    block.entry("price").or_insert_with(|| "0".into());
    Ok(block)
}

/// A line with what was typed laid over it; in another unit, the quantity is as it was typed.
fn with_typed(mut block: Map<String, Value>, typed: &Map<String, Value>) -> Map<String, Value> {
    for (key, held) in typed {
        match key.as_str() {
            "product" | "qty" => {}
            "unit" if block.get("unit") == Some(held) => {}
            "unit" => {
                block.insert("qty".into(), typed.get("qty").cloned().unwrap_or_default());
                block.shift_remove("unit_factor");
                block.insert(key.clone(), held.clone());
            }
            _ => {
                block.insert(key.clone(), held.clone());
            }
        }
    }
    block
}

/// Refuses a line of no quantity: nothing is invoiced or credited by it.
pub(super) fn above_zero(typed: &Map<String, Value>, text: &str) -> Result<()> {
    let is_zero = drafted_line(typed).is_ok_and(|line| line.qty.get().is_zero());
    match is_zero && typed.contains_key("qty") {
        true => Err(Error::usage(format!("line \"{text}\": a quantity of zero"))
            .hint("--line \"A100 x 4\"")),
        false => Ok(()),
    }
}

/// A typed line as a line of an invoice; a price it leaves out is nothing.
pub(super) fn drafted_line(typed: &Map<String, Value>) -> Result<InvoiceLine, String> {
    let mut whole = typed.clone();
    whole.entry("no").or_insert_with(|| 0.into());
    whole.entry("price").or_insert_with(|| "0".into());
    serde_json::from_value(Value::Object(whole)).map_err(|why| why.to_string())
}

impl Found<'_> {
    fn is_purchase(&self) -> bool {
        self.shipped.is_some_and(|(shipment, _)| !shipment.rec.sort().is_outward())
    }

    /// The line of a draft for so many stock units of it, so many being on earlier ones.
    fn block(&self, book: &Book, quantity: Decimal, before: Decimal) -> Result<Map<String, Value>> {
        let mut block = Map::new();
        let mut put = |key: &str, held: Option<Value>| {
            if let Some(held) = held {
                block.insert(key.into(), held);
            }
        };
        if let (Some(of), false) = (&self.of, self.is_purchase()) {
            put("order", Some(of.id.into()));
            put("order_line", Some(self.no.into()));
        }
        if let Some((shipment, line)) = self.shipped {
            put("shipment", Some(shipment.id().into()));
            put("shipment_line", Some(line.no.into()));
        }
        if let Some((id, no)) = self.contract {
            put("contract", no.map(|_| id.into()));
            put("contract_line", no.map(Value::from));
        }
        let Some(of) = &self.of else {
            return Ok(self.as_received(block, quantity));
        };
        let qty = billed::in_unit(of, quantity).ok_or_else(|| {
            let unit = of.unit.unwrap_or("stock unit");
            let message = format!("{}: {quantity} is no whole part of a {unit}", of.product);
            Error::usage(message).hint("say how much: --line \"PRODUCT x QTY\"")
        })?;
        let order = book.get::<Order>(of.id);
        let code = order.and_then(|order| order.common.currency.as_deref());
        let decimals = book.basis(None, code).decimals;
        let earlier = before.checked_div(of.factor).unwrap_or_default();
        let discount = billed::discount(of, earlier, qty, decimals);
        put("product", Some(of.product.into()));
        put("qty", Some(qty.to_string().into()));
        put("unit", of.unit.map(Value::from));
        let factor = (of.factor != Decimal::ONE).then(|| of.factor.normalize().to_string());
        put("unit_factor", factor.map(Value::from));
        put("price", of.price.map(|price| price.to_string().into()));
        let pct = (!of.discount_pct.is_zero()).then(|| of.discount_pct.to_string());
        put("discount_pct", pct.map(Value::from));
        put("discount_amount", (!discount.is_zero()).then(|| discount.to_string().into()));
        put("tax_rate", Some(of.tax_rate.to_string().into()));
        put("policy", self.policy.map(Value::from));
        Ok(block)
    }

    /// What arrived under no contract: its price is typed.
    fn as_received(&self, mut block: Map<String, Value>, quantity: Decimal) -> Map<String, Value> {
        if let Some((_, line)) = self.shipped {
            block.insert("product".into(), line.product.as_str().into());
        }
        block.insert("qty".into(), quantity.normalize().to_string().into());
        block
    }
}
