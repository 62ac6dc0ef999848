//! How many reads of one caller are at work at the same time.
//!
//! One read can keep a connection of the database and a core busy for seconds, whatever the quota of requests. So a few
//! reads of a caller are at work, the next ones wait in the caller's own queue, and all other callers pass.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::platform::http::client::Network;
use crate::platform::http::request_context::RequestContext;

/// The most reads of a caller that wait.
pub const WAITING: usize = 64;

/// Who shares a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// An account with a valid token.
    Account(Uuid),
    /// Everybody else in one network. `None`: callers without an address.
    Network(Option<Network>),
}

impl Caller {
    pub fn of(context: &RequestContext) -> Self {
        let subject = context.subject.get();
        subject.map_or(Self::Network(context.network), Self::Account)
    }
}

/// The queues of one running service. By default there is no limit.
#[derive(Debug, Default)]
pub struct ReadQueues {
    at_work: Option<usize>,
    /// Only of callers that have a read at work.
    queues: Mutex<HashMap<Caller, Arc<Queue>>>,
}

#[derive(Debug)]
struct Queue {
    free: Semaphore,
    waiting: AtomicUsize,
}

/// A read that waits or is at work. Dropping it removes the read from the queue, also when the client has disconnected.
#[derive(Debug)]
pub struct Turn<'a> {
    queues: &'a ReadQueues,
    caller: Caller,
    queue: Arc<Queue>,
    is_at_work: bool,
}

/// Too many reads of the caller wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl ReadQueues {
    /// `at_work`: how many reads of a caller may be at work; `None`: any number.
    pub fn new(at_work: Option<usize>) -> Self {
        Self {
            at_work,
            queues: Mutex::default(),
        }
    }

    /// Waits until the caller may read. `None`: there is no limit.
    pub async fn turn(&self, caller: Caller) -> Result<Option<Turn<'_>>, Full> {
        let Some(at_work) = self.at_work else { return Ok(None) };
        let mut turn = self.join(caller, at_work);
        let permit = match turn.queue.free.try_acquire() {
            Ok(permit) => permit,
            Err(_) if turn.queue.waiting.load(Ordering::Relaxed) > WAITING => return Err(Full),
            Err(_) => turn.queue.free.acquire().await.map_err(|_| Full)?,
        };
        permit.forget();
        turn.queue.waiting.fetch_sub(1, Ordering::Relaxed);
        turn.is_at_work = true;
        Ok(Some(turn))
    }

    /// Joins the queue of a caller as one that waits.
    fn join(&self, caller: Caller, at_work: usize) -> Turn<'_> {
        let mut queues = self.queues.lock();
        let queue = queues.entry(caller).or_insert_with(|| {
            Arc::new(Queue {
                free: Semaphore::new(at_work),
                waiting: AtomicUsize::new(0),
            })
        });
        queue.waiting.fetch_add(1, Ordering::Relaxed);
        Turn {
            queues: self,
            caller,
            queue: Arc::clone(queue),
            is_at_work: false,
        }
    }

    /// Returns the number of callers with a queue.
    pub fn callers(&self) -> usize {
        self.queues.lock().len()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut queues = self.queues.queues.lock();
        if self.is_at_work {
            self.queue.free.add_permits(1);
        } else {
            self.queue.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        // The map and this turn: no other read of the caller waits or is at work.
        if Arc::strong_count(&self.queue) == 2 {
            queues.remove(&self.caller);
        }
    }
}
