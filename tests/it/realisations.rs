//! Values, right to the digit, from records entered through the API.

use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World, instant};

/// The 14 desa of Paringin.
const DESA: [&str; 14] = [
    "2005", "2006", "2007", "2008", "2009", "2012", "2013", "2014", "2015", "2017", "2022", "2024", "2034", "2038",
];

pub fn village(desa: &str) -> String {
    format!("{PARINGIN}.{desa}")
}

async fn deliver(actor: &Client, desa: &str, kind: &str, fiscal_year: i32, on: &str) -> Value {
    let body = json!({"village_code": village(desa), "kind": kind, "fiscal_year": fiscal_year, "delivered_on": on});
    actor.post("/v1/reports", body).await.status(201).json
}

/// 14 LPPD in March and 8 BPD reports, two of them late.
async fn twenty_two_reports(actor: &Client) {
    for desa in DESA {
        deliver(actor, desa, "lppd", 2024, "2025-03-14").await;
    }
    for (i, desa) in DESA.iter().take(8).enumerate() {
        let on = if i < 2 { "2025-05-20" } else { "2025-04-30" };
        deliver(actor, desa, "bpd-kinerja", 2024, on).await;
    }
}

const IKU4: &str = "/v1/indicators/paringin-iku-4/realisations";

#[apply(both_databases)]
async fn iku_4_is_78_57(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    twenty_two_reports(&kasi).await;
    let got = kasi.get(&format!("{IKU4}/2025-Q2")).await.status(200);
    let r = &got.json;
    assert_eq!(r["value"], json!(78.57));
    assert_eq!(
        (&r["numerator"], &r["denominator"], &r["exact"]),
        (&json!(22), &json!(28), &json!("11/14"))
    );
    assert_eq!((&r["status"], &r["reason"]), (&json!("computed"), &json!(null)));
    assert_eq!(r["window"], json!({"from": "2025-01-01", "to": "2025-06-30"}));
    assert_eq!(
        r["formula"]["text"],
        "22 laporan disampaikan / (2 laporan x 14 desa) x 100%"
    );
    assert_eq!(r["formula"]["decree"], "139/CPAR/2023");
    assert_eq!(r["achievement_reason"], "no_target");
    let information = json!([
        {"code": "villages_complete", "value": 8}, {"code": "on_time", "value": 20}, {"code": "late", "value": 2},
    ]);
    assert_eq!(r["information"], information);
    assert_eq!(got.header("vary"), "Accept-Language");
    // The same to date under every name, and nothing later than the period counts.
    for period in ["2025-S1", "2025-06"] {
        assert_eq!(
            kasi.get(&format!("{IKU4}/{period}")).await.status(200).json["value"],
            json!(78.57)
        );
    }
    let march = kasi.get(&format!("{IKU4}/2025-03")).await.status(200).json;
    assert_eq!((&march["value"], &march["exact"]), (&json!(50), &json!("1/2")));
    let year = kasi.get(&format!("{IKU4}/2025")).await.status(200).json;
    assert_eq!(
        (&year["value"], &year["status"]),
        (&json!(78.57), &json!("provisional"))
    );
    // The seven finance reports are another indicator's.
    let finance = kasi
        .get("/v1/indicators/paringin-iku-5/realisations/2025")
        .await
        .status(200)
        .json;
    assert_eq!((&finance["value"], &finance["denominator"]), (&json!(0), &json!(98)));
    let english = kasi.in_english().get(&format!("{IKU4}/2025-Q2")).await.status(200).json;
    assert_eq!(
        english["formula"]["text"],
        "22 reports delivered / (2 reports x 14 desa) x 100%"
    );
}

#[apply(both_databases)]
async fn a_returned_report_is_not_delivered(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let report = deliver(&kasi, "2005", "lppd", 2024, "2025-03-14").await;
    let path = format!("/v1/reports/{}", report["id"].as_str().unwrap());
    let numerator = async || kasi.get(&format!("{IKU4}/2025-Q2")).await.status(200).json["numerator"].clone();
    assert_eq!(numerator().await, 1);
    kasi.patch(&path, "*", json!({"status": "returned"})).await.status(200);
    assert_eq!(numerator().await, 0);
    let back = kasi.patch(&path, "*", json!({"status": "received"})).await.status(200);
    assert_eq!(numerator().await, 1);
    kasi.delete(&path, &back.etag()).await.status(204);
    assert_eq!(numerator().await, 0);
}

#[apply(both_databases)]
async fn as_of_reads_the_past(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T12:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    deliver(&kasi, "2005", "lppd", 2024, "2025-03-14").await;
    world.clock.set(instant("2025-07-05T12:00:00+08:00"));
    let late_entry = deliver(&kasi, "2006", "lppd", 2024, "2025-03-20").await;
    world.clock.set(instant("2025-07-10T12:00:00+08:00"));
    let path = format!("/v1/reports/{}", late_entry["id"].as_str().unwrap());
    kasi.patch(&path, "*", json!({"status": "returned"})).await.status(200);

    let at = async |as_of: &str| {
        kasi.get(&format!("{IKU4}/2025-Q2?as_of={as_of}"))
            .await
            .status(200)
            .json
    };
    let seen = [
        ("2025-06-30T11:59:59%2B08:00", 0, "provisional"),
        ("2025-06-30T12:00:00%2B08:00", 1, "provisional"),
        ("2025-07-05T12:00:00%2B08:00", 2, "computed"),
        ("2025-07-10T11:59:00%2B08:00", 2, "computed"),
        ("2025-07-10T12:00:00%2B08:00", 1, "computed"),
    ];
    for (as_of, numerator, status) in seen {
        let r = at(as_of).await;
        assert_eq!(
            (&r["numerator"], &r["status"]),
            (&json!(numerator), &json!(status)),
            "{as_of}"
        );
    }
    assert_eq!(
        at("2025-07-05T12:00:00%2B08:00").await["facts_recorded_at"],
        late_entry["recorded_at"]
    );
    kasi.get(&format!("{IKU4}/2025-Q2?as_of=2025-07-10T12:00:01%2B08:00"))
        .await
        .problem(422, "future_instant");
    kasi.get(&format!("{IKU4}/2025-Q2?as_of=yesterday"))
        .await
        .problem(400, "invalid_query");
    let before = kasi
        .get(&format!("{IKU4}/2025-Q2?as_of=2024-12-31T23:00:00%2B08:00"))
        .await
        .status(200)
        .json;
    assert_eq!(
        (&before["status"], &before["reason"]),
        (&json!("not_computable"), &json!("period_not_started"))
    );
}

#[apply(both_databases)]
async fn the_tag_changes_with_the_facts_and_the_day(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T12:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let path = format!("{IKU4}/2025-Q2");
    let first = kasi.get(&path).await.status(200).etag();
    kasi.with("if-none-match", &first).get(&path).await.status(304);
    assert_ne!(kasi.in_english().get(&path).await.status(200).etag(), first);
    deliver(&kasi, "2005", "lppd", 2024, "2025-03-14").await;
    let second = kasi.with("if-none-match", &first).get(&path).await.status(200);
    assert_eq!(second.json["status"], "provisional");
    world.clock.set(instant("2025-07-01T00:00:00+08:00"));
    let third = kasi.with("if-none-match", &second.etag()).get(&path).await.status(200);
    assert_eq!(third.json["status"], "computed");
}

#[apply(both_databases)]
async fn only_years_in_force_have_values(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let camat = world.holder(iku::access::Role::Head, Some(PARINGIN), &[]);
    for period in ["2022", "2027-Q1"] {
        camat
            .get(&format!("{IKU4}/{period}"))
            .await
            .problem(404, "indicator_not_in_force");
    }
    camat
        .get("/v1/indicators/paringin-iku-9/realisations/2025")
        .await
        .problem(404, "not_found");
    camat.get(&format!("{IKU4}/2025-Q5")).await.problem(400, "invalid_path");
    let series = camat.all(&format!("{IKU4}?from=2022&to=2027&limit=2")).await;
    let periods: Vec<_> = series.iter().map(|r| r["period"].as_str().unwrap()).collect();
    assert_eq!(periods, ["2023", "2024", "2025", "2026"]);
    let reasons: Vec<_> = series.iter().map(|r| r["reason"].as_str()).collect();
    assert_eq!(reasons, [None, None, None, Some("period_not_started")]);
    camat
        .get(&format!("{IKU4}?from=2025-Q1&to=2025-12"))
        .await
        .problem(422, "rule_broken");
    camat
        .get(&format!("{IKU4}?from=2025-Q3&to=2025-Q1"))
        .await
        .problem(422, "rule_broken");
    camat
        .get(&format!("{IKU4}?from=2025"))
        .await
        .problem(400, "invalid_query");
}

#[apply(both_databases)]
async fn all_at_once_as_sakip_pulls_them(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    world.load_regency().await;
    twenty_two_reports(&world.admin()).await;
    let sakip = world.holder(iku::access::Role::Integrator, None, &[]);
    let sheet = sakip
        .get("/v1/realisations?period=2025-Q2&district=63.11.06&count=true")
        .await
        .status(200)
        .json;
    assert_eq!(sheet["total"], 5);
    let values: Vec<_> = sheet["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (&r["value"], &r["reason"]))
        .collect();
    let none = json!(null);
    let want = [
        (json!(null), json!("no_survey")),
        (json!(0), none.clone()),
        (json!(null), json!("no_cases")),
        (json!(78.57), none.clone()),
        (json!(0), none.clone()),
    ];
    assert_eq!(values, want.iter().map(|(v, r)| (v, r)).collect::<Vec<_>>());
    // Two indicators share one objective.
    assert_eq!(sheet["objectives"].as_array().unwrap().len(), 4);
    let whole = sakip.get("/v1/realisations?period=2025-Q2").await.status(200).json;
    assert_eq!(
        (whole["items"].as_array().unwrap().len(), &whole["objectives"]),
        (5, &json!([]))
    );
    let juai = sakip
        .get("/v1/realisations?period=2025-Q2&district=63.11.01")
        .await
        .status(200)
        .json;
    assert_eq!(juai["items"], json!([]));
    sakip
        .get("/v1/realisations?period=2025-Q2&district=63.12.01")
        .await
        .problem(404, "not_found");
    sakip.get("/v1/realisations").await.problem(400, "invalid_query");
    let stranger = world.stranger();
    stranger.get(&format!("{IKU4}/2025")).await.problem(404, "not_found");
    stranger
        .get("/v1/realisations?period=2025&district=63.11.06")
        .await
        .problem(404, "not_found");
    assert_eq!(
        stranger.get("/v1/realisations?period=2025").await.status(200).json["items"],
        json!([])
    );
    world
        .holder(iku::access::Role::Surveyor, Some(PARINGIN), &[])
        .get(&format!("{IKU4}/2025"))
        .await
        .problem(403, "insufficient_scope");
}

#[apply(both_databases)]
async fn the_matrix_says_what_is_still_to_come(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    twenty_two_reports(&kasi).await;
    let matrix = kasi
        .get("/v1/reports/completeness?group=administration")
        .await
        .status(200)
        .json;
    assert_eq!(
        (&matrix["district_code"], &matrix["year"]),
        (&json!(PARINGIN), &json!(2025))
    );
    assert_eq!(
        matrix["counts"],
        json!({"on_time": 20, "late": 2, "missing": 6, "not_due": 0})
    );
    assert_eq!(matrix["villages"].as_array().unwrap().len(), 14);
    let balang = &matrix["villages"][0];
    assert_eq!(balang["name"], "Balang");
    let bpd = balang["cells"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["kind"] == "bpd-kinerja")
        .unwrap();
    assert_eq!(
        (&bpd["state"], &bpd["due_on"], &bpd["fiscal_year"]),
        (&json!("late"), &json!("2025-04-30"), &json!(2024))
    );
    let all = kasi.get("/v1/reports/completeness?year=2025").await.status(200).json;
    let counts = all["counts"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum::<u64>();
    assert_eq!(counts, 28 + 98);
    assert_eq!(all["counts"]["not_due"], 28, "the two reports of July");
    kasi.get("/v1/reports/completeness?district=63.11.01")
        .await
        .problem(404, "not_found");
    world.load_regency().await;
    world
        .admin()
        .get("/v1/reports/completeness")
        .await
        .problem(422, "rule_broken");
}

#[apply(both_databases)]
async fn the_explanation_shows_what_was_counted(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    twenty_two_reports(&kasi).await;
    let explanation = kasi.get(&format!("{IKU4}/2025-Q2/explanation")).await.status(200).json;
    assert_eq!(
        explanation["realisation"],
        kasi.get(&format!("{IKU4}/2025-Q2")).await.status(200).json
    );
    let owed = explanation["inputs"]["obligations"].as_array().unwrap();
    assert_eq!(owed.len(), 28);
    assert_eq!(owed.iter().filter(|o| !o["delivered_on"].is_null()).count(), 22);
    let formula = explanation["decree"]["formula_text"].as_str().unwrap();
    assert!(formula.contains("2 Laporan Per Desadikali 100%"), "{formula}");
    assert!(
        explanation["choices"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["code"] == "late_reports_count")
    );
}

#[apply(both_databases)]
async fn pages_of_values_show_one_state(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    let first = admin.get("/v1/realisations?period=2025-Q2&limit=2").await.status(200);
    assert!(
        first.header("link").contains("rel=\"next\""),
        "{}",
        first.header("link")
    );
    let cursor = first.json["next_cursor"].as_str().unwrap();
    world.clock.set(instant("2025-07-02T08:00:00+08:00"));
    twenty_two_reports(&admin).await;
    let second = admin
        .get(&format!("/v1/realisations?period=2025-Q2&limit=3&cursor={cursor}"))
        .await
        .status(200);
    let items = second.json["items"].as_array().unwrap();
    let codes: Vec<_> = items.iter().map(|r| r["indicator"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["paringin-iku-3", "paringin-iku-4", "paringin-iku-5"]);
    assert_eq!(
        (&items[1]["value"], &items[1]["as_of"]),
        (&json!(0), &json!(null)),
        "as on the first page"
    );
    assert_eq!(second.header("link"), "");
}

#[apply(both_databases)]
async fn any_tag_is_no_answer_where_there_is_nothing(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let any = world.admin().with("if-none-match", "*");
    any.get("/v1/indicators/nope/realisations/2025")
        .await
        .problem(404, "not_found");
    any.get("/v1/reports/completeness?district=99.99.99")
        .await
        .problem(404, "not_found");
    let known = any.get(&format!("{IKU4}/2025")).await.status(304);
    assert_eq!(known.header("vary"), "Accept-Language");
}

#[apply(both_databases)]
async fn what_is_recorded_has_happened(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let kasi = world.officer(&["trantibum"]);
    // A clock that runs twenty seconds ahead is forgiven, and the case counts at once.
    let ahead = json!({
        "village_code": village("2005"), "category": "jalan", "occurred_at": "2025-07-01T08:00:20+08:00",
        "summary": "Pohon tumbang",
    });
    let case = kasi.post("/v1/cases", ahead).await.status(201).json;
    assert_eq!(case["occurred_at"], case["recorded_at"]);
    let iku3 = kasi
        .get("/v1/indicators/paringin-iku-3/realisations/2025-Q3")
        .await
        .status(200)
        .json;
    assert_eq!(iku3["denominator"], 1);
    assert_eq!(iku3["facts_recorded_at"], case["recorded_at"]);
}

#[apply(both_databases)]
async fn facts_recorded_at_is_that_of_its_own_facts(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    let report = deliver(&admin, "2005", "lppd", 2024, "2025-03-14").await;
    let at = "as_of=2025-07-01T08:00:01%2B08:00";
    world.clock.set(instant("2025-07-02T08:00:00+08:00"));
    for unrelated in [("dd-tahunan", 2024), ("lppd", 2023)] {
        deliver(&admin, "2005", unrelated.0, unrelated.1, "2025-03-14").await;
        for path in [format!("{IKU4}/2025"), format!("{IKU4}/2025?{at}")] {
            let r = admin.get(&path).await.status(200).json;
            assert_eq!(r["facts_recorded_at"], report["recorded_at"], "{path}");
        }
    }
    let before = admin
        .get(&format!("{IKU4}/2025?as_of=1960-01-01T00:00:00Z"))
        .await
        .status(200)
        .json;
    assert_eq!(before["reason"], "period_not_started");
}
