//! Money matched by itself: what is due first is paid first.
//!
//! Advances, payments and credits of a party share one order. A part of an invoice takes the oldest
//! money first, and of that what is kept for its own orders before what is for anything; a credit
//! goes to the invoice it credits before any other.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Matching, Share, Source, later, source_of};
use crate::{
    book::{Book, invoice, payment, receivable},
    error::{Error, Result},
    ops::{Actor, head, next_id, record, record::Given},
    record::{
        Doc, Kind,
        change::{Change, Edit},
        common::Direction,
        invoice::{Invoice, InvoiceKind},
        payment::Payment,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, round, sub},
    },
};

/// How money is matched by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Automatic {
    /// Whether each allocation is dated on the day its money and its invoice were both there,
    /// instead of today.
    pub as_paid: bool,
}

/// One part of an invoice that lacks money.
struct Wanting<'a> {
    bill: &'a Doc<Invoice>,
    part: receivable::Part,
}

/// One payment or credit with what matters of it here.
struct Money<'a> {
    source: Source<'a>,
    day: Option<Day>,
    way: Direction,
    against: Option<&'a str>,
    shares: Vec<Share>,
}

/// Payments and credits matched first due first: those that are named, or all of a named party.
pub fn first_due(
    book: &Book,
    actor: Actor<'_>,
    names: &[String],
    given: &[Given],
    how: Automatic,
) -> Result<Change> {
    let mut parties: BTreeMap<String, Vec<Money<'_>>> = BTreeMap::new();
    for name in names {
        let (party, sources) = sources(book, name)?;
        let known = parties.entry(party).or_default();
        for money in sources {
            if known.iter().all(|other| other.source.id != money.source.id) {
                known.push(money);
            }
        }
    }
    let (mut change, mut matching) = (Change::default(), Matching::default());
    for (party, mut sources) in parties {
        sources.sort_by(|one, other| (one.day, one.source.id).cmp(&(other.day, other.source.id)));
        let mut wanting = wanting(book, &party);
        for own_only in [true, false] {
            for want in &mut wanting {
                for money in &mut sources {
                    let is_own = money.against == Some(want.bill.id());
                    let is_done = want.part.open.is_zero() || money.source.spare.is_spent();
                    if is_done || own_only && !is_own {
                        continue;
                    }
                    let edit = settle(book, actor, (want, money), &mut matching, given, how)?;
                    change.edits.extend(edit);
                }
            }
        }
        for money in sources.into_iter().filter(|money| !money.shares.is_empty()) {
            let own = Matching { given: money.shares, ..Matching::default() };
            // What is open is said as it is after everything this command allocates.
            let said = own.said_after(book, &money.source, &matching);
            change.lines.push(format!("{}  {said}", money.source.id));
        }
    }
    if change.edits.is_empty() {
        let message = "nothing to match: no open invoice for money that is left";
        return Err(Error::usage(message).hint("desk report receivables --by customer,invoice"));
    }
    Ok(change)
}

/// The party that a name means, and its money: one payment, one credit, or all of the party.
fn sources<'a>(book: &'a Book, name: &str) -> Result<(String, Vec<Money<'a>>)> {
    let is_party = [Kind::Customer, Kind::Supplier].iter().any(|&kind| book.has_file(kind, name));
    if !is_party && let Ok(source) = source_of(book, name) {
        let (party, money) = known(book, source)?;
        return Ok((party, vec![money]));
    }
    let (_, party) = book.resolve_party(name).map_err(|error| match is_party {
        true => error,
        false => source_of(book, name).err().unwrap_or(error),
    })?;
    let paid = payment::payments_of(book, &party).into_iter();
    let paid = paid.filter(|paid| paid.rec.reverses.is_none()).map(|paid| paid.id().to_owned());
    let credits = book.pointing::<Invoice>(&party).into_iter();
    let credits = credits.filter(|bill| {
        bill.rec.party == party
            && bill.rec.sort() == InvoiceKind::Credit
            && invoice::is_issued(bill, payment::EVER)
    });
    let ids: Vec<String> = paid.chain(credits.map(|bill| bill.id().to_owned())).collect();
    let mut sources = Vec::new();
    for id in ids {
        sources.push(known(book, source_of(book, &id)?)?.1);
    }
    Ok((party, sources))
}

fn known<'a>(book: &'a Book, source: Source<'a>) -> Result<(String, Money<'a>)> {
    if let Some(paid) = book.get::<Payment>(source.id) {
        let (day, way) = (paid.common.date, paid.rec.direction);
        let money = Money { source, day, way, against: None, shares: Vec::new() };
        return Ok((paid.rec.party.clone(), money));
    }
    let credit = book.get::<Invoice>(source.id);
    let credit = credit.ok_or_else(|| Error::failure(format!("{} is gone", source.id)))?;
    let way = if credit.rec.is_sale() { Direction::In } else { Direction::Out };
    let against = credit.rec.against_invoice.as_deref();
    let money = Money { source, day: credit.rec.issued_on, way, against, shares: Vec::new() };
    Ok((credit.rec.party.clone(), money))
}

/// The parts of a party's invoices that lack money, what is due first first.
fn wanting<'a>(book: &'a Book, party: &str) -> Vec<Wanting<'a>> {
    let mut wanting = Vec::new();
    for bill in book.pointing::<Invoice>(party) {
        if bill.rec.party != party || !invoice::is_issued(bill, payment::EVER) {
            continue;
        }
        let parts = receivable::parts(book, bill, payment::EVER).unwrap_or_default();
        let lacking = parts.into_iter().filter(|part| part.open > Decimal::ZERO);
        wanting.extend(lacking.map(|part| Wanting { bill, part }));
    }
    wanting.sort_by_key(|want| {
        let due = want.part.due_on;
        (due.is_none(), due, want.bill.rec.issued_on, want.bill.id().to_owned(), want.part.no)
    });
    wanting
}

/// What one payment gives to one part, if anything.
fn settle(
    book: &Book,
    actor: Actor<'_>,
    (want, money): (&mut Wanting<'_>, &mut Money<'_>),
    matching: &mut Matching,
    given: &[Given],
    how: Automatic,
) -> Result<Option<Edit>> {
    let target = want.bill.id();
    let takes = payment::target(book, target).map(|target| target.takes);
    let code = payment::own_currency(book, &want.bill.common);
    let is_theirs = payment::own_currency(book, money.source.common) == code;
    let amount = want.part.open.min(money.source.for_target(book, target));
    if takes != Some(money.way) || !is_theirs || amount <= Decimal::ZERO {
        return Ok(None);
    }
    let kind = Kind::Allocation;
    let id = later(&next_id(book, kind, actor.site, &[])?, matching.rows)?;
    let mut row = head(book, kind, &id, actor);
    if let (true, Some(day)) = (how.as_paid, money.day.max(want.bill.rec.issued_on)) {
        row.insert("date".into(), day.to_string().into());
    }
    row.insert("source".into(), money.source.id.into());
    row.insert("target".into(), target.into());
    if let Some(no) = want.part.no {
        row.insert("instalment".into(), Value::from(no));
    }
    let decimals = currency::decimals(code).max(amount.normalize().scale());
    row.insert("amount".into(), round(amount, decimals).to_string().into());
    record::fill(book, kind, &mut row, given)?;
    matching.date(book, (money.source.id, target), given, &mut row)?;
    matching.put(book, &mut money.source, target, &row);
    money.shares.extend(matching.given.last().cloned());
    want.part.open = sub(want.part.open, amount);
    Ok(Some(Edit::Add { kind, id, value: row }))
}
