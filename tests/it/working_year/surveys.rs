//! The surveys of Seksi Pelayanan dan Kessos.

use iku::core::element::Element;
use serde_json::{Value, json};
use uuid::Uuid;

use super::office::Office;
use crate::support::world::{Client, PARINGIN};

/// A survey of so many answers, of which so many are all fours and the others all threes. Two phones collect them.
pub async fn survey(office: &Office<'_>, days: [&str; 2], answers: usize, all_fours: usize) {
    let id = opened(office, days).await;
    collected(office, &id, days[1], answers, all_fours).await;
    let closed = json!({"status": "closed"});
    let kasi = office.enter("kasi.pelayanan").await;
    kasi.patch(&format!("/v1/surveys/{id}"), "*", closed).await.status(200);
}

/// A survey that stays open at New Year.
pub async fn last_survey(office: &Office<'_>, days: [&str; 2], answers: usize, all_fours: usize) {
    let id = opened(office, days).await;
    collected(office, &id, days[1], answers, all_fours).await;
    office.remember("survey", id);
}

async fn opened(office: &Office<'_>, [starts_on, ends_on]: [&str; 2]) -> String {
    // Sections work side by side; the walk does one after the other.
    let kasi = office.enter("kasi.pelayanan").await;
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM Pelayanan", "section": "pelayanan-kessos", "questionnaire": "skm-9",
        "starts_on": starts_on, "ends_on": ends_on, "population": 250,
    });
    let made = kasi.post("/v1/surveys", survey).await.status(201);
    let open = json!({"status": "open"});
    kasi.patch(made.header("location"), &made.etag(), open)
        .await
        .status(200);
    made.id()
}

async fn collected(office: &Office<'_>, survey: &str, day: &str, answers: usize, all_fours: usize) {
    office.on(day);
    let scores: Vec<u8> = (0..answers).map(|n| if n < all_fours { 4 } else { 3 }).collect();
    let half = answers / 2;
    let [one, other] = office.phones().await;
    for (phone, scores) in [(one, &scores[..half]), (other, &scores[half..])] {
        let sent = send(&phone, survey, day, scores).await;
        assert_eq!(sent["summary"]["created"], scores.len());
    }
}

/// Sends one answer for each score, which is the score of all nine elements.
async fn send(phone: &Client, survey: &str, day: &str, scores: &[u8]) -> Value {
    let item = |score: &u8| {
        let answers = Element::ALL.map(|element| (element.code().to_owned(), json!(score)));
        json!({
            "survey_id": survey, "id": Uuid::new_v4(), "answered_at": format!("{day}T08:30:00+08:00"), "service": "ktp",
            "answers": Value::Object(answers.into_iter().collect()),
        })
    };
    let items: Vec<_> = scores.iter().map(item).collect();
    let batch = json!({"sent_at": format!("{day}T08:45:00+08:00"), "items": items});
    phone.post("/v1/responses/batch", batch).await.status(207).json
}

pub async fn close_the_last_survey(office: &Office<'_>) {
    office.on("2026-01-02");
    let path = format!("/v1/surveys/{}", office.remembered("survey"));
    let closed = json!({"status": "closed"});
    office
        .enter("kasi.pelayanan")
        .await
        .patch(&path, "*", closed)
        .await
        .status(200);
}

/// A phone that had no signal sends the answers of 31 December on 3 January. Returns the index of the survey.
pub async fn late_answers(office: &Office<'_>, count: usize) -> Value {
    office.on("2026-01-03");
    let survey = office.remembered("survey");
    let [phone, _] = office.phones().await;
    let sent = send(&phone, &survey, "2025-12-31", &vec![4; count]).await;
    assert_eq!(sent["summary"]["quarantined"], count);
    let kasi = office.enter("kasi.pelayanan").await;
    kasi.get(&format!("/v1/surveys/{survey}/index")).await.status(200).json["ikm"].clone()
}

/// One decision for all of them.
pub async fn release_the_late_answers(office: &Office<'_>) {
    let survey = office.remembered("survey");
    let decision = json!({"survey_id": survey, "decision": "released", "reason": "Sinyal kembali"});
    office
        .post("kasi.pelayanan", "/v1/held-responses/decisions", decision)
        .await;
    let kasi = office.enter("kasi.pelayanan").await;
    let index = kasi.get(&format!("/v1/surveys/{survey}/index")).await.status(200).json;
    assert_eq!((&index["ikm"], &index["respondents"]), (&json!(83.69), &json!(210)));
}
