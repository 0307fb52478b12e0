//! Shipments: goods that leave, arrive or come back, and the slips they move by.
//!
//! Quantities are positive; the kind gives the sign. Without `shipped_on` an outward shipment is an
//! open stock-out slip: it keeps goods back and moves none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Doc, Examples, Form, Kind, Record};
use crate::value::{
    day::{Day, Moment},
    number::{Decimal, Money, Quantity},
};

/// A shipment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shipment {
    /// What sort of shipment it is; absent: delivery.
    pub kind: Option<ShipmentKind>,
    /// Who gets the goods, or sends them back.
    #[schemars(extend("ref" = "customer"))]
    pub customer: Option<String>,
    /// Who sent the goods, or gets them back.
    #[schemars(extend("ref" = "supplier"))]
    pub supplier: Option<String>,
    /// Where the goods go.
    pub ship_to: Option<String>,
    /// Region for the carrier's tariff.
    pub region: Option<String>,
    /// Warehouse the goods leave or enter; absent: the company's.
    #[schemars(extend("list" = "warehouses"))]
    pub warehouse: Option<String>,
    /// Carrier.
    #[schemars(extend("ref" = "supplier"))]
    pub carrier: Option<String>,
    /// The carrier's service.
    pub service: Option<String>,
    /// The carrier's number.
    pub waybill: Option<String>,
    /// Number of packages.
    pub packages: Option<u32>,
    /// Weight in kilograms.
    pub weight_kg: Option<Quantity>,
    /// Volume in cubic centimetres.
    pub volume_cm3: Option<Quantity>,
    /// What the carrier asks.
    pub freight: Option<Money>,
    /// Who pays the carrier.
    pub freight_by: Option<FreightBy>,
    /// Day it is promised to arrive.
    pub promised_on: Option<Day>,
    /// Day it left.
    pub shipped_on: Option<Day>,
    /// Day it arrived: at the customer's, or here.
    pub received_on: Option<Day>,
    /// Who took it in, as written on the proof.
    pub received_by: Option<String>,
    /// Path of the proof of delivery.
    pub proof: Option<String>,
    /// The return whose goods this delivery replaces.
    #[schemars(extend("ref" = "shipment"))]
    pub exchange_for: Option<String>,
    /// Why the goods came back.
    pub return_reason: Option<String>,
    /// The complaint it follows.
    #[schemars(extend("ref" = "contact"))]
    pub complaint: Option<String>,
    /// Day samples are expected back.
    pub return_due_on: Option<Day>,
    /// What became of samples.
    pub outcome: Option<String>,
    /// What a parcel holds.
    pub contents: Option<String>,
    /// Checks before the goods leave.
    #[serde(default)]
    pub check: Vec<Check>,
    /// What it holds.
    #[serde(default)]
    pub line: Vec<ShipmentLine>,
    /// That returned or received goods were looked at.
    pub inspected: Option<Inspected>,
}

/// What sort of shipment it is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ShipmentKind {
    /// Goods to a customer.
    #[default]
    Delivery,
    /// Goods to try, to a customer.
    Sample,
    /// Brochures and other material, to a customer.
    Material,
    /// Papers and other things.
    Parcel,
    /// Goods that come back.
    Return,
    /// Goods from a supplier.
    Receipt,
}

impl ShipmentKind {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Sample => "sample",
            Self::Material => "material",
            Self::Parcel => "parcel",
            Self::Return => "return",
            Self::Receipt => "receipt",
        }
    }

    /// Whether the goods leave us.
    pub fn is_outward(self) -> bool {
        matches!(self, Self::Delivery | Self::Sample | Self::Material | Self::Parcel)
    }
}

/// Who pays the carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FreightBy {
    /// We do.
    Us,
    /// They do.
    Them,
}

/// A check before goods leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// What was checked.
    pub what: CheckOf,
    /// Who checked it.
    #[schemars(extend("ref" = "person"))]
    pub by: String,
    /// When.
    pub at: Moment,
}

/// What is checked before goods leave.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CheckOf {
    /// Goods and quantities are those of the order.
    Order,
    /// The packing list is in.
    List,
    /// Samples are in.
    Samples,
    /// Gifts are in.
    Gifts,
    /// Goods given under a policy are in.
    PolicyGoods,
    /// It goes the way it should.
    Method,
}

impl CheckOf {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::List => "list",
            Self::Samples => "samples",
            Self::Gifts => "gifts",
            Self::PolicyGoods => "policy_goods",
            Self::Method => "method",
        }
    }
}

/// A line of a shipment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShipmentLine {
    /// Number, unique in the shipment, never re-used.
    pub no: u32,
    /// Order that is delivered.
    #[schemars(extend("ref" = "order"))]
    pub order: Option<String>,
    /// Its line.
    pub order_line: Option<u32>,
    /// Contract that is received under.
    #[schemars(extend("ref" = "contract"))]
    pub contract: Option<String>,
    /// Its line.
    pub contract_line: Option<u32>,
    /// Product.
    #[schemars(extend("ref" = "product"))]
    pub product: String,
    /// Quantity in its unit.
    pub qty: Quantity,
    /// What really arrived, where that differs.
    pub received_qty: Option<Quantity>,
    /// Unit; absent: the stock unit.
    pub unit: Option<String>,
    /// Stock units in one unit; absent: 1, or the product's packing.
    pub unit_factor: Option<Quantity>,
    /// Batch.
    pub batch: Option<String>,
    /// Last day of the batch.
    pub expires_on: Option<Day>,
    /// Shipment whose goods come back.
    #[schemars(extend("ref" = "shipment"))]
    pub return_shipment: Option<String>,
    /// Its line.
    pub return_line: Option<u32>,
    /// How returned goods are.
    pub condition: Option<Condition>,
    /// Whether returned goods are to be delivered again.
    pub reopens_delivery: Option<bool>,
    /// Policy it is given under.
    #[schemars(extend("ref" = "policy"))]
    pub policy: Option<String>,
}

/// How returned goods are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// As new; they go back on stock.
    Good,
    /// Damaged.
    Damaged,
    /// Not taken back.
    Rejected,
}

/// That goods were looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Inspected {
    /// Who.
    #[schemars(extend("ref" = "person"))]
    pub by: String,
    /// When.
    pub at: Moment,
    /// What came out.
    pub result: Option<String>,
}

impl Shipment {
    /// What sort of shipment it is.
    pub fn sort(&self) -> ShipmentKind {
        self.kind.unwrap_or_default()
    }

    /// The customer or supplier.
    pub fn party(&self) -> Option<&str> {
        self.customer.as_deref().or(self.supplier.as_deref())
    }

    /// The day the goods moved: outward when they left, others when they arrived.
    pub fn moved_on(&self) -> Option<Day> {
        if self.sort().is_outward() { self.shipped_on } else { self.received_on }
    }

    /// The orders it is for, in the order of its lines.
    pub fn orders(&self) -> Vec<&str> {
        let mut orders: Vec<&str> = Vec::new();
        for order in self.line.iter().filter_map(|line| line.order.as_deref()) {
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
        orders
    }
}

impl ShipmentLine {
    /// The quantity that moved, in its unit: what arrived, where that was counted on the way in.
    pub fn moved(&self, sort: ShipmentKind) -> Decimal {
        let counted = self.received_qty.filter(|_| !sort.is_outward());
        counted.unwrap_or(self.qty).get()
    }
}

impl Record for Shipment {
    const KIND: Kind = Kind::Shipment;
    const NOUN: &'static str = "ship";
    const FOLDER: &'static str = "shipments";
    const FORM: Form = Form::Document;
    const PREFIX: &'static str = "SH";
    const SUMMARY: &'static str = "goods that leave, arrive or come back: confirm, send, receive";
    const SUBJECT: Option<&'static str> = Some("customer");
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "date",
        "kind",
        "party_name",
        "state",
        "shipped_on",
        "promised_on",
        "received_on",
        "carrier",
        "waybill",
    ];
    const EXAMPLES: Examples = Examples {
        id: "SH-2609-0001",
        filter: "state:'in transit' promised_on:..today",
        set: "promised_on=2026-09-30",
    };

    fn names(&self) -> Vec<&str> {
        self.waybill.as_deref().into_iter().collect()
    }

    fn days(doc: &Doc<Self>) -> Vec<Day> {
        let rec = &doc.rec;
        [doc.common.date, rec.shipped_on, rec.received_on].into_iter().flatten().collect()
    }
}
