//! The wordings of an indicator: the five of the shipped decree, and corrections that govern from a year on.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{DECREE, IKU_1, IKU_4, INDICATORS, NOW, codes, sixth_with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::table::assert_bodies_refused;
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn the_shipped_indicators_have_the_words_of_the_decree(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
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
            json!({"kind": "report_delivery", "group": "administration", "per_village": 2}),
            json!({"kind": "report_delivery", "group": "finance", "per_village": 7}),
        ]
    );
    let got = auditor.get(IKU_4).await.status(200);
    assert_body!(got, @r#"
    {
      "code": "paringin-iku-4",
      "decree_id": "[id]",
      "district_code": "63.11.06",
      "external_code": null,
      "formula": {
        "group": "administration",
        "kind": "report_delivery",
        "per_village": 2
      },
      "formula_text": "Jumlah LPPD dan Laporan Kinerja BPD yang Disampaikan seluruh Desa dibagi 2 Laporan Per Desadikali 100%",
      "from_year": 2023,
      "meaning": "Tingkat Tertib Administrasi Pemerintahan",
      "name": "Persentase Desa yang Tertib Administrasi Pemerintahan",
      "number": 4,
      "objective": "Meningkatnya Penyelenggaraan Pemerintahan Desa",
      "polarity": "higher_is_better",
      "recorded_at": "[instant]",
      "recorded_by": "iku",
      "reference": "Analisa Mandiri",
      "responsible": "Kepala SKPD (Camat)",
      "selection_reason": "Sebagai Indikator bagi Seksi Pemerintahan dalam memberikan Pembinaan Adm. Pemerintahan",
      "source": "Seksi Penyelenggaraan Pemerintahan",
      "unit": "percent"
    }
    "#);
    assert_eq!(got.json["decree_id"], DECREE);
    assert_eq!(got.json, all[3]);
    let known = auditor.with("if-none-match", &got.etag());
    known.get(IKU_4).await.status(304);
    let versions = auditor.all(&format!("{IKU_4}/versions")).await;
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0]["content"], got.json);
}

#[apply(both_databases)]
async fn an_indicator_is_in_force_in_the_years_of_its_decree(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let auditor = world.holder(Role::Auditor, Some(PARINGIN), &[]);
    let got = auditor.get(&format!("{IKU_4}?year=2026")).await.status(200);
    for year in [2022, 2027] {
        let refused = auditor.get(&format!("{IKU_4}?year={year}")).await;
        refused.problem(404, "indicator_not_in_force");
    }
    assert!(codes(&auditor, "?year=2027").await.is_empty());
    // Without a year, it is shown as of the nearest year of its decree.
    for now in ["2020-01-01T00:00:00Z", "2031-01-01T00:00:00Z"] {
        world.clock.set(now.parse().unwrap());
        assert_eq!(auditor.get(IKU_4).await.status(200).json, got.json);
        assert_eq!(codes(&auditor, "").await.len(), 5);
    }
}

#[apply(both_databases)]
async fn a_correction_governs_from_its_year_on(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let first = admin.get(IKU_4).await.status(200);
    let patch = json!({"from_year": 2025, "source": "Seksi Pembangunan", "external_code": "7.01"});
    let fixed = admin.patch(IKU_4, &first.etag(), patch).await.status(200);
    assert_eq!(fixed.json["from_year"], 2025);
    assert_eq!(fixed.json["source"], "Seksi Pembangunan");
    assert_eq!(fixed.json["external_code"], "7.01");
    assert_eq!(fixed.json["name"], first.json["name"]);
    for (year, wording) in [(2024, &first), (2025, &fixed), (2026, &fixed)] {
        let got = admin.get(&format!("{IKU_4}?year={year}")).await.status(200);
        assert_eq!(got.json, wording.json, "{year}");
        let list = admin.all(&format!("{INDICATORS}?year={year}")).await;
        assert_eq!(list[3], wording.json, "{year}");
    }
    assert_eq!(admin.get(IKU_4).await.status(200).json, fixed.json);
    assert_eq!(codes(&admin, "").await.len(), 5);
}

#[apply(both_databases)]
async fn a_second_correction_amends_or_goes_between(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let first = admin.get(IKU_4).await.status(200);
    let patch = json!({"from_year": 2025, "external_code": "7.01", "reason": "Salah seksi"});
    let fixed = admin.patch(IKU_4, &first.etag(), patch).await.status(200);

    // The tag must be that of the wording which governs the named year.
    let stale = json!({"from_year": 2026, "name": "X"});
    let stale = admin.patch(IKU_4, &first.etag(), stale).await;
    stale.problem(412, "precondition_failed");
    let amended = json!({"from_year": 2025, "external_code": null});
    let amended = admin.patch(IKU_4, &fixed.etag(), amended).await.status(200);
    assert_eq!(amended.json["from_year"], 2025);
    assert_eq!(amended.json["external_code"], json!(null));
    // A wording for 2024 comes from the first one, whose tag did not change.
    let between = json!({"from_year": 2024, "name": "Nama 2024", "reason": "KETIGA"});
    let between = admin.patch(IKU_4, &first.etag(), between).await.status(200);
    assert_eq!(between.json["source"], first.json["source"]);
    for (year, wording) in [(2023, &first), (2024, &between), (2025, &amended)] {
        let got = admin.get(&format!("{IKU_4}?year={year}")).await.status(200);
        assert_eq!(got.json, wording.json, "{year}");
    }
    // A patch that changes nothing makes no version.
    let same = json!({"from_year": 2026});
    let same = admin.patch(IKU_4, &amended.etag(), same).await.status(200);
    assert_eq!((&same.json, same.etag()), (&amended.json, amended.etag()));

    let versions = admin.all(&format!("{IKU_4}/versions?limit=1")).await;
    let number = |value: &Value| value.as_i64().unwrap();
    let recorded: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                number(&v["content"]["from_year"]),
                number(&v["version"]),
                v["reason"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        recorded,
        [
            (2023, 1, None),
            (2025, 1, Some("Salah seksi")),
            (2025, 2, None),
            (2024, 1, Some("KETIGA"))
        ]
    );
    assert_eq!(versions[1]["recorded_by"], "test.administrator");
}

#[apply(both_databases)]
async fn rejects_patches_that_do_not_fit_the_decree(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let patch = b"{\"from_year\": 2025}".to_vec();
    let without_tag = admin.send("PATCH", IKU_4, "application/json", patch).await;
    without_tag.problem(428, "precondition_required");
    let refused = admin.patch(IKU_4, "*", json!({"name": "X", "code": "x"})).await;
    let refused = refused.problem(400, "invalid_body");
    assert_eq!(refused.pointers(), ["#/code", "#/from_year"]);
    let unknown = json!({"from_year": 2025, "decree_id": Uuid::new_v4()});
    let rows = [
        (
            json!({"from_year": 2022, "name": "X"}),
            422,
            "rule_broken",
            "#/from_year",
        ),
        (
            json!({"from_year": 2027, "name": "X"}),
            422,
            "rule_broken",
            "#/from_year",
        ),
        (
            json!({"from_year": 2025, "unit": "count"}),
            422,
            "rule_broken",
            "#/unit",
        ),
        (unknown, 422, "unknown_reference", "#/decree_id"),
        (json!({"from_year": 2025, "number": 5}), 409, "conflict", "#/number"),
    ];
    assert_bodies_refused(&admin, "PATCH", IKU_4, rows).await;
    let nowhere = admin
        .patch("/v1/indicators/none", "*", json!({"from_year": 2025}))
        .await;
    nowhere.problem(404, "not_found");
}

#[actix_web::test]
async fn rejects_formulas_that_break_the_contract() {
    let world = World::on(Backend::Sqlite).at(NOW).await;
    let formulas = [
        (json!({"kind": "survey_index", "section": "pmdd"}), "#/formula/section"),
        (json!({"kind": "report_delivery", "group": "other"}), "#/formula/group"),
        (json!({"kind": "case_handling", "year": 2025}), "#/formula/year"),
        (
            json!({"kind": "report_delivery", "group": "finance", "per_village": 0}),
            "#/formula/per_village",
        ),
        (json!({"kind": "magic"}), "#/formula/kind"),
        (json!({}), "#/formula/kind"),
        (json!("survey_index"), "#/formula"),
        (json!(null), "#/formula"),
    ];
    let rows = formulas.map(|(formula, pointer)| (sixth_with("formula", formula), 400, "invalid_body", pointer));
    assert_bodies_refused(&world.admin(), "POST", INDICATORS, rows).await;
}

#[actix_web::test]
async fn rejects_formulas_whose_members_do_not_fit_their_kind() {
    let world = World::on(Backend::Sqlite).at(NOW).await;
    let admin = world.admin();
    let (section, group) = ("#/formula/section", "#/formula/group");
    let formulas = [
        (json!({"kind": "survey_index"}), vec![section]),
        (json!({"kind": "survey_index", "section": null}), vec![section]),
        (
            json!({"kind": "survey_index", "group": "finance"}),
            vec![section, group],
        ),
        (
            json!({"kind": "survey_index", "section": "pmd", "group": "finance"}),
            vec![group],
        ),
        (json!({"kind": "report_delivery"}), vec![group]),
        (
            json!({"kind": "report_delivery", "section": "pmd"}),
            vec![section, group],
        ),
        (json!({"kind": "case_handling", "group": "finance"}), vec![group]),
        (
            json!({"kind": "case_handling", "per_village": 2}),
            vec!["#/formula/per_village"],
        ),
        (
            json!({"kind": "institution_count", "section": "pmd", "group": "finance"}),
            vec![section, group],
        ),
    ];
    for (formula, pointers) in formulas {
        let refused = admin.post(INDICATORS, sixth_with("formula", formula.clone())).await;
        let refused = refused.problem(422, "rule_broken");
        assert_eq!(refused.pointers(), pointers, "{formula}");
    }
    let missing = admin
        .in_english()
        .post(INDICATORS, sixth_with("formula", json!({"kind": "survey_index"})))
        .await;
    assert_eq!(missing.json["errors"][0]["detail"], "A formula survey_index needs it.");
    // Null means the same as absent.
    let formula = json!({"kind": "institution_count", "section": null, "group": null});
    let created = admin.post(INDICATORS, sixth_with("formula", formula)).await.status(201);
    assert_eq!(created.json["formula"], json!({"kind": "institution_count"}));
}

#[apply(both_databases)]
async fn patch_changes_members_of_a_formula_or_its_kind(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let patch = |formula: Value, unit: &str| json!({"from_year": 2025, "formula": formula, "unit": unit});
    let finance = json!({"kind": "report_delivery", "group": "finance"});
    for (formula, unit, expected) in [
        // A member of the same kind is changed alone; another kind is named whole.
        (
            json!({"section": "pmd"}),
            "index",
            json!({"kind": "survey_index", "section": "pmd"}),
        ),
        (finance.clone(), "percent", finance),
        (
            json!({"kind": "case_handling", "group": null}),
            "percent",
            json!({"kind": "case_handling"}),
        ),
    ] {
        let patched = admin.patch(IKU_1, "*", patch(formula, unit)).await;
        assert_eq!(patched.status(200).json["formula"], expected);
    }
    let without_group = patch(json!({"kind": "report_delivery"}), "percent");
    let with_other_unit = patch(json!({"kind": "survey_index", "section": "pmd"}), "percent");
    let rows = [
        (without_group, 422, "rule_broken", "#/formula/group"),
        (with_other_unit, 422, "rule_broken", "#/unit"),
    ];
    assert_bodies_refused(&admin, "PATCH", IKU_1, rows).await;
    // The year before keeps its formula.
    let before = admin.get(&format!("{IKU_1}?year=2024")).await.status(200);
    assert_eq!(
        before.json["formula"],
        json!({"kind": "survey_index", "section": "pelayanan-kessos"})
    );
}
