//! One answer at a time.

use iku::access::Role;
use serde_json::json;
use uuid::Uuid;

use super::{ELEMENTS, Setting, answer, partial, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, instant};

#[apply(both_databases)]
async fn an_answer_lives(backend: Backend) {
    let s = Setting::open(backend).await;
    let mut full = answer(4);
    full["village_code"] = json!(BALANG);
    full["respondent"] = json!({"gender": "perempuan", "age": 34, "education": "sma", "occupation": "wirausaha"});
    full["comment"] = json!("Pelayanan cepat");
    let made = s.phone.post(&s.responses, full.clone()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("{}/{}", s.responses, made.id()));
    assert_eq!(made.json["survey_id"], json!(s.id()));
    for member in ["answers", "respondent", "comment", "village_code", "service"] {
        assert_eq!(made.json[member], full[member]);
    }
    assert_eq!(made.json["answered_at"], "2025-03-14T02:15:00Z");
    assert_eq!(made.json["clock_implausible"], false);
    let members: Vec<_> = made.json.as_object().unwrap().keys().collect();
    assert!(
        !members
            .iter()
            .any(|m| m.contains("device") || m.contains("recorded_by"))
    );

    let got = s.kasi.get(&path).await.status(200);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    s.kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);
    let bare = s.kasi.post(&s.responses, partial(5)).await.status(201);
    assert_eq!(bare.json["answers"].as_object().unwrap().len(), 5);
    assert_eq!(bare.json["respondent"], json!(null));
    assert_eq!(s.kasi.all(&s.responses).await.len(), 2);

    s.kasi.delete(&path, "\"0\"").await.problem(412, "precondition_failed");
    s.kasi.delete(&path, &got.etag()).await.status(204);
    s.kasi.get(&path).await.problem(404, "not_found");
    s.kasi.delete(&path, &got.etag()).await.problem(404, "not_found");
    assert_eq!(s.kasi.all(&s.responses).await.len(), 1);
    s.must_add_up().await;
}

#[apply(both_databases)]
async fn identity_comes_before_status(backend: Backend) {
    let s = Setting::draft(backend).await;
    let id = Uuid::new_v4();
    let mut first = answer(3);
    first["id"] = json!(id);
    s.phone
        .post(&s.responses, first.clone())
        .await
        .problem(409, "survey_not_open");
    s.change(json!({"status": "open"})).await;
    let made = s.phone.post(&s.responses, first.clone()).await.status(201);

    // The same content in other clothes.
    let mut again = first.clone();
    again["answered_at"] = json!("2025-03-14T02:15:00Z");
    again["comment"] = json!(null);
    again["respondent"] = json!({"gender": null});
    assert_eq!(
        s.phone.post(&s.responses, again.clone()).await.status(200).json,
        made.json
    );
    let mut other = first.clone();
    other["answers"]["waktu"] = json!(4);
    let conflict = s
        .phone
        .post(&s.responses, other.clone())
        .await
        .problem(409, "id_conflict");
    assert_eq!(conflict.pointers(), ["#/id"]);
    assert_eq!(conflict.json["errors"].as_array().unwrap().len(), 1);

    // Closed or voided: the same answer is still the same answer.
    s.change(json!({"status": "closed"})).await;
    s.phone
        .post(&s.responses, answer(3))
        .await
        .problem(409, "survey_not_open");
    assert_eq!(
        s.phone.post(&s.responses, first.clone()).await.status(200).json,
        made.json
    );
    s.phone.post(&s.responses, other).await.problem(409, "id_conflict");
    s.kasi
        .delete(&format!("{}/{id}", s.responses), &made.etag())
        .await
        .status(204);
    s.phone.post(&s.responses, first.clone()).await.status(200);
    s.change(json!({"status": "open"})).await;
    s.phone.post(&s.responses, first.clone()).await.status(200);
    assert!(
        s.kasi.all(&s.responses).await.is_empty(),
        "a retry does not bring it back"
    );

    // Another survey's answer, and another district's.
    let second = json!({
        "district_code": PARINGIN, "title": "SKM 2", "section": "pelayanan-kessos",
        "starts_on": "2025-03-01", "ends_on": "2025-06-30",
    });
    let second = s.kasi.post("/v1/surveys", second).await.status(201);
    let second = second.header("location").to_owned();
    s.kasi.patch(&second, "*", json!({"status": "open"})).await.status(200);
    s.phone
        .post(&format!("{second}/responses"), first.clone())
        .await
        .problem(409, "id_conflict");
    s.kasi
        .get(&format!("{second}/responses/{id}"))
        .await
        .problem(404, "not_found");
    s.world.load_regency().await;
    let stranger = s.world.stranger();
    let foreign = json!({
        "district_code": "63.11.01", "title": "SKM", "section": "pelayanan-kessos",
        "starts_on": "2025-03-01", "ends_on": "2025-06-30",
    });
    let foreign = stranger
        .post("/v1/surveys", foreign)
        .await
        .status(201)
        .header("location")
        .to_owned();
    stranger
        .patch(&foreign, "*", json!({"status": "open"}))
        .await
        .status(200);
    stranger
        .post(&format!("{foreign}/responses"), first)
        .await
        .problem(409, "id_conflict");
    s.must_add_up().await;
}

#[apply(both_databases)]
async fn what_cannot_be_is_refused(backend: Backend) {
    let s = Setting::open(backend).await;
    let few = s
        .phone
        .post(&s.responses, partial(4))
        .await
        .problem(422, "too_few_answers");
    assert_eq!(few.pointers(), ["#/answers"]);
    s.phone
        .post(&s.responses, with("answers", json!({})))
        .await
        .problem(422, "too_few_answers");
    for village in ["63.11.01.2001", "63.11.06.2999"] {
        let refused = s.phone.post(&s.responses, with("village_code", json!(village))).await;
        assert_eq!(refused.problem(422, "unknown_reference").pointers(), ["#/village_code"]);
    }
    // Answers to inactive elements do not help; with fewer than five active ones all of them are needed.
    s.change(json!({"inactive_elements": ["persyaratan", "prosedur"]}))
        .await;
    s.phone
        .post(&s.responses, partial(6))
        .await
        .problem(422, "too_few_answers");
    s.phone.post(&s.responses, partial(7)).await.status(201);
    s.change(json!({"inactive_elements": ELEMENTS[..6]})).await;
    s.phone
        .post(&s.responses, partial(8))
        .await
        .problem(422, "too_few_answers");
    s.phone.post(&s.responses, answer(1)).await.status(201);

    for (name, value, pointer) in [
        ("answers", json!({"waktu": 5}), "#/answers/waktu"),
        ("answers", json!({"waktu": 0}), "#/answers/waktu"),
        ("answers", json!({"waktu": 2.5}), "#/answers/waktu"),
        ("answers", json!({"u1": 3}), "#/answers/u1"),
        ("answered_at", json!("kemarin"), "#/answered_at"),
        ("service", json!("KTP"), "#/service"),
        ("service", json!("a".repeat(41)), "#/service"),
        ("respondent", json!({"age": 121}), "#/respondent/age"),
        ("respondent", json!({"age": 0}), "#/respondent/age"),
        ("respondent", json!({"nik": "6311060000000000"}), "#/respondent/nik"),
        ("respondent", json!({"gender": "pria"}), "#/respondent/gender"),
        ("device_id", json!(Uuid::nil()), "#/device_id"),
        ("comment", json!("a\u{0}b"), "#/comment"),
        ("id", json!("1"), "#/id"),
    ] {
        let refused = s.phone.post(&s.responses, with(name, value.clone())).await;
        let refused = refused.problem(400, "invalid_body");
        let pointers = refused.pointers();
        assert!(pointers.contains(&pointer), "{name} {value}: {pointers:?}");
    }
    let nowhere = format!("/v1/surveys/{}/responses", Uuid::new_v4());
    s.phone.post(&nowhere, answer(3)).await.problem(404, "not_found");
    s.kasi.get(&nowhere).await.problem(404, "not_found");
    s.must_add_up().await;
}

#[apply(both_databases)]
async fn a_wrong_clock_never_loses_an_answer(backend: Backend) {
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
async fn other_districts_sections_and_phones(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let made = s.phone.post(&s.responses, answer(3)).await.status(201);
    let path = made.header("location").to_owned();
    let stranger = s.world.stranger();
    stranger.get(&path).await.problem(404, "not_found");
    stranger.get(&s.responses).await.problem(404, "not_found");
    stranger.delete(&path, "*").await.problem(404, "not_found");
    stranger.post(&s.responses, answer(3)).await.problem(404, "not_found");
    let foreign_phone = s.world.holder(Role::Surveyor, Some("63.11.01"), &[]);
    foreign_phone
        .post(&s.responses, answer(3))
        .await
        .problem(404, "not_found");

    let other = s.world.officer(&["pmd"]);
    other.post(&s.responses, answer(3)).await.problem(403, "wrong_section");
    other.delete(&path, "*").await.problem(403, "wrong_section");
    s.phone.delete(&path, "*").await.problem(403, "insufficient_scope");
    s.phone.get(&path).await.problem(403, "insufficient_scope");
    s.phone.get(&s.responses).await.problem(403, "insufficient_scope");
    let sakip = s.world.holder(Role::Integrator, Some(PARINGIN), &[]);
    sakip.get(&s.responses).await.problem(403, "insufficient_scope");
    sakip.get(&path).await.problem(403, "insufficient_scope");
    let auditor = s.world.holder(Role::Auditor, Some(PARINGIN), &[]);
    auditor.get(&path).await.status(200);
    auditor
        .post(&s.responses, answer(3))
        .await
        .problem(403, "insufficient_scope");
    s.world.admin().delete(&path, "*").await.status(204);
    s.kasi.delete(&path, "*").await.problem(404, "not_found");
}

#[apply(both_databases)]
async fn a_walk_through_the_pages_gives_each_answer_once(backend: Backend) {
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
    // Meanwhile one more comes in, and one that is still to be shown is voided.
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
    let mut seen = first.json["items"].as_array().unwrap().clone();
    let mut cursor = first.json["next_cursor"].as_str().map(str::to_owned);
    while let Some(c) = cursor {
        let page = s
            .kasi
            .get(&format!("{}?limit=3&cursor={c}", s.responses))
            .await
            .status(200)
            .json;
        seen.extend(page["items"].as_array().unwrap().iter().cloned());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, all[1..], "as it was when the walk began");
    assert_eq!(
        s.kasi.all(&format!("{}?service=kk&limit=2", s.responses)).await.len(),
        3
    );
    s.must_add_up().await;
}
