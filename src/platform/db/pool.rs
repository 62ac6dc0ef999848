//! The pool of the connections that read.
//!
//! sqlx's own pool asks every connection that comes back whether it lives. That costs as much as the read of one record.

use std::fmt;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sea_orm::sqlx::Error;
use sea_orm::{ConnAcquireErr, DbBackend, DbErr, RuntimeErr};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connection::{Connection, Source};

/// How long a read waits for a connection before it gets a 503.
pub(super) const ACQUIRE: Duration = Duration::from_secs(2);
/// After this time the server may have ended an idle connection.
const DOUBTFUL: Duration = Duration::from_secs(30);

/// At most `size` connections. They are opened when they are needed.
pub(super) struct ReadPool {
    source: Source,
    size: u32,
    /// How long a statement may take; `None`: any time.
    limit: Option<Duration>,
    permits: Arc<Semaphore>,
    /// The last one is taken first: its caches are warm.
    idle: Mutex<Vec<Opened>>,
}

#[derive(Debug)]
struct Opened {
    connection: Connection,
    by: ThreadId,
    last_used: Instant,
}

impl ReadPool {
    pub fn new(source: Source, size: u32, limit: Option<Duration>) -> Self {
        Self {
            source,
            size,
            limit,
            permits: Arc::new(Semaphore::new(size as usize)),
            idle: Mutex::default(),
        }
    }

    pub fn backend(&self) -> DbBackend {
        self.source.backend()
    }

    /// Waits for a connection.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease, DbErr> {
        let lease = timeout(ACQUIRE, self.next()).await;
        lease.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))
    }

    async fn next(self: &Arc<Self>) -> Result<Lease, DbErr> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))?;
        let opened = match self.living().await {
            Some(living) => living,
            None => Opened {
                connection: Connection::open(&self.source).await.map_err(db_err)?,
                by: thread::current().id(),
                last_used: Instant::now(),
            },
        };
        Ok(Lease {
            pool: Arc::clone(self),
            opened: Some(opened),
            _permit: permit,
        })
    }

    /// Returns an idle connection that lives.
    async fn living(&self) -> Option<Opened> {
        loop {
            let mut idle = self.next_idle()?;
            let is_remote = self.backend() == DbBackend::Postgres;
            if !is_remote || idle.last_used.elapsed() < DOUBTFUL || idle.connection.ping().await.is_ok() {
                return Some(idle);
            }
        }
    }

    /// Takes an idle connection: one that this thread opened, if there is one. The thread that opened a socket waits for its
    /// data, and would have to wake this one.
    fn next_idle(&self) -> Option<Opened> {
        let mut idle = self.idle.lock();
        let this = thread::current().id();
        match idle.iter().rposition(|one| one.by == this) {
            Some(own) => Some(idle.remove(own)),
            None => idle.pop(),
        }
    }

    /// Closes all connections, after those in use have come back.
    pub async fn close(&self) {
        let all = self.permits.acquire_many(self.size).await;
        let idle = std::mem::take(&mut *self.idle.lock());
        for one in idle {
            one.connection.close().await.ok();
        }
        self.permits.close();
        drop(all);
    }
}

impl fmt::Debug for ReadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadPool")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// A connection in use.
#[derive(Debug)]
pub(super) struct Lease {
    pool: Arc<ReadPool>,
    /// `None`: the connection is lost.
    opened: Option<Opened>,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    /// Runs a statement. When the connection fails, the idle connections are closed too, because the database server has probably stopped.
    pub async fn run<T>(
        &mut self,
        statement: impl AsyncFnOnce(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, DbErr> {
        let connection = match &mut self.opened {
            Some(opened) => &mut opened.connection,
            None => return Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
        };
        connection.set_deadline(self.pool.limit.map(|limit| Instant::now() + limit));
        let done = statement(connection).await;
        if matches!(&done, Err(error) if !matches!(error, Error::Database(_))) {
            self.opened = None;
            self.pool.idle.lock().clear();
        }
        done.map_err(db_err)
    }

    /// Makes the connection free for the next read. A lease that is dropped instead closes it: a cancelled read may have left
    /// a statement or a transaction behind.
    pub fn give_back(mut self) {
        if let Some(opened) = self.opened.take() {
            self.pool.idle.lock().push(Opened {
                last_used: Instant::now(),
                ..opened
            });
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Otherwise SQLite would run the statement of a cancelled read to its end.
        if let Some(opened) = &self.opened {
            opened.connection.set_deadline(Some(Instant::now()));
        }
    }
}

pub(super) fn db_err(error: Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
