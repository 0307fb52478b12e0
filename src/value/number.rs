//! Exact decimals: amounts of money, quantities, rates and percentages.
//!
//! Every number of a record is read by [`parse`], which takes plain digits only and never rounds,
//! and is held inside the limits of its kind. Because no record can hold more than 10^12, a sum
//! over any number of records stays far inside the 28 digits of a [`Decimal`]; the operators of
//! this module rely on that and on nothing else.

#![deny(clippy::arithmetic_side_effects)]

use std::{fmt, marker::PhantomData, ops::Neg};

pub use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Most decimals any number of a record may have.
pub const MAX_DECIMALS: u32 = 6;

/// An exact decimal inside the limits of its kind `K`.
pub struct Number<K>(Decimal, PhantomData<K>);

/// An amount of money, in the document's currency unless its field says otherwise.
pub type Money = Number<MoneyLimits>;
/// A quantity, in the unit of its line.
pub type Quantity = Number<QuantityLimits>;
/// A fraction (`0.13`) or a factor.
pub type Rate = Number<RateLimits>;
/// Percent points (`15` is 15 %).
pub type Percent = Number<PercentLimits>;

/// The name and the largest magnitude of one kind of number.
pub trait Limits {
    /// Name in schemas and messages.
    const NAME: &'static str;
    /// Largest magnitude allowed.
    const MAX: Decimal;
}

macro_rules! limits {
    ($($type:ident $name:literal $max:expr;)+) => {$(
        #[doc = concat!("Limits of a ", $name, ".")]
        pub enum $type {}
        impl Limits for $type {
            const NAME: &'static str = $name;
            const MAX: Decimal = $max;
        }
    )+};
}

limits! {
    MoneyLimits "money" Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);
    QuantityLimits "quantity" Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
    RateLimits "rate" Decimal::from_parts(1_000_000, 0, 0, false, 0);
    PercentLimits "percent" Decimal::from_parts(1_000_000, 0, 0, false, 0);
}

/// Why a text is not a number of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFault {
    /// Not plain digits with an optional sign and point.
    Syntax,
    /// More than six decimals.
    Decimals,
    /// Beyond the limit of its kind.
    Range,
}

impl NumberFault {
    /// Says what is wrong, for a number of the kind `K`.
    pub fn message<K: Limits>(self) -> String {
        match self {
            Self::Syntax => "is no plain decimal such as \"128.50\"".into(),
            Self::Decimals => format!("has more than {MAX_DECIMALS} decimals"),
            Self::Range => format!("is beyond the limit of {} for {}", grouped(K::MAX), K::NAME),
        }
    }
}

/// Reads a plain decimal: an optional `-`, digits, and at most six decimals after a point.
///
/// Unlike the library's own `from_str` it takes no exponent, no underscore, no bare point, and
/// never rounds.
pub fn parse(text: &str, max: Decimal) -> Result<Decimal, NumberFault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = match digits.split_once('.') {
        Some((_, "")) => return Err(NumberFault::Syntax),
        Some(parts) => parts,
        None => (digits, ""),
    };
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(decimals) {
        return Err(NumberFault::Syntax);
    }
    let used = decimals.trim_end_matches('0').len();
    if used > MAX_DECIMALS as usize {
        return Err(NumberFault::Decimals);
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > 20 {
        return Err(NumberFault::Range);
    }
    let kept = &decimals[..decimals.len().min(MAX_DECIMALS as usize)];
    let whole = if whole.is_empty() { "0" } else { whole };
    let exact = if kept.is_empty() { whole.to_owned() } else { format!("{whole}.{kept}") };
    let mut value = Decimal::from_str_exact(&exact).map_err(|_| NumberFault::Range)?;
    if value > max {
        return Err(NumberFault::Range);
    }
    value.set_sign_negative(text.starts_with('-') && !value.is_zero());
    Ok(value)
}

impl<K: Limits> Number<K> {
    /// Zero.
    pub const ZERO: Self = Self(Decimal::ZERO, PhantomData);

    /// Reads a plain decimal inside the limits of `K`.
    pub fn parse(text: &str) -> Result<Self, NumberFault> {
        parse(text, K::MAX).map(Self::bounded)
    }

    /// Takes a computed decimal if it lies inside the limits of `K`.
    pub fn checked(value: Decimal) -> Option<Self> {
        (value.abs() <= K::MAX).then_some(Self(value, PhantomData))
    }

    fn bounded(value: Decimal) -> Self {
        Self(value, PhantomData)
    }
}

impl<K> Number<K> {
    /// The plain decimal.
    pub fn get(self) -> Decimal {
        self.0
    }
}

impl<K> Clone for Number<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Number<K> {}
impl<K> PartialEq for Number<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Number<K> {}
impl<K> fmt::Debug for Number<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<K> fmt::Display for Number<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<K> Default for Number<K> {
    fn default() -> Self {
        Self(Decimal::ZERO, PhantomData)
    }
}

impl<K> Serialize for Number<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(&self.0),
            false => (self.0.mantissa(), self.0.scale()).serialize(serializer),
        }
    }
}

impl<'de, K: Limits> Deserialize<'de> for Number<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<K>(PhantomData<K>);
        impl<K: Limits> de::Visitor<'_> for Visitor<K> {
            type Value = Number<K>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a quoted decimal or a whole number")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Number::parse(text).map_err(|fault| E::custom(fault.message::<K>()))
            }
            fn visit_i64<E: de::Error>(self, whole: i64) -> Result<Self::Value, E> {
                Number::checked(Decimal::from(whole))
                    .ok_or_else(|| E::custom(NumberFault::Range.message::<K>()))
            }
            fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Self::Value, E> {
                Number::checked(Decimal::from(whole))
                    .ok_or_else(|| E::custom(NumberFault::Range.message::<K>()))
            }
        }
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(Visitor(PhantomData));
        }
        let (mantissa, scale) = <(i128, u32)>::deserialize(deserializer)?;
        let value = Decimal::try_from_i128_with_scale(mantissa, scale).ok();
        value.and_then(Self::checked).ok_or_else(|| de::Error::custom("no such number"))
    }
}

impl<K: Limits> JsonSchema for Number<K> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        K::NAME.into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "integer"], "format": K::NAME})
    }
}

/// Rounds half away from zero to `decimals` places, and shows exactly that many.
pub fn round(value: Decimal, decimals: u32) -> Decimal {
    let mut rounded =
        value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(decimals);
    if rounded.is_zero() {
        rounded.set_sign_positive(true);
    }
    rounded
}

/// The exact product, or nothing where 28 digits cannot hold it.
pub fn product(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left, right) = (left.normalize(), right.normalize());
    let value = left.checked_mul(right)?;
    let exact = left.scale().checked_add(right.scale())?;
    (value.scale() >= exact || value.is_zero()).then_some(value)
}

/// Adds two figures that come from records.
pub fn add(left: Decimal, right: Decimal) -> Decimal {
    left.checked_add(right)
        .expect("records hold at most 10^12 each, so sums of them fit in 28 digits")
}

/// The figure with its sign turned.
///
/// It is made anew and never turned in place: an optimised build of some compilers hands one copy
/// of an argument to two calls of a closure (rust-lang/rust#155241).
pub fn negated(value: Decimal) -> Decimal {
    if value.is_zero() { value } else { Neg::neg(&value) }
}

/// Subtracts two figures that come from records.
pub fn sub(left: Decimal, right: Decimal) -> Decimal {
    add(left, negated(right))
}

/// The sum of figures that come from records.
pub fn sum(values: impl IntoIterator<Item = Decimal>) -> Decimal {
    values.into_iter().fold(Decimal::ZERO, add)
}

/// A figure as people read it, with thousands separators.
pub fn grouped(value: Decimal) -> String {
    let text = value.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').map_or((digits, None), |(a, b)| (a, Some(b)));
    let mut grouped = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && whole.len().abs_diff(at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(decimals) = decimals {
        grouped.push('.');
        grouped.push_str(decimals);
    }
    grouped
}
