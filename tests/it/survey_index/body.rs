//! The body of an index, and its status from the first answer to the end of the survey.

use serde_json::{Value, json};

use super::{ELEMENTS, Setting, element, vector};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::instant;

#[apply(both_databases)]
async fn a_survey_without_answers_has_no_index(backend: Backend) {
    let s = Setting::open(backend).await;
    let empty = s.index().await;
    assert_eq!(empty["status"], "not_computable");
    assert_eq!(empty["reason"], "no_responses");
    assert_eq!((&empty["ikm"], &empty["grade"]), (&json!(null), &json!(null)));
    assert_eq!(element(&empty, "waktu")["answers"], 0);
}

#[apply(both_databases)]
async fn get_returns_the_index_with_its_elements(backend: Backend) {
    let s = Setting::open(backend).await;
    let case = vector("K-09");
    eight_respondents(&s, &case).await;
    let got = s.kasi.get(&format!("{}/index", s.survey)).await.status(200);
    assert_body!(got, @r#"
    {
      "by_mode": {
        "device": 8,
        "paper": 0,
        "self_service": 0
      },
      "elements": [
        {
          "active": true,
          "answers": 8,
          "code": "persyaratan",
          "grade": {
            "label": "Baik",
            "letter": "B"
          },
          "index": 78.13,
          "nrr": 3.125,
          "weighted_nrr": 0.347
        },
        {
          "active": true,
          "answers": 8,
          "code": "prosedur",
          "grade": {
            "label": "Baik",
            "letter": "B"
          },
          "index": 78.13,
          "nrr": 3.125,
          "weighted_nrr": 0.347
        },
        {
          "active": true,
          "answers": 8,
          "code": "waktu",
          "grade": {
            "label": "Baik",
            "letter": "B"
          },
          "index": 78.13,
          "nrr": 3.125,
          "weighted_nrr": 0.347
        },
        {
          "active": true,
          "answers": 8,
          "code": "biaya",
          "grade": {
            "label": "Baik",
            "letter": "B"
          },
          "index": 78.13,
          "nrr": 3.125,
          "weighted_nrr": 0.347
        },
        {
          "active": true,
          "answers": 8,
          "code": "produk",
          "grade": {
            "label": "Baik",
            "letter": "B"
          },
          "index": 78.13,
          "nrr": 3.125,
          "weighted_nrr": 0.347
        },
        {
          "active": true,
          "answers": 8,
          "code": "kompetensi",
          "grade": {
            "label": "Baik",
            "letter": "B"
          },
          "index": 78.13,
          "nrr": 3.125,
          "weighted_nrr": 0.347
        },
        {
          "active": true,
          "answers": 8,
          "code": "perilaku",
          "grade": {
            "label": "Baik",
            "letter": "B"
          },
          "index": 78.13,
          "nrr": 3.125,
          "weighted_nrr": 0.347
        },
        {
          "active": true,
          "answers": 8,
          "code": "sarana",
          "grade": {
            "label": "Baik",
            "letter": "B"
          },
          "index": 78.13,
          "nrr": 3.125,
          "weighted_nrr": 0.347
        },
        {
          "active": true,
          "answers": 8,
          "code": "pengaduan",
          "grade": {
            "label": "Baik",
            "letter": "B"
          },
          "index": 78.13,
          "nrr": 3.125,
          "weighted_nrr": 0.347
        }
      ],
      "exact": "625/8",
      "grade": {
        "label": "Baik",
        "letter": "B"
      },
      "held": 0,
      "ikm": 78.13,
      "profile": {
        "age_group": [
          {
            "code": "under_20",
            "count": null
          },
          {
            "code": "20_29",
            "count": null
          },
          {
            "code": "30_39",
            "count": null
          },
          {
            "code": "40_49",
            "count": null
          },
          {
            "code": "50_59",
            "count": null
          },
          {
            "code": "60_plus",
            "count": null
          },
          {
            "code": "unknown",
            "count": null
          }
        ],
        "education": [
          {
            "code": "tidak_sekolah",
            "count": null
          },
          {
            "code": "sd",
            "count": null
          },
          {
            "code": "smp",
            "count": null
          },
          {
            "code": "sma",
            "count": null
          },
          {
            "code": "d1_d2",
            "count": null
          },
          {
            "code": "d3",
            "count": null
          },
          {
            "code": "d4",
            "count": null
          },
          {
            "code": "s1",
            "count": null
          },
          {
            "code": "s2",
            "count": null
          },
          {
            "code": "s3",
            "count": null
          },
          {
            "code": "unknown",
            "count": null
          }
        ],
        "gender": [
          {
            "code": "laki_laki",
            "count": null
          },
          {
            "code": "perempuan",
            "count": null
          },
          {
            "code": "unknown",
            "count": null
          }
        ],
        "occupation": [
          {
            "code": "pns",
            "count": null
          },
          {
            "code": "tni",
            "count": null
          },
          {
            "code": "polri",
            "count": null
          },
          {
            "code": "swasta",
            "count": null
          },
          {
            "code": "wirausaha",
            "count": null
          },
          {
            "code": "petani_nelayan",
            "count": null
          },
          {
            "code": "ibu_rumah_tangga",
            "count": null
          },
          {
            "code": "pelajar_mahasiswa",
            "count": null
          },
          {
            "code": "tidak_bekerja",
            "count": null
          },
          {
            "code": "lainnya",
            "count": null
          },
          {
            "code": "unknown",
            "count": null
          }
        ]
      },
      "reason": null,
      "reason_text": null,
      "respondents": 8,
      "sample": {
        "population": 10,
        "reached": false,
        "required": 10
      },
      "status": "provisional",
      "survey_id": "[id]",
      "voided": 0
    }
    "#);
    assert_eq!(got.json["respondents"], case["respondents"]);
    assert_eq!(got.json["ikm"], json!(78.13), "{}", case["trap"]);
    let elements = got.json["elements"].as_array().unwrap();
    let order: Vec<_> = elements.iter().map(|e| e["code"].clone()).collect();
    assert_eq!(order, ELEMENTS);
    let iku = s.iku_1().await;
    assert_eq!((&iku["value"], &iku["exact"]), (&json!(78.13), &json!("625/8")));
    assert_eq!(iku["status"], "provisional");
}

#[apply(both_databases)]
async fn the_index_is_provisional_until_the_survey_is_closed_and_over(backend: Backend) {
    let s = Setting::open(backend).await;
    eight_respondents(&s, &vector("K-09")).await;
    let status = async || s.index().await["status"].clone();
    s.change(json!({"status": "closed"})).await;
    assert_eq!(status().await, "provisional");
    s.world.clock.set(instant("2025-07-01T00:00:00+08:00"));
    assert_eq!(status().await, "computed");
    assert_eq!(s.iku_1().await["status"], "computed");
    s.change(json!({"status": "open"})).await;
    assert_eq!(status().await, "provisional");
    s.change(json!({"population": null})).await;
    assert_eq!(s.index().await["sample"], Value::Null);
}

/// Sends the answers of K-09: 225 points in all, as one respondent with 4 for each element and seven with 3.
async fn eight_respondents(s: &Setting, case: &Value) {
    s.nine([4; 9]).await;
    for _ in 0..7 {
        s.nine([3; 9]).await;
    }
    assert_eq!(case["total_score"], 4 * 9 + 7 * 27);
}
