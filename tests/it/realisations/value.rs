//! The value of one indicator in one period.

use iku::access::Role;
use serde_json::json;

use super::{IKU4, NOW, deliver, twenty_two_reports, village};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn twenty_two_of_28_reports_are_78_57_percent(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    twenty_two_reports(&kasi).await;
    let got = kasi.get(&format!("{IKU4}/2025-Q2")).await.status(200);
    assert_body!(got, @r#"
    {
      "achievement": null,
      "achievement_category": null,
      "achievement_reason": "no_target",
      "as_of": null,
      "closing": null,
      "denominator": 28,
      "district_code": "63.11.06",
      "exact": "11/14",
      "facts_recorded_at": "[instant]",
      "formula": {
        "decree": "139/CPAR/2023",
        "kind": "report_delivery",
        "text": "22 laporan disampaikan / (2 laporan x 14 desa) x 100%"
      },
      "grade": null,
      "indicator": {
        "code": "paringin-iku-4",
        "external_code": null,
        "name": "Persentase Desa yang Tertib Administrasi Pemerintahan",
        "number": 4,
        "polarity": "higher_is_better",
        "unit": "percent"
      },
      "information": [
        {
          "code": "villages_complete",
          "value": 8
        },
        {
          "code": "on_time",
          "value": 20
        },
        {
          "code": "late",
          "value": 2
        },
        {
          "code": "kinds_listed",
          "value": 2
        },
        {
          "code": "kinds_in_decree",
          "value": 2
        },
        {
          "code": "unconfirmed_kinds",
          "value": 0
        },
        {
          "code": "not_due",
          "value": 0
        }
      ],
      "numerator": 22,
      "period": "2025-Q2",
      "reason": null,
      "reason_text": null,
      "status": "computed",
      "target": null,
      "value": 78.57,
      "window": {
        "from": "2025-01-01",
        "to": "2025-06-30"
      },
      "year_achievement": null,
      "year_achievement_reason": "no_target",
      "year_target": null
    }
    "#);
    assert_eq!(got.header("vary"), "Accept-Language, Accept-Encoding");
    let english = kasi.in_english().get(&format!("{IKU4}/2025-Q2")).await.status(200).json;
    assert_eq!(
        english["formula"]["text"],
        "22 reports delivered / (2 reports x 14 desa) x 100%"
    );
}

#[apply(both_databases)]
async fn a_period_counts_from_january_to_its_end(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    twenty_two_reports(&kasi).await;
    for (period, value, exact, status) in [
        ("2025-03", json!(50), "1/2", "computed"),
        ("2025-Q2", json!(78.57), "11/14", "computed"),
        ("2025-S1", json!(78.57), "11/14", "computed"),
        ("2025-06", json!(78.57), "11/14", "computed"),
        ("2025", json!(78.57), "11/14", "provisional"),
    ] {
        let got = kasi.get(&format!("{IKU4}/{period}")).await.status(200).json;
        assert_eq!((&got["value"], &got["exact"]), (&value, &json!(exact)), "{period}");
        assert_eq!(got["status"], status, "{period}");
    }
    // The finance reports count for another indicator.
    let finance = kasi.get("/v1/indicators/paringin-iku-5/realisations/2025").await;
    let finance = finance.status(200).json;
    assert_eq!(
        (&finance["value"], &finance["reason"]),
        (&json!(null), &json!("not_recorded"))
    );
}

#[apply(both_databases)]
async fn a_returned_report_is_not_delivered(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let report = deliver(&kasi, "2005", "lppd", 2024, "2025-03-14").await;
    let path = format!("/v1/reports/{}", report["id"].as_str().unwrap());
    let numerator = async || kasi.get(&format!("{IKU4}/2025-Q2")).await.status(200).json["numerator"].clone();
    assert_eq!(numerator().await, 1);
    kasi.patch(&path, "*", json!({"status": "returned"})).await.status(200);
    assert_eq!(numerator().await, 0);
    let back = kasi.patch(&path, "*", json!({"status": "received"})).await.status(200);
    assert_eq!(numerator().await, 1);
    kasi.delete(&path, &back.etag()).await.status(204);
    // It was the only record.
    assert_eq!(numerator().await, json!(null));
}

#[apply(both_databases)]
async fn only_years_of_the_decree_have_values(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = world.holder(Role::Head, Some(PARINGIN), &[]);
    let of = |period: &str| format!("{IKU4}/{period}");
    assert_refused(&[
        (&camat, "GET", &of("2022"), NONE, 404, "indicator_not_in_force"),
        (&camat, "GET", &of("2027-Q1"), NONE, 404, "indicator_not_in_force"),
        (&camat, "GET", &of("2025-Q5"), NONE, 400, "invalid_path"),
    ])
    .await;
    let unknown = camat.get("/v1/indicators/paringin-iku-9/realisations/2025").await;
    unknown.problem(404, "not_found");
    let series = camat.all(&format!("{IKU4}?from=2022&to=2027&limit=2")).await;
    let periods: Vec<_> = series.iter().map(|r| r["period"].as_str().unwrap()).collect();
    assert_eq!(periods, ["2023", "2024", "2025", "2026"]);
    let reasons: Vec<_> = series.iter().map(|r| r["reason"].as_str()).collect();
    let not_recorded = Some("not_recorded");
    assert_eq!(
        reasons,
        [not_recorded, not_recorded, not_recorded, Some("period_not_started")]
    );
    let series = |query: &str| format!("{IKU4}?{query}");
    assert_refused(&[
        (
            &camat,
            "GET",
            &series("from=2025-Q1&to=2025-12"),
            NONE,
            422,
            "rule_broken",
        ),
        (
            &camat,
            "GET",
            &series("from=2025-Q3&to=2025-Q1"),
            NONE,
            422,
            "rule_broken",
        ),
        (&camat, "GET", &series("from=2025"), NONE, 400, "invalid_query"),
    ])
    .await;
}

#[apply(both_databases)]
async fn the_explanation_lists_what_was_counted(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    twenty_two_reports(&kasi).await;
    let explanation = kasi.get(&format!("{IKU4}/2025-Q2/explanation")).await.status(200).json;
    assert_eq!(
        explanation["realisation"],
        kasi.get(&format!("{IKU4}/2025-Q2")).await.status(200).json
    );
    let owed = explanation["inputs"]["obligations"].as_array().unwrap();
    assert_eq!(owed.len(), 28);
    assert_eq!(owed.iter().filter(|o| !o["delivered_on"].is_null()).count(), 22);
    let formula = explanation["decree"]["formula_text"].as_str().unwrap();
    assert!(formula.contains("2 Laporan Per Desadikali 100%"), "{formula}");
    assert!(
        explanation["choices"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["code"] == "late_reports_count")
    );
}

#[apply(both_databases)]
async fn a_case_of_a_clock_that_runs_ahead_counts_at_once(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    // A clock may run ahead by twenty seconds: the case then happened when it was recorded.
    let ahead = json!({
        "village_code": village("2005"), "category": "jalan", "occurred_at": "2025-07-01T08:00:20+08:00",
        "summary": "Pohon tumbang",
    });
    let case = kasi.post("/v1/cases", ahead).await.status(201).json;
    assert_eq!(case["occurred_at"], case["recorded_at"]);
    let iku3 = kasi
        .get("/v1/indicators/paringin-iku-3/realisations/2025-Q3")
        .await
        .status(200)
        .json;
    assert_eq!(iku3["denominator"], 1);
    assert_eq!(iku3["facts_recorded_at"], case["recorded_at"]);
}
