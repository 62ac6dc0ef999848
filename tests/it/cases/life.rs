//! A case from its report to its deletion, event by event, and what is refused on the way.

use std::collections::BTreeSet;

use serde_json::json;
use uuid::Uuid;

use super::{NOW, event, record, waste};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, PARINGIN_KOTA, World};

#[apply(both_databases)]
async fn a_case_lives(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);

    let made = kasi.post("/v1/cases", waste()).await.status(201);
    let path = made.header("location").to_owned();
    let events = format!("{path}/events");
    assert_eq!(made.json["status"], "reported");
    assert_eq!(made.json["occurred_at"], "2025-03-14T13:30:00Z");
    assert_eq!(made.json["events"], json!([]));
    assert_eq!(made.json["recorded_by"], "test.officer");
    let got = kasi.get(&path).await.status(200);
    assert_eq!(got.json, made.json);
    assert_eq!(got.etag(), made.etag());
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);

    let verified = kasi
        .post(&events, event("verified", "2025-03-15T08:00:00+08:00"))
        .await
        .status(201);
    assert_eq!(verified.header("location"), path);
    assert_eq!(verified.json["status"], "verified");
    assert_eq!(verified.json["events"][0]["at"], "2025-03-15T00:00:00Z");
    assert_eq!(verified.json["events"][0]["receipt_missing"], false);
    assert_eq!(verified.json["events"][0]["recorded_at"], verified.json["recorded_at"]);
    assert_ne!(verified.etag(), made.etag());

    // A stale correction does not go through, an event does.
    kasi.patch(&path, &made.etag(), json!({"summary": "x"}))
        .await
        .problem(412, "precondition_failed");
    let fix = json!({"category": "sosial", "occurred_at": "2025-03-14T21:00:00+08:00", "village_code": PARINGIN_KOTA,
        "summary": "Sampah", "reason": "Salah kategori"});
    let fixed = kasi.patch(&path, &verified.etag(), fix).await.status(200);
    assert_eq!(fixed.json["category"], "sosial");
    assert_eq!(fixed.json["village_code"], PARINGIN_KOTA);
    assert_eq!(fixed.json["occurred_at"], "2025-03-14T13:00:00Z");
    assert_eq!(fixed.json["status"], "verified");
    assert_eq!(fixed.json["events"], verified.json["events"]);
    let same = kasi
        .patch(&path, &fixed.etag(), json!({"occurred_at": "2025-03-14T13:00:00Z"}))
        .await
        .status(200);
    assert_eq!(same.etag(), fixed.etag());

    let referred = json!({"kind": "referred", "at": "2025-03-16T08:00:00+08:00", "note": "Diteruskan ke Satpol PP"});
    let referred = kasi.post(&events, referred).await.status(201);
    assert_eq!(referred.json["status"], "referred");
    let last = &referred.json["events"][1];
    assert_eq!(last["note"], "Diteruskan ke Satpol PP");
    assert_eq!(
        (&last["receipt"], &last["receipt_missing"]),
        (&json!(null), &json!(true))
    );
    assert_eq!(last["recorded_by"], "test.officer");
    let now = kasi.get(&path).await.status(200);
    assert_eq!(now.json, referred.json);
    assert_eq!(now.etag(), referred.etag());
    assert_eq!(json!(kasi.all(&format!("{events}?limit=1")).await), now.json["events"]);

    kasi.delete(&path, &fixed.etag())
        .await
        .problem(412, "precondition_failed");
    kasi.delete(&path, &now.etag()).await.status(204);
    for gone in [&path, &events] {
        kasi.get(gone).await.problem(404, "not_found");
    }
    kasi.post(&events, event("resolved", "2025-03-17T08:00:00+08:00"))
        .await
        .problem(404, "not_found");
    let versions = kasi.all(&format!("{path}/versions?limit=2")).await;
    let told: Vec<_> = versions
        .iter()
        .map(|v| {
            let content = &v["content"];
            (
                content["status"].as_str().unwrap(),
                content["events"].as_array().unwrap().len(),
                v["reason"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("reported", 0, None),
            ("verified", 1, None),
            ("verified", 1, Some("Salah kategori")),
            ("referred", 2, None),
            ("referred", 2, Some("uji"))
        ]
    );
    assert_eq!(versions[1]["content"], verified.json);
    assert_eq!(versions[4]["deleted"], true);
}

#[apply(both_databases)]
async fn sending_again_is_safe(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let mut case = waste();
    case["id"] = json!(Uuid::new_v4());
    let made = kasi.post("/v1/cases", case.clone()).await.status(201);
    let path = made.header("location").to_owned();
    let events = format!("{path}/events");
    // The same instant in another offset is the same content.
    case["occurred_at"] = json!("2025-03-14T13:30:00Z");
    assert_eq!(kasi.post("/v1/cases", case.clone()).await.status(200).json, made.json);

    let mut verified = event("verified", "2025-03-15T08:00:00+08:00");
    verified["id"] = json!(Uuid::new_v4());
    let once = kasi.post(&events, verified.clone()).await.status(201);
    assert_eq!(once.json["events"][0]["id"], verified["id"]);
    let again = kasi.post(&events, verified.clone()).await.status(200);
    assert_eq!(again.json, once.json);
    assert_eq!(again.etag(), once.etag());
    let resolved = kasi
        .post(&events, event("resolved", "2025-03-16T08:00:00+08:00"))
        .await
        .status(201);
    // Later, when the transition would be impossible, it is still the same request.
    assert_eq!(
        kasi.post(&events, verified.clone()).await.status(200).json,
        resolved.json
    );
    let mut other = verified.clone();
    other["note"] = json!("lain");
    kasi.post(&events, other).await.problem(409, "id_conflict");
    let neighbour = record(&kasi, waste()).await;
    kasi.post(&format!("{neighbour}/events"), verified)
        .await
        .problem(409, "id_conflict");

    assert_eq!(
        kasi.post("/v1/cases", case.clone()).await.status(200).json,
        resolved.json
    );
    let mut other = case.clone();
    other["summary"] = json!("lain");
    kasi.post("/v1/cases", other).await.problem(409, "id_conflict");
    kasi.delete(&path, &resolved.etag()).await.status(204);
    kasi.post("/v1/cases", case).await.problem(409, "deleted");
}

#[apply(both_databases)]
async fn only_possible_transitions(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let kinds = ["verified", "handling", "resolved", "referred", "rejected"];
    for (way, possible) in [
        (vec![], vec!["verified", "rejected"]),
        (vec!["verified"], vec!["handling", "resolved", "referred", "rejected"]),
        (vec!["verified", "handling"], vec!["resolved", "referred", "rejected"]),
        (vec!["rejected"], vec![]),
        (vec!["verified", "resolved"], vec![]),
        (vec!["verified", "referred"], vec![]),
    ] {
        for kind in kinds {
            let path = record(&kasi, waste()).await;
            let events = format!("{path}/events");
            for step in &way {
                kasi.post(&events, event(step, "2025-03-15T08:00:00+08:00"))
                    .await
                    .status(201);
            }
            let reply = kasi.post(&events, event(kind, "2025-03-15T08:00:00+08:00")).await;
            if possible.contains(&kind) {
                assert_eq!(reply.status(201).json["status"], kind);
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
async fn what_cannot_be_is_refused(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let with = |name: &str, value: &str| {
        let mut case = waste();
        case[name] = json!(value);
        case
    };
    for (name, value, code) in [
        ("village_code", "63.11.06.2999", "unknown_reference"),
        ("village_code", "63.11.01.2001", "unknown_reference"),
        ("category", "sampah", "unknown_reference"),
        ("occurred_at", "2025-06-30T09:02:00+08:00", "future_instant"),
        ("occurred_at", "1999-12-31T15:59:59Z", "rule_broken"),
        ("occurred_at", "0000-01-01T00:00:00+23:59", "rule_broken"),
    ] {
        let refused = kasi.post("/v1/cases", with(name, value)).await.problem(422, code);
        assert_eq!(refused.pointers(), [format!("#/{name}")]);
    }
    record(&kasi, with("village_code", PARINGIN_KOTA)).await;
    record(&kasi, with("occurred_at", NOW)).await;
    // More digits than a database keeps.
    let exact = kasi
        .post("/v1/cases", with("occurred_at", "2025-06-29T23:59:59.1234567Z"))
        .await
        .status(201);
    assert_eq!(exact.json["occurred_at"], "2025-06-29T23:59:59.123456Z");
    assert_eq!(kasi.get(exact.header("location")).await.status(200).json, exact.json);
    // A leap second is the next one.
    let leap = kasi
        .post("/v1/cases", with("occurred_at", "2016-12-31T23:59:60Z"))
        .await
        .status(201);
    assert_eq!(leap.json["occurred_at"], "2017-01-01T00:00:00Z");

    let path = record(&kasi, waste()).await;
    let events = format!("{path}/events");
    for (at, code) in [
        ("2025-06-30T09:02:00+08:00", "future_instant"),
        ("2025-03-14T21:29:59+08:00", "rule_broken"),
    ] {
        let refused = kasi.post(&events, event("verified", at)).await.problem(422, code);
        assert_eq!(refused.pointers(), ["#/at"]);
    }
    kasi.post(&events, event("verified", "2025-03-14T21:30:00+08:00"))
        .await
        .status(201);
    kasi.post(&events, event("handling", "2025-03-16T08:00:00+08:00"))
        .await
        .status(201);
    kasi.post(&events, event("resolved", "2025-03-16T07:59:59+08:00"))
        .await
        .problem(422, "rule_broken");
    for (name, value, code) in [
        ("occurred_at", "2025-03-14T21:30:01+08:00", "rule_broken"),
        ("occurred_at", "2025-07-01T00:00:00+08:00", "future_instant"),
        ("village_code", "63.11.01.2001", "unknown_reference"),
        ("category", "sampah", "unknown_reference"),
    ] {
        let refused = kasi.patch(&path, "*", json!({name: value})).await.problem(422, code);
        assert_eq!(refused.pointers(), [format!("#/{name}")]);
    }
    kasi.patch(&path, "*", json!({"status": "resolved"}))
        .await
        .problem(400, "invalid_body");
    let mut born = waste();
    born["status"] = json!("resolved");
    kasi.post("/v1/cases", born).await.problem(400, "invalid_body");
    kasi.post(&events, event("reported", NOW))
        .await
        .problem(400, "invalid_body");
    let rubbish = json!({"village_code": 1, "category": "X", "occurred_at": "2025-03-14", "summary": "a\u{0}"});
    let refused = kasi.post("/v1/cases", rubbish).await.problem(400, "invalid_body");
    let pointers: BTreeSet<_> = refused.pointers().into_iter().collect();
    let wanted = ["#/category", "#/occurred_at", "#/summary", "#/village_code"];
    assert_eq!(pointers, BTreeSet::from(wanted));
    kasi.get("/v1/cases?status=open").await.problem(400, "invalid_query");
}

#[apply(both_databases)]
async fn other_districts_and_roles(backend: Backend) {
    use iku::access::Role;

    let world = World::on(backend).await;
    world.load_regency().await;
    let path = record(&world.admin(), waste()).await;
    let (events, versions) = (format!("{path}/events"), format!("{path}/versions"));
    let verified = event("verified", "2025-03-15T08:00:00+08:00");
    let stranger = world.stranger();
    for hidden in [path.as_str(), &events, &versions, "/v1/cases?district=63.11.06"] {
        stranger.get(hidden).await.problem(404, "not_found");
    }
    stranger.post(&events, verified.clone()).await.problem(404, "not_found");
    stranger
        .patch(&path, "*", json!({"summary": "x"}))
        .await
        .problem(404, "not_found");
    stranger.delete(&path, "*").await.problem(404, "not_found");
    stranger
        .post("/v1/cases", waste())
        .await
        .problem(422, "unknown_reference");
    assert!(stranger.all("/v1/cases").await.is_empty());
    let other = world.officer(&["pmd"]);
    other.get(&path).await.status(200);
    other.post("/v1/cases", waste()).await.problem(403, "wrong_section");
    other
        .post(&events, verified.clone())
        .await
        .problem(403, "wrong_section");
    other
        .patch(&path, "*", json!({"summary": "x"}))
        .await
        .problem(403, "wrong_section");
    other.delete(&path, "*").await.problem(403, "wrong_section");
    for actor in [
        world.holder(Role::Integrator, None, &[]),
        world.holder(Role::Surveyor, Some(PARINGIN), &[]),
    ] {
        for secret in ["/v1/cases", &path, &events, &versions] {
            actor.get(secret).await.problem(403, "insufficient_scope");
        }
    }
    let auditor = world.holder(Role::Auditor, None, &[]);
    auditor.get(&path).await.status(200);
    auditor.post(&events, verified).await.problem(403, "insufficient_scope");
    world.anonymous().get(&path).await.problem(401, "unauthenticated");
}
