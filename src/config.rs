//! `desk.toml`: what the company decided once for all its records.
//!
//! Read like a record, through a field table of its own, so that a misspelt key is a finding and
//! not silence. Nothing in it can name a program to run.

use std::{collections::BTreeMap, sync::OnceLock};

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    record::{
        amount::TaxRounding,
        schema::{Field, fields_of},
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, Money, Percent, Rate},
        period::Calendar,
        workdays::Workdays,
    },
};

/// Time zone where desk.toml names none.
pub const ZONE: &str = "Asia/Shanghai";

/// The company's configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Config {
    /// Who the company is.
    #[serde(default)]
    pub company: Company,
    /// What counts where a record does not say.
    #[serde(default)]
    pub defaults: Defaults,
    /// Open lists: districts, warehouses, categories …
    #[serde(default)]
    pub lists: BTreeMap<String, Value>,
    /// What is let pass.
    #[serde(default)]
    pub tolerance: Tolerance,
    /// Who may decide up to which amount.
    #[serde(default)]
    pub approval: BTreeMap<String, Value>,
    /// Series of official numbers.
    #[serde(default)]
    pub series: Vec<Series>,
    /// Commission schemes.
    #[serde(default)]
    pub commission: Value,
    /// Travel caps and allowances.
    #[serde(default)]
    pub travel: Vec<Travel>,
    /// Working days and holidays.
    #[serde(default)]
    pub calendar: Working,
    /// Days ahead that notice is given.
    #[serde(default)]
    pub notice: Value,
    /// Mail server and sender.
    #[serde(default)]
    pub mail: Value,
    /// What git is told.
    #[serde(default)]
    pub git: Git,
    /// Days between contacts by grade.
    #[serde(default)]
    pub contact: Value,
    /// Reports made at set times.
    #[serde(default)]
    pub schedule: Value,
    /// What is internal or secret.
    #[serde(default)]
    pub secrecy: Value,
}

/// Who the company is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Company {
    /// Name.
    pub name: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Tax number.
    pub tax_id: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Bank.
    pub bank: Option<String>,
    /// Bank account.
    pub account: Option<String>,
    /// Path of a picture.
    pub logo: Option<String>,
    /// Time zone that says which day it is; absent: Asia/Shanghai.
    pub time_zone: Option<String>,
}

/// What counts where a record does not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Defaults {
    /// Base currency; absent: CNY.
    pub currency: Option<String>,
    /// Tax rate as a fraction.
    pub tax_rate: Option<Rate>,
    /// Whether prices include tax; absent: no.
    pub prices_include_tax: Option<bool>,
    /// Where the tax of prices without tax is rounded; absent: total.
    pub tax_rounding: Option<TaxRounding>,
    /// Days to pay.
    pub credit_days: Option<u32>,
    /// Warehouse.
    pub warehouse: Option<String>,
    /// Language of labels, en or zh.
    pub language: Option<String>,
    /// Last day of a business month; absent: calendar months.
    pub month_closes_on: Option<u32>,
    /// First month of the fiscal year; absent: 1.
    pub fiscal_year_starts: Option<u32>,
}

/// What is let pass.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tolerance {
    /// Delivery beyond the order, in percent points.
    pub over_delivery_pct: Option<Percent>,
    /// Difference allowed between an invoice's price and the order's.
    pub invoice_price_difference: Option<Money>,
    /// Whether invoices follow shipments or orders.
    pub invoice_basis: Option<String>,
    /// Days overdue at which orders are blocked.
    pub overdue_block_days: Option<u32>,
    /// When a bill counts: received or matured.
    pub bill_counts: Option<String>,
}

/// A series of official numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Its name, as invoices say it.
    pub name: String,
    /// What its numbers begin with.
    pub prefix: Option<String>,
    /// Digits of the first number that is given here, with its zeros; absent: 1.
    pub next: Option<String>,
    /// Whether no number may be missing.
    pub gapless: Option<bool>,
    /// The only site that gives its numbers.
    pub site: Option<String>,
}

/// What may be spent on journeys and guests from a day on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Travel {
    /// First day that it holds; absent: always.
    pub valid_from: Option<Day>,
    /// Most for a meal with guests, for each head, the host among them.
    pub guest_meal: Option<Money>,
    /// Caps and allowances; of several that fit the first counts.
    #[serde(default)]
    pub rate: Vec<TravelRate>,
}

/// Caps and allowances of a city level and of grades.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TravelRate {
    /// Level of the city; absent: any.
    pub city_level: Option<String>,
    /// Grades of staff; absent: all.
    #[serde(default)]
    pub grades: Vec<String>,
    /// Most for a night.
    pub lodging: Option<Money>,
    /// Allowance for the three meals of a day.
    pub meal: Option<Money>,
    /// Allowance for getting about in a day.
    pub local: Option<Money>,
}

/// Which days are worked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Working {
    /// Days of the week that are worked; absent: Monday to Friday.
    #[serde(default)]
    pub workdays: Vec<Weekday>,
    /// Days of those that are not.
    #[serde(default)]
    pub holidays: Vec<Day>,
    /// Other days that are worked for them.
    #[serde(default)]
    pub make_up_workdays: Vec<Day>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    fn day(self) -> chrono::Weekday {
        match self {
            Self::Mon => chrono::Weekday::Mon,
            Self::Tue => chrono::Weekday::Tue,
            Self::Wed => chrono::Weekday::Wed,
            Self::Thu => chrono::Weekday::Thu,
            Self::Fri => chrono::Weekday::Fri,
            Self::Sat => chrono::Weekday::Sat,
            Self::Sun => chrono::Weekday::Sun,
        }
    }
}

/// What git is told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Git {
    /// Whether each operation is committed; absent: only with `--commit`.
    pub commit: Option<bool>,
}

/// Who may decide up to which amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Authority {
    /// Largest amount; absent: any.
    pub up_to: Option<Money>,
    /// A role or a staff code, or several of them.
    pub by: Deciders,
}

/// One role or staff code, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Deciders {
    /// One.
    One(String),
    /// Any of several.
    Any(Vec<String>),
}

impl JsonSchema for Deciders {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "deciders".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::Schema::default()
    }
}

impl Deciders {
    /// The roles and codes.
    pub fn words(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Any(words) => words,
        }
    }
}

impl Config {
    /// The field table of desk.toml.
    pub fn fields() -> &'static [Field] {
        static FIELDS: OnceLock<Vec<Field>> = OnceLock::new();
        FIELDS.get_or_init(fields_of::<Self>)
    }

    /// What is out of its range: path of the value, and why.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let defaults = &self.defaults;
        let mut faults = Vec::new();
        let mut unless = |fine: bool, key, why: &str| {
            if !fine {
                faults.push((key, why.to_owned()));
            }
        };
        let code = defaults.currency.as_deref().is_none_or(currency::is_code);
        unless(code, "currency", "not a currency code such as CNY");
        let fraction = |rate: Rate| rate.get() >= Decimal::ZERO && rate.get() < Decimal::ONE;
        let rate = defaults.tax_rate.is_none_or(fraction);
        unless(rate, "tax_rate", "not a fraction below 1 (13 % is \"0.13\")");
        let closes = defaults.month_closes_on.is_none_or(|day| (1..=31).contains(&day));
        unless(closes, "month_closes_on", "not a day of a month");
        let starts = defaults.fiscal_year_starts.is_none_or(|month| (1..=12).contains(&month));
        unless(starts, "fiscal_year_starts", "not a month from 1 to 12");
        let language = defaults.language.as_deref().is_none_or(|word| matches!(word, "en" | "zh"));
        unless(language, "language", "not one of en, zh");
        for series in &self.series {
            let digits =
                |next: &String| next.len() <= 30 && next.bytes().all(|b| b.is_ascii_digit());
            let fine = series.next.as_ref().is_none_or(|next| !next.is_empty() && digits(next));
            unless(fine, "series", "a list with a `next` that is not digits, such as \"0001\"");
        }
        faults
    }

    /// The company's time zone; nothing where its name is none.
    pub fn zone(&self) -> Option<Tz> {
        self.company.time_zone.as_deref().unwrap_or(ZONE).parse().ok()
    }

    /// Base currency.
    pub fn currency(&self) -> &str {
        self.defaults.currency.as_deref().unwrap_or("CNY")
    }

    /// Business months and fiscal year.
    pub fn calendar(&self) -> Calendar {
        Calendar {
            closes_on: self.defaults.month_closes_on,
            fiscal_year_starts: self.defaults.fiscal_year_starts.unwrap_or(1),
        }
    }

    /// The days that are worked.
    pub fn workdays(&self) -> Workdays {
        let mut days = Workdays::default();
        if !self.calendar.workdays.is_empty() {
            days.week = self.calendar.workdays.iter().map(|own| own.day()).collect();
        }
        days.holidays.extend(&self.calendar.holidays);
        days.make_up.extend(&self.calendar.make_up_workdays);
        days
    }

    /// Days between contacts with customers of a grade, as `[contact]` says.
    pub fn contact_days(&self, grade: &str) -> Option<u32> {
        let days = self.contact.get(grade).and_then(Value::as_u64)?;
        u32::try_from(days).ok().filter(|days| *days > 0)
    }

    /// Days ahead that notice is given of something, where there are several, the most first.
    pub fn notices(&self, of: &str, absent: &[u32]) -> Vec<u32> {
        let listed = self.notice.get(of).and_then(Value::as_array).into_iter().flatten();
        let days = |value: &Value| value.as_u64().and_then(|days| u32::try_from(days).ok());
        let mut notices: Vec<u32> = listed.filter_map(days).collect();
        if notices.is_empty() {
            notices.extend_from_slice(absent);
        }
        notices.sort_unstable_by(|one, other| other.cmp(one));
        notices
    }

    /// The words of an open list, if the company keeps it.
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        let words = self.lists.get(name)?.as_array()?;
        Some(words.iter().filter_map(Value::as_str).collect())
    }

    /// Days ahead that notice is given of something, as `[notice]` says.
    pub fn days_ahead(&self, of: &str, absent: u32) -> u32 {
        let days = self.notice.get(of).and_then(Value::as_u64);
        days.and_then(|days| u32::try_from(days).ok()).unwrap_or(absent)
    }

    /// Who may decide a step up to which amount; nothing where the company does not say.
    ///
    /// The error says why what it says cannot be understood.
    pub fn authorities(&self, step: &str) -> Result<Option<Vec<Authority>>, String> {
        let Some(rows) = self.approval.get(step) else { return Ok(None) };
        let read = Vec::<Authority>::deserialize(rows);
        read.map(Some).map_err(|why| format!("[approval] {step} of desk.toml: {why}"))
    }
}
