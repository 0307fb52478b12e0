//! The fields every record may have, and the small tables that several kinds share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::fact::Share;
use crate::value::{
    day::{Day, Moment},
    number::{Decimal, Quantity, Rate, negated},
};

/// Fields common to every master and document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Common {
    /// Id of a document, code of a master; the file's name.
    pub id: String,
    /// Day it was entered as a document; lies in the id's month.
    pub date: Option<Day>,
    /// Who typed it.
    #[schemars(extend("ref" = "person"))]
    pub entered_by: Option<String>,
    /// When it was typed, to the millisecond.
    pub entered_at: Option<Moment>,
    /// Owner: the salesperson it belongs to.
    #[schemars(extend("ref" = "staff"))]
    pub staff: Option<String>,
    /// Shares of a sale between several owners.
    #[serde(default)]
    pub team: Vec<Share>,
    /// District, one of those in desk.toml.
    #[schemars(extend("list" = "districts"))]
    pub district: Option<String>,
    /// Currency code; absent: the company's.
    pub currency: Option<String>,
    /// Base currency per unit of the document's currency.
    pub exchange_rate: Option<Rate>,
    /// Anything worth saying.
    pub remarks: Option<String>,
    /// Paths of files that belong to it.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// Set when it no longer holds; it then counts for nothing, at no date.
    pub void: Option<Void>,
    /// Decisions on it; the last row of a step counts.
    #[serde(default)]
    pub approval: Vec<Approval>,
    /// Rules that someone allowed to be passed over.
    #[serde(default, rename = "override")]
    pub overrides: Vec<Override>,
    /// Changes after approval, each with its reason.
    #[serde(default)]
    pub revision: Vec<Revision>,
}

impl Common {
    /// Whether who decided, in a row of `approval`, wrote what was decided on.
    pub fn is_own_work(&self, at: usize) -> bool {
        let (before, decided) = self.approval.split_at(at);
        let Some(decided) = decided.first() else { return false };
        self.wrote(&decided.by, &decided.step, before, Some(decided.at))
    }

    /// Whether someone who decides on a step now would decide on their own work.
    pub fn would_be_own_work(&self, staff: &str, step: &str) -> bool {
        self.wrote(staff, step, &self.approval, None)
    }

    /// Whether someone typed the record, or changed it since someone else approved that step.
    fn wrote(&self, staff: &str, step: &str, before: &[Approval], until: Option<Moment>) -> bool {
        let is_by_then = |at: Moment| until.is_none_or(|until| at.0 <= until.0);
        let by_another = |row: &&Approval| {
            let is_yes = row.step == step && row.decision == Decision::Approved;
            is_yes && row.by != staff && is_by_then(row.at)
        };
        let last = before.iter().rfind(by_another);
        let is_own = |revision: &Revision| {
            let is_later = last.is_none_or(|last| revision.at.0 >= last.at.0);
            revision.by == staff && is_by_then(revision.at) && is_later
        };
        self.entered_by.as_deref() == Some(staff) || self.revision.iter().any(is_own)
    }
}

/// That a record no longer holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Void {
    /// When it was voided.
    pub at: Moment,
    /// Who voided it.
    #[schemars(extend("ref" = "person"))]
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The decision of one approval step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// Step of the kind's path, such as `review`.
    pub step: String,
    /// What was decided.
    pub decision: Decision,
    /// Who decided.
    #[schemars(extend("ref" = "person"))]
    pub by: String,
    /// When.
    pub at: Moment,
    /// Reason, asked for where a rule was passed over or the decision is no.
    pub comment: Option<String>,
    /// Digest of the fields that were decided on.
    pub of: Option<String>,
}

/// The verb that decides a step: an expense has two of each.
pub fn verb_of(step: &str) -> &str {
    match step {
        "application_review" | "settlement_review" => "review",
        "application_approval" | "settlement_approval" => "approve",
        step => step,
    }
}

impl Approval {
    /// Whether it writes down that an invoice was issued: an act, which its author may do, and no
    /// decision on someone's work.
    pub fn is_issue(&self) -> bool {
        self.step == "issue"
    }

    /// The verb that decides its step.
    pub fn verb(&self) -> &str {
        verb_of(&self.step)
    }

    /// Whether it writes down what was signed of a contract: an act, too.
    pub fn is_sign(&self) -> bool {
        self.step == "sign"
    }
}

/// What an approval step decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Yes.
    Approved,
    /// No.
    Rejected,
}

/// A rule that someone allowed to be passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Override {
    /// Code of the rule.
    pub rule: String,
    /// Who allowed it.
    #[schemars(extend("ref" = "person"))]
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: Option<String>,
    /// Last day it holds.
    pub until: Option<Day>,
    /// Digest of what it was given for; something else does not pass by it.
    pub of: Option<String>,
}

/// A change after approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// When.
    pub at: Moment,
    /// Who.
    #[schemars(extend("ref" = "person"))]
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Someone at a party.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// Name.
    pub name: String,
    /// What they do there.
    pub role: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Number of the identity paper.
    pub id_number: Option<String>,
    /// Day the identity was verified.
    pub verified_on: Option<Day>,
}

/// An address of a party.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Address {
    /// What it is for: `delivery`, `office` …
    pub kind: Option<String>,
    /// Region for carriers' tariffs.
    pub region: Option<String>,
    /// The address as written on a parcel.
    pub text: Option<String>,
}

/// What stands on a party's invoices.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invoicing {
    /// Registered name.
    pub title: Option<String>,
    /// Tax number.
    pub tax_id: Option<String>,
    /// Bank.
    pub bank: Option<String>,
    /// Bank account.
    pub account: Option<String>,
    /// Registered address and telephone.
    pub address: Option<String>,
}

/// A licence or paper of a party.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Licence {
    /// Kind of paper, such as `drug_business` or `authority`.
    pub kind: String,
    /// Its number.
    pub number: Option<String>,
    /// What it covers.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// First day.
    pub issued_on: Option<Day>,
    /// Last day.
    pub expires_on: Option<Day>,
    /// Path of the scanned paper.
    pub document: Option<String>,
    /// Who saw the original.
    #[schemars(extend("ref" = "person"))]
    pub verified_by: Option<String>,
    /// Day the original was seen.
    pub verified_on: Option<Day>,
}

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From them to us.
    In,
    /// From us to them.
    Out,
}

impl Direction {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }

    /// An amount as it changes what we have: above zero when it came in.
    pub fn signed(self, amount: Decimal) -> Decimal {
        match self {
            Self::In => amount,
            Self::Out => negated(amount),
        }
    }
}

/// Where a customer or supplier stands with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Heard of.
    Lead,
    /// Spoken to.
    Prospect,
    /// Trading.
    Active,
    /// Not trading for long.
    Dormant,
    /// Not to be traded with.
    Blocked,
}

impl Stage {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Prospect => "prospect",
            Self::Active => "active",
            Self::Dormant => "dormant",
            Self::Blocked => "blocked",
        }
    }
}

/// How good a customer or supplier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Grade {
    /// Best.
    A,
    /// Good.
    B,
    /// Other.
    C,
}

impl Grade {
    /// Its word in files, columns and desk.toml.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

/// What a credit limit counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditStage {
    /// From the order on.
    Order,
    /// From the shipment on.
    Shipment,
}

/// Another unit a product is sold in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Packing {
    /// Unit, such as `box`.
    pub unit: String,
    /// Stock units in one of it.
    pub factor: Quantity,
}

/// The step that decided last, if any did.
pub fn decision<'a>(approvals: &'a [Approval], step: &str) -> Option<&'a Approval> {
    approvals.iter().rev().find(|approval| approval.step == step)
}
