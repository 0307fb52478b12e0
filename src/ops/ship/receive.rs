//! Goods that arrive: at the customer's, with the proof of it, or here from a supplier.
//!
//! What really arrived is told line by line where it differs; the lack is not made up by itself.

use serde_json::{Map, Value};

use super::{
    super::{Actor, head, line, next_id, preview, record, record::Given},
    KIND,
    back::after_arrival,
    counted, happened_on, held, in_words, line_fields,
    lines::{self, Named},
    name_of, quantity, readable, set,
};
use crate::{
    book::{Book, fulfilment::line_quantity},
    error::{Error, Result},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        contract::{Contract, ContractLine, Side},
        shipment::{Shipment, ShipmentKind},
        supplier::Supplier,
    },
    value::{
        number::{Decimal, sub, sum},
        place::KeyPath,
    },
};

impl Named for ContractLine {
    fn named(&self) -> (u32, &str, Option<&str>) {
        (self.no, &self.product, self.unit.as_deref())
    }
}

/// How goods arrived.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// Day, as typed; absent: today.
    pub on: Option<String>,
    /// Who took them in.
    pub by: Option<String>,
    /// Path of the proof in the data directory.
    pub proof: Option<String>,
    /// A proof that is to be laid beside the shipment: its name and bytes.
    pub file: Option<(String, Vec<u8>)>,
    /// What really arrived, line by line.
    pub lines: Vec<String>,
}

/// A shipment that arrived; or, once it did, the proof of it.
pub fn receive(book: &Book, id: &str, arrival: Arrival) -> Result<Change> {
    let shipment = held(book, id)?;
    let id = shipment.id().to_owned();
    let rec = &shipment.rec;
    if rec.sort().is_outward() && rec.shipped_on.is_none() {
        return Err(
            Error::usage(format!("{id} did not leave yet")).hint(format!("desk ship send {id}"))
        );
    }
    let mut change = Change::default();
    let mut said = Vec::new();
    let brings_proof = arrival.proof.is_some() || arrival.file.is_some();
    match rec.received_on {
        Some(day) if !brings_proof || arrival.on.is_some() || !arrival.lines.is_empty() => {
            return Err(Error::usage(format!("{id} arrived on {day} already"))
                .hint(format!("desk ship receive {id} --proof …"))
                .hint(format!("desk ship revise {id} … --reason …")));
        }
        Some(_) => {}
        None => {
            let day = happened_on(book, arrival.on.as_deref())?;
            change.edits.push(set(&id, KeyPath::key("received_on"), day.to_string()));
            let by = arrival.by.as_deref().map(|by| format!(", taken in by {by}"));
            said.push(format!("{id} received {day}{}", by.unwrap_or_default()));
        }
    }
    if let Some(by) = &arrival.by {
        change.edits.push(set(&id, KeyPath::key("received_by"), by.clone()));
    }
    let mut proof = arrival.proof.clone();
    if let Some((name, bytes)) = arrival.file {
        let attached = record::attach(book, KIND, &id, vec![(name.clone(), bytes)])?;
        change.edits.extend(attached.edits);
        proof = Some(crate::store::layout::attachment(&id, &name));
    }
    if let Some(path) = proof {
        said.push(format!(
            "{}proof {path}",
            if said.is_empty() { format!("{id} ") } else { String::new() }
        ));
        change.edits.push(set(&id, KeyPath::key("proof"), path));
    }
    let lacking = counted_in(book, shipment, &arrival.lines, &mut change, &mut said)?;
    change.lines.push(said.join("; "));
    Ok(match lacking.first() {
        Some(lack) if rec.sort().is_outward() => {
            let rest = "--condition … --reason … --reopens-delivery …";
            change.next(format!("desk ship return --from {id} --line \"{lack}\" {rest}"))
        }
        _ => {
            let after = preview(book, &change)?;
            let next = match readable(&after, &id)? {
                back if back.rec.sort() == ShipmentKind::Return => after_arrival(&after, back),
                _ => None,
            };
            change.next(next.unwrap_or_else(|| format!("desk ship show {id}")))
        }
    })
}

/// What was counted where the goods arrived; gives the lines of which some is lacking, as typed.
fn counted_in(
    book: &Book,
    shipment: &Doc<Shipment>,
    texts: &[String],
    change: &mut Change,
    said: &mut Vec<String>,
) -> Result<Vec<String>> {
    let mut lacking = Vec::new();
    let id = shipment.id();
    // Nothing at all may have arrived of a line, which `"1 x 0"` says.
    let none = |text: &&String| text.split_once(['x', '×']).map(|(_, qty)| qty.trim()) == Some("0");
    let (nothing, some): (Vec<&String>, Vec<&String>) = texts.iter().partition(none);
    let plain = |texts: Vec<&String>, cut: bool| -> Vec<String> {
        let word = |text: &String| text.split(['x', '×']).next().unwrap_or(text).trim().to_owned();
        texts.into_iter().map(|text| if cut { word(text) } else { text.clone() }).collect()
    };
    let mut counted: Vec<(usize, Decimal)> = Vec::new();
    for part in lines::parts(book, lines::of(shipment), &plain(nothing, true), &[])? {
        counted.push((part.at, Decimal::ZERO));
    }
    for part in lines::parts(book, lines::of(shipment), &plain(some, false), &[])? {
        let qty = part.qty.unwrap_or(shipment.rec.line[part.at].qty.get());
        counted.push((part.at, qty));
    }
    for (at, qty) in counted {
        let line = &shipment.rec.line[at];
        let path = KeyPath::key("line").nth(at).then("received_qty");
        change.edits.push(set(id, path, quantity(qty)));
        let lack = sub(line.qty.get(), qty);
        if lack > Decimal::ZERO {
            said.push(format!("line {}: {} lacking", line.no, in_words(line, lack)));
            lacking.push(format!("{} x {}", line.no, lack.normalize()));
        } else if lack < Decimal::ZERO {
            let more = in_words(line, crate::value::number::negated(lack));
            said.push(format!("line {}: {more} more than sent", line.no));
        }
    }
    Ok(lacking)
}

/// Goods in: from a supplier, under a purchase contract or without one.
pub fn receipt(
    book: &Book,
    actor: Actor<'_>,
    supplier: Option<&str>,
    from: Option<&str>,
    (on, texts): (Option<&str>, &[String]),
    given: &[Given],
) -> Result<Change> {
    let day = happened_on(book, on)?;
    let id = next_id(book, KIND, actor.site, &[])?;
    let mut value = head(book, KIND, &id, actor);
    value.insert("kind".into(), "receipt".into());
    let (party, blocks) = match (from, supplier) {
        (Some(from), _) => under_contract(book, from, supplier, texts)?,
        (None, Some(supplier)) => {
            let supplier = book.resolve(Kind::Supplier, supplier)?;
            let parsed = texts.iter().map(|text| line::parse(book, line_fields(), text));
            (supplier, parsed.collect::<Result<Vec<_>>>()?)
        }
        (None, None) => {
            return Err(Error::usage("goods in need their contract or supplier")
                .hint("desk ship receipt --from CT-… --line \"1 x 100\"")
                .hint("desk ship receipt SU01 --line \"A100 x 100\""));
        }
    };
    if blocks.is_empty() {
        return Err(Error::usage("goods in need lines").hint("--line \"A100 x 100 batch=…\""));
    }
    value.insert("supplier".into(), party.clone().into());
    if let Some(warehouse) = &book.config.defaults.warehouse {
        value.insert("warehouse".into(), warehouse.clone().into());
    }
    value.insert("received_on".into(), day.to_string().into());
    let owner = book.get::<Supplier>(&party).and_then(|own| own.common.staff.clone());
    if let Some(staff) = owner {
        value.insert("staff".into(), staff.into());
    }
    record::fill(book, KIND, &mut value, given)?;
    let count = counted(blocks.len());
    let numbered = blocks.into_iter().zip(1_u64..).map(|(mut block, no)| {
        block.shift_insert(0, "no".into(), no.into());
        Value::Object(block)
    });
    value.insert("line".into(), Value::Array(numbered.collect()));
    let line = format!("{id} received {day} from {}, {count}", name_of(book, &party));
    Ok(Change::saying(line)
        .with(Edit::Add { kind: KIND, id: id.clone(), value })
        .next(format!("desk ship show {id}")))
}

/// The supplier of a purchase contract, and lines of it: as typed, or all that did not arrive yet.
fn under_contract(
    book: &Book,
    from: &str,
    supplier: Option<&str>,
    texts: &[String],
) -> Result<(String, Vec<Map<String, Value>>)> {
    let entry = book.resolved(Kind::Contract, from)?;
    record::writable(entry)?;
    let contract =
        Doc::<Contract>::of(entry).ok_or_else(|| Error::usage(format!("{from} is no contract")))?;
    let id = contract.id();
    if contract.rec.side != Some(Side::Purchase) {
        return Err(Error::usage(format!("{id} is no purchase contract"))
            .hint("desk contract list side:purchase"));
    }
    let named = supplier.map(|code| book.resolve(Kind::Supplier, code)).transpose()?;
    if let Some(named) = named.filter(|named| *named != contract.rec.party) {
        return Err(Error::usage(format!("{id} is with {}, not {named}", contract.rec.party)));
    }
    const GIVEN: &[&str] = &["batch", "expires_on", "received_qty"];
    let parts = match texts.is_empty() {
        false => lines::parts(book, (id, &contract.rec.line), texts, GIVEN)?,
        true => {
            let all = (0..contract.rec.line.len()).map(|at| lines::Part {
                at,
                qty: None,
                fields: Map::new(),
            });
            all.collect()
        }
    };
    let mut blocks = Vec::new();
    for part in parts {
        let agreed = &contract.rec.line[part.at];
        let left = || Some(sub(agreed.qty?.get(), arrived(book, contract, agreed)));
        let qty = part.qty.or_else(left).filter(|qty| *qty > Decimal::ZERO);
        let Some(qty) = qty else {
            if texts.is_empty() {
                continue;
            }
            return Err(Error::usage(format!("{id} line {}: how much arrived?", agreed.no))
                .hint(format!("--line \"{} x …\"", agreed.no)));
        };
        let mut block = Map::from_iter([
            ("contract".to_owned(), Value::from(id)),
            ("contract_line".to_owned(), agreed.no.into()),
            ("product".to_owned(), agreed.product.clone().into()),
            ("qty".to_owned(), quantity(qty)),
        ]);
        if let Some(unit) = &agreed.unit {
            block.insert("unit".into(), unit.clone().into());
        }
        if let Some(factor) = agreed.unit_factor {
            block.insert("unit_factor".into(), quantity(factor.get()));
        }
        block.extend(part.fields);
        blocks.push(block);
    }
    if blocks.is_empty() {
        return Err(Error::refused(format!("all of {id} is here"), Vec::new())
            .hint(format!("desk ship list {id}")));
    }
    Ok((contract.rec.party.clone(), blocks))
}

/// What of a contract's line arrived, in the line's unit.
fn arrived(book: &Book, contract: &Doc<Contract>, agreed: &ContractLine) -> Decimal {
    let receipts = book.pointing::<Shipment>(contract.id()).into_iter();
    let receipts = receipts.filter(|own| own.rec.sort() == ShipmentKind::Receipt);
    let lines = receipts.flat_map(|own| own.rec.line.iter());
    let own = lines.filter(|line| {
        line.contract.as_deref() == Some(contract.id()) && line.contract_line == Some(agreed.no)
    });
    let stock = sum(own.map(|line| line_quantity(book, ShipmentKind::Receipt, line)));
    let one = crate::book::fulfilment::in_stock_units(
        book,
        Some(&agreed.product),
        agreed.unit.as_deref(),
        agreed.unit_factor,
        Decimal::ONE,
    );
    stock.checked_div(one).unwrap_or(stock)
}
