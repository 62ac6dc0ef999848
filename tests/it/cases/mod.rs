//! Public-order cases: reported, followed event by event, corrected, and what of them counts.

mod life;
mod list;

use serde_json::{Value, json};

use crate::support::world::{BALANG, Client};

const NOW: &str = "2025-06-30T09:00:00+08:00";

fn waste() -> Value {
    json!({"village_code": BALANG, "category": "lingkungan", "occurred_at": "2025-03-14T21:30:00+08:00",
        "summary": "Pembakaran sampah di dekat permukiman"})
}

fn event(kind: &str, at: &str) -> Value {
    json!({"kind": kind, "at": at})
}

async fn record(actor: &Client, body: Value) -> String {
    let made = actor.post("/v1/cases", body).await.status(201);
    made.header("location").to_owned()
}
