//! The rules of answers, and who may send, read and void them.

use iku::access::Role;
use serde_json::json;
use uuid::Uuid;

use super::{ELEMENTS, Setting, answer, partial, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::PARINGIN;

#[apply(both_databases)]
async fn rejects_answers_to_too_few_active_elements(backend: Backend) {
    let s = Setting::open(backend).await;
    let too_few = async |bodies: Vec<serde_json::Value>| {
        let rows = bodies
            .into_iter()
            .map(|body| (body, 422, "too_few_answers", "#/answers"));
        assert_bodies_refused(&s.phone, "POST", &s.responses, rows).await;
    };
    too_few(vec![partial(4), with("answers", json!({}))]).await;
    // Answers to inactive elements do not count.
    s.change(json!({"inactive_elements": ["persyaratan", "prosedur"]}))
        .await;
    too_few(vec![partial(6)]).await;
    s.phone.post(&s.responses, partial(7)).await.status(201);
    // With fewer than five active elements, all of them need an answer.
    s.change(json!({"inactive_elements": ELEMENTS[..6]})).await;
    too_few(vec![partial(8)]).await;
    s.phone.post(&s.responses, answer(1)).await.status(201);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn rejects_unknown_villages_and_surveys(backend: Backend) {
    let s = Setting::open(backend).await;
    let rows = ["63.11.01.2001", "63.11.06.2999"].map(|village| {
        (
            with("village_code", json!(village)),
            422,
            "unknown_reference",
            "#/village_code",
        )
    });
    assert_bodies_refused(&s.phone, "POST", &s.responses, rows).await;
    for (list, code) in [("gender", "pria"), ("education", "d5"), ("occupation", "nelayan")] {
        let unknown = with("respondent", json!({list: code}));
        let refused = s.phone.post(&s.responses, unknown).await;
        let refused = refused.problem(422, "unknown_reference");
        assert_eq!(refused.pointers(), [format!("#/respondent/{list}")]);
    }
    let refused = s.phone.post(&s.responses, with("service", json!("???"))).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/service"]);
    let nowhere = &format!("/v1/surveys/{}/responses", Uuid::new_v4());
    assert_refused(&[
        (&s.phone, "POST", nowhere, answer(3), 404, "not_found"),
        (&s.kasi, "GET", nowhere, NONE, 404, "not_found"),
    ])
    .await;
    s.check_tallies().await;
}

#[actix_web::test]
async fn rejects_bodies_that_break_the_contract() {
    let s = Setting::open(Backend::Sqlite).await;
    let mut failures = Vec::new();
    for (name, value, pointer) in [
        ("answers", json!({"waktu": 5}), "#/answers/waktu"),
        ("answers", json!({"waktu": 0}), "#/answers/waktu"),
        ("answers", json!({"waktu": 2.5}), "#/answers/waktu"),
        // Skipped is null or absent; nothing else stands for it.
        ("answers", json!({"waktu": ""}), "#/answers/waktu"),
        ("answers", json!({"waktu": "-"}), "#/answers/waktu"),
        ("answers", json!({"waktu": "3"}), "#/answers/waktu"),
        ("answers", json!({"waktu": true}), "#/answers/waktu"),
        ("answers", json!({"u1": 3}), "#/answers/u1"),
        ("answered_at", json!("kemarin"), "#/answered_at"),
        ("service", json!(""), "#/service"),
        ("service", json!("a".repeat(201)), "#/service"),
        ("mode", json!("telepon"), "#/mode"),
        ("respondent", json!({"age": 121}), "#/respondent/age"),
        ("respondent", json!({"age": 0}), "#/respondent/age"),
        ("respondent", json!({"nik": "6311060000000000"}), "#/respondent/nik"),
        ("respondent", json!({"gender": "Pria"}), "#/respondent/gender"),
        ("device_id", json!(Uuid::nil()), "#/device_id"),
        ("comment", json!("a\u{0}b"), "#/comment"),
        ("id", json!("1"), "#/id"),
    ] {
        let reply = s.phone.post(&s.responses, with(name, value.clone())).await;
        let is_refused = reply.unless_problem(400, "invalid_body").is_none();
        if !is_refused || !reply.pointers().contains(&pointer) {
            failures.push(format!("{name} {value}: {:#}", reply.json));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(s.kasi.all(&s.responses).await.is_empty());
}

#[apply(both_databases)]
async fn rejects_other_districts_sections_and_roles(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let made = s.phone.post(&s.responses, answer(3)).await.status(201);
    let (path, list) = (made.header("location"), s.responses.as_str());
    let stranger = s.world.stranger();
    let foreign_phone = s.world.holder(Role::Surveyor, Some("63.11.01"), &[]);
    let pmd = s.world.officer(&["pmd"]);
    let sakip = s.world.holder(Role::Integrator, Some(PARINGIN), &[]);
    let auditor = s.world.holder(Role::Auditor, Some(PARINGIN), &[]);
    assert_refused(&[
        (&stranger, "GET", path, NONE, 404, "not_found"),
        (&stranger, "GET", list, NONE, 404, "not_found"),
        (&stranger, "DELETE", path, NONE, 404, "not_found"),
        (&stranger, "POST", list, answer(3), 404, "not_found"),
        (&foreign_phone, "POST", list, answer(3), 404, "not_found"),
        (&pmd, "POST", list, answer(3), 403, "wrong_section"),
        (&pmd, "DELETE", path, NONE, 403, "wrong_section"),
        (&s.phone, "DELETE", path, NONE, 403, "insufficient_scope"),
        (&s.phone, "GET", path, NONE, 403, "insufficient_scope"),
        (&s.phone, "GET", list, NONE, 403, "insufficient_scope"),
        (&sakip, "GET", list, NONE, 403, "insufficient_scope"),
        (&sakip, "GET", path, NONE, 403, "insufficient_scope"),
        (&auditor, "POST", list, answer(3), 403, "insufficient_scope"),
    ])
    .await;
    auditor.get(path).await.status(200);
    s.world.admin().delete(path, "*").await.status(204);
    s.kasi.delete(path, "*").await.problem(404, "not_found");
}
