//! Checks that a file is a whole database of this program. No process may write to it during the check.

use std::path::Path;

use super::checks::{Depth, Findings, database};
use super::schema::{self, Schema};
use super::{sentence, sqlite};
use crate::platform::db::{ReadTx, Reader};
use crate::platform::error::Error;

/// Returns the schema of a sound file. Error sentences name the file `name`.
pub async fn sound_schema(file: &Path, name: &Path) -> Result<Schema, String> {
    let name = name.display();
    let reader = Reader::open_file(file)
        .await
        .map_err(|e| format!("{name} cannot be opened: {}.", sqlite::cause(&e)))?;
    let looked = reader.read(look).await;
    reader.close().await;
    match looked.map_err(sentence)? {
        Err(error) => Err(format!("{name} is damaged: {error}.")),
        Ok(schema @ (Schema::Older | Schema::Current)) => Ok(schema),
        Ok(other) => Err(format!("{name} cannot be used: {}.", schema::text(&other))),
    }
}

/// The inner error is SQLite's report about the pages.
async fn look(tx: &ReadTx) -> Result<Result<Schema, String>, Error> {
    let mut findings = Findings::default();
    database::check(tx, Depth::Full, &mut findings).await?;
    Ok(match findings.errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(schema::of(tx).await?),
    })
}
