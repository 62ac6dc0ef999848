//! Many senders send the same answers at the same time, in any order.

use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex};

use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::site::{Kind, Site, agent, answer};
use crate::tools::{Chance, is_long};

/// Sends a batch until the reply is 207, and returns the outcomes by id. Only 503 is allowed before.
fn send(site: &Shared, instance: usize, ids: &[Uuid]) -> BTreeMap<Uuid, String> {
    let items: Vec<Value> = ids.iter().map(|id| answer(site.survey, *id)).collect();
    let body = json!({"sent_at": "2025-03-14T10:20:00+08:00", "items": items}).to_string();
    let address = &site.addresses[instance % site.addresses.len()];
    loop {
        let request = site.agent.post(format!("http://{address}/v1/responses/batch"));
        let request = request.header("authorization", format!("Bearer {}", site.token));
        let mut reply = request.header("content-type", "application/json").send(&body).unwrap();
        let text = reply.body_mut().read_to_string().unwrap();
        match reply.status().as_u16() {
            503 => *site.busy.lock().unwrap() += 1,
            207 => {
                let reply: Value = serde_json::from_str(&text).unwrap();
                let results = reply["results"].as_array().unwrap();
                assert_eq!(results.len(), ids.len());
                let outcome = |(result, id): (&Value, &Uuid)| {
                    assert_eq!(result["id"], id.to_string(), "the order is that of the request");
                    (*id, result["outcome"].as_str().unwrap().to_owned())
                };
                return results.iter().zip(ids).map(outcome).collect();
            }
            other => panic!("{other}: {text}"),
        }
    }
}

/// The state that the threads of a test share.
struct Shared {
    agent: ureq::Agent,
    addresses: Vec<String>,
    token: String,
    survey: Uuid,
    /// The number of replies 503.
    busy: Mutex<usize>,
    /// The number of times that each answer was `created`.
    created: Mutex<BTreeMap<Uuid, usize>>,
}

impl Shared {
    fn new(site: &Site) -> Self {
        Self {
            agent: agent(),
            addresses: site.addresses.read().unwrap().clone(),
            token: site.token.read().unwrap().clone(),
            survey: site.survey,
            busy: Mutex::default(),
            created: Mutex::default(),
        }
    }

    fn note(&self, outcomes: BTreeMap<Uuid, String>) {
        let mut created = self.created.lock().unwrap();
        for (id, outcome) in outcomes {
            match outcome.as_str() {
                "created" => *created.entry(id).or_default() += 1,
                "already_stored" => {}
                other => panic!("{id}: {other}"),
            }
        }
    }

    /// Asserts that each answer was created once, and that each has the same final outcome when sent again.
    fn judge(&self, site: &Site, ids: &[Uuid]) {
        let created = self.created.lock().unwrap();
        assert_eq!(created.len(), ids.len());
        assert!(created.values().all(|n| *n == 1), "created more than once: {created:?}");
        for instance in 0..self.addresses.len() {
            let outcomes = send(self, instance, ids);
            assert!(
                outcomes.values().all(|outcome| outcome == "already_stored"),
                "{outcomes:?}"
            );
        }
        site.judge_finally(&ids.iter().copied().collect());
    }
}

#[rstest]
fn same_batch_a_thousand_times_is_stored_once(#[values(Kind::Sqlite, Kind::Postgres, Kind::Twins)] kind: Kind) {
    const CONNECTIONS: usize = 50;
    let mut chance = Chance::new(&format!("the same batch, {kind:?}"));
    let site = Site::new(kind);
    let shared = Shared::new(&site);
    let ids: Vec<Uuid> = (0..8).map(|_| Uuid::new_v4()).collect();
    let start = Barrier::new(CONNECTIONS);
    std::thread::scope(|threads| {
        for n in 0..CONNECTIONS {
            let (mut chance, mut ids) = (chance.fork(), ids.clone());
            let (shared, start) = (&shared, &start);
            threads.spawn(move || {
                start.wait();
                for _ in 0..1000 / CONNECTIONS {
                    chance.shuffle(&mut ids);
                    shared.note(send(shared, n, &ids));
                }
            });
        }
    });
    shared.judge(&site, &ids);
    println!("{kind:?}: 1000 batches, {} times busy", shared.busy.lock().unwrap());
}

#[rstest]
fn overlapping_batches_in_opposite_order_do_not_deadlock(
    #[values(Kind::Sqlite, Kind::Postgres, Kind::Twins)] kind: Kind,
) {
    let site = Site::new(kind);
    let shared = Shared::new(&site);
    let rounds = if is_long() { 200 } else { 20 };
    let ids: Vec<Vec<Uuid>> = (0..rounds)
        .map(|_| (0..120).map(|_| Uuid::new_v4()).collect())
        .collect();
    let meet = Barrier::new(2);
    std::thread::scope(|threads| {
        for phone in 0..2 {
            let (shared, meet, ids) = (&shared, &meet, &ids);
            threads.spawn(move || {
                for ids in ids {
                    // One phone sends the first 80, the other sends the last 80 backwards, so 40 are in both batches.
                    let mut mine = if phone == 0 {
                        ids[..80].to_vec()
                    } else {
                        ids[40..].to_vec()
                    };
                    if phone == 1 {
                        mine.reverse();
                    }
                    meet.wait();
                    shared.note(send(shared, phone, &mine));
                }
            });
        }
    });
    let ids: Vec<Uuid> = ids.concat();
    let created = shared.created.lock().unwrap().len();
    assert_eq!(created, ids.len());
    for chunk in ids.chunks(500) {
        shared.note(send(&shared, 0, chunk));
    }
    assert!(shared.created.lock().unwrap().values().all(|n| *n == 1));
    site.judge_finally(&ids.into_iter().collect());
    println!("{kind:?}: {rounds} rounds, {} times busy", shared.busy.lock().unwrap());
}
