//! The transactions that services get.

use std::sync::{Arc, Mutex, PoisonError};

use ::entity::stamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement, TransactionTrait,
};

use super::stamp_cache::{Epoch, StampCache};
use crate::platform::clock::Clock;
use crate::platform::error::Error;

/// A consistent, read-only view of the database.
#[derive(Debug)]
pub enum ReadTx {
    Transaction(DatabaseTransaction),
    /// Reads without a transaction, consistent until the next commit starts ([`super::Db::read_optimistic`]).
    Optimistic(DatabaseConnection, Arc<StampCache>, Epoch),
}

impl ReadTx {
    /// Returns whether all rows that were read so far belong to one state. If not, they must not be cached.
    pub fn is_consistent(&self) -> bool {
        match self {
            Self::Transaction(_) => true,
            Self::Optimistic(_, stamps, epoch) => stamps.is_current(*epoch),
        }
    }

    fn executor(&self) -> DatabaseExecutor<'_> {
        match self {
            Self::Transaction(tx) => tx.into(),
            Self::Optimistic(pool, ..) => pool.into(),
        }
    }
}

/// A write transaction: all of it is applied, or nothing.
#[derive(Debug)]
pub struct WriteTx {
    pub(super) tx: DatabaseTransaction,
    pub(super) clock: Clock,
    /// The stamps that the transaction gave, as they are after it; `None`: some of them are not known here.
    pub(super) given: Mutex<Option<Vec<stamp::Model>>>,
}

/// Work that only one transaction may do at a time, whatever the district. The numbers are shared by all instances on
/// a PostgreSQL database, so they never change.
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

/// To sea-orm both gates are ordinary connections.
macro_rules! delegate {
    ($gate:ty, $($inner:tt)+) => {
        #[async_trait::async_trait]
        impl ConnectionTrait for $gate {
            fn get_database_backend(&self) -> DbBackend {
                self.$($inner)+.get_database_backend()
            }
            async fn execute_raw(&self, s: Statement) -> Result<ExecResult, DbErr> {
                self.$($inner)+.execute_raw(s).await
            }
            async fn execute_unprepared(&self, s: &str) -> Result<ExecResult, DbErr> {
                self.$($inner)+.execute_unprepared(s).await
            }
            async fn query_one_raw(&self, s: Statement) -> Result<Option<QueryResult>, DbErr> {
                self.$($inner)+.query_one_raw(s).await
            }
            async fn query_all_raw(&self, s: Statement) -> Result<Vec<QueryResult>, DbErr> {
                self.$($inner)+.query_all_raw(s).await
            }
        }
    };
}
delegate!(ReadTx, executor());
delegate!(WriteTx, tx);

/// Runs `f` on one snapshot.
pub(super) async fn snapshot<T>(
    pool: &DatabaseConnection,
    f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>,
) -> Result<T, Error> {
    let tx = ReadTx::Transaction(pool.begin().await?);
    let out = f(&tx).await;
    if let ReadTx::Transaction(tx) = tx {
        tx.rollback().await?;
    }
    out
}
