//! Cursors come from outside, so a tampered cursor must be a 400 on both databases.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

#[apply(both_databases)]
async fn rejects_tampered_cursors(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let page = admin.get("/v1/villages?limit=2").await.status(200).json;
    let cursor: Value = {
        let bytes = URL_SAFE_NO_PAD.decode(page["next_cursor"].as_str().unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let ask = async |name: &str, value: Value| {
        let mut changed = cursor.clone();
        changed[name] = value;
        let text = URL_SAFE_NO_PAD.encode(changed.to_string());
        admin.get(&format!("/v1/villages?limit=2&cursor={text}")).await
    };
    ask("k", cursor["k"].clone()).await.status(200);
    let mut failures = Vec::new();
    for (name, value) in [
        ("k", json!([{"I": 5}])),
        ("k", json!([{"D": "2025-01-01"}])),
        ("k", json!([{"U": "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f"}])),
        ("k", json!([{"T": "2025-01-01T00:00:00Z"}])),
        ("k", json!([{"S": "a\u{0}b"}])),
        ("k", json!([])),
        ("k", json!([{"S": "a"}, {"S": "b"}])),
        ("k", json!("a")),
        ("t", json!("-262142-01-01T00:00:00Z")),
        ("t", json!("+262142-12-31T00:00:00Z")),
        ("b", json!("0000000000000000")),
    ] {
        let reply = ask(name, value.clone()).await;
        let difference = reply.unless_problem(400, "invalid_cursor");
        failures.extend(difference.map(|reply| format!("{name} {value}: {reply}")));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
