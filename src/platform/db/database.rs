//! The pools, and how work runs on them.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sea_orm::{
    DatabaseConnection, DbBackend, DbErr, QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use tracing::Instrument;

use super::stamp_cache::StampCache;
use super::stream::{Stamps, select};
use super::transaction::{ReadTx, WriteTx, snapshot};
use crate::platform::clock::Clock;
use crate::platform::error::{Error, OrInternal};

/// A writing pool (one connection on SQLite) and a pool of read-only connections.
#[derive(Clone, Debug)]
pub struct Db {
    pub(super) writer: DatabaseConnection,
    pub(super) reader: DatabaseConnection,
    pub(super) clock: Clock,
    /// On SQLite only, where no other process writes facts.
    pub(super) stamp_cache: Option<Arc<StampCache>>,
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
            given: Mutex::new(Some(Vec::new())),
        };
        match f(&tx).await {
            Ok(value) => {
                // In a task of its own: a client that goes away must not stop the commit between its start and its end.
                let commit = commit(tx, self.stamp_cache.clone());
                let task = tokio::spawn(commit.in_current_span());
                task.await.or_internal()??;
                Ok(value)
            }
            Err(error) => {
                tx.tx.rollback().await.ok();
                Err(error)
            }
        }
    }

    /// Returns the stamps of a district (`None`: of all). Takes no statement on SQLite while they are cached, and one on
    /// PostgreSQL, where other processes write too.
    pub async fn stamps(&self, district: Option<&str>) -> Result<Arc<Stamps>, Error> {
        let Some(cache) = &self.stamp_cache else {
            return Ok(Arc::new(Stamps::load(&self.reader, district).await?));
        };
        let all = match cache.get() {
            Some(all) => all,
            None => {
                let epoch = cache.quiet();
                let all = Arc::new(Stamps::load(&self.reader, None).await?);
                if let Some(epoch) = epoch {
                    cache.put(epoch, Arc::clone(&all));
                }
                all
            }
        };
        Ok(match district {
            Some(code) => Arc::new(all.of_district(code)),
            None => all,
        })
    }

    /// Waits for the writes that are running in a district (`None`: any). A write that has its stamp but is not committed
    /// would be missing in a reply about a later instant, and present in the next reply about the same instant.
    pub async fn wait_for_writers(&self, district: Option<&str>) -> Result<(), Error> {
        self.write(async |tx| {
            select(district).lock_shared().all(tx).await?;
            Ok(())
        })
        .await
    }

    /// Runs `f` on a snapshot for a reply about `as_of` (`None`: now) in a district (`None`: any). Waits for running
    /// writes first, if one of them may still get an instant before `as_of`.
    pub async fn read_as_of<T>(
        &self,
        as_of: Option<DateTime<Utc>>,
        district: Option<&str>,
        f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if as_of.is_some() && !self.stamps(district).await?.is_settled(as_of) {
            self.wait_for_writers(district).await?;
        }
        self.read(f).await
    }

    pub async fn close(self) -> Result<(), Error> {
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }
}

/// Commits, and brings the cached stamps up to date before the caller gets a reply.
async fn commit(WriteTx { tx, given, .. }: WriteTx, stamp_cache: Option<Arc<StampCache>>) -> Result<(), DbErr> {
    let Some(cache) = stamp_cache else {
        return tx.commit().await;
    };
    cache.start_commit();
    let committed = tx.commit().await;
    let given = given.into_inner().unwrap_or_else(PoisonError::into_inner);
    cache.end_commit(given.as_deref().filter(|_| committed.is_ok()));
    committed
}
