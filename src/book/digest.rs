//! The digest of what an approval decided on.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::record::{
    Doc, Entry, Form, Kind,
    common::{Approval, Decision},
    shipment::Shipment,
};

/// Fields that may change after an approval without touching what was decided.
const UNDECIDED: &[&str] = &[
    "entered_by",
    "entered_at",
    "remarks",
    "attachments",
    "void",
    "approval",
    "override",
    "revision",
    "hold",
    "closure",
    "promised_on",
    "delivery_method",
    "ship_to",
];

/// Fields of a shipment that may change once it was sent: how it went, and what became of it.
const UNDECIDED_OF_SENT: &[&str] = &[
    "region",
    "carrier",
    "service",
    "waybill",
    "packages",
    "weight_kg",
    "volume_cm3",
    "freight",
    "freight_by",
    "received_by",
    "proof",
    "return_reason",
    "complaint",
    "return_due_on",
    "outcome",
    "check",
    "inspected",
];

/// Fields of a contract that are no terms of it: whose it is, and where its paper is.
const NO_TERMS: &[&str] =
    &["staff", "team", "district", "signatory", "original_filed", "amendment"];

/// Fields in the blocks of a contract that are no terms of it: what became of them.
const NO_TERMS_IN_BLOCKS: &[(&str, &[&str])] = &[
    ("line", &["promised_on", "for_contract", "for_line"]),
    ("instalment", &["reached_on"]),
    ("obligation", &["done_on", "evidence"]),
];

/// Fields of an invoice that its match looks at.
const MATCHED: &[&str] = &["side", "party", "currency", "prices_include_tax", "buyer", "line"];

/// Fields of an expense that come after its application was decided on.
const CLAIMED: &[&str] = &["claim", "day"];

/// Fields of an expense that nobody decides on.
const FILED: &[&str] = &["filed_on", "evaluation"];

/// Names how a digest was made, so that another way can follow.
const SCHEME: &str = "desk1:";

/// `desk1:` and the SHA-256, in hex, of the fields an approval of this record decides on, each as
/// the file holds it.
pub fn decided(entry: &dyn Entry) -> String {
    decided_in(entry, "")
}

/// The same of one step: of an expense, what is asked for and what is claimed are decided apart.
pub fn decided_in(entry: &dyn Entry, step: &str) -> String {
    debug_assert_ne!(entry.kind().info().form, Form::Register, "rows are not approved");
    let mut value = entry.value();
    value.retain(|key, _| !UNDECIDED.contains(&key.as_str()));
    if let Some(shipment) = Doc::<Shipment>::of(entry) {
        value.retain(|key, _| !UNDECIDED_OF_SENT.contains(&key.as_str()));
        if shipment.rec.sort().is_outward() {
            value.shift_remove("received_on");
            let lines = value.get_mut("line").and_then(Value::as_array_mut).into_iter().flatten();
            for line in lines.filter_map(Value::as_object_mut) {
                line.shift_remove("received_qty");
            }
        }
    }
    if entry.kind() == Kind::Contract {
        value.retain(|key, _| !NO_TERMS.contains(&key.as_str()));
        for (key, fields) in NO_TERMS_IN_BLOCKS {
            let blocks = value.get_mut(*key).and_then(Value::as_array_mut).into_iter().flatten();
            for block in blocks.filter_map(Value::as_object_mut) {
                block.retain(|key, _| !fields.contains(&key.as_str()));
            }
        }
    }
    if entry.kind() == Kind::Expense {
        of_expense(&mut value, step);
    }
    of_fields(value)
}

/// Keeps what a step of an expense decides on. A review looks at what was asked for and claimed;
/// how much of it is granted may still change until the approval.
fn of_expense(value: &mut Map<String, Value>, step: &str) {
    let is_application = step.starts_with("application_");
    let later: &[&str] = if is_application { CLAIMED } else { &[] };
    value.retain(|key, _| !later.contains(&key.as_str()) && !FILED.contains(&key.as_str()));
    if step.ends_with("_review") {
        for (key, granted) in [("applied", "approved"), ("claim", "sanctioned")] {
            let is_decided = key == "applied" && !is_application;
            let blocks = value.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten();
            for block in blocks.filter_map(Value::as_object_mut).filter(|_| !is_decided) {
                block.shift_remove(granted);
            }
        }
    }
}

/// The digest of what an override of an order or an invoice is given for: what its rules look at.
/// Nothing for other kinds, whose goods still change on their way out.
pub fn let_pass(entry: &dyn Entry) -> Option<String> {
    match entry.kind() {
        Kind::Order => Some(decided(entry)),
        Kind::Invoice => {
            let mut value = entry.value();
            value.retain(|key, _| MATCHED.contains(&key.as_str()));
            Some(of_fields(value))
        }
        _ => None,
    }
}

fn of_fields(value: Map<String, Value>) -> String {
    let text = Value::Object(value).to_string();
    let bytes = Sha256::digest(text.as_bytes());
    let hex = bytes.iter().map(|byte| format!("{byte:02x}"));
    hex.fold(SCHEME.to_owned(), |digest, byte| digest + &byte)
}

/// Whether a digest was made by [`decided`]; those of other programs cannot be judged.
pub fn is_ours(digest: &str) -> bool {
    digest.starts_with(SCHEME)
}

/// Whether a decision was about what is there now; nothing where its digest is not ours to judge.
pub fn agrees(entry: &dyn Entry, approval: &Approval) -> Option<bool> {
    let of = approval.of.as_deref().filter(|of| is_ours(of))?;
    Some(of == decided_in(entry, &approval.step))
}

/// Whether an approval decided on something else than what is there now.
pub fn is_stale(entry: &dyn Entry, approval: &Approval) -> bool {
    approval.decision == Decision::Approved && agrees(entry, approval) == Some(false)
}
