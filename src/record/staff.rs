//! Staff: who owns, types, reviews and approves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Examples, Form, Kind, Record};
use crate::value::{day::Day, number::Money};

/// A member of staff.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Staff {
    /// Name.
    pub name: String,
    /// What they do here.
    pub role: Option<Role>,
    /// Their superior.
    #[schemars(extend("ref" = "staff"))]
    pub manager: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Grade for caps and allowances.
    pub grade: Option<String>,
    /// Commission scheme.
    pub scheme: Option<String>,
    /// First day.
    pub joined_on: Option<Day>,
    /// Last day.
    pub left_on: Option<Day>,
    /// Pay; confidential.
    pub pay: Option<Pay>,
}

/// Fixed pay of a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pay {
    /// Base pay.
    pub base: Option<Money>,
    /// Post pay.
    pub post: Option<Money>,
}

/// What someone does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sells.
    Sales,
    /// Leads.
    Manager,
    /// Runs the desk.
    Admin,
    /// Keeps the books.
    Finance,
    /// Leads the company.
    GeneralManager,
    /// Anything else.
    Other,
}

impl Role {
    /// Its word in files and in desk.toml.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Manager => "manager",
            Self::Admin => "admin",
            Self::Finance => "finance",
            Self::GeneralManager => "general_manager",
            Self::Other => "other",
        }
    }
}

impl Record for Staff {
    const KIND: Kind = Kind::Staff;
    const NOUN: &'static str = "staff";
    const FOLDER: &'static str = "staff";
    const FORM: Form = Form::Master;
    const SUMMARY: &'static str = "who sells, types, reviews and approves";
    const CONFIDENTIAL: &'static [&'static str] = &["pay"];
    const COLUMNS: &'static [&'static str] =
        &["id", "name", "role", "district", "manager", "email", "joined_on", "left_on"];
    const EXAMPLES: Examples =
        Examples { id: "li-min", filter: "role:sales", set: "district=north" };

    fn names(&self) -> Vec<&str> {
        vec![&self.name]
    }
}
