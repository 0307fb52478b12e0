//! Plans: what is to be reached in a month, by district, staff, category or customer.
//!
//! A plan is changed by a new row: of equal keys the last one counts, and the earlier ones tell
//! what was planned before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Doc, Examples, Form, Kind, Record};
use crate::value::{day::Day, number::Money};

/// A planned figure of one month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// What is planned.
    pub measure: Measure,
    /// Category of goods, one of those in desk.toml.
    #[schemars(extend("list" = "categories"))]
    pub category: Option<String>,
    /// Customer.
    #[schemars(extend("ref" = "customer"))]
    pub customer: Option<String>,
    /// The figure: an amount in base currency, or a count.
    pub amount: Money,
}

/// What can be planned.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Sales.
    Sales,
    /// Money received.
    Collection,
    /// Expenses.
    Expense,
    /// Number of contacts.
    Contacts,
    /// Number of new customers.
    NewCustomers,
}

impl Measure {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Collection => "collection",
            Self::Expense => "expense",
            Self::Contacts => "contacts",
            Self::NewCustomers => "new_customers",
        }
    }
}

/// What a plan is for: rows of equal keys follow each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanKey<'a> {
    /// First day of the month.
    pub month: Option<Day>,
    /// What is planned.
    pub measure: Measure,
    /// District.
    pub district: Option<&'a str>,
    /// Member of staff.
    pub staff: Option<&'a str>,
    /// Category of goods.
    pub category: Option<&'a str>,
    /// Customer.
    pub customer: Option<&'a str>,
}

impl Doc<Plan> {
    /// What the row plans for.
    pub fn key(&self) -> PlanKey<'_> {
        PlanKey {
            month: self.common.date,
            measure: self.rec.measure,
            district: self.common.district.as_deref(),
            staff: self.common.staff.as_deref(),
            category: self.rec.category.as_deref(),
            customer: self.rec.customer.as_deref(),
        }
    }
}

impl Record for Plan {
    const KIND: Kind = Kind::Plan;
    const NOUN: &'static str = "plan";
    const FOLDER: &'static str = "plans";
    const FORM: Form = Form::Register;
    const PREFIX: &'static str = "PN";
    const SUMMARY: &'static str = "what is to be sold, collected or spent in a month";
    const SUBJECT: Option<&'static str> = Some("measure");
    const CELLS: &'static [&'static str] =
        &["id", "date", "measure", "district", "staff", "category", "customer", "amount"];
    const COLUMNS: &'static [&'static str] =
        &["id", "date", "measure", "district", "staff", "category", "customer", "amount"];
    const EXAMPLES: Examples = Examples {
        id: "PN-2609-0001",
        filter: "measure:sales district:east",
        set: "district=north",
    };

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}
