//! An institution from its first decree to its deletion, and what is refused on the way.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{DECREE, NOW, record, rt, term};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN_KOTA, World};

#[apply(both_databases)]
async fn an_institution_lives(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);

    let made = kasi
        .post("/v1/institutions", rt("RT 01", json!([term("2023-07-01")])))
        .await
        .status(201);
    let path = made.header("location").to_owned();
    assert_eq!(made.json["kind"], "rt");
    assert_eq!(made.json["recorded_by"], "test.officer");
    let decree = &made.json["decrees"][0];
    assert_eq!(decree["ends_on"], "2028-06-30", "five years less a day");
    assert_eq!(decree["revoked_on"], json!(null));
    let got = kasi.get(&path).await.status(200);
    assert_eq!(got.json, made.json);
    assert_eq!(got.etag(), made.etag());
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);

    // What was read, sent back, is no change.
    let same = json!({"decrees": got.json["decrees"], "name": "RT 01"});
    let same = kasi.patch(&path, &got.etag(), same).await.status(200);
    assert_eq!(same.json, got.json);
    assert_eq!(same.etag(), got.etag());

    let revoked = json!([{"id": decree["id"], "number": "141/07", "issued_on": "2023-06-20", "starts_on": "2023-07-01",
        "revoked_on": "2025-01-15"}]);
    let fixed = kasi
        .patch(
            &path,
            &got.etag(),
            json!({"decrees": revoked, "name": "RT 001", "reason": "Dicabut"}),
        )
        .await
        .status(200);
    assert_eq!(fixed.json["name"], "RT 001");
    assert_eq!(
        fixed.json["decrees"],
        json!([{"id": decree["id"], "number": "141/07", "issued_on": "2023-06-20", "starts_on": "2023-07-01",
            "ends_on": "2028-06-30", "revoked_on": "2025-01-15"}])
    );
    kasi.patch(&path, &got.etag(), json!({"name": "RT 2"}))
        .await
        .problem(412, "precondition_failed");

    let renewed = kasi
        .post(&format!("{path}/decrees"), term("2025-02-01"))
        .await
        .status(201);
    assert_eq!(renewed.header("location"), path);
    assert_ne!(renewed.etag(), fixed.etag());
    assert_eq!(renewed.json["decrees"].as_array().unwrap().len(), 2);
    assert_eq!(renewed.json["decrees"][0], fixed.json["decrees"][0]);
    assert_eq!(kasi.get(&path).await.status(200).json, renewed.json);
    let decrees = kasi.all(&format!("{path}/decrees?limit=1")).await;
    assert_eq!(json!(decrees), renewed.json["decrees"]);

    kasi.delete(&path, &fixed.etag())
        .await
        .problem(412, "precondition_failed");
    kasi.delete(&path, &renewed.etag()).await.status(204);
    for gone in [path.clone(), format!("{path}/decrees")] {
        kasi.get(&gone).await.problem(404, "not_found");
    }
    kasi.post(&format!("{path}/decrees"), term("2025-03-01"))
        .await
        .problem(404, "not_found");
    let versions = kasi.all(&format!("{path}/versions?limit=3")).await;
    let told: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                v["reason"].as_str(),
                v["content"]["decrees"].as_array().unwrap().len(),
                v["deleted"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (None, 1, false),
            (Some("Dicabut"), 1, false),
            (None, 2, false),
            (Some("uji"), 2, true)
        ]
    );
    assert_eq!(versions[0]["content"], made.json);
    assert_eq!(versions[2]["content"], renewed.json);
    // The name is free again.
    record(&kasi, rt("RT 001", json!([]))).await;
}

#[apply(both_databases)]
async fn sending_again_is_safe(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let mut first = rt("RT 01", json!([term("2020-07-01")]));
    first["id"] = json!(Uuid::new_v4());
    let made = kasi.post("/v1/institutions", first.clone()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(
        kasi.post("/v1/institutions", first.clone()).await.status(200).json,
        made.json
    );

    let mut renewal = term("2025-07-01");
    renewal["id"] = json!(DECREE);
    let decrees = format!("{path}/decrees");
    let renewed = kasi.post(&decrees, renewal.clone()).await.status(201);
    assert_eq!(renewed.json["decrees"][1]["id"], DECREE);
    assert_eq!(
        kasi.post(&decrees, renewal.clone()).await.status(200).json,
        renewed.json
    );
    let mut other = renewal.clone();
    other["starts_on"] = json!("2025-08-01");
    kasi.post(&decrees, other).await.problem(409, "id_conflict");
    // Also after a correction of that very decree.
    let mut fixed = renewed.json["decrees"].clone();
    fixed[1]["number"] = json!("141/08");
    let fixed = kasi
        .patch(&path, &renewed.etag(), json!({"decrees": fixed}))
        .await
        .status(200);
    assert_eq!(kasi.post(&decrees, renewal.clone()).await.status(200).json, fixed.json);
    let one = json!([fixed.json["decrees"][0]]);
    let one = kasi
        .patch(&path, &fixed.etag(), json!({"decrees": one}))
        .await
        .status(200);
    kasi.post(&decrees, renewal.clone()).await.problem(409, "deleted");
    // The same decree may cover another institution.
    let neighbour = record(&kasi, rt("RT 02", json!([]))).await;
    kasi.post(&format!("{neighbour}/decrees"), renewal).await.status(201);

    assert_eq!(
        kasi.post("/v1/institutions", first.clone()).await.status(200).json,
        one.json
    );
    let mut other = first.clone();
    other["name"] = json!("RT 09");
    kasi.post("/v1/institutions", other).await.problem(409, "id_conflict");
    for name in ["RT 01", " rt  01"] {
        kasi.post("/v1/institutions", rt(name, json!([])))
            .await
            .problem(409, "duplicate_institution");
    }
    kasi.patch(&neighbour, "*", json!({"name": "RT 01"}))
        .await
        .problem(409, "duplicate_institution");
    kasi.delete(&path, &one.etag()).await.status(204);
    kasi.post("/v1/institutions", first).await.problem(409, "deleted");
}

#[apply(both_databases)]
async fn what_cannot_be_is_refused(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let with = |name: &str, value: Value| {
        let mut body = rt("RT 01", json!([]));
        body[name] = value;
        body
    };
    for (name, value, code) in [
        ("village_code", json!(PARINGIN_KOTA), "kelurahan_not_allowed"),
        ("village_code", json!("63.11.06.2999"), "unknown_reference"),
        ("village_code", json!("63.11.01.2001"), "unknown_reference"),
        ("kind", json!("rtt"), "unknown_reference"),
    ] {
        let refused = kasi.post("/v1/institutions", with(name, value)).await;
        assert_eq!(refused.problem(422, code).pointers(), [format!("#/{name}")]);
    }
    let path = record(&kasi, rt("RT 01", json!([]))).await;
    let dated = |name: &str, value: &str| {
        let mut decree = term("2025-01-01");
        decree[name] = json!(value);
        decree
    };
    for (name, value, code) in [
        ("issued_on", "2025-07-01", "future_instant"),
        ("ends_on", "2024-12-31", "rule_broken"),
        ("revoked_on", "2019-12-31", "rule_broken"),
        ("ends_on", "2201-01-01", "rule_broken"),
        ("issued_on", "0000-01-01", "rule_broken"),
    ] {
        let refused = kasi
            .post(&format!("{path}/decrees"), dated(name, value))
            .await
            .problem(422, code);
        assert_eq!(refused.pointers(), [format!("#/{name}")]);
        let refused = kasi
            .post(
                "/v1/institutions",
                rt("RT 02", json!([term("2025-01-01"), dated(name, value)])),
            )
            .await
            .problem(422, code);
        assert_eq!(refused.pointers(), [format!("#/decrees/1/{name}")]);
    }
    kasi.post(&format!("{path}/decrees"), dated("starts_on", "9999-12-31"))
        .await
        .problem(422, "rule_broken");
    // One day long, revoked on the day it was issued, beginning in the future: all possible.
    let fine = json!([
        dated("ends_on", "2025-01-01"),
        dated("revoked_on", "2020-01-01"),
        dated("starts_on", "2025-07-01")
    ]);
    kasi.post("/v1/institutions", rt("RT 02", fine)).await.status(201);

    let twice = json!([{"id": DECREE, "number": "1", "issued_on": "2025-01-01", "starts_on": "2025-01-01"},
        {"id": DECREE, "number": "2", "issued_on": "2025-01-01", "starts_on": "2025-01-01"}]);
    let refused = kasi
        .patch(&path, "*", json!({"decrees": twice}))
        .await
        .problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/decrees/1/id"]);
    let fifty: Vec<Value> = (0..50).map(|_| term("2025-01-01")).collect();
    let full = kasi.patch(&path, "*", json!({"decrees": fifty})).await.status(200);
    assert_eq!(full.json["decrees"].as_array().unwrap().len(), 50);
    kasi.post(&format!("{path}/decrees"), term("2025-01-01"))
        .await
        .problem(422, "rule_broken");
    let more: Vec<Value> = (0..51).map(|_| term("2025-01-01")).collect();
    kasi.patch(&path, "*", json!({"decrees": more}))
        .await
        .problem(400, "invalid_body");

    let rubbish = json!({"village_code": BALANG, "kind": "RT", "name": "", "decrees": [{"number": "a\u{0}", "issued_on": "kemarin", "x": 1}]});
    let refused = kasi
        .post("/v1/institutions", rubbish)
        .await
        .problem(400, "invalid_body");
    let pointers: BTreeSet<_> = refused.pointers().into_iter().collect();
    let wanted = [
        "#/decrees/0/issued_on",
        "#/decrees/0/number",
        "#/decrees/0/starts_on",
        "#/decrees/0/x",
        "#/kind",
        "#/name",
    ];
    assert_eq!(pointers, BTreeSet::from(wanted));
    kasi.patch(&path, "*", json!({"name": null}))
        .await
        .problem(400, "invalid_body");
    kasi.get("/v1/institutions?active_on=2025-02-30")
        .await
        .problem(400, "invalid_query");
}

#[apply(both_databases)]
async fn other_districts_and_roles(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let path = record(&world.admin(), rt("RT 01", json!([]))).await;
    let decrees = format!("{path}/decrees");
    let stranger = world.stranger();
    for hidden in [
        path.as_str(),
        &decrees,
        &format!("{path}/versions"),
        "/v1/institutions?district=63.11.06",
    ] {
        stranger.get(hidden).await.problem(404, "not_found");
    }
    stranger
        .patch(&path, "*", json!({"name": "x"}))
        .await
        .problem(404, "not_found");
    stranger.delete(&path, "*").await.problem(404, "not_found");
    stranger
        .post(&decrees, term("2025-01-01"))
        .await
        .problem(404, "not_found");
    stranger
        .post("/v1/institutions", rt("RT 02", json!([])))
        .await
        .problem(422, "unknown_reference");
    assert!(stranger.all("/v1/institutions").await.is_empty());
    world
        .admin()
        .patch(&path, "*", json!({"village_code": "63.11.01.2001"}))
        .await
        .problem(422, "unknown_reference");
    let other = world.officer(&["trantibum"]);
    other.get(&path).await.status(200);
    other
        .post("/v1/institutions", rt("RT 02", json!([])))
        .await
        .problem(403, "wrong_section");
    other
        .post(&decrees, term("2025-01-01"))
        .await
        .problem(403, "wrong_section");
    other
        .patch(&path, "*", json!({"name": "x"}))
        .await
        .problem(403, "wrong_section");
    other.delete(&path, "*").await.problem(403, "wrong_section");
    world
        .anonymous()
        .post(&decrees, term("2025-01-01"))
        .await
        .problem(401, "unauthenticated");
}
