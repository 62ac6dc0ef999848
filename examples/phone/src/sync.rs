//! The loop: send, read the results, purge answers with a final result.

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

/// The service accepts 1 MiB before compression; the members around the items need a little of it.
const MOST_BYTES: usize = (1 << 20) - 200;

/// How long to continue after failures.
#[derive(Clone, Copy, Debug)]
pub struct Persistence {
    pub first_wait: Duration,
    pub longest_wait: Duration,
    /// The number of failures in a row after which the run ends.
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

/// Sends the answers of one phone.
pub struct Courier<'a> {
    queue: &'a Queue,
    problems: Problems,
    server: Server,
    identity: Identity,
    persistence: Persistence,
    token: Option<String>,
    size: Size,
    back_off: BackOff,
    /// Answers that were sent without a reply: the service may have stored them.
    in_doubt: HashSet<Uuid>,
    sleep: Box<dyn FnMut(Duration) + Send + 'a>,
}

/// The result of one [`Courier::run`].
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The number of answers by the name of their outcome.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// The number of batches that were sent.
    pub batches: usize,
    /// The number of status requests.
    pub status_requests: usize,
    /// The number of requests that failed.
    pub faults: usize,
    /// Answers that still wait.
    pub waiting: usize,
    /// The fault that ended the run before all answers were sent.
    pub gave_up: Option<Fault>,
}

/// What to do after a fault.
enum Next {
    Again,
    /// The service fails on this answer alone: leave it for the next run, so that the other answers are sent.
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

    /// Replaces the function that waits: a test does not wait, an app uses the system's scheduler.
    pub fn with_sleep(self, sleep: impl FnMut(Duration) + Send + 'a) -> Self {
        Self {
            sleep: Box::new(sleep),
            ..self
        }
    }

    /// Sends until only deferred answers wait, or until it is time to give up. It also sends answers that are added
    /// meanwhile. Returns an error only if the phone's own disk fails.
    pub fn run(&mut self) -> io::Result<Report> {
        let mut report = Report::default();
        // Answers that the service deferred in this run. A later run sends them again.
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

    /// Signs in now instead of before the first batch.
    pub fn sign_in(&mut self) -> Result<(), Fault> {
        self.token = Some(self.server.sign_in(&self.identity)?);
        Ok(())
    }

    /// Sends one request: a batch, or the question whether the service already has it.
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
            // The id is random and its content never changed, so a known id means that this answer is stored.
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

    /// Applies the results of a batch: first stores the problems for a person, then purges.
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

    /// Sends a request with the token, and once more with a new token if the old token is refused.
    fn authorised<T>(&mut self, send: impl Fn(&Server, &str) -> Result<T, Fault>) -> Result<T, Fault> {
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
            match send(&self.server, &token) {
                Err(Fault::Unauthorised) if !signed_in_now => self.token = None,
                other => return other,
            }
        }
    }

    /// Decides what to do after a fault, and waits if necessary.
    fn after(&mut self, fault: &Fault, batch: &[Arc<Answer>]) -> io::Result<Next> {
        let wait = match fault {
            Fault::Unauthorised => {
                self.token = None;
                return Ok(Next::Stop);
            }
            Fault::TooLarge => {
                if let [answer] = batch {
                    self.note_too_large(answer)?;
                } else {
                    self.size.shrink(batch.len());
                }
                return Ok(Next::Again);
            }
            // One answer may be the cause, so halve to find it. It stays in the queue, because a later version of this
            // program may send it correctly.
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

    /// Purges an answer that alone is larger than the service accepts, and stores it as a problem for a person.
    fn note_too_large(&self, answer: &Answer) -> io::Result<()> {
        let problem = Problem::new(answer.id(), "too_large", Value::Null, answer.text());
        self.problems.note(&[problem])?;
        self.queue.finish([(answer.id(), "too_large")])
    }
}

/// Returns the body of a batch: the answers exactly as they are in the queue.
fn text_of(batch: &[Arc<Answer>]) -> String {
    let sent_at = json!(Local::now().to_rfc3339_opts(SecondsFormat::Secs, false));
    let items: Vec<&str> = batch.iter().map(|answer| answer.text()).collect();
    format!(r#"{{"sent_at":{sent_at},"items":[{}]}}"#, items.join(","))
}

/// Returns whether it is cheaper to ask first which answers the service has. A lost reply is about as likely as a lost
/// request, so asking must cost less than half of sending again.
fn asking_saves_bytes(body: &Body, ids: &[Uuid]) -> bool {
    /// The bytes of the heads of a request and its reply, with the token.
    const HEADS: usize = 900;
    /// The bytes of one result in a compressed reply, mostly the id.
    const RESULT: usize = 24;
    let asking = HEADS + status_body(ids).len() + RESULT * ids.len();
    let sending = HEADS + body.len() + RESULT * ids.len();
    2 * asking < sending
}

impl Report {
    /// Returns the number of answers with this outcome.
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
