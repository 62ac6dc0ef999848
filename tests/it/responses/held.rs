//! Held answers: counted from their release on, and never when discarded.

use serde_json::json;

use super::{HELD, Setting, answer, decide, outcomes, why};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, instant};

#[apply(both_databases)]
async fn an_answer_to_a_closed_survey_counts_from_its_release(backend: Backend) {
    let s = Setting::open(backend).await;
    let at = |t: &str| s.world.clock.set(instant(t));
    s.batch(&s.phone, &[s.item(4)]).await;
    s.change(json!({"status": "closed"})).await;
    at("2025-03-15T09:00:00+08:00");
    let mut late = s.item(2);
    late["village_code"] = json!(BALANG);
    late["respondent"] = json!({"age": 40});
    late["comment"] = json!("Terlambat terkirim");
    let reply = s.batch(&s.phone, &[late.clone(), late.clone()]).await;
    assert_eq!(outcomes(&reply), ["quarantined", "already_stored"]);
    assert_eq!(
        outcomes(&s.batch(&s.phone, std::slice::from_ref(&late)).await),
        ["already_stored"]
    );
    let before = s.seen(None).await;
    assert_eq!(before, (json!(1), json!(100), json!(100)));
    let path = format!("{}/{}", s.responses, late["id"].as_str().unwrap());
    s.kasi.get(&path).await.problem(404, "not_found");

    let held = s.newest().await;
    assert_eq!(held["reason"], "survey_closed");
    assert_eq!(
        (&held["response_id"], &held["survey_id"]),
        (&late["id"], &json!(s.id()))
    );
    assert_eq!(held["district_code"], PARINGIN);
    for member in ["id", "answers", "service", "village_code", "respondent", "comment"] {
        let sent = &late[member];
        match member {
            "respondent" => assert_eq!(held["answer"][member]["age"], sent["age"]),
            _ => assert_eq!(held["answer"][member], *sent, "{member}"),
        }
    }
    let undecided = [
        "decision",
        "decided_at",
        "decided_by",
        "decision_reason",
        "released_response_id",
    ];
    assert!(undecided.iter().all(|member| held[member].is_null()), "{held:#}");
    let got = s
        .kasi
        .get(&format!("{HELD}/{}", held["id"].as_str().unwrap()))
        .await
        .status(200);
    assert_eq!(got.json, held);

    at("2025-03-20T09:00:00+08:00");
    let released = decide(&s.kasi, &held, "release").await.status(200);
    assert_eq!(released.json["decision"], "released");
    assert_eq!(released.json["decided_at"], "2025-03-20T01:00:00Z");
    assert_eq!(released.json["decision_reason"], why()["reason"]);
    assert_eq!(released.json["released_response_id"], late["id"]);
    assert_ne!(released.etag(), got.etag());
    let stored = s.kasi.get(&path).await.status(200).json;
    assert_eq!(
        stored["received_at"], "2025-03-15T01:00:00Z",
        "when it came, not when it was released"
    );

    at("2025-03-21T09:00:00+08:00");
    assert_eq!(s.seen(None).await, (json!(2), json!(75), json!(75)));
    assert_eq!(
        s.seen(Some("2025-03-20T00:59:59Z")).await,
        before,
        "not yet released then"
    );
    assert_eq!(
        s.seen(Some("2025-03-20T01:00:00Z")).await,
        (json!(2), json!(75), json!(75))
    );
    s.must_add_up().await;

    // It is an answer like any other now.
    s.kasi.delete(&path, "*").await.status(204);
    assert_eq!(s.seen(None).await, before);
    assert_eq!(outcomes(&s.batch(&s.phone, &[late]).await), ["already_stored"]);
    s.must_add_up().await;
}

#[apply(both_databases)]
async fn a_revoked_phone_reaches_the_quarantine_alone(backend: Backend) {
    let s = Setting::open(backend).await;
    let revoked = s.world.revoked_phone();
    let known = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&known)).await;
    let (item, other) = (s.item(1), s.item(2));
    let reply = s.batch(&revoked, &[known.clone(), item.clone(), other.clone()]).await;
    assert_eq!(outcomes(&reply), ["already_stored", "quarantined", "quarantined"]);
    assert_eq!(s.seen(None).await.0, 1);
    revoked
        .post(&s.responses, answer(3))
        .await
        .problem(403, "insufficient_scope");
    revoked.get("/v1/surveys").await.problem(403, "insufficient_scope");
    let held = s.kasi.all(&format!("{HELD}?reason=device_revoked")).await;
    assert_eq!(held.len(), 2);
    // What a good phone sends again has been judged: it waits for the officer all the same.
    assert_eq!(
        outcomes(&s.batch(&s.phone, std::slice::from_ref(&item)).await),
        ["already_stored"]
    );
    assert_eq!(s.seen(None).await.0, 1);
    let mut conflict = known;
    conflict["comment"] = json!("palsu");
    assert_eq!(outcomes(&s.batch(&revoked, &[conflict]).await), ["conflict"]);

    for held in held {
        let decision = if held["response_id"] == item["id"] {
            "release"
        } else {
            "discard"
        };
        decide(&s.kasi, &held, decision).await.status(200);
    }
    assert_eq!(s.seen(None).await.0, 2);
    // A discarded answer stays discarded, however often it is sent.
    assert_eq!(
        outcomes(&s.batch(&s.phone, std::slice::from_ref(&other)).await),
        ["already_stored"]
    );
    assert_eq!(s.seen(None).await.0, 2);
    let known = s
        .phone
        .post("/v1/responses/status", json!({"ids": [other["id"]]}))
        .await
        .status(200);
    assert_eq!(known.json["results"][0]["known"], true);
    s.must_add_up().await;
}

#[apply(both_databases)]
async fn other_content_for_a_taken_id_becomes_an_answer_of_its_own(backend: Backend) {
    let s = Setting::open(backend).await;
    let first = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    let mut second = first.clone();
    second["answers"] = answer(2)["answers"].clone();
    second["comment"] = json!("Jawaban lain");
    let mut third = second.clone();
    third["comment"] = json!("Lain lagi");
    s.world.clock.set(instant("2025-03-15T09:00:00+08:00"));
    for _ in 0..2 {
        let reply = s
            .batch(
                &s.phone,
                &[first.clone(), second.clone(), third.clone(), second.clone()],
            )
            .await;
        assert_eq!(outcomes(&reply), ["already_stored", "conflict", "conflict", "conflict"]);
    }
    let held = s.kasi.all(&format!("{HELD}?reason=id_conflict")).await;
    assert_eq!(held.len(), 2, "each content once");
    let of = |comment: &str| held.iter().find(|h| h["answer"]["comment"] == comment).unwrap();
    let (held, other) = (of("Jawaban lain"), of("Lain lagi"));
    assert_eq!(
        (&held["response_id"], &held["answer"]["id"]),
        (&first["id"], &first["id"])
    );
    assert_eq!(held["answer"]["answers"], second["answers"]);

    s.world.clock.set(instant("2025-03-20T09:00:00+08:00"));
    decide(&s.kasi, other, "discard").await.status(200);
    let released = decide(&s.kasi, held, "release").await.status(200).json;
    let id = released["released_response_id"].as_str().unwrap();
    assert_ne!(json!(id), first["id"]);
    let stored = s.kasi.get(&format!("{}/{id}", s.responses)).await.status(200).json;
    assert_eq!(
        (&stored["answers"], &stored["comment"]),
        (&second["answers"], &second["comment"])
    );
    assert_eq!(
        (&stored["received_at"], &stored["clock_implausible"]),
        (&held["received_at"], &json!(false))
    );
    s.world.clock.set(instant("2025-03-21T09:00:00+08:00"));
    assert_eq!(s.seen(None).await, (json!(2), json!(75), json!(75)));
    assert_eq!(
        s.seen(Some("2025-03-19T09:00:00%2B08:00")).await,
        (json!(1), json!(100), json!(100))
    );
    // The phone is told the same as before, and nothing more is held.
    assert_eq!(
        outcomes(&s.batch(&s.phone, &[second, third]).await),
        ["conflict", "conflict"]
    );
    assert_eq!(s.kasi.all(HELD).await.len(), 2);
    s.must_add_up().await;

    // A single answer is told of the conflict at once and nothing is kept.
    let mut single = answer(1);
    single["id"] = first["id"].clone();
    s.phone.post(&s.responses, single).await.problem(409, "id_conflict");
    assert_eq!(s.kasi.all(HELD).await.len(), 2);
}

#[apply(both_databases)]
async fn what_was_kept_aside_is_judged_at_its_release(backend: Backend) {
    let s = Setting::open(backend).await;
    let first = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    let (mut few, mut nowhere) = (first.clone(), first.clone());
    few["answers"] = json!({"waktu": 3});
    nowhere["village_code"] = json!("63.11.06.9999");
    let reply = s.batch(&s.phone, &[few, nowhere]).await;
    assert_eq!(outcomes(&reply), ["conflict", "conflict"]);
    for held in s.kasi.all(HELD).await {
        let code = if held["answer"]["village_code"].is_null() {
            "too_few_answers"
        } else {
            "unknown_reference"
        };
        let refused = decide(&s.kasi, &held, "release").await.problem(422, code);
        assert_eq!(refused.pointers().len(), 0, "the fault is not in this body");
        decide(&s.kasi, &held, "discard").await.status(200);
    }
    // Its id is taken by an answer to another survey; its own is a draft.
    let draft = json!({
        "district_code": PARINGIN, "title": "Nanti", "section": "pelayanan-kessos",
        "starts_on": "2025-03-01", "ends_on": "2025-06-30",
    });
    let draft = s.kasi.post("/v1/surveys", draft).await.status(201).id();
    let mut elsewhere = first;
    elsewhere["survey_id"] = json!(draft);
    assert_eq!(outcomes(&s.batch(&s.phone, &[elsewhere]).await), ["conflict"]);
    let held = s.kasi.all(&format!("{HELD}?survey={draft}")).await;
    assert_eq!(held.len(), 1);
    decide(&s.kasi, &held[0], "release")
        .await
        .problem(409, "survey_not_open");
    s.kasi
        .patch(&format!("/v1/surveys/{draft}"), "*", json!({"status": "open"}))
        .await
        .status(200);
    decide(&s.kasi, &held[0], "release").await.status(200);
    s.must_add_up().await;
}
