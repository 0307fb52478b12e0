//! Registers of every kind that is kept in one: the first byte is the kind, the rest the file.

#![no_main]

use salesdesk::record::{Form, KINDS, Kind};
use salesdesk_fuzz::hold;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, file)) = bytes.split_first() else { return };
    let kinds: Vec<Kind> =
        KINDS.iter().copied().filter(|kind| kind.info().form == Form::Register).collect();
    hold::register(kinds[usize::from(*first) % kinds.len()], file);
});
