//! Files of the example company, whole and with bytes exchanged, through every promise about bytes.

use std::{fs, path::Path};

use proptest::prelude::*;
use salesdesk::record::{Form, KINDS, Kind};
use serde_json::json;

use crate::hold;

/// The example's files of a kind.
fn files(kind: Kind) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-example").join(kind.info().folder);
    let mut found = Vec::new();
    gather(&root, &mut found);
    assert!(!found.is_empty(), "the example holds no {kind}");
    found
}

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

/// A kind, and one of its files with some bytes exchanged for others.
fn damaged(register: bool) -> impl Strategy<Value = (Kind, Vec<u8>)> {
    let exchange = (
        any::<prop::sample::Index>(),
        prop::sample::select(b"\n\r\"',;[]{}=#.-+_0129aTZ\\ \t\0\xff".to_vec()),
    );
    let file = (prop::sample::select(kinds(register)), any::<prop::sample::Index>());
    (file, prop::collection::vec(exchange, 0..4)).prop_map(|((kind, at), exchanges)| {
        let files = files(kind);
        let mut bytes = files[at.index(files.len())].clone();
        for (at, byte) in exchanges {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        (kind, bytes)
    })
}

#[test]
fn every_record_of_the_example_is_the_same_when_it_is_printed_and_read_again() {
    for kind in KINDS {
        for file in files(*kind) {
            hold::record(*kind, &file);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_records_are_read_and_printed_alike((kind, bytes) in damaged(false)) {
        hold::record(kind, &bytes);
    }

    #[test]
    fn damaged_registers_are_read_and_written_alike((kind, bytes) in damaged(true)) {
        hold::register(kind, &bytes);
    }

    #[test]
    fn an_edit_leaves_every_other_byte_alone((kind, bytes) in damaged(false), at: usize, to: usize) {
        hold::edit(kind, &bytes, at, to);
    }

    #[test]
    fn periods_have_their_ends_in_order(
        words in "(this-|last-)?(day|week|month|quarter|year|[0-9]{1,4}d)|(20[0-9]{2}|FY20[0-9]{2})(-(Q[0-5]|W[0-5][0-9]|[01][0-9](-[0-3][0-9])?))?(\\.\\.(20[0-9]{2})?)?",
        closes_on: u32,
    ) {
        hold::period(&words, closes_on);
    }

    #[test]
    fn filters_and_their_negations_never_agree(words in "-?(customer|credit_days|date|line.qty|remarks|name)?:?[-0-9A-Za-z.,上 ]{0,12}") {
        let record = json!({
            "id": "SO-2609-0014", "date": "2026-09-23", "customer": "CX01", "credit_days": 30,
            "line": [{"no": 1, "product": "A100", "qty": "20", "price": "128.00"}],
        });
        hold::filter(Kind::Order, &words, &record);
    }
}
