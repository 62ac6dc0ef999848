//! A second pair of eyes, and the day of the office.

use iku::access::Role;
use serde_json::json;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, World};

/// One officer records a report, accepts it, changes its day and deletes it. The Inspektorat sees all four steps.
#[apply(both_databases)]
async fn what_an_officer_changed_and_deleted_is_seen(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-04-14"});
    let made = kasi.post("/v1/reports", report).await.status(201);
    let path = made.header("location");
    for change in [
        json!({"status": "accepted"}),
        json!({"delivered_on": "2025-03-14", "reason": "Stempel terbaca kemudian"}),
    ] {
        kasi.patch(path, "*", change).await.status(200);
    }
    kasi.delete(path, "*").await.status(204);

    let auditor = world.holder(Role::Auditor, Some(PARINGIN), &[]);
    let versions = auditor.all(&format!("{path}/versions")).await;
    let steps: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                v["content"]["status"].as_str(),
                v["content"]["delivered_on"].as_str(),
                v["reason"].as_str(),
            )
        })
        .collect();
    let (received, accepted) = (Some("received"), Some("accepted"));
    assert_eq!(
        steps,
        [
            (received, Some("2025-04-14"), None),
            (accepted, Some("2025-04-14"), None),
            (accepted, Some("2025-03-14"), Some("Stempel terbaca kemudian")),
            (accepted, Some("2025-03-14"), Some("uji")),
        ]
    );
    let deleted = auditor.all("/v1/reports?state=deleted").await;
    assert_eq!(deleted[0]["deletion"]["by"], "test.officer");
    assert_eq!(deleted[0]["deletion"]["reason"], "uji");
}

/// 16.16 UTC on 26 November is 00.16 on 27 November in WITA.
#[apply(both_databases)]
async fn the_day_of_the_office_is_the_day_in_wita(backend: Backend) {
    let world = World::on(backend).at("2026-11-26T16:16:00Z").await;
    let kasi = world.officer(&["pemerintahan"]);
    let report = |day: &str| json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2025, "delivered_on": day});
    let tomorrow = kasi.post("/v1/reports", report("2026-11-28")).await;
    tomorrow.problem(422, "future_instant");
    kasi.post("/v1/reports", report("2026-11-27")).await.status(201);
}
