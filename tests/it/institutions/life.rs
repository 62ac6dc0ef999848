//! An institution from its first decree to its deletion.

use serde_json::json;
use uuid::Uuid;

use super::{DECREE, INSTITUTIONS, NOW, recorded, rt, term};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::World;

#[apply(both_databases)]
async fn get_returns_the_institution_with_its_decrees(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let first = rt("RT 01", json!([term("2023-07-01")]));
    let made = kasi.post(INSTITUTIONS, first).await.status(201);
    let path = made.header("location").to_owned();
    let got = kasi.get(&path).await.status(200);
    // Without another end, a term ends five years later less a day.
    assert_body!(got, @r#"
    {
      "decrees": [
        {
          "ends_on": "2028-06-30",
          "id": "[id]",
          "issued_on": "2020-01-01",
          "number": "141/07/KPTS-BLG/2023",
          "revoked_on": null,
          "starts_on": "2023-07-01"
        }
      ],
      "id": "[id]",
      "kind": "rt",
      "name": "RT 01",
      "recorded_at": "[instant]",
      "recorded_by": "test.officer",
      "village_code": "63.11.06.2005",
      "villages": [
        {
          "from": null,
          "village_code": "63.11.06.2005"
        }
      ]
    }
    "#);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);

    // A client that sends back the members that it read changes nothing.
    let same = json!({"decrees": got.json["decrees"], "name": "RT 01"});
    let same = kasi.patch(&path, &got.etag(), same).await.status(200);
    assert_eq!((&same.json, same.etag()), (&got.json, got.etag()));
}

#[apply(both_databases)]
async fn patch_replaces_the_decrees(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let first = rt("RT 01", json!([term("2023-07-01")]));
    let made = kasi.post(INSTITUTIONS, first).await.status(201);
    let path = made.header("location").to_owned();
    let id = &made.json["decrees"][0]["id"];
    let revoked = json!([{"id": id, "number": "141/07", "issued_on": "2023-06-20", "starts_on": "2023-07-01",
        "revoked_on": "2025-01-15"}]);
    let patch = json!({"decrees": revoked, "name": "RT 001", "reason": "Dicabut"});
    let fixed = kasi.patch(&path, &made.etag(), patch).await.status(200);
    assert_eq!(fixed.json["name"], "RT 001");
    assert_eq!(
        fixed.json["decrees"],
        json!([{"id": id, "number": "141/07", "issued_on": "2023-06-20", "starts_on": "2023-07-01",
            "ends_on": "2028-06-30", "revoked_on": "2025-01-15"}])
    );
    kasi.patch(&path, &made.etag(), json!({"name": "RT 2"}))
        .await
        .problem(412, "precondition_failed");
    kasi.delete(&path, &made.etag())
        .await
        .problem(412, "precondition_failed");
}

#[apply(both_databases)]
async fn a_renewal_adds_a_decree(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let first = rt("RT 01", json!([term("2020-01-01")]));
    let made = kasi.post(INSTITUTIONS, first).await.status(201);
    let path = made.header("location").to_owned();
    let decrees = format!("{path}/decrees");
    let renewed = kasi.post(&decrees, term("2025-02-01")).await.status(201);
    assert_eq!(renewed.header("location"), path);
    assert_ne!(renewed.etag(), made.etag());
    assert_eq!(renewed.json["decrees"].as_array().unwrap().len(), 2);
    assert_eq!(renewed.json["decrees"][0], made.json["decrees"][0]);
    assert_eq!(kasi.get(&path).await.status(200).json, renewed.json);
    let one_by_one = kasi.all(&format!("{decrees}?limit=1")).await;
    assert_eq!(json!(one_by_one), renewed.json["decrees"]);
}

#[apply(both_databases)]
async fn delete_keeps_the_versions_and_frees_the_name(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let first = rt("RT 01", json!([term("2020-01-01")]));
    let made = kasi.post(INSTITUTIONS, first).await.status(201);
    let path = made.header("location").to_owned();
    let decrees = format!("{path}/decrees");
    let renamed = json!({"name": "RT 001", "reason": "Salah ketik"});
    kasi.patch(&path, "*", renamed).await.status(200);
    let renewed = kasi.post(&decrees, term("2025-02-01")).await.status(201);

    kasi.delete(&path, &renewed.etag()).await.status(204);
    for gone in [&path, &decrees] {
        kasi.get(gone).await.problem(404, "not_found");
    }
    let late = kasi.post(&decrees, term("2025-03-01")).await;
    late.problem(404, "not_found");
    let versions = kasi.all(&format!("{path}/versions?limit=3")).await;
    let recorded_versions: Vec<_> = versions
        .iter()
        .map(|v| {
            let decrees = v["content"]["decrees"].as_array().unwrap().len();
            (v["reason"].as_str(), decrees, v["deleted"].as_bool().unwrap())
        })
        .collect();
    assert_eq!(
        recorded_versions,
        [
            (None, 1, false),
            (Some("Salah ketik"), 1, false),
            (None, 2, false),
            (Some("uji"), 2, true)
        ]
    );
    assert_eq!(versions[0]["content"], made.json);
    assert_eq!(versions[2]["content"], renewed.json);
    assert_eq!(versions[3]["content"]["deletion"]["reason"], "uji");
    recorded(&kasi, rt("RT 001", json!([]))).await;
}

#[apply(both_databases)]
async fn repeated_post_returns_the_same_institution(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let mut first = rt("RT 01", json!([term("2020-07-01")]));
    first["id"] = json!(Uuid::new_v4());
    let made = kasi.post(INSTITUTIONS, first.clone()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(kasi.post(INSTITUTIONS, first.clone()).await.status(200).json, made.json);
    let renewed = kasi.post(&format!("{path}/decrees"), term("2025-07-01")).await;
    let renewed = renewed.status(201);
    let again = kasi.post(INSTITUTIONS, first.clone()).await.status(200);
    assert_eq!(again.json, renewed.json);

    let mut other = first.clone();
    other["name"] = json!("RT 09");
    kasi.post(INSTITUTIONS, other).await.problem(409, "id_conflict");
    // A name with other spaces and capitals, or with another number of zeros, is the same name.
    for name in ["RT 01", " rt  01", "RT.001"] {
        let taken = kasi.post(INSTITUTIONS, rt(name, json!([]))).await;
        taken.problem(409, "duplicate_institution");
    }
    let neighbour = recorded(&kasi, rt("RT 02", json!([]))).await;
    kasi.patch(&neighbour, "*", json!({"name": "RT 01"}))
        .await
        .problem(409, "duplicate_institution");
    kasi.delete(&path, "*").await.status(204);
    kasi.post(INSTITUTIONS, first).await.problem(409, "deleted");
}

#[apply(both_databases)]
async fn a_repeated_decree_is_recorded_once(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let path = recorded(&kasi, rt("RT 01", json!([term("2020-07-01")]))).await;
    let decrees = format!("{path}/decrees");
    let mut renewal = term("2025-07-01");
    renewal["id"] = json!(DECREE);
    let renewed = kasi.post(&decrees, renewal.clone()).await.status(201);
    assert_eq!(renewed.json["decrees"][1]["id"], DECREE);
    assert_eq!(
        kasi.post(&decrees, renewal.clone()).await.status(200).json,
        renewed.json
    );
    let mut other = renewal.clone();
    other["starts_on"] = json!("2025-08-01");
    kasi.post(&decrees, other).await.problem(409, "id_conflict");

    // A repeated decree succeeds after a correction of that decree, but not after its removal.
    let mut fixed = renewed.json["decrees"].clone();
    fixed[1]["number"] = json!("141/08");
    let fixed = kasi.patch(&path, "*", json!({"decrees": fixed})).await.status(200);
    assert_eq!(kasi.post(&decrees, renewal.clone()).await.status(200).json, fixed.json);
    let first_only = json!({"decrees": [fixed.json["decrees"][0]]});
    kasi.patch(&path, "*", first_only).await.status(200);
    kasi.post(&decrees, renewal.clone()).await.problem(409, "deleted");
    // One decree may cover two institutions.
    let neighbour = recorded(&kasi, rt("RT 02", json!([]))).await;
    kasi.post(&format!("{neighbour}/decrees"), renewal).await.status(201);
}
