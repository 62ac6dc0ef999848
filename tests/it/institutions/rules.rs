//! The rules of institutions and their decrees, and who may record them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{DECREE, INSTITUTIONS, NOW, recorded, rt, term};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{BALANG, PARINGIN_KOTA, World};

/// A decree from 2025 on with one member set.
fn dated(name: &str, value: &str) -> Value {
    let mut decree = term("2025-01-01");
    decree[name] = json!(value);
    decree
}

#[apply(both_databases)]
async fn rejects_institutions_that_break_a_rule(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let rows = [
        ("village_code", PARINGIN_KOTA, "kelurahan_not_allowed", "#/village_code"),
        ("village_code", "63.11.06.2999", "unknown_reference", "#/village_code"),
        ("village_code", "63.11.01.2001", "unknown_reference", "#/village_code"),
        ("kind", "rtt", "unknown_reference", "#/kind"),
    ];
    let rows = rows.map(|(name, value, code, pointer)| {
        let mut body = rt("RT 01", json!([]));
        body[name] = json!(value);
        (body, 422, code, pointer)
    });
    assert_bodies_refused(&kasi, "POST", INSTITUTIONS, rows).await;
}

#[apply(both_databases)]
async fn rejects_decrees_with_impossible_days(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let path = recorded(&kasi, rt("RT 01", json!([]))).await;
    let mut failures = Vec::new();
    for (name, value, code) in [
        ("issued_on", "2025-07-01", "future_instant"),
        ("ends_on", "2024-12-31", "rule_broken"),
        ("revoked_on", "2019-12-31", "rule_broken"),
        ("ends_on", "2201-01-01", "rule_broken"),
        ("issued_on", "0000-01-01", "rule_broken"),
    ] {
        // The pointer names the place of the fault, in a single decree and in the list of a new institution.
        let alone = kasi.post(&format!("{path}/decrees"), dated(name, value)).await;
        failures.extend(alone.unless_refused(422, code, &format!("#/{name}")));
        let second = rt("RT 02", json!([term("2025-01-01"), dated(name, value)]));
        let second = kasi.post(INSTITUTIONS, second).await;
        failures.extend(second.unless_refused(422, code, &format!("#/decrees/1/{name}")));
    }
    assert!(failures.is_empty(), "{failures:#?}");
    let without_end = dated("starts_on", "9999-12-31");
    kasi.post(&format!("{path}/decrees"), without_end)
        .await
        .problem(422, "rule_broken");
    // One day long, revoked on the day of issue, beginning in the future: all three are possible.
    let possible = json!([
        dated("ends_on", "2025-01-01"),
        dated("revoked_on", "2020-01-01"),
        dated("starts_on", "2025-07-01")
    ]);
    kasi.post(INSTITUTIONS, rt("RT 02", possible)).await.status(201);
}

#[apply(both_databases)]
async fn holds_at_most_fifty_decrees_of_distinct_ids(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let path = recorded(&kasi, rt("RT 01", json!([]))).await;
    let twice = json!([{"id": DECREE, "number": "1", "issued_on": "2025-01-01", "starts_on": "2025-01-01"},
        {"id": DECREE, "number": "2", "issued_on": "2025-01-01", "starts_on": "2025-01-01"}]);
    let refused = kasi.patch(&path, "*", json!({"decrees": twice})).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/decrees/1/id"]);

    let decrees = |count: usize| json!({"decrees": vec![term("2025-01-01"); count]});
    let full = kasi.patch(&path, "*", decrees(50)).await.status(200);
    assert_eq!(full.json["decrees"].as_array().unwrap().len(), 50);
    let one_more = kasi.post(&format!("{path}/decrees"), term("2025-01-01")).await;
    one_more.problem(422, "rule_broken");
    kasi.patch(&path, "*", decrees(51)).await.problem(400, "invalid_body");
}

#[actix_web::test]
async fn names_every_member_that_breaks_the_contract() {
    let world = World::on(Backend::Sqlite).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let rubbish = json!({"village_code": BALANG, "kind": "RT", "name": "", "decrees": [{"number": "a\u{0}", "issued_on": "kemarin", "x": 1}]});
    let refused = kasi.post(INSTITUTIONS, rubbish).await.problem(400, "invalid_body");
    let pointers: BTreeSet<_> = refused.pointers().into_iter().collect();
    let all = [
        "#/decrees/0/issued_on",
        "#/decrees/0/number",
        "#/decrees/0/starts_on",
        "#/decrees/0/x",
        "#/kind",
        "#/name",
    ];
    assert_eq!(pointers, BTreeSet::from(all));
    let path = &recorded(&kasi, rt("RT 01", json!([]))).await;
    let no_day = "/v1/institutions?active_on=2025-02-30";
    assert_refused(&[
        (&kasi, "PATCH", path, json!({"name": null}), 400, "invalid_body"),
        (&kasi, "GET", no_day, NONE, 400, "invalid_query"),
    ])
    .await;
}

#[apply(both_databases)]
async fn rejects_other_districts_and_sections(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let path = &recorded(&world.admin(), rt("RT 01", json!([]))).await;
    let (decrees, versions) = (&format!("{path}/decrees"), &format!("{path}/versions"));
    let second = || rt("RT 02", json!([]));
    let renewal = || term("2025-01-01");
    let name = || json!({"name": "x"});
    let moved = json!({"village_code": "63.11.01.2001"});
    let of_paringin = "/v1/institutions?district_code=63.11.06";
    let stranger = world.stranger();
    let trantibum = world.officer(&["trantibum"]);
    assert_refused(&[
        (&stranger, "GET", path, NONE, 404, "not_found"),
        (&stranger, "GET", decrees, NONE, 404, "not_found"),
        (&stranger, "GET", versions, NONE, 404, "not_found"),
        (&stranger, "GET", of_paringin, NONE, 404, "not_found"),
        (&stranger, "PATCH", path, name(), 404, "not_found"),
        (&stranger, "DELETE", path, NONE, 404, "not_found"),
        (&stranger, "POST", decrees, renewal(), 404, "not_found"),
        (&stranger, "POST", INSTITUTIONS, second(), 422, "unknown_reference"),
        (&world.admin(), "PATCH", path, moved, 422, "unknown_reference"),
        (&trantibum, "POST", INSTITUTIONS, second(), 403, "wrong_section"),
        (&trantibum, "POST", decrees, renewal(), 403, "wrong_section"),
        (&trantibum, "PATCH", path, name(), 403, "wrong_section"),
        (&trantibum, "DELETE", path, NONE, 403, "wrong_section"),
        (&world.anonymous(), "POST", decrees, renewal(), 401, "unauthenticated"),
    ])
    .await;
    assert!(stranger.all(INSTITUTIONS).await.is_empty());
    trantibum.get(path).await.status(200);
}
