//! Decrees: recorded, corrected within what their indicators allow, read with their indicators.

use iku::access::Role;
use iku::plan::decrees::service;
use iku::platform::http::Paging;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::{counted, reader};
use crate::support::world::{PARINGIN, World};

fn next_decree() -> Value {
    json!({
        "district_code": PARINGIN, "number": "12/CPAR/2027",
        "title": "Indikator Kinerja Utama (IKU) Kecamatan Paringin Kabupaten Balangan Tahun 2027-2030",
        "issued_on": "2027-01-04", "goal": "Terwujudnya Tata Kelola Pemerintah Kecamatan yang Baik",
        "first_year": 2027, "last_year": 2030,
        "legal_bases": ["Undang-Undang Nomor 23 Tahun 2014 tentang Pemerintahan Daerah"],
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut decree = next_decree();
    decree[name] = value;
    decree
}

fn shipped() -> String {
    format!("/v1/decrees/{}", iku::shipped::decree().id)
}

/// Corrects the wording of an indicator that governs from a year on.
async fn correct(world: &World, code: &str, patch: Value) {
    let path = format!("/v1/indicators/{code}");
    world.admin().patch(&path, "*", patch).await.status(200);
}

#[apply(both_databases)]
async fn the_shipped_decree_has_its_indicators(backend: Backend) {
    let world = World::on(backend).await;
    let reader = world.holder(Role::Integrator, Some(PARINGIN), &[]);
    let got = reader.get(&shipped()).await.status(200);
    assert_eq!(got.json["number"], "139/CPAR/2023");
    assert_eq!(got.json["issued_on"], "2023-10-02");
    assert_eq!(
        (&got.json["first_year"], &got.json["last_year"]),
        (&json!(2023), &json!(2026))
    );
    assert_eq!(got.json["legal_bases"].as_array().unwrap().len(), 7);
    let indicators = got.json["indicators"].as_array().unwrap();
    let numbers: Vec<_> = indicators.iter().map(|i| i["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!(
        indicators[1],
        json!({
            "code": "paringin-iku-2", "from_year": 2023, "number": 2,
            "objective": "Meningkatnya Fasilitasi Pemberdayaan Masyarakat",
            "name": "Jumlah Lembaga Kemasyarakan Desa (LKD) yang Aktif", "unit": "count",
        })
    );
    assert_eq!(reader.all("/v1/decrees").await, std::slice::from_ref(&got.json));
    reader
        .with("if-none-match", &got.etag())
        .get(&shipped())
        .await
        .status(304);

    // The tag covers the indicators: a correction of one is a change of the decree, and so is one that leaves.
    correct(
        &world,
        "paringin-iku-2",
        json!({"from_year": 2023, "name": "Jumlah LKD"}),
    )
    .await;
    let corrected = reader
        .with("if-none-match", &got.etag())
        .get(&shipped())
        .await
        .status(200);
    assert_eq!(corrected.json["indicators"][1]["name"], "Jumlah LKD");
    let amendment = with("first_year", json!(2023));
    let other = world.admin().post("/v1/decrees", amendment).await.status(201).id();
    correct(&world, "paringin-iku-2", json!({"from_year": 2023, "decree_id": other})).await;
    let left = reader
        .with("if-none-match", &corrected.etag())
        .get(&shipped())
        .await
        .status(200);
    assert_eq!(left.json["indicators"].as_array().unwrap().len(), 4);
    let joined = reader.get(&format!("/v1/decrees/{other}")).await.status(200);
    assert_eq!(joined.json["indicators"][0]["name"], "Jumlah LKD");
    world
        .admin()
        .patch(&shipped(), &got.etag(), json!({"title": "x"}))
        .await
        .problem(412, "precondition_failed");
}

#[apply(both_databases)]
async fn the_next_decree_is_recorded(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let new = with("id", json!(Uuid::new_v4()));
    let made = admin.post("/v1/decrees", new.clone()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("/v1/decrees/{}", made.id()));
    assert_eq!(made.json["indicators"], json!([]));
    assert_eq!(made.json["recorded_by"], "test.administrator");
    assert_eq!(admin.get(&path).await.status(200).etag(), made.etag());

    let fixed = admin
        .patch(
            &path,
            &made.etag(),
            json!({"last_year": 2029, "legal_bases": [], "reason": "Salah ketik"}),
        )
        .await
        .status(200);
    assert_eq!(fixed.json["last_year"], 2029);
    assert_eq!(fixed.json["legal_bases"], json!([]));
    admin
        .patch(&path, &made.etag(), json!({"goal": "x"}))
        .await
        .problem(412, "precondition_failed");
    let same = admin.patch(&path, &fixed.etag(), json!({})).await.status(200);
    assert_eq!(same.etag(), fixed.etag());

    assert_eq!(
        admin.post("/v1/decrees", new.clone()).await.status(200).json,
        fixed.json
    );
    let mut other = new;
    other["number"] = json!("13/CPAR/2027");
    admin.post("/v1/decrees", other).await.problem(409, "id_conflict");
    admin
        .post("/v1/decrees", next_decree())
        .await
        .problem(409, "duplicate_decree");
    // An amendment for the same years is a decree of its own.
    let amendment = admin
        .post("/v1/decrees", with("number", json!("20/CPAR/2027")))
        .await
        .status(201);
    let taken = admin
        .patch(
            amendment.header("location"),
            &amendment.etag(),
            json!({"number": "12/CPAR/2027"}),
        )
        .await
        .problem(409, "duplicate_decree");
    assert_eq!(taken.pointers(), ["#/number"]);
}

#[apply(both_databases)]
async fn years_hold_the_indicators(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let refused = admin
        .post("/v1/decrees", with("last_year", json!(2026)))
        .await
        .problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/last_year"]);
    // The shipped indicators begin in 2023.
    for (patch, pointer) in [
        (json!({"last_year": 2022}), "#/last_year"),
        (json!({"first_year": 2020, "last_year": 2022}), "#/last_year"),
        (json!({"first_year": 2024}), "#/first_year"),
    ] {
        let refused = admin.patch(&shipped(), "*", patch).await.problem(422, "rule_broken");
        assert_eq!(refused.pointers(), [pointer]);
    }
    for patch in [
        json!({"last_year": 2023}),
        json!({"last_year": 2026, "first_year": 2022}),
    ] {
        admin.patch(&shipped(), "*", patch).await.status(200);
    }
    // A wording that begins in 2025 keeps the decree to 2025.
    correct(
        &world,
        "paringin-iku-1",
        json!({"from_year": 2025, "name": "IKM sejak 2025"}),
    )
    .await;
    let got = admin.get(&shipped()).await.status(200);
    assert_eq!(got.json["indicators"].as_array().unwrap().len(), 5);
    assert_eq!(got.json["indicators"][0]["name"], "IKM sejak 2025");
    assert_eq!(got.json["indicators"][0]["from_year"], 2025);
    admin
        .patch(&shipped(), &got.etag(), json!({"last_year": 2024}))
        .await
        .problem(422, "rule_broken");

    for wrong in [
        with("first_year", json!(1999)),
        with("last_year", json!(2101)),
        with("number", json!("")),
        with("legal_bases", json!([""])),
        with("legal_bases", json!("UU")),
        with("extra", json!(1)),
    ] {
        admin.post("/v1/decrees", wrong).await.problem(400, "invalid_body");
    }
    admin
        .patch(&shipped(), "*", json!({"district_code": "63.11.01"}))
        .await
        .problem(400, "invalid_body");
    admin
        .post("/v1/decrees", with("district_code", json!("99.99.99")))
        .await
        .problem(422, "unknown_reference");
}

#[apply(both_databases)]
async fn decrees_are_listed(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let admin = world.admin();
    admin.post("/v1/decrees", next_decree()).await.status(201);
    let juai = with("district_code", json!("63.11.01"));
    let juai = admin.post("/v1/decrees", juai).await.status(201);
    let numbers = async |path: &str| -> Vec<String> {
        let all = admin.all(path).await;
        all.iter()
            .map(|d| format!("{} {}", d["district_code"], d["number"]).replace('"', ""))
            .collect()
    };
    let (old, new) = ("63.11.06 139/CPAR/2023", "63.11.06 12/CPAR/2027");
    let paringin = format!("/v1/decrees?district={PARINGIN}");
    assert_eq!(numbers(&format!("{paringin}&limit=1")).await, [old, new]);
    assert_eq!(
        numbers(&format!("{paringin}&limit=1&sort=-first_year")).await,
        [new, old]
    );
    assert_eq!(numbers("/v1/decrees?year=2026").await, [old]);
    assert_eq!(numbers("/v1/decrees?limit=1").await.len(), 3);
    assert_eq!(numbers("/v1/decrees?year=2030").await.len(), 2);
    assert!(numbers("/v1/decrees?year=2031").await.is_empty());
    admin.get("/v1/decrees?year=1999").await.problem(400, "invalid_query");

    let stranger = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    stranger.get(&shipped()).await.problem(404, "not_found");
    stranger
        .patch(&shipped(), "*", json!({"title": "x"}))
        .await
        .problem(404, "not_found");
    stranger.get(&paringin).await.problem(404, "not_found");
    stranger
        .post("/v1/decrees", with("number", json!("1")))
        .await
        .problem(422, "unknown_reference");
    assert_eq!(stranger.all("/v1/decrees").await, [juai.json]);
    let officer = world.officer(&["pmd"]);
    officer
        .post("/v1/decrees", next_decree())
        .await
        .problem(403, "insufficient_scope");
    officer
        .patch(&shipped(), "*", json!({}))
        .await
        .problem(403, "insufficient_scope");
    officer.get(&shipped()).await.status(200);
    admin
        .get(&format!("/v1/decrees/{}", Uuid::new_v4()))
        .await
        .problem(404, "not_found");
}

#[apply(both_databases)]
async fn a_list_costs_the_same_for_one_and_for_many(backend: Backend) {
    let world = World::on(backend).await;
    let list = async || {
        let filter = serde_json::from_value(json!({})).unwrap();
        let (page, statements) = counted(&world, async |conn| {
            service::list(conn, &reader(), &filter, &Paging::default()).await
        })
        .await;
        let indicators: usize = page.items.iter().map(|d| d.indicators.len()).sum();
        (page.items.len(), indicators, statements)
    };
    assert_eq!(list().await, (1, 5, 3));
    for i in 1..=20 {
        let mut amendment = with("first_year", json!(2023));
        amendment["number"] = json!(format!("{i}/CPAR/2024"));
        let id = world.admin().post("/v1/decrees", amendment).await.status(201).id();
        if i <= 3 {
            let code = format!("paringin-iku-{i}");
            correct(&world, &code, json!({"from_year": 2023, "decree_id": id})).await;
        }
    }
    assert_eq!(list().await, (21, 5, 3));
}
