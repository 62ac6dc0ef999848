//! The reading gate alone, for commands that only read a database, also while another process serves it. It makes no
//! file, takes no lock and migrates nothing.

use std::path::Path;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use super::connect::{ACQUIRE, POSTGRES_READ_ONLY};
use super::transaction::{ReadTx, snapshot};
use crate::platform::error::Error;

/// The page cache of SQLite (64 MiB). A check reads the tables once, and the indexes all over.
const CACHE_KIB: &str = "-65536";

/// A connection that cannot write.
#[derive(Debug)]
pub struct Reader(DatabaseConnection);

impl Reader {
    /// Opens the database at an address. It must exist.
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        Self::connect(url, |o| o.create_if_missing(false).read_only(false)).await
    }

    /// Opens a SQLite file to which no process writes, without files beside it.
    pub async fn open_file(file: &Path) -> Result<Self, DbErr> {
        let file = file.to_path_buf();
        // A placeholder: a path may have characters that an address cannot have.
        Self::connect("sqlite://file", move |o| {
            o.filename(&file).immutable(true).read_only(true)
        })
        .await
    }

    async fn connect(
        url: &str,
        opening: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions + Send + Sync + 'static,
    ) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(1)
            .acquire_timeout(ACQUIRE)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(move |o| {
                opening(o)
                    .busy_timeout(ACQUIRE)
                    .pragma("query_only", "ON")
                    .pragma("cache_size", CACHE_KIB)
            })
            .map_sqlx_postgres_opts(|o| o.options(POSTGRES_READ_ONLY));
        Ok(Self(Database::connect(options).await?))
    }

    /// Runs `f` on one snapshot.
    pub async fn read<T>(&self, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
        snapshot(&self.0, f).await
    }

    pub async fn close(self) {
        self.0.close().await.ok();
    }
}
