//! The one door for answers: group commit (docs/adr/0002).
//!
//! Whoever sends answers, one or five hundred, puts them into a queue and waits. One writer takes what has queued up
//! while it committed the last group, stores it in one transaction and answers each sender after the commit. So many
//! phones cost one transaction, not one each, and nothing is acknowledged before it is safe.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::web;
use futures_util::FutureExt;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::{Instrument, Span};

use super::store::{Incoming, Outcome, receive};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::metrics::METRICS;

/// Answers that may wait: more would only wait longer, and cost memory (about 1 KiB each).
const ROOM: usize = 10_000;
/// A group is closed once it has this many answers; the last sender's may bring it up to one batch above.
const GROUP: usize = 500;

/// The queue in front of the writer. The writer ends when the last handle is dropped and the queue is empty.
#[derive(Clone)]
pub struct WriteQueue {
    queue: UnboundedSender<Job>,
    room: Arc<Semaphore>,
}

/// What one sender waits for.
struct Job {
    items: Vec<Incoming>,
    waiting: Waiting,
    /// Of the sender's request, for the log.
    span: Span,
}

struct Waiting {
    answers: usize,
    reply: oneshot::Sender<Vec<Outcome>>,
    /// Given back when the sender is answered.
    _room: OwnedSemaphorePermit,
}

impl fmt::Debug for WriteQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake")
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}

impl WriteQueue {
    /// Starts the writer.
    pub fn start(db: web::Data<Db>) -> Self {
        let (queue, jobs) = mpsc::unbounded_channel();
        tokio::spawn(write(db, jobs));
        Self {
            queue,
            room: Arc::new(Semaphore::new(ROOM)),
        }
    }

    /// Stores answers: one outcome each, in their order, after the commit. 503 when the queue is full or the database
    /// is away: then nothing was stored, or the answer that it was is lost; both are mended by sending again.
    pub async fn receive(&self, items: Vec<Incoming>) -> Result<Vec<Outcome>, Error> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let answers = items.len();
        let wanted = u32::try_from(answers).map_err(Error::internal)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(wanted);
        let room = room.map_err(|_| full())?;
        let (reply, outcomes) = oneshot::channel();
        let waiting = Waiting {
            answers,
            reply,
            _room: room,
        };
        self.queue
            .send(Job {
                items,
                waiting,
                span: Span::current(),
            })
            .map_err(|_| Error::unavailable())?;
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
        "Too many answers are waiting. Nothing is lost; send again in a moment.",
    )
}

fn is_unavailable(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(error) if error.code == Code::Unavailable)
}

/// The writer: one group after the other.
async fn write(db: web::Data<Db>, mut jobs: UnboundedReceiver<Job>) {
    while let Some(Job {
        mut items,
        waiting,
        span,
    }) = jobs.recv().await
    {
        let mut senders = vec![waiting];
        while items.len() < GROUP
            && let Ok(job) = jobs.try_recv()
        {
            items.extend(job.items);
            senders.push(job.waiting);
        }
        METRICS.group(items.len());
        // What goes wrong goes wrong for all of them; the log names the one who came first.
        let stored = store_group(&db, &items).instrument(span).await;
        let mut outcomes = stored.into_iter();
        for sender in senders {
            let own = outcomes.by_ref().take(sender.answers).collect();
            // A sender that went away has its answers stored all the same.
            sender.reply.send(own).ok();
        }
    }
}

/// Stores a group. When it fails as a whole it is halved until the answer that makes it fail stands alone: one bad
/// answer never fails the others.
async fn store_group(db: &Db, items: &[Incoming]) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(items.len());
    // The next part is the last one, so that outcomes come in order.
    let mut parts = vec![items];
    while let Some(part) = parts.pop() {
        match store(db, part).await {
            Ok(stored) if stored.len() == part.len() => outcomes.extend(stored),
            Ok(_) => outcomes.extend(refused(part, &Error::internal("a group without all its outcomes"))),
            Err(error) if part.len() == 1 || error.code == Code::Unavailable => outcomes.extend(refused(part, &error)),
            Err(_) => {
                let (left, right) = part.split_at(part.len() / 2);
                parts.extend([right, left]);
            }
        }
    }
    outcomes
}

fn refused(part: &[Incoming], error: &Error) -> impl Iterator<Item = Outcome> {
    error.log();
    std::iter::repeat_n(Outcome::Refused(error.clone()), part.len())
}

/// One transaction. A panic in it is an error of this group; the writer goes on.
async fn store(db: &Db, items: &[Incoming]) -> Result<Vec<Outcome>, Error> {
    let stored = db.write(async |tx| receive(tx, items).await);
    AssertUnwindSafe(stored)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Error::internal("storing answers panicked")))
}
