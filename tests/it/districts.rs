//! What an office says about its district: from which year it records.

use iku::access::Role;
use serde_json::json;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{PARINGIN, World};

const DISTRICT: &str = "/v1/districts/63.11.06";

#[apply(both_databases)]
async fn a_change_is_a_new_version(backend: Backend) {
    let world = World::on(backend).await;
    let camat = world.holder(Role::Head, Some(PARINGIN), &[]);
    let first = camat.get(DISTRICT).await.status(200);
    assert_body!(first, @r#"
    {
      "code": "63.11.06",
      "name": "Paringin",
      "recorded_at": "[instant]",
      "recorded_by": "iku",
      "records_from": {
        "administration": null,
        "finance": null
      }
    }
    "#);
    let both = json!({"records_from": {"administration": 2024, "finance": 2025}, "reason": "Register"});
    let second = camat.patch(DISTRICT, &first.etag(), both).await.status(200);
    assert_eq!(
        second.json["records_from"],
        json!({"administration": 2024, "finance": 2025})
    );
    let stale = camat.patch(DISTRICT, &first.etag(), json!({"reason": "x"})).await;
    stale.problem(412, "precondition_failed");
    let same = json!({"records_from": {"finance": 2025}});
    let same = camat.patch(DISTRICT, &second.etag(), same).await.status(200);
    assert_eq!(same.etag(), second.etag());
    let admin = world.admin();
    let less = json!({"records_from": {"administration": null}, "reason": "Keliru"});
    admin.patch(DISTRICT, "*", less).await.status(200);
    let now = camat.get(DISTRICT).await.status(200).json;
    assert_eq!(now["records_from"], json!({"administration": null, "finance": 2025}));
    assert!(now["warnings"].is_null(), "only in the response to a change");
    assert_eq!(camat.all("/v1/districts").await, [now]);

    let versions = camat.all(&format!("{DISTRICT}/versions")).await;
    let history: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                v["recorded_by"].as_str().unwrap(),
                v["reason"].as_str(),
                &v["content"]["records_from"],
            )
        })
        .collect();
    assert_eq!(
        history,
        [
            ("iku", None, &json!({"administration": null, "finance": null})),
            (
                "test.head",
                Some("Register"),
                &json!({"administration": 2024, "finance": 2025})
            ),
            (
                "test.administrator",
                Some("Keliru"),
                &json!({"administration": null, "finance": 2025})
            ),
        ]
    );
    assert_eq!(camat.all(&format!("{DISTRICT}/versions?limit=1")).await, versions);
}

#[apply(both_databases)]
async fn only_the_camat_and_administrators_change_a_district(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let body = json!({"records_from": {"finance": 2026}});
    let stranger = world.holder(Role::Head, Some("63.11.01"), &[]);
    let versions = &format!("{DISTRICT}/versions");
    let kasi = world.officer(&["pembinaan-pengawasan"]);
    let nowhere = "/v1/districts/99.99.99";
    assert_refused(&[
        (&stranger, "PATCH", DISTRICT, body.clone(), 404, "not_found"),
        (&stranger, "GET", versions, NONE, 404, "not_found"),
        (&kasi, "PATCH", DISTRICT, body.clone(), 403, "insufficient_scope"),
        (&world.admin(), "PATCH", nowhere, body, 404, "not_found"),
    ])
    .await;
    kasi.get(versions).await.status(200);
    let rows = [
        json!({"records_from": {"finance": 1999}}),
        json!({"records_from": {"finance": "2026"}}),
        json!({"records_from": {"keuangan": 2026}}),
        json!({"records_from": null}),
        json!({"name": "Paringin"}),
        json!({"reason": ""}),
    ];
    let rows = rows.map(|row| (row, 400, "invalid_body", ""));
    assert_bodies_refused(&world.admin(), "PATCH", DISTRICT, rows).await;
}
