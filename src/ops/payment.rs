//! The acts of a payment: taken down, matched to what it is for, and unmatched again.
//!
//! A payment that is matched at once is one change over two registers. What a match takes without
//! an amount is what its target still lacks, at most what is left of the payment.

mod first_due;
mod unmatch;

pub use first_due::{Automatic, first_due};
pub use unmatch::unmatch;

use serde_json::{Map, Value};

use super::{Actor, head, next_id, record, record::Given, value};
use crate::{
    book::{
        Book, invoice,
        payment::{self, Spare},
    },
    error::{Error, Result},
    record::{
        Doc, Entry, Kind,
        change::{Change, Edit},
        common::{Common, Direction},
        customer::Customer,
        invoice::{Invoice, InvoiceKind},
        order::Order,
        payment::Payment,
        supplier::Supplier,
    },
    store::layout,
    value::{
        currency,
        day::Day,
        id::Id,
        number::{Decimal, add, grouped, negated, round, sub, sum},
    },
};

const KIND: Kind = Kind::Payment;
/// What a payment may be matched to.
const TARGETS: &str = "order|contract|invoice|expense|bid";

/// A new payment, with the currency and the owner of its party, and its allocations.
pub fn taken_down(
    book: &Book,
    actor: Actor<'_>,
    party: Option<&str>,
    amount: Option<&str>,
    matches: &[String],
    given: &[Given],
) -> Result<Change> {
    let (Some(party), Some(amount)) = (party, amount) else {
        return Err(Error::usage("a payment needs a party and an amount")
            .hint("desk payment add CX01 2000 --method transfer"));
    };
    let (_, party) = book.resolve_party(party)?;
    let id = next_id(book, KIND, actor.site, given)?;
    let mut row = head(book, KIND, &id, actor);
    row.insert("party".into(), party.into());
    row.insert("amount".into(), money(book, amount)?);
    record::fill(book, KIND, &mut row, given)?;
    freeze(book, &mut row);
    if !given.iter().any(|(key, _)| key == "date") {
        not_before_reversed(book, &mut row);
    }
    let payment = drafted(&row)?;
    let mut change = Change::default().with(Edit::Add { kind: KIND, id: id.clone(), value: row });
    let mut said = vec![received(book, &payment)];
    let mut matching = Matching { day: payment.common.date, ..Matching::default() };
    let spare = Spare { left: payment.rec.amount.get(), ..Spare::default() };
    let mut source = Source { id: payment.id(), common: &payment.common, spare };
    for text in matches {
        let (target, amount) = match text.split_once('=') {
            Some((target, amount)) => (target.trim(), Some(amount.trim())),
            None => (text.trim(), None),
        };
        let edit = matching.take(book, actor, &mut source, target, amount, &[])?;
        change.edits.push(edit);
    }
    said.extend(matching.said(book, &source));
    change.lines.push(said.join("; "));
    Ok(change.next(match source.spare.left > Decimal::ZERO {
        true => format!("desk payment match {id} --to …"),
        false => format!("desk payment show {id}"),
    }))
}

/// Puts onto a new payment what it leaves out, as the payment it reverses or its party says on the
/// day: its direction, currency and owner.
pub fn freeze(book: &Book, row: &mut Map<String, Value>) {
    let reversed = row.get("reverses").and_then(Value::as_str);
    if let Some(of) = reversed.and_then(|id| book.get::<Payment>(id)).map(|of| of.value()) {
        for key in ["direction", "method", "currency", "exchange_rate", "staff", "contract"] {
            if let (Some(held), None) = (of.get(key), row.get(key)) {
                row.insert(key.into(), held.clone());
            }
        }
    }
    let Some(party) = row.get("party").and_then(Value::as_str).map(str::to_owned) else { return };
    let kind = if book.has_file(Kind::Customer, &party) { Kind::Customer } else { Kind::Supplier };
    let direction = if kind == Kind::Customer { Direction::In } else { Direction::Out };
    row.entry("direction").or_insert_with(|| direction.name().into());
    let common = match kind {
        Kind::Customer => book.get::<Customer>(&party).map(|own| &own.common),
        _ => book.get::<Supplier>(&party).map(|own| &own.common),
    };
    let Some(common) = common else { return };
    let currency = common.currency.as_deref().filter(|code| *code != book.config.currency());
    for (key, word) in [("currency", currency), ("staff", common.staff.as_deref())] {
        if let (Some(word), None) = (word, row.get(key)) {
            row.insert(key.into(), word.into());
        }
    }
}

/// Dates a row that reverses a payment of a later day on that day.
fn not_before_reversed(book: &Book, row: &mut Map<String, Value>) {
    let of = row.get("reverses").and_then(Value::as_str).and_then(|id| book.get::<Payment>(id));
    if let Some(day) = of.and_then(|of| of.common.date).filter(|day| *day > book.today) {
        row.insert("date".into(), day.to_string().into());
    }
}

/// The payment that a row will be; whether it is sound, the gate says.
fn drafted(row: &Map<String, Value>) -> Result<Doc<Payment>> {
    let wrong = |why: serde_json::Error| Error::usage(format!("cannot take the payment: {why}"));
    let value = Value::Object(row.clone());
    let common: Common = serde_json::from_value(value.clone()).map_err(wrong)?;
    let rec: Payment = serde_json::from_value(value).map_err(wrong)?;
    Ok(Doc { file: String::new(), row: 0, common, rec })
}

/// An amount as it was typed, exactly.
fn money(book: &Book, text: &str) -> Result<Value> {
    let amount = value::known(KIND.fields(), "amount")?;
    let is_mark = |c: &char| matches!(c, ',' | '，' | ' ' | '¥' | '￥' | '$' | '€');
    let plain: String = text.chars().filter(|c| !is_mark(c)).collect();
    value::typed(book, amount, text).map_err(|error| {
        match plain != text && value::typed(book, amount, &plain).is_ok() {
            true => error.hint(format!("write {plain}")),
            false => error,
        }
    })
}

/// What a payment is, in words.
fn received(book: &Book, payment: &Doc<Payment>) -> String {
    let id = payment.id();
    let amount = payment.rec.amount.get();
    let code = payment::own_currency(book, &payment.common);
    match (&payment.rec.reverses, payment.rec.direction) {
        (Some(of), _) => {
            format!("{id}  {} of {of} taken back", shown(book, code, negated(amount)))
        }
        (None, Direction::In) => format!("{id}  {} received", shown(book, code, amount)),
        (None, Direction::Out) => format!("{id}  {} paid", shown(book, code, amount)),
    }
}

/// An amount as people read it, with its currency where that is not the company's.
fn shown(book: &Book, code: &str, amount: Decimal) -> String {
    let text = grouped(round(amount, currency::decimals(code).max(amount.normalize().scale())));
    if code == book.config.currency() { text } else { format!("{code} {text}") }
}

/// A payment or a credit while it is matched.
struct Source<'a> {
    id: &'a str,
    common: &'a Common,
    /// What is left of it.
    spare: Spare,
}

impl Source<'_> {
    /// What of it a target may take.
    fn for_target(&self, book: &Book, target: &str) -> Decimal {
        self.spare.for_any(&payment::keepers(book, target))
    }
}

/// What one command allocates, so that each match knows of those before it.
#[derive(Default)]
struct Matching {
    rows: u32,
    given: Vec<Share>,
    /// Day of the money, where it is not in the book yet.
    day: Option<Day>,
}

/// What one target was given.
#[derive(Clone)]
struct Share {
    target: String,
    currency: String,
    amount: Decimal,
    discount: Decimal,
}

impl Matching {
    /// The allocation of a payment to one target.
    fn take(
        &mut self,
        book: &Book,
        actor: Actor<'_>,
        source: &mut Source<'_>,
        target: &str,
        amount: Option<&str>,
        given: &[Given],
    ) -> Result<Edit> {
        let (_, target) = book.resolve_among(TARGETS, target)?;
        let kind = Kind::Allocation;
        let id = later(&next_id(book, kind, actor.site, &[])?, self.rows)?;
        let mut row = head(book, kind, &id, actor);
        row.insert("source".into(), source.id.into());
        row.insert("target".into(), target.clone().into());
        let amount = match amount {
            Some(text) => money(book, text)?,
            None => self.default_amount(book, source, &target)?.to_string().into(),
        };
        row.insert("amount".into(), amount);
        record::fill(book, kind, &mut row, given)?;
        self.date(book, (source.id, &target), given, &mut row)?;
        self.put(book, source, &target, &row);
        Ok(Edit::Add { kind, id, value: row })
    }

    /// Dates an allocation: on the day that is given, which cannot be before its money or its invoice
    /// was there; else on the latest of their days and its own.
    fn date(
        &self,
        book: &Book,
        (source, target): (&str, &str),
        given: &[Given],
        row: &mut Map<String, Value>,
    ) -> Result<()> {
        let paid = book.get::<Payment>(source).and_then(|paid| paid.common.date);
        let issued = |id: &str| book.get::<Invoice>(id).and_then(|bill| bill.rec.issued_on);
        let days =
            [(paid.or(self.day), source), (issued(source), source), (issued(target), target)];
        let latest = days.into_iter().filter_map(|(day, id)| Some((day?, id))).max();
        let own = row.get("date").and_then(Value::as_str).and_then(|day| day.parse::<Day>().ok());
        let Some((first, id)) = latest else { return Ok(()) };
        let is_given = given.iter().any(|(key, _)| key == "date");
        if is_given && own.is_some_and(|own| own < first) {
            let on = own.map(|own| own.to_string()).unwrap_or_default();
            let message = format!("cannot match {source} to {target} on {on}: {id} is of {first}");
            return Err(Error::refused(message, Vec::new()).hint(format!("--date {first}")));
        }
        // What is matched as it is taken down counts from then, whatever day that is typed on.
        let day = match (is_given, self.day) {
            (true, _) => own,
            (false, Some(_)) => Some(first),
            (false, None) => own.max(Some(first)),
        };
        row.extend(day.map(|day| ("date".to_owned(), Value::from(day.to_string()))));
        Ok(())
    }

    /// Notes down what a new allocation takes.
    fn put(
        &mut self,
        book: &Book,
        source: &mut Source<'_>,
        target: &str,
        row: &Map<String, Value>,
    ) {
        let decimal = |key: &str| row.get(key)?.as_str()?.parse::<Decimal>().ok();
        let amount = decimal("amount").unwrap_or_default();
        let taken = decimal("source_amount").unwrap_or(amount);
        source.spare.take(taken, &payment::keepers(book, target));
        self.given.push(Share {
            target: target.to_owned(),
            currency: currency_of(book, source, target).to_owned(),
            amount,
            discount: decimal("discount").unwrap_or_default(),
        });
        self.rows = self.rows.saturating_add(1);
    }

    /// What a target still lacks, at most what is left of the payment.
    fn default_amount(&self, book: &Book, source: &Source<'_>, target: &str) -> Result<Decimal> {
        let (id, code) = (source.id, currency_of(book, source, target));
        let explicit = || match book.get::<Payment>(id) {
            Some(_) => format!("desk payment match {id} --to {target} --amount …"),
            None => format!("--match {target}=…"),
        };
        if payment::own_currency(book, source.common) != code {
            let message = format!("{target} is in {code}, and {id} is not");
            let hint = format!("--to {target} --amount … --source-amount …");
            return Err(match book.get::<Payment>(id) {
                Some(_) => Error::usage(message).hint(format!("desk payment match {id} {hint}")),
                None => Error::usage(message)
                    .hint("leave --match out: what it takes of the payment is said afterwards")
                    .hint(format!("desk payment match PM-… {hint}")),
            });
        }
        if payment::kind_of(target).is_none() {
            let message = format!("{target} is not read by this version; say how much it takes");
            return Err(Error::usage(message).hint(explicit()));
        }
        let bill = book.get::<Invoice>(target);
        if bill.is_some_and(|bill| !invoice::is_issued(bill, payment::EVER)) {
            let message = format!("{target} is not issued, so nothing of it is owed yet");
            return Err(Error::refused(message, Vec::new())
                .hint(format!("desk invoice issue {target}"))
                .hint(explicit()));
        }
        let (lacks, spare) = (self.lacks(book, target), source.for_target(book, target));
        let amount = lacks.map_or(spare, |lacks| lacks.min(spare));
        if amount > Decimal::ZERO {
            return Ok(amount);
        }
        if spare <= Decimal::ZERO {
            return Err(Error::refused(format!("nothing is left of {id}"), Vec::new())
                .hint(format!("desk allocation list source:{id}")));
        }
        Err(covered(book, source, target))
    }

    /// What a target still lacks after this command's own allocations.
    fn lacks(&self, book: &Book, target: &str) -> Option<Decimal> {
        let given = self.given.iter().filter(|share| share.target == target);
        let given = sum(given.map(|share| add(share.amount, share.discount)));
        payment::uncovered(book, target, payment::EVER).map(|lacks| sub(lacks, given))
    }

    /// What was allocated, in words, and what is left of the payment.
    fn said(&self, book: &Book, source: &Source<'_>) -> Option<String> {
        let said = self.said_after(book, source, self);
        (!said.is_empty()).then_some(said)
    }

    /// The same, invoices being open as they are after all that a command allocates.
    fn said_after(&self, book: &Book, source: &Source<'_>, all: &Self) -> String {
        let mut words: Vec<String> = Vec::new();
        for Share { target, currency, amount, .. } in &self.given {
            let shown = |amount: Decimal| shown(book, currency, amount);
            words.push(match payment::kind_of(target) {
                Some(Kind::Invoice) => {
                    let open = all.lacks(book, target).unwrap_or_default();
                    format!("{target} open {}", shown(open))
                }
                Some(Kind::Order | Kind::Contract) => {
                    format!("{target} earmarked {}", shown(*amount))
                }
                _ => format!("{target} settled {}", shown(*amount)),
            });
        }
        words.dedup();
        let code = payment::own_currency(book, source.common);
        if !words.is_empty() && !source.spare.left.is_zero() {
            words.push(format!("{} unallocated", shown(book, code, source.spare.left)));
        }
        words.join(", ")
    }
}

/// Why nothing is left to be kept or paid for a target, with the invoices that money may go to.
fn covered(book: &Book, source: &Source<'_>, target: &str) -> Error {
    let list = format!("desk allocation list target:{target}");
    let order = book.get::<Order>(target);
    let rest = order.and_then(|order| payment::to_come(book, order, payment::EVER));
    let Some((order, (whole, rest))) = order.zip(rest).filter(|(_, (whole, rest))| rest < whole)
    else {
        return Error::refused(format!("{target} is covered already"), Vec::new()).hint(list);
    };
    let code = payment::own_currency(book, &order.common);
    let bills = invoice::open_of_order(book, target, payment::EVER);
    let open: Vec<String> = bills
        .iter()
        .map(|(bill, open)| format!("{} open {}", bill.id(), shown(book, code, *open)))
        .collect();
    let invoiced = match rest.is_zero() {
        true => format!("{target} is invoiced already"),
        false => format!(
            "{target} is covered already, and {} of it invoiced",
            shown(book, code, sub(whole, rest))
        ),
    };
    if bills.is_empty() {
        let why = if rest.is_zero() { " and paid" } else { "" };
        return Error::refused(format!("{invoiced}{why}"), Vec::new())
            .hint(format!("desk order show {target}"));
    }
    let error = Error::refused(format!("{invoiced}: {}", open.join(", ")), Vec::new());
    bills.iter().fold(error, |error, (bill, _)| match book.get::<Payment>(source.id) {
        Some(_) => error.hint(format!("desk payment match {} --to {}", source.id, bill.id())),
        None => error.hint(format!("--match {}", bill.id())),
    })
}

/// The currency of a target; of one that is not read, the payment's.
fn currency_of<'a>(book: &'a Book, source: &Source<'a>, target: &str) -> &'a str {
    let common = payment::target(book, target).map(|target| target.common);
    payment::own_currency(book, common.unwrap_or(source.common))
}

/// A payment, or a credit, that can be matched.
fn source_of<'a>(book: &'a Book, text: &str) -> Result<Source<'a>> {
    let (_, id) = book.resolve_among("payment|invoice", text)?;
    let unreadable = || Error::failure(format!("{id} cannot be matched"));
    if payment::kind_of(&id) == Some(Kind::Payment) {
        let entry = book.resolved(KIND, &id)?;
        record::writable(entry)?;
        let payment = Doc::<Payment>::of(entry).ok_or_else(unreadable)?;
        let spare = payment::spare(book, payment);
        return Ok(Source { id: payment.id(), common: &payment.common, spare });
    }
    let entry = book.resolved(Kind::Invoice, &id)?;
    record::writable(entry)?;
    let credit = Doc::<Invoice>::of(entry).ok_or_else(unreadable)?;
    if credit.rec.sort() != InvoiceKind::Credit || !invoice::is_issued(credit, payment::EVER) {
        let message = format!("{id} is no credit that was issued, and has no money to give");
        return Err(Error::usage(message).hint(format!("desk payment match PM-… --to {id}")));
    }
    let left = invoice::open(book, credit, payment::EVER)
        .ok_or_else(|| Error::failure(format!("the amounts of {id} cannot be worked out")))?;
    let spare = Spare { left, ..Spare::default() };
    Ok(Source { id: credit.id(), common: &credit.common, spare })
}

/// The id so many behind another.
fn later(id: &str, rows: u32) -> Result<String> {
    let of = layout::document_id(Kind::Allocation, id);
    let next = of.and_then(|id| Some(Id { seq: id.seq.checked_add(rows)?, ..id }));
    next.map(|id| id.to_string()).ok_or_else(|| Error::failure("no allocation ids are left"))
}

/// Payments matched to what they are for.
pub fn matched(
    book: &Book,
    actor: Actor<'_>,
    ids: &[String],
    target: &str,
    amount: Option<&str>,
    given: &[Given],
) -> Result<Change> {
    if amount.is_some() && ids.len() > 1 {
        return Err(Error::usage("an amount is for one payment")
            .hint("desk payment match PM-… --to ID --amount …"));
    }
    let (mut change, mut matching) = (Change::default(), Matching::default());
    for id in ids {
        let mut source = source_of(book, id)?;
        let first = matching.given.len();
        change.edits.push(matching.take(book, actor, &mut source, target, amount, given)?);
        let given = matching.given[first..].to_vec();
        let own = Matching { given, ..Matching::default() };
        let said = own.said_after(book, &source, &matching);
        change.lines.push(format!("{}  {said}", source.id));
    }
    Ok(change)
}

/// A rest of an invoice that nobody will pay, written off: an allocation without a source.
pub fn written_off(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    amount: Option<&str>,
    approved_by: &str,
    reason: &str,
) -> Result<Change> {
    let entry = book.resolved(Kind::Invoice, id)?;
    record::writable(entry)?;
    let bill = Doc::<Invoice>::of(entry).ok_or_else(|| Error::usage(format!("no invoice {id}")))?;
    let (id, kind) = (bill.id().to_owned(), Kind::Allocation);
    if reason.trim().is_empty() {
        return Err(Error::usage("a reason is needed").hint("--reason \"why\""));
    }
    let open = payment::uncovered(book, &id, payment::EVER).unwrap_or_default();
    if open <= Decimal::ZERO {
        return Err(Error::refused(format!("nothing of {id} is open"), Vec::new())
            .hint(format!("desk invoice show {id}")));
    }
    let row_id = next_id(book, kind, actor.site, &[])?;
    let mut row = head(book, kind, &row_id, actor);
    row.insert("target".into(), id.clone().into());
    let typed = amount.map(|text| money(book, text)).transpose()?;
    let amount = typed.unwrap_or_else(|| open.to_string().into());
    let taken = amount.as_str().and_then(|text| text.parse().ok()).unwrap_or(open);
    row.insert("amount".into(), amount);
    record::fill(book, kind, &mut row, &[("approved_by".to_owned(), approved_by.to_owned())])?;
    row.insert("remarks".into(), reason.into());
    let approver = row.get("approved_by").and_then(Value::as_str).unwrap_or(approved_by);
    let code = payment::own_currency(book, &bill.common);
    let line = format!(
        "{row_id}  {} of {id} written off, approved by {approver}; {id} open {}",
        shown(book, code, taken),
        shown(book, code, sub(open, taken))
    );
    Ok(Change::saying(line).with(Edit::Add { kind, id: row_id, value: row }))
}
