//! Lines of an order brought to the contract that it calls off.
//!
//! A line that says no line of the contract is of the only one with its goods, and takes its price.
//! What may be of several is asked, never guessed; what is given away or tried calls nothing off.

use serde_json::{Map, Value};

use crate::{
    book::{Book, contract::lines_of},
    error::{Error, Result},
    record::{Doc, Kind, contract::Contract, order::Order},
};

/// Names the contract line of each line of a new order that says none; gives what is on no line of
/// the contract, in words.
pub(super) fn name_lines(
    book: &Book,
    contract: Option<&str>,
    lines: &mut [Value],
) -> Result<Vec<String>> {
    let contract = contract.and_then(|id| book.get::<Contract>(id));
    let Some(contract) = contract else { return Ok(Vec::new()) };
    let mut said = Vec::new();
    for line in lines.iter_mut().filter_map(Value::as_object_mut) {
        said.extend(name_line(contract, line)?);
    }
    Ok(said)
}

fn name_line(contract: &Doc<Contract>, line: &mut Map<String, Value>) -> Result<Option<String>> {
    let Some(product) = line.get("product").and_then(Value::as_str).map(str::to_owned) else {
        return Ok(None);
    };
    if line.contains_key("contract_line") || line.contains_key("free_reason") {
        return Ok(None);
    }
    let id = contract.id();
    let own: Vec<u32> =
        contract.rec.line.iter().filter(|own| own.product == product).map(|own| own.no).collect();
    match own.as_slice() {
        [] => Ok(Some(format!("{product} is on no line of {id}: its price is not the contract's"))),
        [no] => {
            line.insert("contract_line".into(), (*no).into());
            Ok(None)
        }
        several => {
            let nos: Vec<String> = several.iter().map(u32::to_string).collect();
            let message =
                format!("{product} is on several lines of {id}: {}; which one?", nos.join(", "));
            Err(Error::usage(message)
                .hint(format!("--line \"{product} x … contract_line={}\"", nos[0])))
        }
    }
}

/// What an order takes beyond what its contract agreed on, in words.
pub(super) fn overdrawn(book: &Book, order: &Doc<Order>) -> Vec<String> {
    let contract = order.rec.contract.as_deref().filter(|_| !order.rec.is_quote());
    let Some(contract) = contract.and_then(|id| book.get::<Contract>(id)) else {
        return Vec::new();
    };
    let is_ours = |no: u32| order.rec.line.iter().any(|line| line.contract_line == Some(no));
    let lines = lines_of(book, vec![contract], book.today).lines.into_iter();
    let beyond = lines.filter(|line| is_ours(line.no) && line.is_overdrawn());
    let told = |line: crate::book::contract::ContractedLine<'_>| {
        format!(
            "{} line {}: {} ordered in all, {} contracted (see desk {} fulfil {0})",
            contract.id(),
            line.no,
            line.consumed.normalize(),
            line.contracted.unwrap_or_default().normalize(),
            Kind::Contract.noun()
        )
    };
    beyond.map(told).collect()
}
