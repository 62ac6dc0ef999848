//! Cursors come from outside: a tampered one is a 400 on both databases, never more.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

#[apply(both_databases)]
async fn a_tampered_cursor_is_refused(backend: Backend) {
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
    for key in [
        json!([{"I": 5}]),
        json!([{"D": "2025-01-01"}]),
        json!([{"U": "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f"}]),
        json!([{"T": "2025-01-01T00:00:00Z"}]),
        json!([{"S": "a\u{0}b"}]),
        json!([]),
        json!([{"S": "a"}, {"S": "b"}]),
        json!("a"),
    ] {
        ask("k", key).await.problem(400, "invalid_cursor");
    }
    for instant in ["-262142-01-01T00:00:00Z", "+262142-12-31T00:00:00Z"] {
        ask("t", json!(instant)).await.problem(400, "invalid_cursor");
    }
    ask("b", json!("0000000000000000")).await.problem(400, "invalid_cursor");
}
