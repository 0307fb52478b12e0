//! Orders: what a customer ordered, at which price, and what became of it.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Doc, Examples, Form, Kind, Record,
    amount::{self, Amount, Basis, Priced},
    common::Share,
};
use crate::{
    fact::{Fact, What},
    value::{
        day::{Day, Moment},
        number::{Decimal, Money, Percent, Quantity, Rate, add, product, sub},
    },
};

/// An order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// Who ordered.
    #[schemars(extend("ref" = "customer"))]
    pub customer: String,
    /// Contract it is called off from.
    #[schemars(extend("ref" = "contract"))]
    pub contract: Option<String>,
    /// The customer's own order number.
    pub customer_po: Option<String>,
    /// What sort of order it is; absent: sale.
    pub kind: Option<OrderKind>,
    /// True while only offered.
    pub quote: Option<bool>,
    /// Last day an offer holds.
    pub valid_to: Option<Day>,
    /// Day it was ordered; absent: its date.
    pub ordered_on: Option<Day>,
    /// Day the customer wants the goods.
    pub requested_on: Option<Day>,
    /// Day the goods are promised.
    pub promised_on: Option<Day>,
    /// Where the goods go.
    pub ship_to: Option<String>,
    /// How the goods go.
    pub delivery_method: Option<String>,
    /// Terms of payment in words.
    pub payment_terms: Option<String>,
    /// Days to pay.
    pub credit_days: Option<u32>,
    /// Whether its prices include tax.
    pub prices_include_tax: Option<bool>,
    /// Policies it was made under.
    #[serde(default)]
    #[schemars(extend("ref" = "policy"))]
    pub policies: Vec<String>,
    /// Times it was on hold.
    #[serde(default)]
    pub hold: Vec<Hold>,
    /// What was ordered.
    #[serde(default)]
    pub line: Vec<OrderLine>,
    /// Quantities that will not be delivered any more.
    #[serde(default)]
    pub closure: Vec<Closure>,
}

/// What sort of order it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// Goods against money.
    #[default]
    Sale,
    /// Goods to try.
    Sample,
    /// Goods to give.
    Gift,
    /// Anything else.
    Other,
}

/// A time on hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hold {
    /// Since when.
    pub at: Moment,
    /// Who put it on hold.
    #[schemars(extend("ref" = "person"))]
    pub by: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub released_at: Option<Moment>,
    /// Who released it.
    #[schemars(extend("ref" = "person"))]
    pub released_by: Option<String>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrderLine {
    /// Number, unique in the order, never re-used.
    pub no: u32,
    /// Product.
    #[schemars(extend("ref" = "product"))]
    pub product: String,
    /// Quantity in its unit.
    pub qty: Quantity,
    /// Unit; absent: the stock unit.
    pub unit: Option<String>,
    /// Stock units in one unit; absent: 1, or the product's packing.
    pub unit_factor: Option<Quantity>,
    /// Price of one unit; absent: the list price.
    pub price: Option<Money>,
    /// Discount in percent points.
    pub discount_pct: Option<Percent>,
    /// Discount of the whole line, as an amount.
    pub discount_amount: Option<Money>,
    /// Tax rate as a fraction; absent: the product's.
    pub tax_rate: Option<Rate>,
    /// Line of the contract.
    pub contract_line: Option<u32>,
    /// Day this line is promised.
    pub promised_on: Option<Day>,
    /// Why it is free; such a line is not billable.
    pub free_reason: Option<FreeReason>,
    /// Policy it is free or reduced under.
    #[schemars(extend("ref" = "policy"))]
    pub policy: Option<String>,
    /// Line whose quantity a free line follows.
    pub source_line: Option<u32>,
    /// Whether it is delivered; absent: unless its product is a service.
    pub deliverable: Option<bool>,
    /// Whether it is billed; absent: unless it is free.
    pub billable: Option<bool>,
}

/// Why a line is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FreeReason {
    /// Given.
    Gift,
    /// To try.
    Sample,
    /// Under a policy.
    Policy,
}

impl FreeReason {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gift => "gift",
            Self::Sample => "sample",
            Self::Policy => "policy",
        }
    }
}

/// A quantity that will not be delivered any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Closure {
    /// Line.
    pub line: u32,
    /// Quantity in the line's unit.
    pub qty: Quantity,
    /// When.
    pub at: Moment,
    /// Who closed it.
    #[schemars(extend("ref" = "person"))]
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Order {
    /// The hold that is not released yet.
    pub fn open_hold(&self) -> Option<&Hold> {
        self.hold.iter().rev().find(|hold| hold.released_at.is_none())
    }

    /// Whether it is only offered.
    pub fn is_quote(&self) -> bool {
        self.quote == Some(true)
    }
}

/// What an order is worked out with: its own words, or those of the masters where it leaves them
/// out.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms<'a> {
    /// Owner.
    pub staff: Option<&'a str>,
    /// Shares of the sale.
    pub team: &'a [Share],
    /// District.
    pub district: Option<&'a str>,
    /// How amounts are worked out.
    pub basis: Basis,
    /// Currency of its amounts.
    pub currency: &'a str,
    /// Base currency per unit of the order's.
    pub exchange_rate: Decimal,
    /// The company's time zone, which decides on which day a line was closed.
    pub zone: Tz,
    /// Each line, in the order of the document.
    pub lines: Vec<LineTerms>,
}

/// What a line is worked out with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineTerms {
    /// Quantity, price, discounts and tax rate.
    pub priced: Priced,
    /// Stock units in one unit.
    pub factor: Decimal,
}

impl Doc<Order> {
    /// The day it was ordered.
    pub fn ordered_on(&self) -> Option<Day> {
        self.rec.ordered_on.or(self.common.date)
    }

    /// What it says was ordered and closed; nothing where a figure cannot be held exactly.
    ///
    /// A line that is not billable has a quantity and no amount. Closures take back their part of
    /// the line at their own day, worked out cumulatively so that a line closed in parts is taken
    /// back to the cent.
    pub fn facts<'a>(&'a self, terms: &Terms<'a>) -> Option<Vec<Fact<'a>>> {
        let on = self.ordered_on()?;
        let amounts = self.amounts(terms)?;
        let mut facts = Vec::with_capacity(self.rec.line.len());
        for ((line, priced), amount) in self.rec.line.iter().zip(&terms.lines).zip(amounts) {
            let ordered = Fact {
                what: What::Ordered,
                on,
                id: self.id(),
                line: line.no,
                contract: self.rec.contract.as_deref().map(|id| (id, line.contract_line)),
                party: &self.rec.customer,
                product: &line.product,
                staff: terms.staff,
                team: terms.team,
                district: terms.district,
                kind: self.rec.kind.unwrap_or_default().name(),
                quantity: product(line.qty.get(), priced.factor)?,
                amount,
                currency: terms.currency,
                exchange_rate: terms.exchange_rate,
            };
            facts.push(ordered);
            self.close(ordered, line, priced.factor, terms, &mut facts)?;
        }
        Some(facts)
    }

    /// The amounts of the lines; one that is not billed comes to nothing and takes no part in
    /// rounding.
    fn amounts(&self, terms: &Terms<'_>) -> Option<Vec<Amount>> {
        let priced =
            self.rec.line.iter().zip(&terms.lines).map(|(line, found)| match line.is_billable() {
                true => found.priced,
                false => Priced::default(),
            });
        amount::amounts(&priced.collect::<Vec<_>>(), terms.basis)
    }

    fn close<'a>(
        &'a self,
        ordered: Fact<'a>,
        line: &OrderLine,
        factor: Decimal,
        terms: &Terms<'a>,
        facts: &mut Vec<Fact<'a>>,
    ) -> Option<()> {
        let (mut qty, mut taken) = (Decimal::ZERO, Amount::default());
        for closure in self.rec.closure.iter().filter(|closure| closure.line == line.no) {
            qty = add(qty, closure.qty.get());
            let so_far = amount::part(ordered.amount, qty, line.qty.get(), terms.basis.decimals)?;
            facts.push(Fact {
                what: What::Closed,
                on: closure.at.day_in(terms.zone),
                quantity: -product(closure.qty.get(), factor)?,
                amount: so_far.plus(taken.negated()).negated(),
                ..ordered
            });
            taken = so_far;
        }
        Some(())
    }
}

impl OrderKind {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Sample => "sample",
            Self::Gift => "gift",
            Self::Other => "other",
        }
    }
}

impl OrderLine {
    /// What closures leave of its quantity, in its own unit, by a day.
    pub fn open_qty(&self, closures: &[Closure], as_of: Day, zone: Tz) -> Decimal {
        let of_line =
            |closure: &&Closure| closure.line == self.no && closure.at.day_in(zone) <= as_of;
        let closed = closures.iter().filter(of_line).map(|closure| closure.qty.get());
        closed.fold(self.qty.get(), sub)
    }

    /// Whether it is billed: unless it is free, or says otherwise itself.
    pub fn is_billable(&self) -> bool {
        self.billable.unwrap_or(self.free_reason.is_none())
    }
}

impl Record for Order {
    const KIND: Kind = Kind::Order;
    const NOUN: &'static str = "order";
    const FOLDER: &'static str = "orders";
    const FORM: Form = Form::Document;
    const PREFIX: &'static str = "SO";
    const SUMMARY: &'static str = "what a customer ordered: take, review, hold, close";
    const SUBJECT: Option<&'static str> = Some("customer");
    const COLUMNS: &'static [&'static str] =
        &["id", "date", "customer", "customer_name", "staff", "stage", "gross", "promised_on"];
    const EXAMPLES: Examples = Examples {
        id: "SO-2609-0012",
        filter: "stage:'awaiting review' gross:5000..",
        set: "promised_on=2026-09-30",
    };

    fn names(&self) -> Vec<&str> {
        self.customer_po.as_deref().into_iter().collect()
    }

    fn days(doc: &Doc<Self>) -> Vec<Day> {
        // The company's zone is not known here: its day is the moment's own, or one beside it.
        let around = |day: Day| [day.0.pred_opt(), Some(day.0), day.0.succ_opt()];
        let closed = doc.rec.closure.iter().flat_map(|closure| around(closure.at.day()));
        doc.ordered_on().into_iter().chain(closed.flatten().map(Day)).collect()
    }
}
