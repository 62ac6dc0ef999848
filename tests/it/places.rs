//! Districts are read; villages are added and changed, and refused when they cannot be.

use std::slice::from_ref;

use iku::access::Role;
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, PARINGIN_KOTA, World};

const NEW: &str = "63.11.06.2099";

fn village() -> Value {
    json!({"code": NEW, "district_code": PARINGIN, "kind": "desa", "name": "Balang Baru", "valid_from": "2027-01-01"})
}

fn with(name: &str, value: Value) -> Value {
    let mut village = village();
    village[name] = value;
    village
}

fn codes(items: &[Value]) -> Vec<&str> {
    items.iter().map(|v| v["code"].as_str().unwrap()).collect()
}

#[apply(both_databases)]
async fn districts_are_read(backend: Backend) {
    let world = World::on(backend).await;
    let paringin = json!({"code": PARINGIN, "name": "Paringin"});
    assert_eq!(world.admin().all("/v1/districts").await, from_ref(&paringin));
    world.load_regency().await;

    let all = world.admin().all("/v1/districts?limit=3").await;
    assert_eq!(all.len(), 8);
    assert_eq!(codes(&all)[0], "63.11.01");
    assert!(codes(&all).is_sorted());
    assert_eq!(world.officer(&["pmd"]).all("/v1/districts").await, from_ref(&paringin));
    assert_eq!(codes(&world.stranger().all("/v1/districts").await), ["63.11.01"]);

    let path = format!("/v1/districts/{PARINGIN}");
    let got = world.officer(&[]).get(&path).await.status(200);
    assert_eq!(got.json, paringin);
    let known = world.admin().with("if-none-match", &got.etag());
    known.get(&path).await.status(304);
    world.stranger().get(&path).await.problem(404, "not_found");
    world
        .admin()
        .get("/v1/districts/99.99.99")
        .await
        .problem(404, "not_found");
    world
        .admin()
        .get("/v1/districts/paringin")
        .await
        .problem(400, "invalid_path");
    world.anonymous().get(&path).await.problem(401, "unauthenticated");
}

#[apply(both_databases)]
async fn a_village_lives(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();

    let made = admin.post("/v1/villages", village()).await.status(201);
    assert_eq!(made.header("location"), format!("/v1/villages/{NEW}"));
    assert_eq!(made.json["valid_from"], "2027-01-01");
    assert_eq!(made.json["valid_to"], json!(null));
    assert_eq!(made.json["recorded_by"], "test.administrator");
    let path = made.header("location").to_owned();
    let got = admin.get(&path).await.status(200);
    assert_eq!((&got.json, got.etag()), (&made.json, made.etag()));
    admin.with("if-none-match", &got.etag()).get(&path).await.status(304);

    let changed = admin
        .patch(
            &path,
            &got.etag(),
            json!({"name": "Balang Hulu", "kind": "kelurahan", "valid_to": "2030-12-31", "reason": "Perda"}),
        )
        .await
        .status(200);
    assert_eq!(changed.json["name"], "Balang Hulu");
    assert_eq!(changed.json["kind"], "kelurahan");
    assert_eq!(changed.json["valid_to"], "2030-12-31");
    admin
        .patch(&path, &got.etag(), json!({"name": "x"}))
        .await
        .problem(412, "precondition_failed");
    let same = admin
        .patch(&path, &changed.etag(), json!({"name": "Balang Hulu"}))
        .await
        .status(200);
    assert_eq!(same.etag(), changed.etag());
    let always = admin
        .patch(&path, &changed.etag(), json!({"valid_from": null, "valid_to": null}))
        .await
        .status(200);
    assert_eq!(always.json["valid_from"], json!(null));
    assert_eq!(always.json["valid_to"], json!(null));
    admin
        .send(
            "PATCH",
            &path,
            "application/merge-patch+json",
            b"{\"name\":\"x\"}".to_vec(),
        )
        .await
        .problem(428, "precondition_required");

    // The very same request again is the village as it is now, another one is refused.
    assert_eq!(
        admin.post("/v1/villages", village()).await.status(200).json,
        always.json
    );
    admin
        .post("/v1/villages", with("name", json!("Lain")))
        .await
        .problem(409, "duplicate_code");
    admin
        .post("/v1/villages", with("code", json!(BALANG)))
        .await
        .problem(409, "duplicate_code");
}

#[apply(both_databases)]
async fn a_village_that_cannot_be_is_refused(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let refused = admin
        .post("/v1/villages", with("code", json!("63.11.01.2099")))
        .await
        .problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/code"]);
    let nowhere = json!({"code": "99.99.99.2001", "district_code": "99.99.99", "kind": "desa", "name": "x"});
    let refused = admin
        .post("/v1/villages", nowhere)
        .await
        .problem(422, "unknown_reference");
    assert_eq!(refused.pointers(), ["#/district_code"]);
    let refused = admin
        .post("/v1/villages", with("valid_to", json!("2026-12-31")))
        .await
        .problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/valid_to"]);
    let one_day = admin
        .post("/v1/villages", with("valid_to", json!("2027-01-01")))
        .await
        .status(201);
    let path = format!("/v1/villages/{NEW}");
    admin
        .patch(&path, &one_day.etag(), json!({"valid_to": "2026-12-31"}))
        .await
        .problem(422, "rule_broken");
    for wrong in [
        json!({"code": "63.11.06.2001"}),
        json!({"district_code": "63.11.01"}),
        json!({"name": null}),
        json!({"kind": "kota"}),
        json!({"name": ""}),
    ] {
        admin
            .patch(&path, &one_day.etag(), wrong)
            .await
            .problem(400, "invalid_body");
    }
    let rubbish = json!({"code": "Balang", "district_code": 6, "kind": "kota", "valid_to": "2025-02-30"});
    let refused = admin.post("/v1/villages", rubbish).await.problem(400, "invalid_body");
    for pointer in ["#/code", "#/district_code", "#/kind", "#/valid_to"] {
        assert!(refused.pointers().contains(&pointer), "{pointer}: {:#}", refused.json);
    }
}

#[apply(both_databases)]
async fn others_read_their_own_villages(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let path = format!("/v1/villages/{BALANG}");
    for role in Role::ALL {
        let reader = world.holder(role, Some(PARINGIN), &[]);
        assert_eq!(reader.get(&path).await.status(200).json["name"], "Balang");
        if role != Role::Administrator {
            reader
                .post("/v1/villages", village())
                .await
                .problem(403, "insufficient_scope");
            reader
                .patch(&path, "*", json!({}))
                .await
                .problem(403, "insufficient_scope");
        }
    }
    let stranger = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    stranger.get(&path).await.problem(404, "not_found");
    stranger
        .patch(&path, "*", json!({"name": "x"}))
        .await
        .problem(404, "not_found");
    stranger
        .post("/v1/villages", village())
        .await
        .problem(422, "unknown_reference");
    stranger
        .get(&format!("/v1/villages?district={PARINGIN}"))
        .await
        .problem(404, "not_found");
    assert!(
        codes(&stranger.all("/v1/villages?limit=100").await)
            .iter()
            .all(|c| c.starts_with("63.11.01."))
    );
    world
        .admin()
        .get("/v1/villages/63.11.06.2999")
        .await
        .problem(404, "not_found");
}

#[apply(both_databases)]
async fn villages_are_listed(backend: Backend) {
    let world = World::on(backend).await;
    world.load_regency().await;
    let admin = world.admin();
    assert_eq!(admin.all("/v1/villages?limit=50").await.len(), 157);
    let of = format!("/v1/villages?district={PARINGIN}");
    assert_eq!(admin.all(&format!("{of}&kind=desa&limit=5")).await.len(), 14);
    let kelurahan = admin.all(&format!("{of}&kind=kelurahan")).await;
    assert_eq!(kelurahan.len(), 2);
    assert!(codes(&kelurahan).contains(&PARINGIN_KOTA));

    // A split: Balang ends, its successor begins the day after.
    admin.post("/v1/villages", village()).await.status(201);
    admin
        .patch(
            &format!("/v1/villages/{BALANG}"),
            "*",
            json!({"valid_to": "2026-12-31"}),
        )
        .await
        .status(200);
    for (day, balang, successor) in [
        ("2026-12-31", true, false),
        ("2027-01-01", false, true),
        ("2040-01-01", false, true),
    ] {
        let listed = admin.all(&format!("{of}&valid_on={day}&limit=100")).await;
        assert_eq!(listed.len(), 16, "{day}");
        assert_eq!(codes(&listed).contains(&BALANG), balang, "{day}");
        assert_eq!(codes(&listed).contains(&NEW), successor, "{day}");
    }
    let by_name = admin.all(&format!("{of}&sort=name&limit=4")).await;
    let mut sorted: Vec<_> = by_name.iter().map(|v| v["code"].to_string()).collect();
    assert_eq!(by_name[0]["name"], "Babayau");
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), 17);

    // Each row once, also when the first page's last row changes in between.
    let first = admin.get(&format!("{of}&limit=10&count=true")).await.status(200);
    assert_eq!(first.json["total"], 17);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    admin
        .patch(&format!("/v1/villages/{NEW}"), "*", json!({"name": "Baru"}))
        .await
        .status(200);
    let rest = admin
        .get(&format!("{of}&limit=10&cursor={cursor}"))
        .await
        .status(200)
        .json;
    let last = rest["items"].as_array().unwrap();
    assert_eq!(last.len(), 7);
    assert_eq!(last[6]["name"], "Balang Baru");
    admin
        .get(&format!("{of}&kind=desa&limit=10&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
    admin.get("/v1/villages?kind=kota").await.problem(400, "invalid_query");
    admin
        .get("/v1/villages?valid_on=2025-02-30")
        .await
        .problem(400, "invalid_query");
}
