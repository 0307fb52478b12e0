//! Completing a document: what it leaves out is the master's.
//!
//! Commands freeze what they resolve onto the document; documents written by others may leave it
//! out.

#![deny(clippy::arithmetic_side_effects)]

use super::Book;
use crate::{
    record::{
        Doc,
        amount::{Basis, Priced},
        common::{Common, Share},
        contract::{Contract, ContractLine},
        customer::Customer,
        order::{LineTerms, Order, OrderKind, OrderLine, Terms},
        product::Product,
        supplier::Supplier,
    },
    value::{
        currency,
        number::{Decimal, MAX_DECIMALS, add, product, round},
    },
};

/// How one line's price, tax and unit were found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinePrice {
    /// Price of one unit, if there is one anywhere.
    pub price: Option<Decimal>,
    /// Tax rate as a fraction.
    pub tax_rate: Decimal,
    /// Stock units in one unit, if they are known.
    pub factor: Option<Decimal>,
}

/// Whose an order is.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// Owner.
    pub staff: Option<&'a str>,
    /// Shares of the sale.
    pub team: &'a [Share],
    /// District.
    pub district: Option<&'a str>,
}

/// How a price is quoted.
#[derive(Debug, Clone, Copy)]
struct Quoted {
    with_tax: bool,
    /// Base currency per unit of its currency.
    exchange_rate: Decimal,
    /// Stock units it is the price of.
    per: Decimal,
}

impl Book {
    /// How a document's amounts are worked out.
    pub fn basis(&self, prices_include_tax: Option<bool>, currency: Option<&str>) -> Basis {
        let defaults = &self.config.defaults;
        Basis {
            prices_include_tax: prices_include_tax.or(defaults.prices_include_tax).unwrap_or(false),
            tax_rounding: defaults.tax_rounding.unwrap_or_default(),
            decimals: currency::decimals(currency.unwrap_or(self.config.currency())),
        }
    }

    /// Base currency per unit of a document's currency; nothing where it has to be given and is
    /// not.
    pub fn exchange_rate(&self, common: &Common) -> Option<Decimal> {
        match common.currency.as_deref() {
            Some(code) if code != self.config.currency() => {
                common.exchange_rate.map(|rate| rate.get())
            }
            _ => Some(Decimal::ONE),
        }
    }

    /// The tax rate of a product where a line does not say.
    pub fn tax_rate(&self, product: Option<&Doc<Product>>) -> Decimal {
        let own = product.and_then(|product| product.rec.tax_rate);
        own.or(self.config.defaults.tax_rate).map_or(Decimal::ZERO, |rate| rate.get())
    }

    /// The terms an order is worked out with; nothing where a price or an exchange rate is found
    /// nowhere.
    pub fn terms<'a>(&'a self, order: &'a Doc<Order>) -> Option<Terms<'a>> {
        let mut lines = Vec::with_capacity(order.rec.line.len());
        for line in &order.rec.line {
            let found = self.priced(order, line);
            let number = |value: Option<Decimal>| value.unwrap_or_default();
            lines.push(LineTerms {
                priced: Priced {
                    qty: line.qty.get(),
                    price: found.price?,
                    discount_pct: number(line.discount_pct.map(|pct| pct.get())),
                    discount_amount: number(line.discount_amount.map(|amount| amount.get())),
                    tax_rate: found.tax_rate,
                },
                factor: found.factor.unwrap_or(Decimal::ONE),
            });
        }
        self.terms_of(order, self.owner(order), lines)
    }

    /// The terms of an order that leaves nothing to other files but the stock units in a unit,
    /// which are taken as one; nothing of any other order.
    pub fn own_terms<'a>(&'a self, order: &'a Doc<Order>) -> Option<Terms<'a>> {
        let common = &order.common;
        let number = |value: Option<Decimal>| value.unwrap_or_default();
        let line = |line: &OrderLine| {
            let free = line.free_reason.map(|_| Decimal::ZERO);
            Some(LineTerms {
                priced: Priced {
                    qty: line.qty.get(),
                    price: line.price.map(|own| own.get()).or(free)?,
                    discount_pct: number(line.discount_pct.map(|pct| pct.get())),
                    discount_amount: number(line.discount_amount.map(|amount| amount.get())),
                    tax_rate: line.tax_rate?.get(),
                },
                factor: line.unit_factor.map_or(Decimal::ONE, |own| own.get()),
            })
        };
        let lines = order.rec.line.iter().map(line).collect::<Option<Vec<_>>>()?;
        let (staff, district) = (common.staff.as_deref()?, common.district.as_deref()?);
        let owner = Owner { staff: Some(staff), team: &common.team, district: Some(district) };
        self.terms_of(order, owner, lines)
    }

    fn terms_of<'a>(
        &'a self,
        order: &'a Doc<Order>,
        owner: Owner<'a>,
        lines: Vec<LineTerms>,
    ) -> Option<Terms<'a>> {
        let common = &order.common;
        Some(Terms {
            staff: owner.staff,
            team: owner.team,
            district: owner.district,
            basis: self.basis(order.rec.prices_include_tax, common.currency.as_deref()),
            currency: common.currency.as_deref().unwrap_or(self.config.currency()),
            exchange_rate: self.exchange_rate(common)?,
            zone: self.zone,
            lines,
        })
    }

    /// Whose an order is: as it says itself, or as its customer does where it leaves it out.
    pub fn owner<'a>(&'a self, order: &'a Doc<Order>) -> Owner<'a> {
        let own = &order.common;
        let is_whole = own.staff.is_some() && own.district.is_some();
        let customer = if is_whole { None } else { self.get::<Customer>(&order.rec.customer) };
        let theirs = customer.map(|customer| &customer.common);
        let is_nobodys = own.team.is_empty() && own.staff.is_none();
        let word = |own: &'a Option<String>, theirs: Option<&'a Option<String>>| {
            own.as_deref().or(theirs.and_then(|theirs| theirs.as_deref()))
        };
        Owner {
            staff: word(&own.staff, theirs.map(|theirs| &theirs.staff)),
            team: match theirs {
                Some(theirs) if is_nobodys => &theirs.team,
                _ => &own.team,
            },
            district: word(&own.district, theirs.map(|theirs| &theirs.district)),
        }
    }

    /// The common fields of a customer or supplier.
    pub fn party_common(&self, code: &str) -> Option<&Common> {
        let customer = self.get::<Customer>(code).map(|own| &own.common);
        customer.or_else(|| self.get::<Supplier>(code).map(|own| &own.common))
    }

    /// Where a line's price, tax and unit come from: the line, its contract, its product.
    pub fn priced(&self, order: &Doc<Order>, line: &OrderLine) -> LinePrice {
        let frozen = line.price.is_some() && line.tax_rate.is_some();
        let whole = line.unit.is_none() || line.unit_factor.is_some();
        let product = if frozen && whole { None } else { self.get::<Product>(&line.product) };
        let factor =
            unit_factor(line.unit.as_deref(), line.unit_factor.map(|own| own.get()), product);
        let tax_rate = line.tax_rate.map_or_else(|| self.tax_rate(product), |own| own.get());
        let listed = || {
            let list = product.and_then(|product| product.rec.list_price)?;
            self.brought(order, list.get(), tax_rate, factor.unwrap_or(Decimal::ONE))
        };
        let agreed = || self.agreed_price(order, line, tax_rate, factor?);
        let free = || line.free_reason.map(|_| Decimal::ZERO);
        // Goods to try or to give, with no price anywhere, are not sold.
        let given = matches!(order.rec.kind, Some(OrderKind::Sample | OrderKind::Gift));
        let unsold = || given.then_some(Decimal::ZERO);
        LinePrice {
            price: line
                .price
                .map(|own| own.get())
                .or_else(free)
                .or_else(agreed)
                .or_else(listed)
                .or_else(unsold),
            tax_rate,
            factor,
        }
    }

    /// A price per stock unit in base currency, with or without tax as the company's prices are,
    /// brought to a unit of so many stock units, the order's currency and its way with tax.
    pub fn brought(
        &self,
        order: &Doc<Order>,
        price: Decimal,
        tax_rate: Decimal,
        factor: Decimal,
    ) -> Option<Decimal> {
        let from = Quoted {
            with_tax: self.config.defaults.prices_include_tax.unwrap_or(false),
            exchange_rate: Decimal::ONE,
            per: Decimal::ONE,
        };
        self.converted(order, price, from, tax_rate, factor)
    }

    /// The contract's price, brought to a line's unit of so many stock units, the order's currency
    /// and its way with tax.
    pub fn agreed_price(
        &self,
        order: &Doc<Order>,
        line: &OrderLine,
        tax_rate: Decimal,
        factor: Decimal,
    ) -> Option<Decimal> {
        let contract = self.get::<Contract>(order.rec.contract.as_deref()?)?;
        let agreed = self.agreed(order, line)?;
        let given = agreed.unit_factor.map(|factor| factor.get());
        let product = self.get::<Product>(&agreed.product);
        let from = Quoted {
            with_tax: self.basis(contract.rec.prices_include_tax, None).prices_include_tax,
            exchange_rate: self.exchange_rate(&contract.common)?,
            per: unit_factor(agreed.unit.as_deref(), given, product)?,
        };
        self.converted(order, agreed.price?.get(), from, tax_rate, factor)
    }

    /// A price in another unit, currency or way with tax, to six decimals; one that needs no
    /// conversion stays as it is.
    fn converted(
        &self,
        order: &Doc<Order>,
        price: Decimal,
        from: Quoted,
        tax_rate: Decimal,
        factor: Decimal,
    ) -> Option<Decimal> {
        let with_tax = self.basis(order.rec.prices_include_tax, None).prices_include_tax;
        let rate = self.exchange_rate(&order.common)?;
        let mut result = price;
        if from.per != factor {
            result = result.checked_mul(factor)?.checked_div(from.per)?;
        }
        if from.with_tax != with_tax {
            let gross = add(Decimal::ONE, tax_rate);
            result =
                if with_tax { result.checked_mul(gross)? } else { result.checked_div(gross)? };
        }
        if from.exchange_rate != rate {
            result = result.checked_mul(from.exchange_rate)?.checked_div(rate)?;
        }
        if result == price {
            return Some(price);
        }
        let mut result = round(result, MAX_DECIMALS).normalize();
        if result.scale() < price.scale() {
            result.rescale(price.scale());
        }
        Some(result)
    }

    /// The contract line an order line calls off.
    pub fn agreed(&self, order: &Doc<Order>, line: &OrderLine) -> Option<&ContractLine> {
        let contract = self.get::<Contract>(order.rec.contract.as_deref()?)?;
        let no = line.contract_line?;
        contract.rec.line.iter().find(|agreed| agreed.no == no)
    }
}

/// Stock units in one unit: as given, 1 for the stock unit, or the product's packing; nothing where
/// the unit is unknown.
pub fn unit_factor(
    unit: Option<&str>,
    given: Option<Decimal>,
    product: Option<&Doc<Product>>,
) -> Option<Decimal> {
    let Some(unit) = unit else { return Some(given.unwrap_or(Decimal::ONE)) };
    if given.is_some() {
        return given;
    }
    let product = product?;
    if product.rec.unit.as_deref().is_none_or(|own| own == unit) {
        return Some(Decimal::ONE);
    }
    let packing = product.rec.packing.iter().find(|packing| packing.unit == unit)?;
    Some(packing.factor.get())
}

/// What a quantity costs, in base currency; nothing where the cost of one is not known here.
pub fn cost(of_one: Option<Decimal>, quantity: Decimal) -> Option<Decimal> {
    let of_one = of_one?;
    // A part of a quantity need not be exact.
    product(of_one, quantity).or_else(|| of_one.checked_mul(quantity))
}
