//! Who sees which districts; and villages, which administrators add and change.

mod flags;
mod life;
mod names;
mod slips;

use std::slice::from_ref;

use iku::access::Role;
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{BALANG, Client, PARINGIN, PARINGIN_KOTA, World};

const DISTRICTS: &str = "/v1/districts";
const VILLAGES: &str = "/v1/villages";
const OF_PARINGIN: &str = "/v1/villages?district_code=63.11.06";

const NEW: &str = "63.11.06.2099";

/// 2023, 2024 and 2025 are over; the decree is in force until the end of the year.
const NOW: &str = "2026-11-27T09:00:00+08:00";

async fn world(backend: Backend) -> World {
    World::on(backend).at(NOW).await
}

fn village() -> Value {
    json!({"code": NEW, "district_code": PARINGIN, "kind": "desa", "name": "Balang Baru", "valid_from": "2027-01-01"})
}

fn with(name: &str, value: Value) -> Value {
    let mut village = village();
    village[name] = value;
    village
}

/// Returns numerator and denominator of an indicator in a period.
async fn fraction(reader: &Client, indicator: u8, period: &str) -> (Value, Value) {
    let path = format!("/v1/indicators/paringin-iku-{indicator}/realisations/{period}");
    let mut value = reader.get(&path).await.status(200).json;
    (value["numerator"].take(), value["denominator"].take())
}

/// Records the LPPD and the report of the BPD that a village delivered in a year.
async fn deliver(admin: &Client, village: &str, year: i32) {
    for (kind, day) in [("lppd", "03-01"), ("bpd-kinerja", "04-01")] {
        let report = json!({
            "village_code": village, "kind": kind, "fiscal_year": year - 1, "delivered_on": format!("{year}-{day}"),
        });
        admin.post("/v1/reports", report).await.status(201);
    }
}

fn codes(items: &[Value]) -> Vec<&str> {
    items.iter().map(|v| v["code"].as_str().unwrap()).collect()
}

#[apply(both_databases)]
async fn each_user_reads_only_the_districts_of_the_account(backend: Backend) {
    let world = world(backend).await;
    let paringin = world.admin().all(DISTRICTS).await.remove(0);
    assert_eq!(
        (&paringin["code"], &paringin["name"]),
        (&json!(PARINGIN), &json!("Paringin"))
    );
    world.load_regency().await;

    let all = world.admin().all("/v1/districts?limit=3").await;
    assert_eq!(all.len(), 8);
    assert_eq!(codes(&all)[0], "63.11.01");
    assert!(codes(&all).is_sorted());
    assert_eq!(world.officer(&["pmd"]).all(DISTRICTS).await, from_ref(&paringin));
    assert_eq!(codes(&world.stranger().all(DISTRICTS).await), ["63.11.01"]);

    let path = format!("{DISTRICTS}/{PARINGIN}");
    let got = world.officer(&[]).get(&path).await.status(200);
    assert_eq!(got.json, paringin);
    let known = world.admin().with("if-none-match", &got.etag());
    known.get(&path).await.status(304);
    let admin = world.admin();
    assert_refused(&[
        (&world.stranger(), "GET", &path, NONE, 404, "not_found"),
        (&admin, "GET", "/v1/districts/99.99.99", NONE, 404, "not_found"),
        (&admin, "GET", "/v1/districts/paringin", NONE, 400, "invalid_path"),
        (&world.anonymous(), "GET", &path, NONE, 401, "unauthenticated"),
    ])
    .await;
}

#[apply(both_databases)]
async fn get_returns_the_added_village(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    let made = admin.post(VILLAGES, village()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("{VILLAGES}/{NEW}"));
    let got = admin.get(&path).await.status(200);
    assert_body!(got, @r#"
    {
      "code": "63.11.06.2099",
      "district_code": "63.11.06",
      "flags": [],
      "former_names": [],
      "kind": "desa",
      "name": "Balang Baru",
      "recorded_at": "[instant]",
      "recorded_by": "test.administrator",
      "valid_from": "2027-01-01",
      "valid_to": null
    }
    "#);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    admin.with("if-none-match", &got.etag()).get(&path).await.status(304);
}

#[apply(both_databases)]
async fn patch_changes_the_named_members(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    let made = admin.post(VILLAGES, village()).await.status(201);
    let path = format!("{VILLAGES}/{NEW}");

    let patch = json!({"name": "Balang Hulu", "kind": "kelurahan", "valid_to": "2030-12-31", "reason": "Perda"});
    let changed = admin.patch(&path, &made.etag(), patch).await.status(200);
    assert_eq!(changed.json["name"], "Balang Hulu");
    assert_eq!(changed.json["kind"], "kelurahan");
    assert_eq!(changed.json["valid_to"], "2030-12-31");
    let stale = admin.patch(&path, &made.etag(), json!({"name": "x"})).await;
    stale.problem(412, "precondition_failed");
    let same = json!({"name": "Balang Hulu"});
    let same = admin.patch(&path, &changed.etag(), same).await.status(200);
    assert_eq!(same.etag(), changed.etag());
    let desa = json!({"kind": "desa", "valid_to": null});
    let desa = admin.patch(&path, &changed.etag(), desa).await.status(200);
    assert_eq!(desa.json["kind"], "desa");
    assert_eq!(desa.json["valid_to"], json!(null));
    let name = b"{\"name\":\"x\"}".to_vec();
    let without_tag = admin.send("PATCH", &path, "application/merge-patch+json", name).await;
    without_tag.problem(428, "precondition_required");

    // The same POST again returns the village as it is now.
    assert_eq!(admin.post(VILLAGES, village()).await.status(200).json, desa.json);
    let rows = [
        (with("name", json!("Lain")), 409, "duplicate_code", ""),
        (with("code", json!(BALANG)), 409, "duplicate_code", ""),
    ];
    assert_bodies_refused(&admin, "POST", VILLAGES, rows).await;
}

#[apply(both_databases)]
async fn rejects_villages_that_break_a_rule(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    let nowhere = json!({"code": "99.99.99.2001", "district_code": "99.99.99", "kind": "desa", "name": "x"});
    let rows = [
        (with("code", json!("63.11.01.2099")), 422, "rule_broken", "#/code"),
        (nowhere, 422, "unknown_reference", "#/district_code"),
        (with("valid_to", json!("2026-12-31")), 422, "rule_broken", "#/valid_to"),
    ];
    assert_bodies_refused(&admin, "POST", VILLAGES, rows).await;
    let one_day = with("valid_to", json!("2027-01-01"));
    admin.post(VILLAGES, one_day).await.status(201);
    let path = format!("{VILLAGES}/{NEW}");
    let rows = [(json!({"valid_to": "2026-12-31"}), 422, "rule_broken", "#/valid_to")];
    assert_bodies_refused(&admin, "PATCH", &path, rows).await;
}

#[actix_web::test]
async fn rejects_bodies_that_break_the_contract() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let patches = [
        json!({"code": "63.11.06.2001"}),
        json!({"district_code": "63.11.01"}),
        json!({"name": null}),
        json!({"kind": "kota"}),
        json!({"name": ""}),
    ];
    let rows = patches.map(|patch| (patch, 400, "invalid_body", ""));
    assert_bodies_refused(&admin, "PATCH", &format!("{VILLAGES}/{BALANG}"), rows).await;
    let rubbish = json!({"code": "Balang", "district_code": 6, "kind": "kota", "valid_to": "2025-02-30"});
    let refused = admin.post(VILLAGES, rubbish).await.problem(400, "invalid_body");
    for pointer in ["#/code", "#/district_code", "#/kind", "#/valid_to"] {
        assert!(refused.pointers().contains(&pointer), "{pointer}: {:#}", refused.json);
    }
    for query in ["kind=kota", "valid_on=2025-02-30"] {
        let refused = admin.get(&format!("{VILLAGES}?{query}")).await;
        refused.problem(400, "invalid_query");
    }
}

#[apply(both_databases)]
async fn only_administrators_of_the_district_change_villages(backend: Backend) {
    let world = world(backend).await;
    world.load_regency().await;
    let path = &format!("{VILLAGES}/{BALANG}");
    for role in Role::ALL {
        let reader = world.holder(role, Some(PARINGIN), &[]);
        match role {
            Role::Reporter => drop(reader.get(path).await.problem(403, "insufficient_scope")),
            _ => assert_eq!(reader.get(path).await.status(200).json["name"], "Balang"),
        }
        if role != Role::Administrator {
            assert_refused(&[
                (&reader, "POST", VILLAGES, village(), 403, "insufficient_scope"),
                (&reader, "PATCH", path, json!({}), 403, "insufficient_scope"),
            ])
            .await;
        }
    }
    let unknown = format!("{VILLAGES}/63.11.06.2999");
    let stranger = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    assert_refused(&[
        (&stranger, "GET", path, NONE, 404, "not_found"),
        (&stranger, "PATCH", path, json!({"name": "x"}), 404, "not_found"),
        (&stranger, "POST", VILLAGES, village(), 422, "unknown_reference"),
        (&stranger, "GET", OF_PARINGIN, NONE, 404, "not_found"),
        (&world.admin(), "GET", &unknown, NONE, 404, "not_found"),
    ])
    .await;
    let of_juai = stranger.all("/v1/villages?limit=100").await;
    assert!(codes(&of_juai).iter().all(|c| c.starts_with("63.11.01.")));
}

#[apply(both_databases)]
async fn filters_by_kind_and_day(backend: Backend) {
    let world = world(backend).await;
    world.load_regency().await;
    let admin = world.admin();
    assert_eq!(admin.all("/v1/villages?limit=50").await.len(), 157);
    assert_eq!(admin.all(&format!("{OF_PARINGIN}&kind=desa&limit=5")).await.len(), 14);
    let kelurahan = admin.all(&format!("{OF_PARINGIN}&kind=kelurahan")).await;
    assert_eq!(kelurahan.len(), 2);
    assert!(codes(&kelurahan).contains(&PARINGIN_KOTA));

    // Balang is split: it ends, and its successor begins on the next day.
    admin.post(VILLAGES, village()).await.status(201);
    let ends = json!({"valid_to": "2026-12-31"});
    admin
        .patch(&format!("{VILLAGES}/{BALANG}"), "*", ends)
        .await
        .status(200);
    for (day, balang, successor) in [
        ("2026-12-31", true, false),
        ("2027-01-01", false, true),
        ("2040-01-01", false, true),
    ] {
        let listed = admin.all(&format!("{OF_PARINGIN}&valid_on={day}&limit=100")).await;
        assert_eq!(listed.len(), 16, "{day}");
        assert_eq!(codes(&listed).contains(&BALANG), balang, "{day}");
        assert_eq!(codes(&listed).contains(&NEW), successor, "{day}");
    }
}

#[apply(both_databases)]
async fn a_walk_shows_the_villages_as_they_were(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    admin.post(VILLAGES, village()).await.status(201);
    let by_name = admin.all(&format!("{OF_PARINGIN}&sort=name&limit=4")).await;
    assert_eq!(by_name[0]["name"], "Babayau");
    let mut distinct = codes(&by_name);
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 17);

    let list = format!("{OF_PARINGIN}&limit=10");
    let first = admin.get(&format!("{list}&count=true")).await.status(200);
    assert_eq!(first.json["total"], 17);
    // The last village changes between the first page and the second.
    let renamed = json!({"name": "Baru"});
    admin
        .patch(&format!("{VILLAGES}/{NEW}"), "*", renamed)
        .await
        .status(200);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    let second = admin.get(&format!("{list}&cursor={cursor}")).await.status(200).json;
    let rest = second["items"].as_array().unwrap();
    assert_eq!(rest.len(), 7);
    assert_eq!(rest[6]["name"], "Balang Baru");
    admin
        .get(&format!("{list}&kind=desa&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
}
