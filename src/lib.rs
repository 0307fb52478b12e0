//! `salesdesk`: the library behind the program `desk`, a sales back office over plain files.
//!
//! One direction: files → store → records → facts → book → report → page → render. What a person
//! decided or saw stands in files; everything else is computed, as of a date. Writing goes the
//! other way through one gate, [`desk::Desk::write`]. Not a stable API: the files and the command
//! line are.

pub mod value;

pub mod error;
pub mod finding;
pub mod page;

pub mod fact;
pub mod record;

pub mod config;
pub mod store;

pub mod book;

pub mod filter;
pub mod rules;

pub mod import;
pub mod ops;
pub mod report;

pub mod desk;

pub mod render;
pub mod ui;

pub mod cli;
mod demo;
