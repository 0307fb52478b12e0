//! Words of filters: the first byte is the kind.

#![no_main]

use salesdesk::record::KINDS;
use salesdesk_fuzz::hold;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, words)) = bytes.split_first() else { return };
    let Ok(words) = std::str::from_utf8(words) else { return };
    let record = serde_json::json!({
        "id": "SO-2609-0014", "date": "2026-09-23", "customer": "CX01", "prices_include_tax": true,
        "name": "上海晨星医药有限公司", "credit_days": 30, "remarks": "",
        "line": [{"no": 1, "product": "A100", "qty": "20", "price": "128.00"}],
    });
    hold::filter(KINDS[usize::from(*first) % KINDS.len()], words, &record);
});
