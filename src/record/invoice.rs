//! Invoices: what is asked for, credited, taken as a deposit, or carried over from before.
//!
//! Without `issued_on` an invoice is a draft: it reserves quantity and owes nothing. Once issued it
//! is frozen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::contract::Side;
use super::{Doc, Examples, Form, Kind, Record, amount::TaxRounding, common::Invoicing};
use crate::value::{
    day::Day,
    number::{Money, Percent, Quantity, Rate},
};

/// An invoice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invoice {
    /// What sort of invoice it is; absent: invoice.
    pub kind: Option<InvoiceKind>,
    /// Whether we sell or buy; absent: sale.
    pub side: Option<Side>,
    /// Customer or supplier.
    #[schemars(extend("ref" = "party"))]
    pub party: String,
    /// Series of official numbers.
    pub series: Option<String>,
    /// Official number, given when it is issued.
    pub number: Option<String>,
    /// Day it was issued.
    pub issued_on: Option<Day>,
    /// Day it is due.
    pub due_on: Option<Day>,
    /// Invoice that this one credits.
    #[schemars(extend("ref" = "invoice"))]
    pub against_invoice: Option<String>,
    /// Why it is credited.
    pub credit_reason: Option<String>,
    /// Whether its prices include tax.
    pub prices_include_tax: Option<bool>,
    /// Where the tax of prices without tax is rounded; absent: as desk.toml says.
    pub tax_rounding: Option<TaxRounding>,
    /// What stands on it of the buyer.
    pub buyer: Option<Invoicing>,
    /// What the printed paper says.
    pub stated: Option<Stated>,
    /// What is invoiced.
    #[serde(default)]
    pub line: Vec<InvoiceLine>,
    /// When its money falls due, where not at once.
    #[serde(default)]
    pub instalment: Vec<InvoiceInstalment>,
}

/// What sort of invoice it is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    /// An ordinary one.
    #[default]
    Invoice,
    /// Takes back an invoice, in part or whole; its quantities and amounts are positive.
    Credit,
    /// Asks for money before anything is delivered.
    Deposit,
    /// A paper for the customer that never counts.
    Proforma,
    /// What was open before this book began.
    Opening,
}

impl InvoiceKind {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Credit => "credit",
            Self::Deposit => "deposit",
            Self::Proforma => "proforma",
            Self::Opening => "opening",
        }
    }
}

/// What the printed paper says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stated {
    /// Without tax.
    pub net: Money,
    /// Tax.
    pub tax: Money,
    /// With tax.
    pub total: Money,
}

/// A line of an invoice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceLine {
    /// Number, unique in the invoice, never re-used.
    pub no: u32,
    /// Order.
    #[schemars(extend("ref" = "order"))]
    pub order: Option<String>,
    /// Its line.
    pub order_line: Option<u32>,
    /// Shipment.
    #[schemars(extend("ref" = "shipment"))]
    pub shipment: Option<String>,
    /// Its line.
    pub shipment_line: Option<u32>,
    /// Contract.
    #[schemars(extend("ref" = "contract"))]
    pub contract: Option<String>,
    /// Its line.
    pub contract_line: Option<u32>,
    /// Line of the invoice that is credited.
    pub against_line: Option<u32>,
    /// What the line is for; absent: item.
    pub kind: Option<LineKind>,
    /// Product.
    #[schemars(extend("ref" = "product"))]
    pub product: Option<String>,
    /// What stands on the paper instead of a product.
    pub text: Option<String>,
    /// Quantity in its unit.
    pub qty: Quantity,
    /// Unit; absent: the stock unit.
    pub unit: Option<String>,
    /// Stock units in one unit; absent: 1, or the product's packing.
    pub unit_factor: Option<Quantity>,
    /// Price of one unit.
    pub price: Money,
    /// Discount in percent points.
    pub discount_pct: Option<Percent>,
    /// Discount of the whole line, as an amount.
    pub discount_amount: Option<Money>,
    /// Tax rate as a fraction; absent: the product's.
    pub tax_rate: Option<Rate>,
    /// Policy it follows.
    #[schemars(extend("ref" = "policy"))]
    pub policy: Option<String>,
    /// Whether what is credited is to be invoiced again.
    pub reopens_billing: Option<bool>,
}

/// What a line of an invoice is for.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Goods.
    #[default]
    Item,
    /// A service.
    Service,
    /// A change of price: moves money, never quantity.
    PriceAdjustment,
    /// Freight.
    Freight,
    /// A rebate.
    Rebate,
    /// A deposit.
    Deposit,
}

impl LineKind {
    /// Whether a line of this kind moves quantity.
    pub fn moves_quantity(self) -> bool {
        matches!(self, Self::Item | Self::Service)
    }

    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Service => "service",
            Self::PriceAdjustment => "price_adjustment",
            Self::Freight => "freight",
            Self::Rebate => "rebate",
            Self::Deposit => "deposit",
        }
    }
}

/// A part of an invoice's money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceInstalment {
    /// Number, unique in the invoice.
    pub no: u32,
    /// Day it is due.
    pub due_on: Option<Day>,
    /// Amount in the invoice's currency.
    pub amount: Money,
    /// Instalment of the contract it belongs to.
    pub contract_instalment: Option<u32>,
}

impl Invoice {
    /// What sort of invoice it is.
    pub fn sort(&self) -> InvoiceKind {
        self.kind.unwrap_or_default()
    }

    /// Whether we sell or buy.
    pub fn is_sale(&self) -> bool {
        self.side.unwrap_or_default() == Side::Sale
    }

    /// The orders it is for, in the order of its lines.
    pub fn orders(&self) -> Vec<&str> {
        each_once(self.line.iter().filter_map(|line| line.order.as_deref()))
    }

    /// The contracts it is for, in the order of its lines.
    pub fn contracts(&self) -> Vec<&str> {
        each_once(self.line.iter().filter_map(|line| line.contract.as_deref()))
    }
}

impl Invoice {
    /// The line of this invoice that a line of a credit takes back: the one that it names, else the
    /// only one of its shipment line, of its order line, or of its goods; nothing where several may
    /// be meant.
    pub fn credited_line(&self, credit: &InvoiceLine) -> Option<&InvoiceLine> {
        if let Some(no) = credit.against_line {
            return self.line.iter().find(|line| line.no == no);
        }
        let only = |is_meant: &dyn Fn(&InvoiceLine) -> bool| {
            let mut meant = self.line.iter().filter(|line| is_meant(line));
            meant.next().filter(|_| meant.next().is_none())
        };
        let shipped = |line: &InvoiceLine| {
            line.shipment.is_some()
                && line.shipment == credit.shipment
                && line.shipment_line == credit.shipment_line
        };
        let ordered = |line: &InvoiceLine| {
            line.order.is_some()
                && line.order == credit.order
                && line.order_line == credit.order_line
        };
        let same = |line: &InvoiceLine| line.product == credit.product && line.text == credit.text;
        only(&shipped).or_else(|| only(&ordered)).or_else(|| only(&same))
    }
}

fn each_once<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut once: Vec<&str> = Vec::new();
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    once
}

impl InvoiceLine {
    /// What the line is for.
    pub fn sort(&self) -> LineKind {
        self.kind.unwrap_or_default()
    }
}

impl Record for Invoice {
    const KIND: Kind = Kind::Invoice;
    const NOUN: &'static str = "invoice";
    const FOLDER: &'static str = "invoices";
    const FORM: Form = Form::Document;
    const PREFIX: &'static str = "IN";
    const SUMMARY: &'static str = "what is asked for: check against orders, issue, credit";
    const SUBJECT: Option<&'static str> = Some("party");
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "date",
        "kind",
        "party",
        "party_name",
        "number",
        "issued_on",
        "due_on",
        "state",
        "gross",
        "open",
    ];
    const EXAMPLES: Examples = Examples {
        id: "IN-2609-0004",
        filter: "state:issued open:0.01.. due_on:..today",
        set: "remarks=随货同行",
    };

    fn names(&self) -> Vec<&str> {
        self.number.as_deref().into_iter().collect()
    }

    fn days(doc: &Doc<Self>) -> Vec<Day> {
        [doc.common.date, doc.rec.issued_on].into_iter().flatten().collect()
    }
}
