//! The Sekretaris: reads all of the district, enters decrees and targets, and checks reports.

use iku::access::Role;
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{BALANG, PARINGIN, World};

#[apply(both_databases)]
async fn checks_a_report_and_changes_nothing_else(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let secretary = world.holder(Role::Secretary, Some(PARINGIN), &[]);
    let kasi = world.officer(&["pemerintahan"]);
    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    let made = kasi.post("/v1/reports", report.clone()).await.status(201);
    let path = made.header("location").to_owned();

    let mut etag = made.etag();
    for status in ["returned", "received", "accepted"] {
        let checked = json!({"status": status, "reason": "Diperiksa Sekretaris"});
        let checked = secretary.patch(&path, &etag, checked).await.status(200);
        assert_eq!(checked.json["status"], status);
        assert_eq!(checked.json["recorded_by"], "test.secretary");
        etag = checked.etag();
    }
    let versions = kasi.all(&format!("{path}/versions")).await;
    assert_eq!(versions[3]["reason"], "Diperiksa Sekretaris");
    for more in [
        json!({"delivered_on": "2025-03-15"}),
        json!({"status": "returned", "note": "Lampiran kurang"}),
        json!({"fiscal_year": 2023}),
    ] {
        let refused = secretary.patch(&path, "*", more.clone()).await;
        refused.problem(403, "insufficient_scope");
    }
    // Nothing changes, so nothing is refused.
    secretary
        .patch(&path, "*", json!({"status": "accepted"}))
        .await
        .status(200);
    assert_refused(&[
        (&secretary, "POST", "/v1/reports", report, 403, "insufficient_scope"),
        (&secretary, "DELETE", &path, NONE, 403, "insufficient_scope"),
        (&secretary, "POST", "/v1/cases", json!({}), 403, "insufficient_scope"),
        (&secretary, "GET", "/v1/users", NONE, 403, "insufficient_scope"),
    ])
    .await;
    // A report of finance is checked as well, one of another district is not seen.
    let finance =
        json!({"village_code": BALANG, "kind": "lpj-apbdes", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    let finance = world
        .officer(&["pembinaan-pengawasan"])
        .post("/v1/reports", finance)
        .await
        .status(201);
    let accepted = json!({"status": "accepted"});
    secretary
        .patch(finance.header("location"), "*", accepted.clone())
        .await
        .status(200);
    let elsewhere = world.holder(Role::Secretary, Some("63.11.01"), &[]);
    elsewhere
        .patch(&path, "*", accepted.clone())
        .await
        .problem(404, "not_found");
    // An officer checks the reports of the own section only, also without the scope to write.
    let narrow = world.holder_of(Role::Officer, Some(PARINGIN), &["pmd"], "reports:write");
    narrow.patch(&path, "*", accepted).await.problem(403, "wrong_section");
}

#[apply(both_databases)]
async fn enters_targets_and_their_revisions_and_the_next_decree(backend: Backend) {
    let world = World::on(backend).await;
    let secretary = world.holder(Role::Secretary, Some(PARINGIN), &[]);
    let target = "/v1/indicators/paringin-iku-4/targets/2025";
    let made = secretary
        .put(target, json!({"value": 90, "basis": "Perjanjian Kinerja 2025"}))
        .await
        .status(201);
    let revised = json!({"value": 95, "basis": "PK Perubahan 2025", "reason": "APBD Perubahan"});
    let revised = secretary
        .with("if-match", &made.etag())
        .put(target, revised)
        .await
        .status(200);
    assert_eq!(revised.json["recorded_by"], "test.secretary");
    let decree = json!({
        "district_code": PARINGIN, "number": "12/CPAR/2027", "title": "IKU Kecamatan Paringin Tahun 2027-2030",
        "issued_on": "2027-01-04", "goal": "Terwujudnya Tata Kelola Pemerintah Kecamatan yang Baik",
        "first_year": 2027, "last_year": 2030, "legal_bases": [],
    });
    secretary.post("/v1/decrees", decree.clone()).await.status(201);
    let mut elsewhere = decree;
    elsewhere["district_code"] = json!("63.11.01");
    secretary
        .post("/v1/decrees", elsewhere)
        .await
        .problem(422, "unknown_reference");
}

#[apply(both_databases)]
async fn is_a_user_of_one_district_without_sections(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let user = |district: Value, sections: Value| {
        json!({"username": "sekretaris", "name": "Sekretaris Kecamatan", "role": "secretary",
            "district_code": district, "sections": sections, "password": "rahasia sekali"})
    };
    for (body, pointer) in [
        (user(Value::Null, json!([])), "#/district_code"),
        (user(json!(PARINGIN), json!(["pmd"])), "#/sections"),
    ] {
        let refused = admin.post("/v1/users", body).await.problem(422, "rule_broken");
        assert_eq!(refused.pointers(), [pointer]);
    }
    let made = admin
        .post("/v1/users", user(json!(PARINGIN), json!([])))
        .await
        .status(201);
    let listed = admin.all("/v1/users?role=secretary").await;
    assert_eq!(listed, [made.json]);
}
