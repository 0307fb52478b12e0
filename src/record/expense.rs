//! Expenses: asked for before they arise, claimed against evidence afterwards.
//!
//! One document holds both: what was applied for and approved, then each receipt and day with what
//! was accepted of it. Money paid for it is a payment with an allocation, never a field here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Doc, Examples, Form, Kind, Record};
use crate::value::{
    day::Day,
    number::{Decimal, Money, Rate},
};

/// An expense.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expense {
    /// Who spends it and is paid back.
    #[schemars(extend("ref" = "staff"))]
    pub claimant: String,
    /// What sort of expense it is.
    pub kind: ExpenseKind,
    /// What it is for.
    pub purpose: Option<String>,
    /// Customer it is for.
    #[schemars(extend("ref" = "customer"))]
    pub customer: Option<String>,
    /// Policy it follows.
    #[schemars(extend("ref" = "policy"))]
    pub policy: Option<String>,
    /// Bid it is for.
    #[schemars(extend("ref" = "bid"))]
    pub bid: Option<String>,
    /// First day.
    pub starts_on: Option<Day>,
    /// Last day.
    pub ends_on: Option<Day>,
    /// Channel that it promotes.
    #[schemars(extend("list" = "channels"))]
    pub channel: Option<String>,
    /// Sales that are expected of it.
    pub expected_sales: Option<Money>,
    /// Money asked for in advance.
    pub advance_requested: Option<Money>,
    /// What is applied for.
    #[serde(default)]
    pub applied: Vec<Applied>,
    /// What was spent, a receipt each.
    #[serde(default)]
    pub claim: Vec<Claim>,
    /// Days that allowances are for.
    #[serde(default)]
    pub day: Vec<TravelDay>,
    /// Day its papers were filed.
    pub filed_on: Option<Day>,
    /// What came of it.
    pub evaluation: Option<String>,
}

/// What sort of expense it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ExpenseKind {
    /// A journey.
    Travel,
    /// A meal with guests.
    Meal,
    /// Other entertainment of guests.
    Entertainment,
    /// A promotion.
    Promotion,
    /// A display in a shop or at a fair.
    Display,
    /// A courier.
    Courier,
    /// Printing.
    Printing,
    /// Samples bought or sent.
    Sample,
    /// Anything else.
    Other,
}

impl ExpenseKind {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Travel => "travel",
            Self::Meal => "meal",
            Self::Entertainment => "entertainment",
            Self::Promotion => "promotion",
            Self::Display => "display",
            Self::Courier => "courier",
            Self::Printing => "printing",
            Self::Sample => "sample",
            Self::Other => "other",
        }
    }

    /// Whether what came of it is written down before it is filed.
    pub fn is_evaluated(self) -> bool {
        matches!(self, Self::Promotion | Self::Display)
    }
}

/// A line of what is applied for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Applied {
    /// Number, unique in the expense, never re-used.
    pub no: u32,
    /// What it is spent on, one of the expense_categories in desk.toml.
    #[schemars(extend("list" = "expense_categories"))]
    pub category: String,
    /// Amount in base currency.
    pub amount: Money,
    /// What was approved of it; absent: all.
    pub approved: Option<Money>,
    /// Anything worth saying of it.
    pub text: Option<String>,
}

/// A line of what was spent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Number, unique in the expense, never re-used.
    pub no: u32,
    /// Line of `applied` that it was approved as; absent: the only one of its category.
    pub applied: Option<u32>,
    /// Day it was spent.
    pub on: Day,
    /// Place.
    pub place: Option<String>,
    /// Level of its city, for caps.
    #[schemars(extend("list" = "city_levels"))]
    pub city_level: Option<String>,
    /// What it was spent on, one of the expense_categories in desk.toml.
    #[schemars(extend("list" = "expense_categories"))]
    pub category: String,
    /// Nights of lodging.
    pub nights: Option<u32>,
    /// Who was entertained.
    #[serde(default)]
    pub guests: Vec<String>,
    /// Who of ours was the host.
    #[schemars(extend("ref" = "person"))]
    pub host: Option<String>,
    /// Amount with tax, in its own currency.
    pub amount: Money,
    /// Currency of the receipt; absent: the company's.
    pub currency: Option<String>,
    /// Base currency per unit of the receipt's.
    pub exchange_rate: Option<Rate>,
    /// Tax in the amount, in its own currency.
    pub tax_amount: Option<Money>,
    /// Number on the receipt.
    pub receipt_no: Option<String>,
    /// What is accepted of the amount, in its own currency; absent: all.
    pub sanctioned: Option<Money>,
}

/// A day that allowances are for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TravelDay {
    /// The day.
    pub on: Day,
    /// Level of the city.
    #[schemars(extend("list" = "city_levels"))]
    pub city_level: Option<String>,
    /// Meals of that day that others paid, 0 to 3.
    pub meals_provided: Option<u32>,
}

/// The category of nights in a hotel, which caps are for.
pub const LODGING: &str = "lodging";

/// Categories of what is spent on guests.
const OF_GUESTS: [&str; 2] = ["meal", "entertainment"];

impl Applied {
    /// What may be claimed of it once it is approved.
    pub fn granted(&self) -> Decimal {
        self.approved.unwrap_or(self.amount).get()
    }
}

impl Claim {
    /// What is accepted of it, in its own currency.
    pub fn accepted(&self) -> Decimal {
        self.sanctioned.unwrap_or(self.amount).get()
    }

    /// Whether it was spent on guests.
    pub fn is_of_guests(&self) -> bool {
        OF_GUESTS.contains(&self.category.as_str())
    }
}

impl Expense {
    /// The line of what was applied for that a category belongs to: the one that is named, else the
    /// only one of that category.
    pub fn applied_for(&self, no: Option<u32>, category: &str) -> Option<&Applied> {
        if let Some(no) = no {
            return self.applied.iter().find(|line| line.no == no);
        }
        let mut own = self.applied.iter().filter(|line| line.category == category);
        own.next().filter(|_| own.next().is_none())
    }

    /// Whether anything was claimed.
    pub fn is_claimed(&self) -> bool {
        !self.claim.is_empty() || !self.day.is_empty()
    }
}

impl Doc<Expense> {
    /// The day it begins; of one that says none, the day it was entered.
    pub fn begins(&self) -> Option<Day> {
        self.rec.starts_on.or(self.common.date)
    }

    /// The day it is over.
    pub fn ends(&self) -> Option<Day> {
        self.rec.ends_on.or(self.begins())
    }
}

impl Record for Expense {
    const KIND: Kind = Kind::Expense;
    const NOUN: &'static str = "expense";
    const FOLDER: &'static str = "expenses";
    const FORM: Form = Form::Document;
    const PREFIX: &'static str = "EX";
    const SUMMARY: &'static str =
        "what is spent: apply, review, approve, claim with receipts, pay, account";
    const SUBJECT: Option<&'static str> = Some("claimant");
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "date",
        "claimant",
        "kind",
        "purpose",
        "starts_on",
        "stage",
        "approved_amount",
        "accepted",
        "paid",
        "to_pay",
    ];
    const EXAMPLES: Examples =
        Examples {
            id: "EX-2609-0005", filter: "stage:'to claim'", set: "remarks=随附会议通知"
        };

    fn names(&self) -> Vec<&str> {
        self.purpose.as_deref().into_iter().collect()
    }

    fn days(doc: &Doc<Self>) -> Vec<Day> {
        let of = [doc.common.date, doc.rec.starts_on, doc.rec.ends_on].into_iter().flatten();
        let spent = doc.rec.claim.iter().map(|line| line.on);
        of.chain(spent).chain(doc.rec.day.iter().map(|day| day.on)).collect()
    }
}
