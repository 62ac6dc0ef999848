//! A survey that was opened by mistake is withdrawn: kept, visible, not counted; and restored.

use iku::access::Role;
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{Client, PARINGIN, World, instant};

const SURVEYS: &str = "/v1/surveys";

fn skm(ends_on: &str) -> Value {
    json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos",
        "starts_on": "2025-03-01", "ends_on": ends_on,
    })
}

/// A closed survey with answers of one score.
async fn survey(kasi: &Client, score: i64, ends_on: &str) -> String {
    let made = kasi.post(SURVEYS, skm(ends_on)).await.status(201);
    let path = made.header("location").to_owned();
    kasi.patch(&path, "*", json!({"status": "open"})).await.status(200);
    for _ in 0..5 {
        let responses = format!("{path}/responses");
        kasi.post(&responses, crate::responses::answer(score)).await.status(201);
    }
    kasi.patch(&path, "*", json!({"status": "closed"})).await.status(200);
    path
}

async fn iku_1(world: &World, period: &str, as_of: Option<&str>) -> Value {
    let query = as_of.map_or(String::new(), |t| format!("?as_of={t}"));
    let path = format!("/v1/indicators/paringin-iku-1/realisations/{period}{query}");
    world.admin().get(&path).await.status(200).json["value"].clone()
}

#[apply(both_databases)]
async fn a_training_survey_is_withdrawn_and_restored(backend: Backend) {
    let world = World::on(backend).at("2025-03-14T12:00:00+08:00").await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    survey(&kasi, 4, "2025-06-30").await;
    let training = survey(&kasi, 1, "2025-06-30").await;
    assert_eq!(iku_1(&world, "2025-S1", None).await, 62.5);

    world.clock.set(instant("2025-03-15T12:00:00+08:00"));
    let withdraw = format!("{training}?reason=Hanya+latihan");
    kasi.with("if-match", "\"0\"")
        .send("DELETE", &withdraw, "", vec![])
        .await
        .problem(412, "precondition_failed");
    let tag = kasi.get(&training).await.status(200).etag();
    kasi.with("if-match", &tag)
        .send("DELETE", &withdraw, "", vec![])
        .await
        .status(204);
    assert_eq!(iku_1(&world, "2025-S1", None).await, 100);
    assert_eq!(
        iku_1(&world, "2025-S1", Some("2025-03-14T12:00:00Z")).await,
        62.5,
        "what was known stays"
    );

    for path in [training.clone(), format!("{training}/index")] {
        kasi.get(&path).await.problem(404, "not_found");
    }
    let auditor = world.holder(Role::Auditor, Some(PARINGIN), &[]);
    assert_eq!(auditor.all(SURVEYS).await.len(), 1);
    let deleted = auditor.all(&format!("{SURVEYS}?state=deleted")).await;
    let deletion = json!({"at": "2025-03-15T04:00:00Z", "by": "test.officer", "reason": "Hanya latihan"});
    assert_eq!((deleted.len(), &deleted[0]["deletion"]), (1, &deletion));
    assert_eq!(auditor.all(&format!("{training}/versions")).await.len(), 4);
    assert_eq!(
        auditor.all(&format!("{training}/responses")).await.len(),
        5,
        "its answers stay readable"
    );
    let past = auditor
        .get(&format!("{training}/index?as_of=2025-03-14T12:00:00Z"))
        .await
        .status(200);
    assert_eq!(past.json["respondents"], 5);
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    assert!(phone.all(&format!("{SURVEYS}?state=deleted")).await.is_empty());

    world.clock.set(instant("2025-03-16T12:00:00+08:00"));
    let restorations = format!("{training}/restorations");
    let body = || json!({"reason": "Ternyata sungguhan"});
    assert_refused(&[
        (&world.stranger(), "POST", &restorations, body(), 404, "not_found"),
        (
            &world.officer(&["pmd"]),
            "POST",
            &restorations,
            body(),
            403,
            "wrong_section",
        ),
        (&phone, "POST", &restorations, body(), 403, "insufficient_scope"),
        (&auditor, "DELETE", &training, NONE, 403, "insufficient_scope"),
        (&kasi, "DELETE", &training, NONE, 404, "not_found"),
        (&kasi, "POST", &restorations, json!({"reason": ""}), 400, "invalid_body"),
    ])
    .await;
    let back = kasi.post(&restorations, body()).await.status(200);
    assert_eq!(
        (&back.json["status"], back.json.get("deletion")),
        (&json!("closed"), None)
    );
    assert_eq!(back.etag(), kasi.get(&training).await.status(200).etag());
    kasi.post(&restorations, body()).await.problem(409, "not_deleted");
    assert_eq!(iku_1(&world, "2025-S1", None).await, 62.5);
    assert_eq!(iku_1(&world, "2025-S1", Some("2025-03-15T12:00:00Z")).await, 100);
    assert!(kasi.all(&format!("{SURVEYS}?state=deleted")).await.is_empty());
}

/// A survey with answers that wait for a decision is withdrawn: they can be discarded, and released after it is restored.
#[apply(both_databases)]
async fn held_answers_of_a_withdrawn_survey_wait(backend: Backend) {
    let world = World::on(backend).at("2025-03-14T12:00:00+08:00").await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let path = survey(&kasi, 4, "2025-06-30").await;
    let id = path.rsplit('/').next().unwrap();
    let mut item = crate::responses::answer(2);
    item["survey_id"] = json!(id);
    item["id"] = json!(uuid::Uuid::new_v4());
    let body = json!({"sent_at": world.clock.now(), "items": [item]});
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    phone.post("/v1/responses/batch", body).await.status(207);
    kasi.delete(&path, "*").await.status(204);
    let held = kasi.all("/v1/held-responses?decided=false").await;
    let release = format!("/v1/held-responses/{}/release", held[0]["id"].as_str().unwrap());
    let reason = || json!({"reason": "Diperiksa"});
    kasi.post(&release, reason()).await.problem(409, "survey_not_open");
    kasi.post(&format!("{path}/restorations"), reason()).await.status(200);
    kasi.post(&release, reason()).await.status(200);
}

/// The end of a closed survey decides its year, so it does not move silently.
#[apply(both_databases)]
async fn a_change_of_a_closed_survey_needs_a_reason_and_names_what_moves(backend: Backend) {
    let world = World::on(backend).at("2026-03-14T12:00:00+08:00").await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    survey(&kasi, 3, "2025-06-30").await;
    let path = survey(&kasi, 4, "2026-01-31").await;
    assert_eq!(iku_1(&world, "2025", None).await, 75);
    for change in [
        json!({"ends_on": "2025-12-31"}),
        json!({"starts_on": "2025-03-02"}),
        json!({"inactive_elements": ["biaya"]}),
    ] {
        let refused = kasi.patch(&path, "*", change).await;
        assert_eq!(refused.problem(422, "reason_required").pointers(), ["#/reason"]);
    }
    kasi.patch(&path, "*", json!({"title": "SKM Januari"}))
        .await
        .status(200);
    let moved = json!({"ends_on": "2025-12-31", "reason": "Salah tanggal"});
    let moved = kasi.patch(&path, "*", moved).await.status(200);
    assert_eq!(
        moved.json["warnings"],
        json!([{"code": "periods_moved", "periods": ["2025"]}])
    );
    assert_eq!(iku_1(&world, "2025", None).await, 87.5);
    assert_eq!(kasi.get(&path).await.status(200).json.get("warnings"), None);
    let versions = kasi.all(&format!("{path}/versions")).await;
    assert_eq!(versions.last().unwrap()["reason"], "Salah tanggal");
    let earlier = json!({"ends_on": "2025-06-30", "reason": "Salah lagi"});
    let earlier = kasi.patch(&path, "*", earlier).await.status(200);
    let periods = json!([{"code": "periods_moved", "periods": ["2025-S1", "2025-Q3", "2025"]}]);
    assert_eq!(earlier.json["warnings"], periods);
    let started = json!({"starts_on": "2025-03-02", "reason": "Baru mulai"});
    let started = kasi.patch(&path, "*", started).await.status(200);
    assert_eq!(started.json.get("warnings"), None);
}

/// A survey of periods that are over moves them when it is withdrawn, restored or opened again.
#[apply(both_databases)]
async fn a_survey_of_periods_that_are_over_names_them(backend: Backend) {
    let world = World::on(backend).at("2026-03-14T12:00:00+08:00").await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let path = survey(&kasi, 3, "2025-06-30").await;
    let moved = json!([{"code": "periods_moved", "periods": ["2025-S1", "2025-Q3", "2025"]}]);
    let gone = kasi.delete(&path, "*").await.status(200);
    assert_eq!(gone.json, json!({ "warnings": moved }));
    assert_eq!(iku_1(&world, "2025", None).await, Value::Null);
    let back = kasi
        .post(&format!("{path}/restorations"), json!({"reason": "Keliru"}))
        .await;
    assert_eq!(back.status(200).json["warnings"], moved);
    assert_eq!(kasi.get(&path).await.status(200).json.get("warnings"), None);

    let open = json!({"status": "open"});
    kasi.patch(&path, "*", open).await.problem(422, "reason_required");
    let open = json!({"status": "open", "reason": "Jawaban kertas"});
    let open = kasi.patch(&path, "*", open).await.status(200);
    assert_eq!(open.json["warnings"], moved);
    let value = world
        .admin()
        .get("/v1/indicators/paringin-iku-1/realisations/2025")
        .await;
    assert_eq!(value.status(200).json["status"], "provisional");
    // To close it is the end of its ordinary course, and a draft never counted.
    let closed = kasi.patch(&path, "*", json!({"status": "closed"})).await.status(200);
    assert_eq!(closed.json.get("warnings"), None);
    let draft = kasi.post(SURVEYS, skm("2025-06-30")).await.status(201);
    kasi.delete(draft.header("location"), "*").await.status(204);
    // A quarter of this year needs no reason.
    let path = survey(&kasi, 3, "2026-03-01").await;
    world.clock.set(instant("2026-04-01T12:00:00+08:00"));
    let open = kasi.patch(&path, "*", json!({"status": "open"})).await.status(200);
    assert_eq!(
        open.json["warnings"],
        json!([{"code": "periods_moved", "periods": ["2026-Q1"]}])
    );
}
