//! Village reports: recorded once, corrected, withdrawn, and refused when they cannot be.

use serde_json::json;
use uuid::Uuid;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN_KOTA, World};

fn lppd() -> serde_json::Value {
    json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"})
}

#[apply(both_databases)]
async fn a_report_lives(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);

    let made = kasi.post("/v1/reports", lppd()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(made.json["status"], "received");
    assert_eq!(made.json["recorded_by"], "test.officer");
    let got = kasi.get(&path).await.status(200);
    assert_eq!(got.json, made.json);
    assert_eq!(got.etag(), made.etag());
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);

    let fixed = kasi
        .patch(
            &path,
            &got.etag(),
            json!({"status": "accepted", "note": "Lengkap", "reason": "Diperiksa"}),
        )
        .await;
    let fixed = fixed.status(200);
    assert_eq!(fixed.json["status"], "accepted");
    kasi.patch(&path, &got.etag(), json!({"status": "returned"}))
        .await
        .problem(412, "precondition_failed");
    let same = kasi.patch(&path, &fixed.etag(), json!({})).await.status(200);
    assert_eq!(same.etag(), fixed.etag());
    let cleared = kasi
        .patch(&path, &fixed.etag(), json!({"note": null}))
        .await
        .status(200);
    assert_eq!(cleared.json["note"], json!(null));

    kasi.delete(&path, &got.etag())
        .await
        .problem(412, "precondition_failed");
    kasi.delete(&path, &cleared.etag()).await.status(204);
    kasi.get(&path).await.problem(404, "not_found");
    let versions = kasi.all(&format!("{path}/versions")).await;
    let reasons: Vec<_> = versions.iter().map(|v| v["reason"].as_str()).collect();
    assert_eq!(reasons, [None, Some("Diperiksa"), None, Some("uji")]);
    assert_eq!(versions[3]["deleted"], true);
    // The key is free again.
    kasi.post("/v1/reports", lppd()).await.status(201);
}

#[apply(both_databases)]
async fn report_of_a_kind_that_is_no_longer_owed_can_be_moved_and_withdrawn(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let made = kasi.post("/v1/reports", lppd()).await.status(201);
    let path = made.header("location").to_owned();
    let ended = json!({"from_year": 2020, "valid_to_year": 2024});
    world
        .admin()
        .patch("/v1/report-kinds/lppd", "*", ended)
        .await
        .status(200);

    let refused = kasi.patch(&path, "*", json!({"note": "Lengkap"})).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/fiscal_year"]);
    kasi.patch(&path, "*", json!({"fiscal_year": 2023})).await.status(200);
    kasi.patch(&path, "*", json!({"fiscal_year": 2024}))
        .await
        .problem(422, "rule_broken");
    kasi.delete(&path, "*").await.status(204);
}

#[apply(both_databases)]
async fn sending_again_is_safe(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let mut report = lppd();
    report["id"] = json!(Uuid::new_v4());
    let made = kasi.post("/v1/reports", report.clone()).await.status(201);
    let again = kasi.post("/v1/reports", report.clone()).await.status(200);
    assert_eq!(again.json, made.json);
    let path = made.header("location").to_owned();
    let fixed = kasi
        .patch(&path, &made.etag(), json!({"note": "Lengkap"}))
        .await
        .status(200);
    assert_eq!(
        kasi.post("/v1/reports", report.clone()).await.status(200).json,
        fixed.json
    );
    let mut other = report.clone();
    other["fiscal_year"] = json!(2023);
    kasi.post("/v1/reports", other).await.problem(409, "id_conflict");
    kasi.post("/v1/reports", lppd()).await.problem(409, "duplicate_report");
    kasi.delete(&path, &fixed.etag()).await.status(204);
    kasi.post("/v1/reports", report).await.problem(409, "deleted");
}

#[apply(both_databases)]
async fn what_cannot_be_is_refused(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let with = |name: &str, value: serde_json::Value| {
        let mut report = lppd();
        report[name] = value;
        report
    };
    kasi.post("/v1/reports", with("village_code", json!(PARINGIN_KOTA)))
        .await
        .problem(422, "kelurahan_not_allowed");
    kasi.post("/v1/reports", with("village_code", json!("63.11.06.2999")))
        .await
        .problem(422, "unknown_reference");
    kasi.post("/v1/reports", with("village_code", json!("63.11.01.2001")))
        .await
        .problem(422, "unknown_reference");
    kasi.post("/v1/reports", with("kind", json!("lppdd")))
        .await
        .problem(422, "unknown_reference");
    kasi.post("/v1/reports", with("delivered_on", json!("2025-07-01")))
        .await
        .problem(422, "future_instant");
    kasi.post("/v1/reports", with("delivered_on", json!("2025-06-30")))
        .await
        .status(201);
    kasi.post("/v1/reports", with("kind", json!("dd-tahap1")))
        .await
        .problem(403, "wrong_section");

    let rubbish = json!({
        "village_code": "Balang", "kind": 7, "fiscal_year": 1999, "delivered_on": "2025-02-30", "note": "a\u{0}b", "extra": 1,
    });
    let refused = kasi.post("/v1/reports", rubbish).await.problem(400, "invalid_body");
    let mut pointers = refused.pointers();
    pointers.sort_unstable();
    pointers.dedup();
    assert_eq!(
        pointers,
        [
            "#/delivered_on",
            "#/extra",
            "#/fiscal_year",
            "#/kind",
            "#/note",
            "#/village_code"
        ]
    );
    kasi.send("POST", "/v1/reports", "application/json", b"{".to_vec())
        .await
        .problem(400, "invalid_json");
    kasi.send("POST", "/v1/reports", "text/plain", b"{}".to_vec())
        .await
        .problem(415, "unsupported_media_type");
    let nested = format!("{}{}", "[".repeat(100), "]".repeat(100)).into_bytes();
    kasi.send("POST", "/v1/reports", "application/json", nested)
        .await
        .problem(400, "invalid_body");
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000)).into_bytes();
    kasi.send("POST", "/v1/reports", "application/json", deep)
        .await
        .problem(400, "invalid_json");
    kasi.send("POST", "/v1/reports", "application/json", vec![b' '; 10_000_000])
        .await
        .problem(413, "body_too_large");
    kasi.get("/v1/reports?limit=101").await.problem(400, "invalid_query");
    kasi.get("/v1/reports?nonsense=1").await.problem(400, "invalid_query");
    kasi.get("/v1/reports?cursor=abc").await.problem(400, "invalid_cursor");
    kasi.get("/v1/reports/nonsense").await.problem(400, "invalid_path");
    assert_eq!(
        kasi.send("PUT", "/v1/reports", "", vec![])
            .await
            .problem(405, "method_not_allowed")
            .header("allow"),
        "GET, HEAD, POST"
    );
    let english = kasi
        .in_english()
        .post("/v1/reports", with("kind", json!(1)))
        .await
        .problem(400, "invalid_body");
    assert_eq!(english.json["title"], "The body does not match the contract");
}

#[apply(both_databases)]
async fn other_districts_and_roles(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let path = world
        .admin()
        .post("/v1/reports", lppd())
        .await
        .status(201)
        .header("location")
        .to_owned();
    let stranger = world.stranger();
    stranger.get(&path).await.problem(404, "not_found");
    stranger
        .patch(&path, "*", json!({"note": "x"}))
        .await
        .problem(404, "not_found");
    stranger.delete(&path, "*").await.problem(404, "not_found");
    stranger
        .get(&format!("{path}/versions"))
        .await
        .problem(404, "not_found");
    stranger
        .get("/v1/reports?district=63.11.06")
        .await
        .problem(404, "not_found");
    stranger
        .post("/v1/reports", lppd())
        .await
        .problem(422, "unknown_reference");
    assert!(stranger.all("/v1/reports").await.is_empty());
    world.anonymous().get(&path).await.problem(401, "unauthenticated");
    world.bearer("rubbish").get(&path).await.problem(401, "invalid_token");
    world
        .officer(&["pmd"])
        .delete(&path, "*")
        .await
        .problem(403, "wrong_section");
}

#[apply(both_databases)]
async fn a_walk_through_the_pages_gives_each_row_once(
    backend: Backend,
    #[values("village_code", "delivered_on", "-delivered_on")] sort: &str,
) {
    let world = World::on(backend).await;
    let admin = world.admin();
    for (i, kind) in ["lppd", "bpd-kinerja", "apbdes-s1", "lpj-apbdes", "dd-tahunan"]
        .iter()
        .enumerate()
    {
        for year in [2022, 2023] {
            let mut report = lppd();
            report["kind"] = json!(kind);
            report["fiscal_year"] = json!(year);
            report["delivered_on"] = json!(format!("2025-03-{:02}", 10 + i % 2));
            admin.post("/v1/reports", report).await.status(201);
        }
    }
    let first = admin
        .get(&format!("/v1/reports?limit=3&count=true&sort={sort}"))
        .await
        .status(200);
    assert_eq!(first.json["total"], 10);
    assert!(first.header("link").contains("rel=\"next\""));
    // Someone writes meanwhile.
    let mut late = lppd();
    late["fiscal_year"] = json!(2021);
    admin.post("/v1/reports", late).await.status(201);
    let victim = &first.json["items"][0];
    let path = format!("/v1/reports/{}", victim["id"].as_str().unwrap());
    admin
        .patch(&path, "*", json!({"delivered_on": "2025-03-30"}))
        .await
        .status(200);

    let cursor = first.json["next_cursor"].as_str().unwrap();
    let mut seen: Vec<_> = first.json["items"].as_array().unwrap().clone();
    let mut next = Some(cursor.to_owned());
    while let Some(cursor) = next {
        let page = admin
            .get(&format!("/v1/reports?limit=3&sort={sort}&cursor={cursor}"))
            .await
            .status(200)
            .json;
        seen.extend(page["items"].as_array().unwrap().iter().cloned());
        next = page["next_cursor"].as_str().map(str::to_owned);
    }
    let mut ids: Vec<_> = seen.iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 10);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 10);
    let other = if sort == "delivered_on" {
        "village_code"
    } else {
        "delivered_on"
    };
    admin
        .get(&format!("/v1/reports?limit=3&sort={other}&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
}
