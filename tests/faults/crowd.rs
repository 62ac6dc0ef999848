//! Many phones at once: each sends its answers again until they are acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;
use uuid::Uuid;

use crate::site::{Addresses, Site, agent, answer};
use crate::tools::{Chance, until};

pub const CLIENTS: usize = 24;
/// Seconds after which a test fails if the service has not recovered.
const GIVE_UP: u64 = 60;

/// What all phones have seen.
#[derive(Default)]
struct Seen {
    acknowledged: Mutex<BTreeSet<Uuid>>,
    /// The number of replies by status; 0: no reply.
    statuses: Mutex<BTreeMap<u16, usize>>,
    stop: AtomicBool,
    /// Phones share it while they send.
    sending: RwLock<()>,
    /// A reply that no phone should ever get.
    lies: Mutex<Vec<String>>,
}

pub struct Crowd {
    seen: Arc<Seen>,
    clients: Vec<JoinHandle<()>>,
}

/// A failing test prints what its crowd has seen.
impl Drop for Crowd {
    fn drop(&mut self) {
        self.seen.stop.store(true, Ordering::Relaxed);
        println!("replies by status: {:?}", self.seen.statuses.lock().unwrap());
    }
}

impl Crowd {
    pub fn new(site: &Site, chance: &mut Chance) -> Self {
        let seen = Arc::<Seen>::default();
        let clients = (0..CLIENTS).map(|n| {
            let client = Client {
                agent: agent(),
                seen: Arc::clone(&seen),
                addresses: Arc::clone(&site.addresses),
                token: Arc::clone(&site.token),
                survey: site.survey,
                chance: chance.fork(),
                instance: n,
            };
            std::thread::spawn(move || client.go_on())
        });
        Self {
            clients: clients.collect(),
            seen,
        }
    }

    pub fn acknowledged(&self) -> BTreeSet<Uuid> {
        self.seen.acknowledged.lock().unwrap().clone()
    }

    pub fn count(&self, status: u16) -> usize {
        self.seen.statuses.lock().unwrap().get(&status).copied().unwrap_or(0)
    }

    /// Waits until so many more answers are acknowledged.
    pub fn wait_for(&self, more: usize) {
        let before = self.seen.acknowledged.lock().unwrap().len();
        until(&format!("{more} more acknowledged answers"), GIVE_UP, || {
            self.must_be_honest();
            self.seen.acknowledged.lock().unwrap().len() >= before + more
        });
    }

    /// Waits until so many more replies had this status.
    pub fn wait_for_status(&self, status: u16, more: usize) {
        let before = self.count(status);
        until(&format!("{more} more replies with status {status}"), GIVE_UP, || {
            self.must_be_honest();
            self.count(status) >= before + more
        });
    }

    /// Runs `f` with the acknowledged answers while no phone sends: what takes long would otherwise get more and more to do.
    pub fn at_rest(&self, f: impl FnOnce(&BTreeSet<Uuid>)) {
        let _no_more = self.seen.sending.write().unwrap();
        f(&self.acknowledged());
    }

    /// Lets every phone finish its request, and returns all acknowledged answers.
    pub fn finish(mut self) -> BTreeSet<Uuid> {
        self.seen.stop.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            client.join().unwrap();
        }
        self.must_be_honest();
        self.seen.acknowledged.lock().unwrap().clone()
    }

    fn must_be_honest(&self) {
        let lies = self.seen.lies.lock().unwrap();
        assert!(lies.is_empty(), "{lies:#?}");
    }
}

struct Client {
    agent: Agent,
    seen: Arc<Seen>,
    addresses: Addresses,
    token: Arc<RwLock<String>>,
    survey: Uuid,
    chance: Chance,
    instance: usize,
}

impl Client {
    fn go_on(mut self) {
        while !self.seen.stop.load(Ordering::Relaxed) && self.seen.lies.lock().unwrap().is_empty() {
            let size = if self.chance.below(2) == 0 {
                1
            } else {
                2 + self.chance.below(30)
            };
            let ids: Vec<Uuid> = (0..size).map(|_| Uuid::new_v4()).collect();
            if let Err(lie) = self.send_until_acknowledged(ids) {
                self.seen.lies.lock().unwrap().push(lie);
            }
        }
    }

    fn send_until_acknowledged(&mut self, mut ids: Vec<Uuid>) -> Result<(), String> {
        // Wait twice as long as the tests, so that the test reports the failure first.
        let mut deadline = Instant::now() + Duration::from_secs(2 * GIVE_UP);
        while !ids.is_empty() {
            if Instant::now() > deadline {
                return Err("never acknowledged".to_owned());
            }
            let rest = Instant::now();
            let seen = Arc::clone(&self.seen);
            let sending = seen.sending.read().unwrap();
            deadline += rest.elapsed();
            let done = if ids.len() == 1 {
                self.send_one(ids[0])?
            } else {
                self.send_batch(&ids)?
            };
            drop(sending);
            if done.is_empty() {
                // The service is unavailable or busy. Try the other instance, if there is one.
                self.instance += 1;
                std::thread::sleep(Duration::from_millis(30));
                continue;
            }
            self.seen.acknowledged.lock().unwrap().extend(&done);
            ids.retain(|id| !done.contains(id));
        }
        Ok(())
    }

    fn send_one(&self, id: Uuid) -> Result<Vec<Uuid>, String> {
        let mut body = answer(self.survey, id);
        body.as_object_mut().unwrap().remove("survey_id");
        match self.post(&format!("/v1/surveys/{}/responses", self.survey), &body) {
            (200 | 201, text) if text.contains(&id.to_string()) => Ok(vec![id]),
            (0 | 503, _) => Ok(Vec::new()),
            (status, text) => Err(format!("the reply to an answer was {status}: {text}")),
        }
    }

    fn send_batch(&self, ids: &[Uuid]) -> Result<Vec<Uuid>, String> {
        let items: Vec<Value> = ids.iter().map(|id| answer(self.survey, *id)).collect();
        let body = json!({"sent_at": "2025-03-14T10:20:00+08:00", "items": items});
        let (status, text) = match self.post("/v1/responses/batch", &body) {
            (0 | 503, _) => return Ok(Vec::new()),
            reply => reply,
        };
        let wrong = || format!("the reply to a batch was {status}: {text}");
        let reply: Value = serde_json::from_str(&text).map_err(|_| wrong())?;
        let results = reply["results"]
            .as_array()
            .filter(|r| status == 207 && r.len() == ids.len());
        let mut done = Vec::new();
        for (result, id) in results.ok_or_else(wrong)?.iter().zip(ids) {
            match result["outcome"].as_str() {
                Some("created" | "already_stored") if result["id"] == id.to_string() => done.push(*id),
                Some("deferred") => {}
                _ => return Err(wrong()),
            }
        }
        Ok(done)
    }

    /// Returns status and body; 0 without a complete reply.
    fn post(&self, path: &str, body: &Value) -> (u16, String) {
        let address = {
            let addresses = self.addresses.read().unwrap();
            addresses[self.instance % addresses.len()].clone()
        };
        let request = self.agent.post(format!("http://{address}{path}"));
        let request = request.header("authorization", format!("Bearer {}", self.token.read().unwrap()));
        let reply = request
            .header("content-type", "application/json")
            .send(body.to_string());
        let whole = reply.and_then(|mut reply| Ok((reply.status().as_u16(), reply.body_mut().read_to_string()?)));
        let (status, text) = whole.unwrap_or_default();
        *self.seen.statuses.lock().unwrap().entry(status).or_default() += 1;
        (status, text)
    }
}
