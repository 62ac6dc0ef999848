//! A village that was entered by mistake can be taken out and brought back; every version can be read.

use serde_json::{Value, json};

use super::{NEW, VILLAGES, deliver, fraction, village, with, world};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{BALANG, PARINGIN};

#[apply(both_databases)]
async fn a_slip_can_be_deleted_and_restored(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    let path = format!("{VILLAGES}/{NEW}");
    let restorations = format!("{path}/restorations");
    let reason = json!({"reason": "Ternyata ada"});
    let slip = with("reason", json!("Baru"));
    let made = admin.post(VILLAGES, slip.clone()).await.status(201);
    admin
        .post(&restorations, reason.clone())
        .await
        .problem(409, "not_deleted");
    let stale = admin.delete(&path, "\"1\"").await;
    stale.problem(412, "precondition_failed");
    admin.delete(&path, &made.etag()).await.status(204);
    admin.get(&path).await.problem(404, "not_found");
    assert_eq!(admin.all(&format!("{VILLAGES}?limit=100")).await.len(), 16);
    let deleted = admin.all(&format!("{VILLAGES}?state=deleted")).await;
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["code"], NEW);
    assert_eq!(deleted[0]["deletion"]["reason"], "uji");
    assert_eq!(deleted[0]["deletion"]["by"], "test.administrator");
    let report = json!({"village_code": NEW, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    admin
        .post("/v1/reports", report)
        .await
        .problem(422, "unknown_reference");

    // The retry of the slip does not bring it back; other content is another village.
    admin.post(VILLAGES, slip).await.problem(409, "deleted");
    let restored = admin.post(&restorations, reason).await.status(200);
    assert_eq!(admin.get(&path).await.status(200).etag(), restored.etag());
    assert_eq!(restored.json["name"], made.json["name"]);
    admin.delete(&path, "*").await.status(204);
    let other = with("name", json!("Balang Muda"));
    admin.post(VILLAGES, other).await.status(201);

    let versions = admin.all(&format!("{path}/versions?limit=2")).await;
    let history: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                v["version"].as_i64().unwrap(),
                v["deleted"] == true,
                v["reason"].as_str(),
            )
        })
        .collect();
    let expected = [
        (1, false, Some("Baru")),
        (2, true, Some("uji")),
        (3, false, Some("Ternyata ada")),
        (4, true, Some("uji")),
        (5, false, None),
    ];
    assert_eq!(history, expected);
    assert_eq!(versions[4]["content"]["name"], "Balang Muda");
    world
        .stranger()
        .get(&format!("{path}/versions"))
        .await
        .problem(404, "not_found");
    let officer = world.officer(&["pemerintahan"]);
    assert_eq!(officer.all(&format!("{path}/versions")).await.len(), 5);
    assert_refused(&[
        (&officer, "DELETE", &path, NONE, 403, "insufficient_scope"),
        (
            &officer,
            "POST",
            &restorations,
            json!({"reason": "x"}),
            403,
            "insufficient_scope",
        ),
        (&admin, "POST", &restorations, json!({}), 400, "invalid_body"),
    ])
    .await;
}

/// A village that counted in a year that is over: its deletion and its restoration say which periods they move.
#[apply(both_databases)]
async fn a_deletion_names_the_periods_that_it_moves(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    // A year with a report has a value.
    deliver(&admin, BALANG, 2025).await;
    deliver(&admin, BALANG, 2026).await;
    let path = format!("{VILLAGES}/{NEW}");
    let periods = |reply: &Value| reply["warnings"][0]["periods"].clone();
    let mut slip = village();
    slip["valid_from"] = json!("2025-10-01");
    slip["reason"] = json!("Baru");
    let made = admin.post(VILLAGES, slip).await.status(201);
    let expected = json!(["2025", "2026-Q1", "2026-S1", "2026-Q3"]);
    assert_eq!(periods(&made.json), expected);
    assert_eq!(fraction(&admin, 4, "2026").await.1, 30);

    let deleted = admin.delete(&path, "*").await.status(200);
    assert_eq!(periods(&deleted.json), expected);
    assert_eq!(fraction(&admin, 4, "2025").await.1, 28);
    let restored = admin
        .post(&format!("{path}/restorations"), json!({"reason": "Ada"}))
        .await;
    let restored = restored.status(200);
    assert_eq!(periods(&restored.json), expected);
    assert_eq!(fraction(&admin, 4, "2026").await.1, 30);
    // With a fact it can only be ended.
    deliver(&admin, NEW, 2026).await;
    let refused = admin.delete(&path, "*").await.problem(409, "village_has_facts");
    assert!(refused.json["detail"].as_str().unwrap().contains("Balang Baru"));
}

#[apply(both_databases)]
async fn the_versions_of_a_shipped_village_tell_who_changed_it_and_why(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    let path = format!("{VILLAGES}/{BALANG}");
    let renamed = json!({"name": "Balang Hulu", "reason": "Perda 3/2026"});
    admin.patch(&path, "*", renamed).await.status(200);
    let versions = admin.all(&format!("{path}/versions")).await;
    let told: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                v["content"]["name"].as_str(),
                v["recorded_by"].as_str(),
                v["reason"].as_str(),
            )
        })
        .collect();
    let expected = [
        (Some("Balang"), Some("iku"), None),
        (Some("Balang Hulu"), Some("test.administrator"), Some("Perda 3/2026")),
    ];
    assert_eq!(told, expected);
    let unknown = format!("{VILLAGES}/63.11.06.2999/versions");
    admin.get(&unknown).await.problem(404, "not_found");
    assert_eq!(PARINGIN, versions[0]["content"]["district_code"]);
}
