//! The database behind two gates: [`Db::read`] and [`Db::write`] are the only places where a
//! transaction begins. Services take `&impl ConnectionTrait` to read and `&WriteTx` to write.

pub mod connect;
pub mod lock;
mod memory;
pub mod reader;
pub mod stamps;
pub mod versions;

use std::sync::{Arc, Mutex, PoisonError};

use ::entity::stamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tracing::Instrument;

use super::clock::Clock;
use super::error::Error;
use memory::{Memory, Rest};

pub use reader::Reader;
pub use stamps::{Reached, Stamp, Stream};
pub use versions::Versioned;

/// One consistent, read-only snapshot: a transaction, or whatever is read while nobody commits.
#[derive(Debug)]
pub struct ReadTx(View);

#[derive(Debug)]
enum View {
    Transaction(DatabaseTransaction),
    Rest(DatabaseConnection),
}

impl ReadTx {
    fn executor(&self) -> DatabaseExecutor<'_> {
        match &self.0 {
            View::Transaction(tx) => tx.into(),
            View::Rest(pool) => pool.into(),
        }
    }
}

/// One write transaction; what it did is there in full or not at all.
#[derive(Debug)]
pub struct WriteTx {
    tx: DatabaseTransaction,
    clock: Clock,
    /// The stamps that this transaction gave, in its order.
    stamped: Mutex<Vec<stamp::Model>>,
}

impl WriteTx {
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Notes stamps as they are after the commit.
    fn stamped(&self, rows: impl IntoIterator<Item = stamp::Model>) {
        self.stamped.lock().unwrap_or_else(PoisonError::into_inner).extend(rows);
    }

    /// Waits until no other transaction holds this number, and holds it to the end of this one. On SQLite every write
    /// is alone anyway.
    pub async fn alone(&self, number: i64) -> Result<(), Error> {
        if self.get_database_backend() == DbBackend::Postgres {
            let lock = format!("SELECT pg_advisory_xact_lock({number})");
            self.execute_unprepared(&lock).await?;
        }
        Ok(())
    }
}

/// A state of the database that is read, and its stamps.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    pub stamps: &'a [stamp::Model],
    rest: Option<(&'a Memory, &'a Rest)>,
}

impl<'a> State<'a> {
    /// That of a snapshot.
    pub fn of_snapshot(stamps: &'a [stamp::Model]) -> Self {
        Self { stamps, rest: None }
    }

    /// Is what has been read up to now all of this state? What is not must not be kept under its stamps.
    pub fn holds(&self) -> bool {
        self.rest.is_none_or(|(memory, rest)| memory.lasts(rest))
    }
}

/// Both gates are connections like any other to sea-orm.
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

/// A writing pool (one connection on SQLite) and a reading one whose connections are read-only snapshots.
#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    clock: Clock,
    /// On SQLite, where nobody else writes.
    memory: Option<Arc<Memory>>,
}

impl Db {
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// The writing connection outside any gate: migrations and the readiness check only.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Runs `f` on one snapshot. A write inside it is refused by the database.
    pub async fn read<T>(&self, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
        snapshot(&self.reader, f).await
    }

    /// Runs `f` on the state that it is given, that of a district (`None`: of all), without a transaction:
    /// SQLite has one writer, this process, and as long as it does not commit there is one state only. `None` when that
    /// cannot be said, from the start or in the end; what `f` made is thrown away then.
    pub async fn read_at_rest<T>(
        &self,
        district: Option<&str>,
        f: impl AsyncFnOnce(&ReadTx, State<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let Some(memory) = &self.memory else { return Ok(None) };
        let Some(rest) = memory.rest(district) else {
            return Ok(None);
        };
        let state = State {
            stamps: &rest.stamps,
            rest: Some((memory, &rest)),
        };
        let out = f(&ReadTx(View::Rest(self.reader.clone())), state).await;
        state.holds().then_some(out).transpose()
    }

    /// Runs `f` in a write transaction: committed when it answers `Ok`, rolled back otherwise.
    /// Never nest two: the inner one would wait for the outer one (services take `&WriteTx`, never `Db`).
    pub async fn write<T>(&self, f: impl AsyncFnOnce(&WriteTx) -> Result<T, Error>) -> Result<T, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let tx = WriteTx {
            tx: self.writer.begin_with_options(options).await?,
            clock: self.clock.clone(),
            stamped: Mutex::default(),
        };
        match f(&tx).await {
            Ok(value) => {
                // A task of its own: whoever asked may go away now, and the memory still hears of the commit.
                let commit = commit(tx, self.memory.clone()).in_current_span();
                let committed = tokio::spawn(commit);
                committed.await.map_err(Error::internal)??;
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
    let tx = ReadTx(View::Transaction(pool.begin().await?));
    let out = f(&tx).await;
    if let View::Transaction(tx) = tx.0 {
        tx.rollback().await?;
    }
    out
}

/// Commits, and brings the memory up to date before anybody is answered.
async fn commit(tx: WriteTx, memory: Option<Arc<Memory>>) -> Result<(), Error> {
    let WriteTx { tx, stamped, .. } = tx;
    let Some(memory) = memory else {
        return Ok(tx.commit().await?);
    };
    memory.committing();
    let committed = tx.commit().await;
    let stamped = stamped.into_inner().unwrap_or_else(PoisonError::into_inner);
    // One that failed may have been one all the same: the database knows.
    memory.committed(committed.is_ok().then_some(stamped));
    Ok(committed?)
}
