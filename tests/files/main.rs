//! The files of a data directory, through the built program: what is found wrong in them
//! (`check`), what an edit leaves alone (`edit`), and what no file may do (`broken`, `names`).

#![expect(
    clippy::disallowed_methods,
    reason = "tests write broken data directories, which no command would"
)]

mod broken;
mod check;
mod corpus;
mod desk;
mod edit;
mod names;
