//! Maintenance of a database: check it (`verify`), compute its tallies again (`recount`), copy it while it is in use
//! (`backup`), replace it by a copy (`restore`). The commands are in [`crate::cli`]; the errors are sentences to show.

pub mod backup;
pub mod checks;
mod evidence;
pub mod files;
pub mod history;
mod integrity;
pub mod recount;
pub mod restore;
mod schema;
mod sqlite;
pub mod statement;
pub mod verify;

pub use sqlite::ensure_exists;

/// Returns a database error as a sentence to show.
fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}
