//! New indicators, the next decree, and who may see and change indicators.

use iku::access::Role;
use serde_json::json;
use uuid::Uuid;

use super::{IKU_1, IKU_4, INDICATORS, NOW, codes, next_decree, sixth, sixth_with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn repeated_post_returns_the_same_indicator(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let made = admin.post(INDICATORS, sixth()).await.status(201).without_warnings();
    let path = "/v1/indicators/paringin-iku-6";
    assert_eq!(made.header("location"), path);
    assert_eq!(made.json["from_year"], 2023);
    assert_eq!(made.json["district_code"], PARINGIN);
    assert_eq!(admin.get(path).await.status(200).json, made.json);
    assert_eq!(admin.post(INDICATORS, sixth()).await.status(200).json, made.json);

    // After corrections it returns the first wording as it is now.
    let fixed = json!({"from_year": 2023, "name": "Lain", "reason": "Uji"});
    let fixed = admin
        .patch(path, &made.etag(), fixed)
        .await
        .status(200)
        .without_warnings();
    let later = json!({"from_year": 2025, "name": "Lain lagi"});
    admin.patch(path, &fixed.etag(), later).await.status(200);
    let again = admin.post(INDICATORS, sixth()).await.status(200);
    assert_eq!(again.json, fixed.json);

    let rows = [
        (sixth_with("source", json!("x")), 409, "duplicate_code", "#/code"),
        (
            sixth_with("code", json!("paringin-iku-1")),
            409,
            "duplicate_code",
            "#/code",
        ),
    ];
    assert_bodies_refused(&admin, "POST", INDICATORS, rows).await;
}

#[apply(both_databases)]
async fn rejects_indicators_that_do_not_fit_their_decree(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let mut seventh = sixth_with("code", json!("paringin-iku-7"));
    seventh["number"] = json!(7);
    let rows = [
        ("number", json!(5), 409, "conflict", "#/number"),
        (
            "decree_id",
            json!(Uuid::new_v4()),
            422,
            "unknown_reference",
            "#/decree_id",
        ),
        ("from_year", json!(2022), 422, "rule_broken", "#/from_year"),
        ("from_year", json!(2027), 422, "rule_broken", "#/from_year"),
        ("unit", json!("percent"), 422, "rule_broken", "#/unit"),
    ];
    let rows = rows.map(|(name, value, status, code, pointer)| {
        let mut body = seventh.clone();
        body[name] = value;
        (body, status, code, pointer)
    });
    assert_bodies_refused(&admin, "POST", INDICATORS, rows).await;
}

#[apply(both_databases)]
async fn a_new_indicator_is_in_force_from_its_year(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let mut sixth = sixth_with("from_year", json!(2026));
    sixth["number"] = json!(6);
    let made = admin.post(INDICATORS, sixth).await.status(201);
    assert_eq!(made.json["from_year"], 2026);
    let path = "/v1/indicators/paringin-iku-6";
    let too_early = admin.get(&format!("{path}?year=2025")).await;
    too_early.problem(404, "indicator_not_in_force");
    assert_eq!(codes(&admin, "?year=2025").await.len(), 5);
    // Without a year, it is shown before it begins.
    admin.get(path).await.status(200);
    assert_eq!(codes(&admin, "").await.len(), 6);
}

#[apply(both_databases)]
async fn an_indicator_continues_under_the_next_decree(backend: Backend) {
    let world = World::on(backend).at("2026-12-31T09:00:00+08:00").await;
    let admin = world.admin();
    let decree = next_decree(&world, PARINGIN).await;
    // A new indicator can have the number 1 in the years of the next decree, ...
    let mut new = sixth_with("decree_id", json!(decree));
    new["number"] = json!(1);
    let made = admin.post(INDICATORS, new).await.status(201);
    assert_eq!(made.json["from_year"], 2027);
    // ... and another indicator continues under the same code with another number.
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
async fn rejects_other_districts_and_roles(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let versions = format!("{IKU_1}/versions");
    let of_paringin = format!("{INDICATORS}?district_code=63.11.06");
    let too_early = format!("{IKU_1}?year=1999");
    let foreign = next_decree(&world, "63.11.01").await;
    let name = json!({"from_year": 2025, "name": "X"});
    let admin = world.admin();
    let stranger = world.stranger();
    let elsewhere = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    let officer = world.officer(&["pmd"]);
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    assert_refused(&[
        (&stranger, "GET", IKU_1, NONE, 404, "not_found"),
        (&stranger, "GET", &versions, NONE, 404, "not_found"),
        (&stranger, "GET", &of_paringin, NONE, 404, "not_found"),
        (&elsewhere, "PATCH", IKU_1, name, 404, "not_found"),
        (&officer, "POST", INDICATORS, sixth(), 403, "insufficient_scope"),
        (&phone, "GET", IKU_1, NONE, 403, "insufficient_scope"),
        (&world.anonymous(), "GET", IKU_1, NONE, 401, "unauthenticated"),
        (&admin, "GET", "/v1/indicators/none", NONE, 404, "not_found"),
        (&admin, "GET", "/v1/indicators/No", NONE, 400, "invalid_path"),
        (&admin, "GET", &too_early, NONE, 400, "invalid_query"),
    ])
    .await;
    // A decree of another district is unknown.
    let rows = [(sixth(), 422, "unknown_reference", "#/decree_id")];
    assert_bodies_refused(&elsewhere, "POST", INDICATORS, rows).await;
    let moved = json!({"from_year": 2027, "decree_id": foreign});
    let rows = [(moved, 422, "unknown_reference", "#/decree_id")];
    assert_bodies_refused(&admin, "PATCH", IKU_1, rows).await;
    assert!(stranger.all(INDICATORS).await.is_empty());
    officer.get(IKU_1).await.status(200);
}

#[apply(both_databases)]
async fn a_walk_shows_the_indicators_as_they_were(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let first = admin.get("/v1/indicators?limit=3").await.status(200);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    // Move number 1 to the end and add another indicator between the first page and the second.
    admin
        .patch(IKU_1, "*", json!({"from_year": 2025, "number": 9}))
        .await
        .status(200);
    admin.post(INDICATORS, sixth()).await.status(201);
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
