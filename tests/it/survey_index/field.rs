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
