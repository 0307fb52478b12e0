//! Contacts with customers taken down: calls, visits, complaints, and what settles them.

pub mod lead;
pub mod licence;

use serde_json::{Map, Value};

use super::{
    Actor, head, next_id,
    record::{Given, fill, writable},
    value,
};
use crate::{
    book::{
        Book,
        contact::{self, COMPLAINT_DAYS},
        derived::party_name,
        lead as leads,
    },
    error::{Error, Result},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        contact::{Contact, Topic},
        customer::Customer,
    },
    rules::people::inactive,
    value::day::Day,
};

const KIND: Kind = Kind::Contact;

/// A call or a visit; without a party, of an unknown caller.
pub fn spoken(
    book: &Book,
    actor: Actor<'_>,
    channel: &str,
    party: Option<&str>,
    given: &[Given],
) -> Result<Change> {
    let direction = if party.is_some() { "out" } else { "in" };
    let mut row = Row::new(book, actor, party, given)?;
    row.absent("channel", || channel.into());
    row.absent("direction", || direction.into());
    row.absent("topic", || "follow_up".into());
    let named = party.map_or("unknown caller".to_owned(), |_| row.named(book));
    let word = |key: &str| row.value.get(key).and_then(Value::as_str).unwrap_or_default();
    let (next_on, code) = (word("next_on"), word("party"));
    let customer = book.get::<Customer>(code);
    if let Some(lead) = customer.filter(|own| leads::is_lead(own)) {
        with_next_step(book, lead, next_on, channel)?;
    }
    let next_due = match (next_on, customer) {
        ("", Some(customer)) => contact::every_days(book, customer)
            .and_then(|days| Some(book.config.workdays().after(row.day(book).ok()?, days)))
            .map(|day| format!("  next due {day}")),
        ("", None) => None,
        (agreed, _) => Some(format!("  next on {agreed}")),
    };
    let line = format!("{}  {named}  {}{}", row.id, channel, next_due.unwrap_or_default());
    let next = match customer {
        Some(_) => "desk customer due".to_owned(),
        None => format!("desk contact show {}", row.id),
    };
    Ok(row.change(line).next(next))
}

/// A lead is spoken to with a next step: a day that is agreed, or a task about it that is open.
fn with_next_step(book: &Book, lead: &Doc<Customer>, agreed: &str, verb: &str) -> Result<()> {
    let open = leads::of_customer(book, lead, book.today);
    let has_task = open.task.is_some_and(|task| task.rec.due_on > Some(book.today));
    if has_task || agreed > book.today.to_string().as_str() {
        return Ok(());
    }
    let verb = if verb == "visit" { "visit" } else { "call" };
    let later = book.config.workdays().after(book.today, 5);
    let (id, stage) = (lead.id(), lead.rec.stage.map_or("lead", |stage| stage.name()));
    Err(Error::usage(format!("{id} is a {stage}: a day to come has to be set for the next step"))
        .hint(format!("desk customer {verb} {id} … --next-on {later}")))
}

/// A complaint, with who sees to it and by when.
pub fn complaint(
    book: &Book,
    actor: Actor<'_>,
    party: Option<&str>,
    given: &[Given],
) -> Result<Change> {
    let mut row = Row::new(book, actor, party, given)?;
    if row.value.get("summary").and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
        return Err(Error::usage("a complaint says what is wrong")
            .hint("desk customer complaint CUSTOMER --summary '…'"));
    }
    row.value.insert("topic".into(), "complaint".into());
    row.absent("channel", || "phone".into());
    row.absent("direction", || "in".into());
    let day = row.day(book)?;
    if !row.value.contains_key("owner") {
        let code = row.value.get("party").and_then(Value::as_str).unwrap_or_default();
        let staff = book.party_common(code).and_then(|common| common.staff.clone());
        let owner = staff.filter(|staff| inactive(book, staff, day).is_none());
        let owner = owner.ok_or_else(|| {
            Error::usage("nobody here keeps this customer, so someone has to see to the complaint")
                .hint(format!("desk customer complaint {code} … --owner STAFF"))
        })?;
        row.value.insert("owner".into(), owner.into());
    }
    row.absent("due_on", || {
        let days = book.config.days_ahead("complaints", COMPLAINT_DAYS);
        book.config.workdays().after(day, days).to_string().into()
    });
    let word = |key: &str| row.value.get(key).and_then(Value::as_str).unwrap_or_default();
    let (owner, due) = (word("owner"), word("due_on"));
    let id = row.id.clone();
    let line = format!("{id}  {}  complaint: {owner} sees to it by {due}", row.named(book));
    Ok(row.change(line).next(format!("desk customer resolve {id} --outcome '…'")))
}

/// What came of a complaint or a question: a row that answers it.
pub fn resolve(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    outcome: &str,
    given: &[Given],
) -> Result<Change> {
    let entry = book.resolved(KIND, id)?;
    writable(entry)?;
    let Some(first) = Doc::<Contact>::of(entry) else {
        return Err(Error::usage(format!("{id} is no contact")));
    };
    let id = first.id();
    if let Some(of) = &first.rec.reply_to {
        return Err(Error::usage(format!("{id} is an answer to {of}"))
            .hint(format!("desk customer resolve {of} --outcome '…'")));
    }
    if outcome.trim().is_empty() {
        return Err(Error::usage(format!("what came of {id} has to be said"))
            .hint(format!("desk customer resolve {id} --outcome '…'")));
    }
    if !contact::asks(first) {
        return Err(Error::usage(format!("{id} is no complaint, and nobody waits for an answer"))
            .hint("desk report customers --table complaints"));
    }
    if let Some(by) = contact::settled(book, first, book.today) {
        let said = by.rec.outcome.as_deref().unwrap_or_default();
        return Err(Error::usage(format!("{id} was settled by {}: {said}", by.id()))
            .hint(format!("desk contact show {}", by.id())));
    }
    let mut row = Row::new(book, actor, None, given)?;
    for (key, held) in entry.value() {
        if matches!(key.as_str(), "party" | "person" | "topic" | "about") {
            row.value.entry(key).or_insert(held);
        }
    }
    row.absent("channel", || "phone".into());
    row.absent("direction", || "out".into());
    row.value.insert("reply_to".into(), id.into());
    row.value.insert("outcome".into(), outcome.into());
    let settled = if first.rec.topic == Topic::Complaint { "resolved" } else { "answered" };
    let line = format!("{id}  {}  {settled} by {}: {outcome}", row.named(book), row.id);
    let party = first.rec.party.as_deref().map(|party| format!("desk customer show {party}"));
    let change = row.change(line);
    Ok(
        match party.filter(|_| first.rec.party.as_deref().is_some_and(|own| is_customer(book, own)))
        {
            Some(next) => change.next(next),
            None => change,
        },
    )
}

fn is_customer(book: &Book, code: &str) -> bool {
    book.has_file(Kind::Customer, code)
}

/// A row on its way into the register of contacts.
struct Row {
    id: String,
    value: Map<String, Value>,
}

impl Row {
    /// The row as it was given, taken down by whoever types it.
    fn new(book: &Book, actor: Actor<'_>, party: Option<&str>, given: &[Given]) -> Result<Self> {
        let id = next_id(book, KIND, actor.site, given)?;
        let mut value = head(book, KIND, &id, actor);
        if let Some(text) = party {
            let field = value::known(KIND.fields(), "party")?;
            value.insert("party".into(), value::typed(book, field, text)?);
        }
        fill(book, KIND, &mut value, given)?;
        let mut row = Self { id, value };
        if book.has_file(Kind::Staff, actor.user) {
            row.absent("staff", || actor.user.into());
        }
        Ok(row)
    }

    /// A value where none was given.
    fn absent(&mut self, key: &str, value: impl FnOnce() -> Value) {
        if !self.value.contains_key(key) {
            self.value.insert(key.into(), value());
        }
    }

    /// The day it happened.
    fn day(&self, book: &Book) -> Result<Day> {
        let text = self.value.get("date").and_then(Value::as_str).unwrap_or_default();
        value::day(book, text)
    }

    /// Whom it was with.
    fn named(&self, book: &Book) -> String {
        let code = self.value.get("party").and_then(Value::as_str);
        let name = code.and_then(|code| party_name(book, code).or(Some(code.to_owned())));
        name.unwrap_or_else(|| "unknown caller".into())
    }

    fn change(self, line: String) -> Change {
        Change::saying(line).with(Edit::Add { kind: KIND, id: self.id, value: self.value })
    }
}
