//! Payments: money that came in or went out, one row each, as the bank or the till saw it.
//!
//! What a payment is for stands in allocations, never here. A row is not changed to undo it: money
//! that went back (a bounced cheque) is a row of its own with `reverses` and a negative amount.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Doc, Examples, Form, Kind, Record, common::Direction};
use crate::value::{
    day::Day,
    number::{Decimal, Money},
};

/// A payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Payment {
    /// Customer, supplier or member of staff that paid or was paid.
    #[schemars(extend("ref" = "party"))]
    pub party: String,
    /// Whether money came in or went out.
    pub direction: Direction,
    /// How it was paid.
    pub method: Option<Method>,
    /// Day a bill or cheque falls due.
    pub matures_on: Option<Day>,
    /// Number on the bank's paper, the bill or the cheque.
    pub reference: Option<String>,
    /// Amount in the payment's currency; negative only where it reverses another.
    pub amount: Money,
    /// What the bank kept, in the payment's currency.
    pub bank_fee: Option<Money>,
    /// Contract it was paid under.
    #[schemars(extend("ref" = "contract"))]
    pub contract: Option<String>,
    /// Policy it settles.
    #[schemars(extend("ref" = "policy"))]
    pub policy: Option<String>,
    /// Payment that this row takes back, in part or whole.
    #[schemars(extend("ref" = "payment"))]
    pub reverses: Option<String>,
}

/// How money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Bank transfer.
    Transfer,
    /// Cash.
    Cash,
    /// Cheque.
    Cheque,
    /// Bill of exchange.
    Bill,
    /// Anything else.
    Other,
}

impl Doc<Payment> {
    /// Its currency, which is the company's where the row names none.
    pub fn currency<'a>(&'a self, base: &'a str) -> &'a str {
        self.common.currency.as_deref().unwrap_or(base)
    }

    /// Its amount, above zero for money that came in and below for money that went out.
    pub fn signed(&self) -> Decimal {
        self.rec.direction.signed(self.rec.amount.get())
    }
}

impl Record for Payment {
    const KIND: Kind = Kind::Payment;
    const NOUN: &'static str = "payment";
    const FOLDER: &'static str = "payments";
    const FORM: Form = Form::Register;
    const PREFIX: &'static str = "PM";
    const SUMMARY: &'static str =
        "money that came in or went out: match it to orders and contracts";
    const SUBJECT: Option<&'static str> = Some("party");
    const CELLS: &'static [&'static str] = &[
        "id",
        "date",
        "party",
        "direction",
        "method",
        "matures_on",
        "reference",
        "amount",
        "currency",
        "exchange_rate",
        "bank_fee",
        "staff",
        "contract",
        "policy",
        "reverses",
        "remarks",
    ];
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "date",
        "party",
        "party_name",
        "direction",
        "method",
        "currency",
        "amount",
        "earmarked",
        "unallocated",
    ];
    const EXAMPLES: Examples = Examples {
        id: "PM-2609-0004",
        filter: "method:transfer unallocated:0.01..",
        set: "reference=2026092300017",
    };

    fn names(&self) -> Vec<&str> {
        self.reference.as_deref().into_iter().collect()
    }
}
