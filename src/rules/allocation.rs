//! Invariants of allocations: amounts, parties, currencies, and rows that take others back.

use super::{Rule, Run, act::GIVE_UP, on, people::inactive};
use crate::{
    book::{Book, authority::may_decide, invoice, payment, receivable},
    finding::{Finding, Level},
    record::{
        Doc, Entry, Kind,
        allocation::Allocation,
        common::{Common, Direction},
        contract::Contract,
        invoice::Invoice,
        order::Order,
        payment::Payment,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, grouped, round, sub, sum},
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
        "An allocation without a source writes a rest off, and a discount gives one away: both are approved by someone other \
         than who entered them.",
        Run::Record(write_off),
    ),
    Rule::step(
        GIVE_UP,
        "allocation.approver",
        "Who approves a write-off or a discount is a member of staff who works here, and, where [approval] order_review of \
         desk.toml names roles or people up to an amount, one of those for this amount.",
        Run::Record(approver),
    ),
    Rule::always(
        "allocation.party",
        Level::Error,
        "A payment or credit is for orders, contracts and invoices of its own party. Money that came in is for sales, money \
         that went out for purchases and for credits.",
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
        "A payment or credit is allocated on its day or later, and on the day its invoice was issued or later: it counts \
         from the latest of them.",
        Run::Group { keys: row_keys, run: |book, id, found| of_row(book, id, found, date) },
    ),
    Rule::always(
        "allocation.instalment",
        Level::Error,
        "An allocation to an instalment names one of its contract; orders have none.",
        Run::Group { keys: instalment_keys, run: instalments },
    ),
    Rule::always(
        "allocation.invoice",
        Level::Error,
        "What is allocated to an invoice, discounts included, comes to no more than the invoice; what was paid beyond it \
         stays the party's. An allocation to an instalment names one of the invoice.",
        Run::Group { keys: invoice_keys, run: covered },
    ),
    Rule::always(
        "allocation.beyond",
        Level::Warning,
        "What is earmarked for an order or a contract should come to no more than it does itself, with tax and less \
         what was closed; of an order, than what is not invoiced yet.",
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
        let by = row.rec.approved_by.as_deref();
        let alone = by.filter(|by| row.common.entered_by.as_deref() == Some(by));
        if let (Some(by), Some(_)) = (alone, given_up(row)) {
            let place = entry.place(KeyPath::key("approved_by"));
            let message = format!("{by} entered {} and approved it too", row.id());
            findings.push(Finding::error("allocation.write_off", place, message).hint(format!(
                "desk allocation set {} --approved-by …   (someone else)",
                row.id()
            )));
        }
        if row.rec.source.is_none() && row.rec.approved_by.is_none() {
            let place = entry.place(KeyPath::key("source"));
            let message = "it has no source, and nobody approved writing it off";
            findings.push(
                Finding::error("allocation.write_off", place, message)
                    .hint(format!("desk allocation set {} --approved-by …", row.id())),
            );
        }
        let given = row.rec.discount.filter(|discount| !discount.get().is_zero());
        if let (Some(discount), true, None) =
            (given, row.rec.source.is_some(), &row.rec.approved_by)
        {
            let place = entry.place(KeyPath::key("discount"));
            let message = format!("nobody approved the discount of {discount}");
            findings.push(
                Finding::error("allocation.write_off", place, message)
                    .hint(format!("desk allocation set {} --approved-by …", row.id())),
            );
        }
    });
}

/// What an allocation gives up of what its target owes, in the target's currency: a rest written
/// off, or a discount. What takes such a row back gives nothing up.
pub(super) fn given_up(row: &Doc<Allocation>) -> Option<Decimal> {
    let discount = row.rec.discount.map_or(Decimal::ZERO, |discount| discount.get());
    let given = match row.rec.source {
        None => add(row.rec.amount.get(), discount),
        Some(_) => discount,
    };
    Some(given).filter(|given| row.rec.reverses.is_none() && !given.is_zero())
}

/// Whether who approved what is given up may; run where a change gives it up.
fn approver(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Allocation>(entry, |row| {
        let (Some(given), Some(by)) = (given_up(row), row.rec.approved_by.as_deref()) else {
            return;
        };
        let target = payment::target(book, &row.rec.target);
        let amount = match target {
            Some(target) => receivable::in_base(book, target.common, given),
            None => Some(given),
        };
        let why = match (inactive(book, by, book.today), amount) {
            (Some((why, _)), _) => Some(why),
            (None, None) => None,
            (None, Some(amount)) => match may_decide(book, by, amount) {
                Ok(true) => None,
                Ok(false) => Some(format!("{by} may not approve {}", grouped(amount))),
                Err(why) => Some(why),
            },
        };
        if let Some(why) = why {
            let place = entry.place(KeyPath::key("approved_by"));
            findings.push(Finding::error("allocation.approver", place, why).hint(format!(
                "desk allocation set {} --approved-by …   ([approval] order_review of desk.toml)",
                row.id()
            )));
        }
    });
}

/// Where an allocation takes its money from: a payment, or a credit.
struct Source<'a> {
    entry: &'a dyn Entry,
    party: &'a str,
    common: &'a Common,
    way: Direction,
    day: Option<Day>,
}

fn source<'a>(book: &'a Book, row: &Doc<Allocation>) -> Option<Source<'a>> {
    let id = row.rec.source.as_deref()?;
    if let Some(paid) = book.get::<Payment>(id) {
        let (party, common) = (paid.rec.party.as_str(), &paid.common);
        let (way, day) = (paid.rec.direction, paid.common.date);
        return Some(Source { entry: paid, party, common, way, day });
    }
    let credit = book.get::<Invoice>(id)?;
    let way = if credit.rec.is_sale() { Direction::In } else { Direction::Out };
    let (party, day) = (credit.rec.party.as_str(), credit.rec.issued_on);
    Some(Source { entry: credit, party, common: &credit.common, way, day })
}

/// The source of an allocation and what it is for, where both are known.
fn both<'a>(book: &'a Book, row: &Doc<Allocation>) -> Option<(Source<'a>, payment::Target<'a>)> {
    Some((source(book, row)?, payment::target(book, &row.rec.target)?))
}

fn party(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Allocation>(entry, |row| {
        let Some((source, target)) = both(book, row) else { return };
        let (id, of) = (&row.rec.target, &source.common.id);
        // What was advanced for an expense may come back; how much, `expense.paid` says.
        let both_ways = payment::kind_of(id) == Some(Kind::Expense);
        let message = match () {
            () if source.party != target.party => {
                format!("{id} is of {}, and {of} of {}", target.party, source.party)
            }
            () if source.way != target.takes && !both_ways => {
                let (way, takes) = (source.way.name(), target.takes.name());
                format!("{of} goes {way}, and money for {id} goes {takes}")
            }
            () => return,
        };
        let place = entry.place(KeyPath::key("target"));
        let other = source.entry.place(KeyPath::key("party"));
        let finding = Finding::error("allocation.party", place, message);
        findings.push(finding.other(other, "the payment"));
    });
}

fn currencies(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Allocation>(entry, |row| {
        let Some((source, target)) = both(book, row) else { return };
        let from = payment::own_currency(book, source.common);
        let to = payment::own_currency(book, target.common);
        let (key, message) = match row.rec.source_amount {
            None if from != to => (
                "source_amount",
                format!("{} is in {to} and {} in {from}", row.rec.target, source.common.id),
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
        let bill = book.get::<Invoice>(&row.rec.target);
        let issued = bill.and_then(|bill| bill.rec.issued_on);
        if let (Some(issued), true) = (issued, row.common.date < issued) {
            let place = entry.place(KeyPath::key("date"));
            let message = format!("{} was issued on {issued} only", row.rec.target);
            findings.push(Finding::warning("allocation.date", place, message));
        }
        let Some(source) = source(book, row) else { return };
        if row.common.date < source.day {
            let place = entry.place(KeyPath::key("date"));
            let day = source.day.map(|day| day.to_string()).unwrap_or_default();
            let verb = if source.entry.kind() == Kind::Payment { "paid" } else { "issued" };
            let message = format!("{} was {verb} on {day} only", source.common.id);
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

/// The invoice that an allocation is for.
fn invoice_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let target = Doc::<Allocation>::of(entry).map(|row| row.rec.target.clone());
    let is_invoice = |id: &String| payment::kind_of(id) == Some(Kind::Invoice);
    target.filter(is_invoice).into_iter().collect()
}

fn covered(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let Some(bill) = book.get::<Invoice>(key) else { return };
    let rows = payment::allocations_to(book, key);
    let parts = &bill.rec.instalment;
    for row in &rows {
        let Some(no) = row.rec.instalment.filter(|no| parts.iter().all(|part| part.no != *no))
        else {
            continue;
        };
        let place = (*row as &dyn Entry).place(KeyPath::key("instalment"));
        let message = format!("{key} has no instalment {no}");
        findings.push(Finding::error("allocation.invoice", place, message));
    }
    let Some(total) = invoice::total(book, bill) else { return };
    let whole = sum(rows.iter().map(|row| invoice::covered(row)));
    let Some(last) = rows.last().filter(|_| whole > total.gross) else { return };
    let place = (*last as &dyn Entry).place(KeyPath::key("amount"));
    let decimals = currency::decimals(payment::own_currency(book, &bill.common));
    let [comes, given] = [total.gross, whole].map(|amount| grouped(round(amount, decimals)));
    let message = format!("{key} comes to {comes}, and {given} is allocated to it");
    findings.push(
        Finding::error("allocation.invoice", place, message)
            .hint(format!("desk payment unmatch {} --reason …", last.id())),
    );
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
    let kept = shown(earmarked);
    let order = book.get::<Order>(key);
    let to_come = order.and_then(|order| payment::to_come(book, order, payment::EVER));
    let message = match to_come.filter(|(whole, rest)| rest < whole) {
        Some((whole, rest)) => {
            let (invoiced, whole, rest) = (shown(sub(whole, rest)), shown(whole), shown(rest));
            format!(
                "{key} comes to {whole}, of it {invoiced} invoiced and {rest} left, \
                 and {kept} is earmarked for it"
            )
        }
        None => {
            let comes = shown(add(earmarked, lacks));
            format!("{key} comes to {comes}, and {kept} is earmarked for it")
        }
    };
    let place = (*last as &dyn Entry).place(KeyPath::key("amount"));
    let bills = invoice::open_of_order(book, key, payment::EVER);
    let hint = match (bills.first(), &last.rec.source) {
        (Some((bill, _)), Some(source)) if order.is_some() => {
            format!("desk payment match {source} --to {}", bill.id())
        }
        _ => format!("desk payment unmatch {} --reason …", last.id()),
    };
    findings.push(Finding::warning("allocation.beyond", place, message).hint(hint));
}
