//! One decree is revoked and restored alone; a deleted institution is listed and restored.

use serde_json::json;

use super::{INSTITUTIONS, NOW, recorded, rt, term};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

#[apply(both_databases)]
async fn one_decree_is_revoked_and_its_revocation_taken_back(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let both = rt("RT 01", json!([term("2023-07-01"), term("2024-07-01")]));
    let made = kasi.post(INSTITUTIONS, both).await.status(201);
    let path = made.header("location").to_owned();
    let second = made.json["decrees"][1].clone();
    let decree = format!("{path}/decrees/{}", second["id"].as_str().unwrap());

    let revoke = json!({"revoked_on": "2025-01-15", "reason": "Kepala desa mencabut"});
    let media = "application/merge-patch+json";
    kasi.send("PATCH", &decree, media, revoke.to_string().into_bytes())
        .await
        .problem(428, "precondition_required");
    let revoked = kasi.patch(&decree, &made.etag(), revoke.clone()).await.status(200);
    assert_eq!(revoked.json["decrees"][0], made.json["decrees"][0]);
    assert_eq!(revoked.json["decrees"][1]["revoked_on"], "2025-01-15");
    kasi.patch(&decree, &made.etag(), json!({"revoked_on": null}))
        .await
        .problem(412, "precondition_failed");
    // Nothing changes, so there is no new version.
    let same = kasi.patch(&decree, "*", revoke).await.status(200);
    assert_eq!(same.etag(), revoked.etag());
    let back = json!({"revoked_on": null, "reason": "Pencabutan dibatalkan"});
    let back = kasi.patch(&decree, &revoked.etag(), back).await.status(200);
    assert_eq!(back.json["decrees"], made.json["decrees"]);
    let reasons: Vec<_> = kasi
        .all(&format!("{path}/versions"))
        .await
        .iter()
        .map(|v| v["reason"].clone())
        .collect();
    assert_eq!(
        reasons,
        [
            json!(null),
            json!("Kepala desa mencabut"),
            json!("Pencabutan dibatalkan")
        ]
    );

    for (patch, pointer) in [
        (json!({"revoked_on": "2019-12-31"}), "#/revoked_on"),
        (json!({"ends_on": "2024-06-30"}), "#/ends_on"),
        (json!({"starts_on": "2201-01-01"}), "#/starts_on"),
    ] {
        let refused = kasi.patch(&decree, "*", patch).await.problem(422, "rule_broken");
        assert!(refused.pointers().contains(&pointer), "{:?}", refused.pointers());
    }
    let unknown = format!("{path}/decrees/{}", uuid::Uuid::new_v4());
    kasi.patch(&unknown, "*", json!({"revoked_on": null}))
        .await
        .problem(404, "not_found");
    world
        .officer(&["trantibum"])
        .patch(&decree, "*", json!({"revoked_on": null}))
        .await
        .problem(403, "wrong_section");
}

#[apply(both_databases)]
async fn a_deleted_institution_is_listed_and_restored(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let path = recorded(&kasi, rt("RT 01", json!([term("2023-07-01")]))).await;
    recorded(&kasi, rt("RT 02", json!([]))).await;
    let before = kasi.get(&path).await.status(200).json;
    let restorations = format!("{path}/restorations");
    let reason = || json!({"reason": "Terhapus karena keliru"});
    kasi.post(&restorations, reason()).await.problem(409, "not_deleted");
    kasi.delete(&path, "*").await.status(204);

    let deleted = kasi.all("/v1/institutions?state=deleted").await;
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["deletion"]["reason"], "uji");
    assert_eq!(deleted[0]["deletion"]["by"], "test.officer");
    assert_eq!(deleted[0]["decrees"], before["decrees"]);
    assert_eq!(kasi.all(INSTITUTIONS).await.len(), 1);

    // Its name is taken, in another spelling.
    let taker = recorded(&kasi, rt("RT.001", json!([]))).await;
    kasi.post(&restorations, reason())
        .await
        .problem(409, "duplicate_institution");
    kasi.delete(&taker, "*").await.status(204);
    world
        .officer(&["trantibum"])
        .post(&restorations, reason())
        .await
        .problem(403, "wrong_section");
    let restored = kasi.post(&restorations, reason()).await.status(200);
    assert_eq!(restored.json["decrees"], before["decrees"]);
    assert_eq!(restored.json.get("deletion"), None);
    assert_eq!(kasi.get(&path).await.status(200).etag(), restored.etag());
    let value = kasi.get("/v1/indicators/paringin-iku-2/realisations/2025-Q2").await;
    assert_eq!(value.status(200).json["value"], 1);
    let last = kasi.all(&format!("{path}/versions")).await.pop().unwrap();
    assert_eq!(last["reason"], "Terhapus karena keliru");
}

#[apply(both_databases)]
async fn lists_by_who_recorded_and_since_when(backend: Backend) {
    let world = World::on(backend).at("2025-06-29T09:00:00+08:00").await;
    let (admin, kasi) = (world.admin(), world.officer(&["pmd"]));
    let path = recorded(&admin, rt("RT 01", json!([]))).await;
    recorded(&admin, rt("RT 02", json!([]))).await;
    world.clock.set(crate::support::world::instant(NOW));
    kasi.patch(&path, "*", json!({"name": "RT 03"})).await.status(200);
    let names = async |query: &str| -> Vec<String> {
        let rows = kasi.all(&format!("/v1/institutions?{query}")).await;
        rows.iter().map(|i| i["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("recorded_by=test.officer").await, ["RT 03"]);
    assert_eq!(names("recorded_by=test.administrator").await, ["RT 02"]);
    assert_eq!(names("changed_since=2025-06-30T01:00:00Z").await, ["RT 03"]);
    assert_eq!(names("changed_since=2025-06-29T01:00:00Z").await.len(), 2);
    assert!(names("changed_since=2025-06-30T01:00:01Z").await.is_empty());
}
