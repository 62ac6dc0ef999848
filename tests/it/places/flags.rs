//! What may be a mistake in a village is flagged, never refused.

use serde_json::{Value, json};

use super::{NEW, VILLAGES, world};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, Client, PARINGIN};

const FLAGGED: &str = "/v1/villages?flagged=true";

async fn added(admin: &Client, code: &str, kind: &str, name: &str) -> Value {
    let new = json!({
        "code": code, "district_code": PARINGIN, "kind": kind, "name": name, "valid_from": "2026-06-01",
    });
    admin.post(VILLAGES, new).await.status(201).json
}

/// Returns the flagged villages with their flags.
async fn flagged(admin: &Client) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for mut item in admin.all(FLAGGED).await {
        let code = item["code"].as_str().unwrap().to_owned();
        let path = format!("{VILLAGES}/{code}");
        assert_eq!(admin.get(&path).await.status(200).json, item);
        found.push((code, item["flags"].take()));
    }
    found
}

#[apply(both_databases)]
async fn flags_codes_of_the_other_kind(backend: Backend) {
    let world = world(backend).await;
    world.load_regency().await;
    let admin = world.admin();
    assert_eq!(flagged(&admin).await, []);
    let desa = added(&admin, "63.11.06.1099", "desa", "Satu").await;
    assert_eq!(desa["flags"], json!(["code_of_other_kind"]));
    let kelurahan = added(&admin, "63.11.06.2098", "kelurahan", "Dua").await;
    assert_eq!(kelurahan["flags"], json!(["code_of_other_kind"]));
    added(&admin, "63.11.06.3001", "desa", "Desa Adat").await;
    let codes: Vec<_> = flagged(&admin).await.into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["63.11.06.1099", "63.11.06.2098"]);
    let others = admin.all("/v1/villages?flagged=false&limit=100").await;
    assert_eq!(others.len(), 158);
    for (filter, count) in [
        ("recorded_by=test.administrator", 3),
        ("recorded_by=siapa", 0),
        ("changed_since=2000-01-01T00:00:00Z", 3),
        ("changed_since=2100-01-01T00:00:00Z", 0),
    ] {
        let listed = admin.all(&format!("{VILLAGES}?{filter}")).await;
        assert_eq!(listed.len(), count, "{filter}");
    }
}

#[apply(both_databases)]
async fn flags_villages_of_one_name_at_the_same_time(backend: Backend) {
    let world = world(backend).await;
    world.load_regency().await;
    let admin = world.admin();
    let path = format!("{VILLAGES}/{BALANG}");
    let before = admin.get(&path).await.status(200);
    let second = added(&admin, NEW, "desa", "BALANG").await;
    assert_eq!(second["flags"], json!(["same_name"]));
    let both = [BALANG, NEW].map(|code| (code.to_owned(), json!(["same_name"])));
    assert_eq!(flagged(&admin).await, both);
    // The other village has a flag now, so its tag is another one.
    let now = admin.get(&path).await.status(200);
    assert_ne!(now.etag(), before.etag());
    let stale = admin
        .patch(&path, &before.etag(), json!({"valid_to": "2026-05-31"}))
        .await;
    stale.problem(412, "precondition_failed");

    // The first ends before the second begins: they never share the name.
    let ended = json!({"valid_to": "2026-05-31"});
    admin.patch(&path, &now.etag(), ended).await.status(200);
    assert_eq!(flagged(&admin).await, []);
    admin
        .patch(&path, "*", json!({"valid_to": "2026-06-01"}))
        .await
        .status(200);
    assert_eq!(flagged(&admin).await.len(), 2);
    admin.delete(&format!("{VILLAGES}/{NEW}"), "*").await.status(200);
    assert_eq!(flagged(&admin).await, []);
}
