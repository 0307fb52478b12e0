//! The sheet that asks for an official invoice to be printed, for whoever prints them: the buyer as
//! it stands on the invoice, and every line with its amounts.

use crate::{
    book::{Book, invoice, payment},
    page::{Cell, Column, Page, Row, Table},
    record::{Doc, amount::Amount, invoice::Invoice, product::Product},
    value::number::{Decimal, round},
};

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
    total[0] = Cell::word("total");
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
