//! What is computed of single records, under keys of its own, beside the fields their files hold.
//!
//! Lists, filters and `show` treat these like fields; nothing can set them.

use serde_json::{Map, Value};

use super::{
    Book, expense, exposure, invoice, payment, receivable, shipment,
    stage::{STAGES, order_stage},
};
use crate::{
    record::{
        Doc, Entry, Kind,
        common::Common,
        contact::Contact,
        contract::Contract,
        customer::Customer,
        expense::Expense,
        invoice::{Invoice, InvoiceKind},
        order::Order,
        payment::Payment,
        schema::{Field, Type},
        shipment::Shipment,
        staff::Staff,
        supplier::Supplier,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, negated, round, sub},
    },
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
    let states = invoice::STATES.iter().map(|state| state.name().to_owned()).collect();
    let where_goods_are = shipment::STATES.iter().map(|state| state.name().to_owned()).collect();
    let words = Type::List(Box::new(Type::Text));
    match kind {
        Kind::Order => vec![
            field("customer_name", Type::Text, "Short name of the customer."),
            field("stage", Type::OneOf(stages), "Where it stands."),
            field("net", Type::Money, "What it comes to without tax, less what was closed."),
            field("tax", Type::Money, "Its tax."),
            field("gross", Type::Money, "What it comes to with tax."),
            field("earmarked", Type::Money, "Money kept for it."),
        ],
        Kind::Contract => vec![
            field("party_name", Type::Text, "Short name of the party."),
            field("earmarked", Type::Money, "Money kept for it."),
        ],
        Kind::Customer => vec![
            field("unallocated", Type::Money, "Money of theirs that is for nothing yet."),
            field("unallocated_other", words, "The same in other currencies than theirs."),
            field("exposure", Type::Money, "Approved orders with tax, less all their money."),
            field("credit_left", Type::Money, "Credit limit less exposure."),
        ],
        Kind::Payment => vec![
            field("party_name", Type::Text, "Short name of the party."),
            field("settled", Type::Money, "What invoices and expenses took of it."),
            field("earmarked", Type::Money, "What is kept for orders and contracts."),
            field("unallocated", Type::Money, "What is left of it."),
        ],
        Kind::Invoice => vec![
            field("party_name", Type::Text, "Short name of the party."),
            field("state", Type::OneOf(states), "Where it stands."),
            field("net", Type::Money, "What it comes to without tax; of a credit below zero."),
            field("tax", Type::Money, "Its tax."),
            field("gross", Type::Money, "What it comes to with tax."),
            field("open", Type::Money, "What of it is not paid, credited or written off."),
            field("days_overdue", Type::Int, "Days past the day its first open part was due."),
        ],
        Kind::Expense => expense_fields(),
        Kind::Contact => vec![field("party_name", Type::Text, "Short name of the party.")],
        Kind::Shipment => vec![
            field("party_name", Type::Text, "Short name of the party."),
            field("state", Type::OneOf(where_goods_are), "Where it stands."),
            field("late_days", Type::Int, "Days it came, or is, later than promised."),
        ],
        _ => Vec::new(),
    }
}

fn expense_fields() -> Vec<Field> {
    let field = |key: &str, kind: Type, about: &str| Field {
        key: key.into(),
        about: about.into(),
        kind,
        required: false,
    };
    let stages = expense::STAGES.iter().map(|stage| stage.name().to_owned()).collect();
    vec![
        field("claimant_name", Type::Text, "Name of who claims it."),
        field("stage", Type::OneOf(stages), "Where it stands."),
        field("applied_amount", Type::Money, "What was asked for."),
        field("approved_amount", Type::Money, "What was granted, once it is approved."),
        field("allowances", Type::Money, "Allowances of its days."),
        field("claimed_amount", Type::Money, "What was claimed, allowances included."),
        field("accepted", Type::Money, "What of that is accepted, once the claim is approved."),
        field("paid", Type::Money, "What was paid, less what came back."),
        field("to_pay", Type::Money, "What is still to be paid; below zero, to come back."),
    ]
}

/// A record with its computed fields, as filters and lists see it.
pub fn described(book: &Book, entry: &dyn Entry, as_of: Day, wanted: Wanted<'_>) -> Value {
    let mut value = entry.value();
    if let Some(owner) = Doc::<Order>::of(entry).map(|order| book.owner(order)) {
        for (key, word) in [("staff", owner.staff), ("district", owner.district)] {
            if let Some(word) = word {
                value.entry(key).or_insert_with(|| word.into());
            }
        }
    }
    value.extend(computed(book, entry, as_of, wanted));
    Value::Object(value)
}

/// Says whether a computed field is looked at: what needs other records is worked out only then.
pub type Wanted<'a> = &'a dyn Fn(&str) -> bool;

/// The computed fields of one record.
pub fn computed(
    book: &Book,
    entry: &dyn Entry,
    as_of: Day,
    wanted: Wanted<'_>,
) -> Map<String, Value> {
    let mut computed = Map::new();
    if let Some(order) = Doc::<Order>::of(entry) {
        of_order(book, order, as_of, &mut computed);
    } else if let Some(customer) = Doc::<Customer>::of(entry) {
        of_customer(book, customer, as_of, wanted, &mut computed);
    } else if let Some(payment) = Doc::<Payment>::of(entry) {
        of_payment(book, payment, as_of, wanted, &mut computed);
    } else if let Some(shipment) = Doc::<Shipment>::of(entry) {
        of_shipment(book, shipment, as_of, wanted, &mut computed);
    } else if let Some(bill) = Doc::<Invoice>::of(entry) {
        of_invoice(book, bill, as_of, wanted, &mut computed);
    }
    if let Some(expense) = Doc::<Expense>::of(entry) {
        of_expense(book, expense, as_of, &mut computed);
    }
    let party = match entry.kind() {
        Kind::Contract => Doc::<Contract>::of(entry).map(|own| own.rec.party.as_str()),
        Kind::Payment => Doc::<Payment>::of(entry).map(|own| own.rec.party.as_str()),
        Kind::Invoice => Doc::<Invoice>::of(entry).map(|own| own.rec.party.as_str()),
        Kind::Contact => Doc::<Contact>::of(entry).and_then(|own| own.rec.party.as_deref()),
        Kind::Shipment => Doc::<Shipment>::of(entry).and_then(|own| own.rec.party()),
        _ => None,
    };
    if let Some(name) = party.and_then(|party| party_name(book, party)) {
        computed.insert("party_name".into(), name.into());
    }
    if matches!(entry.kind(), Kind::Order | Kind::Contract) && wanted("earmarked") {
        let kept = payment::earmarked(book, &entry.common().id, as_of);
        if !kept.is_zero() {
            computed.insert("earmarked".into(), money(book, entry.common(), kept));
        }
    }
    computed
}

fn of_order(book: &Book, order: &Doc<Order>, as_of: Day, computed: &mut Map<String, Value>) {
    computed.insert("stage".into(), order_stage(book, order, as_of).name().into());
    if let Some(name) = party_name(book, &order.rec.customer) {
        computed.insert("customer_name".into(), name.into());
    }
    if let Ok(sum) = book.order_amount(order, as_of) {
        for (key, amount) in [("net", sum.net), ("tax", sum.tax), ("gross", sum.gross)] {
            computed.insert(key.into(), money(book, &order.common, amount));
        }
    }
}

fn of_customer(
    book: &Book,
    customer: &Doc<Customer>,
    as_of: Day,
    wanted: Wanted<'_>,
    computed: &mut Map<String, Value>,
) {
    let own = payment::own_currency(book, &customer.common);
    if wanted("unallocated") || wanted("unallocated_other") {
        let held = payment::held(book, customer.id(), as_of);
        let (mut theirs, mut others) = (Decimal::ZERO, Vec::new());
        for (code, held) in &held {
            let amount = round(held.unallocated, currency::decimals(code));
            match code == own {
                true => theirs = amount,
                false if !amount.is_zero() => others.push(format!("{code} {amount}").into()),
                false => {}
            }
        }
        if held.contains_key(own) {
            computed.insert("unallocated".into(), money(book, &customer.common, theirs));
        }
        if !others.is_empty() {
            computed.insert("unallocated_other".into(), Value::Array(others));
        }
    }
    if wanted("exposure") || wanted("credit_left") {
        let Some(exposure) = exposure::of_customer(book, customer, as_of) else { return };
        let exposure = exposure.sum();
        computed.insert("exposure".into(), money(book, &customer.common, exposure));
        if let Some(limit) = customer.rec.credit_limit {
            let left = sub(limit.get(), exposure);
            computed.insert("credit_left".into(), money(book, &customer.common, left));
        }
    }
}

fn of_payment(
    book: &Book,
    payment: &Doc<Payment>,
    as_of: Day,
    wanted: Wanted<'_>,
    computed: &mut Map<String, Value>,
) {
    if !["settled", "earmarked", "unallocated"].into_iter().any(wanted) {
        return;
    }
    let standing = payment::standing(book, payment, as_of);
    for (key, amount) in [("settled", standing.settled), ("earmarked", standing.earmarked)] {
        if !amount.is_zero() {
            computed.insert(key.into(), money(book, &payment.common, amount));
        }
    }
    computed.insert("unallocated".into(), money(book, &payment.common, standing.unallocated));
}

fn of_shipment(
    book: &Book,
    own: &Doc<Shipment>,
    as_of: Day,
    wanted: Wanted<'_>,
    computed: &mut Map<String, Value>,
) {
    if wanted("state") {
        computed.insert("state".into(), shipment::state(book, own, as_of).name().into());
    }
    if let Some(days) = shipment::late_days(own, as_of) {
        computed.insert("late_days".into(), days.into());
    }
}

fn of_invoice(
    book: &Book,
    bill: &Doc<Invoice>,
    as_of: Day,
    wanted: Wanted<'_>,
    computed: &mut Map<String, Value>,
) {
    if wanted("state") {
        computed.insert("state".into(), invoice::state(book, bill, as_of).name().into());
    }
    // A credit counts against what was invoiced, so that a list adds up.
    let is_credit = bill.rec.sort() == InvoiceKind::Credit;
    let signed = |amount: Decimal| if is_credit { negated(amount) } else { amount };
    if let Some(sum) = invoice::total(book, bill) {
        for (key, amount) in [("net", sum.net), ("tax", sum.tax), ("gross", sum.gross)] {
            computed.insert(key.into(), money(book, &bill.common, signed(amount)));
        }
    }
    if !invoice::is_issued(bill, as_of) {
        return;
    }
    if let (Some(open), true) = (invoice::open(book, bill, as_of), wanted("open")) {
        computed.insert("open".into(), money(book, &bill.common, signed(open)));
    }
    let is_asked = !is_credit && wanted("days_overdue");
    let days = if is_asked { receivable::days_overdue(book, bill, as_of) } else { 0 };
    if days > 0 {
        computed.insert("days_overdue".into(), days.into());
    }
}

fn of_expense(book: &Book, own: &Doc<Expense>, as_of: Day, computed: &mut Map<String, Value>) {
    if let Some(name) = party_name(book, &own.rec.claimant) {
        computed.insert("claimant_name".into(), name.into());
    }
    computed.insert("stage".into(), expense::stage(book, own, as_of).name().into());
    let standing = expense::standing(book, own, as_of);
    for (key, amount) in [
        ("applied_amount", standing.applied),
        ("approved_amount", standing.approved),
        ("allowances", standing.allowances),
        ("claimed_amount", standing.claimed),
        ("accepted", standing.accepted),
        ("paid", standing.paid),
        ("to_pay", standing.to_pay),
    ] {
        computed.insert(key.into(), money(book, &own.common, amount));
    }
}

/// An amount at the decimals of its record's currency.
fn money(book: &Book, common: &Common, amount: Decimal) -> Value {
    let decimals = currency::decimals(payment::own_currency(book, common));
    round(amount, decimals).to_string().into()
}

/// The everyday name of a customer, supplier or member of staff.
pub fn party_name(book: &Book, code: &str) -> Option<String> {
    if let Some(staff) = book.get::<Staff>(code) {
        return Some(staff.rec.name.clone());
    }
    let customer = book.get::<Customer>(code).map(|own| (&own.rec.short_name, &own.rec.name));
    let supplier = || book.get::<Supplier>(code).map(|own| (&own.rec.short_name, &own.rec.name));
    let (short, name) = customer.or_else(supplier)?;
    Some(short.as_ref().unwrap_or(name).clone())
}
