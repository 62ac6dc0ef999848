//! The transaction that services write in.

use std::sync::{Mutex, PoisonError};

use ::entity::stamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::platform::clock::Clock;
use crate::platform::error::Error;
use crate::platform::sealing::SealingKey;

/// A write transaction: all of it is applied, or nothing.
#[derive(Debug)]
pub struct WriteTx {
    pub(super) tx: DatabaseTransaction,
    pub(super) clock: Clock,
    pub(super) sealing_key: Option<SealingKey>,
    /// The stamps that the transaction gave, as they are after it; `None`: some of them are unknown.
    pub(super) given: Mutex<Option<Vec<stamp::Model>>>,
}

/// Work that only one transaction may do at a time, in all districts. The numbers are shared by all instances on a
/// PostgreSQL database, so they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdvisoryLock {
    Migration = 6_311_060,
    Accounts = 6_311_062,
    Indicators = 6_311_063,
    KeyRotation = 6_311_064,
}

impl WriteTx {
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn sealing_key(&self) -> Option<&SealingKey> {
        self.sealing_key.as_ref()
    }

    /// Notes stamps for the cache; `None`: the caller does not know them.
    pub(super) fn note_stamps(&self, rows: Option<Vec<stamp::Model>>) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        *given = given.take().zip(rows).map(|(before, rows)| [before, rows].concat());
    }

    /// Waits until no other transaction holds the lock, and holds it to the end of this one. SQLite needs no lock: it
    /// has one write transaction at a time.
    pub async fn advisory_lock(&self, lock: AdvisoryLock) -> Result<(), Error> {
        if self.get_database_backend() == DbBackend::Postgres {
            let sql = format!("SELECT pg_advisory_xact_lock({})", lock as i64);
            self.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

/// Makes the transaction a connection for sea-orm.
#[async_trait::async_trait]
impl ConnectionTrait for WriteTx {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }
    async fn execute_raw(&self, s: Statement) -> Result<ExecResult, DbErr> {
        self.tx.execute_raw(s).await
    }
    async fn execute_unprepared(&self, s: &str) -> Result<ExecResult, DbErr> {
        self.tx.execute_unprepared(s).await
    }
    async fn query_one_raw(&self, s: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.tx.query_one_raw(s).await
    }
    async fn query_all_raw(&self, s: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.tx.query_all_raw(s).await
    }
}
