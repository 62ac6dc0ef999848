//! New indicators, the next decree, and who may see and change them.

use iku::access::Role;
use serde_json::json;
use uuid::Uuid;

use super::{IKU_1, IKU_4, codes, next_decree, sixth, sixth_with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn a_new_indicator(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let made = admin.post("/v1/indicators", sixth()).await.status(201);
    assert_eq!(made.header("location"), "/v1/indicators/paringin-iku-6");
    assert_eq!(made.json["from_year"], 2023);
    assert_eq!(made.json["district_code"], PARINGIN);
    let path = "/v1/indicators/paringin-iku-6";
    assert_eq!(admin.get(path).await.status(200).json, made.json);
    // Safe to send again, also after a correction.
    assert_eq!(admin.post("/v1/indicators", sixth()).await.status(200).json, made.json);
    let fixed = admin
        .patch(path, &made.etag(), json!({"from_year": 2023, "name": "Lain"}))
        .await
        .status(200);
    admin
        .patch(path, &fixed.etag(), json!({"from_year": 2025, "name": "Lain lagi"}))
        .await
        .status(200);
    let again = admin.post("/v1/indicators", sixth()).await.status(200);
    assert_eq!(again.json, fixed.json);
    let other = admin.post("/v1/indicators", sixth_with("source", json!("x"))).await;
    assert_eq!(other.problem(409, "duplicate_code").pointers(), ["#/code"]);
    admin
        .post("/v1/indicators", sixth_with("code", json!("paringin-iku-1")))
        .await
        .problem(409, "duplicate_code");

    let mut seventh = sixth_with("code", json!("paringin-iku-7"));
    let refused = admin.post("/v1/indicators", seventh.clone()).await;
    assert_eq!(refused.problem(409, "conflict").pointers(), ["#/number"]);
    seventh["number"] = json!(7);
    for (name, value, code) in [
        ("decree_id", json!(Uuid::new_v4()), "unknown_reference"),
        ("from_year", json!(2022), "rule_broken"),
        ("from_year", json!(2027), "rule_broken"),
        ("unit", json!("percent"), "rule_broken"),
    ] {
        let mut body = seventh.clone();
        body[name] = value;
        let refused = admin.post("/v1/indicators", body).await;
        assert_eq!(refused.problem(422, code).pointers(), [format!("#/{name}")]);
    }
    seventh["from_year"] = json!(2026);
    assert_eq!(
        admin.post("/v1/indicators", seventh).await.status(201).json["from_year"],
        2026
    );
    admin
        .get("/v1/indicators/paringin-iku-7?year=2025")
        .await
        .problem(404, "indicator_not_in_force");
    // Without a year, it shows itself before it begins.
    admin.get("/v1/indicators/paringin-iku-7").await.status(200);
    assert_eq!(codes(&admin, "?year=2025").await.len(), 6);
    assert_eq!(codes(&admin, "").await.len(), 7);
}

#[apply(both_databases)]
async fn the_next_decree(backend: Backend) {
    let world = World::on(backend).at("2026-12-31T09:00:00+08:00").await;
    let admin = world.admin();
    let decree = next_decree(&world, PARINGIN).await;
    // The number is free in the years of the next decree, under a new code ...
    let mut new = sixth_with("decree_id", json!(decree));
    new["number"] = json!(1);
    let made = admin.post("/v1/indicators", new).await.status(201);
    assert_eq!(made.json["from_year"], 2027);
    // ... or the indicator goes on under the same code.
    let first = admin.get(IKU_4).await.status(200);
    let next = admin
        .patch(
            IKU_4,
            &first.etag(),
            json!({"from_year": 2027, "decree_id": decree, "number": 2}),
        )
        .await
        .status(200);
    assert_eq!(next.json["decree_id"], json!(decree));
    assert_eq!(codes(&admin, "?year=2026").await.len(), 5);
    assert_eq!(codes(&admin, "?year=2027").await, ["paringin-iku-6", "paringin-iku-4"]);
    assert_eq!(admin.get(IKU_4).await.status(200).json, first.json);
    // 2027 begins in WITA.
    world.clock.set("2026-12-31T16:00:00Z".parse().unwrap());
    assert_eq!(admin.get(IKU_4).await.status(200).json, next.json);
    let refused = admin.patch(IKU_4, "*", json!({"from_year": 2032, "name": "X"})).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/from_year"]);
}

#[apply(both_databases)]
async fn other_districts_and_roles(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let stranger = world.stranger();
    stranger.get(IKU_1).await.problem(404, "not_found");
    stranger
        .get(&format!("{IKU_1}/versions"))
        .await
        .problem(404, "not_found");
    stranger
        .get("/v1/indicators?district=63.11.06")
        .await
        .problem(404, "not_found");
    assert!(stranger.all("/v1/indicators").await.is_empty());
    let elsewhere = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    elsewhere
        .patch(IKU_1, "*", json!({"from_year": 2025, "name": "X"}))
        .await
        .problem(404, "not_found");
    let refused = elsewhere.post("/v1/indicators", sixth()).await;
    assert_eq!(refused.problem(422, "unknown_reference").pointers(), ["#/decree_id"]);
    let foreign = next_decree(&world, "63.11.01").await;
    let refused = world
        .admin()
        .patch(IKU_1, "*", json!({"from_year": 2027, "decree_id": foreign}))
        .await;
    assert_eq!(refused.problem(422, "unknown_reference").pointers(), ["#/decree_id"]);
    let officer = world.officer(&["pmd"]);
    officer.get(IKU_1).await.status(200);
    officer
        .post("/v1/indicators", sixth())
        .await
        .problem(403, "insufficient_scope");
    world
        .holder(Role::Surveyor, Some(PARINGIN), &[])
        .get(IKU_1)
        .await
        .problem(403, "insufficient_scope");
    world.anonymous().get(IKU_1).await.problem(401, "unauthenticated");
    world.admin().get("/v1/indicators/none").await.problem(404, "not_found");
    world
        .admin()
        .get("/v1/indicators/No")
        .await
        .problem(400, "invalid_path");
    world
        .admin()
        .get(&format!("{IKU_1}?year=1999"))
        .await
        .problem(400, "invalid_query");
}

#[apply(both_databases)]
async fn a_walk_sees_the_list_as_it_was(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let first = admin.get("/v1/indicators?limit=3").await.status(200);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    // Someone moves number 1 to the end and adds another.
    admin
        .patch(IKU_1, "*", json!({"from_year": 2025, "number": 9}))
        .await
        .status(200);
    admin.post("/v1/indicators", sixth()).await.status(201);
    let rest = admin
        .get(&format!("/v1/indicators?limit=3&cursor={cursor}"))
        .await
        .status(200);
    let numbers: Vec<_> = rest.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["number"].clone())
        .collect();
    assert_eq!(numbers, [4, 5]);
    assert_eq!(rest.json["next_cursor"], json!(null));
    admin
        .get(&format!("/v1/indicators?limit=3&year=2025&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
}
