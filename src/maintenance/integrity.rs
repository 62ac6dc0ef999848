//! Is a file a whole database of this program? Asked of a copy that nobody writes to.

use std::path::Path;

use super::checks::{Depth, Findings, database};
use super::schema::{self, Schema};
use super::{said, sqlite};
use crate::platform::db::{ReadTx, Reader};
use crate::platform::error::Error;

/// The schema of a sound file. In the sentence of an error it is called by the name that people know.
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

/// The error is what SQLite says of the pages.
async fn look(tx: &ReadTx) -> Result<Result<Schema, String>, Error> {
    let mut findings = Findings::default();
    database::check(tx, Depth::Full, &mut findings).await?;
    Ok(match findings.faults.into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(schema::of(tx).await?),
    })
}
