//! Targets: set, replaced and withdrawn. Equivalent periods have one target.

use iku::access::Role;
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{Client, PARINGIN, World};

const NOW: &str = "2025-03-20T09:00:00+08:00";
const TARGETS: &str = "/v1/indicators/paringin-iku-4/targets";

fn camat(world: &World) -> Client {
    world.holder(Role::Head, Some(PARINGIN), &[])
}

fn of(period: &str) -> String {
    format!("{TARGETS}/{period}")
}

#[apply(both_databases)]
async fn one_target_has_every_name_of_its_period(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = camat(&world);
    camat.get(&of("2025-Q2")).await.problem(404, "not_found");
    let body = json!({"value": 78.57, "basis": "Perjanjian Kinerja 2025"});
    let made = camat.put(&of("2025-Q2"), body.clone()).await.status(201);
    assert_eq!(made.header("location"), of("2025-S1"));
    assert_body!(made, @r#"
    {
      "agreement_id": null,
      "basis": "Perjanjian Kinerja 2025",
      "indicator_code": "paringin-iku-4",
      "period": "2025-S1",
      "recorded_at": "[instant]",
      "recorded_by": "test.head",
      "value": 78.57
    }
    "#);
    for name in ["2025-S1", "2025-Q2", "2025-06"] {
        let got = camat.get(&of(name)).await.status(200);
        assert_eq!((&got.json, got.etag()), (&made.json, made.etag()), "{name}");
        let known = camat.with("if-none-match", &made.etag());
        known.get(&of(name)).await.status(304);
    }
    let again = camat.put(&of("2025-06"), body).await.status(200);
    assert_eq!((&again.json, again.etag()), (&made.json, made.etag()));
}

#[apply(both_databases)]
async fn put_replaces_a_target_with_its_current_tag_only(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = camat(&world);
    let path = of("2025-Q2");
    let body = json!({"value": 78.57, "basis": "Perjanjian Kinerja 2025"});
    let made = camat.put(&path, body.clone()).await.status(201);
    let without_tag = camat.put(&path, json!({"value": 78.57})).await;
    without_tag.problem(428, "precondition_required");
    let with_other_tag = camat.with("if-match", "\"1\"").put(&path, json!({"value": 80})).await;
    with_other_tag.problem(412, "precondition_failed");

    let with_tag = camat.with("if-match", &made.etag());
    assert_eq!(with_tag.put(&path, body).await.status(200).etag(), made.etag());
    let replaced = with_tag.put(&path, json!({"value": 80.5})).await.status(200);
    assert_eq!(replaced.json["value"], 80.5);
    assert_eq!(replaced.json["basis"], json!(null));
    let with_old_tag = with_tag.put(&path, json!({"value": 81})).await;
    with_old_tag.problem(412, "precondition_failed");
}

#[apply(both_databases)]
async fn if_none_match_creates_and_never_replaces(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = camat(&world);
    let path = of("2025-Q2");
    let only_new = camat.with("if-none-match", "*");
    let made = only_new.put(&path, json!({"value": 80})).await.status(201);
    for value in [80, 90] {
        let refused = only_new.put(&path, json!({"value": value})).await;
        refused.problem(412, "precondition_failed");
        let with_tag = camat
            .with("if-none-match", &made.etag())
            .put(&path, json!({"value": value}))
            .await;
        with_tag.problem(412, "precondition_failed");
    }
    let other_tag = camat
        .with("if-none-match", "\"1\"")
        .put(&path, json!({"value": 90}))
        .await;
    other_tag.problem(428, "precondition_required");
    let too_long = camat.with("if-none-match", &"\"1\",".repeat(60));
    let refused = too_long.put(&of("2026"), json!({"value": 90})).await;
    assert_eq!(refused.problem(400, "invalid_header").pointers(), ["If-None-Match"]);
    assert_eq!(camat.get(&path).await.status(200).etag(), made.etag());
}

#[apply(both_databases)]
async fn delete_needs_the_current_tag_and_a_reason(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = camat(&world);
    let path = of("2025-Q2");
    let made = camat.put(&path, json!({"value": 80})).await.status(201);
    let with_any_tag = camat.with("if-match", "*");
    let replaced = with_any_tag.put(&path, json!({"value": 80.5})).await.status(200);

    let with_old_tag = camat.delete(&path, &made.etag()).await;
    with_old_tag.problem(412, "precondition_failed");
    let without_reason = with_any_tag.send("DELETE", &path, "", vec![]).await;
    without_reason.problem(400, "invalid_query");
    let without_tag = camat.send("DELETE", &format!("{path}?reason=uji"), "", vec![]).await;
    without_tag.problem(428, "precondition_required");
    camat.delete(&path, &replaced.etag()).await.status(204);

    camat.get(&path).await.problem(404, "not_found");
    camat.delete(&path, "*").await.problem(404, "not_found");
    let replacement = with_any_tag.put(&path, json!({"value": 90})).await;
    replacement.problem(412, "precondition_failed");
    let new = camat.put(&path, json!({"value": 90})).await.status(201);
    assert_ne!(new.etag(), made.etag());
}

#[apply(both_databases)]
async fn values_are_returned_exactly(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
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
}

#[actix_web::test]
async fn rejects_values_that_are_not_exact() {
    let world = World::on(Backend::Sqlite).at(NOW).await;
    let camat = camat(&world);
    let values = [
        json!({"value": 1.005}),
        json!({"value": 0.001}),
        json!({"value": -0.01}),
        json!({"value": 1_000_000_000.01}),
        json!({"value": "90"}),
        json!({"value": null}),
        json!({}),
    ];
    let rows = values.map(|body| (body, 400, "invalid_body", "#/value"));
    assert_bodies_refused(&camat, "PUT", &of("2024"), rows).await;
    let refused = camat
        .put(&of("2024"), json!({"value": 1, "basis": "", "reason": ""}))
        .await;
    assert_eq!(refused.problem(400, "invalid_body").pointers(), ["#/basis", "#/reason"]);
}

#[apply(both_databases)]
async fn rejects_months_within_a_quarter_and_years_outside_the_decree(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = camat(&world);
    let body = || json!({"value": 1});
    for month in ["01", "02", "04", "05", "07", "08", "10", "11"] {
        let path = &of(&format!("2025-{month}"));
        let rows = [(body(), 422, "rule_broken", "period")];
        assert_bodies_refused(&camat, "PUT", path, rows).await;
        assert_refused(&[
            (&camat, "GET", path, NONE, 422, "rule_broken"),
            (&camat, "DELETE", path, NONE, 422, "rule_broken"),
        ])
        .await;
    }
    for year in ["2022", "2027"] {
        let path = &of(year);
        assert_refused(&[
            (&camat, "PUT", path, body(), 404, "indicator_not_in_force"),
            (&camat, "GET", path, NONE, 404, "indicator_not_in_force"),
            (&camat, "DELETE", path, NONE, 404, "indicator_not_in_force"),
        ])
        .await;
    }
    for bad in ["2025-13", "2025-Q5", "25", "1999", "2025-q1"] {
        camat.get(&of(bad)).await.problem(400, "invalid_path");
    }
    assert_refused(&[
        (
            &camat,
            "GET",
            "/v1/indicators/none/targets/2025",
            NONE,
            404,
            "not_found",
        ),
        (&camat, "GET", "/v1/indicators/none/targets", NONE, 404, "not_found"),
    ])
    .await;
}

#[apply(both_databases)]
async fn lists_are_in_the_order_of_time(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
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

    // The second page shows the instant of the first.
    let first = camat
        .get(&format!("{TARGETS}?year=2025&limit=2&count=true"))
        .await
        .status(200);
    assert_eq!(first.json["total"], 4);
    camat.delete(&of("2025-Q1"), "*").await.status(204);
    let next = first.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    let rest = camat.get(&next).await.status(200).json;
    assert_eq!(periods(rest["items"].as_array().unwrap().clone()), ["2025-Q3", "2025"]);
}

#[apply(both_databases)]
async fn rejects_other_districts_and_roles(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let path = of("2025");
    world.admin().put(&path, json!({"value": 90})).await.status(201);
    let body = || json!({"value": 1});
    let elsewhere = world.holder(Role::Head, Some("63.11.01"), &[]);
    assert_refused(&[
        (&elsewhere, "GET", &path, NONE, 404, "not_found"),
        (&elsewhere, "GET", TARGETS, NONE, 404, "not_found"),
        (&elsewhere, "PUT", &path, body(), 404, "not_found"),
        (&elsewhere, "DELETE", &path, NONE, 404, "not_found"),
        (&world.anonymous(), "GET", &path, NONE, 401, "unauthenticated"),
    ])
    .await;
    for role in [Role::Officer, Role::Integrator, Role::Auditor] {
        let reader = world.holder(role, Some(PARINGIN), &[]);
        reader.get(&path).await.status(200);
        let put = reader.put(&path, body()).await;
        put.problem(403, "insufficient_scope");
    }
}

/// The achievement of a year that is over was handed in, so its target does not move silently.
#[apply(both_databases)]
async fn a_target_of_a_year_that_is_over_is_revised_with_a_reason_and_says_what_moves(backend: Backend) {
    let world = World::on(backend).at("2026-07-20T09:00:00+08:00").await;
    let camat = camat(&world);
    let (path, any) = (of("2025-Q2"), camat.with("if-match", "*"));
    let moved = json!([{"code": "periods_moved", "periods": ["2025-S1"]}]);
    // Entered late: nothing was handed in before.
    let made = camat.put(&path, json!({"value": 80})).await.status(201);
    assert_eq!(made.json["warnings"], moved);
    let read = camat.get(&path).await.status(200);
    assert_eq!((read.json.get("warnings"), read.etag()), (None, made.etag()));

    let refused = [json!({"value": 90}), json!({"value": 80, "basis": "PK"})];
    for body in refused {
        let refused = any.put(&path, body).await.problem(422, "reason_required");
        assert_eq!(refused.pointers(), ["#/reason"]);
    }
    any.put(&path, json!({"value": 80})).await.status(200);
    let revised = any.put(&path, json!({"value": 90, "reason": "Salah ketik"})).await;
    assert_eq!(revised.status(200).json["warnings"], moved);
    let named = json!({"value": 90, "basis": "PK 2025", "reason": "Dasarnya"});
    let named = any.put(&path, named).await.status(200);
    assert_eq!(named.json.get("warnings"), None, "words move nothing");
    let gone = camat.delete(&path, "*").await.status(200);
    assert_eq!(gone.json, json!({ "warnings": moved }));
    // It was there before.
    camat
        .put(&path, json!({"value": 80}))
        .await
        .problem(422, "reason_required");
    let again = camat.put(&path, json!({"value": 80, "reason": "Ternyata benar"})).await;
    assert_eq!(again.status(201).json["warnings"], moved);

    // This year needs no reason; a quarter that is over is named.
    for (period, warnings) in [
        ("2026-Q1", json!([{"code": "periods_moved", "periods": ["2026-Q1"]}])),
        ("2026-Q3", Value::Null),
    ] {
        camat.put(&of(period), json!({"value": 80})).await.status(201);
        let revised = any.put(&of(period), json!({"value": 85})).await.status(200);
        assert_eq!(revised.json["warnings"], warnings, "{period}");
    }
}
