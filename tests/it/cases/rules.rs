//! The rules of cases and their events, and who may record them.

use std::collections::BTreeSet;

use iku::access::Role;
use iku::core::case::EventKind;
use serde_json::json;

use super::{CASES, NOW, event, nowhere, recorded, waste, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{PARINGIN, PARINGIN_KOTA, World};

#[apply(both_databases)]
async fn rejects_impossible_transitions(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    // The status after each possible event; every other event is refused.
    for (way, possible) in [
        (&[][..], &[("verified", "verified"), ("rejected", "rejected")][..]),
        (
            &["verified"],
            &[
                ("handling", "handling"),
                ("resolved", "resolved"),
                ("referred", "referred"),
                ("rejected", "rejected"),
                ("withdrawn", "reported"),
            ],
        ),
        (
            &["verified", "handling"],
            &[
                ("resolved", "resolved"),
                ("referred", "referred"),
                ("rejected", "rejected"),
                ("withdrawn", "verified"),
            ],
        ),
        (&["rejected"], &[("reopened", "reported"), ("withdrawn", "reported")]),
        (
            &["verified", "resolved"],
            &[("reopened", "verified"), ("withdrawn", "verified")],
        ),
        (
            &["verified", "handling", "referred"],
            &[
                ("receipt_added", "referred"),
                ("resolved", "resolved"),
                ("returned", "verified"),
                ("reopened", "verified"),
                ("withdrawn", "handling"),
            ],
        ),
    ] {
        for kind in EventKind::ALL.map(EventKind::as_str) {
            let path = recorded(&kasi, waste()).await;
            let events = format!("{path}/events");
            for step in way {
                let step = event(step, "2025-03-15T08:00:00+08:00");
                kasi.post(&events, step).await.status(201);
            }
            let reply = kasi.post(&events, event(kind, "2025-03-15T08:00:00+08:00")).await;
            if let Some((_, status)) = possible.iter().find(|(event, _)| *event == kind) {
                assert_eq!(reply.status(201).json["status"], *status, "{way:?} {kind}");
            } else {
                reply.problem(409, "impossible_transition");
                let case = kasi.get(&path).await.status(200).json;
                assert_eq!(case["status"], way.last().copied().unwrap_or("reported"));
                assert_eq!(case["events"].as_array().unwrap().len(), way.len());
            }
        }
    }
}

#[apply(both_databases)]
async fn rejects_cases_that_break_a_rule(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let rows = [
        ("village_code", "63.11.06.2999", "unknown_reference", "#/village_code"),
        ("village_code", "63.11.01.2001", "unknown_reference", "#/village_code"),
        ("category", "sampah", "unknown_reference", "#/category"),
        (
            "occurred_at",
            "2025-06-30T09:02:00+08:00",
            "future_instant",
            "#/occurred_at",
        ),
        ("occurred_at", "1999-12-31T15:59:59Z", "rule_broken", "#/occurred_at"),
        (
            "occurred_at",
            "0000-01-01T00:00:00+23:59",
            "rule_broken",
            "#/occurred_at",
        ),
    ];
    let rows = rows.map(|(name, value, code, pointer)| (with(name, value), 422, code, pointer));
    assert_bodies_refused(&kasi, "POST", CASES, rows).await;
    recorded(&kasi, with("village_code", PARINGIN_KOTA)).await;
    recorded(&kasi, with("occurred_at", NOW)).await;
}

#[apply(both_databases)]
async fn rejects_events_and_corrections_out_of_order(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, waste()).await;
    let events = format!("{path}/events");
    let verified = |at: &str| event("verified", at);
    let rows = [
        (verified("2025-06-30T09:02:00+08:00"), 422, "future_instant", "#/at"),
        (verified("2025-03-14T21:29:59+08:00"), 422, "rule_broken", "#/at"),
    ];
    assert_bodies_refused(&kasi, "POST", &events, rows).await;
    // The first event may have happened at the instant of the case.
    kasi.post(&events, verified("2025-03-14T21:30:00+08:00"))
        .await
        .status(201);
    let handling = event("handling", "2025-03-16T08:00:00+08:00");
    kasi.post(&events, handling).await.status(201);
    let before_handling = event("resolved", "2025-03-16T07:59:59+08:00");
    kasi.post(&events, before_handling).await.problem(422, "rule_broken");

    let rows = [
        (
            "occurred_at",
            "2025-03-14T21:30:01+08:00",
            "rule_broken",
            "#/occurred_at",
        ),
        (
            "occurred_at",
            "2025-07-01T00:00:00+08:00",
            "future_instant",
            "#/occurred_at",
        ),
        ("village_code", "63.11.01.2001", "unknown_reference", "#/village_code"),
        ("category", "sampah", "unknown_reference", "#/category"),
    ];
    let rows = rows.map(|(name, value, code, pointer)| (json!({name: value}), 422, code, pointer));
    assert_bodies_refused(&kasi, "PATCH", &path, rows).await;
}

#[apply(both_databases)]
async fn instants_have_the_precision_of_the_database(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    for (sent, shown) in [
        ("2025-06-29T23:59:59.1234567Z", "2025-06-29T23:59:59.123456Z"),
        // A leap second becomes the second after it.
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ] {
        let made = kasi.post(CASES, with("occurred_at", sent)).await.status(201);
        assert_eq!(made.json["occurred_at"], shown);
        assert_eq!(kasi.get(made.header("location")).await.status(200).json, made.json);
    }
}

#[actix_web::test]
async fn rejects_bodies_that_break_the_contract() {
    let world = World::on(Backend::Sqlite).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let path = &recorded(&kasi, waste()).await;
    let events = format!("{path}/events");
    let rubbish = json!({"village_code": 1, "category": "X", "occurred_at": "14/03/2025", "summary": "a\u{0}"});
    let refused = kasi.post(CASES, rubbish).await.problem(400, "invalid_body");
    let pointers: BTreeSet<_> = refused.pointers().into_iter().collect();
    let all = ["#/category", "#/occurred_at", "#/summary", "#/village_code"];
    assert_eq!(pointers, BTreeSet::from(all));
    // The status follows from the events alone.
    let resolved = json!({"status": "resolved"});
    assert_refused(&[
        (&kasi, "PATCH", path, resolved, 400, "invalid_body"),
        (&kasi, "POST", CASES, with("status", "resolved"), 400, "invalid_body"),
        (&kasi, "POST", &events, event("reported", NOW), 400, "invalid_body"),
        (
            &kasi,
            "POST",
            CASES,
            with("occurred_at", "2025-02-30"),
            400,
            "invalid_body",
        ),
        (
            &kasi,
            "POST",
            CASES,
            with("occurred_at", "2025-03-14T21:30:00"),
            400,
            "invalid_body",
        ),
        (
            &kasi,
            "PATCH",
            path,
            json!({"district_code": PARINGIN}),
            400,
            "invalid_body",
        ),
        (&kasi, "GET", "/v1/cases?status=open", NONE, 400, "invalid_query"),
    ])
    .await;
}

#[apply(both_databases)]
async fn rejects_other_districts_sections_and_roles(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let path = &recorded(&world.admin(), waste()).await;
    let (events, versions) = (&format!("{path}/events"), &format!("{path}/versions"));
    let verified = || event("verified", "2025-03-15T08:00:00+08:00");
    let summary = || json!({"summary": "x"});
    let stranger = world.stranger();
    let pmd = world.officer(&["pmd"]);
    let auditor = world.holder(Role::Auditor, None, &[]);
    assert_refused(&[
        (&stranger, "GET", path, NONE, 404, "not_found"),
        (&stranger, "GET", events, NONE, 404, "not_found"),
        (&stranger, "GET", versions, NONE, 404, "not_found"),
        (
            &stranger,
            "GET",
            "/v1/cases?district_code=63.11.06",
            NONE,
            404,
            "not_found",
        ),
        (&stranger, "POST", events, verified(), 404, "not_found"),
        (&stranger, "PATCH", path, summary(), 404, "not_found"),
        (&stranger, "DELETE", path, NONE, 404, "not_found"),
        (&stranger, "POST", CASES, waste(), 422, "unknown_reference"),
        (&stranger, "POST", CASES, nowhere(PARINGIN), 422, "unknown_reference"),
        (
            &stranger,
            "POST",
            &format!("{path}/restorations"),
            json!({"reason": "x"}),
            404,
            "not_found",
        ),
        (&pmd, "POST", CASES, waste(), 403, "wrong_section"),
        (&pmd, "POST", events, verified(), 403, "wrong_section"),
        (&pmd, "PATCH", path, summary(), 403, "wrong_section"),
        (&pmd, "DELETE", path, NONE, 403, "wrong_section"),
        (&auditor, "POST", events, verified(), 403, "insufficient_scope"),
        (&world.anonymous(), "GET", path, NONE, 401, "unauthenticated"),
    ])
    .await;
    for role in [
        world.holder(Role::Integrator, None, &[]),
        world.holder(Role::Surveyor, Some(PARINGIN), &[]),
    ] {
        let secrets = [CASES, path, events, versions];
        let rows = secrets.map(|secret| (&role, "GET", secret, NONE, 403, "insufficient_scope"));
        assert_refused(&rows).await;
    }
    assert!(stranger.all(CASES).await.is_empty());
    pmd.get(path).await.status(200);
    auditor.get(path).await.status(200);
}
