//! Work that has thousands of rows in memory: imports, and the making of workbooks.

use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::{Error, OrInternal};

/// How many of them the whole service does at the same time.
const MOST_AT_WORK: usize = 2;

static AT_WORK: Semaphore = Semaphore::const_new(MOST_AT_WORK);

/// Waits for a turn, behind those who came before.
pub async fn turn() -> Result<SemaphorePermit<'static>, Error> {
    AT_WORK.acquire().await.or_internal()
}
