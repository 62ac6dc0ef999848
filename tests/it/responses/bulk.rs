//! One decision on many answers: which answers it takes, what it changes, and who may make it.

use entity::held_response;
use futures_util::future::join_all;
use iku::access::Role;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{HELD, Setting, changed, open_survey, outcomes, survey_of};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{Client, PARINGIN, Reply, instant};

const DECISIONS: &str = "/v1/held-responses/decisions";
const VOIDS: &str = "/v1/responses/voids";

fn discard(member: &str, value: impl Into<Value>) -> Value {
    with(
        json!({"decision": "discarded", "reason": "Ponsel hilang"}),
        member,
        value,
    )
}

fn release(member: &str, value: impl Into<Value>) -> Value {
    with(
        json!({"decision": "released", "reason": "Sinyal kembali"}),
        member,
        value,
    )
}

fn void(device: Uuid) -> Value {
    json!({"client_id": device, "reason": "Ponsel dicuri"})
}

fn with(mut body: Value, member: &str, value: impl Into<Value>) -> Value {
    body[member] = value.into();
    body
}

/// Two revoked phones with three and two held answers, the second phone's at 13:00.
async fn two_phones(s: &Setting) -> [Uuid; 2] {
    let [first, second] = [Uuid::new_v4(), Uuid::new_v4()];
    s.batch(&s.world.revoked(first), &[s.item(1), s.item(2), s.item(3)])
        .await;
    s.world.clock.set(instant("2025-03-14T13:00:00+08:00"));
    s.batch(&s.world.revoked(second), &[s.item(4), s.item(4)]).await;
    [first, second]
}

async fn waiting(s: &Setting) -> Vec<Value> {
    s.kasi.all(&format!("{HELD}?decided=false")).await
}

#[apply(both_databases)]
async fn held_answers_are_released_and_discarded_together(backend: Backend) {
    let s = Setting::open(backend).await;
    let [first, second] = two_phones(&s).await;
    let realisation = "/v1/indicators/paringin-iku-1/realisations/2025-S1";
    let etag = s.kasi.get(realisation).await.etag();
    s.world.clock.set(instant("2025-03-20T09:00:00+08:00"));
    let id = Uuid::new_v4();
    let body = with(release("client_id", json!(second)), "id", json!(id));
    let made = s.kasi.post(DECISIONS, body.clone()).await.status(201);
    let expected = json!({
        "id": id, "decision": "released", "district_code": PARINGIN, "survey_id": null, "client_id": second,
        "held_reason": null, "received_from": null, "received_to": null, "reason": "Sinyal kembali", "answers": 2,
        "has_more": false, "decided_at": made.json["decided_at"], "decided_by": "test.officer",
        "restored_at": null, "restored_by": null, "restore_reason": null, "restored_answers": null,
    });
    assert_eq!(made.json, expected);
    assert_eq!(s.results(None).await, (json!(2), json!(100), json!(100)));
    assert_eq!(s.results(Some("2025-03-19T09:00:00%2B08:00")).await.0, 0);
    assert_ne!(s.kasi.get(realisation).await.etag(), etag);

    // It is one recorded decision, and a retry is the same decision.
    let path = made.header("location");
    assert_eq!(path, format!("/v1/held-decisions/{id}"));
    let got = s.kasi.get(path).await.status(200);
    assert_eq!((&got.json, got.etag()), (&expected, made.etag()));
    assert_eq!(s.kasi.post(DECISIONS, body.clone()).await.status(200).json, expected);
    let other = with(body, "reason", "lain");
    s.kasi.post(DECISIONS, other).await.problem(409, "id_conflict");
    let voided = with(void(first), "id", json!(id));
    s.kasi.post(VOIDS, voided).await.problem(409, "id_conflict");
    s.kasi.get(&format!("{VOIDS}/{id}")).await.problem(404, "not_found");

    let rest = s
        .kasi
        .post(DECISIONS, discard("survey_id", json!(s.id())))
        .await
        .status(201)
        .json;
    assert_eq!((&rest["answers"], &rest["client_id"]), (&json!(3), &Value::Null));
    assert_eq!(s.results(None).await.0, 2);
    assert_eq!(waiting(&s).await.len(), 0);
    for held in s.kasi.all(HELD).await {
        let (decision, reason) = match &held["released_response_id"] {
            Value::Null => ("discarded", "Ponsel hilang"),
            released => {
                assert_eq!(released, &held["response_id"]);
                ("released", "Sinyal kembali")
            }
        };
        assert_eq!(
            (&held["decision"], &held["decision_reason"]),
            (&json!(decision), &json!(reason))
        );
        assert_eq!(held["decided_by"], "test.officer");
    }
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn decision_takes_what_matches_all_members(backend: Backend) {
    let s = Setting::open(backend).await;
    let [first, second] = two_phones(&s).await;
    let kept = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&kept)).await;
    s.batch(&s.phone, &[changed(&kept, "/answers/waktu", json!(1))]).await;
    let noon = "2025-03-14T12:30:00+08:00";
    let of_survey = || discard("survey_id", json!(s.id()));
    for body in [
        with(of_survey(), "held_reason", "survey_closed"),
        with(of_survey(), "received_from", "2025-03-14T14:00:00+08:00"),
        with(discard("client_id", json!(second)), "received_to", noon),
        with(discard("client_id", json!(first)), "received_from", noon),
        discard("client_id", json!(Uuid::new_v4())),
    ] {
        s.kasi.post(DECISIONS, body).await.problem(422, "rule_broken");
    }
    for (body, answers) in [
        (with(of_survey(), "held_reason", "id_conflict"), 1),
        (with(of_survey(), "received_to", noon), 3),
        (
            with(
                discard("client_id", json!(second)),
                "received_from",
                "2025-03-14T05:00:00Z",
            ),
            2,
        ),
    ] {
        let made = s.kasi.post(DECISIONS, body.clone()).await.status(201).json;
        assert_eq!(made["answers"], answers, "{body}");
    }
    assert_eq!(waiting(&s).await.len(), 0);
    s.check_tallies().await;
}

/// Other content was not checked before, so each release of it is judged alone.
#[apply(both_databases)]
async fn other_content_is_not_released_together(backend: Backend) {
    let s = Setting::open(backend).await;
    let first = s.item(4);
    s.batch(&s.phone, std::slice::from_ref(&first)).await;
    s.batch(&s.phone, &[changed(&first, "/answers/waktu", json!(1))]).await;
    s.batch(&s.world.revoked_phone(), &[s.item(4)]).await;
    let conflicts = with(release("survey_id", json!(s.id())), "held_reason", "id_conflict");
    assert_bodies_refused(
        &s.kasi,
        "POST",
        DECISIONS,
        [(conflicts, 422, "rule_broken", "#/held_reason")],
    )
    .await;
    let made = s
        .kasi
        .post(DECISIONS, release("survey_id", json!(s.id())))
        .await
        .status(201)
        .json;
    assert_eq!(made["answers"], 1);
    let left = waiting(&s).await;
    assert_eq!((left.len(), &left[0]["reason"]), (1, &json!("id_conflict")));
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn answers_of_a_device_are_voided_together(backend: Backend) {
    let s = Setting::open(backend).await;
    let (thief, other) = (Uuid::new_v4(), s.phone.clone());
    let phone = s.world.phone(thief);
    s.batch(&phone, &[s.item(4)]).await;
    s.world.clock.set(instant("2025-03-15T12:00:00+08:00"));
    let items = [s.item(1), s.item(1), s.item(1)];
    s.batch(&phone, &items).await;
    s.batch(&other, &[s.item(4)]).await;
    s.batch(&s.world.revoked(thief), &[s.item(1)]).await;
    let realisation = "/v1/indicators/paringin-iku-1/realisations/2025-S1";
    let etag = s.kasi.get(realisation).await.etag();
    s.world.clock.set(instant("2025-03-20T09:00:00+08:00"));
    let stolen = with(void(thief), "received_from", "2025-03-15T00:00:00+08:00");
    let made = s.kasi.post(VOIDS, stolen.clone()).await.status(201);
    assert_eq!(
        (&made.json["answers"], &made.json["has_more"]),
        (&json!(3), &json!(false))
    );
    assert_eq!(s.results(None).await, (json!(2), json!(100), json!(100)));
    assert_eq!(s.results(Some("2025-03-19T09:00:00%2B08:00")).await.0, 5);
    assert_ne!(s.kasi.get(realisation).await.etag(), etag);
    let got = s.kasi.get(made.header("location")).await.status(200);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    let gone = format!("{}/{}", s.responses, items[0]["id"].as_str().unwrap());
    s.kasi.get(&gone).await.problem(404, "not_found");
    s.kasi.delete(&gone, "*").await.problem(404, "not_found");
    // What was voided stays stored, what is held stays held, and nothing is voided twice.
    assert_eq!(outcomes(&s.batch(&phone, &items).await), ["already_stored"; 3]);
    assert_eq!(waiting(&s).await.len(), 1);
    s.kasi.post(VOIDS, stolen).await.problem(422, "rule_broken");
    let rest = with(void(thief), "survey_id", json!(s.id()));
    assert_eq!(s.kasi.post(VOIDS, rest).await.status(201).json["answers"], 1);
    s.check_tallies().await;
}

/// What was decided on many answers can be found without its id.
#[apply(both_databases)]
async fn decisions_and_voids_are_listed(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let [first, second] = two_phones(&s).await;
    let active = Uuid::new_v4();
    s.batch(&s.world.phone(active), &[s.item(1), s.item(1)]).await;
    let later = |hour: u8| s.world.clock.set(instant(&format!("2025-03-20T{hour}:00:00+08:00")));
    let mut made = Vec::new();
    for (hour, path, body) in [
        (10, DECISIONS, release("client_id", json!(second))),
        (11, DECISIONS, discard("survey_id", json!(s.id()))),
        (12, VOIDS, with(void(active), "survey_id", json!(s.id()))),
        (13, VOIDS, void(second)),
    ] {
        later(hour);
        made.push(s.kasi.post(path, body).await.status(201).json);
    }
    let [released, discarded, voided, stolen] = &made[..] else {
        panic!()
    };
    let survey = s.id();
    let auditor = s.world.holder(Role::Auditor, Some(PARINGIN), &[]);
    let held = "/v1/held-decisions";
    for (list, query, wanted) in [
        (held, String::new(), vec![discarded, released]),
        (held, "decision=released".to_owned(), vec![released]),
        (held, format!("client_id={second}"), vec![released]),
        (held, format!("survey_id={survey}"), vec![discarded]),
        (held, format!("client_id={first}"), vec![]),
        (held, format!("district_code={PARINGIN}"), vec![discarded, released]),
        (VOIDS, String::new(), vec![stolen, voided]),
        (VOIDS, format!("client_id={active}"), vec![voided]),
        (VOIDS, format!("survey_id={survey}"), vec![voided]),
        (VOIDS, format!("survey_id={}", Uuid::new_v4()), vec![]),
    ] {
        let found = auditor.all(&format!("{list}?limit=1&{query}")).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{list} {query}");
    }
    // A page is a page of one instant.
    for (list, record) in [(held, discarded), (VOIDS, voided)] {
        let address = format!("{list}?limit=1");
        let before = auditor.all(&address).await;
        let start = auditor.get(&format!("{address}&count=true")).await.status(200);
        assert_eq!(start.json["total"], 2);
        let path = match list {
            VOIDS => format!("{VOIDS}/{}", record["id"].as_str().unwrap()),
            _ => format!("{held}/{}", record["id"].as_str().unwrap()),
        };
        let restored = s
            .kasi
            .post(&format!("{path}/restorations"), json!({"reason": "Keliru"}))
            .await;
        assert_eq!(restored.status(200).json["restored_answers"], record["answers"]);
        assert_eq!(auditor.rest(&address, &start).await, before, "{list}");
        let after = auditor.all(list).await;
        assert!(after.iter().any(|row| row["restore_reason"] == "Keliru"), "{list}");
    }
    let stranger = s.world.stranger();
    let of_paringin = |list: &str| format!("{list}?district_code={PARINGIN}");
    for list in [held, VOIDS] {
        assert_eq!(stranger.all(list).await.len(), 0);
        stranger.get(&of_paringin(list)).await.problem(404, "not_found");
        s.phone.get(list).await.problem(403, "insufficient_scope");
        for bad in ["decided=true", "client_id=x", "reason=x"] {
            auditor
                .get(&format!("{list}?{bad}"))
                .await
                .problem(400, "invalid_query");
        }
    }
}

#[apply(both_databases)]
async fn same_request_at_once_decides_once(backend: Backend) {
    let s = Setting::open(backend).await;
    let [first, _] = two_phones(&s).await;
    let body = with(release("client_id", json!(first)), "id", json!(Uuid::new_v4()));
    let replies: Vec<Reply> = join_all((0..8).map(|_| s.kasi.post(DECISIONS, body.clone()))).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);
    assert!(replies.iter().all(|reply| reply.json == replies[0].json));
    assert_eq!(s.results(None).await.0, 3);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn only_officers_of_the_section_decide_on_many(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let [device, _] = two_phones(&s).await;
    let active = Uuid::new_v4();
    s.batch(&s.world.phone(active), &[s.item(1)]).await;
    let (stranger, pmd) = (s.world.stranger(), s.world.officer(&["pmd"]));
    let (of_survey, of_device) = (discard("survey_id", json!(s.id())), discard("client_id", json!(device)));
    let void_of_survey = with(void(active), "survey_id", json!(s.id()));
    assert_refused(&[
        (
            &stranger,
            "POST",
            DECISIONS,
            of_survey.clone(),
            422,
            "unknown_reference",
        ),
        (&stranger, "POST", DECISIONS, of_device.clone(), 422, "rule_broken"),
        (
            &stranger,
            "POST",
            VOIDS,
            void_of_survey.clone(),
            422,
            "unknown_reference",
        ),
        (&stranger, "POST", VOIDS, void(active), 422, "rule_broken"),
        (&pmd, "POST", DECISIONS, of_survey.clone(), 403, "wrong_section"),
        (&pmd, "POST", DECISIONS, of_device.clone(), 403, "wrong_section"),
        (&pmd, "POST", VOIDS, void_of_survey.clone(), 403, "wrong_section"),
        (&pmd, "POST", VOIDS, void(active), 403, "wrong_section"),
    ])
    .await;
    let roles = [Role::Head, Role::Auditor, Role::Surveyor, Role::Integrator];
    let others = roles.map(|role| s.world.holder(role, Some(PARINGIN), &[]));
    let others: Vec<&Client> = others.iter().collect();
    let revoked = s.world.revoked(device);
    for actor in [&others[..], &[&revoked]].concat() {
        assert_refused(&[
            (actor, "POST", DECISIONS, of_device.clone(), 403, "insufficient_scope"),
            (actor, "POST", VOIDS, void(active), 403, "insufficient_scope"),
        ])
        .await;
    }
    let neither = json!({"decision": "discarded", "reason": "x"});
    let unknown = discard("survey_id", json!(Uuid::new_v4()));
    assert_bodies_refused(
        &s.kasi,
        "POST",
        DECISIONS,
        [
            (neither, 422, "rule_broken", "#/survey_id"),
            (unknown, 422, "unknown_reference", "#/survey_id"),
            (with(of_survey.clone(), "reason", " "), 400, "invalid_body", "#/reason"),
            (
                with(of_survey.clone(), "decision", "x"),
                400,
                "invalid_body",
                "#/decision",
            ),
        ],
    )
    .await;
    assert_eq!((waiting(&s).await.len(), s.results(None).await.0), (5, json!(1)));

    let made = [
        s.kasi.post(DECISIONS, of_survey).await.status(201),
        s.world.admin().post(VOIDS, void(active)).await.status(201),
    ];
    let head = s.world.holder(Role::Head, Some(PARINGIN), &[]);
    for made in made {
        let path = made.header("location");
        head.get(path).await.status(200);
        stranger.get(path).await.problem(404, "not_found");
        assert_refused(&[(&s.phone, "GET", path, NONE, 403, "insufficient_scope")]).await;
    }
}

/// A device that moved has answers in two districts. Only a caller of the regency sees both, and decides on one after the
/// other.
#[apply(both_databases)]
async fn decision_concerns_one_district(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let admin = s.world.admin();
    let there = open_survey(&admin, survey_of("63.11.01")).await;
    let there = there.rsplit('/').next().unwrap();
    let device = Uuid::new_v4();
    let phone = s.world.revoked_of(device, None);
    let items = [s.item(1), changed(&s.item(2), "/survey_id", json!(there)), s.item(3)];
    assert_eq!(outcomes(&s.batch(&phone, &items).await), ["quarantined"; 3]);
    for (district, answers, has_more) in [("63.11.01", 1, true), (PARINGIN, 2, false)] {
        let made = admin
            .post(DECISIONS, discard("client_id", json!(device)))
            .await
            .status(201)
            .json;
        let told = (&made["district_code"], &made["answers"], &made["has_more"]);
        assert_eq!(told, (&json!(district), &json!(answers), &json!(has_more)));
    }
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn decision_takes_ten_thousand_answers_at_most(backend: Backend) {
    let s = Setting::open(backend).await;
    let row = |n: usize| held_response::Model {
        id: Uuid::new_v4(),
        reason: "id_conflict".to_owned(),
        district_code: PARINGIN.to_owned(),
        survey_id: s.id(),
        response_id: Uuid::new_v4(),
        fingerprint: vec![0; 32],
        content: Some(super::answer(3).to_string()),
        received_at: s.world.clock.now() + chrono::TimeDelta::seconds(i64::try_from(n).unwrap()),
        flags: 0,
        device_id: None,
        recorded_by: "hp-1".to_owned(),
        decision: None,
        decided_at: None,
        decided_by: None,
        decision_reason: None,
        released_response_id: None,
    };
    let rows: Vec<held_response::Model> = (0..10_002).map(row).collect();
    for chunk in rows.chunks(1000) {
        let active = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
        let insert = held_response::Entity::insert_many(active);
        insert
            .exec_without_returning(s.world.service.db.connection())
            .await
            .unwrap();
    }
    for (answers, has_more) in [(10_000, true), (2, false)] {
        let made = s
            .kasi
            .post(DECISIONS, discard("survey_id", json!(s.id())))
            .await
            .status(201)
            .json;
        assert_eq!(
            (&made["answers"], &made["has_more"]),
            (&json!(answers), &json!(has_more))
        );
    }
    let newest = s.kasi.get(&format!("{HELD}?limit=2")).await.status(200).json;
    assert_ne!(newest["items"][0]["decided_at"], Value::Null);
}
