//! Promises over all input, tried on likely input: files of the example company with bytes
//! exchanged, cells and figures of every size.
//!
//! What is promised stands in `hold.rs`, which the fuzz targets share.

#![expect(unreachable_pub, reason = "hold.rs is shared with the fuzz targets")]

use proptest::prelude::ProptestConfig;

mod bytes;
mod figures;
mod hold;
mod money;
mod pages;
mod receivables;

/// So many cases of each property, nothing kept between runs.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
