//! Contacts: every call, visit or message with a party or an unknown caller.
//!
//! A complaint is open until a row that replies to it has an outcome.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Examples, Form, Kind, Record, common::Direction};
use crate::value::{day::Day, number::Money};

/// A contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    /// Time of day, such as 14:30.
    pub time: Option<TimeOfDay>,
    /// Customer, supplier or member of staff; blank: an unknown caller.
    #[schemars(extend("ref" = "party"))]
    pub party: Option<String>,
    /// Who it was with.
    pub person: Option<String>,
    /// How.
    pub channel: Option<Channel>,
    /// Who turned to whom: in, they to us; out, we to them.
    pub direction: Option<Direction>,
    /// What it was about.
    pub topic: Topic,
    /// The record it was about.
    #[schemars(extend("ref" = "any"))]
    pub about: Option<String>,
    /// What was said.
    pub summary: Option<String>,
    /// How their business goes.
    pub business_state: Option<String>,
    /// What they have in stock.
    pub inventory: Option<String>,
    /// What they need.
    pub demand: Option<String>,
    /// How bad it is.
    pub severity: Option<String>,
    /// Who sees to it.
    #[schemars(extend("ref" = "staff"))]
    pub owner: Option<String>,
    /// Last day for it.
    pub due_on: Option<Day>,
    /// Day that payment or an answer was promised for.
    pub promised_on: Option<Day>,
    /// Amount that was promised.
    pub promised_amount: Option<Money>,
    /// Contact that this one answers.
    #[schemars(extend("ref" = "contact"))]
    pub reply_to: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
    /// Day of the next contact.
    pub next_on: Option<Day>,
}

/// How one turned to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Telephone.
    Phone,
    /// Visit.
    Visit,
    /// Letter or e-mail.
    Mail,
    /// Short message.
    Message,
    /// Meeting.
    Meeting,
    /// Anything else.
    Other,
}

/// What a contact was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Keeping in touch.
    FollowUp,
    /// A question.
    Enquiry,
    /// A complaint.
    Complaint,
    /// What they think.
    Feedback,
    /// Money that is due.
    Dunning,
    /// Terms and prices.
    Negotiation,
    /// Finding new customers.
    Recruiting,
    /// Help with goods.
    Service,
    /// Anything else.
    Other,
}

impl Channel {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Visit => "visit",
            Self::Mail => "mail",
            Self::Message => "message",
            Self::Meeting => "meeting",
            Self::Other => "other",
        }
    }
}

impl Topic {
    /// Its word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::FollowUp => "follow_up",
            Self::Enquiry => "enquiry",
            Self::Complaint => "complaint",
            Self::Feedback => "feedback",
            Self::Dunning => "dunning",
            Self::Negotiation => "negotiation",
            Self::Recruiting => "recruiting",
            Self::Service => "service",
            Self::Other => "other",
        }
    }
}

/// A time of day to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
}

impl FromStr for TimeOfDay {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let two = |part: &str, limit: u8| {
            let is_plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|number| is_plain && *number < limit)
        };
        let time = text.split_once(':').and_then(|(hour, minute)| {
            Some(Self { hour: two(hour, 24)?, minute: two(minute, 60)? })
        });
        time.ok_or_else(|| format!("\"{text}\" is not a time such as 09:30"))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for TimeOfDay {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "time".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

impl Record for Contact {
    const KIND: Kind = Kind::Contact;
    const NOUN: &'static str = "contact";
    const FOLDER: &'static str = "contacts";
    const FORM: Form = Form::Register;
    const PREFIX: &'static str = "CA";
    const SUMMARY: &'static str = "calls, visits and messages, complaints among them";
    const SUBJECT: Option<&'static str> = Some("party");
    const CELLS: &'static [&'static str] = &[
        "id",
        "date",
        "time",
        "party",
        "person",
        "staff",
        "channel",
        "direction",
        "topic",
        "about",
        "summary",
        "business_state",
        "inventory",
        "demand",
        "severity",
        "owner",
        "due_on",
        "promised_on",
        "promised_amount",
        "reply_to",
        "outcome",
        "next_on",
    ];
    const COLUMNS: &'static [&'static str] =
        &["id", "date", "party", "party_name", "staff", "channel", "topic", "summary", "next_on"];
    const EXAMPLES: Examples =
        Examples { id: "CA-2609-0004", filter: "topic:complaint", set: "next_on=2026-09-30" };

    fn names(&self) -> Vec<&str> {
        self.person.as_deref().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        for text in ["00:00", "09:30", "23:59"] {
            assert_eq!(text.parse::<TimeOfDay>().map(|time| time.to_string()), Ok(text.into()));
        }
        for text in ["", "9:30", "24:00", "12:60", "12:5", "+1:30", "12:30:00", "１２:30"] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
    }
}
