//! Many senders send the same batches at the same moment, and in another order.

use futures_util::future::join_all;
use iku::access::Role;
use serde_json::{Value, json};

use super::{BATCH, Setting, answer, changed};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN};

/// Shuffles the items in the same way at every run.
fn shuffled<T: Clone>(items: &[T], seed: u64) -> Vec<T> {
    let mut items = items.to_vec();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for i in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        items.swap(i, usize::try_from(state % (i as u64 + 1)).unwrap());
    }
    items
}

/// Sends a batch, and sends it again after a 503, which has stored nothing. On a busy machine the wait for a connection can
/// end with a 503.
async fn send(actor: Client, items: Vec<Value>) -> Vec<(Value, String)> {
    let body = json!({"sent_at": "2025-03-14T12:00:00+08:00", "items": items});
    let mut reply = actor.post(BATCH, body.clone()).await;
    for _ in 0..20 {
        if reply.status != 503 {
            break;
        }
        assert!(!reply.header("retry-after").is_empty());
        reply = actor.post(BATCH, body.clone()).await;
    }
    let reply = reply.status(207);
    let result = |r: &Value| (r["id"].clone(), r["outcome"].as_str().unwrap().to_owned());
    reply.json["results"].as_array().unwrap().iter().map(result).collect()
}

#[apply(both_databases)]
async fn the_same_batch_sent_fifty_times_at_once_is_stored_once(backend: Backend) {
    let s = Setting::open(backend).await;
    // On PostgreSQL, two instances of the service receive the batches.
    let other = s.world.neighbour().await;
    let phones = [
        s.phone.clone(),
        other
            .as_ref()
            .map_or(s.phone.clone(), |w| w.holder(Role::Surveyor, Some(PARINGIN), &[])),
    ];
    let items: Vec<Value> = (0..40).map(|i| s.item(1 + i % 4)).collect();
    let senders = (0..50).map(|n| send(phones[n % 2].clone(), shuffled(&items, n as u64 + 1)));
    let replies: Vec<(Value, String)> = join_all(senders).await.into_iter().flatten().collect();
    for item in &items {
        let of_item = |outcome: &str| {
            let same = |(id, o): &&(Value, String)| *id == item["id"] && o == outcome;
            replies.iter().filter(same).count()
        };
        assert_eq!((of_item("created"), of_item("already_stored")), (1, 49));
    }
    let again = send(s.phone.clone(), items.clone()).await;
    assert!(again.iter().all(|(_, outcome)| outcome == "already_stored"));
    assert_eq!(
        s.kasi.get(&format!("{}?count=true", s.responses)).await.json["total"],
        40
    );
    s.check_tallies().await;
}

/// Two senders share ids but not content: the first content of each id is stored, the other is held once.
#[apply(both_databases)]
async fn overlapping_batches_in_opposite_order_store_each_id_once(backend: Backend) {
    let s = Setting::open(backend).await;
    let ours: Vec<Value> = (0..60).map(|_| s.item(2)).collect();
    let mut theirs: Vec<Value> = ours[20..]
        .iter()
        .map(|i| changed(i, "/answers/waktu", json!(4)))
        .collect();
    theirs.reverse();
    for _ in 0..3 {
        let pairs = (0..8).flat_map(|_| {
            [
                send(s.phone.clone(), ours.clone()),
                send(s.kasi.clone(), theirs.clone()),
            ]
        });
        join_all(pairs).await;
    }
    let stored = s.kasi.all(&format!("{}?limit=100", s.responses)).await;
    let held = s.kasi.all("/v1/held-responses?limit=100").await;
    assert_eq!((stored.len(), held.len()), (60, 40));
    let mut ids: Vec<&str> = held.iter().map(|h| h["response_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40);
    for (items, actor) in [(&ours, &s.phone), (&theirs, &s.kasi)] {
        for (id, outcome) in send(actor.clone(), items.clone()).await {
            let sent = &items.iter().find(|i| i["id"] == id).unwrap()["answers"];
            let same = stored.iter().any(|a| a["id"] == id && a["answers"] == *sent);
            assert_eq!(outcome, if same { "already_stored" } else { "conflict" });
        }
    }
    let mine = answer(3);
    s.phone.post(&s.responses, mine).await.status(201);
    s.check_tallies().await;
}
