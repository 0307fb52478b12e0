//! Filters: `field:value` and bare words over any record, by its field table and its value.
//!
//! Every word must hold; the alternatives of a word stand between commas; `-` before it negates.
//! Whoever lists derived things (`stage`, `open_amount`) adds them to the fields and to the value,
//! so nothing here knows a record kind. A fault of the words is found before any record is read,
//! and a record that does not hold what its field promises matches nothing.

use serde_json::Value;

use crate::{
    error::Result,
    record::schema::Field,
    value::{
        day::Day,
        id::Id,
        number::{self, Decimal},
        period::{Calendar, Period},
        text,
    },
};

mod read;

/// What a record must fulfil to be listed; without terms every record does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Conditions that must all hold.
    pub terms: Vec<Term>,
}

/// One word of a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Whether records that pass are left out instead.
    pub negated: bool,
    /// Keys that lead to the values looked at; a bare word looks at every one with words.
    pub paths: Vec<Vec<String>>,
    /// Alternatives; one of them must pass for one of the values.
    pub tests: Vec<Test>,
}

/// What one value is tested for.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It is absent, or holds nothing.
    Empty,
    /// It contains these folded words, or their pinyin initials.
    Contains(String),
    /// It is this folded word, regardless of case.
    Is(String),
    /// It is this folded id or code, or an id that ends with it.
    Id(String),
    /// It is a number in this range, both ends included.
    Number(Option<Decimal>, Option<Decimal>),
    /// It is a day, or a moment of a day, in this period.
    Days(Period),
    /// It is true, or false.
    Bool(bool),
}

impl Filter {
    /// Reads the words of a command line against a field table.
    ///
    /// `field:value` takes a key, a dotted path (`line.product`) or the last key of one where only
    /// one field is called so. Words are contained, ids, codes and words of lists are equal,
    /// regardless of case; numbers compare exactly and take ranges (`50000..`), days any period.
    pub fn parse(
        words: &[String],
        fields: &[Field],
        today: Day,
        calendar: &Calendar,
    ) -> Result<Self> {
        read::filter(words, fields, today, calendar)
    }

    /// Whether any term looks at a field.
    pub fn looks_at(&self, key: &str) -> bool {
        let leads = |path: &Vec<String>| path.first().is_none_or(|first| first == key);
        self.terms.iter().any(|term| term.paths.iter().any(leads))
    }

    /// Whether a record fulfils every term; `value` is an object as the record's file holds it.
    pub fn matches(&self, value: &Value) -> bool {
        self.terms.iter().all(|term| term.holds(value))
    }
}

impl Term {
    fn holds(&self, value: &Value) -> bool {
        let passes = |leaf: Option<&Value>| self.tests.iter().any(|test| test.passes(leaf));
        self.paths.iter().any(|path| any_leaf(Some(value), path, &passes)) != self.negated
    }
}

impl Test {
    fn passes(&self, leaf: Option<&Value>) -> bool {
        match (self, leaf) {
            (Self::Empty, leaf) => is_empty(leaf),
            (Self::Bool(wanted), Some(Value::Bool(held))) => wanted == held,
            (Self::Contains(_), Some(Value::Object(table))) => {
                table.values().any(|held| any_leaf(Some(held), &[], &|leaf| self.passes(leaf)))
            }
            (_, Some(Value::String(held))) => self.passes_words(held),
            (_, Some(Value::Number(held))) => self.passes_words(&held.to_string()),
            _ => false,
        }
    }

    fn passes_words(&self, held: &str) -> bool {
        match self {
            Self::Empty | Self::Bool(_) => false,
            Self::Contains(wanted) => text::matches(held, wanted),
            Self::Is(wanted) => text::fold(held) == *wanted,
            Self::Id(wanted) => is_id(held, wanted),
            Self::Number(from, to) => number::parse(held, Decimal::MAX).is_ok_and(|held| {
                from.is_none_or(|from| from <= held) && to.is_none_or(|to| held <= to)
            }),
            Self::Days(period) => {
                let day = held.get(..10).and_then(|day| day.parse().ok());
                day.is_some_and(|day| period.contains(day))
            }
        }
    }
}

/// Whether any value at the end of a path passes; where a list or the blocks of a table are on the
/// way, any of them will do. A path that leads nowhere has an absent value.
fn any_leaf(
    value: Option<&Value>,
    path: &[String],
    passes: &dyn Fn(Option<&Value>) -> bool,
) -> bool {
    match (value, path.split_first()) {
        (Some(Value::Array(items)), _) if !items.is_empty() => {
            items.iter().any(|item| any_leaf(Some(item), path, passes))
        }
        (value, Some((key, rest))) => any_leaf(value.and_then(|held| held.get(key)), rest, passes),
        (value, None) => passes(value),
    }
}

fn is_empty(leaf: Option<&Value>) -> bool {
    leaf.is_none_or(|held| match held {
        Value::Null => true,
        Value::String(words) => words.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(table) => table.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    })
}

/// Whether a reference is the one wanted: the same, or an id whose last parts are (`0014`).
fn is_id(held: &str, wanted: &str) -> bool {
    let folded = text::fold(held);
    folded.strip_suffix(wanted).is_some_and(|head| {
        let starts_a_part = !head.ends_with(|last: char| last.is_ascii_digit());
        head.is_empty() || starts_a_part && Id::parse(held).is_some()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::record::schema::Type;

    fn field(key: &str, kind: Type) -> Field {
        Field { key: key.into(), about: String::new(), kind, required: false }
    }

    fn fields() -> Vec<Field> {
        let words = |words: &[&str]| Type::OneOf(words.iter().map(ToString::to_string).collect());
        let line = vec![
            field("product", Type::Ref("product".into())),
            field("qty", Type::Quantity),
            field("text", Type::Text),
        ];
        let approval = vec![field("by", Type::Person), field("at", Type::Moment)];
        vec![
            field("id", Type::Text),
            field("customer", Type::Ref("customer".into())),
            field("contract", Type::Ref("contract".into())),
            field("name", Type::Text),
            field("staff", Type::Person),
            field("stage", words(&["draft", "approved", "shipped"])),
            field("amount", Type::Money),
            field("credit_days", Type::Int),
            field("promised_on", Type::Day),
            field("quote", Type::Bool),
            field("policies", Type::List(Box::new(Type::Ref("policy".into())))),
            field("line", Type::Blocks(line)),
            field("approval", Type::Blocks(approval.clone())),
            field("void", Type::Table(approval)),
        ]
    }

    fn order() -> Value {
        json!({
            "id": "SO-2609-0014", "customer": "CX01", "contract": "CT-2609-0004",
            "name": "晨星医药 Morning Star", "staff": "li-min", "stage": "approved",
            "amount": "128.00", "credit_days": 30, "promised_on": "2026-09-30", "quote": false,
            "policies": ["P1", "P2"],
            "line": [
                {"product": "A100", "qty": 20},
                {"product": "C1", "qty": "2.5", "text": "gift"},
            ],
            "approval": [{"by": "wang", "at": "2026-09-23T10:12:00+08:00"}],
        })
    }

    fn parse(words: &[&str]) -> Result<Filter> {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let today = "2026-09-23".parse().expect("the test writes a date");
        Filter::parse(&words, &fields(), today, &Calendar::default())
    }

    #[track_caller]
    fn check(words: &[&str], expected: bool) {
        let filter = parse(words).expect("the test writes a filter");
        assert_eq!(filter.matches(&order()), expected, "{words:?}");
    }

    #[track_caller]
    fn fault(word: &str) -> String {
        parse(&[word]).expect_err(word).message
    }

    #[test]
    fn every_word_must_hold_and_any_alternative() {
        check(&[], true);
        check(&["customer:CX01", "stage:approved"], true);
        check(&["customer:CX01", "stage:draft"], false);
        check(&["stage:draft,approved"], true);
        check(&["-stage:draft,approved"], false);
        check(&["-stage:draft"], true);
    }

    #[test]
    fn ids_codes_and_listed_words_are_equal_regardless_of_case() {
        check(&["customer:cx01"], true);
        check(&["customer:X01"], false);
        check(&["customer:01"], false);
        check(&["contract:0004"], true);
        check(&["contract:2609-0004"], true);
        check(&["contract:004"], false);
        check(&["staff:li"], false);
        check(&["Stage:APPROVED"], true);
    }

    #[test]
    fn words_are_contained_or_found_by_initials() {
        check(&["name:晨星"], true);
        check(&["name:STAR"], true);
        check(&["name:cxyy"], true);
        check(&["name:Morning Star"], true);
        check(&["name:moon"], false);
    }

    #[test]
    fn numbers_compare_exactly_and_in_ranges_with_both_ends() {
        check(&["amount:128"], true);
        check(&["amount:128.0"], true);
        check(&["amount:128.01"], false);
        check(&["amount:128.."], true);
        check(&["amount:..128"], true);
        check(&["amount:128.01.."], false);
        check(&["amount:-5..127.99"], false);
        check(&["amount:１２８"], true);
        check(&["credit_days:30,60"], true);
        check(&["credit-days:31.."], false);
        check(&["qty:2.50"], true);
    }

    #[test]
    fn dates_take_periods() {
        check(&["promised_on:2026-09"], true);
        check(&["promised_on:..today"], false);
        check(&["promised_on:this-month"], true);
        check(&["promised_on:2026-10-01.."], false);
        check(&["promised_on:today,2026-09-30"], true);
        check(&["approval.at:today"], true);
    }

    #[test]
    fn nothing_after_the_colon_is_nothing_in_the_field() {
        check(&["void:"], true);
        check(&["-void:"], false);
        check(&["customer:"], false);
        check(&["void.by:"], true);
        check(&["line.text:"], true);
        check(&["stage:,approved"], true);
        let empty = json!({"customer": "", "line": [], "policies": []});
        for word in ["customer:", "line:", "line.product:", "policies:", "quote:"] {
            assert!(parse(&[word]).is_ok_and(|filter| filter.matches(&empty)), "{word}");
        }
    }

    #[test]
    fn any_block_and_any_item_of_a_list_will_do() {
        check(&["line.product:C1"], true);
        check(&["line.product:B1"], false);
        check(&["-line.product:C1"], false);
        check(&["product:a100"], true);
        check(&["line:gift"], true);
        check(&["policies:p2"], true);
        check(&["policies:p3"], false);
    }

    #[test]
    fn truth_must_be_written_to_count() {
        check(&["quote:false"], true);
        check(&["quote:yes"], false);
        let unsaid = json!({"id": "SO-2609-0015"});
        let says = |word| parse(&[word]).is_ok_and(|filter| filter.matches(&unsaid));
        assert!(!says("quote:false") && !says("quote:true") && says("-quote:true"));
    }

    #[test]
    fn a_bare_word_searches_words_and_not_figures() {
        check(&["0014"], true);
        check(&["a100"], true);
        check(&["WANG"], true);
        check(&["cxyy"], true);
        check(&["Morning Star"], true);
        check(&["moon,star"], true);
        check(&["-star"], false);
        check(&["128"], false);
        check(&["2026-09-30"], false);
        check(&["10:12"], false);
    }

    #[test]
    fn an_unknown_field_is_guessed_and_the_others_named() {
        let message = fault("custmer:CX01");
        let guess = "cannot filter by \"custmer:CX01\": there is no field \"custmer\", \
            did you mean customer?; the fields are id, customer, contract, ";
        assert!(message.starts_with(guess), "{message}");
        let message = fault("line.prodct:A100");
        assert!(message.contains("did you mean line.product?"), "{message}");
        assert!(message.ends_with("the fields of line are product, qty, text"), "{message}");
        assert_eq!(parse(&["x:1"]).expect_err("no such field").kind, crate::error::Kind::Usage);
    }

    #[test]
    fn a_key_of_several_tables_must_be_given_with_its_path() {
        assert!(fault("by:wang").ends_with("\"by\" may be approval.by, void.by"));
        check(&["approval.by:wang"], true);
    }

    #[test]
    fn values_that_a_field_cannot_hold_are_faults() {
        let aproved = fault("stage:aproved");
        let one_of = "did you mean approved? it is one of draft, approved, shipped";
        assert!(aproved.ends_with(one_of), "{aproved}");
        assert!(fault("amount:much").contains("write a number"));
        assert!(fault("amount:1e5").contains("write a number"));
        assert!(fault("amount:5..1").ends_with("5 is more than 1"));
        assert!(fault("promised_on:soon").contains("\"soon\" is not a period"));
        assert!(fault("quote:perhaps").ends_with("it is true or false"));
        assert!(fault("").ends_with("there is no word to search for"));
        assert!(fault("-,").ends_with("there is no word to search for"));
    }

    #[test]
    fn thousands_separators_are_not_taken_for_alternatives() {
        assert!(fault("amount:50,000..").ends_with("write 50000.."));
        assert!(fault("amount:2,560").ends_with("write 2560"));
        assert!(fault("credit_days:1,000").ends_with("write 1000"));
        check(&["credit_days:30,100"], true);
        check(&["amount:128,2560"], true);
    }

    #[test]
    fn a_value_that_is_not_what_its_field_promises_matches_nothing() {
        let broken =
            json!({"amount": "much", "promised_on": "soon", "credit_days": [1.5], "line": 3});
        for word in ["amount:..", "promised_on:..", "line.qty:..", "quote:true", "stage:draft"] {
            assert!(parse(&[word]).is_ok_and(|filter| !filter.matches(&broken)), "{word}");
        }
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(
            word in "(-|line\\.|product|amount|promised_on|:|,|\\.\\.|[0-9]{1,4}|晨|：|\\PC){1,6}",
        ) {
            if let Ok(filter) = parse(&[word.as_str()]) {
                let negated = parse(&[format!("-{word}").as_str()]);
                let holds = filter.matches(&order());
                if !word.starts_with('-') {
                    prop_assert!(negated.is_ok_and(|negated| negated.matches(&order()) != holds));
                }
            }
        }
    }
}
