//! Many equal answers of one phone within an hour are flagged, and count.

use iku::access::Role;
use serde_json::{Value, json};

use super::{Setting, changed, outcomes};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::PARINGIN;

/// An answer of the given minute.
fn at(s: &Setting, score: i64, minute: i64) -> Value {
    let time = format!("2025-03-14T{:02}:{:02}:00+08:00", 8 + minute / 60, minute % 60);
    changed(&s.item(score), "/answered_at", json!(time))
}

async fn flagged(s: &Setting) -> usize {
    let all = s.kasi.all(&format!("{}?flagged=true&limit=100", s.responses)).await;
    assert!(all.iter().all(|a| a["flags"] == json!(["equal_answers"])), "{all:#?}");
    let others = s.kasi.all(&format!("{}?flagged=false&limit=100", s.responses)).await;
    assert!(others.iter().all(|a| a["flags"] == json!([])));
    all.len()
}

#[apply(both_databases)]
async fn ten_equal_answers_within_an_hour_are_flagged_and_count(backend: Backend) {
    let s = Setting::open(backend).await;
    // Nine in two batches and one alone: with the tenth, all ten are flagged.
    let first: Vec<Value> = (0..5).map(|n| at(&s, 3, n)).collect();
    s.batch(&s.phone, &first).await;
    let next: Vec<Value> = (5..9).map(|n| at(&s, 3, n)).collect();
    s.batch(&s.phone, &next).await;
    assert_eq!(flagged(&s).await, 0);
    let one = format!("{}/{}", s.responses, first[0]["id"].as_str().unwrap());
    let before = s.kasi.get(&one).await.status(200).etag();
    let mut alone = at(&s, 3, 9);
    alone.as_object_mut().unwrap().remove("survey_id");
    let made = s.phone.post(&s.responses, alone).await.status(201);
    assert_eq!(made.json["flags"], json!(["equal_answers"]));
    assert_eq!(flagged(&s).await, 10);
    assert_ne!(s.kasi.get(&one).await.status(200).etag(), before);
    // A burst in one batch, of another phone; answers with other scores in between are not flagged.
    let phone = s.world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    let mut items: Vec<Value> = (0..10).map(|n| at(&s, 2, n * 6)).collect();
    items.insert(4, at(&s, 4, 30));
    assert_eq!(outcomes(&s.batch(&phone, &items).await), ["created"; 11]);
    assert_eq!(flagged(&s).await, 20);
    assert_eq!(s.results(None).await.0, 21);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn equal_answers_of_a_day_of_several_phones_or_of_paper_are_not_flagged(backend: Backend) {
    let s = Setting::open(backend).await;
    let slow: Vec<Value> = (0..30).map(|n| at(&s, 3, n * 7)).collect();
    s.batch(&s.phone, &slow).await;
    let other = s.world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    for phone in [&other, &s.world.holder(Role::Surveyor, Some(PARINGIN), &[])] {
        let nine: Vec<Value> = (0..9).map(|n| at(&s, 4, n)).collect();
        s.batch(phone, &nine).await;
        s.batch(phone, &nine).await;
    }
    let paper: Vec<Value> = (0..20).map(|_| at(&s, 1, 5)).collect();
    s.batch(&s.kasi, &paper).await;
    assert_eq!(flagged(&s).await, 0);
    s.check_tallies().await;
}
