//! Leads registered and moved on: from where they come, and always with a next step.

use serde_json::Value;

use crate::{
    book::{Book, lead as leads},
    error::{Error, Kind as Class, Result},
    ops::{
        Actor, head, next_id, now,
        record::{Given, fill, writable},
        value,
    },
    record::{
        Doc, Kind,
        change::{Change, Edit},
        common::Stage,
        customer::Customer,
    },
    value::place::KeyPath,
};

const KIND: Kind = Kind::Customer;

/// The next step with a lead, as it was given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Step<'a> {
    /// The stage it comes to.
    pub stage: Option<&'a str>,
    /// The day of the next step.
    pub next_on: Option<&'a str>,
    /// What is to be done then.
    pub step: Option<&'a str>,
}

/// A new lead, under a code of its own, with where it comes from.
pub fn registered(book: &Book, actor: Actor<'_>, code: &str, given: &[Given]) -> Result<Change> {
    let taken = book.ids(KIND).into_iter().find(|other| other.eq_ignore_ascii_case(code));
    if let Some(taken) = taken {
        return Err(Error::new(Class::Conflict, format!("customer {taken} is there already"))
            .hint(format!("desk customer lead {taken} --stage prospect --next-on …")));
    }
    let mut value = head(book, KIND, code, actor);
    fill(book, KIND, &mut value, given)?;
    let has = |key: &str| {
        value.get(key).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
    };
    if let Some(missing) = ["name", "source"].into_iter().find(|key| !has(key)) {
        return Err(Error::usage(format!("a new lead has a {missing}"))
            .hint(format!("desk customer lead {code} --name NAME --source WHERE_FROM")));
    }
    value.insert("stage".into(), Stage::Lead.name().into());
    value.insert("entered_by".into(), actor.user.into());
    value.insert("entered_at".into(), now(book).into());
    if book.has_file(Kind::Staff, actor.user) {
        value.entry("staff").or_insert_with(|| actor.user.into());
    }
    let name = value.get("short_name").or(value.get("name")).and_then(Value::as_str);
    let ahead = book.config.days_ahead("first_contact", 1);
    let by = book.config.workdays().after(book.today, ahead);
    let line = format!("{code}  {}  lead: first contact by {by}", name.unwrap_or_default());
    Ok(Change::saying(line)
        .with(Edit::Add { kind: KIND, id: code.into(), value })
        .next(format!("desk customer call {code} --next-on …")))
}

/// A lead moved on: to another stage, or with a next step, which becomes a task about it.
pub fn moved(book: &Book, actor: Actor<'_>, code: &str, to: Step<'_>) -> Result<Change> {
    let entry = book.resolved(KIND, code)?;
    writable(entry)?;
    let Some(customer) = Doc::<Customer>::of(entry) else {
        return Err(Error::usage(format!("{code} is no customer")));
    };
    let code = customer.id();
    let mut change = Change::default();
    let mut said = Vec::new();
    let known = value::known(KIND.fields(), "stage")?;
    let stage = to.stage.map(|word| value::typed(book, known, word)).transpose()?;
    if let Some(word) = &stage {
        let path = KeyPath::key("stage");
        said.push(word.as_str().unwrap_or_default().to_owned());
        change.edits.push(Edit::Set { kind: KIND, id: code.into(), path, value: word.clone() });
    }
    let stays = match &stage {
        Some(word) => matches!(word.as_str(), Some("lead" | "prospect")),
        None => leads::is_lead(customer),
    };
    if !stays && stage.is_none() {
        let stage = customer.rec.stage.unwrap_or(Stage::Active).name();
        return Err(Error::usage(format!("{code} is {stage}, no lead"))
            .hint(format!("desk customer lead {code} --stage prospect --next-on …")));
    }
    if let Some(text) = to.next_on {
        let on = value::day(book, text)?;
        if on <= book.today {
            return Err(Error::usage(format!("the next step with {code} is on a day to come"))
                .hint(format!("desk customer lead {code} --next-on …")));
        }
        let (id, title) = (next_id(book, Kind::Task, actor.site, &[])?, to.step);
        let title = title.map_or_else(|| format!("next step with {}", named(customer)), Into::into);
        let mut task = head(book, Kind::Task, &id, actor);
        let owner = customer.common.staff.clone().unwrap_or_else(|| actor.user.to_owned());
        said.push(format!("next on {on} by {id}: {title}"));
        for (key, value) in
            [("title", title), ("owner", owner), ("due_on", on.to_string()), ("about", code.into())]
        {
            task.insert(key.into(), value.into());
        }
        change.edits.push(Edit::Add { kind: Kind::Task, id, value: task });
    } else if stays {
        let next = leads::of_customer(book, customer, book.today).next_on;
        if next.is_none_or(|day| day <= book.today) {
            let word = to.stage.map(|word| format!(" --stage {word}")).unwrap_or_default();
            return Err(Error::usage(format!("{code} needs a next step, on a day to come"))
                .hint(format!("desk customer lead {code}{word} --next-on … --step '…'")));
        }
    }
    change.lines.push(format!("{code}  {}  {}", named(customer), said.join(", ")));
    Ok(change.next(match stays {
        true => "desk customer lead".to_owned(),
        false => format!("desk customer legal {code}"),
    }))
}

fn named(customer: &Doc<Customer>) -> &str {
    customer.rec.short_name.as_deref().unwrap_or(&customer.rec.name)
}
