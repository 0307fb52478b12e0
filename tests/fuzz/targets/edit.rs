//! Edits of record files: the first bytes are the kind, the field and its new value, the rest the
//! file.

#![no_main]

use salesdesk::record::{Form, KINDS, Kind};
use salesdesk_fuzz::hold;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [kind, at, to, file @ ..] = bytes else { return };
    let kinds: Vec<Kind> =
        KINDS.iter().copied().filter(|kind| kind.info().form != Form::Register).collect();
    hold::edit(kinds[usize::from(*kind) % kinds.len()], file, usize::from(*at), usize::from(*to));
});
