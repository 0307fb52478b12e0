//! `explain invoices`: the lines of the invoices and credits behind a row, and what was allocated to
//! them or given by them, which leaves what is open.

use super::{add_total, asked, columns, exact, titled};
use crate::{
    book::{Book, invoice, payment, place},
    error::Result,
    fact::Amount,
    page::{Cell, Page, Row, Table},
    record::{
        Doc,
        allocation::Allocation,
        invoice::{Invoice, InvoiceKind},
    },
    report::{
        self, Made, Params,
        invoices::{Bill, Found, REPORT, by, found},
    },
    value::{
        currency,
        number::{Decimal, add, negated, product, round},
        place::{KeyPath, Place},
    },
};

const FIGURES: [&str; 7] = ["invoices", "credits", "net", "tax", "gross", "credited", "open"];

pub(super) fn explain(book: &Book, words: &[String], params: &Params) -> Result<Made> {
    let by = by(params);
    let (keys, figure) = asked(book, &REPORT, words, &by, &FIGURES)?;
    let Found { issued, left_out, .. } = found(book, params, &by)?;
    let as_of = params.as_of.unwrap_or(book.today);
    let is_asked = |bill: &&Bill| {
        let is_credit = bill.kind == InvoiceKind::Credit;
        let is_counted = match figure {
            Some("credits" | "credited") => is_credit,
            Some("invoices") => !is_credit,
            _ => true,
        };
        is_counted && bill.keys.starts_with(&keys)
    };
    let bills: Vec<&Bill> = issued.iter().filter(is_asked).collect();
    let documents: Vec<(&Bill, &Doc<Invoice>)> =
        bills.iter().filter_map(|bill| Some((*bill, book.get::<Invoice>(&bill.id)?))).collect();
    let mut tables = vec![lines(book, &documents)];
    if figure.is_none_or(|figure| figure == "open") {
        let open = documents.iter().filter(|(_, own)| invoice::is_issued(own, as_of));
        let rows = open.flat_map(|(bill, own)| settled(book, bill, own, as_of)).collect();
        tables.push(allocations(book, rows));
    }
    let base = currency::decimals(book.config.currency());
    let open = bills.iter().fold(Decimal::ZERO, |sum, bill| {
        add(sum, product(bill.open, bill.rate).unwrap_or(bill.open))
    });
    let facts = vec![
        ("basis".into(), Cell::text("issued in the period by day issued; credits negative")),
        ("period".into(), report::period_cell(params.period)),
        ("as_of".into(), as_of.into()),
        ("documents".into(), Cell::Int(i64::try_from(bills.len()).unwrap_or(i64::MAX))),
        ("open".into(), Cell::Money(round(open, base))),
        ("currency".into(), Cell::text(book.config.currency())),
    ];
    let title = titled("Invoices", &keys);
    Ok(Made {
        page: Page { key: "explain".into(), title, facts, tables, ..Page::default() },
        left_out,
    })
}

/// What every line comes to, in base currency, credits below zero.
fn lines(book: &Book, documents: &[(&Bill, &Doc<Invoice>)]) -> Table {
    const WORDS: [&str; 6] = ["what", "on", "id", "line", "customer", "product"];
    let base = currency::decimals(book.config.currency());
    let mut rows = Vec::new();
    let mut total = Amount::default();
    for (bill, own) in documents {
        let sign = invoice::sign(own);
        let brought = |amount: Decimal| {
            let amount = if sign.is_sign_negative() { negated(amount) } else { amount };
            product(amount, bill.rate).unwrap_or(amount)
        };
        let amounts = invoice::lines(book, own).unwrap_or_default();
        for (at, (line, amount)) in own.rec.line.iter().zip(amounts).enumerate() {
            let [net, tax, gross] = [amount.net, amount.tax, amount.gross].map(brought);
            total = total.plus(Amount { net, tax, gross });
            let at = Place::key(&own.file, KeyPath::key("line").nth(at));
            let mut cells = vec![
                Cell::text(bill.kind.name()),
                bill.on.into(),
                Cell::Ref(bill.id.clone()),
                Cell::Int(line.no.into()),
                Cell::Ref(bill.party.clone()),
                line.product.clone().or_else(|| line.text.clone()).into(),
            ];
            cells.extend([net, tax, gross].map(|amount| exact(amount, base)));
            cells.push(Cell::text(place::spelled(book, &at)));
            rows.push(Row::Data(cells));
        }
    }
    let sums = [total.net, total.tax, total.gross].map(|sum| Cell::Money(round(sum, base)));
    add_total(&mut rows, WORDS.len(), sums.into());
    let empty = "Nothing makes this figure: nothing was issued.".into();
    let columns = columns(&WORDS, &["net", "tax", "gross"]);
    Table { key: "lines".into(), columns, rows, empty }
}

/// One allocation with what it leaves less open, in base currency.
type Settled<'a> = (&'a Doc<Allocation>, String, Decimal);

/// What was allocated to a document, and what a credit gave, by a day.
fn settled<'a>(
    book: &'a Book,
    bill: &Bill,
    own: &Doc<Invoice>,
    as_of: crate::value::day::Day,
) -> Vec<Settled<'a>> {
    let is_credit = bill.kind == InvoiceKind::Credit;
    // What is taken off a credit, which stands below zero, is above.
    let brought = |amount: Decimal| {
        let amount = if is_credit { amount } else { negated(amount) };
        product(amount, bill.rate).unwrap_or(amount)
    };
    let mut rows: Vec<Settled<'_>> = invoice::settling(book, own, as_of)
        .into_iter()
        .map(|row| (row, bill.id.clone(), brought(invoice::covered(row))))
        .collect();
    if is_credit {
        let given = payment::allocations_of(book, own.id()).into_iter();
        let given = given.filter(|row| payment::is_by(row, as_of));
        rows.extend(given.map(|row| (row, bill.id.clone(), brought(row.rec.taken()))));
    }
    rows
}

fn allocations(book: &Book, settled: Vec<Settled<'_>>) -> Table {
    const WORDS: [&str; 5] = ["on", "id", "source", "target", "of"];
    let base = currency::decimals(book.config.currency());
    let mut sum = Decimal::ZERO;
    let mut rows = Vec::new();
    for (row, of, amount) in settled {
        sum = add(sum, amount);
        let at = Place::cell(&row.file, row.row, "amount");
        rows.push(Row::Data(vec![
            row.common.date.into(),
            Cell::Ref(row.id().to_owned()),
            row.rec.source.clone().map_or(Cell::Empty, Cell::Ref),
            Cell::Ref(row.rec.target.clone()),
            Cell::Ref(of),
            exact(amount, base),
            Cell::text(place::spelled(book, &at)),
        ]));
    }
    add_total(&mut rows, WORDS.len(), vec![Cell::Money(round(sum, base))]);
    let empty = "Nothing was allocated by this day.".into();
    Table { key: "settled".into(), columns: columns(&WORDS, &["amount"]), rows, empty }
}
