//! Imports: a mapping, a byte 0xFF, and a CSV file that stands for each of its sources.

#![no_main]

use salesdesk_fuzz::hold;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == 0xFF);
    let (Some(mapping), Some(csv)) = (parts.next(), parts.next()) else { return };
    hold::import(mapping, csv);
});
