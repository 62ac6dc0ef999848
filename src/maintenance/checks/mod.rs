//! The checks of a database, one file each. They read one snapshot and collect their findings.

pub mod closings;
pub mod database;
pub mod evidence;
pub mod journal;
pub mod stamps;
pub mod tallies;
pub mod versions;

use crate::platform::db::ReadTx;
use crate::platform::error::Error;

/// The most findings of one check that are shown.
const SHOWN: u64 = 100;

/// The results of the checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// One line each; empty: the database is sound.
    pub errors: Vec<String>,
    /// The finished checks, one line each.
    pub checked: Vec<String>,
}

/// The depth of SQLite's check of its own file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every page, and whether every index holds every row.
    Full,
    /// Every page.
    Quick,
}

/// Runs every check on one snapshot. If SQLite reports damage, the records are not checked.
pub async fn all(tx: &ReadTx, depth: Depth) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    database::check(tx, depth, &mut findings).await?;
    if findings.errors.is_empty() {
        records(tx, &mut findings).await?;
    }
    Ok(findings)
}

/// Runs the checks of the records, without the check of the file.
pub async fn records(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    tallies::check(tx, findings).await?;
    stamps::check(tx, findings).await?;
    versions::check(tx, findings).await?;
    journal::check(tx, findings).await?;
    evidence::check(tx, findings).await?;
    closings::check(tx, findings).await
}
