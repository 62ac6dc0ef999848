//! Removes what uploads left behind: part files of a killed process, and files whose row was never recorded.

use std::fs::DirEntry;
use std::io::ErrorKind;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use ::entity::evidence::{Column as F, Entity as Files};
use ::entity::journal::{Column as J, Entity as Journal};

use super::store::EvidenceStore;
use crate::platform::db::journal::{Action, Resource};
use crate::platform::db::{AdvisoryLock, Db, ReadTx};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::Sha256;

/// What is younger may belong to an upload that runs.
const AGE: TimeDelta = TimeDelta::hours(24);

/// Removes what is a day old and has no row. Returns how many files were removed. What is older than the last restore of the
/// database stays: it may belong to the former database.
pub async fn sweep(db: &Db, store: &EvidenceStore) -> Result<usize, Error> {
    let before = db.clock().now() - AGE;
    let restored = db.read_one(async |tx| last_restore(tx).await).await?;
    let mut removed = 0;
    for entry in store.entries().or_internal()? {
        if !is_older(&entry, before) {
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        removed += match Sha256::try_from(name.clone()) {
            Ok(_) if restored.is_some_and(|restored| is_older(&entry, restored)) => 0,
            Ok(sha256) => usize::from(remove_orphan(db, store, &sha256, before).await?),
            // `object_store` names part files like this.
            Err(_) if is_part(&name) => usize::from(remove_part(&entry)?),
            // Not ours.
            Err(_) => 0,
        };
    }
    Ok(removed)
}

/// Returns when the database was last restored from a backup.
async fn last_restore(conn: &ReadTx) -> Result<Option<DateTime<Utc>>, Error> {
    let restores = Journal::find()
        .select_only()
        .column_as(J::At.max(), "restored")
        .filter(J::Resource.eq(Resource::Database.as_str()))
        .filter(J::Action.eq(Action::Restored.as_str()));
    let restored: Option<Option<DateTime<Utc>>> = restores.into_tuple().one(conn).await?;
    Ok(restored.flatten())
}

/// Removes a file if it has no row. An upload that gave a file its name records the row under the same lock, and looks whether the
/// file is still there.
async fn remove_orphan(db: &Db, store: &EvidenceStore, sha256: &Sha256, before: DateTime<Utc>) -> Result<bool, Error> {
    let is_known = async || {
        let row = Files::find().filter(F::Sha256.eq(sha256.as_str()));
        db.read_one(async |tx| Ok(row.clone().one(tx).await?.is_some())).await
    };
    if is_known().await? {
        return Ok(false);
    }
    db.write(async |tx| {
        tx.advisory_lock(AdvisoryLock::Evidence).await?;
        let row = Files::find().filter(F::Sha256.eq(sha256.as_str()));
        let found = store.find(sha256).await?;
        let is_orphan = row.one(tx).await?.is_none() && found.is_some_and(|found| found.last_modified < before);
        if is_orphan {
            store.remove(sha256).await?;
        }
        Ok(is_orphan)
    })
    .await
}

fn is_part(name: &str) -> bool {
    let parts = name.split_once('#');
    parts.is_some_and(|(hash, number)| {
        Sha256::try_from(hash.to_owned()).is_ok() && number.bytes().all(|b| b.is_ascii_digit())
    })
}

fn remove_part(entry: &DirEntry) -> Result<bool, Error> {
    match std::fs::remove_file(entry.path()) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::internal(e)),
    }
}

fn is_older(entry: &DirEntry, before: DateTime<Utc>) -> bool {
    let modified = entry.metadata().and_then(|found| found.modified());
    modified.is_ok_and(|modified| DateTime::<Utc>::from(modified) < before)
}
