//! Suppliers: whom we buy from, carriers with their tariffs among them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Address, CreditStage, Grade, Invoicing, Licence, Person, Stage};
use super::{Examples, Form, Kind, Record};
use crate::value::number::{Money, Quantity};

/// A supplier; a carrier has a tariff.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Supplier {
    /// Full name.
    pub name: String,
    /// Name used every day.
    pub short_name: Option<String>,
    /// Class of supplier; `carrier` has a tariff.
    pub kind: Option<String>,
    /// Where it stands with us; absent: active.
    pub stage: Option<Stage>,
    /// How good it is.
    pub grade: Option<Grade>,
    /// How it came to us.
    pub source: Option<String>,
    /// Most we may owe, in its currency.
    pub credit_limit: Option<Money>,
    /// Days to pay.
    pub credit_days: Option<u32>,
    /// What the limit counts against.
    pub credit_stage: Option<CreditStage>,
    /// Days between contacts.
    pub contact_every_days: Option<u32>,
    /// How its goods come.
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
    /// What a carrier charges.
    #[serde(default)]
    pub tariff: Vec<Tariff>,
}

/// What a carrier charges to one region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tariff {
    /// Region.
    pub region: Option<String>,
    /// Service, such as `express`.
    pub service: Option<String>,
    /// Days it takes.
    pub days: Option<u32>,
    /// Weight the first fee covers, in kilograms.
    pub first_kg: Option<Quantity>,
    /// Fee for the first weight.
    pub first_fee: Option<Money>,
    /// Further weight a step fee covers, in kilograms.
    pub step_kg: Option<Quantity>,
    /// Fee for each further step.
    pub step_fee: Option<Money>,
    /// Cubic centimetres that count as a kilogram.
    pub volumetric_divisor: Option<Quantity>,
}

impl Record for Supplier {
    const KIND: Kind = Kind::Supplier;
    const NOUN: &'static str = "supplier";
    const FOLDER: &'static str = "suppliers";
    const FORM: Form = Form::Master;
    const SUMMARY: &'static str = "whom we buy from, carriers included";
    const COLUMNS: &'static [&'static str] =
        &["id", "short_name", "name", "kind", "stage", "district", "staff"];
    const EXAMPLES: Examples =
        Examples { id: "SU01", filter: "kind:carrier", set: "person.1.phone=000-0000-0001" };

    fn names(&self) -> Vec<&str> {
        self.short_name.as_deref().into_iter().chain([self.name.as_str()]).collect()
    }
}
