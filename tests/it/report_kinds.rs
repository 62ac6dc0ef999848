//! Report kinds: a correction governs from the year it names, and earlier years keep the old rule.

use iku::access::Role;
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{PARINGIN, World, instant};

const KINDS: &str = "/v1/report-kinds";
const LPPD: &str = "/v1/report-kinds/lppd";

const NOW: &str = "2025-06-30T09:00:00+08:00";

fn kind() -> Value {
    json!({
        "code": "dd-tahap2", "group": "finance", "name": "Laporan realisasi Dana Desa tahap II", "due_month": 11,
        "due_day": 30, "fiscal_year_offset": 0, "valid_from_year": 2024, "valid_to_year": 2026,
        "legal_basis": "Peraturan Menteri Keuangan tentang Dana Desa", "confirmed": false, "reason": "Uji",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut kind = kind();
    kind[name] = value;
    kind
}

fn codes(items: &[Value]) -> Vec<&str> {
    items.iter().map(|v| v["code"].as_str().unwrap()).collect()
}

#[apply(both_databases)]
async fn get_returns_a_shipped_kind(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let reader = world.holder(Role::Integrator, Some(PARINGIN), &[]);
    let lppd = reader.get(LPPD).await.status(200);
    assert_body!(lppd, @r#"
    {
      "code": "lppd",
      "confirmed": true,
      "due_day": 31,
      "due_month": 3,
      "fiscal_year_offset": -1,
      "from_year": 2020,
      "group": "administration",
      "legal_basis": "Peraturan Menteri Dalam Negeri Nomor 46 Tahun 2016",
      "name": "Laporan Penyelenggaraan Pemerintahan Desa akhir tahun anggaran",
      "recorded_at": "[instant]",
      "recorded_by": "iku",
      "valid_from_year": null,
      "valid_to_year": null
    }
    "#);
    assert_eq!(lppd.json["recorded_at"], "1970-01-01T00:00:00Z");
    let known = reader.with("if-none-match", &lppd.etag());
    known.get(LPPD).await.status(304);
    assert_refused(&[
        (
            &reader,
            "GET",
            "/v1/report-kinds/lppd?year=2019",
            NONE,
            404,
            "not_found",
        ),
        (&reader, "GET", "/v1/report-kinds/lppdd", NONE, 404, "not_found"),
        (
            &reader,
            "GET",
            "/v1/report-kinds/lppdd/versions",
            NONE,
            404,
            "not_found",
        ),
    ])
    .await;
}

#[apply(both_databases)]
async fn lists_are_filtered_and_paged(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let reader = world.holder(Role::Integrator, Some(PARINGIN), &[]);
    let all = [
        "apbdes-s1",
        "apbdes-s2",
        "bpd-kinerja",
        "dd-tahap1",
        "dd-tahunan",
        "kegiatan-akhir",
        "kegiatan-s1",
        "lpj-apbdes",
        "lppd",
    ];
    assert_eq!(codes(&reader.all("/v1/report-kinds?limit=4").await), all);
    let administration = reader.all("/v1/report-kinds?group=administration").await;
    assert_eq!(codes(&administration), ["bpd-kinerja", "lppd"]);
    assert_eq!(reader.all("/v1/report-kinds?group=finance&year=2023").await.len(), 7);
    assert!(reader.all("/v1/report-kinds?year=2019").await.is_empty());
    let first = reader.get("/v1/report-kinds?limit=1&count=true").await.status(200);
    assert_eq!(first.json["total"], 9);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    let of_other_list = format!("/v1/report-kinds?limit=1&year=2024&cursor={cursor}");
    reader.get(&of_other_list).await.problem(400, "invalid_cursor");
}

#[apply(both_databases)]
async fn only_administrators_of_the_regency_change_kinds(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    // An administrator of one district would change the kinds of the others.
    let roles = [
        Role::Head,
        Role::Officer,
        Role::Integrator,
        Role::Auditor,
        Role::Administrator,
    ];
    for role in roles {
        let actor = world.holder(role, Some(PARINGIN), &["pemerintahan"]);
        let patch = json!({"from_year": 2025, "due_day": 15});
        assert_refused(&[
            (&actor, "POST", KINDS, kind(), 403, "insufficient_scope"),
            (&actor, "PATCH", LPPD, patch, 403, "insufficient_scope"),
        ])
        .await;
    }
}

#[apply(both_databases)]
async fn a_correction_governs_from_its_year(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let shipped = admin.get(LPPD).await.status(200);
    let patch = json!({"from_year": 2026, "due_day": 15});
    let moved = admin.patch(LPPD, &shipped.etag(), patch).await.status(200);
    assert_eq!(moved.json["from_year"], 2026);
    assert_eq!(
        (&moved.json["due_month"], &moved.json["due_day"]),
        (&json!(3), &json!(15))
    );
    // 2025 keeps its rule and its tag.
    assert_eq!(admin.get(LPPD).await.status(200).etag(), shipped.etag());
    for (year, day) in [(2020, 31), (2025, 31), (2026, 15), (2040, 15)] {
        let got = admin.get(&format!("{LPPD}?year={year}")).await.status(200);
        assert_eq!(got.json["due_day"], day, "{year}");
        let list = admin.all(&format!("{KINDS}?year={year}")).await;
        assert_eq!(list.len(), 9);
        assert_eq!(list[8]["due_day"], day, "{year}");
    }

    // Without a year it is the current year in WITA, where 16:10 UTC on 31 December is in the next year.
    assert_eq!(admin.get(LPPD).await.status(200).json["due_day"], 31);
    world.clock.set(instant("2025-12-31T16:10:00Z"));
    assert_eq!(admin.get(LPPD).await.status(200).json["due_day"], 15);
    assert_eq!(admin.all(KINDS).await[8]["due_day"], 15);
}

#[apply(both_databases)]
async fn a_second_correction_amends_or_goes_between(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let shipped = admin.get(LPPD).await.status(200);
    let patch = json!({"from_year": 2026, "due_day": 15, "reason": "PP 16/2026"});
    let moved = admin.patch(LPPD, &shipped.etag(), patch).await.status(200);

    // The tag must be that of the rule which governs the named year.
    let patch = || json!({"from_year": 2026, "due_day": 20});
    let stale = admin.patch(LPPD, &shipped.etag(), patch()).await;
    stale.problem(412, "precondition_failed");
    let amended = admin.patch(LPPD, &moved.etag(), patch()).await.status(200);
    assert_eq!(amended.json["due_day"], 20);
    let same = json!({"from_year": 2028, "due_day": 20});
    let same = admin.patch(LPPD, &amended.etag(), same).await.status(200);
    assert_eq!((&same.json, same.etag()), (&amended.json, amended.etag()));
    // A rule between two others governs until the later one begins.
    let between = json!({"from_year": 2024, "name": "LPPD", "confirmed": false, "reason": "Uji"});
    admin.patch(LPPD, &shipped.etag(), between).await.status(200);
    let long = &shipped.json["name"];
    for (year, name, day) in [(2023, long, 31), (2025, &json!("LPPD"), 31), (2026, long, 20)] {
        let got = admin.get(&format!("{LPPD}?year={year}")).await.status(200).json;
        assert_eq!((&got["name"], &got["due_day"]), (name, &json!(day)), "{year}");
    }

    let versions = admin.all(&format!("{LPPD}/versions?limit=2")).await;
    let number = |value: &Value| value.as_i64().unwrap();
    let recorded: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                number(&v["content"]["from_year"]),
                number(&v["version"]),
                v["reason"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        recorded,
        [
            (2020, 1, None),
            (2026, 1, Some("PP 16/2026")),
            (2026, 2, None),
            (2024, 1, Some("Uji"))
        ]
    );
    assert_eq!(versions[1]["content"]["due_day"], 15);
}

#[apply(both_databases)]
async fn a_new_kind_is_owed_in_its_years(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let made = admin.post(KINDS, kind()).await.status(201).without_warnings();
    assert_eq!(made.header("location"), "/v1/report-kinds/dd-tahap2");
    assert_eq!(made.json["from_year"], 2024);
    let got = admin.get(made.header("location")).await.status(200);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    for (year, is_owed) in [(2023, false), (2024, true), (2026, true), (2027, false)] {
        let list = admin.all(&format!("{KINDS}?year={year}")).await;
        assert_eq!(codes(&list).contains(&"dd-tahap2"), is_owed, "{year}");
    }
    // It can be read after its last year.
    let later = admin.get("/v1/report-kinds/dd-tahap2?year=2030").await.status(200);
    assert_eq!(later.json, made.json);

    // A kind of the future is found without its year; a kind without years governs every year.
    let mut future = with("code", json!("masa-depan"));
    future["valid_from_year"] = json!(2027);
    future["valid_to_year"] = json!(null);
    let future = admin.post(KINDS, future).await.status(201);
    assert_eq!(future.header("location"), "/v1/report-kinds/masa-depan");
    assert_eq!(admin.get(future.header("location")).await.status(200).json, future.json);
    let too_early = admin.get("/v1/report-kinds/masa-depan?year=2026").await;
    too_early.problem(404, "not_found");
    let mut always = with("code", json!("selalu"));
    always["valid_from_year"] = json!(null);
    always["valid_to_year"] = json!(null);
    let always = admin.post(KINDS, always).await.status(201);
    assert_eq!(always.json["from_year"], 2000);
    assert_eq!(codes(&admin.all("/v1/report-kinds?year=2000").await), ["selalu"]);
}

#[apply(both_databases)]
async fn repeated_post_returns_the_same_kind(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let made = admin.post(KINDS, kind()).await.status(201);
    let patch = json!({"from_year": 2024, "valid_to_year": null, "reason": "Uji"});
    let endless = admin.patch(made.header("location"), &made.etag(), patch).await;
    let endless = endless.status(200);
    assert_eq!(endless.json["valid_to_year"], json!(null));
    assert_eq!(admin.post(KINDS, kind()).await.status(200).json, endless.json);
    let rows = [
        (with("due_day", json!(29)), 409, "duplicate_code", "#/code"),
        (with("code", json!("lppd")), 409, "duplicate_code", "#/code"),
    ];
    assert_bodies_refused(&admin, "POST", KINDS, rows).await;
}

#[apply(both_databases)]
async fn rejects_kinds_that_break_a_rule(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let rows = [(
        with("valid_to_year", json!(2023)),
        422,
        "rule_broken",
        "#/valid_to_year",
    )];
    assert_bodies_refused(&admin, "POST", KINDS, rows).await;
    let rows = [
        (
            json!({"from_year": 2019, "due_day": 1}),
            422,
            "rule_broken",
            "#/from_year",
        ),
        (json!({"due_day": 1}), 400, "invalid_body", "#/from_year"),
    ];
    assert_bodies_refused(&admin, "PATCH", LPPD, rows).await;
    let unknown = admin
        .patch("/v1/report-kinds/lppdd", "*", json!({"from_year": 2025}))
        .await;
    unknown.problem(404, "not_found");
    let patch = b"{\"from_year\":2025}".to_vec();
    let without_tag = admin.send("PATCH", LPPD, "application/merge-patch+json", patch).await;
    without_tag.problem(428, "precondition_required");
}

#[actix_web::test]
async fn rejects_bodies_that_break_the_contract() {
    let world = World::on(Backend::Sqlite).at(NOW).await;
    let admin = world.admin();
    let members = [
        ("due_month", json!(13)),
        ("due_day", json!(0)),
        ("fiscal_year_offset", json!(1)),
        ("group", json!("lain")),
        ("confirmed", json!("ya")),
        ("code", json!("LPPD")),
        ("from_year", json!(1999)),
        ("extra", json!(1)),
    ];
    let rows = members.map(|(name, value)| (with(name, value), 400, "invalid_body", ""));
    assert_bodies_refused(&admin, "POST", KINDS, rows).await;
    let patches = [
        json!({"from_year": null}),
        json!({"from_year": 2025, "code": "x"}),
        json!({"from_year": 2025, "name": null}),
    ];
    let rows = patches.map(|patch| (patch, 400, "invalid_body", ""));
    assert_bodies_refused(&admin, "PATCH", LPPD, rows).await;
}

#[apply(both_databases)]
async fn a_correction_reaches_every_district_and_no_past_instant(backend: Backend) {
    let before = "2026-06-30T01:00:00Z";
    let world = World::on(backend).at(before).await;
    world.load_regency().await;
    let admin = world.admin();
    let mut read = Vec::new();
    for district in admin.all("/v1/districts").await {
        let code = district["code"].as_str().unwrap();
        let path = format!("/v1/reports/completeness?group=administration&district_code={code}");
        let tag = admin.get(&format!("{path}&year=2026")).await.status(200).etag();
        read.push((path, tag));
    }
    assert_eq!(read.len(), 8);

    world.clock.set(instant("2026-07-01T01:00:00Z"));
    let lppd = json!({"from_year": 2020, "due_day": 1, "reason": "Uji"});
    admin.patch(LPPD, "*", lppd).await.status(200);
    let bpd = json!({"from_year": 2026, "due_day": 2});
    admin.patch("/v1/report-kinds/bpd-kinerja", "*", bpd).await.status(200);
    let due = |cells: &Value| -> Vec<String> {
        let cells = cells.as_array().unwrap().iter();
        let mut days: Vec<_> = cells.map(|c| c["due_on"].as_str().unwrap().to_owned()).collect();
        days.sort();
        days.dedup();
        days
    };
    for (path, tag) in &read {
        for (year, days) in [
            ("2025", ["2025-03-01", "2025-04-30"]),
            ("2026", ["2026-03-01", "2026-04-02"]),
        ] {
            let known = admin.with("if-none-match", tag);
            let matrix = known.get(&format!("{path}&year={year}")).await.status(200).json;
            assert_eq!(due(&matrix["villages"][0]["cells"]), days, "{path} {year}");
        }
    }
    let path = format!("/v1/indicators/paringin-iku-4/realisations/2026/explanation?as_of={before}");
    let past = admin.get(&path).await.status(200).json;
    assert_eq!(due(&past["inputs"]["obligations"]), ["2026-03-31", "2026-04-30"]);
}
