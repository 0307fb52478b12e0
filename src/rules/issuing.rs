//! The gate of invoices that are drafted or issued: for which orders, for how much, on which day, and
//! that the act is kept.
//!
//! With the match it is run wherever a change makes a draft or issues one, whatever command or editor
//! made it. What was issued elsewhere comes in as history and is not judged.

use super::{Rule, Run, on, people::inactive, sending};
use crate::{
    book::{Book, closing, fulfilment, invoice, series},
    finding::Finding,
    record::{
        Doc, Entry,
        common::{Decision, decision},
        invoice::{Invoice, InvoiceKind},
        order::Order,
    },
    value::{
        day::Day,
        number::{Decimal, grouped},
        place::{KeyPath, Place},
    },
};

/// The step that an approval of an issued invoice names.
pub(super) const STEP: &str = "issue";

pub(super) const RULES: &[Rule] = &[
    Rule::step(
        STEP,
        "issue.recorded",
        "Invoices are issued by `desk invoice issue`, which keeps who issued them, a member of staff who works here, and \
         their digest in closings. What was issued elsewhere comes in by `desk import --history`.",
        Run::Record(recorded),
    ),
    Rule::step(
        STEP,
        "issue.order",
        "An invoice is drafted and issued for an order that is approved as it is now, not on hold, and more than a quote.",
        Run::Record(orders),
    ),
    Rule::step(
        STEP,
        "issue.day",
        "An invoice is issued by today, not before its order was placed or what it credits was issued; and in a series no \
         number is of an earlier day than those before it.",
        Run::Record(days),
    ),
    Rule::step(
        STEP,
        "issue.amount",
        "What is drafted or issued comes to more than nothing, so that no number is used up for it.",
        Run::Record(amount),
    ),
];

/// Whether an invoice is issued, whoever did it.
pub(super) fn is_issued(bill: &Doc<Invoice>) -> bool {
    bill.counts() && bill.rec.issued_on.is_some() && bill.rec.sort() != InvoiceKind::Proforma
}

/// The command that issues an invoice, with the number it has.
pub(super) fn issue_hint(bill: &Doc<Invoice>, on: Option<Day>) -> String {
    let number = bill.rec.number.as_deref().map(|number| format!(" --number {number}"));
    let on = on.map(|day| format!(" --on {day}"));
    let (number, on) = (number.unwrap_or_default(), on.unwrap_or_default());
    format!("desk invoice issue {}{number}{on}", bill.id())
}

fn recorded(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        if !is_issued(bill) || bill.rec.sort() == InvoiceKind::Opening {
            return;
        }
        let id = bill.id();
        let mut find = |path: KeyPath, message: String, hint: &str| {
            let finding = Finding::error("issue.recorded", Place::key(&bill.file, path), message);
            findings.push(finding.hint(hint));
        };
        let issue = issue_hint(bill, None);
        let approvals = &bill.common.approval;
        let Some(approval) =
            decision(approvals, STEP).filter(|approval| approval.decision == Decision::Approved)
        else {
            let message = format!("{id} is issued, and nobody is named who issued it");
            return find(KeyPath::key("issued_on"), message, &issue);
        };
        if let Some((message, hint)) = inactive(book, &approval.by, book.today) {
            let at = approvals.iter().rposition(|row| row == approval).unwrap_or_default();
            return find(KeyPath::key("approval").nth(at).then("by"), message, hint);
        }
        let rows = closing::of_record(book, id);
        if !rows.iter().any(|row| row.rec.month.is_none()) {
            let message = format!("{id} is issued, and no closing keeps it");
            find(KeyPath::key("issued_on"), message, &issue);
        }
    });
}

/// The orders that an ordinary invoice is for, each with the first line that is for it.
fn each_order<'a>(book: &'a Book, bill: &'a Doc<Invoice>) -> Vec<(&'a Doc<Order>, usize)> {
    let mut orders: Vec<(&Doc<Order>, usize)> = Vec::new();
    if bill.rec.sort() != InvoiceKind::Invoice || !bill.rec.is_sale() {
        return orders;
    }
    for (at, line) in bill.rec.line.iter().enumerate() {
        let joined = fulfilment::invoiced_line(book, bill, line).map(|(id, _)| id);
        let order = joined.or(line.order.as_deref()).and_then(|id| book.get::<Order>(id));
        if let Some(order) = order.filter(|own| !orders.iter().any(|(of, _)| of.id() == own.id())) {
            orders.push((order, at));
        }
    }
    orders
}

/// Run by `invoice check` of a draft, too.
pub(super) fn orders(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        for (order, at) in each_order(book, bill) {
            if let Some((why, hint)) = sending::not_firm(book, order) {
                let path = KeyPath::key("line").nth(at).then("order");
                let message = format!("{} {why}", order.id());
                let place = Place::key(&bill.file, path);
                findings.push(Finding::error("issue.order", place, message).hint(hint));
            }
        }
    });
}

fn days(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        let Some(day) = bill.rec.issued_on.filter(|_| is_issued(bill)) else { return };
        let mut find = |message: String, better: Day| {
            let place = Place::key(&bill.file, KeyPath::key("issued_on"));
            let finding = Finding::error("issue.day", place, message);
            findings.push(finding.hint(issue_hint(bill, Some(better))));
        };
        if day > book.today {
            return find(format!("{day} is still to come"), book.today);
        }
        for (order, _) in each_order(book, bill) {
            if let Some(ordered) = order.ordered_on().filter(|ordered| *ordered > day) {
                let message = format!("issued on {day}, and {} is of {ordered}", order.id());
                find(message, ordered);
            }
        }
        let against = bill.rec.against_invoice.as_deref().and_then(|of| book.get::<Invoice>(of));
        if let Some(of) = against
            && let Some(issued) = of.rec.issued_on.filter(|issued| *issued > day)
        {
            find(format!("issued on {day}, and {} on {issued}", of.id()), issued);
        }
        if let Some((earlier, other)) = behind(book, bill, day) {
            let number = bill.rec.number.as_deref().unwrap_or_default();
            find(format!("number {number} of {day} comes behind {other} of {earlier}"), earlier);
        }
    });
}

/// The number of its series before that of an invoice which is of a later day, the latest of them.
fn behind(book: &Book, bill: &Doc<Invoice>, day: Day) -> Option<(Day, String)> {
    let series = series::named(book, bill.rec.series.as_deref()?).filter(|_| bill.rec.is_sale())?;
    let own = series::ordinal(series, bill.rec.number.as_deref()?)?;
    let mut latest: Option<(Day, String)> = None;
    book.each::<Invoice>(|other| {
        let is_same = other.rec.is_sale() && other.rec.series.as_deref() == Some(&series.name);
        let number = other.rec.number.as_deref().filter(|_| is_same);
        let Some((number, issued)) = number.zip(other.rec.issued_on) else { return };
        let is_before = series::ordinal(series, number).is_some_and(|at| at < own);
        if is_before && issued > day && latest.as_ref().is_none_or(|(held, _)| issued > *held) {
            latest = Some((issued, number.to_owned()));
        }
    });
    latest
}

fn amount(book: &Book, entry: &dyn Entry, findings: &mut Vec<Finding>) {
    on::<Invoice>(entry, |bill| {
        let total = invoice::total(book, bill).map(|total| total.gross);
        let Some(total) = total.filter(|total| *total <= Decimal::ZERO) else { return };
        let id = bill.id();
        let message = format!("{id} comes to {}, and is not issued for that", grouped(total));
        let finding =
            Finding::error("issue.amount", Place::key(&bill.file, KeyPath::key("line")), message);
        let given = each_order(book, bill).into_iter().next();
        let hint = match (given, bill.rec.line.iter().any(|line| line.qty.get().is_zero())) {
            (Some((order, at)), false) => {
                let no = bill.rec.line[at].order_line.unwrap_or(1);
                let id = order.id();
                format!("desk order revise {id} --line \"{no} free_reason=gift\" --reason …")
            }
            _ => format!("desk invoice set {id} line.1.qty=…"),
        };
        findings.push(finding.hint(hint));
    });
}
