//! What is to be done by a day, most urgent first, each with the command that does it.
//!
//! Nothing is kept: what is to be done follows from what was. Whoever does it takes it off the list
//! by doing it.

mod customers;

use std::collections::BTreeMap;

use super::{
    Book, authority,
    contract::fulfil::fulfilled,
    exposure, fulfilment, kept, payment,
    receivable::{self, in_base},
    shipment::{self, Late, State, Why},
    stage::{OrderStage, order_stage},
};
use crate::{
    finding::Finding,
    record::{
        Doc,
        contract::{Contract, InstalmentName, Side},
        customer::Customer,
        invoice::{Invoice, InvoiceKind},
        order::Order,
        shipment::Shipment,
        task::Task,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, round, sub},
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
    /// Money of a contract is due that no invoice asks for.
    Instalment,
    /// Goods were to have arrived.
    GoodsLate,
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
            Self::Instalment => "instalment due",
            Self::GoodsLate => "goods late",
            Self::Review => "review",
            Self::Send => "send",
            Self::Slip => "open slip",
            Self::Receipt => "receipt missing",
            Self::Invoice => "invoice",
            Self::Issue => "issue",
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
    contracts(book, until, &mut all.items);
    instalments(book, as_of, until, &mut all);
    tasks(book, until, &mut all.items);
    customers::add(book, as_of, until, &mut all.items);
    all.items.sort_by(|one, other| {
        let key = |item: &Item| (item.on.is_none(), item.on, item.duty);
        key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id))
    });
    all
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
            staff: book.owner(order).staff.map(str::to_owned),
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
            staff: own.common.staff.clone(),
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
            staff: bill.common.staff.clone(),
            on: bill.common.date,
            amount: gross.and_then(|gross| in_base(book, &bill.common, gross)),
            about: None,
            command: format!("desk invoice issue {}", bill.id()),
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

fn contracts(book: &Book, until: Day, items: &mut Vec<Item>) {
    for contract in book.all::<Contract>().into_iter().filter(|own: &&Doc<Contract>| own.counts()) {
        let mut put = |duty, on: Option<Day>, about: &str, command: String| {
            if on.is_some_and(|on| on <= until) {
                items.push(Item {
                    duty,
                    id: contract.id().to_owned(),
                    party: Some(contract.rec.party.clone()),
                    staff: contract.common.staff.clone(),
                    on,
                    amount: None,
                    about: Some(about.to_owned()),
                    command,
                });
            }
        };
        for (at, own) in contract.rec.obligation.iter().enumerate() {
            if own.done_on.is_none() {
                let path = format!("obligation.{}.done_on=today", at.saturating_add(1));
                let command = format!("desk contract set {} {path}", contract.id());
                put(Duty::Obligation, own.due_on, &own.text, command);
            }
        }
        let is_over = contract.rec.valid_to.is_some_and(|day| day < book.today);
        if !is_over {
            let title = contract.rec.title.as_deref().unwrap_or_default();
            let command = format!("desk contract fulfil {}", contract.id());
            put(Duty::ContractEnds, contract.rec.valid_to, title, command);
        }
    }
}

/// Instalments of signed contracts that are due and not asked for: neither invoiced nor paid ahead,
/// and on no draft.
fn instalments(book: &Book, as_of: Day, until: Day, all: &mut Agenda) {
    let mut signed = book.all::<Contract>();
    signed.retain(|own: &&Doc<Contract>| {
        let is_signed = own.rec.signed_on.is_some_and(|day| day <= as_of);
        own.counts() && is_signed && !own.rec.instalment.is_empty()
    });
    if signed.is_empty() {
        return;
    }
    let found = fulfilled(book, Some(signed), as_of);
    all.left_out.extend(found.left_out);
    let drafted = drafted(book, as_of);
    for own in found.contracts {
        let contract = own.contract;
        for due in own.instalments {
            let key = (contract.id().to_owned(), due.instalment.no);
            let drafted = drafted.get(&key).copied().unwrap_or_default();
            let unasked = due.unasked.map_or(Decimal::ZERO, |amount| sub(amount, drafted));
            let is_due = due.due_on.is_some_and(|day| day <= until);
            if !is_due || unasked <= Decimal::ZERO {
                continue;
            }
            let (no, name) = (due.instalment.no, due.instalment.name.map(InstalmentName::name));
            all.items.push(Item {
                duty: Duty::Instalment,
                id: contract.id().to_owned(),
                party: Some(contract.rec.party.clone()),
                staff: contract.common.staff.clone(),
                on: due.due_on,
                amount: in_base(book, &contract.common, unasked),
                about: Some(format!("instalment {no} {}", name.unwrap_or_default())),
                command: asking(book, contract, no, unasked),
            });
        }
    }
}

/// The command that asks for an instalment: of a customer by a deposit invoice; to a supplier it is
/// paid.
fn asking(book: &Book, contract: &Doc<Contract>, no: u32, amount: Decimal) -> String {
    let (id, party) = (contract.id(), &contract.rec.party);
    let code = payment::own_currency(book, &contract.common);
    let amount = round(amount, currency::decimals(code));
    let foreign = match code == book.config.currency() {
        true => String::new(),
        false => format!(" --currency {code}"),
    };
    match contract.rec.side.unwrap_or_default() {
        Side::Sale => format!(
            "desk invoice add {party} --kind deposit --line \"text=instalment {no}, qty=1, \
             price={amount}, tax_rate=0, kind=deposit, contract={id}\" --instalment \
             \"amount={amount}, contract_instalment={no}\"{foreign}"
        ),
        Side::Purchase => {
            format!("desk payment add {party} {amount} --match {id}={amount}{foreign}")
        }
    }
}

/// What drafts ask for, by contract and instalment.
fn drafted(book: &Book, as_of: Day) -> BTreeMap<(String, u32), Decimal> {
    let mut drafted = BTreeMap::new();
    book.each::<Invoice>(|bill| {
        let is_draft = bill.rec.issued_on.is_none_or(|day| day > as_of);
        let counts = bill.counts() && bill.rec.sort() != InvoiceKind::Proforma;
        let contracts = match counts && is_draft && !bill.rec.instalment.is_empty() {
            true => receivable::contracts_of(book, bill),
            false => return,
        };
        for (part, contract) in
            bill.rec.instalment.iter().zip(contracts.first().into_iter().cycle())
        {
            if let Some(no) = part.contract_instalment {
                let sum: &mut Decimal = drafted.entry((contract.clone(), no)).or_default();
                *sum = add(*sum, part.amount.get());
            }
        }
    });
    drafted
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
