//! Answers that are sent one at a time: stored once, voided, and listed.

use serde_json::json;
use uuid::Uuid;

use super::{Setting, answer, open_survey, partial, survey_of, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::{BALANG, PARINGIN, instant};

#[apply(both_databases)]
async fn get_returns_the_answer_without_its_sender(backend: Backend) {
    let s = Setting::open(backend).await;
    let mut full = answer(4);
    full["village_code"] = json!(BALANG);
    full["respondent"] = json!({"gender": "perempuan", "age": 34, "education": "sma", "occupation": "wirausaha"});
    full["comment"] = json!("Pelayanan cepat");
    let made = s.phone.post(&s.responses, full.clone()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("{}/{}", s.responses, made.id()));
    let got = s.kasi.get(&path).await.status(200);
    assert_body!(got, @r#"
    {
      "answered_at": "[instant]",
      "answers": {
        "biaya": 4,
        "kompetensi": 4,
        "pengaduan": 4,
        "perilaku": 4,
        "persyaratan": 4,
        "produk": 4,
        "prosedur": 4,
        "sarana": 4,
        "waktu": 4
      },
      "clock_implausible": false,
      "comment": "Pelayanan cepat",
      "flags": [],
      "id": "[id]",
      "mode": "device",
      "received_at": "[instant]",
      "respondent": {
        "age": 34,
        "education": "sma",
        "gender": "perempuan",
        "occupation": "wirausaha"
      },
      "service": "ktp",
      "survey_id": "[id]",
      "village_code": "63.11.06.2005",
      "void": null
    }
    "#);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    s.kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);
    assert_eq!(made.json["survey_id"], json!(s.id()));
    assert_eq!(made.json["answered_at"], "2025-03-14T02:15:00Z");

    let bare = s.kasi.post(&s.responses, partial(5)).await.status(201);
    assert_eq!(bare.json["answers"].as_object().unwrap().len(), 5);
    assert_eq!(bare.json["respondent"], json!(null));
    assert_eq!(s.kasi.all(&s.responses).await.len(), 2);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn delete_voids_the_answer(backend: Backend) {
    let s = Setting::open(backend).await;
    let made = s.phone.post(&s.responses, answer(4)).await.status(201);
    let path = made.header("location").to_owned();
    s.phone.post(&s.responses, answer(3)).await.status(201);
    s.kasi.delete(&path, "\"0\"").await.problem(412, "precondition_failed");
    s.kasi.delete(&path, &made.etag()).await.status(204);
    s.kasi.get(&path).await.problem(404, "not_found");
    s.kasi.delete(&path, &made.etag()).await.problem(404, "not_found");
    assert_eq!(s.kasi.all(&s.responses).await.len(), 1);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn repeated_post_returns_the_answer_also_after_closing_and_voiding(backend: Backend) {
    let s = Setting::draft(backend).await;
    let id = Uuid::new_v4();
    let first = with("id", json!(id));
    let send = async || s.phone.post(&s.responses, first.clone()).await;
    send().await.problem(409, "survey_not_open");
    s.change(json!({"status": "open"})).await;
    let made = send().await.status(201);

    // The same content in another notation.
    let mut again = first.clone();
    again["answered_at"] = json!("2025-03-14T02:15:00Z");
    again["comment"] = json!(null);
    again["respondent"] = json!({"gender": null});
    assert_eq!(s.phone.post(&s.responses, again).await.status(200).json, made.json);
    let mut other = first.clone();
    other["answers"]["waktu"] = json!(4);
    let conflict = s.phone.post(&s.responses, other.clone()).await;
    let conflict = conflict.problem(409, "id_conflict");
    assert_eq!(conflict.pointers(), ["#/id"]);

    // The survey is closed: it refuses new answers and accepts known answers.
    s.change(json!({"status": "closed"})).await;
    let new = s.phone.post(&s.responses, answer(3)).await;
    new.problem(409, "survey_not_open");
    assert_eq!(send().await.status(200).json, made.json);
    let conflict = s.phone.post(&s.responses, other).await;
    conflict.problem(409, "id_conflict");
    // Voided: a retry is accepted and does not bring the answer back.
    let path = format!("{}/{id}", s.responses);
    s.kasi.delete(&path, &made.etag()).await.status(204);
    send().await.status(200);
    s.change(json!({"status": "open"})).await;
    send().await.status(200);
    assert!(s.kasi.all(&s.responses).await.is_empty());
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn an_id_is_taken_in_every_survey_and_district(backend: Backend) {
    let s = Setting::open(backend).await;
    let id = Uuid::new_v4();
    let first = with("id", json!(id));
    s.phone.post(&s.responses, first.clone()).await.status(201);
    let second = open_survey(&s.kasi, survey_of(PARINGIN)).await;
    let in_second = s.phone.post(&format!("{second}/responses"), first.clone()).await;
    in_second.problem(409, "id_conflict");
    let elsewhere = s.kasi.get(&format!("{second}/responses/{id}")).await;
    elsewhere.problem(404, "not_found");

    s.world.load_regency().await;
    let stranger = s.world.stranger();
    let foreign = open_survey(&stranger, survey_of("63.11.01")).await;
    let in_foreign = stranger.post(&format!("{foreign}/responses"), first).await;
    in_foreign.problem(409, "id_conflict");
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn an_answer_with_an_implausible_clock_is_stored_and_flagged(backend: Backend) {
    // Received on 14 March 2025 at 12:00 WITA; the survey starts on 1 March.
    let s = Setting::open(backend).await;
    for (answered_at, implausible) in [
        ("2025-03-14T12:09:00+08:00", false),
        ("2025-03-14T12:11:00+08:00", true),
        ("2025-02-28T00:00:00+08:00", false),
        ("2025-02-27T23:59:00+08:00", true),
        ("1970-01-01T00:00:00Z", true),
        ("0000-01-01T00:00:00+08:00", true),
        ("9999-12-31T23:59:59.999999999-08:00", true),
        ("2016-12-31T23:59:60Z", true),
    ] {
        let made = s
            .phone
            .post(&s.responses, with("answered_at", json!(answered_at)))
            .await;
        let made = made.status(201);
        assert_eq!(made.json["clock_implausible"], implausible, "{answered_at}");
        let got = s.kasi.get(made.header("location")).await.status(200);
        assert_eq!(got.json, made.json);
    }
    s.change(json!({"starts_on": "2020-01-01"})).await;
    let old = with("answered_at", json!("2024-02-01T00:00:00+08:00"));
    let old = s.phone.post(&s.responses, old).await.status(201);
    assert_eq!(old.json["clock_implausible"], true, "older than 400 days");
    let flagged = s.kasi.all(&format!("{}?clock_implausible=true", s.responses)).await;
    assert_eq!(flagged.len(), 7);
}

#[apply(both_databases)]
async fn a_walk_shows_the_answers_as_they_were(backend: Backend) {
    let s = Setting::open(backend).await;
    for i in 0..7 {
        let service = if i % 2 == 0 { "ktp" } else { "kk" };
        s.phone
            .post(&s.responses, with("service", json!(service)))
            .await
            .status(201);
    }
    let first = s
        .kasi
        .get(&format!("{}?limit=3&count=true", s.responses))
        .await
        .status(200);
    assert_eq!(first.json["total"], 7);
    // Send an answer, and void one of the last page, between the first page and the second.
    s.phone.post(&s.responses, answer(3)).await.status(201);
    let all = s.kasi.all(&s.responses).await;
    assert_eq!(all.len(), 8);
    let received: Vec<_> = all
        .iter()
        .map(|a| instant(a["received_at"].as_str().unwrap()))
        .collect();
    assert!(received.is_sorted_by(|a, b| a > b), "the newest first");
    let last = format!("{}/{}", s.responses, all[7]["id"].as_str().unwrap());
    s.kasi.delete(&last, "*").await.status(204);
    let seen = s.kasi.rest(&format!("{}?limit=3", s.responses), &first).await;
    assert_eq!(seen, all[1..], "the pages show the state at the first page");
    assert_eq!(
        s.kasi.all(&format!("{}?service=kk&limit=2", s.responses)).await.len(),
        3
    );
    s.check_tallies().await;
}
