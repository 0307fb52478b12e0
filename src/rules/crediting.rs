//! Invariants of credits: what they take back is there, and no more than it was.
//!
//! For `check` and the gate; at which price goods come back is a matter of the match.

use super::{Rule, Run, on};
use crate::{
    book::{Book, credited, payment},
    finding::{Finding, Level},
    record::{
        Doc, Entry,
        invoice::{Invoice, InvoiceKind, InvoiceLine},
    },
    value::{
        number::{Decimal, add, grouped, sub},
        place::{KeyPath, Place},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule::always(
        "invoice.credit",
        Level::Error,
        "A credit takes back an issued invoice of the same party, side and currency, and all its credits together no more \
         than it was, line by line and in all.",
        Run::Group { keys: credit_keys, run: credits },
    ),
    Rule::always(
        "invoice.reopens",
        Level::Error,
        "A credit of goods says whether they are to be invoiced again (reopens_billing); there is no default. A change of \
         price moves no quantity, so it says nothing of the kind.",
        Run::Record(reopens),
    ),
];

/// The invoice that a credit takes back, and an invoice.
fn credit_keys(_: &Book, entry: &dyn Entry) -> Vec<String> {
    let Some(bill) = Doc::<Invoice>::of(entry) else { return Vec::new() };
    let of = bill.rec.against_invoice.as_deref().unwrap_or(bill.id());
    vec![of.to_owned()]
}

fn credits(book: &Book, key: &str, findings: &mut Vec<Finding>) {
    let Some(bill) = book.get::<Invoice>(key) else { return };
    let credits = credited::credits(book, key);
    let mut find = |credit: &Doc<Invoice>, path: KeyPath, message: String, hint: String| {
        let place = Place::key(&credit.file, path);
        let finding = Finding::error("invoice.credit", place, message).hint(hint);
        findings.push(finding.other(Place::file(&bill.file), format!("{key} is here")));
    };
    for credit in &credits {
        if let Some((path, message)) = mismatch(book, bill, credit) {
            let hint = match bill.rec.issued_on {
                None => format!("desk invoice issue {key}"),
                Some(_) => format!("desk invoice show {key}"),
            };
            find(credit, KeyPath::key(path), message, hint);
        }
        for (path, line, message) in untold(bill, credit) {
            let hint = format!("desk invoice set {} line.{line}.against_line=…", credit.id());
            find(credit, path, message, hint);
        }
    }
    let Some(last) = credits.iter().max_by_key(|credit| credit.rec.issued_on.is_none()) else {
        return;
    };
    let list = || format!("desk invoice list against_invoice:{key}");
    let instead = |line: Option<&InvoiceLine>, word: &str, value: Option<Decimal>| {
        let is_draft = last.rec.issued_on.is_none();
        match (line, value.filter(|value| *value > Decimal::ZERO && is_draft)) {
            (Some(line), Some(value)) => {
                format!(
                    "desk invoice set {} line.{}.{word}={}",
                    last.id(),
                    line.no,
                    value.normalize()
                )
            }
            _ => list(),
        }
    };
    let mut is_told = false;
    for line in &bill.rec.line {
        let Some((qty, left)) = credited::left(book, bill, line, &credits) else { continue };
        if qty >= Decimal::ZERO && left >= Decimal::ZERO {
            continue;
        }
        is_told = true;
        let own = last
            .rec
            .line
            .iter()
            .find(|own| bill.rec.credited_line(own).is_some_and(|of| of.no == line.no));
        if qty < Decimal::ZERO {
            let back = sub(line.qty.get(), qty).normalize();
            let hint = instead(own, "qty", own.map(|own| add(own.qty.get(), qty)));
            find(
                last,
                KeyPath::key("line"),
                format!("{key} line {}: {back} credited of {}", line.no, line.qty),
                hint,
            );
            continue;
        }
        let beyond = grouped(sub(Decimal::ZERO, left));
        let message = format!("{key} line {}: credited {beyond} beyond what it was", line.no);
        find(last, KeyPath::key("line"), message, list());
    }
    let left = credited::uncredited(book, bill).filter(|left| *left < Decimal::ZERO);
    if let Some(left) = left.filter(|_| !is_told) {
        let beyond = grouped(sub(Decimal::ZERO, left));
        find(
            last,
            KeyPath::key("line"),
            format!("{key} is credited {beyond} beyond what it was"),
            list(),
        );
    }
}

/// Why a credit cannot take back an invoice, and the field that says so.
fn mismatch(
    book: &Book,
    bill: &Doc<Invoice>,
    credit: &Doc<Invoice>,
) -> Option<(&'static str, String)> {
    let (id, key) = (credit.id(), bill.id());
    let [own, theirs] = [credit, bill].map(|doc| payment::own_currency(book, &doc.common));
    match () {
        () if matches!(bill.rec.sort(), InvoiceKind::Credit | InvoiceKind::Proforma) => {
            let sort = bill.rec.sort().name();
            Some(("against_invoice", format!("{id} credits {key}, which is a {sort} itself")))
        }
        () if bill.rec.issued_on.is_none() => {
            Some(("against_invoice", format!("{id} credits {key}, which is not issued")))
        }
        () if bill.rec.party != credit.rec.party => {
            Some(("party", format!("{id} credits {key}, which is of {}", bill.rec.party)))
        }
        () if bill.rec.is_sale() != credit.rec.is_sale() => {
            Some(("side", format!("{id} credits {key} of the other side")))
        }
        () if own != theirs => {
            Some(("currency", format!("{id} is in {own} and credits {key}, which is in {theirs}")))
        }
        () => None,
    }
}

/// The lines of a credit that may take back any of several lines of the invoice.
fn untold(bill: &Doc<Invoice>, credit: &Doc<Invoice>) -> Vec<(KeyPath, u32, String)> {
    let mut untold = Vec::new();
    for (at, line) in credit.rec.line.iter().enumerate() {
        let goods = |own: &&InvoiceLine| own.product == line.product && own.text == line.text;
        let may_be = bill.rec.line.iter().filter(goods).map(|own| own.no.to_string());
        let may_be: Vec<String> = may_be.collect();
        let is_told = bill.rec.credited_line(line).is_some() || line.order_line.is_some();
        if is_told || !line.sort().moves_quantity() || may_be.len() < 2 {
            continue;
        }
        let (no, which, id) = (line.no, may_be.join(", "), bill.id());
        let message = format!("line {no}: it may credit any of the lines {which} of {id}");
        untold.push((KeyPath::key("line").nth(at).then("against_line"), no, message));
    }
    untold
}

fn reopens(_: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        for (at, line) in bill.rec.line.iter().enumerate() {
            let is_credit = bill.rec.sort() == InvoiceKind::Credit;
            let message = match (is_credit && line.sort().moves_quantity(), line.reopens_billing) {
                (true, None) => "it does not say whether the goods are to be invoiced again",
                (false, Some(true)) => "nothing of it is to be invoiced again",
                _ => continue,
            };
            let message = format!("line {}: {message}", line.no);
            let finding = Finding::error(
                "invoice.reopens",
                Place::key(&bill.file, KeyPath::key("line").nth(at).then("reopens_billing")),
                message,
            );
            findings.push(finding.hint(format!(
                "desk invoice set {} line.{}.reopens_billing=…",
                bill.id(),
                line.no
            )));
        }
    });
}
