//! A queue in front of one writer: group commit (docs/adr/0002).
//!
//! Requests put their answers into the queue and wait. While the writer commits a group, the next answers queue up. It
//! stores them in one transaction and replies to each request after the commit. So many phones cost one transaction,
//! and nothing is acknowledged before it is safe.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::web;
use futures_util::FutureExt;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::{Instrument, Span};

use super::quota::Quotas;
use super::store::receive;
use super::submission::{Outcome, Submission};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::metrics::METRICS;

/// The most answers that may wait. Each takes about 1 KiB of memory.
const QUEUE_CAPACITY: usize = 10_000;
/// A group with this many answers takes no further request. Its last request may exceed the number by a batch.
const GROUP_SIZE: usize = 500;

/// The queue in front of the writer. The writer ends when the last handle is dropped and the queue is empty.
#[derive(Clone)]
pub struct WriteQueue {
    queue: UnboundedSender<Job>,
    free: Arc<Semaphore>,
}

/// The answers of one request.
struct Job {
    items: Vec<Submission>,
    reply: Reply,
    /// The request's span, for the log.
    span: Span,
}

/// The reply that a request waits for.
struct Reply {
    answers: usize,
    outcomes: oneshot::Sender<Vec<Outcome>>,
    /// Returned to the queue with the reply.
    _permit: OwnedSemaphorePermit,
}

impl fmt::Debug for WriteQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteQueue")
            .field("free", &self.free)
            .finish_non_exhaustive()
    }
}

impl WriteQueue {
    /// Starts the writer.
    pub fn start(db: web::Data<Db>, quotas: Quotas) -> Self {
        let (queue, jobs) = mpsc::unbounded_channel();
        tokio::spawn(write(db, quotas, jobs));
        Self {
            queue,
            free: Arc::new(Semaphore::new(QUEUE_CAPACITY)),
        }
    }

    /// Stores answers, and returns one outcome each, in their order, after the commit. 503 when the queue is full or
    /// the database is unavailable. The answers may then be stored or not, so the sender must send again.
    pub async fn receive(&self, items: Vec<Submission>) -> Result<Vec<Outcome>, Error> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let answers = items.len();
        let wanted = u32::try_from(answers).or_internal()?;
        let permit = Arc::clone(&self.free).try_acquire_many_owned(wanted);
        let permit = permit.map_err(|_| full())?;
        let (sender, outcomes) = oneshot::channel();
        let job = Job {
            items,
            reply: Reply {
                answers,
                outcomes: sender,
                _permit: permit,
            },
            span: Span::current(),
        };
        self.queue.send(job).map_err(|_| Error::unavailable())?;
        let outcomes = outcomes.await.map_err(|_| Error::unavailable())?;
        if outcomes.iter().all(is_unavailable) {
            return Err(Error::unavailable());
        }
        Ok(outcomes)
    }
}

fn full() -> Error {
    Error::unavailable().detail(
        "Terlalu banyak jawaban sedang menunggu. Tidak ada yang hilang; kirim lagi sebentar lagi.",
        "Too many answers are waiting. No answer is lost; send them again in a moment.",
    )
}

fn is_unavailable(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(error) if error.code == Code::Unavailable)
}

/// The writer: stores one group after the other.
async fn write(db: web::Data<Db>, quotas: Quotas, mut jobs: UnboundedReceiver<Job>) {
    while let Some(Job { mut items, reply, span }) = jobs.recv().await {
        let mut replies = vec![reply];
        while items.len() < GROUP_SIZE
            && let Ok(job) = jobs.try_recv()
        {
            items.extend(job.items);
            replies.push(job.reply);
        }
        METRICS.count_group(items.len());
        // The log names the first request of a group.
        let stored = store_group(&db, quotas, &items).instrument(span).await;
        let mut outcomes = stored.into_iter();
        for reply in replies {
            let own = outcomes.by_ref().take(reply.answers).collect();
            // The answers are stored even if the client has disconnected.
            reply.outcomes.send(own).ok();
        }
    }
}

/// Stores a group. A group that fails as a whole is halved until the answer that makes it fail is alone, so one bad
/// answer never fails the others.
async fn store_group(db: &Db, quotas: Quotas, items: &[Submission]) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(items.len());
    // A stack, its next part on top, so that the outcomes come in order.
    let mut parts = vec![items];
    while let Some(part) = parts.pop() {
        match store(db, quotas, part).await {
            Ok(stored) if stored.len() == part.len() => outcomes.extend(stored),
            Ok(_) => outcomes.extend(refused(part, &Error::internal("a group has not all its outcomes"))),
            Err(error) if part.len() == 1 || error.code == Code::Unavailable => outcomes.extend(refused(part, &error)),
            Err(_) => {
                let (left, right) = part.split_at(part.len() / 2);
                parts.extend([right, left]);
            }
        }
    }
    outcomes
}

/// Returns the error as the outcome of each answer of a part.
fn refused(part: &[Submission], error: &Error) -> impl Iterator<Item = Outcome> {
    error.log();
    std::iter::repeat_n(Outcome::Refused(error.clone()), part.len())
}

/// Stores answers in one transaction. A panic becomes an error of this group, and the writer continues.
async fn store(db: &Db, quotas: Quotas, items: &[Submission]) -> Result<Vec<Outcome>, Error> {
    let stored = db.write(async |tx| receive(tx, quotas, items).await);
    AssertUnwindSafe(stored)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Error::internal("storing answers panicked")))
}
