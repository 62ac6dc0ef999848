//! Surveys: drafts that people open and close, and who may see them.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{Client, PARINGIN, World, instant};

const SURVEYS: &str = "/v1/surveys";
const ELEMENTS: [&str; 9] = [
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "sarana",
    "pengaduan",
];

fn skm() -> Value {
    json!({
        "district_code": PARINGIN, "title": "SKM Semester I 2025", "section": "pelayanan-kessos",
        "starts_on": "2025-01-06", "ends_on": "2025-06-30",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut survey = skm();
    survey[name] = value;
    survey
}

async fn created(kasi: &Client, survey: Value) -> String {
    let made = kasi.post(SURVEYS, survey).await.status(201);
    made.header("location").to_owned()
}

#[apply(both_databases)]
async fn a_new_survey_is_a_draft(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let made = kasi.post(SURVEYS, skm()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("/v1/surveys/{}", made.id()));
    let got = kasi.get(&path).await.status(200);
    assert_body!(got, @r#"
    {
      "district_code": "63.11.06",
      "ends_on": "2025-06-30",
      "id": "[id]",
      "inactive_elements": [],
      "population": null,
      "questionnaire": "skm-9",
      "recorded_at": "[instant]",
      "recorded_by": "test.officer",
      "section": "pelayanan-kessos",
      "starts_on": "2025-01-06",
      "status": "draft",
      "title": "SKM Semester I 2025"
    }
    "#);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);
}

#[apply(both_databases)]
async fn patch_changes_the_named_members(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let made = kasi.post(SURVEYS, skm()).await.status(201);
    let path = made.header("location").to_owned();

    let changes = json!({"population": 500, "inactive_elements": ["biaya", "prosedur"], "reason": "Jumlah pemohon"});
    let changed = kasi.patch(&path, &made.etag(), changes).await.status(200);
    assert_eq!(changed.json["population"], 500);
    let in_order_of_the_form = json!(["prosedur", "biaya"]);
    assert_eq!(changed.json["inactive_elements"], in_order_of_the_form);
    let stale = kasi.patch(&path, &made.etag(), json!({"status": "open"})).await;
    stale.problem(412, "precondition_failed");
    let same = json!({"inactive_elements": ["prosedur", "biaya"], "status": "draft"});
    let same = kasi.patch(&path, &changed.etag(), same).await.status(200);
    assert_eq!(same.etag(), changed.etag());
    let without_tag = kasi.send("PATCH", &path, "application/json", b"{}".to_vec()).await;
    without_tag.problem(428, "precondition_required");

    let cleared = json!({"population": null, "inactive_elements": null});
    let cleared = kasi.patch(&path, "*", cleared).await.status(200);
    assert_eq!(cleared.json["population"], json!(null));
    assert_eq!(cleared.json["inactive_elements"], json!([]));
    assert_eq!(cleared.json["status"], "draft");
}

#[apply(both_databases)]
async fn only_a_patch_moves_the_status(backend: Backend) {
    let world = World::on(backend).at("2025-02-03T09:00:00+08:00").await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let path = created(&kasi, skm()).await;
    let moved_to = async |status: &str| kasi.patch(&path, "*", json!({"status": status})).await;

    // The calendar opens nothing and closes nothing.
    world.clock.set(instant("2026-02-03T09:00:00+08:00"));
    assert_eq!(kasi.get(&path).await.status(200).json["status"], "draft");
    moved_to("closed").await.problem(409, "impossible_transition");
    for status in ["open", "closed"] {
        assert_eq!(moved_to(status).await.status(200).json["status"], status);
    }
    // The values of 2025 would be provisional again.
    let refused = moved_to("open").await.problem(422, "reason_required");
    assert_eq!(refused.pointers(), ["#/reason"]);
    let again = json!({"status": "open", "reason": "Jawaban kertas"});
    let again = kasi.patch(&path, "*", again).await.status(200).json;
    let moved = json!([{"code": "periods_moved", "periods": ["2025-S1", "2025-Q3", "2025"]}]);
    assert_eq!((&again["status"], &again["warnings"]), (&json!("open"), &moved));
    moved_to("draft").await.problem(409, "impossible_transition");
    let named = json!({"population": 500, "reason": "Jumlah pemohon"});
    let named = kasi.patch(&path, "*", named).await.status(200);
    assert_eq!(named.json["status"], "open");

    let versions = kasi.all(&format!("{path}/versions")).await;
    let statuses: Vec<_> = versions
        .iter()
        .map(|v| (v["content"]["status"].as_str().unwrap(), v["reason"].as_str()))
        .collect();
    assert_eq!(
        statuses,
        [
            ("draft", None),
            ("open", None),
            ("closed", None),
            ("open", Some("Jawaban kertas")),
            ("open", Some("Jumlah pemohon"))
        ]
    );
}

#[apply(both_databases)]
async fn repeated_post_returns_the_same_survey(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let survey = with("id", json!(Uuid::now_v7()));
    let path = created(&kasi, survey.clone()).await;
    let opened = kasi.patch(&path, "*", json!({"status": "open"})).await.status(200);
    // The members that have defaults may be named.
    let mut again = survey.clone();
    again["questionnaire"] = json!("skm-9");
    again["inactive_elements"] = json!([]);
    again["population"] = json!(null);
    assert_eq!(kasi.post(SURVEYS, again).await.status(200).json, opened.json);
    let mut other = survey;
    other["title"] = json!("Lain");
    kasi.post(SURVEYS, other).await.problem(409, "id_conflict");
}

#[apply(both_databases)]
async fn rejects_surveys_that_break_a_rule(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let rows = [
        ("ends_on", json!("2025-01-05"), 422, "rule_broken", "#/ends_on"),
        ("district_code", json!("63.11.99"), 422, "unknown_reference", ""),
        ("section", json!("pmd"), 403, "wrong_section", ""),
    ];
    let rows = rows.map(|(name, value, status, code, pointer)| (with(name, value), status, code, pointer));
    assert_bodies_refused(&kasi, "POST", SURVEYS, rows).await;
    created(&kasi, with("ends_on", json!("2025-01-06"))).await;

    let path = created(&kasi, with("inactive_elements", json!(ELEMENTS[1..]))).await;
    let rows = [
        (json!({"ends_on": "2025-01-01"}), 422, "rule_broken", ""),
        (json!({"section": "pmd"}), 403, "wrong_section", ""),
    ];
    assert_bodies_refused(&kasi, "PATCH", &path, rows).await;
}

#[actix_web::test]
async fn rejects_bodies_that_break_the_contract() {
    let world = World::on(Backend::Sqlite).await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let mut failures = Vec::new();
    for (name, value) in [
        ("status", json!("open")),
        ("questionnaire", json!("skm-14")),
        ("inactive_elements", json!(["biaya", "biaya"])),
        ("inactive_elements", json!(["u4"])),
        ("inactive_elements", json!(ELEMENTS)),
        ("population", json!(0)),
        ("title", json!("")),
        ("section", json!("kepala")),
        ("starts_on", json!("2025-02-30")),
    ] {
        let reply = kasi.post(SURVEYS, with(name, value)).await;
        let names_it = || reply.pointers()[0].starts_with(&format!("#/{name}"));
        if reply.unless_refused(400, "invalid_body", "").is_some() || !names_it() {
            failures.push(format!("{name}: {:#}", reply.json));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    let path = created(&kasi, skm()).await;
    let patches = [
        json!({"status": null}),
        json!({"status": "paused"}),
        json!({"questionnaire": "skm-9"}),
        json!({"district_code": PARINGIN}),
    ];
    let rows = patches.map(|patch| (patch, 400, "invalid_body", ""));
    assert_bodies_refused(&kasi, "PATCH", &path, rows).await;
}

#[apply(both_databases)]
async fn rejects_other_districts_sections_and_roles(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let path = &created(&world.officer(&["pelayanan-kessos"]), skm()).await;
    let versions = format!("{path}/versions");
    let stranger = world.stranger();
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    let pmd = world.officer(&["pmd"]);
    let sakip = world.holder(Role::Integrator, None, &[]);
    assert_refused(&[
        (&stranger, "GET", path, NONE, 404, "not_found"),
        (&stranger, "GET", &versions, NONE, 404, "not_found"),
        (
            &stranger,
            "GET",
            "/v1/surveys?district_code=63.11.06",
            NONE,
            404,
            "not_found",
        ),
        (&stranger, "PATCH", path, json!({"status": "open"}), 404, "not_found"),
        (&stranger, "POST", SURVEYS, skm(), 422, "unknown_reference"),
        (&pmd, "PATCH", path, json!({"title": "x"}), 403, "wrong_section"),
        (&sakip, "GET", path, NONE, 403, "insufficient_scope"),
        (&phone, "POST", SURVEYS, skm(), 403, "insufficient_scope"),
    ])
    .await;
    assert!(stranger.all(SURVEYS).await.is_empty());
}

#[apply(both_databases)]
async fn a_phone_sees_open_surveys_only(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let path = created(&kasi, skm()).await;
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    for (status, is_seen) in [("draft", false), ("open", true), ("closed", false)] {
        kasi.patch(&path, "*", json!({"status": status})).await.status(200);
        assert_eq!(kasi.all(&format!("{SURVEYS}?status={status}")).await.len(), 1);
        assert_eq!(phone.all(SURVEYS).await.len(), usize::from(is_seen));
        assert_eq!(phone.all("/v1/surveys?status=open").await.len(), usize::from(is_seen));
        assert!(phone.all("/v1/surveys?status=draft").await.is_empty());
        for path in [path.clone(), format!("{path}/versions")] {
            let got = phone.get(&path).await;
            if is_seen {
                got.status(200);
            } else {
                got.problem(404, "not_found");
            }
        }
    }
}

#[apply(both_databases)]
async fn lists_are_filtered_sorted_and_paged(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    for (title, ends_on, section) in [
        ("C", "2025-03-31", "pelayanan-kessos"),
        ("A", "2025-12-31", "pelayanan-kessos"),
        ("B", "2025-06-30", "pelayanan-kessos"),
        ("D", "2026-06-30", "pmd"),
    ] {
        let mut survey = with("title", json!(title));
        survey["ends_on"] = json!(ends_on);
        survey["section"] = json!(section);
        created(&admin, survey).await;
    }
    for (query, titles) in [
        ("limit=1&sort=ends_on", "CBAD"),
        ("limit=1&sort=-ends_on", "DABC"),
        ("limit=1&sort=title", "ABCD"),
        ("section=pmd", "D"),
        (
            "ends_from=2025-03-31&ends_to=2025-12-31&sort=ends_on&district_code=63.11.06",
            "CBA",
        ),
    ] {
        let items = admin.all(&format!("{SURVEYS}?{query}")).await;
        let listed: String = items.iter().map(|s| s["title"].as_str().unwrap()).collect();
        assert_eq!(listed, titles, "{query}");
    }
    let last = created(&world.officer(&["pmd"]), with("section", json!("pmd"))).await;
    let recorded_at = admin.get(&last).await.status(200).json["recorded_at"].clone();
    for (query, count) in [
        ("recorded_by=test.officer".to_owned(), 1),
        ("recorded_by=test.administrator".to_owned(), 4),
        ("recorded_by=siapa".to_owned(), 0),
        (format!("changed_since={}", recorded_at.as_str().unwrap()), 1),
        ("changed_since=2025-01-01T00:00:00Z".to_owned(), 5),
    ] {
        assert_eq!(admin.all(&format!("{SURVEYS}?{query}")).await.len(), count, "{query}");
    }
    for query in ["section=x", "sort=status"] {
        let refused = admin.get(&format!("{SURVEYS}?{query}")).await;
        refused.problem(400, "invalid_query");
    }
}
