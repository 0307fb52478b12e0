//! An invoice beside what it is for, line by line, and the sheet that asks for it to be printed.

use crate::{
    book::{
        Book,
        billed::{self, Standard},
        invoice, payment,
    },
    finding::Finding,
    page::{Cell, Column, Page, Row, Table},
    record::{
        Doc,
        amount::Amount,
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

/// The sheet that asks whoever prints official invoices for one.
pub fn request(book: &Book, bill: &Doc<Invoice>) -> Page {
    let buyer = bill.rec.buyer.clone().unwrap_or_default();
    let mut facts: Vec<(String, Cell)> = vec![("party".into(), Cell::Ref(bill.rec.party.clone()))];
    let mut put = |key: &str, cell: Cell| facts.push((key.to_owned(), cell));
    put("title", buyer.title.into());
    put("tax_id", buyer.tax_id.into());
    put("bank", buyer.bank.into());
    put("account", buyer.account.into());
    put("address", buyer.address.into());
    put("currency", payment::own_currency(book, &bill.common).into());
    put("series", bill.rec.series.clone().into());
    put("number", bill.rec.number.clone().into());
    put("due_on", bill.rec.due_on.into());
    put("against_invoice", bill.rec.against_invoice.clone().into());
    put("credit_reason", bill.rec.credit_reason.clone().into());
    put("remarks", bill.common.remarks.clone().into());
    facts.retain(|(_, cell)| *cell != Cell::Empty);
    let columns = [
        Column::words("no"),
        Column::words("item"),
        Column::words("spec"),
        Column::words("unit"),
        Column::figure("qty", &["qty"]),
        Column::figure("price", &["price"]),
        Column::figure("tax_rate", &["tax_rate"]),
        Column::figure("net", &["qty", "price"]),
        Column::figure("tax", &["tax_rate"]),
        Column::figure("gross", &["qty", "price"]),
    ];
    let amounts = invoice::lines(book, bill);
    let decimals = invoice::basis(book, bill).decimals;
    let money = |amount: Decimal| Cell::Money(round(amount, decimals));
    let mut rows: Vec<Row> = Vec::new();
    let mut sum = Amount::default();
    for (at, line) in bill.rec.line.iter().enumerate() {
        let amount = amounts.as_ref().map(|amounts| amounts[at]).unwrap_or_default();
        sum = sum.plus(amount);
        let product = line.product.as_deref().and_then(|code| book.get::<Product>(code));
        let name = product.map(|product| product.rec.name.clone());
        rows.push(Row::Data(vec![
            Cell::Int(line.no.into()),
            line.text.clone().or(name).or_else(|| line.product.clone()).into(),
            product.and_then(|product| product.rec.spec.clone()).into(),
            line.unit.clone().into(),
            Cell::Quantity(line.qty.get().normalize()),
            Cell::Money(round(line.price.get(), line.price.get().scale().max(decimals))),
            Cell::Percent(invoice::priced(book, line).tax_rate),
            money(amount.net),
            money(amount.tax),
            money(amount.gross),
        ]));
    }
    let sum = invoice::total(book, bill).unwrap_or(sum);
    let mut total = vec![Cell::Empty; columns.len()];
    total[0] = Cell::text("total");
    for (at, amount) in [(7, sum.net), (8, sum.tax), (9, sum.gross)] {
        total[at] = money(amount);
    }
    rows.push(Row::Total(total));
    let table = Table {
        key: "lines".into(),
        columns: columns.to_vec(),
        rows,
        empty: format!("{} has no lines.", bill.id()),
    };
    Page {
        key: "invoice-request".into(),
        title: format!("Invoice request {}", bill.id()),
        facts,
        tables: vec![table],
        ..Page::default()
    }
}
