//! Allocations: which payment is for what, a row for each share of it.
//!
//! An allocation to an order or a contract is an earmark: the money stays the party's until its
//! invoices are there. A row without a source writes a rest off, which someone approves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Examples, Form, Kind, Record};
use crate::value::number::{Decimal, Money};

/// An allocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Allocation {
    /// Payment or credit that it is taken from; blank: a rest is written off.
    #[schemars(extend("ref" = "payment|invoice"))]
    pub source: Option<String>,
    /// What it is for.
    #[schemars(extend("ref" = "order|contract|invoice|expense|bid"))]
    pub target: String,
    /// Instalment of the target.
    pub instalment: Option<u32>,
    /// Amount in the target's currency; negative only where it reverses another.
    pub amount: Money,
    /// What it takes from the source, where that is in another currency.
    pub source_amount: Option<Money>,
    /// Discount granted on the target beyond the amount.
    pub discount: Option<Money>,
    /// Who approved a write-off or a discount.
    #[schemars(extend("ref" = "person"))]
    pub approved_by: Option<String>,
    /// Allocation that this row takes back, in part or whole.
    #[schemars(extend("ref" = "allocation"))]
    pub reverses: Option<String>,
}

impl Allocation {
    /// What it takes from its source, in the source's currency.
    pub fn taken(&self) -> Decimal {
        self.source_amount.unwrap_or(self.amount).get()
    }
}

impl Record for Allocation {
    const KIND: Kind = Kind::Allocation;
    const NOUN: &'static str = "allocation";
    const FOLDER: &'static str = "allocations";
    const FORM: Form = Form::Register;
    const PREFIX: &'static str = "AL";
    const SUMMARY: &'static str = "which payment is for which order or contract";
    const SUBJECT: Option<&'static str> = Some("target");
    const CELLS: &'static [&'static str] = &[
        "id",
        "date",
        "source",
        "target",
        "instalment",
        "amount",
        "source_amount",
        "discount",
        "approved_by",
        "reverses",
        "remarks",
    ];
    const COLUMNS: &'static [&'static str] =
        &["id", "date", "source", "target", "instalment", "amount", "source_amount", "reverses"];
    const EXAMPLES: Examples =
        Examples { id: "AL-2609-0001", filter: "target:SO-2607-0015", set: "remarks=首付款" };

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}
