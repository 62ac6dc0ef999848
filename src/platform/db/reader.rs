//! Read access for commands that only read a database, also while another process serves it. It makes no file, takes no
//! lock and migrates nothing. Its statements may take any time.

use std::path::Path;
use std::sync::Arc;

use sea_orm::DbErr;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;

use super::connect::{parsed, read_only_postgres, read_only_sqlite};
use super::connection::Source;
use super::pool::ReadPool;
use super::reading::{ReadTx, Reads};
use crate::platform::error::Error;

/// The page cache of SQLite (64 MiB). A check reads the tables once, but the indexes in random order.
const CACHE_KIB: &str = "-65536";

/// A connection that cannot write.
#[derive(Debug)]
pub struct Reader(Reads);

impl Reader {
    /// Opens the database at an address. It must exist.
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = parsed(url)?;
            return Self::sqlite(options.create_if_missing(false).read_only(false)).await;
        }
        Self::connect(read_only_postgres(parsed(url)?, None)).await
    }

    /// Opens a SQLite file to which no process writes, without files beside it.
    pub async fn open_file(file: &Path) -> Result<Self, DbErr> {
        let options = SqliteConnectOptions::new().filename(file);
        Self::sqlite(options.immutable(true).read_only(true)).await
    }

    async fn sqlite(options: SqliteConnectOptions) -> Result<Self, DbErr> {
        Self::connect(read_only_sqlite(options.pragma("cache_size", CACHE_KIB))).await
    }

    async fn connect(source: Source) -> Result<Self, DbErr> {
        let reads = Reads::new(Arc::new(ReadPool::new(source, 1, None)));
        reads.check().await?;
        Ok(Self(reads))
    }

    /// Runs `f` on one snapshot.
    pub async fn read<T>(&self, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
        self.0.snapshot(f).await
    }

    pub async fn close(self) {
        self.0.close().await;
    }
}
