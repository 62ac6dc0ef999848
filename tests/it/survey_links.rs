//! Links of surveys: who may make and change them, and what is said about them.

use iku::access::Role;
use serde_json::{Value, json};

use crate::responses::Setting;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused};
use crate::support::world::{Client, PARINGIN};

const LINKS: &str = "/v1/survey-links";

fn link(s: &Setting) -> Value {
    json!({"survey_id": s.survey.rsplit('/').next().unwrap(), "name": "Loket KTP"})
}

fn with(s: &Setting, name: &str, value: Value) -> Value {
    let mut link = link(s);
    link[name] = value;
    link
}

#[apply(both_databases)]
async fn a_link_is_made_changed_and_remembered(backend: Backend) {
    let s = Setting::open(backend).await;
    let id = uuid::Uuid::new_v4();
    let new = with(&s, "id", json!(id));
    let made = s.kasi.post(LINKS, new.clone()).await.status(201);
    assert_eq!(made.header("location"), format!("{LINKS}/{id}"));
    let code = made.json["code"].as_str().unwrap().to_owned();
    assert!(
        code.len() == 10 && code.chars().all(|c| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(c)),
        "{code}"
    );
    assert_eq!(
        (
            &made.json["hourly_budget"],
            &made.json["slips_required"],
            &made.json["active"],
            &made.json["expires_at"]
        ),
        (&json!(120), &json!(false), &json!(true), &Value::Null)
    );
    // Sent again, it is the same link with the same code.
    let again = s.kasi.post(LINKS, new.clone()).await.status(200);
    assert_eq!((&again.json, again.etag()), (&made.json, made.etag()));
    let other = s.kasi.post(LINKS, {
        let mut other = new.clone();
        other["name"] = json!("Lain");
        other
    });
    other.await.problem(409, "id_conflict");

    let path = made.header("location");
    let off = json!({"active": false, "expires_at": "2025-07-01T00:00:00.123456789+08:00", "reason": "Loket pindah"});
    s.kasi
        .patch(path, "\"salah\"", off.clone())
        .await
        .problem(412, "precondition_failed");
    let changed = s.kasi.patch(path, &made.etag(), off.clone()).await.status(200);
    assert_eq!(
        (&changed.json["active"], &changed.json["code"]),
        (&json!(false), &json!(code))
    );
    assert_eq!(changed.json["expires_at"], "2025-06-30T16:00:00.123456Z");
    // Nothing new makes no version.
    let same = s.kasi.patch(path, "*", off).await.status(200);
    assert_eq!(same.etag(), changed.etag());
    let got = s.kasi.get(path).await.status(200);
    assert_eq!((got.etag(), got.json), (changed.etag(), changed.json.clone()));
    let versions = s.kasi.all(&format!("{path}/versions")).await;
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1]["reason"], "Loket pindah", "{:#}", versions[1]);

    s.kasi
        .post(LINKS, with(&s, "name", json!("Balai desa")))
        .await
        .status(201);
    let names = async |query: &str| -> Vec<String> {
        let all = s.kasi.all(&format!("{LINKS}{query}")).await;
        all.iter()
            .map(|link| link["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("").await, ["Balai desa", "Loket KTP"]);
    let survey = link(&s)["survey_id"].as_str().unwrap().to_owned();
    assert_eq!(
        names(&format!("?survey_id={survey}")).await,
        ["Balai desa", "Loket KTP"]
    );
    assert_eq!(names("?active=false").await, ["Loket KTP"]);
    assert_eq!(names(&format!("?survey_id={}", uuid::Uuid::new_v4())).await, [""; 0]);
}

#[apply(both_databases)]
async fn wrong_links_are_refused(backend: Backend) {
    let s = Setting::open(backend).await;
    let unknown = json!(uuid::Uuid::new_v4());
    let cases = [
        (with(&s, "name", json!("")), 400, "invalid_body", "#/name"),
        (with(&s, "name", json!("x".repeat(101))), 400, "invalid_body", "#/name"),
        (
            with(&s, "hourly_budget", json!(0)),
            400,
            "invalid_body",
            "#/hourly_budget",
        ),
        (
            with(&s, "hourly_budget", json!(5001)),
            400,
            "invalid_body",
            "#/hourly_budget",
        ),
        (
            with(&s, "expires_at", json!("besok")),
            400,
            "invalid_body",
            "#/expires_at",
        ),
        (with(&s, "code", json!("0123456789")), 400, "invalid_body", "#/code"),
        (with(&s, "survey_id", unknown), 422, "unknown_reference", "#/survey_id"),
    ];
    assert_bodies_refused(&s.kasi, "POST", LINKS, cases).await;
    let made = s.kasi.post(LINKS, link(&s)).await.status(201);
    let slips = format!("{}/slips", made.header("location"));
    for count in [json!(0), json!(501), json!("x"), Value::Null] {
        let refused = s.kasi.post(&slips, json!({"count": count})).await;
        refused.problem(400, "invalid_body");
    }
    let fixed = json!({"survey_id": uuid::Uuid::new_v4()});
    s.kasi
        .patch(made.header("location"), "*", fixed)
        .await
        .problem(400, "invalid_body");
    // Nobody else sends answers of self-service.
    let mut answer = crate::responses::answer(3);
    answer["mode"] = json!("self_service");
    let refused = s
        .kasi
        .post(&s.responses, answer.clone())
        .await
        .problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/mode"]);
    let mut item = s.item(3);
    item["mode"] = json!("self_service");
    let sent = s.batch(&s.kasi, &[item]).await;
    assert_eq!(sent.json["results"][0]["ignored"], json!(["#/items/0/mode"]));
}

#[apply(both_databases)]
async fn the_section_of_the_survey_makes_links_and_the_district_reads_them(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let made = s.kasi.post(LINKS, link(&s)).await.status(201);
    let (path, slips) = (made.header("location"), format!("{}/slips", made.header("location")));
    let of = |role: Role| s.world.holder(role, Some(PARINGIN), &[]);
    let (own, other) = (s.world.officer(&["pelayanan-kessos"]), s.world.officer(&["pmd"]));
    // Read, make, change, make slips, list slips.
    let matrix: [(&str, Client, [u16; 5]); 10] = [
        ("administrator", s.world.admin(), [200, 201, 200, 200, 200]),
        ("own section", own, [200, 201, 200, 200, 200]),
        ("other section", other, [200, 403, 403, 403, 200]),
        ("head", of(Role::Head), [200, 403, 403, 403, 403]),
        ("secretary", of(Role::Secretary), [200, 403, 403, 403, 403]),
        ("auditor", of(Role::Auditor), [200, 403, 403, 403, 403]),
        ("surveyor", of(Role::Surveyor), [200, 403, 403, 403, 403]),
        ("integrator", of(Role::Integrator), [403; 5]),
        ("reporter", of(Role::Reporter), [403; 5]),
        ("another district", s.world.stranger(), [404, 422, 404, 404, 404]),
    ];
    for (who, client, expected) in matrix {
        let statuses = [
            client.get(path).await.status,
            client.post(LINKS, link(&s)).await.status,
            client.patch(path, "*", json!({"hourly_budget": 60})).await.status,
            client.post(&slips, json!({"count": 1})).await.status,
            client.get(&slips).await.status,
        ];
        assert_eq!(statuses, expected, "{who}");
    }
    s.world.anonymous().get(path).await.problem(401, "unauthenticated");
    assert_eq!(s.world.stranger().all(LINKS).await, [NONE; 0]);
}
