//! The audit trail: nothing is written without an event, nothing is changed unseen, and readers follow it without a gap.

mod chains;
mod changes;
mod events;
mod history;
mod tampering;

use iku::maintenance::checks::{Findings, journal};
use iku::platform::db::Db;
use sea_orm::ConnectionTrait;

use crate::support::backend::Backend;

/// Returns what the check of the journal finds.
pub async fn findings(db: &Db) -> Vec<String> {
    let mut findings = Findings::default();
    db.snapshot(async |tx| journal::check(tx, &mut findings).await)
        .await
        .unwrap();
    findings.errors
}

pub async fn sql(db: &Db, statement: &str) {
    let done = db.connection().execute_unprepared(statement).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Switches the triggers of the journal off, as the owner of the database can.
async fn disarm(db: &Db, backend: Backend) {
    match backend {
        Backend::Sqlite => {
            sql(db, "DROP TRIGGER journal_no_UPDATE").await;
            sql(db, "DROP TRIGGER journal_no_DELETE").await;
        }
        Backend::Postgres => sql(db, "ALTER TABLE journal DISABLE TRIGGER ALL").await,
    }
}
