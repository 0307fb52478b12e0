//! Facts: what a document says happened, on which day, with which keys, quantity and amounts.
//!
//! Every figure is a sum of facts. The facts of a document are a pure function of that one document
//! and of the terms it is completed with; they borrow its words and carry its id.

#![deny(clippy::arithmetic_side_effects)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{
    day::Day,
    number::{Decimal, Percent, add, negated},
};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A line was ordered.
    Ordered,
    /// Part of an ordered line was closed: it will not be delivered.
    Closed,
    /// Goods of an order left, or goods from a supplier arrived.
    Shipped,
    /// Goods came back.
    Returned,
    /// A line was invoiced.
    Invoiced,
    /// A line was credited.
    Credited,
    /// Money for an invoiced line came in, or for a supplier's went out.
    Collected,
}

impl What {
    /// Its word in columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Closed => "closed",
            Self::Shipped => "shipped",
            Self::Returned => "returned",
            Self::Invoiced => "invoiced",
            Self::Credited => "credited",
            Self::Collected => "collected",
        }
    }

    /// Whether it takes back what another fact says.
    pub fn takes_back(self) -> bool {
        matches!(self, Self::Closed | Self::Returned | Self::Credited)
    }
}

/// One thing that happened to one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fact<'a> {
    /// What.
    pub what: What,
    /// When.
    pub on: Day,
    /// Id of the document.
    pub id: &'a str,
    /// Line of the document.
    pub line: u32,
    /// Contract and its line.
    pub contract: Option<(&'a str, Option<u32>)>,
    /// Customer or supplier.
    pub party: &'a str,
    /// Product.
    pub product: &'a str,
    /// Owner.
    pub staff: Option<&'a str>,
    /// Shares of the sale: staff and percent points.
    pub team: &'a [Share],
    /// District.
    pub district: Option<&'a str>,
    /// Kind of the document, such as `sale` or `sample`.
    pub kind: &'a str,
    /// Quantity in the product's stock unit; what is taken back is negative.
    pub quantity: Decimal,
    /// Amounts in the document's currency; what is taken back is negative.
    pub amount: Amount,
    /// Currency of the amounts.
    pub currency: &'a str,
    /// Base currency per unit of the document's.
    pub exchange_rate: Decimal,
}

/// A fact as its document alone tells it: which unit its quantity is in may be left open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InUnit<'a> {
    /// The fact, its quantity in `unit`.
    pub fact: Fact<'a>,
    /// The unit, where only its product tells how many stock units it is.
    pub unit: Option<&'a str>,
}

/// Net, tax and gross of one line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Without tax.
    pub net: Decimal,
    /// Tax.
    pub tax: Decimal,
    /// With tax.
    pub gross: Decimal,
}

impl Amount {
    /// The sum of two amounts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            net: add(self.net, other.net),
            tax: add(self.tax, other.tax),
            gross: add(self.gross, other.gross),
        }
    }

    /// The amount with its sign turned.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { net: negated(self.net), tax: negated(self.tax), gross: negated(self.gross) }
    }
}

/// A share of a sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// Who shares.
    #[schemars(extend("ref" = "staff"))]
    pub staff: String,
    /// Share in percent points.
    pub share_pct: Percent,
}
