//! Targets: set once, replaced with care, withdrawn; equivalent periods are one.

use iku::access::Role;
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World};

const TARGETS: &str = "/v1/indicators/paringin-iku-4/targets";

fn camat(world: &World) -> Client {
    world.holder(Role::Head, Some(PARINGIN), &[])
}

fn of(period: &str) -> String {
    format!("{TARGETS}/{period}")
}

#[apply(both_databases)]
async fn a_target_lives(backend: Backend) {
    let world = World::on(backend).await;
    let camat = camat(&world);
    let path = of("2025-Q2");
    camat.get(&path).await.problem(404, "not_found");
    let body = json!({"value": 78.57, "basis": "Perjanjian Kinerja 2025"});
    let made = camat.put(&path, body.clone()).await.status(201);
    assert_eq!(made.header("location"), of("2025-S1"));
    assert_eq!(made.json["indicator_code"], "paringin-iku-4");
    assert_eq!(made.json["period"], "2025-S1");
    assert_eq!(made.json["value"], 78.57);
    assert_eq!(made.json["basis"], "Perjanjian Kinerja 2025");
    assert_eq!(made.json["recorded_by"], "test.head");
    for same in ["2025-S1", "2025-Q2", "2025-06"] {
        let got = camat.get(&of(same)).await.status(200);
        assert_eq!(got.json, made.json);
        assert_eq!(got.etag(), made.etag());
    }
    camat.with("if-none-match", &made.etag()).get(&path).await.status(304);

    // The same again is safe; anything else replaces, and needs the tag.
    let again = camat.put(&of("2025-06"), body.clone()).await.status(200);
    assert_eq!((again.etag(), again.json), (made.etag(), made.json.clone()));
    camat
        .put(&path, json!({"value": 78.57}))
        .await
        .problem(428, "precondition_required");
    camat
        .with("if-match", "\"1\"")
        .put(&path, json!({"value": 80}))
        .await
        .problem(412, "precondition_failed");
    let holding = camat.with("if-match", &made.etag());
    assert_eq!(holding.put(&path, body).await.status(200).etag(), made.etag());
    let replaced = holding.put(&path, json!({"value": 80.5})).await.status(200);
    assert_eq!(replaced.json["value"], 80.5);
    assert_eq!(replaced.json["basis"], json!(null));
    holding
        .put(&path, json!({"value": 81}))
        .await
        .problem(412, "precondition_failed");

    camat
        .delete(&path, &made.etag())
        .await
        .problem(412, "precondition_failed");
    camat
        .with("if-match", "*")
        .send("DELETE", &path, "", vec![])
        .await
        .problem(400, "invalid_query");
    camat
        .send("DELETE", &format!("{path}?reason=uji"), "", vec![])
        .await
        .problem(428, "precondition_required");
    camat.delete(&path, &replaced.etag()).await.status(204);
    camat.get(&path).await.problem(404, "not_found");
    camat.delete(&path, "*").await.problem(404, "not_found");
    camat
        .with("if-match", "*")
        .put(&path, json!({"value": 90}))
        .await
        .problem(412, "precondition_failed");
    let anew = camat.put(&path, json!({"value": 90})).await.status(201);
    assert_ne!(anew.etag(), made.etag());
}

#[apply(both_databases)]
async fn values_are_exact(backend: Backend) {
    let world = World::on(backend).await;
    let camat = camat(&world);
    let path = of("2025");
    for text in [
        "0",
        "0.07",
        "78.57",
        "90.5",
        "1e2",
        "90.00",
        "999999999.99",
        "1000000000",
    ] {
        let body = format!("{{\"value\": {text}}}").into_bytes();
        let client = camat.with("if-match", "*");
        let put = match camat.get(&path).await.status {
            404 => camat.send("PUT", &path, "application/json", body).await.status(201),
            _ => client.send("PUT", &path, "application/json", body).await.status(200),
        };
        let shown = String::from_utf8(put.body).unwrap();
        let plain = match text {
            "1e2" => "100",
            "90.00" => "90",
            other => other,
        };
        assert!(shown.contains(&format!("\"value\":{plain},")), "{text}: {shown}");
    }
    let other = of("2024");
    for bad in [
        json!({"value": 1.005}),
        json!({"value": 0.001}),
        json!({"value": -0.01}),
        json!({"value": 1_000_000_000.01}),
        json!({"value": "90"}),
        json!({"value": null}),
        json!({}),
    ] {
        let refused = camat.put(&other, bad.clone()).await.problem(400, "invalid_body");
        assert_eq!(refused.pointers(), ["#/value"], "{bad}");
    }
    let refused = camat.put(&other, json!({"value": 1, "basis": "", "reason": "x"})).await;
    assert_eq!(refused.problem(400, "invalid_body").pointers(), ["#/basis", "#/reason"]);
}

#[apply(both_databases)]
async fn only_ends_of_quarters_in_the_decrees_years(backend: Backend) {
    let world = World::on(backend).await;
    let camat = camat(&world);
    for month in ["01", "02", "04", "05", "07", "08", "10", "11"] {
        let path = of(&format!("2025-{month}"));
        let refused = camat.put(&path, json!({"value": 1})).await.problem(422, "rule_broken");
        assert_eq!(refused.pointers(), ["path:period"]);
        camat.get(&path).await.problem(422, "rule_broken");
        camat.delete(&path, "*").await.problem(422, "rule_broken");
    }
    for year in [2022, 2027] {
        let path = of(&year.to_string());
        camat
            .put(&path, json!({"value": 1}))
            .await
            .problem(404, "indicator_not_in_force");
        camat.get(&path).await.problem(404, "indicator_not_in_force");
        camat.delete(&path, "*").await.problem(404, "indicator_not_in_force");
    }
    for bad in ["2025-13", "2025-Q5", "25", "1999", "2025-q1"] {
        camat.get(&of(bad)).await.problem(400, "invalid_path");
    }
    camat
        .get("/v1/indicators/none/targets/2025")
        .await
        .problem(404, "not_found");
}

#[apply(both_databases)]
async fn the_list_is_in_the_order_of_time(backend: Backend) {
    let world = World::on(backend).await;
    let camat = camat(&world);
    for (period, value) in [
        ("2025-12", 40),
        ("2025-03", 10),
        ("2025-09", 30),
        ("2025-06", 20),
        ("2024", 5),
        ("2026-Q1", 50),
    ] {
        camat.put(&of(period), json!({"value": value})).await.status(201);
    }
    let periods =
        |rows: Vec<Value>| -> Vec<String> { rows.iter().map(|r| r["period"].as_str().unwrap().to_owned()).collect() };
    let of_2025 = ["2025-Q1", "2025-S1", "2025-Q3", "2025"];
    assert_eq!(
        periods(camat.all(&format!("{TARGETS}?year=2025&limit=3")).await),
        of_2025
    );
    let all = periods(camat.all(&format!("{TARGETS}?limit=2")).await);
    assert_eq!(all, ["2024", "2025-Q1", "2025-S1", "2025-Q3", "2025", "2026-Q1"]);
    assert!(camat.all("/v1/indicators/paringin-iku-1/targets").await.is_empty());

    // Pages show one instant.
    let first = camat
        .get(&format!("{TARGETS}?year=2025&limit=2&count=true"))
        .await
        .status(200);
    assert_eq!(first.json["total"], 4);
    camat.delete(&of("2025-Q1"), "*").await.status(204);
    let next = first.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    let rest = camat.get(&next).await.status(200).json;
    assert_eq!(periods(rest["items"].as_array().unwrap().clone()), ["2025-Q3", "2025"]);
    camat.get("/v1/indicators/none/targets").await.problem(404, "not_found");
}

#[apply(both_databases)]
async fn other_districts_and_roles(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let path = of("2025");
    world.admin().put(&path, json!({"value": 90})).await.status(201);
    let elsewhere = world.holder(Role::Head, Some("63.11.01"), &[]);
    elsewhere.get(&path).await.problem(404, "not_found");
    elsewhere.get(TARGETS).await.problem(404, "not_found");
    elsewhere
        .put(&path, json!({"value": 1}))
        .await
        .problem(404, "not_found");
    elsewhere.delete(&path, "*").await.problem(404, "not_found");
    for reader in [Role::Officer, Role::Integrator, Role::Auditor] {
        let reader = world.holder(reader, Some(PARINGIN), &[]);
        reader.get(&path).await.status(200);
        reader
            .put(&path, json!({"value": 1}))
            .await
            .problem(403, "insufficient_scope");
    }
    world.anonymous().get(&path).await.problem(401, "unauthenticated");
}
