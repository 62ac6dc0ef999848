//! The decree's own five, and corrections that govern from a year on.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{DECREE, IKU_1, IKU_4, codes, sixth_with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn the_shipped_five_are_there_in_the_decrees_words(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let auditor = world.holder(Role::Auditor, Some(PARINGIN), &[]);
    let page = auditor.get("/v1/indicators?count=true&limit=2").await.status(200);
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
    let got = auditor.get(IKU_4).await.status(200);
    assert_eq!(got.json, all[3]);
    assert_eq!(got.json["unit"], "percent");
    assert_eq!(got.json["from_year"], 2023);
    assert_eq!(got.json["decree_id"], DECREE);
    assert_eq!(
        got.json["formula_text"],
        "Jumlah LPPD dan Laporan Kinerja BPD yang Disampaikan seluruh Desa dibagi 2 Laporan Per Desadikali 100%"
    );
    auditor.with("if-none-match", &got.etag()).get(IKU_4).await.status(304);
    let versions = auditor.all(&format!("{IKU_4}/versions")).await;
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0]["content"], got.json);

    // Only in the years of its decree.
    auditor.get(&format!("{IKU_4}?year=2026")).await.status(200);
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
        assert_eq!(auditor.get(IKU_4).await.status(200).json, got.json);
        assert_eq!(codes(&auditor, "").await.len(), 5);
    }
}

#[apply(both_databases)]
async fn a_correction_governs_from_its_year_on(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let first = admin.get(IKU_4).await.status(200);
    let fixed = admin
        .patch(
            IKU_4,
            &first.etag(),
            json!({"from_year": 2025, "source": "Seksi Pembangunan", "external_code": "7.01", "reason": "Salah seksi"}),
        )
        .await
        .status(200);
    assert_eq!(fixed.json["from_year"], 2025);
    assert_eq!(fixed.json["source"], "Seksi Pembangunan");
    assert_eq!(fixed.json["name"], first.json["name"]);
    let year = |y: i32| format!("{IKU_4}?year={y}");
    assert_eq!(admin.get(&year(2024)).await.status(200).json, first.json);
    assert_eq!(admin.get(&year(2025)).await.status(200).json, fixed.json);
    assert_eq!(admin.get(&year(2026)).await.status(200).json, fixed.json);
    assert_eq!(admin.get(IKU_4).await.status(200).json, fixed.json);
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
        .status(200);
    assert_eq!(again.json["from_year"], 2025);
    assert_eq!(again.json["external_code"], json!(null));
    // An earlier year of its own, from the first row, whose tag did not change.
    let between = admin
        .patch(IKU_4, &first.etag(), json!({"from_year": 2024, "name": "Nama 2024"}))
        .await
        .status(200);
    assert_eq!(between.json["source"], first.json["source"]);
    assert_eq!(admin.get(&year(2023)).await.status(200).json, first.json);
    assert_eq!(admin.get(&year(2025)).await.status(200).json, again.json);
    // No change makes no version, and no row.
    let same = admin
        .patch(IKU_4, &again.etag(), json!({"from_year": 2026}))
        .await
        .status(200);
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

#[apply(both_databases)]
async fn what_a_patch_cannot_do(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
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

#[apply(both_databases)]
async fn a_formula_is_one_of_four_kinds(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
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
    let formula = async |body: Value| admin.patch(IKU_1, "*", body).await.status(200).json["formula"].clone();
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
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/formula/group"]);
    let refused = admin
        .patch(
            IKU_1,
            "*",
            patch(json!({"kind": "survey_index", "section": "pmd"}), "percent"),
        )
        .await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/unit"]);
    // What it was before is untouched.
    let before = admin.get(&format!("{IKU_1}?year=2024")).await.status(200);
    assert_eq!(
        before.json["formula"],
        json!({"kind": "survey_index", "section": "pelayanan-kessos"})
    );
}
