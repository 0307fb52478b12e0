//! Market notes: what was heard of prices, competitors and tenders, by whom and from where.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Examples, Form, Kind, Record};
use crate::value::number::Money;

/// A market note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Market {
    /// Where it was heard or read.
    pub source: String,
    /// Brand it is about, ours or another.
    pub brand: Option<String>,
    /// Goods it is about, as they are called there.
    pub product: Option<String>,
    /// What it is about.
    pub topic: Option<Topic>,
    /// Price that was heard, in base currency.
    pub price: Option<Money>,
    /// What was heard.
    pub summary: String,
}

/// What a market note is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Prices.
    Price,
    /// Promotions.
    Promotion,
    /// New products.
    NewProduct,
    /// Tenders.
    Tender,
    /// Policies of the state or of others.
    Policy,
    /// What can be had and what not.
    Supply,
    /// Anything else.
    Other,
}

impl Topic {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Promotion => "promotion",
            Self::NewProduct => "new_product",
            Self::Tender => "tender",
            Self::Policy => "policy",
            Self::Supply => "supply",
            Self::Other => "other",
        }
    }
}

impl Record for Market {
    const KIND: Kind = Kind::Market;
    const NOUN: &'static str = "market";
    const FOLDER: &'static str = "market";
    const FORM: Form = Form::Register;
    const PREFIX: &'static str = "MK";
    const SUMMARY: &'static str = "what was heard in the market: notes, and the brief of a day";
    const SUBJECT: Option<&'static str> = Some("summary");
    const CELLS: &'static [&'static str] = &[
        "id", "date", "staff", "district", "source", "brand", "product", "topic", "price",
        "summary",
    ];
    const COLUMNS: &'static [&'static str] =
        &["id", "date", "staff", "source", "brand", "product", "topic", "price", "summary"];
    const EXAMPLES: Examples =
        Examples { id: "MK-2609-0001", filter: "topic:price", set: "price=118.00" };

    fn names(&self) -> Vec<&str> {
        vec![&self.summary]
    }
}
