//! What the lines of a document come to: net, tax and gross, exactly.
//!
//! The one home of line amounts, for orders, contracts and invoices alike. Rounding is half away
//! from zero at the decimals of the document's currency; `net + tax = gross` holds for every line.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

pub use crate::fact::Amount;
use crate::value::number::{Decimal, add, product, round, sub, sum};

/// Where the tax of prices without tax is rounded.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TaxRounding {
    /// On each line.
    Line,
    /// On the total of each tax rate; the residual goes to the largest line.
    #[default]
    Total,
}

/// How the lines of one document are worked out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Basis {
    /// Whether prices include tax.
    pub prices_include_tax: bool,
    /// Where tax is rounded.
    pub tax_rounding: TaxRounding,
    /// Decimals of the currency.
    pub decimals: u32,
}

/// What one line is worked out from.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Priced {
    /// Quantity in the line's unit.
    pub qty: Decimal,
    /// Price of one unit.
    pub price: Decimal,
    /// Discount in percent points.
    pub discount_pct: Decimal,
    /// Discount of the whole line.
    pub discount_amount: Decimal,
    /// Tax rate as a fraction.
    pub tax_rate: Decimal,
}

/// The value of a line as priced: `round(qty × price × (1 − discount_pct ÷ 100) −
/// discount_amount)`.
///
/// Nothing where the exact figure does not fit in 28 digits, or is beyond 10^12.
pub fn line_value(line: &Priced, decimals: u32) -> Option<Decimal> {
    let hundred = Decimal::ONE_HUNDRED;
    let part = product(sub(hundred, line.discount_pct), Decimal::new(1, 2))?;
    let value = product(product(line.qty, line.price)?, part)?;
    let value = round(value.checked_sub(line.discount_amount)?, decimals);
    (value.abs() <= Decimal::from(1_000_000_000_000_i64)).then_some(value)
}

/// The amounts of a document's lines, in their order; nothing where a line is beyond what can be
/// held.
pub fn amounts(lines: &[Priced], basis: Basis) -> Option<Vec<Amount>> {
    let mut amounts = Vec::with_capacity(lines.len());
    for line in lines {
        let value = line_value(line, basis.decimals)?;
        let tax = line_tax(value, line.tax_rate, basis)?;
        amounts.push(settle(value, tax, basis.prices_include_tax));
    }
    let by_total = basis.prices_include_tax || basis.tax_rounding == TaxRounding::Total;
    if by_total && lines.len() > 1 {
        share_residuals(lines, &mut amounts, basis)?;
    }
    Some(amounts)
}

/// Tax in, or on, a value.
fn line_tax(value: Decimal, rate: Decimal, basis: Basis) -> Option<Decimal> {
    if rate.is_zero() {
        return Some(round(Decimal::ZERO, basis.decimals));
    }
    let tax = value.checked_mul(rate)?;
    let tax = if basis.prices_include_tax {
        tax.checked_div(Decimal::ONE.checked_add(rate)?)?
    } else {
        tax
    };
    Some(round(tax, basis.decimals))
}

fn settle(value: Decimal, tax: Decimal, includes_tax: bool) -> Amount {
    match includes_tax {
        true => Amount { net: sub(value, tax), tax, gross: value },
        false => Amount { net: value, tax, gross: add(value, tax) },
    }
}

/// Makes each rate's tax that of its total, the difference going to its largest line.
fn share_residuals(lines: &[Priced], amounts: &mut [Amount], basis: Basis) -> Option<()> {
    let mut rates: BTreeMap<Decimal, Vec<usize>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        rates.entry(line.tax_rate.normalize()).or_default().push(at);
    }
    let value = |amount: &Amount| if basis.prices_include_tax { amount.gross } else { amount.net };
    for (rate, group) in rates {
        let total = sum(group.iter().map(|&at| value(&amounts[at])));
        let parts = sum(group.iter().map(|&at| amounts[at].tax));
        let residual = sub(line_tax(total, rate, basis)?, parts);
        if residual.is_zero() {
            continue;
        }
        let mut largest = group[0];
        for &at in &group[1..] {
            if value(&amounts[at]).abs() > value(&amounts[largest]).abs() {
                largest = at;
            }
        }
        let line = &mut amounts[largest];
        *line = settle(value(line), add(line.tax, residual), basis.prices_include_tax);
    }
    Some(())
}

/// The part of a line's amount that belongs to some of its quantity.
///
/// Worked out cumulatively by the caller, so that parts always add up to the whole.
pub fn part(whole: Amount, qty: Decimal, of: Decimal, decimals: u32) -> Option<Amount> {
    if of.is_zero() {
        return Some(Amount::default());
    }
    let share = |amount: Decimal| -> Option<Decimal> {
        Some(round(amount.checked_mul(qty)?.checked_div(of)?, decimals))
    };
    let (gross, tax) = (share(whole.gross)?, share(whole.tax)?);
    Some(Amount { net: sub(gross, tax), tax, gross })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(qty: &str, price: &str, rate: &str) -> Priced {
        let number = |text: &str| text.parse().expect("a number of the test");
        Priced {
            qty: number(qty),
            price: number(price),
            tax_rate: number(rate),
            ..Priced::default()
        }
    }

    fn with_tax(lines: &[Priced]) -> Vec<Amount> {
        let basis =
            Basis { prices_include_tax: true, tax_rounding: TaxRounding::Total, decimals: 2 };
        amounts(lines, basis).expect("small figures")
    }

    #[test]
    fn a_price_with_tax_is_what_the_customer_pays() {
        let [only] = with_tax(&[line("2", "379.00", "0.21")])[..] else { panic!("one line") };
        assert_eq!(only.gross.to_string(), "758.00");
        assert_eq!(only.tax.to_string(), "131.55");
        assert_eq!(only.net.to_string(), "626.45");
    }

    #[test]
    fn the_residual_of_a_rate_goes_to_its_largest_line() {
        let parts = with_tax(&[line("1", "0.04", "0.13"), line("1", "0.05", "0.13")]);
        // each alone: 0.0046 → 0.00 and 0.0058 → 0.01; together 0.09 × 0.13 ÷ 1.13 = 0.0104 → 0.01
        assert_eq!(sum(parts.iter().map(|part| part.tax)).to_string(), "0.01");
        let parts = with_tax(&[line("1", "0.04", "0.13"), line("3", "0.04", "0.13")]);
        // 0.00 and 0.0138 → 0.01; together 0.16 × 0.13 ÷ 1.13 = 0.0184 → 0.02
        assert_eq!(parts[1].tax.to_string(), "0.02");
        assert_eq!(parts[0].tax.to_string(), "0.00");
    }

    #[test]
    fn tax_on_top_is_rounded_per_line_or_per_total() {
        let lines = [line("1", "0.05", "0.1"), line("1", "0.05", "0.1")];
        let by = |tax_rounding| {
            let basis = Basis { prices_include_tax: false, tax_rounding, decimals: 2 };
            sum(amounts(&lines, basis).expect("small").iter().map(|part| part.tax)).to_string()
        };
        // 0.005 rounds away from zero to 0.01 on each line; 0.10 × 0.1 = 0.01 on the total
        assert_eq!(by(TaxRounding::Line), "0.02");
        assert_eq!(by(TaxRounding::Total), "0.01");
    }

    #[test]
    fn what_cannot_be_held_exactly_is_refused() {
        assert_eq!(line_value(&line("999999999.999999", "1000000000000", "0"), 2), None);
        assert_eq!(
            line_value(&line("1000", "1000000000", "0"), 2),
            Some(1_000_000_000_000_i64.into()).map(|v: Decimal| round(v, 2))
        );
    }
}
