//! Closings: what is stored, what is shown, who may close, and how strangers verify it.

mod life;
mod proof;
mod race;
mod rules;
mod shown;

use iku::access::Role;
use iku::closings::verification::{self, PublishedKey, Statement};
use serde_json::{Value, json};

use crate::support::world::{Client, PARINGIN, Reply, World};

const NOW: &str = "2025-07-15T09:00:00+08:00";
const CLOSINGS: &str = "/v1/closings";
const IKU4: &str = "/v1/indicators/paringin-iku-4/realisations";
const SHEET: &str = "/v1/realisations?district_code=63.11.06&period";

/// The Camat.
fn head(world: &World) -> Client {
    world.holder(Role::Head, Some(PARINGIN), &[])
}

async fn close(actor: &Client, period: &str, reason: Option<&str>) -> Reply {
    let mut body = json!({"district_code": PARINGIN, "period": period});
    if let Some(reason) = reason {
        body["reason"] = reason.into();
    }
    actor.post(CLOSINGS, body).await
}

async fn deliver(actor: &Client, desa: &str, kind: &str) -> String {
    let body = json!({
        "village_code": format!("{PARINGIN}.{desa}"), "kind": kind, "fiscal_year": 2024, "delivered_on": "2025-03-14",
    });
    actor
        .post("/v1/reports", body)
        .await
        .status(201)
        .header("location")
        .to_owned()
}

/// The document and the statement of a closing, as bytes.
async fn files(actor: &Client, closing: &Value) -> (Vec<u8>, String) {
    let path = |part: &str| closing[part]["href"].as_str().unwrap().to_owned();
    let document = actor.get(&path("document")).await.status(200).body;
    let statement = actor.get(&path("statement")).await.status(200).body;
    (document, String::from_utf8(statement).unwrap())
}

async fn keys(world: &World) -> Vec<PublishedKey> {
    let set = world.anonymous().get("/v1/closings/keys").await.status(200).body;
    verification::keys(std::str::from_utf8(&set).unwrap()).unwrap()
}

/// Returns what the statement of a closing says, after the whole verification.
async fn verified(world: &World, actor: &Client, closing: &Value) -> Statement {
    let (document, statement) = files(actor, closing).await;
    let (said, _) = verification::statement(&statement, &keys(world).await).unwrap();
    verification::document(&document, &said).unwrap();
    said
}

/// The claims of a statement.
fn claims(statement: &str) -> Value {
    use base64::Engine;
    let payload = statement.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The realisations of a document, by the code of the indicator.
fn realisations(document: &[u8]) -> Vec<Value> {
    let document: Value = serde_json::from_slice(document).unwrap();
    let indicators = document["indicators"].as_array().unwrap().iter();
    indicators.map(|i| i["explanation"]["realisation"].clone()).collect()
}

/// An instant for a query.
fn escaped(instant: &Value) -> String {
    instant.as_str().unwrap().replace('+', "%2B")
}
