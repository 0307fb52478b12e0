//! `report customers`: whom to call or visit, what waits for an answer, which papers run out.

use serde_json::json;

use super::{Made, Params, Report, customer::tables, fields, filter, listed, reference};
use crate::{
    book::{Book, contact, licence},
    error::Result,
    page::{Cell, Page},
    record::{
        Doc,
        common::Common,
        customer::Customer,
        schema::{Field, Type},
    },
    value::day::Day,
};

pub(super) const REPORT: Report = Report {
    name: "customers",
    about: "whom to call or visit, complaints and questions that are open, papers that run out",
    by: &[],
    basis: &[],
    compare: &[],
    filters: &["customer", "staff", "district", "grade"],
    example: "desk report customers staff:li-min -p this-week",
    run,
};

fn filter_fields() -> Vec<Field> {
    fields([
        ("customer", reference("customer")),
        ("staff", reference("staff")),
        ("district", listed("districts")),
        ("grade", Type::OneOf(["A", "B", "C"].map(str::to_owned).to_vec())),
    ])
}

fn run(book: &Book, params: &Params) -> Result<Made> {
    let as_of = params.as_of.unwrap_or(book.today);
    let until = params.period.to.unwrap_or(as_of).max(as_of);
    let filter = filter(book, params, &filter_fields())?;
    let is_meant = |customer: Option<&Doc<Customer>>, staff: Option<&str>| {
        let common = customer.map(|own| &own.common);
        let word = |of: fn(&Common) -> Option<&str>| common.and_then(of);
        filter.terms.is_empty()
            || filter.matches(&json!({
                "customer": customer.map(Doc::id),
                "staff": staff.or(word(|common| common.staff.as_deref())),
                "district": word(|common| common.district.as_deref()),
                "grade": customer.and_then(|own| own.rec.grade).map(|grade| grade.name()),
            }))
    };
    let mut due = contact::due(book, as_of, until);
    due.retain(|next| is_meant(Some(next.customer), None));
    let mut open = contact::open_matters(book, as_of);
    open.retain(|row| {
        let customer = row.rec.party.as_deref().and_then(|code| book.get::<Customer>(code));
        is_meant(customer, row.rec.owner.as_deref())
    });
    let mut papers = licence::open_papers(book, as_of);
    papers.retain(|own| is_meant(Some(own.customer), None));
    let mut facts =
        vec![("basis".to_owned(), Cell::text(tables::DUE_BASIS)), ("as_of".into(), as_of.into())];
    if until > as_of {
        facts.push(("due_to".into(), until.into()));
    }
    let late = |day: Option<Day>| day.is_some_and(|day| day < as_of);
    let count = |count: usize| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX));
    facts.push(("contacts_due".into(), count(due.len())));
    facts.push(("complaints_open".into(), count(open.len())));
    let past = open.iter().filter(|row| late(row.rec.due_on)).count();
    facts.push(("past_their_day".into(), count(past)));
    facts.push(("papers_open".into(), count(papers.len())));
    let page = Page {
        title: "Customers".into(),
        facts,
        tables: vec![
            tables::due(book, &due, as_of),
            tables::matters(book, &open, as_of),
            tables::papers(&papers, false),
        ],
        ..Page::default()
    };
    Ok(Made { page, left_out: Vec::new() })
}
