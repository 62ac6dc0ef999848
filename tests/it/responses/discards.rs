//! A discard can be taken back, alone or together: the answer waits for a decision again, and what was decided stays readable.

use entity::device_quota;
use iku::access::Role;
use iku::facts::responses::verify_held;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{HELD, Setting, answer, changed, decide, outcomes, reason};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::assert_refused;
use crate::support::world::{Client, PARINGIN, Reply, instant};

const DECISIONS: &str = "/v1/held-responses/decisions";

fn path_of(held: &Value) -> String {
    format!("{HELD}/{}", held["id"].as_str().unwrap())
}

async fn restored(actor: &Client, path: &str) -> Reply {
    actor
        .post(&format!("{path}/restorations"), json!({"reason": "Keliru dibuang"}))
        .await
}

/// The number of held answers of the survey at an instant.
async fn held_at(s: &Setting, as_of: &str) -> Value {
    let path = format!("{}/index?as_of={as_of}", s.survey);
    s.kasi.get(&path).await.status(200).json["held"].clone()
}

async fn waits_of(s: &Setting, device: Uuid) -> i64 {
    let db = &s.world.service.db;
    assert_eq!(db.read(async |tx| verify_held(tx).await).await.unwrap(), []);
    let row = device_quota::Entity::find_by_id(device).one(db.connection()).await;
    row.unwrap().unwrap().held
}

#[apply(both_databases)]
async fn a_discarded_answer_is_restored_and_released(backend: Backend) {
    let s = Setting::open(backend).await;
    let at = |time: &str| s.world.clock.set(instant(&format!("2025-03-14T{time}:00+08:00")));
    let device = Uuid::new_v4();
    let item = s.item(4);
    s.batch(&s.world.revoked(device), std::slice::from_ref(&item)).await;
    let waiting = s.kasi.get(&path_of(&s.newest().await)).await.status(200);
    let path = path_of(&waiting.json);
    assert_eq!(waits_of(&s, device).await, 1);
    at("13:00");
    let discarded = decide(&s.kasi, &waiting.json, "discard").await.status(200);
    assert_eq!(waits_of(&s, device).await, 0);
    assert_eq!(s.results(None).await.0, 0);

    at("14:00");
    let back = restored(&s.kasi, &path).await.status(200);
    assert_eq!((&back.json, back.etag()), (&waiting.json, waiting.etag()));
    assert_ne!(back.etag(), discarded.etag());
    assert_eq!(waits_of(&s, device).await, 1);
    assert_eq!(s.results(None).await.0, 0);
    restored(&s.kasi, &path).await.problem(409, "not_deleted");
    // The phone purged it long ago, and need not send it again.
    let again = s.batch(&s.world.revoked(device), std::slice::from_ref(&item)).await;
    assert_eq!(outcomes(&again), ["already_stored"]);

    at("15:00");
    decide(&s.kasi, &waiting.json, "release").await.status(200);
    assert_eq!(s.results(None).await.0, 1);
    assert_eq!(waits_of(&s, device).await, 0);
    let refused = restored(&s.kasi.in_english(), &path)
        .await
        .problem(409, "already_decided");
    assert_eq!(
        refused.json["detail"],
        "This answer was released and counts. Void the answer if it is false."
    );
    at("16:00");
    for (as_of, held, respondents) in [("04:30", 1, 0), ("05:30", 0, 0), ("06:30", 1, 0), ("07:30", 0, 1)] {
        let as_of = format!("2025-03-14T{as_of}:00Z");
        assert_eq!(held_at(&s, &as_of).await, held, "{as_of}");
        assert_eq!(s.results(Some(&as_of)).await.0, respondents, "{as_of}");
    }

    // The Inspektorat finds it, and reads both decisions.
    let auditor = s.world.holder(Role::Auditor, Some(PARINGIN), &[]);
    let found = auditor.all(&format!("{HELD}?restored=true")).await;
    assert_eq!((found.len(), &found[0]["id"]), (1, &waiting.json["id"]));
    assert_eq!(auditor.all(&format!("{HELD}?restored=false")).await.len(), 0);
    let decisions = [
        json!({
            "decision": "discarded", "decided_at": "2025-03-14T05:00:00Z", "decided_by": "test.officer",
            "decision_reason": reason()["reason"], "released_response_id": null,
            "restored": {"at": "2025-03-14T06:00:00Z", "by": "test.officer", "reason": "Keliru dibuang"},
        }),
        json!({
            "decision": "released", "decided_at": "2025-03-14T07:00:00Z", "decided_by": "test.officer",
            "decision_reason": reason()["reason"], "released_response_id": item["id"], "restored": null,
        }),
    ];
    for limit in [1, 2, 25] {
        assert_eq!(auditor.all(&format!("{path}/versions?limit={limit}")).await, decisions);
    }
    s.check_tallies().await;
}

/// Content under a taken id is kept aside as well.
#[apply(both_databases)]
async fn discarded_other_content_is_restored_and_released(backend: Backend) {
    let s = Setting::open(backend).await;
    let first = s.item(4);
    let second = changed(&first, "/answers", answer(2)["answers"].clone());
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    assert_eq!(
        outcomes(&s.batch(&s.phone, std::slice::from_ref(&second)).await),
        ["conflict"]
    );
    let held = s.newest().await;
    for _ in 0..2 {
        decide(&s.kasi, &held, "discard").await.status(200);
        restored(&s.kasi, &path_of(&held)).await.status(200);
    }
    assert_eq!(s.kasi.all(&format!("{}/versions", path_of(&held))).await.len(), 2);
    assert_eq!(outcomes(&s.batch(&s.phone, &[second]).await), ["conflict"]);
    assert_eq!(s.kasi.all(HELD).await.len(), 1);
    decide(&s.kasi, &held, "release").await.status(200);
    assert_eq!(s.results(None).await, (json!(2), json!(75), json!(75)));
    s.check_tallies().await;
}

/// Two thousand answers were discarded with the wrong filter.
#[apply(both_databases)]
async fn discards_of_many_answers_are_restored_together(backend: Backend) {
    let s = Setting::with_quotas(backend, 5, 100).await;
    s.world.load_regency().await;
    let device = Uuid::new_v4();
    let revoked = s.world.revoked(device);
    let items: Vec<Value> = (0..5).map(|_| s.item(4)).collect();
    s.batch(&revoked, &items).await;
    let all = s.kasi.all(HELD).await;
    // One is discarded before, one is restored alone afterwards.
    decide(&s.kasi, &all[0], "discard").await.status(200);
    let discard = json!({"decision": "discarded", "client_id": device, "reason": "Salah ponsel"});
    let made = s.kasi.post(DECISIONS, discard.clone()).await.status(201);
    assert_eq!(made.json["answers"], 4);
    restored(&s.kasi, &path_of(&all[1])).await.status(200);
    let path = made.header("location").to_owned();
    let request = format!("{path}/restorations");
    let because = || json!({"reason": "x"});
    let roles = [Role::Head, Role::Auditor, Role::Surveyor, Role::Integrator];
    for role in roles {
        let actor = s.world.holder(role, Some(PARINGIN), &[]);
        let one = format!("{}/restorations", path_of(&all[2]));
        for path in [&request, &one] {
            assert_refused(&[(&actor, "POST", path, because(), 403, "insufficient_scope")]).await;
        }
    }
    let (stranger, pmd) = (s.world.stranger(), s.world.officer(&["pmd"]));
    let nowhere = format!("/v1/held-decisions/{}/restorations", Uuid::new_v4());
    let one = format!("{}/restorations", path_of(&all[2]));
    assert_refused(&[
        (&stranger, "POST", &request, because(), 404, "not_found"),
        (&stranger, "POST", &one, because(), 404, "not_found"),
        (&pmd, "POST", &request, because(), 403, "wrong_section"),
        (&pmd, "POST", &one, because(), 403, "wrong_section"),
        (&s.kasi, "POST", &nowhere, because(), 404, "not_found"),
        (&s.kasi, "POST", &request, json!({}), 400, "invalid_body"),
        (&s.kasi, "POST", &one, json!({"reason": " "}), 400, "invalid_body"),
    ])
    .await;

    // Meanwhile the phone sent more. What waited before is no answer too many, and later ones wait on the phone.
    let more: Vec<Value> = (0..3).map(|_| s.item(4)).collect();
    assert_eq!(outcomes(&s.batch(&revoked, &more).await), ["quarantined"; 3]);
    let back = restored(&s.kasi, &path).await.status(200);
    assert_eq!(back.json["restored_answers"], 3);
    assert_eq!(
        (&back.json["restored_by"], &back.json["restore_reason"]),
        (&json!("test.officer"), &json!("Keliru dibuang"))
    );
    assert_eq!(back.json, s.kasi.get(&path).await.status(200).json);
    assert_ne!(back.etag(), made.etag());
    restored(&s.kasi, &path).await.problem(409, "not_deleted");
    assert_eq!(waits_of(&s, device).await, 7);
    assert_eq!(outcomes(&s.batch(&revoked, &[s.item(4)]).await), ["deferred"]);
    let waiting = s.kasi.all(&format!("{HELD}?decided=false")).await;
    assert!(waiting.len() == 7 && !waiting.contains(&all[0]), "{waiting:#?}");

    // The retry of the request is the decision as it is now; it decides nothing.
    let release = json!({"decision": "released", "client_id": device, "reason": "Sinyal kembali"});
    let released = s.kasi.post(DECISIONS, release).await.status(201);
    assert_eq!(released.json["answers"], 7);
    let taken_back = restored(&s.kasi, released.header("location")).await;
    taken_back.problem(409, "already_decided");
    assert_eq!(s.results(None).await, (json!(7), json!(100), json!(100)));
    s.check_tallies().await;
}

/// A list is one of the instant of its first page.
#[apply(both_databases)]
async fn a_walk_shows_the_decisions_of_its_first_page(backend: Backend) {
    let s = Setting::open(backend).await;
    let items: Vec<Value> = (0..4).map(|n| s.item(1 + n)).collect();
    s.batch(&s.world.revoked_phone(), &items).await;
    let all = s.kasi.all(HELD).await;
    for held in &all[..3] {
        decide(&s.kasi, held, "discard").await.status(200);
    }
    let decided = format!("{HELD}?decided=true&limit=1");
    let before = s.kasi.all(&decided).await;
    let first = s.kasi.get(&decided).await.status(200);
    let waiting = s.kasi.get(&format!("{HELD}?decided=false&limit=1")).await.status(200);
    for held in &all[..3] {
        restored(&s.kasi, &path_of(held)).await.status(200);
    }
    decide(&s.kasi, &all[1], "discard").await.status(200);
    assert_eq!(s.kasi.rest(&decided, &first).await, before);
    assert_eq!(
        s.kasi.rest(&format!("{HELD}?decided=false&limit=1"), &waiting).await,
        [all[3].clone()]
    );
    assert_eq!(s.kasi.all(&decided).await.len(), 1);
    assert_eq!(s.kasi.all(&format!("{HELD}?restored=true")).await.len(), 3);
}

/// A withdrawn survey keeps its answers; they can be restored, and released when the survey is restored.
#[apply(both_databases)]
async fn a_discard_of_a_withdrawn_survey_can_be_taken_back(backend: Backend) {
    let s = Setting::open(backend).await;
    s.batch(&s.world.revoked_phone(), &[s.item(4)]).await;
    let held = s.newest().await;
    decide(&s.kasi, &held, "discard").await.status(200);
    s.kasi.delete(&s.survey, "*").await.status(204);
    restored(&s.kasi, &path_of(&held)).await.status(200);
    decide(&s.kasi, &held, "release").await.problem(409, "survey_not_open");
    s.kasi
        .post(&format!("{}/restorations", s.survey), json!({"reason": "Keliru"}))
        .await
        .status(200);
    decide(&s.kasi, &held, "release").await.status(200);
    assert_eq!(s.results(None).await.0, 1);
    s.check_tallies().await;
}
