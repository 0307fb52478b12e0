//! `explain statement`: what makes a balance of a customer's statement, in the currencies of the
//! documents.

use std::collections::BTreeMap;

use super::{columns, exact};
use crate::{
    book::{
        Book,
        account::{self, Account},
        place,
        receivable::{self, Items},
    },
    error::{Error, Result},
    page::{Cell, Page, Row, Table},
    record::contract::Side,
    report::{
        Made, Params, period_cell,
        statement::{days, is_before, party, whose},
    },
    value::{
        currency,
        number::{Decimal, add, round},
    },
};

const FIGURES: [&str; 3] = ["opening", "closing", "overdue"];

pub(super) fn explain(book: &Book, words: &[String], params: &Params) -> Result<Made> {
    let usage =
        |why: String| Error::usage(why).hint("desk explain statement CX01 closing -p 2026-09");
    let needs = || usage("explaining a statement needs the customer".into());
    let mut given = params.filter.iter().chain(words);
    let (kind, code) = whose(book, given.next().ok_or_else(needs)?, needs)?;
    let figure = match (given.next(), given.next()) {
        (None, _) => "closing",
        (Some(word), None) if FIGURES.contains(&word.as_str()) => word,
        (Some(word), _) => {
            let why = format!("\"{word}\" is no figure of a statement: {}", FIGURES.join(", "));
            return Err(usage(why));
        }
    };
    let (period, last) = days(book, params.period, params.as_of);
    let side = party(book, (kind, &code)).map_or(Side::Sale, |party| party.side);
    let mut list = List::default();
    let left_out = if figure == "overdue" {
        let Items { items, left_out } = receivable::items_of(book, &code, side, last);
        for item in items.iter().filter(|item| item.days_overdue(last) > 0) {
            let cells = [Cell::text("due"), item.due_on.into(), Cell::Ref(item.id.clone())];
            list.put(cells, Cell::Empty, (&item.currency, item.open), place::of_item(book, item));
        }
        left_out
    } else {
        let Account { events, left_out } = account::of_party(book, &code, side, last);
        for event in events.iter().filter(|own| figure == "closing" || is_before(own, period)) {
            let mut codes: Vec<&str> =
                event.parts.iter().map(|own| own.currency.as_str()).collect();
            codes.sort_unstable();
            codes.dedup();
            for code in codes.into_iter().filter(|code| !event.own(code).is_zero()) {
                let what = Cell::word(event.sort.name());
                let cells = [what, event.on.into(), Cell::Ref(event.id.clone())];
                let about = event.about.clone().map_or(Cell::Empty, Cell::Ref);
                let at = place::spelled(book, &event.place);
                list.put(cells, about, (code, event.own(code)), at);
            }
        }
        left_out
    };
    let facts = vec![
        ("figure".into(), Cell::text(figure)),
        ("period".into(), period_cell(period)),
        ("tax_basis".into(), Cell::text("with tax")),
    ];
    let page = Page {
        key: "explain".into(),
        title: format!("Statement explained: {code}"),
        facts,
        tables: vec![list.table()],
        ..Page::default()
    };
    Ok(Made { page, left_out })
}

/// What makes the figure, and the sums by currency.
#[derive(Default)]
struct List {
    rows: Vec<Row>,
    sums: BTreeMap<String, Decimal>,
}

impl List {
    fn put(&mut self, cells: [Cell; 3], about: Cell, own: (&str, Decimal), at: String) {
        let (code, amount) = own;
        let sum = self.sums.entry(code.to_owned()).or_default();
        *sum = add(*sum, amount);
        let mut cells = Vec::from(cells);
        let amount = exact(amount, currency::decimals(code));
        cells.extend([about, Cell::text(code), amount, Cell::text(at)]);
        self.rows.push(Row::Data(cells));
    }

    fn table(mut self) -> Table {
        for (code, sum) in self.sums {
            let sum = Cell::Money(round(sum, currency::decimals(&code)));
            let mut row = vec![Cell::word("total")];
            row.resize(4, Cell::Empty);
            row.extend([Cell::text(code), sum, Cell::Empty]);
            self.rows.push(Row::Total(row));
        }
        Table {
            key: "changes".into(),
            columns: columns(&["what", "on", "id", "about", "currency"], &["amount"]),
            rows: self.rows,
            empty: "Nothing makes this figure: it is nothing by this day.".into(),
        }
    }
}
