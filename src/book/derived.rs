//! What is computed of single records, under keys of its own, beside the fields their files hold.
//!
//! Lists, filters and `show` treat these like fields; nothing can set them.

use serde_json::{Map, Value};

use super::{
    Book,
    stage::{STAGES, order_stage},
};
use crate::{
    record::{
        Doc, Entry, Kind,
        amount::Amount,
        contract::Contract,
        customer::Customer,
        order::Order,
        schema::{Field, Type},
        supplier::Supplier,
    },
    value::{currency, day::Day, number::round},
};

/// The fields of a kind, those that are computed included.
pub fn fields(kind: Kind) -> Vec<Field> {
    let mut fields = kind.fields().to_vec();
    fields.extend(derived(kind));
    fields
}

/// The computed fields of a kind.
pub fn derived(kind: Kind) -> Vec<Field> {
    let field = |key: &str, kind: Type, about: &str| Field {
        key: key.into(),
        about: about.into(),
        kind,
        required: false,
    };
    let stages = STAGES.iter().map(|stage| stage.name().to_owned()).collect();
    match kind {
        Kind::Order => vec![
            field("customer_name", Type::Text, "Short name of the customer."),
            field("stage", Type::OneOf(stages), "Where it stands."),
            field("net", Type::Money, "What it comes to without tax, less what was closed."),
            field("tax", Type::Money, "Its tax."),
            field("gross", Type::Money, "What it comes to with tax."),
        ],
        Kind::Contract => vec![field("party_name", Type::Text, "Short name of the party.")],
        _ => Vec::new(),
    }
}

/// A record with its computed fields, as filters and lists see it.
pub fn described(book: &Book, entry: &dyn Entry, as_of: Day) -> Value {
    let mut value = entry.value();
    if let Some(owner) = Doc::<Order>::of(entry).map(|order| book.owner(order)) {
        for (key, word) in [("staff", owner.staff), ("district", owner.district)] {
            if let Some(word) = word {
                value.entry(key).or_insert_with(|| word.into());
            }
        }
    }
    value.extend(computed(book, entry, as_of));
    Value::Object(value)
}

/// The computed fields of one record.
pub fn computed(book: &Book, entry: &dyn Entry, as_of: Day) -> Map<String, Value> {
    let mut computed = Map::new();
    if let Some(order) = Doc::<Order>::of(entry) {
        computed.insert("stage".into(), order_stage(book, order, as_of).name().into());
        if let Some(name) = party_name(book, &order.rec.customer) {
            computed.insert("customer_name".into(), name.into());
        }
        if let Ok(facts) = book.order_facts(order) {
            let by_then = facts.iter().filter(|fact| fact.on <= as_of);
            let sum = by_then.fold(Amount::default(), |sum, fact| sum.plus(fact.amount));
            let code = order.common.currency.as_deref().unwrap_or(book.config.currency());
            let decimals = currency::decimals(code);
            for (key, amount) in [("net", sum.net), ("tax", sum.tax), ("gross", sum.gross)] {
                computed.insert(key.into(), round(amount, decimals).to_string().into());
            }
        }
    } else if let Some(contract) = Doc::<Contract>::of(entry)
        && let Some(name) = party_name(book, &contract.rec.party)
    {
        computed.insert("party_name".into(), name.into());
    }
    computed
}

/// The everyday name of a customer or supplier.
pub fn party_name(book: &Book, code: &str) -> Option<String> {
    let customer = book.get::<Customer>(code).map(|own| (&own.rec.short_name, &own.rec.name));
    let supplier = || book.get::<Supplier>(code).map(|own| (&own.rec.short_name, &own.rec.name));
    let (short, name) = customer.or_else(supplier)?;
    Some(short.as_ref().unwrap_or(name).clone())
}
