//! Whom to ask for money: what is overdue by customer, with whom to speak and what was said last;
//! and the letter that goes to one of them.

use std::collections::BTreeMap;

use super::{
    Made,
    statement::{self, open_items, payer},
};
use crate::{
    book::{
        Book,
        derived::party_name,
        kept,
        receivable::{Item, Items},
    },
    error::{Error, Result},
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc, Kind,
        common::Person,
        contact::{Contact, Topic},
        contract::Side,
        customer::Customer,
    },
    value::{
        currency,
        day::Day,
        number::{Decimal, add, grouped, round, sum},
    },
};

/// Days that a letter gives to pay.
const DAYS_TO_PAY: u64 = 7;

/// What is overdue, customer by customer, the longest first: of one owner, of one customer, or of
/// all.
pub fn list(book: &Book, staff: Option<&str>, customer: Option<&str>, as_of: Day) -> Made {
    let Items { items, mut left_out } = kept::asked_of_all(book, Side::Sale, as_of, as_of);
    let mut late: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in &items {
        let is_asked = staff.is_none_or(|staff| item.staff.as_deref() == Some(staff))
            && customer.is_none_or(|customer| item.party == customer);
        if !is_asked || item.days_overdue(as_of) == 0 {
            continue;
        }
        match item.base_open {
            Some(_) => late.entry(&item.party).or_default().push(item),
            None => left_out.push(crate::finding::Finding::error(
                "amount.exchange_rate",
                item.place.clone(),
                format!("{} has no exchange rate", item.id),
            )),
        }
    }
    let spoken = last_dunning(book, as_of);
    let mut sorted: Vec<(&str, &Vec<&Item>)> =
        late.iter().map(|(party, items)| (*party, items)).collect();
    let days =
        |items: &[&Item]| items.iter().map(|item| item.days_overdue(as_of)).max().unwrap_or(0);
    sorted.sort_by_key(|(party, items)| (std::cmp::Reverse(days(items)), *party));
    let owed = |items: &[&Item]| sum(items.iter().filter_map(|item| item.base_open));
    let decimals = currency::decimals(book.config.currency());
    let money = |amount: Decimal| Cell::Money(round(amount, decimals));
    let mut columns: Vec<Column> =
        ["customer", "customer_name", "staff", "person", "phone"].map(Column::words).into();
    columns.push(Column::figure("overdue", &["line.price"]));
    columns.push(Column::figure("items", &[]));
    columns.push(Column::words("oldest_due_on"));
    columns.push(Column::figure("days_overdue", &[]));
    columns.extend(["last_dunning", "promised_on"].map(Column::words));
    columns.push(Column::figure("promised_amount", &[]));
    let mut rows: Vec<Row> = Vec::new();
    for (party, items) in &sorted {
        let known = book.get::<Customer>(party);
        let person = known.and_then(|own| payer(&own.rec.person));
        let said = spoken.get(*party);
        let promised = said.and_then(|row| row.rec.promised_amount);
        rows.push(Row::Data(vec![
            Cell::Ref((*party).to_owned()),
            party_name(book, party).into(),
            items.first().and_then(|item| item.staff.clone()).into(),
            person.map(|person| person.name.clone()).into(),
            person.and_then(|person: &Person| person.phone.clone()).into(),
            money(owed(items)),
            Cell::Int(i64::try_from(items.len()).unwrap_or(i64::MAX)),
            items.iter().filter_map(|item| item.due_on).min().into(),
            Cell::Int(days(items).into()),
            said.and_then(|row| row.common.date).into(),
            said.and_then(|row| row.rec.promised_on).into(),
            promised.map_or(Cell::Empty, |amount| money(amount.get())),
        ]));
    }
    if !rows.is_empty() {
        let mut cells = vec![Cell::word("total")];
        cells.resize(5, Cell::Empty);
        let all: Vec<&Item> = late.values().flatten().copied().collect();
        cells.push(money(owed(&all)));
        cells.push(Cell::Int(i64::try_from(all.len()).unwrap_or(i64::MAX)));
        cells.resize(columns.len(), Cell::Empty);
        rows.push(Row::Total(cells));
    }
    let empty = "Nothing is overdue.".into();
    let table = Table { key: "chase".into(), columns, rows, empty };
    let mut facts = vec![
        ("as_of".to_owned(), as_of.into()),
        ("currency".into(), Cell::text(book.config.currency())),
    ];
    if let Some(staff) = staff {
        facts.push(("staff".into(), Cell::text(staff)));
    }
    let all: Vec<Item> =
        sorted.iter().flat_map(|(_, items)| items.iter().map(|item| (*item).clone())).collect();
    let mut detail = open_items(&all, as_of);
    detail.columns.insert(0, Column::words("customer"));
    let of_item: BTreeMap<&str, &str> =
        all.iter().map(|item| (item.id.as_str(), item.party.as_str())).collect();
    for row in &mut detail.rows {
        let (Row::Data(cells) | Row::Total(cells)) = row;
        let party = match cells.first() {
            Some(Cell::Ref(id)) => of_item.get(id.as_str()).copied().unwrap_or_default(),
            _ => "",
        };
        cells.insert(0, Cell::Ref(party.to_owned()));
    }
    let tables = vec![table, detail];
    let (key, title) = ("chase".into(), "Overdue, to be asked for".into());
    Made { page: Page { key, title, facts, tables, ..Page::default() }, left_out }
}

/// The last contact about money with each party by a day.
fn last_dunning(book: &Book, as_of: Day) -> BTreeMap<String, &Doc<Contact>> {
    let mut last: BTreeMap<String, &Doc<Contact>> = BTreeMap::new();
    for row in book.all::<Contact>() {
        let is_by_then = row.common.date.is_some_and(|day| day <= as_of);
        if !row.counts() || row.rec.topic != Topic::Dunning || !is_by_then {
            continue;
        }
        let Some(party) = row.rec.party.clone() else { continue };
        let known = last.entry(party).or_insert(row);
        if row.common.date >= known.common.date {
            *known = row;
        }
    }
    last
}

/// The letter that asks a customer for what is overdue.
pub fn letter(book: &Book, customer: &str, as_of: Day, is_chinese: bool) -> Result<Made> {
    let Items { mut items, left_out } = kept::asked_of(book, customer, Side::Sale, as_of, as_of);
    items.retain(|item| item.days_overdue(as_of) > 0);
    if items.is_empty() {
        return Err(Error::usage(format!("nothing of {customer} is overdue on {as_of}"))
            .hint(format!("desk payment statement {customer}")));
    }
    let mut sums: BTreeMap<&str, Decimal> = BTreeMap::new();
    for item in &items {
        let sum = sums.entry(&item.currency).or_default();
        *sum = add(*sum, item.open);
    }
    let shown = |(code, amount): (&&str, &Decimal)| {
        format!("{code} {}", grouped(round(*amount, currency::decimals(code))))
    };
    let overdue = sums.iter().map(shown).collect::<Vec<_>>().join(", ");
    let known = statement::party(book, (Kind::Customer, customer));
    let title = known.as_ref().and_then(|own| own.invoicing.and_then(|own| own.title.as_deref()));
    let name = title.or(known.as_ref().map(|own| own.name)).unwrap_or(customer);
    let mut facts = vec![
        ("customer".to_owned(), Cell::Ref(customer.to_owned())),
        ("name".into(), Cell::text(name)),
    ];
    if let Some(known) = &known {
        let person = payer(known.people).map(|person| person.name.as_str());
        facts.push(("attention".into(), person.into()));
        let address = known.address.iter().find_map(|address| address.text.clone());
        facts.push(("address".into(), address.into()));
    }
    facts.push(("date".into(), as_of.into()));
    facts.push(("overdue".into(), Cell::text(overdue.clone())));
    facts.extend(statement::company(book));
    let last = as_of.0.checked_add_days(chrono::Days::new(DAYS_TO_PAY)).map_or(as_of, Day);
    let notes = match is_chinese {
        true => vec![
            format!(
                "{name}：截至 {as_of}，贵方下列款项已逾期，合计 {overdue}。请于 {last} 前付至上列账户。"
            ),
            "如已付款，请告知付款日期及凭证号；如有异议，请于三日内书面提出。".to_owned(),
        ],
        false => vec![
            format!(
                "{name}: by {as_of} the items above are overdue, {overdue} in all. Please pay to \
                 the account named above by {last}."
            ),
            "If you have paid meanwhile, please tell us the day and the reference; if you do not \
             agree, please write to us within three days."
                .to_owned(),
        ],
    };
    let title = if is_chinese { "催款函" } else { "Reminder of overdue payment" };
    let tables = vec![open_items(&items, as_of)];
    let (key, title) = ("letter".into(), title.to_owned());
    let page = Page { key, title, facts, tables, notes, ..Page::default() };
    Ok(Made { page, left_out })
}
