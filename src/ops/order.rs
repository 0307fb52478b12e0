//! The acts of an order: taken, reviewed, held, released, closed short, revised.

mod agreed;

use serde_json::{Map, Value};

use super::{
    Actor,
    allowed::Allowed,
    freeze::{freeze_edits, freeze_head, freeze_line_edits, freeze_lines},
    grounds::grounds,
    head, line, next_id, now, preview, record,
    record::Given,
    ship, value,
};
use crate::{
    book::{
        Book, digest, fulfilment, shipment,
        stage::{self, OrderStage, order_stage},
    },
    error::{Error, Kind as Class, Result},
    record::{
        Doc, Entry, Kind,
        change::{Change, Edit},
        common::Decision,
        customer::Customer,
        order::Order,
        schema::{Field, field},
    },
    value::{
        day::Day,
        number::{Decimal, round, sum},
        place::KeyPath,
    },
};

const KIND: Kind = Kind::Order;

/// The fields of an order's line.
fn line_fields() -> &'static [Field] {
    field(KIND.fields(), "line").and_then(|line| line.kind.fields()).unwrap_or_default()
}

/// A new order, with the defaults of its customer, contract and products frozen onto it.
pub fn add(
    book: &Book,
    actor: Actor<'_>,
    customer: Option<&str>,
    lines: &[String],
    given: &[Given],
) -> Result<Change> {
    let customer = customer.ok_or_else(|| {
        Error::usage("an order needs a customer")
            .hint("desk order add CX01 --line \"A100 x 20 @ 128\"")
    })?;
    let customer = book.resolve(Kind::Customer, customer)?;
    let id = next_id(book, KIND, actor.site, given)?;
    let mut order = head(book, KIND, &id, actor);
    order.insert("customer".into(), customer.clone().into());
    record::fill(book, KIND, &mut order, given)?;
    still_offered(book, &order)?;
    let mut typed = Vec::new();
    for (at, text) in lines.iter().enumerate() {
        let mut block = line::parse(book, line_fields(), text)?;
        let qty = block.get("qty").and_then(Value::as_str).and_then(|qty| qty.parse().ok());
        if qty.is_some_and(|qty: Decimal| qty.is_zero()) {
            return Err(Error::usage(format!("line \"{text}\": a quantity of zero"))
                .hint("--line \"A100 x 4\""));
        }
        block.shift_insert(
            0,
            "no".into(),
            u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1).into(),
        );
        typed.push(Value::Object(block));
    }
    let contract = order.get("contract").and_then(Value::as_str);
    let loose = agreed::name_lines(book, contract, &mut typed)?;
    if !typed.is_empty() {
        order.insert("line".into(), Value::Array(typed));
    }
    let added = |order: &Map<String, Value>| {
        Change::default().with(Edit::Add { kind: KIND, id: id.clone(), value: order.clone() })
    };
    for freeze in [freeze_head, freeze_lines] {
        let drafted = preview(book, &added(&order))?;
        freeze(&drafted, readable(&drafted, &id)?, &mut order);
    }
    let change = added(&order);
    let finished = preview(book, &change)?;
    let doc = readable(&finished, &id)?;
    let stage = order_stage(book, doc, book.today);
    let name = customer_name(&finished, &doc.rec.customer);
    let line = format!("{id}  {name}  {}  {}", total_text(&finished, doc), stage.name());
    let next = match stage {
        OrderStage::Quote => format!("desk order set {id} --quote false"),
        _ => format!("desk order review {id}   (by someone else)"),
    };
    let mut lines = vec![line];
    lines.extend(loose);
    lines.extend(agreed::overdrawn(&finished, doc));
    Ok(Change { lines, ..change }.next(next))
}

/// The order as staged, or the findings that keep it from being read.
fn readable<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Order>> {
    book.get::<Order>(id).ok_or_else(|| {
        let path = crate::store::layout::path(KIND, id).unwrap_or_default();
        let (own, others): (Vec<_>, Vec<_>) =
            book.left_out().into_iter().partition(|finding| finding.place.file == path);
        let findings = if own.is_empty() { others } else { own };
        Error::refused("refused; nothing was written", findings)
    })
}

/// What an order comes to with tax, as people read it.
pub(super) fn total_text(book: &Book, doc: &Doc<Order>) -> String {
    let Ok(facts) = book.order_facts(doc) else { return "no total".into() };
    let decimals = book.basis(None, doc.common.currency.as_deref()).decimals;
    let gross = round(sum(facts.iter().map(|fact| fact.amount.gross)), decimals);
    let foreign = doc.common.currency.as_deref().filter(|code| *code != book.config.currency());
    match foreign {
        Some(code) => format!("{code} {}", crate::value::number::grouped(gross)),
        None => crate::value::number::grouped(gross),
    }
}

fn customer_name(book: &Book, code: &str) -> String {
    let customer = book.get::<Customer>(code);
    let name =
        customer.and_then(|customer| customer.names().first().map(|name| (*name).to_owned()));
    name.unwrap_or_else(|| code.to_owned())
}

/// How an order is reviewed.
#[derive(Debug, Clone, Default)]
pub struct Review {
    /// Whether the answer is no.
    pub reject: bool,
    /// Why.
    pub comment: Option<String>,
    /// Rules that are passed over.
    pub overrides: Vec<String>,
    /// Last day those hold.
    pub until: Option<String>,
}

/// Orders approved or rejected, as one operation. The gate of this act judges the approvals that
/// are added here; one that passes opens the stock-out slip.
pub fn review(book: &Book, actor: Actor<'_>, ids: &[String], review: &Review) -> Result<Change> {
    let mut slips = 0;
    super::together(ids.iter().map(|id| reviewed(book, actor, id, review, &mut slips)))
}

fn reviewed(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    review: &Review,
    slips: &mut u32,
) -> Result<Change> {
    let order = open_order(book, id)?;
    let id = order.id().to_owned();
    let place = |last| order.common.approval.iter().rposition(|row| row == last);
    if let Some(last) = stage::review(book, order, book.today)
        && last.decision == Decision::Approved
        && !place(last).is_some_and(|at| order.common.is_own_work(at))
        && !review.reject
    {
        return Err(Error::usage(format!("{id} was approved by {} already", last.by)));
    }
    let reason = review.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
    if (review.reject || !review.overrides.is_empty()) && reason.is_none() {
        return Err(Error::usage("a reason is needed").hint("--comment \"why\""));
    }
    let mut change = Change::default();
    if !review.reject {
        change.edits.extend(freeze_edits(book, order));
    }
    let allowed = Allowed {
        rules: review.overrides.clone(),
        reason: review.comment.clone(),
        until: review.until.clone(),
    };
    let frozen = preview(book, &change)?;
    let of = digest::decided(readable(&frozen, &id)? as &dyn Entry);
    for block in allowed.blocks(book, actor, Some(&of))? {
        change.edits.push(Edit::Push { kind: KIND, id: id.clone(), key: "override".into(), block });
    }
    let whole = if allowed.rules.is_empty() { frozen } else { preview(book, &change)? };
    let decision = if review.reject { "rejected" } else { "approved" };
    let mut block = Map::from_iter([
        ("step".to_owned(), Value::from("review")),
        ("decision".to_owned(), decision.into()),
        ("by".to_owned(), actor.user.into()),
        ("at".to_owned(), now(book).into()),
    ]);
    block.extend(reason.map(|reason| ("comment".to_owned(), Value::from(reason))));
    block.insert("of".into(), of.into());
    change.edits.push(Edit::Push { kind: KIND, id: id.clone(), key: "approval".into(), block });
    let order = readable(&whole, &id)?;
    if review.reject {
        let because = reason.unwrap_or_default();
        change.lines.push(format!("{id} {decision} by {}: {because}", actor.user));
        return Ok(rejected(book, &id, change));
    }
    let because = grounds(&whole, order).join(", ");
    change.lines.push(format!("{id} {decision} by {}: {because}", actor.user));
    let slip_id = super::nth_id(book, Kind::Shipment, actor.site, *slips)?;
    let slip = ship::slip_opened(&whole, actor, order, slip_id);
    let Some(slip) = slip else { return Ok(change.next(format!("desk order show {id}"))) };
    *slips = slips.saturating_add(1);
    change.edits.extend(slip.edits);
    change.lines.extend(slip.lines);
    change.next = slip.next;
    Ok(change)
}

/// What follows a rejection: the slips that still keep goods back for it are void, else it is
/// revised.
fn rejected(book: &Book, id: &str, mut change: Change) -> Change {
    let slips = shipment::open_slips(book, id);
    if slips.is_empty() {
        return change.next(format!("desk order revise {id} --line … --reason …"));
    }
    let slips = slips.join(" ");
    change.lines.push(format!("{slips} still open, and keeping goods back"));
    change.next(format!("desk ship void {slips} --reason …"))
}

/// Refuses an offer that ended before it is made.
fn still_offered(book: &Book, order: &Map<String, Value>) -> Result<()> {
    let to = order.get("valid_to").and_then(Value::as_str).and_then(|day| day.parse::<Day>().ok());
    match to.filter(|to| *to < book.today) {
        Some(to) => Err(Error::usage(format!("an offer until {to} is over already"))
            .hint(format!("--valid-to {} or later", book.today))),
        None => Ok(()),
    }
}

/// An order that can still be acted on.
fn open_order<'a>(book: &'a Book, id: &str) -> Result<&'a Doc<Order>> {
    let entry = book.resolved(KIND, id)?;
    record::writable(entry)?;
    Doc::of(entry).ok_or_else(|| Error::usage(format!("no order \"{id}\"")))
}

/// Refuses something new for an order that is not approved as it is now, or is held: exit 4 where an
/// approval is missing.
pub(super) fn firm(book: &Book, order: &Doc<Order>, what: &str) -> Result<()> {
    let id = order.id();
    let stage = order_stage(book, order, book.today);
    let message = format!("no {what} for {id}: it is {}", stage.name());
    match stage {
        OrderStage::AwaitingReview | OrderStage::Rejected => {
            Err(Error::new(Class::Approval, message)
                .hint(format!("desk order review {id}   (by someone else)")))
        }
        OrderStage::Quote => {
            Err(Error::refused(message, Vec::new())
                .hint(format!("desk order set {id} --quote false")))
        }
        OrderStage::OnHold => {
            Err(Error::refused(message, Vec::new()).hint(format!("desk order release {id}")))
        }
        _ => Ok(()),
    }
}

fn reasoned(reason: &str) -> Result<()> {
    match reason.trim().is_empty() {
        true => Err(Error::usage("a reason is needed").hint("--reason \"why\"")),
        false => Ok(()),
    }
}

/// An order put on hold.
pub fn hold(book: &Book, actor: Actor<'_>, id: &str, reason: &str) -> Result<Change> {
    let order = open_order(book, id)?;
    reasoned(reason)?;
    if let Some(hold) = order.rec.open_hold() {
        return Err(Error::usage(format!("{} is on hold already: {}", order.id(), hold.reason)));
    }
    let id = order.id().to_owned();
    let block = Map::from_iter([
        ("at".to_owned(), Value::from(now(book))),
        ("by".to_owned(), actor.user.into()),
        ("reason".to_owned(), reason.into()),
    ]);
    let next = format!("desk order release {id}");
    let edit = Edit::Push { kind: KIND, id: id.clone(), key: "hold".into(), block };
    Ok(Change::saying(format!("{id} on hold: {reason}")).with(edit).next(next))
}

/// An order released from its hold. Where it is approved, the gate asks again what may have changed
/// while it waited: customer, papers, credit and what is overdue.
pub fn release(book: &Book, actor: Actor<'_>, id: &str, allowed: &Allowed) -> Result<Change> {
    let order = open_order(book, id)?;
    let id = order.id().to_owned();
    let open = order.rec.hold.iter().rposition(|hold| hold.released_at.is_none());
    let at = open.ok_or_else(|| Error::usage(format!("{id} is not on hold")))?;
    let set = |key: &str, value: Value| Edit::Set {
        kind: KIND,
        id: id.clone(),
        path: KeyPath::key("hold").nth(at).then(key),
        value,
    };
    let mut change = Change::default()
        .with(set("released_at", now(book).into()))
        .with(set("released_by", actor.user.into()));
    let of = digest::decided(order as &dyn Entry);
    for block in allowed.blocks(book, actor, Some(&of))? {
        change.edits.push(Edit::Push { kind: KIND, id: id.clone(), key: "override".into(), block });
    }
    let after = preview(book, &change)?;
    let stage = order_stage(book, readable(&after, &id)?, book.today);
    let line = format!("{id} released by {}: {}", actor.user, stage.name());
    let change = Change { lines: vec![line], ..change };
    Ok(match stage {
        OrderStage::AwaitingReview => {
            change.next(format!("desk order review {id}   (by someone else)"))
        }
        _ => change.next(format!("desk order show {id}")),
    })
}

/// Lines closed short: what is left of them will not be delivered. Without lines, all that is open.
pub fn close(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    lines: &[String],
    reason: &str,
) -> Result<Change> {
    let order = open_order(book, id)?;
    reasoned(reason)?;
    let id = order.id().to_owned();
    let mut change = Change::default();
    for (no, qty) in closing(book, order, lines)? {
        change.lines.push(format!("{id} line {no}: {} closed: {reason}", qty.normalize()));
        let block = Map::from_iter([
            ("line".to_owned(), Value::from(no)),
            ("qty".to_owned(), qty.normalize().to_string().into()),
            ("at".to_owned(), now(book).into()),
            ("by".to_owned(), actor.user.into()),
            ("reason".to_owned(), reason.into()),
        ]);
        change.edits.push(Edit::Push { kind: KIND, id: id.clone(), key: "closure".into(), block });
    }
    let stage = order_stage(book, readable(&preview(book, &change)?, &id)?, book.today);
    change.lines.push(format!("{id} {}", stage.name()));
    Ok(change)
}

/// Which lines are closed by how much, in each line's unit.
fn closing(book: &Book, order: &Doc<Order>, lines: &[String]) -> Result<Vec<(u32, Decimal)>> {
    let whole = fulfilment::of_order(book, order, book.today);
    let id = order.id();
    if lines.is_empty() {
        let all = whole.lines.iter().map(|line| (line.line.no, line.to_close()));
        let all: Vec<(u32, Decimal)> = all.filter(|(_, qty)| !qty.is_zero()).collect();
        return match all.is_empty() {
            true => Err(nothing_open(id, &whole)),
            false => Ok(all),
        };
    }
    let mut closing = Vec::new();
    for text in lines {
        let (no, qty) =
            text.split_once(['x', ' ']).map_or((text.as_str(), None), |(no, qty)| (no, Some(qty)));
        let found = whole.lines.iter().find(|line| Ok(line.line.no) == no.trim().parse());
        let line = found.ok_or_else(|| {
            Error::usage(format!("{id} has no line \"{}\"", no.trim()))
                .hint("--line 2, or --line \"2 x 5\"")
        })?;
        let qty = match qty.map(|qty| qty.trim().trim_start_matches('x').trim()) {
            None => line.to_close(),
            Some(qty) => value::quantity(qty)?,
        };
        if qty.is_zero() {
            return Err(nothing_open(&format!("{id} line {}", line.line.no), &whole));
        }
        closing.push((line.line.no, qty));
    }
    Ok(closing)
}

/// Why nothing can be closed, and which slip keeps it.
fn nothing_open(what: &str, whole: &fulfilment::Fulfilled<'_>) -> Error {
    let error = Error::usage(format!("nothing of {what} is open"));
    match whole.any(|line| line.moved.reserved) {
        true => error.hint("desk ship void SH-… --reason …   (what is on a slip is closed after)"),
        false => error,
    }
}

/// An order changed after it was taken, with a reason; an approval given before no longer counts.
pub fn revise(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    lines: &[String],
    given: &[Given],
    reason: &str,
) -> Result<Change> {
    let order = open_order(book, id)?;
    reasoned(reason)?;
    let id = order.id().to_owned();
    if lines.is_empty() && given.is_empty() {
        return Err(Error::usage(format!("nothing to revise on {id}"))
            .hint(format!("desk order revise {id} --line \"1 qty=15\" --reason …")));
    }
    let mut change = Change::default();
    for text in lines {
        change.edits.extend(revise_line(book, order, text)?);
    }
    if !given.is_empty() {
        let set = record::set(book, actor, KIND, &id, given, &[])?;
        change.edits.extend(set.edits);
        change.lines.extend(set.lines);
    }
    let drafted = preview(book, &change)?;
    // A line that is added is frozen as on a new order; what the rest leaves open is left open
    // until the review.
    let added = order.rec.line.len()..;
    change.edits.extend(freeze_line_edits(&drafted, readable(&drafted, &id)?, added));
    let block = Map::from_iter([
        ("at".to_owned(), Value::from(now(book))),
        ("by".to_owned(), actor.user.into()),
        ("reason".to_owned(), reason.into()),
    ]);
    change.edits.push(Edit::Push { kind: KIND, id: id.clone(), key: "revision".into(), block });
    let after = preview(book, &change)?;
    let doc = readable(&after, &id)?;
    let stage = order_stage(book, doc, book.today);
    change.lines.push(format!("{id} revised: {}  {}", total_text(&after, doc), stage.name()));
    change.lines.extend(agreed::overdrawn(&after, doc));
    Ok(match stage {
        OrderStage::AwaitingReview => {
            change.next(format!("desk order review {id}   (by someone else)"))
        }
        _ => change,
    })
}

/// `"2 qty=15 price=120"` changes line 2; `"A100 x 5"` adds a line.
fn revise_line(book: &Book, order: &Doc<Order>, text: &str) -> Result<Vec<Edit>> {
    let id = order.id().to_owned();
    let (first, rest) = text.trim().split_once([' ', ':']).unwrap_or((text.trim(), ""));
    let numbered = first.parse::<u32>().ok().filter(|_| rest.contains('='));
    let Some(no) = numbered else {
        let mut line = [Value::Object(line::parse(book, line_fields(), text)?)];
        agreed::name_lines(book, order.rec.contract.as_deref(), &mut line)?;
        let [Value::Object(mut block)] = line else { return Ok(Vec::new()) };
        let next = order.rec.line.iter().map(|line| line.no).max().unwrap_or(0).saturating_add(1);
        block.shift_insert(0, "no".into(), next.into());
        return Ok(vec![Edit::Push { kind: KIND, id, key: "line".into(), block }]);
    };
    let at = order.rec.line.iter().position(|line| line.no == no);
    let at = at.ok_or_else(|| Error::new(Class::Usage, format!("{id} has no line {no}")))?;
    let pairs = rest.split_whitespace().collect::<Vec<_>>().join(", ");
    let block = value::block(book, line_fields(), &pairs)?;
    if block.contains_key("no") {
        return Err(Error::usage("the number of a line never changes"));
    }
    let set = |(key, value): (String, Value)| Edit::Set {
        kind: KIND,
        id: id.clone(),
        path: KeyPath::key("line").nth(at).then(key),
        value,
    };
    Ok(block.into_iter().map(set).collect())
}
