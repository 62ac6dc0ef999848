//! Opening the pools. Every setting here was measured (docs/adr/0002, 0006).

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Connection};
use sea_orm::{ConnectOptions, Database};

use super::database::Db;
use super::lock;
use crate::platform::clock::Clock;
use crate::platform::error::{Error, OrInternal};

/// How long a request waits for a connection before it gets a 503.
pub(super) const ACQUIRE: Duration = Duration::from_secs(2);
const READERS: u32 = 4;
/// The page cache of a SQLite connection, in KiB as a negative number. The system caches the rest of the file.
const WRITER_CACHE: &str = "-2048";
const READER_CACHE: &str = "-1024";
const POSTGRES_CONNECTIONS: u32 = 8;
pub(super) const POSTGRES_READ_ONLY: [(&str, &str); 2] = [
    ("default_transaction_isolation", "repeatable read"),
    ("default_transaction_read_only", "on"),
];

impl Db {
    /// Opens `sqlite://file?mode=rwc` or `postgres://user:password@host/name`.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let sqlite_file = url.starts_with("sqlite:");
        let (writer, reader) = if sqlite_file {
            lock::create_database(url).or_internal()?;
            // The writer first: it switches the file to WAL.
            let writer = Database::connect(sqlite(url, false, 1)).await?;
            (writer, Database::connect(sqlite(url, true, READERS)).await?)
        } else {
            (
                Database::connect(postgres(url, false)).await?,
                Database::connect(postgres(url, true)).await?,
            )
        };
        Ok(Self {
            writer,
            reader,
            clock: Clock::System,
            stamp_cache: sqlite_file.then(Arc::default),
        })
    }
}

fn sqlite(url: &str, read_only: bool, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_pool_opts(|o| o.after_release(|connection, _| Box::pin(is_reusable(connection))))
        .map_sqlx_sqlite_opts(move |o| {
            let o = o
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(ACQUIRE)
                .foreign_keys(true)
                .statement_cache_capacity(256)
                .pragma("temp_store", "MEMORY");
            if read_only {
                o.pragma("query_only", "ON").pragma("cache_size", READER_CACHE)
            } else {
                o.journal_mode(SqliteJournalMode::Wal)
                    .pragma("cache_size", WRITER_CACHE)
            }
        });
    options
}

/// Returns whether the pool may use a connection again: not while sqlx counts an open transaction. When the disk is full
/// or fails, SQLite ends the transaction by itself. The ROLLBACK that follows finds none, and sqlx goes on counting it.
/// The next transactions on such a connection would be savepoints, and a savepoint that is rolled back stays open: later
/// writes would be acknowledged and never committed. So the pool closes this connection and opens another.
async fn is_reusable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The rollback of a dropped request is only queued; the ping carries it out.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

fn postgres(url: &str, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |o| if read_only { o.options(POSTGRES_READ_ONLY) } else { o });
    options
}
