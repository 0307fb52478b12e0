//! Invariants of expenses: amounts, days, guests, people, receipts, and the money paid for them.
//!
//! What holds whatever desk.toml says today. Caps and allowances, and who may decide, are judged at
//! the act, in `spending` and `deciding`.

pub(super) mod deciding;
pub(super) mod spending;

use super::{Rule, Run, on};
use crate::{
    book::{
        Book,
        expense::{self, decide::Step},
        payment::{self, EVER},
    },
    finding::{Finding, Level},
    record::{
        Doc, Entry, Kind,
        allocation::Allocation,
        common::{Approval, Decision, decision},
        expense::{Claim, Expense, ExpenseKind, LODGING},
    },
    value::{
        number::{Decimal, grouped, round, sub},
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "expense.line",
        Level::Error,
        "What is applied for is above zero, and no more than that is granted; what is claimed is not negative, no more of it \
         is accepted, a receipt in another currency has its exchange rate, and lodging says for how many nights.",
        Run::Record(lines),
    ),
    Rule::always(
        "expense.dates",
        Level::Error,
        "An expense ends after it begins; allowances are for days of the journey, each once, and nobody provides more than \
         three meals a day; nothing was spent on a day to come.",
        Run::Record(dates),
    ),
    Rule::always(
        "expense.guests",
        Level::Error,
        "A meal or other entertainment names the guests and our host: without them it is private.",
        Run::Record(guests),
    ),
    Rule::always(
        "expense.two",
        Level::Error,
        "Application and claim are each reviewed and approved by two different people, neither of them the claimant.",
        Run::Record(two),
    ),
    Rule::always(
        "expense.beyond",
        Level::Error,
        "What is accepted of a claim is within what was approved, line by line: each receipt belongs to the approved line that \
         it names, or to the only one of its category; allowances to the line of the category `allowance`, where one was \
         applied for.",
        Run::Record(beyond),
    ),
    Rule::always(
        "expense.overlap",
        Level::Error,
        "Nobody is on two journeys on one day; its allowance would be paid twice.",
        Run::Group { keys: travellers, run: overlaps },
    ),
    Rule::always(
        "expense.receipt",
        Level::Error,
        "A receipt is claimed once: the same number on two lines would be paid twice.",
        Run::Group { keys: receipts, run: claimed_twice },
    ),
    Rule::always(
        "expense.paid",
        Level::Error,
        "Money for an expense goes to the claimant: in advance no more than was asked for and approved, then no more than was \
         accepted; no more comes back than was paid too much.",
        Run::Group { keys: paid_keys, run: paid },
    ),
];

/// The steps that a change of an expense takes, whether it approves them or not.
pub(super) fn taken(old: Option<&dyn Entry>, new: &dyn Entry) -> Vec<&'static str> {
    let mut steps = Vec::new();
    let Some(new) = Doc::<Expense>::of(new).filter(|new| new.counts()) else { return steps };
    let old = old.and_then(Doc::<Expense>::of);
    let yes = |own: &Doc<Expense>| {
        own.common.approval.iter().filter(|row| row.decision == Decision::Approved).count()
    };
    if old.is_none() {
        steps.push(deciding::APPLY);
    }
    if yes(new) > old.map_or(0, yes) {
        steps.push(deciding::DECIDE);
    }
    let claimed = old.map_or((&[][..], &[][..]), |old| (&old.rec.claim, &old.rec.day));
    if claimed != (&new.rec.claim, &new.rec.day) {
        steps.push(spending::CLAIM);
    }
    steps
}

/// A place in the blocks of an expense.
pub(super) fn at(own: &Doc<Expense>, block: &str, nth: usize, key: &str) -> Place {
    let path = KeyPath::key(block).nth(nth);
    Place::key(&own.file, if key.is_empty() { path } else { path.then(key) })
}

/// An amount in base currency, as people read it.
pub(super) fn shown(book: &Book, amount: Decimal) -> String {
    grouped(round(amount, expense::decimals(book)))
}

fn lines(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let mut find = |place: Place, message: String| {
            findings.push(Finding::error("expense.line", place, message));
        };
        let base = book.config.currency();
        if own.common.currency.as_deref().is_some_and(|code| code != base) {
            let place = Place::key(&own.file, KeyPath::key("currency"));
            let message = format!("an expense is in {base}; a receipt has its own currency");
            find(place, message);
        }
        if own.rec.advance_requested.is_some_and(|asked| asked.get() < Decimal::ZERO) {
            let place = Place::key(&own.file, KeyPath::key("advance_requested"));
            find(place, "the advance is negative".into());
        }
        for (nth, line) in own.rec.applied.iter().enumerate() {
            let (no, asked) = (line.no, line.amount.get());
            if asked <= Decimal::ZERO {
                find(at(own, "applied", nth, "amount"), format!("line {no} asks for nothing"));
            }
            let granted = line.granted();
            if granted < Decimal::ZERO || granted > asked.max(Decimal::ZERO) {
                let message = format!("line {no}: {granted} is approved of {asked}");
                find(at(own, "applied", nth, "approved"), message);
            }
        }
        for (nth, line) in own.rec.claim.iter().enumerate() {
            for (key, fault) in claim_faults(book, line) {
                find(at(own, "claim", nth, key), format!("claim {}: {fault}", line.no));
            }
        }
    });
}

fn claim_faults(book: &Book, line: &Claim) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let mut unless = |fine: bool, key, fault: &str| {
        if !fine {
            faults.push((key, fault.to_owned()));
        }
    };
    let (amount, zero) = (line.amount.get(), Decimal::ZERO);
    unless(amount >= zero, "amount", "the amount is negative");
    let accepted = line.accepted();
    let within = accepted >= zero && accepted <= amount.max(zero);
    unless(within, "sanctioned", &format!("{accepted} is accepted of {amount}"));
    let tax = line.tax_amount.map_or(zero, |tax| tax.get());
    unless(
        tax >= zero && tax <= amount.max(zero),
        "tax_amount",
        "the tax is not within the amount",
    );
    let foreign = line.currency.as_deref().is_some_and(|code| code != book.config.currency());
    let rate = line.exchange_rate.map(|rate| rate.get());
    unless(!foreign || rate.is_some(), "currency", "a foreign receipt has no exchange rate");
    unless(
        rate.is_none_or(|rate| rate > zero),
        "exchange_rate",
        "the exchange rate is not above 0",
    );
    let is_lodging = line.category == LODGING;
    let nights = line.nights.unwrap_or(0);
    unless(
        !is_lodging || nights > 0 || amount.is_zero(),
        "category",
        "lodging for how many nights?",
    );
    faults
}

fn dates(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let mut find = |place: Place, message: String| {
            findings.push(Finding::error("expense.dates", place, message));
        };
        let (begins, ends) = (own.begins(), own.ends());
        if let (Some(from), Some(to)) =
            (own.rec.starts_on, own.rec.ends_on.filter(|to| begins > Some(*to)))
        {
            let place = Place::key(&own.file, KeyPath::key("ends_on"));
            find(place, format!("it ends on {to}, before it begins on {from}"));
        }
        for (nth, line) in own.rec.claim.iter().enumerate() {
            if line.on > book.today {
                let message = format!("claim {}: {} is a day to come", line.no, line.on);
                find(at(own, "claim", nth, "on"), message);
            }
        }
        for (nth, day) in own.rec.day.iter().enumerate() {
            let on = day.on;
            if Some(on) < begins || Some(on) > ends {
                find(at(own, "day", nth, "on"), format!("{on} is no day of it"));
            }
            if own.rec.day[..nth].iter().any(|other| other.on == on) {
                find(at(own, "day", nth, "on"), format!("{on} is there twice"));
            }
            if day.meals_provided.is_some_and(|meals| meals > 3) {
                let message = format!("{on}: a day has three meals");
                find(at(own, "day", nth, "meals_provided"), message);
            }
        }
    });
}

fn guests(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        for (nth, line) in own.rec.claim.iter().enumerate() {
            if !line.is_of_guests() || line.amount.get().is_zero() {
                continue;
            }
            let missing = match (line.guests.is_empty(), line.host.is_none()) {
                (false, false) => continue,
                (true, true) => "guests and host",
                (true, false) => "guests",
                (false, true) => "host",
            };
            let message = format!("claim {}: a {} without {missing}", line.no, line.category);
            let place = at(own, "claim", nth, "category");
            let key = if line.guests.is_empty() { "guests" } else { "host" };
            let hint = format!("desk expense set {} claim.{}.{key}=…", own.id(), line.no);
            findings.push(Finding::error("expense.guests", place, message).hint(hint));
        }
    });
}

fn two(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let rows = &own.common.approval;
        let last = |step: Step| decision(rows, step.name());
        let mut find = |row: &Approval, message: String| {
            let nth = rows.iter().rposition(|other| other == row).unwrap_or_default();
            let hint = format!("desk expense void {} --reason …", own.id());
            let finding = Finding::error("expense.two", at(own, "approval", nth, "by"), message);
            findings.push(finding.hint(hint));
        };
        for step in expense::decide::STEPS {
            let Some(row) = last(step).filter(|row| row.decision == Decision::Approved) else {
                continue;
            };
            if row.by == own.rec.claimant {
                find(row, format!("{} decided on their own expense", row.by));
            }
            let first = last(step.other()).filter(|_| !step.is_review());
            if first.is_some_and(|first| first.by == row.by && first.decision == Decision::Approved)
            {
                find(row, format!("{} reviewed it and approved it too", row.by));
            }
        }
    });
}

fn beyond(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Expense>(entry, |own| {
        let id = own.id();
        for (nth, line) in own.rec.claim.iter().enumerate() {
            let amount = line.accepted();
            if amount.is_zero() || own.rec.applied_for(line.applied, &line.category).is_some() {
                continue;
            }
            let place =
                at(own, "claim", nth, if line.applied.is_some() { "applied" } else { "category" });
            let same = own.rec.applied.iter().filter(|other| other.category == line.category);
            let message = match (line.applied, same.count()) {
                (Some(no), _) => format!("claim {}: there is no approved line {no}", line.no),
                (None, 0) => format!("claim {}: no {} was applied for", line.no, line.category),
                (None, _) => format!("claim {}: which line of {}?", line.no, line.category),
            };
            let hint = format!("desk expense set {id} claim.{}.applied=…", line.no);
            findings.push(Finding::error("expense.beyond", place, message).hint(hint));
        }
        for (nth, line) in own.rec.applied.iter().enumerate() {
            let claimed = expense::claimed_of(book, own, line.no);
            if claimed <= line.granted() {
                continue;
            }
            let (claimed, granted) = (shown(book, claimed), shown(book, line.granted()));
            let message =
                format!("{}: {claimed} is claimed, and {granted} was approved", line.category);
            let finding = Finding::error("expense.beyond", at(own, "applied", nth, ""), message);
            let first = own.rec.claim.iter().find(|claim| {
                let of = own.rec.applied_for(claim.applied, &claim.category);
                of.is_some_and(|of| of.no == line.no)
            });
            findings.push(match first {
                Some(claim) => {
                    finding.hint(format!("desk expense set {id} claim.{}.sanctioned=…", claim.no))
                }
                None => finding,
            });
        }
    });
}

/// The claimant of a journey.
fn travellers(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let own = Doc::<Expense>::of(entry).filter(|own| is_journey(own));
    own.map(|own| own.rec.claimant.clone()).into_iter().collect()
}

/// Whether it is a journey that was not refused.
fn is_journey(own: &Doc<Expense>) -> bool {
    let steps = [Step::ApplicationReview, Step::ApplicationApproval];
    let is_refused = steps.into_iter().any(|step| {
        decision(&own.common.approval, step.name())
            .is_some_and(|row| row.decision == Decision::Rejected)
    });
    own.counts() && own.rec.kind == ExpenseKind::Travel && !is_refused
}

fn overlaps(book: &Book, claimant: &str, findings: &mut Vec<Finding>) {
    let mut trips = book.pointing::<Expense>(claimant);
    trips.retain(|own| own.rec.claimant == claimant && is_journey(own) && own.begins().is_some());
    trips.sort_by_key(|own| (own.begins(), own.id().to_owned()));
    // The journey that lasts longest of those before: one long journey may hold several short ones.
    let mut longest: Option<&Doc<Expense>> = None;
    for own in trips {
        if let Some(other) = longest.filter(|other| own.begins() <= other.ends()) {
            let (id, other_id) = (own.id(), other.id());
            let to = other.ends().map(|day| day.to_string()).unwrap_or_default();
            let message = format!("{claimant} is on {other_id} until {to}, and on {id} from then");
            let message = match own.begins() == other.ends() {
                true => message,
                false => format!("{id} of {claimant} begins while {other_id} lasts, until {to}"),
            };
            let place = Place::key(&own.file, KeyPath::key("starts_on"));
            let first = Place::key(&other.file, KeyPath::key("ends_on"));
            let finding = Finding::error("expense.overlap", place, message);
            findings.push(finding.other(first, format!("{other_id} ends here")));
        }
        if longest.is_none_or(|other| own.ends() > other.ends()) {
            longest = Some(own);
        }
    }
}

fn receipts(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let own = Doc::<Expense>::of(entry).filter(|own| own.counts());
    let numbers = own.into_iter().flat_map(|own| &own.rec.claim);
    numbers.filter_map(|line| line.receipt_no.clone()).collect()
}

fn claimed_twice(book: &Book, number: &str, findings: &mut Vec<Finding>) {
    let mut claimed: Vec<(&Doc<Expense>, usize, u32)> = Vec::new();
    for own in book.with_receipt(number).into_iter().filter(|own| own.counts()) {
        let lines = own.rec.claim.iter().enumerate();
        let same = lines.filter(|(_, line)| line.receipt_no.as_deref() == Some(number));
        claimed.extend(same.map(|(nth, line)| (own, nth, line.no)));
    }
    let Some((first, rest)) = claimed.split_first() else { return };
    for (own, nth, no) in rest {
        let of = first.0.id();
        let message =
            format!("{} claim {no}: receipt {number} is claimed by {of} already", own.id());
        let finding =
            Finding::error("expense.receipt", at(own, "claim", *nth, "receipt_no"), message);
        findings.push(
            finding
                .other(at(first.0, "claim", first.1, "receipt_no"), "claimed here")
                .hint(format!("desk expense show {of}")),
        );
    }
}

/// The expense that an allocation is for, and an expense.
fn paid_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    match entry.kind() {
        Kind::Expense => vec![entry.common().id.clone()],
        _ => {
            let target = Doc::<Allocation>::of(entry).map(|row| row.rec.target.clone());
            let is_expense = |id: &String| payment::kind_of(id) == Some(Kind::Expense);
            target.filter(is_expense).into_iter().collect()
        }
    }
}

fn paid(book: &Book, id: &str, findings: &mut Vec<Finding>) {
    let Some(own) = book.get::<Expense>(id).filter(|own| own.counts()) else { return };
    let rows = payment::allocations_to(book, id);
    let Some(last) = rows.last() else { return };
    let (out, back) = expense::paid(book, id, EVER);
    let (net, standing) = (sub(out, back), expense::standing(book, own, EVER));
    let is_accepted = expense::is_accepted(book, own, EVER);
    let show = |amount| shown(book, amount);
    let most = standing.advance.max(standing.accepted);
    let owed = if is_accepted { standing.accepted } else { Decimal::ZERO };
    let message = match () {
        () if out > Decimal::ZERO && !expense::is_granted(book, own, EVER) => {
            format!("{} is paid for {id}, which is not approved", show(out))
        }
        () if net > most && is_accepted => {
            format!("{id}: {} is paid, and {} was accepted", show(net), show(standing.accepted))
        }
        () if net > most => {
            format!("{id}: {} is paid, and {} may be advanced", show(net), show(most))
        }
        () if back > sub(out, owed).max(Decimal::ZERO) => {
            let too_much = show(sub(out, owed).max(Decimal::ZERO));
            format!("{id}: {} came back, and {too_much} was paid too much", show(back))
        }
        () => return,
    };
    let place = (*last as &dyn Entry).place(KeyPath::key("amount"));
    let hint = format!("desk payment unmatch {} --reason …", last.id());
    findings.push(Finding::error("expense.paid", place, message).hint(hint));
}
