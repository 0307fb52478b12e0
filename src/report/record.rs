//! Records as pages: lists of any kind, one record whole, exports.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Made, progress, revised::revised_since};
use crate::{
    book::{
        Book,
        begins::begins_on,
        derived::{computed, described, fields},
        exposure, invoice, payment,
    },
    error::{Error, Result},
    finding::{Finding, a_few},
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc, Entry, Kind,
        customer::Customer,
        invoice::Invoice,
        order::Order,
        payment::Payment,
        schema::{Field, Type, field},
    },
    value::{
        currency,
        day::{Day, Moment},
        number::{Decimal, add, grouped, round},
        period::Period,
        text::closest,
    },
};

/// What a list is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Conditions, as they were typed.
    pub filter: Vec<String>,
    /// Days of the records' date.
    pub period: Period,
    /// The day it is seen from; absent: today.
    pub as_of: Option<Day>,
    /// Columns; none for the kind's own.
    pub columns: Vec<String>,
    /// Whether void records are listed.
    pub include_void: bool,
    /// Blocks to list a row each of, instead of a row for each record.
    pub blocks: Option<String>,
}

/// A list of the records of a kind.
pub fn list(book: &Book, kind: Kind, query: &Query) -> Result<Made> {
    let all = fields(kind);
    let filter = super::conditions(book, &query.filter, &all)?;
    let as_of = query.as_of.unwrap_or(book.today);
    let columns = columns(kind, query, &all)?;
    let is_shown = |key: &str| columns.iter().any(|column| column.key == key);
    let wanted = |key: &str| is_shown(key) || filter.looks_at(key);
    let owed = ["exposure", "credit_left"];
    let (is_owed, decides) =
        (owed.into_iter().any(wanted), owed.into_iter().any(|key| filter.looks_at(key)));
    let (mut rows, mut unknown) = (Vec::new(), Unknown::default());
    let mut sums = Totals::new(&columns);
    for entry in book.dated(kind, query.period) {
        if entry.common().void.is_some() && !query.include_void {
            continue;
        }
        // Without a day to look back from, what is dated ahead is listed too.
        if query.as_of.is_some_and(|day| begins_on(book, entry).is_some_and(|first| first > day)) {
            continue;
        }
        let mut value = described(book, entry, as_of, &wanted);
        if let Some(paid) = Doc::<Payment>::of(entry).filter(|_| query.columns.is_empty()) {
            let code = payment::own_currency(book, &paid.common);
            let amount = paid.rec.amount.get().normalize();
            let scale = amount.scale().max(currency::decimals(code));
            value["amount"] = round(amount, scale).to_string().into();
        }
        let is_meant = filter.terms.is_empty() || filter.matches(&value);
        // A condition on what is not known leaves the customer out, which must not go unsaid.
        if is_owed && (is_meant || decides) && value.get("exposure").is_none() {
            unknown.take(book, entry, as_of);
        }
        if is_meant {
            let own = rows_of(&value, &columns, query.blocks.as_deref());
            let currency = entry.common().currency.as_deref().unwrap_or(book.config.currency());
            sums.take(Class::of(book, entry, as_of), &own, currency);
            rows.extend(own);
        }
    }
    rows.extend(sums.row());
    let shown = columns.iter().map(|field| Column {
        key: field.key.clone(),
        right: field.kind.is_number(),
        from: Vec::new(),
    });
    let table = Table {
        key: kind.noun().into(),
        columns: shown.collect(),
        rows,
        empty: empty(kind, query),
    };
    let title = format!("{}{}", kind.noun()[..1].to_uppercase(), &kind.info().folder[1..]);
    let notes = sums.notes();
    let page =
        Page { key: format!("{kind}-list"), title, tables: vec![table], notes, ..Page::default() };
    let mut made = Made { page, left_out: Vec::new() };
    unknown.tell(&mut made);
    Ok(made)
}

/// Customers whose exposure is not known, and why.
#[derive(Default)]
struct Unknown {
    ids: Vec<String>,
    findings: Vec<Finding>,
}

impl Unknown {
    fn take(&mut self, book: &Book, entry: &dyn Entry, as_of: Day) {
        let found = exposure::unknown(book, entry, as_of);
        if !found.is_empty() {
            self.ids.push(entry.common().id.clone());
            self.findings.extend(found);
        }
    }

    /// Says on the page whose exposure is missing, and leaves the reasons with what was left out.
    fn tell(self, made: &mut Made) {
        if let Some(first) = self.findings.first() {
            let why = match self.findings.len() {
                1 => first.message.clone(),
                more => format!("{}; {} more reasons", first.message, more.saturating_sub(1)),
            };
            let note = format!("no exposure is known of {}: {why}", a_few(&self.ids));
            made.page.notes.push(note);
            super::add_new(&mut made.left_out, self.findings);
        }
    }
}

/// How a record of a list counts in its total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Counts,
    Bought,
    Draft,
    Proforma,
    Void,
}

impl Class {
    fn of(book: &Book, entry: &dyn Entry, as_of: Day) -> Self {
        let bill = Doc::<Invoice>::of(entry);
        let state = bill.map(|bill| invoice::state(book, bill, as_of));
        match state {
            _ if entry.common().void.is_some() => Self::Void,
            Some(invoice::State::Draft) => Self::Draft,
            Some(invoice::State::Proforma) => Self::Proforma,
            Some(_) if bill.is_some_and(|bill| !bill.rec.is_sale()) => Self::Bought,
            _ => Self::Counts,
        }
    }

    fn is_counted(self) -> bool {
        matches!(self, Self::Counts | Self::Bought)
    }

    /// Its word, for one or for several.
    fn word(self, count: usize) -> &'static str {
        match self {
            Self::Counts => "",
            Self::Bought => "from suppliers",
            Self::Draft if count == 1 => "draft",
            Self::Draft => "drafts",
            Self::Proforma if count == 1 => "proforma invoice",
            Self::Proforma => "proforma invoices",
            Self::Void => "void",
        }
    }
}

/// What the records of a class come to.
#[derive(Default)]
struct Sums {
    records: usize,
    sums: Vec<Decimal>,
    currencies: Vec<String>,
}

/// Totals of the computed amounts of a list: of what counts. What does not is told apart.
struct Totals {
    /// Which columns are added up.
    at: Vec<usize>,
    width: usize,
    classes: BTreeMap<Class, Sums>,
}

impl Totals {
    fn new(columns: &[Field]) -> Self {
        let is_amount = |field: &Field| matches!(field.key.as_str(), "net" | "tax" | "gross");
        let at = columns.iter().enumerate().filter(|(_, field)| is_amount(field)).map(|(at, _)| at);
        Self { at: at.collect(), width: columns.len(), classes: BTreeMap::new() }
    }

    fn take(&mut self, class: Class, rows: &[Row], currency: &str) {
        if self.at.is_empty() {
            return;
        }
        let own = self.classes.entry(class).or_default();
        own.records = own.records.saturating_add(1);
        own.sums.resize(self.at.len(), Decimal::ZERO);
        if !own.currencies.iter().any(|known| known == currency) {
            own.currencies.push(currency.to_owned());
        }
        for row in rows {
            for (sum, at) in own.sums.iter_mut().zip(&self.at) {
                if let Some(Cell::Money(amount)) = row.cells().get(*at) {
                    *sum = add(*sum, *amount);
                }
            }
        }
    }

    /// The class that is added up: what counts, of both sides what is ours; else what alone is
    /// listed.
    fn summed(&self) -> Option<(Class, &Sums)> {
        let first = self.classes.iter().next();
        let summed = first.filter(|(class, _)| self.classes.len() == 1 || class.is_counted());
        summed.map(|(class, sums)| (*class, sums))
    }

    /// The total, where all amounts are in one currency.
    fn row(&self) -> Option<Row> {
        let (_, Sums { sums, currencies, .. }) = self.summed()?;
        if currencies.len() != 1 || self.at.first() == Some(&0) {
            return None;
        }
        let mut cells = vec![Cell::Empty; self.width];
        cells[0] = Cell::word("total");
        for (sum, at) in sums.iter().zip(&self.at) {
            cells[*at] = Cell::Money(*sum);
        }
        Some(Row::Total(cells))
    }

    /// What the total does not say by itself.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let summed = self.summed();
        if let Some((_, sums)) = summed.filter(|(_, sums)| sums.currencies.len() > 1) {
            notes.push(format!(
                "amounts are in each document's currency ({}), so there is no total",
                sums.currencies.join(", ")
            ));
        }
        let is_counted = summed.is_some_and(|(class, _)| class.is_counted());
        let is_told = |class: Class| !is_counted || summed.is_none_or(|(own, _)| own != class);
        let others = self.classes.iter().filter(|(class, _)| is_told(**class));
        let told: Vec<String> = others.map(|(class, sums)| self.told(*class, sums)).collect();
        if !told.is_empty() {
            notes.push(match is_counted {
                true => format!("not in the total: {}", told.join(", ")),
                false => format!("nothing here counts: {}", told.join(", ")),
            });
        }
        notes
    }

    /// How many records a class has, and what they come to, the last column that is added up.
    fn told(&self, class: Class, sums: &Sums) -> String {
        let Sums { records, sums, currencies } = sums;
        let word = class.word(*records);
        match (sums.last(), currencies.as_slice()) {
            (Some(sum), [code]) => {
                let sum = grouped(round(*sum, currency::decimals(code)));
                format!("{records} {word} ({sum} {code})")
            }
            _ => format!("{records} {word}"),
        }
    }
}

fn empty(kind: Kind, query: &Query) -> String {
    if let (true, Some(day)) = (query.filter.is_empty(), query.as_of) {
        return format!("No {kind} is dated {day} or earlier.");
    }
    let bounded = query.period.from.is_some() || query.period.to.is_some();
    match query.filter.is_empty() {
        true if bounded => format!("No {kind} is dated {}.", query.period),
        true => format!("No {kind} yet. The first: desk {kind} add …"),
        false => format!("No {kind} matches {}.", query.filter.join(" ")),
    }
}

/// The fields of the columns that were asked for.
fn columns(kind: Kind, query: &Query, all: &[Field]) -> Result<Vec<Field>> {
    let below = query.blocks.as_deref().map(|key| blocks(all, key)).transpose()?;
    let scalar =
        |field: &&Field| !matches!(field.kind, Type::Table(_) | Type::Blocks(_) | Type::Any);
    let wanted: Vec<String> = match (&query.columns, &below) {
        (given, _) if given.iter().any(|key| key == "all") => {
            all.iter().filter(scalar).map(|field| field.key.clone()).collect()
        }
        (given, None) if given.is_empty() => {
            kind.info().columns.iter().map(|key| (*key).to_owned()).collect()
        }
        (given, Some(fields)) if given.is_empty() => {
            let below = fields.iter().filter(scalar).map(|field| {
                format!("{}.{}", query.blocks.as_deref().unwrap_or_default(), field.key)
            });
            std::iter::once("id".to_owned()).chain(below).collect()
        }
        (given, _) => given.clone(),
    };
    wanted.iter().map(|key| column(all, key)).collect()
}

fn blocks<'a>(all: &'a [Field], key: &str) -> Result<&'a [Field]> {
    let found = field(all, key).filter(|found| matches!(found.kind, Type::Blocks(_)));
    found.and_then(|found| found.kind.fields()).ok_or_else(|| {
        let keys = all
            .iter()
            .filter(|own| matches!(own.kind, Type::Blocks(_)))
            .map(|own| own.key.as_str());
        Error::usage(format!("there are no blocks \"{key}\""))
            .hint(format!("blocks: {}", keys.collect::<Vec<_>>().join(", ")))
    })
}

fn column(all: &[Field], key: &str) -> Result<Field> {
    let key = key.replace('-', "_");
    let mut fields = all;
    let mut found = None;
    for part in key.split('.') {
        found = field(fields, part);
        fields = found.and_then(|field| field.kind.fields()).unwrap_or_default();
    }
    let unknown = || {
        let keys = all.iter().map(|field| field.key.as_str());
        let error = Error::usage(format!("there is no column \"{key}\""));
        match closest(&key, keys.clone()) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint(format!("columns: {}", keys.collect::<Vec<_>>().join(", "))),
        }
    };
    found.map(|found| Field { key: key.clone(), ..found.clone() }).ok_or_else(unknown)
}

/// One row for a record, or one for each of its blocks.
fn rows_of(value: &Value, columns: &[Field], blocks: Option<&str>) -> Vec<Row> {
    let Some(blocks) = blocks else {
        return vec![Row::Data(
            columns.iter().map(|column| lookup(value, &column.key, &column.kind)).collect(),
        )];
    };
    let list = value.get(blocks).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let prefix = format!("{blocks}.");
    let row = |block: &Value| {
        let cell = |column: &Field| match column.key.strip_prefix(&prefix) {
            Some(key) => lookup(block, key, &column.kind),
            None => lookup(value, &column.key, &column.kind),
        };
        Row::Data(columns.iter().map(cell).collect())
    };
    list.iter().map(row).collect()
}

/// The cell of a key; below blocks, the values of every block.
fn lookup(value: &Value, key: &str, kind: &Type) -> Cell {
    let Some((first, rest)) = key.split_once('.') else {
        return value.get(key).map_or(Cell::Empty, |held| cell(held, kind));
    };
    match value.get(first) {
        Some(Value::Array(blocks)) => {
            let words =
                blocks.iter().filter_map(|block| block.get(rest)).map(plain).collect::<Vec<_>>();
            if words.is_empty() { Cell::Empty } else { Cell::List(words) }
        }
        Some(table) => lookup(table, rest, kind),
        None => Cell::Empty,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value of a record as a typed cell.
pub(crate) fn cell(value: &Value, kind: &Type) -> Cell {
    let text = plain(value);
    let decimal = || text.parse::<Decimal>().ok();
    match kind {
        Type::Money => decimal().map_or(Cell::Empty, Cell::Money),
        Type::Quantity | Type::Rate | Type::Percent => {
            decimal().map_or(Cell::Empty, |number| Cell::Quantity(number.normalize()))
        }
        Type::Int => value.as_i64().map_or(Cell::Empty, Cell::Int),
        Type::Bool => value.as_bool().map_or(Cell::Empty, Cell::Bool),
        Type::Day => text.parse::<Day>().map_or(Cell::Empty, Cell::from),
        Type::Moment => text.parse::<Moment>().map_or(Cell::Empty, Cell::Moment),
        Type::Ref(_) => Cell::Ref(text),
        Type::OneOf(_) => Cell::word(text),
        Type::List(_) => {
            let list = value.as_array().into_iter().flatten().map(plain);
            Cell::List(list.collect())
        }
        Type::Table(fields) => table_text(value, fields),
        Type::Blocks(_) => {
            let count = value.as_array().map_or(0, Vec::len);
            Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
        }
        _ => Cell::text(text),
    }
}

fn table_text(value: &Value, fields: &[Field]) -> Cell {
    let held = fields.iter().filter_map(|field| {
        value.get(&field.key).map(|held| format!("{}: {}", field.key, plain(held)))
    });
    Cell::text(held.collect::<Vec<_>>().join(", "))
}

/// One record whole: its fields, its blocks, and what is computed of it.
pub fn show(book: &Book, entry: &dyn Entry, as_of: Option<Day>) -> Made {
    let as_of = as_of.unwrap_or(book.today);
    let value = entry.value();
    let derived = computed(book, entry, as_of, &|_| true);
    let all = fields(entry.kind());
    let mut page = Page {
        key: entry.kind().noun().into(),
        title: title(entry, &derived),
        record: Some(Value::Object(value.clone())),
        ..Page::default()
    };
    for own in &all {
        let held = value.get(&own.key).or_else(|| derived.get(&own.key));
        match (&own.kind, held) {
            (Type::Blocks(fields), Some(Value::Array(blocks))) => {
                page.tables.push(block_table(&own.key, fields, blocks));
                let order = Doc::<Order>::of(entry).filter(|_| own.key == "line");
                page.tables.extend(order.and_then(|order| progress::of_lines(book, order, as_of)));
            }
            (Type::Table(fields), Some(table)) => {
                page.facts.push((own.key.clone(), table_text(table, fields)));
            }
            (kind, Some(held)) => page.facts.push((own.key.clone(), cell(held, kind))),
            (_, None) => {}
        }
    }
    page.facts.push(("file".into(), Cell::text(entry.file())));
    page.notes.extend(revised_since(book, std::iter::once(entry), as_of));
    let mut made = Made { page, left_out: Vec::new() };
    let mut unknown = Unknown::default();
    if derived.get("exposure").is_none() {
        unknown.take(book, entry, as_of);
    }
    unknown.tell(&mut made);
    if let Some(customer) = Doc::<Customer>::of(entry) {
        super::customer::picture(book, customer, as_of, &mut made);
    }
    made
}

fn title(entry: &dyn Entry, derived: &serde_json::Map<String, Value>) -> String {
    let named = entry.names().first().map(|name| (*name).to_owned());
    let party = derived.get("customer_name").or(derived.get("party_name")).and_then(Value::as_str);
    let stage = derived.get("stage").or(derived.get("state")).and_then(Value::as_str);
    let words = [Some(entry.common().id.as_str()), party, named.as_deref(), stage];
    words.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// Blocks as a table of the columns that any of them has.
fn block_table(key: &str, fields: &[Field], blocks: &[Value]) -> Table {
    let used: Vec<&Field> = fields
        .iter()
        .filter(|field| blocks.iter().any(|block| block.get(&field.key).is_some()))
        .collect();
    let columns = used.iter().map(|field| Column {
        key: field.key.clone(),
        right: field.kind.is_number(),
        from: Vec::new(),
    });
    let row = |block: &Value| {
        let cell = |field: &&Field| {
            block.get(&field.key).map_or(Cell::Empty, |held| cell(held, &field.kind))
        };
        Row::Data(used.iter().map(cell).collect())
    };
    Table {
        key: key.into(),
        columns: columns.collect(),
        rows: blocks.iter().map(row).collect(),
        empty: String::new(),
    }
}
