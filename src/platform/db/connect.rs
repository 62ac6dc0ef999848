//! Opening the connections. Every setting here was measured (docs/adr/0002, 0006).

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection};
use sea_orm::{ConnectOptions, Database, DbErr};

use super::connection::Source;
use super::database::Db;
use super::lock;
use super::pool::{ACQUIRE, ReadPool, db_err};
use super::reading::{Memory, Reads};
use crate::platform::clock::Clock;
use crate::platform::error::{Error, OrInternal};

/// Twice as many as one account may have at work, so that there are some left for all others.
const READERS: u32 = 8;
/// The page cache of a SQLite connection, in KiB as a negative number. The system caches the rest of the file.
const WRITER_CACHE: &str = "-2048";
const READER_CACHE: &str = "-512";
const POSTGRES_WRITERS: u32 = 8;

impl Db {
    /// Opens `sqlite://file?mode=rwc` or `postgres://user:password@host/name`. Statements may take any time.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_limited(url, None).await
    }

    /// Opens a database whose reads are refused when a statement of theirs takes longer than the limit.
    pub async fn open_limited(url: &str, limit: Option<Duration>) -> Result<Self, Error> {
        let writer = if url.starts_with("sqlite:") {
            lock::create_database(url).or_internal()?;
            // The writer first: it switches the file to WAL.
            sqlite_writer(url)
        } else {
            postgres_writer(url)
        };
        let writer = Database::connect(writer).await?;
        let pool = |size| Ok::<_, DbErr>(Arc::new(ReadPool::new(reading(url, limit)?, size, limit)));
        let reads = Reads {
            memory: url.starts_with("sqlite:").then(Memory::default),
            ..Reads::new(pool(READERS)?)
        };
        reads.check().await?;
        Ok(Self {
            writer,
            reads,
            probe: Reads::new(pool(1)?),
            clock: Clock::System,
            sealing_key: None,
        })
    }
}

fn sqlite_writer(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_pool_opts(|o| o.after_release(|connection, _| Box::pin(is_reusable(connection))))
        .map_sqlx_sqlite_opts(|o| {
            with_rules(o)
                .journal_mode(SqliteJournalMode::Wal)
                .pragma("cache_size", WRITER_CACHE)
        });
    options
}

fn with_rules(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(ACQUIRE)
        .foreign_keys(true)
        .statement_cache_capacity(256)
        .pragma("temp_store", "MEMORY")
}

/// Returns whether the pool may use a connection again: not while sqlx counts an open transaction. When the disk is
/// full or fails, SQLite ends the transaction by itself. The ROLLBACK that follows finds no transaction, and sqlx still
/// counts one. The next transactions on such a connection would be savepoints, and a savepoint that is rolled back
/// stays open: later writes would be acknowledged and never committed. So the pool closes this connection and opens
/// another.
async fn is_reusable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The rollback of a dropped request is only queued; the ping runs it.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

fn postgres_writer(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(POSTGRES_WRITERS)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .sqlx_logging(false);
    options
}

/// Returns connections that cannot write.
fn reading(url: &str, limit: Option<Duration>) -> Result<Source, DbErr> {
    if url.starts_with("sqlite:") {
        return Ok(read_only_sqlite(
            with_rules(parsed(url)?).pragma("cache_size", READER_CACHE),
        ));
    }
    Ok(read_only_postgres(parsed(url)?, limit))
}

pub(super) fn parsed<T: FromStr<Err = sqlx::Error>>(url: &str) -> Result<T, DbErr> {
    url.parse().map_err(db_err)
}

pub(super) fn read_only_sqlite(options: SqliteConnectOptions) -> Source {
    let options = options.busy_timeout(ACQUIRE).pragma("query_only", "ON");
    Source::Sqlite(Box::new(options.disable_statement_logging()))
}

pub(super) fn read_only_postgres(options: PgConnectOptions, limit: Option<Duration>) -> Source {
    let rules = [
        ("default_transaction_isolation", "repeatable read"),
        ("default_transaction_read_only", "on"),
    ];
    let limit = limit.map(|limit| ("statement_timeout", limit.as_millis()));
    let options = options.options(rules).options(limit);
    Source::Postgres(Box::new(options.disable_statement_logging()))
}
