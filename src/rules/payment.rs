//! Invariants of payments: amounts, currencies, and rows that take others back.

use super::{Rule, Run, on};
use crate::{
    book::{Book, invoice, payment},
    finding::{Finding, Level},
    record::{
        Doc, Entry, Kind,
        allocation::Allocation,
        contract::Contract,
        invoice::{Invoice, InvoiceKind},
        payment::{Method, Payment},
        plan::Plan,
    },
    value::{
        currency,
        number::{Decimal, add, grouped, sum},
        place::KeyPath,
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "payment.amount",
        Level::Error,
        "A payment is of an amount above zero, in no smaller part than its currency has; below zero it takes another \
         payment back, and names it in `reverses`. A bank's fee is not negative.",
        Run::Record(amounts),
    ),
    Rule::always(
        "payment.currency",
        Level::Error,
        "A payment in another currency than the company's has the exchange rate of its day, so that it counts in base \
         currency.",
        Run::Record(currencies),
    ),
    Rule::always(
        "payment.matures",
        Level::Error,
        "Only bills and cheques mature, and not before the day they were taken.",
        Run::Record(matures),
    ),
    Rule::always(
        "payment.contract",
        Level::Error,
        "A payment under a contract is from or to the party of that contract.",
        Run::Record(contract),
    ),
    Rule::always(
        "payment.reverses",
        Level::Error,
        "A row that takes a payment back is of the same party, direction and currency, is not dated before it, names a \
         payment that takes nothing back itself, and together with others no more than it was.",
        Run::Group { keys: reversal_keys, run: reversals },
    ),
    Rule::always(
        "payment.allocated",
        Level::Error,
        "The allocations of a payment come to no more than it was, less what was taken back of it, and those of a credit to no \
         more than the credit; otherwise one amount would be counted twice.",
        Run::Group { keys: payment_keys, run: allocated },
    ),
    Rule::always(
        "plan.month",
        Level::Error,
        "A plan is dated the first day of the month that is planned.",
        Run::Record(month),
    ),
];

fn amounts(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Payment>(entry, |payment| {
        let mut find = |key: &str, message: &str, hint: &str| {
            let place = entry.place(KeyPath::key(key));
            let finding = Finding::error("payment.amount", place, message);
            findings.push(if hint.is_empty() { finding } else { finding.hint(hint) });
        };
        let amount = payment.rec.amount.get();
        let code = payment::own_currency(book, &payment.common);
        match payment.rec.reverses {
            _ if amount.is_zero() => find("amount", "the amount is zero", ""),
            None if amount < Decimal::ZERO => find(
                "amount",
                "the amount is negative, and no payment is named that it takes back",
                "give it `reverses`, or turn `direction`",
            ),
            Some(_) if amount > Decimal::ZERO => {
                find("amount", "a row that takes a payment back has a negative amount", "");
            }
            _ => {}
        }
        if amount.normalize().scale() > currency::decimals(code) {
            find("amount", &format!("the amount has smaller parts than {code} has"), "");
        }
        if payment.rec.bank_fee.is_some_and(|fee| fee.get() < Decimal::ZERO) {
            find("bank_fee", "the bank's fee is negative", "");
        }
    });
}

fn currencies(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Payment>(entry, |payment| {
        let code = payment::own_currency(book, &payment.common);
        if code == book.config.currency() || payment.common.exchange_rate.is_some() {
            return;
        }
        let place = entry.place(KeyPath::key("exchange_rate"));
        let message = format!("{} is in {code} and has no exchange rate", payment.id());
        findings.push(
            Finding::error("payment.currency", place, message)
                .hint(format!("desk payment set {} --exchange-rate …", payment.id())),
        );
    });
}

fn matures(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Payment>(entry, |payment| {
        let Some(matures) = payment.rec.matures_on else { return };
        let may = matches!(payment.rec.method, Some(Method::Bill | Method::Cheque));
        let early = payment.common.date.is_some_and(|date| matures < date);
        let message = match () {
            () if !may => "only bills and cheques mature".to_owned(),
            () if early => format!("it matures on {matures}, before it was taken"),
            () => return,
        };
        let place = entry.place(KeyPath::key("matures_on"));
        findings.push(Finding::error("payment.matures", place, message));
    });
}

fn contract(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Payment>(entry, |payment| {
        let id = payment.rec.contract.as_deref();
        let Some(contract) = id.and_then(|id| book.get::<Contract>(id)) else { return };
        if contract.rec.party != payment.rec.party {
            let place = entry.place(KeyPath::key("contract"));
            let message = format!(
                "{} is with {}, and the payment is of {}",
                contract.id(),
                contract.rec.party,
                payment.rec.party
            );
            findings.push(Finding::error("payment.contract", place, message));
        }
    });
}

/// The payment that a row takes back, and a payment that rows may take back.
fn reversal_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let payment = Doc::<Payment>::of(entry);
    let of = payment.map(|payment| payment.rec.reverses.as_deref().unwrap_or(payment.id()));
    of.map(str::to_owned).into_iter().collect()
}

fn reversals(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let rows = payment::reversing(book, key);
    let Some(of) = book.get::<Payment>(key) else { return };
    let mut find = |row: &Doc<Payment>, path: &str, message: String| {
        let place = (row as &dyn Entry).place(KeyPath::key(path));
        let first = (of as &dyn Entry).place(KeyPath::key("amount"));
        let finding = Finding::error("payment.reverses", place, message);
        findings.push(finding.other(first, format!("{key} is here")));
    };
    for row in &rows {
        let id = row.id();
        if of.rec.reverses.is_some() {
            find(row, "reverses", format!("{id} takes back {key}, which takes one back itself"));
        }
        if row.rec.party != of.rec.party {
            find(row, "party", format!("{id} takes back {key}, which is of {}", of.rec.party));
        }
        if row.rec.direction != of.rec.direction {
            let way = of.rec.direction.name();
            find(row, "direction", format!("{id} takes back {key}, whose direction is {way}"));
        }
        if let (Some(day), true) = (of.common.date, row.common.date < of.common.date) {
            find(row, "date", format!("{id} takes back {key}, which is of {day} only"));
        }
        let code = payment::own_currency(book, &of.common);
        if payment::own_currency(book, &row.common) != code {
            find(row, "currency", format!("{id} takes back {key}, which is in {code}"));
        }
    }
    let left = add(of.rec.amount.get(), sum(rows.iter().map(|row| row.rec.amount.get())));
    let beyond = left < Decimal::ZERO && of.rec.reverses.is_none();
    if let (Some(last), true) = (rows.last(), beyond) {
        find(last, "amount", format!("more is taken back of {key} than it was"));
    }
}

/// The payment that an allocation takes from, and a payment.
fn payment_keys(book: &Book, entry: &dyn Entry) -> Vec<String> {
    let of = match entry.kind() {
        Kind::Payment => return reversal_keys(book, entry),
        _ => Doc::<Allocation>::of(entry).and_then(|row| row.rec.source.clone()),
    };
    of.into_iter().collect()
}

fn allocated(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let payment = book.get::<Payment>(key).filter(|payment| payment.counts());
    let credit = book.get::<Invoice>(key).filter(|credit| credit.counts());
    let (first, taken, amount) = match (payment, credit) {
        (Some(payment), _) => {
            let standing = payment::standing(book, payment, payment::EVER);
            let first = (payment as &dyn Entry).place(KeyPath::key("amount"));
            (first, add(standing.settled, standing.earmarked), standing.amount)
        }
        (None, Some(credit)) if credit.rec.sort() == InvoiceKind::Credit => {
            let Some(total) = invoice::total(book, credit) else { return };
            let rows = payment::allocations_of(book, key).into_iter();
            let back = payment::allocations_to(book, key).into_iter().map(invoice::covered);
            let taken = sum(rows.map(|row| row.rec.taken()).chain(back));
            ((credit as &dyn Entry).place(KeyPath::key("id")), taken, total.gross)
        }
        (None, Some(bill)) => {
            let first = (bill as &dyn Entry).place(KeyPath::key("kind"));
            let taken = payment::allocations_of(book, key).into_iter().map(|row| row.rec.taken());
            (first, sum(taken), Decimal::ZERO)
        }
        (None, None) => return,
    };
    let rows = payment::allocations_of(book, key);
    let Some(last) = rows.last().filter(|_| taken > amount) else { return };
    let place = (*last as &dyn Entry).place(KeyPath::key("amount"));
    let what = if payment.is_some() { "the payment" } else { "the credit" };
    findings.push(
        Finding::error("payment.allocated", place, format!("{key} is allocated beyond its amount"))
            .other(first, what)
            .note(format!("allocated {} of {}", grouped(taken), grouped(amount)))
            .hint(format!("desk payment unmatch {} --reason …", last.id())),
    );
}

fn month(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Plan>(entry, |plan| {
        let Some(date) = plan.common.date else { return };
        let first = date.month().first();
        if first.is_some_and(|first| first != date) {
            let place = entry.place(KeyPath::key("date"));
            let message = format!("{date} is not the first day of a month");
            let finding = Finding::error("plan.month", place, message);
            findings.push(match first {
                Some(first) => finding.hint(format!("write {first}")),
                None => finding,
            });
        }
    });
}
