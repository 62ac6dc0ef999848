//! Looking after a database: is it sound (`verify`), its tallies made anew (`recount`), a copy of it made while it is in
//! use (`backup`) and put back (`restore`). The commands are in [`crate::cli`]; errors here are sentences to show.

pub mod backup;
pub mod checks;
mod files;
mod integrity;
pub mod recount;
pub mod restore;
mod schema;
mod sqlite;
pub mod verify;

pub use sqlite::must_be_there;

/// What becomes of a database error whose cause is already in the log.
fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
