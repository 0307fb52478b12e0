//! A draft: from what was delivered or ordered, from a receipt, or for a party by itself.

use serde_json::{Map, Value, json};

use super::{Allowed, KIND, added, line_fields, lines, lines::Source, readable, total_text};
use crate::{
    book::{Book, authority, contract::asking, digest, invoice, payment, series},
    error::{Error, Result},
    ops::{Actor, head, line, next_id, order, record, record::Given},
    record::{
        Doc,
        change::Change,
        common::Common,
        contract::Contract,
        customer::Customer,
        invoice::{Invoice, InvoiceKind},
        order::Order,
        shipment::{Shipment, ShipmentKind},
        supplier::Supplier,
    },
};

/// What an invoice is made from.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Customer or supplier, where it is made from nothing.
    pub party: Option<String>,
    /// Orders and shipments.
    pub from: Vec<String>,
    /// Lines as they were typed; none for everything that is left.
    pub lines: Vec<String>,
    /// Rules that someone lets pass.
    pub allowed: Allowed,
}

/// A new draft of an invoice.
pub fn add(book: &Book, actor: Actor<'_>, draft: &Draft, given: &[Given]) -> Result<Change> {
    super::without_own(given, &["number", "issued_on", "stated", "override"])?;
    let id = next_id(book, KIND, actor.site, given)?;
    let mut value = head(book, KIND, &id, actor);
    record::fill(book, KIND, &mut value, given)?;
    let side = value.get("side").and_then(Value::as_str).map(str::to_owned);
    let sources = sources(book, &draft.from, side.as_deref())?;
    let blocks = match sources.is_empty() {
        true => alone(book, draft, &mut value)?,
        false => from(book, draft, &sources, &mut value)?,
    };
    value.insert("line".into(), numbered(blocks));
    complete(book, &id, &mut value)?;
    if !draft.allowed.rules.is_empty() {
        let (drafted, _) = added(book, &id, value.clone())?;
        let of = digest::let_pass(readable(&drafted, &id)?);
        let allowed = draft.allowed.blocks(book, actor, of.as_deref())?;
        value.insert("override".into(), json!(allowed));
    }
    let (after, change) = added(book, &id, value)?;
    let bill = readable(&after, &id)?;
    super::firm(&after, bill)?;
    let due = bill.rec.due_on.map(|due| format!("  due {due}")).unwrap_or_default();
    let line = format!("{id}  {}{due}{}", total_text(&after, bill), agreeing(bill));
    let next = match bill.rec.sort() {
        InvoiceKind::Proforma => format!("desk invoice request {id}"),
        _ => series::issuing(&after, bill),
    };
    Ok(Change { lines: vec![line], ..change }.next(next))
}

/// What an invoice agrees with, in words.
fn agreeing(bill: &Doc<Invoice>) -> String {
    let of = match bill.rec.is_sale() {
        true => bill.rec.orders(),
        false => bill.rec.contracts(),
    };
    let passed: Vec<&str> = bill.common.overrides.iter().map(|own| own.rule.as_str()).collect();
    match (of.is_empty(), passed.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("  (items, prices and quantities match {})", of.join(", ")),
        (false, false) => format!("  (as {}, but for {})", of.join(", "), passed.join(", ")),
    }
}

/// The orders and shipments that an invoice is made from, all of one party.
fn sources<'a>(book: &'a Book, ids: &[String], side: Option<&str>) -> Result<Vec<Source<'a>>> {
    let mut sources: Vec<Source<'a>> = Vec::new();
    for id in ids {
        let (kind, id) = book.resolve_among("order|shipment", id)?;
        let kind = kind.ok_or_else(|| Error::usage(format!("{id} is not read here")))?;
        let entry = book.resolved(kind, &id)?;
        record::writable(entry)?;
        if let Some(order) = Doc::<Order>::of(entry) {
            order::firm(book, order, "invoice")?;
            sources.push(Source::Order(order));
        } else if let Some(shipment) = Doc::<Shipment>::of(entry) {
            sources.push(sent(shipment, side)?);
        }
    }
    let Some(first) = sources.first().copied() else { return Ok(sources) };
    for other in &sources {
        if other.party() != first.party() {
            let (id, party) = (other.id(), other.party().unwrap_or("nobody"));
            let message = format!("{id} is of {party}, and {} of another party", first.id());
            return Err(Error::usage(message).hint("one invoice for each party"));
        }
    }
    Ok(sources)
}

/// A shipment that can be invoiced: one that left, or of a purchase one that arrived.
fn sent<'a>(shipment: &'a Doc<Shipment>, side: Option<&str>) -> Result<Source<'a>> {
    let id = shipment.id();
    let is_purchase = side == Some("purchase");
    match shipment.rec.sort() {
        ShipmentKind::Return => {
            return Err(Error::usage(format!("{id} is a return: what came back is credited"))
                .hint("desk invoice credit IN-… --reason … --reopens-billing …"));
        }
        ShipmentKind::Receipt if !is_purchase => {
            return Err(Error::usage(format!("{id} came from a supplier"))
                .hint(format!("desk invoice add --from {id} --side purchase")));
        }
        ShipmentKind::Receipt => {}
        _ if is_purchase => return Err(Error::usage(format!("{id} is no receipt"))),
        _ => {}
    }
    if shipment.rec.moved_on().is_none() {
        let (word, verb) = match is_purchase {
            true => ("has not arrived", "receive"),
            false => ("was not sent yet", "send"),
        };
        return Err(Error::refused(format!("{id} {word}"), Vec::new())
            .hint(format!("desk ship {verb} {id}")));
    }
    Ok(Source::Shipment(shipment))
}

/// The lines of an invoice from its sources, and what it takes over from them.
fn from(
    book: &Book,
    draft: &Draft,
    sources: &[Source<'_>],
    value: &mut Map<String, Value>,
) -> Result<Vec<Map<String, Value>>> {
    let party = sources.iter().find_map(|source| source.party()).unwrap_or_default();
    if let Some(named) = &draft.party {
        let (_, named) = book.resolve_party(named)?;
        if named != party {
            return Err(Error::usage(format!("{} is of {party}, not {named}", sources[0].id())));
        }
    }
    value.insert("party".into(), party.into());
    let is_purchase = value.get("side").and_then(Value::as_str) == Some("purchase");
    let found = match is_purchase {
        true => lines::received(book, sources),
        false => lines::delivered(book, sources),
    };
    let blocks = lines::drafted(book, sources, &found, &draft.lines)?;
    let commons = heads(book, &found, &blocks);
    let Some((first, includes)) = commons.first() else { return Ok(blocks) };
    for (other, other_includes) in &commons {
        let differs = payment::own_currency(book, other) != payment::own_currency(book, first)
            || other_includes != includes;
        if differs {
            let message = format!("{} and {} differ in currency or in tax", first.id, other.id);
            return Err(Error::usage(message).hint("one invoice for each"));
        }
    }
    value.entry("prices_include_tax").or_insert_with(|| (*includes).into());
    take_over(book, first, value);
    Ok(blocks)
}

/// The common fields of the orders or contracts that lines come from, and whether their prices
/// include tax.
fn heads<'a>(
    book: &'a Book,
    found: &[lines::Found<'a>],
    blocks: &[Map<String, Value>],
) -> Vec<(&'a Common, bool)> {
    let mut heads: Vec<(&Common, bool)> = Vec::new();
    for of in found.iter().filter_map(|found| found.of.as_ref()) {
        let is_used = blocks.iter().any(|block| {
            ["order", "contract"]
                .iter()
                .any(|key| block.get(*key).and_then(Value::as_str) == Some(of.id))
        });
        let order = book.get::<Order>(of.id).map(|order| &order.common);
        let common = order.or_else(|| book.get::<Contract>(of.id).map(|own| &own.common));
        if let Some(common) = common.filter(|_| is_used)
            && !heads.iter().any(|(known, _)| known.id == common.id)
        {
            heads.push((common, of.prices_include_tax));
        }
    }
    heads
}

/// What an invoice takes over from an order, a contract or a party, of what it does not say.
fn take_over(book: &Book, common: &Common, value: &mut Map<String, Value>) {
    let foreign = common.currency.as_deref().filter(|code| *code != book.config.currency());
    if let (Some(code), None) = (foreign, value.get("currency")) {
        value.insert("currency".into(), code.into());
        if let (Some(rate), None) = (common.exchange_rate, value.get("exchange_rate")) {
            value.insert("exchange_rate".into(), rate.to_string().into());
        }
    }
    let is_nobodys = !value.contains_key("staff") && !value.contains_key("team");
    // What someone who has left took down is of whoever sees to the party now.
    let party = value.get("party").and_then(Value::as_str).map(str::to_owned);
    let staff = authority::in_charge(book, common.staff.as_deref(), party.as_deref(), book.today);
    for (key, word) in [("staff", staff), ("district", common.district.as_deref())] {
        if let (Some(word), None) = (word, value.get(key)) {
            value.insert(key.into(), word.into());
        }
    }
    if is_nobodys && !common.team.is_empty() {
        value.insert("team".into(), json!(common.team));
    }
}

/// The lines of an invoice that is made from nothing: a deposit, an opening balance, a proforma, a
/// service.
fn alone(
    book: &Book,
    draft: &Draft,
    value: &mut Map<String, Value>,
) -> Result<Vec<Map<String, Value>>> {
    let party = draft.party.as_deref().ok_or_else(|| {
        Error::usage("an invoice is made from what was delivered, or for a party")
            .hint("desk invoice add --from SH-…")
            .hint("desk invoice add CX01 --kind deposit --line \"text=定金, qty=1, price=5000, kind=deposit\"")
    })?;
    let (_, party) = book.resolve_party(party)?;
    value.insert("party".into(), party.into());
    if draft.lines.is_empty() {
        return Err(Error::usage("what is invoiced? it has no lines").hint("--line … or --from ID"));
    }
    let parsed = draft.lines.iter().map(|text| {
        let typed = line::parse(book, line_fields(), text)?;
        lines::above_zero(&typed, text)?;
        Ok(typed)
    });
    parsed.collect()
}

fn numbered(blocks: Vec<Map<String, Value>>) -> Value {
    let number = |(at, mut block): (usize, Map<String, Value>)| {
        let no = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        block.shift_insert(0, "no".into(), no.into());
        Value::Object(block)
    };
    Value::Array(blocks.into_iter().enumerate().map(number).collect())
}

/// What an invoice leaves out, from its party, its orders and the company.
fn complete(book: &Book, id: &str, value: &mut Map<String, Value>) -> Result<()> {
    let party = value.get("party").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(common) = book.party_common(&party) {
        take_over(book, common, value);
    }
    let basis = book.basis(None, None);
    value.entry("prices_include_tax").or_insert_with(|| basis.prices_include_tax.into());
    value.entry("tax_rounding").or_insert_with(|| json!(basis.tax_rounding));
    if let Some(buyer) = buyer(book, &party, value.get("side").and_then(Value::as_str)) {
        value.entry("buyer").or_insert(buyer);
    }
    let (drafted, _) = added(book, id, value.clone())?;
    let bill = readable(&drafted, id)?;
    for (line, block) in bill.rec.line.iter().zip(lines_of(value)) {
        let rate = invoice::priced(&drafted, line).tax_rate.to_string();
        block.entry("tax_rate").or_insert_with(|| rate.into());
    }
    if let Some(due) = invoice::due_after(&drafted, bill, book.today) {
        value.entry("due_on").or_insert_with(|| due.to_string().into());
    }
    let parts = instalments(&drafted, bill);
    if !parts.is_empty() {
        value.entry("instalment").or_insert(Value::Array(parts));
    }
    Ok(())
}

fn lines_of(value: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let lines = value.get_mut("line").and_then(Value::as_array_mut);
    lines.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// What stands on the invoice of its buyer: the customer, or on one that we get we ourselves.
pub(super) fn buyer(book: &Book, party: &str, side: Option<&str>) -> Option<Value> {
    if side == Some("purchase") {
        let own = &book.config.company;
        let mut buyer = json!({"title": own.name, "tax_id": own.tax_id, "bank": own.bank,
            "account": own.account, "address": own.address});
        buyer.as_object_mut()?.retain(|_, held| !held.is_null());
        return Some(buyer);
    }
    let customer = book.get::<Customer>(party).map(|own| (&own.rec.name, &own.rec.invoicing));
    let supplier = || book.get::<Supplier>(party).map(|own| (&own.rec.name, &own.rec.invoicing));
    let (name, invoicing) = customer.or_else(supplier)?;
    let mut own = invoicing.clone().unwrap_or_default();
    own.title.get_or_insert_with(|| name.clone());
    let mut buyer = serde_json::to_value(own).ok()?;
    buyer.as_object_mut()?.retain(|_, held| !held.is_null());
    Some(buyer)
}

/// The parts an invoice is due in, as its one contract has them: each its share of the invoice, and
/// none beyond what is still to be asked for of it.
fn instalments(book: &Book, bill: &Doc<Invoice>) -> Vec<Value> {
    let contracts = crate::book::receivable::contracts_of(book, bill);
    let [only] = contracts.as_slice() else { return Vec::new() };
    let Some(agreed) = book.get::<Contract>(only).filter(|own| !own.rec.instalment.is_empty())
    else {
        return Vec::new();
    };
    let Some(total) = invoice::total(book, bill).map(|total| total.gross) else {
        return Vec::new();
    };
    let code = |common| payment::own_currency(book, common);
    let is_own = code(&bill.common) == code(&agreed.common);
    let asked = is_own.then(|| asking::asked(book, agreed, bill.id()));
    let whole = (total, invoice::basis(book, bill).decimals);
    let shares = asking::shares(book, agreed, whole, asked.as_ref()).unwrap_or_default();
    let mut parts: Vec<Value> = Vec::new();
    for (at, (no, share)) in shares.iter().enumerate() {
        let mut block = Map::new();
        block.insert("no".into(), json!(at + 1));
        block.insert("amount".into(), share.to_string().into());
        let own = agreed.rec.instalment.iter().find(|own| Some(own.no) == *no);
        block.extend(own.map(|own| ("contract_instalment".to_owned(), json!(own.no))));
        let due = own.and_then(|own| own.due_on);
        block.extend(due.map(|due| ("due_on".to_owned(), due.to_string().into())));
        parts.push(Value::Object(block));
    }
    parts
}
