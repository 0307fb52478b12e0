//! Words of periods: the first byte is the closing day of the company's months.

#![no_main]

use salesdesk_fuzz::hold;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, words)) = bytes.split_first() else { return };
    let Ok(words) = std::str::from_utf8(words) else { return };
    hold::period(words, u32::from(*first));
});
