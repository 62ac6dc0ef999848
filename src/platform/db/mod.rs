//! The database behind two gates: [`Db::read`] and [`Db::write`] are the only places where a
//! transaction begins. Services take `&impl ConnectionTrait` to read and `&WriteTx` to write.

pub mod connect;
pub mod lock;
pub mod reader;
mod stamp_cache;
pub mod stamps;
pub mod versions;

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::clock::Clock;
use super::error::Error;
use super::trace;
use stamp_cache::{Epoch, StampCache};

pub use reader::Reader;
pub use stamps::{Stamp, Stamps, Stream};
pub use versions::Versioned;

/// A consistent, read-only view of the database.
#[derive(Debug)]
pub enum ReadTx {
    Transaction(DatabaseTransaction),
    /// Reads without a transaction, consistent until the next commit starts ([`Db::read_optimistic`]).
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
    tx: DatabaseTransaction,
    clock: Clock,
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

/// A writing pool (one connection on SQLite) and a pool of read-only connections.
#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    clock: Clock,
    /// On SQLite only, where this process is the only one that writes facts.
    stamp_cache: Option<Arc<StampCache>>,
}

impl Db {
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Calls `listener` with every statement that reads. For tests.
    pub fn with_listener(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.reader
            .set_metric_callback(move |info| listener(&info.statement.sql));
        self
    }

    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Returns the writing connection outside any gate: for migrations and the readiness check only.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Runs `f` on one snapshot. The database refuses writes in it.
    pub async fn read<T>(&self, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
        snapshot(&self.reader, f).await
    }

    /// Runs `f` without a transaction, with the stamps of a district (`None`: of all). While no commit starts, all reads
    /// see the state that these stamps describe. Returns `None` when a commit is in progress or has started meanwhile,
    /// and always on PostgreSQL: then the result of `f` may mix two states, and is dropped.
    pub async fn read_optimistic<T>(
        &self,
        district: Option<&str>,
        f: impl AsyncFnOnce(&ReadTx, &Stamps) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let Some(cache) = &self.stamp_cache else {
            return Ok(None);
        };
        let Some(epoch) = cache.quiet() else {
            return Ok(None);
        };
        let stamps = self.stamps(district).await?;
        let tx = ReadTx::Optimistic(self.reader.clone(), Arc::clone(cache), epoch);
        let out = f(&tx, &stamps).await;
        tx.is_consistent().then_some(out).transpose()
    }

    /// Runs `f` on one consistent state and its stamps, without a transaction where that is possible. `f` may run twice.
    pub async fn read_with_stamps<T>(
        &self,
        district: Option<&str>,
        f: impl AsyncFn(&ReadTx, &Stamps) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(out) = self.read_optimistic(district, &f).await? {
            return Ok(out);
        }
        self.read(async |tx| f(tx, &Stamps::load(tx, district).await?).await)
            .await
    }

    /// Runs `f` in a write transaction: commits when `f` returns `Ok`, rolls back otherwise.
    /// Never nest two: the inner one would wait for the outer one (services take `&WriteTx`, never `Db`).
    pub async fn write<T>(&self, f: impl AsyncFnOnce(&WriteTx) -> Result<T, Error>) -> Result<T, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let tx = WriteTx {
            tx: self.writer.begin_with_options(options).await?,
            clock: self.clock.clone(),
        };
        match f(&tx).await {
            Ok(value) => {
                // In a task of its own: a client that goes away must not stop the commit between its start and its end.
                let commit = commit(tx.tx, self.stamp_cache.clone());
                let task = tokio::spawn(trace::on_behalf_of_some(trace::current(), commit));
                task.await.map_err(Error::internal)??;
                Ok(value)
            }
            Err(error) => {
                tx.tx.rollback().await.ok();
                Err(error)
            }
        }
    }

    pub async fn close(self) -> Result<(), Error> {
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }
}

async fn snapshot<T>(pool: &DatabaseConnection, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
    let tx = ReadTx::Transaction(pool.begin().await?);
    let out = f(&tx).await;
    if let ReadTx::Transaction(tx) = tx {
        tx.rollback().await?;
    }
    out
}

/// Commits, and forgets the stamps before anybody gets a reply.
async fn commit(tx: DatabaseTransaction, stamp_cache: Option<Arc<StampCache>>) -> Result<(), DbErr> {
    let Some(cache) = stamp_cache else {
        return tx.commit().await;
    };
    cache.start_commit();
    let committed = tx.commit().await;
    cache.end_commit();
    committed
}
