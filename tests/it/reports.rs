//! Village reports: recording, corrections, withdrawal, and the rules they must satisfy.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{BALANG, PARINGIN, PARINGIN_KOTA, World};

const REPORTS: &str = "/v1/reports";

fn lppd() -> Value {
    json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"})
}

fn with(name: &str, value: Value) -> Value {
    let mut report = lppd();
    report[name] = value;
    report
}

#[apply(both_databases)]
async fn get_returns_the_recorded_report(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let made = kasi.post(REPORTS, lppd()).await.status(201);
    let path = made.header("location").to_owned();
    let got = kasi.get(&path).await.status(200);
    assert_body!(got, @r#"
    {
      "delivered_on": "2025-03-14",
      "fiscal_year": 2024,
      "flags": [],
      "id": "[id]",
      "kind": "lppd",
      "note": null,
      "recorded_at": "[instant]",
      "recorded_by": "test.officer",
      "status": "received",
      "village_code": "63.11.06.2005"
    }
    "#);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);
}

#[apply(both_databases)]
async fn patch_changes_the_named_members(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let made = kasi.post(REPORTS, lppd()).await.status(201);
    let path = made.header("location").to_owned();

    let checked = json!({"status": "accepted", "note": "Lengkap", "reason": "Diperiksa"});
    let fixed = kasi.patch(&path, &made.etag(), checked).await.status(200);
    assert_eq!(fixed.json["status"], "accepted");
    assert_eq!(fixed.json["note"], "Lengkap");
    let same = kasi.patch(&path, &fixed.etag(), json!({})).await.status(200);
    assert_eq!(same.etag(), fixed.etag());
    let cleared = kasi.patch(&path, &fixed.etag(), json!({"note": null})).await;
    assert_eq!(cleared.status(200).json["note"], json!(null));

    // Neither change is possible with an older tag.
    let late = json!({"status": "returned"});
    kasi.patch(&path, &made.etag(), late)
        .await
        .problem(412, "precondition_failed");
    kasi.delete(&path, &made.etag())
        .await
        .problem(412, "precondition_failed");
}

#[apply(both_databases)]
async fn delete_keeps_the_versions_and_frees_the_key(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let made = kasi.post(REPORTS, lppd()).await.status(201);
    let path = made.header("location").to_owned();
    let checked = json!({"status": "accepted", "reason": "Diperiksa"});
    kasi.patch(&path, "*", checked).await.status(200);
    let noted = kasi.patch(&path, "*", json!({"note": "Lengkap"})).await.status(200);

    kasi.delete(&path, &noted.etag()).await.status(204);
    kasi.get(&path).await.problem(404, "not_found");
    let versions = kasi.all(&format!("{path}/versions")).await;
    let reasons: Vec<_> = versions.iter().map(|v| v["reason"].as_str()).collect();
    assert_eq!(reasons, [None, Some("Diperiksa"), None, Some("uji")]);
    assert_eq!(versions[3]["deleted"], true);
    kasi.post(REPORTS, lppd()).await.status(201);
}

#[apply(both_databases)]
async fn a_deleted_report_is_listed_and_can_be_restored(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let made = kasi.post(REPORTS, lppd()).await.status(201);
    let path = made.header("location").to_owned();
    let restorations = format!("{path}/restorations");
    let reason = json!({"reason": "Dihapus karena keliru"});
    kasi.post(&restorations, reason.clone())
        .await
        .problem(409, "not_deleted");
    kasi.delete(&path, "*").await.status(204);

    let deleted = kasi.all("/v1/reports?state=deleted").await;
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["id"], made.json["id"]);
    assert_eq!(deleted[0]["deletion"]["by"], "test.officer");
    assert_eq!(deleted[0]["deletion"]["reason"], "uji");
    assert_eq!(kasi.all("/v1/reports?state=current").await, [json!(null); 0]);

    // Another section, another district.
    let other = world.officer(&["pmd"]);
    other
        .post(&restorations, reason.clone())
        .await
        .problem(403, "wrong_section");
    world
        .stranger()
        .post(&restorations, reason.clone())
        .await
        .problem(404, "not_found");

    let taken = kasi.post(REPORTS, lppd()).await.status(201);
    kasi.post(&restorations, reason.clone())
        .await
        .problem(409, "duplicate_report");
    kasi.delete(taken.header("location"), "*").await.status(204);

    let restored = kasi.post(&restorations, reason.clone()).await.status(200);
    assert_eq!(restored.json["delivered_on"], made.json["delivered_on"]);
    assert_eq!(kasi.get(&path).await.status(200).etag(), restored.etag());
    assert_eq!(kasi.all("/v1/reports?state=deleted").await.len(), 1);
    kasi.post(&restorations, reason).await.problem(409, "not_deleted");
    let versions = kasi.all(&format!("{path}/versions")).await;
    let history: Vec<_> = versions
        .iter()
        .map(|v| (v["deleted"].as_bool(), v["reason"].as_str()))
        .collect();
    let expected = [
        (Some(false), None),
        (Some(true), Some("uji")),
        (Some(false), Some("Dihapus karena keliru")),
    ];
    assert_eq!(history, expected);
}

#[apply(both_databases)]
async fn a_report_that_is_deleted_and_restored_again_and_again_is_in_one_list(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let made = kasi.post(REPORTS, lppd()).await.status(201);
    let path = made.header("location").to_owned();
    for _ in 0..3 {
        kasi.delete(&path, "*").await.status(204);
        assert_eq!(kasi.all("/v1/reports?state=deleted").await.len(), 1);
        assert_eq!(kasi.all("/v1/reports").await.len(), 0);
        let restored = kasi
            .post(&format!("{path}/restorations"), json!({"reason": "Keliru"}))
            .await;
        restored.status(200);
        assert_eq!(kasi.all("/v1/reports?state=deleted").await.len(), 0);
        assert_eq!(kasi.all("/v1/reports").await.len(), 1);
    }
}

#[apply(both_databases)]
async fn a_report_of_a_kind_that_is_no_longer_owed_can_be_corrected_moved_and_withdrawn(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let made = kasi
        .post(REPORTS, with("delivered_on", json!("2024-12-20")))
        .await
        .status(201);
    let path = made.header("location").to_owned();
    let ended = json!({"from_year": 2020, "valid_to_year": 2024, "reason": "Uji"});
    let ended = world.admin().patch("/v1/report-kinds/lppd", "*", ended).await;
    ended.status(200);

    let noted = kasi.patch(&path, "*", json!({"note": "Lengkap"})).await.status(200);
    assert_eq!(noted.json["flags"], json!(["before_fiscal_year_end"]));
    let checks = world.holder(Role::Secretary, Some(PARINGIN), &[]);
    checks
        .patch(&path, "*", json!({"status": "returned"}))
        .await
        .status(200);
    kasi.patch(&path, "*", json!({"fiscal_year": 2023})).await.status(200);
    let rows = [(json!({"fiscal_year": 2024}), 422, "rule_broken", "#/fiscal_year")];
    assert_bodies_refused(&kasi, "PATCH", &path, rows).await;
    kasi.delete(&path, "*").await.status(204);
}

/// Its kind or its village was corrected meanwhile, so that it would never count.
#[apply(both_databases)]
async fn a_report_that_can_no_longer_count_is_not_restored(backend: Backend) {
    let world = World::on(backend).at("2025-08-01T09:00:00+08:00").await;
    let (kasi, admin) = (world.officer(&["pemerintahan"]), world.admin());
    let path = kasi
        .post(REPORTS, lppd())
        .await
        .status(201)
        .header("location")
        .to_owned();
    kasi.delete(&path, "*").await.status(204);
    let restorations = format!("{path}/restorations");
    let reason = || json!({"reason": "Dihapus karena keliru"});
    let refused = async |says: &str| {
        let refused = kasi.post(&restorations, reason()).await.problem(422, "rule_broken");
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{detail}");
    };
    let village = format!("/v1/villages/{BALANG}");
    for (path, change, undo, says) in [
        (
            "/v1/report-kinds/lppd",
            json!({"from_year": 2020, "valid_to_year": 2024, "reason": "Uji"}),
            json!({"from_year": 2020, "valid_to_year": null, "reason": "Uji"}),
            "2024",
        ),
        (
            village.as_str(),
            json!({"valid_to": "2025-02-28", "reason": "Uji"}),
            json!({"valid_to": null, "reason": "Uji"}),
            "2025-02-28",
        ),
        (
            village.as_str(),
            json!({"valid_from": "2025-04-01", "reason": "Uji"}),
            json!({"valid_from": null, "reason": "Uji"}),
            "2025-04-01",
        ),
    ] {
        admin.patch(path, "*", change).await.status(200);
        refused(says).await;
        admin.patch(path, "*", undo).await.status(200);
    }
    kasi.post(&restorations, reason()).await.status(200);
}

/// The village ended after the delivery was recorded. The Sekretaris can still send the report back.
#[apply(both_databases)]
async fn a_report_of_a_village_that_has_ended_can_be_checked(backend: Backend) {
    let world = World::on(backend).at("2025-08-01T09:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let path = kasi
        .post(REPORTS, lppd())
        .await
        .status(201)
        .header("location")
        .to_owned();
    let ended = json!({"valid_to": "2025-02-28", "reason": "Perda"});
    let village = format!("/v1/villages/{BALANG}");
    world.admin().patch(&village, "*", ended).await.status(200);
    let checks = world.holder(Role::Secretary, Some(PARINGIN), &[]);
    checks
        .patch(&path, "*", json!({"status": "returned"}))
        .await
        .status(200);
    kasi.patch(&path, "*", json!({"note": "Diambil kembali"}))
        .await
        .status(200);
    let rows = [
        (
            json!({"delivered_on": "2025-03-15"}),
            422,
            "rule_broken",
            "#/delivered_on",
        ),
        (json!({"delivered_on": "2025-08-02"}), 422, "rule_broken", ""),
    ];
    assert_bodies_refused(&kasi, "PATCH", &path, rows).await;
    kasi.patch(&path, "*", json!({"delivered_on": "2025-02-28"}))
        .await
        .status(200);
}

/// From 2026 on the kind is about the year in which it falls due: nothing is due about 2025.
#[apply(both_databases)]
async fn a_report_about_a_year_of_which_nothing_falls_due_is_refused(backend: Backend) {
    let world = World::on(backend).at("2027-08-01T09:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let change = json!({"from_year": 2026, "fiscal_year_offset": 0, "reason": "PP 16/2026"});
    world
        .admin()
        .patch("/v1/report-kinds/lppd", "*", change)
        .await
        .status(200);
    let about = |year: i32| {
        let mut report = with("fiscal_year", json!(year));
        report["delivered_on"] = json!("2027-03-14");
        report
    };
    let rows = [(about(2025), 422, "rule_broken", "#/fiscal_year")];
    assert_bodies_refused(&kasi, "POST", REPORTS, rows).await;
    for (year, due) in [(2024, 2025), (2026, 2026)] {
        kasi.post(REPORTS, about(year)).await.status(201);
        let value = kasi
            .get(&format!("/v1/indicators/paringin-iku-4/realisations/{due}"))
            .await;
        assert_eq!(value.status(200).json["numerator"], 0, "delivered later than {due}");
    }
}

#[apply(both_databases)]
async fn repeated_post_returns_the_same_report(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let report = with("id", json!(Uuid::new_v4()));
    let made = kasi.post(REPORTS, report.clone()).await.status(201);
    let path = made.header("location").to_owned();
    let again = kasi.post(REPORTS, report.clone()).await.status(200);
    assert_eq!(again.json, made.json);
    assert_eq!((again.header("location"), again.etag()), (path.as_str(), made.etag()));
    let noted = kasi.patch(&path, &made.etag(), json!({"note": "Lengkap"})).await;
    let noted = noted.status(200);
    assert_eq!(kasi.post(REPORTS, report.clone()).await.status(200).json, noted.json);

    let mut other = report.clone();
    other["fiscal_year"] = json!(2023);
    kasi.post(REPORTS, other).await.problem(409, "id_conflict");
    kasi.post(REPORTS, lppd()).await.problem(409, "duplicate_report");
    kasi.delete(&path, &noted.etag()).await.status(204);
    kasi.post(REPORTS, report).await.problem(409, "deleted");
}

#[apply(both_databases)]
async fn rejects_reports_that_break_a_rule(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let rows = [
        ("village_code", json!(PARINGIN_KOTA), 422, "kelurahan_not_allowed"),
        ("village_code", json!("63.11.06.2999"), 422, "unknown_reference"),
        ("village_code", json!("63.11.01.2001"), 422, "unknown_reference"),
        ("kind", json!("lppdd"), 422, "unknown_reference"),
        ("delivered_on", json!("2025-07-01"), 422, "future_instant"),
        ("kind", json!("dd-tahap1"), 403, "wrong_section"),
    ];
    let rows = rows.map(|(name, value, status, code)| (with(name, value), status, code, ""));
    assert_bodies_refused(&kasi, "POST", REPORTS, rows).await;
    let today = with("delivered_on", json!("2025-06-30"));
    kasi.post(REPORTS, today).await.status(201);
}

#[actix_web::test]
async fn names_every_member_that_breaks_the_contract() {
    let world = World::on(Backend::Sqlite).await;
    let kasi = world.officer(&["pemerintahan"]);
    let rubbish = json!({
        "village_code": "Balang", "kind": 7, "fiscal_year": 1999, "delivered_on": "2025-02-30", "note": "a\u{0}b", "extra": 1,
    });
    let refused = kasi.post(REPORTS, rubbish).await.problem(400, "invalid_body");
    let mut pointers = refused.pointers();
    pointers.sort_unstable();
    pointers.dedup();
    let all = [
        "#/delivered_on",
        "#/extra",
        "#/fiscal_year",
        "#/kind",
        "#/note",
        "#/village_code",
    ];
    assert_eq!(pointers, all);
    let english = kasi.in_english().post(REPORTS, with("kind", json!(1))).await;
    let english = english.problem(400, "invalid_body");
    assert_eq!(english.json["title"], "The body does not match the contract");
}

#[actix_web::test]
async fn rejects_requests_that_are_not_of_the_contract() {
    let world = World::on(Backend::Sqlite).await;
    let kasi = world.officer(&["pemerintahan"]);
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes();
    let mut failures = Vec::new();
    for (media_type, body, status, code) in [
        ("application/json", b"{".to_vec(), 400, "invalid_json"),
        ("application/json", nested(100), 400, "invalid_body"),
        ("application/json", nested(5000), 400, "invalid_json"),
        ("application/json", vec![b' '; 10_000_000], 413, "body_too_large"),
        ("text/plain", b"{}".to_vec(), 415, "unsupported_media_type"),
    ] {
        let reply = kasi.send("POST", REPORTS, media_type, body).await;
        failures.extend(reply.unless_refused(status, code, ""));
    }
    for (path, code) in [
        ("/v1/reports?limit=101", "invalid_query"),
        ("/v1/reports?nonsense=1", "invalid_query"),
        ("/v1/reports?cursor=abc", "invalid_cursor"),
        ("/v1/reports/nonsense", "invalid_path"),
    ] {
        failures.extend(kasi.get(path).await.unless_refused(400, code, ""));
    }
    assert!(failures.is_empty(), "{failures:#?}");
    let put = kasi.send("PUT", REPORTS, "", vec![]).await;
    let put = put.problem(405, "method_not_allowed");
    assert_eq!(put.header("allow"), "GET, HEAD, POST, OPTIONS");
}

#[apply(both_databases)]
async fn rejects_other_districts_and_sections(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let made = world.admin().post(REPORTS, lppd()).await.status(201);
    let path = made.header("location");
    let versions = format!("{path}/versions");
    let stranger = world.stranger();
    assert_refused(&[
        (&stranger, "GET", path, NONE, 404, "not_found"),
        (&stranger, "GET", &versions, NONE, 404, "not_found"),
        (
            &stranger,
            "GET",
            "/v1/reports?district_code=63.11.06",
            NONE,
            404,
            "not_found",
        ),
        (&stranger, "PATCH", path, json!({"note": "x"}), 404, "not_found"),
        (&stranger, "DELETE", path, NONE, 404, "not_found"),
        (&stranger, "POST", REPORTS, lppd(), 422, "unknown_reference"),
        (&world.anonymous(), "GET", path, NONE, 401, "unauthenticated"),
        (&world.bearer("rubbish"), "GET", path, NONE, 401, "invalid_token"),
        (&world.officer(&["pmd"]), "DELETE", path, NONE, 403, "wrong_section"),
    ])
    .await;
    assert!(stranger.all(REPORTS).await.is_empty());
}

#[apply(both_databases)]
async fn a_walk_through_the_pages_shows_each_row_once(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    for (i, kind) in ["lppd", "bpd-kinerja", "apbdes-s1", "lpj-apbdes", "dd-tahunan"]
        .iter()
        .enumerate()
    {
        for year in [2022, 2023] {
            let mut report = with("kind", json!(kind));
            report["fiscal_year"] = json!(year);
            report["delivered_on"] = json!(format!("2025-03-{:02}", 10 + i % 2));
            admin.post(REPORTS, report).await.status(201);
        }
    }
    let sorts = ["village_code", "delivered_on", "-delivered_on"];
    let list = |sort: &str| format!("/v1/reports?limit=3&sort={sort}");
    let mut first_pages = Vec::new();
    for sort in sorts {
        let first = admin.get(&format!("{}&count=true", list(sort))).await.status(200);
        assert_eq!(first.json["total"], 10);
        assert!(first.header("link").contains("rel=\"next\""));
        first_pages.push(first);
    }

    // A report is added and others move in the order between the first page and the next one.
    admin.post(REPORTS, with("fiscal_year", json!(2021))).await.status(201);
    for first in &first_pages {
        let path = format!("{REPORTS}/{}", first.json["items"][0]["id"].as_str().unwrap());
        let moved = json!({"delivered_on": "2025-03-30"});
        admin.patch(&path, "*", moved).await.status(200);
    }
    for (sort, first) in sorts.iter().zip(&first_pages) {
        let seen = admin.rest(&list(sort), first).await;
        let mut ids: Vec<_> = seen.iter().map(|r| r["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((seen.len(), ids.len()), (10, 10), "{sort}");
        let other = if *sort == "delivered_on" {
            "village_code"
        } else {
            "delivered_on"
        };
        let cursor = first.json["next_cursor"].as_str().unwrap();
        admin
            .get(&format!("{}&cursor={cursor}", list(other)))
            .await
            .problem(400, "invalid_cursor");
    }
}
