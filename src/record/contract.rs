//! Contracts: what was agreed with a customer or a supplier, and when it falls due.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Examples, Form, Kind, Record};
use crate::value::{
    day::{Day, Moment},
    number::{Money, Percent, Quantity, Rate},
};

/// A contract.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contract {
    /// Whether we sell or buy; absent: sale.
    pub side: Option<Side>,
    /// Customer or supplier.
    #[schemars(extend("ref" = "party"))]
    pub party: String,
    /// Title.
    pub title: Option<String>,
    /// Day it was signed.
    pub signed_on: Option<Day>,
    /// Who signed for the party.
    pub signatory: Option<String>,
    /// First day.
    pub valid_from: Option<Day>,
    /// Last day.
    pub valid_to: Option<Day>,
    /// Whether its prices include tax.
    pub prices_include_tax: Option<bool>,
    /// Contracted amount where it is not the sum of its lines.
    pub amount: Option<Money>,
    /// Orders beyond it allowed, in percent points.
    pub allowance_pct: Option<Percent>,
    /// Where the original is kept, or whether it is.
    pub original_filed: Option<bool>,
    /// What was contracted.
    #[serde(default)]
    pub line: Vec<ContractLine>,
    /// When its money falls due.
    #[serde(default)]
    pub instalment: Vec<Instalment>,
    /// What either side promised besides.
    #[serde(default)]
    pub obligation: Vec<Obligation>,
    /// Changes agreed later.
    #[serde(default)]
    pub amendment: Vec<Amendment>,
}

/// Whether we sell or buy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// We sell.
    #[default]
    Sale,
    /// We buy.
    Purchase,
}

/// A line of a contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContractLine {
    /// Number, unique in the contract, never re-used.
    pub no: u32,
    /// Product.
    #[schemars(extend("ref" = "product"))]
    pub product: String,
    /// Quantity; absent: the price alone is agreed.
    pub qty: Option<Quantity>,
    /// Unit; absent: the stock unit.
    pub unit: Option<String>,
    /// Stock units in one unit.
    pub unit_factor: Option<Quantity>,
    /// Price of one unit.
    pub price: Option<Money>,
    /// Tax rate as a fraction.
    pub tax_rate: Option<Rate>,
    /// Day it is due.
    pub due_on: Option<Day>,
    /// Sale contract this purchase serves.
    #[schemars(extend("ref" = "contract"))]
    pub for_contract: Option<String>,
    /// Line of that contract.
    pub for_line: Option<u32>,
    /// Day the supplier promised.
    pub promised_on: Option<Day>,
}

/// A part of the contract's money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Instalment {
    /// Number, unique in the contract.
    pub no: u32,
    /// What it is.
    pub name: Option<InstalmentName>,
    /// Part of the contract in percent points.
    pub pct: Option<Percent>,
    /// Or its amount.
    pub amount: Option<Money>,
    /// Day it is due.
    pub due_on: Option<Day>,
    /// Or the event it is due after.
    pub due_rule: Option<DueRule>,
    /// Days after the event.
    pub days: Option<u32>,
    /// Day the event happened, where no record tells.
    pub reached_on: Option<Day>,
}

/// What an instalment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstalmentName {
    /// Before anything is delivered.
    Advance,
    /// On delivery.
    Delivery,
    /// On acceptance.
    Acceptance,
    /// Kept back for the guarantee.
    Retention,
    /// Anything else.
    Other,
}

impl InstalmentName {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Advance => "advance",
            Self::Delivery => "delivery",
            Self::Acceptance => "acceptance",
            Self::Retention => "retention",
            Self::Other => "other",
        }
    }
}

/// The event an instalment is due after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueRule {
    /// Signed.
    Signed,
    /// Shipped.
    Shipped,
    /// Received.
    Received,
    /// Accepted.
    Accepted,
    /// Invoiced.
    Invoiced,
}

/// Something promised besides goods and money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Obligation {
    /// What.
    pub text: String,
    /// Day it is due.
    pub due_on: Option<Day>,
    /// Day it was done.
    pub done_on: Option<Day>,
    /// What proves it.
    pub evidence: Option<String>,
}

/// A change agreed later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Amendment {
    /// When.
    pub at: Moment,
    /// Who wrote it down.
    #[schemars(extend("ref" = "person"))]
    pub by: String,
    /// What changed.
    pub text: String,
}

impl Record for Contract {
    const KIND: Kind = Kind::Contract;
    const NOUN: &'static str = "contract";
    const FOLDER: &'static str = "contracts";
    const FORM: Form = Form::Document;
    const PREFIX: &'static str = "CT";
    const SUMMARY: &'static str = "what was agreed with a customer or supplier";
    const SUBJECT: Option<&'static str> = Some("party");
    const COLUMNS: &'static [&'static str] =
        &["id", "date", "side", "party", "title", "signed_on", "valid_to", "amount"];
    const EXAMPLES: Examples =
        Examples { id: "CT-2609-0004", filter: "side:sale", set: "obligation.1.done_on=today" };

    fn names(&self) -> Vec<&str> {
        self.title.as_deref().into_iter().collect()
    }
}
