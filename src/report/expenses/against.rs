//! What expenses are held against: what was planned for them, and what was sold by the same owners.

use std::collections::BTreeMap;

use crate::{
    book::{Book, expense::budget},
    error::Result,
    finding::Finding,
    record::{Doc, plan::Plan},
    report::{Params, group, sales},
    value::{
        number::{Decimal, add},
        period::{Period, Step},
    },
};

/// Budgets and net sales by the keys of a report; nothing where they are not kept by those keys.
#[derive(Debug, Default)]
pub(super) struct Against {
    pub(super) budgets: Option<BTreeMap<Vec<String>, Decimal>>,
    sales: Option<BTreeMap<Vec<String>, Decimal>>,
    /// Net sales of all groups together.
    pub(super) total: Option<Decimal>,
}

impl Against {
    pub(super) fn budget(&self, key: &[String]) -> Option<Decimal> {
        self.budgets.as_ref()?.get(key).copied()
    }

    pub(super) fn sales(&self, key: &[String]) -> Option<Decimal> {
        self.sales.as_ref()?.get(key).copied()
    }
}

/// The keys of a condition that both expenses and sales have.
const SHARED: [&str; 3] = ["staff", "district", "customer"];

fn is_time(key: &str) -> bool {
    Step::parse(key).is_some()
}

pub(super) fn against(
    book: &Book,
    params: &Params,
    by: &[String],
    period: Period,
    left_out: &mut Vec<Finding>,
) -> Result<Against> {
    let field = |word: &String| {
        let key = word.split([':', '：']).next().unwrap_or_default();
        key.trim_start_matches('-').to_owned()
    };
    let named: Vec<String> = params.filter.iter().map(field).collect();
    let shares = |key: &String| SHARED.contains(&key.as_str());
    let mut found = Against::default();
    if named.is_empty() {
        found.budgets = budgets(book, by, params.period);
    }
    let is_sold_by = by.iter().all(|key| shares(key) || is_time(key));
    if !is_sold_by || !named.iter().all(shares) {
        return Ok(found);
    }
    let filter = super::super::filter(book, params, &sales::filter_fields(sales::basis(params)))?;
    let same = |day| day;
    let grouping = group::Grouping::new(book, by, &same);
    let asked = sales::Asked { params, filter: &filter, period, by };
    let sold = asked.facts(book, |tally: &mut group::Tally, facts| tally.take(&grouping, facts));
    left_out.extend(sold.left_out);
    let groups = grouping.groups(sold.parts);
    found.total = Some(groups.total.net);
    found.sales = Some(groups.rows.into_iter().map(|(key, sums)| (key, sums.net)).collect());
    Ok(found)
}

/// What was planned, by keys: the plans that name just those, of the months that a period touches.
fn budgets(book: &Book, by: &[String], period: Period) -> Option<BTreeMap<Vec<String>, Decimal>> {
    let calendar = book.config.calendar();
    let month_or_longer = |key: &String| matches!(key.as_str(), "month" | "quarter" | "year");
    let is_planned_by = by
        .iter()
        .all(|key| SHARED.contains(&key.as_str()) || key == "category" || month_or_longer(key));
    if !is_planned_by {
        return None;
    }
    let mut budgets: BTreeMap<Vec<String>, Decimal> = BTreeMap::new();
    for plan in budget::plans(book) {
        let Some(month) = plan.common.date.map(|day| calendar.month(day.month())) else { continue };
        let touches = month.to.is_none_or(|to| period.from.is_none_or(|from| from <= to))
            && month.from.is_none_or(|from| period.to.is_none_or(|to| from <= to));
        let (Some(keys), Some(first), true) = (keys(plan, by), month.to, touches) else { continue };
        let words = keys.into_iter().zip(by).map(|(word, key)| match Step::parse(key) {
            Some(step) => step.label(first, &calendar),
            None => word,
        });
        let sum = budgets.entry(words.collect()).or_default();
        *sum = add(*sum, plan.rec.amount.get());
    }
    Some(budgets)
}

/// The words of a plan under the keys of a report; nothing where it names others, or not all.
fn keys(plan: &Doc<Plan>, by: &[String]) -> Option<Vec<String>> {
    let key = plan.key();
    let own = [
        ("staff", key.staff),
        ("district", key.district),
        ("customer", key.customer),
        ("category", key.category),
    ];
    let has = |name: &str| by.iter().any(|key| key == name);
    if own.iter().any(|(name, word)| word.is_some() != has(name)) {
        return None;
    }
    let word = |key: &String| {
        let word = own.iter().find(|(name, _)| name == key).and_then(|(_, word)| *word);
        word.unwrap_or_default().to_owned()
    };
    Some(by.iter().map(word).collect())
}
