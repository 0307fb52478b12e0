//! A customer's papers registered by one, and their originals seen by another.

use serde_json::{Map, Value};

use crate::{
    book::{
        Book,
        licence::{entering, named, papers},
    },
    error::{Error, Kind as Class, Result},
    ops::{
        Actor,
        record::{Given, writable},
        value,
    },
    record::{
        Doc, Kind,
        change::{Change, Edit},
        common::Licence,
        customer::Customer,
        schema::{Field, field},
    },
    rules::people::inactive,
    value::place::KeyPath,
};

const KIND: Kind = Kind::Customer;

/// The fields of a paper that whoever registers it gives.
pub fn given_fields() -> impl Iterator<Item = &'static Field> {
    let all = field(KIND.fields(), "licence").and_then(|own| own.kind.fields());
    let is_given = |own: &&Field| !matches!(own.key.as_str(), "verified_by" | "verified_on");
    all.unwrap_or_default().iter().filter(is_given)
}

/// A paper registered, to be verified by someone else.
pub fn registered(
    book: &Book,
    actor: Actor<'_>,
    customer: &str,
    given: &[Given],
) -> Result<Change> {
    let customer = found(book, customer)?;
    let code = customer.id();
    let mut block = Map::new();
    for (key, text) in given {
        let field = given_fields().find(|own| own.key == *key);
        let field = field.ok_or_else(|| Error::usage(format!("a paper has no \"{key}\"")))?;
        block.insert(field.key.clone(), value::typed(book, field, text)?);
    }
    let word = |key: &str| block.get(key).and_then(Value::as_str);
    let Some(kind) = word("kind").filter(|kind| !kind.trim().is_empty()) else {
        return Err(Error::usage(format!("what paper of {code} it is has to be said"))
            .hint(format!("desk customer licence {code} --kind drug_business --number …")));
    };
    let same = |own: &&Licence| own.kind == kind && own.number.as_deref() == word("number");
    if customer.rec.licence.iter().any(|own| same(&own)) {
        let words = [kind, word("number").unwrap_or_default()].join(" ");
        let message = format!("{code} has a paper {} already", words.trim_end());
        return Err(
            Error::new(Class::Conflict, message).hint(format!("desk customer licence {code}"))
        );
    }
    let which = word("number").unwrap_or(kind).to_owned();
    let until = word("expires_on").map(|last| format!(", valid to {last}")).unwrap_or_default();
    let line = format!("{code}  {kind} {}{until}: to be verified", word("number").unwrap_or("-"));
    let paper = Licence {
        kind: kind.to_owned(),
        number: word("number").map(str::to_owned),
        ..Licence::default()
    };
    let mut entered = Map::new();
    entered.insert("at".into(), book.now.to_string().into());
    entered.insert("by".into(), actor.user.into());
    entered.insert("reason".into(), entering(&paper).into());
    let push =
        |key: &str, block| Edit::Push { kind: KIND, id: code.into(), key: key.into(), block };
    let (edit, entered) = (push("licence", block), push("revision", entered));
    let next = format!("desk customer licence {code} --verify {which}   (by someone else)");
    Ok(Change::saying(line).with(edit).with(entered).next(next))
}

/// The original of a paper seen, on a day, by whoever says so.
pub fn verified(
    book: &Book,
    actor: Actor<'_>,
    customer: &str,
    which: &str,
    on: Option<&str>,
) -> Result<Change> {
    let customer = found(book, customer)?;
    let code = customer.id();
    if let Some((why, hint)) = inactive(book, actor.user, book.today) {
        return Err(Error::refused(format!("cannot verify a paper of {code}: {why}"), Vec::new())
            .hint(hint));
    }
    let on = on.map_or(Ok(book.today), |text| value::day(book, text))?;
    if on > book.today {
        return Err(Error::usage(format!("cannot verify on {on}: that day is still to come")));
    }
    let at = meant(book, customer, which)?;
    let paper = &customer.rec.licence[at];
    let set = |key: &str, value: String| Edit::Set {
        kind: KIND,
        id: code.into(),
        path: KeyPath::key("licence").nth(at).then(key),
        value: value.into(),
    };
    let line = format!("{code}  {} verified by {} on {on}", named(paper), actor.user);
    Ok(Change::saying(line)
        .with(set("verified_by", actor.user.into()))
        .with(set("verified_on", on.to_string()))
        .next(format!("desk customer legal {code}")))
}

/// The paper that is meant: by its number, or its kind or place where one is not verified yet.
fn meant(book: &Book, customer: &Doc<Customer>, which: &str) -> Result<usize> {
    let all = &customer.rec.licence;
    let code = customer.id();
    let by = |is: &dyn Fn(usize, &Licence) -> bool| -> Vec<usize> {
        (0..all.len()).filter(|at| is(*at, &all[*at])).collect()
    };
    let numbered = by(&|_, own| own.number.as_deref() == Some(which));
    let of_kind = || by(&|_, own| own.kind == which);
    let placed = || by(&|at, _| which.parse::<usize>().is_ok_and(|no| no == at.saturating_add(1)));
    let mut found = [numbered, of_kind(), placed()].into_iter().find(|own| !own.is_empty());
    let is_open = |at: &usize| all[*at].verified_by.is_none();
    if let Some(several) = found.as_mut().filter(|own| own.iter().any(is_open)) {
        several.retain(is_open);
    }
    match found.as_deref() {
        Some([at]) if is_open(at) => Ok(*at),
        Some([at, ..]) if !is_open(at) => {
            let paper = &all[*at];
            let by = paper.verified_by.as_deref().unwrap_or_default();
            let on = paper.verified_on.map(|day| format!(" on {day}")).unwrap_or_default();
            Err(Error::usage(format!("{} was verified by {by}{on}", named(paper)))
                .hint(format!("desk customer licence {code}")))
        }
        Some(_) => Err(Error::usage(format!("{code} has several papers \"{which}\""))
            .hint(format!("desk customer licence {code} --verify NUMBER"))),
        None => {
            let listed = papers(book, customer, book.today);
            let names: Vec<String> = listed.iter().map(|own| named(own.paper)).collect();
            let error = Error::usage(format!("{code} has no paper \"{which}\""));
            Err(match names.is_empty() {
                true => error.hint(format!("desk customer licence {code} --kind …")),
                false => error.hint(names.join(", ")),
            })
        }
    }
}

fn found<'a>(book: &'a Book, word: &str) -> Result<&'a Doc<Customer>> {
    let entry = book.resolved(KIND, word)?;
    writable(entry)?;
    Doc::<Customer>::of(entry).ok_or_else(|| Error::usage(format!("{word} is no customer")))
}
