//! Record files of every kind: the first byte is the kind, the rest the file.

#![no_main]

use salesdesk_fuzz::hold;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, file)) = bytes.split_first() else { return };
    hold::record(
        salesdesk::record::KINDS[usize::from(*first) % salesdesk::record::KINDS.len()],
        file,
    );
});
