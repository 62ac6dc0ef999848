//! Imports wait for each other, because each keeps other writers waiting, and has its sheet in memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::platform::error::{Error, OrInternal};
use crate::platform::large_work;

/// Imports that wait. Each has its file in memory.
const MOST_WAITING: usize = 8;

/// How long an import waits.
const PATIENCE: Duration = Duration::from_secs(30);

static AT_WORK: Semaphore = Semaphore::const_new(large_work::IMPORTS as usize);
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// A place in the queue; it ends also when the caller goes away.
struct Waiting;

impl Waiting {
    fn begin() -> Option<Self> {
        let waiting = Self;
        (WAITING.fetch_add(1, Ordering::Relaxed) < MOST_WAITING).then_some(waiting)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A turn of an import.
#[derive(Debug)]
pub struct Turn {
    _import: SemaphorePermit<'static>,
    _large: SemaphorePermit<'static>,
}

/// Waits for a turn. 503 if many wait, or if it takes long.
pub async fn turn() -> Result<Turn, Error> {
    let turn = timeout(PATIENCE, next_turn()).await;
    turn.map_err(|_| busy())?
}

async fn next_turn() -> Result<Turn, Error> {
    let import = match AT_WORK.try_acquire() {
        Ok(import) => import,
        Err(_) => {
            let _waiting = Waiting::begin().ok_or_else(busy)?;
            AT_WORK.acquire().await.or_internal()?
        }
    };
    Ok(Turn {
        _import: import,
        // Behind a workbook that waits, before the imports that wait.
        _large: large_work::import().await?,
    })
}

fn busy() -> Error {
    Error {
        retry_after: Some(10),
        ..Error::unavailable().detail(
            "Terlalu banyak impor berjalan. Coba lagi sebentar lagi.",
            "Too many imports are running. Try again in a moment.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn two_work_some_wait_the_rest_is_refused() {
        let mut turns = vec![turn().await.unwrap(), turn().await.unwrap()];
        let waiting: Vec<_> = (0..MOST_WAITING).map(|_| actix_web::rt::spawn(turn())).collect();
        while WAITING.load(Ordering::Relaxed) < MOST_WAITING {
            tokio::task::yield_now().await;
        }
        let refused = turn().await.unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after),
            (crate::platform::error::Code::Unavailable, Some(10))
        );
        turns.clear();
        for one in waiting {
            drop(one.await.unwrap().unwrap());
        }
        assert_eq!(WAITING.load(Ordering::Relaxed), 0);
    }
}
