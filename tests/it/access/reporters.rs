//! The system of a village (OpenSID, Siskeudes): it hands in the reports of its own village and reads them, and does nothing else.

use std::collections::BTreeSet;

use iku::access::Role;
use serde_json::{Value, json};

use super::clients::{CLIENTS, enter};
use super::matrix::{call, operations};
use super::text;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{BALANG, Client, PARINGIN, PARINGIN_KOTA, World};

const REPORTS: &str = "/v1/reports";
const NOW: &str = "2025-03-14T09:00:00+08:00";
const ID: &str = "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f11";
const KALAHIANG: &str = "63.11.06.2006";

fn opensid() -> Value {
    json!({
        "kind": "system", "name": "OpenSID Desa Balang", "role": "reporter", "district_code": PARINGIN,
        "village_code": BALANG,
    })
}

fn report() -> Value {
    json!({"id": ID, "village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"})
}

fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

/// Makes the client of a village and signs it in.
async fn signed_in(world: &World) -> Client {
    let made = world.admin().post(CLIENTS, opensid()).await.status(201);
    let session = enter(world, &made.id(), text(&made.json, "secret")).await.status(200);
    world.bearer(text(&session.json, "access_token"))
}

/// Decides on a report as the Sekretaris.
async fn decide(world: &World, status: &str) {
    let secretary = world.holder(Role::Secretary, Some(PARINGIN), &[]);
    let decision = json!({"status": status, "reason": "Diperiksa"});
    let decided = secretary
        .patch(&format!("{REPORTS}/{ID}"), "*", decision)
        .await
        .status(200);
    assert_eq!(decided.json["status"], status);
}

#[actix_web::test]
async fn it_may_call_these_operations_and_no_other() {
    let world = World::on(Backend::Sqlite).await;
    let reporter = world.holder(Role::Reporter, Some(PARINGIN), &[]);
    let mut open = BTreeSet::new();
    for operation in operations(&iku::app::openapi()) {
        if operation.scopes.is_some() && call(&reporter, &operation, "").await.status != 403 {
            open.insert(operation.id);
        }
    }
    let expected = [
        "createReport",
        "getMe",
        "getReport",
        "getReportKind",
        "listMySessions",
        "listReportKindVersions",
        "listReportKinds",
        "listReportVersions",
        "listReports",
        "updateReport",
    ];
    assert_eq!(open, BTreeSet::from(expected.map(str::to_owned)));
}

#[apply(both_databases)]
async fn it_hands_in_a_report_and_reads_it(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let village = signed_in(&world).await;
    let me = village.get("/v1/me").await.status(200).json;
    assert_eq!([&me["role"], &me["village_code"]], ["reporter", BALANG]);
    let kinds = village.all("/v1/report-kinds").await;
    assert!(kinds.iter().any(|kind| kind["code"] == "lppd"), "{kinds:?}");

    let made = village.post(REPORTS, report()).await.status(201);
    assert_eq!(made.json["status"], "received");
    assert_eq!(made.json["recorded_by"], me["username"]);
    // Sent again, also the next day, it is the same report.
    world
        .clock
        .set(crate::support::world::instant("2025-03-15T00:00:01+08:00"));
    // A token lives for 15 minutes.
    let village = world.holder(Role::Reporter, Some(PARINGIN), &[]);
    let again = village.post(REPORTS, report()).await.status(200);
    assert_eq!((&again.json, again.etag()), (&made.json, made.etag()));
    assert_eq!(village.all(REPORTS).await, std::slice::from_ref(&made.json));
    assert_eq!(village.all(&format!("{REPORTS}?village_code={BALANG}")).await.len(), 1);
    let path = format!("{REPORTS}/{ID}");
    assert_eq!(village.get(&path).await.status(200).json, made.json);
    assert_eq!(village.all(&format!("{path}/versions")).await.len(), 1);
    // It counts.
    let value = "/v1/indicators/paringin-iku-4/realisations/2025";
    let value = world.admin().get(value).await.status(200).json;
    assert_eq!(value["exact"], "1/28");
}

#[apply(both_databases)]
async fn it_sees_nothing_of_other_villages(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let village = signed_in(&world).await;
    let other = with(
        with(report(), "village_code", json!(KALAHIANG)),
        "status",
        json!("accepted"),
    );
    admin.post(REPORTS, other.clone()).await.status(201);
    let path = &format!("{REPORTS}/{ID}");
    assert_eq!(village.all(REPORTS).await.len(), 0);
    // A page that an officer has read is not the page of the village.
    let officer = world.officer(&["pemerintahan"]);
    assert_eq!(officer.all(REPORTS).await.len(), 1);
    assert_eq!(village.all(REPORTS).await.len(), 0);
    let of_other = &format!("{REPORTS}?village_code={KALAHIANG}");
    assert_refused(&[
        (&village, "GET", path, NONE, 404, "not_found"),
        (&village, "GET", &format!("{path}/versions"), NONE, 404, "not_found"),
        (&village, "GET", of_other, NONE, 404, "not_found"),
        (&village, "PATCH", path, json!({"note": "x"}), 404, "not_found"),
        (&village, "DELETE", path, NONE, 403, "insufficient_scope"),
        (
            &village,
            "GET",
            "/v1/exports/reports.csv",
            NONE,
            403,
            "insufficient_scope",
        ),
        (&village, "GET", "/v1/villages", NONE, 403, "insufficient_scope"),
        (&village, "POST", REPORTS, other, 422, "unknown_reference"),
    ])
    .await;
    // A report that is moved to another village is no longer its own; its own time stays in its history.
    admin.delete(path, "*").await.status(204);
    let own = with(report(), "id", json!("0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f12"));
    let made = village.post(REPORTS, own).await.status(201);
    let moved = json!({"village_code": KALAHIANG, "reason": "Salah desa"});
    admin.patch(made.header("location"), "*", moved).await.status(200);
    village.get(made.header("location")).await.problem(404, "not_found");
    let versions = village.all(&format!("{}/versions", made.header("location"))).await;
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0]["content"]["village_code"], BALANG);
}

#[apply(both_databases)]
async fn what_it_hands_in_is_of_today_and_received(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let village = signed_in(&world).await;
    let rows = [
        (
            with(report(), "status", json!("accepted")),
            422,
            "rule_broken",
            "#/status",
        ),
        (
            with(report(), "status", json!("returned")),
            422,
            "rule_broken",
            "#/status",
        ),
        (
            with(report(), "delivered_on", json!("2025-03-13")),
            422,
            "rule_broken",
            "#/delivered_on",
        ),
        (
            with(report(), "kind", json!("tidak-ada")),
            422,
            "unknown_reference",
            "#/kind",
        ),
        (
            with(report(), "village_code", json!(PARINGIN_KOTA)),
            422,
            "unknown_reference",
            "#/village_code",
        ),
        (
            with(report(), "village_code", json!("63.11.01.2001")),
            422,
            "unknown_reference",
            "#/village_code",
        ),
    ];
    assert_bodies_refused(&village, "POST", REPORTS, rows).await;
    let tomorrow = village
        .post(REPORTS, with(report(), "delivered_on", json!("2025-03-15")))
        .await;
    assert_eq!(tomorrow.status, 422);
    assert!(tomorrow.pointers().contains(&"#/delivered_on"));
    village.post(REPORTS, report()).await.status(201);
    let twice = with(report(), "id", Value::Null);
    village.post(REPORTS, twice).await.problem(409, "duplicate_report");
    assert_eq!(village.all(REPORTS).await.len(), 1);
}

/// It corrects nothing that the office has; what was returned it hands in again.
#[apply(both_databases)]
async fn only_a_returned_report_is_handed_in_again(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let village = signed_in(&world).await;
    village.post(REPORTS, report()).await.status(201);
    let path = &format!("{REPORTS}/{ID}");
    let refused = async |bodies: &[Value]| {
        for body in bodies {
            let reply = village.patch(path, "*", body.clone()).await;
            let failure = reply.unless_refused(403, "insufficient_scope", "");
            assert_eq!(failure, None, "{body}");
        }
    };
    let all = [
        json!({"status": "accepted"}),
        json!({"status": "returned"}),
        json!({"note": "Lengkap"}),
        json!({"delivered_on": "2025-03-13"}),
        json!({"fiscal_year": 2023}),
        json!({"kind": "bpd-kinerja"}),
    ];
    refused(&all).await;
    decide(&world, "accepted").await;
    refused(&[
        json!({"status": "received"}),
        json!({"status": "returned"}),
        json!({"note": "x"}),
    ])
    .await;
    decide(&world, "returned").await;
    refused(&[
        json!({"kind": "bpd-kinerja", "status": "received"}),
        json!({"fiscal_year": 2023}),
    ])
    .await;
    let rows = [
        (json!({"status": "accepted"}), 422, "rule_broken", "#/status"),
        (json!({"note": "Dilengkapi"}), 422, "rule_broken", "#/status"),
        (
            json!({"status": "received", "delivered_on": "2025-03-13"}),
            422,
            "rule_broken",
            "#/delivered_on",
        ),
    ];
    assert_bodies_refused(&village, "PATCH", path, rows).await;
    let again = json!({"status": "received", "delivered_on": "2025-03-14", "note": "Lampiran dilengkapi"});
    let again = village.patch(path, "*", again).await.status(200);
    assert_eq!(
        [&again.json["status"], &again.json["note"]],
        ["received", "Lampiran dilengkapi"]
    );
    assert_eq!(village.all(&format!("{path}/versions")).await.len(), 4);
}

#[apply(both_databases)]
async fn a_reporter_is_a_system_with_a_desa_of_its_district(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let admin = world.admin();
    let rows = [
        (
            with(opensid(), "village_code", Value::Null),
            422,
            "rule_broken",
            "#/village_code",
        ),
        (
            with(opensid(), "village_code", json!("63.11.06.2999")),
            422,
            "unknown_reference",
            "#/village_code",
        ),
        (
            with(opensid(), "village_code", json!("63.11.01.2001")),
            422,
            "unknown_reference",
            "#/village_code",
        ),
        (
            with(opensid(), "village_code", json!(PARINGIN_KOTA)),
            422,
            "rule_broken",
            "#/village_code",
        ),
        (
            with(opensid(), "village_code", json!("2005")),
            400,
            "invalid_body",
            "#/village_code",
        ),
        (
            with(opensid(), "role", json!("integrator")),
            422,
            "rule_broken",
            "#/village_code",
        ),
        (with(opensid(), "kind", json!("device")), 422, "rule_broken", "#/role"),
    ];
    assert_bodies_refused(&admin, "POST", CLIENTS, rows).await;
    let no_district = admin.post(CLIENTS, with(opensid(), "district_code", Value::Null)).await;
    assert_eq!(no_district.status, 422);
    assert_eq!(no_district.pointers(), ["#/district_code", "#/village_code"]);
    let person = json!({
        "username": "operator.balang", "name": "Operator", "role": "reporter", "district_code": PARINGIN,
        "password": "rahasia-sekali-ini",
    });
    assert_bodies_refused(&admin, "POST", "/v1/users", [(person, 422, "rule_broken", "#/role")]).await;

    let made = admin.post(CLIENTS, opensid()).await.status(201);
    assert_eq!(made.json["village_code"], BALANG);
    let path = made.header("location").to_owned();
    assert_eq!(admin.all(&format!("{CLIENTS}?village_code={BALANG}")).await.len(), 1);
    assert_eq!(admin.all(&format!("{CLIENTS}?village_code={KALAHIANG}")).await.len(), 0);
    // A client that gets another village gets other tokens.
    let session = enter(&world, &made.id(), text(&made.json, "secret")).await.status(200);
    let village = world.bearer(text(&session.json, "access_token"));
    village.get(REPORTS).await.status(200);
    let moved = admin
        .patch(&path, "*", json!({"village_code": KALAHIANG}))
        .await
        .status(200);
    assert_eq!(moved.json["village_code"], KALAHIANG);
    village.get(REPORTS).await.problem(401, "invalid_token");
    let events = admin.all("/v1/audit-events?resource=client").await;
    let change = r#"{"village_code":["63.11.06.2005","63.11.06.2006"]}"#;
    assert!(events.iter().any(|event| event["details"] == change), "{events:#?}");
    let other_role = json!({"role": "integrator", "village_code": null});
    let changed = admin.patch(&path, "*", other_role).await.status(200);
    assert_eq!(changed.json.get("village_code"), None);
}
