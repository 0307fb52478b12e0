//! The stage of an order, as of a day: the first that holds.

use super::{
    Book, digest,
    fulfilment::{self, Fulfilled},
};
use crate::{
    record::{
        Doc,
        common::{Approval, Decision, Revision},
        order::{Hold, Order},
    },
    value::day::Day,
};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderStage {
    /// It no longer holds.
    Void,
    /// Only offered.
    Quote,
    /// Waiting for something.
    OnHold,
    /// Review said no.
    Rejected,
    /// Nobody reviewed it yet.
    AwaitingReview,
    /// Nothing ordered is left, and nothing was delivered or invoiced.
    Closed,
    /// Approved; nothing was delivered yet.
    ToShip,
    /// A part was delivered.
    PartShipped,
    /// Delivered; nothing was invoiced yet.
    ToInvoice,
    /// A part was invoiced.
    PartInvoiced,
    /// Invoiced, and not paid in full.
    ToCollect,
    /// Nothing is left to do.
    Done,
}

/// Every stage, in the order they are asked.
pub const STAGES: &[OrderStage] = &[
    OrderStage::Void,
    OrderStage::Quote,
    OrderStage::OnHold,
    OrderStage::Rejected,
    OrderStage::AwaitingReview,
    OrderStage::Closed,
    OrderStage::ToShip,
    OrderStage::PartShipped,
    OrderStage::ToInvoice,
    OrderStage::PartInvoiced,
    OrderStage::ToCollect,
    OrderStage::Done,
];

impl OrderStage {
    /// Its key in columns and filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Quote => "quote",
            Self::OnHold => "on hold",
            Self::Rejected => "rejected",
            Self::AwaitingReview => "awaiting review",
            Self::Closed => "closed",
            Self::ToShip => "to ship",
            Self::PartShipped => "part shipped",
            Self::ToInvoice => "to invoice",
            Self::PartInvoiced => "part invoiced",
            Self::ToCollect => "to collect",
            Self::Done => "done",
        }
    }
}

/// The review of an order that counts on a day: the last one decided by then, unless the order was
/// changed since.
pub fn review<'a>(book: &Book, order: &'a Doc<Order>, as_of: Day) -> Option<&'a Approval> {
    let by_then =
        |approval: &&Approval| approval.step == "review" && approval.at.day_in(book.zone) <= as_of;
    let last = order.common.approval.iter().rfind(by_then);
    last.filter(|approval| !is_overtaken(book, order, approval, as_of))
}

/// Whether an order was approved by a day, whatever became of it since.
pub fn was_approved(book: &Book, order: &Doc<Order>, by: Day) -> bool {
    let mut reviews = order.common.approval.iter().filter(|row| row.step == "review");
    reviews.any(|row| row.decision == Decision::Approved && row.at.day_in(book.zone) <= by)
}

/// Whether what was decided is no longer what is there: by the digest of the decision where it is
/// ours, and by the day of the revision that followed, if one did.
fn is_overtaken(book: &Book, order: &Doc<Order>, approval: &Approval, as_of: Day) -> bool {
    let agrees = digest::agrees(order, approval);
    let followed = |revision: &&Revision| match agrees {
        Some(_) => revision.at.0 >= approval.at.0,
        None => revision.at.0 > approval.at.0,
    };
    let mut later = order.common.revision.iter().filter(followed).peekable();
    match agrees {
        Some(true) => false,
        Some(false) if later.peek().is_none() => true,
        _ => later.any(|revision| revision.at.day_in(book.zone) <= as_of),
    }
}

/// The hold that stands on a day.
pub fn hold<'a>(book: &Book, order: &'a Doc<Order>, as_of: Day) -> Option<&'a Hold> {
    let stands = |hold: &&Hold| {
        hold.at.day_in(book.zone) <= as_of
            && hold.released_at.is_none_or(|released| released.day_in(book.zone) > as_of)
    };
    order.rec.hold.iter().rev().find(stands)
}

/// The stage of an order as of a day.
pub fn order_stage(book: &Book, order: &Doc<Order>, as_of: Day) -> OrderStage {
    let reviewed = review(book, order, as_of).map(|approval| approval.decision);
    match () {
        () if !order.counts() => OrderStage::Void,
        () if order.rec.is_quote() => OrderStage::Quote,
        () if hold(book, order, as_of).is_some() => OrderStage::OnHold,
        () if reviewed == Some(Decision::Rejected) => OrderStage::Rejected,
        () if reviewed.is_none() => OrderStage::AwaitingReview,
        () => performed(&fulfilment::of_order(book, order, as_of)),
    }
}

/// The stage of an approved order.
fn performed(order: &Fulfilled<'_>) -> OrderStage {
    let is_delivered = order.any(|line| line.delivered());
    let is_invoiced = order.any(|line| line.charged());
    let is_left = order.any(|line| line.ordered);
    match () {
        () if !is_left && !is_delivered && !is_invoiced => OrderStage::Closed,
        () if order.any(|line| line.to_ship()) && !is_delivered => OrderStage::ToShip,
        () if order.any(|line| line.to_ship()) => OrderStage::PartShipped,
        () if order.any(|line| line.to_invoice()) && !is_invoiced => OrderStage::ToInvoice,
        () if order.any(|line| line.to_invoice()) => OrderStage::PartInvoiced,
        () if order.is_open => OrderStage::ToCollect,
        () => OrderStage::Done,
    }
}
