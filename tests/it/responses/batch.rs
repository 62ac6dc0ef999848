//! Batches of phones: each item has an outcome of its own, and each answer is stored once.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{BATCH, Setting, changed, outcomes, survey_of};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::client::place;
use crate::support::table::assert_bodies_refused;
use crate::support::world::{BALANG, PARINGIN, Reply};

const STATUS: &str = "/v1/responses/status";

/// The pointer and code of each error of an item.
fn errors(reply: &Reply, index: usize) -> Vec<String> {
    let errors = reply.json["results"][index]["errors"].as_array();
    let text = |e: &Value| format!("{} {}", place(e), e["code"].as_str().unwrap());
    errors.into_iter().flatten().map(text).collect()
}

#[apply(both_databases)]
async fn each_item_has_an_outcome_of_its_own(backend: Backend) {
    let s = Setting::open(backend).await;
    let draft = s.kasi.post("/v1/surveys", survey_of(PARINGIN)).await.status(201).id();
    let mut full = s.item(4);
    full["village_code"] = json!(BALANG);
    full["respondent"] = json!({"gender": "perempuan", "age": 34, "education": "sma", "occupation": "wirausaha"});
    full["comment"] = json!("Pelayanan cepat");
    let few = changed(&s.item(3), "/answers", json!({"waktu": 3, "biaya": 3}));
    let mut nowhere = s.item(3);
    nowhere["village_code"] = json!("63.11.06.9999");
    let items = [
        full.clone(),
        full.clone(),
        changed(&full, "/comment", json!("Lambat")),
        changed(&s.item(3), "/answers/waktu", json!(5)),
        changed(&s.item(3), "/survey_id", json!(draft)),
        changed(&s.item(3), "/survey_id", json!(Uuid::new_v4())),
        few,
        nowhere,
        s.item(2),
    ];
    let reply = s.batch(&s.phone.in_english(), &items).await;
    assert_eq!(
        outcomes(&reply),
        [
            "created",
            "already_stored",
            "conflict",
            "rejected",
            "deferred",
            "deferred",
            "rejected",
            "created",
            "created"
        ]
    );
    let summary =
        json!({"created": 3, "already_stored": 1, "conflict": 1, "rejected": 2, "deferred": 2, "quarantined": 0});
    assert_eq!(reply.json["summary"], summary);
    for (index, item) in items.iter().enumerate() {
        let result = &reply.json["results"][index];
        assert_eq!((&result["index"], &result["id"]), (&json!(index), &item["id"]));
    }
    for (index, expected) in [
        (0, vec![]),
        (2, vec![]),
        (3, vec!["#/items/3/answers/waktu maximum"]),
        (4, vec!["#/items/4/survey_id survey_not_open"]),
        (5, vec!["#/items/5/survey_id not_found"]),
        (6, vec!["#/items/6/answers too_few_answers"]),
        (7, vec![]),
    ] {
        assert_eq!(errors(&reply, index), expected, "{index}");
    }
    assert_eq!(reply.json["results"][3]["errors"][0]["detail"], "At most 4.");
    assert_eq!(reply.json["results"][7]["ignored"], json!(["#/items/7/village_code"]));
    let answers = s.kasi.all(&s.responses).await;
    assert_eq!(answers.len(), 3);
    let stored = answers.iter().find(|a| a["id"] == full["id"]).unwrap();
    for member in [
        "answers",
        "respondent",
        "comment",
        "village_code",
        "service",
        "survey_id",
    ] {
        assert_eq!(stored[member], full[member], "{member}");
    }
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn repeated_item_is_already_stored_also_after_closing_and_voiding(backend: Backend) {
    let s = Setting::open(backend).await;
    let mut item = s.item(3);
    item["comment"] = json!("Caf\u{e9}");
    s.batch(&s.phone, std::slice::from_ref(&item)).await;
    // Another order of members, another Unicode form, another offset, and null for absent members.
    let again = format!(
        r#"{{"items": [{{"comment": "Cafe\u0301", "village_code": null, "respondent": {{}}, "service": "ktp",
            "answered_at": "2025-03-14T02:15:00.000Z", "answers": {}, "id": "{}", "survey_id": {}}}],
            "sent_at": "2025-03-14T12:00:00+08:00"}}"#,
        item["answers"],
        item["id"].as_str().unwrap().to_uppercase(),
        item["survey_id"]
    );
    let send = async || {
        let sent = s
            .phone
            .send("POST", BATCH, "application/json", again.clone().into_bytes());
        sent.await.status(207)
    };
    let reply = send().await;
    assert_eq!(outcomes(&reply), ["already_stored"]);
    assert_eq!(
        reply.json["results"][0]["id"],
        item["id"].as_str().unwrap().to_uppercase(),
        "as it was sent"
    );
    s.change(json!({"status": "closed"})).await;
    assert_eq!(outcomes(&send().await), ["already_stored"]);
    let path = format!("{}/{}", s.responses, item["id"].as_str().unwrap());
    s.kasi.delete(&path, "*").await.status(204);
    assert_eq!(outcomes(&send().await), ["already_stored"]);
    let mut alone = item.clone();
    alone.as_object_mut().unwrap().remove("survey_id");
    s.phone.post(&s.responses, alone).await.status(200);
    s.check_tallies().await;
}

/// A bad item never makes the whole batch a 400 or a 5xx. Only its survey, its id and its scores make it bad.
#[apply(both_databases)]
async fn a_bad_item_is_rejected_alone(backend: Backend) {
    let s = Setting::open(backend).await;
    let good = s.item(3);
    let and = |item: &Value, member: &str, value: &str| {
        let text = item.to_string();
        let text = text.strip_suffix('}').unwrap();
        format!("{text}, \"{member}\": {value}}}")
    };
    let with = |member: &str, value: &str| {
        let mut item = good.clone();
        item.as_object_mut().unwrap().remove(member);
        and(&item, member, value)
    };
    let deep = "[".repeat(3000) + &"]".repeat(3000);
    let long = "x".repeat(101);
    let bad = [
        ("null".to_owned(), None, "#/items/0 type"),
        ("[]".to_owned(), None, "#/items/1 type"),
        ("12".to_owned(), None, "#/items/2 type"),
        (deep.clone(), None, "#/items/3 invalid_json"),
        (with("answers", &deep), Some("good"), "#/items/4 invalid_json"),
        (
            with("answers", r#"{"waktu": 1e999}"#),
            Some("good"),
            "#/items/5 invalid_json",
        ),
        (with("survey_id", r#""\ud800""#), Some("good"), "#/items/6 invalid_json"),
        (
            with("survey_id", r#""a\u0000b""#),
            Some("good"),
            "#/items/7/survey_id format",
        ),
        (
            with("answers", r#"{"waktu": "3"}"#),
            Some("good"),
            "#/items/8/answers/waktu type",
        ),
        (
            with("answers", r#"{"waktu": 0}"#),
            Some("good"),
            "#/items/9/answers/waktu minimum",
        ),
        (with("answers", r#"[3, 3, 3]"#), Some("good"), "#/items/10/answers type"),
        (r#"{"id": 7}"#.to_owned(), None, "#/items/11/survey_id required"),
        (format!(r#"{{"id": "{long}"}}"#), None, "#/items/12/survey_id required"),
        (r#"{"id": "a\u0000"}"#.to_owned(), None, "#/items/13/survey_id required"),
        (
            r#"{"id": "bukan-uuid"}"#.to_owned(),
            Some("bukan-uuid"),
            "#/items/14/survey_id required",
        ),
        (
            with("answers", r#"{"u1": 3, "u2": 3}"#),
            Some("good"),
            "#/items/15/answers too_few_answers",
        ),
        (
            and(&good, "answers", r#"{"waktu": 3}"#),
            Some("good"),
            "#/items/16/answers repeated",
        ),
        (and(&good, "id", "null"), None, "#/items/17/id repeated"),
    ];
    let texts: Vec<&str> = bad.iter().map(|(text, ..)| text.as_str()).collect();
    let body = format!(
        r#"{{"sent_at": "2025-03-14T12:00:00+08:00", "items": [{}, {good}]}}"#,
        texts.join(", ")
    );
    let reply = s
        .phone
        .send("POST", BATCH, "application/json", body.into_bytes())
        .await
        .status(207);
    let mut failures = Vec::new();
    for (index, (text, id, error)) in bad.iter().enumerate() {
        let result = &reply.json["results"][index];
        let case = format!("{}: {result:#}", &text[..text.len().min(60)]);
        let id = match id {
            Some("good") => good["id"].clone(),
            Some(other) => json!(other),
            None => Value::Null,
        };
        let names_error = errors(&reply, index).contains(&(*error).to_owned());
        if result["outcome"] != "rejected" || result["id"] != id || !names_error {
            failures.push(case);
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(outcomes(&reply).last(), Some(&"created"));
    assert_eq!(s.kasi.all(&s.responses).await.len(), 1);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn five_hundred_items_of_one_id_are_one_answer(backend: Backend) {
    let s = Setting::open(backend).await;
    let mut items = vec![s.item(3); 500];
    items[499]["comment"] = json!("lain");
    items[498]["comment"] = json!("lain");
    let reply = s.batch(&s.phone, &items).await;
    let summary =
        json!({"created": 1, "already_stored": 497, "conflict": 2, "rejected": 0, "deferred": 0, "quarantined": 0});
    assert_eq!(reply.json["summary"], summary);
    assert_eq!(
        s.kasi.all("/v1/held-responses").await.len(),
        1,
        "the other content is held once"
    );
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn a_batch_with_an_implausible_clock_is_stored_and_flagged(backend: Backend) {
    let s = Setting::open(backend).await;
    for (sent_at, implausible) in [
        ("2025-03-14T12:00:00+08:00", false),
        ("2025-03-14T04:09:59Z", false),
        ("2025-03-14T03:50:01Z", false),
        ("2025-03-14T04:10:01Z", true),
        ("2025-03-14T03:49:59Z", true),
        ("1970-01-01T00:00:00Z", true),
        ("9999-12-31T23:59:59Z", true),
        ("0001-01-01T00:00:00Z", true),
    ] {
        let item = s.item(3);
        let reply = s
            .phone
            .post(BATCH, json!({"sent_at": sent_at, "items": [item]}))
            .await
            .status(207);
        assert_eq!(outcomes(&reply), ["created"], "{sent_at}");
        assert_eq!(reply.json["received_at"], "2025-03-14T04:00:00Z");
        let stored = s
            .kasi
            .get(&format!("{}/{}", s.responses, item["id"].as_str().unwrap()))
            .await
            .status(200);
        assert_eq!(stored.json["clock_implausible"], implausible, "{sent_at}");
        assert_eq!(stored.json["answered_at"], "2025-03-14T02:15:00Z", "as it was sent");
    }
}

#[apply(both_databases)]
async fn rejects_items_of_other_districts_and_sections(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let items = [s.item(3)];
    let foreign = s.world.holder(Role::Surveyor, Some("63.11.01"), &[]);
    for (actor, error) in [
        (foreign, "#/items/0/survey_id not_found"),
        (s.world.stranger(), "#/items/0/survey_id not_found"),
        (s.world.officer(&["pmd"]), "#/items/0/survey_id wrong_section"),
    ] {
        let reply = s.batch(&actor, &items).await;
        assert_eq!(
            outcomes(&reply),
            ["deferred"],
            "the office may move the survey or the sender"
        );
        assert_eq!(errors(&reply, 0), [error]);
    }
    assert_eq!(outcomes(&s.batch(&s.kasi, &items).await), ["created"]);
    let body = json!({"sent_at": "2025-03-14T12:00:00+08:00", "items": items});
    for role in [Role::Head, Role::Integrator, Role::Auditor] {
        let other = s.world.holder(role, Some(PARINGIN), &[]);
        let sent = other.post(BATCH, body.clone()).await;
        sent.problem(403, "insufficient_scope");
    }
}

#[apply(both_databases)]
async fn status_tells_senders_which_ids_are_known_in_their_district(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let item = s.item(3);
    s.batch(&s.phone, std::slice::from_ref(&item)).await;
    let (id, unknown) = (item["id"].clone(), json!(Uuid::new_v4()));
    let ids = json!({"ids": [unknown, id, id]});
    for (actor, is_known) in [
        (&s.phone, true),
        (&s.world.revoked_phone(), true),
        (&s.world.admin(), true),
        (&s.world.holder(Role::Surveyor, Some("63.11.01"), &[]), false),
    ] {
        let reply = actor.post(STATUS, ids.clone()).await.status(200);
        let expected = json!([
            {"id": unknown, "known": false}, {"id": id, "known": is_known}, {"id": id, "known": is_known}
        ]);
        assert_eq!(reply.json["results"], expected);
    }
    let bodies = [
        json!({"ids": []}),
        json!({"ids": vec![&id; 501]}),
        json!({"ids": ["x"]}),
        json!({}),
    ];
    let rows = bodies.map(|body| (body, 400, "invalid_body", ""));
    assert_bodies_refused(&s.phone, "POST", STATUS, rows).await;
}
