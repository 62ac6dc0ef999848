//! Where and when a case occurred: no known village, no known time, the life of the village, and what is implausible.

use serde_json::{Value, json};

use super::{CASES, NOW, event, nowhere, recorded, waste, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::assert_bodies_refused;
use crate::support::world::{BALANG, PARINGIN, World, instant};

#[apply(both_databases)]
async fn a_case_without_a_known_village_belongs_to_the_district_and_counts(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let kasi = world.officer(&["trantibum"]);
    let made = kasi.post(CASES, nowhere(PARINGIN)).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(made.json["village_code"], Value::Null);
    assert_eq!(made.json["district_code"], PARINGIN);
    let both = recorded(&kasi, with("district_code", PARINGIN)).await;
    assert_eq!(kasi.get(&both).await.json["village_code"], BALANG);

    let got = kasi.get("/v1/indicators/paringin-iku-3/realisations/2025").await;
    assert_eq!(got.status(200).json["denominator"], 2);
    let explanation = "/v1/indicators/paringin-iku-3/realisations/2025/explanation";
    let counted = kasi.get(explanation).await.status(200).json["inputs"]["cases"].clone();
    let cell = |village: Value, name: Value| json!({"village_code": village, "village_name": name, "category": "lingkungan", "occurred": 1, "handled": 0});
    let cells = [cell(Value::Null, Value::Null), cell(json!(BALANG), json!("Balang"))];
    assert_eq!(counted, json!(cells));

    for (filter, count) in [
        (format!("district_code={PARINGIN}"), 2),
        (format!("village_code={BALANG}"), 1),
        ("status=reported&sort=village_code&limit=1".to_owned(), 2),
        ("village_known=true".to_owned(), 1),
        ("village_known=false".to_owned(), 1),
        (format!("village_known=false&village_code={BALANG}"), 0),
    ] {
        assert_eq!(kasi.all(&format!("{CASES}?{filter}")).await.len(), count, "{filter}");
    }
    // The village is found, and is lost again.
    let found = json!({"village_code": BALANG, "reason": "Saksi menyebut tempatnya"});
    let found = kasi.patch(&path, "*", found).await.status(200);
    assert_eq!(found.json["village_code"], BALANG);
    let lost = json!({"village_code": null, "reason": "Saksi keliru"});
    let lost = kasi.patch(&path, &found.etag(), lost).await.status(200);
    assert_eq!(lost.json["village_code"], Value::Null);
    assert_eq!(lost.json["district_code"], PARINGIN);

    let mut no_place = nowhere(PARINGIN);
    no_place.as_object_mut().unwrap().remove("district_code");
    let mut contradiction = waste();
    contradiction["district_code"] = json!("63.11.01");
    let rows = [
        (no_place, 422, "rule_broken", "#/village_code"),
        (nowhere("63.11.01"), 422, "unknown_reference", "#/district_code"),
        (nowhere("63.11.99"), 422, "unknown_reference", "#/district_code"),
        (contradiction, 422, "unknown_reference", "#/district_code"),
    ];
    assert_bodies_refused(&kasi, "POST", CASES, rows).await;
    let elsewhere = json!({"village_code": "63.11.01.2001"});
    kasi.patch(&path, "*", elsewhere)
        .await
        .problem(422, "unknown_reference");
}

#[apply(both_databases)]
async fn a_day_alone_is_a_day_of_the_office(backend: Backend) {
    let world = World::on(backend).at("2026-01-01T09:00:00+08:00").await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, with("occurred_at", "2025-12-31")).await;
    let got = kasi.get(&path).await.status(200);
    assert_eq!(got.json["occurred_at"], "2025-12-30T16:00:00Z");
    assert_eq!(got.json["occurred_precision"], "day");
    // The same day sent again is the same case; an instant of that day is other content.
    let mut case = with("occurred_at", "2025-12-31");
    case["id"] = json!("0198e2f4-7a51-4c44-9a0e-2f1d3c4b5a69");
    kasi.post(CASES, case.clone()).await.status(201);
    kasi.post(CASES, case.clone()).await.status(200);
    case["occurred_at"] = json!("2025-12-30T16:00:00Z");
    kasi.post(CASES, case).await.problem(409, "id_conflict");

    // An event of the first minute of that day may follow; one of the day before may not.
    let events = format!("{path}/events");
    let before = event("verified", "2025-12-30T23:59:59+08:00");
    kasi.post(&events, before).await.problem(422, "rule_broken");
    let first = event("verified", "2025-12-31T00:01:00+08:00");
    kasi.post(&events, first).await.status(201);
    let later = json!({"occurred_at": "2026-01-01"});
    kasi.patch(&path, "*", later).await.problem(422, "rule_broken");
    // The time becomes known.
    let known = json!({"occurred_at": "2025-12-31T00:00:30+08:00", "reason": "Ada di laporan Linmas"});
    let known = kasi.patch(&path, "*", known).await.status(200);
    assert_eq!(known.json["occurred_precision"], "instant");
    let unknown = json!({"occurred_at": "2025-12-31", "reason": "Jamnya ternyata dikira-kira"});
    let unknown = kasi.patch(&path, "*", unknown).await.status(200);
    assert_eq!(unknown.json["occurred_precision"], "day");
    assert_eq!(unknown.json["occurred_at"], "2025-12-30T16:00:00Z");

    // Today has begun, tomorrow has not.
    recorded(&kasi, with("occurred_at", "2026-01-01")).await;
    kasi.post(CASES, with("occurred_at", "2026-01-02"))
        .await
        .problem(422, "future_instant");
    let in_2025 = kasi.all(&format!("{CASES}?occurred_to=2025-12-31")).await;
    assert_eq!(in_2025.len(), 2);
}

/// 23.59 WITA is still this year and 00.00 WITA the next, in whatever zone the phone writes it. Without a zone it is nothing.
#[apply(both_databases)]
async fn the_wita_date_decides_the_year(backend: Backend) {
    let world = World::on(backend).at("2026-02-01T09:00:00+08:00").await;
    let kasi = world.officer(&["trantibum"]);
    for occurred_at in [
        "2025-12-31T23:59:59+08:00",
        "2025-12-31T16:00:00Z",
        "2025-12-31T23:30:00+07:00",
        "2025-12-31T22:59:59.999999+07:00",
        "2026-01-01",
    ] {
        recorded(&kasi, with("occurred_at", occurred_at)).await;
    }
    kasi.post(CASES, with("occurred_at", "2025-12-31T23:59:59"))
        .await
        .problem(400, "invalid_body");
    for (year, count) in [(2025, 2), (2026, 3)] {
        let filter = format!("{CASES}?occurred_from={year}-01-01&occurred_to={year}-12-31");
        assert_eq!(kasi.all(&filter).await.len(), count, "{year}");
        let path = format!("/v1/indicators/paringin-iku-3/realisations/{year}");
        assert_eq!(kasi.get(&path).await.status(200).json["denominator"], count, "{year}");
    }
}

#[apply(both_databases)]
async fn a_case_occurs_within_the_life_of_the_village_it_names(backend: Backend) {
    let world = World::on(backend).at("2026-08-10T09:00:00+08:00").await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, with("occurred_at", "2026-06-30")).await;
    let ended = json!({"valid_to": "2026-06-30", "reason": "Pemekaran"});
    let village = format!("/v1/villages/{BALANG}");
    world.admin().patch(&village, "*", ended).await.status(200);

    let late = kasi.post(CASES, with("occurred_at", "2026-08-01")).await;
    let late = late.problem(422, "rule_broken");
    assert_eq!(late.pointers(), ["#/occurred_at"]);
    let detail = late.json["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("2026-06-30") && detail.contains(BALANG), "{detail}");
    let late = json!({"occurred_at": "2026-07-01"});
    kasi.patch(&path, "*", late).await.problem(422, "rule_broken");
    recorded(&kasi, with("occurred_at", "2026-06-30T23:59:59+08:00")).await;
}

/// The village and the category were there when the case was recorded. What is corrected later is measured, the rest is not.
#[apply(both_databases)]
async fn a_case_can_be_corrected_after_its_village_and_its_category_have_ended(backend: Backend) {
    let world = World::on(backend).at("2026-08-10T09:00:00+08:00").await;
    let (kasi, admin) = (world.officer(&["trantibum"]), world.admin());
    let category = json!({"code": "satwa", "name": "Satwa"});
    admin.post("/v1/case-categories", category).await.status(201);
    let mut case = with("category", "satwa");
    case["occurred_at"] = json!("2026-07-15T21:30:00+08:00");
    let path = recorded(&kasi, case).await;
    let ended = json!({"valid_to_year": 2025, "reason": "Perbup"});
    admin.patch("/v1/case-categories/satwa", "*", ended).await.status(200);
    let ended = json!({"valid_to": "2026-06-30", "reason": "Pemekaran"});
    let village = format!("/v1/villages/{BALANG}");
    admin.patch(&village, "*", ended).await.status(200);

    for change in [
        json!({"summary": "Ular di halaman sekolah"}),
        json!({"occurred_at": "2026-07-15T20:00:00+08:00"}),
    ] {
        kasi.patch(&path, "*", change).await.status(200);
    }
    let later = [(
        json!({"occurred_at": "2026-07-16"}),
        422,
        "rule_broken",
        "#/occurred_at",
    )];
    assert_bodies_refused(&kasi, "PATCH", &path, later).await;
    let elsewhere = json!({"village_code": "63.11.06.2006", "occurred_at": "2025-01-15"});
    kasi.patch(&path, "*", elsewhere).await.status(200);
    kasi.patch(&path, "*", json!({"category": "jalan"})).await.status(200);
    let back = [(
        json!({"category": "satwa", "occurred_at": "2026-01-05"}),
        422,
        "rule_broken",
        "#/category",
    )];
    assert_bodies_refused(&kasi, "PATCH", &path, back).await;
}

#[apply(both_databases)]
async fn a_case_is_not_restored_to_a_village_that_did_not_exist_then(backend: Backend) {
    let world = World::on(backend).at("2026-08-10T09:00:00+08:00").await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, with("occurred_at", "2026-07-15")).await;
    kasi.delete(&path, "*").await.status(204);
    let village = format!("/v1/villages/{BALANG}");
    let ends = async |on: Value| {
        let change = json!({"valid_to": on, "reason": "Pemekaran"});
        world.admin().patch(&village, "*", change).await.status(200);
    };
    ends(json!("2026-06-30")).await;
    let restorations = format!("{path}/restorations");
    let reason = || json!({"reason": "Ternyata kejadian lain"});
    let refused = kasi.post(&restorations, reason()).await.problem(422, "rule_broken");
    assert!(refused.json["detail"].as_str().unwrap().contains("2026-06-30"));
    ends(json!("2026-07-15")).await;
    kasi.post(&restorations, reason()).await.status(200);
}

#[apply(both_databases)]
async fn a_case_of_long_ago_is_flagged_and_counts(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let flags = async |occurred_at: &str| {
        let path = recorded(&kasi, with("occurred_at", occurred_at)).await;
        (kasi.get(&path).await.status(200).json["flags"].clone(), path)
    };
    let (none, _) = flags("2023-06-30").await;
    assert_eq!(none, json!([]));
    let (long_ago, path) = flags("2023-06-29").await;
    assert_eq!(long_ago, json!(["occurred_long_ago"]));
    for (filter, count) in [("true", 1), ("false", 1)] {
        assert_eq!(
            kasi.all(&format!("{CASES}?flagged={filter}")).await.len(),
            count,
            "{filter}"
        );
    }
    let counted = kasi.get("/v1/indicators/paringin-iku-3/realisations/2023").await;
    assert_eq!(counted.status(200).json["denominator"], 2);
    // The year was a slip. Another correction years later flags nothing: the case was recorded in 2025.
    let right = json!({"occurred_at": "2025-06-29", "reason": "Salah tahun"});
    assert_eq!(kasi.patch(&path, "*", right).await.status(200).json["flags"], json!([]));
    world.clock.set(instant("2028-01-10T09:00:00+08:00"));
    let right = json!({"occurred_at": "2025-06-28", "reason": "Salah hari"});
    assert_eq!(kasi.patch(&path, "*", right).await.status(200).json["flags"], json!([]));
}

#[apply(both_databases)]
async fn cases_are_found_by_their_recorder_and_their_change(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (kasi, admin) = (world.officer(&["trantibum"]), world.admin());
    let path = recorded(&kasi, waste()).await;
    recorded(&admin, waste()).await;
    world.clock.set(instant("2025-07-01T09:00:00+08:00"));
    let verified = event("verified", "2025-07-01T08:00:00+08:00");
    kasi.post(&format!("{path}/events"), verified).await.status(201);
    for (filter, count) in [
        ("recorded_by=test.officer", 1),
        ("recorded_by=test.administrator", 1),
        ("recorded_by=siapa", 0),
        ("changed_since=2025-07-01T00:00:00Z", 1),
        ("changed_since=2025-06-01T00:00:00Z", 2),
        ("changed_since=2025-07-02T00:00:00Z", 0),
    ] {
        assert_eq!(kasi.all(&format!("{CASES}?{filter}")).await.len(), count, "{filter}");
    }
}
