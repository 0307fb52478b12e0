//! Tests of the whole module over an order-like field table.

mod edits;
mod faults;
mod fields;
mod suite;

use crate::record::schema::{Field, Type};
use crate::value::place::At;

use super::{Read, read};

/// A good order, as in the description of the format.
const ORDER: &str = r#"id = "SO-2609-0014"
date = 2026-09-23
entered_by = "li-min"
entered_at = 2026-09-23T09:58:41.207+08:00
customer = "CX01"
contract = "CT-2609-0004"
staff = "li-min"
district = "east"
promised_on = 2026-09-30
credit_days = 30
prices_include_tax = true

[[line]]
no = 1
product = "A100"
qty = 20
unit = "pc"
price = "128.00"
tax_rate = "0.13"

[[line]]
no = 2
product = "C1"
qty = 2
unit = "pc"
price = 0
tax_rate = "0.13"
free_reason = "sample"

[[approval]]
step = "review"
decision = "approved"
by = "wang"
at = 2026-09-23T10:12:00+08:00
"#;

fn entry(key: &str, kind: Type) -> Field {
    Field { key: key.into(), about: String::new(), kind, required: false }
}

fn required(key: &str, kind: Type) -> Field {
    Field { required: true, ..entry(key, kind) }
}

fn one_of(words: &[&str]) -> Type {
    Type::OneOf(words.iter().map(|word| (*word).to_owned()).collect())
}

fn order_fields() -> Vec<Field> {
    let line = vec![
        required("no", Type::Int),
        required("product", Type::Ref("product".into())),
        entry("qty", Type::Quantity),
        entry("unit", Type::Text),
        entry("price", Type::Money),
        entry("discount_pct", Type::Percent),
        entry("tax_rate", Type::Rate),
        entry("promised_on", Type::Day),
        entry("free_reason", one_of(&["gift", "sample", "policy"])),
        entry("deliverable", Type::Bool),
    ];
    let approval = vec![
        required("step", Type::Text),
        required("decision", one_of(&["approved", "rejected"])),
        entry("by", Type::Person),
        entry("at", Type::Moment),
    ];
    let void = vec![
        required("at", Type::Moment),
        entry("by", Type::Person),
        required("reason", Type::Text),
    ];
    vec![
        required("id", Type::Text),
        required("date", Type::Day),
        entry("entered_by", Type::Person),
        entry("entered_at", Type::Moment),
        required("customer", Type::Ref("customer".into())),
        entry("contract", Type::Ref("contract".into())),
        entry("staff", Type::Person),
        entry("district", Type::Listed("districts".into())),
        entry("promised_on", Type::Day),
        entry("credit_days", Type::Int),
        entry("prices_include_tax", Type::Bool),
        entry("policies", Type::List(Box::new(Type::Ref("policy".into())))),
        entry("remarks", Type::Text),
        entry("extra", Type::Any),
        entry("line", Type::Blocks(line)),
        entry("approval", Type::Blocks(approval)),
        entry("void", Type::Table(void)),
    ]
}

/// The findings of a text, each as its code and the text it points at.
fn found(text: &str) -> Vec<(String, String)> {
    codes(text.as_bytes(), &read("a.toml", text.as_bytes(), &order_fields()))
}

fn codes(bytes: &[u8], read: &Read<'_>) -> Vec<(String, String)> {
    let show = |finding: &crate::finding::Finding| {
        let At::Span(span) = &finding.place.at else { panic!("a finding without bytes") };
        let shown = String::from_utf8_lossy(&bytes[span.clone()]);
        (finding.code.to_owned(), shown.into_owned())
    };
    read.findings.iter().map(show).collect()
}

/// The order with one text in it replaced by another.
fn order_with(old: &str, new: &str) -> String {
    assert!(ORDER.contains(old), "{old}");
    ORDER.replacen(old, new, 1)
}

#[test]
fn a_good_order_has_no_finding() {
    assert_eq!(found(ORDER), []);
}
