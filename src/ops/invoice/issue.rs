//! Issuing: the official number, the day, what is frozen with it, and the closing that keeps it.
//!
//! A credit settles its invoice in the same operation, as far as that is open.

use serde_json::{Map, Value, json};

use super::{Allowed, KIND, amount_text, open_invoice, readable, total_text};
use crate::{
    book::{Book, closing, credited, digest, invoice, kept, payment::EVER, receivable, series},
    config::Series,
    error::{Error, Result},
    ops::{Actor, head, next_id, now, preview, value},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        invoice::{Invoice, InvoiceKind},
    },
    value::{
        day::Day,
        number::{Decimal, round, sub},
        place::KeyPath,
    },
};

/// How an invoice is issued.
#[derive(Debug, Clone, Default)]
pub struct Issue {
    /// Its official number; else the next of its series.
    pub number: Option<String>,
    /// Series.
    pub series: Option<String>,
    /// Day; else today.
    pub on: Option<String>,
    /// Rules that someone lets pass.
    pub allowed: Allowed,
}

/// Drafts issued, each with its number, its closing, and what a credit settles.
pub fn issue(book: &Book, actor: Actor<'_>, ids: &[String], how: &Issue) -> Result<Change> {
    if how.number.is_some() && ids.len() > 1 {
        return Err(
            Error::usage("a number is for one invoice").hint("desk invoice issue IN-… --number N")
        );
    }
    let mut change = Change::default();
    for id in ids {
        // Each sees the numbers and digests of those before it.
        let before = preview(book, &change)?;
        let one = issued(&before, actor, id, how)?;
        change.edits.extend(one.edits);
        change.lines.extend(one.lines);
        change.next = one.next.filter(|_| ids.len() == 1);
    }
    Ok(change)
}

fn issued(book: &Book, actor: Actor<'_>, id: &str, how: &Issue) -> Result<Change> {
    let bill = open_invoice(book, id)?;
    let id = bill.id().to_owned();
    if let Some(day) = bill.rec.issued_on {
        return Err(Error::usage(format!("{id} was issued on {day} already")));
    }
    if bill.rec.sort() == InvoiceKind::Proforma {
        return Err(Error::usage(format!("{id} is a proforma, which never counts"))
            .hint("desk invoice add --from …"));
    }
    let on = how.on.as_deref().map_or(Ok(book.today), |on| value::day(book, on))?;
    if on > book.today {
        return Err(Error::usage(format!("{on} is still to come")));
    }
    if let Some(month) = closing::closed_month(book, on) {
        return Err(Error::refused(
            format!("{id} is not issued on {on}: {month} is closed"),
            Vec::new(),
        )
        .hint(format!("desk invoice issue {id} --on {}", book.today)));
    }
    super::firm(book, bill)?;
    let (series, number) = official(book, actor, bill, how)?;
    let mut change = Change::default();
    let set = |path: KeyPath, value: Value| Edit::Set { kind: KIND, id: id.clone(), path, value };
    for (key, word) in [("series", &series), ("number", &number)] {
        if let Some(word) = word {
            change.edits.push(set(KeyPath::key(key), word.as_str().into()));
        }
    }
    change.edits.push(set(KeyPath::key("issued_on"), on.to_string().into()));
    change.edits.extend(due(book, bill, on).map(|due| set(KeyPath::key("due_on"), due)));
    change.edits.extend(frozen(book, bill));
    if !how.allowed.rules.is_empty() {
        let of = digest::let_pass(readable(&preview(book, &change)?, &id)?);
        for block in how.allowed.blocks(book, actor, of.as_deref())? {
            change.edits.push(push(&id, "override", block));
        }
    }
    let act = json!({"step": "issue", "decision": "approved", "by": actor.user, "at": now(book)});
    change.edits.extend(block(act).map(|block| push(&id, "approval", block)));
    let after = preview(book, &change)?;
    change.edits.extend(worked_out(&after, readable(&after, &id)?, on)?);
    let after = preview(book, &change)?;
    let bill = readable(&after, &id)?;
    let settled = settling(&after, actor, bill, on)?;
    let said = match (&settled, bill.rec.due_on) {
        (Some((_, said)), _) => format!("; {said}"),
        (None, Some(due)) => format!("  due {due}"),
        (None, None) => String::new(),
    };
    let number = number.map(|number| format!(" as {number}")).unwrap_or_default();
    change.lines.push(format!("{id} issued{number}: {}{said}", total_text(&after, bill)));
    change.edits.extend(settled.map(|(edit, _)| edit));
    change.edits.push(kept(book, &after, actor, bill)?);
    let (party, gross) = (&bill.rec.party, invoice::total(&after, bill).unwrap_or_default().gross);
    let kept = kept::payments_for(&after, bill);
    Ok(match bill.rec.sort() {
        InvoiceKind::Credit => change.next(format!("desk invoice show {id}")),
        _ if !kept.is_empty() => {
            change.next(format!("desk payment match {} --to {id}", kept.join(" ")))
        }
        _ => change
            .next(format!("desk payment add {party} {gross} --match {id}   (when it is paid)")),
    })
}

fn push(id: &str, key: &str, block: Map<String, Value>) -> Edit {
    Edit::Push { kind: KIND, id: id.to_owned(), key: key.to_owned(), block }
}

fn block(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(block) => Some(block),
        _ => None,
    }
}

/// Series and official number: as given, else the next of the series.
fn official(
    book: &Book,
    actor: Actor<'_>,
    bill: &Doc<Invoice>,
    how: &Issue,
) -> Result<(Option<String>, Option<String>)> {
    let number = how.number.as_deref().map(str::trim).filter(|number| !number.is_empty());
    let number = number.map(str::to_owned);
    if !bill.rec.is_sale() {
        if number.is_none() && bill.rec.sort() != InvoiceKind::Opening {
            return Err(Error::usage("the supplier's number is needed").hint("--number N"));
        }
        return Ok((None, number));
    }
    let named = how.series.as_deref().or(bill.rec.series.as_deref());
    let series = match named {
        Some(name) => Some(series::named(book, name).ok_or_else(|| {
            let names: Vec<&str> =
                book.config.series.iter().map(|series| series.name.as_str()).collect();
            Error::usage(format!("there is no series \"{name}\" in desk.toml"))
                .hint(format!("series: {}", names.join(", ")))
        })?),
        None => its_own(book, actor, number.as_deref()),
    };
    let Some(series) = series else {
        return match number.is_some() || bill.rec.sort() == InvoiceKind::Opening {
            true => Ok((None, number)),
            false => Err(Error::usage("an official number is needed")
                .hint("--number N, or a [[series]] in desk.toml")),
        };
    };
    if series.site.as_deref().is_some_and(|site| site != actor.site) {
        let site = series.site.as_deref().unwrap_or_default();
        let message = format!("only site {site} issues numbers of series {}", series.name);
        return Err(Error::refused(message, Vec::new())
            .hint(format!("desk invoice request {}   (for site {site})", bill.id())));
    }
    let next = series::next(book, series).ok_or_else(|| Error::failure("no number is left"))?;
    if let (Some(given), Some(true)) = (&number, series.gapless)
        && series::ordinal(series, given) > series::ordinal(series, &next)
    {
        let message = format!("{given} would leave out {next} of series {}", series.name);
        return Err(Error::refused(message, Vec::new())
            .hint(format!("desk invoice issue {} --number {next}", bill.id())));
    }
    let number = number.unwrap_or(next);
    Ok((Some(series.name.clone()), Some(number)))
}

/// The only series that this site may issue of, where a number, if one is given, is one of it.
fn its_own<'a>(book: &'a Book, actor: Actor<'_>, number: Option<&str>) -> Option<&'a Series> {
    let is_ours = |series: &&Series| series.site.as_deref().is_none_or(|site| site == actor.site);
    let mut ours = book.config.series.iter().filter(is_ours);
    let only = ours.next().filter(|_| ours.next().is_none())?;
    number.is_none_or(|number| series::ordinal(only, number).is_some()).then_some(only)
}

/// The day it is due, counted from the day it is issued, unless someone set another one.
fn due(book: &Book, bill: &Doc<Invoice>, on: Day) -> Option<Value> {
    if bill.rec.sort() == InvoiceKind::Credit {
        return None;
    }
    let counted = bill.common.date.and_then(|date| invoice::due_after(book, bill, date));
    let is_set = bill.rec.due_on.is_some() && bill.rec.due_on != counted;
    let due = invoice::due_after(book, bill, on).filter(|_| !is_set)?;
    Some(due.to_string().into())
}

/// What a draft written elsewhere left to the masters.
fn frozen(book: &Book, bill: &Doc<Invoice>) -> Vec<Edit> {
    let id = bill.id();
    let set =
        |path: KeyPath, value: Value| Edit::Set { kind: KIND, id: id.to_owned(), path, value };
    let mut edits = Vec::new();
    if bill.rec.prices_include_tax.is_none() {
        let include = invoice::basis(book, bill).prices_include_tax;
        edits.push(set(KeyPath::key("prices_include_tax"), include.into()));
    }
    for (at, line) in bill.rec.line.iter().enumerate() {
        if line.tax_rate.is_none() {
            let rate = invoice::priced(book, line).tax_rate.to_string();
            edits.push(set(KeyPath::key("line").nth(at).then("tax_rate"), rate.into()));
        }
    }
    if bill.rec.buyer.is_none() {
        let side = if bill.rec.is_sale() { None } else { Some("purchase") };
        let buyer = super::draft::buyer(book, &bill.rec.party, side).and_then(block);
        edits.extend(buyer.map(|buyer| push(id, "buyer", buyer)));
    }
    edits
}

/// What depends on other documents at this moment: the sums of a credit, the days its contract's
/// instalments are due.
fn worked_out(book: &Book, bill: &Doc<Invoice>, on: Day) -> Result<Vec<Edit>> {
    let mut edits = Vec::new();
    if bill.rec.sort() == InvoiceKind::Credit && bill.rec.stated.is_none() {
        let decimals = invoice::basis(book, bill).decimals;
        let stated = match bill.rec.against_invoice {
            Some(_) => credited::stated(book, bill),
            None => invoice::total(book, bill),
        };
        let stated = stated.ok_or_else(|| {
            Error::failure(format!("what {} comes to cannot be worked out", bill.id()))
        })?;
        let text = |amount: Decimal| round(amount, decimals).to_string();
        let (net, tax, total) = (text(stated.net), text(stated.tax), text(stated.gross));
        let stated = block(json!({"net": net, "tax": tax, "total": total}));
        edits.extend(stated.map(|block| push(bill.id(), "stated", block)));
    }
    for part in receivable::parts(book, bill, on).unwrap_or_default() {
        let at = bill.rec.instalment.iter().position(|own| Some(own.no) == part.no);
        let open = at.filter(|at| bill.rec.instalment[*at].due_on.is_none());
        if let (Some(at), Some(due)) = (open, part.due_on) {
            let path = KeyPath::key("instalment").nth(at).then("due_on");
            let (id, value) = (bill.id().to_owned(), due.to_string().into());
            edits.push(Edit::Set { kind: KIND, id, path, value });
        }
    }
    Ok(edits)
}

/// What a credit settles of its invoice, and the words for it.
fn settling(
    book: &Book,
    actor: Actor<'_>,
    credit: &Doc<Invoice>,
    on: Day,
) -> Result<Option<(Edit, String)>> {
    let target = credit.rec.against_invoice.as_deref();
    let Some(bill) = target.and_then(|id| book.get::<Invoice>(id)) else { return Ok(None) };
    let open = invoice::open(book, bill, EVER).unwrap_or_default();
    let amount = open.min(invoice::open(book, credit, EVER).unwrap_or_default());
    if amount <= Decimal::ZERO {
        return Ok(None);
    }
    let kind = Kind::Allocation;
    let id = next_id(book, kind, actor.site, &[])?;
    let mut row = head(book, kind, &id, actor);
    row.insert("date".into(), on.to_string().into());
    row.insert("source".into(), credit.id().into());
    row.insert("target".into(), bill.id().into());
    row.insert("amount".into(), amount.to_string().into());
    let said = format!("{} open {}", bill.id(), amount_text(book, bill, sub(open, amount)));
    Ok(Some((Edit::Add { kind, id, value: row }, said)))
}

/// The closing that keeps an invoice as it is issued.
fn kept(before: &Book, after: &Book, actor: Actor<'_>, bill: &Doc<Invoice>) -> Result<Edit> {
    let kind = Kind::Closing;
    let frozen = closing::frozen(after, bill)
        .ok_or_else(|| Error::failure(format!("{} cannot be read back", bill.id())))?;
    let previous = closing::tip(before, actor.site);
    let digest = closing::digest(previous.as_deref(), None, Some(bill.id()), &frozen);
    let id = next_id(before, kind, actor.site, &[])?;
    let mut row = head(before, kind, &id, actor);
    row.insert("record".into(), bill.id().into());
    row.insert("digest".into(), digest.into());
    row.extend(previous.map(|previous| ("previous".to_owned(), previous.into())));
    Ok(Edit::Add { kind, id, value: row })
}
