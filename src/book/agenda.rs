//! What is to be done by a day, most urgent first, each with the command that does it.
//!
//! Nothing is kept: what is to be done follows from what was. Whoever does it takes it off the list
//! by doing it.

mod contracts;
mod customers;

use super::{
    Book, authority, expense, exposure, fulfilment, kept, payment,
    receivable::in_base,
    series,
    shipment::{self, Late, State, Why},
    stage::{OrderStage, order_stage},
};
use crate::{
    finding::Finding,
    record::{
        contract::Side,
        customer::Customer,
        invoice::{Invoice, InvoiceKind},
        order::Order,
        shipment::Shipment,
        task::Task,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, round},
        period::Period,
    },
};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// A customer owes more than the limit.
    CreditOverrun,
    /// An invoice was not paid on its day.
    Overdue,
    /// An invoice is to be paid soon.
    Due,
    /// A supplier's invoice is to be paid.
    Owed,
    /// Money of a contract is due that no invoice asks for.
    Instalment,
    /// Goods were to have arrived.
    GoodsLate,
    /// What a contract promises by a day is not all there.
    LineLate,
    /// An order waits for its review.
    Review,
    /// A stock-out slip waits to be confirmed and sent.
    Send,
    /// An approved order has goods on no slip.
    Slip,
    /// Goods arrived perhaps, and nobody says so.
    Receipt,
    /// What was delivered is not invoiced.
    Invoice,
    /// A draft waits to be issued.
    Issue,
    /// An expense waits for its review.
    ExpenseReview,
    /// An expense waits for its approval.
    ExpenseApproval,
    /// An advance waits to be paid.
    Advance,
    /// An expense is over and not claimed.
    Claim,
    /// A claim waits to be paid.
    Reimburse,
    /// What was advanced too much waits to come back.
    Return,
    /// Something else that a contract says.
    Obligation,
    /// A contract ends.
    ContractEnds,
    /// A customer asks for an answer to a complaint.
    Complaint,
    /// A question waits for its answer.
    Answer,
    /// A customer's paper runs out.
    Paper,
    /// A customer's paper waits to be verified.
    Verify,
    /// A lead has had no first contact, or has no next step.
    Lead,
    /// A customer is to be called or visited.
    Call,
    /// A task.
    Task,
    /// A week is not summed up.
    Summary,
}

impl Duty {
    /// Its word in columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreditOverrun => "credit overrun",
            Self::Overdue => "invoice overdue",
            Self::Due => "invoice due",
            Self::Owed => "to pay",
            Self::Instalment => "instalment due",
            Self::GoodsLate => "goods late",
            Self::LineLate => "contract line late",
            Self::Review => "review",
            Self::Send => "send",
            Self::Slip => "open slip",
            Self::Receipt => "receipt missing",
            Self::Invoice => "invoice",
            Self::Issue => "issue",
            Self::ExpenseReview => "review expense",
            Self::ExpenseApproval => "approve expense",
            Self::Advance => "pay advance",
            Self::Claim => "claim expense",
            Self::Reimburse => "pay expense",
            Self::Return => "advance to return",
            Self::Obligation => "contract duty",
            Self::ContractEnds => "contract ends",
            Self::Complaint => "complaint",
            Self::Answer => "answer",
            Self::Paper => "paper expires",
            Self::Verify => "verify paper",
            Self::Lead => "lead",
            Self::Call => "call",
            Self::Task => "task",
            Self::Summary => "summary missing",
        }
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What.
    pub duty: Duty,
    /// The record it is about.
    pub id: String,
    /// Customer or supplier.
    pub party: Option<String>,
    /// Whose it is.
    pub staff: Option<String>,
    /// The day it was or is due; what has none is due at once.
    pub on: Option<Day>,
    /// Amount in base currency, where it is about money.
    pub amount: Option<Decimal>,
    /// What it says, where that helps.
    pub about: Option<String>,
    /// The command that does it.
    pub command: String,
}

impl Item {
    /// Whether it is for someone to do: a review for whoever may review, anything else for its owner.
    pub fn is_for(&self, book: &Book, staff: &str, as_of: Day) -> bool {
        match self.reviewers(book, as_of) {
            Some(reviewers) => reviewers.iter().any(|own| own == staff),
            None => self.staff.as_deref() == Some(staff),
        }
    }

    /// Who may do it, where it is a review.
    pub fn reviewers(&self, book: &Book, as_of: Day) -> Option<Vec<String>> {
        if let Some(deciders) = expense::duties::deciders(book, self, as_of) {
            return Some(deciders);
        }
        let order = book.get::<Order>(&self.id).filter(|_| self.duty == Duty::Review)?;
        Some(authority::reviewers(book, order, as_of))
    }

    /// Days since it was due; none before.
    pub fn days_late(&self, today: Day) -> i64 {
        self.on.map_or(0, |on| today.0.signed_duration_since(on.0).num_days().max(0))
    }
}

/// What is to be done, and what could not be looked at.
#[derive(Debug, Default)]
pub struct Agenda {
    /// Most urgent first.
    pub items: Vec<Item>,
    /// Why something is not among them.
    pub left_out: Vec<Finding>,
}

/// What is to be done by the last day of a period, as seen from a day.
pub fn agenda(book: &Book, as_of: Day, period: Period) -> Agenda {
    let until = period.to.unwrap_or(as_of).max(as_of);
    let mut all = Agenda::default();
    orders(book, as_of, &mut all);
    shipments(book, as_of, &mut all.items);
    drafts(book, as_of, &mut all.items);
    money(book, as_of, until, &mut all);
    owed(book, as_of, until, &mut all);
    contracts::contracts(book, as_of, until, &mut all.items);
    contracts::performance(book, as_of, until, &mut all);
    expense::duties::duties(book, as_of, &mut all.items);
    tasks(book, until, &mut all.items);
    customers::add(book, as_of, until, &mut all.items);
    all.items.sort_by(|one, other| {
        let key = |item: &Item| (item.on.is_none(), item.on, item.duty);
        key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id))
    });
    all
}

/// Whose an entry is: never that of someone who has left while its party is another's.
fn in_charge(book: &Book, own: Option<&str>, party: Option<&str>, as_of: Day) -> Option<String> {
    authority::in_charge(book, own, party, as_of).map(str::to_owned)
}

fn orders(book: &Book, as_of: Day, all: &mut Agenda) {
    book.each::<Order>(|order| {
        if order.ordered_on().is_none_or(|on| on > as_of) {
            return;
        }
        let (id, rec) = (order.id(), &order.rec);
        let item = |duty, on, amount, command: String| Item {
            duty,
            id: id.to_owned(),
            party: Some(rec.customer.clone()),
            staff: in_charge(book, book.owner(order).staff, Some(&rec.customer), as_of),
            on,
            amount,
            about: None,
            command,
        };
        let base = |quantity: fn(&fulfilment::Line<'_>) -> Decimal| {
            let part = fulfilment::part_of(book, order, as_of, quantity).ok()?;
            in_base(book, &order.common, part.gross)
        };
        match order_stage(book, order, as_of) {
            OrderStage::AwaitingReview => {
                let amount = base(|line| line.ordered);
                let command = format!("desk order review {id}");
                all.items.push(item(Duty::Review, order.ordered_on(), amount, command));
            }
            stage if stage >= OrderStage::ToShip => {
                let lines = fulfilment::of_order(book, order, as_of);
                let due = |line: &fulfilment::Line<'_>| line.line.promised_on.or(rec.promised_on);
                let unsent = lines.lines.iter().filter(|line| line.to_slip() > Decimal::ZERO);
                // What is on a slip waits there, late or not.
                if lines.any(|line| line.to_slip()) {
                    let promised = unsent.filter_map(due).min().or(rec.promised_on);
                    let command = format!("desk ship add --from {id}");
                    let amount = base(|line| line.to_slip());
                    all.items.push(item(Duty::Slip, promised, amount, command));
                }
                if lines.any(|line| line.to_draft()) {
                    let command = format!("desk invoice add --from {id}");
                    let amount = base(|line| line.to_draft());
                    all.items.push(item(Duty::Invoice, None, amount, command));
                }
            }
            _ => {}
        }
    });
}

fn shipments(book: &Book, as_of: Day, items: &mut Vec<Item>) {
    book.each::<Shipment>(|own| {
        let rec = &own.rec;
        if !own.counts() || own.common.date.is_none_or(|date| date > as_of) {
            return;
        }
        let late = shipment::why_late(book, own, as_of);
        let is_slip = matches!(shipment::state(book, own, as_of), State::Slip | State::Confirmed);
        let (duty, on, command) = match late {
            Some(Late { why: Why::NotSent, since, next }) => (Duty::Send, Some(since), next),
            Some(Late { why: Why::NotAcknowledged, since, next }) => {
                (Duty::Receipt, Some(since), next)
            }
            Some(Late { since, next, .. }) => (Duty::GoodsLate, Some(since), next),
            None if is_slip => {
                let on = shipment::promised_on(book, own).or(own.common.date);
                (Duty::Send, on, shipment::sending(book, own, as_of))
            }
            None => return,
        };
        items.push(Item {
            duty,
            id: own.id().to_owned(),
            party: rec.party().map(str::to_owned),
            staff: in_charge(book, own.common.staff.as_deref(), rec.party(), as_of),
            on,
            amount: None,
            about: rec.waybill.clone(),
            command,
        });
    });
}

fn drafts(book: &Book, as_of: Day, items: &mut Vec<Item>) {
    book.each::<Invoice>(|bill| {
        let is_draft = bill.rec.issued_on.is_none_or(|day| day > as_of)
            && bill.common.date.is_some_and(|date| date <= as_of);
        if !bill.counts() || !is_draft || bill.rec.sort() == InvoiceKind::Proforma {
            return;
        }
        let gross = super::invoice::total(book, bill).map(|total| total.gross);
        items.push(Item {
            duty: Duty::Issue,
            id: bill.id().to_owned(),
            party: Some(bill.rec.party.clone()),
            staff: in_charge(book, bill.common.staff.as_deref(), Some(&bill.rec.party), as_of),
            on: bill.common.date,
            amount: gross.and_then(|gross| in_base(book, &bill.common, gross)),
            about: None,
            command: series::issuing(book, bill),
        });
    });
}

fn money(book: &Book, as_of: Day, until: Day, all: &mut Agenda) {
    let found = kept::asked_of_all(book, Side::Sale, as_of, until);
    all.left_out.extend(found.left_out);
    for item in found.items {
        let Some(due) = item.due_on.filter(|day| *day <= until) else { continue };
        let (duty, verb) = match due < as_of {
            true => (Duty::Overdue, "chase"),
            false => (Duty::Due, "statement"),
        };
        all.items.push(Item {
            duty,
            amount: item.base_open,
            command: format!("desk payment {verb} {}", item.party),
            id: item.id,
            party: Some(item.party),
            staff: item.staff,
            on: Some(due),
            about: item.number,
        });
    }
    for customer in book.all::<Customer>() {
        let Some(limit) = customer.rec.credit_limit else { continue };
        let owed = exposure::of_customer(book, customer, as_of).map(|owed| owed.sum());
        let Some(beyond) = owed.and_then(|owed| owed.checked_sub(limit.get())) else { continue };
        if beyond <= Decimal::ZERO {
            continue;
        }
        let code = payment::own_currency(book, &customer.common);
        all.items.push(Item {
            duty: Duty::CreditOverrun,
            id: customer.id().to_owned(),
            party: Some(customer.id().to_owned()),
            staff: customer.common.staff.clone(),
            on: Some(as_of),
            amount: in_base(book, &customer.common, beyond),
            about: Some(format!("beyond {code} {}", limit.get())),
            command: format!("desk customer show {}", customer.id()),
        });
    }
}

/// The flag that names a currency where it is not the company's.
fn foreign(book: &Book, code: &str) -> String {
    match code == book.config.currency() {
        true => String::new(),
        false => format!(" --currency {code}"),
    }
}

/// The command that pays a supplier for something.
fn paying(book: &Book, party: &str, target: &str, amount: Decimal, code: &str) -> String {
    let foreign = foreign(book, code);
    format!("desk payment add {party} {amount} --match {target}={amount}{foreign}")
}

/// What suppliers ask for, less money kept for it.
fn owed(book: &Book, as_of: Day, until: Day, all: &mut Agenda) {
    let found = kept::asked_of_all(book, Side::Purchase, as_of, until);
    all.left_out.extend(found.left_out);
    for item in found.items {
        let Some(due) = item.due_on.filter(|day| *day <= until) else { continue };
        let amount = round(item.open, currency::decimals(&item.currency));
        all.items.push(Item {
            duty: Duty::Owed,
            amount: item.base_open,
            command: paying(book, &item.party, &item.id, amount, &item.currency),
            id: item.id,
            party: Some(item.party),
            staff: item.staff,
            on: Some(due),
            about: item.number,
        });
    }
}

fn tasks(book: &Book, until: Day, items: &mut Vec<Item>) {
    for task in book.all::<Task>() {
        let is_open = task.counts() && task.rec.done_on.is_none();
        if !is_open || task.rec.due_on.is_none_or(|day| day > until) {
            continue;
        }
        items.push(Item {
            duty: Duty::Task,
            id: task.id().to_owned(),
            party: None,
            staff: task.rec.owner.clone(),
            on: task.rec.due_on,
            amount: None,
            about: Some(task.rec.title.clone()),
            command: format!("desk task done {}", task.id()),
        });
    }
}
