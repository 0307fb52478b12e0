//! The tables of contracts: the fulfilment list by contract and by line, instalments, obligations.

use crate::{
    book::{
        Book,
        contract::{
            ContractedLine, fixed,
            fulfil::{Done, Fulfilled, Line, fulfilled_part, fulfilled_quantity, late},
            instalment::Due,
        },
        derived::party_name,
        payment::own_currency,
        performed::portion,
    },
    page::{Cell, Column, Row, Table},
    record::{
        contract::{DueRule, InstalmentName, Side},
        product::{Goods, Product},
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, grouped, round, sub, sum},
    },
};

/// What invoices ask for under a contract, in the order of the columns.
const MONEY: [&str; 7] =
    ["shipped", "invoiced", "collected", "receivable", "due", "late", "fulfilled_pct"];

/// The fulfilment list, a row for each contract.
pub(super) fn contracts(book: &Book, shown: &[Fulfilled<'_>], as_of: Day) -> Table {
    let words = ["id", "side", "party", "party_name", "title", "signed_on", "valid_to", "currency"];
    let mut columns: Vec<Column> = words.map(Column::words).into();
    columns.extend(
        ["contracted", "ordered", "open", "earmarked"]
            .into_iter()
            .chain(MONEY)
            .map(|key| Column::figure(key, &["line.price"])),
    );
    columns.push(Column::words("remark"));
    let rows = shown.iter().map(|own| Row::Data(contract(book, own, as_of)));
    let empty =
        "No contract was signed in this period. Register one: desk contract add PARTY --line …"
            .into();
    Table { key: "contracts".into(), columns, rows: rows.collect(), empty }
}

fn contract(book: &Book, own: &Fulfilled<'_>, as_of: Day) -> Vec<Cell> {
    let (contract, done) = (own.contract, own.done());
    let money = |amount| money(book, own, amount);
    let whole = fixed(book, contract);
    let is_purchase = is_purchase(own);
    let gross = |line: &&Line<'_>| line.contracted.ordered_amount.gross;
    let ordered = sum(own.lines.iter().map(|line| gross(&line)));
    // Lines that agree on a price alone use up nothing of what the others come to.
    let is_fixed = contract.rec.amount.is_some();
    let counted = |line: &&Line<'_>| is_fixed || line.contracted.contracted_amount.is_some();
    let against = sum(own.lines.iter().filter(counted).map(|line| gross(&line)));
    let shipped = sum(own.lines.iter().filter(counted).map(|line| performed(book, line)));
    let mut cells = vec![
        Cell::Ref(contract.id().into()),
        Cell::word(if is_purchase { "purchase" } else { "sale" }),
        Cell::Ref(contract.rec.party.clone()),
        party_name(book, &contract.rec.party).into(),
        contract.rec.title.clone().into(),
        contract.rec.signed_on.into(),
        contract.rec.valid_to.into(),
        Cell::text(own_currency(book, &contract.common)),
        whole.map_or(Cell::NotApplicable, money),
        if is_purchase { Cell::NotApplicable } else { money(ordered) },
        match whole.filter(|_| !is_purchase) {
            Some(whole) => money(sub(whole, against)),
            None => Cell::NotApplicable,
        },
        money(own.earmarked),
    ];
    cells.extend(figures(book, own, &done));
    cells.push(ratio(
        whole.filter(|whole| !whole.is_zero()).map(|whole| portion(Decimal::ONE, shipped, whole)),
    ));
    let beyond = whole.filter(|_| !is_purchase).map(|whole| sub(against, whole));
    let beyond = beyond.filter(|beyond| *beyond > Decimal::ZERO);
    let beyond = beyond.map(|beyond| format!("ordered {} beyond it", shown(book, own, beyond)));
    let standing = standing(own, whole, shipped, as_of);
    let words = beyond.into_iter().chain((!standing.is_empty()).then_some(standing));
    cells.push(Cell::text(words.collect::<Vec<_>>().join("; ")));
    cells
}

/// What a line performed comes to: goods as they were shipped, services as they were invoiced.
fn performed(book: &Book, line: &Line<'_>) -> Decimal {
    match is_deliverable(book, line) {
        true => line.done.shipped_amount.gross,
        false => line.done.invoiced_amount.gross,
    }
}

fn is_deliverable(book: &Book, line: &Line<'_>) -> bool {
    let product = book.get::<Product>(&line.contracted.product);
    product.and_then(|product| product.rec.goods) != Some(Goods::Service)
}

fn is_purchase(own: &Fulfilled<'_>) -> bool {
    own.contract.rec.side == Some(Side::Purchase)
}

/// Shipped, invoiced and what is paid of it.
fn figures(book: &Book, own: &Fulfilled<'_>, done: &Done) -> Vec<Cell> {
    let amounts = [
        done.shipped_amount.gross,
        done.invoiced_amount.gross,
        done.collected,
        done.receivable,
        done.due,
        done.late,
    ];
    amounts.map(|amount| money(book, own, amount)).into()
}

/// What a reader must know of a contract.
fn standing(own: &Fulfilled<'_>, whole: Option<Decimal>, shipped: Decimal, as_of: Day) -> String {
    let rec = &own.contract.rec;
    let mut words = Vec::new();
    if rec.signed_on.is_none() {
        words.push("not signed".to_owned());
    }
    let is_left = whole.is_some_and(|whole| shipped < whole);
    if let Some(ended) = rec.valid_to.filter(|day| *day < as_of && is_left) {
        words.push(format!("ended {} days ago, not fulfilled", days(ended, as_of)));
    }
    let late = own.instalments.iter().filter(|due| due.late > Decimal::ZERO).count();
    if late > 0 {
        let instalments = if late == 1 { "instalment" } else { "instalments" };
        words.push(format!("{late} {instalments} late"));
    }
    let open = rec.obligation.iter().filter(|own| own.done_on.is_none());
    let late = open.filter(|own| own.due_on.is_some_and(|day| day < as_of)).count();
    if late > 0 {
        words.push(format!("{late} obligations late"));
    }
    words.join("; ")
}

fn days(from: Day, to: Day) -> i64 {
    to.0.signed_duration_since(from.0).num_days()
}

/// The fulfilment list, a row for each line.
pub(super) fn lines(book: &Book, shown: &[Fulfilled<'_>], as_of: Day) -> Table {
    let mut columns: Vec<Column> =
        ["id", "line", "product", "product_name", "due_on"].map(Column::words).into();
    let quantities =
        ["contracted", "ordered", "open", "shipped", "returned", "invoiced", "uninvoiced"];
    columns.extend(quantities.map(|key| Column::figure(format!("{key}_qty"), &["line.qty"])));
    columns.extend(
        ["contracted", "ordered"]
            .into_iter()
            .chain(MONEY)
            .map(|key| Column::figure(key, &["line.price"])),
    );
    columns.push(Column::words("remark"));
    let mut rows = Vec::new();
    for own in shown {
        rows.extend(own.lines.iter().map(|found| Row::Data(line(book, own, found, as_of))));
        if !own.earmarked.is_zero() {
            rows.push(Row::Data(kept(book, own, &columns)));
        }
    }
    Table { key: "lines".into(), columns, rows, empty: "No contract lines.".into() }
}

/// Money kept for a contract is collected under it and of none of its lines.
fn kept(book: &Book, own: &Fulfilled<'_>, columns: &[Column]) -> Vec<Cell> {
    let cell = |column: &Column| match column.key.as_str() {
        "id" => Cell::Ref(own.contract.id().into()),
        "collected" => money(book, own, own.earmarked),
        "remark" => Cell::text("paid ahead, on no invoice yet"),
        _ => Cell::Empty,
    };
    columns.iter().map(cell).collect()
}

fn line(book: &Book, own: &Fulfilled<'_>, line: &Line<'_>, as_of: Day) -> Vec<Cell> {
    let (contracted, done) = (&line.contracted, &line.done);
    let agreed = own.contract.rec.line.iter().find(|agreed| agreed.no == contracted.no);
    let name = book.get::<Product>(&contracted.product).map(|product| product.rec.name.clone());
    let is_purchase = is_purchase(own);
    let money = |amount| money(book, own, amount);
    let used = if is_purchase { sub(done.shipped, done.returned) } else { contracted.consumed };
    let mut cells = vec![
        Cell::Ref(own.contract.id().into()),
        if contracted.no == 0 { Cell::Empty } else { Cell::Int(contracted.no.into()) },
        if contracted.product.is_empty() {
            Cell::Empty
        } else {
            Cell::Ref(contracted.product.clone().into_owned())
        },
        name.into(),
        agreed.and_then(|agreed| agreed.due_on).into(),
        quantity(contracted.contracted),
        quantity(Some(contracted.ordered).filter(|_| !is_purchase)),
        quantity(contracted.contracted.map(|whole| sub(whole, used))),
    ];
    let kept = sub(done.shipped, done.returned);
    let quantities = [kept, done.returned, done.invoiced, done.uninvoiced];
    cells.extend(quantities.map(|found| quantity(Some(found))));
    cells.push(contracted.contracted_amount.map_or(Cell::NotApplicable, |all| money(all.gross)));
    cells.push(if is_purchase {
        Cell::NotApplicable
    } else {
        money(contracted.ordered_amount.gross)
    });
    cells.extend(figures(book, own, done));
    cells.push(ratio(fulfilled_part(line, is_deliverable(book, line))));
    cells.push(Cell::text(remark(book, own, line, as_of)));
    cells
}

fn remark(book: &Book, own: &Fulfilled<'_>, line: &Line<'_>, as_of: Day) -> String {
    let contracted = &line.contracted;
    let mut words = Vec::new();
    match () {
        () if contracted.no == 0 && contracted.product.is_empty() => {
            words.push("invoiced under no line of the contract".to_owned());
        }
        () if contracted.no == 0 => {
            words.push("ordered under no line of the contract".to_owned());
        }
        () if is_over_received(book, own, line) => {
            words.push("more arrived than contracted".to_owned());
        }
        () if contracted.is_overdrawn() => words.push("more ordered than contracted".to_owned()),
        () if contracted.contracted.is_none() => words.push("price only".to_owned()),
        () => {}
    }
    if let Some((due, left)) = late(book, own.contract, line, as_of) {
        words.push(format!("{} late by {} days", grouped(left.normalize()), days(due, as_of)));
    }
    words.join("; ")
}

/// Whether more of a purchase came and stayed than was contracted, its allowance included.
fn is_over_received(book: &Book, own: &Fulfilled<'_>, line: &Line<'_>) -> bool {
    let consumed = fulfilled_quantity(line, is_deliverable(book, line));
    let received = ContractedLine { consumed, ..line.contracted.clone() };
    is_purchase(own) && received.is_overdrawn()
}

/// The instalments of contracts with what of them is due.
pub(super) fn instalments(book: &Book, shown: &[Fulfilled<'_>], as_of: Day) -> Table {
    let mut columns: Vec<Column> = ["id", "no", "name"].map(Column::words).into();
    columns.extend(["pct", "amount"].map(|key| Column::figure(key, &["line.price"])));
    columns.extend(["due_rule", "reached_on", "due_on"].map(Column::words));
    let figures = ["invoiced", "settled", "open", "late"];
    columns.extend(figures.map(|key| Column::figure(key, &["line.price"])));
    columns.push(Column::figure("late_days", &[]));
    columns.push(Column::words("remark"));
    let mut rows = Vec::new();
    for own in shown {
        rows.extend(own.instalments.iter().map(|due| Row::Data(instalment(book, own, due, as_of))));
    }
    let empty = "No instalments are agreed.".into();
    Table { key: "instalments".into(), columns, rows, empty }
}

fn instalment(book: &Book, own: &Fulfilled<'_>, due: &Due<'_>, as_of: Day) -> Vec<Cell> {
    let agreed = due.instalment;
    let money = |amount| money(book, own, amount);
    let known = |amount: Option<Decimal>| amount.map_or(Cell::NotApplicable, money);
    let is_open = due.open().is_none_or(|open| open > Decimal::ZERO);
    let is_unasked = due.unasked.is_none_or(|unasked| unasked > Decimal::ZERO);
    let is_lent = due.open().is_some_and(|open| !due.lent.is_zero() && open <= due.lent);
    let remark = match due.first_due_on {
        _ if !is_open => String::new(),
        Some(day) if day >= as_of => format!("due in {} days", days(as_of, day)),
        Some(_) if is_unasked && due.due_on.is_some_and(|day| day < as_of) => {
            let code = own_currency(book, &own.contract.common);
            let unasked = round(due.unasked.unwrap_or_default(), currency::decimals(code));
            format!("late; {} of it not invoiced", grouped(unasked))
        }
        Some(_) => "late".into(),
        None if is_lent => "paid ahead, and used for what was due".into(),
        None => match agreed.due_rule {
            Some(rule) => format!("not due until {}", rule_name(rule)),
            None => "no day is agreed".into(),
        },
    };
    vec![
        Cell::Ref(own.contract.id().into()),
        Cell::Int(agreed.no.into()),
        agreed.name.map_or(Cell::Empty, |name| Cell::word(InstalmentName::name(name))),
        agreed.pct.map_or(Cell::Empty, |pct| Cell::Quantity(pct.get().normalize())),
        known(due.amount),
        agreed.due_rule.map(|rule| after_event(rule, agreed.days)).into(),
        due.reached_on.into(),
        due.first_due_on.or(due.due_on).into(),
        money(due.invoiced),
        money(due.settled),
        known(due.open()),
        money(due.late),
        Cell::Int(due.days_late(as_of)),
        Cell::text(remark),
    ]
}

fn after_event(rule: DueRule, days: Option<u32>) -> String {
    match days.filter(|days| *days > 0) {
        Some(days) => format!("{} + {days} days", rule_name(rule)),
        None => rule_name(rule).to_owned(),
    }
}

fn rule_name(rule: DueRule) -> &'static str {
    match rule {
        DueRule::Signed => "signed",
        DueRule::Shipped => "shipped",
        DueRule::Received => "received",
        DueRule::Accepted => "accepted",
        DueRule::Invoiced => "invoiced",
    }
}

/// What either side promised besides goods and money.
pub(super) fn obligations(shown: &[Fulfilled<'_>], as_of: Day) -> Table {
    let mut columns: Vec<Column> =
        ["id", "text", "due_on", "done_on", "evidence"].map(Column::words).into();
    columns.push(Column::figure("late_days", &[]));
    let mut rows = Vec::new();
    for own in shown {
        for promised in &own.contract.rec.obligation {
            let until = promised.done_on.unwrap_or(as_of);
            let late = promised.due_on.map_or(0, |due| days(due, until).max(0));
            rows.push(Row::Data(vec![
                Cell::Ref(own.contract.id().into()),
                Cell::text(promised.text.as_str()),
                promised.due_on.into(),
                promised.done_on.into(),
                promised.evidence.clone().into(),
                Cell::Int(late),
            ]));
        }
    }
    let empty = "Nothing else is promised.".into();
    Table { key: "obligations".into(), columns, rows, empty }
}

/// What was changed after it was agreed.
pub(super) fn amendments(shown: &[Fulfilled<'_>]) -> Table {
    let columns = ["id", "at", "by", "text"].map(Column::words).to_vec();
    let mut rows = Vec::new();
    for own in shown {
        rows.extend(own.contract.rec.amendment.iter().map(|change| {
            Row::Data(vec![
                Cell::Ref(own.contract.id().into()),
                Cell::Moment(change.at),
                Cell::text(change.by.as_str()),
                Cell::text(change.text.as_str()),
            ])
        }));
    }
    let empty = "Nothing was changed later.".into();
    Table { key: "amendments".into(), columns, rows, empty }
}

/// An amount in the contract's currency, in words.
fn shown(book: &Book, own: &Fulfilled<'_>, amount: Decimal) -> String {
    grouped(round(amount, currency::decimals(own_currency(book, &own.contract.common))))
}

/// An amount in the contract's currency.
fn money(book: &Book, own: &Fulfilled<'_>, amount: Decimal) -> Cell {
    let code = own_currency(book, &own.contract.common);
    Cell::Money(round(amount, currency::decimals(code)))
}

fn quantity(quantity: Option<Decimal>) -> Cell {
    quantity.map_or(Cell::NotApplicable, crate::report::quantity)
}

/// A ratio at four decimals.
fn ratio(part: Option<Decimal>) -> Cell {
    part.map_or(Cell::NotApplicable, |part| Cell::Percent(round(part, 4)))
}
