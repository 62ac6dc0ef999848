//! The quotas of phones: what is too much stays on the phone, until an officer has decided or the next day has begun.

use std::sync::Arc;

use actix_web::web::Data;
use clap::Parser;
use entity::device_quota;
use futures_util::future::join_all;
use iku::access::Role;
use iku::config::Settings;
use iku::facts::responses::{Acceptance, Outcome, Quotas, receive};
use iku::platform::clock::Clock;
use iku::platform::db::Db;
use iku::platform::http::limits::RateLimiter;
use iku::platform::metrics::METRICS;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{BATCH, HELD, Setting, answer, changed, decide, incoming, outcomes, sender};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{World, instant};

impl Setting {
    fn items(&self, n: usize) -> Vec<Value> {
        (0..n).map(|_| self.item(2)).collect()
    }

    /// The row of a phone.
    async fn usage(&self, id: Uuid) -> device_quota::Model {
        let row = device_quota::Entity::find_by_id(id);
        row.one(self.world.service.db.connection()).await.unwrap().unwrap()
    }
}

#[apply(both_databases)]
async fn revoked_phone_delivers_the_rest_after_the_office_has_decided(backend: Backend) {
    let s = Setting::with_quotas(backend, 3, 100).await;
    let (id, honest) = (Uuid::new_v4(), s.phone.clone());
    let revoked = s.world.revoked(id).in_english();
    let items = s.items(5);
    let reply = s.batch(&revoked, &items).await;
    let held = ["quarantined", "quarantined", "quarantined", "deferred", "deferred"];
    assert_eq!(outcomes(&reply), held);
    let error = &reply.json["results"][3]["errors"][0];
    assert_eq!(
        (&error["pointer"], &error["code"]),
        (&json!("#/items/3"), &json!("device_quota"))
    );
    let detail = error["detail"].as_str().unwrap();
    assert!(detail.starts_with("3 answers of this phone wait"), "{detail}");

    // What is stored is told again and takes nothing; the rest waits on the phone.
    let again = s.batch(&revoked, &items).await;
    let told = [
        "already_stored",
        "already_stored",
        "already_stored",
        "deferred",
        "deferred",
    ];
    assert_eq!(outcomes(&again), told);
    assert_eq!(s.kasi.all(HELD).await.len(), 3);
    assert_eq!(outcomes(&s.batch(&honest, &s.items(5)).await), ["created"; 5]);
    assert_eq!(
        outcomes(&s.batch(&s.world.revoked_phone(), &s.items(1)).await),
        ["quarantined"]
    );

    let waiting = s.kasi.all(&format!("{HELD}?client_id={id}")).await;
    decide(&s.kasi, &waiting[0], "discard").await.status(200);
    decide(&s.kasi, &waiting[0], "discard").await.status(200);
    let next = s.batch(&revoked, &items).await;
    assert_eq!(outcomes(&next)[3..], ["quarantined", "deferred"]);
    decide(&s.kasi, &waiting[1], "release").await.status(200);
    assert_eq!(
        outcomes(&s.batch(&revoked, &items).await)[3..],
        ["already_stored", "quarantined"]
    );
    assert_eq!(s.usage(id).await.held, 3);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn late_answers_and_other_content_take_from_the_quota_of_held_answers(backend: Backend) {
    let s = Setting::with_quotas(backend, 2, 100).await;
    let id = Uuid::new_v4();
    let phone = s.world.phone(id);
    let first = s.item(4);
    let others: Vec<Value> = (1..=3).map(|n| changed(&first, "/answers/waktu", json!(n))).collect();
    s.batch(&phone, std::slice::from_ref(&first)).await;
    let reply = s.batch(&phone, &[&others[..], &others[..]].concat()).await;
    let once = ["conflict", "conflict", "deferred"];
    assert_eq!(outcomes(&reply), [once, once].concat());
    assert_eq!(outcomes(&s.batch(&phone, &others).await), once);
    assert_eq!(s.usage(id).await.held, 2);
    s.change(json!({"status": "closed"})).await;
    let late = s.items(1);
    assert_eq!(outcomes(&s.batch(&phone, &late).await), ["deferred"]);
    for held in s.kasi.all(HELD).await {
        decide(&s.kasi, &held, "discard").await.status(200);
    }
    assert_eq!(outcomes(&s.batch(&phone, &late).await), ["quarantined"]);
    assert_eq!(outcomes(&s.batch(&phone, &others).await), ["conflict"; 3]);
    assert_eq!(s.usage(id).await.held, 2);
    // People have no quota.
    assert_eq!(outcomes(&s.batch(&s.kasi, &s.items(5)).await), ["quarantined"; 5]);
}

#[apply(both_databases)]
async fn phone_counts_so_many_answers_a_day(backend: Backend) {
    let s = Setting::with_quotas(backend, 100, 3).await;
    let id = Uuid::new_v4();
    let phone = s.world.phone(id);
    let items = s.items(5);
    let twice = [&items[..1], &items[..]].concat();
    let reply = s.batch(&phone, &twice).await;
    let told = [
        "created",
        "already_stored",
        "created",
        "created",
        "deferred",
        "deferred",
    ];
    assert_eq!(outcomes(&reply), told);

    // A single answer is refused so that the phone keeps it; a known answer is not.
    let refused = s.phone_post(&phone, &items[3]).await.problem(429, "device_quota");
    assert_eq!(refused.header("retry-after"), "3600");
    s.phone_post(&phone, &items[0]).await.status(200);
    s.kasi.post(&s.responses, answer(3)).await.status(201);
    s.phone.post(&s.responses, answer(3)).await.status(201);
    let voided = format!("{}/{}", s.responses, items[0]["id"].as_str().unwrap());
    s.kasi.delete(&voided, "*").await.status(204);
    s.phone_post(&phone, &items[3]).await.problem(429, "device_quota");

    // The log and the metric tell it once a day.
    let row = s.usage(id).await;
    assert_eq!((row.counted, row.counted_reported_on), (3, row.counted_on));
    assert!(
        METRICS
            .text()
            .unwrap()
            .contains("iku_device_quota_reached_total{quota=\"daily\"}")
    );

    s.world.clock.set(instant("2025-03-14T23:59:59+08:00"));
    assert_eq!(outcomes(&s.batch(&phone, &items[3..]).await), ["deferred"; 2]);
    s.world.clock.set(instant("2025-03-15T00:00:00+08:00"));
    assert_eq!(outcomes(&s.batch(&phone, &items[3..]).await), ["created"; 2]);
    s.check_tallies().await;
}

impl Setting {
    /// Sends the item of a batch alone.
    async fn phone_post(&self, phone: &crate::support::world::Client, item: &Value) -> crate::support::world::Reply {
        let mut answer = item.clone();
        answer.as_object_mut().unwrap().remove("survey_id");
        phone.post(&self.responses, answer).await
    }
}

/// Batches of one phone meet in the queues of two instances. On SQLite there is one instance.
#[apply(both_databases)]
async fn quota_is_exact_however_many_requests_come_at_once(backend: Backend) {
    let s = Setting::with_quotas(backend, 70, 50).await;
    let other = s.world.neighbour().await;
    let dbs = [
        Db::clone(&s.world.service.db),
        other
            .as_ref()
            .map_or(&s.world.service.db, |w| &w.service.db)
            .get_ref()
            .clone(),
    ];
    let quotas = Quotas { held: 70, daily: 50 };
    for (acceptance, most) in [(Acceptance::QuarantineClosed, 50), (Acceptance::AlwaysQuarantine, 70)] {
        let phone = sender(Role::Surveyor);
        let batches = (0..20).map(|n| {
            let db = dbs[n % 2].clone();
            let mut items: Vec<_> = (0..10)
                .map(|_| incoming(s.id(), Uuid::new_v4(), 3, acceptance))
                .collect();
            items.iter_mut().for_each(|item| item.sender = Arc::clone(&phone));
            actix_web::rt::spawn(async move { db.write(async |tx| receive(tx, quotas, &items).await).await.unwrap() })
        });
        let outcomes: Vec<Outcome> = join_all(batches).await.into_iter().flat_map(Result::unwrap).collect();
        let stored = outcomes.iter().filter(|o| !matches!(o, Outcome::Refused(_))).count();
        assert_eq!((outcomes.len(), stored), (200, most));
        let row = s.usage(phone.id).await;
        assert_eq!(row.counted + row.held, i64::try_from(most).unwrap());
    }
    s.check_tallies().await;
}

/// A revoked phone floods, and an active one before anybody noticed. Both stop at their quotas, and two requests clean up.
#[apply(both_databases)]
async fn flood_of_a_stolen_phone_is_bounded_and_two_requests_clean_up(backend: Backend) {
    let s = Setting::open(backend).await;
    let id = Uuid::new_v4();
    let (active, revoked) = (s.world.phone(id), s.world.revoked(id));
    s.batch(&s.phone, &s.items(3)).await;
    let before = s.results(None).await;
    for (thief, stored, most) in [(&active, "created", 5000), (&revoked, "quarantined", 2000)] {
        let mut told = Vec::new();
        for _ in 0..=most / 500 {
            let reply = s.batch(thief, &s.items(500)).await;
            told.extend(outcomes(&reply).into_iter().map(str::to_owned));
        }
        assert!(told[..most].iter().all(|outcome| outcome == stored));
        assert!(told[most..].iter().all(|outcome| outcome == "deferred"));
    }
    assert_eq!(outcomes(&s.batch(&s.phone, &s.items(10)).await), ["created"; 10]);
    let discard = json!({"decision": "discarded", "client_id": id, "reason": "Ponsel dicuri"});
    let discarded = s
        .kasi
        .post(&format!("{HELD}/decisions"), discard)
        .await
        .status(201)
        .json;
    let void = json!({"client_id": id, "reason": "Ponsel dicuri"});
    let voided = s.kasi.post("/v1/responses/voids", void).await.status(201).json;
    for (done, answers) in [(discarded, 2000), (voided, 5000)] {
        assert_eq!((&done["answers"], &done["has_more"]), (&json!(answers), &json!(false)));
    }
    assert_eq!(
        s.kasi.get(&format!("{HELD}?decided=false&count=true")).await.json["total"],
        0
    );
    let after = s.results(None).await;
    assert_eq!((after.0, after.1), (json!(13), before.1));
    s.check_tallies().await;
}

/// With the limits of a fresh service, and beside a revoked phone that sends as fast as it can.
#[actix_web::test]
async fn two_hundred_honest_phones_behind_one_address_feel_nothing() {
    let clock = Clock::fixed(instant("2025-03-14T12:00:00+08:00"));
    let settings = Settings::try_parse_from(["iku"]).unwrap();
    let limiter = RateLimiter::new(|class| settings.limit(class), &clock);
    let adjust = |service: &mut iku::app::Service| service.rate_limiter = Data::new(limiter);
    let world = World::on(Backend::Sqlite)
        .at("2025-03-14T12:00:00+08:00")
        .adjust(adjust);
    let s = Setting::of(world.await).await;
    s.change(json!({"status": "open"})).await;
    let revoked = s.world.revoked_phone().from("203.0.113.9");
    let body = |items: &[Value]| json!({"sent_at": s.world.clock.now(), "items": items});
    let mut refused = 0;
    for n in 0..200 {
        let phone = s
            .world
            .holder(Role::Surveyor, Some("63.11.06"), &[])
            .from("203.0.113.9");
        let flood = revoked.post(BATCH, body(&s.items(1))).await;
        refused += usize::from(flood.status == 429);
        assert_eq!(flood.status, if n < 10 { 207 } else { 429 });
        phone.get("/v1/surveys").await.status(200);
        let items = s.items(3);
        assert_eq!(
            outcomes(&phone.post(BATCH, body(&items)).await.status(207)),
            ["created"; 3]
        );
        let ids: Vec<&Value> = items.iter().map(|item| &item["id"]).collect();
        phone
            .post("/v1/responses/status", json!({"ids": ids}))
            .await
            .status(200);
        phone.post(&s.responses, answer(3)).await.status(201);
    }
    assert_eq!(refused, 190);
    assert_eq!(s.results(None).await.0, 800);
}
