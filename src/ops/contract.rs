//! The acts of a contract: signed, and amended afterwards.
//!
//! Signing keeps a digest of the terms. They are changed by an amendment alone, which says what was
//! there before and why, and keeps the digest of what is agreed now; never below what orders have
//! called off already.

use serde_json::{Map, Value};

use super::{Actor, now, preview, record, record::Given, value};
use crate::{
    book::{
        Book,
        contract::{contracted, lines_of},
        derived::party_name,
        digest,
        payment::own_currency,
    },
    error::{Error, Result},
    finding::Finding,
    record::{
        Doc, Entry, Kind,
        change::{Change, Edit},
        common::decision,
        contract::{Contract, Side},
    },
    store::layout,
    value::{
        currency,
        day::Day,
        number::{grouped, round},
        place::{KeyPath, Place},
    },
};

const KIND: Kind = Kind::Contract;

/// A contract that can still be acted on.
fn open_contract<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Contract>> {
    let entry = book.resolved(KIND, id)?;
    record::writable(entry)?;
    Doc::of(entry).ok_or_else(|| Error::usage(format!("no contract \"{id}\"")))
}

/// A contract signed on a day, today unless another is given, by someone of the party.
pub fn sign(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    on: Option<&str>,
    signatory: Option<&str>,
) -> Result<Change> {
    let contract = open_contract(book, id)?;
    let id = contract.id().to_owned();
    if let Some(day) = contract.rec.signed_on {
        return Err(Error::usage(format!("{id} was signed on {day} already"))
            .hint(format!("desk contract amend {id} KEY=VALUE --reason …")));
    }
    let day = on.map_or(Ok(book.today), |text| value::day(book, text))?;
    if day > book.today {
        return Err(Error::usage(format!("cannot sign {id} on {day}: that day is still to come")));
    }
    if let Some(end) = contract.rec.valid_to.filter(|end| *end < day) {
        return Err(Error::usage(format!("cannot sign {id} on {day}: it ended on {end}"))
            .hint(format!("desk contract set {id} valid_to=…")));
    }
    let set = |key: &str, value: String| Edit::Set {
        kind: KIND,
        id: id.clone(),
        path: KeyPath::key(key),
        value: value.into(),
    };
    let mut change = Change::default().with(set("signed_on", day.to_string()));
    if let Some(name) = signatory {
        change.edits.push(set("signatory", name.to_owned()));
    }
    let sealing = sealed(book, actor, &id, &change)?;
    change.edits.push(sealing);
    let after = preview(book, &change)?;
    let signed = after.get::<Contract>(&id).unwrap_or(contract);
    change.lines.push(format!("{id}  {}{}", told(&after, signed), signed_by(day, signatory)));
    let party = &contract.rec.party;
    Ok(change.next(match contract.rec.side.unwrap_or_default() {
        Side::Sale => format!("desk order add {party} --contract {id} --line …"),
        Side::Purchase => format!("desk contract fulfil {id}"),
    }))
}

/// The approval that keeps the digest of what a change leaves of a contract as signed.
fn sealed(book: &Book, actor: Actor<'_>, id: &str, change: &Change) -> Result<Edit> {
    let after = preview(book, change)?;
    let contract = after.get::<Contract>(id);
    let contract = contract.ok_or_else(|| Error::failure(format!("{id} cannot be read")))?;
    let block = seal(book, actor, contract);
    Ok(Edit::Push { kind: KIND, id: id.to_owned(), key: "approval".into(), block })
}

fn seal(book: &Book, actor: Actor<'_>, contract: &Doc<Contract>) -> Map<String, Value> {
    Map::from_iter([
        ("step".to_owned(), Value::from("sign")),
        ("decision".to_owned(), "approved".into()),
        ("by".to_owned(), actor.user.into()),
        ("at".to_owned(), now(book).into()),
        ("of".to_owned(), digest::decided(contract).into()),
    ])
}

/// A new contract that was signed already keeps the digest of what was signed.
pub fn added(book: &Book, actor: Actor<'_>, mut change: Change) -> Result<Change> {
    let after = preview(book, &change)?;
    for edit in &mut change.edits {
        let Edit::Add { kind: KIND, id, value } = edit else { continue };
        let signed = after.get::<Contract>(id).filter(|own| own.rec.signed_on.is_some());
        if let Some(contract) = signed {
            value
                .insert("approval".into(), vec![Value::Object(seal(book, actor, contract))].into());
        }
    }
    Ok(change)
}

fn signed_by(day: Day, signatory: Option<&str>) -> String {
    let by = signatory.map(|name| format!(" by {name}")).unwrap_or_default();
    format!("signed on {day}{by}")
}

/// Party and amount of a contract, as people read them.
fn told(book: &Book, contract: &Doc<Contract>) -> String {
    let party = &contract.rec.party;
    let name = party_name(book, party).unwrap_or_else(|| party.clone());
    let Some(amount) = contracted(book, contract) else { return format!("{name}  ") };
    let code = own_currency(book, &contract.common);
    let amount = grouped(round(amount, currency::decimals(code)));
    match code == book.config.currency() {
        true => format!("{name}  {amount}  "),
        false => format!("{name}  {code} {amount}  "),
    }
}

/// A signed contract changed, with the reason; what was there before is kept in its amendment.
pub fn amend(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    given: &[Given],
    reason: &str,
) -> Result<Change> {
    let contract = open_contract(book, id)?;
    let id = contract.id().to_owned();
    if reason.trim().is_empty() {
        return Err(Error::usage("a reason is needed").hint("--reason \"why\""));
    }
    if contract.rec.signed_on.is_none() {
        return Err(Error::usage(format!("{id} is not signed yet, and needs no amendment"))
            .hint(format!("desk contract set {id} KEY=VALUE")));
    }
    let is_changed = decision(&contract.common.approval, "sign")
        .is_some_and(|approval| digest::is_stale(contract, approval));
    if given.is_empty() && !is_changed {
        return Err(Error::usage(format!("nothing to amend on {id}"))
            .hint(format!("desk contract amend {id} line.1.qty=… --reason …")));
    }
    if let Some((key, _)) = given.iter().find(|(key, _)| is_kept(key)) {
        return Err(Error::usage(format!(
            "cannot amend {key} of {id}: it is part of what was signed"
        ))
        .hint(format!("desk contract void {id} --reason …")));
    }
    let entry = contract.value();
    let mut words = Vec::new();
    for (key, text) in given {
        words.push(changed(&entry, key, text)?);
    }
    let set = match given.is_empty() {
        true => Change::default(),
        false => record::set(book, actor, KIND, &id, given, &[])?,
    };
    if is_changed {
        words.push("as it stands".into());
    }
    let what = words.join(", ");
    let block = Map::from_iter([
        ("at".to_owned(), Value::from(now(book))),
        ("by".to_owned(), actor.user.into()),
        ("text".to_owned(), format!("{what}: {}", reason.trim()).into()),
    ]);
    let mut change = Change { edits: set.edits, ..Change::default() };
    change.edits.push(Edit::Push { kind: KIND, id: id.clone(), key: "amendment".into(), block });
    let sealing = sealed(book, actor, &id, &change)?;
    change.edits.push(sealing);
    let after = preview(book, &change)?;
    let amended = after.get::<Contract>(&id).unwrap_or(contract);
    not_below_orders(book, &after, contract, amended)?;
    change.lines.push(format!("{id}  {}amended: {what}", told(&after, amended)));
    Ok(change.next(format!("desk contract feedback {id}")))
}

/// Whether a field is who and when, which no amendment changes.
fn is_kept(key: &str) -> bool {
    let key = key.replace('-', "_");
    let first = key.split('.').next().unwrap_or_default();
    ["party", "side", "currency", "signed_on", "amendment"].contains(&first)
}

/// What one pair changes, in words: what was there, and what is.
fn changed(entry: &Map<String, Value>, key: &str, text: &str) -> Result<String> {
    let (path, _) = value::path(KIND, entry, key)?;
    let mut held = entry.get(path.0.first().map_or("", step_key));
    for step in path.0.iter().skip(1) {
        held = held.and_then(|held| match step {
            crate::value::place::Step::Key(key) => held.get(key.as_str()),
            crate::value::place::Step::Index(at) => held.get(*at),
        });
    }
    Ok(match held {
        Some(Value::Array(_)) => format!("{key} added: {text}"),
        None | Some(Value::Object(_)) => format!("{key} {text}"),
        Some(Value::String(old)) => format!("{key} {old} → {text}"),
        Some(old) => format!("{key} {old} → {text}"),
    })
}

fn step_key(step: &crate::value::place::Step) -> &str {
    match step {
        crate::value::place::Step::Key(key) => key,
        crate::value::place::Step::Index(_) => "",
    }
}

/// Refuses an amendment that leaves less than orders called off, where it was enough before.
fn not_below_orders(
    book: &Book,
    after: &Book,
    contract: &Doc<Contract>,
    amended: &Doc<Contract>,
) -> Result<()> {
    let before = lines_of(book, vec![contract], book.today).lines;
    let known = |no: u32| before.iter().any(|line| line.no == no && line.is_overdrawn());
    let mut findings = Vec::new();
    for line in lines_of(after, vec![amended], book.today).lines {
        if !line.is_overdrawn() || known(line.no) {
            continue;
        }
        let at = amended.rec.line.iter().position(|own| own.no == line.no).unwrap_or_default();
        let path = KeyPath::key("line").nth(at).then("qty");
        let file = layout::path(KIND, amended.id()).unwrap_or_default();
        let message = format!(
            "{} line {}: {} ordered, {} would be contracted",
            amended.id(),
            line.no,
            line.consumed.normalize(),
            line.contracted.unwrap_or_default().normalize()
        );
        let hint = format!("desk order list contract:{}", amended.id());
        findings
            .push(Finding::error("contract.overdrawn", Place::key(file, path), message).hint(hint));
    }
    match findings.is_empty() {
        true => Ok(()),
        false => {
            Err(Error::refused(format!("cannot amend {}", amended.id()), findings).unwritten())
        }
    }
}
