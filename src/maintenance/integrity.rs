//! Checks that a file is a whole database of this program. No process may write to it during the check.

use std::path::Path;

use super::checks::{Depth, Findings, database};
use super::schema::{self, Schema};
use super::{said, sqlite};
use crate::platform::db::{ReadTx, Reader};
use crate::platform::error::Error;

/// Returns the schema of a sound file. Error sentences call the file `called`, the name that people know.
pub async fn must_be_ours(file: &Path, called: &Path) -> Result<Schema, String> {
    let called = called.display();
    let reader = Reader::open_file(file)
        .await
        .map_err(|e| format!("{called} cannot be opened: {}.", sqlite::cause(&e)))?;
    let looked = reader.read(look).await;
    reader.close().await;
    match looked.map_err(said)? {
        Err(fault) => Err(format!("{called} is damaged: {fault}.")),
        Ok(schema @ (Schema::Older | Schema::Current)) => Ok(schema),
        Ok(other) => Err(format!("{called} cannot be used: {}.", schema::words(&other))),
    }
}

/// The inner error is what SQLite reports about the pages.
async fn look(tx: &ReadTx) -> Result<Result<Schema, String>, Error> {
    let mut findings = Findings::default();
    database::check(tx, Depth::Full, &mut findings).await?;
    Ok(match findings.faults.into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(schema::of(tx).await?),
    })
}
