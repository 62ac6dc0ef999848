//! Work that has thousands of rows in memory. The whole service judges two imports at the same time, or makes one workbook.

use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::{Error, OrInternal};

/// How many imports are judged at the same time.
pub const IMPORTS: u32 = 2;

static TURNS: Semaphore = Semaphore::const_new(IMPORTS as usize);

/// Waits for the turn of an import, behind those who came before.
pub async fn import() -> Result<SemaphorePermit<'static>, Error> {
    TURNS.acquire().await.or_internal()
}

/// Waits for the turn of a workbook. No import is judged meanwhile.
pub async fn workbook() -> Result<SemaphorePermit<'static>, Error> {
    TURNS.acquire_many(IMPORTS).await.or_internal()
}
