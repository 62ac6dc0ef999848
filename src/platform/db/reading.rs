//! How services read: views of the database that have one state.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::Mutex;

use super::connection::Connection;
use super::journal::heads::Heads;
use super::pool::{Lease, ReadPool};
use super::recent::RecentRecords;
use super::stamp_cache::{Epoch, StampCache};
use super::stamps;
use super::stream::Stamps;
use crate::platform::error::Error;

/// The connections that read, and the cached stamps.
#[derive(Clone, Debug)]
pub(super) struct Reads {
    pub pool: Arc<ReadPool>,
    /// On SQLite only, where no other process writes facts.
    pub memory: Option<Memory>,
    pub listener: Option<Listener>,
}

/// What stays in memory of the database.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub stamps: Arc<StampCache>,
    pub recent: Arc<RecentRecords>,
    pub heads: Arc<Heads>,
}

/// Gets every statement that reads. For tests.
#[derive(Clone)]
pub(super) struct Listener(pub Arc<dyn Fn(&str) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// A consistent, read-only view of the database.
#[derive(Debug)]
pub struct ReadTx {
    pub(super) reads: Reads,
    pub(super) view: View,
}

#[derive(Debug)]
pub(super) enum View {
    Transaction(Mutex<Lease>),
    /// Statements without a transaction. They see one state until the next commit starts.
    Optimistic(Epoch),
    /// One statement without a transaction; how many there were. A second one is refused.
    Single(AtomicU32),
    /// Statements that need not see one state.
    Current,
}

impl Reads {
    pub fn new(pool: Arc<ReadPool>) -> Self {
        Self {
            pool,
            memory: None,
            listener: None,
        }
    }

    pub(super) fn view(&self, view: View) -> ReadTx {
        let reads = self.clone();
        ReadTx { reads, view }
    }

    fn notify_listener(&self, sql: &str) {
        if let Some(Listener(listener)) = &self.listener {
            listener(sql);
        }
    }

    /// Opens the first connection.
    pub async fn check(&self) -> Result<(), DbErr> {
        self.pool.lease().await?.give_back();
        Ok(())
    }

    /// Runs `f` on one snapshot.
    pub async fn snapshot<T>(&self, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
        let mut lease = self.pool.lease().await?;
        self.notify_listener("BEGIN");
        lease.run(begin).await?;
        let tx = self.view(View::Transaction(Mutex::new(lease)));
        let out = f(&tx).await;
        if let View::Transaction(lease) = tx.view {
            let mut lease = lease.into_inner();
            lease.run(rollback).await?;
            lease.give_back();
        }
        out
    }

    /// Runs `f` without a transaction. Returns `None` if what it read may mix two states.
    pub async fn optimistic<T>(&self, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Option<Result<T, Error>> {
        let epoch = self.memory.as_ref()?.stamps.current_epoch()?;
        let tx = self.view(View::Optimistic(epoch));
        let out = f(&tx).await;
        tx.is_consistent().then_some(out)
    }

    /// Runs `f` without a transaction. Returns `None` if it needs more than one statement.
    pub async fn single<T>(&self, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Option<Result<T, Error>> {
        let tx = self.view(View::Single(AtomicU32::new(0)));
        let out = f(&tx).await;
        tx.is_consistent().then_some(out)
    }

    /// Returns the stamps of a district (`None`: of all). Takes no statement on SQLite while they are cached, and one on
    /// PostgreSQL, where other processes write too.
    pub async fn stamps(&self, district: Option<&str>) -> Result<Arc<Stamps>, Error> {
        let tx = self.view(View::Single(AtomicU32::new(0)));
        let Some(Memory { stamps: cache, .. }) = &self.memory else {
            return Ok(Arc::new(Stamps::load(&tx, district).await?));
        };
        let all = match cache.get() {
            Some(all) => all,
            None => {
                let epoch = cache.current_epoch();
                let all = Arc::new(Stamps::load(&tx, None).await?);
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

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

async fn begin(connection: &mut Connection) -> Result<(), sea_orm::sqlx::Error> {
    connection.batch("BEGIN").await
}

async fn rollback(connection: &mut Connection) -> Result<(), sea_orm::sqlx::Error> {
    connection.batch("ROLLBACK").await
}

impl ReadTx {
    /// Returns whether all rows that were read so far belong to one state. If not, they must not be cached.
    pub fn is_consistent(&self) -> bool {
        match (&self.view, &self.reads.memory) {
            (View::Optimistic(epoch), Some(memory)) => memory.stamps.is_current(*epoch),
            (View::Optimistic(_), None) | (View::Current, _) => false,
            (View::Single(statements), _) => statements.load(Ordering::Relaxed) < 2,
            (View::Transaction(_), _) => true,
        }
    }

    /// Returns the newest recorded instant of a district (`None`: of all), at which a list is read. Nothing that is known at
    /// this instant changes any more, so it may be older than the state.
    pub async fn latest(&self, district: Option<&str>) -> Result<DateTime<Utc>, Error> {
        if matches!(self.view, View::Transaction(_)) {
            return stamps::latest(self, district).await;
        }
        if self.reads.memory.is_some() {
            return self.reads.stamps(None).await?.latest(district);
        }
        stamps::latest(&self.reads.view(View::Single(AtomicU32::new(0))), district).await
    }

    /// Runs a statement on the connection of the transaction, or on one that is free.
    async fn run<T>(
        &self,
        statement: Statement,
        f: impl AsyncFnOnce(&mut Connection, Statement) -> Result<T, sea_orm::sqlx::Error>,
    ) -> Result<T, DbErr> {
        self.reads.notify_listener(&statement.sql);
        let run = async |connection: &mut Connection| f(connection, statement).await;
        match &self.view {
            View::Transaction(lease) => return lease.lock().await.run(run).await,
            View::Single(before) if before.fetch_add(1, Ordering::Relaxed) > 0 => {
                return Err(DbErr::Custom("a second statement without a transaction".to_owned()));
            }
            View::Single(_) | View::Optimistic(_) | View::Current => {}
        }
        let mut lease = self.reads.pool.lease().await?;
        let done = lease.run(run).await;
        lease.give_back();
        done
    }
}

/// To sea-orm it is an ordinary connection. The database refuses writes in it.
#[async_trait::async_trait]
impl ConnectionTrait for ReadTx {
    fn get_database_backend(&self) -> DbBackend {
        self.reads.pool.backend()
    }
    async fn execute_raw(&self, s: Statement) -> Result<ExecResult, DbErr> {
        self.run(s, Connection::execute).await
    }
    async fn execute_unprepared(&self, s: &str) -> Result<ExecResult, DbErr> {
        self.execute_raw(Statement::from_string(self.get_database_backend(), s))
            .await
    }
    async fn query_one_raw(&self, s: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.run(s, Connection::one).await
    }
    async fn query_all_raw(&self, s: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.run(s, Connection::all).await
    }
}
