//! The program as people use it: typed commands on a data directory of their own, and what they
//! print, write and exit with.
//!
//! One module per noun or tool. `SNAPSHOTS=overwrite` rewrites expected text that stands in the
//! tests, `UPDATE_GOLDEN=1` the reports in `tests/golden`; either is read before it is kept.

mod account;
mod bases;
mod check;
mod classicmodels;
mod closing;
mod concurrency;
mod contract;
mod credit;
mod customer;
mod deliveries;
mod desk;
mod documents;
mod due;
mod earmark;
mod edit;
mod exchange;
mod expense;
mod explain;
mod figures;
mod foreign;
mod formats;
mod fulfilment;
mod git;
mod given_back;
mod golden;
mod history;
mod ids;
mod index;
mod init;
mod instalments;
mod invoice;
mod issuing;
mod journal;
mod layering;
mod left_out;
mod lines;
mod list;
mod market;
mod master;
mod opening;
mod order;
mod output;
mod overrides;
mod payment;
mod receivables;
mod receivables_file;
mod renumber;
mod review;
mod rewrite;
mod session;
mod ship;
mod sites;
mod time;
mod today;
mod tools;
mod twins;
mod void;
