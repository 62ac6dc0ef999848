//! What must hold in a sound database, one file per check. A check reads one snapshot and says what it found.

pub mod database;
pub mod stamps;
pub mod tallies;
pub mod versions;

use crate::platform::db::ReadTx;
use crate::platform::error::Error;

/// Findings of one check that are shown; more of the same kind do not help.
const SHOWN: u64 = 100;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// One line each; empty: the database is sound.
    pub faults: Vec<String>,
    /// What was checked, one line each.
    pub checked: Vec<String>,
}

/// How closely SQLite looks at its own file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every page, and whether every index holds every row.
    Full,
    /// Every page.
    Quick,
}

/// Every check, on one snapshot. What the database itself calls damaged is not looked at further.
pub async fn all(tx: &ReadTx, depth: Depth) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    database::check(tx, depth, &mut findings).await?;
    if findings.faults.is_empty() {
        records(tx, &mut findings).await?;
    }
    Ok(findings)
}

/// The checks of the records, without the check of the file.
pub async fn records(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    tallies::check(tx, findings).await?;
    stamps::check(tx, findings).await?;
    versions::check(tx, findings).await
}
