//! What was made by mistake is taken back, stays visible, and can come back.

use iku::access::Role;
use serde_json::{Value, json};

use super::{INDICATORS, KINDS, in_force, texts, trial, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{BALANG, World, instant};

const NOW: &str = "2026-07-15T09:00:00+08:00";
const TRIAL: &str = "/v1/indicators/coba";
const RESTORATIONS: &str = "/v1/indicators/coba/restorations";

fn reason() -> Value {
    json!({"reason": "Dipakai lagi"})
}

/// The warning that all periods of a year and of later years, as far as they are over, have moved.
fn periods_moved(first: i32) -> Value {
    let quarters = |year: i32| {
        [
            format!("{year}-Q1"),
            format!("{year}-S1"),
            format!("{year}-Q3"),
            format!("{year}"),
        ]
    };
    let periods: Vec<String> = (first..=2026).flat_map(quarters).collect();
    json!({"code": "periods_moved", "periods": periods[..periods.len() - 2]})
}

/// Case 53: a trial indicator.
#[apply(both_databases)]
async fn a_trial_indicator_is_withdrawn_and_restored(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let made = admin.post(INDICATORS, trial()).await.status(201);
    let later = json!({"from_year": 2025, "name": "Coba lagi", "reason": "Uji coba"});
    let later = admin.patch(TRIAL, &made.etag(), later).await.status(200);
    let target = format!("{TRIAL}/targets/2025");
    admin
        .put(&target, json!({"value": 7, "reason": "Murni"}))
        .await
        .status(201);
    let value = format!("{TRIAL}/realisations/2025");
    let before = admin.get(&value).await.status(200).json;
    admin.post(RESTORATIONS, reason()).await.problem(409, "not_deleted");

    world.clock.set(instant("2026-07-15T02:00:00Z"));
    admin
        .delete(TRIAL, &made.etag())
        .await
        .problem(412, "precondition_failed");
    let gone = admin.delete(TRIAL, &later.etag()).await.status(200).json;
    let hidden = json!({"code": "indicators_hidden", "indicators": ["coba"]});
    assert_eq!(gone, json!({"warnings": [periods_moved(2023), hidden]}));
    for path in [
        TRIAL,
        &format!("{TRIAL}?year=2024"),
        &target,
        &format!("{TRIAL}/targets"),
    ] {
        admin.get(path).await.problem(404, "not_found");
    }
    assert_eq!(admin.get(&value).await.status, 404);
    for year in 2023..=2026 {
        assert!(!in_force(&admin, year).await.contains(&"coba".to_owned()), "{year}");
        let pulled = admin
            .all(&format!("/v1/realisations?district_code=63.11.06&period={year}"))
            .await;
        assert_eq!(pulled.len(), 5, "{year}");
    }
    // It is visible, once, with its history and that of its targets.
    let listed = admin.all(&format!("{INDICATORS}?state=deleted")).await;
    assert_eq!(texts(&listed, "name"), ["Coba lagi"]);
    assert_eq!(listed[0]["deletion"]["by"], "test.administrator");
    assert_eq!(
        texts(
            &admin.all(&format!("{INDICATORS}?state=deleted&year=2024")).await,
            "name"
        ),
        ["Coba"]
    );
    let versions = admin.all(&format!("{TRIAL}/versions")).await;
    assert_eq!(versions.iter().filter(|v| v["deleted"] == true).count(), 2);
    let of_target = admin.all(&format!("{target}/versions")).await;
    assert_eq!(texts(&of_target, "reason"), ["Murni"]);
    let past = admin
        .get(&format!("{value}?as_of=2026-07-15T01:30:00Z"))
        .await
        .status(200)
        .json;
    assert_eq!(past["value"], before["value"]);
    // The code is not free.
    admin.post(INDICATORS, trial()).await.problem(409, "deleted");
    let other = with(trial(), json!({"name": "Lain"}));
    admin.post(INDICATORS, other.clone()).await.problem(409, "deleted");

    // Its number can be taken meanwhile.
    let other = with(other, json!({"code": "lain", "from_year": 2025}));
    let other = admin.post(INDICATORS, other).await.status(201);
    admin.post(RESTORATIONS, reason()).await.problem(409, "conflict");
    let gone = admin.delete(other.header("location"), "*").await.status(200).json;
    assert_eq!(gone, json!({"warnings": [periods_moved(2025)]}));
    let back = admin.post(RESTORATIONS, reason()).await.status(200);
    assert_eq!(back.json["name"], "Coba lagi");
    assert_eq!(admin.get(TRIAL).await.status(200).etag(), back.etag());
    let first = admin.get(&format!("{TRIAL}?year=2024")).await.status(200).json;
    assert_eq!(first["name"], "Coba");
    assert_eq!(back.json["warnings"], json!([periods_moved(2023)]));
    assert_eq!(admin.get(&target).await.status(200).json["value"], 7);
    assert_eq!(admin.get(&value).await.status(200).json["value"], before["value"]);
    assert_eq!(
        texts(&admin.all(&format!("{INDICATORS}?state=deleted")).await, "code"),
        ["lain"]
    );
    assert_eq!(admin.post(INDICATORS, trial()).await.status(200).json["name"], "Coba");
}

#[apply(both_databases)]
async fn rejects_withdrawals_of_what_ships_and_of_other_districts(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    admin.post(INDICATORS, trial()).await.status(201);
    admin.delete(TRIAL, "*").await.status(200);
    let stranger = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    let officer = world.officer(&["pmd"]);
    let iku_4 = "/v1/indicators/paringin-iku-4";
    let unknown = "/v1/indicators/tidak-ada";
    let unknown_restorations = "/v1/indicators/tidak-ada/restorations";
    assert_refused(&[
        (&admin, "DELETE", iku_4, NONE, 409, "conflict"),
        (&admin, "DELETE", unknown, NONE, 404, "not_found"),
        (&admin, "POST", unknown_restorations, reason(), 404, "not_found"),
        (&admin, "POST", RESTORATIONS, json!({}), 400, "invalid_body"),
        (&stranger, "DELETE", iku_4, NONE, 404, "not_found"),
        (&stranger, "POST", RESTORATIONS, reason(), 404, "not_found"),
        (&officer, "DELETE", iku_4, NONE, 403, "insufficient_scope"),
        (&officer, "POST", RESTORATIONS, reason(), 403, "insufficient_scope"),
        (&admin, "DELETE", "/v1/report-kinds/lppd", NONE, 409, "conflict"),
        (&admin, "DELETE", "/v1/report-kinds/tidak-ada", NONE, 404, "not_found"),
        (
            &stranger,
            "DELETE",
            "/v1/report-kinds/lppd",
            NONE,
            403,
            "insufficient_scope",
        ),
    ])
    .await;
    let bare = admin.send("DELETE", TRIAL, "", vec![]).await;
    assert_eq!(bare.status, 400);
}

#[apply(both_databases)]
async fn an_own_report_kind_without_reports_is_taken_back(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let kind = json!({
        "code": "coba", "group": "administration", "name": "Coba", "due_month": 2, "due_day": 31, "fiscal_year_offset": 0,
        "valid_from_year": 2025, "legal_basis": "Coba", "confirmed": false, "reason": "Uji coba",
    });
    let owed = async || {
        let path = "/v1/reports/completeness?district_code=63.11.06&group=administration&year=2025";
        let matrix = admin.get(path).await.status(200).json;
        matrix["villages"][0]["cells"].as_array().unwrap().len()
    };
    let path = format!("{KINDS}/coba");
    assert_eq!(owed().await, 2);
    let made = admin.post(KINDS, kind.clone()).await.status(201);
    let moved = json!([periods_moved(2025)]);
    assert_eq!(made.json["warnings"], moved);
    assert_eq!(owed().await, 3);
    let gone = admin.delete(&path, &made.etag()).await.status(200);
    assert_eq!(gone.json, json!({ "warnings": moved }));
    assert_eq!(owed().await, 2);
    admin.get(&path).await.problem(404, "not_found");
    admin.post(KINDS, kind.clone()).await.problem(409, "deleted");
    let listed = admin.all(&format!("{KINDS}?state=deleted")).await;
    assert_eq!(texts(&listed, "code"), ["coba"]);
    assert_eq!(listed[0]["deletion"]["reason"], "uji");
    let restorations = format!("{path}/restorations");
    let back = admin.post(&restorations, reason()).await.status(200);
    assert_eq!(back.json["warnings"], moved);
    assert_eq!(admin.get(&path).await.status(200).etag(), back.etag());
    admin.post(&restorations, reason()).await.problem(409, "not_deleted");
    assert_eq!(
        texts(&admin.all(&format!("{path}/versions")).await, "reason"),
        ["Uji coba", "uji", "Dipakai lagi"]
    );

    let report = json!({"village_code": BALANG, "kind": "coba", "fiscal_year": 2026, "delivered_on": "2026-02-28"});
    admin.post("/v1/reports", report).await.status(201);
    admin.delete(&path, "*").await.problem(409, "conflict");

    // A kind of later years moves nothing.
    let future = with(kind, json!({"code": "kelak", "valid_from_year": 2027}));
    let future = admin.post(KINDS, future).await.status(201);
    admin.delete(future.header("location"), "*").await.status(204);
}
