//! Promises over all input, tried on likely input: files of the example company with bytes
//! exchanged, cells and figures of every size.
//!
//! What is promised stands in `hold.rs`, which the fuzz targets share.

#![expect(unreachable_pub, reason = "hold.rs is shared with the fuzz targets")]

mod bytes;
mod figures;
mod hold;
mod money;
mod pages;
