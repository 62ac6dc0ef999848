//! Voided answers: who, when and why is shown to those who may read answers, and a void can be taken back.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Setting, answer, decide, open_survey, survey_of};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{Client, PARINGIN, Reply, instant};

fn because(reason: &str) -> Value {
    json!({"reason": reason})
}

async fn index(s: &Setting, as_of: Option<&str>) -> (Value, Value, Value, Value) {
    let query = as_of.map_or(String::new(), |t| format!("?as_of={t}"));
    let index = s.kasi.get(&format!("{}/index{query}", s.survey)).await.status(200).json;
    let member = |name: &str| index[name].clone();
    (member("respondents"), member("voided"), member("held"), member("ikm"))
}

fn numbers(respondents: i64, voided: i64, held: i64, ikm: Value) -> (Value, Value, Value, Value) {
    (json!(respondents), json!(voided), json!(held), ikm)
}

async fn restored(actor: &Client, path: &str) -> Reply {
    actor
        .post(&format!("{path}/restorations"), because("Ternyata benar"))
        .await
}

fn signed(at: &str, reason: &str) -> Value {
    json!({"at": at, "by": "test.officer", "reason": reason})
}

/// The spans of an answer, as those read them who may read answers.
async fn spans(s: &Setting, path: &str) -> Vec<Value> {
    let auditor = s.world.holder(Role::Auditor, Some(PARINGIN), &[]);
    auditor.all(&format!("{path}/versions")).await
}

/// Ten answers, of which an officer strikes out the four lowest: 70.00 becomes 100.00, and the Inspektorat sees why.
#[apply(both_databases)]
async fn what_is_struck_out_is_visible_and_can_be_taken_back(backend: Backend) {
    let s = Setting::open(backend).await;
    let at = |time: &str| s.world.clock.set(instant(&format!("2025-03-14T{time}:00+08:00")));
    let mut low = Vec::new();
    for score in [4, 4, 4, 4, 4, 4, 1, 1, 1, 1] {
        let made = s.phone.post(&s.responses, answer(score)).await.status(201);
        if score == 1 {
            low.push(made);
        }
    }
    assert_eq!(index(&s, None).await, numbers(10, 0, 0, json!(70)));
    at("13:00");
    for made in &low {
        let path = format!("{}?reason=tidak+valid", made.header("location"));
        let deleted = s
            .kasi
            .with("if-match", &made.etag())
            .send("DELETE", &path, "", vec![])
            .await;
        deleted.status(204);
    }
    assert_eq!(index(&s, None).await, numbers(6, 4, 0, json!(100)));

    for role in [Role::Auditor, Role::Head, Role::Officer] {
        let reader = s.world.holder(role, Some(PARINGIN), &[]);
        let voided = reader.all(&format!("{}?state=voided&limit=3", s.responses)).await;
        let ids: Vec<&Value> = voided.iter().map(|a| &a["id"]).collect();
        let newest_first: Vec<&Value> = low.iter().rev().map(|made| &made.json["id"]).collect();
        assert_eq!(ids, newest_first);
        let void = &voided[0]["void"];
        assert_eq!(
            (&void["by"], &void["reason"]),
            (&json!("test.officer"), &json!("tidak valid"))
        );
        assert!(void["at"].as_str().unwrap().starts_with("2025-03-14T05:00:00"));
        let path = low[0].header("location");
        reader.get(path).await.problem(404, "not_found");
        let one = reader.get(&format!("{path}?state=voided")).await.status(200);
        assert_eq!(one.json, voided[3]);
        assert_ne!(one.etag(), low[0].etag());
        assert_eq!(reader.all(&s.responses).await.len(), 6);
    }

    at("14:00");
    let path = low[0].header("location");
    let back = restored(&s.kasi, path).await.status(200);
    assert_eq!(
        (&back.json["void"], &back.json["answers"]),
        (&json!(null), &low[0].json["answers"])
    );
    assert_eq!(back.etag(), s.kasi.get(path).await.status(200).etag());
    assert!(![low[0].etag(), low[1].etag()].contains(&back.etag()));
    assert_eq!(index(&s, None).await, numbers(7, 3, 0, json!(89.29)));
    s.kasi
        .get(&format!("{path}?state=voided"))
        .await
        .problem(404, "not_found");
    restored(&s.kasi, path).await.problem(409, "not_deleted");
    // The strike-out and who took it back can be read, and the answer can be found.
    let first = json!({
        "counted_from": low[0].json["received_at"], "counted_until": "2025-03-14T05:00:00Z",
        "void": signed("2025-03-14T05:00:00Z", "tidak valid"),
        "restored": signed("2025-03-14T06:00:00Z", "Ternyata benar"),
    });
    let second = json!({"counted_from": "2025-03-14T06:00:00Z", "counted_until": null, "void": null, "restored": null});
    assert_eq!(spans(&s, path).await, [first.clone(), second]);
    let untouched = spans(&s, low[1].header("location")).await;
    assert_eq!((untouched.len(), &untouched[0]["restored"]), (1, &json!(null)));
    assert_eq!(untouched[0]["void"]["reason"], "tidak valid");
    let auditor = s.world.holder(Role::Auditor, Some(PARINGIN), &[]);
    for (query, count) in [
        ("restored=true", 1),
        ("restored=false", 6),
        ("restored=true&state=voided", 0),
        ("restored=false&state=voided", 3),
    ] {
        let found = auditor.all(&format!("{}?{query}", s.responses)).await;
        assert_eq!(found.len(), count, "{query}");
        assert!(count != 1 || found[0]["id"] == low[0].json["id"], "{query}");
    }
    // What was known before stays: ten answers, then six.
    assert_eq!(
        index(&s, Some("2025-03-14T04:30:00Z")).await,
        numbers(10, 0, 0, json!(70))
    );
    assert_eq!(
        index(&s, Some("2025-03-14T05:30:00Z")).await,
        numbers(6, 4, 0, json!(100))
    );
    s.check_tallies().await;

    // Voided again, with the new tag.
    at("15:00");
    s.kasi
        .delete(path, &low[0].etag())
        .await
        .problem(412, "precondition_failed");
    s.kasi.delete(path, &back.etag()).await.status(204);
    let second = json!({
        "counted_from": "2025-03-14T06:00:00Z", "counted_until": "2025-03-14T07:00:00Z",
        "void": signed("2025-03-14T07:00:00Z", "uji"), "restored": null,
    });
    assert_eq!(spans(&s, path).await, [first, second]);
    let again = auditor
        .all(&format!("{}?restored=true&state=voided", s.responses))
        .await;
    assert_eq!((again.len(), &again[0]["id"]), (1, &low[0].json["id"]));
    assert_eq!(index(&s, None).await, numbers(6, 4, 0, json!(100)));
    assert_eq!(
        index(&s, Some("2025-03-14T06:30:00Z")).await,
        numbers(7, 3, 0, json!(89.29))
    );
    assert_eq!(
        index(&s, Some("2025-03-14T05:30:00Z")).await,
        numbers(6, 4, 0, json!(100))
    );
    assert_eq!(
        index(&s, Some("2025-03-14T04:30:00Z")).await,
        numbers(10, 0, 0, json!(70))
    );
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn the_index_says_how_many_answers_are_held(backend: Backend) {
    let s = Setting::open(backend).await;
    let items = [s.item(4), s.item(2), s.item(2)];
    s.batch(&s.phone, &items[..1]).await;
    s.change(json!({"status": "closed"})).await;
    s.world.clock.set(instant("2025-03-14T13:00:00+08:00"));
    s.batch(&s.phone, &items[1..]).await;
    assert_eq!(index(&s, None).await, numbers(1, 0, 2, json!(100)));
    s.world.clock.set(instant("2025-03-14T14:00:00+08:00"));
    let newest = s.newest().await;
    decide(&s.kasi, &newest, "release").await.status(200);
    assert_eq!(index(&s, None).await, numbers(2, 0, 1, json!(75)));
    assert_eq!(
        index(&s, Some("2025-03-14T05:30:00Z")).await,
        numbers(1, 0, 2, json!(100))
    );
    assert_eq!(
        index(&s, Some("2025-03-14T04:30:00Z")).await,
        numbers(1, 0, 0, json!(100))
    );
}

#[apply(both_databases)]
async fn a_void_of_many_answers_is_restored_together(backend: Backend) {
    let s = Setting::open(backend).await;
    let device = Uuid::new_v4();
    let items: Vec<Value> = (0..5).map(|_| s.item(1)).collect();
    s.batch(&s.world.phone(device), &items).await;
    let other = s.kasi.post(&s.responses, answer(4)).await.status(201);
    // One answer is voided before, one is restored before: neither belongs to the void any more.
    let one = |n: usize| format!("{}/{}", s.responses, items[n]["id"].as_str().unwrap());
    s.kasi.delete(&one(0), "*").await.status(204);
    let body = json!({"client_id": device, "reason": "Ponsel hilang"});
    let void = s.kasi.post("/v1/responses/voids", body).await.status(201);
    assert_eq!(
        (&void.json["answers"], &void.json["restored_at"]),
        (&json!(4), &json!(null))
    );
    assert_eq!(index(&s, None).await, numbers(1, 5, 0, json!(100)));
    restored(&s.kasi, &one(1)).await.status(200);
    assert_eq!(index(&s, None).await, numbers(2, 4, 0, json!(62.5)));

    let path = void.header("location").to_owned();
    assert_refused(&[
        (
            &s.phone,
            "POST",
            &format!("{path}/restorations"),
            because("x"),
            403,
            "insufficient_scope",
        ),
        (
            &s.world.officer(&["pmd"]),
            "POST",
            &format!("{path}/restorations"),
            because("x"),
            403,
            "wrong_section",
        ),
        (
            &s.world.stranger(),
            "POST",
            &format!("{path}/restorations"),
            because("x"),
            404,
            "not_found",
        ),
    ])
    .await;
    let back = restored(&s.kasi, &path).await.status(200);
    assert_eq!(back.json["restored_answers"], 3);
    assert_eq!(
        (&back.json["restored_by"], &back.json["restore_reason"]),
        (&json!("test.officer"), &json!("Ternyata benar"))
    );
    assert_eq!(back.json, s.kasi.get(&path).await.status(200).json);
    assert_ne!(back.etag(), void.etag());
    assert_eq!(index(&s, None).await, numbers(5, 1, 0, json!(40)));
    restored(&s.kasi, &path).await.problem(409, "not_deleted");
    let voided = s.kasi.all(&format!("{}?state=voided", s.responses)).await;
    assert_eq!(voided.len(), 1);
    s.kasi.get(other.header("location")).await.status(200);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn only_officers_of_the_section_restore(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let made = s.phone.post(&s.responses, answer(3)).await.status(201);
    let path = format!("{}/restorations", made.header("location"));
    let nowhere = format!("{}/{}/restorations", s.responses, Uuid::new_v4());
    let elsewhere = open_survey(&s.kasi, survey_of(PARINGIN)).await;
    let elsewhere = format!("{elsewhere}/responses/{}/restorations", made.id());
    let body = || because("Salah batal");
    assert_refused(&[
        (&s.kasi, "POST", &path, body(), 409, "not_deleted"),
        (&s.kasi, "POST", &path, json!({}), 400, "invalid_body"),
        (&s.kasi, "POST", &nowhere, body(), 404, "not_found"),
        (&s.kasi, "POST", &elsewhere, body(), 404, "not_found"),
        (&s.world.stranger(), "POST", &path, body(), 404, "not_found"),
        (&s.world.officer(&["pmd"]), "POST", &path, body(), 403, "wrong_section"),
        (&s.phone, "POST", &path, body(), 403, "insufficient_scope"),
        (
            &s.world.holder(Role::Auditor, Some(PARINGIN), &[]),
            "POST",
            &path,
            body(),
            403,
            "insufficient_scope",
        ),
        (
            &s.phone,
            "GET",
            &format!("{}?state=voided", s.responses),
            NONE,
            403,
            "insufficient_scope",
        ),
    ])
    .await;
    let of = |path: &str| path.replace("restorations", "versions");
    assert_refused(&[
        (&s.kasi, "GET", &of(&nowhere), NONE, 404, "not_found"),
        (&s.kasi, "GET", &of(&elsewhere), NONE, 404, "not_found"),
        (&s.world.stranger(), "GET", &of(&path), NONE, 404, "not_found"),
        (&s.phone, "GET", &of(&path), NONE, 403, "insufficient_scope"),
    ])
    .await;
}

/// A page of spans is a page, however many there are, and shows them as at the first page.
#[apply(both_databases)]
async fn the_spans_of_an_answer_are_paged_as_at_the_first_page(backend: Backend) {
    let s = Setting::open(backend).await;
    let made = s.phone.post(&s.responses, answer(1)).await.status(201);
    let path = made.header("location");
    for _ in 0..3 {
        s.kasi.delete(path, "*").await.status(204);
        restored(&s.kasi, path).await.status(200);
    }
    let all = spans(&s, path).await;
    assert_eq!(all.len(), 4);
    assert!(
        all.windows(2)
            .all(|two| two[0]["restored"]["at"] == two[1]["counted_from"]),
        "{all:#?}"
    );
    for limit in 1..=5 {
        let list = format!("{path}/versions?limit={limit}");
        let first = s.kasi.get(&format!("{list}&count=true")).await.status(200);
        assert_eq!(first.json["total"], 4);
        assert_eq!(first.json["items"].as_array().unwrap().len(), limit.min(4));
        assert_eq!(s.kasi.rest(&list, &first).await, all, "{limit}");
    }
    for limit in [1, 2, 4] {
        let list = format!("{path}/versions?limit={limit}");
        let before = spans(&s, path).await;
        let first = s.kasi.get(&list).await.status(200);
        s.kasi.delete(path, "*").await.status(204);
        restored(&s.kasi, path).await.status(200);
        assert_eq!(s.kasi.rest(&list, &first).await, before, "{limit}");
        assert_eq!(spans(&s, path).await.len(), before.len() + 1);
    }
}

/// A page of voided answers is a page of one instant.
#[apply(both_databases)]
async fn a_walk_over_voided_answers_shows_them_as_they_were(backend: Backend) {
    let s = Setting::open(backend).await;
    let mut paths = Vec::new();
    for score in [1, 2, 3, 4] {
        let made = s.phone.post(&s.responses, answer(score)).await.status(201);
        paths.push(made.header("location").to_owned());
    }
    for path in &paths {
        s.kasi.delete(path, "*").await.status(204);
    }
    let list = format!("{}?state=voided&limit=2", s.responses);
    let first = s.kasi.get(&format!("{list}&count=true")).await.status(200);
    assert_eq!(first.json["total"], 4);
    restored(&s.kasi, &paths[0]).await.status(200);
    let rest = s.kasi.rest(&list, &first).await;
    let scores: Vec<&Value> = rest.iter().map(|a| &a["answers"]["waktu"]).collect();
    assert_eq!(scores, [4, 3, 2, 1], "as at the first page");
    assert!(rest.iter().all(|a| a["void"]["reason"] == "uji"), "{rest:#?}");
    assert_eq!(s.kasi.all(&list).await.len(), 3);
}
