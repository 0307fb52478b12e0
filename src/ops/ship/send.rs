//! Goods that leave: the checks of a slip ticked by name, the slip sent, and what was sent revised.
//!
//! What a slip holds and does not send stays on a new slip. The gate of sending judges the approval
//! that is added here.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    super::{Actor, allowed::Allowed, next_id, now, order::firm, preview, record, record::Given},
    KIND, counted, happened_on, in_words,
    lines::{self, Part},
    name_of, open_slip, push, quantity, readable, reasoned, sending, set,
    slip::with_lines,
};
use crate::{
    book::{
        Book,
        fulfilment::line_quantity,
        shipment::{self, Batch},
        stage::{OrderStage, order_stage},
    },
    error::{Error, Result},
    record::{
        Doc, Entry,
        change::{Change, Edit},
        invoice::Invoice,
        order::Order,
        product::Product,
        shipment::{CheckOf, Shipment, ShipmentLine},
    },
    value::{
        number::{Decimal, sub},
        place::KeyPath,
        text::closest,
    },
};

/// Fields of a slip's line that are given when it is confirmed or sent.
const GIVEN: &[&str] = &["batch", "expires_on"];
/// Fields of a slip that the rest of it takes along.
const KEPT: &[&str] = &[
    "kind",
    "customer",
    "ship_to",
    "region",
    "warehouse",
    "promised_on",
    "exchange_for",
    "contents",
    "staff",
    "district",
];

/// Which checks are ticked.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Ticks {
    /// None.
    #[default]
    None,
    /// All that are needed.
    All,
    /// These, by their words.
    These(Vec<String>),
}

/// What of a slip nobody checked yet.
pub fn unticked(book: &Book, id: &str) -> Result<Vec<CheckOf>> {
    Ok(shipment::unticked(book, open_slip(book, id)?, book.today))
}

/// The checks of a slip ticked, what is known of how it goes, and rules of sending let pass.
pub fn confirm(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    ticks: &Ticks,
    texts: &[String],
    given: &[Given],
    allowed: &Allowed,
) -> Result<Change> {
    let slip = open_slip(book, id)?;
    let id = slip.id().to_owned();
    to_leave(book, slip)?;
    let open = shipment::unticked(book, slip, book.today);
    let ticked = asked_for(book, slip, &open, ticks)?;
    let is_more = !texts.is_empty() || !given.is_empty() || !allowed.rules.is_empty();
    if ticked.is_empty() && !is_more {
        return Err(match open.is_empty() {
            true => Error::usage(format!("{id} is confirmed already"))
                .hint(format!("desk ship send {id}")),
            false => Error::usage(format!("nothing of {id} is confirmed: {}", words(&open)))
                .hint(format!("desk ship confirm {id} --all-checks"))
                .hint(format!("desk ship confirm {id} --check {}", flags(&open))),
        });
    }
    let mut change = Change::default();
    if !given.is_empty() {
        change.edits.extend(record::set(book, actor, KIND, &id, given, &[])?.edits);
    }
    let parts = lines::parts(book, lines::of(slip), texts, GIVEN)?;
    change.edits.extend(divided(slip, &parts, false)?.edits);
    for check in &ticked {
        let block = Map::from_iter([
            ("what".to_owned(), Value::from(check.name())),
            ("by".to_owned(), actor.user.into()),
            ("at".to_owned(), now(book).into()),
        ]);
        change.edits.push(push(&id, "check", block));
    }
    for block in allowed.blocks(book, actor, None)? {
        change.edits.push(push(&id, "override", block));
    }
    let after = preview(book, &change)?;
    let left = shipment::unticked(book, readable(&after, &id)?, book.today);
    let verb = if left.is_empty() { "confirmed" } else { "checked" };
    let mut line = format!("{id} {verb} by {}", actor.user);
    if !ticked.is_empty() {
        line = format!("{line}: {}", words(&ticked));
    }
    if let Some(carrier) = readable(&after, &id)?.rec.carrier.as_deref() {
        line = format!("{line}; goes with {}", name_of(book, carrier));
    }
    if !allowed.rules.is_empty() {
        line = format!("{line}; lets {} pass", allowed.rules.join(", "));
    }
    if !left.is_empty() {
        line = format!("{line}; still to check: {}", words(&left));
    }
    change.lines.push(line);
    let waybill = if readable(&after, &id)?.rec.carrier.is_some() { " --waybill …" } else { "" };
    Ok(change.next(match left.is_empty() {
        true => format!("desk ship send {id}{waybill}"),
        false => format!("desk ship confirm {id} --check {}", flags(&left)),
    }))
}

/// Refuses the checks of goods that may not leave: sending would.
fn to_leave(book: &Book, slip: &Doc<Shipment>) -> Result<()> {
    let id = slip.id();
    let mut orders = slip.rec.orders().into_iter().filter_map(|of| book.get::<Order>(of));
    orders.try_for_each(|order| {
        let stage = order_stage(book, order, book.today);
        firm(book, order, &format!("check of {id}")).map_err(|error| match stage {
            OrderStage::Rejected => error.hint(format!("desk ship void {id} --reason …")),
            _ => error,
        })
    })
}

/// The checks that are ticked now, of those that are open.
fn asked_for(
    book: &Book,
    slip: &Doc<Shipment>,
    open: &[CheckOf],
    ticks: &Ticks,
) -> Result<Vec<CheckOf>> {
    let texts = match ticks {
        Ticks::None => return Ok(Vec::new()),
        Ticks::All => return Ok(open.to_vec()),
        Ticks::These(texts) => texts,
    };
    let needed = shipment::needed(book, slip);
    let mut ticked = BTreeSet::new();
    for text in texts.iter().flat_map(|text| text.split([',', '，'])) {
        let word = text.trim().replace('-', "_");
        let found = needed.iter().find(|check| check.name() == word);
        let check = *found.ok_or_else(|| {
            let names = needed.iter().map(|check| check.name());
            let error = Error::usage(format!("{} has no check \"{word}\"", slip.id()));
            match closest(&word, names) {
                Some(near) => error.hint(format!("did you mean {near}?")),
                None => error.hint(format!("its checks: {}", words(&needed))),
            }
        })?;
        ticked.insert(check);
    }
    Ok(open.iter().copied().filter(|check| ticked.contains(check)).collect())
}

fn words(checks: &[CheckOf]) -> String {
    checks.iter().map(|check| check.name()).collect::<Vec<_>>().join(", ")
}

fn flags(checks: &[CheckOf]) -> String {
    checks.iter().map(|check| check.name()).collect::<Vec<_>>().join(",")
}

/// What becomes of a slip's lines.
#[derive(Debug, Default)]
struct Divided {
    /// The edits that make it so.
    edits: Vec<Edit>,
    /// Lines for a new slip.
    rest: Vec<Map<String, Value>>,
}

/// A slip's lines as they were typed: fields given, and lines parted by batch. Where quantities were
/// typed and `leaves_rest`, only those stay, and the rest goes on a new slip.
fn divided(slip: &Doc<Shipment>, parts: &[Part], leaves_rest: bool) -> Result<Divided> {
    let id = slip.id();
    let leaves_rest = leaves_rest && parts.iter().any(|part| part.qty.is_some());
    let blocks = blocks(slip);
    let mut next = slip.rec.line.iter().map(|line| line.no).max().unwrap_or(0);
    let (mut divided, mut removed, mut added) = (Divided::default(), Vec::new(), Vec::new());
    for (at, line) in slip.rec.line.iter().enumerate() {
        let own: Vec<&Part> = parts.iter().filter(|part| part.at == at).collect();
        let mut left = line.qty.get();
        for (nth, part) in own.iter().enumerate() {
            let qty = part.qty.unwrap_or(left);
            if qty > left || qty.is_zero() {
                return Err(asked_too_much(id, line, qty, left));
            }
            left = sub(left, qty);
            let path = KeyPath::key("line").nth(at);
            if nth == 0 {
                if qty != line.qty.get() {
                    divided.edits.push(set(id, path.then("qty"), quantity(qty)));
                }
                let fields = part.fields.clone().into_iter();
                divided.edits.extend(fields.map(|(key, value)| set(id, path.then(key), value)));
                continue;
            }
            next = next.saturating_add(1);
            let mut block = blocks[at].clone();
            block.insert("no".into(), next.into());
            block.insert("qty".into(), quantity(qty));
            block.extend(part.fields.clone());
            added.push(push(id, "line", block));
        }
        let mut rest = blocks[at].clone();
        rest.insert("qty".into(), quantity(left));
        match (own.is_empty(), left.is_zero(), leaves_rest) {
            (true, _, true) => {
                removed.push(at);
                rest.shift_remove("no");
                divided.rest.push(rest);
            }
            (false, false, true) => {
                rest.shift_remove("no");
                divided.rest.push(rest);
            }
            (false, false, false) => {
                next = next.saturating_add(1);
                rest.insert("no".into(), next.into());
                added.push(push(id, "line", rest));
            }
            _ => {}
        }
    }
    // From the last to the first, so that the places of those before stay.
    let gone = removed.into_iter().rev().map(|at| Edit::Remove {
        kind: KIND,
        id: id.to_owned(),
        path: KeyPath::key("line").nth(at),
    });
    divided.edits.extend(added);
    divided.edits.extend(gone);
    Ok(divided)
}

/// That more is asked for than a slip's line holds; more of it is ordered first.
fn asked_too_much(id: &str, line: &ShipmentLine, qty: Decimal, left: Decimal) -> Error {
    let message = format!("{id} line {}: {} asked for of {}", line.no, qty.normalize(), line.qty);
    let mut error = Error::refused(message, Vec::new());
    if left > Decimal::ZERO {
        error = error.hint(format!("--line \"{} x {}\"", line.no, left.normalize()));
    }
    match (line.order.as_deref(), line.order_line) {
        (Some(order), Some(no)) => {
            error.hint(format!("desk order revise {order} --line \"{no} qty=…\" --reason …"))
        }
        _ => error.hint(format!("desk ship set {id} line.{}.qty=…", line.no)),
    }
}

/// The lines of a shipment as its file holds them.
pub(super) fn blocks(shipment: &Doc<Shipment>) -> Vec<Map<String, Value>> {
    let held = shipment.value();
    let lines = held.get("line").and_then(Value::as_array).into_iter().flatten();
    lines.filter_map(|line| line.as_object().cloned()).collect()
}

/// Goods sent: the slip's, or some of them, the rest staying on a new slip.
pub fn send(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    texts: &[String],
    on: Option<&str>,
    given: &[Given],
    allowed: &Allowed,
) -> Result<Change> {
    let slip = open_slip(book, id)?;
    let id = slip.id().to_owned();
    let day = happened_on(book, on)?;
    let blocks = allowed.blocks(book, actor, None)?.into_iter();
    let overrides = blocks.map(|block| push(&id, "override", block));
    let mut change = Change { edits: overrides.collect(), ..Change::default() };
    if !given.is_empty() {
        change.edits.extend(record::set(book, actor, KIND, &id, given, &[])?.edits);
    }
    let parts = lines::parts(book, lines::of(slip), texts, GIVEN)?;
    let divided = divided(slip, &parts, true)?;
    change.edits.extend(divided.edits);
    change.edits.push(set(&id, KeyPath::key("shipped_on"), day.to_string()));
    let drafted = preview(book, &change)?;
    let proposed = proposed_batches(&drafted, readable(&drafted, &id)?);
    for (at, batch) in &proposed {
        let path = KeyPath::key("line").nth(*at);
        change.edits.push(set(&id, path.then("batch"), batch.batch.clone()));
        if let Some(day) = batch.expires_on {
            change.edits.push(set(&id, path.then("expires_on"), day.to_string()));
        }
    }
    change.edits.push(sending(book, actor, &id, &change)?);
    let after = preview(book, &change)?;
    let sent = readable(&after, &id)?;
    change.lines.push(sent_line(book, sent));
    for (at, batch) in &proposed {
        let until = batch.expires_on.map(|day| format!(", expires {day}")).unwrap_or_default();
        let line = &sent.rec.line[*at];
        change.lines.push(format!(
            "{id} line {}: {} of batch {}{until}, the first to expire",
            line.no, line.product, batch.batch
        ));
    }
    let next = next_of_sent(book, sent);
    if !divided.rest.is_empty() {
        let rest = rest_of(book, actor, slip, divided.rest)?;
        change.edits.extend(rest.edits);
        change.lines.push(format!("{} for the rest", rest.lines.concat()));
    }
    Ok(change.next(next))
}

fn sent_line(book: &Book, sent: &Doc<Shipment>) -> String {
    let rec = &sent.rec;
    let with = rec.carrier.as_deref().map(|carrier| format!(" with {}", name_of(book, carrier)));
    let waybill = rec.waybill.as_deref().map(|waybill| format!(", waybill {waybill}"));
    let holds: Vec<String> = rec.line.iter().map(|line| in_words(line, line.qty.get())).collect();
    let holds = if holds.len() > 4 { counted(holds.len()) } else { holds.join(", ") };
    format!(
        "{} sent{}{}: {holds}",
        sent.id(),
        with.unwrap_or_default(),
        waybill.unwrap_or_default()
    )
}

/// What comes after goods left: the invoice where something is to be billed, else their arrival.
fn next_of_sent(book: &Book, sent: &Doc<Shipment>) -> String {
    let id = sent.id();
    let is_billed =
        |line| shipment::ordered_line(book, line).is_some_and(|(_, ordered)| ordered.is_billable());
    match sent.rec.line.iter().any(is_billed) {
        true if sent.rec.exchange_for.is_none() => format!("desk invoice add --from {id}"),
        _ => format!("desk ship receive {id} --by …"),
    }
}

/// A new slip for what was not sent.
fn rest_of(
    book: &Book,
    actor: Actor<'_>,
    slip: &Doc<Shipment>,
    lines: Vec<Map<String, Value>>,
) -> Result<Change> {
    let id = next_id(book, KIND, actor.site, &[])?;
    let mut value = super::super::head(book, KIND, &id, actor);
    let held = slip.value();
    for key in KEPT {
        if let Some(held) = held.get(*key) {
            value.insert((*key).to_owned(), held.clone());
        }
    }
    Ok(with_lines(id, value, lines))
}

/// The batch that expires first, for each line of tracked goods that names none and that one batch
/// can fill.
fn proposed_batches(book: &Book, slip: &Doc<Shipment>) -> Vec<(usize, Batch)> {
    let mut proposed: Vec<(usize, Batch)> = Vec::new();
    for (at, line) in slip.rec.line.iter().enumerate() {
        let product = book.get::<Product>(&line.product);
        let is_tracked = product.is_some_and(|own| own.rec.batch_tracked == Some(true));
        if !is_tracked || line.batch.is_some() {
            continue;
        }
        let wanted = line_quantity(book, slip.rec.sort(), line);
        let mut held = shipment::batches(book, &line.product);
        for batch in &mut held {
            let same = |(other, own): &&(usize, Batch)| {
                own.batch == batch.batch && slip.rec.line[*other].product == line.product
            };
            let taken = proposed
                .iter()
                .filter(same)
                .map(|(other, _)| line_quantity(book, slip.rec.sort(), &slip.rec.line[*other]));
            batch.left = sub(batch.left, crate::value::number::sum(taken));
        }
        let is_good = |batch: &&Batch| {
            batch.expires_on.is_none_or(|day| day >= book.today) && batch.left >= wanted
        };
        if let Some(batch) = held.iter().find(is_good) {
            proposed.push((at, batch.clone()));
        }
    }
    proposed
}

/// A shipment changed after its goods moved, with a reason; where it was sent it is judged anew.
pub fn revise(
    book: &Book,
    actor: Actor<'_>,
    id: &str,
    texts: &[String],
    given: &[Given],
    reason: &str,
) -> Result<Change> {
    let held = super::held(book, id)?;
    reasoned(reason)?;
    let id = held.id().to_owned();
    if texts.is_empty() && given.is_empty() {
        return Err(Error::usage(format!("nothing to revise on {id}"))
            .hint(format!("desk ship revise {id} --line \"1 qty=4\" --reason …")));
    }
    let mut change = Change::default();
    const LINE: &[&str] = &[
        "qty",
        "received_qty",
        "unit",
        "unit_factor",
        "batch",
        "expires_on",
        "condition",
        "reopens_delivery",
        "order_line",
    ];
    for part in lines::parts(book, lines::of(held), texts, LINE)? {
        let path = KeyPath::key("line").nth(part.at);
        let qty = part.qty.map(|qty| ("qty".to_owned(), quantity(qty)));
        let fields = part.fields.into_iter().chain(qty);
        change.edits.extend(fields.map(|(key, value)| set(&id, path.then(key), value)));
    }
    if !given.is_empty() {
        change.edits.extend(record::set(book, actor, KIND, &id, given, &[])?.edits);
    }
    let block = Map::from_iter([
        ("at".to_owned(), Value::from(now(book))),
        ("by".to_owned(), actor.user.into()),
        ("reason".to_owned(), reason.into()),
    ]);
    change.edits.push(push(&id, "revision", block));
    if held.rec.sort().is_outward() && held.rec.shipped_on.is_some() {
        change.edits.push(sending(book, actor, &id, &change)?);
    }
    change.lines.push(format!("{id} revised: {reason}"));
    let invoice = book.pointing::<Invoice>(&id).first().map(|invoice| invoice.id().to_owned());
    let next = invoice.map(|invoice| format!("desk invoice check {invoice}"));
    Ok(change.next(next.unwrap_or_else(|| format!("desk ship show {id}"))))
}
