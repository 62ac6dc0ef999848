//! Indicators: the decree's own, corrections from a year on, the next decree, and what is refused.

use iku::access::Role;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::Backend;
use crate::support::world::{Client, PARINGIN, World};

const DECREE: &str = "7093d703-b7e6-4f9e-9448-cdcb9994e3b1";
const IKU_1: &str = "/v1/indicators/paringin-iku-1";
const IKU_4: &str = "/v1/indicators/paringin-iku-4";

/// A sixth indicator under the shipped decree.
fn sixth() -> Value {
    json!({
        "code": "paringin-iku-6", "decree_id": DECREE, "number": 6, "objective": "Sasaran", "name": "Nama",
        "meaning": "Makna", "selection_reason": "Alasan", "formula_text": "Rumus", "reference": "Rujukan",
        "responsible": "Camat", "source": "Seksi PMD", "unit": "count", "polarity": "higher_is_better",
        "formula": {"kind": "institution_count"},
    })
}

fn sixth_with(name: &str, value: Value) -> Value {
    let mut body = sixth();
    body[name] = value;
    body
}

/// The decree after the shipped one.
async fn next_decree(world: &World, district: &str) -> Uuid {
    let body = json!({
        "district_code": district, "number": "1/2026", "title": "IKU 2027-2031", "issued_on": "2026-12-01",
        "goal": "Tujuan", "first_year": 2027, "last_year": 2031, "legal_bases": [],
    });
    let made = world.admin().post("/v1/decrees", body).await.expect(201);
    made.id().parse().unwrap()
}

async fn codes(who: &Client, query: &str) -> Vec<String> {
    let items = who.all(&format!("/v1/indicators{query}")).await;
    items.iter().map(|i| i["code"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[actix_web::test]
async fn the_shipped_five_are_there_in_the_decrees_words(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let world = World::at(backend, "2025-06-30T09:00:00+08:00").await;
    let auditor = world.holder(Role::Auditor, Some(PARINGIN), &[]);
    let page = auditor.get("/v1/indicators?count=true&limit=2").await.expect(200);
    assert_eq!(page.json["total"], 5);
    let all = auditor.all("/v1/indicators?limit=2").await;
    let numbers: Vec<_> = all.iter().map(|i| i["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let formulas: Vec<_> = all.iter().map(|i| i["formula"].clone()).collect();
    assert_eq!(
        formulas,
        [
            json!({"kind": "survey_index", "section": "pelayanan-kessos"}),
            json!({"kind": "institution_count"}),
            json!({"kind": "case_handling"}),
            json!({"kind": "report_delivery", "group": "administration"}),
            json!({"kind": "report_delivery", "group": "finance"}),
        ]
    );
    let got = auditor.get(IKU_4).await.expect(200);
    assert_eq!(got.json, all[3]);
    assert_eq!(got.json["unit"], "percent");
    assert_eq!(got.json["from_year"], 2023);
    assert_eq!(got.json["decree_id"], DECREE);
    assert_eq!(
        got.json["formula_text"],
        "Jumlah LPPD dan Laporan Kinerja BPD yang Disampaikan seluruh Desa dibagi 2 Laporan Per Desadikali 100%"
    );
    auditor.with("if-none-match", &got.etag()).get(IKU_4).await.expect(304);
    let versions = auditor.all(&format!("{IKU_4}/versions")).await;
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0]["content"], got.json);

    // Only in the years of its decree.
    auditor.get(&format!("{IKU_4}?year=2026")).await.expect(200);
    auditor
        .get(&format!("{IKU_4}?year=2027"))
        .await
        .problem(404, "indicator_not_in_force");
    auditor
        .get(&format!("{IKU_4}?year=2022"))
        .await
        .problem(404, "indicator_not_in_force");
    assert!(codes(&auditor, "?year=2027").await.is_empty());
    // Without a year, the nearest that it governs.
    for now in ["2020-01-01T00:00:00Z", "2031-01-01T00:00:00Z"] {
        world.clock.set(now.parse().unwrap());
        assert_eq!(auditor.get(IKU_4).await.expect(200).json, got.json);
        assert_eq!(codes(&auditor, "").await.len(), 5);
    }
}

#[rstest]
#[actix_web::test]
async fn a_correction_governs_from_its_year_on(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let world = World::at(backend, "2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let first = admin.get(IKU_4).await.expect(200);
    let fixed = admin
        .patch(
            IKU_4,
            &first.etag(),
            json!({"from_year": 2025, "source": "Seksi Pembangunan", "external_code": "7.01", "reason": "Salah seksi"}),
        )
        .await
        .expect(200);
    assert_eq!(fixed.json["from_year"], 2025);
    assert_eq!(fixed.json["source"], "Seksi Pembangunan");
    assert_eq!(fixed.json["name"], first.json["name"]);
    let year = |y: i32| format!("{IKU_4}?year={y}");
    assert_eq!(admin.get(&year(2024)).await.expect(200).json, first.json);
    assert_eq!(admin.get(&year(2025)).await.expect(200).json, fixed.json);
    assert_eq!(admin.get(&year(2026)).await.expect(200).json, fixed.json);
    assert_eq!(admin.get(IKU_4).await.expect(200).json, fixed.json);
    assert_eq!(admin.all("/v1/indicators?year=2024").await[3], first.json);
    assert_eq!(admin.all("/v1/indicators?year=2025").await[3], fixed.json);
    assert_eq!(codes(&admin, "").await.len(), 5);

    // The row of the year itself is amended; its tag is the one that counts.
    let stale = admin
        .patch(IKU_4, &first.etag(), json!({"from_year": 2026, "name": "X"}))
        .await;
    stale.problem(412, "precondition_failed");
    let again = admin
        .patch(IKU_4, &fixed.etag(), json!({"from_year": 2025, "external_code": null}))
        .await
        .expect(200);
    assert_eq!(again.json["from_year"], 2025);
    assert_eq!(again.json["external_code"], json!(null));
    // An earlier year of its own, from the first row, whose tag did not change.
    let between = admin
        .patch(IKU_4, &first.etag(), json!({"from_year": 2024, "name": "Nama 2024"}))
        .await
        .expect(200);
    assert_eq!(between.json["source"], first.json["source"]);
    assert_eq!(admin.get(&year(2023)).await.expect(200).json, first.json);
    assert_eq!(admin.get(&year(2025)).await.expect(200).json, again.json);
    // No change makes no version, and no row.
    let same = admin
        .patch(IKU_4, &again.etag(), json!({"from_year": 2026}))
        .await
        .expect(200);
    assert_eq!(same.json, again.json);
    assert_eq!(same.etag(), again.etag());

    let versions = admin.all(&format!("{IKU_4}/versions?limit=1")).await;
    let told: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                v["content"]["from_year"].as_i64().unwrap(),
                v["version"].as_i64().unwrap(),
                v["reason"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (2023, 1, None),
            (2025, 1, Some("Salah seksi")),
            (2025, 2, None),
            (2024, 1, None)
        ]
    );
    assert_eq!(versions[1]["recorded_by"], "test.administrator");
}

#[rstest]
#[actix_web::test]
async fn what_a_patch_cannot_do(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let world = World::at(backend, "2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    admin
        .send("PATCH", IKU_4, "application/json", b"{\"from_year\": 2025}".to_vec())
        .await
        .problem(428, "precondition_required");
    let refused = admin.patch(IKU_4, "*", json!({"name": "X", "code": "x"})).await;
    assert_eq!(
        refused.problem(400, "invalid_body").pointers(),
        ["#/code", "#/from_year"]
    );
    for year in [2022, 2027] {
        let refused = admin.patch(IKU_4, "*", json!({"from_year": year, "name": "X"})).await;
        assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/from_year"]);
    }
    let refused = admin
        .patch(IKU_4, "*", json!({"from_year": 2025, "unit": "count"}))
        .await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/unit"]);
    let refused = admin
        .patch(IKU_4, "*", json!({"from_year": 2025, "decree_id": Uuid::new_v4()}))
        .await;
    assert_eq!(refused.problem(422, "unknown_reference").pointers(), ["#/decree_id"]);
    let refused = admin.patch(IKU_4, "*", json!({"from_year": 2025, "number": 5})).await;
    assert_eq!(refused.problem(409, "conflict").pointers(), ["#/number"]);
    admin
        .patch("/v1/indicators/none", "*", json!({"from_year": 2025}))
        .await
        .problem(404, "not_found");
}

#[rstest]
#[actix_web::test]
async fn a_formula_is_one_of_four_kinds(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let world = World::at(backend, "2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    for (formula, pointers) in [
        (json!({"kind": "survey_index"}), vec!["#/formula/section"]),
        (
            json!({"kind": "survey_index", "section": "pmdd"}),
            vec!["#/formula/section"],
        ),
        (
            json!({"kind": "report_delivery", "group": "other"}),
            vec!["#/formula/group"],
        ),
        (
            json!({"kind": "case_handling", "group": "finance"}),
            vec!["#/formula/group"],
        ),
        (json!({"kind": "magic"}), vec!["#/formula/kind"]),
        (json!({"kind": null}), vec!["#/formula/kind"]),
        (json!({}), vec!["#/formula/kind"]),
        (json!("survey_index"), vec!["#/formula"]),
        (json!(null), vec!["#/formula"]),
    ] {
        let refused = admin
            .post("/v1/indicators", sixth_with("formula", formula.clone()))
            .await;
        assert_eq!(refused.problem(400, "invalid_body").pointers(), pointers, "{formula}");
    }

    // A member of the same kind.
    let patch = |formula: Value, unit: &str| json!({"from_year": 2025, "formula": formula, "unit": unit});
    let formula = async |body: Value| admin.patch(IKU_1, "*", body).await.expect(200).json["formula"].clone();
    assert_eq!(
        formula(patch(json!({"section": "pmd"}), "index")).await,
        json!({"kind": "survey_index", "section": "pmd"})
    );
    // Another kind: whole.
    assert_eq!(
        formula(patch(json!({"kind": "report_delivery", "group": "finance"}), "percent")).await,
        json!({"kind": "report_delivery", "group": "finance"})
    );
    assert_eq!(
        formula(patch(json!({"kind": "case_handling", "group": null}), "percent")).await,
        json!({"kind": "case_handling"})
    );
    let refused = admin
        .patch(IKU_1, "*", patch(json!({"kind": "report_delivery"}), "percent"))
        .await;
    assert_eq!(refused.problem(400, "invalid_body").pointers(), ["#/formula/group"]);
    let refused = admin
        .patch(
            IKU_1,
            "*",
            patch(json!({"kind": "survey_index", "section": "pmd"}), "percent"),
        )
        .await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/unit"]);
    // What it was before is untouched.
    let before = admin.get(&format!("{IKU_1}?year=2024")).await.expect(200);
    assert_eq!(
        before.json["formula"],
        json!({"kind": "survey_index", "section": "pelayanan-kessos"})
    );
}

#[rstest]
#[actix_web::test]
async fn a_new_indicator(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let world = World::at(backend, "2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let made = admin.post("/v1/indicators", sixth()).await.expect(201);
    assert_eq!(made.header("location"), "/v1/indicators/paringin-iku-6");
    assert_eq!(made.json["from_year"], 2023);
    assert_eq!(made.json["district_code"], PARINGIN);
    let path = "/v1/indicators/paringin-iku-6";
    assert_eq!(admin.get(path).await.expect(200).json, made.json);
    // Safe to send again, also after a correction.
    assert_eq!(admin.post("/v1/indicators", sixth()).await.expect(200).json, made.json);
    let fixed = admin
        .patch(path, &made.etag(), json!({"from_year": 2023, "name": "Lain"}))
        .await
        .expect(200);
    admin
        .patch(path, &fixed.etag(), json!({"from_year": 2025, "name": "Lain lagi"}))
        .await
        .expect(200);
    let again = admin.post("/v1/indicators", sixth()).await.expect(200);
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
        admin.post("/v1/indicators", seventh).await.expect(201).json["from_year"],
        2026
    );
    admin
        .get("/v1/indicators/paringin-iku-7?year=2025")
        .await
        .problem(404, "indicator_not_in_force");
    // Without a year, it shows itself before it begins.
    admin.get("/v1/indicators/paringin-iku-7").await.expect(200);
    assert_eq!(codes(&admin, "?year=2025").await.len(), 6);
    assert_eq!(codes(&admin, "").await.len(), 7);
}

#[rstest]
#[actix_web::test]
async fn the_next_decree(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let world = World::at(backend, "2026-12-31T09:00:00+08:00").await;
    let admin = world.admin();
    let decree = next_decree(&world, PARINGIN).await;
    // The number is free in the years of the next decree, under a new code ...
    let mut new = sixth_with("decree_id", json!(decree));
    new["number"] = json!(1);
    let made = admin.post("/v1/indicators", new).await.expect(201);
    assert_eq!(made.json["from_year"], 2027);
    // ... or the indicator goes on under the same code.
    let first = admin.get(IKU_4).await.expect(200);
    let next = admin
        .patch(
            IKU_4,
            &first.etag(),
            json!({"from_year": 2027, "decree_id": decree, "number": 2}),
        )
        .await
        .expect(200);
    assert_eq!(next.json["decree_id"], json!(decree));
    assert_eq!(codes(&admin, "?year=2026").await.len(), 5);
    assert_eq!(codes(&admin, "?year=2027").await, ["paringin-iku-6", "paringin-iku-4"]);
    assert_eq!(admin.get(IKU_4).await.expect(200).json, first.json);
    // 2027 begins in WITA.
    world.clock.set("2026-12-31T16:00:00Z".parse().unwrap());
    assert_eq!(admin.get(IKU_4).await.expect(200).json, next.json);
    let refused = admin.patch(IKU_4, "*", json!({"from_year": 2032, "name": "X"})).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/from_year"]);
}

#[rstest]
#[actix_web::test]
async fn other_districts_and_roles(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let world = World::new(backend).await;
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
    officer.get(IKU_1).await.expect(200);
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

#[rstest]
#[actix_web::test]
async fn a_walk_sees_the_list_as_it_was(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let world = World::at(backend, "2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let first = admin.get("/v1/indicators?limit=3").await.expect(200);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    // Someone moves number 1 to the end and adds another.
    admin
        .patch(IKU_1, "*", json!({"from_year": 2025, "number": 9}))
        .await
        .expect(200);
    admin.post("/v1/indicators", sixth()).await.expect(201);
    let rest = admin
        .get(&format!("/v1/indicators?limit=3&cursor={cursor}"))
        .await
        .expect(200);
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
