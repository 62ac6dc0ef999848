//! Report kinds: a correction governs from the year it names, earlier years keep theirs.

use entity::{report_kind, stamp};
use iku::access::Role;
use iku::plan::by_year;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World, instant};

const NOW: &str = "2025-06-30T09:00:00+08:00";

fn kind() -> Value {
    json!({
        "code": "dd-tahap2", "group": "finance", "name": "Laporan realisasi Dana Desa tahap II", "due_month": 11,
        "due_day": 30, "fiscal_year_offset": 0, "valid_from_year": 2024, "valid_to_year": 2026,
        "legal_basis": "Peraturan Menteri Keuangan tentang Dana Desa", "confirmed": false,
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
async fn shipped_kinds_are_listed(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let reader = world.holder(Role::Integrator, Some(PARINGIN), &[]);
    let all = reader.all("/v1/report-kinds?limit=4").await;
    assert_eq!(
        codes(&all),
        [
            "apbdes-s1",
            "apbdes-s2",
            "bpd-kinerja",
            "dd-tahap1",
            "dd-tahunan",
            "kegiatan-akhir",
            "kegiatan-s1",
            "lpj-apbdes",
            "lppd"
        ]
    );
    assert_eq!(
        codes(&reader.all("/v1/report-kinds?group=administration").await),
        ["bpd-kinerja", "lppd"]
    );
    assert_eq!(reader.all("/v1/report-kinds?group=finance&year=2023").await.len(), 7);
    assert!(reader.all("/v1/report-kinds?year=2019").await.is_empty());
    let counted = reader.get("/v1/report-kinds?limit=1&count=true").await.status(200);
    assert_eq!(counted.json["total"], 9);
    let cursor = counted.json["next_cursor"].as_str().unwrap();
    reader
        .get(&format!("/v1/report-kinds?limit=1&year=2024&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");

    let lppd = reader.get("/v1/report-kinds/lppd").await.status(200);
    assert_eq!(
        lppd.json,
        json!({
            "code": "lppd", "from_year": 2020, "group": "administration",
            "name": "Laporan Penyelenggaraan Pemerintahan Desa akhir tahun anggaran", "due_month": 3, "due_day": 31,
            "fiscal_year_offset": -1, "valid_from_year": null, "valid_to_year": null,
            "legal_basis": "Peraturan Menteri Dalam Negeri Nomor 46 Tahun 2016", "confirmed": true,
            "recorded_at": "1970-01-01T00:00:00Z", "recorded_by": "iku",
        })
    );
    reader
        .with("if-none-match", &lppd.etag())
        .get("/v1/report-kinds/lppd")
        .await
        .status(304);
    reader
        .get("/v1/report-kinds/lppd?year=2019")
        .await
        .problem(404, "not_found");
    reader.get("/v1/report-kinds/lppdd").await.problem(404, "not_found");
    reader
        .get("/v1/report-kinds/lppdd/versions")
        .await
        .problem(404, "not_found");
    for role in [Role::Head, Role::Officer, Role::Integrator, Role::Auditor] {
        let reader = world.holder(role, Some(PARINGIN), &["pemerintahan"]);
        reader
            .post("/v1/report-kinds", kind())
            .await
            .problem(403, "insufficient_scope");
        reader
            .patch("/v1/report-kinds/lppd", "*", json!({"from_year": 2025}))
            .await
            .problem(403, "insufficient_scope");
    }
}

#[apply(both_databases)]
async fn a_correction_governs_from_its_year(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let path = "/v1/report-kinds/lppd";
    let shipped = admin.get(path).await.status(200);

    let moved = admin
        .patch(
            path,
            &shipped.etag(),
            json!({"from_year": 2026, "due_day": 15, "reason": "PP 16/2026"}),
        )
        .await
        .status(200);
    assert_eq!(
        (&moved.json["from_year"], &moved.json["due_day"]),
        (&json!(2026), &json!(15))
    );
    assert_eq!(moved.json["due_month"], 3);
    // 2025 keeps its wording, and its tag.
    assert_eq!(admin.get(path).await.status(200).etag(), shipped.etag());
    for (year, day) in [(2020, 31), (2025, 31), (2026, 15), (2040, 15)] {
        let at = format!("{path}?year={year}");
        assert_eq!(admin.get(&at).await.status(200).json["due_day"], day, "{year}");
        let list = admin.all(&format!("/v1/report-kinds?year={year}")).await;
        assert_eq!(list.len(), 9);
        assert_eq!(list[8]["due_day"], day, "{year}");
    }

    // A correction of that very wording amends it; the tag is that of the row which governs the named year.
    admin
        .patch(path, &shipped.etag(), json!({"from_year": 2026, "due_day": 20}))
        .await
        .problem(412, "precondition_failed");
    let amended = admin
        .patch(path, &moved.etag(), json!({"from_year": 2026, "due_day": 20}))
        .await
        .status(200);
    assert_eq!(amended.json["due_day"], 20);
    let same = admin
        .patch(path, &amended.etag(), json!({"from_year": 2028, "due_day": 20}))
        .await
        .status(200);
    assert_eq!((&same.json, same.etag()), (&amended.json, amended.etag()));
    // One in between governs until the next wording begins.
    admin
        .patch(
            path,
            &shipped.etag(),
            json!({"from_year": 2024, "name": "LPPD", "confirmed": false}),
        )
        .await
        .status(200);
    for (year, name, day) in [
        (
            2023,
            "Laporan Penyelenggaraan Pemerintahan Desa akhir tahun anggaran",
            31,
        ),
        (2025, "LPPD", 31),
        (
            2026,
            "Laporan Penyelenggaraan Pemerintahan Desa akhir tahun anggaran",
            20,
        ),
    ] {
        let got = admin.get(&format!("{path}?year={year}")).await.status(200).json;
        assert_eq!((&got["name"], &got["due_day"]), (&json!(name), &json!(day)), "{year}");
    }

    // Without a year it is the current one in WITA, where 16:10 UTC on the last day of December is next year.
    assert_eq!(admin.get(path).await.status(200).json["due_day"], 31);
    world.clock.set(instant("2025-12-31T16:10:00Z"));
    assert_eq!(admin.get(path).await.status(200).json["due_day"], 20);
    assert_eq!(admin.all("/v1/report-kinds").await[8]["due_day"], 20);

    let versions = admin.all(&format!("{path}/versions?limit=2")).await;
    let told: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                v["content"]["from_year"].as_i64().unwrap(),
                v["version"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [(2020, 1), (2026, 1), (2026, 2), (2024, 1)]);
    assert_eq!(versions[1]["reason"], "PP 16/2026");
    assert_eq!(versions[2]["reason"], json!(null));
    assert_eq!(versions[1]["content"]["due_day"], 15);

    let refused = admin
        .patch(path, "*", json!({"from_year": 2019, "due_day": 1}))
        .await
        .problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/from_year"]);
    let refused = admin
        .patch(path, "*", json!({"due_day": 1}))
        .await
        .problem(400, "invalid_body");
    assert_eq!(refused.pointers(), ["#/from_year"]);
    admin
        .patch("/v1/report-kinds/lppdd", "*", json!({"from_year": 2025}))
        .await
        .problem(404, "not_found");
    admin
        .send(
            "PATCH",
            path,
            "application/merge-patch+json",
            b"{\"from_year\":2025}".to_vec(),
        )
        .await
        .problem(428, "precondition_required");
}

#[apply(both_databases)]
async fn a_kind_is_added(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let made = admin.post("/v1/report-kinds", kind()).await.status(201);
    assert_eq!(made.header("location"), "/v1/report-kinds/dd-tahap2");
    assert_eq!(made.json["from_year"], 2024);
    let got = admin.get(made.header("location")).await.status(200);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    for (year, owed) in [(2023, false), (2024, true), (2026, true), (2027, false)] {
        let list = admin.all(&format!("/v1/report-kinds?year={year}")).await;
        assert_eq!(codes(&list).contains(&"dd-tahap2"), owed, "{year}");
    }
    // Still readable after its last year.
    let later = admin.get("/v1/report-kinds/dd-tahap2?year=2030").await.status(200);
    assert_eq!(later.json, made.json);

    let endless = admin
        .patch(
            "/v1/report-kinds/dd-tahap2",
            &made.etag(),
            json!({"from_year": 2024, "valid_to_year": null}),
        )
        .await
        .status(200);
    assert_eq!(endless.json["valid_to_year"], json!(null));
    assert_eq!(
        admin.post("/v1/report-kinds", kind()).await.status(200).json,
        endless.json
    );
    admin
        .post("/v1/report-kinds", with("due_day", json!(29)))
        .await
        .problem(409, "duplicate_code");
    let taken = admin
        .post("/v1/report-kinds", with("code", json!("lppd")))
        .await
        .problem(409, "duplicate_code");
    assert_eq!(taken.pointers(), ["#/code"]);

    // A kind of the future is found without its year; one without years governs every year.
    let mut future = with("code", json!("masa-depan"));
    future["valid_from_year"] = json!(2027);
    future["valid_to_year"] = json!(null);
    let future = admin.post("/v1/report-kinds", future).await.status(201);
    assert_eq!(future.header("location"), "/v1/report-kinds/masa-depan");
    assert_eq!(admin.get(future.header("location")).await.status(200).json, future.json);
    admin
        .get("/v1/report-kinds/masa-depan?year=2026")
        .await
        .problem(404, "not_found");
    let mut always = with("code", json!("selalu"));
    always["valid_from_year"] = json!(null);
    always["valid_to_year"] = json!(null);
    let always = admin.post("/v1/report-kinds", always).await.status(201);
    assert_eq!(always.json["from_year"], 2000);
    assert_eq!(codes(&admin.all("/v1/report-kinds?year=2000").await), ["selalu"]);
}

#[apply(both_databases)]
async fn a_kind_that_cannot_be_is_refused(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    for (month, day) in [(2, 29), (2, 30), (4, 31), (11, 31)] {
        let mut wrong = with("due_day", json!(day));
        wrong["due_month"] = json!(month);
        let refused = admin.post("/v1/report-kinds", wrong).await.problem(422, "rule_broken");
        assert_eq!(refused.pointers(), ["#/due_day"]);
    }
    let refused = admin
        .post("/v1/report-kinds", with("valid_to_year", json!(2023)))
        .await
        .problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/valid_to_year"]);
    admin
        .patch("/v1/report-kinds/lppd", "*", json!({"from_year": 2025, "due_month": 2}))
        .await
        .problem(422, "rule_broken");
    for wrong in [
        with("due_month", json!(13)),
        with("due_day", json!(0)),
        with("fiscal_year_offset", json!(1)),
        with("group", json!("lain")),
        with("confirmed", json!("ya")),
        with("code", json!("LPPD")),
        with("from_year", json!(1999)),
        with("extra", json!(1)),
    ] {
        admin.post("/v1/report-kinds", wrong).await.problem(400, "invalid_body");
    }
    for wrong in [
        json!({"from_year": null}),
        json!({"from_year": 2025, "code": "x"}),
        json!({"from_year": 2025, "name": null}),
    ] {
        admin
            .patch("/v1/report-kinds/lppd", "*", wrong)
            .await
            .problem(400, "invalid_body");
    }
}

#[apply(both_databases)]
async fn a_change_reaches_every_district_and_no_past_instant(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let admin = world.admin();
    let before = instant(NOW);
    world.clock.set(instant("2025-07-01T09:00:00+08:00"));
    admin
        .patch("/v1/report-kinds/lppd", "*", json!({"from_year": 2020, "due_day": 1}))
        .await
        .status(200);
    admin
        .patch(
            "/v1/report-kinds/bpd-kinerja",
            "*",
            json!({"from_year": 2026, "due_day": 2}),
        )
        .await
        .status(200);
    let read = world.service.db.read(async |tx| {
        let mut days = Vec::new();
        for (year, at) in [(2025, None), (2026, None), (2026, Some(before))] {
            let governing = by_year::all_governing::<report_kind::Entity>(year, at);
            let rows = governing.order_by_asc(report_kind::Column::Code).all(tx).await?;
            assert_eq!(rows.len(), 9);
            days.push((rows[2].due_day, rows[8].due_day));
        }
        let stamps = stamp::Entity::find().all(tx).await?;
        Ok((days, stamps))
    });
    let (days, stamps) = read.await.unwrap();
    assert_eq!(days, [(30, 1), (2, 1), (30, 31)]);
    assert_eq!(stamps.len(), 8);
    assert!(
        stamps
            .iter()
            .all(|s| s.report_kinds == stamps[0].report_kinds && s.report_kinds > 0)
    );
}

#[apply(both_databases)]
async fn one_district_does_not_change_the_others(backend: Backend) {
    let world = World::on(backend).await;
    let local = world.holder(iku::access::Role::Administrator, Some("63.11.06"), &[]);
    let kind = json!({
        "code": "laporan-baru", "from_year": 2025, "group": "administration", "name": "Laporan baru", "due_month": 3,
        "due_day": 31, "fiscal_year_offset": -1, "legal_basis": "Surat edaran", "confirmed": false,
    });
    local
        .post("/v1/report-kinds", kind)
        .await
        .problem(403, "insufficient_scope");
    let patch = json!({"from_year": 2025, "due_day": 15});
    local
        .patch("/v1/report-kinds/lppd", "*", patch)
        .await
        .problem(403, "insufficient_scope");
}
