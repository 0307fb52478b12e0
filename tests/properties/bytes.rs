//! Files of the example company, whole and with bytes exchanged, through every promise about bytes.

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

use proptest::prelude::*;
use salesdesk::record::{Form, KINDS, Kind};
use serde_json::json;

use crate::hold;

/// The example's files of each kind.
static FILES: LazyLock<BTreeMap<Kind, Vec<Vec<u8>>>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-example");
    let of = |kind: &Kind| {
        let mut found = Vec::new();
        gather(&root.join(kind.info().folder), &mut found);
        assert!(!found.is_empty(), "the example holds no {kind}");
        (*kind, found)
    };
    KINDS.iter().map(of).collect()
});

fn gather(folder: &Path, found: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        match path.is_dir() {
            true => gather(&path, found),
            false => found.push(fs::read(path).expect("it can be read")),
        }
    }
}

fn kinds(register: bool) -> Vec<Kind> {
    KINDS.iter().copied().filter(|kind| (kind.info().form == Form::Register) == register).collect()
}

const MAPPING: &str = r#"
kind = "order"
known_by = "customer_po"

[[source]]
name = "orders"
key = "{PO}"

[fields]
date = "{Date}"
customer = "{Customer}"
customer_po = "{PO}"
remarks = "{PO} of {Date}"

[[fields.line]]
rows = "orders"
product = "{Item}"
qty = "{Quantity}"
price = "{Price}"
"#;
const ROWS: &str = "PO,Date,Customer,Item,Quantity,Price\nP-1,2026-08-11,CX01,A100,5,128.00\n\
    P-2,2026-09-12,CX01,A100,6,\"1,128.00\"\nP-2,,,A100,1,0\n";

/// Places, and the bytes that are put there.
fn exchanges() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    let byte = prop::sample::select(b"\n\r\"',;[]{}=#.-+_0129aTZ\\ \t\0\xff".to_vec());
    prop::collection::vec((any::<prop::sample::Index>(), byte), 0..4)
}

fn exchange(bytes: &mut [u8], exchanges: Vec<(prop::sample::Index, u8)>) {
    for (at, byte) in exchanges {
        bytes[at.index(bytes.len())] = byte;
    }
}

/// A kind, and one of its files with some bytes exchanged for others.
fn damaged(register: bool) -> impl Strategy<Value = (Kind, Vec<u8>)> {
    let file = (prop::sample::select(kinds(register)), any::<prop::sample::Index>());
    (file, exchanges()).prop_map(|((kind, at), exchanges)| {
        let files = &FILES[&kind];
        let mut bytes = files[at.index(files.len())].clone();
        exchange(&mut bytes, exchanges);
        (kind, bytes)
    })
}

/// Words like those of periods.
fn periods() -> impl Strategy<Value = String> {
    let named = "(this-|last-)?(day|week|month|quarter|year|[0-9]{1,4}d)";
    let part = "(-(Q[0-5]|W[0-5][0-9]|[01][0-9](-[0-3][0-9])?))?";
    let dated = format!("(FY)?20[0-9]{{2}}{part}(\\.\\.(20[0-9]{{2}}{part})?)?");
    let dated = prop::string::string_regex(&dated).expect("a sound expression");
    prop_oneof![named, dated]
}

/// Words like those of filters.
fn filters() -> &'static str {
    "-?(customer|credit_days|date|line.qty|remarks|name)?:?[-0-9A-Za-z.,上 ]{0,12}"
}

#[test]
fn every_record_of_the_example_is_the_same_when_it_is_printed_and_read_again() {
    for kind in KINDS {
        for file in &FILES[kind] {
            hold::record(*kind, file);
        }
    }
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn damaged_records_are_read_and_printed_alike((kind, bytes) in damaged(false)) {
        hold::record(kind, &bytes);
    }

    #[test]
    fn damaged_registers_are_read_and_written_alike((kind, bytes) in damaged(true)) {
        hold::register(kind, &bytes);
    }

    #[test]
    fn an_edit_leaves_every_other_byte_alone(
        (kind, bytes) in damaged(false), at: usize, to: usize,
    ) {
        hold::edit(kind, &bytes, at, to);
    }

    #[test]
    fn periods_have_their_ends_in_order(
        words in periods(),
        closes_on: u32,
    ) {
        hold::period(&words, closes_on);
    }

    #[test]
    fn filters_and_their_negations_never_agree(words in filters()) {
        let record = json!({
            "id": "SO-2609-0014", "date": "2026-09-23", "customer": "CX01", "credit_days": 30,
            "line": [{"no": 1, "product": "A100", "qty": "20", "price": "128.00"}],
        });
        hold::filter(Kind::Order, &words, &record);
    }
    #[test]
    fn an_import_makes_what_can_be_read_again_or_nothing(
        exchanges in exchanges(), in_mapping: bool,
    ) {
        let (mut mapping, mut csv) = (MAPPING.as_bytes().to_vec(), ROWS.as_bytes().to_vec());
        let target = if in_mapping { &mut mapping } else { &mut csv };
        exchange(target, exchanges);
        hold::import(&mapping, &csv);
    }
}
