//! Work that has thousands of rows in memory. The whole service judges two imports at the same time, or makes one workbook.

use sea_orm::DbBackend;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::{Error, OrInternal};

/// How many imports are judged at the same time.
pub const IMPORTS: u32 = 2;

static TURNS: Semaphore = Semaphore::const_new(IMPORTS as usize);

/// Waits for the turn of an import, behind those who came before. On SQLite it works alone: one transaction writes at a time, and
/// a second import would wait for it with its rows in memory.
pub async fn import(database: DbBackend) -> Result<SemaphorePermit<'static>, Error> {
    let turns = match database {
        DbBackend::Sqlite => IMPORTS,
        _ => 1,
    };
    TURNS.acquire_many(turns).await.or_internal()
}

/// Waits for the turn of a workbook. No import is judged meanwhile.
pub async fn workbook() -> Result<SemaphorePermit<'static>, Error> {
    TURNS.acquire_many(IMPORTS).await.or_internal()
}
