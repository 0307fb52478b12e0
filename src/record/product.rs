//! Products: goods, samples, gifts, materials and services with their units, prices and cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::Packing;
use super::{Examples, Form, Kind, Record};
use crate::value::number::{Money, Percent, Quantity, Rate};

/// A product.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// Name.
    pub name: String,
    /// Specification.
    pub spec: Option<String>,
    /// Stock unit.
    pub unit: Option<String>,
    /// Other units it is sold in.
    #[serde(default)]
    pub packing: Vec<Packing>,
    /// Category, one of those in desk.toml.
    #[schemars(extend("list" = "categories"))]
    pub category: Option<String>,
    /// What sort of thing it is; absent: product.
    pub goods: Option<Goods>,
    /// Brand.
    pub brand: Option<String>,
    /// Price of one stock unit, with or without tax as the company's prices are.
    pub list_price: Option<Money>,
    /// Lowest price of one stock unit; confidential.
    pub min_price: Option<Money>,
    /// Cost of one stock unit in base currency, without tax; confidential.
    pub cost: Option<Money>,
    /// Tax rate as a fraction; absent: the company's.
    pub tax_rate: Option<Rate>,
    /// Whether batches are followed.
    pub batch_tracked: Option<bool>,
    /// Kind of licence, or scope of one, its buyer needs.
    pub required_licence: Option<String>,
    /// Delivery beyond the order allowed, in percent points.
    pub over_delivery_pct: Option<Percent>,
    /// Stock at which to order again.
    pub reorder_level: Option<Quantity>,
    /// Class for commission.
    pub commission_class: Option<String>,
    /// Whether it is sold; absent: yes.
    pub active: Option<bool>,
}

/// What sort of thing a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Goods {
    /// For sale.
    Product,
    /// To try.
    Sample,
    /// To give.
    Gift,
    /// Brochures, cards, stationery.
    Material,
    /// Work, never delivered.
    Service,
}

impl Record for Product {
    const KIND: Kind = Kind::Product;
    const NOUN: &'static str = "product";
    const FOLDER: &'static str = "products";
    const FORM: Form = Form::Master;
    const SUMMARY: &'static str = "what is sold: units, prices, tax, cost";
    const CONFIDENTIAL: &'static [&'static str] = &["cost", "min_price"];
    const COLUMNS: &'static [&'static str] =
        &["id", "name", "spec", "unit", "category", "goods", "list_price", "tax_rate"];
    const EXAMPLES: Examples =
        Examples { id: "A100", filter: "category:diagnostics", set: "list_price=130.00" };

    fn names(&self) -> Vec<&str> {
        vec![&self.name]
    }
}
