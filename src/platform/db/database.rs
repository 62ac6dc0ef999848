//! The connection pools, and the reads and writes on them.

use std::sync::Arc;

use parking_lot::Mutex;
use sea_orm::{
    DatabaseConnection, DbBackend, DbErr, QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tracing::Instrument;

use super::journal::append_events;
use super::reading::{Listener, Memory, ReadTx, Reads};
use super::stamp_view::StampView;
use super::stream::{Stamps, select};
use super::transaction::WriteTx;
use crate::platform::clock::Clock;
use crate::platform::error::{Error, OrInternal};
use crate::platform::sealing::SealingKey;

/// A writing pool (one connection on SQLite) and a pool of read-only connections.
#[derive(Clone, Debug)]
pub struct Db {
    pub(super) writer: DatabaseConnection,
    pub(super) reads: Reads,
    pub(super) probe: Reads,
    pub(super) clock: Clock,
    /// Encrypts private keys in the database.
    pub(super) sealing_key: Option<SealingKey>,
}

impl Db {
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    pub fn sealing_key(&self) -> Option<&SealingKey> {
        self.sealing_key.as_ref()
    }

    pub fn with_sealing_key(self, sealing_key: Option<SealingKey>) -> Self {
        Self { sealing_key, ..self }
    }

    /// Calls `listener` with every statement that reads. For tests.
    pub fn with_listener(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.reads.listener = Some(Listener(Arc::new(listener)));
        self
    }

    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Returns the writing connection without a transaction, for migrations only.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Runs `f` on one state of the database, without a transaction where that is possible. `f` may run twice. The database
    /// refuses writes in it.
    pub async fn read<T>(&self, f: impl AsyncFn(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
        match self.reads.optimistic(&f).await {
            Some(out) => out,
            None => self.snapshot(f).await,
        }
    }

    /// Does the same for an `f` that, as a rule, takes one statement and so needs no transaction on either database.
    pub async fn read_one<T>(&self, f: impl AsyncFn(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
        match self.reads.single(&f).await {
            Some(out) => out,
            None => self.read(f).await,
        }
    }

    /// Runs `f` once, in a transaction that reads one snapshot.
    pub async fn snapshot<T>(&self, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
        self.reads.snapshot(f).await
    }

    /// Runs `f` on a connection that nothing else uses, so that no other read can delay it: for the readiness check.
    pub async fn probe<T>(&self, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
        self.probe.snapshot(f).await
    }

    /// Runs `f` on one state of the database and its stamps. `f` may run twice.
    pub async fn read_with_stamps<T>(
        &self,
        f: impl AsyncFn(&ReadTx, StampView<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.read(async |tx| f(tx, tx.stamp_view().await?).await).await
    }

    /// Returns the current stamps: on SQLite all of them in memory, on PostgreSQL to be read as they are needed.
    pub async fn stamp_view(&self) -> Result<StampView<'_>, Error> {
        self.reads.stamp_view().await
    }

    /// Runs `f` in a write transaction: commits when `f` returns `Ok`, rolls back otherwise. Never nest two: the inner
    /// transaction would wait for the outer one (services take `&WriteTx`, never `Db`).
    pub async fn write<T>(&self, f: impl AsyncFnOnce(&WriteTx) -> Result<T, Error>) -> Result<T, Error> {
        let tx = self.begin_write().await?;
        let done = match f(&tx).await {
            Ok(value) => append_events(&tx).await.map(|()| value),
            Err(error) => Err(error),
        };
        match done {
            Ok(value) => {
                // In a separate task, so that a disconnected client cannot interrupt the commit.
                let commit = commit(tx, self.reads.memory.clone());
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

    /// Runs `f` as [`Self::write`] does, and undoes all that it wrote: to see what a write would do.
    pub async fn rehearse<T>(&self, f: impl AsyncFnOnce(&WriteTx) -> Result<T, Error>) -> Result<T, Error> {
        let tx = self.begin_write().await?;
        let done = f(&tx).await;
        tx.tx.rollback().await.ok();
        done
    }

    async fn begin_write(&self) -> Result<WriteTx, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(WriteTx {
            tx: self.writer.begin_with_options(options).await?,
            clock: self.clock.clone(),
            sealing_key: self.sealing_key.clone(),
            given: Mutex::new(Some(Vec::new())),
            events: Mutex::default(),
            heads: self.reads.memory.as_ref().map(|memory| Arc::clone(&memory.heads)),
            appended: Mutex::default(),
            written: Mutex::default(),
        })
    }

    /// Returns the stamps of a district (`None`: of all). Takes no statement on SQLite while they are cached.
    pub async fn stamps(&self, district: Option<&str>) -> Result<Arc<Stamps>, Error> {
        self.reads.stamps(district).await
    }

    /// Waits for the writes that are running in a district (`None`: any). A write that has its stamp but is not
    /// committed would be missing in a response about a later instant, and present in the next response about the same
    /// instant.
    pub async fn wait_for_writers(&self, district: Option<&str>) -> Result<(), Error> {
        self.write(async |tx| {
            select(district).lock_shared().all(tx).await?;
            Ok(())
        })
        .await
    }

    pub async fn close(self) -> Result<(), Error> {
        self.reads.close().await;
        self.probe.close().await;
        self.writer.close().await?;
        Ok(())
    }
}

/// Commits, and updates what is in memory before the caller gets a response.
async fn commit(tx: WriteTx, memory: Option<Memory>) -> Result<(), DbErr> {
    let WriteTx {
        tx, given, appended, ..
    } = tx;
    let Some(Memory { stamps, heads, .. }) = memory else {
        return tx.commit().await;
    };
    let appended = appended.into_inner();
    stamps.start_commit();
    let number = heads.start_commit(&appended);
    let committed = tx.commit().await;
    let given = given.into_inner();
    stamps.end_commit(given.as_deref().filter(|_| committed.is_ok()));
    if committed.is_ok() {
        heads.end_commit(number, appended);
    }
    committed
}
