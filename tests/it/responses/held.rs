//! Held answers: they count from their release on, and never count after an officer discards them.

use serde_json::{Value, json};

use super::{HELD, Setting, answer, changed, decide, outcomes, reason, survey_of};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{BALANG, PARINGIN, instant};

/// Closes the survey and sends an answer to it on the next day. Returns the sent answer and the held answer.
async fn late_answer(s: &Setting) -> (Value, Value) {
    s.change(json!({"status": "closed"})).await;
    s.world.clock.set(instant("2025-03-15T09:00:00+08:00"));
    let mut late = s.item(2);
    late["village_code"] = json!(BALANG);
    late["respondent"] = json!({"age": 40});
    late["comment"] = json!("Terlambat terkirim");
    let reply = s.batch(&s.phone, &[late.clone(), late.clone()]).await;
    assert_eq!(outcomes(&reply), ["quarantined", "already_stored"]);
    (late, s.newest().await)
}

#[apply(both_databases)]
async fn an_answer_to_a_closed_survey_is_held(backend: Backend) {
    let s = Setting::open(backend).await;
    s.batch(&s.phone, &[s.item(4)]).await;
    let (late, held) = late_answer(&s).await;
    let again = s.batch(&s.phone, std::slice::from_ref(&late)).await;
    assert_eq!(outcomes(&again), ["already_stored"]);
    assert_eq!(s.results(None).await, (json!(1), json!(100), json!(100)));
    let path = format!("{}/{}", s.responses, late["id"].as_str().unwrap());
    s.kasi.get(&path).await.problem(404, "not_found");

    let got = s.kasi.get(&format!("{HELD}/{}", held["id"].as_str().unwrap())).await;
    let got = got.status(200);
    assert_body!(got, @r#"
    {
      "answer": {
        "answered_at": "[instant]",
        "answers": {
          "biaya": 2,
          "kompetensi": 2,
          "pengaduan": 2,
          "perilaku": 2,
          "persyaratan": 2,
          "produk": 2,
          "prosedur": 2,
          "sarana": 2,
          "waktu": 2
        },
        "comment": "Terlambat terkirim",
        "id": "[id]",
        "mode": null,
        "respondent": {
          "age": 40
        },
        "service": "ktp",
        "village_code": "63.11.06.2005"
      },
      "clock_implausible": false,
      "decided_at": null,
      "decided_by": null,
      "decision": null,
      "decision_reason": null,
      "district_code": "63.11.06",
      "flags": [],
      "id": "[id]",
      "reason": "survey_closed",
      "received_at": "[instant]",
      "released_response_id": null,
      "response_id": "[id]",
      "survey_id": "[id]"
    }
    "#);
    assert_eq!(got.json, held);
    assert_eq!(
        (&held["response_id"], &held["survey_id"]),
        (&late["id"], &json!(s.id()))
    );
    for member in ["id", "answers", "service", "village_code", "comment"] {
        assert_eq!(held["answer"][member], late[member], "{member}");
    }
    assert_eq!(held["answer"]["respondent"]["age"], late["respondent"]["age"]);
}

#[apply(both_databases)]
async fn a_released_answer_counts_from_its_release(backend: Backend) {
    let s = Setting::open(backend).await;
    s.batch(&s.phone, &[s.item(4)]).await;
    let (late, held) = late_answer(&s).await;
    let path = format!("{}/{}", s.responses, late["id"].as_str().unwrap());
    let got = s.kasi.get(&format!("{HELD}/{}", held["id"].as_str().unwrap())).await;

    s.world.clock.set(instant("2025-03-20T09:00:00+08:00"));
    let released = decide(&s.kasi, &held, "release").await.status(200);
    assert_eq!(released.json["decision"], "released");
    assert_eq!(released.json["decided_at"], "2025-03-20T01:00:00Z");
    assert_eq!(released.json["decision_reason"], reason()["reason"]);
    assert_eq!(released.json["released_response_id"], late["id"]);
    assert_ne!(released.etag(), got.etag());
    let stored = s.kasi.get(&path).await.status(200).json;
    let when_it_came = "2025-03-15T01:00:00Z";
    assert_eq!(stored["received_at"], when_it_came);

    s.world.clock.set(instant("2025-03-21T09:00:00+08:00"));
    let (one, two) = ((json!(1), json!(100), json!(100)), (json!(2), json!(75), json!(75)));
    assert_eq!(s.results(None).await, two);
    assert_eq!(s.results(Some("2025-03-20T00:59:59Z")).await, one);
    assert_eq!(s.results(Some("2025-03-20T01:00:00Z")).await, two);
    s.check_tallies().await;
    // Like any other answer, it can be voided.
    s.kasi.delete(&path, "*").await.status(204);
    assert_eq!(s.results(None).await, one);
    assert_eq!(outcomes(&s.batch(&s.phone, &[late]).await), ["already_stored"]);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn answers_of_a_revoked_phone_are_held(backend: Backend) {
    let s = Setting::open(backend).await;
    let revoked = s.world.revoked_phone();
    let known = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&known)).await;
    let reply = s.batch(&revoked, &[known.clone(), s.item(1), s.item(2)]).await;
    assert_eq!(outcomes(&reply), ["already_stored", "quarantined", "quarantined"]);
    assert_eq!(s.kasi.all(&format!("{HELD}?reason=device_revoked")).await.len(), 2);
    assert_eq!(s.results(None).await.0, 1);
    assert_refused(&[
        (&revoked, "POST", &s.responses, answer(3), 403, "insufficient_scope"),
        (&revoked, "GET", "/v1/surveys", NONE, 403, "insufficient_scope"),
    ])
    .await;
    let mut conflict = known;
    conflict["comment"] = json!("palsu");
    assert_eq!(outcomes(&s.batch(&revoked, &[conflict]).await), ["conflict"]);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn sending_a_held_answer_again_decides_nothing(backend: Backend) {
    let s = Setting::open(backend).await;
    let (released, discarded) = (s.item(1), s.item(2));
    let both = [released.clone(), discarded.clone()];
    s.batch(&s.world.revoked_phone(), &both).await;
    // Another phone, which is not revoked, sends the same answer. The officer must still decide.
    let again = s.batch(&s.phone, &both).await;
    assert_eq!(outcomes(&again), ["already_stored", "already_stored"]);
    assert_eq!(s.results(None).await.0, 0);
    for held in s.kasi.all(HELD).await {
        let is_released = held["response_id"] == released["id"];
        let decision = if is_released { "release" } else { "discard" };
        decide(&s.kasi, &held, decision).await.status(200);
    }
    assert_eq!(s.results(None).await.0, 1);
    // A discarded answer does not come back.
    let again = s.batch(&s.phone, std::slice::from_ref(&discarded)).await;
    assert_eq!(outcomes(&again), ["already_stored"]);
    assert_eq!(s.results(None).await.0, 1);
    let ids = json!({"ids": [discarded["id"]]});
    let known = s.phone.post("/v1/responses/status", ids).await.status(200);
    assert_eq!(known.json["results"][0]["known"], true);
    s.check_tallies().await;
}

/// Sends an answer and two others with its id, and returns all three.
async fn one_id_three_contents(s: &Setting) -> [Value; 3] {
    let first = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    let mut second = changed(&first, "/answers", answer(2)["answers"].clone());
    second["comment"] = json!("Jawaban lain");
    let third = changed(&second, "/comment", json!("Lain lagi"));
    s.world.clock.set(instant("2025-03-15T09:00:00+08:00"));
    for _ in 0..2 {
        let items = [first.clone(), second.clone(), third.clone(), second.clone()];
        let reply = s.batch(&s.phone, &items).await;
        assert_eq!(outcomes(&reply), ["already_stored", "conflict", "conflict", "conflict"]);
    }
    [first, second, third]
}

#[apply(both_databases)]
async fn other_content_for_a_taken_id_is_held_once(backend: Backend) {
    let s = Setting::open(backend).await;
    let [first, second, third] = one_id_three_contents(&s).await;
    let held = s.kasi.all(&format!("{HELD}?reason=id_conflict")).await;
    assert_eq!(held.len(), 2);
    for sent in [&second, &third] {
        let held = held.iter().find(|h| h["answer"]["comment"] == sent["comment"]).unwrap();
        assert_eq!(
            (&held["response_id"], &held["answer"]["id"]),
            (&first["id"], &first["id"])
        );
        assert_eq!(held["answer"]["answers"], sent["answers"]);
    }
    // The conflict of a single answer is a problem, and nothing is held.
    let mut single = answer(1);
    single["id"] = first["id"].clone();
    let refused = s.phone.post(&s.responses, single).await;
    refused.problem(409, "id_conflict");
    assert_eq!(s.kasi.all(HELD).await.len(), 2);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn released_other_content_becomes_an_answer_with_an_id_of_its_own(backend: Backend) {
    let s = Setting::open(backend).await;
    let [first, second, third] = one_id_three_contents(&s).await;
    let all = s.kasi.all(HELD).await;
    let of = |sent: &Value| all.iter().find(|h| h["answer"]["comment"] == sent["comment"]).unwrap();
    s.world.clock.set(instant("2025-03-20T09:00:00+08:00"));
    decide(&s.kasi, of(&third), "discard").await.status(200);
    let held = of(&second);
    let released = decide(&s.kasi, held, "release").await.status(200).json;
    let id = released["released_response_id"].as_str().unwrap();
    assert_ne!(json!(id), first["id"]);
    let stored = s.kasi.get(&format!("{}/{id}", s.responses)).await.status(200).json;
    assert_eq!(
        (&stored["answers"], &stored["comment"]),
        (&second["answers"], &second["comment"])
    );
    assert_eq!(stored["received_at"], held["received_at"]);
    assert_eq!(stored["clock_implausible"], false);

    s.world.clock.set(instant("2025-03-21T09:00:00+08:00"));
    assert_eq!(s.results(None).await, (json!(2), json!(75), json!(75)));
    let before = s.results(Some("2025-03-19T09:00:00%2B08:00")).await;
    assert_eq!(before, (json!(1), json!(100), json!(100)));
    // The phone gets the same outcomes as before, and nothing more is held.
    let again = s.batch(&s.phone, &[second, third]).await;
    assert_eq!(outcomes(&again), ["conflict", "conflict"]);
    assert_eq!(s.kasi.all(HELD).await.len(), 2);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn a_release_is_refused_while_the_answer_breaks_a_rule(backend: Backend) {
    let s = Setting::open(backend).await;
    let first = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    let (mut few, mut nowhere) = (first.clone(), first.clone());
    few["answers"] = json!({"waktu": 3});
    nowhere["village_code"] = json!("63.11.06.9999");
    let reply = s.batch(&s.phone, &[few, nowhere]).await;
    assert_eq!(outcomes(&reply), ["conflict", "conflict"]);
    for held in s.kasi.all(HELD).await {
        if held["answer"]["village_code"].is_null() {
            let refused = decide(&s.kasi, &held, "release").await.problem(422, "too_few_answers");
            assert_eq!(refused.pointers().len(), 0, "the error is not in this body");
            decide(&s.kasi, &held, "discard").await.status(200);
        } else {
            // An unknown village does not cost the answer.
            let released = decide(&s.kasi, &held, "release").await.status(200);
            let id = released.json["released_response_id"].as_str().unwrap().to_owned();
            let answer = s.kasi.get(&format!("{}/{id}", s.responses)).await.status(200).json;
            assert_eq!(
                (&answer["village_code"], &answer["flags"]),
                (&json!(null), &json!(["village_dropped"]))
            );
        }
    }
    // An answer to another survey has its id, and its own survey is a draft.
    let draft = s.kasi.post("/v1/surveys", survey_of(PARINGIN)).await.status(201).id();
    let mut elsewhere = first;
    elsewhere["survey_id"] = json!(draft);
    assert_eq!(outcomes(&s.batch(&s.phone, &[elsewhere]).await), ["conflict"]);
    let held = s.kasi.all(&format!("{HELD}?survey_id={draft}")).await;
    assert_eq!(held.len(), 1);
    decide(&s.kasi, &held[0], "release")
        .await
        .problem(409, "survey_not_open");
    s.kasi
        .patch(&format!("/v1/surveys/{draft}"), "*", json!({"status": "open"}))
        .await
        .status(200);
    decide(&s.kasi, &held[0], "release").await.status(200);
    s.check_tallies().await;
}

/// A quarantined answer has its own flags, and the content of a conflict has those of its receipt.
#[apply(both_databases)]
async fn held_answers_are_found_by_their_flags(backend: Backend) {
    let s = Setting::open(backend).await;
    let first = s.item(4);
    let unclear = |mut item: Value| {
        item["service"] = json!(7);
        item
    };
    let mut conflict = unclear(s.item(3));
    conflict["id"] = first["id"].clone();
    let reply = s.batch(&s.phone, &[first, conflict]).await;
    assert_eq!(outcomes(&reply), ["created", "conflict"]);
    s.change(json!({"status": "closed"})).await;
    let reply = s.batch(&s.phone, &[s.item(2), unclear(s.item(2))]).await;
    assert_eq!(outcomes(&reply), ["quarantined", "quarantined"]);
    for (filter, count) in [
        ("flagged=true", 2),
        ("flagged=false", 1),
        ("flagged=true&reason=id_conflict", 1),
    ] {
        let listed = s.kasi.all(&format!("{HELD}?{filter}")).await;
        assert_eq!(listed.len(), count, "{filter}");
        let has_flags = |held: &Value| held["flags"] != json!([]);
        assert!(
            listed.iter().all(|held| has_flags(held) == filter.contains("true")),
            "{filter}"
        );
    }
}
