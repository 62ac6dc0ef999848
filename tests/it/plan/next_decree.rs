//! `copy_of`: the next decree continues the indicators of another one, in one request.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{DECREES, INDICATORS, in_force, next_decree, shipped, texts, trial, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::assert_bodies_refused;
use crate::support::world::{Client, PARINGIN, World};

const NOW: &str = "2026-11-27T09:00:00+08:00";
const IKU_4: &str = "/v1/indicators/paringin-iku-4";

#[apply(both_databases)]
async fn the_next_decree_continues_the_indicators_of_the_last(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    admin
        .put(&format!("{IKU_4}/targets/2026"), json!({"value": 90}))
        .await
        .status(201);
    let before = admin.get(IKU_4).await.status(200);
    assert!(in_force(&admin, 2027).await.is_empty());

    let made = admin.post(DECREES, next_decree()).await.status(201);
    let listed = made.json["indicators"].as_array().unwrap().clone();
    let numbers: Vec<_> = listed
        .iter()
        .map(|i| (i["number"].as_i64(), i["from_year"].as_i64()))
        .collect();
    assert_eq!(numbers, (1..=5).map(|n| (Some(n), Some(2027))).collect::<Vec<_>>());
    assert_eq!(made.json.get("warnings"), None, "no year is over");
    let path = made.header("location");
    let got = admin.get(path).await.status(200);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    // A retry is safe, and the last decree keeps its indicators.
    assert_eq!(admin.post(DECREES, next_decree()).await.status(200).json, made.json);
    let last = admin.get(&shipped()).await.status(200).json;
    assert_eq!(last["indicators"].as_array().unwrap().len(), 5);

    // The same code has one decree until 2026 and another from 2027 on.
    let next = admin.get(&format!("{IKU_4}?year=2027")).await.status(200).json;
    assert_eq!(next["decree_id"], made.json["id"]);
    for member in ["name", "number", "formula", "formula_text", "objective", "source"] {
        assert_eq!(next[member], before.json[member], "{member}");
    }
    assert_eq!(in_force(&admin, 2027).await, in_force(&admin, 2026).await);
    assert_eq!(
        admin.get(IKU_4).await.status(200).etag(),
        before.etag(),
        "this year is as before"
    );
    let versions = admin.all(&format!("{IKU_4}/versions")).await;
    let rows: Vec<_> = versions
        .iter()
        .map(|v| (v["content"]["from_year"].as_i64(), v["version"].as_i64()))
        .collect();
    assert_eq!(rows, [(Some(2023), Some(1)), (Some(2027), Some(1))]);

    // Targets come from the agreement of the year.
    let targets = format!("{IKU_4}/targets");
    assert_eq!(texts(&admin.all(&targets).await, "period"), ["2026"]);
    admin
        .put(&format!("{targets}/2027"), json!({"value": 95}))
        .await
        .status(201);
    // A series goes on over the end of the decree; each value names its own.
    let series = admin
        .get(&format!("{IKU_4}/realisations?from=2026&to=2027"))
        .await
        .status(200)
        .json;
    let decrees: Vec<_> = series["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["formula"]["decree"].clone())
        .collect();
    assert_eq!(decrees, ["139/CPAR/2023", "12/CPAR/2027"]);
}

/// Case 52: a decree is replaced before its end. What was known before is as it was.
#[apply(both_databases)]
async fn a_decree_can_be_replaced_before_its_end(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let later = json!({"from_year": 2026, "source": "Seksi Lain"});
    admin.patch(IKU_4, "*", later).await.status(200);
    let trial = with(trial(), json!({"from_year": 2024}));
    admin.post(INDICATORS, trial).await.status(201);
    let before = value_of_2024(&admin).await;

    world.clock.set("2025-09-30T01:00:00Z".parse().unwrap());
    let next = with(next_decree(), json!({"first_year": 2025, "last_year": 2029}));
    let made = admin.post(DECREES, next).await.status(201);
    assert_eq!(made.json["indicators"].as_array().unwrap().len(), 6);
    assert_eq!(
        made.json.get("warnings"),
        None,
        "the values are the same under the new decree"
    );
    // The wording of 2026 is a wording of the new decree.
    for (year, source, decree) in [
        (2024, "Seksi Penyelenggaraan Pemerintahan", None),
        (2025, "Seksi Penyelenggaraan Pemerintahan", Some(&made.json["id"])),
        (2029, "Seksi Lain", Some(&made.json["id"])),
    ] {
        let got = admin.get(&format!("{IKU_4}?year={year}")).await.status(200).json;
        assert_eq!(got["source"], source, "{year}");
        assert_eq!(got["decree_id"] == made.json["id"], decree.is_some(), "{year}");
    }
    assert_eq!(value_of_2024(&admin).await, before);
    let past = format!("{IKU_4}/realisations/2025?as_of=2025-07-01T00:00:00Z");
    assert_eq!(
        admin.get(&past).await.status(200).json["formula"]["decree"],
        "139/CPAR/2023"
    );
    let past = format!("{IKU_4}/realisations/2027?as_of=2025-07-01T00:00:00Z");
    admin.get(&past).await.problem(404, "indicator_not_in_force");

    // A shorter decree hides the years after it, and says so when they have targets.
    admin
        .put(&format!("{IKU_4}/targets/2029"), json!({"value": 1}))
        .await
        .status(201);
    let shorter = json!({
        "id": Uuid::new_v4(), "number": "13/CPAR/2027", "first_year": 2028, "last_year": 2028, "copy_of": made.json["id"],
    });
    let shorter = admin.post(DECREES, with(next_decree(), shorter)).await.status(201).json;
    assert_eq!(
        shorter["warnings"],
        json!([{"code": "indicators_hidden", "indicators": ["paringin-iku-4"]}])
    );
}

/// All that a realisation says, without the instant of the newest record.
async fn value_of_2024(actor: &Client) -> Value {
    let mut value = actor.get(&format!("{IKU_4}/realisations/2024")).await.status(200).json;
    value["facts_recorded_at"].take();
    value
}

#[apply(both_databases)]
async fn rejects_copies_that_cannot_be(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let admin = world.admin();
    let juai = json!({"id": Uuid::new_v4(), "district_code": "63.11.01"});
    let past = json!({"first_year": 2025, "last_year": 2026});
    let rows = [
        (
            json!({"copy_of": Uuid::new_v4()}),
            422,
            "unknown_reference",
            "#/copy_of",
        ),
        // The decree of another district.
        (juai, 422, "unknown_reference", "#/copy_of"),
        (past, 422, "reason_required", "#/reason"),
        (json!({"copy_of": "139/CPAR/2023"}), 400, "invalid_body", "#/copy_of"),
    ];
    let rows = rows.map(|(changes, status, code, pointer)| (with(next_decree(), changes), status, code, pointer));
    assert_bodies_refused(&admin, "POST", DECREES, rows).await;

    admin.post(DECREES, next_decree()).await.status(201);
    // The indicators of 2027 have their decree, and a number that another indicator has is taken.
    let again = with(next_decree(), json!({"id": Uuid::new_v4(), "number": "14/CPAR/2027"}));
    let rows = [(again.clone(), 409, "conflict", "#/copy_of")];
    assert_bodies_refused(&admin, "POST", DECREES, rows).await;
    let empty =
        json!({"id": Uuid::new_v4(), "number": "15/CPAR/2031", "first_year": 2031, "last_year": 2034, "copy_of": null});
    let empty = admin.post(DECREES, with(next_decree(), empty)).await.status(201);
    let sixth = json!({"decree_id": empty.id(), "number": 3, "from_year": 2031});
    admin.post(INDICATORS, with(trial(), sixth)).await.status(201);
    let taken = json!({"id": Uuid::new_v4(), "number": "16/CPAR/2031", "first_year": 2031, "last_year": 2034});
    let taken = with(next_decree(), with(taken, json!({"copy_of": next_decree()["id"]})));
    assert_bodies_refused(&admin, "POST", DECREES, [(taken, 409, "conflict", "#/copy_of")]).await;
    assert_eq!(
        in_force(&admin, 2031).await,
        ["coba"],
        "nothing of a refused request is recorded"
    );
}

#[apply(both_databases)]
async fn a_next_decree_with_a_mistake_is_one_request_away_from_being_none(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let made = admin.post(DECREES, next_decree()).await.status(201);
    let path = made.header("location").to_owned();
    // In force: its indicators would vanish from years that have values.
    admin.delete(&shipped(), "*").await.problem(409, "conflict");
    let stale = admin.delete(&path, "\"1\"").await;
    stale.problem(412, "precondition_failed");
    admin.delete(&path, &made.etag()).await.status(204);
    admin.get(&path).await.problem(404, "not_found");
    assert!(in_force(&admin, 2027).await.is_empty());
    assert_eq!(in_force(&admin, 2026).await.len(), 5);
    admin.post(DECREES, next_decree()).await.problem(409, "deleted");
    let listed = admin.all(&format!("{DECREES}?state=deleted")).await;
    assert_eq!(texts(&listed, "number"), ["12/CPAR/2027"]);
    assert_eq!(listed[0]["deletion"]["reason"], "uji");
    // No instant has an indicator without its decree.
    let at = listed[0]["deletion"]["at"]
        .as_str()
        .unwrap()
        .parse::<chrono::DateTime<chrono::Utc>>()
        .unwrap();
    for (micros, count) in [(-1, 5), (0, 0), (1, 0)] {
        let as_of = (at + chrono::TimeDelta::microseconds(micros)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        world.clock.set("2026-11-28T00:00:00Z".parse().unwrap());
        let pulled = format!("/v1/realisations?district_code={PARINGIN}&period=2027&as_of={as_of}");
        assert_eq!(admin.all(&pulled).await.len(), count, "{as_of}");
    }
    // The indicators themselves live on.
    assert!(admin.all(&format!("{INDICATORS}?state=deleted")).await.is_empty());

    let restorations = format!("{path}/restorations");
    let reason = || json!({"reason": "Ternyata benar"});
    let stranger = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    stranger.post(&restorations, reason()).await.problem(404, "not_found");
    let back = admin.post(&restorations, reason()).await.status(200);
    assert_eq!(back.json["indicators"].as_array().unwrap().len(), 5);
    assert_eq!(back.json.get("deletion"), None);
    assert_eq!(admin.get(&path).await.status(200).etag(), back.etag());
    assert_eq!(in_force(&admin, 2027).await.len(), 5);
    admin.post(&restorations, reason()).await.problem(409, "not_deleted");
    let versions = admin.all(&format!("{path}/versions")).await;
    let history: Vec<_> = versions
        .iter()
        .map(|v| (v["deleted"].as_bool().unwrap(), v["reason"].as_str()))
        .collect();
    assert_eq!(
        history,
        [(false, None), (true, Some("uji")), (false, Some("Ternyata benar"))]
    );
    assert_eq!(versions[0]["content"]["number"], "12/CPAR/2027");

    // Its number, or its place in the life of the indicators, can be taken meanwhile.
    for taken in [
        json!({"id": Uuid::new_v4(), "copy_of": null}),
        json!({"id": Uuid::new_v4(), "number": "13/CPAR/2027"}),
    ] {
        admin.delete(&path, "*").await.status(204);
        let other = admin.post(DECREES, with(next_decree(), taken)).await.status(201);
        let refused = admin.post(&restorations, reason()).await;
        assert_eq!(refused.status, 409, "{:#}", refused.json);
        admin.delete(other.header("location"), "*").await.status(204);
        admin.post(&restorations, reason()).await.status(200);
    }
    assert_eq!(in_force(&admin, 2027).await.len(), 5);

    // Targets of its years are kept, and nobody sees them any more.
    let target = format!("{IKU_4}/targets/2027");
    admin.put(&target, json!({"value": 95})).await.status(201);
    let gone = admin.delete(&path, "*").await.status(200);
    let hidden = json!([{"code": "indicators_hidden", "indicators": ["paringin-iku-4"]}]);
    assert_eq!(gone.json, json!({ "warnings": hidden }));
}

#[apply(both_databases)]
async fn versions_of_a_decree_say_who_when_and_why(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let fixed = json!({"title": "IKU 2023-2026", "reason": "Salah ketik"});
    admin.patch(&shipped(), "*", fixed).await.status(200);
    let auditor = world.holder(Role::Auditor, Some(PARINGIN), &[]);
    let versions = auditor.all(&format!("{}/versions", shipped())).await;
    let read = |v: &Value| (v["version"].clone(), v["recorded_by"].clone(), v["reason"].clone());
    assert_eq!(
        versions.iter().map(read).collect::<Vec<_>>(),
        [
            (json!(1), json!("iku"), json!(null)),
            (json!(2), json!("test.administrator"), json!("Salah ketik"))
        ]
    );
    assert_eq!(versions[1]["content"]["title"], "IKU 2023-2026");
    let elsewhere = world.holder(Role::Auditor, Some("63.11.01"), &[]);
    elsewhere
        .get(&format!("{}/versions", shipped()))
        .await
        .problem(404, "not_found");
}

#[apply(both_databases)]
async fn lists_show_what_changed_since_and_by_whom(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let own = with(next_decree(), json!({"copy_of": null}));
    admin.post(DECREES, own).await.status(201);
    world.clock.set("2025-07-02T01:00:00Z".parse().unwrap());
    let patch = json!({"from_year": 2025, "source": "Seksi Lain"});
    admin.patch(IKU_4, "*", patch).await.status(200);
    let kind = json!({"from_year": 2025, "confirmed": true});
    admin.patch("/v1/report-kinds/dd-tahap1", "*", kind).await.status(200);
    let since = "changed_since=2025-07-01T00:00:00Z";
    for (path, member, expected) in [
        (format!("{DECREES}?{since}"), "number", vec!["139/CPAR/2023"]),
        (
            format!("{DECREES}?recorded_by=test.administrator"),
            "number",
            vec!["12/CPAR/2027"],
        ),
        (format!("{INDICATORS}?{since}"), "code", vec!["paringin-iku-4"]),
        (
            format!("{INDICATORS}?recorded_by=iku&year=2024&{since}"),
            "code",
            vec![],
        ),
        (format!("/v1/report-kinds?{since}"), "code", vec!["dd-tahap1"]),
        (
            "/v1/report-kinds?recorded_by=test.administrator".to_owned(),
            "code",
            vec!["dd-tahap1"],
        ),
        (
            "/v1/report-kinds?confirmed=true".to_owned(),
            "code",
            vec!["bpd-kinerja", "dd-tahap1", "lppd"],
        ),
        (
            "/v1/report-kinds?confirmed=false&group=administration".to_owned(),
            "code",
            vec![],
        ),
    ] {
        assert_eq!(texts(&admin.all(&path).await, member), expected, "{path}");
    }
}
