//! Held answers: found by officers, decided once, and counted from their release on.

use futures_util::future::join_all;
use iku::access::Role;
use iku::facts::responses::held;
use iku::platform::http::Paging;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Setting, answer, outcomes};
use crate::support::backend::Backend;
use crate::support::counting::{counted, reader};
use crate::support::world::{BALANG, Client, PARINGIN, instant};

const HELD: &str = "/v1/held-responses";

fn why() -> Value {
    json!({"reason": "Ponsel baru mendapat sinyal"})
}

async fn decide(who: &Client, held: &Value, decision: &str) -> crate::support::world::Reply {
    let path = format!("{HELD}/{}/{decision}", held["id"].as_str().unwrap());
    who.post(&path, why()).await
}

impl Setting {
    /// The newest held answer.
    async fn newest(&self) -> Value {
        self.kasi.get(&format!("{HELD}?limit=1")).await.expect(200).json["items"][0].clone()
    }

    /// Respondents and index of the survey at an instant, and the realisation of IKU 1.
    async fn seen(&self, as_of: Option<&str>) -> (Value, Value, Value) {
        let query = as_of.map_or(String::new(), |t| format!("?as_of={t}"));
        let index = self
            .kasi
            .get(&format!("{}/index{query}", self.survey))
            .await
            .expect(200)
            .json;
        let realisation = format!("/v1/indicators/paringin-iku-1/realisations/2025-S1{query}");
        let realisation = self.kasi.get(&realisation).await.expect(200).json;
        (
            index["respondents"].clone(),
            index["ikm"].clone(),
            realisation["value"].clone(),
        )
    }
}

#[rstest]
#[actix_web::test]
async fn an_answer_to_a_closed_survey_counts_from_its_release(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let s = Setting::open(backend).await;
    let at = |t: &str| s.world.clock.set(instant(t));
    s.batch(&s.phone, &[s.item(4)]).await;
    s.change(json!({"status": "closed"})).await;
    at("2025-03-15T09:00:00+08:00");
    let mut late = s.item(2);
    late["village_code"] = json!(BALANG);
    late["respondent"] = json!({"age": 40});
    late["comment"] = json!("Terlambat terkirim");
    let reply = s.batch(&s.phone, &[late.clone(), late.clone()]).await;
    assert_eq!(outcomes(&reply), ["quarantined", "already_stored"]);
    assert_eq!(outcomes(&s.batch(&s.phone, &[late.clone()]).await), ["already_stored"]);
    let before = s.seen(None).await;
    assert_eq!(before, (json!(1), json!(100), json!(100)));
    let path = format!("{}/{}", s.responses, late["id"].as_str().unwrap());
    s.kasi.get(&path).await.problem(404, "not_found");

    let held = s.newest().await;
    assert_eq!(held["reason"], "survey_closed");
    assert_eq!(
        (&held["response_id"], &held["survey_id"]),
        (&late["id"], &json!(s.id()))
    );
    assert_eq!(held["district_code"], PARINGIN);
    for member in ["id", "answers", "service", "village_code", "respondent", "comment"] {
        let sent = &late[member];
        match member {
            "respondent" => assert_eq!(held["answer"][member]["age"], sent["age"]),
            _ => assert_eq!(held["answer"][member], *sent, "{member}"),
        }
    }
    let undecided = [
        "decision",
        "decided_at",
        "decided_by",
        "decision_reason",
        "released_response_id",
    ];
    assert!(undecided.iter().all(|member| held[member].is_null()), "{held:#}");
    let got = s
        .kasi
        .get(&format!("{HELD}/{}", held["id"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(got.json, held);

    at("2025-03-20T09:00:00+08:00");
    let released = decide(&s.kasi, &held, "release").await.expect(200);
    assert_eq!(released.json["decision"], "released");
    assert_eq!(released.json["decided_at"], "2025-03-20T01:00:00Z");
    assert_eq!(released.json["decision_reason"], why()["reason"]);
    assert_eq!(released.json["released_response_id"], late["id"]);
    assert_ne!(released.etag(), got.etag());
    let stored = s.kasi.get(&path).await.expect(200).json;
    assert_eq!(
        stored["received_at"], "2025-03-15T01:00:00Z",
        "when it came, not when it was released"
    );

    at("2025-03-21T09:00:00+08:00");
    assert_eq!(s.seen(None).await, (json!(2), json!(75), json!(75)));
    assert_eq!(
        s.seen(Some("2025-03-20T00:59:59Z")).await,
        before,
        "not yet released then"
    );
    assert_eq!(
        s.seen(Some("2025-03-20T01:00:00Z")).await,
        (json!(2), json!(75), json!(75))
    );
    s.must_add_up().await;

    // It is an answer like any other now.
    s.kasi.delete(&path, "*").await.expect(204);
    assert_eq!(s.seen(None).await, before);
    assert_eq!(outcomes(&s.batch(&s.phone, &[late]).await), ["already_stored"]);
    s.must_add_up().await;
}

#[rstest]
#[actix_web::test]
async fn a_revoked_phone_reaches_the_quarantine_alone(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let s = Setting::open(backend).await;
    let revoked = s.world.revoked_phone();
    let known = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&known)).await;
    let (item, other) = (s.item(1), s.item(2));
    let reply = s.batch(&revoked, &[known.clone(), item.clone(), other.clone()]).await;
    assert_eq!(outcomes(&reply), ["already_stored", "quarantined", "quarantined"]);
    assert_eq!(s.seen(None).await.0, 1);
    revoked
        .post(&s.responses, answer(3))
        .await
        .problem(403, "insufficient_scope");
    revoked.get("/v1/surveys").await.problem(403, "insufficient_scope");
    let held = s.kasi.all(&format!("{HELD}?reason=device_revoked")).await;
    assert_eq!(held.len(), 2);
    // What a good phone sends again has been judged: it waits for the officer all the same.
    assert_eq!(
        outcomes(&s.batch(&s.phone, std::slice::from_ref(&item)).await),
        ["already_stored"]
    );
    assert_eq!(s.seen(None).await.0, 1);
    let mut conflict = known;
    conflict["comment"] = json!("palsu");
    assert_eq!(outcomes(&s.batch(&revoked, &[conflict]).await), ["conflict"]);

    for held in held {
        let decision = if held["response_id"] == item["id"] {
            "release"
        } else {
            "discard"
        };
        decide(&s.kasi, &held, decision).await.expect(200);
    }
    assert_eq!(s.seen(None).await.0, 2);
    // A discarded answer stays discarded, however often it is sent.
    assert_eq!(
        outcomes(&s.batch(&s.phone, std::slice::from_ref(&other)).await),
        ["already_stored"]
    );
    assert_eq!(s.seen(None).await.0, 2);
    let known = s
        .phone
        .post("/v1/responses/status", json!({"ids": [other["id"]]}))
        .await
        .expect(200);
    assert_eq!(known.json["results"][0]["known"], true);
    s.must_add_up().await;
}

#[rstest]
#[actix_web::test]
async fn other_content_for_a_taken_id_becomes_an_answer_of_its_own(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let s = Setting::open(backend).await;
    let first = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    let mut second = first.clone();
    second["answers"] = answer(2)["answers"].clone();
    second["comment"] = json!("Jawaban lain");
    let mut third = second.clone();
    third["comment"] = json!("Lain lagi");
    s.world.clock.set(instant("2025-03-15T09:00:00+08:00"));
    for _ in 0..2 {
        let reply = s
            .batch(
                &s.phone,
                &[first.clone(), second.clone(), third.clone(), second.clone()],
            )
            .await;
        assert_eq!(outcomes(&reply), ["already_stored", "conflict", "conflict", "conflict"]);
    }
    let held = s.kasi.all(&format!("{HELD}?reason=id_conflict")).await;
    assert_eq!(held.len(), 2, "each content once");
    let of = |comment: &str| held.iter().find(|h| h["answer"]["comment"] == comment).unwrap();
    let (held, other) = (of("Jawaban lain"), of("Lain lagi"));
    assert_eq!(
        (&held["response_id"], &held["answer"]["id"]),
        (&first["id"], &first["id"])
    );
    assert_eq!(held["answer"]["answers"], second["answers"]);

    s.world.clock.set(instant("2025-03-20T09:00:00+08:00"));
    decide(&s.kasi, other, "discard").await.expect(200);
    let released = decide(&s.kasi, held, "release").await.expect(200).json;
    let id = released["released_response_id"].as_str().unwrap();
    assert_ne!(json!(id), first["id"]);
    let stored = s.kasi.get(&format!("{}/{id}", s.responses)).await.expect(200).json;
    assert_eq!(
        (&stored["answers"], &stored["comment"]),
        (&second["answers"], &second["comment"])
    );
    assert_eq!(
        (&stored["received_at"], &stored["clock_implausible"]),
        (&held["received_at"], &json!(false))
    );
    s.world.clock.set(instant("2025-03-21T09:00:00+08:00"));
    assert_eq!(s.seen(None).await, (json!(2), json!(75), json!(75)));
    assert_eq!(
        s.seen(Some("2025-03-19T09:00:00%2B08:00")).await,
        (json!(1), json!(100), json!(100))
    );
    // The phone is told the same as before, and nothing more is held.
    assert_eq!(
        outcomes(&s.batch(&s.phone, &[second, third]).await),
        ["conflict", "conflict"]
    );
    assert_eq!(s.kasi.all(HELD).await.len(), 2);
    s.must_add_up().await;

    // A single answer is told of the conflict at once and nothing is kept.
    let mut single = answer(1);
    single["id"] = first["id"].clone();
    s.phone.post(&s.responses, single).await.problem(409, "id_conflict");
    assert_eq!(s.kasi.all(HELD).await.len(), 2);
}

#[rstest]
#[actix_web::test]
async fn what_was_kept_aside_is_judged_at_its_release(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let s = Setting::open(backend).await;
    let first = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    let (mut few, mut nowhere) = (first.clone(), first.clone());
    few["answers"] = json!({"waktu": 3});
    nowhere["village_code"] = json!("63.11.06.9999");
    let reply = s.batch(&s.phone, &[few, nowhere]).await;
    assert_eq!(outcomes(&reply), ["conflict", "conflict"]);
    for held in s.kasi.all(HELD).await {
        let code = if held["answer"]["village_code"].is_null() {
            "too_few_answers"
        } else {
            "unknown_reference"
        };
        let refused = decide(&s.kasi, &held, "release").await.problem(422, code);
        assert_eq!(refused.pointers().len(), 0, "the fault is not in this body");
        decide(&s.kasi, &held, "discard").await.expect(200);
    }
    // Its id is taken by an answer to another survey; its own is a draft.
    let draft = json!({
        "district_code": PARINGIN, "title": "Nanti", "section": "pelayanan-kessos",
        "starts_on": "2025-03-01", "ends_on": "2025-06-30",
    });
    let draft = s.kasi.post("/v1/surveys", draft).await.expect(201).id();
    let mut elsewhere = first;
    elsewhere["survey_id"] = json!(draft);
    assert_eq!(outcomes(&s.batch(&s.phone, &[elsewhere]).await), ["conflict"]);
    let held = s.kasi.all(&format!("{HELD}?survey={draft}")).await;
    assert_eq!(held.len(), 1);
    decide(&s.kasi, &held[0], "release")
        .await
        .problem(409, "survey_not_open");
    s.kasi
        .patch(&format!("/v1/surveys/{draft}"), "*", json!({"status": "open"}))
        .await
        .expect(200);
    decide(&s.kasi, &held[0], "release").await.expect(200);
    s.must_add_up().await;
}

#[rstest]
#[actix_web::test]
async fn a_decision_is_made_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let s = Setting::open(backend).await;
    let items = [s.item(1), s.item(2), s.item(3)];
    s.batch(&s.world.revoked_phone(), &items).await;
    let held = s.kasi.all(HELD).await;
    for (held, made, other) in [(&held[0], "release", "discard"), (&held[1], "discard", "release")] {
        let decided = decide(&s.kasi, held, made).await.expect(200);
        s.world.clock.set(s.world.clock.now() + chrono::TimeDelta::hours(1));
        let path = format!("{HELD}/{}", held["id"].as_str().unwrap());
        let again = s.kasi.post(&format!("{path}/{made}"), json!({"reason": "lain"})).await;
        assert_eq!(again.expect(200).json, decided.json);
        decide(&s.kasi, held, other).await.problem(409, "already_decided");
        let got = s.kasi.get(&path).await.expect(200);
        assert_eq!((got.etag(), got.json), (decided.etag(), decided.json));
    }
    s.must_add_up().await;
    // Officers of two minds at the same moment: one decision stands.
    let decisions = (0..12).map(|n| decide(&s.kasi, &held[2], if n % 2 == 0 { "release" } else { "discard" }));
    let replies = join_all(decisions).await;
    let made = s
        .kasi
        .get(&format!("{HELD}/{}", held[2]["id"].as_str().unwrap()))
        .await
        .expect(200)
        .json;
    assert_eq!(replies.iter().filter(|r| r.status == 200 && r.json == made).count(), 6);
    assert_eq!(replies.iter().filter(|r| r.status == 409).count(), 6);
    let respondents = if made["decision"] == "released" { 2 } else { 1 };
    assert_eq!(s.seen(None).await.0, respondents);
    s.must_add_up().await;
}

#[rstest]
#[actix_web::test]
async fn officers_of_the_section_decide_and_the_district_reads(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    s.batch(&s.world.revoked_phone(), &[s.item(1)]).await;
    let held = s.newest().await;
    let path = format!("{HELD}/{}", held["id"].as_str().unwrap());
    let stranger = s.world.stranger();
    stranger.get(&path).await.problem(404, "not_found");
    assert_eq!(stranger.all(HELD).await.len(), 0);
    stranger
        .get(&format!("{HELD}?district={PARINGIN}"))
        .await
        .problem(404, "not_found");
    let other = s.world.officer(&["pmd"]);
    other.get(&path).await.expect(200);
    for decision in ["release", "discard"] {
        decide(&stranger, &held, decision).await.problem(404, "not_found");
        decide(&other, &held, decision).await.problem(403, "wrong_section");
        for role in [Role::Head, Role::Auditor, Role::Surveyor, Role::Integrator] {
            let who = s.world.holder(role, Some(PARINGIN), &[]);
            decide(&who, &held, decision).await.problem(403, "insufficient_scope");
        }
        let unknown = format!("{HELD}/{}/{decision}", Uuid::new_v4());
        s.kasi.post(&unknown, why()).await.problem(404, "not_found");
        s.kasi
            .post(&format!("{path}/{decision}"), json!({}))
            .await
            .problem(400, "invalid_body");
        s.kasi
            .post(&format!("{path}/{decision}"), json!({"reason": " "}))
            .await
            .problem(400, "invalid_body");
    }
    for role in [Role::Head, Role::Auditor] {
        s.world.holder(role, Some(PARINGIN), &[]).get(&path).await.expect(200);
    }
    for role in [Role::Surveyor, Role::Integrator] {
        s.world
            .holder(role, Some(PARINGIN), &[])
            .get(HELD)
            .await
            .problem(403, "insufficient_scope");
    }
    decide(&s.world.admin(), &held, "release").await.expect(200);
    // Nothing of the sender is shown, whoever asks.
    let shown = s.world.admin().get(&path).await.expect(200).json.to_string();
    assert!(
        !shown.contains("device_id") && !shown.contains("test.surveyor"),
        "{shown}"
    );
}

#[rstest]
#[actix_web::test]
async fn the_list_is_filtered_and_paged(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let s = Setting::open(backend).await;
    let cost = async |limit: u64| {
        let paging = Paging {
            limit: Some(limit),
            ..Paging::default()
        };
        let filter = serde_json::from_value(json!({})).unwrap();
        let list = counted(&s.world, async |c| {
            held::service::list(c, &reader(), &filter, &paging).await
        });
        let (page, statements) = list.await;
        (page.items.len(), statements)
    };
    s.batch(&s.world.revoked_phone(), &[s.item(1)]).await;
    let one = cost(100).await;
    let first = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    let conflicts: Vec<Value> = (0..5)
        .map(|n| {
            let mut item = first.clone();
            item["comment"] = json!(format!("lain {n}"));
            item
        })
        .collect();
    s.batch(&s.phone, &conflicts).await;
    s.change(json!({"status": "closed"})).await;
    s.batch(&s.phone, &[s.item(1), s.item(2), s.item(3)]).await;
    let many = cost(100).await;
    assert_eq!((one.0, many.0), (1, 9));
    assert_eq!(one.1, many.1, "statements");

    let all = s.kasi.all(&format!("{HELD}?limit=2")).await;
    assert_eq!(all.len(), 9);
    let received: Vec<_> = all
        .iter()
        .map(|h| instant(h["received_at"].as_str().unwrap()))
        .collect();
    assert!(received.is_sorted_by(|a, b| a >= b), "the newest first");
    for (query, wanted) in [
        ("reason=id_conflict", 5),
        ("reason=survey_closed", 3),
        ("reason=device_revoked", 1),
        ("decided=true", 0),
        ("decided=false", 9),
        ("district=63.11.06", 9),
        (&format!("survey={}&reason=survey_closed", s.id()), 3),
        (&format!("survey={}", Uuid::new_v4()), 0),
    ] {
        assert_eq!(s.kasi.all(&format!("{HELD}?{query}")).await.len(), wanted, "{query}");
    }
    // A walk shows each row once, also when they are decided meanwhile.
    let page = s
        .kasi
        .get(&format!("{HELD}?decided=false&limit=4&count=true"))
        .await
        .expect(200)
        .json;
    assert_eq!(page["total"], 9);
    for held in &all {
        decide(&s.kasi, held, "discard").await.expect(200);
    }
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = s
        .kasi
        .get(&format!("{HELD}?decided=false&limit=100&cursor={cursor}"))
        .await
        .expect(200)
        .json;
    assert_eq!(rest["items"].as_array().unwrap().len(), 5);
    assert_eq!(s.kasi.all(&format!("{HELD}?decided=false")).await.len(), 0);
    assert_eq!(s.kasi.all(&format!("{HELD}?decided=true")).await.len(), 9);
    for bad in ["reason=lain", "decided=ya", "survey=x", "tidak=1"] {
        s.kasi.get(&format!("{HELD}?{bad}")).await.problem(400, "invalid_query");
    }
}
