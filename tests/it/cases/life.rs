//! A case from its report to its deletion.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{CASES, NOW, event, recorded, waste, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::{Client, PARINGIN_KOTA, World, instant};

#[apply(both_databases)]
async fn get_returns_the_case_with_its_events(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let made = kasi.post(CASES, waste()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(made.json["status"], "reported");
    assert_eq!(made.json["occurred_at"], "2025-03-14T13:30:00Z");
    assert_eq!(made.json["events"], json!([]));
    let got = kasi.get(&path).await.status(200);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);

    let events = format!("{path}/events");
    let verified = event("verified", "2025-03-15T08:00:00+08:00");
    kasi.post(&events, verified).await.status(201);
    let referred = json!({"kind": "referred", "at": "2025-03-16T08:00:00+08:00", "note": "Diteruskan lewat surat",
        "referred_to": "Satpol PP Kabupaten Balangan"});
    let referred = kasi.post(&events, referred).await.status(201);
    let got = kasi.get(&path).await.status(200);
    assert_body!(got, @r#"
    {
      "category": "lingkungan",
      "district_code": "63.11.06",
      "events": [
        {
          "at": "[instant]",
          "id": "[id]",
          "kind": "verified",
          "note": null,
          "receipt": null,
          "receipt_missing": false,
          "recorded_at": "[instant]",
          "recorded_by": "test.officer",
          "referred_to": null,
          "withdrawn_by": null
        },
        {
          "at": "[instant]",
          "id": "[id]",
          "kind": "referred",
          "note": "Diteruskan lewat surat",
          "receipt": null,
          "receipt_missing": true,
          "recorded_at": "[instant]",
          "recorded_by": "test.officer",
          "referred_to": "Satpol PP Kabupaten Balangan",
          "withdrawn_by": null
        }
      ],
      "flags": [],
      "id": "[id]",
      "occurred_at": "[instant]",
      "occurred_precision": "instant",
      "recorded_at": "[instant]",
      "recorded_by": "test.officer",
      "status": "referred",
      "summary": "Pembakaran sampah di dekat permukiman",
      "village_code": "63.11.06.2005"
    }
    "#);
    assert_eq!((&got.json, got.etag()), (&referred.json, referred.etag()));
    let one_by_one = kasi.all(&format!("{events}?limit=1")).await;
    assert_eq!(json!(one_by_one), got.json["events"]);
}

#[apply(both_databases)]
async fn an_event_changes_the_status_and_the_tag(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let made = kasi.post(CASES, waste()).await.status(201);
    let path = made.header("location").to_owned();
    let verified = event("verified", "2025-03-15T08:00:00+08:00");
    let verified = kasi.post(&format!("{path}/events"), verified).await.status(201);
    assert_eq!(verified.header("location"), path);
    assert_eq!(verified.json["status"], "verified");
    let event = &verified.json["events"][0];
    assert_eq!(event["at"], "2025-03-15T00:00:00Z");
    assert_eq!(event["receipt_missing"], false);
    assert_eq!(event["recorded_at"], verified.json["recorded_at"]);
    assert_ne!(verified.etag(), made.etag());
    // An event needs no tag. A correction and a deletion need one.
    kasi.patch(&path, &made.etag(), json!({"summary": "x"}))
        .await
        .problem(412, "precondition_failed");
    kasi.delete(&path, &made.etag())
        .await
        .problem(412, "precondition_failed");
}

#[apply(both_databases)]
async fn patch_corrects_the_case_and_keeps_its_events(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, waste()).await;
    let verified = event("verified", "2025-03-15T08:00:00+08:00");
    let verified = kasi.post(&format!("{path}/events"), verified).await.status(201);

    let fix = json!({"category": "sosial", "occurred_at": "2025-03-14T21:00:00+08:00", "village_code": PARINGIN_KOTA,
        "summary": "Sampah", "reason": "Salah kategori"});
    let fixed = kasi.patch(&path, &verified.etag(), fix).await.status(200);
    assert_eq!(fixed.json["category"], "sosial");
    assert_eq!(fixed.json["village_code"], PARINGIN_KOTA);
    assert_eq!(fixed.json["occurred_at"], "2025-03-14T13:00:00Z");
    assert_eq!(fixed.json["summary"], "Sampah");
    assert_eq!(fixed.json["status"], "verified");
    assert_eq!(fixed.json["events"], verified.json["events"]);
    let same = json!({"occurred_at": "2025-03-14T13:00:00Z"});
    let same = kasi.patch(&path, &fixed.etag(), same).await.status(200);
    assert_eq!(same.etag(), fixed.etag());
}

#[apply(both_databases)]
async fn delete_hides_the_case_and_keeps_its_versions(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, waste()).await;
    let events = format!("{path}/events");
    let verified = event("verified", "2025-03-15T08:00:00+08:00");
    let verified = kasi.post(&events, verified).await.status(201);
    let fix = json!({"category": "sosial", "reason": "Salah kategori"});
    kasi.patch(&path, "*", fix).await.status(200);
    let referred = event("referred", "2025-03-16T08:00:00+08:00");
    let referred = kasi.post(&events, referred).await.status(201);

    kasi.delete(&path, &referred.etag()).await.status(204);
    for gone in [&path, &events] {
        kasi.get(gone).await.problem(404, "not_found");
    }
    let late = event("resolved", "2025-03-17T08:00:00+08:00");
    kasi.post(&events, late).await.problem(404, "not_found");
    let versions = kasi.all(&format!("{path}/versions?limit=2")).await;
    let recorded: Vec<_> = versions
        .iter()
        .map(|v| {
            let content = &v["content"];
            let events = content["events"].as_array().unwrap().len();
            (content["status"].as_str().unwrap(), events, v["reason"].as_str())
        })
        .collect();
    assert_eq!(
        recorded,
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
async fn a_deleted_case_is_listed_and_can_be_restored(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, waste()).await;
    let (events, restorations) = (format!("{path}/events"), format!("{path}/restorations"));
    let verified = event("verified", "2025-03-15T08:00:00+08:00");
    let verified = kasi.post(&events, verified).await.status(201);
    let reason = || json!({"reason": "Ternyata bukan kasus ganda"});
    kasi.post(&restorations, reason()).await.problem(409, "not_deleted");

    let before = value(&kasi, "").await;
    world.clock.set(instant("2025-06-30T09:10:00+08:00"));
    kasi.delete(&path, "*").await.status(204);
    assert_eq!(value(&kasi, "").await, json!(null));
    let deleted = kasi.all(&format!("{CASES}?state=deleted")).await;
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["deletion"]["reason"], "uji");
    assert_eq!(deleted[0]["deletion"]["by"], "test.officer");
    let other = world.officer(&["pmd"]);
    other.post(&restorations, reason()).await.problem(403, "wrong_section");

    world.clock.set(instant("2025-06-30T09:20:00+08:00"));
    let restored = kasi.post(&restorations, reason()).await.status(200);
    assert_eq!(restored.json["events"], verified.json["events"]);
    assert_eq!(restored.json["status"], "verified");
    assert_eq!(kasi.get(&path).await.status(200).etag(), restored.etag());
    assert_eq!(kasi.all(&format!("{CASES}?state=deleted")).await.len(), 0);
    assert_eq!(value(&kasi, "").await, before);
    // What was known in between stays.
    assert_eq!(value(&kasi, "?as_of=2025-06-30T01:15:00Z").await, json!(null));
    let handling = event("handling", "2025-03-16T08:00:00+08:00");
    kasi.post(&events, handling).await.status(201);
}

/// The denominator of IKU 3 in 2025.
async fn value(actor: &Client, query: &str) -> Value {
    let path = format!("/v1/indicators/paringin-iku-3/realisations/2025{query}");
    actor.get(&path).await.status(200).json["denominator"].clone()
}

#[apply(both_databases)]
async fn repeated_post_returns_the_same_case(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let case = with("id", &Uuid::new_v4().to_string());
    let made = kasi.post(CASES, case.clone()).await.status(201);
    let path = made.header("location").to_owned();
    // The same instant in another offset is the same content.
    let mut case = case;
    case["occurred_at"] = json!("2025-03-14T13:30:00Z");
    assert_eq!(kasi.post(CASES, case.clone()).await.status(200).json, made.json);

    let verified = event("verified", "2025-03-15T08:00:00+08:00");
    let verified = kasi.post(&format!("{path}/events"), verified).await.status(201);
    assert_eq!(kasi.post(CASES, case.clone()).await.status(200).json, verified.json);
    let mut other = case.clone();
    other["summary"] = json!("lain");
    kasi.post(CASES, other).await.problem(409, "id_conflict");
    kasi.delete(&path, &verified.etag()).await.status(204);
    kasi.post(CASES, case).await.problem(409, "deleted");
}

#[apply(both_databases)]
async fn a_repeated_event_is_recorded_once(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, waste()).await;
    let events = format!("{path}/events");
    let mut verified = event("verified", "2025-03-15T08:00:00+08:00");
    verified["id"] = json!(Uuid::new_v4());
    let once = kasi.post(&events, verified.clone()).await.status(201);
    assert_eq!(once.json["events"][0]["id"], verified["id"]);
    let again = kasi.post(&events, verified.clone()).await.status(200);
    assert_eq!((&again.json, again.etag()), (&once.json, once.etag()));

    // A repeated event succeeds also after the transition has become impossible.
    let resolved = event("resolved", "2025-03-16T08:00:00+08:00");
    let resolved = kasi.post(&events, resolved).await.status(201);
    let again = kasi.post(&events, verified.clone()).await.status(200);
    assert_eq!(again.json, resolved.json);

    let mut other = verified.clone();
    other["note"] = json!("lain");
    kasi.post(&events, other).await.problem(409, "id_conflict");
    let neighbour = recorded(&kasi, waste()).await;
    let of_neighbour = kasi.post(&format!("{neighbour}/events"), verified).await;
    of_neighbour.problem(409, "id_conflict");
}
