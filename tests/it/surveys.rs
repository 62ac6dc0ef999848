//! Surveys: drafts that people open and close, and who may see them.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World};

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

async fn make(kasi: &Client, survey: Value) -> String {
    let made = kasi.post("/v1/surveys", survey).await.status(201);
    made.header("location").to_owned()
}

#[apply(both_databases)]
async fn a_survey_lives(backend: Backend) {
    let world = World::on(backend).at("2025-02-03T09:00:00+08:00").await;
    let kasi = world.officer(&["pelayanan-kessos"]);

    let made = kasi.post("/v1/surveys", skm()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("/v1/surveys/{}", made.id()));
    assert_eq!(made.json["status"], "draft");
    assert_eq!(made.json["questionnaire"], "skm-9");
    assert_eq!(made.json["inactive_elements"], json!([]));
    assert_eq!(made.json["population"], json!(null));
    let got = kasi.get(&path).await.status(200);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);

    let changes = json!({"population": 500, "inactive_elements": ["biaya", "prosedur"], "reason": "Jumlah pemohon"});
    let changed = kasi.patch(&path, &got.etag(), changes).await.status(200);
    assert_eq!(changed.json["population"], 500);
    assert_eq!(
        changed.json["inactive_elements"],
        json!(["prosedur", "biaya"]),
        "in the form's order"
    );
    kasi.patch(&path, &got.etag(), json!({"status": "open"}))
        .await
        .problem(412, "precondition_failed");
    let same = json!({"inactive_elements": ["prosedur", "biaya"], "status": "draft"});
    let same = kasi.patch(&path, &changed.etag(), same).await.status(200);
    assert_eq!(same.etag(), changed.etag());

    // The calendar opens nothing and closes nothing.
    world
        .clock
        .set(crate::support::world::instant("2026-02-03T09:00:00+08:00"));
    assert_eq!(kasi.get(&path).await.status(200).json["status"], "draft");
    for status in ["open", "closed", "open"] {
        let moved = kasi.patch(&path, "*", json!({"status": status})).await.status(200);
        assert_eq!(moved.json["status"], status);
    }
    let cleared = json!({"population": null, "inactive_elements": null});
    let cleared = kasi.patch(&path, "*", cleared).await.status(200);
    assert_eq!(cleared.json["population"], json!(null));
    assert_eq!(cleared.json["inactive_elements"], json!([]));
    assert_eq!(cleared.json["status"], "open");

    let versions = kasi.all(&format!("{path}/versions")).await;
    let statuses: Vec<_> = versions
        .iter()
        .map(|v| v["content"]["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["draft", "draft", "open", "closed", "open", "open"]);
    assert_eq!(versions[1]["reason"], "Jumlah pemohon");
    kasi.send("DELETE", &path, "", vec![])
        .await
        .problem(405, "method_not_allowed");
}

#[apply(both_databases)]
async fn sending_again_is_safe(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let survey = with("id", json!(Uuid::now_v7()));
    let made = kasi.post("/v1/surveys", survey.clone()).await.status(201);
    let path = made.header("location").to_owned();
    let opened = kasi
        .patch(&path, &made.etag(), json!({"status": "open"}))
        .await
        .status(200);
    let mut again = survey.clone();
    again["questionnaire"] = json!("skm-9");
    again["inactive_elements"] = json!([]);
    again["population"] = json!(null);
    assert_eq!(kasi.post("/v1/surveys", again).await.status(200).json, opened.json);
    let mut other = survey;
    other["title"] = json!("Lain");
    kasi.post("/v1/surveys", other).await.problem(409, "id_conflict");
}

#[apply(both_databases)]
async fn what_cannot_be_is_refused(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let refused = kasi
        .post("/v1/surveys", with("ends_on", json!("2025-01-05")))
        .await
        .problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/ends_on"]);
    kasi.post("/v1/surveys", with("ends_on", json!("2025-01-06")))
        .await
        .status(201);
    kasi.post("/v1/surveys", with("district_code", json!("63.11.99")))
        .await
        .problem(422, "unknown_reference");
    kasi.post("/v1/surveys", with("section", json!("pmd")))
        .await
        .problem(403, "wrong_section");
    let all = [
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
    for (name, value) in [
        ("status", json!("open")),
        ("questionnaire", json!("skm-14")),
        ("inactive_elements", json!(["biaya", "biaya"])),
        ("inactive_elements", json!(["u4"])),
        ("inactive_elements", json!(all)),
        ("population", json!(0)),
        ("title", json!("")),
        ("section", json!("kepala")),
        ("starts_on", json!("2025-02-30")),
    ] {
        let refused = kasi
            .post("/v1/surveys", with(name, value))
            .await
            .problem(400, "invalid_body");
        assert!(refused.pointers()[0].starts_with(&format!("#/{name}")));
    }
    let path = make(&kasi, with("inactive_elements", json!(all[1..]))).await;
    kasi.patch(&path, "*", json!({"status": "closed"}))
        .await
        .problem(409, "impossible_transition");
    kasi.patch(&path, "*", json!({"status": "open"})).await.status(200);
    kasi.patch(&path, "*", json!({"status": "draft"}))
        .await
        .problem(409, "impossible_transition");
    kasi.patch(&path, "*", json!({"ends_on": "2025-01-01"}))
        .await
        .problem(422, "rule_broken");
    kasi.patch(&path, "*", json!({"section": "pmd"}))
        .await
        .problem(403, "wrong_section");
    for patch in [
        json!({"status": null}),
        json!({"status": "paused"}),
        json!({"questionnaire": "skm-9"}),
        json!({"district_code": PARINGIN}),
    ] {
        kasi.patch(&path, "*", patch).await.problem(400, "invalid_body");
    }
    kasi.send("PATCH", &path, "application/json", b"{}".to_vec())
        .await
        .problem(428, "precondition_required");
}

#[apply(both_databases)]
async fn other_districts_sections_and_phones(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let kasi = world.officer(&["pelayanan-kessos"]);
    let path = make(&kasi, skm()).await;
    let stranger = world.stranger();
    stranger.get(&path).await.problem(404, "not_found");
    stranger
        .get(&format!("{path}/versions"))
        .await
        .problem(404, "not_found");
    stranger
        .patch(&path, "*", json!({"status": "open"}))
        .await
        .problem(404, "not_found");
    stranger
        .get("/v1/surveys?district=63.11.06")
        .await
        .problem(404, "not_found");
    stranger
        .post("/v1/surveys", skm())
        .await
        .problem(422, "unknown_reference");
    assert!(stranger.all("/v1/surveys").await.is_empty());
    world
        .officer(&["pmd"])
        .patch(&path, "*", json!({"title": "x"}))
        .await
        .problem(403, "wrong_section");
    world
        .holder(Role::Integrator, None, &[])
        .get(&path)
        .await
        .problem(403, "insufficient_scope");

    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    phone
        .post("/v1/surveys", skm())
        .await
        .problem(403, "insufficient_scope");
    for (status, seen) in [("draft", false), ("open", true), ("closed", false)] {
        kasi.patch(&path, "*", json!({"status": status})).await.status(200);
        assert_eq!(phone.all("/v1/surveys").await.len(), usize::from(seen));
        assert_eq!(phone.all("/v1/surveys?status=open").await.len(), usize::from(seen));
        assert!(phone.all("/v1/surveys?status=draft").await.is_empty());
        assert_eq!(kasi.all(&format!("/v1/surveys?status={status}")).await.len(), 1);
        for path in [path.clone(), format!("{path}/versions")] {
            let got = phone.get(&path).await;
            if seen {
                got.status(200);
            } else {
                got.problem(404, "not_found");
            }
        }
    }
}

#[apply(both_databases)]
async fn lists_are_filtered_sorted_and_paged(backend: Backend, #[values("ends_on", "-ends_on", "title")] sort: &str) {
    let world = World::on(backend).await;
    let admin = world.admin();
    for (title, ends_on, section) in [
        ("C", "2025-03-31", "pelayanan-kessos"),
        ("A", "2025-12-31", "pelayanan-kessos"),
        ("B", "2025-06-30", "pelayanan-kessos"),
        ("D", "2026-06-30", "pmd"),
    ] {
        let mut survey = skm();
        survey["title"] = json!(title);
        survey["ends_on"] = json!(ends_on);
        survey["section"] = json!(section);
        admin.post("/v1/surveys", survey).await.status(201);
    }
    let titles = |items: Vec<Value>| {
        items
            .iter()
            .map(|s| s["title"].as_str().unwrap().to_owned())
            .collect::<String>()
    };
    let expected = match sort {
        "ends_on" => "CBAD",
        "-ends_on" => "DABC",
        _ => "ABCD",
    };
    assert_eq!(
        titles(admin.all(&format!("/v1/surveys?limit=1&sort={sort}")).await),
        expected
    );
    assert_eq!(titles(admin.all("/v1/surveys?section=pmd").await), "D");
    let year = "/v1/surveys?ends_from=2025-03-31&ends_to=2025-12-31&sort=ends_on&district=63.11.06";
    assert_eq!(titles(admin.all(year).await), "CBA");
    admin.get("/v1/surveys?section=x").await.problem(400, "invalid_query");
    admin.get("/v1/surveys?sort=status").await.problem(400, "invalid_query");
}
