//! What is doubtful is held, whatever the address of the phone.

use actix_web::web::Data;
use clap::Parser;
use futures_util::future::{join, join_all};
use iku::config::Settings;
use iku::platform::clock::Clock;
use iku::platform::http::limits::RateLimiter;
use iku::platform::http::limits::at_work::ReadQueues;
use serde_json::{Value, json};

use super::{Counter, LINKS, filled, item, outcomes, script, thanked};
use crate::pages::browser::{Browser, Page};
use crate::responses::{Setting, decide};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::instant;

#[apply(both_databases)]
async fn what_is_doubtful_is_held_with_its_reason_and_can_be_released(backend: Backend) {
    let c = Counter::with(backend, json!({"hourly_budget": 3})).await;
    let check = async |flag: &str, count: usize| {
        let held = c.held().await;
        assert_eq!(held.len(), count, "{held:#?}");
        assert_eq!(
            (&held[0]["reason"], &held[0]["flags"]),
            (&json!("doubtful"), &json!([flag]))
        );
    };
    // Too fast; without a proof of the form; with that of another link.
    let page = c.browser().get(&c.path).await;
    c.wait(14);
    thanked(c.browser().send(&c.path, &filled(&page, 1, &[])).await);
    check("filled_fast", 1).await;
    let other =
        c.s.kasi
            .post(LINKS, json!({"survey_id": c.link["survey_id"], "name": "Lain"}))
            .await;
    let foreign = c
        .browser()
        .get(&format!("/s/{}", other.json["code"].as_str().unwrap()))
        .await;
    c.wait(100);
    let page = c.browser().get(&c.path).await;
    let started = [("started", foreign.hidden("started"))];
    let started = started.each_ref().map(|(name, value)| (*name, value.as_str()));
    c.wait(100);
    thanked(c.browser().send(&c.path, &filled(&page, 2, &started)).await);
    let held = c.held().await;
    assert_eq!(held[0]["flags"], json!(["answered_at_replaced", "filled_fast"]));
    // The same scores twice within a minute.
    let (one, two) = (c.browser().get(&c.path).await, c.browser().get(&c.path).await);
    c.wait(20);
    c.wait(3600);
    thanked(c.browser().send(&c.path, &filled(&one, 3, &[])).await);
    assert_eq!(c.counts().await.0, 1);
    thanked(c.browser().send(&c.path, &filled(&two, 3, &[])).await);
    check("same_as_before", 3).await;
    // The third of this hour counts, the fourth is over the budget, and the next hour begins anew.
    thanked(c.answer(4).await);
    assert_eq!(c.counts().await.0, 2);
    thanked(c.answer(5).await);
    check("over_budget", 4).await;
    assert_eq!(c.counts().await.0, 2);
    c.wait(3600);
    thanked(c.answer(6).await);
    assert_eq!(c.counts().await.0, 3);

    // The page of the survey says why, in both languages, and officers decide as on all held answers.
    let held = c.held().await;
    for held in &held[..2] {
        decide(&c.s.kasi, held, "release").await.status(200);
    }
    decide(&c.s.kasi, &held[2], "discard").await.status(200);
    assert_eq!(c.counts().await, (json!(5), json!(5)));
    let all = json!({"survey_id": c.link["survey_id"], "client_id": c.link["id"], "held_reason": "doubtful", "decision": "released", "reason": "Sudah dilihat"});
    c.s.kasi.post("/v1/held-responses/decisions", all).await.status(201);
    assert_eq!(c.counts().await, (json!(6), json!(6)));
    let void = json!({"client_id": c.link["id"], "reason": "Tautan disalahgunakan"});
    c.s.kasi.post("/v1/responses/voids", void).await.status(201);
    assert_eq!(c.counts().await, (json!(0), json!(0)));
    c.check().await;
}

#[apply(both_databases)]
async fn many_equal_answers_are_held_from_the_tenth_on(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    for _ in 0..9 {
        thanked(c.answer(11).await);
    }
    assert_eq!(c.counts().await.0, 9);
    thanked(c.answer(11).await);
    assert_eq!(c.counts().await.0, 9);
    let held = c.held().await;
    assert_eq!((held.len(), &held[0]["flags"]), (1, &json!(["equal_answers"])));
    // Twelve of a phone in one request, as from a queue: all belong to the burst.
    let page = c.browser().get(&c.path).await;
    c.wait(30);
    let items: Vec<Value> = (0..12).map(|n| item(&c, &page, 100, n * 61)).collect();
    assert_eq!(outcomes(&script(&c, &items).await), ["quarantined"; 12]);
    assert_eq!(c.counts().await.0, 9);
    c.check().await;
}

/// A burst that finds no room among the held answers waits on its phone, sent once or twice. Other answers are stored.
#[apply(both_databases)]
async fn a_burst_without_room_delays_no_other_answer(backend: Backend) {
    let c = Counter::of(Setting::with_quotas(backend, 0, 100).await, json!({})).await;
    let page = c.browser().get(&c.path).await;
    c.wait(30);
    let alike: Vec<Value> = (0..9).map(|n| item(&c, &page, 100, 90 + n * 61)).collect();
    assert_eq!(outcomes(&script(&c, &alike).await), ["created"; 9]);
    let tenth = item(&c, &page, 100, 0);
    let twice = [tenth.clone(), tenth.clone()];
    let beside = [tenth, item(&c, &page, 7, 0)];
    let (one, other) = join(script(&c, &twice), script(&c, &beside)).await;
    assert_eq!(outcomes(&one), ["deferred"; 2]);
    assert_eq!(outcomes(&other), ["deferred", "created"]);
    assert_eq!(c.counts().await.0, 10);
    c.check().await;
}

#[apply(both_databases)]
async fn a_link_that_has_ended_is_friendly_and_holds_what_comes_late(backend: Backend) {
    let c = Counter::with(backend, json!({"expires_at": "2025-03-15T00:00:00+08:00"})).await;
    let page = c.browser().get(&c.path).await;
    c.s.world.clock.set(instant("2025-03-15T00:00:00+08:00"));
    let ended = c.browser().get(&c.path).await;
    assert_eq!(
        (ended.reply.status, ended.heading().as_str()),
        (410, "Tautan ini sudah berakhir")
    );
    assert!(
        ended.source().contains("counter.js"),
        "the queue of a phone is still sent"
    );
    assert_eq!(outcomes(&script(&c, &[item(&c, &page, 1, 100)]).await), ["quarantined"]);
    assert_eq!(c.held().await[0]["flags"], json!(["link_ended"]));
    thanked(c.browser().send(&c.path, &filled(&page, 2, &[])).await);
    // Longer again, switched off, on again.
    let own = format!("{LINKS}/{}", c.link["id"].as_str().unwrap());
    c.s.kasi.patch(&own, "*", json!({"expires_at": null})).await.status(200);
    assert_eq!(c.browser().get(&c.path).await.reply.status, 200);
    c.s.kasi.patch(&own, "*", json!({"active": false})).await.status(200);
    assert_eq!(
        c.browser().get(&format!("{}?bahasa=en", c.path)).await.heading(),
        "This link has ended"
    );
    thanked(c.browser().send(&c.path, &filled(&page, 3, &[])).await);
    assert_eq!(c.held().await.len(), 3);
    c.s.kasi.patch(&own, "*", json!({"active": true})).await.status(200);
    // A closed survey, an open one again, a withdrawn one.
    c.s.change(json!({"status": "closed"})).await;
    assert_eq!(c.browser().get(&c.path).await.reply.status, 410);
    c.s.change(json!({"status": "open", "reason": "Dilanjutkan"})).await;
    assert_eq!(c.browser().get(&c.path).await.reply.status, 200);
    c.s.kasi.delete(&c.s.survey, "*").await;
    assert_eq!(c.browser().get(&c.path).await.reply.status, 404);
    // A draft waits.
    let s = Setting::draft(backend).await;
    let c = Counter::of(s, json!({})).await;
    assert_eq!(c.browser().get(&c.path).await.heading(), "Survei ini belum dibuka");
    for wrong in ["/s/0000000000", "/s/x", "/s/-", "/s/%F0%9F%92%A9", "/s/4T9X0M7CQKK"] {
        let page = c.browser().get(wrong).await;
        assert_eq!(
            (page.reply.status, page.heading().as_str()),
            (404, "Tautan ini tidak ada"),
            "{wrong}"
        );
    }
    // A code as people type it.
    let code = c.link["code"].as_str().unwrap();
    let typed = format!("/s/{}-{}", code[..5].to_lowercase(), &code[5..]);
    assert_eq!(c.browser().get(&typed).await.heading(), "Survei ini belum dibuka");
}

#[apply(both_databases)]
async fn two_hundred_phones_behind_one_address_are_all_thanked(backend: Backend) {
    let settings = Settings::try_parse_from(["iku"]).unwrap();
    let clock = Clock::fixed(chrono::DateTime::UNIX_EPOCH);
    let limiter = RateLimiter::new(|class| settings.limit(class), &clock);
    let queues = ReadQueues::new(Some(4));
    let s = Setting::open(backend).await;
    let world = s.world.adjusted(|service| {
        service.rate_limiter = Data::new(limiter);
        service.read_queues = Data::new(queues);
    });
    let world = world.await;
    let c = Counter::of(s, json!({})).await;
    let visit = async |_: u32| {
        let browser = Browser::new(&world);
        let page = browser.get(&c.path).await;
        for file in page.source().split('"').filter(|part| part.starts_with("/aset/")) {
            assert_eq!(browser.ask(file).await.status, 200);
        }
        browser.ask("/s/sw.js").await.status(200);
        page
    };
    let pages = join_all((0..200).map(visit)).await;
    c.wait(40);
    let send =
        async |(number, page): (u32, &Page)| Browser::new(&world).send(&c.path, &filled(page, number, &[])).await;
    let replies = join_all((0..).zip(&pages).map(send)).await;
    replies.into_iter().for_each(thanked);
    assert_eq!(c.counts().await, (json!(120), json!(120)));
    let held = c.held().await;
    assert_eq!(held.len(), 80);
    assert!(held.iter().all(|one| one["flags"] == json!(["over_budget"])));
    c.check().await;
}
