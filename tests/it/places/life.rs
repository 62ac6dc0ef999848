//! Villages that merge, split or become something else keep the values of the years that are over.

use serde_json::{Value, json};

use super::{NEW, VILLAGES, deliver, fraction, village, world};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::assert_bodies_refused;
use crate::support::world::{BALANG, Client, PARINGIN, Reply};

/// A neighbour of Balang.
const KALAHIANG: &str = "63.11.06.2006";

fn rt(village: &str, name: &str) -> Value {
    let decree = json!({"number": "141/07/KPTS/2023", "issued_on": "2023-06-20", "starts_on": "2023-07-01"});
    json!({"village_code": village, "kind": "rt", "name": name, "decrees": [decree]})
}

async fn ends(admin: &Client, village: &str, last: &str) -> Reply {
    let patch = json!({"valid_to": last, "reason": "Perda 3/2026"});
    admin
        .patch(&format!("{VILLAGES}/{village}"), "*", patch)
        .await
        .status(200)
}

async fn begins(admin: &Client, code: &str, kind: &str, name: &str, first: &str) -> Reply {
    let new = json!({
        "code": code, "district_code": PARINGIN, "kind": kind, "name": name, "valid_from": first, "reason": "Perda 3/2026",
    });
    admin.post(VILLAGES, new).await.status(201)
}

fn moved(reply: &Reply) -> Vec<&str> {
    let warnings = reply.json["warnings"].as_array().into_iter().flatten();
    let periods = warnings.flat_map(|w| {
        assert_eq!(w["code"], "periods_moved");
        w["periods"].as_array().unwrap()
    });
    periods.map(|period| period.as_str().unwrap()).collect()
}

#[apply(both_databases)]
async fn rejects_another_kind_of_a_village_with_facts(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    deliver(&admin, BALANG, 2024).await;
    deliver(&admin, BALANG, 2025).await;
    admin.post("/v1/institutions", rt(BALANG, "RT 01")).await.status(201);
    let values = async || {
        [
            fraction(&admin, 4, "2024").await,
            fraction(&admin, 4, "2025").await,
            fraction(&admin, 2, "2025").await,
        ]
    };
    let before = values().await;
    assert_eq!(before[0], (json!(2), json!(28)));
    assert_eq!(before[2], (json!(1), json!(null)));

    let path = format!("{VILLAGES}/{BALANG}");
    let kelurahan = json!({"kind": "kelurahan", "reason": "Perda 2026"});
    let rows = [(kelurahan, 409, "village_has_facts", "#/kind")];
    assert_bodies_refused(&admin, "PATCH", &path, rows).await;
    assert_eq!(values().await, before);
}

/// A fact fixes the kind of its village for ever, also after it was withdrawn or moved.
#[apply(both_databases)]
async fn every_fact_fixes_the_kind(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos", "starts_on": "2026-01-06",
        "ends_on": "2026-12-31",
    });
    let survey = admin.post("/v1/surveys", survey).await.status(201);
    let survey = survey.header("location");
    admin.patch(survey, "*", json!({"status": "open"})).await.status(200);
    let answers = json!({"persyaratan": 3, "prosedur": 3, "waktu": 3, "biaya": 3, "produk": 3});
    let facts = [
        (
            "63.11.06.2006",
            "/v1/reports",
            json!({"kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"}),
        ),
        ("63.11.06.2007", "/v1/institutions", rt("", "RT 01")),
        (
            "63.11.06.2008",
            "/v1/cases",
            json!({"category": "jalan", "occurred_at": "2026-03-14T08:00:00+08:00", "summary": "Pohon tumbang"}),
        ),
        (
            "63.11.06.2009",
            &format!("{survey}/responses"),
            json!({"answers": answers, "answered_at": "2026-03-14T08:00:00+08:00", "service": "ktp"}),
        ),
    ];
    for (village, list, mut fact) in facts {
        let path = format!("{VILLAGES}/{village}");
        let change = async |kind: &str| {
            let patch = json!({"kind": kind, "reason": "Salah catat"});
            admin.patch(&path, "*", patch).await
        };
        change("kelurahan").await.status(200);
        change("desa").await.status(200);
        fact["village_code"] = json!(village);
        let made = admin.post(list, fact).await.status(201);
        change("kelurahan").await.problem(409, "village_has_facts");
        admin.delete(made.header("location"), "*").await.status(204);
        change("kelurahan").await.problem(409, "village_has_facts");
        admin.delete(&path, "*").await.problem(409, "village_has_facts");
    }
}

/// A desa becomes a kelurahan: it ends on a day, and the kelurahan begins on the next one with a code of its own.
#[apply(both_databases)]
async fn a_desa_that_becomes_a_kelurahan_counts_until_its_last_day(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    deliver(&admin, BALANG, 2024).await;
    deliver(&admin, BALANG, 2025).await;
    deliver(&admin, BALANG, 2026).await;
    let ended = ends(&admin, BALANG, "2026-06-30").await;
    assert_eq!(moved(&ended), ["2026-Q3"]);
    let begun = begins(&admin, "63.11.06.1099", "kelurahan", "Balang", "2026-07-01").await;
    // A kelurahan counts in no denominator, and the two never had the name at the same time.
    assert_eq!(moved(&begun), [""; 0]);
    assert_eq!(begun.json["flags"], json!([]));
    for (period, expected) in [
        ("2024", (json!(2), json!(28))),
        ("2025", (json!(2), json!(28))),
        ("2026-S1", (json!(2), json!(28))),
        ("2026-07", (json!(0), json!(26))),
        ("2026", (json!(0), json!(26))),
    ] {
        assert_eq!(fraction(&admin, 4, period).await, expected, "{period}");
    }
    let listed = admin
        .all(&format!("{VILLAGES}?valid_on=2026-07-01&kind=desa&limit=100"))
        .await;
    assert_eq!(listed.len(), 13);
}

#[apply(both_databases)]
async fn a_merger_at_the_turn_of_the_year_moves_only_the_new_year(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    for village in [BALANG, KALAHIANG] {
        deliver(&admin, village, 2025).await;
        admin.post("/v1/institutions", rt(village, "RT 01")).await.status(201);
    }
    let values = async |period: &str| (fraction(&admin, 4, period).await, fraction(&admin, 2, period).await);
    let of_2025 = values("2025").await;
    assert_eq!(of_2025, ((json!(4), json!(28)), (json!(2), json!(null))));

    // The last day lies in a year that is over.
    let path = format!("{VILLAGES}/{BALANG}");
    let rows = [(json!({"valid_to": "2025-12-31"}), 422, "reason_required", "#/reason")];
    assert_bodies_refused(&admin, "PATCH", &path, rows).await;
    for village in [BALANG, KALAHIANG] {
        let ended = ends(&admin, village, "2025-12-31").await;
        assert_eq!(moved(&ended), ["2026-Q1", "2026-S1", "2026-Q3"]);
    }
    let merged = begins(&admin, NEW, "desa", "Balang Kalahiang", "2026-01-01").await;
    assert_eq!(moved(&merged), ["2026-Q1", "2026-S1", "2026-Q3"]);
    assert_eq!(values("2025").await, of_2025);
    assert_eq!(fraction(&admin, 4, "2026").await, (json!(0), json!(26)));
}

#[apply(both_databases)]
async fn a_split_in_july_moves_nothing_before(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    deliver(&admin, BALANG, 2026).await;
    let before = fraction(&admin, 4, "2026-S1").await;
    assert_eq!(before, (json!(2), json!(28)));
    let last_year = fraction(&admin, 4, "2025").await;
    ends(&admin, BALANG, "2026-06-30").await;
    begins(&admin, NEW, "desa", "Balang Hulu", "2026-07-01").await;
    begins(&admin, "63.11.06.2098", "desa", "Balang Hilir", "2026-07-01").await;
    assert_eq!(fraction(&admin, 4, "2026-S1").await, before);
    assert_eq!(fraction(&admin, 4, "2025").await, last_year);
    let desa = admin
        .all(&format!("{VILLAGES}?valid_on=2026-07-01&kind=desa&limit=100"))
        .await;
    assert_eq!(desa.len(), 15);
}

/// A village with a first day in a year that is over, or without one, moves that year.
#[apply(both_databases)]
async fn a_village_of_the_past_needs_a_reason(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    let without = |first: Value| {
        let mut new = village();
        new["valid_from"] = first;
        new
    };
    let rows = [json!(null), json!("1999-01-01"), json!("2025-12-31")]
        .map(|first| (without(first), 422, "reason_required", "#/reason"));
    assert_bodies_refused(&admin, "POST", VILLAGES, rows).await;
    let mut always = without(json!("2025-08-01"));
    always["reason"] = json!("Terlewat saat pemuatan");
    let made = admin.post(VILLAGES, always.clone()).await.status(201);
    assert_eq!(moved(&made), ["2025-Q3", "2025", "2026-Q1", "2026-S1", "2026-Q3"]);
    assert!(made.json.get("reason").is_none());
    let path = format!("{VILLAGES}/{NEW}");
    let got = admin.get(&path).await.status(200);
    assert!(got.json.get("warnings").is_none());
    assert_eq!(got.etag(), made.etag());
    // A retry is safe, with its reason and without.
    admin.post(VILLAGES, always).await.status(200);
    admin.post(VILLAGES, without(json!("2025-08-01"))).await.status(200);

    let rows = [
        (json!({"valid_from": "2024-05-01"}), 422, "reason_required", "#/reason"),
        (json!({"valid_from": "2026-01-01"}), 422, "reason_required", "#/reason"),
        (json!({"valid_to": "2025-12-30"}), 422, "reason_required", "#/reason"),
        (json!({"kind": "kelurahan"}), 422, "reason_required", "#/reason"),
    ];
    assert_bodies_refused(&admin, "PATCH", &path, rows).await;
    let later = json!({"valid_from": "2025-10-01", "reason": "Perda"});
    let later = admin.patch(&path, "*", later).await.status(200);
    assert_eq!(moved(&later), ["2025-Q3", "2025"]);
    let kelurahan = json!({"kind": "kelurahan", "reason": "Salah catat"});
    let kelurahan = admin.patch(&path, "*", kelurahan).await.status(200);
    assert_eq!(moved(&kelurahan), ["2025", "2026-Q1", "2026-S1", "2026-Q3"]);
    // A kelurahan counts in no denominator.
    let longer = json!({"valid_from": "2024-01-01", "reason": "Perda"});
    let longer = admin.patch(&path, "*", longer).await.status(200);
    assert_eq!(moved(&longer), [""; 0]);
}
