//! Decrees: recorded, corrected within the years of their indicators, read with their indicators.

use iku::access::Role;
use iku::plan::decrees::service;
use iku::platform::http::Paging;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::{Items, counted, reader};
use crate::support::snapshot::assert_body;
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{Client, PARINGIN, World};

const DECREES: &str = "/v1/decrees";

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

/// Corrects an indicator from a year on.
async fn correct(world: &World, code: &str, mut patch: Value) {
    patch["reason"] = json!("Uji");
    let path = format!("/v1/indicators/{code}");
    world.admin().patch(&path, "*", patch).await.status(200);
}

#[apply(both_databases)]
async fn the_shipped_decree_lists_its_indicators(backend: Backend) {
    let world = World::on(backend).await;
    let reader = world.holder(Role::Integrator, Some(PARINGIN), &[]);
    let got = reader.get(&shipped()).await.status(200);
    assert_body!(got, @r#"
    {
      "district_code": "63.11.06",
      "first_year": 2023,
      "goal": "Terwujudnya Tata Kelola Pemerintah Kecamatan yang Baik",
      "id": "[id]",
      "indicators": [
        {
          "code": "paringin-iku-1",
          "from_year": 2023,
          "name": "Indeks Kepuasan Masyarakat (IKM) Pelayanan dan Kesejahteraan Sosial",
          "number": 1,
          "objective": "Meningkatnya Fasilitasi Pelayanan Masyarakat",
          "unit": "index"
        },
        {
          "code": "paringin-iku-2",
          "from_year": 2023,
          "name": "Jumlah Lembaga Kemasyarakan Desa (LKD) yang Aktif",
          "number": 2,
          "objective": "Meningkatnya Fasilitasi Pemberdayaan Masyarakat",
          "unit": "count"
        },
        {
          "code": "paringin-iku-3",
          "from_year": 2023,
          "name": "Persentase Gangguan Ketentraman dan Ketertiban Umum yang Ditangani",
          "number": 3,
          "objective": "Meningkatnya Ketentraman dan Ketertiban Umum di Wilayah Kecamatan",
          "unit": "percent"
        },
        {
          "code": "paringin-iku-4",
          "from_year": 2023,
          "name": "Persentase Desa yang Tertib Administrasi Pemerintahan",
          "number": 4,
          "objective": "Meningkatnya Penyelenggaraan Pemerintahan Desa",
          "unit": "percent"
        },
        {
          "code": "paringin-iku-5",
          "from_year": 2023,
          "name": "Persentase Desa yang Tertib Administrasi Keuangan",
          "number": 5,
          "objective": "Meningkatnya Penyelenggaraan Pemerintahan Desa",
          "unit": "percent"
        }
      ],
      "issued_on": "2023-10-02",
      "last_year": 2026,
      "legal_bases": [
        "Undang-Undang Nomor 2 Tahun 2003 tentang Pembentukan Kabupaten Tanah Bumbu dan Kabupaten Balangan di Provinsi Kalimantan Selatan (Lembaran Negara Republik Indonesia Tahun 2003 Nomor 22, Tambahan Lembaran Negara Republik Indonesia Nomor 4265)",
        "Undang-Undang Nomor 23 Tahun 2014 tentang Pemerintahan Daerah (Lembaran Negara Republik Indonesia Tahun 2014 Nomor 244, Tambahan Lembaran Negara Republik Indonesia Nomor 5587) sebagaimana telah diubah terakhir dengan Undang-Undang Nomor 9 Tahun 2015 tentang Perubahan Kedua Atas Undang-Undang Nomor 23 Tahun 2014 tentang Pemerintahan Daerah (Lembaran Negara Republik Indonesia Tahun 2015 Nomor 58, Tambahann Lembaran Negara Republik Indonesia Nomor 5679)",
        "Undang-Undang Nomor 30 Tahun 2014 tentang Administrasi Pemerintahan (Lembaran Negara Republik Indonesia Tahun 2014 Nomor 292, Tambahan Lembaran Negara Republik Indonesia Nomor 5601)",
        "Peraturan Pemerintah Nomor 8 Tahun 2006 tentang Pelaporan Keuangan dan Kinerja Instansi Pemerintah (Lembaran Negara Republik Indonesia Tahun 2006 Nomor 25, Tambahan Lembaran Negara Republik Indonesia Nomor 4614)",
        "Peraturan Menteri Negara Pendayagunaan Aparatur Negara Nomor PER/9/M.PAN/5/2007 tentang Pedoman Umum Penetapan Indikator Kinerja Utama di Lingkungan Instansi Pemerintahan",
        "Peraturan Daerah Kabupaten Balangan Nomor 3 Tahun 2023 tentang Perubahan atas Peraturan Daerah Kabupaten Balangan Nomor 2 Tahun 2021 tentang Pembentukan dan Susunan Perangkat Daerah (Lembaran Daerah Kabupaten Balangan Tahun 2023 Nomor 3, NOREG. (3-38/2023) Peraturan Daerah Kabupaten Balangan Provinsi Kalimantan Selatan Nomor 3 Tahun 2023)",
        "Peraturan Bupati Balangan Nomor 55 Tahun 2023 tentang Perubahan atas Peraturan Bupati Nomor 107 Tahun 2021 tentang Kedudukan, Susunan Organisasi dan Tata Kerja Perangkat Daerah (Berita Daerah Kabupaten Balangan Tahun 2023 Nomor 55)"
      ],
      "number": "139/CPAR/2023",
      "recorded_at": "[instant]",
      "recorded_by": "iku",
      "title": "Indikator Kinerja Utama (IKU) Kecamatan Paringin Kabupaten Balangan Tahun 2023-2026 Berdasarkan Cascading Terbaru"
    }
    "#);
    assert_eq!(reader.all(DECREES).await, std::slice::from_ref(&got.json));
    let known = reader.with("if-none-match", &got.etag());
    known.get(&shipped()).await.status(304);
}

#[apply(both_databases)]
async fn the_tag_changes_with_the_indicators(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let got = admin.get(&shipped()).await.status(200);
    let fixed = json!({"from_year": 2023, "name": "Jumlah LKD"});
    correct(&world, "paringin-iku-2", fixed).await;
    let known = admin.with("if-none-match", &got.etag());
    let corrected = known.get(&shipped()).await.status(200);
    assert_eq!(corrected.json["indicators"][1]["name"], "Jumlah LKD");

    // An indicator that moves to another decree leaves this one.
    let amendment = with("first_year", json!(2023));
    let other = admin.post(DECREES, amendment).await.status(201).id();
    let moved = json!({"from_year": 2023, "decree_id": other});
    correct(&world, "paringin-iku-2", moved).await;
    let known = admin.with("if-none-match", &corrected.etag());
    let left = known.get(&shipped()).await.status(200);
    assert_eq!(left.json["indicators"].as_array().unwrap().len(), 4);
    let joined = admin.get(&format!("{DECREES}/{other}")).await.status(200);
    assert_eq!(joined.json["indicators"][0]["name"], "Jumlah LKD");

    let stale = admin.patch(&shipped(), &got.etag(), json!({"title": "x"})).await;
    stale.problem(412, "precondition_failed");
}

#[apply(both_databases)]
async fn patch_changes_the_named_members(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let made = admin.post(DECREES, next_decree()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("{DECREES}/{}", made.id()));
    assert_eq!(made.json["indicators"], json!([]));
    assert_eq!(made.json["recorded_by"], "test.administrator");
    let got = admin.get(&path).await.status(200);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));

    let patch = json!({"last_year": 2029, "legal_bases": [], "reason": "Salah ketik"});
    let fixed = admin.patch(&path, &made.etag(), patch).await.status(200);
    assert_eq!(fixed.json["last_year"], 2029);
    assert_eq!(fixed.json["legal_bases"], json!([]));
    let stale = admin.patch(&path, &made.etag(), json!({"goal": "x"})).await;
    stale.problem(412, "precondition_failed");
    let same = admin.patch(&path, &fixed.etag(), json!({})).await.status(200);
    assert_eq!(same.etag(), fixed.etag());
}

#[apply(both_databases)]
async fn rejects_the_number_of_another_decree(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let new = with("id", json!(Uuid::new_v4()));
    let made = admin.post(DECREES, new.clone()).await.status(201);
    let fixed = admin
        .patch(made.header("location"), "*", json!({"last_year": 2029}))
        .await;
    let fixed = fixed.status(200).json;
    assert_eq!(admin.post(DECREES, new.clone()).await.status(200).json, fixed);
    let mut other = new;
    other["number"] = json!("13/CPAR/2027");
    admin.post(DECREES, other).await.problem(409, "id_conflict");
    let second = admin.post(DECREES, next_decree()).await;
    second.problem(409, "duplicate_decree");

    // An amendment for the same years is another decree, with another number.
    let amendment = with("number", json!("20/CPAR/2027"));
    let amendment = admin.post(DECREES, amendment).await.status(201);
    let taken = json!({"number": "12/CPAR/2027"});
    let taken = admin
        .patch(amendment.header("location"), &amendment.etag(), taken)
        .await;
    assert_eq!(taken.problem(409, "duplicate_decree").pointers(), ["#/number"]);
}

#[apply(both_databases)]
async fn rejects_years_that_leave_an_indicator_out(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let backwards = [(with("last_year", json!(2026)), 422, "rule_broken", "#/last_year")];
    assert_bodies_refused(&admin, "POST", DECREES, backwards).await;
    // The shipped indicators begin in 2023.
    let rows = [
        (json!({"last_year": 2022}), 422, "rule_broken", "#/last_year"),
        (
            json!({"first_year": 2020, "last_year": 2022}),
            422,
            "rule_broken",
            "#/last_year",
        ),
        (json!({"first_year": 2024}), 422, "rule_broken", "#/first_year"),
    ];
    assert_bodies_refused(&admin, "PATCH", &shipped(), rows).await;
    for patch in [
        json!({"last_year": 2023, "reason": "Uji"}),
        json!({"last_year": 2026, "first_year": 2022, "reason": "Uji"}),
    ] {
        admin.patch(&shipped(), "*", patch).await.status(200);
    }

    // After a wording that begins in 2025, the decree cannot end before 2025.
    let wording = json!({"from_year": 2025, "name": "IKM sejak 2025"});
    correct(&world, "paringin-iku-1", wording).await;
    let got = admin.get(&shipped()).await.status(200);
    assert_eq!(got.json["indicators"].as_array().unwrap().len(), 5);
    assert_eq!(got.json["indicators"][0]["name"], "IKM sejak 2025");
    assert_eq!(got.json["indicators"][0]["from_year"], 2025);
    let too_early = [(json!({"last_year": 2024}), 422, "rule_broken", "#/last_year")];
    assert_bodies_refused(&admin, "PATCH", &shipped(), too_early).await;
}

#[actix_web::test]
async fn rejects_bodies_that_break_the_contract() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let rows = [
        ("first_year", json!(1999), 400, "invalid_body"),
        ("last_year", json!(2101), 400, "invalid_body"),
        ("number", json!(""), 400, "invalid_body"),
        ("legal_bases", json!([""]), 400, "invalid_body"),
        ("legal_bases", json!("UU"), 400, "invalid_body"),
        ("extra", json!(1), 400, "invalid_body"),
        ("district_code", json!("99.99.99"), 422, "unknown_reference"),
    ];
    let rows = rows.map(|(name, value, status, code)| (with(name, value), status, code, ""));
    assert_bodies_refused(&admin, "POST", DECREES, rows).await;
    let moved = [(json!({"district_code": "63.11.01"}), 400, "invalid_body", "")];
    assert_bodies_refused(&admin, "PATCH", &shipped(), moved).await;
}

#[apply(both_databases)]
async fn lists_are_filtered_sorted_and_paged(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let admin = world.admin();
    admin.post(DECREES, next_decree()).await.status(201);
    let juai = with("district_code", json!("63.11.01"));
    admin.post(DECREES, juai).await.status(201);
    let (old, new) = ("63.11.06 139/CPAR/2023", "63.11.06 12/CPAR/2027");
    let juai = "63.11.01 12/CPAR/2027";
    for (query, in_order) in [
        ("district_code=63.11.06&limit=1", vec![old, new]),
        ("district_code=63.11.06&limit=1&sort=-first_year", vec![new, old]),
        ("year=2026", vec![old]),
        ("year=2031", vec![]),
    ] {
        assert_eq!(numbers(&admin, query).await, in_order, "{query}");
    }
    for (query, mut in_any_order) in [("limit=1", vec![old, juai, new]), ("year=2030", vec![juai, new])] {
        let mut listed = numbers(&admin, query).await;
        listed.sort();
        in_any_order.sort_unstable();
        assert_eq!(listed, in_any_order, "{query}");
    }
    let before_2000 = admin.get("/v1/decrees?year=1999").await;
    before_2000.problem(400, "invalid_query");
}

/// The districts and numbers of the listed decrees.
async fn numbers(actor: &Client, query: &str) -> Vec<String> {
    let decrees = actor.all(&format!("{DECREES}?{query}")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let both = |d: &Value| format!("{} {}", text(&d["district_code"]), text(&d["number"]));
    decrees.iter().map(both).collect()
}

#[apply(both_databases)]
async fn rejects_other_districts_and_roles(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let admin = world.admin();
    let juai = with("district_code", json!("63.11.01"));
    let juai = admin.post(DECREES, juai).await.status(201).json;
    let path = &shipped();
    let of_paringin = format!("{DECREES}?district_code={PARINGIN}");
    let unknown = format!("{DECREES}/{}", Uuid::new_v4());
    let stranger = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    let officer = world.officer(&["pmd"]);
    assert_refused(&[
        (&stranger, "GET", path, NONE, 404, "not_found"),
        (&stranger, "GET", &of_paringin, NONE, 404, "not_found"),
        (&stranger, "PATCH", path, json!({"title": "x"}), 404, "not_found"),
        (&stranger, "POST", DECREES, next_decree(), 422, "unknown_reference"),
        (&officer, "POST", DECREES, next_decree(), 403, "insufficient_scope"),
        (&officer, "PATCH", path, json!({}), 403, "insufficient_scope"),
        (&admin, "GET", &unknown, NONE, 404, "not_found"),
    ])
    .await;
    assert_eq!(stranger.all(DECREES).await, [juai]);
    officer.get(path).await.status(200);
}

#[apply(both_databases)]
async fn a_list_of_many_decrees_takes_as_many_statements_as_a_list_of_one(backend: Backend) {
    let world = World::on(backend).await;
    let list = async || {
        let filter = serde_json::from_value(json!({})).unwrap();
        let (page, statements) = counted(&world, async |conn| {
            service::list(conn, &reader(), &filter, &Paging::default()).await
        })
        .await;
        let decrees = page.items();
        let indicators = decrees.iter().map(|d| d["indicators"].as_array().unwrap().len());
        (decrees.len(), indicators.sum::<usize>(), statements)
    };
    assert_eq!(list().await, (1, 5, 3));
    for i in 1..=20 {
        let mut amendment = with("first_year", json!(2023));
        amendment["number"] = json!(format!("{i}/CPAR/2024"));
        let id = world.admin().post(DECREES, amendment).await.status(201).id();
        if i <= 3 {
            let code = format!("paringin-iku-{i}");
            correct(&world, &code, json!({"from_year": 2023, "decree_id": id})).await;
        }
    }
    assert_eq!(list().await, (21, 5, 3));
}
