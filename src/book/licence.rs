//! Papers of customers: what is asked of who buys what on a day, and which papers run out.
//!
//! A paper counts on a day if it was issued by then, has not expired, and someone saw the original.
//! Of several papers of one kind one that counts is enough. The gates of review and sending, the
//! page of `customer legal` and the day's list all ask here.

use super::Book;
use crate::{
    record::{
        Doc,
        common::{Licence, Person, Stage},
        customer::{Customer, CustomerKind},
        product::Product,
    },
    value::day::Day,
};

/// Days ahead that notice is given of a paper's end, where desk.toml does not say.
const NOTICES: [u32; 3] = [90, 30, 7];

/// What is wrong with a customer's papers for some products on a day, each with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// What is wrong.
    pub message: String,
    /// Block of the customer it is about, such as `licence` and its number; nothing for the whole.
    pub at: Option<(&'static str, usize)>,
}

/// One thing that is asked of a customer before goods may go there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What is asked, such as a paper or that someone is identified.
    pub what: String,
    /// What meets it; nothing where it is lacking, or where the paper for it does not count.
    pub met_by: Option<String>,
    /// What is wrong; nothing where that was said of the paper itself.
    pub lacking: Option<Lacking>,
}

impl Asked {
    fn met(what: String, by: String) -> Self {
        Self { what, met_by: Some(by), lacking: None }
    }

    fn lacks(what: String, message: String, at: Option<(&'static str, usize)>) -> Self {
        Self { what, met_by: None, lacking: Some(Lacking { message, at }) }
    }

    /// What a paper meets, or nothing more where there is one that does not count.
    fn by(what: String, paper: Option<&Licence>) -> Self {
        let met_by = paper.map(|paper| named(paper) + &until(paper));
        Self { what, met_by, lacking: None }
    }
}

/// What keeps a customer from buying products on a day, as far as papers and people go.
pub fn lacking(customer: &Doc<Customer>, products: &[&Doc<Product>], day: Day) -> Vec<Lacking> {
    let asked = asked(customer, products, day).into_iter();
    let mut lacking: Vec<Lacking> = asked.filter_map(|own| own.lacking).collect();
    lacking.dedup();
    lacking
}

/// All that is asked of a customer who buys products on a day, met or not.
pub fn asked(customer: &Doc<Customer>, products: &[&Doc<Product>], day: Day) -> Vec<Asked> {
    let papers = &customer.rec.licence;
    let counting = |paper: &&Licence| fault(paper, day).is_none();
    let mut asked = Vec::new();
    for (at, paper) in papers.iter().enumerate() {
        let same = || papers.iter().filter(|other| other.kind == paper.kind);
        if papers.iter().position(|other| other.kind == paper.kind) != Some(at) {
            continue;
        }
        let what = format!("{} verified and valid", paper.kind.replace('_', " "));
        if let Some(counts) = same().find(counting) {
            asked.push(Asked::by(what, Some(counts)));
            continue;
        }
        let last = papers.iter().rposition(|other| other.kind == paper.kind).unwrap_or(at);
        let why = fault(&papers[last], day).unwrap_or_default();
        let message = format!("{} {why}", named(&papers[last]));
        asked.push(Asked::lacks(what, message, Some(("licence", last))));
    }
    if let Some((class, kind)) = customer.rec.kind.and_then(|own| Some((own, needs(own)?))) {
        let what = format!("{} licence of a {}", kind.replace('_', " "), class.name());
        let of_kind = || papers.iter().filter(|paper| paper.kind == kind);
        asked.push(match of_kind().next() {
            Some(_) => Asked::by(what, of_kind().find(counting)),
            None => {
                let words = kind.replace('_', " ");
                Asked::lacks(what, format!("{} has no {words} licence", customer.id()), None)
            }
        });
    }
    asked.extend(products.iter().filter_map(|product| covered(customer, product, day)));
    for (at, person) in customer.rec.person.iter().enumerate() {
        if !acts_for_them(person) {
            continue;
        }
        let what = format!("{} identified", person.role.as_deref().unwrap_or_default());
        asked.push(match person.verified_on.filter(|seen| *seen <= day) {
            Some(seen) => Asked::met(what, format!("{}, seen {seen}", person.name)),
            None => {
                let message = format!("{} was not identified", person.name);
                Asked::lacks(what, message, Some(("person", at)))
            }
        });
    }
    asked
}

/// Whether a customer's papers cover a product; nothing where it needs none.
fn covered(customer: &Doc<Customer>, product: &Doc<Product>, day: Day) -> Option<Asked> {
    let required = product.rec.required_licence.as_deref()?;
    let papers = &customer.rec.licence;
    let covers = |paper: &&Licence| {
        paper.kind == required || paper.scopes.iter().any(|scope| scope == required)
    };
    let what = format!("{required} for {}", product.id());
    let counts = |paper: &Licence| fault(paper, day).is_none();
    if let Some(paper) = papers.iter().filter(covers).find(|paper| counts(paper)) {
        return Some(Asked::by(what, Some(paper)));
    }
    // Of papers of one kind none of which counts it was told already.
    let is_untold =
        |paper: &Licence| papers.iter().any(|own| own.kind == paper.kind && counts(own));
    if let Some(at) = papers.iter().position(|paper| covers(&paper) && is_untold(paper)) {
        let why = fault(&papers[at], day).unwrap_or_default();
        let message = format!("{} covers {}, but {why}", named(&papers[at]), product.id());
        return Some(Asked::lacks(what, message, Some(("licence", at))));
    }
    if papers.iter().any(|paper| covers(&paper)) {
        return Some(Asked::by(what, None));
    }
    let (id, code) = (product.id(), customer.id());
    let message = format!("{id} needs a licence for {required}, and {code} has none");
    Some(Asked::lacks(what, message, None))
}

/// Where a paper stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Another one of its kind counts, and longer.
    Replaced,
    /// Its last day is over.
    Expired,
    /// Nobody saw the original yet.
    Unverified,
    /// Its last day is near: so many days ahead notice is given.
    Expiring(u32),
    /// It counts.
    Valid,
    /// Its first day is to come.
    Early,
}

impl State {
    /// Its word in columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Unverified => "not verified",
            Self::Expiring(_) => "expiring",
            Self::Valid => "valid",
            Self::Early => "not valid yet",
        }
    }
}

/// A paper of a customer, as it stands on a day.
#[derive(Debug, Clone)]
pub struct Paper<'a> {
    /// Whose it is.
    pub customer: &'a Doc<Customer>,
    /// Its number among the customer's, from 1.
    pub no: usize,
    /// The paper.
    pub paper: &'a Licence,
    /// Where it stands.
    pub state: State,
    /// Days it still counts, the last one too; below zero once it is over.
    pub days_left: Option<i64>,
}

impl Paper<'_> {
    /// Whether something is to be done about it.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Expired | State::Unverified | State::Expiring(_))
    }
}

/// The papers of a customer as they stand on a day.
pub fn papers<'a>(book: &Book, customer: &'a Doc<Customer>, day: Day) -> Vec<Paper<'a>> {
    let notices = book.config.notices("licences", &NOTICES);
    let all = &customer.rec.licence;
    let paper = |(at, paper): (usize, &'a Licence)| {
        let lasts_longer = |other: &Licence| match (paper.expires_on, other.expires_on) {
            (Some(own), Some(last)) => last > own,
            (own, last) => own.is_some() && last.is_none(),
        };
        let replaces = |other: &&Licence| {
            other.kind == paper.kind && lasts_longer(other) && fault(other, day).is_none()
        };
        let days = |last: Day| last.0.signed_duration_since(day.0).num_days();
        let days_left = paper.expires_on.map(days);
        let near = days_left.and_then(|left| {
            notices.iter().copied().filter(|notice| i64::from(*notice) >= left).min()
        });
        let state = match () {
            () if all.iter().any(|other| replaces(&other)) => State::Replaced,
            () if days_left.is_some_and(|left| left < 0) => State::Expired,
            () if is_unseen(paper, day) => State::Unverified,
            () if paper.issued_on.is_some_and(|first| first > day) => State::Early,
            () => near.map_or(State::Valid, State::Expiring),
        };
        Paper { customer, no: at.saturating_add(1), paper, state, days_left }
    };
    all.iter().enumerate().map(paper).collect()
}

/// The papers that something is to be done about, of customers who buy or may come to.
pub fn open_papers(book: &Book, day: Day) -> Vec<Paper<'_>> {
    let mut open = Vec::new();
    for customer in book.all::<Customer>() {
        let is_left = matches!(customer.rec.stage, Some(Stage::Dormant | Stage::Blocked));
        if customer.counts() && !is_left {
            open.extend(papers(book, customer, day).into_iter().filter(Paper::is_open));
        }
    }
    open
}

/// Whether nobody saw the original of a paper by a day.
fn is_unseen(paper: &Licence, day: Day) -> bool {
    paper.verified_by.is_none() || paper.verified_on.is_none_or(|seen| seen > day)
}

/// Until when a paper holds, in words.
fn until(paper: &Licence) -> String {
    paper.expires_on.map(|last| format!(", valid to {last}")).unwrap_or_default()
}

/// Why a paper does not count on a day.
fn fault(paper: &Licence, day: Day) -> Option<String> {
    match () {
        () if paper.verified_on.is_none() || paper.verified_by.is_none() => {
            Some("was not verified".into())
        }
        () if paper.verified_on.is_some_and(|seen| seen > day) => {
            Some("was not verified by then".into())
        }
        () if paper.issued_on.is_some_and(|issued| issued > day) => Some("is not valid yet".into()),
        () => {
            let expired = paper.expires_on.filter(|last| *last < day);
            expired.map(|last| format!("expired on {last}"))
        }
    }
}

/// What a revision says of a customer when a paper of theirs is entered.
pub fn entering(paper: &Licence) -> String {
    format!("{} entered", named(paper))
}

/// Who entered a paper, where that was written down.
pub fn entered_by<'a>(customer: &'a Doc<Customer>, paper: &Licence) -> Option<&'a str> {
    let reason = entering(paper);
    let mut revisions = customer.common.revision.iter().rev();
    revisions.find(|own| own.reason == reason).map(|own| own.by.as_str())
}

/// A paper in words: its kind and its number.
pub fn named(paper: &Licence) -> String {
    let kind = paper.kind.replace('_', " ");
    match &paper.number {
        Some(number) => format!("licence {kind} {number}"),
        None => format!("licence {kind}"),
    }
}

/// The paper that a class of customer has to have.
fn needs(kind: CustomerKind) -> Option<&'static str> {
    match kind {
        CustomerKind::Hospital => Some("practice"),
        CustomerKind::Trader | CustomerKind::Pharmacy => Some("drug_business"),
        CustomerKind::Agent | CustomerKind::Direct | CustomerKind::Other => None,
    }
}

/// Whether someone buys or collects for a customer.
fn acts_for_them(person: &Person) -> bool {
    let role = person.role.as_deref().unwrap_or_default().to_lowercase();
    ["buyer", "agent", "collector", "采购员", "采购", "提货人"].contains(&role.as_str())
}

/// The last day of the paper that a customer's class has to have, else of the one that ends first;
/// nothing where no paper ends.
pub fn valid_to(book: &Book, customer: &Doc<Customer>) -> Option<Day> {
    let needed = customer.rec.kind.and_then(needs);
    let papers = customer.rec.licence.iter();
    let mut counts: Vec<&Licence> =
        papers.filter(|paper| fault(paper, book.today).is_none()).collect();
    if counts.iter().any(|paper| Some(paper.kind.as_str()) == needed) {
        counts.retain(|paper| Some(paper.kind.as_str()) == needed);
        return counts.iter().filter_map(|paper| paper.expires_on).max();
    }
    counts.iter().filter_map(|paper| paper.expires_on).min()
}
