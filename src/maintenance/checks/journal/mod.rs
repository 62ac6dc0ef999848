//! Checks the audit trail: every chain is whole, and every record is as its event says. Each finding names the first row that was
//! changed behind the service's back.

pub mod answers;
mod chains;
pub mod records;

use super::Findings;
use crate::platform::db::ReadTx;
use crate::platform::error::Error;
use crate::platform::text::quantity;

/// Rows that are read at a time.
pub const BATCH: u64 = 1000;

pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    let events = chains::check(tx, findings).await?;
    let versions = records::check(tx, findings).await?;
    let answers = answers::check(tx, findings).await?;
    findings.checked.push(format!(
        "journal: {}, {}, {}",
        quantity(events, "event"),
        quantity(versions, "version"),
        quantity(answers, "change of answers")
    ));
    Ok(())
}
