//! What contracts ask for: their duties and their end, instalments that are due, and lines that are
//! late.
//!
//! An instalment is to be asked for as far as nothing else asks for it: no invoice or draft, no money
//! kept, and no invoice that orders under the contract wait for.

use std::collections::BTreeMap;

use super::{Agenda, Duty, Item, foreign, in_charge, paying};
use crate::{
    book::{
        Book,
        contract::{
            asking,
            fulfil::{Fulfilled, fulfilled, late},
            instalment::Due,
            orders_of,
        },
        fulfilment, payment,
        performed::portion,
        receivable::{self, in_base},
        stage::{OrderStage, order_stage},
    },
    record::{
        Doc,
        contract::{Contract, InstalmentName, Side},
        invoice::{Invoice, InvoiceKind},
        product::Product,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, grouped, round, sub},
    },
};

/// Whose a contract is by a day.
fn whose(book: &Book, contract: &Doc<Contract>, as_of: Day) -> Option<String> {
    in_charge(book, contract.common.staff.as_deref(), Some(&contract.rec.party), as_of)
}

/// Other duties of contracts, and contracts that end.
pub(super) fn contracts(book: &Book, as_of: Day, until: Day, items: &mut Vec<Item>) {
    for contract in book.all::<Contract>().into_iter().filter(|own: &&Doc<Contract>| own.counts()) {
        let mut put = |duty, on: Option<Day>, about: &str, command: String| {
            if on.is_some_and(|on| on <= until) {
                items.push(Item {
                    duty,
                    id: contract.id().to_owned(),
                    party: Some(contract.rec.party.clone()),
                    staff: whose(book, contract, as_of),
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

/// Instalments of signed contracts that are due and not asked for, and lines that are late.
pub(super) fn performance(book: &Book, as_of: Day, until: Day, all: &mut Agenda) {
    let mut signed = book.all::<Contract>();
    signed.retain(|own: &&Doc<Contract>| {
        own.counts() && own.rec.signed_on.is_some_and(|day| day <= as_of)
    });
    if signed.is_empty() {
        return;
    }
    let found = fulfilled(book, Some(signed), as_of);
    all.left_out.extend(found.left_out);
    let drafted = drafted(book, as_of);
    for own in &found.contracts {
        instalments(book, own, &drafted, (as_of, until), &mut all.items);
        lines(book, own, as_of, &mut all.items);
    }
}

/// By contract and instalment.
type Drafted = BTreeMap<(String, u32), Decimal>;

fn instalments(
    book: &Book,
    own: &Fulfilled<'_>,
    drafted: &Drafted,
    (as_of, until): (Day, Day),
    items: &mut Vec<Item>,
) {
    let contract = own.contract;
    let drafted = |due: &Due<'_>| {
        let key = (contract.id().to_owned(), due.instalment.no);
        drafted.get(&key).copied().unwrap_or_default()
    };
    let asked = own.instalments.iter();
    let asked = asked.map(|due| (due.instalment.no, add(due.asked, drafted(due)))).collect();
    let waiting = waiting(book, contract, &asked, as_of);
    for due in &own.instalments {
        let no = due.instalment.no;
        let coming = add(drafted(due), waiting.get(&no).copied().unwrap_or_default());
        let unasked = due.unasked.map_or(Decimal::ZERO, |amount| sub(amount, coming));
        let is_due = due.due_on.is_some_and(|day| day <= until);
        if !is_due || unasked <= Decimal::ZERO {
            continue;
        }
        let name = due.instalment.name.map(InstalmentName::name);
        items.push(Item {
            duty: Duty::Instalment,
            id: contract.id().to_owned(),
            party: Some(contract.rec.party.clone()),
            staff: whose(book, contract, as_of),
            on: due.due_on,
            amount: in_base(book, &contract.common, unasked),
            about: Some(format!("instalment {no} {}", name.unwrap_or_default())),
            command: asking(book, contract, no, unasked),
        });
    }
}

/// What invoices of orders under a contract will ask for its instalments, as far as they can be made
/// now.
fn waiting(
    book: &Book,
    contract: &Doc<Contract>,
    asked: &BTreeMap<u32, Decimal>,
    as_of: Day,
) -> BTreeMap<u32, Decimal> {
    let code = payment::own_currency(book, &contract.common);
    let mut whole = Decimal::ZERO;
    for order in orders_of(book, contract.id()) {
        let is_own = payment::own_currency(book, &order.common) == code;
        if is_own && order.counts() && order_stage(book, order, as_of) >= OrderStage::ToShip {
            let part = fulfilment::part_of(book, order, as_of, |line| line.to_draft());
            whole = add(whole, part.map(|part| part.gross).unwrap_or_default());
        }
    }
    let decimals = currency::decimals(code);
    let whole = (round(whole, decimals), decimals);
    let shares = asking::shares(book, contract, whole, Some(asked)).unwrap_or_default();
    shares.into_iter().filter_map(|(no, amount)| Some((no?, amount))).collect()
}

/// Lines of which not all is there that was to be by now.
fn lines(book: &Book, own: &Fulfilled<'_>, as_of: Day, items: &mut Vec<Item>) {
    let contract = own.contract;
    for line in &own.lines {
        let Some((due_on, left)) = late(book, contract, line, as_of) else { continue };
        let of = &line.contracted;
        let worth = of.contracted_amount.zip(of.contracted);
        let amount = worth.map(|(amount, whole)| portion(amount.gross, left, whole));
        let unit = book.get::<Product>(&of.product).and_then(|own| own.rec.unit.as_deref());
        let (no, goods, left) = (of.no, &of.product, grouped(left.normalize()));
        let verb = match contract.rec.side.unwrap_or_default() {
            Side::Sale => "fulfil",
            Side::Purchase => "feedback",
        };
        items.push(Item {
            duty: Duty::LineLate,
            id: contract.id().to_owned(),
            party: Some(contract.rec.party.clone()),
            staff: whose(book, contract, as_of),
            on: Some(due_on),
            amount: amount.and_then(|amount| in_base(book, &contract.common, amount)),
            about: Some(format!("line {no} {goods}: {left} {}", unit.unwrap_or_default())),
            command: format!("desk contract {verb} {}", contract.id()),
        });
    }
}

/// The command that asks for an instalment: of a customer by a deposit invoice; to a supplier it is
/// paid.
fn asking(book: &Book, contract: &Doc<Contract>, no: u32, amount: Decimal) -> String {
    let (id, party) = (contract.id(), &contract.rec.party);
    let code = payment::own_currency(book, &contract.common);
    let amount = round(amount, currency::decimals(code));
    match contract.rec.side.unwrap_or_default() {
        Side::Sale => {
            let tax = taxed(contract);
            let with_tax = match book.basis(None, None).prices_include_tax {
                true => "",
                false => " --prices-include-tax true",
            };
            let foreign = foreign(book, code);
            format!(
                "desk invoice add {party} --kind deposit --line \"text=instalment {no}, qty=1, \
                 price={amount}{tax}, kind=deposit, contract={id}\" --instalment \
                 \"amount={amount}, contract_instalment={no}\"{with_tax}{foreign}"
            )
        }
        Side::Purchase => paying(book, party, id, amount, code),
    }
}

/// The tax rate of a contract's lines as it is typed, where they all say the same.
fn taxed(contract: &Doc<Contract>) -> String {
    let mut rates = contract.rec.line.iter().map(|line| line.tax_rate);
    let Some(Some(first)) = rates.next() else { return String::new() };
    match rates.all(|rate| rate == Some(first)) {
        true => format!(", tax_rate={}", first.get().normalize()),
        false => String::new(),
    }
}

/// What drafts ask for, by contract and instalment.
fn drafted(book: &Book, as_of: Day) -> Drafted {
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
