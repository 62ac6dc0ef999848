//! The loop: send, read the results, purge what is final.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{Local, SecondsFormat};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer::Answer;
use crate::body::Body;
use crate::enrol::Identity;
use crate::pace::{BackOff, Size};
use crate::problems::{Problem, Problems};
use crate::queue::Queue;
use crate::reply::{BatchReply, Fault, Outcome};
use crate::server::{Server, status_body};

/// 1 MiB is the service's limit, before compression; the envelope needs a little.
const MOST_BYTES: usize = (1 << 20) - 200;

/// How long to go on when nothing works.
#[derive(Clone, Copy, Debug)]
pub struct Persistence {
    pub first_wait: Duration,
    pub longest_wait: Duration,
    /// Failures in a row after which to stop until somebody calls again.
    pub failures: u32,
}

impl Default for Persistence {
    fn default() -> Self {
        Self {
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(300),
            failures: 10,
        }
    }
}

/// One phone that sends.
pub struct Courier<'a> {
    queue: &'a Queue,
    problems: Problems,
    server: Server,
    identity: Identity,
    persistence: Persistence,
    token: Option<String>,
    size: Size,
    back_off: BackOff,
    /// Sent once, and no reply came: the service may have them.
    in_doubt: HashSet<Uuid>,
    sleep: Box<dyn FnMut(Duration) + Send + 'a>,
}

/// What one call of [`Courier::run`] did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many answers had which outcome, by the name of the outcome.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// Requests that brought answers, and requests that asked for their status.
    pub batches: usize,
    pub status_requests: usize,
    /// Faults that were overcome or not.
    pub faults: usize,
    /// Answers that still wait.
    pub waiting: usize,
    /// Why it ended while answers could still have been sent.
    pub gave_up: Option<Fault>,
}

/// What to do after a fault.
enum Next {
    Again,
    /// This answer, alone, makes the service fail: leave it for the next run, so that the others get through.
    Skip,
    Stop,
}

impl<'a> Courier<'a> {
    pub fn new(folder: &Path, queue: &'a Queue, identity: Identity, server: Server, persistence: Persistence) -> Self {
        let seed = u64::from_le_bytes(Uuid::new_v4().into_bytes().first_chunk().copied().unwrap_or_default());
        Self {
            queue,
            problems: Problems::of(folder),
            server,
            identity,
            persistence,
            token: None,
            size: Size::default(),
            back_off: BackOff::new(persistence.first_wait, persistence.longest_wait, seed),
            in_doubt: HashSet::new(),
            sleep: Box::new(std::thread::sleep),
        }
    }

    /// The same, waiting in another way: a test does not wait, an app leaves it to the system's scheduler.
    pub fn with_sleep(self, sleep: impl FnMut(Duration) + Send + 'a) -> Self {
        Self {
            sleep: Box::new(sleep),
            ..self
        }
    }

    /// Sends until nothing waits but what the service deferred, or until it is time to give up. Answers that are
    /// added meanwhile are sent too. An error is the phone's own disk.
    pub fn run(&mut self) -> io::Result<Report> {
        let mut report = Report::default();
        // Deferred in this run: to be sent again in a later one.
        let mut deferred = HashSet::new();
        loop {
            let batch = self.queue.first(self.size.items(), MOST_BYTES, &deferred);
            if batch.is_empty() {
                break;
            }
            let fault = match self.step(&batch, &mut report, &mut deferred)? {
                Ok(()) => {
                    self.back_off.succeeded();
                    continue;
                }
                Err(fault) => fault,
            };
            report.faults += 1;
            match self.after(&fault, &batch)? {
                Next::Again => {}
                Next::Skip => deferred.extend(batch.iter().map(|answer| answer.id())),
                Next::Stop => {
                    report.gave_up = Some(fault);
                    break;
                }
            }
        }
        report.waiting = self.queue.len();
        Ok(report)
    }

    /// Signs in now rather than with the first batch.
    pub fn sign_in(&mut self) -> Result<(), Fault> {
        self.token = Some(self.server.sign_in(&self.identity)?);
        Ok(())
    }

    /// One exchange: a batch and its results, or the question whether the service has it already.
    fn step(
        &mut self,
        batch: &[Arc<Answer>],
        report: &mut Report,
        deferred: &mut HashSet<Uuid>,
    ) -> io::Result<Result<(), Fault>> {
        let ids: Vec<Uuid> = batch.iter().map(|answer| answer.id()).collect();
        let body = Body::new(text_of(batch));
        if ids.iter().all(|id| self.in_doubt.contains(id)) && asking_saves_bytes(&body, &ids) {
            report.status_requests += 1;
            let known = match self.authorised(|server, token| server.known(token, &ids)) {
                Ok(known) => known,
                Err(fault) => return Ok(Err(fault)),
            };
            // A random id that no other content ever had: known means that this very answer is stored.
            self.queue.finish(known.iter().map(|id| (*id, "known")))?;
            *report.outcomes.entry("known").or_default() += known.len();
            ids.iter().for_each(|id| _ = self.in_doubt.remove(id));
            return Ok(Ok(()));
        }
        report.batches += 1;
        match self.authorised(|server, token| server.send(token, &body, &ids)) {
            Ok(reply) => {
                self.settle(batch, &reply, report, deferred)?;
                self.size.grow();
                Ok(Ok(()))
            }
            Err(fault) => {
                if matches!(fault, Fault::Lost(_) | Fault::Failed(_)) {
                    self.in_doubt.extend(&ids);
                }
                Ok(Err(fault))
            }
        }
    }

    /// Takes the results of a batch to heart: first what a person must see, then the purge.
    fn settle(
        &mut self,
        batch: &[Arc<Answer>],
        reply: &BatchReply,
        report: &mut Report,
        deferred: &mut HashSet<Uuid>,
    ) -> io::Result<()> {
        let results = || batch.iter().zip(&reply.results);
        let problems: Vec<Problem> = results()
            .filter(|(_, result)| result.outcome.is_problem())
            .map(|(answer, r)| Problem::new(answer.id(), r.outcome.as_str(), r.errors.clone(), answer.text()))
            .collect();
        self.problems.note(&problems)?;
        let done = results().filter(|(_, result)| result.outcome.is_final());
        self.queue
            .finish(done.map(|(answer, result)| (answer.id(), result.outcome.as_str())))?;
        for (answer, result) in results() {
            self.in_doubt.remove(&answer.id());
            *report.outcomes.entry(result.outcome.as_str()).or_default() += 1;
            if !result.outcome.is_final() {
                deferred.insert(answer.id());
            }
        }
        Ok(())
    }

    /// Asks with a token, and once more with a new one when the old one is not good any more.
    fn authorised<T>(&mut self, ask: impl Fn(&Server, &str) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut signed_in_now = false;
        loop {
            let token = match &self.token {
                Some(token) => token.clone(),
                None => {
                    signed_in_now = true;
                    // Without a token nothing was sent: no answer is in doubt.
                    let token = self.server.sign_in(&self.identity).map_err(|fault| match fault {
                        Fault::Lost(text) => Fault::NoConnection(text),
                        fault => fault,
                    })?;
                    self.token.insert(token).clone()
                }
            };
            match ask(&self.server, &token) {
                Err(Fault::Unauthorised) if !signed_in_now => self.token = None,
                other => return other,
            }
        }
    }

    /// Decides what comes after a fault, and waits if it must.
    fn after(&mut self, fault: &Fault, batch: &[Arc<Answer>]) -> io::Result<Next> {
        let wait = match fault {
            Fault::Unauthorised => {
                self.token = None;
                return Ok(Next::Stop);
            }
            Fault::TooLarge => {
                if let [answer] = batch {
                    self.give_back(answer)?;
                } else {
                    self.size.shrink(batch.len());
                }
                return Ok(Next::Again);
            }
            // Something in one of these, perhaps. Alone it stays in the queue: a later version may know better.
            Fault::Refused { status: 400, .. } => {
                self.size.shrink(batch.len());
                if batch.len() > 1 {
                    return Ok(Next::Again);
                }
                self.back_off.failed(None);
                let enough = self.back_off.failures() > self.persistence.failures;
                return Ok(if enough { Next::Stop } else { Next::Skip });
            }
            Fault::Refused { .. } => return Ok(Next::Stop),
            Fault::Busy(retry_after) => *retry_after,
            Fault::NoConnection(_) => None,
            Fault::Lost(_) => {
                self.size.shrink(batch.len());
                None
            }
            Fault::Failed(_) => {
                if batch.len() == 1 && self.back_off.failures() >= 3 {
                    return Ok(Next::Skip);
                }
                self.size.shrink(batch.len());
                None
            }
        };
        let wait = self.back_off.failed(wait);
        if self.back_off.failures() > self.persistence.failures {
            return Ok(Next::Stop);
        }
        (self.sleep)(wait);
        Ok(Next::Again)
    }

    /// An answer that alone is more than the service takes will never be taken: a person must see it.
    fn give_back(&self, answer: &Answer) -> io::Result<()> {
        let problem = Problem::new(answer.id(), "too_large", Value::Null, answer.text());
        self.problems.note(&[problem])?;
        self.queue.finish([(answer.id(), "too_large")])
    }
}

/// The body of a batch: the answers exactly as they lie in the queue.
fn text_of(batch: &[Arc<Answer>]) -> String {
    let sent_at = json!(Local::now().to_rfc3339_opts(SecondsFormat::Secs, false));
    let items: Vec<&str> = batch.iter().map(|answer| answer.text()).collect();
    format!(r#"{{"sent_at":{sent_at},"items":[{}]}}"#, items.join(","))
}

/// Is it cheaper to ask first whether the service has these? A reply that was lost is about as likely as a request
/// that was, so asking pays when it costs less than half of sending again.
fn asking_saves_bytes(body: &Body, ids: &[Uuid]) -> bool {
    /// The heads of a request and its reply, the token in them.
    const HEADS: usize = 900;
    /// What a reply says of one answer, compressed: mostly its id.
    const RESULT: usize = 24;
    let asking = HEADS + status_body(ids).len() + RESULT * ids.len();
    let sending = HEADS + body.len() + RESULT * ids.len();
    2 * asking < sending
}

impl Report {
    /// How many had this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.get(outcome.as_str()).copied().unwrap_or(0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcomes: Vec<String> = self.outcomes.iter().map(|(name, n)| format!("{n} {name}")).collect();
        let outcomes = if outcomes.is_empty() {
            "nothing sent".to_owned()
        } else {
            outcomes.join(", ")
        };
        write!(f, "{outcomes}; {} waiting", self.waiting)?;
        match &self.gave_up {
            Some(fault) => write!(f, " ({fault})"),
            None => Ok(()),
        }
    }
}
