//! `Idempotency-Key`: another place for the `id` of a creating POST.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, World};

const KEY: &str = "idempotency-key";
const REPORTS: &str = "/v1/reports";

fn report() -> Value {
    json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"})
}

#[apply(both_databases)]
async fn a_key_stands_for_the_id_and_the_retry_stores_nothing(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let key = Uuid::new_v4();
    // As most clients write it, and as the draft of the header writes it.
    for (written, status) in [(key.to_string(), 201), (format!("\"{key}\""), 200)] {
        let reply = kasi.with(KEY, &written).post(REPORTS, report()).await.status(status);
        assert_eq!(reply.id(), key.to_string());
    }
    for id in [json!(key), json!(key.to_string().to_uppercase()), Value::Null] {
        let mut body = report();
        body["id"] = id;
        kasi.with(KEY, &key.to_string()).post(REPORTS, body).await.status(200);
    }
    assert_eq!(kasi.all(REPORTS).await.len(), 1);
    let mut other = report();
    other["delivered_on"] = json!("2025-03-15");
    let conflict = kasi.with(KEY, &key.to_string()).post(REPORTS, other).await;
    conflict.problem(409, "id_conflict");
}

/// A key that is passed over in silence would make its sender trust a retry that stores twice.
#[actix_web::test]
async fn a_key_that_cannot_be_the_id_is_refused_by_every_creating_operation() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let document = iku::app::openapi();
    let mut creating = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("post") else { continue };
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let has_key = parameters.into_iter().any(|p| p["name"] == "Idempotency-Key");
        let body = operation
            .get("requestBody")
            .map(|body| &body["content"]["application/json"]["schema"]);
        let schema = body.and_then(|schema| document.pointer(&schema["$ref"].as_str()?[1..]));
        let has_id = schema.is_some_and(|schema| schema["properties"].get("id").is_some());
        assert_eq!(has_key, has_id, "{path}");
        if !has_id {
            continue;
        }
        let prefix = if path.starts_with("/v1/") { "" } else { "/v1" };
        let id = Uuid::new_v4().to_string();
        let at = format!("{prefix}{path}")
            .replace("{id}", &id)
            .replace("{decree_id}", &id);
        let at = at.replace("{code}", "paringin-iku-1").replace("{period}", "2025");
        let phone = world.phone(Uuid::new_v4());
        let actor = if path.ends_with("/responses") { &phone } else { &admin };
        creating += 1;
        for key in ["pesanan-7", "", "1", "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f,x"] {
            let refused = actor
                .with(KEY, key)
                .post(&at, json!({}))
                .await
                .problem(400, "invalid_header");
            assert_eq!(refused.pointers(), ["Idempotency-Key"], "{path}");
            let detail = refused.json["detail"].as_str().unwrap();
            assert!(detail.contains("`id`"), "{detail}");
        }
        let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
        let differs = actor.with(KEY, &one.to_string()).post(&at, json!({"id": other})).await;
        differs.problem(400, "invalid_header");
        let twice = actor.with(KEY, &one.to_string()).with(KEY, &one.to_string());
        twice.post(&at, json!({})).await.problem(400, "invalid_header");
        // The body itself is then read as usual.
        let body = actor
            .with(KEY, &one.to_string())
            .post(&at, json!({"id": "x", "no_such_field": 1}))
            .await;
        let body = body.problem(400, "invalid_body");
        assert!(body.pointers().contains(&"#/id"), "{path}: {:?}", body.pointers());
    }
    assert!(creating >= 8, "{creating}");
}

/// Each item of a batch has its own id, so a key for all of them says nothing.
#[actix_web::test]
async fn a_batch_needs_no_key() {
    let world = World::on(Backend::Sqlite).await;
    let phone = world.phone(Uuid::new_v4()).with(KEY, "pesanan-7");
    let batch = json!({"sent_at": "2025-03-14T10:15:00+08:00", "items": []});
    let reply = phone.post("/v1/responses/batch", batch).await;
    assert_ne!(reply.json["code"], "invalid_header", "{:#}", reply.json);
}
