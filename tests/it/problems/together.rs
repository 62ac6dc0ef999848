//! A problem lists all errors of a request together.

use serde_json::{Value, json};

use crate::responses::{Setting, partial};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::client::place;
use crate::support::world::{BALANG, PARINGIN, PARINGIN_KOTA, Reply, World};

/// Returns `pointer code` of every field.
fn fields(reply: &Reply) -> Vec<String> {
    let errors = reply.json["errors"].as_array().unwrap();
    let field = |e: &Value| format!("{} {}", place(e), e["code"].as_str().unwrap());
    let mut fields: Vec<String> = errors.iter().map(field).collect();
    fields.sort();
    fields
}

#[actix_web::test]
async fn lists_every_schema_error_of_a_body() {
    let world = World::on(Backend::Sqlite).await;
    let body = json!({
        "village_code": 7, "kind": "LPPD", "delivered_on": "2025-02-30", "note": "", "status": "hilang", "tahun": 2024,
    });
    let refused = world.admin().in_english().post("/v1/reports", body).await;
    let refused = refused.problem(400, "invalid_body");
    assert_eq!(
        fields(&refused),
        [
            "#/delivered_on format",
            "#/fiscal_year required",
            "#/kind pattern",
            "#/note min_length",
            "#/status enum",
            "#/tahun unknown_field",
            "#/village_code type",
        ]
    );
    assert!(
        refused.json["detail"]
            .as_str()
            .unwrap()
            .ends_with("Further errors: 6; see errors.")
    );
}

#[actix_web::test]
async fn lists_the_errors_of_path_and_query_together() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let refused = admin
        .get("/v1/reports?limit=0&limit=3&tahun=2024&district_code=x")
        .await;
    assert_eq!(
        fields(&refused.problem(400, "invalid_query")),
        ["district_code pattern", "limit repeated", "tahun unknown_field"]
    );
    let path = "/v1/indicators/IKU_4/realisations/2025-Q9?as_of=kemarin";
    let refused = admin.get(path).await.problem(400, "invalid_path");
    let fields = fields(&refused);
    for wanted in ["code pattern", "period pattern", "as_of format"] {
        assert!(fields.iter().any(|f| f == wanted), "{wanted} is not in {fields:?}");
    }
    // A missing token is reported first.
    world.anonymous().get(path).await.problem(401, "unauthenticated");
    admin.get("/v1/villages/63.11.06.2005").await.status(200);
}

#[apply(both_databases)]
async fn lists_every_broken_rule_of_a_body(backend: Backend) {
    let world = World::on(backend).at("2025-03-20T09:00:00+08:00").await;
    let admin = world.admin();
    let mut failures = Vec::new();
    for (path, body, code, expected) in broken_bodies() {
        let refused = admin.post(path, body).await;
        failures.extend(refused.unless_problem(422, code));
        if fields(&refused) != expected {
            failures.push(format!("{path}: {:?} instead of {expected:?}", fields(&refused)));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// A path, a body, the code of the problem and the errors of its fields.
type BrokenBody = (&'static str, Value, &'static str, &'static [&'static str]);

fn broken_bodies() -> [BrokenBody; 8] {
    let term = |issued: &str, starts: &str, ends: &str| json!({"number": "1", "issued_on": issued, "starts_on": starts, "ends_on": ends});
    [
        (
            "/v1/reports",
            json!({"village_code": PARINGIN_KOTA, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-21"}),
            "rule_broken",
            &["#/delivered_on future_instant", "#/village_code kelurahan_not_allowed"],
        ),
        (
            "/v1/reports",
            json!({"village_code": "63.11.06.9999", "kind": "tidak-ada", "fiscal_year": 2024, "delivered_on": "2025-03-14"}),
            "unknown_reference",
            &["#/kind unknown_reference", "#/village_code unknown_reference"],
        ),
        (
            "/v1/institutions",
            json!({
                "village_code": BALANG, "kind": "tidak-ada", "name": "RT 01",
                "decrees": [
                    term("2026-01-01", "2025-01-01", "2024-01-01"),
                    term("2025-01-01", "2025-01-01", "2024-01-01"),
                ],
            }),
            "rule_broken",
            &[
                "#/decrees/0/ends_on rule_broken",
                "#/decrees/0/issued_on future_instant",
                "#/decrees/1/ends_on rule_broken",
                "#/kind unknown_reference",
            ],
        ),
        (
            "/v1/cases",
            json!({
                "village_code": BALANG, "category": "tidak-ada", "occurred_at": "2025-03-21T09:00:00+08:00",
                "summary": "x",
            }),
            "rule_broken",
            &["#/category unknown_reference", "#/occurred_at future_instant"],
        ),
        (
            "/v1/surveys",
            json!({
                "district_code": "63.11.99", "title": "SKM", "section": "pelayanan-kessos",
                "starts_on": "2025-03-01", "ends_on": "2025-02-01",
            }),
            "rule_broken",
            &["#/district_code unknown_reference", "#/ends_on rule_broken"],
        ),
        (
            "/v1/villages",
            json!({
                "code": "63.11.01.2001", "district_code": PARINGIN, "kind": "desa", "name": "x",
                "valid_from": "2025-01-01", "valid_to": "2024-01-01",
            }),
            "rule_broken",
            &["#/code rule_broken", "#/valid_to rule_broken"],
        ),
        (
            "/v1/users",
            json!({
                "username": "x.y", "name": "x", "role": "officer", "district_code": "63.11.99", "sections": [],
                "password": "kata sandi baru",
            }),
            "rule_broken",
            &["#/district_code unknown_reference", "#/sections rule_broken"],
        ),
        (
            "/v1/clients",
            json!({"kind": "device", "name": "x", "role": "integrator", "district_code": "63.11.99"}),
            "rule_broken",
            &["#/district_code unknown_reference", "#/role rule_broken"],
        ),
    ]
}

#[apply(both_databases)]
async fn lists_every_broken_rule_of_an_answer(backend: Backend) {
    let s = Setting::open(backend).await;
    let mut few = partial(2);
    few["village_code"] = json!("63.11.06.9999");
    let refused = s.kasi.post(&s.responses, few).await.problem(422, "rule_broken");
    assert_eq!(
        fields(&refused),
        ["#/answers too_few_answers", "#/village_code unknown_reference"]
    );
}
