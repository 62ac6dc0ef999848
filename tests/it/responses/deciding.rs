//! Held answers: who can find them, and who can decide on them.

use futures_util::future::join_all;
use iku::access::Role;
use iku::facts::responses::quarantine;
use iku::platform::http::Paging;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{HELD, Setting, decide, reason};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::{counted, reader};
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{PARINGIN, instant};

#[apply(both_databases)]
async fn a_decision_is_made_once(backend: Backend) {
    let s = Setting::open(backend).await;
    let items = [s.item(1), s.item(2)];
    s.batch(&s.world.revoked_phone(), &items).await;
    let held = s.kasi.all(HELD).await;
    for (held, made, other) in [(&held[0], "release", "discard"), (&held[1], "discard", "release")] {
        let decided = decide(&s.kasi, held, made).await.status(200);
        s.world.clock.set(s.world.clock.now() + chrono::TimeDelta::hours(1));
        let path = format!("{HELD}/{}", held["id"].as_str().unwrap());
        let again = s.kasi.post(&format!("{path}/{made}"), json!({"reason": "lain"})).await;
        assert_eq!(again.status(200).json, decided.json);
        decide(&s.kasi, held, other).await.problem(409, "already_decided");
        let got = s.kasi.get(&path).await.status(200);
        assert_eq!((got.etag(), got.json), (decided.etag(), decided.json));
    }
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn only_one_of_contrary_decisions_at_the_same_moment_is_made(backend: Backend) {
    let s = Setting::open(backend).await;
    s.batch(&s.world.revoked_phone(), &[s.item(3)]).await;
    let held = s.newest().await;
    let decisions = (0..12).map(|n| decide(&s.kasi, &held, if n % 2 == 0 { "release" } else { "discard" }));
    let replies = join_all(decisions).await;
    let path = format!("{HELD}/{}", held["id"].as_str().unwrap());
    let made = s.kasi.get(&path).await.status(200).json;
    assert_eq!(replies.iter().filter(|r| r.status == 200 && r.json == made).count(), 6);
    assert_eq!(replies.iter().filter(|r| r.status == 409).count(), 6);
    let respondents = if made["decision"] == "released" { 1 } else { 0 };
    assert_eq!(s.results(None).await.0, respondents);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn only_officers_of_the_section_decide_and_the_district_reads(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    s.batch(&s.world.revoked_phone(), &[s.item(1)]).await;
    let held = s.newest().await;
    let path = format!("{HELD}/{}", held["id"].as_str().unwrap());
    let of_paringin = format!("{HELD}?district_code={PARINGIN}");
    let stranger = s.world.stranger();
    let pmd = s.world.officer(&["pmd"]);
    assert_refused(&[
        (&stranger, "GET", &path, NONE, 404, "not_found"),
        (&stranger, "GET", &of_paringin, NONE, 404, "not_found"),
    ])
    .await;
    assert_eq!(stranger.all(HELD).await.len(), 0);
    pmd.get(&path).await.status(200);
    for decision in ["release", "discard"] {
        let unknown = &format!("{HELD}/{}/{decision}", Uuid::new_v4());
        let path = &format!("{path}/{decision}");
        assert_refused(&[
            (&stranger, "POST", path, reason(), 404, "not_found"),
            (&pmd, "POST", path, reason(), 403, "wrong_section"),
            (&s.kasi, "POST", unknown, reason(), 404, "not_found"),
            (&s.kasi, "POST", path, json!({}), 400, "invalid_body"),
            (&s.kasi, "POST", path, json!({"reason": " "}), 400, "invalid_body"),
        ])
        .await;
        for role in [Role::Head, Role::Auditor, Role::Surveyor, Role::Integrator] {
            let actor = s.world.holder(role, Some(PARINGIN), &[]);
            assert_refused(&[(&actor, "POST", path, reason(), 403, "insufficient_scope")]).await;
        }
    }
    for role in [Role::Head, Role::Auditor] {
        s.world.holder(role, Some(PARINGIN), &[]).get(&path).await.status(200);
    }
    for role in [Role::Surveyor, Role::Integrator] {
        s.world
            .holder(role, Some(PARINGIN), &[])
            .get(HELD)
            .await
            .problem(403, "insufficient_scope");
    }
    decide(&s.world.admin(), &held, "release").await.status(200);
    // The reply shows nothing about the sender, even to an administrator.
    let shown = s.world.admin().get(&path).await.status(200).json.to_string();
    assert!(
        !shown.contains("device_id") && !shown.contains("test.surveyor"),
        "{shown}"
    );
}

/// Sends answers that are held for three reasons: a revoked phone, five conflicts, three after the survey closed.
async fn nine_held(s: &Setting) {
    s.batch(&s.world.revoked_phone(), &[s.item(1)]).await;
    let first = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    let conflicts: Vec<Value> = (0..5)
        .map(|n| {
            let mut item = first.clone();
            item["comment"] = json!(format!("lain {n}"));
            item
        })
        .collect();
    s.batch(&s.phone, &conflicts).await;
    s.change(json!({"status": "closed"})).await;
    s.batch(&s.phone, &[s.item(1), s.item(2), s.item(3)]).await;
}

#[apply(both_databases)]
async fn lists_are_filtered(backend: Backend) {
    let s = Setting::open(backend).await;
    nine_held(&s).await;
    let all = s.kasi.all(&format!("{HELD}?limit=2")).await;
    assert_eq!(all.len(), 9);
    let received: Vec<_> = all
        .iter()
        .map(|h| instant(h["received_at"].as_str().unwrap()))
        .collect();
    assert!(received.is_sorted_by(|a, b| a >= b), "the newest first");
    for (query, count) in [
        ("reason=id_conflict", 5),
        ("reason=survey_closed", 3),
        ("reason=device_revoked", 1),
        ("decided=true", 0),
        ("decided=false", 9),
        ("district_code=63.11.06", 9),
        (&format!("survey_id={}&reason=survey_closed", s.id()), 3),
        (&format!("survey_id={}", Uuid::new_v4()), 0),
    ] {
        assert_eq!(s.kasi.all(&format!("{HELD}?{query}")).await.len(), count, "{query}");
    }
    for bad in ["reason=lain", "decided=ya", "survey_id=x", "tidak=1"] {
        s.kasi.get(&format!("{HELD}?{bad}")).await.problem(400, "invalid_query");
    }
}

#[apply(both_databases)]
async fn a_walk_shows_each_answer_once_while_they_are_decided(backend: Backend) {
    let s = Setting::open(backend).await;
    nine_held(&s).await;
    let list = format!("{HELD}?decided=false");
    let first = s.kasi.get(&format!("{list}&limit=4&count=true")).await.status(200).json;
    assert_eq!(first["total"], 9);
    for held in s.kasi.all(HELD).await {
        decide(&s.kasi, &held, "discard").await.status(200);
    }
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = s
        .kasi
        .get(&format!("{list}&limit=100&cursor={cursor}"))
        .await
        .status(200)
        .json;
    assert_eq!(rest["items"].as_array().unwrap().len(), 5);
    assert_eq!(s.kasi.all(&list).await.len(), 0);
    assert_eq!(s.kasi.all(&format!("{HELD}?decided=true")).await.len(), 9);
}

#[apply(both_databases)]
async fn a_list_of_many_takes_as_many_statements_as_a_list_of_one(backend: Backend) {
    let s = Setting::open(backend).await;
    let cost = async || {
        let filter = serde_json::from_value(json!({})).unwrap();
        let list = counted(&s.world, async |conn| {
            quarantine::service::list(conn, &reader(), &filter, &Paging::default()).await
        });
        let (page, statements) = list.await;
        (page.items.len(), statements)
    };
    s.batch(&s.world.revoked_phone(), &[s.item(1)]).await;
    let one = cost().await;
    nine_held(&s).await;
    let many = cost().await;
    assert_eq!((one.0, many.0), (1, 10));
    assert_eq!(one.1, many.1, "statements");
}
