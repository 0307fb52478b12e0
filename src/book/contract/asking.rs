//! What an invoice asks for by the instalments of its contract, for drafts and for the list of what
//! is to be done.
//!
//! No instalment is asked for beyond what it comes to: what invoices ask for beyond that, and beyond
//! the contract, is due with the goods' own instalment.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::{contracted, fulfil::Documents};
use crate::{
    book::{Book, credited, invoice, payment::own_currency, performed::portion, receivable},
    record::{
        Doc,
        contract::{Contract, DueRule, Instalment},
        invoice::{Invoice, InvoiceKind},
    },
    value::{
        currency,
        number::{Decimal, add, product, round, sub, sum},
    },
};

/// What an instalment comes to, in the contract's currency; nothing where the contract's own amount
/// is not fixed.
pub fn amount(book: &Book, contract: &Doc<Contract>, instalment: &Instalment) -> Option<Decimal> {
    let decimals = currency::decimals(own_currency(book, &contract.common));
    let part = || {
        let whole = product(contracted(book, contract)?, instalment.pct?.get())?;
        Some(round(whole.checked_div(Decimal::ONE_HUNDRED)?, decimals))
    };
    instalment.amount.map(|amount| amount.get()).or_else(part)
}

/// What invoices but one ask for each instalment of a contract, drafts included, less what credits
/// of them are to be invoiced again.
pub fn asked(book: &Book, contract: &Doc<Contract>, except: &str) -> BTreeMap<u32, Decimal> {
    let mut asked = BTreeMap::new();
    for id in Documents::of(book, &[contract]).invoices {
        let Some(bill) = book.get::<Invoice>(&id).filter(|bill| bill.id() != except) else {
            continue;
        };
        let is_asking = !matches!(bill.rec.sort(), InvoiceKind::Credit | InvoiceKind::Proforma);
        let is_own = || {
            let contracts = receivable::contracts_of(book, bill);
            contracts.first().is_some_and(|own| own == contract.id())
        };
        if !bill.counts() || !is_asking || bill.rec.instalment.is_empty() || !is_own() {
            continue;
        }
        let total = sum(bill.rec.instalment.iter().map(|part| part.amount.get()));
        let kept = sub(total, reopened(book, bill));
        for part in &bill.rec.instalment {
            if let Some(no) = part.contract_instalment {
                let sum = asked.entry(no).or_insert(Decimal::ZERO);
                *sum = add(*sum, portion(part.amount.get(), kept, total));
            }
        }
    }
    asked
}

/// What issued credits of an invoice are to be invoiced again, with tax.
fn reopened(book: &Book, bill: &Doc<Invoice>) -> Decimal {
    let mut reopened = Decimal::ZERO;
    for credit in credited::credits(book, bill.id()) {
        let amounts = invoice::lines(book, credit).unwrap_or_default();
        for (line, amount) in credit.rec.line.iter().zip(amounts) {
            if credit.rec.issued_on.is_some() && line.reopens_billing == Some(true) {
                reopened = add(reopened, amount.gross);
            }
        }
    }
    reopened
}

/// An amount under a contract in its instalments, each by its number; what is for none stands
/// without. Of an instalment that has been asked for already no more than its rest is taken where
/// that is given. Nothing where no part can be worked out.
pub fn shares(
    book: &Book,
    contract: &Doc<Contract>,
    (total, decimals): (Decimal, u32),
    asked: Option<&BTreeMap<u32, Decimal>>,
) -> Option<Vec<(Option<u32>, Decimal)>> {
    let agreed = &contract.rec.instalment;
    let whole = contracted(book, contract);
    let share = |part: &Instalment| -> Option<Decimal> {
        let (of, in_all) = match (part.pct, part.amount) {
            (Some(pct), _) => (pct.get(), Decimal::ONE_HUNDRED),
            (None, amount) => (amount?.get(), whole?),
        };
        Some(round(total.checked_mul(of)?.checked_div(in_all)?, decimals))
    };
    let mut parts: Vec<Decimal> = agreed.iter().map(share).collect::<Option<_>>()?;
    let pct: Option<Decimal> = agreed.iter().map(|part| part.pct.map(|pct| pct.get())).sum();
    let mut left = sub(total, sum(parts.iter().copied()));
    if let (Some(last), true) =
        (parts.last_mut(), pct.is_none_or(|pct| pct == Decimal::ONE_HUNDRED))
    {
        *last = add(*last, left);
        left = Decimal::ZERO;
    }
    let mut beyond = Decimal::ZERO;
    for (part, own) in parts.iter_mut().zip(agreed) {
        let Some((asked, whole)) = asked.zip(amount(book, contract, own)) else { continue };
        let room = sub(whole, asked.get(&own.no).copied().unwrap_or_default());
        let taken = (*part).min(round(room.max(Decimal::ZERO), decimals));
        beyond = add(beyond, sub(*part, taken));
        *part = taken;
    }
    let is_of_goods = |own: &Instalment| {
        matches!(own.due_rule, Some(DueRule::Shipped | DueRule::Received | DueRule::Invoiced))
    };
    match agreed.iter().position(is_of_goods) {
        Some(at) => parts[at] = add(parts[at], beyond),
        None => left = add(left, beyond),
    }
    let numbered = agreed.iter().zip(parts).map(|(own, part)| (Some(own.no), part));
    let all = numbered.chain([(None, left)]);
    Some(all.filter(|(_, part)| !part.is_zero()).collect())
}
