//! `iku verify`: checks the database in one snapshot, also while the service runs, and the files of evidence.

use std::path::Path;

use super::checks::{self, Depth, Findings};
use super::schema::{self, Schema};
use super::{sentence, sqlite};
use crate::platform::db::{ReadTx, Reader};
use crate::platform::error::Error;

/// Checks the database at an address, and its files in the folder of evidence.
pub async fn verify(url: &str, evidence: &Path, depth: Depth) -> Result<Findings, String> {
    sqlite::ensure_exists(url)?;
    let reader = Reader::open(url)
        .await
        .map_err(|e| format!("The database cannot be opened: {}.", sqlite::cause(&e)))?;
    let checked = reader.read(async |tx| sound(tx, evidence, depth).await).await;
    reader.close().await;
    checked.map_err(sentence)?
}

/// Runs the checks if the schema is the one of this version.
async fn sound(tx: &ReadTx, evidence: &Path, depth: Depth) -> Result<Result<Findings, String>, Error> {
    Ok(match schema::of(tx).await? {
        Schema::Current => {
            let mut findings = checks::all(tx, depth).await?;
            checks::evidence::files(tx, evidence, depth, &mut findings).await?;
            Ok(findings)
        }
        other => Err(format!("The database cannot be checked: {}.", schema::text(&other))),
    })
}
