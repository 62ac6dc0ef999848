//! Checks that every file of evidence that is recorded has its event in the journal, and its bytes in the folder.

use std::collections::HashMap;
use std::path::Path;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use ::entity::journal::{Column as J, Entity as Journal};

use super::{Depth, Findings, SHOWN};
use crate::evidence::query::{REGENCY, files_after, hashes_after};
use crate::maintenance::evidence::{Bytes, bytes_of};
use crate::platform::db::ReadTx;
use crate::platform::db::journal::content::{digest_of, row_text};
use crate::platform::db::journal::{Resource, SERVICE};
use crate::platform::error::Error;
use crate::platform::text::quantity;

/// The rows that are read at once.
const STEP: u64 = 1000;

/// Compares the recorded files with their events.
pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    let mut after = (String::new(), String::new());
    let mut files = 0;
    loop {
        let rows = files_after(tx, &after, STEP).await?;
        let Some(last) = rows.last() else { break };
        after = (last.sha256.clone(), last.district_code.clone());
        let noted = noted(tx, rows.iter().map(|row| row.sha256.clone())).await?;
        for row in &rows {
            files += 1;
            let chain = if row.district_code == REGENCY {
                SERVICE
            } else {
                &row.district_code
            };
            let key = (chain.to_owned(), row.sha256.clone());
            let fault = match noted.get(&key) {
                None => "has no event; it was not written by the service",
                Some(content) if *content != digest_of([&row_text(row)]) => "was changed after it was recorded",
                Some(_) => continue,
            };
            findings.errors.push(format!("evidence: {} {fault}", row.sha256));
        }
    }
    let events: i64 = Journal::find()
        .select_only()
        .column_as(J::Seq.count(), "events")
        .filter(J::Resource.eq(Resource::Evidence.as_str()))
        .into_tuple()
        .one(tx)
        .await?
        .unwrap_or(0);
    if events > files {
        let removed = quantity(events - files, "recorded file");
        findings.errors.push(format!("evidence: {removed} removed"));
    }
    findings
        .checked
        .push(format!("evidence: {}", quantity(files, "recorded file")));
    Ok(())
}

/// Returns the digests of the events of some files, by chain and hash.
async fn noted(
    conn: &impl ConnectionTrait,
    keys: impl Iterator<Item = String>,
) -> Result<HashMap<(String, String), Vec<u8>>, Error> {
    let rows: Vec<(String, String, Option<Vec<u8>>)> = Journal::find()
        .select_only()
        .columns([J::Chain, J::Key, J::Content])
        .filter(J::Resource.eq(Resource::Evidence.as_str()))
        .filter(J::Key.is_in(keys))
        .into_tuple()
        .all(conn)
        .await?;
    let noted = rows.into_iter();
    Ok(noted
        .map(|(chain, key, content)| ((chain, key), content.unwrap_or_default()))
        .collect())
}

/// Compares the recorded files with the bytes in a folder: all bytes, or with a quick check their number.
pub async fn files(tx: &ReadTx, folder: &Path, depth: Depth, findings: &mut Findings) -> Result<(), Error> {
    let (mut after, mut files, mut faults) = (String::new(), 0_u64, 0);
    loop {
        let rows = hashes_after(tx, &after, STEP).await?;
        let Some((last, _)) = rows.last() else { break };
        after.clone_from(last);
        for (sha256, bytes) in rows {
            files += 1;
            let fault = match bytes_of(&folder.join(&sha256), &sha256, bytes, depth) {
                Bytes::Right => continue,
                Bytes::Missing => "is missing".to_owned(),
                Bytes::Changed => "has other bytes than it had".to_owned(),
                Bytes::Unreadable(error) => format!("cannot be read: {error}"),
            };
            faults += 1;
            if faults <= SHOWN {
                let place = folder.display();
                findings.errors.push(format!("evidence: {place}/{sha256} {fault}"));
            }
        }
    }
    let line = format!("evidence: {} in {}", quantity(files, "file"), folder.display());
    findings.checked.push(line);
    Ok(())
}
