//! Cases that offices reported: skipped questions, elements switched off, small groups, forms of paper.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{ELEMENTS, Setting, element};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::instant;

fn all(score: i64, except: &[&str]) -> Value {
    let asked = ELEMENTS.into_iter().filter(|element| !except.contains(element));
    asked.map(|element| (element.to_owned(), json!(score))).collect()
}

/// A skipped question lowers the number of its element, and is no 0.
#[apply(both_databases)]
async fn a_skipped_question_is_not_counted_as_zero(backend: Backend) {
    let mut s = Setting::open(backend).await;
    s.answer(all(4, &[]), json!(null)).await;
    for _ in 0..2 {
        s.answer(all(2, &["waktu"]), json!(null)).await;
    }
    let index = s.index().await;
    assert_eq!(
        (&index["ikm"], &element(&index, "waktu")["answers"]),
        (&json!(70.37), &json!(1))
    );

    // A program that divides by the respondents would say 95.56.
    s.open_next_survey().await;
    for person in 0..10 {
        let skipped: &[&str] = if person < 4 { &["biaya"] } else { &[] };
        s.answer(all(4, skipped), json!(null)).await;
    }
    assert_eq!(s.index().await["ikm"], 100);
}

#[apply(both_databases)]
async fn an_element_that_is_switched_off_later_changes_the_index_from_then_on(backend: Backend) {
    let s = Setting::open(backend).await;
    for _ in 0..10 {
        let mut answers = all(3, &[]);
        answers["biaya"] = json!(4);
        s.answer(answers, json!(null)).await;
    }
    assert_eq!(s.index().await["ikm"], 77.78);
    s.world.clock.set(instant("2025-03-15T12:00:00+08:00"));
    s.change(json!({"inactive_elements": ["biaya"]})).await;
    assert_eq!(s.index().await["ikm"], 75);
    assert_eq!(s.index_at("2025-03-14T12:00:00Z").await["ikm"], 77.78);
}

/// 97 men and 3 women: the 3 must not follow from 100 - 97. And 100 forms of paper of a year ago are 100 answers without flags.
#[apply(both_databases)]
async fn a_small_group_does_not_follow_from_the_others(backend: Backend) {
    let s = Setting::open(backend).await;
    let form = |person: usize| {
        let gender = if person < 3 { "perempuan" } else { "laki_laki" };
        json!({
            "survey_id": s.survey.rsplit('/').next().unwrap(), "id": Uuid::new_v4(), "answers": all(3, &[]),
            "answered_at": "2023-05-02T00:00:00+08:00", "service": "KTP", "mode": "paper",
            "respondent": {"gender": gender},
        })
    };
    let forms: Vec<Value> = (0..100).map(form).collect();
    let body = json!({"sent_at": s.world.clock.now(), "items": forms});
    let sent = s.kasi.post("/v1/responses/batch", body).await.status(207).json;
    assert_eq!(sent["summary"]["created"], 100);
    assert!(
        s.kasi
            .all(&format!("{}/responses?flagged=true", s.survey))
            .await
            .is_empty()
    );
    let index = s.index().await;
    assert_eq!((&index["respondents"], &index["ikm"]), (&json!(100), &json!(75)));
    let gender = index["profile"]["gender"].as_array().unwrap();
    assert!(gender.iter().all(|cell| cell["count"].is_null()), "{gender:?}");
    let service = s
        .kasi
        .all(&format!("{}/responses?service=ktp&limit=100", s.survey))
        .await;
    assert_eq!(service.len(), 100);
}

/// An officer enters 5,000 forms of 2023 in ten batches: 134,725 points of 45,000 answers are exactly 5389/72.
#[apply(both_databases)]
async fn five_thousand_forms_of_paper_of_a_past_year_are_counted_exactly(backend: Backend) {
    let mut s = Setting::open(backend).await;
    let survey = json!({
        "district_code": "63.11.06", "title": "SKM 2023 dari kertas", "section": "pelayanan-kessos",
        "starts_on": "2023-03-06", "ends_on": "2023-06-23",
    });
    let made = s.kasi.post("/v1/surveys", survey).await.status(201);
    s.survey = made.header("location").to_owned();
    s.change(json!({"status": "open"})).await;
    let dissatisfied = {
        let mut answers = all(3, &[]);
        answers["waktu"] = json!(2);
        answers
    };
    let form = |person: usize| {
        let answers = if person < 275 { &dissatisfied } else { &all(3, &[]) };
        json!({
            "survey_id": made.id(), "id": Uuid::new_v4(), "answers": answers, "answered_at": "2023-05-02T00:00:00+08:00",
            "mode": "paper",
        })
    };
    for sheet in 0..10 {
        let forms: Vec<Value> = (0..500).map(|n| form(500 * sheet + n)).collect();
        let body = json!({"sent_at": s.world.clock.now(), "items": forms});
        let sent = s.kasi.post("/v1/responses/batch", body).await.status(207).json;
        assert_eq!(sent["summary"]["created"], 500);
    }
    s.change(json!({"status": "closed"})).await;
    let index = s.index().await;
    assert_eq!(
        (&index["respondents"], &index["ikm"], &index["exact"]),
        (&json!(5000), &json!(74.85), &json!("5389/72"))
    );
    let flagged = format!("{}/responses?flagged=true", s.survey);
    assert_eq!(s.kasi.all(&flagged).await.len(), 0);
    let of_2023 = "/v1/indicators/paringin-iku-1/realisations/2023";
    let value = s.kasi.get(of_2023).await.status(200).json;
    assert_eq!((&value["value"], &value["exact"]), (&json!(74.85), &json!("5389/72")));
    // In 2023 nobody knew of them.
    let then = s
        .kasi
        .get(&format!("{of_2023}?as_of=2023-12-31T15:59:59Z"))
        .await
        .status(200)
        .json;
    assert_eq!((&then["value"], &then["reason"]), (&json!(null), &json!("no_survey")));
}
