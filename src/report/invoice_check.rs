//! An invoice beside what it is for, line by line, for whoever issues it: every difference is named.

use crate::{
    book::{
        Book,
        billed::{self, Standard},
        invoice,
    },
    finding::Finding,
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc,
        invoice::{Invoice, InvoiceLine},
        product::Product,
    },
    rules::matched,
    value::number::{Decimal, round},
};

/// An invoice held against its order, and every difference.
pub fn check(book: &Book, bill: &Doc<Invoice>) -> (Page, Vec<Finding>) {
    let findings = matched::differences(book, bill);
    let buyer = bill.rec.buyer.clone().unwrap_or_default();
    let (title, tax_id) = matched::wanted(book, bill);
    let agrees = |own: &Option<String>, wanted: &Option<String>| {
        Cell::text(if own == wanted { "agrees" } else { "differs" })
    };
    let facts = vec![
        ("party".to_owned(), Cell::Ref(bill.rec.party.clone())),
        ("title".to_owned(), agrees(&buyer.title, &title)),
        ("tax_id".to_owned(), agrees(&buyer.tax_id, &tax_id)),
        ("differences".to_owned(), whole(findings.len())),
    ];
    let columns = [
        Column::words("no"),
        Column::words("order"),
        Column::words("product"),
        Column::words("spec"),
        Column::words("unit"),
        Column::figure("qty", &["qty"]),
        Column::figure("most", &["qty"]),
        Column::figure("price", &["price"]),
        Column::figure("agreed_price", &["price"]),
        Column::words("result"),
    ];
    let table = Table {
        key: "lines".into(),
        columns: columns.to_vec(),
        rows: bill.rec.line.iter().map(|line| held(book, bill, line)).collect(),
        empty: format!("{} has no lines.", bill.id()),
    };
    let page = Page {
        key: "invoice-check".into(),
        title: format!("{} against what it is for", bill.id()),
        facts,
        tables: vec![table],
        ..Page::default()
    };
    (page, findings)
}

fn whole(count: usize) -> Cell {
    Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// One line beside the line it comes from.
fn held(book: &Book, bill: &Doc<Invoice>, line: &InvoiceLine) -> Row {
    let of = billed::standard(book, bill, line);
    let room = billed::room(book, bill, line);
    let only = Invoice { line: vec![line.clone()], ..bill.rec.clone() };
    let alone = Doc { rec: only, ..bill.clone() };
    let mut words: Vec<&str> = Vec::new();
    for finding in matched::differences(book, &alone) {
        let word = finding.code.rsplit('.').next().unwrap_or(finding.code);
        if word != "buyer" && !words.contains(&word) {
            words.push(word);
        }
    }
    let result = match (words.is_empty(), &of) {
        (false, _) => format!("differs: {}", words.join(", ")),
        (true, Some(_)) => "agrees".to_owned(),
        (true, None) => String::new(),
    };
    let product = line.product.as_deref().and_then(|code| book.get::<Product>(code));
    let spec = product.and_then(|product| product.rec.spec.clone());
    let left = room.map(|room| Cell::Quantity(room.left().normalize()));
    let decimals = invoice::basis(book, bill).decimals;
    let money = |amount: Decimal| Cell::Money(round(amount, amount.scale().max(decimals)));
    let agreed = of.as_ref().and_then(|of: &Standard<'_>| of.price).map(money);
    Row::Data(vec![
        Cell::Int(line.no.into()),
        of.map(|of| Cell::Ref(of.id.to_owned())).into(),
        line.product.clone().or_else(|| line.text.clone()).into(),
        spec.into(),
        line.unit.clone().into(),
        Cell::Quantity(line.qty.get().normalize()),
        left.into(),
        money(line.price.get()),
        agreed.into(),
        Cell::text(result),
    ])
}
