//! Invariants of allocations: amounts, parties, currencies, and rows that take others back.

use super::{Rule, Run, on};
use crate::{
    book::{Book, payment},
    finding::{Finding, Level},
    record::{
        Doc, Entry, Kind, allocation::Allocation, contract::Contract, order::Order,
        payment::Payment,
    },
    value::{
        currency,
        number::{Decimal, add, grouped, round, sum},
        place::KeyPath,
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "allocation.amount",
        Level::Error,
        "An allocation is of an amount above zero, in no smaller part than its currency has; below zero it takes another \
         one back, and names it in `reverses`. What it takes from its source and a discount go the same way.",
        Run::Record(amounts),
    ),
    Rule::always(
        "allocation.write_off",
        Level::Error,
        "An allocation without a source writes a rest off: that is approved by someone.",
        Run::Record(write_off),
    ),
    Rule::always(
        "allocation.party",
        Level::Error,
        "A payment is for orders and contracts of its own party: the order's customer, the contract's other side. Money that \
         came in is for sales, money that went out for purchases.",
        Run::Group { keys: row_keys, run: |book, id, found| of_row(book, id, found, party) },
    ),
    Rule::always(
        "allocation.currency",
        Level::Error,
        "The amount is in the currency of what it is for. Where the payment is in another, `source_amount` says what it takes \
         of it; otherwise it is left out.",
        Run::Group { keys: row_keys, run: |book, id, found| of_row(book, id, found, currencies) },
    ),
    Rule::always(
        "allocation.reverses",
        Level::Error,
        "A row that takes an allocation back has the same source and target, is not dated before it, names one that takes \
         nothing back itself, and together with others no more than it was.",
        Run::Group { keys: reversal_keys, run: reversals },
    ),
    Rule::always(
        "allocation.date",
        Level::Warning,
        "A payment is allocated on its day or later.",
        Run::Group { keys: row_keys, run: |book, id, found| of_row(book, id, found, date) },
    ),
    Rule::always(
        "allocation.instalment",
        Level::Error,
        "An allocation to an instalment names one of its contract; orders have none.",
        Run::Group { keys: instalment_keys, run: instalments },
    ),
    Rule::always(
        "allocation.beyond",
        Level::Warning,
        "What is earmarked for an order or a contract should come to no more than it does itself, with tax and less \
         what was closed.",
        Run::Group { keys: earmark_keys, run: beyond },
    ),
];

/// An allocation, and those of a payment.
fn row_keys(book: &Book, entry: &dyn Entry) -> Vec<String> {
    match entry.kind() {
        Kind::Allocation => vec![entry.common().id.clone()],
        Kind::Payment => {
            let rows = payment::allocations_of(book, &entry.common().id);
            rows.iter().map(|row| row.id().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

type Check = fn(&Book, &dyn Entry, &mut Vec<Finding>);

fn of_row(book: &Book, id: &str, findings: &mut Vec<Finding>, run: Check) {
    if let Some(entry) = book.entry(Kind::Allocation, id) {
        run(book, entry, findings);
    }
}

fn amounts(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Allocation>(entry, |row| {
        let mut find = |key: &str, message: &str| {
            let place = entry.place(KeyPath::key(key));
            findings.push(Finding::error("allocation.amount", place, message));
        };
        let amount = row.rec.amount.get();
        match row.rec.reverses {
            _ if amount.is_zero() => find("amount", "the amount is zero"),
            None if amount < Decimal::ZERO => {
                find(
                    "amount",
                    "the amount is negative, and no allocation is named that it takes back",
                );
            }
            Some(_) if amount > Decimal::ZERO => {
                find("amount", "a row that takes an allocation back has a negative amount");
            }
            _ => {}
        }
        let target = payment::target(book, &row.rec.target);
        let code = target.map(|target| payment::own_currency(book, target.common));
        if code.is_some_and(|code| amount.normalize().scale() > currency::decimals(code)) {
            let code = code.unwrap_or_default();
            find("amount", &format!("the amount has smaller parts than {code} has"));
        }
        let turned = |other: Decimal| other.is_sign_negative() != amount.is_sign_negative();
        if row.rec.source_amount.is_some_and(|other| turned(other.get()) || other.get().is_zero()) {
            find(
                "source_amount",
                "what is taken from the source does not go the way of the amount",
            );
        }
        let discount = row.rec.discount.map_or(Decimal::ZERO, |money| money.get());
        if !discount.is_zero() && turned(discount) {
            find("discount", "the discount does not go the way of the amount");
        }
    });
}

fn write_off(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Allocation>(entry, |row| {
        if row.rec.source.is_none() && row.rec.approved_by.is_none() {
            let place = entry.place(KeyPath::key("source"));
            let message = "it has no source, and nobody approved writing it off";
            findings.push(
                Finding::error("allocation.write_off", place, message)
                    .hint(format!("desk allocation set {} --approved-by …", row.id())),
            );
        }
    });
}

/// The payment of an allocation and what it is for, where both are known.
fn both<'a>(
    book: &'a Book,
    row: &Doc<Allocation>,
) -> Option<(&'a Doc<Payment>, payment::Target<'a>)> {
    let payment = book.get::<Payment>(row.rec.source.as_deref()?)?;
    Some((payment, payment::target(book, &row.rec.target)?))
}

fn party(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Allocation>(entry, |row| {
        let Some((payment, target)) = both(book, row) else { return };
        let (id, of) = (&row.rec.target, payment.id());
        let message = match () {
            () if payment.rec.party != target.party => {
                format!("{id} is of {}, and {of} of {}", target.party, payment.rec.party)
            }
            () if payment.rec.direction != target.takes => {
                let (way, takes) = (payment.rec.direction.name(), target.takes.name());
                format!("{of} goes {way}, and money for {id} goes {takes}")
            }
            () => return,
        };
        let place = entry.place(KeyPath::key("target"));
        let other = (payment as &dyn Entry).place(KeyPath::key("party"));
        let finding = Finding::error("allocation.party", place, message);
        findings.push(finding.other(other, "the payment"));
    });
}

fn currencies(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Allocation>(entry, |row| {
        let Some((payment, target)) = both(book, row) else { return };
        let from = payment::own_currency(book, &payment.common);
        let to = payment::own_currency(book, target.common);
        let (key, message) = match row.rec.source_amount {
            None if from != to => (
                "source_amount",
                format!("{} is in {to} and {} in {from}", row.rec.target, payment.id()),
            ),
            Some(other) if from == to && other != row.rec.amount => (
                "source_amount",
                format!("both are in {to}, and {other} is taken for {}", row.rec.amount),
            ),
            _ => return,
        };
        let place = entry.place(KeyPath::key(key));
        let finding = Finding::error("allocation.currency", place, message);
        findings.push(match row.rec.source_amount {
            None => finding.hint("say what it takes of the payment: source_amount"),
            Some(_) => finding.hint("leave source_amount empty"),
        });
    });
}

fn reversal_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let row = Doc::<Allocation>::of(entry);
    let of = row.map(|row| row.rec.reverses.as_deref().unwrap_or(row.id()));
    of.map(str::to_owned).into_iter().collect()
}

fn reversals(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let rows = payment::taking_back(book, key);
    let Some(of) = book.get::<Allocation>(key) else { return };
    let mut find = |row: &Doc<Allocation>, path: &str, message: String| {
        let place = (row as &dyn Entry).place(KeyPath::key(path));
        let first = (of as &dyn Entry).place(KeyPath::key("amount"));
        let finding = Finding::error("allocation.reverses", place, message);
        findings.push(finding.other(first, format!("{key} is here")));
    };
    for row in &rows {
        let id = row.id();
        if of.rec.reverses.is_some() {
            find(row, "reverses", format!("{id} takes back {key}, which takes one back itself"));
        }
        if row.rec.source != of.rec.source {
            let source = of.rec.source.as_deref().unwrap_or("no payment");
            find(row, "source", format!("{id} takes back {key}, which is from {source}"));
        }
        if row.rec.target != of.rec.target {
            find(row, "target", format!("{id} takes back {key}, which is for {}", of.rec.target));
        }
        if let (Some(day), true) = (of.common.date, row.common.date < of.common.date) {
            find(row, "date", format!("{id} takes back {key}, which is of {day} only"));
        }
    }
    let back = |figure: fn(&Allocation) -> Decimal| {
        add(figure(&of.rec), sum(rows.iter().map(|row| figure(&row.rec)))) < Decimal::ZERO
    };
    let beyond = back(|row| row.amount.get()) || back(Allocation::taken);
    if let (Some(last), true) = (rows.last(), beyond && of.rec.reverses.is_none()) {
        find(last, "amount", format!("more is taken back of {key} than it was"));
    }
}

fn date(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Allocation>(entry, |row| {
        let source = row.rec.source.as_deref().and_then(|id| book.get::<Payment>(id));
        let Some(payment) = source else { return };
        if row.common.date < payment.common.date {
            let place = entry.place(KeyPath::key("date"));
            let day = payment.common.date.map(|day| day.to_string()).unwrap_or_default();
            let message = format!("{} was paid on {day} only", payment.id());
            findings.push(Finding::warning("allocation.date", place, message));
        }
    });
}

/// What an allocation with an instalment is for, and a contract.
fn instalment_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let of = match entry.kind() {
        Kind::Contract => Some(entry.common().id.clone()),
        _ => Doc::<Allocation>::of(entry)
            .filter(|row| row.rec.instalment.is_some())
            .map(|row| row.rec.target.clone()),
    };
    of.into_iter().collect()
}

fn instalments(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let contract = book.get::<Contract>(key);
    if contract.is_none() && book.get::<Order>(key).is_none() {
        return;
    }
    for row in payment::allocations_to(book, key) {
        let Some(no) = row.rec.instalment else { continue };
        let message = match contract {
            Some(contract) if contract.rec.instalment.iter().any(|part| part.no == no) => continue,
            Some(_) => format!("{key} has no instalment {no}"),
            None => format!("{key} is an order, which has no instalments"),
        };
        let place = (row as &dyn Entry).place(KeyPath::key("instalment"));
        findings.push(Finding::error("allocation.instalment", place, message));
    }
}

/// The order or contract that an allocation is for.
fn earmark_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let row = Doc::<Allocation>::of(entry).filter(|row| payment::is_earmark(&row.rec.target));
    row.map(|row| row.rec.target.clone()).into_iter().collect()
}

fn beyond(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let lacks = payment::uncovered(book, key, payment::EVER);
    let Some(lacks) = lacks.filter(|lacks| *lacks < Decimal::ZERO) else { return };
    let rows = payment::allocations_to(book, key);
    let stands = |row: &&&Doc<Allocation>| {
        row.rec.reverses.is_none() && payment::taking_back(book, row.id()).is_empty()
    };
    let Some(last) = rows.iter().rfind(stands).or(rows.last()) else { return };
    let earmarked = payment::earmarked(book, key, payment::EVER);
    let common = payment::target(book, key).map(|target| target.common);
    let code = common.map_or(book.config.currency(), |own| payment::own_currency(book, own));
    let shown = |amount| grouped(round(amount, currency::decimals(code)));
    let (comes, kept) = (shown(add(earmarked, lacks)), shown(earmarked));
    let message = format!("{key} comes to {comes}, and {kept} is earmarked for it");
    let place = (*last as &dyn Entry).place(KeyPath::key("amount"));
    findings.push(
        Finding::warning("allocation.beyond", place, message)
            .hint(format!("desk payment unmatch {} --reason …", last.id())),
    );
}
