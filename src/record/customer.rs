//! Customers: who buys, with credit, licences, people and addresses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Address, CreditStage, Grade, Invoicing, Licence, Person, Stage};
use super::{Examples, Form, Kind, Record};
use crate::value::number::Money;

/// A customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Customer {
    /// Full name.
    pub name: String,
    /// Name used every day.
    pub short_name: Option<String>,
    /// Class of customer.
    pub kind: Option<CustomerKind>,
    /// Where it stands with us; absent: active.
    pub stage: Option<Stage>,
    /// How good it is.
    pub grade: Option<Grade>,
    /// How it came to us.
    pub source: Option<String>,
    /// Most it may owe, in its currency.
    pub credit_limit: Option<Money>,
    /// Days to pay.
    pub credit_days: Option<u32>,
    /// What the limit counts against.
    pub credit_stage: Option<CreditStage>,
    /// Days between contacts.
    pub contact_every_days: Option<u32>,
    /// How goods go to it.
    pub delivery_method: Option<String>,
    /// People there.
    #[serde(default)]
    pub person: Vec<Person>,
    /// Its addresses.
    #[serde(default)]
    pub address: Vec<Address>,
    /// What stands on its invoices.
    pub invoicing: Option<Invoicing>,
    /// Its licences and papers.
    #[serde(default)]
    pub licence: Vec<Licence>,
}

/// Class of customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomerKind {
    /// Agent.
    Agent,
    /// Trading company.
    Trader,
    /// Hospital.
    Hospital,
    /// Pharmacy.
    Pharmacy,
    /// Buys for itself.
    Direct,
    /// Anything else.
    Other,
}

impl CustomerKind {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Trader => "trader",
            Self::Hospital => "hospital",
            Self::Pharmacy => "pharmacy",
            Self::Direct => "direct",
            Self::Other => "other",
        }
    }
}

impl Record for Customer {
    const KIND: Kind = Kind::Customer;
    const NOUN: &'static str = "customer";
    const FOLDER: &'static str = "customers";
    const FORM: Form = Form::Master;
    const SUMMARY: &'static str = "who buys: credit, licences, people, addresses";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "short_name",
        "name",
        "kind",
        "stage",
        "grade",
        "district",
        "staff",
        "credit_limit",
    ];
    const EXAMPLES: Examples =
        Examples { id: "CX01", filter: "district:east", set: "person.1.phone=000-0000-0001" };

    fn names(&self) -> Vec<&str> {
        self.short_name.as_deref().into_iter().chain([self.name.as_str()]).collect()
    }
}
